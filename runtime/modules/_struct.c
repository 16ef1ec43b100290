// _struct: C structures as bytes (library reference, "struct").
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"

typedef struct Item { // one code of a format, with its count
    char code;
    uint8_t size;    // of one value; of the whole for 's' and 'p'
    int64_t offset;  // in the structure
    int64_t count;   // values; 's' and 'p': bytes of their one value; 'x' makes no item
} Item;

typedef struct Struct {
    Container c;
    Value format;      // str
    Item *items;       // owned; never changed after __init__ made them
    int64_t nitems;
    int64_t size;      // bytes
    int64_t nvalues;
    bool big;          // most significant byte first
    bool made;
} Struct;
static const TypeSpec struct_spec, iterator_spec;
static Struct *struct_of(ValueRef v) { return (Struct *)value_object(v); }

typedef struct State { Value struct_type, iterator, error, formats; } State; // formats: dict str -> Struct, the module functions' own

// ---- struct.error: hangs on the Struct type

static Value fail(Thread *t, Type *struct_type, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    Value message = str_of_vformat(t, format, &ap);
    va_end(ap);
    if (!value_bits(message)) return UNDEF;
    ValueRef type = type_lookup(t, struct_type, NAME(_error));
    if (!value_bits(type) || !value_is_type(type) || !(((Type *)value_object(type))->flags & TYPE_EXCEPTION)) return raise_with_value(t, E_VALUE_ERROR, message);
    Value held = value_dup(t, type), e = call_1(t, held, message);
    value_release(t, held);
    value_release(t, message);
    return value_bits(e) && value_is_exception(e) ? raise_object(t, e) : UNDEF;
}

// ---- formats

// Size and alignment of a code; native sizes where `native`. 0: no such code there.
static int code_size(char code, bool native) {
    switch (code) {
    case 'x': case 'c': case 'b': case 'B': case '?': case 's': case 'p': return 1;
    case 'h': case 'H': case 'e': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 'l': case 'L': return native ? (int)sizeof(long) : 4;
    case 'q': case 'Q': case 'd': case 'F': return 8;
    case 'D': return 16;
    case 'n': case 'N': case 'P': return native ? 8 : 0;
    default: return 0;
    }
}
static int code_alignment(char code) { return code == 'F' ? 4 : code == 'D' ? 8 : code_size(code, true); }

// Reads the format into the fields of `s` (only items, nitems, size, nvalues, big). 0, -1.
static int read_format(Thread *t, Type *type, const char *f, size_t n, Struct *s) {
    bool native = true, aligned = true;
    size_t i = 0;
    s->big = false;
    if (n) {
        switch (f[0]) {
        case '<': native = aligned = false, i = 1; break;
        case '>': case '!': native = aligned = false, s->big = true, i = 1; break;
        case '=': native = aligned = false, i = 1; break;
        case '@': i = 1; break;
        default: break;
        }
    }
    s->items = calloc(n + 1, sizeof *s->items);
    if (!s->items) return raise_no_memory(t), -1;
    while (i < n) {
        char c = f[i++];
        if (c == ' ' || (c >= '\t' && c <= '\r')) continue;
        int64_t count = 1;
        if (c >= '0' && c <= '9') {
            count = 0;
            for (;; c = f[i++]) {
                if (__builtin_mul_overflow(count, (int64_t)10, &count) || __builtin_add_overflow(count, (int64_t)(c - '0'), &count)) goto too_long;
                if (i == n) return fail(t, type, "repeat count given without format specifier"), -1;
                if (!(f[i] >= '0' && f[i] <= '9')) break;
            }
            c = f[i++];
        }
        int size = code_size(c, native);
        if (!size) return fail(t, type, "bad char in struct format"), -1;
        int64_t bytes;
        if (aligned) {
            int64_t alignment = code_alignment(c), rest = s->size % alignment;
            if (rest && __builtin_add_overflow(s->size, alignment - rest, &s->size)) goto too_long;
        }
        if (__builtin_mul_overflow(count, (int64_t)size, &bytes)) goto too_long;
        if (c != 'x' && (count || c == 's' || c == 'p')) {
            s->items[s->nitems++] = (Item){.code = c, .size = (uint8_t)size, .offset = s->size, .count = count};
            int64_t values = c == 's' || c == 'p' ? 1 : count;
            if (__builtin_add_overflow(s->nvalues, values, &s->nvalues)) goto too_long;
        }
        if (__builtin_add_overflow(s->size, bytes, &s->size)) goto too_long;
    }
    return 0;
too_long:
    return fail(t, type, "total struct size too long"), -1;
}

