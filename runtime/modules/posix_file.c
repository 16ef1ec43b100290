// posix: what is done to names: links, renaming, removing, making; paths as text.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

// One path, a mode and a dir_fd.
typedef struct One { PosixPath p; int mode, dir_fd; } One;
static int one(Thread *t, One *o, const char *function, ValueRef path, ValueRef mode, int default_mode, ValueRef dir) {
    o->mode = default_mode;
    if (posix_path(t, &o->p, function, "path", path, 0) < 0) return -1;
    if (value_bits(mode) && arg_int(t, mode, &o->mode) < 0) return -1;
    return posix_dir_fd(t, dir, &o->dir_fd);
}
static Value one_done(Thread *t, One *o, int status) { return status < 0 ? posix_error_path(t, o->p.given) : NONE; }

NATIVE(os_mkdir) {
    One o;
    int status;
    Value v = UNDEF;
    if (one(t, &o, "mkdir", args[0], args[1], 0777, args[2]) == 0 && posix_audit(t, "os.mkdir", 3, o.p.given, value_int(o.mode), args[2]) == 0) {
        DETACHED(status = mkdirat(o.dir_fd, o.p.path, (mode_t)o.mode));
        v = one_done(t, &o, status);
    }
    posix_path_close(t, &o.p);
    return v;
}
NATIVE(os_rmdir) {
    One o;
    int status;
    Value v = UNDEF;
    if (one(t, &o, "rmdir", args[0], UNDEF, 0, args[1]) == 0 && posix_audit(t, "os.rmdir", 2, o.p.given, args[1]) == 0) {
        DETACHED(status = unlinkat(o.dir_fd, o.p.path, AT_REMOVEDIR));
        v = one_done(t, &o, status);
    }
    posix_path_close(t, &o.p);
    return v;
}
static Value unlink_as(Thread *t, const char *function, const ValueRef *args) {
    One o;
    int status;
    Value v = UNDEF;
    if (one(t, &o, function, args[0], UNDEF, 0, args[1]) == 0 && posix_audit(t, "os.remove", 2, o.p.given, args[1]) == 0) {
        DETACHED(status = unlinkat(o.dir_fd, o.p.path, 0));
        v = one_done(t, &o, status);
    }
    posix_path_close(t, &o.p);
    return v;
}
NATIVE(os_unlink) { return unlink_as(t, "unlink", args); }
NATIVE(os_remove) { return unlink_as(t, "remove", args); }
NATIVE(os_mkfifo) {
    One o;
    int status = 0;
    Value v = UNDEF;
    if (one(t, &o, "mkfifo", args[0], args[1], 0666, args[2]) == 0) {
        RETRY(status, mkfifoat(o.dir_fd, o.p.path, (mode_t)o.mode));
        v = status < 0 ? posix_error(t) : NONE;
    }
    posix_path_close(t, &o.p);
    return v;
}
NATIVE(os_mknod) { // path, mode, device, dir_fd
    One o;
    int status = 0;
    int64_t device = 0;
    Value v = UNDEF;
    if (one(t, &o, "mknod", args[0], args[1], 0600, args[3]) == 0 && (!value_bits(args[2]) || arg_index(t, args[2], &device) == 0)) {
        RETRY(status, mknodat(o.dir_fd, o.p.path, (mode_t)o.mode, (dev_t)device));
        v = status < 0 ? posix_error(t) : NONE;
    }
    posix_path_close(t, &o.p);
    return v;
}

