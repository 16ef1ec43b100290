// complex: arithmetic after C99's Annex G, where a real operand stays real (as Python does since 3.14).
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/number.h"
#include "runtime/support/dtoa.h"
#include "runtime/support/hash.h"
#include "runtime/type.h"

typedef struct {
    double real, imag;
} C;

static C value_complex(ValueRef v) {
    const Complex *c = (const Complex *)value_object(v);
    return (C){c->real, c->imag};
}
static bool is_complex(ValueRef v) { return value_is(v, COMPLEX) || (value_is_pointer(v) && value_is_instance(v, TYPE_OF(COMPLEX))); }

Value complex_new(Thread *t, double real, double imag) {
    Complex *c = leaf_new(t, SHAPE_COMPLEX, sizeof(Complex));
    if (!c) return UNDEF;
    c->real = real;
    c->imag = imag;
    return value_of(c);
}
static Value made(Thread *t, C c) { return complex_new(t, c.real, c.imag); }

// 1: complex; 2: a real number in c->real; 0: neither; -1: an int too large.
static int operand(Thread *t, ValueRef v, C *c) {
    c->imag = 0;
    if (is_complex(v)) {
        *c = value_complex(v);
        return 1;
    }
    if (value_is_any_float(v)) {
        c->real = float_value(v);
        return 2;
    }
    if (!value_is_any_int(v)) return 0;
    c->real = int_as_double(t, v);
    return c->real == -1 && error_pending(t) ? -1 : 2;
}

#define OPERANDS(x, y)                                                           \
    C x, y;                                                                      \
    int kind_a = operand(t, a, &x), kind_b = kind_a > 0 ? operand(t, b, &y) : 0; \
    if (kind_a < 0 || kind_b < 0) return UNDEF;                                  \
    if (kind_a == 0 || kind_b == 0) return NOT_IMPLEMENTED

static Value slot_add(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    if (kind_b == 2) return complex_new(t, x.real + y.real, x.imag);
    if (kind_a == 2) return complex_new(t, x.real + y.real, y.imag);
    return complex_new(t, x.real + y.real, x.imag + y.imag);
}

static Value slot_subtract(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    if (kind_b == 2) return complex_new(t, x.real - y.real, x.imag);
    if (kind_a == 2) return complex_new(t, x.real - y.real, -y.imag);
    return complex_new(t, x.real - y.real, x.imag - y.imag);
}

static double one_if_infinite(double d) { return copysign(isinf(d) ? 1.0 : 0.0, d); }
static double zero_if_nan(double d) { return isnan(d) ? copysign(0.0, d) : d; }
static bool infinite(C c) { return isinf(c.real) || isinf(c.imag); }
static bool finite_both(C c) { return isfinite(c.real) && isfinite(c.imag); }

static C product(C a, C b) {
    double ac = a.real * b.real, bd = a.imag * b.imag, ad = a.real * b.imag, bc = a.imag * b.real;
    C z = {ac - bd, ad + bc};
    if (!isnan(z.real) || !isnan(z.imag)) return z;
    bool again = false;  // infinities that came out as NaN (Annex G.5.1)
    if (infinite(a)) {
        a = (C){one_if_infinite(a.real), one_if_infinite(a.imag)};
        b = (C){zero_if_nan(b.real), zero_if_nan(b.imag)};
        again = true;
    }
    if (infinite(b)) {
        b = (C){one_if_infinite(b.real), one_if_infinite(b.imag)};
        a = (C){zero_if_nan(a.real), zero_if_nan(a.imag)};
        again = true;
    }
    if (!again && (isinf(ac) || isinf(bd) || isinf(ad) || isinf(bc))) {
        a = (C){zero_if_nan(a.real), zero_if_nan(a.imag)};
        b = (C){zero_if_nan(b.real), zero_if_nan(b.imag)};
        again = true;
    }
    if (again) z = (C){INFINITY * (a.real * b.real - a.imag * b.imag), INFINITY * (a.real * b.imag + a.imag * b.real)};
    return z;
}

