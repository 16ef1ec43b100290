// BytesIO: bytes in memory. The data is replaced, never resized, while a view of it (getbuffer) is lent; a shared object's
// methods hold its lock, and run nothing else meanwhile.
#include <stdlib.h>
#include <unistd.h>
#include "runtime/modules/io.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"

typedef struct BytesIO {
    Container c;
    uint8_t *data;      // (o) NULL: nothing
    int64_t length, room, at; // (o) `at` may lie beyond the end
    int64_t exports;    // (o) views lent
    bool closed;        // (o)
} BytesIO;
typedef struct BytesIOBuffer { // what getbuffer()'s memoryview stands on
    Container c;
    Value source; // BytesIO
} BytesIOBuffer;
static BytesIO *as_bytesio(ValueRef v) { return (BytesIO *)value_object(v); }

enum Fault { FINE, CLOSED, EXPORTED, NO_MEMORY, TOO_LARGE };
static Value fault(Thread *t, enum Fault f) {
    switch (f) {
    case CLOSED: return raise(t, VALUE_ERROR, "I/O operation on closed file.");
    case EXPORTED: return raise(t, BUFFER_ERROR, "Existing exports of data: object cannot be re-sized");
    case TOO_LARGE: return raise(t, OVERFLOW_ERROR, "new buffer size too large");
    default: return raise_no_memory(t);
    }
}

// Room for `size` bytes, the old ones kept. In the guard.
static enum Fault reserve(BytesIO *b, int64_t size) {
    if (b->exports) return EXPORTED;
    if (size <= b->room) return FINE;
    int64_t room = size + size / 8 + (size < 9 ? 3 : 6);
    if (room < size) room = size;
    uint8_t *data = realloc(b->data, (size_t)room);
    if (!data) return NO_MEMORY;
    b->data = data;
    b->room = room;
    return FINE;
}
static enum Fault put(BytesIO *b, const uint8_t *from, int64_t n) {
    if (b->closed) return CLOSED;
    if (b->exports) return EXPORTED;
    if (n == 0) return FINE;
    int64_t end;
    if (__builtin_add_overflow(b->at, n, &end)) return TOO_LARGE;
    enum Fault f = reserve(b, end > b->length ? end : b->length);
    if (f) return f;
    if (b->at > b->length) memset(b->data + b->length, 0, (size_t)(b->at - b->length));
    memcpy(b->data + b->at, from, (size_t)n);
    b->at = end;
    if (end > b->length) b->length = end;
    return FINE;
}
static int64_t left(const BytesIO *b) { return b->at < b->length ? b->length - b->at : 0; }

// Takes `n` bytes, or up to the end of the line: a copy to be made into bytes outside of the guard would be a second one, so
// the bytes object is made first where the size is known.
static Value take(Thread *t, BytesIO *b, int64_t limit, bool line) {
    for (;;) {
        Guard g;
        guard_begin(t, &g, b);
        bool closed = b->closed;
        int64_t n = left(b);
        if (limit >= 0 && n > limit) n = limit;
        if (line && n) {
            const uint8_t *end = memchr(b->data + b->at, '\n', (size_t)n);
            if (end) n = end - (b->data + b->at) + 1;
        }
        if (!g.held) { // private: nothing can come between
            if (closed) return fault(t, CLOSED);
            Value v = bytes_new(t, b->data + b->at * (n > 0), (size_t)n);
            if (value_bits(v)) b->at += n;
            return v;
        }
        int64_t at = b->at;
        guard_end(t, &g);
        if (closed) return fault(t, CLOSED);
        Bytes *bytes = bytes_alloc(t, (size_t)n);
        if (!bytes) return UNDEF;
        guard_begin(t, &g, b);
        bool same = !b->closed && b->at == at && b->length - at >= n;
        if (same) {
            memcpy(bytes->data, b->data + at, (size_t)n);
            // Still the line that it was?
            if (line && n && bytes->data[n - 1] != '\n' && n != limit && at + n != b->length) same = false;
            if (same) b->at += n;
        }
        guard_end(t, &g);
        if (same) return value_of(bytes);
        value_release(t, value_of(bytes));
    }
}

