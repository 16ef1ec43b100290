// float: arithmetic, conversions, methods. Most floats are in the word (value.h).
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/number.h"
#include "runtime/support/dtoa.h"
#include "runtime/support/hash.h"
#include "runtime/support/unicode.h"
#include "runtime/type.h"

Value float_new(Thread *t, double d) {
    Value v = value_try_float(d);
    if (LIKELY(value_bits(v))) return v;
    Float *f = leaf_new(t, SHAPE_FLOAT, sizeof(Float));
    if (UNLIKELY(!f)) return UNDEF;
    f->value = d;
    return value_of(f);
}

Value float_repr(Thread *t, double d) {
    char text[DTOA_REPR_MAX];
    return str_from_ascii(t, text, dtoa_repr(d, text));
}

int64_t float_hash(double d) { return isnan(d) ? 0 : hash_double(d); }

// What arithmetic takes: 1 and *out, 0 where `v` is no float or int, -1 where an int is too large.
static int operand(Thread *t, ValueRef v, double *out) {
    if (value_is_any_float(v)) {
        *out = float_value(v);
        return 1;
    }
    if (!value_is_any_int(v)) return 0;
    *out = int_as_double(t, v);
    return *out == -1 && error_pending(t) ? -1 : 1;
}

#define OPERANDS(x, y)                                                    \
    double x, y;                                                          \
    int got_ = operand(t, a, &x);                                         \
    if (got_ > 0) got_ = operand(t, b, &y);                               \
    if (got_ <= 0) return got_ < 0 ? UNDEF : NOT_IMPLEMENTED

static Value slot_add(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return float_new(t, x + y);
}
static Value slot_subtract(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return float_new(t, x - y);
}
static Value slot_multiply(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return float_new(t, x * y);
}

static Value divided_by_zero(Thread *t) { return raise(t, ZERO_DIVISION_ERROR, "division by zero"); }

static Value slot_true_divide(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return y == 0 ? divided_by_zero(t) : float_new(t, x / y);
}

// The remainder has the divisor's sign; the quotient is that of the exact division rounded down.
static double remainder_of(double x, double y) {
    double r = fmod(x, y);
    if (r == 0) return copysign(0, y);
    return (r < 0) != (y < 0) ? r + y : r;
}

static double floor_quotient(double x, double y) {
    double r = fmod(x, y), q = (x - r) / y;
    if (r != 0 && (r < 0) != (y < 0)) q -= 1;
    if (q == 0) return copysign(0, x / y);
    double down = floor(q);
    return q - down > 0.5 ? down + 1 : down;
}

static Value slot_remainder(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return y == 0 ? divided_by_zero(t) : float_new(t, remainder_of(x, y));
}
static Value slot_floor_divide(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    return y == 0 ? divided_by_zero(t) : float_new(t, floor_quotient(x, y));
}
static Value slot_divmod(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    if (y == 0) return divided_by_zero(t);
    Value q = float_new(t, floor_quotient(x, y));
    if (value_bits(q) == 0) return UNDEF;
    Value r = float_new(t, remainder_of(x, y));
    if (value_bits(r) == 0) {
        value_release(t, q);
        return UNDEF;
    }
    return tuple_pair(t, q, r);
}

