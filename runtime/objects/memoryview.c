#include "runtime/objects/memoryview.h"
#include <math.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/bytes_internal.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

static bool is_view(ValueRef v) { return value_is(v, MEMORYVIEW); }
static const char *format_of(const MemoryView *v) { return v->format_long ? v->format_long : v->format; }

// Begins work on the view: true under its guard, or false with ValueError where it is released.
static bool view_begin(Thread *t, MemoryView *v, Guard *g) {
    guard_begin(t, g, v);
    if (LIKELY(!v->released)) return true;
    guard_end(t, g);
    raise(t, VALUE_ERROR, "operation forbidden on released memoryview object");
    return false;
}

// --- making -------------------------------------------------------------------------------------------------------

static MemoryView *view_alloc(Thread *t, int ndim, const char *format) {
    MemoryView *v = object_new(t, TYPE_OF(MEMORYVIEW));
    if (!v) return NULL;
    v->ndim = ndim;
    v->shape = v->one;
    v->strides = v->one + 1;
    bool failed = false;
    if (ndim > 1) {
        v->shape = malloc(2 * (size_t)ndim * sizeof *v->shape);
        failed = !v->shape;
        if (failed) v->shape = v->one;
        else v->strides = v->shape + ndim;
    }
    if (strlen(format) < sizeof v->format) strcpy(v->format, format);
    else if (!(v->format_long = strdup(format))) failed = true;
    if (failed) {
        v->released = true;
        object_release(t, v);
        return raise_no_memory(t), NULL;
    }
    return v;
}

static int64_t product_of(const int64_t *shape, int ndim) {
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    return n;
}

static void adopt_root(Thread *t, MemoryView *v, MemoryView *root) {
    slot_store(t, v, &v->root, value_dup(t, value_of(root)));
    atomic_add_acq_rel_u64(&root->views, 1);
}

// A view of the same memory as `from`, under whose guard it is made. Shape and strides are the caller's to set (ndim may differ).
static MemoryView *view_like(Thread *t, const MemoryView *from, int ndim, const char *format) {
    if (from->restricted) return raise_null(t, VALUE_ERROR, "cannot create new view on restricted memoryview");
    MemoryView *v = view_alloc(t, ndim, format);
    if (!v) return NULL;
    v->data = from->data;
    v->length = from->length;
    v->item_size = from->item_size;
    v->readonly = from->readonly;
    adopt_root(t, v, value_memoryview(slot_borrow(&from->root)));
    return v;
}

static void give_back(Thread *t, MemoryView *root) {
    if (atomic_sub_acq_rel_u64(&root->views, 1) != 1) return;
    Value exporter = slot_take(t, root, &root->exporter, UNDEF);
    if (value_bits(exporter) == 0) return;
    ReleaseBufferFn release = root->by_type ? value_type(exporter)->ops.release_buffer : root->native;
    if (release) {
        root->lent.exporter = exporter; // as the exporter filled it
        release(t, exporter, &root->lent);
        root->lent.exporter = UNDEF;
    }
    value_release(t, exporter);
}

// A view of the whole of what `exporter` has lent. The buffer becomes the root's.
static Value view_of_lent(Thread *t, const Buffer *lent, bool by_type, ReleaseBufferFn native) {
    const char *format = lent->format ? lent->format : "B";
    MemoryView *root = view_alloc(t, 1, "B"), *v = root ? view_alloc(t, lent->ndim, format) : NULL;
    if (!v) {
        object_release(t, root);
        return UNDEF;
    }
    v->data = lent->data;
    v->length = lent->length;
    v->item_size = lent->item_size ? lent->item_size : 1;
    v->readonly = lent->readonly;
    int64_t stride = v->item_size;
    for (int i = lent->ndim - 1; i >= 0; i--) {
        v->shape[i] = lent->shape ? lent->shape[i] : v->length / v->item_size;
        v->strides[i] = lent->strides ? lent->strides[i] : stride;
        stride *= v->shape[i];
    }
    root->released = true; // its own view part is never used
    root->lent = *lent;
    if (lent->shape == &lent->shape_1) root->lent.shape = &root->lent.shape_1;
    if (lent->strides == &lent->stride_1) root->lent.strides = &root->lent.stride_1;
    root->lent.exporter = UNDEF;
    root->by_type = by_type;
    root->native = native;
    slot_store(t, root, &root->exporter, lent->exporter);
    adopt_root(t, v, root);
    object_release(t, root);
    return value_of(v);
}
static int check_dimensions(Thread *t, const Buffer *lent) {
    if (lent->ndim <= MEMORYVIEW_MAX_DIMENSIONS && lent->ndim >= 0) return 0;
    return raise_int(t, VALUE_ERROR, "memoryview: number of dimensions must not exceed %d", MEMORYVIEW_MAX_DIMENSIONS);
}
static Value view_of_view(Thread *t, MemoryView *from) {
    Guard g;
    if (!view_begin(t, from, &g)) return UNDEF;
    MemoryView *v = view_like(t, from, from->ndim, format_of(from));
    if (v)
        for (int i = 0; i < from->ndim; i++) {
            v->shape[i] = from->shape[i];
            v->strides[i] = from->strides[i];
        }
    guard_end(t, &g);
    return v ? value_of(v) : UNDEF;
}

