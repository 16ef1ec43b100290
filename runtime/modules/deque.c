// collections.deque: a ring of items.
// All of a shared deque, reading too, happens under its lock, and so every operation that runs no Python is atomic. What
// runs Python (comparing, repr, taking from an iterable) works on a copy or item by item.
#include "runtime/modules/_collections.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "sync/critical.h"
#include "sync/safepoint.h"

typedef struct Ring {
    int64_t capacity; // a power of two
    Value item[];
} Ring;
typedef struct Deque {
    Container c;
    Ring *ring;      // (o) NULL: capacity 0
    int64_t head;    // (o) place of item 0
    int64_t length;  // (o)
    int64_t maxlen;  // -1: none
    uint64_t state;  // (o) counts the changes of length and order
} Deque;
static const TypeSpec deque_spec;
static inline Deque *deque_of(ValueRef v) { return (Deque *)value_object(v); }

typedef struct Guard { CriticalSection cs; bool on; } Guard;
static inline void guard_begin(Thread *t, Guard *g, Deque *d) {
    g->on = object_is_shared((Object *)d);
    if (g->on) critical_begin(&t->core, &g->cs, &d->c.head);
}
static inline void guard_end(Thread *t, Guard *g) {
    if (g->on) critical_end(&t->core, &g->cs);
}

static inline Value *place(Deque *d, int64_t i) { return &d->ring->item[(d->head + i) & (d->ring->capacity - 1)]; }

// Room for one more item. 0, -1 with MemoryError.
static int grow_locked(Thread *t, Deque *d) {
    int64_t old = d->ring ? d->ring->capacity : 0, capacity = old ? old * 2 : 8;
    if (old > INT64_MAX / 64) return raise_no_memory(t), -1;
    Ring *r = storage_new(t, sizeof *r + (size_t)capacity * sizeof(Value));
    if (!r) return -1;
    memset(r, 0, sizeof *r + (size_t)capacity * sizeof(Value));
    r->capacity = capacity;
    Ring *gone = d->ring;
    if (gone) {
        int64_t first = old - d->head < d->length ? old - d->head : d->length; // items up to the end of the old ring
        slots_move(r->item, gone->item + d->head, (size_t)first);
        slots_move(r->item + first, gone->item, (size_t)(d->length - first));
    }
    d->head = 0;
    storage_publish(d->ring, r);
    if (gone) storage_discard(t, d, gone, sizeof *gone + (size_t)old * sizeof(Value));
    return 0;
}

// Takes the item at an end out: owned. The deque is not empty.
static Value take_locked(Thread *t, Deque *d, bool left) {
    Value *slot = place(d, left ? 0 : d->length - 1);
    Value v = slot_take(t, d, slot, UNDEF);
    if (left) d->head = (d->head + 1) & (d->ring->capacity - 1);
    __atomic_store_n(&d->length, d->length - 1, __ATOMIC_RELAXED);
    __atomic_store_n(&d->state, d->state + 1, __ATOMIC_RELAXED);
    return v;
}
// Puts an item at an end; *displaced: what fell out at the other one. Consumes the item. 0, -1.
static int put_locked(Thread *t, Deque *d, Value item_steal, bool left, Value *displaced) {
    *displaced = UNDEF;
    int64_t maxlen = __atomic_load_n(&d->maxlen, __ATOMIC_RELAXED);
    if (maxlen == 0) {
        *displaced = item_steal;
        return 0;
    }
    if (maxlen > 0 && d->length >= maxlen) *displaced = take_locked(t, d, !left);
    if ((!d->ring || d->length == d->ring->capacity) && grow_locked(t, d) < 0) {
        value_release(t, item_steal);
        return -1;
    }
    if (left) d->head = (d->head - 1) & (d->ring->capacity - 1);
    slot_append(t, d, place(d, left ? 0 : d->length), item_steal);
    __atomic_store_n(&d->length, d->length + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&d->state, d->state + 1, __ATOMIC_RELAXED);
    return 0;
}
static int put(Thread *t, Deque *d, Value item_steal, bool left) {
    Guard g;
    Value displaced;
    guard_begin(t, &g, d);
    int result = put_locked(t, d, item_steal, left, &displaced);
    guard_end(t, &g);
    value_release(t, displaced);
    return result;
}
static Value take(Thread *t, Deque *d, bool left) {
    Guard g;
    guard_begin(t, &g, d);
    Value v = d->length ? take_locked(t, d, left) : UNDEF;
    guard_end(t, &g);
    return value_bits(v) ? v : raise(t, INDEX_ERROR, "pop from an empty deque");
}
// Item i as it is now, or UNDEF without an exception. With `state`, only while the deque has not changed since.
static Value item_at(Thread *t, Deque *d, int64_t i, const uint64_t *state, bool *changed) {
    Guard g;
    Value v = UNDEF;
    guard_begin(t, &g, d);
    if (state && *state != d->state)
        *changed = true;
    else if (i >= 0 && i < d->length)
        v = slot_get(t, place(d, i));
    guard_end(t, &g);
    return v;
}
static int64_t maxlen_of(Deque *d) { return __atomic_load_n(&d->maxlen, __ATOMIC_RELAXED); }
static int64_t length_of(Deque *d) { return __atomic_load_n(&d->length, __ATOMIC_RELAXED); }

