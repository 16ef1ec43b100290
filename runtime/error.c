// Raising, taking and reporting exceptions from native code (error.h), and building text by its directives.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

// ---- text by directives

// The name that messages show for a type: with its module for native types outside of builtins, bare for classes.
static int put_type_name(StrBuilder *b, Type *type) {
    if ((type->flags & TYPE_IMMUTABLE || !(type->flags & TYPE_HEAP)) && type->spec) {
        str_builder_text(b, type->spec->name, strlen(type->spec->name));
        return 0;
    }
    ValueRef name = slot_borrow(&type->name);
    if (value_bits(name)) str_builder_str(b, value_str(name));
    return 0;
}

// module.qualname, the module left out where it is builtins or __main__.
static int put_qualified_type_name(Thread *t, StrBuilder *b, Type *type) {
    if (!(type->flags & TYPE_HEAP)) return put_type_name(b, type);
    Value module = object_getattr_or_undef(t, value_of(type), NAME(__module__));
    if (!value_bits(module) && error_pending(t)) return -1;
    if (value_bits(module) && value_is_any_str(module) && !str_equal_text(value_str(module), "builtins") && !str_equal_text(value_str(module), "__main__")) {
        str_builder_str(b, value_str(module));
        str_builder_char(b, '.');
    }
    value_release(t, module);
    ValueRef qualname = slot_borrow(&type->qualname);
    if (!value_bits(qualname)) return put_type_name(b, type);
    str_builder_str(b, value_str(qualname));
    return 0;
}

// UTF-8 from C: at most `limit` bytes, cut at a character.
static int put_text(Thread *t, StrBuilder *b, const char *s, size_t limit) {
    if (!s) s = "(null)";
    size_t n = strnlen(s, limit);
    bool ascii = true;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] >= 0x80) ascii = false;
    if (ascii) {
        str_builder_text(b, s, n);
        return 0;
    }
    while (n && n == limit && ((unsigned char)s[n] & 0xc0) == 0x80) n--;
    Value text = str_from_utf8_surrogates(t, s, n);
    if (!value_bits(text)) { // not UTF-8 at all: byte by byte
        error_clear(t);
        for (size_t i = 0; i < n; i++) str_builder_char(b, (unsigned char)s[i]);
        return 0;
    }
    str_builder_str(b, value_str(text));
    value_release(t, text);
    return 0;
}

static int put_value(Thread *t, StrBuilder *b, ValueRef v, UnaryFn text_of, size_t limit) {
    if (!value_bits(v)) {
        str_builder_text(b, "<NULL>", 6);
        return 0;
    }
    Value text = text_of(t, v);
    if (!value_bits(text)) return -1;
    Str *s = value_str(text);
    if (str_length(s) <= limit)
        str_builder_str(b, s);
    else
        str_builder_slice(b, s, 0, limit);
    value_release(t, text);
    return 0;
}

