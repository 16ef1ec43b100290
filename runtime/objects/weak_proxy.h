// What weakref.c gives the proxy types and the _weakref module.
#pragma once
#include "runtime/weakref.h"

void weakref_traverse(Object *o, VisitFn visit, void *arg);
void weakref_destroy(Thread *t, Object *o);
void weakref_clear(Thread *t, Object *o);
Value weakref_list(Thread *t, ValueRef target); // a list of the weak references to it
