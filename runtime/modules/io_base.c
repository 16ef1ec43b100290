// _IOBase and its three kin: what every stream does by the methods that it has (Library reference, io, "Class hierarchy").
#include <errno.h>
#include "runtime/import.h"
#include "runtime/modules/io.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/signals.h"
#include "sync/mutex.h"

// ---- helpers of all files

Value io_unsupported(Thread *t, const char *message) {
    Value type = import_attribute(t, "_io", "UnsupportedOperation"), text = UNDEF, e = UNDEF;
    if (value_bits(type)) text = str_from_text(t, message);
    if (value_bits(text)) e = call_1(t, type, text);
    value_release(t, type);
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
int io_unsupported_int(Thread *t, const char *message) { return io_unsupported(t, message), -1; }

int io_truth(Thread *t, Value v_steal) {
    if (!value_bits(v_steal)) return -1;
    int truth = object_is_true(t, v_steal);
    value_release(t, v_steal);
    return truth;
}
int io_closed(Thread *t, ValueRef stream) {
    if (io_is(stream, IO_FILE)) return io_file_fd(io_file(stream)) < 0;
    return io_truth(t, object_getattr(t, stream, NAME(closed)));
}
int io_check_closed(Thread *t, ValueRef stream) {
    int closed = io_closed(t, stream);
    return closed > 0 ? raise_int(t, VALUE_ERROR, "I/O operation on closed file.") : closed;
}
int io_check_attribute(Thread *t, ValueRef stream, ValueRef method, const char *message) {
    Value v = call_method_0(t, stream, method);
    if (!value_bits(v)) return -1;
    bool yes = value_bits(v) == value_bits(TRUE_VALUE);
    value_release(t, v);
    return yes ? 0 : io_unsupported_int(t, message);
}
int io_size(Thread *t, ValueRef v, int64_t *out) {
    if (not_given(v)) return 0;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "argument should be integer or None, not '%T'", v);
    if (arg_index(t, v, out) == 0) return 0;
    if (!error_matches(t, EXCEPTION(OVERFLOW_ERROR)) || !value_is_any_int(v)) return -1;
    error_clear(t);
    return raise_int(t, OVERFLOW_ERROR, "cannot fit '%T' into an index-sized integer", v);
}
int io_whence(Thread *t, ValueRef v, int *out) {
    *out = 0;
    return value_bits(v) ? arg_int(t, v, out) : 0;
}
int64_t io_offset(Thread *t, Value v_steal, const char *what) {
    if (!value_bits(v_steal)) return -1;
    int64_t n;
    int status = arg_index(t, v_steal, &n);
    value_release(t, v_steal);
    if (status < 0) return -1;
    return n < 0 ? raise_int(t, OS_ERROR, "Raw stream returned invalid position %lld", (long long)n) : n;
}
int io_writable_buffer(Thread *t, const char *what, ValueRef v, Buffer *out) {
    if (value_has_buffer(v)) {
        if (buffer_get(t, v, out, BUFFER_WRITABLE | BUFFER_C_CONTIGUOUS) == 0) return 0;
        if (!error_matches(t, EXCEPTION(BUFFER_ERROR)) && !error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
        error_clear(t);
    }
    return raise_int(t, TYPE_ERROR, "%s must be read-write bytes-like object, not %T", what, v);
}
Value io_cannot_pickle(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return raise(t, TYPE_ERROR, "cannot pickle '%U' instances", value_str(slot_borrow(&value_type(self)->name)));
}
Value io_bytearray(Thread *t, int64_t n) { return call_1(t, value_of(TYPE_OF(BYTEARRAY)), value_int(n)); }
bool io_trap_eintr(Thread *t) {
    if (!error_pending(t) || !error_matches(t, EXCEPTION(OS_ERROR))) return false;
    Value code = slot_get(t, &((OsErrorObject *)value_object(t->raised))->errno_);
    bool interrupted = value_is_int(code) && value_get_int(code) == EINTR;
    value_release(t, code);
    if (interrupted) error_clear(t);
    return interrupted;
}
Value io_chain(Thread *t, Value first_steal) {
    if (!value_bits(first_steal)) return UNDEF;
    if (!error_pending(t)) {
        error_restore(t, first_steal);
        return UNDEF;
    }
    Value second = error_take(t);
    if (value_bits(second) != value_bits(first_steal)) {
        BaseException *e = value_exception(second);
        slot_store(t, e, &e->context, first_steal);
    } else {
        value_release(t, first_steal);
    }
    error_restore(t, second);
    return UNDEF;
}

int io_lock(Thread *t, IoLock *lock, ValueRef self) {
    if (atomic_load_relaxed_u64(&lock->owner) == (uint64_t)t) return raise_int(t, RUNTIME_ERROR, "reentrant call inside %R", self);
    byte_lock(&t->core, &lock->byte);
    atomic_store_relaxed_u64(&lock->owner, (uint64_t)t);
    return 0;
}
void io_unlock(Thread *t, IoLock *lock) {
    atomic_store_relaxed_u64(&lock->owner, 0);
    byte_unlock(&lock->byte);
}
void io_lock_again(Thread *t, IoLock *lock) {
    if (atomic_load_relaxed_u64(&lock->owner) != (uint64_t)t) {
        byte_lock(&t->core, &lock->byte);
        atomic_store_relaxed_u64(&lock->owner, (uint64_t)t);
    }
    lock->depth++;
}
void io_unlock_again(Thread *t, IoLock *lock) {
    if (--lock->depth == 0) io_unlock(t, lock);
}

// The end of a stream that nobody closed: closes it. An error is reported, as nobody can catch it.
void io_finalize(Thread *t, ValueRef self) {
    Value pending = error_take(t);
    int closed = io_closed(t, self);
    if (closed < 0) error_clear(t);
    if (closed == 0) {
        if (object_setattr(t, self, NAME(_finalizing), TRUE_VALUE) < 0) error_clear(t);
        Value result = call_method_0(t, self, NAME(close));
        if (!value_bits(result)) error_write_unraisable(t, "while finalizing file", self);
        value_release(t, result);
    }
    if (value_bits(pending)) error_restore(t, pending);
}

// ---- _IOBase

#define UNSUPPORTED(function, name) NATIVE(function) { return io_unsupported(t, name); }
UNSUPPORTED(base_seek, "seek")
UNSUPPORTED(base_truncate, "truncate")
UNSUPPORTED(base_fileno, "fileno")
NATIVE(base_tell) {
    ValueRef given[2] = {value_int(0), value_int(1)};
    return call_method(t, self, NAME(seek), given, 2);
}

// The attribute that close() leaves: 1, 0, -1.
static int closed_mark(Thread *t, ValueRef self) {
    Value v = object_getattr_or_undef(t, self, NAME(__IOBase_closed));
    bool there = value_bits(v) != 0;
    value_release(t, v);
    return !there && error_pending(t) ? -1 : there;
}
static Value base_closed(Thread *t, ValueRef self) {
    int closed = closed_mark(t, self);
    return closed < 0 ? UNDEF : value_bool(closed);
}
NATIVE(base_flush) {
    int closed = closed_mark(t, self);
    if (closed < 0) return UNDEF;
    return closed ? raise(t, VALUE_ERROR, "I/O operation on closed file.") : NONE;
}
NATIVE(base_close) {
    int closed = closed_mark(t, self);
    if (closed < 0) return UNDEF;
    if (closed) return NONE;
    Value result = call_method_0(t, self, NAME(flush)), failure = UNDEF;
    if (!value_bits(result)) failure = error_take(t);
    value_release(t, result);
    if (object_setattr(t, self, NAME(__IOBase_closed), TRUE_VALUE) < 0) {
        if (!value_bits(failure)) return UNDEF;
        return io_chain(t, failure);
    }
    if (value_bits(failure)) {
        error_restore(t, failure);
        return UNDEF;
    }
    return NONE;
}
NATIVE(base_no) { return FALSE_VALUE; }
NATIVE(base_isatty) { return io_check_closed(t, self) < 0 ? UNDEF : FALSE_VALUE; }
NATIVE(base_check_closed) { return io_check_closed(t, self) < 0 ? UNDEF : NONE; }
NATIVE(base_check_seekable) { return io_check_attribute(t, self, NAME(seekable), "File or stream is not seekable.") < 0 ? UNDEF : TRUE_VALUE; }
NATIVE(base_check_readable) { return io_check_attribute(t, self, NAME(readable), "File or stream is not readable.") < 0 ? UNDEF : TRUE_VALUE; }
NATIVE(base_check_writable) { return io_check_attribute(t, self, NAME(writable), "File or stream is not writable.") < 0 ? UNDEF : TRUE_VALUE; }
static Value base_iter(Thread *t, ValueRef self) { return io_check_closed(t, self) < 0 ? UNDEF : value_dup(t, self); }
NATIVE(base_enter) { return base_iter(t, self); }
NATIVE(base_exit) { return call_method_0(t, self, NAME(close)); }

static Value base_next(Thread *t, ValueRef self) {
    Value line = call_method_0(t, self, NAME(readline));
    if (!value_bits(line)) return UNDEF;
    int64_t n = object_len(t, line);
    if (n > 0) return line;
    value_release(t, line);
    return UNDEF;
}

// Reads with peek() as far as it may, else byte by byte.
NATIVE(base_readline) {
    int64_t limit = -1;
    if (io_size(t, args[0], &limit) < 0) return UNDEF;
    Value peek = object_getattr_or_undef(t, self, NAME(peek));
    if (!value_bits(peek) && error_pending(t)) return UNDEF;
    ByteBuffer line = {0};
    Value result = UNDEF;
    while (limit < 0 || (int64_t)line.length < limit) {
        int64_t wanted = 1;
        if (value_bits(peek)) {
            Value ahead = call_1(t, peek, value_int(1));
            if (!value_bits(ahead)) {
                if (io_trap_eintr(t)) continue;
                goto done;
            }
            if (!value_is_any_bytes(ahead)) {
                raise(t, OS_ERROR, "peek() should have returned a bytes object, not '%T'", ahead);
                value_release(t, ahead);
                goto done;
            }
            Bytes *b = value_bytes(ahead);
            int64_t n = (int64_t)b->length;
            if (limit >= 0 && n > limit - (int64_t)line.length) n = limit - (int64_t)line.length;
            if (n > 0) {
                const uint8_t *end = memchr(b->data, '\n', (size_t)n);
                wanted = end ? end - b->data + 1 : n;
            }
            value_release(t, ahead);
        }
        Value got = call_method_1(t, self, NAME(read), value_int(wanted));
        if (!value_bits(got)) {
            if (io_trap_eintr(t)) continue;
            goto done;
        }
        if (!value_is_any_bytes(got)) {
            raise(t, OS_ERROR, "read() should have returned a bytes object, not '%T'", got);
            value_release(t, got);
            goto done;
        }
        size_t n = value_bytes(got)->length;
        bytebuffer_put(&line, value_bytes(got)->data, n);
        value_release(t, got);
        if (line.failed) {
            raise_no_memory(t);
            goto done;
        }
        if (n == 0 || line.data[line.length - 1] == '\n') break;
    }
    result = bytes_new(t, line.data, line.length);
done:
    value_release(t, peek);
    bytebuffer_free(&line);
    return result;
}

NATIVE(base_readlines) {
    int64_t hint = -1, total = 0;
    if (io_size(t, args[0], &hint) < 0) return UNDEF;
    if (hint <= 0) return list_from_iterable(t, self);
    Value list = list_new(t, 0), iterator = value_bits(list) ? object_iter(t, self) : UNDEF, line;
    if (!value_bits(iterator)) goto fail;
    while (value_bits(line = object_next(t, iterator))) {
        int64_t n = object_len(t, line);
        if (n < 0) value_release(t, line);
        if (n < 0 || list_append(t, value_list(list), line) < 0) goto fail;
        if ((total += n) >= hint) break;
    }
    if (!value_bits(line) && error_pending(t)) goto fail;
    value_release(t, iterator);
    return list;
fail:
    value_release(t, iterator);
    value_release(t, list);
    return UNDEF;
}

NATIVE(base_writelines) {
    if (io_check_closed(t, self) < 0) return UNDEF;
    Value iterator = object_iter(t, args[0]), line;
    if (!value_bits(iterator)) return UNDEF;
    while (value_bits(line = object_next(t, iterator))) {
        Value result;
        do result = call_method_1(t, self, NAME(write), line);
        while (!value_bits(result) && io_trap_eintr(t));
        value_release(t, line);
        if (!value_bits(result)) break;
        value_release(t, result);
    }
    value_release(t, iterator);
    return error_pending(t) ? UNDEF : NONE;
}

static const NativeDef base_methods[] = {
    {"seek", base_seek, "($self, offset, whence=os.SEEK_SET, /)", "Moves the position.", 0},
    {"tell", base_tell, "($self, /)", "The position.", 0},
    {"truncate", base_truncate, "($self, size=None, /)", "Cuts the file off at the position, or at a size.", 0},
    {"flush", base_flush, "($self, /)", "Writes out what is held back.", 0},
    {"close", base_close, "($self, /)", "Flushes and closes.", 0},
    {"seekable", base_no, "($self, /)", "Can seek, tell and truncate?", 0},
    {"readable", base_no, "($self, /)", "Can read?", 0},
    {"writable", base_no, "($self, /)", "Can write?", 0},
    {"_checkClosed", base_check_closed, "($self, /)", NULL, 0},
    {"_checkSeekable", base_check_seekable, "($self, /)", NULL, 0},
    {"_checkReadable", base_check_readable, "($self, /)", NULL, 0},
    {"_checkWritable", base_check_writable, "($self, /)", NULL, 0},
    {"fileno", base_fileno, "($self, /)", "The file descriptor.", 0},
    {"isatty", base_isatty, "($self, /)", "Is it a terminal?", 0},
    {"__enter__", base_enter, "($self, /)", NULL, 0},
    {"__exit__", base_exit, "($self, /, *args)", NULL, NATIVE_RAW},
    {"readline", base_readline, "($self, size=-1, /)", "One line.", 0},
    {"readlines", base_readlines, "($self, hint=-1, /)", "A list of lines, of about `hint` bytes or characters.", 0},
    {"writelines", base_writelines, "($self, lines, /)", "Writes each.", 0},
    NATIVE_END};
static const GetSetDef base_getset[] = {{"closed", base_closed, NULL, "Has it been closed?"}, GETSET_END};
const TypeSpec io_base_spec = {
    .name = "_io._IOBase", .doc = "The base of all streams.", .size = sizeof(Container), .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.iter = base_iter, .next = base_next, .finalize = io_finalize}, .methods = base_methods, .getset = base_getset};

