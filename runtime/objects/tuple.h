// tuple: immutable once it can be reached by others; items lie in the object.
#pragma once
#include "runtime/store.h"

struct Tuple {
    Container c;
    int64_t length;
    Value items[];
};
static inline Tuple *value_tuple(ValueRef v) { return (Tuple *)value_object(v); }
// A tuple is never written after its maker let go of it, so its items are borrowed for as long as the tuple is held.
static inline ValueRef tuple_item(const Tuple *tuple, int64_t i) { return tuple->items[i]; }
Tuple *tuple_alloc(Thread *t, int64_t length);                    // items UNDEF, to be filled with slot_init at once
Value tuple_from_values(Thread *t, Value *items_steal, int64_t n); // consumes n references, also on failure
Value tuple_from_refs(Thread *t, const ValueRef *items, int64_t n);
Value tuple_pair(Thread *t, Value a_steal, Value b_steal);
Value tuple_slice(Thread *t, ValueRef tuple, int64_t start, int64_t end);
