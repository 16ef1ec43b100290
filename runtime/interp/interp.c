// The interpreter: handlers made from the bodies in ops/, and the ways in.
#include <stdlib.h>
#include "runtime/heap.h"
#include "runtime/interp/handlers.h"
#include "runtime/tier.h"

#define OP(name, a, b, c, effects, meaning) OpHandler op_##name;
#include "runtime/ops/ops.def"
#undef OP

OpHandler *const op_handlers[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) op_##name,
#include "runtime/ops/ops.def"
#undef OP
};

#include "runtime/ops/move.h"
#include "runtime/ops/arith.h"
#include "runtime/ops/attr.h"
#include "runtime/ops/container.h"
#include "runtime/ops/iter.h"
#include "runtime/ops/call.h"
#include "runtime/ops/control.h"
#include "runtime/ops/async.h"

HANDLER void op_error(OP_PARAMETERS) {
    (void)ins;
    if (!unwind_frames(t, pc, fp)) {
        t->run_result = RUN_RAISED;
        LEAVE_INTERPRETER();
    }
    RESUME();
}
HANDLER void op_go(OP_PARAMETERS) {
    OpHandler *native = native_at(frame_data(fp), pc);
    if (native) TAIL native(OP_ARGUMENTS);
    HEAT();
    DISPATCH();
}
HANDLER void op_resume(OP_PARAMETERS) {
    (void)pc, (void)fp, (void)ins;
    pc = t->pc;
    fp = t->fp;
    TAIL op_go(OP_ARGUMENTS);
}
HANDLER void op_begin(OP_PARAMETERS) {
    pc = frame_data(fp)->instructions;
    DISPATCH();
}
HANDLER void op_begin_cold(OP_PARAMETERS) {
    pc = frame_data(fp)->instructions;
    HEAT();
    DISPATCH();
}
const Tier *tier;
void *interp_begin(bool may_be_compiled) { return may_be_compiled && tier ? (void *)op_begin_cold : (void *)op_begin; }
HANDLER void op_hot(OP_PARAMETERS) {
    enum { NEVER = 1 << 30 };
    t->heat_left = tier ? tier->heat_step : NEVER;
    if (tier) tier->hot(t, frame_data(fp));
    OpHandler *native = native_at(frame_data(fp), pc);
    if (native) TAIL native(OP_ARGUMENTS);
    DISPATCH();
}

__attribute__((preserve_most)) void dup_out_of_line(Thread *t, Object *o) { ref_inc(&t->core, &o->head); }
__attribute__((preserve_most)) void release_out_of_line(Thread *t, Object *o) {
    if (LIKELY(refhead_owner(&o->head) == t->core.slot_id && o->head.rc_local == 1 && !object_is_shared(o))) {
        o->head.rc_local = 0;
        object_destroy(&t->core, &o->head);
    } else {
        ref_dec(&t->core, &o->head);
    }
}

// ---- ways in
// Entry frames return to EXIT; the instruction before it names register 0 as the place of the result.
static const Ins exit_code[] = {{.op = OP_CALL, .a = 0}, {.op = OP_EXIT}};
const Ins *const exit_return = &exit_code[1];
static CodeData entry_data = {.instructions = exit_code, .entry = (void *)op_begin, .nregs = 1};
// Over an __init__: what it returns goes to register 1.
static const Ins init_instructions[] = {{.op = OP_CALL, .a = 1}, {.op = OP_ENTER_INIT}};
CodeData init_code = {.instructions = init_instructions, .entry = (void *)op_begin, .nregs = 2};

bool frame_is_entry(const Value *fp) { return frame_data(fp) == &entry_data; }

Value *interp_enter(Thread *t) {
    if (native_stack_exhausted(t, "")) return NULL;
    Value *fp = stack_top(t) + FRAME_HEADER;
    if (fp + 64 > t->stack_limit) return raise_null(t, RECURSION_ERROR, "maximum recursion depth exceeded");
    fp[FRAME_FUNCTION] = UNDEF;
    fp[FRAME_DATA] = mark_of(&entry_data);
    fp[FRAME_CALLER] = mark_of(t->fp);
    fp[FRAME_RETURN] = mark_of(exit_return);
    fp[FRAME_NATIVE] = mark_of(t->pc); // where the caller stands: native code runs in that instruction
    fp[FRAME_OBJECT] = UNDEF;
    fp[0] = UNDEF;
    t->fp = fp;
    return fp;
}
void interp_leave(Thread *t, Value *entry_fp) {
    t->fp = frame_caller(entry_fp);
    t->pc = mark_pointer(entry_fp[FRAME_NATIVE]);
}

