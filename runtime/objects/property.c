// property, classmethod and staticmethod. Descriptor HowTo Guide; library reference, "Built-in Functions".
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static Value none_if_undef(Value v) { return value_bits(v) ? v : NONE; }

// ---- property

static Property *property_of(ValueRef v) { return (Property *)value_object(v); }

static int property_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    if (args_bind(t, "property", "(fget=None, fset=None, fdel=None, doc=None)", args, nargs, kwnames, given) < 0) return -1;
    Property *p = property_of(self);
    Value *const slots[3] = {&p->get, &p->set, &p->del};
    for (int i = 0; i < 3; i++) {
        bool none = !value_bits(given[i]) || value_bits(given[i]) == value_bits(NONE);
        slot_store(t, p, slots[i], none ? UNDEF : value_dup(t, given[i]));
    }
    slot_store(t, p, &p->name, UNDEF);
    Value doc = value_bits(given[3]) && value_bits(given[3]) != value_bits(NONE) ? value_dup(t, given[3]) : UNDEF;
    bool from_getter = false;
    if (!value_bits(doc) && value_bits(given[0]) && value_bits(given[0]) != value_bits(NONE)) {
        doc = object_getattr_or_undef(t, given[0], NAME(__doc__));
        if (!value_bits(doc) && error_pending(t)) return -1;
        if (value_bits(doc) == value_bits(NONE)) doc = UNDEF;
        from_getter = value_bits(doc) != 0;
    }
    __atomic_store_n(&p->doc_from_getter, from_getter, __ATOMIC_RELAXED);
    if (value_is(self, PROPERTY)) {
        slot_store(t, p, &p->doc, doc);
        return 0;
    }
    // A subclass has a __doc__ of its own in the class: the instance's attribute goes before it, where it can be set.
    slot_store(t, p, &p->doc, value_dup(t, doc));
    int result = object_setattr(t, self, NAME(__doc__), value_bits(doc) ? doc : NONE);
    value_release(t, doc);
    if (result < 0 && !from_getter && error_matches(t, EXCEPTION(ATTRIBUTE_ERROR))) {
        error_clear(t);
        result = 0;
    }
    return result;
}

// The name for messages and __name__: as set, or the getter's. Owned, UNDEF without an exception where there is none.
static Value property_name(Thread *t, ValueRef self) {
    Value name = slot_get(t, &property_of(self)->name);
    if (value_bits(name)) return name;
    Value getter = slot_get(t, &property_of(self)->get);
    if (!value_bits(getter)) return UNDEF;
    name = object_getattr_or_undef(t, getter, NAME(__name__));
    value_release(t, getter);
    return name;
}

static COLD int property_fail(Thread *t, ValueRef self, ValueRef object, const char *missing) {
    Value name = property_name(t, self), qualname = slot_get(t, &value_type(object)->qualname);
    if (!value_bits(name) && error_pending(t)) {
        value_release(t, qualname);
        return -1;
    }
    if (value_bits(name))
        raise(t, ATTRIBUTE_ERROR, "property %R of %R object has no %s", name, qualname, missing);
    else
        raise(t, ATTRIBUTE_ERROR, "property of %R object has no %s", qualname, missing);
    value_release(t, name);
    value_release(t, qualname);
    return -1;
}

static Value property_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    if (!value_bits(object)) return value_dup(t, self);
    Value getter = slot_get(t, &property_of(self)->get);
    if (!value_bits(getter)) return property_fail(t, self, object, "getter"), UNDEF;
    Value r = call_1(t, getter, object);
    value_release(t, getter);
    return r;
}
static int property_set(Thread *t, ValueRef self, ValueRef object, ValueRef value) {
    Property *p = property_of(self);
    bool deletes = !value_bits(value);
    Value f = slot_get(t, deletes ? &p->del : &p->set);
    if (!value_bits(f)) return property_fail(t, self, object, deletes ? "deleter" : "setter");
    Value r = deletes ? call_1(t, f, object) : call_2(t, f, object, value);
    value_release(t, f);
    value_release(t, r);
    return value_bits(r) ? 0 : -1;
}

