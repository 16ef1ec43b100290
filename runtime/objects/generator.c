// Generators, coroutines, async generators: they own their frame, and run it over an entry frame on the running thread's stack.
#include <stdlib.h>
#include "runtime/objects/generator.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "sync/stop.h"

size_t generator_bytes(const Object *o) {
    return sizeof(Generator) + (FRAME_HEADER + ((const Generator *)o)->nregs) * sizeof(Value);
}

// cr_origin: (file, line, function) of at most `most` frames from fp outwards; UNDEF with an exception.
static Value origin_of(Thread *t, Value *fp, uint32_t most) {
    Value list = list_new(t, 0);
    for (fp = frame_python(fp); list && fp && most; most--, fp = frame_python(frame_caller(fp))) {
        Frame *f = frame_object(t, fp);
        if (!f) {
            VALUE_CLEAR(t, list);
            break;
        }
        Code *code = frame_data(fp)->code;
        Value row[3] = {value_dup(t, code->filename), value_int(code_position(code, frame_instruction(f, t)).line), value_dup(t, code->name)};
        Value tuple = tuple_from_values(t, row, 3);
        if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
    }
    Value origin = list ? tuple_from_iterable(t, list) : UNDEF;
    value_release(t, list);
    return origin;
}

Value generator_from_frame(Thread *t, Value *fp, const Ins *resume_pc) {
    CodeData *data = frame_data(fp);
    Type *type = data->flags & CO_COROUTINE ? TYPE_OF(COROUTINE) : data->flags & CO_ASYNC_GENERATOR ? TYPE_OF(ASYNC_GENERATOR) : TYPE_OF(GENERATOR);
    Value origin = UNDEF;
    if (t->coroutine_origin_depth && type == TYPE_OF(COROUTINE) && !(origin = origin_of(t, frame_caller(fp), t->coroutine_origin_depth))) return UNDEF;
    Generator *g = object_new_var(t, type, FRAME_HEADER + data->nregs);
    if (!g) {
        value_release(t, origin);
        return UNDEF;
    }
    g->nregs = data->nregs;
    Function *f = frame_function(fp);
    slot_init(&g->name, value_dup(t, f->name));
    slot_init(&g->qualname, value_dup(t, f->qualname));
    slot_init(&g->code, value_dup(t, f->code));
    Value *regs = generator_fp(g);
    memcpy(regs - FRAME_HEADER, fp - FRAME_HEADER, FRAME_HEADER * sizeof(Value));
    // The temporaries too: among them stands the iterator of a generator expression, which may be any value.
    memcpy(regs, fp, data->nregs * sizeof(Value));
    memset(fp, 0, data->nregs * sizeof(Value));
    fp[FRAME_FUNCTION] = UNDEF;
    regs[FRAME_OBJECT] = fp[FRAME_OBJECT] ? fp[FRAME_OBJECT] : GENERATOR_MARK;
    if (value_is_pointer(fp[FRAME_OBJECT])) {
        Frame *frame = (Frame *)value_object(fp[FRAME_OBJECT]);
        frame->fp = regs;
        frame->generator = mark_of(g);
        fp[FRAME_OBJECT] = UNDEF;
    }
    regs[FRAME_CALLER] = mark_of(NULL);
    g->pc = resume_pc;
    g->state = GENERATOR_CREATED;
    slot_init(&g->origin, origin);
    return value_of(g);
}

void generator_finished(Thread *t, Generator *g, const Ins *pc) {
    Value *fp = generator_fp(g);
    frame_detach(t, fp, pc);
    fp[FRAME_OBJECT] = UNDEF;
    g->closed = true;
    // There is nothing left to finalize.
    if (object_is_shared((Object *)g)) atomic_or_relaxed_u8(&g->c.head.gc, GC_FINALIZED);
    else atomic_store_relaxed_u8(&g->c.head.gc, atomic_load_relaxed_u8(&g->c.head.gc) | GC_FINALIZED);
    frame_release(t, fp, pc);
    fp[FRAME_OBJECT] = UNDEF;
}

