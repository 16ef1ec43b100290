// Trees as Python objects: the _ast module, and both ways between its objects and nodes.
#pragma once
#include "runtime/module.h"
#include "src/ast.h"

extern const ModuleSpec _ast_module;

// The object of a node (with all below it); UNDEF with an exception.
Value ast_to_object(Thread *t, const Node *n);
// The node of an object, checked so far that the compiler may rely on its shape. Fails by front_bail with FAIL_RAISED (or
// FAIL_RECURSION); what is taken from the object lies in f's arena.
Node *ast_from_object(Thread *t, Front *f, ValueRef object, const char *wanted);
