// Verifying code that the matcher is about to trust. One pass over the sequence, jumps checked where they are met.
#include "runtime/modules/sre.h"

typedef struct Verifier {
    Thread *t;
    const uint32_t *code;
    uint32_t marks, groups;
} Verifier;

enum { NO_JUMP = 0 };

// A character set in [i, end), FAILURE as its last word.
static bool verify_charset(const Verifier *v, size_t i, size_t end) {
    while (i < end) {
        uint32_t op = v->code[i++];
        switch (op) {
        case SRE_FAILURE: return i == end;
        case SRE_NEGATE: break;
        case SRE_LITERAL: i += 1; break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE: i += 2; break;
        case SRE_CHARSET: i += 8; break;
        case SRE_CATEGORY:
            if (i >= end || v->code[i] >= SRE_CATEGORY_COUNT) return false;
            i += 1;
            break;
        case SRE_BIGCHARSET: {
            if (i >= end) return false;
            size_t blocks = v->code[i++];
            if (blocks > 256 || end - i < 64 + blocks * 8) return false;
            const uint8_t *map = (const uint8_t *)(v->code + i);
            for (int k = 0; k < 256; k++)
                if (map[k] >= blocks) return false;
            i += 64 + blocks * 8;
            break;
        }
        default: return false;
        }
    }
    return false;
}

static bool is_unit(uint32_t op) {
    switch (op) {
    case SRE_ANY: case SRE_ANY_ALL: case SRE_CATEGORY: case SRE_IN: case SRE_IN_IGNORE: case SRE_IN_LOC_IGNORE: case SRE_IN_UNI_IGNORE:
    case SRE_LITERAL: case SRE_LITERAL_IGNORE: case SRE_LITERAL_LOC_IGNORE: case SRE_LITERAL_UNI_IGNORE: case SRE_NOT_LITERAL:
    case SRE_NOT_LITERAL_IGNORE: case SRE_NOT_LITERAL_LOC_IGNORE: case SRE_NOT_LITERAL_UNI_IGNORE: return true;
    default: return false;
    }
}

