// How objects die: finalizers and weak references first, then what they hold, then their memory. Children die through an
// explicit stack (DESIGN 3), so a long chain needs no native stack.
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/reaper.h"

// Objects that wait for the running destruction. The link stands in the registry word (48 bits; `aux` stays): they have
// left the registry.
static Object *dying_next(Object *o) {
    RegistryWord *w = object_registry_word(o);
    return (Object *)((uint64_t)w->slot << 32 | w->index);
}
static void dying_push(Thread *t, Object *o) {
    registry_drop(t, o);
    RegistryWord *w = object_registry_word(o);
    w->index = (uint32_t)(uint64_t)t->dying->head;
    w->slot = (uint16_t)((uint64_t)t->dying->head >> 32);
    t->dying->head = o;
}

void dying_each(Thread *t, void (*fn)(Object *o, void *arg), void *arg) {
    for (DyingList *list = t->dying; list; list = list->outer) {
        for (Object *o = list->head; o; o = dying_next(o)) fn(o, arg);
    }
}

bool object_has_finalizer(Object *o) {
    return object_type(o)->ops.finalize && !(atomic_load_relaxed_u8(&o->head.gc) & GC_FINALIZED);
}

void object_free_memory(Thread *t, Object *o, bool after_grace) {
    Type *type = object_type(o);
    size_t bytes = object_size(o);
    char *block = (char *)o - type->prefix;
    if (after_grace) retire_free(&t->core, block, bytes, storage_free);
    else memory_free(t, block, bytes);
}

static void tear_down(Thread *t, Object *o) {
    Type *type = object_type(o);
    bool weak = atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF;
    if (type->spec->destroy) type->spec->destroy(t, o);
    if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES)) instance_release(t, o);
    object_free_memory(t, o, weak && object_is_shared(o));
}

// Runs what Python may see of the end. True where the object lives on, or has ended meanwhile.
static bool finalize(Thread *t, Object *o) {
    if (t->core.reaping) {
        finalizer_hand(&t->core, &o->head);
        return true;
    }
    bool outer = t->destroying;
    t->destroying = false; // what dies meanwhile is destroyed at once, not after this one
    Value pending = error_take(t);
    bool finalizer = object_has_finalizer(o);
    if (finalizer) {
        atomic_or_relaxed_u8(&o->head.gc, GC_FINALIZED);
        ref_revive(&t->core, &o->head);
        object_type(o)->ops.finalize(t, value_of(o));
    } else {
        weakref_object_dying(t, o);
    }
    error_restore(t, pending);
    t->destroying = outer;
    // Back to zero, unless the finalizer kept it: then it comes here again, finalized.
    if (finalizer) ref_dec(&t->core, &o->head);
    return finalizer;
}

void object_destroy(ThreadCore *self, RefHead *head) {
    Thread *t = (Thread *)self;
    Object *o = (Object *)head;
    if (object_is_leaf(o)) {
        object_free_memory(t, o, false);
        return;
    }
    if (UNLIKELY(atomic_load_relaxed_u8(&head->gc) & GC_WEAKREF || object_has_finalizer(o)) && finalize(t, o)) return;
    if (t->destroying) {
        dying_push(t, o);
        return;
    }
    DyingList list = {NULL, NULL, t->dying};
    t->dying = &list;
    t->destroying = true;
    registry_drop(t, o);
    do {
        list.current = o;
        tear_down(t, o);
        o = list.head;
        if (o) list.head = dying_next(o);
    } while (o);
    t->destroying = false;
    t->dying = list.outer;
}

// It comes with one reference that nobody owns: a weak reference may have found it meanwhile.
void object_finalize_handed(ThreadCore *self, RefHead *o) { ref_dec(self, o); }
