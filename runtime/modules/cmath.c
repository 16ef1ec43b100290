// cmath: functions of complex numbers. Branch cuts and special values as in C99 Annex G; the C library's functions give them, and
// an exception takes the place of a result that is infinite or no number out of finite arguments.
#include <complex.h>
#include <float.h>
#include <math.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/float.h"

#undef I
#define COMPLEX_OF(x, y) __builtin_complex((double)(x), (double)(y)) // without arithmetic on infinities and signed zeros

// __complex__, or a real number. 0, -1.
static int complex_argument(Thread *t, ValueRef v, double complex *z) {
    if (!value_is_instance(v, TYPE_OF(COMPLEX))) {
        Value method = UNDEF;
        if (value_is_pointer(v) && value_bits(type_lookup(t, value_type(v), NAME(__complex__)))) {
            method = call_special(t, v, NAME(__complex__), NULL, 0);
            if (!value_bits(method)) return -1;
            if (!value_is_instance(method, TYPE_OF(COMPLEX))) {
                raise(t, TYPE_ERROR, "%T.__complex__() must return a complex, not %T", v, method);
                value_release(t, method);
                return -1;
            }
            Complex *c = (Complex *)value_object(method);
            *z = COMPLEX_OF(c->real, c->imag);
            value_release(t, method);
            return 0;
        }
        double x;
        if (arg_double(t, v, &x) < 0) return -1;
        *z = COMPLEX_OF(x, 0.0);
        return 0;
    }
    Complex *c = (Complex *)value_object(v);
    *z = COMPLEX_OF(c->real, c->imag);
    return 0;
}
static Value complex_value(Thread *t, double complex z) { return complex_new(t, creal(z), cimag(z)); }
static bool finite_both(double complex z) { return isfinite(creal(z)) && isfinite(cimag(z)); }
static Value domain_error(Thread *t) { return raise(t, VALUE_ERROR, "math domain error"); }
static Value range_error(Thread *t) { return raise(t, OVERFLOW_ERROR, "math range error"); }

// f(z), where infinite out of finite is an overflow.
static Value apply(Thread *t, ValueRef v, double complex (*f)(double complex)) {
    double complex z;
    if (complex_argument(t, v, &z) < 0) return UNDEF;
    double complex r = f(z);
    if (finite_both(z) && (isinf(creal(r)) || isinf(cimag(r)))) return range_error(t);
    return complex_value(t, r);
}
#define FUNCTION(name) NATIVE(cmath_##name) { return apply(t, args[0], c##name); }
FUNCTION(acos)
FUNCTION(acosh)
FUNCTION(asin)
FUNCTION(asinh)
FUNCTION(sqrt)

// An infinite part with a finite angle other than 0 has no sine and cosine there: an infinite angle is an error of the input.
static bool bad_angle(double size, double angle) { return isinf(angle) && !isnan(size); }
#define TURNING(name, size, angle)                                                                                   \
    NATIVE(cmath_##name) {                                                                                           \
        double complex z;                                                                                            \
        if (complex_argument(t, args[0], &z) < 0) return UNDEF;                                                      \
        double complex r = c##name(z);                                                                               \
        if (bad_angle(size, angle)) return domain_error(t);                                                          \
        if (finite_both(z) && !finite_both(r)) return range_error(t);                                                \
        return complex_value(t, r);                                                                                  \
    }
TURNING(cos, cimag(z), creal(z))
TURNING(sin, cimag(z), creal(z))
TURNING(cosh, creal(z), cimag(z))
TURNING(sinh, creal(z), cimag(z))
static bool tangent_undefined(double size, double angle) { return isinf(angle) && isfinite(size); }
NATIVE(cmath_tanh) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    return tangent_undefined(creal(z), cimag(z)) ? domain_error(t) : complex_value(t, ctanh(z));
}
NATIVE(cmath_tan) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    return tangent_undefined(cimag(z), creal(z)) ? domain_error(t) : complex_value(t, ctan(z));
}
NATIVE(cmath_exp) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    double x = creal(z), y = cimag(z);
    if (isinf(y) && (isfinite(x) || x == INFINITY)) return domain_error(t);
    double complex r = cexp(z);
    return finite_both(z) && !finite_both(r) ? range_error(t) : complex_value(t, r);
}

