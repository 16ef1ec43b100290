// Exception objects. Fields are Value slots (store.h); every exception is a Container with attributes of its own (__dict__).
#pragma once
#include "runtime/store.h"

typedef struct BaseException {
    Container c;
    Value args;       // tuple
    Value traceback;  // Traceback or UNDEF
    Value context, cause; // exception or UNDEF
    Value notes;      // list or UNDEF: __notes__ lives among the attributes; reserved
    bool suppress_context;
} BaseException;
typedef struct ExceptionGroup { BaseException base; Value message, exceptions, shown; } ExceptionGroup; // shown: repr of what it was made with, where that was no list or tuple; or UNDEF
typedef struct StopIterationObject { BaseException base; Value value; } StopIterationObject;
typedef struct SystemExitObject { BaseException base; Value code; } SystemExitObject;
typedef struct AttributeErrorObject { BaseException base; Value object, name; } AttributeErrorObject;
typedef struct NameErrorObject { BaseException base; Value name; } NameErrorObject;
typedef struct ImportErrorObject { BaseException base; Value msg, name, path, name_from; } ImportErrorObject;
typedef struct OsErrorObject { BaseException base; Value errno_, strerror, filename, filename2; int64_t written; } OsErrorObject; // written: characters_written or -1
typedef struct SyntaxErrorObject { BaseException base; Value msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line, metadata; } SyntaxErrorObject;
typedef struct UnicodeErrorObject { BaseException base; Value encoding, object, reason; int64_t start, end; } UnicodeErrorObject;

static inline BaseException *value_exception(ValueRef v) { return (BaseException *)value_object(v); }
static inline bool value_is_exception(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_EXCEPTION); }
Value exception_new(Thread *t, Type *type, Value argument_steal_or_undef); // as type(argument) for builtin exception types
Value exception_type_of(ValueRef exception);
// All of exceptions.def, in its order; BaseException's own is base_exception_spec. `base` of a row: T_BASE_EXCEPTION, or
// EXCEPTION_SPEC_BASE + the base's ExceptionId.
enum { EXCEPTION_SPEC_BASE = 1 << 16 };
extern const TypeSpec exception_specs[];
// Once, when all builtin types stand: ExceptionGroup's second base, the preallocated MemoryError. 0, -1.
int exceptions_startup(Thread *t);
// `exception` is one of what an except clause names: a type or a tuple (nested ones too) of types, by the method resolution
// order alone. 1, 0; -1 where tuples nest too deeply.
int exception_given_matches(Thread *t, ValueRef exception, ValueRef type_or_tuple);
// An exception that `raise x` may raise, from an instance or a class that is called: owned, UNDEF with TypeError.
Value exception_from_raised(Thread *t, ValueRef instance_or_class);

typedef struct Traceback {
    Container c;
    Value next;        // Traceback or UNDEF
    Value frame;       // Frame
    uint32_t instruction; // index in the frame's code
    int32_t lineno;    // -1: from the code's positions
    int32_t lasti;     // as a program gave it; -1: of the instruction
} Traceback;
// Puts an entry for `frame` at the head of the exception's traceback.
int traceback_add(Thread *t, ValueRef exception, ValueRef frame, uint32_t instruction);
// Prints "Traceback (most recent call last): ..." with carets, chained and grouped exceptions, notes, to `fd`-like writer; native, used
// for uncaught exceptions before the library's traceback module can be imported, and by faulthandler-like dumps.
int exception_print(Thread *t, ValueRef exception, ValueRef file_or_undef); // UNDEF: file descriptor 2
// As sys.unraisablehook shows it: without marks under the lines, causes and contexts.
int exception_print_plain(Thread *t, ValueRef exception, ValueRef file_or_undef);
// PEP 654.
Value exception_group_new(Thread *t, ValueRef message, ValueRef exceptions_tuple);
int exception_group_match(Thread *t, ValueRef exception, ValueRef type, Value *match, Value *rest); // EXC_GROUP_MATCH
Value exception_prep_reraise_star(Thread *t, ValueRef original, ValueRef list);
