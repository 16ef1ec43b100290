// Operations on any object: text, truth, hash, comparison, isinstance, id, dir (abstract.h).
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

// ---- text

// What `made` (owned, or UNDEF) is worth as the answer of `method`: a str, or TypeError.
static Value checked_str(Thread *t, Value made, const char *method) {
    if (LIKELY(!value_bits(made) || value_is_any_str(made))) return made;
    raise(t, TYPE_ERROR, "%s returned non-string (type %T)", method, made);
    value_release(t, made);
    return UNDEF;
}

Value object_repr(Thread *t, ValueRef o) {
    UnaryFn repr = value_type(o)->ops.repr;
    if (UNLIKELY(!repr)) return str_of_format(t, "<%T object at %p>", o, (void *)value_bits(o));
    if (native_stack_exhausted(t, " while getting the repr of an object")) return UNDEF;
    return checked_str(t, repr(t, o), "__repr__");
}

Value object_str(Thread *t, ValueRef o) {
    if (value_is(o, STR)) return value_dup(t, o);
    UnaryFn str = value_type(o)->ops.str;
    if (!str) return object_repr(t, o);
    if (native_stack_exhausted(t, " while getting the str of an object")) return UNDEF;
    return checked_str(t, str(t, o), "__str__");
}

Value object_ascii(Thread *t, ValueRef o) {
    Value repr = object_repr(t, o);
    if (!value_bits(repr) || str_is_ascii(value_str(repr))) return repr;
    static const char hex[] = "0123456789abcdef";
    Str *s = value_str(repr);
    StrBuilder b;
    str_builder_init(&b, t);
    for (size_t i = 0, n = str_length(s); i < n; i++) {
        uint32_t c = str_char(s, i);
        if (c < 128) {
            str_builder_char(&b, c);
            continue;
        }
        int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
        str_builder_char(&b, '\\');
        str_builder_char(&b, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        while (digits--) str_builder_char(&b, (uint32_t)hex[c >> (digits * 4) & 15]);
    }
    value_release(t, repr);
    return str_builder_finish(&b);
}

Value object_format(Thread *t, ValueRef o, ValueRef spec) {
    if (value_bits(spec) && !value_is_any_str(spec)) return raise(t, SYSTEM_ERROR, "Format specifier must be a string, not %T", spec);
    if (!value_bits(spec) || str_length(value_str(spec)) == 0) {
        if (value_is(o, STR)) return value_dup(t, o);
        if (value_is_int(o) || value_is_float(o)) return object_str(t, o);
        spec = NAME(empty);
    }
    Value result = call_special(t, o, NAME(__format__), &spec, 1);
    if (!value_bits(result)) {
        if (!error_pending(t)) raise(t, TYPE_ERROR, "Type %T doesn't define __format__", o);
        return UNDEF;
    }
    if (value_is_any_str(result)) return result;
    raise(t, TYPE_ERROR, "__format__ must return a str, not %T", result);
    value_release(t, result);
    return UNDEF;
}

Value object_bytes(Thread *t, ValueRef o) {
    if (value_is(o, BYTES)) return value_dup(t, o);
    Value result = call_special(t, o, NAME(__bytes__), NULL, 0);
    if (!value_bits(result)) return error_pending(t) ? UNDEF : bytes_from_object(t, o);
    if (value_is_any_bytes(result)) return result;
    raise(t, TYPE_ERROR, "__bytes__ returned non-bytes (type %T)", result);
    value_release(t, result);
    return UNDEF;
}

int repr_enter(Thread *t, ValueRef o) {
    if (!value_bits(t->repr_running)) {
        t->repr_running = list_new(t, 4);
        if (!value_bits(t->repr_running)) return -1;
    }
    List *running = value_list(t->repr_running);
    for (int64_t i = list_length(running); i-- > 0;)
        if (value_bits(slot_borrow(&running->items->item[i])) == value_bits(o)) return 1;
    return list_append(t, running, value_dup(t, o));
}

void repr_leave(Thread *t, ValueRef o) {
    Value pending = error_take(t);
    List *running = value_list(t->repr_running);
    for (int64_t i = list_length(running); i-- > 0;) {
        if (value_bits(slot_borrow(&running->items->item[i])) != value_bits(o)) continue;
        Value gone = list_pop(t, running, i);
        if (value_bits(gone))
            value_release(t, gone);
        else
            error_clear(t);
        break;
    }
    if (value_bits(pending)) error_restore(t, pending);
}

// ---- truth, hash, identity

int object_is_true(Thread *t, ValueRef o) {
    if (value_bits(o) == value_bits(TRUE_VALUE)) return 1;
    if (value_bits(o) == value_bits(FALSE_VALUE) || value_bits(o) == value_bits(NONE)) return 0;
    if (value_is_int(o)) return value_get_int(o) != 0;
    if (value_is_float(o)) return value_get_float(o) != 0;
    if (value_is(o, STR)) return str_length(value_str(o)) != 0;
    const TypeOps *ops = &value_type(o)->ops;
    if (ops->boolean) return ops->boolean(t, o);
    if (!ops->length) return 1;
    int64_t n = ops->length(t, o);
    return n < 0 ? -1 : n != 0;
}

int64_t pointer_hash(const void *p) {
    uint64_t bits = (uint64_t)(uintptr_t)p;
    int64_t hash = (int64_t)(bits >> 4 | bits << 60); // the low bits say nothing
    return hash == -1 ? -2 : hash;
}

int64_t object_hash_not_implemented(Thread *t, ValueRef o) { return raise_int(t, TYPE_ERROR, "unhashable type: '%T'", o); }

int64_t object_hash(Thread *t, ValueRef o) {
    if (value_is(o, STR)) return str_hash(value_str(o));
    if (value_is_int(o)) {
        int64_t n = value_get_int(o);
        const int64_t modulus = (INT64_C(1) << 61) - 1;
        if (LIKELY(n > -modulus && n < modulus)) return n == -1 ? -2 : n;
        return int_hash(o);
    }
    LenFn hash = value_type(o)->ops.hash;
    return hash ? hash(t, o) : object_hash_not_implemented(t, o);
}

Value object_id(Thread *t, ValueRef o) {
    // Objects are 8-aligned and below 2^48; what is no object has a low bit set or, as a float, is told apart by its tag.
    return int_from_uint64(t, value_bits(o));
}

// ---- comparison

static const uint8_t swapped_op[6] = {[CMP_LT] = CMP_GT, [CMP_LE] = CMP_GE, [CMP_EQ] = CMP_EQ, [CMP_NE] = CMP_NE, [CMP_GT] = CMP_LT, [CMP_GE] = CMP_LE};
static const char *const op_text[6] = {[CMP_LT] = "<", [CMP_LE] = "<=", [CMP_EQ] = "==", [CMP_NE] = "!=", [CMP_GT] = ">", [CMP_GE] = ">="};

static inline bool int_compare_small(int64_t a, int64_t b, int op) {
    switch (op) {
    case CMP_LT: return a < b;
    case CMP_LE: return a <= b;
    case CMP_EQ: return a == b;
    case CMP_NE: return a != b;
    case CMP_GT: return a > b;
    default: return a >= b;
    }
}
static inline bool float_compare(double a, double b, int op) {
    switch (op) {
    case CMP_LT: return a < b;
    case CMP_LE: return a <= b;
    case CMP_EQ: return a == b;
    case CMP_NE: return a != b;
    case CMP_GT: return a > b;
    default: return a >= b;
    }
}

// True where the answer stands in *result without looking at types.
static inline bool compare_fast(ValueRef a, ValueRef b, int op, bool *result) {
    if (values_are_ints(a, b)) return *result = int_compare_small(value_get_int(a), value_get_int(b), op), true;
    if (value_is_float(a) && value_is_float(b)) return *result = float_compare(value_get_float(a), value_get_float(b), op), true;
    if ((op == CMP_EQ || op == CMP_NE) && value_is(a, STR) && value_is(b, STR)) {
        bool equal = value_bits(a) == value_bits(b) || str_equal(value_str(a), value_str(b));
        return *result = equal == (op == CMP_EQ), true;
    }
    return false;
}

static Value compare_slow(Thread *t, ValueRef a, ValueRef b, int op) {
    if (native_stack_exhausted(t, " in comparison")) return UNDEF;
    Type *ta = value_type(a), *tb = value_type(b);
    bool reflected_tried = false;
    if (ta != tb && tb->ops.compare && type_is_subtype(tb, ta)) {
        reflected_tried = true;
        Value r = tb->ops.compare(t, b, a, swapped_op[op]);
        if (value_bits(r) != value_bits(NOT_IMPLEMENTED)) return r;
    }
    if (ta->ops.compare) {
        Value r = ta->ops.compare(t, a, b, op);
        if (value_bits(r) != value_bits(NOT_IMPLEMENTED)) return r;
    }
    if (!reflected_tried && tb->ops.compare) {
        Value r = tb->ops.compare(t, b, a, swapped_op[op]);
        if (value_bits(r) != value_bits(NOT_IMPLEMENTED)) return r;
    }
    if (op == CMP_EQ) return value_bool(value_bits(a) == value_bits(b));
    if (op == CMP_NE) return value_bool(value_bits(a) != value_bits(b));
    return raise(t, TYPE_ERROR, "'%s' not supported between instances of '%T' and '%T'", op_text[op], a, b);
}

Value object_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    bool fast;
    if (compare_fast(a, b, op, &fast)) return value_bool(fast);
    return compare_slow(t, a, b, op);
}

