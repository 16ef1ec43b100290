// datetime.datetime: a date and a time of day, with or without a time zone. Library reference, "datetime"; PEP 495 (fold).
#include <time.h>
#include "runtime/modules/datetime.h"
#include "runtime/objects/str_internal.h"

// ---- making
static Value moment_make(Thread *t, Type *type, int year, int month, int day, Clock clock, ValueRef zone) {
    DateTime *o = object_new(t, type);
    if (!o) return UNDEF;
    o->date.year = year;
    o->date.month = (uint8_t)month;
    o->date.day = (uint8_t)day;
    o->clock = clock;
    slot_init(&o->zone, value_dup(t, zone));
    return value_of(o);
}
Value datetime_new(Thread *t, Type *type, int year, int month, int day, Clock c, ValueRef zone) {
    if (type == TYPE_OF(DATETIME)) return date_check(t, year, month, day) < 0 ? UNDEF : moment_make(t, type, year, month, day, c, zone);
    ValueRef parts[9] = {value_int(year), value_int(month), value_int(day), value_int(c.hour), value_int(c.minute), value_int(c.second),
                         value_int(c.microsecond), zone, value_int(c.fold)}, fold = NAME(fold);
    if (!c.fold) return call_object(t, value_of(type), parts, 8, NULL);
    Value names = tuple_from_refs(t, &fold, 1);
    Value made = value_bits(names) ? call_object(t, value_of(type), parts, 8, value_tuple(names)) : UNDEF;
    value_release(t, names);
    return made;
}
// From microseconds since the beginning of year 1 (ordinal 1, midnight).
static Value moment_at(Thread *t, Type *type, int64_t us, int fold, ValueRef zone) {
    int64_t days = us / DAY_MICROSECONDS, rest = us % DAY_MICROSECONDS;
    if (rest < 0) {
        rest += DAY_MICROSECONDS;
        days--;
    }
    if (days < 0 || days >= MAX_ORDINAL) return raise(t, OVERFLOW_ERROR, "date value out of range");
    int year, month, day, seconds = (int)(rest / 1000000);
    calendar_from_ordinal((int)days + 1, &year, &month, &day);
    Clock c = {(uint8_t)(seconds / 3600), (uint8_t)(seconds / 60 % 60), (uint8_t)(seconds % 60), (uint8_t)fold, (int32_t)(rest % 1000000)};
    return datetime_new(t, type, year, month, day, c, zone);
}
static int64_t seconds_of(int year, int month, int day, int hour, int minute, int second) { // since the beginning of year 1
    return (calendar_ordinal(year, month, day) - 1) * INT64_C(86400) + hour * 3600 + minute * 60 + second;
}
static int64_t moment_seconds(const DateTime *o) {
    return seconds_of(o->date.year, o->date.month, o->date.day, o->clock.hour, o->clock.minute, o->clock.second);
}
static int64_t moment_microseconds(const DateTime *o) { return moment_seconds(o) * 1000000 + o->clock.microsecond; }
#define EPOCH_SECONDS ((EPOCH_ORDINAL - 1) * INT64_C(86400))

