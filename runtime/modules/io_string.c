// StringIO: text in memory, in the narrowest width that has been needed so far. A shared object's methods hold its lock, and
// run nothing else meanwhile.
#include <stdlib.h>
#include "runtime/modules/io.h"
#include "runtime/objects/dict.h"
#include "runtime/support/strsearch.h"

typedef struct StringIO {
    Container c;
    void *data;             // (o)
    int64_t length, room, at; // (o) in characters; `at` may lie beyond the end
    uint32_t width;         // (o) 1, 2, 4; 0 while there is nothing
    bool closed, ok;        // (o)
    bool universal;         // newline is None or ''
    IoNewlines newlines;    // (o)
    const char *newline;    // NULL: None; else "", "\n", "\r", "\r\n"
} StringIO;
static StringIO *as_stringio(ValueRef v) { return (StringIO *)value_object(v); }

static int check(Thread *t, StringIO *s) {
    if (!s->ok) return raise_int(t, VALUE_ERROR, "I/O operation on uninitialized object");
    return s->closed ? raise_int(t, VALUE_ERROR, "I/O operation on closed file") : 0;
}
static Text text_from(const StringIO *s, int64_t from, int64_t to) {
    uint32_t width = s->width ? s->width : 1;
    return text_of((const char *)s->data + (s->data ? from * width : 0), (size_t)(to - from), width);
}
// Room for `room` characters of a width, the old ones kept. In the guard; false: no memory.
static bool reserve(StringIO *s, int64_t room, uint32_t width) {
    if (width < s->width) width = s->width;
    if (room <= s->room && width == s->width) return true;
    if (room < s->room) room = s->room;
    else room += room / 4 + 16;
    int64_t bytes;
    if (__builtin_mul_overflow(room, (int64_t)width, &bytes)) return false;
    if (width == s->width) {
        void *data = realloc(s->data, (size_t)bytes);
        if (!data) return false;
        s->data = data;
    } else {
        void *data = malloc((size_t)bytes);
        if (!data) return false;
        if (s->length) text_copy(data, width, s->data, s->width, (size_t)s->length);
        free(s->data);
        s->data = data;
        s->width = width;
    }
    s->room = room;
    return true;
}
// Overwrites from the position on. In the guard. 0 fine, 1 too large, 2 no memory.
static int put(StringIO *s, Text text) {
    int64_t end;
    if (!text.length) return 0;
    if (__builtin_add_overflow(s->at, (int64_t)text.length, &end)) return 1;
    if (!reserve(s, end > s->length ? end : s->length, text.width)) return 2;
    if (s->at > s->length) memset((char *)s->data + s->length * s->width, 0, (size_t)((s->at - s->length) * s->width));
    text_copy((char *)s->data + s->at * s->width, s->width, text.data, text.width, text.length);
    s->at = end;
    if (end > s->length) s->length = end;
    return 0;
}

// The text as it is to be stored: line ends decoded, then '\n' replaced. Owned.
static Value prepared(Thread *t, StringIO *s, ValueRef text) {
    Value v = value_is(text, STR) ? value_dup(t, text) : str_exact(t, text);
    if (!value_bits(v)) return UNDEF;
    if (s->universal) {
        Guard g;
        guard_begin(t, &g, s);
        IoNewlines n = s->newlines;
        guard_end(t, &g);
        v = io_newlines_decode(t, &n, v, true);
        guard_begin(t, &g, s);
        s->newlines.seen |= n.seen;
        guard_end(t, &g);
        return v;
    }
    if (!s->newline || s->newline[0] != '\r' || strsearch_char(str_text(value_str(v)), '\n') == SEARCH_NONE) return v;
    Str *from = value_str(v);
    size_t n = str_length(from), start = 0;
    StrBuilder b;
    str_builder_init(&b, t);
    for (size_t i = 0; i < n; i++) {
        if (str_char(from, i) != '\n') continue;
        str_builder_slice(&b, from, start, i);
        str_builder_text(&b, s->newline, strlen(s->newline));
        start = i + 1;
    }
    str_builder_slice(&b, from, start, n);
    value_release(t, v);
    return str_builder_finish(&b);
}
static int write_text(Thread *t, StringIO *s, ValueRef text) {
    Value v = prepared(t, s, text);
    if (!value_bits(v)) return -1;
    Guard g;
    guard_begin(t, &g, s);
    bool closed = s->closed;
    int f = closed ? 0 : put(s, str_text(value_str(v)));
    guard_end(t, &g);
    value_release(t, v);
    if (closed) return raise_int(t, VALUE_ERROR, "I/O operation on closed file");
    if (f == 1) return raise_int(t, OVERFLOW_ERROR, "new position too large");
    return f ? (raise_no_memory(t), -1) : 0;
}