// All items at one moment, as a tuple; also the state then.
static Value snapshot(Thread *t, Deque *d, uint64_t *state) {
    for (;;) {
        int64_t n = length_of(d);
        Tuple *tuple = tuple_alloc(t, n);
        if (!tuple) return UNDEF;
        Guard g;
        guard_begin(t, &g, d);
        bool same = d->length == n;
        for (int64_t i = 0; same && i < n; i++) slot_init(&tuple->items[i], value_dup(t, slot_borrow(place(d, i))));
        if (state) *state = d->state;
        guard_end(t, &g);
        if (same) return value_of(tuple);
        object_release(t, tuple);
    }
}

static int extend(Thread *t, Deque *d, ValueRef iterable, bool left) {
    Value copy = UNDEF;
    if (is_spec(iterable, &deque_spec) && deque_of(iterable) == d) {
        copy = snapshot(t, d, NULL);
        if (!value_bits(copy)) return -1;
        iterable = copy;
    }
    Value it = object_iter(t, iterable);
    value_release(t, copy);
    if (!value_bits(it)) return -1;
    int result = 0;
    for (;;) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) result = -1;
        Value item = result < 0 ? UNDEF : object_next(t, it);
        if (!value_bits(item)) break;
        if (put(t, d, item, left) < 0) result = -1;
    }
    if (error_pending(t)) result = -1;
    value_release(t, it);
    return result;
}

static void clear_all(Thread *t, Deque *d) {
    while (length_of(d)) {
        Guard g;
        guard_begin(t, &g, d);
        Value v = d->length ? take_locked(t, d, false) : UNDEF;
        guard_end(t, &g);
        value_release(t, v);
    }
}

// ---- making

static Value deque_make(Thread *t, Type *type, int64_t maxlen) {
    Deque *d = object_new(t, type);
    if (d) d->maxlen = maxlen;
    return value_of(d);
}
static Value deque_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return deque_make(t, (Type *)value_object(type), -1); }
static int deque_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    Deque *d = deque_of(self);
    int64_t maxlen = -1;
    if (args_bind(t, "deque", "(iterable=(), maxlen=None)", args, nargs, kwnames, given) < 0) return -1;
    if (!not_given(given[1])) {
        if (!value_type(given[1])->ops.index) return raise_int(t, TYPE_ERROR, "an integer is required");
        if (arg_index(t, given[1], &maxlen) < 0) return -1;
        if (maxlen < 0) return raise_int(t, VALUE_ERROR, "maxlen must be non-negative");
    }
    clear_all(t, d);
    __atomic_store_n(&d->maxlen, maxlen, __ATOMIC_RELAXED);
    return value_bits(given[0]) ? extend(t, d, given[0], false) : 0;
}
static Value copy_of(Thread *t, ValueRef self) {
    Deque *d = deque_of(self);
    if (value_type(self)->ops.init == deque_init) { // no __init__ of a subclass's own
        Value made = deque_make(t, value_type(self), maxlen_of(d));
        if (value_bits(made) && extend(t, deque_of(made), self, false) < 0) VALUE_CLEAR(t, made);
        return made;
    }
    int64_t maxlen = maxlen_of(d);
    ValueRef args[2] = {self, maxlen < 0 ? NONE : value_int(maxlen)};
    return call_object(t, value_of(value_type(self)), args, maxlen < 0 ? 1 : 2, NULL);
}

