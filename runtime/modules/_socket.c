// _socket: socket objects. Calls run detached; a socket with a timeout is non-blocking for the system, and waits here.
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>
#include "runtime/modules/io.h"
#include "runtime/modules/socket.h"
#include "sync/park.h"

typedef struct Socket {
    Container c;
    _Atomic uint32_t fd_plus_1; // (a) 0: closed
    int family, type, proto;
    _Atomic uint64_t timeout;   // (a) int64_t nanoseconds; -1: wait for ever, 0: do not wait
} Socket;
static Socket *as_socket(ValueRef v) { return (Socket *)value_object(v); }
static int socket_fd(const Socket *s) { return (int)atomic_load_relaxed_u32(&s->fd_plus_1) - 1; }
static int64_t socket_timeout(const Socket *s) { return (int64_t)atomic_load_relaxed_u64(&s->timeout); }
static Value socket_module(Thread *t) {
    Value name = str_intern_text(t, "_socket"), module = value_bits(name) ? dict_get(t, value_dict(t->interp->modules), name) : UNDEF;
    value_release(t, name);
    return value_bits(module) || error_pending(t) ? module : raise(t, RUNTIME_ERROR, "_socket is not imported");
}

static int timeout_argument(Thread *t, ValueRef v, int64_t *out) {
    *out = -1;
    if (is_none(v)) return 0;
    double d;
    if (value_is_any_float(v)) {
        d = float_value(v);
    } else {
        int64_t n;
        if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer or float", v);
        if (arg_index_clipped(t, v, &n) < 0) return -1;
        d = (double)n;
    }
    if (isnan(d)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
    if (d < 0) return raise_int(t, VALUE_ERROR, "Timeout value out of range");
    if (d > 9e9) return raise_int(t, OVERFLOW_ERROR, "timeout doesn't fit into C timeval");
    *out = (int64_t)ceil(d * 1e9);
    return 0;
}
static int set_blocking(Thread *t, int fd, bool blocking) {
    int status, flag = !blocking;
    DETACHED(status = ioctl(fd, FIONBIO, &flag));
    return status < 0 ? (posix_error(t), -1) : 0;
}

// Waits until the socket is ready. 1, 0 where the time is over, -1.
static int wait_ready(Thread *t, int fd, short events, uint64_t deadline) {
    for (;;) {
        struct pollfd p = {.fd = fd, .events = events};
        struct timespec ts = {0};
        if (deadline != PARK_FOREVER) {
            uint64_t now = sync_now_ns(), left = now >= deadline ? 0 : deadline - now;
            ts = (struct timespec){.tv_sec = (time_t)(left / 1000000000), .tv_nsec = (long)(left % 1000000000)};
        }
        int n;
        DETACHED(n = ppoll(&p, 1, deadline == PARK_FOREVER ? NULL : &ts, NULL));
        if (n > 0) return 1;
        if (n == 0) return 0;
        if (errno != EINTR) return posix_error(t), -1;
        if (signals_check(t) < 0) return -1;
    }
}
static int timed_out(Thread *t) { return raise_int(t, TIMEOUT_ERROR, "timed out"); }
static uint64_t deadline_of(int64_t timeout) { return timeout < 0 ? PARK_FOREVER : sync_now_ns() + (uint64_t)timeout; }
// Sets `n` to what the call gives, waiting as the socket's timeout says, retrying after signals. n is -1 with an exception.
#define SOCKET_CALL(n, s, events, deadline, call)                                                     \
    do {                                                                                              \
        if (socket_timeout(s) > 0) {                                                                  \
            int ready_ = wait_ready(t, socket_fd(s), events, deadline);                               \
            if (ready_ <= 0) {                                                                        \
                n = -1;                                                                               \
                if (ready_ == 0) timed_out(t);                                                        \
                break;                                                                                \
            }                                                                                         \
        }                                                                                             \
        DETACHED(n = (call));                                                                         \
        if (n >= 0) break;                                                                            \
        if (errno == EINTR && signals_check(t) == 0) continue;                                        \
        if (!error_pending(t) && socket_timeout(s) > 0 && (errno == EWOULDBLOCK || errno == EAGAIN)) continue; \
        posix_error(t);                                                                               \
        break;                                                                                        \
    } while (1)

// ---- making

static int socket_adopt(Thread *t, ValueRef module, Socket *s, int fd, int family, int type, int proto) {
    s->family = family;
    s->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->proto = proto;
    int64_t timeout = (int64_t)atomic_load_relaxed_u64(&((SocketState *)module_state(module))->timeout);
    if (type & SOCK_NONBLOCK) timeout = 0;
    else if (timeout >= 0 && set_blocking(t, fd, false) < 0) return -1;
    atomic_store_relaxed_u64(&s->timeout, (uint64_t)timeout);
    atomic_store_relaxed_u32(&s->fd_plus_1, (uint32_t)fd + 1);
    return 0;
}
static int socket_setup(Thread *t, ValueRef module, Socket *s, const ValueRef *given) { // family, type, proto, fileno
    int numbers[3] = {-1, -1, -1}, fd = -1;
    for (int i = 0; i < 3; i++)
        if (value_bits(given[i]) && arg_int(t, given[i], &numbers[i]) < 0) return -1;
    int family = numbers[0], type = numbers[1], proto = numbers[2];
    if (posix_audit(t, "socket.__new__", 4, value_of(s), value_int(family), value_int(type), value_int(proto)) < 0) return -1;
    if (!not_given(given[3])) {
        if (value_is_any_float(given[3])) return raise_int(t, TYPE_ERROR, "integer argument expected, got float");
        if (arg_int(t, given[3], &fd) < 0) return -1;
        if (fd < 0) return raise_int(t, VALUE_ERROR, "negative file descriptor");
        SocketAddress a = {0};
        socklen_t length = sizeof a;
        if (getsockname(fd, &a.any, &length) < 0) {
            if (family == -1 || errno == EBADF || errno == ENOTSOCK) return posix_error(t), -1;
        } else if (family == -1) {
            family = a.any.sa_family;
        }
        length = sizeof(int);
        if (type == -1 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return posix_error(t), -1;
        length = sizeof(int);
        if (proto == -1 && getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &length) < 0) return posix_error(t), -1;
    } else {
        if (family == -1) family = AF_INET;
        if (type == -1) type = SOCK_STREAM;
        if (proto == -1) proto = 0;
        DETACHED(fd = socket(family, type | SOCK_CLOEXEC, proto));
        if (fd < 0) return posix_error(t), -1;
    }
    if (socket_adopt(t, module, s, fd, family, type, proto) == 0) return 0;
    if (not_given(given[3])) close(fd);
    return -1;
}
static int socket_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    if (args_bind(t, "socket", "(family=-1, type=-1, proto=-1, fileno=None)", args, nargs, kwnames, given) < 0) return -1;
    Value module = socket_module(t);
    if (!value_bits(module)) return -1;
    int status = socket_setup(t, module, as_socket(self), given);
    value_release(t, module);
    return status;
}
static void socket_finalize(Thread *t, ValueRef self) {
    Socket *s = as_socket(self);
    if (socket_fd(s) < 0) return;
    Value pending = error_take(t);
    if (warn(t, E_RESOURCE_WARNING, 1, "unclosed %R", self) < 0) error_write_unraisable(t, "while finalizing socket", self);
    int fd = (int)atomic_swap_acq_rel_u32(&s->fd_plus_1, 0) - 1;
    if (fd >= 0) DETACHED(close(fd));
    if (value_bits(pending)) error_restore(t, pending);
}
static void socket_destroy(Thread *t, Object *o) {
    int fd = socket_fd((Socket *)o);
    if (fd >= 0) close(fd);
}
static Value socket_repr(Thread *t, ValueRef self) {
    Socket *s = as_socket(self);
    return str_of_format(t, "<socket object, fd=%d, family=%d, type=%d, proto=%d>", socket_fd(s), s->family, s->type, s->proto);
}
NATIVE(socket_close) {
    int fd = (int)atomic_swap_acq_rel_u32(&as_socket(self)->fd_plus_1, 0) - 1, status = 0;
    if (fd >= 0) DETACHED(status = close(fd));
    return status < 0 && errno != ECONNRESET && errno != EINTR ? posix_error(t) : NONE;
}
NATIVE(socket_detach) { return value_int((int)atomic_swap_acq_rel_u32(&as_socket(self)->fd_plus_1, 0) - 1); }
NATIVE(socket_fileno) { return value_int(socket_fd(as_socket(self))); }
NATIVE(socket_setblocking) {
    bool blocking;
    if (arg_bool(t, args[0], &blocking) < 0 || set_blocking(t, socket_fd(as_socket(self)), blocking) < 0) return UNDEF;
    atomic_store_relaxed_u64(&as_socket(self)->timeout, blocking ? UINT64_MAX : 0);
    return NONE;
}
NATIVE(socket_getblocking) { return value_bool(socket_timeout(as_socket(self)) != 0); }
NATIVE(socket_settimeout) {
    int64_t timeout;
    if (timeout_argument(t, args[0], &timeout) < 0 || set_blocking(t, socket_fd(as_socket(self)), timeout < 0) < 0) return UNDEF;
    atomic_store_relaxed_u64(&as_socket(self)->timeout, (uint64_t)timeout);
    return NONE;
}
static Value timeout_value(Thread *t, int64_t timeout) { return timeout < 0 ? NONE : float_new(t, (double)timeout / 1e9); }
NATIVE(socket_gettimeout) { return timeout_value(t, socket_timeout(as_socket(self))); }
static Value socket_timeout_attribute(Thread *t, ValueRef self) { return timeout_value(t, socket_timeout(as_socket(self))); }

