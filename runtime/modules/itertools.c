// itertools (library reference, "itertools"): the module, and the iterators that stand on other iterators.
#include "runtime/modules/itertools.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"

void tool_traverse(Object *o, VisitFn visit, void *arg) {
    for (int i = 0; i < 6; i++) visit(&((Tool *)o)->v[i], arg);
}
void tool_destroy(Thread *t, Object *o) {
    for (int i = 0; i < 6; i++) value_release(t, ((Tool *)o)->v[i]);
    free(((Tool *)o)->indices);
}
// What an iterator needs to end is kept: the pools of the combinatoric ones stand in v[0] and make no cycle alone.
void tool_clear(Thread *t, Object *o) {
    for (int i = 1; i < 6; i++) tool_set(t, (Tool *)o, i, UNDEF);
}

// A tool with v[i] = iter(iterable).
static Tool *tool_over(Thread *t, ValueRef type, int i, ValueRef iterable) {
    Value it = object_iter(t, iterable);
    if (!value_bits(it)) return NULL;
    Tool *o = tool_new(t, type);
    if (o)
        slot_init(&o->v[i], it);
    else
        value_release(t, it);
    return o;
}

// ---- accumulate

enum { ACC_UNUSED, ACC_IT, ACC_FUNCTION, ACC_TOTAL, ACC_INITIAL };
static Value accumulate_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    if (args_bind(t, "accumulate", "(iterable, func=None, *, initial=None)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = tool_over(t, type, ACC_IT, given[0]);
    if (!o) return UNDEF;
    if (!not_given(given[1])) slot_init(&o->v[ACC_FUNCTION], value_dup(t, given[1]));
    if (!not_given(given[2])) slot_init(&o->v[ACC_INITIAL], value_dup(t, given[2]));
    return value_of(o);
}
static Value accumulate_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    if (value_bits(slot_borrow(&o->v[ACC_INITIAL]))) {
        Value initial = slot_take(t, o, &o->v[ACC_INITIAL], UNDEF);
        if (value_bits(initial)) {
            tool_set(t, o, ACC_TOTAL, value_dup(t, initial));
            return initial;
        }
    }
    Value item = tool_pull(t, o, ACC_IT);
    if (!value_bits(item)) return UNDEF;
    Value total = tool_get(t, o, ACC_TOTAL), function = tool_get(t, o, ACC_FUNCTION), sum = item;
    if (value_bits(total)) {
        sum = value_bits(function) ? call_2(t, function, total, item) : object_binary(t, BIN_ADD, total, item);
        value_release(t, item);
    }
    value_release(t, total);
    value_release(t, function);
    if (value_bits(sum)) tool_set(t, o, ACC_TOTAL, value_dup(t, sum));
    return sum;
}
static TOOL_SPEC(accumulate, "accumulate", "(iterable, func=None, *, initial=None)", "Running totals.");

// ---- batched

enum { IT = 1 };
enum { BATCH_SIZE, BATCH_STRICT };
static Value batched_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    int64_t n;
    bool strict = false;
    if (args_bind(t, "batched", "(iterable, n, *, strict=False)", args, nargs, kwnames, given) < 0 || arg_index(t, given[1], &n) < 0 ||
        (value_bits(given[2]) && arg_bool(t, given[2], &strict) < 0))
        return UNDEF;
    if (n < 1) return raise(t, VALUE_ERROR, "n must be at least one");
    Tool *o = tool_over(t, type, IT, given[0]);
    if (!o) return UNDEF;
    o->n[BATCH_SIZE] = n;
    o->n[BATCH_STRICT] = strict;
    return value_of(o);
}
static Value batched_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value it = tool_get(t, o, IT), list = UNDEF, result = UNDEF;
    if (!value_bits(it)) return UNDEF;
    int64_t size = o->n[BATCH_SIZE], n = 0;
    if (!value_bits(list = list_new(t, size < 64 ? size : 64))) goto done;
    for (; n < size; n++) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto done;
        Value item = object_next(t, it);
        if (!value_bits(item)) {
            if (error_pending(t)) goto done;
            tool_set(t, o, IT, UNDEF);
            break;
        }
        if (list_append(t, value_list(list), item) < 0) goto done;
    }
    if (n == 0) goto done;
    if (n < size && o->n[BATCH_STRICT])
        raise(t, VALUE_ERROR, "batched(): incomplete batch");
    else
        result = list_snapshot(t, value_list(list));
done:
    value_release(t, it);
    value_release(t, list);
    return result;
}
static TOOL_SPEC(batched, "batched", "(iterable, n, *, strict=False)", "Tuples of n items each; the last may be shorter.");

// ---- chain