Value memoryview_new(Thread *t, ValueRef exporter, int flags) {
    if (is_view(exporter)) return view_of_view(t, value_memoryview(exporter));
    if (!value_has_buffer(exporter)) return raise(t, TYPE_ERROR, "memoryview: a bytes-like object is required, not '%T'", exporter);
    Buffer lent;
    if (buffer_get(t, exporter, &lent, flags) < 0) return UNDEF;
    Value view = check_dimensions(t, &lent) < 0 ? UNDEF : view_of_lent(t, &lent, true, NULL);
    if (!value_bits(view)) buffer_release(t, &lent);
    return view;
}
Value memoryview_new_native(Thread *t, ValueRef exporter, BufferFn get, ReleaseBufferFn release, int flags) {
    if (is_view(exporter)) return view_of_view(t, value_memoryview(exporter));
    Buffer lent = {.data = NULL};
    if (get(t, exporter, &lent, flags) < 0) return UNDEF;
    Value view = check_dimensions(t, &lent) < 0 ? UNDEF : view_of_lent(t, &lent, false, release);
    if (!value_bits(view)) {
        if (release) release(t, exporter, &lent);
        value_release(t, lent.exporter);
    }
    return view;
}
Value memoryview_of_buffer(Thread *t, ValueRef exporter, const Buffer *b) {
    Buffer lent = *b;
    if (b->shape == &b->shape_1) lent.shape = &lent.shape_1;
    if (b->strides == &b->stride_1) lent.strides = &lent.stride_1;
    lent.exporter = value_dup(t, exporter);
    Value view = view_of_lent(t, &lent, false, NULL);
    if (value_bits(view)) value_memoryview(view)->restricted = true;
    else value_release(t, lent.exporter);
    return view;
}
Value memoryview_exporter(Thread *t, ValueRef view) {
    MemoryView *v = value_memoryview(view);
    Guard g;
    guard_begin(t, &g, v);
    ValueRef root = slot_borrow(&v->root);
    Value exporter = v->released || !value_bits(root) ? UNDEF : slot_get(t, &value_memoryview(root)->exporter);
    guard_end(t, &g);
    return exporter;
}

static void destroy(Thread *t, Object *o) {
    MemoryView *v = (MemoryView *)o;
    Value root = v->root;
    v->root = UNDEF;
    if (value_bits(root)) {
        if (!v->released) give_back(t, value_memoryview(root));
        value_release(t, root);
    } else if (value_bits(v->exporter)) { // a root whose views died with it, in a cycle
        atomic_store_relaxed_u64(&v->views, 1);
        give_back(t, v);
    }
    if (v->shape != v->one) free(v->shape);
    free(v->format_long);
}
static void traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((MemoryView *)o)->root, arg);
    visit(&((MemoryView *)o)->exporter, arg);
}

static Value dunder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[1];
    if (args_bind(t, "memoryview", "(object)", args, nargs, kwnames, arg) < 0) return UNDEF;
    return memoryview_new(t, arg[0], BUFFER_FULL & ~BUFFER_WRITABLE);
}

// --- items --------------------------------------------------------------------------------------------------------

// The native format character of an item, 0 where it is none of them.
static char native_format(const char *format) {
    if (*format == '@') format++;
    return *format && !format[1] && strchr("cbB?hHiIlLqQnNfdeP", *format) ? *format : 0;
}

static int64_t format_size(char c) {
    switch (c) {
        case 'c': case 'b': case 'B': case '?': return 1;
        case 'h': case 'H': case 'e': return 2;
        case 'i': case 'I': case 'f': return 4;
        default: return 8;
    }
}

static double half_to_double(uint16_t h) {
    int e = h >> 10 & 31, m = h & 1023;
    double d = e == 31 ? (m ? (double)NAN : (double)INFINITY) : e ? ldexp(m + 1024, e - 25) : ldexp(m, -24);
    return h & 0x8000 ? -d : d;
}

// IEEE 754 binary16, rounded half to even. False: too large.
static bool double_to_half(double d, uint16_t *out) {
    uint16_t sign = signbit(d) ? 0x8000 : 0;
    d = fabs(d);
    if (isnan(d)) *out = sign | 0x7e00;
    else if (isinf(d)) *out = sign | 0x7c00;
    else {
        int e;
        frexp(d, &e);
        if (d == 0) e = -100;
        int scale = e - 1 < -14 ? 24 : 11 - e; // units of the last place become ones
        double units = rint(ldexp(d, scale));
        uint32_t m = (uint32_t)units;
        int exponent = e - 1 < -14 ? 0 : e - 1 + 15;
        uint32_t bits = exponent ? ((uint32_t)exponent << 10) + (m - 1024) : m;
        if (bits >= 0x7c00) return false;
        *out = (uint16_t)(sign | bits);
    }
    return true;
}

static Value unpack(Thread *t, const char *format, const uint8_t *p) {
    union { int16_t h; uint16_t H; int32_t i; uint32_t I; int64_t q; uint64_t Q; float f; double d; uint8_t bytes[8]; } u;
    char c = native_format(format);
    if (!c) return raise(t, NOT_IMPLEMENTED_ERROR, "memoryview: unsupported format %s", format);
    memcpy(u.bytes, p, (size_t)format_size(c));
    switch (c) {
        case 'B': return value_int(u.bytes[0]);
        case 'b': return value_int((int8_t)u.bytes[0]);
        case 'c': return bytes_new(t, u.bytes, 1);
        case '?': return value_bool(u.bytes[0] != 0);
        case 'h': return value_int(u.h);
        case 'H': return value_int(u.H);
        case 'i': return value_int(u.i);
        case 'I': return value_int(u.I);
        case 'l': case 'q': case 'n': return int_from_int64(t, u.q);
        case 'L': case 'Q': case 'N': case 'P': return int_from_uint64(t, u.Q);
        case 'f': return float_new(t, u.f);
        case 'd': return float_new(t, u.d);
        default: return float_new(t, half_to_double(u.H));
    }
}

