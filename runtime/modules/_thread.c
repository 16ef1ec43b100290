// _thread: locks, starting and joining threads. Thread-local data is in _thread_local.c.
//
// A thread's life outside of objects is a ThreadRecord, shared by its handle and by the thread itself and freed with the last of
// them: the thread marks it done when it has left the runtime, without touching an object.
#include "runtime/modules/_thread.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/module.h"
#include "runtime/modules/_thread_local.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/structseq.h"
#include "runtime/signals.h"
#include "runtime/startup.h"
#include "runtime/sys.h"
#include "runtime/type.h"
#include "sync/gil.h"
#include "sync/mutex.h"
#include "sync/park.h"
#include "sync/safepoint.h"
#include "sync/sched.h"
#include "sync/sync.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct ThreadModule {
    Value lock_type, rlock_type, handle_type, local_type, excepthook_args;
} ThreadModule;
static Type *type_in(Value slot) { return (Type *)value_object(slot); }

// ---- time
#define TIMEOUT_MAX_SECONDS 9223372036.0
enum { TIMEOUT_FOREVER = 0, TIMEOUT_SOME = 1 };

// A number of seconds as a deadline; negative: for ever. 0, -1.
static int deadline_of(Thread *t, ValueRef seconds_value, uint64_t *deadline) {
    double seconds;
    if (arg_double(t, seconds_value, &seconds) < 0) return -1;
    if (seconds != seconds) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
    if (seconds < 0) {
        *deadline = PARK_FOREVER;
        return 0;
    }
    if (seconds > TIMEOUT_MAX_SECONDS) return raise_int(t, OVERFLOW_ERROR, seconds > 9.3e9 ? "timestamp out of range for C PyTime_t" : "timeout value is too large");
    *deadline = sync_now_ns() + (uint64_t)(seconds * 1e9);
    return 0;
}

// The arguments of acquire. *deadline: 0 for a try. 0, -1.
static int acquire_arguments(Thread *t, const ValueRef *args, uint64_t *deadline) {
    bool blocking = true;
    double seconds = -1;
    if (args[0] && arg_bool(t, args[0], &blocking) < 0) return -1;
    if (args[1] && arg_double(t, args[1], &seconds) < 0) return -1;
    if (args[1] && !blocking && seconds != -1) return raise_int(t, VALUE_ERROR, "can't specify a timeout for a non-blocking call");
    if (args[1] && seconds < 0 && seconds != -1) return raise_int(t, VALUE_ERROR, "timeout value must be a non-negative number");
    if (!blocking) {
        *deadline = 0;
        return 0;
    }
    return args[1] ? deadline_of(t, args[1], deadline) : (*deadline = PARK_FOREVER, 0);
}

// Takes a byte lock; signals that come meanwhile are served. 1, 0 (not within the time), -1 with an exception.
static int lock_take(Thread *t, _Atomic uint8_t *lock, uint64_t deadline) {
    if (LIKELY(byte_trylock(lock))) return 1;
    if (!deadline) return 0;
    for (;;) {
        switch (byte_lock_until(&t->core, lock, deadline, true)) {
        case PARK_TIMEOUT: return 0;
        case PARK_INTERRUPTED:
            if (poll_check(&t->core) < 0) return -1;
            if (deadline != PARK_FOREVER && sync_now_ns() >= deadline) return byte_trylock(lock);
            break;
        default: return 1;
        }
    }
}

// The result of acquire. A signal that came while it waited is served here, not in the next function that is called: the library's
// Condition waits in a try whose finally calls one, and stays whole only if it is left before.
static Value acquired(Thread *t, int taken) {
    if (taken < 0 || (taken && UNLIKELY(signals_arrived()) && poll_check(&t->core) < 0)) return UNDEF;
    return value_bool(taken);
}

// ================================================================ lock
typedef struct Lock {
    Container c;
    _Atomic uint8_t word; // byte lock
} Lock;
#define LOCK(v) ((Lock *)value_object(v))

