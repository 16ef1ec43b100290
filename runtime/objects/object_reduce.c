// How an object tells pickle and copy to make it again: object.__reduce_ex__, __getstate__. Library reference, "pickle".
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"

static Value import_copyreg(Thread *t) { return import_module(t, "copyreg"); }

// ---- state

// The names of the __slots__ of a class and its bases: copyreg finds them once per class. A list, or None.
static Value slot_names(Thread *t, Type *type) {
    Value names = value_dup(t, type_dict_get(type, NAME(__slotnames__)));
    if (names) {
        if (names == NONE || value_is_any_list(names)) return names;
        raise(t, TYPE_ERROR, "%N.__slotnames__ should be a list or None, not %T", type, names);
        value_release(t, names);
        return UNDEF;
    }
    Value copyreg = import_copyreg(t);
    ValueRef class = value_of(type);
    names = copyreg ? call_method(t, copyreg, NAME(_slotnames), &class, 1) : UNDEF;
    value_release(t, copyreg);
    if (!names || names == NONE || value_is_any_list(names)) return names;
    raise(t, TYPE_ERROR, "copyreg._slotnames didn't return a list or None");
    value_release(t, names);
    return UNDEF;
}

// The attributes, None where there are none.
static Value attributes(Thread *t, ValueRef self) {
    Type *type = value_type(self);
    if (value_is_pointer(self) && type_shows_attributes(type)) {
        Shape *shape = shape_at(object_shape(value_object(self)));
        if (shape->kind == SHAPE_SLOTS && !shape->slots) return NONE;
        Value dict = instance_dict(t, self);
        if (dict && value_is(dict, DICT) && !dict_length(value_dict(dict))) {
            value_release(t, dict);
            return NONE;
        }
        return dict;
    }
    if (!type_has_own_dict(type) || type->flags & TYPE_IS_TYPE) return NONE;
    Value dict = object_getattr_or_undef(t, self, NAME(__dict__));
    return dict || error_pending(t) ? dict : NONE;
}

static Value slots_state(Thread *t, ValueRef self, List *names) {
    Value slots = dict_new(t);
    for (int64_t i = 0; slots && i < list_length(names); i++) {
        Value name = list_get(t, names, i);
        if (!name) break; // shortened meanwhile
        Value v = object_getattr_or_undef(t, self, name);
        if (v ? dict_set(t, value_dict(slots), name, v) < 0 : error_pending(t)) VALUE_CLEAR(t, slots);
        value_release(t, v);
        value_release(t, name);
    }
    return slots;
}

// `required`: whatever the object holds beyond attributes and slots would be lost, so it must hold nothing else.
static Value default_state(Thread *t, ValueRef self, bool required) {
    Type *type = value_type(self);
    if (required && type->item_size && type->flags & TYPE_VARSIZED) return raise(t, TYPE_ERROR, "cannot pickle %N objects", type);
    if (required && type->spec->size > TYPE_OF(OBJECT)->spec->size) return raise(t, TYPE_ERROR, "cannot pickle '%N' object", type);
    Value state = attributes(t, self);
    Value names = state ? slot_names(t, type) : UNDEF;
    if (!names) {
        value_release(t, state);
        return UNDEF;
    }
    if (names != NONE && list_length(value_list(names))) {
        Value slots = slots_state(t, self, value_list(names));
        if (!slots) {
            VALUE_CLEAR(t, state);
        } else if (dict_length(value_dict(slots))) {
            state = tuple_pair(t, state, slots);
        } else {
            value_release(t, slots);
        }
    }
    value_release(t, names);
    return state;
}

Value object_getstate(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return default_state(t, self, false);
}

static Value state_of(Thread *t, ValueRef self, bool required) {
    ValueRef found = type_lookup(t, value_type(self), NAME(__getstate__));
    if (found && found == type_dict_get(TYPE_OF(OBJECT), NAME(__getstate__))) {
        // Not hidden by an instance attribute either?
        Value own = value_is_pointer(self) && value_type(self)->flags & TYPE_HAS_ATTRIBUTES
            ? instance_get(t, value_object(self), NAME(__getstate__))
            : UNDEF;
        if (!own) return error_pending(t) ? UNDEF : default_state(t, self, required);
        Value state = call_0(t, own);
        value_release(t, own);
        return state;
    }
    return call_method_0(t, self, NAME(__getstate__));
}

// ---- reduction

