// Type parameters (PEP 484, 612, 646, 695, 696): TypeVar, ParamSpec, TypeVarTuple, type aliases, Generic. What needs typing's rules
// is asked of the library's typing module, which asks these types back.
#include "runtime/objects/typevar.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/str.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/critical.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// A value that is computed when it is first asked for (PEP 649): `value` is UNDEF until then, `evaluate` the function, UNDEF
// where the value was given.
typedef struct Lazy { Value value, evaluate; } Lazy;

// All kinds of type parameters: one layout.
typedef struct TypeParam {
    Container c;
    Value name;
    Lazy bound, constraints, default_value;
    bool covariant, contravariant, infer_variance;
} TypeParam;
typedef struct ParamSpecPart { Container c; Value origin; } ParamSpecPart; // P.args, P.kwargs
typedef struct TypeAlias {
    Container c;
    Value name, type_params; // tuple or UNDEF
    Lazy value;
    Value module;            // str or UNDEF: that of the function that evaluates
} TypeAlias;
typedef struct ConstantEvaluator { Container c; Value value; } ConstantEvaluator;

// Of exactly this type, with whatever attributes (value_is compares shapes).
static bool value_is_a(ValueRef v, Type *type) { return value_type(v) == type; }
static TypeParam *value_param(ValueRef v) { return (TypeParam *)value_object(v); }
static TypeAlias *value_alias(ValueRef v) { return (TypeAlias *)value_object(v); }
static Value no_default(Thread *t) { return value_dup(t, type_dict_get(TYPE_OF(NO_DEFAULT), NAME(NoDefault))); }

// typing.<name>(...)
static Value call_typing(Thread *t, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value function = import_attribute(t, "typing", name);
    if (!function) return UNDEF;
    Value result = call_object(t, function, args, nargs, kwnames);
    value_release(t, function);
    return result;
}

// __name__ of the globals of the Python code that is calling; UNDEF where there is none.
static Value caller_module(Thread *t) {
    Value *fp = frame_python(t->fp);
    if (!fp || !value_is(frame_function(fp)->globals, DICT)) return UNDEF;
    return dict_get(t, value_dict(frame_function(fp)->globals), NAME(__name__));
}
static int set_module(Thread *t, ValueRef param) {
    Value module = caller_module(t);
    if (!module && error_pending(t)) return -1;
    if (!module) module = NONE;
    int result = object_setattr(t, param, NAME(__module__), module);
    value_release(t, module);
    return result;
}

// What the types, and parameters made by syntax, show as __module__.
static int typing_ready(Thread *t, Type *type) { return type_add(t, type, "__module__", str_intern_text(t, "typing")); }

// ---- values evaluated on demand

// The value; UNDEF without an exception where there is neither value nor function.
static Value lazy_get(Thread *t, Object *holder, Lazy *lazy) {
    Value v = slot_get(t, &lazy->value);
    if (v) return v;
    Value evaluate = slot_get(t, &lazy->evaluate);
    if (!evaluate) return UNDEF;
    v = call_1(t, evaluate, value_int(1)); // annotationlib.Format.VALUE
    value_release(t, evaluate);
    // Two threads may both compute it: the last one's stays.
    if (v) slot_store(t, holder, &lazy->value, value_dup(t, v));
    return v;
}
static Value evaluator_of_constant(Thread *t, ValueRef v) {
    ConstantEvaluator *e = object_new(t, TYPE_OF(CONSTANT_EVALUATOR));
    if (!e) return UNDEF;
    slot_init(&e->value, value_dup(t, v));
    return value_of(e);
}
// The function that computes it, for evaluate_bound and its kin: None where there is nothing.
static Value lazy_evaluator(Thread *t, Lazy *lazy) {
    Value evaluate = slot_get(t, &lazy->evaluate);
    if (evaluate) return evaluate;
    Value v = slot_get(t, &lazy->value);
    if (!v) return NONE;
    Value constant = evaluator_of_constant(t, v);
    value_release(t, v);
    return constant;
}
static void lazy_visit(Lazy *lazy, VisitFn visit, void *arg) {
    visit(&lazy->value, arg);
    visit(&lazy->evaluate, arg);
}
static void lazy_destroy(Thread *t, Lazy *lazy) {
    VALUE_CLEAR(t, lazy->value);
    VALUE_CLEAR(t, lazy->evaluate);
}
static void lazy_clear(Thread *t, Object *holder, Lazy *lazy) {
    slot_store(t, holder, &lazy->value, UNDEF);
    slot_store(t, holder, &lazy->evaluate, UNDEF);
}

