// Weak references (weakref.h; library reference, "weakref"). An object does not know its weak references: a side table in
// shards does, and a bit of the header (GC_WEAKREF) says that there may be some. DESIGN 3 and 13.
//
// A shard's lock guards its table, the lists in it, and the change of a reference's target. It is held for a few instructions
// that neither wait nor run Python. A reference's target is read without it: as long as the target is not NULL, its memory
// stands until this thread's next safepoint, and ref_try_inc_weak tells whether it still lives.
// Weak references carry GC_WEAKREF themselves: a list makes counted references to them out of nothing (reuse, callbacks).
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/names.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/weak_proxy.h"
#include "runtime/weakref.h"
#include "sync/mutex.h"
#include "sync/stop.h"

// ---- the side table

typedef struct WeakList {
    struct WeakList *chain; // next of the bucket
    Object *target;
    WeakRef *first;         // newest first
} WeakList;
enum { SHARDS = 64 };
typedef struct Shard {
    RawLock lock;
    WeakList **buckets;     // (lock) a power of two of them, NULL at first
    size_t nbuckets, count; // (lock)
} CACHE_ALIGNED Shard;
static Shard shards[SHARDS];

static inline uint64_t spread(const Object *o) { return (uint64_t)(uintptr_t)o * UINT64_C(0x9E3779B97F4A7C15); }
static inline Shard *shard_of(const Object *o) { return &shards[spread(o) >> 58]; }
// In a stop nobody holds a shard's lock: none is held across a safepoint.
static inline void shard_lock(Shard *s) { rawlock_lock(&s->lock); }
static inline void shard_unlock(Shard *s) { rawlock_unlock(&s->lock); }

// Where the list of `o` hangs, or would hang; NULL where the table is empty.
static WeakList **find_locked(Shard *s, const Object *o) {
    if (!s->nbuckets) return NULL;
    WeakList **at = &s->buckets[(spread(o) >> 20) & (s->nbuckets - 1)];
    while (*at && (*at)->target != o) at = &(*at)->chain;
    return at;
}

// Twice the buckets. Where there is no memory, the chains get longer instead; -1 only where there are none at all.
static int grow_locked(Shard *s) {
    size_t n = s->nbuckets ? s->nbuckets * 2 : 16;
    WeakList **buckets = calloc(n, sizeof *buckets);
    if (!buckets) return s->nbuckets ? 0 : -1;
    for (size_t i = 0; i < s->nbuckets; i++)
        for (WeakList *l = s->buckets[i], *next; l; l = next) {
            next = l->chain;
            WeakList **to = &buckets[(spread(l->target) >> 20) & (n - 1)];
            l->chain = *to;
            *to = l;
        }
    free(s->buckets);
    s->buckets = buckets;
    s->nbuckets = n;
    return 0;
}

static bool is_plain_kind(const Type *type) { return type == TYPE_OF(WEAKREF) || type == TYPE_OF(WEAK_PROXY) || type == TYPE_OF(WEAK_CALLABLE_PROXY); }
static bool is_reusable(const WeakRef *ref) { return is_plain_kind(object_type((const Object *)ref)) && !value_bits(ref->callback); }

// Puts `ref` into its target's list. 0, -1 without memory.
static int link_locked(Shard *s, WeakRef *ref, Object *target) {
    if (s->count >= s->nbuckets && grow_locked(s) < 0) return -1;
    WeakList **at = find_locked(s, target), *list = *at;
    if (!list) {
        list = calloc(1, sizeof *list);
        if (!list) return -1;
        list->target = target;
        *at = list;
        s->count++;
    }
    // The reference and the proxy without a callback, which are reused, stand first; others newest first behind them.
    WeakRef *before = NULL, *after = list->first;
    while (after && is_reusable(after) && !(is_reusable(ref) && object_type((Object *)ref) == TYPE_OF(WEAKREF))) before = after, after = after->next;
    ref->next = after;
    ref->previous = before;
    *(before ? &before->next : &list->first) = ref;
    if (after) after->previous = ref;
    atomic_store_release_ptr(&ref->target, target);
    return 0;
}

static void drop_list_locked(Shard *s, WeakList **at) {
    WeakList *list = *at;
    *at = list->chain;
    s->count--;
    free(list);
}