// b != 0. R. L. Smith's method, which does not overflow on the way.
static C quotient(C a, C b) {
    C z;
    if (fabs(b.real) >= fabs(b.imag)) {
        double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
        z = (C){(a.real + a.imag * ratio) / denominator, (a.imag - a.real * ratio) / denominator};
    } else if (fabs(b.imag) >= fabs(b.real)) {
        double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
        z = (C){(a.real * ratio + a.imag) / denominator, (a.imag * ratio - a.real) / denominator};
    } else {
        z = (C){NAN, NAN};
    }
    if (!isnan(z.real) || !isnan(z.imag)) return z;
    if (infinite(a) && finite_both(b)) {
        double x = one_if_infinite(a.real), y = one_if_infinite(a.imag);
        z = (C){INFINITY * (x * b.real + y * b.imag), INFINITY * (y * b.real - x * b.imag)};
    } else if (infinite(b) && finite_both(a)) {
        double x = one_if_infinite(b.real), y = one_if_infinite(b.imag);
        z = (C){0.0 * (a.real * x + a.imag * y), 0.0 * (a.imag * x - a.real * y)};
    }
    return z;
}

// A real number over a complex one: no zero imaginary part takes part.
static C real_quotient(double a, C b) {
    C z;
    if (fabs(b.real) >= fabs(b.imag)) {
        double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
        z = (C){a / denominator, (-a * ratio) / denominator};
    } else if (fabs(b.imag) >= fabs(b.real)) {
        double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
        z = (C){(a * ratio) / denominator, (-a) / denominator};
    } else {
        z = (C){NAN, NAN};
    }
    if (isnan(z.real) && isnan(z.imag) && isfinite(a) && infinite(b))
        z = (C){0.0 * (a * one_if_infinite(b.real)), 0.0 * (-a * one_if_infinite(b.imag))};
    return z;
}

static Value slot_multiply(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    if (kind_b == 2) return complex_new(t, x.real * y.real, x.imag * y.real);
    if (kind_a == 2) return complex_new(t, x.real * y.real, x.real * y.imag);
    return made(t, product(x, y));
}

static Value slot_true_divide(Thread *t, ValueRef a, ValueRef b) {
    OPERANDS(x, y);
    if (y.real == 0 && y.imag == 0) return raise(t, ZERO_DIVISION_ERROR, "division by zero");
    if (kind_b == 2) return complex_new(t, x.real / y.real, x.imag / y.real);
    if (kind_a == 2) return made(t, real_quotient(x.real, y));
    return made(t, quotient(x, y));
}

static C power_whole(C x, unsigned n) {
    C result = {1, 0};
    for (C square = x; n; n >>= 1, square = product(square, square))
        if (n & 1) result = product(result, square);
    return result;
}

Value complex_power(Thread *t, double ar, double ai, double br, double bi) {
    C a = {ar, ai}, b = {br, bi}, z;
    if (b.real == 0 && b.imag == 0) z = (C){1, 0};
    else if (a.real == 0 && a.imag == 0) {
        if (b.imag != 0 || b.real < 0) return raise(t, ZERO_DIVISION_ERROR, "zero to a negative or complex power");
        z = (C){0, 0};
    } else if (b.imag == 0 && b.real == floor(b.real) && fabs(b.real) <= 100) {
        z = power_whole(a, (unsigned)fabs(b.real));
        if (b.real < 0) {
            if (z.real == 0 && z.imag == 0) return raise(t, OVERFLOW_ERROR, "complex exponentiation");
            z = quotient((C){1, 0}, z);
        }
    } else {
        double size = hypot(a.real, a.imag), length = pow(size, b.real), angle = atan2(a.imag, a.real), phase = angle * b.real;
        if (b.imag != 0) {
            length *= exp(-angle * b.imag);
            phase += b.imag * log(size);
        }
        z = (C){length * cos(phase), length * sin(phase)};
    }
    if (infinite(z) && finite_both(a) && finite_both(b)) return raise(t, OVERFLOW_ERROR, "complex exponentiation");
    return made(t, z);
}

