// list.sort: a stable, adaptive merge sort (list_sort_merge.h) on borrowed words. The items stay where they are, in an array
// that hangs on a list of this call's own, so that the collector sees each of them once whatever the comparisons run; their
// order is worked out beside it and written back at the end. Meanwhile the list that is sorted is empty.
#include <math.h>
#include "runtime/objects/container.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

typedef ValueRef WORD;
typedef struct Plain { ValueRef key; } Plain;
typedef struct Keyed { ValueRef key, item; } Keyed;

enum { GALLOP_START = 7, STRIDE = 16, RUNS_MAX = 90 }; // STRIDE: steps between looks at whether one run keeps winning
typedef struct SortRun {
    int64_t start, length;
    int power; // of the boundary to the next run
} SortRun;
typedef struct Sort {
    Thread *t;
    void *buffer;     // for half of the records
    int64_t gallop;   // wins in a row before galloping pays
    uint64_t steps;   // since the last poll
    int nruns;
    SortRun runs[RUNS_MAX]; // powers grow strictly: at most one run per bit of the length
} Sort;

// The depth at which the boundary behind run `r` stands in a perfectly balanced binary tree over [0, n): the first bit in
// which the middles of the two runs, as fractions of n, differ.
static int run_power(const SortRun *r, int64_t next_length, int64_t n) {
    uint64_t a = 2 * (uint64_t)r->start + (uint64_t)r->length, b = a + (uint64_t)r->length + (uint64_t)next_length, size = (uint64_t)n;
    for (int power = 1;; power++) {
        if (a >= size) {
            a -= size;
            b -= size;
        } else if (b >= size) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

// ---- comparisons
static ALWAYS_INLINE int less_str(ValueRef a, ValueRef b) {
    const Str *x = value_str(a), *y = value_str(b);
    if (LIKELY(str_kind(x) == 1 && str_kind(y) == 1)) {
        size_t nx = str_length(x), ny = str_length(y);
        int r = memcmp(str_data(x), str_data(y), nx < ny ? nx : ny);
        return r ? r < 0 : nx < ny;
    }
    return str_compare(x, y) < 0;
}
static int less_any(Sort *s, ValueRef a, ValueRef b) {
    int fast = values_less_fast(a, b);
    if (fast >= 0) return fast;
    Value r = value_is(a, TUPLE) && value_is(b, TUPLE) ? TYPE_OF(TUPLE)->ops.compare(s->t, a, b, CMP_LT)
                                                         : object_compare(s->t, a, b, CMP_LT);
    if (value_is_bool(r)) return value_bits(r) == value_bits(TRUE_VALUE);
    if (r == UNDEF) return -1;
    int truth = object_is_true(s->t, r);
    value_release(s->t, r);
    return truth;
}
#define LESS_WORD(s, a, b) ((int64_t)value_bits(a) < (int64_t)value_bits(b)) // ints in the word, and what order_of makes of floats
#define LESS_FLOAT(s, a, b) (value_get_float(a) < value_get_float(b))
#define LESS_STR(s, a, b) less_str(a, b)

#define RECORD Plain
#define LESS LESS_WORD
#define CHEAP 1
#define NAMED(x) word_plain_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Keyed
#define LESS LESS_WORD
#define CHEAP 1
#define NAMED(x) word_keyed_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Plain
#define LESS LESS_FLOAT
#define CHEAP 1
#define NAMED(x) float_plain_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Keyed
#define LESS LESS_FLOAT
#define CHEAP 1
#define NAMED(x) float_keyed_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Plain
#define LESS LESS_STR
#define CHEAP 0
#define NAMED(x) str_plain_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Keyed
#define LESS LESS_STR
#define CHEAP 0
#define NAMED(x) str_keyed_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Plain
#define LESS less_any
#define CHEAP 0
#define NAMED(x) any_plain_##x
#include "runtime/objects/list_sort_merge.h"
#define RECORD Keyed
#define LESS less_any
#define CHEAP 0
#define NAMED(x) any_keyed_##x
#include "runtime/objects/list_sort_merge.h"

enum KeyKind { KEYS_INT, KEYS_FLOAT, KEYS_STR, KEYS_ANY };
static enum KeyKind kind_of(ValueRef v) {
    return value_is_int(v) ? KEYS_INT : value_is_float(v) ? KEYS_FLOAT : value_is_exact_str(v) ? KEYS_STR : KEYS_ANY;
}
static enum KeyKind kind_of_all(const Value *keys, int64_t n) {
    enum KeyKind kind = kind_of(keys[0]);
    for (int64_t i = 1; i < n && kind != KEYS_ANY; i++)
        if (kind_of(keys[i]) != kind) return KEYS_ANY;
    return kind;
}

// Floats in the order of words. 0.0 and -0.0 are equal, which words cannot say: then they are compared as what they are.
static WORD order_of(WORD key) {
    double d = value_get_float(key);
    int64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return value_from_bits(bits ^ (bits >> 63 & INT64_MAX));
}
static WORD float_of_order(WORD order) {
    int64_t bits = (int64_t)value_bits(order);
    bits ^= bits >> 63 & INT64_MAX;
    double d;
    memcpy(&d, &bits, sizeof d);
    return value_try_float(d);
}
static bool is_minus_zero(WORD key) { return value_get_float(key) == 0 && signbit(value_get_float(key)); }
#define SORT_FLOATS(form) do { \
        for (int64_t i = 0; i < n; i++) \
            if (UNLIKELY(is_minus_zero(a[i].key))) return float_##form##_sort(s, a, n); \
        for (int64_t i = 0; i < n; i++) a[i].key = order_of(a[i].key); \
        int result = word_##form##_sort(s, a, n); \
        for (int64_t i = 0; i < n; i++) a[i].key = float_of_order(a[i].key); \
        return result; \
    } while (0)

static int sort_plain(Sort *s, enum KeyKind kind, Plain *a, int64_t n) {
    switch (kind) {
    case KEYS_INT: return word_plain_sort(s, a, n);
    case KEYS_FLOAT: SORT_FLOATS(plain);
    case KEYS_STR: return str_plain_sort(s, a, n);
    default: return any_plain_sort(s, a, n);
    }
}
static int sort_keyed(Sort *s, enum KeyKind kind, Keyed *a, int64_t n) {
    switch (kind) {
    case KEYS_INT: return word_keyed_sort(s, a, n);
    case KEYS_FLOAT: SORT_FLOATS(keyed);
    case KEYS_STR: return str_keyed_sort(s, a, n);
    default: return any_keyed_sort(s, a, n);
    }
}

// Sorts items[0, n), which somebody else keeps alive, by keys[0, n) (NULL: by themselves). A permutation also on failure.
static int sort_values(Thread *t, Value *items, const Value *keys, int64_t n, bool reverse) {
    size_t record = keys ? sizeof(Keyed) : sizeof(Plain);
    char *work = storage_new(t, (size_t)(n + n / 2 + 1) * record);
    if (!work) return -1;
    Sort s = {.t = t, .buffer = work + (size_t)n * record, .gallop = GALLOP_START};
    Plain *plain = (Plain *)work;
    Keyed *keyed = (Keyed *)work;
    enum KeyKind kind = kind_of_all(keys ? keys : items, n);
    // Descending order of a stable sort: turned around before and after, so that equals keep their order.
    for (int64_t i = 0; i < n; i++) {
        int64_t from = reverse ? n - 1 - i : i;
        if (keys) keyed[i] = (Keyed){keys[from], items[from]};
        else plain[i] = (Plain){items[from]};
    }
    int result = keys ? sort_keyed(&s, kind, keyed, n) : sort_plain(&s, kind, plain, n);
    for (int64_t i = 0; i < n; i++) {
        int64_t to = reverse ? n - 1 - i : i;
        slot_rewrite(&items[to], keys ? keyed[i].item : plain[i].key); // readers of a shared list may still be in the array
    }
    storage_free(work);
    return result;
}

// A list of key(item) for each item of `list`, which nobody else knows; UNDEF with an exception.
static Value keys_of(Thread *t, List *list, ValueRef key) {
    Value keys = list_new(t, list->length);
    if (keys == UNDEF) return UNDEF;
    for (int64_t i = 0; i < list->length; i++) {
        Value k = call_1(t, key, list->items->item[i]);
        if (k == UNDEF || list_append(t, value_list(keys), k) < 0) {
            value_release(t, keys);
            return UNDEF;
        }
    }
    return keys;
}

int list_sort(Thread *t, List *l, ValueRef key_or_none, bool reverse) {
    List *parking = object_new(t, TYPE_OF(LIST));
    if (!parking) return -1;
    Value keys = UNDEF;
    int result = 0;
    parking->items = list_take_items(t, l, &parking->length);
    if (key_or_none != UNDEF && value_bits(key_or_none) != value_bits(NONE)) {
        keys = keys_of(t, parking, key_or_none);
        if (keys == UNDEF) result = -1;
    }
    if (result == 0 && parking->length > 1)
        result = sort_values(t, parking->items->item, keys == UNDEF ? NULL : value_list(keys)->items->item, parking->length, reverse);
    ListItems *items = parking->items;
    int64_t n = parking->length;
    parking->items = &list_no_items;
    parking->length = 0;
    bool untouched = list_restore_items(t, l, items, n);
    object_release(t, parking);
    value_release(t, keys);
    if (result == 0 && !untouched) return raise_int(t, VALUE_ERROR, "list modified during sort");
    return result;
}
