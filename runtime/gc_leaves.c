// Leaves (str, bytes, big ints, boxed floats) that have become deferred because threads fought over their counts. No registry lists
// leaves, so these are listed here; a collection marks those that it comes by, and what no collection has come by twice running
// is freed. Interned strings are listed by the intern table; so many are none but code's names that they are looked into only where many
// have been added.
#include "runtime/gc_leaves.h"
#include <stdlib.h>
#include "runtime/heap.h"
#include "runtime/objects/str.h"
#include "runtime/type.h"
#include "sync/mutex.h"

// In head.gc of a leaf; nothing else uses these bits there.
enum { LEAF_REACHED = GC_GARBAGE, LEAF_CONDEMNED = GC_CONDEMNED, LEAF_DEAD = GC_CANDIDATE };

struct DeferredLeaves {
    RawLock lock;             // a few instructions, and realloc; not taken in a stop
    Object **at;              // (lock, or a stop)
    size_t count, capacity;
    bool interned;            // (stop) the running collection looks into interned strings
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

static void forget_mark(Object *o, void *arg) {
    (void)arg;
    if (atomic_load_relaxed_u8(&o->head.gc) & LEAF_REACHED) atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~LEAF_REACHED);
}
bool gc_leaves_begin(Interp *interp) {
    struct DeferredLeaves *l = list_of(interp);
    for (size_t i = 0; i < l->count; i++) forget_mark(l->at[i], NULL);
    l->interned = str_interned_has_grown(interp);
    if (l->interned) str_interned_each(interp, forget_mark, NULL);
    return l->count > 0 || l->interned;
}
void gc_leaf_reach(Object *o) {
    if (refhead_owner(&o->head) == OWNER_DEFERRED && !(atomic_load_relaxed_u8(&o->head.gc) & LEAF_REACHED)) atomic_or_relaxed_u8(&o->head.gc, LEAF_REACHED);
}

static bool is_unreached(Object *o) { return refhead_owner(&o->head) == OWNER_DEFERRED && !(atomic_load_relaxed_u8(&o->head.gc) & LEAF_REACHED); }
typedef struct Unreached { void (*fn)(Object *o, void *arg); void *arg; } Unreached;
static void show_unreached(Object *o, void *arg) {
    Unreached *u = arg;
    if (is_unreached(o)) u->fn(o, u->arg);
}
void gc_leaves_unreached(Interp *interp, void (*fn)(Object *o, void *arg), void *arg) {
    struct DeferredLeaves *l = list_of(interp);
    Unreached u = {fn, arg};
    for (size_t i = 0; i < l->count; i++)
        if (!is_interned(l->at[i])) show_unreached(l->at[i], &u);
    if (l->interned) str_interned_each(interp, show_unreached, &u);
}

// Unmarked twice running? Else remembers how it stands.
static bool is_dead(Object *o) {
    uint8_t gc = atomic_load_relaxed_u8(&o->head.gc);
    if (!is_unreached(o)) {
        if (gc & LEAF_CONDEMNED) atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~LEAF_CONDEMNED);
        return false;
    }
    if (!(gc & LEAF_CONDEMNED)) atomic_or_relaxed_u8(&o->head.gc, LEAF_CONDEMNED);
    return gc & LEAF_CONDEMNED;
}
static void count_interned(Object *o, void *arg) { ++*(size_t *)arg; }
static bool is_kept(Object *o) { return !(atomic_load_relaxed_u8(&o->head.gc) & LEAF_DEAD); }
static void take_dead_interned(Object *o, void *arg) {
    DeadLeaves *dead = arg;
    if (!is_dead(o)) return;
    atomic_or_relaxed_u8(&o->head.gc, LEAF_DEAD);
    dead->at[dead->count++] = o;
}
static void no_longer_dead(Object *o, void *arg) {
    (void)arg;
    atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~LEAF_DEAD);
}

DeadLeaves gc_leaves_sweep(Interp *interp) {
    struct DeferredLeaves *l = list_of(interp);
    DeadLeaves dead = {0};
    size_t most = l->count;
    if (l->interned) str_interned_each(interp, count_interned, &most);
    if (!most || !(dead.at = malloc(most * sizeof *dead.at))) return dead;
    if (l->interned) {
        str_interned_each(interp, take_dead_interned, &dead);
        if (!(dead.interned = str_interned_sweep(interp, is_kept))) {
            str_interned_each(interp, no_longer_dead, NULL);
            dead.count = 0;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        Object *o = l->at[i];
        if (refhead_owner(&o->head) == OWNER_IMMORTAL || is_interned(o)) continue;
        if (is_dead(o)) dead.at[dead.count++] = o;
        else l->at[kept++] = o;
    }
    l->count = kept;
    return dead;
}

void gc_leaves_free(Thread *t, DeadLeaves dead) {
    if (dead.interned) str_interned_swept(t, dead.interned);
    for (size_t i = 0; i < dead.count; i++) {
        Object *o = dead.at[i];
        if (object_type(o)->spec->destroy) object_type(o)->spec->destroy(t, o);
        object_free_memory(t, o, true);
    }
    free(dead.at);
}
