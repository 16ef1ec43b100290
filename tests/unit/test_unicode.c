#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/unicode.h"

static Text wide(const uint32_t *s, size_t n) { return text_of(s, n, 4); }

Test(unicode, knows_identifier_characters) {
    cr_assert(uni_is_xid_start('a') && uni_is_xid_start(0x3b1) && !uni_is_xid_start('1') && !uni_is_xid_start('_'));
    cr_assert(uni_is_xid_continue('_') && uni_is_xid_continue('9') && uni_is_xid_continue(0xb7) && !uni_is_xid_continue('-'));
    cr_assert(!uni_is_xid_start(0x10ffff) && !uni_is_xid_start(0xffffffff));
    cr_assert(uni_is_identifier(text_of("_a1", 3, 1)) && !uni_is_identifier(text_of("1a", 2, 1)) && !uni_is_identifier(text_of("", 0, 1)));
}

Test(unicode, knows_numbers) {
    double v;
    cr_assert_eq(uni_decimal(0x664), 4);
    cr_assert_eq(uni_digit(0xb2), 2);
    cr_assert_eq(uni_decimal(0xb2), -1);
    cr_assert(uni_numeric(0xbd, &v) && v == 0.5);
    cr_assert(uni_numeric(0x5146, &v) && v == 1e6);
    cr_assert(uni_numeric(0xf33, &v) && v == -0.5);
    cr_assert(!uni_numeric('a', &v));
}

Test(unicode, names_classes) {
    cr_assert_str_eq(uni_category(0x378), "Cn");
    cr_assert_str_eq(uni_category('A'), "Lu");
    cr_assert_str_eq(uni_bidirectional(0x5d0), "R");
    cr_assert_str_eq(uni_east_asian_width(0x4e00), "W");
    cr_assert_eq(uni_combining(0x301), 230);
    cr_assert(uni_is_space(0x3000) && uni_is_space(0x1c) && !uni_is_space(0x200b));
    cr_assert(uni_is_linebreak(0x2028) && !uni_is_linebreak(0x20));
    cr_assert(uni_is_printable(' ') && !uni_is_printable(0xa0) && !uni_is_printable(0xd800));
}

static void check_case(UniCase form, const uint32_t *in, size_t n, const uint32_t *want, size_t m) {
    uint32_t out[64];
    cr_assert_eq(uni_convert_case(form, wide(in, n), out), m);
    for (size_t i = 0; i < m; i++) cr_assert_eq(out[i], want[i], "at %zu: %x, not %x", i, out[i], want[i]);
}
#define CASE(form, in, want) check_case(form, in, sizeof in / 4 - 1, want, sizeof want / 4 - 1)

Test(unicode, converts_case_of_whole_strings) {
    CASE(UNI_UPPERCASE, U"straße ﬁ", U"STRASSE FI");
    CASE(UNI_CASEFOLD, U"Straße", U"strasse");
    CASE(UNI_LOWERCASE, U"ΟΔΟΣ ΟΣΑ Σ", U"οδος οσα σ");
    CASE(UNI_TITLE_WORDS, U"they're ǆ", U"They'Re ǅ");
    CASE(UNI_CAPITALIZE, U"ǆABC", U"ǅabc");
    CASE(UNI_SWAPCASE, U"aBß", U"AbSS");
    CASE(UNI_LOWERCASE, U"İ", U"i\x307");
}

static void check_form(UniForm form, const uint32_t *in, size_t n, const uint32_t *want, size_t m) {
    uint32_t *out;
    cr_assert_eq(uni_normalize(form, in, n, &out), m);
    for (size_t i = 0; i < m; i++) cr_assert_eq(out[i], want[i], "at %zu: %x, not %x", i, out[i], want[i]);
    free(out);
}
#define FORM(form, in, want) check_form(form, in, sizeof in / 4 - 1, want, sizeof want / 4 - 1)

Test(unicode, normalizes) {
    FORM(UNI_NFC, U"e\x301", U"\xe9");
    FORM(UNI_NFD, U"\x1e69", U"s\x323\x307");
    FORM(UNI_NFC, U"s\x307\x323", U"\x1e69");
    FORM(UNI_NFKC, U"ﬁ\xb2", U"fi2");
    FORM(UNI_NFD, U"\xac01", U"\x1100\x1161\x11a8");
    FORM(UNI_NFC, U"\x1100\x1161\x11a8", U"\xac01");
    FORM(UNI_NFC, U"\x958", U"\x915\x93c");
    FORM(UNI_NFC, U"", U"");
    cr_assert(uni_quick_check(UNI_NFC, text_of("plain", 5, 1)));
    cr_assert(!uni_quick_check(UNI_NFD, wide(U"\xe9", 1)));
}

Test(unicode, orders_long_runs_of_marks) {
    uint32_t in[401], want[401], *out;
    in[0] = want[0] = 'q';
    for (int i = 0; i < 400; i++) in[1 + i] = i % 2 ? 0x323 : 0x307;
    for (int i = 0; i < 400; i++) want[1 + i] = i < 200 ? 0x323 : 0x307;
    cr_assert_eq(uni_normalize(UNI_NFD, in, 401, &out), 401u);
    for (int i = 0; i < 401; i++) cr_assert_eq(out[i], want[i]);
    free(out);
}

Test(unicode, names_lead_both_ways) {
    static const struct { uint32_t c; const char *name; } rows[] = {{'a', "LATIN SMALL LETTER A"}, {0x4e00, "CJK UNIFIED IDEOGRAPH-4E00"},
        {0xac01, "HANGUL SYLLABLE GAG"}, {0xf900, "CJK COMPATIBILITY IDEOGRAPH-F900"}, {0x1f600, "GRINNING FACE"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[UNI_NAME_MAX + 1];
        name[uni_name(rows[i].c, name)] = 0;
        cr_assert_str_eq(name, rows[i].name);
        cr_assert_eq(uni_lookup_name(name, strlen(name)), rows[i].c);
    }
    char name[UNI_NAME_MAX];
    cr_assert_eq(uni_name(7, name), 0u);
    cr_assert_eq(uni_lookup_name("line feed", 9), 10u);
    cr_assert_eq(uni_lookup_name("nothing of the kind", 19), UINT32_MAX);
    cr_assert_eq(uni_lookup_name("KEYCAP DIGIT ONE", 16), UINT32_MAX);
    const uint32_t *out;
    uint32_t room;
    cr_assert_eq(uni_lookup_sequence("KEYCAP DIGIT ONE", 16, &out, &room), 3u);
    cr_assert_eq(out[1], 0xfe0fu);
}
