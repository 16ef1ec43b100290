// The cycle collector (DESIGN 5): stops the world, finds what only cycles hold, and deferred objects that nothing reaches.
#pragma once
#include "runtime/store.h"
enum { GC_STEP = 1 << 20 }; // container bytes that a slot allocates before it reports them to the collector
int64_t gc_collect(Thread *t, int generation);  // objects found unreachable
void gc_collect_if_due(Thread *t);              // POLL_GC
void gc_tell(Thread *t, const char *phase, int64_t generation, int64_t collected); // calls gc.callbacks; a pending exception stays
void gc_note_deferred(Thread *t, Object *o);    // a shared object has become deferred: its bytes count for the trigger
void gc_note_allocated(Thread *t);              // container bytes since the last collection passed the step: see alloc.c
// The collector's trigger counts objects' own blocks: what hangs on an object that is not counted (code, a class), and comes back with it alone.
void gc_note_held(Thread *t, size_t bytes);
typedef struct GcStats { uint64_t collections, collected, uncollectable; uint64_t last_pause_ns, worst_pause_ns, total_pause_ns; } GcStats;
GcStats gc_stats(void);
void gc_set_enabled(bool enabled);
bool gc_enabled(void);
void gc_set_automatic(bool on);           // beside enabled: a threshold of 0 keeps collections from starting by themselves
uint64_t gc_pending_bytes(Thread *t);     // of containers made since the last collection, roughly
bool gc_is_visible(Object *o);            // in a stop: a listed object that is neither dying, nor torn down, nor garbage that a collection is at