// ---- _RawIOBase

NATIVE(raw_read) {
    int64_t n = -1;
    if (value_bits(args[0]) && arg_index(t, args[0], &n) < 0) return UNDEF;
    if (n < 0) return call_method_0(t, self, NAME(readall));
    Value room = io_bytearray(t, n);
    if (!value_bits(room)) return UNDEF;
    Value got = call_method_1(t, self, NAME(readinto), room), result = UNDEF;
    int64_t count;
    if (value_bits(got) && is_none(got)) {
        result = NONE;
    } else if (value_bits(got) && arg_index(t, got, &count) == 0) {
        Buffer b;
        if (count < 0 || count > n) raise(t, VALUE_ERROR, "readinto returned %lld outside buffer size %lld", (long long)count, (long long)n);
        else if (buffer_get(t, room, &b, BUFFER_C_CONTIGUOUS) == 0) {
            result = bytes_new(t, b.data, (size_t)(count < b.length ? count : b.length));
            buffer_release(t, &b);
        }
    }
    value_release(t, got);
    value_release(t, room);
    return result;
}
NATIVE(raw_readall) {
    ByteBuffer all = {0};
    bool any = false;
    Value result = UNDEF;
    for (;;) {
        Value got = call_method_1(t, self, NAME(read), value_int(IO_BUFFER_SIZE));
        if (!value_bits(got)) {
            if (io_trap_eintr(t)) continue;
            goto done;
        }
        if (is_none(got)) {
            if (!any) {
                result = NONE;
                goto done;
            }
            break;
        }
        if (!value_is_any_bytes(got)) {
            value_release(t, got);
            raise(t, TYPE_ERROR, "read() should return bytes");
            goto done;
        }
        size_t n = value_bytes(got)->length;
        any = true;
        bytebuffer_put(&all, value_bytes(got)->data, n);
        value_release(t, got);
        if (n == 0) break;
        if (all.failed) {
            raise_no_memory(t);
            goto done;
        }
    }
    result = bytes_new(t, all.data, all.length);
done:
    bytebuffer_free(&all);
    return result;
}
NATIVE(raw_not_implemented) { return raise_object(t, exception_new(t, EXCEPTION(NOT_IMPLEMENTED_ERROR), UNDEF)); }
static const NativeDef raw_methods[] = {
    {"read", raw_read, "($self, size=-1, /)", "Up to `size` bytes by one call of readinto.", 0},
    {"readall", raw_readall, "($self, /)", "All bytes to the end.", 0},
    {"readinto", raw_not_implemented, "($self, buffer, /)", "Fills a buffer.", 0},
    {"write", raw_not_implemented, "($self, b, /)", "Writes bytes; how many were.", 0},
    NATIVE_END};
