// enumerate, zip, map, filter.
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// ---- enumerate
typedef struct Enumerate {
    Container c;
    Value iterator;  // never written after creation
    int64_t index;   // (o) of the next item, while big is UNDEF
    Value big;       // (o) the same, beyond small ints
} Enumerate;

static Value enumerate_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef bound[2] = {UNDEF, UNDEF};
    int64_t named = kwnames ? kwnames->length : 0;
    if (nargs + named > 2) return raise(t, TYPE_ERROR, "enumerate() takes at most 2 arguments (%lld given)", (long long)(nargs + named));
    for (uint32_t i = 0; i < nargs; i++) bound[i] = args[i];
    for (int64_t i = 0; i < named; i++) {
        const Str *name = value_str(kwnames->items[i]);
        int at = str_equal_text(name, "iterable") ? 0 : str_equal_text(name, "start") ? 1 : -1;
        if (at < 0 || bound[at] != UNDEF || (at == 1 && nargs + named == 1))
            return raise(t, TYPE_ERROR, "'%S' is an invalid keyword argument for enumerate()", (ValueRef)kwnames->items[i]);
        bound[at] = args[nargs + i];
    }
    if (bound[0] == UNDEF) return raise(t, TYPE_ERROR, "enumerate() missing required argument 'iterable'");
    Value start = bound[1] == UNDEF ? value_int(0) : object_index(t, bound[1]);
    if (start == UNDEF) return UNDEF;
    Value iterator = object_iter(t, bound[0]);
    Enumerate *e = iterator == UNDEF ? NULL : object_new(t, (Type *)value_object(type));
    if (!e) {
        value_release(t, start);
        value_release(t, iterator);
        return UNDEF;
    }
    slot_init(&e->iterator, iterator);
    if (value_is_int(start)) e->index = value_get_int(start);
    else slot_init(&e->big, start);
    return value_of(e);
}
// The number of the next item; counts on unless `peek`.
static Value enumerate_index(Thread *t, Enumerate *e, bool peek) {
    Guard g;
    Value index;
    guard_begin(t, &g, e);
    if (e->big == UNDEF && (peek || e->index < SMALL_INT_MAX)) {
        index = value_int(e->index);
        if (!peek) e->index++;
    } else {
        index = e->big == UNDEF ? value_int(e->index) : slot_get(t, &e->big);
        if (!peek) {
            Value next = int_binary(t, BIN_ADD, index, value_int(1));
            if (next == UNDEF) VALUE_CLEAR(t, index);
            else slot_store(t, e, &e->big, next);
        }
    }
    guard_end(t, &g);
    return index;
}
static Value enumerate_next(Thread *t, ValueRef self) {
    Enumerate *e = (Enumerate *)value_object(self);
    Value item = object_next(t, e->iterator);
    if (item == UNDEF) return UNDEF;
    return container_tuple_2(t, enumerate_index(t, e, false), item);
}
int enumerate_next_pair(Thread *t, ValueRef self, Value *pair) {
    Enumerate *e = (Enumerate *)value_object(self);
    UnaryFn next = value_type(e->iterator)->ops.next;
    if ((pair[1] = LIKELY(next != NULL) ? next(t, e->iterator) : object_next(t, e->iterator)) == UNDEF) return 0;
    if (LIKELY(!object_is_shared((Object *)e) && e->big == UNDEF && e->index < SMALL_INT_MAX)) {
        pair[0] = value_int(e->index++);
        return 1;
    }
    if ((pair[0] = enumerate_index(t, e, false)) != UNDEF) return 1;
    value_release(t, pair[1]);
    return 0;
}
METHOD(enumerate_reduce) {
    Enumerate *e = (Enumerate *)value_object(self);
    return container_tuple_2(t, value_dup(t, value_of(value_type(self))), container_tuple_2(t, value_dup(t, e->iterator), enumerate_index(t, e, true)));
}
static void enumerate_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Enumerate *)o)->iterator);
    VALUE_CLEAR(t, ((Enumerate *)o)->big);
}
static void enumerate_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Enumerate *)o)->iterator, arg);
    visit(&((Enumerate *)o)->big, arg);
}
static const NativeDef enumerate_methods[] = {
    {"__reduce__", enumerate_reduce, "($self, /)", "How to pickle the iterator.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
const TypeSpec enumerate_spec = {
    .name = "enumerate",
    .doc = "Pairs of a running number and an item of the iterable.",
    .size = sizeof(Enumerate),
    .flags = TYPE_BASE,
    .ops = {.iter = iter_self, .next = enumerate_next, .new = enumerate_new_slot},
    .methods = enumerate_methods,
    .new_signature = "(iterable, start=0)",
    .destroy = enumerate_destroy,
    .traverse = enumerate_traverse};

// ---- zip and map: items of several iterators at once
typedef struct Several {
    Container c;
    Value function;          // map; UNDEF in zip. Never written after creation, as iterators
    Value iterators;         // tuple
    _Atomic uint8_t strict;  // (a) all must end together
} Several;
static Several *value_several(ValueRef v) { return (Several *)value_object(v); }

static Value several_new(Thread *t, const char *name, ValueRef type, Type *exact, ValueRef function, const ValueRef *args, uint32_t nargs,
                         const ValueRef *keywords, Tuple *kwnames) {
    bool strict = false;
    Type *cls = (Type *)value_object(type);
    if (kwnames && kwnames->length && (cls == exact || cls->ops.init == exact->ops.init)) {
        if (kwnames->length > 1) return raise(t, TYPE_ERROR, "%s() takes at most 1 keyword argument (%lld given)", name, (long long)kwnames->length);
        if (!str_equal_text(value_str(kwnames->items[0]), "strict"))
            return raise(t, TYPE_ERROR, "%s() got an unexpected keyword argument '%S'", name, (ValueRef)kwnames->items[0]);
        if (arg_bool(t, keywords[0], &strict) < 0) return UNDEF;
    }
    Value list = list_new(t, nargs), iterators = UNDEF;
    if (list == UNDEF) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++) {
        Value it = object_iter(t, args[i]);
        if (it == UNDEF || list_append(t, value_list(list), it) < 0) goto done;
    }
    iterators = list_snapshot(t, value_list(list));
done:
    value_release(t, list);
    Several *s = iterators == UNDEF ? NULL : object_new(t, cls);
    if (!s) {
        value_release(t, iterators);
        return UNDEF;
    }
    slot_init(&s->iterators, iterators);
    if (function != UNDEF) slot_init(&s->function, value_dup(t, function));
    atomic_store_relaxed_u8(&s->strict, strict);
    return value_of(s);
}

// Iterator i has ended: with `strict`, all must have. Always UNDEF; ValueError where they have not.
static Value several_end(Thread *t, Several *s, const char *name, int64_t i) {
    if (error_pending(t) || !atomic_load_relaxed_u8(&s->strict)) return UNDEF;
    Tuple *iterators = value_tuple(s->iterators);
    if (i) return raise(t, VALUE_ERROR, "%s() argument %lld is shorter than argument%s%lld", name, (long long)i + 1, i == 1 ? " " : "s 1-", (long long)i);
    for (i = 1; i < iterators->length; i++) {
        Value item = object_next(t, iterators->items[i]);
        if (item != UNDEF) {
            value_release(t, item);
            return raise(t, VALUE_ERROR, "%s() argument %lld is longer than argument%s%lld", name, (long long)i + 1, i == 1 ? " " : "s 1-", (long long)i);
        }
        if (error_pending(t)) return UNDEF;
    }
    return UNDEF;
}

enum { FEW = 8 };
static Value zip_next(Thread *t, ValueRef self) {
    Several *s = value_several(self);
    Tuple *iterators = value_tuple(s->iterators);
    int64_t n = iterators->length;
    if (n == 0) return UNDEF;
    if (LIKELY(n <= FEW)) {
        Value items[FEW];
        for (int64_t i = 0; i < n; i++) {
            items[i] = object_next(t, iterators->items[i]);
            if (UNLIKELY(items[i] == UNDEF)) {
                for (int64_t k = 0; k < i; k++) value_release(t, items[k]);
                return several_end(t, s, "zip", i);
            }
        }
        return tuple_from_values(t, items, n);
    }
    Value list = list_new(t, n), result = UNDEF; // so that the collector sees the items
    if (list == UNDEF) return UNDEF;
    for (int64_t i = 0;; i++) {
        if (i == n) {
            result = list_snapshot(t, value_list(list));
            break;
        }
        Value item = object_next(t, iterators->items[i]);
        if (item == UNDEF) {
            several_end(t, s, "zip", i);
            break;
        }
        if (list_append(t, value_list(list), item) < 0) break;
    }
    value_release(t, list);
    return result;
}

bool zip_gives_pairs(ValueRef v) { return value_is(v, ZIP) && value_tuple(value_several(v)->iterators)->length == 2; }
int zip_next_pair(Thread *t, ValueRef self, Value *pair) {
    Several *s = value_several(self);
    Tuple *iterators = value_tuple(s->iterators);
    if ((pair[0] = object_next(t, iterators->items[0])) == UNDEF) {
        several_end(t, s, "zip", 0);
        return 0;
    }
    if ((pair[1] = object_next(t, iterators->items[1])) != UNDEF) return 1;
    value_release(t, pair[0]);
    several_end(t, s, "zip", 1);
    return 0;
}

static Value map_next(Thread *t, ValueRef self) {
    Several *s = value_several(self);
    Tuple *iterators = value_tuple(s->iterators);
    int64_t n = iterators->length;
    Value result = UNDEF;
    if (LIKELY(n <= FEW)) {
        Value items[FEW];
        int64_t got = 0;
        for (; got < n; got++) {
            items[got] = object_next(t, iterators->items[got]);
            if (UNLIKELY(items[got] == UNDEF)) {
                several_end(t, s, "map", got);
                break;
            }
        }
        if (got == n) result = call_object(t, s->function, value_refs(items), (uint32_t)n, NULL);
        for (int64_t i = 0; i < got; i++) value_release(t, items[i]);
        return result;
    }
    Value list = list_new(t, n);
    if (list == UNDEF) return UNDEF;
    for (int64_t i = 0;; i++) {
        if (i == n) {
            Value arguments = list_snapshot(t, value_list(list));
            if (arguments != UNDEF) result = call_object(t, s->function, value_refs(value_tuple(arguments)->items), (uint32_t)n, NULL);
            value_release(t, arguments);
            break;
        }
        Value item = object_next(t, iterators->items[i]);
        if (item == UNDEF) {
            several_end(t, s, "map", i);
            break;
        }
        if (list_append(t, value_list(list), item) < 0) break;
    }
    value_release(t, list);
    return result;
}

static Value zip_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return several_new(t, "zip", type, TYPE_OF(ZIP), UNDEF, args, nargs, args + nargs, kwnames);
}
static Value map_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs < 2) return raise(t, TYPE_ERROR, "map() must have at least two arguments.");
    return several_new(t, "map", type, TYPE_OF(MAP), args[0], args + 1, nargs - 1, args + nargs, kwnames);
}
METHOD(several_reduce) {
    Several *s = value_several(self);
    Tuple *iterators = value_tuple(s->iterators);
    int64_t n = iterators->length, extra = s->function != UNDEF;
    Tuple *arguments = tuple_alloc(t, n + extra);
    if (!arguments) return UNDEF;
    if (extra) slot_init(&arguments->items[0], value_dup(t, s->function));
    for (int64_t i = 0; i < n; i++) slot_init(&arguments->items[i + extra], value_dup(t, iterators->items[i]));
    Value type = value_dup(t, value_of(value_type(self)));
    if (atomic_load_relaxed_u8(&s->strict)) return container_tuple_3(t, type, value_of(arguments), TRUE_VALUE);
    return container_tuple_2(t, type, value_of(arguments));
}
METHOD(several_setstate) {
    bool strict;
    if (arg_bool(t, args[0], &strict) < 0) return UNDEF;
    atomic_store_relaxed_u8(&value_several(self)->strict, strict);
    return NONE;
}
static void several_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Several *)o)->function);
    VALUE_CLEAR(t, ((Several *)o)->iterators);
}
static void several_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Several *)o)->function, arg);
    visit(&((Several *)o)->iterators, arg);
}
static const NativeDef several_methods[] = {
    {"__reduce__", several_reduce, "($self, /)", "How to pickle the iterator.", 0},
    {"__setstate__", several_setstate, "($self, state, /)", "Sets whether all must end together.", 0},
    NATIVE_END};
