// Inside of the heap, for its own files (alloc.c registry.c publish.c destroy.c gc.c verify_heap.c): registries, what an object
// holds, and how it dies. Beside them only interp/ includes this.
#pragma once
#include "runtime/store.h"

// ---- registry.c: every container is listed in the registry of the slot that made it (DESIGN 5).
// An index is never 0. Chunks of entries never move. An entry is four bytes, in chunks for the objects that lie in one of the
// process's first windows of 4 GB, or else eight (registry.c): an object, or what it means to have none. An object whose shape is 0
// or that has GC_DYING has its place, but is none: it waits in a free list, or for its end.
enum { REGISTRY_CHUNK = 4096, REGISTRY_CHUNKS = 1 << 16 };
typedef struct Registry {
    _Atomic uint64_t chunks[REGISTRY_CHUNKS]; // (r) each set once: the address of its entries, 1 added where they are wide
    _Atomic uint32_t top;      // (a) the first chunk never used, times REGISTRY_CHUNK; written by the owner
    uint32_t free_head[2];     // (owner, stop) freed indices in narrow and in wide chunks, linked through their entries; 0: none
    uint32_t fresh[2], fresh_end[2]; // (owner) never used: indices of the last narrow and the last wide chunk, from and to
    _Atomic uint32_t tombstones; // (a) how many
} Registry;

Registry *registry_new(void);
int registry_add(Thread *t, Object *o);  // gives o its registry word; 0, or -1 without memory (no exception)
void registry_drop(Thread *t, Object *o);
Object *registry_get(Registry *r, uint32_t index); // NULL where free or dying
// In a stop: fn for every listed object of every slot.
void registry_each(void (*fn)(Object *o, void *arg), void *arg);
void registry_sweep_tombstones(void); // in a stop

// The registry word of a container, wherever its layout keeps it.
typedef struct RegistryWord { uint32_t index; uint16_t slot; uint16_t aux; } RegistryWord;
static inline RegistryWord *object_registry_word(Object *o) {
    Type *type = object_type(o);
    return type->prefix ? (RegistryWord *)((char *)o - 8) : (RegistryWord *)&((Container *)o)->reg_index;
}
// Leaves are not registered; every other object is, but for immortal builtin types.
static inline bool object_is_leaf(const Object *o) { return type_is_leaf(object_type(o)); }

// ---- what an object holds: the type's own slots, attributes, __slots__, and the class of an instance of a Python class
void object_traverse(Object *o, VisitFn visit, void *arg);

// Weak reference objects of `o` (weakref.c); the roots of the interpreter and of one thread (interp.c of the runtime, interp/).
void weakref_each(Object *o, VisitFn visit, void *arg);
Object *weakref_target(Object *o); // of a weak reference or proxy whose target lives; NULL of anything else. Borrowed
void interp_traverse(Interp *interp, VisitFn visit, void *arg);
void thread_traverse(Thread *t, VisitFn visit, void *arg); // not its Python stack
void publish_in_stop(Thread *t, Object *o); // any slot's private object and what it reaches, in that slot's name
void publish_everything(ThreadCore *first);
void verify_heap(Thread *t); // in a stop; the checking build verifies Invariant P, others do nothing (verify_heap.c)

// ---- shape.c: shapes go when their type does (Type.dead), their numbers to other shapes once no inline cell has them (inline_cells.c)
void shapes_each(void (*fn)(Shape *shape, void *arg), void *arg); // in a stop, but for the builtin types'
void shapes_drop_dead(Thread *t);
uint32_t shape_numbers_dead(void);      // how many numbers wait to be given out again
bool shape_number_is_dead(uint32_t number);
void shape_numbers_forgotten(void);     // in a stop: no cell has any that is dead

// ---- bits of head.gc beside GC_WEAKREF
enum {
    GC_FINALIZED = 1,
    GC_GARBAGE = 2,   // of the running collection: a weak reference among the garbage is not called back
    GC_CANDIDATE = 4, // deferred, torn down: freed by the next collection
    GC_RESOURCE = 8,
    GC_DYING = 32,    // being destroyed, and keeps its place in the registry
    GC_CONDEMNED = 16, // deferred, found unreachable by the last collection: torn down if it still is in the next
};

// ---- destroy.c: what sync/ calls at zero
void object_destroy(ThreadCore *self, RefHead *o);
void object_finalize_handed(ThreadCore *self, RefHead *o); // on the finalizer thread
void object_free_memory(Thread *t, Object *o, bool after_grace);
void container_free(Thread *t, Object *o, size_t bytes); // alloc.c: of an object with GC_DYING
// Words of a dead object's counts link it into lists.
static inline Object **dead_link(Object *o) { return (Object **)&o->head.rc_local; }
_Static_assert(offsetof(RefHead, rc_local) == 8, "the counts are one aligned word");
// Block size, prefix included.
static inline size_t object_size(const Object *o) {
    Type *type = object_type(o);
    if (UNLIKELY(type->spec->bytes != NULL)) return type->prefix + type->spec->bytes(o);
    if (type->prefix || !(type->flags & TYPE_HAS_ATTRIBUTES)) return type->prefix + type->size;
    return type->size + shape_at(object_shape(o))->inline_slots * sizeof(Value);
}
// Objects on a thread's list of the dying hold references until they are torn down: roots for deferred objects. (Not the one
// that is being torn down: what it still refers to, it refers to by references that it holds, or not at all. Its type is a root: DyingList.)
void dying_each(Thread *t, void (*fn)(Object *o, void *arg), void *arg);
bool object_has_finalizer(Object *o); // __del__, or a native finalizer, that has not run

// Small immutable blocks that all threads read (what inline cells and method caches refer to): 16-aligned, kept apart from what threads
// write, whose lines would else come and go under the readers. NULL without memory. entry_free: nobody reads it any more.
enum { ENTRY_BYTES = 32 };
void *entry_alloc(Thread *t);
void entry_free(void *entry_or_null);
