// Inside sync/: the steps between attached and not attached, and the registry's lock.
#ifndef SKEIN_SYNC_THREAD_STATE_H
#define SKEIN_SYNC_THREAD_STATE_H

#include "sync/mutex.h"
#include "sync/thread.h"

void thread_leave(ThreadCore *self, uint32_t state);  // ATTACHED -> DETACHED or STOPPED
void thread_enter(ThreadCore *self) MAY_DETACH;       // DETACHED or STOPPED -> ATTACHED
void thread_set_current(ThreadCore *self);
MUST_CHECK int thread_second_attach(ThreadCore *self) NEEDS_DETACHED;

// The registry: table[0..high) with holes. Leaf lock.
extern RawLock thread_registry_lock;
extern ThreadCore **thread_table;  // (registry lock)
extern uint32_t thread_table_high; // (registry lock)
void thread_poke_attached(uint64_t bits);  // every attached thread
void thread_unlist_locked(ThreadCore *t);  // out of the table, its slot given back (registry lock)
void thread_fork_child(ThreadCore *self);

// Slots (slot.c).
Slot *slot_acquire_locked(void);           // one without a thread, or NULL: then slot_make (registry lock)
Slot *slot_make(void);                     // a new one, bound; NULL without memory or numbers (no lock)
void slot_release_locked(Slot *slot);      // (registry lock)
void slot_exchange_for_first_locked(ThreadCore *self);
void slot_take_claim(Slot *slot);          // waits while the reaper has it
void slot_drop_claim(Slot *slot);
extern RawLock slot_making_lock;           // around slot_make; before the registry lock
bool slot_try_reap(Slot *slot);            // SLOT_IDLE -> SLOT_REAPING
bool slot_has_work(Slot *slot);            // merge requests or finished batches wait
void slot_push_merge(ThreadCore *self, uint16_t id, MergeNode *node);
void slot_push_done(ThreadCore *self, Slot *slot, RetireBatch *batch);

// Waiting for others (stop.c). `stop_watch` != 0 while a stop or handshake waits; whoever leaves or passes notifies.
extern _Atomic uint32_t stop_watch;
extern _Atomic uint32_t stop_pending;
void stop_notify(void);
void stop_wait_end(bool first_time);       // not attached: sleeps while a stop is on
void stop_resumed(void);                   // one of those that waited has attached
void stop_begin(ThreadCore *self) NEEDS_DETACHED;  // returns with the world stopped; self (or NULL) stays detached
void stop_end(void);
bool stop_is_final(const ThreadCore *self);  // after stop_final: not for those that survive
NORETURN void stop_hang(ThreadCore *self);
void stop_fork_child(ThreadCore *self);
void handshake_serve(ThreadCore *self);    // POLL_HANDSHAKE

#endif