NATIVE(bytesio_read) {
    int64_t n = -1;
    if (io_size(t, args[0], &n) < 0) return UNDEF;
    return take(t, as_bytesio(self), n, false);
}
NATIVE(bytesio_readline) {
    int64_t n = -1;
    if (io_size(t, args[0], &n) < 0) return UNDEF;
    return take(t, as_bytesio(self), n, true);
}
static Value bytesio_next(Thread *t, ValueRef self) {
    Value line = take(t, as_bytesio(self), -1, true);
    if (!value_bits(line) || value_bytes(line)->length) return line;
    value_release(t, line);
    return UNDEF;
}
NATIVE(bytesio_readlines) {
    int64_t hint = 0, total = 0;
    if (io_size(t, args[0], &hint) < 0) return UNDEF;
    Value list = list_new(t, 0);
    while (value_bits(list)) {
        Value line = take(t, as_bytesio(self), -1, true);
        if (!value_bits(line)) {
            VALUE_CLEAR(t, list);
            break;
        }
        int64_t n = (int64_t)value_bytes(line)->length;
        if (n == 0) {
            value_release(t, line);
            break;
        }
        if (list_append(t, value_list(list), line) < 0) {
            VALUE_CLEAR(t, list);
            break;
        }
        if (hint > 0 && (total += n) >= hint) break;
    }
    return list;
}
NATIVE(bytesio_readinto) {
    BytesIO *b = as_bytesio(self);
    Buffer out;
    if (io_writable_buffer(t, "readinto() argument", args[0], &out) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, b);
    bool closed = b->closed;
    int64_t n = left(b) < out.length ? left(b) : out.length;
    if (!closed && n > 0) {
        memcpy(out.data, b->data + b->at, (size_t)n);
        b->at += n;
    }
    guard_end(t, &g);
    buffer_release(t, &out);
    return closed ? fault(t, CLOSED) : value_int(n);
}
NATIVE(bytesio_write) {
    BytesIO *b = as_bytesio(self);
    Buffer in;
    if (b->closed) return fault(t, CLOSED);
    if (b->exports) return fault(t, EXPORTED);
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, b);
    enum Fault f = put(b, in.data, in.length);
    guard_end(t, &g);
    int64_t n = in.length;
    buffer_release(t, &in);
    return f ? fault(t, f) : value_int(n);
}
NATIVE(bytesio_writelines) {
    if (as_bytesio(self)->closed) return fault(t, CLOSED);
    Value iterator = object_iter(t, args[0]), item;
    if (!value_bits(iterator)) return UNDEF;
    while (value_bits(item = object_next(t, iterator))) {
        ValueRef given[1] = {item};
        Value v = bytesio_write(t, self, given, 1, NULL);
        value_release(t, item);
        if (!value_bits(v)) break;
    }
    value_release(t, iterator);
    return error_pending(t) ? UNDEF : NONE;
}
NATIVE(bytesio_getvalue) {
    BytesIO *b = as_bytesio(self);
    for (;;) {
        Guard g;
        guard_begin(t, &g, b);
        bool closed = b->closed;
        int64_t n = b->length;
        if (!g.held) return closed ? fault(t, CLOSED) : bytes_new(t, b->data, (size_t)n);
        guard_end(t, &g);
        if (closed) return fault(t, CLOSED);
        Bytes *bytes = bytes_alloc(t, (size_t)n);
        if (!bytes) return UNDEF;
        guard_begin(t, &g, b);
        bool same = !b->closed && b->length == n;
        if (same && n) memcpy(bytes->data, b->data, (size_t)n);
        guard_end(t, &g);
        if (same) return value_of(bytes);
        value_release(t, value_of(bytes));
    }
}
NATIVE(bytesio_tell) { return as_bytesio(self)->closed ? fault(t, CLOSED) : int_from_int64(t, as_bytesio(self)->at); }
NATIVE(bytesio_seek) {
    BytesIO *b = as_bytesio(self);
    int whence;
    int64_t offset;
    if (b->closed) return fault(t, CLOSED);
    if (arg_index(t, args[0], &offset) < 0 || io_whence(t, args[1], &whence) < 0) return UNDEF;
    if (offset < 0 && whence == 0) return raise(t, VALUE_ERROR, "negative seek value %lld", (long long)offset);
    if (whence < 0 || whence > 2) return raise(t, VALUE_ERROR, "invalid whence (%d, should be 0, 1 or 2)", whence);
    Guard g;
    guard_begin(t, &g, b);
    int64_t base = whence == 0 ? 0 : whence == 1 ? b->at : b->length, at;
    bool over = __builtin_add_overflow(base, offset, &at);
    if (!over) b->at = at = at < 0 ? 0 : at;
    guard_end(t, &g);
    return over ? raise(t, OVERFLOW_ERROR, "new position too large") : int_from_int64(t, at);
}
NATIVE(bytesio_truncate) {
    BytesIO *b = as_bytesio(self);
    if (b->closed) return fault(t, CLOSED);
    if (b->exports) return fault(t, EXPORTED);
    int64_t size = b->at;
    if (io_size(t, args[0], &size) < 0) return UNDEF;
    if (size < 0) return raise(t, VALUE_ERROR, "negative size value %lld", (long long)size);
    Guard g;
    guard_begin(t, &g, b);
    enum Fault f = b->closed ? CLOSED : b->exports ? EXPORTED : FINE;
    if (!f && size < b->length) b->length = size;
    guard_end(t, &g);
    return f ? fault(t, f) : int_from_int64(t, size);
}
NATIVE(bytesio_close) {
    BytesIO *b = as_bytesio(self);
    Guard g;
    guard_begin(t, &g, b);
    bool lent = b->exports > 0;
    uint8_t *data = NULL;
    if (!lent) {
        data = b->data;
        b->data = NULL;
        b->length = b->room = b->at = 0;
        b->closed = true;
    }
    guard_end(t, &g);
    free(data);
    return lent ? fault(t, EXPORTED) : NONE;
}
NATIVE(bytesio_yes) { return as_bytesio(self)->closed ? fault(t, CLOSED) : TRUE_VALUE; }
NATIVE(bytesio_no) { return as_bytesio(self)->closed ? fault(t, CLOSED) : FALSE_VALUE; }
NATIVE(bytesio_flush) { return as_bytesio(self)->closed ? fault(t, CLOSED) : NONE; }
NATIVE(bytesio_sizeof) { return value_int((int64_t)value_type(self)->size + as_bytesio(self)->room); }
static Value bytesio_closed(Thread *t, ValueRef self) { return value_bool(as_bytesio(self)->closed); }

