// Iterators over lists, tuples and old-style sequences, and iter(callable, sentinel).
#include "runtime/objects/iter.h"
#include "runtime/objects/container.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

Value index_iterator_new(Thread *t, Type *type, ValueRef sequence, int64_t index) {
    IndexIterator *it = object_new(t, type);
    if (!it) return UNDEF;
    slot_init(&it->sequence, value_dup(t, sequence));
    it->index = index;
    return value_of(it);
}

// ---- list and tuple
// One step of the iterator: ITEM is the borrowed item for `index`, or UNDEF at the end.
#define STEP(self, direction, ITEM)                                                                                            \
    IndexIterator *it = value_index_iterator(self);                                                                            \
    Guard g;                                                                                                                   \
    guard_begin(t, &g, it);                                                                                                    \
    Value result = UNDEF, done = UNDEF;                                                                                        \
    ValueRef sequence = it->sequence;                                                                                          \
    if (LIKELY(sequence != UNDEF)) {                                                                                           \
        int64_t index = it->index;                                                                                             \
        ValueRef item = ITEM;                                                                                                  \
        if (LIKELY(item != UNDEF)) {                                                                                           \
            it->index = index + direction;                                                                                     \
            result = value_dup(t, item);                                                                                       \
        } else {                                                                                                               \
            done = slot_take(t, it, &it->sequence, UNDEF);                                                                     \
        }                                                                                                                      \
    }                                                                                                                          \
    guard_end(t, &g);                                                                                                          \
    if (UNLIKELY(done != UNDEF)) value_release(t, done);                                                                       \
    return result;

static Value list_iterator_next(Thread *t, ValueRef self) { STEP(self, 1, list_borrow(value_list(sequence), index)) }
static Value list_reverse_iterator_next(Thread *t, ValueRef self) { STEP(self, -1, list_borrow(value_list(sequence), index)) }
static Value tuple_iterator_next(Thread *t, ValueRef self) {
    STEP(self, 1, index < value_tuple(sequence)->length ? tuple_item(value_tuple(sequence), index) : (ValueRef)UNDEF)
}

// The iterator's state at one moment: an owned sequence (UNDEF: exhausted) and the index.
static Value state_of(Thread *t, ValueRef self, int64_t *index) {
    IndexIterator *it = value_index_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    Value sequence = slot_get(t, &it->sequence);
    *index = it->index;
    guard_end(t, &g);
    return sequence;
}
static void set_index(Thread *t, ValueRef self, int64_t index) {
    IndexIterator *it = value_index_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    if (it->sequence != UNDEF) it->index = index;
    guard_end(t, &g);
}

