// Trace and profile functions (sys.settrace, sys.setprofile). While any thread has one, every code object's instructions carry the
// operation TRACED in the place of their own, which then stand in the code's TraceTable: code that nobody traces costs nothing.
#pragma once
#include "runtime/code.h"
#include "runtime/interp/frame.h"

// Made once for a code object, in a stop or before others have the code; kept as long as the code.
typedef struct TraceTable {
    int32_t *lines;  // of each instruction, -1: none
    struct CodeMonitor *monitor; // monitor.h; NULL: no tool has watched this code
    uint16_t ops[];  // as they were compiled
} TraceTable;

// The operation that stands at an instruction of this code, whatever it has been quickened to, or TRACED.
static inline uint16_t code_op(const CodeData *data, const Ins *at) {
    uint16_t op = __atomic_load_n(&at->op, __ATOMIC_RELAXED);
    return op == OP_TRACED ? data->code->traced->ops[at - data->instructions] : op;
}
// Sets this thread's functions (UNDEF: none; consumed), and instruments all code, or takes that back, as needed. 0, -1.
int trace_set(Thread *t, Value trace_steal_or_undef, Value profile_steal_or_undef);
void trace_thread_ends(Thread *t);
// In a stop, or before others have the code: makes its table (false without memory); gives each instruction TRACED or its own operation, as
// threads with functions and tools of sys.monitoring need it; whether there is anything to instrument in it (it may be being made, or
// torn down).
bool trace_prepare(Code *code);
void trace_apply(Interp *interp, Code *code);
bool trace_code_is_whole(const Code *code);
// An instruction's own operation instead of TRACED. No stop may come between the decision and this.
void trace_restore(Code *code, uint32_t index);
// Beginnings and ends of functions and handlers, and jumps back, that no statement stands for.
bool trace_stands_for_nothing(const Code *code, uint32_t index);
// For code that is made while others are traced.
void trace_new_code(Thread *t, Code *code);
// TRACED at pc (t->pc) of frame fp, before its operation: tells the functions what is due. 0; -1 with an exception.
int trace_instruction(Thread *t, Value *fp, const Ins *pc);
// t->raised is pending in frame fp; `again`: it was there before and goes on; `leaves`: nothing in the frame handles it. What the functions
// raise takes its place.
void trace_raised(Thread *t, Value *fp, bool again, bool leaves);
static inline bool trace_active(const Thread *t) { return (value_bits(t->trace) || value_bits(t->profile)) && !t->tracing; }
