// Async generators (PEP 525): the generator object's async side, and the awaitables that asend(), athrow(), aclose(), anext() give.
// A value that an async generator yields to its consumer is wrapped, to tell it from what awaits inside it yield to the event loop.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

enum { AWAIT_INIT, AWAIT_RUNNING, AWAIT_CLOSED };
typedef struct Asend { // asend() and __anext__()
    Container c;
    Value generator, sent; // sent: UNDEF for None
    uint8_t state;
} Asend;
typedef struct Athrow { // athrow() and, without args, aclose()
    Container c;
    Value generator, args;
    uint8_t state;
} Athrow;
typedef struct Wrapped { Container c; Value value; } Wrapped;
typedef struct AnextAwaitable { Container c; Value wrapped, default_value; } AnextAwaitable;

Value async_generator_wrap(Thread *t, ValueRef v) {
    Wrapped *w = object_new(t, TYPE_OF(ASYNC_GENERATOR_WRAPPED));
    if (!w) return UNDEF;
    slot_init(&w->value, value_dup(t, v));
    return value_of(w);
}

// sys.set_asyncgen_hooks: told of the first iteration, asked to close what was not exhausted.
static int start_hooks(Thread *t, Generator *g) {
    if (g->hooks_inited) return 0;
    slot_store(t, g, &g->hooks_inited, t->async_gen_finalizer ? value_dup(t, t->async_gen_finalizer) : NONE);
    if (!t->async_gen_firstiter) return 0;
    Value v = call_1(t, t->async_gen_firstiter, value_of(g));
    value_release(t, v);
    return v ? 0 : -1;
}

// What one step of the generator means to its consumer: a yielded value ends the await (StopIteration), the end of the
// generator is StopAsyncIteration, anything else goes on to the event loop.
static Value unwrap(Thread *t, Generator *g, int how, Value v, uint8_t *state) {
    if (how == RUN_YIELDED && !value_is(v, ASYNC_GENERATOR_WRAPPED)) return v;
    atomic_store_release_u32(&g->ag_running, 0);
    *state = AWAIT_CLOSED;
    if (how == RUN_YIELDED) {
        Value inner = value_dup(t, ((Wrapped *)value_object(v))->value);
        value_release(t, v);
        raise_stop_iteration(t, inner);
    } else if (how == RUN_RETURNED) {
        value_release(t, v);
        g->closed = true;
        raise(t, STOP_ASYNC_ITERATION, "");
        Value e = error_take(t); // without arguments
        value_release(t, e);
        e = exception_new(t, EXCEPTION(STOP_ASYNC_ITERATION), UNDEF);
        if (e) raise_object(t, e);
    } else if (error_matches(t, EXCEPTION(STOP_ASYNC_ITERATION)) || error_matches(t, EXCEPTION(GENERATOR_EXIT))) {
        g->closed = true;
    }
    return UNDEF;
}

static bool claim_running(Thread *t, Generator *g, const char *what) {
    uint32_t idle = 0;
    if (atomic_cas_acq_rel_u32(&g->ag_running, &idle, 1)) return true;
    raise(t, RUNTIME_ERROR, "%s: asynchronous generator is already running", what);
    return false;
}

