// What types and modules hold for native code: functions, method descriptors, slot wrappers, and descriptors of computed
// attributes and of fields. property, classmethod and staticmethod stand in property.c.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// ---- what the descriptors have in common: a name, and the type that they belong to

typedef struct Described {
    const char *name, *doc, *signature;
    Type *owner;
} Described;

static Described describe(ValueRef self) {
    Object *o = value_object(self);
    switch (object_shape(o)) {
    case SHAPE_NATIVE_METHOD_DESCRIPTOR:
    case SHAPE_CLASSMETHOD_DESCRIPTOR: {
        NativeDescriptor *d = (NativeDescriptor *)o;
        return (Described){d->def->name, d->def->doc, d->def->signature, d->owner};
    }
    case SHAPE_SLOT_WRAPPER: {
        SlotWrapper *d = (SlotWrapper *)o;
        return (Described){d->row->name, d->row->doc, d->row->signature, d->owner};
    }
    case SHAPE_METHOD_WRAPPER: return describe(((MethodWrapper *)o)->wrapper);
    case SHAPE_GETSET_DESCRIPTOR: {
        GetSetDescriptor *d = (GetSetDescriptor *)o;
        return (Described){d->def->name, d->def->doc, NULL, d->owner};
    }
    default: {
        MemberDescriptor *d = (MemberDescriptor *)o;
        return (Described){d->def->name, d->def->doc, NULL, d->owner};
    }
    }
}

// The name as a str, owned. A member made for one of __slots__ has it as a Value.
static Value name_of(Thread *t, ValueRef self) {
    if (value_is(self, MEMBER_DESCRIPTOR)) {
        Value name = slot_get(t, &((MemberDescriptor *)value_object(self))->name);
        if (value_bits(name)) return name;
    }
    return str_from_text(t, describe(self).name);
}

static Value descriptor_repr(Thread *t, ValueRef self) {
    Value name = name_of(t, self);
    if (!value_bits(name)) return UNDEF;
    const char *kind = value_is(self, SLOT_WRAPPER) ? "slot wrapper" : value_is(self, GETSET_DESCRIPTOR) ? "attribute" : value_is(self, MEMBER_DESCRIPTOR) ? "member" : "method";
    Value r = str_of_format(t, "<%s '%U' of '%N' objects>", kind, value_str(name), describe(self).owner);
    value_release(t, name);
    return r;
}
static Value get_name(Thread *t, ValueRef self) { return name_of(t, self); }
static Value qualified(Thread *t, Type *owner, ValueRef name) {
    ValueRef qualname = slot_borrow(&owner->qualname);
    return value_bits(qualname) ? str_of_format(t, "%S.%S", qualname, name) : str_of_format(t, "%N.%S", owner, name);
}
static Value get_qualname(Thread *t, ValueRef self) {
    Value name = name_of(t, self);
    if (!value_bits(name)) return UNDEF;
    Value r = qualified(t, describe(self).owner, name);
    value_release(t, name);
    return r;
}
static Value text_or_none(Thread *t, const char *text) { return text ? str_from_text(t, text) : NONE; }
static Value get_doc(Thread *t, ValueRef self) { return text_or_none(t, describe(self).doc); }
static Value get_text_signature(Thread *t, ValueRef self) { return text_or_none(t, describe(self).signature); }
static Value get_objclass(Thread *t, ValueRef self) { return value_dup(t, value_of(describe(self).owner)); }

// (getattr, (holder, name)): how an attribute is found again when it is unpickled.
static Value reduce_to_getattr(Thread *t, ValueRef holder, Value name_steal) {
    Value result = UNDEF, parts = UNDEF, key = str_intern_text(t, "getattr"), getattr = UNDEF;
    if (!value_bits(name_steal) || !value_bits(key)) goto done;
    getattr = dict_get(t, value_dict(t->interp->builtins_dict), key);
    if (!value_bits(getattr)) {
        if (!error_pending(t)) raise(t, ATTRIBUTE_ERROR, "module 'builtins' has no attribute 'getattr'");
        goto done;
    }
    parts = tuple_pair(t, value_dup(t, holder), value_dup(t, name_steal));
    if (value_bits(parts)) result = tuple_pair(t, value_dup(t, getattr), value_dup(t, parts));
done:
    value_release(t, name_steal);
    value_release(t, key);
    value_release(t, getattr);
    value_release(t, parts);
    return result;
}
NATIVE(descriptor_reduce) { return reduce_to_getattr(t, value_of(describe(self).owner), name_of(t, self)); }

