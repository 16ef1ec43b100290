// Biased reference counts (Choi, Shull, Torrellas, PACT 2018, with the changes of README.md).
// The owner's slot counts in rc_local without atomics, everyone else in rc_shared. Sum of both == counted references.
#ifndef SKEIN_SYNC_REFCOUNT_H
#define SKEIN_SYNC_REFCOUNT_H

#include "sync/thread.h"

// Out of line: not the owner, or a count that reached zero or its limit.
void ref_inc_slow(ThreadCore *self, RefHead *o);
void ref_inc_n_slow(ThreadCore *self, RefHead *o, uint32_t n);
void ref_dec_slow(ThreadCore *self, RefHead *o) MAY_DETACH;
void ref_dec_zero(ThreadCore *self, RefHead *o) MAY_DETACH;  // the owner's count has become zero
void ref_overflow(ThreadCore *self, RefHead *o);

// Takes one more reference. The caller holds one, or borrows one in this safepoint interval.
static ALWAYS_INLINE void ref_inc(ThreadCore *self, RefHead *o) {
  uint16_t owner = atomic_load_relaxed_u16(&o->owner);
  if (LIKELY(owner == self->slot_id)) {
    if (UNLIKELY((int32_t)++o->rc_local < 0)) ref_overflow(self, o);
  } else if (owner < OWNER_DEFERRED) {
    ref_inc_slow(self, o);
  }
}

// Takes n more; an object whose count would pass its limit becomes deferred first.
static inline void ref_inc_n(ThreadCore *self, RefHead *o, uint32_t n) {
  if (LIKELY(atomic_load_relaxed_u16(&o->owner) == self->slot_id && n < RC_LOCAL_LIMIT && o->rc_local < RC_LOCAL_LIMIT))
    o->rc_local += n;
  else
    ref_inc_n_slow(self, o, n);
}

// Gives one reference up. At zero hooks.destroy runs at once, inside the call (it may run Python).
static ALWAYS_INLINE void ref_dec(ThreadCore *self, RefHead *o) {
  uint16_t owner = atomic_load_relaxed_u16(&o->owner);
  if (LIKELY(owner == self->slot_id)) {
    CHECK(o->rc_local != 0, "ref_dec of %p: local count is already 0 (owner %u, shared %#x)", (void *)o, owner,
          atomic_load_relaxed_u32(&o->rc_shared));
    if (UNLIKELY(--o->rc_local == 0)) ref_dec_zero(self, o);
  } else if (owner < OWNER_DEFERRED) {
    ref_dec_slow(self, o);
  }
}

// A counted reference out of a weak one: false when the object is dead (or dying). The caller knows that the memory is
// still there (weakly referenced memory is freed after a grace period).
MUST_CHECK bool ref_try_inc_weak(ThreadCore *self, RefHead *o);

// Does the caller hold the only reference there is, as owner? (Then no borrow by others exists either.)
static inline bool ref_is_unique_local(const ThreadCore *self, const RefHead *o) {
  return atomic_load_relaxed_u16(&o->owner) == self->slot_id && o->rc_local == 1 &&
         (!refhead_is_shared(o) ||
          ((atomic_load_acquire_u32(&o->rc_shared) & ~RC_HEAT) == 0 && !(atomic_load_relaxed_u8(&o->gc) & GC_WEAKREF)));
}

// Is the reference in the caller's hands the last counted one? (Private, or owner: local 1, shared 0; merged: shared 1.)
static inline bool ref_is_last(const ThreadCore *self, const RefHead *o) {
  uint16_t owner = atomic_load_relaxed_u16(&o->owner);
  if (owner == self->slot_id)
    return o->rc_local == 1 && (!refhead_is_shared(o) || (atomic_load_acquire_u32(&o->rc_shared) & ~(RC_FLAGS | RC_HEAT)) == 0);
  return owner == OWNER_NONE && (atomic_load_acquire_u32(&o->rc_shared) & ~(RC_DEAD | RC_HEAT)) == (RC_ONE | RC_MERGED);
}

// Makes a shared object deferred: not counted from now on, found by the collector. The caller holds a counted reference;
// it, and every other reference, need not be given up (ref_dec does nothing then). False when hooks.can_defer refused;
// true also when it already was deferred or immortal.
bool ref_defer(ThreadCore *self, RefHead *o);

// The object is likely to become contended: the next look at it by another slot than this one's defers it. It is shared, and the
// caller borrows it in this safepoint interval.
void ref_warm(ThreadCore *self, RefHead *o);

static inline bool ref_is_deferred(const RefHead *o) { return atomic_load_relaxed_u16(&o->owner) >= OWNER_DEFERRED; }

// Gives an object that hooks.destroy was called for one reference back, counted by `self` (for a finalizer). Weak references
// find it again from here on: clear them before, if they must not. In a stop: for any object the collector found dead.
void ref_revive(ThreadCore *self, RefHead *o);

// The same, owned by nobody: the reference is in the shared count.
void ref_revive_merged(RefHead *o);

// The number of counted references, for sys.getrefcount and the collector: exact in a stop or for a private object,
// otherwise a guess. Deferred and immortal: 0xFFFFFFFF.
uint32_t ref_count(const RefHead *o);

// Drains the slot's merge queue (the slot's claimant only): poll, reaper. Returns whether there was any.
bool ref_merge_drain(ThreadCore *self, Slot *slot);

// Counters for tests and reports (approximate, relaxed).
typedef struct RefStats { uint64_t queued, merged, deferred, refused, lost; } RefStats;
void ref_stats(RefStats *out);

#endif