static void unlink_locked(Shard *s, WeakRef *ref, Object *target) {
    if (ref->next) ref->next->previous = ref->previous;
    if (ref->previous) {
        ref->previous->next = ref->next;
    } else {
        WeakList **at = find_locked(s, target);
        (*at)->first = ref->next;
        if (!ref->next) drop_list_locked(s, at);
    }
    ref->next = ref->previous = NULL;
    atomic_store_release_ptr(&ref->target, NULL);
}

// The existing reference of exactly `type` without a callback, as a counted one; NULL where there is none.
static WeakRef *reusable_locked(Thread *t, Shard *s, Object *target, Type *type) {
    WeakList **at = find_locked(s, target);
    if (!at || !*at) return NULL;
    for (WeakRef *r = (*at)->first; r; r = r->next)
        if (object_type((Object *)r) == type && !value_bits(r->callback) && ref_try_inc_weak(&t->core, &r->c.head)) return r;
    return NULL;
}

// ---- making and reading

Value weakref_new(Thread *t, Type *type, ValueRef target, ValueRef callback) {
    if (!value_is_pointer(target) || !value_has_flag(target, TYPE_WEAKREFABLE)) return raise(t, TYPE_ERROR, "cannot create weak reference to '%T' object", target);
    if (value_bits(callback) == value_bits(NONE)) callback = UNDEF;
    Object *o = value_object(target);
    Shard *s = shard_of(o);
    bool reuse = is_plain_kind(type) && !value_bits(callback);
    if (reuse && atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF) {
        shard_lock(s);
        WeakRef *old = reusable_locked(t, s, o, type);
        shard_unlock(s);
        if (old) return value_of(old);
    }
    WeakRef *ref = object_new(t, type);
    if (!ref) return UNDEF;
    ref->hash = -1;
    slot_init(&ref->callback, value_dup(t, callback));
    atomic_or_relaxed_u8(&ref->c.head.gc, GC_WEAKREF);
    // Others may find it through the list from here on: it is shared before, and the target's bit is set before.
    if (object_is_shared(o)) publish_if_needed(t, value_of(ref));
    atomic_or_acq_rel_u8(&o->head.gc, GC_WEAKREF);
    shard_lock(s);
    WeakRef *old = reuse ? reusable_locked(t, s, o, type) : NULL;
    int linked = old ? 0 : link_locked(s, ref, o);
    shard_unlock(s);
    if (linked < 0) raise_no_memory(t);
    if (!old && linked == 0) return value_of(ref);
    object_release(t, ref);
    return old ? value_of(old) : UNDEF;
}

Value weakref_get(Thread *t, ValueRef v) {
    WeakRef *ref = (WeakRef *)value_object(v);
    Object *o = atomic_load_acquire_ptr(&ref->target);
    return o && ref_try_inc_weak(&t->core, &o->head) ? value_of(o) : UNDEF;
}

// ---- the end of the target

static void leave_list(WeakRef *ref) {
    Object *target = atomic_load_acquire_ptr(&ref->target);
    if (!target) return;
    Shard *s = shard_of(target);
    shard_lock(s);
    if (atomic_load_relaxed_ptr(&ref->target)) unlink_locked(s, ref, target);
    shard_unlock(s);
}

void weakref_object_dying(Thread *t, Object *o) {
    // A weak reference leaves its target's list as it begins to die: from then on its registry word may serve the dying list, and
    // whoever publishes the target must not come upon it.
    if (object_type(o)->spec->destroy == weakref_destroy) leave_list((WeakRef *)o);
    Shard *s = shard_of(o);
    WeakRef *to_call = NULL, **tail = &to_call; // counted references, linked by `next`, newest first
    shard_lock(s);
    WeakList **at = find_locked(s, o);
    if (at && *at) {
        WeakRef *r = (*at)->first;
        drop_list_locked(s, at);
        while (r) {
            WeakRef *next = r->next;
            r->next = r->previous = NULL;
            // One that is garbage with its target is not called back (GC_GARBAGE: library reference, "gc" and "weakref").
            if (value_bits(r->callback) && !(atomic_load_relaxed_u8(&r->c.head.gc) & GC_GARBAGE) && ref_try_inc_weak(&t->core, &r->c.head)) {
                *tail = r;
                tail = &r->next;
            }
            atomic_store_release_ptr(&r->target, NULL); // from here on its destroy does not look at the list
            r = next;
        }
    }
    shard_unlock(s);
    while (to_call) {
        WeakRef *r = to_call;
        to_call = r->next;
        r->next = NULL;
        Value callback = slot_take(t, r, &r->callback, UNDEF);
        if (value_bits(callback)) {
            Value result = call_1(t, callback, value_of(r));
            if (!value_bits(result)) error_write_unraisable(t, "while calling weakref callback", callback);
            value_release(t, result);
            value_release(t, callback);
        }
        object_release(t, r);
    }
}