// The value as an item of the format: runs Python, so it comes before any guard. -1 with TypeError or ValueError.
static int pack(Thread *t, const char *format, ValueRef value, uint8_t out[8]) {
    char c = native_format(format);
    if (!c) return raise_int(t, NOT_IMPLEMENTED_ERROR, "memoryview: unsupported format %s", format);
    if (c == '?') {
        int truth = object_is_true(t, value);
        out[0] = (uint8_t)(truth > 0);
        return truth < 0 ? -1 : 0;
    }
    if (c == 'c') {
        if (!value_is_any_bytes(value)) goto wrong_type;
        if (value_bytes(value)->length != 1) goto wrong_value;
        out[0] = value_bytes(value)->data[0];
        return 0;
    }
    if (c == 'f' || c == 'd' || c == 'e') {
        double d;
        if (arg_double(t, value, &d) < 0) {
            if (error_matches(t, EXCEPTION(TYPE_ERROR))) goto wrong_type;
            return -1;
        }
        float f = (float)d;
        uint16_t h;
        if (c == 'd') memcpy(out, &d, 8);
        else if (c == 'f') memcpy(out, &f, 4);
        else {
            if (!double_to_half(d, &h)) goto wrong_value;
            memcpy(out, &h, 2);
        }
        return 0;
    }
    Value index = object_index(t, value);
    if (value_bits(index) == 0) {
        if (error_matches(t, EXCEPTION(TYPE_ERROR))) goto wrong_type;
        return -1;
    }
    int64_t size = format_size(c);
    bool is_signed = c == 'b' || c == 'h' || c == 'i' || c == 'l' || c == 'q' || c == 'n', fits;
    int64_t n = 0;
    uint64_t u = 0;
    if (is_signed) {
        fits = int_as_int64(index, &n) == 0 && (size == 8 || (n >= -((int64_t)1 << (8 * size - 1)) && n < (int64_t)1 << (8 * size - 1)));
        u = (uint64_t)n;
    } else {
        fits = int_as_uint64(index, &u) == 0 && (size == 8 || u < (uint64_t)1 << 8 * size);
    }
    value_release(t, index);
    if (!fits) goto wrong_value;
    memcpy(out, &u, (size_t)size); // little-endian; the runtime is built for x86-64
    return 0;
wrong_type:
    error_clear(t);
    return raise_int(t, TYPE_ERROR, "memoryview: invalid type for format '%s'", format);
wrong_value:
    return raise_int(t, VALUE_ERROR, "memoryview: invalid value for format '%s'", format);
}

static bool is_contiguous(const MemoryView *v, bool fortran) {
    int64_t expected = v->item_size;
    for (int k = 0; k < v->ndim; k++) {
        int i = fortran ? k : v->ndim - 1 - k;
        if (v->shape[i] > 1 && v->strides[i] != expected) return false;
        expected *= v->shape[i];
    }
    return true;
}

// All items in C (or Fortran) order, to `out` of v->length bytes.
static void copy_out(const MemoryView *v, bool fortran, uint8_t *out) {
    if (v->length == 0) return;
    if (!fortran && is_contiguous(v, false)) {
        memcpy(out, v->data, (size_t)v->length);
        return;
    }
    int64_t at[MEMORYVIEW_MAX_DIMENSIONS] = {0}, items = v->length / v->item_size;
    for (int64_t k = 0; k < items; k++, out += v->item_size) {
        const uint8_t *p = v->data;
        for (int i = 0; i < v->ndim; i++) p += at[i] * v->strides[i];
        memcpy(out, p, (size_t)v->item_size);
        for (int d = 0; d < v->ndim; d++) {
            int i = fortran ? d : v->ndim - 1 - d;
            if (++at[i] < v->shape[i]) break;
            at[i] = 0;
        }
    }
}

// A copy of a view's (or any exporter's) items in C order, and its description; *data from malloc.
typedef struct Snapshot {
    uint8_t *data;
    int64_t length, item_size;
    int ndim;
    int64_t shape[MEMORYVIEW_MAX_DIMENSIONS];
    char format[32];
} Snapshot;

static int take_snapshot(Thread *t, MemoryView *v, Snapshot *s) {
    Guard g;
    if (!view_begin(t, v, &g)) return -1;
    s->length = v->length;
    s->item_size = v->item_size;
    s->ndim = v->ndim;
    memcpy(s->shape, v->shape, (size_t)v->ndim * sizeof *s->shape);
    strncpy(s->format, format_of(v), sizeof s->format - 1);
    s->format[sizeof s->format - 1] = 0;
    s->data = malloc((size_t)v->length + 1);
    if (s->data) copy_out(v, false, s->data);
    guard_end(t, &g);
    return s->data ? 0 : (raise_no_memory(t), -1);
}

// --- slots --------------------------------------------------------------------------------------------------------

static Value slot_repr(Thread *t, ValueRef self) {
    MemoryView *v = value_memoryview(self);
    return str_of_format(t, __atomic_load_n(&v->released, __ATOMIC_RELAXED) ? "<released memory at %p>" : "<memory at %p>", (void *)v);
}

static int64_t slot_length(Thread *t, ValueRef self) {
    MemoryView *v = value_memoryview(self);
    Guard g;
    if (!view_begin(t, v, &g)) return -1;
    int64_t n = v->ndim == 0 ? -1 : v->shape[0];
    guard_end(t, &g);
    return n < 0 ? raise_int(t, TYPE_ERROR, "0-dim memory has no length") : n;
}

// The place of one item by its indices. NULL with an exception.
static uint8_t *item_at(Thread *t, const MemoryView *v, const int64_t *index, int n) {
    uint8_t *p = v->data;
    for (int i = 0; i < n; i++) {
        int64_t at = index[i] < 0 ? index[i] + v->shape[i] : index[i];
        if (at < 0 || at >= v->shape[i]) return raise(t, INDEX_ERROR, "index out of bounds on dimension %d", i + 1), NULL;
        p += at * v->strides[i];
    }
    return p;
}

