// Attribute lookup on types: lock-free for every name (DESIGN 3). Per type, a version and a cache of immutable entries.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/attribute_cache.h"
#include "runtime/heap.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/mutex.h"

enum { CACHE_CELLS = 64 };

// Immutable. Valid while the type's version is `version`; versions are never given out twice. `value` is borrowed: a class
// that changes an attribute gives up its version before its next safepoint, so no reader that still matches can be late.
typedef struct CacheEntry {
    const Str *name;
    uint32_t version;
    Value value; // UNDEF: the type has no such attribute
} CacheEntry;
_Static_assert(sizeof(CacheEntry) <= ENTRY_BYTES, "entry_alloc's blocks");
struct MethodCache {
    _Atomic(CacheEntry *) cell[CACHE_CELLS];
};

static _Atomic uint32_t next_version = 1;

// Gives one out where there is none; 0 when they have run out.
static uint32_t type_version(Type *type) {
    uint32_t version = atomic_load_acquire_u32(&type->version);
    if (version) return version;
    if (UNLIKELY(type->flags & TYPE_FOREIGN_MRO)) return 0;
    uint32_t fresh = atomic_add_relaxed_u32(&next_version, 1);
    if (UNLIKELY(fresh > UINT32_MAX - (1u << 16))) { // run out: no caching from now on
        atomic_store_relaxed_u32(&next_version, UINT32_MAX - (1u << 15));
        return 0;
    }
    uint32_t expected = 0;
    atomic_add_relaxed_u32(&type->versions, 1);
    return atomic_cas_acq_rel_u32(&type->version, &expected, fresh) ? fresh : expected;
}
// A class that changes all the time (it counts something in an attribute) is better looked up as it is than remembered for one lookup:
// after so many versions it gets the next one only once in a while.
enum { VERSIONS_AT_ONCE = 1000 };
static bool type_is_restless(Thread *t, Type *type) {
    return UNLIKELY(atomic_load_relaxed_u32(&type->versions) > VERSIONS_AT_ONCE) && !atomic_load_relaxed_u32(&type->version) && !site_is_due(t);
}

static void forget_version(Thread *t, Type *type) {
    // A type without a version may have subclasses with one: no short cut.
    atomic_store_release_u32(&type->version, 0);
    ValueRef subclasses = slot_borrow(&type->subclasses);
    if (!value_is_pointer(subclasses)) return;
    Value held = value_dup(t, subclasses), ref;
    int64_t position = 0;
    while (dict_next(t, value_dict(held), &position, NULL, &ref) == 1) {
        Value subclass = weakref_get(t, ref);
        if (value_is_pointer(subclass)) forget_version(t, (Type *)value_object(subclass));
        value_release(t, subclass);
        value_release(t, ref);
    }
    value_release(t, held);
}

void type_modified(Thread *t, Type *type) { forget_version(t, type); }

ValueRef type_dict_get(Type *type, ValueRef name) {
    ValueRef dict = slot_borrow(&type->dict);
    return LIKELY(value_bits(dict)) ? dict_get_str_borrow(value_dict(dict), value_str(name)) : UNDEF; // none: at start-up
}

static ValueRef lookup_mro(Type *type, ValueRef name) {
    ValueRef mro = slot_borrow(&type->mro);
    if (!value_is_pointer(mro)) return type_dict_get(type, name); // being made
    Tuple *tuple = value_tuple(mro);
    for (int64_t i = 0; i < tuple->length; i++) {
        ValueRef found = type_dict_get((Type *)value_object(tuple_item(tuple, i)), name);
        if (found) return found;
    }
    return UNDEF;
}

static struct MethodCache *cache_of(Type *type) {
    struct MethodCache *cache = atomic_load_acquire_ptr(&type->cache);
    if (cache) return cache;
    cache = calloc(1, sizeof *cache);
    struct MethodCache *expected = NULL;
    if (cache && !atomic_cas_acq_rel_ptr(&type->cache, &expected, cache)) {
        free(cache);
        cache = expected;
    }
    return cache;
}