// ---- asend
static Value asend_new(Thread *t, ValueRef generator, ValueRef sent) {
    if (start_hooks(t, value_generator(generator)) < 0) return UNDEF;
    Asend *a = object_new(t, TYPE_OF(ASYNC_GENERATOR_ASEND));
    if (!a) return UNDEF;
    slot_init(&a->generator, value_dup(t, generator));
    slot_init(&a->sent, sent == NONE ? UNDEF : value_dup(t, sent));
    return value_of(a);
}
static Asend *value_asend(ValueRef v) { return (Asend *)value_object(v); }
static Value asend_step(Thread *t, ValueRef self, Value sent_steal) {
    Asend *a = value_asend(self);
    Generator *g = value_generator(a->generator);
    if (a->state == AWAIT_CLOSED) {
        value_release(t, sent_steal);
        return raise(t, RUNTIME_ERROR, "cannot reuse already awaited __anext__()/asend()");
    }
    if (a->state == AWAIT_INIT) {
        if (!claim_running(t, g, "anext()")) {
            value_release(t, sent_steal);
            a->state = AWAIT_CLOSED;
            return UNDEF;
        }
        if (sent_steal == NONE && a->sent) sent_steal = value_dup(t, a->sent);
        a->state = AWAIT_RUNNING;
    }
    Value v;
    int how = generator_resume(t, g, sent_steal, &v);
    return unwrap(t, g, how, v, &a->state);
}
static Value asend_next(Thread *t, ValueRef self) { return asend_step(t, self, NONE); }
static Value asend_send(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)nargs, (void)kwnames;
    return asend_step(t, self, value_dup(t, args[0]));
}
static Value generator_throw_call(Thread *t, ValueRef generator, const ValueRef *args, uint32_t nargs, int *how) {
    Value e = generator_thrown_exception(t, args, nargs), v = UNDEF;
    *how = e ? generator_throw_in(t, value_generator(generator), e, &v) : RUN_RAISED;
    return v;
}
static Value asend_throw(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)kwnames;
    Asend *a = value_asend(self);
    Generator *g = value_generator(a->generator);
    if (a->state == AWAIT_CLOSED) return raise(t, RUNTIME_ERROR, "cannot reuse already awaited __anext__()/asend()");
    if (a->state == AWAIT_INIT) {
        if (!claim_running(t, g, "anext()")) {
            a->state = AWAIT_CLOSED;
            return UNDEF;
        }
        a->state = AWAIT_RUNNING;
    }
    int how;
    Value v = generator_throw_call(t, a->generator, args, nargs, &how);
    return unwrap(t, g, how, v, &a->state);
}
static Value asend_close(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs;
    if (value_asend(self)->state == AWAIT_CLOSED) return NONE;
    ValueRef exit = value_of(EXCEPTION(GENERATOR_EXIT)), three[3] = {exit, UNDEF, UNDEF};
    Value v = asend_throw(t, self, three, 3, kwnames);
    if (!v) {
        if (error_matches(t, EXCEPTION(STOP_ITERATION)) || error_matches(t, EXCEPTION(STOP_ASYNC_ITERATION)) || error_matches(t, EXCEPTION(GENERATOR_EXIT))) {
            error_clear(t);
            return NONE;
        }
        return UNDEF;
    }
    value_release(t, v);
    return raise(t, RUNTIME_ERROR, "coroutine ignored GeneratorExit");
}
// What was made and then never awaited.
static void warn_method(Thread *t, ValueRef generator, const char *method) {
    if (warn(t, E_RUNTIME_WARNING, 1, "coroutine method '%s' of %R was never awaited", method, value_generator(generator)->qualname) < 0)
        error_write_unraisable(t, "while finalizing async generator", generator);
}
static void asend_finalize(Thread *t, ValueRef self) {
    if (value_asend(self)->state == AWAIT_INIT) warn_method(t, value_asend(self)->generator, "asend");
}
static void asend_destroy(Thread *t, Object *o) {
    value_release(t, ((Asend *)o)->generator);
    value_release(t, ((Asend *)o)->sent);
}
static void asend_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Asend *)o)->generator, arg);
    visit(&((Asend *)o)->sent, arg);
}
static const NativeDef asend_methods[] = {
    {"send", asend_send, "($self, arg, /)", NULL, 0}, {"throw", asend_throw, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", NULL, 0}, {"close", asend_close, "($self, /)", NULL, 0}, NATIVE_END};
const TypeSpec async_generator_asend_spec = {
    .name = "async_generator_asend", .doc = "Awaitable of one step.", .size = sizeof(Asend), .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = asend_next, .await = iter_self, .finalize = asend_finalize}, .methods = asend_methods, .destroy = asend_destroy, .traverse = asend_traverse};

// ---- athrow, aclose
static Value athrow_new(Thread *t, ValueRef generator, Value args_steal) {
    if (start_hooks(t, value_generator(generator)) < 0) {
        value_release(t, args_steal);
        return UNDEF;
    }
    Athrow *a = object_new(t, TYPE_OF(ASYNC_GENERATOR_ATHROW));
    if (!a) {
        value_release(t, args_steal);
        return UNDEF;
    }
    slot_init(&a->generator, value_dup(t, generator));
    slot_init(&a->args, args_steal);
    return value_of(a);
}
static Athrow *value_athrow(ValueRef v) { return (Athrow *)value_object(v); }

// How an aclose() ends: the generator stopped as asked, or it yielded.
static Value aclose_end(Thread *t, Athrow *a, int how, Value v) {
    Generator *g = value_generator(a->generator);
    if (how == RUN_YIELDED && !value_is(v, ASYNC_GENERATOR_WRAPPED)) return v;
    atomic_store_release_u32(&g->ag_running, 0);
    a->state = AWAIT_CLOSED;
    value_release(t, v);
    if (how == RUN_YIELDED) return raise(t, RUNTIME_ERROR, "async generator ignored GeneratorExit");
    if (how == RUN_RAISED) {
        if (!error_matches(t, EXCEPTION(STOP_ASYNC_ITERATION)) && !error_matches(t, EXCEPTION(GENERATOR_EXIT))) return UNDEF;
        error_clear(t);
    }
    g->closed = true;
    raise_stop_iteration(t, NONE);
    return UNDEF;
}

static Value athrow_step(Thread *t, ValueRef self, Value sent_steal) {
    Athrow *a = value_athrow(self);
    Generator *g = value_generator(a->generator);
    Value v = UNDEF;
    int how;
    if (a->state == AWAIT_CLOSED) {
        value_release(t, sent_steal);
        return raise(t, RUNTIME_ERROR, "cannot reuse already awaited aclose()/athrow()");
    }
    if (a->state == AWAIT_INIT) {
        if (atomic_load_acquire_u32(&g->state) == GENERATOR_DONE || (g->closed && !a->args)) {
            a->state = AWAIT_CLOSED;
            value_release(t, sent_steal);
            if (!a->args) return raise_stop_iteration(t, NONE), UNDEF;
            Value e = exception_new(t, EXCEPTION(STOP_ASYNC_ITERATION), UNDEF);
            return e ? raise_object(t, e) : UNDEF;
        }
        if (!claim_running(t, g, a->args ? "athrow()" : "aclose()")) {
            a->state = AWAIT_CLOSED;
            value_release(t, sent_steal);
            return UNDEF;
        }
        if (sent_steal != NONE) {
            atomic_store_release_u32(&g->ag_running, 0);
            value_release(t, sent_steal);
            return raise(t, RUNTIME_ERROR, "can't send non-None value to a just-started coroutine");
        }
        a->state = AWAIT_RUNNING;
        if (!a->args) {
            g->closed = true;
            Value e = exception_new(t, EXCEPTION(GENERATOR_EXIT), UNDEF);
            how = e ? generator_throw_in(t, g, e, &v) : RUN_RAISED;
            return aclose_end(t, a, how, v);
        }
        Tuple *args = value_tuple(a->args);
        v = generator_throw_call(t, a->generator, value_refs(args->items), (uint32_t)args->length, &how);
        return unwrap(t, g, how, v, &a->state);
    }
    how = generator_resume(t, g, sent_steal, &v);
    return a->args ? unwrap(t, g, how, v, &a->state) : aclose_end(t, a, how, v);
}
static Value athrow_next(Thread *t, ValueRef self) { return athrow_step(t, self, NONE); }
static Value athrow_send(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)nargs, (void)kwnames;
    return athrow_step(t, self, value_dup(t, args[0]));
}
static Value athrow_throw(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)kwnames;
    Athrow *a = value_athrow(self);
    Generator *g = value_generator(a->generator);
    if (a->state == AWAIT_CLOSED) return raise(t, RUNTIME_ERROR, "cannot reuse already awaited aclose()/athrow()");
    if (a->state == AWAIT_INIT) {
        if (!claim_running(t, g, a->args ? "athrow()" : "aclose()")) {
            a->state = AWAIT_CLOSED;
            return UNDEF;
        }
        a->state = AWAIT_RUNNING;
    }
    int how;
    Value v = generator_throw_call(t, a->generator, args, nargs, &how);
    return a->args ? unwrap(t, g, how, v, &a->state) : aclose_end(t, a, how, v);
}
static Value athrow_close(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs;
    if (value_athrow(self)->state == AWAIT_CLOSED) return NONE;
    ValueRef three[3] = {value_of(EXCEPTION(GENERATOR_EXIT)), UNDEF, UNDEF};
    Value v = athrow_throw(t, self, three, 3, kwnames);
    if (!v) {
        if (error_matches(t, EXCEPTION(STOP_ITERATION)) || error_matches(t, EXCEPTION(STOP_ASYNC_ITERATION)) || error_matches(t, EXCEPTION(GENERATOR_EXIT))) {
            error_clear(t);
            return NONE;
        }
        return UNDEF;
    }
    value_release(t, v);
    return raise(t, RUNTIME_ERROR, "coroutine ignored GeneratorExit");
}
static const NativeDef athrow_methods[] = {
    {"send", athrow_send, "($self, arg, /)", NULL, 0}, {"throw", athrow_throw, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", NULL, 0}, {"close", athrow_close, "($self, /)", NULL, 0}, NATIVE_END};
static void athrow_finalize(Thread *t, ValueRef self) {
    Athrow *a = (Athrow *)value_object(self);
    if (a->state == AWAIT_INIT) warn_method(t, a->generator, a->args ? "athrow" : "aclose");
}
const TypeSpec async_generator_athrow_spec = {
    .name = "async_generator_athrow", .doc = "Awaitable of an exception thrown in.", .size = sizeof(Athrow), .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = athrow_next, .await = iter_self, .finalize = athrow_finalize}, .methods = athrow_methods, .destroy = asend_destroy, .traverse = asend_traverse};
_Static_assert(offsetof(Asend, sent) == offsetof(Athrow, args), "asend_destroy serves both");

static void wrapped_destroy(Thread *t, Object *o) { value_release(t, ((Wrapped *)o)->value); }
static void wrapped_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Wrapped *)o)->value, arg); }
const TypeSpec async_generator_wrapped_spec = {
    .name = "async_generator_wrapped_value", .doc = "A yielded value on its way.", .size = sizeof(Wrapped), .flags = TYPE_NO_NEW, .destroy = wrapped_destroy, .traverse = wrapped_traverse};

