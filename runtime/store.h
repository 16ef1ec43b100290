// The only code that writes Values into the heap, and counts references (DESIGN 3).
//
// Invariant P: a shared object refers only to shared objects, leaves and immediates: a store into a shared holder
// publishes what it stores. Invariant R: a reference that was visible in a shared slot is released only after a grace
// period: what a store displaces from a shared holder is retired, not released.
#pragma once
#include "runtime/object.h"
#include "runtime/thread.h"
#include "sync/rcu.h"
#include "sync/refcount.h"

// ---- counting
// A new owned reference to what `v` borrows.
static inline Value value_dup(Thread *t, ValueRef v) {
    if (value_is_pointer(v)) ref_inc(&t->core, &value_object(v)->head);
    return value_assume_owned(v);
}
// Gives an owned reference up. At zero the object is destroyed, which may run Python (finalizers): no lock may be held.
static inline void value_release(Thread *t, Value v) {
    if (value_is_pointer(v)) ref_dec(&t->core, &value_object(v)->head);
}
static inline void *object_dup(Thread *t, const void *o) {
    ref_inc(&t->core, (RefHead *)o);
    return (void *)o;
}
static inline void object_release(Thread *t, void *o) {
    if (o) ref_dec(&t->core, (RefHead *)o);
}
// Clears first, then releases, so that what runs sees no stale reference.
#define VALUE_CLEAR(t, lvalue) \
    do { Value dead_ = (lvalue); (lvalue) = UNDEF; value_release(t, dead_); } while (0)

// ---- publishing
static inline bool value_needs_publish(ValueRef v) {
    return value_is_pointer(v) && !object_is_shared(value_object(v));
}
// Makes `v` and all that it reaches shared. The caller owns (as a slot) every private object reached. Cannot fail.
void publish(Thread *t, ValueRef v);
static inline void publish_if_needed(Thread *t, ValueRef v) {
    if (UNLIKELY(value_needs_publish(v))) publish(t, v);
}

// ---- slots
// First store into a slot of an object that only this thread can reach, holding no Value yet. No barrier.
static inline void slot_init(Value *slot, Value v_steal) {
    atomic_store_relaxed_u64((_Atomic uint64_t *)slot, value_bits(v_steal));
}
// Borrowed: good until this thread's next safepoint, or until what `holder` was reached by is released (DESIGN 3).
static inline ValueRef slot_borrow(const Value *slot) {
    return (ValueRef)atomic_load_acquire_u64((_Atomic uint64_t *)slot);
}
static inline Value slot_get(Thread *t, const Value *slot) { return value_dup(t, slot_borrow(slot)); }

Value slot_exchange_shared(Thread *t, Value *slot, Value v_steal);
// Stores, and returns what stood there as an owned reference only where the holder is private; from a shared holder it is
// retired and UNDEF returned. Where the holder is shared, the caller holds its lock or needs none (a lone slot).
static inline void slot_store(Thread *t, const void *holder, Value *slot, Value v_steal) {
    if (LIKELY(!object_is_shared(holder))) {
        Value old = *slot;
        slot_init(slot, v_steal);
        value_release(t, old);
        return;
    }
    slot_exchange_shared(t, slot, v_steal);
}
// Takes what stands in the slot as an owned reference, leaving `v` there (UNDEF, most often): pop.
Value slot_take_shared(Thread *t, Value *slot, Value v_steal);
static inline Value slot_take(Thread *t, const void *holder, Value *slot, Value v_steal) {
    if (LIKELY(!object_is_shared(holder))) {
        Value old = *slot;
        slot_init(slot, v_steal);
        return old;
    }
    return slot_take_shared(t, slot, v_steal);
}
// Appends a Value to a place of a shared holder's storage that holds none yet (list append): publishes, then a release store.
static inline void slot_append(Thread *t, const void *holder, Value *slot, Value v_steal) {
    if (UNLIKELY(object_is_shared(holder))) publish_if_needed(t, v_steal);
    atomic_store_release_u64((_Atomic uint64_t *)slot, value_bits(v_steal));
}
// Moves `n` words that stay referenced by the same holder (insert, delete in the middle): word-atomic, overlapping allowed.
void slots_move(Value *to, const Value *from, size_t n);
void slot_discard_shared(Thread *t, Value v_steal);
// Gives up one reference that stood in `holder`'s storage and has been unlinked from it: released, or retired where shared.
static inline void slot_discard(Thread *t, const void *holder, Value v_steal) {
    if (!value_is_pointer(v_steal)) return;
    if (LIKELY(!object_is_shared(holder))) value_release(t, v_steal);
    else slot_discard_shared(t, v_steal);
}
// Frees malloc-like storage of `holder` (an item array, a table) that readers may still see: after a grace period where shared.
void storage_discard(Thread *t, const void *holder, void *p, size_t bytes);

// Publishes a raw pointer to storage in a field of `holder` (item array, table): contents before pointer.
#define storage_publish(field, p) __atomic_store_n(&(field), (p), __ATOMIC_RELEASE)
#define storage_load(field) __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

// ---- making objects (alloc.c, registry.c). NULL with MemoryError raised.
void *memory_new(Thread *t, size_t bytes);          // uninitialised block; through the slot's free lists when small
void memory_free(Thread *t, void *p, size_t bytes); // `bytes` as asked for
void *storage_new(Thread *t, size_t bytes);         // for storage that may be discarded after a grace period
void storage_free(void *p);
// A new instance of `type`, private, one local reference, listed in the registry, all bytes after the header zero (UNDEF).
void *object_new(Thread *t, Type *type);
void *object_new_var(Thread *t, Type *type, size_t items);
// A leaf of an exact builtin type: born SHARED, one local reference, not registered; bytes after the header uninitialised.
void *leaf_new(Thread *t, uint32_t shape, size_t bytes);
// Makes a fresh object never counted (types, modules, module-level functions...): found by the collector alone.
void object_make_deferred(Thread *t, Object *o);
void object_make_immortal(Object *o);
