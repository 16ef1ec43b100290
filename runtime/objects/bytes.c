// bytes: making, slots, constructor; and what bytearray takes of them. Methods are in bytes_methods.c.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "runtime/type.h"
#include <stdlib.h>

// --- making -------------------------------------------------------------------------------------------------------

size_t bytes_bytes(const Object *o) { return sizeof(Bytes) + ((const Bytes *)o)->length + 1; }

static void fill_header(Bytes *b, size_t length) {
    __atomic_store_n((int64_t *)&b->hash, 0, __ATOMIC_RELAXED);
    b->length = length;
    b->data[length] = 0;
}

Bytes *bytes_alloc(Thread *t, size_t length) {
    if (UNLIKELY(length >= STR_LENGTH_MAX)) return raise_no_memory(t), NULL;
    Bytes *b = leaf_new(t, SHAPE_BYTES, sizeof(Bytes) + length + 1);
    if (LIKELY(b != NULL)) fill_header(b, length);
    return b;
}

Value bytes_new(Thread *t, const void *data, size_t length) {
    if (length == 0) return value_dup(t, t->interp->empty_bytes);
    Bytes *b = bytes_alloc(t, length);
    if (UNLIKELY(!b)) return UNDEF;
    if (data) memcpy(b->data, data, length);
    else memset(b->data, 0, length);
    return value_of(b);
}

static Value of_subclass(Thread *t, Type *type, const void *data, size_t length) {
    Bytes *b = object_new_var(t, type, length + 1);
    if (!b) return UNDEF;
    fill_header(b, length);
    if (length) memcpy(b->data, data, length);
    return value_of(b);
}

static Value make(Thread *t, Text text) { return bytes_new(t, text.data, text.length); }
static bool is_space(uint32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_linebreak(uint32_t c) { return c == '\n' || c == '\r'; }
static Value make_array(Thread *t, Text text) { return bytearray_new(t, text.data, text.length); }
const TextlikeKind textlike_bytes = {make, is_space, is_linebreak, false};
const TextlikeKind textlike_bytearray = {make_array, is_space, is_linebreak, false};

// --- reading ------------------------------------------------------------------------------------------------------

void bytes_self_begin(Thread *t, ValueRef self, BytesSelf *s) {
    s->like.t = t;
    s->like.self = self;
    s->guard.held = false;
    if (value_is_any_bytes(self)) {
        const Bytes *b = value_bytes(self);
        s->like.text = text_of(b->data, b->length, 1);
        s->like.kind = &textlike_bytes;
        s->like.whole = value_is(self, BYTES);
        return;
    }
    guard_begin(t, &s->guard, value_object(self));
    const ByteArray *a = (const ByteArray *)value_object(self);
    s->like.text = text_of(a->data ? a->data + a->start : (const uint8_t *)"", a->length, 1);
    s->like.kind = &textlike_bytearray;
    s->like.whole = false;
}

void bytes_self_end(BytesSelf *s) { guard_end(s->like.t, &s->guard); }

static void add_exports(ValueRef self, int64_t n) {
    if (!value_is_any_bytes(self)) __atomic_fetch_add((int64_t *)&((ByteArray *)value_object(self))->exports, n, __ATOMIC_ACQ_REL);
}
void bytes_pin(ValueRef self) { add_exports(self, 1); }
void bytes_unpin(ValueRef self) { add_exports(self, -1); }

int bytes_arg(Thread *t, ValueRef v, BytesArg *out) {
    out->heap = NULL;
    if (LIKELY(value_is_any_bytes(v))) {
        out->text = text_of(value_bytes(v)->data, value_bytes(v)->length, 1);
        return 0;
    }
    Buffer b;
    if (buffer_get(t, v, &b, BUFFER_INDIRECT | BUFFER_FORMAT) < 0) return -1; // any layout: buffer_read walks it
    void *data = out->local;
    if (b.length > (int64_t)sizeof out->local && !(data = out->heap = malloc((size_t)b.length))) {
        buffer_release(t, &b);
        return raise_no_memory(t), -1;
    }
    buffer_read(t, &b, data);
    out->text = text_of(data, (size_t)b.length, 1);
    buffer_release(t, &b);
    return 0;
}

void bytes_arg_free(BytesArg *a) { free(a->heap); }

int byte_value(Thread *t, ValueRef v) {
    int64_t n;
    if (value_is_int(v)) n = value_get_int(v);
    else {
        Value index = object_index(t, v);
        if (value_bits(index) == 0) return -1;
        if (int_as_int64(index, &n) < 0) n = -1;
        value_release(t, index);
    }
    return n < 0 || n > 255 ? raise_int(t, VALUE_ERROR, "byte must be in range(0, 256)") : (int)n;
}

int bytes_arg_or_int(Thread *t, ValueRef v, BytesArg *out) {
    if (value_is_object(v) && value_has_buffer(v)) return bytes_arg(t, v, out);
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "argument should be integer or bytes-like object, not '%T'", v);
    int byte = byte_value(t, v);
    if (byte < 0) return -1;
    out->heap = NULL;
    out->local[0] = (uint8_t)byte;
    out->text = text_of(out->local, 1, 1);
    return 0;
}