// ---- one value

static void store_bytes(uint8_t *to, uint64_t v, int size, bool big) {
    for (int i = 0; i < size; i++) to[big ? size - 1 - i : i] = (uint8_t)(v >> (8 * i));
}
static uint64_t load_bytes(const uint8_t *from, int size, bool big) {
    uint64_t v = 0;
    for (int i = 0; i < size; i++) v |= (uint64_t)from[big ? size - 1 - i : i] << (8 * i);
    return v;
}

// IEEE 754 half precision, rounded half to even. False: too large.
static bool half_of_double(double x, uint16_t *out) {
    uint16_t sign = signbit(x) ? 0x8000 : 0;
    x = fabs(x);
    if (isnan(x)) return *out = sign | 0x7e00, true;
    if (isinf(x)) return *out = sign | 0x7c00, true;
    int exponent;
    frexp(x, &exponent); // x < 2**exponent
    int unit = exponent - 11 < -24 ? -24 : exponent - 11; // exponent of the last bit
    double units = nearbyint(ldexp(x, -unit));
    if (units >= 2048 && unit > -24) units /= 2, unit++;
    if (unit > 5 || (unit == 5 && units > 2047)) return false;
    uint32_t whole = (uint32_t)units;
    *out = (uint16_t)(sign | (whole < 1024 ? whole : (uint32_t)((unit + 25) << 10) + (whole - 1024))); // below 1024: subnormal
    return true;
}
static double double_of_half(uint16_t h) {
    int exponent = h >> 10 & 31;
    double x = h & 1023;
    x = exponent == 31 ? (x != 0 ? NAN : INFINITY) : exponent ? ldexp(x + 1024, exponent - 25) : ldexp(x, -24);
    return h & 0x8000 ? -x : x;
}

