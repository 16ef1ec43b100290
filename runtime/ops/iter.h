// Iteration.
OP_BEGIN(GET_ITER)
    SAVE();
    FINISH_B(object_iter(t, RB));
OP_END
OP_BEGIN(GET_YIELD_FROM_ITER)
    SAVE();
    FINISH_B(slow_yield_from_iter(t, frame_data(fp), RB));
OP_END
// The next item of any iterator, or the jump at its end.
#define FOR_ITER_ANY() do { \
        SAVE(); \
        Value item = slow_next(t, RB); \
        if (LIKELY(item)) { \
            SET_A(item); \
            NEXT(); \
        } \
        PLAIN_ERROR_IF(error_pending(t) && slow_for_iter_error(t) < 0); \
        JUMP(C_SIGNED); \
    } while (0)

OP_COLD_DECLARE(FOR_ITER)
OP_BEGIN(FOR_ITER)
    COLD_PATH(FOR_ITER);
OP_COLD(FOR_ITER)
    SAVE();
    Value iterator = RB;
    atomic_store_relaxed_u64(&CELL, value_is_pointer(iterator) ? object_shape(value_object(iterator)) : 0);
    if (value_is(iterator, RANGE_ITERATOR)) QUICKEN(FOR_ITER_RANGE);
    else if (value_is(iterator, LIST_ITERATOR) && unpacks_pair(ins, ins_fetch(pc + 1))) QUICKEN(FOR_ITER_LIST_PAIR);
    else if (value_is(iterator, LIST_ITERATOR)) QUICKEN(FOR_ITER_LIST);
    else if (value_is(iterator, GENERATOR)) QUICKEN(FOR_ITER_GENERATOR);
    else if (slow_gives_pairs(iterator) && unpacks_pair(ins, ins_fetch(pc + 1))) QUICKEN(FOR_ITER_PAIR);
    else if (value_is(iterator, TUPLE_ITERATOR)) QUICKEN(FOR_ITER_TUPLE);
    else QUICKEN(FOR_ITER_NEXT);
    FOR_ITER_ANY();
OP_END
// The cell holds the number of the iterator's shape, without SHARED.
OP_COLD_DECLARE(FOR_ITER_NEXT)
OP_BEGIN(FOR_ITER_NEXT)
    Value iterator = RB;
    if (LIKELY(value_is_pointer(iterator) && object_shape(value_object(iterator)) == atomic_load_relaxed_u64(&CELL))) {
        SAVE();
        Value item = slow_next(t, iterator);
        if (LIKELY(item)) {
            SET_A(item);
            NEXT();
        }
        if (LIKELY(!error_pending(t))) JUMP(C_SIGNED);
        PLAIN_ERROR_IF(slow_for_iter_error(t) < 0);
        JUMP(C_SIGNED);
    }
    COLD_PATH(FOR_ITER_NEXT);
OP_COLD(FOR_ITER_NEXT)
    UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
// Private iterators are this thread's own: plain access.
OP_COLD_DECLARE(FOR_ITER_RANGE)
OP_BEGIN(FOR_ITER_RANGE)
    Value iterator = RB;
    if (LIKELY(operand_is_private(iterator, SHAPE_RANGE_ITERATOR))) {
        RangeIterator *r = (RangeIterator *)value_object(iterator);
        if (LIKELY(r->remaining > 0)) {
            int64_t n = r->next;
            r->next = n + r->step;
            r->remaining--;
            SET_A(value_int(n));
            NEXT();
        }
        JUMP(C_SIGNED);
    }
    COLD_PATH(FOR_ITER_RANGE);
OP_COLD(FOR_ITER_RANGE)
    if (!value_is(RB, RANGE_ITERATOR)) UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
OP_COLD_DECLARE(FOR_ITER_TUPLE)
OP_BEGIN(FOR_ITER_TUPLE)
    Value iterator = RB;
    if (LIKELY(operand_is_private(iterator, SHAPE_TUPLE_ITERATOR))) {
        IndexIterator *it = value_index_iterator(iterator);
        if (LIKELY(value_is_pointer(it->sequence))) {
            int64_t i = it->index;
            if (LIKELY(i < value_tuple(it->sequence)->length)) {
                it->index = i + 1;
                SET_A(value_dup(t, tuple_item(value_tuple(it->sequence), i)));
                NEXT();
            }
        }
    }
    COLD_PATH(FOR_ITER_TUPLE);
