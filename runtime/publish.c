// Publishing: a private object, and all that it reaches, becomes shared (DESIGN 3). It cannot fail: the worklist threads
// through the private objects' own rc_shared, which a private object does not use, as registry indices of this slot.
#include "runtime/heap.h"
#include "runtime/error.h"
#include "runtime/type.h"
#include "runtime/weakref.h"

typedef struct Publisher {
    Thread *t;
    Registry *registry;
    uint32_t head; // registry index of the next object whose slots are to be looked at; 0: none
} Publisher;

static void publish_push(Publisher *p, Object *o) {
    CHECK(refhead_owner(&o->head) == p->t->core.slot_id || refhead_owner(&o->head) >= OWNER_DEFERRED || refhead_owner(&o->head) == OWNER_NONE,
          "publishing %p of slot %u from slot %u", (void *)o, refhead_owner(&o->head), p->t->core.slot_id);
    RegistryWord *word = object_registry_word(o);
    CHECK(word->index && word->slot == p->t->core.slot_id, "publishing %p listed in slot %u as %u", (void *)o, word->slot, word->index);
    atomic_store_relaxed_u32(&o->head.rc_shared, p->head);
    p->head = word->index;
    // Nobody else can reach it yet; the store that makes it reachable is a release store.
    atomic_store_relaxed_u32(&o->head.shape, object_shape_word(o) | SHAPE_SHARED);
}

static void publish_visit(Value *slot, void *arg) {
    ValueRef v = *slot;
    if (value_needs_publish(v)) publish_push(arg, value_object(v));
}

static void publish_run(Publisher *p) {
    while (p->head) {
        Object *o = registry_get(p->registry, p->head);
        p->head = atomic_load_relaxed_u32(&o->head.rc_shared);
        atomic_store_relaxed_u32(&o->head.rc_shared, 0);
        object_traverse(o, publish_visit, p);
        if (UNLIKELY(object_type(o)->flags & TYPE_IS_TYPE)) type_visit_subclasses((Type *)o, publish_visit, p);
        if (atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF) weakref_each(o, publish_visit, p);
        if (object_type(o)->spec->traverse == weakref_traverse) {
            // Whoever has the reference can have its target: which is alive, and this thread's own, as long as it is private.
            ValueRef target = value_of(atomic_load_acquire_ptr(&((WeakRef *)o)->target));
            if (target && value_needs_publish(target)) publish_push(p, value_object(target));
        }
    }
}

void publish(Thread *t, ValueRef v) {
    Publisher p = {t, thread_slot(t)->registry, 0};
    publish_push(&p, value_object(v));
    publish_run(&p);
}

void publish_in_stop(Thread *t, Object *o) {
    // The owner is stopped: this thread acts for it. Everything a private object reaches privately is of the same slot.
    Thread as = {.core.slot = slot_at(object_registry_word(o)->slot)};
    as.core.slot_id = as.core.slot->id;
    (void)t;
    publish(&as, value_of(o));
}

// The process's second thread is about to come (sync's go_shared): builtin types, and everything that the interpreter's
// roots and the first thread's state reach, in the name of the first thread.
static void mark_types(Type *types, int count) {
    for (int i = 0; i < count; i++)
        atomic_store_relaxed_u32(&types[i].c.head.shape, object_shape_word((Object *)&types[i]) | SHAPE_SHARED);
}
static void publish_types(Publisher *p, Type *types, int count) {
    for (int i = 0; i < count; i++) {
        object_traverse((Object *)&types[i], publish_visit, p);
        type_visit_subclasses(&types[i], publish_visit, p);
    }
}

void publish_everything(ThreadCore *first) {
    Thread *t = (Thread *)first;
    Publisher p = {t, thread_slot(t)->registry, 0};
    // All builtin types get the bit before any is looked into: they have no place in a registry.
    mark_types(builtin_types, T_COUNT);
    mark_types(exception_types, E_COUNT);
    publish_types(&p, builtin_types, T_COUNT);
    publish_types(&p, exception_types, E_COUNT);
    interp_traverse(t->interp, publish_visit, &p);
    publish_run(&p);
}
