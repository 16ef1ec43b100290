// Arithmetic of ints: on small ones in the word, on the others through the limb kernels of support/bigint.
#include <math.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/number.h"

static Value divided_by_zero(Thread *t) { return raise(t, ZERO_DIVISION_ERROR, "division by zero"); }

// ---- ints of up to 126 bits, in registers
typedef __int128 Wide;
enum { WIDE_BITS = 126 };
static ALWAYS_INLINE bool as_wide(ValueRef v, Wide *out) {
    if (value_is_int(v)) {
        *out = value_get_int(v);
        return true;
    }
    if (UNLIKELY(!value_is_object(v))) { // bool
        *out = value_bits(v) == value_bits(TRUE_VALUE);
        return true;
    }
    const BigInt *o = (const BigInt *)value_object(v);
    int64_t size = o->size, n = size < 0 ? -size : size;
    if (n > 2 || (n == 2 && o->limbs[1] >> (WIDE_BITS - 64))) return false;
    unsigned __int128 magnitude = n == 0 ? 0 : n == 1 ? o->limbs[0] : (unsigned __int128)o->limbs[1] << 64 | o->limbs[0];
    *out = size < 0 ? -(Wide)magnitude : (Wide)magnitude;
    return true;
}
static ALWAYS_INLINE Value from_wide(Thread *t, Wide n) {
    if (n >= SMALL_INT_MIN && n <= SMALL_INT_MAX) return value_int((int64_t)n);
    unsigned __int128 magnitude = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
    uint64_t limbs[2] = {(uint64_t)magnitude, (uint64_t)(magnitude >> 64)};
    return int_from_big(t, (Big){limbs, limbs[1] ? 2 : 1, n < 0});
}
static ALWAYS_INLINE int wide_bits(Wide n) { // of the magnitude, or one more
    uint64_t high = (uint64_t)((n < 0 ? ~n : n) >> 64), low = (uint64_t)(n < 0 ? ~n : n);
    return (high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0) + (n < 0);
}

typedef Big (*Kernel)(uint64_t *out, Big a, Big b);

static ALWAYS_INLINE Value by_kernel(Thread *t, ValueRef a, ValueRef b, Kernel kernel, size_t room(Big, Big)) {
    uint64_t la, lb;
    Big x = int_big(a, &la), y = int_big(b, &lb);
    IntResult r;
    if (!int_result_begin(&r, t, room(x, y))) return UNDEF;
    return int_result_end(&r, kernel(r.limbs, x, y));
}
static size_t add_room(Big a, Big b) { return bigint_add_room(a, b); }
static size_t mul_room(Big a, Big b) { return bigint_mul_room(a, b); }

static Value add(Thread *t, ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) return int_from_int64(t, value_get_int(a) + value_get_int(b));
    Wide x, y;
    if (as_wide(a, &x) && as_wide(b, &y)) return from_wide(t, x + y);
    return by_kernel(t, a, b, bigint_add, add_room);
}

static Value subtract(Thread *t, ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) return int_from_int64(t, value_get_int(a) - value_get_int(b));
    Wide x, y;
    if (as_wide(a, &x) && as_wide(b, &y)) return from_wide(t, x - y);
    return by_kernel(t, a, b, bigint_sub, add_room);
}

static Value multiply(Thread *t, ValueRef a, ValueRef b) {
    int64_t product;
    if (values_are_ints(a, b) && !__builtin_mul_overflow(value_get_int(a), value_get_int(b), &product))
        return int_from_int64(t, product);
    Wide x, y;
    if (as_wide(a, &x) && as_wide(b, &y) && wide_bits(x) + wide_bits(y) <= WIDE_BITS) return from_wide(t, x * y);
    return by_kernel(t, a, b, bigint_mul, mul_room);
}

