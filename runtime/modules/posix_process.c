// posix: processes: fork, exec, waiting, signals.
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/import.h"
#include "runtime/modules/_thread.h"
#include "runtime/modules/io.h"
#include "runtime/modules/posix.h"
#include "sync/fork.h"

// ---- fork

NATIVE(os_register_at_fork) { // before, after_in_child, after_in_parent
    static const char *const names[] = {"before", "after_in_child", "after_in_parent"};
    PosixState *s = posix_state(self);
    Value *lists[] = {&s->fork_before, &s->fork_child, &s->fork_parent};
    if (!value_bits(args[0]) && !value_bits(args[1]) && !value_bits(args[2])) return raise(t, TYPE_ERROR, "At least one argument is required.");
    for (int i = 0; i < 3; i++)
        if (value_bits(args[i]) && !value_type(args[i])->ops.call) return raise(t, TYPE_ERROR, "'%s' must be callable, not %T", names[i], args[i]);
    for (int i = 0; i < 3; i++)
        if (value_bits(args[i]) && list_append(t, value_list(*lists[i]), value_dup(t, args[i])) < 0) return UNDEF;
    return NONE;
}
static void run_hooks(Thread *t, ValueRef list, bool backwards) {
    Value hooks = list_snapshot(t, value_list(list));
    if (!value_bits(hooks)) {
        error_write_unraisable(t, NULL, UNDEF);
        return;
    }
    int64_t n = value_tuple(hooks)->length;
    for (int64_t i = 0; i < n; i++) {
        ValueRef hook = tuple_item(value_tuple(hooks), backwards ? n - 1 - i : i);
        Value result = call_0(t, hook);
        if (!value_bits(result)) error_write_unraisable(t, "in atfork callback", hook);
        value_release(t, result);
    }
    value_release(t, hooks);
}
// How many threads the program runs, by the threading module where it has been imported.
static int64_t program_threads(Thread *t) {
    Value threading = dict_get(t, value_dict(t->interp->modules), NAME(threading));
    if (!value_bits(threading)) {
        error_clear(t);
        return 1;
    }
    static const char *const names[] = {"_active", "_limbo"};
    int64_t total = 0;
    for (int i = 0; i < 2; i++) {
        Value name = str_intern_text(t, names[i]), v = value_bits(name) ? object_getattr_or_undef(t, threading, name) : UNDEF;
        int64_t n = value_bits(v) ? object_len(t, v) : 0;
        if (n > 0) total += n;
        value_release(t, name);
        value_release(t, v);
        error_clear(t);
    }
    value_release(t, threading);
    return total;
}
static int warn_about_threads(Thread *t, const char *name) {
    if (program_threads(t) <= 1) return 0;
    return warn(t, E_DEPRECATION_WARNING, 1, "This process (pid=%d) is multi-threaded, use of %s() may lead to deadlocks in the child.", (int)getpid(), name);
}
// Before the finalizer thread, or any other, runs in the child.
static void forget_others(ThreadCore *self) {
    Thread *t = (Thread *)self;
    t->interp->main_thread = t;
    threads_fork_child(t);
    import_fork_child(t);
    signals_fork_child(t);
    io_fork_child(t);
}
static void after_fork_in_child(Thread *t, ValueRef module) {
    fork_child(&t->core, forget_others);
    run_hooks(t, posix_state(module)->fork_child, false);
}
static void after_fork_in_parent(Thread *t, ValueRef module) {
    fork_parent(&t->core);
    run_hooks(t, posix_state(module)->fork_parent, false);
}
NATIVE(os_fork) {
    if (t->interp->finalizing) return raise(t, PYTHON_FINALIZATION_ERROR, "can't fork at interpreter shutdown");
    if (posix_audit(t, "os.fork", 0) < 0) return UNDEF;
    run_hooks(t, posix_state(self)->fork_before, true);
    fork_prepare(&t->core);
    pid_t pid = fork();
    int e = errno;
    if (pid == 0) after_fork_in_child(t, self);
    else after_fork_in_parent(t, self);
    errno = e;
    if (pid < 0) return posix_error(t);
    if (pid > 0 && warn_about_threads(t, "fork") < 0) return UNDEF;
    return value_int(pid);
}
NATIVE(os_forkpty) {
    int master = -1;
    if (t->interp->finalizing) return raise(t, PYTHON_FINALIZATION_ERROR, "can't fork at interpreter shutdown");
    if (posix_audit(t, "os.forkpty", 0) < 0) return UNDEF;
    run_hooks(t, posix_state(self)->fork_before, true);
    fork_prepare(&t->core);
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    int e = errno;
    if (pid == 0) after_fork_in_child(t, self);
    else after_fork_in_parent(t, self);
    errno = e;
    if (pid < 0) return posix_error(t);
    if (pid > 0 && warn_about_threads(t, "forkpty") < 0) return UNDEF;
    return tuple_pair(t, value_int(pid), value_int(master));
}
// For _posixsubprocess: the hooks and the stop around a fork of its own.
void posix_before_fork(Thread *t, ValueRef module) { run_hooks(t, posix_state(module)->fork_before, true); }
void posix_after_fork_child(Thread *t, ValueRef module) { after_fork_in_child(t, module); }
void posix_after_fork_parent(Thread *t, ValueRef module) { after_fork_in_parent(t, module); }
int posix_warn_about_threads(Thread *t, const char *name) { return warn_about_threads(t, name); }

