// array: numbers or characters of one type, packed. A shared array's data belongs to its lock; it is replaced, never resized,
// and not at all while a buffer of it is lent.
#include <math.h>
#include <stdlib.h>
#include "runtime/import.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/list.h"
#include "runtime/objects/slice.h"

typedef struct Kind {
    char code;
    uint8_t size;
    char group;               // 'i' signed, 'u' unsigned, 'f' float, 'c' character
    const char *format;       // of the buffer
    const char *low, *high;   // messages of OverflowError
    uint8_t machine;          // format code of pickles, little-endian
} Kind;
static const Kind kinds[] = {
    {'b', 1, 'i', "b", "signed char is less than minimum", "signed char is greater than maximum", 1},
    {'B', 1, 'u', "B", "unsigned byte integer is less than minimum", "unsigned byte integer is greater than maximum", 0},
    {'u', 4, 'c', "w", NULL, NULL, 20},
    {'w', 4, 'c', "w", NULL, NULL, 20},
    {'h', 2, 'i', "h", "signed short integer is less than minimum", "signed short integer is greater than maximum", 4},
    {'H', 2, 'u', "H", "unsigned short is less than minimum", "unsigned short is greater than maximum", 2},
    {'i', 4, 'i', "i", "signed integer is less than minimum", "signed integer is greater than maximum", 8},
    {'I', 4, 'u', "I", "can't convert negative value to unsigned int", "unsigned int is greater than maximum", 6},
    {'l', 8, 'i', "l", "Python int too large to convert to C long", "Python int too large to convert to C long", 12},
    {'L', 8, 'u', "L", "can't convert negative value to unsigned int", "Python int too large to convert to C unsigned long", 10},
    {'q', 8, 'i', "q", "int too big to convert", "int too big to convert", 12},
    {'Q', 8, 'u', "Q", "can't convert negative int to unsigned", "int too big to convert", 10},
    {'f', 4, 'f', "f", NULL, NULL, 14},
    {'d', 8, 'f', "d", NULL, NULL, 16},
};

typedef struct State { Value array, iterator; } State;
typedef struct Array {
    Container c;
    const Kind *kind;
    uint8_t *data;           // (o)
    int64_t length, room;    // (o) items
    int64_t exports;         // (o) buffers lent
} Array;
static Array *as_array(ValueRef v) { return (Array *)value_object(v); }
static const Kind *kind_of_code(uint32_t code) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((uint32_t)kinds[i].code == code) return &kinds[i];
    return NULL;
}

static Type *array_base(Type *type);
static bool is_array(ValueRef v);
static const TypeSpec array_spec;

// ---- items

static Value item_value(Thread *t, const Kind *k, const uint8_t *p) {
    int64_t i = 0;
    uint64_t u = 0;
    switch (k->group) {
    case 'i':
        switch (k->size) {
        case 1: i = (int8_t)*p; break;
        case 2: { int16_t x; memcpy(&x, p, 2); i = x; break; }
        case 4: { int32_t x; memcpy(&x, p, 4); i = x; break; }
        default: memcpy(&i, p, 8); break;
        }
        return int_from_int64(t, i);
    case 'u':
        memcpy(&u, p, k->size);
        return int_from_uint64(t, u);
    case 'f': {
        if (k->size == 8) {
            double d;
            memcpy(&d, p, 8);
            return float_new(t, d);
        }
        float f;
        memcpy(&f, p, 4);
        return float_new(t, (double)f);
    }
    default: {
        uint32_t c;
        memcpy(&c, p, 4);
        if (c > 0x10ffff) return raise(t, VALUE_ERROR, "character U+%x is not in range [U+0000; U+10ffff]", c);
        return str_from_char(t, c);
    }
    }
}
// Converts a value into the bytes of an item; runs Python. 0, -1.
static int item_convert(Thread *t, const Kind *k, ValueRef v, uint8_t out[8]) {
    if (k->group == 'f') {
        double d;
        if (arg_double(t, v, &d) < 0) return -1;
        float f = (float)d;
        if (k->size == 8) memcpy(out, &d, 8);
        else memcpy(out, &f, 4);
        return 0;
    }
    if (k->group == 'c') {
        if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "array item must be a unicode character, not %T", v);
        if (str_length(value_str(v)) != 1)
            return raise_int(t, TYPE_ERROR, "array item must be a unicode character, not a string of length %zu", str_length(value_str(v)));
        uint32_t c = str_char(value_str(v), 0);
        memcpy(out, &c, 4);
        return 0;
    }
    if (value_is_any_float(v)) return raise_int(t, TYPE_ERROR, "'float' object cannot be interpreted as an integer");
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int64_t i;
    uint64_t u;
    const char *error = NULL;
    if (k->group == 'i') {
        int64_t most = (int64_t)(UINT64_MAX >> (65 - k->size * 8));
        if (int_as_int64(n, &i) < 0) error = int_sign(n) < 0 ? k->low : k->high;
        else if (i > most) error = k->high;
        else if (i < -most - 1) error = k->low;
        else memcpy(out, &i, k->size);
    } else {
        if (int_sign(n) < 0) error = k->low;
        else if (int_as_uint64(n, &u) < 0 || (k->size < 8 && u >> (k->size * 8))) error = k->high;
        else memcpy(out, &u, k->size);
    }
    value_release(t, n);
    return error ? raise_int(t, OVERFLOW_ERROR, "%s", error) : 0;
}

// ---- storage