// ---- methods

NATIVE(deque_append) { return put(t, deque_of(self), value_dup(t, args[0]), false) < 0 ? UNDEF : NONE; }
NATIVE(deque_appendleft) { return put(t, deque_of(self), value_dup(t, args[0]), true) < 0 ? UNDEF : NONE; }
NATIVE(deque_pop) { return take(t, deque_of(self), false); }
NATIVE(deque_popleft) { return take(t, deque_of(self), true); }
NATIVE(deque_extend) { return extend(t, deque_of(self), args[0], false) < 0 ? UNDEF : NONE; }
NATIVE(deque_extendleft) { return extend(t, deque_of(self), args[0], true) < 0 ? UNDEF : NONE; }
NATIVE(deque_clear) { return clear_all(t, deque_of(self)), NONE; }
NATIVE(deque_copy) { return copy_of(t, self); }

// Compares the items from `from` to `to` with v. The index of the first equal one, or -1; -2 with an exception. Counts them all
// in *count where that is asked for.
static int64_t find(Thread *t, Deque *d, ValueRef v, int64_t from, int64_t to, int64_t *count) {
    Guard g;
    guard_begin(t, &g, d);
    uint64_t state = d->state;
    guard_end(t, &g);
    for (int64_t i = from; i < to; i++) {
        bool changed = false;
        Value item = item_at(t, d, i, &state, &changed);
        if (changed) return raise_int(t, RUNTIME_ERROR, "deque mutated during iteration"), -2;
        if (!value_bits(item)) break;
        int equal = object_equal(t, item, v);
        value_release(t, item);
        if (equal < 0) return -2;
        if (equal && !count) return i;
        if (equal) ++*count;
    }
    return -1;
}
NATIVE(deque_count) {
    int64_t n = 0;
    return find(t, deque_of(self), args[0], 0, INT64_MAX, &n) == -2 ? UNDEF : value_int(n);
}
NATIVE(deque_index) {
    Deque *d = deque_of(self);
    int64_t n = length_of(d), start = 0, stop = n;
    if ((value_bits(args[1]) && arg_index_clipped(t, args[1], &start) < 0) || (value_bits(args[2]) && arg_index_clipped(t, args[2], &stop) < 0)) return UNDEF;
    if (start < 0) start = start + n < 0 ? 0 : start + n;
    if (stop < 0) stop = stop + n < 0 ? 0 : stop + n;
    if (stop > n) stop = n;
    int64_t at = find(t, d, args[0], start, stop, NULL);
    if (at == -2) return UNDEF;
    return at >= 0 ? value_int(at) : raise(t, VALUE_ERROR, "deque.index(x): x not in deque");
}
static int deque_contains(Thread *t, ValueRef self, ValueRef item) {
    int64_t at = find(t, deque_of(self), item, 0, INT64_MAX, NULL);
    return at == -2 ? -1 : at >= 0;
}

