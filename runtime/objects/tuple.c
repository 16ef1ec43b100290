// tuple. Written once by its maker and never again, so everything here is plain access in both modes.
#include "runtime/objects/tuple.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/slice.h"
#include "runtime/support/hash.h"

// ---- making
Tuple *tuple_alloc(Thread *t, int64_t length) {
    if (length == 0 && t->interp->empty_tuple != UNDEF) return (Tuple *)value_object(value_dup(t, t->interp->empty_tuple));
    Tuple *tuple = object_new_var(t, TYPE_OF(TUPLE), (size_t)length);
    if (tuple) tuple->length = length;
    return tuple;
}

Value tuple_from_values(Thread *t, Value *items_steal, int64_t n) {
    Tuple *tuple = tuple_alloc(t, n);
    if (!tuple) {
        for (int64_t i = 0; i < n; i++) value_release(t, items_steal[i]);
        return UNDEF;
    }
    for (int64_t i = 0; i < n; i++) slot_init(&tuple->items[i], items_steal[i]);
    return value_of(tuple);
}

Value tuple_from_refs(Thread *t, const ValueRef *items, int64_t n) {
    Tuple *tuple = tuple_alloc(t, n);
    if (!tuple) return UNDEF;
    for (int64_t i = 0; i < n; i++) slot_init(&tuple->items[i], value_dup(t, items[i]));
    return value_of(tuple);
}

Value tuple_pair(Thread *t, Value a_steal, Value b_steal) {
    Value items[2] = {a_steal, b_steal};
    return tuple_from_values(t, items, 2);
}

Value tuple_slice(Thread *t, ValueRef tuple, int64_t start, int64_t end) {
    Tuple *from = value_tuple(tuple);
    if (start < 0) start = 0;
    if (end > from->length) end = from->length;
    if (start == 0 && end == from->length && value_is(tuple, TUPLE)) return value_dup(t, tuple);
    return end <= start ? tuple_from_refs(t, NULL, 0) : tuple_from_refs(t, value_refs(from->items + start), end - start);
}

Value tuple_from_iterable(Thread *t, ValueRef iterable) {
    if (value_is(iterable, TUPLE)) return value_dup(t, iterable);
    if (value_is(iterable, LIST)) return list_snapshot(t, value_list(iterable));
    Value list = list_from_iterable(t, iterable);
    if (list == UNDEF) return UNDEF;
    Value tuple = list_snapshot(t, value_list(list));
    value_release(t, list);
    return tuple;
}

static Value tuple_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *cls = (Type *)value_object(type);
    if ((cls == TYPE_OF(TUPLE) || cls->ops.init == TYPE_OF(TUPLE)->ops.init) && args_no_keywords(t, "tuple", kwnames) < 0) return UNDEF;
    if (args_count(t, "tuple", nargs, 0, 1) < 0) return UNDEF;
    Value plain = nargs ? tuple_from_iterable(t, args[0]) : tuple_from_refs(t, NULL, 0);
    if (plain == UNDEF || cls == TYPE_OF(TUPLE)) return plain;
    Tuple *from = value_tuple(plain), *made = object_new_var(t, cls, (size_t)from->length);
    if (made) {
        made->length = from->length;
        for (int64_t i = 0; i < from->length; i++) slot_init(&made->items[i], value_dup(t, from->items[i]));
    }
    value_release(t, plain);
    return made ? value_of(made) : UNDEF;
}

// ---- sequence operations
static int64_t tuple_len(Thread *t, ValueRef self) { return value_tuple(self)->length; }

static Value tuple_getitem(Thread *t, ValueRef self, ValueRef key) {
    Tuple *tuple = value_tuple(self);
    int64_t i;
    int kind = container_index(t, key, &i);
    if (LIKELY(kind > 0)) {
        if (i < 0) i += tuple->length;
        if ((uint64_t)i >= (uint64_t)tuple->length) return raise(t, INDEX_ERROR, "tuple index out of range");
        return value_dup(t, tuple->items[i]);
    }
    if (kind < 0) return UNDEF;
    if (!value_is(key, SLICE)) return raise(t, TYPE_ERROR, "tuple indices must be integers or slices, not %T", key);
    int64_t start, stop, step, count;
    if (slice_indices(t, value_slice(key), tuple->length, &start, &stop, &step, &count) < 0) return UNDEF;
    if (step == 1) return tuple_slice(t, self, start, start + count);
    if (count == tuple->length && step == 1 && value_is(self, TUPLE)) return value_dup(t, self);
    Tuple *made = tuple_alloc(t, count);
    if (!made) return UNDEF;
    for (int64_t k = 0; k < count; k++) slot_init(&made->items[k], value_dup(t, tuple->items[start + k * step]));
    return value_of(made);
}

