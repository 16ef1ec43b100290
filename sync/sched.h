// OS threads: a pool of parked ones, on stacks that we allocate (and that a forked child never reuses).
#ifndef SKEIN_SYNC_SCHED_H
#define SKEIN_SYNC_SCHED_H

#include "sync/thread.h"

typedef void (*SchedFn)(void *arg);

// Runs fn(arg) on another OS thread, not attached. stack_size 0: the default. `self` (may be NULL) is the attached caller:
// if it is the only thread so far, the process goes shared first (hooks.go_shared). 0, or an errno value (EAGAIN, ENOMEM).
MUST_CHECK int sched_spawn(ThreadCore *self, SchedFn fn, void *arg, size_t stack_size, const char *name) MAY_DETACH;
// The same; *ident: what pthread_self() is there.
MUST_CHECK int sched_spawn_ident(ThreadCore *self, SchedFn fn, void *arg, size_t stack_size, const char *name, uint64_t *ident) MAY_DETACH;

// Bounds of the calling OS thread's stack.
void sched_stack_bounds(uintptr_t *low, uintptr_t *high);

size_t sched_default_stack(void);
void sched_set_default_stack(size_t bytes);
void sched_pool_limit(uint32_t idle);   // how many idle OS threads are kept
uint32_t sched_idle(void);
void sched_shutdown(void);              // ends the idle ones
void sched_fork_lock(void);
void sched_fork_unlock(void);
void sched_fork_child(void);

#endif