// A running generator refers to this thread's private objects; when it stops running and is shared, what it holds is published.
static void publish_registers(Thread *t, Generator *g) {
    if (LIKELY(!object_is_shared((Object *)g))) return;
    Value *fp = generator_fp(g);
    for (uint32_t i = 0; i < g->nregs; i++) publish_if_needed(t, fp[i]);
    publish_if_needed(t, fp[FRAME_FUNCTION]);
    if (value_is_pointer(fp[FRAME_OBJECT])) publish_if_needed(t, fp[FRAME_OBJECT]);
    publish_if_needed(t, g->exc.handled);
}

static const char *kind_name(const Generator *g) {
    switch (object_shape((const Object *)g)) {
    case SHAPE_COROUTINE: return "coroutine";
    case SHAPE_ASYNC_GENERATOR: return "async generator";
    default: return "generator";
    }
}

// From *state to RUNNING: false where another thread was there before, with what it made of it in *state.
static inline bool start_state(Generator *g, uint32_t *state) {
    if (UNLIKELY(object_is_shared((Object *)g))) return atomic_cas_acq_rel_u32(&g->state, state, GENERATOR_RUNNING);
    atomic_store_relaxed_u32(&g->state, GENERATOR_RUNNING);
    return true;
}
// Takes the right to run it: false with ValueError where somebody has it.
static bool claim(Thread *t, Generator *g, uint32_t *before) {
    uint32_t state = atomic_load_acquire_u32(&g->state);
    for (;;) {
        if (state == GENERATOR_RUNNING) {
            raise(t, VALUE_ERROR, "%s already executing", kind_name(g));
            return false;
        }
        if (state == GENERATOR_DONE) {
            *before = state;
            return true;
        }
        if (start_state(g, &state)) {
            *before = state;
            return true;
        }
    }
}

// What is sent is the result of the YIELD that the generator stands behind.
static void take_sent(Thread *t, Generator *g, Value sent_steal) {
    const Ins *yield = &g->pc[-1];
    Value *place = &generator_fp(g)[ins_register(yield, 0)], old = *place;
    if (!(yield->a & HOLDS)) old = UNDEF;
    *place = sent_steal;
    value_release(t, old);
}

static void start_running(Thread *t, Generator *g, Value *caller, const Ins *return_pc, Value *top) {
    Value *fp = generator_fp(g);
    t->depth++;
    fp[FRAME_CALLER] = mark_of(caller);
    fp[FRAME_RETURN] = mark_of(return_pc);
    g->stack_top = top;
    if (value_is_pointer(fp[FRAME_OBJECT])) frame_set_thread((Frame *)value_object(fp[FRAME_OBJECT]), t);
    g->exc.outer = t->exc_state;
    t->exc_state = &g->exc;
    object_dup(t, g); // it stays while it runs
}
void generator_left(Thread *t, Generator *g, const Ins *pc, bool yielded) {
    Value *fp = generator_fp(g);
    t->exc_state = g->exc.outer;
    g->exc.outer = NULL;
    t->depth--;
    g->pc = pc + 1; // after the YIELD
    if (yielded) {
        fp[FRAME_CALLER] = mark_of(NULL);
        if (value_is_pointer(fp[FRAME_OBJECT])) frame_set_thread((Frame *)value_object(fp[FRAME_OBJECT]), NULL);
        publish_registers(t, g);
    }
    atomic_store_release_u32(&g->state, yielded ? GENERATOR_SUSPENDED : GENERATOR_DONE);
    object_release(t, g);
}

bool generator_was_entered(Value *fp) { return frame_return(fp) != exit_return; }
bool generator_enter(Thread *t, Generator *g, const Ins *pc, Value *fp, ValueRef sent) {
    uint32_t state = atomic_load_acquire_u32(&g->state);
    if ((state != GENERATOR_SUSPENDED && (state != GENERATOR_CREATED || sent != NONE)) || t->depth >= t->depth_limit) return false;
    if (!start_state(g, &state)) return false;
    if (state == GENERATOR_SUSPENDED) take_sent(t, g, value_assume_owned(sent));
    start_running(t, g, fp, pc + 1, stack_top(t));
    t->fp = generator_fp(g);
    t->pc = g->pc;
    return true;
}

