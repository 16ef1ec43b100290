// bytes (immutable), bytearray, and the buffer protocol between native types (PEP 3118 facts; our own form).
#pragma once
#include "runtime/object.h"

typedef struct Bytes {
    RefHead head;
    _Atomic int64_t hash; // (a) 0: not computed
    uint64_t length;
    uint8_t data[];       // a NUL byte follows
} Bytes;
static inline Bytes *value_bytes(ValueRef v) { return (Bytes *)value_object(v); }
Bytes *bytes_alloc(Thread *t, size_t length); // to be filled; NULL with MemoryError
Value bytes_new(Thread *t, const void *data, size_t length); // NULL: zeros; so bytearray_new
Value bytes_join(Thread *t, ValueRef separator, ValueRef iterable);

typedef struct ByteArray {
    Container c;
    uint8_t *data;              // (o) replaced, never resized in place, while shared
    uint64_t length, capacity;  // (o)
    uint64_t start;             // bytes dropped at the front
    _Atomic int64_t exports;    // buffers lent: resizing raises BufferError
} ByteArray;
Value bytearray_new(Thread *t, const void *data, size_t length);

enum BufferFlags { BUFFER_READ = 0, BUFFER_WRITABLE = 1, BUFFER_FORMAT = 4, BUFFER_ND = 8, BUFFER_STRIDES = 0x18, BUFFER_C_CONTIGUOUS = 0x38,
    BUFFER_F_CONTIGUOUS = 0x58, BUFFER_ANY_CONTIGUOUS = 0x98, BUFFER_INDIRECT = 0x118, BUFFER_FULL = 0x11d };
// A lent view of an exporter's memory. Scalar access through it is relaxed atomic; bulk copies lock the exporter.
struct Buffer {
    uint8_t *data;
    int64_t length;             // bytes
    int64_t item_size;
    bool readonly;
    int ndim;
    const char *format;         // struct syntax; "B" by default
    const int64_t *shape, *strides;
    Value exporter;             // owned
    void *internal;             // the exporter's own
    int64_t shape_1, stride_1;  // storage for the one-dimensional case
};
int buffer_get(Thread *t, ValueRef exporter, Buffer *out, int flags); // TypeError "a bytes-like object is required, not 'int'"
void buffer_release(Thread *t, Buffer *b);
int buffer_fill(Thread *t, Buffer *b, ValueRef exporter, void *data, int64_t length, bool readonly, int flags); // simple exporters
// Copies all bytes of the view, in order, to `out` (b->length of them). The exporter is locked meanwhile where it is shared.
void buffer_read(Thread *t, const Buffer *b, void *out);
bool value_has_buffer(ValueRef v);
Value bytes_from_object(Thread *t, ValueRef o); // bytes(o)