enum { CHAIN_UNUSED, CHAIN_SOURCE, CHAIN_ACTIVE };
static Value chain_over(Thread *t, ValueRef type, ValueRef iterables) { return value_of(tool_over(t, type, CHAIN_SOURCE, iterables)); }
static Value chain_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "chain", kwnames) < 0) return UNDEF;
    Value all = tuple_from_refs(t, args, nargs);
    if (!value_bits(all)) return UNDEF;
    Value self = chain_over(t, type, all);
    value_release(t, all);
    return self;
}
NATIVE(chain_from_iterable) { return chain_over(t, self, args[0]); }
NATIVE(chain_class_getitem) { return generic_alias(t, self, args[0]); }
static Value chain_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    for (;;) {
        Value active = tool_get(t, o, CHAIN_ACTIVE);
        if (!value_bits(active)) {
            Value iterable = tool_pull(t, o, CHAIN_SOURCE);
            if (!value_bits(iterable)) return UNDEF;
            active = object_iter(t, iterable);
            value_release(t, iterable);
            if (!value_bits(active)) {
                tool_set(t, o, CHAIN_SOURCE, UNDEF);
                return UNDEF;
            }
            tool_set(t, o, CHAIN_ACTIVE, value_dup(t, active));
        }
        Value item = object_next(t, active);
        if (!value_bits(item) && !error_pending(t)) tool_set(t, o, CHAIN_ACTIVE, UNDEF);
        value_release(t, active);
        if (value_bits(item) || error_pending(t)) return item;
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return UNDEF;
    }
}
static const NativeDef chain_methods[] = {
    {"from_iterable", chain_from_iterable, "($type, iterable, /)", "A chain of the iterables that one iterable gives.", NATIVE_CLASS},
    {"__class_getitem__", chain_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static TOOL_SPEC(chain, "chain", "(*iterables)", "The items of one iterable after the other.", .methods = chain_methods);

// ---- compress

enum { COMPRESS_UNUSED, COMPRESS_DATA, COMPRESS_SELECTORS };
static Value compress_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "compress", "(data, selectors)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = tool_over(t, type, COMPRESS_DATA, given[0]);
    Value selectors = o ? object_iter(t, given[1]) : UNDEF;
    if (!value_bits(selectors)) {
        object_release(t, o);
        return UNDEF;
    }
    slot_init(&o->v[COMPRESS_SELECTORS], selectors);
    return value_of(o);
}
static Value compress_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    for (;;) {
        Value item = tool_pull(t, o, COMPRESS_DATA), selector = value_bits(item) ? tool_pull(t, o, COMPRESS_SELECTORS) : UNDEF;
        int truth = value_bits(selector) ? object_is_true(t, selector) : -1;
        value_release(t, selector);
        if (truth > 0) return item;
        value_release(t, item);
        if (truth < 0 || (poll_pending(&t->core) && poll_slow(&t->core) < 0)) return UNDEF;
    }
}
static TOOL_SPEC(compress, "compress", "(data, selectors)", "The items whose selector is true.");

// ---- count

enum { COUNT_UNUSED, COUNT_NEXT, COUNT_STEP };
static int check_number(Thread *t, ValueRef v) {
    const TypeOps *ops = &value_type(v)->ops;
    if (ops->index || ops->to_int || ops->to_float || value_is_instance(v, TYPE_OF(COMPLEX))) return 0;
    return raise_int(t, TYPE_ERROR, "a number is required");
}
static Value count_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "count", "(start=0, step=1)", args, nargs, kwnames, given) < 0 || (value_bits(given[0]) && check_number(t, given[0]) < 0) ||
        (value_bits(given[1]) && check_number(t, given[1]) < 0))
        return UNDEF;
    Tool *o = tool_new(t, type);
    if (!o) return UNDEF;
    slot_init(&o->v[COUNT_NEXT], value_is_bool(given[0]) ? object_index(t, given[0]) : value_bits(given[0]) ? value_dup(t, given[0]) : value_int(0));
    slot_init(&o->v[COUNT_STEP], value_bits(given[1]) ? value_dup(t, given[1]) : value_int(1));
    return value_of(o);
}
static Value count_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Guard g;
    guard_begin(t, &g, &o->c);
    ValueRef now = slot_borrow(&o->v[COUNT_NEXT]), step = slot_borrow(&o->v[COUNT_STEP]);
    if (values_are_ints(now, step)) {
        int64_t next = value_get_int(now) + value_get_int(step);
        if (int_fits_small(next)) {
            Value result = value_dup(t, now);
            tool_set(t, o, COUNT_NEXT, value_int(next));
            guard_end(t, &g);
            return result;
        }
    }
    guard_end(t, &g);
    Value current = tool_get(t, o, COUNT_NEXT), by = tool_get(t, o, COUNT_STEP);
    Value next = object_binary(t, BIN_ADD, current, by);
    value_release(t, by);
    if (value_bits(next)) {
        tool_set(t, o, COUNT_NEXT, next);
        return current;
    }
    value_release(t, current);
    return UNDEF;
}
static Value count_repr(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value now = tool_get(t, o, COUNT_NEXT), step = tool_get(t, o, COUNT_STEP), result;
    int64_t n;
    if (value_is_any_int(step) && int_as_int64(step, &n) == 0 && n == 1)
        result = str_of_format(t, "%U(%R)", value_str(slot_borrow(&value_type(self)->name)), now);
    else
        result = str_of_format(t, "%U(%R, %R)", value_str(slot_borrow(&value_type(self)->name)), now, step);
    value_release(t, now);
    value_release(t, step);
    return result;
}
static const TypeSpec count_spec = {
    .name = "itertools.count", .doc = "start, start + step, and so on.", .size = sizeof(Tool), .flags = TYPE_BASE,
    .ops = {.new = count_new, .iter = iter_self, .next = count_next, .repr = count_repr}, .new_signature = "(start=0, step=1)", .destroy = tool_destroy,
    .traverse = tool_traverse};

