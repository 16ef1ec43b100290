// super(): attribute lookup behind a class in an object's method resolution order.
#include "runtime/objects/super.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"

typedef struct Super {
    Container c;
    Value type;        // where the lookup starts (behind it); UNDEF until __init__
    Value object;      // UNDEF: unbound
    Value object_type; // whose mro is walked
} Super;
static Super *value_super(ValueRef v) { return (Super *)value_object(v); }

Value super_lookup(Thread *t, Type *start, ValueRef o, Type *object_type, ValueRef name, bool *function_only) {
    if (function_only) *function_only = false;
    Value mro = slot_get(t, &object_type->mro);
    if (!mro) return UNDEF;
    Tuple *types = value_tuple(mro);
    int64_t i = 0;
    while (i < types->length && value_as_type(tuple_item(types, i)) != start) i++;
    Value found = UNDEF;
    for (i++; i < types->length && !found; i++) found = value_dup(t, type_dict_get(value_as_type(tuple_item(types, i)), name));
    value_release(t, mro);
    if (!found) return UNDEF;
    Type *kind = value_type(found);
    if (!kind->ops.descr_get) return found;
    if (function_only && kind->flags & TYPE_METHOD && o != value_of(object_type)) {
        *function_only = true;
        return found;
    }
    // Through the class itself, a method is not bound.
    Value bound = kind->ops.descr_get(t, found, o == value_of(object_type) ? (ValueRef)UNDEF : o, value_of(object_type));
    value_release(t, found);
    return bound;
}

Type *super_check(Thread *t, Type *type, ValueRef o) {
    if (value_is_type(o) && type_is_subtype(value_as_type(o), type)) return value_as_type(o);
    if (type_is_subtype(value_type(o), type)) return value_type(o);
    // Proxies say with __class__ what they stand for.
    Value class = object_getattr_or_undef(t, o, NAME(__class__));
    if (!class && error_pending(t)) return NULL;
    Type *pretended = class && value_is_type(class) ? value_as_type(class) : NULL;
    value_release(t, class); // types are not counted
    if (pretended && pretended != value_type(o) && type_is_subtype(pretended, type)) return pretended;
    bool is_type = value_is_type(o);
    return raise_null(t, TYPE_ERROR, "super(type, obj): obj (%s %N) is not an instance or subtype of type (%N).",
                      is_type ? "type" : "instance of", is_type ? value_as_type(o) : value_type(o), type);
}

static int super_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "super", kwnames) < 0 || args_count(t, "super()", nargs, 0, 2) < 0) return -1;
    Super *s = value_super(self);
    Value type = UNDEF, o = UNDEF;
    if (nargs == 0) {
        if (frame_super_arguments(t, &type, &o) < 0) return -1;
    } else {
        if (!value_is_type(args[0])) return raise_int(t, TYPE_ERROR, "super() argument 1 must be a type, not %T", args[0]);
        type = value_dup(t, args[0]);
        if (nargs == 2 && args[1] != NONE) o = value_dup(t, args[1]);
    }
    Type *object_type = o ? super_check(t, value_as_type(type), o) : NULL;
    if (o && !object_type) {
        value_release(t, type);
        value_release(t, o);
        return -1;
    }
    slot_store(t, s, &s->type, type);
    slot_store(t, s, &s->object, o);
    slot_store(t, s, &s->object_type, object_type ? value_dup(t, value_of(object_type)) : UNDEF);
    return 0;
}

static Value super_getattr(Thread *t, ValueRef self, ValueRef name) {
    Super *s = value_super(self);
    // What `super().__class__` is asked for is super itself.
    if (slot_borrow(&s->object_type) && value_is_any_str(name) && !str_equal(value_str(name), value_str(NAME(__class__)))) {
        Value type = slot_get(t, &s->type), o = slot_get(t, &s->object), object_type = slot_get(t, &s->object_type);
        Value found = super_lookup(t, value_as_type(type), o, value_as_type(object_type), name, NULL);
        value_release(t, type);
        value_release(t, o);
        value_release(t, object_type);
        if (found || error_pending(t)) return found;
    }
    return object_generic_getattr(t, self, name);
}

// An unbound super, found in a class, binds to the instance.
static Value super_descr_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    Super *s = value_super(self);
    if (!object || object == NONE || slot_borrow(&s->object) || !slot_borrow(&s->type)) return value_dup(t, self);
    Value start = slot_get(t, &s->type), result;
    if (value_type(self) != TYPE_OF(SUPER)) {
        result = call_2(t, value_of(value_type(self)), start, object);
        value_release(t, start);
        return result;
    }
    Type *object_type = super_check(t, value_as_type(start), object);
    Super *bound = object_type ? object_new(t, TYPE_OF(SUPER)) : NULL;
    if (!bound) {
        value_release(t, start);
        return UNDEF;
    }
    slot_init(&bound->type, start);
    slot_init(&bound->object, value_dup(t, object));
    slot_init(&bound->object_type, value_dup(t, value_of(object_type)));
    return value_of(bound);
}

static Value super_repr(Thread *t, ValueRef self) {
    Super *s = value_super(self);
    Value type = slot_get(t, &s->type), object_type = slot_get(t, &s->object_type), result;
    if (!type)
        result = str_from_text(t, "<super: <class 'NULL'>, NULL>");
    else if (!object_type)
        result = str_of_format(t, "<super: <class '%N'>, NULL>", value_as_type(type));
    else
        result = str_of_format(t, "<super: <class '%N'>, <%N object>>", value_as_type(type), value_as_type(object_type));
    value_release(t, type);
    value_release(t, object_type);
    return result;
}

static void super_traverse(Object *o, VisitFn visit, void *arg) {
    Super *s = (Super *)o;
    visit(&s->type, arg);
    visit(&s->object, arg);
    visit(&s->object_type, arg);
}
static void super_destroy(Thread *t, Object *o) {
    Super *s = (Super *)o;
    VALUE_CLEAR(t, s->type);
    VALUE_CLEAR(t, s->object);
    VALUE_CLEAR(t, s->object_type);
}
static void super_clear(Thread *t, Object *o) { slot_store(t, o, &((Super *)o)->object, UNDEF); }

static const MemberDef super_members[] = {
    {"__thisclass__", offsetof(Super, type), MEMBER_VALUE, false, "the class invoking super()"},
    {"__self__", offsetof(Super, object), MEMBER_VALUE, false, "the instance, None where unbound"},
    {"__self_class__", offsetof(Super, object_type), MEMBER_VALUE, false, "the class of the instance, None where unbound"},
    MEMBER_END};

const TypeSpec super_spec = {
    .name = "super",
    .doc = "super() -> as super(__class__, first argument)\nsuper(type) -> unbound\nsuper(type, obj) -> bound to an instance\n"
           "super(type, type2) -> bound to a class\nAttributes are looked up behind the type in the method resolution order.",
    .size = sizeof(Super),
    .flags = TYPE_BASE,
    .ops = {.repr = super_repr, .getattr = super_getattr, .init = super_init, .descr_get = super_descr_get},
    .members = super_members,
    .destroy = super_destroy,
    .traverse = super_traverse,
    .clear = super_clear,
};
