// sys.monitoring: which places of code can tell which events, and telling them (monitor.h).
//
// A jump is told at the instruction that it led to: until then the frame object keeps which it was. A line is told where the
// instruction executed before stands in another one; where that depends on the way taken, the jumps that lead there are seen too.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/monitor.h"
#include "runtime/module.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/namespace.h"
#include "runtime/objects/tuple.h"
#include "runtime/sys.h"
#include "runtime/sys_internal.h"
#include "runtime/tier.h"
#include "sync/stop.h"

#define BIT(name) (1u << MONITOR_##name)
enum { BRANCHES = BIT(BRANCH_LEFT) | BIT(BRANCH_RIGHT), NATIVE_ENDS = BIT(C_RETURN) | BIT(C_RAISE), LOCAL_SET = (1u << MONITOR_LOCAL_EVENTS) - 1 };
static const char *const event_names[] = {
#define X(name) #name,
    MONITOR_EVENTS(X)
#undef X
};

// ---- places
// Where the jump at an instruction leads, -1: it is none.
static Ins plain_at(const Code *code, uint32_t at) {
    Ins ins = code->data->instructions[at];
    ins.op = code->traced->ops[at];
    return ins;
}
static int64_t jump_target(const Code *code, uint32_t at) { return ins_jump_target(plain_at(code, at), at); }
static bool is_branch(const Code *code, uint32_t at) { return code_branch_target(plain_at(code, at), at) >= 0; }
static bool goes_on(uint16_t op) { return !(op_info[op].effects & ENDS); }
static bool is_call(uint16_t op) { return op == OP_CALL || op == OP_CALL_KW || op == OP_CALL_EX; }
// The first instruction of what the code's function says.
static uint32_t start_of(const Code *code) {
    uint32_t i = 0;
    while (code->data->flags & CO_ANY_GENERATOR && i + 1 < code->ninstructions && code->traced->ops[i] != OP_RETURN_GENERATOR) i++;
    return code->data->flags & CO_ANY_GENERATOR ? i + 1 : 0;
}
// Do both instructions stand in one line, the first being executed right before the second?
static bool same_line(const Code *code, uint32_t start, uint32_t before, uint32_t at) {
    // A jump back goes on from the line of what stands before it, unless other lines lead to it.
    if (before > start && code->traced->ops[before] == OP_JLOOP && !(code->traced->monitor->told[before] & MONITOR_JOINS)) before--;
    return before >= start && !trace_stands_for_nothing(code, before) && code->traced->lines[before] == code->traced->lines[at];
}
// Without a jump, does a line begin here?
static bool begins_line(const Code *code, uint32_t start, uint32_t at) {
    return at == start || at == 0 || !goes_on(code->traced->ops[at - 1]) || !same_line(code, start, at - 1, at);
}

// A jump that a program says, by a loop or an if: not one over handlers, or from a handler's end to what follows.
static bool is_told_jump(const Code *code, uint32_t at) {
    const uint16_t *ops = code->traced->ops;
    if (ops[at] == OP_JLOOP) return true;
    if (ops[at] != OP_JMP) return false;
    for (uint32_t i = 0; i < code->nexceptions; i++)
        if (code->exceptions[i].target == at + 1) return false;
    for (uint32_t i = at; i && i + 6 > at && goes_on(ops[i - 1]); i--)
        if (ops[i - 1] == OP_EXC_LEAVE) return false;
    return true;
}

