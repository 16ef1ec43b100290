// The registry of threads, and the steps into and out of `attached`. The diagram is in README.md.
#include "sync/thread.h"

#include <stdio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "sync/critical.h"
#include "sync/futex.h"
#include "sync/gil.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/retire.h"
#include "sync/safepoint.h"
#include "sync/sched.h"
#include "sync/stop.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

RawLock thread_registry_lock;
ThreadCore **thread_table;
uint32_t thread_table_high;
static uint32_t table_capacity, listed_count;  // (registry lock)

static __thread ThreadCore *current;

ThreadCore *thread_current(void) { return current; }
void thread_set_current(ThreadCore *self) { current = self; }

static int list_locked(ThreadCore *self) {
  uint32_t i = thread_table_high;
  if (listed_count < thread_table_high)
    for (i = 0; thread_table[i]; i++) {}
  if (i == table_capacity) {
    uint32_t capacity = table_capacity ? table_capacity * 2 : 64;
    ThreadCore **grown = realloc(thread_table, capacity * sizeof *grown);
    if (!grown) return -1;
    thread_table = grown;
    table_capacity = capacity;
  }
  thread_table[i] = self;
  if (i == thread_table_high) thread_table_high++;
  listed_count++;
  self->index = i;
  return 0;
}

int thread_init(ThreadCore *self, const char *name) {
  snprintf(self->name, sizeof self->name, "%s", name ? name : "thread");
  self->gil = sync_gil_mode;
  if (safepoint_is_fuzzed()) thread_poke(self, POLL_FUZZ);
  self->farewell = retire_batch_new(1);
  if (!self->farewell) return -1;
  rawlock_lock(&thread_registry_lock);
  Slot *slot = sync_gil_mode ? slot_at(1) : slot_acquire_locked();
  rawlock_unlock(&thread_registry_lock);
  if (!slot) slot = slot_make();
  if (!slot) goto no_memory;
  self->slot = slot;
  self->slot_id = slot->id;
  rawlock_lock(&thread_registry_lock);
  int r = list_locked(self);
  if (r != 0 && !sync_gil_mode) slot_release_locked(slot);
  rawlock_unlock(&thread_registry_lock);
  if (r == 0) return 0;
no_memory:
  free(self->farewell);
  self->farewell = NULL;
  return -1;
}

void thread_unlist_locked(ThreadCore *t) {
  CHECK(thread_table[t->index] == t, "thread %p is not at its place %u", (void *)t, t->index);
  thread_table[t->index] = NULL;
  listed_count--;
  while (thread_table_high && !thread_table[thread_table_high - 1]) thread_table_high--;
  if (!sync_gil_mode) slot_release_locked(t->slot);
}

uint32_t thread_count(void) {
  rawlock_lock(&thread_registry_lock);
  uint32_t n = listed_count;
  rawlock_unlock(&thread_registry_lock);
  return n;
}

void thread_set_name(ThreadCore *self, const char *name) {
  rawlock_lock(&thread_registry_lock);
  snprintf(self->name, sizeof self->name, "%s", name);
  rawlock_unlock(&thread_registry_lock);
}

bool thread_each_now(void (*fn)(ThreadCore *t, void *arg), void *arg) {
  if (!rawlock_trylock(&thread_registry_lock)) return false;
  for (uint32_t i = 0; i < thread_table_high; i++)
    if (thread_table[i]) fn(thread_table[i], arg);
  rawlock_unlock(&thread_registry_lock);
  return true;
}

void thread_each(ThreadCore *self, void (*fn)(ThreadCore *t, void *arg), void *arg) {
  // In a stop nobody else lists or unlists an attached thread, but a new, detached one may come: keep the lock then too,
  // except around fn.
  bool alone = self && (stop_is_mine(self) || self->gil);
  rawlock_lock(&thread_registry_lock);
  for (uint32_t i = 0; i < thread_table_high; i++) {
    ThreadCore *t = thread_table[i];
    if (!t) continue;
    if (!alone) {
      fn(t, arg);
      continue;
    }
    // t may be on its way out, or attaching: then it backs out again, being late. Hold it.
    uint32_t was = THREAD_ATTACHED;
    while (t != self && t == thread_table[i]) {
      was = atomic_load_seq_cst_u32(&t->state);
      if (was != THREAD_ATTACHED && was != THREAD_HELD && atomic_cas_seq_cst_u32(&t->state, &was, THREAD_HELD)) break;
      rawlock_unlock(&thread_registry_lock);
      sched_yield();
      rawlock_lock(&thread_registry_lock);
    }
    if (t != thread_table[i]) {  // gone meanwhile, and perhaps another has its place
      i--;
      continue;
    }
    rawlock_unlock(&thread_registry_lock);
    fn(t, arg);
    rawlock_lock(&thread_registry_lock);
    if (t != self) {
      atomic_store_seq_cst_u32(&t->state, was);
      futex_wake(&t->state, INT_MAX);
    }
  }
  rawlock_unlock(&thread_registry_lock);
}