// Turns the ring so that the last n items come first (n may be negative).
static int rotate_locked(Thread *t, Deque *d, int64_t n) {
    if (d->length < 2) return 0;
    n %= d->length;
    if (n < 0) n += d->length;
    bool right = n <= d->length / 2;
    for (int64_t steps = right ? n : d->length - n; steps > 0; steps--) {
        int64_t last = d->length - 1;
        if (d->length == d->ring->capacity) { // full: the ring itself turns
            d->head = (d->head + (right ? -1 : 1)) & (d->ring->capacity - 1);
        } else if (right) {
            Value *from = place(d, last), *to = place(d, -1);
            slots_move(to, from, 1);
            slot_init(from, UNDEF);
            d->head = (d->head - 1) & (d->ring->capacity - 1);
        } else {
            Value *from = place(d, 0), *to = place(d, d->length);
            slots_move(to, from, 1);
            slot_init(from, UNDEF);
            d->head = (d->head + 1) & (d->ring->capacity - 1);
        }
    }
    __atomic_store_n(&d->state, d->state + 1, __ATOMIC_RELAXED);
    return 0;
}
NATIVE(deque_rotate) {
    int64_t n = 1;
    if (value_bits(args[0]) && arg_index_clipped(t, args[0], &n) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, deque_of(self));
    rotate_locked(t, deque_of(self), n);
    guard_end(t, &g);
    return NONE;
}
NATIVE(deque_reverse) {
    Deque *d = deque_of(self);
    Guard g;
    guard_begin(t, &g, d);
    for (int64_t i = 0, j = d->length - 1; i < j; i++, j--) {
        Value held; // moved twice within one holder: the references stay
        slots_move(&held, place(d, i), 1);
        slots_move(place(d, i), place(d, j), 1);
        slots_move(place(d, j), &held, 1);
    }
    __atomic_store_n(&d->state, d->state + 1, __ATOMIC_RELAXED);
    guard_end(t, &g);
    return NONE;
}
// Takes item i out, or puts one before it: by turning the ring to there and back.
static Value remove_locked(Thread *t, Deque *d, int64_t i) {
    rotate_locked(t, d, -i);
    Value v = take_locked(t, d, true);
    rotate_locked(t, d, i);
    return v;
}
NATIVE(deque_insert) {
    Deque *d = deque_of(self);
    int64_t i;
    if (arg_index_clipped(t, args[0], &i) < 0) return UNDEF;
    Value item = value_dup(t, args[1]), displaced = UNDEF;
    Guard g;
    int result = -1;
    guard_begin(t, &g, d);
    int64_t n = d->length;
    bool full = n == maxlen_of(d);
    if (!full) {
        if (i < 0) i = i + n < 0 ? 0 : i + n;
        if (i > n) i = n;
        if (i == n) {
            result = put_locked(t, d, item, false, &displaced);
        } else {
            rotate_locked(t, d, -i);
            result = put_locked(t, d, item, true, &displaced);
            rotate_locked(t, d, i);
        }
    }
    guard_end(t, &g);
    if (full) {
        value_release(t, item);
        return raise(t, INDEX_ERROR, "deque already at its maximum size");
    }
    value_release(t, displaced);
    return result < 0 ? UNDEF : NONE;
}
NATIVE(deque_remove) {
    Deque *d = deque_of(self);
    Guard g;
    for (int64_t i = 0;; i++) {
        guard_begin(t, &g, d);
        uint64_t state = d->state;
        Value item = i < d->length ? slot_get(t, place(d, i)) : UNDEF;
        guard_end(t, &g);
        if (!value_bits(item)) return raise(t, VALUE_ERROR, "deque.remove(x): x not in deque");
        int equal = object_equal(t, item, args[0]);
        value_release(t, item);
        if (equal < 0) return UNDEF;
        guard_begin(t, &g, d);
        bool same = d->state == state;
        Value gone = same && equal ? remove_locked(t, d, i) : UNDEF;
        guard_end(t, &g);
        value_release(t, gone);
        if (!same) return raise(t, INDEX_ERROR, "deque mutated during remove().");
        if (equal) return NONE;
    }
}

// ---- items

