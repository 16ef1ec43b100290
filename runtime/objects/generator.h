// Generators, coroutines, async generators: they own their frame.
#pragma once
#include "runtime/interp/frame.h"

enum GeneratorState { GENERATOR_CREATED, GENERATOR_SUSPENDED, GENERATOR_RUNNING, GENERATOR_DONE };
typedef struct Generator {
    Container c;
    Value name, qualname;
    Value code;           // stays when the frame is gone
    ExcState exc;         // (whoever runs it)
    _Atomic uint32_t state; // (a) enum GeneratorState; SUSPENDED -> RUNNING by compare-and-swap where shared
    uint32_t nregs;
    const Ins *pc;        // where it goes on
    Value *stack_top;     // while it runs: first free word of the running thread's stack
    Value origin;         // cr_origin, or UNDEF
    Value hooks_inited;   // async generators: finalizer hook taken at the first iteration, or UNDEF
    _Atomic uint32_t ag_running; // async generators: an asend/athrow is under way
    bool closed;
    Value frame[];        // FRAME_HEADER words, then nregs registers
} Generator;
static inline Generator *value_generator(ValueRef v) { return (Generator *)value_object(v); }
static inline Value *generator_fp(Generator *g) { return g->frame + FRAME_HEADER; }
static inline Generator *generator_of_fp(Value *fp) { return (Generator *)((char *)(fp - FRAME_HEADER) - offsetof(Generator, frame)); }
static inline bool value_is_generator_like(ValueRef v) {
    return value_is(v, GENERATOR) || value_is(v, COROUTINE) || value_is(v, ASYNC_GENERATOR);
}

// RETURN_GENERATOR: moves the frame's registers into a new object; resume_pc is where its first run starts. UNDEF with an exception.
Value generator_from_frame(Thread *t, Value *fp, const Ins *resume_pc);
// Sends a value (consumed; None to start) into a generator-like object. *result: what it yielded or returned (owned).
int generator_resume(Thread *t, Generator *g, Value sent_steal, Value *result); // enum RunResult
// The same with the pending exception t->raised thrown in at its yield.
int generator_throw_pending(Thread *t, Generator *g, Value *result);
// Sends to any iterator: generators directly, others by send() or next(). Consumes `sent`. enum RunResult
int generator_send_any(Thread *t, ValueRef iterator, Value sent_steal, Value *result);
// ---- resumed by Python code (FOR_ITER, SEND), with no C stack: the generator's frame stands over the frame of that code, and what
// it yields is the instruction's result; when it is done, the instruction's jump is taken.
// Sends `sent` (consumed on success) from the instruction at pc of the frame fp; t->fp and t->pc are then the generator's. False:
// nothing was done, generator_resume must tell (running, done, too deep).
bool generator_enter(Thread *t, Generator *g, const Ins *pc, Value *fp, ValueRef sent);
bool generator_was_entered(Value *fp); // is the running generator's frame over such an instruction?
// It leaves by yielding, returning or raising at pc: t->fp and t->pc are those of whoever resumed it.
void generator_left(Thread *t, Generator *g, const Ins *pc, bool yielded);
Value async_generator_wrap(Thread *t, ValueRef v);
Value generator_yield_from(Thread *t, Generator *g); // the iterator it delegates to while suspended, owned; UNDEF. May stop the world
// The frame has returned (t->return_value) or raised: the generator is done, its registers are released.
void generator_finished(Thread *t, Generator *g, const Ins *pc);
Value generator_close(Thread *t, ValueRef self); // what it returned, or None; UNDEF with an exception
// DeprecationWarning where throw() or athrow(), whose three arguments these are, is given more than an exception. 0, -1.
int generator_warn_throw(Thread *t, const char *method, const ValueRef *args);
Value generator_thrown_exception(Thread *t, const ValueRef *args, uint32_t nargs); // of throw(type, value, traceback)

// ---- shared by generator.c and async_generator.c
int generator_throw_in(Thread *t, Generator *g, Value exception_steal, Value *result); // to the delegate first (PEP 380)
size_t generator_bytes(const Object *o);
void generator_destroy(Thread *t, Object *o);
void generator_traverse(Object *o, VisitFn visit, void *arg);
void generator_clear(Thread *t, Object *o);
void generator_finalize(Thread *t, ValueRef self);
Value generator_repr(Thread *t, ValueRef self);
Value generator_get_name(Thread *t, ValueRef self);
Value generator_get_qualname(Thread *t, ValueRef self);
int generator_set_name(Thread *t, ValueRef self, ValueRef v);
int generator_set_qualname(Thread *t, ValueRef self, ValueRef v);
Value generator_get_code(Thread *t, ValueRef self);
Value generator_get_frame(Thread *t, ValueRef self);
Value generator_get_suspended(Thread *t, ValueRef self);
Value generator_get_yieldfrom(Thread *t, ValueRef self);
Value anext_awaitable_new(Thread *t, ValueRef awaitable, ValueRef default_value); // anext(iterator, default)
