// Slow sides of attribute operations, and what they put into inline caches.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/attribute_cache.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/objects/super.h"
#include "runtime/objects/type_object.h"
#include "runtime/names.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"

static void quicken_to(const Ins *pc, uint16_t seen, uint16_t to) {
    if (seen != to) atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &seen, to);
}

// A module's attribute that nothing of its type hides: where it stands in the module's dict, 0 where that cannot be told.
static uint64_t module_place(Thread *t, ValueRef o, ValueRef name) {
    if (!value_is(o, MODULE) || type_lookup(t, TYPE_OF(MODULE), name)) return 0;
    ValueRef dict = slot_borrow(&value_module(o)->dict);
    return dict ? slow_dict_place(dict, value_str(name)) : 0;
}

Value slow_property_getter(Thread *t, ValueRef o, ValueRef name) {
    Type *type = value_type(o);
    if (type->ops.getattr != object_generic_getattr) return UNDEF;
    ValueRef found = type_lookup(t, type, name);
    if (!found || !value_is(found, PROPERTY)) return UNDEF;
    ValueRef getter = slot_borrow(&((Property *)value_object(found))->get);
    if (!value_is_function(getter)) return UNDEF;
    CodeData *data = __atomic_load_n(&value_function(getter)->data, __ATOMIC_RELAXED);
    return data->exact == 1 ? value_dup(t, getter) : UNDEF;
}

// The shape of an object with attributes, which take the occasion to return to slots.
static Shape *settled_shape(Thread *t, Object *o) {
    Shape *shape = shape_at(object_shape_acquire(o));
    if (UNLIKELY(shape->kind == SHAPE_DICTIONARY) && instance_return_to_slots(t, o)) shape = shape_at(object_shape_acquire(o));
    return shape;
}

// Is the site's cell to be set? At its first execution; later, after misses, once in a while (site_is_due).
static bool site_wants_cell(Thread *t, uint16_t op, uint16_t plain_op, _Atomic uint64_t *cell) {
    return (op == plain_op && !atomic_load_relaxed_u64(cell)) || site_is_due(t);
}
// In the cell of a load that was tried and has no form of its own: misses in every form, as no shape stands in it.
enum { CELL_TRIED = 2 };

// Where the attribute lies in objects of this shape, if in the object it is; false where that cannot be told, or is no use.
static bool cache_slot(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    Type *type = value_type(o);
    uint32_t number = object_shape_acquire(value_object(o));
    Shape *shape = shape_at(number);
    uint32_t offset = shape->type == type && type_shows_attributes(type) ? attribute_offset(shape, value_str(name)) : 0;
    if (!offset && !value_is(type_lookup(t, type, name), MEMBER_DESCRIPTOR)) return false;
    // The mark comes before the look at the type: whoever adds a data descriptor changes the type first and then looks
    // at the mark, so one of the two sees the other.
    atomic_store_seq_cst_u8(&type->slot_cached, 1);
    ValueRef found = type_lookup(t, type, name);
    if (!found || !value_type(found)->ops.descr_set) {
        if (!offset) return false;
    } else if (!(offset = member_offset(type, found))) {
        return false;
    }
    cell_set(t, cell, OP_LOAD_ATTR, (uint64_t)offset << 32 | number | SHAPE_SHARED);
    quicken_to(pc, op, OP_LOAD_ATTR_SLOT);
    return true;
}
static bool cache_entry(Thread *t, const Ins *pc, uint16_t op, uint16_t to, AttrEntry content, _Atomic uint64_t *cell) {
    AttrEntry *entry = entry_alloc(t);
    if (!entry) return false;
    *entry = content;
    cell_set(t, cell, OP_LOAD_ATTR, cell_of_entry(entry));
    quicken_to(pc, op, to);
    return true;
}
// What the instance's class has, where no attribute of an instance of this shape comes before it.
static bool cache_class(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    Type *type = value_type(o);
    uint32_t number = shape_for_methods(o), version;
    if (number == SHAPE_SHARED) return false;
    ValueRef found = type_lookup_versioned(t, type, name, &version);
    if (!found || !version) return false;
    // A data descriptor comes before the instance's attributes; one of a Python class may cease to be one.
    bool data = value_type(found)->ops.descr_set && value_type(found)->ops.descr_get && !(value_type(found)->flags & TYPE_HEAP);
    // A shape with slots has names for all of an instance's attributes, a dictionary has none.
    Shape *shape = shape_at(number & ~SHAPE_SHARED);
    if (!data && shape->kind != SHAPE_FIXED && (shape->kind == SHAPE_DICTIONARY || shape_find(shape, value_str(name)) >= 0)) return false;
    return cache_entry(t, pc, op, OP_LOAD_ATTR_CLASS, (AttrEntry){.shape = number, .version = version, .type = type, .found = value_assume_owned(found)}, cell);
}
// A class's own attribute, or a base's, where its metaclass has no data descriptor of that name.
static bool cache_type(Thread *t, const Ins *pc, uint16_t op, Type *type, ValueRef name, _Atomic uint64_t *cell) {
    uint32_t version, metatype_version;
    ValueRef of_metatype = type_lookup_versioned(t, value_type(value_of(type)), name, &metatype_version);
    if (of_metatype && (value_type(of_metatype)->flags & TYPE_HEAP || (value_type(of_metatype)->ops.descr_set && value_type(of_metatype)->ops.descr_get))) return false;
    ValueRef found = type_lookup_versioned(t, type, name, &version);
    if (!found || !version || !metatype_version) return false;
    AttrEntry content = {.version = version, .type = type, .found = value_assume_owned(found), .metatype_version = metatype_version,
                         .type_shape = object_shape((Object *)type)};
    return cache_entry(t, pc, op, OP_LOAD_ATTR_TYPE, content, cell);
}

