// Bringing the runtime up and down: sync's hooks, threads, builtin types, the first modules.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/interp/trace.h"
#include "runtime/startup.h"
#include "runtime/abstract.h"
#include "runtime/builtins.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/faulthandler.h"
#include "runtime/frontend.h"
#include "runtime/gc.h"
#include "runtime/gc_leaves.h"
#include "runtime/heap.h"
#include "runtime/import.h"
#include "runtime/interp/frame.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_layouts.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/support/gmp_memory.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/signals.h"
#include "runtime/stdio.h"
#include "runtime/sys.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/park.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/stop.h"
#include "sync/sync.h"

RuntimeConfig runtime_config = {.int_max_str_digits = -1, .thread_inherit_context = -1, .context_aware_warnings = -1, .check_hash_pycs = "default"};
Interp *main_interp;
const Frontend *frontend;
Type builtin_types[T_COUNT];
Type exception_types[E_COUNT];

// ---- threads
// Zeroed memory that shares no cache line: what one thread writes at every step must not lie beside what another does.
static void *own_lines(size_t bytes) {
    bytes = (bytes + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
    void *p = aligned_alloc(CACHE_LINE, bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

static ThreadCore *make_thread(void) {
    Thread *t = own_lines(sizeof *t);
    if (!t) return NULL;
    if (stack_init(t) < 0) {
        free(t);
        return NULL;
    }
    t->interp = main_interp;
    t->exc_state = &t->exc_base;
    t->depth_limit = main_interp ? main_interp->recursion_limit : 1000;
    return &t->core;
}
static void free_thread(ThreadCore *core) {
    stack_free((Thread *)core);
    free(core);
}

Thread *thread_make(const char *name) {
    ThreadCore *core = make_thread();
    if (!core) return NULL;
    if (thread_init(core, name) < 0) {
        free_thread(core);
        return NULL;
    }
    return (Thread *)core;
}

static Value *thread_slots_of(Thread *t, int i) {
    Value *slots[] = {&t->raised, &t->exc_base.handled, &t->context, &t->locals, &t->handle, &t->async_exc, &t->async_gen_firstiter,
                      &t->async_gen_finalizer, &t->trace, &t->profile, &t->repr_running, &t->return_value};
    return i < (int)(sizeof slots / sizeof *slots) ? slots[i] : NULL;
}
void thread_traverse(Thread *t, VisitFn visit, void *arg) {
    Value *slot;
    for (int i = 0; (slot = thread_slots_of(t, i)); i++) visit(slot, arg);
    for (ExcState *s = t->exc_state; s; s = s->outer) visit(&s->handled, arg);
}

void thread_begin(Thread *t) {
    enum { C_STACK_MARGIN = 192 << 10 }; // what native code below a check may use
    t->ident = (uint64_t)pthread_self();
    uintptr_t low = t->core.stack_low, high = t->core.stack_high;
    // The main thread's stack grows on demand, to a limit that may be far away or none at all.
    enum { C_STACK_MOST = 64 << 20 };
    if (high - low > C_STACK_MOST) low = high - C_STACK_MOST;
    uintptr_t margin = high - low > 4 * C_STACK_MARGIN ? C_STACK_MARGIN : (high - low) / 4;
    t->c_stack_limit = (char *)low + margin;
    t->heat_left = 1;
}

void thread_clear(Thread *t) {
    trace_thread_ends(t);
    Value *slot;
    for (int i = 0; (slot = thread_slots_of(t, i)); i++) VALUE_CLEAR(t, *slot);
}
void thread_unmake(Thread *t) {
    thread_clear(t);
    thread_exit(&t->core);
}

// ---- hooks
static bool can_defer(ThreadCore *self, RefHead *head) {
    (void)self;
    Object *o = (Object *)head;
    if (object_is_leaf(o)) return true;
    Type *type = object_type(o);
    return !type->ops.finalize && !(type->flags & TYPE_HAS_RESOURCE) && !(atomic_load_relaxed_u8(&head->gc) & GC_WEAKREF && weakref_has_callback(o));
}
// Threads that fight over a list or a tuple will fight over what is in it.
static void became_deferred(ThreadCore *self, RefHead *head) {
    enum { WARMED_MOST = 4096 };
    Thread *t = (Thread *)self;
    Object *o = (Object *)head;
    gc_note_deferred(t, o);
    bool tuple = object_type(o) == TYPE_OF(TUPLE);
    if (!tuple && object_type(o) != TYPE_OF(LIST)) return;
    int64_t n = tuple ? ((Tuple *)o)->length : list_length((List *)o);
    for (int64_t i = 0; i < n && i < WARMED_MOST; i++) {
        ValueRef v = tuple ? tuple_item((Tuple *)o, i) : list_borrow((List *)o, i);
        if (value_is_pointer(v) && object_is_shared(value_object(v))) ref_warm(self, &value_object(v)->head);
    }
}
static void publish_hook(ThreadCore *self, RefHead *o) { publish((Thread *)self, value_of(o)); }

static int slot_new(Slot *slot) {
    SlotData *data = own_lines(sizeof *data);
    if (!data || !(data->registry = registry_new())) {
        free(data);
        return -1;
    }
    slot->user = data;
    return 0;
}

static int poll_hook(ThreadCore *self, uint64_t bits) {
    Thread *t = (Thread *)self;
    if (bits & POLL_GC) gc_collect_if_due(t);
    if (bits & POLL_SIGNAL && signals_run(t) < 0) return -1;
    if (bits & POLL_ASYNC_EXC) {
        Value e = t->async_exc;
        t->async_exc = UNDEF;
        if (e) {
            Value made = value_is_type(e) ? call_0(t, e) : value_dup(t, e);
            value_release(t, e);
            if (made) raise_object(t, made);
            return -1;
        }
    }
    return 0;
}

const SyncHooks runtime_hooks = {
    .destroy = object_destroy, .finalize = object_finalize_handed, .can_defer = can_defer, .deferred = became_deferred, .publish = publish_hook,
    .go_shared = publish_everything, .poll = poll_hook, .slot_new = slot_new, .thread_new = make_thread, .thread_free = free_thread};

// ---- the interpreter's roots
void interp_traverse(Interp *interp, VisitFn visit, void *arg) {
    Value *roots[] = {&interp->modules, &interp->sys_dict, &interp->builtins_dict, &interp->builtins_module, &interp->sys_module, &interp->importlib,
                      &interp->codec_state, &interp->signal_handlers, &interp->no_memory, &interp->empty_bytes, &interp->empty_tuple, &interp->monitor_module, &interp->gc_callbacks};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) visit(roots[i], arg);
}

// ---- builtin types
#define TYPE(ID, spec) extern const TypeSpec spec;
#include "runtime/types.def"
#undef TYPE
static const TypeSpec *const builtin_specs[] = {
#define TYPE(ID, spec) &spec,
#include "runtime/types.def"
#undef TYPE
};
enum { E_BASE_EXCEPTION = -1 }; // it stands in types.def
static const int exception_bases[] = {
#define EXC(ID, name, BASE, layout, text) (int)E_##BASE,
#include "runtime/exceptions.def"
#undef EXC
};
static Type *builtin_base(int id) { return id == T_OBJECT ? NULL : &builtin_types[builtin_specs[id]->base]; }
static Type *exception_base(int id) { return exception_bases[id] < 0 ? TYPE_OF(BASE_EXCEPTION) : &exception_types[exception_bases[id]]; }

// First every type's layout, so that objects of any can be made; then their dicts, in the order of the tables.
static int types_prepare(Thread *t) {
    for (int i = 0; i < T_COUNT; i++)
        if (type_prepare_builtin(t, &builtin_types[i], builtin_specs[i], builtin_base(i), (uint32_t)i + 1) < 0) return -1;
    for (int i = 0; i < E_COUNT; i++)
        if (type_prepare_builtin(t, &exception_types[i], &exception_specs[i], exception_base(i), 0) < 0) return -1;
    return 0;
}
static int types_fill(Thread *t) {
    for (int i = 0; i < T_COUNT; i++)
        if (type_init_builtin(t, &builtin_types[i], builtin_specs[i], builtin_base(i), 0) < 0) return -1;
    for (int i = 0; i < E_COUNT; i++)
        if (type_init_builtin(t, &exception_types[i], &exception_specs[i], exception_base(i), 0) < 0) return -1;
    type_modified(t, TYPE_OF(OBJECT)); // what was looked up meanwhile
    return 0;
}

// ---- builtins
static const struct { const char *name; int type; } builtin_type_names[] = {
    {"object", T_OBJECT}, {"type", T_TYPE}, {"int", T_INT}, {"bool", T_BOOL}, {"float", T_FLOAT}, {"complex", T_COMPLEX}, {"str", T_STR}, {"bytes", T_BYTES},
    {"bytearray", T_BYTEARRAY}, {"memoryview", T_MEMORYVIEW}, {"tuple", T_TUPLE}, {"list", T_LIST}, {"dict", T_DICT}, {"set", T_SET}, {"frozenset", T_FROZENSET},
    {"range", T_RANGE}, {"slice", T_SLICE}, {"property", T_PROPERTY}, {"classmethod", T_CLASSMETHOD}, {"staticmethod", T_STATICMETHOD}, {"super", T_SUPER},
    {"enumerate", T_ENUMERATE}, {"zip", T_ZIP}, {"map", T_MAP}, {"filter", T_FILTER}, {"reversed", T_REVERSED}, {"BaseException", T_BASE_EXCEPTION}};
static const char *const exception_names[] = {
#define EXC(ID, name, BASE, layout, text) #name,
#include "runtime/exceptions.def"
#undef EXC
};

static int builtins_make(Thread *t) {
    Interp *interp = t->interp;
    interp->builtins_dict = dict_new(t); // in place before the module: modules' functions look for it
    if (!interp->builtins_dict) return -1;
    static const ModuleSpec spec = {.name = "builtins", .doc = "What every program can use without importing it.", .functions = builtin_functions};
    interp->builtins_module = module_from_spec(t, &spec);
    if (!interp->builtins_module) return -1;
    Dict *d = value_dict(value_module(interp->builtins_module)->dict);
    for (size_t i = 0; i < sizeof builtin_type_names / sizeof *builtin_type_names; i++)
        if (dict_set_text(t, d, builtin_type_names[i].name, value_of(&builtin_types[builtin_type_names[i].type])) < 0) return -1;
    for (int i = 0; i < E_COUNT; i++)
        if (dict_set_text(t, d, exception_names[i], value_of(&exception_types[i])) < 0) return -1;
    if (dict_set_text(t, d, "EnvironmentError", value_of(EXCEPTION(OS_ERROR))) < 0 || dict_set_text(t, d, "IOError", value_of(EXCEPTION(OS_ERROR))) < 0 ||
        dict_set_text(t, d, "Ellipsis", ELLIPSIS) < 0 || dict_set_text(t, d, "NotImplemented", NOT_IMPLEMENTED) < 0 || dict_set_text(t, d, "None", NONE) < 0 ||
        dict_set_text(t, d, "True", TRUE_VALUE) < 0 || dict_set_text(t, d, "False", FALSE_VALUE) < 0 ||
        dict_set_text(t, d, "__debug__", value_bool(runtime_config.optimize == 0)) < 0)
        return -1;
    value_release(t, interp->builtins_dict);
    interp->builtins_dict = value_dup(t, value_of(d));
    return 0;
}

int tuple_init(Thread *t) {
    Tuple *empty = tuple_alloc(t, 0);
    if (!empty) return -1;
    object_make_immortal((Object *)empty);
    t->interp->empty_tuple = value_of(empty);
    return 0;
}

Thread *runtime_start(void) {
    shapes_init();
    sync_init(&runtime_hooks, runtime_config.gil);
    Interp *interp = calloc(1, sizeof *interp);
    if (!interp) return NULL;
    main_interp = interp;
    interp->recursion_limit = 1000;
    if (gc_leaves_init(interp) < 0) return NULL;
    Thread *t = thread_make("MainThread");
    if (!t) return NULL;
    interp->main_thread = t;
    thread_attach(&t->core);
    thread_begin(t);
    const char *step = "types";
    gmp_memory_init();
    if (types_prepare(t) < 0 || tuple_init(t) < 0 || str_init(t) < 0 || names_make(t) < 0 || types_fill(t) < 0 || exceptions_startup(t) < 0) goto failed;
    step = "builtins";
    if (builtins_make(t) < 0) goto failed;
    step = "sys";
    if (sys_init(t) < 0 || sys_init_paths(t) < 0) goto failed;
    step = "import";
    if (import_init(t) < 0) goto failed;
    step = "signals";
    if (signals_init(t) < 0) goto failed;
    step = "standard streams";
    if (stdio_init(t) < 0) goto failed;
    step = "faulthandler";
    if ((runtime_config.faulthandler || runtime_config.dev_mode) && faulthandler_start(t) < 0) goto failed;
    step = "site";
    if (site_import(t) < 0) goto failed;
    interp->startup_modules = dict_length(value_dict(interp->modules));
    return t;
failed:
    fprintf(stderr, "Fatal error: cannot start the runtime (%s)\n", step);
    if (t->raised && interp->builtins_dict) {
        Value e = error_take(t);
        exception_print(t, e, UNDEF);
    }
    return NULL;
}

static int flush_stream(Thread *t, const char *name) {
    Value key = str_from_text(t, name), stream = key ? dict_get(t, value_dict(t->interp->sys_dict), key) : UNDEF;
    int result = 0;
    value_release(t, key);
    if (stream && stream != NONE) {
        Value closed = object_getattr_or_undef(t, stream, NAME(closed));
        int is_closed = closed ? object_is_true(t, closed) : 0;
        value_release(t, closed);
        if (is_closed <= 0) {
            error_clear(t);
            Value v = call_method_0(t, stream, NAME(flush));
            if (!v) {
                error_write_unraisable(t, "while flushing the standard streams", stream);
                result = -1;
            }
            value_release(t, v);
        }
    }
    error_clear(t);
    value_release(t, stream);
    return result;
}

// module.function() where the module was imported; what it raises is reported.
static void call_if_imported(Thread *t, const char *module_name, const char *function) {
    Value key = str_from_text(t, module_name), name = str_from_text(t, function), v = UNDEF;
    Value module = key ? dict_get(t, value_dict(t->interp->modules), key) : UNDEF;
    if (module && name) {
        v = call_method_0(t, module, name);
        if (!v) error_write_unraisable(t, "while ending the interpreter", module);
    }
    error_clear(t);
    value_release(t, v);
    value_release(t, module);
    value_release(t, key);
    value_release(t, name);
}

// The names of a module lose their values, those with an underscore first, as CPython ends modules: what dies may run finalizers.
static void clear_module(Thread *t, ValueRef module) {
    Dict *d = value_dict(value_module(module)->dict);
    Value names = dict_keys_list(t, d);
    for (int underscore = 1; names && underscore >= 0; underscore--)
        for (int64_t i = 0;; i++) {
            Value name = list_get(t, value_list(names), i);
            if (!name) break;
            bool first = value_is_any_str(name) && str_length(value_str(name)) && str_char(value_str(name), 0) == '_';
            if (first == underscore && name != NAME(__builtins__) && dict_set(t, d, name, NONE) < 0) error_clear(t);
            value_release(t, name);
        }
    error_clear(t);
    value_release(t, names);
}
// The program's own module goes first as garbage, so that finalizers of what it held find its names as they were; only what is still
// there then, because something else refers to it, is cleared.
static NOINLINE Value forget_main(Thread *t) { // a weak reference to it, or UNDEF
    static const char *const last[] = {"last_exc", "last_type", "last_value", "last_traceback"};
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (sys_get(t, last[i])) sys_set(t, last[i], NONE);
    Value module = dict_get(t, value_dict(t->interp->modules), NAME(__main__));
    Value ref = module && value_is(module, MODULE) ? weakref_new(t, TYPE_OF(WEAKREF), module, UNDEF) : UNDEF;
    if (module && dict_set(t, value_dict(t->interp->modules), NAME(__main__), NONE) < 0) error_clear(t);
    value_release(t, module);
    error_clear(t);
    return ref;
}
// Words that calls left on the stack are no references: the collector, which takes what it finds there for such, shall find none.
static NOINLINE void sweep_stack(void) {
    enum { ROOM = 32 << 10 };
    volatile char room[ROOM];
    for (size_t i = 0; i < ROOM; i++) room[i] = 0;
}
static NOINLINE void clear_if_alive(Thread *t, ValueRef ref) {
    Value module = ref ? weakref_get(t, ref) : UNDEF;
    if (module && value_is(module, MODULE)) clear_module(t, module);
    value_release(t, module);
    error_clear(t);
}
// The modules that the program imported lose their places in sys.modules. A list of weak references to them, in the order of importing;
// UNDEF where there are none. What start-up imported stays, and so do modules in C: finalizers and the last writes still need them.
static NOINLINE Value forget_modules(Thread *t) {
    Value modules = value_dup(t, t->interp->modules), names = dict_keys_list(t, value_dict(modules)), refs = UNDEF;
    for (int64_t i = t->interp->startup_modules; names; i++) {
        Value name = list_get(t, value_list(names), i);
        if (!name) break;
        Value module = dict_get(t, value_dict(modules), name);
        if (module && value_is(module, MODULE) && !value_module(module)->spec) {
            Value ref = weakref_new(t, TYPE_OF(WEAKREF), module, UNDEF);
            if (!refs) refs = list_new(t, 0);
            if (!ref || !refs || list_append(t, value_list(refs), ref) < 0 || dict_set(t, value_dict(modules), name, NONE) < 0) error_clear(t);
        }
        error_clear(t);
        value_release(t, module);
        value_release(t, name);
    }
    error_clear(t);
    value_release(t, names);
    value_release(t, modules);
    return refs;
}
// What the program's modules hold dies: its own module first, then the rest, what nothing else refers to before what something does.
static void end_modules(Thread *t) {
    Value main = forget_main(t);
    sweep_stack();
    gc_collect(t, 2);
    clear_if_alive(t, main);
    value_release(t, main);
    VALUE_CLEAR(t, t->locals); // what threads keep for themselves may refer to anything
    Value refs = forget_modules(t);
    if (refs) {
        sweep_stack();
        gc_collect(t, 2);
        for (int64_t i = list_length(value_list(refs)); i-- > 0;) {
            Value ref = list_get(t, value_list(refs), i);
            clear_if_alive(t, ref);
            value_release(t, ref);
        }
        value_release(t, refs);
    }
    gc_collect(t, 2);
}

int runtime_finish(Thread *t) {
    call_if_imported(t, "threading", "_shutdown");
    call_if_imported(t, "atexit", "_run_exitfuncs");
    int result = flush_stream(t, "stdout") < 0 || flush_stream(t, "stderr") < 0 ? 120 : 0;
    enum { FINALIZERS_S = 5 }; // what the finalizer thread is at is waited for, as long as this: one that waits for ever does not keep the process
    finalizer_await(&t->core, sync_now_ns() + FINALIZERS_S * UINT64_C(1000000000));
    t->interp->finalizing = true;
    stop_final(&t->core); // daemon threads run no more
    end_modules(t);
    if (sync_is_shared()) retire_drain(&t->core);
    if (flush_stream(t, "stdout") < 0 || flush_stream(t, "stderr") < 0) result = 120;
    faulthandler_finish(t);
    return result;
}
