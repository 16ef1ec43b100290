// slice objects.
#include "runtime/objects/slice.h"
#include "runtime/objects/container.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/hash.h"

Value slice_new(Thread *t, ValueRef start, ValueRef stop, ValueRef step) {
    Slice *s = object_new(t, TYPE_OF(SLICE));
    if (!s) return UNDEF;
    slot_init(&s->start, start == UNDEF ? NONE : value_dup(t, start));
    slot_init(&s->stop, stop == UNDEF ? NONE : value_dup(t, stop));
    slot_init(&s->step, step == UNDEF ? NONE : value_dup(t, step));
    return value_of(s);
}

// One of the three: None gives `absent`, beyond int64 is clipped.
static ALWAYS_INLINE int unpack_bound(Thread *t, ValueRef v, int64_t absent, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    if (LIKELY(value_bits(v) == value_bits(NONE))) {
        *out = absent;
        return 0;
    }
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "slice indices must be integers or None or have an __index__ method");
    return container_bound(t, v, out);
}

int slice_unpack(Thread *t, const Slice *s, int64_t *start, int64_t *stop, int64_t *step) {
    if (unpack_bound(t, s->step, 1, step) < 0) return -1;
    if (*step == 0) return raise_int(t, VALUE_ERROR, "slice step cannot be zero");
    if (*step < -INT64_MAX) *step = -INT64_MAX; // so that it can be negated
    if (unpack_bound(t, s->start, *step < 0 ? INT64_MAX : 0, start) < 0) return -1;
    return unpack_bound(t, s->stop, *step < 0 ? INT64_MIN : INT64_MAX, stop);
}

static int64_t clamp_bound(int64_t i, int64_t length, int64_t step) {
    if (i < 0) {
        i += length;
        if (i < 0) return step < 0 ? -1 : 0;
        return i;
    }
    if (i >= length) return step < 0 ? length - 1 : length;
    return i;
}

int64_t slice_adjust(int64_t length, int64_t *start, int64_t *stop, int64_t step) {
    *start = clamp_bound(*start, length, step);
    *stop = clamp_bound(*stop, length, step);
    if (step == 1) return *start < *stop ? *stop - *start : 0; // no division for what is most common
    if (step == -1) return *stop < *start ? *start - *stop : 0;
    if (step < 0) return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

int slice_indices(Thread *t, const Slice *s, int64_t length, int64_t *start, int64_t *stop, int64_t *step, int64_t *count) {
    if (slice_unpack(t, s, start, stop, step) < 0) return -1;
    *count = slice_adjust(length, start, stop, *step);
    return 0;
}

// ---- slice.indices for any size of int
// A bound as an exact int; UNDEF with an exception.
static Value bound_index(Thread *t, ValueRef v) {
    if (!value_has_index(v)) return raise(t, TYPE_ERROR, "slice indices must be integers or None or have an __index__ method");
    return object_index(t, v);
}

// clamp(v, length) as slice_adjust does, on Python ints. `lower` and `upper` are the limits of the selection.
static Value clamp_big(Thread *t, ValueRef v, ValueRef length, ValueRef lower, ValueRef upper) {
    Value i = bound_index(t, v);
    if (i == UNDEF) return UNDEF;
    if (int_sign(i) < 0) {
        Value moved = int_binary(t, BIN_ADD, i, length);
        value_release(t, i);
        if (moved == UNDEF) return UNDEF;
        i = moved;
        if (int_compare(i, lower) >= 0) return i;
        value_release(t, i);
        return value_dup(t, lower);
    }
    if (int_compare(i, upper) <= 0) return i;
    value_release(t, i);
    return value_dup(t, upper);
}

int slice_indices_big(Thread *t, const Slice *s, ValueRef length, Value out[3]) {
    Value step, lower = UNDEF, upper = UNDEF;
    out[0] = out[1] = out[2] = UNDEF;
    step = value_bits(s->step) == value_bits(NONE) ? value_int(1) : bound_index(t, s->step);
    if (step == UNDEF) return -1;
    int sign = int_sign(step);
    if (sign == 0) {
        value_release(t, step);
        return raise_int(t, VALUE_ERROR, "slice step cannot be zero");
    }
    lower = value_int(sign < 0 ? -1 : 0);
    upper = int_binary(t, BIN_ADD, length, lower);
    if (upper == UNDEF) goto fail;
    out[0] = value_bits(s->start) == value_bits(NONE) ? value_dup(t, sign < 0 ? upper : lower) : clamp_big(t, s->start, length, lower, upper);
    if (out[0] == UNDEF) goto fail;
    out[1] = value_bits(s->stop) == value_bits(NONE) ? value_dup(t, sign < 0 ? lower : upper) : clamp_big(t, s->stop, length, lower, upper);
    if (out[1] == UNDEF) goto fail;
    out[2] = step;
    value_release(t, upper);
    return 0;
fail:
    value_release(t, step);
    value_release(t, upper);
    VALUE_CLEAR(t, out[0]);
    return -1;
}

static Value slice_indices_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value length = object_index(t, args[0]), result = UNDEF, out[3];
    if (length == UNDEF) return UNDEF;
    if (int_sign(length) < 0) raise(t, VALUE_ERROR, "length should not be negative");
    else if (slice_indices_big(t, value_slice(self), length, out) == 0) result = tuple_from_values(t, out, 3);
    value_release(t, length);
    return result;
}

