// Calls, functions, imports.

static inline Value *call_window(Value *window, uint64_t bare) {
    if (bare) window[CALL_SELF] = UNDEF;
    return window;
}

// A call window's slow side returns what to do next: the callee's frame stands at t->fp, or the result is there.
#define CALL_SLOW(function_call_) do { \
        SAVE(); \
        Value result = UNDEF; \
        switch (function_call_) { \
        case CALL_ENTERED: RESUME(); \
        case CALL_DONE: SET_A(result); NEXT(); \
        default: ERROR(); \
        } \
    } while (0)

OP_COLD_DECLARE(CALL)
OP_BEGIN(CALL)
    COLD_PATH(CALL);
OP_COLD(CALL)
    POLL();
    CALL_SLOW(slow_call(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result));
OP_END

// The cell holds the code's data, with bit 0 telling whether self stands in the window: the arguments then fit exactly.
OP_COLD_DECLARE(CALL_FUNCTION)
OP_BEGIN(CALL_FUNCTION)
    Value *window = &RB;
    Value callable = window[0];
    uint64_t cell = atomic_load_relaxed_u64(&CELL);
    CodeData *data = (CodeData *)(cell & ~(uint64_t)1);
    if (LIKELY(value_is(callable, FUNCTION) && __atomic_load_n(&value_function(callable)->data, __ATOMIC_RELAXED) == data &&
               (!B_FLAG && value_bits(window[CALL_SELF]) != 0) == (cell & 1) && !poll_pending(&t->core))) {
        Value *regs = window + CALL_ARGS - (cell & 1);
        if (LIKELY(regs + data->nregs <= t->stack_limit && t->depth < t->depth_limit)) {
            if (!(cell & 1)) window[0] = UNDEF;
            regs[FRAME_FUNCTION] = callable;
            regs[FRAME_DATA] = mark_of(data);
            regs[FRAME_CALLER] = mark_of(fp);
            regs[FRAME_RETURN] = mark_of(pc + 1);
            regs[FRAME_NATIVE] = mark_of(NULL);
            regs[FRAME_OBJECT] = UNDEF;
            frame_open(regs, data, data->argcount);
            t->depth++;
            ENTER(data->instructions, regs);
        }
    }
    COLD_PATH(CALL_FUNCTION);
OP_COLD(CALL_FUNCTION)
    POLL();
    CALL_SLOW(slow_call(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result));
OP_END

// After a native call: the window's registers give up what they hold.
#define DROP_WINDOW(n) do { \
        for (uint32_t i_ = CALL_SELF; i_ < CALL_ARGS + (n); i_++) { \
            Value given_ = window[i_]; \
            if (value_is_pointer(given_)) { \
                window[i_] = UNDEF; \
                RELEASE(given_); \
            } \
        } \
        Value callable_ = window[0]; \
        window[0] = UNDEF; \
        RELEASE(callable_); \
    } while (0)

OP_COLD_DECLARE(CALL_CLASS)
OP_BEGIN(CALL_CLASS)
    if (LIKELY(!poll_pending(&t->core))) {
        SAVE();
        Value *regs = slow_class_frames(t, pc, fp, call_window(&RB, B_FLAG), C_NUMBER);
        if (LIKELY(regs != NULL)) ENTER(frame_data(regs)->instructions, regs);
    }
    COLD_PATH(CALL_CLASS);
OP_COLD(CALL_CLASS)
    POLL();
    CALL_SLOW(slow_call(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result));
OP_END

// Natives that take just so many arguments, by position, are called as they are; what needs binding goes the slow way.
#define CALL_DIRECT(name, call) do { \
        SAVE(); \
        Value v = call; \
        CHECK((v != UNDEF) != error_pending(t), "a call of %s returned %p with %s", name, (void *)value_bits(v), error_pending(t) ? "an exception" : "no exception"); \
        DROP_WINDOW(n); \
        PLAIN_ERROR_IF(!v); \
        SET_A(v); \
        NEXT(); \
    } while (0)
#define CALL_NATIVE_SLOWLY(NAME) \
    OP_COLD(NAME) \
        POLL(); \
        CALL_SLOW(slow_call_native(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result)); \
    OP_END