static int64_t deque_length(Thread *t, ValueRef self) { return length_of(deque_of(self)); }
static int index_argument(Thread *t, ValueRef key, int64_t *i) {
    if (!value_is_int(key) && !value_type(key)->ops.index) return raise_int(t, TYPE_ERROR, "sequence index must be integer, not '%T'", key);
    if (arg_index_clipped(t, key, i) < 0) return -1;
    if (*i != INT64_MAX && *i != INT64_MIN) return 0;
    return raise_int(t, INDEX_ERROR, "cannot fit '%T' into an index-sized integer", key);
}
static Value deque_getitem(Thread *t, ValueRef self, ValueRef key) {
    int64_t i;
    Deque *d = deque_of(self);
    if (index_argument(t, key, &i) < 0) return UNDEF;
    if (i < 0) i += length_of(d);
    Value v = item_at(t, d, i, NULL, NULL);
    return value_bits(v) ? v : raise(t, INDEX_ERROR, "deque index out of range");
}
static int deque_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    int64_t i;
    Deque *d = deque_of(self);
    if (index_argument(t, key, &i) < 0) return -1;
    Value given = value_dup(t, value), gone = UNDEF;
    Guard g;
    guard_begin(t, &g, d);
    if (i < 0) i += d->length;
    bool inside = i >= 0 && i < d->length;
    if (inside) gone = value_bits(given) ? slot_take(t, d, place(d, i), given) : remove_locked(t, d, i);
    guard_end(t, &g);
    if (inside) {
        value_release(t, gone);
        return 0;
    }
    value_release(t, given);
    return raise_int(t, INDEX_ERROR, "deque index out of range");
}
static Value deque_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!is_spec(b, &deque_spec)) return raise(t, TYPE_ERROR, "can only concatenate deque (not \"%T\") to deque", b);
    Value made = copy_of(t, a);
    if (value_bits(made) && is_spec(made, &deque_spec) && extend(t, deque_of(made), b, false) < 0) VALUE_CLEAR(t, made);
    return made;
}
static Value deque_inplace_concat(Thread *t, ValueRef a, ValueRef b) { return extend(t, deque_of(a), b, false) < 0 ? UNDEF : value_dup(t, a); }
static int repeat_into(Thread *t, Deque *d, int64_t n) {
    if (n <= 0) return clear_all(t, d), 0;
    Value items = snapshot(t, d, NULL);
    if (!value_bits(items)) return -1;
    Tuple *tuple = value_tuple(items);
    int result = 0;
    int64_t maxlen = maxlen_of(d);
    int64_t total;
    if (maxlen < 0 && (__builtin_mul_overflow(tuple->length, n, &total) || total > INT64_MAX / 16)) {
        raise_no_memory(t);
        result = -1;
    }
    if (tuple->length == 0) n = 0;
    if (maxlen >= 0 && tuple->length && n > maxlen / tuple->length + 2) n = maxlen / tuple->length + 2; // the rest falls out again
    for (int64_t k = 1; k < n && result == 0; k++)
        for (int64_t i = 0; i < tuple->length && result == 0; i++) {
            result = put(t, d, value_dup(t, tuple_item(tuple, i)), false);
            if (result == 0 && poll_pending(&t->core)) result = poll_slow(&t->core);
        }
    value_release(t, items);
    return result;
}
static Value deque_repeat(Thread *t, ValueRef a, ValueRef count) {
    int64_t n;
    if (arg_index(t, count, &n) < 0) return UNDEF;
    Value made = copy_of(t, a);
    if (value_bits(made) && is_spec(made, &deque_spec) && repeat_into(t, deque_of(made), n) < 0) VALUE_CLEAR(t, made);
    return made;
}
static Value deque_inplace_repeat(Thread *t, ValueRef a, ValueRef count) {
    int64_t n;
    return arg_index(t, count, &n) < 0 || repeat_into(t, deque_of(a), n) < 0 ? UNDEF : value_dup(t, a);
}

