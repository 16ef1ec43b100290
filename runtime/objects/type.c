// The type object: types from specs, subtype tests, attributes of types, calling.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/critical.h"
#include "sync/stop.h"

static uint32_t align8(size_t n) { return (uint32_t)((n + 7) & ~(size_t)7); }

void type_set_flags(Thread *t, Type *type, uint32_t set, uint32_t clear) {
    if (type->flags == ((type->flags & ~clear) | set)) return;
    stop_world(&t->core);
    type->flags = (type->flags & ~clear) | set;
    start_world(&t->core);
}

bool type_is_subtype(Type *type, Type *base) {
    if (type == base) return true;
    ValueRef mro = slot_borrow(&type->mro);
    if (UNLIKELY(!value_is_pointer(mro))) { // being made
        for (Type *b = type; b; b = type_base(b))
            if (b == base) return true;
        return base == TYPE_OF(OBJECT);
    }
    Tuple *tuple = value_tuple(mro);
    for (int64_t i = 0; i < tuple->length; i++)
        if (value_as_type(tuple_item(tuple, i)) == base) return true;
    return false;
}

bool type_has_own_dict(Type *type) { return (type->flags & TYPE_IS_TYPE) || type_is_subtype(type, TYPE_OF(MODULE)); }

// ---- layout

void type_inherit_layout(Type *type, Type *base) {
    type->flags |= base->flags & TYPE_INHERITED;
    type->size = base->size;
    type->item_size = base->item_size;
    // Where the base's own fields leave no room behind them, attributes and registry word stand before the header.
    type->prefix = base->prefix || base->flags & (TYPE_LEAF | TYPE_VARSIZED) ? 16 : 0;
}

// Slots that the spec leaves open are the base's.
static void inherit_ops(Type *type, Type *base) {
    type->ops = type->spec->ops;
    if (!base) return;
    void **mine = (void **)&type->ops, **theirs = (void **)&base->ops;
    for (size_t i = 0; i < sizeof(TypeOps) / sizeof(void *); i++)
        if (!mine[i]) mine[i] = theirs[i];
    // A native type is made by its own __new__ or a base's that knows its layout: object's does not, unless all that is
    // wanted is a zeroed object for __init__, or nothing is added to object's layout.
    const TypeOps *own = &type->spec->ops;
    bool plain = type->flags & TYPE_BASE && type->size == base->size;
    if (type->flags & TYPE_NO_NEW || (!own->new && base == TYPE_OF(OBJECT) && !own->init && !plain)) type->ops.new = NULL;
}

int type_prepare_builtin(Thread *t, Type *type, const TypeSpec *spec, Type *base, uint32_t shape_index_or_0) {
    refhead_init(&type->c.head, SHAPE_TYPE, OWNER_IMMORTAL);
    type->flags = spec->flags | TYPE_IMMUTABLE | (base ? base->flags & TYPE_INHERITED : 0);
    type->spec = spec;
    type->size = align8(base && base->size > spec->size ? base->size : spec->size);
    if (spec->flags & (TYPE_VARSIZED | TYPE_LEAF)) type->size = (uint32_t)spec->size; // items follow at once
    type->item_size = (uint32_t)(spec->item_size || !base ? spec->item_size : base->item_size);
    type->slots_offset = align8(type->size);
    type->inline_slots = type->flags & TYPE_HAS_ATTRIBUTES ? 1 : 0;
    slot_init(&type->base, base ? value_of(base) : UNDEF);
    Shape *shape = shape_new_root(t, type, type->inline_slots, shape_index_or_0);
    if (!shape) return -1;
    type->shape = shape->index;
    inherit_ops(type, base); // objects of the type can be made and called from here on
    return 0;
}

// ---- dict of a native type

int type_add(Thread *t, Type *type, const char *name, Value v_steal) {
    if (!v_steal) return -1;
    if (type->flags & TYPE_HEAP) {
        if (value_is_pointer(v_steal) && !object_is_shared(value_object(v_steal))) object_make_deferred(t, value_object(v_steal));
    } else if (value_is_pointer(v_steal)) {
        object_make_immortal(value_object(v_steal));
    }
    return dict_set_text(t, value_dict(type->dict), name, v_steal);
}

static int has_member(Thread *t, Type *type, const char *name) {
    Value key = str_intern_text(t, name);
    if (!key) return -1;
    int found = dict_get_str_borrow(value_dict(type->dict), value_str(key)) ? 1 : 0;
    value_release(t, key);
    return found;
}

