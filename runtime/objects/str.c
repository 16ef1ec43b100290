// The str object: making, joining, comparing, hashing. Methods are in str_methods.c, formatting in str_format.c, encoding in
// str_codec.c, interning in str_intern.c.
#include "runtime/objects/container.h"
#include "runtime/objects/list.h"
#include "runtime/objects/number.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/codec.h"
#include "runtime/support/hash.h"
#include "runtime/support/strsearch.h"
#include "runtime/objects/str_internal.h"
#include <stdlib.h>

static HashKey hash_key; // set once, before the first str is hashed
static bool hash_key_set;

void str_set_hash_key(uint64_t k0, uint64_t k1) {
    hash_key = (HashKey){k0, k1};
    hash_key_set = true;
}
bool str_hash_key_is_set(void) { return hash_key_set; }
int64_t str_hash_raw(const void *data, size_t bytes) { return hash_bytes(hash_key, data, bytes); }

size_t str_bytes(const Object *o) {
    const Str *s = (const Str *)o;
    return sizeof(Str) + (str_length(s) + 1) * (size_t)str_kind(s);
}

static void set_length(Str *s, size_t length) {
    s->length_low = (uint32_t)length;
    s->length_high = (uint16_t)(length >> 32);
}

static void fill_header(Str *s, size_t length, uint32_t max_char) {
    __atomic_store_n((int64_t *)&s->hash, 0, __ATOMIC_RELAXED);
    set_length(s, length);
    uint32_t width = text_width_for(max_char);
    s->kind = (uint8_t)(width | (max_char < 0x80 ? STR_ASCII : 0));
    atomic_store_relaxed_u8(&s->flags, 0);
    text_put(str_data(s), width, length, 0);
}

Str *str_alloc(Thread *t, size_t length, uint32_t max_char) {
    if (UNLIKELY(length >= STR_LENGTH_MAX)) return raise_no_memory(t), NULL;
    Str *s = leaf_new(t, SHAPE_STR, sizeof(Str) + (length + 1) * text_width_for(max_char));
    if (LIKELY(s != NULL)) fill_header(s, length, max_char);
    return s;
}

// A block of malloc's own size class moves by realloc; small blocks come from the slot's free lists and are copied.
void *memory_resize(Thread *t, void *p, size_t old_bytes, size_t new_bytes) {
#ifdef SKEIN_PLAIN_MALLOC
    enum { LISTED = 0 };
#else
    enum { LISTED = FREE_LIST_CLASSES * FREE_LIST_STEP };
#endif
    if (old_bytes > LISTED && new_bytes > LISTED) {
        void *q = realloc(p, new_bytes);
        if (!q) raise_no_memory(t);
        return q;
    }
    if (old_bytes <= LISTED && (old_bytes - 1) / FREE_LIST_STEP == (new_bytes - 1) / FREE_LIST_STEP) return p;
    void *q = memory_new(t, new_bytes);
    if (!q) return NULL;
    memcpy(q, p, old_bytes < new_bytes ? old_bytes : new_bytes);
    memory_free(t, p, old_bytes);
    return q;
}

// An instance of `type`, a subclass of str, with the same text.
Value str_of_subclass(Thread *t, Type *type, const Str *text) {
    size_t width = (size_t)str_kind(text), n = str_length(text);
    Str *s = object_new_var(t, type, (n + 1) * width);
    if (!s) return UNDEF;
    fill_header(s, n, str_max_class(text));
    memcpy(str_data(s), str_data(text), n * width);
    return value_of(s);
}

static Value empty_str(Thread *t) { return value_dup(t, t->interp->empty_str); }

Value str_from_char(Thread *t, uint32_t c) {
    if (LIKELY(c < 256)) return value_dup(t, t->interp->latin1[c]);
    Str *s = str_alloc(t, 1, c);
    if (UNLIKELY(!s)) return UNDEF;
    text_put(str_data(s), text_width_for(c), 0, c);
    return value_of(s);
}

Value str_from_view(Thread *t, Text text) {
    if (text.length == 0) return empty_str(t);
    if (text.length == 1) return str_from_char(t, text_at(text, 0));
    uint32_t max = text_max_class(text.data, text.width, text.length);
    Str *s = str_alloc(t, text.length, max);
    if (UNLIKELY(!s)) return UNDEF;
    text_copy(str_data(s), text_width_for(max), text.data, text.width, text.length);
    return value_of(s);
}

Value str_from_buffer(Thread *t, TextBuffer *b) {
    Value result;
    if (b->failed) result = raise_no_memory(t);
    else if (b->length > 1) { // the buffer knows its class
        uint32_t max = b->bits < 0x80 ? 0x7f : b->bits < 0x100 ? 0xff : b->bits < 0x10000 ? 0xffff : 0x10ffff;
        Str *s = str_alloc(t, b->length, max);
        if (s) text_copy(str_data(s), text_width_for(max), b->data, b->width, b->length);
        result = s ? value_of(s) : UNDEF;
    } else result = str_from_view(t, textbuffer_text(b));
    textbuffer_free(b);
    return result;
}