static const GetSetDef described_getset[] = {
    {"__name__", get_name, NULL, NULL}, {"__qualname__", get_qualname, NULL, NULL}, {"__doc__", get_doc, NULL, NULL},
    {"__objclass__", get_objclass, NULL, NULL}, GETSET_END};
static const GetSetDef callable_getset[] = {
    {"__name__", get_name, NULL, NULL}, {"__qualname__", get_qualname, NULL, NULL}, {"__doc__", get_doc, NULL, NULL},
    {"__objclass__", get_objclass, NULL, NULL}, {"__text_signature__", get_text_signature, NULL, NULL}, GETSET_END};
static const NativeDef reduce_methods[] = {{"__reduce__", descriptor_reduce, "($self, /)", NULL, 0}, NATIVE_END};

// `object` must be an instance of the descriptor's type. 0, -1.
static int check_instance(Thread *t, ValueRef self, ValueRef object) {
    Described d = describe(self);
    if (LIKELY(value_is_instance(object, d.owner))) return 0;
    Value name = name_of(t, self);
    if (!value_bits(name)) return -1;
    raise(t, TYPE_ERROR, "descriptor '%S' for '%N' objects doesn't apply to a '%T' object", name, d.owner, object);
    value_release(t, name);
    return -1;
}
static int check_get_arguments(Thread *t, ValueRef object, ValueRef type) {
    if (value_bits(object) || value_bits(type)) return 0;
    return raise_int(t, TYPE_ERROR, "__get__(None, None) is invalid");
}

// ---- builtin_function_or_method

Value native_function_new(Thread *t, const NativeDef *def, Value self_steal, ValueRef module, ValueRef owner) {
    NativeFunction *f = object_new(t, TYPE_OF(NATIVE_FUNCTION));
    if (!f) {
        value_release(t, self_steal);
        return UNDEF;
    }
    f->def = def;
    f->spec = def->flags & NATIVE_RAW ? NULL : native_spec_cell(def);
    native_learn_direct(&f->c, def, f->spec);
    slot_init(&f->self, self_steal);
    slot_init(&f->module, value_dup(t, module));
    slot_init(&f->owner, value_dup(t, owner));
    return value_of(f);
}

static NativeFunction *function_of(ValueRef v) { return (NativeFunction *)value_object(v); }

static Value native_function_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    NativeFunction *f = function_of(self);
    return native_call(t, f->def, f->spec, (Type *)value_object(f->owner), f->self, args, nargs, kwnames);
}
static inline bool is_bound(const NativeFunction *f) { return value_bits(f->self) && !value_is(f->self, MODULE); }

