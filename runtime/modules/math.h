// math's functions of whole numbers (math_integer.c).
#pragma once
#include "runtime/object.h"

#define MATH_FUNCTION(name) Value math_##name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
MATH_FUNCTION(comb);
MATH_FUNCTION(factorial);
MATH_FUNCTION(gcd);
MATH_FUNCTION(isqrt);
MATH_FUNCTION(lcm);
MATH_FUNCTION(perm);
