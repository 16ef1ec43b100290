// What the builtin containers share: sections that only shared objects need, indices, equality and hashing without Python.
#pragma once
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/store.h"
#include "sync/critical.h"
#include "sync/safepoint.h"

// ---- a critical section on an object that needs one only while it is shared
// Nothing between begin and end may run Python: then the object's being private, and its state, last as long as the section.
typedef struct Guard {
    CriticalSection cs;
    bool held;
} Guard;
static inline void guard_begin(Thread *t, Guard *g, const void *o) {
    g->held = object_is_shared(o);
    if (UNLIKELY(g->held)) critical_begin(&t->core, &g->cs, (RefHead *)o);
}
static inline void guard_end(Thread *t, Guard *g) {
    if (UNLIKELY(g->held)) critical_end(&t->core, &g->cs);
}

// Rewrites a word of storage that `holder` already refers to from elsewhere in the same storage (or UNDEF): no count changes.
static inline void slot_rewrite(Value *slot, ValueRef v) {
    atomic_store_release_u64((_Atomic uint64_t *)slot, value_bits(v));
}
// Gives up a reference that was unlinked from a holder that was shared, or not, at that time. (What a private holder loses
// stays this thread's own, also where the holder itself has become shared by now.) May run Python.
static inline void value_discard(Thread *t, bool was_shared, Value v_steal) {
    if (!value_is_pointer(v_steal)) return;
    if (UNLIKELY(was_shared)) slot_discard_shared(t, v_steal);
    else value_release(t, v_steal);
}
// n more references to `v`.
static inline void value_dup_n(Thread *t, ValueRef v, uint64_t n) {
    if (!value_is_pointer(v)) return;
    for (; n > 1u << 20; n -= 1u << 20) ref_inc_n(&t->core, &value_object(v)->head, 1u << 20);
    if (n) ref_inc_n(&t->core, &value_object(v)->head, (uint32_t)n);
}
static inline int64_t length_load(const int64_t *length) { return __atomic_load_n(length, __ATOMIC_RELAXED); }
static inline void length_store(int64_t *length, int64_t n) { __atomic_store_n(length, n, __ATOMIC_RELAXED); }

// ---- indices
static inline bool value_has_index(ValueRef v) {
    return value_is_int(v) || value_type(v)->ops.index || value_has_flag(v, TYPE_IS_INT);
}
int container_index_slow(Thread *t, ValueRef key, int64_t *out);
// 1: `key` is an index, *out; 0: it is no integer and has no __index__ (nothing raised); -1: raised (IndexError beyond int64).
static inline int container_index(Thread *t, ValueRef key, int64_t *out) {
    if (LIKELY(value_is_int(key))) {
        *out = value_get_int(key);
        return 1;
    }
    return container_index_slow(t, key, out);
}
// The right operand of sequence * n. TypeError "can't multiply sequence by non-int of type 'str'".
int container_repeat_count(Thread *t, ValueRef count, int64_t *out);
// A start or stop argument of index(): clipped to int64. TypeError "slice indices must be integers or have an __index__ method".
int container_bound(Thread *t, ValueRef v, int64_t *out);
// The builtin function of this name ("iter", "reversed"), for __reduce__.
Value container_builtin(Thread *t, const char *name);
// A tuple of n values, consumed also on failure; for __reduce__ results.
Value container_tuple_2(Thread *t, Value a_steal, Value b_steal);
Value container_tuple_3(Thread *t, Value a_steal, Value b_steal, Value c_steal);

// ---- equality and hashes that need no Python
static inline bool value_is_exact_str(ValueRef v) { return value_is(v, STR); }
int values_equal_fast_slow(ValueRef a, ValueRef b);
// Equality of items (identity implies it): 1, 0, or -1 where only object_equal can tell.
static inline int values_equal_fast(ValueRef a, ValueRef b) {
    if (value_bits(a) == value_bits(b)) return 1;
    if (values_are_ints(a, b)) return 0;
    return values_equal_fast_slow(a, b);
}
// a < b for two small ints, two floats in the word, or two exact str: 1, 0; else -1.
static inline int values_less_fast(ValueRef a, ValueRef b) {
    if (values_are_ints(a, b)) return value_get_int(a) < value_get_int(b);
    if (value_is_float(a) && value_is_float(b)) return value_get_float(a) < value_get_float(b);
    if (value_is_exact_str(a) && value_is_exact_str(b)) return str_compare(value_str(a), value_str(b)) < 0;
    return -1;
}
// The same for those and exact tuples of them.
int tuples_less_fast(ValueRef a, ValueRef b); // tuple.c
static inline int items_less_fast(ValueRef a, ValueRef b) {
    int less = values_less_fast(a, b);
    return less < 0 && value_is(a, TUPLE) && value_is(b, TUPLE) ? tuples_less_fast(a, b) : less;
}
static inline int64_t str_hash_inline(Str *s) {
    int64_t h = __atomic_load_n((int64_t *)&s->hash, __ATOMIC_RELAXED);
    return LIKELY(h != 0) ? h : str_hash(s);
}
static inline int64_t value_hash(Thread *t, ValueRef v) {
    if (value_is_exact_str(v)) return str_hash_inline(value_str(v));
    if (value_is_int(v)) {
        int64_t n = value_get_int(v);
        if (LIKELY(n > -SMALL_INT_MAX && n < SMALL_INT_MAX)) return n == -1 ? -2 : n; // the modulus is 2^61 - 1
    }
    return object_hash(t, v);
}