static int add_members(Thread *t, Type *type) {
    const TypeSpec *spec = type->spec;
    if (type_add_slot_wrappers(t, type) < 0) return -1;
    for (const NativeDef *def = spec->methods; def && def->name; def++) {
        int found = def->flags & NATIVE_COEXIST ? 0 : has_member(t, type, def->name);
        if (found < 0 || (!found && type_add(t, type, def->name, native_descriptor_new(t, def, type)) < 0)) return -1;
    }
    for (const MemberDef *def = spec->members; def && def->name; def++) {
        Value name = str_intern_text(t, def->name);
        if (!name) return -1;
        Value member = member_descriptor_new(t, def, type, name);
        value_release(t, name);
        if (type_add(t, type, def->name, member) < 0) return -1;
    }
    for (const GetSetDef *def = spec->getset; def && def->name; def++)
        if (type_add(t, type, def->name, getset_descriptor_new(t, def, type)) < 0) return -1;
    // Where instances begin to have attributes, they begin to show them.
    int shown = spec->flags & TYPE_HAS_ATTRIBUTES ? has_member(t, type, "__dict__") : 1;
    if (shown < 0 || (!shown && type_add(t, type, "__dict__", getset_descriptor_new(t, &object_dict_getset, type)) < 0)) return -1;
    int documented = has_member(t, type, "__doc__");
    if (documented < 0) return -1;
    if (!documented && type_add(t, type, "__doc__", spec->doc ? str_from_text(t, spec->doc) : NONE) < 0) return -1;
    return spec->ready ? spec->ready(t, type) : 0;
}

// Everything of a type from a spec that is an object. `module_name` is UNDEF for builtins.
static int fill_from_spec(Thread *t, Type *type, Value bases_steal, ValueRef module_name) {
    Type *base = type_base(type);
    const char *dot = strrchr(type->spec->name, '.'), *short_name = dot ? dot + 1 : type->spec->name;
    inherit_ops(type, base);
    slot_store(t, type, &type->bases, bases_steal);
    if (!bases_steal) return -1;
    Value name = str_intern_text(t, short_name);
    if (!name) return -1;
    slot_store(t, type, &type->qualname, value_dup(t, name));
    slot_store(t, type, &type->name, name);
    Value dict = dict_new(t);
    if (!dict) return -1;
    slot_store(t, type, &type->dict, dict);
    if (add_members(t, type) < 0) return -1;
    bool first_with_attributes = type->spec->flags & TYPE_HAS_ATTRIBUTES && !(base && base->flags & TYPE_HAS_ATTRIBUTES);
    if (first_with_attributes && !value_bits(dict_get_str_borrow(value_dict(dict), value_str(NAME(__dict__)))) &&
        dict_set_text(t, value_dict(dict), "__dict__", getset_descriptor_new(t, &object_dict_getset, type)) < 0)
        return -1;
    if (module_name && dict_set(t, value_dict(type->dict), NAME(__module__), module_name) < 0) return -1;
    Value mro = type_linearise(t, type, value_tuple(type->bases));
    if (!mro) return -1;
    slot_store(t, type, &type->mro, mro);
    Tuple *bases = value_tuple(type->bases);
    for (int64_t i = 0; i < bases->length; i++)
        if (type_list_subclass(t, value_as_type(tuple_item(bases, i)), type) < 0) return -1;
    return 0;
}

int type_init_builtin(Thread *t, Type *type, const TypeSpec *spec, Type *base, uint32_t shape_index_or_0) {
    if (!type->spec && type_prepare_builtin(t, type, spec, base, shape_index_or_0) < 0) return -1;
    ValueRef base_value = value_of(base);
    if (fill_from_spec(t, type, tuple_from_refs(t, &base_value, base ? 1 : 0), UNDEF) < 0) return -1;
    // The collector does not look into builtin types (they are in no registry): what they hold is never counted.
    Value held[] = {type->name, type->qualname, type->bases, type->mro, type->dict};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) object_make_immortal(value_object(held[i]));
    return 0;
}

