// Weak references (objects/weakref.c): what the heap must know of them. DESIGN 3 and 13.
#pragma once
#include "runtime/store.h"

typedef struct WeakRef {
    Container c;
    Object *_Atomic target;  // (side table's shard lock to change) NULL once dead
    Value callback;          // or UNDEF
    int64_t hash;            // -1: not computed
    struct WeakRef *next, *previous; // (shard lock) list of the target's weak references
} WeakRef;

Value weakref_new(Thread *t, Type *type, ValueRef target, ValueRef callback_or_undef); // one without callback of the exact type is shared
Value weakref_get(Thread *t, ValueRef ref);     // a counted reference to the target; UNDEF without an exception when it is gone
// The object's count is zero (and its finalizer has run): clears its weak references and runs their callbacks.
void weakref_object_dying(Thread *t, Object *o);
// In a stop (collector): clears the weak references to `o`, and `o` where it is one itself; callbacks are appended to list `callbacks` as weakrefs to call.
void weakref_clear_in_stop(Thread *t, Object *o, void (*with_callback)(WeakRef *ref, void *arg), void *arg);
void weakref_traverse(Object *o, VisitFn visit, void *arg); // the slots of a reference: its callback, not its target
bool weakref_has_callback(Object *o);
int64_t weakref_count(Object *o);
