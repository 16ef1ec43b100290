// functools.lru_cache: the wrapper that remembers results.
// Looking a result up takes no lock. With a limit, entries hang in a list by last use, which the wrapper's lock guards; a hit
// on the entry that was used last does not touch it, so many threads that ask for the same thing share only reads.
#include "runtime/modules/_functools.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "sync/critical.h"

typedef struct Link { // an entry. The dict has a reference, and the list by last use another: either may lose it first
    Container c;
    Value key, result;
    int64_t hash;
    Value newer;        // (o of the wrapper) the next link, owned; its reference moves from slot to slot
    struct Link *older; // (o)
    bool listed;        // (o)
} Link;

typedef struct Cache {
    Container c;
    Value function;
    Value entries;   // dict: key -> result (no limit) or Link
    Value info_type; // what cache_info() answers with
    Value link_type;
    int64_t maxsize; // -1: no limit; 0: nothing is remembered
    bool typed;
    int64_t hits, misses; // (a)
    Value oldest; // (o) the first link, owned
    Link *newest; // (o); hits compare it without the lock
} Cache;
static Cache *cache_of(ValueRef v) { return (Cache *)value_object(v); }

static inline bool lock(Thread *t, CriticalSection *cs, Cache *c) {
    if (!object_is_shared((Object *)c)) return false;
    critical_begin(&t->core, cs, &c->c.head);
    return true;
}
static inline void unlock(Thread *t, CriticalSection *cs, bool locked) {
    if (locked) critical_end(&t->core, cs);
}

// The list's reference to the link comes into the caller's hands. Nothing here releases, so nothing runs.
static Value unlink_locked(Cache *c, Link *l) {
    slots_move(l->older ? &l->older->newer : &c->oldest, &l->newer, 1);
    ValueRef next = slot_borrow(&l->newer);
    if (value_bits(next)) ((Link *)value_object(next))->older = l->older;
    else __atomic_store_n(&c->newest, l->older, __ATOMIC_RELAXED);
    slot_init(&l->newer, UNDEF);
    l->older = NULL;
    l->listed = false;
    return value_of(l);
}
static void append_locked(Thread *t, Cache *c, Value link_steal) {
    Link *l = (Link *)value_object(link_steal);
    l->older = c->newest;
    l->listed = true;
    if (c->newest) slot_append(t, c->newest, &c->newest->newer, link_steal);
    else slot_append(t, c, &c->oldest, link_steal);
    __atomic_store_n(&c->newest, l, __ATOMIC_RELAXED);
}

static inline void count(int64_t *n) { __atomic_fetch_add(n, 1, __ATOMIC_RELAXED); }

// The key for a call: a lone int or str is its own; else a tuple of the arguments, a mark, and names with values.
static Value make_key(Thread *t, Cache *c, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint32_t nkw = kwnames ? (uint32_t)kwnames->length : 0;
    if (!c->typed && !nkw && nargs == 1 && (value_is_int(args[0]) || value_is(args[0], STR))) return value_dup(t, args[0]);
    int64_t n = (int64_t)nargs + (nkw ? 1 + 2 * (int64_t)nkw : 0) + (c->typed ? (int64_t)nargs + nkw : 0), k = 0;
    Tuple *key = tuple_alloc(t, n);
    if (!key) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++) slot_init(&key->items[k++], value_dup(t, args[i]));
    if (nkw) {
        slot_init(&key->items[k++], slot_get(t, &c->link_type)); // no program has this type
        for (uint32_t i = 0; i < nkw; i++) {
            slot_init(&key->items[k++], value_dup(t, tuple_item(kwnames, i)));
            slot_init(&key->items[k++], value_dup(t, args[nargs + i]));
        }
    }
    if (c->typed)
        for (uint32_t i = 0; i < nargs + nkw; i++) slot_init(&key->items[k++], value_dup(t, value_of(value_type(args[i]))));
    return value_of(key);
}

static Value call_function(Thread *t, Cache *c, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value function = slot_get(t, &c->function);
    Value result = call_object(t, function, args, nargs, kwnames);
    value_release(t, function);
    return result;
}

static Value call_unlimited(Thread *t, Cache *c, Dict *entries, ValueRef key, int64_t hash, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value result = dict_get_hashed(t, entries, key, hash);
    if (value_bits(result)) {
        count(&c->hits);
        return result;
    }
    if (error_pending(t)) return UNDEF;
    count(&c->misses);
    result = call_function(t, c, args, nargs, kwnames);
    if (value_bits(result) && dict_set_hashed(t, entries, key, hash, result) < 0) VALUE_CLEAR(t, result);
    return result;
}

