#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/dtoa.h"

Test(dtoa, repr_is_the_shortest_that_reads_back) {
    static const struct { double x; const char *text; } rows[] = {
        {0.0, "0.0"}, {-0.0, "-0.0"}, {1, "1.0"}, {0.1, "0.1"}, {-2.5, "-2.5"}, {1e16, "1e+16"}, {1e15, "1000000000000000.0"},
        {9999999999999998, "9999999999999998.0"}, {1e22, "1e+22"}, {1e23, "1e+23"}, {0.0001, "0.0001"}, {0.00001, "1e-05"},
        {5e-324, "5e-324"}, {DBL_MIN, "2.2250738585072014e-308"}, {DBL_MAX, "1.7976931348623157e+308"}, {2.0 / 3, "0.6666666666666666"},
        {0x1p-44, "5.684341886080802e-14"}, {9007199254740993.0, "9007199254740992.0"}, {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[DTOA_REPR_MAX + 1];
        out[dtoa_repr(rows[i].x, out)] = 0;
        cr_assert_str_eq(out, rows[i].text);
        double back;
        cr_assert(dtoa_parse(out, strlen(out), &back));
        cr_assert(isnan(back) ? isnan(rows[i].x) : back == rows[i].x && signbit(back) == signbit(rows[i].x));
    }
}

Test(dtoa, formats_as_printf_and_rounds_half_even) {
    static const struct { double x; char code; int precision; unsigned flags; const char *text; } rows[] = {
        {2.675, 'f', 2, 0, "2.67"}, {0.125, 'f', 2, 0, "0.12"}, {0.375, 'f', 2, 0, "0.38"}, {2.5, 'f', 0, 0, "2"}, {2.5, 'f', 0, DTOA_ALT, "2."},
        {1e22, 'f', 1, 0, "10000000000000000000000.0"}, {0.1, 'f', 30, 0, "0.100000000000000005551115123126"}, {1234.5, 'e', 2, 0, "1.23e+03"},
        {0, 'e', 3, 0, "0.000e+00"}, {9.9999, 'E', 2, 0, "1.00E+01"}, {1e-5, 'g', 6, 0, "1e-05"}, {123456, 'g', 6, 0, "123456"},
        {1234567, 'g', 6, 0, "1.23457e+06"}, {1, 'g', 6, DTOA_ALT, "1.00000"}, {-0.001, 'f', 2, 0, "-0.00"}, {-0.001, 'f', 2, DTOA_NO_NEG_0, "0.00"},
        {3, 'f', 1, DTOA_SIGN, "+3.0"}, {NAN, 'f', 2, DTOA_SIGN, "+nan"}, {-INFINITY, 'G', 2, 0, "-INF"}, {12, 'r', 0, DTOA_ADD_DOT_0, "12.0"},
        {5e-324, 'e', 5, 0, "4.94066e-324"}, {100, 'g', 2, DTOA_ADD_DOT_0, "1e+02"}, {0.5, 'f', 0, 0, "0"}, {1.5, 'f', 0, 0, "2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n;
        char *text = dtoa_format(rows[i].x, rows[i].code, rows[i].precision, rows[i].flags, &n);
        cr_assert_str_eq(text, rows[i].text);
        cr_assert_eq(n, strlen(text));
        free(text);
    }
    size_t n;
    char *text = dtoa_format(1, 'f', 100000, 0, &n);
    cr_assert_eq(n, 100002u);
    free(text);
}

static double parse(const char *s) {
    double x = -12345;
    return dtoa_parse(s, strlen(s), &x) ? x : -12345;
}

Test(dtoa, parses_correctly_rounded) {
    cr_assert_eq(parse("9007199254740993"), 9007199254740992.0);
    cr_assert_eq(parse("9007199254740993.0000000000000000000000000000000000000000000001"), 9007199254740994.0);
    cr_assert_eq(parse("2.4703282292062327208e-324"), 0.0);
    cr_assert_eq(parse("2.4703282292062328e-324"), 5e-324);
    cr_assert_eq(parse("2.2250738585072011e-308"), 0x0.fffffffffffffp-1022);
    cr_assert_eq(parse("1.7976931348623159e308"), INFINITY);
    cr_assert_eq(parse("1e400"), INFINITY);
    cr_assert_eq(parse("1e-99999999999999999999"), 0.0);
    cr_assert_eq(parse("0e99999999999999999999"), 0.0);
    cr_assert_eq(parse(".5"), 0.5);
    cr_assert_eq(parse("5."), 5.0);
    cr_assert_eq(parse("-InFiNiTy"), -INFINITY);
    static const char *const wrong[] = {"", ".", "e5", "1e", "1e+", "+-1", "1 ", " 1", "1_0", "0x1", "infin", "nanx", "1..2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) cr_assert_eq(parse(wrong[i]), -12345, "%s", wrong[i]);
    double x;
    cr_assert_eq(dtoa_parse_prefix("1e+x", 4, &x), 1u);
    char many[5000];
    memset(many, '3', sizeof many);
    many[1] = '.';
    cr_assert(dtoa_parse(many, sizeof many, &x) && x == 10.0 / 3);
}

Test(dtoa, rounds_to_digits) {
    cr_assert_eq(dtoa_round(2.675, 2), 2.67);
    cr_assert_eq(dtoa_round(1250, -2), 1200);
    cr_assert_eq(dtoa_round(-1e300, -301), -0.0);
    cr_assert_eq(dtoa_round(1.7976931348623157e308, -308), INFINITY);
}

Test(dtoa, hexadecimal_goes_both_ways) {
    static const struct { double x; const char *text; } rows[] = {{1, "0x1.0000000000000p+0"}, {-0.1, "-0x1.999999999999ap-4"},
        {5e-324, "0x0.0000000000001p-1022"}, {0, "0x0.0p+0"}, {INFINITY, "inf"}, {DBL_MAX, "0x1.fffffffffffffp+1023"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[DTOA_HEX_MAX + 1];
        out[dtoa_hex(rows[i].x, out)] = 0;
        cr_assert_str_eq(out, rows[i].text);
        double back;
        bool overflow;
        cr_assert_null(dtoa_from_hex(out, strlen(out), &back, &overflow));
        cr_assert_eq(back, rows[i].x);
    }
    double x;
    bool overflow;
    cr_assert_not_null(dtoa_from_hex("0x1p1024", 8, &x, &overflow));
    cr_assert(overflow);
    cr_assert_not_null(dtoa_from_hex("0x", 2, &x, &overflow));
    cr_assert(!overflow);
    cr_assert_null(dtoa_from_hex("1.00000000000008000000000000000001", 34, &x, &overflow));
    cr_assert_eq(x, 1 + DBL_EPSILON);
}
