// _warnings: the native half of the warnings module (Library reference, "warnings"). Filters are looked for in the current context
// first, then in warnings.filters; the lock is taken while they are searched.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/interp/frame.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/traceback.h"
#include "runtime/objects/tuple.h"
#include "sync/mutex.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct WarningsState {
    Value context_var;
    _Atomic uint64_t version;    // of the filters: registries made for another are emptied
    _Atomic uint8_t lock;        // byte lock, held again by its owner
    _Atomic(Thread *) owner;
    uint32_t depth;              // (lock)
} WarningsState;

// ---- the lock
static void take_lock(Thread *t, WarningsState *s) {
    if (atomic_load_relaxed_ptr(&s->owner) == t) {
        s->depth++;
        return;
    }
    byte_lock(&t->core, &s->lock);
    atomic_store_relaxed_ptr(&s->owner, t);
    s->depth = 1;
}
static bool drop_lock(Thread *t, WarningsState *s) {
    if (atomic_load_relaxed_ptr(&s->owner) != t) return false;
    if (--s->depth == 0) {
        atomic_store_relaxed_ptr(&s->owner, NULL);
        byte_unlock(&s->lock);
    }
    return true;
}

// ---- attributes of the Python module, where it has been imported

// warnings.<name> (owned), UNDEF without an exception where the module or the name is missing.
static Value python_side(Thread *t, const char *name, bool import) {
    Value module = UNDEF;
    if (import && !t->interp->finalizing) {
        module = import_module(t, "warnings");
        if (!module) {
            if (error_matches(t, EXCEPTION(IMPORT_ERROR))) error_clear(t);
            return UNDEF;
        }
    } else {
        module = dict_get(t, value_dict(t->interp->modules), NAME(warnings));
        if (!module) return UNDEF;
    }
    Value key = str_intern_text(t, name), v = key ? object_getattr_or_undef(t, module, key) : UNDEF;
    value_release(t, key);
    value_release(t, module);
    return v;
}
// The same, or the native module's own.
static Value setting(Thread *t, ValueRef self, const char *python_name, const char *own_name) {
    Value v = python_side(t, python_name, false);
    if (v || error_pending(t)) return v;
    Value key = str_intern_text(t, own_name);
    v = key ? dict_get(t, value_dict(value_module(self)->dict), key) : UNDEF;
    value_release(t, key);
    if (!v && !error_pending(t)) raise(t, RUNTIME_ERROR, "_warnings.%s is missing", own_name);
    return v;
}

// ---- filters

// A filter's text or module part against a str: None matches all, a str only itself, else it is a pattern. 1, 0, -1.
static int part_matches(Thread *t, ValueRef part, ValueRef text) {
    if (part == NONE) return 1;
    if (value_is(part, STR)) return str_equal(value_str(part), value_str(text));
    Value name = str_intern_text(t, "match"), found = name ? call_method_1(t, part, name, text) : UNDEF;
    value_release(t, name);
    int result = found ? object_is_true(t, found) : -1;
    value_release(t, found);
    return result;
}

// The first filter that fits: 1 with *action and *item (owned), 0, -1.
static int search(Thread *t, ValueRef filters, const char *what, ValueRef category, ValueRef text, int64_t line, ValueRef module, Value *action, Value *item) {
    if (!value_is(filters, LIST)) return raise_int(t, VALUE_ERROR, "%s must be a list", what);
    for (int64_t i = 0;; i++) {
        Value filter = list_get(t, value_list(filters), i);
        if (!filter) return 0;
        if (!value_is_any_tuple(filter) || value_tuple(filter)->length != 5) {
            value_release(t, filter);
            return raise_int(t, VALUE_ERROR, "%s item %zd isn't a 5-tuple", what, (ssize_t)i);
        }
        Tuple *f = value_tuple(filter);
        int64_t wanted = 0;
        int fits = value_is_any_str(tuple_item(f, 0)) ? 1 : raise_int(t, TYPE_ERROR, "action must be a string, not '%T'", tuple_item(f, 0));
        if (fits > 0) fits = part_matches(t, tuple_item(f, 1), text);
        if (fits > 0) fits = object_is_subclass(t, category, tuple_item(f, 2));
        if (fits > 0) fits = part_matches(t, tuple_item(f, 3), module);
        if (fits > 0) fits = arg_index(t, tuple_item(f, 4), &wanted) < 0 ? -1 : wanted == 0 || wanted == line;
        if (fits > 0) {
            *action = value_dup(t, tuple_item(f, 0));
            *item = filter;
            return 1;
        }
        value_release(t, filter);
        if (fits < 0) return -1;
    }
}

