// gc: the cycle collector's controls, and questions about the heap. What looks at objects that other threads may own does so in a
// stop, and shares there what it gives out (DESIGN 3); the lists are made after it.
#include <stdlib.h>
#include "runtime/gc.h"
#include "runtime/heap.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "sync/stop.h"
#include "sync/sync.h"

// (a) Numbers that a program may set and read back; what starts a collection is growth in bytes (runtime/gc.c).
static int64_t thresholds[3] = {2000, 10, 0};
static int64_t frozen;
static int64_t debug_flags;

// ---- objects found in a stop

typedef struct Found {
    Thread *t;
    Value *values;            // owned
    size_t count, room;
    bool failed;              // no memory
    const ValueRef *sought;   // get_referrers
    uint32_t nsought;
    bool refers;
} Found;

// In a stop. What is private is shared in the name of its owner, then counted for the asking thread.
static void found_add(Found *f, ValueRef v) {
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 1024;
        Value *grown = realloc(f->values, room * sizeof *grown);
        if (!grown) {
            f->failed = true;
            return;
        }
        f->values = grown;
        f->room = room;
    }
    if (sync_is_shared() && value_needs_publish(v)) publish_in_stop(f->t, value_object(v));
    f->values[f->count++] = value_dup(f->t, v);
}
static Value found_list(Found *f) {
    Thread *t = f->t;
    Value list = UNDEF;
    if (f->failed) {
        for (size_t i = 0; i < f->count; i++) value_release(t, f->values[i]);
        raise_no_memory(t);
    } else {
        list = list_from_values(t, f->values, (int64_t)f->count);
    }
    free(f->values);
    return list;
}

// A tuple that is still being filled is nobody's business but its maker's.
static bool is_whole(Object *o) {
    if (!(object_type(o)->flags & TYPE_IS_TUPLE)) return true;
    Tuple *tuple = (Tuple *)o;
    for (int64_t i = 0; i < tuple->length; i++)
        if (!value_bits(slot_borrow(&tuple->items[i]))) return false;
    return true;
}
static void add_object(Object *o, void *arg) {
    Found *f = arg;
    if (gc_is_visible(o) && is_whole(o)) found_add(f, value_of(o));
}
NATIVE(get_objects) {
    int64_t generation = -1;
    if (!not_given(args[0])) {
        if (arg_index(t, args[0], &generation) < 0) return UNDEF;
        if (generation < 0) return raise(t, VALUE_ERROR, "generation parameter cannot be negative");
        if (generation > 2) return raise(t, VALUE_ERROR, "generation parameter must be less than the number of available generations (3)");
    }
    Found f = {.t = t};
    stop_world(&t->core);
    if (generation < 1) registry_each(add_object, &f); // there is one generation
    start_world(&t->core);
    return found_list(&f);
}

static void seek(Value *slot, void *arg) {
    Found *f = arg;
    for (uint32_t i = 0; value_is_pointer(*slot) && i < f->nsought; i++)
        if (value_bits(*slot) == value_bits(f->sought[i])) f->refers = true;
}
static void add_referrer(Object *o, void *arg) {
    Found *f = arg;
    if (!gc_is_visible(o) || !is_whole(o)) return;
    f->refers = false;
    object_traverse(o, seek, f);
    if (f->refers) found_add(f, value_of(o));
}
NATIVE(get_referrers) {
    Found f = {.t = t, .sought = args, .nsought = nargs};
    stop_world(&t->core);
    registry_each(add_referrer, &f);
    start_world(&t->core);
    return found_list(&f);
}

static void add_referent(Value *slot, void *arg) {
    if (value_bits(*slot) && !value_is_mark(*slot)) found_add(arg, *slot);
}
NATIVE(get_referents) {
    Found f = {.t = t};
    stop_world(&t->core);
    for (uint32_t i = 0; i < nargs; i++)
        if (value_is_pointer(args[i]) && !object_is_leaf(value_object(args[i])) && gc_is_visible(value_object(args[i]))) object_traverse(value_object(args[i]), add_referent, &f);
    start_world(&t->core);
    return found_list(&f);
}
static bool is_listed(ValueRef v) {
    return value_is_pointer(v) && !object_is_leaf(value_object(v)) && object_registry_word(value_object(v))->index != 0;
}
NATIVE(is_tracked) { return value_bool(is_listed(args[0])); }
NATIVE(is_finalized) { return value_bool(value_is_pointer(args[0]) && atomic_load_relaxed_u8(&value_object(args[0])->head.gc) & GC_FINALIZED); }

