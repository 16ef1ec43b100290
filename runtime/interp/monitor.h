// sys.monitoring (PEP 669): tools that are told what code does. Code that a tool watches has the operation TRACED in the places where
// something can be told (trace.h); a place where every tool disabled what it could tell gets its own operation back.
#pragma once
#include "runtime/interp/trace.h"

#define MONITOR_EVENTS(X) \
    X(PY_START) X(PY_RESUME) X(PY_RETURN) X(PY_YIELD) X(CALL) X(LINE) X(INSTRUCTION) X(JUMP) X(BRANCH_LEFT) X(BRANCH_RIGHT) X(STOP_ITERATION) \
    X(RAISE) X(EXCEPTION_HANDLED) X(PY_UNWIND) X(PY_THROW) X(RERAISE) X(C_RETURN) X(C_RAISE) X(BRANCH)
enum MonitorEvent { // the numbers of bits in event sets
#define X(name) MONITOR_##name,
    MONITOR_EVENTS(X)
#undef X
    MONITOR_EVENT_COUNT,
    MONITOR_LOCAL_EVENTS = MONITOR_RAISE // those before can be asked for in one code object, and disabled in one place
};
enum { MONITOR_TOOLS = 6, MONITOR_JOINS = 0x8000 };

// The state of the module sys.monitoring, which lives as long as the interpreter.
typedef struct Monitor {
    Value tools[MONITOR_TOOLS]; // names; UNDEF: free
    Value callbacks[MONITOR_TOOLS][MONITOR_EVENT_COUNT]; // UNDEF: none. That of BRANCH is told both sides that have none of their own
    Value disable, missing;
    uint32_t events[MONITOR_TOOLS]; // (stop) sets asked for everywhere
    uint32_t all;                   // (stop) their union
} Monitor;

// What is watched in one code object; kept as long as the code.
typedef struct CodeMonitor {
    uint32_t local[MONITOR_TOOLS];                        // (stop) sets asked for in this code
    _Atomic(_Atomic uint16_t *) disabled[MONITOR_TOOLS];  // (a) of each instruction the set that callbacks disabled there; NULL: none
    uint16_t *seen;  // of each instruction, the events for which it must be seen although they are told of another one
    uint16_t told[]; // of each instruction, the events that can be told of it; MONITOR_JOINS where ways from several lines meet
} CodeMonitor;
void code_monitor_free(CodeMonitor *m);

// Does a tool want to see this instruction of code (which has a TraceTable)? While the caller can keep a stop away, or in one.
bool monitor_wants(const Interp *interp, const Code *code, uint32_t index);
// In a stop, or before others have the code: code that a tool watches everywhere or in itself gets what monitor_wants needs.
void monitor_prepare(const Interp *interp, Code *code);
// Before the instruction: what is due is told. 0, -1 with an exception.
int monitor_instruction(Thread *t, Value *fp, Frame *f, uint32_t index);
static inline bool monitor_active(const Thread *t) { return t->interp->monitor && !t->tracing; }
// As trace_raised, which it follows.
void monitor_raised(Thread *t, Value *fp, uint32_t index, bool again, bool leaves);
static inline bool monitor_sees_exceptions(const Thread *t) { return t->interp->monitor && t->interp->monitor->all >> MONITOR_CALL && !t->tracing; }
