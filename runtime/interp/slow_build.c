// Slow sides of arithmetic, building, unpacking and matching.
#include <math.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/objects/int.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str.h"
#include "runtime/objects/template.h"
#include "runtime/objects/tuple.h"

// ---- arithmetic
bool int_floordiv_small(ValueRef x, ValueRef y, int64_t *r) {
    int64_t a = value_get_int(x), b = value_get_int(y);
    if (b == 0 || b == -1) return false; // error; and the one quotient that may not fit
    int64_t q = a / b;
    if (a % b != 0 && (a < 0) != (b < 0)) q--;
    *r = (int64_t)value_bits(value_int(q));
    return true;
}
bool int_mod_small(ValueRef x, ValueRef y, int64_t *r) {
    int64_t a = value_get_int(x), b = value_get_int(y);
    if (b == 0 || b == -1) return false;
    int64_t m = a % b;
    if (m != 0 && (m < 0) != (b < 0)) m += b;
    *r = (int64_t)value_bits(value_int(m));
    return true;
}

bool int_pow_small(ValueRef x, ValueRef y, int64_t *r) {
    int64_t base = value_get_int(x), exponent = value_get_int(y), result = 1;
    if (exponent < 0 || exponent > 61) return false;
    for (;;) {
        if (exponent & 1 && __builtin_mul_overflow(result, base, &result)) return false;
        if (!(exponent >>= 1)) break;
        if (__builtin_mul_overflow(base, base, &base)) return false;
    }
    if (!int_fits_small(result)) return false;
    *r = (int64_t)value_bits(value_int(result));
    return true;
}

static void quicken_float(const Ins *pc, uint16_t op) {
    uint16_t to = op == OP_ADD ? OP_ADD_FLOAT : op == OP_SUB ? OP_SUB_FLOAT : op == OP_MUL ? OP_MUL_FLOAT : op == OP_DIV ? OP_DIV_FLOAT : 0;
    if (to) atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &op, to);
}
// Floats in the word, and the quickening of the operations that have a float form.
Value slow_binary(Thread *t, const Ins *pc, uint16_t op, int binary_op, ValueRef a, ValueRef b) {
    if (value_is_float(a) && value_is_float(b)) {
        double x = value_get_float(a), y = value_get_float(b);
        quicken_float(pc, op);
        switch (binary_op) {
        case BIN_ADD: return float_new(t, x + y);
        case BIN_SUB: return float_new(t, x - y);
        case BIN_MUL: return float_new(t, x * y);
        case BIN_DIV: if (y != 0) return float_new(t, x / y); break;
        }
    } else if (binary_op <= BIN_DIV) { // mixed: an int that a double holds exactly, as float() of it would
        bool int_left = value_is_int(a) && value_is_float(b), int_right = value_is_float(a) && value_is_int(b);
        if (int_left || int_right) {
            quicken_float(pc, op);
            double x = int_left ? (double)value_get_int(a) : value_get_float(a), y = int_right ? (double)value_get_int(b) : value_get_float(b);
            switch (binary_op) {
            case BIN_ADD: return float_new(t, x + y);
            case BIN_SUB: return float_new(t, x - y);
            case BIN_MUL: return float_new(t, x * y);
            case BIN_DIV: if (y != 0) return float_new(t, x / y); break;
            }
        }
    }
    if (binary_op == BIN_ADD && value_is(a, STR) && value_is(b, STR)) return str_concat(t, a, b);
    if ((value_is_int(a) || value_is(a, INT)) && (value_is_int(b) || value_is(b, INT)) && binary_op != BIN_MATMUL) return int_binary(t, binary_op, a, b);
    return object_binary(t, binary_op, a, b);
}

Value slow_inplace(Thread *t, int binary_op, Value *a, bool gives_up, ValueRef b) {
    // `s += x` on a str that nobody else holds grows it in place.
    if (binary_op == BIN_ADD && value_is(*a, STR) && value_is(b, STR) && gives_up) {
        Value target = *a;
        *a = UNDEF;
        return str_append_in_place(t, target, b);
    }
    return object_inplace(t, binary_op, *a, b);
}

Value slow_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op == CMP_EQ || op == CMP_NE) && value_is(a, STR) && value_is(b, STR)) return value_bool(str_equal(value_str(a), value_str(b)) == (op == CMP_EQ));
    return object_compare(t, a, b, op);
}
int slow_compare_truth(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op == CMP_EQ || op == CMP_NE) && value_is(a, STR) && value_is(b, STR)) return str_equal(value_str(a), value_str(b)) == (op == CMP_EQ);
    Value v = object_compare(t, a, b, op);
    if (!v) return -1;
    if (value_is_bool(v)) return v == TRUE_VALUE;
    int truth = object_is_true(t, v);
    value_release(t, v);
    return truth;
}