static Value slot_power(Thread *t, ValueRef a, ValueRef b, ValueRef c) {
    OPERANDS(x, y);
    if (value_bits(c) != value_bits(NONE)) return raise(t, VALUE_ERROR, "complex modulo");
    return complex_power(t, x.real, x.imag, y.real, y.imag);
}

static Value slot_negative(Thread *t, ValueRef self) {
    C c = value_complex(self);
    return complex_new(t, -c.real, -c.imag);
}
static Value exact_self(Thread *t, ValueRef self) {
    if (value_is(self, COMPLEX)) return value_dup(t, self);
    return made(t, value_complex(self));
}
static Value slot_absolute(Thread *t, ValueRef self) {
    C c = value_complex(self);
    double d = hypot(c.real, c.imag);
    if (isinf(d) && finite_both(c)) return raise(t, OVERFLOW_ERROR, "absolute value too large");
    return float_new(t, d);
}
static int slot_boolean(Thread *t, ValueRef self) {
    C c = value_complex(self);
    return c.real != 0 || c.imag != 0;
}

static int64_t slot_hash(Thread *t, ValueRef self) {
    C c = value_complex(self);
    int64_t by_address = hash_pointer(value_object(self));
    return hash_complex(isnan(c.real) ? by_address : hash_double(c.real), isnan(c.imag) ? by_address : hash_double(c.imag));
}

static Value slot_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (op != CMP_EQ && op != CMP_NE) return NOT_IMPLEMENTED;
    C x = value_complex(a);
    bool equal;
    if (is_complex(b)) {
        C y = value_complex(b);
        equal = x.real == y.real && x.imag == y.imag;
    } else if (value_is_any_float(b)) {
        equal = x.real == float_value(b) && x.imag == 0;
    } else if (value_is_any_int(b)) {
        uint64_t limb;
        equal = x.imag == 0 && isfinite(x.real) && bigint_compare_double(int_big(b, &limb), x.real) == 0;
    } else {
        return NOT_IMPLEMENTED;
    }
    return value_bool(equal == (op == CMP_EQ));
}

static Value format_by(Thread *t, ValueRef self, const FormatSpec *spec) {
    C c = value_complex(self);
    TextBuffer out = {0};
    LocaleText locale;
    char error[FMTSPEC_ERROR_MAX];
    FmtStatus status = fmtspec_complex(&out, spec, format_locale(spec, &locale), c.real, c.imag, error);
    return format_finish(t, self, spec, status, error, &out);
}

static Value slot_repr(Thread *t, ValueRef self) {
    FormatSpec plain = {.fill = ' ', .align = '>', .width = -1, .precision = -1};
    return format_by(t, self, &plain);
}

// --- constructor --------------------------------------------------------------------------------------------------

// One of: real, imag j, real sign imag j, perhaps in brackets. The text has no blanks at its ends.
static bool parse(const char *s, size_t n, C *out) {
    *out = (C){0, 0};
    if (n && *s == '(') {
        s++, n--;
        while (n && *s == ' ') s++, n--;
        if (n == 0 || s[n - 1] != ')') return false;
        n--;
        while (n && s[n - 1] == ' ') n--;
    }
    if (n == 0) return false;
    double first;
    size_t used = dtoa_parse_prefix(s, n, &first);
    if (used) {
        s += used, n -= used;
        if (n == 0) {
            out->real = first;
            return true;
        }
        if (*s == '+' || *s == '-') {
            out->real = first;
            double second;
            used = dtoa_parse_prefix(s, n, &second);
            if (used) {
                s += used, n -= used;
            } else { // a bare sign stands for one
                second = *s == '-' ? -1 : 1;
                s++, n--;
            }
            out->imag = second;
        } else {
            out->imag = first;
        }
    } else {
        out->imag = 1;
        if (*s == '+' || *s == '-') {
            if (*s == '-') out->imag = -1;
            s++, n--;
        }
    }
    return n == 1 && (*s == 'j' || *s == 'J');
}

