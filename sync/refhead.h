// The 16 bytes that start every object: all that sync/ knows of one.
#ifndef SKEIN_SYNC_REFHEAD_H
#define SKEIN_SYNC_REFHEAD_H

#include "sync/annotate.h"
#include "sync/atomic.h"

typedef struct RefHead {
  _Atomic uint32_t shape;      // (o) the runtime's; sync/ reads only SHAPE_SHARED, set once, by the owner or in a stop
  _Atomic uint16_t owner;      // (a) slot that counts in rc_local, or one of OWNER_*; changes only by compare-and-swap:
                               //     slot -> NONE (merge, by who has the slot's claim), slot or NONE -> DEFERRED (flip)
  _Atomic uint8_t lock;        // (a) byte lock (mutex.h)
  _Atomic uint8_t gc;          // (a) the runtime's, except GC_WEAKREF
  uint32_t rc_local;           // (owner's claim) references counted by the owner; others never read it
  _Atomic uint32_t rc_shared;  // (a) flags and heat below, and above them everyone else's count: 24 bits, signed (see refcount.h).
                               //     Unused while the object is private: the publisher threads its worklist through it
                               //     and leaves 0
} RefHead;

_Static_assert(sizeof(RefHead) == 16, "the object header is 16 bytes");

#define SHAPE_SHARED   (1u << 31)

#define OWNER_NONE     ((uint16_t)0)       // merged: every reference is in rc_shared
#define OWNER_DEFERRED ((uint16_t)0xFFFE)  // not counted; the collector finds it
#define OWNER_IMMORTAL ((uint16_t)0xFFFF)  // not counted, never freed
#define OWNER_MAX_SLOT 0xFFFDu             // slots are 1..this

// In `gc`: something can make a counted reference out of nothing (a weak reference, an intern table). Set, by a holder of
// a counted reference, before that something can be reached by another thread.
#define GC_WEAKREF     ((uint8_t)0x80)

#define RC_MERGED      1u  // rc_local is folded in; the count alone decides
#define RC_QUEUED      2u  // a merge queue holds one reference
#define RC_DEAD        4u  // the last reference is gone: weak references no longer reach it
#define RC_FLAGS       7u
#define RC_HEAT        0xF8u  // how contended the count is (refcount.c): a level of two bits, and the lowest bits of the slot that came last
#define RC_HEAT_LEVEL  0x08u
#define RC_HEAT_LEVELS 0x18u
#define RC_HEAT_SLOT   0x20u
#define RC_ONE         256u
#define RC_SHIFT       8
#define RC_SHARED_LIMIT (1 << 21)  // a count this high, either way, turns the object deferred
#define RC_LOCAL_LIMIT  (1u << 27) // a local count above this does not merge, it turns the object deferred

// The shared count, without the flags. Negative only while RC_QUEUED and not RC_MERGED.
static inline int32_t rc_shared_count(uint32_t word) { return (int32_t)word >> RC_SHIFT; }

static inline bool refhead_is_shared(const RefHead *o) { return (atomic_load_relaxed_u32(&o->shape) & SHAPE_SHARED) != 0; }
static inline uint16_t refhead_owner(const RefHead *o) { return atomic_load_relaxed_u16(&o->owner); }

// Fills a header of memory that no other thread can reach, with one reference. `owner`: a slot id or an OWNER_*.
static inline void refhead_init(RefHead *o, uint32_t shape, uint16_t owner) {
  atomic_store_relaxed_u32(&o->shape, shape);
  atomic_store_relaxed_u16(&o->owner, owner);
  atomic_store_relaxed_u8(&o->lock, 0);
  atomic_store_relaxed_u8(&o->gc, 0);
  o->rc_local = 1;
  atomic_store_relaxed_u32(&o->rc_shared, 0);
}

#endif
