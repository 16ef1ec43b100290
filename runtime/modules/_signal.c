// _signal, and signals as the runtime has them (signals.h). The C handler sets a bit per signal, the main thread's poll word and a
// byte in the wakeup descriptor, and unparks the main thread; the Python handlers run there, at a poll.
#include "runtime/signals.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/interp/frame.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/structseq.h"
#include "sync/park.h"
#include "sync/safepoint.h"

enum { SIGNALS = 65 }; // 1..64 are signals
#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// What the C handler touches: atomics alone.
static _Atomic uint32_t arrived[SIGNALS];
static _Atomic uint32_t any_arrived;
static _Atomic(ThreadCore *) main_core;
static _Atomic uint32_t wakeup_fd_plus_1;      // 0: none
static _Atomic uint32_t wakeup_warns;          // report a full pipe
static _Atomic uint32_t wakeup_error;          // errno of a write that failed, to be reported at a poll

static void arrive(int signal) {
    atomic_store_relaxed_u32(&arrived[signal], 1);
    atomic_store_release_u32(&any_arrived, 1); // acquired by signals_run: it then sees the signal's own word
    uint32_t fd = atomic_load_relaxed_u32(&wakeup_fd_plus_1);
    if (fd) {
        uint8_t byte = (uint8_t)signal;
        ssize_t n;
        do n = write((int)fd - 1, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n < 0 && (atomic_load_relaxed_u32(&wakeup_warns) || (errno != EAGAIN && errno != EWOULDBLOCK))) atomic_store_relaxed_u32(&wakeup_error, (uint32_t)errno);
    }
    ThreadCore *core = atomic_load_acquire_ptr(&main_core);
    if (core) thread_interrupt(core, POLL_SIGNAL);
}
static void handler(int signal) {
    int saved = errno;
    if (signal > 0 && signal < SIGNALS) arrive(signal);
    errno = saved;
}
void signals_set_interrupt(int signal) {
    if (signal > 0 && signal < SIGNALS) arrive(signal);
}

static bool on_main(const Thread *t) { return t->interp->main_thread == t; }
static Value handlers(Thread *t) { return t->interp->signal_handlers; } // list of SIGNALS, borrowed: set once

static int install(int signal, void (*function)(int)) {
    struct sigaction action = {.sa_handler = function, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL);
}

int signals_run(Thread *t) {
    if (!on_main(t)) return 0;
    uint32_t error = atomic_swap_acq_rel_u32(&wakeup_error, 0);
    if (error) {
        raise_os_error(t, (int)error, UNDEF);
        error_write_unraisable(t, "when trying to write to the signal wakeup fd", UNDEF);
    }
    if (!atomic_swap_acq_rel_u32(&any_arrived, 0)) return 0;
    if (!t->interp->signal_handlers) return 0;
    for (int i = 1; i < SIGNALS; i++) {
        if (!atomic_load_relaxed_u32(&arrived[i]) || !atomic_swap_acq_rel_u32(&arrived[i], 0)) continue;
        Value function = list_get(t, value_list(handlers(t)), i), done = UNDEF, frame = NONE;
        // The handler may have been taken away since.
        if (!function || function == NONE || value_is_int(function) || !value_type(function)->ops.call) {
            value_release(t, function);
            continue;
        }
        Value *fp = frame_python(t->fp);
        Frame *f = fp ? frame_object(t, fp) : NULL;
        if (fp && !f) error_clear(t);
        if (f) frame = value_dup(t, value_of(f));
        done = call_2(t, function, value_int(i), frame);
        value_release(t, frame);
        value_release(t, function);
        if (!done) { // the others stay due
            atomic_store_release_u32(&any_arrived, 1);
            thread_poke(&t->core, POLL_SIGNAL);
            return -1;
        }
        value_release(t, done);
    }
    return 0;
}
bool signals_arrived(void) { return atomic_load_acquire_u32(&any_arrived) != 0; }
int signals_check(Thread *t) { return poll_check(&t->core); }

// ---- start, end, fork
FUNCTION(default_int_handler) {
    Value e = call_0(t, value_of(EXCEPTION(KEYBOARD_INTERRUPT)));
    return e ? raise_object(t, e) : UNDEF;
}

static Value current_disposition(int signal) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) < 0) return NONE;
    return action.sa_handler == SIG_DFL ? value_int(0) : action.sa_handler == SIG_IGN ? value_int(1) : NONE;
}
static int make_handlers(Thread *t) {
    if (t->interp->signal_handlers) return 0;
    Value list = list_new(t, SIGNALS);
    for (int i = 0; list && i < SIGNALS; i++)
        if (list_append(t, value_list(list), i ? current_disposition(i) : NONE) < 0) VALUE_CLEAR(t, list);
    if (!list) return -1;
    t->interp->signal_handlers = list;
    return 0;
}

