// Importing: the statement's side of it, and the start. Finding and loading are the library's importlib; its bootstrap modules are
// frozen (frozen.h). Reference, "The import system".
#include "runtime/import.h"
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/frozen.h"
#include "runtime/import_internal.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "runtime/sys.h"

// ---- modules written in C
#define MODULE(name) extern const ModuleSpec name##_module;
#include "runtime/modules/modules.def"
#undef MODULE
static const ModuleSpec *const module_specs[] = {
#define MODULE(name) &name##_module,
#include "runtime/modules/modules.def"
#undef MODULE
    NULL};
const ModuleSpec *module_spec_find(const char *name) {
    for (int i = 0; frontend->modules[i]; i++)
        if (!strcmp(frontend->modules[i]->name, name)) return frontend->modules[i];
    for (int i = 0; module_specs[i]; i++)
        if (!strcmp(module_specs[i]->name, name)) return module_specs[i];
    return NULL;
}

// ---- the bootstrap modules
// They are frozen; where the build found no library, and in the first link that freezes, they are compiled from the library's source.
static const Bootstrap bootstraps[] = {
    {"_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap.py", "<frozen importlib._bootstrap>"},
    {"_frozen_importlib_external", "importlib._bootstrap_external", "importlib/_bootstrap_external.py", "<frozen importlib._bootstrap_external>"}};
enum { BOOTSTRAPS = sizeof bootstraps / sizeof *bootstraps };

const Bootstrap *bootstrap_find(ValueRef name) {
    for (int i = 0; i < BOOTSTRAPS; i++)
        if (value_is_any_str(name) && str_equal_text(value_str(name), bootstraps[i].name)) return &bootstraps[i];
    return NULL;
}

// A whole file in memory (free it); NULL without an exception where it cannot be read.
static char *read_file(const char *path, size_t *bytes) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return NULL;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (text = malloc((size_t)st.st_size + 1))) {
        size_t n = 0;
        for (ssize_t got; n < (size_t)st.st_size && (got = read(fd, text + n, (size_t)st.st_size - n)) > 0;) n += (size_t)got;
        text[n] = 0;
        *bytes = n;
    }
    close(fd);
    return text;
}

Value bootstrap_code(Thread *t, const Bootstrap *b) {
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", sys_stdlib(), b->file);
    size_t bytes = 0;
    char *source = *sys_stdlib() && n > 0 && n < PATH_MAX ? read_file(path, &bytes) : NULL;
    if (!source) return raise(t, IMPORT_ERROR, "the standard library of Python 3.14 was not found (set PYTHONHOME, or run `make deps`)");
    Value filename = str_from_text(t, b->filename);
    Value code = filename ? frontend->compile(t, source, bytes, false, filename, 'x', 0, 0) : UNDEF;
    value_release(t, filename);
    free(source);
    return code;
}

// Makes and runs a bootstrap module under its frozen name.
static Value bootstrap_module(Thread *t, const Bootstrap *b) {
    Value name = str_intern_text(t, b->name);
    FrozenModule frozen;
    Value code = !name ? UNDEF : frozen_find(name, &frozen) ? frozen_code(t, &frozen) : bootstrap_code(t, b);
    Value module = code ? module_new(t, name) : UNDEF;
    Value dict = module ? slot_get(t, &value_module(module)->dict) : UNDEF, done = UNDEF;
    if (dict && dict_set(t, value_dict(dict), NAME(__builtins__), t->interp->builtins_module) == 0 &&
        dict_set_text(t, value_dict(dict), "__origname__", str_from_text(t, b->origin)) == 0 && dict_set(t, value_dict(t->interp->modules), name, module) == 0)
        done = eval_code(t, code, dict, dict);
    value_release(t, dict);
    value_release(t, code);
    value_release(t, name);
    if (!done) VALUE_CLEAR(t, module);
    value_release(t, done);
    return module;
}

