// Arithmetic on any values: the binary operators with their reflected and in-place forms, and conversions to numbers.
// The right operand goes first where its type is a subclass of the left one's with a slot of its own (Language Reference 3.3.8).
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/store.h"

typedef struct BinaryRow {
    uint16_t slot, inplace_slot; // offsets in TypeOps
    const char *text, *inplace_text;
} BinaryRow;
#define ROW(op, field, text) [op] = {offsetof(TypeOps, field), offsetof(TypeOps, inplace_##field), text, text "="}
static const BinaryRow binary_rows[BIN_COUNT] = {
    ROW(BIN_ADD, add, "+"),
    ROW(BIN_SUB, subtract, "-"),
    ROW(BIN_MUL, multiply, "*"),
    ROW(BIN_DIV, true_divide, "/"),
    ROW(BIN_FLOORDIV, floor_divide, "//"),
    ROW(BIN_MOD, remainder, "%"),
    ROW(BIN_MATMUL, matrix_multiply, "@"),
    ROW(BIN_LSHIFT, lshift, "<<"),
    ROW(BIN_RSHIFT, rshift, ">>"),
    [BIN_AND] = {offsetof(TypeOps, and_), offsetof(TypeOps, inplace_and), "&", "&="},
    [BIN_OR] = {offsetof(TypeOps, or_), offsetof(TypeOps, inplace_or), "|", "|="},
    [BIN_XOR] = {offsetof(TypeOps, xor_), offsetof(TypeOps, inplace_xor), "^", "^="},
    [BIN_POW] = {0, 0, "** or pow()", "**="}, // ternary: on its own below
};
static inline BinaryFn binary_fn(Type *type, uint16_t offset) { return *(BinaryFn *)((char *)&type->ops + offset); }

static COLD Value fail_operands(Thread *t, ValueRef a, ValueRef b, const char *text) {
    return raise(t, TYPE_ERROR, "unsupported operand type(s) for %s: '%T' and '%T'", text, a, b);
}

static inline bool declined(Value v) { return value_bits(v) == value_bits(NOT_IMPLEMENTED); }

// Left, then right, or the other way round: NOT_IMPLEMENTED where neither applies.
static Value binary_by_slots(Thread *t, ValueRef a, ValueRef b, uint16_t offset) {
    Type *ta = value_type(a), *tb = value_type(b);
    BinaryFn fa = binary_fn(ta, offset), fb = tb != ta ? binary_fn(tb, offset) : NULL;
    if (fb == fa) fb = NULL;
    if (fa) {
        if (fb && type_is_subtype(tb, ta)) {
            Value r = fb(t, a, b);
            if (!declined(r)) return r;
            fb = NULL;
        }
        Value r = fa(t, a, b);
        if (!declined(r)) return r;
    }
    return fb ? fb(t, a, b) : NOT_IMPLEMENTED;
}

// sequence * count, where `count` must be an index.
static Value repeat_sequence(Thread *t, BinaryFn repeat, ValueRef sequence, ValueRef count) {
    if (value_is_int(count)) return repeat(t, sequence, count);
    if (!value_type(count)->ops.index) return raise(t, TYPE_ERROR, "can't multiply sequence by non-int of type '%T'", count);
    Value n = object_index(t, count);
    if (!value_bits(n)) return UNDEF;
    int64_t small;
    Value r = UNDEF;
    if (int_as_int64(n, &small) < 0)
        raise(t, OVERFLOW_ERROR, "cannot fit '%T' into an index-sized integer", count);
    else
        r = repeat(t, sequence, n);
    value_release(t, n);
    return r;
}

static inline Value fast_small(enum BinaryOp op, ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) {
        int64_t x = value_get_int(a), y = value_get_int(b), r;
        switch (op) {
        case BIN_ADD: r = x + y; break; // 62 bits each: no overflow of 64
        case BIN_SUB: r = x - y; break;
        case BIN_MUL:
            if (__builtin_mul_overflow(x, y, &r)) return UNDEF;
            break;
        case BIN_AND: r = x & y; break;
        case BIN_OR: r = x | y; break;
        case BIN_XOR: r = x ^ y; break;
        default: return UNDEF;
        }
        return int_fits_small(r) ? value_int(r) : UNDEF;
    }
    if (value_is_float(a) && value_is_float(b)) {
        double x = value_get_float(a), y = value_get_float(b);
        switch (op) {
        case BIN_ADD: return value_try_float(x + y);
        case BIN_SUB: return value_try_float(x - y);
        case BIN_MUL: return value_try_float(x * y);
        case BIN_DIV: return y != 0 ? value_try_float(x / y) : UNDEF;
        default: return UNDEF;
        }
    }
    return UNDEF;
}

