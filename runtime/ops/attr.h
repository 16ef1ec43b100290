// Attributes and items. An attribute cell is one word: shape (with SHAPE_SHARED set, so that private and shared instances
// share it) in the low half, the slot's offset above; or a packed entry's address (cell_of_entry, ops_slow.h); or the place of a module's
// attribute in its dict (slow_dict_place). LOAD_METHOD's holds a MethodEntry's address as it is, or such a place.

OP_BEGIN(LOAD_ATTR)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END

OP_COLD_DECLARE(LOAD_ATTR_SLOT)
OP_BEGIN(LOAD_ATTR_SLOT)
    Value o = RB;
    if (LIKELY(value_is_object(o))) {
        uint64_t cell = atomic_load_relaxed_u64(&CELL);
        // Acquire: an object whose shape promises a slot in the object has the value there (attribute.c).
        uint32_t shape = atomic_load_acquire_u32(&value_object(o)->head.shape);
        if (LIKELY((shape | SHAPE_SHARED) == (uint32_t)cell)) {
            ValueRef v = slot_borrow((Value *)((char *)value_object(o) + (cell >> 32)));
            if (LIKELY(v && !value_is_mark(v))) {
                Value owned = value_dup(t, v);
                DONE_B();
                SET_A(owned);
                NEXT();
            }
        }
    }
    COLD_PATH(LOAD_ATTR_SLOT);
OP_COLD(LOAD_ATTR_SLOT)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END

OP_COLD_DECLARE(LOAD_ATTR_MODULE)
OP_BEGIN(LOAD_ATTR_MODULE)
    if (LIKELY(value_is(RB, MODULE))) {
        ValueRef dict = slot_borrow(&value_module(RB)->dict), v = LIKELY(dict) ? dict_at_place(dict, atomic_load_relaxed_u64(&CELL)) : UNDEF;
        if (LIKELY(v)) {
            Value owned = value_dup(t, v);
            DONE_B();
            SET_A(owned);
            NEXT();
        }
    }
    COLD_PATH(LOAD_ATTR_MODULE);
OP_COLD(LOAD_ATTR_MODULE)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END

OP_COLD_DECLARE(LOAD_ATTR_PROPERTY)
OP_BEGIN(LOAD_ATTR_PROPERTY)
    if (LIKELY(!CALL_NESTED && !poll_pending(&t->core))) {
        Value getter = slow_property_getter(t, RB, CONSTANT(C_NUMBER));
        if (LIKELY(getter)) {
            SAVE();
            Value self = TAKE_B(), *regs = stack_top(t) + FRAME_HEADER;
            regs[0] = self;
            PLAIN_ERROR_IF(frame_push(t, regs, getter, value_function(getter)->data, fp, pc + 1, 1) < 0);
            RESUME();
        }
    }
    COLD_PATH(LOAD_ATTR_PROPERTY);
OP_COLD(LOAD_ATTR_PROPERTY)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END

// What the lookup on a type found, as the object gives it.
#define BIND_FOUND(object, type) do { \
        Value found = value_dup(t, entry->found); \
        DescrGetFn get = value_type(found)->ops.descr_get; \
        if (get) { \
            SAVE(); \
            Value bound = get(t, found, object, type); \
            RELEASE(found); \
            PLAIN_ERROR_IF(!bound); \
            found = bound; \
        } \
        DONE_B(); \
        SET_A(found); \
        NEXT(); \
    } while (0)
OP_COLD_DECLARE(LOAD_ATTR_CLASS)
OP_BEGIN(LOAD_ATTR_CLASS)
    Value o = RB;
    AttrEntry *entry = cell_entry(atomic_load_acquire_u64(&CELL));
    if (LIKELY(entry && shape_for_methods(o) == entry->shape && atomic_load_relaxed_u32(&entry->type->version) == entry->version))
        BIND_FOUND(o, value_of(entry->type));
    COLD_PATH(LOAD_ATTR_CLASS);
OP_COLD(LOAD_ATTR_CLASS)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END
OP_COLD_DECLARE(LOAD_ATTR_TYPE)
OP_BEGIN(LOAD_ATTR_TYPE)
    Value o = RB;
    AttrEntry *entry = cell_entry(atomic_load_acquire_u64(&CELL));
    // Its shape says that a class still stands there.
    if (LIKELY(entry && o == value_of(entry->type) && !entry->shape && object_shape(value_object(o)) == entry->type_shape && atomic_load_relaxed_u32(&entry->type->version) == entry->version &&
               atomic_load_relaxed_u32(&value_type(o)->version) == entry->metatype_version))
        BIND_FOUND(UNDEF, o);
    COLD_PATH(LOAD_ATTR_TYPE);