static int read_fields(Thread *t, const ValueRef *given, int *part) { // year ... microsecond
    for (int i = 0; i < 7; i++)
        if (value_bits(given[i]) && arg_int(t, given[i], &part[i]) < 0) return -1;
    return 0;
}
static int check_fields(Thread *t, const int *part, int fold) {
    return date_check(t, part[0], part[1], part[2]) < 0 ? -1 : clock_check(t, part[3], part[4], part[5], part[6], fold);
}
static Clock clock_of(const int *part, int fold) { return (Clock){(uint8_t)part[3], (uint8_t)part[4], (uint8_t)part[5], (uint8_t)fold, part[6]}; }
static Value moment_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint8_t s[10];
    bool bad_text;
    if (nargs >= 1 && nargs <= 2 && !kwnames && state_bytes(args[0], s, 10, &bad_text) && (s[2] & 0x7f) >= 1 && (s[2] & 0x7f) <= 12) {
        if (bad_text)
            return raise(t, VALUE_ERROR, "Failed to encode latin1 string when unpickling a datetime object. pickle.load(data, encoding='latin1') is assumed.");
        ValueRef zone = nargs == 2 ? args[1] : (ValueRef)NONE;
        if (!is_none(zone) && !is_tzinfo(zone)) return raise(t, TYPE_ERROR, "bad tzinfo state arg");
        Clock c = {s[4], s[5], s[6], s[2] >> 7, s[7] << 16 | s[8] << 8 | s[9]};
        return moment_make(t, (Type *)value_object(type), s[0] << 8 | s[1], s[2] & 0x7f, s[3], c, zone);
    }
    ValueRef given[9];
    int part[7] = {0}, fold = 0;
    if (args_bind(t, "datetime", "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)", args, nargs, kwnames, given) < 0 ||
        read_fields(t, given, part) < 0 || (value_bits(given[8]) && arg_int(t, given[8], &fold) < 0) || check_fields(t, part, fold) < 0)
        return UNDEF;
    ValueRef zone = value_bits(given[7]) ? given[7] : (ValueRef)NONE;
    if (zone_check(t, zone) < 0) return UNDEF;
    return moment_make(t, (Type *)value_object(type), part[0], part[1], part[2], clock_of(part, fold), zone);
}

// ---- local time. Seconds count from the beginning of year 1.
enum { LONGEST_FOLD = 24 * 3600 }; // no clock was ever set back by more

static int local_seconds(Thread *t, int64_t utc, int64_t *out) { // what local clocks show at `utc`
    struct tm tm;
    if (local_fields(t, utc - EPOCH_SECONDS, &tm) < 0) return -1;
    int year = tm.tm_year + 1900;
    if (year < MIN_YEAR || year > MAX_YEAR) return raise_int(t, VALUE_ERROR, "year must be in %d..%d, not %d", MIN_YEAR, MAX_YEAR, year);
    *out = seconds_of(year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec > 59 ? 59 : tm.tm_sec);
    return 0;
}
// The moment in UTC when local clocks show `shown`: of two the one that fold tells; where there is none, as if the clocks had
// not (fold: had already) been set forward.
static int utc_of_local(Thread *t, int64_t shown, int fold, int64_t *out) {
    int64_t local, a, b, u1, u2, t1, t2;
    if (local_seconds(t, shown, &local) < 0) return -1;
    a = local - shown;
    u1 = shown - a;
    if (local_seconds(t, u1, &t1) < 0) return -1;
    if (t1 == shown) { // one answer; is there another, a change of the clocks away?
        u2 = fold ? u1 + LONGEST_FOLD : u1 - LONGEST_FOLD;
        if (local_seconds(t, u2, &local) < 0) return -1;
        b = local - u2;
        if (a == b) return *out = u1, 0;
    } else {
        b = t1 - u1;
    }
    u2 = shown - b;
    if (local_seconds(t, u2, &t2) < 0) return -1;
    if (t2 == shown) *out = u2;
    else if (t1 == shown) *out = u1;
    else *out = fold ? (u1 < u2 ? u1 : u2) : (u1 > u2 ? u1 : u2); // no clock ever showed it
    return 0;
}
static Value local_zone(Thread *t, int64_t utc) { // as a timezone of the offset that holds then
    struct tm tm;
    if (local_fields(t, utc - EPOCH_SECONDS, &tm) < 0) return UNDEF;
    Value offset = delta_new(t, 0, tm.tm_gmtoff, 0), name = value_bits(offset) ? str_from_text(t, tm.tm_zone ? tm.tm_zone : "") : UNDEF;
    Value zone = value_bits(name) ? zone_of(t, offset, name) : UNDEF;
    value_release(t, offset);
    value_release(t, name);
    return zone;
}

