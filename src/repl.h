// The prompt (repl.c): history and multi-line editing through libedit.
#pragma once
#include "runtime/thread.h"
int repl_run(Thread *t, ValueRef main_module); // exit status