Type *type_from_spec(Thread *t, const TypeSpec *spec, ValueRef bases_or_undef, ValueRef module_name) {
    Value base_value = value_of(&builtin_types[spec->base]);
    Value bases = bases_or_undef ? value_dup(t, bases_or_undef) : tuple_from_refs(t, value_refs(&base_value), 1);
    Type *base = !bases ? NULL : bases_or_undef ? type_best_base(t, value_tuple(bases)) : &builtin_types[spec->base]; // native types may extend any
    Type *type = base ? object_new(t, TYPE_OF(TYPE)) : NULL;
    if (!type) {
        value_release(t, bases);
        return NULL;
    }
    object_make_deferred(t, (Object *)type);
    type_inherit_layout(type, base);
    slot_init(&type->base, value_dup(t, value_of(base)));
    type->spec = spec;
    type->flags |= spec->flags | TYPE_HEAP | TYPE_IMMUTABLE;
    if (spec->size > type->size) type->size = align8(spec->size);
    if (spec->item_size) type->item_size = (uint32_t)spec->item_size;
    type->slots_offset = type->size;
    type->inline_slots = type->flags & TYPE_HAS_ATTRIBUTES ? 1 : 0;
    Shape *shape = shape_new_root(t, type, type->inline_slots, 0);
    if (shape) type->shape = shape->index;
    if (!shape || fill_from_spec(t, type, bases, module_name) < 0) {
        if (!shape) value_release(t, bases);
        return NULL; // deferred: the collector takes it
    }
    return type;
}

// ---- subclasses: dict of address -> weak reference

static Value address_key(Type *type) { return value_int((int64_t)((uint64_t)type >> 3)); }

int type_list_subclass(Thread *t, Type *base, Type *type) {
    // Whoever reaches the base reaches its subclasses: a shared type has only shared ones (publish.c keeps to it, too).
    if (object_is_shared((Object *)base)) publish_if_needed(t, value_of(type));
    Value ref = weakref_new(t, TYPE_OF(WEAKREF), value_of(type), UNDEF);
    if (!ref) return -1;
    int result = 0;
    CriticalSection cs;
    critical_begin(&t->core, &cs, &base->c.head);
    if (!slot_borrow(&base->subclasses)) {
        Value dict = dict_new(t);
        if (!dict) result = -1;
        if (dict && !type_is_heap(base)) object_make_immortal(value_object(dict));
        if (dict) slot_store(t, base, &base->subclasses, dict);
    }
    Value dict = slot_get(t, &base->subclasses);
    critical_end(&t->core, &cs);
    if (result == 0) result = dict_set(t, value_dict(dict), address_key(type), ref);
    value_release(t, dict);
    value_release(t, ref);
    return result;
}

void type_unlist_subclass(Thread *t, Type *base, Type *type) {
    Value dict = slot_get(t, &base->subclasses);
    if (!dict) return;
    Value ref = dict_pop(t, value_dict(dict), address_key(type));
    value_release(t, ref);
    value_release(t, dict);
}

void type_visit_subclasses(Type *type, VisitFn visit, void *arg) {
    ValueRef subclasses = slot_borrow(&type->subclasses);
    DictTable *table = subclasses ? value_dict(subclasses)->table : NULL;
    for (uint32_t i = 0; table && i < atomic_load_relaxed_u32(&table->used); i++) {
        ValueRef ref = slot_borrow(&table->entries[i].value);
        if (!value_is_pointer(ref)) continue;
        Value target = value_of(atomic_load_relaxed_ptr(&((WeakRef *)value_object(ref))->target));
        if (target) visit(&target, arg);
    }
}

Type *type_next_subclass(Thread *t, Value subclasses, int64_t *position) {
    Value ref;
    while (subclasses && dict_next(t, value_dict(subclasses), position, NULL, &ref) == 1) {
        Value subclass = weakref_get(t, ref);
        value_release(t, ref);
        if (value_is_pointer(subclass)) return value_as_type(subclass);
    }
    return NULL;
}

void type_flush_slot_caches(Thread *t, Type *type) {
    inline_cells_flush(t, type);
    Value subclasses = slot_get(t, &type->subclasses);
    int64_t position = 0;
    Type *subclass;
    while ((subclass = type_next_subclass(t, subclasses, &position))) {
        type_flush_slot_caches(t, subclass);
        object_release(t, subclass);
    }
    value_release(t, subclasses);
}

// ---- attributes of types

// The metaclass's data descriptors come first, then the type's own attributes along its mro, then the metaclass's others.
Value type_get_attribute(Thread *t, ValueRef self, ValueRef name) {
    if (UNLIKELY(!value_is_any_str(name))) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Type *type = value_as_type(self), *metatype = value_type(self);
    Value of_metatype = value_dup(t, type_lookup(t, metatype, name));
    DescrGetFn metatype_get = of_metatype ? value_type(of_metatype)->ops.descr_get : NULL;
    Value result;
    if (metatype_get && value_type(of_metatype)->ops.descr_set) {
        result = metatype_get(t, of_metatype, self, value_of(metatype));
        value_release(t, of_metatype);
        return result;
    }
    Value found = value_dup(t, type_lookup(t, type, name));
    if (found) {
        value_release(t, of_metatype);
        DescrGetFn get = value_type(found)->ops.descr_get;
        if (!get) return found;
        result = get(t, found, UNDEF, self);
        value_release(t, found);
        return result;
    }
    if (!of_metatype) return attribute_error(t, self, name);
    if (!metatype_get) return of_metatype;
    result = metatype_get(t, of_metatype, self, value_of(metatype));
    value_release(t, of_metatype);
    return result;
}

