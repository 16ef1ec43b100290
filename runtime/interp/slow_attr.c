// Slow sides of attribute operations, and what they put into inline caches.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/objects/super.h"
#include "runtime/names.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "sync/rcu.h"
#include "sync/stop.h"

static void quicken_to(const Ins *pc, uint16_t seen, uint16_t to) {
    if (seen != to) atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &seen, to);
}

// `word`: a MethodEntry's address, or a place in a module's dict.
static void method_cell_set(Thread *t, _Atomic uint64_t *cell, uint64_t word) {
    uint64_t old = atomic_swap_acq_rel_u64(cell, word);
    if ((int64_t)old > 0) retire_free(&t->core, (void *)old, sizeof(MethodEntry), free);
}
static void store_cell_set(Thread *t, _Atomic uint64_t *cell, uint64_t word) {
    StoreCache *old = cell_store_cache(atomic_swap_acq_rel_u64(cell, word));
    if (old) retire_free(&t->core, old, sizeof *old, free);
}

// Where an attribute of instances with this shape lies as an offset from the object; 0 where it is not in the object.
static uint32_t slot_offset(Shape *shape, int slot) {
    if (slot < 0 || slot >= slots_in_object(shape)) return 0;
    return shape->type->slots_offset + (uint32_t)slot * sizeof(Value);
}

// A member of __slots__ is read and written at its place in every instance: its offset, 0 for all else that `found` may be.
static uint32_t member_offset(Type *type, ValueRef found) {
    if (!value_is(found, MEMBER_DESCRIPTOR)) return 0;
    MemberDescriptor *d = (MemberDescriptor *)value_object(found);
    return d->def->kind == MEMBER_VALUE_OR_ERROR && d->def->writable && type_is_subtype(type, d->owner) ? d->def->offset : 0;
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
    return data->simple && data->argcount == 1 ? value_dup(t, getter) : UNDEF;
}

// The shape of an object with attributes, which take the occasion to return to slots.
static Shape *settled_shape(Thread *t, Object *o) {
    Shape *shape = shape_at(object_shape_acquire(o));
    if (UNLIKELY(shape->kind == SHAPE_DICTIONARY) && instance_return_to_slots(t, o)) shape = shape_at(object_shape_acquire(o));
    return shape;
}

Value slow_load_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell) {
    Type *type = value_type(o);
    if (value_is_pointer(o) && type->flags & TYPE_HAS_ATTRIBUTES && type->ops.getattr == object_generic_getattr) {
        Shape *shape = settled_shape(t, value_object(o));
        if (shape->kind == SHAPE_SLOTS && shape->type == type) {
            uint32_t offset = slot_offset(shape, shape_find(shape, value_str(name)));
            // The mark comes before the look at the type: whoever adds a data descriptor changes the type first and then looks
            // at the mark, so one of the two sees the other.
            if (offset) {
                atomic_store_seq_cst_u8(&type->slot_cached, 1);
                ValueRef found = type_lookup(t, type, name);
                if (!found || !value_type(found)->ops.descr_set) {
                    atomic_store_relaxed_u64(cell, (uint64_t)offset << 32 | shape->index | SHAPE_SHARED);
                    quicken_to(pc, op, OP_LOAD_ATTR_SLOT);
                }
            }
        }
    }
    Value getter = slow_property_getter(t, o, name);
    if (getter) {
        value_release(t, getter);
        quicken_to(pc, op, OP_LOAD_ATTR_PROPERTY);
    }
    uint64_t place = module_place(t, o, name);
    if (place) {
        atomic_store_relaxed_u64(cell, place);
        quicken_to(pc, op, OP_LOAD_ATTR_MODULE);
    }
    if (value_is_pointer(o) && type->ops.getattr == object_generic_getattr) {
        atomic_store_seq_cst_u8(&type->slot_cached, 1);
        uint32_t offset = member_offset(type, type_lookup(t, type, name));
        if (offset) {
            atomic_store_relaxed_u64(cell, (uint64_t)offset << 32 | object_shape(value_object(o)) | SHAPE_SHARED);
            quicken_to(pc, op, OP_LOAD_ATTR_SLOT);
        }
    }
    return object_getattr(t, o, name);
}