Value str_from_latin1(Thread *t, const uint8_t *chars, size_t n) { return str_from_view(t, text_of(chars, n, 1)); }
Value str_from_ucs2(Thread *t, const uint16_t *chars, size_t n) { return str_from_view(t, text_of(chars, n, 2)); }
Value str_from_ucs4(Thread *t, const uint32_t *chars, size_t n) { return str_from_view(t, text_of(chars, n, 4)); }

Value str_from_ascii(Thread *t, const char *text, size_t n) {
    if (n <= 1) return n ? str_from_char(t, (uint8_t)*text) : empty_str(t);
    Str *s = str_alloc(t, n, 0x7f);
    if (UNLIKELY(!s)) return UNDEF;
    text_bytes_copy(str_data(s), text, n);
    return value_of(s);
}

Value str_from_utf8(Thread *t, const char *utf8, size_t bytes) {
    const uint8_t *in = (const uint8_t *)utf8;
    if (codec_ascii_prefix(in, bytes) == bytes) return str_from_ascii(t, utf8, bytes);
    uint32_t bits;
    size_t n = codec_utf8_measure(in, bytes, &bits);
    if (n == SIZE_MAX) return str_decode(t, in, bytes, CODEC_UTF_8, NULL); // raises
    if (bits < 0x80) bits = 0x80; // cannot be: not all is ASCII
    if (n == 1) {
        uint32_t c;
        codec_utf8_fill(in, bytes, &c, 4);
        return str_from_char(t, c);
    }
    Str *s = str_alloc(t, n, bits > 0xffff ? 0x10ffff : bits);
    if (!s) return UNDEF;
    codec_utf8_fill(in, bytes, str_data(s), (uint32_t)str_kind(s));
    return value_of(s);
}

Value str_from_utf8_surrogates(Thread *t, const char *utf8, size_t bytes) {
    return str_decode(t, (const uint8_t *)utf8, bytes, CODEC_UTF_8, "surrogatepass");
}

Value str_from_text(Thread *t, const char *utf8) { return str_from_utf8(t, utf8, strlen(utf8)); }

Value str_exact(Thread *t, ValueRef v) {
    return value_is(v, STR) ? value_dup(t, v) : str_from_view(t, str_text(value_str(v)));
}

Value str_substring(Thread *t, const Str *s, size_t start, size_t end) {
    size_t n = str_length(s);
    if (end > n) end = n;
    if (start >= end) return empty_str(t);
    if (start == 0 && end == n && value_is(value_of(s), STR)) return value_dup(t, value_of(s));
    if (str_is_ascii(s)) return str_from_ascii(t, (const char *)str_data(s) + start, end - start);
    return str_from_view(t, text_slice(str_text(s), start, end));
}

// --- putting together ---------------------------------------------------------------------------------------------

static void copy_in(Str *to, size_t at, const Str *from) {
    uint32_t width = (uint32_t)str_kind(to);
    text_copy((char *)str_data(to) + at * width, width, str_data(from), (uint32_t)str_kind(from), str_length(from));
}

Value str_concat(Thread *t, ValueRef a, ValueRef b) {
    const Str *x = value_str(a), *y = value_str(b);
    size_t n = str_length(x), m = str_length(y);
    if (m == 0) return str_exact(t, a);
    if (n == 0) return str_exact(t, b);
    uint32_t max = str_max_class(x) > str_max_class(y) ? str_max_class(x) : str_max_class(y);
    Str *s = str_alloc(t, n + m, max);
    if (UNLIKELY(!s)) return UNDEF;
    copy_in(s, 0, x);
    copy_in(s, n, y);
    return value_of(s);
}

Value str_append_in_place(Thread *t, Value target_steal, ValueRef b) {
    Str *s = value_str(target_steal);
    const Str *y = value_str(b);
    size_t n = str_length(s), m = str_length(y), width = (size_t)str_kind(s);
    // The block may move: nobody else may hold it, not even the other operand.
    if (value_is(target_steal, STR) && m && n && s != y && str_max_class(y) <= str_max_class(s) && n + m < STR_LENGTH_MAX &&
        !str_is_interned(s) && ref_is_unique_local(&t->core, &s->head)) {
        size_t old_bytes = sizeof(Str) + (n + 1) * width, new_bytes = sizeof(Str) + (n + m + 1) * width;
        s = memory_resize(t, s, old_bytes, new_bytes);
        if (UNLIKELY(!s)) {
            value_release(t, target_steal);
            return UNDEF;
        }
        __atomic_store_n((int64_t *)&s->hash, 0, __ATOMIC_RELAXED);
        set_length(s, n + m);
        copy_in(s, n, y);
        text_put(str_data(s), (uint32_t)width, n + m, 0);
        return value_of(s);
    }
    Value r = str_concat(t, target_steal, b);
    value_release(t, target_steal);
    return r;
}

