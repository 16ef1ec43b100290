// Biased counts, out of line: the shared half, merging, queueing, the flip to deferred.
//
// Sum rule: rc_local + rc_shared == counted references, one of which the merge queue owns while RC_QUEUED is up.
// Orders of the steps are those of stress/models/merge.py; see README.md before changing one.
#include "sync/refcount.h"

#include <stdlib.h>

#include "sync/retire.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

static _Atomic uint64_t count_queued, count_merged, count_deferred, count_refused, count_lost;

static void destroy(ThreadCore *self, RefHead *o) { sync_hooks.destroy(self, o); }

// ---- contention ----

// One slow count in 4.5, drawn at random, says something of its object. Where another thread than the last one comes by it warms up;
// having changed hands four times it is contended, and becomes deferred. What is merely handed from one thread to the next stays
// counted, so that it is freed at once. Besides, a majority vote over what this thread counts: one object that keeps winning is hot,
// its owner and this thread may share it alone. A lost race for the word is looked at in any case.
#define LOOK_MASK 7u  // every 1 to 8: 4.5 on average
#define VOTES_TO_DEFER 4096u
#define VOTES_FOR_LOOK 4u

static void vote(ThreadCore *self, RefHead *o) {
  if (self->hot_object != o) {
    if (self->hot_votes > VOTES_FOR_LOOK) {
      self->hot_votes -= VOTES_FOR_LOOK;
      return;
    }
    self->hot_object = o;
    self->hot_votes = VOTES_FOR_LOOK;
    return;
  }
  if ((self->hot_votes += VOTES_FOR_LOOK) < VOTES_TO_DEFER) return;
  self->hot_object = NULL;
  self->hot_votes = 0;
  ref_defer(self, o);
}

static uint32_t heat_slot(const ThreadCore *self) { return (uint32_t)self->slot_id * RC_HEAT_SLOT & RC_HEAT & ~RC_HEAT_LEVELS; }

void ref_warm(ThreadCore *self, RefHead *o) {
  if (ref_is_deferred(o)) return;
  uint32_t word = atomic_load_relaxed_u32(&o->rc_shared);
  // One try: who has just changed the word looks at it, too.
  if ((word & RC_HEAT_LEVELS) != RC_HEAT_LEVELS) atomic_cas_relaxed_u32(&o->rc_shared, &word, (word & ~RC_HEAT) | RC_HEAT_LEVELS | heat_slot(self));
}

// The caller holds a counted reference.
static COLD void look(ThreadCore *self, RefHead *o) {
  uint32_t x = self->heat_seed ? self->heat_seed : self->slot_id * 0x9E3779B9u | 1;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  self->heat_seed = x;
  self->heat_after = x & LOOK_MASK;
  uint32_t mine = heat_slot(self);
  uint32_t word = atomic_load_relaxed_u32(&o->rc_shared), to;
  do {
    uint32_t level = word & RC_HEAT_LEVELS;
    if (level && (word & RC_HEAT & ~RC_HEAT_LEVELS) == mine) break;
    if (level == RC_HEAT_LEVELS) {
      ref_defer(self, o);
      return;
    }
    to = (word & ~RC_HEAT) | (level + RC_HEAT_LEVEL) | mine;
  } while (!atomic_cas_relaxed_u32(&o->rc_shared, &word, to));
  vote(self, o);
}

// owner: anything -> DEFERRED, by compare-and-swap against merges and other flips.
static bool flip(ThreadCore *self, RefHead *o, uint16_t to) {
  uint16_t owner = atomic_load_relaxed_u16(&o->owner);
  while (owner < OWNER_DEFERRED)
    if (atomic_cas_acq_rel_u16(&o->owner, &owner, to)) return true;
  return false;
}

bool ref_defer(ThreadCore *self, RefHead *o) {
  if (ref_is_deferred(o)) return true;
  CHECK(refhead_is_shared(o), "ref_defer of a private object %p", (void *)o);
  if (!sync_hooks.can_defer(self, o)) {
    atomic_add_relaxed_u64(&count_refused, 1);
    return false;
  }
  if (flip(self, o, OWNER_DEFERRED)) {
    atomic_add_relaxed_u64(&count_deferred, 1);
    if (sync_hooks.deferred) sync_hooks.deferred(self, o);
  }
  return true;
}

// A count near its limit: the object must stop being counted, and be kept for ever if it may not be deferred.
COLD void ref_overflow(ThreadCore *self, RefHead *o) {
  if (!refhead_is_shared(o)) sync_hooks.publish(self, o);
  if (!ref_defer(self, o)) flip(self, o, OWNER_IMMORTAL);
}

// ---- up ----

void ref_inc_slow(ThreadCore *self, RefHead *o) {
  uint32_t old = atomic_add_relaxed_u32(&o->rc_shared, RC_ONE);
  CHECK(!(old & RC_DEAD), "ref_inc of a dead object %p (shared %#x)", (void *)o, old);
  CHECK(refhead_is_shared(o), "ref_inc of %p, private to slot %u, by slot %u", (void *)o, refhead_owner(o), self->slot_id);
  if (UNLIKELY(rc_shared_count(old) > RC_SHARED_LIMIT)) ref_overflow(self, o);
  else if (UNLIKELY(self->heat_after-- == 0)) look(self, o);
}

