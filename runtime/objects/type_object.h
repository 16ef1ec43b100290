// What the files of the type object share among themselves (type.c type_new.c type_slots.c object.c super.c): not for others.
#pragma once
#include "runtime/object.h"
#include "runtime/store.h"

static inline Type *value_as_type(ValueRef v) { return (Type *)value_object(v); }
// The base that gives the layout; NULL for object.
static inline Type *type_base(const Type *type) { return (Type *)value_bits(slot_borrow(&type->base)); }

// Calls the method that the type of `self` has under `name`, with keywords; UNDEF without an exception where it has none.
Value type_call_special(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
// `next` of this type is a Python __next__: the slot loses StopIteration's value.
bool slot_next_is_python(Type *type);