// ---- cycle

enum { CYCLE_UNUSED, CYCLE_IT, CYCLE_SAVED };
static Value cycle_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "cycle", kwnames) < 0 || args_count(t, "cycle", nargs, 1, 1) < 0) return UNDEF;
    Tool *o = tool_over(t, type, CYCLE_IT, args[0]);
    Value saved = o ? list_new(t, 0) : UNDEF;
    if (!value_bits(saved)) {
        object_release(t, o);
        return UNDEF;
    }
    slot_init(&o->v[CYCLE_SAVED], saved);
    return value_of(o);
}
static Value cycle_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value item = tool_pull(t, o, CYCLE_IT), saved = tool_get(t, o, CYCLE_SAVED);
    if (!value_bits(saved)) return item;
    if (value_bits(item)) {
        if (list_append(t, value_list(saved), value_dup(t, item)) < 0) VALUE_CLEAR(t, item);
    } else if (!error_pending(t)) {
        Guard g;
        guard_begin(t, &g, &o->c);
        int64_t n = list_length(value_list(saved)), i = o->n[0];
        if (i >= n) i = 0;
        o->n[0] = i + 1;
        item = n ? list_get(t, value_list(saved), i) : UNDEF;
        guard_end(t, &g);
    }
    value_release(t, saved);
    return item;
}
static TOOL_SPEC(cycle, "cycle", "(iterable, /)", "The items again and again.");

// ---- dropwhile, takewhile, filterfalse, starmap

enum { WITH_UNUSED, WITH_IT, WITH_FUNCTION };
static Value with_function_new(Thread *t, ValueRef type, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, name, kwnames) < 0 || args_count(t, name, nargs, 2, 2) < 0) return UNDEF;
    Tool *o = tool_over(t, type, WITH_IT, args[1]);
    if (o) slot_init(&o->v[WITH_FUNCTION], value_dup(t, args[0]));
    return value_of(o);
}
static Value dropwhile_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return with_function_new(t, type, "dropwhile", args, nargs, kwnames);
}
static Value takewhile_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return with_function_new(t, type, "takewhile", args, nargs, kwnames);
}
static Value filterfalse_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return with_function_new(t, type, "filterfalse", args, nargs, kwnames);
}
static Value starmap_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return with_function_new(t, type, "starmap", args, nargs, kwnames);
}
// The truth of function(item); of the item itself where the function is None or bool.
static int test(Thread *t, Tool *o, ValueRef item) {
    Value function = tool_get(t, o, WITH_FUNCTION);
    if (!value_bits(function) || is_none(function) || value_bits(function) == value_bits(value_of(TYPE_OF(BOOL)))) {
        value_release(t, function);
        return object_is_true(t, item);
    }
    Value answer = call_1(t, function, item);
    value_release(t, function);
    if (!value_bits(answer)) return -1;
    int truth = object_is_true(t, answer);
    value_release(t, answer);
    return truth;
}
static Value dropwhile_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    for (;;) {
        Value item = tool_pull(t, o, WITH_IT);
        if (!value_bits(item) || tool_number(o, 0)) return item;
        int dropped = test(t, o, item);
        if (dropped == 0) {
            tool_set_number(o, 0, 1);
            return item;
        }
        value_release(t, item);
        if (dropped < 0 || (poll_pending(&t->core) && poll_slow(&t->core) < 0)) return UNDEF;
    }
}
static Value takewhile_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    if (tool_number(o, 0)) return UNDEF;
    Value item = tool_pull(t, o, WITH_IT);
    if (!value_bits(item)) return UNDEF;
    int taken = test(t, o, item);
    if (taken > 0) return item;
    if (taken == 0) tool_set_number(o, 0, 1);
    value_release(t, item);
    return UNDEF;
}
static Value filterfalse_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    for (;;) {
        Value item = tool_pull(t, o, WITH_IT);
        if (!value_bits(item)) return UNDEF;
        int out = test(t, o, item);
        if (out == 0) return item;
        value_release(t, item);
        if (out < 0 || (poll_pending(&t->core) && poll_slow(&t->core) < 0)) return UNDEF;
    }
}
static Value starmap_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value item = tool_pull(t, o, WITH_IT);
    if (!value_bits(item)) return UNDEF;
    Value arguments = tuple_from_iterable(t, item), function = tool_get(t, o, WITH_FUNCTION), result = UNDEF;
    value_release(t, item);
    if (value_bits(arguments) && value_bits(function)) result = call_tuple_dict(t, function, arguments, UNDEF);
    value_release(t, arguments);
    value_release(t, function);
    return result;
}
static TOOL_SPEC(dropwhile, "dropwhile", "(predicate, iterable, /)", "The items from the first that fails the test on.");
static TOOL_SPEC(takewhile, "takewhile", "(predicate, iterable, /)", "The items up to the first that fails the test.");
static TOOL_SPEC(filterfalse, "filterfalse", "(function, iterable, /)", "The items that fail the test.");
static TOOL_SPEC(starmap, "starmap", "(function, iterable, /)", "function(*item) for each item.");

