// The sys module: its values. Functions are in sys_functions.c, hooks in sys_hooks.c, paths in sys_path.c.
#include "runtime/sys.h"
#include <float.h>
#include <limits.h>
#include <unistd.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/interp/frame.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/namespace.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/structseq.h"
#include "runtime/startup.h"
#include "runtime/support/hash.h"
#include "runtime/sys_internal.h"
#include "runtime/tier.h"
#include "sync/gil.h"

enum { VERSION_MAJOR = 3, VERSION_MINOR = 14, VERSION_MICRO = 2 };
#define VERSION_TEXT "3.14.2"

// ---- the struct sequences
static const StructSeqSpec flags_fields = {
    "sys.flags", "What the command line asked for.",
    (const char *const[]){"debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site", "ignore_environment", "verbose",
                          "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode", "utf8_mode", "warn_default_encoding", "safe_path",
                          "int_max_str_digits", "gil", "thread_inherit_context", "context_aware_warnings", NULL}, 18, true};
static const StructSeqSpec float_info_fields = {
    "sys.float_info", "Limits and precision of float.",
    (const char *const[]){"max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds", NULL}, 11, false};
static const StructSeqSpec int_info_fields = {
    "sys.int_info", "How int is represented.",
    (const char *const[]){"bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold", NULL}, 4, false};
static const StructSeqSpec hash_info_fields = {
    "sys.hash_info", "Parameters of hashing.",
    (const char *const[]){"width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff", NULL}, 9, false};
static const StructSeqSpec thread_info_fields = {
    "sys.thread_info", "The threads of the operating system.", (const char *const[]){"name", "lock", "version", NULL}, 3, false};
static const StructSeqSpec version_info_fields = {
    "sys.version_info", "The version as a tuple.", (const char *const[]){"major", "minor", "micro", "releaselevel", "serial", NULL}, 5, true};
static const StructSeqSpec asyncgen_hooks_fields = {
    "asyncgen_hooks", "Hooks of asynchronous generators.", (const char *const[]){"firstiter", "finalizer", NULL}, 2, false};
static const StructSeqSpec unraisable_fields = {
    "UnraisableHookArgs", "Arguments of sys.unraisablehook.",
    (const char *const[]){"exc_type", "exc_value", "exc_traceback", "err_msg", "object", NULL}, 5, false};

static int add_seq(Thread *t, ValueRef module, const char *name, const StructSeqSpec *spec, Value *items_steal) {
    Type *type = structseq_type(t, spec);
    if (!type) {
        for (int i = 0; spec->fields[i]; i++) value_release(t, items_steal[i]);
        return -1;
    }
    return module_add(t, module, name, structseq_new(t, type, items_steal));
}

static Value flag(bool b) { return value_int(b); }
static Value make_flags(Thread *t, Type *type) {
    const RuntimeConfig *c = &runtime_config;
    Value items[] = {value_int(c->debug), flag(c->inspect), value_int(c->interactive), value_int(c->optimize), flag(c->dont_write_bytecode), flag(c->no_user_site),
                     flag(c->no_site), flag(c->ignore_environment), value_int(c->verbose), value_int(c->bytes_warning), flag(c->quiet),
                     flag(!c->hash_seed_given || c->hash_seed != 0), flag(c->isolated), value_bool(c->dev_mode), value_int(c->utf8_mode), flag(c->warn_default_encoding),
                     value_bool(c->safe_path), value_int(int_max_str_digits()), flag(sync_gil_mode),
                     flag(c->thread_inherit_context < 0 ? !sync_gil_mode : c->thread_inherit_context),
                     flag(c->context_aware_warnings < 0 ? !sync_gil_mode : c->context_aware_warnings)};
    return structseq_new(t, type, items);
}