// ---- connections

static int parse(Thread *t, ValueRef self, ValueRef v, const char *caller, SocketAddress *a, socklen_t *length) {
    Value module = socket_module(t);
    if (!value_bits(module)) return -1;
    int status = socket_address_parse(t, module, as_socket(self)->family, v, caller, a, length);
    value_release(t, module);
    return status;
}
NATIVE(socket_bind) {
    SocketAddress a;
    socklen_t length;
    int status;
    if (parse(t, self, args[0], "bind", &a, &length) < 0 || posix_audit(t, "socket.bind", 2, self, args[0]) < 0) return UNDEF;
    DETACHED(status = bind(socket_fd(as_socket(self)), &a.any, length));
    return posix_done(t, status);
}
// 0, an errno, or -1 with an exception.
static int do_connect(Thread *t, Socket *s, const SocketAddress *a, socklen_t length) {
    int status, fd = socket_fd(s);
    DETACHED(status = connect(fd, &a->any, length));
    if (status == 0) return 0;
    int e = errno;
    bool wait = (e == EINTR && socket_timeout(s) != 0) || (e == EINPROGRESS && socket_timeout(s) > 0);
    if (e == EINTR && signals_check(t) < 0) return -1;
    if (!wait) return e;
    int ready = wait_ready(t, fd, POLLOUT, deadline_of(socket_timeout(s)));
    if (ready < 0) return -1;
    if (ready == 0) return ETIMEDOUT + 10000; // ours, not the system's
    socklen_t size = sizeof e;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) < 0 ? errno : e == EISCONN ? 0 : e;
}
NATIVE(socket_connect) {
    SocketAddress a;
    socklen_t length;
    if (parse(t, self, args[0], "connect", &a, &length) < 0 || posix_audit(t, "socket.connect", 2, self, args[0]) < 0) return UNDEF;
    int e = do_connect(t, as_socket(self), &a, length);
    if (e == 0) return NONE;
    if (e > 10000) timed_out(t);
    else if (e > 0) raise_os_error(t, e, UNDEF);
    return UNDEF;
}
NATIVE(socket_connect_ex) {
    SocketAddress a;
    socklen_t length;
    if (parse(t, self, args[0], "connect_ex", &a, &length) < 0 || posix_audit(t, "socket.connect", 2, self, args[0]) < 0) return UNDEF;
    int e = do_connect(t, as_socket(self), &a, length);
    return e < 0 ? UNDEF : value_int(e > 10000 ? EWOULDBLOCK : e);
}
NATIVE(socket_listen) {
    int backlog = SOMAXCONN < 128 ? SOMAXCONN : 128, status;
    if (value_bits(args[0]) && arg_int(t, args[0], &backlog) < 0) return UNDEF;
    DETACHED(status = listen(socket_fd(as_socket(self)), backlog < 0 ? 0 : backlog));
    return posix_done(t, status);
}
NATIVE(socket_accept) {
    Socket *s = as_socket(self);
    SocketAddress a = {0};
    socklen_t length = sizeof a;
    uint64_t deadline = deadline_of(socket_timeout(s));
    int fd;
    SOCKET_CALL(fd, s, POLLIN, deadline, accept4(socket_fd(s), &a.any, &length, SOCK_CLOEXEC));
    if (fd < 0) return UNDEF;
    Value address = socket_address_value(t, fd, &a.any, length);
    if (!value_bits(address)) {
        close(fd);
        return UNDEF;
    }
    return tuple_pair(t, value_int(fd), address);
}
NATIVE(socket_shutdown) {
    int how, status;
    if (arg_int(t, args[0], &how) < 0) return UNDEF;
    DETACHED(status = shutdown(socket_fd(as_socket(self)), how));
    return posix_done(t, status);
}
static Value name_of(Thread *t, Socket *s, int (*get)(int, struct sockaddr *, socklen_t *)) {
    SocketAddress a = {0};
    socklen_t length = sizeof a;
    int status;
    DETACHED(status = get(socket_fd(s), &a.any, &length));
    return status < 0 ? posix_error(t) : socket_address_value(t, socket_fd(s), &a.any, length);
}
static int get_own(int fd, struct sockaddr *a, socklen_t *n) { return getsockname(fd, a, n); }
static int get_peer(int fd, struct sockaddr *a, socklen_t *n) { return getpeername(fd, a, n); }
NATIVE(socket_getsockname) { return name_of(t, as_socket(self), get_own); }
NATIVE(socket_getpeername) { return name_of(t, as_socket(self), get_peer); }

