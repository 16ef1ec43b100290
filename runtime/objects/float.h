// float: most are in the Value (value.h); the rest (inf, nan, extreme exponents) and instances of subclasses are boxed.
#pragma once
#include "runtime/object.h"

typedef struct Float {
    RefHead head;
    double value;
} Float;
typedef struct Complex {
    RefHead head;
    double real, imag;
} Complex;
// x ** y of finite numbers, where that raises nothing, is no complex number and fits the word; else UNDEF.
Value float_power_in_word(double x, double y);
Value float_new(Thread *t, double d); // in the word where it fits
static inline double float_value(ValueRef any_float) { // float or a subclass
    return value_is_float(any_float) ? value_get_float(any_float) : ((Float *)value_object(any_float))->value;
}
Value complex_new(Thread *t, double real, double imag);
Value float_repr(Thread *t, double d);
Value float_from_str(Thread *t, ValueRef str_or_bytes);
int64_t float_hash(double d);
