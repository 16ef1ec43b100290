// The prompt. At a terminal the library's own (_pyrepl: blocks edited as a whole, history, colours) where it can; else, and on
// pipes, the plain one here: reads statements (libedit edits lines at a terminal), runs each in __main__, shows what raises.
#include "src/repl.h"
#define Function EditlineFunction // a name that both have
#include <editline/readline.h>
#undef Function
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/import.h"
#include "runtime/interp/interp.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/signals.h"
#include "runtime/startup.h"
#include "runtime/sys.h"

typedef struct Lines { char *data; size_t length, capacity; } Lines;
static bool text_add(Lines *text, const char *line) {
    size_t n = strlen(line);
    if (text->length + n + 2 > text->capacity) {
        size_t capacity = (text->length + n + 2) * 2;
        char *grown = realloc(text->data, capacity);
        if (!grown) return false;
        text->data = grown;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, line, n);
    text->length += n;
    text->data[text->length++] = '\n';
    text->data[text->length] = 0;
    return true;
}

// str(sys.ps1) or sys.ps2, in `buffer`.
static void prompt(Thread *t, const char *name, const char *otherwise, char *buffer, size_t size) {
    ValueRef set = sys_get(t, name);
    Value text = set ? object_str(t, set) : UNDEF;
    snprintf(buffer, size, "%s", otherwise);
    if (text) {
        char *allocated;
        size_t bytes;
        const char *utf8 = str_utf8(t, value_str(text), &bytes, &allocated);
        if (utf8) snprintf(buffer, size, "%s", utf8);
        free(allocated);
    }
    error_clear(t);
    value_release(t, text);
}

static char *read_line(const char *shown) {
    if (isatty(0) && isatty(1)) return readline(shown);
    fputs(shown, stderr); // what is piped out is what the program writes
    fflush(stderr);
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n = getline(&line, &capacity, stdin);
    if (n < 0) {
        free(line);
        return NULL;
    }
    if (n && line[n - 1] == '\n') line[n - 1] = 0;
    return line;
}

enum { ALLOW_INCOMPLETE = 0x4000, DONT_IMPLY_DEDENT = 0x200 };
// The text so far (without its last newline) as a statement; with `*more` set where lines that follow may end it, as the library's
// codeop has it: with the newline it is a statement, or one that lacks its end. At the end of input nothing follows.
static Value compile_so_far(Thread *t, const Lines *text, ValueRef filename, bool last, bool *more) {
    *more = false;
    if (last) return frontend->compile(t, text->data, text->length, true, filename, 's', 0, runtime_config.optimize);
    Value code = frontend->compile(t, text->data, text->length - 1, true, filename, 's', ALLOW_INCOMPLETE | DONT_IMPLY_DEDENT, runtime_config.optimize);
    if (code || !error_matches(t, EXCEPTION(SYNTAX_ERROR))) return code;
    error_clear(t);
    Value later = frontend->compile(t, text->data, text->length, true, filename, 's', ALLOW_INCOMPLETE | DONT_IMPLY_DEDENT, runtime_config.optimize);
    bool incomplete = later || error_matches(t, EXCEPTION(INCOMPLETE_INPUT_ERROR));
    value_release(t, later);
    error_clear(t);
    if (incomplete) {
        *more = true;
        return UNDEF;
    }
    return frontend->compile(t, text->data, text->length, true, filename, 's', DONT_IMPLY_DEDENT, runtime_config.optimize);
}

void repl_register_source(Thread *t, ValueRef code, const char *text, size_t bytes, ValueRef name) {
    Value pending = error_take(t);
    Value function = import_attribute(t, "linecache", "_register_code"), source = function ? str_from_utf8(t, text, bytes) : UNDEF;
    Value done = source ? call_3(t, function, code, source, name) : UNDEF;
    error_clear(t);
    value_release(t, done);
    value_release(t, source);
    value_release(t, function);
    error_restore(t, pending);
}

int system_exit_status(Thread *t, ValueRef exception) {
    Value code = slot_get(t, &((SystemExitObject *)value_object(exception))->code);
    int64_t n;
    int status = 1;
    if (!code || code == NONE) {
        status = 0;
    } else if (value_is_any_int(code)) {
        status = int_as_int64(code, &n) == 0 ? (int)(n & 255) : 255;
    } else {
        Value text = object_str(t, code), stream = dict_get(t, value_dict(t->interp->sys_dict), NAME(stderr));
        if (text && stream && stream != NONE) {
            Value line = str_of_format(t, "%U\n", value_str(text));
            Value v = line ? call_method_1(t, stream, NAME(write), line) : UNDEF;
            value_release(t, v);
            value_release(t, line);
        }
        value_release(t, text);
        value_release(t, stream);
    }
    error_clear(t);
    value_release(t, code);
    return status;
}

// 0 to go on, or with `*ended` set the exit status of SystemExit.
static int show_error(Thread *t, bool *ended) {
    Value e = error_take(t);
    if (value_is_instance(e, EXCEPTION(SYSTEM_EXIT))) {
        *ended = true;
        int status = system_exit_status(t, e);
        value_release(t, e);
        return status;
    }
    ValueRef hook = sys_get(t, "excepthook");
    Value traceback = slot_get(t, &value_exception(e)->traceback);
    Value v = hook ? call_3(t, hook, value_of(value_type(e)), e, traceback ? traceback : NONE) : UNDEF;
    if (!v) {
        error_clear(t);
        exception_print(t, e, UNDEF);
    }
    value_release(t, v);
    value_release(t, traceback);
    value_release(t, e);
    return 0;
}