static Value native_function_repr(Thread *t, ValueRef self) {
    NativeFunction *f = function_of(self);
    if (is_bound(f)) return str_of_format(t, "<built-in method %s of %T object at %p>", f->def->name, (ValueRef)f->self, (void *)value_bits(f->self));
    if (value_bits(f->owner)) return str_of_format(t, "<built-in method %s of type object at %p>", f->def->name, (void *)value_bits(f->owner));
    return str_of_format(t, "<built-in function %s>", f->def->name);
}
static int64_t native_function_hash(Thread *t, ValueRef self) {
    NativeFunction *f = function_of(self);
    int64_t h = pointer_hash((void *)value_bits(f->self)) ^ pointer_hash(f->def);
    return h == -1 ? -2 : h;
}
static Value native_function_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is(b, NATIVE_FUNCTION) || !value_is(a, NATIVE_FUNCTION)) return NOT_IMPLEMENTED;
    NativeFunction *x = function_of(a), *y = function_of(b);
    return value_bool((x->def == y->def && value_bits(x->self) == value_bits(y->self)) == (op == CMP_EQ));
}
static Value function_get_name(Thread *t, ValueRef self) { return str_from_text(t, function_of(self)->def->name); }
static Value function_get_qualname(Thread *t, ValueRef self) {
    NativeFunction *f = function_of(self);
    Value name = str_from_text(t, f->def->name);
    if (!value_bits(name) || (!value_bits(f->owner) && !is_bound(f))) return name;
    Type *owner = value_bits(f->owner)        ? (Type *)value_object(f->owner)
                  : value_is_type(f->self)    ? (Type *)value_object(f->self)
                                              : value_type(f->self);
    Value r = qualified(t, owner, name);
    value_release(t, name);
    return r;
}
static Value function_get_doc(Thread *t, ValueRef self) { return text_or_none(t, function_of(self)->def->doc); }
static Value function_get_text_signature(Thread *t, ValueRef self) { return text_or_none(t, function_of(self)->def->signature); }
static Value function_get_self(Thread *t, ValueRef self) {
    NativeFunction *f = function_of(self);
    return value_bits(f->self) ? value_dup(t, f->self) : NONE;
}
NATIVE(native_function_reduce) {
    NativeFunction *f = function_of(self);
    if (is_bound(f)) return reduce_to_getattr(t, f->self, str_from_text(t, f->def->name));
    if (value_bits(f->owner)) return reduce_to_getattr(t, f->owner, str_from_text(t, f->def->name));
    return str_from_text(t, f->def->name);
}
static const GetSetDef native_function_getset[] = {
    {"__name__", function_get_name, NULL, NULL}, {"__qualname__", function_get_qualname, NULL, NULL}, {"__doc__", function_get_doc, NULL, NULL},
    {"__text_signature__", function_get_text_signature, NULL, NULL}, {"__self__", function_get_self, NULL, NULL}, GETSET_END};
static const MemberDef native_function_members[] = {{"__module__", offsetof(NativeFunction, module), MEMBER_VALUE, true, NULL}, MEMBER_END};
static const NativeDef native_function_methods[] = {{"__reduce__", native_function_reduce, "($self, /)", NULL, 0}, NATIVE_END};

static void native_function_traverse(Object *o, VisitFn visit, void *arg) {
    NativeFunction *f = (NativeFunction *)o;
    visit(&f->self, arg);
    visit(&f->module, arg);
    visit(&f->owner, arg);
}
static void native_function_destroy(Thread *t, Object *o) {
    NativeFunction *f = (NativeFunction *)o;
    value_release(t, f->self);
    value_release(t, f->module);
    value_release(t, f->owner);
}
static void native_function_clear(Thread *t, Object *o) { slot_store(t, o, &((NativeFunction *)o)->self, UNDEF); }
const TypeSpec native_function_spec = {
    .name = "builtin_function_or_method", .size = sizeof(NativeFunction), .flags = TYPE_NO_NEW | TYPE_WEAKREFABLE,
    .ops = {.repr = native_function_repr, .hash = native_function_hash, .call = native_function_call, .compare = native_function_compare},
    .methods = native_function_methods, .getset = native_function_getset, .members = native_function_members,
    .destroy = native_function_destroy, .traverse = native_function_traverse, .clear = native_function_clear};

// ---- method_descriptor, classmethod_descriptor

// For all descriptors below: the owner lies at the same place as in the given struct, as the object's only Value.
#define OWNER_ONLY(prefix, Struct)                                                                  \
    static void prefix##_traverse(Object *o, VisitFn visit, void *arg) { visit((Value *)&((Struct *)o)->owner, arg); } \
    static void prefix##_destroy(Thread *t, Object *o) { object_release(t, ((Struct *)o)->owner); }
OWNER_ONLY(native_descriptor, NativeDescriptor)
OWNER_ONLY(slot_wrapper, SlotWrapper)
OWNER_ONLY(getset_descriptor, GetSetDescriptor)