enum Fault { FINE, EXPORTED, NO_MEMORY, RANGE };
static int fault(Thread *t, enum Fault f, const char *range) {
    switch (f) {
    case FINE: return 0;
    case EXPORTED: return raise_int(t, BUFFER_ERROR, "cannot resize an array that is exporting buffers");
    case RANGE: return raise_int(t, INDEX_ERROR, "%s", range);
    default: return raise_no_memory(t), -1;
    }
}
// Makes the length `n`; what comes in is not initialised. In the guard.
static enum Fault resize(Array *a, int64_t n) {
    if (a->exports && n != a->length) return EXPORTED;
    if (n > a->room || n < a->room / 2 - 16) {
        int64_t room = n ? n + (n >> 4) + (n < 8 ? 3 : 7) : 0;
        if (n < a->length) room = n;
        if (room > INT64_MAX / 8) return NO_MEMORY;
        if (room == 0) {
            free(a->data);
            a->data = NULL;
        } else {
            uint8_t *data = realloc(a->data, (size_t)room * a->kind->size);
            if (!data) return NO_MEMORY;
            a->data = data;
        }
        a->room = room;
    }
    a->length = n;
    return FINE;
}
static enum Fault append_bytes(Array *a, const void *items, int64_t n) {
    int64_t old = a->length;
    if (n > INT64_MAX / 8 - old) return NO_MEMORY;
    enum Fault f = resize(a, old + n);
    if (!f && n) memcpy(a->data + old * a->kind->size, items, (size_t)n * a->kind->size);
    return f;
}
static Value array_make(Thread *t, Type *type, const Kind *kind, int64_t n) {
    Array *a = object_new(t, type);
    if (!a) return UNDEF;
    a->kind = kind;
    if (resize(a, n) != FINE) {
        object_release(t, a);
        return raise_no_memory(t);
    }
    return value_of(a);
}
// The exact array type that a value's type is or comes from.
static Type *array_base(Type *type) {
    while (type->flags & TYPE_HEAP) {
        ValueRef base = slot_borrow(&type->base);
        if (!value_bits(base) || ((Type *)value_object(base))->spec != &array_spec) return type;
        type = (Type *)value_object(base);
    }
    return type;
}
static bool is_array(ValueRef v) { return value_is_pointer(v) && value_type(v)->spec == &array_spec; }
// A copy of [from, from + n step], taken at one moment. `n` is what remains of it then.
static Value array_part(Thread *t, Array *a, int64_t from, int64_t step, int64_t n) {
    Value v = array_make(t, array_base(object_type((Object *)a)), a->kind, n);
    if (!value_bits(v)) return UNDEF;
    Array *out = as_array(v);
    size_t size = a->kind->size;
    Guard g;
    guard_begin(t, &g, a);
    int64_t i = 0;
    if (step == 1) {
        i = from > a->length ? 0 : from + n > a->length ? a->length - from : n;
        if (i) memcpy(out->data, a->data + from * (int64_t)size, (size_t)i * size);
    } else {
        for (int64_t at = from; i < n && at >= 0 && at < a->length; i++, at += step) memcpy(out->data + i * (int64_t)size, a->data + at * (int64_t)size, size);
    }
    guard_end(t, &g);
    out->length = i;
    return v;
}
static int64_t length_now(Thread *t, Array *a) { return __atomic_load_n(&a->length, __ATOMIC_RELAXED); }
// The item at an index, UNDEF without an exception where there is none.
static Value item_at(Thread *t, Array *a, int64_t i) {
    uint8_t bytes[8];
    Guard g;
    guard_begin(t, &g, a);
    bool there = i >= 0 && i < a->length;
    if (there) memcpy(bytes, a->data + i * a->kind->size, a->kind->size);
    guard_end(t, &g);
    return there ? item_value(t, a->kind, bytes) : UNDEF;
}

// ---- as a sequence