static void find_places(const Code *code, CodeMonitor *m) {
    uint32_t n = code->ninstructions, start = start_of(code);
    const uint16_t *ops = code->traced->ops;
    for (uint32_t i = 0; i < n; i++) {
        int64_t target = jump_target(code, i);
        if (target > 0 && target < n && code->traced->lines[i] != code->traced->lines[target - 1]) m->told[target] |= MONITOR_JOINS;
    }
    enum { OTHER = 1, SAME = 2, HANDLER = 4 }; // how the ways to an instruction relate to its line
    uint8_t *ways = calloc(n ? n : 1, 1);
    for (uint32_t i = 0; ways && i < n; i++) {
        int64_t target = jump_target(code, i);
        ways[i] |= begins_line(code, start, i) ? (i && !goes_on(ops[i - 1]) && i != start ? 0 : OTHER) : SAME;
        if (target >= 0 && target < n) ways[target] |= same_line(code, start, i, (uint32_t)target) ? SAME : OTHER;
    }
    for (uint32_t i = 0; ways && i < code->nexceptions; i++) ways[code->exceptions[i].target] |= HANDLER;
    for (uint32_t i = start; i < n; i++) {
        uint16_t op = ops[i];
        uint32_t told = 0;
        int64_t target = jump_target(code, i);
        bool leads = target >= 0 && target < n;
        if (op == OP_WIDE) continue;
        if (!trace_stands_for_nothing(code, i)) {
            told |= BIT(INSTRUCTION);
            if (code->traced->lines[i] >= 0 && (!ways || ways[i] & (OTHER | HANDLER))) told |= BIT(LINE);
        }
        if (i == start) told |= BIT(PY_START);
        if (op == OP_RETURN || op == OP_RETURNC) told |= BIT(PY_RETURN);
        if (is_call(op)) told |= BIT(CALL);
        if (is_told_jump(code, i)) told |= BIT(JUMP);
        if (is_branch(code, i)) told |= BRANCHES;
        if (op == OP_SEND || op == OP_FOR_ITER) told |= BIT(STOP_ITERATION);
        if (op == OP_YIELD) {
            told |= BIT(PY_YIELD);
            m->seen[i] |= BIT(PY_RESUME);
        }
        m->told[i] |= (uint16_t)told;
        if (i + 1 < n && (is_call(op) || is_branch(code, i))) m->seen[i + 1] |= told & (BIT(CALL) | BRANCHES);
        if (i + 1 < n && op == OP_YIELD) m->told[i + 1] |= BIT(PY_RESUME);
        if (!leads) continue;
        m->seen[target] |= told & (BIT(JUMP) | BRANCHES | BIT(STOP_ITERATION));
        if ((uint32_t)target == start) m->seen[i] |= BIT(PY_START);
        if (!ways || (ways[target] & SAME && ways[target] & OTHER)) m->seen[i] |= BIT(LINE);
    }
    free(ways);
}

void code_monitor_free(CodeMonitor *m) {
    for (int tool = 0; m && tool < MONITOR_TOOLS; tool++) free((void *)atomic_load_relaxed_ptr(&m->disabled[tool]));
    free(m);
}

// ---- what is wanted
static uint32_t set_of(const Monitor *monitor, const Code *code, int tool) {
    return monitor->events[tool] | (code->traced && code->traced->monitor ? code->traced->monitor->local[tool] : 0);
}
static uint32_t disabled_at(const CodeMonitor *m, int tool, uint32_t index) {
    _Atomic uint16_t *sets = atomic_load_acquire_ptr(&m->disabled[tool]); // pairs with disable_at
    return sets ? atomic_load_relaxed_u16(&sets[index]) : 0;
}
static void disable_at(const Code *code, int tool, uint32_t index, uint32_t set) {
    CodeMonitor *m = code->traced->monitor;
    _Atomic uint16_t *sets = atomic_load_acquire_ptr(&m->disabled[tool]), *none = NULL;
    if (!sets) {
        sets = calloc(code->ninstructions, sizeof *sets);
        if (!sets) return; // it will be told again
        if (!atomic_cas_acq_rel_ptr(&m->disabled[tool], &none, sets)) {
            free((void *)sets);
            sets = none;
        }
    }
    atomic_or_relaxed_u16(&sets[index], (uint16_t)set);
}
bool monitor_wants(const Interp *interp, const Code *code, uint32_t index) {
    const CodeMonitor *m = code->traced->monitor;
    for (int tool = 0; m && tool < MONITOR_TOOLS; tool++) {
        uint32_t set = set_of(interp->monitor, code, tool);
        if (!set) continue;
        if (set & m->told[index] & ~disabled_at(m, tool, index)) return true;
        uint32_t seen = set & m->seen[index];
        int64_t target = seen & BIT(LINE) ? jump_target(code, index) : -1;
        if (target >= 0 && disabled_at(m, tool, (uint32_t)target) & BIT(LINE)) seen &= ~BIT(LINE);
        if (seen) return true;
    }
    return false;
}
void monitor_prepare(const Interp *interp, Code *code) {
    if (!interp->monitor || !(interp->monitor->all & LOCAL_SET) || (code->traced && code->traced->monitor) || !trace_prepare(code)) return;
    size_t n = code->ninstructions;
    CodeMonitor *m = calloc(1, sizeof *m + 2 * n * sizeof(uint16_t));
    if (!m) return; // this code is not watched
    m->seen = m->told + n;
    code->traced->monitor = m;
    find_places(code, m);
}