// The caller has claimed it; `before`: the state that it had then.
static int run(Thread *t, Generator *g, uint32_t before, bool throwing, Value *result) {
    Value *entry = interp_enter(t);
    if (!entry || t->depth >= t->depth_limit) {
        if (entry) {
            interp_leave(t, entry);
            raise(t, RECURSION_ERROR, "maximum recursion depth exceeded");
        }
        atomic_store_release_u32(&g->state, before);
        return RUN_RAISED;
    }
    Value *fp = generator_fp(g);
    start_running(t, g, entry, exit_return, entry + 1);
    if (throwing && g->exc.handled && g->exc.handled != NONE) raise_object(t, error_take(t)); // what it handles becomes the context
    const Ins *pc = g->pc;
    enum RunResult how = throwing ? interp_throw(t, fp, pc - 1, result) : interp_run(t, fp, pc, result);
    pc = t->pc;
    interp_leave(t, entry);
    generator_left(t, g, pc, how == RUN_YIELDED);
    return how;
}

int generator_resume(Thread *t, Generator *g, Value sent_steal, Value *result) {
    uint32_t before;
    *result = UNDEF;
    if (!claim(t, g, &before)) {
        value_release(t, sent_steal);
        return RUN_RAISED;
    }
    if (before == GENERATOR_DONE) {
        value_release(t, sent_steal);
        if (object_shape((Object *)g) == SHAPE_COROUTINE) {
            raise(t, RUNTIME_ERROR, "cannot reuse already awaited coroutine");
            return RUN_RAISED;
        }
        *result = NONE;
        return RUN_RETURNED;
    }
    if (before == GENERATOR_CREATED) {
        if (sent_steal != NONE) {
            value_release(t, sent_steal);
            atomic_store_release_u32(&g->state, GENERATOR_CREATED);
            raise(t, TYPE_ERROR, "can't send non-None value to a just-started %s", kind_name(g));
            return RUN_RAISED;
        }
    } else {
        take_sent(t, g, sent_steal);
    }
    return run(t, g, before, false, result);
}

int generator_throw_pending(Thread *t, Generator *g, Value *result) {
    uint32_t before;
    *result = UNDEF;
    Value e = error_take(t);
    if (!claim(t, g, &before)) {
        value_release(t, e);
        return RUN_RAISED;
    }
    if (before == GENERATOR_DONE) {
        if (object_shape((Object *)g) == SHAPE_COROUTINE) {
            value_release(t, e);
            raise(t, RUNTIME_ERROR, "cannot reuse already awaited coroutine");
        } else {
            error_restore(t, e);
        }
        return RUN_RAISED;
    }
    error_restore(t, e);
    return run(t, g, before, true, result);
}

// The caller has claimed it, is in a stop, or is the only thread that can reach it; `state`: before the claim.
static ValueRef delegate_of(Generator *g, uint32_t state) {
    if (state != GENERATOR_SUSPENDED) return UNDEF;
    const Ins *yield = &g->pc[-1];
    uint32_t delegate = code_op(frame_data(generator_fp(g)), yield) == OP_YIELD ? ins_number(yield, 2) : 0;
    return delegate ? generator_fp(g)[delegate - 1] : (ValueRef)UNDEF;
}
Value generator_yield_from(Thread *t, Generator *g) {
    if (atomic_load_relaxed_u32(&g->state) != GENERATOR_SUSPENDED) return UNDEF;
    bool stop = object_is_shared((Object *)g);
    if (stop) stop_world(&t->core);
    Value v = value_dup(t, delegate_of(g, atomic_load_relaxed_u32(&g->state)));
    if (stop) start_world(&t->core);
    return v;
}

// ---- sending to anything (PEP 380)
int generator_send_any(Thread *t, ValueRef iterator, Value sent_steal, Value *result) {
    *result = UNDEF;
    if (value_is(iterator, GENERATOR) || value_is(iterator, COROUTINE)) return generator_resume(t, value_generator(iterator), sent_steal, result);
    if (value_is(iterator, COROUTINE_WRAPPER)) return generator_resume(t, value_generator(((Cell *)value_object(iterator))->value), sent_steal, result);
    if (sent_steal == NONE && value_type(iterator)->ops.next) *result = value_type(iterator)->ops.next(t, iterator);
    else *result = call_method(t, iterator, NAME(send), (ValueRef[]){sent_steal}, 1);
    value_release(t, sent_steal);
    if (*result) return RUN_YIELDED;
    if (!error_pending(t)) {
        *result = NONE;
        return RUN_RETURNED;
    }
    if (!error_matches(t, EXCEPTION(STOP_ITERATION))) return RUN_RAISED;
    Value e = error_take(t);
    *result = slot_get(t, &((StopIterationObject *)value_object(e))->value);
    if (!*result) *result = NONE;
    value_release(t, e);
    return RUN_RETURNED;
}

