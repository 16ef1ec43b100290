// posix: what is done to descriptors.
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include "runtime/modules/io.h"
#include "runtime/modules/posix.h"

static const char *const terminal_fields[] = {"columns", "lines", NULL};
static const StructSeqSpec terminal_spec = {.name = "os.terminal_size", .doc = "(columns, lines) of a terminal.", .fields = terminal_fields, .visible = 2};

#define READ_MAX ((int64_t)0x7ffff000)

NATIVE(os_close) {
    int fd, status;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = close(fd));
    return status < 0 && errno != EINTR ? posix_error(t) : NONE;
}
NATIVE(os_closerange) {
    int low, high;
    if (arg_int(t, args[0], &low) < 0 || arg_int(t, args[1], &high) < 0) return UNDEF;
    if (low < 0) low = 0;
    if (high > low) DETACHED(close_range((unsigned)low, (unsigned)high - 1, 0));
    return NONE;
}
NATIVE(os_dup) {
    int fd, copy;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(copy = fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return posix_number(t, copy);
}
NATIVE(os_dup2) {
    int fd, fd2, status;
    bool inheritable = true;
    if (posix_fd(t, args[0], &fd) < 0 || posix_fd(t, args[1], &fd2) < 0 || posix_flag(t, args[2], &inheritable) < 0) return UNDEF;
    if (fd < 0 || fd2 < 0) {
        errno = EBADF;
        return posix_error(t);
    }
    if (inheritable || fd == fd2) RETRY(status, dup2(fd, fd2));
    else RETRY(status, dup3(fd, fd2, O_CLOEXEC));
    return posix_number(t, status);
}
NATIVE(os_pipe) {
    int fds[2], status;
    DETACHED(status = pipe2(fds, O_CLOEXEC));
    return status < 0 ? posix_error(t) : tuple_pair(t, value_int(fds[0]), value_int(fds[1]));
}
NATIVE(os_pipe2) {
    int fds[2], flags, status;
    if (arg_int(t, args[0], &flags) < 0) return UNDEF;
    DETACHED(status = pipe2(fds, flags));
    return status < 0 ? posix_error(t) : tuple_pair(t, value_int(fds[0]), value_int(fds[1]));
}
NATIVE(os_lseek) {
    int fd, whence;
    int64_t offset, at;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &offset) < 0 || arg_int(t, args[2], &whence) < 0) return UNDEF;
    DETACHED(at = lseek(fd, offset, whence));
    return posix_number(t, at);
}

// ---- reading and writing

static Value read_result(Thread *t, Bytes *b, int64_t n, int64_t asked) {
    if (n == asked) return value_of(b);
    int e = errno;
    Value v = n >= 0 ? bytes_new(t, b->data, (size_t)n) : UNDEF;
    value_release(t, value_of(b));
    errno = e;
    return n < 0 ? posix_error(t) : v;
}
NATIVE(os_read) {
    int fd;
    int64_t n, got;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &n) < 0) return UNDEF;
    if (n < 0) {
        errno = EINVAL;
        return posix_error(t);
    }
    if (n > READ_MAX) n = READ_MAX;
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    RETRY(got, read(fd, b->data, (size_t)n));
    return read_result(t, b, got, n);
}
NATIVE(os_pread) {
    int fd;
    int64_t n, offset, got;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &n) < 0 || arg_index(t, args[2], &offset) < 0) return UNDEF;
    if (n < 0) {
        errno = EINVAL;
        return posix_error(t);
    }
    if (n > READ_MAX) n = READ_MAX;
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    RETRY(got, pread(fd, b->data, (size_t)n, offset));
    return read_result(t, b, got, n);
}
NATIVE(os_readinto) {
    int fd;
    int64_t n;
    Buffer b;
    if (posix_fd(t, args[0], &fd) < 0 || io_writable_buffer(t, "readinto() argument 2", args[1], &b) < 0) return UNDEF;
    RETRY(n, read(fd, b.data, b.length > READ_MAX ? (size_t)READ_MAX : (size_t)b.length));
    int e = errno;
    buffer_release(t, &b);
    errno = e;
    return posix_number(t, n);
}
static Value write_at(Thread *t, ValueRef descriptor, ValueRef data, ValueRef offset_or_undef) {
    int fd;
    int64_t n, offset = 0;
    Buffer b;
    if (posix_fd(t, descriptor, &fd) < 0 || (value_bits(offset_or_undef) && arg_index(t, offset_or_undef, &offset) < 0) || buffer_get(t, data, &b, BUFFER_C_CONTIGUOUS) < 0)
        return UNDEF;
    size_t length = b.length > READ_MAX ? (size_t)READ_MAX : (size_t)b.length;
    if (value_bits(offset_or_undef)) RETRY(n, pwrite(fd, b.data, length, offset));
    else RETRY(n, write(fd, b.data, length));
    int e = errno;
    buffer_release(t, &b);
    errno = e;
    return posix_number(t, n);
}
NATIVE(os_write) { return write_at(t, args[0], args[1], UNDEF); }
NATIVE(os_pwrite) { return write_at(t, args[0], args[1], args[2]); }

