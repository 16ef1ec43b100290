// posix: path and descriptor arguments, errors.
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"
#include "runtime/support/codec.h"

Value posix_error(Thread *t) { return error_pending(t) ? UNDEF : raise_os_error(t, errno, UNDEF); }
Value posix_error_path(Thread *t, ValueRef path) {
    if (error_pending(t)) return UNDEF;
    return raise_os_error(t, errno, is_none(path) ? (ValueRef)UNDEF : path);
}
Value posix_error_paths(Thread *t, ValueRef path, ValueRef path2) {
    if (error_pending(t)) return UNDEF;
    int e = errno;
    Value text = str_from_text(t, strerror(e));
    if (!value_bits(text)) return UNDEF;
    ValueRef args[5] = {value_int(e), text, path, NONE, path2};
    Value exception = call_object(t, value_of(EXCEPTION(OS_ERROR)), args, 5, NULL);
    value_release(t, text);
    return value_bits(exception) ? raise_object(t, exception) : UNDEF;
}

static const char *allowed_text(int allowed) {
    switch (allowed) {
    case PATH_FD | PATH_NONE: return "string, bytes, os.PathLike, integer or None";
    case PATH_FD: return "string, bytes, os.PathLike or integer";
    case PATH_NONE: return "string, bytes, os.PathLike or None";
    default: return "string, bytes or os.PathLike";
    }
}
int posix_path(Thread *t, PosixPath *p, const char *function, const char *argument, ValueRef v, int allowed) {
    *p = (PosixPath){.fd = -1, .given = value_bits(v) ? v : (ValueRef)NONE};
    if (not_given(v) && (allowed & PATH_NONE)) {
        p->path = ".";
        return 0;
    }
    if ((allowed & PATH_FD) && value_has_index(v)) {
        int64_t fd;
        if (value_is_bool(v) && warn(t, E_RUNTIME_WARNING, 1, "bool is used as a file descriptor") < 0) return -1;
        if (arg_index_clipped(t, v, &fd) < 0) return -1;
        if (fd > INT32_MAX) return raise_int(t, OVERFLOW_ERROR, "fd is greater than maximum");
        if (fd < INT32_MIN) return raise_int(t, OVERFLOW_ERROR, "fd is less than minimum");
        p->fd = (int)fd;
        return 0;
    }
    if (!value_is_any_str(v) && !value_is_any_bytes(v)) {
        Value method = lookup_special(t, v, NAME(__fspath__));
        if (!value_bits(method) || is_none(method)) {
            if (error_pending(t)) return -1;
            return raise_int(t, TYPE_ERROR, "%s: %s should be %s, not %T", function, argument, allowed_text(allowed), v);
        }
        p->owned = call_0(t, method);
        value_release(t, method);
        if (!value_bits(p->owned)) return -1;
        if (!value_is_any_str(p->owned) && !value_is_any_bytes(p->owned))
            return raise_int(t, TYPE_ERROR, "expected %T.__fspath__() to return str or bytes, not %T", v, p->owned);
        v = p->owned;
    }
    p->is_bytes = value_is_any_bytes(v);
    bool nul = p->is_bytes && memchr(value_bytes(v)->data, 0, value_bytes(v)->length);
    if (value_is_any_str(v))
        for (size_t i = 0, n = str_length(value_str(v)); i < n && !nul; i++) nul = str_char(value_str(v), i) == 0;
    if (nul) return raise_int(t, VALUE_ERROR, "%s: embedded null character in %s", function, argument);
    p->path = str_fs_path(t, v, &p->allocated);
    return p->path ? 0 : -1;
}
void posix_path_close(Thread *t, PosixPath *p) {
    free(p->allocated);
    value_release(t, p->owned);
    p->allocated = NULL;
    p->owned = UNDEF;
}
int posix_dir_fd(Thread *t, ValueRef v, int *out) {
    *out = AT_FDCWD;
    if (not_given(v)) return 0;
    int64_t fd;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "argument should be integer or None, not %T", v);
    if (value_is_bool(v) && warn(t, E_RUNTIME_WARNING, 1, "bool is used as a file descriptor") < 0) return -1;
    if (arg_index_clipped(t, v, &fd) < 0) return -1;
    if (fd > INT32_MAX) return raise_int(t, OVERFLOW_ERROR, "fd is greater than maximum");
    if (fd < INT32_MIN) return raise_int(t, OVERFLOW_ERROR, "fd is less than minimum");
    *out = (int)fd;
    return 0;
}
int posix_fd(Thread *t, ValueRef v, int *out) { return arg_int(t, v, out); }
int posix_fildes(Thread *t, ValueRef v, int *out) {
    if (value_is_bool(v)) {
        if (warn(t, E_RUNTIME_WARNING, 1, "bool is used as a file descriptor") < 0) return -1;
        *out = value_bits(v) == value_bits(TRUE_VALUE);
        return 0;
    }
    if (value_is_any_int(v)) {
        if (arg_int(t, v, out) < 0) return -1;
    } else {
        Value method = object_getattr_or_undef(t, v, NAME(fileno));
        if (!value_bits(method)) return error_pending(t) ? -1 : raise_int(t, TYPE_ERROR, "argument must be an int, or have a fileno() method.");
        Value fd = call_0(t, method);
        value_release(t, method);
        if (!value_bits(fd)) return -1;
        int status = value_is_any_int(fd) ? arg_int(t, fd, out) : raise_int(t, TYPE_ERROR, "fileno() returned a non-integer");
        value_release(t, fd);
        if (status < 0) return -1;
    }
    return *out < 0 ? raise_int(t, VALUE_ERROR, "file descriptor cannot be a negative integer (%d)", *out) : 0;
}
int posix_flag(Thread *t, ValueRef v, bool *out) { return value_bits(v) ? arg_bool(t, v, out) : 0; }
int posix_uid(Thread *t, ValueRef v, const char *what, uint32_t *out) {
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "%s should be integer, not %T", what, v);
    int64_t n;
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n < -1 || (n >= UINT32_MAX && n < INT64_MAX)) return raise_int(t, OVERFLOW_ERROR, "%s is less than minimum", what); // sic
    if (n >= UINT32_MAX) return raise_int(t, OVERFLOW_ERROR, "%s is greater than maximum", what);
    *out = (uint32_t)n;
    return 0;
}

