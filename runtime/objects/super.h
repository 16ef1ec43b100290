// super(): attribute lookup behind a class in an object's method resolution order.
#pragma once
#include "runtime/object.h"

// What super(start, o).name gives, bound: along the mro of `object_type` behind `start`. UNDEF without an exception where
// nothing is found. `function_only` (may be NULL): set where the result is a function (TYPE_METHOD) that was not bound, so that
// a call can pass `o` itself.
Value super_lookup(Thread *t, Type *start, ValueRef o, Type *object_type, ValueRef name, bool *function_only);
// The type whose mro super(type, o) walks: o itself where it is a class below `type`, its type, or its __class__. Borrowed from
// `o`; NULL with TypeError.
Type *super_check(Thread *t, Type *type, ValueRef o);