// type(self)(get, set, del, doc) with one of them changed.
static Value property_copy(Thread *t, ValueRef self, ValueRef get, ValueRef set, ValueRef del) {
    Property *p = property_of(self);
    Value own[4] = {slot_get(t, &p->get), slot_get(t, &p->set), slot_get(t, &p->del), slot_get(t, &p->doc)};
    bool doc_from_getter = __atomic_load_n(&p->doc_from_getter, __ATOMIC_RELAXED);
    ValueRef args[4] = {get, set, del, doc_from_getter ? (ValueRef)UNDEF : (ValueRef)own[3]};
    for (int i = 0; i < 3; i++)
        if (!value_bits(args[i])) args[i] = none_if_undef(own[i]);
    if (doc_from_getter && value_bits(args[0]) == value_bits(NONE)) args[3] = own[3]; // no getter to take it from
    if (!value_bits(args[3])) args[3] = NONE;
    Value made = call_object(t, value_of(value_type(self)), args, 4, NULL);
    for (int i = 0; i < 4; i++) value_release(t, own[i]);
    if (value_bits(made) && value_is_instance(made, TYPE_OF(PROPERTY)))
        slot_store(t, property_of(made), &property_of(made)->name, slot_get(t, &p->name));
    return made;
}
NATIVE(property_getter) { return property_copy(t, self, args[0], UNDEF, UNDEF); }
NATIVE(property_setter) { return property_copy(t, self, UNDEF, args[0], UNDEF); }
NATIVE(property_deleter) { return property_copy(t, self, UNDEF, UNDEF, args[0]); }
NATIVE(property_set_name) {
    if (args_no_keywords(t, "__set_name__", kwnames) < 0) return UNDEF;
    if (nargs != 2) return raise(t, TYPE_ERROR, "__set_name__() takes 2 positional arguments but %u were given", nargs);
    slot_store(t, property_of(self), &property_of(self)->name, value_dup(t, args[1]));
    return NONE;
}
static Value property_get_name(Thread *t, ValueRef self) {
    Value name = property_name(t, self);
    if (!value_bits(name) && !error_pending(t)) raise(t, ATTRIBUTE_ERROR, "'property' object has no attribute '__name__'");
    return name;
}
static int property_store_name(Thread *t, ValueRef self, ValueRef value) {
    slot_store(t, property_of(self), &property_of(self)->name, value_dup(t, value));
    return 0;
}

// f.__isabstractmethod__ as a truth value; UNDEF and None are not abstract.
static int is_abstract(Thread *t, ValueRef f) {
    if (!value_bits(f)) return 0;
    Value flag = object_getattr_or_undef(t, f, NAME(__isabstractmethod__));
    if (!value_bits(flag)) return error_pending(t) ? -1 : 0;
    int truth = object_is_true(t, flag);
    value_release(t, flag);
    return truth;
}
static Value property_is_abstract(Thread *t, ValueRef self) {
    Property *p = property_of(self);
    Value *const slots[3] = {&p->get, &p->set, &p->del};
    for (int i = 0; i < 3; i++) {
        Value f = slot_get(t, slots[i]);
        int abstract = is_abstract(t, f);
        value_release(t, f);
        if (abstract) return abstract < 0 ? UNDEF : TRUE_VALUE;
    }
    return FALSE_VALUE;
}
static const GetSetDef property_getset[] = {
    {"__name__", property_get_name, property_store_name, NULL}, {"__isabstractmethod__", property_is_abstract, NULL, NULL}, GETSET_END};
static const MemberDef property_members[] = {
    {"fget", offsetof(Property, get), MEMBER_VALUE, false, NULL}, {"fset", offsetof(Property, set), MEMBER_VALUE, false, NULL},
    {"fdel", offsetof(Property, del), MEMBER_VALUE, false, NULL}, {"__doc__", offsetof(Property, doc), MEMBER_VALUE, true, NULL}, MEMBER_END};
static const NativeDef property_methods[] = {
    {"getter", property_getter, "($self, object, /)", "A copy with another getter.", 0},
    {"setter", property_setter, "($self, object, /)", "A copy with another setter.", 0},
    {"deleter", property_deleter, "($self, object, /)", "A copy with another deleter.", 0},
    {"__set_name__", property_set_name, "($self, owner, name, /)", NULL, NATIVE_RAW}, NATIVE_END};
