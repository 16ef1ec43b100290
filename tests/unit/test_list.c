#include "tests/unit/runtime_fixture.h"
#include "runtime/objects/list.h"
#include "runtime/objects/range.h"
#include "runtime/objects/slice.h"

static Value list_of_ints(int64_t n) {
    Value l = list_new(T, 0);
    for (int64_t i = 0; i < n; i++) cr_assert_eq(list_append(T, value_list(l), value_int(i)), 0);
    return l;
}
static int64_t int_at(ValueRef l, int64_t i) { return value_get_int(list_borrow(value_list(l), i)); }

Test(list, appends_inserts_and_pops, .init = start_runtime) {
    Value l = list_of_ints(1000);
    cr_assert_eq(list_length(value_list(l)), 1000);
    cr_assert_eq(list_insert(T, value_list(l), 0, value_int(-1)), 0);
    cr_assert_eq(list_insert(T, value_list(l), -1, value_int(-2)), 0);
    cr_assert_eq(list_insert(T, value_list(l), 99999, value_int(-3)), 0);
    cr_assert_eq(int_at(l, 0), -1);
    cr_assert_eq(int_at(l, 1000), -2);
    cr_assert_eq(int_at(l, 1002), -3);
    cr_assert_eq(list_borrow(value_list(l), 1003), UNDEF);
    cr_assert_eq(list_borrow(value_list(l), -1), UNDEF);
    for (int i = 0; i < 1000; i++) cr_assert_neq(list_pop(T, value_list(l), i & 1 ? 0 : -1), UNDEF);
    cr_assert_eq(list_length(value_list(l)), 3);
    cr_assert_eq(list_pop(T, value_list(l), 3), UNDEF);
    cr_assert(error_matches(T, EXCEPTION(INDEX_ERROR)));
    error_clear(T);
    cr_assert_lt(value_list(l)->items->capacity, 32, "memory is given back");
    list_clear(T, value_list(l));
    cr_assert_eq(list_length(value_list(l)), 0);
    value_release(T, l);
}

Test(list, slices_are_replaced, .init = start_runtime) {
    Value l = list_of_ints(10), slice = slice_new(T, value_int(2), value_int(5), NONE), with = list_of_ints(7);
    cr_assert_eq(object_setitem(T, l, slice, with), 0);
    cr_assert_eq(list_length(value_list(l)), 14);
    cr_assert_eq(int_at(l, 2), 0);
    cr_assert_eq(int_at(l, 9), 5);
    cr_assert_eq(object_setitem(T, l, slice, UNDEF), 0);
    cr_assert_eq(list_length(value_list(l)), 11);
    cr_assert_eq(object_setitem(T, l, slice, l), 0);
    cr_assert_eq(list_length(value_list(l)), 19);
    value_release(T, slice);
    value_release(T, with);
    value_release(T, l);
}

// A shared list under appends, pops, stores, moves, sorts and lock-free reads.
static void list_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    List *l = value_list(shared);
    uint32_t r = random_step(random);
    Value v = UNDEF;
    switch (r % 16) {
    case 0:
    case 1:
    case 2: cr_assert_eq(list_append(t, l, make_pair(t, r)), 0); break;
    case 3: cr_assert_eq(list_insert(t, l, r >> 8 & 15, make_pair(t, r)), 0); break;
    case 4:
    case 5:
        v = list_pop(t, l, r & 64 ? -1 : (int64_t)(r >> 8 & 7));
        if (v == UNDEF) error_clear(t);
        break;
    case 6:
        if (list_set(t, l, r >> 8 & 15, make_pair(t, r)) < 0) error_clear(t);
        break;
    case 7: list_reverse(t, l); break;
    case 8:
        if (list_sort(t, l, NONE, r & 256) < 0) error_clear(t); // others may change it meanwhile
        break;
    case 9: {
        Value copy = list_copy(t, l);
        for (int64_t i = 0; i < list_length(value_list(copy)); i++) check_pair(list_borrow(value_list(copy), i));
        if (list_length(value_list(copy)) > 300) list_clear(t, l);
        value_release(t, copy);
        break;
    }
    case 10: {
        Value items = list_snapshot(t, l);
        for (int64_t i = 0; i < value_tuple(items)->length; i++) check_pair(tuple_item(value_tuple(items), i));
        if (value_tuple(items)->length < 20) cr_assert_eq(list_extend(t, l, items), 0);
        value_release(t, items);
        break;
    }
    case 11: {
        Value slice = slice_new(t, value_int(r >> 8 & 7), value_int(r >> 12 & 31), r & 32 ? value_int(2) : NONE);
        cr_assert_eq(object_setitem(t, shared, slice, UNDEF), 0);
        value_release(t, slice);
        break;
    }
    case 12: {
        Value it = object_iter(t, shared), item;
        for (int i = 0; i < 500 && (item = object_next(t, it)) != UNDEF; i++) {
            check_pair(item);
            value_release(t, item);
        }
        value_release(t, it);
        break;
    }
    default:
        for (int i = 0; i < 20; i++) {
            Value item = list_get(t, l, i);
            if (item == UNDEF) break;
            check_pair(item);
            value_release(t, item);
        }
    }
    value_release(t, v);
}
Test(list, survives_a_storm, .init = start_runtime) {
    Value l = list_new(T, 0);
    cr_assert(storm(l, 20000, list_step));
    for (int64_t i = 0; i < list_length(value_list(l)); i++) check_pair(list_borrow(value_list(l), i));
    value_release(T, l);
}

// append and pop from the end are atomic: nothing is lost.
static void count_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    cr_assert_eq(list_append(t, value_list(shared), value_int(1)), 0);
    cr_assert_eq(list_append(t, value_list(shared), value_int(1)), 0);
    cr_assert_neq(list_pop(t, value_list(shared), -1), UNDEF);
}
Test(list, loses_no_append, .init = start_runtime) {
    Value l = list_new(T, 0);
    cr_assert(storm(l, 20000, count_step));
    cr_assert_eq(list_length(value_list(l)), 20000 * STORM_THREADS);
    value_release(T, l);
}

// A shared iterator gives each item once.
static _Atomic uint64_t given;
static void iterator_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    Value item = object_next(t, shared);
    if (item != UNDEF) atomic_add_relaxed_u64(&given, (uint64_t)value_get_int(item));
}
Test(list, a_shared_iterator_gives_each_item_once, .init = start_runtime) {
    Value l = list_of_ints(30000), it = object_iter(T, l);
    cr_assert(storm(it, 10000, iterator_step));
    cr_assert_eq(atomic_load_relaxed_u64(&given), 30000ull * 29999 / 2);
    Value range = range_new(T, value_int(0), value_int(30000), value_int(1)), range_it = object_iter(T, range);
    atomic_store_relaxed_u64(&given, 0);
    cr_assert(storm(range_it, 10000, iterator_step));
    cr_assert_eq(atomic_load_relaxed_u64(&given), 30000ull * 29999 / 2);
    value_release(T, l);
    value_release(T, it);
    value_release(T, range);
    value_release(T, range_it);
}
