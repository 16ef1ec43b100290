// Shared helpers of the builtin containers.
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/tuple.h"

int container_index_slow(Thread *t, ValueRef key, int64_t *out) {
    if (!value_has_index(key)) return 0;
    Value n = object_index(t, key);
    if (n == UNDEF) return -1;
    int failed = int_as_int64(n, out);
    value_release(t, n);
    if (failed) return raise_int(t, INDEX_ERROR, "cannot fit '%T' into an index-sized integer", key);
    return 1;
}

int container_repeat_count(Thread *t, ValueRef count, int64_t *out) {
    if (LIKELY(value_is_int(count))) {
        *out = value_get_int(count);
        return 0;
    }
    if (!value_has_index(count)) return raise_int(t, TYPE_ERROR, "can't multiply sequence by non-int of type '%T'", count);
    Value n = object_index(t, count);
    if (n == UNDEF) return -1;
    int failed = int_as_int64(n, out);
    value_release(t, n);
    if (failed) return raise_int(t, OVERFLOW_ERROR, "cannot fit '%T' into an index-sized integer", count);
    return 0;
}

int container_bound(Thread *t, ValueRef v, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "slice indices must be integers or have an __index__ method");
    Value n = object_index(t, v);
    if (n == UNDEF) return -1;
    if (int_as_int64(n, out)) *out = int_sign(n) < 0 ? INT64_MIN : INT64_MAX;
    value_release(t, n);
    return 0;
}

Value container_builtin(Thread *t, const char *name) {
    Value key = str_intern_text(t, name);
    if (key == UNDEF) return UNDEF;
    Value f = dict_get(t, value_dict(t->interp->builtins_dict), key);
    if (f == UNDEF && !error_pending(t)) raise(t, ATTRIBUTE_ERROR, "module 'builtins' has no attribute '%S'", (ValueRef)key);
    value_release(t, key);
    return f;
}

static Value tuple_checked(Thread *t, Value *items, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (items[i] != UNDEF) continue;
        for (int64_t j = 0; j < n; j++) value_release(t, items[j]);
        return UNDEF;
    }
    return tuple_from_values(t, items, n);
}
Value container_tuple_2(Thread *t, Value a_steal, Value b_steal) {
    Value items[2] = {a_steal, b_steal};
    return tuple_checked(t, items, 2);
}
Value container_tuple_3(Thread *t, Value a_steal, Value b_steal, Value c_steal) {
    Value items[3] = {a_steal, b_steal, c_steal};
    return tuple_checked(t, items, 3);
}

int values_equal_fast_slow(ValueRef a, ValueRef b) {
    if (value_is_pointer(a) && value_is_pointer(b)) {
        uint32_t shape = object_shape(value_object(a));
        if (shape != object_shape(value_object(b))) return -1;
        if (shape == SHAPE_STR) return str_equal(value_str(a), value_str(b));
        return -1;
    }
    if (value_is_pointer(a)) { // an exact str equals no immediate
        return value_is_exact_str(a) ? 0 : -1;
    }
    if (value_is_pointer(b)) return value_is_exact_str(b) ? 0 : -1;
    // two immediates: numbers and constants
    if (value_is_bool(a)) a = (ValueRef)value_int(value_bits(a) == value_bits(TRUE_VALUE));
    if (value_is_bool(b)) b = (ValueRef)value_int(value_bits(b) == value_bits(TRUE_VALUE));
    if (values_are_ints(a, b)) return value_bits(a) == value_bits(b);
    if (value_is_float(a)) {
        if (value_is_float(b)) return value_get_float(a) == value_get_float(b);
        return value_is_int(b) ? -1 : 0;
    }
    if (value_is_int(a)) return value_is_float(b) ? -1 : 0;
    return 0; // None, Ellipsis, NotImplemented against anything else that is immediate
}
