// Python functions, bound methods, cells.
#include "runtime/objects/function.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/critical.h"

// The builtins that code with these globals sees: globals['__builtins__'] (a module's dict, or whatever stands there), else those of
// the running code, else the interpreter's.
static Value builtins_of(Thread *t, ValueRef globals) {
    ValueRef found = dict_get_str_borrow(value_dict(globals), core_names[N___builtins__]);
    if (!found) {
        Value *fp = t->fp ? frame_python(t->fp) : NULL;
        return value_dup(t, fp ? frame_function(fp)->builtins : t->interp->builtins_dict);
    }
    if (value_is(found, MODULE)) return object_getattr(t, found, NAME(__dict__));
    return value_dup(t, found);
}

Value function_new(Thread *t, ValueRef code, ValueRef globals) {
    Value builtins = builtins_of(t, globals);
    if (!builtins) return UNDEF;
    Function *f = object_new(t, TYPE_OF(FUNCTION));
    if (!f) {
        value_release(t, builtins);
        return UNDEF;
    }
    Code *c = value_code(code);
    slot_init(&f->code, value_dup(t, code));
    f->data = c->data;
    slot_init(&f->globals, value_dup(t, globals));
    slot_init(&f->builtins, builtins);
    slot_init(&f->name, value_dup(t, c->name));
    slot_init(&f->qualname, value_dup(t, c->qualname));
    ValueRef module = dict_get_str_borrow(value_dict(globals), core_names[N___name__]);
    slot_init(&f->module, value_dup(t, module));
    if (c->data->flags & CO_HAS_DOCSTRING && value_tuple(c->consts)->length > 0) slot_init(&f->doc, value_dup(t, tuple_item(value_tuple(c->consts), 0)));
    // Module-level functions live as long as their module, most often: the collector finds them. Nested ones are counted.
    if (!(c->data->flags & CO_NESTED) && value_tuple(c->freevars)->length == 0) object_make_deferred(t, (Object *)f);
    return value_of(f);
}

int function_set_part(Thread *t, Function *f, enum FunctionPart part, Value value_steal) {
    Value *slots[] = {&f->defaults, &f->kwdefaults, &f->closure, &f->annotate, &f->annotations};
    // The code that makes a generic function gets its parts as arguments, from whoever calls it. (Closures: code_verify.)
    bool fits = part == FUNCTION_DEFAULTS ? value_is_any_tuple(value_steal) : part == FUNCTION_KWDEFAULTS || part == FUNCTION_ANNOTATIONS ? value_is_any_dict(value_steal) : true;
    if (UNLIKELY(!fits)) {
        raise(t, SYSTEM_ERROR, "bad internal call: %T as a part of a function", value_steal);
        value_release(t, value_steal);
        return -1;
    }
    slot_store(t, f, slots[part], value_steal);
    return 0;
}

static void function_destroy(Thread *t, Object *o) {
    Function *f = (Function *)o;
    for (Value *slot = &f->code; slot <= &f->type_params; slot++) value_release(t, *slot);
}
static void function_traverse(Object *o, VisitFn visit, void *arg) {
    Function *f = (Function *)o;
    for (Value *slot = &f->code; slot <= &f->type_params; slot++) visit(slot, arg);
}
static void function_clear(Thread *t, Object *o) {
    Function *f = (Function *)o;
    // Code, globals and builtins stay: what calls it meanwhile needs them, and they hold no cycle alone.
    Value *slots[] = {&f->defaults, &f->kwdefaults, &f->closure, &f->doc, &f->module, &f->annotate, &f->annotations, &f->type_params};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (slots[i] != &f->closure) slot_store(t, f, slots[i], UNDEF);
}

static Value function_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<function %U at %p>", value_str(value_function(self)->qualname), (void *)value_object(self));
}
static Value function_call_slot(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return function_call(t, value_function(self), UNDEF, args, nargs, kwnames);
}
static Value function_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    (void)type;
    if (!object || object == NONE) return value_dup(t, self);
    return method_new(t, self, object);
}

static Value read_or_none(Thread *t, const Value *slot) {
    Value v = slot_get(t, slot);
    return v ? v : NONE;
}
#define FUNCTION_FIELD(field) \
    static Value get_##field(Thread *t, ValueRef self) { return read_or_none(t, &value_function(self)->field); }
