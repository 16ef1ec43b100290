// bool: the two constants in the word. Everything but the logic operators, repr and making one comes from int.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/number.h"

static Value bool_repr(Thread *t, ValueRef self) {
    return value_bits(self) == value_bits(TRUE_VALUE) ? str_from_ascii(t, "True", 4) : str_from_ascii(t, "False", 5);
}

#define LOGIC(name, op, c_op)                                                                                    \
    static Value name(Thread *t, ValueRef a, ValueRef b) {                                                       \
        if (value_is_bool(a) && value_is_bool(b))                                                                \
            return value_bool((value_bits(a) == value_bits(TRUE_VALUE)) c_op (value_bits(b) == value_bits(TRUE_VALUE))); \
        return value_is_any_int(a) && value_is_any_int(b) ? int_binary(t, op, a, b) : NOT_IMPLEMENTED;           \
    }
LOGIC(bool_and, BIN_AND, &)
LOGIC(bool_or, BIN_OR, |)
LOGIC(bool_xor, BIN_XOR, ^)
#undef LOGIC

static Value bool_invert(Thread *t, ValueRef self) {
    if (warn(t, E_DEPRECATION_WARNING, 1,
            "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the "
            "underlying int object and is usually not what you expect from the negation of a bool object. Use the 'not' operator for boolean "
            "negation or ~int(x) for the bitwise inversion of the underlying int.") < 0)
        return UNDEF;
    return int_invert(t, self);
}

static Value bool_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "bool", kwnames) < 0 || args_count(t, "bool", nargs, 0, 1) < 0) return UNDEF;
    if (nargs == 0) return FALSE_VALUE;
    int truth = object_is_true(t, args[0]);
    return truth < 0 ? UNDEF : value_bool(truth);
}

const TypeSpec bool_spec = {
    .name = "bool",
    .doc = "bool(object=False, /)\n\nThe truth of an object: True or False, the only two instances.",
    .new_signature = "(object=False, /)",
    .size = sizeof(BigInt),
    .item_size = sizeof(uint64_t),
    .flags = TYPE_LEAF | TYPE_VARSIZED | TYPE_IS_INT | TYPE_MATCH_SELF,
    .base = T_INT,
    .ops = {.repr = bool_repr, .new = bool_new, .and_ = bool_and, .or_ = bool_or, .xor_ = bool_xor, .invert = bool_invert},
    .bytes = int_bytes,
};
