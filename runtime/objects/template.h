// string.templatelib.Template and Interpolation (PEP 750).
#pragma once
#include "runtime/object.h"
Value interpolation_new(Thread *t, ValueRef value, ValueRef expression, ValueRef conversion_or_none, ValueRef format_spec);
Value template_new(Thread *t, ValueRef strings_tuple, ValueRef interpolations_tuple);