// Quotient and remainder rounded to minus infinity; either pointer may be NULL. 0, -1.
static int divide(Thread *t, ValueRef a, ValueRef b, Value *quotient, Value *remainder) {
    if (values_are_ints(a, b)) {
        int64_t x = value_get_int(a), y = value_get_int(b);
        if (y == 0) return divided_by_zero(t), -1;
        int64_t q = x / y, r = x % y;
        if (r && (r ^ y) < 0) {
            q--;
            r += y;
        }
        if (quotient) *quotient = int_from_int64(t, q); // SMALL_INT_MIN / -1 does not fit the word
        if (remainder) *remainder = value_int(r);
        return quotient && value_bits(*quotient) == 0 ? -1 : 0;
    }
    Wide wide, by;
    if (as_wide(a, &wide) && as_wide(b, &by) && by != 0) {
        Wide q = wide / by, r = wide - q * by;
        if (r != 0 && (r < 0) != (by < 0)) {
            q--;
            r += by;
        }
        if (remainder && !value_bits(*remainder = from_wide(t, r))) return -1;
        if (!quotient || value_bits(*quotient = from_wide(t, q))) return 0;
        if (remainder) value_release(t, *remainder);
        return -1;
    }
    uint64_t la, lb;
    Big x = int_big(a, &la), y = int_big(b, &lb), q, r;
    if (y.n == 0) return divided_by_zero(t), -1;
    IntResult rq, rr;
    if (!int_result_begin(&rq, t, bigint_quotient_room(x, y))) return -1;
    if (!int_result_begin(&rr, t, y.n)) {
        int_result_abandon(&rq);
        return -1;
    }
    if (!bigint_divmod(rq.limbs, rr.limbs, x, y, &q, &r)) {
        int_result_abandon(&rq);
        int_result_abandon(&rr);
        return raise_no_memory(t), -1;
    }
    if (remainder) {
        *remainder = int_result_end(&rr, r);
        if (value_bits(*remainder) == 0) {
            int_result_abandon(&rq);
            return -1;
        }
    } else int_result_abandon(&rr);
    if (!quotient) {
        int_result_abandon(&rq);
        return 0;
    }
    *quotient = int_result_end(&rq, q);
    if (value_bits(*quotient)) return 0;
    if (remainder) value_release(t, *remainder);
    return -1;
}

Value int_divmod(Thread *t, ValueRef a, ValueRef b) {
    Value q, r;
    if (divide(t, a, b, &q, &r) < 0) return UNDEF;
    return tuple_pair(t, q, r);
}

static Value true_divide(Thread *t, ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) {
        int64_t x = value_get_int(a), y = value_get_int(b), limit = (int64_t)1 << 53;
        if (y == 0) return divided_by_zero(t);
        if (x >= -limit && x <= limit && y >= -limit && y <= limit) return float_new(t, (double)x / (double)y);
    }
    uint64_t la, lb;
    Big x = int_big(a, &la), y = int_big(b, &lb);
    if (y.n == 0) return divided_by_zero(t);
    double d;
    switch (bigint_true_divide(x, y, &d)) {
        case BIGINT_OK: return float_new(t, d);
        case BIGINT_TOO_LARGE: return raise(t, OVERFLOW_ERROR, "integer division result too large for a float");
        default: return raise_no_memory(t);
    }
}

static Value shift_left(Thread *t, ValueRef a, ValueRef b) {
    if (int_sign(b) < 0) return raise(t, VALUE_ERROR, "negative shift count");
    if (int_sign(a) == 0) return value_int(0);
    uint64_t bits;
    if (int_as_uint64(b, &bits) < 0) return raise(t, OVERFLOW_ERROR, "too many digits in integer");
    if (value_is_int(a) && bits < 62) {
        int64_t x = value_get_int(a), shifted = (int64_t)((uint64_t)x << bits);
        if (shifted >> bits == x && int_fits_small(shifted)) return value_int(shifted);
    }
    Wide wide;
    if (bits < WIDE_BITS && as_wide(a, &wide) && wide_bits(wide) + (int)bits <= WIDE_BITS) return from_wide(t, wide * ((Wide)1 << bits));
    uint64_t limb;
    Big x = int_big(a, &limb);
    size_t room = bigint_lshift_room(x, bits);
    if (room == SIZE_MAX) return raise(t, OVERFLOW_ERROR, "too many digits in integer");
    IntResult r;
    if (!int_result_begin(&r, t, room)) return UNDEF;
    return int_result_end(&r, bigint_lshift(r.limbs, x, bits));
}