FUNCTION_FIELD(code)
FUNCTION_FIELD(name)
FUNCTION_FIELD(qualname)
FUNCTION_FIELD(defaults)
FUNCTION_FIELD(kwdefaults)
FUNCTION_FIELD(doc)
FUNCTION_FIELD(module)
FUNCTION_FIELD(annotate)

static int set_code(Thread *t, ValueRef self, ValueRef value) {
    Function *f = value_function(self);
    if (!value_is(value, CODE)) return raise_int(t, TYPE_ERROR, "__code__ must be set to a code object");
    Code *code = value_code(value);
    int64_t wanted = value_is_pointer(f->closure) ? value_tuple(f->closure)->length : 0, free = value_tuple(code->freevars)->length;
    if (wanted != free) return raise_int(t, VALUE_ERROR, "%U() requires a code object with %lld free vars, not %lld", value_str(f->name), (long long)wanted, (long long)free);
    if ((f->data->flags ^ code->data->flags) & CO_ANY_GENERATOR &&
        warn(t, E_DEPRECATION_WARNING, 1, "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)") < 0)
        return -1;
    slot_store(t, f, &f->code, value_dup(t, value));
    __atomic_store_n(&f->data, code->data, __ATOMIC_RELEASE);
    return 0;
}
static int set_str(Thread *t, ValueRef self, Value *slot, ValueRef value, const char *name) {
    if (!value || !value_is_any_str(value)) return raise_int(t, TYPE_ERROR, "%s must be set to a string object", name);
    slot_store(t, value_object(self), slot, value_dup(t, value));
    return 0;
}
static int set_name(Thread *t, ValueRef self, ValueRef v) { return set_str(t, self, &value_function(self)->name, v, "__name__"); }
static int set_qualname(Thread *t, ValueRef self, ValueRef v) { return set_str(t, self, &value_function(self)->qualname, v, "__qualname__"); }
static int set_defaults(Thread *t, ValueRef self, ValueRef v) {
    if (v && v != NONE && !value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "__defaults__ must be set to a tuple object");
    slot_store(t, value_object(self), &value_function(self)->defaults, v == NONE ? UNDEF : value_dup(t, v));
    return 0;
}
static int set_kwdefaults(Thread *t, ValueRef self, ValueRef v) {
    if (v && v != NONE && !value_is_any_dict(v)) return raise_int(t, TYPE_ERROR, "__kwdefaults__ must be set to a dict object");
    slot_store(t, value_object(self), &value_function(self)->kwdefaults, v == NONE ? UNDEF : value_dup(t, v));
    return 0;
}
static int set_doc(Thread *t, ValueRef self, ValueRef v) {
    slot_store(t, value_object(self), &value_function(self)->doc, v ? value_dup(t, v) : NONE);
    return 0;
}
static int set_module(Thread *t, ValueRef self, ValueRef v) {
    slot_store(t, value_object(self), &value_function(self)->module, v ? value_dup(t, v) : NONE);
    return 0;
}
static Value get_dict(Thread *t, ValueRef self) { return instance_dict(t, self); }
static int set_dict(Thread *t, ValueRef self, ValueRef v) {
    if (!v) return raise_int(t, TYPE_ERROR, "cannot delete __dict__");
    if (!value_is_any_dict(v)) return raise_int(t, TYPE_ERROR, "__dict__ must be set to a dictionary, not a '%T'", v);
    return instance_set_dict(t, self, v);
}
static Value get_annotations(Thread *t, ValueRef self) {
    Function *f = value_function(self);
    Value known = slot_get(t, &f->annotations);
    if (known) return known;
    Value annotate = slot_get(t, &f->annotate), fresh;
    if (annotate && annotate != NONE) {
        fresh = call_1(t, annotate, value_int(1)); // Format.VALUE
        if (fresh && !value_is_any_dict(fresh)) {
            raise(t, TYPE_ERROR, "__annotate__ returned non-dict of type '%T'", fresh);
            VALUE_CLEAR(t, fresh);
        }
    } else {
        fresh = dict_new(t);
    }
    value_release(t, annotate);
    if (fresh) slot_store(t, f, &f->annotations, value_dup(t, fresh));
    return fresh;
}
static int set_annotations(Thread *t, ValueRef self, ValueRef v) {
    Function *f = value_function(self);
    if (v == NONE) v = UNDEF;
    if (v && !value_is_any_dict(v)) return raise_int(t, TYPE_ERROR, "__annotations__ must be set to a dict object");
    slot_store(t, f, &f->annotations, value_dup(t, v));
    slot_store(t, f, &f->annotate, UNDEF);
    return 0;
}
static int set_annotate(Thread *t, ValueRef self, ValueRef v) {
    Function *f = value_function(self);
    if (!v) return raise_int(t, TYPE_ERROR, "__annotate__ cannot be deleted");
    if (v != NONE && !value_type(v)->ops.call) return raise_int(t, TYPE_ERROR, "__annotate__ must be callable or None");
    slot_store(t, f, &f->annotate, v == NONE ? UNDEF : value_dup(t, v));
    if (v != NONE) slot_store(t, f, &f->annotations, UNDEF);
    return 0;
}
static Value get_type_params(Thread *t, ValueRef self) {
    Value v = slot_get(t, &value_function(self)->type_params);
    return v ? v : value_dup(t, t->interp->empty_tuple);
}
static int set_type_params(Thread *t, ValueRef self, ValueRef v) {
    if (!v || !value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "__type_params__ must be set to a tuple");
    slot_store(t, value_object(self), &value_function(self)->type_params, value_dup(t, v));
    return 0;
}
static const MemberDef function_members[] = {
    {"__globals__", offsetof(Function, globals), MEMBER_VALUE, false, NULL},
    {"__builtins__", offsetof(Function, builtins), MEMBER_VALUE, false, NULL},
    {"__closure__", offsetof(Function, closure), MEMBER_VALUE, false, NULL},
    MEMBER_END};
