// Deferred leaves, for the collector: gc.c is the only user.
#pragma once
#include "runtime/thread.h"

MUST_CHECK int gc_leaves_init(Interp *interp);       // 0; -1 without memory
void gc_leaf_note(Interp *interp, Object *o);        // o, a leaf, has become deferred
// In a stop: forgets the marks of the last collection (true: there are deferred leaves), marks one, shows those without a mark.
bool gc_leaves_begin(Interp *interp);
void gc_leaf_reach(Object *o);
void gc_leaves_unreached(Interp *interp, void (*fn)(Object *o, void *arg), void *arg);
// In a stop, after marking: takes out of the list those that were not marked now nor the last time. To be freed when the world runs:
Object **gc_leaves_sweep(Interp *interp, size_t *ndead);
void gc_leaves_free(Thread *t, Object **dead, size_t ndead);