static void property_traverse(Object *o, VisitFn visit, void *arg) {
    Property *p = (Property *)o;
    visit(&p->get, arg);
    visit(&p->set, arg);
    visit(&p->del, arg);
    visit(&p->doc, arg);
    visit(&p->name, arg);
}
static void property_destroy(Thread *t, Object *o) {
    Property *p = (Property *)o;
    value_release(t, p->get);
    value_release(t, p->set);
    value_release(t, p->del);
    value_release(t, p->doc);
    value_release(t, p->name);
}
static void property_clear(Thread *t, Object *o) {
    Property *p = (Property *)o;
    slot_store(t, o, &p->get, UNDEF);
    slot_store(t, o, &p->set, UNDEF);
    slot_store(t, o, &p->del, UNDEF);
    slot_store(t, o, &p->doc, UNDEF);
    slot_store(t, o, &p->name, UNDEF);
}
const TypeSpec property_spec = {
    .name = "property", .doc = "An attribute that functions compute, set and delete.", .size = sizeof(Property), .flags = TYPE_BASE,
    .ops = {.init = property_init, .descr_get = property_get, .descr_set = property_set},
    .methods = property_methods, .getset = property_getset, .members = property_members, .new_signature = "(fget=None, fset=None, fdel=None, doc=None)",
    .destroy = property_destroy, .traverse = property_traverse, .clear = property_clear};

// ---- classmethod, staticmethod: one layout

_Static_assert(offsetof(ClassMethod, callable) == offsetof(StaticMethod, callable), "the two share their code");
static ClassMethod *wrapper_of(ValueRef v) { return (ClassMethod *)value_object(v); }

// Copies what names and documents the callable to the wrapper, as functools.wraps does.
static int copy_names(Thread *t, ValueRef self, ValueRef callable) {
    const ValueRef names[4] = {NAME(__module__), NAME(__name__), NAME(__qualname__), NAME(__doc__)};
    for (int i = 0; i < 4; i++) {
        Value v = object_getattr_or_undef(t, callable, names[i]);
        if (!value_bits(v)) {
            if (error_pending(t)) return -1;
            continue;
        }
        int bad = object_setattr(t, self, names[i], v);
        value_release(t, v);
        if (bad < 0) return -1;
    }
    return 0;
}
static int wrapper_init(Thread *t, ValueRef self, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, name, kwnames) < 0 || args_count(t, name, nargs, 1, 1) < 0) return -1;
    ClassMethod *w = wrapper_of(self);
    slot_store(t, w, &w->callable, value_dup(t, args[0]));
    return copy_names(t, self, args[0]);
}
static int classmethod_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return wrapper_init(t, self, "classmethod", args, nargs, kwnames);
}
static int staticmethod_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return wrapper_init(t, self, "staticmethod", args, nargs, kwnames);
}
static Value callable_of(Thread *t, ValueRef self, const char *kind) {
    Value callable = slot_get(t, &wrapper_of(self)->callable);
    if (!value_bits(callable)) raise(t, RUNTIME_ERROR, "uninitialized %s object", kind);
    return callable;
}
static Value classmethod_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    Value callable = callable_of(t, self, "classmethod");
    if (!value_bits(callable)) return UNDEF;
    Value bound = method_new(t, callable, value_bits(type) ? type : (ValueRef)value_of(value_type(object)));
    value_release(t, callable);
    return bound;
}
static Value staticmethod_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) { return callable_of(t, self, "staticmethod"); }
static Value staticmethod_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value callable = callable_of(t, self, "staticmethod");
    if (!value_bits(callable)) return UNDEF;
    Value r = call_object(t, callable, args, nargs, kwnames);
    value_release(t, callable);
    return r;
}
static Value wrapper_repr(Thread *t, ValueRef self) {
    Value callable = none_if_undef(slot_get(t, &wrapper_of(self)->callable));
    Value r = str_of_format(t, value_is_instance(self, TYPE_OF(CLASSMETHOD)) ? "<classmethod(%R)>" : "<staticmethod(%R)>", callable);
    value_release(t, callable);
    return r;
}
static Value wrapper_is_abstract(Thread *t, ValueRef self) {
    Value callable = slot_get(t, &wrapper_of(self)->callable);
    int abstract = is_abstract(t, callable);
    value_release(t, callable);
    return abstract < 0 ? UNDEF : value_bool(abstract);
}
// Annotations are the callable's; what was found there, or set here, is kept.
static Value wrapper_inherited(Thread *t, ValueRef self, ValueRef name) {
    Value own = instance_get(t, value_object(self), name);
    if (value_bits(own) || error_pending(t)) return own;
    Value callable = none_if_undef(slot_get(t, &wrapper_of(self)->callable));
    Value v = object_getattr(t, callable, name);
    value_release(t, callable);
    if (value_bits(v) && instance_set(t, value_object(self), name, v) < 0) VALUE_CLEAR(t, v);
    return v;
}
static int wrapper_store(Thread *t, ValueRef self, ValueRef name, ValueRef value) {
    int r = instance_set(t, value_object(self), name, value);
    return r == 1 ? raise_int(t, ATTRIBUTE_ERROR, "%S", name) : r;
}
static Value wrapper_get_annotations(Thread *t, ValueRef self) { return wrapper_inherited(t, self, NAME(__annotations__)); }
static int wrapper_set_annotations(Thread *t, ValueRef self, ValueRef value) { return wrapper_store(t, self, NAME(__annotations__), value); }
static Value wrapper_get_annotate(Thread *t, ValueRef self) { return wrapper_inherited(t, self, NAME(__annotate__)); }
static int wrapper_set_annotate(Thread *t, ValueRef self, ValueRef value) { return wrapper_store(t, self, NAME(__annotate__), value); }
NATIVE(wrapper_class_getitem) { return call_2(t, value_of(TYPE_OF(GENERIC_ALIAS)), self, args[0]); }