static const GetSetDef function_getset[] = {
    {"__code__", get_code, set_code, NULL},
    {"__name__", get_name, set_name, NULL},
    {"__qualname__", get_qualname, set_qualname, NULL},
    {"__defaults__", get_defaults, set_defaults, NULL},
    {"__kwdefaults__", get_kwdefaults, set_kwdefaults, NULL},
    {"__doc__", get_doc, set_doc, NULL},
    {"__module__", get_module, set_module, NULL},
    {"__annotations__", get_annotations, set_annotations, NULL},
    {"__annotate__", get_annotate, set_annotate, NULL},
    {"__type_params__", get_type_params, set_type_params, NULL},
    {"__dict__", get_dict, set_dict, NULL},
    GETSET_END};

static Value function_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)type;
    enum { CODE, GLOBALS, FUNCTION_NAME, DEFAULTS, CLOSURE, KWDEFAULTS };
    ValueRef a[6];
    if (args_bind(t, "function", "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)", args, nargs, kwnames, a) < 0) return UNDEF;
    if (!value_is(a[CODE], CODE)) return raise(t, TYPE_ERROR, "function() argument 'code' must be code, not %T", a[CODE]);
    if (!value_is_any_dict(a[GLOBALS])) return raise(t, TYPE_ERROR, "function() argument 'globals' must be dict, not %T", a[GLOBALS]);
    for (int i = FUNCTION_NAME; i <= KWDEFAULTS; i++)
        if (a[i] == NONE) a[i] = UNDEF;
    if (a[FUNCTION_NAME] && !value_is_any_str(a[FUNCTION_NAME])) return raise(t, TYPE_ERROR, "arg 3 (name) must be None or string");
    if (a[DEFAULTS] && !value_is_any_tuple(a[DEFAULTS])) return raise(t, TYPE_ERROR, "arg 4 (defaults) must be None or tuple");
    Code *code = value_code(a[CODE]);
    int64_t free = value_tuple(code->freevars)->length;
    if (!value_is_any_tuple(a[CLOSURE])) {
        if (free && !a[CLOSURE]) return raise(t, TYPE_ERROR, "arg 5 (closure) must be tuple");
        if (a[CLOSURE]) return raise(t, TYPE_ERROR, "arg 5 (closure) must be None or tuple");
    }
    if (a[KWDEFAULTS] && !value_is_any_dict(a[KWDEFAULTS])) return raise(t, TYPE_ERROR, "arg 6 (kwdefaults) must be None or dict");
    int64_t cells = a[CLOSURE] ? value_tuple(a[CLOSURE])->length : 0;
    if (cells != free) return raise(t, VALUE_ERROR, "%U requires closure of length %lld, not %lld", value_str(code->name), (long long)free, (long long)cells);
    for (int64_t i = 0; i < cells; i++)
        if (!value_is(tuple_item(value_tuple(a[CLOSURE]), i), CELL))
            return raise(t, TYPE_ERROR, "arg 5 (closure) expected cell, found %T", tuple_item(value_tuple(a[CLOSURE]), i));
    Value v = function_new(t, a[CODE], a[GLOBALS]);
    if (!v) return UNDEF;
    Function *f = value_function(v);
    if (a[FUNCTION_NAME]) slot_store(t, f, &f->name, value_dup(t, a[FUNCTION_NAME]));
    if (a[DEFAULTS]) slot_store(t, f, &f->defaults, value_dup(t, a[DEFAULTS]));
    if (a[CLOSURE]) slot_store(t, f, &f->closure, value_dup(t, a[CLOSURE]));
    if (a[KWDEFAULTS]) slot_store(t, f, &f->kwdefaults, value_dup(t, a[KWDEFAULTS]));
    return v;
}
const TypeSpec function_spec = {
    .name = "function", .doc = "A Python function.", .size = sizeof(Function), .flags = TYPE_HAS_ATTRIBUTES | TYPE_METHOD | TYPE_WEAKREFABLE,
    .ops = {.repr = function_repr, .call = function_call_slot, .descr_get = function_get, .new = function_make},
    .getset = function_getset, .members = function_members, .new_signature = "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
    .destroy = function_destroy, .traverse = function_traverse, .clear = function_clear};