static int64_t array_len(Thread *t, ValueRef self) { return length_now(t, as_array(self)); }
static Value array_getitem(Thread *t, ValueRef self, ValueRef key) {
    Array *a = as_array(self);
    int64_t i;
    int kind = container_index(t, key, &i);
    if (kind < 0) return UNDEF;
    if (kind) {
        if (i < 0) i += length_now(t, a);
        Value v = item_at(t, a, i);
        return value_bits(v) || error_pending(t) ? v : raise(t, INDEX_ERROR, "array index out of range");
    }
    if (!value_is(key, SLICE)) return raise(t, TYPE_ERROR, "array indices must be integers");
    int64_t start, stop, step;
    if (slice_unpack(t, value_slice(key), &start, &stop, &step) < 0) return UNDEF;
    int64_t n = slice_adjust(length_now(t, a), &start, &stop, step);
    return array_part(t, a, start, step, n);
}
// Replaces the slice by `n` items (NULL: deletes).
static int assign_slice(Thread *t, Array *a, int64_t start, int64_t stop, int64_t step, const uint8_t *items, int64_t n) {
    Guard g;
    guard_begin(t, &g, a);
    size_t size = a->kind->size;
    int64_t length = a->length, count = slice_adjust(length, &start, &stop, step);
    enum Fault f = FINE;
    bool mismatch = false;
    if (step == 1) {
        if (stop < start) stop = start;
        count = stop - start;
        int64_t tail = length - stop;
        if (n > count) f = resize(a, length + n - count);
        if (n < count && a->exports) f = EXPORTED;
        if (!f && tail && n != count) memmove(a->data + (start + n) * (int64_t)size, a->data + stop * (int64_t)size, (size_t)tail * size);
        if (!f && n) memcpy(a->data + start * (int64_t)size, items, (size_t)n * size);
        if (!f && n < count) f = resize(a, length + n - count);
    } else if (!items) {
        if (count && a->exports) f = EXPORTED;
        if (!f && count) {
            if (step < 0) {
                start += step * (count - 1);
                step = -step;
            }
            int64_t to = start;
            for (int64_t from = start, next = start, left = count; from < length; from++) {
                if (left && from == next) {
                    next += step;
                    left--;
                    continue;
                }
                memmove(a->data + to++ * (int64_t)size, a->data + from * (int64_t)size, size);
            }
            f = resize(a, to);
        }
    } else if (n != count) {
        mismatch = true;
    } else {
        for (int64_t i = 0, at = start; i < n; i++, at += step) memcpy(a->data + at * (int64_t)size, items + i * (int64_t)size, size);
    }
    guard_end(t, &g);
    if (mismatch) return raise_int(t, VALUE_ERROR, "attempt to assign array of size %lld to extended slice of size %lld", (long long)n, (long long)count);
    return fault(t, f, "");
}
static int array_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    Array *a = as_array(self);
    int64_t i;
    int kind = container_index(t, key, &i);
    if (kind < 0) return -1;
    if (kind) {
        uint8_t bytes[8];
        if (value_bits(value) && (i < -length_now(t, a) || i >= length_now(t, a))) return raise_int(t, INDEX_ERROR, "array assignment index out of range");
        if (value_bits(value) && item_convert(t, a->kind, value, bytes) < 0) return -1;
        Guard g;
        guard_begin(t, &g, a);
        if (i < 0) i += a->length;
        enum Fault f = i < 0 || i >= a->length ? RANGE : FINE;
        size_t size = a->kind->size;
        if (!f && value_bits(value)) {
            memcpy(a->data + i * (int64_t)size, bytes, size);
        } else if (!f) {
            if (a->exports) f = EXPORTED;
            else {
                memmove(a->data + i * (int64_t)size, a->data + (i + 1) * (int64_t)size, (size_t)(a->length - i - 1) * size);
                f = resize(a, a->length - 1);
            }
        }
        guard_end(t, &g);
        return fault(t, f, "array assignment index out of range");
    }
    if (!value_is(key, SLICE)) return raise_int(t, TYPE_ERROR, "array indices must be integers");
    int64_t start, stop, step;
    if (slice_unpack(t, value_slice(key), &start, &stop, &step) < 0) return -1;
    if (!value_bits(value)) return assign_slice(t, a, start, stop, step, NULL, 0);
    if (!is_array(value)) return raise_int(t, TYPE_ERROR, "can only assign array (not \"%T\") to array slice", value);
    if (as_array(value)->kind != a->kind) return raise_int(t, TYPE_ERROR, "bad argument type for built-in operation");
    Value copy = array_part(t, as_array(value), 0, 1, length_now(t, as_array(value))); // it may be this very array, or change meanwhile
    if (!value_bits(copy)) return -1;
    int status = assign_slice(t, a, start, stop, step, as_array(copy)->data ? as_array(copy)->data : (const uint8_t *)"", as_array(copy)->length);
    value_release(t, copy);
    return status;
}
static int array_contains(Thread *t, ValueRef self, ValueRef item) {
    for (int64_t i = 0;; i++) {
        Value v = item_at(t, as_array(self), i);
        if (!value_bits(v)) return error_pending(t) ? -1 : 0;
        int equal = object_equal(t, v, item);
        value_release(t, v);
        if (equal) return equal;
    }
}
static Value array_concat(Thread *t, ValueRef self, ValueRef other) {
    Array *a = as_array(self);
    if (!is_array(other)) return raise(t, TYPE_ERROR, "can only append array (not \"%T\") to array", other);
    if (as_array(other)->kind != a->kind) return raise(t, TYPE_ERROR, "bad argument type for built-in operation");
    Value first = array_part(t, a, 0, 1, length_now(t, a)), second = value_bits(first) ? array_part(t, as_array(other), 0, 1, length_now(t, as_array(other))) : UNDEF;
    if (value_bits(second) && fault(t, append_bytes(as_array(first), as_array(second)->data, as_array(second)->length), "") < 0) VALUE_CLEAR(t, second);
    if (!value_bits(second)) VALUE_CLEAR(t, first);
    value_release(t, second);
    return first;
}
static int extend_with(Thread *t, Array *a, ValueRef other) {
    if (is_array(other)) {
        if (as_array(other)->kind != a->kind) return raise_int(t, TYPE_ERROR, "can only extend with array of same kind");
        Value copy = array_part(t, as_array(other), 0, 1, length_now(t, as_array(other)));
        if (!value_bits(copy)) return -1;
        Guard g;
        guard_begin(t, &g, a);
        enum Fault f = append_bytes(a, as_array(copy)->data, as_array(copy)->length);
        guard_end(t, &g);
        value_release(t, copy);
        return fault(t, f, "");
    }
    Value iterator = object_iter(t, other), item;
    if (!value_bits(iterator)) return -1;
    int status = 0;
    while (status == 0 && value_bits(item = object_next(t, iterator))) {
        uint8_t bytes[8];
        status = item_convert(t, a->kind, item, bytes);
        value_release(t, item);
        if (status < 0) break;
        Guard g;
        guard_begin(t, &g, a);
        enum Fault f = append_bytes(a, bytes, 1);
        guard_end(t, &g);
        status = fault(t, f, "");
    }
    value_release(t, iterator);
    return error_pending(t) ? -1 : status;
}
static Value array_inplace_concat(Thread *t, ValueRef self, ValueRef other) {
    if (!is_array(other)) return raise(t, TYPE_ERROR, "can only extend array with array (not \"%T\")", other);
    return extend_with(t, as_array(self), other) < 0 ? UNDEF : value_dup(t, self);
}
static Value repeated(Thread *t, Array *a, int64_t n) {
    Value once = array_part(t, a, 0, 1, length_now(t, a));
    if (!value_bits(once)) return UNDEF;
    Array *o = as_array(once);
    int64_t length = o->length, total;
    if (n < 0) n = 0;
    if (__builtin_mul_overflow(length, n, &total) || total > INT64_MAX / 8 || resize(o, total) != FINE) {
        value_release(t, once);
        return raise_no_memory(t);
    }
    size_t block = (size_t)length * o->kind->size;
    for (int64_t i = 1; i < n && block; i++) memcpy(o->data + (size_t)i * block, o->data, block);
    return once;
}
static Value array_repeat(Thread *t, ValueRef self, ValueRef count) {
    int64_t n;
    return container_repeat_count(t, count, &n) < 0 ? UNDEF : repeated(t, as_array(self), n);
}
static Value array_inplace_repeat(Thread *t, ValueRef self, ValueRef count) {
    int64_t n;
    Array *a = as_array(self);
    if (container_repeat_count(t, count, &n) < 0) return UNDEF;
    Value all = repeated(t, a, n);
    if (!value_bits(all)) return UNDEF;
    Guard g;
    guard_begin(t, &g, a);
    enum Fault f = resize(a, as_array(all)->length);
    if (!f && a->length) memcpy(a->data, as_array(all)->data, (size_t)a->length * a->kind->size);
    guard_end(t, &g);
    value_release(t, all);
    return fault(t, f, "") < 0 ? UNDEF : value_dup(t, self);
}
static Value array_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_array(a) || !is_array(b)) return NOT_IMPLEMENTED;
    Array *x = as_array(a), *y = as_array(b);
    if (length_now(t, x) != length_now(t, y) && (op == CMP_EQ || op == CMP_NE)) return value_bool(op == CMP_NE);
    for (int64_t i = 0;; i++) {
        Value v = item_at(t, x, i), w = error_pending(t) ? UNDEF : item_at(t, y, i);
        if (error_pending(t)) {
            value_release(t, v);
            value_release(t, w);
            return UNDEF;
        }
        if (!value_bits(v) || !value_bits(w)) {
            int64_t n = value_bits(v) ? 1 : 0, m = value_bits(w) ? 1 : 0;
            value_release(t, v);
            value_release(t, w);
            return object_compare(t, value_int(n), value_int(m), op);
        }
        int equal = object_equal(t, v, w);
        if (equal == 1) {
            value_release(t, v);
            value_release(t, w);
            continue;
        }
        Value result = equal < 0 ? UNDEF : op == CMP_EQ ? FALSE_VALUE : op == CMP_NE ? TRUE_VALUE : object_compare(t, v, w, op);
        value_release(t, v);
        value_release(t, w);
        return result;
    }
}

