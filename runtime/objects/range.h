// range, with bounds of any size. Iterating over small ints counts in machine words.
#pragma once
#include "runtime/store.h"

typedef struct Range {
    Container c;
    Value start, stop, step, length; // exact ints, never written after creation
} Range;
static inline Range *value_range(ValueRef v) { return (Range *)value_object(v); }
Value range_new(Thread *t, ValueRef start, ValueRef stop, ValueRef step); // exact ints; ValueError for a step of 0

// Over a range whose bounds and step are small ints.
typedef struct RangeIterator {
    Container c;
    int64_t next, step;
    int64_t remaining; // (o)
} RangeIterator;
static inline RangeIterator *value_range_iterator(ValueRef v) { return (RangeIterator *)value_object(v); }
Value range_iterator_next_shared(Thread *t, RangeIterator *it);
static inline Value range_iterator_next(Thread *t, RangeIterator *it) {
    if (UNLIKELY(object_is_shared((const void *)it))) return range_iterator_next_shared(t, it);
    if (it->remaining <= 0) return UNDEF;
    int64_t n = it->next;
    it->next = n + it->step;
    it->remaining--;
    return value_int(n);
}
