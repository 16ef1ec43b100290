#include <stdio.h>
#include "tests/unit/runtime_fixture.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"

Test(dict, keeps_order_through_growth_and_deletion, .init = start_runtime) {
    Value d = dict_new(T), key, value;
    for (int64_t i = 0; i < 5000; i++) cr_assert_eq(dict_set(T, value_dict(d), value_int(i * 7), value_int(i)), 0);
    for (int64_t i = 0; i < 5000; i += 3) cr_assert_eq(dict_delete(T, value_dict(d), value_int(i * 7)), 0);
    for (int64_t i = 0; i < 5000; i += 3) cr_assert_eq(dict_set(T, value_dict(d), value_int(i * 7), value_int(-i)), 0);
    cr_assert_eq(dict_length(value_dict(d)), 5000);
    int64_t position = 0, n = 0, last = -1;
    while (dict_next(T, value_dict(d), &position, &key, &value)) {
        int64_t i = value_get_int(key) / 7;
        if (n < 3333) cr_assert(i % 3 && i > last && value_get_int(value) == i);
        else cr_assert(i % 3 == 0 && value_get_int(value) == -i);
        last = i;
        n++;
    }
    cr_assert_eq(n, 5000);
    position = INT64_MAX;
    cr_assert(dict_previous(T, value_dict(d), &position, &key, NULL));
    cr_assert_eq(value_get_int(key), 4998 * 7);
    Value copy = dict_copy(T, value_dict(d));
    cr_assert_eq(object_equal(T, d, copy), 1);
    dict_clear(T, value_dict(d));
    cr_assert_eq(dict_length(value_dict(d)), 0);
    cr_assert_eq(dict_get(T, value_dict(d), value_int(7)), UNDEF);
    cr_assert_eq(dict_length(value_dict(copy)), 5000);
    value_release(T, d);
    value_release(T, copy);
}

Test(dict, finds_equal_numbers_and_strings, .init = start_runtime) {
    Value d = dict_new(T);
    for (int i = 0; i < 300; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "name%d", i);
        Value s = str_from_ascii(T, text, (size_t)n);
        cr_assert_eq(dict_set(T, value_dict(d), s, value_int(i)), 0);
        value_release(T, s);
    }
    for (int i = 0; i < 300; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "name%d", i);
        Value s = str_from_ascii(T, text, (size_t)n);
        cr_assert_eq(value_get_int(dict_get_str_borrow(value_dict(d), value_str(s))), i);
        cr_assert_eq(value_get_int(dict_get(T, value_dict(d), s)), i);
        value_release(T, s);
    }
    cr_assert_eq(dict_set(T, value_dict(d), value_int(1), value_int(1)), 0);
    cr_assert_eq(value_get_int(dict_get(T, value_dict(d), TRUE_VALUE)), 1);
    cr_assert_eq(value_get_int(dict_get(T, value_dict(d), value_try_float(1.0))), 1);
    Value s = str_from_text(T, "name7");
    cr_assert_eq(value_get_int(dict_get(T, value_dict(d), s)), 7);
    cr_assert_eq(dict_get_str_borrow(value_dict(d), core_names[N_items]), UNDEF);
    value_release(T, s);
    value_release(T, d);
}

Test(dict, a_stack_and_a_queue_stay_small, .init = start_runtime) {
    Value d = dict_new(T), key;
    for (int64_t i = 0; i < 10; i++) cr_assert_eq(dict_set(T, value_dict(d), value_int(i), NONE), 0);
    for (int64_t i = 10; i < 100000; i++) {
        int64_t position = 0;
        cr_assert(dict_next(T, value_dict(d), &position, &key, NULL));
        cr_assert_eq(dict_delete(T, value_dict(d), key), 0);
        cr_assert_eq(dict_set(T, value_dict(d), value_int(i), NONE), 0);
    }
    cr_assert_leq(value_dict(d)->table->capacity, 42);
    value_release(T, d);
}

