// The functions of the sys module.
#include <dlfcn.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/frame.h"
#include "runtime/interp/trace.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/structseq.h"
#include "runtime/startup.h"
#include "runtime/sys.h"
#include "runtime/sys_internal.h"
#include "runtime/type.h"
#include "sync/gil.h"
#include "sync/stop.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// ---- exceptions being handled, leaving
FUNCTION(exception) {
    ValueRef e = error_handled(t);
    return e ? value_dup(t, e) : NONE;
}
FUNCTION(exc_info) {
    ValueRef e = error_handled(t);
    Value parts[3] = {NONE, NONE, NONE};
    if (e) {
        parts[0] = value_dup(t, value_of(value_type(e)));
        parts[1] = value_dup(t, e);
        parts[2] = slot_get(t, &value_exception(e)->traceback);
        if (!parts[2]) parts[2] = NONE;
    }
    return tuple_from_values(t, parts, 3);
}
FUNCTION(exit_) {
    // SystemExit(status); a tuple gives the arguments themselves.
    Value e;
    if (!args[0] || args[0] == NONE) e = call_0(t, value_of(EXCEPTION(SYSTEM_EXIT)));
    else if (value_is(args[0], TUPLE)) e = call_tuple_dict(t, value_of(EXCEPTION(SYSTEM_EXIT)), args[0], UNDEF);
    else e = call_1(t, value_of(EXCEPTION(SYSTEM_EXIT)), args[0]);
    return e ? raise_object(t, e) : UNDEF;
}

// ---- frames
FUNCTION(getframe) {
    int depth = 0;
    if (args[0] && arg_int(t, args[0], &depth) < 0) return UNDEF;
    Value *fp = frame_python(t->fp);
    for (; fp && depth > 0; depth--) fp = frame_python(frame_caller(fp));
    if (!fp) return raise(t, VALUE_ERROR, "call stack is not deep enough");
    Frame *f = frame_object(t, fp);
    return f ? value_dup(t, value_of(f)) : UNDEF;
}
FUNCTION(getframemodulename) {
    int depth = 0;
    if (args[0] && arg_int(t, args[0], &depth) < 0) return UNDEF;
    Value *fp = frame_python(t->fp);
    for (; fp && depth > 0; depth--) fp = frame_python(frame_caller(fp));
    if (!fp) return NONE;
    Function *f = frame_function(fp);
    Value module = slot_get(t, &f->module);
    if (!module) {
        Value globals = slot_get(t, &f->globals);
        module = dict_get(t, value_dict(globals), NAME(__name__));
        value_release(t, globals);
    }
    if (!module) error_clear(t);
    return module ? module : NONE;
}
// ---- what all threads are at
// What a stop collects, one entry a thread; all memory is made before it.
typedef struct Survey {
    Thread *t;
    struct { uint64_t ident; Value value; Frame *spare; } *rows;
    uint32_t capacity, count; // count: threads seen, perhaps more than there is room for
    bool frames;
} Survey;
static void count_thread(ThreadCore *core, void *arg) {
    (void)core;
    ++*(uint32_t *)arg;
}
static void survey_thread(ThreadCore *core, void *arg) {
    Survey *s = arg;
    Thread *other = (Thread *)core;
    if (other == s->t || !other->ident) return;
    uint32_t i = s->count++;
    if (i >= s->capacity) return;
    s->rows[i].ident = other->ident;
    if (s->frames) {
        Value *fp = other->fp ? frame_python(other->fp) : NULL;
        if (fp) s->rows[i].value = frame_install_in_stop(s->t, fp, other, &s->rows[i].spare);
    } else {
        ValueRef e = error_handled(other);
        if (!s->t->core.gil && value_needs_publish(e)) publish_in_stop(s->t, value_object(e));
        s->rows[i].value = e ? value_dup(s->t, e) : NONE;
    }
}
static void survey_free(Survey *s) {
    for (uint32_t i = 0; s->rows && i < s->capacity; i++) {
        value_release(s->t, s->rows[i].value);
        object_release(s->t, s->rows[i].spare);
    }
    free(s->rows);
    s->rows = NULL;
}
// A dict of thread identifiers with what each thread but this one is at; `own` (owned, UNDEF: nothing) is this thread's.
static Value survey(Thread *t, bool frames, Value own) {
    Survey s = {.t = t, .frames = frames};
    Value dict = dict_new(t);
    for (bool again = dict; again;) {
        again = false;
        survey_free(&s);
        s.capacity = 0;
        stop_world(&t->core);
        thread_each(&t->core, count_thread, &s.capacity);
        start_world(&t->core);
        s.count = 0;
        if (s.capacity <= 1) break;
        s.capacity += 4;
        if (!(s.rows = calloc(s.capacity, sizeof *s.rows))) {
            raise_no_memory(t);
            VALUE_CLEAR(t, dict);
            break;
        }
        for (uint32_t i = 0; dict && frames && i < s.capacity; i++)
            if (!(s.rows[i].spare = frame_spare(t))) VALUE_CLEAR(t, dict);
        if (!dict) break;
        stop_world(&t->core);
        thread_each(&t->core, survey_thread, &s);
        start_world(&t->core);
        again = s.count > s.capacity;
    }
    for (uint32_t i = 0; dict && i <= s.count; i++) {
        ValueRef v = i < s.count ? s.rows[i].value : own;
        if (!value_bits(v)) continue;
        Value key = int_from_uint64(t, i < s.count ? s.rows[i].ident : t->ident);
        if (!key || dict_set(t, value_dict(dict), key, v) < 0) VALUE_CLEAR(t, dict);
        value_release(t, key);
    }
    survey_free(&s);
    value_release(t, own);
    return dict;
}
FUNCTION(current_frames) {
    Value *fp = frame_python(t->fp);
    Frame *f = fp ? frame_object(t, fp) : NULL;
    return error_pending(t) ? UNDEF : survey(t, true, f ? value_of(object_dup(t, f)) : UNDEF);
}
FUNCTION(current_exceptions) {
    ValueRef e = error_handled(t);
    return survey(t, false, e ? value_dup(t, e) : NONE);
}

