// _imp: what importlib asks of the runtime. Builtin modules, frozen ones, cache files' magic, the import lock.
#include <stdio.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/code.h"
#include "runtime/error.h"
#include "runtime/frozen.h"
#include "runtime/import_internal.h"
#include "runtime/interp/interp.h"
#include "runtime/marshal.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/startup.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/hash.h"
#include "sync/mutex.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static int want_str(Thread *t, const char *function, ValueRef v) {
    return value_is_any_str(v) ? 0 : raise_int(t, TYPE_ERROR, "%s() argument must be str, not %K", function, v);
}

// ---- builtin modules
static const ModuleSpec *builtin_spec(ValueRef name) {
    char text[64];
    const Str *s = value_str(name);
    if (!str_is_ascii(s) || str_length(s) >= sizeof text) return NULL;
    memcpy(text, str_data(s), str_length(s));
    text[str_length(s)] = 0;
    return strlen(text) == str_length(s) ? module_spec_find(text) : NULL;
}
static bool is_core(ValueRef name) { return str_equal_text(value_str(name), "sys") || str_equal_text(value_str(name), "builtins"); }

FUNCTION(is_builtin) {
    if (want_str(t, "is_builtin", args[0]) < 0) return UNDEF;
    return value_int(is_core(args[0]) ? -1 : builtin_spec(args[0]) ? 1 : 0);
}
FUNCTION(create_builtin) {
    Value name = object_getattr(t, args[0], NAME(name)), module = UNDEF;
    if (!name || want_str(t, "create_builtin", name) < 0) {
        value_release(t, name);
        return UNDEF;
    }
    if (str_equal_text(value_str(name), "sys")) module = value_dup(t, t->interp->sys_module);
    else if (str_equal_text(value_str(name), "builtins")) module = value_dup(t, t->interp->builtins_module);
    else {
        const ModuleSpec *spec = builtin_spec(name);
        module = spec ? module_from_spec(t, spec) : NONE;
    }
    value_release(t, name);
    return module;
}
FUNCTION(exec_builtin) { return value_int(0); } // create_builtin has filled it
FUNCTION(create_dynamic) {
    Value name = object_getattr(t, args[0], NAME(name));
    if (name) raise(t, IMPORT_ERROR, "module %R is an extension for CPython's C interface, which Skein does not have", name);
    value_release(t, name);
    return UNDEF;
}
FUNCTION(extension_suffixes) { return list_new(t, 0); }

