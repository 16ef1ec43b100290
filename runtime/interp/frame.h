// Frames on the register stack (ops/BYTECODE.md): the header words, and frame objects.
//
// fp points at register 0; the header lies below it. Raw pointers stand there as marks, so that whatever scans registers for
// Values passes over them.
#pragma once
#include "runtime/code.h"
#include "runtime/objects/function.h"
#include "runtime/store.h"

enum {
    FRAME_FUNCTION = -6, // the Function (owned), UNDEF in the runtime's own frames
    FRAME_DATA = -5,     // CodeData *, a mark
    FRAME_CALLER = -4,   // caller's fp, a mark
    FRAME_RETURN = -3,   // instruction after the call in the caller, a mark; its predecessor names the result register
    FRAME_NATIVE = -2,   // compiled code to return to, a mark (jit/); mark of NULL for the interpreter
    FRAME_OBJECT = -1,   // UNDEF; the frame object (owned); or GENERATOR_MARK in a generator's frame that has none
};
#define GENERATOR_MARK mark_of(NULL)

static inline CodeData *frame_data(const Value *fp) { return mark_pointer(fp[FRAME_DATA]); }
static inline Value *frame_caller(const Value *fp) { return mark_pointer(fp[FRAME_CALLER]); }
static inline const Ins *frame_return(const Value *fp) { return mark_pointer(fp[FRAME_RETURN]); }
static inline Function *frame_function(const Value *fp) { return value_function(fp[FRAME_FUNCTION]); }
// Above the running frame the stack holds no pointers (whatever leaves a register empties it), so that of a new frame's registers
// only the locals without a value, from `filled` on, have to be emptied: temporaries are written before they are read.
static inline void frame_open(Value *regs, const CodeData *data, uint32_t filled) {
    for (uint32_t i = filled; i < data->nlocals; i++) regs[i] = UNDEF;
    CHECKING(for (uint32_t i = data->nlocals; i < data->nregs; i++) CHECK(!value_is_pointer(regs[i]), "register %u of a new frame holds %p", i, (void *)value_bits(regs[i]));)
}
enum { CO_ANY_GENERATOR = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };

// A frame as Python sees it. While the frame runs (or is suspended) it is a proxy for the registers at fp; when the frame is
// left, it takes the locals over.
typedef struct Frame {
    Container c;
    // (written by the thread that runs it) In a shared frame others look at what these say only in a stop: see frame_is_foreign.
    Value *fp;            // NULL once the frame was left; then the rest does not change
    Thread *thread;       // whose stack fp lies on; NULL: a suspended generator's, or left
    Value function, code; // Function or UNDEF, Code
    Value back;           // set when the frame is left (or suspended: UNDEF)
    Value generator;      // borrowed back pointer as mark, or UNDEF
    Value locals;         // tuple of the locals once left
    Value extra;          // dict of names that are no locals of the code, set through f_locals
    Value trace;
    Value kept;           // pairs (value that f_locals displaced from a register, what was kept before): until the frame is left
    Value called;         // native function whose end the profile function is still to be told, or UNDEF
    Value callee, callee_first; // monitor.c: what is being called whose end tools are still to be told, with its first argument; or UNDEF
    uint32_t instruction; // where it stood when it was left
    uint32_t last_index;  // trace.c: the instruction traced last, and the line told last
    int32_t last_line;    // and which instruction is of that line
    uint32_t last_lined;
    uint32_t callee_index; // monitor.c: where callee is called
    uint32_t from;        // monitor.c: 1 + the jump that was executed last, 0: none
    bool suspended;       // monitor.c: a YIELD was executed last
    bool told;            // trace.c: the call has been told, its return not yet
    int32_t lineno;       // trace.c: what f_lineno is while an event is told of another line than the instruction's, 0: none; f_lasti goes with it
    bool trace_lines, trace_opcodes;
    bool cleared;         // by clear(): the function's cells are no locals any more
} Frame;

// The frame object of a frame of this thread (made on first use); borrowed from the frame. NULL with an exception.
Frame *frame_object(Thread *t, Value *fp);
// May another thread be running, resuming or leaving the frame? Then its registers, its caller and where it stands are read in a stop.
static inline bool frame_is_foreign(const Thread *t, const Frame *f) {
    return object_is_shared((const Object *)f) && __atomic_load_n(&f->fp, __ATOMIC_ACQUIRE) && __atomic_load_n(&f->thread, __ATOMIC_RELAXED) != t;
}
static inline void frame_set_thread(Frame *f, Thread *t) { __atomic_store_n(&f->thread, t, __ATOMIC_RELAXED); }
// For frames of other threads, where nothing may be made in the stop: a shared frame object that stands for nothing yet (made
// before the stop; NULL with an exception), and putting it in its place, unless the frame at fp has one. `runner`: the thread
// whose stack fp belongs to, NULL for a generator that nobody runs. The frame's object, owned; *spare is NULL where it was used.
Frame *frame_spare(Thread *t);
Value frame_install_in_stop(Thread *t, Value *fp, Thread *runner, Frame **spare);
// The generator that the frame belongs to, owned; UNDEF.
Value frame_generator(Thread *t, Frame *f);
// The frame is being left with pc at an instruction: its object takes the locals over (they become UNDEF in the registers).
void frame_detach(Thread *t, Value *fp, const Ins *pc);
// The innermost frame of Python code at or above fp (the runtime's own frames are passed over); NULL at the bottom.
Value *frame_python(Value *fp);
uint32_t frame_instruction(const Frame *f, Thread *t); // where a live or left frame stands
// The same for a frame that another thread may be running: may stop the world.
uint32_t frame_position(Thread *t, const Frame *f);
// objects/frame_locals.c. f_locals: the namespace; or a proxy, of optimized code and in comprehensions compiled inline (PEP 667).
// locals(): the namespace, or a new dict. Owned, UNDEF with an exception.
Value frame_locals(Thread *t, Frame *f);
Value frame_locals_now(Thread *t, Frame *f);
// For zero-argument super(): the class cell's value and the first argument of the calling frame, owned. 0; -1 with RuntimeError.
int frame_super_arguments(Thread *t, Value *type, Value *self);
bool frame_is_generator(const Thread *t, const Value *fp); // its registers lie in a generator, not on the thread's stack
// First free word above everything that lives on t's stack below the running code.
Value *stack_top(Thread *t);
int stack_init(Thread *t);  // 0, -1 without memory
void stack_free(Thread *t);
