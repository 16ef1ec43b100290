// The matcher: backtracking over an explicit stack, so that a long subject takes no native stack. What is on the stack is
// either somewhere to go back to (CHOICE, ALTERNATIVE, GREEDY, LAZY, LAZY_BODY), a capture's old value (MARK), or a barrier
// that an assertion, an atomic group or a possessive iteration stands on: reaching its SUCCESS drops everything to go back
// to above it, and keeps the marks.
#include <ctype.h>
#include <stdlib.h>
#include "runtime/error.h"
#include "runtime/modules/sre.h"
#include "runtime/support/strsearch.h"
#include "runtime/support/unicode.h"
#include "sync/safepoint.h"

enum { CHOICE, ALTERNATIVE, GREEDY, LAZY, LAZY_BODY, MARK, ATOMIC, ASSERTION, NEGATIVE, POSSESSIVE };
enum { POLL_STEPS = 4096 };

static inline uint32_t ascii_lower(uint32_t c) { return c < 128 && c >= 'A' && c <= 'Z' ? c + 32 : c; }
static inline uint32_t locale_lower(uint32_t c) { return c < 256 ? (uint32_t)tolower((int)c) : c; }
static inline uint32_t locale_upper(uint32_t c) { return c < 256 ? (uint32_t)toupper((int)c) : c; }
static inline bool ascii_word(uint32_t c) { return c < 128 && (c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9')); }
static inline bool locale_word(uint32_t c) { return c < 256 && (isalnum((int)c) || c == '_'); }
static inline bool unicode_word(uint32_t c) { return c < 128 ? ascii_word(c) : uni_is_alnum(c); }
static inline bool ascii_space(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13); }

// The first character of the upper case form.
uint32_t sre_upper(uint32_t c) {
    if (c < 128) return c >= 'a' && c <= 'z' ? c - 32 : c;
    uint32_t out[3];
    return uni_convert_case(UNI_UPPERCASE, text_of(&c, 1, 4), out) ? out[0] : c;
}

static bool category(uint32_t kind, uint32_t c) {
    bool yes;
    switch (kind & ~1u) {
    case SRE_DIGIT: yes = c >= '0' && c <= '9'; break;
    case SRE_SPACE: yes = ascii_space(c); break;
    case SRE_WORD: yes = ascii_word(c); break;
    case SRE_LINEBREAK: yes = c == '\n'; break;
    case SRE_LOC_WORD: yes = locale_word(c); break;
    case SRE_UNI_DIGIT: yes = c < 128 ? c >= '0' && c <= '9' : uni_is_decimal(c); break;
    case SRE_UNI_SPACE: yes = uni_is_space(c); break;
    case SRE_UNI_WORD: yes = unicode_word(c); break;
    default: yes = uni_is_linebreak(c); break; // SRE_UNI_LINEBREAK
    }
    return yes != (kind & 1);
}

bool sre_charset(const uint32_t *set, uint32_t c) {
    bool ok = true;
    for (;;) {
        switch (*set++) {
        case SRE_FAILURE: return !ok;
        case SRE_NEGATE: ok = !ok; break;
        case SRE_LITERAL:
            if (c == *set++) return ok;
            break;
        case SRE_CATEGORY:
            if (category(*set++, c)) return ok;
            break;
        case SRE_CHARSET:
            if (c < 256 && (set[c >> 5] >> (c & 31) & 1)) return ok;
            set += 8;
            break;
        case SRE_RANGE:
            if (set[0] <= c && c <= set[1]) return ok;
            set += 2;
            break;
        case SRE_RANGE_UNI_IGNORE: {
            if (set[0] <= c && c <= set[1]) return ok;
            uint32_t upper = sre_upper(c);
            if (set[0] <= upper && upper <= set[1]) return ok;
            set += 2;
            break;
        }
        default: { // SRE_BIGCHARSET
            uint32_t blocks = *set++;
            if (c < 0x10000) {
                uint32_t block = ((const uint8_t *)set)[c >> 8];
                const uint32_t *bits = set + 64 + block * 8;
                if (bits[(c & 255) >> 5] >> (c & 31) & 1) return ok;
            }
            set += 64 + blocks * 8;
            break;
        }
        }
    }
}

// Either case may stand in the set; in a negated one, neither.
static bool charset_locale(const uint32_t *set, uint32_t c) {
    uint32_t lower = locale_lower(c), upper = locale_upper(c);
    bool low = sre_charset(set, lower);
    if (upper == lower) return low;
    return set[0] == SRE_NEGATE ? low && sre_charset(set, upper) : low || sre_charset(set, upper);
}

// The operation at pc, of one character's width, takes `c`.
static inline bool unit(const uint32_t *op, uint32_t c) {
    switch (op[0]) {
    case SRE_ANY: return c != '\n';
    case SRE_ANY_ALL: return true;
    case SRE_CATEGORY: return category(op[1], c);
    case SRE_LITERAL: return c == op[1];
    case SRE_NOT_LITERAL: return c != op[1];
    case SRE_LITERAL_IGNORE: return ascii_lower(c) == op[1];
    case SRE_NOT_LITERAL_IGNORE: return ascii_lower(c) != op[1];
    case SRE_LITERAL_UNI_IGNORE: return uni_to_lower(c) == op[1];
    case SRE_NOT_LITERAL_UNI_IGNORE: return uni_to_lower(c) != op[1];
    case SRE_LITERAL_LOC_IGNORE: return c == op[1] || locale_lower(c) == op[1] || locale_upper(c) == op[1];
    case SRE_NOT_LITERAL_LOC_IGNORE: return !(c == op[1] || locale_lower(c) == op[1] || locale_upper(c) == op[1]);
    case SRE_IN: return sre_charset(op + 2, c);
    case SRE_IN_IGNORE: return sre_charset(op + 2, ascii_lower(c));
    case SRE_IN_UNI_IGNORE: return sre_charset(op + 2, uni_to_lower(c));
    default: return charset_locale(op + 2, c); // SRE_IN_LOC_IGNORE
    }
}

static uint32_t fold(uint32_t op, uint32_t c) {
    return op == SRE_GROUPREF_IGNORE ? ascii_lower(c) : op == SRE_GROUPREF_LOC_IGNORE ? locale_lower(c) : op == SRE_GROUPREF_UNI_IGNORE ? uni_to_lower(c) : c;
}

static NOINLINE SreEntry *stack_grow(Sre *s) {
    size_t room = s->room * 2;
    bool own = s->stack != s->stack_inline;
    SreEntry *stack = realloc(own ? s->stack : NULL, room * sizeof *stack);
    if (!stack) return raise_no_memory(s->t), NULL;
    if (!own) memcpy(stack, s->stack_inline, sizeof s->stack_inline);
    s->stack = stack;
    s->room = room;
    return &stack[s->top++];
}
static inline SreEntry *push(Sre *s) { return LIKELY(s->top < s->room) ? &s->stack[s->top++] : stack_grow(s); }

// A new repeat node's index, or -1 with MemoryError.
static int32_t node_push(Sre *s, uint32_t pc, int32_t outer, uint64_t count, int64_t last) {
    if (UNLIKELY(s->nnodes == s->nodes_room)) {
        bool own = s->nodes != s->nodes_inline;
        SreNode *nodes = s->nodes_room < INT32_MAX / 2 ? realloc(own ? s->nodes : NULL, s->nodes_room * 2 * sizeof *nodes) : NULL;
        if (!nodes) return raise_no_memory(s->t), -1;
        if (!own) memcpy(nodes, s->nodes_inline, sizeof s->nodes_inline);
        s->nodes = nodes;
        s->nodes_room *= 2;
    }
    s->nodes[s->nnodes] = (SreNode){pc, outer, count, last};
    return (int32_t)s->nnodes++;
}

void sre_state_free(Sre *s) {
    if (s->stack != s->stack_inline) free(s->stack);
    if (s->nodes != s->nodes_inline) free(s->nodes);
    if (s->marks != s->marks_inline) free(s->marks);
}

// Drops what could be gone back to above (and with) the barrier, keeping the marks' old values.
static void cut(Sre *s, size_t barrier) {
    size_t to = barrier;
    for (size_t from = barrier + 1; from < s->top; from++)
        if (s->stack[from].kind == MARK) s->stack[to++] = s->stack[from];
    s->top = to;
}
// Puts back the marks set since the barrier, and removes it.
static void unwind(Sre *s, size_t barrier) {
    while (s->top > barrier + 1) {
        SreEntry *e = &s->stack[--s->top];
        if (e->kind != MARK) continue;
        s->marks[e->pc] = e->at;
        s->lastindex = e->low;
    }
    s->top = barrier;
}

#define CHAR uint8_t
#define WIDTH(name) name##_1
#include "runtime/modules/sre_kernel.h"
#undef CHAR
#undef WIDTH
#define CHAR uint16_t
#define WIDTH(name) name##_2
#include "runtime/modules/sre_kernel.h"
#undef CHAR
#undef WIDTH
#define CHAR uint32_t
#define WIDTH(name) name##_4
#include "runtime/modules/sre_kernel.h"
#undef CHAR
#undef WIDTH

int sre_match(Sre *s) {
    switch (s->width) {
    case 1: return match_1(s);
    case 2: return match_2(s);
    default: return match_4(s);
    }
}
int sre_search(Sre *s) {
    switch (s->width) {
    case 1: return search_1(s);
    case 2: return search_2(s);
    default: return search_4(s);
    }
}
