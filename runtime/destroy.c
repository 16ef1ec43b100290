// How objects die: finalizers and weak references first, then what they hold, then their memory. Children die through an
// explicit stack (DESIGN 3), so a long chain needs no native stack.
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/reaper.h"

// What is this slot's own and can be found by nothing keeps its place in the registry and marks itself as dying; anything else
// leaves it: false.
static inline bool start_dying(Thread *t, Object *o, Type *type) {
    uint8_t gc = atomic_load_relaxed_u8(&o->head.gc);
    bool keeps = LIKELY(!type->prefix && !(gc & GC_WEAKREF) && ((Container *)o)->reg_slot == t->core.slot_id && ((Container *)o)->reg_index);
    if (LIKELY(keeps)) atomic_store_relaxed_u8(&o->head.gc, gc | GC_DYING);
    else registry_drop(t, o);
    return keeps;
}
static inline bool is_dying_in_place(Object *o) { return atomic_load_relaxed_u8(&o->head.gc) & GC_DYING; }

// Objects that wait for the running destruction. The link stands in the counts where the object kept its place, else in the
// registry word (48 bits; `aux` stays).
static Object *dying_next(Object *o) {
    if (LIKELY(is_dying_in_place(o))) return *dead_link(o);
    RegistryWord *w = object_registry_word(o);
    return (Object *)((uint64_t)w->slot << 32 | w->index);
}
static void dying_push(Thread *t, Object *o, Type *type) {
    bool keeps = start_dying(t, o, type);
    Object *next = t->dying->head;
    if (LIKELY(keeps)) {
        *dead_link(o) = next;
    } else {
        RegistryWord *w = object_registry_word(o);
        w->index = (uint32_t)(uint64_t)next;
        w->slot = (uint16_t)((uint64_t)next >> 32);
    }
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

static inline void free_memory(Thread *t, Object *o, bool in_place, bool after_grace) {
    size_t bytes = object_size(o);
    if (LIKELY(in_place)) {
        container_free(t, o, bytes);
        return;
    }
    char *block = (char *)o - object_type(o)->prefix;
    if (after_grace) retire_free(&t->core, block, bytes, storage_free);
    else memory_free(t, block, bytes);
}
void object_free_memory(Thread *t, Object *o, bool after_grace) { free_memory(t, o, is_dying_in_place(o), after_grace); }

static inline void tear_down(Thread *t, Object *o, Type *type, bool in_place) {
    bool weak = !in_place && atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF;
    if (type->spec->destroy) type->spec->destroy(t, o);
    if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES)) instance_release(t, o);
    free_memory(t, o, in_place, weak && object_is_shared(o));
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
    Type *type = object_type(o);
    if (type_is_leaf(type)) {
        memory_free(t, o, object_size(o));
        return;
    }
    if (UNLIKELY(atomic_load_relaxed_u8(&head->gc) & GC_WEAKREF || object_has_finalizer(o)) && finalize(t, o)) return;
    if (t->destroying) {
        dying_push(t, o, type);
        return;
    }
    DyingList list = {NULL, NULL, t->dying};
    t->dying = &list;
    t->destroying = true;
    bool in_place = start_dying(t, o, type);
    for (;;) {
        list.type = type;
        tear_down(t, o, type, in_place);
        o = list.head;
        if (LIKELY(!o)) break;
        list.head = dying_next(o);
        type = object_type(o);
        in_place = is_dying_in_place(o);
    }
    t->destroying = false;
    t->dying = list.outer;
}

// It comes with one reference that nobody owns: a weak reference may have found it meanwhile.
void object_finalize_handed(ThreadCore *self, RefHead *o) { ref_dec(self, o); }
