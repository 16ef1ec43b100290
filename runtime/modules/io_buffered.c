// BufferedReader, BufferedWriter, BufferedRandom and BufferedRWPair over any raw stream.
//
// The buffer holds either bytes read ahead, [at, end), or bytes not yet written, [at, end) with `dirty` set; never both. The raw
// stream stands behind what was read ahead, or before what is to be written. All of it belongs to the stream's lock, which is
// held across the raw stream's work; a raw FileIO is called directly, any other by its methods.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/modules/io.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/signals.h"
#include "sync/mutex.h"

typedef struct Buffered {
    Container c;
    Value raw;          // UNDEF: not initialised, or detached
    IoLock lock;
    uint8_t *buffer;    // (lock) NULL: closed
    int64_t room;       // size of the buffer
    int64_t at, end;    // (lock)
    bool dirty;         // (lock) [at, end) is to be written
    bool ok, detached, readable, writable, finalizing;
} Buffered;
static Buffered *as_buffered(ValueRef v) { return (Buffered *)value_object(v); }

bool io_is_buffered(ValueRef v) { return io_is(v, IO_BUFFERED_READER) || io_is(v, IO_BUFFERED_WRITER) || io_is(v, IO_BUFFERED_RANDOM); }

static int check_initialized(Thread *t, const Buffered *b) {
    if (LIKELY(b->ok)) return 0;
    return b->detached ? raise_int(t, VALUE_ERROR, "raw stream has been detached") : raise_int(t, VALUE_ERROR, "I/O operation on uninitialized object");
}
// The raw stream, owned: what is called without the lock may see it detached.
static Value raw_of(Thread *t, const Buffered *b) {
    if (check_initialized(t, b) < 0) return UNDEF;
    Value raw = slot_get(t, &b->raw);
    return value_bits(raw) ? raw : raise(t, VALUE_ERROR, "raw stream has been detached");
}
static Value ask_raw(Thread *t, ValueRef self, ValueRef method) {
    Value raw = raw_of(t, as_buffered(self)), v = value_bits(raw) ? call_method_0(t, raw, method) : UNDEF;
    value_release(t, raw);
    return v;
}
static Value show_raw(Thread *t, ValueRef self, ValueRef attribute) {
    Value raw = raw_of(t, as_buffered(self)), v = value_bits(raw) ? object_getattr(t, raw, attribute) : UNDEF;
    value_release(t, raw);
    return v;
}
static int is_closed(Thread *t, const Buffered *b) {
    if (!b->buffer) return 1;
    if (LIKELY(io_is(b->raw, IO_FILE))) return io_closed(t, b->raw);
    Value raw = raw_of(t, b);
    int closed = value_bits(raw) ? io_closed(t, raw) : -1;
    value_release(t, raw);
    return closed;
}
static int64_t readahead(const Buffered *b) { return b->dirty ? 0 : b->end - b->at; }
// With bytes read ahead, a closed file may still give them.
static int check_open(Thread *t, const Buffered *b, const char *message) {
    if (b->buffer && readahead(b) > 0) return 0;
    int closed = is_closed(t, b);
    return closed > 0 ? raise_int(t, VALUE_ERROR, "%s", message) : closed;
}
// Takes the lock of an initialised stream.
static int enter(Thread *t, Buffered *b) {
    if (check_initialized(t, b) < 0 || io_lock(t, &b->lock, value_of(b)) < 0) return -1;
    if (LIKELY(b->ok)) return 0;
    io_unlock(t, &b->lock);
    return check_initialized(t, b);
}
static void leave(Thread *t, Buffered *b) { io_unlock(t, &b->lock); }

// ---- the raw stream. -1 raised; -2 it would block.

static int64_t count_of(Thread *t, Value got_steal, int64_t n, const char *what) {
    if (!value_bits(got_steal)) return -1;
    if (is_none(got_steal)) return -2;
    int64_t count;
    int status = arg_index(t, got_steal, &count);
    value_release(t, got_steal);
    if (status < 0) {
        Value cause = error_take(t);
        raise(t, OS_ERROR, "raw %s() failed", what);
        Value e = error_take(t);
        slot_store(t, value_object(e), &value_exception(e)->cause, value_dup(t, cause));
        slot_store(t, value_object(e), &value_exception(e)->context, cause);
        value_exception(e)->suppress_context = true;
        error_restore(t, e);
        return -1;
    }
    if (count < 0 || count > n)
        return raise_int(t, OS_ERROR, "raw %s() returned invalid length %lld (should have been between 0 and %lld)", what, (long long)count, (long long)n);
    return count;
}
static int64_t raw_read(Thread *t, Buffered *b, uint8_t *to, int64_t n) {
    if (io_is(b->raw, IO_FILE)) return io_file_read_into(t, b->raw, to, n);
    Value memory = io_bytearray(t, n), got;
    if (!value_bits(memory)) return -1;
    Value view = call_1(t, value_of(TYPE_OF(MEMORYVIEW)), memory);
    if (!value_bits(view)) {
        value_release(t, memory);
        return -1;
    }
    do got = call_method_1(t, b->raw, NAME(readinto), view);
    while (!value_bits(got) && io_trap_eintr(t));
    int64_t count = count_of(t, got, n, "readinto");
    Buffer data;
    if (count > 0) {
        if (buffer_get(t, memory, &data, BUFFER_C_CONTIGUOUS) < 0) {
            count = -1;
        } else {
            memcpy(to, data.data, (size_t)(count < data.length ? count : data.length));
            buffer_release(t, &data);
        }
    }
    value_release(t, view);
    value_release(t, memory);
    return count;
}
static int64_t raw_write(Thread *t, Buffered *b, const uint8_t *from, int64_t n) {
    if (io_is(b->raw, IO_FILE)) return io_file_write_from(t, b->raw, from, n);
    Value memory = bytes_new(t, from, (size_t)n), got;
    if (!value_bits(memory)) return -1;
    Value view = call_1(t, value_of(TYPE_OF(MEMORYVIEW)), memory);
    if (!value_bits(view)) {
        value_release(t, memory);
        return -1;
    }
    do got = call_method_1(t, b->raw, NAME(write), view);
    while (!value_bits(got) && io_trap_eintr(t));
    value_release(t, view);
    value_release(t, memory);
    return count_of(t, got, n, "write");
}
static int64_t raw_seek(Thread *t, Buffered *b, int64_t offset, int whence) {
    if (io_is(b->raw, IO_FILE)) return io_file_lseek(t, b->raw, offset, whence);
    Value where = int_from_int64(t, offset);
    if (!value_bits(where)) return -1;
    ValueRef given[2] = {where, value_int(whence)};
    int64_t at = io_offset(t, call_method(t, b->raw, NAME(seek), given, 2), "seek");
    value_release(t, where);
    return at;
}
static int64_t raw_tell(Thread *t, Buffered *b) {
    if (io_is(b->raw, IO_FILE)) return io_file_lseek(t, b->raw, 0, SEEK_CUR);
    return io_offset(t, call_method_0(t, b->raw, NAME(tell)), "tell");
}

