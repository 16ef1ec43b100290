// Text from values: repr, % (for bytes too), str.format and str.__format__.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/number.h"
#include "runtime/objects/str_internal.h"
#include "runtime/support/bigint.h"
#include "runtime/support/dtoa.h"
#include "runtime/support/strsearch.h"
#include "runtime/support/unicode.h"
#include <limits.h>
#include <stdlib.h>

// --- repr ---------------------------------------------------------------------------------------------------------

static void put_hex(TextBuffer *out, char letter, uint32_t c, int digits) {
    textbuffer_put(out, '\\');
    textbuffer_put(out, (uint8_t)letter);
    while (digits--) textbuffer_put(out, (uint8_t) "0123456789abcdef"[c >> 4 * digits & 15]);
}

Value str_repr(Thread *t, ValueRef self) {
    Text text = str_text(value_str(self));
    bool single = strsearch_char(text, '\'') != SEARCH_NONE, twofold = strsearch_char(text, '"') != SEARCH_NONE;
    uint32_t quote = single && !twofold ? '"' : '\'';
    if (str_is_ascii(value_str(self)) && !(single && twofold)) { // often nothing needs an escape
        const uint8_t *p = text.data;
        size_t plain = 0;
        while (plain < text.length && p[plain] >= ' ' && p[plain] < 0x7f && p[plain] != '\\') plain++;
        if (plain == text.length) {
            Str *s = str_alloc(t, text.length + 2, 0x7f);
            if (!s) return UNDEF;
            char *to = str_data(s);
            to[0] = to[text.length + 1] = (char)quote;
            memcpy(to + 1, p, text.length);
            return value_of(s);
        }
    }
    TextBuffer out = {0};
    textbuffer_put(&out, quote);
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (c == quote || c == '\\') {
            textbuffer_put(&out, '\\');
            textbuffer_put(&out, c);
        } else if (c == '\t' || c == '\n' || c == '\r') {
            textbuffer_put(&out, '\\');
            textbuffer_put(&out, c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
        } else if (c < ' ' || c == 0x7f) {
            put_hex(&out, 'x', c, 2);
        } else if (c < 0x7f || uni_is_printable(c)) {
            textbuffer_put(&out, c);
        } else if (c < 0x100) {
            put_hex(&out, 'x', c, 2);
        } else if (c < 0x10000) {
            put_hex(&out, 'u', c, 4);
        } else {
            put_hex(&out, 'U', c, 8);
        }
    }
    textbuffer_put(&out, quote);
    return str_from_buffer(t, &out);
}

// --- % ------------------------------------------------------------------------------------------------------------

typedef struct {
    Thread *t;
    Text format;
    bool bytes;
    TextBuffer out;
    ValueRef args;       // tuple, or the single argument
    Value key_value;     // owned: what %(key) gave
    ValueRef single;     // the argument where args is no tuple, or key_value
    int64_t next, count; // of the tuple; count -1: single, next -1: used up
    bool mapping;        // args can be asked for keys
} Percent;

// Borrowed; UNDEF with TypeError.
static ValueRef next_argument(Percent *p) {
    if (p->count < 0) {
        if (p->next == -2) {
            p->next = -1;
            return p->single;
        }
    } else if (p->next < p->count) {
        return tuple_item(value_tuple(p->args), p->next++);
    }
    raise(p->t, TYPE_ERROR, "not enough arguments for format string");
    return UNDEF;
}

static int take_key(Percent *p, const PercentSpec *spec) {
    Thread *t = p->t;
    if (!p->mapping) return raise_int(t, TYPE_ERROR, "format requires a mapping");
    Text key_text = text_slice(p->format, spec->key, spec->key_end);
    Value key = p->bytes ? bytes_new(t, key_text.data, key_text.length) : str_from_view(t, key_text);
    if (value_bits(key) == 0) return -1;
    Value found = object_getitem(t, p->args, key);
    value_release(t, key);
    if (value_bits(found) == 0) return -1;
    value_release(t, p->key_value);
    p->key_value = found;
    p->single = found;
    p->count = -1;
    p->next = -2;
    return 0;
}

