// bytearray. A shared one is read and written under its lock; a private one needs none. While buffers of it are lent
// (`exports`) its block neither moves nor changes size.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include <stdlib.h>

static ByteArray *array_of(ValueRef v) { return (ByteArray *)value_object(v); }
static bool is_array(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(BYTEARRAY)); }
static uint8_t *bytes_at(const ByteArray *a) { return a->data + a->start; }
static uint64_t length_of(const ByteArray *a) { return __atomic_load_n(&a->length, __ATOMIC_RELAXED); }
static void set_length(ByteArray *a, uint64_t n) { __atomic_store_n(&a->length, n, __ATOMIC_RELAXED); }

// --- storage (all within a guard) ---------------------------------------------------------------------------------

static int exported(Thread *t, const ByteArray *a) {
    if (__atomic_load_n((int64_t *)&a->exports, __ATOMIC_ACQUIRE) == 0) return 0;
    return raise_int(t, BUFFER_ERROR, "Existing exports of data: object cannot be re-sized");
}

// Gives the array `length` bytes; new ones at the end are not set. -1: exported, or no memory.
static int resize(Thread *t, ByteArray *a, uint64_t length) {
    if (length == a->length) return 0;
    if (exported(t, a) < 0) return -1;
    if (length >= STR_LENGTH_MAX) return raise_no_memory(t), -1;
    if (a->start + length + 1 > a->capacity || (a->capacity > 64 && length < a->capacity / 4)) {
        uint64_t capacity = length + (length > a->length ? length / 8 : 0) + 16;
        uint8_t *data = storage_new(t, capacity);
        if (!data) return -1;
        uint64_t kept = length < a->length ? length : a->length;
        if (kept) memcpy(data, bytes_at(a), kept);
        uint8_t *old = a->data;
        uint64_t old_capacity = a->capacity;
        storage_publish(a->data, data);
        a->capacity = capacity;
        a->start = 0;
        if (old) storage_discard(t, a, old, old_capacity);
    }
    set_length(a, length);
    bytes_at(a)[length] = 0;
    return 0;
}

// Puts n bytes in the place of [from, to); zeros where `with` is NULL.
static int replace_range(Thread *t, ByteArray *a, uint64_t from, uint64_t to, const uint8_t *with, uint64_t n) {
    uint64_t old = a->length, removed = to - from;
    if (n < removed) {
        if (exported(t, a) < 0) return -1;
        if (from == 0) a->start += removed - n; // what goes from the front stays as slack
        else memmove(bytes_at(a) + from + n, bytes_at(a) + to, old - to);
        if (from == 0) set_length(a, old - (removed - n));
        else if (resize(t, a, old - (removed - n)) < 0) return -1;
    } else if (n > removed) {
        if (n - removed > STR_LENGTH_MAX) return raise_no_memory(t), -1;
        if (resize(t, a, old + (n - removed)) < 0) return -1;
        memmove(bytes_at(a) + from + n, bytes_at(a) + to, old - to);
    }
    if (n && with) memcpy(bytes_at(a) + from, with, n);
    else if (n) memset(bytes_at(a) + from, 0, n);
    return 0;
}

static ByteArray *array_new(Thread *t, Type *type) { return object_new(t, type); }

Value bytearray_new(Thread *t, const void *data, size_t length) {
    ByteArray *a = array_new(t, TYPE_OF(BYTEARRAY));
    if (!a) return UNDEF;
    if (length && replace_range(t, a, 0, 0, data, length) < 0) {
        object_release(t, a);
        return UNDEF;
    }
    return value_of(a);
}

static void destroy(Thread *t, Object *o) { storage_free(((ByteArray *)o)->data); }
static void traverse(Object *o, VisitFn visit, void *arg) {}

// --- constructor --------------------------------------------------------------------------------------------------

static Value slot_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ByteArray *a = array_new(t, (Type *)value_object(type));
    return a ? value_of(a) : UNDEF;
}

static int set_contents(Thread *t, ByteArray *a, const uint8_t *data, uint64_t n) {
    Guard g;
    guard_begin(t, &g, a);
    int result = replace_range(t, a, 0, a->length, data, n);
    guard_end(t, &g);
    return result;
}

