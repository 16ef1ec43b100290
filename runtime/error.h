// Raising exceptions from native code. One way to fail (DESIGN 13): the exception stands in t->raised, and the function
// returns UNDEF, -1 or NULL. Nothing here unwinds the C stack.
#pragma once
#include "runtime/object.h"

enum ExceptionId {
#define EXC(ID, name, BASE, layout, text) E_##ID,
#include "runtime/exceptions.def"
#undef EXC
    E_COUNT
};
extern Type exception_types[E_COUNT]; // as builtin_types: process-wide, immortal
#define EXCEPTION(ID) (&exception_types[E_##ID])

// Raises EXCEPTION(ID) with a message. Directives beyond printf's %d %u %x %c %s %lld %zd %zu %.200s:
//   %R repr of a ValueRef, %S str of a ValueRef, %A ascii() of a ValueRef, %T the name of the type of a ValueRef (%K: the same, but None for None)
//   (as messages show it: native types with their module, classes bare), %Q module.qualname of a Type *, %N the __name__ of a Type *, %U a Str * (text as it is).
// Return UNDEF, -1 and NULL, so that `return raise(...)` reads well in each kind of function.
Value raise_error(Thread *t, enum ExceptionId id, const char *format, ...);
int raise_error_int(Thread *t, enum ExceptionId id, const char *format, ...);
void *raise_error_null(Thread *t, enum ExceptionId id, const char *format, ...);
#define raise(t, ID, ...) raise_error(t, E_##ID, __VA_ARGS__)
#define raise_int(t, ID, ...) raise_error_int(t, E_##ID, __VA_ARGS__)
#define raise_null(t, ID, ...) raise_error_null(t, E_##ID, __VA_ARGS__)

// Builds a str by the same directives; UNDEF with an exception.
Value str_of_format(Thread *t, const char *format, ...);
Value str_of_vformat(Thread *t, const char *format, __builtin_va_list *ap);

// Raises an instance or type with one argument (consumed), e.g. KeyError(key).
Value raise_with_value(Thread *t, enum ExceptionId id, Value argument_steal);
// Raises the exception object itself (consumed); sets its __context__ to the exception being handled, as `raise` does.
Value raise_object(Thread *t, Value exception_steal);
Value raise_no_memory(Thread *t);         // a preallocated MemoryError
Value raise_os_error(Thread *t, int errno_value, ValueRef filename_or_undef); // OSError or its subclass for errno
Value raise_stop_iteration(Thread *t, Value value_steal);                       // NONE: without a value

// The exception being handled (sys.exception()): borrowed, UNDEF where there is none.
ValueRef error_handled(Thread *t);

static inline bool error_pending(Thread *t);
// The pending exception is of this type (or below).
bool error_matches(Thread *t, Type *type);
// Takes the pending exception away (owned), UNDEF where there is none; puts one back as it was, without chaining.
Value error_take(Thread *t);
void error_restore(Thread *t, Value exception_steal);
void error_clear(Thread *t);
// Reports the pending exception through sys.unraisablehook and clears it: "Exception ignored DOING WHERE:" ("while
// calling deallocator"; WHERE may be UNDEF), or, where `doing` is NULL, "Exception ignored in: WHERE".
void error_write_unraisable(Thread *t, const char *doing, ValueRef where);
// The same for an exception taken before and a whole message (str or UNDEF), both consumed.
void error_report_unraisable(Thread *t, Value exception_steal, Value message_steal, ValueRef where);
// 0, or -1 where the warning became an exception.
int warn(Thread *t, enum ExceptionId category, int stack_level, const char *format, ...);

#include "runtime/thread.h"
static inline bool error_pending(Thread *t) { return value_bits(t->raised) != 0; }