static const GetSetDef wrapper_getset[] = {
    {"__isabstractmethod__", wrapper_is_abstract, NULL, NULL}, {"__annotations__", wrapper_get_annotations, wrapper_set_annotations, NULL},
    {"__annotate__", wrapper_get_annotate, wrapper_set_annotate, NULL}, GETSET_END};
static const MemberDef wrapper_members[] = {
    {"__func__", offsetof(ClassMethod, callable), MEMBER_VALUE, false, NULL}, {"__wrapped__", offsetof(ClassMethod, callable), MEMBER_VALUE, false, NULL},
    MEMBER_END};
static const NativeDef wrapper_methods[] = {{"__class_getitem__", wrapper_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static void wrapper_traverse(Object *o, VisitFn visit, void *arg) { visit(&((ClassMethod *)o)->callable, arg); }
static void wrapper_destroy(Thread *t, Object *o) { value_release(t, ((ClassMethod *)o)->callable); }
static void wrapper_clear(Thread *t, Object *o) { slot_store(t, o, &((ClassMethod *)o)->callable, UNDEF); }

const TypeSpec classmethod_spec = {
    .name = "classmethod", .doc = "Makes a function a method of the class.", .size = sizeof(ClassMethod), .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES,
    .ops = {.repr = wrapper_repr, .init = classmethod_init, .descr_get = classmethod_get},
    .methods = wrapper_methods, .getset = wrapper_getset, .members = wrapper_members, .new_signature = "(function, /)",
    .destroy = wrapper_destroy, .traverse = wrapper_traverse, .clear = wrapper_clear};
const TypeSpec staticmethod_spec = {
    .name = "staticmethod", .doc = "Makes a function of a class one that gets no self.", .size = sizeof(StaticMethod), .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES,
    .ops = {.repr = wrapper_repr, .call = staticmethod_call, .init = staticmethod_init, .descr_get = staticmethod_get},
    .methods = wrapper_methods, .getset = wrapper_getset, .members = wrapper_members, .new_signature = "(function, /)",
    .destroy = wrapper_destroy, .traverse = wrapper_traverse, .clear = wrapper_clear};