// ---- writing out

static int blocked(Thread *t, int64_t written) {
    Value type = value_dup(t, value_of(EXCEPTION(BLOCKING_IO_ERROR))), text = str_from_text(t, "write could not complete without blocking");
    if (value_bits(text)) {
        ValueRef given[3] = {value_int(EAGAIN), text, value_int(written)};
        Value e = call_object(t, type, given, 3, NULL);
        if (value_bits(e)) raise_object(t, e);
    }
    value_release(t, text);
    value_release(t, type);
    return -1;
}
static int write_out(Thread *t, Buffered *b) {
    if (!b->dirty) return 0;
    while (b->at < b->end) {
        int64_t n = raw_write(t, b, b->buffer + b->at, b->end - b->at);
        if (n == -1) return -1;
        if (n == -2) return blocked(t, 0);
        if (!b->buffer) return raise_int(t, VALUE_ERROR, "write to closed file");
        b->at += n;
        if (poll_check(&t->core) < 0) return -1;
    }
    b->at = b->end = 0;
    b->dirty = false;
    return 0;
}
// Writes out, and moves the raw stream back to the position that the program sees.
static int synchronize(Thread *t, Buffered *b) {
    if (write_out(t, b) < 0) return -1;
    int64_t ahead = b->end - b->at;
    if (b->readable && ahead > 0) {
        if (raw_seek(t, b, -ahead, SEEK_CUR) < 0) return -1;
        b->at = b->end = 0;
    }
    return 0;
}

// ---- reading