static int call_importlib(Thread *t, const char *function, const ValueRef *args, uint32_t nargs) {
    Value name = str_intern_text(t, function), done = name ? call_method(t, t->interp->importlib, name, args, nargs) : UNDEF;
    value_release(t, name);
    if (!done) return -1;
    value_release(t, done);
    return 0;
}

// ---- zip files: the first path hook; loads zipimport when a path entry is a file
// zipimport's own imports pass here again: until it stands, archives on the path are passed over, and looked at anew afterwards.
static _Atomic(Thread *) zip_loading;

static Value zip_importer(Thread *t) {
    Value key = str_intern_text(t, "zipimport"), module = key ? dict_get(t, value_dict(t->interp->modules), key) : UNDEF;
    value_release(t, key);
    bool first = !module;
    value_release(t, module);
    if (first) atomic_store_relaxed_ptr(&zip_loading, t);
    Value importer = import_attribute(t, "zipimport", "zipimporter");
    if (!first) return importer;
    atomic_store_relaxed_ptr(&zip_loading, NULL);
    Value cache = importer ? value_dup(t, sys_get(t, "path_importer_cache")) : UNDEF;
    Value keys = cache && value_is_any_dict(cache) ? dict_keys_list(t, value_dict(cache)) : UNDEF;
    for (int64_t i = 0; keys && i < list_length(value_list(keys)); i++) {
        Value path = list_get(t, value_list(keys), i), finder = path ? dict_get(t, value_dict(cache), path) : UNDEF;
        if (finder == NONE) value_release(t, dict_pop(t, value_dict(cache), path));
        value_release(t, finder);
        value_release(t, path);
    }
    value_release(t, keys);
    value_release(t, cache);
    if (error_pending(t)) VALUE_CLEAR(t, importer);
    return importer;
}

static Value zip_hook(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    struct stat st;
    char *allocated = NULL;
    bool file = false;
    if (value_is_any_str(args[0])) {
        const char *path = str_fs_path(t, args[0], &allocated);
        if (!path) error_clear(t);
        // A path inside of an archive names no file: one of its parents does.
        char part[PATH_MAX];
        if (path && strlen(path) < sizeof part) {
            strcpy(part, path);
            for (;;) {
                if (*part && stat(part, &st) == 0) {
                    file = S_ISREG(st.st_mode);
                    break;
                }
                char *slash = strrchr(part, '/');
                if (!slash || slash == part) break;
                *slash = 0;
            }
        }
        free(allocated);
    }
    if (!file || atomic_load_relaxed_ptr(&zip_loading) == t) return raise(t, IMPORT_ERROR, "not a Zip file: %R", args[0]);
    Value importer = zip_importer(t);
    Value result = importer ? call_1(t, importer, args[0]) : UNDEF;
    value_release(t, importer);
    // zipimport's own error is an ImportError, too.
    return result;
}
static const NativeDef zip_hook_def = {"zip_path_hook", zip_hook, "(path, /)", "Importers of zip files.", 0};

static int add_zip_hook(Thread *t) {
    Value hooks = value_dup(t, sys_get(t, "path_hooks")), hook = hooks ? native_function_new(t, &zip_hook_def, UNDEF, UNDEF, UNDEF) : UNDEF;
    int result = hook ? list_insert(t, value_list(hooks), 0, hook) : -1;
    value_release(t, hooks);
    return result;
}

