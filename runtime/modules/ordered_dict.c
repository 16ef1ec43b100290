// collections.OrderedDict: a dict, which keeps its order anyway, that compares by order and can be reordered.
// Moving to the end takes a key out and puts it back. Moving to the front rebuilds the dict.
#include "runtime/modules/_collections.h"
#include "runtime/objects/dict_view.h"
#include "runtime/objects/list.h"
#include "sync/critical.h"

extern const TypeSpec dict_spec, dict_keys_spec;
static const TypeSpec ordered_dict_spec;

static int ordered_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs > 1) return raise_int(t, TYPE_ERROR, "expected at most 1 argument, got %u", nargs);
    if (value_type(self)->ops.setitem == dict_spec.ops.setitem) return dict_spec.ops.init(t, self, args, nargs, kwnames);
    // A subclass that looks at each item: through its update().
    Value update = object_getattr(t, self, NAME(update));
    if (!value_bits(update)) return -1;
    Value r = call_object(t, update, args, nargs, kwnames);
    value_release(t, update);
    value_release(t, r);
    return value_bits(r) ? 0 : -1;
}

// MutableMapping.update with the subclass's __setitem__.
static int update_from(Thread *t, ValueRef self, ValueRef other) {
    if (value_type(self)->ops.setitem == dict_spec.ops.setitem) return dict_update(t, value_dict(self), other);
    Value pairs = dict_new(t);
    if (!value_bits(pairs)) return -1;
    int result = dict_update(t, value_dict(pairs), other);
    int64_t position = 0;
    Value key, value;
    while (result == 0 && dict_next(t, value_dict(pairs), &position, &key, &value) > 0) {
        result = object_setitem(t, self, key, value);
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, pairs);
    return result;
}
NATIVE(ordered_update) {
    if (args_count(t, "update", nargs, 0, 1) < 0) return UNDEF;
    if (nargs && update_from(t, self, args[0]) < 0) return UNDEF;
    for (int64_t i = 0; kwnames && i < kwnames->length; i++)
        if (object_setitem(t, self, tuple_item(kwnames, i), args[nargs + i]) < 0) return UNDEF;
    return NONE;
}

// The first or last pair, found and taken out in one step; UNDEF without an exception where the dict is empty.
static Value take_end(Thread *t, ValueRef self, bool last, Value *value) {
    Dict *d = value_dict(self);
    for (;;) {
        int64_t position = last ? INT64_MAX : 0;
        Value key = UNDEF;
        if ((last ? dict_previous(t, d, &position, &key, NULL) : dict_next(t, d, &position, &key, NULL)) <= 0) return UNDEF;
        *value = dict_pop(t, d, key);
        if (value_bits(*value)) return key;
        value_release(t, key); // another thread took it, or its __eq__ raised
        if (error_pending(t)) return UNDEF;
    }
}
NATIVE(ordered_popitem) {
    bool last = true;
    if (value_bits(args[0]) && arg_bool(t, args[0], &last) < 0) return UNDEF;
    Value value, key = take_end(t, self, last, &value);
    if (value_bits(key)) return tuple_pair(t, key, value);
    return error_pending(t) ? UNDEF : raise(t, KEY_ERROR, "dictionary is empty");
}

static int move_to_front(Thread *t, Dict *d, ValueRef key, ValueRef value) {
    Value rest = dict_copy(t, d);
    if (!value_bits(rest)) return -1;
    dict_clear(t, d);
    int result = dict_set(t, d, key, value);
    if (result == 0) result = dict_update(t, d, rest); // keys that are there keep their place
    value_release(t, rest);
    return result;
}
NATIVE(ordered_move_to_end) {
    bool last = true;
    if (value_bits(args[1]) && arg_bool(t, args[1], &last) < 0) return UNDEF;
    Dict *d = value_dict(self);
    CriticalSection cs;
    bool locked = object_is_shared((Object *)d);
    if (locked) critical_begin(&t->core, &cs, &d->c.head);
    Value value = dict_get(t, d, args[0]);
    int result = -1;
    if (value_bits(value)) {
        if (last) {
            Value gone = dict_pop(t, d, args[0]);
            result = value_bits(gone) ? dict_set(t, d, args[0], gone) : -1;
            value_release(t, gone);
        } else {
            result = move_to_front(t, d, args[0], value);
        }
    }
    if (locked) critical_end(&t->core, &cs);
    bool missing = !value_bits(value) && !error_pending(t);
    value_release(t, value);
    if (missing) return raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
    return result < 0 ? UNDEF : NONE;
}