static Value binary_slow(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b) {
    if (op == BIN_POW) return object_power(t, a, b, NONE);
    const BinaryRow *row = &binary_rows[op];
    Value r = binary_by_slots(t, a, b, row->slot);
    if (!declined(r)) return r;
    if (op == BIN_ADD) {
        BinaryFn concat = value_type(a)->ops.concat;
        if (concat) return concat(t, a, b);
    } else if (op == BIN_MUL) {
        BinaryFn left = value_type(a)->ops.repeat, right = value_type(b)->ops.repeat;
        if (left) return repeat_sequence(t, left, a, b);
        if (right) return repeat_sequence(t, right, b, a);
    }
    return fail_operands(t, a, b, row->text);
}

Value object_binary(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b) {
    Value fast = fast_small(op, a, b);
    return value_bits(fast) ? fast : binary_slow(t, op, a, b);
}

// ---- power

// The three-way search for a slot: base, exponent, modulus.
static Value power_by_slots(Thread *t, ValueRef a, ValueRef b, ValueRef m) {
    Type *ta = value_type(a), *tb = value_type(b), *tm = value_type(m);
    TernaryFn fa = ta->ops.power, fb = tb != ta ? tb->ops.power : NULL, fm = tm->ops.power;
    if (fb == fa) fb = NULL;
    if (fa) {
        if (fb && type_is_subtype(tb, ta)) {
            Value r = fb(t, a, b, m);
            if (!declined(r)) return r;
            fb = NULL;
        }
        Value r = fa(t, a, b, m);
        if (!declined(r)) return r;
    }
    if (fb) {
        Value r = fb(t, a, b, m);
        if (!declined(r)) return r;
    }
    if (fm && fm != fa && fm != tb->ops.power) return fm(t, a, b, m);
    return NOT_IMPLEMENTED;
}