static Value out_of_range(Thread *t) {
    Value text = str_from_text(t, "Numerical result out of range");
    if (value_bits(text) == 0) return UNDEF;
    Value e = call_2(t, value_of(EXCEPTION(OVERFLOW_ERROR)), value_int(34), text); // 34: ERANGE
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

// C99's pow, with Python's exceptions where it would signal.
Value float_power_in_word(double x, double y) {
    if (x == 0 || (x < 0 && y != floor(y))) return UNDEF;
    double r = pow(x, y);
    return isfinite(r) ? value_try_float(r) : UNDEF;
}

Value float_power(Thread *t, double x, double y) {
    if (y == 0) return float_new(t, 1);
    if (isnan(x)) return float_new(t, x);
    if (isnan(y)) return float_new(t, x == 1 ? 1 : y);
    if (x == 0 && y < 0 && isfinite(y)) return raise(t, ZERO_DIVISION_ERROR, "zero to a negative power");
    if (isfinite(x) && isfinite(y)) {
        if (x < 0 && y != floor(y)) return complex_power(t, x, 0, y, 0);
        double r = pow(x, y);
        return isinf(r) ? out_of_range(t) : float_new(t, r);
    }
    return float_new(t, pow(x, y));
}

static Value slot_power(Thread *t, ValueRef a, ValueRef b, ValueRef c) {
    if (value_bits(c) != value_bits(NONE))
        return raise(t, TYPE_ERROR, "pow() 3rd argument not allowed unless all arguments are integers");
    OPERANDS(x, y);
    return float_power(t, x, y);
}

static Value slot_negative(Thread *t, ValueRef self) { return float_new(t, -float_value(self)); }
static Value slot_absolute(Thread *t, ValueRef self) { return float_new(t, fabs(float_value(self))); }
static int slot_boolean(Thread *t, ValueRef self) { return float_value(self) != 0; }
static Value slot_to_int(Thread *t, ValueRef self) { return int_from_double(t, float_value(self)); }
static Value slot_repr(Thread *t, ValueRef self) { return float_repr(t, float_value(self)); }

static Value exact_self(Thread *t, ValueRef self) {
    if (value_is_float(self)) return value_assume_owned(self);
    return value_is(self, FLOAT) ? value_dup(t, self) : float_new(t, float_value(self));
}

static int64_t slot_hash(Thread *t, ValueRef self) {
    double d = float_value(self);
    return isnan(d) ? hash_pointer(value_object(self)) : hash_double(d);
}

static Value truth_of_order(int op, int order) {
    switch (op) {
        case CMP_LT: return value_bool(order < 0);
        case CMP_LE: return value_bool(order <= 0);
        case CMP_EQ: return value_bool(order == 0);
        case CMP_NE: return value_bool(order != 0);
        case CMP_GT: return value_bool(order > 0);
        default: return value_bool(order >= 0);
    }
}

// An int and a float are compared exactly.
static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    double x = float_value(a);
    if (value_is_any_float(b)) {
        double y = float_value(b);
        switch (op) {
            case CMP_LT: return value_bool(x < y);
            case CMP_LE: return value_bool(x <= y);
            case CMP_EQ: return value_bool(x == y);
            case CMP_NE: return value_bool(x != y);
            case CMP_GT: return value_bool(x > y);
            default: return value_bool(x >= y);
        }
    }
    if (!value_is_any_int(b)) return NOT_IMPLEMENTED;
    if (isnan(x)) return value_bool(op == CMP_NE);
    if (isinf(x)) return truth_of_order(op, x > 0 ? 1 : -1);
    uint64_t limb;
    return truth_of_order(op, -bigint_compare_double(int_big(b, &limb), x));
}

// --- constructor --------------------------------------------------------------------------------------------------

Value float_from_str(Thread *t, ValueRef o) {
    NumberText text;
    int got = number_text(t, o, &text);
    if (got < 0) return UNDEF;
    if (got == 0) return raise(t, TYPE_ERROR, "float() argument must be a string or a real number, not '%T'", o);
    const char *start;
    size_t n;
    double d;
    number_text_strip(&text, &start, &n);
    char *digits = text.data + (start - text.data);
    digits[n] = 0;
    bool good = memchr(digits, '_', n) ? number_remove_underscores(digits, &n) && dtoa_parse(digits, n, &d) : dtoa_parse(digits, n, &d);
    number_text_free(&text);
    return good ? float_new(t, d) : raise(t, VALUE_ERROR, "could not convert string to float: %R", o);
}

static Value make(Thread *t, Type *type, Value v_steal) {
    if (type == TYPE_OF(FLOAT) || value_bits(v_steal) == 0) return v_steal;
    Float *f = object_new(t, type);
    if (f) f->value = float_value(v_steal);
    value_release(t, v_steal);
    return f ? value_of(f) : UNDEF;
}