const TypeSpec io_raw_base_spec = {.name = "_io._RawIOBase", .doc = "The base of unbuffered streams of bytes.", .size = sizeof(Container), .flags = TYPE_BASE,
                                   .base = T_IO_BASE, .methods = raw_methods};

// ---- _BufferedIOBase

UNSUPPORTED(buffered_detach, "detach")
UNSUPPORTED(buffered_read, "read")
UNSUPPORTED(buffered_read1, "read1")
UNSUPPORTED(buffered_write, "write")
static Value read_into(Thread *t, ValueRef self, ValueRef target, ValueRef method) {
    Buffer b;
    if (io_writable_buffer(t, value_bits(method) == value_bits(NAME(read1)) ? "readinto1() argument" : "readinto() argument", target, &b) < 0) return UNDEF;
    Value got = call_method_1(t, self, method, value_int(b.length)), result = UNDEF;
    if (value_bits(got)) {
        if (!value_is_any_bytes(got)) {
            raise(t, TYPE_ERROR, "read() should return bytes");
        } else if ((int64_t)value_bytes(got)->length > b.length) {
            raise(t, VALUE_ERROR, "read() returned too much data: %lld bytes requested, %lld returned", (long long)b.length,
                  (long long)value_bytes(got)->length);
        } else {
            memcpy(b.data, value_bytes(got)->data, value_bytes(got)->length);
            result = value_int((int64_t)value_bytes(got)->length);
        }
    }
    value_release(t, got);
    buffer_release(t, &b);
    return result;
}
NATIVE(buffered_readinto) { return read_into(t, self, args[0], NAME(read)); }
NATIVE(buffered_readinto1) { return read_into(t, self, args[0], NAME(read1)); }
static const NativeDef buffered_base_methods[] = {
    {"detach", buffered_detach, "($self, /)", "Gives the raw stream back.", 0},
    {"read", buffered_read, "($self, size=-1, /)", "Up to `size` bytes.", 0},
    {"read1", buffered_read1, "($self, size=-1, /)", "Up to `size` bytes by at most one read of the raw stream.", 0},
    {"readinto", buffered_readinto, "($self, buffer, /)", "Fills a buffer.", 0},
    {"readinto1", buffered_readinto1, "($self, buffer, /)", "Fills a buffer by at most one read of the raw stream.", 0},
    {"write", buffered_write, "($self, b, /)", "Writes bytes.", 0},
    NATIVE_END};