void thread_poke_attached(uint64_t bits) {
  rawlock_lock(&thread_registry_lock);
  for (uint32_t i = 0; i < thread_table_high; i++) {
    ThreadCore *t = thread_table[i];
    if (t && atomic_load_seq_cst_u32(&t->state) == THREAD_ATTACHED) thread_poke(t, bits);
  }
  rawlock_unlock(&thread_registry_lock);
}

// ---- out ----

// The callee-saved registers: what a caller up the stack keeps only there.
static ALWAYS_INLINE void spill_registers(uintptr_t *to) {
#if defined(__x86_64__)
  __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\tmovq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
                   :: "r"(to) : "memory");
#else
#error "spill_registers is missing for this processor"
#endif
}

void thread_leave(ThreadCore *self, uint32_t state) {
  CHECK(thread_is_attached(self) && current == self, "thread %s leaves in state %u", self->name,
        atomic_load_relaxed_u32(&self->state));
  CHECK(!stop_is_mine(self), "thread %s leaves while it has stopped the world", self->name);
  Slot *slot = self->slot;
  critical_suspend(self);
  self->spill_low = (uintptr_t)__builtin_frame_address(0);
  spill_registers(self->spilled);
  if (self->gil) {
    atomic_store_seq_cst_ptr(&slot->attached, NULL);
    atomic_store_seq_cst_u32(&self->state, state);
    current = NULL;
    gil_drop(self);
    return;
  }
  // What was retired waits in the slot: for the next thread there, or for the reaper's next round.
  bool unfinished = false;
  if (sync_is_shared()) {
    retire_flush_awaited(self);
    unfinished = retire_is_unfinished(slot);
  }
  current = NULL;
  atomic_store_seq_cst_ptr(&slot->attached, NULL);
  rcu_offline(self);
  slot_drop_claim(slot);
  // From here on a stopper, a handshake or the reaper may act in this thread's name. Releases all it did.
  atomic_store_seq_cst_u32(&self->state, state);
  if (atomic_load_seq_cst_u32(&stop_watch)) stop_notify();
  if (slot_has_work(slot)) reaper_wake_slot(slot);  // the other half of slot.c's pushed()
  if (unfinished) reaper_note_partial();             // after the claim is gone: see reaper.c, flush_partial
  rcu_leave();
}

// ---- in ----

// The process is about to have a second thread: publish what the first, the one in slot 1, has. Once. Not attached.
// 0, or an errno value when the reaper cannot be started; then nothing has changed.
int thread_second_attach(ThreadCore *self) {
  int error = 0;
  stop_begin(self);
  // Running before anything is shared: what is retired or queued needs it from the first moment.
  if (!sync_is_shared() && (error = reaper_start()) == 0) {
    rawlock_lock(&thread_registry_lock);
    ThreadCore *first = NULL;
    for (uint32_t i = 0; i < thread_table_high; i++)
      if (thread_table[i] && thread_table[i]->slot_id == 1) first = thread_table[i];
    // No thread has slot 1 any more: it passes to this one, with all that is private to it.
    if (!first) slot_exchange_for_first_locked(self);
    rawlock_unlock(&thread_registry_lock);
    sync_hooks.go_shared(first ? first : self);
    atomic_store_seq_cst_u32(&sync_shared_word, 1);
  }
  stop_end();
  thread_poke_attached(POLL_FLUSH);
  return error;
}