// Makes room for one entry: takes the oldest out. What the dict lost already (two threads put the same key there at once) makes none.
static int evict(Thread *t, Cache *c, Dict *entries) {
    while (dict_length(entries) >= c->maxsize) {
        CriticalSection cs;
        bool locked = lock(t, &cs, c);
        ValueRef oldest = slot_borrow(&c->oldest);
        Value link = value_bits(oldest) ? unlink_locked(c, (Link *)value_object(oldest)) : UNDEF;
        unlock(t, &cs, locked);
        if (!value_bits(link)) break;
        Value gone = dict_pop(t, entries, ((Link *)value_object(link))->key);
        bool failed = !value_bits(gone) && error_pending(t);
        value_release(t, gone);
        slot_discard(t, c, link);
        if (failed) return -1;
    }
    return 0;
}

static Value call_limited(Thread *t, Cache *c, Dict *entries, ValueRef key, int64_t hash, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    CriticalSection cs;
    Value found = dict_get_hashed(t, entries, key, hash);
    if (value_bits(found)) {
        Link *l = (Link *)value_object(found);
        if (__atomic_load_n(&c->newest, __ATOMIC_RELAXED) != l) {
            bool locked = lock(t, &cs, c);
            if (l->listed) append_locked(t, c, unlink_locked(c, l));
            unlock(t, &cs, locked);
        }
        count(&c->hits);
        Value result = slot_get(t, &l->result);
        value_release(t, found);
        return result;
    }
    if (error_pending(t)) return UNDEF;
    count(&c->misses);
    Value result = call_function(t, c, args, nargs, kwnames);
    if (!value_bits(result)) return UNDEF;
    Value there = dict_get_hashed(t, entries, key, hash); // the call may have put it there
    if (value_bits(there)) {
        value_release(t, there);
        return result;
    }
    if (error_pending(t) || evict(t, c, entries) < 0) goto failed;
    Link *l = object_new(t, (Type *)value_object(c->link_type));
    if (!l) goto failed;
    slot_init(&l->key, value_dup(t, key));
    slot_init(&l->result, value_dup(t, result));
    l->hash = hash;
    if (dict_set_hashed(t, entries, key, hash, value_of(l)) < 0) {
        object_release(t, l);
        goto failed;
    }
    bool locked = lock(t, &cs, c);
    append_locked(t, c, value_of(l)); // the list has this reference from here on
    unlock(t, &cs, locked);
    return result;
failed:
    value_release(t, result);
    return UNDEF;
}

static Value cache_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Cache *c = cache_of(self);
    if (c->maxsize == 0) {
        count(&c->misses);
        return call_function(t, c, args, nargs, kwnames);
    }
    Value key = make_key(t, c, args, nargs, kwnames), result = UNDEF;
    if (!value_bits(key)) return UNDEF;
    int64_t hash = object_hash(t, key);
    if (!(hash == -1 && error_pending(t))) {
        Value entries = slot_get(t, &c->entries);
        result = c->maxsize < 0 ? call_unlimited(t, c, value_dict(entries), key, hash, args, nargs, kwnames)
                                : call_limited(t, c, value_dict(entries), key, hash, args, nargs, kwnames);
        value_release(t, entries);
    }
    value_release(t, key);
    return result;
}

static Value cache_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    if (args_bind(t, "lru_cache", "(user_function, maxsize, typed, cache_info_type)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (!value_type(given[0])->ops.call) return raise(t, TYPE_ERROR, "the first argument must be callable");
    int64_t maxsize = -1;
    bool typed;
    if (!is_none(given[1])) {
        if (!value_type(given[1])->ops.index) return raise(t, TYPE_ERROR, "maxsize should be integer or None");
        if (arg_index(t, given[1], &maxsize) < 0) return UNDEF;
        if (maxsize < 0) maxsize = 0;
    }
    if (arg_bool(t, given[2], &typed) < 0) return UNDEF;
    Type *link_type = companion_type(t, (Type *)value_object(type), NAME(_lru_list_elem), &lru_link_spec);
    if (!link_type) return UNDEF;
    Value link = value_dup(t, value_of(link_type)), entries = dict_new(t);
    Cache *c = value_bits(entries) ? object_new(t, (Type *)value_object(type)) : NULL;
    if (!c) {
        value_release(t, link);
        value_release(t, entries);
        return UNDEF;
    }
    slot_init(&c->function, value_dup(t, given[0]));
    slot_init(&c->entries, entries);
    slot_init(&c->info_type, value_dup(t, given[3]));
    slot_init(&c->link_type, link);
    c->maxsize = maxsize;
    c->typed = typed;
    return value_of(c);
}
static Value cache_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    return !value_bits(object) || is_none(object) ? value_dup(t, self) : method_new(t, self, object);
}

