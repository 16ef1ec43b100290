// Calling Python callables from native code, and binding arguments of native functions.
#pragma once
#include "runtime/object.h"

// All return an owned result, or UNDEF with an exception. `args` are borrowed for the call. With `kwnames` (a tuple of str)
// the values of the keywords follow the nargs positional ones in `args`.
Value call_object(Thread *t, ValueRef callable, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value call_0(Thread *t, ValueRef callable);
Value call_1(Thread *t, ValueRef callable, ValueRef a);
Value call_2(Thread *t, ValueRef callable, ValueRef a, ValueRef b);
Value call_3(Thread *t, ValueRef callable, ValueRef a, ValueRef b, ValueRef c);
// callable(*args_tuple, **kwargs_dict_or_undef)
Value call_tuple_dict(Thread *t, ValueRef callable, ValueRef args_tuple, ValueRef kwargs_dict);
// object.name(args...), without making the bound method where it can be avoided. args[0] is not the object.
Value call_method(Thread *t, ValueRef object, ValueRef name, const ValueRef *args, uint32_t nargs);
Value call_method_0(Thread *t, ValueRef object, ValueRef name);
Value call_method_1(Thread *t, ValueRef object, ValueRef name, ValueRef a);
// The special method `name` looked up on the type alone (as the interpreter does for dunders): UNDEF without an exception
// where the type has none.
Value call_special(Thread *t, ValueRef object, ValueRef name, const ValueRef *args, uint32_t nargs);
// The bound special method, or UNDEF without an exception.
Value lookup_special(Thread *t, ValueRef object, ValueRef name);

// For NATIVE_RAW functions and slots (init, new, call): binds nargs/kwnames by a signature as NativeDef has them, writing
// one entry per parameter (borrowed; UNDEF where not given). `name` is for messages ("dict", "list.sort"). 0 or -1.
typedef struct ArgSpec ArgSpec;
int args_bind(Thread *t, const char *name, const char *signature, const ValueRef *args, uint32_t nargs, Tuple *kwnames, ValueRef *out);
// Checks "takes no keyword arguments" / positional count for raw functions; 0 or -1.
int args_no_keywords(Thread *t, const char *name, Tuple *kwnames);
int args_count(Thread *t, const char *name, uint32_t nargs, uint32_t min, uint32_t max); // "NAME expected at most 2 arguments, got 3"

// Conversions of arguments. -1 with an exception.
int arg_index(Thread *t, ValueRef v, int64_t *out);       // __index__, OverflowError beyond int64
int arg_index_clipped(Thread *t, ValueRef v, int64_t *out); // as slices do: beyond int64 is clipped
int arg_int64(Thread *t, ValueRef v, int64_t *out);       // "Python int too large to convert to C long"
int arg_int(Thread *t, ValueRef v, int *out);             // "... to C int"
int arg_uint64(Thread *t, ValueRef v, uint64_t *out);
int arg_double(Thread *t, ValueRef v, double *out);       // __float__, __index__
int arg_bool(Thread *t, ValueRef v, bool *out);           // truth
