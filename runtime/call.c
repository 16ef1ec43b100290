// Calling from native code (call.h).
#include <stdlib.h>
#include "runtime/call.h"
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

bool native_stack_exhausted(Thread *t, const char *where) {
    char here;
    if (LIKELY(&here > t->c_stack_limit)) return false;
    raise(t, RECURSION_ERROR, "maximum recursion depth exceeded%s", where);
    return true;
}

Value call_object(Thread *t, ValueRef callable, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (kwnames && kwnames->length == 0) kwnames = NULL;
    if (value_is_function(callable)) return function_call(t, value_function(callable), UNDEF, args, nargs, kwnames);
    if (value_is(callable, METHOD)) {
        Method *m = (Method *)value_object(callable);
        if (value_is_function(m->function)) return function_call(t, value_function(m->function), m->self, args, nargs, kwnames);
    }
    CallFn call = value_type(callable)->ops.call;
    if (UNLIKELY(!call)) return raise(t, TYPE_ERROR, "'%T' object is not callable", callable);
    if (native_stack_exhausted(t, " while calling a Python object")) return UNDEF;
    Value v = call(t, callable, args, nargs, kwnames);
    CHECK((v != UNDEF) != error_pending(t), "a call of %s returned %p with %s", value_type(callable)->spec->name, (void *)value_bits(v), error_pending(t) ? "an exception" : "no exception");
    return v;
}

Value call_0(Thread *t, ValueRef callable) { return call_object(t, callable, NULL, 0, NULL); }
Value call_1(Thread *t, ValueRef callable, ValueRef a) { return call_object(t, callable, &a, 1, NULL); }
Value call_2(Thread *t, ValueRef callable, ValueRef a, ValueRef b) { return call_object(t, callable, (ValueRef[]){a, b}, 2, NULL); }
Value call_3(Thread *t, ValueRef callable, ValueRef a, ValueRef b, ValueRef c) { return call_object(t, callable, (ValueRef[]){a, b, c}, 3, NULL); }

Value call_tuple_dict(Thread *t, ValueRef callable, ValueRef args_tuple, ValueRef kwargs_dict) {
    Tuple *positional = value_tuple(args_tuple);
    if (!kwargs_dict || dict_length(value_dict(kwargs_dict)) == 0)
        return call_object(t, callable, value_refs(positional->items), (uint32_t)positional->length, NULL);
    // The dict may change meanwhile: its entries are held, where the collector sees them.
    int64_t room = dict_length(value_dict(kwargs_dict)) + 4, n = 0, position = 0;
    Tuple *held = tuple_alloc(t, 2 * room), *names = NULL;
    if (!held) return UNDEF;
    Value key, value, result = UNDEF;
    for (; n < room && dict_next(t, value_dict(kwargs_dict), &position, &key, &value) == 1; n++) {
        slot_init(&held->items[2 * n], key);
        slot_init(&held->items[2 * n + 1], value);
    }
    names = tuple_alloc(t, n);
    ValueRef *args = malloc((size_t)(positional->length + n + 1) * sizeof *args);
    if (!names || !args) {
        if (names) raise_no_memory(t);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        if (!value_is_any_str(held->items[2 * i])) {
            raise(t, TYPE_ERROR, "keywords must be strings");
            goto done;
        }
        slot_init(&names->items[i], value_dup(t, held->items[2 * i]));
    }
    for (int64_t i = 0; i < positional->length; i++) args[i] = tuple_item(positional, i);
    for (int64_t i = 0; i < n; i++) args[positional->length + i] = tuple_item(held, 2 * i + 1);
    result = call_object(t, callable, args, (uint32_t)positional->length, names);
done:
    free(args);
    object_release(t, held);
    object_release(t, names);
    return result;
}

static Value call_found(Thread *t, Value callable_steal, bool self, ValueRef object, const ValueRef *args, uint32_t nargs) {
    Value v;
    if (!self) {
        v = call_object(t, callable_steal, args, nargs, NULL);
    } else if (value_is_function(callable_steal)) {
        v = function_call(t, value_function(callable_steal), object, args, nargs, NULL);
    } else {
        ValueRef few[8], *all = few;
        if (nargs + 1 > 8 && !(all = malloc((nargs + 1) * sizeof *all))) {
            value_release(t, callable_steal);
            return raise_no_memory(t);
        }
        all[0] = object;
        for (uint32_t i = 0; i < nargs; i++) all[i + 1] = args[i];
        v = call_object(t, callable_steal, all, nargs + 1, NULL);
        if (all != few) free(all);
    }
    value_release(t, callable_steal);
    return v;
}

Value call_method(Thread *t, ValueRef object, ValueRef name, const ValueRef *args, uint32_t nargs) {
    bool self;
    Value callable = object_find_method(t, object, name, &self);
    return callable ? call_found(t, callable, self, object, args, nargs) : UNDEF;
}
Value call_method_0(Thread *t, ValueRef object, ValueRef name) { return call_method(t, object, name, NULL, 0); }
Value call_method_1(Thread *t, ValueRef object, ValueRef name, ValueRef a) { return call_method(t, object, name, &a, 1); }

Value lookup_special(Thread *t, ValueRef object, ValueRef name) {
    Value found = value_dup(t, type_lookup(t, value_type(object), name));
    if (!found) return UNDEF;
    DescrGetFn get = value_type(found)->ops.descr_get;
    if (!get) return found;
    Value bound = get(t, found, object, value_of(value_type(object)));
    value_release(t, found);
    return bound;
}

Value call_special(Thread *t, ValueRef object, ValueRef name, const ValueRef *args, uint32_t nargs) {
    Value found = value_dup(t, type_lookup(t, value_type(object), name));
    if (!found) return UNDEF;
    if (value_type(found)->flags & TYPE_METHOD) return call_found(t, found, true, object, args, nargs);
    DescrGetFn get = value_type(found)->ops.descr_get;
    if (get) {
        Value bound = get(t, found, object, value_of(value_type(object)));
        value_release(t, found);
        if (!bound) return UNDEF;
        found = bound;
    }
    return call_found(t, found, false, object, args, nargs);
}