// '*': an int from the arguments.
static int star(Percent *p, int64_t *out, bool width) {
    ValueRef v = next_argument(p);
    if (value_bits(v) == 0) return -1;
    if (!value_is_any_int(v)) return raise_int(p->t, TYPE_ERROR, "* wants int");
    bool fits = int_as_int64(v, out) == 0;
    if (fits && *out <= INT_MAX && *out >= -INT_MAX) return 0;
    if (fits && width) return raise_int(p->t, OVERFLOW_ERROR, "width too big");
    return raise_int(p->t, OVERFLOW_ERROR, "Python int too large to convert to C %s", width ? "ssize_t" : "int");
}

// The converted text with padding; `sign` and `prefix` (numbers) stand before zeros that fill.
static void put_padded(Percent *p, const PercentSpec *spec, char sign, Text prefix, Text body, bool numeric) {
    int64_t length = (sign != 0) + (int64_t)prefix.length + (int64_t)body.length, fill = spec->width > length ? spec->width - length : 0;
    bool zeros = numeric && spec->zero && !spec->left;
    if (!spec->left && !zeros)
        for (; fill > 0 && !p->out.failed; fill--) textbuffer_put(&p->out, ' ');
    if (sign) textbuffer_put(&p->out, (uint8_t)sign);
    textbuffer_put_text(&p->out, prefix);
    if (zeros)
        for (; fill > 0 && !p->out.failed; fill--) textbuffer_put(&p->out, '0');
    textbuffer_put_text(&p->out, body);
    for (; fill > 0 && !p->out.failed; fill--) textbuffer_put(&p->out, ' ');
}

static char shown_sign(const PercentSpec *spec, bool negative) { return negative ? '-' : spec->plus ? '+' : spec->blank ? ' ' : 0; }

