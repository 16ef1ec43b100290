// select: select(), poll objects, epoll objects. Waits run detached; after EINTR the rest of the time is waited for.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"
#include "sync/park.h"

typedef struct State { Value poll, epoll; } State;

enum { FOR_EVER = -1 };
// A number in units of `unit` ns (None: for ever) as nanoseconds, rounded up; negative: FOR_EVER or, with strict, ValueError.
static int timeout_ns(Thread *t, ValueRef v, double unit, const char *type_message, int64_t *out) {
    *out = FOR_EVER;
    if (not_given(v)) return 0;
    double d;
    if (value_is_any_float(v)) {
        d = float_value(v);
    } else if (value_has_index(v)) {
        int64_t n;
        if (arg_index_clipped(t, v, &n) < 0) return -1;
        d = (double)n;
    } else {
        return raise_int(t, TYPE_ERROR, "%s", type_message);
    }
    if (isnan(d)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
    if (d * unit > 9.2e18) return raise_int(t, OVERFLOW_ERROR, "timeout is too large");
    *out = d < 0 ? -2 : (int64_t)ceil(d * unit);
    return 0;
}
static int64_t left_ns(uint64_t deadline) {
    uint64_t now = sync_now_ns();
    return now >= deadline ? 0 : (int64_t)(deadline - now);
}

// ---- select

typedef struct Wanted { Value items; int *fds; int64_t n; fd_set set; } Wanted;
static int wanted_open(Thread *t, Wanted *w, ValueRef sequence, int *top) {
    FD_ZERO(&w->set);
    w->items = tuple_from_iterable(t, sequence);
    if (!value_bits(w->items)) {
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
        error_clear(t);
        return raise_int(t, TYPE_ERROR, "arguments 1-3 must be sequences");
    }
    w->n = value_tuple(w->items)->length;
    if (!(w->fds = malloc(((size_t)w->n + 1) * sizeof *w->fds))) return raise_no_memory(t), -1;
    for (int64_t i = 0; i < w->n; i++) {
        int fd;
        if (posix_fildes(t, tuple_item(value_tuple(w->items), i), &fd) < 0) return -1;
        if (fd >= FD_SETSIZE) return raise_int(t, VALUE_ERROR, "filedescriptor out of range in select()");
        FD_SET(fd, &w->set);
        w->fds[i] = fd;
        if (fd >= *top) *top = fd + 1;
    }
    return 0;
}
static Value wanted_ready(Thread *t, const Wanted *w, const fd_set *set) {
    Value list = list_new(t, 0);
    for (int64_t i = 0; value_bits(list) && i < w->n; i++)
        if (FD_ISSET(w->fds[i], set) && list_append(t, value_list(list), value_dup(t, tuple_item(value_tuple(w->items), i))) < 0) VALUE_CLEAR(t, list);
    return list;
}
NATIVE(select_select) {
    int64_t ns;
    if (timeout_ns(t, args[3], 1e9, "timeout must be a float or None", &ns) < 0) return UNDEF;
    if (ns < FOR_EVER) return raise(t, VALUE_ERROR, "timeout must be non-negative");
    Wanted w[3] = {0};
    int top = 0, n = -1;
    Value result = UNDEF;
    for (int i = 0; i < 3; i++)
        if (wanted_open(t, &w[i], args[i], &top) < 0) goto done;
    uint64_t deadline = sync_now_ns() + (uint64_t)(ns < 0 ? 0 : ns);
    fd_set sets[3];
    for (;;) {
        struct timeval tv = {.tv_sec = ns / 1000000000, .tv_usec = (ns % 1000000000 + 999) / 1000};
        if (tv.tv_usec == 1000000) tv = (struct timeval){.tv_sec = tv.tv_sec + 1};
        for (int i = 0; i < 3; i++) sets[i] = w[i].set;
        DETACHED(n = select(top, &sets[0], &sets[1], &sets[2], ns < 0 ? NULL : &tv));
        if (n >= 0 || errno != EINTR) break;
        if (signals_check(t) < 0) goto done;
        if (ns >= 0) ns = left_ns(deadline);
    }
    if (n < 0) {
        posix_error(t);
        goto done;
    }
    Value lists[3] = {UNDEF, UNDEF, UNDEF};
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) ok = value_bits(lists[i] = wanted_ready(t, &w[i], &sets[i])) != 0;
    if (ok) result = tuple_from_values(t, lists, 3);
    else
        for (int i = 0; i < 3; i++) value_release(t, lists[i]);
done:
    for (int i = 0; i < 3; i++) {
        free(w[i].fds);
        value_release(t, w[i].items);
    }
    return result;
}

// ---- poll objects: a table of (descriptor, events) in the order of registration

