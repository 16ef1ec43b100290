// The type str: slots, methods, constructor. What bytes has too is in textlike.c; format and % are in str_format.c.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/textlike.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/unicode.h"
#include "runtime/type.h"
#include <stdlib.h>

static Value make_ascii(Thread *t, Text text) { return str_from_ascii(t, text.data, text.length); }
const TextlikeKind textlike_str = {str_from_view, uni_is_space, uni_is_linebreak, true};
const TextlikeKind textlike_ascii = {make_ascii, uni_is_space, uni_is_linebreak, true};

static Text text_of_value(ValueRef v) { return str_text(value_str(v)); }

static Textlike like(Thread *t, ValueRef self) {
    return (Textlike){t, str_is_ascii(value_str(self)) ? &textlike_ascii : &textlike_str, self, text_of_value(self), value_is(self, STR)};
}

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// A str argument; false with "find() argument 1 must be str, not int".
static bool is_str_argument(Thread *t, ValueRef v, const char *method, int number) {
    if (LIKELY(value_is_any_str(v))) return true;
    raise(t, TYPE_ERROR, "%s() argument %d must be str, not %K", method, number, v);
    return false;
}

// --- slots --------------------------------------------------------------------------------------------------------

static int64_t slot_length(Thread *t, ValueRef self) { return (int64_t)str_length(value_str(self)); }
static int64_t slot_hash(Thread *t, ValueRef self) { return str_hash(value_str(self)); }
static Value slot_str(Thread *t, ValueRef self) { return str_exact(t, self); }

static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_any_str(a) || !value_is_any_str(b)) return NOT_IMPLEMENTED;
    const Str *x = value_str(a), *y = value_str(b);
    if (op == CMP_EQ) return value_bool(str_equal(x, y));
    if (op == CMP_NE) return value_bool(!str_equal(x, y));
    int order = str_compare(x, y);
    return value_bool(op == CMP_LT ? order < 0 : op == CMP_LE ? order <= 0 : op == CMP_GT ? order > 0 : order >= 0);
}

static Value slot_getitem(Thread *t, ValueRef self, ValueRef key) {
    const Str *s = value_str(self);
    int64_t n = (int64_t)str_length(s), i;
    if (value_is(key, SLICE)) {
        int64_t start, stop, step, count;
        if (slice_indices(t, value_slice(key), n, &start, &stop, &step, &count) < 0) return UNDEF;
        if (count == 0) return str_from_view(t, text_of("", 0, 1));
        if (step == 1) return str_substring(t, s, (size_t)start, (size_t)(start + count));
        TextBuffer out = {0};
        for (int64_t k = 0; k < count; k++) textbuffer_put(&out, str_char(s, (size_t)(start + k * step)));
        return str_from_buffer(t, &out);
    }
    int got = container_index(t, key, &i);
    if (got < 0) return UNDEF;
    if (got == 0) return raise(t, TYPE_ERROR, "string indices must be integers, not '%T'", key);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, INDEX_ERROR, "string index out of range");
    return str_from_char(t, str_char(s, (size_t)i));
}

static int slot_contains(Thread *t, ValueRef self, ValueRef item) {
    if (!value_is_any_str(item)) return raise_int(t, TYPE_ERROR, "'in <string>' requires string as left operand, not %T", item);
    return strsearch_find(text_of_value(self), text_of_value(item)) != SEARCH_NONE;
}

static Value slot_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is_any_str(a)) return NOT_IMPLEMENTED;
    if (!value_is_any_str(b)) return raise(t, TYPE_ERROR, "can only concatenate str (not \"%T\") to str", b);
    return str_concat(t, a, b);
}

static Value slot_repeat(Thread *t, ValueRef a, ValueRef count) {
    ValueRef self = value_is_any_str(a) ? a : count;
    int64_t n;
    if (container_repeat_count(t, value_is_any_str(a) ? count : a, &n) < 0) return UNDEF;
    const Str *s = value_str(self);
    size_t length = str_length(s);
    if (n <= 0 || length == 0) return str_from_view(t, text_of("", 0, 1));
    if (n == 1) return str_exact(t, self);
    if ((size_t)n > STR_LENGTH_MAX / length) return raise_no_memory(t);
    Str *out = str_alloc(t, length * (size_t)n, str_max_class(s));
    if (!out) return UNDEF;
    size_t bytes = length * (size_t)str_kind(s), total = bytes * (size_t)n;
    char *data = str_data(out);
    if (bytes == 1) memset(data, *(const char *)str_data(s), total);
    else {
        memcpy(data, str_data(s), bytes);
        for (size_t done = bytes; done < total;) { // doubles each time
            size_t more = done < total - done ? done : total - done;
            memcpy(data + done, data, more);
            done += more;
        }
    }
    return value_of(out);
}