static int array_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[3];
    if (args_bind(t, "bytearray", "(source=b'', encoding='utf-8', errors='strict')", args, nargs, kwnames, arg) < 0) return -1;
    ByteBuffer out = {0};
    if (set_contents(t, array_of(self), NULL, 0) < 0) return -1; // empty where what follows fails
    int result = bytes_from_arguments(t, "bytearray", arg[0], arg[1], arg[2], &out);
    if (result == 0) result = set_contents(t, array_of(self), out.data, out.length);
    bytebuffer_free(&out);
    return result;
}

// --- slots --------------------------------------------------------------------------------------------------------

static int64_t slot_length(Thread *t, ValueRef self) { return (int64_t)length_of(array_of(self)); }

static Value slot_repr(Thread *t, ValueRef self) {
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    Value copy = bytes_new(t, s.like.text.data, s.like.text.length), result;
    bytes_self_end(&s);
    if (value_bits(copy) == 0) return UNDEF;
    Text text = text_of(value_bytes(copy)->data, value_bytes(copy)->length, 1);
    if (value_is(self, BYTEARRAY)) result = bytes_repr_of(t, text, "bytearray(", ")", true);
    else {
        Value inner = bytes_repr_of(t, text, "", "", true);
        result = value_bits(inner) ? str_of_format(t, "%T(%U)", self, value_str(inner)) : UNDEF;
        value_release(t, inner);
    }
    value_release(t, copy);
    return result;
}

static Value slot_str(Thread *t, ValueRef self) { return bytes_warn_str(t, "bytearray") < 0 ? UNDEF : slot_repr(t, self); }
static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_has_buffer(a) || !value_has_buffer(b))
        return bytes_warn_compare(t, "bytearray", value_has_buffer(a) ? b : a, op, false) < 0 ? UNDEF : NOT_IMPLEMENTED;
    BytesArg x, y;
    if (bytes_arg(t, a, &x) < 0) return UNDEF;
    Value result = UNDEF;
    if (bytes_arg(t, b, &y) == 0) {
        result = bytes_compare_text(x.text, y.text, op);
        bytes_arg_free(&y);
    }
    bytes_arg_free(&x);
    return result;
}

static Value slot_getitem(Thread *t, ValueRef self, ValueRef key) {
    ByteArray *a = array_of(self);
    Value result;
    Guard g;
    if (value_is(key, SLICE)) {
        int64_t start, stop, step;
        if (slice_unpack(t, value_slice(key), &start, &stop, &step) < 0) return UNDEF;
        guard_begin(t, &g, a);
        int64_t count = slice_adjust((int64_t)a->length, &start, &stop, step);
        if (step == 1 || count == 0) result = bytearray_new(t, count ? bytes_at(a) + start : NULL, (size_t)count);
        else {
            ByteBuffer out = {0};
            for (int64_t i = 0; i < count; i++) bytebuffer_put1(&out, bytes_at(a)[start + i * step]);
            result = out.failed ? raise_no_memory(t) : bytearray_new(t, out.data, out.length);
            bytebuffer_free(&out);
        }
        guard_end(t, &g);
        return result;
    }
    int64_t i;
    int got = container_index(t, key, &i);
    if (got < 0) return UNDEF;
    if (got == 0) return raise(t, TYPE_ERROR, "bytearray indices must be integers or slices, not %T", key);
    guard_begin(t, &g, a);
    if (i < 0) i += (int64_t)a->length;
    bool inside = i >= 0 && (uint64_t)i < a->length;
    uint8_t byte = inside ? bytes_at(a)[i] : 0;
    guard_end(t, &g);
    return inside ? value_int(byte) : raise(t, INDEX_ERROR, "bytearray index out of range");
}