// ---- telling
// Calls the tools that want to be told: args[0] is the code. 0, or -1 with an exception.
static int send(Thread *t, const Code *code, enum MonitorEvent event, uint32_t index, const ValueRef *args, uint32_t nargs) {
    Monitor *monitor = t->interp->monitor;
    bool local = event < MONITOR_LOCAL_EVENTS;
    uint32_t needs = 1u << event & NATIVE_ENDS ? BIT(CALL) : 1u << event;
    for (int tool = 0; tool < MONITOR_TOOLS; tool++) {
        if (!(set_of(monitor, code, tool) & needs)) continue;
        if (local && code->traced && code->traced->monitor && disabled_at(code->traced->monitor, tool, index) & needs) continue;
        Value *slot = &monitor->callbacks[tool][event];
        uint32_t both = needs;
        if (needs & BRANCHES && !slot_borrow(slot)) {
            slot = &monitor->callbacks[tool][MONITOR_BRANCH];
            both = BRANCHES;
        }
        Value callback = slot_get(t, slot);
        if (!callback) continue;
        t->tracing = true;
        Value result = call_object(t, callback, args, nargs, NULL);
        t->tracing = false;
        value_release(t, callback);
        if (!result) return -1;
        bool disables = value_bits(result) == value_bits(slot_borrow(&monitor->disable));
        value_release(t, result);
        if (!disables) continue;
        if (!local) {
            slot_store(t, value_object(t->interp->monitor_module), slot, UNDEF);
            return raise_int(t, VALUE_ERROR, "Cannot disable %s events. Callback removed.", event_names[event]);
        }
        if (code->traced && code->traced->monitor) disable_at(code, tool, index, both);
    }
    return 0;
}
static Value offset_of(uint32_t index) { return value_int((int64_t)index * (int64_t)sizeof(Ins)); }
static int send_place(Thread *t, const Code *code, enum MonitorEvent event, uint32_t index) {
    Value offset = offset_of(index);
    return send(t, code, event, index, (ValueRef[]){value_of(code), offset}, 2);
}
static int send_value(Thread *t, const Code *code, enum MonitorEvent event, uint32_t index, ValueRef v) {
    Value offset = offset_of(index);
    return send(t, code, event, index, (ValueRef[]){value_of(code), offset, v}, 3);
}
static int send_way(Thread *t, const Code *code, enum MonitorEvent event, uint32_t from, uint32_t to) {
    Value offset = offset_of(from), destination = offset_of(to);
    return send(t, code, event, from, (ValueRef[]){value_of(code), offset, destination}, 3);
}