static Value slot_remainder(Thread *t, ValueRef a, ValueRef b) {
    return value_is_any_str(a) ? str_percent(t, a, b) : NOT_IMPLEMENTED;
}

static Value slot_iter(Thread *t, ValueRef self) { return index_iterator_new(t, TYPE_OF(STR_ITERATOR), self, 0); }

// --- constructor --------------------------------------------------------------------------------------------------

static Value str_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[3];
    if (nargs == 1 && !kwnames && (Type *)value_object(type) == TYPE_OF(STR)) return object_str(t, args[0]);
    if (!kwnames && args_count(t, "str", nargs, 0, 3) < 0) return UNDEF;
    if (args_bind(t, "str", "(object='', encoding='utf-8', errors='strict')", args, nargs, kwnames, arg) < 0) return UNDEF;
    static const char *const names[] = {"encoding", "errors"};
    for (int i = 1; i < 3; i++)
        if (value_bits(arg[i]) && !value_is_any_str(arg[i])) return raise(t, TYPE_ERROR, "str() argument '%s' must be str, not %K", names[i - 1], arg[i]);
    Value s;
    if (value_bits(arg[0]) == 0) s = str_from_view(t, text_of("", 0, 1));
    else if (value_bits(arg[1]) == 0 && value_bits(arg[2]) == 0) s = object_str(t, arg[0]);
    else {
        if (value_is_any_str(arg[0])) return raise(t, TYPE_ERROR, "decoding str is not supported");
        if (!value_has_buffer(arg[0])) return raise(t, TYPE_ERROR, "decoding to str: need a bytes-like object, %T found", arg[0]);
        s = str_decode_object(t, arg[0], arg[1], arg[2]);
    }
    Type *class = (Type *)value_object(type);
    if (class == TYPE_OF(STR) || value_bits(s) == 0) return s;
    Value instance = str_of_subclass(t, class, value_str(s));
    value_release(t, s);
    return instance;
}

// --- case ---------------------------------------------------------------------------------------------------------

static Value convert_case(Thread *t, ValueRef self, UniCase form) {
    const Str *s = value_str(self);
    size_t n = str_length(s);
    if (n == 0) return str_exact(t, self);
    if (str_is_ascii(s)) {
        Str *out = str_alloc(t, n, 0x7f);
        if (!out) return UNDEF;
        const uint8_t *from = str_data(s);
        uint8_t *to = str_data(out);
        if (form == UNI_UPPERCASE || form == UNI_LOWERCASE || form == UNI_CASEFOLD) {
            uint8_t low = form == UNI_UPPERCASE ? 'a' : 'A';
            for (size_t i = 0; i < n; i++) to[i] = (uint8_t)(from[i] ^ ((uint8_t)(from[i] - low) < 26 ? 0x20 : 0));
        } else {
            bool up = true; // what a letter here becomes, but for swapcase
            for (size_t i = 0; i < n; i++) {
                uint8_t c = from[i];
                bool letter = (uint8_t)((c | 0x20) - 'a') < 26;
                to[i] = !letter ? c : form == UNI_SWAPCASE ? c ^ 0x20 : up ? c & 0xdf : c | 0x20;
                up = form == UNI_TITLE_WORDS && !letter;
            }
        }
        if (n == 1) {
            Value one = str_from_char(t, *to);
            object_release(t, out);
            return one;
        }
        return value_of(out);
    }
    uint32_t local[192], *out = local;
    if (n > 64 && !(out = malloc(n * 3 * sizeof *out))) return raise_no_memory(t);
    size_t m = uni_convert_case(form, str_text(s), out);
    Value result = str_from_ucs4(t, out, m);
    if (out != local) free(out);
    return result;
}

