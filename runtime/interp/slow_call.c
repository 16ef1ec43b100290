// Slow sides of calls and returns.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

extern CodeData init_code; // interp.c

// The result of a finished native call: the window's registers give up what they hold.
static enum CallResult finish(Thread *t, Value *window, uint32_t n, Value v, Value *result) {
    VALUE_CLEAR(t, window[0]);
    for (uint32_t i = 0; i < n; i++) VALUE_CLEAR(t, window[CALL_SELF + i]);
    *result = v;
    return v ? CALL_DONE : CALL_FAILED;
}

// Enters a Python function whose arguments stand in regs[0 .. n) (then the keywords' values): consumes the callable.
static enum CallResult enter(Thread *t, const Ins *pc, Value *fp, Value *regs, Value function_steal, uint32_t n, const ValueRef *names, uint32_t nkw) {
    Function *f = value_function(function_steal);
    CodeData *data = f->data;
    if (frame_data(fp)->flags & CO_ANY_GENERATOR && regs != stack_top(t) + FRAME_HEADER) {
        // A generator's registers lie on the heap: the callee's frame goes on the thread's stack.
        Value *place = stack_top(t) + FRAME_HEADER;
        if (place + n + nkw < t->stack_limit) {
            memcpy(place, regs, (n + nkw) * sizeof(Value));
            for (uint32_t i = 0; i < n + nkw; i++) regs[i] = UNDEF;
            regs = place;
        }
    }
    uint32_t filled = n;
    if (n != data->exact || nkw) {
        if (UNLIKELY(regs + data->nregs + n + nkw > t->stack_limit)) {
            for (uint32_t i = 0; i < n + nkw; i++) VALUE_CLEAR(t, regs[i]);
            value_release(t, function_steal);
            raise(t, RECURSION_ERROR, "maximum recursion depth exceeded");
            return CALL_FAILED;
        }
        if (bind_arguments(t, f, regs, n, names, nkw) < 0) {
            value_release(t, function_steal);
            return CALL_FAILED;
        }
        filled = data->argcount + data->code->kwonlyargcount + !!(data->flags & CO_VARARGS) + !!(data->flags & CO_VARKEYWORDS);
    }
    if (frame_push(t, regs, function_steal, data, fp, pc + 1, filled) < 0) return CALL_FAILED;
    return CALL_ENTERED;
}

// A class whose instances are made by object.__new__ and set up by a Python __init__: the frame of __init__ is entered over a
// small frame that keeps the instance and checks what __init__ returns.
static bool plain_class(Thread *t, ValueRef callable, Value *init) {
    if (!value_is_pointer(callable) || value_type(callable)->ops.call != type_call) return false;
    Type *type = (Type *)value_object(callable);
    if (!(type->flags & TYPE_HEAP) || type->flags & TYPE_ABSTRACT || type->ops.new != TYPE_OF(OBJECT)->ops.new || type->ops.init == TYPE_OF(OBJECT)->ops.init) return false;
    ValueRef found = type_lookup(t, type, NAME(__init__));
    if (!found || !value_is_function(found)) return false;
    *init = value_dup(t, found);
    return true;
}

static enum CallResult enter_class(Thread *t, const Ins *pc, Value *fp, Value *window, uint32_t nargs, Value init_steal) {
    Value self = object_new_instance(t, (Type *)value_object(window[0]));
    Value *shim = window + FRAME_HEADER; // registers: instance, result of __init__
    Value *regs = shim + 2 + FRAME_HEADER;
    if (frame_data(fp)->flags & CO_ANY_GENERATOR) {
        shim = stack_top(t) + FRAME_HEADER;
        regs = shim + 2 + FRAME_HEADER;
    }
    if (!self || regs + nargs + 1 > t->stack_limit || t->depth >= t->depth_limit) {
        if (self) raise(t, RECURSION_ERROR, "maximum recursion depth exceeded");
        value_release(t, self);
        value_release(t, init_steal);
        Value none;
        return finish(t, window, nargs + 1, UNDEF, &none);
    }
    Value class = window[0];
    window[0] = UNDEF;
    memmove(regs + 1, window + CALL_ARGS, nargs * sizeof(Value));
    // Where the arguments stood there is nothing now, but for those that the new place overlaps: binding them may fail before a header is written.
    for (uint32_t i = 0; i < nargs; i++)
        if (shim != window + FRAME_HEADER || &window[CALL_ARGS + i] < regs) window[CALL_ARGS + i] = UNDEF;
    regs[0] = value_dup(t, self);
    shim[FRAME_FUNCTION] = UNDEF;
    shim[FRAME_DATA] = mark_of(&init_code);
    shim[FRAME_CALLER] = mark_of(fp);
    shim[FRAME_RETURN] = mark_of(pc + 1);
    shim[FRAME_NATIVE] = mark_of(NULL);
    shim[FRAME_OBJECT] = UNDEF;
    shim[0] = self;
    shim[1] = UNDEF;
    t->fp = shim;
    t->depth++;
    enum CallResult entered = enter(t, init_code.instructions, shim, regs, init_steal, nargs + 1, NULL, 0);
    if (entered != CALL_ENTERED) {
        VALUE_CLEAR(t, shim[0]);
        t->fp = fp;
        t->depth--;
    }
    value_release(t, class);
    return entered;
}