// ---- islice

enum { SLICE_NEXT, SLICE_STOP, SLICE_STEP, SLICE_COUNT }; // n; stop -1: none
static int slice_argument(Thread *t, ValueRef v, int64_t *out, int64_t none, int64_t min, const char *message) {
    if (is_none(v)) {
        *out = none;
        return 0;
    }
    if (value_type(v)->ops.index && arg_index(t, v, out) == 0 && *out >= min) return 0;
    if (error_pending(t)) error_clear(t);
    return raise_int(t, VALUE_ERROR, "%s", message);
}
static Value islice_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "islice", kwnames) < 0 || args_count(t, "islice", nargs, 2, 4) < 0) return UNDEF;
    int64_t start = 0, stop, step = 1;
    static const char bad_stop[] = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    static const char bad_indices[] = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    if (nargs == 2) {
        if (slice_argument(t, args[1], &stop, -1, 0, bad_stop) < 0) return UNDEF;
    } else {
        if (slice_argument(t, args[2], &stop, -1, 0, bad_stop) < 0 || slice_argument(t, args[1], &start, 0, 0, bad_indices) < 0) return UNDEF;
        if (nargs == 4 && slice_argument(t, args[3], &step, 1, 1, "Step for islice() must be a positive integer or None.") < 0) return UNDEF;
    }
    Tool *o = tool_over(t, type, IT, args[0]);
    if (!o) return UNDEF;
    o->n[SLICE_NEXT] = start;
    o->n[SLICE_STOP] = stop;
    o->n[SLICE_STEP] = step;
    return value_of(o);
}
// Counters of an iterator that threads share: they may be off by what races, but each read and write is whole.
static int64_t number(Tool *o, int i) { return __atomic_load_n(&o->n[i], __ATOMIC_RELAXED); }
static void number_store(Tool *o, int i, int64_t n) { __atomic_store_n(&o->n[i], n, __ATOMIC_RELAXED); }
static Value islice_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value it = tool_get(t, o, IT), item = UNDEF;
    if (!value_bits(it)) return UNDEF;
    int64_t stop = number(o, SLICE_STOP);
    while (number(o, SLICE_COUNT) < number(o, SLICE_NEXT)) {
        item = object_next(t, it);
        if (!value_bits(item)) goto ended;
        VALUE_CLEAR(t, item);
        number_store(o, SLICE_COUNT, number(o, SLICE_COUNT) + 1);
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto ended;
    }
    if (stop != -1 && number(o, SLICE_COUNT) >= stop) goto ended;
    item = object_next(t, it);
    if (!value_bits(item)) goto ended;
    number_store(o, SLICE_COUNT, number(o, SLICE_COUNT) + 1);
    int64_t next;
    if (__builtin_add_overflow(number(o, SLICE_NEXT), number(o, SLICE_STEP), &next)) next = INT64_MAX;
    if (stop != -1 && next > stop) next = stop;
    number_store(o, SLICE_NEXT, next);
    value_release(t, it);
    return item;
ended:
    if (!error_pending(t)) tool_set(t, o, IT, UNDEF);
    value_release(t, it);
    return UNDEF;
}
static TOOL_SPEC(islice, "islice", NULL, "Items by index, as a slice takes them.");

// ---- pairwise

enum { PAIR_UNUSED, PAIR_IT, PAIR_OLD };
static Value pairwise_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "pairwise", kwnames) < 0 || args_count(t, "pairwise", nargs, 1, 1) < 0) return UNDEF;
    return value_of(tool_over(t, type, PAIR_IT, args[0]));
}
static Value pairwise_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value old = tool_get(t, o, PAIR_OLD);
    if (!value_bits(old)) {
        old = tool_pull(t, o, PAIR_IT);
        if (!value_bits(old)) return UNDEF;
        tool_set(t, o, PAIR_OLD, value_dup(t, old));
    }
    Value item = tool_pull(t, o, PAIR_IT);
    if (!value_bits(item)) {
        value_release(t, old);
        tool_set(t, o, PAIR_OLD, UNDEF);
        return UNDEF;
    }
    tool_set(t, o, PAIR_OLD, value_dup(t, item));
    return tuple_pair(t, old, item);
}
static TOOL_SPEC(pairwise, "pairwise", "(iterable, /)", "Each item with the next.");