METHOD(lower) { return convert_case(t, self, UNI_LOWERCASE); }
METHOD(upper) { return convert_case(t, self, UNI_UPPERCASE); }
METHOD(casefold) { return convert_case(t, self, UNI_CASEFOLD); }
METHOD(title) { return convert_case(t, self, UNI_TITLE_WORDS); }
METHOD(capitalize) { return convert_case(t, self, UNI_CAPITALIZE); }
METHOD(swapcase) { return convert_case(t, self, UNI_SWAPCASE); }

// --- questions ----------------------------------------------------------------------------------------------------

// True where there are characters and all have the property.
static Value all_are(ValueRef self, bool (*has)(uint32_t)) {
    Text text = text_of_value(self);
    for (size_t i = 0; i < text.length; i++)
        if (!has(text_at(text, i))) return FALSE_VALUE;
    return value_bool(text.length > 0);
}
METHOD(isspace) { return all_are(self, uni_is_space); }
METHOD(isdecimal) { return all_are(self, uni_is_decimal); }
METHOD(isdigit) { return all_are(self, uni_is_digit); }
METHOD(isnumeric) { return all_are(self, uni_is_numeric); }
METHOD(isalpha) { return all_are(self, uni_is_alpha); }
METHOD(isalnum) { return all_are(self, uni_is_alnum); }
METHOD(isascii) { return value_bool(str_is_ascii(value_str(self))); }
METHOD(isidentifier) { return value_bool(uni_is_identifier(text_of_value(self))); }
METHOD(isprintable) { return str_length(value_str(self)) == 0 ? TRUE_VALUE : all_are(self, uni_is_printable); }

static Value all_cased_are(ValueRef self, bool (*wanted)(uint32_t), bool (*refused)(uint32_t)) {
    Text text = text_of_value(self);
    bool any = false;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (refused(c) || uni_is_title(c)) return FALSE_VALUE;
        any |= wanted(c);
    }
    return value_bool(any);
}
METHOD(islower) { return all_cased_are(self, uni_is_lower, uni_is_upper); }
METHOD(isupper) { return all_cased_are(self, uni_is_upper, uni_is_lower); }

METHOD(istitle) {
    Text text = text_of_value(self);
    bool any = false, after_cased = false;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (uni_is_upper(c) || uni_is_title(c)) {
            if (after_cased) return FALSE_VALUE;
            after_cased = any = true;
        } else if (uni_is_lower(c)) {
            if (!after_cased) return FALSE_VALUE;
            any = true;
        } else {
            after_cased = false;
        }
    }
    return value_bool(any);
}

// --- finding ------------------------------------------------------------------------------------------------------

// The found index, -1 for none, -2 with an exception.
static int64_t find_argument(Thread *t, ValueRef self, const ValueRef *args, const char *name, bool from_right) {
    int64_t start, end;
    if (!is_str_argument(t, args[0], name, 1) || textlike_range(t, args[1], args[2], &start, &end) < 0) return -2;
    textlike_fit((int64_t)str_length(value_str(self)), &start, &end);
    return textlike_find(text_of_value(self), text_of_value(args[0]), start, end, from_right);
}
static Value found(Thread *t, int64_t at, bool must) {
    if (at == -2) return UNDEF;
    return at < 0 && must ? raise(t, VALUE_ERROR, "substring not found") : value_int(at);
}
METHOD(find) { return found(t, find_argument(t, self, args, "find", false), false); }
METHOD(rfind) { return found(t, find_argument(t, self, args, "rfind", true), false); }
METHOD(index_method) { return found(t, find_argument(t, self, args, "index", false), true); }
METHOD(rindex_method) { return found(t, find_argument(t, self, args, "rindex", true), true); }

METHOD(count) {
    int64_t start, end;
    if (!is_str_argument(t, args[0], "count", 1) || textlike_range(t, args[1], args[2], &start, &end) < 0) return UNDEF;
    textlike_fit((int64_t)str_length(value_str(self)), &start, &end);
    return value_int(textlike_count(text_of_value(self), text_of_value(args[0]), start, end));
}

