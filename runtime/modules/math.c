// math: functions of real numbers. Those of whole numbers stand in math_integer.c.
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "runtime/modules/math.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "sync/safepoint.h"

// ---- functions of one number

static Value range_error(Thread *t) { return raise(t, OVERFLOW_ERROR, "math range error"); }
static Value domain_error(Thread *t) { return raise(t, VALUE_ERROR, "math domain error"); }
// "expected a nonnegative input, got -1.0"
static Value input_error(Thread *t, const char *expected, double x) {
    Value repr = float_repr(t, x);
    if (value_bits(repr)) raise(t, VALUE_ERROR, "expected %s, got %U", expected, value_str(repr));
    value_release(t, repr);
    return UNDEF;
}

// f(x): not a number out of a number is an error of the input; infinite out of finite one of the input too, unless the function
// may overflow.
static Value real(Thread *t, ValueRef v, double (*f)(double), bool overflows, const char *expected) {
    double x;
    if (arg_double(t, v, &x) < 0) return UNDEF;
    double r = f(x);
    if (UNLIKELY(isnan(r) && !isnan(x))) return expected ? input_error(t, expected, x) : domain_error(t);
    if (UNLIKELY(isinf(r) && isfinite(x))) return overflows ? range_error(t) : expected ? input_error(t, expected, x) : domain_error(t);
    return float_new(t, r);
}
#define REAL(name, overflows, expected) NATIVE(math_##name) { return real(t, args[0], name, overflows, expected); }
static const char no_infinity[] = "a finite input", unit[] = "a number in range from -1 up to 1";
REAL(acos, false, unit)
REAL(acosh, false, "argument value not less than 1")
REAL(asin, false, unit)
REAL(asinh, false, NULL)
REAL(atan, false, NULL)
REAL(atanh, false, "a number between -1 and 1")
REAL(cbrt, false, NULL)
REAL(cos, false, no_infinity)
REAL(cosh, true, NULL)
REAL(erf, false, NULL)
REAL(erfc, false, NULL)
REAL(exp, true, NULL)
REAL(exp2, true, NULL)
REAL(expm1, true, NULL)
REAL(fabs, false, NULL)
REAL(log1p, false, "argument value > -1")
REAL(sin, false, no_infinity)
REAL(sinh, true, NULL)
REAL(sqrt, false, "a nonnegative input")
REAL(tan, false, no_infinity)
REAL(tanh, false, NULL)

static Value scaled(Thread *t, ValueRef v, double factor) {
    double x;
    return arg_double(t, v, &x) < 0 ? UNDEF : float_new(t, x * factor);
}
NATIVE(math_degrees) { return scaled(t, args[0], 180.0 / M_PI); }
NATIVE(math_radians) { return scaled(t, args[0], M_PI / 180.0); }

static double gamma_function(double x) {
    if (x >= 1 && x <= 23 && x == floor(x)) { // exact
        double product = 1;
        for (double k = 2; k < x; k++) product *= k;
        return product;
    }
    return tgamma(x);
}
static const char no_pole[] = "a noninteger or positive integer";
NATIVE(math_gamma) {
    double x;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    if (x == -INFINITY || (x <= 0 && x == floor(x))) return input_error(t, no_pole, x);
    double r = gamma_function(x);
    return isinf(r) && isfinite(x) ? range_error(t) : float_new(t, r);
}
NATIVE(math_lgamma) {
    double x;
    int sign;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    if (isinf(x)) return float_new(t, INFINITY);
    if (x <= 0 && x == floor(x)) return input_error(t, no_pole, x);
    double r = x == 1 || x == 2 ? 0.0 : lgamma_r(x, &sign);
    return isinf(r) && isfinite(x) ? range_error(t) : float_new(t, r);
}

#define PREDICATE(name, condition)                                                    \
    NATIVE(math_##name) {                                                             \
        double x;                                                                     \
        return arg_double(t, args[0], &x) < 0 ? UNDEF : value_bool(condition);        \
    }
PREDICATE(isfinite, isfinite(x))
PREDICATE(isinf, isinf(x))
PREDICATE(isnan, isnan(x))

NATIVE(math_frexp) {
    double x;
    int exponent = 0;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    if (isfinite(x) && x != 0) x = frexp(x, &exponent);
    return tuple_pair(t, float_new(t, x), value_int(exponent));
}
NATIVE(math_modf) {
    double x, whole;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    double part = modf(x, &whole);
    return tuple_pair(t, float_new(t, part), float_new(t, whole));
}
NATIVE(math_ulp) {
    double x;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    x = fabs(x);
    if (!isfinite(x)) return float_new(t, x);
    double above = nextafter(x, INFINITY);
    return float_new(t, isinf(above) ? x - nextafter(x, -INFINITY) : above - x);
}