// Reads once into the empty buffer.
static int64_t fill(Thread *t, Buffered *b) {
    b->at = b->end = 0;
    int64_t n = raw_read(t, b, b->buffer, b->room);
    if (n > 0) b->end = n;
    return n;
}
static Value take(Thread *t, Buffered *b, int64_t n) {
    Value v = bytes_new(t, b->buffer + b->at, (size_t)n);
    if (value_bits(v)) b->at += n;
    return v;
}
static Value joined(Thread *t, Value head_steal, ValueRef tail) {
    size_t n = value_bytes(head_steal)->length, m = value_bytes(tail)->length;
    Bytes *b = bytes_alloc(t, n + m);
    if (b) {
        memcpy(b->data, value_bytes(head_steal)->data, n);
        memcpy(b->data + n, value_bytes(tail)->data, m);
    }
    value_release(t, head_steal);
    return b ? value_of(b) : UNDEF;
}
static Value read_all(Thread *t, Buffered *b) {
    if (write_out(t, b) < 0) return UNDEF;
    Value head = take(t, b, readahead(b)), result = UNDEF;
    if (!value_bits(head)) return UNDEF;
    b->at = b->end = 0;
    Value readall = object_getattr_or_undef(t, b->raw, NAME(readall));
    if (value_bits(readall)) {
        Value rest = call_0(t, readall);
        value_release(t, readall);
        if (!value_bits(rest)) goto done;
        if (!is_none(rest) && !value_is_any_bytes(rest)) {
            raise(t, TYPE_ERROR, "readall() should return bytes");
        } else if (value_bytes(head)->length == 0) {
            result = value_dup(t, rest);
        } else if (is_none(rest)) {
            result = head;
            head = UNDEF;
        } else {
            result = joined(t, head, rest);
            head = UNDEF;
        }
        value_release(t, rest);
        goto done;
    }
    if (error_pending(t)) goto done;
    for (;;) {
        Value part = call_method_0(t, b->raw, NAME(read));
        if (!value_bits(part)) goto done;
        if (!is_none(part) && !value_is_any_bytes(part)) {
            value_release(t, part);
            raise(t, TYPE_ERROR, "read() should return bytes");
            goto done;
        }
        bool none = is_none(part), end = none || value_bytes(part)->length == 0;
        if (end) {
            value_release(t, part);
            result = none && value_bytes(head)->length == 0 ? NONE : head;
            if (value_bits(result) == value_bits(head)) head = UNDEF;
            goto done;
        }
        head = joined(t, head, part);
        value_release(t, part);
        if (!value_bits(head)) goto done;
    }
done:
    value_release(t, head);
    return result;
}
// Up to n bytes into `to`: -1 raised, -2 nothing there and it would block.
static int64_t read_bytes(Thread *t, Buffered *b, uint8_t *to, int64_t n) {
    int64_t done = 0, have = readahead(b);
    if (have > n) have = n;
    memcpy(to, b->buffer + b->at, (size_t)have);
    b->at += have;
    done = have;
    if (done == n) return done;
    if (write_out(t, b) < 0) return -1;
    b->at = b->end = 0;
    while (done < n) {
        int64_t left = n - done, got;
        if (!b->buffer) return raise_int(t, VALUE_ERROR, "read of closed file");
        if (left >= b->room) {
            got = raw_read(t, b, to + done, left / b->room * b->room);
        } else {
            got = fill(t, b);
            if (got > left) got = left;
            if (got > 0) {
                memcpy(to + done, b->buffer, (size_t)got);
                b->at = got;
            }
        }
        if (got == -1) return -1;
        if (got == -2) return done ? done : -2;
        if (got == 0) break;
        done += got;
    }
    return done;
}
static Value read_n(Thread *t, Buffered *b, int64_t n) {
    if (n <= readahead(b)) return take(t, b, n);
    // No more than what comes is asked memory for: a size may be anything.
    if (n <= 4 * b->room) {
        Bytes *bytes = bytes_alloc(t, (size_t)n);
        if (!bytes) return UNDEF;
        Value v = value_of(bytes);
        int64_t got = read_bytes(t, b, bytes->data, n);
        if (got == n) return v;
        Value shorter = got == -1 ? UNDEF : got == -2 ? NONE : bytes_new(t, bytes->data, (size_t)got);
        value_release(t, v);
        return shorter;
    }
    ByteBuffer all = {0};
    Value result = UNDEF;
    while ((int64_t)all.length < n) {
        int64_t want = n - (int64_t)all.length, most = (int64_t)(all.length ? all.length : (size_t)(4 * b->room));
        if (want > most) want = most;
        if (!bytebuffer_reserve(&all, (size_t)want)) {
            raise_no_memory(t);
            goto done;
        }
        int64_t got = read_bytes(t, b, all.data + all.length, want);
        if (got == -1) goto done;
        if (got == -2 && !all.length) {
            result = NONE;
            goto done;
        }
        if (got > 0) all.length += (size_t)got;
        if (got < want) break;
    }
    result = bytes_new(t, all.data, all.length);
done:
    bytebuffer_free(&all);
    return result;
}

NATIVE(buffered_read) {
    Buffered *b = as_buffered(self);
    int64_t n = -1;
    if (check_initialized(t, b) < 0 || io_size(t, args[0], &n) < 0) return UNDEF;
    if (n < -1) return raise(t, VALUE_ERROR, "read length must be non-negative or -1");
    if (check_open(t, b, "read of closed file") < 0 || enter(t, b) < 0) return UNDEF;
    Value v = !b->buffer ? raise(t, VALUE_ERROR, "read of closed file") : n == -1 ? read_all(t, b) : read_n(t, b, n);
    leave(t, b);
    return v;
}
Value io_buffered_read1(Thread *t, ValueRef self, int64_t n) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0) return UNDEF;
    if (n < 0) n = b->room;
    if (check_open(t, b, "read of closed file") < 0) return UNDEF;
    if (n == 0) return value_dup(t, t->interp->empty_bytes);
    if (enter(t, b) < 0) return UNDEF;
    Value v = UNDEF;
    if (!b->buffer) {
        raise(t, VALUE_ERROR, "read of closed file");
    } else if (readahead(b) > 0) {
        int64_t have = readahead(b);
        v = take(t, b, n < have ? n : have);
    } else if (write_out(t, b) == 0) {
        b->at = b->end = 0;
        if (n > 4 * b->room) n = 4 * b->room;
        Bytes *bytes = bytes_alloc(t, (size_t)n);
        if (bytes) {
            int64_t got = raw_read(t, b, bytes->data, n);
            v = value_of(bytes);
            if (got != n) {
                Value shorter = got == -1 ? UNDEF : bytes_new(t, bytes->data, got < 0 ? 0 : (size_t)got);
                value_release(t, v);
                v = shorter;
            }
        }
    }
    leave(t, b);
    return v;
}
NATIVE(buffered_read1) {
    int64_t n = -1;
    if (value_bits(args[0]) && arg_index(t, args[0], &n) < 0) return UNDEF;
    return io_buffered_read1(t, self, n);
}
static Value read_into(Thread *t, ValueRef self, ValueRef target, bool once) {
    Buffered *b = as_buffered(self);
    Buffer out;
    if (check_initialized(t, b) < 0 || io_writable_buffer(t, once ? "readinto1() argument" : "readinto() argument", target, &out) < 0) return UNDEF;
    Value v = UNDEF;
    if (check_open(t, b, "readinto of closed file") == 0 && enter(t, b) == 0) {
        int64_t n;
        if (!b->buffer) {
            n = raise_int(t, VALUE_ERROR, "readinto of closed file");
        } else if (!once) {
            n = read_bytes(t, b, out.data, out.length);
        } else if (readahead(b) > 0) {
            n = readahead(b) < out.length ? readahead(b) : out.length;
            memcpy(out.data, b->buffer + b->at, (size_t)n);
            b->at += n;
            if (out.length - n > b->room) { // the one read may still be made
                b->at = b->end = 0;
                int64_t more = raw_read(t, b, out.data + n, out.length - n);
                n = more == -1 ? -1 : more > 0 ? n + more : n;
            }
        } else if (write_out(t, b) < 0) {
            n = -1;
        } else if (out.length >= b->room) {
            b->at = b->end = 0;
            n = raw_read(t, b, out.data, out.length);
        } else if ((n = fill(t, b)) > 0) {
            if (n > out.length) n = out.length;
            memcpy(out.data, b->buffer, (size_t)n);
            b->at = n;
        }
        leave(t, b);
        v = n == -1 ? UNDEF : n == -2 ? NONE : value_int(n);
    }
    buffer_release(t, &out);
    return v;
}
NATIVE(buffered_readinto) { return read_into(t, self, args[0], false); }
NATIVE(buffered_readinto1) { return read_into(t, self, args[0], true); }

