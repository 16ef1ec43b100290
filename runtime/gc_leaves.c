// Leaves (str, bytes, big ints, boxed floats) that have become deferred because threads fought over their counts. No registry lists
// leaves, so these are listed here; a collection marks those that it comes by, and what no collection has come by twice running
// is freed. Interned strings are the intern table's.
#include "runtime/gc_leaves.h"
#include <stdlib.h>
#include "runtime/heap.h"
#include "runtime/objects/str.h"
#include "runtime/type.h"
#include "sync/mutex.h"

// In head.gc of a leaf; nothing else uses these bits there.
enum { LEAF_REACHED = GC_GARBAGE, LEAF_CONDEMNED = GC_CONDEMNED };

struct DeferredLeaves {
    RawLock lock;             // a few instructions, and realloc; not taken in a stop
    Object **at;              // (lock, or a stop)
    size_t count, capacity;
};
static struct DeferredLeaves *list_of(const Interp *interp) { return interp->deferred_leaves; }

int gc_leaves_init(Interp *interp) { return (interp->deferred_leaves = calloc(1, sizeof(struct DeferredLeaves))) ? 0 : -1; }

static bool is_interned(Object *o) { return object_type(o) == TYPE_OF(STR) && str_is_interned((Str *)o); }

void gc_leaf_note(Interp *interp, Object *o) {
    struct DeferredLeaves *l = list_of(interp);
    if (is_interned(o)) return;
    rawlock_lock(&l->lock);
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? l->capacity * 2 : 64;
        Object **grown = realloc(l->at, capacity * sizeof *grown);
        if (grown) {
            l->at = grown;
            l->capacity = capacity;
        }
    }
    if (l->count < l->capacity) l->at[l->count++] = o; // else without memory: it stays for ever
    rawlock_unlock(&l->lock);
}

bool gc_leaves_begin(Interp *interp) {
    struct DeferredLeaves *l = list_of(interp);
    for (size_t i = 0; i < l->count; i++) atomic_and_relaxed_u8(&l->at[i]->head.gc, (uint8_t)~LEAF_REACHED);
    return l->count > 0;
}
void gc_leaf_reach(Object *o) {
    if (refhead_owner(&o->head) == OWNER_DEFERRED && !(atomic_load_relaxed_u8(&o->head.gc) & LEAF_REACHED)) atomic_or_relaxed_u8(&o->head.gc, LEAF_REACHED);
}
void gc_leaves_unreached(Interp *interp, void (*fn)(Object *o, void *arg), void *arg) {
    struct DeferredLeaves *l = list_of(interp);
    for (size_t i = 0; i < l->count; i++)
        if (!(atomic_load_relaxed_u8(&l->at[i]->head.gc) & LEAF_REACHED)) fn(l->at[i], arg);
}

Object **gc_leaves_sweep(Interp *interp, size_t *ndead) {
    struct DeferredLeaves *l = list_of(interp);
    Object **dead = l->count ? malloc(l->count * sizeof *dead) : NULL;
    size_t kept = 0;
    *ndead = 0;
    if (!dead) return NULL;
    for (size_t i = 0; i < l->count; i++) {
        Object *o = l->at[i];
        uint8_t gc = atomic_load_relaxed_u8(&o->head.gc);
        if (refhead_owner(&o->head) == OWNER_IMMORTAL || is_interned(o)) continue;
        if (gc & LEAF_REACHED) {
            if (gc & LEAF_CONDEMNED) atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~LEAF_CONDEMNED);
        } else if (!(gc & LEAF_CONDEMNED)) {
            atomic_or_relaxed_u8(&o->head.gc, LEAF_CONDEMNED);
        } else {
            dead[(*ndead)++] = o;
            continue;
        }
        l->at[kept++] = o;
    }
    l->count = kept;
    return dead;
}

void gc_leaves_free(Thread *t, Object **dead, size_t ndead) {
    for (size_t i = 0; i < ndead; i++) {
        Object *o = dead[i];
        if (object_type(o)->spec->destroy) object_type(o)->spec->destroy(t, o);
        object_free_memory(t, o, true);
    }
    free(dead);
}