int object_compare_bool(Thread *t, ValueRef a, ValueRef b, int op) {
    if (value_bits(a) == value_bits(b)) {
        if (op == CMP_EQ) return 1;
        if (op == CMP_NE) return 0;
    }
    bool fast;
    if (compare_fast(a, b, op, &fast)) return fast;
    Value r = compare_slow(t, a, b, op);
    if (!value_bits(r)) return -1;
    if (value_is_bool(r)) return value_bits(r) == value_bits(TRUE_VALUE);
    int truth = object_is_true(t, r);
    value_release(t, r);
    return truth;
}

// ---- isinstance, issubclass

// c.__bases__ where it is a tuple, owned; UNDEF without an exception where it is none.
static Value abstract_bases(Thread *t, ValueRef c) {
    Value bases = object_getattr_or_undef(t, c, NAME(__bases__));
    if (value_bits(bases) && !value_is_any_tuple(bases)) {
        value_release(t, bases);
        return UNDEF;
    }
    return bases;
}

// `derived` reaches `c` along __bases__.
static int abstract_is_subclass(Thread *t, ValueRef derived, ValueRef c) {
    if (value_bits(derived) == value_bits(c)) return 1;
    if (native_stack_exhausted(t, " in __issubclass__")) return -1;
    Value bases = abstract_bases(t, derived);
    if (!value_bits(bases)) return error_pending(t) ? -1 : 0;
    int result = 0;
    Tuple *tuple = value_tuple(bases);
    for (int64_t i = 0; i < tuple->length && result == 0; i++) result = abstract_is_subclass(t, tuple_item(tuple, i), c);
    value_release(t, bases);
    return result;
}

