// The door of sync/: what the runtime hands in, start and end.
#ifndef SKEIN_SYNC_SYNC_H
#define SKEIN_SYNC_SYNC_H

#include "sync/thread.h"

// What sync/ cannot know. All are called attached unless they say otherwise; none may be NULL but those marked.
typedef struct SyncHooks {
  // The object has no reference left: free it, release its children (with an explicit stack). While self->reaping it runs no
  // Python: what has a finalizer goes to finalizer_hand.
  void (*destroy)(ThreadCore *self, RefHead *o);
  // The finalizer thread's work: o came through finalizer_hand; its one reference is the callee's. ref_dec does it all: destroy is
  // called, not reaping now, unless a weak reference has found the object meanwhile (then it lives on). May run Python.
  void (*finalize)(ThreadCore *self, RefHead *o);
  // May this shared object go uncounted? (Not with a finalizer, an operating-system resource, or a weakref callback.)
  bool (*can_defer)(ThreadCore *self, RefHead *o);
  // It just became deferred: list it for the collector, charge its bytes. Cannot fail. May be NULL.
  void (*deferred)(ThreadCore *self, RefHead *o);
  // Publish a private object of this thread (its count overflowed). Cannot fail.
  void (*publish)(ThreadCore *self, RefHead *o);
  // A second thread is about to attach: publish everything reachable from modules, types, builtins and shared roots, in the
  // name of `first`, the only thread so far. Runs in a stop; the caller may be another OS thread. Cannot fail.
  void (*go_shared)(ThreadCore *first);
  // Runtime bits of the poll word, already cleared. 0, or -1 with an exception set.
  int (*poll)(ThreadCore *self, uint64_t bits);
  // A slot was made: hang the runtime's part on slot->user. 0, or -1 without memory. Not attached. May be NULL.
  int (*slot_new)(Slot *slot);
  // A zeroed Thread (its ThreadCore) for the reaper and the finalizer; freed through thread_free. Not attached.
  ThreadCore *(*thread_new)(void);
  // Nobody can reach this exited thread any more. Not attached, or on the reaper. May be NULL (memory is the caller's).
  void (*thread_free)(ThreadCore *t);
  // In a forked child: this thread does not exist here. Drop what it held. May be NULL.
  void (*fork_forget)(ThreadCore *self, ThreadCore *gone);
} SyncHooks;

extern SyncHooks sync_hooks;

// Once per process, on the main thread, before anything else here. gil: GIL mode for the process's life.
void sync_init(const SyncHooks *hooks, bool gil);

// By the last attached thread, after other threads have ended or will never attach again: drains queues and batches, ends the
// reaper, the finalizer and the pool.
void sync_shutdown(ThreadCore *self);

// Has a second thread ever attached? False for ever in GIL mode.
extern _Atomic uint32_t sync_shared_word;
static inline bool sync_is_shared(void) { return atomic_load_acquire_u32(&sync_shared_word) != 0; }

// Makes the process shared now: hooks.go_shared, the reaper, the finalizer. Nothing in GIL mode or when it is already.
// 0, or an errno value when the threads for it cannot be started.
MUST_CHECK int sync_go_shared(ThreadCore *self) MAY_DETACH;

#endif
