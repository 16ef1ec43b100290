// The type int: its slots, methods and constructor.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/number.h"
#include "runtime/type.h"

static bool are_ints(ValueRef a, ValueRef b) { return values_are_ints(a, b) || (value_is_any_int(a) && value_is_any_int(b)); }

#define BINARY(name, op) \
    static Value name(Thread *t, ValueRef a, ValueRef b) { return are_ints(a, b) ? int_binary(t, op, a, b) : NOT_IMPLEMENTED; }
BINARY(slot_add, BIN_ADD)
BINARY(slot_subtract, BIN_SUB)
BINARY(slot_multiply, BIN_MUL)
BINARY(slot_remainder, BIN_MOD)
BINARY(slot_floor_divide, BIN_FLOORDIV)
BINARY(slot_true_divide, BIN_DIV)
BINARY(slot_lshift, BIN_LSHIFT)
BINARY(slot_rshift, BIN_RSHIFT)
BINARY(slot_and, BIN_AND)
BINARY(slot_or, BIN_OR)
BINARY(slot_xor, BIN_XOR)
#undef BINARY

static Value slot_divmod(Thread *t, ValueRef a, ValueRef b) { return are_ints(a, b) ? int_divmod(t, a, b) : NOT_IMPLEMENTED; }

static Value slot_power(Thread *t, ValueRef a, ValueRef b, ValueRef c) {
    if (!are_ints(a, b) || (value_bits(c) != value_bits(NONE) && !value_is_any_int(c))) return NOT_IMPLEMENTED;
    return int_power(t, a, b, c);
}

static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!are_ints(a, b)) return NOT_IMPLEMENTED;
    int order = int_compare(a, b);
    switch (op) {
        case CMP_LT: return value_bool(order < 0);
        case CMP_LE: return value_bool(order <= 0);
        case CMP_EQ: return value_bool(order == 0);
        case CMP_NE: return value_bool(order != 0);
        case CMP_GT: return value_bool(order > 0);
        default: return value_bool(order >= 0);
    }
}

static int64_t slot_hash(Thread *t, ValueRef self) { return int_hash(self); }
static int slot_boolean(Thread *t, ValueRef self) { return int_sign(self) != 0; }
static Value slot_negative(Thread *t, ValueRef self) { return int_negate(t, self); }
static Value slot_invert(Thread *t, ValueRef self) { return int_invert(t, self); }
static Value slot_absolute(Thread *t, ValueRef self) { return int_sign(self) < 0 ? int_negate(t, self) : int_exact(t, self); }
static Value slot_to_float(Thread *t, ValueRef self) {
    double d = int_as_double(t, self);
    return d == -1 && error_pending(t) ? UNDEF : float_new(t, d);
}

// --- constructor --------------------------------------------------------------------------------------------------

Value int_from_object(Thread *t, ValueRef o) {
    if (value_is_int(o)) return value_assume_owned(o);
    if (value_is_float(o)) return int_from_double(t, value_get_float(o));
    Type *of = value_type(o);
    if (of->ops.to_int || of->ops.index || (!value_is_any_str(o) && !value_has_buffer(o))) return object_int(t, o);
    NumberText text;
    if (number_text(t, o, &text) < 0) return UNDEF;
    Value result = int_from_number_text(t, text.data, text.n, 10, o);
    number_text_free(&text);
    return result;
}

static Value make(Thread *t, Type *type, Value v_steal) {
    if (type == TYPE_OF(INT) || value_bits(v_steal) == 0) return v_steal;
    uint64_t limb;
    Value result = int_of_subclass(t, type, int_big(v_steal, &limb));
    value_release(t, v_steal);
    return result;
}