Value native_descriptor_new(Thread *t, const NativeDef *def, Type *owner) {
    if (def->flags & NATIVE_STATIC) {
        Value f = native_function_new(t, def, UNDEF, UNDEF, value_of(owner));
        if (!value_bits(f)) return UNDEF;
        object_make_deferred(t, value_object(f));
        Value wrapped = call_1(t, value_of(TYPE_OF(STATICMETHOD)), f);
        value_release(t, f);
        return wrapped;
    }
    NativeDescriptor *d = object_new(t, def->flags & NATIVE_CLASS ? TYPE_OF(CLASSMETHOD_DESCRIPTOR) : TYPE_OF(NATIVE_METHOD_DESCRIPTOR));
    if (!d) return UNDEF;
    d->def = def;
    d->spec = def->flags & NATIVE_RAW ? NULL : native_spec_cell(def);
    native_learn_direct(&d->c, def, d->spec);
    d->owner = object_dup(t, owner);
    object_make_deferred(t, (Object *)d);
    return value_of(d);
}

static Value method_descriptor_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    NativeDescriptor *d = (NativeDescriptor *)value_object(self);
    if (UNLIKELY(nargs < 1)) return raise(t, TYPE_ERROR, "unbound method %S.%s() needs an argument", slot_borrow(&d->owner->name), d->def->name);
    if (UNLIKELY(!value_is_instance(args[0], d->owner))) return check_instance(t, self, args[0]), UNDEF;
    return native_call(t, d->def, d->spec, d->owner, args[0], args + 1, nargs - 1, kwnames);
}
static Value method_descriptor_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    if (!value_bits(object)) return check_get_arguments(t, object, type) < 0 ? UNDEF : value_dup(t, self);
    if (check_instance(t, self, object) < 0) return UNDEF;
    NativeDescriptor *d = (NativeDescriptor *)value_object(self);
    return native_function_new(t, d->def, value_dup(t, object), UNDEF, value_of(d->owner));
}
const TypeSpec native_method_descriptor_spec = {
    .name = "method_descriptor", .size = sizeof(NativeDescriptor), .flags = TYPE_NO_NEW | TYPE_METHOD,
    .ops = {.repr = descriptor_repr, .call = method_descriptor_call, .descr_get = method_descriptor_get},
    .methods = reduce_methods, .getset = callable_getset, .destroy = native_descriptor_destroy, .traverse = native_descriptor_traverse};

static int check_subtype(Thread *t, NativeDescriptor *d, ValueRef type) {
    if (type_is_subtype((Type *)value_object(type), d->owner)) return 0;
    return raise_int(t, TYPE_ERROR, "descriptor '%s' requires a subtype of '%N' but received '%N'", d->def->name, d->owner, (Type *)value_object(type));
}
static Value classmethod_descriptor_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    NativeDescriptor *d = (NativeDescriptor *)value_object(self);
    if (!value_bits(type)) {
        if (check_get_arguments(t, object, type) < 0) return UNDEF;
        type = value_of(value_type(object));
    }
    if (!value_is_type(type)) return raise(t, TYPE_ERROR, "descriptor '%s' for type '%N' needs a type, not a '%T' as arg 2", d->def->name, d->owner, type);
    if (check_subtype(t, d, type) < 0) return UNDEF;
    return native_function_new(t, d->def, value_dup(t, type), UNDEF, value_of(d->owner));
}
static Value classmethod_descriptor_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    NativeDescriptor *d = (NativeDescriptor *)value_object(self);
    if (nargs < 1) return raise(t, TYPE_ERROR, "descriptor '%s' of '%N' object needs an argument", d->def->name, d->owner);
    if (!value_is_type(args[0]))
        return raise(t, TYPE_ERROR, "descriptor '%s' for type '%N' needs a type, not a '%T' as arg 2", d->def->name, d->owner, args[0]);
    if (check_subtype(t, d, args[0]) < 0) return UNDEF;
    return native_call(t, d->def, d->spec, d->owner, args[0], args + 1, nargs - 1, kwnames);
}
const TypeSpec classmethod_descriptor_spec = {
    .name = "classmethod_descriptor", .size = sizeof(NativeDescriptor), .flags = TYPE_NO_NEW,
    .ops = {.repr = descriptor_repr, .call = classmethod_descriptor_call, .descr_get = classmethod_descriptor_get},
    .getset = callable_getset, .destroy = native_descriptor_destroy, .traverse = native_descriptor_traverse};