static int pack_real(Thread *t, double x, char code, uint8_t *to, bool big) {
    if (code == 'e') {
        uint16_t half;
        if (!half_of_double(x, &half)) return raise_int(t, OVERFLOW_ERROR, "float too large to pack with e format");
        store_bytes(to, half, 2, big);
    } else if (code == 'f') {
        float single = (float)x;
        if (isinf(single) && !isinf(x)) return raise_int(t, OVERFLOW_ERROR, "float too large to pack with f format");
        uint32_t bits;
        memcpy(&bits, &single, 4);
        store_bytes(to, bits, 4, big);
    } else {
        uint64_t bits;
        memcpy(&bits, &x, 8);
        store_bytes(to, bits, 8, big);
    }
    return 0;
}
static double unpack_real(const uint8_t *from, char code, bool big) {
    if (code == 'e') return double_of_half((uint16_t)load_bytes(from, 2, big));
    if (code == 'f') {
        uint32_t bits = (uint32_t)load_bytes(from, 4, big);
        float single;
        memcpy(&single, &bits, 4);
        return single;
    }
    uint64_t bits = load_bytes(from, 8, big);
    double x;
    memcpy(&x, &bits, 8);
    return x;
}
// A conversion's TypeError becomes struct.error.
static int not_a(Thread *t, Type *type, const char *what) {
    if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
    error_clear(t);
    fail(t, type, "required argument is not %s", what);
    return -1;
}
static int pack_integer(Thread *t, Type *type, ValueRef v, const Item *item, uint8_t *to, bool big) {
    char code = item->code;
    bool is_signed = code == 'b' || code == 'h' || code == 'i' || code == 'l' || code == 'q' || code == 'n';
    int bits = item->size * 8;
    if (!value_is_any_int(v) && !value_type(v)->ops.index) return fail(t, type, "required argument is not an integer"), -1;
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int64_t s = 0;
    uint64_t u = 0;
    bool fits;
    if (is_signed) {
        fits = int_as_int64(n, &s) == 0 && (bits == 64 || (s >= -(INT64_C(1) << (bits - 1)) && s < INT64_C(1) << (bits - 1)));
        u = (uint64_t)s;
    } else {
        fits = int_as_uint64(n, &u) == 0 && (bits == 64 || u < UINT64_C(1) << bits);
        if (!fits && code == 'P' && int_as_int64(n, &s) == 0) fits = true, u = (uint64_t)s;
    }
    value_release(t, n);
    if (fits) {
        store_bytes(to, u, item->size, big);
        return 0;
    }
    if (is_signed) {
        int64_t max = (int64_t)(UINT64_MAX >> 1 >> (64 - bits));
        fail(t, type, "'%c' format requires %lld <= number <= %lld", code, (long long)(-max - 1), (long long)max);
    } else {
        Value max = int_from_uint64(t, UINT64_MAX >> (64 - bits));
        if (value_bits(max)) fail(t, type, "'%c' format requires 0 <= number <= %S", code, (ValueRef)max);
        value_release(t, max);
    }
    return -1;
}
static int pack_text(Thread *t, Type *type, ValueRef v, const Item *item, uint8_t *to) {
    if (!value_is_any_bytes(v) && !value_is_instance(v, TYPE_OF(BYTEARRAY))) return fail(t, type, "argument for '%c' must be a bytes object", item->code), -1;
    if (item->count == 0) return 0;
    Buffer view;
    if (buffer_get(t, v, &view, BUFFER_READ) < 0) return -1;
    int64_t room = item->count, n = view.length;
    if (item->code == 'p') {
        room--;
        if (n > room) n = room;
        *to++ = (uint8_t)(n > 255 ? 255 : n);
    }
    if (n > room) n = room;
    memcpy(to, view.data, (size_t)n);
    buffer_release(t, &view);
    return 0;
}
static int pack_value(Thread *t, Type *type, ValueRef v, const Item *item, uint8_t *to, bool big) {
    switch (item->code) {
    case 's': case 'p': return pack_text(t, type, v, item, to);
    case 'c':
        if (!value_is_any_bytes(v) || value_bytes(v)->length != 1) return fail(t, type, "char format requires a bytes object of length 1"), -1;
        *to = value_bytes(v)->data[0];
        return 0;
    case '?': {
        int truth = object_is_true(t, v);
        if (truth < 0) return -1;
        *to = (uint8_t)truth;
        return 0;
    }
    case 'e': case 'f': case 'd': {
        double x;
        if (arg_double(t, v, &x) < 0) return not_a(t, type, "a float");
        return pack_real(t, x, item->code, to, big);
    }
    case 'F': case 'D': {
        Value z = value_is(v, COMPLEX) ? value_dup(t, v) : value_is_any_str(v) ? UNDEF : call_1(t, value_of(TYPE_OF(COMPLEX)), v);
        if (!value_bits(z)) {
            if (!error_pending(t)) return fail(t, type, "required argument is not a complex"), -1;
            return not_a(t, type, "a complex");
        }
        Complex *c = (Complex *)value_object(z);
        char half = item->code == 'F' ? 'f' : 'd';
        int bad = pack_real(t, c->real, half, to, big) < 0 || pack_real(t, c->imag, half, to + item->size / 2, big) < 0;
        value_release(t, z);
        return bad ? -1 : 0;
    }
    default: return pack_integer(t, type, v, item, to, big);
    }
}
static Value unpack_value(Thread *t, const Item *item, const uint8_t *from, bool big) {
    switch (item->code) {
    case 's': return bytes_new(t, from, (size_t)item->count);
    case 'p': {
        if (item->count == 0) return bytes_new(t, "", 0);
        int64_t n = from[0] < item->count ? from[0] : item->count - 1;
        return bytes_new(t, from + 1, (size_t)n);
    }
    case 'c': return bytes_new(t, from, 1);
    case '?': return value_bool(*from != 0);
    case 'e': case 'f': case 'd': return float_new(t, unpack_real(from, item->code, big));
    case 'F': case 'D': {
        char half = item->code == 'F' ? 'f' : 'd';
        return complex_new(t, unpack_real(from, half, big), unpack_real(from + item->size / 2, half, big));
    }
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n': {
        int shift = 64 - item->size * 8;
        return int_from_int64(t, (int64_t)(load_bytes(from, item->size, big) << shift) >> shift);
    }
    default: return int_from_uint64(t, load_bytes(from, item->size, big));
    }
}

