// threading.local. A local object holds no values: each thread keeps its own attributes of it in t->locals, a dict that belongs to
// the thread alone (number of the local -> (weak reference to it, dict of attributes)). So what threads keep there stays private.
// When a local dies, each thread drops its entry the next time it looks at any local.
#include "runtime/modules/_thread_local.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "runtime/weakref.h"

typedef struct Local {
    Container c;
    int64_t number;      // never given again
    Value args, kwargs;  // for __init__ in each thread: tuple of all values, tuple of keyword names; UNDEF where there are none
} Local;
#define LOCAL(v) ((Local *)value_object(v))

static _Atomic uint64_t next_number = 1;
static _Atomic uint64_t deaths;   // how many locals have died
static _Thread_local uint64_t deaths_seen; // a number, no Value: how many of them this OS thread has cleaned up after

static void drop_dead(Thread *t) {
    deaths_seen = atomic_load_relaxed_u64(&deaths);
    Value keys = dict_keys_list(t, value_dict(t->locals));
    if (!keys) {
        error_clear(t);
        return;
    }
    for (int64_t i = 0; i < list_length(value_list(keys)); i++) {
        ValueRef key = list_borrow(value_list(keys), i); // a small int
        Value entry = dict_get(t, value_dict(t->locals), key);
        if (!entry) continue;
        Value living = weakref_get(t, tuple_item(value_tuple(entry), 0));
        value_release(t, entry);
        if (!living) value_release(t, dict_pop(t, value_dict(t->locals), key));
        value_release(t, living);
        error_clear(t);
    }
    value_release(t, keys);
}

// This thread's attributes of the local (owned); made, and __init__ run, at the first look.
static Value attributes_of(Thread *t, ValueRef self) {
    Local *l = LOCAL(self);
    if (UNLIKELY(!t->locals) && !(t->locals = dict_new(t))) return UNDEF;
    if (UNLIKELY(deaths_seen != atomic_load_relaxed_u64(&deaths))) drop_dead(t);
    Value entry = dict_get(t, value_dict(t->locals), value_int(l->number));
    if (LIKELY(entry)) {
        Value dict = value_dup(t, tuple_item(value_tuple(entry), 1));
        value_release(t, entry);
        return dict;
    }
    if (error_pending(t)) return UNDEF;
    Value dict = dict_new(t), ref = dict ? weakref_new(t, TYPE_OF(WEAKREF), self, UNDEF) : UNDEF;
    if (!ref) {
        value_release(t, dict);
        return UNDEF;
    }
    entry = tuple_pair(t, ref, value_dup(t, dict));
    int failed = !entry || dict_set(t, value_dict(t->locals), value_int(l->number), entry) < 0;
    value_release(t, entry);
    InitFn init = value_type(self)->ops.init;
    if (!failed && init && init != TYPE_OF(OBJECT)->ops.init) {
        Value args = slot_get(t, &l->args), names = slot_get(t, &l->kwargs);
        Tuple *given = args ? value_tuple(args) : NULL, *kwnames = names ? value_tuple(names) : NULL;
        uint32_t all = given ? (uint32_t)given->length : 0, keywords = kwnames ? (uint32_t)kwnames->length : 0;
        failed = init(t, self, given ? value_refs(given->items) : NULL, all - keywords, kwnames) < 0;
        value_release(t, args);
        value_release(t, names);
        if (failed) { // the next look tries again
            Value e = error_take(t);
            value_release(t, dict_pop(t, value_dict(t->locals), value_int(l->number)));
            error_restore(t, e);
        }
    }
    if (failed) VALUE_CLEAR(t, dict);
    return dict;
}