static int find_action(Thread *t, ValueRef self, ValueRef category, ValueRef text, int64_t line, ValueRef module, Value *action, Value *item) {
    WarningsState *s = module_state(self);
    Value context = context_var_get(t, s->context_var), filters = UNDEF;
    int result = 0;
    if (!context && error_pending(t)) return -1;
    if (context && context != NONE) {
        Value name = str_intern_text(t, "_filters");
        filters = name ? object_getattr(t, context, name) : UNDEF;
        value_release(t, name);
        result = filters ? search(t, filters, "warnings context filters", category, text, line, module, action, item) : -1;
        value_release(t, filters);
    }
    value_release(t, context);
    if (result) return result;
    filters = setting(t, self, "filters", "filters");
    result = filters ? search(t, filters, "warnings.filters", category, text, line, module, action, item) : -1;
    value_release(t, filters);
    if (result) return result;
    *action = setting(t, self, "defaultaction", "_defaultaction");
    *item = NONE;
    if (!*action) return -1;
    if (value_is_any_str(*action)) return 1;
    raise(t, TYPE_ERROR, "warnings.defaultaction must be a string, not '%T'", *action);
    VALUE_CLEAR(t, *action);
    return -1;
}

// ---- registries of what was warned of

// Has the key been seen? Marks it where `mark`. 1, 0, -1.
static int seen(Thread *t, WarningsState *s, ValueRef registry, ValueRef key, bool mark) {
    if (!registry || registry == NONE) return 0;
    Dict *d = value_dict(registry);
    Value name = str_intern_text(t, "version"), version = name ? dict_get(t, d, name) : UNDEF;
    uint64_t now = atomic_load_relaxed_u64(&s->version);
    int result = error_pending(t) ? -1 : 0;
    bool current = version && value_is_int(version) && value_get_int(version) == (int64_t)now;
    if (result == 0 && !current) {
        dict_clear(t, d);
        result = dict_set(t, d, name, value_int((int64_t)now));
    }
    value_release(t, version);
    value_release(t, name);
    if (result < 0) return -1;
    if (current) {
        Value old = dict_get(t, d, key);
        if (!old && error_pending(t)) return -1;
        int truth = old ? object_is_true(t, old) : 0;
        value_release(t, old);
        if (truth) return truth;
    }
    return mark ? dict_set(t, d, key, TRUE_VALUE) : 0;
}
static int seen_text(Thread *t, WarningsState *s, ValueRef registry, ValueRef text, ValueRef category, bool with_zero) {
    ValueRef parts[3] = {text, category, value_int(0)};
    Value key = tuple_from_refs(t, parts, with_zero ? 3 : 2);
    int result = key ? seen(t, s, registry, key, true) : -1;
    value_release(t, key);
    return result;
}

// ---- showing

static void write_line(Thread *t, ValueRef file, Value text_steal) {
    Value done = text_steal ? call_method_1(t, file, NAME(write), text_steal) : UNDEF;
    value_release(t, done);
    value_release(t, text_steal);
    error_clear(t);
}
// Without the Python module: what it would print.
static void show_plainly(Thread *t, ValueRef filename, int64_t line, ValueRef text, ValueRef category) {
    Value file = dict_get(t, value_dict(t->interp->sys_dict), NAME(stderr));
    if (!file || file == NONE) return error_clear(t);
    Value name = object_getattr(t, category, NAME(__name__));
    if (name) write_line(t, file, str_of_format(t, "%S:%lld: %S: %S\n", filename, (long long)line, name, text));
    Value source = name ? traceback_source_line(t, filename, line) : UNDEF;
    if (source) write_line(t, file, str_of_format(t, "  %S\n", source));
    value_release(t, source);
    value_release(t, name);
    value_release(t, file);
    error_clear(t);
}
static int show(Thread *t, ValueRef category, ValueRef text, ValueRef message, ValueRef filename, int64_t line, ValueRef source) {
    Value function = python_side(t, "_showwarnmsg", source != NONE);
    if (!function) {
        if (error_pending(t)) return -1;
        show_plainly(t, filename, line, text, category);
        return 0;
    }
    int result = -1;
    Value type = UNDEF, made = UNDEF, done = UNDEF;
    if (!value_type(function)->ops.call) {
        raise(t, TYPE_ERROR, "warnings._showwarnmsg() must be set to a callable");
    } else if (!(type = python_side(t, "WarningMessage", false))) {
        if (!error_pending(t)) raise(t, RUNTIME_ERROR, "unable to get warnings.WarningMessage");
    } else {
        ValueRef args[7] = {message, category, filename, value_int(line), NONE, NONE, source};
        made = call_object(t, type, args, 7, NULL);
        done = made ? call_1(t, function, made) : UNDEF;
        result = done ? 0 : -1;
    }
    value_release(t, done);
    value_release(t, made);
    value_release(t, type);
    value_release(t, function);
    return result;
}