static int put_integer(Percent *p, const PercentSpec *spec, ValueRef v) {
    Thread *t = p->t;
    char type = (char)spec->type;
    bool decimal = type == 'd' || type == 'i' || type == 'u';
    Value n;
    if (value_is_any_int(v)) n = int_exact(t, v);
    else {
        bool number = value_is_any_float(v) || value_type(v)->ops.index || value_type(v)->ops.to_int;
        n = UNDEF;
        if (number) n = decimal ? object_int(t, v) : object_index(t, v);
        if (value_bits(n) == 0) {
            if (number && !error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
            error_clear(t);
            return raise_int(t, TYPE_ERROR, "%%%c format: %s is required, not %T", type, decimal ? "a real number" : "an integer", v);
        }
    }
    int base = decimal ? 10 : type == 'o' ? 8 : 16;
    Value digits = int_to_str(t, n, base, false);
    value_release(t, n);
    if (value_bits(digits) == 0) return -1;
    Text body = str_text(value_str(digits));
    bool negative = text_at(body, 0) == '-';
    body = text_slice(body, negative, body.length);
    char prefix[2] = {'0', type};
    TextBuffer shown = {0};
    for (int64_t zeros = spec->precision - (int64_t)body.length; zeros > 0 && !shown.failed; zeros--) textbuffer_put(&shown, '0');
    for (size_t i = 0; i < body.length; i++) {
        uint32_t c = text_at(body, i);
        textbuffer_put(&shown, type == 'X' && c >= 'a' ? c - 32 : c);
    }
    put_padded(p, spec, shown_sign(spec, negative), text_of(prefix, spec->alternate && !decimal ? 2 : 0, 1), textbuffer_text(&shown), true);
    if (shown.failed) p->out.failed = true;
    textbuffer_free(&shown);
    value_release(t, digits);
    return 0;
}

static int put_float(Percent *p, const PercentSpec *spec, ValueRef v) {
    Thread *t = p->t;
    double x;
    if (value_is_any_float(v)) x = float_value(v);
    else {
        if (!value_is_any_int(v) && !value_type(v)->ops.to_float && !value_type(v)->ops.index)
            return p->bytes ? raise_int(t, TYPE_ERROR, "float argument required, not %T", v) : raise_int(t, TYPE_ERROR, "must be real number, not %T", v);
        if (arg_double(t, v, &x) < 0) return -1;
    }
    size_t n;
    char *text = dtoa_format(x, (char)spec->type, spec->precision < 0 ? 6 : (int)spec->precision, spec->alternate ? DTOA_ALT : 0, &n);
    if (!text) return raise_no_memory(t), -1;
    bool negative = *text == '-';
    put_padded(p, spec, shown_sign(spec, negative), text_of("", 0, 1), text_of(text + negative, n - negative, 1), true);
    free(text);
    return 0;
}

// The character of %c. False with an exception.
static bool character_of(Percent *p, ValueRef v, uint32_t *out) {
    Thread *t = p->t;
    if (!p->bytes && value_is_any_str(v)) {
        size_t n = str_length(value_str(v));
        if (n != 1) {
            raise(t, TYPE_ERROR, "%%c requires an int or a unicode character, not a string of length %zd", (int64_t)n);
            return false;
        }
        *out = str_char(value_str(v), 0);
        return true;
    }
    if (p->bytes && !value_is_any_int(v) && value_has_buffer(v)) {
        Buffer b;
        if (buffer_get(t, v, &b, BUFFER_READ) < 0) return false;
        bool one = b.length == 1;
        int64_t n = b.length;
        uint8_t byte = 0;
        if (one) buffer_read(t, &b, &byte);
        *out = byte;
        buffer_release(t, &b);
        if (!one) raise(t, TYPE_ERROR, "%%c requires an integer in range(256) or a single byte, not a %T object of length %zd", v, n);
        return one;
    }
    const char *wanted = p->bytes ? "%%c requires an integer in range(256) or a single byte, not %Q" : "%%c requires an int or a unicode character, not %Q";
    Value n = UNDEF;
    if (value_is_any_int(v)) n = int_exact(t, v);
    else if (value_type(v)->ops.index) {
        n = object_index(t, v);
        if (value_bits(n) == 0 && !error_matches(t, EXCEPTION(TYPE_ERROR))) return false;
        error_clear(t);
    }
    if (value_bits(n) == 0) {
        raise(t, TYPE_ERROR, wanted, value_type(v));
        return false;
    }
    int64_t code;
    bool fits = int_as_int64(n, &code) == 0 && code >= 0 && code <= (p->bytes ? 255 : (int64_t)UNI_MAX);
    value_release(t, n);
    if (!fits) raise(t, OVERFLOW_ERROR, p->bytes ? "%%c arg not in range(256)" : "%%c arg not in range(0x110000)");
    *out = (uint32_t)code;
    return fits;
}

static int put_shown(Percent *p, const PercentSpec *spec, Value shown_steal) {
    if (value_bits(shown_steal) == 0) return -1;
    Text body = str_text(value_str(shown_steal));
    if (spec->precision >= 0 && (uint64_t)spec->precision < body.length) body.length = (size_t)spec->precision;
    put_padded(p, spec, 0, text_of("", 0, 1), body, false);
    value_release(p->t, shown_steal);
    return 0;
}

// %s and %b of bytes formatting.
static int put_bytes(Percent *p, const PercentSpec *spec, ValueRef v) {
    Thread *t = p->t;
    Value held = UNDEF;
    if (!value_is(v, BYTES)) {
        if (!value_has_buffer(v)) {
            held = call_special(t, v, NAME(__bytes__), NULL, 0);
            if (value_bits(held) == 0) {
                if (error_pending(t)) return -1;
                return raise_int(t, TYPE_ERROR, "%%b requires a bytes-like object, or an object that implements __bytes__, not '%T'", v);
            }
            if (!value_is_any_bytes(held)) {
                raise(t, TYPE_ERROR, "__bytes__ returned non-bytes (type %T)", held);
                value_release(t, held);
                return -1;
            }
        } else {
            held = bytes_from_object(t, v);
            if (value_bits(held) == 0) return -1;
        }
        v = held;
    }
    Text body = text_of(value_bytes(v)->data, value_bytes(v)->length, 1);
    if (spec->precision >= 0 && (uint64_t)spec->precision < body.length) body.length = (size_t)spec->precision;
    put_padded(p, spec, 0, text_of("", 0, 1), body, false);
    value_release(t, held);
    return 0;
}

static int put_argument(Percent *p, const PercentSpec *spec, ValueRef v) {
    Thread *t = p->t;
    switch (spec->type) {
        case 'b':
            if (!p->bytes) break;
            return put_bytes(p, spec, v);
        case 's':
            if (p->bytes) return put_bytes(p, spec, v);
            return put_shown(p, spec, object_str(t, v));
        case 'r':
            if (!p->bytes) return put_shown(p, spec, object_repr(t, v));
            return put_shown(p, spec, object_ascii(t, v));
        case 'a': return put_shown(p, spec, object_ascii(t, v));
        case 'c': {
            uint32_t c;
            if (!character_of(p, v, &c)) return -1;
            put_padded(p, spec, 0, text_of("", 0, 1), text_of(&c, 1, 4), false);
            return 0;
        }
        case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': return put_integer(p, spec, v);
        case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': return put_float(p, spec, v);
        default: break;
    }
    uint32_t c = spec->type;
    char shown = c > 31 && c < 128 ? (char)c : '?';
    return raise_int(t, VALUE_ERROR, "unsupported format character '%c' (0x%x) at index %zd", shown, (unsigned)c, (int64_t)spec->type_at);
}

// "%d" of a small int and "%s" of a str, with nothing between the two characters: most of what there is. False: not such a case.
static bool put_plain(Percent *p, uint32_t type, ValueRef v) {
    if (type == 's' && !p->bytes && value_is(v, STR)) {
        textbuffer_put_text(&p->out, str_text(value_str(v)));
        return true;
    }
    if (type != 'd' || !value_is_int(v)) return false;
    char digits[24], *end = digits + sizeof digits, *at = end;
    int64_t n = value_get_int(v);
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0) *--at = '-';
    textbuffer_put_ascii(&p->out, at, (size_t)(end - at));
    return true;
}

