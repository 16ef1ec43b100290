// _abc: abstract base classes (PEP 3119) with caches. A class's data holds three tables, address of a class -> weak reference to
// it: an entry counts only while the reference leads to that very class, so an address used again is no hit. Tables are dicts
// with int keys: no Python runs in looking them up.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/critical.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// Counts registrations, of any class: a negative answer is true only for the number that it was found under.
static _Atomic uint64_t invalidation_counter;

typedef struct AbcData {
    Container c;
    Value registry, cache, negative; // (o) dicts, UNDEF while empty
    _Atomic uint64_t negative_version; // (a) of invalidation_counter
} AbcData;
typedef struct State { Value data_type; } State;

static void data_traverse(Object *o, VisitFn visit, void *arg) {
    AbcData *d = (AbcData *)o;
    visit(&d->registry, arg);
    visit(&d->cache, arg);
    visit(&d->negative, arg);
}
static void data_destroy(Thread *t, Object *o) {
    AbcData *d = (AbcData *)o;
    VALUE_CLEAR(t, d->registry);
    VALUE_CLEAR(t, d->cache);
    VALUE_CLEAR(t, d->negative);
}
static void data_clear(Thread *t, Object *o) {
    AbcData *d = (AbcData *)o;
    slot_store(t, d, &d->registry, UNDEF);
    slot_store(t, d, &d->cache, UNDEF);
    slot_store(t, d, &d->negative, UNDEF);
}
static const TypeSpec data_spec = {
    .name = "_abc._abc_data",
    .doc = "What an abstract base class knows of its subclasses.",
    .size = sizeof(AbcData),
    .flags = TYPE_NO_NEW,
    .destroy = data_destroy,
    .traverse = data_traverse,
    .clear = data_clear,
};

// The data of an abstract class (owned), NULL with an exception.
static AbcData *data_of(Thread *t, ValueRef class) {
    Value v = object_getattr(t, class, NAME(_abc_impl));
    if (!v) return NULL;
    if (value_type(v)->spec == &data_spec) return (AbcData *)value_object(v);
    value_release(t, v);
    return raise_null(t, TYPE_ERROR, "_abc_impl is set to a wrong type");
}

// ---- tables

static Value class_key(ValueRef class) { return value_int((int64_t)(value_bits(class) >> 3)); }

static int table_has(Thread *t, Value *table, ValueRef class) {
    Value dict = slot_get(t, table);
    if (!dict) return 0;
    Value ref = dict_get(t, value_dict(dict), class_key(class));
    value_release(t, dict);
    if (!ref) return error_pending(t) ? -1 : 0;
    Value target = weakref_get(t, ref);
    int found = target == class;
    value_release(t, target);
    value_release(t, ref);
    return found;
}

static int table_add(Thread *t, AbcData *d, Value *table, ValueRef class) {
    Value ref = weakref_new(t, TYPE_OF(WEAKREF), class, UNDEF);
    if (!ref) return -1;
    int result = 0;
    CriticalSection cs;
    critical_begin(&t->core, &cs, &d->c.head);
    if (!slot_borrow(table)) {
        Value fresh = dict_new(t);
        if (fresh) slot_store(t, d, table, fresh);
        else result = -1;
    }
    Value dict = slot_get(t, table);
    critical_end(&t->core, &cs);
    if (result == 0) result = dict_set(t, value_dict(dict), class_key(class), ref);
    value_release(t, dict);
    value_release(t, ref);
    return result;
}

static void table_reset(Thread *t, AbcData *d, Value *table) { slot_store(t, d, table, UNDEF); }

// The next class of a table that still lives (owned); UNDEF at the end.
static Value table_next(Thread *t, Value dict, int64_t *position) {
    Value ref;
    while (dict && dict_next(t, value_dict(dict), position, NULL, &ref) == 1) {
        Value class = weakref_get(t, ref);
        value_release(t, ref);
        if (class) return class;
    }
    return UNDEF;
}

// A negative answer found while the counter stood at `version`.
static int add_negative(Thread *t, AbcData *d, ValueRef class, uint64_t version) {
    if (atomic_load_acquire_u64(&invalidation_counter) != version || atomic_load_acquire_u64(&d->negative_version) != version) return 0;
    return table_add(t, d, &d->negative, class);
}
static int has_negative(Thread *t, AbcData *d, ValueRef class) {
    return atomic_load_acquire_u64(&d->negative_version) == atomic_load_acquire_u64(&invalidation_counter) ? table_has(t, &d->negative, class) : 0;
}

// ---- abstract methods