static Value float_dunder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *class = (Type *)value_object(type);
    if (class->ops.init == TYPE_OF(FLOAT)->ops.init && args_no_keywords(t, "float", kwnames) < 0) return UNDEF;
    if (args_count(t, "float", nargs, 0, 1) < 0) return UNDEF;
    if (nargs == 0) return make(t, class, float_new(t, 0));
    ValueRef o = args[0];
    Type *of = value_type(o);
    bool text = value_is(o, STR) || (!value_is_any_float(o) && !of->ops.to_float && !of->ops.index && (value_is_any_str(o) || value_has_buffer(o)));
    return make(t, class, text ? float_from_str(t, o) : object_float(t, o));
}

// --- methods ------------------------------------------------------------------------------------------------------

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

METHOD(trunc_method) { return int_from_double(t, float_value(self)); }
METHOD(floor_method) { return int_from_double(t, floor(float_value(self))); }
METHOD(ceil_method) { return int_from_double(t, ceil(float_value(self))); }
METHOD(conjugate) { return exact_self(t, self); }
METHOD(is_integer) {
    double d = float_value(self);
    return value_bool(isfinite(d) && floor(d) == d);
}

METHOD(round_method) {
    double d = float_value(self);
    if (value_bits(args[0]) == 0 || value_bits(args[0]) == value_bits(NONE)) return int_from_double(t, isfinite(d) ? rint(d) : d);
    int64_t digits;
    Value index = object_index(t, args[0]);
    if (value_bits(index) == 0) return UNDEF;
    int sign = int_sign(index);
    if (int_as_int64(index, &digits) < 0) digits = sign < 0 ? INT32_MIN : INT32_MAX;
    value_release(t, index);
    if (!isfinite(d)) return float_new(t, d);
    if (digits > INT32_MAX) digits = INT32_MAX;
    if (digits < INT32_MIN) digits = INT32_MIN;
    double r = dtoa_round(d, (int)digits);
    return isinf(r) ? raise(t, OVERFLOW_ERROR, "rounded value too large to represent") : float_new(t, r);
}

METHOD(as_integer_ratio) {
    double d = float_value(self);
    if (isinf(d)) return raise(t, OVERFLOW_ERROR, "cannot convert Infinity to integer ratio");
    if (isnan(d)) return raise(t, VALUE_ERROR, "cannot convert NaN to integer ratio");
    int e;
    double fraction = frexp(d, &e);
    while (fraction != floor(fraction)) { // at most 53 steps
        fraction *= 2;
        e--;
    }
    Value numerator = int_from_double(t, fraction), denominator = value_int(1);
    Value power = int_binary(t, BIN_LSHIFT, value_int(1), value_int(e < 0 ? -e : e));
    if (value_bits(numerator) == 0 || value_bits(power) == 0) goto failed;
    if (e < 0) {
        denominator = power;
    } else {
        Value scaled = int_binary(t, BIN_MUL, numerator, power);
        value_release(t, power);
        value_release(t, numerator);
        numerator = scaled;
        if (value_bits(numerator) == 0) return UNDEF;
    }
    return tuple_pair(t, numerator, denominator);
failed:
    value_release(t, numerator);
    value_release(t, power);
    return UNDEF;
}

METHOD(hex_method) {
    char text[DTOA_HEX_MAX];
    return str_from_ascii(t, text, dtoa_hex(float_value(self), text));
}

static Value of_class(Thread *t, ValueRef type, double d) {
    Value v = float_new(t, d);
    if (value_bits(v) == 0 || (Type *)value_object(type) == TYPE_OF(FLOAT)) return v;
    Value result = call_1(t, type, v);
    value_release(t, v);
    return result;
}

METHOD(fromhex) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "fromhex() argument must be str, not %K", args[0]);
    size_t n;
    char *allocated;
    const char *s = str_utf8(t, value_str(args[0]), &n, &allocated);
    if (!s) return UNDEF;
    while (n && (*s == ' ' || (*s >= '\t' && *s <= '\r'))) s++, n--;
    while (n && (s[n - 1] == ' ' || (s[n - 1] >= '\t' && s[n - 1] <= '\r'))) n--;
    double d;
    bool overflow;
    const char *why = dtoa_from_hex(s, n, &d, &overflow);
    free(allocated);
    if (!why) return of_class(t, self, d);
    return overflow ? raise(t, OVERFLOW_ERROR, "%s", why) : raise(t, VALUE_ERROR, "%s", why);
}