static int add_infos(Thread *t, ValueRef module) {
    Value floats[] = {float_new(t, DBL_MAX), value_int(DBL_MAX_EXP), value_int(DBL_MAX_10_EXP), float_new(t, DBL_MIN), value_int(DBL_MIN_EXP),
                      value_int(DBL_MIN_10_EXP), value_int(DBL_DIG), value_int(DBL_MANT_DIG), float_new(t, DBL_EPSILON), value_int(FLT_RADIX), value_int(1)};
    if (add_seq(t, module, "float_info", &float_info_fields, floats) < 0) return -1;
    // The digits that programs may reckon with are CPython's; here a limb has 64 bits.
    Value ints[] = {value_int(30), value_int(4), value_int(4300), value_int(640)};
    if (add_seq(t, module, "int_info", &int_info_fields, ints) < 0) return -1;
    Value hashes[] = {value_int(64), int_from_int64(t, (INT64_C(1) << 61) - 1), value_int(314159), value_int(0), value_int(1000003), str_from_text(t, "siphash13"),
                      value_int(64), value_int(128), value_int(0)};
    if (add_seq(t, module, "hash_info", &hash_info_fields, hashes) < 0) return -1;
    char version[128];
    size_t n = confstr(_CS_GNU_LIBPTHREAD_VERSION, version, sizeof version);
    Value threads[] = {str_from_text(t, "pthread"), str_from_text(t, "futex"), n && n < sizeof version ? str_from_text(t, version) : NONE};
    return add_seq(t, module, "thread_info", &thread_info_fields, threads);
}

// ---- version and implementation
static Value jit_status(Thread *t) {
    Value status = dict_new(t);
    if (status && (dict_set_text(t, value_dict(status), "enabled", value_bool(tier)) < 0 || dict_set_text(t, value_dict(status), "type", str_intern_text(t, "baseline")) < 0))
        VALUE_CLEAR(t, status);
    return status;
}
static int add_version(Thread *t, ValueRef module) {
    int hex = VERSION_MAJOR << 24 | VERSION_MINOR << 16 | VERSION_MICRO << 8 | 0xf0;
    Type *type = structseq_type(t, &version_info_fields);
    if (!type) return -1;
    Value items[] = {value_int(VERSION_MAJOR), value_int(VERSION_MINOR), value_int(VERSION_MICRO), str_intern_text(t, "final"), value_int(0)};
    Value info = structseq_new(t, type, items), fields = info ? dict_new(t) : UNDEF, implementation = UNDEF;
    if (!fields) goto fail;
    Dict *d = value_dict(fields);
    if (dict_set_text(t, d, "name", str_intern_text(t, "skein")) < 0 || dict_set_text(t, d, "cache_tag", str_intern_text(t, "skein-314")) < 0 ||
        dict_set_text(t, d, "version", value_dup(t, info)) < 0 || dict_set_text(t, d, "hexversion", value_int(hex)) < 0 ||
        dict_set_text(t, d, "_jit_status", jit_status(t)) < 0 || dict_set_text(t, d, "_multiarch", str_intern_text(t, "x86_64-linux-gnu")) < 0 ||
        dict_set_text(t, d, "supports_isolated_interpreters", FALSE_VALUE) < 0)
        goto fail;
    implementation = namespace_new(t, fields);
    value_release(t, fields);
    fields = UNDEF;
    if (module_add(t, module, "implementation", implementation) < 0) goto fail;
    if (module_add(t, module, "version_info", info) < 0) return -1;
    if (module_add_int(t, module, "hexversion", hex) < 0 || module_add_int(t, module, "api_version", 1013) < 0) return -1;
    // platform reads "VERSION (BUILD, DATE, TIME) [COMPILER]"; the name of the implementation stands among the build's words.
    Value version = str_of_format(t, VERSION_TEXT "%s (skein, %s, %s) [Clang %d.%d.%d]", sync_gil_mode ? "" : " free-threading build", __DATE__, __TIME__,
                                  __clang_major__, __clang_minor__, __clang_patchlevel__);
    if (module_add(t, module, "version", version) < 0) return -1;
    Value git[] = {str_intern_text(t, "Skein"), str_intern_text(t, ""), str_intern_text(t, "")};
    return module_add(t, module, "_git", tuple_from_values(t, git, 3));
fail:
    value_release(t, fields);
    value_release(t, info);
    return -1;
}