static Value at_end(Thread *t, ValueRef self, const ValueRef *args, const char *name, bool at_start) {
    int64_t start, end;
    if (textlike_range(t, args[1], args[2], &start, &end) < 0) return UNDEF;
    textlike_fit((int64_t)str_length(value_str(self)), &start, &end);
    if (value_is_any_str(args[0])) return value_bool(textlike_has_at_end(text_of_value(self), text_of_value(args[0]), start, end, at_start));
    if (!value_is_any_tuple(args[0]))
        return raise(t, TYPE_ERROR, "%s first arg must be str or a tuple of str, not %T", name, args[0]);
    Tuple *parts = value_tuple(args[0]);
    for (int64_t i = 0; i < parts->length; i++) {
        ValueRef part = tuple_item(parts, i);
        if (!value_is_any_str(part)) return raise(t, TYPE_ERROR, "tuple for %s must only contain str, not %T", name, part);
        if (textlike_has_at_end(text_of_value(self), text_of_value(part), start, end, at_start)) return TRUE_VALUE;
    }
    return FALSE_VALUE;
}
METHOD(startswith) { return at_end(t, self, args, "startswith", true); }
METHOD(endswith) { return at_end(t, self, args, "endswith", false); }

static Value remove_at_end(Thread *t, ValueRef self, ValueRef part, const char *name, bool at_start) {
    if (!value_is_any_str(part)) return raise(t, TYPE_ERROR, "%s() argument must be str, not %K", name, part);
    const Str *s = value_str(self);
    size_t n = str_length(s), m = str_length(value_str(part));
    if (m == 0 || !textlike_has_at_end(str_text(s), text_of_value(part), 0, (int64_t)n, at_start)) return str_exact(t, self);
    return at_start ? str_substring(t, s, m, n) : str_substring(t, s, 0, n - m);
}
METHOD(removeprefix) { return remove_at_end(t, self, args[0], "removeprefix", true); }
METHOD(removesuffix) { return remove_at_end(t, self, args[0], "removesuffix", false); }

// --- taking apart and putting together ----------------------------------------------------------------------------

static Value split_by(Thread *t, ValueRef self, const ValueRef *args, Value (*how)(const Textlike *, const Text *, int64_t)) {
    int64_t max = -1;
    if (value_bits(args[1]) && arg_index(t, args[1], &max) < 0) return UNDEF;
    Textlike me = like(t, self);
    if (value_bits(args[0]) == 0 || value_bits(args[0]) == value_bits(NONE)) return how(&me, NULL, max);
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "must be str or None, not %T", args[0]);
    Text separator = text_of_value(args[0]);
    if (separator.length == 0) return raise(t, VALUE_ERROR, "empty separator");
    return how(&me, &separator, max);
}
METHOD(split) { return split_by(t, self, args, textlike_split); }
METHOD(rsplit) { return split_by(t, self, args, textlike_rsplit); }

METHOD(splitlines) {
    bool keep = false;
    if (value_bits(args[0]) && arg_bool(t, args[0], &keep) < 0) return UNDEF;
    Textlike me = like(t, self);
    return textlike_splitlines(&me, keep);
}

static Value partition_by(Thread *t, ValueRef self, ValueRef separator, bool from_right) {
    if (!value_is_any_str(separator)) return raise(t, TYPE_ERROR, "must be str, not %T", separator);
    if (str_length(value_str(separator)) == 0) return raise(t, VALUE_ERROR, "empty separator");
    Textlike me = like(t, self);
    if (!str_is_ascii(value_str(separator))) me.kind = &textlike_str;
    return textlike_partition(&me, text_of_value(separator), separator, from_right);
}
METHOD(partition) { return partition_by(t, self, args[0], false); }
METHOD(rpartition) { return partition_by(t, self, args[0], true); }

static Value strip_by(Thread *t, ValueRef self, ValueRef chars, int sides, const char *name) {
    Textlike me = like(t, self);
    if (value_bits(chars) == 0 || value_bits(chars) == value_bits(NONE)) return textlike_strip(&me, sides, NULL);
    if (!value_is_any_str(chars)) return raise(t, TYPE_ERROR, "%s arg must be None or str", name);
    Text set = text_of_value(chars);
    return textlike_strip(&me, sides, &set);
}
METHOD(strip) { return strip_by(t, self, args[0], STRIP_LEFT | STRIP_RIGHT, "strip"); }
METHOD(lstrip) { return strip_by(t, self, args[0], STRIP_LEFT, "lstrip"); }
METHOD(rstrip) { return strip_by(t, self, args[0], STRIP_RIGHT, "rstrip"); }