// What __getnewargs_ex__ or __getnewargs__ give: tuple and dict, UNDEF where there are none. 0, -1.
static int new_arguments(Thread *t, ValueRef self, Value *args, Value *kwargs) {
    *args = *kwargs = UNDEF;
    Value method = lookup_special(t, self, NAME(__getnewargs_ex__));
    if (method) {
        Value pair = call_0(t, method);
        value_release(t, method);
        if (!pair) return -1;
        if (!value_is_any_tuple(pair)) {
            raise(t, TYPE_ERROR, "__getnewargs_ex__ should return a tuple, not '%T'", pair);
        } else if (value_tuple(pair)->length != 2) {
            raise(t, VALUE_ERROR, "__getnewargs_ex__ should return a tuple of length 2, not %lld", (long long)value_tuple(pair)->length);
        } else {
            ValueRef first = tuple_item(value_tuple(pair), 0), second = tuple_item(value_tuple(pair), 1);
            if (!value_is_any_tuple(first))
                raise(t, TYPE_ERROR, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '%T'", first);
            else if (!value_is_any_dict(second))
                raise(t, TYPE_ERROR, "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '%T'", second);
            else {
                *args = value_dup(t, first);
                *kwargs = value_dup(t, second);
            }
        }
        value_release(t, pair);
        return *args ? 0 : -1;
    }
    if (error_pending(t)) return -1;
    method = lookup_special(t, self, NAME(__getnewargs__));
    if (!method) return error_pending(t) ? -1 : 0;
    *args = call_0(t, method);
    value_release(t, method);
    if (!*args) return -1;
    if (value_is_any_tuple(*args)) return 0;
    raise(t, TYPE_ERROR, "__getnewargs__ should return a tuple, not '%T'", *args);
    VALUE_CLEAR(t, *args);
    return -1;
}

// (class, *args), or (class, args, kwargs) for __newobj_ex__.
static Value new_call(Thread *t, Type *type, ValueRef args, ValueRef kwargs) {
    if (kwargs && dict_length(value_dict(kwargs))) {
        ValueRef three[] = {value_of(type), args, kwargs};
        return tuple_from_refs(t, three, 3);
    }
    int64_t n = args ? value_tuple(args)->length : 0;
    Tuple *all = tuple_alloc(t, n + 1);
    if (!all) return UNDEF;
    slot_init(&all->items[0], value_dup(t, value_of(type)));
    for (int64_t i = 0; i < n; i++) slot_init(&all->items[i + 1], value_dup(t, tuple_item(value_tuple(args), i)));
    return value_of(all);
}

static Value iterator_of_items(Thread *t, ValueRef self) {
    Value items = call_method_0(t, self, NAME(items));
    Value iterator = items ? object_iter(t, items) : UNDEF;
    value_release(t, items);
    return iterator;
}

// Protocol 2 and up: through copyreg.__newobj__, which calls cls.__new__(cls, *args).
static Value reduce_by_new(Thread *t, ValueRef self) {
    Type *type = value_type(self);
    if (!type->ops.new) return raise(t, TYPE_ERROR, "cannot pickle '%N' object", type);
    Value args, kwargs;
    if (new_arguments(t, self, &args, &kwargs) < 0) return UNDEF;
    bool by_keyword = kwargs && dict_length(value_dict(kwargs));
    bool list = value_is_any_list(self), dict = value_is_any_dict(self);
    Value parts[5] = {UNDEF, UNDEF, UNDEF, UNDEF, UNDEF}, result = UNDEF;
    Value copyreg = import_copyreg(t);
    if (!copyreg) goto done;
    parts[0] = object_getattr(t, copyreg, by_keyword ? NAME(__newobj_ex__) : NAME(__newobj__));
    if (!parts[0] || !(parts[1] = new_call(t, type, args, kwargs))) goto done;
    if (!(parts[2] = state_of(t, self, !args && !list && !dict))) goto done;
    if (!(parts[3] = list ? object_iter(t, self) : NONE)) goto done;
    if (!(parts[4] = dict ? iterator_of_items(t, self) : NONE)) goto done;
    result = tuple_from_refs(t, value_refs(parts), 5);
done:
    for (int i = 0; i < 5; i++) value_release(t, parts[i]);
    value_release(t, copyreg);
    value_release(t, args);
    value_release(t, kwargs);
    return result;
}

static Value reduce(Thread *t, ValueRef self, int protocol) {
    if (protocol >= 2) return reduce_by_new(t, self);
    Value copyreg = import_copyreg(t);
    if (!copyreg) return UNDEF;
    ValueRef args[] = {self, value_int(protocol)};
    Value result = call_method(t, copyreg, NAME(_reduce_ex), args, 2);
    value_release(t, copyreg);
    return result;
}

Value object_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return reduce(t, self, 0); }

Value object_reduce_ex(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int protocol;
    if (arg_int(t, args[0], &protocol) < 0) return UNDEF;
    // A class with its own __reduce__ wants that one.
    Value method = object_getattr_or_undef(t, self, NAME(__reduce__));
    if (!method && error_pending(t)) return UNDEF;
    ValueRef of_type = type_lookup(t, value_type(self), NAME(__reduce__));
    bool overridden = method && of_type != type_dict_get(TYPE_OF(OBJECT), NAME(__reduce__));
    Value result = overridden ? call_0(t, method) : UNDEF;
    value_release(t, method);
    return overridden ? result : reduce(t, self, protocol);
}
