// set and frozenset: insertion order, lock-free membership tests, tables as in dict.h without values. Writers of a shared set
// hold its lock; tables are replaced, and an entry's key is written once per table.
#pragma once
#include "runtime/store.h"

typedef struct SetEntry {
    int64_t hash;
    Value key; // (a) UNDEF: removed
} SetEntry;
typedef struct SetTable {
    uint8_t log2_index, index_bytes;
    _Atomic uint8_t str_keys; // every key is an exact str: probing cannot run Python
    uint32_t capacity;
    _Atomic uint32_t used;    // (a) entries ever used in this table
    uint32_t head;            // (o, relaxed) the entries before it are removed ones
    SetEntry *entries;
    uint8_t index[];
} SetTable;
typedef struct Set {
    Container c;
    int64_t length;         // (a)
    SetTable *table;        // (r) NULL: empty
    uint64_t replaced;      // (o, relaxed) how often `table` was written
    _Atomic int64_t hash;   // frozenset: 0 not computed
} Set;
static inline Set *value_set(ValueRef v) { return (Set *)value_object(v); }
static inline int64_t set_length(const Set *s) { return __atomic_load_n(&s->length, __ATOMIC_RELAXED); }
Value set_new(Thread *t);
Value set_from_iterable(Thread *t, ValueRef iterable);
Value frozenset_from_iterable(Thread *t, ValueRef iterable);
Value set_copy(Thread *t, Set *s); // a new set (not frozen) of what is in `s` at one moment
int set_add(Thread *t, Set *s, ValueRef key);
int set_contains(Thread *t, Set *s, ValueRef key);
int set_discard(Thread *t, Set *s, ValueRef key); // 1 removed, 0 absent, -1
int set_update(Thread *t, Set *s, ValueRef iterable);
int set_difference_update(Thread *t, Set *s, ValueRef iterable);
int set_symmetric_difference_update(Thread *t, Set *s, ValueRef iterable);
void set_clear(Thread *t, Set *s);
Value set_pop(Thread *t, Set *s); // the oldest; UNDEF without an exception where empty
int set_next_hashed(Thread *t, Set *s, int64_t *position, Value *key, int64_t *hash);
int set_next(Thread *t, Set *s, int64_t *position, Value *key); // as dict_next
static inline bool value_is_any_set(ValueRef v) {
    if (!value_is_pointer(v)) return false;
    uint32_t shape = object_shape(value_object(v));
    if (shape == SHAPE_SET || shape == SHAPE_FROZENSET) return true;
    return shape >= SHAPE_FIRST_DYNAMIC && (value_is_instance(v, TYPE_OF(SET)) || value_is_instance(v, TYPE_OF(FROZENSET)));
}