typedef struct Poll {
    Container c;
    struct pollfd *fds;       // (o)
    int64_t n, room;          // (o)
    _Atomic uint8_t running;  // (a) a poll() is under way
} Poll;
static Poll *as_poll(ValueRef v) { return (Poll *)value_object(v); }
static int events_argument(Thread *t, ValueRef v, short *out) {
    if (!value_bits(v)) return 0;
    int64_t n;
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n < 0) return raise_int(t, VALUE_ERROR, "value must be positive");
    if (n > USHRT_MAX) return raise_int(t, OVERFLOW_ERROR, "Python int too large for C unsigned short");
    *out = (short)n;
    return 0;
}
static int64_t poll_find(const Poll *p, int fd) {
    for (int64_t i = 0; i < p->n; i++)
        if (p->fds[i].fd == fd) return i;
    return -1;
}
NATIVE(poll_register) {
    Poll *p = as_poll(self);
    int fd;
    short events = POLLIN | POLLPRI | POLLOUT;
    if (posix_fildes(t, args[0], &fd) < 0 || events_argument(t, args[1], &events) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, p);
    bool memory = true;
    int64_t i = poll_find(p, fd);
    if (i < 0 && p->n == p->room) {
        int64_t room = p->room ? p->room * 2 : 8;
        struct pollfd *fds = realloc(p->fds, (size_t)room * sizeof *fds);
        if ((memory = fds != NULL)) {
            p->fds = fds;
            p->room = room;
        }
    }
    if (memory) {
        if (i < 0) i = p->n++;
        p->fds[i] = (struct pollfd){.fd = fd, .events = events};
    }
    guard_end(t, &g);
    return memory ? NONE : raise_no_memory(t);
}
NATIVE(poll_modify) {
    Poll *p = as_poll(self);
    int fd;
    short events = 0;
    if (posix_fildes(t, args[0], &fd) < 0 || events_argument(t, args[1], &events) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, p);
    int64_t i = poll_find(p, fd);
    if (i >= 0) p->fds[i].events = events;
    guard_end(t, &g);
    if (i >= 0) return NONE;
    errno = ENOENT;
    return posix_error(t);
}
NATIVE(poll_unregister) {
    Poll *p = as_poll(self);
    int fd;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, p);
    int64_t i = poll_find(p, fd);
    if (i >= 0) memmove(&p->fds[i], &p->fds[i + 1], (size_t)(--p->n - i) * sizeof *p->fds);
    guard_end(t, &g);
    return i >= 0 ? NONE : raise_with_value(t, E_KEY_ERROR, value_int(fd));
}
NATIVE(poll_poll) {
    Poll *p = as_poll(self);
    int64_t ns;
    if (timeout_ns(t, args[0], 1e6, "timeout must be an integer or None", &ns) < 0) return UNDEF;
    uint8_t idle = 0;
    if (!atomic_cas_acquire_u8(&p->running, &idle, 1)) return raise(t, RUNTIME_ERROR, "concurrent poll() invocation");
    Guard g;
    guard_begin(t, &g, p);
    int64_t count = p->n;
    struct pollfd *fds = malloc(((size_t)count + 1) * sizeof *fds);
    if (fds) memcpy(fds, p->fds, (size_t)count * sizeof *fds);
    guard_end(t, &g);
    Value list = UNDEF;
    int n = -1;
    if (!fds) {
        raise_no_memory(t);
        goto done;
    }
    uint64_t deadline = sync_now_ns() + (uint64_t)(ns < 0 ? 0 : ns);
    for (;;) {
        struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
        DETACHED(n = ppoll(fds, (nfds_t)count, ns < 0 ? NULL : &ts, NULL));
        if (n >= 0 || errno != EINTR) break;
        if (signals_check(t) < 0) goto done;
        if (ns >= 0) ns = left_ns(deadline);
    }
    if (n < 0) {
        posix_error(t);
        goto done;
    }
    list = list_new(t, n);
    for (int64_t i = 0; value_bits(list) && i < count; i++) {
        if (!fds[i].revents) continue;
        Value pair = tuple_pair(t, value_int(fds[i].fd), value_int((unsigned short)fds[i].revents));
        if (!value_bits(pair) || list_append(t, value_list(list), pair) < 0) VALUE_CLEAR(t, list);
    }
done:
    free(fds);
    atomic_store_release_u8(&p->running, 0);
    return list;
}
static void poll_destroy(Thread *t, Object *o) { free(((Poll *)o)->fds); }
static const NativeDef poll_methods[] = {
    {"register", poll_register, "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)", "Adds a descriptor.", 0},
    {"modify", poll_modify, "($self, fd, eventmask, /)", "Changes its events.", 0},
    {"unregister", poll_unregister, "($self, fd, /)", "Removes it.", 0},
    {"poll", poll_poll, "($self, timeout=None, /)", "Waits, in milliseconds: a list of (descriptor, events).", 0}, NATIVE_END};