// ---- wrapper_descriptor, method-wrapper

Value slot_wrapper_new(Thread *t, const SlotRow *row, void *function, Type *owner) {
    SlotWrapper *w = object_new(t, TYPE_OF(SLOT_WRAPPER));
    if (!w) return UNDEF;
    w->row = row;
    w->function = function;
    w->owner = object_dup(t, owner);
    object_make_deferred(t, (Object *)w);
    return value_of(w);
}
static Value slot_wrapper_slot_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    SlotWrapper *w = (SlotWrapper *)value_object(self);
    if (nargs < 1) return raise(t, TYPE_ERROR, "descriptor '%s' of '%N' object needs an argument", w->row->name, w->owner);
    if (!value_is_instance(args[0], w->owner))
        return raise(t, TYPE_ERROR, "descriptor '%s' requires a '%N' object but received a '%T'", w->row->name, w->owner, args[0]);
    return slot_wrapper_call(t, w->row, w->function, args[0], args + 1, nargs - 1, kwnames);
}
static Value slot_wrapper_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    if (!value_bits(object)) return check_get_arguments(t, object, type) < 0 ? UNDEF : value_dup(t, self);
    if (check_instance(t, self, object) < 0) return UNDEF;
    MethodWrapper *m = object_new(t, TYPE_OF(METHOD_WRAPPER));
    if (!m) return UNDEF;
    slot_init(&m->wrapper, value_dup(t, self));
    slot_init(&m->self, value_dup(t, object));
    return value_of(m);
}
const TypeSpec slot_wrapper_spec = {
    .name = "wrapper_descriptor", .size = sizeof(SlotWrapper), .flags = TYPE_NO_NEW | TYPE_METHOD,
    .ops = {.repr = descriptor_repr, .call = slot_wrapper_slot_call, .descr_get = slot_wrapper_get},
    .methods = reduce_methods, .getset = callable_getset, .destroy = slot_wrapper_destroy, .traverse = slot_wrapper_traverse};

static Value method_wrapper_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    MethodWrapper *m = (MethodWrapper *)value_object(self);
    SlotWrapper *w = (SlotWrapper *)value_object(m->wrapper);
    return slot_wrapper_call(t, w->row, w->function, m->self, args, nargs, kwnames);
}
static Value method_wrapper_repr(Thread *t, ValueRef self) {
    MethodWrapper *m = (MethodWrapper *)value_object(self);
    return str_of_format(t, "<method-wrapper '%s' of %T object at %p>", describe(self).name, (ValueRef)m->self, (void *)value_bits(m->self));
}
static Value method_wrapper_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is(a, METHOD_WRAPPER) || !value_is(b, METHOD_WRAPPER)) return NOT_IMPLEMENTED;
    MethodWrapper *x = (MethodWrapper *)value_object(a), *y = (MethodWrapper *)value_object(b);
    bool equal = value_bits(x->wrapper) == value_bits(y->wrapper) && value_bits(x->self) == value_bits(y->self);
    return value_bool(equal == (op == CMP_EQ));
}
static int64_t method_wrapper_hash(Thread *t, ValueRef self) {
    MethodWrapper *m = (MethodWrapper *)value_object(self);
    int64_t h = pointer_hash((void *)value_bits(m->self)) ^ pointer_hash((void *)value_bits(m->wrapper));
    return h == -1 ? -2 : h;
}
static Value method_wrapper_get_self(Thread *t, ValueRef self) { return value_dup(t, ((MethodWrapper *)value_object(self))->self); }
NATIVE(method_wrapper_reduce) { return reduce_to_getattr(t, ((MethodWrapper *)value_object(self))->self, name_of(t, self)); }
static const GetSetDef method_wrapper_getset[] = {
    {"__name__", get_name, NULL, NULL}, {"__qualname__", get_qualname, NULL, NULL}, {"__doc__", get_doc, NULL, NULL},
    {"__objclass__", get_objclass, NULL, NULL}, {"__text_signature__", get_text_signature, NULL, NULL}, {"__self__", method_wrapper_get_self, NULL, NULL},
    GETSET_END};
