// Iterators over str, bytes, bytearray and memoryview: an IndexIterator (iter.h) each. A shared one steps under its lock.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/objects/bytes_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// The item at an index, UNDEF (without an exception) behind the last one.
static Value str_at(Thread *t, ValueRef sequence, int64_t i) {
    const Str *s = value_str(sequence);
    return (uint64_t)i < str_length(s) ? str_from_char(t, str_char(s, (size_t)i)) : UNDEF;
}
static Value bytes_at(Thread *t, ValueRef sequence, int64_t i) {
    const Bytes *b = value_bytes(sequence);
    return (uint64_t)i < b->length ? value_int(b->data[i]) : UNDEF;
}
static Value bytearray_at(Thread *t, ValueRef sequence, int64_t i) {
    BytesSelf s;
    bytes_self_begin(t, sequence, &s);
    Value v = (uint64_t)i < s.like.text.length ? value_int((int64_t)text_at(s.like.text, (size_t)i)) : UNDEF;
    bytes_self_end(&s);
    return v;
}
static int64_t str_size(Thread *t, ValueRef sequence) { return (int64_t)str_length(value_str(sequence)); }
static int64_t bytes_size(Thread *t, ValueRef sequence) { return (int64_t)value_bytes(sequence)->length; }
static int64_t bytearray_size(Thread *t, ValueRef sequence) { return object_len(t, sequence); }

// One step. A private iterator is this thread's; a shared one takes its place under the lock, and asks for the item outside.
static ALWAYS_INLINE Value step(Thread *t, ValueRef self, Value (*at)(Thread *, ValueRef, int64_t)) {
    IndexIterator *it = value_index_iterator(self);
    if (LIKELY(!object_is_shared((Object *)it))) {
        if (value_bits(it->sequence) == 0) return UNDEF;
        Value item = at(t, it->sequence, it->index);
        if (LIKELY(value_bits(item))) it->index++;
        else if (!error_pending(t)) value_release(t, slot_take(t, it, &it->sequence, UNDEF));
        return item;
    }
    Guard g;
    guard_begin(t, &g, it);
    Value sequence = slot_get(t, &it->sequence), taken = UNDEF;
    int64_t index = it->index;
    if (value_bits(sequence)) it->index = index + 1;
    guard_end(t, &g);
    if (value_bits(sequence) == 0) return UNDEF;
    Value item = at(t, sequence, index);
    if (value_bits(item) == 0 && !error_pending(t)) {
        guard_begin(t, &g, it);
        taken = slot_take(t, it, &it->sequence, UNDEF);
        guard_end(t, &g);
        value_release(t, taken);
    }
    value_release(t, sequence);
    return item;
}

static Value state_of(Thread *t, ValueRef self, int64_t *index) {
    IndexIterator *it = value_index_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    Value sequence = slot_get(t, &it->sequence);
    *index = it->index;
    guard_end(t, &g);
    return sequence;
}

static Value hint_by(Thread *t, ValueRef self, int64_t (*size)(Thread *, ValueRef)) {
    int64_t index, n = 0;
    Value sequence = state_of(t, self, &index);
    if (value_bits(sequence)) n = size(t, sequence) - index;
    value_release(t, sequence);
    if (error_pending(t)) return UNDEF;
    return value_int(n < 0 ? 0 : n);
}

METHOD(reduce) {
    Value f = container_builtin(t, "iter"); // looked up first: that may run Python, which may exhaust the iterator
    int64_t index;
    Value sequence = state_of(t, self, &index);
    if (value_bits(sequence)) return container_tuple_3(t, f, tuple_from_values(t, &sequence, 1), int_from_int64(t, index));
    bool text = value_is(self, STR_ITERATOR);
    Value empty = text ? str_from_view(t, text_of("", 0, 1)) : tuple_from_refs(t, NULL, 0);
    return container_tuple_2(t, f, value_bits(empty) ? tuple_from_values(t, &empty, 1) : UNDEF);
}

METHOD(setstate) {
    int64_t index, old;
    if (!value_has_index(args[0])) return raise(t, TYPE_ERROR, "an integer is required");
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    Value sequence = state_of(t, self, &old);
    if (value_bits(sequence)) {
        int64_t n = object_len(t, sequence);
        value_release(t, sequence);
        if (n < 0) return UNDEF;
        IndexIterator *it = value_index_iterator(self);
        Guard g;
        guard_begin(t, &g, it);
        it->index = index < 0 ? 0 : index > n ? n : index;
        guard_end(t, &g);
    }
    return NONE;
}

static void destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((IndexIterator *)o)->sequence); }
static void traverse(Object *o, VisitFn visit, void *arg) { visit(&((IndexIterator *)o)->sequence, arg); }

#define ITERATOR(kind, text, at, measure)                                                                               \
    static Value kind##_next(Thread *t, ValueRef self) { return step(t, self, at); }                                   \
    METHOD(kind##_hint) { return hint_by(t, self, measure); }                                                             \
    static const NativeDef kind##_methods[] = {                                                                        \
        {"__length_hint__", kind##_hint, "($self, /)", "How many items are left.", 0},                                 \
        {"__reduce__", reduce, "($self, /)", "How to pickle the iterator.", 0},                                        \
        {"__setstate__", setstate, "($self, state, /)", "Goes to the item of this number.", 0},                        \
        NATIVE_END};                                                                                                   \
    const TypeSpec kind##_spec = {.name = text, .size = sizeof(IndexIterator), .flags = TYPE_NO_NEW,                   \
        .ops = {.iter = iter_self, .next = kind##_next}, .methods = kind##_methods, .destroy = destroy, .traverse = traverse};
ITERATOR(str_iterator, "str_iterator", str_at, str_size)
ITERATOR(bytes_iterator, "bytes_iterator", bytes_at, bytes_size)
ITERATOR(bytearray_iterator, "bytearray_iterator", bytearray_at, bytearray_size)

// A memoryview's iterator has no methods but its own.
static Value memory_at(Thread *t, ValueRef sequence, int64_t i) {
    int64_t n = object_len(t, sequence);
    return n < 0 || i >= n ? UNDEF : object_getitem(t, sequence, value_int(i));
}
static Value memoryview_iterator_next(Thread *t, ValueRef self) { return step(t, self, memory_at); }
const TypeSpec memoryview_iterator_spec = {.name = "memory_iterator", .size = sizeof(IndexIterator), .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = memoryview_iterator_next}, .destroy = destroy, .traverse = traverse};
