// The front end as the runtime sees it: main stores &frontend_table in `frontend` before the runtime starts.
#pragma once
#include <stdio.h>
#include "runtime/frontend.h"

extern const Frontend frontend_table;

// The object of a constant; UNDEF with an exception.
struct Const;
Value frontend_const(Thread *t, const struct Const *c);

// --dump=tokens|ast|bytecode of a source file's bytes. Errors go to `out` too. 0, or 1 where there was one.
int frontend_dump(Thread *t, FILE *out, const char *what, const char *source, size_t bytes, const char *filename);
