// datetime.date, and what isocalendar() gives.
#include <time.h>
#include "runtime/modules/datetime.h"
#include "runtime/objects/str_internal.h"

Value date_new(Thread *t, Type *type, int year, int month, int day) {
    if (type == TYPE_OF(DATE)) {
        if (date_check(t, year, month, day) < 0) return UNDEF;
        Date *d = object_new(t, type);
        if (!d) return UNDEF;
        d->year = year;
        d->month = (uint8_t)month;
        d->day = (uint8_t)day;
        return value_of(d);
    }
    ValueRef parts[3] = {value_int(year), value_int(month), value_int(day)};
    return call_object(t, value_of(type), parts, 3, NULL);
}
static Value date_from_ordinal(Thread *t, Type *type, int64_t ordinal) {
    int year, month, day;
    calendar_from_ordinal((int)ordinal, &year, &month, &day);
    return date_new(t, type, year, month, day);
}
static Value date_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint8_t state[4];
    bool bad_text;
    int part[3];
    ValueRef given[3];
    if (nargs == 1 && !kwnames && state_bytes(args[0], state, 4, &bad_text) && state[2] >= 1 && state[2] <= 12) {
        if (bad_text)
            return raise(t, VALUE_ERROR, "Failed to encode latin1 string when unpickling a date object. pickle.load(data, encoding='latin1') is assumed.");
        part[0] = state[0] << 8 | state[1];
        part[1] = state[2];
        part[2] = state[3];
    } else {
        if (args_bind(t, "date", "(year, month, day)", args, nargs, kwnames, given) < 0) return UNDEF;
        for (int i = 0; i < 3; i++)
            if (arg_int(t, given[i], &part[i]) < 0) return UNDEF;
        if (date_check(t, part[0], part[1], part[2]) < 0) return UNDEF;
    }
    Date *d = object_new(t, (Type *)value_object(type));
    if (!d) return UNDEF;
    d->year = part[0];
    d->month = (uint8_t)part[1];
    d->day = (uint8_t)part[2];
    return value_of(d);
}

// ---- class methods
static Value date_from_seconds(Thread *t, Type *type, int64_t seconds) {
    struct tm tm;
    if (local_fields(t, seconds, &tm) < 0) return UNDEF;
    return date_new(t, type, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}
NATIVE(date_fromtimestamp) {
    int64_t seconds;
    int32_t microseconds;
    if (timestamp_parts(t, args[0], &seconds, &microseconds) < 0) return UNDEF;
    if (value_is_any_float(args[0])) { // a date is of the second that has begun
        double x = float_value(args[0]), whole = (double)(int64_t)x;
        seconds = (int64_t)whole - (whole > x);
    }
    return date_from_seconds(t, (Type *)value_object(self), seconds);
}
NATIVE(date_today) {
    if (value_object(self) == (Object *)TYPE_OF(DATE)) return date_from_seconds(t, TYPE_OF(DATE), (int64_t)time(NULL));
    Value clock = import_from(t, "time", "time"), now = value_bits(clock) ? call_0(t, clock) : UNDEF;
    Value made = value_bits(now) ? call_method_1(t, self, NAME(fromtimestamp), now) : UNDEF;
    value_release(t, clock);
    value_release(t, now);
    return made;
}
NATIVE(date_fromordinal) {
    int ordinal;
    if (arg_int(t, args[0], &ordinal) < 0) return UNDEF;
    if (ordinal < 1) return raise(t, VALUE_ERROR, "ordinal must be >= 1");
    return date_from_ordinal(t, (Type *)value_object(self), ordinal);
}
static Value week_error(Thread *t, int error, int year, int week, int weekday) {
    if (error == -1) return raise(t, VALUE_ERROR, "year must be in %d..%d, not %d", MIN_YEAR, MAX_YEAR, year);
    if (error == -2) return raise(t, VALUE_ERROR, "Invalid week: %d", week);
    return raise(t, VALUE_ERROR, "Invalid weekday: %d (range is [1, 7])", weekday);
}
NATIVE(date_fromisocalendar) {
    static const char complaint[] = "ISO calendar component out of range";
    int part[3], year, month, day;
    for (int i = 0; i < 3; i++)
        if (arg_int(t, args[i], &part[i]) < 0) {
            if (!error_matches(t, EXCEPTION(OVERFLOW_ERROR))) return UNDEF;
            error_clear(t);
            return raise(t, VALUE_ERROR, "%s", complaint);
        }
    int error = calendar_from_iso(part[0], part[1], part[2], &year, &month, &day);
    return error ? week_error(t, error, part[0], part[1], part[2]) : date_new(t, (Type *)value_object(self), year, month, day);
}
NATIVE(date_fromisoformat) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "fromisoformat: argument must be str");
    const Str *s = value_str(args[0]);
    int year, month, day, error;
    size_t n = str_length(s);
    if ((n != 7 && n != 8 && n != 10) || !iso_read_date(s, 0, n, &year, &month, &day, &error) || error) return raise(t, VALUE_ERROR, "Invalid isoformat string: %R", args[0]);
    return date_new(t, (Type *)value_object(self), year, month, day);
}
NATIVE(date_strptime) {
    Value read = import_from(t, "_strptime", "_strptime_datetime_date"), made = value_bits(read) ? call_3(t, read, self, args[0], args[1]) : UNDEF;
    value_release(t, read);
    return made;
}