static int run_percent(Percent *p) {
    Text format = p->format;
    for (size_t at = 0; at < format.length;) {
        size_t found = strsearch_char(text_slice(format, at, format.length), '%');
        size_t stop = found == SEARCH_NONE ? format.length : at + found;
        textbuffer_put_text(&p->out, text_slice(format, at, stop));
        if (stop == format.length) break;
        uint32_t type = stop + 1 < format.length ? text_at(format, stop + 1) : 0;
        ValueRef v = UNDEF;
        if (type == 'd' || type == 's') {
            v = next_argument(p);
            if (value_bits(v) == 0) return -1;
            if (put_plain(p, type, v)) {
                if (p->out.failed) return raise_no_memory(p->t), -1;
                at = stop + 2;
                continue;
            }
        }
        PercentSpec spec;
        const char *why = fmtspec_percent(format, stop, &spec);
        if (why) return raise_int(p->t, VALUE_ERROR, "%s", why);
        at = spec.next;
        if (spec.key != SIZE_MAX && take_key(p, &spec) < 0) return -1;
        if (spec.width_star) {
            if (star(p, &spec.width, true) < 0) return -1;
            if (spec.width < 0) {
                spec.left = true;
                spec.width = -spec.width;
            }
        }
        if (spec.precision_star) {
            if (star(p, &spec.precision, false) < 0) return -1;
            if (spec.precision < 0) spec.precision = 0;
        }
        if (spec.type == '%' && spec.next == stop + 2) {
            textbuffer_put(&p->out, '%');
            continue;
        }
        if (value_bits(v) == 0) v = next_argument(p);
        if (value_bits(v) == 0 || put_argument(p, &spec, v) < 0) return -1;
        if (p->out.failed) return raise_no_memory(p->t), -1;
    }
    bool left_over = p->count < 0 ? p->next == -2 : p->next < p->count;
    if (left_over && !p->mapping)
        return raise_int(p->t, TYPE_ERROR, p->bytes ? "not all arguments converted during bytes formatting" : "not all arguments converted during string formatting");
    return 0;
}