// ---- repeat

enum { REPEAT_OBJECT };
static Value repeat_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    int64_t times = -1;
    if (args_bind(t, "repeat", "(object, times=None)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (value_bits(given[1])) {
        if (arg_index(t, given[1], &times) < 0) return UNDEF;
        if (times < 0) times = 0;
    }
    Tool *o = tool_new(t, type);
    if (!o) return UNDEF;
    slot_init(&o->v[REPEAT_OBJECT], value_dup(t, given[0]));
    o->n[0] = times;
    return value_of(o);
}
static Value repeat_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Guard g;
    guard_begin(t, &g, &o->c);
    bool more = o->n[0] != 0;
    if (o->n[0] > 0) tool_set_number(o, 0, o->n[0] - 1);
    guard_end(t, &g);
    return more ? tool_get(t, o, REPEAT_OBJECT) : UNDEF;
}
static Value repeat_repr(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value object = tool_get(t, o, REPEAT_OBJECT), result;
    Str *name = value_str(slot_borrow(&value_type(self)->name));
    int64_t left = tool_number(o, 0);
    if (left < 0)
        result = str_of_format(t, "%U(%R)", name, object);
    else
        result = str_of_format(t, "%U(%R, %lld)", name, object, (long long)left);
    value_release(t, object);
    return result;
}
NATIVE(repeat_length_hint) {
    int64_t n = tool_number(tool_of(self), 0);
    return n < 0 ? raise(t, TYPE_ERROR, "len() of unsized object") : int_from_int64(t, n);
}
static const NativeDef repeat_methods[] = {{"__length_hint__", repeat_length_hint, "($self, /)", NULL, 0}, NATIVE_END};
static const TypeSpec repeat_spec = {
    .name = "itertools.repeat", .doc = "The object so many times, or for ever.", .size = sizeof(Tool), .flags = TYPE_BASE,
    .ops = {.new = repeat_new, .iter = iter_self, .next = repeat_next, .repr = repeat_repr}, .methods = repeat_methods, .destroy = tool_destroy,
    .traverse = tool_traverse};

// ---- zip_longest: indices[i] tells whether iterator i has more

enum { ZIP_ITERATORS, ZIP_FILL };
enum { ZIP_COUNT, ZIP_ACTIVE };
static Value zip_longest_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef fill = NONE;
    for (int64_t i = 0; kwnames && i < kwnames->length; i++) {
        if (!str_equal_text(value_str(tuple_item(kwnames, i)), "fillvalue")) return raise(t, TYPE_ERROR, "zip_longest() got an unexpected keyword argument");
        fill = args[nargs + i];
    }
    Tuple *iterators = tuple_alloc(t, nargs);
    if (!iterators) return UNDEF;
    Tool *o = NULL;
    for (uint32_t i = 0; i < nargs; i++) {
        Value it = object_iter(t, args[i]);
        if (!value_bits(it)) goto failed;
        slot_init(&iterators->items[i], it);
    }
    if (!(o = tool_new(t, type))) goto failed;
    slot_init(&o->v[ZIP_ITERATORS], value_of(iterators));
    slot_init(&o->v[ZIP_FILL], value_dup(t, fill));
    o->n[ZIP_COUNT] = o->n[ZIP_ACTIVE] = nargs;
    if (!(o->indices = malloc((nargs ? nargs : 1) * sizeof *o->indices))) {
        object_release(t, o);
        return raise_no_memory(t);
    }
    for (uint32_t i = 0; i < nargs; i++) o->indices[i] = 1;
    return value_of(o);
failed:
    object_release(t, iterators);
    return UNDEF;
}
static Value zip_longest_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    int64_t n = o->n[ZIP_COUNT];
    if (n == 0 || __atomic_load_n(&o->n[ZIP_ACTIVE], __ATOMIC_RELAXED) <= 0) return UNDEF;
    Value iterators = tool_get(t, o, ZIP_ITERATORS);
    Tuple *result = tuple_alloc(t, n);
    for (int64_t i = 0; result && i < n; i++) {
        Value item = UNDEF;
        if (__atomic_load_n(&o->indices[i], __ATOMIC_RELAXED)) {
            item = object_next(t, tuple_item(value_tuple(iterators), i));
            if (!value_bits(item)) {
                int64_t left = 1;
                if (!error_pending(t) && __atomic_exchange_n(&o->indices[i], 0, __ATOMIC_RELAXED)) left = __atomic_sub_fetch(&o->n[ZIP_ACTIVE], 1, __ATOMIC_RELAXED);
                if (error_pending(t) || left <= 0) {
                    __atomic_store_n(&o->n[ZIP_ACTIVE], 0, __ATOMIC_RELAXED);
                    object_release(t, result);
                    result = NULL;
                    break;
                }
            }
        }
        slot_init(&result->items[i], value_bits(item) ? item : tool_get(t, o, ZIP_FILL));
    }
    value_release(t, iterators);
    return value_of(result);
}
static TOOL_SPEC(zip_longest, "zip_longest", "(*iterables, fillvalue=None)", "Tuples of one item of each iterable, until the longest ends.");