static Value deliver(Thread *t, int how, Value v) {
    if (how == RUN_YIELDED) return v;
    if (how == RUN_RETURNED) raise_stop_iteration(t, v);
    return UNDEF;
}

static Value generator_next(Thread *t, ValueRef self) {
    Value v;
    int how = generator_resume(t, value_generator(self), NONE, &v);
    if (how == RUN_YIELDED) return v;
    if (how == RUN_RETURNED && v != NONE) raise_stop_iteration(t, v);
    return UNDEF;
}
static Value generator_send(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)nargs, (void)kwnames;
    Value v;
    int how = generator_resume(t, value_generator(self), value_dup(t, args[0]), &v);
    return deliver(t, how, v);
}

// Closes what the generator delegates to: 0, or -1 with an exception.
static int close_iterator(Thread *t, ValueRef iterator) {
    if (value_is(iterator, GENERATOR) || value_is(iterator, COROUTINE)) {
        Value v = generator_close(t, iterator);
        value_release(t, v);
        return v ? 0 : -1;
    }
    Value close = object_getattr_or_undef(t, iterator, NAME(close));
    if (!close) {
        if (error_pending(t)) error_write_unraisable(t, "closing", iterator);
        return 0;
    }
    Value v = call_0(t, close);
    value_release(t, close);
    value_release(t, v);
    return v ? 0 : -1;
}

int generator_throw_in(Thread *t, Generator *g, Value exception_steal, Value *result);

// The delegate has returned `v` in a throw: the generator, which is claimed, goes on where its SEND would have jumped to.
static int resume_after_delegate(Thread *t, Generator *g, Value v_steal, Value *result) {
    const Ins *yield = g->pc - 1;
    // YIELD a, a, i+1; JLOOP back to SEND a, i, done
    const Ins *jump = yield + 1, *send = jump + 1 + (int32_t)(jump->word >> 32);
    bool wide = send->op == OP_WIDE;
    send += wide;
    Value *place = &generator_fp(g)[wide ? ins_register(send, 0) : (uint32_t)(send->a & OPERAND_INDEX)];
    *place = v_steal;
    g->pc = send + 1 + (wide ? (int32_t)ins_number(send, 2) : (int16_t)send->c);
    return run(t, g, GENERATOR_SUSPENDED, false, result);
}

// While the delegate is thrown into, the generator's frame stands between it and the thrower. The frame of the native code around;
// NULL with an exception.
static Value *stand_between(Thread *t, Generator *g) {
    Value *entry = interp_enter(t);
    if (!entry) return NULL;
    start_running(t, g, entry, exit_return, entry + 1);
    t->fp = generator_fp(g);
    t->pc = g->pc - 1;
    return entry;
}
static void stand_back(Thread *t, Generator *g, Value *entry) {
    Value *fp = generator_fp(g);
    interp_leave(t, entry);
    t->exc_state = g->exc.outer;
    g->exc.outer = NULL;
    t->depth--;
    fp[FRAME_CALLER] = mark_of(NULL);
    if (value_is_pointer(fp[FRAME_OBJECT])) frame_set_thread((Frame *)value_object(fp[FRAME_OBJECT]), NULL);
    publish_registers(t, g);
    object_release(t, g);
}
// throw() of any iterator that is delegated to, by a generator that is claimed.
static int delegate_throw(Thread *t, Generator *g, ValueRef delegate, Value exception_steal, Value *result) {
    int how;
    Value v = UNDEF;
    if (value_is_instance(exception_steal, EXCEPTION(GENERATOR_EXIT))) {
        if (close_iterator(t, delegate) < 0) value_release(t, exception_steal);
        else error_restore(t, exception_steal);
        return run(t, g, GENERATOR_SUSPENDED, true, result);
    }
    Value *entry = stand_between(t, g);
    if (!entry) {
        value_release(t, exception_steal);
        return run(t, g, GENERATOR_SUSPENDED, true, result);
    }
    if (value_is_generator_like(delegate) && !value_is(delegate, ASYNC_GENERATOR)) {
        how = generator_throw_in(t, value_generator(delegate), exception_steal, &v);
        stand_back(t, g, entry);
    } else {
        Value throw = object_getattr_or_undef(t, delegate, NAME(throw));
        if (!throw) {
            stand_back(t, g, entry);
            if (error_pending(t)) value_release(t, exception_steal);
            else error_restore(t, exception_steal);
            return run(t, g, GENERATOR_SUSPENDED, true, result);
        }
        v = call_1(t, throw, exception_steal);
        stand_back(t, g, entry);
        value_release(t, throw);
        value_release(t, exception_steal);
        how = v ? RUN_YIELDED : RUN_RAISED;
        if (!v && error_matches(t, EXCEPTION(STOP_ITERATION))) {
            Value e = error_take(t);
            v = slot_get(t, &((StopIterationObject *)value_object(e))->value);
            if (!v) v = NONE;
            value_release(t, e);
            how = RUN_RETURNED;
        }
    }
    if (how == RUN_YIELDED) {
        *result = v;
        atomic_store_release_u32(&g->state, GENERATOR_SUSPENDED);
        return how;
    }
    if (how == RUN_RETURNED) return resume_after_delegate(t, g, v, result);
    return run(t, g, GENERATOR_SUSPENDED, true, result);
}