static int percent(Percent *p, ValueRef args) {
    bool tuple = value_is_any_tuple(args);
    p->args = p->single = args;
    p->key_value = UNDEF;
    p->count = tuple ? value_tuple(args)->length : -1;
    p->next = tuple ? 0 : -2;
    p->mapping = !tuple && !value_is_any_str(args) && (!p->bytes || !value_has_buffer(args)) && value_is_object(args) && value_type(args)->ops.getitem;
    int result = run_percent(p);
    value_release(p->t, p->key_value);
    return result;
}

Value str_percent(Thread *t, ValueRef format, ValueRef args) {
    Percent p = {.t = t, .format = str_text(value_str(format))};
    if (percent(&p, args) == 0) return str_from_buffer(t, &p.out);
    textbuffer_free(&p.out);
    return UNDEF;
}

Value bytes_percent(Thread *t, ValueRef format, ValueRef args, bool to_bytearray) {
    // A bytearray is read as it is now: converting arguments may run Python that changes it.
    Value held = value_is_any_bytes(format) ? UNDEF : bytes_from_object(t, format);
    if (value_bits(held) == 0 && !value_is_any_bytes(format)) return UNDEF;
    const Bytes *b = value_bytes(value_bits(held) ? (ValueRef)held : format);
    Percent p = {.t = t, .format = text_of(b->data, b->length, 1), .bytes = true};
    Value result = UNDEF;
    if (percent(&p, args) == 0) {
        if (p.out.failed) raise_no_memory(t);
        else result = to_bytearray ? bytearray_new(t, p.out.data, p.out.length) : bytes_new(t, p.out.data, p.out.length);
    }
    textbuffer_free(&p.out);
    value_release(t, held);
    return result;
}

// --- format -------------------------------------------------------------------------------------------------------

typedef struct {
    Thread *t;
    const ValueRef *args; // positional, then the values of kwnames
    uint32_t nargs;
    Tuple *kwnames;
    ValueRef mapping;     // format_map: in place of both
    int64_t automatic;    // next automatic number; -1: fields are numbered by hand
    bool numbered;        // one of the two has been seen
} Fields;

// All of the text as a number: -1 it is none, -2 too large (raised).
static int64_t whole_number(Thread *t, Text text) {
    if (text.length == 0) return -1;
    int64_t v = 0;
    for (size_t i = 0; i < text.length; i++) {
        int digit = uni_decimal(text_at(text, i));
        if (digit < 0) return -1;
        if (v > (INT64_MAX - digit) / 10) return raise_int(t, VALUE_ERROR, "Too many decimal digits in format string"), -2;
        v = v * 10 + digit;
    }
    return v;
}

static Value named_field(Fields *f, Text name) {
    Thread *t = f->t;
    Value key = str_from_view(t, name), result = UNDEF;
    if (value_bits(key) == 0) return UNDEF;
    if (value_bits(f->mapping)) result = object_getitem(t, f->mapping, key);
    else {
        for (int64_t i = 0; f->kwnames && i < f->kwnames->length; i++)
            if (str_equal(value_str(tuple_item(f->kwnames, i)), value_str(key))) result = value_dup(t, f->args[f->nargs + i]);
        if (value_bits(result) == 0) return raise_with_value(t, E_KEY_ERROR, key);
    }
    value_release(t, key);
    return result;
}