static int check_class(Thread *t, ValueRef c, const char *message) {
    Value bases = abstract_bases(t, c);
    if (value_bits(bases)) {
        value_release(t, bases);
        return 0;
    }
    return error_pending(t) ? -1 : raise_int(t, TYPE_ERROR, "%s", message);
}

// Without __instancecheck__: what type.__instancecheck__ answers.
int object_real_is_instance(Thread *t, ValueRef o, ValueRef c) {
    if (value_is_type(c)) {
        Type *type = value_type(o);
        if (type_is_subtype(type, (Type *)value_object(c))) return 1;
        // Its __class__ may say otherwise, where it is not object's own.
        if (type->ops.getattr == object_generic_getattr && type_lookup(t, type, NAME(__class__)) == type_lookup(t, TYPE_OF(OBJECT), NAME(__class__))) return 0;
        Value pretended = object_getattr_or_undef(t, o, NAME(__class__));
        if (!value_bits(pretended)) return error_pending(t) ? -1 : 0;
        int result = value_is_type(pretended) && value_bits(pretended) != value_bits(value_of(value_type(o))) &&
                     type_is_subtype((Type *)value_object(pretended), (Type *)value_object(c));
        value_release(t, pretended);
        return result;
    }
    if (check_class(t, c, "isinstance() arg 2 must be a type, a tuple of types, or a union") < 0) return -1;
    Value pretended = object_getattr_or_undef(t, o, NAME(__class__));
    if (!value_bits(pretended)) return error_pending(t) ? -1 : 0;
    int result = abstract_is_subclass(t, pretended, c);
    value_release(t, pretended);
    return result;
}