NATIVE(constant_call) {
    ConstantEvaluator *e = (ConstantEvaluator *)value_object(self);
    if (kwnames && kwnames->length) return raise(t, TYPE_ERROR, "constevaluator.__call__() takes no keyword arguments");
    if (nargs != 1) return raise(t, TYPE_ERROR, "constevaluator.__call__() takes exactly 1 argument (%u given)", nargs);
    int format;
    if (arg_int(t, args[0], &format) < 0) return UNDEF;
    if (format != 4) return value_dup(t, e->value); // annotationlib.Format.STRING
    StrBuilder b;
    str_builder_init(&b, t);
    int result = 0;
    if (value_is(e->value, TUPLE)) {
        Tuple *tuple = value_tuple(e->value);
        str_builder_char(&b, '(');
        for (int64_t i = 0; i < tuple->length && result == 0; i++) {
            if (i) str_builder_text(&b, ", ", 2);
            result = alias_type_text(t, &b, tuple_item(tuple, i));
        }
        str_builder_char(&b, ')');
    } else {
        result = alias_type_text(t, &b, e->value);
    }
    if (result == 0) return str_builder_finish(&b);
    str_builder_abandon(&b);
    return UNDEF;
}
static Value constant_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<constevaluator %R>", ((ConstantEvaluator *)value_object(self))->value);
}
static void constant_traverse(Object *o, VisitFn visit, void *arg) { visit(&((ConstantEvaluator *)o)->value, arg); }
static void constant_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((ConstantEvaluator *)o)->value); }
static void constant_clear(Thread *t, Object *o) { slot_store(t, o, &((ConstantEvaluator *)o)->value, NONE); }
const TypeSpec constant_evaluator_spec = {
    .name = "_typing._ConstEvaluator",
    .doc = "Gives a value that was there already, where annotations want a function that computes it.",
    .size = sizeof(ConstantEvaluator),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = constant_repr, .call = constant_call},
    .destroy = constant_destroy,
    .traverse = constant_traverse,
    .clear = constant_clear,
};

// ---- NoDefault

static Value no_default_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs || (kwnames && kwnames->length)) return raise(t, TYPE_ERROR, "NoDefaultType takes no arguments");
    return no_default(t);
}
static Value no_default_repr(Thread *t, ValueRef self) { return str_from_text(t, "typing.NoDefault"); }
NATIVE(no_default_reduce) { return str_from_text(t, "NoDefault"); }
static int no_default_ready(Thread *t, Type *type) { return type_add(t, type, "NoDefault", value_of(object_new(t, TYPE_OF(NO_DEFAULT)))); }
static const NativeDef no_default_methods[] = {
    {"__reduce__", no_default_reduce, "($self, /)", NULL, 0},
    NATIVE_END};
const TypeSpec no_default_spec = {
    .name = "NoDefaultType",
    .doc = "The type of the NoDefault singleton.",
    .size = sizeof(Container),
    .ops = {.repr = no_default_repr, .new = no_default_make},
    .methods = no_default_methods,
    .ready = no_default_ready,
};

// ---- what the kinds of parameters share

static TypeParam *param_alloc(Thread *t, Type *type, ValueRef name) {
    TypeParam *p = object_new(t, type);
    if (p) slot_init(&p->name, value_dup(t, name));
    return p;
}

static Value get_default(Thread *t, ValueRef self) {
    Value v = lazy_get(t, value_object(self), &value_param(self)->default_value);
    return v || error_pending(t) ? v : no_default(t);
}
static Value get_evaluate_default(Thread *t, ValueRef self) {
    Lazy *lazy = &value_param(self)->default_value;
    Value none = no_default(t), v = slot_get(t, &lazy->value);
    bool absent = v && v == none;
    value_release(t, none);
    value_release(t, v);
    return absent ? NONE : lazy_evaluator(t, lazy);
}
NATIVE(has_default) {
    Lazy *lazy = &value_param(self)->default_value;
    if (slot_borrow(&lazy->evaluate)) return TRUE_VALUE;
    Value v = slot_get(t, &lazy->value), none = no_default(t);
    bool has = v && v != none;
    value_release(t, v);
    value_release(t, none);
    return value_bool(has);
}
NATIVE(param_reduce) { return slot_get(t, &value_param(self)->name); }
NATIVE(param_mro_entries) {
    const char *name = value_type(self)->spec->name, *dot = strrchr(name, '.');
    return raise(t, TYPE_ERROR, "Cannot subclass an instance of %s", dot ? dot + 1 : name);
}

