// itertools.product, combinations, combinations_with_replacement, permutations: they step without running Python.
#include "runtime/modules/itertools.h"

enum { POOL };               // v: tuple of the items (product: tuple of tuples)
enum { R, STARTED, STOPPED }; // n

// The tuple of pool[indices[0]], ...; for product each from its own pool.
static Value pick(Thread *t, Tool *o, bool product) {
    Tuple *pool = value_tuple(o->v[POOL]), *result = tuple_alloc(t, o->n[R]);
    for (int64_t i = 0; result && i < o->n[R]; i++) {
        Tuple *from = product ? value_tuple(tuple_item(pool, i)) : pool;
        slot_init(&result->items[i], value_dup(t, tuple_item(from, o->indices[i])));
    }
    return value_of(result);
}

// Steps with `advance` (false: no more) and gives the tuple.
static Value step(Thread *t, ValueRef self, bool (*advance)(Tool *o, int64_t pool), bool product) {
    Tool *o = tool_of(self);
    Guard g;
    Value result = UNDEF;
    guard_begin(t, &g, &o->c);
    if (!o->n[STOPPED] && o->n[STARTED] && !advance(o, value_tuple(o->v[POOL])->length)) o->n[STOPPED] = 1;
    o->n[STARTED] = 1;
    if (!o->n[STOPPED]) result = pick(t, o, product);
    guard_end(t, &g);
    return result;
}

static int64_t *indices_new(Thread *t, int64_t n) {
    int64_t *p = n < (int64_t)(SIZE_MAX / 16) ? calloc(n ? (size_t)n : 1, sizeof *p) : NULL;
    if (!p) raise_no_memory(t);
    return p;
}

// A tool over the items of `iterable` with `r` of them a time; r is UNDEF for all. `indices` of at least r + extra.
static Tool *combinatoric_new(Thread *t, ValueRef type, ValueRef iterable, ValueRef r_value, bool r_none_is_all) {
    int64_t r = -1;
    bool all = r_none_is_all && not_given(r_value);
    if (!r_none_is_all && arg_index(t, r_value, &r) < 0) return NULL; // before the items are taken
    Value pool = tuple_from_iterable(t, iterable);
    if (!value_bits(pool)) return NULL;
    if (r_none_is_all && !all) {
        if (!value_is_any_int(r_value)) {
            raise(t, TYPE_ERROR, "Expected int as r");
            goto failed;
        }
        if (arg_index(t, r_value, &r) < 0) goto failed;
    }
    if (all) r = value_tuple(pool)->length;
    if (r < 0) {
        raise(t, VALUE_ERROR, "r must be non-negative");
        goto failed;
    }
    Tool *o = tool_new(t, type);
    if (!o) goto failed;
    slot_init(&o->v[POOL], pool);
    o->n[R] = r;
    return o;
failed:
    value_release(t, pool);
    return NULL;
}
static Value with_indices(Thread *t, Tool *o, int64_t n) {
    if (o->n[STOPPED]) return value_of(o); // none will be used
    if ((o->indices = indices_new(t, n))) return value_of(o);
    object_release(t, o);
    return UNDEF;
}

// ---- product

static bool product_advance(Tool *o, int64_t npools) {
    for (int64_t i = npools; i-- > 0;) {
        if (++o->indices[i] < value_tuple(tuple_item(value_tuple(o->v[POOL]), i))->length) return true;
        o->indices[i] = 0;
    }
    return false;
}
static Value product_next(Thread *t, ValueRef self) { return step(t, self, product_advance, true); }
static Value product_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef option[1];
    int64_t repeat = 1, total;
    if (args_bind(t, "product", "(*, repeat=1)", args + nargs, 0, kwnames, option) < 0 || (value_bits(option[0]) && arg_index(t, option[0], &repeat) < 0)) return UNDEF;
    if (repeat < 0) return raise(t, VALUE_ERROR, "repeat argument cannot be negative");
    if (__builtin_mul_overflow((int64_t)nargs, repeat, &total) || total > (INT64_C(1) << 40)) return raise(t, OVERFLOW_ERROR, "repeat argument too large");
    if (repeat == 0) nargs = 0;
    Tuple *pools = tuple_alloc(t, total);
    if (!pools) return UNDEF;
    bool empty = false;
    for (int64_t i = 0; i < total; i++) {
        Value pool = i < (int64_t)nargs ? tuple_from_iterable(t, args[i]) : value_dup(t, tuple_item(pools, i % nargs));
        if (!value_bits(pool)) {
            object_release(t, pools);
            return UNDEF;
        }
        slot_init(&pools->items[i], pool);
        empty |= value_tuple(pool)->length == 0;
    }
    Tool *o = tool_new(t, type);
    if (!o) {
        object_release(t, pools);
        return UNDEF;
    }
    slot_init(&o->v[POOL], value_of(pools));
    o->n[R] = total;
    o->n[STOPPED] = empty;
    return with_indices(t, o, total);
}
TOOL_SPEC(product, "product", "(*iterables, repeat=1)", "The tuples of nested for loops.");

