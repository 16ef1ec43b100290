// FileIO: a file descriptor. System calls run detached; the memory lent to them stays pinned by its Buffer, or is not yet
// known to anyone else. A descriptor may be closed by another thread meanwhile: then the call fails as the system says.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/modules/io.h"
#include "runtime/signals.h"
#include "runtime/sys.h"

enum { SEEKABLE_UNKNOWN, SEEKABLE_YES, SEEKABLE_NO };
#define READ_MAX ((size_t)0x7ffff000) // what Linux moves in one call

static void set_fd(IoFile *f, int fd) { atomic_store_relaxed_u32((_Atomic uint32_t *)&f->fd_plus_1, (uint32_t)(fd + 1)); }

int64_t io_fd_read(Thread *t, int fd, void *to, size_t n) {
    for (;;) {
        thread_detach(&t->core);
        ssize_t got = read(fd, to, n > READ_MAX ? READ_MAX : n);
        int e = errno;
        thread_attach(&t->core);
        errno = e;
        if (got >= 0) return got;
        if (e == EAGAIN || e == EWOULDBLOCK) return -2;
        if (e != EINTR) return -3;
        if (signals_check(t) < 0) return -1;
    }
}
int64_t io_fd_write(Thread *t, int fd, const void *from, size_t n) {
    for (;;) {
        thread_detach(&t->core);
        ssize_t put = write(fd, from, n > READ_MAX ? READ_MAX : n);
        int e = errno;
        thread_attach(&t->core);
        errno = e;
        if (put >= 0) return put;
        if (e == EAGAIN || e == EWOULDBLOCK) return -2;
        if (e != EINTR) return -3;
        if (signals_check(t) < 0) return -1;
    }
}

static int closed_error(Thread *t) { return raise_int(t, VALUE_ERROR, "I/O operation on closed file"); }
// The descriptor, or -1 with ValueError.
static int open_fd(Thread *t, ValueRef self) {
    int fd = io_file_fd(io_file(self));
    return fd < 0 ? closed_error(t) : fd;
}
static int os_error(Thread *t) { return raise_os_error(t, errno, UNDEF), -1; }

int64_t io_file_read_into(Thread *t, ValueRef file, void *to, int64_t n) {
    int fd = open_fd(t, file);
    if (fd < 0) return -1;
    if (!io_file(file)->readable) return io_unsupported_int(t, "File not open for reading");
    int64_t got = io_fd_read(t, fd, to, (size_t)n);
    return got == -3 ? os_error(t) : got;
}
int64_t io_file_write_from(Thread *t, ValueRef file, const void *from, int64_t n) {
    int fd = open_fd(t, file);
    if (fd < 0) return -1;
    if (!io_file(file)->writable) return io_unsupported_int(t, "File not open for writing");
    int64_t put = io_fd_write(t, fd, from, (size_t)n);
    return put == -3 ? os_error(t) : put;
}
static int64_t seek_fd(Thread *t, int fd, int64_t offset, int whence) {
    thread_detach(&t->core);
    off_t at = lseek(fd, offset, whence);
    int e = errno;
    thread_attach(&t->core);
    errno = e;
    return at;
}
int64_t io_file_lseek(Thread *t, ValueRef file, int64_t offset, int whence) {
    int fd = open_fd(t, file);
    if (fd < 0) return -1;
    int64_t at = seek_fd(t, fd, offset, whence);
    if (at >= 0) io_file(file)->seekable = SEEKABLE_YES;
    return at < 0 ? os_error(t) : at;
}

// ---- opening and closing

static int bad_mode(Thread *t) { return raise_int(t, VALUE_ERROR, "Must have exactly one of create/read/write/append mode and at most one plus"); }
static int parse_mode(Thread *t, IoFile *f, const char *mode, int *flags) {
    bool plus = false, main_seen = false;
    *flags = 0;
    f->created = f->readable = f->writable = f->appending = false;
    for (const char *s = mode; *s; s++) {
        if (strchr("xrwa", *s)) {
            if (main_seen) return bad_mode(t);
            main_seen = true;
        }
        switch (*s) {
        case 'x':
            f->created = f->writable = true;
            *flags |= O_EXCL | O_CREAT;
            break;
        case 'r': f->readable = true; break;
        case 'w':
            f->writable = true;
            *flags |= O_CREAT | O_TRUNC;
            break;
        case 'a':
            f->writable = f->appending = true;
            *flags |= O_APPEND | O_CREAT;
            break;
        case 'b': break;
        case '+':
            if (plus) return bad_mode(t);
            plus = true;
            break;
        default: return raise_int(t, VALUE_ERROR, "invalid mode: %.200s", mode);
        }
    }
    if (!main_seen) return bad_mode(t);
    if (plus) f->readable = f->writable = true;
    *flags |= (f->readable && f->writable ? O_RDWR : f->readable ? O_RDONLY : O_WRONLY) | O_CLOEXEC;
    return 0;
}