// ---- from clocks and timestamps
// The moment of a POSIX time, in UTC or in local time.
static Value from_posix(Thread *t, Type *type, int64_t seconds, int32_t microseconds, bool utc, ValueRef zone) {
    struct tm tm;
    time_t when = (time_t)seconds;
    if (utc) {
        if (!gmtime_r(&when, &tm)) return raise(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
    } else if (local_fields(t, seconds, &tm) < 0) {
        return UNDEF;
    }
    int year = tm.tm_year + 1900, fold = 0;
    if (year < MIN_YEAR || year > MAX_YEAR) return raise(t, VALUE_ERROR, "year must be in %d..%d, not %d", MIN_YEAR, MAX_YEAR, year);
    int second = tm.tm_sec > 59 ? 59 : tm.tm_sec; // leap seconds are not counted here
    if (!utc) {
        // Had the clocks shown this before? A day ago they were (a change of them since) apart.
        int64_t shown = seconds_of(year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, second), probe;
        if (local_seconds(t, EPOCH_SECONDS + seconds - LONGEST_FOLD, &probe) < 0) return UNDEF;
        int64_t transition = shown - probe - LONGEST_FOLD;
        if (transition < 0) {
            if (local_seconds(t, EPOCH_SECONDS + seconds + transition, &probe) < 0) return UNDEF;
            fold = probe == shown;
        }
    }
    Clock c = {(uint8_t)tm.tm_hour, (uint8_t)tm.tm_min, (uint8_t)second, (uint8_t)fold, microseconds};
    return datetime_new(t, type, year, tm.tm_mon + 1, tm.tm_mday, c, zone);
}
// In the zone, or in local time without one.
static Value from_posix_in(Thread *t, Type *type, int64_t seconds, int32_t microseconds, ValueRef zone) {
    if (is_none(zone)) return from_posix(t, type, seconds, microseconds, false, NONE);
    Value utc = from_posix(t, type, seconds, microseconds, true, zone);
    Value moment = value_bits(utc) ? call_method_1(t, zone, NAME(fromutc), utc) : UNDEF;
    value_release(t, utc);
    return moment;
}
static void now(int64_t *seconds, int32_t *microseconds) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    *seconds = ts.tv_sec;
    *microseconds = (int32_t)(ts.tv_nsec / 1000);
}
NATIVE(moment_now) {
    ValueRef zone = value_bits(args[0]) ? args[0] : (ValueRef)NONE;
    int64_t seconds;
    int32_t microseconds;
    if (zone_check(t, zone) < 0) return UNDEF;
    now(&seconds, &microseconds);
    return from_posix_in(t, (Type *)value_object(self), seconds, microseconds, zone);
}
NATIVE(moment_utcnow) {
    if (warn(t, E_DEPRECATION_WARNING, 1, "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to "
                                          "represent datetimes in UTC: datetime.datetime.now(datetime.UTC).") < 0)
        return UNDEF;
    int64_t seconds;
    int32_t microseconds;
    now(&seconds, &microseconds);
    return from_posix(t, (Type *)value_object(self), seconds, microseconds, true, NONE);
}
NATIVE(moment_fromtimestamp) {
    ValueRef zone = value_bits(args[1]) ? args[1] : (ValueRef)NONE;
    int64_t seconds;
    int32_t microseconds;
    if (zone_check(t, zone) < 0 || timestamp_parts(t, args[0], &seconds, &microseconds) < 0) return UNDEF;
    return from_posix_in(t, (Type *)value_object(self), seconds, microseconds, zone);
}
NATIVE(moment_utcfromtimestamp) {
    if (warn(t, E_DEPRECATION_WARNING, 1, "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future version. Use timezone-aware "
                                          "objects to represent datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, datetime.UTC).") < 0)
        return UNDEF;
    int64_t seconds;
    int32_t microseconds;
    if (timestamp_parts(t, args[0], &seconds, &microseconds) < 0) return UNDEF;
    return from_posix(t, (Type *)value_object(self), seconds, microseconds, true, NONE);
}
NATIVE(moment_combine) {
    if (!is_date(args[0])) return raise(t, TYPE_ERROR, "combine() argument 1 must be datetime.date, not %T", args[0]);
    if (!is_time(args[1])) return raise(t, TYPE_ERROR, "combine() argument 2 must be datetime.time, not %T", args[1]);
    ValueRef zone = value_bits(args[2]) ? args[2] : (ValueRef)value_time(args[1])->zone;
    if (zone_check(t, zone) < 0) return UNDEF;
    Date *d = value_date(args[0]);
    return datetime_new(t, (Type *)value_object(self), d->year, d->month, d->day, value_time(args[1])->clock, zone);
}
NATIVE(moment_strptime) {
    Value read = import_from(t, "_strptime", "_strptime_datetime_datetime"), made = value_bits(read) ? call_3(t, read, self, args[0], args[1]) : UNDEF;
    value_release(t, read);
    return made;
}
NATIVE(moment_fromisoformat) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "fromisoformat: argument must be str");
    const Str *s = value_str(args[0]);
    size_t n = str_length(s), end = iso_date_end(s);
    int year, month, day, error = 0;
    IsoTime iso = {0};
    bool good = n >= 7 && end <= n && iso_read_date(s, 0, end, &year, &month, &day, &error) && !error;
    if (good && end < n) good = end + 1 < n && iso_read_time(s, end + 1, n, &iso);
    if (!good) return raise(t, VALUE_ERROR, "Invalid isoformat string: %R", args[0]);
    if (iso.bad_midnight) return raise(t, VALUE_ERROR, "minute, second, and microsecond must be 0 when hour is 24");
    if (date_check(t, year, month, day) < 0 || clock_check(t, iso.hour, iso.minute, iso.second, iso.microsecond, 0) < 0) return UNDEF;
    if (iso.next_day) {
        int ordinal = calendar_ordinal(year, month, day) + 1;
        if (ordinal > MAX_ORDINAL) return raise(t, VALUE_ERROR, "year must be in %d..%d, not %d", MIN_YEAR, MAX_YEAR, year + 1);
        calendar_from_ordinal(ordinal, &year, &month, &day);
    }
    Value zone = NONE;
    if (iso.zoned) {
        Value offset = delta_of_microseconds(t, iso.offset);
        zone = value_bits(offset) ? zone_of(t, offset, UNDEF) : UNDEF;
        value_release(t, offset);
        if (!value_bits(zone)) return UNDEF;
    }
    Clock c = {(uint8_t)iso.hour, (uint8_t)iso.minute, (uint8_t)iso.second, 0, iso.microsecond};
    Value made = datetime_new(t, (Type *)value_object(self), year, month, day, c, zone);
    value_release(t, zone);
    return made;
}

