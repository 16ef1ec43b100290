// Tracebacks as text (traceback_print.c).
#pragma once
#include "runtime/objects/exception.h"

// Line `number` (from 1) of the source file, without blanks around: owned, UNDEF without an exception where there is none.
Value traceback_source_line(Thread *t, ValueRef filename, int64_t number);
int32_t traceback_lineno(const Traceback *tb); // -1: none
// The text that exception_print prints: a str, UNDEF with an exception.
Value exception_format(Thread *t, ValueRef exception);