// ---- warning

// A module's name from its file's.
static Value module_of_file(Thread *t, ValueRef filename) {
    const Str *s = value_str(filename);
    size_t n = str_length(s);
    if (n == 0) return str_from_text(t, "<unknown>");
    bool source = n >= 3 && str_char(s, n - 3) == '.' && str_char(s, n - 2) == 'p' && str_char(s, n - 1) == 'y';
    return str_substring(t, s, 0, source ? n - 3 : n);
}

static Value warn_at(Thread *t, ValueRef self, ValueRef category_given, ValueRef message_given, ValueRef filename, int64_t line, ValueRef module_given, ValueRef registry,
                     ValueRef source) {
    WarningsState *s = module_state(self);
    if (registry && registry != NONE && !value_is_any_dict(registry)) return raise(t, TYPE_ERROR, "'registry' must be a dict or None");
    if (module_given == NONE) return NONE; // the module is being torn down
    Value module = module_given ? value_dup(t, module_given) : module_of_file(t, filename), text = UNDEF, message = UNDEF, category = UNDEF, key = UNDEF;
    Value action = UNDEF, item = UNDEF, result = UNDEF;
    if (!module) return UNDEF;
    int is_warning = object_is_instance(t, message_given, value_of(EXCEPTION(WARNING)));
    if (is_warning < 0) goto done;
    if (is_warning) {
        text = object_str(t, message_given);
        message = value_dup(t, message_given);
        category = value_dup(t, value_of(value_type(message_given)));
    } else {
        text = value_is_any_str(message_given) ? value_dup(t, message_given) : object_str(t, message_given);
        message = text ? call_1(t, category_given, message_given) : UNDEF;
        category = value_dup(t, category_given);
    }
    if (!text || !message) goto done;
    ValueRef parts[3] = {text, category, value_int(line)};
    key = tuple_from_refs(t, parts, 3);
    int known = key ? seen(t, s, registry, key, false) : -1;
    if (known) {
        if (known > 0) result = NONE;
        goto done;
    }
    take_lock(t, s);
    int found = find_action(t, self, category, text, line, module, &action, &item);
    drop_lock(t, s);
    if (found < 0) goto done;
    const Str *a = value_str(action);
    if (str_equal_text(a, "error")) {
        raise_object(t, value_dup(t, message));
        goto done;
    }
    if (str_equal_text(a, "ignore")) {
        result = NONE;
        goto done;
    }
    known = 0;
    if (!str_equal_text(a, "always") && !str_equal_text(a, "all")) {
        if (registry && registry != NONE && dict_set(t, value_dict(registry), key, TRUE_VALUE) < 0) goto done;
        if (str_equal_text(a, "once")) {
            Value once = registry && registry != NONE ? value_dup(t, registry) : setting(t, self, "onceregistry", "_onceregistry");
            if (once && !value_is_any_dict(once)) raise(t, TYPE_ERROR, "onceregistry must be a dict, not '%T'", once);
            known = once && !error_pending(t) ? seen_text(t, s, once, text, category, false) : -1;
            value_release(t, once);
        } else if (str_equal_text(a, "module")) {
            known = registry && registry != NONE ? seen_text(t, s, registry, text, category, false) : 0;
        } else if (!str_equal_text(a, "default")) {
            raise(t, RUNTIME_ERROR, "Unrecognized action (%R) in warnings.filters:\n %R", action, item);
            known = -1;
        }
    }
    if (known < 0 || (!known && show(t, category, text, message, filename, line, source) < 0)) goto done;
    result = NONE;
done:
    value_release(t, action);
    value_release(t, item);
    value_release(t, key);
    value_release(t, category);
    value_release(t, message);
    value_release(t, text);
    value_release(t, module);
    return result;
}