// ---- what it consists of
static Value get_hour(Thread *t, ValueRef self) { return value_int(value_datetime(self)->clock.hour); }
static Value get_minute(Thread *t, ValueRef self) { return value_int(value_datetime(self)->clock.minute); }
static Value get_second(Thread *t, ValueRef self) { return value_int(value_datetime(self)->clock.second); }
static Value get_microsecond(Thread *t, ValueRef self) { return value_int(value_datetime(self)->clock.microsecond); }
static Value get_fold(Thread *t, ValueRef self) { return value_int(value_datetime(self)->clock.fold); }
static Value get_zone(Thread *t, ValueRef self) { return value_dup(t, value_datetime(self)->zone); }
NATIVE(moment_date) {
    Date *d = value_date(self);
    return date_new(t, TYPE_OF(DATE), d->year, d->month, d->day);
}
NATIVE(moment_time) { return time_new(t, TYPE_OF(TIME), value_datetime(self)->clock, NONE); }
NATIVE(moment_timetz) { return time_new(t, TYPE_OF(TIME), value_datetime(self)->clock, value_datetime(self)->zone); }
NATIVE(moment_utcoffset) { return zone_delta(t, value_datetime(self)->zone, NAME(utcoffset), self); }
NATIVE(moment_dst) { return zone_delta(t, value_datetime(self)->zone, NAME(dst), self); }
NATIVE(moment_tzname) { return zone_name(t, value_datetime(self)->zone, self); }
NATIVE(moment_replace) {
    DateTime *o = value_datetime(self);
    int part[7] = {o->date.year, o->date.month, o->date.day, o->clock.hour, o->clock.minute, o->clock.second, o->clock.microsecond}, fold = o->clock.fold;
    ValueRef zone = value_bits(args[7]) ? args[7] : (ValueRef)o->zone;
    if (read_fields(t, args, part) < 0 || (value_bits(args[8]) && arg_int(t, args[8], &fold) < 0) || check_fields(t, part, fold) < 0 || zone_check(t, zone) < 0)
        return UNDEF;
    return datetime_new(t, value_type(self), part[0], part[1], part[2], clock_of(part, fold), zone);
}
static int moment_offset(Thread *t, ValueRef self, int64_t *us) { return zone_offset(t, value_datetime(self)->zone, NAME(utcoffset), self, us); }