void weakref_clear_in_stop(Thread *t, Object *o, void (*with_callback)(WeakRef *ref, void *arg), void *arg) {
    if (object_type(o)->spec->destroy == weakref_destroy) {
        Object *target = atomic_load_relaxed_ptr(&((WeakRef *)o)->target);
        if (target) unlink_locked(shard_of(target), (WeakRef *)o, target);
    }
    Shard *s = shard_of(o);
    WeakList **at = find_locked(s, o);
    if (!at || !*at) return;
    WeakRef *r = (*at)->first;
    drop_list_locked(s, at);
    while (r) {
        WeakRef *next = r->next;
        r->next = r->previous = NULL;
        atomic_store_release_ptr(&r->target, NULL);
        if (value_bits(r->callback) && with_callback) with_callback(r, arg);
        r = next;
    }
}

// Calls `fn` for each listed reference until it returns true. The lock is held, unless the world is stopped.
static bool each(Object *o, bool (*fn)(WeakRef *ref, void *arg), void *arg) {
    if (!(atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF)) return false;
    Shard *s = shard_of(o);
    ThreadCore *self = thread_current();
    bool stopped = self && stop_is_mine(self), found = false;
    if (!stopped) shard_lock(s);
    WeakList **at = find_locked(s, o);
    for (WeakRef *r = at && *at ? (*at)->first : NULL; r && !found; r = r->next) found = fn(r, arg);
    if (!stopped) shard_unlock(s);
    return found;
}

static bool count_one(WeakRef *ref, void *arg) { return ++*(int64_t *)arg, false; }
int64_t weakref_count(Object *o) {
    int64_t n = 0;
    each(o, count_one, &n);
    return n;
}
static bool has_callback(WeakRef *ref, void *arg) { return value_bits(ref->callback) != 0; }
bool weakref_has_callback(Object *o) { return each(o, has_callback, NULL); }

typedef struct Visit { VisitFn fn; void *arg; } Visit;
static bool visit_one(WeakRef *ref, void *arg) {
    Value v = value_of(ref);
    ((Visit *)arg)->fn(&v, ((Visit *)arg)->arg);
    return false;
}
void weakref_each(Object *o, VisitFn visit, void *arg) { each(o, visit_one, &(Visit){visit, arg}); }

typedef struct Collected { Thread *t; WeakRef **refs; int64_t n, capacity; } Collected;
static bool collect_one(WeakRef *ref, void *arg) {
    Collected *c = arg;
    if (c->n < c->capacity && ref_try_inc_weak(&c->t->core, &ref->c.head)) c->refs[c->n++] = ref;
    return c->n == c->capacity;
}
Value weakref_list(Thread *t, ValueRef target) {
    if (!value_is_pointer(target)) return list_new(t, 0);
    int64_t capacity = weakref_count(value_object(target));
    Value *refs = storage_new(t, (size_t)capacity * sizeof *refs);
    if (!refs) return UNDEF;
    Collected c = {t, (WeakRef **)refs, 0, capacity};
    if (capacity) each(value_object(target), collect_one, &c);
    Value list = list_from_values(t, refs, c.n);
    storage_free(refs);
    return list;
}

