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

// The cell holds the code's data, with bit 0 telling whether self stands in the window: as many arguments are missing as the form says.
// It says what the callee will be before the callable has been looked at: the callee's first instruction waits for one load less (fib: 8%).
// FILL puts in what is missing, or is false.
#define CALL_FUNCTION_FORM(NAME, FILL) \
    OP_COLD_DECLARE(NAME) \
    OP_BEGIN(NAME) \
        Value *window = &RB; \
        Value callable = window[0]; \
        uint64_t cell = atomic_load_relaxed_u64(&CELL); \
        CodeData *data = (CodeData *)(cell & ~(uint64_t)1); \
        if (LIKELY(operand_is(callable, FUNCTION) && __atomic_load_n(&value_function(callable)->data, __ATOMIC_RELAXED) == data && \
                   (!B_FLAG && value_bits(window[CALL_SELF]) != 0) == (cell & 1) && !poll_pending(&t->core))) { \
            Value *regs = window + CALL_ARGS - (cell & 1); \
            if (LIKELY(regs + data->nregs <= t->stack_limit && t->depth < t->depth_limit && FILL)) { \
                if (!(cell & 1)) window[0] = UNDEF; \
                regs[FRAME_FUNCTION] = callable; \
                regs[FRAME_DATA] = mark_of(data); \
                regs[FRAME_CALLER] = mark_of(fp); \
                regs[FRAME_RETURN] = mark_of(pc + 1); \
                regs[FRAME_NATIVE] = mark_of(NULL); \
                regs[FRAME_OBJECT] = UNDEF; \
                frame_open(regs, data, data->argcount); \
                t->depth++; \
                ENTER(data->instructions, regs); \
            } \
        } \
        COLD_PATH(NAME); \
    OP_COLD(NAME) \
        POLL(); \
        CALL_SLOW(slow_call(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result)); \
    OP_END
// The function's defaults for the parameters from `given` on, where it has that many.
static ALWAYS_INLINE bool fill_last(Thread *t, Value *regs, const Function *f, uint32_t given, uint32_t argcount) {
    ValueRef held = slot_borrow(&f->defaults);
    if (UNLIKELY(!value_is_pointer(held))) return false;
    Tuple *defaults = value_tuple(held);
    if (UNLIKELY(given > argcount || argcount - given > defaults->length)) return false;
    const Value *from = defaults->items + defaults->length - argcount;
    for (uint32_t i = given; i < argcount; i++) regs[i] = value_dup(t, from[i]);
    return true;
}
CALL_FUNCTION_FORM(CALL_FUNCTION, C_NUMBER + (cell & 1) == data->argcount)
CALL_FUNCTION_FORM(CALL_FUNCTION_DEFAULTS, fill_last(t, regs, value_function(callable), C_NUMBER + (uint32_t)(cell & 1), data->argcount))

// The result of a native call, and on behind it: together with the DROP of it, where that follows and there is nothing to release.
static inline bool drops_result(uint64_t call, uint64_t next) {
    return (uint16_t)next == OP_DROP && (uint16_t)(next >> 16) == (uint16_t)(call >> 16); // a DROP's register has no flag
}
#ifdef WIDE_OPERANDS
#define FINISH_CALL(v) do { SET_A(v); NEXT(); } while (0)
#else
#define FINISH_CALL(v) do { \
        Value made_ = (v); \
        if (!value_is_pointer(made_) && drops_result(ins, ins_fetch(pc + 1))) { \
            pc += 2; \
            DISPATCH(); \
        } \
        SET_A(made_); \
        NEXT(); \
    } while (0)
#endif

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

// Natives that take so many arguments by position are called as they are, or with UNDEF for those missing; what needs binding goes the slow way.
#define CALL_DIRECT(name, call) do { \
        SAVE(); \
        Value v = call; \
        CHECK((v != UNDEF) != error_pending(t), "a call of %s returned %p with %s", name, (void *)value_bits(v), error_pending(t) ? "an exception" : "no exception"); \
        DROP_WINDOW(n); \
        PLAIN_ERROR_IF(!v); \
        FINISH_CALL(v); \
    } while (0)
#define CALL_PADDED(definition, self) \
    CALL_DIRECT((definition)->name, native_is_direct(direct, n) ? (definition)->function(t, self, value_refs(window + CALL_ARGS), n, NULL) \
                                                                : native_call_padded(t, (definition)->function, direct, self, value_refs(window + CALL_ARGS), n))
#define CALL_NATIVE_SLOWLY() CALL_SLOW(slow_call_native(t, pc, (uint16_t)ins, fp, call_window(&RB, B_FLAG), C_NUMBER, &CELL, CALL_NESTED, &result))

