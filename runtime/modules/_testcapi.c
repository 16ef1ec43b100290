// _testcapi: what CPython's own test files ask of the module of that name, as far as Skein has the thing that is tested: calls of
// native functions of every shape from Python and of anything from native code, printing of exceptions, limits of C's types. What
// tests CPython's C interface itself (vectorcall slots, allocators, subinterpreters) is not here, and those tests fail.
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "runtime/code.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/startup.h"

// ---- native functions by how they take arguments: each returns its self (None without one) and what it was given
static Value self_of(Thread *t, ValueRef self) { return value_bits(self) ? value_dup(t, self) : NONE; }
static Value given_args(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs) {
    Value tuple = tuple_from_refs(t, args, nargs);
    return value_bits(tuple) ? tuple_pair(t, self_of(t, self), tuple) : UNDEF;
}
static Value given_keywords(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value row[3] = {self_of(t, self), tuple_from_refs(t, args, nargs), dict_new(t)};
    for (int64_t i = 0; row[1] && row[2] && kwnames && i < kwnames->length; i++)
        if (dict_set(t, value_dict(row[2]), tuple_item(kwnames, i), args[nargs + i]) < 0) VALUE_CLEAR(t, row[2]);
    if (row[1] && row[2]) return tuple_from_values(t, row, 3);
    for (int i = 0; i < 3; i++) value_release(t, row[i]);
    return UNDEF;
}
NATIVE(meth_varargs) { return args_no_keywords(t, "meth_varargs", kwnames) < 0 ? UNDEF : given_args(t, self, args, nargs); }
NATIVE(meth_fastcall) { return args_no_keywords(t, "meth_fastcall", kwnames) < 0 ? UNDEF : given_args(t, self, args, nargs); }
NATIVE(meth_keywords) { return given_keywords(t, self, args, nargs, kwnames); }
NATIVE(meth_o) { return tuple_pair(t, self_of(t, self), value_dup(t, args[0])); }
NATIVE(meth_noargs) { return self_of(t, self); }
#define METH_ROWS(SELF, COMMA, FLAGS)                                                                                 \
    {"meth_varargs", meth_varargs, "(" SELF COMMA "*args)", "Any positional arguments.", NATIVE_RAW | FLAGS},         \
    {"meth_varargs_keywords", meth_keywords, "(" SELF COMMA "*args, **kwargs)", "Any arguments.", NATIVE_RAW | FLAGS}, \
    {"meth_o", meth_o, "(" SELF COMMA "object, /)", "One positional argument.", FLAGS},                              \
    {"meth_noargs", meth_noargs, "(" SELF ")", "No argument.", FLAGS},                                               \
    {"meth_fastcall", meth_fastcall, "(" SELF COMMA "*args)", "Any positional arguments.", NATIVE_RAW | FLAGS},       \
    {"meth_fastcall_keywords", meth_keywords, "(" SELF COMMA "*args, **kwargs)", "Any arguments.", NATIVE_RAW | FLAGS}

static const NativeDef instance_methods[] = {METH_ROWS("$self", ", ", 0), NATIVE_END};
static const NativeDef class_methods[] = {METH_ROWS("$type", ", ", NATIVE_CLASS), NATIVE_END};
static const NativeDef static_methods[] = {METH_ROWS("", "", NATIVE_STATIC), NATIVE_END};
static Value plain_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs || (kwnames && kwnames->length)) return raise(t, TYPE_ERROR, "%N() takes no arguments", (Type *)value_object(type));
    return value_of(object_new(t, (Type *)value_object(type)));
}
static const TypeSpec meth_instance_spec = {
    .name = "_testcapi.MethInstance", .doc = "Native methods.", .size = sizeof(Container), .ops = {.new = plain_new}, .methods = instance_methods};
static const TypeSpec meth_class_spec = {
    .name = "_testcapi.MethClass", .doc = "Native class methods.", .size = sizeof(Container), .ops = {.new = plain_new}, .methods = class_methods};
static const TypeSpec meth_static_spec = {
    .name = "_testcapi.MethStatic", .doc = "Native static methods.", .size = sizeof(Container), .ops = {.new = plain_new}, .methods = static_methods};

