// _posixsubprocess: fork and exec in one step. Between the two the child runs only calls that are safe after a fork of a
// process with threads; with a preexec_fn it is a whole interpreter again, as after os.fork().
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "runtime/import.h"
#include "runtime/modules/posix.h"
#include "sync/fork.h"

typedef struct Child {
    char *const *programs;      // tried in this order
    char *const *argv, *const *env; // env NULL: as it is
    const char *cwd;
    int p2c_read, p2c_write, c2p_read, c2p_write, err_read, err_write, report_read, report_write;
    bool close_fds, restore_signals, setsid, set_groups, set_gid, set_uid;
    int pgid, umask;
    gid_t gid, *groups;
    size_t ngroups;
    uid_t uid;
    const int *keep;            // descriptors that stay open, ascending
    size_t nkeep;
    ValueRef preexec;           // UNDEF: none
} Child;

static void reset_signals(void) {
    static const int ours[] = {SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) signal(ours[i], SIG_DFL);
}
// Closes everything from 3 on but what is kept.
static void close_others(const Child *c) {
    int from = 3;
    for (size_t i = 0; i < c->nkeep; i++) {
        if (c->keep[i] < from) continue;
        if (c->keep[i] > from) close_range((unsigned)from, (unsigned)c->keep[i] - 1, 0);
        from = c->keep[i] + 1;
    }
    close_range((unsigned)from, ~0u, 0);
}
static int set_inheritable(int fd) {
    int flags = fcntl(fd, F_GETFD);
    return flags < 0 ? -1 : fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
}
// What subprocess reads from the report pipe: "ExceptionName:hex errno:where".
static void report(int fd, const char *what, int e, const char *where) {
    char text[64];
    size_t n = 0;
    for (const char *s = what; *s; s++) text[n++] = *s;
    text[n++] = ':';
    char digits[16];
    int k = 0;
    for (unsigned v = (unsigned)e; v || !k; v /= 16) digits[k++] = "0123456789ABCDEF"[v % 16];
    if (e)
        while (k) text[n++] = digits[--k];
    text[n++] = ':';
    ssize_t put = write(fd, text, n);
    if (put > 0) put = write(fd, where, strlen(where));
    (void)put;
}

static NORETURN void child_main(Thread *t, Child *c) {
    const char *where = "";
    int e = 0;
    // Ends of pipes that are the parent's.
    if (c->p2c_write >= 0 && close(c->p2c_write) < 0) goto fail;
    if (c->c2p_read >= 0 && close(c->c2p_read) < 0) goto fail;
    if (c->err_read >= 0 && close(c->err_read) < 0) goto fail;
    if (close(c->report_read) < 0) goto fail;
    // What lies on 0..2 already must not be overwritten before it is moved.
    if (c->c2p_write == 0 && (c->c2p_write = fcntl(0, F_DUPFD_CLOEXEC, 3)) < 0) goto fail;
    while (c->err_write == 0 || c->err_write == 1)
        if ((c->err_write = fcntl(c->err_write, F_DUPFD_CLOEXEC, 3)) < 0) goto fail;
    if (c->p2c_read == 0 ? set_inheritable(0) < 0 : c->p2c_read > 0 && dup2(c->p2c_read, 0) < 0) goto fail;
    if (c->c2p_write == 1 ? set_inheritable(1) < 0 : c->c2p_write > 1 && dup2(c->c2p_write, 1) < 0) goto fail;
    if (c->err_write == 2 ? set_inheritable(2) < 0 : c->err_write > 2 && dup2(c->err_write, 2) < 0) goto fail;
    for (size_t i = 0; i < c->nkeep; i++)
        if (c->keep[i] != c->report_write && set_inheritable(c->keep[i]) < 0 && errno != EBADF) goto fail;
    if (c->cwd && chdir(c->cwd) < 0) {
        where = "noexec:chdir";
        e = errno;
        goto told;
    }
    if (c->umask >= 0) umask((mode_t)c->umask);
    if (c->restore_signals) reset_signals();
    if (c->setsid) setsid();
    if (c->pgid >= 0 && setpgid(0, c->pgid) < 0) goto fail;
    if (c->set_groups && syscall(SYS_setgroups, c->ngroups, c->groups) < 0) goto fail;
    if (c->set_gid && syscall(SYS_setregid, c->gid, c->gid) < 0) goto fail;
    if (c->set_uid && syscall(SYS_setreuid, c->uid, c->uid) < 0) goto fail;
    if (value_bits(c->preexec)) {
        Value result = call_0(t, c->preexec);
        if (!value_bits(result)) {
            error_clear(t);
            report(c->report_write, "SubprocessError", 0, "Exception occurred in preexec_fn.");
            _exit(255);
        }
        value_release(t, result);
    }
    if (c->close_fds) close_others(c);
    for (char *const *program = c->programs; *program; program++) {
        if (c->env) execve(*program, c->argv, c->env);
        else execv(*program, c->argv);
        if (errno != ENOENT && errno != ENOTDIR && !e) e = errno;
    }
    if (!e) e = errno;
    goto told;
fail:
    e = errno;
    where = "noexec";
told:
    report(c->report_write, "OSError", e, where);
    _exit(255);
}

