// Building containers, strings and slices; unpacking; pattern matching.
// The consumed registers of an F operand are emptied by the slow functions, on failure too.
OP_BEGIN(BUILD_TUPLE)
    SAVE();
    FINISH_NEW(slow_build_tuple(t, &RB, C_NUMBER));
OP_END
OP_BEGIN(BUILD_LIST)
    SAVE();
    FINISH_NEW(slow_build_list(t, &RB, C_NUMBER));
OP_END
OP_BEGIN(BUILD_SET)
    SAVE();
    FINISH_NEW(slow_build_set(t, &RB, C_NUMBER));
OP_END
OP_BEGIN(BUILD_DICT)
    SAVE();
    FINISH_NEW(slow_build_dict(t, &RB, C_NUMBER));
OP_END
OP_BEGIN(BUILD_STRING)
    SAVE();
    FINISH_NEW(slow_build_string(t, &RB, C_NUMBER));
OP_END
// Together with the GETITEM or SETITEM that follows, where that uses the slice up.
OP_BEGIN(BUILD_SLICE)
#ifndef WIDE_OPERANDS
    uint64_t next = ins_fetch(pc + 1), dest = (ins >> 16) & OPERAND_INDEX;
    if ((uint16_t)next == OP_GETITEM && next >> 48 == (dest | LAST) && slow_slices_in_place(fp[(next >> 32) & OPERAND_INDEX], false)) {
        Value *bounds = &RB;
        uint32_t n = C_NUMBER;
        ins = next;
        pc++;
        SAVE();
        FINISH_B(slow_get_slice(t, RB, bounds, n));
    }
    if ((uint16_t)next == OP_SETITEM && ((next >> 32) & 0xffff) == (dest | LAST) && slow_slices_in_place(fp[(next >> 16) & OPERAND_INDEX], true)) {
        Value *bounds = &RB;
        uint32_t n = C_NUMBER;
        ins = next;
        pc++;
        SAVE();
        PLAIN_ERROR_IF(slow_set_slice(t, RA, bounds, n, RC) < 0);
        DONE_C();
        DONE_A();
        NEXT();
    }
#endif
    SAVE();
    FINISH_NEW(slow_build_slice(t, &RB, C_NUMBER));
OP_END
OP_BEGIN(BUILD_INTERPOLATION)
    SAVE();
    FINISH_NEW(slow_build_interpolation(t, &RB));
OP_END
OP_BEGIN(BUILD_TEMPLATE)
    SAVE();
    FINISH_NEW(slow_build_template(t, &RB));
OP_END
OP_COLD_DECLARE(LIST_APPEND)
OP_BEGIN(LIST_APPEND)
    List *list = value_list(RA);
    if (LIKELY(object_shape_word((Object *)list) == SHAPE_LIST && list->items && list->length < list->items->capacity)) {
        slot_init(&list->items->item[list->length], TAKE_B());
        __atomic_store_n(&list->length, list->length + 1, __ATOMIC_RELAXED);
        NEXT();
    }
    COLD_PATH(LIST_APPEND);
OP_COLD(LIST_APPEND)
    SAVE();
    PLAIN_ERROR_IF(list_append(t, value_list(RA), TAKE_B()) < 0);
    NEXT();