void type_cache_free(Type *type) {
    struct MethodCache *cache = atomic_load_relaxed_ptr(&type->cache);
    if (!cache) return;
    atomic_store_relaxed_ptr(&type->cache, NULL);
    for (int i = 0; i < CACHE_CELLS; i++) entry_free(atomic_load_relaxed_ptr(&cache->cell[i]));
    free(cache);
}

void type_cache_names(Type *type, void (*fn)(Object *name, void *arg), void *arg) {
    struct MethodCache *cache = atomic_load_relaxed_ptr(&type->cache);
    for (int i = 0; cache && i < CACHE_CELLS; i++) {
        CacheEntry *entry = atomic_load_relaxed_ptr(&cache->cell[i]);
        if (entry) fn((Object *)entry->name, arg);
    }
}

static _Atomic(CacheEntry *) *cell_of(struct MethodCache *cache, const Str *key) { return &cache->cell[((uint64_t)key >> 5 ^ (uint64_t)key >> 11) % CACHE_CELLS]; }
// The entry of a name (which is interned then: no other is in the cache), as long as it is true.
static inline CacheEntry *find_entry(Type *type, const Str *key) {
    uint32_t version = atomic_load_acquire_u32(&type->version);
    struct MethodCache *cache = atomic_load_acquire_ptr(&type->cache);
    CacheEntry *entry = LIKELY(cache != NULL) ? atomic_load_acquire_ptr(cell_of(cache, key)) : NULL;
    return LIKELY(entry && entry->name == key && entry->version == version && version) ? entry : NULL;
}

static NOINLINE ValueRef lookup_and_keep(Thread *t, Type *type, ValueRef name, uint32_t *version) {
    const Str *key = value_str(name);
    *version = 0;
    if (UNLIKELY(!str_is_interned(key))) {
        Str *interned = str_find_interned(t, key);
        if (!interned) return lookup_mro(type, name);
        key = interned;
    }
    if (type_is_restless(t, type)) return lookup_mro(type, name);
    // Before the lookup: what is found under this version is true for it.
    *version = type_version(type);
    struct MethodCache *cache = cache_of(type);
    if (UNLIKELY(!cache || !*version)) return lookup_mro(type, name);
    _Atomic(CacheEntry *) *cell = cell_of(cache, key);
    CacheEntry *entry = atomic_load_acquire_ptr(cell);
    if (entry && entry->name == key && entry->version == *version) return entry->value;
    ValueRef found = lookup_mro(type, name);
    CacheEntry *fresh = entry_alloc(t);
    if (fresh) {
        *fresh = (CacheEntry){key, *version, value_assume_owned(found)};
        if (atomic_cas_acq_rel_ptr(cell, &entry, fresh)) {
            if (entry) retire_free(&t->core, entry, sizeof *entry, entry_free);
        } else {
            entry_free(fresh);
        }
    }
    return found;
}

ValueRef type_lookup_versioned(Thread *t, Type *type, ValueRef name, uint32_t *version) {
    CacheEntry *entry = find_entry(type, value_str(name));
    if (UNLIKELY(!entry)) return lookup_and_keep(t, type, name, version);
    *version = entry->version;
    return entry->value;
}
ValueRef type_lookup(Thread *t, Type *type, ValueRef name) {
    CacheEntry *entry = find_entry(type, value_str(name));
    uint32_t version;
    return LIKELY(entry != NULL) ? entry->value : lookup_and_keep(t, type, name, &version);
}

ValueRef type_lookup_once(Type *type, ValueRef name) { return lookup_mro(type, name); }

Type *immediate_type(ValueRef v) {
    if (value_is_int(v)) return TYPE_OF(INT);
    if (value_is_float(v)) return TYPE_OF(FLOAT);
    if (value_is_bool(v)) return TYPE_OF(BOOL);
    if (v == NONE) return TYPE_OF(NONE);
    if (v == ELLIPSIS) return TYPE_OF(ELLIPSIS);
    if (v == NOT_IMPLEMENTED) return TYPE_OF(NOT_IMPLEMENTED);
    return NULL;
}