typedef struct Key {
    enum { KEY_ITEM, KEY_SLICE, KEY_WHOLE, KEY_TUPLE_OF_SLICES } kind;
    int count; // indices
    int64_t index[MEMORYVIEW_MAX_DIMENSIONS];
    int64_t start, stop, step;
} Key;

// Takes a subscript apart; it may run Python. -1 with TypeError.
static int read_key(Thread *t, ValueRef key, Key *out) {
    out->count = 0;
    if (value_bits(key) == value_bits(ELLIPSIS)) {
        out->kind = KEY_WHOLE;
        return 0;
    }
    if (value_is(key, SLICE)) {
        out->kind = KEY_SLICE;
        return slice_unpack(t, value_slice(key), &out->start, &out->stop, &out->step);
    }
    if (value_is_any_tuple(key)) {
        Tuple *tuple = value_tuple(key);
        bool all_slices = tuple->length > 0;
        for (int64_t i = 0; i < tuple->length; i++) all_slices &= value_is(tuple_item(tuple, i), SLICE);
        if (all_slices) {
            out->kind = KEY_TUPLE_OF_SLICES;
            return 0;
        }
        out->kind = KEY_ITEM;
        for (int64_t i = 0; i < tuple->length; i++) {
            if (!value_has_index(tuple_item(tuple, i))) return raise_int(t, TYPE_ERROR, "memoryview: invalid slice key");
            if (i == MEMORYVIEW_MAX_DIMENSIONS) return raise_int(t, TYPE_ERROR, "memoryview: invalid slice key");
            if (container_index(t, tuple_item(tuple, i), &out->index[i]) < 0) return -1;
        }
        out->count = (int)tuple->length;
        return 0;
    }
    out->kind = KEY_ITEM;
    int got = container_index(t, key, &out->index[0]);
    if (got == 0) return raise_int(t, TYPE_ERROR, "memoryview: invalid slice key");
    out->count = 1;
    return got < 0 ? -1 : 0;
}

// The place that the key's indices name in `v`. NULL with an exception.
static uint8_t *item_of_key(Thread *t, const MemoryView *v, const Key *key) {
    if (v->ndim == 0 && key->count) return raise(t, TYPE_ERROR, "invalid indexing of 0-dim memory"), NULL;
    if (key->count < v->ndim) {
        if (v->ndim > 1 && key->count == 1) raise(t, NOT_IMPLEMENTED_ERROR, "multi-dimensional sub-views are not implemented");
        else raise(t, NOT_IMPLEMENTED_ERROR, "sub-views are not implemented");
        return NULL;
    }
    if (key->count > v->ndim) return raise(t, TYPE_ERROR, "cannot index %d-dimension view with %d-element tuple", v->ndim, key->count), NULL;
    return item_at(t, v, key->index, key->count);
}

// A view of all that `from` shows, under whose guard it is made.
static MemoryView *whole_view(Thread *t, const MemoryView *from) {
    MemoryView *v = view_like(t, from, from->ndim, format_of(from));
    if (!v) return NULL;
    memcpy(v->shape, from->shape, (size_t)from->ndim * sizeof *v->shape);
    memcpy(v->strides, from->strides, (size_t)from->ndim * sizeof *v->strides);
    return v;
}

// self[slice]: the new view is made before the slice's numbers are asked for, which may run Python that releases `self`.
static Value slice_of(Thread *t, MemoryView *self, ValueRef slice) {
    Guard g;
    if (!view_begin(t, self, &g)) return UNDEF;
    MemoryView *v = whole_view(t, self);
    guard_end(t, &g);
    if (!v) return UNDEF;
    int64_t start, stop, step;
    if (v->ndim == 0) {
        object_release(t, v);
        return raise(t, TYPE_ERROR, "invalid indexing of 0-dim memory");
    }
    if (slice_unpack(t, value_slice(slice), &start, &stop, &step) < 0) {
        object_release(t, v);
        return UNDEF;
    }
    int64_t count = slice_adjust(v->shape[0], &start, &stop, step);
    if (count) v->data += start * v->strides[0];
    v->shape[0] = count;
    v->strides[0] *= step;
    v->length = product_of(v->shape, v->ndim) * v->item_size;
    return value_of(v);
}

static Value slot_getitem(Thread *t, ValueRef self, ValueRef subscript) {
    MemoryView *v = value_memoryview(self);
    if (value_is(subscript, SLICE)) return slice_of(t, v, subscript);
    Key key;
    if (read_key(t, subscript, &key) < 0) return UNDEF;
    Guard g;
    if (!view_begin(t, v, &g)) return UNDEF;
    Value result = UNDEF;
    if (key.kind == KEY_ITEM) {
        const uint8_t *p = item_of_key(t, v, &key);
        if (p) result = unpack(t, format_of(v), p);
    } else if (key.kind == KEY_TUPLE_OF_SLICES) {
        raise(t, NOT_IMPLEMENTED_ERROR, "multi-dimensional slicing is not implemented");
    } else {
        result = value_dup(t, self);
    }
    guard_end(t, &g);
    return result;
}