NATIVE(ordered_copy) {
    Value made = call_0(t, value_of(value_type(self)));
    if (value_bits(made) && update_from(t, made, self) < 0) VALUE_CLEAR(t, made);
    return made;
}
static Value ordered_repr(Thread *t, ValueRef self) {
    Str *name = value_str(slot_borrow(&value_type(self)->name));
    if (dict_length(value_dict(self)) == 0) return str_of_format(t, "%U()", name);
    int running = repr_enter(t, self);
    if (running) return running < 0 ? UNDEF : str_from_text(t, "...");
    Value plain = dict_copy(t, value_dict(self)), result = UNDEF;
    if (value_bits(plain)) result = str_of_format(t, "%U(%R)", name, plain);
    value_release(t, plain);
    repr_leave(t, self);
    return result;
}
static Value ordered_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (op != CMP_EQ && op != CMP_NE) return NOT_IMPLEMENTED;
    if (!value_is_any_dict(a) || !value_is_any_dict(b)) return NOT_IMPLEMENTED;
    Value equal = dict_spec.ops.compare(t, a, b, CMP_EQ);
    if (value_bits(equal) != value_bits(TRUE_VALUE) || !is_spec(a, &ordered_dict_spec) || !is_spec(b, &ordered_dict_spec))
        return value_is_bool(equal) ? value_bool((value_bits(equal) == value_bits(TRUE_VALUE)) == (op == CMP_EQ)) : equal;
    // two ordered ones: the keys in order, too
    Value x = dict_keys_list(t, value_dict(a)), y = value_bits(x) ? dict_keys_list(t, value_dict(b)) : UNDEF;
    int same = value_bits(y) ? object_equal(t, x, y) : -1;
    value_release(t, x);
    value_release(t, y);
    return same < 0 ? UNDEF : value_bool(same == (op == CMP_EQ));
}
static Value ordered_or(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is_any_dict(a) || !value_is_any_dict(b)) return NOT_IMPLEMENTED;
    Type *type = is_spec(a, &ordered_dict_spec) ? value_type(a) : value_type(b);
    Value made = call_1(t, value_of(type), a);
    if (value_bits(made) && (!value_is_any_dict(made) || update_from(t, made, b) < 0)) VALUE_CLEAR(t, made);
    return made;
}
static Value ordered_inplace_or(Thread *t, ValueRef a, ValueRef b) { return update_from(t, a, b) < 0 ? UNDEF : value_dup(t, a); }
NATIVE(ordered_reduce) {
    Value state = call_special(t, self, NAME(__getstate__), NULL, 0), items = UNDEF, it = UNDEF;
    if (!value_bits(state)) {
        if (error_pending(t)) return UNDEF;
        state = NONE;
    }
    items = call_method_0(t, self, NAME(items));
    if (value_bits(items)) it = object_iter(t, items);
    value_release(t, items);
    if (!value_bits(it)) {
        value_release(t, state);
        return UNDEF;
    }
    Value parts[5] = {value_dup(t, value_of(value_type(self))), value_dup(t, t->interp->empty_tuple), state, NONE, it};
    return tuple_from_values(t, parts, 5);
}
// pop(key[, default]): through the subclass's __missing__-free lookup, as dict does.
NATIVE(ordered_pop) {
    Value v = dict_pop(t, value_dict(self), args[0]);
    if (value_bits(v) || error_pending(t)) return v;
    return value_bits(args[1]) ? value_dup(t, args[1]) : raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
}
NATIVE(ordered_setdefault) {
    ValueRef otherwise = value_bits(args[1]) ? args[1] : (ValueRef)NONE;
    if (value_type(self)->ops.setitem == dict_spec.ops.setitem) return dict_setdefault(t, value_dict(self), args[0], otherwise);
    Value v = dict_get(t, value_dict(self), args[0]);
    if (value_bits(v) || error_pending(t)) return v;
    return object_setitem(t, self, args[0], otherwise) < 0 ? UNDEF : value_dup(t, otherwise);
}