static int bytesio_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[1];
    BytesIO *b = as_bytesio(self);
    if (args_bind(t, "BytesIO", "(initial_bytes=b'')", args, nargs, kwnames, given) < 0) return -1;
    Buffer in = {0};
    if (b->exports) return fault(t, EXPORTED), -1;
    if (!not_given(given[0]) && buffer_get(t, given[0], &in, BUFFER_C_CONTIGUOUS) < 0) return -1;
    Guard g;
    guard_begin(t, &g, b);
    enum Fault f = b->exports ? EXPORTED : FINE;
    if (!f) {
        b->length = b->at = 0;
        b->closed = false;
        f = put(b, in.data, in.length);
        b->at = 0;
    }
    guard_end(t, &g);
    if (value_bits(in.exporter)) buffer_release(t, &in);
    return f ? (fault(t, f), -1) : 0;
}
NATIVE(bytesio_getstate) {
    Value value = bytesio_getvalue(t, self, NULL, 0, NULL), attributes = value_bits(value) ? instance_dict(t, self) : UNDEF;
    if (!value_bits(attributes)) {
        value_release(t, value);
        return UNDEF;
    }
    if (dict_length(value_dict(attributes)) == 0) {
        value_release(t, attributes);
        attributes = NONE;
    } else {
        Value copy = dict_copy(t, value_dict(attributes));
        value_release(t, attributes);
        attributes = copy;
    }
    if (!value_bits(attributes)) {
        value_release(t, value);
        return UNDEF;
    }
    return container_tuple_3(t, value, int_from_int64(t, as_bytesio(self)->at), attributes);
}
NATIVE(bytesio_setstate) {
    if (!value_is_any_tuple(args[0]) || value_tuple(args[0])->length < 3)
        return raise(t, TYPE_ERROR, "%Q.__setstate__ argument should be 3-tuple, got %T", value_type(self), args[0]);
    Tuple *state = value_tuple(args[0]);
    ValueRef value = tuple_item(state, 0), where = tuple_item(state, 1), attributes = tuple_item(state, 2);
    int64_t at;
    if (bytesio_init(t, self, &value, 1, NULL) < 0) return UNDEF;
    if (!value_is_any_int(where)) return raise(t, TYPE_ERROR, "second item of state must be an integer, not %T", where);
    if (arg_index(t, where, &at) < 0) return UNDEF;
    if (at < 0) return raise(t, VALUE_ERROR, "position value cannot be negative");
    Guard g;
    guard_begin(t, &g, as_bytesio(self));
    as_bytesio(self)->at = at;
    guard_end(t, &g);
    if (is_none(attributes)) return NONE;
    if (!value_is_any_dict(attributes)) return raise(t, TYPE_ERROR, "third item of state should be a dict, got a %T", attributes);
    Value own = instance_dict(t, self);
    if (!value_bits(own)) return UNDEF;
    int status = dict_update(t, value_dict(own), attributes);
    value_release(t, own);
    return status < 0 ? UNDEF : NONE;
}