// ---- whole structures

static bool is_text(const Item *item) { return item->code == 's' || item->code == 'p'; }

// `to` is zeroed and holds s->size bytes.
static int pack_all(Thread *t, Type *type, Struct *s, const ValueRef *args, uint8_t *to) {
    for (int64_t i = 0; i < s->nitems; i++) {
        const Item *item = &s->items[i];
        if (is_text(item)) {
            if (pack_value(t, type, *args++, item, to + item->offset, s->big) < 0) return -1;
            continue;
        }
        for (int64_t k = 0; k < item->count; k++)
            if (pack_value(t, type, *args++, item, to + item->offset + k * item->size, s->big) < 0) return -1;
    }
    return 0;
}
static Value unpack_all(Thread *t, Struct *s, const uint8_t *from) {
    Tuple *result = tuple_alloc(t, s->nvalues);
    int64_t n = 0;
    for (int64_t i = 0; result && i < s->nitems; i++) {
        const Item *item = &s->items[i];
        for (int64_t k = 0; k < (is_text(item) ? 1 : item->count); k++) {
            Value v = unpack_value(t, item, from + item->offset + k * item->size, s->big);
            if (!value_bits(v)) {
                object_release(t, result);
                return UNDEF;
            }
            slot_init(&result->items[n++], v);
        }
    }
    return value_of(result);
}