OP_COLD_DECLARE(CALL_NATIVE)
OP_BEGIN(CALL_NATIVE)
    Value *window = call_window(&RB, B_FLAG);
    uint32_t n = C_NUMBER;
    if (LIKELY(operand_is(window[0], NATIVE_FUNCTION) && !window[CALL_SELF] && !poll_pending(&t->core))) {
        NativeFunction *f = (NativeFunction *)value_object(window[0]);
        if (LIKELY(native_is_direct(native_direct(&f->c), n))) CALL_DIRECT(f->def->name, f->def->function(t, f->self, value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE);
OP_COLD(CALL_NATIVE)
    POLL();
    Value *window = &RB;
    uint32_t n = C_NUMBER;
    if (value_is(window[0], NATIVE_FUNCTION) && !window[CALL_SELF]) {
        NativeFunction *f = (NativeFunction *)value_object(window[0]);
        uint32_t direct = native_direct(&f->c);
        if (native_is_padded(direct, n)) CALL_PADDED(f->def, f->self);
    }
    CALL_NATIVE_SLOWLY();
OP_END

// The window's self is an instance of the type that has the method.
OP_COLD_DECLARE(CALL_NATIVE_METHOD)
OP_BEGIN(CALL_NATIVE_METHOD)
    Value *window = &RB;
    uint32_t n = C_NUMBER;
    ValueRef self = window[CALL_SELF];
    if (LIKELY(operand_is(window[0], NATIVE_METHOD_DESCRIPTOR) && !B_FLAG && value_is_pointer(self) && !poll_pending(&t->core))) {
        NativeDescriptor *d = (NativeDescriptor *)value_object(window[0]);
        if (LIKELY(native_is_direct(native_direct(&d->c), n) && (object_shape(value_object(self)) == d->owner->shape || value_is_instance(self, d->owner))))
            CALL_DIRECT(d->def->name, d->def->function(t, self, value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE_METHOD);
OP_COLD(CALL_NATIVE_METHOD)
    POLL();
    Value *window = call_window(&RB, B_FLAG);
    uint32_t n = C_NUMBER;
    ValueRef self = window[CALL_SELF];
    if (value_is(window[0], NATIVE_METHOD_DESCRIPTOR) && self) {
        NativeDescriptor *d = (NativeDescriptor *)value_object(window[0]);
        uint32_t direct = native_direct(&d->c);
        if ((native_is_direct(direct, n) || native_is_padded(direct, n)) && value_is_instance(self, d->owner)) CALL_PADDED(d->def, self);
    }
    CALL_NATIVE_SLOWLY();
OP_END

// The most frequent of them: an exact, private list with room takes the item over.
OP_COLD_DECLARE(CALL_LIST_APPEND)
OP_BEGIN(CALL_LIST_APPEND)
    Value *window = &RB;
    ValueRef self = window[CALL_SELF];
    if (LIKELY(operand_is(window[0], NATIVE_METHOD_DESCRIPTOR) && !B_FLAG && C_NUMBER == 1 && self && value_is_object(self) &&
               object_shape_word(value_object(self)) == SHAPE_LIST && ((NativeDescriptor *)value_object(window[0]))->def->function == list_append_method &&
               !poll_pending(&t->core))) {
        List *list = value_list(self);
        ListItems *items = list->items;
        int64_t length = list->length;
        if (LIKELY(length < items->capacity)) {
            slot_init(&items->item[length], window[CALL_ARGS]);
            __atomic_store_n(&list->length, length + 1, __ATOMIC_RELAXED);
            SAVE();
            Value held = window[CALL_SELF], callable = window[0];
            window[0] = window[CALL_SELF] = window[CALL_ARGS] = UNDEF;
            RELEASE(held);
            RELEASE(callable);
            FINISH_CALL(NONE);
        }
    }
    COLD_PATH(CALL_LIST_APPEND);
OP_COLD(CALL_LIST_APPEND)
    POLL();
    CALL_NATIVE_SLOWLY();
OP_END

// A class that needs no Python to make an instance, but for what __new__ may run.
OP_COLD_DECLARE(CALL_NATIVE_CLASS)
OP_BEGIN(CALL_NATIVE_CLASS)
    Value *window = call_window(&RB, B_FLAG);
    uint32_t n = C_NUMBER;
    if (LIKELY(operand_is(window[0], TYPE) && !window[CALL_SELF] && !poll_pending(&t->core))) {
        Type *type = (Type *)value_object(window[0]);
        if (LIKELY(slow_class_is_native(type))) CALL_DIRECT(type->spec->name, type_call(t, window[0], value_refs(window + CALL_ARGS), n, NULL));
    }
    COLD_PATH(CALL_NATIVE_CLASS);
OP_COLD(CALL_NATIVE_CLASS)
    POLL();
    CALL_NATIVE_SLOWLY();
OP_END
OP_BEGIN(CALL_KW)
    POLL();
    CALL_SLOW(slow_call_kw(t, pc, fp, call_window(&RB, B_FLAG), C_NUMBER, CALL_NESTED, &result));
OP_END
OP_BEGIN(CALL_EX)
    POLL();
    CALL_SLOW(slow_call_ex(t, pc, fp, &RB, CALL_NESTED, &result));
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
    if (UNLIKELY(fp[FRAME_OBJECT])) frame_detach(t, fp, pc); // a finalizer asked for it
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
    if (UNLIKELY(fp[FRAME_OBJECT])) frame_detach(t, fp, pc); // a finalizer asked for it
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
