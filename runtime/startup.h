// Bringing the runtime up and down.
#pragma once
#include "runtime/thread.h"

typedef struct RuntimeConfig {
    bool gil;
    bool isolated, no_site, ignore_environment, no_user_site, dont_write_bytecode, unbuffered, quiet, inspect, safe_path, dev_mode;
    int optimize, verbose, bytes_warning, utf8_mode, interactive;
    int cpu_count;                  // -X cpu_count, 0: not given
    const char *executable;         // absolute path or ""
    const char *prefix;             // installation prefix
    const char *stdlib;             // directory (or zip) of the pure-Python library; NULL: look for it
    int argc; char **argv;          // sys.argv
    int orig_argc; char **orig_argv;
    int nwarnoptions; const char **warnoptions;
    int nxoptions; const char **xoptions;
    const char *pycache_prefix;
    const char *platlibdir;         // sys.platlibdir, or NULL: "lib"
    int int_max_str_digits;         // -1: default
    int debug;                      // -d
    int import_time;                // -X importtime: 1: of what is loaded, 2: of what is there too
    bool faulthandler, warn_default_encoding, no_debug_ranges, frozen_modules_off;
    int thread_inherit_context, context_aware_warnings; // -1: as the mode has it (free-threaded: yes)
    const char *check_hash_pycs;    // "default", "always", "never"
    long hash_seed; bool hash_seed_given;
    bool jit, jit_stats;            // -X jit, -X jit_stats
    int jit_memory_mb;              // -X jit_mem: at most so much compiled code
    int jit_threshold;              // -X jit_threshold: looks at hot code until it is compiled, where 1 compiles all code that runs; 0: as usual
} RuntimeConfig;
extern RuntimeConfig runtime_config;

Thread *runtime_start(void);         // the main thread, attached; NULL after a message on stderr
int runtime_finish(Thread *t);       // threading._shutdown, atexit, flush, collector, exit of threads; 0, or 120 where flushing failed
// A Thread for another OS thread or a new Python thread: registered, not attached. NULL without memory.
Thread *thread_make(const char *name);
void thread_begin(Thread *t);        // once, on the OS thread that runs it, attached: identifier, limits of the C stack
void thread_clear(Thread *t);        // ends an attached thread's Python state (locals, exceptions, context)
void thread_unmake(Thread *t);       // that, and then leaves for good
extern const struct SyncHooks runtime_hooks;

// Others' parts of starting and ending.
int tuple_init(Thread *t);      // interp->empty_tuple
int exceptions_startup(Thread *t);
int signals_run(Thread *t);     // modules/_signal.c: handlers of what arrived; 0, -1 with an exception
