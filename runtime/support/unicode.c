#include "runtime/support/unicode.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    int32_t upper, lower, title, fold;  // distance to the one-to-one case form
    uint16_t flags;                     // UNI_ALPHA and so on
    uint8_t category, bidi, ccc, width;
    uint8_t quick;                      // bit 0 not NFD, 1 not NFKD, 2 not NFC, 3 maybe NFC, 4 not NFKC, 5 maybe NFKC
    int8_t decimal, digit;              // or -1
    uint8_t numeric;                    // index of uni_numeric_values
} UniRecord;

#include "runtime/support/unicode_data.h"

static const UniRecord *record(uint32_t c) {
    if (c > UNI_MAX) c = UNI_MAX;  // U+10FFFF is unassigned for good
    uint32_t block = uni_index_first[c >> uni_index_SHIFT];
    return &uni_records[uni_index_second[(block << uni_index_SHIFT) + (c & ((1u << uni_index_SHIFT) - 1))]];
}

static bool has(uint32_t c, uint32_t flag) { return (record(c)->flags & flag) != 0; }

bool uni_is_xid_start(uint32_t c) { return has(c, UNI_XID_START); }
bool uni_is_xid_continue(uint32_t c) { return has(c, UNI_XID_CONTINUE); }
bool uni_is_alpha(uint32_t c) { return has(c, UNI_ALPHA); }
bool uni_is_decimal(uint32_t c) { return record(c)->decimal >= 0; }
bool uni_is_digit(uint32_t c) { return record(c)->digit >= 0; }
bool uni_is_numeric(uint32_t c) { return has(c, UNI_NUMERIC); }
bool uni_is_space(uint32_t c) { return has(c, UNI_SPACE); }
bool uni_is_linebreak(uint32_t c) { return has(c, UNI_LINEBREAK); }
bool uni_is_printable(uint32_t c) { return has(c, UNI_PRINTABLE); }
bool uni_is_lower(uint32_t c) { return has(c, UNI_LOWER); }
bool uni_is_upper(uint32_t c) { return has(c, UNI_UPPER); }
bool uni_is_title(uint32_t c) { return has(c, UNI_TITLE); }
bool uni_is_cased(uint32_t c) { return has(c, UNI_CASED); }
bool uni_is_case_ignorable(uint32_t c) { return has(c, UNI_CASE_IGNORABLE); }
bool uni_is_mirrored(uint32_t c) { return has(c, UNI_MIRRORED); }

bool uni_is_alnum(uint32_t c) {
    const UniRecord *r = record(c);
    return (r->flags & (UNI_ALPHA | UNI_NUMERIC)) || r->decimal >= 0 || r->digit >= 0;
}

bool uni_is_identifier(Text text) {
    if (text.length == 0) return false;
    uint32_t first = text_at(text, 0);
    if (first != '_' && !uni_is_xid_start(first)) return false;
    for (size_t i = 1; i < text.length; i++)
        if (!uni_is_xid_continue(text_at(text, i))) return false;
    return true;
}

int uni_decimal(uint32_t c) { return record(c)->decimal; }
int uni_digit(uint32_t c) { return record(c)->digit; }

bool uni_numeric(uint32_t c, double *value) {
    const UniRecord *r = record(c);
    if (!(r->flags & UNI_NUMERIC)) return false;
    *value = uni_numeric_values[r->numeric];
    return true;
}

const char *uni_category(uint32_t c) { return uni_category_names[record(c)->category]; }
const char *uni_bidirectional(uint32_t c) { return uni_bidi_names[record(c)->bidi]; }
const char *uni_east_asian_width(uint32_t c) { return uni_width_names[record(c)->width]; }
int uni_combining(uint32_t c) { return record(c)->ccc; }

size_t uni_decomposition(uint32_t c, const uint32_t **out, const char **tag) {
    if (c > UNI_MAX) return 0;
    uint32_t block = uni_decomposition_index_first[c >> uni_decomposition_index_SHIFT];
    uint32_t at = uni_decomposition_index_second[(block << uni_decomposition_index_SHIFT) +
                                                 (c & ((1u << uni_decomposition_index_SHIFT) - 1))];
    uint32_t head = uni_decompositions[at];
    *tag = uni_tag_names[head >> 8];
    *out = &uni_decompositions[at + 1];
    return head & 0xff;
}

// --- case ---------------------------------------------------------------------------------------------------------