NATIVE(buffered_peek) {
    Buffered *b = as_buffered(self);
    int64_t n = 0;
    if (value_bits(args[0]) && arg_index(t, args[0], &n) < 0) return UNDEF;
    if (check_initialized(t, b) < 0 || check_open(t, b, "peek of closed file") < 0 || enter(t, b) < 0) return UNDEF;
    Value v = UNDEF;
    if (!b->buffer) raise(t, VALUE_ERROR, "peek of closed file");
    else if (readahead(b) > 0 || (write_out(t, b) == 0 && fill(t, b) != -1)) v = bytes_new(t, b->buffer + b->at, (size_t)readahead(b));
    leave(t, b);
    return v;
}

// One line of at most `limit` bytes (-1: any).
static Value read_line(Thread *t, Buffered *b, int64_t limit) {
    ByteBuffer line = {0};
    Value result = UNDEF;
    for (;;) {
        int64_t have = readahead(b);
        if (limit >= 0 && have > limit - (int64_t)line.length) have = limit - (int64_t)line.length;
        const uint8_t *start = b->buffer + b->at, *end = have > 0 ? memchr(start, '\n', (size_t)have) : NULL;
        int64_t n = end ? end - start + 1 : have;
        bool done = end || (limit >= 0 && (int64_t)line.length + n >= limit);
        if (done && !line.length) return take(t, b, n);
        bytebuffer_put(&line, start, (size_t)n);
        b->at += n;
        if (line.failed) {
            raise_no_memory(t);
            goto fail;
        }
        if (done) break;
        if (write_out(t, b) < 0) goto fail;
        int64_t got = fill(t, b);
        if (got == -1) goto fail;
        if (got <= 0) break;
    }
    result = bytes_new(t, line.data, line.length);
fail:
    bytebuffer_free(&line);
    return result;
}
static Value readline_of(Thread *t, ValueRef self, int64_t limit) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0 || check_open(t, b, "readline of closed file") < 0 || enter(t, b) < 0) return UNDEF;
    Value v = b->buffer ? read_line(t, b, limit) : raise(t, VALUE_ERROR, "readline of closed file");
    leave(t, b);
    return v;
}
NATIVE(buffered_readline) {
    int64_t limit = -1;
    if (io_size(t, args[0], &limit) < 0) return UNDEF;
    return readline_of(t, self, limit < 0 ? -1 : limit);
}
static Value buffered_next(Thread *t, ValueRef self) {
    Value line;
    if (io_is(self, IO_BUFFERED_READER) || io_is(self, IO_BUFFERED_RANDOM)) {
        line = readline_of(t, self, -1);
    } else {
        line = call_method_0(t, self, NAME(readline));
        if (value_bits(line) && !value_is_any_bytes(line)) {
            raise(t, OS_ERROR, "readline() should have returned a bytes object, not '%T'", line);
            VALUE_CLEAR(t, line);
        }
    }
    if (!value_bits(line) || value_bytes(line)->length) return line;
    value_release(t, line);
    return UNDEF;
}

// ---- writing

