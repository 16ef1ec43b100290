#include <stdlib.h>
#include "tests/unit/runtime_fixture.h"
#include "runtime/objects/float.h"
#include "runtime/objects/list.h"

// The i-th of n keys in one of several arrangements.
static int64_t key_of(int arrangement, int64_t i, int64_t n, uint64_t *random) {
    switch (arrangement) {
    case 0: return random_step(random) % (uint32_t)(n + 1);
    case 1: return random_step(random) % 4;
    case 2: return i;
    case 3: return n - i;
    case 4: return i % 17;
    case 5: return i < n / 2 ? i : i - n / 2;
    case 6: return 5;
    case 7: return random_step(random) % 50 ? i : random_step(random) % (uint32_t)(n + 1);
    case 8: return i < n / 2 ? i : n - i;
    default: return i / 10 * 10 - i % 10;
    }
}
enum { ARRANGEMENTS = 10 };
static const int64_t sizes[] = {0, 1, 2, 3, 31, 63, 64, 65, 127, 500, 1000, 4099};

// Items (key, position): sorted by the key alone through tuples' order they must come in order of position too.
static void check_sorted(ValueRef list, int64_t n, bool reverse) {
    List *l = value_list(list);
    cr_assert_eq(list_length(l), n);
    for (int64_t i = 1; i < n; i++) {
        Tuple *p = value_tuple(list_borrow(l, i - 1)), *q = value_tuple(list_borrow(l, i));
        int64_t pk = value_get_int(p->items[0]), qk = value_get_int(q->items[0]);
        cr_assert(reverse ? pk >= qk : pk <= qk, "place %lld of %lld", (long long)i, (long long)n);
        if (!reverse && pk == qk) cr_assert_lt(value_get_int(p->items[1]), value_get_int(q->items[1]));
    }
}
Test(list_sort, sorts_every_arrangement_of_tuples, .init = start_runtime) {
    uint64_t random = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int a = 0; a < ARRANGEMENTS; a++)
            for (int reverse = 0; reverse < 2; reverse++) {
                int64_t n = sizes[s];
                Value l = list_new(T, n);
                for (int64_t i = 0; i < n; i++)
                    cr_assert_eq(list_append(T, value_list(l), tuple_pair(T, value_int(key_of(a, i, n, &random)), value_int(i))), 0);
                cr_assert_eq(list_sort(T, value_list(l), NONE, reverse), 0);
                check_sorted(l, n, reverse);
                value_release(T, l);
            }
}

static void check_plain(bool floats) {
    uint64_t random = 2;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int a = 0; a < ARRANGEMENTS; a++)
            for (int reverse = 0; reverse < 2; reverse++) {
                int64_t n = sizes[s], total = 0, after = 0;
                Value l = list_new(T, n);
                for (int64_t i = 0; i < n; i++) {
                    int64_t k = key_of(a, i, n, &random) - n / 3;
                    total += k;
                    cr_assert_eq(list_append(T, value_list(l), floats ? float_new(T, (double)k) : value_int(k)), 0);
                }
                cr_assert_eq(list_sort(T, value_list(l), NONE, reverse), 0);
                double last = reverse ? 1e300 : -1e300;
                for (int64_t i = 0; i < n; i++) {
                    ValueRef v = list_borrow(value_list(l), i);
                    double x = floats ? value_get_float(v) : (double)value_get_int(v);
                    cr_assert(reverse ? x <= last : x >= last);
                    last = x;
                    after += (int64_t)x;
                }
                cr_assert_eq(total, after);
                value_release(T, l);
            }
}
Test(list_sort, sorts_ints, .init = start_runtime) { check_plain(false); }
Test(list_sort, sorts_floats, .init = start_runtime) { check_plain(true); }