METHOD(from_number) {
    double d;
    if (value_is(args[0], FLOAT) && (Type *)value_object(self) == TYPE_OF(FLOAT)) return value_dup(t, args[0]);
    return arg_double(t, args[0], &d) < 0 ? UNDEF : of_class(t, self, d);
}

METHOD(getnewargs) {
    Value v = exact_self(t, self);
    return value_bits(v) ? tuple_from_values(t, &v, 1) : UNDEF;
}

METHOD(getformat) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__getformat__() argument must be str, not %K", args[0]);
    if (!str_equal_text(value_str(args[0]), "double") && !str_equal_text(value_str(args[0]), "float"))
        return raise(t, VALUE_ERROR, "__getformat__() argument 1 must be 'double' or 'float'");
    return str_from_text(t, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "IEEE, little-endian" : "IEEE, big-endian");
}

METHOD(format_method) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__format__() argument must be str, not %K", args[0]);
    if (str_length(value_str(args[0])) == 0) return object_str(t, self);
    return float_format(t, self, float_value(self), args[0]);
}

static Value get_zero(Thread *t, ValueRef self) { return float_new(t, 0); }

static const NativeDef methods[] = {
    {"from_number", from_number, "($type, number, /)", "A float of the same value as a real number.", NATIVE_CLASS},
    {"conjugate", conjugate, "($self, /)", "The number itself, which has no imaginary part.", 0},
    {"__trunc__", trunc_method, "($self, /)", NULL, 0},
    {"__floor__", floor_method, "($self, /)", NULL, 0},
    {"__ceil__", ceil_method, "($self, /)", NULL, 0},
    {"__round__", round_method, "($self, ndigits=None, /)", "Rounds half to even: to an int, or to so many decimal digits.", 0},
    {"as_integer_ratio", as_integer_ratio, "($self, /)", "Two ints in lowest terms whose quotient it is exactly.\n\n>>> (-2.25).as_integer_ratio()\n(-9, 4)", 0},
    {"fromhex", fromhex, "($type, string, /)", "The float that hexadecimal text stands for.\n\n>>> float.fromhex('0x1.8p3')\n12.0", NATIVE_CLASS},
    {"hex", hex_method, "($self, /)", "Its exact value in hexadecimal.\n\n>>> (12.0).hex()\n'0x1.8000000000000p+3'", 0},
    {"is_integer", is_integer, "($self, /)", "Whether it is a whole number.", 0},
    {"__getnewargs__", getnewargs, "($self, /)", NULL, 0},
    {"__getformat__", getformat, "($type, typestr, /)", "How the machine stores a C 'double' or 'float'.", NATIVE_CLASS},
    {"__format__", format_method, "($self, format_spec, /)", NULL, 0},
    NATIVE_END};

static const GetSetDef getset[] = {
    {"real", exact_self, NULL, "the number itself"},
    {"imag", get_zero, NULL, "zero"},
    GETSET_END};

const TypeSpec float_spec = {
    .name = "float",
    .doc = "A floating-point number: the value of a number, or what a text says.",
    .new_signature = "(x=0, /)",
    .size = sizeof(Float),
    .flags = TYPE_BASE | TYPE_LEAF | TYPE_IS_FLOAT | TYPE_MATCH_SELF,
    .ops = {.repr = slot_repr, .hash = slot_hash, .compare = slot_compare, .new = float_dunder_new, .add = slot_add, .subtract = slot_subtract,
        .multiply = slot_multiply, .remainder = slot_remainder, .divmod = slot_divmod, .floor_divide = slot_floor_divide,
        .true_divide = slot_true_divide, .power = slot_power, .negative = slot_negative, .positive = exact_self,
        .absolute = slot_absolute, .boolean = slot_boolean, .to_int = slot_to_int, .to_float = exact_self},
    .methods = methods,
    .getset = getset,
};
