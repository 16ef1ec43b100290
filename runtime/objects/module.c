// The module type, and modules made from native specs.
#include "runtime/module.h"
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/type.h"
#include "sync/critical.h"

// The module's dict (owned): made here for a module whose __init__ has not run.
static Value module_dict(Thread *t, ValueRef self) {
    Module *m = value_module(self);
    Value dict = slot_get(t, &m->dict);
    if (LIKELY(dict)) return dict;
    Value fresh = dict_new(t);
    if (!fresh) return UNDEF;
    CriticalSection cs;
    critical_begin(&t->core, &cs, &m->c.head);
    if (!slot_borrow(&m->dict)) slot_store(t, m, &m->dict, value_dup(t, fresh));
    dict = slot_get(t, &m->dict);
    critical_end(&t->core, &cs);
    value_release(t, fresh);
    return dict;
}

// ---- making

static int fill_names(Thread *t, Dict *dict, ValueRef name, ValueRef doc) {
    if (dict_set(t, dict, NAME(__name__), name) < 0 || dict_set(t, dict, NAME(__doc__), doc) < 0) return -1;
    if (dict_set(t, dict, NAME(__package__), NONE) < 0 || dict_set(t, dict, NAME(__loader__), NONE) < 0) return -1;
    return dict_set(t, dict, NAME(__spec__), NONE);
}

static Value module_make(Thread *t, ValueRef name, ValueRef doc) {
    Module *m = object_new(t, TYPE_OF(MODULE));
    if (!m) return UNDEF;
    object_make_deferred(t, (Object *)m);
    Value dict = dict_new(t);
    if (!dict || fill_names(t, value_dict(dict), name, doc) < 0) {
        value_release(t, dict);
        return UNDEF;
    }
    slot_init(&m->dict, dict);
    return value_of(m);
}

Value module_new(Thread *t, ValueRef name) { return module_make(t, name, NONE); }

Value module_from_spec(Thread *t, const ModuleSpec *spec) {
    Value name = str_intern_text(t, spec->name), doc = spec->doc ? str_from_text(t, spec->doc) : NONE;
    Value module = name && doc ? module_make(t, name, doc) : UNDEF;
    if (!module) goto fail;
    Module *m = value_module(module);
    m->spec = spec;
    if (spec->state_size && !(m->state = calloc(1, spec->state_size))) {
        raise_no_memory(t);
        goto fail;
    }
    for (const NativeDef *def = spec->functions; def && def->name; def++)
        if (module_add(t, module, def->name, native_function_new(t, def, value_dup(t, module), name, UNDEF)) < 0) goto fail;
    if (spec->exec && spec->exec(t, module) < 0) goto fail;
    value_release(t, name);
    value_release(t, doc);
    return module;
fail:
    value_release(t, name);
    value_release(t, doc);
    return UNDEF; // the module is deferred: the collector takes it
}

int module_add(Thread *t, ValueRef module, const char *name, Value value_steal) {
    if (!value_steal) return -1;
    // Found through the module's dict by every thread.
    if (value_is(value_steal, NATIVE_FUNCTION) && !object_is_shared(value_object(value_steal))) object_make_deferred(t, value_object(value_steal));
    return dict_set_text(t, value_dict(value_module(module)->dict), name, value_steal);
}
int module_add_int(Thread *t, ValueRef module, const char *name, int64_t n) { return module_add(t, module, name, int_from_int64(t, n)); }
int module_add_text(Thread *t, ValueRef module, const char *name, const char *utf8) { return module_add(t, module, name, str_from_text(t, utf8)); }
int module_add_type(Thread *t, ValueRef module, Type *type) {
    if (!type) return -1;
    Value name = value_dup(t, slot_borrow(&type->name));
    int result = dict_set(t, value_dict(value_module(module)->dict), name, value_of(type));
    value_release(t, name);
    return result;
}

static int module_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "module", "(name, doc=None)", args, nargs, kwnames, given) < 0) return -1;
    if (!value_is_any_str(given[0])) return raise_int(t, TYPE_ERROR, "module() argument 'name' must be str, not %K", given[0]);
    Value dict = module_dict(t, self);
    int result = dict ? fill_names(t, value_dict(dict), given[0], given[1] ? given[1] : (ValueRef)NONE) : -1;
    value_release(t, dict);
    return result;
}

// ---- attributes

// spec.name as a truth value: 1, 0, -1; a spec without it: 0.
static int spec_flag(Thread *t, ValueRef spec, ValueRef name) {
    Value v = object_getattr_or_undef(t, spec, name);
    if (!v) return error_pending(t) ? -1 : 0;
    int truth = object_is_true(t, v);
    value_release(t, v);
    return truth;
}

