// datetime.timedelta: days, seconds and microseconds. Sums that may be larger are made as Python's ints.
#include <math.h>
#include "runtime/modules/datetime.h"

static Value int_of_wide(Thread *t, __int128 n) {
    if (n >= INT64_MIN && n <= INT64_MAX) return int_from_int64(t, (int64_t)n);
    unsigned __int128 u = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
    uint64_t limbs[2] = {(uint64_t)u, (uint64_t)(u >> 64)};
    return int_from_limbs(t, limbs, n < 0 ? -2 : 2);
}
__int128 delta_microseconds(const Delta *d) { return ((__int128)d->days * DAY_SECONDS + d->seconds) * 1000000 + d->microseconds; }
static Value microseconds_of(Thread *t, ValueRef v) { return int_of_wide(t, delta_microseconds(value_delta(v))); }

static Value delta_make(Thread *t, Type *type, int64_t days, int32_t seconds, int32_t microseconds) {
    if (days < -MAX_DELTA_DAYS || days > MAX_DELTA_DAYS)
        return raise(t, OVERFLOW_ERROR, "days=%lld; must have magnitude <= %d", (long long)days, MAX_DELTA_DAYS);
    Delta *d = object_new(t, type);
    if (!d) return UNDEF;
    d->days = (int32_t)days;
    d->seconds = seconds;
    d->microseconds = microseconds;
    return value_of(d);
}
static int64_t floor_div(int64_t a, int64_t b, int64_t *rest) {
    int64_t q = a / b, r = a % b;
    if (r < 0) {
        r += b;
        q--;
    }
    *rest = r;
    return q;
}
Value delta_new(Thread *t, int64_t days, int64_t seconds, int64_t microseconds) {
    int64_t us, s;
    seconds += floor_div(microseconds, 1000000, &us);
    days += floor_div(seconds, DAY_SECONDS, &s);
    return delta_make(t, TYPE_OF(TIMEDELTA), days, (int32_t)s, (int32_t)us);
}
Value delta_of_microseconds(Thread *t, int64_t microseconds) { return delta_new(t, 0, 0, microseconds); }

// From any int of microseconds (consumed; UNDEF: an exception is pending).
static Value delta_of_int(Thread *t, Type *type, Value total_steal) {
    if (!value_bits(total_steal)) return UNDEF;
    int64_t n, us, s, days;
    if (int_as_int64(total_steal, &n) == 0) {
        value_release(t, total_steal);
        days = floor_div(floor_div(n, 1000000, &us), DAY_SECONDS, &s);
        return delta_make(t, type, days, (int32_t)s, (int32_t)us);
    }
    Value day = value_int(DAY_MICROSECONDS), whole = int_binary(t, BIN_FLOORDIV, total_steal, day), rest = int_binary(t, BIN_MOD, total_steal, day);
    value_release(t, total_steal);
    int fits = value_bits(whole) && value_bits(rest) ? 0 : -1;
    if (fits == 0 && (int_as_int64(whole, &days) < 0 || days != (int32_t)days))
        fits = raise_int(t, OVERFLOW_ERROR, "Python int too large to convert to C int");
    if (fits == 0) (void)int_as_int64(rest, &n);
    value_release(t, whole);
    value_release(t, rest);
    if (fits < 0) return UNDEF;
    s = n / 1000000;
    return delta_make(t, type, days, (int32_t)s, (int32_t)(n % 1000000));
}

