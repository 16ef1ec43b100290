#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "runtime/support/fmtspec.h"

static char shown[256];

static const char *show(FmtStatus status, TextBuffer *out, const char *error) {
    if (status == FMTSPEC_OK) {
        Text t = textbuffer_text(out);
        for (size_t i = 0; i < t.length; i++) shown[i] = (char)text_at(t, i);
        shown[t.length] = 0;
    } else {
        strcpy(shown, status == FMTSPEC_INVALID ? "invalid" : status == FMTSPEC_UNKNOWN ? "unknown" : error);
    }
    textbuffer_free(out);
    return shown;
}

static const char *format_double(const char *text, double x) {
    FormatSpec spec;
    char error[FMTSPEC_ERROR_MAX];
    TextBuffer out = {0};
    FmtStatus status = fmtspec_parse(text_of(text, strlen(text), 1), 0, '>', &spec, error);
    if (status == FMTSPEC_OK) status = fmtspec_double(&out, &spec, NULL, x, error);
    return show(status, &out, error);
}

static const char *format_integer(const char *text, bool negative, const char *digits) {
    FormatSpec spec;
    char error[FMTSPEC_ERROR_MAX];
    TextBuffer out = {0};
    FmtStatus status = fmtspec_parse(text_of(text, strlen(text), 1), 'd', '>', &spec, error);
    if (status == FMTSPEC_OK) status = fmtspec_check_integer(&spec, error);
    if (status == FMTSPEC_OK) status = fmtspec_integer(&out, &spec, NULL, negative, digits, strlen(digits));
    return show(status, &out, error);
}

static const char *format_string(const char *text, const char *s) {
    FormatSpec spec;
    char error[FMTSPEC_ERROR_MAX];
    TextBuffer out = {0};
    FmtStatus status = fmtspec_parse(text_of(text, strlen(text), 1), 's', '<', &spec, error);
    if (status == FMTSPEC_OK) status = fmtspec_string(&out, &spec, text_of(s, strlen(s), 1), error);
    return show(status, &out, error);
}

Test(fmtspec, floats) {
    cr_assert_str_eq(format_double("", -1234567.1234567), "-1234567.1234567");
    cr_assert_str_eq(format_double(",.2f", -1234567.1234567), "-1,234,567.12");
    cr_assert_str_eq(format_double("015,.3f", -1234567.1234567), "-01,234,567.123");
    cr_assert_str_eq(format_double("020,.6_f", -1234567.1234567), "-001,234,567.123_457");
    cr_assert_str_eq(format_double("=+20,.2f", 1234.5), "+           1,234.50");
    cr_assert_str_eq(format_double("^11.1%", .5), "   50.0%   ");
    cr_assert_str_eq(format_double("z.1f", -.01), "0.0");
    cr_assert_str_eq(format_double("010,", INFINITY), "0000000inf");
    cr_assert_str_eq(format_double(".3", 1234.5), "1.23e+03");
    cr_assert_str_eq(format_double("d", 1), "unknown");
    cr_assert_str_eq(format_double(",_", 1), "Cannot specify both ',' and '_'.");
    cr_assert_str_eq(format_double(",,", 1), "Cannot specify ',' with ','.");
    cr_assert_str_eq(format_double(",n", 1), "Cannot specify ',' with 'n'.");
    cr_assert_str_eq(format_double("5.", 1), "Format specifier missing precision");
    cr_assert_str_eq(format_double("99999999999999999999", 1), "Too many decimal digits in format string");
    cr_assert_str_eq(format_double("f5", 1), "invalid");
    cr_assert_str_eq(format_double(".9999999999f", 1), "precision too big");
}

Test(fmtspec, integers) {
    cr_assert_str_eq(format_integer("010_x", false, "bc614e"), "0_00bc_614e");
    cr_assert_str_eq(format_integer("#X", true, "ff"), "-0XFF");
    cr_assert_str_eq(format_integer("+,", false, "12345678"), "+12,345,678");
    cr_assert_str_eq(format_integer("*^9", false, "123"), "***123***");
    cr_assert_str_eq(format_integer("08", true, "123"), "-0000123");
    cr_assert_str_eq(format_integer(".3", false, "1"), "Precision not allowed in integer format specifier");
    cr_assert_str_eq(format_integer(",x", false, "1"), "Cannot specify ',' with 'x'.");
}

Test(fmtspec, strings) {
    cr_assert_str_eq(format_string("05", "abc"), "abc00");
    cr_assert_str_eq(format_string(">5.2", "abc"), "   ab");
    cr_assert_str_eq(format_string("+", "abc"), "Sign not allowed in string format specifier");
    cr_assert_str_eq(format_string("=5", "abc"), "'=' alignment not allowed in string format specifier");
}

Test(fmtspec, complex_numbers) {
    static const struct { const char *spec; double real, imag; const char *want; } rows[] = {{"", 0, 3, "3j"}, {"", -0.0, 3, "(-0+3j)"},
        {".1f", 1.25, -2, "1.2-2.0j"}, {"^+20.2f", 1, 2, "    +1.00+2.00j     "}, {",", 1234.5, 0, "(1,234.5+0j)"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FormatSpec spec;
        char error[FMTSPEC_ERROR_MAX];
        TextBuffer out = {0};
        cr_assert_eq(fmtspec_parse(text_of(rows[i].spec, strlen(rows[i].spec), 1), 0, '>', &spec, error), FMTSPEC_OK);
        cr_assert_str_eq(show(fmtspec_complex(&out, &spec, NULL, rows[i].real, rows[i].imag, error), &out, error), rows[i].want);
    }
}

Test(fmtspec, percent_specifications) {
    PercentSpec p;
    const char *s = "%(a(b))-+5.*ld!";
    cr_assert_null(fmtspec_percent(text_of(s, strlen(s), 1), 0, &p));
    cr_assert(p.key == 2 && p.key_end == 6 && p.left && p.plus && p.width == 5 && p.precision_star && p.type == 'd' && p.next == 14);
    cr_assert_str_eq(fmtspec_percent(text_of("%(a", 3, 1), 0, &p), "incomplete format key");
    cr_assert_str_eq(fmtspec_percent(text_of("%5", 2, 1), 0, &p), "incomplete format");
}
