// Context variables (PEP 567). A thread runs in one Context at a time (t->context; UNDEF: none yet); only that thread writes it.
#pragma once
#include "runtime/store.h"

typedef struct Context {
    Container c;
    Value vars;      // (o) dict ContextVar -> value, UNDEF: empty. Shared by copies until one is written
    Value previous;  // (owner, while entered) Context that the thread was in before; UNDEF: none
    bool frozen;     // (o) `vars` is shared with another Context: copied before it is written
    _Atomic uint8_t entered; // (a) by compare-and-swap
} Context;
typedef struct ContextVar { Container c; Value name, default_value; } ContextVar;

Value context_new(Thread *t);
Value context_copy(Thread *t, ValueRef context);
Value context_copy_current(Thread *t);          // copy_context(): what a new thread or task runs in
int context_enter(Thread *t, ValueRef context); // RuntimeError where it is entered already. 0, -1
void context_leave(Thread *t, ValueRef context);
Value context_var_new(Thread *t, ValueRef name, ValueRef default_or_undef);
// The variable's value in the current context, its default, or UNDEF without an exception.
Value context_var_get(Thread *t, ValueRef var);
int context_var_set(Thread *t, ValueRef var, ValueRef value_or_undef); // UNDEF: unset