// ---- lists from the command line
static Value text_list(Thread *t, int n, const char *const *texts) {
    Value list = list_new(t, n);
    for (int i = 0; list && i < n; i++) {
        Value s = sys_fs_text(t, texts[i]);
        if (!s || list_append(t, value_list(list), s) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}

static Value xoptions_dict(Thread *t) {
    Value dict = dict_new(t);
    for (int i = 0; dict && i < runtime_config.nxoptions; i++) {
        const char *option = runtime_config.xoptions[i], *equals = strchr(option, '=');
        size_t n = equals ? (size_t)(equals - option) : strlen(option);
        Value key = str_from_utf8_surrogates(t, option, n), value = equals ? sys_fs_text(t, equals + 1) : TRUE_VALUE;
        if (!key || !value || dict_set(t, value_dict(dict), key, value) < 0) VALUE_CLEAR(t, dict);
        value_release(t, key);
        value_release(t, value);
    }
    return dict;
}

static int add_config(Thread *t, ValueRef module) {
    const RuntimeConfig *c = &runtime_config;
    if (module_add(t, module, "argv", text_list(t, c->argc, (const char *const *)c->argv)) < 0) return -1;
    if (module_add(t, module, "orig_argv", text_list(t, c->orig_argc, (const char *const *)c->orig_argv)) < 0) return -1;
    if (module_add(t, module, "warnoptions", text_list(t, c->nwarnoptions, c->warnoptions)) < 0) return -1;
    if (module_add(t, module, "_xoptions", xoptions_dict(t)) < 0) return -1;
    if (module_add(t, module, "dont_write_bytecode", value_bool(c->dont_write_bytecode)) < 0) return -1;
    return module_add(t, module, "pycache_prefix", c->pycache_prefix ? sys_fs_text(t, c->pycache_prefix) : NONE);
}

// ---- names of modules
static const char *const stdlib_names[] = {
#define STDLIB(name) #name,
#include "runtime/stdlib_names.def"
#undef STDLIB
    NULL};
static const char *const builtin_names[] = {
#define MODULE(name) #name,
#include "runtime/modules/modules.def"
#undef MODULE
    NULL};

static int compare_names(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static int add_module_names(Thread *t, ValueRef module) {
    Value list = list_new(t, 300);
    for (int i = 0; list && stdlib_names[i]; i++) {
        Value s = str_intern_text(t, stdlib_names[i]);
        if (!s || list_append(t, value_list(list), s) < 0) VALUE_CLEAR(t, list);
    }
    Value set = list ? frozenset_from_iterable(t, list) : UNDEF;
    value_release(t, list);
    if (module_add(t, module, "stdlib_module_names", set) < 0) return -1;
    const char *sorted[sizeof builtin_names / sizeof *builtin_names + 10];
    int n = 0;
    for (int i = 0; frontend->modules[i] && i < 8; i++) sorted[n++] = frontend->modules[i]->name; // the front end's
    bool has_builtins = false, has_sys = false;
    for (int i = 0; builtin_names[i]; i++) {
        sorted[n++] = builtin_names[i];
        has_builtins = has_builtins || !strcmp(builtin_names[i], "builtins");
        has_sys = has_sys || !strcmp(builtin_names[i], "sys");
    }
    if (!has_builtins) sorted[n++] = "builtins";
    if (!has_sys) sorted[n++] = "sys";
    qsort(sorted, (size_t)n, sizeof *sorted, compare_names);
    Tuple *names = tuple_alloc(t, n);
    if (!names) return -1;
    for (int i = 0; i < n; i++) {
        Value s = str_intern_text(t, sorted[i]);
        if (!s) {
            value_release(t, value_of(names));
            return -1;
        }
        slot_init(&names->items[i], s);
    }
    return module_add(t, module, "builtin_module_names", value_of(names));
}

// ---- submodules
static int add_submodule(Thread *t, ValueRef module, const char *attribute, const ModuleSpec *spec) {
    return module_add(t, module, attribute, module_from_spec(t, spec));
}

static Value jit_is_available(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return TRUE_VALUE; }
static Value jit_is_enabled(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return value_bool(tier); }
static Value jit_is_active(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return value_bool(t->fp && native_at(frame_data(t->fp), t->pc));
}
static const NativeDef jit_functions[] = {
    {"is_available", jit_is_available, "($module, /)", "Was the runtime built with a compiler?", 0},
    {"is_enabled", jit_is_enabled, "($module, /)", "May it compile in this process?", 0},
    {"is_active", jit_is_active, "($module, /)", "Is the calling frame compiled code?", 0},
    NATIVE_END};
static const ModuleSpec jit_module = {.name = "sys._jit", .doc = "State of the just-in-time compiler.", .functions = jit_functions};

// ---- making the module
static void state_traverse(void *state, VisitFn visit, void *arg) {
    SysState *s = state;
    Value *slots[] = {&s->audit_hooks, &s->asyncgen_hooks_type, &s->unraisable_type, &s->flags_type};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) visit(slots[i], arg);
}

static int keep_type(Thread *t, ValueRef module, Value *slot, Type *type) {
    if (!type) return -1;
    slot_store(t, value_object(module), slot, value_dup(t, value_of(type)));
    return 0;
}

static int sys_exec(Thread *t, ValueRef module) {
    SysState *s = module_state(module);
    if (runtime_config.int_max_str_digits >= 0) int_set_max_str_digits(runtime_config.int_max_str_digits);
    if (keep_type(t, module, &s->flags_type, structseq_type(t, &flags_fields)) < 0 ||
        keep_type(t, module, &s->asyncgen_hooks_type, structseq_type(t, &asyncgen_hooks_fields)) < 0 ||
        keep_type(t, module, &s->unraisable_type, structseq_type(t, &unraisable_fields)) < 0)
        return -1;
    if (module_add(t, module, "flags", make_flags(t, (Type *)value_object(s->flags_type))) < 0) return -1;
    if (add_infos(t, module) < 0 || add_version(t, module) < 0 || add_config(t, module) < 0 || add_module_names(t, module) < 0) return -1;
    const struct { const char *name, *text; } texts[] = {
        {"platform", "linux"}, {"byteorder", "little"}, {"float_repr_style", "short"}, {"platlibdir", runtime_config.platlibdir ? runtime_config.platlibdir : "lib"}, {"_framework", ""},
        {"copyright", "Copyright (c) 2026 the Skein authors.\nThe standard library is Copyright (c) 2001 Python Software Foundation."},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (module_add_text(t, module, texts[i].name, texts[i].text) < 0) return -1;
    static const char *const streams[] = {"stdin", "stdout", "stderr"}; // until there are any (stdio.c)
    for (int i = 0; i < 3; i++)
        if (module_add(t, module, streams[i], NONE) < 0) return -1;
    if (module_add_text(t, module, "abiflags", sync_gil_mode ? "" : "t") < 0) return -1;
    if (module_add(t, module, "maxsize", int_from_int64(t, INT64_MAX)) < 0 || module_add_int(t, module, "maxunicode", 0x10ffff) < 0) return -1;
    if (module_add(t, module, "meta_path", list_new(t, 0)) < 0 || module_add(t, module, "path_hooks", list_new(t, 0)) < 0 ||
        module_add(t, module, "path_importer_cache", dict_new(t)) < 0 || module_add(t, module, "path", list_new(t, 0)) < 0)
        return -1;
    if (add_submodule(t, module, "_jit", &jit_module) < 0 || sys_add_monitoring(t, module) < 0) return -1;
    // What a program may replace stays reachable under these names.
    static const char *const kept[][2] = {{"__displayhook__", "displayhook"}, {"__excepthook__", "excepthook"}, {"__unraisablehook__", "unraisablehook"}, {"__breakpointhook__", "breakpointhook"}};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        Value name = str_intern_text(t, kept[i][1]), v = name ? dict_get(t, value_dict(value_module(module)->dict), name) : UNDEF;
        value_release(t, name);
        if (module_add(t, module, kept[i][0], v) < 0) return -1;
    }
    return 0;
}

const ModuleSpec sys_module = {.name = "sys", .doc = "What the interpreter knows of itself, and what it lets programs change.", .functions = sys_functions,
                               .exec = sys_exec, .state_size = sizeof(SysState), .traverse = state_traverse};

int sys_init(Thread *t) {
    Interp *interp = t->interp;
    Value module = module_from_spec(t, &sys_module);
    if (!module) return -1;
    interp->sys_module = module;
    interp->sys_dict = value_dup(t, value_module(module)->dict);
    if (!interp->modules && !(interp->modules = dict_new(t))) return -1;
    if (sys_set(t, "modules", value_dup(t, interp->modules)) < 0) return -1;
    return dict_set_text(t, value_dict(interp->modules), "sys", value_dup(t, module));
}

SysState *sys_state(Thread *t) { return module_state(t->interp->sys_module); }

ValueRef sys_get(Thread *t, const char *name) {
    Value key = t->interp->sys_dict ? str_intern_text(t, name) : UNDEF;
    if (!key) {
        error_clear(t);
        return UNDEF;
    }
    ValueRef v = dict_get_str_borrow(value_dict(t->interp->sys_dict), value_str(key));
    value_release(t, key); // interned strings are deferred: nothing runs here
    return v;
}
int sys_set(Thread *t, const char *name, Value value_steal) { return dict_set_text(t, value_dict(t->interp->sys_dict), name, value_steal); }

Value sys_fs_text(Thread *t, const char *bytes) { return str_decode(t, (const uint8_t *)bytes, strlen(bytes), CODEC_UTF_8, "surrogateescape"); }