// The bytes that stand for a value assigned to a slice.
static int slice_value(Thread *t, ValueRef value, ByteBuffer *out) {
    if (value_is_any_str(value) || (value_has_index(value) && !value_has_buffer(value)) || (!value_has_buffer(value) && !value_type(value)->ops.iter && !value_type(value)->ops.getitem))
        return raise_int(t, TYPE_ERROR, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
    if (!value_has_buffer(value)) return bytes_from_iterable(t, value, out, "byte must be in range(0, 256)");
    BytesArg arg;
    if (bytes_arg(t, value, &arg) < 0) return -1;
    bytebuffer_put(out, arg.text.data, arg.text.length);
    bytes_arg_free(&arg);
    return out->failed ? (raise_no_memory(t), -1) : 0;
}

static int set_slice(Thread *t, ByteArray *a, ValueRef key, ValueRef value) {
    int64_t start, stop, step;
    ByteBuffer new = {0};
    if (slice_unpack(t, value_slice(key), &start, &stop, &step) < 0) return -1;
    if (value_bits(value) && slice_value(t, value, &new) < 0) {
        bytebuffer_free(&new);
        return -1;
    }
    int result = 0;
    Guard g;
    guard_begin(t, &g, a);
    int64_t count = slice_adjust((int64_t)a->length, &start, &stop, step);
    if (step == 1) {
        result = replace_range(t, a, (uint64_t)start, (uint64_t)(start + count), new.data, new.length);
    } else if (value_bits(value)) {
        if ((int64_t)new.length == count)
            for (int64_t i = 0; i < count; i++) bytes_at(a)[start + i * step] = new.data[i];
        else if (new.length) // nothing assigned deletes
            result = raise_int(t, VALUE_ERROR, "attempt to assign bytes of size %zd to extended slice of size %zd", (int64_t)new.length, count);
    }
    if (result == 0 && step != 1 && new.length == 0 && count > 0) {
        if (step < 0) {
            start += (count - 1) * step;
            step = -step;
        }
        if (exported(t, a) < 0) result = -1;
        else {
            uint8_t *p = bytes_at(a);
            int64_t to = start;
            for (int64_t i = start; i < (int64_t)a->length; i++) {
                bool gone = (i - start) % step == 0 && (i - start) / step < count;
                if (!gone) p[to++] = p[i];
            }
            result = resize(t, a, a->length - (uint64_t)count);
        }
    }
    guard_end(t, &g);
    bytebuffer_free(&new);
    return result;
}

static int slot_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    ByteArray *a = array_of(self);
    if (value_is(key, SLICE)) return set_slice(t, a, key, value);
    int64_t i;
    int got = container_index(t, key, &i), byte = 0, result = 0;
    if (got < 0) return -1;
    if (got == 0) return raise_int(t, TYPE_ERROR, "bytearray indices must be integers or slices, not %T", key);
    if (value_bits(value) && (byte = byte_value(t, value)) < 0) return -1;
    Guard g;
    guard_begin(t, &g, a);
    if (i < 0) i += (int64_t)a->length;
    if (i < 0 || (uint64_t)i >= a->length) result = raise_int(t, INDEX_ERROR, "bytearray index out of range");
    else if (value_bits(value)) bytes_at(a)[i] = (uint8_t)byte;
    else result = replace_range(t, a, (uint64_t)i, (uint64_t)i + 1, NULL, 0);
    guard_end(t, &g);
    return result;
}

static int slot_contains(Thread *t, ValueRef self, ValueRef item) {
    BytesArg part;
    bytes_pin(self);
    int got = value_has_index(item) ? bytes_arg_or_int(t, item, &part) : bytes_arg(t, item, &part);
    bytes_unpin(self);
    if (got < 0) return -1;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    int result = strsearch_find(s.like.text, part.text) != SEARCH_NONE;
    bytes_self_end(&s);
    bytes_arg_free(&part);
    return result;
}

static int append_bytes(Thread *t, ByteArray *a, const uint8_t *data, uint64_t n) {
    Guard g;
    guard_begin(t, &g, a);
    int result = n ? replace_range(t, a, a->length, a->length, data, n) : 0;
    guard_end(t, &g);
    return result;
}

static Value slot_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_has_buffer(b)) return raise(t, TYPE_ERROR, "can't concat %T to %T", b, a);
    BytesArg y;
    if (bytes_arg(t, b, &y) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, a, &s);
    Value result = bytearray_new(t, s.like.text.data, s.like.text.length);
    bytes_self_end(&s);
    if (value_bits(result) && append_bytes(t, array_of(result), y.text.data, y.text.length) < 0) VALUE_CLEAR(t, result);
    bytes_arg_free(&y);
    return result;
}

