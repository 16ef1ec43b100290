// The slow sides of store.h: stores into shared objects.
#include <stdlib.h>
#include "runtime/heap.h"

// A shared slot's last reference to something whose end is awaited (a file, an object with a finalizer or a weakref
// callback): the thread completes a grace period at its next poll, so that `f = None; open(p).read()` sees what was
// written (DESIGN 3). Not here: stores happen inside critical sections, and waiting would let go of them.
static void retire_soon(Thread *t, Object *o) {
    retire_ref_awaited(&t->core, &o->head);
}

static void retire_value(Thread *t, Value v) {
    if (!value_is_pointer(v)) return;
    Object *o = value_object(v);
    if (UNLIKELY(ref_is_last(&t->core, &o->head)) && (atomic_load_relaxed_u8(&o->head.gc) & (GC_RESOURCE | GC_WEAKREF) || object_has_finalizer(o)))
        retire_soon(t, o);
    else
        retire_ref(&t->core, &o->head);
}

Value slot_exchange_shared(Thread *t, Value *slot, Value v_steal) {
    publish_if_needed(t, v_steal);
    uint64_t old = atomic_swap_acq_rel_u64((_Atomic uint64_t *)slot, value_bits(v_steal));
    retire_value(t, value_from_bits(old));
    return UNDEF;
}

Value slot_take_shared(Thread *t, Value *slot, Value v_steal) {
    publish_if_needed(t, v_steal);
    uint64_t old = atomic_swap_acq_rel_u64((_Atomic uint64_t *)slot, value_bits(v_steal));
    Value taken = value_dup(t, value_from_bits(old));
    retire_value(t, value_from_bits(old));
    return taken;
}

void slot_discard_shared(Thread *t, Value v_steal) { retire_value(t, v_steal); }

void slots_move(Value *to, const Value *from, size_t n) {
    if (to == from || n == 0) return;
    if (to < from)
        for (size_t i = 0; i < n; i++) atomic_store_release_u64((_Atomic uint64_t *)&to[i], value_bits(from[i]));
    else
        for (size_t i = n; i-- > 0;) atomic_store_release_u64((_Atomic uint64_t *)&to[i], value_bits(from[i]));
}

void storage_discard(Thread *t, const void *holder, void *p, size_t bytes) {
    if (!p) return;
    if (!object_is_shared(holder)) free(p);
    else retire_free(&t->core, p, bytes, free);
}