int io_newline_argument(Thread *t, ValueRef v, const char **out, const char *format_unknown) {
    static const char *const known[] = {"", "\n", "\r", "\r\n"};
    *out = NULL;
    if (not_given(v)) return 0;
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "newline must be str or None, not %T", v);
    for (int i = 0; i < 4; i++)
        if (str_equal_text(value_str(v), known[i])) {
            *out = known[i];
            return 0;
        }
    return raise_int(t, VALUE_ERROR, format_unknown, v);
}

static int stringio_setup(Thread *t, ValueRef self, ValueRef value, ValueRef newline_or_undef) {
    StringIO *s = as_stringio(self);
    const char *newline = "\n";
    if (value_bits(newline_or_undef) && io_newline_argument(t, newline_or_undef, &newline, "illegal newline value: %R") < 0) return -1;
    if (!not_given(value) && !value_is_any_str(value)) return raise_int(t, TYPE_ERROR, "initial_value must be str or None, not %T", value);
    Guard g;
    guard_begin(t, &g, s);
    void *old = s->data;
    s->data = NULL;
    s->length = s->room = s->at = 0;
    s->width = 0;
    s->closed = false;
    s->newline = newline;
    s->universal = !newline || !newline[0];
    s->newlines = (IoNewlines){.translate = !newline};
    s->ok = true;
    guard_end(t, &g);
    free(old);
    if (!not_given(value) && write_text(t, s, value) < 0) return -1;
    s->at = 0;
    return 0;
}
static int stringio_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "StringIO", "(initial_value='', newline='\\n')", args, nargs, kwnames, given) < 0) return -1;
    return stringio_setup(t, self, given[0], given[1]);
}