// int | T and its kin: as Union[int, T], which takes forward references and more than types' own `|`.
static Value make_union(Thread *t, ValueRef a, ValueRef b) {
    ValueRef pair[] = {a, b};
    Value args = tuple_from_refs(t, pair, 2);
    Value result = args ? union_from_tuple(t, args) : UNDEF;
    value_release(t, args);
    return result;
}

// ~T, +T, -T, or T where variance is inferred
static Value param_repr(Thread *t, ValueRef self) {
    TypeParam *p = value_param(self);
    const char *sign = p->infer_variance ? "" : p->covariant ? "+" : p->contravariant ? "-" : "~";
    return str_of_format(t, "%s%S", sign, p->name);
}

static void param_traverse(Object *o, VisitFn visit, void *arg) {
    TypeParam *p = (TypeParam *)o;
    visit(&p->name, arg);
    lazy_visit(&p->bound, visit, arg);
    lazy_visit(&p->constraints, visit, arg);
    lazy_visit(&p->default_value, visit, arg);
}
static void param_destroy(Thread *t, Object *o) {
    TypeParam *p = (TypeParam *)o;
    VALUE_CLEAR(t, p->name);
    lazy_destroy(t, &p->bound);
    lazy_destroy(t, &p->constraints);
    lazy_destroy(t, &p->default_value);
}
static void param_clear(Thread *t, Object *o) {
    TypeParam *p = (TypeParam *)o;
    lazy_clear(t, o, &p->bound);
    lazy_clear(t, o, &p->constraints);
    lazy_clear(t, o, &p->default_value);
}

static int set_variance(Thread *t, TypeParam *p, const ValueRef covariant, const ValueRef contravariant, const ValueRef infer) {
    if (covariant && arg_bool(t, covariant, &p->covariant) < 0) return -1;
    if (contravariant && arg_bool(t, contravariant, &p->contravariant) < 0) return -1;
    if (infer && arg_bool(t, infer, &p->infer_variance) < 0) return -1;
    if (p->covariant && p->contravariant) return raise_int(t, VALUE_ERROR, "Bivariant types are not supported.");
    if (p->infer_variance && (p->covariant || p->contravariant))
        return raise_int(t, VALUE_ERROR, "Variance cannot be specified with infer_variance.");
    return 0;
}
static Value checked_bound(Thread *t, ValueRef bound) {
    Value message = str_from_text(t, "Bound must be a type.");
    ValueRef pair[] = {bound, message};
    Value result = message ? call_typing(t, "_type_check", pair, 2, NULL) : UNDEF;
    value_release(t, message);
    return result;
}

// The parameters of an alias are being substituted: the default fills the place of a missing last argument.
static Value prepare_with_default(Thread *t, ValueRef self, ValueRef alias, ValueRef arguments) {
    Value params = object_getattr(t, alias, NAME(__parameters__));
    Value tuple = params ? tuple_from_iterable(t, params) : UNDEF;
    value_release(t, params);
    if (!tuple) return UNDEF;
    int64_t index = 0, n = value_tuple(tuple)->length, given = object_len(t, arguments);
    while (index < n && tuple_item(value_tuple(tuple), index) != self) index++;
    value_release(t, tuple);
    if (given < 0) return UNDEF;
    if (index == n) return raise(t, VALUE_ERROR, "sequence.index(x): x not in sequence");
    if (index < given) return value_dup(t, arguments);
    Value filling = get_default(t, self), none = no_default(t), all = UNDEF;
    if (!filling) {
    } else if (filling == none || index > given) {
        raise(t, TYPE_ERROR, "Too few arguments for %S; actual %lld, expected at least %lld", alias, (long long)given, (long long)index + 1);
    } else {
        Value list = list_from_iterable(t, arguments);
        if (list && list_append(t, value_list(list), value_dup(t, filling)) == 0) all = list_snapshot(t, value_list(list));
        value_release(t, list);
    }
    value_release(t, none);
    value_release(t, filling);
    return all;
}

// Gives self, then one more name and the rest as typing's function wants them.
static Value typing_method(Thread *t, const char *name, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint32_t total = nargs + (kwnames ? (uint32_t)kwnames->length : 0) + 1;
    ValueRef few[10], *all = few;
    if (total > 10 && !(all = storage_new(t, total * sizeof *all))) return UNDEF;
    all[0] = self;
    for (uint32_t i = 1; i < total; i++) all[i] = args[i - 1];
    Value result = call_typing(t, name, all, nargs + 1, kwnames);
    if (all != few) storage_free(all);
    return result;
}