// ---- methods

static Value list_of(Thread *t, Array *a) {
    Value copy = array_part(t, a, 0, 1, length_now(t, a)), list = value_bits(copy) ? list_new(t, as_array(copy)->length) : UNDEF;
    for (int64_t i = 0; value_bits(list) && i < as_array(copy)->length; i++) {
        Value v = item_value(t, a->kind, as_array(copy)->data + i * a->kind->size);
        if (!value_bits(v) || list_append(t, value_list(list), v) < 0) VALUE_CLEAR(t, list);
    }
    value_release(t, copy);
    return list;
}
static Value text_of_array(Thread *t, Array *a) {
    Value copy = array_part(t, a, 0, 1, length_now(t, a)), v = UNDEF;
    if (!value_bits(copy)) return UNDEF;
    const uint32_t *c = (const uint32_t *)(void *)as_array(copy)->data;
    int64_t bad = -1;
    for (int64_t i = 0; i < as_array(copy)->length && bad < 0; i++)
        if (c[i] > 0x10ffff) bad = i;
    if (bad >= 0) raise(t, VALUE_ERROR, "character U+%x is not in range [U+0000; U+10ffff]", c[bad]);
    else v = as_array(copy)->length ? str_from_ucs4(t, c, (size_t)as_array(copy)->length) : value_dup(t, NAME(empty));
    value_release(t, copy);
    return v;
}
static Value bytes_of_array(Thread *t, Array *a) {
    Value copy = array_part(t, a, 0, 1, length_now(t, a));
    if (!value_bits(copy)) return UNDEF;
    Value v = bytes_new(t, as_array(copy)->data, (size_t)as_array(copy)->length * a->kind->size);
    value_release(t, copy);
    return v;
}
NATIVE(array_append) {
    uint8_t bytes[8];
    Array *a = as_array(self);
    if (item_convert(t, a->kind, args[0], bytes) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, a);
    enum Fault f = append_bytes(a, bytes, 1);
    guard_end(t, &g);
    return fault(t, f, "") < 0 ? UNDEF : NONE;
}
NATIVE(array_insert) {
    uint8_t bytes[8];
    int64_t at;
    Array *a = as_array(self);
    if (arg_index(t, args[0], &at) < 0 || item_convert(t, a->kind, args[1], bytes) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, a);
    int64_t n = a->length, size = a->kind->size;
    if (at < 0) at = at + n < 0 ? 0 : at + n;
    if (at > n) at = n;
    enum Fault f = resize(a, n + 1);
    if (!f) {
        memmove(a->data + (at + 1) * size, a->data + at * size, (size_t)((n - at) * size));
        memcpy(a->data + at * size, bytes, (size_t)size);
    }
    guard_end(t, &g);
    return fault(t, f, "") < 0 ? UNDEF : NONE;
}
NATIVE(array_pop) {
    int64_t at = -1;
    Array *a = as_array(self);
    uint8_t bytes[8];
    if (value_bits(args[0]) && arg_index(t, args[0], &at) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, a);
    int64_t n = a->length, size = a->kind->size;
    if (at < 0) at += n;
    enum Fault f = at < 0 || at >= n ? RANGE : a->exports ? EXPORTED : FINE;
    if (!f) {
        memcpy(bytes, a->data + at * size, (size_t)size);
        memmove(a->data + at * size, a->data + (at + 1) * size, (size_t)((n - at - 1) * size));
        f = resize(a, n - 1);
    }
    guard_end(t, &g);
    return fault(t, f, n ? "pop index out of range" : "pop from empty array") < 0 ? UNDEF : item_value(t, a->kind, bytes);
}
static int64_t find(Thread *t, Array *a, ValueRef v, int64_t from, int64_t to) { // -1 not there, -2 raised
    for (int64_t i = from; i < to; i++) {
        Value item = item_at(t, a, i);
        if (!value_bits(item)) return error_pending(t) ? -2 : -1;
        int equal = object_equal(t, item, v);
        value_release(t, item);
        if (equal < 0) return -2;
        if (equal) return i;
    }
    return -1;
}
NATIVE(array_remove) {
    int64_t i = find(t, as_array(self), args[0], 0, INT64_MAX);
    if (i == -2) return UNDEF;
    if (i < 0) return raise(t, VALUE_ERROR, "array.remove(x): x not in array");
    return array_setitem(t, self, value_int(i), UNDEF) < 0 ? UNDEF : NONE;
}
NATIVE(array_index) {
    int64_t start = 0, stop = INT64_MAX, n = length_now(t, as_array(self));
    if (value_bits(args[1]) && container_bound(t, args[1], &start) < 0) return UNDEF;
    if (value_bits(args[2]) && container_bound(t, args[2], &stop) < 0) return UNDEF;
    if (start < 0) start = start + n < 0 ? 0 : start + n;
    if (stop < 0) stop += n;
    int64_t i = find(t, as_array(self), args[0], start, stop);
    return i == -2 ? UNDEF : i < 0 ? raise(t, VALUE_ERROR, "array.index(x): x not in array") : value_int(i);
}
NATIVE(array_count) {
    int64_t count = 0;
    for (int64_t i = 0;; i++) {
        Value item = item_at(t, as_array(self), i);
        if (!value_bits(item)) return error_pending(t) ? UNDEF : value_int(count);
        int equal = object_equal(t, item, args[0]);
        value_release(t, item);
        if (equal < 0) return UNDEF;
        count += equal;
    }
}
NATIVE(array_extend) { return extend_with(t, as_array(self), args[0]) < 0 ? UNDEF : NONE; }
NATIVE(array_reverse) {
    Array *a = as_array(self);
    Guard g;
    guard_begin(t, &g, a);
    int64_t size = a->kind->size;
    for (int64_t i = 0, k = a->length - 1; i < k; i++, k--) {
        uint8_t x[8];
        memcpy(x, a->data + i * size, (size_t)size);
        memcpy(a->data + i * size, a->data + k * size, (size_t)size);
        memcpy(a->data + k * size, x, (size_t)size);
    }
    guard_end(t, &g);
    return NONE;
}
static void swap_bytes(uint8_t *p, int64_t n, int size) {
    for (int64_t i = 0; i < n; i++, p += size)
        for (int k = 0; k < size / 2; k++) {
            uint8_t x = p[k];
            p[k] = p[size - 1 - k];
            p[size - 1 - k] = x;
        }
}
NATIVE(array_byteswap) {
    Array *a = as_array(self);
    Guard g;
    guard_begin(t, &g, a);
    swap_bytes(a->data, a->length, a->kind->size);
    guard_end(t, &g);
    return NONE;
}
NATIVE(array_clear) {
    Array *a = as_array(self);
    Guard g;
    guard_begin(t, &g, a);
    enum Fault f = resize(a, 0);
    guard_end(t, &g);
    return fault(t, f, "") < 0 ? UNDEF : NONE;
}
NATIVE(array_tolist) { return list_of(t, as_array(self)); }
NATIVE(array_tobytes) { return bytes_of_array(t, as_array(self)); }
NATIVE(array_tounicode) {
    if (as_array(self)->kind->group != 'c') return raise(t, VALUE_ERROR, "tounicode() may only be called on unicode type arrays ('u' or 'w')");
    return text_of_array(t, as_array(self));
}
static int from_bytes(Thread *t, Array *a, ValueRef bytes) {
    Buffer b;
    if (buffer_get(t, bytes, &b, BUFFER_C_CONTIGUOUS) < 0) return -1;
    if (b.item_size != 1) {
        buffer_release(t, &b);
        return raise_int(t, TYPE_ERROR, "a bytes-like object is required");
    }
    int status;
    if (b.length % a->kind->size) {
        status = raise_int(t, VALUE_ERROR, "bytes length not a multiple of item size");
    } else {
        Guard g;
        guard_begin(t, &g, a);
        enum Fault f = append_bytes(a, b.data, b.length / a->kind->size);
        guard_end(t, &g);
        status = fault(t, f, "");
    }
    buffer_release(t, &b);
    return status;
}
NATIVE(array_frombytes) { return from_bytes(t, as_array(self), args[0]) < 0 ? UNDEF : NONE; }
static int from_text(Thread *t, Array *a, ValueRef text) {
    Str *s = value_str(text);
    size_t n = str_length(s);
    uint32_t *c = malloc((n + 1) * sizeof *c);
    if (!c) return raise_no_memory(t), -1;
    text_copy(c, 4, str_data(s), (uint32_t)str_kind(s), n);
    Guard g;
    guard_begin(t, &g, a);
    enum Fault f = append_bytes(a, c, (int64_t)n);
    guard_end(t, &g);
    free(c);
    return fault(t, f, "");
}
NATIVE(array_fromunicode) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "fromunicode() argument must be str, not %K", args[0]);
    if (as_array(self)->kind->group != 'c') return raise(t, VALUE_ERROR, "fromunicode() may only be called on unicode type arrays ('u' or 'w')");
    return from_text(t, as_array(self), args[0]) < 0 ? UNDEF : NONE;
}
NATIVE(array_fromlist) { // all or nothing
    Array *a = as_array(self);
    if (!value_is_any_list(args[0])) return raise(t, TYPE_ERROR, "arg must be list");
    Value items = list_snapshot(t, value_list(args[0]));
    if (!value_bits(items)) return UNDEF;
    int64_t n = value_tuple(items)->length, size = a->kind->size;
    uint8_t *bytes = malloc((size_t)(n * size) + 8);
    int status = bytes ? 0 : (raise_no_memory(t), -1);
    for (int64_t i = 0; status == 0 && i < n; i++) {
        uint8_t one[8];
        status = item_convert(t, a->kind, tuple_item(value_tuple(items), i), one);
        if (status == 0) memcpy(bytes + i * size, one, (size_t)size);
    }
    if (status == 0) {
        Guard g;
        guard_begin(t, &g, a);
        enum Fault f = append_bytes(a, bytes, n);
        guard_end(t, &g);
        status = fault(t, f, "");
    }
    free(bytes);
    value_release(t, items);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(array_fromfile) {
    Array *a = as_array(self);
    int64_t n, bytes;
    if (arg_index(t, args[1], &n) < 0) return UNDEF;
    if (n < 0) return raise(t, VALUE_ERROR, "negative count");
    if (__builtin_mul_overflow(n, (int64_t)a->kind->size, &bytes)) return raise_no_memory(t);
    Value count = int_from_int64(t, bytes), data = value_bits(count) ? call_method_1(t, args[0], NAME(read), count) : UNDEF;
    value_release(t, count);
    if (!value_bits(data)) return UNDEF;
    if (!value_is_any_bytes(data)) {
        value_release(t, data);
        return raise(t, TYPE_ERROR, "read() didn't return bytes");
    }
    bool enough = (int64_t)value_bytes(data)->length == bytes;
    int status = from_bytes(t, a, data);
    value_release(t, data);
    if (status < 0) return UNDEF;
    return enough ? NONE : raise(t, EOF_ERROR, "read() didn't return enough bytes");
}
NATIVE(array_tofile) {
    Value bytes = bytes_of_array(t, as_array(self));
    if (!value_bits(bytes)) return UNDEF;
    enum { BLOCK = 64 * 1024 };
    size_t n = value_bytes(bytes)->length;
    for (size_t i = 0; i < n; i += BLOCK) {
        Value part = bytes_new(t, value_bytes(bytes)->data + i, n - i < BLOCK ? n - i : BLOCK), v = UNDEF;
        if (value_bits(part)) v = call_method_1(t, args[0], NAME(write), part);
        value_release(t, part);
        if (!value_bits(v)) {
            value_release(t, bytes);
            return UNDEF;
        }
        value_release(t, v);
    }
    value_release(t, bytes);
    if (!n && !object_hasattr(t, args[0], NAME(write))) return error_pending(t) ? UNDEF : NONE;
    return NONE;
}
NATIVE(array_buffer_info) {
    Array *a = as_array(self);
    return tuple_pair(t, int_from_uint64(t, (uint64_t)a->data), int_from_int64(t, a->length));
}
NATIVE(array_copy) { return array_part(t, as_array(self), 0, 1, length_now(t, as_array(self))); }
NATIVE(array_reduce_ex) {
    Array *a = as_array(self);
    int64_t protocol;
    if (!value_is_any_int(args[0])) return raise(t, TYPE_ERROR, "__reduce_ex__ argument should be an integer");
    if (arg_int64(t, args[0], &protocol) < 0) return UNDEF;
    Value attributes = object_getattr_or_undef(t, self, NAME(__dict__));
    if (!value_bits(attributes)) {
        if (error_pending(t)) return UNDEF;
        attributes = NONE;
    }
    char code[1] = {a->kind->code};
    Value type = value_dup(t, value_of(value_type(self))), letter = str_from_ascii(t, code, 1), result = UNDEF;
    if (!value_bits(letter)) goto fail;
    if (protocol < 3) {
        Value list = list_of(t, a), pair = value_bits(list) ? tuple_pair(t, letter, list) : UNDEF;
        if (!value_bits(list)) goto fail;
        if (!value_bits(pair)) {
            value_release(t, type);
            value_release(t, attributes);
            return UNDEF;
        }
        return container_tuple_3(t, type, pair, attributes);
    }
    Value make = import_attribute(t, "array", "_array_reconstructor"), bytes = value_bits(make) ? bytes_of_array(t, a) : UNDEF;
    if (!value_bits(bytes)) {
        value_release(t, make);
        goto fail;
    }
    Value items[4] = {type, letter, value_int(a->kind->machine), bytes};
    Value inner = tuple_from_values(t, items, 4);
    if (value_bits(inner)) return container_tuple_3(t, make, inner, attributes);
    value_release(t, make);
    value_release(t, attributes);
    return UNDEF;
fail:
    value_release(t, type);
    value_release(t, letter);
    value_release(t, attributes);
    return result;
}
NATIVE(array_sizeof) { return value_int((int64_t)value_type(self)->size + as_array(self)->room * as_array(self)->kind->size); }
static Value array_typecode(Thread *t, ValueRef self) { return str_from_char(t, (uint8_t)as_array(self)->kind->code); }
static Value array_itemsize(Thread *t, ValueRef self) { return value_int(as_array(self)->kind->size); }
static Value array_repr(Thread *t, ValueRef self) {
    Array *a = as_array(self);
    if (!length_now(t, a)) return str_of_format(t, "%U('%c')", value_str(slot_borrow(&value_type(self)->name)), a->kind->code);
    Value items = a->kind->group == 'c' ? text_of_array(t, a) : list_of(t, a);
    if (!value_bits(items)) return UNDEF;
    Value v = str_of_format(t, "%U('%c', %R)", value_str(slot_borrow(&value_type(self)->name)), a->kind->code, items);
    value_release(t, items);
    return v;
}
static int lend(Thread *t, ValueRef self, Buffer *out, int flags) {
    Array *a = as_array(self);
    static uint8_t nothing[8];
    Guard g;
    guard_begin(t, &g, a);
    a->exports++;
    uint8_t *data = a->data;
    int64_t length = a->length;
    guard_end(t, &g);
    if (buffer_fill(t, out, self, data ? data : nothing, length * a->kind->size, false, flags) < 0) {
        guard_begin(t, &g, a);
        a->exports--;
        guard_end(t, &g);
        return -1;
    }
    out->item_size = a->kind->size;
    if (flags & BUFFER_FORMAT) out->format = a->kind->code == 'u' || a->kind->code == 'w' ? "w" : a->kind->format;
    out->shape_1 = length;
    out->stride_1 = a->kind->size;
    return 0;
}
static void give_back(Thread *t, ValueRef self, Buffer *b) {
    Array *a = as_array(self);
    Guard g;
    guard_begin(t, &g, a);
    a->exports--;
    guard_end(t, &g);
}
static void array_destroy(Thread *t, Object *o) { free(((Array *)o)->data); }

static Value array_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *of = (Type *)value_object(type);
    if (kwnames && kwnames->length && array_base(of) == of) return raise(t, TYPE_ERROR, "array.array() takes no keyword arguments");
    if (nargs < 1) return raise(t, TYPE_ERROR, "array() takes at least 1 argument (0 given)");
    if (nargs > 2) return raise(t, TYPE_ERROR, "array() takes at most 2 arguments (%u given)", nargs);
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "array() argument 1 must be a unicode character, not %T", args[0]);
    if (str_length(value_str(args[0])) != 1)
        return raise(t, TYPE_ERROR, "array() argument 1 must be a unicode character, not a string of length %zu", str_length(value_str(args[0])));
    const Kind *kind = kind_of_code(str_char(value_str(args[0]), 0));
    if (kind && kind->code == 'u' && warn(t, E_DEPRECATION_WARNING, 1, "The 'u' type code is deprecated and will be removed in Python 3.16") < 0) return UNDEF;
    ValueRef initial = nargs > 1 ? args[1] : (ValueRef)UNDEF;
    if (kind && value_bits(initial)) {
        if (kind->group != 'c' && value_is_any_str(initial)) return raise(t, TYPE_ERROR, "cannot use a str to initialize an array with typecode '%c'", kind->code);
        if (kind->group != 'c' && is_array(initial) && as_array(initial)->kind->group == 'c')
            return raise(t, TYPE_ERROR, "cannot use a unicode array to initialize an array with typecode '%c'", kind->code);
    }
    if (!kind) return raise(t, VALUE_ERROR, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)");
    Value v = array_make(t, of, kind, 0);
    if (!value_bits(v) || !value_bits(initial)) return v;
    int status;
    if (kind->group == 'c' && value_is_any_str(initial)) status = from_text(t, as_array(v), initial);
    else if (value_is_any_bytes(initial) || value_is_instance(initial, TYPE_OF(BYTEARRAY))) status = from_bytes(t, as_array(v), initial);
    else if (is_array(initial) && as_array(initial)->kind != kind) {
        Value list = list_of(t, as_array(initial));
        status = value_bits(list) ? extend_with(t, as_array(v), list) : -1;
        value_release(t, list);
    } else status = extend_with(t, as_array(v), initial);
    if (status == 0) return v;
    value_release(t, v);
    return UNDEF;
}