static int close_fd(Thread *t, IoFile *f) {
    int fd = io_file_fd(f);
    if (fd < 0) return 0;
    set_fd(f, -1);
    thread_detach(&t->core);
    int status = close(fd), e = errno;
    thread_attach(&t->core);
    errno = e;
    return status < 0 && e != EINTR ? os_error(t) : 0;
}

static int audit_open(Thread *t, ValueRef path, const char *mode, int flags) {
    if (!sys_audit_enabled(t)) return 0;
    Value items[3] = {value_dup(t, path), mode ? str_from_text(t, mode) : NONE, value_int(flags)};
    if (!value_bits(items[1])) {
        value_release(t, items[0]);
        return -1;
    }
    Value args = tuple_from_values(t, items, 3);
    return value_bits(args) ? sys_audit(t, "open", args) : -1;
}

// Opens `name` (a path or a descriptor) into the object. 0, -1.
static int file_open(Thread *t, ValueRef self, ValueRef name, const char *mode, bool closefd, ValueRef opener) {
    IoFile *f = io_file(self);
    int fd = -1, flags;
    bool opened_here = false;
    char *allocated = NULL;
    const char *path = NULL;
    if (io_file_fd(f) >= 0) { // __init__ again
        if (f->closefd) {
            if (close_fd(t, f) < 0) return -1;
        } else {
            set_fd(f, -1);
        }
    }
    if (value_is_bool(name) && warn(t, E_RUNTIME_WARNING, 1, "bool is used as a file descriptor") < 0) return -1;
    if (value_is_any_int(name)) {
        if (arg_int(t, name, &fd) < 0) return -1;
        if (fd < 0) return raise_int(t, VALUE_ERROR, "negative file descriptor");
    } else if (value_is_bool(name)) {
        fd = value_bits(name) == value_bits(TRUE_VALUE);
    } else if (!(path = str_fs_path(t, name, &allocated))) {
        return -1;
    }
    if (parse_mode(t, f, mode, &flags) < 0) goto fail;
    f->seekable = SEEKABLE_UNKNOWN;
    if (audit_open(t, name, mode, flags) < 0) goto fail;
    if (fd >= 0) {
        set_fd(f, fd);
        f->closefd = closefd;
    } else {
        f->closefd = true;
        if (!closefd) {
            raise(t, VALUE_ERROR, "Cannot use closefd=False with file name");
            goto fail;
        }
        if (is_none(opener)) {
            int e;
            for (;;) {
                thread_detach(&t->core);
                fd = open(path, flags, 0666);
                e = errno;
                thread_attach(&t->core);
                if (fd >= 0 || e != EINTR) break;
                if (signals_check(t) < 0) goto fail;
            }
            if (fd < 0) {
                raise_os_error(t, e, name);
                goto fail;
            }
        } else {
            Value got = call_2(t, opener, name, value_int(flags));
            if (!value_bits(got)) goto fail;
            if (!value_is_any_int(got)) {
                value_release(t, got);
                raise(t, TYPE_ERROR, "expected integer from opener");
                goto fail;
            }
            int status = arg_int(t, got, &fd);
            value_release(t, got);
            if (status < 0) goto fail;
            if (fd < 0) {
                raise(t, VALUE_ERROR, "opener returned %d", fd);
                goto fail;
            }
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
        set_fd(f, fd);
        opened_here = true;
    }
    struct stat st;
    f->block_size = IO_BUFFER_SIZE;
    thread_detach(&t->core);
    int status = fstat(fd, &st), e = errno;
    thread_attach(&t->core);
    f->regular = f->character = false;
    if (status < 0) {
        if (e == EBADF) {
            raise_os_error(t, e, opened_here ? name : (ValueRef)UNDEF);
            goto fail;
        }
    } else {
        if (S_ISDIR(st.st_mode)) {
            raise_os_error(t, EISDIR, name);
            goto fail;
        }
        f->regular = S_ISREG(st.st_mode);
        f->character = S_ISCHR(st.st_mode);
        if (st.st_blksize > 1) f->block_size = (int32_t)st.st_blksize;
    }
    if (object_setattr(t, self, NAME(name), name) < 0) goto fail;
    if (f->appending && seek_fd(t, fd, 0, SEEK_END) < 0 && errno != ESPIPE) {
        os_error(t);
        goto fail;
    }
    free(allocated);
    return 0;
fail:
    free(allocated);
    if (opened_here) {
        Value pending = error_take(t);
        if (close_fd(t, f) < 0) error_clear(t);
        error_restore(t, pending);
    } else {
        set_fd(f, -1);
    }
    return -1;
}

Value io_file_open(Thread *t, ValueRef file, const char *mode, bool closefd, ValueRef opener) {
    Value v = value_of(object_new(t, TYPE_OF(IO_FILE)));
    if (!value_bits(v)) return UNDEF;
    if (file_open(t, v, file, mode, closefd, opener) == 0) return v;
    value_release(t, v);
    return UNDEF;
}

static int file_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    if (args_bind(t, "FileIO", "(file, mode='r', closefd=True, opener=None)", args, nargs, kwnames, given) < 0) return -1;
    bool closefd = true;
    char *allocated = NULL;
    const char *mode = "r";
    if (value_bits(given[1])) {
        size_t n;
        if (!value_is_any_str(given[1])) return raise_int(t, TYPE_ERROR, "FileIO() argument 'mode' must be str, not %K", given[1]);
        if (!(mode = str_utf8(t, value_str(given[1]), &n, &allocated))) return -1;
        if (strlen(mode) != n) {
            free(allocated);
            return raise_int(t, VALUE_ERROR, "embedded null character");
        }
    }
    int status = value_bits(given[2]) ? arg_bool(t, given[2], &closefd) : 0;
    if (status == 0) status = file_open(t, self, given[0], mode, closefd, value_bits(given[3]) ? given[3] : (ValueRef)NONE);
    free(allocated);
    return status;
}