static void cache_load_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    GetattrFn getattr = value_type(o)->ops.getattr;
    if (getattr == object_generic_getattr) {
        if (value_is_pointer(o) && cache_slot(t, pc, op, o, name, cell)) return;
        Value getter = slow_property_getter(t, o, name);
        if (getter) {
            value_release(t, getter);
            quicken_to(pc, op, OP_LOAD_ATTR_PROPERTY);
            return;
        }
        if (cache_class(t, pc, op, o, name, cell)) return;
    } else if (getattr == type_get_attribute) {
        if (cache_type(t, pc, op, (Type *)value_object(o), name, cell)) return;
    } else {
        uint64_t place = module_place(t, o, name);
        if (place) {
            cell_set(t, cell, OP_LOAD_ATTR, place);
            quicken_to(pc, op, OP_LOAD_ATTR_MODULE);
            return;
        }
    }
    if (op == OP_LOAD_ATTR) cell_set(t, cell, OP_LOAD_ATTR, CELL_TRIED);
}

Value slow_load_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    if (value_is_pointer(o) && value_type(o)->flags & TYPE_HAS_ATTRIBUTES) settled_shape(t, value_object(o));
    if (site_wants_cell(t, op, OP_LOAD_ATTR, cell)) cache_load_attr(t, pc, op, o, name, cell);
    return object_getattr(t, o, name);
}

static void cache_store_attr(Thread *t, const Ins *pc, uint16_t op, const AttributeEntry *entry, _Atomic uint64_t *cell) {
    atomic_store_seq_cst_u8(&entry->type->slot_cached, 1);
    if (entry->version != atomic_load_seq_cst_u32(&entry->type->version)) return; // as in cache_load_attr
    if (!entry->next_shape) {
        cell_set(t, cell, OP_STORE_ATTR, (uint64_t)entry->offset << 32 | entry->shape);
        quicken_to(pc, op, OP_STORE_ATTR_SLOT);
        return;
    }
    StoreCache *cache = entry_alloc(t);
    if (!cache) return;
    *cache = (StoreCache){entry->shape, entry->next_shape, entry->offset};
    cell_set(t, cell, OP_STORE_ATTR, cell_of_entry(cache));
    quicken_to(pc, op, OP_STORE_ATTR_ADD);
}

int slow_store_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, ValueRef value, _Atomic uint64_t *cell) {
    Type *type = value_type(o);
    if (!value_is_pointer(o) || type->ops.setattr != object_generic_setattr || object_is_shared(value_object(o))) return object_setattr(t, o, name, value);
    Object *object = value_object(o);
    bool attributes = type_shows_attributes(type), cells = op == OP_STORE_ATTR || op == OP_STORE_ATTR_SLOT || op == OP_STORE_ATTR_ADD;
    uint32_t before = attributes && type->flags & TYPE_HAS_ATTRIBUTES ? settled_shape(t, object)->index : object_shape(object);
    const AttributeEntry *known = attribute_find(t, value_str(name), before);
    if (LIKELY(known != NULL)) {
        Value *place = (Value *)((char *)object + known->offset);
        uint32_t after = known->next_shape;
        if (cells && site_wants_cell(t, op, OP_STORE_ATTR, cell)) cache_store_attr(t, pc, op, known, cell);
        Value old = after ? UNDEF : *place;
        slot_init(place, value_dup(t, value));
        if (after) atomic_store_release_u32(&object->head.shape, after);
        value_release(t, old);
        return 0;
    }
    AttributeEntry entry = {.name = value_str(name), .type = type, .shape = before};
    ValueRef found = type_lookup_versioned(t, type, name, &entry.version);
    bool data = found && value_type(found)->ops.descr_set;
    entry.offset = member_offset(type, found);
    int result = object_setattr(t, o, name, value);
    if (result < 0 || object_is_shared(object)) return result;
    if (!entry.offset) {
        Shape *shape = shape_at(object_shape(object));
        if (data || !attributes || shape->kind != SHAPE_SLOTS || shape->type != type) return result;
        entry.offset = attribute_offset(shape, entry.name);
        if (shape->index != before) {
            if (shape->parent != before) return result;
            entry.next_shape = shape->index;
        }
    } else if (object_shape(object) != before) {
        return result;
    }
    if (!entry.offset) return result;
    attribute_remember(t, &entry);
    if (cells && entry.version && str_is_interned(entry.name) && site_wants_cell(t, op, OP_STORE_ATTR, cell)) cache_store_attr(t, pc, op, &entry, cell);
    return result;
}

