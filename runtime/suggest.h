// "Did you mean": the known name that is nearest to a wrong one.
#pragma once
#include "runtime/objects/str.h"

// How far two names are apart, in half steps: a character more, less or changed is 2, one in the other case 1. More than `limit`
// is answered as limit + 1. Names beyond 40 characters are never near.
int64_t suggest_distance(const Str *a, const Str *b, int64_t limit);
// Is `candidate` near enough to `wrong`, and nearer than *best (start with INT64_MAX)? Then *best is its distance.
bool suggest_better(const Str *wrong, const Str *candidate, int64_t *best);

// What a traceback adds to the message of a NameError, AttributeError or ImportError: a str ("" where it has nothing to add), UNDEF with
// an exception. Looks at attributes and namespaces without running more of the program than dir() does.
Value suggest_for_exception(Thread *t, ValueRef exception);