// Several buffers at once.
typedef struct Vector { struct iovec *v; Buffer *buffers; int n; } Vector;
static void vector_close(Thread *t, Vector *x) {
    int e = errno;
    for (int i = 0; i < x->n; i++) buffer_release(t, &x->buffers[i]);
    free(x->v);
    free(x->buffers);
    errno = e;
}
static int vector_open(Thread *t, Vector *x, const char *function, ValueRef sequence, int flags) {
    *x = (Vector){0};
    if (!value_is_any_list(sequence) && !value_is_any_tuple(sequence) && (!value_is_pointer(sequence) || !value_type(sequence)->ops.getitem))
        return raise_int(t, TYPE_ERROR, "%s() arg 2 must be a sequence", function);
    Value items = tuple_from_iterable(t, sequence);
    if (!value_bits(items)) return -1;
    int64_t n = value_tuple(items)->length;
    int status = -1;
    if (n > INT_MAX / 64) {
        raise(t, OVERFLOW_ERROR, "too many buffers");
        goto done;
    }
    x->v = calloc((size_t)n + 1, sizeof *x->v);
    x->buffers = calloc((size_t)n + 1, sizeof *x->buffers);
    if (!x->v || !x->buffers) {
        raise_no_memory(t);
        goto done;
    }
    for (int i = 0; i < n; i++) {
        if (buffer_get(t, tuple_item(value_tuple(items), i), &x->buffers[i], flags) < 0) goto done;
        x->n++;
        x->v[i] = (struct iovec){x->buffers[i].data, (size_t)x->buffers[i].length};
    }
    status = 0;
done:
    value_release(t, items);
    if (status < 0) vector_close(t, x);
    return status;
}
NATIVE(os_readv) {
    int fd;
    ssize_t n;
    Vector x;
    if (posix_fd(t, args[0], &fd) < 0 || vector_open(t, &x, "readv", args[1], BUFFER_WRITABLE | BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    RETRY(n, readv(fd, x.v, x.n));
    vector_close(t, &x);
    return posix_number(t, n);
}
NATIVE(os_writev) {
    int fd;
    ssize_t n;
    Vector x;
    if (posix_fd(t, args[0], &fd) < 0 || vector_open(t, &x, "writev", args[1], BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    RETRY(n, writev(fd, x.v, x.n));
    vector_close(t, &x);
    return posix_number(t, n);
}
NATIVE(os_preadv) { // fd, buffers, offset, flags
    int fd, flags = 0;
    int64_t offset;
    ssize_t n;
    Vector x;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[2], &offset) < 0 || (value_bits(args[3]) && arg_int(t, args[3], &flags) < 0) ||
        vector_open(t, &x, "preadv", args[1], BUFFER_WRITABLE | BUFFER_C_CONTIGUOUS) < 0)
        return UNDEF;
    RETRY(n, preadv2(fd, x.v, x.n, offset, flags));
    vector_close(t, &x);
    return posix_number(t, n);
}
NATIVE(os_pwritev) {
    int fd, flags = 0;
    int64_t offset;
    ssize_t n;
    Vector x;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[2], &offset) < 0 || (value_bits(args[3]) && arg_int(t, args[3], &flags) < 0) ||
        vector_open(t, &x, "pwritev", args[1], BUFFER_C_CONTIGUOUS) < 0)
        return UNDEF;
    RETRY(n, pwritev2(fd, x.v, x.n, offset, flags));
    vector_close(t, &x);
    return posix_number(t, n);
}
NATIVE(os_sendfile) { // out_fd, in_fd, offset, count
    int out, in;
    int64_t count, start = 0;
    ssize_t n;
    if (posix_fd(t, args[0], &out) < 0 || posix_fd(t, args[1], &in) < 0 || arg_index(t, args[3], &count) < 0) return UNDEF;
    bool none = is_none(args[2]);
    if (!none && arg_index(t, args[2], &start) < 0) return UNDEF;
    off_t offset = start;
    RETRY(n, sendfile(out, in, none ? NULL : &offset, (size_t)count));
    return posix_number(t, n);
}
// count and two optional offsets, for copy_file_range and splice.
static int range_arguments(Thread *t, const ValueRef *args, int *src, int *dst, int64_t *count, loff_t *from, loff_t *to) {
    int64_t a = 0, b = 0;
    if (posix_fd(t, args[0], src) < 0 || posix_fd(t, args[1], dst) < 0 || arg_index(t, args[2], count) < 0) return -1;
    if (!not_given(args[3]) && arg_index(t, args[3], &a) < 0) return -1;
    if (!not_given(args[4]) && arg_index(t, args[4], &b) < 0) return -1;
    *from = a;
    *to = b;
    return *count < 0 ? raise_int(t, VALUE_ERROR, "negative value for 'count' not allowed") : 0;
}
NATIVE(os_copy_file_range) {
    int src, dst;
    int64_t count;
    loff_t from, to;
    ssize_t n;
    if (range_arguments(t, args, &src, &dst, &count, &from, &to) < 0) return UNDEF;
    RETRY(n, copy_file_range(src, not_given(args[3]) ? NULL : &from, dst, not_given(args[4]) ? NULL : &to, (size_t)count, 0));
    return posix_number(t, n);
}
NATIVE(os_splice) { // src, dst, count, offset_src, offset_dst, flags
    int src, dst;
    int64_t count, flags = 0;
    loff_t from, to;
    ssize_t n;
    if (range_arguments(t, args, &src, &dst, &count, &from, &to) < 0 || (value_bits(args[5]) && arg_index(t, args[5], &flags) < 0)) return UNDEF;
    RETRY(n, splice(src, not_given(args[3]) ? NULL : &from, dst, not_given(args[4]) ? NULL : &to, (size_t)count, (unsigned)flags));
    return posix_number(t, n);
}

