// set and frozenset: insertion order, lock-free membership tests, tables as in dict.h without values.
#pragma once
#include "runtime/store.h"

typedef struct SetEntry {
    int64_t hash;
    Value key; // (a) UNDEF: removed
} SetEntry;
typedef struct SetTable {
    uint8_t log2_index, index_bytes;
    uint32_t capacity;
    _Atomic uint32_t used;
    SetEntry *entries;
    uint8_t index[];
} SetTable;
typedef struct Set {
    Container c;
    int64_t length;         // (a)
    SetTable *table;        // (r)
    _Atomic int64_t hash;   // frozenset: 0 not computed
} Set;
static inline Set *value_set(ValueRef v) { return (Set *)value_object(v); }
Value set_new(Thread *t);
Value frozenset_from_iterable(Thread *t, ValueRef iterable);
int set_add(Thread *t, Set *s, ValueRef key);
int set_contains(Thread *t, Set *s, ValueRef key);
int set_discard(Thread *t, Set *s, ValueRef key); // 1 removed, 0 absent, -1
int set_update(Thread *t, Set *s, ValueRef iterable);
int set_next(Thread *t, Set *s, int64_t *position, Value *key); // as dict_next
#include "runtime/object.h"
static inline bool value_is_any_set(ValueRef v) {
    return value_is_pointer(v) && (value_is_instance(v, TYPE_OF(SET)) || value_is_instance(v, TYPE_OF(FROZENSET)));
}