NATIVE(moment_timetuple) {
    DateTime *o = value_datetime(self);
    int64_t dst;
    int known = zone_offset(t, o->zone, NAME(dst), self, &dst);
    if (known < 0) return UNDEF;
    return struct_time(t, o->date.year, o->date.month, o->date.day, o->clock.hour, o->clock.minute, o->clock.second, known ? dst != 0 : -1);
}
NATIVE(moment_utctimetuple) {
    int64_t offset;
    if (moment_offset(t, self, &offset) < 0) return UNDEF;
    Value utc = moment_at(t, TYPE_OF(DATETIME), moment_microseconds(value_datetime(self)) - offset, 0, NONE);
    if (!value_bits(utc)) return UNDEF;
    DateTime *o = value_datetime(utc);
    Value tuple = struct_time(t, o->date.year, o->date.month, o->date.day, o->clock.hour, o->clock.minute, o->clock.second, 0);
    value_release(t, utc);
    return tuple;
}
NATIVE(moment_timestamp) {
    DateTime *o = value_datetime(self);
    int64_t utc;
    if (is_none(o->zone)) {
        if (utc_of_local(t, moment_seconds(o), o->clock.fold, &utc) < 0) return UNDEF;
        return float_new(t, (double)(utc - EPOCH_SECONDS) + o->clock.microsecond / 1e6);
    }
    int known = moment_offset(t, self, &utc);
    if (known < 0) return UNDEF;
    if (!known) return raise(t, TYPE_ERROR, "can't subtract offset-naive and offset-aware datetimes");
    Value total = value_int(moment_microseconds(o) - utc - EPOCH_SECONDS * 1000000);
    return object_binary(t, BIN_DIV, total, value_int(1000000));
}
NATIVE(moment_astimezone) {
    DateTime *o = value_datetime(self);
    ValueRef wanted = value_bits(args[0]) ? args[0] : (ValueRef)NONE;
    if (zone_check(t, wanted) < 0) return UNDEF;
    if (!is_none(o->zone) && value_bits(o->zone) == value_bits(wanted)) return value_dup(t, self);
    int64_t offset = 0;
    int known = moment_offset(t, self, &offset);
    if (known < 0) return UNDEF;
    int64_t us = moment_microseconds(o) - offset;
    if (!known) { // taken as local time
        int64_t utc;
        if (utc_of_local(t, moment_seconds(o), o->clock.fold, &utc) < 0) return UNDEF;
        us = utc * 1000000 + o->clock.microsecond;
    }
    Value zone;
    if (is_none(wanted)) {
        int64_t seconds = us / 1000000 - (us % 1000000 < 0);
        zone = local_zone(t, seconds);
    } else {
        zone = value_dup(t, wanted);
    }
    Value utc = value_bits(zone) ? moment_at(t, value_type(self), us, 0, zone) : UNDEF;
    Value moment = value_bits(utc) ? call_method_1(t, zone, NAME(fromutc), utc) : UNDEF;
    value_release(t, utc);
    value_release(t, zone);
    return moment;
}