// All is ASCII, so the result's size is known once the occurrences are counted.
static Value replace_ascii(Thread *t, ValueRef self, Text old, Text new, int64_t max) {
    Text text = text_of_value(self);
    size_t limit = max < 0 ? SIZE_MAX : (size_t)max, n = strsearch_count(text, old, limit), gone = n * old.length;
    if (n == 0) return str_exact(t, self);
    if (new.length && n > (STR_LENGTH_MAX - text.length) / new.length) return raise_no_memory(t);
    size_t length = text.length - gone + n * new.length;
    if (length == 0) return str_from_ascii(t, "", 0);
    Str *out = str_alloc(t, length, 0x7f);
    if (!out) return UNDEF;
    const uint8_t *from = text.data;
    uint8_t *to = str_data(out);
    if (old.length == 1 && new.length == 1) {
        uint8_t a = *(const uint8_t *)old.data, b = *(const uint8_t *)new.data;
        if (n == limit) {
            size_t left = n;
            for (size_t i = 0; i < length; i++) to[i] = from[i] == a && left ? (left--, b) : from[i];
        } else {
            for (size_t i = 0; i < length; i++) to[i] = from[i] == a ? b : from[i];
        }
    } else {
        size_t at = 0;
        for (; n; n--) {
            size_t found = strsearch_find(text_slice(text, at, text.length), old);
            memcpy(to, from + at, found);
            memcpy(to + found, new.data, new.length);
            to += found + new.length;
            at += found + old.length;
        }
        memcpy(to, from + at, text.length - at);
    }
    if (length == 1) {
        Value one = str_from_char(t, *(const uint8_t *)str_data(out));
        object_release(t, out);
        return one;
    }
    return value_of(out);
}

METHOD(replace) {
    int64_t max = -1;
    if (!is_str_argument(t, args[0], "replace", 1) || !is_str_argument(t, args[1], "replace", 2)) return UNDEF;
    if (value_bits(args[2]) && arg_index(t, args[2], &max) < 0) return UNDEF;
    if (str_equal(value_str(args[0]), value_str(args[1]))) return str_exact(t, self);
    const Str *s = value_str(self), *old = value_str(args[0]), *new = value_str(args[1]);
    if (str_is_ascii(s) && str_is_ascii(new) && str_length(old)) return replace_ascii(t, self, str_text(old), str_text(new), max);
    TextBuffer out = {0};
    if (!textlike_replace(text_of_value(self), text_of_value(args[0]), text_of_value(args[1]), max, &out)) return str_exact(t, self);
    return str_from_buffer(t, &out);
}

METHOD(join) { return str_join(t, self, args[0]); }

METHOD(expandtabs) {
    int64_t size = 8;
    int narrow = 8;
    if (value_bits(args[0])) {
        if (arg_int(t, args[0], &narrow) < 0) return UNDEF;
        size = narrow;
    }
    if (strsearch_char(text_of_value(self), '\t') == SEARCH_NONE) return str_exact(t, self);
    TextBuffer out = {0};
    textlike_expandtabs(text_of_value(self), size, &out);
    return str_from_buffer(t, &out);
}

static int fill_character(Thread *t, ValueRef v, uint32_t *out) {
    *out = ' ';
    if (value_bits(v) == 0) return 0;
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "The fill character must be a unicode character, not %T", v);
    if (str_length(value_str(v)) != 1) return raise_int(t, TYPE_ERROR, "The fill character must be exactly one character long");
    *out = str_char(value_str(v), 0);
    return 0;
}

static Value pad_by(Thread *t, ValueRef self, const ValueRef *args, int where) { // -1 left-justified, 0 centred, 1 right-justified
    int64_t width;
    uint32_t fill;
    if (arg_index(t, args[0], &width) < 0 || fill_character(t, args[1], &fill) < 0) return UNDEF;
    int64_t n = (int64_t)str_length(value_str(self)), free_columns = width - n;
    if (width <= n) return str_exact(t, self);
    if ((size_t)width >= STR_LENGTH_MAX) return raise_no_memory(t);
    size_t left = where < 0 ? 0 : where > 0 ? (size_t)free_columns : (size_t)(free_columns / 2 + (free_columns & width & 1));
    const Str *s = value_str(self);
    uint32_t max = fill > str_max_class(s) ? fill : str_max_class(s), kind = text_width_for(max);
    if (width == 1) return str_from_char(t, fill);
    Str *out = str_alloc(t, (size_t)width, max);
    if (!out) return UNDEF;
    for (size_t i = 0; i < left; i++) text_put(str_data(out), kind, i, fill);
    text_copy((char *)str_data(out) + left * kind, kind, str_data(s), (uint32_t)str_kind(s), (size_t)n);
    for (size_t i = left + (size_t)n; i < (size_t)width; i++) text_put(str_data(out), kind, i, fill);
    return value_of(out);
}
METHOD(center) { return pad_by(t, self, args, 0); }
METHOD(ljust) { return pad_by(t, self, args, -1); }
METHOD(rjust) { return pad_by(t, self, args, 1); }