static int is_abstract(Thread *t, ValueRef v) {
    Value flag = object_getattr_or_undef(t, v, NAME(__isabstractmethod__));
    if (!flag) return error_pending(t) ? -1 : 0;
    int truth = object_is_true(t, flag);
    value_release(t, flag);
    return truth;
}

// Own attributes that are abstract.
static int add_own(Thread *t, ValueRef class, Value names) {
    Value dict = slot_get(t, &value_as_type(class)->dict), items = dict ? dict_copy(t, value_dict(dict)) : UNDEF, name, v;
    value_release(t, dict);
    if (!items) return -1;
    int64_t position = 0;
    int result = 0;
    while (result == 0 && dict_next(t, value_dict(items), &position, &name, &v) == 1) {
        int abstract = is_abstract(t, v);
        if (abstract < 0 || (abstract && set_add(t, value_set(names), name) < 0)) result = -1;
        value_release(t, name);
        value_release(t, v);
    }
    value_release(t, items);
    return result;
}
// What a base leaves abstract and the class does not define.
static int add_inherited(Thread *t, ValueRef class, ValueRef base, Value names) {
    Value abstract = object_getattr_or_undef(t, base, NAME(__abstractmethods__));
    if (!abstract) return error_pending(t) ? -1 : 0;
    Value list = list_from_iterable(t, abstract);
    value_release(t, abstract);
    if (!list) return -1;
    int result = 0;
    for (int64_t i = 0; result == 0; i++) {
        Value name = list_get(t, value_list(list), i);
        if (!name) break;
        Value v = value_is_any_str(name) ? object_getattr_or_undef(t, class, name) : UNDEF;
        int still = v ? is_abstract(t, v) : error_pending(t) ? -1 : 0;
        if (still < 0 || (still && set_add(t, value_set(names), name) < 0)) result = -1;
        value_release(t, v);
        value_release(t, name);
    }
    value_release(t, list);
    return result;
}

static int compute_abstract_methods(Thread *t, ValueRef class) {
    Value names = set_new(t), bases = slot_get(t, &value_as_type(class)->bases);
    int result = names ? add_own(t, class, names) : -1;
    Tuple *tuple = value_tuple(bases);
    for (int64_t i = 0; result == 0 && i < tuple->length; i++) result = add_inherited(t, class, tuple_item(tuple, i), names);
    value_release(t, bases);
    Value frozen = result == 0 ? frozenset_from_iterable(t, names) : UNDEF;
    value_release(t, names);
    if (!frozen) return -1;
    result = object_setattr(t, class, NAME(__abstractmethods__), frozen);
    value_release(t, frozen);
    return result;
}

