// Memory of objects: per-slot free lists over malloc (mimalloc, linked in whole), and the making of objects.
#include <stdlib.h>
#include "runtime/error.h"
#include "runtime/gc.h"
#include "runtime/heap.h"
#include "runtime/type.h"

#ifdef SKEIN_PLAIN_MALLOC
enum { FREE_LISTS = 0 }; // the sanitizers see every block
#else
enum { FREE_LISTS = 1 };
#endif
enum { FREE_LIST_LIMIT = 512, FREE_LIST_LIMIT_LARGE = 64 }; // blocks kept per class, of up to 256 bytes and above
static inline uint32_t limit_of_class(size_t k) { return LIKELY(k < 16) ? FREE_LIST_LIMIT : FREE_LIST_LIMIT_LARGE; }

// Class of a size, by 16 bytes; the block of class k holds 16 (k + 1) bytes.
static inline size_t size_class(size_t bytes) { return (bytes - 1) / FREE_LIST_STEP; }

void *memory_new(Thread *t, size_t bytes) {
    size_t k = size_class(bytes);
    if (FREE_LISTS && LIKELY(k < FREE_LIST_CLASSES)) {
        struct FreeList *list = &thread_slot(t)->free_list[k];
        void **block = list->head;
        if (LIKELY(block != NULL)) {
            list->head = *block;
            list->count--;
            return block;
        }
        bytes = (k + 1) * FREE_LIST_STEP;
    }
    void *p = malloc(bytes);
    if (UNLIKELY(!p)) raise_no_memory(t);
    return p;
}

void memory_free(Thread *t, void *p, size_t bytes) {
    size_t k = size_class(bytes);
    CHECKING(memset(p, 0xDD, bytes);)
    if (FREE_LISTS && LIKELY(k < FREE_LIST_CLASSES)) {
        struct FreeList *list = &thread_slot(t)->free_list[k];
        if (LIKELY(list->count < limit_of_class(k))) {
            *(void **)p = list->head;
            list->head = p;
            list->count++;
            return;
        }
    }
    free(p);
}

void *storage_new(Thread *t, size_t bytes) {
    void *p = malloc(bytes ? bytes : 1);
    if (UNLIKELY(!p)) raise_no_memory(t);
    return p;
}
void storage_free(void *p) { free(p); }

// Sets whole words to 0: small blocks, for which a call of memset is dear.
__attribute__((no_builtin("memset"))) static inline void clear_words(void *from, size_t bytes) {
    uint64_t *word = from, *end = (uint64_t *)((char *)from + bytes);
#pragma clang loop vectorize_width(2) interleave(disable)
    while (word < end) *word++ = 0;
}

static inline void note_allocated(Thread *t, SlotData *slot, size_t bytes) {
    if (UNLIKELY((slot->allocated_bytes += bytes) > GC_STEP)) gc_note_allocated(t);
}

static NOINLINE void *object_alloc_slow(Thread *t, Type *type, size_t bytes) {
    char *block = memory_new(t, bytes + type->prefix);
    if (UNLIKELY(!block)) return NULL;
    memset(block, 0, bytes + type->prefix);
    Object *o = (Object *)(block + type->prefix);
    refhead_init(&o->head, atomic_load_relaxed_u32((_Atomic uint32_t *)&type->shape), t->core.slot_id);
    LEAK_HIDDEN(o); // the registry's words are no addresses
    if (UNLIKELY(registry_add(t, o) < 0)) {
        memory_free(t, block, bytes + type->prefix);
        return raise_no_memory(t), NULL;
    }
    note_allocated(t, thread_slot(t), bytes);
    return o;
}