// ---- files' sizes and contents on disk

NATIVE(os_ftruncate) {
    int fd, status;
    int64_t length;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &length) < 0 || posix_audit(t, "os.truncate", 2, args[0], args[1]) < 0) return UNDEF;
    RETRY(status, ftruncate(fd, length));
    return posix_done(t, status);
}
NATIVE(os_fsync) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    RETRY(status, fsync(fd));
    return posix_done(t, status);
}
NATIVE(os_fdatasync) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    RETRY(status, fdatasync(fd));
    return posix_done(t, status);
}
NATIVE(os_posix_fallocate) {
    int fd, e;
    int64_t offset, length;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &offset) < 0 || arg_index(t, args[2], &length) < 0) return UNDEF;
    do DETACHED(e = posix_fallocate(fd, offset, length));
    while (e == EINTR && signals_check(t) == 0);
    if (!e) return NONE;
    errno = e;
    return posix_error(t);
}
NATIVE(os_posix_fadvise) {
    int fd, advice, e;
    int64_t offset, length;
    if (posix_fd(t, args[0], &fd) < 0 || arg_index(t, args[1], &offset) < 0 || arg_index(t, args[2], &length) < 0 || arg_int(t, args[3], &advice) < 0) return UNDEF;
    do DETACHED(e = posix_fadvise(fd, offset, length, advice));
    while (e == EINTR && signals_check(t) == 0);
    if (!e) return NONE;
    errno = e;
    return posix_error(t);
}
NATIVE(os_lockf) {
    int fd, command, status;
    int64_t length;
    if (posix_fd(t, args[0], &fd) < 0 || arg_int(t, args[1], &command) < 0 || arg_index(t, args[2], &length) < 0 ||
        posix_audit(t, "os.lockf", 3, args[0], args[1], args[2]) < 0)
        return UNDEF;
    DETACHED(status = lockf(fd, command, length));
    return posix_done(t, status);
}

