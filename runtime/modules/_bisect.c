// _bisect: searching sorted sequences by halves.
#include "runtime/modules/native_module.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "sync/safepoint.h"

// The place for x in a[lo:hi]: before (left) or after what equals it. -1 with an exception.
static int64_t bisect(Thread *t, ValueRef a, ValueRef x, int64_t lo, int64_t hi, ValueRef key, bool left) {
    if (lo < 0) return raise_int(t, VALUE_ERROR, "lo must be non-negative");
    if (hi == -1 && (hi = object_len(t, a)) < 0) return -1;
    while (lo < hi) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return -1;
        int64_t middle = (int64_t)(((uint64_t)lo + (uint64_t)hi) / 2);
        Value item = sequence_getitem(t, a, middle);
        if (value_bits(item) && value_bits(key)) {
            Value k = call_1(t, key, item);
            value_release(t, item);
            item = k;
        }
        if (!value_bits(item)) return -1;
        int less = left ? object_compare_bool(t, item, x, CMP_LT) : object_compare_bool(t, x, item, CMP_LT);
        value_release(t, item);
        if (less < 0) return -1;
        if (less == left)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}
// a, x, lo=0, hi=None, *, key=None. `x_is_key`: x is compared as it is, otherwise its key.
static int64_t search(Thread *t, const ValueRef *args, bool left, bool insert) {
    int64_t lo = 0, hi = -1;
    ValueRef key = not_given(args[4]) ? (ValueRef)UNDEF : args[4];
    if ((value_bits(args[2]) && arg_index(t, args[2], &lo) < 0) || (!not_given(args[3]) && arg_index(t, args[3], &hi) < 0)) return -1;
    if (!insert || !value_bits(key)) return bisect(t, args[0], args[1], lo, hi, key, left);
    Value x = call_1(t, key, args[1]);
    if (!value_bits(x)) return -1;
    int64_t at = bisect(t, args[0], x, lo, hi, key, left);
    value_release(t, x);
    return at;
}
static Value insort(Thread *t, const ValueRef *args, bool left) {
    int64_t at = search(t, args, left, true);
    if (at < 0) return UNDEF;
    if (value_is(args[0], LIST)) return list_insert(t, value_list(args[0]), at, value_dup(t, args[1])) < 0 ? UNDEF : NONE;
    Value place = int_from_int64(t, at);
    if (!value_bits(place)) return UNDEF;
    ValueRef pair[2] = {place, args[1]};
    Value r = call_method(t, args[0], NAME(insert), pair, 2);
    value_release(t, place);
    value_release(t, r);
    return value_bits(r) ? NONE : UNDEF;
}
static Value place_value(Thread *t, int64_t at) { return at < 0 ? UNDEF : int_from_int64(t, at); }
NATIVE(bisect_left) { return place_value(t, search(t, args, true, false)); }
NATIVE(bisect_right) { return place_value(t, search(t, args, false, false)); }
NATIVE(insort_left) { return insort(t, args, true); }
NATIVE(insort_right) { return insort(t, args, false); }
#define ROW(name, doc) {#name, name, "($module, /, a, x, lo=0, hi=None, *, key=None)", doc, 0}
static const NativeDef functions[] = {
    ROW(bisect_left, "The place for x before what equals it."), ROW(bisect_right, "The place for x after what equals it."),
    ROW(insort_left, "Inserts x before what equals it."), ROW(insort_right, "Inserts x after what equals it."), NATIVE_END};
const ModuleSpec _bisect_module = {.name = "_bisect", .doc = "Searching sorted sequences.", .functions = functions};