// A method found on the type, that no instance of the object's shape hides: for a while, this shape alone is looked for.
static void cache_load_method(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    const AttributeEntry *known = attribute_find(t, value_str(name), shape_for_methods(o));
    if (!known || known->offset || !known->found) return;
    MethodEntry *entry = entry_alloc(t);
    if (!entry) return;
    *entry = (MethodEntry){known->shape, known->version, known->type, known->found};
    cell_set(t, cell, OP_LOAD_METHOD, (uint64_t)entry);
    quicken_to(pc, op, OP_LOAD_METHOD_CACHED);
}

int slow_load_method(Thread *t, const Ins *pc, uint16_t op, Value *window, Value *object, bool last, ValueRef name, _Atomic uint64_t *cell) {
    Value o = *object;
    if (value_is_pointer(o) && value_type(o)->flags & TYPE_HAS_ATTRIBUTES) settled_shape(t, value_object(o));
    bool unbound, wants = site_wants_cell(t, op, OP_LOAD_METHOD, cell);
    if (wants) {
        uint64_t place = module_place(t, o, name);
        if (place) {
            cell_set(t, cell, OP_LOAD_METHOD, place);
            quicken_to(pc, op, OP_LOAD_METHOD_MODULE);
        }
    }
    Value found = object_find_method(t, o, name, &unbound);
    if (!found) return -1;
    if (unbound && wants) cache_load_method(t, pc, op, o, name, cell);
    Value self = unbound ? last ? o : value_dup(t, o) : UNDEF;
    if (last && value_is_pointer(o)) *object = UNDEF;
    window[0] = found;
    window[CALL_SELF] = self;
    if (last && !unbound) value_release(t, o);
    return 0;
}

Value slow_load_super(Thread *t, Value *operands, ValueRef name, Value *window_or_null) {
    Value super = operands[0], type = operands[1], self = operands[2], result = UNDEF;
    operands[0] = operands[1] = operands[2] = UNDEF;
    bool method = false;
    // The builtin super itself: no object of it is made, and a function is called with self in place.
    if (LIKELY(super == value_of(TYPE_OF(SUPER)) && value_is_type(type) && name != NAME(__class__))) {
        Type *object_type = super_check(t, (Type *)value_object(type), self);
        if (object_type) result = super_lookup(t, (Type *)value_object(type), self, object_type, name, window_or_null ? &method : NULL);
    }
    if (!result && !error_pending(t)) {
        // The operation stands for super() without arguments: another callable of the name is called as it was written.
        Value proxy = super == value_of(TYPE_OF(SUPER)) ? call_2(t, super, type, self) : call_0(t, super);
        if (proxy) result = object_getattr(t, proxy, name);
        value_release(t, proxy);
    }
    if (result && window_or_null) {
        window_or_null[0] = result;
        window_or_null[CALL_SELF] = method ? value_dup(t, self) : UNDEF;
    }
    value_release(t, super);
    value_release(t, type);
    value_release(t, self);
    return result;
}

static const char *const special_missing[][2] = {
    {"the context manager protocol (missed __enter__ method)", ""}, {"the context manager protocol (missed __exit__ method)", ""},
    {"the asynchronous context manager protocol (missed __aenter__ method)", ""}, {"the asynchronous context manager protocol (missed __aexit__ method)", ""},
};

int slow_load_special(Thread *t, Value *window, ValueRef o, uint32_t which) {
    static const enum NameId names[] = {N___enter__, N___exit__, N___aenter__, N___aexit__};
    ValueRef name = value_of(core_names[names[which]]);
    Type *type = value_type(o);
    Value found = value_dup(t, type_lookup(t, type, name));
    if (!found) {
        // The other protocol may be meant: say so, as CPython does.
        bool async = which >= SPECIAL_AENTER;
        const enum NameId *other = async ? &names[SPECIAL_ENTER] : &names[SPECIAL_AENTER];
        bool meant = type_lookup(t, type, value_of(core_names[other[0]])) && type_lookup(t, type, value_of(core_names[other[1]]));
        return raise_int(t, TYPE_ERROR, "'%Q' object does not support %s%s", type, special_missing[which][0],
                         !meant ? "" : async ? " but it supports the context manager protocol. Did you mean to use 'with'?"
                                             : " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?");
    }
    if (value_type(found)->flags & TYPE_METHOD) {
        window[CALL_SELF] = value_dup(t, o);
        window[0] = found;
        return 0;
    }
    DescrGetFn get = value_type(found)->ops.descr_get;
    if (get) {
        Value bound = get(t, found, o, value_of(type));
        value_release(t, found);
        if (!bound) return -1;
        found = bound;
    }
    window[CALL_SELF] = UNDEF;
    window[0] = found;
    return 0;
}
