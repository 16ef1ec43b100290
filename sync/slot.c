// Slots: what owns objects. Made once, never freed, handed from thread to thread with all that they own.
#include <stdlib.h>
#include <string.h>

#include "sync/futex.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/refcount.h"
#include "sync/retire.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

static _Atomic(Slot *) slots[OWNER_MAX_SLOT + 1];  // [0] is never used
static _Atomic uint32_t made;
static Slot *free_slots;  // (registry lock) most recently released first

Slot *slot_at(uint32_t id) { return id && id <= OWNER_MAX_SLOT ? atomic_load_acquire_ptr(&slots[id]) : NULL; }
uint32_t slot_high(void) { return atomic_load_acquire_u32(&made); }

Slot *slot_acquire_locked(void) {
  Slot *s = free_slots;
  if (!s) return NULL;
  free_slots = s->free_next;
  s->free_next = NULL;
  s->bound = true;
  return s;
}

RawLock slot_making_lock;

Slot *slot_make(void) {
  rawlock_lock(&slot_making_lock);
  uint32_t id = slot_high() + 1;
  Slot *s = id > OWNER_MAX_SLOT ? NULL : aligned_alloc(CACHE_LINE, sizeof *s);
  if (s) {
    memset(s, 0, sizeof *s);
    s->id = (uint16_t)id;
    s->bound = true;
    s->spare = retire_batch_new(RETIRE_BATCH_ENTRIES);
    if (!s->spare || (sync_hooks.slot_new && sync_hooks.slot_new(s) != 0)) {
      free(s->spare);
      free(s);
      s = NULL;
    } else {
      atomic_store_release_ptr(&slots[id], s);
      atomic_store_release_u32(&made, id);
    }
  }
  rawlock_unlock(&slot_making_lock);
  return s;
}

void slot_release_locked(Slot *s) {
  CHECK(s->bound, "slot %u given back twice", s->id);
  s->bound = false;
  s->free_next = free_slots;
  free_slots = s;
}

// Gives `self`, which has never been attached, slot 1, which is free, for its own.
void slot_exchange_for_first_locked(ThreadCore *self) {
  Slot **at = &free_slots;
  while (*at && (*at)->id != 1) at = &(*at)->free_next;
  Slot *first = *at;
  CHECK(first, "slot 1 has no thread and is not free%s", "");
  *at = first->free_next;
  first->free_next = NULL;
  first->bound = true;
  slot_release_locked(self->slot);
  self->slot = first;
  self->slot_id = first->id;
}

// Acquires what the last claimant did to the slot's objects (its release: slot_drop_claim).
void slot_take_claim(Slot *s) {
  for (;;) {
    uint32_t old = SLOT_IDLE;
    if (LIKELY(atomic_cas_seq_cst_u32(&s->claim, &old, SLOT_ATTACHED))) return;
    CHECK(old != SLOT_ATTACHED, "slot %u is claimed by two threads", s->id);
    if (old == SLOT_REAPING && !atomic_cas_seq_cst_u32(&s->claim, &old, SLOT_REAPING_AWAITED)) continue;
    futex_wait(&s->claim, SLOT_REAPING_AWAITED, UINT64_MAX);
  }
}

void slot_drop_claim(Slot *s) {
  if (atomic_swap_seq_cst_u32(&s->claim, SLOT_IDLE) == SLOT_REAPING_AWAITED) futex_wake(&s->claim, INT_MAX);
}

bool slot_try_reap(Slot *s) {
  uint32_t old = SLOT_IDLE;
  return atomic_cas_seq_cst_u32(&s->claim, &old, SLOT_REAPING);
}

bool slot_has_work(Slot *s) {
  return atomic_load_seq_cst_ptr(&s->queue) != NULL || atomic_load_seq_cst_ptr(&s->done) != NULL;
}

// Push, then look who is there. A leaving thread clears `attached` and then looks at the queues; an arriving one sets
// `attached` and then looks; all sequentially consistent, so one side sees the other. `t` lives on for a grace period.
static void pushed(Slot *s) {
  ThreadCore *t = atomic_load_seq_cst_ptr(&s->attached);
  if (t) thread_poke(t, POLL_MERGE);
  else reaper_wake_slot(s);
}

void slot_push_merge(ThreadCore *self, uint16_t id, MergeNode *node) {
  Slot *s = slot_at(id);
  CHECK(s, "merge request for slot %u, which does not exist", id);
  CHECK(thread_is_attached(self), "merge request from a thread in state %u", atomic_load_relaxed_u32(&self->state));
  MergeNode *head = atomic_load_relaxed_ptr(&s->queue);
  do node->next = head;
  while (!atomic_cas_seq_cst_ptr(&s->queue, &head, node));
  // Not empty before: who pushed first has told, or is about to tell, the claimant.
  if (!head) pushed(s);
}

void slot_push_done(ThreadCore *self, Slot *s, RetireBatch *batch) {
  RetireBatch *head = atomic_load_relaxed_ptr(&s->done);
  do batch->next = head;
  while (!atomic_cas_seq_cst_ptr(&s->done, &head, batch));
  if (!head) pushed(s);
}
