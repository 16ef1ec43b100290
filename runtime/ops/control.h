// Jumps and exceptions.
OP_BEGIN(JMP) JUMP(BC_SIGNED); OP_END
OP_BEGIN(JLOOP)
    POLL();
    JUMP(BC_SIGNED);
OP_END
OP_BEGIN(JLOOP_COLD)
    POLL();
    JUMP_COUNTED(BC_SIGNED);
OP_END
OP_BEGIN(J_NONE)
    bool none = value_bits(RA) == value_bits(NONE);
    DONE_A();
    if (none) JUMP(BC_SIGNED);
    NEXT();
OP_END
OP_BEGIN(J_NOT_NONE)
    bool none = value_bits(RA) == value_bits(NONE);
    DONE_A();
    if (!none) JUMP(BC_SIGNED);
    NEXT();
OP_END
OP_BEGIN(J_UNDEF)
    if (!RA) JUMP(BC_SIGNED);
    NEXT();
OP_END

OP_BEGIN(TRACED)
    SAVE();
    PLAIN_ERROR_IF(trace_instruction(t, fp, pc) < 0);
    ins = (ins & ~(uint64_t)0xffff) | code_op(frame_data(fp), pc);
    TAIL op_handlers[(uint16_t)ins](OP_ARGUMENTS);
OP_END
OP_BEGIN(RAISE)
    SAVE();
    slow_raise(t, &RA, B_NUMBER);
    ERROR();
OP_END
OP_BEGIN(RERAISE)
    SAVE();
    t->reraising = true; // the traceback has this frame already
    error_restore(t, TAKE_A());
    ERROR();
OP_END
OP_BEGIN(EXC_ENTER)
    Value before = t->exc_state->handled;
    t->exc_state->handled = value_dup(t, RB);
    // Saved even when there was none: UNDEF cannot be told from an empty register, so None stands for it.
    SET_A(before ? before : NONE);
    NEXT();
OP_END
OP_BEGIN(EXC_LEAVE)
    SAVE();
    Value before = t->exc_state->handled;
    t->exc_state->handled = TAKE_A();
    RELEASE(before);
    NEXT();
OP_END
OP_BEGIN(EXC_MATCH)
    SAVE();
    int match = slow_exception_match(t, RB, RC);
    PLAIN_ERROR_IF(match < 0);
    DONE_C();
    SET_A(value_bool(match));
    NEXT();
OP_END
OP_BEGIN(EXC_GROUP_MATCH)
    SAVE();
    PLAIN_ERROR_IF(slow_exception_group_match(t, &RA, &RB, RC) < 0);
    DONE_C();
    NEXT();
OP_END
OP_BEGIN(EXC_TRIPLE)
    slow_exception_triple(t, &RA, RB);
    NEXT();
OP_END
OP_BEGIN(SET_TRACEBACK_LINE) NEXT(); OP_END