// ---- groupby

enum { GROUP_TYPE, GROUP_IT, GROUP_KEY_FUNCTION, GROUP_TARGET_KEY, GROUP_KEY, GROUP_VALUE }; // v of groupby
enum { MEMBER_PARENT, MEMBER_KEY };                                                          // v of _grouper
static const TypeSpec grouper_spec;
// n[0] of both: the number of the group; a grouper of an older group is over

static Value groupby_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "groupby", "(iterable, key=None)", args, nargs, kwnames, given) < 0) return UNDEF;
    Tool *o = tool_over(t, type, GROUP_IT, given[0]);
    if (!o) return UNDEF;
    if (!not_given(given[1])) slot_init(&o->v[GROUP_KEY_FUNCTION], value_dup(t, given[1]));
    Type *grouper = companion_type(t, (Type *)value_object(type), NAME(_grouper), &grouper_spec);
    if (grouper) {
        slot_init(&o->v[GROUP_TYPE], value_dup(t, value_of(grouper)));
        return value_of(o);
    }
    object_release(t, o);
    return UNDEF;
}
// Takes the next item and its key. 1; 0 where there is none; -1.
static int groupby_step(Thread *t, Tool *o) {
    Value it = tool_get(t, o, GROUP_IT);
    Value value = value_bits(it) ? object_next(t, it) : UNDEF;
    value_release(t, it);
    if (!value_bits(value)) return error_pending(t) ? -1 : 0;
    Value function = tool_get(t, o, GROUP_KEY_FUNCTION);
    Value key = value_bits(function) ? call_1(t, function, value) : value_dup(t, value);
    value_release(t, function);
    if (!value_bits(key)) {
        value_release(t, value);
        return -1;
    }
    tool_set(t, o, GROUP_VALUE, value);
    tool_set(t, o, GROUP_KEY, key);
    return 1;
}
static int same_key(Thread *t, Tool *a, int i, Tool *b, int j) {
    Value x = tool_get(t, a, i), y = tool_get(t, b, j);
    int equal = value_bits(x) && value_bits(y) ? object_equal(t, x, y) : 0;
    value_release(t, x);
    value_release(t, y);
    return equal;
}
static Value grouper_new(Thread *t, Type *type, Tool *parent, ValueRef key) {
    Tool *o = object_new(t, type);
    if (!o) return UNDEF;
    slot_init(&o->v[MEMBER_PARENT], value_dup(t, value_of(parent)));
    slot_init(&o->v[MEMBER_KEY], value_dup(t, key));
    o->n[0] = tool_number(parent, 0);
    return value_of(o);
}
static Value groupby_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    __atomic_add_fetch(&o->n[0], 1, __ATOMIC_RELAXED);
    for (;;) { // past what is left of the last group
        if (value_bits(slot_borrow(&o->v[GROUP_KEY]))) {
            if (!value_bits(slot_borrow(&o->v[GROUP_TARGET_KEY]))) break;
            int same = same_key(t, o, GROUP_TARGET_KEY, o, GROUP_KEY);
            if (same < 0) return UNDEF;
            if (!same) break;
        }
        if (groupby_step(t, o) <= 0) return UNDEF;
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return UNDEF;
    }
    Value key = tool_get(t, o, GROUP_KEY);
    if (!value_bits(key)) return UNDEF; // another thread took it
    tool_set(t, o, GROUP_TARGET_KEY, value_dup(t, key));
    Value grouper = grouper_new(t, (Type *)value_object(o->v[GROUP_TYPE]), o, key);
    if (value_bits(grouper)) return tuple_pair(t, key, grouper);
    value_release(t, key);
    return UNDEF;
}
static Value grouper_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value parent_value = tool_get(t, o, MEMBER_PARENT), item = UNDEF;
    if (!value_bits(parent_value)) return UNDEF;
    Tool *parent = tool_of(parent_value);
    if (__atomic_load_n(&parent->n[0], __ATOMIC_RELAXED) == o->n[0] &&
        (value_bits(slot_borrow(&parent->v[GROUP_VALUE])) || groupby_step(t, parent) > 0) && same_key(t, o, MEMBER_KEY, parent, GROUP_KEY) > 0) {
        item = slot_take(t, parent, &parent->v[GROUP_VALUE], UNDEF);
        tool_set(t, parent, GROUP_KEY, UNDEF);
    }
    value_release(t, parent_value);
    return item;
}
static TOOL_SPEC(groupby, "groupby", "(iterable, key=None)", "Runs of items with equal keys: (key, iterator) each.");
static const TypeSpec grouper_spec = {.name = "itertools._grouper", .size = sizeof(Tool), .flags = TYPE_NO_NEW, .ops = {.iter = iter_self, .next = grouper_next},
                                      .destroy = tool_destroy, .traverse = tool_traverse, .clear = tool_clear};