Value *slow_class_frames(Thread *t, const Ins *pc, Value *fp, Value *window, uint32_t nargs) {
    ValueRef callable = window[0];
    if (!value_is(callable, TYPE) || window[CALL_SELF]) return NULL;
    Type *type = (Type *)value_object(callable);
    if ((type->flags & (TYPE_HEAP | TYPE_ABSTRACT)) != TYPE_HEAP || type->ops.new != TYPE_OF(OBJECT)->ops.new) return NULL;
    ValueRef init = type_lookup(t, type, NAME(__init__));
    if (!init || !value_is(init, FUNCTION)) return NULL;
    CodeData *data = __atomic_load_n(&value_function(init)->data, __ATOMIC_RELAXED);
    Value *shim = window + FRAME_HEADER, *regs = shim + init_code.nregs + FRAME_HEADER;
    if (data->exact != nargs + 1 || regs + data->nregs > t->stack_limit || t->depth + 1 >= t->depth_limit) return NULL;
    Object *o = object_new(t, type);
    if (UNLIKELY(!o)) {
        error_clear(t); // the slow side meets it again
        return NULL;
    }
    for (uint32_t i = nargs; i > 0; i--) regs[i] = window[CALL_ARGS + i - 1];
    o->head.rc_local = 2;
    regs[0] = shim[0] = value_of(o);
    regs[FRAME_FUNCTION] = value_dup(t, init);
    value_release(t, window[0]); // a class is not counted, or there are its instance and whoever looked it up: this runs nothing
    window[0] = UNDEF;
    shim[FRAME_FUNCTION] = UNDEF;
    shim[FRAME_DATA] = mark_of(&init_code);
    shim[FRAME_CALLER] = mark_of(fp);
    shim[FRAME_RETURN] = mark_of(pc + 1);
    shim[FRAME_NATIVE] = mark_of(NULL);
    shim[FRAME_OBJECT] = UNDEF;
    shim[1] = UNDEF;
    regs[FRAME_DATA] = mark_of(data);
    regs[FRAME_CALLER] = mark_of(shim);
    regs[FRAME_RETURN] = mark_of(init_code.instructions + 1);
    regs[FRAME_NATIVE] = mark_of(NULL);
    regs[FRAME_OBJECT] = UNDEF;
    frame_open(regs, data, nargs + 1);
    t->depth += 2;
    return regs;
}

static Value native_result(Thread *t, Value *window, uint32_t nargs) {
    Value callable = window[0];
    bool self = window[CALL_SELF] != UNDEF;
    if (value_is(callable, NATIVE_METHOD_DESCRIPTOR) && self) {
        NativeDescriptor *d = (NativeDescriptor *)value_object(callable);
        native_learn_direct(&d->c, d->def, d->spec);
        if (LIKELY(value_is_instance(window[CALL_SELF], d->owner)))
            return native_call(t, d->def, d->spec, d->owner, window[CALL_SELF], value_refs(window + CALL_ARGS), nargs, NULL);
    } else if (value_is(callable, NATIVE_FUNCTION) && !self) {
        NativeFunction *f = (NativeFunction *)value_object(callable);
        native_learn_direct(&f->c, f->def, f->spec);
        return native_call(t, f->def, f->spec, value_is_pointer(f->owner) ? (Type *)value_object(f->owner) : NULL, f->self, value_refs(window + CALL_ARGS), nargs, NULL);
    }
    return call_object(t, callable, value_refs(window + CALL_ARGS - self), nargs + self, NULL);
}

static bool is_list_append(ValueRef descriptor, uint32_t nargs) { return nargs == 1 && ((NativeDescriptor *)value_object(descriptor))->def->function == list_append_method; }