// ---- methods
NATIVE(date_toordinal) {
    Date *d = value_date(self);
    return value_int(calendar_ordinal(d->year, d->month, d->day));
}
NATIVE(date_weekday) {
    Date *d = value_date(self);
    return value_int(calendar_weekday(d->year, d->month, d->day));
}
NATIVE(date_isoweekday) {
    Date *d = value_date(self);
    return value_int(calendar_weekday(d->year, d->month, d->day) + 1);
}
NATIVE(date_isocalendar) {
    Date *d = value_date(self);
    int part[3];
    calendar_iso(d->year, d->month, d->day, &part[0], &part[1], &part[2]);
    Tuple *tuple = object_new_var(t, TYPE_OF(ISO_CALENDAR_DATE), 3);
    if (!tuple) return UNDEF;
    tuple->length = 3;
    for (int i = 0; i < 3; i++) slot_init(&tuple->items[i], value_int(part[i]));
    return value_of(tuple);
}
Value date_ctime_of(Thread *t, const Date *d, const Clock *c) {
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[64];
    int n = snprintf(text, sizeof text, "%s %s %2d %02d:%02d:%02d %04d", days[calendar_weekday(d->year, d->month, d->day)], months[d->month - 1], d->day, c->hour,
                     c->minute, c->second, d->year);
    return str_from_ascii(t, text, (size_t)n);
}
NATIVE(date_ctime) { return date_ctime_of(t, value_date(self), &(Clock){0}); }
static Value date_str(Thread *t, ValueRef self) {
    Date *d = value_date(self);
    char text[24];
    int n = snprintf(text, sizeof text, "%04d-%02d-%02d", d->year, d->month, d->day);
    return str_from_ascii(t, text, (size_t)n);
}
static Value date_dunder_str(Thread *t, ValueRef self) { return call_method_0(t, self, NAME(isoformat)); }
NATIVE(date_isoformat) { return date_str(t, self); }
NATIVE(date_timetuple) {
    Date *d = value_date(self);
    return struct_time(t, d->year, d->month, d->day, 0, 0, 0, -1);
}
NATIVE(date_strftime) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "strftime() argument 1 must be str, not %K", args[0]);
    Value tuple = call_method_0(t, self, NAME(timetuple));
    if (!value_bits(tuple)) return UNDEF;
    ValueRef zone = is_datetime(self) ? value_datetime(self)->zone : (ValueRef)NONE;
    Value text = moment_strftime(t, self, args[0], tuple, zone, self);
    value_release(t, tuple);
    return text;
}
NATIVE(date_format) { return moment_format(t, self, args[0]); }
NATIVE(date_replace) {
    Date *d = value_date(self);
    int part[3] = {d->year, d->month, d->day};
    for (int i = 0; i < 3; i++)
        if (value_bits(args[i]) && arg_int(t, args[i], &part[i]) < 0) return UNDEF;
    return date_new(t, value_type(self), part[0], part[1], part[2]);
}
NATIVE(date_reduce) {
    Date *d = value_date(self);
    uint8_t state[4] = {(uint8_t)(d->year >> 8), (uint8_t)d->year, d->month, d->day};
    Value bytes = bytes_new(t, state, 4);
    return container_tuple_2(t, value_dup(t, value_of(value_type(self))), value_bits(bytes) ? tuple_from_values(t, &bytes, 1) : UNDEF);
}
static Value date_repr(Thread *t, ValueRef self) {
    Date *d = value_date(self);
    return str_of_format(t, "%T(%d, %d, %d)", self, d->year, d->month, d->day);
}
static int64_t date_hash(Thread *t, ValueRef self) {
    Date *d = value_date(self);
    uint8_t state[4] = {(uint8_t)(d->year >> 8), (uint8_t)d->year, d->month, d->day};
    return str_hash_raw(state, sizeof state);
}
static Value get_year(Thread *t, ValueRef self) { return value_int(value_date(self)->year); }
static Value get_month(Thread *t, ValueRef self) { return value_int(value_date(self)->month); }
static Value get_day(Thread *t, ValueRef self) { return value_int(value_date(self)->day); }

