// The front end as the runtime sees it: main stores &frontend_table in `frontend` before the runtime starts.
#pragma once
#include <stdio.h>
#include "runtime/frontend.h"

extern const Frontend frontend_table;

// The object of a constant; UNDEF with an exception.
struct Const;
Value frontend_const(Thread *t, const struct Const *c);

// Runs `text` as the code of a module that the front end gives. 0, -1.
int frontend_run_text(Thread *t, ValueRef module, const char *filename, const char *text, size_t bytes);
// What `make` makes of the scopes of a source text (f->scopes) and `arg`; UNDEF with an exception. As for Frontend's compile.
struct Front;
Value frontend_scopes(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, Value (*make)(Thread *t, struct Front *f, ValueRef arg), ValueRef arg);

// --dump=tokens|ast|bytecode of a source file's bytes. Errors go to `out` too. 0, or 1 where there was one.
int frontend_dump(Thread *t, FILE *out, const char *what, const char *source, size_t bytes, const char *filename);