int object_real_is_subclass(Thread *t, ValueRef derived, ValueRef c) {
    if (value_is_type(c) && value_is_type(derived)) return type_is_subtype((Type *)value_object(derived), (Type *)value_object(c));
    if (check_class(t, derived, "issubclass() arg 1 must be a class") < 0) return -1;
    if (!value_is(c, UNION) && check_class(t, c, "issubclass() arg 2 must be a class, a tuple of classes, or a union") < 0) return -1;
    return abstract_is_subclass(t, derived, c);
}

static int truth_of_result(Thread *t, Value result) {
    if (!value_bits(result)) return -1;
    int truth = object_is_true(t, result);
    value_release(t, result);
    return truth;
}

int object_is_instance(Thread *t, ValueRef o, ValueRef c) {
    if (value_bits(c) == value_bits(value_of(value_type(o)))) return 1;
    if (value_is(c, TYPE)) return object_real_is_instance(t, o, c); // type itself has no other check
    if (value_is_any_tuple(c)) {
        if (native_stack_exhausted(t, " in __instancecheck__")) return -1;
        Tuple *tuple = value_tuple(c);
        int result = 0;
        for (int64_t i = 0; i < tuple->length && result == 0; i++) result = object_is_instance(t, o, tuple_item(tuple, i));
        return result;
    }
    if (native_stack_exhausted(t, " in __instancecheck__")) return -1;
    Value answer = call_special(t, c, NAME(__instancecheck__), &o, 1);
    if (value_bits(answer) || error_pending(t)) return truth_of_result(t, answer);
    return object_real_is_instance(t, o, c);
}

int object_is_subclass(Thread *t, ValueRef derived, ValueRef c) {
    if (value_is(c, TYPE)) {
        if (value_bits(derived) == value_bits(c)) return 1;
        return object_real_is_subclass(t, derived, c);
    }
    if (value_is_any_tuple(c)) {
        if (native_stack_exhausted(t, " in __subclasscheck__")) return -1;
        Tuple *tuple = value_tuple(c);
        int result = 0;
        for (int64_t i = 0; i < tuple->length && result == 0; i++) result = object_is_subclass(t, derived, tuple_item(tuple, i));
        return result;
    }
    if (native_stack_exhausted(t, " in __subclasscheck__")) return -1;
    Value answer = call_special(t, c, NAME(__subclasscheck__), &derived, 1);
    if (value_bits(answer) || error_pending(t)) return truth_of_result(t, answer);
    return object_real_is_subclass(t, derived, c);
}

// ---- dir

Value object_dir(Thread *t, ValueRef o) {
    Value names = call_special(t, o, NAME(__dir__), NULL, 0);
    if (!value_bits(names)) {
        if (!error_pending(t)) raise(t, TYPE_ERROR, "object does not provide __dir__");
        return UNDEF;
    }
    Value list = list_from_iterable(t, names);
    value_release(t, names);
    if (value_bits(list) && list_sort(t, value_list(list), NONE, false) < 0) {
        value_release(t, list);
        return UNDEF;
    }
    return list;
}