// (typing.Unpack[v],) as an iterator: what *v is.
static Value iterate_unpacked(Thread *t, ValueRef v) {
    Value unpack = import_attribute(t, "typing", "Unpack");
    Value unpacked = unpack ? object_getitem(t, unpack, v) : UNDEF;
    value_release(t, unpack);
    if (!unpacked) return UNDEF;
    Value tuple = tuple_from_values(t, &unpacked, 1);
    Value iterator = tuple ? object_iter(t, tuple) : UNDEF;
    value_release(t, tuple);
    return iterator;
}
// The parameters with every TypeVarTuple unpacked.
static Value unpack_tuples(Thread *t, ValueRef params) {
    Tuple *from = value_tuple(params);
    Value list = list_new(t, from->length);
    for (int64_t i = 0; list && i < from->length; i++) {
        ValueRef param = tuple_item(from, i);
        int result;
        if (value_is_a(param, TYPE_OF(TYPE_VAR_TUPLE))) {
            Value iterator = iterate_unpacked(t, param);
            result = iterator ? list_extend(t, value_list(list), iterator) : -1;
            value_release(t, iterator);
        } else {
            result = list_append(t, value_list(list), value_dup(t, param));
        }
        if (result < 0) VALUE_CLEAR(t, list);
    }
    Value tuple = list ? list_snapshot(t, value_list(list)) : UNDEF;
    value_release(t, list);
    return tuple;
}

// ---- TypeVar

Value typevar_new(Thread *t, ValueRef name, ValueRef bound_function, ValueRef constraints_function) {
    TypeParam *p = param_alloc(t, TYPE_OF(TYPE_VAR), name);
    if (!p) return UNDEF;
    slot_init(&p->bound.evaluate, value_dup(t, bound_function));
    slot_init(&p->constraints.evaluate, value_dup(t, constraints_function));
    p->infer_variance = true;
    return value_of(p);
}

// TypeVar(name, *constraints, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)
static Value typevar_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[6];
    // Positional ones beyond the name are constraints: only keywords are bound by name.
    ValueRef few[12], *all = few;
    uint32_t leading = nargs ? 1 : 0, keywords = kwnames ? (uint32_t)kwnames->length : 0;
    if (leading + keywords > 12) return raise(t, TYPE_ERROR, "typevar() takes at most 6 keyword arguments (%u given)", keywords);
    if (leading) all[0] = args[0];
    for (uint32_t i = 0; i < keywords; i++) all[leading + i] = args[nargs + i];
    if (args_bind(t, "typevar", "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)", all,
                  leading, kwnames, given) < 0)
        return UNDEF;
    if (!value_is_any_str(given[0])) return raise(t, TYPE_ERROR, "typevar() argument 'name' must be str, not %K", given[0]);
    TypeParam *p = param_alloc(t, TYPE_OF(TYPE_VAR), given[0]);
    if (!p) return UNDEF;
    ValueRef self = value_of(p);
    if (set_variance(t, p, given[3], given[4], given[5]) < 0) goto fail;
    bool has_bound = given[1] && given[1] != NONE;
    if (has_bound) {
        Value bound = checked_bound(t, given[1]);
        if (!bound) goto fail;
        slot_init(&p->bound.value, bound);
    }
    if (nargs == 2) {
        raise(t, TYPE_ERROR, "A single constraint is not allowed");
        goto fail;
    }
    if (nargs > 2) {
        if (has_bound) {
            raise(t, TYPE_ERROR, "Constraints cannot be combined with bound=...");
            goto fail;
        }
        Value constraints = tuple_from_refs(t, args + 1, nargs - 1);
        if (!constraints) goto fail;
        slot_init(&p->constraints.value, constraints);
    }
    slot_init(&p->default_value.value, given[2] ? value_dup(t, given[2]) : UNDEF);
    if (set_module(t, self) == 0) return value_of(p);
fail:
    object_release(t, p);
    return UNDEF;
}

static Value get_bound(Thread *t, ValueRef self) {
    Value v = lazy_get(t, value_object(self), &value_param(self)->bound);
    return v || error_pending(t) ? v : NONE;
}
static Value get_constraints(Thread *t, ValueRef self) {
    Value v = lazy_get(t, value_object(self), &value_param(self)->constraints);
    return v || error_pending(t) ? v : tuple_from_refs(t, NULL, 0);
}
static Value get_evaluate_bound(Thread *t, ValueRef self) { return lazy_evaluator(t, &value_param(self)->bound); }
static Value get_evaluate_constraints(Thread *t, ValueRef self) { return lazy_evaluator(t, &value_param(self)->constraints); }