// ---- frozen names
static Value not_frozen(Thread *t, ValueRef name) {
    Value message = str_of_format(t, "No such frozen object named %R", name), e = message ? call_1(t, value_of(EXCEPTION(IMPORT_ERROR)), message) : UNDEF;
    value_release(t, message);
    if (e && object_setattr(t, e, NAME(name), name) == 0) raise_object(t, value_dup(t, e));
    value_release(t, e);
    return UNDEF;
}
// What is frozen under this name: a module of the executable's table, or one of the two that importing is made of, whose code may be
// compiled from its source instead.
typedef struct Found { bool found, frozen; FrozenModule module; const Bootstrap *bootstrap; } Found;
static Found find(ValueRef name) {
    Found f = {.bootstrap = bootstrap_find(name)};
    f.frozen = frozen_find(name, &f.module);
    f.found = f.frozen || f.bootstrap;
    return f;
}
FUNCTION(is_frozen) { return want_str(t, "is_frozen", args[0]) < 0 ? UNDEF : value_bool(find(args[0]).found); }
FUNCTION(is_frozen_package) {
    if (want_str(t, "is_frozen_package", args[0]) < 0) return UNDEF;
    Found f = find(args[0]);
    return f.found ? value_bool(f.frozen && f.module.package) : not_frozen(t, args[0]);
}
FUNCTION(find_frozen) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "find_frozen() argument 1 must be str, not %K", args[0]);
    bool with_data = false;
    if (args[1] && arg_bool(t, args[1], &with_data) < 0) return UNDEF;
    Found f = find(args[0]);
    if (!f.found) return NONE;
    const char *origin = f.frozen ? f.module.origin : f.bootstrap->origin;
    Value data = NONE;
    if (with_data && f.frozen) {
        Value bytes = bytes_new(t, f.module.code, f.module.code_bytes);
        data = bytes ? call_1(t, value_of(TYPE_OF(MEMORYVIEW)), bytes) : UNDEF;
        value_release(t, bytes);
        if (!data) return UNDEF;
    }
    Value parts[3] = {data, value_bool(f.frozen && f.module.package), *origin ? str_from_text(t, origin) : NONE};
    if (parts[2]) return tuple_from_values(t, parts, 3);
    value_release(t, data);
    return UNDEF;
}
FUNCTION(get_frozen_object) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "get_frozen_object() argument 1 must be str, not %K", args[0]);
    if (!args[1] || args[1] == NONE) {
        Found f = find(args[0]);
        return f.frozen ? frozen_code(t, &f.module) : f.bootstrap ? bootstrap_code(t, f.bootstrap) : not_frozen(t, args[0]);
    }
    Buffer data;
    if (buffer_get(t, args[1], &data, BUFFER_READ) < 0) {
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return UNDEF;
        error_clear(t);
        return raise(t, TYPE_ERROR, "get_frozen_object() argument 2 must be bytes, not %T", args[1]);
    }
    Value code = marshal_loads(t, data.data, (size_t)data.length);
    buffer_release(t, &data);
    if (code && value_is(code, CODE)) return code;
    value_release(t, code);
    error_clear(t);
    return raise(t, IMPORT_ERROR, "Frozen object named %R is invalid", args[0]);
}
FUNCTION(init_frozen) {
    if (want_str(t, "init_frozen", args[0]) < 0) return UNDEF;
    Found f = find(args[0]);
    if (!f.found) return NONE;
    Value code = f.frozen ? frozen_code(t, &f.module) : bootstrap_code(t, f.bootstrap), module = UNDEF;
    if (code && value_is_any_dict(t->interp->modules)) module = dict_get(t, value_dict(t->interp->modules), args[0]);
    if (!module || !value_is(module, MODULE)) { // else it runs in the one that stands there
        value_release(t, module);
        module = code && !error_pending(t) ? module_new(t, args[0]) : UNDEF;
    }
    Value dict = module ? slot_get(t, &value_module(module)->dict) : UNDEF, done = UNDEF;
    const char *origin = f.frozen ? f.module.origin : f.bootstrap->origin;
    if (dict && dict_set(t, value_dict(dict), NAME(__builtins__), t->interp->builtins_module) == 0 &&
        dict_set_text(t, value_dict(dict), "__origname__", *origin ? str_from_text(t, origin) : NONE) == 0 &&
        object_setitem(t, t->interp->modules, args[0], module) == 0)
        done = eval_code(t, code, dict, dict);
    if (!done) VALUE_CLEAR(t, module);
    value_release(t, done);
    value_release(t, dict);
    value_release(t, code);
    return module;
}
FUNCTION(frozen_module_names) { return frozen_names(t); }
FUNCTION(override_frozen) {
    int use;
    if (arg_int(t, args[0], &use) < 0) return UNDEF;
    frozen_override(use);
    return NONE;
}

// ---- the import lock: one for all, taken by importlib while it looks at its table of module locks
static struct {
    _Atomic uint8_t lock;
    _Atomic(Thread *) owner;
    uint32_t depth; // (lock)
} import_lock;

FUNCTION(acquire_lock) {
    if (atomic_load_relaxed_ptr(&import_lock.owner) == t) {
        import_lock.depth++;
        return NONE;
    }
    byte_lock(&t->core, &import_lock.lock);
    atomic_store_relaxed_ptr(&import_lock.owner, t);
    import_lock.depth = 1;
    return NONE;
}
FUNCTION(release_lock) {
    if (atomic_load_relaxed_ptr(&import_lock.owner) != t) return raise(t, RUNTIME_ERROR, "not holding the import lock");
    if (--import_lock.depth == 0) {
        atomic_store_relaxed_ptr(&import_lock.owner, NULL);
        byte_unlock(&import_lock.lock);
    }
    return NONE;
}
FUNCTION(lock_held) { return value_bool(byte_is_locked(&import_lock.lock)); }
void import_fork_child(Thread *t) {
    // Held by a thread that does not exist here: free. Held by this one: stays.
    if (atomic_load_relaxed_ptr(&import_lock.owner) == t) return;
    atomic_store_relaxed_ptr(&import_lock.owner, NULL);
    import_lock.depth = 0;
    atomic_store_relaxed_u8(&import_lock.lock, 0);
}

