// _queue: SimpleQueue, an unbounded queue. Its ring of items belongs to the object's lock; who finds it empty parks on the
// object's item count.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/signals.h"
#include "sync/park.h"

typedef struct State { Value empty, simple_queue; } State;
typedef struct Ring { int64_t room; Value item[]; } Ring;
typedef struct SimpleQueue {
    Container c;
    Value module;
    Ring *ring;               // (o) NULL: room 0
    int64_t head;             // (o) index of the first item
    _Atomic uint64_t count;   // (o to write, a)
} SimpleQueue;
static SimpleQueue *as_queue(ValueRef v) { return (SimpleQueue *)value_object(v); }

static Value queue_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs || (kwnames && kwnames->length)) return raise(t, TYPE_ERROR, "SimpleQueue() takes no arguments");
    Value module = UNDEF;
    Type *of = (Type *)value_object(type);
    // The module is found through the type that it exports.
    Value modules = value_dup(t, t->interp->modules), name = str_intern_text(t, "_queue");
    if (value_bits(name) && value_is_any_dict(modules)) module = dict_get(t, value_dict(modules), name);
    value_release(t, modules);
    value_release(t, name);
    SimpleQueue *q = object_new(t, of);
    if (!q) {
        value_release(t, module);
        return UNDEF;
    }
    slot_init(&q->module, module);
    return value_of(q);
}