// What runs before the first prompt: sys.__interactivehook__ (history, completion).
static void run_hook(Thread *t) {
    ValueRef hook = sys_get(t, "__interactivehook__");
    Value v = hook ? call_0(t, hook) : NONE;
    if (!v) {
        fputs("Failed calling sys.__interactivehook__\n", stderr);
        bool ended;
        show_error(t, &ended);
    }
    value_release(t, v);
}

// $PYTHONSTARTUP, in __main__.
static void run_startup(Thread *t, ValueRef globals) {
    const char *path = runtime_config.ignore_environment ? NULL : getenv("PYTHONSTARTUP");
    if (!path || !*path) return;
    Value name = str_from_text(t, path), open = name ? import_attribute(t, "tokenize", "open") : UNDEF, file = open ? call_1(t, open, name) : UNDEF;
    if (!file && error_pending(t)) {
        fprintf(stderr, "Could not open PYTHONSTARTUP\n");
        Value e = error_take(t); // where in the library it came from says nothing
        slot_store(t, value_object(e), &value_exception(e)->traceback, UNDEF);
        error_restore(t, e);
    }
    Value text = file ? call_method(t, file, NAME(read), NULL, 0) : UNDEF, closed = file ? call_method_0(t, file, NAME(close)) : UNDEF, done = UNDEF;
    if (text && closed) {
        char *allocated;
        size_t bytes;
        const char *utf8 = str_utf8(t, value_str(text), &bytes, &allocated);
        Value code = utf8 ? frontend->compile(t, utf8, bytes, true, name, 'x', 0, runtime_config.optimize) : UNDEF;
        done = code ? eval_code(t, code, globals, globals) : UNDEF;
        value_release(t, code);
        free(allocated);
    }
    if (!done) {
        bool ended;
        show_error(t, &ended);
    }
    value_release(t, done);
    value_release(t, closed);
    value_release(t, text);
    value_release(t, file);
    value_release(t, open);
    value_release(t, name);
}

// The library's prompt: false where it cannot be used. Otherwise *status as repl_run gives it.
static bool library_prompt(Thread *t, ValueRef main_module, bool first, int *status) {
    if (!isatty(0) || !isatty(1) || (!runtime_config.ignore_environment && getenv("PYTHON_BASIC_REPL"))) return false;
    Value usable = import_attribute(t, "_pyrepl.main", "CAN_USE_PYREPL"), console = usable == TRUE_VALUE ? import_attribute(t, "_pyrepl.main", "interactive_console") : UNDEF;
    value_release(t, usable);
    error_clear(t);
    if (!console) return false;
    ValueRef args[] = {main_module, FALSE_VALUE, value_bool(first)}; // mainmodule, quiet, pythonstartup
    Value v = call_object(t, console, args, 3, NULL);
    value_release(t, console);
    bool ended = false;
    *status = 0;
    if (!v) *status = show_error(t, &ended);
    value_release(t, v);
    return true;
}

int repl_run(Thread *t, ValueRef main_module, bool first) {
    ValueRef globals = value_module(main_module)->dict;
    int status = 0;
    if (first && !runtime_config.quiet) fputs("Skein 3.14.2 on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n", stderr);
    run_hook(t);
    if (library_prompt(t, main_module, first, &status)) return status;
    if (!sys_get(t, "ps1")) sys_set(t, "ps1", str_from_text(t, ">>> "));
    if (!sys_get(t, "ps2")) sys_set(t, "ps2", str_from_text(t, "... "));
    if (first) run_startup(t, globals);
    char history[4096] = "";
    const char *home = getenv("HOME");
    if (home && isatty(0) && isatty(1)) {
        const char *given = runtime_config.ignore_environment ? NULL : getenv("PYTHON_HISTORY");
        if (given && *given) snprintf(history, sizeof history, "%s", given);
        else snprintf(history, sizeof history, "%s/.skein_history", home);
        using_history();
        read_history(history);
    }
    Value filename = str_from_text(t, "<stdin>");
    bool ended = false, last = false;
    Lines text = {0};
    while (!ended && !last && filename) {
        char shown[256];
        bool more = text.length > 0;
        prompt(t, more ? "ps2" : "ps1", more ? "... " : ">>> ", shown, sizeof shown);
        thread_detach(&t->core);
        char *line = read_line(shown);
        thread_attach(&t->core);
        if (!line && signals_arrived()) { // Ctrl-C leaves the statement that was begun
            clearerr(stdin);
            if (signals_run(t) < 0) {
                text.length = 0;
                if (error_matches(t, EXCEPTION(KEYBOARD_INTERRUPT))) {
                    error_clear(t);
                    fputs("\nKeyboardInterrupt\n", stderr);
                } else {
                    status = show_error(t, &ended);
                }
            }
            continue;
        }
        if (!line) {
            fputc('\n', stderr);
            last = true;
            if (!text.length) break;
        } else {
            bool empty = !line[strspn(line, " \t")];
            if (!empty && *history) add_history(line);
            bool added = text_add(&text, line);
            free(line);
            if (!added) break;
            if (empty && !more) {
                text.length = 0;
                continue;
            }
        }
        Value code = compile_so_far(t, &text, filename, last, &more);
        if (more) continue;
        if (code) repl_register_source(t, code, text.data, text.length, filename);
        Value v = code ? eval_code(t, code, globals, globals) : UNDEF;
        text.length = 0;
        value_release(t, code);
        if (!v) status = show_error(t, &ended);
        value_release(t, v);
    }
    value_release(t, filename);
    free(text.data);
    if (*history) write_history(history);
    return ended ? status : 0;
}