OP_COLD(LOAD_ATTR_TYPE)
    SAVE();
    FINISH_B(slow_load_attr(t, pc, (uint16_t)ins, RB, CONSTANT(C_NUMBER), &CELL));
OP_END

OP_BEGIN(STORE_ATTR)
    SAVE();
    PLAIN_ERROR_IF(slow_store_attr(t, pc, (uint16_t)ins, RA, CONSTANT(C_NUMBER), RB, &CELL) < 0);
    DONE_B();
    DONE_A();
    NEXT();
OP_END
// Private instances only: the cell's shape is compared without SHARED.
OP_COLD_DECLARE(STORE_ATTR_SLOT)
OP_BEGIN(STORE_ATTR_SLOT)
    Value o = RA;
    if (LIKELY(value_is_object(o))) {
        uint64_t cell = atomic_load_relaxed_u64(&CELL);
        if (LIKELY((object_shape_word(value_object(o)) == (uint32_t)cell))) {
            Value *place = (Value *)((char *)value_object(o) + (cell >> 32));
            Value old = *place;
            SAVE();
            slot_init(place, TAKE_B());
            RELEASE(old);
            DONE_A();
            NEXT();
        }
    }
    COLD_PATH(STORE_ATTR_SLOT);
OP_COLD(STORE_ATTR_SLOT)
    SAVE();
    PLAIN_ERROR_IF(slow_store_attr(t, pc, (uint16_t)ins, RA, CONSTANT(C_NUMBER), RB, &CELL) < 0);
    DONE_B();
    DONE_A();
    NEXT();
OP_END
// The cell holds a StoreCache's address: shape before, shape after, place of the new attribute.
OP_COLD_DECLARE(STORE_ATTR_ADD)
OP_BEGIN(STORE_ATTR_ADD)
    Value o = RA;
    StoreCache *cache = cell_entry(atomic_load_acquire_u64(&CELL));
    if (LIKELY(value_is_object(o) && cache)) {
        Object *object = value_object(o);
        if (LIKELY(object_shape_word(object) == cache->shape)) {
            slot_init((Value *)((char *)object + cache->offset), TAKE_B());
            atomic_store_release_u32(&object->head.shape, cache->next_shape);
            DONE_A();
            NEXT();
        }
    }
    COLD_PATH(STORE_ATTR_ADD);
OP_COLD(STORE_ATTR_ADD)
    SAVE();
    PLAIN_ERROR_IF(slow_store_attr(t, pc, (uint16_t)ins, RA, CONSTANT(C_NUMBER), RB, &CELL) < 0);
    DONE_B();
    DONE_A();
    NEXT();
OP_END
OP_BEGIN(DELETE_ATTR)
    SAVE();
    PLAIN_ERROR_IF(object_setattr(t, RA, CONSTANT(B_NUMBER), UNDEF) < 0);
    DONE_A();
    NEXT();
OP_END

OP_BEGIN(LOAD_METHOD)
    SAVE();
    PLAIN_ERROR_IF(slow_load_method(t, pc, (uint16_t)ins, &RA, &RB, B_FLAG, CONSTANT(C_NUMBER), &CELL) < 0);
    NEXT();
OP_END
OP_COLD_DECLARE(LOAD_METHOD_CACHED)
OP_BEGIN(LOAD_METHOD_CACHED)
    Value o = RB;
    MethodEntry *entry = (MethodEntry *)atomic_load_acquire_u64(&CELL);
    if (LIKELY((int64_t)entry > 0)) {
        if (LIKELY(shape_for_methods(o) == entry->shape && atomic_load_relaxed_u32(&entry->type->version) == entry->version)) {
            Value *window = &RA;
            window[0] = value_dup(t, entry->function);
            window[CALL_SELF] = TAKE_B();
            NEXT();
        }
    }
    COLD_PATH(LOAD_METHOD_CACHED);
OP_COLD(LOAD_METHOD_CACHED)
    SAVE();
    PLAIN_ERROR_IF(slow_load_method(t, pc, (uint16_t)ins, &RA, &RB, B_FLAG, CONSTANT(C_NUMBER), &CELL) < 0);
    NEXT();
OP_END
OP_COLD_DECLARE(LOAD_METHOD_MODULE)
OP_BEGIN(LOAD_METHOD_MODULE)
    if (LIKELY(value_is(RB, MODULE))) {
        ValueRef dict = slot_borrow(&value_module(RB)->dict), v = LIKELY(dict) ? dict_at_place(dict, atomic_load_relaxed_u64(&CELL)) : UNDEF;
        if (LIKELY(v)) {
            Value *window = &RA;
            window[0] = value_dup(t, v);
            window[CALL_SELF] = UNDEF;
            DONE_B();
            NEXT();
        }
    }
    COLD_PATH(LOAD_METHOD_MODULE);