static int send_native_end(Thread *t, Frame *f, const Code *code, enum MonitorEvent event) {
    Value callee = slot_get(t, &f->callee), first = slot_get(t, &f->callee_first);
    if (!callee) return 0;
    slot_store(t, f, &f->callee, UNDEF);
    slot_store(t, f, &f->callee_first, UNDEF);
    Value offset = offset_of(f->callee_index);
    int result = send(t, code, event, f->callee_index, (ValueRef[]){value_of(code), offset, callee, first}, 4);
    value_release(t, callee);
    value_release(t, first);
    return result;
}
static int send_call(Thread *t, Value *fp, Frame *f, const Code *code, uint32_t index, uint16_t op) {
    Ins ins = code->data->instructions[index];
    uint32_t w = ins.b & OPERAND_INDEX;
    ValueRef callable = fp[w], first = t->interp->monitor->missing;
    if (op == OP_CALL_EX) {
        if (value_is(fp[w + 1], TUPLE) && value_tuple(fp[w + 1])->length) first = tuple_item(value_tuple(fp[w + 1]), 0);
    } else {
        bool has_self = !(ins.b & BARE) && fp[w + CALL_SELF];
        if (has_self) first = fp[w + CALL_SELF];
        else if (ins.c) first = fp[w + CALL_ARGS];
        if (value_is(callable, METHOD)) {
            first = slot_borrow(&((Method *)value_object(callable))->self);
            callable = slot_borrow(&((Method *)value_object(callable))->function);
        }
    }
    Value held[2] = {value_dup(t, callable), value_dup(t, first)}, offset = offset_of(index);
    int result = send(t, code, MONITOR_CALL, index, (ValueRef[]){value_of(code), offset, held[0], held[1]}, 4);
    if (result == 0 && !value_is_function(held[0]) && t->interp->monitor->all & BIT(CALL)) {
        f->callee_index = index;
        slot_store(t, f, &f->callee, held[0]);
        slot_store(t, f, &f->callee_first, held[1]);
        return 0;
    }
    value_release(t, held[0]);
    value_release(t, held[1]);
    return result;
}
// The jump (or what might have jumped) at `from` led to `index`.
static int send_jump(Thread *t, Value *fp, const Code *code, uint32_t from, uint32_t index) {
    uint16_t op = code->traced->ops[from];
    int64_t target = jump_target(code, from);
    bool jumped = index == target;
    if (op == OP_JMP || op == OP_JLOOP) return jumped && code->traced->monitor->told[from] & BIT(JUMP) ? send_way(t, code, MONITOR_JUMP, from, index) : 0;
    if (jumped && index != from + 1 && (op == OP_SEND || op == OP_FOR_ITER)) {
        Ins ins = code->data->instructions[from];
        ValueRef iterator = fp[ins.b & OPERAND_INDEX];
        if (value_is_pointer(iterator) && value_is_generator_like(iterator)) {
            Value value = op == OP_SEND ? value_dup(t, fp[ins.a & OPERAND_INDEX]) : NONE;
            ValueRef argument = value;
            Value e = call_object(t, value_of(EXCEPTION(STOP_ITERATION)), &argument, value == NONE ? 0 : 1, NULL);
            value_release(t, value);
            int result = e ? send_value(t, code, MONITOR_STOP_ITERATION, from, e) : -1;
            value_release(t, e);
            if (result < 0) return -1;
        }
    }
    if (!is_branch(code, from)) return 0;
    if (index == from + 1) return send_way(t, code, MONITOR_BRANCH_LEFT, from, index);
    return jumped ? send_way(t, code, MONITOR_BRANCH_RIGHT, from, index) : 0;
}

int monitor_instruction(Thread *t, Value *fp, Frame *f, uint32_t index) {
    Code *code = frame_data(fp)->code;
    const CodeMonitor *m = code->traced ? code->traced->monitor : NULL;
    uint32_t from = f->from, start, told;
    bool resumed = f->suspended;
    f->from = 0;
    f->suspended = false;
    if (!m) return 0;
    if (f->callee && send_native_end(t, f, code, MONITOR_C_RETURN) < 0) return -1;
    start = start_of(code);
    told = m->told[index];
    uint16_t op = code->traced->ops[index];
    bool came = from && jump_target(code, from - 1) == index;
    if (from && send_jump(t, fp, code, from - 1, index) < 0) return -1;
    if (resumed && told & BIT(PY_RESUME) && send_place(t, code, MONITOR_PY_RESUME, index) < 0) return -1;
    if (index == start && !came && send_place(t, code, MONITOR_PY_START, index) < 0) return -1;
    if (told & BIT(LINE) && !(came ? same_line(code, start, from - 1, index) : !begins_line(code, start, index))) {
        Value line = value_int(code->traced->lines[index]);
        if (send(t, code, MONITOR_LINE, index, (ValueRef[]){value_of(code), line}, 2) < 0) return -1;
    }
    if (told & BIT(INSTRUCTION) && send_place(t, code, MONITOR_INSTRUCTION, index) < 0) return -1;
    if (told & BIT(CALL)) {
        if (send_call(t, fp, f, code, index, op) < 0) return -1;
    } else if (told & (BIT(PY_RETURN) | BIT(PY_YIELD))) {
        Ins ins = code->data->instructions[index];
        Value v = op == OP_RETURN ? value_dup(t, fp[ins.a & OPERAND_INDEX]) : op == OP_RETURNC ? value_assume_owned(value_from_bits(ins.a)) : value_dup(t, fp[ins.b & OPERAND_INDEX]);
        int result = send_value(t, code, op == OP_YIELD ? MONITOR_PY_YIELD : MONITOR_PY_RETURN, index, v);
        value_release(t, v);
        if (result < 0) return -1;
    }
    f->suspended = op == OP_YIELD;
    f->from = op_info[op].effects & JUMPS ? index + 1 : 0;
    if (!t->interp->traced_threads && !t->interp->traced_left && !monitor_wants(t->interp, code, index)) trace_restore(code, index);
    return 0;
}