int slow_store_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, ValueRef value, _Atomic uint64_t *cell) {
    Type *type = value_type(o);
    bool plain = value_is_pointer(o) && type->flags & TYPE_HAS_ATTRIBUTES && type->ops.setattr == object_generic_setattr && !object_is_shared(value_object(o));
    Shape *before = plain ? settled_shape(t, value_object(o)) : NULL;
    if (value_is_pointer(o) && type->ops.setattr == object_generic_setattr && !object_is_shared(value_object(o))) {
        atomic_store_seq_cst_u8(&type->slot_cached, 1);
        uint32_t member = member_offset(type, type_lookup(t, type, name));
        if (member && (op == OP_STORE_ATTR || op == OP_STORE_ATTR_SLOT || op == OP_STORE_ATTR_ADD)) {
            store_cell_set(t, cell, (uint64_t)member << 32 | object_shape(value_object(o)));
            quicken_to(pc, op, OP_STORE_ATTR_SLOT);
            return object_setattr(t, o, name, value);
        }
    }
    int result = object_setattr(t, o, name, value);
    if (!plain || result < 0 || before->kind != SHAPE_SLOTS || object_is_shared(value_object(o))) return result;
    Shape *after = shape_at(object_shape(value_object(o)));
    if (after->kind != SHAPE_SLOTS || after->type != type) return result;
    uint32_t offset = slot_offset(after, shape_find(after, value_str(name)));
    if (!offset || (op != OP_STORE_ATTR && op != OP_STORE_ATTR_SLOT && op != OP_STORE_ATTR_ADD)) return result;
    atomic_store_seq_cst_u8(&type->slot_cached, 1);
    ValueRef found = type_lookup(t, type, name);
    if (found && value_type(found)->ops.descr_set) return result;
    if (after == before) {
        store_cell_set(t, cell, (uint64_t)offset << 32 | after->index);
        quicken_to(pc, op, OP_STORE_ATTR_SLOT);
    } else if (after->parent == before->index) {
        StoreCache *cache = malloc(sizeof *cache);
        if (!cache) return result;
        *cache = (StoreCache){before->index, after->index, offset};
        store_cell_set(t, cell, cell_of_store_cache(cache));
        quicken_to(pc, op, OP_STORE_ATTR_ADD);
    }
    return result;
}

int slow_load_method(Thread *t, const Ins *pc, uint16_t op, Value *window, Value *object, bool last, ValueRef name, _Atomic uint64_t *cell) {
    Value o = *object;
    Type *type = value_type(o);
    if (type->ops.getattr == object_generic_getattr) {
        uint32_t version;
        Value found = value_dup(t, type_lookup_versioned(t, type, name, &version));
        bool method = found && value_type(found)->flags & TYPE_METHOD;
        if (method) {
            Value own = UNDEF;
            Shape *shape = !value_is_pointer(o) ? NULL : type->flags & TYPE_HAS_ATTRIBUTES ? settled_shape(t, value_object(o)) : shape_at(object_shape_acquire(value_object(o)));
            if (shape && type->flags & TYPE_HAS_ATTRIBUTES) {
                own = instance_get(t, value_object(o), name);
                if (!own && error_pending(t)) {
                    value_release(t, found);
                    return -1;
                }
            }
            if (!own) {
                // No instance of this shape hides it: a shape has names for all its attributes, dictionaries have none.
                uint32_t number = shape ? shape->kind != SHAPE_DICTIONARY ? shape->index | SHAPE_SHARED : 0 : shape_for_methods(o);
                if (number & ~SHAPE_SHARED && version) {
                    MethodEntry *entry = malloc(sizeof *entry);
                    if (entry) {
                        *entry = (MethodEntry){number, version, type, found};
                        method_cell_set(t, cell, (uint64_t)entry);
                        quicken_to(pc, op, OP_LOAD_METHOD_CACHED);
                    }
                }
                if (last) {
                    if (value_is_pointer(o)) *object = UNDEF;
                    window[CALL_SELF] = o;
                } else {
                    window[CALL_SELF] = value_dup(t, o);
                }
                window[0] = found;
                return 0;
            }
            value_release(t, found);
            found = own;
        } else {
            value_release(t, found);
            found = object_getattr(t, o, name);
        }
        if (!found) return -1;
        window[CALL_SELF] = UNDEF;
        window[0] = found;
    } else {
        uint64_t place = module_place(t, o, name);
        if (place) {
            method_cell_set(t, cell, place);
            quicken_to(pc, op, OP_LOAD_METHOD_MODULE);
        }
        Value found = object_getattr(t, o, name);
        if (!found) return -1;
        window[CALL_SELF] = UNDEF;
        window[0] = found;
    }
    if (last && value_is_pointer(o)) {
        *object = UNDEF;
        value_release(t, o);
    }
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
        return raise_int(t, TYPE_ERROR, "'%T' object does not support %s%s", o, special_missing[which][0],
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

// ---- a class gained a data descriptor: no cell may go on reading instances' slots for its instances
static void flush_code(Object *o, void *arg) {
    (void)arg;
    if (object_shape(o) != SHAPE_CODE) return;
    Code *code = (Code *)o;
    // The collector may have torn it down already, and its memory only waits to be freed.
    if (atomic_load_relaxed_u8(&o->head.gc) & GC_CANDIDATE || !code->data) return;
    for (uint32_t i = 0; i < code->ninstructions; i++) {
        uint16_t op = atomic_load_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&code->data->instructions[i].op);
        if (op == OP_LOAD_ATTR_SLOT || op == OP_STORE_ATTR_SLOT) {
            atomic_store_relaxed_u64(&code->data->cells[i], 0);
        } else if (op == OP_STORE_ATTR_ADD) {
            StoreCache *cache = cell_store_cache(atomic_load_relaxed_u64(&code->data->cells[i]));
            if (cache) cache->shape = 0; // in a stop: nobody is reading it
        }
    }
}

void inline_cells_flush(Thread *t, Type *type) {
    if (!atomic_load_seq_cst_u8(&type->slot_cached)) return;
    stop_world(&t->core);
    registry_each(flush_code, NULL);
    atomic_store_relaxed_u8(&type->slot_cached, 0);
    start_world(&t->core);
}
