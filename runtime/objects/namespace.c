// types.SimpleNamespace.
#include "runtime/objects/namespace.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct Namespace {
    Container c; // attribute slots follow
} Namespace;

static bool is_namespace(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(SIMPLE_NAMESPACE)); }

// Sets the attributes that a dict of our own holds.
static int set_all(Thread *t, ValueRef self, Dict *attributes) {
    Value key, value;
    int result = 0;
    for (int64_t position = 0; result == 0 && dict_next(t, attributes, &position, &key, &value);) {
        result = value_is_any_str(key) ? object_generic_setattr(t, self, key, value) : raise_int(t, TYPE_ERROR, "keywords must be strings");
        value_release(t, key);
        value_release(t, value);
    }
    return result;
}

Value namespace_new(Thread *t, ValueRef dict_or_undef) {
    Object *o = object_new(t, TYPE_OF(SIMPLE_NAMESPACE));
    if (!o) return UNDEF;
    if (dict_or_undef != UNDEF && set_all(t, value_of(o), value_dict(dict_or_undef)) < 0) {
        object_release(t, o);
        return UNDEF;
    }
    return value_of(o);
}

static Value namespace_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Object *o = object_new(t, (Type *)value_object(type));
    return o ? value_of(o) : UNDEF;
}
static int namespace_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_count(t, "SimpleNamespace", nargs, 0, 1) < 0) return -1;
    if (nargs) {
        Value attributes = dict_new(t);
        int result = attributes == UNDEF ? -1 : dict_update(t, value_dict(attributes), args[0]);
        if (result == 0) result = set_all(t, self, value_dict(attributes));
        value_release(t, attributes);
        if (result < 0) return -1;
    }
    for (int64_t i = 0; kwnames && i < kwnames->length; i++)
        if (object_generic_setattr(t, self, kwnames->items[i], args[nargs + i]) < 0) return -1;
    return 0;
}

// The attributes as a dict of our own.
static Value attributes_of(Thread *t, ValueRef self) {
    Value dict = instance_dict(t, self), copy = UNDEF;
    if (dict == UNDEF) return UNDEF;
    copy = dict_new(t);
    if (copy != UNDEF && dict_update(t, value_dict(copy), dict) < 0) VALUE_CLEAR(t, copy);
    value_release(t, dict);
    return copy;
}

static Value namespace_repr(Thread *t, ValueRef self) {
    bool exact = value_type(self) == TYPE_OF(SIMPLE_NAMESPACE);
    Value name = exact ? str_from_text(t, "namespace") : str_of_format(t, "%N", value_type(self)), attributes = UNDEF, key, value;
    if (name == UNDEF) return UNDEF;
    int entered = repr_enter(t, self);
    if (entered) {
        Value text = entered < 0 ? UNDEF : str_of_format(t, "%S(...)", (ValueRef)name);
        value_release(t, name);
        return text;
    }
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_str(&b, value_str(name));
    str_builder_char(&b, '(');
    attributes = attributes_of(t, self);
    bool failed = attributes == UNDEF, first = true;
    for (int64_t position = 0; !failed && dict_next(t, value_dict(attributes), &position, &key, &value);) {
        if (value_is_any_str(key) && str_length(value_str(key))) {
            Value text = object_repr(t, value);
            failed = text == UNDEF;
            if (!failed) {
                if (!first) str_builder_text(&b, ", ", 2);
                first = false;
                str_builder_str(&b, value_str(key));
                str_builder_char(&b, '=');
                str_builder_str(&b, value_str(text));
                value_release(t, text);
            }
        }
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, attributes);
    value_release(t, name);
    repr_leave(t, self);
    if (failed) {
        str_builder_abandon(&b);
        return UNDEF;
    }
    str_builder_char(&b, ')');
    return str_builder_finish(&b);
}

static Value namespace_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_namespace(a) || !is_namespace(b)) return NOT_IMPLEMENTED;
    Value x = attributes_of(t, a), y = x == UNDEF ? UNDEF : attributes_of(t, b);
    Value result = y == UNDEF ? UNDEF : object_compare(t, x, y, op);
    value_release(t, x);
    value_release(t, y);
    return result;
}

METHOD(namespace_reduce) {
    Value none = tuple_from_refs(t, NULL, 0);
    if (none == UNDEF) return UNDEF;
    return container_tuple_3(t, value_dup(t, value_of(value_type(self))), none, instance_dict(t, self));
}
METHOD(namespace_replace) {
    if (nargs) return raise(t, TYPE_ERROR, "__replace__() takes no positional arguments");
    Value made = call_0(t, value_of(value_type(self)));
    if (made == UNDEF) return UNDEF;
    if (!is_namespace(made)) {
        raise(t, TYPE_ERROR, "expect types.SimpleNamespace type, but %Q() returned '%T' object", value_type(self), (ValueRef)made);
        value_release(t, made);
        return UNDEF;
    }
    Value attributes = attributes_of(t, self);
    int result = attributes == UNDEF ? -1 : set_all(t, made, value_dict(attributes));
    value_release(t, attributes);
    for (int64_t i = 0; result == 0 && kwnames && i < kwnames->length; i++) result = object_generic_setattr(t, made, kwnames->items[i], args[i]);
    if (result < 0) VALUE_CLEAR(t, made);
    return made;
}

static void namespace_destroy(Thread *t, Object *o) {}
static void namespace_traverse(Object *o, VisitFn visit, void *arg) {}

static const GetSetDef namespace_getset[] = {
    {"__dict__", instance_dict, NULL, NULL},
    GETSET_END};
static const NativeDef namespace_methods[] = {
    {"__reduce__", namespace_reduce, "($self, /)", "How to pickle the namespace.", 0},
    {"__replace__", namespace_replace, NULL, "__replace__(**changes): a copy with other attributes.", NATIVE_RAW},
    NATIVE_END};
const TypeSpec simple_namespace_spec = {
    .name = "types.SimpleNamespace",
    .doc = "An object whose attributes are given as keywords, or by a mapping or pairs.",
    .size = sizeof(Namespace),
    .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE,
    .ops = {.repr = namespace_repr, .hash = object_hash_not_implemented, .compare = namespace_compare, .init = namespace_init,
            .new = namespace_new_slot},
    .methods = namespace_methods,
    .getset = namespace_getset,
    .new_signature = "(mapping_or_iterable=(), /, **kwargs)",
    .destroy = namespace_destroy,
    .traverse = namespace_traverse};