NATIVE(typevar_subst) { return typing_method(t, "_typevar_subst", self, args, 1, NULL); }
NATIVE(typevar_prepare_subst) { return prepare_with_default(t, self, args[0], args[1]); }

#define PARAM_METHODS \
    {"has_default", has_default, "($self, /)", "Is there a default?", 0}, {"__reduce__", param_reduce, "($self, /)", NULL, 0}, \
        {"__mro_entries__", param_mro_entries, "($self, bases, /)", NULL, 0}
#define PARAM_VARIANCE \
    {"__covariant__", offsetof(TypeParam, covariant), MEMBER_BOOL8, false, NULL}, \
        {"__contravariant__", offsetof(TypeParam, contravariant), MEMBER_BOOL8, false, NULL}, \
        {"__infer_variance__", offsetof(TypeParam, infer_variance), MEMBER_BOOL8, false, NULL}
#define PARAM_NAME {"__name__", offsetof(TypeParam, name), MEMBER_VALUE, false, NULL}
#define PARAM_DEFAULT {"__default__", get_default, NULL, NULL}, {"evaluate_default", get_evaluate_default, NULL, NULL}

static const NativeDef typevar_methods[] = {
    {"__typing_subst__", typevar_subst, "($self, arg, /)", NULL, 0},
    {"__typing_prepare_subst__", typevar_prepare_subst, "($self, alias, args, /)", NULL, 0},
    PARAM_METHODS,
    NATIVE_END};
static const GetSetDef typevar_getset[] = {
    {"__bound__", get_bound, NULL, NULL},
    {"__constraints__", get_constraints, NULL, NULL},
    PARAM_DEFAULT,
    {"evaluate_bound", get_evaluate_bound, NULL, NULL},
    {"evaluate_constraints", get_evaluate_constraints, NULL, NULL},
    GETSET_END};
static const MemberDef typevar_members[] = {PARAM_NAME, PARAM_VARIANCE, MEMBER_END};
const TypeSpec type_var_spec = {
    .name = "typing.TypeVar",
    .doc = "A type variable: a parameter of generic functions, classes and aliases that stands for a type.",
    .size = sizeof(TypeParam),
    .flags = TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.repr = param_repr, .or_ = make_union, .new = typevar_make},
    .methods = typevar_methods,
    .getset = typevar_getset,
    .members = typevar_members,
    .destroy = param_destroy,
    .traverse = param_traverse,
    .clear = param_clear,
    .ready = typing_ready,
};

// ---- ParamSpec, and its args and kwargs

Value paramspec_new(Thread *t, ValueRef name) {
    TypeParam *p = param_alloc(t, TYPE_OF(PARAM_SPEC), name);
    if (!p) return UNDEF;
    p->infer_variance = true;
    return value_of(p);
}

static Value paramspec_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[6];
    if (args_bind(t, "paramspec", "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)", args,
                  nargs, kwnames, given) < 0)
        return UNDEF;
    if (!value_is_any_str(given[0])) return raise(t, TYPE_ERROR, "paramspec() argument 'name' must be str, not %K", given[0]);
    TypeParam *p = param_alloc(t, TYPE_OF(PARAM_SPEC), given[0]);
    if (!p) return UNDEF;
    if (set_variance(t, p, given[3], given[4], given[5]) < 0) goto fail;
    if (given[1] && given[1] != NONE) slot_init(&p->bound.value, value_dup(t, given[1])); // anything: lists of types among them
    slot_init(&p->default_value.value, given[2] ? value_dup(t, given[2]) : UNDEF);
    if (set_module(t, value_of(p)) == 0) return value_of(p);
fail:
    object_release(t, p);
    return UNDEF;
}

static Value part_new(Thread *t, Type *type, ValueRef origin) {
    ParamSpecPart *part = object_new(t, type);
    if (!part) return UNDEF;
    slot_init(&part->origin, value_dup(t, origin));
    return value_of(part);
}
static Value get_args(Thread *t, ValueRef self) { return part_new(t, TYPE_OF(PARAM_SPEC_ARGS), self); }
static Value get_kwargs(Thread *t, ValueRef self) { return part_new(t, TYPE_OF(PARAM_SPEC_KWARGS), self); }
NATIVE(paramspec_subst) { return typing_method(t, "_paramspec_subst", self, args, 1, NULL); }
NATIVE(paramspec_prepare_subst) { return typing_method(t, "_paramspec_prepare_subst", self, args, 2, NULL); }

