// fcntl: control of descriptors, and locks on files.
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

enum { ARGUMENT_MAX = 1024 };

// An unsigned or signed number as the kernel takes it.
static int number(Thread *t, ValueRef v, const char *message, uint64_t *out) {
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "%s, not %T", message, v);
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int64_t small;
    int status = int_as_int64(n, &small);
    if (status == 0) *out = (uint64_t)small;
    else status = int_as_uint64(n, out);
    value_release(t, n);
    return status < 0 ? raise_int(t, OVERFLOW_ERROR, "Python int too large to convert to C unsigned long") : 0;
}
// Bytes of a str or bytes-like argument, copied in; the length, or -1 (-2: it is neither).
static int64_t copy_in(Thread *t, ValueRef v, uint8_t *room, size_t most, const char *too_long) {
    if (value_is_any_str(v)) {
        size_t n;
        char *allocated;
        const char *text = str_utf8(t, value_str(v), &n, &allocated);
        if (!text) return -1;
        if (n <= most) memcpy(room, text, n);
        free(allocated);
        return n > most ? raise_int(t, VALUE_ERROR, "%s", too_long) : (int64_t)n;
    }
    if (!value_has_buffer(v)) return -2;
    Buffer b;
    if (buffer_get(t, v, &b, BUFFER_READ) < 0) return -1;
    int64_t n = b.length;
    if (n <= (int64_t)most) memcpy(room, b.data, (size_t)n);
    buffer_release(t, &b);
    return n > (int64_t)most ? raise_int(t, VALUE_ERROR, "%s", too_long) : n;
}
NATIVE(fcntl_fcntl) {
    int fd, command, status;
    if (posix_fildes(t, args[0], &fd) < 0 || arg_int(t, args[1], &command) < 0 ||
        posix_audit(t, "fcntl.fcntl", 3, value_int(fd), args[1], value_bits(args[2]) ? args[2] : (ValueRef)value_int(0)) < 0)
        return UNDEF;
    if (!value_bits(args[2]) || value_has_index(args[2])) {
        uint64_t n = 0;
        if (value_bits(args[2]) && number(t, args[2], "fcntl() argument 3 must be an integer, a bytes-like object, or a string", &n) < 0) return UNDEF;
        RETRY(status, fcntl(fd, command, (long)(int64_t)n));
        return posix_number(t, status);
    }
    uint8_t room[ARGUMENT_MAX + 8] = {0};
    int64_t length = copy_in(t, args[2], room, ARGUMENT_MAX, "fcntl argument 3 is too long");
    if (length == -2) return raise(t, TYPE_ERROR, "fcntl() argument 3 must be an integer, a bytes-like object, or a string, not %T", args[2]);
    if (length < 0) return UNDEF;
    RETRY(status, fcntl(fd, command, room));
    return status < 0 ? posix_error(t) : bytes_new(t, room, (size_t)length);
}
NATIVE(fcntl_ioctl) { // fd, request, arg, mutate_flag
    int fd, status;
    uint64_t request;
    bool mutate = true;
    if (posix_fildes(t, args[0], &fd) < 0 || number(t, args[1], "ioctl() argument 2 must be an integer", &request) < 0 || posix_flag(t, args[3], &mutate) < 0 ||
        posix_audit(t, "fcntl.ioctl", 3, value_int(fd), args[1], value_bits(args[2]) ? args[2] : (ValueRef)value_int(0)) < 0)
        return UNDEF;
    if (!value_bits(args[2]) || value_has_index(args[2])) {
        uint64_t n = 0;
        if (value_bits(args[2]) && number(t, args[2], "ioctl() argument 3 must be an integer, a bytes-like object, or a string", &n) < 0) return UNDEF;
        RETRY(status, ioctl(fd, request, (long)(int64_t)n));
        return posix_number(t, status);
    }
    uint8_t room[ARGUMENT_MAX + 8] = {0};
    if (mutate && !value_is_any_str(args[2]) && !value_is_any_bytes(args[2]) && value_has_buffer(args[2])) {
        Buffer b;
        if (buffer_get(t, args[2], &b, BUFFER_WRITABLE) == 0) {
            // Small buffers go through our own memory: a request may write more than it was lent.
            bool copied = b.length <= ARGUMENT_MAX;
            uint8_t *p = copied ? room : b.data;
            if (copied) memcpy(room, b.data, (size_t)b.length);
            RETRY(status, ioctl(fd, request, p));
            int e = errno;
            if (copied && status >= 0) memcpy(b.data, room, (size_t)b.length);
            buffer_release(t, &b);
            errno = e;
            return posix_number(t, status);
        }
        if (!error_matches(t, EXCEPTION(BUFFER_ERROR)) && !error_matches(t, EXCEPTION(TYPE_ERROR))) return UNDEF;
        error_clear(t);
    }
    int64_t length = copy_in(t, args[2], room, ARGUMENT_MAX, "ioctl argument 3 is too long");
    if (length == -2) return raise(t, TYPE_ERROR, "ioctl() argument 3 must be an integer, a bytes-like object, or a string, not %T", args[2]);
    if (length < 0) return UNDEF;
    RETRY(status, ioctl(fd, request, room));
    return status < 0 ? posix_error(t) : bytes_new(t, room, (size_t)length);
}
NATIVE(fcntl_flock) {
    int fd, operation, status;
    if (posix_fildes(t, args[0], &fd) < 0 || arg_int(t, args[1], &operation) < 0 || posix_audit(t, "fcntl.flock", 2, value_int(fd), args[1]) < 0) return UNDEF;
    RETRY(status, flock(fd, operation));
    return posix_done(t, status);
}
NATIVE(fcntl_lockf) { // fd, cmd, len, start, whence
    int fd, command, status, whence = 0;
    int64_t length = 0, start = 0;
    if (posix_fildes(t, args[0], &fd) < 0 || arg_int(t, args[1], &command) < 0 || (value_bits(args[2]) && arg_index(t, args[2], &length) < 0) ||
        (value_bits(args[3]) && arg_index(t, args[3], &start) < 0) || (value_bits(args[4]) && arg_int(t, args[4], &whence) < 0) ||
        posix_audit(t, "fcntl.lockf", 5, value_int(fd), args[1], args[2], args[3], args[4]) < 0)
        return UNDEF;
    struct flock l = {.l_whence = (short)whence, .l_start = start, .l_len = length};
    if (command == LOCK_UN) l.l_type = F_UNLCK;
    else if (command & LOCK_SH) l.l_type = F_RDLCK;
    else if (command & LOCK_EX) l.l_type = F_WRLCK;
    else return raise(t, VALUE_ERROR, "unrecognized lockf argument");
    RETRY(status, fcntl(fd, command & LOCK_NB ? F_SETLK : F_SETLKW, &l));
    return posix_done(t, status);
}
static const NativeDef functions[] = {
    {"fcntl", fcntl_fcntl, "($module, fd, cmd, arg=0, /)", NULL, 0}, {"ioctl", fcntl_ioctl, "($module, fd, request, arg=0, mutate_flag=True, /)", NULL, 0},
    {"flock", fcntl_flock, "($module, fd, operation, /)", NULL, 0}, {"lockf", fcntl_lockf, "($module, fd, cmd, len=0, start=0, whence=0, /)", NULL, 0}, NATIVE_END};