// --- from other things --------------------------------------------------------------------------------------------

int bytes_from_iterable(Thread *t, ValueRef iterable, ByteBuffer *out, const char *range_message) {
    Value iterator = object_iter(t, iterable), item;
    if (value_bits(iterator) == 0) return -1;
    int result = -1;
    while (value_bits(item = object_next(t, iterator))) {
        int64_t n;
        if (value_is_int(item)) n = value_get_int(item);
        else {
            Value index = object_index(t, item);
            value_release(t, item);
            if (value_bits(index) == 0) goto done;
            if (int_as_int64(index, &n) < 0) n = -1;
            value_release(t, index);
        }
        if (n < 0 || n > 255) {
            raise(t, VALUE_ERROR, "%s", range_message);
            goto done;
        }
        bytebuffer_put1(out, (uint8_t)n);
        if (out->failed) {
            raise_no_memory(t);
            goto done;
        }
    }
    if (!error_pending(t)) result = 0;
done:
    value_release(t, iterator);
    return result;
}

static int add_buffer(Thread *t, ValueRef source, ByteBuffer *out) {
    Buffer b;
    if (buffer_get(t, source, &b, BUFFER_INDIRECT | BUFFER_FORMAT) < 0) return -1; // any layout
    if (bytebuffer_reserve(out, (size_t)b.length + 1)) {
        buffer_read(t, &b, out->data + out->length);
        out->length += (size_t)b.length;
    }
    buffer_release(t, &b);
    return out->failed ? (raise_no_memory(t), -1) : 0;
}

// bytes(source) of a source that is no str and no int count.
static int add_object(Thread *t, const char *type_name, ValueRef source, ByteBuffer *out) {
    if (value_has_buffer(source)) return add_buffer(t, source, out);
    bool array = type_name[4] == 'a'; // "bytearray"
    if (!value_is_any_str(source) && (value_type(source)->ops.iter || value_type(source)->ops.getitem))
        return bytes_from_iterable(t, source, out, array ? "byte must be in range(0, 256)" : "bytes must be in range(0, 256)");
    return raise_int(t, TYPE_ERROR, "cannot convert '%T' object to %s", source, type_name);
}

