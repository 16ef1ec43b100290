// The checking build's look at the whole heap, in the collector's stop (DESIGN 3): a shared object refers to shared objects, leaves
// and immediates only (Invariant P; running frames excepted); a private object, to those and to private ones of its own slot.
#include "runtime/heap.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/objects/generator.h"
#include "runtime/type.h"
#include "sync/gil.h"
#include "sync/thread.h"
#include "sync/sync.h"

#ifdef SKEIN_CHECK
typedef struct Holder {
    Object *o;      // NULL: a thread's own state
    uint16_t slot;
} Holder;

static const char *name_of(const Object *o) { return o ? object_type(o)->spec->name : "thread state"; }

static void verify_slot(Value *slot, void *arg) {
    Holder *h = arg;
    ValueRef v = *slot;
    if (!value_is_pointer(v)) return;
    Object *to = value_object(v);
    CHECK(((uint64_t)to & 7) == 0, "%s %p holds the word %p", name_of(h->o), (void *)h->o, (void *)to);
    uint32_t shape = object_shape(to);
    CHECK(shape != 0 && shape < (1u << 24) && shape_at(shape), "%s %p refers to %p, whose shape is %u", name_of(h->o), (void *)h->o, (void *)to, shape);
    if (object_is_shared(to)) return;
    CHECK(!h->o || !object_is_shared(h->o), "shared %s %p refers to private %s %p of slot %u", name_of(h->o), (void *)h->o, name_of(to), (void *)to, object_registry_word(to)->slot);
    CHECK(object_registry_word(to)->slot == h->slot, "%s %p of slot %u refers to private %s %p of slot %u", name_of(h->o), (void *)h->o, h->slot, name_of(to), (void *)to,
          object_registry_word(to)->slot);
}

static void verify_object(Object *o, void *arg) {
    (void)arg;
    uint8_t gc = atomic_load_relaxed_u8(&o->head.gc);
    RegistryWord *word = object_registry_word(o);
    CHECK(word->index && word->slot, "listed object %p has place %u of slot %u", (void *)o, word->index, word->slot);
    if (gc & GC_CANDIDATE || (!ref_is_deferred(&o->head) && ref_count(&o->head) == 0)) return; // torn down, or about to be
    uint16_t owner = refhead_owner(&o->head);
    CHECK(object_is_shared(o) || owner == word->slot || owner >= OWNER_DEFERRED, "private %s %p listed in slot %u is owned by slot %u", name_of(o), (void *)o, word->slot, owner);
    Holder h = {o, word->slot};
    object_traverse(o, verify_slot, &h);
    Value target = value_of(weakref_target(o));
    if (value_bits(target)) verify_slot(&target, &h);
}

static void verify_thread(ThreadCore *core, void *arg) {
    (void)arg;
    Thread *t = (Thread *)core;
    Holder h = {NULL, core->slot_id};
    if (!core->slot_id || !t->stack_base) return;
    thread_traverse(t, verify_slot, &h);
    for (Value *fp = t->fp; fp; fp = frame_caller(fp)) {
        for (uint32_t i = 0, n = frame_data(fp)->nregs; i < n; i++) verify_slot(&fp[i], &h);
        verify_slot(&fp[FRAME_FUNCTION], &h);
        verify_slot(&fp[FRAME_OBJECT], &h);
    }
}

void verify_heap(Thread *t) {
    if (!sync_is_shared() || sync_gil_mode) return;
    registry_each(verify_object, NULL);
    thread_each(&t->core, verify_thread, NULL);
}
#else
void verify_heap(Thread *t) { (void)t; }
#endif