void monitor_raised(Thread *t, Value *fp, uint32_t index, bool again, bool leaves) {
    CodeData *data = frame_data(fp);
    if (!monitor_active(t) || (data->flags & CO_ANY_GENERATOR && !frame_is_generator(t, fp))) return;
    Code *code = data->code;
    Value e = error_take(t);
    Frame *f = frame_object(t, fp);
    int result = f ? 0 : -1;
    if (f) {
        object_dup(t, f);
        f->from = 0;
        f->suspended = false;
        if (!again) result = send_native_end(t, f, code, MONITOR_C_RAISE);
        // A YIELD raises nothing itself.
        if (result == 0 && !again && code_op(data, data->instructions + index) == OP_YIELD) result = send_value(t, code, MONITOR_PY_THROW, index, e);
        if (result == 0) result = send_value(t, code, again ? MONITOR_RERAISE : MONITOR_RAISE, index, e);
        if (result == 0) result = send_value(t, code, leaves ? MONITOR_PY_UNWIND : MONITOR_EXCEPTION_HANDLED, index, e);
        object_release(t, f);
    }
    if (result < 0 && error_pending(t) && f) {
        value_release(t, e);
    } else {
        error_clear(t);
        error_restore(t, e);
    }
}

// ---- changing what is asked for
typedef struct Change {
    Interp *interp;
    int tool;            // -1: none
    bool forget;         // the tool's local sets
    bool enable;         // all that callbacks disabled
    uint32_t added;      // events that the tool did not watch before: enabled again
} Change;
static void change_code(Object *o, void *arg) {
    const Change *change = arg;
    if (object_shape(o) != SHAPE_CODE || !trace_code_is_whole((Code *)o)) return;
    Code *code = (Code *)o;
    monitor_prepare(change->interp, code);
    CodeMonitor *m = code->traced ? code->traced->monitor : NULL;
    if (!m) return;
    if (change->forget) m->local[change->tool] = 0;
    for (int tool = 0; tool < MONITOR_TOOLS; tool++) {
        _Atomic uint16_t *sets = atomic_load_relaxed_ptr(&m->disabled[tool]);
        uint16_t enabled = change->enable ? UINT16_MAX : tool == change->tool ? (uint16_t)change->added : 0;
        for (uint32_t i = 0; sets && enabled && i < code->ninstructions; i++) atomic_store_relaxed_u16(&sets[i], atomic_load_relaxed_u16(&sets[i]) & (uint16_t)~enabled);
    }
    trace_apply(change->interp, code);
}
static void find_local(Object *o, void *arg) {
    if (object_shape(o) != SHAPE_CODE || !trace_code_is_whole((Code *)o)) return;
    const CodeMonitor *m = ((Code *)o)->traced ? ((Code *)o)->traced->monitor : NULL;
    for (int tool = 0; m && tool < MONITOR_TOOLS; tool++) *(uint32_t *)arg |= m->local[tool];
}
// In a stop.
static void count_all(Monitor *monitor) {
    uint32_t all = 0;
    for (int tool = 0; tool < MONITOR_TOOLS; tool++) all |= monitor->events[tool];
    registry_each(find_local, &all);
    monitor->all = all;
}
static void set_global(Thread *t, int tool, uint32_t set, bool forget) {
    Monitor *monitor = t->interp->monitor;
    stop_world(&t->core);
    uint32_t before = monitor->events[tool];
    monitor->events[tool] = set;
    monitor->all |= set;
    if (before != set || forget) registry_each(change_code, &(Change){t->interp, tool, forget, false, set & ~before});
    tier_forget_returns(t);
    count_all(monitor);
    start_world(&t->core);
}
static int set_local(Thread *t, int tool, Code *code, uint32_t set) {
    Monitor *monitor = t->interp->monitor;
    stop_world(&t->core);
    monitor->all |= set;
    monitor_prepare(t->interp, code);
    CodeMonitor *m = code->traced ? code->traced->monitor : NULL;
    uint32_t before = m ? m->local[tool] : 0;
    if (m) m->local[tool] = set;
    change_code((Object *)code, &(Change){t->interp, tool, false, false, set & ~before});
    tier_forget_returns(t);
    count_all(monitor);
    start_world(&t->core);
    if (!m && set) raise_no_memory(t);
    return !m && set ? -1 : 0;
}