// ---- text
static Value isoformat(Thread *t, ValueRef self, uint32_t separator, ValueRef timespec) {
    DateTime *o = value_datetime(self);
    StrBuilder b;
    str_builder_init(&b, t);
    builder_number(&b, o->date.year, 4);
    str_builder_char(&b, '-');
    builder_number(&b, o->date.month, 2);
    str_builder_char(&b, '-');
    builder_number(&b, o->date.day, 2);
    str_builder_char(&b, separator);
    if (clock_text(t, &b, &o->clock, timespec) == 0 && zone_text(t, &b, o->zone, self) == 0) return str_builder_finish(&b);
    str_builder_abandon(&b);
    return UNDEF;
}
NATIVE(moment_isoformat) {
    uint32_t separator = 'T';
    if (value_bits(args[0])) {
        if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "isoformat() argument 1 must be a unicode character, not %T", args[0]);
        size_t n = str_length(value_str(args[0]));
        if (n != 1) return raise(t, TYPE_ERROR, "isoformat() argument 1 must be a unicode character, not a string of length %zu", n);
        separator = str_char(value_str(args[0]), 0);
    }
    if (value_bits(args[1]) && !value_is_any_str(args[1])) return raise(t, TYPE_ERROR, "isoformat() argument 2 must be str, not %K", args[1]);
    return isoformat(t, self, separator, args[1]);
}
static Value moment_str(Thread *t, ValueRef self) {
    Value space = str_from_char(t, ' '), text = value_bits(space) ? call_method_1(t, self, NAME(isoformat), space) : UNDEF;
    value_release(t, space);
    return text;
}
NATIVE(moment_ctime) { return date_ctime_of(t, value_date(self), &value_datetime(self)->clock); }
static Value moment_repr(Thread *t, ValueRef self) {
    DateTime *o = value_datetime(self);
    const Clock *c = &o->clock;
    char text[96];
    int n = snprintf(text, sizeof text, "(%d, %d, %d, %d, %d", o->date.year, o->date.month, o->date.day, c->hour, c->minute);
    if (c->second || c->microsecond) n += snprintf(text + n, sizeof text - (size_t)n, ", %d", c->second);
    if (c->microsecond) n += snprintf(text + n, sizeof text - (size_t)n, ", %d", c->microsecond);
    Value name = str_of_format(t, "%T", self);
    if (!value_bits(name)) return UNDEF;
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_str(&b, value_str(name));
    value_release(t, name);
    str_builder_text(&b, text, (size_t)n);
    if (c->fold) str_builder_text(&b, ", fold=1", 8);
    if (repr_zone(t, &b, o->zone) < 0) {
        str_builder_abandon(&b);
        return UNDEF;
    }
    str_builder_char(&b, ')');
    return str_builder_finish(&b);
}

// ---- arithmetic
static Value moment_plus(Thread *t, ValueRef self, const Delta *d, int sign) {
    __int128 us = moment_microseconds(value_datetime(self)) + sign * delta_microseconds(d);
    if (us < 0 || us >= (__int128)MAX_ORDINAL * DAY_MICROSECONDS) return raise(t, OVERFLOW_ERROR, "date value out of range");
    return moment_at(t, value_type(self), (int64_t)us, 0, value_datetime(self)->zone);
}
static Value moment_add(Thread *t, ValueRef a, ValueRef b) {
    if (is_datetime(a)) return is_delta(b) ? moment_plus(t, a, value_delta(b), 1) : NOT_IMPLEMENTED;
    return is_delta(a) ? moment_plus(t, b, value_delta(a), 1) : NOT_IMPLEMENTED;
}
// The offsets of both, where their zones differ (else both 0). Whether both are known (1), neither (0); -2: one; -1: raised.
static int both_offsets(Thread *t, ValueRef a, ValueRef b, int64_t *x, int64_t *y) {
    *x = *y = 0;
    if (value_bits(value_datetime(a)->zone) == value_bits(value_datetime(b)->zone)) return 0;
    int known = moment_offset(t, a, x), other = known < 0 ? -1 : moment_offset(t, b, y);
    return other < 0 ? -1 : known == other ? known : -2;
}
static Value moment_subtract(Thread *t, ValueRef a, ValueRef b) {
    if (!is_datetime(a)) return NOT_IMPLEMENTED;
    if (is_delta(b)) return moment_plus(t, a, value_delta(b), -1);
    if (!is_datetime(b)) return NOT_IMPLEMENTED;
    int64_t x, y;
    int known = both_offsets(t, a, b, &x, &y);
    if (known == -1) return UNDEF;
    if (known == -2) return raise(t, TYPE_ERROR, "can't subtract offset-naive and offset-aware datetimes");
    return delta_of_microseconds(t, (moment_microseconds(value_datetime(a)) - x) - (moment_microseconds(value_datetime(b)) - y));
}

