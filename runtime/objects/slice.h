// slice objects, and the arithmetic of slicing (Library reference, "Slice Objects").
#pragma once
#include "runtime/store.h"

typedef struct Slice {
    Container c;
    Value start, stop, step; // never written after creation
} Slice;
static inline Slice *value_slice(ValueRef v) { return (Slice *)value_object(v); }
Value slice_new(Thread *t, ValueRef start, ValueRef stop, ValueRef step); // UNDEF counts as None
// The three numbers as they stand, beyond int64 clipped; runs __index__. TypeError, ValueError (step 0).
int slice_unpack(Thread *t, const Slice *slice, int64_t *start, int64_t *stop, int64_t *step);
// Fits unpacked numbers to a length; the number of items selected. *stop is then at the end of the selection.
int64_t slice_adjust(int64_t length, int64_t *start, int64_t *stop, int64_t step);
// Both in one, for immutable sequences (slice_unpack may run Python, so a mutable one's length is taken after it).
int slice_indices(Thread *t, const Slice *slice, int64_t length, int64_t *start, int64_t *stop, int64_t *step, int64_t *count);
// slice_indices on Python ints of any size; `length` is an exact int, the results are owned.
int slice_indices_big(Thread *t, const Slice *slice, ValueRef length, Value out[3]);