// A str of [from, from + n) that moves the position, made while the guard is held: making a str runs nothing.
static Value take(Thread *t, StringIO *s, int64_t limit, bool line) {
    Guard g;
    guard_begin(t, &g, s);
    Value v = UNDEF;
    bool closed = s->closed;
    if (!closed) {
        int64_t n = s->at < s->length ? s->length - s->at : 0, consumed;
        if (limit >= 0 && n > limit) n = limit;
        int64_t from = n ? s->at : 0;
        if (line && n) {
            int64_t end = io_line_end(text_from(s, from, from + n), !s->newline || !strcmp(s->newline, "\n"), s->newline && !s->newline[0], s->newline, &consumed);
            if (end >= 0) n = end;
        }
        v = n ? str_from_view(t, text_from(s, from, from + n)) : value_dup(t, NAME(empty));
        if (value_bits(v)) s->at += n;
    }
    guard_end(t, &g);
    return closed ? raise(t, VALUE_ERROR, "I/O operation on closed file") : v;
}
NATIVE(stringio_read) {
    int64_t n = -1;
    if (check(t, as_stringio(self)) < 0 || io_size(t, args[0], &n) < 0) return UNDEF;
    return take(t, as_stringio(self), n, false);
}
NATIVE(stringio_readline) {
    int64_t n = -1;
    if (check(t, as_stringio(self)) < 0 || io_size(t, args[0], &n) < 0) return UNDEF;
    return take(t, as_stringio(self), n, true);
}
static Value stringio_next(Thread *t, ValueRef self) {
    if (check(t, as_stringio(self)) < 0) return UNDEF;
    Value line;
    if (io_is(self, IO_STRING)) {
        line = take(t, as_stringio(self), -1, true);
    } else {
        line = call_method_0(t, self, NAME(readline));
        if (value_bits(line) && !value_is_any_str(line)) {
            raise(t, OS_ERROR, "readline() should have returned a str object, not '%T'", line);
            VALUE_CLEAR(t, line);
        }
    }
    if (!value_bits(line) || str_length(value_str(line))) return line;
    value_release(t, line);
    return UNDEF;
}
NATIVE(stringio_write) {
    StringIO *s = as_stringio(self);
    if (!s->ok) return check(t, s), UNDEF;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "string argument expected, got '%T'", args[0]);
    if (check(t, s) < 0) return UNDEF;
    int64_t n = (int64_t)str_length(value_str(args[0]));
    return n && write_text(t, s, args[0]) < 0 ? UNDEF : value_int(n);
}
NATIVE(stringio_getvalue) {
    StringIO *s = as_stringio(self);
    if (check(t, s) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, s);
    Value v = s->length ? str_from_view(t, text_from(s, 0, s->length)) : value_dup(t, NAME(empty));
    guard_end(t, &g);
    return v;
}
NATIVE(stringio_tell) { return check(t, as_stringio(self)) < 0 ? UNDEF : int_from_int64(t, as_stringio(self)->at); }
NATIVE(stringio_seek) {
    StringIO *s = as_stringio(self);
    int whence;
    int64_t at;
    if (check(t, s) < 0 || arg_index(t, args[0], &at) < 0 || io_whence(t, args[1], &whence) < 0) return UNDEF;
    if (whence < 0 || whence > 2) return raise(t, VALUE_ERROR, "Invalid whence (%d, should be 0, 1 or 2)", whence);
    if (at < 0 && whence == 0) return raise(t, VALUE_ERROR, "Negative seek position %lld", (long long)at);
    if (at != 0 && whence != 0) return raise(t, OS_ERROR, "Can't do nonzero cur-relative seeks");
    Guard g;
    guard_begin(t, &g, s);
    if (whence == 1) at = s->at;
    else if (whence == 2) at = s->length;
    s->at = at;
    guard_end(t, &g);
    return int_from_int64(t, at);
}
NATIVE(stringio_truncate) {
    StringIO *s = as_stringio(self);
    if (check(t, s) < 0) return UNDEF;
    int64_t size = s->at;
    if (io_size(t, args[0], &size) < 0) return UNDEF;
    if (size < 0) return raise(t, VALUE_ERROR, "Negative size value %lld", (long long)size);
    Guard g;
    guard_begin(t, &g, s);
    if (size < s->length) s->length = size;
    guard_end(t, &g);
    return int_from_int64(t, size);
}
NATIVE(stringio_close) {
    StringIO *s = as_stringio(self);
    Guard g;
    guard_begin(t, &g, s);
    void *data = s->data;
    s->data = NULL;
    s->length = s->room = s->at = 0;
    s->width = 0;
    s->closed = true;
    guard_end(t, &g);
    free(data);
    return NONE;
}
NATIVE(stringio_yes) { return check(t, as_stringio(self)) < 0 ? UNDEF : TRUE_VALUE; }
static Value stringio_closed(Thread *t, ValueRef self) {
    StringIO *s = as_stringio(self);
    return s->ok ? value_bool(s->closed) : (check(t, s), UNDEF);
}
static Value stringio_line_buffering(Thread *t, ValueRef self) { return check(t, as_stringio(self)) < 0 ? UNDEF : FALSE_VALUE; }
static Value stringio_newlines(Thread *t, ValueRef self) {
    if (check(t, as_stringio(self)) < 0) return UNDEF;
    return as_stringio(self)->universal ? io_newlines_seen(t, as_stringio(self)->newlines.seen) : NONE;
}

