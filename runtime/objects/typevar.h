// Type parameters (PEP 695, 696): what compiled code makes. A `..._function` is called to evaluate a bound, constraints, value, default.
#pragma once
#include "runtime/object.h"
Value typevar_new(Thread *t, ValueRef name, ValueRef bound_function_or_undef, ValueRef constraints_function_or_undef);
Value paramspec_new(Thread *t, ValueRef name);
Value typevartuple_new(Thread *t, ValueRef name);
Value typealias_new(Thread *t, ValueRef name, ValueRef type_params_or_none, ValueRef value_function);
Value generic_subscript(Thread *t, ValueRef type_params_tuple); // Generic[...], TypeVarTuples unpacked
Value typeparam_set_default(Thread *t, ValueRef parameter, ValueRef default_function); // the parameter (owned)