static Value shift_right(Thread *t, ValueRef a, ValueRef b) {
    if (int_sign(b) < 0) return raise(t, VALUE_ERROR, "negative shift count");
    uint64_t bits;
    if (int_as_uint64(b, &bits) < 0) bits = UINT64_MAX;
    if (value_is_int(a)) return value_int(value_get_int(a) >> (bits > 63 ? 63 : bits));
    Wide wide;
    if (as_wide(a, &wide)) return from_wide(t, wide >> (bits > 127 ? 127 : bits));
    uint64_t limb;
    Big x = int_big(a, &limb);
    IntResult r;
    if (!int_result_begin(&r, t, bigint_rshift_room(x))) return UNDEF;
    return int_result_end(&r, bigint_rshift(r.limbs, x, bits));
}

static Value float_power_of_ints(Thread *t, ValueRef a, ValueRef b) {
    double x = int_as_double(t, a), y;
    if (x == -1 && error_pending(t)) return UNDEF;
    y = int_as_double(t, b);
    if (y == -1 && error_pending(t)) return UNDEF;
    return float_power(t, x, y);
}

// pow() with a modulus; all three any ints.
static Value power_modulo(Thread *t, ValueRef a, ValueRef b, ValueRef modulus) {
    uint64_t la, lb, lm;
    Big x = int_big(a, &la), e = int_big(b, &lb), m = int_big(modulus, &lm);
    if (m.n == 0) return raise(t, VALUE_ERROR, "pow() 3rd argument cannot be 0");
    IntResult inverse, r;
    bool inverted = false;
    if (e.negative) {
        if (!int_result_begin(&inverse, t, m.n + 1)) return UNDEF;
        if (!bigint_invert(inverse.limbs, x, m, &x)) {
            int_result_abandon(&inverse);
            if (!x.at) return raise_no_memory(t);
            return raise(t, VALUE_ERROR, "base is not invertible for the given modulus");
        }
        e.negative = false;
        inverted = true;
    }
    Value result = UNDEF;
    if (int_result_begin(&r, t, m.n + 1)) result = int_result_end(&r, bigint_powmod(r.limbs, x, e, m));
    if (inverted) int_result_abandon(&inverse);
    return result;
}

Value int_power(Thread *t, ValueRef a, ValueRef b, ValueRef modulus) {
    if (value_bits(modulus) != value_bits(NONE)) return power_modulo(t, a, b, modulus);
    if (int_sign(b) < 0) return float_power_of_ints(t, a, b);
    uint64_t limb, exponent;
    Big x = int_big(a, &limb);
    bool huge = int_as_uint64(b, &exponent) < 0;
    if (x.n == 0 || (x.n == 1 && x.at[0] == 1)) { // 0, 1, -1
        uint64_t lb;
        Big e = int_big(b, &lb);
        if (e.n == 0) return value_int(1);
        return value_int(x.n == 0 ? 0 : x.negative && bigint_is_odd(e) ? -1 : 1);
    }
    if (x.n == 1 && !huge && exponent < 64) { // stays within 64 bits, often
        int64_t base, result = 1, square;
        if (bigint_to_i64(x, &base)) {
            uint64_t e = exponent;
            bool fits = true;
            for (square = base; fits; fits = !__builtin_mul_overflow(square, square, &square)) {
                if (e & 1) fits = !__builtin_mul_overflow(result, square, &result);
                if (!fits || !(e >>= 1)) break;
            }
            if (fits && e == 0) return int_from_int64(t, result);
        }
    }
    size_t room = huge ? SIZE_MAX : bigint_pow_room(x, exponent);
    IntResult r;
    if (!int_result_begin(&r, t, room)) return UNDEF;
    return int_result_end(&r, bigint_pow(r.limbs, x, exponent));
}

