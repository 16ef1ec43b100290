// Hooks of the sys module: what prints results and uncaught exceptions, breakpoint(), audit events.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/namespace.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "runtime/sys.h"
#include "runtime/sys_internal.h"

// sys.<name>, owned; UNDEF without an exception where it is missing or None.
static Value stream(Thread *t, ValueRef name) {
    Value v = dict_get(t, value_dict(t->interp->sys_dict), name);
    if (!v) error_clear(t);
    return v == NONE ? UNDEF : v;
}

// ---- displayhook

// Writes text that the stream's encoding has no characters for: with backslashes.
static int write_escaped(Thread *t, ValueRef out, ValueRef text) {
    Value encoding = object_getattr(t, out, NAME(encoding)), bytes = UNDEF, buffer = UNDEF, done = UNDEF;
    if (encoding) {
        ValueRef args[2] = {encoding, NAME(backslashreplace)};
        bytes = call_method(t, text, NAME(encode), args, 2);
    }
    if (bytes) {
        buffer = object_getattr_or_undef(t, out, NAME(buffer));
        if (buffer) {
            done = call_method_1(t, buffer, NAME(write), bytes);
        } else if (!error_pending(t)) {
            ValueRef args[2] = {encoding, NAME(strict)};
            Value back = call_method(t, bytes, NAME(decode), args, 2);
            if (back) done = call_method_1(t, out, NAME(write), back);
            value_release(t, back);
        }
    }
    int result = done ? 0 : -1;
    value_release(t, done);
    value_release(t, buffer);
    value_release(t, bytes);
    value_release(t, encoding);
    return result;
}

SYS_FUNCTION(displayhook) {
    ValueRef o = args[0];
    if (o == NONE) return NONE;
    Dict *builtins = value_dict(t->interp->builtins_dict);
    Value underscore = str_intern_text(t, "_"), out = UNDEF, text = UNDEF, done = UNDEF, newline = UNDEF;
    Value result = UNDEF;
    if (!underscore || dict_set(t, builtins, underscore, NONE) < 0) goto end;
    out = stream(t, NAME(stdout));
    if (!out) {
        raise(t, RUNTIME_ERROR, "lost sys.stdout");
        goto end;
    }
    if (!(text = object_repr(t, o))) goto end;
    done = call_method_1(t, out, NAME(write), text);
    if (!done) {
        if (!error_matches(t, EXCEPTION(UNICODE_ENCODE_ERROR))) goto end;
        error_clear(t);
        if (write_escaped(t, out, text) < 0) goto end;
    }
    VALUE_CLEAR(t, done);
    if (!(newline = str_from_text(t, "\n")) || !(done = call_method_1(t, out, NAME(write), newline))) goto end;
    if (dict_set(t, builtins, underscore, o) == 0) result = NONE;
end:
    value_release(t, done);
    value_release(t, newline);
    value_release(t, text);
    value_release(t, out);
    value_release(t, underscore);
    return result;
}

// ---- exceptions that nothing caught, or that cannot be raised

static void flush_stream(Thread *t, ValueRef file) {
    Value done = call_method_0(t, file, NAME(flush));
    if (!done) error_clear(t);
    value_release(t, done);
}

// Is the text of this exception one that only the library's traceback module makes: in colours, or naming the keyword that a misspelt
// word was meant for?
static bool library_prints(Thread *t, ValueRef e, ValueRef file) {
    if (t->interp->finalizing || !file) return false;
    if (value_is_instance(e, EXCEPTION(SYNTAX_ERROR))) {
        Value message = slot_get(t, &((SyntaxErrorObject *)value_object(e))->msg);
        size_t n = 0;
        char *allocated = NULL;
        const char *text = value_is(message, STR) ? str_utf8(t, value_str(message), &n, &allocated) : NULL;
        bool invalid = text && n >= 14 && !memcmp(text, "invalid syntax", 14);
        free(allocated);
        error_clear(t);
        value_release(t, message);
        if (invalid) return true;
    }
    if (!runtime_config.ignore_environment && (getenv("PYTHON_COLORS") || getenv("FORCE_COLOR"))) return true;
    if (!isatty(2) || getenv("NO_COLOR")) return false;
    Value v = call_method_0(t, file, NAME(isatty));
    bool tty = v == TRUE_VALUE;
    error_clear(t);
    value_release(t, v);
    return tty;
}
// 0; -1, without an exception, where the module cannot do it.
static int print_by_library(Thread *t, ValueRef e) {
    Value print = import_attribute(t, "traceback", "_print_exception_bltin"), done = print ? call_1(t, print, e) : UNDEF;
    error_clear(t);
    value_release(t, print);
    value_release(t, done);
    return done ? 0 : -1;
}

SYS_FUNCTION(excepthook) {
    ValueRef value = args[1], traceback = args[2];
    Value file = stream(t, NAME(stderr)), e = UNDEF;
    if (value_is_exception(value)) e = value_dup(t, value);
    if (!e) {
        Value text = str_of_format(t, "TypeError: print_exception(): Exception expected for value, %T found\n", value);
        Value done = text && file ? call_method_1(t, file, NAME(write), text) : UNDEF;
        value_release(t, done);
        value_release(t, text);
        value_release(t, file);
        return error_pending(t) ? UNDEF : NONE;
    }
    BaseException *x = value_exception(e);
    if (value_is(traceback, TRACEBACK) && !slot_borrow(&x->traceback)) slot_store(t, x, &x->traceback, value_dup(t, traceback));
    int failed = library_prints(t, e, file) ? print_by_library(t, e) : -1;
    if (failed < 0) failed = exception_print(t, e, file);
    if (file) flush_stream(t, file);
    value_release(t, e);
    value_release(t, file);
    return failed < 0 ? UNDEF : NONE;
}