// Takes in `n` bytes; *written counts what is in the buffer or beyond where -1 is returned for a stream that would block.
static int64_t write_bytes(Thread *t, Buffered *b, const uint8_t *data, int64_t n) {
    if (!b->dirty) { // what was read ahead is given up
        int64_t ahead = b->end - b->at;
        if (ahead > 0 && b->readable && raw_seek(t, b, -ahead, SEEK_CUR) < 0) return -1;
        if (!b->buffer) return raise_int(t, VALUE_ERROR, "write to closed file");
        b->at = b->end = 0;
    }
    if (n <= b->room - b->end) {
        memcpy(b->buffer + b->end, data, (size_t)n);
        b->end += n;
        b->dirty = b->end > 0;
        return n;
    }
    if (write_out(t, b) < 0) {
        if (!error_matches(t, EXCEPTION(BLOCKING_IO_ERROR)) || !b->buffer) return -1;
        memmove(b->buffer, b->buffer + b->at, (size_t)(b->end - b->at));
        b->end -= b->at;
        b->at = 0;
        int64_t space = b->room - b->end;
        if (n <= space) {
            error_clear(t);
            memcpy(b->buffer + b->end, data, (size_t)n);
            b->end += n;
            return n;
        }
        memcpy(b->buffer + b->end, data, (size_t)space);
        b->end += space;
        error_clear(t);
        return blocked(t, space);
    }
    int64_t done = 0;
    while (n - done > b->room) {
        int64_t put = raw_write(t, b, data + done, n - done);
        if (put == -1) return -1;
        if (!b->buffer) return raise_int(t, VALUE_ERROR, "write to closed file");
        if (put == -2) {
            if (n - done <= b->room) break;
            memcpy(b->buffer, data + done, (size_t)b->room);
            b->end = b->room;
            b->dirty = true;
            return blocked(t, done + b->room);
        }
        done += put;
        if (poll_check(&t->core) < 0) return -1;
    }
    memcpy(b->buffer, data + done, (size_t)(n - done));
    b->end = n - done;
    b->dirty = b->end > 0;
    return n;
}
Value io_buffered_write(Thread *t, ValueRef self, const uint8_t *data, int64_t n) {
    Buffered *b = as_buffered(self);
    if (enter(t, b) < 0) return UNDEF;
    int closed = is_closed(t, b);
    if (closed > 0) raise(t, VALUE_ERROR, "write to closed file");
    int64_t done = closed ? -1 : write_bytes(t, b, data, n);
    leave(t, b);
    return done < 0 ? UNDEF : value_int(done);
}
NATIVE(buffered_write) {
    Buffer in;
    if (check_initialized(t, as_buffered(self)) < 0 || buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    Value v = io_buffered_write(t, self, in.data, in.length);
    buffer_release(t, &in);
    return v;
}
Value io_buffered_flush(Thread *t, ValueRef self) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0) return UNDEF;
    int closed = is_closed(t, b);
    if (closed) return closed > 0 ? raise(t, VALUE_ERROR, "flush of closed file") : UNDEF;
    if (enter(t, b) < 0) return UNDEF;
    int status = b->buffer ? synchronize(t, b) : raise_int(t, VALUE_ERROR, "flush of closed file");
    leave(t, b);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(buffered_flush) { return io_buffered_flush(t, self); }

// ---- position

NATIVE(buffered_tell) {
    Buffered *b = as_buffered(self);
    if (enter(t, b) < 0) return UNDEF;
    int64_t at = raw_tell(t, b);
    if (at >= 0) {
        at += b->dirty ? b->end - b->at : -(b->end - b->at);
        if (at < 0) at = 0;
    }
    leave(t, b);
    return at < 0 ? UNDEF : int_from_int64(t, at);
}
NATIVE(buffered_seek) {
    Buffered *b = as_buffered(self);
    int whence;
    int64_t target;
    if (check_initialized(t, b) < 0 || io_whence(t, args[1], &whence) < 0) return UNDEF;
    if ((whence < 0 || whence > 2) && whence != SEEK_DATA && whence != SEEK_HOLE) return raise(t, VALUE_ERROR, "whence value %d unsupported", whence);
    int closed = is_closed(t, b);
    if (closed) return closed > 0 ? raise(t, VALUE_ERROR, "seek of closed file") : UNDEF;
    int seekable = io_is(b->raw, IO_FILE) && io_file(b->raw)->seekable == 1 ? 1 : io_truth(t, ask_raw(t, self, NAME(seekable)));
    if (seekable <= 0) return seekable < 0 ? UNDEF : io_unsupported(t, "File or stream is not seekable.");
    if (arg_index(t, args[0], &target) < 0) return UNDEF;
    if (enter(t, b) < 0) return UNDEF;
    int64_t at = -1;
    if (!b->buffer) {
        raise(t, VALUE_ERROR, "seek of closed file");
        goto done;
    }
    // Within what was read ahead nothing needs to move but our own place.
    if (whence < 2 && b->readable && !b->dirty && b->end > 0) {
        int64_t raw = raw_tell(t, b);
        if (raw < 0) goto done;
        int64_t here = raw - (b->end - b->at), offset = whence == 0 ? target - here : target;
        if (here >= 0 && offset >= -b->at && offset < b->end - b->at) {
            b->at += offset;
            at = here + offset;
            goto done;
        }
    }
    if (write_out(t, b) < 0) goto done;
    if (whence == 1) target -= b->end - b->at;
    if ((at = raw_seek(t, b, target, whence)) >= 0) b->at = b->end = 0;
done:
    leave(t, b);
    return at < 0 ? UNDEF : int_from_int64(t, at);
}
NATIVE(buffered_truncate) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0) return UNDEF;
    int closed = is_closed(t, b);
    if (closed) return closed > 0 ? raise(t, VALUE_ERROR, "truncate of closed file") : UNDEF;
    if (!b->writable) return io_unsupported(t, "truncate");
    if (enter(t, b) < 0) return UNDEF;
    Value v = UNDEF;
    if (synchronize(t, b) == 0) v = call_method_1(t, b->raw, NAME(truncate), value_bits(args[0]) ? args[0] : (ValueRef)NONE);
    leave(t, b);
    return v;
}

// ---- life

