// list. Items stand in an array with its own capacity; readers of a shared list hold no lock (DESIGN 3; FREE-THREADING.md
// says what is atomic): they load the array pointer, check the index against the array's capacity and the length, and count
// (or borrow) the item. Writers of a shared list hold its lock. Arrays are replaced, not resized, while shared; an item slot
// beyond the length is UNDEF.
#pragma once
#include "runtime/store.h"

typedef struct ListItems {
    int64_t capacity;
    Value item[];
} ListItems;
typedef struct List {
    Container c;
    int64_t length;    // (a) written with the lock held when shared
    ListItems *items;  // (r) NULL: capacity 0
} List;
static inline List *value_list(ValueRef v) { return (List *)value_object(v); }
static inline int64_t list_length(const List *l) { return __atomic_load_n(&l->length, __ATOMIC_RELAXED); }
Value list_new(Thread *t, int64_t capacity);
Value list_from_values(Thread *t, Value *items_steal, int64_t n); // consumes n references, also on failure
Value list_get(Thread *t, List *l, int64_t index);                // index from 0; UNDEF without an exception where out of range (any race)
int list_append(Thread *t, List *l, Value item_steal);
int list_insert(Thread *t, List *l, int64_t index, Value item_steal);
int list_extend(Thread *t, List *l, ValueRef iterable);
int list_set(Thread *t, List *l, int64_t index, Value item_steal); // IndexError
Value list_pop(Thread *t, List *l, int64_t index);                // IndexError
int list_sort(Thread *t, List *l, ValueRef key_or_none, bool reverse); // stable, adaptive
// A tuple of the items at one moment.
Value list_snapshot(Thread *t, List *l);