// ---- limits
static void set_depth_limit(ThreadCore *core, void *arg) { ((Thread *)core)->depth_limit = *(int64_t *)arg; }
FUNCTION(setrecursionlimit) {
    int limit;
    if (arg_int(t, args[0], &limit) < 0) return UNDEF;
    if (limit < 1) return raise(t, VALUE_ERROR, "recursion limit must be greater or equal than 1");
    if (t->depth >= limit) return raise(t, RECURSION_ERROR, "cannot set the recursion limit to %d at the recursion depth %lld: the limit is too low", limit, (long long)t->depth);
    int64_t n = limit;
    stop_world(&t->core);
    t->interp->recursion_limit = n;
    thread_each(&t->core, set_depth_limit, &n);
    start_world(&t->core);
    return NONE;
}
FUNCTION(getrecursionlimit) { return value_int(t->interp->recursion_limit); }
FUNCTION(setswitchinterval) {
    double seconds;
    if (arg_double(t, args[0], &seconds) < 0) return UNDEF;
    if (!(seconds > 0.0)) return raise(t, VALUE_ERROR, "switch interval must be strictly positive");
    gil_set_interval(seconds > 1e9 ? UINT64_MAX / 2 : (uint64_t)(seconds * 1e9));
    return NONE;
}
FUNCTION(getswitchinterval) { return float_new(t, (double)gil_interval() / 1e9); }
FUNCTION(get_int_max_str_digits) { return value_int(int_max_str_digits()); }
FUNCTION(set_int_max_str_digits) {
    int digits;
    if (arg_int(t, args[0], &digits) < 0) return UNDEF;
    if (digits != 0 && digits < 640) return raise(t, VALUE_ERROR, "maxdigits must be >= 640 or 0 for unlimited");
    int_set_max_str_digits(digits);
    return NONE;
}

