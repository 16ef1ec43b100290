// Per-slot registries of containers (DESIGN 5): one store to add, one to drop, no linked list, no heap walk.
#include <stdlib.h>
#include "runtime/heap.h"

#define ENTRY(r, i) (&atomic_load_relaxed_ptr(&(r)->chunks[(i) / REGISTRY_CHUNK])[(i) % REGISTRY_CHUNK])

Registry *registry_new(void) {
    Registry *r = calloc(1, sizeof *r);
    if (r) atomic_store_relaxed_u32(&r->top, 1);
    return r;
}

int registry_add(Thread *t, Object *o) {
    Registry *r = thread_slot(t)->registry;
    uint32_t index = r->free_head;
    if (index) {
        r->free_head = (uint32_t)(atomic_load_relaxed_u64(ENTRY(r, index)) >> 1);
    } else {
        index = atomic_load_relaxed_u32(&r->top);
        if (index / REGISTRY_CHUNK >= REGISTRY_CHUNKS) return -1;
        if (!atomic_load_relaxed_ptr(&r->chunks[index / REGISTRY_CHUNK])) {
            _Atomic uint64_t *chunk = calloc(REGISTRY_CHUNK, sizeof *chunk);
            if (!chunk) return -1;
            atomic_store_release_ptr(&r->chunks[index / REGISTRY_CHUNK], chunk);
        }
        atomic_store_release_u32(&r->top, index + 1);
    }
    RegistryWord *word = object_registry_word(o);
    word->index = index;
    word->slot = t->core.slot_id;
    atomic_store_release_u64(ENTRY(r, index), (uint64_t)o);
    return 0;
}

static Registry *registry_of_slot(uint16_t slot) { return ((SlotData *)slot_at(slot)->user)->registry; }

void registry_drop(Thread *t, Object *o) {
    RegistryWord *word = object_registry_word(o);
    if (!word->index) return;
    if (LIKELY(word->slot == t->core.slot_id)) {
        Registry *r = thread_slot(t)->registry;
        atomic_store_relaxed_u64(ENTRY(r, word->index), (uint64_t)r->free_head << 1 | 1);
        r->free_head = word->index;
    } else {
        Registry *r = registry_of_slot(word->slot);
        atomic_store_release_u64(ENTRY(r, word->index), REGISTRY_TOMBSTONE);
        atomic_add_relaxed_u32(&r->tombstones, 1);
    }
    word->index = 0;
}

Object *registry_get(Registry *r, uint32_t index) {
    uint64_t word = atomic_load_acquire_u64(ENTRY(r, index));
    Object *o = (Object *)word;
    return word & 1 || !o || !object_shape_word(o) || atomic_load_relaxed_u8(&o->head.gc) & GC_DYING ? NULL : o;
}

void registry_each(void (*fn)(Object *o, void *arg), void *arg) {
    for (uint32_t s = 1; s <= slot_high(); s++) {
        SlotData *data = slot_at(s)->user;
        if (!data || !data->registry) continue;
        uint32_t top = atomic_load_acquire_u32(&data->registry->top);
        for (uint32_t i = 1; i < top; i++) {
            Object *o = registry_get(data->registry, i);
            if (o) fn(o, arg);
        }
    }
}

void registry_sweep_tombstones(void) {
    for (uint32_t s = 1; s <= slot_high(); s++) {
        SlotData *data = slot_at(s)->user;
        if (!data || !data->registry || !atomic_load_relaxed_u32(&data->registry->tombstones)) continue;
        Registry *r = data->registry;
        uint32_t top = atomic_load_relaxed_u32(&r->top);
        for (uint32_t i = 1; i < top; i++) {
            if (atomic_load_relaxed_u64(ENTRY(r, i)) != REGISTRY_TOMBSTONE) continue;
            atomic_store_relaxed_u64(ENTRY(r, i), (uint64_t)r->free_head << 1 | 1);
            r->free_head = i;
        }
        atomic_store_relaxed_u32(&r->tombstones, 0);
    }
}