// Two paths with a dir_fd each.
typedef struct Two { PosixPath a, b; int dir_a, dir_b; } Two;
static int two(Thread *t, Two *w, const char *function, const ValueRef *args) { // src, dst, src_dir_fd, dst_dir_fd
    w->b = (PosixPath){.fd = -1};
    if (posix_path(t, &w->a, function, "src", args[0], 0) < 0 || posix_path(t, &w->b, function, "dst", args[1], 0) < 0) return -1;
    return posix_dir_fd(t, args[2], &w->dir_a) < 0 || posix_dir_fd(t, args[3], &w->dir_b) < 0 ? -1 : 0;
}
static Value two_end(Thread *t, Two *w, Value v) {
    posix_path_close(t, &w->a);
    posix_path_close(t, &w->b);
    return v;
}
static Value rename_as(Thread *t, const char *function, const ValueRef *args) {
    Two w;
    int status;
    if (two(t, &w, function, args) < 0 || posix_audit(t, "os.rename", 4, w.a.given, w.b.given, args[2], args[3]) < 0) return two_end(t, &w, UNDEF);
    DETACHED(status = renameat(w.dir_a, w.a.path, w.dir_b, w.b.path));
    return two_end(t, &w, status < 0 ? posix_error_paths(t, w.a.given, w.b.given) : NONE);
}
NATIVE(os_rename) { return rename_as(t, "rename", args); }
NATIVE(os_replace) { return rename_as(t, "replace", args); }
NATIVE(os_link) {
    Two w;
    bool follow = true;
    int status;
    if (two(t, &w, "link", args) < 0 || posix_flag(t, args[4], &follow) < 0 || posix_audit(t, "os.link", 4, w.a.given, w.b.given, args[2], args[3]) < 0)
        return two_end(t, &w, UNDEF);
    DETACHED(status = linkat(w.dir_a, w.a.path, w.dir_b, w.b.path, follow ? AT_SYMLINK_FOLLOW : 0));
    return two_end(t, &w, status < 0 ? posix_error_paths(t, w.a.given, w.b.given) : NONE);
}
NATIVE(os_symlink) { // src, dst, target_is_directory, dir_fd
    Two w = {.b = {.fd = -1}};
    int status;
    if (posix_path(t, &w.a, "symlink", "src", args[0], 0) < 0 || posix_path(t, &w.b, "symlink", "dst", args[1], 0) < 0 ||
        posix_dir_fd(t, args[3], &w.dir_b) < 0 || posix_audit(t, "os.symlink", 3, w.a.given, w.b.given, args[3]) < 0)
        return two_end(t, &w, UNDEF);
    DETACHED(status = symlinkat(w.a.path, w.dir_b, w.b.path));
    return two_end(t, &w, status < 0 ? posix_error_paths(t, w.a.given, w.b.given) : NONE);
}
NATIVE(os_readlink) {
    One o;
    char buffer[PATH_MAX + 1];
    ssize_t n;
    Value v = UNDEF;
    if (one(t, &o, "readlink", args[0], UNDEF, 0, args[1]) == 0) {
        DETACHED(n = readlinkat(o.dir_fd, o.p.path, buffer, PATH_MAX));
        v = n < 0 ? posix_error_path(t, o.p.given) : o.p.is_bytes ? bytes_new(t, buffer, (size_t)n) : posix_fs_decode(t, buffer, (size_t)n);
    }
    posix_path_close(t, &o.p);
    return v;
}
NATIVE(os_truncate) {
    PosixPath p;
    int64_t length;
    int status;
    Value v = UNDEF;
    if (posix_path(t, &p, "truncate", "path", args[0], PATH_FD) == 0 && arg_index(t, args[1], &length) == 0 &&
        posix_audit(t, "os.truncate", 2, p.given, args[1]) == 0) {
        if (p.path) DETACHED(status = truncate(p.path, length));
        else DETACHED(status = ftruncate(p.fd, length));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
    }
    posix_path_close(t, &p);
    return v;
}

NATIVE(os_open) { // path, flags, mode, dir_fd
    One o;
    int flags, fd = -1;
    Value v = UNDEF;
    if (one(t, &o, "open", args[0], args[2], 0777, args[3]) == 0 && arg_int(t, args[1], &flags) == 0 &&
        posix_audit(t, "open", 3, o.p.given, NONE, value_int(flags)) == 0) {
        RETRY(fd, openat(o.dir_fd, o.p.path, flags | O_CLOEXEC, o.mode));
        v = fd < 0 ? posix_error_path(t, o.p.given) : value_int(fd);
    }
    posix_path_close(t, &o.p);
    return v;
}
NATIVE(os_memfd_create) {
    PosixPath p;
    unsigned flags = 1; // MFD_CLOEXEC
    int fd;
    int64_t n;
    Value v = UNDEF;
    if (posix_path(t, &p, "memfd_create", "name", args[0], 0) == 0 && (!value_bits(args[1]) || arg_index(t, args[1], &n) == 0)) {
        if (value_bits(args[1])) flags = (unsigned)n;
        DETACHED(fd = memfd_create(p.path, flags));
        v = fd < 0 ? posix_error(t) : value_int(fd);
    }
    posix_path_close(t, &p);
    return v;
}