static Value slot_inplace_concat(Thread *t, ValueRef self, ValueRef b) {
    if (!value_has_buffer(b)) return raise(t, TYPE_ERROR, "can't concat %T to %T", b, self);
    BytesArg y;
    if (bytes_arg(t, b, &y) < 0) return UNDEF;
    int result = append_bytes(t, array_of(self), y.text.data, y.text.length);
    bytes_arg_free(&y);
    return result < 0 ? UNDEF : value_dup(t, self);
}

// `a` becomes n copies of its first `length` bytes.
static int repeat_in(Thread *t, ByteArray *a, int64_t n) {
    uint64_t length = a->length;
    if (n <= 0) return replace_range(t, a, 0, length, NULL, 0);
    if (length == 0 || n == 1) return 0;
    if ((uint64_t)n > STR_LENGTH_MAX / length) return raise_no_memory(t), -1;
    if (resize(t, a, length * (uint64_t)n) < 0) return -1;
    for (int64_t i = 1; i < n; i++) memcpy(bytes_at(a) + (uint64_t)i * length, bytes_at(a), length);
    return 0;
}

static Value slot_repeat(Thread *t, ValueRef a, ValueRef b) {
    ValueRef self = is_array(a) ? a : b;
    int64_t n;
    if (container_repeat_count(t, is_array(a) ? b : a, &n) < 0) return UNDEF;
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    Value result = bytearray_new(t, s.like.text.data, n > 0 ? s.like.text.length : 0);
    bytes_self_end(&s);
    if (value_bits(result) && repeat_in(t, array_of(result), n) < 0) VALUE_CLEAR(t, result);
    return result;
}

static Value slot_inplace_repeat(Thread *t, ValueRef self, ValueRef count) {
    int64_t n;
    if (container_repeat_count(t, count, &n) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, array_of(self));
    int result = repeat_in(t, array_of(self), n);
    guard_end(t, &g);
    return result < 0 ? UNDEF : value_dup(t, self);
}

static Value slot_remainder(Thread *t, ValueRef a, ValueRef b) {
    if (!is_array(a)) return NOT_IMPLEMENTED;
    bytes_pin(a);
    Value result = bytes_percent(t, a, b, true);
    bytes_unpin(a);
    return result;
}
static Value slot_iter(Thread *t, ValueRef self) { return index_iterator_new(t, TYPE_OF(BYTEARRAY_ITERATOR), self, 0); }

static int slot_buffer(Thread *t, ValueRef self, Buffer *out, int flags) {
    ByteArray *a = array_of(self);
    Guard g;
    guard_begin(t, &g, a);
    int result = buffer_fill(t, out, self, a->data ? bytes_at(a) : (uint8_t *)"", (int64_t)a->length, false, flags);
    if (result == 0) __atomic_fetch_add((int64_t *)&a->exports, 1, __ATOMIC_RELAXED);
    guard_end(t, &g);
    return result;
}
static void slot_release_buffer(Thread *t, ValueRef self, Buffer *b) { __atomic_fetch_sub((int64_t *)&array_of(self)->exports, 1, __ATOMIC_RELEASE); }

// --- methods ------------------------------------------------------------------------------------------------------

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
#define WITHIN(a, ...)               \
    do {                             \
        Guard g_;                    \
        guard_begin(t, &g_, a);      \
        __VA_ARGS__;                 \
        guard_end(t, &g_);           \
    } while (0)

METHOD(append) {
    int byte = byte_value(t, args[0]);
    uint8_t b = (uint8_t)byte;
    return byte < 0 || append_bytes(t, array_of(self), &b, 1) < 0 ? UNDEF : NONE;
}

METHOD(extend) {
    ByteBuffer out = {0};
    int result;
    if (value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "expected iterable of integers; got: 'str'");
    if (!value_has_buffer(args[0]) && !value_type(args[0])->ops.iter && !value_type(args[0])->ops.getitem)
        return raise(t, TYPE_ERROR, "can't extend bytearray with %T", args[0]);
    ByteArray *a = array_of(self);
    uint64_t end = length_of(a); // where they go, if taking them does not shorten the array
    result = slice_value(t, args[0], &out);
    if (result == 0) {
        Guard g;
        guard_begin(t, &g, a);
        if (end > a->length) end = a->length;
        if (out.length) result = replace_range(t, a, end, end, out.data, out.length);
        guard_end(t, &g);
    }
    bytebuffer_free(&out);
    return result < 0 ? UNDEF : NONE;
}

