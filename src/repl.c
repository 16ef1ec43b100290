// The prompt: reads statements (libedit gives history and line editing at a terminal), runs each in __main__, shows what raises.
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
#include "runtime/interp/interp.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"
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
    if (isatty(0)) return readline(shown);
    fputs(shown, stderr);
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

// Does the text so far open a block, a bracket or a string that more lines may end? Asked of the compiler: it says so by the
// incomplete-input error.
static bool incomplete(Thread *t) {
    return error_matches(t, EXCEPTION(INCOMPLETE_INPUT_ERROR));
}

// 0 to go on, or with `*ended` set the exit status of SystemExit.
static int show_error(Thread *t, bool *ended) {
    Value e = error_take(t);
    if (value_is_instance(e, EXCEPTION(SYSTEM_EXIT))) {
        Value code = slot_get(t, &((SystemExitObject *)value_object(e))->code);
        *ended = true;
        int status = !code || code == NONE ? 0 : value_is_int(code) ? (int)(value_get_int(code) & 255) : 1;
        value_release(t, code);
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

static bool is_block_start(const Lines *text) {
    // A compound statement goes on until an empty line.
    size_t n = text->length;
    while (n && strchr(" \t\n", text->data[n - 1])) n--;
    return n && text->data[n - 1] == ':';
}

int repl_run(Thread *t, ValueRef main_module) {
    enum { ALLOW_INCOMPLETE = 0x4000, DONT_IMPLY_DEDENT = 0x200 };
    ValueRef globals = value_module(main_module)->dict;
    if (!runtime_config.quiet) puts("Skein 3.14.2 on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    sys_set(t, "ps1", str_from_text(t, ">>> "));
    sys_set(t, "ps2", str_from_text(t, "... "));
    char home[4096] = "";
    const char *user_home = getenv("HOME");
    if (user_home && isatty(0)) {
        snprintf(home, sizeof home, "%s/.skein_history", user_home);
        using_history();
        read_history(home);
    }
    Value filename = str_from_text(t, "<stdin>");
    int status = 0;
    bool ended = false, block = false;
    Lines text = {0};
    while (!ended && filename) {
        char shown[256];
        bool more = text.length > 0;
        prompt(t, more ? "ps2" : "ps1", more ? "... " : ">>> ", shown, sizeof shown);
        thread_detach(&t->core);
        char *line = read_line(shown);
        thread_attach(&t->core);
        if (!line) {
            fputc('\n', stderr);
            break;
        }
        bool empty = !line[strspn(line, " \t")];
        if (!empty && isatty(0)) add_history(line);
        bool added = text_add(&text, line);
        free(line);
        if (!added) break;
        if (empty && text.length == 1) {
            text.length = 0;
            continue;
        }
        if (is_block_start(&text)) block = true;
        if (block && !empty) continue;
        Value code = frontend->compile(t, text.data, text.length, true, filename, 's', block ? 0 : ALLOW_INCOMPLETE | DONT_IMPLY_DEDENT, runtime_config.optimize);
        if (!code && block && !is_block_start(&text)) { // an empty line ends a block, but no string or bracket in it
            Value first = error_take(t), again = frontend->compile(t, text.data, text.length, true, filename, 's', ALLOW_INCOMPLETE, runtime_config.optimize);
            bool open = !again && incomplete(t);
            value_release(t, again);
            error_clear(t);
            if (open) {
                value_release(t, first);
                continue;
            }
            error_restore(t, first);
        }
        if (!code && !block && incomplete(t)) {
            error_clear(t);
            continue;
        }
        text.length = 0;
        block = false;
        Value v = code ? eval_code(t, code, globals, globals) : UNDEF;
        value_release(t, code);
        if (!v) status = show_error(t, &ended);
        value_release(t, v);
    }
    value_release(t, filename);
    free(text.data);
    if (*home) write_history(home);
    return status;
}