METHOD(zfill) {
    int64_t width;
    if (arg_index(t, args[0], &width) < 0) return UNDEF;
    if (width <= (int64_t)str_length(value_str(self))) return str_exact(t, self);
    if ((size_t)width >= STR_LENGTH_MAX) return raise_no_memory(t);
    TextBuffer out = {0};
    textlike_zfill(text_of_value(self), (size_t)width, &out);
    return str_from_buffer(t, &out);
}

// --- translation --------------------------------------------------------------------------------------------------

// What the table says for c: 1 and appended to `out`; 0 unknown: c itself; -1.
static int translate_one(Thread *t, ValueRef table, uint32_t c, TextBuffer *out) {
    Value v;
    if (value_is(table, DICT)) {
        v = dict_get(t, value_dict(table), value_int(c));
        if (value_bits(v) == 0) return error_pending(t) ? -1 : 0;
    } else {
        v = object_getitem(t, table, value_int(c));
        if (value_bits(v) == 0) {
            if (!error_matches(t, EXCEPTION(LOOKUP_ERROR))) return -1;
            error_clear(t);
            return 0;
        }
    }
    int result = 1;
    if (value_is_any_int(v)) {
        int64_t code;
        if (int_as_int64(v, &code) < 0 || code < 0 || code > (int64_t)UNI_MAX)
            result = raise_int(t, VALUE_ERROR, "character mapping must be in range(0x110000)");
        else textbuffer_put(out, (uint32_t)code);
    } else if (value_is_any_str(v)) {
        textbuffer_put_text(out, text_of_value(v));
    } else if (value_bits(v) != value_bits(NONE)) {
        result = raise_int(t, TYPE_ERROR, "character mapping must return integer, None or str");
    }
    value_release(t, v);
    return result;
}

METHOD(translate) {
    Text text = text_of_value(self);
    TextBuffer out = {0};
    // ASCII answers are remembered: 0 not asked yet, else the character + 1 (it stands for itself, or for one other ASCII one).
    uint8_t known[128] = {0};
    bool remember = value_is(args[0], DICT);
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (c < 128 && known[c]) {
            textbuffer_put(&out, known[c] - 1u);
            continue;
        }
        size_t before = out.length;
        int got = translate_one(t, args[0], c, &out);
        if (got < 0) {
            textbuffer_free(&out);
            return UNDEF;
        }
        if (got == 0) textbuffer_put(&out, c);
        if (remember && c < 128 && !out.failed && out.length == before + 1) {
            uint32_t put = text_at(textbuffer_text(&out), before);
            if (put < 128) known[c] = (uint8_t)(put + 1);
        }
    }
    return str_from_buffer(t, &out);
}

static Value maketrans_of_dict(Thread *t, ValueRef mapping) {
    Value result = dict_new(t);
    if (value_bits(result) == 0) return UNDEF;
    int64_t position = 0;
    Value key, value;
    while (dict_next(t, value_dict(mapping), &position, &key, &value)) {
        int failed = -1;
        if (value_is_any_str(key)) {
            if (str_length(value_str(key)) != 1) raise(t, VALUE_ERROR, "string keys in translatetable must be of length 1");
            else failed = dict_set(t, value_dict(result), value_int(str_char(value_str(key), 0)), value);
        } else if (value_is_any_int(key)) {
            failed = dict_set(t, value_dict(result), key, value);
        } else {
            raise(t, TYPE_ERROR, "keys in translate table mustbe strings or integers");
        }
        value_release(t, key);
        value_release(t, value);
        if (failed < 0) {
            value_release(t, result);
            return UNDEF;
        }
    }
    return result;
}