OP_COLD(LOAD_METHOD_MODULE)
    SAVE();
    PLAIN_ERROR_IF(slow_load_method(t, pc, (uint16_t)ins, &RA, &RB, B_FLAG, CONSTANT(C_NUMBER), &CELL) < 0);
    NEXT();
OP_END
OP_BEGIN(LOAD_SUPER_ATTR)
    SAVE();
    FINISH_NEW(slow_load_super(t, &RB, CONSTANT(C_NUMBER), NULL));
OP_END
OP_BEGIN(LOAD_SUPER_METHOD)
    SAVE();
    Value function = slow_load_super(t, &RB, CONSTANT(C_NUMBER), &RA);
    PLAIN_ERROR_IF(!function);
    NEXT();
OP_END
OP_BEGIN(LOAD_SPECIAL)
    SAVE();
    PLAIN_ERROR_IF(slow_load_special(t, &RA, RB, C_NUMBER) < 0);
    DONE_B();
    NEXT();
OP_END

OP_COLD_DECLARE(GETITEM)
OP_BEGIN(GETITEM)
    COLD_PATH(GETITEM);
OP_COLD(GETITEM)
    SAVE();
    Value o = RB, key = RC;
    if (value_is(o, LIST) && value_is_int(key)) QUICKEN(GETITEM_LIST);
    else if (value_is(o, TUPLE) && value_is_int(key)) QUICKEN(GETITEM_TUPLE);
    else if (value_is(o, DICT)) QUICKEN(GETITEM_DICT);
    FINISH_BC(object_getitem(t, o, key));
OP_END
OP_COLD_DECLARE(GETITEM_LIST)
OP_BEGIN(GETITEM_LIST)
    Value o = RB, key = RC;
    if (LIKELY(value_is_int(key) && operand_is(o, LIST))) {
        List *list = value_list(o);
        int64_t i = value_get_int(key), length = list_length(list);
        if (i < 0) i += length;
        ListItems *items = storage_load(list->items);
        // The array and the length are read at different moments: the array's own capacity bounds the access.
        if (LIKELY((uint64_t)i < (uint64_t)length && i < items->capacity)) {
            ValueRef v = slot_borrow(&items->item[i]);
            if (LIKELY(v)) {
                Value owned = value_dup(t, v);
                DONE_B();
                SET_A(owned);
                NEXT();
            }
        }
    }
    COLD_PATH(GETITEM_LIST);
OP_COLD(GETITEM_LIST)
    SAVE();
    if (!value_is(RB, LIST)) UNQUICKEN(GETITEM);
    FINISH_BC(object_getitem(t, RB, RC));
OP_END
OP_COLD_DECLARE(GETITEM_TUPLE)
OP_BEGIN(GETITEM_TUPLE)
    Value o = RB, key = RC;
    if (LIKELY(value_is_int(key) && operand_is(o, TUPLE))) {
        Tuple *tuple = value_tuple(o);
        int64_t i = value_get_int(key);
        if (i < 0) i += tuple->length;
        if (LIKELY((uint64_t)i < (uint64_t)tuple->length)) {
            Value owned = value_dup(t, tuple_item(tuple, i));
            DONE_B();
            SET_A(owned);
            NEXT();
        }
    }
    COLD_PATH(GETITEM_TUPLE);
OP_COLD(GETITEM_TUPLE)
    SAVE();
    if (!value_is(RB, TUPLE)) UNQUICKEN(GETITEM);
    FINISH_BC(object_getitem(t, RB, RC));
OP_END
OP_COLD_DECLARE(GETITEM_DICT)
OP_BEGIN(GETITEM_DICT)
    Value o = RB;
    Value *slot;
    if (LIKELY(operand_is(o, DICT))) {
        SAVE();
        if (dict_find_slot(value_dict(o), RC, &slot)) {
            ValueRef there = slot ? slot_borrow(slot) : UNDEF;
            if (UNLIKELY(!there)) COLD_PATH(GETITEM_DICT);
            FINISH_BC(value_dup(t, there));
        }
        Value v = dict_get(t, value_dict(o), RC);
        if (LIKELY(v)) FINISH_BC(v);
        PLAIN_ERROR_IF(error_pending(t));
    }
    COLD_PATH(GETITEM_DICT);
OP_COLD(GETITEM_DICT)
    SAVE();
    if (!value_is(RB, DICT)) UNQUICKEN(GETITEM);
    FINISH_BC(object_getitem(t, RB, RC));
