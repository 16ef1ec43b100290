// Tracebacks as text (traceback_print.c), and source text that stands in no file.
#pragma once
#include "runtime/objects/exception.h"

// Source that tracebacks show for a file name that no file has ("<string>" of -c). Copied; process-wide, for ever.
void traceback_register_source(const char *filename, const char *utf8, size_t bytes);
// Line `number` (from 1) of the source file, without blanks around: owned, UNDEF without an exception where there is none.
Value traceback_source_line(Thread *t, ValueRef filename, int64_t number);
int32_t traceback_lineno(const Traceback *tb); // -1: none
// The text that exception_print prints: a str, UNDEF with an exception.
Value exception_format(Thread *t, ValueRef exception);
