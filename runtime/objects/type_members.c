// What types show of themselves: __name__, __module__, __bases__, annotations, methods of `type`.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "sync/critical.h"

// The special attributes that are no plain dict entries: immutable types refuse them, none can be deleted. 0, -1.
static int check_special(Thread *t, Type *type, ValueRef value_or_undef, const char *name) {
    if (type->flags & TYPE_IMMUTABLE) return raise_int(t, TYPE_ERROR, "cannot set '%s' attribute of immutable type '%N'", name, type);
    if (!value_or_undef) return raise_int(t, TYPE_ERROR, "cannot delete '%s' attribute of immutable type '%N'", name, type);
    return 0;
}

// An entry of the type's own dict (owned), UNDEF where there is none.
static Value own(Thread *t, Type *type, ValueRef name) { return value_dup(t, type_dict_get(type, name)); }

// ---- names

static Value get_name(Thread *t, ValueRef self) { return slot_get(t, &value_as_type(self)->name); }
static Value get_qualname(Thread *t, ValueRef self) { return slot_get(t, &value_as_type(self)->qualname); }

static int set_name(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (check_special(t, type, value, "__name__") < 0) return -1;
    if (!value_is_any_str(value)) return raise_int(t, TYPE_ERROR, "can only assign string to %N.__name__, not '%T'", type, value);
    if (type_check_name(t, value_str(value)) < 0) return -1;
    slot_store(t, type, &type->name, value_dup(t, value));
    return 0;
}
static int set_qualname(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (check_special(t, type, value, "__qualname__") < 0) return -1;
    if (!value_is_any_str(value)) return raise_int(t, TYPE_ERROR, "can only assign string to %N.__qualname__, not '%T'", type, value);
    slot_store(t, type, &type->qualname, value_dup(t, value));
    return 0;
}

Value type_module(Thread *t, Type *type) {
    if (type_is_heap(type)) {
        Value module = own(t, type, NAME(__module__));
        if (!module) raise(t, ATTRIBUTE_ERROR, "__module__");
        return module;
    }
    const char *name = type->spec->name, *dot = strrchr(name, '.');
    if (!dot) return value_dup(t, NAME(builtins));
    Value module = str_from_ascii(t, name, (size_t)(dot - name));
    return module ? str_intern(t, module) : UNDEF;
}
static Value get_module(Thread *t, ValueRef self) { return type_module(t, value_as_type(self)); }
static int set_module(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (check_special(t, type, value, "__module__") < 0) return -1;
    // Where the class was written is no longer true.
    if (type_dict_set(t, type, NAME(__firstlineno__), UNDEF) < 0) return -1;
    return type_dict_set(t, type, NAME(__module__), value);
}

// ---- place among other types

static Value get_bases(Thread *t, ValueRef self) { return slot_get(t, &value_as_type(self)->bases); }
static int set_bases(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    return check_special(t, type, value, "__bases__") < 0 ? -1 : type_set_bases(t, type, value);
}
static Value get_mro(Thread *t, ValueRef self) {
    Value mro = slot_get(t, &value_as_type(self)->mro);
    return mro ? mro : NONE;
}
static Value get_dict(Thread *t, ValueRef self) {
    Value dict = slot_get(t, &value_as_type(self)->dict);
    if (!dict) return NONE;
    Value proxy = call_1(t, value_of(TYPE_OF(MAPPING_PROXY)), dict);
    value_release(t, dict);
    return proxy;
}

static Value get_dictoffset(Thread *t, ValueRef self) { return value_int(type_shows_attributes(value_as_type(self)) ? -1 : 0); }
static Value get_weakrefoffset(Thread *t, ValueRef self) { return value_int(value_as_type(self)->flags & TYPE_WEAKREFABLE ? 16 : 0); }

// The bits that library code asks for: copyreg (heap type), inspect (abstract), and the public ones beside them.
static Value get_flags(Thread *t, ValueRef self) {
    static const struct { uint32_t ours; int bit; } bits[] = {
        {TYPE_SEQUENCE, 5}, {TYPE_MAPPING, 6}, {TYPE_NO_NEW, 7}, {TYPE_IMMUTABLE, 8}, {TYPE_HEAP, 9}, {TYPE_BASE, 10}, {TYPE_METHOD, 17},
        {TYPE_ABSTRACT, 20}, {TYPE_MATCH_SELF, 22}, {TYPE_IS_INT, 24}, {TYPE_IS_LIST, 25}, {TYPE_IS_TUPLE, 26}, {TYPE_IS_BYTES, 27},
        {TYPE_IS_STR, 28}, {TYPE_IS_DICT, 29}, {TYPE_EXCEPTION, 30}, {TYPE_IS_TYPE, 31}};
    uint32_t ours = value_as_type(self)->flags;
    // typing's classes are made at run time elsewhere; copyreg looks for the first base that is not.
    if (!(ours & TYPE_HEAP) && strncmp(value_as_type(self)->spec->name, "typing.", 7) == 0) ours |= TYPE_HEAP;
    int64_t flags = 1 << 12 | (ours & TYPE_LEAF ? 0 : 1 << 14);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (ours & bits[i].ours) flags |= INT64_C(1) << bits[i].bit;
    return value_int(flags);
}