OP_END
OP_BEGIN(LIST_EXTEND)
    SAVE();
    PLAIN_ERROR_IF(slow_list_extend(t, RA, RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(SPREAD)
    SAVE();
    FINISH_B(value_is(RB, TUPLE) ? value_dup(t, RB) : slow_spread(t, RB, RC));
OP_END
OP_BEGIN(LIST_TO_TUPLE)
    SAVE();
    FINISH_B(list_snapshot(t, value_list(RB)));
OP_END
OP_BEGIN(SET_ADD)
    SAVE();
    PLAIN_ERROR_IF(slow_set_add(t, RA, RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(SET_UPDATE)
    SAVE();
    PLAIN_ERROR_IF(slow_set_update(t, RA, RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(DICT_SET)
    SAVE();
    PLAIN_ERROR_IF(dict_set(t, value_dict(RA), RB, RC) < 0);
    DONE_B();
    DONE_C();
    NEXT();
OP_END
OP_BEGIN(DICT_UPDATE)
    SAVE();
    PLAIN_ERROR_IF(slow_dict_update(t, RA, RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(DICT_MERGE)
    SAVE();
    PLAIN_ERROR_IF(slow_dict_merge(t, RA, RB, RC) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(FORMAT_VALUE)
    SAVE();
    FINISH_B(value_is(RB, STR) ? value_dup(t, RB) : object_format(t, RB, UNDEF));
OP_END
OP_BEGIN(FORMAT_SPEC)
    SAVE();
    FINISH_BC(object_format(t, RB, RC));
OP_END
OP_BEGIN(CONVERT_VALUE)
    SAVE();
    FINISH_B(C_NUMBER == 1 ? object_str(t, RB) : C_NUMBER == 2 ? object_repr(t, RB) : object_ascii(t, RB));
OP_END
OP_COLD_DECLARE(UNPACK)
OP_BEGIN(UNPACK)
    Value source = RB;
    uint32_t n = C_NUMBER;
    // Targets may stand where the source stands.
    if (LIKELY(value_is(source, TUPLE) && value_tuple(source)->length == n && B_INDEX - A_INDEX >= n)) {
        Value *items = value_tuple(source)->items, *targets = &RA;
#ifndef WIDE_OPERANDS
        if (n == 2) {
            Value first = items[0], second = items[1];
            SAVE();
            if (B_FLAG && !object_is_shared(value_object(source)) && ref_is_unique_local(&t->core, &value_object(source)->head)) { // as below
                RB = UNDEF;
                slot_init(&items[0], UNDEF);
                slot_init(&items[1], UNDEF);
                value_release(t, source);
            } else {
                value_dup(t, first);
                value_dup(t, second);
                DONE_B();
            }
            PUT_PAIR(first, second, A_INDEX, pc + 1);
        }
#endif
        if (B_FLAG && !object_is_shared(value_object(source)) && ref_is_unique_local(&t->core, &value_object(source)->head)) { // it dies here, and gives its items away
            SAVE();
            RB = UNDEF;
            for (uint32_t i = 0; i < n; i++) {
                targets[i] = items[i];
                slot_init(&items[i], UNDEF);
            }
            value_release(t, source);
            NEXT();
        }
        for (uint32_t i = 0; i < n; i++) targets[i] = value_dup(t, items[i]);
        DONE_B();
        NEXT();
    }
    COLD_PATH(UNPACK);
OP_COLD(UNPACK)
    SAVE();
    PLAIN_ERROR_IF(slow_unpack(t, &RA, &RB, C_NUMBER) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(UNPACK_EX)
    SAVE();
    PLAIN_ERROR_IF(slow_unpack_ex(t, &RA, RB, C_NUMBER & 255, C_NUMBER >> 8) < 0);
    DONE_B();
    NEXT();
OP_END

OP_BEGIN(GET_LEN)
    SAVE();
    int64_t n = object_len(t, RB);
    PLAIN_ERROR_IF(n < 0);
    SET_A(value_int(n));
    NEXT();
OP_END
OP_BEGIN(MATCH_MAPPING)
    SET_A(value_bool(value_has_flag(RB, TYPE_MAPPING)));
    NEXT();
OP_END
OP_BEGIN(MATCH_SEQUENCE)
    SET_A(value_bool(value_has_flag(RB, TYPE_SEQUENCE)));
    NEXT();
OP_END
OP_BEGIN(MATCH_KEYS)
    SAVE();
    Value v = slow_match_keys(t, RB, RC);
    PLAIN_ERROR_IF(!v);
    DONE_C();
    SET_A(v);
    NEXT();
OP_END
OP_BEGIN(MATCH_CLASS)
    SAVE();
    FINISH_NEW(slow_match_class(t, &RB, C_NUMBER));
OP_END