// ---- the module
static void monitoring_traverse(void *state, VisitFn visit, void *arg) {
    Monitor *m = state;
    for (int tool = 0; tool < MONITOR_TOOLS; tool++) {
        visit(&m->tools[tool], arg);
        for (int event = 0; event < MONITOR_EVENT_COUNT; event++) visit(&m->callbacks[tool][event], arg);
    }
    visit(&m->disable, arg);
    visit(&m->missing, arg);
}
#define MONITORING(name) static Value monitoring_##name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
static Monitor *monitor_of(ValueRef self) { return module_state(self); }
static int tool_number(Thread *t, ValueRef id) {
    int n;
    if (arg_int(t, id, &n) < 0) return -1;
    return n < 0 || n >= MONITOR_TOOLS ? raise_int(t, VALUE_ERROR, "invalid tool %d (must be between 0 and 5)", n) : n;
}
// One that is in use.
static int used_tool(Thread *t, ValueRef self, ValueRef id) {
    int n = tool_number(t, id);
    return n >= 0 && !slot_borrow(&monitor_of(self)->tools[n]) ? raise_int(t, VALUE_ERROR, "tool %d is not in use", n) : n;
}
MONITORING(use_tool_id) {
    int n = tool_number(t, args[0]);
    if (n < 0) return UNDEF;
    if (!value_is_any_str(args[1])) return raise(t, VALUE_ERROR, "tool name must be a str");
    Value *slot = &monitor_of(self)->tools[n];
    if (slot_borrow(slot)) return raise(t, VALUE_ERROR, "tool %d is already in use", n);
    slot_store(t, value_object(self), slot, value_dup(t, args[1]));
    return NONE;
}
static void clear_tool(Thread *t, ValueRef self, int n) {
    for (int event = 0; event < MONITOR_EVENT_COUNT; event++) slot_store(t, value_object(self), &monitor_of(self)->callbacks[n][event], UNDEF);
    set_global(t, n, 0, true);
}
MONITORING(free_tool_id) {
    int n = tool_number(t, args[0]);
    if (n < 0) return UNDEF;
    if (slot_borrow(&monitor_of(self)->tools[n])) clear_tool(t, self, n);
    slot_store(t, value_object(self), &monitor_of(self)->tools[n], UNDEF);
    return NONE;
}
MONITORING(clear_tool_id) {
    int n = tool_number(t, args[0]);
    if (n < 0) return UNDEF;
    if (slot_borrow(&monitor_of(self)->tools[n])) clear_tool(t, self, n);
    return NONE;
}
MONITORING(get_tool) {
    int n = tool_number(t, args[0]);
    Value name = n < 0 ? UNDEF : slot_get(t, &monitor_of(self)->tools[n]);
    return n < 0 ? UNDEF : name ? name : NONE;
}
MONITORING(get_events) {
    int n = tool_number(t, args[0]);
    return n < 0 ? UNDEF : value_int(monitor_of(self)->events[n]);
}
// The set that an argument means. 0, or -1 with ValueError.
static int event_set(Thread *t, ValueRef v, bool local, uint32_t *set) {
    int n;
    if (arg_int(t, v, &n) < 0) return -1;
    *set = (uint32_t)n;
    if (*set >= 1u << MONITOR_EVENT_COUNT) return raise_int(t, VALUE_ERROR, "invalid event set 0x%x", *set);
    if (*set & NATIVE_ENDS && (*set & (NATIVE_ENDS | BIT(CALL))) != (NATIVE_ENDS | BIT(CALL)))
        return raise_int(t, VALUE_ERROR, "cannot set C_RETURN or C_RAISE events independently");
    *set &= ~(uint32_t)NATIVE_ENDS;
    if (*set & BIT(BRANCH)) *set = (*set & ~BIT(BRANCH)) | BRANCHES;
    if (local && *set & ~LOCAL_SET) return raise_int(t, VALUE_ERROR, "invalid local event set 0x%x", *set);
    return 0;
}
MONITORING(set_events) {
    uint32_t set;
    if (tool_number(t, args[0]) < 0 || event_set(t, args[1], false, &set) < 0) return UNDEF;
    int n = used_tool(t, self, args[0]);
    if (n < 0) return UNDEF;
    if (monitor_of(self)->events[n] != set) set_global(t, n, set, false);
    return NONE;
}
static Code *code_argument(Thread *t, ValueRef v) {
    return value_is(v, CODE) ? value_code(v) : raise_null(t, TYPE_ERROR, "code must be a code object");
}
MONITORING(get_local_events) {
    int n = tool_number(t, args[0]);
    Code *code = n < 0 ? NULL : code_argument(t, args[1]);
    if (!code) return UNDEF;
    return value_int(code->traced && code->traced->monitor ? code->traced->monitor->local[n] : 0);
}
MONITORING(set_local_events) {
    uint32_t set;
    int n = tool_number(t, args[0]);
    Code *code = n < 0 ? NULL : code_argument(t, args[1]);
    if (!code || event_set(t, args[2], true, &set) < 0 || used_tool(t, self, args[0]) < 0) return UNDEF;
    if ((code->traced && code->traced->monitor ? code->traced->monitor->local[n] : 0) == set) return NONE;
    return set_local(t, n, code, set) < 0 ? UNDEF : NONE;
}
static Value replace_callback(Thread *t, ValueRef self, int tool, int event, ValueRef function) {
    Value *slot = &monitor_of(self)->callbacks[tool][event], old = slot_get(t, slot);
    slot_store(t, value_object(self), slot, function == NONE ? UNDEF : value_dup(t, function));
    return old;
}
MONITORING(register_callback) {
    int n = tool_number(t, args[0]), set;
    if (n < 0 || arg_int(t, args[1], &set) < 0) return UNDEF;
    if (set <= 0 || set & (set - 1)) return raise(t, VALUE_ERROR, "The callback can only be set for one event at a time");
    int event = __builtin_ctz((unsigned)set);
    if (event >= MONITOR_EVENT_COUNT) return raise(t, VALUE_ERROR, "invalid event %d", set);
    if (sys_audit(t, "sys.monitoring.register_callback", tuple_from_refs(t, &args[2], 1)) < 0) return UNDEF;
    Value old = UNDEF;
    if (event == MONITOR_BRANCH) {
        value_release(t, replace_callback(t, self, n, MONITOR_BRANCH_LEFT, NONE));
        value_release(t, replace_callback(t, self, n, MONITOR_BRANCH_RIGHT, NONE));
    }
    old = replace_callback(t, self, n, event, args[2]);
    // A side of a branch that had the callback of both.
    if ((1u << event) & BRANCHES && !old) old = slot_get(t, &monitor_of(self)->callbacks[n][MONITOR_BRANCH]);
    return old ? old : NONE;
}
MONITORING(restart_events) {
    stop_world(&t->core);
    registry_each(change_code, &(Change){t->interp, -1, false, true, 0});
    tier_forget_returns(t);
    start_world(&t->core);
    return NONE;
}
// {event: tools}: a set of tools for each event that one asked for everywhere.
MONITORING(all_events) {
    Value dict = dict_new(t);
    for (int event = 0; dict && event < MONITOR_LOCAL_EVENTS + 5; event++) {
        int tools = 0;
        for (int tool = 0; tool < MONITOR_TOOLS; tool++) tools |= (monitor_of(self)->events[tool] >> event & 1) << tool;
        if (tools && dict_set_text(t, value_dict(dict), event_names[event], value_int(tools)) < 0) VALUE_CLEAR(t, dict);
    }
    return dict;
}