// ---- operators
static Value date_plus(Thread *t, ValueRef self, int64_t days) {
    Date *d = value_date(self);
    int64_t ordinal = calendar_ordinal(d->year, d->month, d->day) + days;
    if (ordinal < 1 || ordinal > MAX_ORDINAL) return raise(t, OVERFLOW_ERROR, "date value out of range");
    return date_from_ordinal(t, value_type(self), ordinal);
}
static Value date_add(Thread *t, ValueRef a, ValueRef b) {
    if (is_datetime(a) || is_datetime(b)) return NOT_IMPLEMENTED;
    if (is_date(a)) return is_delta(b) ? date_plus(t, a, value_delta(b)->days) : NOT_IMPLEMENTED;
    return is_delta(a) && is_date(b) ? date_plus(t, b, value_delta(a)->days) : NOT_IMPLEMENTED;
}
static Value date_subtract(Thread *t, ValueRef a, ValueRef b) {
    if (!is_date(a) || is_datetime(a) || is_datetime(b)) return NOT_IMPLEMENTED;
    if (is_date(b)) {
        Date *x = value_date(a), *y = value_date(b);
        return delta_new(t, calendar_ordinal(x->year, x->month, x->day) - calendar_ordinal(y->year, y->month, y->day), 0, 0);
    }
    return is_delta(b) ? date_plus(t, a, -(int64_t)value_delta(b)->days) : NOT_IMPLEMENTED;
}
static int64_t date_key(const Date *d) { return (int64_t)d->year << 16 | d->month << 8 | d->day; }
static Value date_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_date(b) || is_datetime(b)) return NOT_IMPLEMENTED; // a datetime is no date here: it answers, or nobody does
    int64_t x = date_key(value_date(a)), y = date_key(value_date(b));
    switch (op) {
    case CMP_LT: return value_bool(x < y);
    case CMP_LE: return value_bool(x <= y);
    case CMP_EQ: return value_bool(x == y);
    case CMP_NE: return value_bool(x != y);
    case CMP_GT: return value_bool(x > y);
    default: return value_bool(x >= y);
    }
}

static int date_ready(Thread *t, Type *type) {
    Value day = delta_new(t, 1, 0, 0);
    return type_add(t, type, "min", date_new(t, type, MIN_YEAR, 1, 1)) < 0 || type_add(t, type, "max", date_new(t, type, MAX_YEAR, 12, 31)) < 0 ||
                   type_add(t, type, "resolution", day) < 0
               ? -1
               : 0;
}
static const GetSetDef getset[] = {{"year", get_year, NULL, NULL}, {"month", get_month, NULL, NULL}, {"day", get_day, NULL, NULL}, GETSET_END};
static const NativeDef methods[] = {
    {"fromtimestamp", date_fromtimestamp, "($type, timestamp, /)", "The local date of a POSIX timestamp.", NATIVE_CLASS},
    {"fromordinal", date_fromordinal, "($type, ordinal, /)", "The date of a day's number; 1 is 1 January of year 1.", NATIVE_CLASS},
    {"fromisoformat", date_fromisoformat, "($type, string, /)", "The date that ISO 8601 text says.", NATIVE_CLASS},
    {"fromisocalendar", date_fromisocalendar, "($type, /, year, week, day)", "The date of a day in an ISO year and week.", NATIVE_CLASS},
    {"strptime", date_strptime, "($type, string, format, /)", "The date that text says by a format.", NATIVE_CLASS},
    {"today", date_today, "($type, /)", "The local date now.", NATIVE_CLASS},
    {"ctime", date_ctime, "($self, /)", "The date as ctime() writes it.", 0},
    {"strftime", date_strftime, "($self, /, format)", "Text by a format.", 0},
    {"__format__", date_format, "($self, format, /)", "Formats by strftime.", 0},
    {"timetuple", date_timetuple, "($self, /)", "A struct_time as time.localtime gives it.", 0},
    {"isocalendar", date_isocalendar, "($self, /)", "ISO year, week and weekday, a named tuple.", 0},
    {"isoformat", date_isoformat, "($self, /)", "YYYY-MM-DD.", 0},
    {"isoweekday", date_isoweekday, "($self, /)", "The day of the week; Monday is 1.", 0},
    {"toordinal", date_toordinal, "($self, /)", "The day's number; 1 is 1 January of year 1.", 0},
    {"weekday", date_weekday, "($self, /)", "The day of the week; Monday is 0.", 0},
    {"replace", date_replace, "($self, /, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>)", "The date with other parts.", 0},
    {"__replace__", date_replace, "($self, /, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>)", "The same as replace().", 0},
    {"__reduce__", date_reduce, "($self, /)", "How to pickle it.", 0},
    NATIVE_END};