// ---- native objects that are called, and bind as functions do
static Value called_true(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return TRUE_VALUE; }
static Value called_false(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return FALSE_VALUE; }
static Value called_args(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return tuple_from_refs(t, args, nargs); }
static Value bind_as_method(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    return value_bits(object) && !is_none(object) ? method_new(t, self, object) : value_dup(t, self);
}
static Value bind_to_nothing(Thread *t, ValueRef self, ValueRef object, ValueRef type) { return value_dup(t, self); }
static const TypeSpec descriptor_base_spec = {
    .name = "_testcapi.MethodDescriptorBase", .doc = "Called, it is true; binds as a function.", .size = sizeof(Container), .flags = TYPE_BASE | TYPE_METHOD,
    .ops = {.new = plain_new, .call = called_true, .descr_get = bind_as_method}};
static const TypeSpec descriptor_derived_spec = {
    .name = "_testcapi.MethodDescriptorDerived", .doc = "As its base.", .size = sizeof(Container), .flags = TYPE_METHOD};
static const TypeSpec descriptor_nop_spec = {
    .name = "_testcapi.MethodDescriptorNopGet", .doc = "Called, it gives its arguments; binds to nothing.", .size = sizeof(Container),
    .ops = {.call = called_args, .descr_get = bind_to_nothing}};
static const TypeSpec descriptor_2_spec = {
    .name = "_testcapi.MethodDescriptor2", .doc = "Called, it is false; binds as a function.", .size = sizeof(Container), .flags = TYPE_METHOD,
    .ops = {.call = called_false}};

// ---- calls from native code
static int tuple_or_nothing(Thread *t, ValueRef v, const char *what, ValueRef const **items, uint32_t *n) {
    *items = NULL;
    *n = 0;
    if (is_none(v)) return 0;
    if (!value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "%s must be None or a tuple", what);
    *items = value_refs(value_tuple(v)->items);
    *n = (uint32_t)value_tuple(v)->length;
    return 0;
}
NATIVE(fastcalldict) {
    uint32_t n;
    const ValueRef *items;
    if (tuple_or_nothing(t, args[1], "args", &items, &n) < 0) return UNDEF;
    if (is_none(args[2])) return call_object(t, args[0], items, n, NULL);
    if (!value_is_any_dict(args[2])) return raise(t, TYPE_ERROR, "kwnames must be None or a dict");
    return call_tuple_dict(t, args[0], n ? args[1] : (ValueRef)t->interp->empty_tuple, args[2]);
}
NATIVE(vectorcall) {
    uint32_t n;
    const ValueRef *items;
    if (tuple_or_nothing(t, args[1], "args", &items, &n) < 0) return UNDEF;
    if (is_none(args[2])) return call_object(t, args[0], items, n, NULL);
    if (!value_is(args[2], TUPLE)) return raise(t, TYPE_ERROR, "kwnames must be None or a tuple");
    Tuple *names = value_tuple(args[2]);
    if (names->length > n) return raise(t, VALUE_ERROR, "kwnames longer than args");
    for (int64_t i = 0; i < names->length; i++)
        if (!value_is_any_str(tuple_item(names, i))) return raise(t, TYPE_ERROR, "keywords must be strings");
    return call_object(t, args[0], items, n - (uint32_t)names->length, names);
}
NATIVE(call_args_kwargs) {
    if (!value_is_any_tuple(args[1])) return raise(t, TYPE_ERROR, "args must be a tuple");
    if (!not_given(args[2]) && !value_is_any_dict(args[2])) return raise(t, TYPE_ERROR, "kwargs must be a dict");
    return call_tuple_dict(t, args[0], args[1], not_given(args[2]) ? (ValueRef)UNDEF : args[2]);
}