const TypeSpec io_buffered_base_spec = {.name = "_io._BufferedIOBase", .doc = "The base of buffered streams of bytes.", .size = sizeof(Container),
                                        .flags = TYPE_BASE, .base = T_IO_BASE, .methods = buffered_base_methods};

// ---- _TextIOBase

UNSUPPORTED(text_detach, "detach")
UNSUPPORTED(text_read, "read")
UNSUPPORTED(text_readline, "readline")
UNSUPPORTED(text_write, "write")
static Value text_none(Thread *t, ValueRef self) { return NONE; }
static const NativeDef text_methods[] = {
    {"detach", text_detach, "($self, /)", "Gives the buffer back.", 0},
    {"read", text_read, "($self, size=-1, /)", "Up to `size` characters.", 0},
    {"readline", text_readline, "($self, size=-1, /)", "One line.", 0},
    {"write", text_write, "($self, s, /)", "Writes a str.", 0},
    NATIVE_END};
static const GetSetDef text_getset[] = {
    {"encoding", text_none, NULL, "The encoding's name."}, {"newlines", text_none, NULL, "The line ends seen so far."},
    {"errors", text_none, NULL, "What happens to what cannot be coded."}, GETSET_END};
const TypeSpec io_text_base_spec = {.name = "_io._TextIOBase", .doc = "The base of streams of text.", .size = sizeof(Container), .flags = TYPE_BASE,
                                    .base = T_IO_BASE, .methods = text_methods, .getset = text_getset};