static Struct *ready(Thread *t, ValueRef self) {
    Struct *s = struct_of(self);
    return LIKELY(s->made) ? s : raise_null(t, RUNTIME_ERROR, "Struct object is not initialized");
}
static int count_values(Thread *t, Struct *s, const char *name, uint32_t nargs) {
    if (LIKELY(nargs == s->nvalues)) return 0;
    fail(t, object_type((Object *)s), "%s expected %lld items for packing (got %u)", name, (long long)s->nvalues, nargs);
    return -1;
}
static Value do_pack(Thread *t, Struct *s, const ValueRef *args, uint32_t nargs) {
    if (count_values(t, s, "pack", nargs) < 0) return UNDEF;
    Bytes *b = bytes_alloc(t, (size_t)s->size);
    if (!b) return UNDEF;
    memset(b->data, 0, (size_t)s->size);
    if (pack_all(t, object_type((Object *)s), s, args, b->data) == 0) return value_of(b);
    object_release(t, b);
    return UNDEF;
}
static Value do_pack_into(Thread *t, Struct *s, const ValueRef *args, uint32_t nargs) {
    Type *type = object_type((Object *)s);
    if (nargs == 0) return fail(t, type, "pack_into expected buffer argument");
    if (nargs == 1) return fail(t, type, "pack_into expected offset argument");
    if (count_values(t, s, "pack_into", nargs - 2) < 0) return UNDEF;
    int64_t offset;
    if (arg_index(t, args[1], &offset) < 0) return UNDEF;
    // Values first, in room of our own: converting them may run Python.
    uint8_t *packed = calloc(s->size ? (size_t)s->size : 1, 1);
    if (!packed) return raise_no_memory(t);
    Value result = UNDEF;
    Buffer view;
    if (pack_all(t, type, s, args + 2, packed) < 0) goto done;
    if (buffer_get(t, args[0], &view, BUFFER_WRITABLE) < 0) {
        if (error_matches(t, EXCEPTION(TYPE_ERROR)) || error_matches(t, EXCEPTION(BUFFER_ERROR))) {
            error_clear(t);
            raise(t, TYPE_ERROR, "argument must be read-write bytes-like object, not %T", args[0]);
        }
        goto done;
    }
    int64_t length = view.length, at = offset < 0 ? offset + length : offset;
    if (offset < 0 && offset + s->size > 0)
        fail(t, type, "no space to pack %lld bytes at offset %lld", (long long)s->size, (long long)offset);
    else if (at < 0)
        fail(t, type, "offset %lld out of range for %lld-byte buffer", (long long)offset, (long long)length);
    else if (length - at < s->size)
        fail(t, type, "pack_into requires a buffer of at least %llu bytes for packing %lld bytes at offset %lld (actual buffer size is %lld)",
             (unsigned long long)at + (unsigned long long)s->size, (long long)s->size, (long long)at, (long long)length);
    else {
        memcpy(view.data + at, packed, (size_t)s->size);
        result = NONE;
    }
    buffer_release(t, &view);
done:
    free(packed);
    return result;
}
static Value do_unpack(Thread *t, Struct *s, ValueRef buffer) {
    Buffer view;
    if (buffer_get(t, buffer, &view, BUFFER_READ) < 0) return UNDEF;
    Value result = view.length == s->size ? unpack_all(t, s, view.data)
                                          : fail(t, object_type((Object *)s), "unpack requires a buffer of %lld bytes", (long long)s->size);
    buffer_release(t, &view);
    return result;
}
static Value do_unpack_from(Thread *t, Struct *s, ValueRef buffer, ValueRef offset_value) {
    Type *type = object_type((Object *)s);
    int64_t offset = 0;
    Buffer view;
    if ((value_bits(offset_value) && arg_index(t, offset_value, &offset) < 0) || buffer_get(t, buffer, &view, BUFFER_READ) < 0) return UNDEF;
    int64_t length = view.length, at = offset < 0 ? offset + length : offset;
    Value result;
    if (offset < 0 && offset + s->size > 0)
        result = fail(t, type, "not enough data to unpack %lld bytes at offset %lld", (long long)s->size, (long long)offset);
    else if (at < 0)
        result = fail(t, type, "offset %lld out of range for %lld-byte buffer", (long long)offset, (long long)length);
    else if (length - at < s->size)
        result = fail(t, type, "unpack_from requires a buffer of at least %llu bytes for unpacking %lld bytes at offset %lld (actual buffer size is %lld)",
                      (unsigned long long)at + (unsigned long long)s->size, (long long)s->size, (long long)at, (long long)length);
    else
        result = unpack_all(t, s, view.data + at);
    buffer_release(t, &view);
    return result;
}

// ---- iterators

typedef struct UnpackIterator {
    Container c;
    Value structure;
    Buffer view;     // its exporter keeps the bytes where they are
    bool has_view;
    _Atomic uint64_t at; // (a) bytes given
} UnpackIterator;