METHOD(insert) {
    int64_t at;
    if (arg_index(t, args[0], &at) < 0) return UNDEF;
    int byte = byte_value(t, args[1]), result;
    if (byte < 0) return UNDEF;
    uint8_t b = (uint8_t)byte;
    ByteArray *a = array_of(self);
    WITHIN(a, {
        int64_t n = (int64_t)a->length;
        if (at < 0) at = at + n < 0 ? 0 : at + n;
        if (at > n) at = n;
        result = replace_range(t, a, (uint64_t)at, (uint64_t)at, &b, 1);
    });
    return result < 0 ? UNDEF : NONE;
}

METHOD(pop) {
    int64_t at = -1;
    if (value_bits(args[0]) && arg_index(t, args[0], &at) < 0) return UNDEF;
    ByteArray *a = array_of(self);
    Value result;
    WITHIN(a, {
        int64_t n = (int64_t)a->length;
        if (at < 0) at += n;
        if (n == 0) result = raise(t, INDEX_ERROR, "pop from empty bytearray");
        else if (at < 0 || at >= n) result = raise(t, INDEX_ERROR, "pop index out of range");
        else {
            result = value_int(bytes_at(a)[at]);
            if (replace_range(t, a, (uint64_t)at, (uint64_t)at + 1, NULL, 0) < 0) result = UNDEF;
        }
    });
    return result;
}

METHOD(remove_method) {
    int byte = byte_value(t, args[0]), result;
    if (byte < 0) return UNDEF;
    ByteArray *a = array_of(self);
    WITHIN(a, {
        size_t at = a->length ? strsearch_char(text_of(bytes_at(a), a->length, 1), (uint32_t)byte) : SEARCH_NONE;
        result = at == SEARCH_NONE ? raise_int(t, VALUE_ERROR, "value not found in bytearray") : replace_range(t, a, at, at + 1, NULL, 0);
    });
    return result < 0 ? UNDEF : NONE;
}

METHOD(reverse) {
    ByteArray *a = array_of(self);
    WITHIN(a, {
        for (uint64_t i = 0, j = a->length; i + 1 < j; i++) {
            uint8_t *p = bytes_at(a), b = p[i];
            p[i] = p[--j];
            p[j] = b;
        }
    });
    return NONE;
}

METHOD(clear) {
    ByteArray *a = array_of(self);
    int result;
    WITHIN(a, result = resize(t, a, 0));
    return result < 0 ? UNDEF : NONE;
}

METHOD(copy) {
    BytesSelf s;
    bytes_self_begin(t, self, &s);
    Value result = bytearray_new(t, s.like.text.data, s.like.text.length);
    bytes_self_end(&s);
    return result;
}

METHOD(resize_method) {
    int64_t size;
    int result;
    if (arg_index(t, args[0], &size) < 0) return UNDEF;
    if (size < 0) return raise(t, VALUE_ERROR, "Can only resize to positive sizes, got %zd", size);
    ByteArray *a = array_of(self);
    WITHIN(a, {
        uint64_t old = a->length;
        result = resize(t, a, (uint64_t)size);
        if (result == 0 && (uint64_t)size > old) memset(bytes_at(a) + old, 0, (uint64_t)size - old);
    });
    return result < 0 ? UNDEF : NONE;
}

METHOD(alloc_method) { return int_from_uint64(t, length_of(array_of(self)) ? length_of(array_of(self)) + 1 : 0); }
METHOD(sizeof_method) { return int_from_uint64(t, sizeof(ByteArray) + __atomic_load_n(&array_of(self)->capacity, __ATOMIC_RELAXED)); }

METHOD(fromhex) {
    ByteBuffer out = {0};
    Value result = UNDEF;
    if (bytes_from_hex(t, args[0], &out) == 0) {
        result = bytearray_new(t, out.data, out.length);
        if (value_bits(result) && (Type *)value_object(self) != TYPE_OF(BYTEARRAY)) {
            Value made = call_1(t, self, result);
            value_release(t, result);
            result = made;
        }
    }
    bytebuffer_free(&out);
    return result;
}