METHOD(forward_length_hint) {
    int64_t index, n = 0;
    Value sequence = state_of(t, self, &index);
    if (sequence != UNDEF) n = (value_is_any_list(sequence) ? list_length(value_list(sequence)) : value_tuple(sequence)->length) - index;
    value_release(t, sequence);
    return value_int(n < 0 ? 0 : n);
}
METHOD(backward_length_hint) {
    int64_t index, n = 0;
    Value sequence = state_of(t, self, &index);
    if (sequence != UNDEF && index < list_length(value_list(sequence))) n = index + 1;
    value_release(t, sequence);
    return value_int(n);
}
// (iter, (sequence,), index), or (iter, (empty,)) of an exhausted iterator. Looking the function up may run Python, which may
// exhaust the iterator: so that comes first.
static Value reduce_to(Thread *t, const char *function, ValueRef self, bool empty_list) {
    Value f = container_builtin(t, function);
    int64_t index;
    Value sequence = state_of(t, self, &index);
    if (sequence != UNDEF) return container_tuple_3(t, f, tuple_from_values(t, &sequence, 1), int_from_int64(t, index));
    Value empty = empty_list ? list_new(t, 0) : tuple_from_refs(t, NULL, 0);
    return container_tuple_2(t, f, empty == UNDEF ? UNDEF : tuple_from_values(t, &empty, 1));
}
METHOD(list_iterator_reduce) { return reduce_to(t, "iter", self, true); }
METHOD(list_reverse_iterator_reduce) { return reduce_to(t, "reversed", self, true); }
METHOD(tuple_iterator_reduce) { return reduce_to(t, "iter", self, false); }
METHOD(forward_setstate) {
    int64_t index, old;
    if (!value_has_index(args[0])) return raise(t, TYPE_ERROR, "an integer is required");
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    Value sequence = state_of(t, self, &old);
    if (sequence != UNDEF) {
        bool list = value_is_any_list(sequence);
        int64_t n = list ? list_length(value_list(sequence)) : value_tuple(sequence)->length;
        set_index(t, self, index < 0 ? (list ? -1 : 0) : index > n ? n : index); // at -1 a list's iterator is at its end
    }
    value_release(t, sequence);
    return NONE;
}
METHOD(backward_setstate) {
    int64_t index, old;
    if (!value_has_index(args[0])) return raise(t, TYPE_ERROR, "an integer is required");
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    Value sequence = state_of(t, self, &old);
    if (sequence != UNDEF) {
        int64_t n = list_length(value_list(sequence));
        set_index(t, self, index < -1 ? -1 : index > n - 1 ? n - 1 : index);
    }
    value_release(t, sequence);
    return NONE;
}

static void index_iterator_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((IndexIterator *)o)->sequence); }
static void index_iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((IndexIterator *)o)->sequence, arg); }

#define INDEX_METHODS(variable, hint, reduce, setstate)                                                                        \
    static const NativeDef variable[] = {                                                                                      \
        {"__length_hint__", hint, "($self, /)", "How many items are left.", 0},                                              \
        {"__reduce__", reduce, "($self, /)", "How to pickle the iterator.", 0},                                              \
        {"__setstate__", setstate, "($self, state, /)", "Goes to the item of this number.", 0},                              \
        NATIVE_END};
#define INDEX_SPEC(variable, text, step, table)                                                                                \
    const TypeSpec variable = {.name = text, .size = sizeof(IndexIterator), .flags = TYPE_NO_NEW,                              \
                               .ops = {.iter = iter_self, .next = step}, .methods = table,                                     \
                               .destroy = index_iterator_destroy, .traverse = index_iterator_traverse};
INDEX_METHODS(list_iterator_methods, forward_length_hint, list_iterator_reduce, forward_setstate)
INDEX_METHODS(tuple_iterator_methods, forward_length_hint, tuple_iterator_reduce, forward_setstate)
INDEX_METHODS(list_reverse_iterator_methods, backward_length_hint, list_reverse_iterator_reduce, backward_setstate)
INDEX_SPEC(list_iterator_spec, "list_iterator", list_iterator_next, list_iterator_methods)
INDEX_SPEC(list_reverse_iterator_spec, "list_reverseiterator", list_reverse_iterator_next, list_reverse_iterator_methods)
INDEX_SPEC(tuple_iterator_spec, "tuple_iterator", tuple_iterator_next, tuple_iterator_methods)

// ---- any sequence, by __getitem__, and reversed (iter_tools.c makes those)
// Steps by `direction`. The item is got without the lock: it may run Python.
static Value sequence_step(Thread *t, ValueRef self, int64_t direction) {
    IndexIterator *it = value_index_iterator(self);
    int64_t index;
    Value sequence = state_of(t, self, &index), item = UNDEF;
    if (sequence == UNDEF) return UNDEF;
    if (index >= 0) {
        item = sequence_getitem(t, sequence, index);
        if (item == UNDEF && !error_matches(t, EXCEPTION(INDEX_ERROR)) && !error_matches(t, EXCEPTION(STOP_ITERATION))) {
            value_release(t, sequence);
            return UNDEF;
        }
        if (item == UNDEF) error_clear(t);
    }
    Guard g;
    Value done = UNDEF;
    guard_begin(t, &g, it);
    if (item == UNDEF) {
        it->index = -1;
        if (it->sequence != UNDEF) done = slot_take(t, it, &it->sequence, UNDEF);
    } else if (it->index == index) {
        it->index = index + direction;
    }
    guard_end(t, &g);
    value_release(t, done);
    value_release(t, sequence);
    return item;
}
static Value sequence_iterator_next(Thread *t, ValueRef self) { return sequence_step(t, self, 1); }
static Value reversed_next(Thread *t, ValueRef self) { return sequence_step(t, self, -1); }