static int tuple_contains(Thread *t, ValueRef self, ValueRef item) {
    Tuple *tuple = value_tuple(self);
    for (int64_t i = 0; i < tuple->length; i++) {
        int r = values_equal_fast(tuple->items[i], item);
        if (r < 0) r = object_equal(t, tuple->items[i], item);
        if (r) return r;
    }
    return 0;
}

static Value tuple_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is_any_tuple(b)) return raise(t, TYPE_ERROR, "can only concatenate tuple (not \"%T\") to tuple", b);
    Tuple *x = value_tuple(a), *y = value_tuple(b);
    if (x->length == 0 && value_is(b, TUPLE)) return value_dup(t, b);
    if (y->length == 0 && value_is(a, TUPLE)) return value_dup(t, a);
    Tuple *made = tuple_alloc(t, x->length + y->length);
    if (!made) return UNDEF;
    for (int64_t i = 0; i < x->length; i++) slot_init(&made->items[i], value_dup(t, x->items[i]));
    for (int64_t i = 0; i < y->length; i++) slot_init(&made->items[x->length + i], value_dup(t, y->items[i]));
    return value_of(made);
}

static Value tuple_repeat(Thread *t, ValueRef self, ValueRef count) {
    Tuple *tuple = value_tuple(self);
    int64_t n, total;
    if (container_repeat_count(t, count, &n) < 0) return UNDEF;
    if (n < 0) n = 0;
    if ((n == 1 || tuple->length == 0) && value_is(self, TUPLE)) return value_dup(t, self);
    if (__builtin_mul_overflow(tuple->length, n, &total) || total > INT64_MAX / 16) return raise_no_memory(t);
    Tuple *made = tuple_alloc(t, total);
    if (!made) return UNDEF;
    int64_t length = tuple->length;
    for (int64_t i = 0; i < length && n; i++) value_dup_n(t, tuple->items[i], (uint64_t)n);
    for (int64_t i = 0; i < total; i++) slot_init(&made->items[i], i < length ? tuple->items[i] : made->items[i - length]);
    return value_of(made);
}

// ---- comparison, hash, repr
int tuples_less_fast(ValueRef a, ValueRef b) {
    Tuple *x = value_tuple(a), *y = value_tuple(b);
    int64_t n = x->length < y->length ? x->length : y->length;
    for (int64_t i = 0; i < n; i++) {
        int equal = values_equal_fast(x->items[i], y->items[i]);
        if (equal < 0) return -1;
        if (!equal) return values_less_fast(x->items[i], y->items[i]);
    }
    return x->length < y->length;
}
static Value tuple_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_any_tuple(a) || !value_is_any_tuple(b)) return NOT_IMPLEMENTED;
    Tuple *x = value_tuple(a), *y = value_tuple(b);
    int64_t n = x->length < y->length ? x->length : y->length;
    for (int64_t i = 0; i < n; i++) {
        int equal = values_equal_fast(x->items[i], y->items[i]);
        if (equal < 0) equal = object_equal(t, x->items[i], y->items[i]);
        if (equal < 0) return UNDEF;
        if (equal) continue;
        if (op == CMP_EQ) return FALSE_VALUE;
        if (op == CMP_NE) return TRUE_VALUE;
        if (op == CMP_LT) {
            int less = values_less_fast(x->items[i], y->items[i]);
            if (less >= 0) return value_bool(less);
        }
        return object_compare(t, x->items[i], y->items[i], op);
    }
    switch (op) {
    case CMP_LT: return value_bool(x->length < y->length);
    case CMP_LE: return value_bool(x->length <= y->length);
    case CMP_EQ: return value_bool(x->length == y->length);
    case CMP_NE: return value_bool(x->length != y->length);
    case CMP_GT: return value_bool(x->length > y->length);
    default: return value_bool(x->length >= y->length);
    }
}

static int64_t tuple_hash(Thread *t, ValueRef self) {
    Tuple *tuple = value_tuple(self);
    if (native_stack_exhausted(t, " while hashing a tuple")) return -1;
    HashTuple h = hash_tuple_begin();
    for (int64_t i = 0; i < tuple->length; i++) {
        int64_t item = value_hash(t, tuple->items[i]);
        if (item == -1) return -1;
        hash_tuple_add(&h, item);
    }
    return hash_tuple_end(h, (size_t)tuple->length);
}

