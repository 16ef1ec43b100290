// posix: the constants of the system's headers; sysconf and its kin.
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/memfd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <unistd.h>
#include <linux/limits.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

#define SCHED_NORMAL SCHED_OTHER // the kernel's name for it

typedef struct Number { const char *name; int64_t value; } Number;
static const Number constants[] = {
#define CONST(name) {#name, (int64_t)(name)},
#include "runtime/modules/posix_names.def"
    {"POSIX_SPAWN_OPEN", 0}, {"POSIX_SPAWN_CLOSE", 1}, {"POSIX_SPAWN_DUP2", 2}, {"POSIX_SPAWN_CLOSEFROM", 3}, // our own: posix_spawn.c
};
static const Number sysconf_names[] = {
#define SYSCONF(name) {#name, _##name},
#include "runtime/modules/posix_names.def"
};
static const Number confstr_names[] = {
#define CONFSTR(name) {#name, _##name},
#include "runtime/modules/posix_names.def"
};
static const Number pathconf_names[] = {
#define PATHCONF(name) {#name, _##name},
#include "runtime/modules/posix_names.def"
};
static const char *const have[] = {
#define HAVE(name) #name,
#include "runtime/modules/posix_names.def"
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

// The number of a name, or the number itself.
static int conf_number(Thread *t, ValueRef v, const Number *table, size_t n, int *out) {
    if (value_has_index(v)) return arg_int(t, v, out);
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "configuration names must be strings or integers");
    for (size_t i = 0; i < n; i++)
        if (str_equal_text(value_str(v), table[i].name)) {
            *out = (int)table[i].value;
            return 0;
        }
    return raise_int(t, VALUE_ERROR, "unrecognized configuration name");
}
NATIVE(os_sysconf) {
    int name;
    if (conf_number(t, args[0], sysconf_names, COUNT(sysconf_names), &name) < 0) return UNDEF;
    errno = 0;
    long n = sysconf(name);
    return n == -1 && errno ? posix_error(t) : int_from_int64(t, n);
}
NATIVE(os_confstr) {
    int name;
    if (conf_number(t, args[0], confstr_names, COUNT(confstr_names), &name) < 0) return UNDEF;
    errno = 0;
    size_t n = confstr(name, NULL, 0);
    if (!n) return errno ? posix_error(t) : NONE;
    char *text = malloc(n);
    if (!text) return raise_no_memory(t);
    confstr(name, text, n);
    Value v = posix_fs_text(t, text);
    free(text);
    return v;
}
NATIVE(os_pathconf) {
    PosixPath p;
    int name;
    long n = -1;
    Value v = UNDEF;
    if (posix_path(t, &p, "pathconf", "path", args[0], PATH_FD) == 0 && conf_number(t, args[1], pathconf_names, COUNT(pathconf_names), &name) == 0) {
        errno = 0;
        if (p.path) n = pathconf(p.path, name);
        else n = fpathconf(p.fd, name);
        v = n == -1 && errno ? (errno == EINVAL ? posix_error(t) : posix_error_path(t, p.given)) : int_from_int64(t, n);
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_fpathconf) {
    int fd, name;
    if (posix_fildes(t, args[0], &fd) < 0 || conf_number(t, args[1], pathconf_names, COUNT(pathconf_names), &name) < 0) return UNDEF;
    errno = 0;
    long n = fpathconf(fd, name);
    return n == -1 && errno ? posix_error(t) : int_from_int64(t, n);
}
const NativeDef posix_conf_functions[] = {
    {"sysconf", os_sysconf, "($module, name, /)", NULL, 0}, {"confstr", os_confstr, "($module, name, /)", NULL, 0},
    {"pathconf", os_pathconf, "($module, /, path, name)", NULL, 0}, {"fpathconf", os_fpathconf, "($module, fd, name, /)", NULL, 0}, NATIVE_END};

static int add_names(Thread *t, ValueRef module, const char *name, const Number *table, size_t n) {
    Value dict = dict_new(t);
    for (size_t i = 0; value_bits(dict) && i < n; i++)
        if (dict_set_text(t, value_dict(dict), table[i].name, value_int(table[i].value)) < 0) VALUE_CLEAR(t, dict);
    return module_add(t, module, name, dict);
}
int posix_conf_exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < COUNT(constants); i++)
        if (module_add_int(t, module, constants[i].name, constants[i].value) < 0) return -1;
    if (add_names(t, module, "sysconf_names", sysconf_names, COUNT(sysconf_names)) < 0 || add_names(t, module, "confstr_names", confstr_names, COUNT(confstr_names)) < 0 ||
        add_names(t, module, "pathconf_names", pathconf_names, COUNT(pathconf_names)) < 0)
        return -1;
    Value list = list_new(t, COUNT(have));
    for (size_t i = 0; value_bits(list) && i < COUNT(have); i++) {
        Value name = str_from_text(t, have[i]);
        if (!value_bits(name) || list_append(t, value_list(list), name) < 0) VALUE_CLEAR(t, list);
    }
    return module_add(t, module, "_have_functions", list);
}