static Value first_of_field(Fields *f, Text name) {
    Thread *t = f->t;
    int64_t index = whole_number(t, name);
    if (index == -2) return UNDEF;
    if (index < 0 && name.length) return named_field(f, name);
    bool by_hand = index >= 0;
    if (f->numbered && by_hand != (f->automatic < 0))
        return raise(t, VALUE_ERROR, by_hand ? "cannot switch from automatic field numbering to manual field specification"
                                             : "cannot switch from manual field specification to automatic field numbering");
    f->numbered = true;
    if (by_hand) f->automatic = -1;
    else index = f->automatic++;
    if (value_bits(f->mapping)) return raise(t, VALUE_ERROR, "Format string contains positional fields");
    if (index >= f->nargs) return raise(t, INDEX_ERROR, "Replacement index %lld out of range for positional args tuple", (long long)index);
    return value_dup(t, f->args[index]);
}

// The object that "first.name[key]..." leads to.
static Value field_object(Fields *f, Text field) {
    Thread *t = f->t;
    size_t i = 0;
    while (i < field.length && text_at(field, i) != '.' && text_at(field, i) != '[') i++;
    Value v = first_of_field(f, text_slice(field, 0, i));
    while (value_bits(v) && i < field.length) {
        size_t start = i + 1, end = start, next;
        bool attribute = text_at(field, i) == '.';
        const char *why = NULL;
        if (attribute) {
            while (end < field.length && text_at(field, end) != '.' && text_at(field, end) != '[') end++;
            next = end;
        } else if (text_at(field, i) == '[') {
            while (end < field.length && text_at(field, end) != ']') end++;
            if (end == field.length) why = "Missing ']' in format string";
            next = end + 1;
        } else {
            why = "Only '.' or '[' may follow ']' in format field specifier";
            next = i;
        }
        if (!why && start == end) why = "Empty attribute in format string";
        if (why) {
            value_release(t, v);
            return raise(t, VALUE_ERROR, "%s", why);
        }
        Text name = text_slice(field, start, end);
        Value step = UNDEF;
        int64_t index = attribute ? -1 : whole_number(t, name);
        Value key = index == -2 ? UNDEF : index >= 0 ? int_from_int64(t, index) : str_from_view(t, name);
        if (value_bits(key)) step = attribute ? object_getattr(t, v, key) : object_getitem(t, v, key);
        value_release(t, key);
        value_release(t, v);
        v = step;
        i = next;
    }
    return v;
}

static int format_text(Fields *f, Text text, int depth, TextBuffer *out);

static int put_field(Fields *f, Text field, uint32_t conversion, Text spec, bool nested, int depth, TextBuffer *out) {
    Thread *t = f->t;
    Value v = field_object(f, field), spec_value = UNDEF, shown = UNDEF;
    if (value_bits(v) == 0) return -1;
    if (conversion) {
        Value converted;
        if (conversion == 'r') converted = object_repr(t, v);
        else if (conversion == 's') converted = object_str(t, v);
        else if (conversion == 'a') converted = object_ascii(t, v);
        else if (conversion > 32 && conversion < 127) converted = raise(t, VALUE_ERROR, "Unknown conversion specifier %c", (char)conversion);
        else converted = raise(t, VALUE_ERROR, "Unknown conversion specifier \\x%x", (unsigned)conversion);
        value_release(t, v);
        v = converted;
        if (value_bits(v) == 0) return -1;
    }
    if (nested) {
        TextBuffer expanded = {0};
        if (format_text(f, spec, depth - 1, &expanded) < 0) {
            textbuffer_free(&expanded);
            goto done;
        }
        spec_value = str_from_buffer(t, &expanded);
    } else {
        spec_value = str_from_view(t, spec);
    }
    if (value_bits(spec_value)) shown = str_format_value(t, v, spec_value);
    if (value_bits(shown)) textbuffer_put_text(out, str_text(value_str(shown)));
done:
    value_release(t, v);
    value_release(t, spec_value);
    value_release(t, shown);
    return value_bits(shown) ? 0 : -1;
}

