// skein: the program. Parses the command line, starts the runtime, runs what it was asked to run.
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/code.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/import.h"
#include "runtime/interp/interp.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"
#include "jit/jit.h"
#include "runtime/startup.h"
#include "runtime/sys.h"
#include "src/compare.h"
#include "src/frontend.h"
#include "src/options.h"
#include "src/repl.h"

enum { INTERRUPTED = 256 }; // a status that no program can give: KeyboardInterrupt ended it

// Whether the prompt follows the program: by an option, or by the environment, which a program may change.
static bool inspecting(void) {
    return runtime_config.inspect || (!runtime_config.ignore_environment && getenv("PYTHONINSPECT") && *getenv("PYTHONINSPECT"));
}

// The pending exception at the end of a run: its exit status, after sys.excepthook has shown it.
static int report(Thread *t) {
    Value e = error_take(t);
    if (value_is_instance(e, EXCEPTION(SYSTEM_EXIT)) && !inspecting()) {
        int status = system_exit_status(t, e);
        value_release(t, e);
        return status;
    }
    bool interrupted = value_is_instance(e, EXCEPTION(KEYBOARD_INTERRUPT));
    Value hook = dict_get(t, value_dict(t->interp->sys_dict), NAME(excepthook));
    Value traceback = slot_get(t, &value_exception(e)->traceback);
    if (!traceback) traceback = NONE;
    Value v = hook ? call_3(t, hook, value_of(value_type(e)), e, traceback) : UNDEF;
    if (!v) {
        Value second = error_take(t);
        if (second && value_is_instance(second, EXCEPTION(SYSTEM_EXIT)) && !inspecting()) {
            error_restore(t, second);
            value_release(t, e);
            return report(t);
        }
        fputs(hook ? "Error in sys.excepthook:\n" : "sys.excepthook is missing\n", stderr);
        if (second) exception_print(t, second, UNDEF);
        if (hook) fputs("\nOriginal exception was:\n", stderr);
        exception_print(t, e, UNDEF);
        value_release(t, second);
        error_clear(t);
    }
    value_release(t, v);
    value_release(t, hook);
    value_release(t, traceback);
    value_release(t, e);
    return interrupted ? INTERRUPTED : 1;
}

// `path` with the current folder in front, and no other change ("a/../b" stays). The caller frees it; NULL without memory.
static char *absolute(const char *path) {
    char folder[PATH_MAX], *out;
    if (*path == '/' || !getcwd(folder, sizeof folder)) return strdup(path);
    const char *between = folder[1] ? "/" : "";
    return asprintf(&out, "%s%s%s", folder, strcmp(path, ".") ? between : "", strcmp(path, ".") ? path : "") < 0 ? NULL : out;
}

// Compiles and runs text in the namespace of __main__. 0, or the status to end with.
static int run_text(Thread *t, Value main_module, const char *text, size_t bytes, const char *filename) {
    ValueRef globals = value_module(main_module)->dict;
    Value name = sys_fs_text(t, filename);
    Value code = name ? frontend->compile(t, text, bytes, false, name, 'x', strcmp(filename, "<string>") ? FRONTEND_FROM_FILE : 0, runtime_config.optimize) : UNDEF;
    if (code && *filename == '<') repl_register_source(t, code, text, bytes, name); // for tracebacks, in threads and at exit too
    Value v = code ? eval_code(t, code, globals, globals) : UNDEF;
    value_release(t, name);
    value_release(t, code);
    int status = v ? 0 : report(t);
    value_release(t, v);
    return status;
}

// The text of -c without the indentation that all its lines have in common, and with a newline at its end. The caller frees it.
static char *dedented(const char *text, size_t *bytes) {
    size_t n = strlen(text), common = SIZE_MAX, to = 0;
    const char *first = NULL;
    for (const char *line = text; *line; line = strchrnul(line, '\n'), line += *line != 0) {
        size_t blank = strspn(line, " \t");
        if (!line[blank] || line[blank] == '\n') continue;
        if (!first) first = line, common = blank;
        size_t same = 0;
        while (same < common && same < blank && line[same] == first[same]) same++;
        common = same;
    }
    char *out = malloc(n + 2);
    if (!out) return NULL;
    if (!first || !common) {
        memcpy(out, text, n);
        to = n;
    } else {
        for (const char *line = text; *line;) {
            const char *end = strchrnul(line, '\n');
            size_t skip = strspn(line, " \t");
            if (line + skip != end) memcpy(out + to, line + common, (size_t)(end - line) - common), to += (size_t)(end - line) - common;
            if (*end) out[to++] = '\n';
            line = end + (*end != 0);
        }
    }
    out[to++] = '\n';
    out[to] = 0;
    *bytes = to;
    return out;
}

