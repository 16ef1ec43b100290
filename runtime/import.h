// Importing: the library's importlib does the work (import.c hands it the native finders); what the interpreter calls.
#pragma once
#include "runtime/store.h"

// import name (with fromlist and level as the statement has them): the top package, or the module where fromlist is not empty.
Value import_module_level(Thread *t, ValueRef name, ValueRef globals, ValueRef fromlist, ValueRef level);
bool import_is_builtin(Thread *t, ValueRef function); // `function` is the original builtins.__import__
Value import_builtin(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // builtins.__import__
Value import_module(Thread *t, const char *name); // absolute; the named module itself (not its top package)
Value import_attribute(Thread *t, const char *module, const char *attribute);
void import_from_error(Thread *t, ValueRef module, ValueRef package_name_or_undef, ValueRef name); // "cannot import name ..."
int import_init(Thread *t); // makes importlib work: frozen bootstrap, native finders
void import_fork_child(Thread *t); // the import lock, in a forked child