static Value lock_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "lock", kwnames) < 0 || args_count(t, "lock", nargs, 0, 0) < 0) return UNDEF;
    Object *o = object_new(t, (Type *)value_object(type));
    return o ? value_of(o) : UNDEF;
}
FUNCTION(lock_acquire) {
    uint64_t deadline;
    if (acquire_arguments(t, args, &deadline) < 0) return UNDEF;
    return acquired(t, lock_take(t, &LOCK(self)->word, deadline));
}
FUNCTION(lock_enter) {
    int taken = lock_take(t, &LOCK(self)->word, PARK_FOREVER);
    return taken < 0 ? UNDEF : value_bool(taken);
}
FUNCTION(lock_release) {
    Lock *l = LOCK(self);
    if (!byte_is_locked(&l->word)) return raise(t, RUNTIME_ERROR, "release unlocked lock");
    byte_unlock(&l->word);
    return NONE;
}
FUNCTION(lock_locked) { return value_bool(byte_is_locked(&LOCK(self)->word)); }
FUNCTION(lock_reinit) {
    atomic_store_relaxed_u8(&LOCK(self)->word, 0);
    return NONE;
}
static Value lock_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<%s %Q object at %p>", byte_is_locked(&LOCK(self)->word) ? "locked" : "unlocked", value_type(self), (void *)value_object(self));
}
static void nothing_held(Thread *t, Object *o) {}
static void nothing_to_visit(Object *o, VisitFn visit, void *arg) {}

#define ACQUIRE_SIGNATURE "($self, /, blocking=True, timeout=-1)"
static const NativeDef lock_methods[] = {
    {"acquire", lock_acquire, ACQUIRE_SIGNATURE, "Takes the lock; whether it did.", 0},
    {"release", lock_release, "($self, /)", "Gives the lock up; any thread may.", 0},
    {"locked", lock_locked, "($self, /)", "Is it taken?", 0},
    {"acquire_lock", lock_acquire, ACQUIRE_SIGNATURE, "An old name of acquire.", 0},
    {"release_lock", lock_release, "($self, /)", "An old name of release.", 0},
    {"locked_lock", lock_locked, "($self, /)", "An old name of locked.", 0},
    {"__enter__", lock_enter, "($self, /)", "Takes the lock.", 0},
    {"__exit__", lock_release, "($self, exc_type=None, exc_value=None, exc_tb=None, /)", "Gives the lock up.", 0},
    {"_at_fork_reinit", lock_reinit, "($self, /)", "Free again, in a forked child.", 0},
    NATIVE_END};
static const TypeSpec lock_spec = {
    .name = "_thread.lock", .doc = "A lock that one thread holds at a time, and any may give up.", .size = sizeof(Lock), .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = lock_repr, .new = lock_new}, .methods = lock_methods, .destroy = nothing_held, .traverse = nothing_to_visit};

// ================================================================ RLock
typedef struct RLock {
    Container c;
    _Atomic uint8_t word;   // byte lock
    _Atomic uint64_t owner; // identifier of the holder, 0: free; only the holder stores its own
    uint64_t count;         // (holder) beyond the first
} RLock;
#define RLOCK(v) ((RLock *)value_object(v))
static bool rlock_is_mine(Thread *t, const RLock *r) { return atomic_load_relaxed_u64(&r->owner) == t->ident; }