int signals_init(Thread *t) {
    atomic_store_release_ptr(&main_core, &t->core);
    install(SIGPIPE, SIG_IGN); // writes fail with EPIPE instead
    install(SIGXFSZ, SIG_IGN);
    if (make_handlers(t) < 0) return -1;
    if (current_disposition(SIGINT) != value_int(0)) return 0;
    Value function = import_attribute(t, "_signal", "default_int_handler");
    if (!function || list_set(t, value_list(handlers(t)), SIGINT, function) < 0) return -1;
    install(SIGINT, handler);
    return 0;
}
void signals_finish(Thread *t) {
    if (!t->interp->signal_handlers) return;
    for (int i = 1; i < SIGNALS; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0 && action.sa_handler == handler) install(i, SIG_DFL);
    }
    atomic_store_release_ptr(&main_core, NULL);
    atomic_store_relaxed_u32(&wakeup_fd_plus_1, 0);
}
void signals_fork_child(Thread *t) {
    atomic_store_release_ptr(&main_core, &t->core);
    for (int i = 0; i < SIGNALS; i++) atomic_store_relaxed_u32(&arrived[i], 0);
    atomic_store_relaxed_u32(&any_arrived, 0);
}

// ---- arguments
static int signal_number(Thread *t, ValueRef v) {
    int n;
    if (arg_int(t, v, &n) < 0) return -1;
    return n < 1 || n >= SIGNALS ? raise_int(t, VALUE_ERROR, "signal number out of range") : n;
}
static int signal_set(Thread *t, ValueRef iterable, sigset_t *out) {
    sigemptyset(out);
    Value it = object_iter(t, iterable);
    if (!it) return -1;
    int result = 0;
    for (Value v; result == 0 && (v = object_next(t, it));) {
        int64_t n;
        if (arg_index_clipped(t, v, &n) < 0) result = -1;
        else if (n < 1 || n >= SIGNALS) result = raise_int(t, VALUE_ERROR, "signal number %lld out of range [1; %d]", (long long)n, SIGNALS - 1);
        else if (sigaddset(out, (int)n) < 0 && (n < 32 || n > 33)) result = raise_int(t, VALUE_ERROR, "invalid signal number");
        value_release(t, v);
    }
    if (error_pending(t)) result = -1;
    value_release(t, it);
    return result;
}
static Value set_of_signals(Thread *t, const sigset_t *from) {
    Value set = set_new(t);
    for (int i = 1; set && i < SIGNALS; i++)
        if (sigismember(from, i) == 1 && set_add(t, value_set(set), value_int(i)) < 0) VALUE_CLEAR(t, set);
    return set;
}
static int seconds_of(Thread *t, ValueRef v, double *out) {
    if (arg_double(t, v, out) < 0) return -1;
    return isnan(*out) ? raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)") : 0;
}

// ---- handlers
FUNCTION(signal_) {
    int n = signal_number(t, args[0]);
    if (n < 0) return UNDEF;
    if (!on_main(t)) return raise(t, VALUE_ERROR, "signal only works in main thread of the main interpreter");
    void (*function)(int) = handler;
    if (value_is_any_int(args[1]) || value_is_int(args[1])) {
        int64_t kind;
        if (int_as_int64(args[1], &kind) < 0) kind = -1;
        function = kind == 0 ? SIG_DFL : kind == 1 ? SIG_IGN : NULL;
        if (kind != 0 && kind != 1) return raise(t, TYPE_ERROR, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    } else if (!value_type(args[1])->ops.call) {
        return raise(t, TYPE_ERROR, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    }
    if (make_handlers(t) < 0 || poll_check(&t->core) < 0) return UNDEF;
    Value old = list_get(t, value_list(handlers(t)), n);
    if (install(n, function) < 0) {
        value_release(t, old);
        return raise_os_error(t, errno, UNDEF);
    }
    if (list_set(t, value_list(handlers(t)), n, function == handler ? value_dup(t, args[1]) : value_int(function == SIG_IGN)) < 0) VALUE_CLEAR(t, old);
    return old;
}
FUNCTION(getsignal) {
    int n = signal_number(t, args[0]);
    if (n < 0 || make_handlers(t) < 0) return UNDEF;
    return list_get(t, value_list(handlers(t)), n);
}
FUNCTION(siginterrupt_) {
    int n = signal_number(t, args[0]);
    bool interrupts;
    if (n < 0 || arg_bool(t, args[1], &interrupts) < 0) return UNDEF;
    struct sigaction action;
    if (sigaction(n, NULL, &action) < 0) return raise_os_error(t, errno, UNDEF);
    action.sa_flags = interrupts ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    return sigaction(n, &action, NULL) < 0 ? raise_os_error(t, errno, UNDEF) : NONE;
}
FUNCTION(set_wakeup_fd) {
    int fd;
    bool warns = true;
    if (arg_int(t, args[0], &fd) < 0 || (args[1] && arg_bool(t, args[1], &warns) < 0)) return UNDEF;
    if (!on_main(t)) return raise(t, VALUE_ERROR, "set_wakeup_fd only works in main thread of the main interpreter");
    if (fd >= 0) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0) return raise_os_error(t, errno, UNDEF);
        if (!(flags & O_NONBLOCK)) return raise(t, VALUE_ERROR, "the fd %d must be in non-blocking mode", fd);
    }
    atomic_store_relaxed_u32(&wakeup_warns, warns);
    uint32_t old = atomic_swap_acq_rel_u32(&wakeup_fd_plus_1, fd < 0 ? 0 : (uint32_t)fd + 1);
    return value_int((int64_t)old - 1);
}