// ---- objects
FUNCTION(getrefcount) {
    if (!value_is_pointer(args[0])) return int_from_int64(t, UINT32_MAX); // an immediate: as an immortal object
    const RefHead *o = &value_object(args[0])->head;
    if (refhead_owner(o) >= OWNER_DEFERRED) return int_from_int64(t, UINT32_MAX);
    return value_int((int64_t)ref_count(o) + 1);
}
FUNCTION(getsizeof) {
    Value method = lookup_special(t, args[0], NAME(__sizeof__)), size = UNDEF;
    if (method) size = call_0(t, method);
    else if (!error_pending(t)) raise(t, TYPE_ERROR, "Type %T doesn't define __sizeof__", args[0]);
    value_release(t, method);
    int64_t n = 0;
    if (size && arg_index(t, size, &n) == 0 && n < 0) raise(t, VALUE_ERROR, "__sizeof__() should return >= 0");
    value_release(t, size);
    if (error_pending(t)) {
        if (!args[1] || !error_matches(t, EXCEPTION(TYPE_ERROR))) return UNDEF;
        error_clear(t);
        return value_dup(t, args[1]);
    }
    return int_from_int64(t, n);
}
FUNCTION(intern) {
    if (value_is(args[0], STR)) return str_intern(t, value_dup(t, args[0]));
    if (value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "can't intern %T", args[0]);
    return raise(t, TYPE_ERROR, "intern() argument must be str, not %K", args[0]);
}
FUNCTION(is_interned) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "_is_interned() argument must be str, not %K", args[0]);
    return value_bool(value_is(args[0], STR) && str_is_interned(value_str(args[0])));
}
FUNCTION(is_immortal) { return value_bool(!value_is_pointer(args[0]) || refhead_owner(&value_object(args[0])->head) == OWNER_IMMORTAL); }
FUNCTION(getallocatedblocks) { return value_int(0); } // the allocator does not count
FUNCTION(getunicodeinternedsize) { return value_int(t->interp->interned && value_is_any_dict(t->interp->interned) ? dict_length(value_dict(t->interp->interned)) : 0); }

// ---- encodings, what the build and the process are
FUNCTION(getdefaultencoding) { return value_dup(t, NAME(utf_8_dash)); }
FUNCTION(getfilesystemencodeerrors) { return value_dup(t, NAME(surrogateescape)); }
FUNCTION(is_gil_enabled) { return value_bool(sync_gil_mode); }
FUNCTION(is_finalizing) { return value_bool(t->interp->finalizing); }
FUNCTION(get_cpu_count_config) { return value_int(runtime_config.cpu_count > 0 ? runtime_config.cpu_count : -1); }
FUNCTION(getdlopenflags) {
    SysState *s = sys_state(t);
    return value_int(s->dlopen_flags ? s->dlopen_flags - 1 : RTLD_NOW);
}
FUNCTION(setdlopenflags) {
    int flags;
    if (arg_int(t, args[0], &flags) < 0) return UNDEF;
    sys_state(t)->dlopen_flags = (int64_t)flags + 1;
    return NONE;
}

// ---- tracing
static Value set_hook(Thread *t, Value *slot, ValueRef function) {
    Value old = *slot;
    *slot = function == NONE ? UNDEF : value_dup(t, function);
    value_release(t, old);
    return NONE;
}
static Value function_or_undef(Thread *t, ValueRef v) { return v == NONE ? UNDEF : value_dup(t, v); }
FUNCTION(settrace) { return trace_set(t, function_or_undef(t, args[0]), t->profile ? value_dup(t, t->profile) : UNDEF) < 0 ? UNDEF : NONE; }
FUNCTION(setprofile) { return trace_set(t, t->trace ? value_dup(t, t->trace) : UNDEF, function_or_undef(t, args[0])) < 0 ? UNDEF : NONE; }
FUNCTION(gettrace) { return t->trace ? value_dup(t, t->trace) : NONE; }
FUNCTION(getprofile) { return t->profile ? value_dup(t, t->profile) : NONE; }
FUNCTION(call_tracing) {
    if (!value_is_any_tuple(args[1])) return raise(t, TYPE_ERROR, "call_tracing() argument 2 must be tuple, not %T", args[1]);
    return call_tuple_dict(t, args[0], args[1], UNDEF);
}
FUNCTION(nothing) { return NONE; }
FUNCTION(clear_type_descriptors) {
    if (!value_is_type(args[0])) return raise(t, TYPE_ERROR, "_clear_type_descriptors() argument must be type, not %T", args[0]);
    return type_clear_descriptors(t, (Type *)value_object(args[0])) < 0 ? UNDEF : NONE;
}
FUNCTION(false_) { return FALSE_VALUE; }
FUNCTION(activate_stack_trampoline) { return raise(t, VALUE_ERROR, "perf trampoline not available"); }
FUNCTION(remote_exec) { return raise(t, RUNTIME_ERROR, "Remote debugging is not enabled"); }

