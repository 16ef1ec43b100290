// The type `object`: what every object can do. Its pickling half stands in object_reduce.c.
#include <stdio.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "runtime/weakref.h"

// ---- making instances

static Value raise_abstract(Thread *t, Type *type) {
    Value methods = object_getattr(t, value_of(type), NAME(__abstractmethods__));
    Value list = methods ? list_from_iterable(t, methods) : UNDEF;
    Value separator = str_from_text(t, "', '"), joined = UNDEF;
    if (list && separator && list_sort(t, value_list(list), NONE, false) == 0) joined = str_join(t, separator, list);
    if (joined)
        raise(t, TYPE_ERROR, "Can't instantiate abstract class %N without an implementation for abstract method%s '%U'", type,
              list_length(value_list(list)) > 1 ? "s" : "", value_str(joined));
    value_release(t, joined);
    value_release(t, separator);
    value_release(t, list);
    value_release(t, methods);
    return UNDEF;
}

Value object_new_instance(Thread *t, Type *type) {
    if (UNLIKELY(type->flags & TYPE_ABSTRACT)) return raise_abstract(t, type);
    return value_of(object_new(t, type));
}

static bool has_arguments(uint32_t nargs, Tuple *kwnames) { return nargs || (kwnames && kwnames->length); }

// Arguments are refused here unless __init__ is the one that takes them, and there unless __new__ is.
static int object_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
static Value object_new_checked(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_as_type(self);
    if (UNLIKELY(has_arguments(nargs, kwnames))) {
        if (type->ops.new != object_new_checked)
            return raise(t, TYPE_ERROR, "object.__new__() takes exactly one argument (the type to instantiate)");
        if (type->ops.init == object_init) return raise(t, TYPE_ERROR, "%N() takes no arguments", type);
    }
    return object_new_instance(t, type);
}

static int object_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (LIKELY(!has_arguments(nargs, kwnames))) return 0;
    Type *type = value_type(self);
    if (type->ops.init != object_init)
        return raise_int(t, TYPE_ERROR, "object.__init__() takes exactly one argument (the instance to initialize)");
    if (type->ops.new == object_new_checked)
        return raise_int(t, TYPE_ERROR, "%N.__init__() takes exactly one argument (the instance to initialize)", type);
    return 0;
}

// ---- text, comparison

static Value object_repr_default(Thread *t, ValueRef self) {
    Type *type = value_type(self);
    char address[32];
    Value id = object_id(t, self);
    uint64_t word = value_bits(self);
    if (id && int_as_uint64(id, &word) < 0) word = value_bits(self);
    value_release(t, id);
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)word);
    Value module = type_module(t, type), qualname = slot_get(t, &type->qualname), result;
    if (!module) error_clear(t);
    if (module && value_is_any_str(module) && !str_equal_text(value_str(module), "builtins"))
        result = str_of_format(t, "<%U.%U object at %s>", value_str(module), value_str(qualname), address);
    else
        result = str_of_format(t, "<%N object at %s>", type, address);
    value_release(t, qualname);
    value_release(t, module);
    return result;
}

static Value object_str_default(Thread *t, ValueRef self) { return object_repr(t, self); }

static int64_t object_hash_default(Thread *t, ValueRef self) {
    return pointer_hash((const void *)value_bits(self));
}

static Value object_compare_default(Thread *t, ValueRef a, ValueRef b, int op) {
    if (op == CMP_EQ) return a == b ? TRUE_VALUE : NOT_IMPLEMENTED;
    if (op != CMP_NE) return NOT_IMPLEMENTED;
    // a != b is what a == b says, turned around.
    CompareFn compare = value_type(a)->ops.compare;
    Value equal = compare ? compare(t, a, b, CMP_EQ) : NOT_IMPLEMENTED;
    if (!equal || equal == NOT_IMPLEMENTED) return equal;
    int truth = object_is_true(t, equal);
    value_release(t, equal);
    return truth < 0 ? UNDEF : value_bool(!truth);
}

static Value object_format_default(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__format__() argument must be str, not %K", args[0]);
    if (str_length(value_str(args[0]))) return raise(t, TYPE_ERROR, "unsupported format string passed to %T.__format__", self);
    return object_str(t, self);
}

// ---- __class__, __dict__, __weakref__

static Value get_class(Thread *t, ValueRef self) { return value_dup(t, value_of(value_type(self))); }

static int set_class(Thread *t, ValueRef self, ValueRef value) {
    if (!value) return raise_int(t, TYPE_ERROR, "can't delete __class__ attribute");
    if (!value_is_type(value)) return raise_int(t, TYPE_ERROR, "__class__ must be set to a class, not '%T' object", value);
    Type *from = value_type(self), *to = value_as_type(value);
    bool modules = type_is_subtype(from, TYPE_OF(MODULE)) && type_is_subtype(to, TYPE_OF(MODULE));
    if (!modules && (from->flags | to->flags) & TYPE_IMMUTABLE)
        return raise_int(t, TYPE_ERROR, "__class__ assignment only supported for mutable types or ModuleType subclasses");
    if (from == to) return 0;
    if (type_check_same_layout(t, from, to, "__class__") < 0) return -1;
    bool descriptors = value_type(self)->ops.descr_set || value_type(self)->ops.descr_get || to->ops.descr_set || to->ops.descr_get;
    int result = instance_change_class(t, value_object(self), to);
    if (descriptors && result == 0) inline_cells_flush(t, NULL);
    return result;
}

