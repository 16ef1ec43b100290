// Iterators of the builtin containers and the iterator types of the builtins (enumerate, zip, map, filter, reversed).
// A private iterator is plain. A shared one steps under its own lock, so that each item is given once; one that calls
// Python to get its next item does so without the lock, and may then give an item twice or skip one.
#pragma once
#include "runtime/store.h"

// list, tuple, reversed list, reversed sequence and old-style sequence iterators.
typedef struct IndexIterator {
    Container c;
    Value sequence; // UNDEF: exhausted
    int64_t index;  // (o) next to give
} IndexIterator;
static inline IndexIterator *value_index_iterator(ValueRef v) { return (IndexIterator *)value_object(v); }
// What `for a, b in iterator` needs of exact enumerate, zip and dict item iterators: 1 with two owned values; 0 at the end, or with an
// exception.
int enumerate_next_pair(Thread *t, ValueRef self, Value *pair);
bool zip_gives_pairs(ValueRef v); // an exact zip of two
int zip_next_pair(Thread *t, ValueRef self, Value *pair);
int dict_item_next_pair(Thread *t, ValueRef self, Value *pair); // dict_view.c
Value index_iterator_new(Thread *t, Type *type, ValueRef sequence, int64_t index);
Value sequence_iterator_new(Thread *t, ValueRef sequence);                         // iter() of a type with __getitem__ alone
Value callable_iterator_new(Thread *t, ValueRef callable, ValueRef sentinel);      // iter(callable, sentinel)