static const TypeSpec poll_spec = {.name = "select.poll", .size = sizeof(Poll), .flags = TYPE_NO_NEW, .methods = poll_methods, .destroy = poll_destroy};
NATIVE(select_poll) {
    Poll *p = object_new(t, (Type *)value_object(((State *)module_state(self))->poll));
    return p ? value_of(p) : UNDEF;
}

// ---- epoll

typedef struct Epoll {
    Container c;
    _Atomic uint32_t fd_plus_1; // (a) 0: closed
} Epoll;
static int epoll_fd(const Epoll *e) { return (int)atomic_load_relaxed_u32(&e->fd_plus_1) - 1; }
static int epoll_open_fd(Thread *t, ValueRef self) {
    int fd = epoll_fd((Epoll *)value_object(self));
    return fd < 0 ? raise_int(t, VALUE_ERROR, "I/O operation on closed epoll object") : fd;
}
static Value epoll_make(Thread *t, ValueRef type, int sizehint, int fd) {
    if (fd < 0) {
        (void)sizehint; // the system ignores it
        DETACHED(fd = epoll_create1(EPOLL_CLOEXEC));
        if (fd < 0) return posix_error(t);
    }
    Epoll *e = object_new(t, (Type *)value_object(type));
    if (!e) {
        close(fd);
        return UNDEF;
    }
    atomic_store_relaxed_u32(&e->fd_plus_1, (uint32_t)fd + 1);
    return value_of(e);
}
static Value epoll_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    int sizehint = -1, flags = 0;
    if (args_bind(t, "epoll", "(sizehint=-1, flags=0)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (value_bits(given[0]) && arg_int(t, given[0], &sizehint) < 0) return UNDEF;
    if (value_bits(given[1]) && arg_int(t, given[1], &flags) < 0) return UNDEF;
    if (sizehint != -1 && sizehint <= 0) return raise(t, VALUE_ERROR, "negative sizehint");
    if (flags && flags != EPOLL_CLOEXEC) return raise(t, OS_ERROR, "invalid flags");
    return epoll_make(t, type, sizehint, -1);
}
NATIVE(epoll_fromfd) {
    int fd;
    return arg_int(t, args[0], &fd) < 0 ? UNDEF : epoll_make(t, self, -1, fd < 0 ? INT_MAX - 1 : fd);
}
static int epoll_shut(Thread *t, Epoll *e) {
    int fd = (int)atomic_swap_acq_rel_u32(&e->fd_plus_1, 0) - 1, status = 0;
    if (fd >= 0) DETACHED(status = close(fd));
    return status;
}
NATIVE(epoll_close) { return posix_done(t, epoll_shut(t, (Epoll *)value_object(self))); }
NATIVE(epoll_fileno) {
    int fd = epoll_open_fd(t, self);
    return fd < 0 ? UNDEF : value_int(fd);
}
NATIVE(epoll_enter) { return epoll_open_fd(t, self) < 0 ? UNDEF : value_dup(t, self); }
static Value control(Thread *t, ValueRef self, int operation, ValueRef descriptor, ValueRef events) {
    int epfd = epoll_open_fd(t, self), fd, status;
    int64_t mask = EPOLLIN | EPOLLPRI | EPOLLOUT;
    if (epfd < 0 || posix_fildes(t, descriptor, &fd) < 0 || (value_bits(events) && arg_index(t, events, &mask) < 0)) return UNDEF;
    struct epoll_event event = {.events = (uint32_t)mask, .data = {.fd = fd}};
    DETACHED(status = epoll_ctl(epfd, operation, fd, &event));
    return posix_done(t, status);
}
NATIVE(epoll_register) { return control(t, self, EPOLL_CTL_ADD, args[0], args[1]); }
NATIVE(epoll_modify) { return control(t, self, EPOLL_CTL_MOD, args[0], args[1]); }
NATIVE(epoll_unregister) { return control(t, self, EPOLL_CTL_DEL, args[0], UNDEF); }
NATIVE(epoll_poll) {
    int epfd = epoll_open_fd(t, self), most = -1, n;
    int64_t ns;
    if (epfd < 0 || timeout_ns(t, args[0], 1e9, "timeout must be an integer or None", &ns) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &most) < 0)) return UNDEF;
    if (most == -1) most = FD_SETSIZE - 1;
    if (most < 1) return raise(t, VALUE_ERROR, "maxevents must be greater than 0, got %d", most);
    if (ns > INT64_C(1000000) * INT_MAX) return raise(t, OVERFLOW_ERROR, "timeout is too large");
    struct epoll_event *events = most > (1 << 24) ? NULL : malloc((size_t)most * sizeof *events);
    if (!events) return raise_no_memory(t);
    uint64_t deadline = sync_now_ns() + (uint64_t)(ns < 0 ? 0 : ns);
    Value list = UNDEF;
    for (;;) {
        DETACHED(n = epoll_wait(epfd, events, most, ns < 0 ? -1 : (int)((ns + 999999) / 1000000)));
        if (n >= 0 || errno != EINTR) break;
        if (signals_check(t) < 0) goto done;
        if (ns >= 0) ns = left_ns(deadline);
    }
    if (n < 0) {
        posix_error(t);
        goto done;
    }
    list = list_new(t, n);
    for (int i = 0; value_bits(list) && i < n; i++) {
        Value pair = tuple_pair(t, value_int(events[i].data.fd), value_int(events[i].events));
        if (!value_bits(pair) || list_append(t, value_list(list), pair) < 0) VALUE_CLEAR(t, list);
    }
