// faulthandler: Python stacks on fatal signals, on a signal of the user's choice, after a time, or now.
// What is shown may be in any state: the process is broken, or other threads run on. So nothing is locked that could be held, nothing
// allocated, and whatever is not this file's own is read through the kernel, which says no where there is no memory (peek). A frame
// that changes while it is looked at gives a wrong line, or ends its thread's list.
#include "runtime/faulthandler.h"
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "runtime/import.h"
#include "runtime/interp/frame.h"
#include "runtime/interp/interp.h"
#include "runtime/modules/native_module.h"
#include "runtime/modules/posix.h"
#include "runtime/startup.h"
#include "runtime/sys.h"

enum { FRAMES_MAX = 100, THREADS_MAX = 100, TEXT_MAX = 500, C_FRAMES_MAX = 32, SIGNALS = 65, POSITIONS_MAX = 1 << 20, ALTERNATE_STACK = 1 << 17 };

// ---- writing without the library's buffers
static void put_bytes(int fd, const char *text, size_t n) {
    while (n) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return;
        text += done;
        n -= (size_t)done;
    }
}
static void put(int fd, const char *text) { put_bytes(fd, text, strlen(text)); }
static void put_number(int fd, uint64_t n, unsigned base, int width) {
    char digits[24];
    int i = sizeof digits;
    do digits[--i] = "0123456789abcdef"[n % base], n /= base, width--;
    while ((n || width > 0) && i);
    put_bytes(fd, digits + i, sizeof digits - (size_t)i);
}

// ---- reading what may not be there
// The same through a pipe, where a sandbox forbids the call below.
static bool peek_by_pipe(uint8_t *to, const uint8_t *from, size_t n) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return false;
    bool good = true;
    while (good && n) {
        size_t some = n < 4096 ? n : 4096;
        good = write(ends[1], from, some) == (ssize_t)some && read(ends[0], to, some) == (ssize_t)some;
        to += some, from += some, n -= some;
    }
    close(ends[0]);
    close(ends[1]);
    return good;
}
static bool peek(void *to, const void *from, size_t n) {
    struct iovec mine = {to, n}, theirs = {(void *)(uintptr_t)from, n};
    if (!from) return false;
    ssize_t got = process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0);
    return got == (ssize_t)n || (got < 0 && (errno == ENOSYS || errno == EPERM) && peek_by_pipe(to, from, n));
}
static bool peek_value(const Value *at, uint64_t *out) { return peek(out, at, sizeof *out); }
// What a header word of a frame points at; false where it holds no mark.
static bool peek_mark(const Value *at, void **out) {
    uint64_t word;
    if (!peek_value(at, &word)) return false;
    Value v = value_from_bits(word);
    if (!value_is_mark(v)) return false;
    *out = mark_pointer(v);
    return true;
}