int bytes_from_arguments(Thread *t, const char *type_name, ValueRef source, ValueRef encoding, ValueRef errors, ByteBuffer *out) {
    if (value_bits(encoding) || value_bits(errors)) {
        ValueRef given[] = {encoding, errors};
        static const char *const names[] = {"encoding", "errors"};
        for (int i = 0; i < 2; i++)
            if (value_bits(given[i]) && !value_is_any_str(given[i]))
                return raise_int(t, TYPE_ERROR, "%s() argument '%s' must be str, not %K", type_name, names[i], given[i]);
        if (value_bits(source) == 0 || !value_is_any_str(source))
            return raise_int(t, TYPE_ERROR, value_bits(encoding) ? "encoding without a string argument" : "errors without a string argument");
    }
    if (value_bits(source) == 0) return 0;
    if (value_is_any_str(source)) {
        if (value_bits(encoding) == 0) return raise_int(t, TYPE_ERROR, "string argument without an encoding");
        Value encoded = str_encode_object(t, source, encoding, errors);
        if (value_bits(encoded) == 0) return -1;
        bytebuffer_put(out, value_bytes(encoded)->data, value_bytes(encoded)->length);
        value_release(t, encoded);
        return out->failed ? (raise_no_memory(t), -1) : 0;
    }
    if (value_has_index(source)) { // a count of zero bytes
        Value index = object_index(t, source);
        if (value_bits(index) == 0) {
            if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
            error_clear(t);
            return add_object(t, type_name, source, out);
        }
        int64_t n;
        int fits = int_as_int64(index, &n), sign = int_sign(index);
        value_release(t, index);
        if (sign < 0) return raise_int(t, VALUE_ERROR, "negative count");
        if (fits < 0) return raise_int(t, OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer");
        if (!bytebuffer_reserve(out, (size_t)n + 1)) return raise_no_memory(t), -1;
        memset(out->data + out->length, 0, (size_t)n);
        out->length += (size_t)n;
        return 0;
    }
    return add_object(t, type_name, source, out);
}

// The answer of __bytes__, UNDEF without an exception where there is none.
static Value special_bytes(Thread *t, ValueRef o) {
    if (!value_is_object(o) || value_is(o, BYTEARRAY) || value_is(o, LIST) || value_is(o, TUPLE)) return UNDEF;
    Value made = call_special(t, o, NAME(__bytes__), NULL, 0);
    if (value_bits(made) == 0 || value_is_any_bytes(made)) return made;
    raise(t, TYPE_ERROR, "__bytes__ returned non-bytes (type %T)", made);
    value_release(t, made);
    return UNDEF;
}

Value bytes_from_object(Thread *t, ValueRef o) {
    if (value_is(o, BYTES)) return value_dup(t, o);
    Value special = special_bytes(t, o);
    if (value_bits(special) || error_pending(t)) return special;
    ByteBuffer out = {0};
    Value result = UNDEF;
    if (add_object(t, "bytes", o, &out) == 0) result = bytes_new(t, out.data, out.length);
    bytebuffer_free(&out);
    return result;
}

static Value bytes_dunder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[3];
    Type *class = (Type *)value_object(type);
    if (args_bind(t, "bytes", "(source=b'', encoding='utf-8', errors='strict')", args, nargs, kwnames, arg) < 0) return UNDEF;
    bool alone = value_bits(arg[0]) && value_bits(arg[1]) == 0 && value_bits(arg[2]) == 0;
    Value result = UNDEF;
    ByteBuffer out = {0};
    if (alone && value_is(arg[0], BYTES) && class == TYPE_OF(BYTES)) return value_dup(t, arg[0]);
    if (alone && !value_is(arg[0], STR)) {
        Value special = special_bytes(t, arg[0]);
        if (value_bits(special) == 0 && error_pending(t)) return UNDEF;
        if (value_bits(special)) {
            if (class == TYPE_OF(BYTES)) return special;
            result = of_subclass(t, class, value_bytes(special)->data, value_bytes(special)->length);
            value_release(t, special);
            return result;
        }
    }
    if (bytes_from_arguments(t, "bytes", arg[0], arg[1], arg[2], &out) == 0)
        result = class == TYPE_OF(BYTES) ? bytes_new(t, out.data, out.length) : of_subclass(t, class, out.data, out.length);
    bytebuffer_free(&out);
    return result;
}

// --- joining ------------------------------------------------------------------------------------------------------

