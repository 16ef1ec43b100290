// errno: the system's error numbers by name.
#include <errno.h>
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"

typedef struct ErrorRow { const char *name; int code; } ErrorRow;
// Where two names share a number, the later row names it in errorcode.
#define ROW(name) {#name, name},
static const ErrorRow rows[] = {
    ROW(EDEADLK) ROW(EOPNOTSUPP) ROW(EWOULDBLOCK) ROW(E2BIG) ROW(EACCES) ROW(EADDRINUSE) ROW(EADDRNOTAVAIL) ROW(EADV) ROW(EAFNOSUPPORT) ROW(EAGAIN)
    ROW(EALREADY) ROW(EBADE) ROW(EBADF) ROW(EBADFD) ROW(EBADMSG) ROW(EBADR) ROW(EBADRQC) ROW(EBADSLT) ROW(EBFONT) ROW(EBUSY) ROW(ECANCELED)
    ROW(ECHILD) ROW(ECHRNG) ROW(ECOMM) ROW(ECONNABORTED) ROW(ECONNREFUSED) ROW(ECONNRESET) ROW(EDEADLOCK) ROW(EDESTADDRREQ) ROW(EDOM) ROW(EDOTDOT)
    ROW(EDQUOT) ROW(EEXIST) ROW(EFAULT) ROW(EFBIG) ROW(EHOSTDOWN) ROW(EHOSTUNREACH) ROW(EHWPOISON) ROW(EIDRM) ROW(EILSEQ) ROW(EINPROGRESS) ROW(EINTR)
    ROW(EINVAL) ROW(EIO) ROW(EISCONN) ROW(EISDIR) ROW(EISNAM) ROW(EKEYEXPIRED) ROW(EKEYREJECTED) ROW(EKEYREVOKED) ROW(EL2HLT) ROW(EL2NSYNC)
    ROW(EL3HLT) ROW(EL3RST) ROW(ELIBACC) ROW(ELIBBAD) ROW(ELIBEXEC) ROW(ELIBMAX) ROW(ELIBSCN) ROW(ELNRNG) ROW(ELOOP) ROW(EMEDIUMTYPE) ROW(EMFILE)
    ROW(EMLINK) ROW(EMSGSIZE) ROW(EMULTIHOP) ROW(ENAMETOOLONG) ROW(ENAVAIL) ROW(ENETDOWN) ROW(ENETRESET) ROW(ENETUNREACH) ROW(ENFILE) ROW(ENOANO)
    ROW(ENOBUFS) ROW(ENOCSI) ROW(ENODATA) ROW(ENODEV) ROW(ENOENT) ROW(ENOEXEC) ROW(ENOKEY) ROW(ENOLCK) ROW(ENOLINK) ROW(ENOMEDIUM) ROW(ENOMEM)
    ROW(ENOMSG) ROW(ENONET) ROW(ENOPKG) ROW(ENOPROTOOPT) ROW(ENOSPC) ROW(ENOSR) ROW(ENOSTR) ROW(ENOSYS) ROW(ENOTBLK) ROW(ENOTCONN) ROW(ENOTDIR)
    ROW(ENOTEMPTY) ROW(ENOTNAM) ROW(ENOTRECOVERABLE) ROW(ENOTSOCK) ROW(ENOTSUP) ROW(ENOTTY) ROW(ENOTUNIQ) ROW(ENXIO) ROW(EOVERFLOW) ROW(EOWNERDEAD)
    ROW(EPERM) ROW(EPFNOSUPPORT) ROW(EPIPE) ROW(EPROTO) ROW(EPROTONOSUPPORT) ROW(EPROTOTYPE) ROW(ERANGE) ROW(EREMCHG) ROW(EREMOTE) ROW(EREMOTEIO)
    ROW(ERESTART) ROW(ERFKILL) ROW(EROFS) ROW(ESHUTDOWN) ROW(ESOCKTNOSUPPORT) ROW(ESPIPE) ROW(ESRCH) ROW(ESRMNT) ROW(ESTALE) ROW(ESTRPIPE) ROW(ETIME)
    ROW(ETIMEDOUT) ROW(ETOOMANYREFS) ROW(ETXTBSY) ROW(EUCLEAN) ROW(EUNATCH) ROW(EUSERS) ROW(EXDEV) ROW(EXFULL)
};

static int exec(Thread *t, ValueRef module) {
    Value codes = dict_new(t);
    if (!value_bits(codes)) return -1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Value name = str_intern_text(t, rows[i].name);
        int bad = !value_bits(name) || dict_set(t, value_dict(codes), value_int(rows[i].code), name) < 0 || module_add_int(t, module, rows[i].name, rows[i].code) < 0;
        value_release(t, name);
        if (bad) {
            value_release(t, codes);
            return -1;
        }
    }
    return module_add(t, module, "errorcode", codes);
}
const ModuleSpec errno_module = {.name = "errno", .doc = "The system's error numbers.", .exec = exec};