static Value rlock_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Object *o = object_new(t, (Type *)value_object(type));
    return o ? value_of(o) : UNDEF;
}
static int rlock_take(Thread *t, RLock *r, uint64_t deadline) {
    if (rlock_is_mine(t, r)) return r->count++, 1;
    int taken = lock_take(t, &r->word, deadline);
    if (taken > 0) {
        atomic_store_relaxed_u64(&r->owner, t->ident);
        r->count = 0;
    }
    return taken;
}
FUNCTION(rlock_acquire) {
    uint64_t deadline;
    if (acquire_arguments(t, args, &deadline) < 0) return UNDEF;
    return acquired(t, rlock_take(t, RLOCK(self), deadline));
}
FUNCTION(rlock_enter) {
    int taken = rlock_take(t, RLOCK(self), PARK_FOREVER);
    return taken < 0 ? UNDEF : value_bool(taken);
}
static void rlock_free(RLock *r) {
    r->count = 0;
    atomic_store_relaxed_u64(&r->owner, 0);
    byte_unlock(&r->word);
}
FUNCTION(rlock_release) {
    RLock *r = RLOCK(self);
    if (!rlock_is_mine(t, r)) return raise(t, RUNTIME_ERROR, "cannot release un-acquired lock");
    if (r->count) r->count--;
    else rlock_free(r);
    return NONE;
}
FUNCTION(rlock_locked) { return value_bool(byte_is_locked(&RLOCK(self)->word)); }
FUNCTION(rlock_is_owned) { return value_bool(rlock_is_mine(t, RLOCK(self))); }
FUNCTION(rlock_recursion_count) { return rlock_is_mine(t, RLOCK(self)) ? int_from_uint64(t, RLOCK(self)->count + 1) : value_int(0); }
// Condition.wait gives all levels up, and takes them again.
FUNCTION(rlock_release_save) {
    RLock *r = RLOCK(self);
    if (!rlock_is_mine(t, r)) return raise(t, RUNTIME_ERROR, "cannot release un-acquired lock");
    Value count = int_from_uint64(t, r->count + 1), owner = count ? int_from_uint64(t, t->ident) : UNDEF;
    Value state = owner ? tuple_pair(t, count, owner) : UNDEF;
    if (state) rlock_free(r);
    return state;
}
FUNCTION(rlock_acquire_restore) {
    uint64_t count, owner;
    if (!value_is_any_tuple(args[0]) || value_tuple(args[0])->length != 2) return raise(t, TYPE_ERROR, "_acquire_restore() argument 1 must be a tuple of two numbers");
    if (arg_uint64(t, tuple_item(value_tuple(args[0]), 0), &count) < 0 || arg_uint64(t, tuple_item(value_tuple(args[0]), 1), &owner) < 0) return UNDEF;
    RLock *r = RLOCK(self);
    // Without interruption: the caller cannot do with the lock half restored.
    byte_lock(&t->core, &r->word);
    atomic_store_relaxed_u64(&r->owner, owner);
    r->count = count ? count - 1 : 0;
    return NONE;
}
FUNCTION(rlock_reinit) {
    RLock *r = RLOCK(self);
    atomic_store_relaxed_u8(&r->word, 0);
    atomic_store_relaxed_u64(&r->owner, 0);
    r->count = 0;
    return NONE;
}
static Value rlock_repr(Thread *t, ValueRef self) {
    RLock *r = RLOCK(self);
    uint64_t owner = atomic_load_relaxed_u64(&r->owner);
    uint64_t count = owner ? __atomic_load_n(&r->count, __ATOMIC_RELAXED) + 1 : 0;
    return str_of_format(t, "<%s %Q object owner=%lld count=%zu at %p>", byte_is_locked(&r->word) ? "locked" : "unlocked", value_type(self), (long long)owner, (size_t)count, (void *)r);
}
static const NativeDef rlock_methods[] = {
    {"acquire", rlock_acquire, ACQUIRE_SIGNATURE, "Takes the lock, once more where this thread has it.", 0},
    {"release", rlock_release, "($self, /)", "Gives one level up.", 0},
    {"locked", rlock_locked, "($self, /)", "Is it taken?", 0},
    {"_is_owned", rlock_is_owned, "($self, /)", "Does this thread have it?", 0},
    {"_recursion_count", rlock_recursion_count, "($self, /)", "How often this thread has it.", 0},
    {"_acquire_restore", rlock_acquire_restore, "($self, state, /)", "Takes the levels that _release_save gave up.", 0},
    {"_release_save", rlock_release_save, "($self, /)", "Gives all levels up.", 0},
    {"_at_fork_reinit", rlock_reinit, "($self, /)", "Free again, in a forked child.", 0},
    {"__enter__", rlock_enter, "($self, /)", "Takes the lock.", 0},
    {"__exit__", rlock_release, "($self, exc_type=None, exc_value=None, exc_tb=None, /)", "Gives one level up.", 0},
    NATIVE_END};
static const TypeSpec rlock_spec = {
    .name = "_thread.RLock", .doc = "A lock that its holder may take again.", .size = sizeof(RLock), .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.repr = rlock_repr, .new = rlock_new}, .methods = rlock_methods, .destroy = nothing_held, .traverse = nothing_to_visit};

// ================================================================ threads
enum RecordState { RECORD_NEW, RECORD_STARTING, RECORD_RUNNING, RECORD_DONE };
typedef struct ThreadRecord {
    _Atomic uint32_t references; // (a)
    _Atomic uint32_t state;      // (a) enum RecordState; waiters park on it
    _Atomic uint64_t ident;      // (a) 0: not started
    bool started_here;           // (records lock) by this module: the thread holds a reference
    bool joined_at_end;          // (records lock) and is no daemon
    bool listed;                 // (records lock) below: from the thread's start to its end
    _Atomic(struct ThreadRecord *) next; // (records lock) what is listed leads on to the rest at every moment: a fork may come at any
    struct ThreadRecord *previous;       // (records lock)
} ThreadRecord;

static RawLock records_lock;
static ThreadRecord records = {.next = &records, .previous = &records};
static _Atomic uint32_t running_threads; // started through this module; the last to end wakes who is parked on it