// ---- combinations

static bool combinations_advance(Tool *o, int64_t n) {
    int64_t r = o->n[R], i = r - 1;
    while (i >= 0 && o->indices[i] == i + n - r) i--;
    if (i < 0) return false;
    o->indices[i]++;
    for (int64_t j = i + 1; j < r; j++) o->indices[j] = o->indices[j - 1] + 1;
    return true;
}
static Value combinations_next(Thread *t, ValueRef self) { return step(t, self, combinations_advance, false); }
static Value combinations_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "combinations", "(iterable, r)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = combinatoric_new(t, type, given[0], given[1], false);
    if (!o) return UNDEF;
    o->n[STOPPED] = o->n[R] > value_tuple(o->v[POOL])->length;
    Value self = with_indices(t, o, o->n[R]);
    for (int64_t i = 0; value_bits(self) && o->indices && i < o->n[R]; i++) o->indices[i] = i;
    return self;
}
TOOL_SPEC(combinations, "combinations", "(iterable, r)", "The subsequences of r items.");

// ---- combinations_with_replacement

static bool replacement_advance(Tool *o, int64_t n) {
    int64_t r = o->n[R], i = r - 1;
    while (i >= 0 && o->indices[i] == n - 1) i--;
    if (i < 0) return false;
    int64_t index = o->indices[i] + 1;
    for (; i < r; i++) o->indices[i] = index;
    return true;
}
static Value combinations_with_replacement_next(Thread *t, ValueRef self) { return step(t, self, replacement_advance, false); }
static Value combinations_with_replacement_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "combinations_with_replacement", "(iterable, r)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = combinatoric_new(t, type, given[0], given[1], false);
    if (!o) return UNDEF;
    o->n[STOPPED] = value_tuple(o->v[POOL])->length == 0 && o->n[R] > 0;
    return with_indices(t, o, o->n[R]);
}
TOOL_SPEC(combinations_with_replacement, "combinations_with_replacement", "(iterable, r)", "The subsequences of r items, which may repeat.");

// ---- permutations: indices[0..n) is the order, indices[n..n + r) how often each place may still turn

static bool permutations_advance(Tool *o, int64_t n) {
    int64_t r = o->n[R], *order = o->indices, *cycles = o->indices + n;
    for (int64_t i = r; i-- > 0;) {
        if (--cycles[i] == 0) { // the place has turned once: the rest goes back into order
            int64_t first = order[i];
            memmove(order + i, order + i + 1, (size_t)(n - 1 - i) * sizeof *order);
            order[n - 1] = first;
            cycles[i] = n - i;
        } else {
            int64_t j = n - cycles[i], swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
            return true;
        }
    }
    return false;
}
static Value permutations_next(Thread *t, ValueRef self) { return step(t, self, permutations_advance, false); }
static Value permutations_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "permutations", "(iterable, r=None)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = combinatoric_new(t, type, given[0], given[1], true);
    if (!o) return UNDEF;
    int64_t n = value_tuple(o->v[POOL])->length, r = o->n[R];
    o->n[STOPPED] = r > n;
    Value self = with_indices(t, o, n + r);
    if (!value_bits(self) || !o->indices) return self;
    for (int64_t i = 0; i < n; i++) o->indices[i] = i;
    for (int64_t i = 0; i < r; i++) o->indices[n + i] = n - i;
    return self;
}
TOOL_SPEC(permutations, "permutations", "(iterable, r=None)", "The orders of r of the items.");
