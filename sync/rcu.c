// Grace periods on liburcu's QSBR flavour, and the batches of what waits for them.
//
// What liburcu's inline assembly orders is invisible to ThreadSanitizer; the address of `announced` stands for it: a reader
// releases it when it reports quiescence or goes offline, synchronize acquires it. (The one suppression allowed in TSan runs
// is called_from_lib:liburcu-qsbr.so.)
#include "sync/rcu.h"

#include <sched.h>
#include <stdlib.h>
#include <urcu/urcu-qsbr.h>

#include "sync/futex.h"
#include "sync/gil.h"
#include "sync/reaper.h"
#include "sync/refcount.h"
#include "sync/retire.h"
#include "sync/safepoint.h"
#include "sync/stop.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

// Fork takes both, and so finds nobody inside liburcu. Two, because a thread may register while a grace period waits.
static RawLock synchronize_lock;  // around synchronize; its waiters are offline, and have left
static RawLock register_lock;     // around register and unregister
static _Atomic uint32_t grace_active;  // grace periods wanted or running
static _Atomic uint64_t graces_started, graces_completed;  // written under synchronize_lock
static uint32_t foreign_registered;    // (register_lock)
static char announced;

static __thread struct {
  bool registered;  // in liburcu's list
  bool permanent;   // on a stack that outlives the thread: stays registered until the OS thread ends
} os;

static _Atomic uint64_t count_expedited, count_retired, count_released, count_lost;
static _Atomic size_t pending_bytes, pending_entries;
static _Atomic size_t soft_limit = 1u << 20, hard_limit = 256u << 20;

// ---- being a reader ----

static void register_reader(bool permanent) {
  rawlock_lock(&register_lock);
  urcu_qsbr_register_thread();
  // It registers as online. Offline under the lock: a fork that came in between would leave the child a reader that never reports.
  urcu_qsbr_thread_offline();
  if (!permanent) foreign_registered++;
  rawlock_unlock(&register_lock);
  os.registered = true;
  os.permanent = permanent;
}

static void unregister_reader(void) {
  rawlock_lock(&register_lock);
  urcu_qsbr_unregister_thread();
  if (!os.permanent) foreign_registered--;
  rawlock_unlock(&register_lock);
  os.registered = false;
}

void rcu_os_thread_start(void) {
  if (!sync_gil_mode && !os.registered) register_reader(true);
}

void rcu_os_thread_end(void) {
  if (os.registered) unregister_reader();
}

void rcu_prepare(void) {
  if (!os.registered) register_reader(false);
}

void rcu_leave(void) {
  if (os.registered && !os.permanent) unregister_reader();
}

void rcu_online(ThreadCore *self) { urcu_qsbr_thread_online(); }

void rcu_offline(ThreadCore *self) {
  TSAN_RELEASE(&announced);
  urcu_qsbr_thread_offline();
}

void rcu_quiescent(ThreadCore *self) {
  TSAN_RELEASE(&announced);
  urcu_qsbr_quiescent_state();
}

// ---- grace periods ----

bool rcu_grace_active(void) { return atomic_load_seq_cst_u32(&grace_active) != 0; }

// Every attached thread reports at each safepoint from here until lower(). A thread that is attaching sees the count after
// it went online, or liburcu finds it; a thread that clears its bit looks at the count again afterwards.
static void raise_grace(void) {
  atomic_add_seq_cst_u32(&grace_active, 1);
  thread_poke_attached(POLL_GRACE);
}

static void lower_grace(void) { atomic_sub_acq_rel_u32(&grace_active, 1); }

void rcu_synchronize(void) {
  if (!sync_is_shared()) return;
  uint64_t before = atomic_load_seq_cst_u64(&graces_started);
  raise_grace();
  rawlock_lock(&synchronize_lock);
  // A grace period that began after the load above serves as well as one of our own.
  if (atomic_load_relaxed_u64(&graces_completed) <= before) {
    uint64_t number = atomic_add_seq_cst_u64(&graces_started, 1) + 1;
    urcu_qsbr_synchronize_rcu();
    atomic_store_release_u64(&graces_completed, number);
  }
  TSAN_ACQUIRE(&announced);
  rawlock_unlock(&synchronize_lock);
  lower_grace();
}

void rcu_expedited(ThreadCore *self) {
  atomic_add_relaxed_u64(&count_expedited, 1);
  if (!sync_is_shared() || stop_is_mine(self)) return;  // in a stop nobody borrows anything
  lockrank_none_held(self, "a grace period");
  thread_leave(self, THREAD_DETACHED);
  rcu_synchronize();
  thread_enter(self);
}

// ---- batches ----

RetireBatch *retire_batch_new(uint32_t cap) {
  RetireBatch *b = malloc(sizeof *b + cap * sizeof b->entries[0]);
  if (!b) return NULL;
  b->next = NULL;
  b->slot = NULL;
  b->bytes = 0;
  b->at = b->n = 0;
  b->cap = cap;
  b->counted = false;
  return b;
}