static int slot_setitem(Thread *t, ValueRef self, ValueRef subscript, ValueRef value) {
    MemoryView *v = value_memoryview(self);
    Key key;
    Guard g;
    char format[32];
    if (!view_begin(t, v, &g)) return -1;
    bool readonly = v->readonly;
    strncpy(format, format_of(v), sizeof format - 1);
    format[sizeof format - 1] = 0;
    guard_end(t, &g);
    if (readonly) return raise_int(t, TYPE_ERROR, "cannot modify read-only memory");
    if (value_bits(value) == 0) return raise_int(t, TYPE_ERROR, "cannot delete memory");
    if (read_key(t, subscript, &key) < 0) return -1;
    if (key.kind == KEY_TUPLE_OF_SLICES) return raise_int(t, NOT_IMPLEMENTED_ERROR, "memoryview slice assignments are currently restricted to ndim = 1");
    if (key.kind == KEY_ITEM || (key.kind == KEY_WHOLE && v->ndim == 0)) {
        uint8_t item[8];
        if (!view_begin(t, v, &g)) return -1; // a bad index comes before a bad value
        bool inside = key.kind == KEY_WHOLE || item_of_key(t, v, &key);
        guard_end(t, &g);
        if (!inside || pack(t, format, value, item) < 0) return -1;
        if (!view_begin(t, v, &g)) return -1;
        uint8_t *p = key.kind == KEY_WHOLE ? v->data : item_of_key(t, v, &key);
        if (p) memcpy(p, item, (size_t)v->item_size);
        guard_end(t, &g);
        return p ? 0 : -1;
    }
    // A slice takes a buffer of the same shape and format.
    Value source = memoryview_new(t, value, BUFFER_FULL & ~BUFFER_WRITABLE);
    if (value_bits(source) == 0) return -1;
    Snapshot s;
    int result = take_snapshot(t, value_memoryview(source), &s);
    value_release(t, source);
    if (result < 0) return -1;
    if (!view_begin(t, v, &g)) {
        free(s.data);
        return -1;
    }
    if (v->ndim != 1) result = raise_int(t, NOT_IMPLEMENTED_ERROR, "memoryview slice assignments are currently restricted to ndim = 1");
    else {
        int64_t count = v->shape[0], start = 0, step = 1;
        if (key.kind == KEY_SLICE) {
            count = slice_adjust(v->shape[0], &key.start, &key.stop, key.step);
            start = key.start;
            step = key.step;
        }
        const char *mine = format_of(v), *theirs = s.format;
        if (*mine == '@') mine++;
        if (*theirs == '@') theirs++;
        if (s.ndim != 1 || s.shape[0] != count || s.item_size != v->item_size || strcmp(mine, theirs))
            result = raise_int(t, VALUE_ERROR, "memoryview assignment: lvalue and rvalue have different structures");
        else
            for (int64_t i = 0; i < count; i++)
                memcpy(v->data + (start + i * step) * v->strides[0], s.data + i * s.item_size, (size_t)s.item_size);
    }
    guard_end(t, &g);
    free(s.data);
    return result;
}

static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (op != CMP_EQ && op != CMP_NE) return NOT_IMPLEMENTED;
    bool equal = false;
    Snapshot x = {.data = NULL}, y = {.data = NULL};
    Value other = UNDEF;
    if (value_bits(a) == value_bits(b)) equal = true;
    else if (!__atomic_load_n(&value_memoryview(a)->released, __ATOMIC_RELAXED)) {
        if (!value_has_buffer(b)) return NOT_IMPLEMENTED;
        if (is_view(b) && __atomic_load_n(&value_memoryview(b)->released, __ATOMIC_RELAXED)) goto done;
        other = memoryview_new(t, b, BUFFER_FULL & ~BUFFER_WRITABLE);
        if (value_bits(other) == 0) {
            error_clear(t);
            return NOT_IMPLEMENTED;
        }
        if (take_snapshot(t, value_memoryview(a), &x) < 0 || take_snapshot(t, value_memoryview(other), &y) < 0) goto failed;
        if (x.ndim != y.ndim || memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape)) goto done;
        char fx = native_format(x.format), fy = native_format(y.format);
        if (fx && fx == fy && fx != 'f' && fx != 'd' && fx != 'e' && fx != '?') {
            equal = x.length == y.length && !memcmp(x.data, y.data, (size_t)x.length);
        } else if (fx && fy) {
            equal = true;
            for (int64_t i = 0; equal && i < x.length / x.item_size; i++) {
                Value p = unpack(t, x.format, x.data + i * x.item_size), q = unpack(t, y.format, y.data + i * y.item_size);
                int same = -1;
                if (value_bits(p) && value_bits(q)) {
                    Value answer = object_compare(t, p, q, CMP_EQ); // no identity: a NaN differs from itself
                    same = value_bits(answer) ? object_is_true(t, answer) : -1;
                    value_release(t, answer);
                }
                value_release(t, p);
                value_release(t, q);
                if (same < 0) goto failed;
                equal = same;
            }
        }
    }
done:
    free(x.data);
    free(y.data);
    value_release(t, other);
    return value_bool(equal == (op == CMP_EQ));
failed:
    free(x.data);
    free(y.data);
    value_release(t, other);
    return UNDEF;
}

// Lends the view to native code that may run Python: it cannot be released meanwhile. False with ValueError.
static bool lend_begin(Thread *t, MemoryView *v) {
    Guard g;
    if (!view_begin(t, v, &g)) return false;
    atomic_add_acq_rel_u64(&v->exports, 1);
    guard_end(t, &g);
    return true;
}
static void lend_end(MemoryView *v) { atomic_sub_acq_rel_u64(&v->exports, 1); }