OP_COLD_DECLARE(CALL_NATIVE)
OP_BEGIN(CALL_NATIVE)
    Value *window = call_window(&RB, B_FLAG);
    uint32_t n = C_NUMBER;
    if (LIKELY(value_is(window[0], NATIVE_FUNCTION) && !window[CALL_SELF] && !poll_pending(&t->core))) {
        NativeFunction *f = (NativeFunction *)value_object(window[0]);
        if (LIKELY(native_is_direct(&f->c, n))) CALL_DIRECT(f->def->name, f->def->function(t, f->self, value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE);
CALL_NATIVE_SLOWLY(CALL_NATIVE)

// The window's self is an instance of the type that has the method.
OP_COLD_DECLARE(CALL_NATIVE_METHOD)
OP_BEGIN(CALL_NATIVE_METHOD)
    Value *window = &RB;
    uint32_t n = C_NUMBER;
    ValueRef self = window[CALL_SELF];
    if (LIKELY(value_is(window[0], NATIVE_METHOD_DESCRIPTOR) && !B_FLAG && self && !poll_pending(&t->core))) {
        NativeDescriptor *d = (NativeDescriptor *)value_object(window[0]);
        if (LIKELY(native_is_direct(&d->c, n) && (value_has_shape(self, d->owner->shape) || value_is_instance(self, d->owner))))
            CALL_DIRECT(d->def->name, d->def->function(t, self, value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE_METHOD);
CALL_NATIVE_SLOWLY(CALL_NATIVE_METHOD)

// A class that needs no Python to make an instance, but for what __new__ may run.
OP_COLD_DECLARE(CALL_NATIVE_CLASS)
OP_BEGIN(CALL_NATIVE_CLASS)
    Value *window = call_window(&RB, B_FLAG);
    uint32_t n = C_NUMBER;
    if (LIKELY(value_is(window[0], TYPE) && !window[CALL_SELF] && !poll_pending(&t->core))) {
        Type *type = (Type *)value_object(window[0]);
        if (LIKELY(slow_class_is_native(type))) CALL_DIRECT(type->spec->name, type_call(t, window[0], value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE_CLASS);
CALL_NATIVE_SLOWLY(CALL_NATIVE_CLASS)
OP_BEGIN(CALL_KW)
    POLL();
    CALL_SLOW(slow_call_kw(t, pc, fp, call_window(&RB, B_FLAG), C_NUMBER, CALL_NESTED, &result));
OP_END
OP_BEGIN(CALL_EX)
    POLL();
    CALL_SLOW(slow_call_ex(t, &RB, &result));
OP_END

OP_COLD_DECLARE(RETURN)
OP_BEGIN(RETURN)
    SAVE();
    Value v = TAKE_A();
    if (UNLIKELY(fp[FRAME_OBJECT])) {
        t->return_value = v;
        COLD_PATH(RETURN);
    }
    CodeData *data = frame_data(fp);
    for (uint32_t i = 0, n = data->nlocals; i < n; i++) {
        Value local = fp[i];
        if (value_is_pointer(local)) {
            fp[i] = UNDEF;
            RELEASE(local);
        }
    }
    Value function = fp[FRAME_FUNCTION];
    fp[FRAME_FUNCTION] = UNDEF;
    pc = frame_return(fp);
    fp = frame_caller(fp);
    t->fp = fp;
    t->pc = pc - 1;
    t->depth--;
    RELEASE(function);
    ins = ins_fetch(pc - 1);
    SET_RETURNED(v);
    DISPATCH();
OP_COLD(RETURN)
    // The frame has an object, or belongs to a generator.
    if (slow_return(t, pc, fp)) LEAVE_INTERPRETER();
    RESUME();
OP_END
OP_BEGIN(RETURNC)
    SAVE();
    if (UNLIKELY(fp[FRAME_OBJECT])) {
        t->return_value = value_from_bits(A_NUMBER);
        if (slow_return(t, pc, fp)) LEAVE_INTERPRETER();
        RESUME();
    }
    Value v = value_from_bits(A_NUMBER);
    CodeData *data = frame_data(fp);
    for (uint32_t i = 0, n = data->nlocals; i < n; i++) {
        Value local = fp[i];
        if (value_is_pointer(local)) {
            fp[i] = UNDEF;
            RELEASE(local);
        }
    }
    Value function = fp[FRAME_FUNCTION];
    fp[FRAME_FUNCTION] = UNDEF;
    pc = frame_return(fp);
    fp = frame_caller(fp);
    t->fp = fp;
    t->pc = pc - 1;
    t->depth--;
    RELEASE(function);
    ins = ins_fetch(pc - 1);
    SET_RETURNED(v);
    DISPATCH();
OP_END
OP_BEGIN(EXIT)
    t->return_value = fp[0];
    fp[0] = UNDEF;
    t->run_result = RUN_RETURNED;
    LEAVE_INTERPRETER();
OP_END
OP_BEGIN(ENTER_INIT)
    // Registers: 0 the new instance, 1 what __init__ returned.
    SAVE();
    Value self = fp[0], returned = fp[1];
    fp[0] = fp[1] = UNDEF;
    if (UNLIKELY(value_bits(returned) != value_bits(NONE))) {
        slow_init_returned(t, returned);
        value_release(t, returned);
        value_release(t, self);
        ERROR();
    }
    pc = frame_return(fp);
    fp = frame_caller(fp);
    t->fp = fp;
    t->depth--;
    ins = ins_fetch(pc - 1);
    SET_RETURNED(self);
    DISPATCH();
OP_END

OP_BEGIN(MAKE_FUNCTION)
    SAVE();
    FINISH_NEW(slow_make_function(t, CONSTANT(BC_NUMBER), frame_function(fp)));
OP_END
OP_BEGIN(SET_FUNCTION)
    SAVE();
    PLAIN_ERROR_IF(function_set_part(t, value_function(RA), C_NUMBER, TAKE_B()) < 0);
    NEXT();
OP_END
OP_BEGIN(INTRINSIC)
    SAVE();
    FINISH_NEW(slow_intrinsic(t, C_NUMBER, &RB, fp));
OP_END
OP_BEGIN(IMPORT_NAME)
    SAVE();
    FINISH_NEW(slow_import_name(t, fp, CONSTANT(C_NUMBER), &RB));
OP_END
OP_BEGIN(IMPORT_FROM)
    SAVE();
    FINISH_NEW(slow_import_from(t, RB, CONSTANT(C_NUMBER)));
OP_END
OP_BEGIN(IMPORT_STAR)
    SAVE();
    PLAIN_ERROR_IF(slow_import_star(t, RA, fp[0]) < 0);
    DONE_A();
    NEXT();
OP_END