// floor, ceil: the type's own method, or that of its float.
static Value rounded(Thread *t, ValueRef v, ValueRef method, double (*f)(double)) {
    if (!value_is_float(v) && !value_is(v, FLOAT)) {
        Value r = call_special(t, v, method, NULL, 0);
        if (value_bits(r) || error_pending(t)) return r;
    }
    double x;
    return arg_double(t, v, &x) < 0 ? UNDEF : int_from_double(t, f(x));
}
NATIVE(math_floor) { return rounded(t, args[0], NAME(__floor__), floor); }
NATIVE(math_ceil) { return rounded(t, args[0], NAME(__ceil__), ceil); }
NATIVE(math_trunc) {
    Value r = call_special(t, args[0], NAME(__trunc__), NULL, 0);
    if (!value_bits(r) && !error_pending(t)) raise(t, TYPE_ERROR, "type %T doesn't define __trunc__ method", args[0]);
    return r;
}

// ---- logarithms: of ints of any size

static double log_of(double x) { return log(x); }
static double log2_of(double x) { return log2(x); }
static double log10_of(double x) { return log10(x); }
// The logarithm as a double; -1 with an exception. `of_two` is the logarithm of 2.
static int logarithm(Thread *t, ValueRef v, double (*f)(double), double of_two, double *out) {
    if (value_is_any_int(v)) {
        if (int_sign(v) <= 0) return raise_int(t, VALUE_ERROR, "expected a positive input");
        IntView view;
        int_view(v, &view);
        double x;
        Big a = {view.limbs, (size_t)view.size, false};
        if (bigint_to_double(a, &x)) {
            *out = f(x);
        } else {
            int64_t exponent;
            double part = bigint_frexp(a, &exponent);
            *out = f(part) + (double)exponent * of_two;
        }
        return 0;
    }
    double x;
    if (arg_double(t, v, &x) < 0) return -1;
    if (x <= 0) return input_error(t, "a positive input", x), -1;
    *out = f(x);
    return 0;
}
NATIVE(math_log) {
    double x, base;
    if (args_no_keywords(t, "math.log", kwnames) < 0 || args_count(t, "log", nargs, 1, 2) < 0 || logarithm(t, args[0], log_of, M_LN2, &x) < 0) return UNDEF;
    if (nargs == 1) return float_new(t, x);
    if (logarithm(t, args[1], log_of, M_LN2, &base) < 0) return UNDEF;
    return base == 0 ? raise(t, ZERO_DIVISION_ERROR, "division by zero") : float_new(t, x / base);
}
NATIVE(math_log2) {
    double x;
    return logarithm(t, args[0], log2_of, 1.0, &x) < 0 ? UNDEF : float_new(t, x);
}
NATIVE(math_log10) {
    double x;
    return logarithm(t, args[0], log10_of, 0.30102999566398119521, &x) < 0 ? UNDEF : float_new(t, x);
}

// ---- functions of two and three

