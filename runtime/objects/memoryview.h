// memoryview: a view of an exporter's memory, or of a part of it.
//
// A root, which Python never sees, owns the exporter's buffer; each visible view holds its root and its own shape. The
// exporter gets its buffer back when the last unreleased view of the root goes. All access to a shared view is under its lock,
// so that release() by another thread cannot come in between.
#pragma once
#include "runtime/objects/bytes.h"

enum { MEMORYVIEW_MAX_DIMENSIONS = 64 };

typedef struct MemoryView {
    Container c;
    Value root;             // a root: UNDEF; a view: its root, UNDEF once released
    Value exporter;         // a root: what lent the buffer
    ReleaseBufferFn native; // a root: gives the buffer back, where it is not the exporter's type that says how (by_type)
    Buffer lent;            // a root: as lent; its exporter field is UNDEF, the slot above holds the reference
    _Atomic uint64_t views; // a root: views that are not released
    uint8_t *data;          // (o) of a view
    int64_t length, item_size;
    bool readonly, released; // (o) released
    bool by_type;           // a root
    bool restricted;        // of a view that lives for a call: no other views of its memory can be made
    int ndim;
    int64_t *shape, *strides; // ndim each: `one`, or malloc
    int64_t one[2];
    char format[16];        // struct syntax; longer ones stand in format_long
    char *format_long;      // malloc, or NULL
    _Atomic uint64_t exports; // buffers that the view has lent itself
    _Atomic uint64_t hash;  // (a) 0: not computed
} MemoryView;
static inline MemoryView *value_memoryview(ValueRef v) { return (MemoryView *)value_object(v); }
Value memoryview_new(Thread *t, ValueRef exporter, int flags);
// The same by the functions of a native type, whatever a subclass of it does in their place (`release` may be NULL).
Value memoryview_new_native(Thread *t, ValueRef exporter, BufferFn get, ReleaseBufferFn release, int flags);
// A restricted view of a buffer that stays the caller's: to be released before it goes.
Value memoryview_of_buffer(Thread *t, ValueRef exporter, const Buffer *b);
// What lent the view its memory: owned; UNDEF where it is released.
Value memoryview_exporter(Thread *t, ValueRef view);
int memoryview_release(Thread *t, ValueRef view); // 0; -1 with BufferError where it has lent memory itself