// ---- coroutines and asynchronous generators
FUNCTION(set_coroutine_origin_tracking_depth) {
    int depth;
    if (arg_int(t, args[0], &depth) < 0) return UNDEF;
    if (depth < 0) return raise(t, VALUE_ERROR, "depth must be >= 0");
    t->coroutine_origin_depth = (uint32_t)depth;
    return NONE;
}
FUNCTION(get_coroutine_origin_tracking_depth) { return value_int(t->coroutine_origin_depth); }
FUNCTION(set_asyncgen_hooks) {
    static const char *const names[] = {"firstiter", "finalizer"};
    Value *slots[] = {&t->async_gen_firstiter, &t->async_gen_finalizer};
    for (int i = 0; i < 2; i++)
        if (args[i] && args[i] != NONE && !value_type(args[i])->ops.call)
            return raise(t, TYPE_ERROR, "callable %s expected, got %T", names[i], args[i]);
    for (int i = 0; i < 2; i++)
        if (args[i]) set_hook(t, slots[i], args[i]);
    return NONE;
}
FUNCTION(get_asyncgen_hooks) {
    Value items[] = {t->async_gen_firstiter ? value_dup(t, t->async_gen_firstiter) : NONE, t->async_gen_finalizer ? value_dup(t, t->async_gen_finalizer) : NONE};
    return structseq_new(t, (Type *)value_object(sys_state(t)->asyncgen_hooks_type), items);
}