uint32_t uni_to_lower(uint32_t c) { return c + (uint32_t)record(c)->lower; }
uint32_t uni_to_upper(uint32_t c) { return c + (uint32_t)record(c)->upper; }
uint32_t uni_to_title(uint32_t c) { return c + (uint32_t)record(c)->title; }

// One character's form into out[0..2]; returns how many. `form` is one of the first four.
static size_t full_form(UniCase form, uint32_t c, uint32_t *out) {
    const UniRecord *r = record(c);
    if (r->flags & UNI_SPECIAL_CASE) {
        size_t low = 0, high = sizeof uni_specials / sizeof *uni_specials / 3;
        while (low < high) {
            size_t mid = (low + high) / 2;
            const uint32_t *entry = &uni_specials[mid * 3];
            if (entry[0] < c) low = mid + 1;
            else if (entry[0] > c) high = mid;
            else {
                uint32_t at = entry[2];
                for (unsigned before = 0; before < (unsigned)form; before++) at += entry[1] >> 8 * before & 0xff;
                size_t n = entry[1] >> 8 * (unsigned)form & 0xff;
                for (size_t i = 0; i < n; i++) out[i] = uni_special_forms[at + i];
                return n;
            }
        }
    }
    int32_t distance = form == UNI_LOWERCASE ? r->lower : form == UNI_TITLECASE ? r->title : form == UNI_UPPERCASE ? r->upper : r->fold;
    out[0] = c + (uint32_t)distance;
    return 1;
}

// Final_Sigma (Unicode 3.13): a cased letter before, none after, case-ignorable characters skipped both ways.
static bool is_final_sigma(Text text, size_t i) {
    size_t j = i;
    while (j > 0 && uni_is_case_ignorable(text_at(text, j - 1))) j--;
    if (j == 0 || !uni_is_cased(text_at(text, j - 1))) return false;
    for (j = i + 1; j < text.length && uni_is_case_ignorable(text_at(text, j));) j++;
    return j == text.length || !uni_is_cased(text_at(text, j));
}

static size_t lower_at(Text text, size_t i, uint32_t c, uint32_t *out) {
    if (c == 0x3a3) {
        out[0] = is_final_sigma(text, i) ? 0x3c2 : 0x3c3;
        return 1;
    }
    return full_form(UNI_LOWERCASE, c, out);
}

size_t uni_convert_case(UniCase form, Text text, uint32_t *out) {
    size_t n = 0;
    bool after_cased = false;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        switch (form) {
            case UNI_LOWERCASE: n += lower_at(text, i, c, out + n); break;
            case UNI_TITLECASE: case UNI_UPPERCASE: case UNI_CASEFOLD: n += full_form(form, c, out + n); break;
            case UNI_CAPITALIZE:
                n += i == 0 ? full_form(UNI_TITLECASE, c, out + n) : lower_at(text, i, c, out + n);
                break;
            case UNI_SWAPCASE:
                if (uni_is_upper(c)) n += lower_at(text, i, c, out + n);
                else if (uni_is_lower(c)) n += full_form(UNI_UPPERCASE, c, out + n);
                else out[n++] = c;
                break;
            case UNI_TITLE_WORDS:
                n += after_cased ? lower_at(text, i, c, out + n) : full_form(UNI_TITLECASE, c, out + n);
                after_cased = uni_is_cased(c);
                break;
        }
    }
    return n;
}

// --- normal forms (UAX #15) ---------------------------------------------------------------------------------------

enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28 };
enum { S_COUNT = L_COUNT * V_COUNT * T_COUNT };

bool uni_quick_check(UniForm form, Text text) {
    static const uint8_t mask[] = {[UNI_NFC] = 4 | 8, [UNI_NFD] = 1, [UNI_NFKC] = 16 | 32, [UNI_NFKD] = 2};
    int previous = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (c < 0xa0) {
            previous = 0;
            continue;
        }
        const UniRecord *r = record(c);
        if (r->quick & mask[form]) return false;
        if (r->ccc && r->ccc < previous) return false;
        previous = r->ccc;
    }
    return true;
}

typedef struct {
    uint32_t *at;
    size_t length, room;
} Buffer;

static bool push(Buffer *b, uint32_t c) {
    if (b->length == b->room) {
        if (b->room > SIZE_MAX / 8) return false;
        size_t room = b->room + b->room / 2 + 16;
        uint32_t *at = realloc(b->at, room * sizeof *at);
        if (!at) return false;
        b->at = at;
        b->room = room;
    }
    b->at[b->length++] = c;
    return true;
}