static void put_char(int fd, uint32_t c) {
    char one = (char)c;
    if (c >= ' ' && c < 127) {
        put_bytes(fd, &one, 1);
        return;
    }
    put(fd, c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U");
    put_number(fd, c, 16, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
}
static void put_str(int fd, uint64_t word) {
    struct { Str head; uint8_t chars[TEXT_MAX * 4]; } copy;
    Value v = value_from_bits(word);
    if (!value_is_pointer(v) || !peek(&copy.head, value_str(v), sizeof copy.head)) {
        put(fd, "???");
        return;
    }
    size_t n = str_length(&copy.head), shown = n < TEXT_MAX ? n : TEXT_MAX;
    int kind = str_kind(&copy.head);
    if ((kind != 1 && kind != 2 && kind != 4) || (shown && !peek(copy.chars, value_str(v) + 1, shown * (size_t)kind))) {
        put(fd, "???");
        return;
    }
    for (size_t i = 0; i < shown; i++) put_char(fd, str_char(&copy.head, i));
    if (shown < n) put(fd, "...");
}

// ---- Python stacks
static atomic_flag dumping = ATOMIC_FLAG_INIT; // guards `positions`; two that dump at once: the later one shows no lines
static uint8_t positions[POSITIONS_MAX];

static int32_t line_of(const Code *code, uint32_t instruction) {
    if (atomic_flag_test_and_set_explicit(&dumping, memory_order_acquire)) return -1;
    int32_t line = -1;
    if (code->positions_bytes <= POSITIONS_MAX && peek(positions, code->positions, code->positions_bytes) &&
        code_positions_valid(positions, code->positions_bytes, code->ninstructions))
        line = code_line(positions, code->positions_bytes, code->firstlineno, instruction, code->ninstructions);
    atomic_flag_clear_explicit(&dumping, memory_order_release);
    return line;
}

static bool put_frame(int fd, const CodeData *at, const void *pc) {
    CodeData data;
    Code code;
    if (!peek(&data, at, sizeof data) || !peek(&code, data.code, sizeof code) || code.data != at) return false;
    put(fd, "  File ");
    put(fd, "\"");
    put_str(fd, value_bits(code.filename));
    put(fd, "\", line ");
    ptrdiff_t instruction = (const Ins *)pc - data.instructions;
    int32_t line = pc && instruction >= 0 && (size_t)instruction < code.ninstructions ? line_of(&code, (uint32_t)instruction) : -1;
    if (line >= 0) put_number(fd, (uint64_t)line, 10, 1);
    else put(fd, "???");
    put(fd, " in ");
    put_str(fd, value_bits(code.name));
    put(fd, "\n");
    return true;
}

// The frames of a thread, the innermost first.
static void put_frames(int fd, const Thread *t) {
    Value *fp;
    const void *pc, *callee_return;
    void *mark;
    int shown = 0;
    if (!peek(&fp, &t->fp, sizeof fp) || !peek(&pc, &t->pc, sizeof pc)) fp = NULL;
    for (int steps = 0; fp && steps < 100000; steps++) {
        uint64_t function;
        if (!peek_value(&fp[FRAME_FUNCTION], &function)) break;
        if (function) { // the runtime's own frames have none
            if (shown == FRAMES_MAX) return;
            if (!peek_mark(&fp[FRAME_DATA], &mark) || !put_frame(fd, mark, pc)) break;
            shown++;
        }
        // The caller stands at the call that its callee returns to; where the callee is an entry from native code, at what that kept.
        if (!peek_mark(&fp[FRAME_RETURN], &mark)) break;
        callee_return = mark;
        if (callee_return == exit_return) {
            if (!peek_mark(&fp[FRAME_NATIVE], &mark)) break;
            pc = mark;
        } else {
            pc = (const Ins *)callee_return - 1;
        }
        if (!peek_mark(&fp[FRAME_CALLER], &mark) || mark == fp) break;
        fp = mark;
    }
    if (!shown) put(fd, "  <no Python frame>\n");
}

static void put_thread(int fd, const Thread *t, bool current) {
    uint64_t ident;
    char name[sizeof t->core.name];
    if (!peek(&ident, &t->ident, sizeof ident)) return;
    put(fd, current ? "Current thread 0x" : "Thread 0x");
    put_number(fd, ident, 16, 16);
    if (peek(name, t->core.name, sizeof name) && *name) {
        name[sizeof name - 1] = 0;
        put(fd, " [");
        put(fd, name);
        put(fd, "]");
    }
    put(fd, " (most recent call first):\n");
    put_frames(fd, t);
}

typedef struct Listing { int fd; const Thread *current; int shown; } Listing;
static void put_listed(ThreadCore *core, void *arg) {
    Listing *l = arg;
    const Thread *t = (const Thread *)core;
    if (t == l->current || l->shown > THREADS_MAX || !t->ident) return; // threads of the runtime run no Python
    if (l->shown++) put(l->fd, "\n");
    if (l->shown > THREADS_MAX) put(l->fd, "...\n");
    else put_thread(l->fd, t, false);
}
// All threads, `current` (or NULL) last, as it is the one that the reader looks for.
static void put_all(int fd, const Thread *current) {
    Listing l = {fd, current, 0};
    bool listed = false;
    for (int i = 0; i < 1000 && !(listed = thread_each_now(put_listed, &l)); i++) sched_yield();
    if (!listed) put(fd, "<the other threads cannot be listed now>\n"), l.shown = 1;
    if (!current) return;
    if (l.shown) put(fd, "\n");
    put_thread(fd, current, true);
}
static void put_current(int fd, const Thread *current) {
    put(fd, "Stack (most recent call first):\n");
    if (current) put_frames(fd, current);
    else put(fd, "  <no Python frame>\n");
}

// ---- the C stack
static void put_c_stack(int fd) {
    void *frames[C_FRAMES_MAX];
    int n = backtrace(frames, C_FRAMES_MAX);
    put(fd, "Current thread's C stack trace (most recent call first):\n");
    for (int i = 0; i < n; i++) {
        Dl_info info;
        put(fd, "  Binary file ");
        if (!dladdr(frames[i], &info) || !info.dli_fname) {
            put(fd, "<unknown>");
        } else {
            put(fd, "\"");
            put(fd, info.dli_fname);
            put(fd, "\"");
            const char *base = info.dli_saddr ? info.dli_saddr : info.dli_fbase;
            put(fd, ", at ");
            if (info.dli_sname) put(fd, info.dli_sname);
            put(fd, "+0x");
            put_number(fd, (uint64_t)((const char *)frames[i] - base), 16, 1);
        }
        put(fd, " [0x");
        put_number(fd, (uint64_t)(uintptr_t)frames[i], 16, 1);
        put(fd, "]\n");
    }
    if (n == C_FRAMES_MAX) put(fd, "  <truncated rest of calls>\n");
}

// ---- state. What handlers read is set before they are installed, or atomic.
typedef struct Fatal { int signal; const char *name; bool installed; struct sigaction before; } Fatal;
static Fatal fatal[] = {{.signal = SIGBUS, .name = "Bus error"}, {.signal = SIGILL, .name = "Illegal instruction"}, {.signal = SIGFPE, .name = "Floating-point exception"},
                        {.signal = SIGABRT, .name = "Aborted"}, {.signal = SIGSEGV, .name = "Segmentation fault"}};
enum { FATALS = sizeof fatal / sizeof *fatal };
static struct { bool enabled; _Atomic int fd, all_threads, c_stack; } on_fatal;
typedef struct User { _Atomic bool registered; _Atomic int fd, all_threads, chain; struct sigaction before; } User;
static User users[SIGNALS];
static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool running, cancelled, repeat, exit;
    int fd;
    int64_t microseconds;
    char header[80];
} later = {.lock = PTHREAD_MUTEX_INITIALIZER};
typedef struct State { Value fatal_file, later_file, user_files; } State; // kept open: file objects, and a dict by signal

static void state_traverse(void *state, VisitFn visit, void *arg) {
    State *s = state;
    visit(&s->fatal_file, arg);
    visit(&s->later_file, arg);
    visit(&s->user_files, arg);
}

// ---- fatal signals
static void restore(Fatal *f) {
    if (!f->installed) return;
    f->installed = false;
    sigaction(f->signal, &f->before, NULL);
}
static void on_fatal_signal(int signal) {
    int saved = errno;
    Fatal *f = fatal;
    for (int i = 0; i < FATALS; i++)
        if (fatal[i].signal == signal) f = &fatal[i];
    restore(f); // another one while this is shown ends the process
    int fd = on_fatal.fd;
    const Thread *current = (const Thread *)thread_current();
    put(fd, "Fatal Python error: ");
    put(fd, f->name);
    put(fd, "\n\n");
    if (on_fatal.all_threads) put_all(fd, current);
    else put_current(fd, current);
    if (on_fatal.c_stack) {
        put(fd, "\n");
        put_c_stack(fd);
    }
    errno = saved;
    (raise)(signal); // as it would have been without us
}

// Where the C stack is used up, the handler needs another one: the calling thread's.
static void give_alternate_stack(void) {
    stack_t now;
    if (sigaltstack(NULL, &now) < 0 || !(now.ss_flags & SS_DISABLE)) return;
    void *p = mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t fresh = {.ss_sp = p, .ss_size = ALTERNATE_STACK};
    if (p != MAP_FAILED && sigaltstack(&fresh, NULL) < 0) munmap(p, ALTERNATE_STACK);
}

static int enable_on(Thread *t, int fd, bool all_threads, bool c_stack) {
    on_fatal.fd = fd;
    on_fatal.all_threads = all_threads;
    on_fatal.c_stack = c_stack;
    if (on_fatal.enabled) return 0;
    give_alternate_stack();
    void *warm[1];
    backtrace(warm, 1); // loads what it needs, now that loading is safe
    for (int i = 0; i < FATALS; i++) {
        struct sigaction action = {.sa_handler = on_fatal_signal, .sa_flags = SA_NODEFER | SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        if (sigaction(fatal[i].signal, &action, &fatal[i].before) < 0) return raise_os_error(t, errno, UNDEF), -1;
        fatal[i].installed = true;
    }
    on_fatal.enabled = true;
    return 0;
}
static bool disable_now(void) {
    bool was = on_fatal.enabled;
    on_fatal.enabled = false;
    for (int i = 0; i < FATALS; i++) restore(&fatal[i]);
    return was;
}

// ---- arguments
// The descriptor of a file argument. `*file`: the object to keep, owned; UNDEF for a number.
static int descriptor(Thread *t, ValueRef given, Value *file, int *fd) {
    *file = UNDEF;
    Value f = UNDEF;
    if (not_given(given)) {
        ValueRef stream = sys_get(t, "stderr");
        if (!stream) return raise_int(t, RUNTIME_ERROR, "unable to get sys.stderr");
        if (is_none(stream)) return raise_int(t, RUNTIME_ERROR, "sys.stderr is None");
        f = value_dup(t, stream);
    } else if (value_is_any_int(given)) {
        if (arg_int(t, given, fd) < 0) return -1;
        return *fd < 0 ? raise_int(t, VALUE_ERROR, "file is not a valid file descriptor") : 0;
    } else {
        f = value_dup(t, given);
    }
    Value name = str_intern_text(t, "fileno"), number = name ? call_method(t, f, name, NULL, 0) : UNDEF;
    value_release(t, name);
    int result = -1;
    if (number && !value_is_any_int(number)) raise(t, RUNTIME_ERROR, "file.fileno() is not a valid file descriptor");
    else if (number && arg_int(t, number, fd) == 0) result = *fd < 0 ? raise_int(t, RUNTIME_ERROR, "file.fileno() is not a valid file descriptor") : 0;
    value_release(t, number);
    if (result < 0) {
        value_release(t, f);
        return -1;
    }
    Value flushed = call_method_0(t, f, NAME(flush));
    if (!flushed) error_clear(t);
    value_release(t, flushed);
    *file = f;
    return 0;
}
static int truth(Thread *t, ValueRef given, bool otherwise, bool *out) {
    *out = otherwise;
    return given ? arg_bool(t, given, out) : 0;
}
static int signal_number(Thread *t, ValueRef given, int *out) {
    if (arg_int(t, given, out) < 0) return -1;
    for (int i = 0; i < FATALS; i++)
        if (fatal[i].signal == *out) return raise_int(t, RUNTIME_ERROR, "signal %d cannot be registered, use enable() instead", *out);
    return *out < 1 || *out >= SIGNALS ? raise_int(t, VALUE_ERROR, "signal number out of range") : 0;
}

// ---- the functions
NATIVE(enable) {
    State *s = module_state(self);
    Value file;
    bool all, c;
    int fd;
    if (truth(t, args[1], true, &all) < 0 || truth(t, args[2], true, &c) < 0 || descriptor(t, args[0], &file, &fd) < 0) return UNDEF;
    slot_store(t, value_object(self), &s->fatal_file, file);
    return enable_on(t, fd, all, c) < 0 ? UNDEF : NONE;
}
NATIVE(disable) {
    bool was = disable_now();
    slot_store(t, value_object(self), &((State *)module_state(self))->fatal_file, UNDEF);
    return value_bool(was);
}
NATIVE(is_enabled) { return value_bool(on_fatal.enabled); }

NATIVE(dump_traceback) {
    Value file;
    bool all;
    int fd;
    if (truth(t, args[1], true, &all) < 0 || descriptor(t, args[0], &file, &fd) < 0) return UNDEF;
    if (all) put_all(fd, t);
    else put_current(fd, t);
    value_release(t, file);
    return NONE;
}
NATIVE(dump_c_stack) {
    Value file;
    int fd;
    if (descriptor(t, args[0], &file, &fd) < 0) return UNDEF;
    put_c_stack(fd);
    value_release(t, file);
    return NONE;
}

static void *wait_and_dump(void *unused) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_mutex_lock(&later.lock);
    do {
        struct timespec end;
        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_sec += later.microseconds / 1000000;
        end.tv_nsec += later.microseconds % 1000000 * 1000;
        if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
        int waited = 0;
        while (!later.cancelled && waited != ETIMEDOUT) waited = pthread_cond_timedwait(&later.wake, &later.lock, &end);
        if (later.cancelled) break;
        put(later.fd, later.header);
        put_all(later.fd, NULL);
        if (later.exit) _exit(1);
    } while (later.repeat);
    pthread_mutex_unlock(&later.lock);
    return unused;
}
static void cancel_later(Thread *t) {
    if (!later.running) return;
    pthread_mutex_lock(&later.lock);
    later.cancelled = true;
    pthread_cond_signal(&later.wake);
    pthread_mutex_unlock(&later.lock);
    thread_detach(&t->core);
    pthread_join(later.thread, NULL);
    thread_attach(&t->core);
    later.running = false;
}
// The child has no such thread, and its lock may be held by it for ever.
static void forget_later(void) {
    later.running = false;
    pthread_mutex_init(&later.lock, NULL);
}
NATIVE(dump_traceback_later) {
    State *s = module_state(self);
    double seconds;
    bool repeat, leave;
    Value file;
    int fd;
    if (arg_double(t, args[0], &seconds) < 0) {
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return UNDEF;
        error_clear(t);
        return raise(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer or float", args[0]);
    }
    if (isnan(seconds)) return raise(t, VALUE_ERROR, "Invalid value NaN (not a number)");
    if (seconds >= 9.2e9) return raise(t, OVERFLOW_ERROR, "timestamp out of range for C PyTime_t");
    int64_t microseconds = (int64_t)ceil(seconds * 1e6);
    if (microseconds <= 0) return raise(t, VALUE_ERROR, "timeout must be greater than 0");
    if (truth(t, args[1], false, &repeat) < 0 || truth(t, args[3], false, &leave) < 0 || descriptor(t, args[2], &file, &fd) < 0) return UNDEF;
    cancel_later(t);
    static atomic_flag prepared = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&prepared)) {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&later.wake, &attributes);
        pthread_condattr_destroy(&attributes);
        pthread_atfork(NULL, NULL, forget_later);
    }
    int64_t whole = microseconds / 1000000, fraction = microseconds % 1000000;
    int n = snprintf(later.header, sizeof later.header, "Timeout (%lld:%02d:%02d", (long long)(whole / 3600), (int)(whole / 60 % 60), (int)(whole % 60));
    snprintf(later.header + n, sizeof later.header - (size_t)n, fraction ? ".%06d)!\n" : ")!\n", (int)fraction);
    later.microseconds = microseconds;
    later.repeat = repeat;
    later.exit = leave;
    later.fd = fd;
    later.cancelled = false;
    slot_store(t, value_object(self), &s->later_file, file);
    int error = pthread_create(&later.thread, NULL, wait_and_dump, NULL);
    if (error) return raise(t, RUNTIME_ERROR, "unable to start watchdog thread");
    later.running = true;
    return NONE;
}
NATIVE(cancel_dump_traceback_later) {
    cancel_later(t);
    slot_store(t, value_object(self), &((State *)module_state(self))->later_file, UNDEF);
    return NONE;
}

