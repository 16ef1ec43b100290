// range and its iterators.
#include "runtime/objects/range.h"
#include "runtime/objects/container.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/hash.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static bool ints_equal(ValueRef a, ValueRef b) { return value_bits(a) == value_bits(b) || int_compare(a, b) == 0; }

// Releases the operands that it was given to own; for chains of arithmetic. UNDEF operands pass through.
static Value arithmetic(Thread *t, enum BinaryOp op, Value a_steal, Value b_steal) {
    Value r = a_steal == UNDEF || b_steal == UNDEF ? UNDEF : int_binary(t, op, a_steal, b_steal);
    value_release(t, a_steal);
    value_release(t, b_steal);
    return r;
}

// Number of items of range(start, stop, step).
static Value count_items(Thread *t, ValueRef start, ValueRef stop, ValueRef step) {
    int sign = int_sign(step);
    if (values_are_ints(start, stop) && value_is_int(step)) {
        int64_t low = value_get_int(sign > 0 ? start : stop), high = value_get_int(sign > 0 ? stop : start), by = value_get_int(step);
        if (low >= high) return value_int(0);
        return int_from_int64(t, (high - low - 1) / (by < 0 ? -by : by) + 1);
    }
    ValueRef low = sign > 0 ? start : stop, high = sign > 0 ? stop : start;
    if (int_compare(low, high) >= 0) return value_int(0);
    Value span = arithmetic(t, BIN_SUB, int_binary(t, BIN_SUB, high, low), value_int(1));
    Value by = sign > 0 ? value_dup(t, step) : int_binary(t, BIN_SUB, value_int(0), step);
    return arithmetic(t, BIN_ADD, arithmetic(t, BIN_FLOORDIV, span, by), value_int(1));
}

static Value range_make(Thread *t, Value start_steal, Value stop_steal, Value step_steal) {
    Value length = start_steal == UNDEF || stop_steal == UNDEF || step_steal == UNDEF ? UNDEF : count_items(t, start_steal, stop_steal, step_steal);
    Range *r = length == UNDEF ? NULL : object_new(t, TYPE_OF(RANGE));
    if (!r) {
        value_release(t, start_steal);
        value_release(t, stop_steal);
        value_release(t, step_steal);
        value_release(t, length);
        return UNDEF;
    }
    slot_init(&r->start, start_steal);
    slot_init(&r->stop, stop_steal);
    slot_init(&r->step, step_steal);
    slot_init(&r->length, length);
    return value_of(r);
}

Value range_new(Thread *t, ValueRef start, ValueRef stop, ValueRef step) {
    if (int_sign(step) == 0) return raise(t, VALUE_ERROR, "range() arg 3 must not be zero");
    return range_make(t, value_dup(t, start), value_dup(t, stop), value_dup(t, step));
}

static Value range_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "range", kwnames) < 0 || args_count(t, "range", nargs, 1, 3) < 0) return UNDEF;
    Value start = nargs == 1 ? value_int(0) : object_index(t, args[0]);
    Value stop = start == UNDEF ? UNDEF : object_index(t, args[nargs == 1 ? 0 : 1]);
    Value step = stop == UNDEF ? UNDEF : nargs == 3 ? object_index(t, args[2]) : value_int(1);
    Value made = step == UNDEF ? UNDEF : range_new(t, start, stop, step);
    value_release(t, start);
    value_release(t, stop);
    value_release(t, step);
    return made;
}

// start + index * step
static Value item_at(Thread *t, ValueRef start, ValueRef step, ValueRef index) {
    int64_t product, sum;
    if (values_are_ints(start, step) && value_is_int(index) && !__builtin_mul_overflow(value_get_int(step), value_get_int(index), &product) &&
        !__builtin_add_overflow(value_get_int(start), product, &sum))
        return int_from_int64(t, sum);
    Value offset = int_binary(t, BIN_MUL, step, index);
    if (offset == UNDEF) return UNDEF;
    Value item = int_binary(t, BIN_ADD, start, offset);
    value_release(t, offset);
    return item;
}