static int two(Thread *t, const ValueRef *args, double *x, double *y) { return arg_double(t, args[0], x) < 0 ? -1 : arg_double(t, args[1], y); }
NATIVE(math_atan2) {
    double y, x;
    return two(t, args, &y, &x) < 0 ? UNDEF : float_new(t, atan2(y, x));
}
NATIVE(math_copysign) {
    double x, y;
    return two(t, args, &x, &y) < 0 ? UNDEF : float_new(t, copysign(x, y));
}
// What is no number, or infinite, out of finite arguments is an error.
static Value checked(Thread *t, double r, double x, double y, bool overflows) {
    if (isnan(r) && !isnan(x) && !isnan(y)) return domain_error(t);
    if (isinf(r) && isfinite(x) && isfinite(y)) return overflows ? range_error(t) : domain_error(t);
    return float_new(t, r);
}
NATIVE(math_pow) {
    double x, y;
    if (two(t, args, &x, &y) < 0) return UNDEF;
    return checked(t, pow(x, y), x, y, x != 0);
}
NATIVE(math_fmod) {
    double x, y;
    if (two(t, args, &x, &y) < 0) return UNDEF;
    return checked(t, isinf(y) && isfinite(x) ? x : fmod(x, y), x, y, false);
}
NATIVE(math_remainder) {
    double x, y;
    if (two(t, args, &x, &y) < 0) return UNDEF;
    return checked(t, remainder(x, y), x, y, false);
}
NATIVE(math_ldexp) {
    double x;
    if (arg_double(t, args[0], &x) < 0) return UNDEF;
    if (!value_is_any_int(args[1])) return raise(t, TYPE_ERROR, "Expected an int as second argument to ldexp.");
    int64_t exponent;
    if (int_as_int64(args[1], &exponent) < 0) exponent = int_sign(args[1]) < 0 ? INT64_MIN : INT64_MAX;
    if (x == 0 || !isfinite(x)) return float_new(t, x);
    double r = ldexp(x, exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : (int)exponent);
    return isinf(r) ? range_error(t) : float_new(t, r);
}
NATIVE(math_fma) {
    double x, y, z;
    if (two(t, args, &x, &y) < 0 || arg_double(t, args[2], &z) < 0) return UNDEF;
    double r = fma(x, y, z);
    if (isnan(r) && !isnan(x) && !isnan(y) && !isnan(z)) return raise(t, VALUE_ERROR, "invalid operation in fma");
    if (isinf(r) && isfinite(x) && isfinite(y) && isfinite(z)) return raise(t, OVERFLOW_ERROR, "overflow in fma");
    return float_new(t, r);
}
// Doubles in their order as whole numbers: neighbours differ by 1.
static int64_t ordinal(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}
static double of_ordinal(int64_t n) {
    int64_t bits = n < 0 ? INT64_MIN - n : n;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
NATIVE(math_nextafter) {
    double x, y;
    if (two(t, args, &x, &y) < 0) return UNDEF;
    if (not_given(args[2])) return float_new(t, nextafter(x, y));
    Value steps_value = object_index(t, args[2]);
    if (!value_bits(steps_value)) return UNDEF;
    if (int_sign(steps_value) < 0) {
        value_release(t, steps_value);
        return raise(t, VALUE_ERROR, "steps must be a non-negative integer");
    }
    uint64_t steps;
    if (int_as_uint64(steps_value, &steps) < 0) steps = UINT64_MAX;
    value_release(t, steps_value);
    if (steps == 0 || isnan(x)) return float_new(t, x);
    if (isnan(y)) return float_new(t, y);
    int64_t from = ordinal(x), to = ordinal(y);
    uint64_t distance = from < to ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    if (from == to || steps >= distance) return float_new(t, y);
    return float_new(t, of_ordinal(from < to ? (int64_t)((uint64_t)from + steps) : (int64_t)((uint64_t)from - steps)));
}

NATIVE(math_isclose) {
    double a, b, relative = 1e-9, absolute = 0;
    if (two(t, args, &a, &b) < 0 || (value_bits(args[2]) && arg_double(t, args[2], &relative) < 0) ||
        (value_bits(args[3]) && arg_double(t, args[3], &absolute) < 0))
        return UNDEF;
    if (relative < 0 || absolute < 0) return raise(t, VALUE_ERROR, "tolerances must be non-negative");
    if (a == b) return TRUE_VALUE;
    if (isinf(a) || isinf(b)) return FALSE_VALUE;
    double difference = fabs(b - a);
    return value_bool(difference <= fabs(relative * b) || difference <= fabs(relative * a) || difference <= absolute);
}

// ---- sums

// A sum of doubles as high + low, exactly (Knuth's two-sum), and a product (with fma).
typedef struct Pair { double high, low; } Pair;
static inline Pair two_sum(double a, double b) {
    double s = a + b, z = s - a;
    return (Pair){s, (a - (s - z)) + (b - z)};
}
static inline Pair two_product(double a, double b) {
    double p = a * b;
    return (Pair){p, fma(a, b, -p)};
}

// The Euclidean norm of n numbers, of which `max` is the greatest in size. Scaled by a power of two, squares summed with their
// errors, and the root corrected once.
static double norm(const double *x, size_t n, double max, bool found_nan) {
    if (isinf(max)) return max;
    if (found_nan) return NAN;
    if (max == 0 || n <= 1) return max;
    int exponent;
    frexp(max, &exponent);
    if (exponent < -1000) { // scaling would need a factor that is no double
        double r = 0;
        for (size_t i = 0; i < n; i++) {
            double y = ldexp(x[i], 1074 - 50);
            r += y * y;
        }
        return ldexp(sqrt(r), 50 - 1074);
    }
    double scale = ldexp(1.0, -exponent), sum = 1.0, error1 = 0, error2 = 0;
    for (size_t i = 0; i < n; i++) {
        double y = x[i] * scale;
        Pair square = two_product(y, y), s = two_sum(sum, square.high);
        sum = s.high;
        error1 += s.low;
        error2 += square.low;
    }
    double root = sqrt(sum - 1.0 + (error1 + error2));
    Pair square = two_product(-root, root), s = two_sum(sum, square.high);
    sum = s.high;
    error1 += s.low;
    error2 += square.low;
    double left = sum - 1.0 + (error1 + error2);
    root += left / (2.0 * root);
    return root / scale;
}
enum { ON_STACK = 20 };
static double *room_for(Thread *t, size_t n, double *local) {
    if (n <= ON_STACK) return local;
    double *p = n < SIZE_MAX / sizeof *p ? malloc(n * sizeof *p) : NULL;
    if (!p) raise_no_memory(t);
    return p;
}
NATIVE(math_hypot) {
    if (args_no_keywords(t, "math.hypot", kwnames) < 0) return UNDEF;
    double local[ON_STACK], *x = room_for(t, nargs, local), max = 0;
    if (!x) return UNDEF;
    bool found_nan = false, failed = false;
    for (uint32_t i = 0; i < nargs && !failed; i++) {
        failed = arg_double(t, args[i], &x[i]) < 0;
        x[i] = fabs(x[i]);
        found_nan |= isnan(x[i]);
        if (x[i] > max) max = x[i];
    }
    Value result = failed ? UNDEF : float_new(t, norm(x, nargs, max, found_nan));
    if (x != local) free(x);
    return result;
}
NATIVE(math_dist) {
    Value p = tuple_from_iterable(t, args[0]), q = value_bits(p) ? tuple_from_iterable(t, args[1]) : UNDEF, result = UNDEF;
    double local[ON_STACK], *x = NULL, max = 0, a, b;
    if (!value_bits(q)) goto done;
    int64_t n = value_tuple(p)->length;
    if (n != value_tuple(q)->length) {
        raise(t, VALUE_ERROR, "both points must have the same number of dimensions");
        goto done;
    }
    if (!(x = room_for(t, (size_t)n, local))) goto done;
    bool found_nan = false;
    for (int64_t i = 0; i < n; i++) {
        if (arg_double(t, tuple_item(value_tuple(p), i), &a) < 0 || arg_double(t, tuple_item(value_tuple(q), i), &b) < 0) goto done;
        x[i] = fabs(a - b);
        found_nan |= isnan(x[i]);
        if (x[i] > max) max = x[i];
    }
    result = float_new(t, norm(x, (size_t)n, max, found_nan));
done:
    if (x && x != local) free(x);
    value_release(t, p);
    value_release(t, q);
    return result;
}

// Shewchuk 1997: the running sum as doubles that do not overlap, smallest first.
NATIVE(math_fsum) {
    Value it = object_iter(t, args[0]), result = UNDEF;
    if (!value_bits(it)) return UNDEF;
    double local[32], *partials = local;
    size_t n = 0, capacity = 32;
    double special = 0, infinities = 0;
    for (;;) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto done;
        Value item = object_next(t, it);
        if (!value_bits(item)) {
            if (error_pending(t)) goto done;
            break;
        }
        double x;
        int bad = arg_double(t, item, &x);
        value_release(t, item);
        if (bad < 0) goto done;
        double given = x;
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            Pair s = two_sum(x, partials[i]);
            if (s.low != 0) partials[kept++] = s.low;
            x = s.high;
        }
        n = kept;
        if (x == 0) continue;
        if (!isfinite(x)) {
            if (isfinite(given)) {
                raise(t, OVERFLOW_ERROR, "intermediate overflow in fsum");
                goto done;
            }
            if (isinf(given)) infinities += given;
            special += given;
            n = 0;
            continue;
        }
        if (n == capacity) {
            double *more = malloc(capacity * 2 * sizeof *more);
            if (!more) {
                raise_no_memory(t);
                goto done;
            }
            memcpy(more, partials, n * sizeof *more);
            if (partials != local) free(partials);
            partials = more;
            capacity *= 2;
        }
        partials[n++] = x;
    }
    if (special != 0) {
        result = isnan(infinities) ? raise(t, VALUE_ERROR, "-inf + inf in fsum") : float_new(t, special);
        goto done;
    }
    double high = 0, low = 0;
    if (n) {
        high = partials[--n];
        while (n) {
            Pair s = two_sum(high, partials[--n]);
            high = s.high;
            low = s.low;
            if (low != 0) break;
        }
        // half way between two doubles: the rest decides
        if (n && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
            double twice = low * 2, x = high + twice;
            if (twice == x - high) high = x;
        }
    }
    result = float_new(t, high);
