// Frame objects as Python sees them. What they stand for lies in interp/frame.c.
#include "runtime/interp/frame.h"
#include "runtime/interp/trace.h"
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/str.h"
#include "runtime/heap.h"
#include "runtime/objects/tuple.h"
#include "sync/stop.h"

static Frame *value_frame(ValueRef v) { return (Frame *)value_object(v); }

static void frame_destroy(Thread *t, Object *o) {
    Frame *f = (Frame *)o;
    for (Value *slot = &f->function; slot <= &f->back; slot++) value_release(t, *slot);
    value_release(t, f->locals);
    value_release(t, f->extra);
    value_release(t, f->trace);
    value_release(t, f->kept);
    value_release(t, f->called);
    value_release(t, f->callee);
    value_release(t, f->callee_first);
}
static void frame_traverse(Object *o, VisitFn visit, void *arg) {
    Frame *f = (Frame *)o;
    for (Value *slot = &f->function; slot <= &f->back; slot++) visit(slot, arg);
    visit(&f->locals, arg);
    visit(&f->extra, arg);
    visit(&f->trace, arg);
    visit(&f->kept, arg);
    visit(&f->called, arg);
    visit(&f->callee, arg);
    visit(&f->callee_first, arg);
}
static void frame_clear_refs(Thread *t, Object *o) {
    Frame *f = (Frame *)o;
    slot_store(t, f, &f->extra, UNDEF);
    slot_store(t, f, &f->kept, UNDEF);
    slot_store(t, f, &f->called, UNDEF);
    slot_store(t, f, &f->callee, UNDEF);
    slot_store(t, f, &f->callee_first, UNDEF);
    slot_store(t, f, &f->locals, UNDEF);
    slot_store(t, f, &f->back, UNDEF);
    slot_store(t, f, &f->trace, UNDEF);
}

uint32_t frame_position(Thread *t, const Frame *f) {
    bool stop = frame_is_foreign(t, f);
    if (stop) stop_world(&t->core);
    uint32_t at = frame_instruction(f, t);
    if (stop) start_world(&t->core);
    return at;
}
static int32_t line_of(Thread *t, Frame *f) {
    if (f->lineno) return f->lineno;
    Code *code = value_code(f->code);
    uint32_t at = frame_position(t, f);
    // What stands for nothing in the text, as the end of a handler, is of the line before it.
    int32_t line = -1;
    for (at++; line < 0 && at-- > 0;) line = code->traced ? code->traced->lines[at] : code_position(code, at).line;
    return line;
}

static Value back_of_foreign(Thread *t, Frame *f) {
    Frame *spare = frame_spare(t);
    if (!spare) return UNDEF;
    Value v = NONE;
    stop_world(&t->core);
    if (!f->fp) {
        v = slot_get(t, &f->back);
        if (!v) v = NONE;
    } else if (f->thread) {
        Value *caller = frame_python(frame_caller(f->fp));
        if (caller) v = frame_install_in_stop(t, caller, f->thread, &spare);
    }
    start_world(&t->core);
    object_release(t, spare);
    return v;
}
static Value get_back(Thread *t, ValueRef self) {
    Frame *f = value_frame(self);
    if (!__atomic_load_n(&f->fp, __ATOMIC_ACQUIRE)) {
        Value v = slot_get(t, &f->back);
        return v ? v : NONE;
    }
    // In GIL mode nothing is shared, and yet the frame may lie on another thread's stack.
    Thread *runner = __atomic_load_n(&f->thread, __ATOMIC_RELAXED);
    if (frame_is_foreign(t, f) || (runner && runner != t)) return back_of_foreign(t, f);
    Value *caller = frame_python(frame_caller(f->fp));
    if (!caller || (frame_is_generator(t, f->fp) && !f->thread)) return NONE;
    Frame *back = frame_object(t, caller);
    return back ? value_of(object_dup(t, back)) : UNDEF;
}
static Value get_code(Thread *t, ValueRef self) { return slot_get(t, &value_frame(self)->code); }
static Value get_globals(Thread *t, ValueRef self) {
    Frame *f = value_frame(self);
    return value_is_pointer(f->function) ? slot_get(t, &value_function(f->function)->globals) : NONE;
}
static Value get_builtins(Thread *t, ValueRef self) {
    Frame *f = value_frame(self);
    return value_is_pointer(f->function) ? slot_get(t, &value_function(f->function)->builtins) : NONE;
}
static Value get_locals(Thread *t, ValueRef self) { return frame_locals(t, value_frame(self)); }
static Value get_lineno(Thread *t, ValueRef self) {
    int32_t line = line_of(t, value_frame(self));
    return line < 0 ? NONE : value_int(line);
}
static int set_lineno(Thread *t, ValueRef self, ValueRef v) {
    (void)self;
    if (!v) return raise_int(t, ATTRIBUTE_ERROR, "attribute 'f_lineno' of 'frame' objects cannot be deleted");
    if (!value_is_any_int(v)) return raise_int(t, VALUE_ERROR, "lineno must be an integer");
    return raise_int(t, VALUE_ERROR, "f_lineno can only be set in a trace function");
}
static Value get_lasti(Thread *t, ValueRef self) {
    Frame *f = value_frame(self);
    if (f->lineno) return value_int(f->last_line < 0 ? 0 : (int64_t)code_offset(f->last_lined)); // below 0: it is being entered
    return value_int((int64_t)code_offset(frame_position(t, f)));
}
static Value get_generator(Thread *t, ValueRef self) {
    Value v = frame_generator(t, value_frame(self));
    return v ? v : NONE;
}
static Value get_trace(Thread *t, ValueRef self) {
    Value v = slot_get(t, &value_frame(self)->trace);
    return v ? v : NONE;
}
static int set_trace(Thread *t, ValueRef self, ValueRef v) {
    Frame *f = value_frame(self);
    slot_store(t, f, &f->trace, !v || v == NONE ? UNDEF : value_dup(t, v));
    return 0;
}

