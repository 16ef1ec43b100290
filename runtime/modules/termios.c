// termios: control of terminals.
#include <sys/ioctl.h>
#include <termios.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

typedef struct State { Value error; } State;
static Value termios_error(Thread *t, ValueRef module) {
    if (error_pending(t)) return UNDEF;
    int e = errno;
    Value text = str_from_text(t, strerror(e));
    if (!value_bits(text)) return UNDEF;
    Value exception = call_2(t, ((State *)module_state(module))->error, value_int(e), text);
    value_release(t, text);
    return value_bits(exception) ? raise_object(t, exception) : UNDEF;
}
NATIVE(termios_tcgetattr) {
    int fd, status;
    struct termios m;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = tcgetattr(fd, &m));
    if (status < 0) return termios_error(t, self);
    Value cc = list_new(t, NCCS);
    for (int i = 0; value_bits(cc) && i < NCCS; i++) {
        Value v = !(m.c_lflag & ICANON) && (i == VMIN || i == VTIME) ? value_int(m.c_cc[i]) : bytes_new(t, &m.c_cc[i], 1);
        if (!value_bits(v) || list_append(t, value_list(cc), v) < 0) VALUE_CLEAR(t, cc);
    }
    if (!value_bits(cc)) return UNDEF;
    Value items[7] = {value_int(m.c_iflag), value_int(m.c_oflag), value_int(m.c_cflag), value_int(m.c_lflag), value_int(cfgetispeed(&m)), value_int(cfgetospeed(&m)), cc};
    return list_from_values(t, items, 7);
}
NATIVE(termios_tcsetattr) { // fd, when, attributes
    int fd, when, status;
    struct termios m;
    int64_t n[6];
    if (posix_fildes(t, args[0], &fd) < 0 || arg_int(t, args[1], &when) < 0) return UNDEF;
    if (!value_is_any_list(args[2]) || list_length(value_list(args[2])) != 7) return raise(t, TYPE_ERROR, "tcsetattr, arg 3: must be 7 element list");
    DETACHED(status = tcgetattr(fd, &m));
    if (status < 0) return termios_error(t, self);
    Value items = list_snapshot(t, value_list(args[2]));
    if (!value_bits(items)) return UNDEF;
    Value cc = UNDEF, result = UNDEF;
    if (value_tuple(items)->length != 7) {
        raise(t, TYPE_ERROR, "tcsetattr, arg 3: must be 7 element list");
        goto done;
    }
    for (int i = 0; i < 6; i++)
        if (arg_int64(t, tuple_item(value_tuple(items), i), &n[i]) < 0) goto done;
    ValueRef chars = tuple_item(value_tuple(items), 6);
    if (value_is_any_list(chars)) cc = list_snapshot(t, value_list(chars));
    if (error_pending(t)) goto done;
    if (!value_bits(cc) || value_tuple(cc)->length != NCCS) {
        raise(t, TYPE_ERROR, "tcsetattr: attributes[6] must be %d element list", NCCS);
        goto done;
    }
    m.c_iflag = (tcflag_t)n[0];
    m.c_oflag = (tcflag_t)n[1];
    m.c_cflag = (tcflag_t)n[2];
    m.c_lflag = (tcflag_t)n[3];
    for (int i = 0; i < NCCS; i++) {
        ValueRef v = tuple_item(value_tuple(cc), i);
        int64_t c;
        if (value_is_any_bytes(v) && value_bytes(v)->length == 1) {
            m.c_cc[i] = value_bytes(v)->data[0];
        } else if (value_is_any_int(v)) {
            if (arg_int64(t, v, &c) < 0) goto done;
            m.c_cc[i] = (cc_t)c;
        } else {
            raise(t, TYPE_ERROR, "tcsetattr: elements of attributes must be characters or integers");
            goto done;
        }
    }
    if (cfsetispeed(&m, (speed_t)n[4]) < 0 || cfsetospeed(&m, (speed_t)n[5]) < 0) {
        termios_error(t, self);
        goto done;
    }
    DETACHED(status = tcsetattr(fd, when, &m));
    result = status < 0 ? termios_error(t, self) : NONE;
done:
    value_release(t, cc);
    value_release(t, items);
    return result;
}
#define WITH_NUMBER(name)                                                                                  \
    NATIVE(termios_##name) {                                                                               \
        int fd, n, status;                                                                                 \
        if (posix_fildes(t, args[0], &fd) < 0 || arg_int(t, args[1], &n) < 0) return UNDEF;                \
        DETACHED(status = name(fd, n));                                                                    \
        return status < 0 ? termios_error(t, self) : NONE;                                                 \
    }