Value object_power(Thread *t, ValueRef a, ValueRef b, ValueRef modulus) {
    Value r = power_by_slots(t, a, b, modulus);
    if (!declined(r)) return r;
    if (value_bits(modulus) == value_bits(NONE)) return fail_operands(t, a, b, binary_rows[BIN_POW].text);
    return raise(t, TYPE_ERROR, "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a, b, modulus);
}

Value object_divmod(Thread *t, ValueRef a, ValueRef b) {
    Value r = binary_by_slots(t, a, b, offsetof(TypeOps, divmod));
    return declined(r) ? fail_operands(t, a, b, "divmod()") : r;
}

// ---- in place

Value object_inplace(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b) {
    Value fast = fast_small(op, a, b);
    if (value_bits(fast)) return fast;
    Type *ta = value_type(a);
    const BinaryRow *row = &binary_rows[op];
    BinaryFn inplace = op == BIN_POW ? ta->ops.inplace_power : binary_fn(ta, row->inplace_slot);
    if (inplace) {
        Value r = inplace(t, a, b);
        if (!declined(r)) return r;
    }
    Value r = op == BIN_POW ? power_by_slots(t, a, b, NONE) : binary_by_slots(t, a, b, row->slot);
    if (!declined(r)) return r;
    if (op == BIN_ADD) {
        BinaryFn concat = ta->ops.inplace_concat ? ta->ops.inplace_concat : ta->ops.concat;
        if (concat) return concat(t, a, b);
    } else if (op == BIN_MUL) {
        BinaryFn left = ta->ops.inplace_repeat ? ta->ops.inplace_repeat : ta->ops.repeat, right = value_type(b)->ops.repeat;
        if (left) return repeat_sequence(t, left, a, b);
        if (right) return repeat_sequence(t, right, b, a); // the right operand is not changed
    }
    return fail_operands(t, a, b, row->inplace_text);
}

// ---- unary

Value object_negative(Thread *t, ValueRef o) {
    if (value_is_int(o) && value_get_int(o) != SMALL_INT_MIN) return value_int(-value_get_int(o));
    if (value_is_float(o)) {
        Value r = value_try_float(-value_get_float(o));
        if (value_bits(r)) return r;
    }
    UnaryFn f = value_type(o)->ops.negative;
    return f ? f(t, o) : raise(t, TYPE_ERROR, "bad operand type for unary -: '%T'", o);
}

Value object_positive(Thread *t, ValueRef o) {
    if (value_is_int(o) || value_is_float(o)) return value_assume_owned(o); // immediate: nothing is counted
    UnaryFn f = value_type(o)->ops.positive;
    return f ? f(t, o) : raise(t, TYPE_ERROR, "bad operand type for unary +: '%T'", o);
}

Value object_absolute(Thread *t, ValueRef o) {
    if (value_is_int(o) && value_get_int(o) >= 0) return value_assume_owned(o); // immediate: nothing is counted
    UnaryFn f = value_type(o)->ops.absolute;
    return f ? f(t, o) : raise(t, TYPE_ERROR, "bad operand type for abs(): '%T'", o);
}

Value object_invert(Thread *t, ValueRef o) {
    if (value_is_int(o)) return value_int(~value_get_int(o));
    UnaryFn f = value_type(o)->ops.invert;
    return f ? f(t, o) : raise(t, TYPE_ERROR, "bad operand type for unary ~: '%T'", o);
}

// ---- conversions

static inline bool is_exact_int(ValueRef v) { return value_is_int(v) || value_is(v, INT); }

// `made` (owned or UNDEF) by `method` of `o`, as an exact int. A strict subclass of int is let through with a warning.
static Value checked_int(Thread *t, Value made, const char *method) {
    if (!value_bits(made) || is_exact_int(made)) return made;
    if (!value_is_any_int(made)) {
        raise(t, TYPE_ERROR, "%s returned non-int (type %T)", method, made);
        value_release(t, made);
        return UNDEF;
    }
    Value exact = UNDEF;
    if (warn(t, E_DEPRECATION_WARNING, 1,
             "%s returned non-int (type %T).  The ability to return an instance of a strict subclass of int is deprecated, and may not be "
             "supported in a future version of Python.",
             method, made) == 0)
        exact = int_exact(t, made);
    value_release(t, made);
    return exact;
}

Value object_index(Thread *t, ValueRef o) {
    if (value_is_int(o)) return value_assume_owned(o); // immediate: nothing is counted
    if (value_is(o, INT)) return value_dup(t, o);
    if (value_is_any_int(o)) return int_exact(t, o);
    UnaryFn f = value_type(o)->ops.index;
    if (!f) return raise(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", o);
    return checked_int(t, f(t, o), "__index__");
}

Value object_int(Thread *t, ValueRef o) {
    if (value_is_int(o)) return value_assume_owned(o); // immediate: nothing is counted
    if (value_is(o, INT)) return value_dup(t, o);
    const TypeOps *ops = &value_type(o)->ops;
    if (ops->to_int) return checked_int(t, ops->to_int(t, o), "__int__");
    if (ops->index) return checked_int(t, ops->index(t, o), "__index__");
    return raise(t, TYPE_ERROR, "int() argument must be a string, a bytes-like object or a real number, not '%T'", o);
}

Value object_float(Thread *t, ValueRef o) {
    if (value_is_float(o)) return value_assume_owned(o); // immediate: nothing is counted
    if (value_is(o, FLOAT)) return value_dup(t, o);
    const TypeOps *ops = &value_type(o)->ops;
    if (ops->to_float) {
        Value f = ops->to_float(t, o);
        if (!value_bits(f) || value_is_float(f) || value_is(f, FLOAT)) return f;
        if (!value_is_any_float(f)) {
            raise(t, TYPE_ERROR, "%T.__float__ returned non-float (type %T)", o, f);
            value_release(t, f);
            return UNDEF;
        }
        Value exact = UNDEF;
        if (warn(t, E_DEPRECATION_WARNING, 1,
                 "%T.__float__ returned non-float (type %T).  The ability to return an instance of a strict subclass of float is deprecated, and may "
                 "not be supported in a future version of Python.",
                 o, f) == 0)
            exact = float_new(t, float_value(f));
        value_release(t, f);
        return exact;
    }
    if (ops->index) {
        Value n = object_index(t, o);
        if (!value_bits(n)) return UNDEF;
        double d = int_as_double(t, n);
        value_release(t, n);
        if (d == -1.0 && error_pending(t)) return UNDEF;
        return float_new(t, d);
    }
    if (value_is_any_float(o)) return float_new(t, float_value(o));
    return raise(t, TYPE_ERROR, "float() argument must be a string or a real number, not '%T'", o);
}