// ---- the generator's own side
static Value anext(Thread *t, ValueRef self) { return asend_new(t, self, NONE); }
static Value asend(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)nargs, (void)kwnames;
    return asend_new(t, self, args[0]);
}
static Value athrow(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)kwnames;
    if (generator_warn_throw(t, "athrow", args) < 0) return UNDEF;
    uint32_t given = 0;
    while (given < nargs && args[given]) given++;
    return athrow_new(t, self, tuple_from_refs(t, args, given));
}
static Value aclose(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return athrow_new(t, self, UNDEF);
}
static Value get_running(Thread *t, ValueRef self) { (void)t; return value_bool(atomic_load_relaxed_u32(&value_generator(self)->ag_running)); }
static const NativeDef async_generator_methods[] = {
    {"asend", asend, "($self, value, /)", NULL, 0}, {"athrow", athrow, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", NULL, 0}, {"aclose", aclose, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static const GetSetDef async_generator_getset[] = {
    {"__name__", generator_get_name, generator_set_name, NULL}, {"__qualname__", generator_get_qualname, generator_set_qualname, NULL},
    {"ag_code", generator_get_code, NULL, NULL}, {"ag_frame", generator_get_frame, NULL, NULL}, {"ag_running", get_running, NULL, NULL},
    {"ag_suspended", generator_get_suspended, NULL, NULL}, {"ag_await", generator_get_yieldfrom, NULL, NULL}, GETSET_END};
const TypeSpec async_generator_spec = {
    .name = "async_generator", .doc = "An asynchronous iterator that an async function with yield makes.",
    .size = sizeof(Generator), .item_size = sizeof(Value), .bytes = generator_bytes, .flags = TYPE_WEAKREFABLE | TYPE_VARSIZED | TYPE_NO_NEW,
    .ops = {.repr = generator_repr, .aiter = iter_self, .anext = anext, .finalize = generator_finalize}, .methods = async_generator_methods, .getset = async_generator_getset,
    .destroy = generator_destroy, .traverse = generator_traverse, .clear = generator_clear};

// ---- anext(iterator, default)
Value anext_awaitable_new(Thread *t, ValueRef awaitable, ValueRef default_value) {
    AnextAwaitable *a = object_new(t, TYPE_OF(ANEXT_AWAITABLE));
    if (!a) return UNDEF;
    slot_init(&a->wrapped, value_dup(t, awaitable));
    slot_init(&a->default_value, value_dup(t, default_value));
    return value_of(a);
}
static AnextAwaitable *value_anext(ValueRef v) { return (AnextAwaitable *)value_object(v); }
static Value anext_result(Thread *t, ValueRef self, Value v) {
    if (v || !error_matches(t, EXCEPTION(STOP_ASYNC_ITERATION))) return v;
    error_clear(t);
    raise_stop_iteration(t, value_dup(t, value_anext(self)->default_value));
    return UNDEF;
}
static Value anext_iterator(Thread *t, ValueRef self) { return awaitable_iterator(t, value_anext(self)->wrapped); }
static Value anext_next(Thread *t, ValueRef self) {
    Value iterator = anext_iterator(t, self);
    if (!iterator) return UNDEF;
    Value v;
    int how = generator_send_any(t, iterator, NONE, &v);
    value_release(t, iterator);
    if (how == RUN_RETURNED) raise_stop_iteration(t, v), v = UNDEF;
    return anext_result(t, self, v);
}
static Value anext_forward(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs) {
    Value iterator = anext_iterator(t, self);
    if (!iterator) return UNDEF;
    Value v = call_method(t, iterator, name, args, nargs);
    value_release(t, iterator);
    return anext_result(t, self, v);
}
static Value anext_send(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { (void)kwnames; return anext_forward(t, self, NAME(send), args, nargs); }
static Value anext_throw(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)kwnames;
    uint32_t given = 0;
    while (given < nargs && args[given]) given++;
    return anext_forward(t, self, NAME(throw), args, given);
}
static Value anext_close(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { (void)args, (void)nargs, (void)kwnames; return anext_forward(t, self, NAME(close), NULL, 0); }
static void anext_destroy(Thread *t, Object *o) {
    value_release(t, ((AnextAwaitable *)o)->wrapped);
    value_release(t, ((AnextAwaitable *)o)->default_value);
}
static void anext_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((AnextAwaitable *)o)->wrapped, arg);
    visit(&((AnextAwaitable *)o)->default_value, arg);
}
static const NativeDef anext_methods[] = {
    {"send", anext_send, "($self, arg, /)", NULL, 0}, {"throw", anext_throw, "($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", NULL, 0}, {"close", anext_close, "($self, /)", NULL, 0}, NATIVE_END};
const TypeSpec anext_awaitable_spec = {
    .name = "anext_awaitable", .doc = "Awaitable of anext() with a default.", .size = sizeof(AnextAwaitable), .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = anext_next, .await = iter_self}, .methods = anext_methods, .destroy = anext_destroy, .traverse = anext_traverse};