static Value deque_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_spec(a, &deque_spec) || !is_spec(b, &deque_spec)) return NOT_IMPLEMENTED;
    if ((op == CMP_EQ || op == CMP_NE) && length_of(deque_of(a)) != length_of(deque_of(b))) return value_bool(op == CMP_NE);
    Value x = snapshot(t, deque_of(a), NULL), y = value_bits(x) ? snapshot(t, deque_of(b), NULL) : UNDEF;
    Value result = value_bits(y) ? object_compare(t, x, y, op) : UNDEF;
    value_release(t, x);
    value_release(t, y);
    return result;
}
static Value deque_repr(Thread *t, ValueRef self) {
    int running = repr_enter(t, self);
    if (running) return running < 0 ? UNDEF : str_from_text(t, "[...]");
    Value items = snapshot(t, deque_of(self), NULL), list = value_bits(items) ? list_from_iterable(t, items) : UNDEF, result = UNDEF;
    int64_t maxlen = maxlen_of(deque_of(self));
    Str *name = value_str(slot_borrow(&value_type(self)->name));
    if (value_bits(list)) result = maxlen < 0 ? str_of_format(t, "%U(%R)", name, list) : str_of_format(t, "%U(%R, maxlen=%lld)", name, list, (long long)maxlen);
    value_release(t, items);
    value_release(t, list);
    repr_leave(t, self);
    return result;
}
NATIVE(deque_reduce) {
    Value state = call_special(t, self, NAME(__getstate__), NULL, 0), it = UNDEF, arguments = UNDEF;
    if (!value_bits(state)) {
        if (error_pending(t)) return UNDEF;
        state = NONE;
    }
    int64_t maxlen = maxlen_of(deque_of(self));
    it = object_iter(t, self);
    arguments = maxlen < 0 ? value_dup(t, t->interp->empty_tuple) : tuple_pair(t, value_dup(t, t->interp->empty_tuple), value_int(maxlen));
    if (!value_bits(it) || !value_bits(arguments)) {
        value_release(t, state);
        value_release(t, it);
        value_release(t, arguments);
        return UNDEF;
    }
    Value parts[4] = {value_dup(t, value_of(value_type(self))), arguments, state, it};
    return tuple_from_values(t, parts, 4);
}
NATIVE(deque_sizeof) {
    Deque *d = deque_of(self);
    Ring *r = storage_load(d->ring);
    return value_int((int64_t)(sizeof *d + (r ? sizeof *r + (size_t)r->capacity * sizeof(Value) : 0)));
}
NATIVE(deque_class_getitem) { return generic_alias(t, self, args[0]); }
static Value get_maxlen(Thread *t, ValueRef self) {
    int64_t maxlen = maxlen_of(deque_of(self));
    return maxlen < 0 ? NONE : value_int(maxlen);
}

static void deque_traverse(Object *o, VisitFn visit, void *arg) {
    Deque *d = (Deque *)o;
    for (int64_t i = 0; d->ring && i < d->ring->capacity; i++) visit(&d->ring->item[i], arg);
}
static void deque_destroy(Thread *t, Object *o) {
    Deque *d = (Deque *)o;
    for (int64_t i = 0; d->ring && i < d->ring->capacity; i++) value_release(t, d->ring->item[i]);
    storage_free(d->ring);
}
static void deque_drop(Thread *t, Object *o) { clear_all(t, (Deque *)o); }

// ---- iterators

typedef struct DequeIterator {
    Container c;
    Value deque;    // UNDEF: exhausted
    int64_t index;  // next to give, counted from the end it starts at
    uint64_t state; // of the deque when it was made
} DequeIterator;
static const TypeSpec deque_iterator_spec, deque_reverse_iterator_spec;
static DequeIterator *iterator_of(ValueRef v) { return (DequeIterator *)value_object(v); }