static enum RunResult run_finished(Thread *t, Value *result) {
    *result = t->return_value;
    t->return_value = UNDEF;
    return t->run_result;
}
enum RunResult interp_run(Thread *t, Value *fp, const Ins *pc, Value *result) {
    t->fp = fp;
    t->pc = pc;
    op_go(t, pc, fp, 0);
    return run_finished(t, result);
}
enum RunResult interp_throw(Thread *t, Value *fp, const Ins *pc, Value *result) {
    t->fp = fp;
    t->pc = pc;
    op_error(t, pc, fp, 0);
    return run_finished(t, result);
}

int frame_push(Thread *t, Value *regs, Value function_steal, CodeData *data, Value *caller, const Ins *return_pc, uint32_t filled) {
    bool deep = t->depth >= t->depth_limit;
    if (UNLIKELY(deep || regs + data->nregs > t->stack_limit)) {
        for (uint32_t i = 0; i < filled; i++) VALUE_CLEAR(t, regs[i]);
        value_release(t, function_steal);
        return raise_int(t, RECURSION_ERROR, "maximum recursion depth exceeded");
    }
    regs[FRAME_FUNCTION] = function_steal;
    regs[FRAME_DATA] = mark_of(data);
    regs[FRAME_CALLER] = mark_of(caller);
    regs[FRAME_RETURN] = mark_of(return_pc);
    regs[FRAME_NATIVE] = mark_of(NULL);
    regs[FRAME_OBJECT] = UNDEF;
    frame_open(regs, data, filled);
    t->depth++;
    t->fp = regs;
    t->pc = data->instructions;
    return 0;
}

// As bind_arguments, where that may run Python: off the stack. What stands there meanwhile has references of its own, and the
// caller holds the arguments.
static int bind_aside(Thread *t, Function *f, Value *regs, uint32_t nargs, const ValueRef *names, uint32_t nkw) {
    uint32_t params = code_parameters(value_code(f->code)), room = params > nargs + nkw ? params : nargs + nkw;
    Value *aside = calloc(room + 1, sizeof(Value));
    if (!aside) {
        for (uint32_t i = 0; i < nargs + nkw; i++) VALUE_CLEAR(t, regs[i]);
        raise_no_memory(t);
        return -1;
    }
    for (uint32_t i = 0; i < nargs + nkw; i++) {
        aside[i] = regs[i];
        regs[i] = UNDEF;
    }
    int result = bind_arguments(t, f, aside, nargs, names, nkw);
    for (uint32_t i = 0; i < params && result == 0; i++) regs[i] = aside[i];
    free(aside);
    return result;
}

Value function_call(Thread *t, Function *f, ValueRef self_or_undef, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return UNDEF;
    Value *entry = interp_enter(t);
    if (!entry) return UNDEF;
    CodeData *data = f->data;
    uint32_t nkw = kwnames ? (uint32_t)kwnames->length : 0;
    Value *regs = entry + 1 + FRAME_HEADER, *r = regs, result = UNDEF;
    if (UNLIKELY(regs + data->nregs + nargs + nkw + 1 > t->stack_limit)) {
        interp_leave(t, entry);
        return raise(t, RECURSION_ERROR, "maximum recursion depth exceeded");
    }
    if (self_or_undef) *r++ = value_dup(t, self_or_undef);
    for (uint32_t i = 0; i < nargs + nkw; i++) *r++ = value_dup(t, args[i]);
    uint32_t n = (uint32_t)(r - regs) - nkw, filled = n;
    int bound = 0;
    if (n != data->exact || nkw) {
        const ValueRef *names = nkw ? value_refs(kwnames->items) : NULL;
        bound = LIKELY(keywords_are_plain(names, nkw)) ? bind_arguments(t, f, regs, n, names, nkw) : bind_aside(t, f, regs, n, names, nkw);
        filled = data->argcount + data->code->kwonlyargcount + !!(data->flags & CO_VARARGS) + !!(data->flags & CO_VARKEYWORDS);
    }
    if (bound < 0 || frame_push(t, regs, value_of(object_dup(t, f)), data, entry, exit_return, filled) < 0) {
        interp_leave(t, entry);
        return UNDEF;
    }
    enum RunResult how = interp_run(t, regs, data->instructions, &result);
    interp_leave(t, entry);
    return how == RUN_RAISED ? UNDEF : result;
}

Value eval_code_closure(Thread *t, ValueRef code, ValueRef globals, ValueRef locals, ValueRef closure_or_undef) {
    Value f = function_new(t, code, globals);
    if (!f) return UNDEF;
    if (closure_or_undef) function_set_part(t, value_function(f), FUNCTION_CLOSURE, value_dup(t, closure_or_undef));
    bool optimized = value_code(code)->data->flags & CO_OPTIMIZED;
    Value v = function_call(t, value_function(f), UNDEF, &locals, optimized ? 0 : 1, NULL);
    value_release(t, f);
    return v;
}
Value eval_code(Thread *t, ValueRef code, ValueRef globals, ValueRef locals) { return eval_code_closure(t, code, globals, locals, UNDEF); }
