// Deferred leaves, interned strings among them, for the collector: gc.c is the only user.
#pragma once
#include "runtime/thread.h"

MUST_CHECK int gc_leaves_init(Interp *interp);       // 0; -1 without memory
void gc_leaf_note(Interp *interp, Object *o);        // o, a leaf, has become deferred
// In a stop: forgets the marks of the last collection (true: there are deferred leaves to be marked), marks one, shows those without a mark.
// Interned strings are looked into where there are many new ones.
bool gc_leaves_begin(Interp *interp);
void gc_leaf_reach(Object *o);
void gc_leaves_unreached(Interp *interp, void (*fn)(Object *o, void *arg), void *arg);
// In a stop, after marking: takes out of the list (and the intern table) those that were not marked now nor the last time they were looked
// into. To be freed when the world runs.
typedef struct DeadLeaves {
    Object **at;
    size_t count;
    void *interned; // the table that was
} DeadLeaves;
DeadLeaves gc_leaves_sweep(Interp *interp);
void gc_leaves_free(Thread *t, DeadLeaves dead);
