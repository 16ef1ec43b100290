// Python functions, bound methods, cells.
#pragma once
#include "runtime/code.h"
#include "runtime/store.h"

typedef struct Function {
    Container c;
    CodeData *data;       // of `code`, in reach of calls; written with it
    Value code, globals, builtins; // Code; dict; dict
    Value name, qualname;
    Value defaults;       // tuple or UNDEF
    Value kwdefaults;     // dict or UNDEF
    Value closure;        // tuple of Cell or UNDEF
    Value doc, module, annotate, annotations, type_params; // UNDEF: not set
} Function;
typedef struct Method { Container c; Value function, self; } Method;
typedef struct Cell { Container c; Value value; } Cell;

// A function, whether or not it has attributes of its own (those have other shapes than SHAPE_FUNCTION).
static inline bool value_is_function(ValueRef v) { return value_is_pointer(v) && object_type(value_object(v)) == TYPE_OF(FUNCTION); }
static inline Function *value_function(ValueRef v) { return (Function *)value_object(v); }
static inline Cell *value_cell(ValueRef v) { return (Cell *)value_object(v); }
Value function_new(Thread *t, ValueRef code, ValueRef globals); // deferred where `code` is module level, counted where nested
Value method_new(Thread *t, ValueRef function, ValueRef self);
Value cell_new(Thread *t, Value value_steal_or_undef);
int function_set_part(Thread *t, Function *f, enum FunctionPart part, Value value_steal);