static Value int_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[2];
    if (nargs == 1 && !kwnames && (Type *)value_object(type) == TYPE_OF(INT)) return int_from_object(t, args[0]);
    if (!kwnames && args_count(t, "int", nargs, 0, 2) < 0) return UNDEF;
    if (args_bind(t, "int", "(x=0, /, base=10)", args, nargs, kwnames, arg) < 0) return UNDEF;
    Type *class = (Type *)value_object(type);
    if (value_bits(arg[1]) == 0) return make(t, class, value_bits(arg[0]) ? int_from_object(t, arg[0]) : value_int(0));
    if (value_bits(arg[0]) == 0) return raise(t, TYPE_ERROR, "int() missing string argument");
    int64_t base;
    if (arg_index_clipped(t, arg[1], &base) < 0) return UNDEF;
    if ((base != 0 && base < 2) || base > 36) return raise(t, VALUE_ERROR, "int() base must be >= 2 and <= 36, or 0");
    if (!value_is_any_str(arg[0]) && !value_is_any_bytes(arg[0]) && !value_is_instance(arg[0], TYPE_OF(BYTEARRAY)))
        return raise(t, TYPE_ERROR, "int() can't convert non-string with explicit base");
    NumberText text;
    if (number_text(t, arg[0], &text) < 0) return UNDEF;
    Value result = int_from_number_text(t, text.data, text.n, (int)base, arg[0]);
    number_text_free(&text);
    return make(t, class, result);
}

// --- methods ------------------------------------------------------------------------------------------------------

static Value exact_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return int_exact(t, self); }

static Value bit_length(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint64_t limb;
    return int_from_uint64(t, bigint_bit_length(int_big(self, &limb)));
}

static Value bit_count(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint64_t limb;
    return int_from_uint64(t, bigint_bit_count(int_big(self, &limb)));
}

// "little" or "big", by the str `order` (UNDEF: big). 1 little, 0 big, -1.
static int byte_order(Thread *t, const char *method, ValueRef order) {
    if (value_bits(order) == 0) return 0;
    if (!value_is_any_str(order)) return raise_int(t, TYPE_ERROR, "%s() argument 'byteorder' must be str, not %K", method, order);
    if (str_equal_text(value_str(order), "little")) return 1;
    if (str_equal_text(value_str(order), "big")) return 0;
    return raise_int(t, VALUE_ERROR, "byteorder must be either 'little' or 'big'");
}

static Value to_bytes(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int64_t length = 1;
    bool is_signed = false;
    if (value_bits(args[0])) {
        Value index = object_index(t, args[0]);
        if (value_bits(index) == 0) return UNDEF;
        int fits = int_as_int64(index, &length);
        value_release(t, index);
        if (fits < 0) return raise(t, OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    }
    int little = byte_order(t, "to_bytes", args[1]);
    if (little < 0 || (value_bits(args[2]) && arg_bool(t, args[2], &is_signed) < 0)) return UNDEF;
    if (length < 0) return raise(t, VALUE_ERROR, "length argument must be non-negative");
    uint64_t limb;
    Big a = int_big(self, &limb);
    if (a.negative && !is_signed) return raise(t, OVERFLOW_ERROR, "can't convert negative int to unsigned");
    Bytes *b = bytes_alloc(t, (size_t)length);
    if (!b) return UNDEF;
    if (!bigint_to_bytes(a, b->data, (size_t)length, little, is_signed)) {
        object_release(t, b);
        return raise(t, OVERFLOW_ERROR, "int too big to convert");
    }
    return value_of(b);
}

static Value from_bytes(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    bool is_signed = false;
    int little = byte_order(t, "from_bytes", args[1]);
    if (little < 0 || (value_bits(args[2]) && arg_bool(t, args[2], &is_signed) < 0)) return UNDEF;
    Value bytes = value_is(args[0], BYTES) ? value_dup(t, args[0]) : bytes_from_object(t, args[0]);
    if (value_bits(bytes) == 0) return UNDEF;
    Value n = int_from_bytes(t, value_bytes(bytes)->data, value_bytes(bytes)->length, little, is_signed);
    value_release(t, bytes);
    if (value_bits(n) == 0 || (Type *)value_object(type) == TYPE_OF(INT)) return n;
    Value result = call_1(t, type, n);
    value_release(t, n);
    return result;
}

static Value as_integer_ratio(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value n = int_exact(t, self);
    return value_bits(n) ? tuple_pair(t, n, value_int(1)) : UNDEF;
}

static Value round_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return int_round(t, self, args[0]); }