// ---- building. Registers give their references up.
static void drop_registers(Thread *t, Value *items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) VALUE_CLEAR(t, items[i]);
}
static void empty_registers(Value *items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) items[i] = UNDEF;
}
Value slow_build_tuple(Thread *t, Value *items, uint32_t n) {
    Value v = tuple_from_values(t, items, n);
    empty_registers(items, n);
    return v;
}
Value slow_build_list(Thread *t, Value *items, uint32_t n) {
    Value v = list_from_values(t, items, n);
    empty_registers(items, n);
    return v;
}
Value slow_build_set(Thread *t, Value *items, uint32_t n) {
    Value set = set_new(t);
    for (uint32_t i = 0; set && i < n; i++)
        if (set_add(t, value_set(set), items[i]) < 0) VALUE_CLEAR(t, set);
    drop_registers(t, items, n);
    return set;
}
Value slow_build_dict(Thread *t, Value *items, uint32_t pairs) {
    bool text = true;
    for (uint32_t i = 0; i < pairs; i++) text &= value_is(items[2 * i], STR);
    if (text) return dict_from_str_items(t, items, pairs);
    Value dict = dict_new_sized(t, pairs);
    for (uint32_t i = 0; dict && i < pairs; i++)
        if (dict_set(t, value_dict(dict), items[2 * i], items[2 * i + 1]) < 0) VALUE_CLEAR(t, dict);
    drop_registers(t, items, pairs * 2);
    return dict;
}
Value slow_build_string(Thread *t, Value *items, uint32_t n) {
    Value v = str_join_values(t, value_refs(items), n);
    drop_registers(t, items, n);
    return v;
}
Value slow_build_slice(Thread *t, Value *items, uint32_t n) {
    Value v = slice_new(t, items[0], items[1], n == 3 ? items[2] : NONE);
    drop_registers(t, items, n);
    return v;
}
// The natives below borrow their key: a slice on the C stack will do.
static Slice passing_slice(const Value *bounds, uint32_t n) {
    Slice slice = {.start = bounds[0], .stop = bounds[1], .step = n == 3 ? bounds[2] : NONE};
    refhead_init(&slice.c.head, SHAPE_SLICE, OWNER_IMMORTAL);
    return slice;
}
bool slow_slices_in_place(ValueRef o, bool store) {
    return value_is(o, LIST) || (!store && (value_is(o, STR) || value_is(o, TUPLE) || value_is(o, BYTES)));
}
Value slow_get_slice(Thread *t, ValueRef o, Value *bounds, uint32_t n) {
    Slice slice = passing_slice(bounds, n);
    BinaryFn getitem = object_type(value_object(o))->ops.getitem;
    Value v = getitem(t, o, value_of(&slice));
    drop_registers(t, bounds, n);
    return v;
}
int slow_set_slice(Thread *t, ValueRef o, Value *bounds, uint32_t n, ValueRef value) {
    Slice slice = passing_slice(bounds, n);
    StoreFn setitem = object_type(value_object(o))->ops.setitem;
    int result = setitem(t, o, value_of(&slice), value);
    drop_registers(t, bounds, n);
    return result;
}
Value slow_build_interpolation(Thread *t, Value *items) {
    Value v = interpolation_new(t, items[0], items[1], items[2], items[3]);
    drop_registers(t, items, 4);
    return v;
}
Value slow_build_template(Thread *t, Value *items) {
    bool good = true;
    for (int64_t i = 0; good && i < value_tuple(items[1])->length; i++) good = value_is(tuple_item(value_tuple(items[1]), i), INTERPOLATION);
    Value v = good ? template_new(t, items[0], items[1]) : raise(t, SYSTEM_ERROR, "bad internal call: a template of what is no interpolation");
    drop_registers(t, items, 2);
    return v;
}

int slow_list_extend(Thread *t, ValueRef list, ValueRef iterable) {
    if (list_extend(t, value_list(list), iterable) == 0) return 0;
    if (error_matches(t, EXCEPTION(TYPE_ERROR)) && !value_type(iterable)->ops.iter && !value_type(iterable)->ops.getitem) {
        error_clear(t);
        raise(t, TYPE_ERROR, "Value after * must be an iterable, not %T", iterable);
    }
    return -1;
}
Value slow_spread(Thread *t, ValueRef iterable, ValueRef function) {
    if (value_type(iterable)->ops.iter || value_type(iterable)->ops.getitem) return tuple_from_iterable(t, iterable);
    Value text = function_text(t, function);
    if (text) raise(t, TYPE_ERROR, "%S argument after * must be an iterable, not %T", (ValueRef)text, iterable);
    value_release(t, text);
    return UNDEF;
}
int slow_set_add(Thread *t, ValueRef set, ValueRef item) {
    // The set of conditional annotations is reached by a name that the program can bind to anything.
    if (UNLIKELY(!value_is_instance(set, TYPE_OF(SET)))) return raise_int(t, TYPE_ERROR, "'%T' object is not a set", set);
    return set_add(t, value_set(set), item);
}
int slow_set_update(Thread *t, ValueRef set, ValueRef iterable) { return set_update(t, value_set(set), iterable); }