static ThreadRecord *record_new(void) {
    ThreadRecord *r = calloc(1, sizeof *r);
    if (r) atomic_store_relaxed_u32(&r->references, 1);
    return r;
}
static ThreadRecord *record_hold(ThreadRecord *r) {
    atomic_add_relaxed_u32(&r->references, 1);
    return r;
}
static void record_list(ThreadRecord *r, bool started_here, bool joined_at_end) {
    rawlock_lock(&records_lock);
    r->started_here = started_here;
    r->joined_at_end = joined_at_end;
    r->listed = true;
    atomic_store_relaxed_ptr(&r->next, &records);
    r->previous = records.previous;
    atomic_store_release_ptr(&r->previous->next, r); // a forked child reads it without the lock: threads_fork_child
    records.previous = r;
    rawlock_unlock(&records_lock);
}
static void record_unlist(ThreadRecord *r) {
    rawlock_lock(&records_lock);
    if (r->listed) {
        ThreadRecord *next = atomic_load_relaxed_ptr(&r->next);
        r->listed = false;
        next->previous = r->previous;
        atomic_store_release_ptr(&r->previous->next, next);
    }
    rawlock_unlock(&records_lock);
}
static void record_drop(ThreadRecord *r) {
    if (!r || atomic_sub_acq_rel_u32(&r->references, 1) != 1) return; // pairs with itself: the last one sees what the others wrote
    record_unlist(r);
    free(r);
}
static ThreadRecord *next_joined(ThreadRecord *r) { // after r (with the lock held); NULL at the end
    do r = atomic_load_relaxed_ptr(&r->next);
    while (r != &records && !r->joined_at_end);
    return r == &records ? NULL : r;
}
static void record_done(ThreadRecord *r) {
    record_unlist(r);
    atomic_store_release_u32(&r->state, RECORD_DONE); // acquired by whoever finds it done
    unpark_all(&r->state, 0);
}
static bool record_is_done(const ThreadRecord *r) { return atomic_load_acquire_u32(&r->state) == RECORD_DONE; }
static bool still_running(void *arg) { return !record_is_done(arg); }

// Waits for the thread's end: 1, 0 where the time is over, -1.
static int record_join(Thread *t, ThreadRecord *r, uint64_t deadline) {
    while (!record_is_done(r)) {
        if (deadline != PARK_FOREVER && sync_now_ns() >= deadline) return 0;
        ParkResult result = park(&t->core, &r->state, still_running, r, deadline, PARK_INTERRUPTIBLE, NULL);
        if (result == PARK_INTERRUPTED && poll_check(&t->core) < 0) return -1;
    }
    return 1;
}

// ---- handles
typedef struct Handle {
    Container c;
    ThreadRecord *record;
} Handle;
static ThreadRecord *record_of(ValueRef handle) { return ((Handle *)value_object(handle))->record; }

static Value handle_make(Thread *t, Type *type) {
    ThreadRecord *r = record_new();
    Handle *h = r ? object_new(t, type) : NULL;
    if (!h) {
        free(r);
        return error_pending(t) ? UNDEF : raise_no_memory(t);
    }
    h->record = r;
    return value_of(h);
}
static Value handle_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "_ThreadHandle", kwnames) < 0 || args_count(t, "_ThreadHandle", nargs, 0, 0) < 0) return UNDEF;
    return handle_make(t, (Type *)value_object(type));
}
static void handle_destroy(Thread *t, Object *o) { record_drop(((Handle *)o)->record); }
static Value handle_ident(Thread *t, ValueRef self) { return int_from_uint64(t, atomic_load_relaxed_u64(&record_of(self)->ident)); }
FUNCTION(handle_join) {
    uint64_t deadline = PARK_FOREVER;
    ThreadRecord *r = record_of(self);
    if (args[0] && args[0] != NONE && deadline_of(t, args[0], &deadline) < 0) return UNDEF;
    uint32_t state = atomic_load_acquire_u32(&r->state);
    if (state == RECORD_NEW) return raise(t, RUNTIME_ERROR, "thread not started");
    if (state == RECORD_RUNNING && atomic_load_relaxed_u64(&r->ident) == t->ident) return raise(t, RUNTIME_ERROR, "Cannot join current thread");
    if (state == RECORD_RUNNING && t->interp->finalizing) return raise(t, PYTHON_FINALIZATION_ERROR, "cannot join thread at interpreter shutdown");
    return record_join(t, r, deadline) < 0 ? UNDEF : NONE;
}
FUNCTION(handle_is_done) { return value_bool(record_is_done(record_of(self))); }
FUNCTION(handle_set_done) {
    ThreadRecord *r = record_of(self);
    uint32_t state = atomic_load_acquire_u32(&r->state);
    if (state == RECORD_NEW || state == RECORD_STARTING) return raise(t, RUNTIME_ERROR, "thread not started");
    record_done(r);
    return NONE;
}
static Value handle_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<%Q object: ident=%zu>", value_type(self), (size_t)atomic_load_relaxed_u64(&record_of(self)->ident));
}
static const NativeDef handle_methods[] = {
    {"join", handle_join, "($self, timeout=None, /)", "Waits for the thread's end.", 0},
    {"is_done", handle_is_done, "($self, /)", "Has the thread ended?", 0},
    {"_set_done", handle_set_done, "($self, /)", "Marks the thread as ended.", 0},
    NATIVE_END};