static Value get_trace_opcodes(Thread *t, ValueRef self) {
    (void)t;
    return value_bool(__atomic_load_n(&value_frame(self)->trace_opcodes, __ATOMIC_RELAXED));
}
static int set_trace_opcodes(Thread *t, ValueRef self, ValueRef v) {
    if (!v) return raise_int(t, ATTRIBUTE_ERROR, "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted");
    if (!value_is_bool(v)) return raise_int(t, TYPE_ERROR, "attribute value type must be bool");
    __atomic_store_n(&value_frame(self)->trace_opcodes, v == TRUE_VALUE, __ATOMIC_RELAXED);
    return 0;
}

// The variables of a frame that was left become unbound; they may be bound again through f_locals.
static void clear_left(Thread *t, Frame *f) {
    __atomic_store_n(&f->cleared, true, __ATOMIC_RELAXED);
    Tuple *left = value_is_pointer(f->locals) ? value_tuple(f->locals) : NULL;
    for (int64_t i = 0; left && i < left->length; i++) slot_store(t, left, &left->items[i], UNDEF);
    slot_store(t, f, &f->extra, UNDEF);
    slot_store(t, f, &f->trace, UNDEF);
}
static Value frame_clear_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Frame *f = value_frame(self);
    Value v = frame_generator(t, f);
    if (v) {
        uint32_t state = atomic_load_relaxed_u32(&value_generator(v)->state);
        Value result = state == GENERATOR_RUNNING     ? raise(t, RUNTIME_ERROR, "cannot clear an executing frame")
                       : state == GENERATOR_SUSPENDED ? raise(t, RUNTIME_ERROR, "cannot clear a suspended frame")
                                                      : generator_close(t, v);
        value_release(t, v);
        return result;
    }
    if (__atomic_load_n(&f->fp, __ATOMIC_ACQUIRE)) return raise(t, RUNTIME_ERROR, "cannot clear an executing frame");
    clear_left(t, f);
    return NONE;
}
static Value frame_repr(Thread *t, ValueRef self) {
    Frame *f = value_frame(self);
    Code *code = value_code(f->code);
    return str_of_format(t, "<frame at %p, file %R, line %d, code %U>", (void *)f, code->filename, line_of(t, f), value_str(code->name));
}
static const NativeDef frame_methods[] = {{"clear", frame_clear_method, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef frame_getset[] = {
    {"f_back", get_back, NULL, NULL}, {"f_code", get_code, NULL, NULL}, {"f_globals", get_globals, NULL, NULL}, {"f_builtins", get_builtins, NULL, NULL},
    {"f_locals", get_locals, NULL, NULL}, {"f_lineno", get_lineno, set_lineno, NULL}, {"f_lasti", get_lasti, NULL, NULL}, {"f_trace", get_trace, set_trace, NULL},
    {"f_trace_opcodes", get_trace_opcodes, set_trace_opcodes, NULL}, {"f_generator", get_generator, NULL, NULL}, GETSET_END};
static const MemberDef frame_members[] = {
    {"f_trace_lines", offsetof(Frame, trace_lines), MEMBER_BOOL8, true, NULL}, MEMBER_END};
const TypeSpec frame_spec = {
    .name = "frame", .doc = "A running or finished call of Python code.", .size = sizeof(Frame), .flags = TYPE_NO_NEW, .ops = {.repr = frame_repr},
    .methods = frame_methods, .getset = frame_getset, .members = frame_members, .destroy = frame_destroy, .traverse = frame_traverse, .clear = frame_clear_refs};