#define NUMBER(name) {#name, (int64_t)(name)}
static const struct { const char *name; int64_t value; } numbers[] = {
    NUMBER(DN_ACCESS), NUMBER(DN_ATTRIB), NUMBER(DN_CREATE), NUMBER(DN_DELETE), NUMBER(DN_MODIFY), NUMBER(DN_MULTISHOT), NUMBER(DN_RENAME), NUMBER(FASYNC),
    NUMBER(FD_CLOEXEC), NUMBER(FICLONE), NUMBER(FICLONERANGE), NUMBER(F_ADD_SEALS), NUMBER(F_DUPFD), NUMBER(F_DUPFD_CLOEXEC), NUMBER(F_EXLCK), NUMBER(F_GETFD),
    NUMBER(F_GETFL), NUMBER(F_GETLEASE), NUMBER(F_GETLK), NUMBER(F_GETLK64), NUMBER(F_GETOWN), NUMBER(F_GETOWN_EX), NUMBER(F_GETPIPE_SZ), NUMBER(F_GETSIG),
    NUMBER(F_GET_FILE_RW_HINT), NUMBER(F_GET_RW_HINT), NUMBER(F_GET_SEALS), NUMBER(F_NOTIFY), NUMBER(F_OFD_GETLK), NUMBER(F_OFD_SETLK), NUMBER(F_OFD_SETLKW),
    NUMBER(F_OWNER_PGRP), NUMBER(F_OWNER_PID), NUMBER(F_OWNER_TID), NUMBER(F_RDLCK), NUMBER(F_SEAL_FUTURE_WRITE), NUMBER(F_SEAL_GROW), NUMBER(F_SEAL_SEAL),
    NUMBER(F_SEAL_SHRINK), NUMBER(F_SEAL_WRITE), NUMBER(F_SETFD), NUMBER(F_SETFL), NUMBER(F_SETLEASE), NUMBER(F_SETLK), NUMBER(F_SETLK64), NUMBER(F_SETLKW),
    NUMBER(F_SETLKW64), NUMBER(F_SETOWN), NUMBER(F_SETOWN_EX), NUMBER(F_SETPIPE_SZ), NUMBER(F_SETSIG), NUMBER(F_SET_FILE_RW_HINT), NUMBER(F_SET_RW_HINT),
    NUMBER(F_SHLCK), NUMBER(F_UNLCK), NUMBER(F_WRLCK), NUMBER(LOCK_EX), NUMBER(LOCK_MAND), NUMBER(LOCK_NB), NUMBER(LOCK_READ), NUMBER(LOCK_RW), NUMBER(LOCK_SH),
    NUMBER(LOCK_UN), NUMBER(LOCK_WRITE), NUMBER(RWH_WRITE_LIFE_EXTREME), NUMBER(RWH_WRITE_LIFE_LONG), NUMBER(RWH_WRITE_LIFE_MEDIUM), NUMBER(RWH_WRITE_LIFE_NONE),
    NUMBER(RWH_WRITE_LIFE_NOT_SET), NUMBER(RWH_WRITE_LIFE_SHORT)};
static int exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (module_add_int(t, module, numbers[i].name, numbers[i].value) < 0) return -1;
    return 0;
}
const ModuleSpec fcntl_module = {.name = "fcntl", .doc = "Control of descriptors.", .functions = functions, .exec = exec};