static bool decompose(Buffer *b, uint32_t c, bool compatible) {
    if (c < 0xa0) return push(b, c);
    if (c >= S_BASE && c < S_BASE + S_COUNT) {
        uint32_t s = c - S_BASE, t = s % T_COUNT;
        return push(b, L_BASE + s / (V_COUNT * T_COUNT)) && push(b, V_BASE + s / T_COUNT % V_COUNT) && (!t || push(b, T_BASE + t));
    }
    const uint32_t *parts;
    const char *tag;
    size_t n = uni_decomposition(c, &parts, &tag);
    if (n == 0 || (*tag && !compatible)) return push(b, c);
    for (size_t i = 0; i < n; i++)
        if (!decompose(b, parts[i], compatible)) return false;  // as deep as the database nests: four
    return true;
}

// Puts each run of combining characters in the order of their classes, stably. Long runs are sorted by counting.
static bool order_marks(uint32_t *at, size_t n) {
    for (size_t i = 0; i < n;) {
        if (uni_combining(at[i]) == 0) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < n && uni_combining(at[end])) end++;
        if (end - i <= 32) {
            for (size_t j = i + 1; j < end; j++) {
                uint32_t c = at[j];
                int ccc = uni_combining(c);
                size_t k = j;
                for (; k > i && uni_combining(at[k - 1]) > ccc; k--) at[k] = at[k - 1];
                at[k] = c;
            }
        } else {
            size_t start[257] = {0};
            uint32_t *copy = malloc((end - i) * sizeof *copy);
            if (!copy) return false;
            memcpy(copy, at + i, (end - i) * sizeof *copy);
            for (size_t j = i; j < end; j++) start[uni_combining(at[j]) + 1]++;
            for (int class = 1; class < 257; class++) start[class] += start[class - 1];
            for (size_t j = 0; j < end - i; j++) at[i + start[uni_combining(copy[j])]++] = copy[j];
            free(copy);
        }
        i = end;
    }
    return true;
}

static uint32_t compose_pair(uint32_t a, uint32_t b) {
    if (a >= L_BASE && a < L_BASE + L_COUNT && b >= V_BASE && b < V_BASE + V_COUNT)
        return S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT;
    if (a >= S_BASE && a < S_BASE + S_COUNT && (a - S_BASE) % T_COUNT == 0 && b > T_BASE && b < T_BASE + T_COUNT)
        return a + (b - T_BASE);
    size_t low = 0, high = sizeof uni_compositions / sizeof *uni_compositions / 3;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const uint32_t *entry = &uni_compositions[mid * 3];
        if (entry[0] == a && entry[1] == b) return entry[2];
        if (entry[0] < a || (entry[0] == a && entry[1] < b)) low = mid + 1;
        else high = mid;
    }
    return 0;
}

static size_t compose(uint32_t *at, size_t n) {
    size_t out = 0, starter = SIZE_MAX;
    int last = 0;  // class of the last character kept after the starter; 0 also where there is none
    for (size_t i = 0; i < n; i++) {
        uint32_t c = at[i];
        int ccc = uni_combining(c);
        // Blocked where a character between has class 0 or one not below c's.
        if (starter != SIZE_MAX && (out == starter + 1 || (last != 0 && last < ccc))) {
            uint32_t composed = compose_pair(at[starter], c);
            if (composed) {
                at[starter] = composed;
                continue;
            }
        }
        if (ccc == 0) starter = out;
        last = ccc;
        at[out++] = c;
    }
    return out;
}

size_t uni_normalize(UniForm form, const uint32_t *in, size_t n, uint32_t **out) {
    Buffer b = {0};
    bool compatible = form == UNI_NFKC || form == UNI_NFKD;
    *out = NULL;
    for (size_t i = 0; i < n; i++)
        if (!decompose(&b, in[i], compatible)) goto failed;
    if (!b.at && !(b.at = malloc(sizeof *b.at))) goto failed;
    if (!order_marks(b.at, b.length)) goto failed;
    if (form == UNI_NFC || form == UNI_NFKC) b.length = compose(b.at, b.length);
    *out = b.at;
    return b.length;
failed:
    free(b.at);
    return SIZE_MAX;
}
