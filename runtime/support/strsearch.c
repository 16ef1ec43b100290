#include "runtime/support/strsearch.h"
#include <string.h>

#define HAY uint8_t
#define NEEDLE uint8_t
#define NAME(x) x##_8_8_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"
#define HAY uint16_t
#define NEEDLE uint8_t
#define NAME(x) x##_16_8
#define REVERSED 0
#include "runtime/support/strsearch_kernel.h"
#define HAY uint16_t
#define NEEDLE uint8_t
#define NAME(x) x##_16_8_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"
#define HAY uint16_t
#define NEEDLE uint16_t
#define NAME(x) x##_16_16
#define REVERSED 0
#include "runtime/support/strsearch_kernel.h"
#define HAY uint16_t
#define NEEDLE uint16_t
#define NAME(x) x##_16_16_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint8_t
#define NAME(x) x##_32_8
#define REVERSED 0
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint8_t
#define NAME(x) x##_32_8_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint16_t
#define NAME(x) x##_32_16
#define REVERSED 0
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint16_t
#define NAME(x) x##_32_16_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint32_t
#define NAME(x) x##_32_32
#define REVERSED 0
#include "runtime/support/strsearch_kernel.h"
#define HAY uint32_t
#define NEEDLE uint32_t
#define NAME(x) x##_32_32_reversed
#define REVERSED 1
#include "runtime/support/strsearch_kernel.h"

size_t strsearch_char(Text hay, uint32_t c) {
    if (hay.width == 1) {
        const char *found = c < 0x100 && hay.length ? memchr(hay.data, (int)c, hay.length) : NULL;
        return found ? (size_t)(found - (const char *)hay.data) : SEARCH_NONE;
    }
    for (size_t i = 0; i < hay.length; i++)
        if (text_at(hay, i) == c) return i;
    return SEARCH_NONE;
}

size_t strsearch_rchar(Text hay, uint32_t c) {
    if (hay.width == 1) {
        const char *found = c < 0x100 && hay.length ? memrchr(hay.data, (int)c, hay.length) : NULL;
        return found ? (size_t)(found - (const char *)hay.data) : SEARCH_NONE;
    }
    for (size_t i = hay.length; i-- > 0;)
        if (text_at(hay, i) == c) return i;
    return SEARCH_NONE;
}

size_t strsearch_find(Text hay, Text needle) {
    if (needle.length == 0) return 0;
    if (needle.length > hay.length || needle.width > hay.width) return SEARCH_NONE;
    if (needle.length == 1) return strsearch_char(hay, text_at(needle, 0));
    size_t n = hay.length, m = needle.length;
    switch (hay.width * 8 + needle.width) {
        case 1 * 8 + 1: {
            // Its first byte is seldom met often: a few tries, then memmem, which is linear in glibc but takes long to begin.
            const char *h = hay.data, *w = needle.data, *end = h + n - m + 1, *p = h;
            for (int tries = 0; tries < 6; tries++) {
                p = p < end ? memchr(p, *w, (size_t)(end - p)) : NULL;
                if (!p) return SEARCH_NONE;
                if (p[m - 1] == w[m - 1] && !memcmp(p, w, m)) return (size_t)(p - h);
                p++;
            }
            const char *found = p < end ? memmem(p, (size_t)(h + n - p), w, m) : NULL;
            return found ? (size_t)(found - (const char *)hay.data) : SEARCH_NONE;
        }
        case 2 * 8 + 1: return search_16_8(hay.data, n, needle.data, m);
        case 2 * 8 + 2: return search_16_16(hay.data, n, needle.data, m);
        case 4 * 8 + 1: return search_32_8(hay.data, n, needle.data, m);
        case 4 * 8 + 2: return search_32_16(hay.data, n, needle.data, m);
        default: return search_32_32(hay.data, n, needle.data, m);
    }
}

size_t strsearch_rfind(Text hay, Text needle) {
    if (needle.length == 0) return hay.length;
    if (needle.length > hay.length || needle.width > hay.width) return SEARCH_NONE;
    if (needle.length == 1) return strsearch_rchar(hay, text_at(needle, 0));
    size_t n = hay.length, m = needle.length, at;
    switch (hay.width * 8 + needle.width) {
        case 1 * 8 + 1: at = search_8_8_reversed(hay.data, n, needle.data, m); break;
        case 2 * 8 + 1: at = search_16_8_reversed(hay.data, n, needle.data, m); break;
        case 2 * 8 + 2: at = search_16_16_reversed(hay.data, n, needle.data, m); break;
        case 4 * 8 + 1: at = search_32_8_reversed(hay.data, n, needle.data, m); break;
        case 4 * 8 + 2: at = search_32_16_reversed(hay.data, n, needle.data, m); break;
        default: at = search_32_32_reversed(hay.data, n, needle.data, m); break;
    }
    return at == SEARCH_NONE ? at : n - m - at;
}

size_t strsearch_count(Text hay, Text needle, size_t max) {
    if (needle.length == 0) return hay.length < max ? hay.length + 1 : max;
    size_t count = 0;
    if (needle.length == 1 && hay.width == 1 && max >= hay.length) {
        const uint8_t *p = hay.data, c = (uint8_t)text_at(needle, 0);
        if (needle.width > 1) return 0;
        for (size_t i = 0; i < hay.length; i++) count += p[i] == c;
        return count;
    }
    for (size_t at = 0; count < max; count++) {
        size_t found = strsearch_find(text_slice(hay, at, hay.length), needle);
        if (found == SEARCH_NONE) break;
        at += found + needle.length;
    }
    return count;
}

bool strsearch_at(Text hay, size_t at, Text needle) {
    if (needle.length > hay.length || at > hay.length - needle.length) return false;
    if (needle.length == 0) return true;
    if (hay.width == needle.width)
        return !memcmp((const char *)hay.data + at * hay.width, needle.data, needle.length * needle.width);
    for (size_t i = 0; i < needle.length; i++)
        if (text_at(hay, at + i) != text_at(needle, i)) return false;
    return true;
}

int text_compare(Text a, Text b) {
    size_t n = a.length < b.length ? a.length : b.length;
    if (a.width == 1 && b.width == 1) {
        int order = n ? memcmp(a.data, b.data, n) : 0;
        if (order) return order;
    } else {
        for (size_t i = 0; i < n; i++) {
            uint32_t x = text_at(a, i), y = text_at(b, i);
            if (x != y) return x < y ? -1 : 1;
        }
    }
    return (a.length > b.length) - (a.length < b.length);
}