// ---- where we are

NATIVE(os_chdir) {
    PosixPath p;
    int status;
    Value v = UNDEF;
    if (posix_path(t, &p, "chdir", "path", args[0], PATH_FD) == 0 && posix_audit(t, "os.chdir", 1, p.given) == 0) {
        if (p.path) DETACHED(status = chdir(p.path));
        else DETACHED(status = fchdir(p.fd));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
    }
    posix_path_close(t, &p);
    return v;
}
NATIVE(os_fchdir) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0 || posix_audit(t, "os.chdir", 1, value_int(fd)) < 0) return UNDEF;
    RETRY(status, fchdir(fd));
    return posix_done(t, status);
}
NATIVE(os_chroot) {
    PosixPath p;
    int status;
    Value v = UNDEF;
    if (posix_path(t, &p, "chroot", "path", args[0], 0) == 0) {
        DETACHED(status = chroot(p.path));
        v = status < 0 ? posix_error_path(t, p.given) : NONE;
    }
    posix_path_close(t, &p);
    return v;
}
static Value working_directory(Thread *t, bool as_bytes) {
    char *path;
    DETACHED(path = getcwd(NULL, 0));
    if (!path) return posix_error(t);
    Value v = posix_name(t, path, as_bytes);
    free(path);
    return v;
}
NATIVE(os_getcwd) { return working_directory(t, false); }
NATIVE(os_getcwdb) { return working_directory(t, true); }
NATIVE(os_umask) {
    int mask;
    if (arg_int(t, args[0], &mask) < 0) return UNDEF;
    return value_int(umask((mode_t)mask));
}
NATIVE(os_sync) {
    DETACHED(sync());
    return NONE;
}

// ---- paths as text

NATIVE(os_fspath) {
    if (value_is_any_str(args[0]) || value_is_any_bytes(args[0])) return value_dup(t, args[0]);
    Value method = lookup_special(t, args[0], NAME(__fspath__));
    if (not_given(method)) return error_pending(t) ? UNDEF : raise(t, TYPE_ERROR, "expected str, bytes or os.PathLike object, not %T", args[0]);
    Value path = call_0(t, method);
    value_release(t, method);
    if (!value_bits(path) || value_is_any_str(path) || value_is_any_bytes(path)) return path;
    raise(t, TYPE_ERROR, "expected %T.__fspath__() to return str or bytes, not %T", args[0], path);
    value_release(t, path);
    return UNDEF;
}
// The argument as text or bytes (owned), whatever stands in it.
static Value plain_path(Thread *t, const char *function, const char *argument, ValueRef v) {
    if (value_is_any_str(v) || value_is_any_bytes(v)) return value_dup(t, v);
    Value method = lookup_special(t, v, NAME(__fspath__));
    if (not_given(method)) return error_pending(t) ? UNDEF : raise(t, TYPE_ERROR, "%s: %s should be string, bytes or os.PathLike, not %T", function, argument, v);
    value_release(t, method);
    return os_fspath(t, UNDEF, &v, 1, NULL);
}
static Text view(ValueRef v) { return value_is_any_str(v) ? str_text(value_str(v)) : text_of(value_bytes(v)->data, value_bytes(v)->length, 1); }
static Value part(Thread *t, ValueRef v, size_t from, size_t to) {
    return value_is_any_str(v) ? str_substring(t, value_str(v), from, to) : bytes_new(t, value_bytes(v)->data + from, to - from);
}
static size_t root_length(Text x) {
    if (!x.length || text_at(x, 0) != '/') return 0;
    return x.length >= 2 && text_at(x, 1) == '/' && (x.length == 2 || text_at(x, 2) != '/') ? 2 : 1;
}
NATIVE(path_splitroot_ex) {
    Value p = plain_path(t, "_path_splitroot_ex", "p", args[0]);
    if (!value_bits(p)) return UNDEF;
    Text x = view(p);
    size_t root = root_length(x);
    Value items[3] = {part(t, p, 0, 0), part(t, p, 0, root), part(t, p, root, x.length)};
    value_release(t, p);
    for (int i = 0; i < 3; i++)
        if (!value_bits(items[i])) {
            for (int k = 0; k < 3; k++) value_release(t, items[k]);
            return UNDEF;
        }
    return tuple_from_values(t, items, 3);
}
NATIVE(path_normpath) {
    Value p = plain_path(t, "_path_normpath", "path", args[0]);
    if (!value_bits(p)) return UNDEF;
    Text x = view(p);
    size_t root = root_length(x), n = 0, floor;
    uint32_t *out = malloc((x.length + 2) * sizeof *out);
    if (!out) {
        value_release(t, p);
        return raise_no_memory(t);
    }
    for (size_t i = 0; i < root; i++) out[n++] = '/';
    floor = n; // what ".." may not take away: the root, and leading ".."s
    for (size_t i = root; i < x.length;) {
        size_t end = i;
        while (end < x.length && text_at(x, end) != '/') end++;
        size_t length = end - i;
        bool dot = length == 1 && text_at(x, i) == '.', dots = length == 2 && text_at(x, i) == '.' && text_at(x, i + 1) == '.';
        if (length && !dot) {
            if (dots && n > floor) {
                while (n > floor && out[n - 1] != '/') n--;
                if (n > floor) n--; // the slash before it
            } else if (!dots || !root) {
                if (n > root) out[n++] = '/';
                for (size_t k = i; k < end; k++) out[n++] = text_at(x, k);
                if (dots) floor = n;
            }
        }
        i = end + 1;
    }
    if (!n) out[n++] = '.';
    Value v;
    if (value_is_any_str(p)) {
        v = str_from_ucs4(t, out, n);
    } else {
        Bytes *b = bytes_alloc(t, n);
        for (size_t i = 0; b && i < n; i++) b->data[i] = (uint8_t)out[i];
        v = b ? value_of(b) : UNDEF;
    }
    free(out);
    value_release(t, p);
    return v;
}