// Adds an item (consumed). 0, -1 with MemoryError.
static int add(Thread *t, SimpleQueue *q, Value item_steal) {
    for (;;) {
        Guard g;
        Ring *bigger = NULL, *old = NULL;
        const Ring *seen = storage_load(q->ring); // a guess: looked at again with the lock held
        int64_t count = (int64_t)atomic_load_relaxed_u64(&q->count), room = seen ? seen->room : 0;
        if (count >= room) {
            int64_t want = room ? room * 2 : 8;
            if (!(bigger = storage_new(t, sizeof *bigger + (size_t)want * sizeof(Value)))) {
                value_release(t, item_steal);
                return -1;
            }
            bigger->room = want;
            for (int64_t i = 0; i < want; i++) slot_init(&bigger->item[i], UNDEF);
        }
        guard_begin(t, &g, q);
        count = (int64_t)atomic_load_relaxed_u64(&q->count);
        room = q->ring ? q->ring->room : 0;
        bool grow = count >= room;
        if (grow && bigger && bigger->room > room) {
            for (int64_t i = 0; i < count; i++) slot_rewrite(&bigger->item[i], q->ring->item[(q->head + i) % room]);
            old = q->ring;
            q->head = 0;
            storage_publish(q->ring, bigger);
            bigger = NULL;
            grow = false;
        }
        if (!grow) {
            slot_append(t, q, &q->ring->item[(q->head + count) % q->ring->room], item_steal);
            atomic_store_release_u64(&q->count, (uint64_t)(count + 1));
        }
        guard_end(t, &g);
        if (bigger) storage_free(bigger);
        if (old) storage_discard(t, q, old, sizeof *old + (size_t)old->room * sizeof(Value));
        if (!grow) {
            if (object_is_shared((Object *)q) || t->core.gil) unpark_one(&q->count, NULL, NULL);
            return 0;
        }
    }
}
// Takes the first item, or UNDEF where there is none.
static Value take(Thread *t, SimpleQueue *q) {
    Guard g;
    guard_begin(t, &g, q);
    Value item = UNDEF;
    int64_t count = (int64_t)atomic_load_relaxed_u64(&q->count);
    if (count) {
        item = slot_take(t, q, &q->ring->item[q->head], UNDEF);
        q->head = (q->head + 1) % q->ring->room;
        atomic_store_release_u64(&q->count, (uint64_t)(count - 1));
    }
    guard_end(t, &g);
    return item;
}
static bool is_empty(void *arg) { return atomic_load_acquire_u64(&((SimpleQueue *)arg)->count) == 0; }
static Value raise_empty(Thread *t, SimpleQueue *q) {
    if (!value_bits(q->module)) return raise(t, RUNTIME_ERROR, "_queue is not imported");
    Value e = call_0(t, ((State *)module_state(q->module))->empty);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
static Value get(Thread *t, SimpleQueue *q, bool block, ValueRef timeout) {
    uint64_t deadline = PARK_FOREVER;
    if (block && !not_given(timeout)) {
        double seconds;
        if (arg_double(t, timeout, &seconds) < 0) return UNDEF;
        if (seconds < 0) return raise(t, VALUE_ERROR, "'timeout' must be a non-negative number");
        if (isnan(seconds)) return raise(t, VALUE_ERROR, "Invalid value NaN (not a number)");
        if (seconds > 9e9) return raise(t, OVERFLOW_ERROR, "timeout value is too large");
        deadline = sync_now_ns() + (uint64_t)ceil(seconds * 1e9);
    }
    for (;;) {
        Value item = take(t, q);
        if (value_bits(item)) return item;
        if (!block) return raise_empty(t, q);
        ParkResult result = park(&t->core, &q->count, is_empty, q, deadline, PARK_INTERRUPTIBLE, NULL);
        if (result == PARK_TIMEOUT) {
            item = take(t, q);
            return value_bits(item) ? item : raise_empty(t, q);
        }
        if (result == PARK_INTERRUPTED && signals_check(t) < 0) return UNDEF;
    }
}
NATIVE(queue_put) { return add(t, as_queue(self), value_dup(t, args[0])) < 0 ? UNDEF : NONE; }
NATIVE(queue_get) {
    bool block = true;
    if (value_bits(args[0]) && arg_bool(t, args[0], &block) < 0) return UNDEF;
    return get(t, as_queue(self), block, args[1]);
}
NATIVE(queue_get_nowait) { return get(t, as_queue(self), false, UNDEF); }
NATIVE(queue_empty) { return value_bool(atomic_load_acquire_u64(&as_queue(self)->count) == 0); }
NATIVE(queue_qsize) { return value_int((int64_t)atomic_load_acquire_u64(&as_queue(self)->count)); }

static void queue_destroy(Thread *t, Object *o) {
    SimpleQueue *q = (SimpleQueue *)o;
    int64_t count = (int64_t)atomic_load_relaxed_u64(&q->count);
    for (int64_t i = 0; i < count; i++) value_release(t, q->ring->item[(q->head + i) % q->ring->room]);
    if (q->ring) storage_free(q->ring);
    value_release(t, q->module);
}
static void queue_traverse(Object *o, VisitFn visit, void *arg) {
    SimpleQueue *q = (SimpleQueue *)o;
    visit(&q->module, arg);
    for (int64_t i = 0; q->ring && i < q->ring->room; i++) visit(&q->ring->item[i], arg);
}
static void queue_clear(Thread *t, Object *o) {
    Value item;
    while (value_bits(item = take(t, (SimpleQueue *)o))) value_release(t, item);
}
static const NativeDef methods[] = {
    {"put", queue_put, "($self, /, item, block=True, timeout=None)", "Adds an item; never waits.", 0},
    {"put_nowait", queue_put, "($self, /, item)", "Adds an item.", 0},
    {"get", queue_get, "($self, /, block=True, timeout=None)", "Takes the first item, waiting for one.", 0},
    {"get_nowait", queue_get_nowait, "($self, /)", "Takes the first item; Empty where there is none.", 0},
    {"empty", queue_empty, "($self, /)", NULL, 0}, {"qsize", queue_qsize, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS}, NATIVE_END};
static const TypeSpec spec = {
    .name = "_queue.SimpleQueue", .doc = "An unbounded queue, first in, first out.", .size = sizeof(SimpleQueue), .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.new = queue_new}, .methods = methods, .new_signature = "()", .destroy = queue_destroy, .traverse = queue_traverse, .clear = queue_clear};

static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    if (module_export_type(t, module, &s->simple_queue, &spec) < 0) return -1;
    Value base = value_of(EXCEPTION(EXCEPTION)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), name = str_intern_text(t, "Empty");
    Value own = str_intern_text(t, "_queue"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    value_release(t, own);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), &s->empty, value_dup(t, type));
    return module_add(t, module, "Empty", type);
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->empty, arg);
    visit(&((State *)state)->simple_queue, arg);
}
const ModuleSpec _queue_module = {.name = "_queue", .doc = "A simple queue.", .exec = exec, .state_size = sizeof(State), .traverse = traverse};