NATIVE(bytesio_getbuffer) {
    if (as_bytesio(self)->closed) return fault(t, CLOSED);
    BytesIOBuffer *buffer = object_new(t, TYPE_OF(IO_BYTES_BUFFER));
    if (!buffer) return UNDEF;
    slot_init(&buffer->source, value_dup(t, self));
    Value view = call_1(t, value_of(TYPE_OF(MEMORYVIEW)), value_of(buffer));
    object_release(t, buffer);
    return view;
}
static int lend(Thread *t, ValueRef self, Buffer *out, int flags) {
    BytesIO *b = as_bytesio(((BytesIOBuffer *)value_object(self))->source);
    Guard g;
    guard_begin(t, &g, b);
    bool closed = b->closed, memory = true;
    if (!closed && !b->data) memory = reserve(b, 1) == FINE;
    if (!closed && memory) b->exports++;
    guard_end(t, &g);
    if (closed) return fault(t, CLOSED), -1;
    if (!memory) return raise_no_memory(t), -1;
    if (buffer_fill(t, out, self, b->data, b->length, false, flags) == 0) return 0;
    guard_begin(t, &g, b);
    b->exports--;
    guard_end(t, &g);
    return -1;
}
static void give_back(Thread *t, ValueRef self, Buffer *lent) {
    BytesIO *b = as_bytesio(((BytesIOBuffer *)value_object(self))->source);
    Guard g;
    guard_begin(t, &g, b);
    b->exports--;
    guard_end(t, &g);
}
static void buffer_destroy(Thread *t, Object *o) { value_release(t, ((BytesIOBuffer *)o)->source); }
static void buffer_traverse(Object *o, VisitFn visit, void *arg) { visit(&((BytesIOBuffer *)o)->source, arg); }
const TypeSpec io_bytes_buffer_spec = {
    .name = "_io._BytesIOBuffer", .size = sizeof(BytesIOBuffer), .flags = TYPE_NO_NEW, .ops = {.buffer = lend, .release_buffer = give_back},
    .destroy = buffer_destroy, .traverse = buffer_traverse};

static void bytesio_destroy(Thread *t, Object *o) { free(((BytesIO *)o)->data); }
static const NativeDef methods[] = {
    {"readable", bytesio_yes, "($self, /)", NULL, 0}, {"writable", bytesio_yes, "($self, /)", NULL, 0}, {"seekable", bytesio_yes, "($self, /)", NULL, 0},
    {"isatty", bytesio_no, "($self, /)", NULL, 0}, {"flush", bytesio_flush, "($self, /)", NULL, 0},
    {"close", bytesio_close, "($self, /)", "Frees the memory.", 0},
    {"read", bytesio_read, "($self, size=-1, /)", "`size` bytes, or all.", 0}, {"read1", bytesio_read, "($self, size=-1, /)", "As read().", 0},
    {"readinto", bytesio_readinto, "($self, buffer, /)", "Fills a buffer.", 0}, {"readline", bytesio_readline, "($self, size=-1, /)", "One line.", 0},
    {"readlines", bytesio_readlines, "($self, size=None, /)", "A list of lines.", 0},
    {"write", bytesio_write, "($self, b, /)", "Writes bytes; how many.", 0}, {"writelines", bytesio_writelines, "($self, lines, /)", "Writes each.", 0},
    {"seek", bytesio_seek, "($self, pos, whence=0, /)", "Moves the position.", 0}, {"tell", bytesio_tell, "($self, /)", "The position.", 0},
    {"truncate", bytesio_truncate, "($self, size=None, /)", "Cuts the bytes off.", 0},
    {"getvalue", bytesio_getvalue, "($self, /)", "All bytes.", 0}, {"getbuffer", bytesio_getbuffer, "($self, /)", "A view of the bytes themselves.", 0},
    {"__getstate__", bytesio_getstate, "($self, /)", NULL, 0}, {"__setstate__", bytesio_setstate, "($self, object, /)", NULL, 0},
    {"__sizeof__", bytesio_sizeof, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef getset[] = {{"closed", bytesio_closed, NULL, "Is it closed?"}, GETSET_END};
const TypeSpec io_bytes_spec = {
    .name = "_io.BytesIO", .doc = "A stream of bytes in memory.", .size = sizeof(BytesIO), .flags = TYPE_BASE, .base = T_IO_BUFFERED_BASE,
    .ops = {.init = bytesio_init, .next = bytesio_next}, .methods = methods, .getset = getset, .new_signature = "(initial_bytes=b'')",
    .destroy = bytesio_destroy};