// ---- where a warning is raised: the frame that `level` names

static bool contains(const Str *s, const char *ascii) {
    size_t n = strlen(ascii), length = str_length(s);
    for (size_t i = 0; i + n <= length; i++) {
        size_t k = 0;
        while (k < n && str_char(s, i + k) == (uint32_t)ascii[k]) k++;
        if (k == n) return true;
    }
    return false;
}
static ValueRef filename_of(Value *fp) { return frame_data(fp)->code->filename; }
static bool is_internal(Value *fp) { return contains(value_str(filename_of(fp)), "importlib") && contains(value_str(filename_of(fp)), "_bootstrap"); }
static bool has_prefix(Value *fp, Tuple *prefixes) {
    const Str *s = value_str(filename_of(fp));
    for (int64_t i = 0; prefixes && i < prefixes->length; i++) {
        const Str *prefix = value_str(tuple_item(prefixes, i));
        size_t n = str_length(prefix), k = 0;
        if (n > str_length(s)) continue;
        while (k < n && str_char(s, k) == str_char(prefix, k)) k++;
        if (k == n) return true;
    }
    return false;
}
static Value *up(Value *fp) { return frame_python(frame_caller(fp)); }

// The line that a frame of this thread stands at.
static int64_t line_of(Thread *t, Value *fp) {
    Frame *f = frame_object(t, fp);
    if (!f) {
        error_clear(t);
        return 0;
    }
    return code_position(frame_data(fp)->code, frame_instruction(f, t)).line;
}

static Value warn_from(Thread *t, ValueRef self, ValueRef category, ValueRef message, int64_t level, ValueRef source, Tuple *prefixes) {
    Value *fp = frame_python(t->fp);
    if (fp && (level <= 0 || is_internal(fp))) {
        while (--level > 0 && fp) fp = up(fp);
    } else {
        while (fp && --level > 0) {
            do fp = up(fp);
            while (fp && (is_internal(fp) || has_prefix(fp, prefixes)));
        }
    }
    int64_t line = fp ? line_of(t, fp) : 0;
    Value globals = fp ? slot_get(t, &frame_function(fp)->globals) : value_dup(t, t->interp->sys_dict);
    Value filename = fp ? value_dup(t, filename_of(fp)) : str_from_text(t, "<sys>");
    Value registry = UNDEF, module = UNDEF, result = UNDEF;
    if (!filename || !value_is_any_dict(globals)) goto done;
    registry = dict_get(t, value_dict(globals), NAME(__warningregistry__));
    if (!registry && !error_pending(t)) {
        registry = dict_new(t);
        if (registry && dict_set(t, value_dict(globals), NAME(__warningregistry__), registry) < 0) VALUE_CLEAR(t, registry);
    }
    if (!registry) goto done;
    module = dict_get(t, value_dict(globals), NAME(__name__));
    if (!module && error_pending(t)) goto done;
    if (!module || (module != NONE && !value_is_any_str(module))) {
        value_release(t, module);
        module = value_dup(t, NAME(string_));
    }
    result = warn_at(t, self, category, message, filename, line, module, registry, source);
done:
    value_release(t, module);
    value_release(t, registry);
    value_release(t, filename);
    value_release(t, globals);
    return result;
}

// The category of a warning (borrowed); UNDEF with TypeError.
static ValueRef category_of(Thread *t, ValueRef message, ValueRef category) {
    if (value_is_exception(message) && value_is_instance(message, EXCEPTION(WARNING))) return value_of(value_type(message));
    if (!category || category == NONE) return value_of(EXCEPTION(USER_WARNING));
    int fits = value_is_type(category) ? object_is_subclass(t, category, value_of(EXCEPTION(WARNING))) : 0;
    if (fits > 0) return category;
    if (fits == 0) raise(t, TYPE_ERROR, "category must be a Warning subclass, not '%T'", category);
    return UNDEF;
}

FUNCTION(warn_) {
    int level = 1;
    if (args[2] && arg_int(t, args[2], &level) < 0) return UNDEF;
    Tuple *prefixes = NULL;
    if (args[4]) {
        if (!value_is_any_tuple(args[4])) return raise(t, TYPE_ERROR, "warn() argument 'skip_file_prefixes' must be tuple, not %T", args[4]);
        prefixes = value_tuple(args[4]);
        for (int64_t i = 0; i < prefixes->length; i++)
            if (!value_is_any_str(tuple_item(prefixes, i))) return raise(t, TYPE_ERROR, "skip_file_prefixes must be a tuple of str, found '%T'", tuple_item(prefixes, i));
        if (prefixes->length && level < 2) level = 2;
    }
    ValueRef category = category_of(t, args[0], args[1]);
    return category ? warn_from(t, self, category, args[0], level, args[3] ? args[3] : (ValueRef)NONE, prefixes) : UNDEF;
}

