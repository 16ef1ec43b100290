// A Python thread's state, and the interpreter that it belongs to. Thread and slot are different things (DESIGN 13):
// exceptions, stack and context belong to the Thread, registry and free lists to the slot (SlotData).
#pragma once
#include "runtime/object.h"
#include "sync/thread.h"

typedef struct Interp Interp;
typedef struct CodeData CodeData;
typedef union Ins Ins;

// Exceptions being handled (sys.exception()): one of these per thread and per running generator or coroutine.
typedef struct ExcState {
    Value handled; // UNDEF or None: none here, look at `outer`
    struct ExcState *outer;
} ExcState;

typedef struct DyingList {
    Object *head;             // linked through their registry words
    Type *type;               // of the object that is being torn down: its block is sized by it at the end
    struct DyingList *outer;  // of a destruction that was left for a finalizer
} DyingList;

enum { FREE_LIST_CLASSES = 28, FREE_LIST_STEP = 16 }; // blocks of 16, 32, ... 448 bytes

// Per thread slot (core.slot->user); touched by its owner, or by whoever has claimed the slot.
typedef struct SlotData {
    struct FreeList {
        void *head;
        uint32_t count;
    } free_list[FREE_LIST_CLASSES], // blocks that mean nothing
      containers[FREE_LIST_CLASSES]; // dead containers that keep their places in this slot's registry (alloc.c)
    struct Registry *registry;
    uint64_t allocated_bytes; // since the last report to the collector: containers made, less those that died here meanwhile
    void *entries;            // free blocks for entry_alloc, linked through their first words
    struct AttributeEntry *attributes; // attribute_cache.h; NULL: none yet
    uint32_t misses;                   // of inline caches, since the last one that set its cell
} SlotData;

struct Thread {
    ThreadCore core; // first: compiled code finds the poll word at offset 0
    Interp *interp;
    // Python stack (DESIGN 13). fp and pc are exact whenever other code than the interpreter's runs.
    Value *fp;
    const Ins *pc;
    Value *stack_base, *stack_limit; // a reserved range, committed as it is touched (interp/frame.c)
    int64_t depth, depth_limit; // Python frames; sys.setrecursionlimit
    char *c_stack_limit;     // native calls below this address raise RecursionError

    Value raised;            // pending exception, UNDEF: none
    ExcState *exc_state;     // innermost
    ExcState exc_base;
    struct DyingList *dying; // objects whose destruction waits for the running one (destroy.c)
    bool destroying;         // a destruction is running that takes them on
    Value context;           // contextvars.Context or UNDEF
    Value locals;            // dict of thread-local data, by local object; UNDEF until used
    Value handle;            // _thread handle object
    Value async_exc;         // exception to raise at the next poll (PyThreadState_SetAsyncExc's kind)
    Value async_gen_firstiter, async_gen_finalizer;
    Value trace, profile;
    bool tracing;            // one of them runs: it is not traced
    bool tells_gc;           // functions of gc.callbacks run: it starts no collection by itself
    uint64_t ident;
    int64_t repr_depth;
    Value repr_running;      // list of objects whose repr is being made
    uint32_t coroutine_origin_depth;
    Value return_value;      // of RETURN, YIELD or EXIT on its way out of the interpreter (owned)
    int run_result;          // enum RunResult
    uint32_t heat_left;      // back-edges and calls interpreted until the next look at what is hot (interp/handlers.h)
    bool reraising;          // t->raised comes from RERAISE: its traceback has the running frame already
};

struct Interp {
    Value modules, sys_dict, builtins_dict, builtins_module, sys_module, importlib, codec_state;
    Value signal_handlers;        // list by signal number (modules/_signal.c)
    Thread *main_thread;
    Value interned;               // str -> str
    Value no_memory;              // the preallocated MemoryError
    Value empty_str, empty_bytes, empty_tuple, latin1[256];
    bool finalizing;
    int64_t startup_modules;      // how many sys.modules had before the program ran
    int64_t recursion_limit;
    struct ModuleStates *module_states;
    struct DeferredLeaves *deferred_leaves; // gc_leaves.c
    uint32_t traced_threads;      // (stop) that have a trace or profile function
    bool traced_left;             // (stop) none has one any more, but all code is still instrumented for them (interp/trace.c)
    _Atomic uint32_t traced_hits; // (a) how many instrumented instructions were executed for nobody since then
    Value monitor_module;         // sys.monitoring
    Value gc_callbacks;           // (a) gc.callbacks, a list; UNDEF until gc is imported, then for ever the same
    struct Monitor *monitor;      // its state (interp/monitor.h); NULL until sys is made
};
extern Interp *main_interp; // the first interpreter; others may come

static inline SlotData *thread_slot(const Thread *t) { return t->core.slot->user; }

// True (with RecursionError raised) where the native stack is nearly used up. Call before recursing in C.
bool native_stack_exhausted(Thread *t, const char *where);