// ---- bound methods
Value method_new(Thread *t, ValueRef function, ValueRef self) {
    Method *m = object_new(t, TYPE_OF(METHOD));
    if (!m) return UNDEF;
    slot_init(&m->function, value_dup(t, function));
    slot_init(&m->self, value_dup(t, self));
    return value_of(m);
}
static Method *value_method(ValueRef v) { return (Method *)value_object(v); }
static void method_destroy(Thread *t, Object *o) {
    value_release(t, ((Method *)o)->function);
    value_release(t, ((Method *)o)->self);
}
static void method_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Method *)o)->function, arg);
    visit(&((Method *)o)->self, arg);
}
static Value method_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Method *m = value_method(self);
    if (value_is_function(m->function)) return function_call(t, value_function(m->function), m->self, args, nargs, kwnames);
    uint32_t total = nargs + (kwnames ? (uint32_t)kwnames->length : 0) + 1;
    ValueRef few[12], *all = total <= 12 ? few : memory_new(t, total * sizeof *all);
    if (!all) return UNDEF;
    all[0] = m->self;
    for (uint32_t i = 1; i < total; i++) all[i] = args[i - 1];
    Value v = call_object(t, m->function, all, nargs + 1, kwnames);
    if (all != few) memory_free(t, all, total * sizeof *all);
    return v;
}
static Value method_repr(Thread *t, ValueRef self) {
    Method *m = value_method(self);
    Value name = object_getattr_or_undef(t, m->function, NAME(__qualname__));
    if (!name && !error_pending(t)) name = object_getattr_or_undef(t, m->function, NAME(__name__));
    if (!name && error_pending(t)) return UNDEF;
    Value text = object_repr(t, m->self), v = UNDEF;
    if (text) v = name && value_is_any_str(name) ? str_of_format(t, "<bound method %U of %U>", value_str(name), value_str(text)) : str_of_format(t, "<bound method ? of %U>", value_str(text));
    value_release(t, text);
    value_release(t, name);
    return v;
}
static int64_t method_hash(Thread *t, ValueRef self) {
    Method *m = value_method(self);
    int64_t function = object_hash(t, m->function);
    if (function == -1) return -1;
    int64_t h = pointer_hash((void *)value_bits(m->self)) ^ function;
    return h == -1 ? -2 : h;
}
static Value method_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is(a, METHOD) || !value_is(b, METHOD)) return NOT_IMPLEMENTED;
    int same = object_equal(t, value_method(a)->function, value_method(b)->function);
    if (same < 0) return UNDEF;
    same = same && value_method(a)->self == value_method(b)->self;
    return value_bool(op == CMP_EQ ? same : !same);
}
static Value method_getattr(Thread *t, ValueRef self, ValueRef name) {
    // What the method object itself does not have, its function has.
    ValueRef found = type_lookup(t, TYPE_OF(METHOD), name);
    if (found) return object_generic_getattr(t, self, name);
    return object_getattr(t, value_method(self)->function, name);
}
static Value method_get_function(Thread *t, ValueRef self) { return slot_get(t, &value_method(self)->function); }
static Value method_get_self(Thread *t, ValueRef self) { return slot_get(t, &value_method(self)->self); }
static Value method_get_doc(Thread *t, ValueRef self) { return object_getattr(t, value_method(self)->function, NAME(__doc__)); }
static Value method_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Method *m = value_method(self);
    ValueRef getattr = dict_get_str_borrow(value_dict(t->interp->builtins_dict), value_str(NAME(getattr)));
    Value name = object_getattr(t, m->function, NAME(__name__));
    if (!name) return UNDEF;
    return tuple_pair(t, value_dup(t, getattr), tuple_pair(t, value_dup(t, m->self), name));
}
static Value method_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)type;
    if (args_no_keywords(t, "method", kwnames) < 0 || args_count(t, "method", nargs, 2, 2) < 0) return UNDEF;
    if (!value_type(args[0])->ops.call) return raise(t, TYPE_ERROR, "first argument must be callable");
    if (args[1] == NONE) return raise(t, TYPE_ERROR, "instance must not be None");
    return method_new(t, args[0], args[1]);
}
// A bound method stays bound to what it was bound to.
static Value method_descr_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    (void)object, (void)type;
    return value_dup(t, self);
}
static const NativeDef method_methods[] = {{"__reduce__", method_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef method_getset[] = {
    {"__func__", method_get_function, NULL, NULL}, {"__self__", method_get_self, NULL, NULL}, {"__doc__", method_get_doc, NULL, NULL}, GETSET_END};
const TypeSpec method_spec = {
    .name = "method", .doc = "A function bound to an object.", .size = sizeof(Method), .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = method_repr, .hash = method_hash, .call = method_call, .compare = method_compare, .getattr = method_getattr, .descr_get = method_descr_get, .new = method_make},
    .methods = method_methods, .getset = method_getset, .new_signature = "(function, instance, /)",
    .destroy = method_destroy, .traverse = method_traverse};

// ---- cells
Value cell_new(Thread *t, Value value_steal_or_undef) {
    Cell *cell = object_new(t, TYPE_OF(CELL));
    if (!cell) {
        value_release(t, value_steal_or_undef);
        return UNDEF;
    }
    slot_init(&cell->value, value_steal_or_undef);
    return value_of(cell);
}
static void cell_destroy(Thread *t, Object *o) { value_release(t, ((Cell *)o)->value); }
static void cell_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Cell *)o)->value, arg); }
static void cell_clear(Thread *t, Object *o) { slot_store(t, o, &((Cell *)o)->value, UNDEF); }
static Value cell_repr(Thread *t, ValueRef self) {
    Value v = slot_get(t, &value_cell(self)->value), text;
    if (!v) return str_of_format(t, "<cell at %p: empty>", (void *)value_object(self));
    text = str_of_format(t, "<cell at %p: %.80s object at %p>", (void *)value_object(self), value_type(v)->spec->name, (void *)value_bits(v));
    value_release(t, v);
    return text;
}
static Value cell_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is(a, CELL) || !value_is(b, CELL)) return NOT_IMPLEMENTED;
    Value x = slot_get(t, &value_cell(a)->value), y = slot_get(t, &value_cell(b)->value), v;
    if (x && y) v = object_compare(t, x, y, op);
    else v = object_compare(t, value_int(x != UNDEF), value_int(y != UNDEF), op); // an empty cell is less than any other
    value_release(t, x);
    value_release(t, y);
    return v;
}
static Value cell_get_contents(Thread *t, ValueRef self) {
    Value v = slot_get(t, &value_cell(self)->value);
    return v ? v : raise(t, VALUE_ERROR, "cell is empty");
}
static int cell_set_contents(Thread *t, ValueRef self, ValueRef v) {
    slot_store(t, value_object(self), &value_cell(self)->value, value_dup(t, v));
    return 0;
}
static Value cell_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)type;
    if (args_no_keywords(t, "cell", kwnames) < 0 || args_count(t, "cell", nargs, 0, 1) < 0) return UNDEF;
    return cell_new(t, nargs ? value_dup(t, args[0]) : UNDEF);
}
static const GetSetDef cell_getset[] = {{"cell_contents", cell_get_contents, cell_set_contents, NULL}, GETSET_END};
const TypeSpec cell_spec = {
    .name = "cell", .doc = "A variable that an inner function shares.", .size = sizeof(Cell), .ops = {.repr = cell_repr, .compare = cell_compare, .hash = object_hash_not_implemented, .new = cell_make},
    .getset = cell_getset, .new_signature = "([contents])", .destroy = cell_destroy, .traverse = cell_traverse, .clear = cell_clear};
