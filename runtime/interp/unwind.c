// Leaving frames by an exception: the exception table of each, traceback entries, generators' ends.
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/interp/monitor.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/objects/exception.h"

static const ExceptionRow *find_row(const Code *code, uint32_t at) {
    for (uint32_t i = 0; i < code->nexceptions; i++) {
        const ExceptionRow *row = &code->exceptions[i];
        if (at >= row->start && at < row->end) return row;
    }
    return NULL;
}

// Immediates may stay.
static inline void registers_release(Thread *t, Value *fp, uint32_t from, uint32_t to) {
    for (uint32_t r = from; r < to; r++) {
        Value v = fp[r];
        if (LIKELY(!value_is_pointer(v))) continue;
        fp[r] = UNDEF;
        value_release(t, v);
    }
}

void frame_release(Thread *t, Value *fp, const Ins *pc) {
    registers_release(t, fp, 0, frame_data(fp)->nregs);
    if (UNLIKELY(value_is_pointer(fp[FRAME_OBJECT]))) frame_detach(t, fp, pc);
    VALUE_CLEAR(t, fp[FRAME_FUNCTION]);
}

static void add_traceback(Thread *t, Value *fp, uint32_t at) {
    Value e = error_take(t);
    Frame *frame = frame_object(t, fp);
    if (frame) traceback_add(t, e, value_of(frame), at);
    // Without memory for the entry the exception goes on without it.
    error_clear(t);
    error_restore(t, e);
}

// Where a frame stands when an exception leaves it at `at`: at a cleanup's RERAISE, which has no position, where it was raised.
static const Ins *left_at(Thread *t, Value *fp, uint32_t at) {
    CodeData *data = frame_data(fp);
    ValueRef tb = slot_borrow(&value_exception(t->raised)->traceback);
    if (value_is(tb, TRACEBACK) && ((Traceback *)value_object(tb))->frame == fp[FRAME_OBJECT] && code_position(data->code, at).line < 0)
        at = ((Traceback *)value_object(tb))->instruction;
    return data->instructions + at;
}

bool unwind_frames(Thread *t, const Ins *pc, Value *fp) {
    t->fp = fp;
    t->pc = pc;
    for (;;) {
        if (frame_is_entry(fp)) {
            t->fp = fp;
            return false;
        }
        CodeData *data = frame_data(fp);
        if (fp[FRAME_FUNCTION] != UNDEF) {
            uint32_t at = (uint32_t)(pc - data->instructions);
            bool again = t->reraising;
            t->reraising = false;
            if (!again) add_traceback(t, fp, at);
            const ExceptionRow *row = find_row(data->code, at);
            if (UNLIKELY(trace_active(t))) trace_raised(t, fp, again, !row);
            if (UNLIKELY(monitor_sees_exceptions(t))) monitor_raised(t, fp, at, again, !row);
            if (row) {
                Value e = error_take(t);
                registers_release(t, fp, row->depth, data->nregs);
                fp[row->exc] = e;
                t->pc = data->instructions + row->target;
                return true;
            }
            if (again) pc = left_at(t, fp, at);
            // Releases run finalizers: they must not meet the exception on its way.
            Value e = error_take(t);
            if (frame_is_generator(t, fp)) {
                Generator *g = generator_of_fp(fp);
                bool entered = generator_was_entered(fp);
                Value *caller = frame_caller(fp);
                const Ins *return_pc = frame_return(fp), *at = pc;
                generator_finished(t, g, pc);
                t->fp = fp = caller;
                if (entered) {
                    t->pc = pc = return_pc - 1;
                    generator_left(t, g, at, false);
                }
                error_restore(t, e);
                continue;
            }
            frame_detach(t, fp, pc);
            Value *caller = frame_caller(fp);
            const Ins *return_pc = frame_return(fp);
            frame_release(t, fp, pc);
            error_restore(t, e);
            fp = caller;
            pc = return_pc - 1;
        } else { // the small frame over an __init__
            Value *caller = frame_caller(fp);
            VALUE_CLEAR(t, fp[0]);
            VALUE_CLEAR(t, fp[1]);
            pc = frame_return(fp) - 1;
            fp = caller;
        }
        t->fp = fp;
        t->pc = pc;
        t->depth--;
    }
}