OP_COLD(FOR_ITER_TUPLE)
    if (!value_is(RB, TUPLE_ITERATOR)) QUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
OP_COLD_DECLARE(FOR_ITER_LIST)
OP_BEGIN(FOR_ITER_LIST)
    Value iterator = RB;
    if (LIKELY(operand_is_private(iterator, SHAPE_LIST_ITERATOR))) {
        IndexIterator *it = value_index_iterator(iterator);
        if (LIKELY(value_is_pointer(it->sequence))) {
            List *list = value_list(it->sequence);
            int64_t i = it->index;
            ListItems *items = storage_load(list->items);
            if (LIKELY(i < list_length(list) && i < items->capacity)) {
                ValueRef v = slot_borrow(&items->item[i]);
                if (LIKELY(v)) {
                    it->index = i + 1;
                    SET_A(value_dup(t, v));
                    NEXT();
                }
            }
        }
    }
    COLD_PATH(FOR_ITER_LIST);
OP_COLD(FOR_ITER_LIST)
    if (!value_is(RB, LIST_ITERATOR)) UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
// Over a list of tuples: the tuple is only looked into.
OP_COLD_DECLARE(FOR_ITER_LIST_PAIR)
OP_BEGIN(FOR_ITER_LIST_PAIR)
    Value iterator = RB;
    if (LIKELY(operand_is_private(iterator, SHAPE_LIST_ITERATOR))) {
        IndexIterator *it = value_index_iterator(iterator);
        if (LIKELY(value_is_pointer(it->sequence))) {
            List *list = value_list(it->sequence);
            int64_t i = it->index;
            ListItems *items = storage_load(list->items);
            if (LIKELY(i < list_length(list) && i < items->capacity)) {
                ValueRef v = slot_borrow(&items->item[i]);
                if (LIKELY(value_is(v, TUPLE) && value_tuple(v)->length == 2)) {
                    it->index = i + 1;
                    SAVE();
                    PUT_PAIR(value_dup(t, value_tuple(v)->items[0]), value_dup(t, value_tuple(v)->items[1]), (ins_fetch(pc + 1) >> 16) & OPERAND_INDEX, pc + 2);
                }
            }
        }
    }
    COLD_PATH(FOR_ITER_LIST_PAIR);
OP_COLD(FOR_ITER_LIST_PAIR)
    if (!value_is(RB, LIST_ITERATOR)) UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
// Over enumerate(), zip(), dict.items(): what the next instruction would unpack goes to its targets at once, without a tuple.
OP_COLD_DECLARE(FOR_ITER_PAIR)
OP_BEGIN(FOR_ITER_PAIR)
    SAVE();
    uint64_t unpack = ins_fetch(pc + 1);
    uint32_t two = (unpack >> 16) & OPERAND_INDEX;
    int got = slow_next_pair(t, RB, &fp[two]);
    if (LIKELY(got > 0)) PUT_PAIR(fp[two], fp[two + 1], two, pc + 2);
    if (LIKELY(got == 0 && !error_pending(t))) JUMP(C_SIGNED);
    COLD_PATH(FOR_ITER_PAIR);
OP_COLD(FOR_ITER_PAIR)
    if (error_pending(t)) {
        PLAIN_ERROR_IF(slow_for_iter_error(t) < 0);
        JUMP(C_SIGNED);
    }
    UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
OP_COLD_DECLARE(FOR_ITER_GENERATOR)
OP_BEGIN(FOR_ITER_GENERATOR)
    if (LIKELY(!CALL_NESTED && value_is(RB, GENERATOR))) {
        SAVE();
        if (LIKELY(generator_enter(t, value_generator(RB), pc, fp, NONE))) RESUME();
    }
    COLD_PATH(FOR_ITER_GENERATOR);
OP_COLD(FOR_ITER_GENERATOR)
    if (!value_is(RB, GENERATOR)) UNQUICKEN(FOR_ITER);
    FOR_ITER_ANY();
OP_END