WITH_NUMBER(tcsendbreak)
WITH_NUMBER(tcflush)
WITH_NUMBER(tcflow)
NATIVE(termios_tcdrain) {
    int fd, status;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = tcdrain(fd));
    return status < 0 ? termios_error(t, self) : NONE;
}
NATIVE(termios_tcgetwinsize) {
    int fd, status;
    struct winsize w;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    DETACHED(status = ioctl(fd, TIOCGWINSZ, &w));
    return status < 0 ? termios_error(t, self) : tuple_pair(t, value_int(w.ws_row), value_int(w.ws_col));
}
NATIVE(termios_tcsetwinsize) {
    int fd, status;
    struct winsize w;
    int64_t rows, columns;
    if (posix_fildes(t, args[0], &fd) < 0) return UNDEF;
    if (!value_is_any_tuple(args[1]) && !value_is_any_list(args[1])) return raise(t, TYPE_ERROR, "tcsetwinsize, arg 2: must be a two-item sequence");
    Value pair = tuple_from_iterable(t, args[1]);
    if (!value_bits(pair)) return UNDEF;
    bool two = value_tuple(pair)->length == 2;
    if (!two) raise(t, TYPE_ERROR, "tcsetwinsize, arg 2: must be a two-item sequence");
    int bad = !two || arg_int64(t, tuple_item(value_tuple(pair), 0), &rows) < 0 || arg_int64(t, tuple_item(value_tuple(pair), 1), &columns) < 0;
    value_release(t, pair);
    if (bad) return UNDEF;
    DETACHED(status = ioctl(fd, TIOCGWINSZ, &w));
    if (status < 0) return termios_error(t, self);
    w.ws_row = (unsigned short)rows;
    w.ws_col = (unsigned short)columns;
    if (w.ws_row != rows || w.ws_col != columns) return raise(t, OVERFLOW_ERROR, "winsize value(s) out of range.");
    DETACHED(status = ioctl(fd, TIOCSWINSZ, &w));
    return status < 0 ? termios_error(t, self) : NONE;
}
static const NativeDef functions[] = {
    {"tcgetattr", termios_tcgetattr, "($module, fd, /)", "The terminal's settings: a list.", 0},
    {"tcsetattr", termios_tcsetattr, "($module, fd, when, attributes, /)", "Sets them.", 0}, {"tcsendbreak", termios_tcsendbreak, "($module, fd, duration, /)", NULL, 0},
    {"tcdrain", termios_tcdrain, "($module, fd, /)", NULL, 0}, {"tcflush", termios_tcflush, "($module, fd, queue, /)", NULL, 0},
    {"tcflow", termios_tcflow, "($module, fd, action, /)", NULL, 0}, {"tcgetwinsize", termios_tcgetwinsize, "($module, fd, /)", NULL, 0},
    {"tcsetwinsize", termios_tcsetwinsize, "($module, fd, winsize, /)", NULL, 0}, NATIVE_END};
static const struct { const char *name; int64_t value; } constants[] = {
#include "runtime/modules/termios_names.def"
};
static int exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (module_add_int(t, module, constants[i].name, constants[i].value) < 0) return -1;
    Value base = value_of(EXCEPTION(EXCEPTION)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), name = str_intern_text(t, "error"), type = UNDEF;
    Value own = str_intern_text(t, "termios");
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    value_release(t, own);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), &((State *)module_state(module))->error, value_dup(t, type));
    return module_add(t, module, "error", type);
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->error, arg); }
const ModuleSpec termios_module = {
    .name = "termios", .doc = "Terminals.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