// ---- tee: a chain of blocks that all copies read; the last one pulls from the iterator

enum { TEE_BLOCK = 57 };
typedef struct TeeData {
    Container c;
    Value iterator;
    Value next;           // the block after this one, or UNDEF
    Value items[TEE_BLOCK];
    int64_t count;        // (o) items there are; grows only
    bool running;         // (o) somebody pulls from the iterator
} TeeData;
static const TypeSpec tee_data_spec, tee_spec;
enum { TEE_DATA_TYPE, TEE_DATA }; // v of _tee; n[0]: index in the block

static void tee_data_traverse(Object *o, VisitFn visit, void *arg) {
    TeeData *d = (TeeData *)o;
    visit(&d->iterator, arg);
    visit(&d->next, arg);
    for (int i = 0; i < TEE_BLOCK; i++) visit(&d->items[i], arg);
}
static void tee_data_destroy(Thread *t, Object *o) {
    TeeData *d = (TeeData *)o;
    value_release(t, d->iterator);
    value_release(t, d->next);
    for (int i = 0; i < TEE_BLOCK; i++) value_release(t, d->items[i]);
}
static void tee_data_clear(Thread *t, Object *o) {
    TeeData *d = (TeeData *)o;
    slot_store(t, o, &d->iterator, UNDEF);
    slot_store(t, o, &d->next, UNDEF);
    for (int i = 0; i < TEE_BLOCK; i++) slot_store(t, o, &d->items[i], UNDEF);
}
static Value tee_data_make(Thread *t, Type *type, ValueRef iterator) {
    TeeData *d = object_new(t, type);
    if (d) slot_init(&d->iterator, value_dup(t, iterator));
    return value_of(d);
}
static Value tee_data_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "_tee_dataobject", kwnames) < 0 || args_count(t, "_tee_dataobject", nargs, 3, 3) < 0) return UNDEF;
    return tee_data_make(t, (Type *)value_object(type), args[0]);
}
// Item i of the block, pulled from the iterator where it is the next one. UNDEF without an exception at the end.
static Value tee_data_get(Thread *t, TeeData *d, int64_t i) {
    if (i < __atomic_load_n(&d->count, __ATOMIC_ACQUIRE)) return slot_get(t, &d->items[i]);
    Guard g;
    guard_begin(t, &g, &d->c);
    bool there = i < __atomic_load_n(&d->count, __ATOMIC_RELAXED), busy = d->running;
    if (!there && !busy) d->running = true;
    guard_end(t, &g);
    if (there) return slot_get(t, &d->items[i]);
    if (busy) return raise(t, RUNTIME_ERROR, "cannot re-enter the tee iterator");
    Value iterator = slot_get(t, &d->iterator), item = value_bits(iterator) ? object_next(t, iterator) : UNDEF;
    value_release(t, iterator);
    if (value_bits(item)) {
        slot_append(t, d, &d->items[__atomic_load_n(&d->count, __ATOMIC_RELAXED)], value_dup(t, item)); // this thread alone, while `running` is up
        __atomic_store_n(&d->count, d->count + 1, __ATOMIC_RELEASE);
    }
    guard_begin(t, &g, &d->c);
    d->running = false;
    guard_end(t, &g);
    return item;
}
// The block after a full one: one object for all copies.
static Value tee_data_following(Thread *t, TeeData *d, Type *type) {
    Value next = slot_get(t, &d->next);
    if (value_bits(next)) return next;
    Value iterator = slot_get(t, &d->iterator), fresh = tee_data_make(t, type, value_bits(iterator) ? (ValueRef)iterator : (ValueRef)NONE);
    value_release(t, iterator);
    if (!value_bits(fresh)) return UNDEF;
    Guard g;
    guard_begin(t, &g, &d->c);
    next = slot_get(t, &d->next);
    if (!value_bits(next)) slot_store(t, d, &d->next, value_dup(t, fresh));
    guard_end(t, &g);
    if (!value_bits(next)) return fresh;
    value_release(t, fresh);
    return next;
}