static const NativeDef monitoring_functions[] = {
    {"use_tool_id", monitoring_use_tool_id, "($module, tool_id, name, /)", "Takes a tool number.", 0},
    {"free_tool_id", monitoring_free_tool_id, "($module, tool_id, /)", "Gives a tool number back.", 0},
    {"clear_tool_id", monitoring_clear_tool_id, "($module, tool_id, /)", "Drops a tool's events and callbacks.", 0},
    {"get_tool", monitoring_get_tool, "($module, tool_id, /)", "The name of the tool that has the number.", 0},
    {"get_events", monitoring_get_events, "($module, tool_id, /)", "The events that the tool asked for.", 0},
    {"set_events", monitoring_set_events, "($module, tool_id, event_set, /)", "Asks for events.", 0},
    {"get_local_events", monitoring_get_local_events, "($module, tool_id, code, /)", "The events asked for in one code object.", 0},
    {"set_local_events", monitoring_set_local_events, "($module, tool_id, code, event_set, /)", "Asks for events of one code object.", 0},
    {"register_callback", monitoring_register_callback, "($module, tool_id, event, func, /)", "Sets what an event calls.", 0},
    {"restart_events", monitoring_restart_events, "($module, /)", "Enables what callbacks disabled.", 0},
    {"_all_events", monitoring_all_events, "($module, /)", "Events asked for.", 0},
    NATIVE_END};