// The finder of files also looks for extension modules, after sources and compiled ones: a package that has both gets its Python, and one that
// has the extension alone hears from the loader (_imp.create_dynamic) what is the matter.
static int find_extensions(Thread *t) {
    static const char *const suffixes[] = {".cpython-314-x86_64-linux-gnu.so", ".cpython-314t-x86_64-linux-gnu.so", ".abi3.so", ".so"};
    const char *external = "_frozen_importlib_external";
    Value supported = import_attribute(t, external, "_get_supported_file_loaders"), finder = supported ? import_attribute(t, external, "FileFinder") : UNDEF;
    Value loader = finder ? import_attribute(t, external, "ExtensionFileLoader") : UNDEF, loaders = loader ? call_0(t, supported) : UNDEF;
    Value names = loaders ? list_new(t, 0) : UNDEF, make = names ? str_intern_text(t, "path_hook") : UNDEF, pair = UNDEF, hook = UNDEF;
    int result = make ? 0 : -1;
    for (size_t i = 0; result == 0 && i < sizeof suffixes / sizeof *suffixes; i++) {
        Value name = str_from_text(t, suffixes[i]);
        result = name ? list_append(t, value_list(names), name) : -1;
    }
    if (result == 0) pair = tuple_pair(t, value_dup(t, loader), value_dup(t, names));
    ValueRef args[4];
    uint32_t n = 0;
    Value kept[4] = {UNDEF, UNDEF, UNDEF, UNDEF};
    for (; pair && n < 3 && (kept[n] = list_get(t, value_list(loaders), n)); n++) args[n] = kept[n];
    if (pair) args[n++] = pair;
    if (pair) hook = call_method(t, finder, make, args, n);
    ValueRef hooks = hook ? sys_get(t, "path_hooks") : UNDEF;
    result = hooks ? list_set(t, value_list(hooks), 0, hook) : -1;
    for (int i = 0; i < 4; i++) value_release(t, kept[i]);
    value_release(t, pair);
    value_release(t, make);
    value_release(t, names);
    value_release(t, loaders);
    value_release(t, loader);
    value_release(t, finder);
    value_release(t, supported);
    return result;
}

int import_init(Thread *t) {
    Interp *interp = t->interp;
    if (sys_init_paths(t) < 0 || dict_set_text(t, value_dict(interp->modules), "builtins", value_dup(t, interp->builtins_module)) < 0) return -1;
    Value importlib = bootstrap_module(t, &bootstraps[0]);
    if (!importlib) return -1;
    interp->importlib = importlib;
    Value imp = module_from_spec(t, &_imp_module);
    if (!imp || dict_set_text(t, value_dict(interp->modules), "_imp", value_dup(t, imp)) < 0) return -1;
    ValueRef args[2] = {interp->sys_module, imp};
    int result = call_importlib(t, "_install", args, 2);
    value_release(t, imp);
    if (result == 0) result = call_importlib(t, "_install_external_importers", NULL, 0);
    return result == 0 && find_extensions(t) == 0 ? add_zip_hook(t) : -1;
}

// ---- tracebacks without the import system's own frames

static bool is_importlib_frame(const Traceback *tb, bool *removal_mark) {
    const Code *code = value_code(((Frame *)value_object(slot_borrow(&tb->frame)))->code);
    const Str *filename = value_str(code->filename);
    *removal_mark = str_equal_text(value_str(code->name), "_call_with_frames_removed");
    return str_equal_text(filename, bootstraps[0].filename) || str_equal_text(filename, bootstraps[1].filename);
}
// Runs of importlib's frames go: all of them from an ImportError, else those that end in the function that is named for it.
static void trim_importlib_frames(Thread *t) {
    Value e = error_take(t);
    if (!e) return;
    if (runtime_config.verbose) {
        error_restore(t, e);
        return;
    }
    bool always = value_is_instance(e, EXCEPTION(IMPORT_ERROR)), inside = false, mark;
    Object *holder = value_object(e), *outer_holder = holder;
    Value *link = &value_exception(e)->traceback, *outer = link;
    for (;;) {
        ValueRef at = slot_borrow(link);
        if (!at || !value_is(at, TRACEBACK)) break;
        Traceback *tb = (Traceback *)value_object(at);
        bool now = is_importlib_frame(tb, &mark);
        if (now && !inside) {
            outer = link;
            outer_holder = holder;
        }
        inside = now;
        if (now && (always || mark)) {
            slot_store(t, outer_holder, outer, slot_get(t, &tb->next));
            link = outer;
            holder = outer_holder;
        } else {
            link = &tb->next;
            holder = value_object(at);
        }
    }
    error_restore(t, e);
}

