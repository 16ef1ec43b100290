// Where things are: the library, the prefixes, sys.path, sys.executable. DESIGN 9 says in which order a library is looked for.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/startup.h"
#include "runtime/sys.h"
#include "runtime/sys_internal.h"

// Set once, before any other thread runs.
static char stdlib_dir[PATH_MAX], own_dir[PATH_MAX], prefix_dir[PATH_MAX], venv_dir[PATH_MAX];

const char *sys_stdlib(void) { return stdlib_dir; }

static char path_0[PATH_MAX];
void sys_set_path_0(const char *directory) {
    if (*directory) snprintf(path_0, sizeof path_0, "%s", directory);
    else if (!getcwd(path_0, sizeof path_0)) *path_0 = 0;
}
const char *sys_path_0(void) { return path_0; }

static bool is_file(const char *dir, const char *name) {
    char path[PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    return n > 0 && (size_t)n < sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}
// A directory of the library has os.py; and importlib's own source, which starts everything.
static bool is_library(const char *dir) { return is_file(dir, "os.py") && is_file(dir, "importlib/_bootstrap.py"); }

static bool join(char out[PATH_MAX], const char *dir, const char *name) {
    int n = snprintf(out, PATH_MAX, "%s%s%s", dir, *name ? "/" : "", name);
    return n > 0 && n < PATH_MAX;
}
static bool try_library(const char *dir, const char *name) {
    char path[PATH_MAX];
    if (!join(path, dir, name) || !is_library(path) || !realpath(path, stdlib_dir)) return false;
    return true;
}
static void parent(char *path) {
    char *slash = strrchr(path, '/');
    if (slash) *slash = 0;
}
static const char *environment(const char *name) {
    const char *v = runtime_config.ignore_environment ? NULL : getenv(name);
    return v && *v ? v : NULL;
}

// A python3.14 on PATH has its library at ../lib/python3.14.
static bool try_path(void) {
    const char *path = getenv("PATH");
    for (const char *p = path; p && *p;) {
        const char *end = strchrnul(p, ':');
        char file[PATH_MAX], real[PATH_MAX];
        int n = snprintf(file, sizeof file, "%.*s/python3.14", (int)(end - p), p);
        if (n > 0 && (size_t)n < sizeof file && access(file, X_OK) == 0 && realpath(file, real)) {
            parent(real);
            parent(real);
            if (try_library(real, "lib/python3.14")) return true;
        }
        p = *end ? end + 1 : end;
    }
    return false;
}

static void find_library(void) {
    const RuntimeConfig *c = &runtime_config;
    if (c->stdlib && *c->stdlib) {
        if (!try_library(c->stdlib, "")) try_library(c->stdlib, "lib/python3.14");
        return; // named and wrong: the error says so
    }
    const char *home = environment("PYTHONHOME");
    if (home && (try_library(home, "lib/python3.14") || try_library(home, ""))) return;
    if (c->prefix && *c->prefix && try_library(c->prefix, "lib/python3.14")) return;
    char dir[PATH_MAX];
    if (c->executable && *c->executable && realpath(c->executable, dir)) {
        parent(dir);
        for (int up = 0; up < 4 && *dir; up++, parent(dir))
            if (try_library(dir, "lib/python3.14") || try_library(dir, "lib/skein3.14") || try_library(dir, "stdlib")) return;
    }
    if (try_library("/usr/lib/python3.14", "") || try_library("/usr/local/lib/python3.14", "")) return;
    try_path();
}

// The modules that Skein brings itself (runtime/lib in the source tree, lib/skein where installed).
static void find_own(void) {
    char dir[PATH_MAX], path[PATH_MAX];
    if (!runtime_config.executable || !*runtime_config.executable || !realpath(runtime_config.executable, dir)) return;
    parent(dir);
    for (int up = 0; up < 4 && *dir; up++, parent(dir)) {
        static const char *const names[] = {"lib/skein", "runtime/lib"};
        for (int i = 0; i < 2; i++) {
            struct stat st;
            if (join(path, dir, names[i]) && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
                memcpy(own_dir, path, sizeof own_dir);
                return;
            }
        }
    }
}

static void find_prefixes(void) {
    const RuntimeConfig *c = &runtime_config;
    char dir[PATH_MAX] = "/usr/local";
    if (c->prefix && *c->prefix) {
        if (!join(dir, c->prefix, "")) return;
    } else if (*stdlib_dir) {
        // <prefix>/lib/python3.14 or lib/skein3.14, else the directory that holds the library
        memcpy(dir, stdlib_dir, sizeof dir);
        char *tail = strstr(dir, "/lib/python3.14");
        if (!tail) tail = strstr(dir, "/lib/skein3.14");
        if (tail && tail > dir) *tail = 0;
        else parent(dir);
    }
    memcpy(prefix_dir, dir, sizeof prefix_dir);
    memcpy(venv_dir, dir, sizeof venv_dir);
    // A virtual environment has a pyvenv.cfg beside the executable's folder, or in it; the executable is not resolved for it.
    if (c->executable && *c->executable && join(dir, c->executable, "")) {
        parent(dir);
        bool here = is_file(dir, "pyvenv.cfg");
        if (!here) {
            parent(dir);
            here = *dir && is_file(dir, "pyvenv.cfg");
        }
        if (here) memcpy(venv_dir, dir, sizeof venv_dir);
    }
}

static int append_text(Thread *t, Value list, const char *path, size_t n) {
    Value s = str_decode(t, (const uint8_t *)path, n, CODEC_UTF_8, "surrogateescape");
    return s ? list_append(t, value_list(list), s) : -1;
}

static int set_path(Thread *t) {
    Value list = list_new(t, 4);
    if (!list) return -1;
    const char *given = environment("PYTHONPATH");
    int failed = 0;
    for (const char *p = given; !failed && p;) {
        const char *end = strchrnul(p, ':');
        failed = append_text(t, list, p, (size_t)(end - p)) < 0;
        p = *end ? end + 1 : NULL;
    }
    if (!failed && *own_dir) failed = append_text(t, list, own_dir, strlen(own_dir)) < 0;
    if (!failed && *stdlib_dir) failed = append_text(t, list, stdlib_dir, strlen(stdlib_dir)) < 0;
    if (failed) {
        value_release(t, list);
        return -1;
    }
    return sys_set(t, "path", list);
}

int sys_init_paths(Thread *t) {
    find_library();
    find_own();
    find_prefixes();
    const char *executable = runtime_config.executable ? runtime_config.executable : "";
    const struct { const char *name, *text; } texts[] = {
        {"executable", executable}, {"_base_executable", executable}, {"prefix", venv_dir}, {"exec_prefix", venv_dir}, {"base_prefix", prefix_dir},
        {"base_exec_prefix", prefix_dir}, {"_stdlib_dir", stdlib_dir}, {"_home", ""}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool none = !*texts[i].text && *texts[i].name == '_';
        if (sys_set(t, texts[i].name, none ? NONE : sys_fs_text(t, texts[i].text)) < 0) return -1;
    }
    return set_path(t);
}