int generator_throw_in(Thread *t, Generator *g, Value exception_steal, Value *result) {
    *result = UNDEF;
    uint32_t before;
    if (atomic_load_acquire_u32(&g->state) == GENERATOR_SUSPENDED) {
        if (!claim(t, g, &before)) {
            value_release(t, exception_steal);
            return RUN_RAISED;
        }
        Value delegate = value_dup(t, delegate_of(g, before));
        if (delegate) {
            int how = delegate_throw(t, g, delegate, exception_steal, result);
            value_release(t, delegate);
            return how;
        }
        if (before != GENERATOR_DONE) {
            error_restore(t, exception_steal);
            return run(t, g, before, true, result);
        }
    }
    error_restore(t, exception_steal);
    return generator_throw_pending(t, g, result);
}

// The exception that throw(type, value, traceback) means (owned); UNDEF with TypeError.
Value generator_thrown_exception(Thread *t, const ValueRef *args, uint32_t nargs) {
    ValueRef type = args[0], value = nargs > 1 && args[1] ? args[1] : (ValueRef)NONE, traceback = nargs > 2 && args[2] ? args[2] : (ValueRef)NONE;
    Value e;
    if (traceback != NONE && !value_is(traceback, TRACEBACK)) return raise(t, TYPE_ERROR, "throw() third argument must be a traceback object");
    if (value_is_type(type) && ((Type *)value_object(type))->flags & TYPE_EXCEPTION) {
        if (value_is_exception(value) && value_is_instance(value, (Type *)value_object(type))) e = value_dup(t, value);
        else if (value == NONE) e = call_0(t, type);
        else if (value_is_any_tuple(value)) e = call_tuple_dict(t, type, value, UNDEF);
        else e = call_1(t, type, value);
        if (e && !value_is_exception(e)) {
            raise(t, TYPE_ERROR, "calling %R should have returned an instance of BaseException, not %R", type, (ValueRef)value_of(value_type(e)));
            VALUE_CLEAR(t, e);
        }
        if (!e) e = error_take(t); // that is what is thrown in
    } else if (value_is_exception(type)) {
        if (value != NONE) return raise(t, TYPE_ERROR, "instance exception may not have a separate value");
        e = value_dup(t, type);
    } else {
        return raise(t, TYPE_ERROR, "exceptions must be classes or instances deriving from BaseException, not %T", type);
    }
    if (e && traceback != NONE) slot_store(t, value_object(e), &value_exception(e)->traceback, value_dup(t, traceback));
    return e;
}