// Is `name` a submodule of the module that is still being imported?
static int is_uninitialized_submodule(Thread *t, ValueRef spec, ValueRef name) {
    Value names = object_getattr_or_undef(t, spec, NAME(_uninitialized_submodules));
    if (!names) return error_pending(t) ? -1 : 0;
    int found = object_contains(t, names, name);
    value_release(t, names);
    return found;
}

// spec.origin where the module has a location: a str, or UNDEF.
static Value spec_origin(Thread *t, ValueRef spec) {
    Value has_location = str_intern_text(t, "has_location"), origin = UNDEF;
    int located = has_location ? spec_flag(t, spec, has_location) : -1;
    if (located > 0) origin = object_getattr_or_undef(t, spec, NAME(origin));
    value_release(t, has_location);
    if (origin && value_is_any_str(origin)) return origin;
    value_release(t, origin);
    return UNDEF;
}

// Does a module that hides a library module of the same name stand in sys.path[0]? (Then the message says so.)
static bool stdlib_is_shadowed(Thread *t, ValueRef name, ValueRef origin) {
    if (!origin || !t->interp->sys_dict) return false;
    Dict *sys = value_dict(t->interp->sys_dict);
    Value key = str_intern_text(t, "stdlib_module_names");
    Value names = key ? dict_get(t, sys, key) : UNDEF, path_name = str_intern_text(t, "path");
    Value path = path_name ? dict_get(t, sys, path_name) : UNDEF;
    bool shadowed = false;
    if (names && path && value_is(path, LIST) && object_contains(t, names, name) == 1) {
        Value first = list_get(t, value_list(path), 0);
        if (first && value_is_any_str(first)) {
            // origin is <path[0]>/name.py or <path[0]>/name/__init__.py
            size_t n = str_length(value_str(first)), total = str_length(value_str(origin));
            Value start = total > n && n ? str_substring(t, value_str(origin), 0, n) : UNDEF;
            shadowed = start && str_equal(value_str(start), value_str(first)) && str_char(value_str(origin), n) == '/';
            value_release(t, start);
        }
        value_release(t, first);
    }
    error_clear(t);
    value_release(t, path);
    value_release(t, path_name);
    value_release(t, names);
    value_release(t, key);
    return shadowed;
}

static Value set_error_names(Thread *t, ValueRef self, ValueRef name) {
    Value e = error_take(t);
    if (e && (object_setattr(t, e, NAME(name), name) < 0 || object_setattr(t, e, NAME(obj), self) < 0)) error_clear(t);
    error_restore(t, e);
    return UNDEF;
}

static Value raise_missing(Thread *t, ValueRef self, Dict *dict, ValueRef name) {
    Value module_name = dict_get(t, dict, NAME(__name__));
    if (!module_name || !value_is_any_str(module_name)) {
        if (!error_pending(t)) raise(t, ATTRIBUTE_ERROR, "module has no attribute '%U'", value_str(name));
        value_release(t, module_name);
        return set_error_names(t, self, name);
    }
    Str *text = value_str(module_name);
    Value spec = dict_get(t, dict, NAME(__spec__)), origin = UNDEF;
    int initializing = 0, submodule = 0;
    if (spec && spec != NONE) {
        initializing = spec_flag(t, spec, NAME(_initializing));
        if (!error_pending(t)) origin = spec_origin(t, spec);
        if (!error_pending(t) && !initializing) submodule = is_uninitialized_submodule(t, spec, name);
    }
    if (!error_pending(t)) {
        if (stdlib_is_shadowed(t, module_name, origin))
            raise(t, ATTRIBUTE_ERROR, "module '%U' has no attribute '%U' (consider renaming '%U' since it has the same name as the standard library module named '%U' and prevents importing that standard library module)",
                  text, value_str(name), value_str(origin), text);
        else if (initializing && origin)
            raise(t, ATTRIBUTE_ERROR, "partially initialized module '%U' from '%U' has no attribute '%U' (most likely due to a circular import)", text,
                  value_str(origin), value_str(name));
        else if (initializing)
            raise(t, ATTRIBUTE_ERROR, "partially initialized module '%U' has no attribute '%U' (most likely due to a circular import)", text, value_str(name));
        else if (submodule)
            raise(t, ATTRIBUTE_ERROR, "cannot access submodule '%U' of module '%U' (most likely due to a circular import)", value_str(name), text);
        else
            raise(t, ATTRIBUTE_ERROR, "module '%U' has no attribute '%U'", text, value_str(name));
    }
    value_release(t, origin);
    value_release(t, spec);
    value_release(t, module_name);
    return set_error_names(t, self, name);
}