Value sequence_iterator_new(Thread *t, ValueRef sequence) { return index_iterator_new(t, TYPE_OF(SEQUENCE_ITERATOR), sequence, 0); }

METHOD(sequence_iterator_length_hint) {
    int64_t index;
    Value sequence = state_of(t, self, &index);
    if (sequence == UNDEF) return value_int(0);
    Value result = NOT_IMPLEMENTED;
    if (value_type(sequence)->ops.length) {
        int64_t n = object_len(t, sequence);
        result = n < 0 ? UNDEF : value_int(n > index ? n - index : 0);
    }
    value_release(t, sequence);
    return result;
}
METHOD(sequence_iterator_reduce) { return reduce_to(t, "iter", self, false); }
METHOD(sequence_iterator_setstate) {
    int64_t index;
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    set_index(t, self, index < 0 ? 0 : index);
    return NONE;
}
INDEX_METHODS(sequence_iterator_methods, sequence_iterator_length_hint, sequence_iterator_reduce, sequence_iterator_setstate)
INDEX_SPEC(sequence_iterator_spec, "iterator", sequence_iterator_next, sequence_iterator_methods)

// ---- reversed
static Value reversed_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "reversed", kwnames) < 0 || args_count(t, "reversed", nargs, 1, 1) < 0) return UNDEF;
    Value method = lookup_special(t, args[0], NAME(__reversed__));
    if (method != UNDEF) {
        Value result = UNDEF;
        if (value_bits(method) == value_bits(NONE)) raise(t, TYPE_ERROR, "'%T' object is not reversible", args[0]);
        else result = call_0(t, method);
        value_release(t, method);
        return result;
    }
    if (error_pending(t)) return UNDEF;
    Type *of = value_type(args[0]);
    if (!of->ops.getitem || !of->ops.length || value_is_any_dict(args[0])) return raise(t, TYPE_ERROR, "'%T' object is not reversible", args[0]);
    int64_t n = object_len(t, args[0]);
    return n < 0 ? UNDEF : index_iterator_new(t, (Type *)value_object(type), args[0], n - 1);
}
METHOD(reversed_length_hint) {
    int64_t index, n = 0;
    Value sequence = state_of(t, self, &index);
    if (sequence != UNDEF) {
        n = object_len(t, sequence);
        if (n >= 0) n = n < index + 1 ? 0 : index + 1;
    }
    value_release(t, sequence);
    return n < 0 ? UNDEF : value_int(n);
}
METHOD(reversed_reduce) {
    int64_t index;
    Value sequence = state_of(t, self, &index), type = value_dup(t, value_of(value_type(self)));
    if (sequence != UNDEF) return container_tuple_3(t, type, tuple_from_values(t, &sequence, 1), int_from_int64(t, index));
    Value empty = tuple_from_refs(t, NULL, 0);
    return container_tuple_2(t, type, empty == UNDEF ? UNDEF : tuple_from_values(t, &empty, 1));
}
METHOD(reversed_setstate) {
    int64_t index, old, n = 0;
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    Value sequence = state_of(t, self, &old);
    if (sequence != UNDEF && (n = object_len(t, sequence)) >= 0) set_index(t, self, index < -1 ? -1 : index > n - 1 ? n - 1 : index);
    value_release(t, sequence);
    return n < 0 ? UNDEF : NONE;
}
INDEX_METHODS(reversed_methods, reversed_length_hint, reversed_reduce, reversed_setstate)
const TypeSpec reversed_spec = {
    .name = "reversed",
    .doc = "An iterator over the items of a sequence, from the last to the first.",
    .size = sizeof(IndexIterator),
    .flags = TYPE_BASE,
    .ops = {.iter = iter_self, .next = reversed_next, .new = reversed_new_slot},
    .methods = reversed_methods,
    .new_signature = "(sequence, /)",
    .destroy = index_iterator_destroy,
    .traverse = index_iterator_traverse};

