// Finding strings in strings: linear in the worst case. The needle must be in its narrowest width (as a str is), the
// haystack may be wider than it needs (a slice).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "runtime/support/text.h"

#define SEARCH_NONE SIZE_MAX

size_t strsearch_char(Text hay, uint32_t c);   // the first index, or SEARCH_NONE
size_t strsearch_rchar(Text hay, uint32_t c);  // the last
// An empty needle is found at 0, or from the right at the end.
size_t strsearch_find(Text hay, Text needle);
size_t strsearch_rfind(Text hay, Text needle);
// Occurrences that do not overlap, at most `max`. An empty needle occurs length + 1 times.
size_t strsearch_count(Text hay, Text needle, size_t max);
bool strsearch_at(Text hay, size_t at, Text needle);  // needle stands at index `at`

static inline Text text_slice(Text t, size_t start, size_t end) {
    return text_of((const char *)t.data + start * t.width, end - start, t.width);
}
// By code points: negative, 0, positive.
int text_compare(Text a, Text b);
static inline bool text_equal(Text a, Text b) { return a.length == b.length && strsearch_at(a, 0, b); }
