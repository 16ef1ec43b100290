// atexit: functions called when the interpreter ends, last registered first.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct State {
    Value calls; // list of (function, args, keywords or None)
} State;
static List *calls_of(ValueRef module) { return value_list(slot_borrow(&((State *)module_state(module))->calls)); }

NATIVE(atexit_register) {
    if (nargs == 0) return raise(t, TYPE_ERROR, "register() takes at least 1 argument (0 given)");
    if (!value_type(args[0])->ops.call) return raise(t, TYPE_ERROR, "the first argument must be callable");
    Value parts[3] = {value_dup(t, args[0]), tuple_from_refs(t, args + 1, nargs - 1), NONE};
    if (!value_bits(parts[1])) goto failed;
    if (kwnames && kwnames->length) {
        if (!value_bits(parts[2] = dict_new(t))) goto failed;
        for (int64_t i = 0; i < kwnames->length; i++)
            if (dict_set(t, value_dict(parts[2]), tuple_item(kwnames, i), args[nargs + i]) < 0) goto failed;
    }
    Value call = tuple_from_values(t, parts, 3);
    if (!value_bits(call) || list_append(t, calls_of(self), call) < 0) return UNDEF;
    return value_dup(t, args[0]);
failed:
    for (int i = 0; i < 3; i++) value_release(t, parts[i]);
    return UNDEF;
}
// Exceptions are reported one by one; the functions go on.
NATIVE(run_exitfuncs) {
    List *calls = calls_of(self);
    for (;;) {
        int64_t n = list_length(calls);
        if (n == 0) return NONE;
        Value call = list_pop(t, calls, n - 1);
        if (!value_bits(call)) { // another thread took it
            error_clear(t);
            continue;
        }
        Tuple *parts = value_tuple(call);
        ValueRef keywords = tuple_item(parts, 2);
        Value result = call_tuple_dict(t, tuple_item(parts, 0), tuple_item(parts, 1), value_bits(keywords) == value_bits(NONE) ? (ValueRef)UNDEF : keywords);
        if (!value_bits(result)) error_write_unraisable(t, "in atexit callback", tuple_item(parts, 0));
        value_release(t, result);
        value_release(t, call);
    }
}
NATIVE(atexit_clear) {
    List *calls = calls_of(self);
    while (list_length(calls)) {
        Value call = list_pop(t, calls, list_length(calls) - 1);
        if (!value_bits(call)) error_clear(t);
        value_release(t, call);
    }
    return NONE;
}
NATIVE(count) { return value_int(list_length(calls_of(self))); }
NATIVE(unregister) {
    List *calls = calls_of(self);
    for (int64_t i = list_length(calls); i-- > 0;) {
        Value call = list_get(t, calls, i);
        if (!value_bits(call)) continue;
        int equal = object_equal(t, tuple_item(value_tuple(call), 0), args[0]);
        if (equal > 0) { // its __eq__ may have changed the list
            Value now = list_get(t, calls, i);
            if (value_bits(now) == value_bits(call)) {
                Value gone = list_pop(t, calls, i);
                if (!value_bits(gone)) error_clear(t);
                value_release(t, gone);
            }
            value_release(t, now);
        }
        value_release(t, call);
        if (equal < 0) return UNDEF;
    }
    return NONE;
}
static const NativeDef functions[] = {
    {"register", atexit_register, "($module, func, /, *args, **kwargs)", "Calls func(*args, **kwargs) at the end; returns func.", NATIVE_RAW},
    {"unregister", unregister, "($module, func, /)", "Takes every registration of the function back.", 0},
    {"_clear", atexit_clear, "($module, /)", "Takes all registrations back.", 0},
    {"_run_exitfuncs", run_exitfuncs, "($module, /)", "Calls the functions now.", 0},
    {"_ncallbacks", count, "($module, /)", "How many are registered.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    Value list = list_new(t, 0);
    if (!value_bits(list)) return -1;
    slot_store(t, value_object(module), &((State *)module_state(module))->calls, list);
    return 0;
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->calls, arg); }
const ModuleSpec atexit_module = {
    .name = "atexit", .doc = "Functions that run when the interpreter ends.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
