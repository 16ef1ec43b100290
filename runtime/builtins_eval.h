// compile, eval, exec and the namespaces of the code that called.
#pragma once
#include "runtime/object.h"

Value builtin_compile(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value builtin_eval(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value builtin_exec(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value builtin_globals(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value builtin_locals(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