// ---- sys.modules

static Value modules_get(Thread *t, ValueRef name) {
    Value modules = t->interp->modules;
    if (LIKELY(value_is(modules, DICT))) return dict_get(t, value_dict(modules), name);
    Value v = object_getitem(t, modules, name);
    if (!v && error_matches(t, EXCEPTION(KEY_ERROR))) error_clear(t);
    return v;
}

// __spec__._initializing of a module: 1, 0, -1.
static int is_initializing(Thread *t, ValueRef module) {
    Value spec = object_getattr_or_undef(t, module, NAME(__spec__));
    if (!spec || spec == NONE) return error_pending(t) ? -1 : 0;
    Value flag = object_getattr_or_undef(t, spec, NAME(_initializing));
    value_release(t, spec);
    if (!flag) return error_pending(t) ? -1 : 0;
    int truth = object_is_true(t, flag);
    value_release(t, flag);
    return truth;
}

// -X importtime: what this thread's imports took, without those inside them.
typedef struct ImportClock { int64_t start, inside_before; } ImportClock;
static _Thread_local int64_t import_inside; // nanoseconds of the imports inside the one that runs
static _Thread_local int import_level;

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}
static void print_import(Thread *t, ValueRef name, const char *own, const char *all) {
    static atomic_bool headed;
    if (!atomic_exchange_explicit(&headed, true, memory_order_relaxed)) fputs("import time: self [us] | cumulative | imported package\n", stderr);
    char *allocated;
    size_t bytes;
    const char *text = str_utf8(t, value_str(name), &bytes, &allocated);
    fprintf(stderr, "import time: %s | %s | %*s%s\n", own, all, 2 * import_level, "", text ? text : "?");
    if (!text) error_clear(t);
    free(allocated);
}
static ImportClock clock_start(void) {
    ImportClock c = {now_ns(), import_inside};
    import_inside = 0;
    import_level++;
    return c;
}
static void clock_stop(Thread *t, const ImportClock *c, ValueRef name, bool loaded) {
    int64_t all = now_ns() - c->start, own = all - import_inside;
    import_level--;
    import_inside = c->inside_before + all;
    if (!loaded) return;
    char own_text[24], all_text[24];
    snprintf(own_text, sizeof own_text, "%9lld", (long long)(own + 999) / 1000);
    snprintf(all_text, sizeof all_text, "%10lld", (long long)(all + 999) / 1000);
    print_import(t, name, own_text, all_text);
}

static Value find_and_load(Thread *t, ValueRef name) {
    if (!t->interp->importlib) return raise(t, IMPORT_ERROR, "import of %R before the import system stands", name);
    if (sys_audit_enabled(t)) {
        ValueRef path = sys_get(t, "path"), meta = sys_get(t, "meta_path"), hooks = sys_get(t, "path_hooks");
        ValueRef parts[5] = {name, NONE, path ? path : (ValueRef)NONE, meta ? meta : (ValueRef)NONE, hooks ? hooks : (ValueRef)NONE};
        if (sys_audit(t, "import", tuple_from_refs(t, parts, 5)) < 0) return UNDEF;
    }
    Value import = dict_get(t, value_dict(t->interp->builtins_dict), NAME(__import__));
    if (!import) return error_pending(t) ? UNDEF : raise(t, IMPORT_ERROR, "__import__ not found");
    ValueRef args[2] = {name, import};
    ImportClock clock = {0};
    bool timed = UNLIKELY(runtime_config.import_time);
    if (timed) clock = clock_start();
    Value module = call_method(t, t->interp->importlib, NAME(_find_and_load), args, 2);
    if (timed) clock_stop(t, &clock, name, module != UNDEF);
    value_release(t, import);
    return module;
}