void ref_inc_n_slow(ThreadCore *self, RefHead *o, uint32_t n) {
  uint16_t owner = atomic_load_relaxed_u16(&o->owner);
  if (owner >= OWNER_DEFERRED || n == 0) return;
  if (owner == self->slot_id) {
    if (n < RC_LOCAL_LIMIT && o->rc_local < RC_LOCAL_LIMIT) o->rc_local += n;
    else ref_overflow(self, o);
    return;
  }
  if (n > RC_SHARED_LIMIT) {
    ref_overflow(self, o);
    return;
  }
  uint32_t old = atomic_add_relaxed_u32(&o->rc_shared, n * RC_ONE);
  if (rc_shared_count(old) > RC_SHARED_LIMIT) ref_overflow(self, o);
}

bool ref_try_inc_weak(ThreadCore *self, RefHead *o) {
  uint16_t owner = atomic_load_acquire_u16(&o->owner);
  if (owner == self->slot_id) {  // a zero of our own means that it is being destroyed
    if (!o->rc_local) return false;
    ref_inc(self, o);
    return true;
  }
  uint32_t word = atomic_load_relaxed_u32(&o->rc_shared);
  do {
    if (word & RC_DEAD) return false;
    if (owner >= OWNER_DEFERRED) return true;
  } while (!atomic_cas_acq_rel_u32(&o->rc_shared, &word, word + RC_ONE));
  return true;
}

// ---- down ----

// The owner's count has become zero. Nobody else merges now: this thread has its slot's claim.
void ref_dec_zero(ThreadCore *self, RefHead *o) {
  if (!refhead_is_shared(o)) {
    destroy(self, o);
    return;
  }
  // Acquires the releases of those who counted here and are done with the object.
  uint32_t word = atomic_load_acquire_u32(&o->rc_shared);
  if (word == 0 && !(atomic_load_relaxed_u8(&o->gc) & GC_WEAKREF)) {
    // No reference is left and none can come from nothing: no other thread may touch it, so no atomic is needed.
    CHECKING(atomic_store_relaxed_u32(&o->rc_shared, RC_MERGED | RC_DEAD));
    destroy(self, o);
    return;
  }
  if (word == 0 && atomic_cas_acq_rel_u32(&o->rc_shared, &word, RC_MERGED | RC_DEAD)) {
    destroy(self, o);
    return;
  }
  // Others hold references. `owner` goes first: with MERGED up, the next to let go frees the object, and we may not look at
  // it again. In between nothing can free it, because that takes MERGED.
  uint16_t owner = self->slot_id;
  if (!atomic_cas_acq_rel_u16(&o->owner, &owner, OWNER_NONE)) return;  // deferred meanwhile: not counted any more
  word = atomic_load_relaxed_u32(&o->rc_shared);
  uint32_t to;
  do to = word | RC_MERGED | (rc_shared_count(word) == 0 && !(word & RC_QUEUED) ? RC_DEAD : 0);
  while (!atomic_cas_acq_rel_u32(&o->rc_shared, &word, to));
  if (to & RC_DEAD) destroy(self, o);
}

void ref_dec_slow(ThreadCore *self, RefHead *o) {
  // Read before the word: a word that asks for queueing was then written while this slot owned the object.
  uint16_t owner = atomic_load_acquire_u16(&o->owner);
  if (owner >= OWNER_DEFERRED) return;
  CHECK(refhead_is_shared(o), "ref_dec of %p, private to slot %u, by slot %u", (void *)o, owner, self->slot_id);
  MergeNode *node = NULL;
  uint32_t word = atomic_load_relaxed_u32(&o->rc_shared);
  for (bool raced = false;; raced = true) {
    if (raced) {
      look(self, o);  // while we still hold our reference
      if (ref_is_deferred(o)) break;
      // The vote may have taken a while.
      word = atomic_load_relaxed_u32(&o->rc_shared);
    }
    int32_t count = rc_shared_count(word);
    CHECK(!(word & RC_DEAD), "ref_dec of a dead object %p (shared %#x)", (void *)o, word);
    if (word & RC_MERGED) {
      uint32_t to = word - RC_ONE;
      CHECK(count > 0, "ref_dec of %p: merged count is %d", (void *)o, count);
      if (count == 1) {
        CHECK(!(word & RC_QUEUED), "last reference of %p, but a queue holds one (shared %#x)", (void *)o, word);
        to |= RC_DEAD;
      }
      if (!atomic_cas_acq_rel_u32(&o->rc_shared, &word, to)) continue;
      if (to & RC_DEAD) {
        free(node);
        destroy(self, o);
        return;
      }
      break;
    }
    if (count <= 0 && !(word & RC_QUEUED)) {
      // Ours is counted in rc_local, which only the owner may touch. The queue takes our reference over.
      CHECK(owner != OWNER_NONE, "%p has no owner, is not merged, and its shared word is %#x", (void *)o, word);
      if (!node) {
        node = malloc(sizeof *node);
        if (!node) {  // out of memory: the reference, and so the object, stays for ever
          atomic_add_relaxed_u64(&count_lost, 1);
          return;
        }
        node->object = o;
      }
      if (!atomic_cas_acq_rel_u32(&o->rc_shared, &word, word | RC_QUEUED)) continue;
      atomic_add_relaxed_u64(&count_queued, 1);
      slot_push_merge(self, owner, node);
      return;
    }
    if (count < -RC_SHARED_LIMIT) {
      ref_overflow(self, o);
      break;
    }
    // Not the last reference: whoever merges or lets the last one go acquires what we release here.
    if (atomic_cas_release_u32(&o->rc_shared, &word, word - RC_ONE)) break;
  }
  free(node);
}