static Value iterator_make(Thread *t, Type *type, ValueRef structure, ValueRef buffer) {
    Struct *s = struct_of(structure);
    if (s->size == 0) return fail(t, object_type((Object *)s), "cannot iteratively unpack with a struct of length 0");
    UnpackIterator *it = object_new(t, type);
    if (!it) return UNDEF;
    if (buffer_get(t, buffer, &it->view, BUFFER_READ) == 0) {
        it->has_view = true;
        slot_init(&it->structure, value_dup(t, structure));
        if (it->view.length % s->size == 0) return value_of(it);
        fail(t, object_type((Object *)s), "iterative unpacking requires a buffer of a multiple of %lld bytes", (long long)s->size);
    }
    object_release(t, it);
    return UNDEF;
}
static Value iterator_next(Thread *t, ValueRef self) {
    UnpackIterator *it = (UnpackIterator *)value_object(self);
    Struct *s = struct_of(it->structure);
    uint64_t at = atomic_add_relaxed_u64(&it->at, (uint64_t)s->size);
    if (at >= (uint64_t)it->view.length) {
        atomic_sub_relaxed_u64(&it->at, (uint64_t)s->size);
        return UNDEF;
    }
    return unpack_all(t, s, it->view.data + at);
}
NATIVE(iterator_length_hint) {
    UnpackIterator *it = (UnpackIterator *)value_object(self);
    int64_t left = it->view.length - (int64_t)atomic_load_relaxed_u64(&it->at);
    return value_int(left < 0 ? 0 : left / struct_of(it->structure)->size);
}
static void iterator_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((UnpackIterator *)o)->structure, arg);
    if (((UnpackIterator *)o)->has_view) visit(&((UnpackIterator *)o)->view.exporter, arg);
}
static void iterator_destroy(Thread *t, Object *o) {
    UnpackIterator *it = (UnpackIterator *)o;
    if (it->has_view) buffer_release(t, &it->view);
    value_release(t, it->structure);
}
static const NativeDef iterator_methods[] = {{"__length_hint__", iterator_length_hint, "($self, /)", NULL, 0}, NATIVE_END};
static const TypeSpec iterator_spec = {
    .name = "_struct.unpack_iterator", .size = sizeof(UnpackIterator), .flags = TYPE_NO_NEW, .ops = {.iter = iter_self, .next = iterator_next},
    .methods = iterator_methods, .destroy = iterator_destroy, .traverse = iterator_traverse};

// ---- Struct

static Value struct_make(Thread *t, Type *type, ValueRef format) {
    Value ascii = UNDEF, text = UNDEF;
    if (value_is(format, STR) && str_is_ascii(value_str(format))) {
        ascii = bytes_new(t, str_data(value_str(format)), str_length(value_str(format)));
        text = value_dup(t, format);
    } else if (value_is_any_str(format)) {
        ValueRef encoding[1];
        Value name = str_from_text(t, "ascii");
        if (!value_bits(name)) return UNDEF;
        encoding[0] = name;
        ascii = call_method(t, format, NAME(encode), encoding, 1);
        value_release(t, name);
        text = value_dup(t, format);
    } else if (value_is_any_bytes(format)) {
        ascii = value_dup(t, format);
        text = str_from_latin1(t, value_bytes(format)->data, value_bytes(format)->length);
    } else {
        return raise(t, TYPE_ERROR, "Struct() argument 1 must be a str or bytes object, not %T", format);
    }
    Struct *s = value_bits(ascii) && value_bits(text) && value_is_any_bytes(ascii) ? object_new(t, type) : NULL;
    if (!s) {
        value_release(t, ascii);
        value_release(t, text);
        return UNDEF;
    }
    slot_init(&s->format, text);
    int bad = read_format(t, type, (const char *)value_bytes(ascii)->data, (size_t)value_bytes(ascii)->length, s);
    value_release(t, ascii);
    if (bad < 0) {
        object_release(t, s);
        return UNDEF;
    }
    s->made = true;
    return value_of(s);
}
static Value struct_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef format[1];
    return args_bind(t, "Struct", "(format)", args, nargs, kwnames, format) < 0 ? UNDEF : struct_make(t, (Type *)value_object(type), format[0]);
}
static int struct_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return 0; } // __new__ did it
static Value struct_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "%U(%R)", value_str(slot_borrow(&value_type(self)->name)), (ValueRef)struct_of(self)->format);
}
NATIVE(struct_pack) {
    Struct *s = ready(t, self);
    return !s || args_no_keywords(t, "pack", kwnames) < 0 ? UNDEF : do_pack(t, s, args, nargs);
}
NATIVE(struct_pack_into) {
    Struct *s = ready(t, self);
    return !s || args_no_keywords(t, "pack_into", kwnames) < 0 ? UNDEF : do_pack_into(t, s, args, nargs);
}
NATIVE(struct_unpack) {
    Struct *s = ready(t, self);
    return s ? do_unpack(t, s, args[0]) : UNDEF;
}
NATIVE(struct_unpack_from) {
    Struct *s = ready(t, self);
    return s ? do_unpack_from(t, s, args[0], args[1]) : UNDEF;
}
NATIVE(struct_iter_unpack) {
    Struct *s = ready(t, self);
    Type *type = s ? companion_type(t, value_type(self), NAME(_iterator_type), &iterator_spec) : NULL;
    return type ? iterator_make(t, type, self, args[0]) : UNDEF;
}
NATIVE(struct_sizeof) { return value_int((int64_t)(sizeof(Struct) + (size_t)struct_of(self)->nitems * sizeof(Item))); }
static void struct_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Struct *)o)->format, arg); }
static void struct_destroy(Thread *t, Object *o) {
    value_release(t, ((Struct *)o)->format);
    free(((Struct *)o)->items);
}
static const MemberDef struct_members[] = {{"format", offsetof(Struct, format), MEMBER_VALUE, false, "The format."},
                                           {"size", offsetof(Struct, size), MEMBER_INT64, false, "Bytes of the structure."}, MEMBER_END};