SYS_FUNCTION(unraisablehook) {
    static const char *const names[] = {"exc_value", "err_msg", "object"};
    Value fields[3] = {UNDEF, UNDEF, UNDEF}, file = UNDEF, line = UNDEF, result = UNDEF;
    for (int i = 0; i < 3; i++) {
        Value name = str_intern_text(t, names[i]);
        if (name) fields[i] = object_getattr(t, args[0], name);
        value_release(t, name);
        if (!fields[i]) goto end;
    }
    file = stream(t, NAME(stderr));
    if (!file) {
        result = NONE;
        goto end;
    }
    if (fields[2] != NONE) line = fields[1] != NONE ? str_of_format(t, "%S: %R\n", fields[1], fields[2]) : str_of_format(t, "Exception ignored in: %R\n", fields[2]);
    else if (fields[1] != NONE) line = str_of_format(t, "%S:\n", fields[1]);
    if (line) {
        Value done = call_method_1(t, file, NAME(write), line);
        value_release(t, done);
    }
    if (error_pending(t)) goto end;
    if (value_is_exception(fields[0]) && exception_print_plain(t, fields[0], file) < 0) goto end;
    flush_stream(t, file);
    result = NONE;
end:
    value_release(t, line);
    value_release(t, file);
    for (int i = 0; i < 3; i++) value_release(t, fields[i]);
    return result;
}

// ---- breakpoint()
// PYTHONBREAKPOINT names what is called: "0" nothing, "" the debugger. PEP 553.
SYS_FUNCTION(breakpointhook) {
    const char *wanted = runtime_config.ignore_environment ? NULL : getenv("PYTHONBREAKPOINT");
    if (!wanted || !*wanted) wanted = "pdb.set_trace";
    if (!strcmp(wanted, "0")) return NONE;
    const char *dot = strrchr(wanted, '.');
    char module[256];
    if (!dot) snprintf(module, sizeof module, "builtins");
    else if ((size_t)(dot - wanted) < sizeof module) snprintf(module, sizeof module, "%.*s", (int)(dot - wanted), wanted);
    else module[0] = 0;
    Value function = module[0] ? import_attribute(t, module, dot ? dot + 1 : wanted) : UNDEF;
    if (!function) {
        if (error_pending(t) && !error_matches(t, EXCEPTION(IMPORT_ERROR)) && !error_matches(t, EXCEPTION(ATTRIBUTE_ERROR))) return UNDEF;
        error_clear(t);
        return warn(t, E_RUNTIME_WARNING, 0, "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", wanted) < 0 ? UNDEF : NONE;
    }
    Value result = call_object(t, function, args, nargs, kwnames);
    value_release(t, function);
    return result;
}

// ---- audit events (PEP 578)

bool sys_audit_enabled(Thread *t) { return t->interp->sys_module && slot_borrow(&sys_state(t)->audit_hooks); }

int sys_audit(Thread *t, const char *event, Value args_tuple_steal) {
    if (LIKELY(!sys_audit_enabled(t)) || !args_tuple_steal) {
        value_release(t, args_tuple_steal);
        return args_tuple_steal ? 0 : -1;
    }
    Value name = str_intern_text(t, event), hooks = slot_get(t, &sys_state(t)->audit_hooks);
    int result = name ? 0 : -1;
    for (int64_t i = 0; result == 0 && i < list_length(value_list(hooks)); i++) {
        Value hook = list_get(t, value_list(hooks), i);
        Value done = hook ? call_2(t, hook, name, args_tuple_steal) : UNDEF;
        if (!done && error_pending(t)) result = -1;
        value_release(t, done);
        value_release(t, hook);
    }
    value_release(t, hooks);
    value_release(t, name);
    value_release(t, args_tuple_steal);
    return result;
}

SYS_FUNCTION(audit_function) {
    if (args_no_keywords(t, "sys.audit", kwnames) < 0) return UNDEF;
    if (nargs < 1) return raise(t, TYPE_ERROR, "audit expected at least 1 argument, got 0");
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "expected str for argument 'event', not %T", args[0]);
    if (!sys_audit_enabled(t)) return NONE;
    size_t n;
    char *allocated = NULL;
    const char *event = str_utf8(t, value_str(args[0]), &n, &allocated);
    int result = event ? sys_audit(t, event, tuple_from_refs(t, args + 1, (int64_t)nargs - 1)) : -1;
    free(allocated);
    return result < 0 ? UNDEF : NONE;
}

SYS_FUNCTION(addaudithook) {
    // The hooks that are there may refuse a new one: by an Exception quietly, by another exception aloud.
    if (sys_audit(t, "sys.addaudithook", tuple_from_refs(t, NULL, 0)) < 0) {
        if (!error_matches(t, EXCEPTION(EXCEPTION))) return UNDEF;
        error_clear(t);
        return NONE;
    }
    SysState *s = sys_state(t);
    if (!slot_borrow(&s->audit_hooks)) {
        Value list = list_new(t, 1);
        if (!list) return UNDEF;
        slot_store(t, value_object(t->interp->sys_module), &s->audit_hooks, list);
    }
    Value hooks = slot_get(t, &s->audit_hooks);
    int result = list_append(t, value_list(hooks), value_dup(t, args[0]));
    value_release(t, hooks);
    return result < 0 ? UNDEF : NONE;
}