static int buffered_setup(Thread *t, Buffered *b, ValueRef raw, int64_t size, bool readable, bool writable) {
    b->ok = b->detached = false;
    if (size <= 0) return raise_int(t, VALUE_ERROR, "buffer size must be strictly positive");
    if (io_lock(t, &b->lock, value_of(b)) < 0) return -1;
    uint8_t *buffer = malloc((size_t)size);
    if (buffer) {
        slot_store(t, b, &b->raw, value_dup(t, raw));
        free(b->buffer);
        b->buffer = buffer;
        b->room = size;
        b->at = b->end = 0;
        b->dirty = false;
        b->readable = readable;
        b->writable = writable;
        b->ok = true;
    }
    io_unlock(t, &b->lock);
    return buffer ? 0 : (raise_no_memory(t), -1);
}
static int setup_as(Thread *t, Type *base, ValueRef self, ValueRef raw, int64_t size) {
    bool random = base == TYPE_OF(IO_BUFFERED_RANDOM), reads = random || base == TYPE_OF(IO_BUFFERED_READER), writes = base != TYPE_OF(IO_BUFFERED_READER);
    Buffered *b = as_buffered(self);
    b->ok = b->detached = false;
    // A file that says yes is not asked through its methods.
    if (io_is(raw, IO_FILE) && io_file_fd(io_file(raw)) >= 0 && io_file(raw)->readable >= reads && io_file(raw)->writable >= writes && !random)
        return buffered_setup(t, b, raw, size, reads, writes);
    if (random && io_check_attribute(t, raw, NAME(seekable), "File or stream is not seekable.") < 0) return -1;
    if (reads && io_check_attribute(t, raw, NAME(readable), "File or stream is not readable.") < 0) return -1;
    if (writes && io_check_attribute(t, raw, NAME(writable), "File or stream is not writable.") < 0) return -1;
    return buffered_setup(t, b, raw, size, reads, writes);
}
static int init_as(Thread *t, Type *base, const char *name, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    int64_t size = IO_BUFFER_SIZE;
    if (args_bind(t, name, "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", args, nargs, kwnames, given) < 0) return -1;
    if (value_bits(given[1]) && arg_index(t, given[1], &size) < 0) return -1;
    return setup_as(t, base, self, given[0], size);
}
static int reader_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return init_as(t, TYPE_OF(IO_BUFFERED_READER), "BufferedReader", self, args, nargs, kwnames);
}
static int writer_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return init_as(t, TYPE_OF(IO_BUFFERED_WRITER), "BufferedWriter", self, args, nargs, kwnames);
}
static int random_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return init_as(t, TYPE_OF(IO_BUFFERED_RANDOM), "BufferedRandom", self, args, nargs, kwnames);
}
Value io_buffered_open(Thread *t, Type *type, ValueRef raw, int64_t size) {
    Value v = value_of(object_new(t, type));
    if (!value_bits(v)) return UNDEF;
    if (setup_as(t, type, v, raw, size) == 0) return v;
    value_release(t, v);
    return UNDEF;
}

NATIVE(buffered_simple_flush) { return ask_raw(t, self, NAME(flush)); }
NATIVE(buffered_close) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0) return UNDEF;
    int closed = is_closed(t, b);
    if (closed) return closed > 0 ? NONE : UNDEF;
    if (b->finalizing) {
        Value raw = raw_of(t, b), warned = value_bits(raw) ? call_method_1(t, raw, NAME(_dealloc_warn), self) : UNDEF;
        if (!value_bits(warned)) error_clear(t);
        value_release(t, warned);
        value_release(t, raw);
    }
    Value flushed = call_method_0(t, self, NAME(flush)), failure = UNDEF;
    if (!value_bits(flushed)) failure = error_take(t);
    value_release(t, flushed);
    Value raw = raw_of(t, b), result = UNDEF;
    if (value_bits(raw) && io_lock(t, &b->lock, self) == 0) {
        result = call_method_0(t, raw, NAME(close));
        free(b->buffer);
        b->buffer = NULL;
        b->at = b->end = 0;
        b->dirty = false;
        io_unlock(t, &b->lock);
    }
    value_release(t, raw);
    if (!value_bits(failure)) return result;
    value_release(t, result);
    return io_chain(t, failure);
}
NATIVE(buffered_detach) {
    Buffered *b = as_buffered(self);
    if (check_initialized(t, b) < 0) return UNDEF;
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) return UNDEF;
    value_release(t, flushed);
    if (enter(t, b) < 0) return UNDEF;
    Value raw = slot_get(t, &b->raw);
    slot_store(t, b, &b->raw, UNDEF);
    b->detached = true;
    b->ok = false;
    leave(t, b);
    return raw;
}
NATIVE(buffered_dealloc_warn) {
    Value raw = raw_of(t, as_buffered(self)), warned = value_bits(raw) ? call_method_1(t, raw, NAME(_dealloc_warn), args[0]) : UNDEF;
    if (!value_bits(warned)) error_clear(t);
    value_release(t, warned);
    value_release(t, raw);
    return NONE;
}
NATIVE(buffered_sizeof) {
    Buffered *b = as_buffered(self);
    return value_int((int64_t)value_type(self)->size + (b->buffer ? b->room : 0));
}

// What the raw stream answers for us.
#define ASK(function, method) NATIVE(function) { return ask_raw(t, self, NAME(method)); }
ASK(buffered_seekable, seekable)
ASK(buffered_readable, readable)
ASK(buffered_writable, writable)
ASK(buffered_fileno, fileno)
ASK(buffered_isatty, isatty)
#define SHOW(function, attribute) static Value function(Thread *t, ValueRef self) { return show_raw(t, self, NAME(attribute)); }
SHOW(buffered_closed, closed)
SHOW(buffered_name, name)
SHOW(buffered_mode, mode)
int io_buffered_closed_fast(ValueRef v) {
    const Buffered *b = as_buffered(v);
    return b->ok && io_is(b->raw, IO_FILE) ? io_file_fd(io_file(b->raw)) < 0 : -1;
}
static Value buffered_repr(Thread *t, ValueRef self) {
    Value type = type_qualified_name(t, value_type(self)), result = UNDEF;
    if (!value_bits(type)) return UNDEF;
    Value name = object_getattr_or_undef(t, self, NAME(name));
    if (!value_bits(name) && error_pending(t)) {
        if (!error_matches(t, EXCEPTION(VALUE_ERROR))) goto done;
        error_clear(t);
    }
    if (!value_bits(name)) {
        result = str_of_format(t, "<%S>", type);
    } else {
        int running = repr_enter(t, self);
        if (running == 0) {
            result = str_of_format(t, "<%S name=%R>", type, name);
            repr_leave(t, self);
        } else if (running > 0) {
            raise(t, RUNTIME_ERROR, "reentrant call inside %S.__repr__", type);
        }
    }
done:
    value_release(t, name);
    value_release(t, type);
    return result;
}
static void buffered_destroy(Thread *t, Object *o) {
    value_release(t, ((Buffered *)o)->raw);
    free(((Buffered *)o)->buffer);
}
static void buffered_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Buffered *)o)->raw, arg); }
static void buffered_clear(Thread *t, Object *o) {
    ((Buffered *)o)->ok = false;
    slot_store(t, o, &((Buffered *)o)->raw, UNDEF);
}