static const NativeDef method_wrapper_methods[] = {{"__reduce__", method_wrapper_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static void method_wrapper_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((MethodWrapper *)o)->wrapper, arg);
    visit(&((MethodWrapper *)o)->self, arg);
}
static void method_wrapper_destroy(Thread *t, Object *o) {
    value_release(t, ((MethodWrapper *)o)->wrapper);
    value_release(t, ((MethodWrapper *)o)->self);
}
const TypeSpec method_wrapper_spec = {
    .name = "method-wrapper", .size = sizeof(MethodWrapper), .flags = TYPE_NO_NEW,
    .ops = {.repr = method_wrapper_repr, .hash = method_wrapper_hash, .call = method_wrapper_call, .compare = method_wrapper_compare},
    .methods = method_wrapper_methods, .getset = method_wrapper_getset, .destroy = method_wrapper_destroy, .traverse = method_wrapper_traverse};

// ---- getset_descriptor

Value getset_descriptor_new(Thread *t, const GetSetDef *def, Type *owner) {
    GetSetDescriptor *d = object_new(t, TYPE_OF(GETSET_DESCRIPTOR));
    if (!d) return UNDEF;
    d->def = def;
    d->owner = object_dup(t, owner);
    object_make_deferred(t, (Object *)d);
    return value_of(d);
}
static Value getset_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    GetSetDescriptor *d = (GetSetDescriptor *)value_object(self);
    if (!value_bits(object)) return value_dup(t, self);
    if (check_instance(t, self, object) < 0) return UNDEF;
    if (!d->def->get) return raise(t, ATTRIBUTE_ERROR, "attribute '%s' of '%N' objects is not readable", d->def->name, d->owner);
    return d->def->get(t, object);
}
static int getset_set(Thread *t, ValueRef self, ValueRef object, ValueRef value) {
    GetSetDescriptor *d = (GetSetDescriptor *)value_object(self);
    if (check_instance(t, self, object) < 0) return -1;
    if (!d->def->set) return raise_int(t, ATTRIBUTE_ERROR, "attribute '%s' of '%N' objects is not writable", d->def->name, d->owner);
    return d->def->set(t, object, value);
}
const TypeSpec getset_descriptor_spec = {
    .name = "getset_descriptor", .size = sizeof(GetSetDescriptor), .flags = TYPE_NO_NEW,
    .ops = {.repr = descriptor_repr, .descr_get = getset_get, .descr_set = getset_set},
    .getset = described_getset, .destroy = getset_descriptor_destroy, .traverse = getset_descriptor_traverse};

// ---- member_descriptor

Value member_descriptor_new(Thread *t, const MemberDef *def, Type *owner, ValueRef name) {
    MemberDescriptor *d = object_new(t, TYPE_OF(MEMBER_DESCRIPTOR));
    if (!d) return UNDEF;
    d->def = def;
    d->owner = object_dup(t, owner);
    slot_init(&d->name, value_dup(t, name));
    object_make_deferred(t, (Object *)d);
    return value_of(d);
}

// Fields that are no Values are read and written as one word each: readers of a shared object see an old or a new number.
static Value member_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    MemberDescriptor *d = (MemberDescriptor *)value_object(self);
    if (!value_bits(object)) return value_dup(t, self);
    if (check_instance(t, self, object) < 0) return UNDEF;
    void *field = (char *)value_object(object) + d->def->offset;
    switch (d->def->kind) {
    case MEMBER_VALUE: {
        Value v = slot_get(t, field);
        return value_bits(v) ? v : NONE;
    }
    case MEMBER_VALUE_OR_ERROR: {
        Value v = slot_get(t, field);
        if (LIKELY(value_bits(v))) return v;
        Value name = name_of(t, self);
        if (value_bits(name)) raise(t, ATTRIBUTE_ERROR, "'%Q' object has no attribute '%S'", value_type(object), name);
        value_release(t, name);
        return UNDEF;
    }
    case MEMBER_ATTRIBUTE: {
        Value v = instance_get(t, value_object(object), d->name);
        if (!v && !error_pending(t)) raise(t, ATTRIBUTE_ERROR, "'%Q' object has no attribute '%S'", value_type(object), (ValueRef)d->name);
        return v;
    }
    case MEMBER_INT64: return int_from_int64(t, __atomic_load_n((int64_t *)field, __ATOMIC_RELAXED));
    case MEMBER_INT32: return value_int(__atomic_load_n((int32_t *)field, __ATOMIC_RELAXED));
    case MEMBER_BOOL8: return value_bool(__atomic_load_n((uint8_t *)field, __ATOMIC_RELAXED));
    default: {
        uint64_t bits = __atomic_load_n((uint64_t *)field, __ATOMIC_RELAXED);
        double x;
        memcpy(&x, &bits, sizeof x);
        return float_new(t, x);
    }
    }
}