// ---- the iterator

typedef struct ArrayIterator {
    Container c;
    Value array;   // UNDEF: exhausted
    int64_t index; // (o)
} ArrayIterator;
static Value iterator_next(Thread *t, ValueRef self) {
    ArrayIterator *it = (ArrayIterator *)value_object(self);
    Guard g;
    guard_begin(t, &g, it);
    Value array = slot_get(t, &it->array);
    int64_t i = it->index;
    if (value_bits(array) && i < length_now(t, as_array(array))) it->index++;
    guard_end(t, &g);
    if (!value_bits(array)) return UNDEF;
    Value v = item_at(t, as_array(array), i);
    value_release(t, array);
    if (!value_bits(v) && !error_pending(t)) slot_store(t, it, &it->array, UNDEF);
    return v;
}
NATIVE(iterator_reduce) {
    ArrayIterator *it = (ArrayIterator *)value_object(self);
    Value array = slot_get(t, &it->array), iter = container_builtin(t, "iter");
    if (!value_bits(iter)) {
        value_release(t, array);
        return UNDEF;
    }
    if (!value_bits(array)) {
        Value empty = list_new(t, 0);
        return container_tuple_2(t, iter, tuple_from_values(t, &empty, value_bits(empty) ? 1 : 0));
    }
    return container_tuple_3(t, iter, tuple_from_values(t, &array, 1), value_int(it->index));
}
NATIVE(iterator_setstate) {
    ArrayIterator *it = (ArrayIterator *)value_object(self);
    int64_t i;
    if (arg_index(t, args[0], &i) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, it);
    if (value_bits(it->array)) {
        int64_t n = length_now(t, as_array(it->array));
        it->index = i < 0 ? 0 : i > n ? n : i;
    }
    guard_end(t, &g);
    return NONE;
}
static void iterator_destroy(Thread *t, Object *o) { value_release(t, ((ArrayIterator *)o)->array); }
static void iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((ArrayIterator *)o)->array, arg); }
static const NativeDef iterator_methods[] = {
    {"__reduce__", iterator_reduce, "($self, /)", NULL, 0}, {"__setstate__", iterator_setstate, "($self, state, /)", NULL, 0}, NATIVE_END};
