// Moving values, local variables, cells, names.
OP_BEGIN(NOP) NEXT(); OP_END
OP_BEGIN(LINE) NEXT(); OP_END
OP_BEGIN(WIDE)
    pc++;
    ins = ins_fetch(pc);
    TAIL op_wide_handlers[(uint16_t)ins](OP_ARGUMENTS);
OP_END
OP_BEGIN(MOVE)
    SET_A(TAKE_B());
    NEXT();
OP_END
OP_BEGIN(SWAP)
    Value x = RA;
    RA = RB;
    RB = x;
    NEXT();
OP_END
OP_BEGIN(LOADK)
    SET_A(value_dup(t, CONSTANT(BC_NUMBER)));
    NEXT();
OP_END
OP_BEGIN(LOADI)
    SET_A(BC_INT);
    NEXT();
OP_END
OP_BEGIN(LOADC)
    SET_A(B_WORD);
    NEXT();
OP_END
OP_BEGIN(LOAD_COMMON)
    SET_A(value_dup(t, slow_common_object(t, B_NUMBER)));
    NEXT();
OP_END
OP_BEGIN(DROP)
    SAVE();
    Value v = RA;
    RA = UNDEF;
    RELEASE(v);
    NEXT();
OP_END
OP_BEGIN(CHECK_BOUND)
    if (LIKELY(RA)) NEXT();
    SAVE();
    slow_unbound_local(t, CONSTANT(B_NUMBER));
    ERROR();
OP_END
OP_BEGIN(DELETE_LOCAL)
    SAVE();
    Value v = RA;
    if (UNLIKELY(!v)) {
        slow_unbound_local(t, CONSTANT(B_NUMBER));
        ERROR();
    }
    RA = UNDEF;
    RELEASE(v);
    NEXT();
OP_END
OP_BEGIN(MAKE_CELL)
    SAVE();
    Value cell = cell_new(t, RA);
    if (UNLIKELY(!cell)) {
        RA = UNDEF;
        ERROR();
    }
    RA = cell;
    NEXT();
OP_END
OP_BEGIN(LOAD_CELL)
    Value v = slot_get(t, &value_cell(RB)->value);
    if (UNLIKELY(!v)) {
        SAVE();
        slow_unbound_local(t, CONSTANT(C_NUMBER));
        ERROR();
    }
    SET_A(v);
    NEXT();
OP_END
OP_BEGIN(STORE_CELL)
    SAVE();
    Cell *cell = value_cell(RA);
    slot_store(t, cell, &cell->value, TAKE_B());
    NEXT();
OP_END
OP_BEGIN(DELETE_CELL)
    SAVE();
    Cell *cell = value_cell(RA);
    if (UNLIKELY(!slot_borrow(&cell->value))) {
        slow_unbound_local(t, CONSTANT(B_NUMBER));
        ERROR();
    }
    slot_store(t, cell, &cell->value, UNDEF);
    NEXT();
OP_END
OP_BEGIN(LOAD_FREE)
    Cell *cell = value_cell(tuple_item(value_tuple(frame_function(fp)->closure), B_NUMBER));
    Value v = slot_get(t, &cell->value);
    if (UNLIKELY(!v)) {
        SAVE();
        slow_unbound_free(t, CONSTANT(C_NUMBER));
        ERROR();
    }
    SET_A(v);
    NEXT();
OP_END
OP_BEGIN(STORE_FREE)
    SAVE();
    Cell *cell = value_cell(tuple_item(value_tuple(frame_function(fp)->closure), A_NUMBER));
    slot_store(t, cell, &cell->value, TAKE_B());
    NEXT();
OP_END
OP_BEGIN(DELETE_FREE)
    SAVE();
    Cell *cell = value_cell(tuple_item(value_tuple(frame_function(fp)->closure), A_NUMBER));
    if (UNLIKELY(!slot_borrow(&cell->value))) {
        slow_unbound_free(t, CONSTANT(B_NUMBER));
        ERROR();
    }
    slot_store(t, cell, &cell->value, UNDEF);
    NEXT();
OP_END
OP_BEGIN(LOAD_FREECELL)
    SET_A(value_dup(t, tuple_item(value_tuple(frame_function(fp)->closure), B_NUMBER)));
    NEXT();
OP_END

// Globals. The cell of LOAD_GLOBAL_MODULE: slow_dict_place's word. That of LOAD_GLOBAL_BUILTIN: the address of a GlobalCache (ops_slow.h). Either misses on the other's word.
OP_COLD_DECLARE(LOAD_GLOBAL)
OP_BEGIN(LOAD_GLOBAL)
    COLD_PATH(LOAD_GLOBAL);
