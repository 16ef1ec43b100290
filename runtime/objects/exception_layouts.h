// What exception.c and exception_group.c share: the group's part in the table of exception types.
#pragma once
#include "runtime/objects/exception.h"

extern const TypeSpec base_exception_spec;
Value exception_group_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
int exception_group_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value exception_group_str(Thread *t, ValueRef self);
Value exception_group_repr(Thread *t, ValueRef self);
extern const NativeDef exception_group_methods[];
extern const MemberDef exception_group_members[];