// ---- flags

NATIVE(os_get_inheritable) {
    int fd, flags;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(flags = fcntl(fd, F_GETFD));
    return flags < 0 ? posix_error(t) : value_bool(!(flags & FD_CLOEXEC));
}
NATIVE(os_set_inheritable) {
    int fd, inheritable, status;
    if (posix_fd(t, args[0], &fd) < 0 || arg_int(t, args[1], &inheritable) < 0) return UNDEF;
    DETACHED({
        int flags = fcntl(fd, F_GETFD);
        status = flags < 0 ? -1 : fcntl(fd, F_SETFD, inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC);
    });
    return posix_done(t, status);
}
NATIVE(os_get_blocking) {
    int fd, flags;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(flags = fcntl(fd, F_GETFL));
    return flags < 0 ? posix_error(t) : value_bool(!(flags & O_NONBLOCK));
}
NATIVE(os_set_blocking) {
    int fd, status;
    bool blocking;
    if (posix_fd(t, args[0], &fd) < 0 || arg_bool(t, args[1], &blocking) < 0) return UNDEF;
    DETACHED({
        int flags = fcntl(fd, F_GETFL);
        status = flags < 0 ? -1 : fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    });
    return posix_done(t, status);
}

// ---- terminals

NATIVE(os_isatty) {
    int fd, yes;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(yes = isatty(fd));
    return value_bool(yes);
}
NATIVE(os_ttyname) {
    int fd, e;
    char name[PATH_MAX];
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(e = ttyname_r(fd, name, sizeof name));
    errno = e;
    return e ? posix_error(t) : posix_fs_text(t, name);
}
NATIVE(os_ctermid) {
    char name[L_ctermid];
    ctermid(name); // (its result is not used: the compiler takes it for a pointer of its own)
    return posix_fs_text(t, name);
}
NATIVE(os_tcgetpgrp) {
    int fd;
    pid_t group;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(group = tcgetpgrp(fd));
    return posix_number(t, group);
}
NATIVE(os_tcsetpgrp) {
    int fd, group, status;
    if (posix_fd(t, args[0], &fd) < 0 || arg_int(t, args[1], &group) < 0) return UNDEF;
    DETACHED(status = tcsetpgrp(fd, group));
    return posix_done(t, status);
}
NATIVE(os_get_terminal_size) {
    int fd = STDOUT_FILENO, status;
    struct winsize w;
    if (value_bits(args[0]) && arg_int(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = ioctl(fd, TIOCGWINSZ, &w));
    if (status < 0) return posix_error(t);
    Value v[2] = {value_int(w.ws_col), value_int(w.ws_row)};
    return structseq_new(t, (Type *)value_object(posix_state(self)->terminal_size), v);
}
NATIVE(os_openpty) {
    int master, slave, status;
    DETACHED(status = openpty(&master, &slave, NULL, NULL, NULL));
    if (status < 0) return posix_error(t);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    return tuple_pair(t, value_int(master), value_int(slave));
}
NATIVE(os_login_tty) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = login_tty(fd));
    return posix_done(t, status);
}
NATIVE(os_posix_openpt) {
    int flags, fd;
    if (arg_int(t, args[0], &flags) < 0) return UNDEF;
    DETACHED(fd = posix_openpt(flags));
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return posix_number(t, fd);
}
NATIVE(os_grantpt) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = grantpt(fd));
    return posix_done(t, status);
}
NATIVE(os_unlockpt) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = unlockpt(fd));
    return posix_done(t, status);
}
NATIVE(os_ptsname) {
    int fd, e;
    char name[PATH_MAX];
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(e = ptsname_r(fd, name, sizeof name));
    errno = e;
    return e ? posix_error(t) : posix_fs_text(t, name);
}

