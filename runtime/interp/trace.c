// Trace and profile functions: which events an instruction or an exception means, and calling them (trace.h).
//
// A frame's own state stands in its frame object: whether its function's `call` was told (it is told again when a generator goes on),
// the last line told, and the native function whose end is still to be told. Frames that run when a function is set count as told.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/monitor.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/tier.h"
#include "sync/stop.h"

// ---- instrumenting
bool trace_prepare(Code *code) {
    if (code->traced) return true;
    uint32_t n = code->ninstructions;
    TraceTable *table = malloc(sizeof *table + n * (sizeof(uint16_t) + sizeof(int32_t)) + sizeof(int32_t));
    if (!table) return false;
    table->monitor = NULL;
    table->lines = (int32_t *)(((uintptr_t)(table->ops + n) + 3) & ~(uintptr_t)3);
    for (uint32_t i = 0; i < n; i++) table->ops[i] = code_plain_instruction(code, i).op;
    code_lines_all(code, table->lines);
    code->traced = table;
    return true;
}
void trace_restore(Code *code, uint32_t index) {
    Ins *ins = (Ins *)(uintptr_t)code->data->instructions + index;
    uint16_t traced = OP_TRACED;
    __atomic_compare_exchange_n(&ins->op, &traced, code->traced->ops[index], false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
void trace_apply(Interp *interp, Code *code) {
    bool all = interp->traced_threads || interp->traced_left;
    if (tier) tier->drop(code->data);
    if (all && !trace_prepare(code)) return; // this code is not traced
    Ins *instructions = (Ins *)(uintptr_t)code->data->instructions;
    for (uint32_t i = 0; code->traced && i < code->ninstructions; i++) {
        // Who returns to a pair looks for its prefix.
        if (code->traced->ops[i] == OP_WIDE) i++;
        else if (all || monitor_wants(interp, code, i)) __atomic_store_n(&instructions[i].op, OP_TRACED, __ATOMIC_RELAXED);
        else trace_restore(code, i);
    }
}
bool trace_code_is_whole(const Code *code) {
    // The collector may have torn it down already; or it is being made.
    return !(atomic_load_relaxed_u8(&code->c.head.gc) & GC_CANDIDATE) && code->data && code->complete;
}
static void change_code(Object *o, void *interp) {
    if (object_shape(o) == SHAPE_CODE && trace_code_is_whole((Code *)o)) trace_apply(interp, (Code *)o);
}
static void count_traced(Thread *t, int change) {
    stop_world(&t->core);
    bool was_on = t->interp->traced_threads || t->interp->traced_left;
    t->interp->traced_threads += (uint32_t)change;
    t->interp->traced_left = !t->interp->traced_threads;
    atomic_store_relaxed_u32(&t->interp->traced_hits, 0);
    if (!was_on) registry_each(change_code, t->interp);
    tier_forget_returns(t);
    start_world(&t->core);
}
// Functions are often set, taken away and set again, and walking all code takes milliseconds: it is left as it is until enough has been
// executed of it for nobody.
static void executed_for_nobody(Thread *t) {
    enum { HITS = 20000 };
    if (!t->interp->traced_left || atomic_add_relaxed_u32(&t->interp->traced_hits, 1) < HITS) return;
    stop_world(&t->core);
    if (t->interp->traced_left) {
        t->interp->traced_left = false;
        registry_each(change_code, t->interp);
        tier_forget_returns(t);
    }
    start_world(&t->core);
}
void trace_new_code(Thread *t, Code *code) {
    code->complete = true;
    monitor_prepare(t->interp, code);
    if (t->interp->traced_threads || t->interp->traced_left || code->traced) trace_apply(t->interp, code);
}

// ---- setting
static int32_t line_at(const Code *code, uint32_t index) { return code->traced ? code->traced->lines[index] : code_position(code, index).line; }

int trace_set(Thread *t, Value trace, Value profile) {
    bool was = t->trace || t->profile, is = trace || profile;
    // The frames that run now: told, and not asked about the line that they stand in.
    for (Value *fp = frame_python(t->fp); is && fp; fp = frame_python(frame_caller(fp))) {
        Frame *f = frame_object(t, fp);
        if (!f) {
            value_release(t, trace);
            value_release(t, profile);
            return -1;
        }
        if (f->told) continue;
        f->told = true;
        f->last_index = frame_instruction(f, t);
        f->last_line = line_at(value_code(f->code), f->last_index);
    }
    Value old[2] = {t->trace, t->profile};
    t->trace = trace;
    t->profile = profile;
    if (was != is) count_traced(t, is ? 1 : -1);
    value_release(t, old[0]);
    value_release(t, old[1]);
    return 0;
}
void trace_thread_ends(Thread *t) {
    if (t->trace || t->profile) trace_set(t, UNDEF, UNDEF);
}

// ---- telling
static const char *const event_names[] = {"call", "line", "return", "exception", "opcode", "c_call", "c_return", "c_exception"};
enum Event { CALL, LINE, RETURN, RAISED, OPCODE, C_CALL, C_RETURN, C_RAISED };

// Calls a function about the frame: what it returned, owned. Where it raised, there is no more tracing: UNDEF.
static Value tell(Thread *t, ValueRef function, Frame *f, enum Event event, ValueRef arg) {
    Value name = str_intern_text(t, event_names[event]), held = value_dup(t, function), result = UNDEF;
    t->tracing = true;
    if (name) result = call_3(t, held, value_of(f), name, arg);
    t->tracing = false;
    value_release(t, held);
    value_release(t, name);
    if (!result) {
        Value e = error_take(t);
        slot_store(t, f, &f->trace, UNDEF);
        trace_set(t, UNDEF, UNDEF);
        error_clear(t);
        error_restore(t, e);
    }
    return result;
}
// The frame's own trace function; what it returns, if anything, is the next one. 0, -1.
static int tell_local(Thread *t, Frame *f, enum Event event, ValueRef arg) {
    Value function = t->trace ? slot_get(t, &f->trace) : UNDEF;
    if (!function) return 0;
    Value result = tell(t, function, f, event, arg);
    value_release(t, function);
    if (!result) return -1;
    if (result != NONE && t->trace) slot_store(t, f, &f->trace, result);
    else value_release(t, result);
    return 0;
}
static int tell_profile(Thread *t, Frame *f, enum Event event, ValueRef arg) {
    if (!t->profile) return 0;
    Value result = tell(t, t->profile, f, event, arg);
    value_release(t, result);
    return result ? 0 : -1;
}

static int tell_call(Thread *t, Frame *f, const Code *code, uint32_t index) {
    f->told = true;
    bool goes_on = index && code->traced && code->traced->ops[index - 1] == OP_YIELD;
    f->last_line = goes_on ? line_at(code, index - 1) : -1;
    f->last_lined = goes_on ? index - 1 : 0;
    f->last_index = index;
    f->lineno = goes_on ? f->last_line : code->firstlineno;
    if (f->lineno < 0) f->lineno = 0;
    int result = 0;
    if (t->trace) {
        Value local = tell(t, t->trace, f, CALL, NONE);
        if (!local) result = -1;
        else if (local != NONE && t->trace) slot_store(t, f, &f->trace, local);
        else value_release(t, local);
    }
    if (result == 0) result = tell_profile(t, f, CALL, NONE);
    f->lineno = 0;
    return result;
}
bool trace_stands_for_nothing(const Code *code, uint32_t index) {
    uint16_t op = code->traced->ops[index];
    Ins ins = code->data->instructions[index];
    return op == OP_MAKE_CELL || op == OP_RERAISE || op == OP_JLOOP || (op == OP_RETURNC && ins.b) || (op == OP_INTRINSIC && ins.c == INTRINSIC_STOP_ITERATION_ERROR);
}
// A frame's line, and its instruction where it asks for that.
static int tell_line(Thread *t, Frame *f, const Code *code, uint32_t index) {
    if (!t->trace || !f->trace || !code->traced) return 0;
    if (trace_stands_for_nothing(code, index)) {
        if (code->traced->ops[index] == OP_JLOOP) f->last_index = index;
        return 0;
    }
    int32_t line = code->traced->lines[index];
    // A line again, where a jump leads back (but in the middle of an await).
    bool tells = line >= 0 && (line != f->last_line || (index < f->last_index && code->traced->ops[index] != OP_SEND));
    if (line >= 0) {
        f->last_line = line;
        f->last_lined = index;
    }
    f->last_index = index;
    if (tells && __atomic_load_n(&f->trace_lines, __ATOMIC_RELAXED) && tell_local(t, f, LINE, NONE) < 0) return -1;
    return __atomic_load_n(&f->trace_opcodes, __ATOMIC_RELAXED) ? tell_local(t, f, OPCODE, NONE) : 0;
}
static bool is_native(ValueRef v) {
    return value_is(v, NATIVE_FUNCTION) || value_is(v, NATIVE_METHOD_DESCRIPTOR) || value_is(v, CLASSMETHOD_DESCRIPTOR);
}
static int tell_native_end(Thread *t, Frame *f, enum Event event) {
    Value called = slot_get(t, &f->called);
    if (!called) return 0;
    slot_store(t, f, &f->called, UNDEF);
    int result = tell_profile(t, f, event, called);
    value_release(t, called);
    return result;
}
// What the operation is about to do: a return, or the call of a native function.
static int tell_operation(Thread *t, Frame *f, Value *fp, const Ins *pc, uint16_t op) {
    Ins ins = {.word = atomic_load_relaxed_u64((const _Atomic uint64_t *)&pc->word)};
    ValueRef v = UNDEF;
    switch (op) {
    case OP_RETURN: v = fp[ins.a & OPERAND_INDEX]; break;
    case OP_RETURNC: v = value_from_bits(ins.a); break;
    case OP_YIELD: v = fp[ins.b & OPERAND_INDEX]; break;
    case OP_CALL: case OP_CALL_KW: case OP_CALL_EX: {
        ValueRef callable = fp[ins.b & OPERAND_INDEX];
        if (!t->profile || !is_native(callable)) return 0;
        slot_store(t, f, &f->called, value_dup(t, callable));
        return tell_profile(t, f, C_CALL, callable);
    }
    default: return 0;
    }
    f->told = false;
    Value held = value_dup(t, v);
    if (f->last_line > 0 && trace_stands_for_nothing(frame_data(fp)->code, (uint32_t)(pc - frame_data(fp)->instructions))) f->lineno = f->last_line;
    int result = tell_local(t, f, RETURN, held);
    if (result == 0) result = tell_profile(t, f, RETURN, held);
    f->lineno = 0;
    value_release(t, held);
    return result;
}

int trace_instruction(Thread *t, Value *fp, const Ins *pc) {
    CodeData *data = frame_data(fp);
    bool watched = monitor_active(t) && data->code->traced->monitor;
    if (LIKELY(!trace_active(t) && !watched)) {
        if (!t->interp->traced_threads) executed_for_nobody(t);
        return 0;
    }
    // Before a generator is made, its function has not begun.
    if (data->flags & CO_ANY_GENERATOR && !frame_is_generator(t, fp)) return 0;
    Frame *f = frame_object(t, fp);
    if (!f) return -1;
    object_dup(t, f);
    Code *code = data->code;
    uint32_t index = (uint32_t)(pc - data->instructions);
    int result = watched ? monitor_instruction(t, fp, f, index) : 0;
    if (result == 0 && trace_active(t)) result = tell_native_end(t, f, C_RETURN);
    if (result == 0 && !f->told && trace_active(t)) result = tell_call(t, f, code, index);
    if (result == 0 && trace_active(t)) result = tell_line(t, f, code, index);
    if (result == 0 && trace_active(t)) result = tell_operation(t, f, fp, pc, code_op(data, pc));
    object_release(t, f);
    return result;
}

void trace_raised(Thread *t, Value *fp, bool again, bool leaves) {
    CodeData *data = frame_data(fp);
    if (!trace_active(t) || (data->flags & CO_ANY_GENERATOR && !frame_is_generator(t, fp))) return;
    Value e = error_take(t);
    Frame *f = frame_object(t, fp);
    int result = f ? 0 : -1;
    if (f) object_dup(t, f);
    // A generator that an exception is thrown into goes on with it.
    if (f && !f->told && frame_is_generator(t, fp) && !again) result = tell_call(t, f, data->code, (uint32_t)(t->pc - data->instructions) + 1);
    if (f && f->told) {
        if (result == 0) result = tell_native_end(t, f, C_RAISED);
        if (result == 0 && !again && t->trace && f->trace) {
            Value tb = slot_get(t, &value_exception(e)->traceback);
            Value row[3] = {value_dup(t, value_of(value_type(e))), value_dup(t, e), tb ? tb : NONE};
            Value tuple = tuple_from_values(t, row, 3);
            result = tuple ? tell_local(t, f, RAISED, tuple) : -1;
            value_release(t, tuple);
        }
        if (leaves) {
            f->told = false;
            if (again && f->last_line > 0) f->lineno = f->last_line;
            if (result == 0) result = tell_local(t, f, RETURN, NONE);
            if (result == 0) result = tell_profile(t, f, RETURN, NONE);
            f->lineno = 0;
        }
    }
    object_release(t, f);
    if (result < 0 && error_pending(t)) {
        value_release(t, e);
    } else {
        error_clear(t);
        error_restore(t, e);
    }
}