static const NativeDef paramspec_methods[] = {
    {"__typing_subst__", paramspec_subst, "($self, arg, /)", NULL, 0},
    {"__typing_prepare_subst__", paramspec_prepare_subst, "($self, alias, args, /)", NULL, 0},
    PARAM_METHODS,
    NATIVE_END};
static const GetSetDef paramspec_getset[] = {
    {"args", get_args, NULL, "stands for the positional arguments"},
    {"kwargs", get_kwargs, NULL, "stands for the keyword arguments"},
    {"__bound__", get_bound, NULL, NULL},
    PARAM_DEFAULT,
    GETSET_END};
static const MemberDef paramspec_members[] = {PARAM_NAME, PARAM_VARIANCE, MEMBER_END};
const TypeSpec param_spec_spec = {
    .name = "typing.ParamSpec",
    .doc = "A parameter specification: stands for the parameters of a callable.",
    .size = sizeof(TypeParam),
    .flags = TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.repr = param_repr, .or_ = make_union, .new = paramspec_make},
    .methods = paramspec_methods,
    .getset = paramspec_getset,
    .members = paramspec_members,
    .destroy = param_destroy,
    .traverse = param_traverse,
    .clear = param_clear,
    .ready = typing_ready,
};

static Value part_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef origin;
    bool positional = (Type *)value_object(type) == TYPE_OF(PARAM_SPEC_ARGS);
    if (args_bind(t, positional ? "paramspecargs" : "paramspeckwargs", "(origin)", args, nargs, kwnames, &origin) < 0) return UNDEF;
    return part_new(t, (Type *)value_object(type), origin);
}
static Value part_repr(Thread *t, ValueRef self) {
    ValueRef origin = ((ParamSpecPart *)value_object(self))->origin;
    const char *what = value_is(self, PARAM_SPEC_ARGS) ? "args" : "kwargs";
    if (value_is_a(origin, TYPE_OF(PARAM_SPEC))) return str_of_format(t, "%S.%s", value_param(origin)->name, what);
    return str_of_format(t, "%R.%s", origin, what);
}
static Value part_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (value_type(a) != value_type(b) || (op != CMP_EQ && op != CMP_NE)) return NOT_IMPLEMENTED;
    return object_compare(t, ((ParamSpecPart *)value_object(a))->origin, ((ParamSpecPart *)value_object(b))->origin, op);
}
static void part_traverse(Object *o, VisitFn visit, void *arg) { visit(&((ParamSpecPart *)o)->origin, arg); }
static void part_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((ParamSpecPart *)o)->origin); }
static void part_clear(Thread *t, Object *o) { slot_store(t, o, &((ParamSpecPart *)o)->origin, NONE); }
static const NativeDef part_methods[] = {
    {"__mro_entries__", param_mro_entries, "($self, bases, /)", NULL, 0},
    NATIVE_END};
static const MemberDef part_members[] = {{"__origin__", offsetof(ParamSpecPart, origin), MEMBER_VALUE, false, NULL}, MEMBER_END};
const TypeSpec param_spec_args_spec = {
    .name = "typing.ParamSpecArgs",
    .doc = "The positional arguments of a parameter specification: P.args.",
    .size = sizeof(ParamSpecPart),
    .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = part_repr, .compare = part_compare, .new = part_make},
    .methods = part_methods,
    .members = part_members,
    .destroy = part_destroy,
    .traverse = part_traverse,
    .clear = part_clear,
    .ready = typing_ready,
};
const TypeSpec param_spec_kwargs_spec = {
    .name = "typing.ParamSpecKwargs",
    .doc = "The keyword arguments of a parameter specification: P.kwargs.",
    .size = sizeof(ParamSpecPart),
    .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = part_repr, .compare = part_compare, .new = part_make},
    .methods = part_methods,
    .members = part_members,
    .destroy = part_destroy,
    .traverse = part_traverse,
    .clear = part_clear,
    .ready = typing_ready,
};

// ---- TypeVarTuple