static Value getnewargs(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value n = int_exact(t, self);
    return value_bits(n) ? tuple_from_values(t, &n, 1) : UNDEF;
}

static Value format_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__format__() argument must be str, not %K", args[0]);
    return int_format(t, self, args[0]);
}

static Value sizeof_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return value_int(value_is_object(self) ? (int64_t)int_bytes(value_object(self)) : (int64_t)sizeof(Value));
}

static Value is_integer(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return TRUE_VALUE; }

static Value get_zero(Thread *t, ValueRef self) { return value_int(0); }
static Value get_one(Thread *t, ValueRef self) { return value_int(1); }

static const NativeDef methods[] = {
    {"conjugate", exact_method, "($self, /)", "The number itself, which has no imaginary part.", 0},
    {"bit_length", bit_length, "($self, /)", "How many bits its magnitude takes; 0 for zero.\n\n>>> (255).bit_length()\n8", 0},
    {"bit_count", bit_count, "($self, /)", "How many bits of its magnitude are ones.\n\n>>> (-11).bit_count()\n3", 0},
    {"to_bytes", to_bytes, "($self, /, length=1, byteorder='big', *, signed=False)", "Its bytes, in two's complement where signed.", 0},
    {"from_bytes", from_bytes, "($type, /, bytes, byteorder='big', *, signed=False)", "The number that these bytes stand for.", NATIVE_CLASS},
    {"as_integer_ratio", as_integer_ratio, "($self, /)", "The pair (self, 1).\n\n>>> (-7).as_integer_ratio()\n(-7, 1)", 0},
    {"__trunc__", exact_method, "($self, /)", NULL, 0},
    {"__floor__", exact_method, "($self, /)", NULL, 0},
    {"__ceil__", exact_method, "($self, /)", NULL, 0},
    {"__round__", round_method, "($self, ndigits=None, /)", "Rounds to a multiple of 10**-ndigits, half to even.", 0},
    {"__getnewargs__", getnewargs, "($self, /)", NULL, 0},
    {"__format__", format_method, "($self, format_spec, /)", NULL, 0},
    {"__sizeof__", sizeof_method, "($self, /)", "Bytes of memory that it takes.", 0},
    {"is_integer", is_integer, "($self, /)", "True, for every int.", 0},
    NATIVE_END};

static const GetSetDef getset[] = {
    {"real", int_exact, NULL, "the number itself"},
    {"imag", get_zero, NULL, "zero"},
    {"numerator", int_exact, NULL, "the number itself, as a fraction's upper part"},
    {"denominator", get_one, NULL, "one"},
    GETSET_END};

const TypeSpec int_spec = {
    .name = "int",
    .doc = "int([x]) -> integer\nint(x, base=10) -> integer\n\nA whole number: zero, the value of a number cut to a whole one, or what a text says in "
           "a base of 2 to 36 (0: as a literal says).\n\n>>> int('0x1f', 0)\n31",
    .size = sizeof(BigInt),
    .item_size = sizeof(uint64_t),
    .flags = TYPE_BASE | TYPE_LEAF | TYPE_VARSIZED | TYPE_IS_INT | TYPE_MATCH_SELF,
    .ops = {.repr = int_repr, .hash = slot_hash, .compare = slot_compare, .new = int_new, .add = slot_add, .subtract = slot_subtract,
        .multiply = slot_multiply, .remainder = slot_remainder, .divmod = slot_divmod, .lshift = slot_lshift, .rshift = slot_rshift,
        .and_ = slot_and, .xor_ = slot_xor, .or_ = slot_or, .floor_divide = slot_floor_divide, .true_divide = slot_true_divide,
        .power = slot_power, .negative = slot_negative, .positive = int_exact, .absolute = slot_absolute, .invert = slot_invert,
        .boolean = slot_boolean, .to_int = int_exact, .to_float = slot_to_float, .index = int_exact},
    .methods = methods,
    .getset = getset,
    .bytes = int_bytes,
};
