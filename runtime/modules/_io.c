// _io: open() and its kin; the streams stand in io_*.c.
#include <stdlib.h>
#include "runtime/module.h"
#include "runtime/modules/io.h"
#include "runtime/objects/dict.h"

static Value keep(Thread *t, ValueRef v) { return value_bits(v) ? value_dup(t, v) : NONE; }

// The mode's letters as FileIO takes them; what is wrong with them is raised.
typedef struct Mode { bool create, read, write, append, update, text, binary; char raw[6]; } Mode;
static int parse_mode(Thread *t, ValueRef v, Mode *m) {
    *m = (Mode){0};
    Str *s = value_str(v);
    size_t n = str_length(s);
    for (size_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        bool *flag = c == 'x' ? &m->create : c == 'r' ? &m->read : c == 'w' ? &m->write : c == 'a' ? &m->append : c == '+' ? &m->update
            : c == 't' ? &m->text : c == 'b' ? &m->binary : NULL;
        if (!flag || *flag) return raise_int(t, VALUE_ERROR, "invalid mode: '%S'", v);
        *flag = true;
    }
    char *p = m->raw;
    if (m->create) *p++ = 'x';
    if (m->read) *p++ = 'r';
    if (m->write) *p++ = 'w';
    if (m->append) *p++ = 'a';
    if (m->update) *p++ = '+';
    *p = 0;
    if (m->text && m->binary) return raise_int(t, VALUE_ERROR, "can't have text and binary mode at once");
    if (m->create + m->read + m->write + m->append > 1) return raise_int(t, VALUE_ERROR, "must have exactly one of create/read/write/append mode");
    return 0;
}

static Value open_stream(Thread *t, ValueRef file, ValueRef mode, int64_t buffering, ValueRef encoding, ValueRef errors, ValueRef newline, bool closefd, ValueRef opener) {
    Mode m;
    Value path = value_is_any_int(file) ? value_dup(t, file) : UNDEF, raw = UNDEF, buffer = UNDEF, text = UNDEF, failed = UNDEF;
    if (!value_bits(path)) {
        // __fspath__ is asked once; FileIO gets what it gave.
        if (value_is_any_str(file) || value_is_any_bytes(file) || value_is_bool(file)) {
            path = value_dup(t, file);
        } else {
            Value method = lookup_special(t, file, NAME(__fspath__));
            if (!value_bits(method)) return error_pending(t) ? UNDEF : raise(t, TYPE_ERROR, "expected str, bytes or os.PathLike object, not %T", file);
            path = call_0(t, method);
            value_release(t, method);
            if (value_bits(path) && !value_is_any_str(path) && !value_is_any_bytes(path)) {
                raise(t, TYPE_ERROR, "expected %T.__fspath__() to return str or bytes, not %T", file, path);
                VALUE_CLEAR(t, path);
            }
            if (!value_bits(path)) return UNDEF;
        }
    }
    if (parse_mode(t, mode, &m) < 0) goto done;
    if (m.binary && !is_none(encoding)) {
        raise(t, VALUE_ERROR, "binary mode doesn't take an encoding argument");
        goto done;
    }
    if (m.binary && !is_none(errors)) {
        raise(t, VALUE_ERROR, "binary mode doesn't take an errors argument");
        goto done;
    }
    if (m.binary && !is_none(newline)) {
        raise(t, VALUE_ERROR, "binary mode doesn't take a newline argument");
        goto done;
    }
    if (m.binary && buffering == 1 &&
        warn(t, E_RUNTIME_WARNING, 1, "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used") < 0)
        goto done;
    raw = io_file_open(t, path, m.raw, closefd, opener);
    if (!value_bits(raw)) goto done;
    bool terminal = false, line_buffering = false;
    if (buffering < 0) {
        Value answer = call_method_0(t, raw, NAME(_isatty_open_only));
        int yes = io_truth(t, answer);
        if (yes < 0) goto done;
        terminal = yes;
    }
    if (buffering == 1 || terminal) {
        buffering = -1;
        line_buffering = true;
    }
    if (buffering < 0) {
        buffering = io_file(raw)->block_size;
        if (buffering > 8192 * 1024) buffering = 8192 * 1024;
        if (buffering < IO_BUFFER_SIZE) buffering = IO_BUFFER_SIZE;
    }
    if (buffering == 0) {
        if (!m.binary) raise(t, VALUE_ERROR, "can't have unbuffered text I/O");
        else text = value_dup(t, raw);
        goto done;
    }
    Type *type = m.update ? TYPE_OF(IO_BUFFERED_RANDOM) : m.create || m.write || m.append ? TYPE_OF(IO_BUFFERED_WRITER)
        : m.read ? TYPE_OF(IO_BUFFERED_READER) : NULL;
    if (!type) {
        raise(t, VALUE_ERROR, "unknown mode: '%S'", mode);
        goto done;
    }
    buffer = io_buffered_open(t, type, raw, buffering);
    if (!value_bits(buffer)) goto done;
    if (m.binary) {
        text = value_dup(t, buffer);
        goto done;
    }
    text = io_text_open(t, buffer, encoding, errors, newline, line_buffering);
    if (value_bits(text) && object_setattr(t, text, NAME(mode), mode) < 0) {
        failed = text;
        text = UNDEF;
    }
done:
    if (!value_bits(text)) { // closes what was opened, and keeps the first error
        Value outer = value_bits(failed) ? failed : value_bits(buffer) ? buffer : raw;
        if (value_bits(outer)) {
            Value pending = error_take(t), closed = call_method_0(t, outer, NAME(close));
            if (value_bits(closed)) {
                value_release(t, closed);
                error_restore(t, pending);
            } else {
                io_chain(t, pending);
            }
        }
    }
    value_release(t, failed);
    value_release(t, path);
    value_release(t, raw);
    value_release(t, buffer);
    return text;
}