// ---- event and timer descriptors, randomness

NATIVE(os_eventfd) {
    int64_t initial;
    int flags = EFD_CLOEXEC, fd;
    if (arg_index(t, args[0], &initial) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &flags) < 0)) return UNDEF;
    if (initial < 0 || initial > UINT32_MAX) return raise(t, OVERFLOW_ERROR, "initval must fit an unsigned int");
    DETACHED(fd = eventfd((unsigned)initial, flags));
    return posix_number(t, fd);
}
NATIVE(os_eventfd_read) {
    int fd, status;
    eventfd_t value;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = eventfd_read(fd, &value));
    return status < 0 ? posix_error(t) : int_from_uint64(t, value);
}
NATIVE(os_eventfd_write) {
    int fd, status;
    uint64_t value;
    if (posix_fildes(t, args[0], &fd) < 0 || arg_uint64(t, args[1], &value) < 0) return UNDEF;
    DETACHED(status = eventfd_write(fd, value));
    return posix_done(t, status);
}
NATIVE(os_timerfd_create) {
    int clock, flags = TFD_CLOEXEC, fd;
    if (arg_int(t, args[0], &clock) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &flags) < 0)) return UNDEF;
    DETACHED(fd = timerfd_create(clock, flags | TFD_CLOEXEC));
    return posix_number(t, fd);
}
static Value timer_pair(Thread *t, const struct itimerspec *s, bool ns) {
    if (ns) {
        Value a = int_from_int64(t, s->it_value.tv_sec * INT64_C(1000000000) + s->it_value.tv_nsec);
        Value b = int_from_int64(t, s->it_interval.tv_sec * INT64_C(1000000000) + s->it_interval.tv_nsec);
        return tuple_pair(t, a, b);
    }
    return tuple_pair(t, float_new(t, (double)s->it_value.tv_sec + 1e-9 * (double)s->it_value.tv_nsec),
                      float_new(t, (double)s->it_interval.tv_sec + 1e-9 * (double)s->it_interval.tv_nsec));
}
static Value timer_get(Thread *t, ValueRef descriptor, bool ns) {
    int fd, status;
    struct itimerspec s;
    if (posix_fildes(t, descriptor, &fd) < 0) return UNDEF;
    DETACHED(status = timerfd_gettime(fd, &s));
    return status < 0 ? posix_error(t) : timer_pair(t, &s, ns);
}
static int timer_time(Thread *t, ValueRef v, bool ns, struct timespec *out) {
    *out = (struct timespec){0};
    if (!value_bits(v)) return 0;
    if (ns) {
        int64_t n;
        if (arg_index(t, v, &n) < 0) return -1;
        out->tv_sec = n / 1000000000;
        out->tv_nsec = n % 1000000000;
        return 0;
    }
    double d;
    if (arg_double(t, v, &d) < 0) return -1;
    if (!(d > -9e18 && d < 9e18)) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
    out->tv_sec = (time_t)d;
    out->tv_nsec = (long)((d - (double)out->tv_sec) * 1e9);
    return 0;
}
static Value timer_set(Thread *t, const ValueRef *args, bool ns) { // fd, flags, initial, interval
    int fd, flags = 0, status;
    struct itimerspec s, old;
    if (posix_fildes(t, args[0], &fd) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &flags) < 0) || timer_time(t, args[2], ns, &s.it_value) < 0 ||
        timer_time(t, args[3], ns, &s.it_interval) < 0)
        return UNDEF;
    DETACHED(status = timerfd_settime(fd, flags, &s, &old));
    return status < 0 ? posix_error(t) : timer_pair(t, &old, ns);
}
NATIVE(os_timerfd_gettime) { return timer_get(t, args[0], false); }
NATIVE(os_timerfd_gettime_ns) { return timer_get(t, args[0], true); }
NATIVE(os_timerfd_settime) { return timer_set(t, args, false); }
NATIVE(os_timerfd_settime_ns) { return timer_set(t, args, true); }