// ---- timedelta(...)
static Value int_times(Thread *t, ValueRef a, int64_t factor) {
    Value f = int_from_int64(t, factor), r = value_bits(f) ? int_binary(t, BIN_MUL, a, f) : UNDEF;
    value_release(t, f);
    return r;
}
// sum + n, all consumed.
static Value int_plus(Thread *t, Value sum_steal, Value n_steal) {
    Value r = value_bits(sum_steal) && value_bits(n_steal) ? int_binary(t, BIN_ADD, sum_steal, n_steal) : UNDEF;
    value_release(t, sum_steal);
    value_release(t, n_steal);
    return r;
}
// Adds number * factor microseconds to the sum (consumed); what a float leaves below a microsecond goes to *rest.
static Value accumulate(Thread *t, const char *name, Value sum_steal, ValueRef number, int64_t factor, double *rest) {
    if (value_is_any_int(number)) return int_plus(t, sum_steal, int_times(t, number, factor));
    if (!value_is_any_float(number)) {
        raise(t, TYPE_ERROR, "unsupported type for timedelta %s component: %T", name, number);
        value_release(t, sum_steal);
        return UNDEF;
    }
    double whole, part = modf(float_value(number), &whole);
    Value n = int_from_double(t, whole);
    Value scaled = value_bits(n) ? int_times(t, n, factor) : UNDEF;
    value_release(t, n);
    sum_steal = int_plus(t, sum_steal, scaled);
    if (!value_bits(sum_steal) || part == 0) return sum_steal;
    part = modf(part * (double)factor, &whole);
    *rest += part;
    return int_plus(t, sum_steal, int_from_double(t, whole));
}
static Value delta_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    static const struct { const char *name; int place; int64_t factor; } parts[] = {
        {"microseconds", 2, 1}, {"milliseconds", 3, 1000}, {"seconds", 1, 1000000}, {"minutes", 4, 60000000}, {"hours", 5, INT64_C(3600000000)},
        {"days", 0, DAY_MICROSECONDS}, {"weeks", 6, 7 * DAY_MICROSECONDS}};
    ValueRef given[7];
    if (args_bind(t, "timedelta", "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)", args, nargs, kwnames, given) < 0)
        return UNDEF;
    Value sum = value_int(0);
    double rest = 0;
    for (int i = 0; i < 7 && value_bits(sum); i++)
        if (value_bits(given[parts[i].place])) sum = accumulate(t, parts[i].name, sum, given[parts[i].place], parts[i].factor, &rest);
    if (value_bits(sum) && rest != 0) { // the nearest whole number, of two the one that makes the sum even
        double whole = round(rest);
        if (fabs(whole - rest) == 0.5) {
            IntView v;
            int_view(sum, &v);
            double odd = v.size && v.limbs[0] & 1;
            whole = 2.0 * round((rest + odd) * 0.5) - odd;
        }
        sum = int_plus(t, sum, int_from_double(t, whole));
    }
    return delta_of_int(t, (Type *)value_object(type), sum);
}

// ---- arithmetic
static Value delta_add(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a) || !is_delta(b)) return NOT_IMPLEMENTED;
    Delta *x = value_delta(a), *y = value_delta(b);
    return delta_new(t, (int64_t)x->days + y->days, (int64_t)x->seconds + y->seconds, (int64_t)x->microseconds + y->microseconds);
}
static Value delta_subtract(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a) || !is_delta(b)) return NOT_IMPLEMENTED;
    Delta *x = value_delta(a), *y = value_delta(b);
    return delta_new(t, (int64_t)x->days - y->days, (int64_t)x->seconds - y->seconds, (int64_t)x->microseconds - y->microseconds);
}
static Value delta_negative(Thread *t, ValueRef v) {
    Delta *d = value_delta(v);
    return delta_new(t, -(int64_t)d->days, -(int64_t)d->seconds, -(int64_t)d->microseconds);
}
static Value delta_positive(Thread *t, ValueRef v) {
    Delta *d = value_delta(v);
    return delta_new(t, d->days, d->seconds, d->microseconds);
}
static Value delta_absolute(Thread *t, ValueRef v) { return value_delta(v)->days < 0 ? delta_negative(t, v) : delta_positive(t, v); }
static int delta_boolean(Thread *t, ValueRef v) {
    Delta *d = value_delta(v);
    return d->days || d->seconds || d->microseconds;
}