static const TypeSpec iterator_spec = {
    .name = "array.arrayiterator", .size = sizeof(ArrayIterator), .flags = TYPE_NO_NEW, .ops = {.iter = iter_self, .next = iterator_next},
    .methods = iterator_methods, .destroy = iterator_destroy, .traverse = iterator_traverse};
static Value array_iter(Thread *t, ValueRef self) {
    Value type = import_attribute(t, "array", "_arrayiterator");
    ArrayIterator *it = value_bits(type) ? object_new(t, (Type *)value_object(type)) : NULL;
    value_release(t, type);
    if (!it) return UNDEF;
    slot_init(&it->array, value_dup(t, self));
    return value_of(it);
}

// ---- unpickling: items as another machine may have written them

typedef struct Machine { char group; uint8_t size; bool big; } Machine;
static const Machine machines[] = {
    {'u', 1, 0}, {'i', 1, 0}, {'u', 2, 0}, {'u', 2, 1}, {'i', 2, 0}, {'i', 2, 1}, {'u', 4, 0}, {'u', 4, 1}, {'i', 4, 0}, {'i', 4, 1}, {'u', 8, 0},
    {'u', 8, 1}, {'i', 8, 0}, {'i', 8, 1}, {'f', 4, 0}, {'f', 4, 1}, {'f', 8, 0}, {'f', 8, 1}, {'c', 2, 0}, {'c', 2, 1}, {'c', 4, 0}, {'c', 4, 1}};
