// posix: posix_spawn and posix_spawnp.
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/modules/posix.h"

enum { SPAWN_OPEN, SPAWN_CLOSE, SPAWN_DUP2, SPAWN_CLOSEFROM };

static int signal_set(Thread *t, ValueRef iterable, sigset_t *out) {
    sigemptyset(out);
    Value iterator = object_iter(t, iterable), item;
    if (!value_bits(iterator)) return -1;
    while (value_bits(item = object_next(t, iterator))) {
        int64_t n;
        int status = arg_index_clipped(t, item, &n);
        value_release(t, item);
        if (status == 0 && (n < 1 || n >= NSIG)) status = raise_int(t, VALUE_ERROR, "signal number %lld out of range [1; %d]", (long long)n, NSIG - 1);
        if (status < 0) break;
        sigaddset(out, (int)n); // the C library's own signals are refused: as if they were not there
    }
    value_release(t, iterator);
    return error_pending(t) ? -1 : 0;
}

// One of file_actions: (what, ...). Paths are copied by the C library.
static int add_action(Thread *t, posix_spawn_file_actions_t *actions, ValueRef item) {
    int kind, fd, e = 0;
    if (!value_is_any_tuple(item) || !value_tuple(item)->length) return raise_int(t, TYPE_ERROR, "Each file_actions element must be a non-empty tuple");
    Tuple *a = value_tuple(item);
    if (arg_int(t, tuple_item(a, 0), &kind) < 0) return -1;
    switch (kind) {
    case SPAWN_OPEN: {
        PosixPath p;
        int flags, status = -1;
        int64_t mode;
        if (a->length != 5) return raise_int(t, TYPE_ERROR, "A open file_action tuple must have 5 elements");
        if (arg_int(t, tuple_item(a, 1), &fd) < 0) return -1;
        if (posix_path(t, &p, "posix_spawn", "path", tuple_item(a, 2), 0) == 0 && arg_int(t, tuple_item(a, 3), &flags) == 0 && arg_index(t, tuple_item(a, 4), &mode) == 0) {
            e = posix_spawn_file_actions_addopen(actions, fd, p.path, flags, (mode_t)mode);
            status = 0;
        }
        posix_path_close(t, &p);
        if (status < 0) return -1;
        break;
    }
    case SPAWN_CLOSE:
        if (a->length != 2) return raise_int(t, TYPE_ERROR, "A close file_action tuple must have 2 elements");
        if (arg_int(t, tuple_item(a, 1), &fd) < 0) return -1;
        e = posix_spawn_file_actions_addclose(actions, fd);
        break;
    case SPAWN_DUP2: {
        int fd2;
        if (a->length != 3) return raise_int(t, TYPE_ERROR, "A dup2 file_action tuple must have 3 elements");
        if (arg_int(t, tuple_item(a, 1), &fd) < 0 || arg_int(t, tuple_item(a, 2), &fd2) < 0) return -1;
        e = posix_spawn_file_actions_adddup2(actions, fd, fd2);
        break;
    }
    case SPAWN_CLOSEFROM:
        if (a->length != 2) return raise_int(t, TYPE_ERROR, "A closefrom file_action tuple must have 2 elements");
        if (arg_int(t, tuple_item(a, 1), &fd) < 0) return -1;
        e = posix_spawn_file_actions_addclosefrom_np(actions, fd);
        break;
    default: return raise_int(t, TYPE_ERROR, "Unknown file_actions identifier");
    }
    if (!e) return 0;
    errno = e;
    return posix_error(t), -1;
}

// (policy, param): None leaves the policy as it is.
static int scheduler(Thread *t, ValueRef v, posix_spawnattr_t *attributes, short *flags) {
    if (!value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "scheduler must be a tuple or None");
    if (value_tuple(v)->length != 2) return raise_int(t, TYPE_ERROR, "A scheduler tuple must have two elements");
    ValueRef policy = tuple_item(value_tuple(v), 0), param = tuple_item(value_tuple(v), 1);
    if (!is_none(policy)) {
        int n;
        if (arg_int(t, policy, &n) < 0) return -1;
        *flags |= POSIX_SPAWN_SETSCHEDULER;
        posix_spawnattr_setschedpolicy(attributes, n);
    }
    struct sched_param p;
    if (!value_is_any_tuple(param) || value_tuple(param)->length < 1) return raise_int(t, TYPE_ERROR, "must have a sched_param object");
    if (arg_int(t, tuple_item(value_tuple(param), 0), &p.sched_priority) < 0) return -1;
    *flags |= POSIX_SPAWN_SETSCHEDPARAM;
    posix_spawnattr_setschedparam(attributes, &p);
    return 0;
}

