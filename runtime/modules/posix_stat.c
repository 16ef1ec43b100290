// posix: stat and its kin, times, permissions, owners.
#include <fcntl.h>
#include <limits.h>
#include <linux/limits.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

static const char *const stat_fields[] = {
    "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "", "", "", "st_atime", "st_mtime", "st_ctime", "st_atime_ns",
    "st_mtime_ns", "st_ctime_ns", "st_blksize", "st_blocks", "st_rdev", NULL};
static const StructSeqSpec stat_spec = {.name = "os.stat_result", .doc = "What stat() says of a file.", .fields = stat_fields, .visible = 10};
static const char *const statvfs_fields[] = {"f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "f_flag", "f_namemax", "f_fsid", NULL};
static const StructSeqSpec statvfs_spec = {.name = "os.statvfs_result", .doc = "What statvfs() says of a file system.", .fields = statvfs_fields, .visible = 10};

static Value nanoseconds(Thread *t, const struct timespec *s) { return int_from_int64(t, s->tv_sec * INT64_C(1000000000) + s->tv_nsec); }
static Value seconds(Thread *t, const struct timespec *s) { return float_new(t, (double)s->tv_sec + 1e-9 * (double)s->tv_nsec); }
static Value stat_make(Thread *t, ValueRef module, const struct stat *st) {
    Value v[19] = {
        int_from_int64(t, st->st_mode), int_from_uint64(t, st->st_ino), int_from_uint64(t, st->st_dev), int_from_uint64(t, st->st_nlink),
        int_from_int64(t, st->st_uid), int_from_int64(t, st->st_gid), int_from_int64(t, st->st_size), int_from_int64(t, st->st_atim.tv_sec),
        int_from_int64(t, st->st_mtim.tv_sec), int_from_int64(t, st->st_ctim.tv_sec), seconds(t, &st->st_atim), seconds(t, &st->st_mtim),
        seconds(t, &st->st_ctim), nanoseconds(t, &st->st_atim), nanoseconds(t, &st->st_mtim), nanoseconds(t, &st->st_ctim),
        int_from_int64(t, st->st_blksize), int_from_int64(t, st->st_blocks), int_from_uint64(t, st->st_rdev)};
    return structseq_new(t, (Type *)value_object(posix_state(module)->stat_result), v);
}
Value posix_stat_fd(Thread *t, ValueRef module, int dir_fd, const char *path, int fd, bool follow, ValueRef given) {
    struct stat st;
    int status;
    if (fd >= 0) DETACHED(status = fstat(fd, &st));
    else DETACHED(status = fstatat(dir_fd, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    return status < 0 ? posix_error_path(t, given) : stat_make(t, module, &st);
}

static int check_fd_use(Thread *t, const char *function, const PosixPath *p, int dir_fd, bool follow) {
    if (p->path) return 0;
    if (dir_fd != AT_FDCWD) return raise_int(t, VALUE_ERROR, "%s: can't specify dir_fd without matching path", function);
    if (!follow) return raise_int(t, VALUE_ERROR, "%s: cannot use fd and follow_symlinks together", function);
    return 0;
}
static Value stat_of(Thread *t, ValueRef self, const char *function, ValueRef path, ValueRef dir, bool follow, int allowed) {
    PosixPath p;
    int dir_fd;
    Value v = UNDEF;
    if (posix_path(t, &p, function, "path", path, allowed) == 0 && posix_dir_fd(t, dir, &dir_fd) == 0 && check_fd_use(t, function, &p, dir_fd, follow) == 0) {
        if (!p.path && p.fd < 0) {
            errno = EBADF;
            v = posix_error_path(t, p.given);
        } else {
            v = posix_stat_fd(t, self, dir_fd, p.path, p.path ? -1 : p.fd, follow, p.given);
        }
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_stat) {
    bool follow = true;
    if (posix_flag(t, args[2], &follow) < 0) return UNDEF;
    return stat_of(t, self, "stat", args[0], args[1], follow, PATH_FD);
}
NATIVE(os_lstat) { return stat_of(t, self, "lstat", args[0], args[1], false, 0); }
NATIVE(os_fstat) {
    int fd, status;
    struct stat st;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    RETRY(status, fstat(fd, &st));
    return status < 0 ? posix_error(t) : stat_make(t, self, &st);
}

static Value statvfs_make(Thread *t, ValueRef module, const struct statvfs *st) {
    Value v[11] = {
        int_from_uint64(t, st->f_bsize), int_from_uint64(t, st->f_frsize), int_from_uint64(t, st->f_blocks), int_from_uint64(t, st->f_bfree),
        int_from_uint64(t, st->f_bavail), int_from_uint64(t, st->f_files), int_from_uint64(t, st->f_ffree), int_from_uint64(t, st->f_favail),
        int_from_uint64(t, st->f_flag), int_from_uint64(t, st->f_namemax), int_from_uint64(t, st->f_fsid)};
    return structseq_new(t, (Type *)value_object(posix_state(module)->statvfs_result), v);
}
NATIVE(os_statvfs) {
    PosixPath p;
    struct statvfs st;
    Value v = UNDEF;
    if (posix_path(t, &p, "statvfs", "path", args[0], PATH_FD) == 0) {
        int status;
        if (p.path) DETACHED(status = statvfs(p.path, &st));
        else DETACHED(status = fstatvfs(p.fd, &st));
        v = status < 0 ? posix_error_path(t, p.given) : statvfs_make(t, self, &st);
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_fstatvfs) {
    int fd, status;
    struct statvfs st;
    if (posix_fd(t, args[0], &fd) < 0) return UNDEF;
    RETRY(status, fstatvfs(fd, &st));
    return status < 0 ? posix_error(t) : statvfs_make(t, self, &st);
}

NATIVE(os_access) { // path, mode, dir_fd, effective_ids, follow_symlinks
    PosixPath p;
    int mode, dir_fd;
    bool effective = false, follow = true;
    Value v = UNDEF;
    if (posix_path(t, &p, "access", "path", args[0], 0) == 0 && arg_int(t, args[1], &mode) == 0 && posix_dir_fd(t, args[2], &dir_fd) == 0 &&
        posix_flag(t, args[3], &effective) == 0 && posix_flag(t, args[4], &follow) == 0) {
        int status;
        DETACHED(status = faccessat(dir_fd, p.path, mode, (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW)));
        v = value_bool(status == 0);
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_chmod) { // path, mode, dir_fd, follow_symlinks
    PosixPath p;
    int mode, dir_fd, status = -1;
    bool follow = true;
    Value v = UNDEF;
    if (posix_path(t, &p, "chmod", "path", args[0], PATH_FD) == 0 && arg_int(t, args[1], &mode) == 0 && posix_dir_fd(t, args[2], &dir_fd) == 0 &&
        posix_flag(t, args[3], &follow) == 0 && posix_audit(t, "os.chmod", 3, p.given, args[1], args[2]) == 0) {
        if (!p.path) DETACHED(status = fchmod(p.fd, (mode_t)mode));
        else DETACHED(status = fchmodat(dir_fd, p.path, (mode_t)mode, follow ? 0 : AT_SYMLINK_NOFOLLOW));
        if (status == 0) v = NONE;
        else if (!follow && (errno == ENOTSUP || errno == EOPNOTSUPP))
            raise(t, NOT_IMPLEMENTED_ERROR, "chmod: follow_symlinks unavailable on this platform");
        else posix_error_path(t, p.given);
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_fchmod) {
    int fd, mode, status;
    if (posix_fd(t, args[0], &fd) < 0 || arg_int(t, args[1], &mode) < 0) return UNDEF;
    RETRY(status, fchmod(fd, (mode_t)mode));
    return posix_done(t, status);
}
static Value change_owner(Thread *t, const char *function, ValueRef path, ValueRef user, ValueRef group, ValueRef dir, bool follow, int allowed) {
    PosixPath p;
    uint32_t uid, gid;
    int dir_fd, status = -1;
    Value v = UNDEF;
    if (posix_path(t, &p, function, "path", path, allowed) == 0 && posix_uid(t, user, "uid", &uid) == 0 && posix_uid(t, group, "gid", &gid) == 0 &&
        posix_dir_fd(t, dir, &dir_fd) == 0 && check_fd_use(t, function, &p, dir_fd, follow) == 0 && posix_audit(t, "os.chown", 4, p.given, user, group, dir) == 0) {
        if (!p.path) DETACHED(status = fchown(p.fd, uid, gid));
        else DETACHED(status = fchownat(dir_fd, p.path, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_chown) {
    bool follow = true;
    if (posix_flag(t, args[4], &follow) < 0) return UNDEF;
    return change_owner(t, "chown", args[0], args[1], args[2], args[3], follow, PATH_FD);
}
NATIVE(os_lchown) { return change_owner(t, "lchown", args[0], args[1], args[2], UNDEF, false, 0); }
NATIVE(os_fchown) {
    int fd, status;
    uint32_t uid, gid;
    if (posix_fd(t, args[0], &fd) < 0 || posix_uid(t, args[1], "uid", &uid) < 0 || posix_uid(t, args[2], "gid", &gid) < 0) return UNDEF;
    RETRY(status, fchown(fd, uid, gid));
    return posix_done(t, status);
}

// Seconds as an int or float, rounded down to nanoseconds.
static int timespec_of_seconds(Thread *t, ValueRef v, struct timespec *out) {
    if (value_is_any_float(v)) {
        double d = float_value(v), whole = floor(d);
        if (isnan(d)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
        if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
        out->tv_sec = (time_t)whole;
        out->tv_nsec = (long)floor((d - whole) * 1e9);
        return 0;
    }
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "argument must be int or float, not %T", v);
    int64_t s;
    if (arg_index_clipped(t, v, &s) < 0) return -1;
    if (s == INT64_MAX || s == INT64_MIN) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
    out->tv_sec = s;
    out->tv_nsec = 0;
    return 0;
}
static int timespec_of_ns(Thread *t, ValueRef v, struct timespec *out) {
    int64_t ns = 0;
    Value pair = object_divmod(t, v, value_int(1000000000));
    if (!value_bits(pair)) return -1;
    if (!value_is_any_tuple(pair) || value_tuple(pair)->length != 2) {
        raise(t, TYPE_ERROR, "%T.__divmod__() must return a 2-tuple, not %T", v, pair);
        value_release(t, pair);
        return -1;
    }
    int64_t s;
    int status = arg_int64(t, tuple_item(value_tuple(pair), 0), &s) < 0 || arg_int64(t, tuple_item(value_tuple(pair), 1), &ns) < 0 ? -1 : 0;
    value_release(t, pair);
    out->tv_sec = s;
    out->tv_nsec = (long)ns;
    return status;
}
NATIVE(os_utime) { // path, times, ns, dir_fd, follow_symlinks
    PosixPath p;
    int dir_fd, status = -1;
    bool follow = true, ns = value_bits(args[2]) != 0;
    struct timespec when[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    Value v = UNDEF;
    if (posix_path(t, &p, "utime", "path", args[0], PATH_FD) < 0 || posix_dir_fd(t, args[3], &dir_fd) < 0 || posix_flag(t, args[4], &follow) < 0) goto done;
    if (!not_given(args[1]) && ns) {
        raise(t, VALUE_ERROR, "utime: you may specify either 'times' or 'ns' but not both");
        goto done;
    }
    if (!not_given(args[1])) {
        if (!value_is_any_tuple(args[1]) || value_tuple(args[1])->length != 2) {
            raise(t, TYPE_ERROR, "utime: 'times' must be either a tuple of two ints or None");
            goto done;
        }
        for (int i = 0; i < 2; i++)
            if (timespec_of_seconds(t, tuple_item(value_tuple(args[1]), i), &when[i]) < 0) goto done;
    } else if (ns) {
        if (!value_is_any_tuple(args[2]) || value_tuple(args[2])->length != 2) {
            raise(t, TYPE_ERROR, "utime: 'ns' must be a tuple of two ints");
            goto done;
        }
        for (int i = 0; i < 2; i++)
            if (timespec_of_ns(t, tuple_item(value_tuple(args[2]), i), &when[i]) < 0) goto done;
    }
    if (check_fd_use(t, "utime", &p, dir_fd, follow) < 0 || posix_audit(t, "os.utime", 4, p.given, args[1], args[2], args[3]) < 0) goto done;
    if (!p.path) DETACHED(status = futimens(p.fd, when));
    else DETACHED(status = utimensat(dir_fd, p.path, when, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    v = status < 0 ? posix_error_path(t, p.given) : NONE;
done:
    posix_path_close(t, &p);
    return v;
}

// ---- extended attributes

static Value attribute_value(Thread *t, const PosixPath *p, const char *name, bool follow) {
    size_t room = 128;
    for (;;) {
        Bytes *b = bytes_alloc(t, room);
        if (!b) return UNDEF;
        ssize_t n;
        if (!p->path) DETACHED(n = fgetxattr(p->fd, name, b->data, room));
        else if (follow) DETACHED(n = getxattr(p->path, name, b->data, room));
        else DETACHED(n = lgetxattr(p->path, name, b->data, room));
        Value v = n >= 0 ? bytes_new(t, b->data, (size_t)n) : UNDEF;
        int e = errno;
        value_release(t, value_of(b));
        errno = e;
        if (n >= 0) return v;
        if (errno != ERANGE || room >= 65536) return posix_error_path(t, p->given);
        room = 65536;
    }
}
NATIVE(os_getxattr) {
    PosixPath p, name = {.fd = -1};
    bool follow = true;
    Value v = UNDEF;
    if (posix_path(t, &p, "getxattr", "path", args[0], PATH_FD) == 0 && posix_path(t, &name, "getxattr", "attribute", args[1], 0) == 0 &&
        posix_flag(t, args[2], &follow) == 0 && check_fd_use(t, "getxattr", &p, AT_FDCWD, follow) == 0 && posix_audit(t, "os.getxattr", 2, p.given, args[1]) == 0)
        v = attribute_value(t, &p, name.path, follow);
    posix_path_close(t, &p);
    posix_path_close(t, &name);
    return v;
}
NATIVE(os_setxattr) { // path, attribute, value, flags, follow_symlinks
    PosixPath p, name = {.fd = -1};
    bool follow = true;
    int flags = 0, status = -1;
    Buffer data;
    Value v = UNDEF;
    if (posix_path(t, &p, "setxattr", "path", args[0], PATH_FD) == 0 && posix_path(t, &name, "setxattr", "attribute", args[1], 0) == 0 &&
        (!value_bits(args[3]) || arg_int(t, args[3], &flags) == 0) && posix_flag(t, args[4], &follow) == 0 &&
        check_fd_use(t, "setxattr", &p, AT_FDCWD, follow) == 0 && posix_audit(t, "os.setxattr", 4, p.given, args[1], args[2], args[3]) == 0 &&
        buffer_get(t, args[2], &data, BUFFER_C_CONTIGUOUS) == 0) {
        if (!p.path) DETACHED(status = fsetxattr(p.fd, name.path, data.data, (size_t)data.length, flags));
        else if (follow) DETACHED(status = setxattr(p.path, name.path, data.data, (size_t)data.length, flags));
        else DETACHED(status = lsetxattr(p.path, name.path, data.data, (size_t)data.length, flags));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
        buffer_release(t, &data);
    }
    posix_path_close(t, &p);
    posix_path_close(t, &name);
    return v;
}
NATIVE(os_removexattr) {
    PosixPath p, name = {.fd = -1};
    bool follow = true;
    int status = -1;
    Value v = UNDEF;
    if (posix_path(t, &p, "removexattr", "path", args[0], PATH_FD) == 0 && posix_path(t, &name, "removexattr", "attribute", args[1], 0) == 0 &&
        posix_flag(t, args[2], &follow) == 0 && check_fd_use(t, "removexattr", &p, AT_FDCWD, follow) == 0 && posix_audit(t, "os.removexattr", 2, p.given, args[1]) == 0) {
        if (!p.path) DETACHED(status = fremovexattr(p.fd, name.path));
        else if (follow) DETACHED(status = removexattr(p.path, name.path));
        else DETACHED(status = lremovexattr(p.path, name.path));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
    }
    posix_path_close(t, &p);
    posix_path_close(t, &name);
    return v;
}
NATIVE(os_listxattr) {
    PosixPath p;
    bool follow = true;
    Value list = UNDEF;
    char *names = NULL;
    if (posix_path(t, &p, "listxattr", "path", args[0], PATH_FD | PATH_NONE) < 0 || posix_flag(t, args[1], &follow) < 0 ||
        check_fd_use(t, "listxattr", &p, AT_FDCWD, follow) < 0 || posix_audit(t, "os.listxattr", 1, p.given) < 0)
        goto done;
    ssize_t n = -1;
    for (size_t room = 256;; room = XATTR_LIST_MAX) {
        free(names);
        if (!(names = malloc(room))) {
            raise_no_memory(t);
            goto done;
        }
        if (!p.path) DETACHED(n = flistxattr(p.fd, names, room));
        else if (follow) DETACHED(n = listxattr(p.path, names, room));
        else DETACHED(n = llistxattr(p.path, names, room));
        if (n >= 0 || errno != ERANGE || room == XATTR_LIST_MAX) break;
    }
    if (n < 0) {
        posix_error_path(t, p.given);
        goto done;
    }
    list = list_new(t, 0);
    for (const char *name = names; value_bits(list) && name < names + n; name += strlen(name) + 1) {
        Value item = posix_fs_text(t, name);
        if (!value_bits(item) || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
done:
    free(names);
    posix_path_close(t, &p);
    return list;
}

// ---- device numbers

static int device(Thread *t, ValueRef v, uint64_t *out) {
    int64_t n;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (value_is_int(v)) {
        n = value_get_int(v);
        *out = (uint64_t)n;
        return n < -1 ? raise_int(t, OVERFLOW_ERROR, "can't convert negative int to unsigned") : 0; // -1 is NODEV
    }
    return arg_uint64(t, v, out);
}
NATIVE(os_major) {
    uint64_t d;
    if (device(t, args[0], &d) < 0) return UNDEF;
    return d == UINT64_MAX ? value_int(-1) : int_from_uint64(t, major(d));
}
NATIVE(os_minor) {
    uint64_t d;
    if (device(t, args[0], &d) < 0) return UNDEF;
    return d == UINT64_MAX ? value_int(-1) : int_from_uint64(t, minor(d));
}
NATIVE(os_makedev) {
    uint64_t a, b;
    if (device(t, args[0], &a) < 0 || device(t, args[1], &b) < 0) return UNDEF;
    if (a == UINT64_MAX && b == UINT64_MAX) return value_int(-1);
    return int_from_uint64(t, makedev((unsigned)a, (unsigned)b));
}

const NativeDef posix_stat_functions[] = {
    {"stat", os_stat, "($module, /, path, *, dir_fd=None, follow_symlinks=True)", "What the system knows of a file.", 0},
    {"lstat", os_lstat, "($module, /, path, *, dir_fd=None)", "As stat(), of a symbolic link itself.", 0},
    {"fstat", os_fstat, "($module, /, fd)", "As stat(), of an open file.", 0},
    {"statvfs", os_statvfs, "($module, /, path)", "What the system knows of the file system.", 0},
    {"fstatvfs", os_fstatvfs, "($module, fd, /)", "Likewise, of an open file's.", 0},
    {"access", os_access, "($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", "May the user do this with the file?", 0},
    {"chmod", os_chmod, "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)", "Sets the permissions.", 0},
    {"fchmod", os_fchmod, "($module, /, fd, mode)", NULL, 0},
    {"chown", os_chown, "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)", "Sets owner and group.", 0},
    {"lchown", os_lchown, "($module, /, path, uid, gid)", NULL, 0},
    {"fchown", os_fchown, "($module, /, fd, uid, gid)", NULL, 0},
    {"utime", os_utime, "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)", "Sets the times of access and change.", 0},
    {"getxattr", os_getxattr, "($module, /, path, attribute, *, follow_symlinks=True)", NULL, 0},
    {"setxattr", os_setxattr, "($module, /, path, attribute, value, flags=0, *, follow_symlinks=True)", NULL, 0},
    {"removexattr", os_removexattr, "($module, /, path, attribute, *, follow_symlinks=True)", NULL, 0},
    {"listxattr", os_listxattr, "($module, /, path=None, *, follow_symlinks=True)", NULL, 0},
    {"major", os_major, "($module, device, /)", NULL, 0},
    {"minor", os_minor, "($module, device, /)", NULL, 0},
    {"makedev", os_makedev, "($module, major, minor, /)", NULL, 0},
    NATIVE_END};

int posix_structseq(Thread *t, ValueRef module, Value *slot, const char *name, const StructSeqSpec *spec) {
    Type *type = structseq_type(t, spec);
    if (!type) return -1;
    slot_store(t, value_object(module), slot, value_of(type));
    return module_add(t, module, name, value_dup(t, value_of(type)));
}
int posix_stat_exec(Thread *t, ValueRef module) {
    PosixState *s = posix_state(module);
    return posix_structseq(t, module, &s->stat_result, "stat_result", &stat_spec) < 0 ||
                   posix_structseq(t, module, &s->statvfs_result, "statvfs_result", &statvfs_spec) < 0
               ? -1
               : 0;
}