// Its views are dict's under names of their own.
static void view_traverse(Object *o, VisitFn visit, void *arg) { dict_keys_spec.traverse(o, visit, arg); }
static void view_destroy(Thread *t, Object *o) { dict_keys_spec.destroy(t, o); }
#define VIEW_SPEC(title, base_type) {.name = title, .size = sizeof(DictView), .base = base_type, .flags = TYPE_NO_NEW, .destroy = view_destroy, .traverse = view_traverse}
static const TypeSpec ordered_keys_spec = VIEW_SPEC("odict_keys", T_DICT_KEYS);
static const TypeSpec ordered_values_spec = VIEW_SPEC("odict_values", T_DICT_VALUES);
static const TypeSpec ordered_items_spec = VIEW_SPEC("odict_items", T_DICT_ITEMS);
static Value ordered_view(Thread *t, ValueRef self, ValueRef name, const TypeSpec *spec) {
    Type *type = companion_type(t, value_type(self), name, spec);
    return type ? dict_view_new(t, type, self) : UNDEF;
}
NATIVE(ordered_keys) { return ordered_view(t, self, NAME(_keys_type), &ordered_keys_spec); }
NATIVE(ordered_values) { return ordered_view(t, self, NAME(_values_type), &ordered_values_spec); }
NATIVE(ordered_items) { return ordered_view(t, self, NAME(_items_type), &ordered_items_spec); }

NATIVE(ordered_fromkeys) {
    ValueRef value = value_bits(args[1]) ? args[1] : (ValueRef)NONE;
    Value made = call_0(t, self), it = value_bits(made) ? object_iter(t, args[0]) : UNDEF, key = UNDEF;
    int result = value_bits(it) ? 0 : -1;
    while (result == 0 && value_bits(key = object_next(t, it))) {
        result = object_setitem(t, made, key, value);
        value_release(t, key);
    }
    value_release(t, it);
    if (result < 0 || error_pending(t)) VALUE_CLEAR(t, made);
    return made;
}

static const NativeDef ordered_methods[] = {
    {"update", ordered_update, "($self, /, *args, **kwargs)", "Puts the other's items in.", NATIVE_RAW},
    {"pop", ordered_pop, "($self, /, key, default=<unrepresentable>)", "Takes the key out and returns its value.", 0},
    {"popitem", ordered_popitem, "($self, /, last=True)", "Takes the last (or first) pair out.", 0},
    {"setdefault", ordered_setdefault, "($self, /, key, default=None)", "The value, which is put in where it is missing.", 0},
    {"move_to_end", ordered_move_to_end, "($self, /, key, last=True)", "Moves the key to an end.", 0},
    {"keys", ordered_keys, "($self, /)", "A view of the keys, like a set.", 0},
    {"values", ordered_values, "($self, /)", "A view of the values.", 0},
    {"items", ordered_items, "($self, /)", "A view of the (key, value) pairs, like a set.", 0},
    {"fromkeys", ordered_fromkeys, "($type, /, iterable, value=None)", "A new one with these keys, all with the same value.", NATIVE_CLASS},
    {"copy", ordered_copy, "($self, /)", "A shallow copy.", 0}, {"__reduce__", ordered_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static void ordered_traverse(Object *o, VisitFn visit, void *arg) { dict_spec.traverse(o, visit, arg); }
static void ordered_destroy(Thread *t, Object *o) { dict_spec.destroy(t, o); }
static void ordered_clear(Thread *t, Object *o) { dict_clear(t, (Dict *)o); }
static const TypeSpec ordered_dict_spec = {
    .name = "collections.OrderedDict", .doc = "A dict whose order is part of its value.", .size = sizeof(Dict), .base = T_DICT,
    .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.init = ordered_init, .repr = ordered_repr, .compare = ordered_compare, .or_ = ordered_or, .inplace_or = ordered_inplace_or,
            .hash = object_hash_not_implemented},
    .methods = ordered_methods, .destroy = ordered_destroy, .traverse = ordered_traverse, .clear = ordered_clear};

int ordered_dict_types(Thread *t, ValueRef module) {
    Type *type = module_type(t, module, NULL, &ordered_dict_spec);
    return companion_add(t, type, "_keys_type", module_type(t, module, NULL, &ordered_keys_spec)) < 0 ||
                   companion_add(t, type, "_values_type", module_type(t, module, NULL, &ordered_values_spec)) < 0 ||
                   companion_add(t, type, "_items_type", module_type(t, module, NULL, &ordered_items_spec)) < 0
               ? -1 : module_add_type(t, module, type);
}