// Exact bytes parts are read in place, others copied first (getting a buffer may run Python, so all come before any size).
Value bytes_join(Thread *t, ValueRef separator, ValueRef iterable) {
    Value items = tuple_from_iterable(t, iterable), result = UNDEF;
    if (value_bits(items) == 0) {
        if (error_matches(t, EXCEPTION(TYPE_ERROR)) && !value_type(iterable)->ops.iter && !value_type(iterable)->ops.getitem) {
            error_clear(t);
            return raise(t, TYPE_ERROR, "can only join an iterable");
        }
        return UNDEF;
    }
    BytesArg between = {.heap = NULL};
    ByteBuffer out = {0};
    Tuple *parts = value_tuple(items);
    if (parts->length == 1 && value_is(tuple_item(parts, 0), BYTES) && value_is_any_bytes(separator)) {
        result = value_dup(t, tuple_item(parts, 0));
        value_release(t, items);
        return result;
    }
    if (bytes_arg(t, separator, &between) < 0) goto done;
    for (int64_t i = 0; i < parts->length; i++) {
        ValueRef part = tuple_item(parts, i);
        if (i) bytebuffer_put(&out, between.text.data, between.text.length);
        if (value_is_any_bytes(part)) bytebuffer_put(&out, value_bytes(part)->data, value_bytes(part)->length);
        else if (!value_has_buffer(part)) {
            raise(t, TYPE_ERROR, "sequence item %zd: expected a bytes-like object, %T found", i, part);
            goto done;
        } else if (add_buffer(t, part, &out) < 0) goto done;
        else if (value_is_any_list(iterable) && list_length(value_list(iterable)) != parts->length) { // a __buffer__ did that
            raise(t, RUNTIME_ERROR, "sequence changed size during iteration");
            goto done;
        }
        if (out.failed) {
            raise_no_memory(t);
            goto done;
        }
    }
    result = value_is_any_bytes(separator) ? bytes_new(t, out.data, out.length) : bytearray_new(t, out.data, out.length);
done:
    bytes_arg_free(&between);
    bytebuffer_free(&out);
    value_release(t, items);
    return result;
}

// --- slots --------------------------------------------------------------------------------------------------------

Value bytes_repr_of(Thread *t, Text text, const char *before, const char *after, bool quote_always_escaped) {
    bool single = strsearch_char(text, '\'') != SEARCH_NONE, twofold = strsearch_char(text, '"') != SEARCH_NONE;
    uint8_t quote = single && !twofold ? '"' : '\'';
    ByteBuffer out = {0};
    bytebuffer_put(&out, before, strlen(before));
    bytebuffer_put1(&out, 'b');
    bytebuffer_put1(&out, quote);
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = (uint8_t)text_at(text, i);
        char escape = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\\' || c == quote || (c == '\'' && quote_always_escaped) ? (char)c : 0;
        if (escape) {
            bytebuffer_put1(&out, '\\');
            bytebuffer_put1(&out, (uint8_t)escape);
        } else if (c < ' ' || c >= 0x7f) {
            uint8_t hex[4] = {'\\', 'x', (uint8_t) "0123456789abcdef"[c >> 4], (uint8_t) "0123456789abcdef"[c & 15]};
            bytebuffer_put(&out, hex, 4);
        } else {
            bytebuffer_put1(&out, c);
        }
    }
    bytebuffer_put1(&out, quote);
    bytebuffer_put(&out, after, strlen(after));
    Value result = out.failed ? raise_no_memory(t) : str_from_ascii(t, (char *)out.data, out.length);
    bytebuffer_free(&out);
    return result;
}

static Text text_of_value(ValueRef v) { return text_of(value_bytes(v)->data, value_bytes(v)->length, 1); }

static Value slot_repr(Thread *t, ValueRef self) { return bytes_repr_of(t, text_of_value(self), "", "", false); }

static int64_t slot_hash(Thread *t, ValueRef self) {
    Bytes *b = value_bytes(self);
    int64_t h = __atomic_load_n((int64_t *)&b->hash, __ATOMIC_RELAXED);
    if (h) return h;
    h = str_hash_raw(b->data, b->length);
    __atomic_store_n((int64_t *)&b->hash, h, __ATOMIC_RELAXED);
    return h;
}