static const GetSetDef handle_getset[] = {{"ident", handle_ident, NULL, "The thread's identifier."}, GETSET_END};
static const TypeSpec handle_spec = {
    .name = "_thread._ThreadHandle", .doc = "A thread that can be joined.", .size = sizeof(Handle), .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = handle_repr, .new = handle_new}, .methods = handle_methods, .getset = handle_getset, .destroy = handle_destroy, .traverse = nothing_to_visit};

// ---- a thread's run
typedef struct Start {
    Thread *thread;
    ThreadRecord *record;
    Value function, args, kwargs; // owned; shared before the new thread exists. It takes them
} Start;

static void report_uncaught(Thread *t, ValueRef function) {
    if (error_matches(t, EXCEPTION(SYSTEM_EXIT))) {
        error_clear(t);
        return;
    }
    Value e = error_take(t), message = str_of_format(t, "Exception ignored in thread started by %R", function);
    if (!message) error_clear(t);
    error_report_unraisable(t, e, message, UNDEF);
}

// The child of a fork has no other main thread than the one that forked. When that one's function returns, the process ends with its
// last thread, without the steps of an orderly end.
static bool some_run(void *arg) { return atomic_load_acquire_u32(&running_threads) != 0; }
static NORETURN void end_with_threads(void) {
    while (some_run(NULL)) park(NULL, &running_threads, some_run, NULL, PARK_FOREVER, 0, NULL);
    _exit(0);
}

static void run_thread(void *arg) {
    Start *s = arg;
    Thread *t = s->thread;
    ThreadRecord *r = s->record;
    thread_attach(&t->core);
    thread_begin(t);
    atomic_store_relaxed_u64(&r->ident, t->ident);
    atomic_store_release_u32(&r->state, RECORD_RUNNING);
    Value function = s->function, result = call_tuple_dict(t, function, s->args, s->kwargs);
    if (!result) report_uncaught(t, function);
    value_release(t, result);
    value_release(t, function);
    value_release(t, s->args);
    value_release(t, s->kwargs);
    free(s);
    bool main = t->interp->main_thread == t; // of a forked child
    if (main) {
        thread_clear(t);
        thread_detach(&t->core);
    } else {
        thread_unmake(t);
    }
    if (atomic_sub_acq_rel_u32(&running_threads, 1) == 1) unpark_all(&running_threads, 0);
    record_done(r);
    record_drop(r);
    if (main) end_with_threads();
}

// Starts a thread for `r`, which is NEW. 0, -1.
static int start_thread(Thread *t, ThreadRecord *r, ValueRef function, ValueRef args, ValueRef kwargs, bool daemon) {
    if (t->interp->finalizing) return raise_int(t, PYTHON_FINALIZATION_ERROR, "can't create new thread at interpreter shutdown");
    uint32_t expected = RECORD_NEW;
    if (!atomic_cas_acq_rel_u32(&r->state, &expected, RECORD_STARTING)) return raise_int(t, RUNTIME_ERROR, "thread already started");
    Start *s = sync_go_shared(&t->core) == 0 ? calloc(1, sizeof *s) : NULL;
    Thread *fresh = s ? thread_make("Thread") : NULL;
    if (!fresh) {
        free(s);
        atomic_store_release_u32(&r->state, RECORD_NEW);
        return raise_int(t, RUNTIME_ERROR, "can't start new thread");
    }
    if (!sync_gil_mode) {
        // Whatever enters another thread's state is shared before that thread can look at it (DESIGN 3).
        publish_if_needed(t, function);
        publish_if_needed(t, args);
        if (kwargs) publish_if_needed(t, kwargs);
    }
    *s = (Start){fresh, record_hold(r), value_dup(t, function), value_dup(t, args), kwargs ? value_dup(t, kwargs) : UNDEF};
    record_list(r, true, !daemon);
    atomic_add_relaxed_u32(&running_threads, 1);
    uint64_t ident;
    int failed = sched_spawn_ident(&t->core, run_thread, s, 0, "Thread", &ident);
    if (failed) {
        atomic_sub_acq_rel_u32(&running_threads, 1);
        record_unlist(r);
        atomic_store_release_u32(&r->state, RECORD_NEW);
        value_release(t, s->function);
        value_release(t, s->args);
        value_release(t, s->kwargs);
        record_drop(r);
        thread_exit(&fresh->core);
        free(s);
        return raise_int(t, RUNTIME_ERROR, "can't start new thread");
    }
    atomic_store_relaxed_u64(&r->ident, ident); // known when the call returns; the thread itself says the same
    return 0;
}