// ---- exceptions
NATIVE(exception_print_native) {
    if (!value_is_exception(args[0])) return raise(t, TYPE_ERROR, "an exception is required");
    Value file = dict_get(t, value_dict(t->interp->sys_dict), NAME(stderr));
    if (!value_bits(file)) return error_pending(t) ? UNDEF : NONE;
    int result = exception_print(t, args[0], file);
    value_release(t, file);
    return result < 0 ? UNDEF : NONE;
}
NATIVE(raise_exception) {
    int n;
    if (arg_int(t, args[1], &n) < 0) return UNDEF;
    if (n < 0) return raise(t, VALUE_ERROR, "a number of arguments is required");
    Tuple *numbers = tuple_alloc(t, n);
    if (!numbers) return UNDEF;
    for (int i = 0; i < n; i++) slot_init(&numbers->items[i], value_int(i));
    Value e = call_tuple_dict(t, args[0], value_of(numbers), UNDEF);
    object_release(t, numbers);
    if (!value_bits(e)) return UNDEF;
    if (value_is_exception(e)) return raise_object(t, e);
    raise(t, SYSTEM_ERROR, "_PyErr_SetObject: exception %R is not a BaseException subclass", args[0]);
    value_release(t, e);
    return UNDEF;
}
NATIVE(raise_memoryerror) { return raise_no_memory(t); }
NATIVE(err_writeunraisable) {
    if (is_none(args[0])) return NONE;
    if (!value_is_exception(args[0])) return raise(t, TYPE_ERROR, "an exception is required");
    error_restore(t, value_dup(t, args[0]));
    error_write_unraisable(t, NULL, is_none(args[1]) ? (ValueRef)UNDEF : args[1]);
    return NONE;
}
NATIVE(sigint_then_send) {
    kill(getpid(), SIGINT); // to the main thread, before kill returns
    return call_method_1(t, args[0], NAME(send), NONE);
}

// ---- code, settings
NATIVE(code_offset_to_line) {
    int64_t offset;
    if (!value_is(args[0], CODE)) return raise(t, TYPE_ERROR, "a code object is required");
    if (arg_int64(t, args[1], &offset) < 0) return UNDEF;
    Code *code = value_code(args[0]);
    if (offset < 0) return value_int(code->firstlineno);
    return value_int(offset / (int64_t)sizeof(Ins) < code->ninstructions ? code_position(code, (uint32_t)(offset / (int64_t)sizeof(Ins))).line : -1);
}
NATIVE(config_get) {
    if (value_is_any_str(args[0]) && str_equal_text(value_str(args[0]), "code_debug_ranges")) return value_int(!runtime_config.no_debug_ranges);
    return raise(t, VALUE_ERROR, "unknown config option name: %S", args[0]);
}
NATIVE(set_errno) {
    int n;
    if (arg_int(t, args[0], &n) < 0) return UNDEF;
    errno = n;
    return NONE;
}
NATIVE(stop_code) {
    int signal;
    return arg_int(t, args[0], &signal) < 0 ? UNDEF : value_int(signal << 8 | 0x7f);
}

// ---- an object that is awaited as what it was made with
typedef struct Awaited { Container c; Value iterator; } Awaited;
static Value awaited_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "awaitType", kwnames) < 0 || args_count(t, "awaitType", nargs, 1, 1) < 0) return UNDEF;
    Awaited *o = object_new(t, (Type *)value_object(type));
    if (o) slot_init(&o->iterator, value_dup(t, args[0]));
    return value_of(o);
}
static Value awaited_await(Thread *t, ValueRef self) { return slot_get(t, &((Awaited *)value_object(self))->iterator); }
static void awaited_destroy(Thread *t, Object *o) { value_release(t, ((Awaited *)o)->iterator); }
static void awaited_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Awaited *)o)->iterator, arg); }
static void awaited_clear(Thread *t, Object *o) { slot_store(t, o, &((Awaited *)o)->iterator, UNDEF); }
static const TypeSpec awaited_spec = {
    .name = "_testcapi.awaitType", .doc = "Awaited, it iterates over its argument.", .size = sizeof(Awaited), .ops = {.new = awaited_new, .await = awaited_await},
    .destroy = awaited_destroy, .traverse = awaited_traverse, .clear = awaited_clear};