// The module of an absolute name, loaded where need be.
static Value import_absolute(Thread *t, ValueRef name) {
    Value module = modules_get(t, name);
    if (LIKELY(module && module != NONE)) {
        int initializing = is_initializing(t, module);
        if (UNLIKELY(runtime_config.import_time > 1)) print_import(t, name, "cached   ", "cached    ");
        if (LIKELY(initializing == 0)) return module;
        Value done = initializing > 0 ? call_method_1(t, t->interp->importlib, NAME(_lock_unlock_module), name) : UNDEF;
        if (!done) VALUE_CLEAR(t, module);
        value_release(t, done);
    } else {
        if (error_pending(t)) return UNDEF;
        module = find_and_load(t, name);
    }
    if (!module) trim_importlib_frames(t);
    return module;
}

// ---- relative names

static int64_t last_dot(const Str *s, size_t end) {
    while (end-- > 0)
        if (str_char(s, end) == '.') return (int64_t)end;
    return -1;
}

// The package that relative imports in these globals start from (owned).
static Value package_of(Thread *t, ValueRef globals) {
    if (!globals || !value_is_any_dict(globals)) return raise(t, KEY_ERROR, "'__name__' not in globals");
    Dict *d = value_dict(globals);
    Value package = dict_get(t, d, NAME(__package__)), spec = UNDEF, parent = UNDEF;
    if (error_pending(t)) return UNDEF;
    spec = dict_get(t, d, NAME(__spec__));
    if (error_pending(t)) goto fail;
    if (spec == NONE) spec = UNDEF;
    if (spec) {
        Value parent_name = str_intern_text(t, "parent");
        parent = parent_name ? object_getattr(t, spec, parent_name) : UNDEF;
        value_release(t, parent_name);
        if (!parent && (!package || package == NONE || !error_matches(t, EXCEPTION(ATTRIBUTE_ERROR)))) goto fail;
        if (!parent) error_clear(t);
    }
    if (package && package != NONE) {
        if (!value_is_any_str(package)) {
            raise(t, TYPE_ERROR, "package must be a string");
            goto fail;
        }
        int same = parent ? object_equal(t, package, parent) : 1;
        if (same < 0 || (!same && warn(t, E_DEPRECATION_WARNING, 1, "__package__ != __spec__.parent") < 0)) goto fail;
        value_release(t, parent);
        value_release(t, spec);
        return package;
    }
    value_release(t, package);
    package = UNDEF;
    if (parent) {
        if (!value_is_any_str(parent)) {
            raise(t, TYPE_ERROR, "__spec__.parent must be a string");
            goto fail;
        }
        value_release(t, spec);
        return parent;
    }
    value_release(t, spec);
    spec = UNDEF;
    if (warn(t, E_IMPORT_WARNING, 1, "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__") < 0) goto fail;
    package = dict_get(t, d, NAME(__name__));
    if (!package) {
        if (!error_pending(t)) raise(t, KEY_ERROR, "'__name__' not in globals");
        goto fail;
    }
    if (!value_is_any_str(package)) {
        raise(t, TYPE_ERROR, "__name__ must be a string");
        goto fail;
    }
    int has_path = dict_contains(t, d, NAME(__path__));
    if (has_path < 0) goto fail;
    if (!has_path) {
        int64_t dot = last_dot(value_str(package), str_length(value_str(package)));
        Value shorter = dot < 0 ? str_from_text(t, "") : str_substring(t, value_str(package), 0, (size_t)dot);
        value_release(t, package);
        package = shorter;
    }
    return package;
fail:
    value_release(t, parent);
    value_release(t, spec);
    value_release(t, package);
    return UNDEF;
}

