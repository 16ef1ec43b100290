// The buffer protocol between types: lending memory (PEP 3118's facts).
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"

bool value_has_buffer(ValueRef v) { return value_is_object(v) && value_type(v)->ops.buffer; }

int buffer_get(Thread *t, ValueRef exporter, Buffer *out, int flags) {
    if (!value_has_buffer(exporter)) return raise_int(t, TYPE_ERROR, "a bytes-like object is required, not '%T'", exporter);
    memset(out, 0, sizeof *out);
    return value_type(exporter)->ops.buffer(t, exporter, out, flags);
}

void buffer_release(Thread *t, Buffer *b) {
    Value exporter = b->exporter;
    if (value_bits(exporter) == 0) return;
    ReleaseBufferFn release = value_type(exporter)->ops.release_buffer;
    if (release) release(t, exporter, b);
    b->exporter = UNDEF;
    value_release(t, exporter);
}

int buffer_fill(Thread *t, Buffer *b, ValueRef exporter, void *data, int64_t length, bool readonly, int flags) {
    if ((flags & BUFFER_WRITABLE) && readonly) return raise_int(t, BUFFER_ERROR, "Object is not writable.");
    b->data = data;
    b->length = length;
    b->item_size = 1;
    b->readonly = readonly;
    b->ndim = 1;
    b->format = "B";
    b->shape_1 = length;
    b->stride_1 = 1;
    b->shape = &b->shape_1;
    b->strides = &b->stride_1;
    b->internal = NULL;
    b->exporter = value_dup(t, exporter);
    return 0;
}

static bool is_contiguous(const Buffer *b) {
    int64_t expected = b->item_size;
    if (!b->strides || !b->shape) return true;
    for (int i = b->ndim - 1; i >= 0; i--) {
        if (b->shape[i] > 1 && b->strides[i] != expected) return false;
        expected *= b->shape[i];
    }
    return true;
}

static uint8_t *copy_dimension(const Buffer *b, int dimension, const uint8_t *from, uint8_t *to) {
    if (dimension == b->ndim) {
        memcpy(to, from, (size_t)b->item_size);
        return to + b->item_size;
    }
    for (int64_t i = 0; i < b->shape[dimension]; i++) to = copy_dimension(b, dimension + 1, from + i * b->strides[dimension], to);
    return to;
}

void buffer_read(Thread *t, const Buffer *b, void *out) {
    if (b->length == 0) return;
    Guard g;
    guard_begin(t, &g, value_object(b->exporter));
    if (is_contiguous(b)) memcpy(out, b->data, (size_t)b->length);
    else copy_dimension(b, 0, b->data, out);
    guard_end(t, &g);
}