NATIVE(io_open) { // file, mode, buffering, encoding, errors, newline, closefd, opener
    static const char *const names[] = {"", "mode", "", "encoding", "errors", "newline"};
    int buffering = -1;
    bool closefd = true;
    ValueRef mode = args[1];
    Value default_mode = UNDEF;
    for (int i = 3; i < 6; i++)
        if (!not_given(args[i]) && !value_is_any_str(args[i])) return raise(t, TYPE_ERROR, "open() argument '%s' must be str or None, not %T", names[i], args[i]);
    if (value_bits(mode) && !value_is_any_str(mode)) return raise(t, TYPE_ERROR, "open() argument 'mode' must be str, not %K", mode);
    if (value_bits(args[2]) && arg_int(t, args[2], &buffering) < 0) return UNDEF;
    if (value_bits(args[6]) && arg_bool(t, args[6], &closefd) < 0) return UNDEF;
    if (!value_bits(mode)) {
        default_mode = str_from_char(t, 'r');
        if (!value_bits(default_mode)) return UNDEF;
        mode = default_mode;
    }
    ValueRef none = NONE;
    Value v = open_stream(t, args[0], mode, buffering, value_bits(args[3]) ? args[3] : none, value_bits(args[4]) ? args[4] : none,
                          value_bits(args[5]) ? args[5] : none, closefd, value_bits(args[7]) ? args[7] : none);
    value_release(t, default_mode);
    return v;
}
NATIVE(io_open_code) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "open_code() argument 'path' must be str, not %K", args[0]);
    Value mode = str_from_text(t, "rb");
    if (!value_bits(mode)) return UNDEF;
    Value v = open_stream(t, args[0], mode, -1, NONE, NONE, NONE, true, NONE);
    value_release(t, mode);
    return v;
}
NATIVE(text_encoding) {
    int level = 2;
    if (value_bits(args[1]) && arg_int(t, args[1], &level) < 0) return UNDEF;
    return io_text_encoding(t, args[0], level);
}

static const NativeDef functions[] = {
    {"open", io_open, "($module, /, file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
     "Opens a file; the stream for it.", 0},
    {"open_code", io_open_code, "($module, /, path)", "Opens a file of code.", 0},
    {"text_encoding", text_encoding, "($module, encoding, stacklevel=2, /)", "The encoding that a text file without one gets.", 0},
    NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    static const int types[] = {T_IO_BASE, T_IO_RAW_BASE, T_IO_BUFFERED_BASE, T_IO_TEXT_BASE, T_IO_FILE, T_IO_BUFFERED_READER, T_IO_BUFFERED_WRITER,
                                T_IO_BUFFERED_RANDOM, T_IO_BUFFERED_PAIR, T_IO_BYTES, T_IO_BYTES_BUFFER, T_IO_STRING, T_IO_NEWLINE_DECODER, T_IO_TEXT};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (module_add_type(t, module, &builtin_types[types[i]]) < 0) return -1;
    if (module_add_int(t, module, "DEFAULT_BUFFER_SIZE", IO_BUFFER_SIZE) < 0) return -1;
    if (module_add(t, module, "BlockingIOError", keep(t, value_of(EXCEPTION(BLOCKING_IO_ERROR)))) < 0) return -1;
    Value bases = tuple_pair(t, keep(t, value_of(EXCEPTION(OS_ERROR))), keep(t, value_of(EXCEPTION(VALUE_ERROR))));
    Value namespace = dict_new(t), name = str_intern_text(t, "UnsupportedOperation"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && dict_set(t, value_dict(namespace), NAME(__module__), NAME(io)) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    return module_add(t, module, "UnsupportedOperation", type);
}
const ModuleSpec _io_module = {.name = "_io", .doc = "Streams.", .functions = functions, .exec = exec};