#define COMMON_METHODS                                                                                              \
    {"detach", buffered_detach, "($self, /)", "Flushes and gives the raw stream back.", 0},                         \
    {"close", buffered_close, "($self, /)", "Flushes and closes.", 0},                                              \
    {"seekable", buffered_seekable, "($self, /)", "Can seek?", 0},                                                  \
    {"fileno", buffered_fileno, "($self, /)", "The descriptor.", 0},                                                \
    {"isatty", buffered_isatty, "($self, /)", "Is it a terminal?", 0},                                              \
    {"_dealloc_warn", buffered_dealloc_warn, "($self, source, /)", NULL, 0},                                        \
    {"seek", buffered_seek, "($self, target, whence=0, /)", "Moves the position.", 0},                              \
    {"tell", buffered_tell, "($self, /)", "The position.", 0},                                                      \
    {"truncate", buffered_truncate, "($self, pos=None, /)", "Cuts the file off.", 0},                               \
    {"__getstate__", io_cannot_pickle, "($self, /)", NULL, 0},                                                      \
    {"__sizeof__", buffered_sizeof, "($self, /)", NULL, 0}
#define READ_METHODS                                                                                                \
    {"readable", buffered_readable, "($self, /)", "Can read?", 0},                                                  \
    {"read", buffered_read, "($self, size=-1, /)", "`size` bytes, or all.", 0},                                     \
    {"peek", buffered_peek, "($self, size=0, /)", "What lies ahead, without taking it.", 0},                        \
    {"read1", buffered_read1, "($self, size=-1, /)", "Up to `size` bytes by at most one read of the raw stream.", 0}, \
    {"readinto", buffered_readinto, "($self, buffer, /)", "Fills a buffer.", 0},                                    \
    {"readinto1", buffered_readinto1, "($self, buffer, /)", "Fills a buffer by at most one read of the raw stream.", 0}, \
    {"readline", buffered_readline, "($self, size=-1, /)", "One line.", 0}
#define WRITE_METHODS                                                                                               \
    {"writable", buffered_writable, "($self, /)", "Can write?", 0},                                                 \
    {"write", buffered_write, "($self, buffer, /)", "Writes bytes; how many.", 0}
static const NativeDef reader_methods[] = {
    COMMON_METHODS, READ_METHODS, {"flush", buffered_simple_flush, "($self, /)", "Flushes the raw stream.", 0}, NATIVE_END};
static const NativeDef writer_methods[] = {COMMON_METHODS, WRITE_METHODS, {"flush", buffered_flush, "($self, /)", "Writes out what is held back.", 0}, NATIVE_END};
static const NativeDef random_methods[] = {
    COMMON_METHODS, READ_METHODS, WRITE_METHODS, {"flush", buffered_flush, "($self, /)", "Writes out what is held back.", 0}, NATIVE_END};
static const GetSetDef getset[] = {
    {"closed", buffered_closed, NULL, "Is it closed?"}, {"name", buffered_name, NULL, "The raw stream's name."},
    {"mode", buffered_mode, NULL, "The raw stream's mode."}, GETSET_END};
static const MemberDef members[] = {
    {"raw", offsetof(Buffered, raw), MEMBER_VALUE, false, "The raw stream."}, {"_finalizing", offsetof(Buffered, finalizing), MEMBER_BOOL8, true, NULL}, MEMBER_END};
