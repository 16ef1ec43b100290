// Threads and the slots that own objects: who is attached, and how one becomes so. States and transitions: README.md.
#ifndef SKEIN_SYNC_THREAD_H
#define SKEIN_SYNC_THREAD_H

#include "sync/annotate.h"
#include "sync/atomic.h"
#include "sync/refhead.h"

typedef struct ThreadCore ThreadCore;
typedef struct Slot Slot;
typedef struct MergeNode MergeNode;
typedef struct RetireBatch RetireBatch;
typedef struct CriticalSection CriticalSection;

// Bits of the poll word. Whoever wants something from a thread sets a bit; the thread sees it at its next safepoint.
#define POLL_STOP       (1ull << 0)   // a stop is wanted (stop.h)
#define POLL_HANDSHAKE  (1ull << 1)   // a function waits to be run (safepoint.h)
#define POLL_GRACE      (1ull << 2)   // a grace period waits: report quiescence at every safepoint while it is up (rcu.h)
#define POLL_SWITCH     (1ull << 3)   // GIL mode: somebody has waited for the switch interval (gil.h)
#define POLL_MERGE      (1ull << 4)   // the slot's merge queue or its finished retire batches want draining
#define POLL_THROTTLE   (1ull << 5)   // too much memory waits for grace periods: let the reaper catch up
#define POLL_FUZZ       (1ull << 6)   // checking build: random yields
#define POLL_FLUSH      (1ull << 7)   // the retire batch has waited long enough
#define POLL_AWAITED    (1ull << 11)  // something retired is to die now (rcu.h)
#define POLL_SYNC_BITS  (0xFFull | POLL_AWAITED)  // handled here; the rest goes to hooks.poll, cleared first
#define POLL_SIGNAL     (1ull << 8)   // a C signal handler ran (main thread)
#define POLL_ASYNC_EXC  (1ull << 9)   // an exception was set from outside
#define POLL_GC         (1ull << 10)  // a collection is due
#define POLL_USER0      (1ull << 16)  // the runtime's own, 16 and up

enum ThreadState {
  THREAD_DETACHED = 0,  // runs no code of ours that touches objects; counts as stopped for everybody
  THREAD_ATTACHED = 1,
  THREAD_STOPPED  = 2,  // as DETACHED, waiting for a stop to end
  THREAD_HELD     = 3,  // DETACHED or STOPPED, and a handshake acts in its name: it may not attach until that is done
  THREAD_EXITED   = 4,  // out of the registry
};

enum SlotClaim { SLOT_IDLE = 0, SLOT_ATTACHED = 1, SLOT_REAPING = 2, SLOT_REAPING_AWAITED = 3 };

// What owns objects. Never freed; outlives its thread, and is handed with all that it owns to a later thread.
// Whoever holds the claim may touch what is marked (c).
struct Slot {
  uint16_t id;                       // 1..OWNER_MAX_SLOT, for life
  _Atomic uint32_t claim;            // (a) SlotClaim; taken by compare-and-swap from SLOT_IDLE
  _Atomic(ThreadCore *) attached;    // (a) for pushers: whose poll word to set. The ThreadCore lives on for a grace
                                     //     period after it leaves, and pushers are attached, so the pointer is good
  _Atomic(MergeNode *) queue;        // (a) merge requests, pushed by anyone, taken whole by the claimant
  _Atomic(RetireBatch *) done;       // (a) batches whose grace period has passed, pushed by the reaper
  RetireBatch *batch;                // (c) being filled, or NULL
  RetireBatch *spare;                // (c) the next one, so that retiring needs no memory
  _Atomic uint32_t reap_listed;      // (a) already on the reaper's list
  Slot *reap_next;                   // (reaper's list)
  Slot *free_next;                   // (registry lock) list of slots without a thread
  bool bound;                        // (registry lock) has a thread
  void *user;                        // (c) the runtime's: registry of objects, free lists. Set in hooks.slot_new
} CACHE_ALIGNED;

