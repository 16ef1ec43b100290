// The methods that bytes and bytearray have in common. Arguments are taken first, since that may run Python; then `self` is
// held steady while the work is done.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/objects/bytes_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"
#include <stdlib.h>

static bool missing(ValueRef v) { return value_bits(v) == 0 || value_bits(v) == value_bits(NONE); }
static uint8_t lower_of(uint8_t c) { return (uint8_t)(c - 'A') < 26 ? c | 0x20 : c; }
static uint8_t upper_of(uint8_t c) { return (uint8_t)(c - 'a') < 26 ? c & 0xdf : c; }
static bool is_lower(uint8_t c) { return (uint8_t)(c - 'a') < 26; }
static bool is_upper(uint8_t c) { return (uint8_t)(c - 'A') < 26; }
static bool is_letter(uint8_t c) { return is_lower(c) || is_upper(c); }
static bool is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

// All of `self` as a new object of its kind (exact bytes: itself).
static Value all_of(const BytesSelf *s) { return textlike_slice(&s->like, 0, s->like.text.length); }

// What a kernel put together, as an object of self's kind. Ends the section.
static Value finish(BytesSelf *s, TextBuffer *out) {
    bytes_self_end(s);
    Value result = out->failed ? raise_no_memory(s->like.t) : s->like.kind->make(s->like.t, textbuffer_text(out));
    textbuffer_free(out);
    return result;
}

static int arg_or_int_pinned(Thread *t, ValueRef self, ValueRef v, BytesArg *out) {
    bytes_pin(self);
    int result = bytes_arg_or_int(t, v, out);
    bytes_unpin(self);
    return result;
}
static int arg_pinned(Thread *t, ValueRef self, ValueRef v, BytesArg *out) {
    bytes_pin(self);
    int result = bytes_arg(t, v, out);
    bytes_unpin(self);
    return result;
}

// --- case and questions -------------------------------------------------------------------------------------------

// One output byte for each input byte; `state` is carried along, 0 at first.
static Value map_bytes(Thread *t, ValueRef self, uint8_t (*map)(uint8_t c, int *state)) {
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    const uint8_t *from = s.like.text.data;
    size_t n = s.like.text.length;
    ByteBuffer out = {0};
    int state = 0;
    if (bytebuffer_reserve(&out, n + 1))
        for (size_t i = 0; i < n; i++) out.data[i] = map(from[i], &state);
    bytes_self_end(&s);
    Value result = out.failed ? raise_no_memory(t) : s.like.kind->make(t, text_of(out.data, n, 1));
    bytebuffer_free(&out);
    return result;
}

static uint8_t map_lower(uint8_t c, int *state) { return lower_of(c); }
static uint8_t map_upper(uint8_t c, int *state) { return upper_of(c); }
static uint8_t map_swap(uint8_t c, int *state) { return is_letter(c) ? c ^ 0x20 : c; }
static uint8_t map_capitalize(uint8_t c, int *state) { return (*state)++ ? lower_of(c) : upper_of(c); }
static uint8_t map_title(uint8_t c, int *state) {
    uint8_t out = *state ? lower_of(c) : upper_of(c);
    *state = is_letter(c);
    return out;
}
BYTES_METHOD(lower) { return map_bytes(t, self, map_lower); }
BYTES_METHOD(upper) { return map_bytes(t, self, map_upper); }
BYTES_METHOD(swapcase) { return map_bytes(t, self, map_swap); }
BYTES_METHOD(capitalize) { return map_bytes(t, self, map_capitalize); }
BYTES_METHOD(title) { return map_bytes(t, self, map_title); }