NATIVE(stringio_getstate) {
    StringIO *s = as_stringio(self);
    Value value = stringio_getvalue(t, self, NULL, 0, NULL);
    if (!value_bits(value)) return UNDEF;
    Value attributes = instance_dict(t, self), copy = UNDEF, newline = UNDEF;
    if (value_bits(attributes)) copy = dict_length(value_dict(attributes)) ? dict_copy(t, value_dict(attributes)) : NONE;
    value_release(t, attributes);
    if (value_bits(copy)) newline = s->newline ? str_from_text(t, s->newline) : NONE;
    if (!value_bits(newline)) {
        value_release(t, value);
        value_release(t, copy);
        return UNDEF;
    }
    Value items[4] = {value, newline, value_int(s->at), copy};
    return tuple_from_values(t, items, 4);
}
NATIVE(stringio_setstate) {
    if (!value_is_any_tuple(args[0]) || value_tuple(args[0])->length < 4)
        return raise(t, TYPE_ERROR, "%Q.__setstate__ argument should be 4-tuple, got %T", value_type(self), args[0]);
    Tuple *state = value_tuple(args[0]);
    StringIO *s = as_stringio(self);
    int64_t at;
    // The value is as it was stored: its line ends are not translated again.
    if (!value_is_any_str(tuple_item(state, 0))) return raise(t, TYPE_ERROR, "initial_value must be str or None, not %T", tuple_item(state, 0));
    if (stringio_setup(t, self, NONE, tuple_item(state, 1)) < 0) return UNDEF;
    Value text = str_exact(t, tuple_item(state, 0));
    if (!value_bits(text)) return UNDEF;
    Guard g;
    guard_begin(t, &g, s);
    int f = put(s, str_text(value_str(text)));
    guard_end(t, &g);
    value_release(t, text);
    if (f) return raise_no_memory(t);
    if (!value_is_any_int(tuple_item(state, 2))) return raise(t, TYPE_ERROR, "third item of state must be an integer, got %T", tuple_item(state, 2));
    if (arg_index(t, tuple_item(state, 2), &at) < 0) return UNDEF;
    if (at < 0) return raise(t, VALUE_ERROR, "position value cannot be negative");
    s->at = at;
    ValueRef attributes = tuple_item(state, 3);
    if (is_none(attributes)) return NONE;
    if (!value_is_any_dict(attributes)) return raise(t, TYPE_ERROR, "fourth item of state should be a dict, got a %T", attributes);
    Value own = instance_dict(t, self);
    if (!value_bits(own)) return UNDEF;
    int status = dict_update(t, value_dict(own), attributes);
    value_release(t, own);
    return status < 0 ? UNDEF : NONE;
}
static void stringio_destroy(Thread *t, Object *o) { free(((StringIO *)o)->data); }

static const NativeDef methods[] = {
    {"getvalue", stringio_getvalue, "($self, /)", "All text.", 0}, {"read", stringio_read, "($self, size=-1, /)", "`size` characters, or all.", 0},
    {"readline", stringio_readline, "($self, size=-1, /)", "One line.", 0}, {"write", stringio_write, "($self, s, /)", "Writes text; how many characters.", 0},
    {"seek", stringio_seek, "($self, pos, whence=0, /)", "Moves the position.", 0}, {"tell", stringio_tell, "($self, /)", "The position.", 0},
    {"truncate", stringio_truncate, "($self, pos=None, /)", "Cuts the text off.", 0}, {"close", stringio_close, "($self, /)", "Frees the memory.", 0},
    {"readable", stringio_yes, "($self, /)", NULL, 0}, {"writable", stringio_yes, "($self, /)", NULL, 0}, {"seekable", stringio_yes, "($self, /)", NULL, 0},
    {"__getstate__", stringio_getstate, "($self, /)", NULL, 0}, {"__setstate__", stringio_setstate, "($self, state, /)", NULL, 0}, NATIVE_END};
static const GetSetDef getset[] = {
    {"closed", stringio_closed, NULL, "Is it closed?"}, {"newlines", stringio_newlines, NULL, "The line ends seen so far."},
    {"line_buffering", stringio_line_buffering, NULL, NULL}, GETSET_END};
const TypeSpec io_string_spec = {
    .name = "_io.StringIO", .doc = "A stream of text in memory.", .size = sizeof(StringIO), .flags = TYPE_BASE, .base = T_IO_TEXT_BASE,
    .ops = {.init = stringio_init, .next = stringio_next}, .methods = methods, .getset = getset, .new_signature = "(initial_value='', newline='\\n')",
    .destroy = stringio_destroy};