static Value resolve_name(Thread *t, ValueRef name, ValueRef globals, int64_t level) {
    Value package = package_of(t, globals);
    if (!package) return UNDEF;
    const Str *p = value_str(package);
    size_t end = str_length(p);
    Value result = UNDEF;
    if (end == 0) {
        raise(t, IMPORT_ERROR, "attempted relative import with no known parent package");
        goto done;
    }
    for (int64_t up = 1; up < level; up++) {
        int64_t dot = last_dot(p, end);
        if (dot < 0) {
            raise(t, IMPORT_ERROR, "attempted relative import beyond top-level package");
            goto done;
        }
        end = (size_t)dot;
    }
    Value base = str_substring(t, p, 0, end);
    if (base && str_length(value_str(name)) == 0) return value_release(t, package), base;
    result = base ? str_of_format(t, "%U.%U", value_str(base), value_str(name)) : UNDEF;
    value_release(t, base);
done:
    value_release(t, package);
    return result;
}

// ---- the statement

static Value handle_fromlist(Thread *t, ValueRef module, ValueRef fromlist) {
    Value path = object_getattr_or_undef(t, module, NAME(__path__));
    if (!path) return error_pending(t) ? UNDEF : value_dup(t, module);
    value_release(t, path);
    Value import = dict_get(t, value_dict(t->interp->builtins_dict), NAME(__import__));
    if (!import) return error_pending(t) ? UNDEF : raise(t, IMPORT_ERROR, "__import__ not found");
    ValueRef args[3] = {module, fromlist, import};
    Value result = call_method(t, t->interp->importlib, NAME(_handle_fromlist), args, 3);
    value_release(t, import);
    if (!result) trim_importlib_frames(t);
    return result;
}

Value import_module_level(Thread *t, ValueRef name, ValueRef globals, ValueRef fromlist, ValueRef level_value) {
    if (!name || !value_is_any_str(name)) return raise(t, TYPE_ERROR, "module name must be a string");
    int level = 0;
    if (level_value && arg_int(t, level_value, &level) < 0) return UNDEF;
    if (level < 0) return raise(t, VALUE_ERROR, "level must be >= 0");
    Value full = level > 0 ? resolve_name(t, name, globals, level) : value_dup(t, name);
    if (!full) return UNDEF;
    if (level == 0 && str_length(value_str(full)) == 0) {
        value_release(t, full);
        return raise(t, VALUE_ERROR, "Empty module name");
    }
    Value module = import_absolute(t, full), result = UNDEF;
    int has_from = module && fromlist && fromlist != NONE ? object_is_true(t, fromlist) : module ? 0 : -1;
    if (has_from < 0) goto done;
    if (has_from) {
        result = handle_fromlist(t, module, fromlist);
        goto done;
    }
    const Str *s = value_str(name);
    size_t n = str_length(s), front = 0;
    while (front < n && str_char(s, front) != '.') front++;
    if (front == n) { // no dot, or no name at all
        result = value_dup(t, module);
    } else if (level == 0) {
        Value top = str_substring(t, s, 0, front);
        result = top ? import_absolute(t, top) : UNDEF;
        value_release(t, top);
    } else {
        // from . import of a dotted name: what stands for its first part.
        size_t cut = n - front;
        Value top = str_substring(t, value_str(full), 0, str_length(value_str(full)) - cut);
        result = top ? modules_get(t, top) : UNDEF;
        if (top && !result && !error_pending(t)) raise(t, KEY_ERROR, "%R not in sys.modules as expected", top);
        value_release(t, top);
    }
done:
    value_release(t, module);
    value_release(t, full);
    return result;
}

Value import_builtin(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return import_module_level(t, args[0], args[1] && args[1] != NONE ? args[1] : (ValueRef)UNDEF, args[3], args[4]);
}
bool import_is_builtin(Thread *t, ValueRef function) {
    return value_is(function, NATIVE_FUNCTION) && ((NativeFunction *)value_object(function))->def->function == import_builtin;
}

Value import_module(Thread *t, const char *name) {
    Value text = str_intern_text(t, name), module = text ? import_absolute(t, text) : UNDEF;
    value_release(t, text);
    return module;
}
Value import_attribute(Thread *t, const char *module, const char *attribute) {
    Value m = import_module(t, module), name = m ? str_intern_text(t, attribute) : UNDEF;
    Value v = name ? object_getattr(t, m, name) : UNDEF;
    value_release(t, name);
    value_release(t, m);
    return v;
}