const TypeSpec zip_spec = {
    .name = "zip",
    .doc = "Tuples of one item of each iterable, until the shortest ends (with strict: all must be of one length).\n\n>>> list(zip('ab', range(9)))\n[('a', 0), ('b', 1)]",
    .size = sizeof(Several),
    .flags = TYPE_BASE,
    .ops = {.iter = iter_self, .next = zip_next, .new = zip_new_slot},
    .methods = several_methods,
    .new_signature = "(*iterables, strict=False)",
    .destroy = several_destroy,
    .traverse = several_traverse};
const TypeSpec map_spec = {
    .name = "map",
    .doc = "What the function returns for one item of each iterable, until the shortest ends.",
    .size = sizeof(Several),
    .flags = TYPE_BASE,
    .ops = {.iter = iter_self, .next = map_next, .new = map_new_slot},
    .methods = several_methods,
    .new_signature = "(function, iterable, /, *iterables, strict=False)",
    .destroy = several_destroy,
    .traverse = several_traverse};

// ---- filter
typedef struct Filter {
    Container c;
    Value function, iterator; // never written after creation
} Filter;

static Value filter_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *cls = (Type *)value_object(type);
    if ((cls == TYPE_OF(FILTER) || cls->ops.init == TYPE_OF(FILTER)->ops.init) && args_no_keywords(t, "filter", kwnames) < 0) return UNDEF;
    if (args_count(t, "filter", nargs, 2, 2) < 0) return UNDEF;
    Value iterator = object_iter(t, args[1]);
    Filter *f = iterator == UNDEF ? NULL : object_new(t, cls);
    if (!f) {
        value_release(t, iterator);
        return UNDEF;
    }
    slot_init(&f->function, value_dup(t, args[0]));
    slot_init(&f->iterator, iterator);
    return value_of(f);
}
static Value filter_next(Thread *t, ValueRef self) {
    Filter *f = (Filter *)value_object(self);
    bool plain = value_bits(f->function) == value_bits(NONE) || value_object(f->function) == (Object *)TYPE_OF(BOOL);
    for (uint32_t n = 1;; n++) {
        Value item = object_next(t, f->iterator);
        if (item == UNDEF) return UNDEF;
        int keep;
        if (plain) {
            keep = object_is_true(t, item);
        } else {
            Value answer = call_1(t, f->function, item);
            keep = answer == UNDEF ? -1 : object_is_true(t, answer);
            value_release(t, answer);
        }
        if (keep > 0) return item;
        value_release(t, item);
        if (keep < 0) return UNDEF;
        if (UNLIKELY((n & 1023) == 0) && poll_check(&t->core) < 0) return UNDEF;
    }
}
METHOD(filter_reduce) {
    Filter *f = (Filter *)value_object(self);
    return container_tuple_2(t, value_dup(t, value_of(value_type(self))), container_tuple_2(t, value_dup(t, f->function), value_dup(t, f->iterator)));
}
static void filter_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Filter *)o)->function);
    VALUE_CLEAR(t, ((Filter *)o)->iterator);
}
static void filter_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Filter *)o)->function, arg);
    visit(&((Filter *)o)->iterator, arg);
}
static const NativeDef filter_methods[] = {
    {"__reduce__", filter_reduce, "($self, /)", "How to pickle the iterator.", 0},
    NATIVE_END};
const TypeSpec filter_spec = {
    .name = "filter",
    .doc = "The items for which the function is true (with None: which are true themselves).",
    .size = sizeof(Filter),
    .flags = TYPE_BASE,
    .ops = {.iter = iter_self, .next = filter_next, .new = filter_new_slot},
    .methods = filter_methods,
    .new_signature = "(function, iterable, /)",
    .destroy = filter_destroy,
    .traverse = filter_traverse};