enum CallResult slow_call_native(Thread *t, const Ins *pc, uint16_t op, Value *fp, Value *window, uint32_t nargs, _Atomic uint64_t *cell, bool nested, Value *result) {
    bool self = window[CALL_SELF] != UNDEF;
    bool fits = op == OP_CALL_NATIVE ? value_is(window[0], NATIVE_FUNCTION) && !self : op == OP_CALL_NATIVE_METHOD ? value_is(window[0], NATIVE_METHOD_DESCRIPTOR) && self :
                op == OP_CALL_LIST_APPEND ? value_is(window[0], NATIVE_METHOD_DESCRIPTOR) && self && is_list_append(window[0], nargs) : false;
    if (UNLIKELY(!fits))
        return slow_call(t, pc, op, fp, window, nargs, cell, nested, result);
    return finish(t, window, nargs + 1, native_result(t, window, nargs), result);
}

// A site takes the form of its first callable; of another one only once in a while, or sites that call several would be written all the time.
static bool requicken(Thread *t, const Ins *pc, uint16_t op, uint16_t to) {
    if (op != OP_CALL && !site_is_due(t)) return false;
    if (op != to) atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &op, to);
    return true;
}

// A bound method becomes its function, with self in place.
static void take_method(Thread *t, Value *callable, Value *self) {
    while (value_is(*callable, METHOD) && *self == UNDEF) {
        Value bound = *callable;
        Method *m = (Method *)value_object(bound);
        *callable = slot_get(t, &m->function);
        *self = slot_get(t, &m->self);
        value_release(t, bound);
    }
}

enum CallResult slow_call(Thread *t, const Ins *pc, uint16_t op, Value *fp, Value *window, uint32_t nargs, _Atomic uint64_t *cell, bool nested, Value *result) {
    take_method(t, &window[0], &window[CALL_SELF]);
    Value callable = window[0];
    bool self = window[CALL_SELF] != UNDEF;
    uint16_t to = OP_CALL;
    if (value_is_function(callable) && !nested) {
        CodeData *data = value_function(callable)->data;
        bool fits = data->exact != CODE_NEVER_EXACT && nargs + self <= data->exact && !(frame_data(fp)->flags & CO_ANY_GENERATOR);
        if (fits) to = nargs + self == data->exact ? OP_CALL_FUNCTION : OP_CALL_FUNCTION_DEFAULTS;
        if (requicken(t, pc, op, to) && fits) atomic_store_relaxed_u64(cell, (uint64_t)data | self);
        window[0] = UNDEF;
        return enter(t, pc, fp, window + CALL_ARGS - self, callable, nargs + self, NULL, 0);
    }
    Value init;
    if (!self && !nested && plain_class(t, callable, &init)) {
        if (value_is(callable, TYPE) && !(frame_data(fp)->flags & CO_ANY_GENERATOR)) to = OP_CALL_CLASS;
        requicken(t, pc, op, to);
        return enter_class(t, pc, fp, window, nargs, init);
    }
    if (value_is(callable, NATIVE_METHOD_DESCRIPTOR) && self) to = is_list_append(callable, nargs) ? OP_CALL_LIST_APPEND : OP_CALL_NATIVE_METHOD;
    if (value_is(callable, NATIVE_FUNCTION) && !self) to = OP_CALL_NATIVE;
    if (value_is(callable, TYPE) && !self && slow_class_is_native((Type *)value_object(callable))) to = OP_CALL_NATIVE_CLASS;
    requicken(t, pc, op, to);
    return finish(t, window, nargs + 1, native_result(t, window, nargs), result);
}

enum CallResult slow_call_kw(Thread *t, const Ins *pc, Value *fp, Value *window, uint32_t nargs, bool nested, Value *result) {
    Value names = window[CALL_ARGS + nargs];
    window[CALL_ARGS + nargs] = UNDEF;
    take_method(t, &window[0], &window[CALL_SELF]);
    Value callable = window[0];
    bool self = window[CALL_SELF] != UNDEF;
    Tuple *kwnames = value_tuple(names);
    uint32_t positional = nargs - (uint32_t)kwnames->length + self;
    enum CallResult called;
    if (value_is_function(callable) && !nested && keywords_are_plain(value_refs(kwnames->items), (uint32_t)kwnames->length)) {
        window[0] = UNDEF;
        called = enter(t, pc, fp, window + CALL_ARGS - self, callable, positional, value_refs(kwnames->items), (uint32_t)kwnames->length);
    } else {
        called = finish(t, window, nargs + 1, call_object(t, callable, value_refs(window + CALL_ARGS - self), positional, kwnames), result);
    }
    value_release(t, names);
    return called;
}

