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
    ListItems *items;  // (r) never NULL: without storage, it is list_no_items
} List;
extern ListItems list_no_items; // capacity 0, never written
static inline List *value_list(ValueRef v) { return (List *)value_object(v); }
static inline int64_t list_length(const List *l) { return __atomic_load_n(&l->length, __ATOMIC_RELAXED); }
Value list_new(Thread *t, int64_t capacity);
Value list_from_values(Thread *t, Value *items_steal, int64_t n); // consumes n references, also on failure
Value list_from_refs(Thread *t, const ValueRef *items, int64_t n);

// The item at an index from 0, borrowed until the next safepoint; UNDEF where out of range. Any list, no lock.
static inline ValueRef list_borrow(const List *l, int64_t index) {
    const ListItems *a = storage_load(l->items);
    if (UNLIKELY((uint64_t)index >= (uint64_t)list_length(l) || index >= a->capacity)) return UNDEF;
    return slot_borrow(&a->item[index]);
}
// The same, owned.
static inline Value list_get(Thread *t, List *l, int64_t index) { return value_dup(t, list_borrow(l, index)); }

int list_append_slow(Thread *t, List *l, Value item_steal);
static inline int list_append(Thread *t, List *l, Value item_steal) {
    if (LIKELY(!object_is_shared((const void *)l))) {
        ListItems *a = l->items;
        int64_t n = l->length;
        if (LIKELY(n < a->capacity)) {
            slot_init(&a->item[n], item_steal);
            l->length = n + 1;
            return 0;
        }
    }
    return list_append_slow(t, l, item_steal);
}

Value list_append_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // list.append

int list_set_slow(Thread *t, List *l, int64_t index, Value item_steal);
// Replaces the item at an index from 0. IndexError.
static inline int list_set(Thread *t, List *l, int64_t index, Value item_steal) {
    if (LIKELY(!object_is_shared((const void *)l) && (uint64_t)index < (uint64_t)l->length)) {
        slot_store(t, l, &l->items->item[index], item_steal);
        return 0;
    }
    return list_set_slow(t, l, index, item_steal);
}

int list_insert(Thread *t, List *l, int64_t index, Value item_steal);
int list_extend(Thread *t, List *l, ValueRef iterable);
Value list_pop(Thread *t, List *l, int64_t index);                // -1: the last; IndexError
int list_delete_at(Thread *t, List *l, int64_t index);            // index from 0; IndexError
void list_clear(Thread *t, List *l);
void list_reverse(Thread *t, List *l);
int list_reserve(Thread *t, List *l, int64_t capacity);           // room for so many items
int list_sort(Thread *t, List *l, ValueRef key_or_none, bool reverse); // stable, adaptive (list_sort.c)
Value list_copy(Thread *t, List *l);                              // an exact list of the items at one moment
Value list_slice(Thread *t, List *l, int64_t start, int64_t end); // likewise, bounds clipped
// A tuple of the items at one moment.
Value list_snapshot(Thread *t, List *l);

// For list_sort.c: takes all items out of the list, which is empty afterwards; and puts them back. The array keeps its references.
ListItems *list_take_items(Thread *t, List *l, int64_t *length);
bool list_restore_items(Thread *t, List *l, ListItems *items, int64_t length); // false: the list was changed meanwhile