const NativeDef posix_file_functions[] = {
    {"mkdir", os_mkdir, "($module, /, path, mode=511, *, dir_fd=None)", "Makes a directory.", 0},
    {"rmdir", os_rmdir, "($module, /, path, *, dir_fd=None)", "Removes an empty directory.", 0},
    {"unlink", os_unlink, "($module, /, path, *, dir_fd=None)", "Removes a file.", 0},
    {"remove", os_remove, "($module, /, path, *, dir_fd=None)", "Removes a file.", 0},
    {"mkfifo", os_mkfifo, "($module, /, path, mode=438, *, dir_fd=None)", "Makes a named pipe.", 0},
    {"mknod", os_mknod, "($module, /, path, mode=384, device=0, *, dir_fd=None)", "Makes a node of the file system.", 0},
    {"rename", os_rename, "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Renames.", 0},
    {"replace", os_replace, "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Renames, over what is there.", 0},
    {"link", os_link, "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", "Gives a file one more name.", 0},
    {"symlink", os_symlink, "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)", "Makes a symbolic link.", 0},
    {"readlink", os_readlink, "($module, /, path, *, dir_fd=None)", "What a symbolic link says.", 0},
    {"truncate", os_truncate, "($module, /, path, length)", "Cuts a file off.", 0},
    {"open", os_open, "($module, /, path, flags, mode=511, *, dir_fd=None)", "Opens a file; its descriptor.", 0},
    {"memfd_create", os_memfd_create, "($module, /, name, flags=MFD_CLOEXEC)", "A file in memory; its descriptor.", 0},
    {"chdir", os_chdir, "($module, /, path)", "Goes to a directory.", 0},
    {"fchdir", os_fchdir, "($module, /, fd)", NULL, 0},
    {"chroot", os_chroot, "($module, /, path)", NULL, 0},
    {"getcwd", os_getcwd, "($module, /)", "The working directory.", 0},
    {"getcwdb", os_getcwdb, "($module, /)", "The working directory as bytes.", 0},
    {"umask", os_umask, "($module, mask, /)", "Sets the mask of permissions; the old one.", 0},
    {"sync", os_sync, "($module, /)", NULL, 0},
    {"fspath", os_fspath, "($module, /, path)", "The path as str or bytes.", 0},
    {"_path_normpath", path_normpath, "($module, /, path)", NULL, 0},
    {"_path_splitroot_ex", path_splitroot_ex, "($module, /, p)", NULL, 0},
    NATIVE_END};