METHOD(maketrans) {
    ValueRef x = args[0], y = args[1], z = args[2];
    if (value_bits(y) == 0) {
        if (!value_is_any_dict(x)) return raise(t, TYPE_ERROR, "if you give only one argument to maketrans it must be a dict");
        return maketrans_of_dict(t, x);
    }
    if (!is_str_argument(t, y, "maketrans", 2) || (value_bits(z) && !is_str_argument(t, z, "maketrans", 3))) return UNDEF;
    if (!value_is_any_str(x)) return raise(t, TYPE_ERROR, "first maketrans argument must be a string if there is a second argument");
    Text from = text_of_value(x), to = text_of_value(y), drop = value_bits(z) ? text_of_value(z) : text_of("", 0, 1);
    if (from.length != to.length) return raise(t, VALUE_ERROR, "the first two maketrans arguments must have equal length");
    Value result = dict_new(t);
    if (value_bits(result) == 0) return UNDEF;
    int failed = 0;
    for (size_t i = 0; i < from.length && failed == 0; i++)
        failed = dict_set(t, value_dict(result), value_int(text_at(from, i)), value_int(text_at(to, i)));
    for (size_t i = 0; i < drop.length && failed == 0; i++) failed = dict_set(t, value_dict(result), value_int(text_at(drop, i)), NONE);
    if (failed == 0) return result;
    value_release(t, result);
    return UNDEF;
}

// --- the rest -----------------------------------------------------------------------------------------------------

METHOD(encode) {
    static const char *const names[] = {"encoding", "errors"};
    for (int i = 0; i < 2; i++)
        if (value_bits(args[i]) && !value_is_any_str(args[i]))
            return raise(t, TYPE_ERROR, "encode() argument '%s' must be str, not %K", names[i], args[i]);
    return str_encode_object(t, self, args[0], args[1]);
}

METHOD(getnewargs) {
    Value s = str_from_view(t, text_of_value(self)); // a copy
    return value_bits(s) ? tuple_from_values(t, &s, 1) : UNDEF;
}

METHOD(sizeof_method) { return value_int((int64_t)str_bytes(value_object(self))); }

