// posix: users, groups, sessions, environment.
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/modules/posix.h"

#define GET(name) NATIVE(os_##name) { return int_from_int64(t, name()); }
GET(getpid)
GET(getppid)
GET(getuid)
GET(geteuid)
GET(getgid)
GET(getegid)
GET(getpgrp)
#define SET_ONE(name, what)                                                              \
    NATIVE(os_##name) {                                                                  \
        uint32_t id;                                                                     \
        return posix_uid(t, args[0], what, &id) < 0 ? UNDEF : posix_done(t, name(id));   \
    }
SET_ONE(setuid, "uid")
SET_ONE(seteuid, "uid")
SET_ONE(setgid, "gid")
SET_ONE(setegid, "gid")
#define SET_TWO(name, what)                                                              \
    NATIVE(os_##name) {                                                                  \
        uint32_t a, b;                                                                   \
        if (posix_uid(t, args[0], what, &a) < 0 || posix_uid(t, args[1], what, &b) < 0) return UNDEF; \
        return posix_done(t, name(a, b));                                                \
    }
SET_TWO(setreuid, "uid")
SET_TWO(setregid, "gid")
#define SET_THREE(name, what)                                                            \
    NATIVE(os_##name) {                                                                  \
        uint32_t a, b, c;                                                                \
        if (posix_uid(t, args[0], what, &a) < 0 || posix_uid(t, args[1], what, &b) < 0 || posix_uid(t, args[2], what, &c) < 0) return UNDEF; \
        return posix_done(t, name(a, b, c));                                             \
    }
SET_THREE(setresuid, "uid")
SET_THREE(setresgid, "gid")
static Value three(Thread *t, int64_t a, int64_t b, int64_t c) {
    Value v[3] = {value_int(a), value_int(b), value_int(c)};
    return tuple_from_values(t, v, 3);
}
NATIVE(os_getresuid) {
    uid_t r, e, s;
    return getresuid(&r, &e, &s) < 0 ? posix_error(t) : three(t, r, e, s);
}
NATIVE(os_getresgid) {
    gid_t r, e, s;
    return getresgid(&r, &e, &s) < 0 ? posix_error(t) : three(t, r, e, s);
}
NATIVE(os_getpgid) {
    int pid;
    return arg_int(t, args[0], &pid) < 0 ? UNDEF : posix_number(t, getpgid(pid));
}
NATIVE(os_getsid) {
    int pid;
    return arg_int(t, args[0], &pid) < 0 ? UNDEF : posix_number(t, getsid(pid));
}
NATIVE(os_setpgid) {
    int pid, group;
    return arg_int(t, args[0], &pid) < 0 || arg_int(t, args[1], &group) < 0 ? UNDEF : posix_done(t, setpgid(pid, group));
}
NATIVE(os_setpgrp) { return posix_done(t, setpgrp()); }
NATIVE(os_setsid) { return setsid() < 0 ? posix_error(t) : NONE; }

