#include "runtime/support/fmtspec.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/dtoa.h"

static bool is_align(uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }
static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

// Digits at *at as a number; -1 none, -2 too large.
static int64_t read_number(Text text, size_t *at) {
    if (*at >= text.length || !is_digit(text_at(text, *at))) return -1;
    int64_t v = 0;
    for (; *at < text.length && is_digit(text_at(text, *at)); ++*at) {
        int64_t digit = text_at(text, *at) - '0';
        if (v > (INT64_MAX - digit) / 10) return -2;
        v = v * 10 + digit;
    }
    return v;
}

static FmtStatus too_many_digits(char *error) {
    strcpy(error, "Too many decimal digits in format string");
    return FMTSPEC_VALUE_ERROR;
}

static FmtStatus not_with(char *error, char grouping, uint32_t type) {
    if (type > 32 && type < 128) snprintf(error, FMTSPEC_ERROR_MAX, "Cannot specify '%c' with '%c'.", grouping, (char)type);
    else snprintf(error, FMTSPEC_ERROR_MAX, "Cannot specify '%c' with '\\x%x'.", grouping, (unsigned)type);
    return FMTSPEC_VALUE_ERROR;
}

// One or two of ',' and '_' at *at.
static FmtStatus read_grouping(Text text, size_t *at, char *grouping, char *error) {
    *grouping = 0;
    for (int i = 0; i < 2; i++) {
        uint32_t c = *at < text.length ? text_at(text, *at) : 0;
        if (c != (i ? '_' : ',')) continue;
        if (*grouping) {
            strcpy(error, "Cannot specify both ',' and '_'.");
            return FMTSPEC_VALUE_ERROR;
        }
        *grouping = (char)c;
        ++*at;
    }
    if (*grouping == '_' && *at < text.length && text_at(text, *at) == ',') {
        strcpy(error, "Cannot specify both ',' and '_'.");
        return FMTSPEC_VALUE_ERROR;
    }
    return FMTSPEC_OK;
}

FmtStatus fmtspec_parse(Text text, uint32_t default_type, char default_align, FormatSpec *out, char error[FMTSPEC_ERROR_MAX]) {
    *out = (FormatSpec){.fill = ' ', .align = (uint32_t)default_align, .width = -1, .precision = -1, .type = default_type};
    size_t i = 0;
#define PEEK (i < text.length ? text_at(text, i) : UINT32_MAX)
    if (text.length >= 2 && is_align(text_at(text, 1))) {
        out->fill = text_at(text, 0);
        out->align = text_at(text, 1);
        out->align_given = out->fill_given = true;
        i = 2;
    } else if (is_align(PEEK)) {
        out->align = text_at(text, 0);
        out->align_given = true;
        i = 1;
    }
    if (PEEK == '+' || PEEK == '-' || PEEK == ' ') out->sign = (char)text_at(text, i++);
    if (PEEK == 'z') out->no_negative_zero = true, i++;
    if (PEEK == '#') out->alternate = true, i++;
    if (!out->fill_given && PEEK == '0') {
        out->fill = '0';
        out->fill_given = true;
        if (!out->align_given && default_align == '>') out->align = '=';
        i++;
    }
    out->width = read_number(text, &i);
    if (out->width == -2) return too_many_digits(error);
    FmtStatus status = read_grouping(text, &i, &out->grouping, error);
    if (status) return status;
    if (PEEK == '.') {
        i++;
        out->precision = read_number(text, &i);
        if (out->precision == -2) return too_many_digits(error);
        status = read_grouping(text, &i, &out->fraction_grouping, error);
        if (status) return status;
        if (out->precision < 0 && !out->fraction_grouping) {
            strcpy(error, "Format specifier missing precision");
            return FMTSPEC_VALUE_ERROR;
        }
    }
    if (text.length - i > 1) return FMTSPEC_INVALID;
    if (i < text.length) out->type = text_at(text, i);
#undef PEEK
    if (out->grouping) {
        switch (out->type) {
            case 'd': case 'e': case 'f': case 'g': case 'E': case 'G': case '%': case 'F': case 0: break;
            case 'b': case 'o': case 'x': case 'X':
                if (out->grouping == '_') break;  // by fours
                // fall through
            default: return not_with(error, out->grouping, out->type);
        }
    }
    if (out->fraction_grouping && out->type == 'n') return not_with(error, out->fraction_grouping, out->type);
    return FMTSPEC_OK;
}

void fmtspec_unknown_code(uint32_t code, char out[16]) {
    if (code > 32 && code < 128) snprintf(out, 16, "%c", (char)code);
    else snprintf(out, 16, "\\x%x", (unsigned)code);
}

// --- layout -------------------------------------------------------------------------------------------------------

