// The prompt (repl.c).
#pragma once
#include <stdbool.h>
#include "runtime/thread.h"
// Runs until the input ends or the program does; the exit status. `first`: it is what was asked for, and greets; else it follows a
// program (-i).
int repl_run(Thread *t, ValueRef main_module, bool first);
// For tracebacks: the text of code that no file holds. A pending exception stays.
void repl_register_source(Thread *t, ValueRef code, const char *text, size_t bytes, ValueRef name);
// The exit status that a SystemExit asks for; what is no number is shown on sys.stderr.
int system_exit_status(Thread *t, ValueRef exception);