static Value gid_list(Thread *t, const gid_t *groups, int n) {
    Value list = list_new(t, n);
    for (int i = 0; value_bits(list) && i < n; i++)
        if (list_append(t, value_list(list), value_int(groups[i])) < 0) VALUE_CLEAR(t, list);
    return list;
}
NATIVE(os_getgroups) {
    int n = getgroups(0, NULL);
    gid_t *groups = n < 0 ? NULL : malloc(((size_t)n + 1) * sizeof *groups);
    if (n < 0) return posix_error(t);
    if (!groups) return raise_no_memory(t);
    n = getgroups(n, groups);
    int e = errno;
    Value v = n < 0 ? UNDEF : gid_list(t, groups, n);
    free(groups);
    errno = e;
    return n < 0 ? posix_error(t) : v;
}
NATIVE(os_setgroups) {
    if (!value_is_any_list(args[0]) && !value_is_any_tuple(args[0]) && !(value_is_pointer(args[0]) && value_type(args[0])->ops.getitem))
        return raise(t, TYPE_ERROR, "setgroups argument must be a sequence");
    Value items = tuple_from_iterable(t, args[0]);
    if (!value_bits(items)) return UNDEF;
    int64_t n = value_tuple(items)->length;
    gid_t *groups = n > 65536 ? NULL : malloc(((size_t)n + 1) * sizeof *groups);
    int status = -1;
    if (n > 65536) {
        raise(t, VALUE_ERROR, "too many groups");
    } else if (!groups) {
        raise_no_memory(t);
    } else {
        status = 0;
        for (int64_t i = 0; status == 0 && i < n; i++) {
            ValueRef item = tuple_item(value_tuple(items), i);
            status = value_is_any_int(item) ? posix_uid(t, item, "gid", &groups[i]) : raise_int(t, TYPE_ERROR, "groups must be integers");
        }
        if (status == 0 && (status = setgroups((size_t)n, groups)) < 0) posix_error(t);
    }
    free(groups);
    value_release(t, items);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(os_initgroups) {
    PosixPath p;
    uint32_t gid;
    int status;
    Value v = UNDEF;
    if (posix_path(t, &p, "initgroups", "username", args[0], 0) == 0 && posix_uid(t, args[1], "gid", &gid) == 0) {
        DETACHED(status = initgroups(p.path, gid));
        v = posix_done(t, status);
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_getgrouplist) {
    PosixPath p;
    uint32_t gid;
    Value v = UNDEF;
    if (posix_path(t, &p, "getgrouplist", "user", args[0], 0) == 0 && posix_uid(t, args[1], "gid", &gid) == 0) {
        for (int room = 64;; room *= 2) {
            gid_t *groups = malloc((size_t)room * sizeof *groups);
            int n = room, status;
            if (!groups) {
                raise_no_memory(t);
                break;
            }
            DETACHED(status = getgrouplist(p.path, gid, groups, &n));
            if (status >= 0) v = gid_list(t, groups, n);
            free(groups);
            if (status >= 0) break;
            if (room > (1 << 20)) {
                posix_error(t);
                break;
            }
        }
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_getlogin) {
    char name[256];
    int e;
    DETACHED(e = getlogin_r(name, sizeof name));
    errno = e;
    return e ? posix_error(t) : posix_fs_text(t, name);
}

// ---- environment: os keeps its own mapping; what it sets comes here

static Value environment_dict(Thread *t) {
    Value dict = dict_new(t);
    for (char **e = environ; value_bits(dict) && e && *e; e++) {
        const char *equals = strchr(*e, '=');
        if (!equals) continue;
        Value key = bytes_new(t, *e, (size_t)(equals - *e)), value = bytes_new(t, equals + 1, strlen(equals + 1)), kept = UNDEF;
        if (value_bits(key) && value_bits(value)) kept = dict_setdefault(t, value_dict(dict), key, value);
        value_release(t, key);
        value_release(t, value);
        if (!value_bits(kept)) VALUE_CLEAR(t, dict);
        value_release(t, kept);
    }
    return dict;
}
NATIVE(os_create_environ) { return environment_dict(t); }
NATIVE(os_putenv) {
    PosixPath name, value = {.fd = -1};
    Value v = UNDEF;
    if (posix_path(t, &name, "putenv", "name", args[0], 0) == 0 && posix_path(t, &value, "putenv", "value", args[1], 0) == 0) {
        if (strchr(name.path, '=')) raise(t, VALUE_ERROR, "illegal environment variable name");
        else if (posix_audit(t, "os.putenv", 2, name.given, value.given) == 0) v = posix_done(t, setenv(name.path, value.path, 1));
    }
    posix_path_close(t, &name);
    posix_path_close(t, &value);
    return v;
}
NATIVE(os_unsetenv) {
    PosixPath name;
    Value v = UNDEF;
    if (posix_path(t, &name, "unsetenv", "name", args[0], 0) == 0 && posix_audit(t, "os.unsetenv", 1, name.given) == 0) v = posix_done(t, unsetenv(name.path));
    posix_path_close(t, &name);
    return v;
}
NATIVE(os_strerror) {
    int code;
    return arg_int(t, args[0], &code) < 0 ? UNDEF : posix_fs_text(t, strerror(code));
}
NATIVE(is_inputhook_installed) { return FALSE_VALUE; }
NATIVE(inputhook) { return value_int(0); }

const NativeDef posix_id_functions[] = {
    {"getpid", os_getpid, "($module, /)", "The number of this process.", 0}, {"getppid", os_getppid, "($module, /)", NULL, 0},
    {"getuid", os_getuid, "($module, /)", NULL, 0}, {"geteuid", os_geteuid, "($module, /)", NULL, 0},
    {"getgid", os_getgid, "($module, /)", NULL, 0}, {"getegid", os_getegid, "($module, /)", NULL, 0},
    {"getpgrp", os_getpgrp, "($module, /)", NULL, 0}, {"getpgid", os_getpgid, "($module, /, pid)", NULL, 0},
    {"getsid", os_getsid, "($module, pid, /)", NULL, 0}, {"setuid", os_setuid, "($module, uid, /)", NULL, 0},
    {"seteuid", os_seteuid, "($module, euid, /)", NULL, 0}, {"setgid", os_setgid, "($module, gid, /)", NULL, 0},
    {"setegid", os_setegid, "($module, egid, /)", NULL, 0}, {"setreuid", os_setreuid, "($module, ruid, euid, /)", NULL, 0},
    {"setregid", os_setregid, "($module, rgid, egid, /)", NULL, 0}, {"setresuid", os_setresuid, "($module, ruid, euid, suid, /)", NULL, 0},
    {"setresgid", os_setresgid, "($module, rgid, egid, sgid, /)", NULL, 0}, {"getresuid", os_getresuid, "($module, /)", NULL, 0},
    {"getresgid", os_getresgid, "($module, /)", NULL, 0}, {"setpgid", os_setpgid, "($module, pid, pgrp, /)", NULL, 0},
    {"setpgrp", os_setpgrp, "($module, /)", NULL, 0}, {"setsid", os_setsid, "($module, /)", NULL, 0},
    {"getgroups", os_getgroups, "($module, /)", NULL, 0}, {"setgroups", os_setgroups, "($module, groups, /)", NULL, 0},
    {"initgroups", os_initgroups, "($module, username, gid, /)", NULL, 0}, {"getgrouplist", os_getgrouplist, "($module, user, group, /)", NULL, 0},
    {"getlogin", os_getlogin, "($module, /)", NULL, 0}, {"_create_environ", os_create_environ, "($module, /)", NULL, 0},
    {"putenv", os_putenv, "($module, name, value, /)", NULL, 0}, {"unsetenv", os_unsetenv, "($module, name, /)", NULL, 0},
    {"strerror", os_strerror, "($module, code, /)", "What an error number means.", 0},
    {"_is_inputhook_installed", is_inputhook_installed, "($module, /)", NULL, 0}, {"_inputhook", inputhook, "($module, /)", NULL, 0},
    NATIVE_END};