int generator_warn_throw(Thread *t, const char *method, const ValueRef *args) {
    if (!args[1] && !args[2]) return 0;
    return warn(t, E_DEPRECATION_WARNING, 1, "the (type, exc, tb) signature of %s() is deprecated, use the single-arg signature instead.", method);
}
static Value generator_throw(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)kwnames;
    if (generator_warn_throw(t, "throw", args) < 0) return UNDEF;
    Value e = generator_thrown_exception(t, args, nargs), v;
    if (!e) return UNDEF;
    int how = generator_throw_in(t, value_generator(self), e, &v);
    return deliver(t, how, v);
}

Value generator_close(Thread *t, ValueRef self) {
    Generator *g = value_generator(self);
    uint32_t state = atomic_load_acquire_u32(&g->state);
    if (state == GENERATOR_DONE) return NONE;
    if (state == GENERATOR_CREATED) {
        uint32_t before;
        if (!claim(t, g, &before)) return UNDEF;
        if (before == GENERATOR_CREATED) {
            generator_finished(t, g, g->pc);
            atomic_store_release_u32(&g->state, GENERATOR_DONE);
            return NONE;
        }
        atomic_store_release_u32(&g->state, before);
        if (before == GENERATOR_DONE) return NONE;
    }
    Value e = exception_new(t, EXCEPTION(GENERATOR_EXIT), UNDEF), v;
    if (!e) return UNDEF;
    int how = generator_throw_in(t, g, e, &v);
    if (how == RUN_YIELDED) {
        value_release(t, v);
        return raise(t, RUNTIME_ERROR, "%s ignored GeneratorExit", kind_name(g));
    }
    if (how == RUN_RETURNED) return v; // close() gives what the generator returned
    if (error_matches(t, EXCEPTION(GENERATOR_EXIT)) || error_matches(t, EXCEPTION(STOP_ITERATION))) {
        error_clear(t);
        return NONE;
    }
    return UNDEF;
}
static Value generator_close_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return generator_close(t, self);
}

// A coroutine that nobody ran: the warnings module's own words, with cr_origin, where it is loaded. Leaves no exception.
static void warn_unawaited(Thread *t, ValueRef self) {
    Value key = str_intern_text(t, "warnings"), name = str_intern_text(t, "_warn_unawaited_coroutine"), module = UNDEF, function = UNDEF, done = UNDEF;
    if (key && name && !t->interp->finalizing && value_is(t->interp->modules, DICT)) module = dict_get(t, value_dict(t->interp->modules), key);
    if (module) function = object_getattr_or_undef(t, module, name);
    error_clear(t);
    if (function) done = call_1(t, function, self);
    bool warned = done || (error_pending(t) && error_matches(t, EXCEPTION(RUNTIME_WARNING)));
    if (error_pending(t)) error_write_unraisable(t, "finalizing coroutine", self);
    if (!warned && warn(t, E_RUNTIME_WARNING, 1, "coroutine '%U' was never awaited", value_str(value_generator(self)->qualname)) < 0)
        error_write_unraisable(t, "finalizing coroutine", self);
    value_release(t, key);
    value_release(t, name);
    value_release(t, module);
    value_release(t, function);
    value_release(t, done);
}

void generator_finalize(Thread *t, ValueRef self) {
    Generator *g = value_generator(self);
    uint32_t state = atomic_load_acquire_u32(&g->state);
    if (state == GENERATOR_DONE || state == GENERATOR_RUNNING) return;
    if (value_is(self, ASYNC_GENERATOR) && value_is_pointer(g->hooks_inited)) {
        Value v = call_1(t, g->hooks_inited, self);
        if (!v) error_write_unraisable(t, "finalizing generator", self);
        value_release(t, v);
        return;
    }
    if (value_is(self, COROUTINE) && state == GENERATOR_CREATED) warn_unawaited(t, self);
    Value v = generator_close(t, self);
    if (!v) error_write_unraisable(t, "closing generator", self);
    value_release(t, v);
}

