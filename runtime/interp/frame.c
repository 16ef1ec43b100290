// The register stack, frames as objects.
#include <sys/mman.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/tuple.h"
#include "runtime/tier.h"
#include "sync/stop.h"

// One reserved range a thread, committed as it is touched: 8 million registers, about 400,000 Python frames.
enum { STACK_WORDS = 8 << 20, STACK_MARGIN = 4096 };

// Stacks of threads that have ended, for the next ones: mapping and unmapping tell every processor. They hold no pointers (frame.h),
// and no memory beyond KEPT_BYTES.
enum { SPARE_STACKS = 16, KEPT_BYTES = 32 << 10 };
static _Atomic(Value *) spare_stacks[SPARE_STACKS];

int stack_init(Thread *t) {
    void *p = NULL;
    for (int i = 0; i < SPARE_STACKS && !p; i++)
        if (atomic_load_relaxed_ptr(&spare_stacks[i])) p = atomic_swap_acq_rel_ptr(&spare_stacks[i], (Value *)NULL);
    if (!p) p = mmap(NULL, STACK_WORDS * sizeof(Value), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return -1;
    t->stack_base = p;
    t->stack_limit = t->stack_base + STACK_WORDS - STACK_MARGIN;
    return 0;
}
void stack_free(Thread *t) {
    Value *base = t->stack_base;
    t->stack_base = NULL;
    if (!base) return;
    size_t bytes = STACK_WORDS * sizeof(Value);
    if (madvise((char *)base + KEPT_BYTES, bytes - KEPT_BYTES, MADV_DONTNEED) == 0)
        for (int i = 0; i < SPARE_STACKS; i++) {
            Value *none = NULL;
            if (atomic_cas_acq_rel_ptr(&spare_stacks[i], &none, base)) return;
        }
    munmap(base, bytes);
}

static bool on_stack(const Thread *t, const Value *fp) { return fp >= t->stack_base && fp < t->stack_base + STACK_WORDS; }
bool frame_is_generator(const Thread *t, const Value *fp) { return !on_stack(t, fp); }

Value *stack_top(Thread *t) {
    Value *fp = t->fp;
    if (!fp) return t->stack_base;
    if (!on_stack(t, fp)) return generator_of_fp(fp)->stack_top;
    return fp + frame_data(fp)->nregs;
}

// The runtime's own frames (entries from native code, the small frame over an __init__) have no function.
static void forget_returns(ThreadCore *core, void *arg) {
    Thread *t = (Thread *)core;
    if (!t->stack_base) return;
    for (Value *fp = t->fp; fp; fp = frame_caller(fp))
        if (!frame_is_entry(fp)) fp[FRAME_NATIVE] = mark_of(NULL); // an entry frame keeps something else there
    thread_poke(core, POLL_FLUSH);
}
void tier_forget_returns(Thread *t) {
    if (tier) thread_each(&t->core, forget_returns, NULL);
}

Value *frame_python(Value *fp) {
    while (fp && fp[FRAME_FUNCTION] == UNDEF) fp = frame_caller(fp);
    return fp;
}

Frame *frame_object(Thread *t, Value *fp) {
    Value existing = fp[FRAME_OBJECT];
    if (value_is_pointer(existing)) return (Frame *)value_object(existing);
    Frame *f = object_new(t, TYPE_OF(FRAME));
    if (!f) return NULL;
    f->fp = fp;
    f->thread = frame_is_generator(t, fp) && !frame_caller(fp) ? NULL : t;
    f->lineno = 0;
    f->trace_lines = true;
    slot_init(&f->function, value_dup(t, fp[FRAME_FUNCTION]));
    slot_init(&f->code, value_dup(t, value_of(frame_data(fp)->code)));
    if (frame_is_generator(t, fp)) f->generator = mark_of(generator_of_fp(fp));
    fp[FRAME_OBJECT] = value_of(f);
    return f;
}

Frame *frame_spare(Thread *t) {
    Frame *f = object_new(t, TYPE_OF(FRAME));
    if (!f) return NULL;
    f->trace_lines = true;
    if (!t->core.gil) publish_if_needed(t, value_of(f));
    return f;
}

Value frame_install_in_stop(Thread *t, Value *fp, Thread *runner, Frame **spare) {
    if (!value_is_pointer(fp[FRAME_OBJECT])) {
        Frame *f = *spare;
        *spare = NULL;
        f->fp = fp;
        f->thread = runner;
        // Published for its owner where it is still private; counted by this thread.
        Object *function = value_object(fp[FRAME_FUNCTION]), *code = (Object *)frame_data(fp)->code;
        if (!t->core.gil && !object_is_shared(function)) publish_in_stop(t, function);
        if (!t->core.gil && !object_is_shared(code)) publish_in_stop(t, code);
        slot_init(&f->function, value_dup(t, value_of(function)));
        slot_init(&f->code, value_dup(t, value_of(code)));
        if (runner ? frame_is_generator(runner, fp) : true) f->generator = mark_of(generator_of_fp(fp));
        fp[FRAME_OBJECT] = value_of(f); // the frame takes this thread's reference
    }
    Object *o = value_object(fp[FRAME_OBJECT]);
    if (!t->core.gil && !object_is_shared(o)) publish_in_stop(t, o);
    return value_dup(t, value_of(o));
}

Value frame_generator(Thread *t, Frame *f) {
    Value v = UNDEF;
    bool stop = object_is_shared((Object *)f);
    if (stop) stop_world(&t->core);
    if (value_is_mark(f->generator)) {
        Generator *g = mark_pointer(f->generator);
        // Count 0: it is being destroyed, and the frame is about to be detached.
        if (ref_is_deferred(&g->c.head) || ref_count(&g->c.head) != 0) {
            if (stop && !object_is_shared((Object *)g)) publish_in_stop(t, (Object *)g);
            v = value_dup(t, value_of(g));
        }
    }
    if (stop) start_world(&t->core);
    return v;
}

uint32_t frame_instruction(const Frame *f, Thread *t) {
    if (!f->fp) return f->instruction;
    const Ins *first = frame_data(f->fp)->instructions;
    const Ins *pc = NULL;
    if (!f->thread || (value_is_mark(f->generator) && ((Generator *)mark_pointer(f->generator))->state != GENERATOR_RUNNING)) {
        Generator *g = mark_pointer(f->generator);
        return g->pc > first ? (uint32_t)(g->pc - first - 1) : 0;
    }
    // The innermost frame stands at the thread's pc; any other at the call that its callee will return to.
    Thread *owner = f->thread;
    for (Value *fp = owner->fp, *callee = NULL; fp; callee = fp, fp = frame_caller(fp)) {
        if (fp != f->fp) continue;
        pc = callee && !(frame_return(callee) == exit_return) ? frame_return(callee) - 1 : callee ? mark_pointer(callee[FRAME_NATIVE]) : owner->pc;
        break;
    }
    (void)t;
    uint32_t n = value_code(f->code)->ninstructions;
    return pc >= first && pc < first + n ? (uint32_t)(pc - first) : 0;
}

// The caller's frame object, made now: a frame that outlives its run must not look for it later.
static Value frame_back_now(Thread *t, Value *fp) {
    Value *caller = frame_python(frame_caller(fp));
    if (!caller) return UNDEF;
    Frame *back = frame_object(t, caller);
    if (!back) {
        error_clear(t);
        return UNDEF;
    }
    return value_dup(t, value_of(back));
}

void frame_detach(Thread *t, Value *fp, const Ins *pc) {
    Value object = fp[FRAME_OBJECT];
    if (!value_is_pointer(object)) return;
    Frame *f = (Frame *)value_object(object);
    CodeData *data = frame_data(fp);
    f->instruction = (uint32_t)(pc - data->instructions);
    Tuple *locals = NULL;
    if (ref_is_unique_local(&t->core, &f->c.head)) {
        // Nobody else has it: the locals die with the frame.
    } else {
        Value pending = error_take(t);
        Value back = frame_is_generator(t, fp) ? UNDEF : frame_back_now(t, fp); // a generator has a caller only while it runs
        slot_store(t, f, &f->back, back);
        locals = tuple_alloc(t, data->nlocals);
        if (!locals) error_clear(t);
        error_restore(t, pending);
    }
    if (locals) {
        for (uint32_t i = 0; i < data->nlocals; i++) {
            slot_init(&locals->items[i], fp[i]);
            fp[i] = UNDEF;
        }
        slot_store(t, f, &f->locals, value_of(locals));
    }
    slot_store(t, f, &f->kept, UNDEF);
    f->generator = UNDEF;
    frame_set_thread(f, NULL);
    __atomic_store_n(&f->fp, NULL, __ATOMIC_RELEASE); // pairs with frame_is_foreign: where it was left, and the locals, stand
    fp[FRAME_OBJECT] = UNDEF;
    value_release(t, object);
}

int frame_super_arguments(Thread *t, Value *type, Value *self) {
    Value *fp = frame_python(t->fp);
    if (!fp) return raise_int(t, RUNTIME_ERROR, "super(): no current frame");
    Code *code = frame_data(fp)->code;
    if (code->data->argcount == 0) return raise_int(t, RUNTIME_ERROR, "super(): no arguments");
    Value first = fp[0];
    // A cell there is the code's own where an inner function uses the variable; else it is the argument.
    Tuple *cells = value_tuple(code->cellvars);
    for (int64_t i = 0; i < cells->length; i++)
        if (tuple_item(cells, i) == tuple_item(value_tuple(code->varnames), 0)) {
            if (value_is(first, CELL)) first = value_assume_owned(slot_borrow(&value_cell(first)->value));
            break;
        }
    if (!first) return raise_int(t, RUNTIME_ERROR, "super(): arg[0] deleted");
    Tuple *free = value_tuple(code->freevars);
    for (int64_t i = 0; i < free->length; i++) {
        if (tuple_item(free, i) != NAME(__class__)) continue;
        Value class = slot_get(t, &value_cell(tuple_item(value_tuple(frame_function(fp)->closure), i))->value);
        if (!class) return raise_int(t, RUNTIME_ERROR, "super(): empty __class__ cell");
        if (!value_is_type(class)) {
            raise(t, RUNTIME_ERROR, "super(): __class__ is not a type (%T)", class);
            value_release(t, class);
            return -1;
        }
        *type = class;
        *self = value_dup(t, first);
        return 0;
    }
    return raise_int(t, RUNTIME_ERROR, "super(): __class__ cell not found");
}