// Does the offset depend on fold? Then the moment is equal to none of another zone (PEP 495). 1, 0, -1.
static int is_problematic(Thread *t, ValueRef self, int64_t offset) {
    DateTime *o = value_datetime(self);
    Clock c = o->clock;
    c.fold = !c.fold;
    Value flipped = moment_make(t, TYPE_OF(DATETIME), o->date.year, o->date.month, o->date.day, c, o->zone);
    if (!value_bits(flipped)) return -1;
    int64_t other;
    int known = zone_offset(t, o->zone, NAME(utcoffset), flipped, &other);
    value_release(t, flipped);
    return known < 0 ? -1 : other != offset;
}
static Value moment_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_datetime(b)) return NOT_IMPLEMENTED;
    int64_t x, y;
    bool equality = op == CMP_EQ || op == CMP_NE, same_zone = value_bits(value_datetime(a)->zone) == value_bits(value_datetime(b)->zone);
    int known = both_offsets(t, a, b, &x, &y);
    if (known == -1) return UNDEF;
    if (known == -2) {
        if (equality) return value_bool(op == CMP_NE);
        return raise(t, TYPE_ERROR, "can't compare offset-naive and offset-aware datetimes");
    }
    int64_t p = moment_microseconds(value_datetime(a)) - x, q = moment_microseconds(value_datetime(b)) - y;
    if (equality && p == q && !same_zone && known == 1) {
        int odd = is_problematic(t, a, x);
        if (odd == 0) odd = is_problematic(t, b, y);
        if (odd < 0) return UNDEF;
        if (odd) return value_bool(op == CMP_NE);
    }
    switch (op) {
    case CMP_LT: return value_bool(p < q);
    case CMP_LE: return value_bool(p <= q);
    case CMP_EQ: return value_bool(p == q);
    case CMP_NE: return value_bool(p != q);
    case CMP_GT: return value_bool(p > q);
    default: return value_bool(p >= q);
    }
}
// As if fold were 0, in UTC where an offset is known.
static int64_t moment_hash(Thread *t, ValueRef self) {
    DateTime *o = value_datetime(self);
    int64_t offset = 0, us = moment_microseconds(o);
    int known;
    if (o->clock.fold && !is_none(o->zone)) {
        Clock c = o->clock;
        c.fold = 0;
        Value first = moment_make(t, TYPE_OF(DATETIME), o->date.year, o->date.month, o->date.day, c, o->zone);
        known = value_bits(first) ? moment_offset(t, first, &offset) : -1;
        value_release(t, first);
    } else {
        known = moment_offset(t, self, &offset);
    }
    if (known < 0) return -1;
    us -= offset;
    return known ? value_hash(t, value_int(us)) : str_hash_raw(&us, sizeof us);
}

// ---- pickling
static Value moment_state(Thread *t, ValueRef self, int protocol) {
    DateTime *o = value_datetime(self);
    const Clock *c = &o->clock;
    uint8_t s[10] = {(uint8_t)(o->date.year >> 8), (uint8_t)o->date.year, o->date.month, o->date.day, c->hour, c->minute, c->second,
                     (uint8_t)(c->microsecond >> 16), (uint8_t)(c->microsecond >> 8), (uint8_t)c->microsecond};
    if (protocol > 3 && c->fold) s[2] |= 0x80;
    Value bytes = bytes_new(t, s, sizeof s);
    if (!value_bits(bytes)) return UNDEF;
    return is_none(o->zone) ? tuple_from_values(t, &bytes, 1) : container_tuple_2(t, bytes, value_dup(t, o->zone));
}
NATIVE(moment_reduce) { return container_tuple_2(t, value_dup(t, value_of(value_type(self))), moment_state(t, self, 2)); }
NATIVE(moment_reduce_ex) {
    int protocol;
    return arg_int(t, args[0], &protocol) < 0 ? UNDEF : container_tuple_2(t, value_dup(t, value_of(value_type(self))), moment_state(t, self, protocol));
}

static int moment_ready(Thread *t, Type *type) {
    return type_add(t, type, "min", moment_make(t, type, MIN_YEAR, 1, 1, (Clock){0}, NONE)) < 0 ||
                   type_add(t, type, "max", moment_make(t, type, MAX_YEAR, 12, 31, (Clock){23, 59, 59, 0, 999999}, NONE)) < 0 ||
                   type_add(t, type, "resolution", delta_of_microseconds(t, 1)) < 0
               ? -1
               : 0;
}
#define REPLACE_SIGNATURE                                                                                                             \
    "($self, /, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>, hour=<unrepresentable>, "                     \
    "minute=<unrepresentable>, second=<unrepresentable>, microsecond=<unrepresentable>, tzinfo=<unrepresentable>, *, "                \
    "fold=<unrepresentable>)"