static int mapping_check(Thread *t, ValueRef mapping) {
    if (value_is_any_dict(mapping)) return 0;
    int has = object_hasattr(t, mapping, NAME(keys));
    return has < 0 ? -1 : has ? 0 : 1;
}
int slow_dict_update(Thread *t, ValueRef dict, ValueRef mapping) {
    int check = mapping_check(t, mapping);
    if (check) return check < 0 ? -1 : raise_int(t, TYPE_ERROR, "'%T' object is not a mapping", mapping);
    return dict_update(t, value_dict(dict), mapping);
}
int slow_dict_merge(Thread *t, ValueRef dict, ValueRef mapping, ValueRef function) {
    return dict_merge_unique(t, value_dict(dict), mapping, function);
}

// ---- unpacking
static int wrong_count(Thread *t, uint32_t wanted, int64_t got) {
    if (got < wanted) return raise_int(t, VALUE_ERROR, "not enough values to unpack (expected %u, got %lld)", wanted, (long long)got);
    return raise_int(t, VALUE_ERROR, "too many values to unpack (expected %u, got %lld)", wanted, (long long)got);
}
static Value iterate(Thread *t, ValueRef source) {
    Value iterator = object_iter(t, source);
    if (!iterator && error_matches(t, EXCEPTION(TYPE_ERROR)) && !value_type(source)->ops.iter && !value_type(source)->ops.getitem) {
        error_clear(t);
        raise(t, TYPE_ERROR, "cannot unpack non-iterable %T object", source);
    }
    return iterator;
}

int slow_unpack(Thread *t, Value *targets, Value *source, uint32_t n) {
    // Targets may stand where the source stands: they are written when all items are at hand.
    Value items_small[16], *items = items_small;
    Value held = UNDEF;
    if (value_is(*source, TUPLE) || value_is(*source, LIST)) {
        Tuple *tuple;
        if (value_is(*source, TUPLE)) {
            tuple = value_tuple(*source);
        } else {
            held = list_snapshot(t, value_list(*source));
            if (!held) return -1;
            tuple = value_tuple(held);
        }
        int result = 0;
        if (tuple->length != n) result = wrong_count(t, n, tuple->length);
        else if (n <= 16) for (uint32_t i = 0; i < n; i++) items[i] = value_dup(t, tuple_item(tuple, i));
        else for (uint32_t i = 0; i < n; i++) targets[i] = value_dup(t, tuple_item(tuple, i));
        value_release(t, held);
        if (result == 0 && n <= 16) memcpy(targets, items, n * sizeof(Value));
        return result;
    }
    Value iterator = iterate(t, *source);
    if (!iterator) return -1;
    uint32_t got = 0;
    for (; got < n; got++) {
        Value v = object_next(t, iterator);
        if (!v) break;
        targets[got] = v;
    }
    int result = 0;
    if (got < n) {
        result = error_pending(t) ? -1 : wrong_count(t, n, got);
    } else {
        Value more = object_next(t, iterator);
        if (more) {
            value_release(t, more);
            int64_t length = value_is_any_dict(*source) ? object_len(t, *source) : -1;
            if (length > n) result = wrong_count(t, n, length);
            else result = raise_int(t, VALUE_ERROR, "too many values to unpack (expected %u)", n);
        } else if (error_pending(t)) {
            result = -1;
        }
    }
    if (result < 0) drop_registers(t, targets, got);
    value_release(t, iterator);
    return result;
}

int slow_unpack_ex(Thread *t, Value *targets, ValueRef source, uint32_t before, uint32_t after) {
    Value iterator = iterate(t, source);
    if (!iterator) return -1;
    uint32_t got = 0;
    Value rest = UNDEF;
    for (; got < before; got++) {
        Value v = object_next(t, iterator);
        if (!v) {
            if (!error_pending(t)) raise(t, VALUE_ERROR, "not enough values to unpack (expected at least %u, got %u)", before + after, got);
            goto failed;
        }
        targets[got] = v;
    }
    rest = list_from_iterable(t, iterator);
    if (!rest) goto failed;
    List *list = value_list(rest);
    if (list->length < after) {
        raise(t, VALUE_ERROR, "not enough values to unpack (expected at least %u, got %lld)", before + after, (long long)(before + list->length));
        goto failed;
    }
    for (uint32_t i = after; i > 0; i--) {
        Value v = list_pop(t, list, -1);
        if (!v) goto failed;
        targets[before + i] = v;
    }
    targets[before] = rest;
    value_release(t, iterator);
    return 0;
failed:
    value_release(t, rest);
    value_release(t, iterator);
    drop_registers(t, targets, got);
    return -1;
}