// A container that died in this slot has its place in the registry: only its words are cleared, and the shape brings it to life.
static inline void *object_alloc(Thread *t, Type *type, size_t bytes) {
    size_t k = size_class(bytes);
    if (UNLIKELY(!FREE_LISTS || type->prefix || k >= FREE_LIST_CLASSES)) return object_alloc_slow(t, type, bytes);
    SlotData *slot = thread_slot(t);
    struct FreeList *list = &slot->containers[k];
    Object *o = list->head;
    if (UNLIKELY(!o)) return object_alloc_slow(t, type, bytes);
    list->head = *dead_link(o);
    list->count--;
    ((Container *)o)->aux = 0;
    clear_words((char *)o + sizeof(Container), bytes - sizeof(Container));
    refhead_init(&o->head, atomic_load_relaxed_u32((_Atomic uint32_t *)&type->shape), t->core.slot_id);
    note_allocated(t, slot, bytes);
    return o;
}

void container_free(Thread *t, Object *o, size_t bytes) {
    size_t k = size_class(bytes);
    SlotData *slot = thread_slot(t);
    slot->allocated_bytes -= bytes < slot->allocated_bytes ? bytes : slot->allocated_bytes;
    struct FreeList *list = LIKELY(FREE_LISTS && k < FREE_LIST_CLASSES) ? &slot->containers[k] : NULL;
    if (list && LIKELY(list->count < limit_of_class(k))) {
        CHECKING(memset((char *)o + sizeof(Container), 0xDD, bytes - sizeof(Container));)
        atomic_store_relaxed_u32(&o->head.shape, 0);
        *dead_link(o) = list->head;
        list->head = o;
        list->count++;
        return;
    }
    registry_drop(t, o);
    memory_free(t, o, bytes);
}

void *object_new(Thread *t, Type *type) {
    size_t inline_bytes = type->prefix ? 0 : type->inline_slots * sizeof(Value);
    return object_alloc(t, type, type->size + inline_bytes);
}

void *object_new_var(Thread *t, Type *type, size_t items) {
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(items, (size_t)type->item_size, &bytes) || bytes > SIZE_MAX / 4 - type->size)) return raise_no_memory(t), NULL;
    bytes += type->size;
    // An exact leaf has no registry word; instances of its subclasses do, before the header.
    if (type_is_leaf(type)) {
        Object *o = leaf_new(t, type->shape, bytes);
        if (LIKELY(o != NULL)) memset((char *)o + sizeof(RefHead), 0, bytes - sizeof(RefHead));
        return o;
    }
    return object_alloc(t, type, bytes);
}

void *leaf_new(Thread *t, uint32_t shape, size_t bytes) {
    Object *o = memory_new(t, bytes);
    if (LIKELY(o != NULL)) refhead_init(&o->head, shape | SHAPE_SHARED, t->core.slot_id);
    return o;
}

void object_make_deferred(Thread *t, Object *o) {
    CHECK(!object_is_shared(o) || object_is_leaf(o), "object %p is shared already", (void *)o);
    atomic_store_relaxed_u16(&o->head.owner, OWNER_DEFERRED);
}
void object_make_immortal(Object *o) { atomic_store_relaxed_u16(&o->head.owner, OWNER_IMMORTAL); }

// ---- entries of caches
static _Atomic(void *) freed_entries; // pushed by anyone, taken whole

void *entry_alloc(Thread *t) {
    if (!FREE_LISTS) return malloc(ENTRY_BYTES);
    SlotData *slot = thread_slot(t);
    if (!slot->entries && !(slot->entries = atomic_swap_acq_rel_ptr(&freed_entries, NULL))) {
        enum { CHUNK = 4096 };
        char *chunk = aligned_alloc(CACHE_LINE, CHUNK);
        if (!chunk) return NULL;
        for (size_t at = 0; at < CHUNK; at += ENTRY_BYTES) *(void **)(chunk + at) = at + ENTRY_BYTES < CHUNK ? chunk + at + ENTRY_BYTES : NULL;
        slot->entries = chunk;
    }
    void *entry = slot->entries;
    slot->entries = *(void **)entry;
    return entry;
}
void entry_free(void *entry_or_null) {
    if (!entry_or_null) return;
    if (!FREE_LISTS) {
        free(entry_or_null);
        return;
    }
    void *head = atomic_load_relaxed_ptr(&freed_entries);
    do *(void **)entry_or_null = head;
    while (!atomic_cas_release_ptr(&freed_entries, &head, entry_or_null)); // pairs with the swap in entry_alloc
}
