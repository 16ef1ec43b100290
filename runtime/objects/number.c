// What the number types share: text that holds a number, and formatting by a specification.
#include "runtime/objects/number.h"
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/support/codec.h"
#include "runtime/support/unicode.h"

// --- text ---------------------------------------------------------------------------------------------------------

int number_text(Thread *t, ValueRef o, NumberText *out) {
    out->data = out->local;
    if (value_is_any_str(o)) {
        const Str *s = value_str(o);
        out->n = str_length(s);
        if (out->n >= sizeof out->local && !(out->data = malloc(out->n + 1))) return raise_no_memory(t), -1;
        for (size_t i = 0; i < out->n; i++) {
            uint32_t c = str_char(s, i);
            int digit;
            out->data[i] = (char)(c < 0x80 ? c : uni_is_space(c) ? ' ' : (digit = uni_decimal(c)) >= 0 ? '0' + (uint32_t)digit : '?');
        }
    } else {
        if (!value_has_buffer(o)) return 0;
        Buffer b;
        if (buffer_get(t, o, &b, BUFFER_READ) < 0) return -1;
        out->n = (size_t)b.length;
        if (out->n >= sizeof out->local && !(out->data = malloc(out->n + 1))) {
            buffer_release(t, &b);
            return raise_no_memory(t), -1;
        }
        buffer_read(t, &b, out->data);
        buffer_release(t, &b);
        for (size_t i = 0; i < out->n; i++)
            if ((unsigned char)out->data[i] >= 0x80) out->data[i] = '?';
    }
    out->data[out->n] = 0;
    return 1;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }

void number_text_strip(NumberText *text, const char **start, size_t *n) {
    const char *p = text->data;
    size_t length = text->n;
    while (length && is_blank(*p)) p++, length--;
    while (length && is_blank(p[length - 1])) length--;
    *start = p;
    *n = length;
}

bool number_remove_underscores(char *text, size_t *n) {
    size_t to = 0;
    char before = 0;
    for (size_t i = 0; i < *n; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9';
        if (c == '_') {
            if (before < '0' || before > '9') return false;
        } else {
            if (before == '_' && !digit) return false;
            text[to++] = c;
        }
        before = c;
    }
    if (before == '_') return false;
    *n = to;
    text[to] = 0;
    return true;
}

// --- format -------------------------------------------------------------------------------------------------------

int format_spec_read(Thread *t, ValueRef o, ValueRef spec, uint32_t default_type, char default_align, FormatSpec *out) {
    char error[FMTSPEC_ERROR_MAX];
    switch (fmtspec_parse(str_text(value_str(spec)), default_type, default_align, out, error)) {
        case FMTSPEC_OK: return 0;
        case FMTSPEC_INVALID: return raise_int(t, VALUE_ERROR, "Invalid format specifier %R for object of type '%T'", spec, o);
        default: return raise_int(t, VALUE_ERROR, "%s", error);
    }
}

Value format_finish(Thread *t, ValueRef o, const FormatSpec *spec, FmtStatus status, const char *error, TextBuffer *out) {
    char code[16];
    switch (status) {
        case FMTSPEC_OK: return str_from_buffer(t, out);
        case FMTSPEC_UNKNOWN:
            fmtspec_unknown_code(spec->type, code);
            raise(t, VALUE_ERROR, "Unknown format code '%s' for object of type '%T'", code, o);
            break;
        case FMTSPEC_NO_MEMORY: raise_no_memory(t); break;
        default: raise(t, VALUE_ERROR, "%s", error); break;
    }
    textbuffer_free(out);
    return UNDEF;
}

static Text decode_locale(const char *s, uint32_t out[8]) {
    size_t n = 0;
    mbstate_t state = {0};
    for (size_t left = strlen(s); left && n < 8;) {
        wchar_t c;
        size_t used = mbrtowc(&c, s, left, &state);
        if (used == 0 || used > left) {
            c = (unsigned char)*s;
            used = 1;
            memset(&state, 0, sizeof state);
        }
        out[n++] = (uint32_t)c;
        s += used;
        left -= used;
    }
    return text_of(out, n, 4);
}

const FormatLocale *format_locale(const FormatSpec *spec, LocaleText *out) {
    if (spec->type != 'n') return NULL;
    const struct lconv *l = localeconv();
    out->locale.decimal_point = decode_locale(l->decimal_point, out->point);
    out->locale.thousands_sep = decode_locale(l->thousands_sep, out->separator);
    strncpy(out->grouping, l->grouping, sizeof out->grouping - 1);
    out->grouping[sizeof out->grouping - 1] = 0;
    out->locale.grouping = out->grouping;
    return &out->locale;
}

Value float_format(Thread *t, ValueRef self, double x, ValueRef spec_text) {
    FormatSpec spec;
    if (format_spec_read(t, self, spec_text, 0, '>', &spec) < 0) return UNDEF;
    TextBuffer out = {0};
    LocaleText locale;
    char error[FMTSPEC_ERROR_MAX];
    FmtStatus status = fmtspec_double(&out, &spec, format_locale(&spec, &locale), x, error);
    return format_finish(t, self, &spec, status, error, &out);
}

Value int_format(Thread *t, ValueRef self, ValueRef spec_text) {
    if (str_length(value_str(spec_text)) == 0) return object_str(t, self);
    FormatSpec spec;
    if (format_spec_read(t, self, spec_text, 'd', '>', &spec) < 0) return UNDEF;
    char error[FMTSPEC_ERROR_MAX];
    TextBuffer out = {0};
    int base = 10;
    switch (spec.type) {
        case 'b': base = 2; break;
        case 'o': base = 8; break;
        case 'x': case 'X': base = 16; break;
        case 'd': case 'n': case 'c': break;
        case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
            double x = int_as_double(t, self);
            if (x == -1 && error_pending(t)) return UNDEF;
            return format_finish(t, self, &spec, fmtspec_double(&out, &spec, NULL, x, error), error, &out);
        }
        default: return format_finish(t, self, &spec, FMTSPEC_UNKNOWN, NULL, &out);
    }
    FmtStatus status = fmtspec_check_integer(&spec, error);
    if (status != FMTSPEC_OK) return format_finish(t, self, &spec, status, error, &out);
    if (spec.type == 'c') {
        int64_t c;
        if (int_as_int64(self, &c) < 0) return raise(t, OVERFLOW_ERROR, "Python int too large to convert to C long");
        if (c < 0 || c > (int64_t)UNI_MAX) return raise(t, OVERFLOW_ERROR, "%%c arg not in range(0x110000)");
        return format_finish(t, self, &spec, fmtspec_character(&out, &spec, (uint32_t)c), error, &out);
    }
    Value digits = int_to_str(t, self, base, false);
    if (value_bits(digits) == 0) return UNDEF;
    const char *text = str_data(value_str(digits));
    size_t n = str_length(value_str(digits));
    bool negative = *text == '-';
    LocaleText locale;
    status = fmtspec_integer(&out, &spec, format_locale(&spec, &locale), negative, text + negative, n - negative);
    value_release(t, digits);
    return format_finish(t, self, &spec, status, error, &out);
}