static void put_many(TextBuffer *out, uint32_t c, int64_t n) {
    while (n-- > 0 && !out->failed) textbuffer_put(out, c);
}

static FmtStatus finish(const TextBuffer *out) { return out->failed ? FMTSPEC_NO_MEMORY : FMTSPEC_OK; }

// How `free` columns of padding are shared out.
static void share(uint32_t align, int64_t free, int64_t *left, int64_t *middle, int64_t *right) {
    *left = *middle = *right = 0;
    if (free <= 0) return;
    if (align == '<') *right = free;
    else if (align == '=') *middle = free;
    else if (align == '^') {
        *left = free / 2;
        *right = free - *left;
    } else *left = free;
}

static FmtStatus put_padded(TextBuffer *out, const FormatSpec *spec, Text text) {
    int64_t left, middle, right;
    share(spec->align, spec->width - (int64_t)text.length, &left, &middle, &right);
    put_many(out, spec->fill, left + middle);
    textbuffer_put_text(out, text);
    put_many(out, spec->fill, right);
    return finish(out);
}

FmtStatus fmtspec_string(TextBuffer *out, const FormatSpec *spec, Text text, char error[FMTSPEC_ERROR_MAX]) {
    const char *why = NULL;
    if (spec->sign) why = spec->sign == ' ' ? "Space not allowed in string format specifier" : "Sign not allowed in string format specifier";
    else if (spec->no_negative_zero) why = "Negative zero coercion (z) not allowed in string format specifier";
    else if (spec->alternate) why = "Alternate form (#) not allowed in string format specifier";
    else if (spec->align == '=') why = "'=' alignment not allowed in string format specifier";
    if (why) {
        strcpy(error, why);
        return FMTSPEC_VALUE_ERROR;
    }
    if (spec->precision >= 0 && (uint64_t)spec->precision < text.length) text.length = (size_t)spec->precision;
    return put_padded(out, spec, text);
}

typedef struct {
    char sign;  // 0 none
    const char *prefix;
    const char *digits;    // before the point
    size_t n_digits;
    bool point;
    const char *fraction;  // digits behind the point
    size_t n_fraction;
    const char *rest;      // exponent, '%', inf
    size_t n_rest;
} Number;

// The grouped digits before the point, at least `width` columns of them: written where `out` is given, else only counted.
// Groups are laid from the right, so they are first measured, then written from the left.
typedef struct {
    size_t group[64];  // sizes from the right; the last one repeats where `repeat`
    size_t count;
    bool repeat;
} Grouping;

static int64_t put_grouped(TextBuffer *out, const Grouping *g, Text separator, const char *digits, size_t n, int64_t width) {
    // First pass: the boundaries from the right; `total` digits (with leading zeros) and how many separators.
    int64_t remaining = (int64_t)n, total = 0, separators = 0;
    for (size_t i = 0;; i++) {
        int64_t want = remaining > width ? remaining : width;
        if (want < 1) want = 1;
        int64_t group = want;
        if (i < g->count) group = (int64_t)g->group[i];
        else if (g->repeat && g->count) group = (int64_t)g->group[g->count - 1];
        if (group > want) group = want;
        total += group;
        remaining -= group < remaining ? group : remaining;
        width -= group;
        if (remaining <= 0 && width <= 0) break;
        width -= (int64_t)separator.length;
        separators++;
    }
    if (!out) return total + separators * (int64_t)separator.length;
    // Second pass, from the left: is there a boundary with `left` digits to go?
    int64_t leading = total - (int64_t)n;
    int64_t boundary = 0;  // digits to the right of the leftmost boundary
    for (int64_t i = 0; i < separators; i++) {
        size_t k = (size_t)i < g->count ? (size_t)i : g->count - 1;
        boundary += (int64_t)g->group[k];
    }
    for (int64_t i = 0; i < total && !out->failed; i++) {
        if (i && separators && total - i == boundary) {
            textbuffer_put_text(out, separator);
            separators--;
            size_t k = (size_t)separators < g->count ? (size_t)separators : g->count - 1;
            boundary -= (int64_t)g->group[k];
        }
        textbuffer_put(out, i < leading ? '0' : (uint8_t)digits[i - leading]);
    }
    return 0;
}