// `slot`: whose batch it is. self: the thread there, or the reaper, which has the slot's claim.
static void hand_on(ThreadCore *self, Slot *slot, RetireBatch *b) {
  b->slot = slot;
  atomic_add_relaxed_u64(&count_retired, b->n);
  if (!sync_is_shared()) {
    // Nobody else has ever looked: our own next safepoint is enough. That is what `done` waits for.
    b->next = atomic_load_relaxed_ptr(&slot->done);
    atomic_store_release_ptr(&slot->done, b);
    thread_poke(self, POLL_MERGE);
    return;
  }
  b->counted = true;
  size_t pending = atomic_add_relaxed_size(&pending_bytes, b->bytes) + b->bytes;
  atomic_add_relaxed_size(&pending_entries, b->n);
  reaper_take_batch(b);
  if (UNLIKELY(pending > atomic_load_relaxed_size(&hard_limit))) thread_poke(self, POLL_THROTTLE);
}

static void flush_slot(ThreadCore *self, Slot *slot) {
  RetireBatch *b = slot->batch;
  if (!b || !b->n) return;
  slot->batch = NULL;
  hand_on(self, slot, b);
}

void retire_flush_awaited(ThreadCore *self) {
  for (RetireBatch *a; UNLIKELY((a = self->awaited) != NULL);) {
    self->awaited = a->next;
    hand_on(self, self->slot, a);
  }
}

void retire_flush(ThreadCore *self) {
  retire_flush_awaited(self);
  flush_slot(self, self->slot);
}

bool retire_is_unfinished(const Slot *slot) { return slot->batch && slot->batch->n; }

void retire_flush_idle(ThreadCore *self) {
  for (uint32_t id = 1; id <= slot_high(); id++) {
    Slot *slot = slot_at(id);
    if (slot == self->slot) {
      flush_slot(self, slot);
    } else if (slot_try_reap(slot)) {
      flush_slot(self, slot);
      slot_drop_claim(slot);
    }
  }
}

static void retire(ThreadCore *self, void *p, void (*fn)(void *), size_t bytes) {
  Slot *slot = self->slot;
  CHECK(thread_is_attached(self), "retire by %s, which is not attached", self->name);
  RetireBatch *b = slot->batch;
  if (UNLIKELY(!b)) {
    b = slot->spare;
    slot->spare = NULL;
    if (!b) b = retire_batch_new(RETIRE_BATCH_ENTRIES);
    if (!b) {  // out of memory twice over: keep it for ever rather than free it too early
      atomic_add_relaxed_u64(&count_lost, 1);
      return;
    }
    slot->batch = b;
    if (!slot->spare) slot->spare = retire_batch_new(RETIRE_BATCH_ENTRIES);
    if (sync_is_shared()) reaper_note_partial();
    else thread_poke(self, POLL_MERGE);
  }
  b->entries[b->n++] = (RetireEntry){p, fn};
  b->bytes += bytes;
  if (UNLIKELY(b->n == b->cap || b->bytes > atomic_load_relaxed_size(&soft_limit))) retire_flush(self);
}

void retire_ref(ThreadCore *self, RefHead *o) { retire_ref_bytes(self, o, 64); }

void retire_ref_bytes(ThreadCore *self, RefHead *o, size_t bytes) {
  if (atomic_load_relaxed_u16(&o->owner) >= OWNER_DEFERRED) return;  // not counted: nothing to release
  retire(self, o, NULL, bytes);
}

// Releases what hangs on `draining`, down to `outer`. What is left stays there, where a collection that comes in the middle
// finds it (retire_chain_each). Nested drains (a destructor that waits) put theirs in front.
static void release_until(ThreadCore *self, RetireBatch *outer) {
  while (self->draining != outer) {
    RetireBatch *b = self->draining;
    if (b->at == b->n) {
      self->draining = b->next;
      if (b->counted) {
        atomic_sub_relaxed_size(&pending_bytes, b->bytes);
        atomic_sub_relaxed_size(&pending_entries, b->n);
      }
      if (b->slot) atomic_add_relaxed_u64(&count_released, b->n);  // not the farewells of threads
      free(b);
      continue;
    }
    RetireEntry e = b->entries[b->at++];
    if (e.fn) e.fn(e.p);
    else ref_dec(self, e.p);
  }
}

#define AWAITED_ENTRIES 14

void retire_ref_awaited(ThreadCore *self, RefHead *o) {
  if (atomic_load_relaxed_u16(&o->owner) >= OWNER_DEFERRED) return;
  RetireBatch *b = self->awaited;
  if (!b || b->n == b->cap) {
    RetireBatch *fresh = retire_batch_new(AWAITED_ENTRIES);
    if (!fresh) {
      retire_ref(self, o);
      return;
    }
    fresh->next = b;
    self->awaited = b = fresh;
  }
  b->entries[b->n++] = (RetireEntry){o, NULL};
  thread_poke(self, POLL_AWAITED);
}

