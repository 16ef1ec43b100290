// Running Python code: entries from native code, calls, unwinding.
#pragma once
#include "runtime/interp/frame.h"

// Runs code as a module or exec body: a function made of it with these globals, called with the namespace. UNDEF with an exception.
Value eval_code(Thread *t, ValueRef code, ValueRef globals, ValueRef locals);
Value eval_code_closure(Thread *t, ValueRef code, ValueRef globals, ValueRef locals, ValueRef closure_or_undef);

// Calls a Python function from native code. args borrowed; keyword values follow the positional ones.
Value function_call(Thread *t, Function *f, ValueRef self_or_undef, const ValueRef *args, uint32_t nargs, Tuple *kwnames);

// Runs a frame until it returns, yields or raises. The frame's caller is an entry frame (interp_enter).
enum RunResult { RUN_RETURNED, RUN_YIELDED, RUN_RAISED };
enum RunResult interp_run(Thread *t, Value *fp, const Ins *pc, Value *result);
// The same, but raises t->raised at pc first (generator.throw).
enum RunResult interp_throw(Thread *t, Value *fp, const Ins *pc, Value *result);
// Pushes an entry frame for code called from native code; its fp (result goes to register 0). NULL with RecursionError or MemoryError.
Value *interp_enter(Thread *t);
void interp_leave(Thread *t, Value *entry_fp);

// bind.c: lays a function's arguments out in its frame. `regs` is register 0 of the new frame and holds nargs owned positional
// values, then the values of nkw keywords. On success every register is in place; on failure (-1) all are released and empty.
// Names that are not plain may run Python, which uses the stack from stack_top on: `regs` must not stand there then.
int bind_arguments(Thread *t, Function *f, Value *regs, uint32_t nargs, const ValueRef *names, uint32_t nkw);
bool keywords_are_plain(const ValueRef *names, uint32_t nkw); // all are exact str
// Writes the header of a frame whose arguments are in place, and empties its other registers. Checks depth and stack.
int frame_push(Thread *t, Value *regs, Value function_steal, CodeData *data, Value *caller, const Ins *return_pc, uint32_t filled);

// unwind.c: t->raised is pending at pc of frame fp. True: t->fp, t->pc are the handler's. False: an entry frame was reached and left.
bool unwind_frames(Thread *t, const Ins *pc, Value *fp);
// Releases every register that holds a pointer, and the function, of a frame that is being left at pc. A finalizer may ask for the frame's
// object meanwhile: that is detached, too.
void frame_release(Thread *t, Value *fp, const Ins *pc);

// Native code's calls out of bodies (ops_*.c): one function for what an operation does beyond its fast path.
bool frame_is_entry(const Value *fp); // a frame that interp_enter pushed
void *interp_begin(bool may_be_compiled); // CodeData.entry of what is not compiled
extern const Ins *const exit_return; // return address that leads to EXIT
