// The scan that finds operators, calls and subscripts in an expression's text (traceback_anchor.h).
#include "runtime/objects/traceback_anchor.h"

typedef struct Scan {
    const uint32_t *s;
    size_t n, i;
    int depth; // of nested f-strings, so that hostile text cannot nest the scan without end
} Scan;

static inline uint32_t at(const Scan *x, size_t i) { return i < x->n ? x->s[i] : 0; }
static bool is_space(uint32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == '\\'; }
static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80; }
static bool is_quote(uint32_t c) { return c == '"' || c == '\''; }

static void skip_blank(Scan *x) {
    while (x->i < x->n) {
        if (is_space(x->s[x->i])) {
            x->i++;
        } else if (x->s[x->i] == '#') {
            while (x->i < x->n && x->s[x->i] != '\n') x->i++;
        } else {
            break;
        }
    }
}

static bool skip_string(Scan *x, bool formatted, bool raw);

// At an opening bracket: to behind its partner.
static bool skip_brackets(Scan *x) {
    int open = 0;
    while (x->i < x->n) {
        uint32_t c = x->s[x->i];
        if (c == '#') {
            skip_blank(x);
            continue;
        }
        if (is_quote(c)) {
            size_t p = x->i;
            bool formatted = false, raw = false;
            while (p > 0 && x->i - p < 3 && is_letter(x->s[p - 1])) {
                uint32_t prefix = x->s[--p] | 0x20;
                if (prefix == 'f' || prefix == 't') formatted = true;
                if (prefix == 'r') raw = true;
            }
            if (!skip_string(x, formatted, raw)) return false;
            continue;
        }
        x->i++;
        if (c == '(' || c == '[' || c == '{') open++;
        if (c == ')' || c == ']' || c == '}')
            if (--open == 0) return true;
    }
    return false;
}

// At a quote: to behind the string.
static bool skip_string(Scan *x, bool formatted, bool raw) {
    if (x->depth > 8) return false;
    uint32_t q = x->s[x->i];
    bool triple = at(x, x->i + 1) == q && at(x, x->i + 2) == q;
    x->i += triple ? 3 : 1;
    x->depth++;
    while (x->i < x->n) {
        uint32_t c = x->s[x->i];
        if (c == '\\' && !(raw && formatted && at(x, x->i + 1) == '{')) {
            x->i += 2;
        } else if (c == q && (!triple || (at(x, x->i + 1) == q && at(x, x->i + 2) == q))) {
            x->i += triple ? 3 : 1;
            x->depth--;
            return true;
        } else if (formatted && c == '{' && at(x, x->i + 1) != '{') {
            if (!skip_brackets(x)) return false;
        } else {
            x->i += formatted && c == '{' ? 2 : 1;
        }
    }
    return false;
}

static bool word_is(const Scan *x, size_t start, size_t end, const char *word) {
    for (; start < end && *word; start++, word++)
        if (x->s[start] != (uint32_t)(unsigned char)*word) return false;
    return start == end && !*word;
}

// An operand that begins at x->i: name, number, string or display. False where none does, or a keyword stands there.
static bool skip_operand(Scan *x) {
    uint32_t c = at(x, x->i);
    if (c == '(' || c == '[' || c == '{') return skip_brackets(x);
    if (c == '.' && at(x, x->i + 1) == '.' && at(x, x->i + 2) == '.') return x->i += 3, true;
    if (is_digit(c) || (c == '.' && is_digit(at(x, x->i + 1)))) {
        bool hex = c == '0' && (at(x, x->i + 1) | 0x20) == 'x';
        while (is_digit(at(x, x->i)) || is_letter(at(x, x->i)) || at(x, x->i) == '.') {
            bool exponent = !hex && (x->s[x->i] | 0x20) == 'e';
            x->i++;
            if (exponent && (at(x, x->i) == '-' || at(x, x->i) == '+')) x->i++;
        }
        return true;
    }
    if (is_quote(c)) {
    strings:
        for (;;) { // adjacent literals are one
            size_t start = x->i;
            while (is_letter(at(x, x->i)) && x->i - start < 3) x->i++;
            if (!is_quote(at(x, x->i))) {
                x->i = start;
                break;
            }
            bool formatted = false, raw = false;
            for (size_t p = start; p < x->i; p++) {
                uint32_t prefix = x->s[p] | 0x20;
                if (prefix == 'f' || prefix == 't') formatted = true;
                if (prefix == 'r') raw = true;
            }
            if (!skip_string(x, formatted, raw)) return false;
            start = x->i;
            skip_blank(x);
            if (!is_quote(at(x, x->i)) && !is_letter(at(x, x->i))) {
                x->i = start;
                break;
            }
        }
        return true;
    }
    if (!is_letter(c)) return false;
    size_t start = x->i;
    while (is_letter(at(x, x->i)) || is_digit(at(x, x->i))) x->i++;
    if (is_quote(at(x, x->i)) && x->i - start <= 2) {
        x->i = start;
        goto strings;
    }
    static const char *const keywords[] = {"not", "and", "or", "in", "is", "if", "else", "lambda", "yield", "for", "async", "await", "assert", "return", "del", "raise", "import", "from", "pass"};
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (word_is(x, start, x->i, keywords[k])) return false;
    return true;
}

