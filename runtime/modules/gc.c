// gc: the collector's controls, and looking at the heap. What walks the heap does so in a stop; objects of other threads that it
// hands out are published there first (DESIGN 3).
#include "runtime/gc.h"
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"
#include "sync/stop.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct GcModule {
    int64_t threshold[3], debug;
} GcModule;

// ---- running it
// 0, 1, 2: a generation's number. -1 with an exception.
static int generation_of(Thread *t, ValueRef v) {
    int n = 2;
    if (v && arg_int(t, v, &n) < 0) return -1;
    return n < 0 || n > 2 ? raise_int(t, VALUE_ERROR, "invalid generation") : n;
}
// gc.callbacks: each is told of the start and the end.
static void tell(Thread *t, ValueRef module, const char *phase, int generation, int64_t collected) {
    Value key = str_intern_text(t, "callbacks"), list = key ? dict_get(t, value_dict(value_module(module)->dict), key) : UNDEF;
    value_release(t, key);
    if (list && value_is(list, LIST) && list_length(value_list(list))) {
        Value name = str_intern_text(t, phase), info = dict_new(t);
        bool good = name && info && dict_set_text(t, value_dict(info), "generation", value_int(generation)) == 0 &&
                    dict_set_text(t, value_dict(info), "collected", value_int(collected)) == 0 && dict_set_text(t, value_dict(info), "uncollectable", value_int(0)) == 0;
        for (int64_t i = 0; good && i < list_length(value_list(list)); i++) {
            Value callback = list_get(t, value_list(list), i), done = callback ? call_2(t, callback, name, info) : UNDEF;
            if (error_pending(t)) error_write_unraisable(t, "calling a gc callback", callback);
            value_release(t, done);
            value_release(t, callback);
        }
        value_release(t, info);
        value_release(t, name);
    }
    error_clear(t);
    value_release(t, list);
}
FUNCTION(collect) {
    int generation = generation_of(t, args[0]);
    if (generation < 0) return UNDEF;
    tell(t, self, "start", generation, 0);
    int64_t n = gc_collect(t, generation);
    tell(t, self, "stop", generation, n);
    return int_from_int64(t, n);
}
FUNCTION(enable) { return gc_set_enabled(true), NONE; }
FUNCTION(disable) { return gc_set_enabled(false), NONE; }
FUNCTION(isenabled) { return value_bool(gc_enabled()); }

// ---- numbers
FUNCTION(get_count) {
    Value parts[3] = {value_int((int64_t)(thread_slot(t)->allocated_bytes / 64)), value_int(0), value_int(0)};
    return tuple_from_values(t, parts, 3);
}
FUNCTION(get_threshold) {
    const GcModule *m = module_state(self);
    Value parts[3] = {int_from_int64(t, m->threshold[0]), int_from_int64(t, m->threshold[1]), int_from_int64(t, m->threshold[2])};
    return tuple_from_values(t, parts, 3);
}
// The collector goes by bytes: the numbers are kept for those who ask; 0 first switches it off, as it does elsewhere.
FUNCTION(set_threshold) {
    GcModule *m = module_state(self);
    if (args_no_keywords(t, "gc.set_threshold", kwnames) < 0) return UNDEF;
    if (nargs < 1 || nargs > 3) return raise(t, TYPE_ERROR, "gc.set_threshold requires 1 to 3 arguments");
    for (uint32_t i = 0; i < nargs; i++) {
        int n;
        if (arg_int(t, args[i], &n) < 0) return UNDEF;
        m->threshold[i] = n;
    }
    gc_set_enabled(m->threshold[0] != 0);
    return NONE;
}
FUNCTION(get_stats) {
    GcStats stats = gc_stats();
    Value list = list_new(t, 3);
    for (int i = 0; list && i < 3; i++) {
        Value d = dict_new(t); // one heap, told as the oldest generation's
        bool good = d && dict_set_text(t, value_dict(d), "collections", int_from_uint64(t, i == 2 ? stats.collections : 0)) == 0 &&
                    dict_set_text(t, value_dict(d), "collected", int_from_uint64(t, i == 2 ? stats.collected : 0)) == 0 &&
                    dict_set_text(t, value_dict(d), "uncollectable", int_from_uint64(t, i == 2 ? stats.uncollectable : 0)) == 0;
        if (!good) {
            value_release(t, d);
            VALUE_CLEAR(t, list);
        } else if (list_append(t, value_list(list), d) < 0) {
            VALUE_CLEAR(t, list);
        }
    }
    return list;
}
FUNCTION(set_debug) {
    int flags;
    if (arg_int(t, args[0], &flags) < 0) return UNDEF;
    ((GcModule *)module_state(self))->debug = flags;
    return NONE;
}
FUNCTION(get_debug) { return int_from_int64(t, ((GcModule *)module_state(self))->debug); }
FUNCTION(nothing) { return NONE; }
FUNCTION(zero) { return value_int(0); }