// ---- options

NATIVE(socket_getsockopt) {
    int level, option, status, length = 0, number = 0;
    if (arg_int(t, args[0], &level) < 0 || arg_int(t, args[1], &option) < 0 || (value_bits(args[2]) && arg_int(t, args[2], &length) < 0)) return UNDEF;
    if (length == 0) {
        socklen_t size = sizeof number;
        status = getsockopt(socket_fd(as_socket(self)), level, option, &number, &size);
        return status < 0 ? posix_error(t) : value_int(number);
    }
    if (length < 0 || length > 1024) return raise(t, OS_ERROR, "getsockopt buflen out of range");
    uint8_t room[1024] = {0};
    socklen_t size = (socklen_t)length;
    status = getsockopt(socket_fd(as_socket(self)), level, option, room, &size);
    return status < 0 ? posix_error(t) : bytes_new(t, room, size);
}
NATIVE(socket_setsockopt) { // level, optname, value, optlen
    int level, option, status;
    if (arg_int(t, args[0], &level) < 0 || arg_int(t, args[1], &option) < 0) return UNDEF;
    if (value_bits(args[3])) {
        int64_t length;
        if (!is_none(args[2])) return raise(t, TYPE_ERROR, "setsockopt() argument 3 must be None, not %T", args[2]);
        if (arg_index(t, args[3], &length) < 0) return UNDEF;
        status = setsockopt(socket_fd(as_socket(self)), level, option, NULL, (socklen_t)length);
    } else if (value_has_index(args[2])) {
        int64_t n;
        if (arg_index_clipped(t, args[2], &n) < 0) return UNDEF;
        if (n < INT_MIN || n > UINT32_MAX) return raise(t, OVERFLOW_ERROR, "signed integer is greater than maximum");
        int number = (int)n;
        status = setsockopt(socket_fd(as_socket(self)), level, option, &number, sizeof number);
    } else {
        Buffer b;
        if (buffer_get(t, args[2], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
        status = setsockopt(socket_fd(as_socket(self)), level, option, b.data, (socklen_t)(b.length > INT_MAX ? INT_MAX : b.length));
        int e = errno;
        buffer_release(t, &b);
        errno = e;
    }
    return posix_done(t, status);
}

// ---- data

static int flags_argument(Thread *t, ValueRef v, int *out) {
    *out = 0;
    return value_bits(v) ? arg_int(t, v, out) : 0;
}
static int size_argument(Thread *t, ValueRef v, const char *function, int64_t *out) {
    if (arg_index(t, v, out) < 0) return -1;
    return *out < 0 ? raise_int(t, VALUE_ERROR, "negative buffersize in %s", function) : 0;
}
// Receives into memory; with an address where `from` is wanted.
static int64_t receive(Thread *t, Socket *s, void *to, int64_t n, int flags, SocketAddress *from, socklen_t *length) {
    if (n == 0 && !from) return 0;
    uint64_t deadline = deadline_of(socket_timeout(s));
    int64_t got;
    if (from) SOCKET_CALL(got, s, POLLIN, deadline, recvfrom(socket_fd(s), to, (size_t)n, flags, &from->any, (*length = sizeof *from, length)));
    else SOCKET_CALL(got, s, POLLIN, deadline, recv(socket_fd(s), to, (size_t)n, flags));
    return got;
}
static Value receive_bytes(Thread *t, Socket *s, int64_t n, int flags, SocketAddress *from, socklen_t *length) {
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    int64_t got = receive(t, s, b->data, n, flags, from, length);
    if (got == n) return value_of(b);
    Value v = got < 0 ? UNDEF : bytes_new(t, b->data, (size_t)got);
    value_release(t, value_of(b));
    return v;
}
NATIVE(socket_recv) {
    int64_t n;
    int flags;
    if (size_argument(t, args[0], "recv", &n) < 0 || flags_argument(t, args[1], &flags) < 0) return UNDEF;
    return receive_bytes(t, as_socket(self), n, flags, NULL, NULL);
}
static Value with_address(Thread *t, Socket *s, Value data_steal, const SocketAddress *a, socklen_t length) {
    if (!value_bits(data_steal)) return UNDEF;
    Value address = socket_address_value(t, socket_fd(s), &a->any, length);
    if (value_bits(address)) return tuple_pair(t, data_steal, address);
    value_release(t, data_steal);
    return UNDEF;
}
NATIVE(socket_recvfrom) {
    int64_t n;
    int flags;
    SocketAddress a = {0};
    socklen_t length = 0;
    if (size_argument(t, args[0], "recvfrom", &n) < 0 || flags_argument(t, args[1], &flags) < 0) return UNDEF;
    return with_address(t, as_socket(self), receive_bytes(t, as_socket(self), n, flags, &a, &length), &a, length);
}
static Value receive_into(Thread *t, ValueRef self, const char *function, const ValueRef *args, bool with_from) {
    int64_t n = 0;
    int flags;
    Buffer b;
    SocketAddress a = {0};
    socklen_t length = 0;
    char what[48];
    snprintf(what, sizeof what, "%s() argument 1", function);
    if ((value_bits(args[1]) && size_argument(t, args[1], function, &n) < 0) || flags_argument(t, args[2], &flags) < 0 || io_writable_buffer(t, what, args[0], &b) < 0)
        return UNDEF;
    int64_t got = -1;
    if (n > b.length) raise(t, VALUE_ERROR, with_from ? "nbytes is greater than the length of the buffer" : "buffer too small for requested bytes");
    else got = receive(t, as_socket(self), b.data, n ? n : b.length, flags, with_from ? &a : NULL, &length);
    buffer_release(t, &b);
    if (got < 0) return UNDEF;
    return with_from ? with_address(t, as_socket(self), value_int(got), &a, length) : value_int(got);
}
NATIVE(socket_recv_into) { return receive_into(t, self, "recv_into", args, false); }
NATIVE(socket_recvfrom_into) { return receive_into(t, self, "recvfrom_into", args, true); }
NATIVE(socket_send) {
    Socket *s = as_socket(self);
    int flags;
    Buffer b;
    int64_t n;
    if (flags_argument(t, args[1], &flags) < 0 || buffer_get(t, args[0], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    uint64_t deadline = deadline_of(socket_timeout(s));
    SOCKET_CALL(n, s, POLLOUT, deadline, send(socket_fd(s), b.data, (size_t)b.length, flags));
    buffer_release(t, &b);
    return n < 0 ? UNDEF : value_int(n);
}
NATIVE(socket_sendall) {
    Socket *s = as_socket(self);
    int flags;
    Buffer b;
    int64_t n = 0;
    if (flags_argument(t, args[1], &flags) < 0 || buffer_get(t, args[0], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    uint64_t deadline = deadline_of(socket_timeout(s));
    for (int64_t done = 0; done < b.length; done += n) {
        SOCKET_CALL(n, s, POLLOUT, deadline, send(socket_fd(s), b.data + done, (size_t)(b.length - done), flags));
        if (n < 0 || signals_check(t) < 0) {
            n = -1;
            break;
        }
    }
    buffer_release(t, &b);
    return n < 0 ? UNDEF : NONE;
}
NATIVE(socket_sendto) { // data, [flags,] address
    Socket *s = as_socket(self);
    int flags = 0;
    Buffer b;
    SocketAddress a;
    socklen_t length;
    int64_t n = -1;
    if (args_no_keywords(t, "socket.sendto", kwnames) < 0) return UNDEF;
    if (nargs < 2 || nargs > 3) return raise(t, TYPE_ERROR, "sendto() takes 2 or 3 arguments (%u given)", nargs);
    if (nargs == 3 && arg_int(t, args[1], &flags) < 0) return UNDEF;
    if (buffer_get(t, args[0], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    if (parse(t, self, args[nargs - 1], "sendto", &a, &length) == 0 && posix_audit(t, "socket.sendto", 2, self, args[nargs - 1]) == 0) {
        uint64_t deadline = deadline_of(socket_timeout(s));
        SOCKET_CALL(n, s, POLLOUT, deadline, sendto(socket_fd(s), b.data, (size_t)b.length, flags, &a.any, length));
    }
    buffer_release(t, &b);
    return n < 0 ? UNDEF : value_int(n);
}

// ---- messages with ancillary data

static Value ancillary(Thread *t, struct msghdr *m) {
    Value list = list_new(t, 0);
    for (struct cmsghdr *c = m->msg_controllen ? CMSG_FIRSTHDR(m) : NULL; value_bits(list) && c; c = CMSG_NXTHDR(m, c)) {
        size_t offset = (size_t)((uint8_t *)CMSG_DATA(c) - (uint8_t *)m->msg_control), n = c->cmsg_len < CMSG_LEN(0) ? 0 : c->cmsg_len - CMSG_LEN(0);
        if (offset > m->msg_controllen) break;
        if (n > m->msg_controllen - offset) n = m->msg_controllen - offset; // cut off
        Value v[3] = {value_int(c->cmsg_level), value_int(c->cmsg_type), bytes_new(t, CMSG_DATA(c), n)};
        Value item = value_bits(v[2]) ? tuple_from_values(t, v, 3) : UNDEF;
        if (!value_bits(item) || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
static Value receive_message(Thread *t, Socket *s, struct iovec *iov, int count, int64_t room, int flags, Value (*made)(Thread *t, void *arg, int64_t n), void *arg) {
    if (room < 0 || room > INT32_MAX) return raise(t, VALUE_ERROR, "invalid ancillary data buffer length");
    SocketAddress a = {0};
    uint8_t *control = room ? calloc(1, (size_t)room) : NULL;
    if (room && !control) return raise_no_memory(t);
    struct msghdr m;
    uint64_t deadline = deadline_of(socket_timeout(s));
    int64_t n;
    SOCKET_CALL(n, s, POLLIN, deadline,
                (m = (struct msghdr){.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = iov, .msg_iovlen = (size_t)count, .msg_control = control, .msg_controllen = (size_t)room},
                 recvmsg(socket_fd(s), &m, flags)));
    Value v[4] = {UNDEF, UNDEF, UNDEF, UNDEF}, result = UNDEF;
    if (n >= 0) {
        v[0] = made(t, arg, n);
        v[1] = value_bits(v[0]) ? ancillary(t, &m) : UNDEF;
        v[2] = value_int(m.msg_flags);
        v[3] = value_bits(v[1]) ? socket_address_value(t, socket_fd(s), &a.any, m.msg_namelen) : UNDEF;
        if (value_bits(v[3])) {
            result = tuple_from_values(t, v, 4);
        } else {
            value_release(t, v[0]);
            value_release(t, v[1]);
        }
    }
    free(control);
    return result;
}
static Value made_bytes(Thread *t, void *arg, int64_t n) { return bytes_new(t, ((Bytes *)arg)->data, (size_t)n); }
static Value made_count(Thread *t, void *arg, int64_t n) { return value_int(n); }
NATIVE(socket_recvmsg) { // bufsize, ancbufsize, flags
    int64_t n, room = 0;
    int flags;
    if (arg_index(t, args[0], &n) < 0 || (value_bits(args[1]) && arg_index(t, args[1], &room) < 0) || flags_argument(t, args[2], &flags) < 0) return UNDEF;
    if (n < 0) return raise(t, VALUE_ERROR, "negative buffer size in recvmsg()");
    Bytes *b = bytes_alloc(t, (size_t)n);
    if (!b) return UNDEF;
    struct iovec iov = {b->data, (size_t)n};
    Value v = receive_message(t, as_socket(self), &iov, 1, room, flags, made_bytes, b);
    value_release(t, value_of(b));
    return v;
}
typedef struct Vector { struct iovec *v; Buffer *buffers; int n; } Vector;
static void vector_close(Thread *t, Vector *x) {
    for (int i = 0; i < x->n; i++) buffer_release(t, &x->buffers[i]);
    free(x->v);
    free(x->buffers);
}
static int vector_open(Thread *t, Vector *x, ValueRef iterable, int flags) {
    *x = (Vector){0};
    Value items = tuple_from_iterable(t, iterable);
    if (!value_bits(items)) return -1;
    int64_t n = value_tuple(items)->length;
    int status = n > INT_MAX / 64 ? raise_int(t, OS_ERROR, "argument is too long") : 0;
    if (status == 0) {
        x->v = calloc((size_t)n + 1, sizeof *x->v);
        x->buffers = calloc((size_t)n + 1, sizeof *x->buffers);
        if (!x->v || !x->buffers) status = (raise_no_memory(t), -1);
    }
    for (int i = 0; status == 0 && i < n; i++) {
        status = buffer_get(t, tuple_item(value_tuple(items), i), &x->buffers[i], flags);
        if (status == 0) x->v[x->n++] = (struct iovec){x->buffers[i].data, (size_t)x->buffers[i].length};
    }
    value_release(t, items);
    if (status < 0) vector_close(t, x);
    return status;
}
NATIVE(socket_recvmsg_into) { // buffers, ancbufsize, flags
    int64_t room = 0;
    int flags;
    Vector x;
    if ((value_bits(args[1]) && arg_index(t, args[1], &room) < 0) || flags_argument(t, args[2], &flags) < 0 || vector_open(t, &x, args[0], BUFFER_WRITABLE | BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    Value v = receive_message(t, as_socket(self), x.v, x.n, room, flags, made_count, NULL);
    vector_close(t, &x);
    return v;
}
// The items of `ancdata` as control messages: malloc in *out. 0, -1.
static int control_messages(Thread *t, ValueRef iterable, uint8_t **out, size_t *length) {
    *out = NULL;
    *length = 0;
    if (!value_bits(iterable)) return 0;
    Value items = tuple_from_iterable(t, iterable);
    if (!value_bits(items)) return -1;
    int status = 0;
    for (int64_t i = 0; status == 0 && i < value_tuple(items)->length; i++) {
        ValueRef item = tuple_item(value_tuple(items), i);
        int level, type;
        Buffer b;
        if (!value_is_any_tuple(item) || value_tuple(item)->length != 3) {
            status = raise_int(t, TYPE_ERROR, "sendmsg() argument 2 must be a sequence of 3-tuples (level, type, data)");
            break;
        }
        Tuple *a = value_tuple(item);
        if (arg_int(t, tuple_item(a, 0), &level) < 0 || arg_int(t, tuple_item(a, 1), &type) < 0 || buffer_get(t, tuple_item(a, 2), &b, BUFFER_C_CONTIGUOUS) < 0) {
            status = -1;
            break;
        }
        if (b.length > INT_MAX / 2 || *length > INT_MAX / 2) {
            status = raise_int(t, OS_ERROR, "ancillary data item too large");
        } else {
            size_t space = CMSG_SPACE((size_t)b.length);
            uint8_t *bigger = realloc(*out, *length + space);
            if (!bigger) {
                status = (raise_no_memory(t), -1);
            } else {
                *out = bigger;
                memset(bigger + *length, 0, space);
                struct cmsghdr *c = (struct cmsghdr *)(void *)(bigger + *length);
                c->cmsg_level = level;
                c->cmsg_type = type;
                c->cmsg_len = CMSG_LEN((size_t)b.length);
                memcpy(CMSG_DATA(c), b.data, (size_t)b.length);
                *length += space;
            }
        }
        buffer_release(t, &b);
    }
    value_release(t, items);
    if (status < 0) {
        free(*out);
        *out = NULL;
    }
    return status;
}
NATIVE(socket_sendmsg) { // buffers, ancdata, flags, address
    Socket *s = as_socket(self);
    int flags;
    Vector x;
    SocketAddress a;
    socklen_t address_length = 0;
    uint8_t *control;
    size_t control_length;
    int64_t n = -1;
    if (flags_argument(t, args[2], &flags) < 0) return UNDEF;
    if (!not_given(args[3]) && (parse(t, self, args[3], "sendmsg", &a, &address_length) < 0)) return UNDEF;
    if (posix_audit(t, "socket.sendmsg", 2, self, args[3]) < 0 || vector_open(t, &x, args[0], BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    if (control_messages(t, args[1], &control, &control_length) == 0) {
        struct msghdr m = {.msg_name = address_length ? &a : NULL, .msg_namelen = address_length, .msg_iov = x.v, .msg_iovlen = (size_t)x.n, .msg_control = control, .msg_controllen = control_length};
        uint64_t deadline = deadline_of(socket_timeout(s));
        SOCKET_CALL(n, s, POLLOUT, deadline, sendmsg(socket_fd(s), &m, flags));
        free(control);
    }
    vector_close(t, &x);
    return n < 0 ? UNDEF : value_int(n);
}

static const NativeDef methods[] = {
    {"_accept", socket_accept, "($self, /)", "Takes a connection: (descriptor, address).", 0}, {"bind", socket_bind, "($self, object, /)", "Gives the socket an address.", 0},
    {"close", socket_close, "($self, /)", "Closes it.", 0}, {"connect", socket_connect, "($self, object, /)", "Connects to an address.", 0},
    {"connect_ex", socket_connect_ex, "($self, object, /)", "Likewise; the error number.", 0}, {"detach", socket_detach, "($self, /)", "Gives the descriptor up.", 0},
    {"fileno", socket_fileno, "($self, /)", "The descriptor.", 0}, {"getpeername", socket_getpeername, "($self, /)", NULL, 0},
    {"getsockname", socket_getsockname, "($self, /)", NULL, 0}, {"getsockopt", socket_getsockopt, "($self, level, option, buffersize=0, /)", NULL, 0},
    {"setsockopt", socket_setsockopt, "($self, level, option, value, optlen=<unrepresentable>, /)", NULL, 0},
    {"listen", socket_listen, "($self, backlog=128, /)", "Takes connections from now on.", 0}, {"shutdown", socket_shutdown, "($self, object, /)", NULL, 0},
    {"gettimeout", socket_gettimeout, "($self, /)", NULL, 0}, {"settimeout", socket_settimeout, "($self, object, /)", NULL, 0},
    {"getblocking", socket_getblocking, "($self, /)", NULL, 0}, {"setblocking", socket_setblocking, "($self, object, /)", NULL, 0},
    {"recv", socket_recv, "($self, bufsize, flags=0, /)", "Up to `bufsize` bytes.", 0},
    {"recv_into", socket_recv_into, "($self, /, buffer, nbytes=0, flags=0)", NULL, 0}, {"recvfrom", socket_recvfrom, "($self, bufsize, flags=0, /)", NULL, 0},
    {"recvfrom_into", socket_recvfrom_into, "($self, /, buffer, nbytes=0, flags=0)", NULL, 0},
    {"recvmsg", socket_recvmsg, "($self, bufsize, ancbufsize=0, flags=0, /)", NULL, 0},
    {"recvmsg_into", socket_recvmsg_into, "($self, buffers, ancbufsize=0, flags=0, /)", NULL, 0},
    {"send", socket_send, "($self, data, flags=0, /)", "Sends; how many bytes were.", 0}, {"sendall", socket_sendall, "($self, data, flags=0, /)", "Sends all.", 0},
    {"sendto", socket_sendto, "($self, data, flags_or_address, address=<unrepresentable>, /)", NULL, NATIVE_RAW},
    {"sendmsg", socket_sendmsg, "($self, buffers, ancdata=(), flags=0, address=None, /)", NULL, 0}, NATIVE_END};
static const MemberDef members[] = {
    {"family", offsetof(Socket, family), MEMBER_INT32, false, NULL}, {"type", offsetof(Socket, type), MEMBER_INT32, false, NULL},
    {"proto", offsetof(Socket, proto), MEMBER_INT32, false, NULL}, MEMBER_END};
static const GetSetDef getset[] = {{"timeout", socket_timeout_attribute, NULL, "Seconds, or None."}, GETSET_END};
static const TypeSpec spec = {
    .name = "_socket.socket", .doc = "An end of a connection.", .size = sizeof(Socket), .flags = TYPE_BASE | TYPE_HAS_RESOURCE,
    .ops = {.repr = socket_repr, .init = socket_init, .finalize = socket_finalize}, .methods = methods, .getset = getset, .members = members, .destroy = socket_destroy};

// ---- the module

NATIVE(socket_getdefaulttimeout) { return timeout_value(t, (int64_t)atomic_load_relaxed_u64(&((SocketState *)module_state(self))->timeout)); }
NATIVE(socket_setdefaulttimeout) {
    int64_t timeout;
    if (timeout_argument(t, args[0], &timeout) < 0) return UNDEF;
    atomic_store_relaxed_u64(&((SocketState *)module_state(self))->timeout, (uint64_t)timeout);
    return NONE;
}
static Value socket_of(Thread *t, ValueRef module, int fd, int family, int type, int proto) {
    Socket *s = object_new(t, (Type *)value_object(((SocketState *)module_state(module))->type));
    if (s && socket_adopt(t, module, s, fd, family, type, proto) == 0) return value_of(s);
    object_release(t, s);
    close(fd);
    return UNDEF;
}
NATIVE(socket_socketpair) {
    int family = AF_UNIX, type = SOCK_STREAM, proto = 0, fds[2], status;
    if ((value_bits(args[0]) && arg_int(t, args[0], &family) < 0) || (value_bits(args[1]) && arg_int(t, args[1], &type) < 0) || (value_bits(args[2]) && arg_int(t, args[2], &proto) < 0))
        return UNDEF;
    DETACHED(status = socketpair(family, type | SOCK_CLOEXEC, proto, fds));
    if (status < 0) return posix_error(t);
    Value a = socket_of(t, self, fds[0], family, type, proto);
    if (!value_bits(a)) {
        close(fds[1]);
        return UNDEF;
    }
    Value b = socket_of(t, self, fds[1], family, type, proto);
    if (value_bits(b)) return tuple_pair(t, a, b);
    value_release(t, a);
    return UNDEF;
}
NATIVE(socket_close_fd) {
    int fd, status;
    if (arg_int(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = close(fd));
    return status < 0 && errno != ECONNRESET ? posix_error(t) : NONE;
}
NATIVE(socket_dup) {
    int fd, copy;
    if (arg_int(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(copy = fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return posix_number(t, copy);
}
NATIVE(socket_cmsg_len) {
    int64_t n;
    if (arg_index(t, args[0], &n) < 0) return UNDEF;
    return n < 0 || n > INT_MAX - 64 ? raise(t, OVERFLOW_ERROR, "CMSG_LEN() argument out of range") : value_int((int64_t)CMSG_LEN((size_t)n));
}
NATIVE(socket_cmsg_space) {
    int64_t n;
    if (arg_index(t, args[0], &n) < 0) return UNDEF;
    return n < 0 || n > INT_MAX - 64 ? raise(t, OVERFLOW_ERROR, "CMSG_SPACE() argument out of range") : value_int((int64_t)CMSG_SPACE((size_t)n));
}
static const NativeDef functions[] = {
    {"socketpair", socket_socketpair, "($module, family=AF_UNIX, type=SOCK_STREAM, proto=0, /)", "Two connected sockets.", 0},
    {"close", socket_close_fd, "($module, object, /)", NULL, 0}, {"dup", socket_dup, "($module, object, /)", NULL, 0},
    {"getdefaulttimeout", socket_getdefaulttimeout, "($module, /)", NULL, 0}, {"setdefaulttimeout", socket_setdefaulttimeout, "($module, object, /)", NULL, 0},
    {"CMSG_LEN", socket_cmsg_len, "($module, length, /)", NULL, 0}, {"CMSG_SPACE", socket_cmsg_space, "($module, length, /)", NULL, 0}, NATIVE_END};
static int error_class(Thread *t, ValueRef module, const char *name, Value *slot) {
    Value base = value_of(EXCEPTION(OS_ERROR)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), text = str_intern_text(t, name);
    Value own = str_intern_text(t, "socket"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(text) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), text, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, text);
    value_release(t, own);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), slot, value_dup(t, type));
    return module_add(t, module, name, type);
}
static int exec(Thread *t, ValueRef module) {
    SocketState *s = module_state(module);
    atomic_store_relaxed_u64(&s->timeout, UINT64_MAX);
    if (error_class(t, module, "gaierror", &s->gaierror) < 0 || error_class(t, module, "herror", &s->herror) < 0) return -1;
    if (module_export_type(t, module, &s->type, &spec) < 0 || module_add(t, module, "SocketType", slot_get(t, &s->type)) < 0) return -1;
    if (module_add(t, module, "error", value_dup(t, value_of(EXCEPTION(OS_ERROR)))) < 0 || module_add(t, module, "timeout", value_dup(t, value_of(EXCEPTION(TIMEOUT_ERROR)))) < 0)
        return -1;
    Value name = str_intern_text(t, "_socket");
    if (!value_bits(name)) return -1;
    int status = 0;
    for (const NativeDef *def = socket_name_functions; status == 0 && def->name; def++)
        status = module_add(t, module, def->name, native_function_new(t, def, value_dup(t, module), name, UNDEF));
    value_release(t, name);
    return status < 0 ? -1 : socket_constants(t, module);
}
static void traverse(void *state, VisitFn visit, void *arg) {
    SocketState *s = state;
    visit(&s->gaierror, arg);
    visit(&s->herror, arg);
    visit(&s->type, arg);
}
const ModuleSpec _socket_module = {
    .name = "_socket", .doc = "Sockets.", .functions = functions, .exec = exec, .state_size = sizeof(SocketState), .traverse = traverse};