void thread_enter(ThreadCore *self) {
  CHECK(current == NULL, "thread %s attaches on an OS thread that is attached as %s", self->name, current->name);
  Slot *slot;
  if (self->gil) {
    for (;;) {
      gil_take(self);
      if (UNLIKELY(stop_is_final(self))) {
        gil_drop(self);
        stop_hang(self);
      }
      uint32_t was = atomic_load_seq_cst_u32(&self->state);
      if (was != THREAD_HELD && atomic_cas_seq_cst_u32(&self->state, &was, THREAD_ATTACHED)) break;
      gil_drop(self);  // thread_each by the one who holds the GIL: cannot be, but costs nothing to be right about
    }
    slot = self->slot;
    atomic_store_seq_cst_u32(&slot->claim, SLOT_ATTACHED);
    atomic_store_seq_cst_ptr(&slot->attached, self);
    current = self;
  } else {
    if (UNLIKELY(!sync_is_shared()) && self->slot_id != 1) {
      int error = thread_second_attach(self);
      if (error) check_fail("cannot start the reaper for a foreign thread: %s", strerror(error));
    }
    slot = self->slot;
    bool waited = false;
    rcu_prepare();
    for (;;) {
      if (UNLIKELY(stop_is_final(self))) {
        rcu_leave();
        if (waited) stop_resumed();
        stop_hang(self);
      }
      if (UNLIKELY(atomic_load_seq_cst_u32(&stop_pending) != 0)) {
        rcu_leave();  // a fork waits for foreign threads to be out of liburcu's list
        stop_wait_end(!waited);
        waited = true;
        rcu_prepare();
      }
      slot_take_claim(slot);
      uint32_t was = atomic_load_seq_cst_u32(&self->state);
      if (was == THREAD_HELD) {
        slot_drop_claim(slot);
        futex_wait(&self->state, THREAD_HELD, UINT64_MAX);
        continue;
      }
      if (!atomic_cas_seq_cst_u32(&self->state, &was, THREAD_ATTACHED)) {
        slot_drop_claim(slot);
        continue;
      }
      // A stopper raises stop_pending and then reads states: either it sees us attached and waits, or we see it here.
      if (LIKELY(atomic_load_seq_cst_u32(&stop_pending) == 0)) break;
      slot_drop_claim(slot);
      atomic_store_seq_cst_u32(&self->state, THREAD_STOPPED);
      stop_notify();
    }
    rcu_online(self);
    // The reaper counts the grace period and then looks at liburcu's readers: we are one of them before this load.
    if (rcu_grace_active()) thread_poke(self, POLL_GRACE);
    atomic_store_seq_cst_ptr(&slot->attached, self);
    current = self;
    if (waited) stop_resumed();
  }
  if (slot_has_work(slot) || (slot->batch && !sync_is_shared())) thread_poke(self, POLL_MERGE);
  if (sync_is_shared() && retire_is_unfinished(slot)) reaper_note_partial();  // after `state`, as above
  sched_stack_bounds(&self->stack_low, &self->stack_high);
  self->spill_low = 0;
  critical_resume(self);
}

void thread_attach(ThreadCore *self) { thread_enter(self); }

void thread_detach(ThreadCore *self) {
  lockrank_none_held(self, "a detach");
  thread_leave(self, THREAD_DETACHED);
}

// ---- end ----

static void free_thread(void *t) { sync_hooks.thread_free(t); }

void thread_exit(ThreadCore *self) {
  CHECK(!self->critical, "thread %s ends inside a critical section", self->name);
  if (thread_is_attached(self)) thread_detach(self);
  rawlock_lock(&thread_registry_lock);
  for (;;) {
    uint32_t was = atomic_load_seq_cst_u32(&self->state);
    if (was != THREAD_HELD && atomic_cas_seq_cst_u32(&self->state, &was, THREAD_EXITED)) break;
    rawlock_unlock(&thread_registry_lock);
    futex_wait(&self->state, THREAD_HELD, UINT64_MAX);
    rawlock_lock(&thread_registry_lock);
  }
  thread_unlist_locked(self);
  rawlock_unlock(&thread_registry_lock);
  // Pushers may still hold the pointer they read from slot->attached, until they pass a safepoint.
  RetireBatch *farewell = self->farewell;
  self->farewell = NULL;
  if (!sync_hooks.thread_free) {
    free(farewell);
  } else if (reaper_running()) {
    farewell->entries[0] = (RetireEntry){self, free_thread};
    farewell->n = 1;
    reaper_take_farewell(farewell);
  } else {
    free(farewell);
    sync_hooks.thread_free(self);
  }
}

// In the child of a fork, with the registry lock held: `self` alone remains.
void thread_fork_child(ThreadCore *self) {
  for (uint32_t i = 0; i < thread_table_high; i++) {
    ThreadCore *t = thread_table[i];
    if (!t || t == self) continue;
    thread_unlist_locked(t);
    i = i < thread_table_high ? i : thread_table_high;
    atomic_store_relaxed_u32(&t->state, THREAD_EXITED);
    if (!t->gil) {
      atomic_store_relaxed_ptr(&t->slot->attached, NULL);
      atomic_store_relaxed_u32(&t->slot->claim, SLOT_IDLE);
    }
    for (CriticalSection *cs = t->critical; cs; cs = cs->prev) {
      if (!cs->held) continue;
      if (cs->second) byte_unlock(cs->second);
      byte_unlock(cs->first);
    }
    _Atomic uint8_t *lower = atomic_load_acquire_ptr(&t->lock_in_hand[0]), *handed = atomic_load_acquire_ptr(&t->lock_in_hand[1]);
    if (lower) byte_unlock(lower);
    if (handed && park_was_handed(t)) byte_unlock(handed);
    if (t->draining) {
      reaper_take_batches(t->draining);
      t->draining = NULL;
    }
    if (sync_hooks.fork_forget) sync_hooks.fork_forget(self, t);
  }
}