static const GetSetDef getset[] = {
    {"hour", get_hour, NULL, NULL}, {"minute", get_minute, NULL, NULL}, {"second", get_second, NULL, NULL}, {"microsecond", get_microsecond, NULL, NULL},
    {"tzinfo", get_zone, NULL, NULL}, {"fold", get_fold, NULL, NULL}, GETSET_END};
static const NativeDef methods[] = {
    {"now", moment_now, "($type, /, tz=None)", "The local time now, or the time in a zone.", NATIVE_CLASS},
    {"utcnow", moment_utcnow, "($type, /)", "The time in UTC now, without a zone.", NATIVE_CLASS},
    {"fromtimestamp", moment_fromtimestamp, "($type, /, timestamp, tz=None)", "The local time, or the time in a zone, of a POSIX timestamp.", NATIVE_CLASS},
    {"utcfromtimestamp", moment_utcfromtimestamp, "($type, timestamp, /)", "The time in UTC of a POSIX timestamp, without a zone.", NATIVE_CLASS},
    {"strptime", moment_strptime, "($type, string, format, /)", "The time that text says by a format.", NATIVE_CLASS},
    {"combine", moment_combine, "($type, /, date, time, tzinfo=<unrepresentable>)", "A date and a time of day together.", NATIVE_CLASS},
    {"fromisoformat", moment_fromisoformat, "($type, string, /)", "The time that ISO 8601 text says.", NATIVE_CLASS},
    {"date", moment_date, "($self, /)", "Its date.", 0},
    {"time", moment_time, "($self, /)", "Its time of day, without the zone.", 0},
    {"timetz", moment_timetz, "($self, /)", "Its time of day, with the zone.", 0},
    {"ctime", moment_ctime, "($self, /)", "The time as ctime() writes it.", 0},
    {"timetuple", moment_timetuple, "($self, /)", "A struct_time as time.localtime gives it.", 0},
    {"timestamp", moment_timestamp, "($self, /)", "The POSIX timestamp.", 0},
    {"utctimetuple", moment_utctimetuple, "($self, /)", "A struct_time in UTC.", 0},
    {"isoformat", moment_isoformat, "($self, /, sep='T', timespec='auto')", "YYYY-MM-DDTHH:MM:SS[.ffffff] with the offset behind; timespec says how exact.", 0},
    {"utcoffset", moment_utcoffset, "($self, /)", "The zone's offset from UTC, or None.", 0},
    {"tzname", moment_tzname, "($self, /)", "The zone's name, or None.", 0},
    {"dst", moment_dst, "($self, /)", "The zone's daylight saving, or None.", 0},
    {"replace", moment_replace, REPLACE_SIGNATURE, "The time with other parts.", 0},
    {"__replace__", moment_replace, REPLACE_SIGNATURE, "The same as replace().", 0},
    {"astimezone", moment_astimezone, "($self, /, tz=None)", "The same moment in another zone, or in local time.", 0},
    {"__reduce__", moment_reduce, "($self, /)", "How to pickle it.", 0},
    {"__reduce_ex__", moment_reduce_ex, "($self, proto, /)", "How to pickle it.", 0},
    NATIVE_END};
static void moment_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((DateTime *)o)->zone); }
static void moment_traverse(Object *o, VisitFn visit, void *arg) { visit(&((DateTime *)o)->zone, arg); }
const TypeSpec datetime_spec = {
    .name = "datetime.datetime",
    .doc = "A date and a time of day: datetime(year, month, day[, hour[, minute[, second[, microsecond[, tzinfo]]]]], *, fold=0).",
    .size = sizeof(DateTime),
    .flags = TYPE_BASE,
    .base = T_DATE,
    .ops = {.repr = moment_repr, .str = moment_str, .hash = moment_hash, .compare = moment_compare, .new = moment_new_slot, .add = moment_add,
            .subtract = moment_subtract},
    .methods = methods,
    .getset = getset,
    .destroy = moment_destroy,
    .traverse = moment_traverse,
    .ready = moment_ready};