static Value spawn(Thread *t, const char *function, const ValueRef *args, bool search) {
    // path, argv, env, file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler
    PosixPath p;
    PosixStrings argv = {0}, env = {0};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool has_actions = false, has_attributes = false, resetids = false, setsid = false;
    short flags = 0;
    int e;
    pid_t pid;
    Value v = UNDEF;
    if (posix_path(t, &p, function, "path", args[0], 0) < 0) goto done;
    if (!value_is_any_list(args[1]) && !value_is_any_tuple(args[1])) {
        raise(t, TYPE_ERROR, "%s: argv must be a tuple or list", function);
        goto done;
    }
    if (!is_none(args[2]) && !value_is_any_dict(args[2]) && !value_type(args[2])->ops.getitem) {
        raise(t, TYPE_ERROR, "%s: environment must be a mapping object or None", function);
        goto done;
    }
    if (posix_argv(t, args[1], &argv) < 0) goto done;
    if (!argv.n || !argv.items[0][0]) {
        raise(t, VALUE_ERROR, argv.n ? "%s: argv first element cannot be empty" : "%s: argv must not be empty", function);
        goto done;
    }
    if (!is_none(args[2]) && posix_environment(t, args[2], &env) < 0) goto done;
    if (!not_given(args[3])) {
        posix_spawn_file_actions_init(&actions);
        has_actions = true;
        Value items = tuple_from_iterable(t, args[3]);
        if (!value_bits(items)) goto done;
        int status = 0;
        for (int64_t i = 0; status == 0 && i < value_tuple(items)->length; i++) status = add_action(t, &actions, tuple_item(value_tuple(items), i));
        value_release(t, items);
        if (status < 0) goto done;
    }
    posix_spawnattr_init(&attributes);
    has_attributes = true;
    if (!not_given(args[4])) {
        int group;
        if (arg_int(t, args[4], &group) < 0) goto done;
        posix_spawnattr_setpgroup(&attributes, group);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (posix_flag(t, args[5], &resetids) < 0 || posix_flag(t, args[6], &setsid) < 0) goto done;
    if (resetids) flags |= POSIX_SPAWN_RESETIDS;
    if (setsid) flags |= POSIX_SPAWN_SETSID;
    sigset_t set;
    if (value_bits(args[7])) {
        if (signal_set(t, args[7], &set) < 0) goto done;
        posix_spawnattr_setsigmask(&attributes, &set);
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (value_bits(args[8])) {
        if (signal_set(t, args[8], &set) < 0) goto done;
        posix_spawnattr_setsigdefault(&attributes, &set);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (!not_given(args[9]) && scheduler(t, args[9], &attributes, &flags) < 0) goto done;
    posix_spawnattr_setflags(&attributes, flags);
    if (posix_audit(t, "os.posix_spawn", 3, p.given, args[1], args[2]) < 0) goto done;
    char **environment = is_none(args[2]) ? environ : env.items;
    if (search) DETACHED(e = posix_spawnp(&pid, p.path, has_actions ? &actions : NULL, &attributes, argv.items, environment));
    else DETACHED(e = posix_spawn(&pid, p.path, has_actions ? &actions : NULL, &attributes, argv.items, environment));
    errno = e;
    v = e ? posix_error_path(t, p.given) : value_int(pid);
done:
    if (has_actions) posix_spawn_file_actions_destroy(&actions);
    if (has_attributes) posix_spawnattr_destroy(&attributes);
    posix_strings_free(&argv);
    posix_strings_free(&env);
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_posix_spawn) { return spawn(t, "posix_spawn", args, false); }
NATIVE(os_posix_spawnp) { return spawn(t, "posix_spawnp", args, true); }

#define SPAWN_SIGNATURE "($module, path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)"
const NativeDef posix_spawn_functions[] = {
    {"posix_spawn", os_posix_spawn, SPAWN_SIGNATURE, "Starts a program in a new process; its number.", 0},
    {"posix_spawnp", os_posix_spawnp, SPAWN_SIGNATURE, "Likewise, looking for the program along PATH.", 0},
    NATIVE_END};