static void on_user_signal(int signal) {
    int saved = errno;
    User *u = &users[signal];
    if (!u->registered) return;
    const Thread *current = (const Thread *)thread_current();
    int fd = u->fd;
    if (u->all_threads) put_all(fd, current);
    else put_current(fd, current);
    bool plain = !(u->before.sa_flags & SA_SIGINFO) && u->before.sa_handler != SIG_DFL;
    if (u->chain && plain) {
        errno = saved;
        if (u->before.sa_handler != SIG_IGN) u->before.sa_handler(signal);
        saved = errno;
    } else if (u->chain) {
        // What was there before runs as if we were not here; then we are again.
        struct sigaction ours;
        sigaction(signal, &u->before, &ours);
        errno = saved;
        (raise)(signal);
        saved = errno;
        sigaction(signal, &ours, NULL);
    }
    errno = saved;
}
static int install_user(User *u, int signal, struct sigaction *before) {
    // Chaining raises the signal again from within: then it must not be blocked meanwhile.
    struct sigaction action = {.sa_handler = on_user_signal, .sa_flags = SA_ONSTACK | SA_RESTART | (u->chain ? SA_NODEFER : 0)};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, before);
}
NATIVE(register_) {
    State *s = module_state(self);
    int signal, fd;
    bool all, chain;
    Value file;
    if (signal_number(t, args[0], &signal) < 0 || truth(t, args[2], true, &all) < 0 || truth(t, args[3], false, &chain) < 0 || descriptor(t, args[1], &file, &fd) < 0) return UNDEF;
    User *u = &users[signal];
    if (!s->user_files) {
        Value files = dict_new(t);
        if (files) slot_store(t, value_object(self), &s->user_files, files);
    }
    ValueRef files = slot_borrow(&s->user_files);
    int kept = files ? dict_set(t, value_dict(files), value_int(signal), file ? (ValueRef)file : (ValueRef)NONE) : -1;
    value_release(t, file);
    if (kept < 0) return UNDEF;
    u->fd = fd;
    u->all_threads = all;
    u->chain = chain;
    struct sigaction before;
    if (install_user(u, signal, &before) < 0) return raise_os_error(t, errno, UNDEF);
    if (!u->registered) {
        u->before = before;
        u->registered = true;
        give_alternate_stack();
    }
    return NONE;
}
static bool forget_user(int signal) {
    User *u = &users[signal];
    if (!u->registered) return false;
    u->registered = false;
    sigaction(signal, &u->before, NULL);
    return true;
}
NATIVE(unregister) {
    State *s = module_state(self);
    int signal;
    if (signal_number(t, args[0], &signal) < 0) return UNDEF;
    bool was = forget_user(signal);
    if (was && s->user_files) {
        Value gone = dict_pop(t, value_dict(slot_borrow(&s->user_files)), value_int(signal));
        if (!gone) error_clear(t);
        value_release(t, gone);
    }
    return value_bool(was);
}

