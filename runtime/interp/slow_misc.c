// Slow sides of exceptions, iteration, awaiting; internal functions.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/typevar.h"

// ---- raise
static Value exception_of(Thread *t, Value v_steal) {
    if (value_is_exception(v_steal)) return v_steal;
    if (value_is_type(v_steal) && ((Type *)value_object(v_steal))->flags & TYPE_EXCEPTION) {
        Type *type = (Type *)value_object(v_steal);
        Value e = type->flags & TYPE_HEAP ? call_0(t, v_steal) : exception_new(t, type, UNDEF);
        if (e && !value_is_exception(e)) {
            raise(t, TYPE_ERROR, "calling %R should have returned an instance of BaseException, not %R", v_steal,
                  (ValueRef)value_of(value_type(e)));
            VALUE_CLEAR(t, e);
        }
        value_release(t, v_steal);
        return e;
    }
    value_release(t, v_steal);
    return raise(t, TYPE_ERROR, "exceptions must derive from BaseException");
}

ValueRef exception_handled(Thread *t) {
    for (ExcState *s = t->exc_state; s; s = s->outer)
        if (value_is_pointer(s->handled)) return s->handled;
    return UNDEF;
}

void slow_raise(Thread *t, Value *operands, uint32_t n) {
    if (n == 0) {
        ValueRef handled = exception_handled(t);
        if (!handled) {
            raise(t, RUNTIME_ERROR, "No active exception to reraise");
            return;
        }
        t->reraising = true; // the traceback has what it needs
        error_restore(t, value_dup(t, handled));
        return;
    }
    Value e = operands[0], cause = n == 2 ? operands[1] : UNDEF;
    operands[0] = UNDEF;
    if (n == 2) operands[1] = UNDEF;
    e = exception_of(t, e);
    if (e && cause) {
        Value fixed = UNDEF;
        if (cause == NONE) {
            fixed = UNDEF;
        } else if (value_is_exception(cause)) {
            fixed = cause;
        } else if (value_is_type(cause) && ((Type *)value_object(cause))->flags & TYPE_EXCEPTION) {
            fixed = exception_of(t, cause);
            if (!fixed) VALUE_CLEAR(t, e);
        } else {
            value_release(t, cause);
            VALUE_CLEAR(t, e);
            raise(t, TYPE_ERROR, "exception causes must derive from BaseException");
        }
        if (e) {
            BaseException *b = value_exception(e);
            slot_store(t, b, &b->cause, fixed);
            b->suppress_context = true;
        } else if (fixed) {
            value_release(t, fixed);
        }
    } else if (cause) {
        value_release(t, cause);
    }
    if (e) raise_object(t, e);
}

static bool is_exception_type(ValueRef v) { return value_is_type(v) && ((Type *)value_object(v))->flags & TYPE_EXCEPTION; }
// An except clause names a type, or a tuple of types that nests no further.
static int check_catchable(Thread *t, ValueRef type) {
    bool good = is_exception_type(type);
    if (!good && value_is_any_tuple(type)) {
        good = true;
        for (int64_t i = 0; i < value_tuple(type)->length; i++) good &= is_exception_type(tuple_item(value_tuple(type), i));
    }
    if (good) return 0;
    return raise_int(t, TYPE_ERROR, "catching classes that do not inherit from BaseException is not allowed");
}
static bool matches(ValueRef exception, ValueRef type) {
    if (value_is_any_tuple(type)) {
        for (int64_t i = 0; i < value_tuple(type)->length; i++)
            if (matches(exception, tuple_item(value_tuple(type), i))) return true;
        return false;
    }
    return value_is_instance(exception, (Type *)value_object(type));
}
int slow_exception_match(Thread *t, ValueRef exception, ValueRef type) {
    if (value_is_type(type) && ((Type *)value_object(type))->flags & TYPE_EXCEPTION) return value_is_instance(exception, (Type *)value_object(type));
    if (check_catchable(t, type) < 0) return -1;
    return matches(exception, type);
}