static const NativeDef struct_methods[] = {
    {"pack", struct_pack, NULL, "The values as bytes.", NATIVE_RAW}, {"pack_into", struct_pack_into, NULL, "Writes the values into a buffer at an offset.", NATIVE_RAW},
    {"unpack", struct_unpack, "($self, buffer, /)", "The values in the bytes.", 0},
    {"unpack_from", struct_unpack_from, "($self, /, buffer, offset=0)", "The values in the bytes from an offset on.", 0},
    {"iter_unpack", struct_iter_unpack, "($self, buffer, /)", "The values of one structure after the other.", 0},
    {"__sizeof__", struct_sizeof, "($self, /)", NULL, 0}, NATIVE_END};
static const TypeSpec struct_spec = {
    .name = "_struct.Struct", .doc = "A structure's format, ready for use.", .size = sizeof(Struct), .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.new = struct_new, .init = struct_init, .repr = struct_repr}, .methods = struct_methods, .members = struct_members, .destroy = struct_destroy,
    .traverse = struct_traverse};

// ---- functions of the module: each looks for the Struct that it needs among those made before

enum { FORMATS_MAX = 100 };
static Value temporary(Thread *t, ValueRef module, ValueRef format) {
    State *state = module_state(module);
    if (is_spec(format, &struct_spec)) return value_dup(t, format);
    Dict *formats = value_is(format, STR) ? value_dict(state->formats) : NULL;
    Value made = formats ? dict_get(t, formats, format) : UNDEF;
    if (value_bits(made) || (made = struct_make(t, (Type *)value_object(state->struct_type), format)) == UNDEF || !formats) return made;
    if (dict_length(formats) >= FORMATS_MAX) dict_clear(t, formats);
    if (dict_set(t, formats, format, made) < 0) error_clear(t);
    return made;
}
NATIVE(calcsize) {
    Value s = temporary(t, self, args[0]);
    if (!value_bits(s)) return UNDEF;
    Value size = int_from_int64(t, struct_of(s)->size);
    value_release(t, s);
    return size;
}
#define THROUGH(call)                                   \
    Value s = temporary(t, self, args[0]);              \
    if (!value_bits(s)) return UNDEF;                   \
    Value result = call;                                \
    value_release(t, s);                                \
    return result;