Value typevartuple_new(Thread *t, ValueRef name) {
    TypeParam *p = param_alloc(t, TYPE_OF(TYPE_VAR_TUPLE), name);
    if (!p) return UNDEF;
    p->infer_variance = true; // for the repr: the bare name
    return value_of(p);
}
static Value typevartuple_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "typevartuple", "(name, *, default=typing.NoDefault)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (!value_is_any_str(given[0])) return raise(t, TYPE_ERROR, "typevartuple() argument 'name' must be str, not %K", given[0]);
    Value v = typevartuple_new(t, given[0]);
    if (!v) return UNDEF;
    if (given[1]) slot_init(&value_param(v)->default_value.value, value_dup(t, given[1]));
    if (set_module(t, v) == 0) return v;
    value_release(t, v);
    return UNDEF;
}
static Value typevartuple_iter(Thread *t, ValueRef self) { return iterate_unpacked(t, self); }
NATIVE(typevartuple_subst) { return raise(t, TYPE_ERROR, "Substitution of bare TypeVarTuple is not supported"); }
NATIVE(typevartuple_prepare_subst) { return typing_method(t, "_typevartuple_prepare_subst", self, args, 2, NULL); }
static const NativeDef typevartuple_methods[] = {
    {"__typing_subst__", typevartuple_subst, "($self, arg, /)", NULL, 0},
    {"__typing_prepare_subst__", typevartuple_prepare_subst, "($self, alias, args, /)", NULL, 0},
    PARAM_METHODS,
    NATIVE_END};
static const GetSetDef typevartuple_getset[] = {PARAM_DEFAULT, GETSET_END};
static const MemberDef typevartuple_members[] = {PARAM_NAME, MEMBER_END};
const TypeSpec type_var_tuple_spec = {
    .name = "typing.TypeVarTuple",
    .doc = "A type parameter that stands for any number of types.",
    .size = sizeof(TypeParam),
    .flags = TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.repr = param_repr, .iter = typevartuple_iter, .new = typevartuple_make},
    .methods = typevartuple_methods,
    .getset = typevartuple_getset,
    .members = typevartuple_members,
    .destroy = param_destroy,
    .traverse = param_traverse,
    .clear = param_clear,
    .ready = typing_ready,
};

Value typeparam_set_default(Thread *t, ValueRef parameter, ValueRef default_function) {
    TypeParam *p = value_param(parameter);
    slot_store(t, p, &p->default_value.evaluate, value_dup(t, default_function));
    return value_dup(t, parameter);
}

// ---- type aliases

Value typealias_new(Thread *t, ValueRef name, ValueRef type_params, ValueRef value_function) {
    TypeAlias *a = object_new(t, TYPE_OF(TYPE_ALIAS));
    if (!a) return UNDEF;
    slot_init(&a->name, value_dup(t, name));
    slot_init(&a->type_params, type_params == NONE ? UNDEF : value_dup(t, type_params));
    slot_init(&a->value.evaluate, value_dup(t, value_function));
    return value_of(a);
}

static int check_type_params(Thread *t, ValueRef params) {
    if (!value_is_any_tuple(params)) return raise_int(t, TYPE_ERROR, "type_params must be a tuple");
    Tuple *tuple = value_tuple(params);
    bool default_seen = false;
    for (int64_t i = 0; i < tuple->length; i++) {
        ValueRef param = tuple_item(tuple, i);
        if (!value_is_a(param, TYPE_OF(TYPE_VAR)) && !value_is_a(param, TYPE_OF(PARAM_SPEC)) && !value_is_a(param, TYPE_OF(TYPE_VAR_TUPLE)))
            return raise_int(t, TYPE_ERROR, "Expected a type param, got %R", param);
        bool has = has_default(t, param, NULL, 0, NULL) == TRUE_VALUE;
        if (default_seen && !has) return raise_int(t, TYPE_ERROR, "non-default type parameter '%R' follows default type parameter", param);
        default_seen |= has;
    }
    return 0;
}

static Value typealias_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    if (args_bind(t, "typealias", "(name, value, *, type_params=())", args, nargs, kwnames, given) < 0) return UNDEF;
    if (!value_is_any_str(given[0])) return raise(t, TYPE_ERROR, "typealias() argument 'name' must be str, not %K", given[0]);
    if (given[2] && check_type_params(t, given[2]) < 0) return UNDEF;
    Value module = caller_module(t);
    if (!module && error_pending(t)) return UNDEF;
    TypeAlias *a = object_new(t, TYPE_OF(TYPE_ALIAS));
    if (!a) {
        value_release(t, module);
        return UNDEF;
    }
    slot_init(&a->name, value_dup(t, given[0]));
    if (given[2] && value_tuple(given[2])->length) slot_init(&a->type_params, value_dup(t, given[2]));
    slot_init(&a->value.value, value_dup(t, given[1]));
    slot_init(&a->module, module);
    return value_of(a);
}

