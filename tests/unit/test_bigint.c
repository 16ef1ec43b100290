#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/bigint.h"
#include "runtime/support/gmp_memory.h"

typedef struct {
    uint64_t room[64];
    Big v;
} Number;

static Big parse(Number *n, const char *s) {
    BigText text;
    cr_assert(bigint_scan(s, strlen(s), 10, &text), "%s", s);
    cr_assert_leq(bigint_from_text_room(&text), 64u);
    cr_assert(bigint_from_text(n->room, &text, &n->v));
    return n->v;
}

static void is(Big a, const char *want) {
    char text[2000];
    cr_assert_lt(bigint_to_text_room(a, 10), sizeof text);
    text[bigint_to_text(a, 10, text)] = 0;
    cr_assert_str_eq(text, want);
}

#define A "-340282366920938463463374607431768211455"
#define B "18446744073709551616"

Test(bigint, adds_subtracts_multiplies) {
    Number a, b;
    uint64_t out[64];
    parse(&a, A), parse(&b, B);
    is(bigint_add(out, a.v, b.v), "-340282366920938463444927863358058659839");
    is(bigint_sub(out, a.v, b.v), "-340282366920938463481821351505477763071");
    is(bigint_sub(out, a.v, a.v), "0");
    is(bigint_mul(out, a.v, b.v), "-6277101735386680763835789423207666416083908700390324961280");
}