static char *read_all(FILE *in, size_t *bytes) {
    size_t capacity = 1 << 16, n = 0;
    char *text = malloc(capacity);
    while (text) {
        size_t got = fread(text + n, 1, capacity - n - 1, in);
        n += got;
        if (!got) break;
        if (n + 1 >= capacity) {
            char *grown = realloc(text, capacity *= 2);
            if (!grown) free(text);
            text = grown;
        }
    }
    if (text) text[n] = 0;
    *bytes = n;
    return text;
}

static int cannot_open(const char *path, int error) {
    fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", runtime_config.executable, path, error, strerror(error));
    return 2;
}

static int run_module(Thread *t, const char *name, bool alter_argv) {
    Value run = import_attribute(t, "runpy", "_run_module_as_main"), text = run ? str_from_text(t, name) : UNDEF;
    Value v = text ? call_2(t, run, text, value_bool(alter_argv)) : UNDEF;
    value_release(t, text);
    value_release(t, run);
    int status = v ? 0 : report(t);
    value_release(t, v);
    return status;
}

// sys.path[0]: always what is run, a folder or an archive; else where the program is, unless the user asked for a safe path.
static void put_path_always(Thread *t, const char *path) {
    sys_set_path_0(path);
    ValueRef list = sys_get(t, "path");
    Value text = sys_fs_text(t, path);
    if (list && text) {
        Value v = call_method(t, list, NAME(insert), (ValueRef[]){value_int(0), text}, 2);
        value_release(t, v);
    }
    error_clear(t);
    value_release(t, text);
}

static void put_path(Thread *t, const char *path) {
    if (!runtime_config.safe_path && !runtime_config.isolated) put_path_always(t, path);
}

// What importing would have set in __main__: who loads it and, of a file, where it lies.
static void describe_main(Thread *t, ValueRef main_module, const char *loader_module, const char *loader_name, const char *path) {
    Dict *d = value_dict(value_module(main_module)->dict);
    Value type = import_attribute(t, loader_module, loader_name), name = path ? sys_fs_text(t, path) : UNDEF;
    Value loader = type && name && *path != '<' ? call_2(t, type, NAME(__main__), name) : value_dup(t, type);
    if (loader) dict_set(t, d, NAME(__loader__), loader);
    if (name && (dict_set(t, d, NAME(__file__), name) < 0 || dict_set(t, d, NAME(__cached__), NONE) < 0)) error_clear(t);
    error_clear(t);
    value_release(t, loader);
    value_release(t, name);
    value_release(t, type);
}

static int run_code(Thread *t, Value main_module, Value code_steal_or_undef) {
    ValueRef globals = value_module(main_module)->dict;
    Value v = code_steal_or_undef ? eval_code(t, code_steal_or_undef, globals, globals) : UNDEF;
    value_release(t, code_steal_or_undef);
    int status = v ? 0 : report(t);
    value_release(t, v);
    return status;
}
// Compiled code, as the library reads it.
static int run_compiled(Thread *t, Value main_module, const char *path) {
    Value key = str_intern_text(t, "get_code"), loader = dict_get(t, value_dict(value_module(main_module)->dict), NAME(__loader__));
    Value code = loader && key ? call_method_1(t, loader, key, NAME(__main__)) : UNDEF;
    value_release(t, key);
    value_release(t, loader);
    return run_code(t, main_module, code);
}