// The parts with the separator between them. All are any str.
static Value join_parts(Thread *t, const Str *separator, const ValueRef *parts, size_t n) {
    if (n == 0) return empty_str(t);
    if (n == 1) return str_exact(t, parts[0]);
    size_t total = separator ? str_length(separator) * (n - 1) : 0;
    uint32_t max = total ? str_max_class(separator) : 0x7f;
    if (separator && str_length(separator) && total / str_length(separator) != n - 1) return raise_no_memory(t);
    for (size_t i = 0; i < n; i++) {
        const Str *s = value_str(parts[i]);
        total += str_length(s);
        if (UNLIKELY(total >= STR_LENGTH_MAX)) return raise(t, OVERFLOW_ERROR, "join() result is too long for a Python string");
        if (str_max_class(s) > max && str_length(s)) max = str_max_class(s);
    }
    if (total == 0) return empty_str(t);
    if (total == 1) {
        for (size_t i = 0; i < n; i++)
            if (str_length(value_str(parts[i]))) return str_exact(t, parts[i]);
        return str_exact(t, value_of(separator));
    }
    Str *s = str_alloc(t, total, max);
    if (!s) return UNDEF;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && separator) {
            copy_in(s, at, separator);
            at += str_length(separator);
        }
        copy_in(s, at, value_str(parts[i]));
        at += str_length(value_str(parts[i]));
    }
    return value_of(s);
}

Value str_join_values(Thread *t, const ValueRef *parts, size_t n) { return join_parts(t, NULL, parts, n); }

static int check_parts(Thread *t, const ValueRef *parts, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (UNLIKELY(!value_is_any_str(parts[i])))
            return raise_int(t, TYPE_ERROR, "sequence item %zd: expected str instance, %T found", (int64_t)i, parts[i]);
    return 0;
}

Value str_join(Thread *t, ValueRef separator, ValueRef iterable) {
    Value held = UNDEF;
    const ValueRef *parts;
    size_t n;
    if (value_is(iterable, LIST) && !object_is_shared(value_object(iterable))) {
        // Nothing below runs Python, so a private list stays as it is.
        List *l = value_list(iterable);
        n = (size_t)list_length(l);
        parts = n ? value_refs(l->items->item) : NULL;
    } else {
        if (value_is(iterable, TUPLE)) held = value_dup(t, iterable);
        else {
            held = tuple_from_iterable(t, iterable);
            if (value_bits(held) == 0) {
                if (error_matches(t, EXCEPTION(TYPE_ERROR)) && !value_type(iterable)->ops.iter && !value_type(iterable)->ops.getitem) {
                    error_clear(t);
                    return raise(t, TYPE_ERROR, "can only join an iterable");
                }
                return UNDEF;
            }
        }
        n = (size_t)value_tuple(held)->length;
        parts = value_refs(value_tuple(held)->items);
    }
    Value result = check_parts(t, parts, n) < 0 ? UNDEF : join_parts(t, value_str(separator), parts, n);
    value_release(t, held);
    return result;
}

Value str_format_value(Thread *t, ValueRef o, ValueRef spec) {
    bool plain = value_bits(spec) == 0 || str_length(value_str(spec)) == 0;
    // The exact types' __format__ cannot be replaced.
    if (value_is(o, STR)) return plain ? value_dup(t, o) : str_dunder_format(t, o, &spec, 1, NULL);
    if (value_is_int(o)) return plain ? int_to_str(t, o, 10, false) : int_format(t, o, spec);
    if (value_is_float(o)) return plain ? float_repr(t, value_get_float(o)) : float_format(t, o, value_get_float(o), spec);
    return object_format(t, o, spec);
}

// --- comparing, hashing -------------------------------------------------------------------------------------------

int64_t str_hash(Str *s) {
    int64_t h = __atomic_load_n((int64_t *)&s->hash, __ATOMIC_RELAXED);
    if (h) return h;
    h = str_hash_raw(str_data(s), str_length(s) * (size_t)str_kind(s));
    __atomic_store_n((int64_t *)&s->hash, h, __ATOMIC_RELAXED);
    return h;
}

bool str_equal(const Str *a, const Str *b) { return a == b || str_equal_inline(a, b); }

bool str_equal_text(const Str *a, const char *ascii) {
    size_t n = strlen(ascii);
    return str_is_ascii(a) && str_length(a) == n && !memcmp(str_data(a), ascii, n);
}

int str_compare(const Str *a, const Str *b) { return text_compare(str_text(a), str_text(b)); }