static Value tee_next(Thread *t, ValueRef self) {
    Tool *o = tool_of(self);
    Value data = tool_get(t, o, TEE_DATA);
    if (!value_bits(data)) return UNDEF;
    int64_t i = number(o, 0);
    if (i >= TEE_BLOCK) {
        Value next = tee_data_following(t, (TeeData *)value_object(data), (Type *)value_object(o->v[TEE_DATA_TYPE]));
        value_release(t, data);
        if (!value_bits(next)) return UNDEF;
        tool_set(t, o, TEE_DATA, value_dup(t, next));
        data = next;
        i = 0;
    }
    Value item = tee_data_get(t, (TeeData *)value_object(data), i);
    value_release(t, data);
    number_store(o, 0, value_bits(item) ? i + 1 : i);
    return item;
}
static Value tee_copy_of(Thread *t, Tool *from) {
    Tool *o = object_new(t, value_type(value_of(from)));
    if (!o) return UNDEF;
    slot_init(&o->v[TEE_DATA_TYPE], tool_get(t, from, TEE_DATA_TYPE));
    slot_init(&o->v[TEE_DATA], tool_get(t, from, TEE_DATA));
    o->n[0] = number(from, 0);
    return value_of(o);
}
// A _tee over any iterable: a copy where it is a _tee already.
static Value tee_over(Thread *t, Type *type, ValueRef iterable) {
    Value it = object_iter(t, iterable), data_type = UNDEF, data = UNDEF;
    if (!value_bits(it)) return UNDEF;
    if (is_spec(it, &tee_spec)) {
        Value copy = tee_copy_of(t, tool_of(it));
        value_release(t, it);
        return copy;
    }
    Tool *o = NULL;
    Type *companion = companion_type(t, type, NAME(_tee_dataobject), &tee_data_spec);
    if (companion) data_type = value_dup(t, value_of(companion));
    if (value_bits(data_type)) data = tee_data_make(t, (Type *)value_object(data_type), it);
    if (value_bits(data)) o = object_new(t, type);
    value_release(t, it);
    if (!o) {
        value_release(t, data_type);
        value_release(t, data);
        return UNDEF;
    }
    slot_init(&o->v[TEE_DATA_TYPE], data_type);
    slot_init(&o->v[TEE_DATA], data);
    return value_of(o);
}
static Value tee_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "_tee", kwnames) < 0 || args_count(t, "_tee", nargs, 1, 1) < 0) return UNDEF;
    return tee_over(t, (Type *)value_object(type), args[0]);
}
NATIVE(tee_copy) { return tee_copy_of(t, tool_of(self)); }
static const NativeDef tee_methods[] = {{"__copy__", tee_copy, "($self, /)", "An independent iterator at the same place.", 0}, NATIVE_END};
static const TypeSpec tee_spec = {
    .name = "itertools._tee", .doc = "An iterator that can be copied.", .size = sizeof(Tool), .flags = TYPE_WEAKREFABLE,
    .ops = {.new = tee_new, .iter = iter_self, .next = tee_next}, .methods = tee_methods, .destroy = tool_destroy, .traverse = tool_traverse, .clear = tool_clear};
static const TypeSpec tee_data_spec = {.name = "itertools._tee_dataobject", .size = sizeof(TeeData), .ops = {.new = tee_data_new}, .destroy = tee_data_destroy,
                                       .traverse = tee_data_traverse, .clear = tee_data_clear};

// ---- the module

typedef struct State { Value tee; } State; // the type

NATIVE(tee) {
    int64_t n = 2;
    if (value_bits(args[1]) && arg_index(t, args[1], &n) < 0) return UNDEF;
    if (n < 0) return raise(t, VALUE_ERROR, "n must be >= 0");
    Tuple *result = tuple_alloc(t, n);
    if (!result || n == 0) return value_of(result);
    Value first = tee_over(t, (Type *)value_object(((State *)module_state(self))->tee), args[0]);
    for (int64_t i = 0; i < n; i++) {
        Value copy = !value_bits(first) ? UNDEF : i == 0 ? value_dup(t, first) : tee_copy_of(t, tool_of(first));
        if (!value_bits(copy)) {
            value_release(t, first);
            object_release(t, result);
            return UNDEF;
        }
        slot_init(&result->items[i], copy);
    }
    value_release(t, first);
    return value_of(result);
}
static const NativeDef functions[] = {{"tee", tee, "($module, iterable, n=2, /)", "n independent iterators over one iterable.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    static const TypeSpec *const plain[] = {
        &accumulate_spec, &batched_spec, &chain_spec, &combinations_spec, &combinations_with_replacement_spec, &compress_spec, &count_spec, &cycle_spec,
        &dropwhile_spec, &filterfalse_spec, &islice_spec, &pairwise_spec, &permutations_spec, &product_spec, &repeat_spec, &starmap_spec, &takewhile_spec,
        &zip_longest_spec};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (module_export_type(t, module, NULL, plain[i]) < 0) return -1;
    State *state = module_state(module);
    Type *groupby = module_type(t, module, NULL, &groupby_spec), *grouper = module_type(t, module, NULL, &grouper_spec);
    Type *tee_type = module_type(t, module, &state->tee, &tee_spec), *data = module_type(t, module, NULL, &tee_data_spec);
    if (companion_add(t, groupby, "_grouper", grouper) < 0 || companion_add(t, tee_type, "_tee_dataobject", data) < 0) return -1;
    return module_add_type(t, module, groupby) < 0 || module_add_type(t, module, grouper) < 0 || module_add_type(t, module, tee_type) < 0 ||
                   module_add_type(t, module, data) < 0
               ? -1
               : 0;
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->tee, arg); }
const ModuleSpec itertools_module = {.name = "itertools", .doc = "Iterators on iterators.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
