// Template strings (PEP 750): string.templatelib.Template and Interpolation.
#pragma once
#include "runtime/store.h"

typedef struct Interpolation {
    Container c;
    Value value, expression, conversion, format_spec; // any; str; str or None; str
} Interpolation;
typedef struct Template {
    Container c;
    Value strings, interpolations; // tuples: one more str than interpolations
} Template;

// Arguments borrowed, of the right types.
Value interpolation_new(Thread *t, ValueRef value, ValueRef expression, ValueRef conversion, ValueRef format_spec);
Value template_new(Thread *t, ValueRef strings, ValueRef interpolations);