static int format_text(Fields *f, Text text, int depth, TextBuffer *out) {
    Thread *t = f->t;
    size_t n = text.length;
    if (depth <= 0) return raise_int(t, VALUE_ERROR, "Max string recursion exceeded");
    for (size_t i = 0; i < n;) {
        uint32_t c = text_at(text, i);
        if (c != '{' && c != '}') {
            size_t start = i;
            while (i < n && text_at(text, i) != '{' && text_at(text, i) != '}') i++;
            textbuffer_put_text(out, text_slice(text, start, i));
            continue;
        }
        i++;
        if (i < n && text_at(text, i) == c) { // doubled
            textbuffer_put(out, c);
            i++;
            continue;
        }
        if (c == '}') return raise_int(t, VALUE_ERROR, "Single '}' encountered in format string");
        if (i == n) return raise_int(t, VALUE_ERROR, "Single '{' encountered in format string");
        // The field's name: up to '}', ':' or '!', where brackets hide them.
        size_t name = i;
        uint32_t stop = 0;
        for (; i < n && !stop; i++) {
            uint32_t d = text_at(text, i);
            if (d == '{') return raise_int(t, VALUE_ERROR, "unexpected '{' in field name");
            if (d == '[') {
                while (i + 1 < n && text_at(text, i + 1) != ']') i++;
            } else if (d == '}' || d == ':' || d == '!') {
                stop = d;
            }
        }
        if (!stop) return raise_int(t, VALUE_ERROR, "expected '}' before end of string");
        Text field = text_slice(text, name, i - 1), spec = text_slice(text, i, i);
        uint32_t conversion = 0;
        bool nested = false;
        if (stop == '!') {
            if (i == n) return raise_int(t, VALUE_ERROR, "end of string while looking for conversion specifier");
            conversion = text_at(text, i++);
            stop = ':';
            if (i < n) {
                stop = text_at(text, i++);
                if (stop != '}' && stop != ':') return raise_int(t, VALUE_ERROR, "expected ':' after conversion specifier");
            }
        }
        if (stop == ':') {
            size_t start = i, open = 1;
            for (; i < n && open; i++) {
                uint32_t d = text_at(text, i);
                if (d == '{') {
                    nested = true;
                    open++;
                } else if (d == '}') {
                    open--;
                }
            }
            if (open) return raise_int(t, VALUE_ERROR, "unmatched '{' in format spec");
            spec = text_slice(text, start, i - 1);
        }
        if (put_field(f, field, conversion, spec, nested, depth, out) < 0) return -1;
    }
    return 0;
}

static Value run_format(Fields *f, ValueRef self) {
    TextBuffer out = {0};
    if (format_text(f, str_text(value_str(self)), 2, &out) == 0) return str_from_buffer(f->t, &out);
    textbuffer_free(&out);
    return UNDEF;
}

Value str_format_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Fields f = {.t = t, .args = args, .nargs = nargs, .kwnames = kwnames, .mapping = UNDEF};
    return run_format(&f, self);
}

Value str_format_map(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Fields f = {.t = t, .mapping = args[0]};
    return run_format(&f, self);
}

Value str_dunder_format(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__format__() argument must be str, not %K", args[0]);
    if (str_length(value_str(args[0])) == 0) return value_is(self, STR) ? value_dup(t, self) : object_str(t, self);
    FormatSpec spec;
    if (format_spec_read(t, self, args[0], 's', '<', &spec) < 0) return UNDEF;
    TextBuffer out = {0};
    char error[FMTSPEC_ERROR_MAX];
    FmtStatus status = spec.type == 's' ? fmtspec_string(&out, &spec, str_text(value_str(self)), error) : FMTSPEC_UNKNOWN;
    return format_finish(t, self, &spec, status, error, &out);
}