// ---- ways to die, for tests
static void no_core_file(void) { setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); }
NATIVE(read_null) {
    no_core_file();
    volatile int *volatile null = NULL;
    return value_int(*null);
}
NATIVE(die_segv) {
    no_core_file();
    (raise)(SIGSEGV);
    return NONE;
}
NATIVE(die_fpe) {
    no_core_file();
    (raise)(SIGFPE);
    return NONE;
}
NATIVE(die_abort) {
    no_core_file();
    abort();
}
static void *abort_elsewhere(void *unused) {
    no_core_file();
    put(2, "Fatal Python error: in new thread\n");
    abort();
    return unused;
}
NATIVE(die_in_c_thread) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, abort_elsewhere, NULL)) return raise(t, RUNTIME_ERROR, "unable to start the thread");
    thread_detach(&t->core);
    pthread_join(thread, NULL);
    thread_attach(&t->core);
    return NONE;
}
// Not instrumented: a sanitizer's own code that meets the end of the stack may not let the handler run.
__attribute__((noinline, disable_sanitizer_instrumentation)) static uintptr_t use_up(uintptr_t depth) {
    volatile char buffer[4096];
    buffer[0] = (char)depth;
    return depth > UINTPTR_MAX - 2 ? 0 : use_up(depth + 1) + (uintptr_t)buffer[0];
}
NATIVE(die_stack_overflow) {
    no_core_file();
    return value_int((int64_t)(use_up(1) & 1));
}