// The arguments of a call of a Python function are laid out where its frame is to stand, above everything that lives on the stack. Only
// with names of type str, which are compared without running Python: that would use the stack too. False: nothing was done.
enum { SPREAD_NAMES = 16 };
static bool lay_out(Thread *t, Value *regs, Value self, Tuple *positional, Dict *keywords, Value *names, uint32_t *nargs, uint32_t *nkw) {
    int64_t most = keywords ? dict_length(keywords) : 0, n = 0, position = 0;
    if (most > SPREAD_NAMES || positional->length > t->stack_limit - regs - SPREAD_NAMES - 1) return false;
    Value *values = regs + !!self + positional->length;
    while (n < most && dict_next(t, keywords, &position, &names[n], &values[n]) == 1) n++;
    if (UNLIKELY(!keywords_are_plain(value_refs(names), (uint32_t)n))) {
        for (int64_t i = 0; i < n; i++) {
            value_release(t, names[i]);
            VALUE_CLEAR(t, values[i]);
        }
        return false;
    }
    if (self) regs[0] = value_dup(t, self);
    for (int64_t i = 0; i < positional->length; i++) regs[!!self + i] = value_dup(t, tuple_item(positional, i));
    *nargs = (uint32_t)positional->length + !!self;
    *nkw = (uint32_t)n;
    return true;
}

enum CallResult slow_call_ex(Thread *t, const Ins *pc, Value *fp, Value *operands, bool nested, Value *result) {
    Value callable = operands[0], args = operands[1], kwargs = operands[2], self = UNDEF, names[SPREAD_NAMES], *regs = stack_top(t) + FRAME_HEADER;
    operands[0] = operands[1] = operands[2] = UNDEF;
    uint32_t nargs, nkw;
    enum CallResult called;
    take_method(t, &callable, &self);
    if (value_is_function(callable) && !nested && lay_out(t, regs, self, value_tuple(args), kwargs ? value_dict(kwargs) : NULL, names, &nargs, &nkw)) {
        called = enter(t, pc, fp, regs, callable, nargs, value_refs(names), nkw);
        for (uint32_t i = 0; i < nkw; i++) value_release(t, names[i]);
    } else {
        if (self) { // bound again
            Value bound = method_new(t, callable, self);
            value_release(t, callable);
            callable = bound;
        }
        *result = callable ? call_tuple_dict(t, callable, args, kwargs) : UNDEF;
        value_release(t, callable);
        called = *result ? CALL_DONE : CALL_FAILED;
    }
    value_release(t, self);
    value_release(t, args);
    value_release(t, kwargs);
    return called;
}

bool slow_return(Thread *t, const Ins *pc, Value *fp) {
    CodeData *data = frame_data(fp);
    if (data->flags & CO_ANY_GENERATOR) {
        Generator *g = generator_of_fp(fp);
        bool entered = generator_was_entered(fp);
        Value *caller = frame_caller(fp);
        const Ins *return_pc = frame_return(fp);
        // What the registers let go of may run finalizers, whose frames return values too.
        Value v = t->return_value;
        t->return_value = UNDEF;
        generator_finished(t, g, pc);
        if (!entered) {
            t->return_value = v;
            t->run_result = RUN_RETURNED;
            return true;
        }
        // FOR_ITER has no use for what is returned; for SEND it is the result. Both jump.
        Ins resumed = {.word = atomic_load_relaxed_u64((const _Atomic uint64_t *)&return_pc[-1].word)};
        t->fp = caller;
        t->pc = return_pc - 1;
        if (code_op(frame_data(caller), return_pc - 1) == OP_SEND) caller[resumed.a & OPERAND_INDEX] = v;
        else value_release(t, v);
        generator_left(t, g, pc, false);
        t->pc = return_pc + (int16_t)resumed.c;
        return false;
    }
    Value v = t->return_value;
    t->return_value = UNDEF;
    frame_detach(t, fp, pc);
    const Ins *return_pc = frame_return(fp);
    Value *caller = frame_caller(fp);
    frame_release(t, fp, pc);
    t->fp = caller;
    t->pc = return_pc;
    t->depth--;
    Ins call = {.word = atomic_load_relaxed_u64((const _Atomic uint64_t *)&return_pc[-1].word)};
    Value *place = &caller[call.a & OPERAND_INDEX], old = *place;
    *place = v;
    if (call.a & HOLDS) value_release(t, old);
    return false;
}

void slow_init_returned(Thread *t, ValueRef returned) {
    raise(t, TYPE_ERROR, "__init__() should return None, not '%T'", returned);
}

Value slow_make_function(Thread *t, ValueRef code, Function *running) {
    Value v = function_new(t, code, running->globals);
    return v;
}