// ---- code and cache files
static int fix_filename(Thread *t, Code *code, ValueRef old, ValueRef path) {
    if (native_stack_exhausted(t, " in a code object")) return -1;
    Value mine = slot_get(t, &code->filename);
    int same = object_equal(t, mine, old);
    value_release(t, mine);
    if (same <= 0) return same;
    slot_store(t, code, &code->filename, value_dup(t, path));
    for (uint32_t i = 0; i < code->nconstants; i++) {
        Value v = slot_get(t, &code->data->constants[i]);
        int result = v && value_is(v, CODE) ? fix_filename(t, value_code(v), old, path) : 0;
        value_release(t, v);
        if (result < 0) return -1;
    }
    return 0;
}
FUNCTION(fix_co_filename) {
    if (!value_is(args[0], CODE)) return raise(t, TYPE_ERROR, "_fix_co_filename() argument 1 must be code, not %T", args[0]);
    if (!value_is_any_str(args[1])) return raise(t, TYPE_ERROR, "_fix_co_filename() argument 2 must be str, not %K", args[1]);
    Code *code = value_code(args[0]);
    if (str_equal(value_str(code->filename), value_str(args[1]))) return NONE;
    Value old = slot_get(t, &code->filename);
    int result = fix_filename(t, code, old, args[1]);
    value_release(t, old);
    return result < 0 ? UNDEF : NONE;
}
FUNCTION(source_hash) {
    int64_t key;
    Buffer source;
    if (arg_int64(t, args[0], &key) < 0 || buffer_get(t, args[1], &source, BUFFER_READ) < 0) return UNDEF;
    uint64_t h = hash_siphash13((HashKey){(uint64_t)key, 0}, source.data, (size_t)source.length);
    buffer_release(t, &source);
    return bytes_new(t, &h, sizeof h);
}
FUNCTION(override) { return value_int(0); }

static const NativeDef imp_functions[] = {
    {"is_builtin", is_builtin, "($module, name, /)", "1 for a module written in C, -1 for one that always stands, 0.", 0},
    {"create_builtin", create_builtin, "($module, spec, /)", "A module written in C.", 0},
    {"exec_builtin", exec_builtin, "($module, mod, /)", "0.", 0},
    {"create_dynamic", create_dynamic, "($module, spec, file=None, /)", "Refuses: there are no extension modules.", 0},
    {"exec_dynamic", exec_builtin, "($module, mod, /)", "0.", 0},
    {"extension_suffixes", extension_suffixes, "($module, /)", "[]: there are no extension modules.", 0},
    {"is_frozen", is_frozen, "($module, name, /)", "Is there a frozen module of that name, in use?", 0},
    {"is_frozen_package", is_frozen_package, "($module, name, /)", "Is that frozen module a package?", 0},
    {"find_frozen", find_frozen, "($module, name, /, *, withdata=False)", "(None or its data, is it a package, original name), or None.", 0},
    {"get_frozen_object", get_frozen_object, "($module, name, data=None, /)", "The code of a frozen module.", 0},
    {"init_frozen", init_frozen, "($module, name, /)", "Makes and runs a frozen module; None where there is none.", 0},
    {"_frozen_module_names", frozen_module_names, "($module, /)", "Names of the frozen modules in use.", 0},
    {"_override_frozen_modules_for_tests", override_frozen, "($module, override, /)", "Over 0: use frozen modules; under 0: do not; 0: as the command line says.", 0},
    {"_override_multi_interp_extensions_check", override, "($module, override, /)", "Nothing to override.", 0},
    {"acquire_lock", acquire_lock, "($module, /)", "Takes the import lock.", 0},
    {"release_lock", release_lock, "($module, /)", "Gives the import lock back.", 0},
    {"lock_held", lock_held, "($module, /)", "Does any thread hold the import lock?", 0},
    {"_fix_co_filename", fix_co_filename, "($module, code, path, /)", "Sets co_filename in a code object and those inside of it.", 0},
    {"source_hash", source_hash, "($module, /, key, source)", "The hash of a source in hash-based cache files.", 0},
    NATIVE_END};

static int imp_exec(Thread *t, ValueRef module) {
    if (module_add_text(t, module, "check_hash_based_pycs", runtime_config.check_hash_pycs) < 0) return -1;
    return module_add(t, module, "pyc_magic_number_token", int_from_int64(t, marshal_magic()));
}
const ModuleSpec _imp_module = {.name = "_imp", .doc = "The runtime's side of importing.", .functions = imp_functions, .exec = imp_exec};