// The binary operator at x->i: its length and binding (the lower, the looser); 0 where there is none.
static int operator_at(const Scan *x, size_t *length) {
    uint32_t c = at(x, x->i), d = at(x, x->i + 1), e = at(x, x->i + 2);
    *length = 1;
    int binding = 0;
    switch (c) {
    case '|': binding = 1; break;
    case '^': binding = 2; break;
    case '&': binding = 3; break;
    case '<': case '>':
        if (d != c) return 0;
        *length = 2;
        return e == '=' ? 0 : 4;
    case '+': case '-': binding = 5; break;
    case '*': case '/':
        binding = 6;
        if (d == c) {
            *length = 2;
            if (c == '*') binding = 8;
            return e == '=' ? 0 : binding;
        }
        break;
    case '%': case '@': binding = 6; break;
    default: return 0;
    }
    return d == '=' || (c == '-' && d == '>') ? 0 : binding;
}

bool anchor_find(const uint32_t *text, size_t n, Anchor *out) {
    Scan x = {text, n, 0, 0};
    enum { NOTHING, ATTRIBUTE, CALL, SUBSCRIPT } trailer = NOTHING;
    size_t trailer_start = 0, trailer_end = 0;
    int best = 100; // binding of the loosest operator so far
    bool first = true;
    for (;;) {
        // an operand, with what stands before it
        for (;;) {
            skip_blank(&x);
            uint32_t c = at(&x, x.i);
            if (c == '+' || c == '-' || c == '~') {
                if (first && best > 7) best = 7, *out = (Anchor){0, 0};
                first = false;
                x.i++;
                continue;
            }
            if (c == 'a' && x.i + 5 < x.n && word_is(&x, x.i, x.i + 5, "await") && !is_letter(x.s[x.i + 5]) && !is_digit(x.s[x.i + 5])) {
                if (first && best > 9) best = 9, *out = (Anchor){0, 0};
                x.i += 5;
                continue;
            }
            break;
        }
        first = false;
        if (!skip_operand(&x)) return false;
        trailer = NOTHING;
        for (;;) {
            skip_blank(&x);
            uint32_t c = at(&x, x.i);
            if (c == '.') {
                x.i++;
                skip_blank(&x);
                if (!is_letter(at(&x, x.i))) return false;
                while (is_letter(at(&x, x.i)) || is_digit(at(&x, x.i))) x.i++;
                trailer = ATTRIBUTE;
            } else if (c == '(' || c == '[') {
                trailer = c == '(' ? CALL : SUBSCRIPT;
                trailer_start = x.i;
                if (!skip_brackets(&x)) return false;
                trailer_end = x.i;
            } else {
                break;
            }
        }
        if (x.i >= x.n) break;
        size_t length;
        int binding = operator_at(&x, &length);
        if (!binding) return false;
        // of equals the last one binds loosest, but ** groups to the right
        if (binding < best || (binding == best && binding != 8)) best = binding, *out = (Anchor){x.i, x.i + length};
        x.i += length;
    }
    if (best != 100) return out->end != 0;
    if (trailer != CALL && trailer != SUBSCRIPT) return false;
    *out = (Anchor){trailer_start, trailer_end};
    return true;
}

bool anchor_is_plain_statement(const uint32_t *before, size_t n, const uint32_t *expression, size_t m) {
    Anchor a;
    if (!anchor_find(expression, m, &a) || expression[a.start] != '(' || a.end != m) return false;
    while (n && is_space(*before)) before++, n--;
    while (n && is_space(before[n - 1])) n--;
    Scan x = {before, n, 0, 0};
    if (word_is(&x, 0, n, "return")) { // of a plain name only
        for (size_t i = 0; i < a.start; i++)
            if (!is_letter(expression[i]) && !(i && is_digit(expression[i]))) return false;
        return true;
    }
    if (n < 2 || before[n - 1] != '=') return false;
    uint32_t c = before[n - 2];
    for (const char *op = "+-*/%&|^@<>!=:"; *op; op++)
        if (c == (uint32_t)(unsigned char)*op) return false;
    int open = 0;
    for (size_t i = 0; i < n; i++) { // an annotation makes another statement of it
        if (before[i] == '(' || before[i] == '[' || before[i] == '{') open++;
        if (before[i] == ')' || before[i] == ']' || before[i] == '}') open--;
        if (before[i] == ':' && open == 0) return false;
    }
    return true;
}