static Value iterator_make(Thread *t, Type *type, ValueRef deque, int64_t index) {
    DequeIterator *it = object_new(t, type);
    if (!it) return UNDEF;
    slot_init(&it->deque, value_dup(t, deque));
    it->index = index;
    it->state = __atomic_load_n(&deque_of(deque)->state, __ATOMIC_RELAXED);
    return value_of(it);
}
static Value deque_iter(Thread *t, ValueRef self) {
    Type *type = companion_type(t, value_type(self), NAME(_iterator_type), &deque_iterator_spec);
    return type ? iterator_make(t, type, self, 0) : UNDEF;
}
NATIVE(deque_reversed) {
    Type *type = companion_type(t, value_type(self), NAME(_reverse_iterator_type), &deque_reverse_iterator_spec);
    return type ? iterator_make(t, type, self, 0) : UNDEF;
}
static Value iterator_step(Thread *t, ValueRef self, bool backwards) {
    DequeIterator *it = iterator_of(self);
    Value deque = slot_get(t, &it->deque);
    if (!value_bits(deque)) return UNDEF;
    Deque *d = deque_of(deque);
    bool changed = false;
    int64_t i = __atomic_fetch_add(&it->index, 1, __ATOMIC_RELAXED);
    Value v = item_at(t, d, backwards ? length_of(d) - 1 - i : i, &it->state, &changed);
    if (changed) raise(t, RUNTIME_ERROR, "deque mutated during iteration");
    if (!value_bits(v)) slot_store(t, it, &it->deque, UNDEF);
    value_release(t, deque);
    return v;
}
static Value iterator_next(Thread *t, ValueRef self) { return iterator_step(t, self, false); }
static Value reverse_iterator_next(Thread *t, ValueRef self) { return iterator_step(t, self, true); }
static Value iterator_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int64_t index = 0;
    if (args_no_keywords(t, "_deque_iterator", kwnames) < 0 || args_count(t, "_deque_iterator", nargs, 1, 2) < 0) return UNDEF;
    if (!is_spec(args[0], &deque_spec)) return raise(t, TYPE_ERROR, "_deque_iterator() argument 1 must be collections.deque, not %T", args[0]);
    if (nargs == 2 && arg_index(t, args[1], &index) < 0) return UNDEF;
    return iterator_make(t, (Type *)value_object(type), args[0], index < 0 ? 0 : index);
}
static int64_t iterator_left(Thread *t, ValueRef self) {
    Value deque = slot_get(t, &iterator_of(self)->deque);
    int64_t n = value_bits(deque) ? length_of(deque_of(deque)) - __atomic_load_n(&iterator_of(self)->index, __ATOMIC_RELAXED) : 0;
    value_release(t, deque);
    return n < 0 ? 0 : n;
}
NATIVE(iterator_length_hint) { return value_int(iterator_left(t, self)); }
NATIVE(iterator_reduce) {
    DequeIterator *it = iterator_of(self);
    Value deque = slot_get(t, &it->deque);
    if (!value_bits(deque)) { // as an iterator of an empty one
        Type *type = companion_type(t, value_type(self), NAME(_iterator_type), &deque_spec);
        deque = type ? deque_make(t, type, -1) : UNDEF;
        if (!value_bits(deque)) return UNDEF;
    }
    Value arguments = tuple_pair(t, deque, value_int(__atomic_load_n(&it->index, __ATOMIC_RELAXED)));
    return value_bits(arguments) ? tuple_pair(t, value_dup(t, value_of(value_type(self))), arguments) : UNDEF;
}
static void iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((DequeIterator *)o)->deque, arg); }
static void iterator_destroy(Thread *t, Object *o) { value_release(t, ((DequeIterator *)o)->deque); }
static void iterator_clear(Thread *t, Object *o) { slot_store(t, o, &((DequeIterator *)o)->deque, UNDEF); }
static const NativeDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, "($self, /)", NULL, 0}, {"__reduce__", iterator_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const TypeSpec deque_iterator_spec = {
    .name = "collections._deque_iterator", .size = sizeof(DequeIterator), .ops = {.new = iterator_new, .iter = iter_self, .next = iterator_next},
    .methods = iterator_methods, .destroy = iterator_destroy, .traverse = iterator_traverse, .clear = iterator_clear};
static const TypeSpec deque_reverse_iterator_spec = {
    .name = "collections._deque_reverse_iterator", .size = sizeof(DequeIterator), .ops = {.new = iterator_new, .iter = iter_self, .next = reverse_iterator_next},
    .methods = iterator_methods, .destroy = iterator_destroy, .traverse = iterator_traverse, .clear = iterator_clear};

// ---- the types

static const NativeDef deque_methods[] = {
    {"append", deque_append, "($self, item, /)", "Adds an item at the right.", 0},
    {"appendleft", deque_appendleft, "($self, item, /)", "Adds an item at the left.", 0},
    {"clear", deque_clear, "($self, /)", "Takes all items out.", 0},
    {"__copy__", deque_copy, "($self, /)", NULL, 0},
    {"copy", deque_copy, "($self, /)", "A shallow copy.", 0},
    {"count", deque_count, "($self, value, /)", "How many items equal the value.", 0},
    {"extend", deque_extend, "($self, iterable, /)", "Adds the items at the right.", 0},
    {"extendleft", deque_extendleft, "($self, iterable, /)", "Adds the items at the left, one by one.", 0},
    {"index", deque_index, "($self, value, start=0, stop=sys.maxsize, /)", "The index of the first item that equals the value.", 0},
    {"insert", deque_insert, "($self, index, value, /)", "Puts the value before the index.", 0},
    {"pop", deque_pop, "($self, /)", "Takes the rightmost item.", 0},
    {"popleft", deque_popleft, "($self, /)", "Takes the leftmost item.", 0},
    {"__reduce__", deque_reduce, "($self, /)", NULL, 0},
    {"remove", deque_remove, "($self, value, /)", "Takes the first item that equals the value out.", 0},
    {"__reversed__", deque_reversed, "($self, /)", NULL, 0},
    {"reverse", deque_reverse, "($self, /)", "Reverses in place.", 0},
    {"rotate", deque_rotate, "($self, n=1, /)", "Turns n steps to the right.", 0},
    {"__sizeof__", deque_sizeof, "($self, /)", NULL, 0},
    {"__class_getitem__", deque_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static const GetSetDef deque_getset[] = {{"maxlen", get_maxlen, NULL, "The greatest length, or None."}, GETSET_END};
static const TypeSpec deque_spec = {
    .name = "collections.deque", .doc = "A list that is fast at both ends.", .size = sizeof(Deque), .flags = TYPE_BASE | TYPE_SEQUENCE | TYPE_WEAKREFABLE,
    .ops = {.new = deque_new, .init = deque_init, .repr = deque_repr, .hash = object_hash_not_implemented, .compare = deque_compare, .iter = deque_iter,
            .length = deque_length, .getitem = deque_getitem, .setitem = deque_setitem, .contains = deque_contains, .concat = deque_concat,
            .repeat = deque_repeat, .inplace_concat = deque_inplace_concat, .inplace_repeat = deque_inplace_repeat},
    .methods = deque_methods, .getset = deque_getset, .new_signature = "([iterable[, maxlen]])", .destroy = deque_destroy, .traverse = deque_traverse,
    .clear = deque_drop};

int deque_types(Thread *t, ValueRef module) {
    Type *deque = module_type(t, module, NULL, &deque_spec), *forward = module_type(t, module, NULL, &deque_iterator_spec);
    Type *backward = module_type(t, module, NULL, &deque_reverse_iterator_spec);
    if (module_add_type(t, module, deque) < 0 || module_add_type(t, module, forward) < 0 || module_add_type(t, module, backward) < 0) return -1;
    // A deque finds the types of its iterators on its class, and they find the deque's on theirs.
    return companion_add(t, deque, "_iterator_type", forward) < 0 || companion_add(t, deque, "_reverse_iterator_type", backward) < 0 ||
                   companion_add(t, forward, "_iterator_type", deque) < 0 || companion_add(t, backward, "_iterator_type", deque) < 0
               ? -1
               : 0;
}