void retire_drain_awaited(ThreadCore *self) {
  RetireBatch *chain = self->awaited;
  if (!chain) return;
  // Off `awaited` first, or leaving would hand them on; `draining` keeps them visible to a collection.
  RetireBatch *last = chain;
  while (last->next) last = last->next;
  last->next = self->draining;
  self->draining = chain;
  self->awaited = NULL;
  rcu_expedited(self);
  release_until(self, last->next);
}

void retire_free(ThreadCore *self, void *p, size_t bytes, void (*fn)(void *)) { retire(self, p, fn, bytes); }

void retire_release(ThreadCore *self, RetireBatch *chain) {
  if (!chain) return;
  RetireBatch *outer = self->draining;
  RetireBatch *last = chain;
  while (last->next) last = last->next;
  last->next = outer;
  self->draining = chain;
  self->reaping++;
  release_until(self, outer);
  self->reaping--;
}

bool retire_drain_done(ThreadCore *self, Slot *slot) {
  RetireBatch *chain = atomic_swap_seq_cst_ptr(&slot->done, NULL);
  retire_release(self, chain);
  return chain != NULL;
}

// By the thread itself, or while it is held. Then its slot may be claimed for a moment, by the reaper or by the thread on its way in, which
// finds itself held and lets go.
static void flush_in_name_of(ThreadCore *t, void *arg) {
  if (t == thread_current()) {
    retire_flush(t);
    return;
  }
  while (!slot_try_reap(t->slot)) sched_yield();
  retire_flush(t);
  slot_drop_claim(t->slot);
}

// Round one collects every batch and sends it through a grace period, to where it is released; round two lets attached
// threads release what came back to them (a safepoint drains before it serves a handshake) and what that sent on.
void retire_drain(ThreadCore *self) {
  CHECK(!stop_is_mine(self), "retire_drain by %s, which has stopped the world", self->name);
  if (!sync_is_shared()) {
    retire_flush(self);
    ref_merge_drain(self, self->slot);
    retire_drain_done(self, self->slot);
    finalizer_run(self);
    return;
  }
  for (int round = 0; round < 2; round++) {
    handshake_all(self, flush_in_name_of, NULL);
    reaper_drain(self);
    ref_merge_drain(self, self->slot);
    retire_drain_done(self, self->slot);
  }
}

// ---- for the collector ----

void retire_chain_each(RetireBatch *chain, void (*fn)(RefHead *, void *), void *arg) {
  for (RetireBatch *b = chain; b; b = b->next)
    for (uint32_t i = b->at; i < b->n; i++)
      if (!b->entries[i].fn) fn(b->entries[i].p, arg);
}

void retire_each(void (*fn)(RefHead *, void *), void *arg) {
  for (uint32_t id = 1; id <= slot_high(); id++) {
    Slot *slot = slot_at(id);
    retire_chain_each(slot->batch, fn, arg);
    retire_chain_each(atomic_load_acquire_ptr(&slot->done), fn, arg);
    for (MergeNode *n = atomic_load_acquire_ptr(&slot->queue); n; n = n->next) fn(n->object, arg);
  }
  rawlock_lock(&thread_registry_lock);
  for (uint32_t i = 0; i < thread_table_high; i++)
    if (thread_table[i]) {
      retire_chain_each(thread_table[i]->draining, fn, arg);
      retire_chain_each(thread_table[i]->awaited, fn, arg);
    }
  rawlock_unlock(&thread_registry_lock);
  reaper_each(fn, arg);
}

void rcu_stats(RcuStats *out) {
  out->graces = atomic_load_relaxed_u64(&graces_completed);
  out->expedited = atomic_load_relaxed_u64(&count_expedited);
  out->retired = atomic_load_relaxed_u64(&count_retired);
  out->released = atomic_load_relaxed_u64(&count_released);
  out->lost = atomic_load_relaxed_u64(&count_lost);
  out->pending_bytes = atomic_load_relaxed_size(&pending_bytes);
  out->pending = atomic_load_relaxed_size(&pending_entries);
}

void rcu_limits(size_t soft, size_t hard) {
  atomic_store_relaxed_size(&soft_limit, soft);
  atomic_store_relaxed_size(&hard_limit, hard);
}

bool rcu_over_limit(void) {
  return atomic_load_relaxed_size(&pending_bytes) > atomic_load_relaxed_size(&hard_limit);
}

// ---- fork ----

// A foreign thread on its way out is in liburcu's list for a moment longer; its stack may be used again in the child.
void rcu_fork_lock(void) {
  rawlock_lock(&synchronize_lock);
  for (;;) {
    rawlock_lock(&register_lock);
    if (!foreign_registered) return;
    rawlock_unlock(&register_lock);
    struct timespec shortly = {0, 100000};
    nanosleep(&shortly, NULL);
  }
}

void rcu_fork_unlock(void) {
  rawlock_unlock(&register_lock);
  rawlock_unlock(&synchronize_lock);
}

void rcu_fork_child(void) { atomic_store_relaxed_u32(&grace_active, 0); }