NATIVE(cmath_atanh) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    if (cimag(z) == 0 && fabs(creal(z)) == 1) return domain_error(t);
    return complex_value(t, catanh(z));
}
NATIVE(cmath_atan) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    if (creal(z) == 0 && fabs(cimag(z)) == 1) return domain_error(t);
    return complex_value(t, catan(z));
}

// log(z); false where z is 0.
static bool logarithm(double complex z, double complex *out) {
    double x = fabs(creal(z)), y = fabs(cimag(z)), size;
    if (x == 0 && y == 0) return false;
    if (!isfinite(x) || !isfinite(y)) {
        *out = clog(z);
        return true;
    }
    if (x > DBL_MAX / 4 || y > DBL_MAX / 4) {
        size = log(hypot(x / 2, y / 2)) + M_LN2;
    } else if (x < DBL_MIN && y < DBL_MIN) {
        size = log(hypot(ldexp(x, DBL_MANT_DIG), ldexp(y, DBL_MANT_DIG))) - DBL_MANT_DIG * M_LN2;
    } else {
        double h = hypot(x, y);
        if (0.71 <= h && h <= 1.73) { // near 1: log(1 + (h*h - 1)) / 2
            double big = x > y ? x : y, small = x > y ? y : x;
            size = log1p((big - 1) * (big + 1) + small * small) / 2;
        } else {
            size = log(h);
        }
    }
    *out = COMPLEX_OF(size, atan2(cimag(z), creal(z)));
    return true;
}
NATIVE(cmath_log) {
    double complex z, base;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    if (!logarithm(z, &z)) return domain_error(t);
    if (!value_bits(args[1])) return complex_value(t, z);
    if (complex_argument(t, args[1], &base) < 0) return UNDEF;
    if (!logarithm(base, &base)) return domain_error(t);
    if (creal(base) == 0 && cimag(base) == 0) return raise(t, ZERO_DIVISION_ERROR, "division by zero");
    Value a = complex_value(t, z), b = complex_value(t, base), r = UNDEF;
    if (value_bits(a) && value_bits(b)) r = object_binary(t, BIN_DIV, a, b);
    value_release(t, a);
    value_release(t, b);
    return r;
}
NATIVE(cmath_log10) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    if (!logarithm(z, &z)) return domain_error(t);
    return complex_new(t, creal(z) / M_LN10, cimag(z) / M_LN10);
}

// ---- polar coordinates

NATIVE(cmath_phase) {
    double complex z;
    return complex_argument(t, args[0], &z) < 0 ? UNDEF : float_new(t, atan2(cimag(z), creal(z)));
}
NATIVE(cmath_polar) {
    double complex z;
    if (complex_argument(t, args[0], &z) < 0) return UNDEF;
    double r = hypot(creal(z), cimag(z));
    if (isinf(r) && finite_both(z)) return range_error(t);
    return tuple_pair(t, float_new(t, r), float_new(t, atan2(cimag(z), creal(z))));
}
NATIVE(cmath_rect) {
    double r, phi;
    if (arg_double(t, args[0], &r) < 0 || arg_double(t, args[1], &phi) < 0) return UNDEF;
    if (isinf(phi) && r != 0 && !isnan(r)) return domain_error(t);
    if (isfinite(r) && isfinite(phi)) return phi == 0 ? complex_new(t, r, r * phi) : complex_new(t, r * cos(phi), r * sin(phi));
    if (isinf(r) && isfinite(phi)) {
        if (phi == 0) return complex_new(t, r, r > 0 ? phi : -phi);
        return complex_new(t, copysign(INFINITY, r * cos(phi)), copysign(INFINITY, r * sin(phi)));
    }
    if (r == 0) return complex_new(t, 0.0, 0.0);
    if (isinf(r)) return complex_new(t, INFINITY, NAN); // phi is no number
    return complex_new(t, NAN, phi == 0 ? 0.0 : NAN);
}