static int64_t range_len(Thread *t, ValueRef self) {
    int64_t n;
    if (int_as_int64(value_range(self)->length, &n)) return raise_int(t, OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    return n;
}
static int range_bool(Thread *t, ValueRef self) { return int_sign(value_range(self)->length) != 0; }

static Value range_slice(Thread *t, Range *r, Slice *slice) {
    Value bounds[3], made = UNDEF;
    if (slice_indices_big(t, slice, r->length, bounds) < 0) return UNDEF;
    Value start = item_at(t, r->start, r->step, bounds[0]), stop = item_at(t, r->start, r->step, bounds[1]);
    Value step = int_binary(t, BIN_MUL, r->step, bounds[2]);
    made = range_make(t, start, stop, step);
    for (int i = 0; i < 3; i++) value_release(t, bounds[i]);
    return made;
}

static Value range_getitem(Thread *t, ValueRef self, ValueRef key) {
    Range *r = value_range(self);
    if (value_is(key, SLICE)) return range_slice(t, r, value_slice(key));
    if (!value_has_index(key)) return raise(t, TYPE_ERROR, "range indices must be integers or slices, not %T", key);
    Value index = object_index(t, key);
    if (index != UNDEF && int_sign(index) < 0) index = arithmetic(t, BIN_ADD, index, value_dup(t, r->length));
    if (index == UNDEF) return UNDEF;
    Value item = UNDEF;
    if (int_sign(index) < 0 || int_compare(index, r->length) >= 0) raise(t, INDEX_ERROR, "range object index out of range");
    else item = item_at(t, r->start, r->step, index);
    value_release(t, index);
    return item;
}

static bool is_plain_int(ValueRef v) { return value_is_int(v) || value_is(v, INT) || value_is_bool(v); }

// For exact ints and bools: 1, 0, -1. Where 1 and `index` is wanted, *index is the position.
static int find_int(Thread *t, Range *r, ValueRef v, Value *index) {
    Value n = object_index(t, v), offset = UNDEF, rest = UNDEF;
    int result = -1;
    if (n == UNDEF) return -1;
    bool up = int_sign(r->step) > 0;
    bool inside = up ? int_compare(r->start, n) <= 0 && int_compare(n, r->stop) < 0
                     : int_compare(n, r->start) <= 0 && int_compare(r->stop, n) < 0;
    if (!inside) {
        result = 0;
    } else if ((offset = int_binary(t, BIN_SUB, n, r->start)) != UNDEF && (rest = int_binary(t, BIN_MOD, offset, r->step)) != UNDEF) {
        result = int_sign(rest) == 0;
        if (result && index && (*index = int_binary(t, BIN_FLOORDIV, offset, r->step)) == UNDEF) result = -1;
    }
    value_release(t, n);
    value_release(t, offset);
    value_release(t, rest);
    return result;
}

// How many items equal `v`, by asking each; stops at the first where `first` is not NULL, and tells its position. -1 with an exception.
static int64_t search(Thread *t, ValueRef self, ValueRef v, int64_t *first) {
    Value it = object_iter(t, self);
    if (it == UNDEF) return -1;
    int64_t count = 0;
    for (int64_t i = 0; count >= 0; i++) {
        Value item = object_next(t, it);
        if (item == UNDEF) {
            if (error_pending(t)) count = -1;
            break;
        }
        int r = object_equal(t, item, v);
        value_release(t, item);
        if (r < 0 || (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0)) {
            count = -1;
        } else if (r) {
            count++;
            if (first) {
                *first = i;
                break;
            }
        }
    }
    value_release(t, it);
    return count;
}

static int range_contains(Thread *t, ValueRef self, ValueRef v) {
    if (is_plain_int(v)) return find_int(t, value_range(self), v, NULL);
    int64_t first;
    return (int)search(t, self, v, &first);
}

METHOD(range_count) {
    if (is_plain_int(args[0])) {
        int r = find_int(t, value_range(self), args[0], NULL);
        return r < 0 ? UNDEF : value_int(r);
    }
    int64_t n = search(t, self, args[0], NULL);
    return n < 0 ? UNDEF : int_from_int64(t, n);
}
METHOD(range_index) {
    if (is_plain_int(args[0])) {
        Value index;
        int r = find_int(t, value_range(self), args[0], &index);
        if (r) return r < 0 ? UNDEF : index;
        return raise(t, VALUE_ERROR, "range.index(x): x not in range");
    }
    int64_t first, n = search(t, self, args[0], &first);
    if (n) return n < 0 ? UNDEF : int_from_int64(t, first);
    return raise(t, VALUE_ERROR, "sequence.index(x): x not in sequence");
}

// Equal where the items are.
static Value range_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is(a, RANGE) || !value_is(b, RANGE) || (op != CMP_EQ && op != CMP_NE)) return NOT_IMPLEMENTED;
    Range *x = value_range(a), *y = value_range(b);
    bool equal = ints_equal(x->length, y->length);
    if (equal && int_sign(x->length)) {
        equal = ints_equal(x->start, y->start);
        if (equal && !ints_equal(x->length, value_int(1))) equal = ints_equal(x->step, y->step);
    }
    return value_bool(equal == (op == CMP_EQ));
}
static int64_t range_hash(Thread *t, ValueRef self) {
    Range *r = value_range(self);
    int64_t none = value_hash(t, NONE);
    if (none == -1) return -1;
    HashTuple h = hash_tuple_begin();
    hash_tuple_add(&h, int_hash(r->length));
    hash_tuple_add(&h, int_sign(r->length) ? int_hash(r->start) : none);
    hash_tuple_add(&h, int_sign(r->length) && !ints_equal(r->length, value_int(1)) ? int_hash(r->step) : none);
    return hash_tuple_end(h, 3);
}