// One directive, after its '%'. Returns the character behind it, or NULL with an exception.
static const char *put_directive(Thread *t, StrBuilder *b, const char *f, va_list *ap) {
    char spec[32], out[400];
    size_t n = 0, limit = SIZE_MAX;
    int longs = 0;
    bool size = false;
    spec[n++] = '%';
    while (n < 20 && strchr("-+ #0123456789", *f) && *f) spec[n++] = *f++;
    if (*f == '.') {
        spec[n++] = *f++;
        limit = 0;
        if (*f == '*') {
            int given = va_arg(*ap, int);
            limit = given < 0 ? SIZE_MAX : (size_t)given;
            n += (size_t)snprintf(spec + n, 8, "%d", given < 0 || given > 300 ? 300 : given);
            f++;
        } else
            while (n < 24 && *f >= '0' && *f <= '9') {
                limit = limit * 10 + (size_t)(*f - '0');
                spec[n++] = *f++;
            }
    }
    for (; *f == 'l' || *f == 'z'; f++) *f == 'l' ? (void)longs++ : (void)(size = true);
    switch (*f) {
    case '%': str_builder_char(b, '%'); return f + 1;
    case 'c': str_builder_char(b, (uint32_t)va_arg(*ap, int)); return f + 1;
    case 's': return put_text(t, b, va_arg(*ap, const char *), limit) < 0 ? NULL : f + 1;
    case 'R': return put_value(t, b, va_arg(*ap, ValueRef), object_repr, limit) < 0 ? NULL : f + 1;
    case 'S': return put_value(t, b, va_arg(*ap, ValueRef), object_str, limit) < 0 ? NULL : f + 1;
    case 'A': return put_value(t, b, va_arg(*ap, ValueRef), object_ascii, limit) < 0 ? NULL : f + 1;
    case 'T': return put_type_name(b, value_type(va_arg(*ap, ValueRef))) < 0 ? NULL : f + 1;
    case 'K': {
        ValueRef v = va_arg(*ap, ValueRef);
        if (value_bits(v) != value_bits(NONE)) return put_type_name(b, value_type(v)) < 0 ? NULL : f + 1;
        return put_text(t, b, "None", SIZE_MAX) < 0 ? NULL : f + 1;
    }
    case 'N': return put_type_name(b, va_arg(*ap, Type *)) < 0 ? NULL : f + 1;
    case 'Q': return put_qualified_type_name(t, b, va_arg(*ap, Type *)) < 0 ? NULL : f + 1;
    case 'U': {
        Str *s = va_arg(*ap, Str *);
        size_t length = s ? str_length(s) : 0;
        if (s) str_builder_slice(b, s, 0, length < limit ? length : limit);
        return f + 1;
    }
    case 'g': case 'f': case 'e': {
        spec[n++] = *f;
        spec[n] = 0;
        int wrote = snprintf(out, sizeof out, spec, va_arg(*ap, double));
        str_builder_text(b, out, (size_t)wrote < sizeof out ? (size_t)wrote : sizeof out - 1);
        return f + 1;
    }
    case 'p': {
        int wrote = snprintf(out, sizeof out, "0x%lx", (unsigned long)va_arg(*ap, void *));
        str_builder_text(b, out, (size_t)wrote);
        return f + 1;
    }
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': {
        long long v;
        bool is_signed = *f == 'd' || *f == 'i';
        if (longs >= 1 || size)
            v = va_arg(*ap, long long);
        else
            v = is_signed ? va_arg(*ap, int) : (long long)va_arg(*ap, unsigned);
        spec[n++] = 'l';
        spec[n++] = 'l';
        spec[n++] = *f;
        spec[n] = 0;
        int wrote = snprintf(out, sizeof out, spec, v);
        str_builder_text(b, out, (size_t)wrote < sizeof out ? (size_t)wrote : sizeof out - 1);
        return f + 1;
    }
    default: // a defect of the caller: shown as it is
        str_builder_char(b, '%');
        return f;
    }
}

Value str_of_vformat(Thread *t, const char *format, __builtin_va_list *ap) {
    StrBuilder b;
    str_builder_init(&b, t);
    for (const char *f = format; *f;) {
        const char *percent = strchr(f, '%');
        size_t n = percent ? (size_t)(percent - f) : strlen(f);
        if (n) put_text(t, &b, f, n);
        if (!percent) break;
        f = put_directive(t, &b, percent + 1, ap);
        if (!f) {
            str_builder_abandon(&b);
            return UNDEF;
        }
    }
    return str_builder_finish(&b);
}

Value str_of_format(Thread *t, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    Value s = str_of_vformat(t, format, &ap);
    va_end(ap);
    return s;
}

// ---- raising

// The exception being handled (what sys.exception() answers): borrowed, UNDEF where there is none.
ValueRef error_handled(Thread *t) {
    for (ExcState *s = t->exc_state; s; s = s->outer)
        if (value_is_pointer(s->handled)) return s->handled;
    return UNDEF;
}

// Puts `exception` on the thread, in place of what was pending.
static void set_raised(Thread *t, Value exception_steal) {
    Value old = t->raised;
    t->raised = exception_steal;
    if (value_bits(old)) value_release(t, old);
}

// `handled` becomes the exception's context, and what would close a ring of contexts is cut.
static void chain_context(Thread *t, ValueRef exception, ValueRef handled) {
    if (value_bits(handled) == value_bits(exception)) return;
    BaseException *e = value_exception(exception);
    ValueRef at = handled, slow = handled;
    for (bool step = false;; step = !step) {
        BaseException *here = value_exception(at);
        ValueRef next = slot_borrow(&here->context);
        if (!value_bits(next)) break;
        if (value_bits(next) == value_bits(exception)) {
            slot_store(t, here, &here->context, UNDEF);
            break;
        }
        at = next;
        if (step) slow = slot_borrow(&value_exception(slow)->context);
        if (value_bits(at) == value_bits(slow)) break; // a ring without us: someone built it by hand
    }
    slot_store(t, e, &e->context, value_dup(t, handled));
}