// __abc_tpflags__ in a class body says that its subclasses match sequence (1 << 5) or mapping (1 << 6) patterns.
static int take_pattern_flags(Thread *t, Type *type) {
    Value name = str_intern_text(t, "__abc_tpflags__");
    if (!name) return -1;
    Value v = value_dup(t, type_dict_get(type, name));
    int result = 0;
    if (v) {
        int64_t flags = 0;
        if (value_is_any_int(v)) int_as_int64(v, &flags);
        if ((flags & 96) == 96)
            result = raise_int(t, TYPE_ERROR, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
        else if (flags & 96)
            type_set_flags(t, type, flags & 32 ? TYPE_SEQUENCE : TYPE_MAPPING, TYPE_SEQUENCE | TYPE_MAPPING);
        if (result == 0 && type_dict_set(t, type, name, UNDEF) < 0) result = -1;
    }
    value_release(t, v);
    value_release(t, name);
    return result;
}

static int check_type(Thread *t, ValueRef class) {
    return value_is_type(class) ? 0 : raise_int(t, TYPE_ERROR, "abstract base classes are types, not '%T'", class);
}

NATIVE(abc_init) {
    ValueRef class = args[0];
    if (check_type(t, class) < 0 || compute_abstract_methods(t, class) < 0) return UNDEF;
    State *state = module_state(self);
    AbcData *d = object_new(t, value_as_type(state->data_type));
    if (!d) return UNDEF;
    atomic_store_relaxed_u64(&d->negative_version, atomic_load_relaxed_u64(&invalidation_counter));
    int result = object_setattr(t, class, NAME(_abc_impl), value_of(d));
    object_release(t, d);
    return result < 0 || take_pattern_flags(t, value_as_type(class)) < 0 ? UNDEF : NONE;
}

// ---- registration

static void set_pattern_flags(Thread *t, Type *type, uint32_t flag) {
    if (type->flags & (TYPE_SEQUENCE | TYPE_MAPPING) || type->flags & TYPE_IMMUTABLE) return;
    type_set_flags(t, type, flag, 0);
    Value subclasses = slot_get(t, &type->subclasses);
    int64_t position = 0;
    Type *subclass;
    while ((subclass = type_next_subclass(t, subclasses, &position))) {
        set_pattern_flags(t, subclass, flag);
        object_release(t, subclass);
    }
    value_release(t, subclasses);
}

NATIVE(abc_register) {
    ValueRef class = args[0], subclass = args[1];
    if (!value_is_type(subclass)) return raise(t, TYPE_ERROR, "Can only register classes");
    int already = object_is_subclass(t, subclass, class);
    if (already) return already < 0 ? UNDEF : value_dup(t, subclass);
    int cycle = object_is_subclass(t, class, subclass);
    if (cycle) return cycle < 0 ? UNDEF : raise(t, RUNTIME_ERROR, "Refusing to create an inheritance cycle");
    AbcData *d = data_of(t, class);
    if (!d) return UNDEF;
    int result = table_add(t, d, &d->registry, subclass);
    object_release(t, d);
    if (result < 0) return UNDEF;
    atomic_add_acq_rel_u64(&invalidation_counter, 1);
    uint32_t kind = value_is_type(class) ? value_as_type(class)->flags & (TYPE_SEQUENCE | TYPE_MAPPING) : 0;
    if (kind) set_pattern_flags(t, value_as_type(subclass), kind);
    return value_dup(t, subclass);
}

// ---- checks

static Value subclass_check(Thread *t, ValueRef class, ValueRef subclass) {
    return call_method_1(t, class, NAME(__subclasscheck__), subclass);
}

NATIVE(abc_instancecheck) {
    ValueRef class = args[0], instance = args[1];
    AbcData *d = data_of(t, class);
    if (!d) return UNDEF;
    Value pretended = object_getattr_or_undef(t, instance, NAME(__class__)), result = UNDEF;
    ValueRef type = value_of(value_type(instance));
    if (!pretended && error_pending(t)) goto done;
    if (!pretended) pretended = value_dup(t, type);
    int hit = table_has(t, &d->cache, pretended);
    if (hit) {
        result = hit < 0 ? UNDEF : TRUE_VALUE;
    } else if (pretended == type) {
        hit = has_negative(t, d, pretended);
        result = hit < 0 ? UNDEF : hit ? FALSE_VALUE : subclass_check(t, class, pretended);
    } else {
        result = subclass_check(t, class, pretended);
        int truth = result ? object_is_true(t, result) : 1;
        if (truth <= 0) {
            value_release(t, result);
            result = truth < 0 ? UNDEF : subclass_check(t, class, type);
        }
    }
done:
    value_release(t, pretended);
    object_release(t, d);
    return result;
}

// 1, 0, -1; 2 where __subclasshook__ leaves it open.
static int ask_hook(Thread *t, ValueRef class, ValueRef subclass) {
    Value answer = call_method_1(t, class, NAME(__subclasshook__), subclass);
    if (!answer) return -1;
    int result = answer == TRUE_VALUE ? 1 : answer == FALSE_VALUE ? 0 : 2;
    if (result == 2 && answer != NOT_IMPLEMENTED)
        result = raise_int(t, ASSERTION_ERROR, "__subclasshook__ must return either False, True, or NotImplemented");
    value_release(t, answer);
    return result;
}

static int is_subclass_of_registered(Thread *t, AbcData *d, ValueRef subclass) {
    Value held = slot_get(t, &d->registry);
    // The registry may change meanwhile: what is asked stands in a copy.
    Value registry = held ? dict_copy(t, value_dict(held)) : UNDEF, class;
    value_release(t, held);
    if (held && !registry) return -1;
    int64_t position = 0;
    int result = 0;
    while (result == 0 && (class = table_next(t, registry, &position))) {
        result = object_is_subclass(t, subclass, class);
        value_release(t, class);
    }
    value_release(t, registry);
    return result;
}

static int is_subclass_of_subclasses(Thread *t, ValueRef class, ValueRef subclass) {
    Value name = str_intern_text(t, "__subclasses__");
    Value list = name ? call_method_0(t, class, name) : UNDEF;
    value_release(t, name);
    if (!list) return -1;
    if (!value_is(list, LIST)) {
        value_release(t, list);
        return raise_int(t, TYPE_ERROR, "__subclasses__() must return a list");
    }
    int result = 0;
    for (int64_t i = 0; result == 0; i++) {
        Value below = list_get(t, value_list(list), i);
        if (!below) break;
        result = object_is_subclass(t, subclass, below);
        value_release(t, below);
    }
    value_release(t, list);
    return result;
}

static int decide(Thread *t, AbcData *d, ValueRef class, ValueRef subclass, uint64_t version) {
    int answer = ask_hook(t, class, subclass);
    if (answer == 2) answer = type_is_subtype(value_as_type(subclass), value_as_type(class));
    else if (answer == 0) return add_negative(t, d, subclass, version) < 0 ? -1 : 0;
    if (answer == 0) answer = is_subclass_of_registered(t, d, subclass);
    if (answer == 0) answer = is_subclass_of_subclasses(t, class, subclass);
    if (answer < 0) return -1;
    if (answer) return table_add(t, d, &d->cache, subclass) < 0 ? -1 : 1;
    return add_negative(t, d, subclass, version) < 0 ? -1 : 0;
}

NATIVE(abc_subclasscheck) {
    ValueRef class = args[0], subclass = args[1];
    if (!value_is_type(subclass)) return raise(t, TYPE_ERROR, "issubclass() arg 1 must be a class");
    if (check_type(t, class) < 0 || native_stack_exhausted(t, " in __subclasscheck__")) return UNDEF;
    AbcData *d = data_of(t, class);
    if (!d) return UNDEF;
    int answer = table_has(t, &d->cache, subclass);
    uint64_t version = atomic_load_acquire_u64(&invalidation_counter);
    if (answer == 0) {
        if (atomic_load_acquire_u64(&d->negative_version) != version) {
            // Something was registered since: every negative answer is in doubt.
            table_reset(t, d, &d->negative);
            atomic_store_release_u64(&d->negative_version, version);
        } else {
            int negative = table_has(t, &d->negative, subclass);
            if (negative) {
                object_release(t, d);
                return negative < 0 ? UNDEF : FALSE_VALUE;
            }
        }
        answer = decide(t, d, class, subclass, version);
    }
    object_release(t, d);
    return answer < 0 ? UNDEF : value_bool(answer);
}

// ---- for tests and for abc's debugging output

NATIVE(get_cache_token) { return int_from_uint64(t, atomic_load_relaxed_u64(&invalidation_counter)); }

NATIVE(reset_registry) {
    AbcData *d = data_of(t, args[0]);
    if (!d) return UNDEF;
    table_reset(t, d, &d->registry);
    object_release(t, d);
    return NONE;
}
NATIVE(reset_caches) {
    AbcData *d = data_of(t, args[0]);
    if (!d) return UNDEF;
    table_reset(t, d, &d->cache);
    table_reset(t, d, &d->negative);
    object_release(t, d);
    return NONE;
}

static Value table_as_set(Thread *t, Value *table) {
    Value set = set_new(t), dict = slot_get(t, table), ref;
    int64_t position = 0;
    while (set && dict && dict_next(t, value_dict(dict), &position, NULL, &ref) == 1) {
        int result = set_add(t, value_set(set), ref);
        value_release(t, ref);
        if (result < 0) VALUE_CLEAR(t, set);
    }
    value_release(t, dict);
    return set;
}
NATIVE(get_dump) {
    AbcData *d = data_of(t, args[0]);
    if (!d) return UNDEF;
    Value parts[4] = {table_as_set(t, &d->registry), table_as_set(t, &d->cache), table_as_set(t, &d->negative),
                      int_from_uint64(t, atomic_load_relaxed_u64(&d->negative_version))};
    object_release(t, d);
    if (parts[0] && parts[1] && parts[2] && parts[3]) return tuple_from_values(t, parts, 4);
    for (int i = 0; i < 4; i++) value_release(t, parts[i]);
    return UNDEF;
}

static const NativeDef functions[] = {
    {"get_cache_token", get_cache_token, "($module, /)", "The number of registrations so far.", 0},
    {"_abc_init", abc_init, "($module, self, /)", "Makes a class an abstract base class.", 0},
    {"_abc_register", abc_register, "($module, self, subclass, /)", "Makes a class count as a subclass.", 0},
    {"_abc_instancecheck", abc_instancecheck, "($module, self, instance, /)", "isinstance() for abstract base classes.", 0},
    {"_abc_subclasscheck", abc_subclasscheck, "($module, self, subclass, /)", "issubclass() for abstract base classes.", 0},
    {"_reset_registry", reset_registry, "($module, self, /)", "Forgets what was registered.", 0},
    {"_reset_caches", reset_caches, "($module, self, /)", "Forgets the answers that were cached.", 0},
    {"_get_dump", get_dump, "($module, self, /)", "Registry, cache, negative cache and its version.", 0},
    NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    Type *type = type_from_spec(t, &data_spec, UNDEF, NAME(_abc));
    if (!type) return -1;
    State *state = module_state(module);
    slot_store(t, value_module(module), &state->data_type, value_of(type));
    return 0;
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->data_type, arg); }
const ModuleSpec _abc_module = {
    .name = "_abc", .doc = "Abstract base classes.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
