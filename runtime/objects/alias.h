// types.GenericAlias (PEP 585) and typing.Union (PEP 604).
#pragma once
#include "runtime/object.h"

Value generic_alias_new(Thread *t, ValueRef origin, ValueRef args); // args: a tuple, or the one argument
// The method `__class_getitem__` of generic builtin types.
Value generic_alias_class_getitem(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
// a | b for types, aliases, None: flattened and without repetitions. NOT_IMPLEMENTED where an operand is no such thing.
Value union_or(Thread *t, ValueRef a, ValueRef b);
Value union_from_tuple(Thread *t, ValueRef args); // Union[args]
