// Generators, coroutines, async generators.
OP_BEGIN(RETURN_GENERATOR)
    SAVE();
    Value generator = generator_from_frame(t, fp, pc + 1);
    PLAIN_ERROR_IF(!generator);
    // The frame was moved out: what is left of it is the return address.
    OpHandler *native = NATIVE_OF_FRAME(fp);
    pc = frame_return(fp);
    fp = frame_caller(fp);
    t->fp = fp;
    t->depth--;
    SET_RETURNED(generator);
    DISPATCH_RETURN(native);
OP_END
OP_BEGIN(YIELD)
    SAVE();
    Value v = TAKE_B();
    if (LIKELY(generator_was_entered(fp))) {
        Generator *g = generator_of_fp(fp);
        const Ins *at = pc;
        OpHandler *native = NATIVE_OF_FRAME(fp);
        pc = frame_return(fp);
        fp = frame_caller(fp);
        t->fp = fp;
        t->pc = pc - 1;
        generator_left(t, g, at, true);
        SET_RETURNED(v);
        DISPATCH_RETURN(native);
    }
    // The caller is the entry frame of generator_resume (objects/generator.c).
    t->return_value = v;
    t->run_result = RUN_YIELDED;
    LEAVE_INTERPRETER();
OP_END
OP_BEGIN(SEND)
    SAVE();
    Value sent = RA, iterator = RB;
    RA = UNDEF;
    if (!CALL_NESTED && (value_is(iterator, COROUTINE) || value_is(iterator, GENERATOR)) && generator_enter(t, value_generator(iterator), pc, fp, sent)) {
        t->fp[FRAME_NATIVE] = NATIVE_RETURN;
        RESUME();
    }
    Value result;
    switch (generator_send_any(t, RB, sent, &result)) {
    case RUN_YIELDED:
        RA = result;
        NEXT();
    case RUN_RETURNED:
        RA = result;
        JUMP(C_SIGNED);
    default:
        ERROR();
    }
OP_END
OP_BEGIN(GET_AWAITABLE)
    SAVE();
    FINISH_B(slow_get_awaitable(t, RB, C_NUMBER));
OP_END
OP_BEGIN(GET_AITER)
    SAVE();
    FINISH_B(slow_get_aiter(t, RB));
OP_END
OP_BEGIN(GET_ANEXT)
    SAVE();
    FINISH_NEW(slow_get_anext(t, RB));
OP_END
OP_BEGIN(END_ASYNC_FOR)
    SAVE();
    Value exception = RA;
    RA = UNDEF;
    if (value_is_instance(exception, EXCEPTION(STOP_ASYNC_ITERATION))) {
        RELEASE(exception);
        JUMP(BC_SIGNED);
    }
    t->reraising = true;
    error_restore(t, exception);
    ERROR();
OP_END
OP_BEGIN(ASYNC_GEN_WRAP)
    SAVE();
    FINISH_B(async_generator_wrap(t, RB));
OP_END