// ---- documentation

static Value get_doc(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    Value doc = own(t, type, NAME(__doc__));
    if (!doc) return NONE;
    // A descriptor under that name answers for the class; native types keep plain text there.
    DescrGetFn get = value_type(doc)->ops.descr_get;
    if (!get) return doc;
    Value result = get(t, doc, UNDEF, self);
    value_release(t, doc);
    return result;
}
static int set_doc(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    return check_special(t, type, value, "__doc__") < 0 ? -1 : type_dict_set(t, type, NAME(__doc__), value);
}
static Value get_text_signature(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    Type *base = type_base(type);
    // Of the type itself: a class has its base's spec.
    bool has_own_spec = !base || base->spec != type->spec;
    return has_own_spec && type->spec->new_signature ? str_from_text(t, type->spec->new_signature) : NONE;
}

// ---- abstract methods

static Value get_abstract_methods(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    // `type` has this very descriptor under the name.
    Value methods = type == TYPE_OF(TYPE) ? UNDEF : own(t, type, NAME(__abstractmethods__));
    return methods ? methods : raise(t, ATTRIBUTE_ERROR, "__abstractmethods__");
}
static int set_abstract_methods(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    int abstract = 0, result;
    if (value) {
        if ((abstract = object_is_true(t, value)) < 0) return -1;
        result = type_dict_set(t, type, NAME(__abstractmethods__), value);
    } else {
        result = type_dict_set(t, type, NAME(__abstractmethods__), UNDEF);
        if (result == 1) return raise_int(t, ATTRIBUTE_ERROR, "__abstractmethods__");
    }
    if (result < 0) return -1;
    type_set_flags(t, type, abstract ? TYPE_ABSTRACT : 0, abstract ? 0 : TYPE_ABSTRACT);
    return 0;
}

// ---- annotations (PEP 649, PEP 749)

static Value get_annotate(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    if (!type_is_heap(type)) return attribute_error(t, self, NAME(__annotate__));
    // One that the class body defines under the plain name goes before the compiler's.
    Value annotate = own(t, type, NAME(__annotate__));
    if (!annotate) annotate = own(t, type, NAME(__annotate_func__));
    if (annotate) {
        DescrGetFn get = value_type(annotate)->ops.descr_get;
        if (!get) return annotate;
        Value result = get(t, annotate, UNDEF, self);
        value_release(t, annotate);
        return result;
    }
    return type_dict_set(t, type, NAME(__annotate_func__), NONE) < 0 ? UNDEF : NONE;
}
static int set_annotate(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (!value) return raise_int(t, TYPE_ERROR, "cannot delete __annotate__ attribute");
    if (type->flags & TYPE_IMMUTABLE)
        return raise_int(t, TYPE_ERROR, "cannot set '__annotate__' attribute of immutable type '%N'", type);
    if (value != NONE && !value_type(value)->ops.call) return raise_int(t, TYPE_ERROR, "__annotate__ must be callable or None");
    bool plain = type_dict_get(type, NAME(__annotate__)) != UNDEF;
    if (type_dict_set(t, type, plain ? NAME(__annotate__) : NAME(__annotate_func__), value) < 0) return -1;
    return value != NONE && type_dict_set(t, type, NAME(__annotations_cache__), UNDEF) < 0 ? -1 : 0;
}

static Value get_annotations(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    if (!type_is_heap(type)) return attribute_error(t, self, NAME(__annotations__));
    Value annotations = own(t, type, NAME(__annotations__));
    if (!annotations) annotations = own(t, type, NAME(__annotations_cache__));
    if (annotations) {
        DescrGetFn get = value_type(annotations)->ops.descr_get;
        if (!get) return annotations;
        Value result = get(t, annotations, UNDEF, self);
        value_release(t, annotations);
        return result;
    }
    Value annotate = get_annotate(t, self);
    if (!annotate) return UNDEF;
    if (value_type(annotate)->ops.call) {
        annotations = call_1(t, annotate, value_int(1)); // annotationlib.Format.VALUE
        if (annotations && !value_is_any_dict(annotations)) {
            raise(t, TYPE_ERROR, "__annotate__ returned non-dict of type '%T'", annotations);
            VALUE_CLEAR(t, annotations);
        }
    } else {
        annotations = dict_new(t);
    }
    value_release(t, annotate);
    if (annotations && type_dict_set(t, type, NAME(__annotations_cache__), annotations) < 0) VALUE_CLEAR(t, annotations);
    return annotations;
}
static int set_annotations(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (type->flags & TYPE_IMMUTABLE)
        return raise_int(t, TYPE_ERROR, "cannot set '__annotations__' attribute of immutable type '%N'", type);
    ValueRef name = type_dict_get(type, NAME(__annotations__)) ? NAME(__annotations__) : NAME(__annotations_cache__);
    int result = type_dict_set(t, type, name, value);
    if (result < 0) return -1;
    if (result == 1) return raise_int(t, ATTRIBUTE_ERROR, "__annotations__");
    // Whatever would compute them speaks of others now.
    if (type_dict_set(t, type, NAME(__annotate_func__), UNDEF) < 0) return -1;
    return type_dict_set(t, type, NAME(__annotate__), UNDEF) < 0 ? -1 : 0;
}

