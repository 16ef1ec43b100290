// The reaper drives grace periods and serves slots whose thread is away; the finalizer thread runs what may run Python.
#ifndef SKEIN_SYNC_REAPER_H
#define SKEIN_SYNC_REAPER_H

#include "sync/thread.h"

// Gives an object whose count is zero one reference back and hands that to the finalizer thread, which calls hooks.finalize
// with it. For hooks.destroy while self->reaping. (GIL mode and single-threaded: at this thread's next safepoint.)
void finalizer_hand(ThreadCore *self, RefHead *o STEALS);

MUST_CHECK int reaper_start(void);        // at the second attach; again in a child after fork. 0 or an errno value
void reaper_stop(ThreadCore *self);       // at shutdown: serves what is left, ends both threads
void reaper_wake_slot(Slot *slot);        // the slot's queues are not empty and nobody is attached to it: served within 5 ms
void reaper_take_batch(RetireBatch *b);   // a full or flushed batch
void reaper_take_batches(RetireBatch *chain);
void reaper_take_farewell(RetireBatch *b); // a small one that can wait for 5 ms
void reaper_note_partial(void);           // something unfinished, or a slot's queue, is to be seen to within 5 ms
void reaper_drain(ThreadCore *self);      // waits, detached, until all handed over before the call has been served
void reaper_throttle(ThreadCore *self);   // waits, detached, for one round
bool reaper_running(void);
void finalizer_run(ThreadCore *self);     // runs what is queued, in the calling thread (shutdown, GIL mode)
bool finalizer_has_work(void);            // something is queued, or is being run
// Waits, detached, until nothing is queued or running, or the deadline (sync_now_ns). Not inside a finalizer that the caller runs: returns at once.
void finalizer_await(ThreadCore *self, uint64_t deadline_ns);
void reaper_each(void (*fn)(RefHead *o, void *arg), void *arg);  // in a stop: references it holds
void reaper_fork_child(void);

#endif