// ---- collecting

typedef struct State { Value garbage; } State; // a list

static int add_number(Thread *t, Value dict, const char *name, int64_t n) { return dict_set_text(t, value_dict(dict), name, int_from_int64(t, n)); }
static Value info_make(Thread *t, int64_t generation, int64_t collected) {
    Value info = dict_new(t);
    if (value_bits(info) && (add_number(t, info, "generation", generation) < 0 || add_number(t, info, "collected", collected) < 0 || add_number(t, info, "uncollectable", 0) < 0))
        VALUE_CLEAR(t, info);
    return info;
}
void gc_tell(Thread *t, const char *phase, int64_t generation, int64_t collected) {
    Value callbacks = __atomic_load_n(&t->interp->gc_callbacks, __ATOMIC_ACQUIRE); // with exec's release
    if (!value_bits(callbacks) || t->tells_gc || !list_length(value_list(callbacks))) return;
    Value pending = error_take(t);
    t->tells_gc = true;
    Value info = info_make(t, generation, collected), text = value_bits(info) ? str_intern_text(t, phase) : UNDEF, all = value_bits(text) ? list_copy(t, value_list(callbacks)) : UNDEF;
    if (!value_bits(all)) error_write_unraisable(t, "while calling GC callbacks", callbacks);
    for (int64_t i = 0; value_bits(all) && i < list_length(value_list(all)); i++) {
        Value callback = list_get(t, value_list(all), i);
        Value result = call_2(t, callback, text, info);
        if (!value_bits(result)) error_write_unraisable(t, "while calling GC callback", callback);
        value_release(t, result);
        value_release(t, callback);
    }
    value_release(t, all);
    value_release(t, text);
    value_release(t, info);
    t->tells_gc = false;
    error_restore(t, pending);
}
NATIVE(collect) {
    int64_t generation = 2;
    if (value_bits(args[0]) && arg_index(t, args[0], &generation) < 0) return UNDEF;
    if (generation < 0 || generation > 2) return raise(t, VALUE_ERROR, "invalid generation");
    gc_tell(t, "start", generation, 0);
    int64_t n = gc_collect(t, (int)generation);
    gc_tell(t, "stop", generation, n);
    return value_int(n);
}
NATIVE(enable) { return gc_set_enabled(true), NONE; }
NATIVE(disable) { return gc_set_enabled(false), NONE; }
NATIVE(isenabled) { return value_bool(gc_enabled()); }
NATIVE(set_debug) {
    int flags;
    if (arg_int(t, args[0], &flags) < 0) return UNDEF;
    __atomic_store_n(&debug_flags, flags, __ATOMIC_RELAXED);
    return NONE;
}
NATIVE(get_debug) { return value_int(__atomic_load_n(&debug_flags, __ATOMIC_RELAXED)); }