done:
    free(events);
    return list;
}
static Value epoll_closed(Thread *t, ValueRef self) { return value_bool(epoll_fd((Epoll *)value_object(self)) < 0); }
static void epoll_destroy(Thread *t, Object *o) {
    int fd = epoll_fd((Epoll *)o);
    if (fd >= 0) close(fd);
}
static const NativeDef epoll_methods[] = {
    {"fromfd", epoll_fromfd, "($type, fd, /)", "An epoll object of a descriptor.", NATIVE_CLASS},
    {"close", epoll_close, "($self, /)", NULL, 0}, {"fileno", epoll_fileno, "($self, /)", NULL, 0},
    {"register", epoll_register, "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)", "Adds a descriptor.", 0},
    {"modify", epoll_modify, "($self, /, fd, eventmask)", "Changes its events.", 0}, {"unregister", epoll_unregister, "($self, /, fd)", "Removes it.", 0},
    {"poll", epoll_poll, "($self, /, timeout=None, maxevents=-1)", "Waits, in seconds: a list of (descriptor, events).", 0},
    {"__enter__", epoll_enter, "($self, /)", NULL, 0},
    {"__exit__", epoll_close, "($self, exc_type=None, exc_value=None, exc_tb=None, /)", NULL, 0}, NATIVE_END};
static const GetSetDef epoll_getset[] = {{"closed", epoll_closed, NULL, "Is it closed?"}, GETSET_END};
static const TypeSpec epoll_spec = {
    .name = "select.epoll", .doc = "Waits for events of many descriptors.", .size = sizeof(Epoll), .flags = TYPE_HAS_RESOURCE, .ops = {.new = epoll_new},
    .methods = epoll_methods, .getset = epoll_getset, .new_signature = "(sizehint=-1, flags=0)", .destroy = epoll_destroy};

static const NativeDef functions[] = {
    {"select", select_select, "($module, rlist, wlist, xlist, timeout=None, /)", "Waits until descriptors are ready.", 0},
    {"poll", select_poll, "($module, /)", "A new poll object.", 0}, NATIVE_END};
#define NUMBER(name) {#name, (int64_t)(name)}
static const struct { const char *name; int64_t value; } numbers[] = {
    NUMBER(POLLIN), NUMBER(POLLPRI), NUMBER(POLLOUT), NUMBER(POLLERR), NUMBER(POLLHUP), NUMBER(POLLNVAL), NUMBER(POLLRDNORM), NUMBER(POLLRDBAND),
    NUMBER(POLLWRNORM), NUMBER(POLLWRBAND), NUMBER(POLLMSG), NUMBER(POLLRDHUP), NUMBER(PIPE_BUF), NUMBER(EPOLLIN), NUMBER(EPOLLOUT), NUMBER(EPOLLPRI),
    NUMBER(EPOLLERR), NUMBER(EPOLLHUP), NUMBER(EPOLLRDHUP), NUMBER(EPOLLET), NUMBER(EPOLLONESHOT), NUMBER(EPOLLEXCLUSIVE), NUMBER(EPOLLRDNORM),
    NUMBER(EPOLLRDBAND), NUMBER(EPOLLWRNORM), NUMBER(EPOLLWRBAND), NUMBER(EPOLLMSG), NUMBER(EPOLLWAKEUP), NUMBER(EPOLL_CLOEXEC)};
static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (module_add_int(t, module, numbers[i].name, numbers[i].value) < 0) return -1;
    if (!module_type(t, module, &s->poll, &poll_spec) || module_export_type(t, module, &s->epoll, &epoll_spec) < 0) return -1;
    return module_add(t, module, "error", value_dup(t, value_of(EXCEPTION(OS_ERROR))));
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->poll, arg);
    visit(&((State *)state)->epoll, arg);
}
const ModuleSpec select_module = {
    .name = "select", .doc = "Waiting for descriptors.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