OP_COLD(LOAD_GLOBAL)
    SAVE();
    FINISH_NEW(slow_load_global(t, pc, (uint16_t)ins, frame_function(fp), CONSTANT(B_NUMBER), &CELL));
OP_END
OP_COLD_DECLARE(LOAD_GLOBAL_MODULE)
OP_BEGIN(LOAD_GLOBAL_MODULE)
    ValueRef v = dict_at_place(frame_function(fp)->globals, atomic_load_relaxed_u64(&CELL));
    if (LIKELY(v)) {
        SET_A(value_dup(t, v));
        NEXT();
    }
    COLD_PATH(LOAD_GLOBAL_MODULE);
OP_COLD(LOAD_GLOBAL_MODULE)
    SAVE();
    FINISH_NEW(slow_load_global(t, pc, (uint16_t)ins, frame_function(fp), CONSTANT(B_NUMBER), &CELL));
OP_END
OP_COLD_DECLARE(LOAD_GLOBAL_BUILTIN)
OP_BEGIN(LOAD_GLOBAL_BUILTIN)
    GlobalCache *cache = (GlobalCache *)atomic_load_acquire_u64(&CELL);
    Function *f = frame_function(fp);
    DictTable *globals = storage_load(value_dict(f->globals)->table), *builtins = NULL;
    if (LIKELY(value_is(f->builtins, DICT))) builtins = storage_load(value_dict(f->builtins)->table); // globals may name any mapping
    // The globals must still have no more keys than when the name was looked for there.
    if (LIKELY((int64_t)cache > 0 && globals && builtins && atomic_load_relaxed_u32(&globals->id) == cache->globals_id &&
               atomic_load_acquire_u32(&globals->used) == cache->globals_used && atomic_load_relaxed_u32(&builtins->id) == cache->builtins_id)) {
        ValueRef v = slot_borrow((Value *)((char *)builtins + cache->offset));
        if (LIKELY(v)) {
            SET_A(value_dup(t, v));
            NEXT();
        }
    }
    COLD_PATH(LOAD_GLOBAL_BUILTIN);
OP_COLD(LOAD_GLOBAL_BUILTIN)
    SAVE();
    FINISH_NEW(slow_load_global(t, pc, (uint16_t)ins, frame_function(fp), CONSTANT(B_NUMBER), &CELL));
OP_END
OP_BEGIN(STORE_GLOBAL)
    SAVE();
    PLAIN_ERROR_IF(dict_set(t, value_dict(frame_function(fp)->globals), CONSTANT(A_NUMBER), RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(DELETE_GLOBAL)
    SAVE();
    PLAIN_ERROR_IF(slow_delete_global(t, frame_function(fp), CONSTANT(A_NUMBER)) < 0);
    NEXT();
OP_END
OP_BEGIN(LOAD_NAME)
    SAVE();
    FINISH_NEW(slow_load_name(t, frame_function(fp), fp[0], CONSTANT(B_NUMBER)));
OP_END
OP_BEGIN(STORE_NAME)
    SAVE();
    PLAIN_ERROR_IF(slow_store_name(t, fp[0], CONSTANT(A_NUMBER), RB) < 0);
    DONE_B();
    NEXT();
OP_END
OP_BEGIN(DELETE_NAME)
    SAVE();
    PLAIN_ERROR_IF(slow_delete_name(t, fp[0], CONSTANT(A_NUMBER)) < 0);
    NEXT();
OP_END
OP_BEGIN(LOAD_DICT_OR_GLOBAL)
    SAVE();
    FINISH_B(slow_load_dict_or_global(t, frame_function(fp), RB, CONSTANT(C_NUMBER)));
OP_END
OP_BEGIN(LOAD_DICT_OR_FREE)
    SAVE();
    FINISH_B(slow_load_dict_or_free(t, frame_function(fp), RB, C_NUMBER));
OP_END
OP_BEGIN(LOAD_DICT_OR_CELL)
    SAVE();
    FINISH_B(slow_load_dict_or_cell(t, frame_data(fp), RB, C_INDEX, RC));
OP_END
OP_BEGIN(LOAD_LOCALS)
    SAVE();
    FINISH_NEW(slow_load_locals(t, fp));
OP_END
OP_BEGIN(LOAD_BUILD_CLASS)
    SAVE();
    FINISH_NEW(slow_load_builtin(t, frame_function(fp), NAME(__build_class__)));
OP_END