static int check_group_types(Thread *t, ValueRef type) {
    if (check_catchable(t, type) < 0) return -1;
    bool tuple = value_is_any_tuple(type);
    int64_t n = tuple ? value_tuple(type)->length : 1;
    for (int64_t i = 0; i < n; i++) {
        ValueRef one = tuple ? tuple_item(value_tuple(type), i) : type;
        if (value_is_type(one) && type_is_subtype((Type *)value_object(one), EXCEPTION(BASE_EXCEPTION_GROUP)))
            return raise_int(t, TYPE_ERROR, "catching ExceptionGroup with except* is not allowed. Use except instead.");
    }
    return 0;
}
int slow_exception_group_match(Thread *t, Value *match, Value *exception, ValueRef type) {
    if (check_group_types(t, type) < 0) return -1;
    Value matched = NONE, rest = NONE;
    if (exception_group_match(t, *exception, type, &matched, &rest) < 0) return -1;
    if (matched && matched != NONE && matched != *exception && !slot_borrow(&value_exception(matched)->traceback)) { // made here
        Frame *frame = frame_object(t, t->fp);
        if (!frame || traceback_add(t, matched, value_of(frame), (uint32_t)(t->pc - frame_data(t->fp)->instructions)) < 0) error_clear(t);
    }
    Value old = *exception;
    *exception = rest ? rest : NONE;
    *match = matched ? matched : NONE;
    value_release(t, old);
    return 0;
}
void slow_exception_triple(Thread *t, Value *three, ValueRef exception) {
    three[0] = exception == NONE ? NONE : value_dup(t, value_of(value_type(exception)));
    three[1] = value_dup(t, exception);
    Value traceback = value_is_exception(exception) ? slot_get(t, &value_exception(exception)->traceback) : UNDEF;
    three[2] = traceback ? traceback : NONE;
}

bool slow_gives_pairs(ValueRef iterator) { return value_is(iterator, ENUMERATE) || zip_gives_pairs(iterator) || value_is(iterator, DICT_ITEM_ITERATOR); }
int slow_next_pair(Thread *t, ValueRef iterator, Value *two) {
    Value pair[2];
    int got;
    if (value_is(iterator, ENUMERATE)) got = enumerate_next_pair(t, iterator, pair);
    else if (zip_gives_pairs(iterator)) got = zip_next_pair(t, iterator, pair);
    else if (value_is(iterator, DICT_ITEM_ITERATOR)) got = dict_item_next_pair(t, iterator, pair);
    else got = -1;
    if (LIKELY(got > 0)) {
        two[0] = pair[0];
        two[1] = pair[1];
    }
    return got;
}

int slow_for_iter_error(Thread *t) {
    if (!error_matches(t, EXCEPTION(STOP_ITERATION))) return -1;
    error_clear(t);
    return 0;
}

// ---- yield from, await
Value slow_yield_from_iter(Thread *t, CodeData *data, ValueRef o) {
    if (value_is(o, COROUTINE)) {
        if (!(data->flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE))) return raise(t, TYPE_ERROR, "cannot 'yield from' a coroutine object in a non-coroutine generator");
        return value_dup(t, o);
    }
    if (value_is(o, GENERATOR)) return value_dup(t, o);
    return object_iter(t, o);
}

static bool is_iterable_coroutine(ValueRef o) {
    return value_is(o, GENERATOR) && value_code(value_generator(o)->code)->data->flags & CO_ITERABLE_COROUTINE;
}
Value awaitable_iterator(Thread *t, ValueRef o) {
    if (value_is(o, COROUTINE)) {
        Value awaited = generator_yield_from(t, value_generator(o));
        if (awaited) {
            value_release(t, awaited);
            return raise(t, RUNTIME_ERROR, "coroutine is being awaited already");
        }
        return value_dup(t, o);
    }
    if (is_iterable_coroutine(o)) return value_dup(t, o);
    UnaryFn await = value_type(o)->ops.await;
    if (!await) return raise(t, TYPE_ERROR, "'%T' object can't be awaited", o);
    Value iterator = await(t, o);
    if (iterator && (value_is(iterator, COROUTINE) || is_iterable_coroutine(iterator))) {
        value_release(t, iterator);
        return raise(t, TYPE_ERROR, "__await__() returned a coroutine");
    }
    if (iterator && !value_type(iterator)->ops.next) {
        raise(t, TYPE_ERROR, "__await__() returned non-iterator of type '%T'", iterator);
        VALUE_CLEAR(t, iterator);
    }
    return iterator;
}
Value slow_get_awaitable(Thread *t, ValueRef o, uint32_t where) {
    Type *type = value_type(o);
    if (where && !type->ops.await && !value_is(o, COROUTINE) && !is_iterable_coroutine(o))
        return raise(t, TYPE_ERROR, "'async with' received an object from %s that does not implement __await__: %T", where == 1 ? "__aenter__" : "__aexit__", o);
    return awaitable_iterator(t, o);
}
Value slow_get_aiter(Thread *t, ValueRef o) {
    UnaryFn aiter = value_type(o)->ops.aiter;
    if (!aiter) return raise(t, TYPE_ERROR, "'async for' requires an object with __aiter__ method, got %T", o);
    Value v = aiter(t, o);
    if (v && !value_type(v)->ops.anext) {
        raise(t, TYPE_ERROR, "'async for' received an object from __aiter__ that does not implement __anext__: %T", v);
        VALUE_CLEAR(t, v);
    }
    return v;
}
Value slow_get_anext(Thread *t, ValueRef o) {
    UnaryFn anext = value_type(o)->ops.anext;
    if (!anext) return raise(t, TYPE_ERROR, "'async for' requires an iterator with __anext__ method, got %T", o);
    Value next = anext(t, o);
    if (!next || value_is(next, ASYNC_GENERATOR_ASEND)) return next;
    Value iterator = awaitable_iterator(t, next);
    if (!iterator) {
        Value cause = error_take(t);
        raise(t, TYPE_ERROR, "'async for' received an invalid object from __anext__: %T", next);
        Value e = error_take(t);
        if (value_is_exception(e)) {
            slot_store(t, value_object(e), &value_exception(e)->cause, value_dup(t, cause));
            slot_store(t, value_object(e), &value_exception(e)->context, value_dup(t, cause));
            value_exception(e)->suppress_context = true;
        }
        value_release(t, cause);
        error_restore(t, e);
    }
    value_release(t, next);
    return iterator;
}