FUNCTION(start_new_thread) {
    if (!value_type(args[0])->ops.call) return raise(t, TYPE_ERROR, "first arg must be callable");
    if (!value_is_any_tuple(args[1])) return raise(t, TYPE_ERROR, "2nd arg must be a tuple");
    if (args[2] && !value_is_any_dict(args[2])) return raise(t, TYPE_ERROR, "optional 3rd arg must be a dictionary");
    if (sys_audit_enabled(t)) {
        ValueRef parts[3] = {args[0], args[1], args[2] ? args[2] : (ValueRef)NONE};
        if (sys_audit(t, "_thread.start_new_thread", tuple_from_refs(t, parts, 3)) < 0) return UNDEF;
    }
    ThreadRecord *r = record_new();
    if (!r) return raise_no_memory(t);
    int failed = start_thread(t, r, args[0], args[1], args[2], true);
    Value ident = failed ? UNDEF : int_from_uint64(t, atomic_load_relaxed_u64(&r->ident));
    record_drop(r);
    return ident;
}
FUNCTION(start_joinable_thread) {
    ThreadModule *s = module_state(self);
    bool daemon = true;
    if (!value_type(args[0])->ops.call) return raise(t, TYPE_ERROR, "thread function must be callable");
    if (args[1] && args[1] != NONE && value_type(args[1]) != type_in(s->handle_type)) return raise(t, TYPE_ERROR, "'handle' must be a _ThreadHandle");
    if (args[2] && arg_bool(t, args[2], &daemon) < 0) return UNDEF;
    if (sys_audit_enabled(t)) {
        ValueRef parts[3] = {args[0], value_bool(daemon), args[1] ? args[1] : (ValueRef)NONE};
        if (sys_audit(t, "_thread.start_joinable_thread", tuple_from_refs(t, parts, 3)) < 0) return UNDEF;
    }
    Value handle = args[1] && args[1] != NONE ? value_dup(t, args[1]) : handle_make(t, type_in(s->handle_type));
    Value none = handle ? tuple_from_refs(t, NULL, 0) : UNDEF;
    if (!none || start_thread(t, record_of(handle), args[0], none, UNDEF, daemon) < 0) VALUE_CLEAR(t, handle);
    value_release(t, none);
    return handle;
}
FUNCTION(make_thread_handle) {
    uint64_t ident;
    if (!value_is_any_int(args[0])) return raise(t, TYPE_ERROR, "ident must be an integer");
    if (arg_uint64(t, args[0], &ident) < 0) return UNDEF;
    Value handle = handle_make(t, type_in(((ThreadModule *)module_state(self))->handle_type));
    if (!handle) return UNDEF;
    atomic_store_relaxed_u64(&record_of(handle)->ident, ident);
    atomic_store_relaxed_u32(&record_of(handle)->state, RECORD_RUNNING);
    record_list(record_of(handle), false, false);
    return handle;
}
// Waits for every thread that is no daemon.
FUNCTION(shutdown) {
    for (;;) {
        rawlock_lock(&records_lock);
        ThreadRecord *r = next_joined(&records);
        if (r && atomic_load_relaxed_u64(&r->ident) == t->ident) r = next_joined(r); // this very thread: not to be waited for
        if (r) record_hold(r);
        rawlock_unlock(&records_lock);
        if (!r) return NONE;
        int joined = record_join(t, r, PARK_FOREVER);
        record_drop(r);
        if (joined < 0) {
            error_write_unraisable(t, "while joining a thread at shutdown", UNDEF);
            return NONE;
        }
    }
}

// While nothing else runs. The other threads have ended; this one, if it was started here, is not waited for at the end.
void threads_fork_child(Thread *t) {
    records_lock.word = 0;
    t->ident = (uint64_t)pthread_self();
    ThreadRecord *r = atomic_load_acquire_ptr(&records.next);
    atomic_store_relaxed_ptr(&records.next, &records);
    records.previous = &records;
    atomic_store_relaxed_u32(&running_threads, 0);
    for (ThreadRecord *next; r != &records; r = next) {
        next = atomic_load_acquire_ptr(&r->next);
        r->listed = false;
        bool mine = atomic_load_relaxed_u64(&r->ident) == t->ident;
        if (mine) record_list(r, r->started_here, false);
        else atomic_store_relaxed_u32(&r->state, RECORD_DONE);
        if (mine && r->started_here) atomic_store_relaxed_u32(&running_threads, 1);
        if (!mine && r->started_here) record_drop(r); // the thread's
    }
}