done:
    if (partials != local) free(partials);
    value_release(t, it);
    return result;
}

// high + low + tiny, rounded once, added to the total. 0, -1.
static int flush_triple(Thread *t, double high, double low, double tiny, Value *total) {
    Pair rest = two_sum(low, tiny), whole = two_sum(high, rest.high);
    Value part = float_new(t, whole.high + (whole.low + rest.low)), sum = UNDEF;
    if (value_bits(part) && value_is_int(*total) && value_get_int(*total) == 0) sum = value_dup(t, part);
    else if (value_bits(part)) sum = object_binary(t, BIN_ADD, *total, part);
    value_release(t, part);
    value_release(t, *total);
    *total = sum;
    return value_bits(sum) ? 0 : -1;
}
// Products of pairs, summed: ints exactly, floats in triple length (Ogita, Rump, Oishi 2005), everything else by operators. Once something
// that is no int has come, and then something that is no float either, operators do the rest.
NATIVE(math_sumprod) {
    Value p = object_iter(t, args[0]), q = value_bits(p) ? object_iter(t, args[1]) : UNDEF, total = value_int(0), a = UNDEF, b = UNDEF, result = UNDEF;
    if (!value_bits(q)) goto done;
    double high = 0, low = 0, tiny = 0;
    bool floats = false, ints_go_on = true, floats_go_on = true;
    for (;;) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto done;
        a = object_next(t, p);
        if (!value_bits(a) && error_pending(t)) goto done;
        b = object_next(t, q);
        if (!value_bits(b) && error_pending(t)) goto done;
        if (!value_bits(a) != !value_bits(b)) {
            raise(t, VALUE_ERROR, "Inputs are not the same length");
            goto done;
        }
        if (!value_bits(a)) break;
        bool fa = value_is_float(a) || value_is(a, FLOAT), fb = value_is_float(b) || value_is(b, FLOAT);
        bool ia = value_is_int(a) || value_is(a, INT), ib = value_is_int(b) || value_is(b, INT);
        ints_go_on = ints_go_on && ia && ib;
        if (!ints_go_on && floats_go_on && (fa || value_is_int(a)) && (fb || value_is_int(b)) && (fa || fb)) {
            double x, y;
            if (arg_double(t, a, &x) < 0 || arg_double(t, b, &y) < 0) goto done;
            Pair product = two_product(x, y), s = two_sum(high, product.high), r = two_sum(low, product.low), r2 = two_sum(r.high, s.low);
            if (isfinite(s.high)) {
                high = s.high;
                low = r2.high;
                tiny += r.low + r2.low;
                floats = true;
                VALUE_CLEAR(t, a);
                VALUE_CLEAR(t, b);
                continue;
            }
        }
        if (!ints_go_on) floats_go_on = false;
        if (floats && flush_triple(t, high, low, tiny, &total) < 0) goto done;
        floats = false;
        Value product = object_binary(t, BIN_MUL, a, b), sum = value_bits(product) ? object_binary(t, BIN_ADD, total, product) : UNDEF;
        value_release(t, product);
        value_release(t, total);
        total = sum;
        VALUE_CLEAR(t, a);
        VALUE_CLEAR(t, b);
        if (!value_bits(total)) goto done;
    }
    if (floats && flush_triple(t, high, low, tiny, &total) < 0) goto done;
    result = value_dup(t, total);