// ---- looking at the heap
typedef struct Found {
    Thread *t;
    Value *values;          // each held
    size_t count, capacity;
    bool failed;
    const ValueRef *wanted; // get_referrers
    uint32_t wanted_count;
    bool hit;
} Found;

static bool is_alive(const Object *o) {
    uint16_t owner = refhead_owner(&o->head);
    return owner >= OWNER_DEFERRED || (ref_count(&o->head) > 0 && !(atomic_load_relaxed_u32(&o->head.rc_shared) & RC_DEAD && object_is_shared(o)));
}
// In a stop: room for one more.
static bool room(Found *f) {
    if (f->count == f->capacity) {
        size_t capacity = f->capacity ? f->capacity * 2 : 1024;
        Value *grown = realloc(f->values, capacity * sizeof *grown);
        if (!grown) {
            f->failed = true;
            return false;
        }
        f->values = grown;
        f->capacity = capacity;
    }
    return true;
}
static void hold(Found *f, Object *o) {
    if (!room(f)) return;
    if (!f->t->core.gil && !object_is_shared(o) && object_registry_word(o)->slot != f->t->core.slot_id) publish_in_stop(f->t, o);
    f->values[f->count++] = value_dup(f->t, value_of(o));
}
static Value found_list(Found *f) {
    Thread *t = f->t;
    Value list = f->failed ? raise_no_memory(t) : list_new(t, (int64_t)f->count);
    for (size_t i = 0; i < f->count; i++) {
        if (list && list_append(t, value_list(list), f->values[i]) == 0) continue;
        if (!list) value_release(t, f->values[i]);
        else VALUE_CLEAR(t, list);
    }
    free(f->values);
    return list;
}
static void take(Object *o, void *arg) {
    if (is_alive(o)) hold(arg, o);
}
FUNCTION(get_objects) {
    if (args[0] && args[0] != NONE) {
        int64_t n;
        if (arg_index(t, args[0], &n) < 0) return UNDEF;
        if (n >= 3) return raise(t, VALUE_ERROR, "generation parameter must be less than the number of available generations (3)");
        if (n < 0) return raise(t, VALUE_ERROR, "generation parameter cannot be negative");
    }
    Found f = {.t = t};
    stop_world(&t->core);
    registry_each(take, &f);
    start_world(&t->core);
    return found_list(&f);
}

