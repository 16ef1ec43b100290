// int as an object: making, reading, comparing, text. Arithmetic is in int_arith.c, the type in int_type.c.
#include "runtime/objects/int.h"
#include <math.h>
#include <stdlib.h>
#include "runtime/error.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/number.h"
#include "runtime/objects/str.h"

static _Atomic uint64_t max_str_digits = 4300; // process-wide; sys sets it
enum { DIGITS_THRESHOLD = 640 };               // texts this short are never refused

int64_t int_max_str_digits(void) { return (int64_t)atomic_load_relaxed_u64(&max_str_digits); }
void int_set_max_str_digits(int64_t digits) { atomic_store_relaxed_u64(&max_str_digits, (uint64_t)digits); }

// --- making -------------------------------------------------------------------------------------------------------

size_t int_bytes(const Object *o) {
    int64_t size = ((const BigInt *)o)->size;
    return sizeof(BigInt) + (size_t)(size < 0 ? -size : size) * sizeof(uint64_t);
}

static BigInt *alloc_exact(Thread *t, size_t limbs) {
    BigInt *o = leaf_new(t, SHAPE_INT, sizeof(BigInt) + limbs * sizeof(uint64_t));
    if (LIKELY(o != NULL)) __atomic_store_n((int64_t *)&o->hash_unused, 0, __ATOMIC_RELAXED);
    return o;
}

// The Value of a number that fits the word, UNDEF otherwise.
static inline Value as_small(Big a) {
    if (a.n > 1) return UNDEF;
    uint64_t v = a.n ? a.at[0] : 0;
    if (v > (uint64_t)SMALL_INT_MAX + a.negative) return UNDEF;
    return value_int(a.negative ? (int64_t)(0 - v) : (int64_t)v);
}

Value int_from_big(Thread *t, Big a) {
    Value small = as_small(a);
    if (value_bits(small)) return small;
    BigInt *o = alloc_exact(t, a.n);
    if (UNLIKELY(!o)) return UNDEF;
    o->size = a.negative ? -(int64_t)a.n : (int64_t)a.n;
    memcpy(o->limbs, a.at, a.n * sizeof(uint64_t));
    return value_of(o);
}

// An instance of `type`, a subclass of int.
Value int_of_subclass(Thread *t, Type *type, Big a) {
    BigInt *o = object_new_var(t, type, a.n);
    if (!o) return UNDEF;
    o->size = a.negative ? -(int64_t)a.n : (int64_t)a.n;
    if (a.n) memcpy(o->limbs, a.at, a.n * sizeof(uint64_t));
    return value_of(o);
}

bool int_result_begin(IntResult *r, Thread *t, size_t room) {
    r->t = t;
    r->room = room;
    r->object = NULL;
    r->limbs = r->local;
    if (LIKELY(room <= sizeof r->local / sizeof *r->local)) return true;
    if (room > BIGINT_MAX_LIMBS) return raise_no_memory(t), false;
    r->object = alloc_exact(t, room);
    if (!r->object) return false;
    r->limbs = r->object->limbs;
    return true;
}

void int_result_abandon(IntResult *r) {
    if (r->object) memory_free(r->t, r->object, sizeof(BigInt) + r->room * sizeof(uint64_t));
}

Value int_result_end(IntResult *r, Big a) {
    if (UNLIKELY(!a.at)) {
        int_result_abandon(r);
        return raise_no_memory(r->t);
    }
    if (!r->object) return int_from_big(r->t, a);
    Value small = as_small(a);
    if (value_bits(small) || a.at != r->limbs) {
        Value v = value_bits(small) ? small : int_from_big(r->t, a);
        int_result_abandon(r);
        return v;
    }
    BigInt *o = r->object;
    o->size = a.negative ? -(int64_t)a.n : (int64_t)a.n;
    // The block is given back by the size of the number, so it must have that size.
    BigInt *fitted = memory_resize(r->t, o, sizeof(BigInt) + r->room * sizeof(uint64_t), sizeof(BigInt) + a.n * sizeof(uint64_t));
    if (UNLIKELY(!fitted)) {
        int_result_abandon(r);
        return UNDEF;
    }
    return value_of(fitted);
}

Value int_from_int64(Thread *t, int64_t n) {
    if (LIKELY(int_fits_small(n))) return value_int(n);
    uint64_t limb;
    return int_from_big(t, bigint_of_i64(n, &limb));
}

Value int_from_uint64(Thread *t, uint64_t n) {
    if (LIKELY(n <= (uint64_t)SMALL_INT_MAX)) return value_int((int64_t)n);
    return int_from_big(t, (Big){&n, 1, false});
}

Value int_from_double(Thread *t, double d) {
    if (LIKELY(d > -0x1p61 && d < 0x1p61)) return value_int((int64_t)d);
    if (isinf(d)) return raise(t, OVERFLOW_ERROR, "cannot convert float infinity to integer");
    if (isnan(d)) return raise(t, VALUE_ERROR, "cannot convert float NaN to integer");
    uint64_t limbs[17];
    return int_from_big(t, bigint_from_double(limbs, d));
}

Value int_from_limbs(Thread *t, const uint64_t *limbs, int64_t size) {
    return int_from_big(t, bigint_normal(limbs, (size_t)(size < 0 ? -size : size), size < 0));
}

Value int_from_bytes(Thread *t, const uint8_t *bytes, size_t n, bool little_endian, bool is_signed) {
    IntResult r;
    if (!int_result_begin(&r, t, n / 8 + 1)) return UNDEF;
    return int_result_end(&r, bigint_from_bytes(r.limbs, bytes, n, little_endian, is_signed));
}

// --- reading ------------------------------------------------------------------------------------------------------