// ---- iter(callable, sentinel)
typedef struct CallableIterator {
    Container c;
    Value callable, sentinel; // (o) both UNDEF: exhausted
} CallableIterator;

Value callable_iterator_new(Thread *t, ValueRef callable, ValueRef sentinel) {
    CallableIterator *it = object_new(t, TYPE_OF(CALLABLE_ITERATOR));
    if (!it) return UNDEF;
    slot_init(&it->callable, value_dup(t, callable));
    slot_init(&it->sentinel, value_dup(t, sentinel));
    return value_of(it);
}
// The callable and the sentinel at one moment, owned; false where exhausted.
static bool callable_state(Thread *t, ValueRef self, Value *callable, Value *sentinel) {
    CallableIterator *it = (CallableIterator *)value_object(self);
    Guard g;
    guard_begin(t, &g, it);
    *callable = slot_get(t, &it->callable);
    *sentinel = slot_get(t, &it->sentinel);
    guard_end(t, &g);
    return *callable != UNDEF;
}
static Value callable_iterator_next(Thread *t, ValueRef self) {
    CallableIterator *it = (CallableIterator *)value_object(self);
    Value callable, sentinel, item;
    if (!callable_state(t, self, &callable, &sentinel)) return UNDEF;
    item = call_0(t, callable);
    int end = 0;
    if (item != UNDEF) {
        // The call itself may have exhausted the iterator.
        end = slot_borrow(&it->callable) == UNDEF ? 1 : object_equal(t, item, sentinel);
        if (end) VALUE_CLEAR(t, item);
    } else if (error_matches(t, EXCEPTION(STOP_ITERATION))) {
        error_clear(t);
        end = 1;
    }
    if (end > 0) {
        Guard g;
        Value a = UNDEF, b = UNDEF;
        guard_begin(t, &g, it);
        if (it->callable != UNDEF) {
            a = slot_take(t, it, &it->callable, UNDEF);
            b = slot_take(t, it, &it->sentinel, UNDEF);
        }
        guard_end(t, &g);
        value_release(t, a);
        value_release(t, b);
    }
    value_release(t, callable);
    value_release(t, sentinel);
    return item;
}
METHOD(callable_iterator_reduce) {
    Value f = container_builtin(t, "iter"), callable, sentinel; // looked up first: that may exhaust the iterator
    if (callable_state(t, self, &callable, &sentinel)) return container_tuple_2(t, f, container_tuple_2(t, callable, sentinel));
    Value empty = tuple_from_refs(t, NULL, 0);
    return container_tuple_2(t, f, empty == UNDEF ? UNDEF : tuple_from_values(t, &empty, 1));
}
static void callable_iterator_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((CallableIterator *)o)->callable);
    VALUE_CLEAR(t, ((CallableIterator *)o)->sentinel);
}
static void callable_iterator_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((CallableIterator *)o)->callable, arg);
    visit(&((CallableIterator *)o)->sentinel, arg);
}
static const NativeDef callable_iterator_methods[] = {
    {"__reduce__", callable_iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    NATIVE_END};
const TypeSpec callable_iterator_spec = {
    .name = "callable_iterator",
    .size = sizeof(CallableIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = callable_iterator_next},
    .methods = callable_iterator_methods,
    .destroy = callable_iterator_destroy,
    .traverse = callable_iterator_traverse};