Value bytes_compare_text(Text a, Text b, int op) {
    if (op == CMP_EQ || op == CMP_NE) return value_bool(text_equal(a, b) == (op == CMP_EQ));
    int order = text_compare(a, b);
    return value_bool(op == CMP_LT ? order < 0 : op == CMP_LE ? order <= 0 : op == CMP_GT ? order > 0 : order >= 0);
}

// -b: 0, or -1 where the warning is an error.
int bytes_warn_compare(Thread *t, const char *name, ValueRef other, int op, bool with_int) {
    if (LIKELY(!runtime_config.bytes_warning) || (op != CMP_EQ && op != CMP_NE)) return 0;
    const char *kind = value_is_any_str(other) ? "string" : with_int && value_is_any_int(other) ? "int" : NULL;
    return kind ? warn(t, E_BYTES_WARNING, 1, "Comparison between %s and %s", name, kind) : 0;
}
int bytes_warn_str(Thread *t, const char *name) {
    return LIKELY(!runtime_config.bytes_warning) ? 0 : warn(t, E_BYTES_WARNING, 1, "str() on a %s instance", name);
}
static Value slot_str(Thread *t, ValueRef self) { return bytes_warn_str(t, "bytes") < 0 ? UNDEF : slot_repr(t, self); }
static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_any_bytes(a) || !value_is_any_bytes(b))
        return bytes_warn_compare(t, "bytes", value_is_any_bytes(a) ? b : a, op, true) < 0 ? UNDEF : NOT_IMPLEMENTED;
    return bytes_compare_text(text_of_value(a), text_of_value(b), op);
}

static int64_t slot_length(Thread *t, ValueRef self) { return (int64_t)value_bytes(self)->length; }

static Value slot_getitem(Thread *t, ValueRef self, ValueRef key) {
    const Bytes *b = value_bytes(self);
    int64_t n = (int64_t)b->length, i;
    if (value_is(key, SLICE)) {
        int64_t start, stop, step, count;
        if (slice_indices(t, value_slice(key), n, &start, &stop, &step, &count) < 0) return UNDEF;
        if (count == n && step == 1 && value_is(self, BYTES)) return value_dup(t, self);
        if (step == 1 || count == 0) return bytes_new(t, b->data + start, (size_t)count);
        Bytes *out = bytes_alloc(t, (size_t)count);
        if (!out) return UNDEF;
        for (int64_t k = 0; k < count; k++) out->data[k] = b->data[start + k * step];
        return value_of(out);
    }
    int got = container_index(t, key, &i);
    if (got < 0) return UNDEF;
    if (got == 0) return raise(t, TYPE_ERROR, "byte indices must be integers or slices, not %T", key);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, INDEX_ERROR, "index out of range");
    return value_int(b->data[i]);
}

static int slot_contains(Thread *t, ValueRef self, ValueRef item) {
    BytesArg part;
    if (value_has_index(item) ? bytes_arg_or_int(t, item, &part) < 0 : bytes_arg(t, item, &part) < 0) return -1;
    int result = strsearch_find(text_of_value(self), part.text) != SEARCH_NONE;
    bytes_arg_free(&part);
    return result;
}

static Value slot_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_has_buffer(b)) return raise(t, TYPE_ERROR, "can't concat %T to %T", b, a);
    if (value_is(b, BYTES) && value_bytes(a)->length == 0) return value_dup(t, b);
    BytesArg y;
    if (bytes_arg(t, b, &y) < 0) return UNDEF;
    const Bytes *x = value_bytes(a);
    Value result = UNDEF;
    if (y.text.length == 0 && value_is(a, BYTES)) result = value_dup(t, a);
    else {
        Bytes *out = bytes_alloc(t, x->length + y.text.length);
        if (out) {
            memcpy(out->data, x->data, x->length);
            if (y.text.length) memcpy(out->data + x->length, y.text.data, y.text.length);
            result = value_of(out);
        }
    }
    bytes_arg_free(&y);
    return result;
}