static int needs_format(Thread *t, const char *name, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, name, kwnames) < 0) return -1;
    return nargs ? 0 : raise_int(t, TYPE_ERROR, "missing format argument");
}
NATIVE(module_pack) {
    if (needs_format(t, "pack", nargs, kwnames) < 0) return UNDEF;
    THROUGH(do_pack(t, struct_of(s), args + 1, nargs - 1))
}
NATIVE(module_pack_into) {
    if (needs_format(t, "pack_into", nargs, kwnames) < 0) return UNDEF;
    THROUGH(do_pack_into(t, struct_of(s), args + 1, nargs - 1))
}
NATIVE(module_unpack) { THROUGH(do_unpack(t, struct_of(s), args[1])) }
NATIVE(module_unpack_from) { THROUGH(do_unpack_from(t, struct_of(s), args[1], args[2])) }
NATIVE(module_iter_unpack) { THROUGH(iterator_make(t, (Type *)value_object(((State *)module_state(self))->iterator), s, args[1])) }
NATIVE(clearcache) {
    dict_clear(t, value_dict(((State *)module_state(self))->formats));
    return NONE;
}

static const NativeDef functions[] = {
    {"calcsize", calcsize, "($module, format, /)", "Bytes of the structure.", 0}, {"pack", module_pack, NULL, "The values as bytes.", NATIVE_RAW},
    {"pack_into", module_pack_into, NULL, "Writes the values into a buffer at an offset.", NATIVE_RAW},
    {"unpack", module_unpack, "($module, format, buffer, /)", "The values in the bytes.", 0},
    {"unpack_from", module_unpack_from, "($module, format, /, buffer, offset=0)", "The values in the bytes from an offset on.", 0},
    {"iter_unpack", module_iter_unpack, "($module, format, buffer, /)", "The values of one structure after the other.", 0},
    {"_clearcache", clearcache, "($module, /)", "Clears the cache of formats.", 0}, NATIVE_END};

// class error(Exception), in module struct
static Value error_class(Thread *t) {
    Value name = str_intern_text(t, "error"), module = str_intern_text(t, "struct"), bases = UNDEF, namespace = UNDEF, class = UNDEF;
    ValueRef base[1] = {value_of(EXCEPTION(EXCEPTION))};
    if (value_bits(name) && value_bits(module)) bases = tuple_from_refs(t, base, 1);
    if (value_bits(bases)) namespace = dict_new(t);
    if (value_bits(namespace) && dict_set(t, value_dict(namespace), NAME(__module__), module) == 0) class = call_3(t, value_of(TYPE_OF(TYPE)), name, bases, namespace);
    value_release(t, name);
    value_release(t, module);
    value_release(t, bases);
    value_release(t, namespace);
    return class;
}
static int exec(Thread *t, ValueRef module) {
    State *state = module_state(module);
    Type *type = module_type(t, module, &state->struct_type, &struct_spec), *iterator = module_type(t, module, &state->iterator, &iterator_spec);
    Value formats = dict_new(t);
    if (!value_bits(formats)) return -1;
    slot_store(t, value_object(module), &state->formats, formats);
    Value error = type && iterator ? error_class(t) : UNDEF;
    if (!value_bits(error) || companion_add(t, type, "_iterator_type", iterator) < 0 || companion_add(t, type, "_error", (Type *)value_object(error)) < 0) {
        value_release(t, error);
        return -1;
    }
    return module_add(t, module, "error", error) < 0 ? -1 : module_add_type(t, module, type);
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->struct_type, arg);
    visit(&((State *)state)->iterator, arg);
    visit(&((State *)state)->error, arg);
    visit(&((State *)state)->formats, arg);
}
const ModuleSpec _struct_module = {
    .name = "_struct", .doc = "C structures as bytes.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