// Operations in [i, end). With `jump`, a JUMP may stand last: the place of its word is given, NO_JUMP where there is none.
static bool verify(const Verifier *v, size_t i, size_t end, size_t *jump) {
    const uint32_t *code = v->code;
    if (native_stack_exhausted(v->t, "")) return false;
    if (jump) *jump = NO_JUMP;
    while (i < end) {
        uint32_t op = code[i++];
        size_t left = end - i; // words after the operation's own
        switch (op) {
        case SRE_FAILURE: case SRE_ANY: case SRE_ANY_ALL: break;
        case SRE_LITERAL: case SRE_NOT_LITERAL: case SRE_LITERAL_IGNORE: case SRE_NOT_LITERAL_IGNORE: case SRE_LITERAL_LOC_IGNORE:
        case SRE_NOT_LITERAL_LOC_IGNORE: case SRE_LITERAL_UNI_IGNORE: case SRE_NOT_LITERAL_UNI_IGNORE:
            if (left < 1) return false;
            i += 1;
            break;
        case SRE_AT:
            if (left < 1 || code[i] >= SRE_AT_COUNT) return false;
            i += 1;
            break;
        case SRE_CATEGORY:
            if (left < 1 || code[i] >= SRE_CATEGORY_COUNT) return false;
            i += 1;
            break;
        case SRE_MARK:
            if (left < 1 || code[i] >= v->marks) return false;
            i += 1;
            break;
        case SRE_GROUPREF: case SRE_GROUPREF_IGNORE: case SRE_GROUPREF_LOC_IGNORE: case SRE_GROUPREF_UNI_IGNORE:
            if (left < 1 || code[i] >= v->groups) return false;
            i += 1;
            break;
        case SRE_IN: case SRE_IN_IGNORE: case SRE_IN_LOC_IGNORE: case SRE_IN_UNI_IGNORE:
            if (left < 1 || code[i] < 2 || code[i] > left || !verify_charset(v, i + 1, i + code[i])) return false;
            i += code[i];
            break;
        case SRE_INFO: {
            if (left < 4 || code[i] < 4 || code[i] > left) return false;
            uint32_t skip = code[i], flags = code[i + 1];
            if (flags & ~(uint32_t)(SRE_INFO_PREFIX | SRE_INFO_LITERAL | SRE_INFO_CHARSET)) return false;
            if ((flags & SRE_INFO_PREFIX) && (flags & SRE_INFO_CHARSET)) return false;
            if ((flags & SRE_INFO_LITERAL) && !(flags & SRE_INFO_PREFIX)) return false;
            if (flags & SRE_INFO_PREFIX) {
                if (skip < 6) return false;
                uint32_t n = code[i + 4];
                if (n < 1 || n > (skip - 6) / 2 || skip != 6 + 2 * n || code[i + 5] > n) return false;
            }
            if ((flags & SRE_INFO_CHARSET) && !verify_charset(v, i + 4, i + skip)) return false;
            i += skip;
            break;
        }
        case SRE_BRANCH: {
            size_t target = 0;
            for (;;) {
                if (i >= end) return false;
                uint32_t skip = code[i];
                if (!skip) break;
                size_t word;
                if (skip < 3 || skip > end - i || !verify(v, i + 1, i + skip, &word) || word == NO_JUMP) return false;
                if (!target) target = word + code[word];
                if (word + code[word] != target) return false;
                i += skip;
            }
            i += 1;
            if (target != i) return false;
            break;
        }
        case SRE_REPEAT_ONE: case SRE_MIN_REPEAT_ONE: case SRE_POSSESSIVE_REPEAT_ONE: {
            if (left < 5 || code[i] < 5 || code[i] > left || code[i + 1] > code[i + 2]) return false;
            size_t body = i + 3, tail = i + code[i];
            if (code[tail - 1] != SRE_SUCCESS || !is_unit(code[body]) || !verify(v, body, tail - 1, NULL)) return false;
            // one operation alone
            size_t words = code[body] == SRE_ANY || code[body] == SRE_ANY_ALL ? 1
                : code[body] == SRE_IN || code[body] == SRE_IN_IGNORE || code[body] == SRE_IN_LOC_IGNORE || code[body] == SRE_IN_UNI_IGNORE
                ? 1 + (size_t)code[body + 1] : 2;
            if (body + words != tail - 1) return false;
            i = tail;
            break;
        }
        case SRE_REPEAT: case SRE_POSSESSIVE_REPEAT: {
            if (left < 4 || code[i] < 3 || code[i] >= left || code[i + 1] > code[i + 2]) return false;
            size_t until = i + code[i];
            if (op == SRE_REPEAT ? code[until] != SRE_MAX_UNTIL && code[until] != SRE_MIN_UNTIL : code[until] != SRE_SUCCESS) return false;
            if (!verify(v, i + 3, until, NULL)) return false;
            i = until + 1;
            break;
        }
        case SRE_ATOMIC_GROUP:
            if (left < 2 || code[i] < 2 || code[i] > left || code[i + code[i] - 1] != SRE_SUCCESS) return false;
            if (!verify(v, i + 1, i + code[i] - 1, NULL)) return false;
            i += code[i];
            break;
        case SRE_ASSERT: case SRE_ASSERT_NOT:
            if (left < 3 || code[i] < 3 || code[i] > left || code[i + code[i] - 1] != SRE_SUCCESS || code[i + 1] > INT32_MAX) return false;
            if (!verify(v, i + 2, i + code[i] - 1, NULL)) return false;
            i += code[i];
            break;
        case SRE_GROUPREF_EXISTS: {
            if (left < 2 || code[i] >= v->groups) return false;
            i += 1;
            size_t skip = code[i], word;
            if (skip < 2 || skip - 1 > end - i) return false;
            size_t no = i + skip - 1;
            if (!verify(v, i + 1, no, &word)) return false;
            i = no;
            if (word != NO_JUMP) {
                if (code[word] < 1 || code[word] > end - word) return false;
                size_t after = word + code[word];
                if (after < no || !verify(v, no, after, NULL)) return false;
                i = after;
            }
            break;
        }
        case SRE_JUMP:
            if (!jump || left != 1) return false;
            *jump = i;
            i += 1;
            break;
        default: return false;
        }
        if (i > end) return false;
    }
    return i == end;
}

bool sre_verify(Thread *t, const uint32_t *code, size_t n, int64_t groups) {
    if (groups < 0 || groups > SRE_MAXGROUPS || n < 1 || code[n - 1] != SRE_SUCCESS) return false;
    Verifier v = {.t = t, .code = code, .groups = (uint32_t)groups, .marks = (uint32_t)groups * 2};
    return verify(&v, 0, n - 1, NULL);
}