static FmtStatus put_number(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, const Number *number) {
    Grouping g = {{0}, 0, false};
    Text separator = text_of("", 0, 1), point = text_of(".", 1, 1);
    if (spec->grouping) {
        bool by_four = spec->type == 'b' || spec->type == 'o' || spec->type == 'x' || spec->type == 'X';
        g = (Grouping){{by_four ? 4 : 3}, 1, true};
        separator = text_of(&spec->grouping, 1, 1);
    } else if (locale) {
        separator = locale->thousands_sep;
        point = locale->decimal_point;
        for (const char *p = locale->grouping; *p && g.count < 64; p++) {
            if (*p == CHAR_MAX) break;
            g.group[g.count++] = (unsigned char)*p;
            g.repeat = !p[1];
        }
    }
    char sign = number->sign == '-' ? '-' : spec->sign == '+' || spec->sign == ' ' ? spec->sign : 0;
    size_t n_prefix = strlen(number->prefix);
    size_t fraction_separators = spec->fraction_grouping && number->n_fraction ? (number->n_fraction - 1) / 3 : 0;
    int64_t others = (sign != 0) + (int64_t)n_prefix + (number->point ? (int64_t)point.length : 0) + (int64_t)number->n_fraction +
        (int64_t)fraction_separators + (int64_t)number->n_rest;
    // Zeros asked for as fill are digits: they are grouped with the rest.
    int64_t least = spec->fill == '0' && spec->align == '=' ? spec->width - others : 0;
    int64_t grouped = number->n_digits ? put_grouped(NULL, &g, separator, number->digits, number->n_digits, least) : 0;
    int64_t left, middle, right;
    share(spec->align, spec->width - others - grouped, &left, &middle, &right);
    put_many(out, spec->fill, left);
    if (sign) textbuffer_put(out, (uint8_t)sign);
    textbuffer_put_ascii(out, number->prefix, n_prefix);
    put_many(out, spec->fill, middle);
    if (number->n_digits) put_grouped(out, &g, separator, number->digits, number->n_digits, least);
    if (number->point) textbuffer_put_text(out, point);
    for (size_t i = 0; i < number->n_fraction; i++) {
        if (fraction_separators && i && i % 3 == 0) textbuffer_put(out, (uint8_t)spec->fraction_grouping);
        textbuffer_put(out, (uint8_t)number->fraction[i]);
    }
    textbuffer_put_ascii(out, number->rest, number->n_rest);
    put_many(out, spec->fill, right);
    return finish(out);
}

// --- integers -----------------------------------------------------------------------------------------------------

FmtStatus fmtspec_check_integer(const FormatSpec *spec, char error[FMTSPEC_ERROR_MAX]) {
    const char *why = NULL;
    if (spec->precision >= 0) why = "Precision not allowed in integer format specifier";
    else if (spec->no_negative_zero) why = "Negative zero coercion (z) not allowed in integer format specifier";
    else if (spec->type == 'c' && spec->sign) why = "Sign not allowed with integer format specifier 'c'";
    else if (spec->type == 'c' && spec->alternate) why = "Alternate form (#) not allowed with integer format specifier 'c'";
    if (!why) return FMTSPEC_OK;
    strcpy(error, why);
    return FMTSPEC_VALUE_ERROR;
}

FmtStatus fmtspec_integer(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, bool negative, const char *digits, size_t n) {
    Number number = {.sign = negative ? '-' : 0, .prefix = "", .digits = digits, .n_digits = n, .rest = ""};
    if (spec->alternate)
        number.prefix = spec->type == 'b' ? "0b" : spec->type == 'o' ? "0o" : spec->type == 'x' ? "0x" : spec->type == 'X' ? "0X" : "";
    char *upper = NULL;
    if (spec->type == 'X') {
        upper = malloc(n);
        if (!upper) return FMTSPEC_NO_MEMORY;
        for (size_t i = 0; i < n; i++) upper[i] = digits[i] >= 'a' ? (char)(digits[i] - 32) : digits[i];
        number.digits = upper;
    }
    FmtStatus status = put_number(out, spec, locale, &number);
    free(upper);
    return status;
}

FmtStatus fmtspec_character(TextBuffer *out, const FormatSpec *spec, uint32_t character) {
    return put_padded(out, spec, text_of(&character, 1, 4));
}

// --- floats -------------------------------------------------------------------------------------------------------

// dtoa_format's text laid out; `text` is consumed.
static FmtStatus put_float_text(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, char *text, size_t n) {
    char *p = text;
    Number number = {.prefix = ""};
    if (*p == '-') number.sign = *p++, n--;
    number.digits = p;
    while (number.n_digits < n && is_digit((uint8_t)p[number.n_digits])) number.n_digits++;
    p += number.n_digits, n -= number.n_digits;
    if (n && *p == '.') {
        number.point = true;
        p++, n--;
    }
    number.fraction = p;
    while (number.n_fraction < n && is_digit((uint8_t)p[number.n_fraction])) number.n_fraction++;
    number.rest = p + number.n_fraction;
    number.n_rest = n - number.n_fraction;
    FmtStatus status = put_number(out, spec, locale, &number);
    free(text);
    return status;
}