#define PREDICATE(name, condition)                                                             \
    NATIVE(cmath_##name) {                                                                     \
        double complex z;                                                                      \
        return complex_argument(t, args[0], &z) < 0 ? UNDEF : value_bool(condition);           \
    }
PREDICATE(isfinite, finite_both(z))
PREDICATE(isinf, isinf(creal(z)) || isinf(cimag(z)))
PREDICATE(isnan, isnan(creal(z)) || isnan(cimag(z)))

NATIVE(cmath_isclose) {
    double complex a, b;
    double relative = 1e-9, absolute = 0;
    if (complex_argument(t, args[0], &a) < 0 || complex_argument(t, args[1], &b) < 0 || (value_bits(args[2]) && arg_double(t, args[2], &relative) < 0) ||
        (value_bits(args[3]) && arg_double(t, args[3], &absolute) < 0))
        return UNDEF;
    if (relative < 0 || absolute < 0) return raise(t, VALUE_ERROR, "tolerances must be non-negative");
    if (creal(a) == creal(b) && cimag(a) == cimag(b)) return TRUE_VALUE;
    if (isinf(creal(a)) || isinf(cimag(a)) || isinf(creal(b)) || isinf(cimag(b))) return FALSE_VALUE;
    double difference = cabs(a - b);
    return value_bool(difference <= relative * cabs(b) || difference <= relative * cabs(a) || difference <= absolute);
}

#define ONE(name, doc) {#name, cmath_##name, "($module, z, /)", doc, 0}
static const NativeDef functions[] = {
    ONE(acos, "The arc cosine."), ONE(acosh, "The inverse hyperbolic cosine."), ONE(asin, "The arc sine."), ONE(asinh, "The inverse hyperbolic sine."),
    ONE(atan, "The arc tangent."), ONE(atanh, "The inverse hyperbolic tangent."), ONE(cos, "The cosine."), ONE(cosh, "The hyperbolic cosine."),
    ONE(exp, "e to the power of z."), ONE(log10, "The logarithm to base 10."), ONE(sin, "The sine."), ONE(sinh, "The hyperbolic sine."),
    ONE(sqrt, "The square root."), ONE(tan, "The tangent."), ONE(tanh, "The hyperbolic tangent."), ONE(phase, "The angle."), ONE(polar, "Distance and angle."),
    ONE(isfinite, "Both parts are finite."), ONE(isinf, "A part is infinite."), ONE(isnan, "A part is no number."),
    {"log", cmath_log, "($module, z, base=<unrepresentable>, /)", "The logarithm.", 0},
    {"rect", cmath_rect, "($module, r, phi, /)", "The number at this distance and angle.", 0},
    {"isclose", cmath_isclose, "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", "Whether two numbers are nearly the same.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    return module_add(t, module, "pi", float_new(t, M_PI)) < 0 || module_add(t, module, "e", float_new(t, M_E)) < 0 ||
                   module_add(t, module, "tau", float_new(t, 2 * M_PI)) < 0 || module_add(t, module, "inf", float_new(t, INFINITY)) < 0 ||
                   module_add(t, module, "infj", complex_new(t, 0, INFINITY)) < 0 || module_add(t, module, "nan", float_new(t, NAN)) < 0 ||
                   module_add(t, module, "nanj", complex_new(t, 0, NAN)) < 0
               ? -1
               : 0;
}
const ModuleSpec cmath_module = {.name = "cmath", .doc = "Functions of complex numbers.", .functions = functions, .exec = exec};