void weakref_traverse(Object *o, VisitFn visit, void *arg) { visit(&((WeakRef *)o)->callback, arg); }
void weakref_destroy(Thread *t, Object *o) {
    WeakRef *ref = (WeakRef *)o;
    leave_list(ref);
    value_release(t, ref->callback);
}
Object *weakref_target(Object *o) {
    return object_type(o)->spec->destroy == weakref_destroy ? atomic_load_acquire_ptr(&((WeakRef *)o)->target) : NULL;
}
void weakref_clear(Thread *t, Object *o) { slot_store(t, o, &((WeakRef *)o)->callback, UNDEF); }

// ---- the type

static Value ref_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (value_bits(type) == value_bits(value_of(TYPE_OF(WEAKREF))) && args_no_keywords(t, "ref", kwnames) < 0) return UNDEF;
    if (args_count(t, "__new__", nargs, 1, 2) < 0) return UNDEF;
    return weakref_new(t, (Type *)value_object(type), args[0], nargs == 2 ? args[1] : (ValueRef)UNDEF);
}
static int ref_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return args_count(t, "__init__", nargs, 1, 2); }
static Value ref_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "__call__", kwnames) < 0) return UNDEF;
    if (nargs) return raise(t, TYPE_ERROR, "__call__() takes exactly 0 arguments (%u given)", nargs);
    Value o = weakref_get(t, self);
    return value_bits(o) ? o : NONE;
}
static Value ref_repr(Thread *t, ValueRef self) {
    Value o = weakref_get(t, self), result;
    if (!value_bits(o)) return str_of_format(t, "<weakref at %p; dead>", (void *)value_bits(self));
    Value name = object_getattr_or_undef(t, o, NAME(__name__));
    if (!value_bits(name) && error_pending(t)) {
        value_release(t, o);
        return UNDEF;
    }
    void *at = (void *)value_bits(o);
    if (value_bits(name) && value_is_any_str(name))
        result = str_of_format(t, "<weakref at %p; to '%T' at %p (%S)>", (void *)value_bits(self), o, at, name);
    else
        result = str_of_format(t, "<weakref at %p; to '%T' at %p>", (void *)value_bits(self), o, at);
    value_release(t, name);
    value_release(t, o);
    return result;
}
static int64_t ref_hash(Thread *t, ValueRef self) {
    WeakRef *ref = (WeakRef *)value_object(self);
    int64_t hash = __atomic_load_n(&ref->hash, __ATOMIC_RELAXED);
    if (hash != -1) return hash;
    Value o = weakref_get(t, self);
    if (!value_bits(o)) return raise_int(t, TYPE_ERROR, "weak object has gone away");
    hash = object_hash(t, o);
    value_release(t, o);
    if (!(hash == -1 && error_pending(t))) __atomic_store_n(&ref->hash, hash, __ATOMIC_RELAXED);
    return hash;
}
static Value ref_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is_pointer(b) || !value_is_instance(a, TYPE_OF(WEAKREF)) || !value_is_instance(b, TYPE_OF(WEAKREF)))
        return NOT_IMPLEMENTED;
    Value x = weakref_get(t, a), y = weakref_get(t, b), result;
    if (!value_bits(x) || !value_bits(y))
        result = value_bool((value_bits(a) == value_bits(b)) == (op == CMP_EQ));
    else
        result = object_compare(t, x, y, op);
    value_release(t, x);
    value_release(t, y);
    return result;
}
static Value ref_get_callback(Thread *t, ValueRef self) {
    Value callback = slot_get(t, &((WeakRef *)value_object(self))->callback);
    return value_bits(callback) ? callback : NONE;
}
static Value ref_class_getitem(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return call_2(t, value_of(TYPE_OF(GENERIC_ALIAS)), self, args[0]);
}
static const GetSetDef ref_getset[] = {{"__callback__", ref_get_callback, NULL, NULL}, GETSET_END};
static const NativeDef ref_methods[] = {{"__class_getitem__", ref_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
const TypeSpec weakref_spec = {
    .name = "weakref.ReferenceType", .doc = "A reference that does not keep its object alive.", .size = sizeof(WeakRef), .flags = TYPE_BASE,
    .ops = {.new = ref_new, .init = ref_init, .call = ref_call, .repr = ref_repr, .hash = ref_hash, .compare = ref_compare},
    .methods = ref_methods, .getset = ref_getset, .destroy = weakref_destroy, .traverse = weakref_traverse, .clear = weakref_clear};