static Value range_repr(Thread *t, ValueRef self) {
    Range *r = value_range(self);
    if (ints_equal(r->step, value_int(1))) return str_of_format(t, "range(%R, %R)", (ValueRef)r->start, (ValueRef)r->stop);
    return str_of_format(t, "range(%R, %R, %R)", (ValueRef)r->start, (ValueRef)r->stop, (ValueRef)r->step);
}
METHOD(range_reduce) {
    Range *r = value_range(self);
    return container_tuple_2(t, value_of(TYPE_OF(RANGE)),
                             container_tuple_3(t, value_dup(t, r->start), value_dup(t, r->stop), value_dup(t, r->step)));
}

static void range_destroy(Thread *t, Object *o) {
    Range *r = (Range *)o;
    VALUE_CLEAR(t, r->start);
    VALUE_CLEAR(t, r->stop);
    VALUE_CLEAR(t, r->step);
    VALUE_CLEAR(t, r->length);
}
static void range_traverse(Object *o, VisitFn visit, void *arg) {
    Range *r = (Range *)o;
    visit(&r->start, arg);
    visit(&r->stop, arg);
    visit(&r->step, arg);
    visit(&r->length, arg);
}

// ---- iterators
typedef struct LongRangeIterator { // over bounds of any size
    Container c;
    Value start, step, length; // exact ints, never written after creation
    Value index;               // (o)
} LongRangeIterator;
static LongRangeIterator *value_long_iterator(ValueRef v) { return (LongRangeIterator *)value_object(v); }