NATIVE(array_reconstructor) { // arraytype, typecode, mformat_code, items
    int code;
    if (!value_is_type(args[0])) return raise(t, TYPE_ERROR, "first argument must be a type object, not %T", args[0]);
    if (!type_is_subtype((Type *)value_object(args[0]), (Type *)value_object(((State *)module_state(self))->array)))
        return raise(t, TYPE_ERROR, "%S is not a subtype of array.array", args[0]);
    if (!value_is_any_str(args[1]) || str_length(value_str(args[1])) != 1) return raise(t, TYPE_ERROR, "_array_reconstructor() argument 2 must be a unicode character, not %T", args[1]);
    const Kind *kind = kind_of_code(str_char(value_str(args[1]), 0));
    if (!kind) return raise(t, VALUE_ERROR, "second argument must be a valid type code");
    if (arg_int(t, args[2], &code) < 0) return UNDEF;
    if (code < 0 || code >= (int)(sizeof machines / sizeof *machines)) return raise(t, VALUE_ERROR, "third argument must be a valid machine format code.");
    if (!value_is_any_bytes(args[3])) return raise(t, TYPE_ERROR, "fourth argument should be bytes, not %T", args[3]);
    Machine m = machines[code];
    Bytes *b = value_bytes(args[3]);
    if (b->length % m.size) return raise(t, VALUE_ERROR, "string length not a multiple of item size");
    int64_t n = (int64_t)(b->length / m.size);
    Value v = array_make(t, (Type *)value_object(args[0]), kind, 0);
    if (!value_bits(v)) return UNDEF;
    Array *a = as_array(v);
    int status = 0;
    for (int64_t i = 0; status == 0 && i < n; i++) {
        uint8_t one[8] = {0}, out[8];
        memcpy(one, b->data + i * m.size, m.size);
        if (m.big) swap_bytes(one, 1, m.size);
        Kind as = {.group = m.group, .size = m.size};
        if (m.group == 'c' && m.size == 2) { // UTF-16
            uint16_t c;
            memcpy(&c, one, 2);
            uint32_t wide = c;
            if (c >= 0xd800 && c < 0xdc00 && i + 1 < n) {
                uint8_t next[2];
                memcpy(next, b->data + (i + 1) * 2, 2);
                if (m.big) swap_bytes(next, 1, 2);
                uint16_t low;
                memcpy(&low, next, 2);
                if (low >= 0xdc00 && low < 0xe000) {
                    wide = 0x10000 + ((uint32_t)(c - 0xd800) << 10) + (low - 0xdc00u);
                    i++;
                }
            }
            memcpy(one, &wide, 4);
            as.size = 4;
        }
        Value item = item_value(t, &as, one);
        status = value_bits(item) ? item_convert(t, kind, item, out) : -1;
        value_release(t, item);
        if (status == 0) status = fault(t, append_bytes(a, out, 1), "");
    }
    if (status == 0) return v;
    value_release(t, v);
    return UNDEF;
}