static const NativeDef methods[] = {
    {"encode", encode, "($self, /, encoding='utf-8', errors='strict')", "The text as bytes in an encoding.", 0},
    {"replace", replace, "($self, old, new, /, count=-1)", "A copy with occurrences of old replaced by new; at most count of them where it is not -1.", 0},
    {"split", split, "($self, /, sep=None, maxsplit=-1)", "The parts between separators (None: runs of white space), at most maxsplit + 1.", 0},
    {"rsplit", rsplit, "($self, /, sep=None, maxsplit=-1)", "As split, but splitting from the right.", 0},
    {"join", join, "($self, iterable, /)", "The strings of the iterable with this one between them.", 0},
    {"capitalize", capitalize, "($self, /)", "The first character in title case, the rest in lower case.", 0},
    {"casefold", casefold, "($self, /)", "A form for comparing without regard to case.", 0},
    {"title", title, "($self, /)", "Each word with its first letter in title case.", 0},
    {"center", center, "($self, width, fillchar=' ', /)", "Padded on both sides to a width.", 0},
    {"count", count, "($self, sub, start=None, end=None, /)", "How often sub occurs, without overlap, in [start:end].", 0},
    {"expandtabs", expandtabs, "($self, /, tabsize=8)", "Tabs replaced by blanks.", 0},
    {"find", find, "($self, sub, start=None, end=None, /)", "The lowest index where sub stands in [start:end], or -1.", 0},
    {"partition", partition, "($self, sep, /)", "(before, sep, after) at the first sep; (self, '', '') where there is none.", 0},
    {"index", index_method, "($self, sub, start=None, end=None, /)", "As find, but ValueError where there is none.", 0},
    {"ljust", ljust, "($self, width, fillchar=' ', /)", "Padded on the right to a width.", 0},
    {"lower", lower, "($self, /)", "In lower case.", 0},
    {"lstrip", lstrip, "($self, chars=None, /)", "Without leading white space, or without leading characters of chars.", 0},
    {"rfind", rfind, "($self, sub, start=None, end=None, /)", "The highest index where sub stands in [start:end], or -1.", 0},
    {"rindex", rindex_method, "($self, sub, start=None, end=None, /)", "As rfind, but ValueError where there is none.", 0},
    {"rjust", rjust, "($self, width, fillchar=' ', /)", "Padded on the left to a width.", 0},
    {"rstrip", rstrip, "($self, chars=None, /)", "Without trailing white space, or without trailing characters of chars.", 0},
    {"rpartition", rpartition, "($self, sep, /)", "(before, sep, after) at the last sep; ('', '', self) where there is none.", 0},
    {"splitlines", splitlines, "($self, /, keepends=False)", "The lines, with their ends where keepends.", 0},
    {"strip", strip, "($self, chars=None, /)", "Without white space, or characters of chars, at both ends.", 0},
    {"swapcase", swapcase, "($self, /)", "Upper case for lower, and lower for upper.", 0},
    {"translate", translate, "($self, table, /)", "Each character replaced by what table[ord(character)] says.", 0},
    {"upper", upper, "($self, /)", "In upper case.", 0},
    {"startswith", startswith, "($self, prefix, start=None, end=None, /)", "Whether [start:end] begins with the prefix, or one of a tuple.", 0},
    {"endswith", endswith, "($self, suffix, start=None, end=None, /)", "Whether [start:end] ends with the suffix, or one of a tuple.", 0},
    {"removeprefix", removeprefix, "($self, prefix, /)", "Without the prefix, where it begins so.", 0},
    {"removesuffix", removesuffix, "($self, suffix, /)", "Without the suffix, where it ends so.", 0},
    {"isascii", isascii, "($self, /)", "Whether all characters are ASCII.", 0},
    {"islower", islower, "($self, /)", "Whether there are cased characters and all are lower case.", 0},
    {"isupper", isupper, "($self, /)", "Whether there are cased characters and all are upper case.", 0},
    {"istitle", istitle, "($self, /)", "Whether each word begins in upper or title case and goes on in lower.", 0},
    {"isspace", isspace, "($self, /)", "Whether there are characters and all are white space.", 0},
    {"isdecimal", isdecimal, "($self, /)", "Whether there are characters and all are decimal digits.", 0},
    {"isdigit", isdigit, "($self, /)", "Whether there are characters and all are digits.", 0},
    {"isnumeric", isnumeric, "($self, /)", "Whether there are characters and all have a numeric value.", 0},
    {"isalpha", isalpha, "($self, /)", "Whether there are characters and all are letters.", 0},
    {"isalnum", isalnum, "($self, /)", "Whether there are characters and all are letters or digits.", 0},
    {"isidentifier", isidentifier, "($self, /)", "Whether it has the form of an identifier.", 0},
    {"isprintable", isprintable, "($self, /)", "Whether repr() shows all characters as they are.", 0},
    {"zfill", zfill, "($self, width, /)", "Padded with zeros behind the sign to a width.", 0},
    {"format", str_format_method, "($self, /, *args, **kwargs)", "The text with its {fields} replaced by formatted arguments.", NATIVE_RAW},
    {"format_map", str_format_map, "($self, mapping, /)", "As format, with all names looked up in the mapping.", 0},
    {"__format__", str_dunder_format, "($self, format_spec, /)", NULL, 0},
    {"maketrans", maketrans, "(x, y=<unrepresentable>, z=<unrepresentable>, /)", "A table for translate.", NATIVE_STATIC},
    {"__sizeof__", sizeof_method, "($self, /)", "Bytes of memory that it takes.", 0},
    {"__getnewargs__", getnewargs, "($self, /)", NULL, 0},
    NATIVE_END};

const TypeSpec str_spec = {
    .name = "str",
    .doc = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nText: an object's printable form, or bytes decoded.",
    .size = sizeof(Str),
    .item_size = 1,
    .flags = TYPE_BASE | TYPE_LEAF | TYPE_VARSIZED | TYPE_IS_STR | TYPE_MATCH_SELF,
    .ops = {.repr = str_repr, .hash = slot_hash, .str = slot_str, .compare = slot_compare, .iter = slot_iter, .new = str_new,
        .remainder = slot_remainder, .length = slot_length, .getitem = slot_getitem, .contains = slot_contains, .concat = slot_concat,
        .repeat = slot_repeat},
    .methods = methods,
    .bytes = str_bytes,
};