static const NativeDef functions[] = {
    METH_ROWS("$module", ", ", 0),
    {"pyobject_fastcalldict", fastcalldict, "($module, func, args, kwargs, /)", "func(*args, **kwargs), called from native code.", 0},
    {"pyobject_vectorcall", vectorcall, "($module, func, args, kwnames, /)", "Calls func with args, the last of which are named by kwnames.", 0},
    {"pyvectorcall_call", call_args_kwargs, "($module, func, args, kwargs=None, /)", "func(*args, **kwargs), called from native code.", 0},
    {"pycfunction_call", call_args_kwargs, "($module, func, args, kwargs=None, /)", "func(*args, **kwargs), called from native code.", 0},
    {"exception_print", exception_print_native, "($module, exception, legacy=False, /)", "Prints the exception to sys.stderr as the runtime prints one that nobody catches.", 0},
    {"raise_exception", raise_exception, "($module, exception, num_args, /)", "Raises exception(0, 1, ...).", 0},
    {"raise_memoryerror", raise_memoryerror, "($module, /)", "Raises MemoryError.", 0},
    {"err_writeunraisable", err_writeunraisable, "($module, exception, object, /)", "Reports the exception through sys.unraisablehook.", 0},
    {"raise_SIGINT_then_send_None", sigint_then_send, "($module, generator, /)", "generator.send(None) right after a SIGINT has come.", 0},
    {"code_offset_to_line", code_offset_to_line, "($module, code, offset, /)", "The line of the instruction at the offset.", 0},
    {"config_get", config_get, "($module, name, /)", "A setting of the runtime.", 0},
    {"set_errno", set_errno, "($module, value, /)", "Sets C's errno.", 0},
    {"W_STOPCODE", stop_code, "($module, signal, /)", "The status of a process stopped by the signal.", 0},
    NATIVE_END};

static int add_derived(Thread *t, ValueRef module, const TypeSpec *spec, Type *base) {
    Value name = str_from_text(t, "_testcapi");
    if (!value_bits(name)) return -1;
    ValueRef one = value_of(base);
    Value bases = tuple_from_refs(t, &one, 1);
    Type *type = value_bits(bases) ? type_from_spec(t, spec, bases, name) : NULL;
    value_release(t, bases);
    value_release(t, name);
    return module_add_type(t, module, type);
}
static int exec(Thread *t, ValueRef module) {
    static const struct { const char *name; int64_t value; } limits[] = {
        {"CHAR_MAX", CHAR_MAX}, {"CHAR_MIN", CHAR_MIN}, {"UCHAR_MAX", UCHAR_MAX}, {"SHRT_MAX", SHRT_MAX}, {"SHRT_MIN", SHRT_MIN}, {"USHRT_MAX", USHRT_MAX},
        {"INT_MAX", INT_MAX}, {"INT_MIN", INT_MIN}, {"UINT_MAX", UINT_MAX}, {"SIZEOF_WCHAR_T", sizeof(wchar_t)}, {"SIZEOF_VOID_P", sizeof(void *)},
        {"SIZEOF_TIME_T", sizeof(time_t)}, {"SIZEOF_PID_T", sizeof(pid_t)}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (module_add_int(t, module, limits[i].name, limits[i].value) < 0) return -1;
    static const char *const longs[] = {"LONG", "LLONG", "PY_SSIZE_T"};
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s_MAX", longs[i]);
        if (module_add(t, module, name, int_from_int64(t, INT64_MAX)) < 0) return -1;
        snprintf(name, sizeof name, "%s_MIN", longs[i]);
        if (module_add(t, module, name, int_from_int64(t, INT64_MIN)) < 0) return -1;
    }
    static const char *const unsigned_longs[] = {"ULONG_MAX", "ULLONG_MAX", "SIZE_MAX"};
    for (int i = 0; i < 3; i++)
        if (module_add(t, module, unsigned_longs[i], int_from_uint64(t, UINT64_MAX)) < 0) return -1;
    static const struct { const char *name; double value; } floats[] = {{"FLT_MAX", FLT_MAX}, {"FLT_MIN", FLT_MIN}, {"DBL_MAX", DBL_MAX}, {"DBL_MIN", DBL_MIN}};
    for (int i = 0; i < 4; i++)
        if (module_add(t, module, floats[i].name, float_new(t, floats[i].value)) < 0) return -1;
    const TypeSpec *const own[] = {&meth_instance_spec, &meth_class_spec, &meth_static_spec, &awaited_spec};
    for (int i = 0; i < 4; i++)
        if (module_export_type(t, module, NULL, own[i]) < 0) return -1;
    Type *base = module_type(t, module, NULL, &descriptor_base_spec);
    if (module_add_type(t, module, base) < 0) return -1;
    return add_derived(t, module, &descriptor_derived_spec, base) < 0 || add_derived(t, module, &descriptor_nop_spec, base) < 0 ? -1
           : add_derived(t, module, &descriptor_2_spec, base);
}
const ModuleSpec _testcapi_module = {.name = "_testcapi", .doc = "Stand-ins for CPython's test helpers.", .functions = functions, .exec = exec};