// ---- exec

NATIVE(os_execv) {
    PosixPath p;
    PosixStrings argv = {0};
    Value v = UNDEF;
    if (posix_path(t, &p, "execv", "path", args[0], 0) < 0) goto done;
    if (!value_is_any_list(args[1]) && !value_is_any_tuple(args[1])) {
        raise(t, TYPE_ERROR, "execv() arg 2 must be a tuple or list");
        goto done;
    }
    if (posix_argv(t, args[1], &argv) < 0) goto done;
    if (!argv.n) raise(t, VALUE_ERROR, "execv() arg 2 must not be empty");
    else if (!argv.items[0][0]) raise(t, VALUE_ERROR, "execv() arg 2 first element cannot be empty");
    else if (posix_audit(t, "os.exec", 3, p.given, args[1], NONE) == 0) {
        execv(p.path, argv.items);
        posix_error(t);
    }
done:
    posix_strings_free(&argv);
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_execve) {
    PosixPath p;
    PosixStrings argv = {0}, env = {0};
    if (posix_path(t, &p, "execve", "path", args[0], PATH_FD) < 0) goto done;
    if (!value_is_any_list(args[1]) && !value_is_any_tuple(args[1])) {
        raise(t, TYPE_ERROR, "execve: argv must be a tuple or list");
        goto done;
    }
    if (!value_is_any_dict(args[2]) && (!value_type(args[2])->ops.getitem || !object_hasattr(t, args[2], NAME(keys)))) {
        if (!error_pending(t)) raise(t, TYPE_ERROR, "execve: environment must be a mapping object");
        goto done;
    }
    if (posix_argv(t, args[1], &argv) < 0) goto done;
    if (!argv.n) {
        raise(t, VALUE_ERROR, "execve: argv must not be empty");
        goto done;
    }
    if (!argv.items[0][0]) {
        raise(t, VALUE_ERROR, "execve: argv first element cannot be empty");
        goto done;
    }
    if (posix_environment(t, args[2], &env) < 0 || posix_audit(t, "os.exec", 3, p.given, args[1], args[2]) < 0) goto done;
    if (p.path) execve(p.path, argv.items, env.items);
    else fexecve(p.fd, argv.items, env.items);
    posix_error_path(t, p.given);
done:
    posix_strings_free(&argv);
    posix_strings_free(&env);
    posix_path_close(t, &p);
    return UNDEF;
}
NATIVE(os__exit) {
    int status;
    if (arg_int(t, args[0], &status) < 0) return UNDEF;
    _exit(status);
}
NATIVE(os_abort) { abort(); }
NATIVE(os_system) {
    PosixPath p;
    int status;
    Value v = UNDEF;
    if (posix_path(t, &p, "system", "command", args[0], 0) == 0 && posix_audit(t, "os.system", 1, p.given) == 0) {
        DETACHED(status = system(p.path));
        v = value_int(status);
    }
    posix_path_close(t, &p);
    return v;
}

// ---- waiting