static Value get_type_params(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    Value params = type == TYPE_OF(TYPE) ? UNDEF : own(t, type, NAME(__type_params__));
    return params ? params : tuple_from_refs(t, NULL, 0);
}
static int set_type_params(Thread *t, ValueRef self, ValueRef value) {
    Type *type = value_as_type(self);
    if (check_special(t, type, value, "__type_params__") < 0) return -1;
    return type_dict_set(t, type, NAME(__type_params__), value);
}

const MemberDef type_members[] = {
    {"__basicsize__", offsetof(Type, size), MEMBER_INT32, false, NULL},
    {"__itemsize__", offsetof(Type, item_size), MEMBER_INT32, false, NULL},
    {"__base__", offsetof(Type, base), MEMBER_VALUE, false, NULL},
    MEMBER_END};
int type_clear_descriptors(Thread *t, Type *type) {
    if (type->flags & TYPE_IMMUTABLE) return raise_int(t, TYPE_ERROR, "argument is immutable");
    if (type_dict_set(t, type, NAME(__dict__), UNDEF) < 0) return -1;
    return type_dict_set(t, type, NAME(__weakref__), UNDEF) < 0 ? -1 : 0;
}

const GetSetDef type_getset[] = {
    {"__flags__", get_flags, NULL, NULL},
    {"__weakrefoffset__", get_weakrefoffset, NULL, NULL},
    {"__dictoffset__", get_dictoffset, NULL, NULL},
    {"__name__", get_name, set_name, NULL},
    {"__qualname__", get_qualname, set_qualname, NULL},
    {"__bases__", get_bases, set_bases, NULL},
    {"__mro__", get_mro, NULL, NULL},
    {"__module__", get_module, set_module, NULL},
    {"__abstractmethods__", get_abstract_methods, set_abstract_methods, NULL},
    {"__dict__", get_dict, NULL, NULL},
    {"__doc__", get_doc, set_doc, NULL},
    {"__text_signature__", get_text_signature, NULL, NULL},
    {"__annotations__", get_annotations, set_annotations, NULL},
    {"__annotate__", get_annotate, set_annotate, NULL},
    {"__type_params__", get_type_params, set_type_params, NULL},
    GETSET_END};

// ---- methods

static Value type_mro(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_as_type(self);
    Value bases = slot_get(t, &type->bases);
    Value mro = type_linearise(t, type, value_tuple(bases));
    value_release(t, bases);
    if (!mro) return UNDEF;
    Value list = list_from_iterable(t, mro);
    value_release(t, mro);
    return list;
}

static Value type_subclasses(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value list = list_new(t, 0), subclasses = slot_get(t, &value_as_type(self)->subclasses);
    int64_t position = 0;
    Type *subclass;
    while (list && (subclass = type_next_subclass(t, subclasses, &position)))
        if (list_append(t, value_list(list), value_of(subclass)) < 0) VALUE_CLEAR(t, list);
    value_release(t, subclasses);
    return list;
}

static Value type_prepare(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return dict_new(t); }

static Value type_instancecheck(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int answer = object_real_is_instance(t, args[0], self);
    return answer < 0 ? UNDEF : value_bool(answer);
}
static Value type_subclasscheck(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int answer = object_real_is_subclass(t, args[0], self);
    return answer < 0 ? UNDEF : value_bool(answer);
}

// The names of the class and of its bases: no instance's, and not the metaclass's.
static Value type_dir(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value names = dict_new(t);
    Value mro = slot_get(t, &value_as_type(self)->mro);
    Tuple *types = value_tuple(mro);
    for (int64_t i = types->length - 1; names && i >= 0; i--) {
        Value dict = slot_get(t, &value_as_type(tuple_item(types, i))->dict);
        if (dict_update(t, value_dict(names), dict) < 0) VALUE_CLEAR(t, names);
        value_release(t, dict);
    }
    value_release(t, mro);
    Value list = names ? dict_keys_list(t, value_dict(names)) : UNDEF;
    value_release(t, names);
    return list;
}

static Value type_sizeof(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return value_int(value_type(self)->size);
}

const NativeDef type_methods[] = {
    {"mro", type_mro, "($self, /)", "Computes the method resolution order.", 0},
    {"__subclasses__", type_subclasses, "($self, /)", "The immediate subclasses.", 0},
    {"__prepare__", type_prepare, "($cls, name, bases, /, **kwds)", "The namespace for a class body: a new dict.", NATIVE_CLASS | NATIVE_RAW},
    {"__instancecheck__", type_instancecheck, "($self, instance, /)", "Is the object an instance?", 0},
    {"__subclasscheck__", type_subclasscheck, "($self, subclass, /)", "Is the class a subclass?", 0},
    {"__dir__", type_dir, "($self, /)", "The names of the class's attributes.", 0},
    {"__sizeof__", type_sizeof, "($self, /)", "Bytes of the type object.", 0},
    NATIVE_END};