static bool is_dunder(const Str *name) {
    size_t n = str_length(name);
    return n > 4 && str_char(name, 0) == '_' && str_char(name, 1) == '_' && str_char(name, n - 1) == '_' && str_char(name, n - 2) == '_';
}

int type_dict_set(Thread *t, Type *type, ValueRef name, ValueRef value_or_undef) {
    // Keys are exact, interned strings: lookups compare addresses first.
    Value key = str_is_interned(value_str(name)) ? value_assume_owned(name)
        : value_is(name, STR) ? str_intern(t, value_dup(t, name))
        : str_intern(t, str_substring(t, value_str(name), 0, str_length(value_str(name))));
    if (!key) return -1;
    CriticalSection cs;
    critical_begin(&t->core, &cs, &type->c.head);
    Value dict = slot_get(t, &type->dict), displaced = UNDEF;
    int result = 0;
    if (value_or_undef) {
        displaced = value_dup(t, dict_get_str_borrow(value_dict(dict), value_str(key))); // its end must not see the type half changed
        result = dict_set(t, value_dict(dict), key, value_or_undef);
    } else {
        displaced = dict_pop(t, value_dict(dict), key);
        if (!displaced) result = error_pending(t) ? -1 : 1;
    }
    if (result == 0) {
        type_modified(t, type);
        if (is_dunder(value_str(key))) type_update_slots_for(t, type, key);
    }
    critical_end(&t->core, &cs);
    value_release(t, displaced);
    value_release(t, dict);
    return result;
}

int type_set_attribute(Thread *t, ValueRef self, ValueRef name, ValueRef value_or_undef) {
    Type *type = value_as_type(self), *metatype = value_type(self);
    if (!value_is_any_str(name)) return raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    if (type->flags & TYPE_IMMUTABLE)
        return raise_int(t, TYPE_ERROR, "cannot set %R attribute of immutable type '%N'", name, type);
    Value of_metatype = value_dup(t, type_lookup(t, metatype, name));
    StoreFn set = of_metatype ? value_type(of_metatype)->ops.descr_set : NULL;
    if (set) {
        int result = set(t, of_metatype, self, value_or_undef);
        value_release(t, of_metatype);
        return result;
    }
    value_release(t, of_metatype);
    // Inline caches read slots of instances past the type: they must go where a data descriptor comes or goes (members of
    // __slots__ are such), or a class becomes one.
    ValueRef before = type_lookup_once(type, name);
    bool flush = (before && value_type(before)->ops.descr_set) || (value_or_undef && value_type(value_or_undef)->ops.descr_set);
    int result = type_dict_set(t, type, name, value_or_undef);
    if (result == 0 && (str_equal(value_str(name), value_str(NAME(__set__))) || str_equal(value_str(name), value_str(NAME(__delete__))) || str_equal(value_str(name), value_str(NAME(__get__)))))
        inline_cells_flush(t, NULL);
    else if (result == 0 && flush)
        type_flush_slot_caches(t, type);
    if (result != 1) return result;
    attribute_error(t, self, name);
    return -1;
}

// ---- calling

Value type_raise_no_instances(Thread *t, Type *type) {
    if (type->spec && !strchr(type->spec->name, '.')) return raise(t, TYPE_ERROR, "cannot create '%N' instances", type);
    return raise(t, TYPE_ERROR, "cannot create '%s' instances", type->spec->name);
}