// ---- "cannot import name"

// spec.origin where the module has a location, as a str; UNDEF.
static Value module_origin(Thread *t, ValueRef spec) {
    Value name = str_intern_text(t, "has_location"), flag = name ? object_getattr_or_undef(t, spec, name) : UNDEF, origin = UNDEF;
    if (flag && object_is_true(t, flag) > 0) origin = object_getattr_or_undef(t, spec, NAME(origin));
    value_release(t, flag);
    value_release(t, name);
    if (origin && !value_is_any_str(origin)) VALUE_CLEAR(t, origin);
    error_clear(t);
    return origin;
}

// Does the file lie in the directory that headed sys.path at the start (the script's own)?
static bool in_script_directory(Thread *t, const Str *origin) {
    const char *start = sys_path_0();
    if (!*start) return false;
    Value first = str_from_utf8_surrogates(t, start, strlen(start));
    bool inside = false;
    if (first) {
        size_t n = str_length(value_str(first)), total = str_length(origin);
        size_t slash = total;
        while (slash > 0 && str_char(origin, slash - 1) != '/') slash--;
        if (slash > 0 && slash - 1 == n) {
            Value head = str_substring(t, origin, 0, n);
            inside = head && str_equal(value_str(head), value_str(first));
            value_release(t, head);
        }
    }
    error_clear(t);
    value_release(t, first);
    return inside;
}

void import_from_error(Thread *t, ValueRef module, ValueRef package, ValueRef name) {
    Value unknown = UNDEF, origin = UNDEF, message = UNDEF, e = UNDEF;
    if (!package || !value_is_any_str(package)) package = unknown = str_from_text(t, "<unknown module name>");
    if (!package) return;
    Value spec = object_getattr_or_undef(t, module, NAME(__spec__));
    if (spec == NONE) spec = UNDEF;
    error_clear(t);
    if (spec) origin = module_origin(t, spec);
    if (!origin) { // __file__ serves as well
        Value file = object_getattr_or_undef(t, module, NAME(__file__));
        error_clear(t);
        if (file && value_is_any_str(file)) origin = file;
        else value_release(t, file);
    }
    int initializing = is_initializing(t, module);
    if (initializing < 0) error_clear(t);
    bool shadow = origin && in_script_directory(t, value_str(origin)), library = false;
    if (shadow) {
        Value names = value_dup(t, sys_get(t, "stdlib_module_names"));
        library = names && object_contains(t, names, package) > 0;
        error_clear(t);
        value_release(t, names);
    }
    if (shadow && library)
        message = str_of_format(t, "cannot import name %R from %R (consider renaming %R since it has the same name as the standard library module named %R and prevents "
                                   "importing that standard library module)", name, package, origin, package);
    else if (shadow && initializing > 0)
        message = str_of_format(t, "cannot import name %R from %R (consider renaming %R if it has the same name as a library you intended to import)", name, package, origin);
    else if (initializing > 0 && origin)
        message = str_of_format(t, "cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)", name, package, origin);
    else if (initializing > 0)
        message = str_of_format(t, "cannot import name %R from partially initialized module %R (most likely due to a circular import) (unknown location)", name, package);
    else if (origin)
        message = str_of_format(t, "cannot import name %R from %R (%S)", name, package, origin);
    else
        message = str_of_format(t, "cannot import name %R from %R (unknown location)", name, package);
    if (message) e = call_1(t, value_of(EXCEPTION(IMPORT_ERROR)), message);
    if (e && object_setattr(t, e, NAME(name), package) == 0 && object_setattr(t, e, NAME(name_from), name) == 0 &&
        object_setattr(t, e, NAME(path), origin ? origin : NONE) == 0)
        raise_object(t, value_dup(t, e));
    value_release(t, e);
    value_release(t, message);
    value_release(t, origin);
    value_release(t, spec);
    value_release(t, unknown);
}