static Value bitwise(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) {
        int64_t x = value_get_int(a), y = value_get_int(b);
        return value_int(op == BIN_AND ? x & y : op == BIN_OR ? x | y : x ^ y);
    }
    Wide x, y;
    if (as_wide(a, &x) && as_wide(b, &y)) return from_wide(t, op == BIN_AND ? x & y : op == BIN_OR ? x | y : x ^ y);
    return by_kernel(t, a, b, op == BIN_AND ? bigint_and : op == BIN_OR ? bigint_or : bigint_xor, add_room);
}

Value int_binary(Thread *t, int binary_op, ValueRef a, ValueRef b) {
    Value result;
    switch ((enum BinaryOp)binary_op) {
        case BIN_ADD: return add(t, a, b);
        case BIN_SUB: return subtract(t, a, b);
        case BIN_MUL: return multiply(t, a, b);
        case BIN_DIV: return true_divide(t, a, b);
        case BIN_FLOORDIV: return divide(t, a, b, &result, NULL) < 0 ? UNDEF : result;
        case BIN_MOD: return divide(t, a, b, NULL, &result) < 0 ? UNDEF : result;
        case BIN_POW: return int_power(t, a, b, NONE);
        case BIN_LSHIFT: return shift_left(t, a, b);
        case BIN_RSHIFT: return shift_right(t, a, b);
        case BIN_AND: case BIN_OR: case BIN_XOR: return bitwise(t, (enum BinaryOp)binary_op, a, b);
        default: return NOT_IMPLEMENTED;
    }
}

Value int_negate(Thread *t, ValueRef a) {
    if (value_is_int(a)) return int_from_int64(t, -value_get_int(a));
    uint64_t limb;
    Big x = int_big(a, &limb);
    x.negative = !x.negative && x.n;
    return int_from_big(t, x);
}

Value int_invert(Thread *t, ValueRef a) {
    if (value_is_int(a)) return value_int(~value_get_int(a));
    Value negative = int_negate(t, a);
    if (value_bits(negative) == 0) return UNDEF;
    Value result = subtract(t, negative, value_int(1));
    value_release(t, negative);
    return result;
}

Value int_round(Thread *t, ValueRef self, ValueRef ndigits) {
    if (value_bits(ndigits) == 0 || value_bits(ndigits) == value_bits(NONE)) return int_exact(t, self);
    Value n = object_index(t, ndigits);
    if (value_bits(n) == 0) return UNDEF;
    if (int_sign(n) >= 0) {
        value_release(t, n);
        return int_exact(t, self);
    }
    // self - (self mod 10**k), and up again where the remainder is past the half, or at it with an odd quotient.
    Value k = int_negate(t, n), power = UNDEF, q = UNDEF, r = UNDEF, twice = UNDEF, result = UNDEF;
    value_release(t, n);
    if (value_bits(k) == 0) return UNDEF;
    power = int_power(t, value_int(10), k, NONE);
    if (value_bits(power) == 0 || divide(t, self, power, &q, &r) < 0) goto done;
    twice = add(t, r, r);
    if (value_bits(twice) == 0) goto done;
    int order = int_compare(twice, power);
    uint64_t limb;
    if (order > 0 || (order == 0 && bigint_is_odd(int_big(q, &limb)))) {
        Value up = add(t, q, value_int(1));
        value_release(t, q);
        q = up;
        if (value_bits(q) == 0) goto done;
    }
    result = multiply(t, q, power);
done:
    value_release(t, k);
    value_release(t, power);
    value_release(t, q);
    value_release(t, r);
    value_release(t, twice);
    return result;
}