// ---- pattern matching (PEP 634)
Value slow_match_keys(Thread *t, ValueRef subject, ValueRef keys) {
    Tuple *wanted = value_tuple(keys);
    Tuple *values = NULL;
    Value seen = UNDEF, get = UNDEF, missing = UNDEF, result = UNDEF;
    if (wanted->length == 0) return value_dup(t, t->interp->empty_tuple);
    seen = set_new(t);
    get = seen ? object_getattr(t, subject, NAME(get)) : UNDEF;
    missing = get ? call_0(t, value_of(TYPE_OF(OBJECT))) : UNDEF;
    values = missing ? tuple_alloc(t, wanted->length) : NULL;
    if (!values) goto done;
    for (int64_t i = 0; i < wanted->length; i++) {
        ValueRef key = tuple_item(wanted, i);
        int again = set_contains(t, value_set(seen), key);
        if (again > 0) raise(t, VALUE_ERROR, "mapping pattern checks duplicate key (%R)", key);
        if (again || set_add(t, value_set(seen), key) < 0) goto done;
        Value v = call_2(t, get, key, missing);
        if (!v) goto done;
        if (v == missing) {
            value_release(t, v);
            result = NONE;
            goto done;
        }
        slot_init(&values->items[i], v);
    }
    result = value_of(values);
    values = NULL;
done:
    object_release(t, values);
    value_release(t, missing);
    value_release(t, get);
    value_release(t, seen);
    return result;
}

static Value match_attribute(Thread *t, ValueRef subject, Type *class, ValueRef name, ValueRef seen) {
    int again = set_contains(t, value_set(seen), name);
    if (again) return again > 0 ? raise(t, TYPE_ERROR, "%N() got multiple sub-patterns for attribute %R", class, name) : UNDEF;
    if (set_add(t, value_set(seen), name) < 0) return UNDEF;
    return object_getattr_or_undef(t, subject, name);
}

// A tuple of the attributes; None where one is missing or the subject is no instance.
static Value match_class(Thread *t, ValueRef subject, ValueRef class, ValueRef names, uint32_t positional) {
    if (!value_is_type(class)) return raise(t, TYPE_ERROR, "called match pattern must be a class");
    Type *type = (Type *)value_object(class);
    int is = object_is_instance(t, subject, class);
    if (is <= 0) return is < 0 ? UNDEF : NONE;
    Tuple *keywords = value_tuple(names);
    Value seen = set_new(t), list = seen ? list_new(t, 0) : UNDEF, args = UNDEF, result = UNDEF;
    if (!list) goto done;
    if (positional) {
        bool self = false;
        args = object_getattr_or_undef(t, class, NAME(__match_args__));
        if (!args && error_pending(t)) goto done;
        if (args && !value_is(args, TUPLE)) {
            raise(t, TYPE_ERROR, "%N.__match_args__ must be a tuple (got %T)", type, args);
            goto done;
        }
        int64_t allowed = args ? value_tuple(args)->length : 0;
        if (!args && type->flags & TYPE_MATCH_SELF) {
            self = true;
            allowed = 1;
        }
        if (positional > allowed) {
            raise(t, TYPE_ERROR, "%N() accepts %lld positional sub-pattern%s (%u given)", type, (long long)allowed, allowed == 1 ? "" : "s", positional);
            goto done;
        }
        if (self) {
            if (list_append(t, value_list(list), value_dup(t, subject)) < 0) goto done;
        } else {
            for (uint32_t i = 0; i < positional; i++) {
                ValueRef name = tuple_item(value_tuple(args), i);
                if (!value_is_any_str(name)) {
                    raise(t, TYPE_ERROR, "__match_args__ elements must be strings (got %T)", name);
                    goto done;
                }
                Value v = match_attribute(t, subject, type, name, seen);
                if (!v) {
                    if (!error_pending(t)) result = NONE;
                    goto done;
                }
                if (list_append(t, value_list(list), v) < 0) goto done;
            }
        }
    }
    for (int64_t i = 0; i < keywords->length; i++) {
        Value v = match_attribute(t, subject, type, tuple_item(keywords, i), seen);
        if (!v) {
            if (!error_pending(t)) result = NONE;
            goto done;
        }
        if (list_append(t, value_list(list), v) < 0) goto done;
    }
    result = list_snapshot(t, value_list(list));
done:
    value_release(t, args);
    value_release(t, list);
    value_release(t, seen);
    return result;
}

Value slow_match_class(Thread *t, Value *operands, uint32_t positional) {
    Value class = operands[1], names = operands[2];
    operands[1] = operands[2] = UNDEF;
    Value result = match_class(t, operands[0], class, names, positional);
    value_release(t, class);
    value_release(t, names);
    return result;
}