static bool all_letters(Text x) {
    for (size_t i = 0; i < x.length; i++)
        if (!is_letter((uint8_t)text_at(x, i))) return false;
    return x.length > 0;
}
static bool all_digits(Text x) {
    for (size_t i = 0; i < x.length; i++)
        if (!is_digit((uint8_t)text_at(x, i))) return false;
    return x.length > 0;
}
static bool all_letters_or_digits(Text x) {
    for (size_t i = 0; i < x.length; i++)
        if (!is_letter((uint8_t)text_at(x, i)) && !is_digit((uint8_t)text_at(x, i))) return false;
    return x.length > 0;
}
static bool all_space(Text x) {
    for (size_t i = 0; i < x.length; i++)
        if (!textlike_bytes.is_space(text_at(x, i))) return false;
    return x.length > 0;
}
static bool all_ascii(Text x) { return codec_ascii_prefix(x.data, x.length) == x.length; }
static bool cased_lower(Text x) {
    bool any = false;
    for (size_t i = 0; i < x.length; i++) {
        uint8_t c = (uint8_t)text_at(x, i);
        if (is_upper(c)) return false;
        any |= is_lower(c);
    }
    return any;
}
static bool cased_upper(Text x) {
    bool any = false;
    for (size_t i = 0; i < x.length; i++) {
        uint8_t c = (uint8_t)text_at(x, i);
        if (is_lower(c)) return false;
        any |= is_upper(c);
    }
    return any;
}
static bool cased_title(Text x) {
    bool any = false, after_letter = false;
    for (size_t i = 0; i < x.length; i++) {
        uint8_t c = (uint8_t)text_at(x, i);
        if (is_letter(c)) {
            if (is_upper(c) == after_letter) return false;
            any = true;
        }
        after_letter = is_letter(c);
    }
    return any;
}

static Value ask(Thread *t, ValueRef self, bool (*question)(Text)) {
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    bool answer = question(s.like.text);
    bytes_self_end(&s);
    return value_bool(answer);
}
BYTES_METHOD(isalnum) { return ask(t, self, all_letters_or_digits); }
BYTES_METHOD(isalpha) { return ask(t, self, all_letters); }
BYTES_METHOD(isascii) { return ask(t, self, all_ascii); }
BYTES_METHOD(isdigit) { return ask(t, self, all_digits); }
BYTES_METHOD(islower) { return ask(t, self, cased_lower); }
BYTES_METHOD(isupper) { return ask(t, self, cased_upper); }
BYTES_METHOD(isspace) { return ask(t, self, all_space); }
BYTES_METHOD(istitle) { return ask(t, self, cased_title); }

// --- finding ------------------------------------------------------------------------------------------------------