#define BUFFERED_SPEC(type, text, initialise, its_methods, next_line)                                                \
    {.name = "_io." type, .doc = text, .size = sizeof(Buffered), .flags = TYPE_BASE | TYPE_HAS_RESOURCE, .base = T_IO_BUFFERED_BASE, \
     .ops = {.repr = buffered_repr, .init = initialise, .next = next_line}, .methods = its_methods, .getset = getset, .members = members, \
     .new_signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", .destroy = buffered_destroy, .traverse = buffered_traverse, .clear = buffered_clear}
const TypeSpec io_buffered_reader_spec = BUFFERED_SPEC("BufferedReader", "Reads a raw stream ahead.", reader_init, reader_methods, buffered_next);
const TypeSpec io_buffered_writer_spec = BUFFERED_SPEC("BufferedWriter", "Gathers what is written.", writer_init, writer_methods, NULL);
const TypeSpec io_buffered_random_spec = BUFFERED_SPEC("BufferedRandom", "Both, over a raw stream that can seek.", random_init, random_methods, buffered_next);

void io_buffered_unlock_after_fork(ValueRef v) { memset(&as_buffered(v)->lock, 0, sizeof(IoLock)); }

// ---- BufferedRWPair: a reader and a writer seen as one

typedef struct Pair {
    Container c;
    Value reader, writer;
} Pair;
static Pair *as_pair(ValueRef v) { return (Pair *)value_object(v); }
static Value half(Thread *t, ValueRef self, bool writer) {
    Value v = slot_get(t, writer ? &as_pair(self)->writer : &as_pair(self)->reader);
    return value_bits(v) ? v : raise(t, VALUE_ERROR, "I/O operation on uninitialized object");
}
static int pair_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    int64_t size = IO_BUFFER_SIZE;
    if (args_bind(t, "BufferedRWPair", "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)", args, nargs, kwnames, given) < 0) return -1;
    if (value_bits(given[2]) && arg_index(t, given[2], &size) < 0) return -1;
    if (io_check_attribute(t, given[0], NAME(readable), "File or stream is not readable.") < 0) return -1;
    if (io_check_attribute(t, given[1], NAME(writable), "File or stream is not writable.") < 0) return -1;
    Value reader = io_buffered_open(t, TYPE_OF(IO_BUFFERED_READER), given[0], size);
    Value writer = value_bits(reader) ? io_buffered_open(t, TYPE_OF(IO_BUFFERED_WRITER), given[1], size) : UNDEF;
    if (!value_bits(writer)) {
        value_release(t, reader);
        return -1;
    }
    slot_store(t, as_pair(self), &as_pair(self)->reader, reader);
    slot_store(t, as_pair(self), &as_pair(self)->writer, writer);
    return 0;
}
static Value forward(Thread *t, ValueRef self, bool writer, const char *method, const ValueRef *args, uint32_t nargs) {
    Value stream = half(t, self, writer), name = value_bits(stream) ? str_intern_text(t, method) : UNDEF;
    while (nargs && !value_bits(args[nargs - 1])) nargs--;
    Value v = value_bits(name) ? call_method(t, stream, name, args, nargs) : UNDEF;
    value_release(t, name);
    value_release(t, stream);
    return v;
}
#define FORWARD(function, writer, method) NATIVE(function) { return forward(t, self, writer, method, args, nargs); }
FORWARD(pair_read, false, "read")
FORWARD(pair_peek, false, "peek")
FORWARD(pair_read1, false, "read1")
FORWARD(pair_readinto, false, "readinto")
FORWARD(pair_readinto1, false, "readinto1")
FORWARD(pair_write, true, "write")
FORWARD(pair_flush, true, "flush")
FORWARD(pair_readable, false, "readable")
FORWARD(pair_writable, true, "writable")
NATIVE(pair_close) {
    Value v = forward(t, self, true, "close", NULL, 0), failure = UNDEF;
    if (!value_bits(v)) failure = error_take(t);
    value_release(t, v);
    v = forward(t, self, false, "close", NULL, 0);
    if (!value_bits(failure)) return v;
    value_release(t, v);
    return io_chain(t, failure);
}
NATIVE(pair_isatty) {
    int yes = io_truth(t, forward(t, self, true, "isatty", NULL, 0));
    if (yes) return yes < 0 ? UNDEF : TRUE_VALUE;
    return forward(t, self, false, "isatty", NULL, 0);
}
static Value pair_closed(Thread *t, ValueRef self) {
    Value writer = slot_get(t, &as_pair(self)->writer);
    if (!value_bits(writer)) return raise(t, RUNTIME_ERROR, "the BufferedRWPair object is being garbage-collected");
    Value v = object_getattr(t, writer, NAME(closed));
    value_release(t, writer);
    return v;
}
static void pair_destroy(Thread *t, Object *o) {
    value_release(t, ((Pair *)o)->reader);
    value_release(t, ((Pair *)o)->writer);
}
static void pair_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Pair *)o)->reader, arg);
    visit(&((Pair *)o)->writer, arg);
}
static void pair_clear(Thread *t, Object *o) {
    slot_store(t, o, &((Pair *)o)->reader, UNDEF);
    slot_store(t, o, &((Pair *)o)->writer, UNDEF);
}
static const NativeDef pair_methods[] = {
    {"read", pair_read, "($self, size=-1, /)", NULL, 0}, {"peek", pair_peek, "($self, size=0, /)", NULL, 0},
    {"read1", pair_read1, "($self, size=-1, /)", NULL, 0}, {"readinto", pair_readinto, "($self, buffer, /)", NULL, 0},
    {"readinto1", pair_readinto1, "($self, buffer, /)", NULL, 0}, {"write", pair_write, "($self, buffer, /)", NULL, 0},
    {"flush", pair_flush, "($self, /)", NULL, 0}, {"readable", pair_readable, "($self, /)", NULL, 0},
    {"writable", pair_writable, "($self, /)", NULL, 0}, {"close", pair_close, "($self, /)", NULL, 0},
    {"isatty", pair_isatty, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef pair_getset[] = {{"closed", pair_closed, NULL, "Is the writer closed?"}, GETSET_END};
const TypeSpec io_buffered_pair_spec = {
    .name = "_io.BufferedRWPair", .doc = "A reader and a writer seen as one stream.", .size = sizeof(Pair), .flags = TYPE_BASE | TYPE_HAS_RESOURCE,
    .base = T_IO_BUFFERED_BASE, .ops = {.init = pair_init}, .methods = pair_methods, .getset = pair_getset,
    .new_signature = "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)", .destroy = pair_destroy, .traverse = pair_traverse, .clear = pair_clear};