// `typeless`: flags for the presentation without a type.
static FmtStatus put_double(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, double x, unsigned typeless, char *error) {
    if (spec->precision > INT_MAX) {
        strcpy(error, "precision too big");
        return FMTSPEC_VALUE_ERROR;
    }
    unsigned flags = (spec->alternate ? DTOA_ALT : 0) | (spec->no_negative_zero ? DTOA_NO_NEG_0 : 0);
    int precision = (int)spec->precision;
    char code;
    switch (spec->type) {
        case 0:
            flags |= typeless;
            code = precision < 0 ? 'r' : 'g';
            break;
        case 'n': code = 'g'; break;
        case '%': code = 'f'; x *= 100; break;
        case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': code = (char)spec->type; break;
        default: return FMTSPEC_UNKNOWN;
    }
    if (precision < 0) precision = 6;
    size_t n;
    char *text = dtoa_format(x, code, precision, flags, &n);
    if (!text) return FMTSPEC_NO_MEMORY;
    if (spec->type == '%') text[n++] = '%';  // over the NUL
    return put_float_text(out, spec, locale, text, n);
}

FmtStatus fmtspec_double(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, double x, char error[FMTSPEC_ERROR_MAX]) {
    return put_double(out, spec, locale, x, DTOA_ADD_DOT_0, error);
}

FmtStatus fmtspec_complex(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, double real, double imag,
    char error[FMTSPEC_ERROR_MAX]) {
    if (spec->type && (spec->type > 127 || !strchr("eEfFgGn", (int)spec->type))) return FMTSPEC_UNKNOWN;
    const char *why = NULL;
    if (spec->fill == '0') why = "Zero padding is not allowed in complex format specifier";
    else if (spec->align == '=') why = "'=' alignment flag is not allowed in complex format specifier";
    if (why) {
        strcpy(error, why);
        return FMTSPEC_VALUE_ERROR;
    }
    FormatSpec part = *spec;
    part.width = -1;
    part.fill = ' ';
    part.align = '<';
    TextBuffer inner = {0};
    FmtStatus status = FMTSPEC_OK;
    // Without a type it looks as repr does: in brackets, and a real part of zero is left out.
    bool skip_real = spec->type == 0 && real == 0 && !signbit(real), brackets = spec->type == 0 && !skip_real;
    if (brackets) textbuffer_put(&inner, '(');
    if (!skip_real) {
        status = put_double(&inner, &part, locale, real, 0, error);
        part.sign = '+';
    }
    if (status == FMTSPEC_OK) status = put_double(&inner, &part, locale, imag, 0, error);
    textbuffer_put(&inner, 'j');
    if (brackets) textbuffer_put(&inner, ')');
    if (status == FMTSPEC_OK) status = inner.failed ? FMTSPEC_NO_MEMORY : put_padded(out, spec, textbuffer_text(&inner));
    textbuffer_free(&inner);
    return status;
}

// --- % ------------------------------------------------------------------------------------------------------------

const char *fmtspec_percent(Text format, size_t at, PercentSpec *out) {
    static const char incomplete[] = "incomplete format";
    *out = (PercentSpec){.key = SIZE_MAX, .width = -1, .precision = -1};
    size_t i = at + 1;
#define PEEK (i < format.length ? text_at(format, i) : UINT32_MAX)
    if (PEEK == '(') {
        size_t depth = 1;
        out->key = ++i;
        for (; i < format.length && depth; i++) {
            uint32_t c = text_at(format, i);
            if (c == '(') depth++;
            else if (c == ')') depth--;
        }
        if (depth) return "incomplete format key";
        out->key_end = i - 1;
    }
    for (;; i++) {
        uint32_t c = PEEK;
        if (c == '-') out->left = true;
        else if (c == '+') out->plus = true;
        else if (c == ' ') out->blank = true;
        else if (c == '#') out->alternate = true;
        else if (c == '0') out->zero = true;
        else break;
    }
    if (PEEK == '*') {
        out->width_star = true;
        i++;
    } else {
        out->width = read_number(format, &i);
        if (out->width == -2) return "width too big";
    }
    if (PEEK == '.') {
        i++;
        out->precision = 0;
        if (PEEK == '*') {
            out->precision_star = true;
            i++;
        } else if (is_digit(PEEK)) {
            out->precision = read_number(format, &i);
            if (out->precision < 0 || out->precision > INT_MAX) return "precision too big";
        }
    }
    if (PEEK == 'h' || PEEK == 'l' || PEEK == 'L') i++;
    if (i >= format.length) return incomplete;
#undef PEEK
    out->type = text_at(format, i);
    out->type_at = i;
    out->next = i + 1;
    return NULL;
}