Value raise_object(Thread *t, Value exception_steal) {
    ValueRef handled = error_handled(t);
    if (value_bits(handled)) chain_context(t, exception_steal, handled);
    set_raised(t, exception_steal);
    return UNDEF;
}

Value raise_no_memory(Thread *t) {
    Value e = value_dup(t, t->interp->no_memory);
    if (!value_bits(e)) check_fail("out of memory before the preallocated MemoryError was made");
    set_raised(t, e);
    return UNDEF;
}

Value raise_with_value(Thread *t, enum ExceptionId id, Value argument_steal) {
    Value e = exception_new(t, &exception_types[id], argument_steal);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

static void raise_vformat(Thread *t, enum ExceptionId id, const char *format, va_list *ap) {
    Value message = str_of_vformat(t, format, ap);
    if (value_bits(message)) raise_with_value(t, id, message);
}

Value raise_error(Thread *t, enum ExceptionId id, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    raise_vformat(t, id, format, &ap);
    va_end(ap);
    return UNDEF;
}

int raise_error_int(Thread *t, enum ExceptionId id, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    raise_vformat(t, id, format, &ap);
    va_end(ap);
    return -1;
}

void *raise_error_null(Thread *t, enum ExceptionId id, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    raise_vformat(t, id, format, &ap);
    va_end(ap);
    return NULL;
}

Value raise_os_error(Thread *t, int errno_value, ValueRef filename_or_undef) {
    char buffer[256];
    const char *text = strerror_r(errno_value, buffer, sizeof buffer); // the GNU form: returns the text
    Value message = str_from_text(t, text);
    if (!value_bits(message)) return UNDEF;
    ValueRef args[3] = {value_int(errno_value), message, filename_or_undef};
    Value e = call_object(t, value_of(EXCEPTION(OS_ERROR)), args, value_bits(filename_or_undef) ? 3 : 2, NULL);
    value_release(t, message);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

Value raise_stop_iteration(Thread *t, Value value_steal) {
    if (value_bits(value_steal) == value_bits(NONE)) value_steal = UNDEF;
    return raise_with_value(t, E_STOP_ITERATION, value_steal);
}

// ---- looking at what is pending

bool error_matches(Thread *t, Type *type) { return value_bits(t->raised) && value_is_instance(t->raised, type); }

Value error_take(Thread *t) {
    Value e = t->raised;
    t->raised = UNDEF;
    return e;
}

void error_restore(Thread *t, Value exception_steal) { set_raised(t, exception_steal); }

void error_clear(Thread *t) { value_release(t, error_take(t)); }

// ---- reports that cannot be raised

// What the default hook prints, on file descriptor 2 or sys.stderr.
static void print_unraisable(Thread *t, ValueRef exception, ValueRef message, ValueRef where) {
    Value file = UNDEF, line = UNDEF;
    if (value_bits(t->interp->sys_dict)) file = dict_get(t, value_dict(t->interp->sys_dict), NAME(stderr));
    if (value_bits(file) == value_bits(NONE)) file = UNDEF;
    if (value_bits(where))
        line = value_bits(message) ? str_of_format(t, "%S: %R\n", message, where) : str_of_format(t, "Exception ignored in: %R\n", where);
    else if (value_bits(message))
        line = str_of_format(t, "%S:\n", message);
    if (!value_bits(line) && error_pending(t)) error_clear(t);
    if (value_bits(line)) {
        if (value_bits(file)) {
            value_release(t, call_method_1(t, file, NAME(write), line));
        } else {
            char *allocated = NULL;
            size_t n;
            const char *text = str_utf8(t, value_str(line), &n, &allocated);
            if (text && write(2, text, n) < 0) {} // nowhere left to report to
            free(allocated);
        }
        if (error_pending(t)) error_clear(t);
        value_release(t, line);
    }
    if (exception_print_plain(t, exception, file) < 0) error_clear(t);
    value_release(t, file);
}

void error_write_unraisable(Thread *t, const char *doing, ValueRef where) {
    Value e = error_take(t), message = UNDEF;
    if (!value_bits(e)) return;
    if (doing) {
        message = value_bits(where) ? str_of_format(t, "Exception ignored %s %R", doing, where) : str_of_format(t, "Exception ignored %s", doing);
        if (!value_bits(message)) error_clear(t);
        where = UNDEF; // told in the message
    }
    error_report_unraisable(t, e, message, where);
}

// An exception that no Python frame was left by shows where the thread stands.
static void add_place(Thread *t, ValueRef e) {
    Value *fp = slot_borrow(&value_exception(e)->traceback) ? NULL : frame_python(t->fp);
    Frame *frame = fp ? frame_object(t, fp) : NULL;
    if (frame) traceback_add(t, e, value_of(frame), frame_instruction(frame, t));
    error_clear(t);
}
void error_report_unraisable(Thread *t, Value exception_steal, Value message_steal, ValueRef where) {
    Value e = exception_steal, message = message_steal, hook = UNDEF, info = UNDEF, traceback = UNDEF;
    if (value_bits(t->interp->sys_dict)) hook = dict_get(t, value_dict(t->interp->sys_dict), NAME(unraisablehook));
    Value original = UNDEF, original_name = str_intern_text(t, "__unraisablehook__");
    if (value_bits(hook) && value_bits(original_name)) original = dict_get(t, value_dict(t->interp->sys_dict), original_name);
    bool plain = !value_bits(hook) || value_bits(hook) == value_bits(NONE) || value_bits(hook) == value_bits(original) || t->interp->finalizing;
    if (error_pending(t)) error_clear(t);
    add_place(t, e);
    value_release(t, original_name);
    value_release(t, original); // only compared
    if (plain) {
        print_unraisable(t, e, message, where);
        goto done;
    }
    info = call_0(t, value_of(TYPE_OF(SIMPLE_NAMESPACE)));
    if (!value_bits(info)) goto failed;
    traceback = slot_get(t, &value_exception(e)->traceback);
    Value name_err_msg = str_intern_text(t, "err_msg");
    if (!value_bits(name_err_msg)) goto failed;
    int bad = object_setattr(t, info, NAME(exc_type), value_of(value_type(e))) < 0 || object_setattr(t, info, NAME(exc_value), e) < 0 ||
              object_setattr(t, info, NAME(exc_traceback), value_bits(traceback) ? traceback : NONE) < 0 ||
              object_setattr(t, info, name_err_msg, value_bits(message) ? message : NONE) < 0 ||
              object_setattr(t, info, NAME(object), value_bits(where) ? where : (ValueRef)NONE) < 0;
    value_release(t, name_err_msg);
    if (bad) goto failed;
    Value result = call_1(t, hook, info);
    if (value_bits(result)) {
        value_release(t, result);
        goto done;
    }
failed:;
    Value second = error_take(t); // what the hook raised, or what kept us from calling it
    Value about = str_from_text(t, "Exception ignored in sys.unraisablehook");
    if (!value_bits(about)) error_clear(t);
    print_unraisable(t, value_bits(second) ? second : e, about, hook);
    value_release(t, about);
    value_release(t, second);
done:
    value_release(t, e);
    value_release(t, hook);
    value_release(t, message);
    value_release(t, info);
    value_release(t, traceback);
}

int warn(Thread *t, enum ExceptionId category, int stack_level, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    Value message = str_of_vformat(t, format, &ap);
    va_end(ap);
    if (!value_bits(message)) return -1;
    Value pending = error_take(t), module = UNDEF;
    int result = 0;
    if (value_bits(t->interp->modules)) {
        module = dict_get(t, value_dict(t->interp->modules), NAME(warnings));
        if (!value_bits(module) && !error_pending(t)) {
            Value name = str_intern_text(t, "_warnings");
            if (value_bits(name)) module = dict_get(t, value_dict(t->interp->modules), name);
            value_release(t, name);
        }
    }
    if (value_bits(module)) {
        ValueRef args[3] = {message, value_of(&exception_types[category]), value_int(stack_level)};
        Value done = call_method(t, module, NAME(warn), args, 3);
        if (!value_bits(done)) result = -1;
        value_release(t, done);
        value_release(t, module);
    } else if (error_pending(t)) {
        error_clear(t);
    }
    value_release(t, message);
    if (result == 0)
        error_restore(t, pending);
    else
        value_release(t, pending);
    return result;
}