// Keys 0..63, values (n, n) with n % 64 == key.
static void dict_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    Dict *d = value_dict(shared);
    uint32_t r = random_step(random), n = r & 63;
    Value key = r & 1 ? value_int(n) : make_pair(t, n), v = UNDEF; // ints, and tuples that only object_equal can compare
    switch (r >> 8 & 15) {
    case 0:
    case 1:
    case 2:
    case 3:
        v = make_pair(t, n);
        cr_assert_eq(dict_set(t, d, key, v), 0);
        break;
    case 4:
    case 5: v = dict_pop(t, d, key); break;
    case 6: {
        Value fresh = make_pair(t, n);
        v = dict_setdefault(t, d, key, fresh);
        cr_assert_neq(v, UNDEF);
        value_release(t, fresh);
        break;
    }
    case 7: {
        Value copy = dict_copy(t, d), k, x;
        for (int64_t position = 0; dict_next(t, value_dict(copy), &position, &k, &x);) {
            check_pair(x);
            value_release(t, k);
            value_release(t, x);
        }
        if (r & 0x10000) dict_clear(t, d);
        else if (r & 0x20000) cr_assert_eq(dict_update(t, d, copy), 0);
        value_release(t, copy);
        break;
    }
    case 8: {
        Value k, x;
        for (int64_t position = 0; dict_next(t, d, &position, &k, &x);) {
            check_pair(x);
            value_release(t, k);
            value_release(t, x);
        }
        break;
    }
    case 9: {
        Value it = object_iter(t, shared), k;
        while ((k = object_next(t, it)) != UNDEF) value_release(t, k);
        error_clear(t); // it may have changed size
        value_release(t, it);
        break;
    }
    default:
        v = dict_get(t, d, key);
    }
    if (v != UNDEF) {
        check_pair(v);
        cr_assert_eq((uint32_t)value_get_int(tuple_item(value_tuple(v), 0)), n);
    }
    value_release(t, v);
    value_release(t, key);
}
Test(dict, survives_a_storm, .init = start_runtime) {
    Value d = dict_new(T), key, value;
    cr_assert(storm(d, 20000, dict_step));
    int64_t n = 0;
    for (int64_t position = 0; dict_next(T, value_dict(d), &position, &key, &value); n++) {
        check_pair(value);
        cr_assert_eq(dict_contains(T, value_dict(d), key), 1);
        value_release(T, key);
        value_release(T, value);
    }
    cr_assert_eq(n, dict_length(value_dict(d)));
    cr_assert_leq(n, 128);
    value_release(T, d);
}

// setdefault is atomic: all threads get one and the same object for a key.
static void setdefault_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    static _Atomic uint64_t winner[4096];
    uint32_t n = random_step(random) % 4096;
    Value mine = make_pair(t, n), got = dict_setdefault(t, value_dict(shared), value_int(n), mine);
    uint64_t seen = 0;
    if (!atomic_cas_acq_rel_u64(&winner[n], &seen, value_bits(got))) cr_assert_eq(seen, value_bits(got));
    value_release(t, mine);
    value_release(t, got);
}
Test(dict, setdefault_is_atomic, .init = start_runtime) {
    Value d = dict_new(T);
    cr_assert(storm(d, 20000, setdefault_step));
    value_release(T, d);
}

// ---- sets
static void set_step(Thread *t, ValueRef shared, uint64_t *random, int thread) {
    Set *s = value_set(shared);
    uint32_t r = random_step(random), n = r & 127;
    Value key = r & 1 ? value_int(n) : make_pair(t, n), v = UNDEF;
    switch (r >> 8 & 15) {
    case 0:
    case 1:
    case 2:
    case 3: cr_assert_eq(set_add(t, s, key), 0); break;
    case 4:
    case 5: cr_assert_geq(set_discard(t, s, key), 0); break;
    case 6: v = set_pop(t, s); break;
    case 7: {
        Value copy = set_copy(t, s), x;
        for (int64_t position = 0; set_next(t, value_set(copy), &position, &x);) {
            cr_assert(value_is_int(x) || value_is(x, TUPLE));
            value_release(t, x);
        }
        if (r & 0x10000) set_clear(t, s);
        else if (r & 0x20000) cr_assert_eq(set_symmetric_difference_update(t, s, copy), 0);
        else if (r & 0x40000) cr_assert_eq(set_update(t, s, copy), 0);
        else cr_assert_eq(set_difference_update(t, s, copy), 0);
        value_release(t, copy);
        break;
    }
    case 8: {
        Value other = set_new(t), both;
        for (uint32_t i = 0; i < 20; i++) cr_assert_eq(set_add(t, value_set(other), value_int(i)), 0);
        both = object_binary(t, r & 0x10000 ? BIN_AND : BIN_OR, shared, other);
        cr_assert_neq(both, UNDEF);
        cr_assert_geq(object_compare_bool(t, both, shared, CMP_LE), 0);
        value_release(t, both);
        value_release(t, other);
        break;
    }
    default: cr_assert_geq(set_contains(t, s, key), 0);
    }
    value_release(t, v);
    value_release(t, key);
}
Test(set, survives_a_storm, .init = start_runtime) {
    Value s = set_new(T), key;
    cr_assert(storm(s, 20000, set_step));
    int64_t n = 0;
    for (int64_t position = 0; set_next(T, value_set(s), &position, &key); n++) {
        cr_assert_eq(set_contains(T, value_set(s), key), 1);
        value_release(T, key);
    }
    cr_assert_eq(n, set_length(value_set(s)));
    value_release(T, s);
}