// An AttributeError that names neither object nor attribute gets them.
static void note_missing(Thread *t, ValueRef self, ValueRef name) {
    if (!error_matches(t, EXCEPTION(ATTRIBUTE_ERROR))) return;
    AttributeErrorObject *e = (AttributeErrorObject *)value_object(t->raised);
    if (slot_borrow(&e->object) || slot_borrow(&e->name)) return;
    slot_store(t, e, &e->object, value_dup(t, self));
    slot_store(t, e, &e->name, value_dup(t, name));
}

// As object.__getattribute__, with the module's dict for attributes; then PEP 562's __getattr__ in it.
static Value module_getattr(Thread *t, ValueRef self, ValueRef name) {
    if (UNLIKELY(!value_is_any_str(name))) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Type *type = value_type(self);
    Value of_type = value_dup(t, type_lookup(t, type, name));
    Type *kind = of_type ? value_type(of_type) : NULL;
    if (kind && kind->ops.descr_set && kind->ops.descr_get) {
        Value v = kind->ops.descr_get(t, of_type, self, value_of(type));
        value_release(t, of_type);
        return v;
    }
    Value dict = module_dict(t, self);
    Value found = dict ? dict_get(t, value_dict(dict), name) : UNDEF;
    if (LIKELY(found || error_pending(t))) {
        value_release(t, of_type);
        value_release(t, dict);
        return found;
    }
    if (of_type) {
        value_release(t, dict);
        if (!kind->ops.descr_get) return of_type;
        found = kind->ops.descr_get(t, of_type, self, value_of(type));
        value_release(t, of_type);
        return found;
    }
    Value hook = dict_get(t, value_dict(dict), NAME(__getattr__));
    if (hook) {
        found = call_1(t, hook, name);
        if (!found) note_missing(t, self, name);
    } else if (!error_pending(t))
        raise_missing(t, self, value_dict(dict), name);
    value_release(t, hook);
    value_release(t, dict);
    return found;
}

static int module_setattr(Thread *t, ValueRef self, ValueRef name, ValueRef value_or_undef) {
    if (UNLIKELY(!value_is_any_str(name))) return raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Value of_type = value_dup(t, type_lookup(t, value_type(self), name));
    StoreFn set = of_type ? value_type(of_type)->ops.descr_set : NULL;
    int result;
    if (set) {
        result = set(t, of_type, self, value_or_undef);
        value_release(t, of_type);
        return result;
    }
    value_release(t, of_type);
    Value dict = module_dict(t, self);
    if (!dict) return -1;
    if (value_or_undef) {
        // Names set through setattr are interned, as those of statements are.
        Value key = value_is(name, STR) ? str_intern(t, value_dup(t, name)) : value_dup(t, name);
        result = key ? dict_set(t, value_dict(dict), key, value_or_undef) : -1;
        value_release(t, key);
    } else {
        Value old = dict_pop(t, value_dict(dict), name);
        result = old ? 0 : -1;
        if (!old && !error_pending(t)) attribute_error(t, self, name);
        value_release(t, old);
    }
    value_release(t, dict);
    return result;
}

static Value get_dict(Thread *t, ValueRef self) { return module_dict(t, self); }

// ---- annotations (PEP 649)