Value posix_fs_decode(Thread *t, const char *bytes, size_t n) {
    if (codec_ascii_prefix((const uint8_t *)bytes, n) == n) return str_from_ascii(t, bytes, n);
    Decoder d = codec_decoder(CODEC_UTF_8);
    TextBuffer out = {0};
    CodecError error;
    size_t position = 0;
    CodecStatus status;
    while ((status = codec_decode(&d, (const uint8_t *)bytes, n, true, &position, &out, &error)) == CODEC_ERROR) {
        for (size_t i = error.start; i < error.end; i++) textbuffer_put(&out, 0xdc00u + (uint8_t)bytes[i]);
        position = error.end;
    }
    if (status == CODEC_NO_MEMORY || out.failed) {
        textbuffer_free(&out);
        return raise_no_memory(t);
    }
    return str_from_buffer(t, &out);
}
Value posix_name(Thread *t, const char *text, bool as_bytes) { return as_bytes ? bytes_new(t, text, strlen(text)) : posix_fs_text(t, text); }

int posix_audit(Thread *t, const char *event, int n, ...) {
    if (!sys_audit_enabled(t)) return 0;
    Tuple *args = tuple_alloc(t, n);
    if (!args) return -1;
    va_list ap;
    va_start(ap, n);
    for (int i = 0; i < n; i++) {
        ValueRef v = va_arg(ap, ValueRef);
        slot_init(&args->items[i], value_bits(v) ? value_dup(t, v) : NONE);
    }
    va_end(ap);
    return sys_audit(t, event, value_of(args));
}

// ---- arrays of strings

void posix_strings_free(PosixStrings *s) {
    for (size_t i = 0; i < s->n; i++) free(s->items[i]);
    free(s->items);
    *s = (PosixStrings){0};
}
// A copy of the bytes of a str, bytes or path.
static char *fs_copy(Thread *t, ValueRef v) {
    char *allocated = NULL, *copy = NULL;
    const char *text = str_fs_path(t, v, &allocated);
    if (!text) return NULL;
    if (allocated) return allocated;
    if (!(copy = strdup(text))) raise_no_memory(t);
    return copy;
}
int posix_argv(Thread *t, ValueRef sequence, PosixStrings *out) {
    *out = (PosixStrings){0};
    Value items = tuple_from_iterable(t, sequence);
    if (!value_bits(items)) return -1;
    int64_t n = value_tuple(items)->length;
    int status = -1;
    if (!(out->items = calloc((size_t)n + 1, sizeof *out->items))) {
        raise_no_memory(t);
        goto done;
    }
    for (int64_t i = 0; i < n; i++, out->n++)
        if (!(out->items[i] = fs_copy(t, tuple_item(value_tuple(items), i)))) {
            posix_strings_free(out);
            goto done;
        }
    status = 0;
done:
    value_release(t, items);
    return status;
}
int posix_environment(Thread *t, ValueRef mapping, PosixStrings *out) {
    *out = (PosixStrings){0};
    Value keys = call_method_0(t, mapping, NAME(keys)), values = value_bits(keys) ? call_method_0(t, mapping, NAME(values)) : UNDEF;
    Value ks = value_bits(values) ? list_from_iterable(t, keys) : UNDEF, vs = value_bits(ks) ? list_from_iterable(t, values) : UNDEF;
    int status = -1;
    value_release(t, keys);
    value_release(t, values);
    if (!value_bits(vs)) goto done;
    int64_t n = list_length(value_list(ks));
    if (list_length(value_list(vs)) < n) n = list_length(value_list(vs));
    if (!(out->items = calloc((size_t)n + 1, sizeof *out->items))) {
        raise_no_memory(t);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        Value k = list_get(t, value_list(ks), i), v = list_get(t, value_list(vs), i);
        char *key = fs_copy(t, k), *value = key ? fs_copy(t, v) : NULL, *both = NULL;
        value_release(t, k);
        value_release(t, v);
        if (value) {
            // Windows-like names begin with '='; here a '=' later than that ends the name too early.
            if (!key[0] || strchr(key + 1, '=')) raise(t, VALUE_ERROR, "illegal environment variable name");
            else if (asprintf(&both, "%s=%s", key, value) < 0) both = (raise_no_memory(t), NULL);
        }
        free(key);
        free(value);
        if (!both) {
            posix_strings_free(out);
            goto done;
        }
        out->items[out->n++] = both;
    }
    status = 0;
done:
    value_release(t, ks);
    value_release(t, vs);
    return status;
}