static int member_set(Thread *t, ValueRef self, ValueRef object, ValueRef value) {
    MemberDescriptor *d = (MemberDescriptor *)value_object(self);
    if (check_instance(t, self, object) < 0) return -1;
    if (!d->def->writable) return raise_int(t, ATTRIBUTE_ERROR, "readonly attribute");
    Object *o = value_object(object);
    void *field = (char *)o + d->def->offset;
    bool is_value = d->def->kind == MEMBER_VALUE || d->def->kind == MEMBER_VALUE_OR_ERROR;
    if (is_value) {
        if (!value_bits(value) && d->def->kind == MEMBER_VALUE_OR_ERROR && !value_bits(slot_borrow(field))) {
            Value name = name_of(t, self);
            return value_bits(name) ? (raise_with_value(t, E_ATTRIBUTE_ERROR, name), -1) : -1;
        }
        slot_store(t, o, field, value_dup(t, value));
        return 0;
    }
    if (d->def->kind == MEMBER_ATTRIBUTE) {
        int result = instance_set(t, o, d->name, value);
        return result == 1 ? (raise_with_value(t, E_ATTRIBUTE_ERROR, value_dup(t, d->name)), -1) : result;
    }
    if (!value_bits(value)) return raise_int(t, TYPE_ERROR, "can't delete numeric/char attribute");
    switch (d->def->kind) {
    case MEMBER_INT64: {
        int64_t n;
        if (arg_int64(t, value, &n) < 0) return -1;
        __atomic_store_n((int64_t *)field, n, __ATOMIC_RELAXED);
        return 0;
    }
    case MEMBER_INT32: {
        int n;
        if (arg_int(t, value, &n) < 0) return -1;
        __atomic_store_n((int32_t *)field, n, __ATOMIC_RELAXED);
        return 0;
    }
    case MEMBER_BOOL8:
        if (!value_is_bool(value)) return raise_int(t, TYPE_ERROR, "attribute value type must be bool");
        __atomic_store_n((uint8_t *)field, value_bits(value) == value_bits(TRUE_VALUE), __ATOMIC_RELAXED);
        return 0;
    default: {
        double x;
        uint64_t bits;
        if (arg_double(t, value, &x) < 0) return -1;
        memcpy(&bits, &x, sizeof bits);
        __atomic_store_n((uint64_t *)field, bits, __ATOMIC_RELAXED);
        return 0;
    }
    }
}
static void member_descriptor_traverse(Object *o, VisitFn visit, void *arg) {
    visit((Value *)&((MemberDescriptor *)o)->owner, arg);
    visit(&((MemberDescriptor *)o)->name, arg);
}
static void member_descriptor_destroy(Thread *t, Object *o) {
    object_release(t, ((MemberDescriptor *)o)->owner);
    value_release(t, ((MemberDescriptor *)o)->name);
}
const TypeSpec member_descriptor_spec = {
    .name = "member_descriptor", .size = sizeof(MemberDescriptor), .flags = TYPE_NO_NEW,
    .ops = {.repr = descriptor_repr, .descr_get = member_get, .descr_set = member_set},
    .methods = reduce_methods, .getset = described_getset, .destroy = member_descriptor_destroy, .traverse = member_descriptor_traverse};