static Value get_annotate(Thread *t, ValueRef self) {
    Value dict = module_dict(t, self);
    if (!dict) return UNDEF;
    Value annotate = dict_get(t, value_dict(dict), NAME(__annotate__));
    if (!annotate && !error_pending(t) && dict_set(t, value_dict(dict), NAME(__annotate__), NONE) == 0) annotate = NONE;
    value_release(t, dict);
    return annotate;
}
static int drop(Thread *t, Dict *dict, ValueRef name) {
    Value old = dict_pop(t, dict, name);
    if (!old) return error_pending(t) ? -1 : 0;
    value_release(t, old);
    return 1;
}
static int set_annotate(Thread *t, ValueRef self, ValueRef value) {
    if (!value) return raise_int(t, TYPE_ERROR, "cannot delete __annotate__ attribute");
    if (value != NONE && !value_type(value)->ops.call) return raise_int(t, TYPE_ERROR, "__annotate__ must be callable or None");
    Value dict = module_dict(t, self);
    int result = dict ? dict_set(t, value_dict(dict), NAME(__annotate__), value) : -1;
    if (result == 0 && value != NONE && drop(t, value_dict(dict), NAME(__annotations__)) < 0) result = -1;
    value_release(t, dict);
    return result;
}
static Value get_annotations(Thread *t, ValueRef self) {
    Value dict = module_dict(t, self);
    if (!dict) return UNDEF;
    Value annotations = dict_get(t, value_dict(dict), NAME(__annotations__));
    if (!annotations && !error_pending(t)) {
        Value annotate = get_annotate(t, self);
        if (annotate && value_type(annotate)->ops.call) {
            annotations = call_1(t, annotate, value_int(1));
            if (annotations && !value_is_any_dict(annotations)) {
                raise(t, TYPE_ERROR, "__annotate__ returned non-dict of type '%T'", annotations);
                VALUE_CLEAR(t, annotations);
            }
        } else if (annotate) {
            annotations = dict_new(t);
        }
        value_release(t, annotate);
        // What a module computes while it is still being executed is not kept: more may come.
        Value spec = annotations ? dict_get(t, value_dict(dict), NAME(__spec__)) : UNDEF;
        int initializing = spec && spec != NONE ? spec_flag(t, spec, NAME(_initializing)) : 0;
        value_release(t, spec);
        bool failed = initializing < 0 || error_pending(t) || (!initializing && annotations && dict_set(t, value_dict(dict), NAME(__annotations__), annotations) < 0);
        if (failed && annotations) VALUE_CLEAR(t, annotations);
    }
    value_release(t, dict);
    return annotations;
}
static int set_annotations(Thread *t, ValueRef self, ValueRef value) {
    Value dict = module_dict(t, self);
    if (!dict) return -1;
    int result = value ? dict_set(t, value_dict(dict), NAME(__annotations__), value) : drop(t, value_dict(dict), NAME(__annotations__));
    if (!value && result == 0) result = raise_int(t, ATTRIBUTE_ERROR, "__annotations__");
    if (result >= 0) result = drop(t, value_dict(dict), NAME(__annotate__));
    value_release(t, dict);
    return result < 0 ? -1 : 0;
}

static const GetSetDef module_getset[] = {
    {"__dict__", get_dict, NULL, NULL},
    {"__annotations__", get_annotations, set_annotations, NULL},
    {"__annotate__", get_annotate, set_annotate, NULL},
    GETSET_END};

// ---- the rest

static Value plain_repr(Thread *t, ValueRef self) {
    Value dict = module_dict(t, self);
    Value name = dict ? dict_get(t, value_dict(dict), NAME(__name__)) : UNDEF;
    value_release(t, dict);
    if (error_pending(t)) return UNDEF;
    Value text = name ? str_of_format(t, "<module %R>", name) : str_from_text(t, "<module '?'>");
    value_release(t, name);
    return text;
}

// The import system knows where modules come from: its _module_repr is asked, once there is one.
static Value module_repr(Thread *t, ValueRef self) {
    if (!t->interp->importlib) return plain_repr(t, self);
    Value name = str_intern_text(t, "_module_repr");
    Value method = name ? object_getattr_or_undef(t, t->interp->importlib, name) : UNDEF;
    value_release(t, name);
    if (!method) return error_pending(t) ? UNDEF : plain_repr(t, self);
    Value text = call_1(t, method, self);
    value_release(t, method);
    return text;
}

static Value module_dir(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value dict = object_getattr(t, self, NAME(__dict__));
    if (!dict) return UNDEF;
    Value result = UNDEF;
    if (!value_is_any_dict(dict)) {
        raise(t, TYPE_ERROR, "%T.__dict__ is not a dictionary", self);
    } else {
        Value own = dict_get(t, value_dict(dict), NAME(__dir__));
        if (own) result = call_0(t, own);
        else if (!error_pending(t)) result = dict_keys_list(t, value_dict(dict));
        value_release(t, own);
    }
    value_release(t, dict);
    return result;
}
static const NativeDef module_methods[] = {
    {"__dir__", module_dir, "($self, /)", "The names of the module's attributes.", 0},
    NATIVE_END};

static void module_traverse(Object *o, VisitFn visit, void *arg) {
    Module *m = (Module *)o;
    visit(&m->dict, arg);
    if (m->state && m->spec->traverse) m->spec->traverse(m->state, visit, arg);
}
static void release_state(Value *slot, void *arg) { VALUE_CLEAR((Thread *)arg, *slot); }
static void module_destroy(Thread *t, Object *o) {
    Module *m = (Module *)o;
    VALUE_CLEAR(t, m->dict);
    if (!m->state) return;
    if (m->spec->traverse) m->spec->traverse(m->state, release_state, t);
    free(m->state);
}
const TypeSpec module_spec = {
    .name = "module",
    .doc = "A module: a namespace with a name.",
    .size = sizeof(Module),
    .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.repr = module_repr, .getattr = module_getattr, .setattr = module_setattr, .init = module_init},
    .methods = module_methods,
    .getset = module_getset,
    .new_signature = "(name, doc=None)",
    .destroy = module_destroy,
    .traverse = module_traverse,
    // No clear: its namespace empties itself where it is garbage too; functions may outlive the module with it.
};
