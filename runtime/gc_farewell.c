// Finalizers of garbage (DESIGN 5). An automatic collection comes at any poll, and a __del__ that takes a lock must not meet its own thread
// holding it: what it finds with a finalizer or a callback goes to the finalizer thread, in one object with a finalizer of its own. That
// object keeps the garbage, so that other collections may come meanwhile.
#include "runtime/gc_farewell.h"
#include <stdlib.h>
#include "runtime/heap.h"
#include "runtime/weakref.h"
#include "sync/reaper.h"

typedef struct Farewell {
    Container c;
    Object **garbage; // not changed until the end. A reference to each that is counted
    size_t count;
} Farewell;

void gc_run_finalizers(Thread *t, Object **garbage, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (atomic_load_relaxed_u8(&garbage[i]->head.gc) & GC_WEAKREF) weakref_object_dying(t, garbage[i]);
    for (size_t i = 0; i < n; i++) {
        Object *o = garbage[i];
        if (!object_has_finalizer(o)) continue;
        atomic_or_relaxed_u8(&o->head.gc, GC_FINALIZED);
        object_type(o)->ops.finalize(t, value_of(o));
    }
}

static void let_go(Thread *t, Object **garbage, size_t n) {
    for (size_t i = 0; i < n; i++) atomic_and_relaxed_u8(&garbage[i]->head.gc, (uint8_t)~GC_GARBAGE);
    for (size_t i = 0; i < n; i++)
        if (!ref_is_deferred(&garbage[i]->head)) ref_dec(&t->core, &garbage[i]->head);
}

void gc_say_farewell(Thread *t, Object **garbage, size_t n) {
    Farewell *f = object_new(t, TYPE_OF(GC_FAREWELL));
    Object **kept = f ? malloc(n * sizeof *kept) : NULL;
    if (!kept) {
        object_release(t, f);
        let_go(t, garbage, n);
        return;
    }
    memcpy(kept, garbage, n * sizeof *kept);
    f->garbage = kept;
    f->count = n;
    atomic_or_relaxed_u8(&f->c.head.gc, GC_GARBAGE); // the program is not shown it
    publish_if_needed(t, value_of(f));
    finalizer_hand(&t->core, &f->c.head);
}

static void farewell_finalize(Thread *t, ValueRef self) {
    Farewell *f = (Farewell *)value_object(self);
    gc_run_finalizers(t, f->garbage, f->count);
}
static void farewell_destroy(Thread *t, Object *o) {
    Farewell *f = (Farewell *)o;
    let_go(t, f->garbage, f->count);
    free(f->garbage);
}
static void farewell_traverse(Object *o, VisitFn visit, void *arg) {
    Farewell *f = (Farewell *)o;
    for (size_t i = 0; i < f->count; i++) {
        Value v = value_of(f->garbage[i]);
        visit(&v, arg);
    }
}
const TypeSpec gc_farewell_spec = {
    .name = "gc_farewell",
    .doc = "Garbage that waits for its finalizers.",
    .size = sizeof(Farewell),
    .flags = TYPE_NO_NEW,
    .ops = {.finalize = farewell_finalize},
    .destroy = farewell_destroy,
    .traverse = farewell_traverse,
};