static Value slot_repeat(Thread *t, ValueRef a, ValueRef b) {
    ValueRef self = value_is_any_bytes(a) ? a : b;
    int64_t n;
    if (container_repeat_count(t, value_is_any_bytes(a) ? b : a, &n) < 0) return UNDEF;
    const Bytes *x = value_bytes(self);
    if (n <= 0 || x->length == 0) return bytes_new(t, NULL, 0);
    if (n == 1 && value_is(self, BYTES)) return value_dup(t, self);
    if ((size_t)n > STR_LENGTH_MAX / x->length) return raise_no_memory(t);
    Bytes *out = bytes_alloc(t, x->length * (size_t)n);
    if (!out) return UNDEF;
    if (x->length == 1) memset(out->data, x->data[0], (size_t)n);
    else
        for (int64_t i = 0; i < n; i++) memcpy(out->data + (size_t)i * x->length, x->data, x->length);
    return value_of(out);
}

static Value slot_remainder(Thread *t, ValueRef a, ValueRef b) { return value_is_any_bytes(a) ? bytes_percent(t, a, b, false) : NOT_IMPLEMENTED; }
static Value slot_iter(Thread *t, ValueRef self) { return index_iterator_new(t, TYPE_OF(BYTES_ITERATOR), self, 0); }
static int slot_buffer(Thread *t, ValueRef self, Buffer *out, int flags) {
    return buffer_fill(t, out, self, value_bytes(self)->data, (int64_t)value_bytes(self)->length, true, flags);
}

// --- methods of bytes alone ---------------------------------------------------------------------------------------

static Value exact(Thread *t, ValueRef self) {
    return value_is(self, BYTES) ? value_dup(t, self) : bytes_new(t, value_bytes(self)->data, value_bytes(self)->length);
}
static Value dunder_bytes(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return exact(t, self); }
static Value getnewargs(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value b = exact(t, self);
    return value_bits(b) ? tuple_from_values(t, &b, 1) : UNDEF;
}
static Value fromhex(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ByteBuffer out = {0};
    Value result = UNDEF;
    if (bytes_from_hex(t, args[0], &out) == 0) {
        result = bytes_new(t, out.data, out.length);
        if (value_bits(result) && (Type *)value_object(type) != TYPE_OF(BYTES)) {
            Value made = call_1(t, type, result);
            value_release(t, result);
            result = made;
        }
    }
    bytebuffer_free(&out);
    return result;
}

static const NativeDef methods[] = {
    {"__getnewargs__", getnewargs, "($self, /)", NULL, 0},
    {"__bytes__", dunder_bytes, "($self, /)", "The same as exact bytes.", 0},
    {"fromhex", fromhex, "($type, string, /)", "The bytes that hexadecimal digits stand for.", NATIVE_CLASS},
    {"maketrans", bytes_maketrans, "(frm, to, /)", "A table for translate.", NATIVE_STATIC},
#define X(name, signature, doc) {#name, bytes_##name, signature, doc, 0},
#define bytes_join bytes_join_method
    BYTES_METHODS(X)
#undef X
    NATIVE_END};

const TypeSpec bytes_spec = {
    .name = "bytes",
    .doc = "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy\n"
           "bytes(int) -> that many zero bytes\nbytes() -> empty bytes\n\nAn immutable sequence of bytes.",
    .size = sizeof(Bytes),
    .item_size = 1,
    .flags = TYPE_BASE | TYPE_LEAF | TYPE_VARSIZED | TYPE_IS_BYTES | TYPE_MATCH_SELF,
    .ops = {.repr = slot_repr, .str = slot_str, .hash = slot_hash, .compare = slot_compare, .iter = slot_iter, .new = bytes_dunder_new,
        .remainder = slot_remainder, .length = slot_length, .getitem = slot_getitem, .contains = slot_contains, .concat = slot_concat,
        .repeat = slot_repeat, .buffer = slot_buffer},
    .methods = methods,
    .bytes = bytes_bytes,
};