static Value alias_name(Thread *t, ValueRef self) { return slot_get(t, &value_alias(self)->name); }
static Value alias_type_params(Thread *t, ValueRef self) {
    Value params = slot_get(t, &value_alias(self)->type_params);
    return params ? params : tuple_from_refs(t, NULL, 0);
}
static Value alias_parameters(Thread *t, ValueRef self) {
    Value params = slot_get(t, &value_alias(self)->type_params);
    if (!params) return tuple_from_refs(t, NULL, 0);
    Value unpacked = unpack_tuples(t, params);
    value_release(t, params);
    return unpacked;
}
static Value alias_value(Thread *t, ValueRef self) { return lazy_get(t, value_object(self), &value_alias(self)->value); }
static Value alias_evaluate_value(Thread *t, ValueRef self) { return lazy_evaluator(t, &value_alias(self)->value); }
static Value alias_module(Thread *t, ValueRef self) {
    TypeAlias *a = value_alias(self);
    Value module = slot_get(t, &a->module);
    if (module) return module;
    Value evaluate = slot_get(t, &a->value.evaluate);
    if (!evaluate) return NONE;
    module = object_getattr(t, evaluate, NAME(__module__));
    value_release(t, evaluate);
    return module;
}
static Value alias_getitem(Thread *t, ValueRef self, ValueRef key) {
    if (!slot_borrow(&value_alias(self)->type_params)) return raise(t, TYPE_ERROR, "Only generic type aliases are subscriptable");
    return generic_alias_new(t, self, key);
}
static Value alias_iter(Thread *t, ValueRef self) { return iterate_unpacked(t, self); }
NATIVE(alias_reduce) { return alias_name(t, self); }

static void alias_traverse(Object *o, VisitFn visit, void *arg) {
    TypeAlias *a = (TypeAlias *)o;
    visit(&a->name, arg);
    visit(&a->type_params, arg);
    visit(&a->module, arg);
    lazy_visit(&a->value, visit, arg);
}
static void alias_destroy(Thread *t, Object *o) {
    TypeAlias *a = (TypeAlias *)o;
    VALUE_CLEAR(t, a->name);
    VALUE_CLEAR(t, a->type_params);
    VALUE_CLEAR(t, a->module);
    lazy_destroy(t, &a->value);
}
static void alias_clear(Thread *t, Object *o) { lazy_clear(t, o, &((TypeAlias *)o)->value); }
static const NativeDef alias_methods[] = {{"__reduce__", alias_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const MemberDef alias_members[] = {{"__name__", offsetof(TypeAlias, name), MEMBER_VALUE, false, NULL}, MEMBER_END};
static const GetSetDef alias_getset[] = {
    {"__parameters__", alias_parameters, NULL, NULL},
    {"__type_params__", alias_type_params, NULL, NULL},
    {"__value__", alias_value, NULL, NULL},
    {"evaluate_value", alias_evaluate_value, NULL, NULL},
    {"__module__", alias_module, NULL, NULL},
    GETSET_END};
const TypeSpec type_alias_spec = {
    .name = "typing.TypeAliasType",
    .doc = "A type alias, as the `type` statement makes it.",
    .size = sizeof(TypeAlias),
    .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = alias_name, .iter = alias_iter, .or_ = make_union, .getitem = alias_getitem, .new = typealias_make},
    .methods = alias_methods,
    .getset = alias_getset,
    .members = alias_members,
    .destroy = alias_destroy,
    .traverse = alias_traverse,
    .clear = alias_clear,
};

// ---- Generic

NATIVE(generic_class_getitem) { return typing_method(t, "_generic_class_getitem", self, args, nargs, kwnames); }
NATIVE(generic_init_subclass) {
    Value result = typing_method(t, "_generic_init_subclass", self, args, nargs, kwnames);
    value_release(t, result);
    return result ? NONE : UNDEF;
}

Value generic_subscript(Thread *t, ValueRef type_params) {
    Value unpacked = unpack_tuples(t, type_params);
    if (!unpacked) return UNDEF;
    ValueRef pair[] = {value_of(TYPE_OF(GENERIC)), unpacked};
    Value alias = call_typing(t, "_GenericAlias", pair, 2, NULL);
    value_release(t, unpacked);
    return alias;
}

static const NativeDef generic_methods[] = {
    {"__class_getitem__", generic_class_getitem, "($type, *args, **kwargs)", "A generic class with its parameters.", NATIVE_CLASS | NATIVE_RAW},
    {"__init_subclass__", generic_init_subclass, "($type, *args, **kwargs)", "Finds the parameters of a class derived from generic ones.",
     NATIVE_CLASS | NATIVE_RAW},
    NATIVE_END};
const TypeSpec generic_spec = {
    .name = "typing.Generic",
    .doc = "The base class of generic classes.",
    .size = sizeof(Container),
    .flags = TYPE_BASE,
    .methods = generic_methods,
    .ready = typing_ready,
};