// a / b as the nearest int, of two the even one; both consumed.
static Value divide_nearest(Thread *t, Value a_steal, Value b_steal) {
    Value q = UNDEF, r = UNDEF, twice = UNDEF;
    if (!value_bits(a_steal) || !value_bits(b_steal)) goto done;
    q = int_binary(t, BIN_FLOORDIV, a_steal, b_steal);
    r = value_bits(q) ? int_binary(t, BIN_MOD, a_steal, b_steal) : UNDEF;
    twice = value_bits(r) ? int_binary(t, BIN_ADD, r, r) : UNDEF;
    if (!value_bits(twice)) {
        VALUE_CLEAR(t, q);
        goto done;
    }
    IntView v;
    int_view(q, &v);
    bool odd = v.size && v.limbs[0] & 1;
    int c = int_compare(twice, b_steal); // the remainder has the divisor's sign
    if (int_sign(b_steal) < 0) c = -c;
    if (c > 0 || (c == 0 && odd)) q = int_plus(t, q, value_int(1));
done:
    value_release(t, a_steal);
    value_release(t, b_steal);
    value_release(t, r);
    value_release(t, twice);
    return q;
}
// A float's exact ratio (owned); -1 with an exception.
static int ratio_of(Thread *t, ValueRef number, Value *numerator, Value *denominator) {
    Value ratio = call_method_0(t, number, NAME(as_integer_ratio));
    if (!value_bits(ratio)) return -1;
    Tuple *pair = value_is_any_tuple(ratio) ? value_tuple(ratio) : NULL;
    int good = 0;
    if (!pair) good = raise_int(t, TYPE_ERROR, "unexpected return type from as_integer_ratio(): expected tuple, not '%T'", (ValueRef)ratio);
    else if (pair->length != 2) good = raise_int(t, VALUE_ERROR, "as_integer_ratio() must return a 2-tuple");
    else if (!value_is_any_int(tuple_item(pair, 0)) || !value_is_any_int(tuple_item(pair, 1)))
        good = raise_int(t, TYPE_ERROR, "as_integer_ratio() must return two ints");
    if (good < 0) {
        value_release(t, ratio);
        return -1;
    }
    *numerator = value_dup(t, tuple_item(value_tuple(ratio), 0));
    *denominator = value_dup(t, tuple_item(value_tuple(ratio), 1));
    value_release(t, ratio);
    return 0;
}
// delta * number, or delta / number where `divide`.
static Value scale_by_float(Thread *t, ValueRef delta, ValueRef number, bool divide) {
    Value numerator, denominator;
    if (ratio_of(t, number, &numerator, &denominator) < 0) return UNDEF;
    if (int_sign(divide ? numerator : denominator) == 0) {
        value_release(t, numerator);
        value_release(t, denominator);
        return raise(t, ZERO_DIVISION_ERROR, "division by zero");
    }
    Value total = microseconds_of(t, delta);
    Value product = value_bits(total) ? int_binary(t, BIN_MUL, total, divide ? denominator : numerator) : UNDEF;
    Value by = divide ? numerator : denominator;
    value_release(t, divide ? denominator : numerator);
    value_release(t, total);
    return delta_of_int(t, TYPE_OF(TIMEDELTA), divide_nearest(t, product, by));
}
static Value delta_multiply(Thread *t, ValueRef a, ValueRef b) {
    ValueRef delta = is_delta(a) ? a : b, number = is_delta(a) ? b : a;
    if (value_is_any_int(number)) {
        Value total = microseconds_of(t, delta), product = value_bits(total) ? int_binary(t, BIN_MUL, total, number) : UNDEF;
        value_release(t, total);
        return delta_of_int(t, TYPE_OF(TIMEDELTA), product);
    }
    return value_is_any_float(number) ? scale_by_float(t, delta, number, false) : NOT_IMPLEMENTED;
}
static Value delta_operation(Thread *t, ValueRef a, ValueRef b, enum BinaryOp op) { // on the microseconds of both
    Value x = microseconds_of(t, a), y = is_delta(b) ? microseconds_of(t, b) : value_dup(t, b), r = UNDEF;
    if (value_bits(x) && value_bits(y)) r = object_binary(t, op, x, y);
    value_release(t, x);
    value_release(t, y);
    return r;
}
static Value delta_floor_divide(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a)) return NOT_IMPLEMENTED;
    if (is_delta(b)) return delta_operation(t, a, b, BIN_FLOORDIV);
    return value_is_any_int(b) ? delta_of_int(t, TYPE_OF(TIMEDELTA), delta_operation(t, a, b, BIN_FLOORDIV)) : NOT_IMPLEMENTED;
}
static Value delta_true_divide(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a)) return NOT_IMPLEMENTED;
    if (is_delta(b)) return delta_operation(t, a, b, BIN_DIV);
    if (value_is_any_float(b)) return scale_by_float(t, a, b, true);
    if (!value_is_any_int(b)) return NOT_IMPLEMENTED;
    if (int_sign(b) == 0) return raise(t, ZERO_DIVISION_ERROR, "division by zero");
    return delta_of_int(t, TYPE_OF(TIMEDELTA), divide_nearest(t, microseconds_of(t, a), int_exact(t, b)));
}
static Value delta_remainder(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a) || !is_delta(b)) return NOT_IMPLEMENTED;
    return delta_of_int(t, TYPE_OF(TIMEDELTA), delta_operation(t, a, b, BIN_MOD));
}
static Value delta_divmod(Thread *t, ValueRef a, ValueRef b) {
    if (!is_delta(a) || !is_delta(b)) return NOT_IMPLEMENTED;
    Value q = delta_operation(t, a, b, BIN_FLOORDIV);
    return container_tuple_2(t, q, value_bits(q) ? delta_remainder(t, a, b) : UNDEF);
}