static int dealloc_warn(Thread *t, IoFile *f, ValueRef source) {
    if (io_file_fd(f) < 0 || !f->closefd) return 0;
    Value pending = error_take(t);
    if (warn(t, E_RESOURCE_WARNING, 1, "unclosed file %R", source) < 0) {
        if (error_matches(t, EXCEPTION(WARNING))) error_write_unraisable(t, "while finalizing file", value_of(f));
        else error_clear(t);
    }
    if (value_bits(pending)) error_restore(t, pending);
    return 0;
}
NATIVE(file_dealloc_warn) {
    dealloc_warn(t, io_file(self), args[0]);
    return NONE;
}

NATIVE(file_close) {
    IoFile *f = io_file(self);
    Value failure = UNDEF, base = UNDEF;
    // _IOBase.close: flush, and the mark.
    Type *raw = TYPE_OF(IO_RAW_BASE);
    Value method = value_dup(t, type_lookup(t, raw, NAME(close)));
    if (value_bits(method)) base = call_1(t, method, self);
    value_release(t, method);
    if (!value_bits(base)) failure = error_take(t);
    value_release(t, base);
    if (!f->closefd) {
        set_fd(f, -1);
    } else {
        if (f->finalizing) dealloc_warn(t, f, self);
        if (close_fd(t, f) < 0) {
            if (value_bits(failure)) return io_chain(t, failure);
            return UNDEF;
        }
    }
    if (value_bits(failure)) {
        error_restore(t, failure);
        return UNDEF;
    }
    return NONE;
}
static void file_destroy(Thread *t, Object *o) {
    IoFile *f = (IoFile *)o;
    int fd = io_file_fd(f);
    if (fd >= 0 && f->closefd) close(fd);
}

// ---- reading, writing, moving

