// Per-slot registries of containers (DESIGN 5): one store to add, one to drop, no linked list, no heap walk.
#include <stdlib.h>
#include <sys/mman.h>
#include "runtime/heap.h"

// ---- entries
// Objects lie 16 bytes apart, and nearly all in few windows of 4 GB, since the allocator takes its memory side by side. A narrow entry is
// ENTRY_OBJECT, the window's number, and the place in the window in units of 16 bytes; without ENTRY_OBJECT, the next free index, 0 (never
// used, or the last free one) or a tombstone. A wide entry has the object's address, which is even, or such a number doubled and 1 added.
enum { WINDOW_BITS = 3, WINDOW_UNITS = 28, TOMBSTONE = 0x7fffffff };
#define ENTRY_OBJECT (UINT32_C(1) << 31)
static _Atomic uint32_t windows[1 << WINDOW_BITS]; // the high half of addresses there; each set once, in order; 0: none yet

static inline uint64_t chunk_of(Registry *r, uint32_t index) { return atomic_load_acquire_u64(&r->chunks[index / REGISTRY_CHUNK]); }
static inline bool is_wide(uint64_t chunk) { return chunk & 1; }
static inline _Atomic uint32_t *narrow_at(uint64_t chunk, uint32_t index) { return (_Atomic uint32_t *)chunk + index % REGISTRY_CHUNK; }
static inline _Atomic uint64_t *wide_at(uint64_t chunk, uint32_t index) { return (_Atomic uint64_t *)(chunk - 1) + index % REGISTRY_CHUNK; }

// The narrow entry of an object; 0 where it lies outside the windows.
static uint32_t narrow_entry(const Object *o) {
    uint32_t high = (uint32_t)((uint64_t)o >> 32);
    CHECKING(if (((uint64_t)o >> 12) % 8 == 5) return 0;) // as though it lay far away
    for (uint32_t w = 0; w < 1 << WINDOW_BITS && high; w++) {
        uint32_t there = atomic_load_relaxed_u32(&windows[w]);
        if (there == 0 && atomic_cas_relaxed_u32(&windows[w], &there, high)) there = high;
        if (there == high) return ENTRY_OBJECT | w << WINDOW_UNITS | (uint32_t)((uint64_t)o >> 4 & ((1u << WINDOW_UNITS) - 1));
    }
    return 0;
}
// The object of an entry, NULL: none; and the number that stands there then.
static inline Object *entry_get(uint64_t chunk, uint32_t index, uint32_t *number) {
    if (UNLIKELY(is_wide(chunk))) {
        uint64_t word = atomic_load_acquire_u64(wide_at(chunk, index));
        *number = (uint32_t)(word >> 1);
        return word & 1 ? NULL : (Object *)word;
    }
    uint32_t word = atomic_load_acquire_u32(narrow_at(chunk, index));
    *number = word;
    if (!(word & ENTRY_OBJECT)) return NULL;
    uint64_t window = atomic_load_relaxed_u32(&windows[word >> WINDOW_UNITS & ((1 << WINDOW_BITS) - 1)]);
    return (Object *)(window << 32 | (uint64_t)(word & ((1u << WINDOW_UNITS) - 1)) << 4);
}
static inline void entry_set_number(uint64_t chunk, uint32_t index, uint32_t number) {
    if (UNLIKELY(is_wide(chunk))) atomic_store_release_u64(wide_at(chunk, index), (uint64_t)number << 1 | 1);
    else atomic_store_release_u32(narrow_at(chunk, index), number);
}

// ---- the owner's
// Straight from the system: of the half megabyte, what is not used is not touched.
Registry *registry_new(void) {
    void *r = mmap(NULL, sizeof(Registry), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return r == MAP_FAILED ? NULL : r;
}

static int new_chunk(Registry *r, bool wide) {
    uint32_t top = atomic_load_relaxed_u32(&r->top);
    if (top / REGISTRY_CHUNK >= REGISTRY_CHUNKS) return -1;
    void *entries = calloc(REGISTRY_CHUNK, wide ? sizeof(uint64_t) : sizeof(uint32_t));
    if (!entries) return -1;
    LEAK_HIDDEN(entries); // mapped memory is not searched
    atomic_store_release_u64(&r->chunks[top / REGISTRY_CHUNK], (uint64_t)entries + wide);
    r->fresh[wide] = top ? top : 1;
    r->fresh_end[wide] = top + REGISTRY_CHUNK;
    atomic_store_release_u32(&r->top, top + REGISTRY_CHUNK);
    return 0;
}

int registry_add(Thread *t, Object *o) {
    Registry *r = thread_slot(t)->registry;
    uint32_t narrow = narrow_entry(o), index;
    bool wide = !narrow;
    if ((index = r->free_head[wide])) {
        entry_get(chunk_of(r, index), index, &r->free_head[wide]);
    } else {
        if (r->fresh[wide] == r->fresh_end[wide] && new_chunk(r, wide) < 0) return -1;
        index = r->fresh[wide]++;
    }
    RegistryWord *word = object_registry_word(o);
    word->index = index;
    word->slot = t->core.slot_id;
    uint64_t chunk = chunk_of(r, index);
    if (UNLIKELY(wide)) atomic_store_release_u64(wide_at(chunk, index), (uint64_t)o);
    else atomic_store_release_u32(narrow_at(chunk, index), narrow);
    return 0;
}

static void add_free(Registry *r, uint64_t chunk, uint32_t index) {
    entry_set_number(chunk, index, r->free_head[is_wide(chunk)]);
    r->free_head[is_wide(chunk)] = index;
}

static Registry *registry_of_slot(uint16_t slot) { return ((SlotData *)slot_at(slot)->user)->registry; }

void registry_drop(Thread *t, Object *o) {
    RegistryWord *word = object_registry_word(o);
    if (!word->index) return;
    if (LIKELY(word->slot == t->core.slot_id)) {
        Registry *r = thread_slot(t)->registry;
        add_free(r, chunk_of(r, word->index), word->index);
    } else {
        Registry *r = registry_of_slot(word->slot);
        entry_set_number(chunk_of(r, word->index), word->index, TOMBSTONE);
        atomic_add_relaxed_u32(&r->tombstones, 1);
    }
    word->index = 0;
}

Object *registry_get(Registry *r, uint32_t index) {
    uint32_t number;
    Object *o = entry_get(chunk_of(r, index), index, &number);
    return !o || !object_shape_word(o) || atomic_load_relaxed_u8(&o->head.gc) & GC_DYING ? NULL : o;
}

// ---- everybody's
void registry_each(void (*fn)(Object *o, void *arg), void *arg) {
    for (uint32_t s = 1; s <= slot_high(); s++) {
        SlotData *data = slot_at(s)->user;
        if (!data || !data->registry) continue;
        uint32_t top = atomic_load_acquire_u32(&data->registry->top);
        enum { AHEAD = 12 };
        for (uint32_t i = 1; i < top; i++) {
            uint32_t number;
            if (i + AHEAD < top) __builtin_prefetch(entry_get(chunk_of(data->registry, i + AHEAD), i + AHEAD, &number));
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
        uint32_t top = atomic_load_relaxed_u32(&r->top), number;
        for (uint32_t i = 1; i < top; i++) {
            uint64_t chunk = chunk_of(r, i);
            if (!entry_get(chunk, i, &number) && number == TOMBSTONE) add_free(r, chunk, i);
        }
        atomic_store_relaxed_u32(&r->tombstones, 0);
    }
}