NATIVE(os_urandom) {
    int64_t n;
    if (arg_index(t, args[0], &n) < 0) return UNDEF;
    if (n < 0) return raise(t, VALUE_ERROR, "negative argument not allowed");
    Bytes *b = bytes_alloc(t, (size_t)n);
    for (int64_t done = 0; b && done < n;) {
        ssize_t got;
        RETRY(got, getrandom(b->data + done, (size_t)(n - done), 0));
        if (got < 0) {
            int e = errno;
            value_release(t, value_of(b));
            errno = e;
            return posix_error(t);
        }
        done += got;
    }
    return b ? value_of(b) : UNDEF;
}
NATIVE(os_getrandom) {
    int64_t n, got;
    int flags = 0;
    if (arg_index(t, args[0], &n) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &flags) < 0)) return UNDEF;
    if (n < 0) {
        errno = EINVAL;
        return posix_error(t);
    }
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    RETRY(got, getrandom(b->data, (size_t)n, (unsigned)flags));
    return read_result(t, b, got, n);
}
NATIVE(os_device_encoding) {
    int fd;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    return isatty(fd) ? str_from_text(t, "UTF-8") : NONE;
}

const NativeDef posix_fd_functions[] = {
    {"close", os_close, "($module, /, fd)", "Closes a descriptor.", 0},
    {"closerange", os_closerange, "($module, fd_low, fd_high, /)", "Closes descriptors, whether open or not.", 0},
    {"dup", os_dup, "($module, fd, /)", NULL, 0},
    {"dup2", os_dup2, "($module, /, fd, fd2, inheritable=True)", NULL, 0},
    {"pipe", os_pipe, "($module, /)", "The two ends of a new pipe.", 0},
    {"pipe2", os_pipe2, "($module, flags, /)", NULL, 0},
    {"lseek", os_lseek, "($module, fd, position, whence, /)", NULL, 0},
    {"read", os_read, "($module, fd, length, /)", "Reads up to `length` bytes.", 0},
    {"readinto", os_readinto, "($module, fd, buffer, /)", NULL, 0},
    {"write", os_write, "($module, fd, data, /)", "Writes; how many bytes were.", 0},
    {"pread", os_pread, "($module, fd, length, offset, /)", NULL, 0},
    {"pwrite", os_pwrite, "($module, fd, buffer, offset, /)", NULL, 0},
    {"readv", os_readv, "($module, fd, buffers, /)", NULL, 0},
    {"writev", os_writev, "($module, fd, buffers, /)", NULL, 0},
    {"preadv", os_preadv, "($module, fd, buffers, offset, flags=0, /)", NULL, 0},
    {"pwritev", os_pwritev, "($module, fd, buffers, offset, flags=0, /)", NULL, 0},
    {"sendfile", os_sendfile, "($module, /, out_fd, in_fd, offset, count)", NULL, 0},
    {"copy_file_range", os_copy_file_range, "($module, /, src, dst, count, offset_src=None, offset_dst=None)", NULL, 0},
    {"splice", os_splice, "($module, /, src, dst, count, offset_src=None, offset_dst=None, flags=0)", NULL, 0},
    {"ftruncate", os_ftruncate, "($module, fd, length, /)", NULL, 0},
    {"fsync", os_fsync, "($module, /, fd)", NULL, 0},
    {"fdatasync", os_fdatasync, "($module, /, fd)", NULL, 0},
    {"posix_fallocate", os_posix_fallocate, "($module, fd, offset, length, /)", NULL, 0},
    {"posix_fadvise", os_posix_fadvise, "($module, fd, offset, length, advice, /)", NULL, 0},
    {"lockf", os_lockf, "($module, fd, command, length, /)", NULL, 0},
    {"get_inheritable", os_get_inheritable, "($module, fd, /)", NULL, 0},
    {"set_inheritable", os_set_inheritable, "($module, fd, inheritable, /)", NULL, 0},
    {"get_blocking", os_get_blocking, "($module, fd, /)", NULL, 0},
    {"set_blocking", os_set_blocking, "($module, fd, blocking, /)", NULL, 0},
    {"isatty", os_isatty, "($module, fd, /)", NULL, 0},
    {"ttyname", os_ttyname, "($module, fd, /)", NULL, 0},
    {"ctermid", os_ctermid, "($module, /)", NULL, 0},
    {"tcgetpgrp", os_tcgetpgrp, "($module, fd, /)", NULL, 0},
    {"tcsetpgrp", os_tcsetpgrp, "($module, fd, pgid, /)", NULL, 0},
    {"get_terminal_size", os_get_terminal_size, "($module, fd=<unrepresentable>, /)", "(columns, lines)", 0},
    {"openpty", os_openpty, "($module, /)", NULL, 0},
    {"login_tty", os_login_tty, "($module, fd, /)", NULL, 0},
    {"posix_openpt", os_posix_openpt, "($module, oflag, /)", NULL, 0},
    {"grantpt", os_grantpt, "($module, fd, /)", NULL, 0},
    {"unlockpt", os_unlockpt, "($module, fd, /)", NULL, 0},
    {"ptsname", os_ptsname, "($module, fd, /)", NULL, 0},
    {"eventfd", os_eventfd, "($module, /, initval, flags=EFD_CLOEXEC)", NULL, 0},
    {"eventfd_read", os_eventfd_read, "($module, /, fd)", NULL, 0},
    {"eventfd_write", os_eventfd_write, "($module, /, fd, value)", NULL, 0},
    {"timerfd_create", os_timerfd_create, "($module, clockid, /, *, flags=0)", NULL, 0},
    {"timerfd_gettime", os_timerfd_gettime, "($module, fd, /)", NULL, 0},
    {"timerfd_gettime_ns", os_timerfd_gettime_ns, "($module, fd, /)", NULL, 0},
    {"timerfd_settime", os_timerfd_settime, "($module, fd, /, *, flags=0, initial=0.0, interval=0.0)", NULL, 0},
    {"timerfd_settime_ns", os_timerfd_settime_ns, "($module, fd, /, *, flags=0, initial=0, interval=0)", NULL, 0},
    {"urandom", os_urandom, "($module, size, /)", "Random bytes from the system.", 0},
    {"getrandom", os_getrandom, "($module, /, size, flags=0)", NULL, 0},
    {"device_encoding", os_device_encoding, "($module, /, fd)", NULL, 0},
    NATIVE_END};
int posix_fd_exec(Thread *t, ValueRef module) { return posix_structseq(t, module, &posix_state(module)->terminal_size, "terminal_size", &terminal_spec); }