static int run_file_at(Thread *t, Value main_module, const Options *options, const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        put_path_always(t, path);
        return run_module(t, "__main__", false);
    }
    FILE *in = fopen(path, "rb");
    if (!in) return cannot_open(path, errno);
    size_t bytes;
    char *text = read_all(in, &bytes);
    fclose(in);
    if (!text) return fputs("MemoryError\n", stderr), 1;
    if (bytes > 3 && !memcmp(text, "PK\3\4", 4)) { // a zip archive with __main__.py
        free(text);
        put_path_always(t, path);
        return run_module(t, "__main__", false);
    }
    char *real = realpath(path, NULL), *slash = real ? strrchr(real, '/') : NULL;
    if (slash) {
        slash[slash == real] = 0;
        put_path(t, real);
    }
    free(real);
    size_t length = strlen(path);
    bool compiled = length > 4 && !strcmp(path + length - 4, ".pyc");
    describe_main(t, main_module, "_frozen_importlib_external", compiled ? "SourcelessFileLoader" : "SourceFileLoader", path);
    if (compiled) {
        free(text);
        return run_compiled(t, main_module, path);
    }
    size_t skip = 0;
    if (options->skip_first_line)
        while (skip < bytes && text[skip] != '\n') skip++;
    int status = run_text(t, main_module, text + skip, bytes - skip, path);
    free(text);
    return status;
}
static int run_file(Thread *t, Value main_module, const Options *options) {
    char *path = absolute(options->text);
    if (!path) return fputs("MemoryError\n", stderr), 1;
    int status = run_file_at(t, main_module, options, path);
    free(path);
    return status;
}

static int dump(Thread *t, const Options *options) {
    size_t bytes = 0;
    char *text = NULL;
    const char *name = "<string>";
    if (options->kind == RUN_COMMAND) {
        text = strdup(options->text);
        bytes = strlen(text);
    } else {
        FILE *in = options->kind == RUN_FILE ? fopen(options->text, "rb") : stdin;
        if (!in) return cannot_open(options->text, errno);
        name = options->kind == RUN_FILE ? options->text : "<stdin>";
        text = read_all(in, &bytes);
        if (in != stdin) fclose(in);
    }
    int status = 0;
    if (strcmp(options->dump, "bytecode")) {
        status = frontend_dump(t, stdout, options->dump, text, bytes, name);
    } else {
        Value filename = str_from_text(t, name), code = filename ? frontend->compile(t, text, bytes, false, filename, 'x', 0, runtime_config.optimize) : UNDEF;
        if (code) code_dump(value_code(code), stdout, true);
        else status = report(t);
        value_release(t, code);
        value_release(t, filename);
    }
    free(text);
    return status;
}

static Value make_main_module(Thread *t) {
    Value module = module_new(t, NAME(__main__));
    if (!module) return UNDEF;
    Dict *d = value_dict(value_module(module)->dict);
    if (dict_set(t, d, NAME(__builtins__), t->interp->builtins_module) < 0 || dict_set(t, value_dict(t->interp->modules), NAME(__main__), module) < 0) VALUE_CLEAR(t, module);
    return module;
}

static int run(Thread *t, const Options *options) {
    Value main_module = make_main_module(t);
    if (!main_module) return report(t);
    int status = 0;
    if (options->dump) {
        status = dump(t, options);
    } else switch (options->kind) {
    case RUN_COMMAND: {
        put_path(t, "");
        describe_main(t, main_module, "_frozen_importlib", "BuiltinImporter", NULL);
        size_t n;
        char *text = dedented(options->text, &n);
        if (!text) return fputs("MemoryError\n", stderr), 1;
        status = run_text(t, main_module, text, n, "<string>");
        free(text);
        break;
    }
    case RUN_MODULE: {
        char *folder = absolute(".");
        put_path(t, folder ? folder : "");
        free(folder);
        status = run_module(t, options->text, true);
        break;
    }
    case RUN_FILE: status = run_file(t, main_module, options); break;
    default:
        put_path(t, "");
        describe_main(t, main_module, "_frozen_importlib", "BuiltinImporter", options->kind == RUN_STDIN || !(isatty(0) || runtime_config.interactive) ? "<stdin>" : NULL);
        if (options->kind == RUN_REPL && (isatty(0) || runtime_config.interactive)) {
            status = repl_run(t, main_module, true);
        } else {
            size_t bytes;
            char *text = read_all(stdin, &bytes);
            status = run_text(t, main_module, text, bytes, "<stdin>");
            free(text);
        }
    }
    if (inspecting() && options->kind != RUN_REPL && !options->dump && (isatty(0) || runtime_config.interactive)) status = repl_run(t, main_module, false);
    value_release(t, main_module);
    return status;
}