OP_END
OP_COLD_DECLARE(GETITEMI)
OP_BEGIN(GETITEMI)
    Value o = RB;
    int64_t i = C_SIGNED;
    if (LIKELY(value_is_object(o))) {
        uint32_t shape = object_shape(value_object(o));
        if (shape == SHAPE_LIST) {
            List *list = value_list(o);
            int64_t length = list_length(list);
            if (i < 0) i += length;
            ListItems *items = storage_load(list->items);
            if (LIKELY((uint64_t)i < (uint64_t)length && i < items->capacity)) {
                ValueRef v = slot_borrow(&items->item[i]);
                if (LIKELY(v)) {
                    Value owned = value_dup(t, v);
                    DONE_B();
                    SET_A(owned);
                    NEXT();
                }
            }
        } else if (shape == SHAPE_TUPLE) {
            Tuple *tuple = value_tuple(o);
            if (i < 0) i += tuple->length;
            if (LIKELY((uint64_t)i < (uint64_t)tuple->length)) {
                Value owned = value_dup(t, tuple_item(tuple, i));
                DONE_B();
                SET_A(owned);
                NEXT();
            }
        }
    }
    COLD_PATH(GETITEMI);
OP_COLD(GETITEMI)
    SAVE();
    FINISH_B(object_getitem(t, RB, value_int(C_SIGNED)));
OP_END

OP_BEGIN(SETITEM)
    SAVE();
    if (value_is(RA, LIST) && value_is_int(RB)) QUICKEN(SETITEM_LIST);
    else if (value_is(RA, DICT)) QUICKEN(SETITEM_DICT);
    PLAIN_ERROR_IF(object_setitem(t, RA, RB, RC) < 0);
    DONE_C();
    DONE_B();
    DONE_A();
    NEXT();
OP_END
// An exact, private list (one compare says both): item `place` is replaced.
#define SET_LIST_ITEM(object, place) do { \
        if (LIKELY(operand_is_private(object, SHAPE_LIST))) { \
            List *list = value_list(object); \
            int64_t at = (place); \
            if (at < 0) at += list->length; \
            if (LIKELY((uint64_t)at < (uint64_t)list->length)) { \
                SAVE(); \
                Value *slot = &list->items->item[at], old = *slot; \
                slot_init(slot, TAKE_C()); \
                RELEASE(old); \
                DONE_A(); \
                NEXT(); \
            } \
        } \
    } while (0)
OP_COLD_DECLARE(SETITEM_LIST)
OP_BEGIN(SETITEM_LIST)
    Value o = RA, key = RB;
    if (LIKELY(value_is_int(key))) SET_LIST_ITEM(o, value_get_int(key));
    COLD_PATH(SETITEM_LIST);
OP_COLD(SETITEM_LIST)
    SAVE();
    if (!value_is(RA, LIST)) UNQUICKEN(SETITEM);
    PLAIN_ERROR_IF(object_setitem(t, RA, RB, RC) < 0);
    DONE_C();
    DONE_B();
    DONE_A();
    NEXT();
OP_END
OP_COLD_DECLARE(SETITEMI)
OP_BEGIN(SETITEMI)
    Value o = RA;
    SET_LIST_ITEM(o, B_SIGNED);
    COLD_PATH(SETITEMI);
OP_COLD(SETITEMI)
    SAVE();
    PLAIN_ERROR_IF(object_setitem(t, RA, value_int(B_SIGNED), RC) < 0);
    DONE_C();
    DONE_A();
    NEXT();
OP_END
OP_COLD_DECLARE(SETITEM_DICT)
OP_BEGIN(SETITEM_DICT)
    SAVE();
    if (LIKELY(operand_is(RA, DICT))) {
        // A private dict's own key: only the value changes.
        Value *slot;
        if (!object_is_shared(value_object(RA)) && dict_find_slot(value_dict(RA), RB, &slot) && slot && *slot) {
            Value old = *slot;
            slot_init(slot, TAKE_C());
            RELEASE(old);
            DONE_B();
            DONE_A();
            NEXT();
        }
        PLAIN_ERROR_IF(dict_set(t, value_dict(RA), RB, RC) < 0);
        DONE_C();
        DONE_B();
        DONE_A();
        NEXT();
    }
    COLD_PATH(SETITEM_DICT);
OP_COLD(SETITEM_DICT)
    UNQUICKEN(SETITEM);
    PLAIN_ERROR_IF(object_setitem(t, RA, RB, RC) < 0);
    DONE_C();
    DONE_B();
    DONE_A();
    NEXT();
OP_END
OP_BEGIN(DELITEM)
    SAVE();
    PLAIN_ERROR_IF(object_setitem(t, RA, RB, UNDEF) < 0);
    DONE_B();
    DONE_A();
    NEXT();
OP_END