void generator_destroy(Thread *t, Object *o) {
    Generator *g = (Generator *)o;
    Value *fp = generator_fp(g);
    // One that would not be closed: its frame object must not look at the registers any more.
    if (value_is_pointer(fp[FRAME_OBJECT])) frame_detach(t, fp, g->pc - 1);
    value_release(t, g->name);
    value_release(t, g->qualname);
    value_release(t, g->code);
    value_release(t, g->exc.handled);
    value_release(t, g->origin);
    value_release(t, g->hooks_inited);
    value_release(t, fp[FRAME_FUNCTION]);
    for (uint32_t i = 0; i < g->nregs && atomic_load_relaxed_u32(&g->state) != GENERATOR_DONE; i++) value_release(t, fp[i]);
}
void generator_traverse(Object *o, VisitFn visit, void *arg) {
    Generator *g = (Generator *)o;
    Value *fp = generator_fp(g);
    visit(&g->name, arg);
    visit(&g->qualname, arg);
    visit(&g->code, arg);
    visit(&g->origin, arg);
    visit(&g->hooks_inited, arg);
    // P's exception: the registers belong to the running thread. (Claimed, but not on a stack: they are as they were suspended.)
    if (atomic_load_acquire_u32(&g->state) == GENERATOR_RUNNING && frame_caller(fp)) return;
    visit(&g->exc.handled, arg);
    visit(&fp[FRAME_OBJECT], arg);
    visit(&fp[FRAME_FUNCTION], arg);
    for (uint32_t i = 0; i < g->nregs; i++) visit(&fp[i], arg);
}
void generator_clear(Thread *t, Object *o) {
    Generator *g = (Generator *)o;
    uint32_t before;
    if (!claim(t, g, &before)) {
        error_clear(t);
        return;
    }
    if (before != GENERATOR_DONE) generator_finished(t, g, g->pc);
    atomic_store_release_u32(&g->state, GENERATOR_DONE);
}

Value generator_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<%s object %U at %p>", value_type(self)->spec->name, value_str(value_generator(self)->qualname), (void *)value_object(self));
}
Value generator_get_name(Thread *t, ValueRef self) { return slot_get(t, &value_generator(self)->name); }
Value generator_get_qualname(Thread *t, ValueRef self) { return slot_get(t, &value_generator(self)->qualname); }
static int set_text(Thread *t, ValueRef self, Value *slot, ValueRef v, const char *name) {
    if (!v || !value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "%s must be set to a string object", name);
    slot_store(t, value_object(self), slot, value_dup(t, v));
    return 0;
}
int generator_set_name(Thread *t, ValueRef self, ValueRef v) { return set_text(t, self, &value_generator(self)->name, v, "__name__"); }
int generator_set_qualname(Thread *t, ValueRef self, ValueRef v) { return set_text(t, self, &value_generator(self)->qualname, v, "__qualname__"); }
Value generator_get_code(Thread *t, ValueRef self) { return slot_get(t, &value_generator(self)->code); }
static Value get_running(Thread *t, ValueRef self) { (void)t; return value_bool(atomic_load_relaxed_u32(&value_generator(self)->state) == GENERATOR_RUNNING); }
Value generator_get_suspended(Thread *t, ValueRef self) { (void)t; return value_bool(atomic_load_relaxed_u32(&value_generator(self)->state) == GENERATOR_SUSPENDED); }
// Others may resume it, or ask for its frame, meanwhile: the object is made before, and put in its place in a stop.
static Value frame_of_shared_generator(Thread *t, Generator *g) {
    Frame *spare = frame_spare(t);
    if (!spare) return UNDEF;
    Value *fp = generator_fp(g), result = NONE;
    stop_world(&t->core);
    if (atomic_load_relaxed_u32(&g->state) != GENERATOR_DONE) result = frame_install_in_stop(t, fp, NULL, &spare);
    start_world(&t->core);
    object_release(t, spare);
    return result;
}
Value generator_get_frame(Thread *t, ValueRef self) {
    Generator *g = value_generator(self);
    if (atomic_load_acquire_u32(&g->state) == GENERATOR_DONE) return NONE;
    if (object_is_shared((Object *)g)) return frame_of_shared_generator(t, g);
    Frame *f = frame_object(t, generator_fp(g));
    return f ? value_of(object_dup(t, f)) : UNDEF;
}
Value generator_get_yieldfrom(Thread *t, ValueRef self) {
    Value v = generator_yield_from(t, value_generator(self));
    return v ? v : NONE;
}
static Value get_origin(Thread *t, ValueRef self) {
    Value v = slot_get(t, &value_generator(self)->origin);
    return v ? v : NONE;
}