static Value delta_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_delta(b)) return NOT_IMPLEMENTED;
    __int128 x = delta_microseconds(value_delta(a)), y = delta_microseconds(value_delta(b));
    switch (op) {
    case CMP_LT: return value_bool(x < y);
    case CMP_LE: return value_bool(x <= y);
    case CMP_EQ: return value_bool(x == y);
    case CMP_NE: return value_bool(x != y);
    case CMP_GT: return value_bool(x > y);
    default: return value_bool(x >= y);
    }
}
static Value state_of(Thread *t, ValueRef v) {
    Delta *d = value_delta(v);
    return container_tuple_3(t, value_int(d->days), value_int(d->seconds), value_int(d->microseconds));
}
static int64_t delta_hash(Thread *t, ValueRef v) {
    Value state = state_of(t, v);
    int64_t hash = value_bits(state) ? object_hash(t, state) : -1;
    value_release(t, state);
    return hash;
}
NATIVE(delta_reduce) { return container_tuple_2(t, value_dup(t, value_of(value_type(self))), state_of(t, self)); }
NATIVE(delta_total_seconds) {
    Value total = microseconds_of(t, self), r = value_bits(total) ? object_binary(t, BIN_DIV, total, value_int(1000000)) : UNDEF;
    value_release(t, total);
    return r;
}

static Value delta_repr(Thread *t, ValueRef self) {
    Delta *d = value_delta(self);
    Value name = str_of_format(t, "%T", self);
    if (!value_bits(name)) return UNDEF;
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_str(&b, value_str(name));
    value_release(t, name);
    str_builder_char(&b, '(');
    const struct { const char *name; int32_t n; } parts[] = {{"days", d->days}, {"seconds", d->seconds}, {"microseconds", d->microseconds}};
    bool any = false;
    for (int i = 0; i < 3; i++) {
        if (!parts[i].n) continue;
        char text[40];
        int n = snprintf(text, sizeof text, "%s%s=%d", any ? ", " : "", parts[i].name, parts[i].n);
        str_builder_text(&b, text, (size_t)n);
        any = true;
    }
    if (!any) str_builder_char(&b, '0');
    str_builder_char(&b, ')');
    return str_builder_finish(&b);
}
static Value delta_str(Thread *t, ValueRef self) {
    Delta *d = value_delta(self);
    char text[64];
    int n = 0;
    if (d->days) n = snprintf(text, sizeof text, "%d day%s, ", d->days, d->days == 1 || d->days == -1 ? "" : "s");
    n += snprintf(text + n, sizeof text - (size_t)n, "%d:%02d:%02d", d->seconds / 3600, d->seconds / 60 % 60, d->seconds % 60);
    if (d->microseconds) n += snprintf(text + n, sizeof text - (size_t)n, ".%06d", d->microseconds);
    return str_from_ascii(t, text, (size_t)n);
}

static int delta_ready(Thread *t, Type *type) {
    return type_add(t, type, "min", delta_make(t, type, -MAX_DELTA_DAYS, 0, 0)) < 0 ||
                   type_add(t, type, "max", delta_make(t, type, MAX_DELTA_DAYS, DAY_SECONDS - 1, 999999)) < 0 ||
                   type_add(t, type, "resolution", delta_make(t, type, 0, 0, 1)) < 0
               ? -1
               : 0;
}
static const MemberDef members[] = {
    {"days", offsetof(Delta, days), MEMBER_INT32, false, "Number of days, of either sign."},
    {"seconds", offsetof(Delta, seconds), MEMBER_INT32, false, "Number of seconds beyond the days, less than a day."},
    {"microseconds", offsetof(Delta, microseconds), MEMBER_INT32, false, "Number of microseconds beyond the seconds, less than a second."},
    MEMBER_END};
static const NativeDef methods[] = {
    {"total_seconds", delta_total_seconds, "($self, /)", "The whole duration in seconds.", 0},
    {"__reduce__", delta_reduce, "($self, /)", "How to pickle it.", 0},
    NATIVE_END};
static void delta_destroy(Thread *t, Object *o) {}
static void delta_traverse(Object *o, VisitFn visit, void *arg) {}
const TypeSpec timedelta_spec = {
    .name = "datetime.timedelta",
    .doc = "The difference between two dates or times: timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0).",
    .size = sizeof(Delta),
    .flags = TYPE_BASE,
    .ops = {.repr = delta_repr, .str = delta_str, .hash = delta_hash, .compare = delta_compare, .new = delta_new_slot, .add = delta_add,
            .subtract = delta_subtract, .multiply = delta_multiply, .remainder = delta_remainder, .divmod = delta_divmod,
            .negative = delta_negative, .positive = delta_positive, .absolute = delta_absolute, .boolean = delta_boolean,
            .floor_divide = delta_floor_divide, .true_divide = delta_true_divide},
    .methods = methods,
    .members = members,
    .destroy = delta_destroy,
    .traverse = delta_traverse,
    .ready = delta_ready};