// ---- internal functions
static Value stop_iteration_error(Thread *t, ValueRef exception, Value *fp) {
    uint32_t flags = frame_data(fp)->flags;
    const char *text = NULL;
    if (value_is_instance(exception, EXCEPTION(STOP_ITERATION)))
        text = flags & CO_ASYNC_GENERATOR ? "async generator raised StopIteration" : flags & CO_COROUTINE ? "coroutine raised StopIteration" : "generator raised StopIteration";
    else if (flags & CO_ASYNC_GENERATOR && value_is_instance(exception, EXCEPTION(STOP_ASYNC_ITERATION)))
        text = "async generator raised StopAsyncIteration";
    if (!text) return value_dup(t, exception);
    raise(t, RUNTIME_ERROR, "%s", text);
    Value e = error_take(t);
    if (value_is_exception(e)) {
        slot_store(t, value_object(e), &value_exception(e)->cause, value_dup(t, exception));
        slot_store(t, value_object(e), &value_exception(e)->context, value_dup(t, exception));
        value_exception(e)->suppress_context = true;
    }
    return e;
}
static Value print_expr(Thread *t, ValueRef v) {
    Value hook = dict_get(t, value_dict(t->interp->sys_dict), NAME(displayhook)), result;
    if (!hook) return error_pending(t) ? UNDEF : raise(t, RUNTIME_ERROR, "lost sys.displayhook");
    result = call_1(t, hook, v);
    value_release(t, hook);
    return result;
}

// They come through a variable, which a program can set by means of its frame.
static bool type_params_fit(Thread *t, ValueRef params) {
    return value_is_any_tuple(params) || raise_int(t, SYSTEM_ERROR, "bad internal call: %T as type parameters", params) == 0;
}

Value slow_intrinsic(Thread *t, uint32_t which, Value *operands, Value *fp) {
    static const uint8_t counts[] = {
#define INTRINSIC(name, operands, meaning) operands,
#include "runtime/ops/intrinsics.def"
#undef INTRINSIC
    };
    Value v = UNDEF;
    switch (which) {
    case INTRINSIC_PRINT_EXPR: v = print_expr(t, operands[0]); break;
    case INTRINSIC_STOP_ITERATION_ERROR: v = stop_iteration_error(t, operands[0], fp); break;
    case INTRINSIC_PREP_RERAISE_STAR: v = exception_prep_reraise_star(t, operands[0], operands[1]); break;
    case INTRINSIC_TYPEVAR: v = typevar_new(t, operands[0], UNDEF, UNDEF); break;
    case INTRINSIC_TYPEVAR_BOUND: v = typevar_new(t, operands[0], operands[1], UNDEF); break;
    case INTRINSIC_TYPEVAR_CONSTRAINTS: v = typevar_new(t, operands[0], UNDEF, operands[1]); break;
    case INTRINSIC_PARAMSPEC: v = paramspec_new(t, operands[0]); break;
    case INTRINSIC_TYPEVARTUPLE: v = typevartuple_new(t, operands[0]); break;
    case INTRINSIC_SUBSCRIPT_GENERIC:
        if (type_params_fit(t, operands[0])) v = generic_subscript(t, operands[0]);
        break;
    case INTRINSIC_TYPEALIAS:
        if (operands[1] == NONE || type_params_fit(t, operands[1])) v = typealias_new(t, operands[0], operands[1], operands[2]);
        break;
    case INTRINSIC_SET_FUNCTION_TYPE_PARAMS: {
        if (!type_params_fit(t, operands[1])) break;
        Function *f = value_function(operands[0]);
        slot_store(t, f, &f->type_params, value_dup(t, operands[1]));
        v = value_dup(t, operands[0]);
        break;
    }
    case INTRINSIC_SET_TYPEPARAM_DEFAULT: v = typeparam_set_default(t, operands[0], operands[1]); break;
    case INTRINSIC_ASSERTION_FAILED: v = exception_new(t, EXCEPTION(ASSERTION_ERROR), operands[0] ? value_dup(t, operands[0]) : UNDEF); break;
    }
    for (int i = 0; i < counts[which]; i++) VALUE_CLEAR(t, operands[i]);
    return v;
}