const NativeDef sys_functions[] = {
    {"exception", exception, "($module, /)", "The exception being handled, or None.", 0},
    {"exc_info", exc_info, "($module, /)", "Type, value and traceback of the exception being handled.", 0},
    {"exit", exit_, "($module, status=None, /)", "Leaves by raising SystemExit(status).", 0},
    {"_getframe", getframe, "($module, depth=0, /)", "A frame of the call stack.", 0},
    {"_getframemodulename", getframemodulename, "($module, /, depth=0)", "The name of the module of a calling frame.", 0},
    {"_current_frames", current_frames, "($module, /)", "Thread identifiers with their innermost frames.", 0},
    {"_current_exceptions", current_exceptions, "($module, /)", "Thread identifiers with the exceptions they handle.", 0},
    {"setrecursionlimit", setrecursionlimit, "($module, limit, /)", "Sets how deep Python calls may nest.", 0},
    {"getrecursionlimit", getrecursionlimit, "($module, /)", "How deep Python calls may nest.", 0},
    {"setswitchinterval", setswitchinterval, "($module, interval, /)", "Sets how long a thread keeps the global lock while others wait (GIL mode).", 0},
    {"getswitchinterval", getswitchinterval, "($module, /)", "The switch interval in seconds.", 0},
    {"get_int_max_str_digits", get_int_max_str_digits, "($module, /)", "The limit of digits in conversions between int and str.", 0},
    {"set_int_max_str_digits", set_int_max_str_digits, "($module, /, maxdigits)", "Sets the limit of digits; 0 for none.", 0},
    {"getrefcount", getrefcount, "($module, object, /)", "How many references the object has, with the argument's own.", 0},
    {"getsizeof", getsizeof, "($module, /, object, default=None)", "The object's size in bytes.", 0},
    {"intern", intern, "($module, string, /)", "The one string equal to this that the runtime keeps.", 0},
    {"_is_interned", is_interned, "($module, string, /)", "Is it the interned one?", 0},
    {"_is_immortal", is_immortal, "($module, op, /)", "Is the object never counted?", 0},
    {"getallocatedblocks", getallocatedblocks, "($module, /)", "0: the allocator does not count blocks.", 0},
    {"getunicodeinternedsize", getunicodeinternedsize, "($module, /, *, _only_immortal=False)", "How many strings are interned.", 0},
    {"getdefaultencoding", getdefaultencoding, "($module, /)", "The encoding of str and bytes where none is named.", 0},
    {"getfilesystemencoding", getdefaultencoding, "($module, /)", "The encoding of file names.", 0},
    {"getfilesystemencodeerrors", getfilesystemencodeerrors, "($module, /)", "The error handler of file names.", 0},
    {"_is_gil_enabled", is_gil_enabled, "($module, /)", "Does one lock guard all threads?", 0},
    {"is_finalizing", is_finalizing, "($module, /)", "Is the interpreter shutting down?", 0},
    {"_get_cpu_count_config", get_cpu_count_config, "($module, /)", "-X cpu_count, or -1.", 0},
    {"getdlopenflags", getdlopenflags, "($module, /)", "Flags for loading shared objects.", 0},
    {"setdlopenflags", setdlopenflags, "($module, flags, /)", "Sets the flags for loading shared objects.", 0},
    {"settrace", settrace, "($module, function, /)", "Sets this thread's trace function.", 0},
    {"setprofile", setprofile, "($module, function, /)", "Sets this thread's profile function.", 0},
    {"gettrace", gettrace, "($module, /)", "This thread's trace function.", 0},
    {"getprofile", getprofile, "($module, /)", "This thread's profile function.", 0},
    {"_settraceallthreads", settrace, "($module, function, /)", "Sets the trace function.", 0},
    {"_setprofileallthreads", setprofile, "($module, function, /)", "Sets the profile function.", 0},
    {"call_tracing", call_tracing, "($module, func, args, /)", "Calls func(*args) while tracing is on.", 0},
    {"_clear_type_cache", nothing, "($module, /)", "Nothing to do: caches are kept right.", 0},
    {"_clear_internal_caches", nothing, "($module, /)", "Nothing to do: caches are kept right.", 0},
    {"_clear_type_descriptors", clear_type_descriptors, "($module, type, /)", "Takes __dict__ and __weakref__ out of a class that is to be copied.", 0},
    {"_debugmallocstats", nothing, "($module, /)", "Nothing: the allocator is the system's.", 0},
    {"is_stack_trampoline_active", false_, "($module, /)", "False: there is no trampoline.", 0},
    {"activate_stack_trampoline", activate_stack_trampoline, "($module, backend, /)", "Not available.", 0},
    {"deactivate_stack_trampoline", nothing, "($module, /)", "Nothing to do.", 0},
    {"is_remote_debug_enabled", false_, "($module, /)", "False.", 0},
    {"remote_exec", remote_exec, "($module, /, pid, script)", "Not enabled.", 0},
    {"set_coroutine_origin_tracking_depth", set_coroutine_origin_tracking_depth, "($module, /, depth)", "How many frames new coroutines remember.", 0},
    {"get_coroutine_origin_tracking_depth", get_coroutine_origin_tracking_depth, "($module, /)", "How many frames new coroutines remember.", 0},
    {"set_asyncgen_hooks", set_asyncgen_hooks, "($module, /, firstiter=None, finalizer=None)", "Sets this thread's hooks of asynchronous generators.", 0},
    {"get_asyncgen_hooks", get_asyncgen_hooks, "($module, /)", "This thread's hooks of asynchronous generators.", 0},
    {"displayhook", sys_displayhook, "($module, object, /)", "Prints what an interactive expression gave, and keeps it as builtins._.", 0},
    {"excepthook", sys_excepthook, "($module, exctype, value, traceback, /)", "Prints an exception that nothing caught.", 0},
    {"unraisablehook", sys_unraisablehook, "($module, unraisable, /)", "Reports an exception that cannot be raised.", 0},
    {"breakpointhook", sys_breakpointhook, "($module, /, *args, **kwargs)", "Called by breakpoint().", NATIVE_RAW},
    {"audit", sys_audit_function, "($module, event, /, *args)", "Tells the audit hooks of an event.", NATIVE_RAW},
    {"addaudithook", sys_addaudithook, "($module, /, hook)", "Adds an audit hook.", 0},
    NATIVE_END};
