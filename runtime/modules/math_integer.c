// math: gcd, lcm, isqrt, factorial, comb, perm.
#include <stdlib.h>
#include "runtime/modules/math.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/int.h"
#include "sync/safepoint.h"

static Big big_of(ValueRef v, IntView *view) {
    int_view(v, view);
    return (Big){view->limbs, (size_t)llabs(view->size), view->size < 0};
}

static uint64_t gcd64(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}
// gcd of two exact ints; both are consumed.
static Value gcd_of(Thread *t, Value a, Value b) {
    if (values_are_ints(a, b)) {
        int64_t x = value_get_int(a), y = value_get_int(b);
        return int_from_uint64(t, gcd64((uint64_t)llabs(x), (uint64_t)llabs(y)));
    }
    IntView va, vb;
    Big x = big_of(a, &va), y = big_of(b, &vb);
    x.negative = y.negative = false;
    IntResult r;
    Value result = int_result_begin(&r, t, x.n > y.n ? x.n : y.n) ? int_result_end(&r, bigint_gcd(r.limbs, x, y)) : UNDEF;
    value_release(t, a);
    value_release(t, b);
    return result;
}
static Value absolute(Thread *t, Value v_steal) {
    if (int_sign(v_steal) >= 0) return v_steal;
    Value r = object_negative(t, v_steal);
    value_release(t, v_steal);
    return r;
}
// lcm of two; both are consumed.
static Value lcm_of(Thread *t, Value a, Value b) {
    if (int_sign(a) == 0 || int_sign(b) == 0) {
        value_release(t, a);
        value_release(t, b);
        return value_int(0);
    }
    Value g = gcd_of(t, value_dup(t, a), value_dup(t, b)), q = UNDEF, r = UNDEF;
    if (value_bits(g)) q = object_binary(t, BIN_FLOORDIV, a, g);
    if (value_bits(q)) r = object_binary(t, BIN_MUL, q, b);
    value_release(t, a);
    value_release(t, b);
    value_release(t, g);
    value_release(t, q);
    return value_bits(r) ? absolute(t, r) : UNDEF;
}
static Value fold(Thread *t, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames, Value start, Value (*step)(Thread *, Value, Value)) {
    if (args_no_keywords(t, name, kwnames) < 0) return UNDEF;
    Value result = start;
    for (uint32_t i = 0; i < nargs && value_bits(result); i++) {
        Value n = object_index(t, args[i]);
        if (!value_bits(n)) {
            value_release(t, result);
            return UNDEF;
        }
        result = i == 0 ? absolute(t, n) : step(t, result, n);
    }
    return result;
}
MATH_FUNCTION(gcd) { return fold(t, "math.gcd", args, nargs, kwnames, value_int(0), gcd_of); }
MATH_FUNCTION(lcm) { return fold(t, "math.lcm", args, nargs, kwnames, value_int(1), lcm_of); }

MATH_FUNCTION(isqrt) {
    Value n = object_index(t, args[0]), result = UNDEF;
    if (!value_bits(n)) return UNDEF;
    if (int_sign(n) < 0) {
        raise(t, VALUE_ERROR, "isqrt() argument must be nonnegative");
    } else {
        IntView view;
        Big a = big_of(n, &view);
        IntResult r;
        if (int_result_begin(&r, t, (a.n + 1) / 2)) result = int_result_end(&r, bigint_isqrt(r.limbs, a));
    }
    value_release(t, n);
    return result;
}