// ---- merging ----

// One request. True when the object died.
static bool merge_one(Slot *slot, RefHead *o) {
  uint16_t owner = atomic_load_acquire_u16(&o->owner);
  int64_t local = 0;
  if (owner == slot->id) {
    // Owner first, as in ref_dec_zero. rc_local is ours by the claim.
    if (!atomic_cas_acq_rel_u16(&o->owner, &owner, OWNER_NONE)) return false;  // flipped: not counted any more
    local = o->rc_local;
    o->rc_local = 0;
  } else if (owner >= OWNER_DEFERRED) {
    return false;
  }
  CHECK(owner == slot->id || owner == OWNER_NONE, "merge request in slot %u for %p of slot %u", slot->id, (void *)o, owner);
  uint32_t word = atomic_load_relaxed_u32(&o->rc_shared), to;
  do {
    int64_t count = rc_shared_count(word) + local - 1;  // the queue's reference ends here
    CHECK(word & RC_QUEUED, "merge request for %p, which is not queued (shared %#x)", (void *)o, word);
    CHECK(count >= 0, "merging %p leaves %lld references (shared %#x, local %lld)", (void *)o, (long long)count, word,
          (long long)local);
    if (UNLIKELY(count > RC_SHARED_LIMIT)) {
      // Does not fit: uncounted from now on, holding the queue's reference. It stays uncounted even if it may not be
      // deferred, as with any overflow.
      uint16_t none = OWNER_NONE;
      atomic_cas_acq_rel_u16(&o->owner, &none, OWNER_IMMORTAL);
      return false;
    }
    to = (uint32_t)count * RC_ONE | RC_MERGED | (count == 0 ? RC_DEAD : 0);
  } while (!atomic_cas_acq_rel_u32(&o->rc_shared, &word, to));
  atomic_add_relaxed_u64(&count_merged, 1);
  return to & RC_DEAD;
}

MergeNode *ref_merge_take(Slot *slot) {
  MergeNode *n = atomic_swap_seq_cst_ptr(&slot->queue, NULL), *dead = NULL;
  while (n) {
    MergeNode *next = n->next;
    if (merge_one(slot, n->object)) {  // newest first in, so oldest first out
      n->next = dead;
      dead = n;
    } else {
      free(n);
    }
    n = next;
  }
  return dead;
}

void ref_merge_bury(ThreadCore *self, MergeNode *dead) {
  if (!dead) return;
  self->reaping++;
  while (dead) {
    MergeNode *n = dead;
    RefHead *o = n->object;
    dead = n->next;
    free(n);
    destroy(self, o);
  }
  self->reaping--;
}

bool ref_merge_drain(ThreadCore *self, Slot *slot) {
  if (!atomic_load_relaxed_ptr(&slot->queue)) return false;
  CHECK(slot == self->slot, "%s drains slot %u, its own is %u", self->name, slot->id, self->slot_id);
  ref_merge_bury(self, ref_merge_take(slot));
  return true;
}

// ---- the rest ----

void ref_revive(ThreadCore *self, RefHead *o) {
  o->rc_local = 1;
  atomic_store_relaxed_u16(&o->owner, self->slot_id);
  atomic_store_release_u32(&o->rc_shared, 0);  // others may find it again from here on
}

void ref_revive_merged(RefHead *o) {
  o->rc_local = 0;
  atomic_store_relaxed_u16(&o->owner, OWNER_NONE);
  atomic_store_release_u32(&o->rc_shared, RC_ONE | RC_MERGED);
}

uint32_t ref_count(const RefHead *o) {
  if (ref_is_deferred(o)) return UINT32_MAX;
  if (!refhead_is_shared(o)) return o->rc_local;
  uint32_t word = atomic_load_acquire_u32(&o->rc_shared);
  int64_t sum = rc_shared_count(word);
  if (!(word & RC_MERGED)) sum += o->rc_local;
  return sum < 0 ? 0 : (uint32_t)sum;
}

void ref_stats(RefStats *out) {
  out->queued = atomic_load_relaxed_u64(&count_queued);
  out->merged = atomic_load_relaxed_u64(&count_merged);
  out->deferred = atomic_load_relaxed_u64(&count_deferred);
  out->refused = atomic_load_relaxed_u64(&count_refused);
  out->lost = atomic_load_relaxed_u64(&count_lost);
}
