#include <criterion/criterion.h>
#include <math.h>
#include "runtime/support/hash.h"

Test(hash, strings_hash_as_with_the_same_seed_elsewhere) {
    cr_assert_eq(hash_bytes(hash_key_of_seed(0), "abc", 3), -4594863902769663758);
    cr_assert_eq(hash_bytes(hash_key_of_seed(12345), "abc", 3), 2962436275791859092);
    cr_assert_eq(hash_bytes(hash_key_of_seed(12345), "\xac\x20", 2), -458755641747810198);
    cr_assert_eq(hash_bytes(hash_key_of_seed(1), "", 0), 0);
}

Test(hash, numbers_hash_to_their_value) {
    cr_assert_eq(hash_double(-1), -2);
    cr_assert_eq(hash_double(0x1p61), 1);
    cr_assert_eq(hash_double(0x1p61 - 0x1p8), 0x1fffffffffffff00);
    cr_assert_eq(hash_double(0.5), 0x1000000000000000);
    cr_assert_eq(hash_double(-0.0), 0);
    cr_assert_eq(hash_double(INFINITY), 314159);
    cr_assert_eq(hash_complex(1, 2), 2000007);
}

Test(hash, tuples_and_sets) {
    HashTuple t = hash_tuple_begin();
    cr_assert_eq(hash_tuple_end(t, 0), 5740354900026072187);
    uint64_t set = 0;
    for (int i = 1; i <= 3; i++) {
        hash_tuple_add(&t, i);
        set ^= hash_set_mix(i);
    }
    cr_assert_eq(hash_tuple_end(t, 3), 529344067295497451);
    cr_assert_eq(hash_set_end(set, 3), -272375401224217160);
    cr_assert_eq(hash_set_end(0, 0), 133146708735736);
}
