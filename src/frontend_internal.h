// What frontend.c and tokenize.c share.
#pragma once
#include "runtime/object.h"
#include "src/front.h"
// Raises f->failure as a Python exception.
Value frontend_raise(Thread *t, Front *f, ValueRef filename);
// Frontend.tokenize.
Value frontend_tokenize(Thread *t, const char *source, size_t bytes, bool extra_tokens);