static const NativeDef methods[] = {
    {"append", array_append, "($self, v, /)", "Adds an item at the end.", 0}, {"insert", array_insert, "($self, i, v, /)", "Puts an item in.", 0},
    {"pop", array_pop, "($self, i=-1, /)", "Takes an item out.", 0}, {"remove", array_remove, "($self, v, /)", "Removes the first such item.", 0},
    {"index", array_index, "($self, v, start=0, stop=sys.maxsize, /)", "Where the first such item is.", 0}, {"count", array_count, "($self, v, /)", "How many such items.", 0},
    {"extend", array_extend, "($self, bb, /)", "Adds items at the end.", 0}, {"reverse", array_reverse, "($self, /)", NULL, 0},
    {"byteswap", array_byteswap, "($self, /)", "Turns the bytes of each item round.", 0}, {"clear", array_clear, "($self, /)", NULL, 0},
    {"tolist", array_tolist, "($self, /)", NULL, 0}, {"fromlist", array_fromlist, "($self, list, /)", NULL, 0},
    {"tobytes", array_tobytes, "($self, /)", NULL, 0}, {"frombytes", array_frombytes, "($self, buffer, /)", NULL, 0},
    {"tounicode", array_tounicode, "($self, /)", NULL, 0}, {"fromunicode", array_fromunicode, "($self, ustr, /)", NULL, 0},
    {"tofile", array_tofile, "($self, f, /)", NULL, 0}, {"fromfile", array_fromfile, "($self, f, n, /)", NULL, 0},
    {"buffer_info", array_buffer_info, "($self, /)", "(address, length)", 0}, {"__copy__", array_copy, "($self, /)", NULL, 0},
    {"__deepcopy__", array_copy, "($self, unused, /)", NULL, 0}, {"__reduce_ex__", array_reduce_ex, "($self, value, /)", NULL, 0},
    {"__sizeof__", array_sizeof, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS}, NATIVE_END};
static const GetSetDef getset[] = {{"typecode", array_typecode, NULL, "The letter of the items' type."}, {"itemsize", array_itemsize, NULL, "Bytes of an item."}, GETSET_END};
static const TypeSpec array_spec = {
    .name = "array.array", .doc = "Numbers or characters of one type, packed.", .size = sizeof(Array), .flags = TYPE_BASE | TYPE_SEQUENCE | TYPE_WEAKREFABLE,
    .ops = {.new = array_new, .repr = array_repr, .hash = object_hash_not_implemented, .length = array_len, .getitem = array_getitem, .setitem = array_setitem,
            .contains = array_contains, .concat = array_concat, .repeat = array_repeat, .inplace_concat = array_inplace_concat,
            .inplace_repeat = array_inplace_repeat, .compare = array_compare, .iter = array_iter, .buffer = lend, .release_buffer = give_back},
    .methods = methods, .getset = getset, .destroy = array_destroy};

static const NativeDef functions[] = {
    {"_array_reconstructor", array_reconstructor, "($module, arraytype, typecode, mformat_code, items, /)", NULL, 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    Type *iterator = module_type(t, module, &s->iterator, &iterator_spec);
    if (!iterator || module_add(t, module, "_arrayiterator", value_dup(t, value_of(iterator))) < 0) return -1;
    if (module_export_type(t, module, &s->array, &array_spec) < 0 || module_add(t, module, "ArrayType", slot_get(t, &s->array)) < 0) return -1;
    Value base = import_attribute(t, "collections.abc", "MutableSequence"), name = str_intern_text(t, "register"), done = UNDEF;
    if (value_bits(base) && value_bits(name)) done = call_method_1(t, base, name, s->array);
    value_release(t, base);
    value_release(t, name);
    if (!value_bits(done)) return -1;
    value_release(t, done);
    return module_add_text(t, module, "typecodes", "bBuwhHiIlLqQfd");
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->array, arg);
    visit(&((State *)state)->iterator, arg);
}
const ModuleSpec array_module = {
    .name = "array", .doc = "Packed arrays.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