// sys.argv: what the program is called by, then its arguments. runpy puts a module's path in the place of "-m".
static void set_argv(const Options *options, int argc, char **argv) {
    const char *first = options->kind == RUN_COMMAND ? "-c" : options->kind == RUN_MODULE ? "-m" : options->kind == RUN_FILE || options->rest < argc ? NULL : "";
    int n = argc - options->rest;
    char **given = first ? malloc((size_t)(n + 2) * sizeof *given) : NULL;
    if (given) {
        given[0] = strdup(first);
        memcpy(given + 1, argv + options->rest, (size_t)n * sizeof *given);
        given[n + 1] = NULL;
    }
    runtime_config.argc = given ? n + 1 : n;
    runtime_config.argv = given ? given : argv + options->rest;
}

// The path by which the program was called, absolute: links in it stay (a virtual environment's executable is one). Where argv[0] does not
// lead to the program, the kernel's name for it. Empty where neither can be found.
static bool names_executable(const char *path, const struct stat *running) {
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) return false;
    return running ? st.st_dev == running->st_dev && st.st_ino == running->st_ino : access(path, X_OK) == 0;
}
static void find_executable(char out[PATH_MAX], const char *name) {
    struct stat st;
    const struct stat *running = stat("/proc/self/exe", &st) == 0 ? &st : NULL;
    if (*name == '/') {
        if (snprintf(out, PATH_MAX, "%s", name) < PATH_MAX && names_executable(out, running)) return;
    } else if (strchr(name, '/')) {
        if (getcwd(out, PATH_MAX)) {
            size_t n = strlen(out);
            while (!strncmp(name, "./", 2)) name += 2;
            if (snprintf(out + n, PATH_MAX - n, "/%s", name) < (int)(PATH_MAX - n) && names_executable(out, running)) return;
        }
    } else if (*name) {
        const char *path = getenv("PATH");
        while (path && *path) {
            size_t n = strcspn(path, ":");
            if (*path == '/' && snprintf(out, PATH_MAX, "%.*s/%s", (int)n, path, name) < PATH_MAX && names_executable(out, running)) return;
            path += n + (path[n] == ':');
        }
    }
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = 0;
}

static void start_jit(void) {
    enum { STEP = 61, LOOKS = 4, MOST_MB = 64 }; // the step is a prime: a loop that calls one function must not hide it
    uint32_t looks = (uint32_t)runtime_config.jit_threshold, megabytes = (uint32_t)runtime_config.jit_memory_mb;
    JitOptions o = {.heat_step = looks == 1 ? 1 : STEP, .threshold = looks ? looks : LOOKS, .memory = (size_t)(megabytes ? megabytes : MOST_MB) << 20};
    if (!jit_start(&o)) fputs("skein: no memory for compiled code within reach of the program: everything is interpreted\n", stderr);
}
static void show_jit_stats(void) {
    JitStats s = jit_stats();
    fprintf(stderr, "jit: %llu functions compiled, %llu of them anew, %llu taken out of use; %.1f KB of code, %.2f ms\n", (unsigned long long)s.functions,
            (unsigned long long)s.again, (unsigned long long)s.dropped, (double)s.bytes / 1024, (double)s.nanoseconds / 1e6);
}

int main(int argc, char **argv) {
    Options options = {0};
    static char executable[PATH_MAX];
    find_executable(executable, argc ? argv[0] : "");
    runtime_config.executable = executable;
    int status = options_parse(argc, argv, &options);
    if (status) return status;
    switch (options.kind) {
    case RUN_HELP: options_help(options.help); return 0;
    case RUN_COMPARE: return compare_main(argc - options.rest, argv + options.rest, executable);
    case RUN_VERSION:
        puts(options.version_verbosity > 1 ? "Skein 3.14.2 (free-threaded Python runtime)" : "Python 3.14.2 (Skein)");
        return 0;
    default: break;
    }
    set_argv(&options, argc, argv);
    runtime_config.orig_argc = argc;
    runtime_config.orig_argv = argv;
    frontend = &frontend_table;
    signal(SIGPIPE, SIG_IGN);
    if (runtime_config.jit) start_jit();
    Thread *t = runtime_start();
    if (!t) return 1;
    status = run(t, &options);
    int ended = runtime_finish(t);
    if (runtime_config.jit_stats) show_jit_stats();
    fflush(NULL);
    if (LEAKS_FOUND()) _exit(23);
    if (status == INTERRUPTED) { // ends by the signal, for a shell to see
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
        _exit(128 + SIGINT);
    }
    _exit(status ? status : ended);
}