static Value three(Thread *t, int64_t a, int64_t b, int64_t c) {
    Value v[3] = {int_from_int64(t, a), int_from_int64(t, b), int_from_int64(t, c)};
    return tuple_from_values(t, v, 3);
}
// Kilobytes of containers made since the last collection stand for the first generation's count.
NATIVE(get_count) { return three(t, (int64_t)(gc_pending_bytes(t) >> 10), 0, 0); }
NATIVE(set_threshold) {
    if (args_count(t, "gc.set_threshold", nargs, 1, 3) < 0) return UNDEF;
    int64_t n[3];
    for (uint32_t i = 0; i < nargs; i++)
        if (arg_index(t, args[i], &n[i]) < 0) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++) __atomic_store_n(&thresholds[i], n[i], __ATOMIC_RELAXED);
    gc_set_automatic(n[0] != 0);
    return NONE;
}
NATIVE(get_threshold) {
    return three(t, __atomic_load_n(&thresholds[0], __ATOMIC_RELAXED), __atomic_load_n(&thresholds[1], __ATOMIC_RELAXED), __atomic_load_n(&thresholds[2], __ATOMIC_RELAXED));
}
NATIVE(get_stats) {
    GcStats s = gc_stats();
    Value list = list_new(t, 3);
    for (int i = 0; value_bits(list) && i < 3; i++) { // everything is counted with the oldest generation
        Value d = dict_new(t);
        int bad = !value_bits(d) || add_number(t, d, "collections", i == 2 ? (int64_t)s.collections : 0) < 0 ||
                  add_number(t, d, "collected", i == 2 ? (int64_t)s.collected : 0) < 0 || add_number(t, d, "uncollectable", i == 2 ? (int64_t)s.uncollectable : 0) < 0;
        if (bad) value_release(t, d);
        if (bad || list_append(t, value_list(list), d) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
static void count_object(Object *o, void *arg) { *(int64_t *)arg += gc_is_visible(o); }
NATIVE(freeze) {
    int64_t n = 0;
    stop_world(&t->core);
    registry_each(count_object, &n);
    start_world(&t->core);
    __atomic_store_n(&frozen, n, __ATOMIC_RELAXED);
    return NONE;
}
NATIVE(unfreeze) { return __atomic_store_n(&frozen, 0, __ATOMIC_RELAXED), NONE; }
NATIVE(get_freeze_count) { return value_int(__atomic_load_n(&frozen, __ATOMIC_RELAXED)); }

static const NativeDef functions[] = {
    {"enable", enable, "($module, /)", "Collections start by themselves.", 0},
    {"disable", disable, "($module, /)", "Only collect() collects.", 0},
    {"isenabled", isenabled, "($module, /)", "Do collections start by themselves?", 0},
    {"collect", collect, "($module, /, generation=2)", "Collects now; how many objects were unreachable.", 0},
    {"set_debug", set_debug, "($module, flags, /)", "Sets the debugging flags.", 0},
    {"get_debug", get_debug, "($module, /)", "The debugging flags.", 0},
    {"get_count", get_count, "($module, /)", "What was made since the last collection, in kilobytes, as three numbers.", 0},
    {"set_threshold", set_threshold, NULL, "Sets the thresholds; a first one of 0 keeps collections from starting by themselves.", NATIVE_RAW},
    {"get_threshold", get_threshold, "($module, /)", "The thresholds.", 0},
    {"get_stats", get_stats, "($module, /)", "A dict of counters for each generation.", 0},
    {"get_objects", get_objects, "($module, /, generation=None)", "All objects that the collector knows. Stops the world, and shares them.", 0},
    {"get_referrers", get_referrers, "($module, /, *objs)", "The objects that refer to any of these.", NATIVE_RAW},
    {"get_referents", get_referents, "($module, /, *objs)", "The objects that these refer to.", NATIVE_RAW},
    {"is_tracked", is_tracked, "($module, obj, /)", "Does the collector look at the object?", 0},
    {"is_finalized", is_finalized, "($module, obj, /)", "Has the object's finalizer run?", 0},
    {"freeze", freeze, "($module, /)", "Counts the objects there are; this collector has no use for setting them aside.", 0},
    {"unfreeze", unfreeze, "($module, /)", "Forgets that count.", 0},
    {"get_freeze_count", get_freeze_count, "($module, /)", "The count that freeze() took.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    Value known = t->interp->gc_callbacks, callbacks = value_bits(known) ? value_dup(t, known) : list_new(t, 0), garbage = list_new(t, 0);
    if (!value_bits(callbacks) || !value_bits(garbage)) {
        value_release(t, callbacks);
        value_release(t, garbage);
        return -1;
    }
    slot_store(t, value_object(module), &s->garbage, value_dup(t, garbage));
    Value kept = value_dup(t, callbacks);
    if (module_add(t, module, "callbacks", callbacks) < 0) { // it publishes the list, where there are threads
        value_release(t, kept);
        return value_release(t, garbage), -1;
    }
    if (value_bits(known)) value_release(t, kept);
    else __atomic_store_n(&t->interp->gc_callbacks, kept, __ATOMIC_RELEASE);
    if (module_add(t, module, "garbage", garbage) < 0) return -1;
    static const struct { const char *name; int flag; } flags[] = {{"DEBUG_STATS", 1}, {"DEBUG_COLLECTABLE", 2}, {"DEBUG_UNCOLLECTABLE", 4}, {"DEBUG_SAVEALL", 32}, {"DEBUG_LEAK", 38}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (module_add_int(t, module, flags[i].name, flags[i].flag) < 0) return -1;
    return 0;
}
static void traverse(void *state, VisitFn visit, void *arg) {
    State *s = state;
    visit(&s->garbage, arg);
}
const ModuleSpec gc_module = {.name = "gc", .doc = "The cycle collector.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