static int64_t slot_hash(Thread *t, ValueRef self) {
    MemoryView *v = value_memoryview(self);
    int64_t h = (int64_t)atomic_load_relaxed_u64(&v->hash);
    if (h) return h; // stays after a release
    if (!lend_begin(t, v)) return -1;
    char c = native_format(format_of(v));
    Value exporter = UNDEF;
    h = -1;
    if (!v->readonly) raise(t, VALUE_ERROR, "cannot hash writable memoryview object");
    else if (c != 'B' && c != 'b' && c != 'c') raise(t, VALUE_ERROR, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
    else {
        exporter = slot_get(t, &value_memoryview(slot_borrow(&v->root))->exporter);
        Snapshot s;
        // What lends the memory must be hashable too.
        if (object_hash(t, exporter) != -1 && take_snapshot(t, v, &s) == 0) {
            h = s.length ? str_hash_raw(s.data, (size_t)s.length) : 0;
            free(s.data);
            atomic_store_relaxed_u64(&v->hash, (uint64_t)h);
        }
    }
    lend_end(v);
    value_release(t, exporter);
    return h;
}

static Value slot_iter(Thread *t, ValueRef self) {
    MemoryView *v = value_memoryview(self);
    Guard g;
    if (!view_begin(t, v, &g)) return UNDEF;
    int ndim = v->ndim;
    bool known = native_format(format_of(v));
    guard_end(t, &g);
    if (ndim == 0) return raise(t, TYPE_ERROR, "invalid indexing of 0-dim memory");
    if (ndim > 1) return raise(t, NOT_IMPLEMENTED_ERROR, "multi-dimensional sub-views are not implemented");
    if (!known) return raise(t, NOT_IMPLEMENTED_ERROR, "memoryview: unsupported format %s", format_of(v));
    return index_iterator_new(t, TYPE_OF(MEMORYVIEW_ITERATOR), self, 0);
}

static int slot_buffer(Thread *t, ValueRef self, Buffer *out, int flags) {
    MemoryView *v = value_memoryview(self);
    Guard g;
    if (!view_begin(t, v, &g)) return -1;
    int result = -1;
    bool c = is_contiguous(v, false), f = is_contiguous(v, true);
    if (v->restricted) raise(t, VALUE_ERROR, "cannot create new view on restricted memoryview");
    else if ((flags & BUFFER_WRITABLE) && v->readonly) raise(t, BUFFER_ERROR, "memoryview: underlying buffer is not writable");
    else if ((flags & BUFFER_C_CONTIGUOUS) == BUFFER_C_CONTIGUOUS && !c) raise(t, BUFFER_ERROR, "memoryview: underlying buffer is not C-contiguous");
    else if ((flags & BUFFER_STRIDES) != BUFFER_STRIDES && !c) raise(t, BUFFER_ERROR, "memoryview: underlying buffer is not C-contiguous"); // who asks for no strides walks straight through
    else if ((flags & BUFFER_F_CONTIGUOUS) == BUFFER_F_CONTIGUOUS && !f) raise(t, BUFFER_ERROR, "memoryview: underlying buffer is not Fortran contiguous");
    else if ((flags & BUFFER_ANY_CONTIGUOUS) == BUFFER_ANY_CONTIGUOUS && !c && !f) raise(t, BUFFER_ERROR, "memoryview: underlying buffer is not contiguous");
    else {
        result = 0;
        *out = (Buffer){.data = v->data, .length = v->length, .item_size = v->item_size, .readonly = v->readonly, .ndim = v->ndim,
            .format = format_of(v), .shape = v->shape, .strides = v->strides};
        out->exporter = value_dup(t, self);
        atomic_add_acq_rel_u64(&v->exports, 1);
    }
    guard_end(t, &g);
    return result;
}
static void slot_release_buffer(Thread *t, ValueRef self, Buffer *b) { atomic_sub_acq_rel_u64(&value_memoryview(self)->exports, 1); }

// --- methods ------------------------------------------------------------------------------------------------------

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static int release_view(Thread *t, MemoryView *v) {
    Guard g;
    guard_begin(t, &g, v);
    if (v->released) {
        guard_end(t, &g);
        return 0;
    }
    uint64_t exports = atomic_load_acquire_u64(&v->exports);
    if (exports) {
        guard_end(t, &g);
        return raise_int(t, BUFFER_ERROR, "memoryview has %lld exported buffer%s", (long long)exports, exports == 1 ? "" : "s");
    }
    __atomic_store_n(&v->released, true, __ATOMIC_RELAXED);
    Value root = slot_take(t, v, &v->root, UNDEF);
    guard_end(t, &g);
    give_back(t, value_memoryview(root));
    value_release(t, root);
    return 0;
}

int memoryview_release(Thread *t, ValueRef view) { return release_view(t, value_memoryview(view)); }
METHOD(release) { return release_view(t, value_memoryview(self)) < 0 ? UNDEF : NONE; }
METHOD(enter) {
    Guard g;
    if (!view_begin(t, value_memoryview(self), &g)) return UNDEF;
    guard_end(t, &g);
    return value_dup(t, self);
}

METHOD(tobytes) {
    MemoryView *v = value_memoryview(self);
    bool fortran = false, any = false;
    if (value_bits(args[0]) && value_bits(args[0]) != value_bits(NONE)) {
        if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "tobytes() argument 'order' must be str or None, not %T", args[0]);
        const Str *order = value_str(args[0]);
        any = str_equal_text(order, "A");
        fortran = str_equal_text(order, "F");
        if (!any && !fortran && !str_equal_text(order, "C")) return raise(t, VALUE_ERROR, "order must be 'C', 'F' or 'A'");
    }
    Guard g;
    if (!view_begin(t, v, &g)) return UNDEF;
    if (any) fortran = !is_contiguous(v, false) && is_contiguous(v, true);
    Value result = UNDEF;
    if (v->length == 0) result = bytes_new(t, NULL, 0);
    else {
        Bytes *b = bytes_alloc(t, (size_t)v->length);
        if (b) {
            copy_out(v, fortran, b->data);
            result = value_of(b);
        }
    }
    guard_end(t, &g);
    return result;
}

METHOD(hex) {
    MemoryView *v = value_memoryview(self);
    if (!lend_begin(t, v)) return UNDEF; // the separator's length may be asked of Python
    Snapshot s;
    Value result = UNDEF;
    if (take_snapshot(t, v, &s) == 0) {
        result = bytes_hex_of(t, text_of(s.data, (size_t)s.length, 1), args[0], args[1]);
        free(s.data);
    }
    lend_end(v);
    return result;
}