static Value tuple_repr(Thread *t, ValueRef self) {
    Tuple *tuple = value_tuple(self);
    if (tuple->length == 0) return str_from_text(t, "()");
    int entered = repr_enter(t, self);
    if (entered) return entered < 0 ? UNDEF : str_from_text(t, "(...)");
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_char(&b, '(');
    for (int64_t i = 0; i < tuple->length; i++) {
        if (i) str_builder_text(&b, ", ", 2);
        Value r = object_repr(t, tuple->items[i]);
        if (r == UNDEF) {
            str_builder_abandon(&b);
            repr_leave(t, self);
            return UNDEF;
        }
        str_builder_str(&b, value_str(r));
        value_release(t, r);
    }
    if (tuple->length == 1) str_builder_char(&b, ',');
    str_builder_char(&b, ')');
    repr_leave(t, self);
    return str_builder_finish(&b);
}

// ---- methods
static Value tuple_index(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Tuple *tuple = value_tuple(self);
    int64_t start = 0, stop = tuple->length;
    if (args[1] != UNDEF && container_bound(t, args[1], &start) < 0) return UNDEF;
    if (args[2] != UNDEF && container_bound(t, args[2], &stop) < 0) return UNDEF;
    if (start < 0 && (start += tuple->length) < 0) start = 0;
    if (stop < 0) stop += tuple->length;
    if (stop > tuple->length) stop = tuple->length;
    for (int64_t i = start; i < stop; i++) {
        int r = values_equal_fast(tuple->items[i], args[0]);
        if (r < 0) r = object_equal(t, tuple->items[i], args[0]);
        if (r < 0) return UNDEF;
        if (r) return value_int(i);
    }
    return raise(t, VALUE_ERROR, "tuple.index(x): x not in tuple");
}

static Value tuple_count(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Tuple *tuple = value_tuple(self);
    int64_t count = 0;
    for (int64_t i = 0; i < tuple->length; i++) {
        int r = values_equal_fast(tuple->items[i], args[0]);
        if (r < 0) r = object_equal(t, tuple->items[i], args[0]);
        if (r < 0) return UNDEF;
        count += r;
    }
    return value_int(count);
}

static Value tuple_getnewargs(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Tuple *tuple = value_tuple(self);
    Value plain = tuple_from_refs(t, value_refs(tuple->items), tuple->length);
    return plain == UNDEF ? UNDEF : tuple_from_values(t, &plain, 1);
}

static Value tuple_iter(Thread *t, ValueRef self) { return index_iterator_new(t, TYPE_OF(TUPLE_ITERATOR), self, 0); }

static void tuple_destroy(Thread *t, Object *o) {
    Tuple *tuple = (Tuple *)o;
    for (int64_t i = tuple->length; i-- > 0;)
        if (value_is_pointer(tuple->items[i])) VALUE_CLEAR(t, tuple->items[i]);
}
static size_t tuple_bytes(const Object *o) { return sizeof(Tuple) + (size_t)((const Tuple *)o)->length * sizeof(Value); }
static void tuple_traverse(Object *o, VisitFn visit, void *arg) {
    Tuple *tuple = (Tuple *)o;
    for (int64_t i = 0; i < tuple->length; i++) visit(&tuple->items[i], arg);
}

static const NativeDef tuple_methods[] = {
    {"__getnewargs__", tuple_getnewargs, "($self, /)", NULL, 0},
    {"index", tuple_index, "($self, value, start=0, stop=sys.maxsize, /)", "The first position of value; ValueError where there is none.", 0},
    {"count", tuple_count, "($self, value, /)", "How many items equal value.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
const TypeSpec tuple_spec = {
    .name = "tuple",
    .doc = "An immutable sequence of the items of the iterable.",
    .size = offsetof(Tuple, items),
    .item_size = sizeof(Value),
    .flags = TYPE_BASE | TYPE_VARSIZED | TYPE_SEQUENCE | TYPE_MATCH_SELF | TYPE_IS_TUPLE,
    .ops = {.repr = tuple_repr,
            .hash = tuple_hash,
            .compare = tuple_compare,
            .iter = tuple_iter,
            .new = tuple_new_slot,
            .length = tuple_len,
            .getitem = tuple_getitem,
            .contains = tuple_contains,
            .concat = tuple_concat,
            .repeat = tuple_repeat},
    .methods = tuple_methods,
    .new_signature = "(iterable=(), /)",
    .destroy = tuple_destroy,
    .traverse = tuple_traverse,
    .bytes = tuple_bytes};