Test(bigint, divides_towards_minus_infinity) {
    static const char *const rows[][4] = {{"7", "2", "3", "1"}, {"-7", "2", "-4", "1"}, {"7", "-2", "-4", "-1"}, {"-7", "-2", "3", "-1"},
        {A, B, "-18446744073709551616", "1"}, {"-1", B, "-1", "18446744073709551615"}, {"0", B, "0", "0"}, {"-" B, B, "-1", "0"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Number a, b;
        uint64_t q_room[64], r_room[64];
        Big q, r;
        parse(&a, rows[i][0]), parse(&b, rows[i][1]);
        bigint_divmod(q_room, r_room, a.v, b.v, &q, &r);
        is(q, rows[i][2]);
        is(r, rows[i][3]);
    }
}

Test(bigint, bit_operations_are_two_s_complement) {
    Number a, b;
    uint64_t out[64];
    parse(&a, A), parse(&b, "-" B);
    is(bigint_and(out, a.v, b.v), "-340282366920938463463374607431768211456");
    is(bigint_or(out, a.v, b.v), "-18446744073709551615");
    is(bigint_xor(out, a.v, b.v), "340282366920938463444927863358058659841");
    is(bigint_rshift(out, a.v, 64), "-18446744073709551616");
    is(bigint_rshift(out, a.v, 1000), "-1");
    is(bigint_lshift(out, b.v, 3), "-147573952589676412928");
    cr_assert_eq(bigint_lshift_room(a.v, UINT64_MAX), SIZE_MAX);
}

Test(bigint, powers_and_roots) {
    Number a, b, c;
    uint64_t out[64];
    parse(&a, "-3"), parse(&b, "100"), parse(&c, "-1000000007");
    is(bigint_pow(out, a.v, 41), "-36472996377170786403");
    is(bigint_powmod(out, a.v, b.v, c.v), "-113958296");
    Big inverse;
    cr_assert(bigint_invert(out, a.v, c.v, &inverse));
    is(inverse, "-333333336");
    cr_assert_not(bigint_invert(out, b.v, bigint_of_i64(10, c.room), &inverse));
    parse(&a, "340282366920938463463374607431768211455");
    is(bigint_isqrt(out, a.v), "18446744073709551615");
    is(bigint_gcd(out, a.v, bigint_of_i64(-255, c.room)), "255");
    cr_assert_eq(bigint_pow_room(a.v, (uint64_t)1 << 62), SIZE_MAX);
}

Test(bigint, scans_what_int_accepts) {
    static const struct { const char *s; int base; bool good; } rows[] = {{" 1_0 ", 10, true}, {"0x_f", 16, true}, {"0xf", 0, true}, {"0b1", 16, true},
        {"0_0", 0, true}, {"010", 0, false}, {"_1", 10, false}, {"1_", 10, false}, {"1__0", 10, false}, {"", 10, false}, {"-", 10, false},
        {"- 1", 10, false}, {"0x", 0, false}, {"0x", 16, false}, {"z", 36, true}, {"8", 8, false}, {"+-1", 10, false}, {"1 2", 10, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BigText text;
        cr_assert_eq(bigint_scan(rows[i].s, strlen(rows[i].s), rows[i].base, &text), rows[i].good, "%s", rows[i].s);
    }
}

Test(bigint, goes_through_text_of_all_bases) {
    Number a;
    parse(&a, "-123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890");
    for (int base = 2; base <= 36; base++) {
        char text[600];
        cr_assert_lt(bigint_to_text_room(a.v, base), sizeof text);
        size_t n = bigint_to_text(a.v, base, text);
        BigText scanned;
        uint64_t out[64];
        Big back;
        cr_assert(bigint_scan(text, n, base, &scanned));
        cr_assert_leq(bigint_from_text_room(&scanned), 64u);
        cr_assert(bigint_from_text(out, &scanned, &back));
        cr_assert_eq(bigint_compare(back, a.v), 0);
    }
}

Test(bigint, goes_through_bytes) {
    uint8_t bytes[20];
    uint64_t out[8], limb;
    Big a = bigint_of_i64(-128, &limb);
    cr_assert(bigint_to_bytes(a, bytes, 1, true, true) && bytes[0] == 0x80);
    cr_assert_not(bigint_to_bytes(a, bytes, 1, true, false));
    a = bigint_of_i64(128, &limb);
    cr_assert_not(bigint_to_bytes(a, bytes, 1, true, true));
    cr_assert(bigint_to_bytes(a, bytes, 3, false, false) && bytes[2] == 0x80 && bytes[0] == 0);
    is(bigint_from_bytes(out, (const uint8_t *)"\xff\x00\x00\x00\x00\x00\x00\x00\x00", 9, false, true), "-18446744073709551616");
    is(bigint_from_bytes(out, bytes, 0, false, true), "0");
}

Test(bigint, doubles_round_half_even) {
    Number a;
    double x;
    cr_assert(bigint_to_double(parse(&a, "9007199254740993"), &x) && x == 9007199254740992.0);
    cr_assert(bigint_to_double(parse(&a, "9007199254740995"), &x) && x == 9007199254740996.0);
    cr_assert_eq(bigint_compare_double(parse(&a, "9007199254740993"), 9007199254740992.0), 1);
    cr_assert_eq(bigint_true_divide(parse(&a, "10"), bigint_of_i64(-4, &(uint64_t){0}), &x), BIGINT_OK);
    cr_assert_eq(x, -2.5);
    uint64_t out[64];
    is(bigint_from_double(out, -1e23), "-99999999999999991611392");
    is(bigint_from_double(out, 0.9), "0");
    Big huge = bigint_lshift(out, bigint_of_i64(1, &(uint64_t){0}), 1024);
    cr_assert_not(bigint_to_double(huge, &x));
    int64_t e;
    cr_assert_eq(bigint_frexp(huge, &e), 0.5);
    cr_assert_eq(e, 1025);
}

Test(bigint, hashes_modulo_the_prime) {
    Number a;
    cr_assert_eq(bigint_hash(parse(&a, "2305843009213693951")), 0);
    cr_assert_eq(bigint_hash(parse(&a, "-1")), -2);
    cr_assert_eq(bigint_hash(parse(&a, "-18446744073709551616")), -8);
}

// Every allocation of GMP's fails once: the operation says so and keeps nothing (LeakSanitizer looks). It works again after.
enum { LARGE = 6000 };
typedef struct Large { uint64_t a[LARGE], b[LARGE / 2], m[LARGE / 50 + 1], out[2 * LARGE + 8], out_2[LARGE + 8]; char text[LARGE * 21]; } Large;
static bool large_mul(Large *l) { return bigint_mul(l->out, (Big){l->a, LARGE, true}, (Big){l->b, LARGE / 2, false}).at; }
static bool large_square(Large *l) { return bigint_mul(l->out, (Big){l->a, LARGE, true}, (Big){l->a, LARGE, true}).at; }
static bool large_divmod(Large *l) {
    Big q, r;
    return bigint_divmod(l->out, l->out_2, (Big){l->a, LARGE, true}, (Big){l->b, LARGE / 2, false}, &q, &r);
}
static bool large_true_divide(Large *l) {
    double x;
    return bigint_true_divide((Big){l->a, LARGE, true}, (Big){l->a + 1, LARGE - 1, false}, &x) == BIGINT_OK;
}
static bool large_pow(Large *l) { return bigint_pow(l->out, (Big){l->b, LARGE / 10, true}, 7).at; }
static bool large_powmod(Large *l) { return bigint_powmod(l->out, (Big){l->a, LARGE / 20, true}, (Big){l->b, 2, false}, (Big){l->m, LARGE / 50, false}).at; }
static bool large_invert(Large *l) {
    Big result;
    l->m[0] |= 1;
    return bigint_invert(l->out, bigint_of_u64(2, l->out_2), (Big){l->m, LARGE / 50, false}, &result);
}
static bool large_gcd(Large *l) { return bigint_gcd(l->out, (Big){l->a, LARGE, false}, (Big){l->b, LARGE / 2, false}).at; }
static bool large_isqrt(Large *l) { return bigint_isqrt(l->out, (Big){l->a, LARGE, false}).at; }
static bool large_to_text(Large *l) { return bigint_to_text((Big){l->a, LARGE, false}, 10, l->text) != SIZE_MAX; }
static bool large_from_text(Large *l) {
    BigText text;
    Big result;
    memset(l->text, '7', 100000);
    return bigint_scan(l->text, 100000, 10, &text) && bigint_from_text(l->out, &text, &result);
}

Test(bigint, answers_where_gmp_gets_no_memory) {
    static bool (*const operations[])(Large *) = {large_mul, large_square, large_divmod, large_true_divide, large_pow, large_powmod, large_invert, large_gcd,
        large_isqrt, large_to_text, large_from_text};
    Large *l = malloc(sizeof *l);
    cr_assert(l);
    gmp_memory_init();
    uint64_t v = 88172645463325252ull;
    for (size_t i = 0; i < sizeof *l / sizeof v; i++) { // xorshift
        v ^= v << 13, v ^= v >> 7, v ^= v << 17;
        memcpy((char *)l + i * sizeof v, &v, sizeof v);
    }
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        size_t failed = 0;
        gmp_memory_fail_at(1);
        while (!operations[i](l)) gmp_memory_fail_at(++failed + 1);
        cr_assert_gt(failed, 0u, "operation %zu asked for nothing", i);
        gmp_memory_fail_at(0);
        cr_assert(operations[i](l));
    }
    free(l);
}