static Value list_of(Thread *t, const Snapshot *s, int dimension, const uint8_t **p) {
    if (dimension == s->ndim) {
        Value item = unpack(t, s->format, *p);
        *p += s->item_size;
        return item;
    }
    Value list = list_new(t, s->shape[dimension]);
    for (int64_t i = 0; value_bits(list) && i < s->shape[dimension]; i++) {
        Value item = list_of(t, s, dimension + 1, p);
        if (value_bits(item) == 0 || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}

METHOD(tolist) {
    Snapshot s;
    if (take_snapshot(t, value_memoryview(self), &s) < 0) return UNDEF;
    const uint8_t *p = s.data;
    Value result = list_of(t, &s, 0, &p);
    free(s.data);
    return result;
}

// An int tuple or list as a shape; the number of dimensions, or -1.
static int read_shape(Thread *t, ValueRef shape, int64_t out[MEMORYVIEW_MAX_DIMENSIONS]) {
    if (!value_is_any_list(shape) && !value_is_any_tuple(shape)) return raise_int(t, TYPE_ERROR, "shape must be a list or a tuple");
    Value items = tuple_from_iterable(t, shape);
    if (value_bits(items) == 0) return -1;
    int64_t n = value_tuple(items)->length;
    int result = (int)n;
    if (n > MEMORYVIEW_MAX_DIMENSIONS) result = raise_int(t, VALUE_ERROR, "memoryview: number of dimensions must not exceed %d", MEMORYVIEW_MAX_DIMENSIONS);
    for (int64_t i = 0; i < n && result >= 0; i++) {
        ValueRef item = tuple_item(value_tuple(items), i);
        if (!value_is_any_int(item)) result = raise_int(t, TYPE_ERROR, "memoryview.cast(): elements of shape must be integers");
        else if (int_as_int64(item, &out[i]) < 0 || out[i] <= 0)
            result = raise_int(t, VALUE_ERROR, "memoryview.cast(): elements of shape must be integers > 0");
    }
    value_release(t, items);
    return result;
}

METHOD(cast) {
    MemoryView *v = value_memoryview(self);
    int64_t shape[MEMORYVIEW_MAX_DIMENSIONS];
    int ndim = 1;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "memoryview: format argument must be a string");
    const Str *text = value_str(args[0]);
    if (!str_is_ascii(text)) return raise(t, VALUE_ERROR, "memoryview: destination format must be a native single character format prefixed with an optional '@'");
    const char *format = str_data(text);
    bool shaped = value_bits(args[1]);
    if (shaped && (ndim = read_shape(t, args[1], shape)) < 0) return UNDEF;
    Guard g;
    if (!view_begin(t, v, &g)) return UNDEF;
    char from = native_format(format_of(v)), to = native_format(format);
    int64_t size = to ? format_size(to) : 1;
    Value result = UNDEF;
    bool bytes_involved = from == 'B' || from == 'b' || from == 'c' || to == 'B' || to == 'b' || to == 'c';
    if (!is_contiguous(v, false)) raise(t, TYPE_ERROR, "memoryview: casts are restricted to C-contiguous views");
    else if (shaped && v->ndim != 1 && ndim != 1) raise(t, TYPE_ERROR, "memoryview: cast must be 1D -> ND or ND -> 1D");
    else if (!shaped && v->ndim != 1 && product_of(v->shape, v->ndim) == 0) raise(t, TYPE_ERROR, "memoryview: cannot cast view with zeros in shape or strides");
    else if (!to) raise(t, VALUE_ERROR, "memoryview: destination format must be a native single character format prefixed with an optional '@'");
    else if (!from) raise(t, VALUE_ERROR, "memoryview: source format must be a native single character format prefixed with an optional '@'");
    else if (!bytes_involved) raise(t, TYPE_ERROR, "memoryview: cannot cast between two non-byte formats");
    else if (v->length % size) raise(t, TYPE_ERROR, "memoryview: length is not a multiple of itemsize");
    else {
        int64_t total = size;
        bool overflow = false;
        for (int i = 0; shaped && i < ndim; i++) overflow |= __builtin_mul_overflow(total, shape[i], &total);
        if (!shaped) shape[0] = v->length / size;
        if (shaped && (overflow || total != v->length)) raise(t, TYPE_ERROR, "memoryview: product(shape) * itemsize != buffer size");
        else {
            MemoryView *view = view_like(t, v, ndim, format);
            if (view) {
                view->item_size = size;
                int64_t stride = size;
                for (int i = ndim - 1; i >= 0; i--) {
                    view->shape[i] = shape[i];
                    view->strides[i] = stride;
                    stride *= shape[i];
                }
                result = value_of(view);
            }
        }
    }
    guard_end(t, &g);
    return result;
}

METHOD(toreadonly) {
    Value copy = memoryview_new(t, self, BUFFER_FULL & ~BUFFER_WRITABLE);
    if (value_bits(copy)) value_memoryview(copy)->readonly = true; // fresh: nobody else has it
    return copy;
}

METHOD(from_flags) {
    int flags;
    return arg_int(t, args[1], &flags) < 0 ? UNDEF : memoryview_new(t, args[0], flags);
}

// The index of the first item equal to `value` in [start, stop), or the count of all; -1 none, -2 an exception.
static int64_t look_for(Thread *t, ValueRef self, ValueRef value, int64_t start, int64_t stop, bool count) {
    Snapshot s;
    if (take_snapshot(t, value_memoryview(self), &s) < 0) return -2;
    int64_t found = count ? 0 : -1;
    if (s.ndim != 1) {
        free(s.data);
        if (s.ndim == 0) raise(t, TYPE_ERROR, "invalid lookup on 0-dim memory");
        else raise(t, NOT_IMPLEMENTED_ERROR, "multi-dimensional lookup is not implemented");
        return -2;
    }
    textlike_fit(s.shape[0], &start, &stop);
    for (int64_t i = start; i < stop; i++) {
        Value item = unpack(t, s.format, s.data + i * s.item_size);
        int same = value_bits(item) ? object_equal(t, item, value) : -1;
        value_release(t, item);
        if (same < 0) {
            found = -2;
            break;
        }
        if (!same) continue;
        if (!count) {
            found = i;
            break;
        }
        found++;
    }
    free(s.data);
    return found;
}

METHOD(count_method) {
    int64_t n = look_for(t, self, args[0], 0, INT64_MAX, true);
    return n < 0 ? UNDEF : value_int(n);
}
METHOD(index_method) {
    int64_t start, stop;
    if (textlike_range(t, args[1], args[2], &start, &stop) < 0) return UNDEF;
    int64_t at = look_for(t, self, args[0], start, stop, false);
    if (at == -2) return UNDEF;
    return at < 0 ? raise(t, VALUE_ERROR, "memoryview.index(x): x not found") : value_int(at);
}

METHOD(class_getitem) { return generic_alias_new(t, self, args[0]); }

// --- attributes ---------------------------------------------------------------------------------------------------

static Value tuple_of_numbers(Thread *t, const int64_t *numbers, int n) {
    Tuple *tuple = tuple_alloc(t, n);
    if (!tuple) return UNDEF;
    for (int i = 0; i < n; i++) slot_init(&tuple->items[i], int_from_int64(t, numbers[i]));
    return value_of(tuple);
}

#define ATTRIBUTE(name, expression)                             \
    static Value name(Thread *t, ValueRef self) {               \
        MemoryView *v = value_memoryview(self);                 \
        Guard g;                                                \
        if (!view_begin(t, v, &g)) return UNDEF;                \
        Value result = expression;                              \
        guard_end(t, &g);                                       \
        return result;                                          \
    }
ATTRIBUTE(get_obj, slot_get(t, &value_memoryview(slot_borrow(&v->root))->exporter))
ATTRIBUTE(get_nbytes, value_int(v->length))
ATTRIBUTE(get_readonly, value_bool(v->readonly))
ATTRIBUTE(get_itemsize, value_int(v->item_size))
ATTRIBUTE(get_format, str_from_text(t, format_of(v)))
ATTRIBUTE(get_ndim, value_int(v->ndim))
ATTRIBUTE(get_shape, tuple_of_numbers(t, v->shape, v->ndim))
ATTRIBUTE(get_strides, tuple_of_numbers(t, v->strides, v->ndim))
ATTRIBUTE(get_suboffsets, tuple_of_numbers(t, NULL, 0))
ATTRIBUTE(get_c_contiguous, value_bool(is_contiguous(v, false)))
ATTRIBUTE(get_f_contiguous, value_bool(is_contiguous(v, true)))
ATTRIBUTE(get_contiguous, value_bool(is_contiguous(v, false) || is_contiguous(v, true)))

static const GetSetDef getset[] = {
    {"obj", get_obj, NULL, "what lends the memory"},
    {"nbytes", get_nbytes, NULL, "bytes that tobytes() gives"},
    {"readonly", get_readonly, NULL, "whether the memory cannot be written"},
    {"itemsize", get_itemsize, NULL, "bytes of one item"},
    {"format", get_format, NULL, "an item's format, as the struct module has it"},
    {"ndim", get_ndim, NULL, "dimensions"},
    {"shape", get_shape, NULL, "items in each dimension"},
    {"strides", get_strides, NULL, "bytes from item to item in each dimension"},
    {"suboffsets", get_suboffsets, NULL, "always empty"},
    {"c_contiguous", get_c_contiguous, NULL, "whether the items lie one behind the other, the last index running first"},
    {"f_contiguous", get_f_contiguous, NULL, "whether the items lie one behind the other, the first index running first"},
    {"contiguous", get_contiguous, NULL, "either of the two"},
    GETSET_END};

static const NativeDef methods[] = {
    {"release", release, "($self, /)", "Gives the memory back; the view cannot be used any more.", 0},
    {"tobytes", tobytes, "($self, /, order='C')", "The items as bytes.", 0},
    {"hex", hex, "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", "The items' bytes as hexadecimal digits.\n\n>>> memoryview(b'\\x01\\xfe').hex()\n'01fe'", 0},
    {"tolist", tolist, "($self, /)", "The items as a list, of lists where there are more dimensions.", 0},
    {"cast", cast, "($self, /, format, shape=<unrepresentable>)", "The same memory as items of another format or shape.", 0},
    {"toreadonly", toreadonly, "($self, /)", "A view of the same memory that cannot be written through.", 0},
    {"_from_flags", from_flags, "($type, /, object, flags)", "A view asked for with these buffer flags.", NATIVE_CLASS},
    {"count", count_method, "($self, value, /)", "How many items equal the value.", 0},
    {"index", index_method, "($self, value, start=0, stop=sys.maxsize, /)", "The index of the first item that equals the value.", 0},
    {"__enter__", enter, "($self, /)", NULL, 0},
    {"__exit__", release, "($self, /, *exc_info)", "Releases the view.", NATIVE_RAW},
    {"__class_getitem__", class_getitem, "($type, object, /)", NULL, NATIVE_CLASS},
    NATIVE_END};

const TypeSpec memoryview_spec = {
    .name = "memoryview",
    .doc = "A view of another object's memory.",
    .new_signature = "(object)",
    .size = sizeof(MemoryView),
    .flags = TYPE_SEQUENCE | TYPE_WEAKREFABLE,
    .ops = {.repr = slot_repr, .hash = slot_hash, .compare = slot_compare, .iter = slot_iter, .new = dunder_new, .length = slot_length,
        .getitem = slot_getitem, .setitem = slot_setitem, .buffer = slot_buffer, .release_buffer = slot_release_buffer},
    .methods = methods,
    .getset = getset,
    .destroy = destroy,
    .traverse = traverse,
};