static Value from_text(Thread *t, ValueRef o, C *out) {
    NumberText text;
    if (number_text(t, o, &text) < 0) return UNDEF;
    const char *start;
    size_t n;
    number_text_strip(&text, &start, &n);
    char *digits = text.data + (start - text.data);
    digits[n] = 0;
    bool placed = !memchr(digits, '_', n) || number_remove_underscores(digits, &n), good = placed && parse(digits, n, out);
    number_text_free(&text);
    if (!placed) return raise(t, VALUE_ERROR, "could not convert string to complex: %R", o);
    return good ? NONE : raise(t, VALUE_ERROR, "complex() arg is a malformed string");
}

static Value make(Thread *t, Type *type, C c) {
    if (type == TYPE_OF(COMPLEX)) return made(t, c);
    Complex *o = object_new(t, type);
    if (!o) return UNDEF;
    o->real = c.real;
    o->imag = c.imag;
    return value_of(o);
}

static bool has_real_value(ValueRef v) {
    return value_is_any_float(v) || value_is_any_int(v) || value_type(v)->ops.to_float || value_type(v)->ops.index;
}

// The value of a number: 1 complex, 2 real, 0 no number (nothing raised), -1.
static int number_value(Thread *t, ValueRef o, C *out) {
    if (is_complex(o) && value_is(o, COMPLEX)) {
        *out = value_complex(o);
        return 1;
    }
    Value special = call_special(t, o, NAME(__complex__), NULL, 0);
    if (value_bits(special)) {
        if (!is_complex(special)) {
            raise(t, TYPE_ERROR, "%T.__complex__() must return a complex, not %T", o, special);
            value_release(t, special);
            return -1;
        }
        if (!value_is(special, COMPLEX) &&
            warn(t, E_DEPRECATION_WARNING, 1,
                "%T.__complex__() must return a complex, not %T.  The ability to return an instance of a strict subclass of complex is "
                "deprecated, and may not be allowed in a future version of Python.", o, special) < 0) {
            value_release(t, special);
            return -1;
        }
        *out = value_complex(special);
        value_release(t, special);
        return 1;
    }
    if (error_pending(t)) return -1;
    if (is_complex(o)) {
        *out = value_complex(o);
        return 1;
    }
    out->imag = 0;
    if (!has_real_value(o)) return 0;
    return arg_double(t, o, &out->real) < 0 ? -1 : 2;
}

static Value complex_dunder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef arg[2];
    if (args_bind(t, "complex", "(real=0, imag=0)", args, nargs, kwnames, arg) < 0) return UNDEF;
    Type *class = (Type *)value_object(type);
    ValueRef real = arg[0], imag = arg[1];
    C r = {0, 0}, i = {0, 0};
    if (value_bits(real) && value_is_any_str(real)) {
        if (value_bits(imag)) return raise(t, TYPE_ERROR, "complex() argument 'real' must be a real number, not %T", real);
        return value_bits(from_text(t, real, &r)) ? make(t, class, r) : UNDEF;
    }
    if (value_bits(imag) && value_is_any_str(imag)) return raise(t, TYPE_ERROR, "complex() argument 'imag' must be a real number, not %T", imag);
    if (value_bits(real) && value_bits(imag) == 0 && value_is(real, COMPLEX) && class == TYPE_OF(COMPLEX) && !kwnames) return value_dup(t, real);
    int kind_r = 2, kind_i = 2;
    if (value_bits(real)) {
        kind_r = number_value(t, real, &r);
        if (kind_r < 0) return UNDEF;
        if (kind_r == 0)
            return value_bits(imag) ? raise(t, TYPE_ERROR, "complex() argument 'real' must be a real number, not %T", real)
                                    : raise(t, TYPE_ERROR, "complex() argument must be a string or a number, not %T", real);
        if (value_bits(imag) && !is_complex(imag) && !has_real_value(imag))
            return raise(t, TYPE_ERROR, "complex() argument 'imag' must be a real number, not %T", imag);
        if (kind_r == 1 && (value_bits(imag) || kwnames) &&
            warn(t, E_DEPRECATION_WARNING, 1, "complex() argument 'real' must be a real number, not %T", real) < 0)
            return UNDEF;
    }
    if (value_bits(imag)) {
        if (is_complex(imag)) {
            kind_i = 1;
            i = value_complex(imag);
            if (warn(t, E_DEPRECATION_WARNING, 1, "complex() argument 'imag' must be a real number, not %T", imag) < 0) return UNDEF;
        } else {
            if (!has_real_value(imag))
                return raise(t, TYPE_ERROR, "complex() argument 'imag' must be a real number, not %T", imag);
            if (arg_double(t, imag, &i.real) < 0) return UNDEF;
        }
    }
    // real + imag * 1j, where a part that a real number lacks takes no part in the sum.
    C z = {r.real, value_bits(imag) ? i.real : r.imag};
    if (kind_i == 1) z.real -= i.imag;
    if (kind_r == 1 && value_bits(imag)) z.imag += r.imag;
    return make(t, class, z);
}

