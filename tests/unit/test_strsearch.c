#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/strsearch.h"

static Text bytes(const char *s) { return text_of(s, strlen(s), 1); }

Test(strsearch, finds_first_and_last) {
    cr_assert_eq(strsearch_find(bytes("abcabc"), bytes("bc")), 1u);
    cr_assert_eq(strsearch_rfind(bytes("abcabc"), bytes("bc")), 4u);
    cr_assert_eq(strsearch_find(bytes("abc"), bytes("")), 0u);
    cr_assert_eq(strsearch_rfind(bytes("abc"), bytes("")), 3u);
    cr_assert_eq(strsearch_find(bytes("abc"), bytes("abcd")), SEARCH_NONE);
    cr_assert_eq(strsearch_find(bytes("abc"), text_of(u"\x1234", 1, 2)), SEARCH_NONE);
    cr_assert_eq(strsearch_find(text_of(u"ab\x1234 ab", 6, 2), bytes("ab")), 0u);
    cr_assert_eq(strsearch_rfind(text_of(U"ab\x1f600 ab", 6, 4), bytes("ab")), 4u);
    cr_assert_eq(strsearch_rfind(text_of(U"ab\x1f600 ab", 6, 4), text_of(U"\x1f600 ", 2, 4)), 2u);
}

Test(strsearch, counts_without_overlap) {
    cr_assert_eq(strsearch_count(bytes("aaaa"), bytes("aa"), SIZE_MAX), 2u);
    cr_assert_eq(strsearch_count(bytes("aaaa"), bytes("a"), 3), 3u);
    cr_assert_eq(strsearch_count(bytes("abc"), bytes(""), SIZE_MAX), 4u);
}

// Against a plain search, over all short strings of two letters, in every pair of widths.
Test(strsearch, agrees_with_a_plain_search) {
    for (unsigned h = 0; h < 1u << 11; h++)
        for (unsigned m = 2; m <= 5; m++)
            for (unsigned v = 0; v < 1u << m; v++) {
                char hay[11], needle[5];
                for (int i = 0; i < 11; i++) hay[i] = "ab"[h >> i & 1];
                for (unsigned i = 0; i < m; i++) needle[i] = "ab"[v >> i & 1];
                size_t first = SEARCH_NONE, last = SEARCH_NONE;
                for (size_t i = 0; i + m <= 11; i++)
                    if (!memcmp(hay + i, needle, m)) {
                        last = i;
                        if (first == SEARCH_NONE) first = i;
                    }
                uint16_t hay2[11];
                uint32_t hay4[11];
                text_copy(hay2, 2, hay, 1, 11);
                text_copy(hay4, 4, hay, 1, 11);
                Text n = text_of(needle, m, 1), hays[] = {text_of(hay, 11, 1), text_of(hay2, 11, 2), text_of(hay4, 11, 4)};
                for (int w = 0; w < 3; w++) {
                    cr_assert_eq(strsearch_find(hays[w], n), first);
                    cr_assert_eq(strsearch_rfind(hays[w], n), last);
                }
            }
}

Test(strsearch, is_linear_on_repetitive_text, .timeout = 20) {
    enum { N = 400000, M = 100000 };
    uint16_t *hay = malloc(N * 2), *needle = malloc((M + 1) * 2);
    for (int i = 0; i < N; i++) hay[i] = 0x1234;
    for (int i = 0; i <= M; i++) needle[i] = 0x1234;
    needle[M / 2] = 0x1235;
    cr_assert_eq(strsearch_find(text_of(hay, N, 2), text_of(needle, M + 1, 2)), SEARCH_NONE);
    cr_assert_eq(strsearch_rfind(text_of(hay, N, 2), text_of(needle, M + 1, 2)), SEARCH_NONE);
    free(hay);
    free(needle);
}

Test(strsearch, compares_by_code_points) {
    cr_assert_lt(text_compare(bytes("abc"), bytes("abd")), 0);
    cr_assert_gt(text_compare(bytes("abc"), bytes("ab")), 0);
    cr_assert_lt(text_compare(text_of(u"\xffff", 1, 2), text_of(U"\x10000", 1, 4)), 0);
    cr_assert(text_equal(text_of(u"ab", 2, 2), bytes("ab")));
}