static void compare_slot(Value *slot, void *arg) {
    Found *f = arg;
    for (uint32_t i = 0; i < f->wanted_count; i++)
        if (value_is_pointer(*slot) && *slot == f->wanted[i]) f->hit = true;
}
static void take_referrer(Object *o, void *arg) {
    Found *f = arg;
    if (!is_alive(o)) return;
    f->hit = false;
    object_traverse(o, compare_slot, f);
    if (f->hit) hold(f, o);
}
FUNCTION(get_referrers) {
    Found f = {.t = t, .wanted = args, .wanted_count = nargs};
    if (args_no_keywords(t, "gc.get_referrers", kwnames) < 0) return UNDEF;
    stop_world(&t->core);
    registry_each(take_referrer, &f);
    start_world(&t->core);
    return found_list(&f);
}
static void take_slot(Value *slot, void *arg) {
    Found *f = arg;
    if (value_is_pointer(*slot)) hold(f, value_object(*slot));
    else if (*slot && !value_is_mark(*slot) && room(f)) f->values[f->count++] = *slot;
}
FUNCTION(get_referents) {
    Found f = {.t = t};
    if (args_no_keywords(t, "gc.get_referents", kwnames) < 0) return UNDEF;
    stop_world(&t->core);
    for (uint32_t i = 0; i < nargs; i++)
        if (value_is_pointer(args[i]) && !object_is_leaf(value_object(args[i]))) object_traverse(value_object(args[i]), take_slot, &f);
    start_world(&t->core);
    return found_list(&f);
}
FUNCTION(is_tracked) { return value_bool(value_is_pointer(args[0]) && !object_is_leaf(value_object(args[0]))); }
FUNCTION(is_finalized) {
    return value_bool(value_is_pointer(args[0]) && atomic_load_relaxed_u8(&value_object(args[0])->head.gc) & GC_FINALIZED);
}

static const NativeDef gc_functions[] = {
    {"collect", collect, "($module, /, generation=2)", "Finds and frees what only cycles hold; how many objects.", 0},
    {"enable", enable, "($module, /)", "Collections run by themselves.", 0},
    {"disable", disable, "($module, /)", "Collections run when asked for alone.", 0},
    {"isenabled", isenabled, "($module, /)", "Do collections run by themselves?", 0},
    {"get_count", get_count, "($module, /)", "What was allocated since the last collection, about.", 0},
    {"get_threshold", get_threshold, "($module, /)", "What set_threshold was given.", 0},
    {"set_threshold", set_threshold, "(threshold0, [threshold1, [threshold2]])", "0 switches collections off.", NATIVE_RAW},
    {"get_stats", get_stats, "($module, /)", "Numbers of collections.", 0},
    {"set_debug", set_debug, "($module, flags, /)", "Keeps the flags.", 0},
    {"get_debug", get_debug, "($module, /)", "The flags.", 0},
    {"get_objects", get_objects, "($module, /, generation=None)", "All objects that the collector knows.", 0},
    {"get_referrers", get_referrers, "($module, /, *objs)", "Objects that refer to any of these.", NATIVE_RAW},
    {"get_referents", get_referents, "($module, /, *objs)", "What these objects refer to.", NATIVE_RAW},
    {"is_tracked", is_tracked, "($module, obj, /)", "Does the collector know the object?", 0},
    {"is_finalized", is_finalized, "($module, obj, /)", "Has its finalizer run?", 0},
    {"freeze", nothing, "($module, /)", "Nothing to do: collections look at the young first.", 0},
    {"unfreeze", nothing, "($module, /)", "Nothing to do.", 0},
    {"get_freeze_count", zero, "($module, /)", "0.", 0},
    NATIVE_END};

static int gc_exec(Thread *t, ValueRef module) {
    GcModule *m = module_state(module);
    m->threshold[0] = 2000, m->threshold[1] = 10, m->threshold[2] = 10;
    static const struct { const char *name; int n; } flags[] = {{"DEBUG_STATS", 1}, {"DEBUG_COLLECTABLE", 2}, {"DEBUG_UNCOLLECTABLE", 4}, {"DEBUG_SAVEALL", 32}, {"DEBUG_LEAK", 38}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (module_add_int(t, module, flags[i].name, flags[i].n) < 0) return -1;
    return module_add(t, module, "callbacks", list_new(t, 0)) < 0 ? -1 : module_add(t, module, "garbage", list_new(t, 0));
}
const ModuleSpec gc_module = {.name = "gc", .doc = "The collector of cycles.", .functions = gc_functions, .exec = gc_exec, .state_size = sizeof(GcModule)};