// --- methods ------------------------------------------------------------------------------------------------------

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

METHOD(conjugate) {
    C c = value_complex(self);
    return complex_new(t, c.real, -c.imag);
}
METHOD(complex_method) { return exact_self(t, self); }

METHOD(from_number) {
    if (value_is(args[0], COMPLEX) && (Type *)value_object(self) == TYPE_OF(COMPLEX)) return value_dup(t, args[0]);
    C c;
    int kind = value_is_any_str(args[0]) ? 0 : number_value(t, args[0], &c);
    if (kind < 0) return UNDEF;
    if (kind == 0) return raise(t, TYPE_ERROR, "must be real number, not %T", args[0]);
    if (kind == 2) c.imag = 0;
    Value v = made(t, c);
    if (value_bits(v) == 0 || (Type *)value_object(self) == TYPE_OF(COMPLEX)) return v;
    Value result = call_1(t, self, v);
    value_release(t, v);
    return result;
}

METHOD(getnewargs) {
    C c = value_complex(self);
    Value real = float_new(t, c.real), imag = float_new(t, c.imag);
    if (value_bits(real) == 0 || value_bits(imag) == 0) {
        value_release(t, real);
        value_release(t, imag);
        return UNDEF;
    }
    return tuple_pair(t, real, imag);
}

METHOD(format_method) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "__format__() argument must be str, not %K", args[0]);
    if (str_length(value_str(args[0])) == 0) return object_str(t, self);
    FormatSpec spec;
    if (format_spec_read(t, self, args[0], 0, '>', &spec) < 0) return UNDEF;
    return format_by(t, self, &spec);
}

static const NativeDef methods[] = {
    {"from_number", from_number, "($type, number, /)", "A complex number of the same value as a number.", NATIVE_CLASS},
    {"conjugate", conjugate, "($self, /)", "The number with its imaginary part negated.", 0},
    {"__complex__", complex_method, "($self, /)", NULL, 0},
    {"__getnewargs__", getnewargs, "($self, /)", NULL, 0},
    {"__format__", format_method, "($self, format_spec, /)", NULL, 0},
    NATIVE_END};

static const MemberDef members[] = {
    {"real", offsetof(Complex, real), MEMBER_DOUBLE, false, "the real part of a complex number"},
    {"imag", offsetof(Complex, imag), MEMBER_DOUBLE, false, "the imaginary part of a complex number"},
    MEMBER_END};

const TypeSpec complex_spec = {
    .name = "complex",
    .doc = "A complex number: real + imag*1j, the value of a number, or what a text says.",
    .new_signature = "(real=0, imag=0)",
    .size = sizeof(Complex),
    .flags = TYPE_BASE | TYPE_LEAF,
    .ops = {.repr = slot_repr, .hash = slot_hash, .compare = slot_compare, .new = complex_dunder_new, .add = slot_add, .subtract = slot_subtract,
        .multiply = slot_multiply, .true_divide = slot_true_divide, .power = slot_power, .negative = slot_negative, .positive = exact_self,
        .absolute = slot_absolute, .boolean = slot_boolean},
    .methods = methods,
    .members = members,
};