Value type_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_as_type(self);
    if (UNLIKELY(type == TYPE_OF(TYPE))) {
        bool keywords = kwnames && kwnames->length;
        if (nargs == 1 && !keywords) return value_dup(t, value_of(value_type(args[0])));
        if (nargs == 1) return raise(t, TYPE_ERROR, "type() takes no keyword arguments");
        if (nargs != 3) return raise(t, TYPE_ERROR, "type() takes 1 or 3 arguments");
    }
    CallFn new = type->ops.new;
    if (UNLIKELY(!new)) return type_raise_no_instances(t, type);
    Value o = new(t, self, args, nargs, kwnames);
    if (UNLIKELY(!o)) return UNDEF;
    Type *made = value_type(o);
    if (UNLIKELY(made != type && !type_is_subtype(made, type))) return o;
    InitFn init = made->ops.init;
    if (init == TYPE_OF(OBJECT)->ops.init && new != TYPE_OF(OBJECT)->ops.new) return o; // __new__ has looked at the arguments
    if (init && init(t, o, args, nargs, kwnames) < 0) {
        value_release(t, o);
        return UNDEF;
    }
    return o;
}

// ---- the type `type`

static int type_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs == 1 && kwnames && kwnames->length) return raise_int(t, TYPE_ERROR, "type.__init__() takes no keyword arguments");
    if (nargs != 1 && nargs != 3) return raise_int(t, TYPE_ERROR, "type.__init__() takes 1 or 3 arguments");
    return 0;
}

static Value type_new(Thread *t, ValueRef metatype, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs != 3) return raise(t, TYPE_ERROR, "type.__new__() takes exactly 3 arguments (%u given)", nargs);
    static const char *const kinds[] = {"str", "tuple", "dict"};
    bool good[] = {value_is_any_str(args[0]), value_is_any_tuple(args[1]), value_is_any_dict(args[2])};
    for (int i = 0; i < 3; i++)
        if (!good[i]) return raise(t, TYPE_ERROR, "type.__new__() argument %d must be %s, not %T", i + 1, kinds[i], args[i]);
    return type_new_class(t, value_as_type(metatype), args[0], args[1], args[2], args + 3, 0, kwnames);
}

Value type_qualified_name(Thread *t, Type *type) {
    Value module = type_module(t, type);
    if (!module) error_clear(t);
    Value qualname = slot_get(t, &type->qualname), result;
    bool plain = !module || !value_is_any_str(module) || str_equal_text(value_str(module), "builtins") || str_equal_text(value_str(module), "__main__");
    result = plain ? value_dup(t, qualname) : str_of_format(t, "%U.%U", value_str(module), value_str(qualname));
    value_release(t, qualname);
    value_release(t, module);
    return result;
}

static Value type_repr(Thread *t, ValueRef self) {
    Type *type = value_as_type(self);
    Value module = type_module(t, type), qualname = slot_get(t, &type->qualname), result;
    if (!module) error_clear(t);
    if (!module || !value_is_any_str(module) || str_equal_text(value_str(module), "builtins"))
        result = str_of_format(t, "<class '%N'>", type);
    else
        result = str_of_format(t, "<class '%U.%U'>", value_str(module), value_str(qualname));
    value_release(t, qualname);
    value_release(t, module);
    return result;
}

static void type_traverse(Object *o, VisitFn visit, void *arg) {
    Type *type = (Type *)o;
    visit(&type->name, arg);
    visit(&type->qualname, arg);
    visit(&type->base, arg);
    visit(&type->bases, arg);
    visit(&type->mro, arg);
    visit(&type->dict, arg);
    visit(&type->subclasses, arg);
}

static void type_destroy(Thread *t, Object *o) {
    Type *type = (Type *)o;
    Value bases = type->bases;
    for (int64_t i = 0; bases && i < value_tuple(bases)->length; i++)
        type_unlist_subclass(t, value_as_type(tuple_item(value_tuple(bases), i)), type);
    Value *slots[] = {&type->name, &type->qualname, &type->base, &type->bases, &type->mro, &type->dict, &type->subclasses};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) VALUE_CLEAR(t, *slots[i]);
    type_cache_free(type);
}

// Bases, mro and layout stay: dying instances still ask their type.
static void type_clear(Thread *t, Object *o) {
    Type *type = (Type *)o;
    if (type->dict) dict_clear(t, value_dict(type->dict));
    if (type->subclasses) dict_clear(t, value_dict(type->subclasses));
}

const TypeSpec type_spec = {
    .name = "type",
    .doc = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    .size = sizeof(Type),
    .flags = TYPE_BASE | TYPE_IS_TYPE | TYPE_WEAKREFABLE,
    .base = T_OBJECT,
    .ops = {.repr = type_repr, .call = type_call, .getattr = type_get_attribute, .setattr = type_set_attribute, .init = type_init,
            .new = type_new, .or_ = union_or},
    .methods = type_methods,
    .getset = type_getset,
    .members = type_members,
    .destroy = type_destroy,
    .traverse = type_traverse,
    .clear = type_clear,
};