#define COMMON_METHODS(KIND) \
    {"send", generator_send, "($self, arg, /)", "Passes a value into " KIND " that waits; gives what comes out next.", 0}, \
    {"throw", generator_throw, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", "Raises an exception in " KIND " where it waits.", 0}, \
    {"close", generator_close_method, "($self, /)", "Raises GeneratorExit inside " KIND ", which is to end.", 0}
#define COMMON_NAMES(KIND) \
    {"__name__", generator_get_name, generator_set_name, "The name of the " KIND "."}, {"__qualname__", generator_get_qualname, generator_set_qualname, "The qualified name of the " KIND "."}
static const NativeDef generator_methods[] = {
    COMMON_METHODS("generator"),
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", NULL, NATIVE_CLASS},
    NATIVE_END};
static const GetSetDef generator_getset[] = {
    COMMON_NAMES("generator"), {"gi_code", generator_get_code, NULL, NULL},
    {"gi_frame", generator_get_frame, NULL, NULL}, {"gi_running", get_running, NULL, NULL}, {"gi_suspended", generator_get_suspended, NULL, NULL}, {"gi_yieldfrom", generator_get_yieldfrom, NULL, NULL}, GETSET_END};
#define GENERATOR_COMMON \
    .size = sizeof(Generator), .item_size = sizeof(Value), .bytes = generator_bytes, .flags = TYPE_WEAKREFABLE | TYPE_VARSIZED | TYPE_NO_NEW, \
    .destroy = generator_destroy, .traverse = generator_traverse, .clear = generator_clear
const TypeSpec generator_spec = {
    .name = "generator", .doc = "An iterator that a function with yield makes.", GENERATOR_COMMON,
    .ops = {.repr = generator_repr, .iter = iter_self, .next = generator_next, .finalize = generator_finalize},
    .methods = generator_methods, .getset = generator_getset};

// ---- coroutines
static Value coroutine_await(Thread *t, ValueRef self) {
    Cell *w = object_new(t, TYPE_OF(COROUTINE_WRAPPER));
    if (!w) return UNDEF;
    slot_init(&w->value, value_dup(t, self));
    return value_of(w);
}
static const NativeDef coroutine_methods[] = {
    COMMON_METHODS("coroutine"),
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", NULL, NATIVE_CLASS},
    NATIVE_END};
static const GetSetDef coroutine_getset[] = {
    COMMON_NAMES("coroutine"), {"cr_code", generator_get_code, NULL, NULL}, {"cr_frame", generator_get_frame, NULL, NULL},
    {"cr_running", get_running, NULL, NULL}, {"cr_suspended", generator_get_suspended, NULL, NULL}, {"cr_await", generator_get_yieldfrom, NULL, NULL}, {"cr_origin", get_origin, NULL, NULL}, GETSET_END};
const TypeSpec coroutine_spec = {
    .name = "coroutine", .doc = "What calling an async function gives.", GENERATOR_COMMON,
    .ops = {.repr = generator_repr, .await = coroutine_await, .finalize = generator_finalize}, .methods = coroutine_methods, .getset = coroutine_getset};

// The iterator of `coroutine.__await__()`: the struct is a Cell that holds the coroutine.
static ValueRef wrapped(ValueRef self) { return ((Cell *)value_object(self))->value; }
static Value wrapper_next(Thread *t, ValueRef self) { return generator_next(t, wrapped(self)); }
static Value wrapper_send(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return generator_send(t, wrapped(self), args, nargs, kwnames); }
static Value wrapper_throw(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return generator_throw(t, wrapped(self), args, nargs, kwnames); }
static Value wrapper_close(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return generator_close(t, wrapped(self));
}
static void wrapper_destroy(Thread *t, Object *o) { value_release(t, ((Cell *)o)->value); }
static void wrapper_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Cell *)o)->value, arg); }
static const NativeDef wrapper_methods[] = {
    {"send", wrapper_send, "($self, arg, /)", NULL, 0}, {"throw", wrapper_throw, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", NULL, 0}, {"close", wrapper_close, "($self, /)", NULL, 0}, NATIVE_END};
const TypeSpec coroutine_wrapper_spec = {
    .name = "coroutine_wrapper", .doc = "Iterates over a coroutine.", .size = sizeof(Cell), .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = wrapper_next}, .methods = wrapper_methods, .destroy = wrapper_destroy, .traverse = wrapper_traverse};