// from * (from + 1) * ... * (to - 1), by halves so that factors grow alike.
static Value product(Thread *t, int64_t from, int64_t to) {
    if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return UNDEF;
    int64_t small = 1;
    for (int64_t i = from; to - from <= 16; i++) {
        if (i == to) return int_from_int64(t, small);
        if (__builtin_mul_overflow(small, i, &small)) break;
    }
    if (to - from == 1) return int_from_int64(t, from);
    int64_t middle = from + (to - from) / 2;
    Value a = product(t, from, middle), b = value_bits(a) ? product(t, middle, to) : UNDEF, r = UNDEF;
    if (value_bits(b)) r = object_binary(t, BIN_MUL, a, b);
    value_release(t, a);
    value_release(t, b);
    return r;
}
MATH_FUNCTION(factorial) {
    Value v = object_index(t, args[0]);
    if (!value_bits(v)) return UNDEF;
    int64_t n;
    int sign = int_sign(v), fits = int_as_int64(v, &n);
    value_release(t, v);
    if (sign < 0) return raise(t, VALUE_ERROR, "factorial() not defined for negative values");
    if (fits < 0) return raise(t, OVERFLOW_ERROR, "factorial() argument should not exceed %lld", (long long)INT64_MAX);
    return n < 2 ? value_int(1) : product(t, 2, n + 1);
}

// n * (n - 1) * ... (k factors), for an n of any size; from above down to n - k + 1.
static Value falling(Thread *t, ValueRef n, uint64_t k) {
    int64_t small;
    if (k == 0) return value_int(1);
    if (int_as_int64(n, &small) == 0 && small < INT64_MAX) return product(t, small - (int64_t)k + 1, small + 1);
    Value result = value_dup(t, n), factor = value_dup(t, n);
    for (uint64_t i = 1; i < k && value_bits(result); i++) {
        Value less = poll_pending(&t->core) && poll_slow(&t->core) < 0 ? UNDEF : object_binary(t, BIN_SUB, factor, value_int(1));
        Value next = value_bits(less) ? object_binary(t, BIN_MUL, result, less) : UNDEF;
        value_release(t, factor);
        value_release(t, result);
        factor = less;
        result = next;
    }
    value_release(t, factor);
    return result;
}

// The two arguments as exact ints, not negative. 0, -1.
static int two_counts(Thread *t, const ValueRef *args, Value *n, Value *k) {
    *k = UNDEF;
    *n = object_index(t, args[0]);
    if (value_bits(*n)) *k = object_index(t, args[1]);
    if (value_bits(*k)) {
        if (int_sign(*n) < 0)
            raise(t, VALUE_ERROR, "n must be a non-negative integer");
        else if (int_sign(*k) < 0)
            raise(t, VALUE_ERROR, "k must be a non-negative integer");
        else
            return 0;
    }
    value_release(t, *n);
    value_release(t, *k);
    return -1;
}
MATH_FUNCTION(perm) {
    if (not_given(args[1])) return math_factorial(t, self, args, 1, NULL);
    Value n, k, result = UNDEF;
    if (two_counts(t, args, &n, &k) < 0) return UNDEF;
    int64_t count;
    if (int_compare(k, n) > 0)
        result = value_int(0);
    else if (int_as_int64(k, &count) < 0)
        raise(t, OVERFLOW_ERROR, "k must not exceed %lld", (long long)INT64_MAX);
    else
        result = falling(t, n, (uint64_t)count);
    value_release(t, n);
    value_release(t, k);
    return result;
}
MATH_FUNCTION(comb) {
    Value n, k, result = UNDEF, rest = UNDEF, above = UNDEF, below = UNDEF;
    if (two_counts(t, args, &n, &k) < 0) return UNDEF;
    int64_t count;
    if (int_compare(k, n) > 0) {
        result = value_int(0);
        goto done;
    }
    if (!value_bits(rest = object_binary(t, BIN_SUB, n, k))) goto done;
    ValueRef smaller = int_compare(rest, k) < 0 ? (ValueRef)rest : (ValueRef)k;
    if (int_as_int64(smaller, &count) < 0) {
        raise(t, OVERFLOW_ERROR, "min(n - k, k) must not exceed %lld", (long long)INT64_MAX);
        goto done;
    }
    above = falling(t, n, (uint64_t)count);
    if (value_bits(above)) below = count < 2 ? value_int(1) : product(t, 2, count + 1);
    if (value_bits(below)) result = object_binary(t, BIN_FLOORDIV, above, below);
done:
    value_release(t, n);
    value_release(t, k);
    value_release(t, rest);
    value_release(t, above);
    value_release(t, below);
    return result;
}