NATIVE(file_readall) {
    int fd = open_fd(t, self);
    if (fd < 0) return UNDEF;
    struct stat st;
    size_t room = IO_BUFFER_SIZE;
    thread_detach(&t->core);
    off_t at = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    thread_attach(&t->core);
    if (at >= 0) room = st.st_size > at ? (size_t)(st.st_size - at) : 0;
    // The size that was expected, and one byte more to see the end.
    ByteBuffer all = {0};
    if (!bytebuffer_reserve(&all, room + 1)) return raise_no_memory(t);
    for (;;) {
        if (all.room == all.length && !bytebuffer_reserve(&all, all.length > (1u << 16) ? all.length / 2 : 1u << 16)) {
            bytebuffer_free(&all);
            return raise_no_memory(t);
        }
        int64_t n = io_fd_read(t, fd, all.data + all.length, all.room - all.length);
        if (n == 0) break;
        if (n < 0) {
            if (n == -2 && all.length) break;
            bytebuffer_free(&all);
            if (n == -2) return NONE;
            if (n == -3) os_error(t);
            return UNDEF;
        }
        all.length += (size_t)n;
    }
    Value v = bytes_new(t, all.data, all.length);
    bytebuffer_free(&all);
    return v;
}
NATIVE(file_read) {
    int64_t n = -1;
    int fd = open_fd(t, self);
    if (fd < 0) return UNDEF;
    if (!io_file(self)->readable) return io_unsupported(t, "File not open for reading");
    if (io_size(t, args[0], &n) < 0) return UNDEF;
    if (n < 0) return file_readall(t, self, NULL, 0, NULL);
    if ((size_t)n > READ_MAX) n = (int64_t)READ_MAX;
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    Value v = value_of(b);
    int64_t got = io_fd_read(t, fd, b->data, (size_t)n);
    if (got == n) return v;
    Value shorter = got == -2 ? NONE : got >= 0 ? bytes_new(t, b->data, (size_t)got) : UNDEF;
    if (got == -3) os_error(t);
    value_release(t, v);
    return shorter;
}
NATIVE(file_readinto) {
    if (open_fd(t, self) < 0) return UNDEF;
    if (!io_file(self)->readable) return io_unsupported(t, "File not open for reading");
    Buffer b;
    if (io_writable_buffer(t, "readinto() argument 1", args[0], &b) < 0) return UNDEF;
    int64_t n = io_file_read_into(t, self, b.data, b.length);
    buffer_release(t, &b);
    return n == -2 ? NONE : n < 0 ? UNDEF : value_int(n);
}
NATIVE(file_write) {
    if (open_fd(t, self) < 0) return UNDEF;
    if (!io_file(self)->writable) return io_unsupported(t, "File not open for writing");
    Buffer b;
    if (buffer_get(t, args[0], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    int64_t n = io_file_write_from(t, self, b.data, b.length);
    buffer_release(t, &b);
    return n == -2 ? NONE : n < 0 ? UNDEF : value_int(n);
}
NATIVE(file_seek) {
    int whence;
    int64_t offset;
    if (open_fd(t, self) < 0 || io_whence(t, args[1], &whence) < 0 || arg_index(t, args[0], &offset) < 0) return UNDEF;
    int64_t at = io_file_lseek(t, self, offset, whence);
    return at < 0 ? UNDEF : int_from_int64(t, at);
}
NATIVE(file_tell) {
    int64_t at = io_file_lseek(t, self, 0, SEEK_CUR);
    return at < 0 ? UNDEF : int_from_int64(t, at);
}
NATIVE(file_truncate) {
    int fd = open_fd(t, self);
    if (fd < 0) return UNDEF;
    if (!io_file(self)->writable) return io_unsupported(t, "File not open for writing");
    int64_t size;
    if (not_given(args[0])) {
        if ((size = io_file_lseek(t, self, 0, SEEK_CUR)) < 0) return UNDEF;
    } else if (arg_index(t, args[0], &size) < 0) {
        return UNDEF;
    }
    for (;;) {
        thread_detach(&t->core);
        int status = ftruncate(fd, size), e = errno;
        thread_attach(&t->core);
        if (status == 0) break;
        if (e != EINTR) return raise_os_error(t, e, UNDEF);
        if (signals_check(t) < 0) return UNDEF;
    }
    return int_from_int64(t, size);
}

// ---- what it is

NATIVE(file_seekable) {
    IoFile *f = io_file(self);
    int fd = open_fd(t, self);
    if (fd < 0) return UNDEF;
    if (f->seekable == SEEKABLE_UNKNOWN) f->seekable = seek_fd(t, fd, 0, SEEK_CUR) < 0 ? SEEKABLE_NO : SEEKABLE_YES;
    return value_bool(f->seekable == SEEKABLE_YES);
}
NATIVE(file_readable) { return open_fd(t, self) < 0 ? UNDEF : value_bool(io_file(self)->readable); }
NATIVE(file_writable) { return open_fd(t, self) < 0 ? UNDEF : value_bool(io_file(self)->writable); }
NATIVE(file_fileno) {
    int fd = open_fd(t, self);
    return fd < 0 ? UNDEF : value_int(fd);
}
NATIVE(file_isatty) {
    int fd = open_fd(t, self);
    if (fd < 0) return UNDEF;
    thread_detach(&t->core);
    int yes = isatty(fd);
    thread_attach(&t->core);
    return value_bool(yes);
}
NATIVE(file_isatty_open_only) { return io_file_fd(io_file(self)) >= 0 && !io_file(self)->character ? FALSE_VALUE : file_isatty(t, self, NULL, 0, NULL); }
static const char *mode_name(const IoFile *f) {
    if (f->created) return f->readable ? "xb+" : "xb";
    if (f->appending) return f->readable ? "ab+" : "ab";
    if (f->readable) return f->writable ? "rb+" : "rb";
    return "wb";
}
static Value file_mode(Thread *t, ValueRef self) { return str_from_text(t, mode_name(io_file(self))); }
static Value file_closed(Thread *t, ValueRef self) { return value_bool(io_file_fd(io_file(self)) < 0); }
static Value file_closefd(Thread *t, ValueRef self) { return value_bool(io_file(self)->closefd); }
static Value file_blksize(Thread *t, ValueRef self) { return value_int(io_file(self)->block_size ? io_file(self)->block_size : IO_BUFFER_SIZE); }
static Value file_repr(Thread *t, ValueRef self) {
    IoFile *f = io_file(self);
    Value type = type_qualified_name(t, value_type(self));
    if (!value_bits(type)) return UNDEF;
    Value result = UNDEF, name = UNDEF;
    if (io_file_fd(f) < 0) {
        result = str_of_format(t, "<%S [closed]>", type);
        goto done;
    }
    name = object_getattr_or_undef(t, self, NAME(name));
    const char *closefd = f->closefd ? "True" : "False";
    if (!value_bits(name) && error_pending(t)) goto done;
    if (!value_bits(name)) {
        result = str_of_format(t, "<%S fd=%d mode='%s' closefd=%s>", type, io_file_fd(f), mode_name(f), closefd);
        goto done;
    }
    int running = repr_enter(t, self);
    if (running == 0) {
        result = str_of_format(t, "<%S name=%R mode='%s' closefd=%s>", type, name, mode_name(f), closefd);
        repr_leave(t, self);
    } else if (running > 0) {
        raise(t, RUNTIME_ERROR, "reentrant call inside %S.__repr__", type);
    }
done:
    value_release(t, name);
    value_release(t, type);
    return result;
}

static const NativeDef methods[] = {
    {"read", file_read, "($self, size=-1, /)", "Up to `size` bytes by one system call; all without a size. None where it would block.", 0},
    {"readall", file_readall, "($self, /)", "All bytes to the end.", 0},
    {"readinto", file_readinto, "($self, buffer, /)", "Fills a buffer by one system call.", 0},
    {"write", file_write, "($self, b, /)", "Writes by one system call; how many bytes were.", 0},
    {"seek", file_seek, "($self, pos, whence=0, /)", "Moves the position.", 0},
    {"tell", file_tell, "($self, /)", "The position.", 0},
    {"truncate", file_truncate, "($self, size=None, /)", "Cuts the file off.", 0},
    {"close", file_close, "($self, /)", "Closes the descriptor.", 0},
    {"seekable", file_seekable, "($self, /)", "Can seek?", 0},
    {"readable", file_readable, "($self, /)", "Opened for reading?", 0},
    {"writable", file_writable, "($self, /)", "Opened for writing?", 0},
    {"fileno", file_fileno, "($self, /)", "The descriptor.", 0},
    {"isatty", file_isatty, "($self, /)", "Is it a terminal?", 0},
    {"_isatty_open_only", file_isatty_open_only, "($self, /)", NULL, 0},
    {"_dealloc_warn", file_dealloc_warn, "($self, object, /)", NULL, 0},
    {"__getstate__", io_cannot_pickle, "($self, /)", NULL, 0},
    NATIVE_END};
static const GetSetDef getset[] = {
    {"closed", file_closed, NULL, "True if the file is closed"}, {"closefd", file_closefd, NULL, "Does close() close the descriptor?"},
    {"mode", file_mode, NULL, "How it was opened."}, {"_blksize", file_blksize, NULL, "The file system's block size."}, GETSET_END};
static const MemberDef members[] = {{"_finalizing", offsetof(IoFile, finalizing), MEMBER_BOOL8, true, NULL}, MEMBER_END};
const TypeSpec io_file_spec = {
    .name = "_io.FileIO", .doc = "A file of bytes, without a buffer.", .size = sizeof(IoFile), .flags = TYPE_BASE | TYPE_HAS_RESOURCE, .base = T_IO_RAW_BASE,
    .ops = {.repr = file_repr, .init = file_init}, .methods = methods, .getset = getset, .members = members,
    .new_signature = "(file, mode='r', closefd=True, opener=None)", .destroy = file_destroy};