// --- out ----------------------------------------------------------------------------------------------------------

const char *str_utf8(Thread *t, const Str *s, size_t *bytes, char **allocated) {
    *allocated = NULL;
    if (str_is_ascii(s)) {
        *bytes = str_length(s);
        return str_data(s);
    }
    size_t n = codec_utf8_size(str_text(s), false);
    if (n == SIZE_MAX) {
        Value encoded = str_encode(t, value_of(s), CODEC_UTF_8, NULL); // raises
        value_release(t, encoded);
        return NULL;
    }
    *allocated = malloc(n + 1);
    if (!*allocated) return raise_no_memory(t), NULL;
    codec_utf8_write(str_text(s), (uint8_t *)*allocated);
    (*allocated)[n] = 0;
    *bytes = n;
    return *allocated;
}

const char *str_fs_path(Thread *t, ValueRef path, char **allocated) {
    *allocated = NULL;
    Value held = UNDEF, encoded = UNDEF;
    const char *result = NULL;
    if (!value_is_any_str(path) && !value_is_any_bytes(path)) {
        Value method = lookup_special(t, path, NAME(__fspath__));
        if (value_bits(method) && method != NONE) held = call_0(t, method);
        value_release(t, method);
        if (value_bits(held) == 0) {
            if (!error_pending(t)) raise(t, TYPE_ERROR, "expected str, bytes or os.PathLike object, not %T", path);
            return NULL;
        }
        if (!value_is_any_str(held) && !value_is_any_bytes(held)) {
            raise(t, TYPE_ERROR, "expected %T.__fspath__() to return str or bytes, not %T", path, held);
            goto done;
        }
        path = held;
    }
    const char *data;
    size_t n;
    if (value_is_any_str(path)) {
        encoded = str_encode(t, path, CODEC_UTF_8, "surrogateescape");
        if (value_bits(encoded) == 0) goto done;
        path = encoded;
    }
    data = (const char *)value_bytes(path)->data;
    n = value_bytes(path)->length;
    if (memchr(data, 0, n)) {
        raise(t, VALUE_ERROR, "embedded null byte");
        goto done;
    }
    *allocated = malloc(n + 1);
    if (!*allocated) {
        raise_no_memory(t);
        goto done;
    }
    memcpy(*allocated, data, n);
    (*allocated)[n] = 0;
    result = *allocated;
done:
    value_release(t, encoded);
    value_release(t, held);
    return result;
}

// --- builder ------------------------------------------------------------------------------------------------------

void str_builder_init(StrBuilder *b, Thread *t) { *b = (StrBuilder){.t = t, .kind = 1}; }

// Room for `more` characters that are not above `max`.
static bool reserve(StrBuilder *b, size_t more, uint32_t max) {
    if (b->failed) return false;
    uint32_t width = text_width_for(max > b->max_char ? max : b->max_char);
    if (more > b->capacity - b->length || width != b->kind) {
        size_t capacity = b->capacity;
        if (more > capacity - b->length) capacity = b->length + more + b->length / 2 + 32;
        void *data = more < STR_LENGTH_MAX ? malloc(capacity * width) : NULL;
        if (!data) {
            b->failed = true;
            return false;
        }
        if (b->length) text_copy(data, width, b->data, b->kind, b->length);
        free(b->data);
        b->data = data;
        b->capacity = capacity;
        b->kind = (uint8_t)width;
    }
    if (max > b->max_char) b->max_char = max;
    return true;
}

void str_builder_char(StrBuilder *b, uint32_t c) {
    if (reserve(b, 1, c)) text_put(b->data, b->kind, b->length++, c);
}

static void put_view(StrBuilder *b, Text text, uint32_t max) {
    if (text.length == 0 || !reserve(b, text.length, max)) return;
    text_copy((char *)b->data + b->length * b->kind, b->kind, text.data, text.width, text.length);
    b->length += text.length;
}

void str_builder_text(StrBuilder *b, const char *ascii, size_t n) { put_view(b, text_of(ascii, n, 1), 0x7f); }
void str_builder_str(StrBuilder *b, const Str *s) { put_view(b, str_text(s), str_max_class(s)); }
void str_builder_slice(StrBuilder *b, const Str *s, size_t start, size_t end) {
    if (start >= end) return;
    Text part = text_slice(str_text(s), start, end);
    put_view(b, part, str_is_ascii(s) ? 0x7f : text_max_class(part.data, part.width, part.length));
}

Value str_builder_finish(StrBuilder *b) {
    Value result = b->failed ? raise_no_memory(b->t) : str_from_view(b->t, text_of(b->data, b->length, b->kind));
    str_builder_abandon(b);
    return result;
}

void str_builder_abandon(StrBuilder *b) {
    free(b->data);
    b->data = NULL;
    b->length = b->capacity = 0;
}