// Types and modules have dicts of their own, which their builtin type's descriptor shows; this one may be found before it. UNDEF
// where the object is none of them.
static ValueRef own_dict_descriptor(Type *type) {
    if (!type_has_own_dict(type)) return UNDEF;
    while (type_is_heap(type)) type = type_base(type);
    return type_dict_get(type, NAME(__dict__));
}
static Value get_dict(Thread *t, ValueRef self) {
    ValueRef own = own_dict_descriptor(value_type(self));
    return own ? value_type(own)->ops.descr_get(t, own, self, value_of(value_type(self))) : instance_dict(t, self);
}
static int set_dict(Thread *t, ValueRef self, ValueRef value) {
    ValueRef own = own_dict_descriptor(value_type(self));
    if (own) return value_type(own)->ops.descr_set(t, own, self, value);
    if (value && !value_is_any_dict(value)) return raise_int(t, TYPE_ERROR, "__dict__ must be set to a dictionary, not a '%T'", value);
    if (!value_is_pointer(self) || !(type_shows_attributes(value_type(self)))) {
        attribute_error(t, self, NAME(__dict__));
        return -1;
    }
    if (value) return instance_set_dict(t, self, value);
    Value empty = dict_new(t);
    int result = empty ? instance_set_dict(t, self, empty) : -1;
    value_release(t, empty);
    return result;
}
const GetSetDef object_dict_getset = {"__dict__", get_dict, set_dict, NULL};

static Value get_weakref(Thread *t, ValueRef self) {
    if (!value_is_pointer(self) || !weakref_count(value_object(self))) return NONE;
    return weakref_new(t, TYPE_OF(WEAKREF), self, UNDEF);
}
const GetSetDef object_weakref_getset = {"__weakref__", get_weakref, NULL, "list of weak references to the object"};

// ---- methods

// The names of a class and of what it derives from, into `names`; classes that only look like one have __dict__ and __bases__.
static int merge_class_names(Thread *t, Value names, ValueRef class) {
    if (native_stack_exhausted(t, " in __dir__")) return -1;
    Value dict = object_getattr_or_undef(t, class, NAME(__dict__));
    int result = dict ? dict_update(t, value_dict(names), dict) : error_pending(t) ? -1 : 0;
    value_release(t, dict);
    if (result < 0) return -1;
    Value bases = object_getattr_or_undef(t, class, NAME(__bases__));
    if (!bases) return error_pending(t) ? -1 : 0;
    if (value_is_any_tuple(bases)) {
        Tuple *tuple = value_tuple(bases);
        for (int64_t i = 0; i < tuple->length && result == 0; i++) result = merge_class_names(t, names, tuple_item(tuple, i));
    }
    value_release(t, bases);
    return result;
}

static Value object_dir_default(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value dict = object_getattr_or_undef(t, self, NAME(__dict__));
    if (!dict && error_pending(t)) return UNDEF;
    Value names = dict && value_is_any_dict(dict) ? dict_copy(t, value_dict(dict)) : dict_new(t);
    value_release(t, dict);
    Value class = names ? object_getattr_or_undef(t, self, NAME(__class__)) : UNDEF;
    bool failed = !names || error_pending(t) || (class && merge_class_names(t, names, class) < 0);
    Value list = failed ? UNDEF : dict_keys_list(t, value_dict(names));
    value_release(t, class);
    value_release(t, names);
    return list;
}

static Value object_sizeof(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is_pointer(self)) return value_int(0);
    Type *type = value_type(self);
    Object *o = value_object(self);
    size_t bytes = type->spec->bytes ? type->spec->bytes(o) : type->size;
    if (!type->prefix) bytes += shape_at(object_shape(o))->inline_slots * sizeof(Value);
    return value_int((int64_t)(bytes + type->prefix));
}

static Value object_subclasshook(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return NOT_IMPLEMENTED; }
static Value object_init_subclass(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (kwnames && kwnames->length) return raise(t, TYPE_ERROR, "%N.__init_subclass__() takes no keyword arguments", value_as_type(self));
    if (nargs) return raise(t, TYPE_ERROR, "%N.__init_subclass__() takes no arguments (%u given)", value_as_type(self), nargs);
    return NONE;
}

static const NativeDef object_methods[] = {
    {"__reduce_ex__", object_reduce_ex, "($self, protocol, /)", "What pickle and copy need to make the object again.", 0},
    {"__reduce__", object_reduce, "($self, /)", "What pickle and copy need to make the object again.", 0},
    {"__getstate__", object_getstate, "($self, /)", "The object's attributes, for pickle and copy.", 0},
    {"__subclasshook__", object_subclasshook, "($type, object, /)", "Abstract base classes decide here what is their subclass.",
     NATIVE_CLASS | NATIVE_RAW},
    {"__init_subclass__", object_init_subclass, "($type, /)", "Called for a class when it has been derived from.", NATIVE_CLASS | NATIVE_RAW},
    {"__format__", object_format_default, "($self, format_spec, /)", "str(self), where the format is empty.", 0},
    {"__sizeof__", object_sizeof, "($self, /)", "Bytes of the object itself.", 0},
    {"__dir__", object_dir_default, "($self, /)", "The names of the object's attributes.", 0},
    NATIVE_END};
static const GetSetDef object_getset[] = {{"__class__", get_class, set_class, "the object's class"}, GETSET_END};

const TypeSpec object_spec = {
    .name = "object",
    .doc = "The base class of all classes. Its instances have no attributes of their own.",
    .size = sizeof(Container),
    .flags = TYPE_BASE,
    .ops = {.repr = object_repr_default, .hash = object_hash_default, .str = object_str_default, .getattr = object_generic_getattr,
            .setattr = object_generic_setattr, .compare = object_compare_default, .init = object_init, .new = object_new_checked},
    .methods = object_methods,
    .getset = object_getset,
    .new_signature = "()",
};
