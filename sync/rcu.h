// Grace periods (userspace RCU, the QSBR flavour of liburcu) and what waits for them.
// A thread is online while attached. A safepoint's slow path reports quiescence. Invariant R: a reference that was visible
// in a shared slot, and memory that lock-free readers may be in, is given up only after a grace period.
#ifndef SKEIN_SYNC_RCU_H
#define SKEIN_SYNC_RCU_H

#include "sync/thread.h"

// Releases the reference (ref_dec) after a grace period, at a safepoint of this slot or on the reaper: never inside the
// call, and never before this thread's own next safepoint. Needs no memory.
void retire_ref(ThreadCore *self, RefHead *o STEALS);
// The same, saying how much memory hangs on it, for pacing.
void retire_ref_bytes(ThreadCore *self, RefHead *o STEALS, size_t bytes);
// For a reference that may be the last one to something whose end the program waits for (a file, a finalizer, a weakref
// callback): this thread completes a grace period of its own at its next safepoint and releases it there, as an ordinary
// ref_dec (not reaping: finalizers run). If it detaches before that, the reference goes the way of the others.
void retire_ref_awaited(ThreadCore *self, RefHead *o STEALS);
// Calls fn(p) after a grace period, on any thread, attached or on the reaper; fn must not block or run Python.
void retire_free(ThreadCore *self, void *p, size_t bytes, void (*fn)(void *));

// Completes a grace period now: all references that others borrowed before the call are gone when it returns. Waits detached. In a
// stop by the caller: nothing, as the stop was one.
void rcu_expedited(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;

// Hands the slot's unfinished batch, and what the thread awaits, to the reaper (the claimant only).
void retire_flush(ThreadCore *self);

// Releases everything that was retired or queued before the call, wherever it is: gc.collect() asks for it. Waits detached.
void retire_drain(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;

// In a stop: fn for every reference that a batch, merge queue or the finalizer's queue holds (roots for deferred objects).
void retire_each(void (*fn)(RefHead *o, void *arg), void *arg);

// Bytes and entries that wait for grace periods.
typedef struct RcuStats { uint64_t graces, expedited, retired, released, lost; size_t pending_bytes; uint64_t pending; } RcuStats;
void rcu_stats(RcuStats *out);
// When pending bytes pass `soft`, batches go to the reaper early; past `hard`, threads wait for it at safepoints.
void rcu_limits(size_t soft, size_t hard);

// --- for thread.c, reaper.c, fork.c ---
void rcu_os_thread_start(void);    // this OS thread runs on a stack that outlives it (pool, main): register once
void rcu_os_thread_end(void);
void rcu_prepare(void);            // before attaching: a foreign thread registers
void rcu_leave(void);              // after detaching: a foreign thread unregisters
void rcu_online(ThreadCore *self);
void rcu_offline(ThreadCore *self);
void rcu_quiescent(ThreadCore *self);
bool rcu_grace_active(void);
bool rcu_over_limit(void);         // more than the hard limit of bytes waits
void rcu_synchronize(void) NEEDS_DETACHED;
bool retire_drain_done(ThreadCore *self, Slot *slot);  // releases finished batches (claimant only)
void retire_drain_awaited(ThreadCore *self) MAY_DETACH;  // POLL_AWAITED
void rcu_fork_lock(void);          // returns with no thread inside liburcu and no foreign thread registered but the caller
void rcu_fork_unlock(void);
void rcu_fork_child(void);

#endif