static Value iterator_new(Thread *t, ValueRef start, ValueRef step, ValueRef length) {
    int64_t n, last;
    // the step behind the last item must fit too
    if (values_are_ints(start, step) && value_is_int(length) && (n = value_get_int(length), true) &&
        !__builtin_mul_overflow(n, value_get_int(step), &last) && !__builtin_add_overflow(last, value_get_int(start), &last) &&
        (n == 0 || int_fits_small(last - value_get_int(step)))) {
        RangeIterator *it = object_new(t, TYPE_OF(RANGE_ITERATOR));
        if (!it) return UNDEF;
        it->next = value_get_int(start);
        it->step = value_get_int(step);
        it->remaining = n;
        return value_of(it);
    }
    LongRangeIterator *it = object_new(t, TYPE_OF(LONG_RANGE_ITERATOR));
    if (!it) return UNDEF;
    slot_init(&it->start, value_dup(t, start));
    slot_init(&it->step, value_dup(t, step));
    slot_init(&it->length, value_dup(t, length));
    slot_init(&it->index, value_int(0));
    return value_of(it);
}
static Value range_iter(Thread *t, ValueRef self) {
    Range *r = value_range(self);
    return iterator_new(t, r->start, r->step, r->length);
}
METHOD(range_reversed) {
    Range *r = value_range(self);
    Value step = int_binary(t, BIN_SUB, value_int(0), r->step), it = UNDEF;
    Value last = arithmetic(t, BIN_SUB, value_dup(t, r->length), value_int(1));
    if (step != UNDEF && last != UNDEF) last = arithmetic(t, BIN_ADD, arithmetic(t, BIN_MUL, last, value_dup(t, r->step)), value_dup(t, r->start));
    if (step != UNDEF && last != UNDEF) it = iterator_new(t, last, step, r->length);
    value_release(t, step);
    value_release(t, last);
    return it;
}

Value range_iterator_next_shared(Thread *t, RangeIterator *it) {
    Guard g;
    Value v = UNDEF;
    guard_begin(t, &g, it);
    if (it->remaining > 0) {
        v = value_int(it->next);
        it->next += it->step;
        it->remaining--;
    }
    guard_end(t, &g);
    return v;
}
static Value range_iterator_next_slot(Thread *t, ValueRef self) { return range_iterator_next(t, value_range_iterator(self)); }

METHOD(range_iterator_length_hint) {
    RangeIterator *it = value_range_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    int64_t n = it->remaining;
    guard_end(t, &g);
    return int_from_int64(t, n);
}
METHOD(range_iterator_reduce) {
    RangeIterator *it = value_range_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    int64_t start = it->next, step = it->step, n = it->remaining;
    guard_end(t, &g);
    Value range = range_make(t, int_from_int64(t, start), int_from_int64(t, start + n * step), int_from_int64(t, step));
    if (range == UNDEF) return UNDEF;
    return container_tuple_3(t, container_builtin(t, "iter"), tuple_from_values(t, &range, 1), NONE);
}
METHOD(range_iterator_setstate) {
    RangeIterator *it = value_range_iterator(self);
    int64_t skip;
    if (arg_int64(t, args[0], &skip) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, it);
    if (skip < 0) skip = 0;
    if (skip > it->remaining) skip = it->remaining;
    it->next += skip * it->step;
    it->remaining -= skip;
    guard_end(t, &g);
    return NONE;
}