NATIVE(cache_info) {
    Cache *c = cache_of(self);
    Value entries = slot_get(t, &c->entries), info = slot_get(t, &c->info_type), result = UNDEF;
    ValueRef parts[4] = {value_int(__atomic_load_n(&c->hits, __ATOMIC_RELAXED)), value_int(__atomic_load_n(&c->misses, __ATOMIC_RELAXED)),
                         c->maxsize < 0 ? NONE : value_int(c->maxsize), value_int(dict_length(value_dict(entries)))};
    result = call_object(t, info, parts, 4, NULL);
    value_release(t, entries);
    value_release(t, info);
    return result;
}
NATIVE(cache_clear) {
    Cache *c = cache_of(self);
    CriticalSection cs;
    bool locked = lock(t, &cs, c);
    Value chain = value_assume_owned(slot_borrow(&c->oldest)); // the whole list, taken as it hangs together
    slot_init(&c->oldest, UNDEF);
    __atomic_store_n(&c->newest, NULL, __ATOMIC_RELAXED);
    for (ValueRef v = chain; value_bits(v); v = slot_borrow(&((Link *)value_object(v))->newer)) {
        ((Link *)value_object(v))->listed = false;
        ((Link *)value_object(v))->older = NULL;
    }
    __atomic_store_n(&c->hits, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->misses, 0, __ATOMIC_RELAXED);
    unlock(t, &cs, locked);
    while (value_bits(chain)) {
        Link *l = (Link *)value_object(chain);
        Value next = value_assume_owned(slot_borrow(&l->newer));
        slot_init(&l->newer, UNDEF);
        slot_discard(t, c, chain);
        chain = next;
    }
    Value entries = slot_get(t, &c->entries);
    dict_clear(t, value_dict(entries));
    value_release(t, entries);
    return NONE;
}
NATIVE(cache_reduce) { return object_getattr(t, self, NAME(__qualname__)); }
NATIVE(cache_copy) { return value_dup(t, self); }

static void cache_traverse(Object *o, VisitFn visit, void *arg) {
    Cache *c = (Cache *)o;
    visit(&c->function, arg);
    visit(&c->entries, arg);
    visit(&c->info_type, arg);
    visit(&c->link_type, arg);
    visit(&c->oldest, arg);
}
static void cache_destroy(Thread *t, Object *o) {
    Cache *c = (Cache *)o;
    value_release(t, c->function);
    value_release(t, c->entries);
    value_release(t, c->info_type);
    value_release(t, c->link_type);
    value_release(t, c->oldest);
}
static void cache_drop(Thread *t, Object *o) { cache_clear(t, value_of(o), NULL, 0, NULL); }
static const NativeDef cache_methods[] = {
    {"cache_info", cache_info, "($self, /)", "Hits, misses, limit and size.", 0}, {"cache_clear", cache_clear, "($self, /)", "Forgets all results.", 0},
    {"__reduce__", cache_reduce, "($self, /)", NULL, 0}, {"__copy__", cache_copy, "($self, /)", NULL, 0},
    {"__deepcopy__", cache_copy, "($self, memo, /)", NULL, 0}, NATIVE_END};
const TypeSpec lru_cache_wrapper_spec = {
    .name = "functools._lru_cache_wrapper", .doc = "A function that remembers its results.", .size = sizeof(Cache),
    .flags = TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE | TYPE_METHOD, .ops = {.new = cache_new, .call = cache_call, .descr_get = cache_get},
    .methods = cache_methods, .destroy = cache_destroy, .traverse = cache_traverse, .clear = cache_drop};

static void link_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Link *)o)->key, arg);
    visit(&((Link *)o)->result, arg);
    visit(&((Link *)o)->newer, arg);
}
static void link_destroy(Thread *t, Object *o) {
    value_release(t, ((Link *)o)->key);
    value_release(t, ((Link *)o)->result);
    value_release(t, ((Link *)o)->newer);
}
const TypeSpec lru_link_spec = {.name = "functools._lru_list_elem", .size = sizeof(Link), .flags = TYPE_NO_NEW, .destroy = link_destroy, .traverse = link_traverse};