Big int_big(ValueRef v, uint64_t limb[1]) {
    if (value_is_int(v)) return bigint_of_i64(value_get_int(v), limb);
    if (!value_is_object(v)) return bigint_of_u64(value_bits(v) == value_bits(TRUE_VALUE), limb); // bool
    const BigInt *o = (const BigInt *)value_object(v);
    return (Big){o->limbs, (size_t)(o->size < 0 ? -o->size : o->size), o->size < 0};
}

void int_view(ValueRef v, IntView *out) {
    Big a = int_big(v, out->buffer);
    out->limbs = a.at;
    out->size = a.negative ? -(int64_t)a.n : (int64_t)a.n;
}

int int_as_int64(ValueRef v, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    uint64_t limb;
    return bigint_to_i64(int_big(v, &limb), out) ? 0 : -1;
}

int int_as_uint64(ValueRef v, uint64_t *out) {
    uint64_t limb;
    return bigint_to_u64(int_big(v, &limb), out) ? 0 : -1;
}

int int_sign(ValueRef v) {
    uint64_t limb;
    Big a = int_big(v, &limb);
    return a.n == 0 ? 0 : a.negative ? -1 : 1;
}

int int_compare(ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) return (value_get_int(a) > value_get_int(b)) - (value_get_int(a) < value_get_int(b));
    uint64_t la, lb;
    return bigint_compare(int_big(a, &la), int_big(b, &lb));
}

double int_as_double(Thread *t, ValueRef v) {
    if (value_is_int(v)) return (double)value_get_int(v);
    uint64_t limb;
    double d;
    if (!bigint_to_double(int_big(v, &limb), &d)) {
        raise(t, OVERFLOW_ERROR, "int too large to convert to float");
        return -1;
    }
    return d;
}

Value int_exact(Thread *t, ValueRef v) {
    if (value_is_int(v)) return value_assume_owned(v); // an immediate
    if (value_is(v, INT)) return value_dup(t, v);
    uint64_t limb;
    return int_from_big(t, int_big(v, &limb));
}

int64_t int_hash(ValueRef v) {
    uint64_t limb;
    return bigint_hash(int_big(v, &limb));
}

// --- text ---------------------------------------------------------------------------------------------------------

// Decimal texts take quadratic time or worse in most hands; CVE-2020-10735 gave the limit.
static bool digits_too_many(Thread *t, size_t digits, int base) {
    int64_t limit = int_max_str_digits();
    return limit && digits > DIGITS_THRESHOLD && (int64_t)digits > limit && (base & (base - 1)) != 0;
}

Value int_to_str(Thread *t, ValueRef v, int base, bool prefix) {
    if (value_is_int(v) && base == 10) {
        int64_t n = value_get_int(v);
        uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
        if (n >= 0 && n < 10) return str_from_char(t, (uint32_t)('0' + n));
        char digits[24], *p = digits + sizeof digits;
        do *--p = (char)('0' + u % 10);
        while (u /= 10);
        if (n < 0) *--p = '-';
        return str_from_ascii(t, p, (size_t)(digits + sizeof digits - p));
    }
    char local[96], *text = local;
    uint64_t limb;
    Big a = int_big(v, &limb);
    size_t room = bigint_to_text_room(a, base);
    if (digits_too_many(t, room > 5 ? room - 5 : 0, base)) goto refused;
    if (room + 3 > sizeof local && !(text = malloc(room + 3))) return raise_no_memory(t);
    char *digits = text + 2; // room for the prefix, moved behind the sign
    size_t n = bigint_to_text(a, base, digits);
    Value result;
    if (n == SIZE_MAX) result = raise_no_memory(t);
    else if (digits_too_many(t, n - a.negative, base)) {
        if (text != local) free(text);
        goto refused;
    } else {
        if (prefix) {
            if (a.negative) digits[0] = base == 16 ? 'x' : base == 8 ? 'o' : 'b', digits[-1] = '0', digits[-2] = '-';
            else digits[-1] = base == 16 ? 'x' : base == 8 ? 'o' : 'b', digits[-2] = '0';
            digits -= 2;
            n += 2;
        }
        result = str_from_ascii(t, digits, n);
    }
    if (text != local) free(text);
    return result;
refused:
    return raise(t, VALUE_ERROR, "Exceeds the limit (%lld digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit",
        (long long)int_max_str_digits());
}

// int(text) with a message that shows `shown`, the argument as it was given.
Value int_from_number_text(Thread *t, const char *ascii, size_t n, int base, ValueRef shown) {
    BigText text;
    if (!bigint_scan(ascii, n, base, &text)) {
        if (value_bits(shown)) return raise(t, VALUE_ERROR, "invalid literal for int() with base %d: %R", base, shown);
        Value s = str_from_latin1(t, (const uint8_t *)ascii, n);
        if (value_bits(s) == 0) return s;
        raise(t, VALUE_ERROR, "invalid literal for int() with base %d: %R", base, s);
        value_release(t, s);
        return UNDEF;
    }
    if (digits_too_many(t, text.count, text.base))
        return raise(t, VALUE_ERROR,
            "Exceeds the limit (%lld digits) for integer string conversion: value has %zd digits; use sys.set_int_max_str_digits() to increase the limit",
            (long long)int_max_str_digits(), (int64_t)text.count);
    IntResult r;
    Big value;
    if (!int_result_begin(&r, t, bigint_from_text_room(&text))) return UNDEF;
    if (!bigint_from_text(r.limbs, &text, &value)) {
        int_result_abandon(&r);
        return raise_no_memory(t);
    }
    return int_result_end(&r, value);
}

Value int_from_text(Thread *t, const char *ascii, size_t n, int base) { return int_from_number_text(t, ascii, n, base, UNDEF); }

Value int_repr(Thread *t, ValueRef self) { return int_to_str(t, self, 10, false); }