static Value pid_status(Thread *t, int64_t pid, int status) { return pid < 0 ? posix_error(t) : tuple_pair(t, value_int(pid), value_int(status)); }
NATIVE(os_wait) {
    int status;
    pid_t pid;
    RETRY(pid, wait(&status));
    return pid_status(t, pid, status);
}
NATIVE(os_waitpid) {
    int pid, options, status = 0;
    pid_t got;
    if (arg_int(t, args[0], &pid) < 0 || arg_int(t, args[1], &options) < 0) return UNDEF;
    RETRY(got, waitpid(pid, &status, options));
    return pid_status(t, got, status);
}
static double timeval_seconds(const struct timeval *v) { return (double)v->tv_sec + 1e-6 * (double)v->tv_usec; }
static Value with_usage(Thread *t, int64_t pid, int status, const struct rusage *u) {
    if (pid < 0) return posix_error(t);
    Value type = import_attribute(t, "resource", "struct_rusage");
    if (!value_bits(type)) return UNDEF;
    const long numbers[] = {u->ru_maxrss, u->ru_ixrss, u->ru_idrss, u->ru_isrss, u->ru_minflt, u->ru_majflt, u->ru_nswap,
                            u->ru_inblock, u->ru_oublock, u->ru_msgsnd, u->ru_msgrcv, u->ru_nsignals, u->ru_nvcsw, u->ru_nivcsw};
    Value items[16] = {float_new(t, timeval_seconds(&u->ru_utime)), float_new(t, timeval_seconds(&u->ru_stime))};
    for (int i = 0; i < 14; i++) items[2 + i] = int_from_int64(t, numbers[i]);
    Value usage = structseq_new(t, (Type *)value_object(type), items);
    value_release(t, type);
    if (!value_bits(usage)) return UNDEF;
    Value all[3] = {value_int(pid), value_int(status), usage};
    return tuple_from_values(t, all, 3);
}
NATIVE(os_wait3) {
    int options, status = 0;
    struct rusage usage = {0};
    pid_t pid;
    if (arg_int(t, args[0], &options) < 0) return UNDEF;
    RETRY(pid, wait3(&status, options, &usage));
    return with_usage(t, pid, status, &usage);
}
NATIVE(os_wait4) {
    int pid, options, status = 0;
    struct rusage usage = {0};
    pid_t got;
    if (arg_int(t, args[0], &pid) < 0 || arg_int(t, args[1], &options) < 0) return UNDEF;
    RETRY(got, wait4(pid, &status, options, &usage));
    return with_usage(t, got, status, &usage);
}
static const char *const waitid_fields[] = {"si_pid", "si_uid", "si_signo", "si_status", "si_code", NULL};
static const StructSeqSpec waitid_spec = {.name = "posix.waitid_result", .fields = waitid_fields, .visible = 5};
NATIVE(os_waitid) {
    int kind, id, options, status;
    siginfo_t info = {0};
    if (arg_int(t, args[0], &kind) < 0 || arg_int(t, args[1], &id) < 0 || arg_int(t, args[2], &options) < 0) return UNDEF;
    RETRY(status, waitid((idtype_t)kind, (id_t)id, &info, options));
    if (status < 0) return posix_error(t);
    if (!info.si_pid) return NONE;
    Value v[5] = {value_int(info.si_pid), value_int(info.si_uid), value_int(info.si_signo), value_int(info.si_status), value_int(info.si_code)};
    return structseq_new(t, (Type *)value_object(posix_state(self)->waitid_result), v);
}
#define STATUS(name, expression)                              \
    NATIVE(os_##name) {                                       \
        int status;                                           \
        if (arg_int(t, args[0], &status) < 0) return UNDEF;   \
        return expression;                                    \
    }
STATUS(WCOREDUMP, value_bool(WCOREDUMP(status)))
STATUS(WIFCONTINUED, value_bool(WIFCONTINUED(status)))
STATUS(WIFEXITED, value_bool(WIFEXITED(status)))
STATUS(WIFSIGNALED, value_bool(WIFSIGNALED(status)))
STATUS(WIFSTOPPED, value_bool(WIFSTOPPED(status)))
STATUS(WEXITSTATUS, value_int(WEXITSTATUS(status)))
STATUS(WSTOPSIG, value_int(WSTOPSIG(status)))
STATUS(WTERMSIG, value_int(WTERMSIG(status)))
NATIVE(os_waitstatus_to_exitcode) {
    int status;
    if (!value_is_any_int(args[0])) return raise(t, TYPE_ERROR, "integer argument expected, got %T", args[0]);
    if (arg_int(t, args[0], &status) < 0) return UNDEF;
    if (WIFEXITED(status)) return value_int(WEXITSTATUS(status));
    if (WIFSIGNALED(status)) return value_int(-WTERMSIG(status));
    if (WIFSTOPPED(status)) return raise(t, VALUE_ERROR, "process stopped by delivery of signal %d", WSTOPSIG(status));
    return raise(t, VALUE_ERROR, "invalid wait status: %d", status);
}

// ---- signals, and who is who

