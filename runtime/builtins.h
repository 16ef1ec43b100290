// The functions of the builtins module.
#pragma once
#include "runtime/object.h"

extern const NativeDef builtin_functions[];
// dir() without an argument, vars(), locals(): the namespace of the Python code that called. Owned, UNDEF with an exception.
Value calling_locals(Thread *t);
// sum() in the runtime's own words, for other modules.
Value builtin_sum_of(Thread *t, ValueRef iterable, ValueRef start_or_undef);
