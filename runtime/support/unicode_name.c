// Character names, kept as numbers of words; a hash table over all names leads back.
#include <string.h>
#include "runtime/support/unicode.h"
#include "runtime/support/unicode_names.h"

enum { S_BASE = 0xac00, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28 };
static const char hangul[] = "HANGUL SYLLABLE ";

static size_t append(char *out, size_t at, const char *text, size_t n) {
    if (at + n > UNI_NAME_MAX) n = UNI_NAME_MAX - at;
    memcpy(out + at, text, n);
    return at + n;
}

static size_t append_hex(char *out, size_t at, uint32_t c) {
    char digits[8];
    size_t n = 0;
    for (int shift = c > 0xffff ? (c > 0xfffff ? 20 : 16) : 12; shift >= 0; shift -= 4) digits[n++] = "0123456789ABCDEF"[c >> shift & 15];
    return append(out, at, digits, n);
}

// The name with this number, as the generator listed them.
static size_t spell(size_t number, char *out) {
    size_t at = 0;
    for (uint32_t i = uni_name_starts[number]; i < uni_name_starts[number + 1];) {
        uint32_t word = uni_name_words[i++];
        if (word >= UNI_NAME_SHORT) word = UNI_NAME_SHORT + ((word - UNI_NAME_SHORT) << 8 | uni_name_words[i++]);
        if (word == 0) {
            at = append(out, at, "-", 1);
            at = append_hex(out, at, uni_name_targets[number]);
            continue;
        }
        if (at) at = append(out, at, " ", 1);
        at = append(out, at, uni_words + uni_word_starts[word], uni_word_starts[word + 1] - uni_word_starts[word]);
    }
    return at;
}

size_t uni_name(uint32_t c, char out[UNI_NAME_MAX]) {
    for (size_t i = 0; i < sizeof uni_name_ranges / sizeof *uni_name_ranges; i++)
        if (c >= uni_name_ranges[i].first && c <= uni_name_ranges[i].last)
            return append_hex(out, append(out, 0, uni_name_ranges[i].prefix, strlen(uni_name_ranges[i].prefix)), c);
    if (c >= S_BASE && c < S_BASE + L_COUNT * V_COUNT * T_COUNT) {
        uint32_t s = c - S_BASE;
        const char *l = uni_jamo_l[s / (V_COUNT * T_COUNT)], *v = uni_jamo_v[s / T_COUNT % V_COUNT], *t = uni_jamo_t[s % T_COUNT];
        size_t at = append(out, 0, hangul, sizeof hangul - 1);
        at = append(out, at, l, strlen(l));
        at = append(out, at, v, strlen(v));
        return append(out, at, t, strlen(t));
    }
    size_t low = 0, high = UNI_NAMED_CHARACTERS;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (uni_name_targets[mid] == c) return spell(mid, out);
        if (uni_name_targets[mid] < c) low = mid + 1;
        else high = mid;
    }
    return 0;
}

// The longest of `words` that `s` begins with; its length in *length, its number returned, or -1.
static int longest(const char *const *words, int count, const char *s, size_t n, size_t *length) {
    int best = -1;
    *length = 0;
    for (int i = 0; i < count; i++) {
        size_t k = strlen(words[i]);
        if (k <= n && (best < 0 || k > *length) && !memcmp(s, words[i], k)) {
            best = i;
            *length = k;
        }
    }
    return best;
}

static uint32_t lookup_computed(const char *name, size_t n) {
    size_t used;
    if (n > sizeof hangul - 1 && !memcmp(name, hangul, sizeof hangul - 1)) {
        const char *s = name + sizeof hangul - 1;
        size_t rest = n - (sizeof hangul - 1);
        int part[3];
        const char *const *lists[] = {uni_jamo_l, uni_jamo_v, uni_jamo_t};
        static const int counts[] = {L_COUNT, V_COUNT, T_COUNT};
        for (int i = 0; i < 3; i++) {
            part[i] = longest(lists[i], counts[i], s, rest, &used);
            if (part[i] < 0) return UINT32_MAX;
            s += used;
            rest -= used;
        }
        return rest ? UINT32_MAX : (uint32_t)(S_BASE + (part[0] * V_COUNT + part[1]) * T_COUNT + part[2]);
    }
    for (size_t i = 0; i < sizeof uni_name_ranges / sizeof *uni_name_ranges; i++) {
        size_t k = strlen(uni_name_ranges[i].prefix);
        if (n < k + 4 || n > k + 5 || memcmp(name, uni_name_ranges[i].prefix, k)) continue;
        uint32_t c = 0;
        for (size_t j = k; j < n; j++) {
            char d = name[j];
            uint32_t value = d >= '0' && d <= '9' ? (uint32_t)(d - '0') : d >= 'A' && d <= 'F' ? (uint32_t)(d - 'A' + 10) : 16;
            if (value > 15) return UINT32_MAX;
            c = c << 4 | value;
        }
        if ((n == k + 5) != (c > 0xffff)) continue;  // no leading zero
        if (c >= uni_name_ranges[i].first && c <= uni_name_ranges[i].last) return c;
    }
    return UINT32_MAX;
}

// The number of a listed name, or SIZE_MAX. `name` is in capitals.
static size_t find(const char *name, size_t n) {
    uint32_t h = 0x811c9dc5;
    for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)name[i]) * 0x01000193;
    uint32_t mask = sizeof uni_name_table / sizeof *uni_name_table - 1, at = (h ^ h >> 16) & mask;
    for (; uni_name_table[at]; at = (at + 1) & mask) {
        size_t number = uni_name_table[at] - 1u;
        char spelled[UNI_NAME_MAX];
        if (spell(number, spelled) == n && !memcmp(spelled, name, n)) return number;
    }
    return SIZE_MAX;
}

size_t uni_lookup_sequence(const char *name, size_t n, const uint32_t **out, uint32_t *room) {
    char upper[UNI_NAME_MAX];
    if (n == 0 || n > sizeof upper) return 0;
    for (size_t i = 0; i < n; i++) upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
    *out = room;
    *room = lookup_computed(upper, n);
    if (*room != UINT32_MAX) return 1;
    size_t number = find(upper, n);
    if (number == SIZE_MAX) return 0;
    if (number < UNI_NAMED_WITH_ALIASES) {
        *room = uni_name_targets[number];
        return 1;
    }
    const uint32_t *sequence = &uni_sequences[uni_name_targets[number]];
    *out = sequence + 1;
    return *sequence;
}

uint32_t uni_lookup_name(const char *name, size_t n) {
    const uint32_t *out;
    uint32_t room;
    size_t found = uni_lookup_sequence(name, n, &out, &room);
    return found == 1 && out == &room ? room : UINT32_MAX;
}