static Value local_new(Thread *t, ValueRef type_value, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = (Type *)value_object(type_value);
    uint32_t keywords = kwnames ? (uint32_t)kwnames->length : 0;
    if ((nargs || keywords) && (!type->ops.init || type->ops.init == TYPE_OF(OBJECT)->ops.init))
        return raise(t, TYPE_ERROR, "Initialization arguments are not supported");
    Local *l = object_new(t, type);
    if (!l) return UNDEF;
    l->number = (int64_t)atomic_add_relaxed_u64(&next_number, 1);
    if (nargs || keywords) {
        Value all = tuple_from_refs(t, args, nargs + keywords);
        if (!all) {
            value_release(t, value_of(l));
            return UNDEF;
        }
        slot_init(&l->args, all);
        if (keywords) slot_init(&l->kwargs, value_dup(t, value_of(kwnames)));
    }
    // The making thread's __init__ is run by the call of the type: its attributes are there already.
    if (UNLIKELY(!t->locals)) t->locals = dict_new(t);
    Value dict = t->locals ? dict_new(t) : UNDEF, ref = dict ? weakref_new(t, TYPE_OF(WEAKREF), value_of(l), UNDEF) : UNDEF;
    Value entry = ref ? tuple_pair(t, ref, dict) : UNDEF;
    int failed = !entry || dict_set(t, value_dict(t->locals), value_int(l->number), entry) < 0;
    value_release(t, entry);
    if (failed) {
        value_release(t, value_of(l));
        return UNDEF;
    }
    return value_of(l);
}

static bool is_dict_name(ValueRef name) { return str_equal(value_str(name), value_str(NAME(__dict__))); }

static Value local_getattr(Thread *t, ValueRef self, ValueRef name) {
    if (!value_is_any_str(name)) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Value attributes = attributes_of(t, self);
    if (!attributes) return UNDEF;
    if (is_dict_name(name)) return attributes;
    Type *type = value_type(self);
    Value of_type = value_dup(t, type_lookup(t, type, name)), found = UNDEF;
    Type *kind = of_type ? value_type(of_type) : NULL;
    if (kind && kind->ops.descr_set && kind->ops.descr_get) {
        found = kind->ops.descr_get(t, of_type, self, value_of(type));
    } else if (!(found = dict_get(t, value_dict(attributes), name)) && !error_pending(t)) {
        if (kind && kind->ops.descr_get) found = kind->ops.descr_get(t, of_type, self, value_of(type));
        else if (of_type) found = value_dup(t, of_type);
        else attribute_error(t, self, name);
    }
    value_release(t, of_type);
    value_release(t, attributes);
    return found;
}
static int local_setattr(Thread *t, ValueRef self, ValueRef name, ValueRef value) {
    if (!value_is_any_str(name)) return raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    if (is_dict_name(name)) return raise_int(t, ATTRIBUTE_ERROR, "'%Q' object attribute '__dict__' is read-only", value_type(self));
    Value attributes = attributes_of(t, self);
    if (!attributes) return -1;
    Value of_type = value_dup(t, type_lookup(t, value_type(self), name));
    int result;
    if (of_type && value_type(of_type)->ops.descr_set) {
        result = value_type(of_type)->ops.descr_set(t, of_type, self, value);
    } else if (value) {
        result = dict_set(t, value_dict(attributes), name, value);
    } else {
        Value old = dict_pop(t, value_dict(attributes), name);
        result = old ? 0 : -1;
        if (!old && !error_pending(t)) attribute_error(t, self, name);
        value_release(t, old);
    }
    value_release(t, of_type);
    value_release(t, attributes);
    return result;
}
static void local_destroy(Thread *t, Object *o) {
    Local *l = (Local *)o;
    VALUE_CLEAR(t, l->args);
    VALUE_CLEAR(t, l->kwargs);
    atomic_add_relaxed_u64(&deaths, 1);
}
static void local_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Local *)o)->args, arg);
    visit(&((Local *)o)->kwargs, arg);
}
const TypeSpec thread_local_spec = {
    .name = "_thread._local", .doc = "An object whose attributes each thread has for itself.", .size = sizeof(Local), .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.getattr = local_getattr, .setattr = local_setattr, .new = local_new}, .destroy = local_destroy, .traverse = local_traverse};