// ---- the type
static Value slice_repr(Thread *t, ValueRef self) {
    Slice *s = value_slice(self);
    return str_of_format(t, "slice(%R, %R, %R)", (ValueRef)s->start, (ValueRef)s->stop, (ValueRef)s->step);
}

static Value slice_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Slice *s = value_slice(self);
    Value bounds = container_tuple_3(t, value_dup(t, s->start), value_dup(t, s->stop), value_dup(t, s->step));
    return container_tuple_2(t, value_of(TYPE_OF(SLICE)), bounds);
}

// As tuples of the three compare.
static Value slice_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is(a, SLICE) || !value_is(b, SLICE)) return NOT_IMPLEMENTED;
    if (value_bits(a) == value_bits(b)) return value_bool(op == CMP_EQ || op == CMP_LE || op == CMP_GE);
    Slice *x = value_slice(a), *y = value_slice(b);
    Value left = container_tuple_3(t, value_dup(t, x->start), value_dup(t, x->stop), value_dup(t, x->step)), right, result;
    if (left == UNDEF) return UNDEF;
    right = container_tuple_3(t, value_dup(t, y->start), value_dup(t, y->stop), value_dup(t, y->step));
    result = right == UNDEF ? UNDEF : object_compare(t, left, right, op);
    value_release(t, left);
    value_release(t, right);
    return result;
}

static int64_t slice_hash(Thread *t, ValueRef self) {
    Slice *s = value_slice(self);
    ValueRef parts[3] = {s->start, s->stop, s->step};
    HashTuple h = hash_tuple_begin();
    for (int i = 0; i < 3; i++) {
        int64_t lane = value_hash(t, parts[i]);
        if (lane == -1) return -1;
        hash_tuple_add(&h, lane);
    }
    // Unlike a tuple's, the rounds are not closed with the length.
    return h.acc == (uint64_t)-1 ? 1546275796 : (int64_t)h.acc;
}

static Value slice_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "slice", kwnames) < 0 || args_count(t, "slice", nargs, 1, 3) < 0) return UNDEF;
    if (nargs == 1) return slice_new(t, NONE, args[0], NONE);
    return slice_new(t, args[0], args[1], nargs == 3 ? args[2] : (ValueRef)NONE);
}

static void slice_destroy(Thread *t, Object *o) {
    Slice *s = (Slice *)o;
    VALUE_CLEAR(t, s->start);
    VALUE_CLEAR(t, s->stop);
    VALUE_CLEAR(t, s->step);
}
static void slice_traverse(Object *o, VisitFn visit, void *arg) {
    Slice *s = (Slice *)o;
    visit(&s->start, arg);
    visit(&s->stop, arg);
    visit(&s->step, arg);
}

static const NativeDef slice_methods[] = {
    {"indices", slice_indices_method, "($self, length, /)", "The (start, stop, step) that select from a sequence of this length.", 0},
    {"__reduce__", slice_reduce, "($self, /)", "How to pickle the slice.", 0},
    NATIVE_END};
static const MemberDef slice_members[] = {
    {"start", offsetof(Slice, start), MEMBER_VALUE, false, NULL},
    {"stop", offsetof(Slice, stop), MEMBER_VALUE, false, NULL},
    {"step", offsetof(Slice, step), MEMBER_VALUE, false, NULL},
    MEMBER_END};
const TypeSpec slice_spec = {
    .name = "slice",
    .doc = "slice(stop), slice(start, stop[, step]): what x[start:stop:step] passes to x.",
    .size = sizeof(Slice),
    .ops = {.repr = slice_repr, .hash = slice_hash, .compare = slice_compare, .new = slice_new_slot},
    .methods = slice_methods,
    .members = slice_members,
    .destroy = slice_destroy,
    .traverse = slice_traverse};