static Value long_iterator_next(Thread *t, ValueRef self) {
    LongRangeIterator *it = value_long_iterator(self);
    Guard g;
    Value v = UNDEF;
    guard_begin(t, &g, it); // whole numbers run no Python
    if (int_compare(it->index, it->length) < 0) {
        Value next = int_binary(t, BIN_ADD, it->index, value_int(1));
        v = next == UNDEF ? UNDEF : item_at(t, it->start, it->step, it->index);
        if (v != UNDEF) slot_store(t, it, &it->index, next);
        else value_release(t, next);
    }
    guard_end(t, &g);
    return v;
}
static Value long_iterator_index(Thread *t, LongRangeIterator *it) {
    Guard g;
    guard_begin(t, &g, it);
    Value index = slot_get(t, &it->index);
    guard_end(t, &g);
    return index;
}
METHOD(long_iterator_length_hint) {
    LongRangeIterator *it = value_long_iterator(self);
    return arithmetic(t, BIN_SUB, value_dup(t, it->length), long_iterator_index(t, it));
}
METHOD(long_iterator_reduce) {
    LongRangeIterator *it = value_long_iterator(self);
    Value index = long_iterator_index(t, it), start = item_at(t, it->start, it->step, index), stop = item_at(t, it->start, it->step, it->length);
    value_release(t, index);
    Value range = range_make(t, start, stop, value_dup(t, it->step));
    if (range == UNDEF) return UNDEF;
    return container_tuple_3(t, container_builtin(t, "iter"), tuple_from_values(t, &range, 1), NONE);
}
METHOD(long_iterator_setstate) {
    LongRangeIterator *it = value_long_iterator(self);
    if (!is_plain_int(args[0])) return raise(t, TYPE_ERROR, "state must be an int, not %T", args[0]);
    Value index = object_index(t, args[0]);
    if (index == UNDEF) return UNDEF;
    if (int_sign(index) < 0) {
        value_release(t, index);
        index = value_int(0);
    } else if (int_compare(index, it->length) > 0) {
        value_release(t, index);
        index = value_dup(t, it->length);
    }
    Guard g;
    guard_begin(t, &g, it);
    slot_store(t, it, &it->index, index);
    guard_end(t, &g);
    return NONE;
}
static void long_iterator_destroy(Thread *t, Object *o) {
    LongRangeIterator *it = (LongRangeIterator *)o;
    VALUE_CLEAR(t, it->start);
    VALUE_CLEAR(t, it->step);
    VALUE_CLEAR(t, it->length);
    VALUE_CLEAR(t, it->index);
}
static void long_iterator_traverse(Object *o, VisitFn visit, void *arg) {
    LongRangeIterator *it = (LongRangeIterator *)o;
    visit(&it->start, arg);
    visit(&it->step, arg);
    visit(&it->length, arg);
    visit(&it->index, arg);
}
static void range_iterator_destroy(Thread *t, Object *o) {}
static void range_iterator_traverse(Object *o, VisitFn visit, void *arg) {}

// ---- types
static const NativeDef range_methods[] = {
    {"count", range_count, "($self, value, /)", "How many items equal value.", 0},
    {"index", range_index, "($self, value, /)", "The position of value; ValueError where it is no item.", 0},
    {"__reversed__", range_reversed, "($self, /)", "An iterator from the last item to the first.", 0},
    {"__reduce__", range_reduce, "($self, /)", "How to pickle the range.", 0},
    NATIVE_END};
static const MemberDef range_members[] = {
    {"start", offsetof(Range, start), MEMBER_VALUE, false, NULL},
    {"stop", offsetof(Range, stop), MEMBER_VALUE, false, NULL},
    {"step", offsetof(Range, step), MEMBER_VALUE, false, NULL},
    MEMBER_END};
const TypeSpec range_spec = {
    .name = "range",
    .doc = "range(stop), range(start, stop[, step]): the ints from start on, by step, before stop.",
    .size = sizeof(Range),
    .flags = TYPE_SEQUENCE,
    .ops = {.repr = range_repr, .hash = range_hash, .compare = range_compare, .iter = range_iter, .new = range_new_slot,
            .boolean = range_bool, .length = range_len, .getitem = range_getitem, .contains = range_contains},
    .methods = range_methods,
    .members = range_members,
    .destroy = range_destroy,
    .traverse = range_traverse};
static const NativeDef range_iterator_methods[] = {
    {"__length_hint__", range_iterator_length_hint, "($self, /)", "How many items are left.", 0},
    {"__reduce__", range_iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    {"__setstate__", range_iterator_setstate, "($self, state, /)", "Skips so many items.", 0},
    NATIVE_END};
const TypeSpec range_iterator_spec = {
    .name = "range_iterator",
    .size = sizeof(RangeIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = range_iterator_next_slot},
    .methods = range_iterator_methods,
    .destroy = range_iterator_destroy,
    .traverse = range_iterator_traverse};
static const NativeDef long_iterator_methods[] = {
    {"__length_hint__", long_iterator_length_hint, "($self, /)", "How many items are left.", 0},
    {"__reduce__", long_iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    {"__setstate__", long_iterator_setstate, "($self, state, /)", "Goes to the item of this number.", 0},
    NATIVE_END};
const TypeSpec long_range_iterator_spec = {
    .name = "longrange_iterator",
    .size = sizeof(LongRangeIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = long_iterator_next},
    .methods = long_iterator_methods,
    .destroy = long_iterator_destroy,
    .traverse = long_iterator_traverse};