// First member of the runtime's Thread.
struct ThreadCore {
  _Atomic uint64_t poll;             // (a) POLL_*: must stay first, compiled code reads it
  Slot *slot;                        // (t) all threads share slot 1 in GIL mode
  uint16_t slot_id;                  // (t) == slot->id, in reach of ref_inc
  uint16_t gil;                      // (t) 1 in GIL mode
  _Atomic uint32_t state;            // (a) ThreadState
  CriticalSection *critical;         // (t) innermost critical section
  uintptr_t stack_low, stack_high;   // (t) bounds of the OS stack that it runs on, set at attach; for C depth and the collector
  uintptr_t spill_low;               // (t) stack pointer at detach: the live range is [spill_low, stack_high); 0 while attached
#define THREAD_SPILLED 6
  uintptr_t spilled[THREAD_SPILLED]; // (t) registers at detach that callers may have left values in
  uint32_t reaping;                  // (t) > 0: objects die at a safepoint or on the reaper. hooks.destroy runs no Python then:
                                     //     what has a finalizer goes to finalizer_hand
  uint32_t stop_depth;               // (t) > 0: this thread has stopped the world
  bool survives;                     // (t) may still attach after stop_final
  RetireBatch *draining;             // (t, and a stop) finished batches being released, for retire_each
  RetireBatch *awaited;              // (t, and a stop) what retire_ref_awaited was given
  const void *hot_object;            // (t) majority vote of slow counting (refcount.c); compared, never followed
  uint32_t hot_votes;                // (t)
  uint32_t heat_after, heat_seed;    // (t) slow counts until the next one that is looked at; what draws that number
  _Atomic uint32_t hs_wanted;        // (a) number of the handshake that this thread owes
  _Atomic uint32_t hs_done;          // (a) number of the last one that it, or the requester in its name, ran
  uint32_t index;                    // (registry lock) place in the registry
  _Atomic(_Atomic uint8_t *) lock_in_hand[2]; // (t, and fork's stop) object locks it holds outside of its critical sections while it is
                                     //     not attached: the lower one of a pair, and the one it was just handed
  struct {                           // parking lot: one wait at a time
    _Atomic uint32_t word;           // (a) futex: see park.c
    uint32_t token;                  // (bucket lock) what the waker left
    _Atomic(const void *) address;   // (bucket lock) NULL when not queued
    ThreadCore *next;                // (bucket lock)
    uint64_t fair_at;                // (bucket lock) ns; from then on a lock is handed over
    uint32_t patience;               // (t) rounds to look before sleeping: what lately paid
  } park;
  RetireBatch *farewell;             // (reaper) the retirement of the ThreadCore itself
  char name[16];                     // (registry lock) for dumps and the operating system
  CHECKING(uint8_t ranks_held; uint8_t ranks[16];)
};

// Prepares a zeroed ThreadCore, gives it a slot and lists it. Needs no stop and waits for nobody; the thread that will run
// it need not exist yet. 0, or -1 when no memory or no slot is left.
MUST_CHECK int thread_init(ThreadCore *self, const char *name);

// Makes the calling OS thread run as `self`. Waits while a stop, a handshake in its name, the reaper (or, in GIL mode, another
// thread) has it. The process's second attach first publishes what is reachable (hooks.go_shared). Ends DETACHED.
void thread_attach(ThreadCore *self) MAY_DETACH;

// Lets go of critical sections, goes offline for RCU; what was retired is seen to by the reaper. Until the next attach the thread may block,
// and must not touch an object. Detaching while the world is stopped by `self` is a defect.
void thread_detach(ThreadCore *self);

// Detaches if need be, takes the thread out of the registry and gives its slot back. The memory goes to hooks.thread_free
// when no other thread can still look at it: at once, or later on the reaper.
void thread_exit(ThreadCore *self);

// The thread that the calling OS thread is attached as, or NULL. Safe in a signal handler.
ThreadCore *thread_current(void);

// Sets bits of another thread's poll word. The caller is attached, or holds the target in the registry by other means.
static inline void thread_poke(ThreadCore *t, uint64_t bits) { atomic_or_seq_cst_u64(&t->poll, bits); }

// Sets bits and, if the thread waits interruptibly (park.h), ends that wait with PARK_INTERRUPTED. Async-signal-safe.
void thread_interrupt(ThreadCore *t, uint64_t bits);

// Calls fn for each listed thread. Under a stop by `self` (or in GIL mode) fn may look at and change everything of them;
// otherwise the registry lock is held, and fn may only use their atomics and must not block.
void thread_each(ThreadCore *self, void (*fn)(ThreadCore *t, void *arg), void *arg);

// Calls fn for each listed thread, which stays listed meanwhile, without waiting for anything: false, and nothing called, where
// another thread has the registry. Safe in a signal handler.
bool thread_each_now(void (*fn)(ThreadCore *t, void *arg), void *arg);

// The calling thread's name, cut to what fits, in dumps. The operating system is not told.
void thread_set_name(ThreadCore *self, const char *name);

// Number of listed threads.
uint32_t thread_count(void);

// The slot with this number, or NULL if none was made yet. Slots are never freed.
Slot *slot_at(uint32_t id);
uint32_t slot_high(void);  // slots 1..this were made

static inline bool thread_is_attached(const ThreadCore *t) {
  return atomic_load_relaxed_u32(&t->state) == THREAD_ATTACHED;
}

#endif