// (type, arguments, state): the bytes themselves, or for protocols before 3 as Latin-1 text.
static Value reduce_by(Thread *t, ValueRef self, int protocol) {
    Value copy = bytes_from_object(t, self), arguments[2] = {UNDEF, UNDEF}, parts[3] = {UNDEF, UNDEF, UNDEF};
    if (value_bits(copy) == 0) return UNDEF;
    int n = 1;
    if (protocol >= 3) arguments[0] = copy;
    else {
        arguments[0] = str_from_latin1(t, value_bytes(copy)->data, value_bytes(copy)->length);
        value_release(t, copy);
        if (value_bits(arguments[0]) == 0) return UNDEF;
        arguments[1] = str_from_text(t, "latin-1");
        if (value_bits(arguments[1]) == 0) {
            value_release(t, arguments[0]);
            return UNDEF;
        }
        n = 2;
    }
    parts[1] = tuple_from_values(t, arguments, n);
    if (value_bits(parts[1]) == 0) return UNDEF;
    parts[2] = call_method_0(t, self, NAME(__getstate__));
    if (value_bits(parts[2]) == 0) {
        value_release(t, parts[1]);
        return UNDEF;
    }
    parts[0] = value_dup(t, value_of(value_type(self)));
    return tuple_from_values(t, parts, 3);
}
METHOD(reduce) { return reduce_by(t, self, 2); }
METHOD(reduce_ex) {
    int protocol = 0;
    if (value_bits(args[0]) && arg_int(t, args[0], &protocol) < 0) return UNDEF;
    return reduce_by(t, self, protocol);
}

static const NativeDef methods[] = {
    {"__alloc__", alloc_method, "($self, /)", "How many bytes are allocated.", 0},
    {"__reduce__", reduce, "($self, /)", NULL, 0},
    {"__reduce_ex__", reduce_ex, "($self, proto=0, /)", NULL, 0},
    {"__sizeof__", sizeof_method, "($self, /)", "Bytes of memory that it takes.", 0},
    {"append", append, "($self, item, /)", "Adds a byte at the end.", 0},
    {"clear", clear, "($self, /)", "Removes all bytes.", 0},
    {"copy", copy, "($self, /)", "A bytearray with the same bytes.", 0},
    {"extend", extend, "($self, iterable_of_ints, /)", "Adds bytes at the end.", 0},
    {"fromhex", fromhex, "($type, string, /)", "The bytes that hexadecimal digits stand for.", NATIVE_CLASS},
    {"insert", insert, "($self, index, item, /)", "Puts a byte before the index.", 0},
    {"maketrans", bytes_maketrans, "(frm, to, /)", "A table for translate.", NATIVE_STATIC},
    {"pop", pop, "($self, index=-1, /)", "Removes the byte at the index and returns it.", 0},
    {"remove", remove_method, "($self, value, /)", "Removes the first byte of that value.", 0},
    {"resize", resize_method, "($self, size, /)", "Cuts off at the size, or fills up to it with zeros.", 0},
    {"reverse", reverse, "($self, /)", "Turns the order of the bytes round.", 0},
#define X(name, signature, doc) {#name, bytes_##name, signature, doc, 0},
#define bytes_join bytes_join_method
    BYTES_METHODS(X)
#undef bytes_join
#undef X
    NATIVE_END};

const TypeSpec bytearray_spec = {
    .name = "bytearray",
    .doc = "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> copy\n"
           "bytearray(int) -> that many zero bytes\nbytearray() -> empty\n\nA sequence of bytes that can be changed.",
    .size = sizeof(ByteArray),
    .flags = TYPE_BASE | TYPE_MATCH_SELF,
    .ops = {.repr = slot_repr, .str = slot_str, .hash = object_hash_not_implemented, .compare = slot_compare, .iter = slot_iter, .new = slot_new,
        .init = array_init, .remainder = slot_remainder, .length = slot_length, .getitem = slot_getitem, .setitem = slot_setitem,
        .contains = slot_contains, .concat = slot_concat, .repeat = slot_repeat, .inplace_concat = slot_inplace_concat,
        .inplace_repeat = slot_inplace_repeat, .buffer = slot_buffer, .release_buffer = slot_release_buffer},
    .methods = methods,
    .destroy = destroy,
    .traverse = traverse,
};