NATIVE(os_kill) {
    int pid, signal, status;
    if (arg_int(t, args[0], &pid) < 0 || arg_int(t, args[1], &signal) < 0 || posix_audit(t, "os.kill", 2, args[0], args[1]) < 0) return UNDEF;
    status = kill(pid, signal);
    if (status < 0) return posix_error(t);
    return signals_check(t) < 0 ? UNDEF : NONE; // a signal to ourselves is handled at once
}
NATIVE(os_killpg) {
    int group, signal, status;
    if (arg_int(t, args[0], &group) < 0 || arg_int(t, args[1], &signal) < 0 || posix_audit(t, "os.killpg", 2, args[0], args[1]) < 0) return UNDEF;
    status = killpg(group, signal);
    if (status < 0) return posix_error(t);
    return signals_check(t) < 0 ? UNDEF : NONE;
}
NATIVE(os_pidfd_open) {
    int pid;
    int64_t flags = 0;
    long fd;
    if (arg_int(t, args[0], &pid) < 0 || (value_bits(args[1]) && arg_index(t, args[1], &flags) < 0)) return UNDEF;
    DETACHED(fd = syscall(SYS_pidfd_open, pid, (unsigned)flags));
    return posix_number(t, fd);
}
NATIVE(os_nice) {
    int n, value;
    if (arg_int(t, args[0], &n) < 0) return UNDEF;
    errno = 0;
    value = nice(n);
    return value == -1 && errno ? posix_error(t) : value_int(value);
}

const NativeDef posix_process_functions[] = {
    {"register_at_fork", os_register_at_fork, "($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)",
     "Registers functions to be called around a fork.", 0},
    {"fork", os_fork, "($module, /)", "Makes a copy of the process: 0 in the child, its number in the parent.", 0},
    {"forkpty", os_forkpty, "($module, /)", NULL, 0},
    {"execv", os_execv, "($module, path, argv, /)", "Runs another program in this process.", 0},
    {"execve", os_execve, "($module, /, path, argv, env)", "Likewise, with an environment.", 0},
    {"_exit", os__exit, "($module, /, status)", "Ends the process at once.", 0},
    {"abort", os_abort, "($module, /)", "Ends the process with SIGABRT.", 0},
    {"system", os_system, "($module, /, command)", "Runs a command by the shell.", 0},
    {"wait", os_wait, "($module, /)", NULL, 0},
    {"waitpid", os_waitpid, "($module, pid, options, /)", "Waits for a child: (pid, status).", 0},
    {"wait3", os_wait3, "($module, /, options)", NULL, 0},
    {"wait4", os_wait4, "($module, /, pid, options)", NULL, 0},
    {"waitid", os_waitid, "($module, idtype, id, options, /)", NULL, 0},
    {"WCOREDUMP", os_WCOREDUMP, "($module, status, /)", NULL, 0},
    {"WIFCONTINUED", os_WIFCONTINUED, "($module, /, status)", NULL, 0},
    {"WIFEXITED", os_WIFEXITED, "($module, /, status)", NULL, 0},
    {"WIFSIGNALED", os_WIFSIGNALED, "($module, /, status)", NULL, 0},
    {"WIFSTOPPED", os_WIFSTOPPED, "($module, /, status)", NULL, 0},
    {"WEXITSTATUS", os_WEXITSTATUS, "($module, /, status)", NULL, 0},
    {"WSTOPSIG", os_WSTOPSIG, "($module, /, status)", NULL, 0},
    {"WTERMSIG", os_WTERMSIG, "($module, /, status)", NULL, 0},
    {"waitstatus_to_exitcode", os_waitstatus_to_exitcode, "($module, /, status)", "The exit code of a wait status: negative for a signal.", 0},
    {"kill", os_kill, "($module, pid, signal, /)", NULL, 0},
    {"killpg", os_killpg, "($module, pgid, signal, /)", NULL, 0},
    {"pidfd_open", os_pidfd_open, "($module, /, pid, flags=0)", NULL, 0},
    {"nice", os_nice, "($module, increment, /)", NULL, 0},
    NATIVE_END};
int posix_process_exec(Thread *t, ValueRef module) {
    PosixState *s = posix_state(module);
    Value *lists[] = {&s->fork_before, &s->fork_child, &s->fork_parent};
    for (int i = 0; i < 3; i++) {
        Value list = list_new(t, 0);
        if (!value_bits(list)) return -1;
        slot_store(t, value_object(module), lists[i], list);
    }
    return posix_structseq(t, module, &s->waitid_result, "waitid_result", &waitid_spec);
}