FUNCTION(warn_explicit) {
    int line;
    if (!value_is_any_str(args[2])) return raise(t, TYPE_ERROR, "warn_explicit() argument 'filename' must be str, not %K", args[2]);
    if (arg_int(t, args[3], &line) < 0) return UNDEF;
    ValueRef category = category_of(t, args[0], args[1]);
    if (!category) return UNDEF;
    if (args[6] && args[6] != NONE && !value_is_any_dict(args[6])) return raise(t, TYPE_ERROR, "module_globals must be a dict, not '%T'", args[6]);
    return warn_at(t, self, category, args[0], args[2], line, args[4], args[5], args[7] ? args[7] : (ValueRef)NONE);
}

FUNCTION(filters_mutated) {
    WarningsState *s = module_state(self);
    if (atomic_load_relaxed_ptr(&s->owner) != t) return raise(t, RUNTIME_ERROR, "warnings lock is not held");
    atomic_add_relaxed_u64(&s->version, 1);
    return NONE;
}
FUNCTION(acquire_lock) {
    take_lock(t, module_state(self));
    return NONE;
}
FUNCTION(release_lock) { return drop_lock(t, module_state(self)) ? NONE : raise(t, RUNTIME_ERROR, "cannot release un-acquired lock"); }

static const NativeDef warnings_functions[] = {
    {"warn", warn_, "($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())", "Warns of something, from the calling code.", 0},
    {"warn_explicit", warn_explicit, "($module, /, message, category, filename, lineno,\n              module=None, registry=None,\n              module_globals=None, source=None)",
     "Warns of something at a given place.", 0},
    {"_filters_mutated_lock_held", filters_mutated, "($module, /)", "The filters have changed: what was seen counts no more.", 0},
    {"_acquire_lock", acquire_lock, "($module, /)", "Takes the lock of the filters.", 0},
    {"_release_lock", release_lock, "($module, /)", "Gives the lock of the filters up.", 0},
    NATIVE_END};

static Value default_filters(Thread *t) {
    const struct { const char *action; Type *category; bool main; } rows[] = {
        {"default", EXCEPTION(DEPRECATION_WARNING), true}, {"ignore", EXCEPTION(DEPRECATION_WARNING), false}, {"ignore", EXCEPTION(PENDING_DEPRECATION_WARNING), false},
        {"ignore", EXCEPTION(IMPORT_WARNING), false}, {"ignore", EXCEPTION(RESOURCE_WARNING), false}};
    Value list = list_new(t, 5);
    for (size_t i = 0; list && i < sizeof rows / sizeof *rows; i++) {
        Value parts[5] = {str_intern_text(t, rows[i].action), NONE, value_of(rows[i].category), rows[i].main ? value_dup(t, NAME(__main__)) : NONE, value_int(0)};
        Value row = parts[0] ? tuple_from_values(t, parts, 5) : UNDEF;
        if (!row || list_append(t, value_list(list), row) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}

static void state_traverse(void *state, VisitFn visit, void *arg) { visit(&((WarningsState *)state)->context_var, arg); }
static int warnings_exec(Thread *t, ValueRef module) {
    WarningsState *s = module_state(module);
    Value name = str_intern_text(t, "_warnings_context"), var = name ? context_var_new(t, name, UNDEF) : UNDEF;
    value_release(t, name);
    if (!var) return -1;
    slot_store(t, value_object(module), &s->context_var, value_dup(t, var));
    if (module_add(t, module, "_warnings_context", var) < 0 || module_add(t, module, "filters", default_filters(t)) < 0) return -1;
    if (module_add(t, module, "_onceregistry", dict_new(t)) < 0) return -1;
    return module_add_text(t, module, "_defaultaction", "default");
}
const ModuleSpec _warnings_module = {.name = "_warnings", .doc = "The native half of warnings.", .functions = warnings_functions, .exec = warnings_exec,
                                     .state_size = sizeof(WarningsState), .traverse = state_traverse};