static int compare_ints(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}
static int keep_fds(Thread *t, ValueRef tuple, int **out, size_t *n) {
    int64_t length = value_tuple(tuple)->length, last = -1;
    if (!(*out = malloc(((size_t)length + 1) * sizeof **out))) return raise_no_memory(t), -1;
    for (int64_t i = 0; i < length; i++) {
        ValueRef item = tuple_item(value_tuple(tuple), i);
        if (!value_is_int(item) || value_get_int(item) < 0 || value_get_int(item) > INT32_MAX || value_get_int(item) <= last)
            return raise_int(t, VALUE_ERROR, "bad value(s) in fds_to_keep");
        last = value_get_int(item);
        (*out)[i] = (int)last;
    }
    *n = (size_t)length;
    qsort(*out, *n, sizeof **out, compare_ints);
    return 0;
}
// Strings of a sequence as bytes.
static int byte_strings(Thread *t, ValueRef sequence, PosixStrings *out) { return posix_argv(t, sequence, out); }

// args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read,
// errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn
NATIVE(fork_exec) {
    Child c = {0};
    PosixStrings argv = {0}, programs = {0}, env = {0};
    PosixPath cwd = {.fd = -1};
    int *keep = NULL, *const fds[] = {&c.p2c_read, &c.p2c_write, &c.c2p_read, &c.c2p_write, &c.err_read, &c.err_write, &c.report_read, &c.report_write};
    Value result = UNDEF, posix = UNDEF;
    if (t->interp->finalizing) return raise(t, PYTHON_FINALIZATION_ERROR, "fork not supported at interpreter shutdown");
    if (arg_bool(t, args[2], &c.close_fds) < 0 || arg_bool(t, args[14], &c.restore_signals) < 0 || arg_bool(t, args[15], &c.setsid) < 0) return UNDEF;
    for (int i = 0; i < 8; i++)
        if (arg_int(t, args[6 + i], fds[i]) < 0) return UNDEF;
    if (arg_int(t, args[16], &c.pgid) < 0 || arg_int(t, args[20], &c.umask) < 0) return UNDEF;
    if (!value_is_any_tuple(args[3])) return raise(t, TYPE_ERROR, "fork_exec() argument 4 must be tuple, not %T", args[3]);
    if (c.close_fds && c.report_write < 3) return raise(t, VALUE_ERROR, "errpipe_write must be >= 3");
    if (keep_fds(t, args[3], &keep, &c.nkeep) < 0) goto done;
    if (byte_strings(t, args[1], &programs) < 0) goto done;
    if (!is_none(args[0])) {
        if (!value_is_any_list(args[0]) && !value_is_any_tuple(args[0])) {
            raise(t, TYPE_ERROR, "argv must be a tuple or list");
            goto done;
        }
        if (posix_argv(t, args[0], &argv) < 0) goto done;
    }
    if (!is_none(args[5]) && byte_strings(t, args[5], &env) < 0) goto done;
    if (!is_none(args[4]) && posix_path(t, &cwd, "fork_exec", "cwd", args[4], 0) < 0) goto done;
    if (!is_none(args[18])) {
        if (!value_is_any_list(args[18])) {
            raise(t, TYPE_ERROR, "setgroups argument must be a sequence");
            goto done;
        }
        Value items = list_snapshot(t, value_list(args[18]));
        if (!value_bits(items)) goto done;
        c.ngroups = (size_t)value_tuple(items)->length;
        c.groups = malloc((c.ngroups + 1) * sizeof *c.groups);
        int status = c.groups ? 0 : (raise_no_memory(t), -1);
        for (size_t i = 0; status == 0 && i < c.ngroups; i++) status = posix_uid(t, tuple_item(value_tuple(items), (int64_t)i), "gid", &c.groups[i]);
        value_release(t, items);
        if (status < 0) goto done;
        c.set_groups = true;
    }
    if (!is_none(args[17])) {
        if (posix_uid(t, args[17], "gid", &c.gid) < 0) goto done;
        c.set_gid = true;
    }
    if (!is_none(args[19])) {
        if (posix_uid(t, args[19], "uid", &c.uid) < 0) goto done;
        c.set_uid = true;
    }
    c.programs = programs.items;
    c.argv = argv.items;
    c.env = is_none(args[5]) ? NULL : env.items;
    c.cwd = cwd.path;
    c.keep = keep;
    c.preexec = is_none(args[21]) ? (ValueRef)UNDEF : args[21];
    bool python = value_bits(c.preexec) != 0; // the child runs Python
    if (python) {
        posix = import_module(t, "posix");
        if (!value_bits(posix)) goto done;
        posix_before_fork(t, posix);
    }
    fork_prepare(&t->core);
    pid_t pid = fork();
    int e = errno;
    if (pid == 0) {
        if (python) posix_after_fork_child(t, posix);
        child_main(t, &c);
    }
    if (python) posix_after_fork_parent(t, posix);
    else fork_parent(&t->core);
    errno = e;
    if (pid < 0) posix_error(t);
    else if (!python || posix_warn_about_threads(t, "fork") == 0) result = value_int(pid);
done:
    value_release(t, posix);
    free(keep);
    free(c.groups);
    posix_strings_free(&argv);
    posix_strings_free(&programs);
    posix_strings_free(&env);
    posix_path_close(t, &cwd);
    return result;
}
static const NativeDef functions[] = {
    {"fork_exec", fork_exec,
     "($module, args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, "
     "restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
     "Starts a program in a new process; its number.", 0},
    NATIVE_END};
const ModuleSpec _posixsubprocess_module = {.name = "_posixsubprocess", .doc = "What subprocess starts programs with.", .functions = functions};