static int monitoring_exec(Thread *t, ValueRef module) {
    static const struct { const char *name; int id; } tools[] = {{"DEBUGGER_ID", 0}, {"COVERAGE_ID", 1}, {"PROFILER_ID", 2}, {"OPTIMIZER_ID", 5}};
    Monitor *m = monitor_of(module);
    Value dict = dict_new(t);
    if (!dict) return -1;
    int failed = 0;
    for (int event = 0; !failed && event < MONITOR_EVENT_COUNT; event++) failed = dict_set_text(t, value_dict(dict), event_names[event], value_int(1 << event)) < 0;
    if (!failed) failed = dict_set_text(t, value_dict(dict), "NO_EVENTS", value_int(0)) < 0;
    Value space = failed ? UNDEF : namespace_new(t, dict);
    value_release(t, dict);
    if (module_add(t, module, "events", space) < 0) return -1;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (module_add_int(t, module, tools[i].name, tools[i].id) < 0) return -1;
    slot_store(t, value_object(module), &m->disable, call_0(t, value_of(TYPE_OF(OBJECT))));
    slot_store(t, value_object(module), &m->missing, call_0(t, value_of(TYPE_OF(OBJECT))));
    if (!slot_borrow(&m->disable) || !slot_borrow(&m->missing)) return -1;
    return module_add(t, module, "DISABLE", slot_get(t, &m->disable)) < 0 ? -1 : module_add(t, module, "MISSING", slot_get(t, &m->missing));
}
static const ModuleSpec monitoring_module = {.name = "sys.monitoring", .functions = monitoring_functions, .exec = monitoring_exec,
                                             .state_size = sizeof(Monitor), .traverse = monitoring_traverse};

int sys_add_monitoring(Thread *t, ValueRef module) {
    Value monitoring = module_from_spec(t, &monitoring_module);
    if (!monitoring) return -1;
    t->interp->monitor_module = value_dup(t, monitoring);
    t->interp->monitor = monitor_of(monitoring);
    return module_add(t, module, "monitoring", monitoring);
}