// ---- who, how many, leaving
FUNCTION(get_ident) { return int_from_uint64(t, t->ident); }
FUNCTION(get_native_id) { return value_int(syscall(SYS_gettid)); }
FUNCTION(get_main_thread_ident) { return int_from_uint64(t, t->interp->main_thread->ident); }
FUNCTION(count) { return value_int(atomic_load_relaxed_u32(&running_threads)); }
FUNCTION(is_main_interpreter) { return TRUE_VALUE; }
FUNCTION(exit_thread) {
    Value e = call_0(t, value_of(EXCEPTION(SYSTEM_EXIT)));
    return e ? raise_object(t, e) : UNDEF;
}
FUNCTION(interrupt_main) {
    int n = SIGINT;
    if (args[0] && arg_int(t, args[0], &n) < 0) return UNDEF;
    if (n < 1 || n > 64) return raise(t, VALUE_ERROR, "signal number out of range");
    signals_set_interrupt(n);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
FUNCTION(stack_size) {
    enum { STACK_LEAST = 53248 };
    int64_t size = 0;
    if (args[0] && arg_index(t, args[0], &size) < 0) return UNDEF;
    if (size && size < STACK_LEAST) return raise(t, VALUE_ERROR, "size must be at least %d bytes", STACK_LEAST);
    static _Atomic uint64_t chosen; // 0: the default
    uint64_t old = atomic_load_relaxed_u64(&chosen);
    static _Atomic uint64_t original;
    if (!atomic_load_relaxed_u64(&original)) atomic_store_relaxed_u64(&original, sched_default_stack());
    sched_set_default_stack(size ? (size_t)size : (size_t)atomic_load_relaxed_u64(&original));
    atomic_store_relaxed_u64(&chosen, (uint64_t)size);
    return int_from_uint64(t, old);
}
FUNCTION(allocate_lock) {
    Object *o = object_new(t, type_in(((ThreadModule *)module_state(self))->lock_type));
    return o ? value_of(o) : UNDEF;
}
FUNCTION(set_name) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "set_name() argument 'name' must be str, not %K", args[0]);
    char *allocated = NULL, name[16];
    size_t n;
    const char *text = str_utf8(t, value_str(args[0]), &n, &allocated);
    if (!text) {
        error_clear(t);
        return NONE;
    }
    if (n > sizeof name - 1) n = sizeof name - 1;
    while (n && ((uint8_t)text[n] & 0xc0) == 0x80) n--; // not within a character
    memcpy(name, text, n);
    name[n] = 0;
    free(allocated);
    thread_set_name(&t->core, name);
    pthread_setname_np(pthread_self(), name);
    return NONE;
}
FUNCTION(get_name) {
    char name[64];
    if (pthread_getname_np(pthread_self(), name, sizeof name)) return raise_os_error(t, errno, UNDEF);
    return str_from_utf8_surrogates(t, name, strlen(name));
}

// ---- what prints an exception that a thread did not catch
static const StructSeqSpec excepthook_fields = {
    "_thread._ExceptHookArgs", "Arguments of threading.excepthook.", (const char *const[]){"exc_type", "exc_value", "exc_traceback", "thread", NULL}, 4, false};
FUNCTION(excepthook) {
    ThreadModule *s = module_state(self);
    if (value_type(args[0]) != type_in(s->excepthook_args)) return raise(t, TYPE_ERROR, "_thread.excepthook argument type must be ExceptHookArgs");
    Tuple *given = value_tuple(args[0]);
    ValueRef type = tuple_item(given, 0), value = tuple_item(given, 1), thread = tuple_item(given, 3);
    if (type == value_of(EXCEPTION(SYSTEM_EXIT))) return NONE;
    Value file = dict_get(t, value_dict(t->interp->sys_dict), NAME(stderr)), name = UNDEF, line = UNDEF, result = UNDEF;
    if (file == NONE) file = UNDEF;
    if (!file && thread != NONE) { // the stream that it had when it was made
        Value key = str_intern_text(t, "_stderr");
        file = key ? object_getattr_or_undef(t, thread, key) : UNDEF;
        value_release(t, key);
        if (file == NONE) file = UNDEF;
    }
    if (error_pending(t)) goto done;
    if (!file) {
        result = NONE;
        goto done;
    }
    if (thread != NONE) {
        Value key = str_intern_text(t, "_name");
        name = key ? object_getattr_or_undef(t, thread, key) : UNDEF;
        value_release(t, key);
        error_clear(t);
    }
    line = name ? str_of_format(t, "Exception in thread %S:\n", name) : str_of_format(t, "Exception in thread %zu:\n", (size_t)t->ident);
    Value wrote = line ? call_method_1(t, file, NAME(write), line) : UNDEF;
    if (!wrote) goto done;
    value_release(t, wrote);
    if (value_is_exception(value) && exception_print(t, value, file) < 0) goto done;
    Value flushed = call_method_0(t, file, NAME(flush));
    if (!flushed) goto done;
    value_release(t, flushed);
    result = NONE;
done:
    value_release(t, line);
    value_release(t, name);
    value_release(t, file);
    return result;
}