static const NativeDef faulthandler_functions[] = {
    {"enable", enable, "($module, /, file=sys.stderr, all_threads=True, c_stack=True)", "Shows Python stacks when a fatal signal comes.", 0},
    {"disable", disable, "($module, /)", "Takes that back. True where it was on.", 0},
    {"is_enabled", is_enabled, "($module, /)", "Are fatal signals handled?", 0},
    {"dump_traceback", dump_traceback, "($module, /, file=sys.stderr, all_threads=True)", "Shows Python stacks now.", 0},
    {"dump_c_stack", dump_c_stack, "($module, /, file=sys.stderr)", "Shows the C stack of this thread.", 0},
    {"dump_traceback_later", dump_traceback_later, "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)",
     "Shows Python stacks after a time in seconds, unless it is cancelled; `exit` ends the process then with status 1.", 0},
    {"cancel_dump_traceback_later", cancel_dump_traceback_later, "($module, /)", "Takes dump_traceback_later() back.", 0},
    {"register", register_, "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)", "Shows Python stacks when the signal comes.", 0},
    {"unregister", unregister, "($module, signum, /)", "Takes that back. True where it was registered.", 0},
    {"_read_null", read_null, "($module, /)", "Reads from NULL.", 0},
    {"_sigsegv", die_segv, "($module, release_gil=False, /)", "Raises SIGSEGV.", 0},
    {"_sigabrt", die_abort, "($module, /)", "Raises SIGABRT.", 0},
    {"_sigfpe", die_fpe, "($module, /)", "Raises SIGFPE.", 0},
    {"_fatal_error_c_thread", die_in_c_thread, "($module, /)", "Aborts in a thread that is none of Python's.", 0},
    {"_stack_overflow", die_stack_overflow, "($module, /)", "Uses up the C stack.", 0},
    NATIVE_END};
const ModuleSpec faulthandler_module = {.name = "faulthandler", .doc = "Python stacks of a process that dies or hangs.", .functions = faulthandler_functions,
                                        .state_size = sizeof(State), .traverse = state_traverse};

int faulthandler_start(Thread *t) {
    Value module = import_module(t, "faulthandler");
    if (!module) return -1;
    value_release(t, module);
    return enable_on(t, 2, true, true);
}
void faulthandler_finish(Thread *t) {
    cancel_later(t);
    disable_now();
    for (int i = 1; i < SIGNALS; i++) forget_user(i);
}