done:
    value_release(t, p);
    value_release(t, q);
    value_release(t, a);
    value_release(t, b);
    value_release(t, total);
    return result;
}
NATIVE(math_prod) {
    Value it = object_iter(t, args[0]), product = value_bits(args[1]) ? value_dup(t, args[1]) : value_int(1);
    if (!value_bits(it)) VALUE_CLEAR(t, product);
    while (value_bits(product)) {
        Value item = poll_pending(&t->core) && poll_slow(&t->core) < 0 ? UNDEF : object_next(t, it);
        if (!value_bits(item)) {
            if (error_pending(t)) VALUE_CLEAR(t, product);
            break;
        }
        Value next = object_binary(t, BIN_MUL, product, item);
        value_release(t, item);
        value_release(t, product);
        product = next;
    }
    value_release(t, it);
    return product;
}

// ---- the module

#define ONE(name, doc) {#name, math_##name, "($module, x, /)", doc, 0}
static const NativeDef functions[] = {
    ONE(acos, "The arc cosine."), ONE(acosh, "The inverse hyperbolic cosine."), ONE(asin, "The arc sine."), ONE(asinh, "The inverse hyperbolic sine."),
    ONE(atan, "The arc tangent."), ONE(atanh, "The inverse hyperbolic tangent."), ONE(cbrt, "The cube root."), ONE(ceil, "The least int that is not below x."),
    ONE(cos, "The cosine."), ONE(cosh, "The hyperbolic cosine."), ONE(degrees, "Radians in degrees."), ONE(erf, "The error function."),
    ONE(erfc, "1 - erf(x)."), ONE(exp, "e to the power of x."), ONE(exp2, "2 to the power of x."), ONE(expm1, "exp(x) - 1."), ONE(fabs, "The absolute value."),
    ONE(floor, "The greatest int that is not above x."), ONE(frexp, "Mantissa and exponent."), ONE(gamma, "The gamma function."),
    ONE(isfinite, "Neither infinite nor not a number."), ONE(isinf, "Infinite."), ONE(isnan, "Not a number."), ONE(lgamma, "log(abs(gamma(x)))."),
    ONE(log10, "The logarithm to base 10."), ONE(log1p, "log(1 + x)."), ONE(log2, "The logarithm to base 2."), ONE(modf, "The part after the point, and before it."),
    ONE(radians, "Degrees in radians."), ONE(sin, "The sine."), ONE(sinh, "The hyperbolic sine."), ONE(sqrt, "The square root."), ONE(tan, "The tangent."),
    ONE(tanh, "The hyperbolic tangent."), ONE(trunc, "x without what stands after the point."), ONE(ulp, "The distance to the next double."),
    {"atan2", math_atan2, "($module, y, x, /)", "The angle of the point (x, y).", 0},
    {"copysign", math_copysign, "($module, x, y, /)", "abs(x) with the sign of y.", 0},
    {"dist", math_dist, "($module, p, q, /)", "The distance of two points.", 0},
    {"fma", math_fma, "($module, x, y, z, /)", "x * y + z, rounded once.", 0},
    {"fmod", math_fmod, "($module, x, y, /)", "The remainder with the sign of x.", 0},
    {"fsum", math_fsum, "($module, seq, /)", "The sum of floats, rounded once.", 0},
    {"hypot", math_hypot, "($module, /, *coordinates)", "The length of a vector.", NATIVE_RAW},
    {"isclose", math_isclose, "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", "Whether two numbers are nearly the same.", 0},
    {"ldexp", math_ldexp, "($module, x, i, /)", "x * 2**i.", 0},
    {"log", math_log, NULL, "The natural logarithm, or to the given base.", NATIVE_RAW},
    {"nextafter", math_nextafter, "($module, x, y, /, *, steps=None)", "The next double towards y.", 0},
    {"pow", math_pow, "($module, x, y, /)", "x to the power of y, as floats.", 0},
    {"prod", math_prod, "($module, iterable, /, *, start=1)", "The product of the items.", 0},
    {"remainder", math_remainder, "($module, x, y, /)", "x - n*y for the whole n nearest to x/y.", 0},
    {"sumprod", math_sumprod, "($module, p, q, /)", "The sum of the products of pairs.", 0},
    {"comb", math_comb, "($module, n, k, /)", "Ways to choose k of n things.", 0},
    {"factorial", math_factorial, "($module, n, /)", "n!.", 0},
    {"gcd", math_gcd, "($module, /, *integers)", "The greatest common divisor.", NATIVE_RAW},
    {"isqrt", math_isqrt, "($module, n, /)", "The whole part of the square root.", 0},
    {"lcm", math_lcm, "($module, /, *integers)", "The least common multiple.", NATIVE_RAW},
    {"perm", math_perm, "($module, n, k=None, /)", "Ways to arrange k of n things.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    return module_add(t, module, "pi", float_new(t, M_PI)) < 0 || module_add(t, module, "e", float_new(t, M_E)) < 0 ||
                   module_add(t, module, "tau", float_new(t, 2 * M_PI)) < 0 || module_add(t, module, "inf", float_new(t, INFINITY)) < 0 ||
                   module_add(t, module, "nan", float_new(t, NAN)) < 0
               ? -1
               : 0;
}
const ModuleSpec math_module = {.name = "math", .doc = "Functions of real and whole numbers.", .functions = functions, .exec = exec};