static Value find_in(Thread *t, ValueRef self, const ValueRef *args, bool from_right, bool must) {
    int64_t start, end;
    BytesArg sub;
    if (textlike_range(t, args[1], args[2], &start, &end) < 0 || arg_or_int_pinned(t, self, args[0], &sub) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    textlike_fit((int64_t)s.like.text.length, &start, &end);
    int64_t at = textlike_find(s.like.text, sub.text, start, end, from_right);
    bytes_self_end(&s);
    bytes_arg_free(&sub);
    return at < 0 && must ? raise(t, VALUE_ERROR, "subsection not found") : value_int(at);
}
BYTES_METHOD(find) { return find_in(t, self, args, false, false); }
BYTES_METHOD(rfind) { return find_in(t, self, args, true, false); }
BYTES_METHOD(index) { return find_in(t, self, args, false, true); }
BYTES_METHOD(rindex) { return find_in(t, self, args, true, true); }

BYTES_METHOD(count) {
    int64_t start, end;
    BytesArg sub;
    if (textlike_range(t, args[1], args[2], &start, &end) < 0 || arg_or_int_pinned(t, self, args[0], &sub) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    textlike_fit((int64_t)s.like.text.length, &start, &end);
    int64_t n = textlike_count(s.like.text, sub.text, start, end);
    bytes_self_end(&s);
    bytes_arg_free(&sub);
    return value_int(n);
}

// 1, 0, -1.
static int has_at_end(Thread *t, ValueRef self, ValueRef part, int64_t start, int64_t end, bool at_start) {
    BytesArg p;
    if (bytes_arg(t, part, &p) < 0) return -1;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    textlike_fit((int64_t)s.like.text.length, &start, &end);
    bool has = textlike_has_at_end(s.like.text, p.text, start, end, at_start);
    bytes_self_end(&s);
    bytes_arg_free(&p);
    return has;
}

static Value at_end(Thread *t, ValueRef self, const ValueRef *args, const char *name, bool at_start) {
    int64_t start, end;
    if (textlike_range(t, args[1], args[2], &start, &end) < 0) return UNDEF;
    if (!value_is_any_tuple(args[0])) {
        if (!value_has_buffer(args[0])) return raise(t, TYPE_ERROR, "%s first arg must be bytes or a tuple of bytes, not %T", name, args[0]);
        int has = has_at_end(t, self, args[0], start, end, at_start);
        return has < 0 ? UNDEF : value_bool(has);
    }
    Tuple *parts = value_tuple(args[0]);
    for (int64_t i = 0; i < parts->length; i++) {
        int has = has_at_end(t, self, tuple_item(parts, i), start, end, at_start);
        if (has) return has < 0 ? UNDEF : TRUE_VALUE;
    }
    return FALSE_VALUE;
}
BYTES_METHOD(startswith) { return at_end(t, self, args, "startswith", true); }
BYTES_METHOD(endswith) { return at_end(t, self, args, "endswith", false); }

static Value remove_at_end(Thread *t, ValueRef self, ValueRef part, bool at_start) {
    BytesArg p;
    if (bytes_arg(t, part, &p) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    size_t n = s.like.text.length, m = p.text.length;
    bool has = m && textlike_has_at_end(s.like.text, p.text, 0, (int64_t)n, at_start);
    Value result = textlike_slice(&s.like, has && at_start ? m : 0, has && !at_start ? n - m : n);
    bytes_self_end(&s);
    bytes_arg_free(&p);
    return result;
}
BYTES_METHOD(removeprefix) { return remove_at_end(t, self, args[0], true); }
BYTES_METHOD(removesuffix) { return remove_at_end(t, self, args[0], false); }

// --- taking apart -------------------------------------------------------------------------------------------------

static Value split_by(Thread *t, ValueRef self, const ValueRef *args, Value (*how)(const Textlike *, const Text *, int64_t)) {
    int64_t max = -1;
    BytesArg separator = {.heap = NULL};
    bool given = !missing(args[0]);
    if (value_bits(args[1]) && arg_index(t, args[1], &max) < 0) return UNDEF;
    if (given && arg_pinned(t, self, args[0], &separator) < 0) return UNDEF;
    Value result;
    if (given && separator.text.length == 0) result = raise(t, VALUE_ERROR, "empty separator");
    else {
        BytesSelf s;
        bytes_self_begin(t, self, &s);
        result = how(&s.like, given ? &separator.text : NULL, max);
        bytes_self_end(&s);
    }
    bytes_arg_free(&separator);
    return result;
}
BYTES_METHOD(split) { return split_by(t, self, args, textlike_split); }
BYTES_METHOD(rsplit) { return split_by(t, self, args, textlike_rsplit); }

BYTES_METHOD(splitlines) {
    bool keep = false;
    if (value_bits(args[0]) && arg_bool(t, args[0], &keep) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    Value result = textlike_splitlines(&s.like, keep);
    bytes_self_end(&s);
    return result;
}

static Value partition_by(Thread *t, ValueRef self, ValueRef separator, bool from_right) {
    BytesArg p;
    if (bytes_arg(t, separator, &p) < 0) return UNDEF;
    Value result;
    if (p.text.length == 0) result = raise(t, VALUE_ERROR, "empty separator");
    else {
        BytesSelf s;
        bytes_self_begin(t, self, &s);
        result = textlike_partition(&s.like, p.text, s.like.kind == &textlike_bytes ? separator : UNDEF, from_right);
        bytes_self_end(&s);
    }
    bytes_arg_free(&p);
    return result;
}
BYTES_METHOD(partition) { return partition_by(t, self, args[0], false); }
BYTES_METHOD(rpartition) { return partition_by(t, self, args[0], true); }

static Value strip_by(Thread *t, ValueRef self, ValueRef set, int sides) {
    BytesArg chars = {.heap = NULL};
    bool given = !missing(set);
    if (given && bytes_arg(t, set, &chars) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    Value result = textlike_strip(&s.like, sides, given ? &chars.text : NULL);
    bytes_self_end(&s);
    bytes_arg_free(&chars);
    return result;
}
BYTES_METHOD(strip) { return strip_by(t, self, args[0], STRIP_LEFT | STRIP_RIGHT); }
BYTES_METHOD(lstrip) { return strip_by(t, self, args[0], STRIP_LEFT); }
BYTES_METHOD(rstrip) { return strip_by(t, self, args[0], STRIP_RIGHT); }

// --- making others ------------------------------------------------------------------------------------------------

BYTES_METHOD(replace) {
    int64_t max = -1;
    BytesArg old, new;
    if (value_bits(args[2]) && arg_index(t, args[2], &max) < 0) return UNDEF;
    if (bytes_arg(t, args[0], &old) < 0) return UNDEF;
    if (bytes_arg(t, args[1], &new) < 0) {
        bytes_arg_free(&old);
        return UNDEF;
    }
    BytesSelf s;
    TextBuffer out = {0};
    bytes_self_begin(t, self, &s);
    Value result;
    if (textlike_replace(s.like.text, old.text, new.text, max, &out)) result = finish(&s, &out);
    else {
        result = all_of(&s);
        bytes_self_end(&s);
    }
    bytes_arg_free(&old);
    bytes_arg_free(&new);
    return result;
}

BYTES_METHOD(expandtabs) {
    int size = 8;
    if (value_bits(args[0]) && arg_int(t, args[0], &size) < 0) return UNDEF;
    BytesSelf s;
    TextBuffer out = {0};
    bytes_self_begin(t, self, &s);
    textlike_expandtabs(s.like.text, size, &out);
    return finish(&s, &out);
}

static int fill_byte(Thread *t, ValueRef v, const char *method, uint32_t *out) {
    *out = ' ';
    if (value_bits(v) == 0) return 0;
    bool array = value_is_pointer(v) && value_is_instance(v, TYPE_OF(BYTEARRAY));
    if (!value_is_any_bytes(v) && !array)
        return raise_int(t, TYPE_ERROR, "%s() argument 2 must be a byte string of length 1, not %T", method, v);
    BytesArg a;
    if (bytes_arg(t, v, &a) < 0) return -1;
    size_t n = a.text.length;
    if (n == 1) *out = text_at(a.text, 0);
    bytes_arg_free(&a);
    if (n == 1) return 0;
    return raise_int(t, TYPE_ERROR, "%s(): argument 2 must be a byte string of length 1, not a %s object of length %zd", method,
        array ? "bytearray" : "bytes", (int64_t)n);
}

static Value pad_by(Thread *t, ValueRef self, const ValueRef *args, const char *method, int where) {
    int64_t width;
    uint32_t fill;
    if (arg_index(t, args[0], &width) < 0 || fill_byte(t, args[1], method, &fill) < 0) return UNDEF;
    if (width >= (int64_t)STR_LENGTH_MAX) return raise_no_memory(t);
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    int64_t n = (int64_t)s.like.text.length, free_columns = width - n;
    if (free_columns <= 0) {
        Value result = all_of(&s);
        bytes_self_end(&s);
        return result;
    }
    size_t left = where < 0 ? 0 : where > 0 ? (size_t)free_columns : (size_t)(free_columns / 2 + (free_columns & width & 1));
    TextBuffer out = {0};
    textlike_pad(s.like.text, left, (size_t)free_columns - left, fill, &out);
    return finish(&s, &out);
}
BYTES_METHOD(center) { return pad_by(t, self, args, "center", 0); }
BYTES_METHOD(ljust) { return pad_by(t, self, args, "ljust", -1); }
BYTES_METHOD(rjust) { return pad_by(t, self, args, "rjust", 1); }

BYTES_METHOD(zfill) {
    int64_t width;
    if (arg_index(t, args[0], &width) < 0) return UNDEF;
    if (width >= (int64_t)STR_LENGTH_MAX) return raise_no_memory(t);
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    if (width <= (int64_t)s.like.text.length) {
        Value result = all_of(&s);
        bytes_self_end(&s);
        return result;
    }
    TextBuffer out = {0};
    textlike_zfill(s.like.text, (size_t)width, &out);
    return finish(&s, &out);
}

BYTES_METHOD(translate) {
    BytesArg table = {.heap = NULL}, delete = {.heap = NULL};
    bool mapped = value_bits(args[0]) != value_bits(NONE);
    if (mapped && bytes_arg(t, args[0], &table) < 0) return UNDEF;
    Value result = UNDEF;
    if (mapped && table.text.length != 256) {
        raise(t, VALUE_ERROR, "translation table must be 256 characters long");
        goto done;
    }
    delete.text = text_of("", 0, 1);
    if (value_bits(args[1]) && bytes_arg(t, args[1], &delete) < 0) goto done;
    bool dropped[256] = {false};
    for (size_t i = 0; i < delete.text.length; i++) dropped[text_at(delete.text, i)] = true;
    BytesSelf s;
    ByteBuffer out = {0};
    bytes_self_begin(t, self, &s);
    Text text = s.like.text;
    if (bytebuffer_reserve(&out, text.length + 1))
        for (size_t i = 0; i < text.length; i++) {
            uint8_t c = (uint8_t)text_at(text, i);
            if (!dropped[c]) out.data[out.length++] = mapped ? (uint8_t)text_at(table.text, c) : c;
        }
    bytes_self_end(&s);
    result = out.failed ? raise_no_memory(t) : s.like.kind->make(t, text_of(out.data, out.length, 1));
    bytebuffer_free(&out);
done:
    bytes_arg_free(&table);
    bytes_arg_free(&delete);
    return result;
}

BYTES_METHOD(maketrans) {
    BytesArg from, to;
    if (bytes_arg(t, args[0], &from) < 0) return UNDEF;
    if (bytes_arg(t, args[1], &to) < 0) {
        bytes_arg_free(&from);
        return UNDEF;
    }
    Value result;
    if (from.text.length != to.text.length) result = raise(t, VALUE_ERROR, "maketrans arguments must have same length");
    else {
        uint8_t table[256];
        for (int i = 0; i < 256; i++) table[i] = (uint8_t)i;
        for (size_t i = 0; i < from.text.length; i++) table[text_at(from.text, i)] = (uint8_t)text_at(to.text, i);
        result = bytes_new(t, table, 256);
    }
    bytes_arg_free(&from);
    bytes_arg_free(&to);
    return result;
}

Value bytes_join_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    // What gives the parts cannot change the length of a bytearray between them.
    bool pinned = !value_is_any_bytes(self);
    if (pinned) bytes_pin(self);
    Value joined = bytes_join(t, self, args[0]);
    if (pinned) bytes_unpin(self);
    return joined;
}

BYTES_METHOD(decode) {
    static const char *const names[] = {"encoding", "errors"};
    for (int i = 0; i < 2; i++)
        if (value_bits(args[i]) && !value_is_any_str(args[i]))
            return raise(t, TYPE_ERROR, "decode() argument '%s' must be str, not %K", names[i], args[i]);
    return str_decode_object(t, self, args[0], args[1]);
}

// --- hexadecimal --------------------------------------------------------------------------------------------------

Value bytes_hex_of(Thread *t, Text text, ValueRef separator, ValueRef bytes_per_sep) {
    uint8_t mark = 0;
    bool marked = value_bits(separator) != 0;
    int group = 1;
    if (value_bits(separator)) {
        Text one;
        if (!value_is(separator, STR) && !value_is(separator, BYTES) && object_len(t, separator) < 0) return UNDEF;
        if (value_is_any_str(separator)) one = str_text(value_str(separator));
        else if (value_is_any_bytes(separator)) one = text_of(value_bytes(separator)->data, value_bytes(separator)->length, 1);
        else return raise(t, TYPE_ERROR, "sep must be str or bytes.");
        if (one.length != 1) return raise(t, VALUE_ERROR, "sep must be length 1.");
        if (text_at(one, 0) >= 0x80) return raise(t, VALUE_ERROR, "sep must be ASCII.");
        mark = (uint8_t)text_at(one, 0);
    }
    if (value_bits(bytes_per_sep) && arg_int(t, bytes_per_sep, &group) < 0) return UNDEF;
    size_t n = text.length, size = group < 0 ? (size_t)(-(int64_t)group) : (size_t)group, marks = marked && size && n ? (n - 1) / size : 0;
    if (n == 0) return str_from_ascii(t, "", 0);
    Str *out = str_alloc(t, 2 * n + marks, 0x7f);
    if (!out) return UNDEF;
    uint8_t *to = str_data(out);
    for (size_t i = 0; i < n; i++) {
        // Groups are counted from the right, or from the left where negative.
        if (i && marks && (group > 0 ? (n - i) % size == 0 : i % size == 0)) *to++ = mark;
        uint8_t c = (uint8_t)text_at(text, i);
        *to++ = (uint8_t) "0123456789abcdef"[c >> 4];
        *to++ = (uint8_t) "0123456789abcdef"[c & 15];
    }
    return value_of(out);
}

BYTES_METHOD(hex) {
    if (value_is_any_bytes(self)) return bytes_hex_of(t, text_of(value_bytes(self)->data, value_bytes(self)->length, 1), args[0], args[1]);
    // The separator's length may be asked of Python: work on a copy.
    Value copy = bytes_from_object(t, self);
    if (value_bits(copy) == 0) return UNDEF;
    bytes_pin(self);
    Value result = bytes_hex_of(t, text_of(value_bytes(copy)->data, value_bytes(copy)->length, 1), args[0], args[1]);
    bytes_unpin(self);
    value_release(t, copy);
    return result;
}

static int hex_value(uint32_t c) {
    if (c >= '0' && c <= '9') return (int)c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}

int bytes_from_hex(Thread *t, ValueRef v, ByteBuffer *out) {
    BytesArg arg = {.heap = NULL};
    Text text;
    if (value_is_any_str(v)) text = str_text(value_str(v));
    else {
        if (!value_has_buffer(v)) return raise_int(t, TYPE_ERROR, "fromhex() argument must be str or bytes-like, not %T", v);
        if (bytes_arg(t, v, &arg) < 0) return -1;
        text = arg.text;
    }
    int result = 0;
    for (size_t i = 0; i < text.length && result == 0;) {
        uint32_t c = text_at(text, i);
        if (textlike_bytes.is_space(c)) {
            i++;
            continue;
        }
        int high = hex_value(c), low = i + 1 < text.length ? hex_value(text_at(text, i + 1)) : -1;
        if (high >= 0 && i + 1 == text.length)
            result = raise_int(t, VALUE_ERROR, "fromhex() arg must contain an even number of hexadecimal digits");
        else if (high < 0 || low < 0)
            result = raise_int(t, VALUE_ERROR, "non-hexadecimal number found in fromhex() arg at position %zd", (int64_t)(high < 0 ? i : i + 1));
        else bytebuffer_put1(out, (uint8_t)(high << 4 | low));
        i += 2;
    }
    bytes_arg_free(&arg);
    if (result == 0 && out->failed) return raise_no_memory(t), -1;
    return result;
}