static void date_destroy(Thread *t, Object *o) {}
static void date_traverse(Object *o, VisitFn visit, void *arg) {}
const TypeSpec date_spec = {
    .name = "datetime.date",
    .doc = "A date in the Gregorian calendar: date(year, month, day).",
    .size = sizeof(Date),
    .flags = TYPE_BASE,
    .ops = {.repr = date_repr, .str = date_dunder_str, .hash = date_hash, .compare = date_compare, .new = date_new_slot, .add = date_add, .subtract = date_subtract},
    .methods = methods,
    .getset = getset,
    .destroy = date_destroy,
    .traverse = date_traverse,
    .ready = date_ready};

// ---- IsoCalendarDate: a tuple of three with names
static Value iso_item(Thread *t, ValueRef self, int i) { return value_dup(t, tuple_item(value_tuple(self), i)); }
static Value iso_year(Thread *t, ValueRef self) { return iso_item(t, self, 0); }
static Value iso_week(Thread *t, ValueRef self) { return iso_item(t, self, 1); }
static Value iso_weekday(Thread *t, ValueRef self) { return iso_item(t, self, 2); }
static Value iso_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    int part[3];
    if (args_bind(t, "IsoCalendarDate", "(year, week, weekday)", args, nargs, kwnames, given) < 0) return UNDEF;
    for (int i = 0; i < 3; i++)
        if (arg_int(t, given[i], &part[i]) < 0) return UNDEF;
    Tuple *tuple = object_new_var(t, (Type *)value_object(type), 3);
    if (!tuple) return UNDEF;
    tuple->length = 3;
    for (int i = 0; i < 3; i++) slot_init(&tuple->items[i], value_int(part[i]));
    return value_of(tuple);
}
static Value iso_repr(Thread *t, ValueRef self) {
    Tuple *p = value_tuple(self);
    return str_of_format(t, "%T(year=%S, week=%S, weekday=%S)", self, tuple_item(p, 0), tuple_item(p, 1), tuple_item(p, 2));
}
NATIVE(iso_reduce) { // pickles as a plain tuple
    Value plain = tuple_from_refs(t, (const ValueRef *)value_tuple(self)->items, 3);
    return container_tuple_2(t, value_dup(t, value_of(TYPE_OF(TUPLE))), value_bits(plain) ? tuple_from_values(t, &plain, 1) : UNDEF);
}
static size_t iso_bytes(const Object *o) { return offsetof(Tuple, items) + 3 * sizeof(Value); }
static void iso_destroy(Thread *t, Object *o) {
    for (int i = 0; i < 3; i++) VALUE_CLEAR(t, ((Tuple *)o)->items[i]);
}
static void iso_traverse(Object *o, VisitFn visit, void *arg) {
    for (int i = 0; i < 3; i++) visit(&((Tuple *)o)->items[i], arg);
}
static const GetSetDef iso_getset[] = {{"year", iso_year, NULL, NULL}, {"week", iso_week, NULL, NULL}, {"weekday", iso_weekday, NULL, NULL}, GETSET_END};
static const NativeDef iso_methods[] = {{"__reduce__", iso_reduce, "($self, /)", NULL, 0}, NATIVE_END};
const TypeSpec iso_calendar_date_spec = {
    .name = "datetime.IsoCalendarDate",
    .doc = "The result of date.isocalendar(): ISO year, week and weekday, by attributes too.",
    .size = offsetof(Tuple, items),
    .item_size = sizeof(Value),
    .flags = TYPE_VARSIZED,
    .base = T_TUPLE,
    .ops = {.repr = iso_repr, .new = iso_new_slot},
    .methods = iso_methods,
    .getset = iso_getset,
    .bytes = iso_bytes,
    .destroy = iso_destroy,
    .traverse = iso_traverse};