static const NativeDef thread_functions[] = {
    {"start_new_thread", start_new_thread, "($module, function, args, kwargs={}, /)", "Starts a thread; its identifier.", 0},
    {"start_new", start_new_thread, "($module, function, args, kwargs={}, /)", "An old name of start_new_thread.", 0},
    {"start_joinable_thread", start_joinable_thread, "($module, /, function, handle=None, daemon=True)", "Starts a thread; its handle.", 0},
    {"_make_thread_handle", make_thread_handle, "($module, ident, /)", "A handle for a thread that runs already.", 0},
    {"_shutdown", shutdown, "($module, /)", "Waits for the threads that are no daemons.", 0},
    {"daemon_threads_allowed", is_main_interpreter, "($module, /)", "True.", 0},
    {"allocate_lock", allocate_lock, "($module, /)", "A new lock.", 0},
    {"allocate", allocate_lock, "($module, /)", "An old name of allocate_lock.", 0},
    {"get_ident", get_ident, "($module, /)", "This thread's identifier.", 0},
    {"get_native_id", get_native_id, "($module, /)", "The kernel's identifier of this thread.", 0},
    {"_get_main_thread_ident", get_main_thread_ident, "($module, /)", "The main thread's identifier.", 0},
    {"_count", count, "($module, /)", "How many threads run beside the main one.", 0},
    {"_is_main_interpreter", is_main_interpreter, "($module, /)", "True.", 0},
    {"exit", exit_thread, "($module, /)", "Ends this thread by SystemExit.", 0},
    {"exit_thread", exit_thread, "($module, /)", "An old name of exit.", 0},
    {"interrupt_main", interrupt_main, "($module, signum=signal.SIGINT, /)", "As if a signal had come.", 0},
    {"stack_size", stack_size, "($module, size=0, /)", "Sets the stack size of new threads; gives the old one.", 0},
    {"set_name", set_name, "($module, /, name)", "Tells the system this thread's name.", 0},
    {"_get_name", get_name, "($module, /)", "This thread's name in the system.", 0},
    {"_excepthook", excepthook, "($module, args, /)", "Prints an exception that a thread did not catch.", 0},
    NATIVE_END};

static void state_traverse(void *state, VisitFn visit, void *arg) {
    ThreadModule *s = state;
    Value *slots[] = {&s->lock_type, &s->rlock_type, &s->handle_type, &s->local_type, &s->excepthook_args};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) visit(slots[i], arg);
}
static int add_type(Thread *t, ValueRef module, Value *slot, Type *type) {
    if (!type) return -1;
    slot_store(t, value_object(module), slot, value_dup(t, value_of(type)));
    return module_add_type(t, module, type);
}
static int thread_exec(Thread *t, ValueRef module) {
    ThreadModule *s = module_state(module);
    Value name = str_intern_text(t, "_thread");
    if (!name) return -1;
    int failed = add_type(t, module, &s->lock_type, type_from_spec(t, &lock_spec, UNDEF, name)) < 0 ||
                 add_type(t, module, &s->rlock_type, type_from_spec(t, &rlock_spec, UNDEF, name)) < 0 ||
                 add_type(t, module, &s->handle_type, type_from_spec(t, &handle_spec, UNDEF, name)) < 0 ||
                 add_type(t, module, &s->local_type, type_from_spec(t, &thread_local_spec, UNDEF, name)) < 0 ||
                 add_type(t, module, &s->excepthook_args, structseq_type(t, &excepthook_fields)) < 0;
    value_release(t, name);
    if (failed || module_add(t, module, "LockType", value_dup(t, s->lock_type)) < 0 || module_add(t, module, "error", value_of(EXCEPTION(RUNTIME_ERROR))) < 0) return -1;
    if (module_add_int(t, module, "_NAME_MAXLEN", 15) < 0) return -1;
    return module_add(t, module, "TIMEOUT_MAX", float_new(t, TIMEOUT_MAX_SECONDS));
}
const ModuleSpec _thread_module = {.name = "_thread", .doc = "Threads and locks, as the library's threading needs them.", .functions = thread_functions, .exec = thread_exec,
                                   .state_size = sizeof(ThreadModule), .traverse = state_traverse};