// ---- sending
FUNCTION(raise_signal) {
    int n;
    if (arg_int(t, args[0], &n) < 0) return UNDEF;
    if ((raise)(n) != 0) return raise_os_error(t, errno, UNDEF);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
FUNCTION(pthread_kill_) {
    uint64_t id;
    int n;
    if (arg_uint64(t, args[0], &id) < 0 || arg_int(t, args[1], &n) < 0) return UNDEF;
    int failed = pthread_kill((pthread_t)id, n);
    if (failed) return raise_os_error(t, failed, UNDEF);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
FUNCTION(pidfd_send_signal_) {
    int fd, n, flags = 0;
    if (arg_int(t, args[0], &fd) < 0 || arg_int(t, args[1], &n) < 0 || (args[3] && arg_int(t, args[3], &flags) < 0)) return UNDEF;
    if (args[2] && args[2] != NONE) return raise(t, TYPE_ERROR, "siginfo must be None");
    if (syscall(SYS_pidfd_send_signal, fd, n, NULL, flags) < 0) return raise_os_error(t, errno, UNDEF);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
FUNCTION(alarm_) {
    int seconds;
    return arg_int(t, args[0], &seconds) < 0 ? UNDEF : value_int(alarm((unsigned)seconds));
}

// ---- timers
static struct timeval timeval_of(double seconds) {
    double whole = floor(seconds);
    struct timeval tv = {(time_t)whole, (suseconds_t)((seconds - whole) * 1e6)};
    return tv;
}
static Value timer_pair(Thread *t, const struct itimerval *v) {
    Value value = float_new(t, (double)v->it_value.tv_sec + 1e-6 * (double)v->it_value.tv_usec);
    Value interval = float_new(t, (double)v->it_interval.tv_sec + 1e-6 * (double)v->it_interval.tv_usec);
    return value && interval ? tuple_pair(t, value, interval) : UNDEF;
}
typedef struct SignalState { Value timer_error, siginfo_type; } SignalState;
static Value raise_timer_error(Thread *t, ValueRef module) {
    int number = errno;
    SignalState *s = module_state(module);
    Value text = str_from_text(t, strerror(number)), e = text ? call_2(t, s->timer_error, value_int(number), text) : UNDEF;
    value_release(t, text);
    return e ? raise_object(t, e) : UNDEF;
}
FUNCTION(setitimer_) {
    int which;
    double seconds, interval = 0;
    struct itimerval now, old;
    if (arg_int(t, args[0], &which) < 0 || seconds_of(t, args[1], &seconds) < 0 || (args[2] && seconds_of(t, args[2], &interval) < 0)) return UNDEF;
    now.it_value = timeval_of(seconds);
    now.it_interval = timeval_of(interval);
    return setitimer((__itimer_which_t)which, &now, &old) < 0 ? raise_timer_error(t, self) : timer_pair(t, &old);
}
FUNCTION(getitimer_) {
    int which;
    struct itimerval now;
    if (arg_int(t, args[0], &which) < 0) return UNDEF;
    return getitimer((__itimer_which_t)which, &now) < 0 ? raise_timer_error(t, self) : timer_pair(t, &now);
}

// ---- masks and waiting
FUNCTION(pthread_sigmask_) {
    int how;
    sigset_t set, old;
    if (arg_int(t, args[0], &how) < 0 || signal_set(t, args[1], &set) < 0) return UNDEF;
    int failed = pthread_sigmask(how, &set, &old);
    if (failed) return raise_os_error(t, failed, UNDEF);
    return signals_check(t) < 0 ? UNDEF : set_of_signals(t, &old); // what was unblocked may have come
}
FUNCTION(sigpending_) {
    sigset_t set;
    return sigpending(&set) < 0 ? raise_os_error(t, errno, UNDEF) : set_of_signals(t, &set);
}
FUNCTION(pause_) {
    thread_detach(&t->core);
    pause();
    thread_attach(&t->core);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
FUNCTION(sigwait_) {
    sigset_t set;
    int got;
    if (signal_set(t, args[0], &set) < 0) return UNDEF;
    thread_detach(&t->core);
    int failed = sigwait(&set, &got);
    thread_attach(&t->core);
    return failed ? raise_os_error(t, failed, UNDEF) : value_int(got);
}
static const StructSeqSpec siginfo_fields = {
    "signal.struct_siginfo", "What came with a signal.", (const char *const[]){"si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band", NULL}, 7, false};
static Value siginfo(Thread *t, ValueRef module, const siginfo_t *s) {
    Value items[] = {value_int(s->si_signo), value_int(s->si_code), value_int(s->si_errno), value_int(s->si_pid), int_from_uint64(t, s->si_uid), value_int(s->si_status),
                     int_from_int64(t, s->si_band)};
    return structseq_new(t, (Type *)value_object(((SignalState *)module_state(module))->siginfo_type), items);
}
static Value wait_info(Thread *t, ValueRef self, ValueRef signals, double seconds) {
    sigset_t set;
    siginfo_t info;
    if (signal_set(t, signals, &set) < 0) return UNDEF;
    uint64_t end = seconds < 0 ? PARK_FOREVER : sync_now_ns() + (uint64_t)(seconds > 1e9 ? 1e18 : seconds * 1e9);
    for (;;) {
        uint64_t now = sync_now_ns(), left = end > now ? end - now : 0;
        struct timespec ts = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        thread_detach(&t->core);
        int got = end == PARK_FOREVER ? sigwaitinfo(&set, &info) : sigtimedwait(&set, &info, &ts), error = errno;
        thread_attach(&t->core);
        if (got >= 0) return siginfo(t, self, &info);
        if (error == EAGAIN) return NONE;
        if (error != EINTR) return raise_os_error(t, error, UNDEF);
        if (signals_check(t) < 0) return UNDEF;
    }
}
FUNCTION(sigwaitinfo_) { return wait_info(t, self, args[0], -1); }
FUNCTION(sigtimedwait_) {
    double seconds;
    if (seconds_of(t, args[1], &seconds) < 0) return UNDEF;
    return seconds < 0 ? raise(t, VALUE_ERROR, "timeout must be non-negative") : wait_info(t, self, args[0], seconds);
}

// ---- names
FUNCTION(strsignal_) {
    int n = signal_number(t, args[0]);
    if (n < 0) return UNDEF;
    const char *text = strsignal(n);
    return text && strncmp(text, "Unknown", 7) ? str_from_text(t, text) : NONE;
}
FUNCTION(valid_signals) {
    sigset_t set;
    sigfillset(&set);
    return set_of_signals(t, &set);
}

static const NativeDef signal_functions[] = {
    {"default_int_handler", default_int_handler, "($module, signalnum, frame, /)", "Raises KeyboardInterrupt.", 0},
    {"signal", signal_, "($module, signalnum, handler, /)", "Sets what a signal calls; gives the old one.", 0},
    {"getsignal", getsignal, "($module, signalnum, /)", "What a signal calls.", 0},
    {"siginterrupt", siginterrupt_, "($module, signalnum, flag, /)", "Does the signal interrupt system calls?", 0},
    {"set_wakeup_fd", set_wakeup_fd, "($module, fd, /, *, warn_on_full_buffer=True)", "Each signal's number is written to this descriptor.", 0},
    {"raise_signal", raise_signal, "($module, signalnum, /)", "Sends a signal to this process.", 0},
    {"pthread_kill", pthread_kill_, "($module, thread_id, signalnum, /)", "Sends a signal to a thread.", 0},
    {"pidfd_send_signal", pidfd_send_signal_, "($module, pidfd, signalnum, siginfo=None, flags=0, /)", "Sends a signal to a process by its descriptor.", 0},
    {"alarm", alarm_, "($module, seconds, /)", "SIGALRM after so many seconds.", 0},
    {"setitimer", setitimer_, "($module, which, seconds, interval=0.0, /)", "Sets a timer; gives the old one.", 0},
    {"getitimer", getitimer_, "($module, which, /)", "A timer: (seconds left, interval).", 0},
    {"pthread_sigmask", pthread_sigmask_, "($module, how, mask, /)", "Changes this thread's blocked signals; gives the old ones.", 0},
    {"sigpending", sigpending_, "($module, /)", "Blocked signals that wait.", 0},
    {"pause", pause_, "($module, /)", "Waits for a signal.", 0},
    {"sigwait", sigwait_, "($module, sigset, /)", "Waits for one of the signals, and takes it.", 0},
    {"sigwaitinfo", sigwaitinfo_, "($module, sigset, /)", "As sigwait, with details.", 0},
    {"sigtimedwait", sigtimedwait_, "($module, sigset, timeout, /)", "As sigwaitinfo, for so long at most.", 0},
    {"strsignal", strsignal_, "($module, signalnum, /)", "The system's words for a signal.", 0},
    {"valid_signals", valid_signals, "($module, /)", "The signals of this system.", 0},
    NATIVE_END};

static const struct { const char *name; int number; } signal_constants[] = {
#define ROW(name) {#name, name},
    ROW(SIGHUP) ROW(SIGINT) ROW(SIGQUIT) ROW(SIGILL) ROW(SIGTRAP) ROW(SIGABRT) ROW(SIGIOT) ROW(SIGBUS) ROW(SIGFPE) ROW(SIGKILL) ROW(SIGUSR1) ROW(SIGSEGV) ROW(SIGUSR2)
    ROW(SIGPIPE) ROW(SIGALRM) ROW(SIGTERM) ROW(SIGSTKFLT) ROW(SIGCHLD) ROW(SIGCLD) ROW(SIGCONT) ROW(SIGSTOP) ROW(SIGTSTP) ROW(SIGTTIN) ROW(SIGTTOU) ROW(SIGURG)
    ROW(SIGXCPU) ROW(SIGXFSZ) ROW(SIGVTALRM) ROW(SIGPROF) ROW(SIGWINCH) ROW(SIGIO) ROW(SIGPOLL) ROW(SIGPWR) ROW(SIGSYS)
    ROW(SIG_BLOCK) ROW(SIG_UNBLOCK) ROW(SIG_SETMASK) ROW(ITIMER_REAL) ROW(ITIMER_VIRTUAL) ROW(ITIMER_PROF)
#undef ROW
    {"SIG_DFL", 0}, {"SIG_IGN", 1}, {"NSIG", SIGNALS}};

static void state_traverse(void *state, VisitFn visit, void *arg) {
    visit(&((SignalState *)state)->timer_error, arg);
    visit(&((SignalState *)state)->siginfo_type, arg);
}
static int signal_exec(Thread *t, ValueRef module) {
    SignalState *s = module_state(module);
    for (size_t i = 0; i < sizeof signal_constants / sizeof *signal_constants; i++)
        if (module_add_int(t, module, signal_constants[i].name, signal_constants[i].number) < 0) return -1;
    if (module_add_int(t, module, "SIGRTMIN", SIGRTMIN) < 0 || module_add_int(t, module, "SIGRTMAX", SIGRTMAX) < 0) return -1;
    // class itimer_error(OSError), in the module signal
    Value bases[1] = {value_of(EXCEPTION(OS_ERROR))}, parts[3] = {str_from_text(t, "itimer_error"), tuple_from_values(t, bases, 1), dict_new(t)};
    Value type = UNDEF;
    if (parts[0] && parts[1] && parts[2] && dict_set_text(t, value_dict(parts[2]), "__module__", str_from_text(t, "signal")) == 0)
        type = call_object(t, value_of(TYPE_OF(TYPE)), value_refs(parts), 3, NULL);
    for (int i = 0; i < 3; i++) value_release(t, parts[i]);
    if (!type) return -1;
    slot_store(t, value_object(module), &s->timer_error, value_dup(t, type));
    if (module_add(t, module, "ItimerError", type) < 0) return -1;
    Type *info = structseq_type(t, &siginfo_fields);
    if (!info) return -1;
    slot_store(t, value_object(module), &s->siginfo_type, value_dup(t, value_of(info)));
    return module_add_type(t, module, info);
}
const ModuleSpec _signal_module = {.name = "_signal", .doc = "Signals of the operating system.", .functions = signal_functions, .exec = signal_exec,
                                   .state_size = sizeof(SignalState), .traverse = state_traverse};
