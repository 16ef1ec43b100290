// What dates and times share in reading and writing: strftime, isoformat's parts, clocks, local time, pickled state.
#include <errno.h>
#include <math.h>
#include <time.h>
#include "runtime/modules/datetime.h"
#include "runtime/support/hash.h"

Value import_from(Thread *t, const char *module, const char *name) {
    Value import = container_builtin(t, "__import__"), text = str_intern_text(t, module), found = UNDEF, v = UNDEF;
    if (value_bits(import) && value_bits(text)) found = call_1(t, import, text);
    value_release(t, import);
    value_release(t, text);
    text = value_bits(found) ? str_intern_text(t, name) : UNDEF;
    if (value_bits(text)) v = object_getattr(t, found, text);
    value_release(t, text);
    value_release(t, found);
    return v;
}

// ---- checks
int date_check(Thread *t, int year, int month, int day) {
    if (year < MIN_YEAR || year > MAX_YEAR) return raise_int(t, VALUE_ERROR, "year must be in %d..%d, not %d", MIN_YEAR, MAX_YEAR, year);
    if (month < 1 || month > 12) return raise_int(t, VALUE_ERROR, "month must be in 1..12, not %d", month);
    int days = calendar_days_in_month(year, month);
    if (day < 1 || day > days) return raise_int(t, VALUE_ERROR, "day %d must be in range 1..%d for month %d in year %d", day, days, month, year);
    return 0;
}
int clock_check(Thread *t, int hour, int minute, int second, int microsecond, int fold) {
    if (hour < 0 || hour > 23) return raise_int(t, VALUE_ERROR, "hour must be in 0..23, not %d", hour);
    if (minute < 0 || minute > 59) return raise_int(t, VALUE_ERROR, "minute must be in 0..59, not %d", minute);
    if (second < 0 || second > 59) return raise_int(t, VALUE_ERROR, "second must be in 0..59, not %d", second);
    if (microsecond < 0 || microsecond > 999999) return raise_int(t, VALUE_ERROR, "microsecond must be in 0..999999, not %d", microsecond);
    if (fold != 0 && fold != 1) return raise_int(t, VALUE_ERROR, "fold must be either 0 or 1, not %d", fold);
    return 0;
}

// ---- text
void builder_number(StrBuilder *b, int n, int digits) {
    char text[16];
    int length = snprintf(text, sizeof text, "%0*d", digits, n);
    str_builder_text(b, text, (size_t)length);
}
int clock_text(Thread *t, StrBuilder *b, const Clock *c, ValueRef timespec) {
    static const char *const names[] = {"auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"};
    int parts = 0;
    if (value_bits(timespec)) {
        while (parts < 6 && !str_equal_text(value_str(timespec), names[parts])) parts++;
        if (parts == 6) return raise_int(t, VALUE_ERROR, "Unknown timespec value");
    }
    if (parts == 0) parts = c->microsecond ? 5 : 3;
    builder_number(b, c->hour, 2);
    if (parts >= 2) {
        str_builder_char(b, ':');
        builder_number(b, c->minute, 2);
    }
    if (parts >= 3) {
        str_builder_char(b, ':');
        builder_number(b, c->second, 2);
    }
    if (parts >= 4) {
        str_builder_char(b, '.');
        builder_number(b, parts == 4 ? c->microsecond / 1000 : c->microsecond, parts == 4 ? 3 : 6);
    }
    return 0;
}
int zone_text(Thread *t, StrBuilder *b, ValueRef zone, ValueRef argument) {
    int64_t offset;
    int known = zone_offset(t, zone, NAME(utcoffset), argument, &offset);
    if (known > 0) offset_text(b, offset, ":");
    return known < 0 ? -1 : 0;
}
int repr_zone(Thread *t, StrBuilder *b, ValueRef zone) {
    if (is_none(zone)) return 0;
    Value text = object_repr(t, zone);
    if (!value_bits(text)) return -1;
    str_builder_text(b, ", tzinfo=", 9);
    str_builder_str(b, value_str(text));
    value_release(t, text);
    return 0;
}

Value struct_time(Thread *t, int year, int month, int day, int hour, int minute, int second, int dst) {
    Value make = import_from(t, "time", "struct_time");
    if (!value_bits(make)) return UNDEF;
    Value fields[9] = {value_int(year), value_int(month), value_int(day), value_int(hour), value_int(minute), value_int(second),
                       value_int(calendar_weekday(year, month, day)), value_int(calendar_day_of_year(year, month, day)), value_int(dst)};
    Value tuple = tuple_from_values(t, fields, 9), made = value_bits(tuple) ? call_1(t, make, tuple) : UNDEF;
    value_release(t, tuple);
    value_release(t, make);
    return made;
}

// The offset for %z and %:z (nothing without one); -1 with an exception.
static int strftime_offset(Thread *t, StrBuilder *b, ValueRef zone, ValueRef argument, const char *separator) {
    int64_t offset;
    int known = zone_offset(t, zone, NAME(utcoffset), argument, &offset);
    if (known > 0) offset_text(b, offset, separator);
    return known < 0 ? -1 : 0;
}
// The zone's name for %Z: what it says is no part of the format.
static int strftime_zone(Thread *t, StrBuilder *b, ValueRef zone, ValueRef argument) {
    Value name = zone_name(t, zone, argument);
    if (!value_bits(name)) return -1;
    if (is_none(name)) return 0;
    Value one = str_from_text(t, "%"), two = str_from_text(t, "%%"), escaped = UNDEF, replace = str_intern_text(t, "replace");
    ValueRef pair[2] = {one, two};
    if (value_bits(one) && value_bits(two) && value_bits(replace)) escaped = call_method(t, name, replace, pair, 2);
    value_release(t, one);
    value_release(t, two);
    value_release(t, replace);
    value_release(t, name);
    if (!value_bits(escaped)) return -1;
    int result = 0;
    if (value_is_any_str(escaped)) str_builder_str(b, value_str(escaped));
    else result = raise_int(t, TYPE_ERROR, "tzname.replace() did not return a string");
    value_release(t, escaped);
    return result;
}
Value moment_strftime(Thread *t, ValueRef self, ValueRef format, ValueRef timetuple, ValueRef zone, ValueRef zone_argument) {
    const Str *s = value_str(format);
    size_t n = str_length(s);
    const Date *date = is_date(self) ? value_date(self) : NULL;
    const Clock *clock = is_datetime(self) ? &value_datetime(self)->clock : is_time(self) ? &value_time(self)->clock : NULL;
    int year = date ? date->year : 1900, iso_year = year, week, weekday;
    if (date) calendar_iso(date->year, date->month, date->day, &iso_year, &week, &weekday);
    StrBuilder b;
    str_builder_init(&b, t);
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++) {
        uint32_t c = str_char(s, i), next = i + 1 < n ? str_char(s, i + 1) : 0;
        if (c != '%' || !next) {
            str_builder_char(&b, c);
            continue;
        }
        i++;
        switch (next) {
        case 'f': builder_number(&b, clock ? clock->microsecond : 0, 6); break;
        case 'z': result = strftime_offset(t, &b, zone, zone_argument, ""); break;
        case 'Z': result = strftime_zone(t, &b, zone, zone_argument); break;
        case ':':
            if (i + 1 < n && str_char(s, i + 1) == 'z') {
                i++;
                result = strftime_offset(t, &b, zone, zone_argument, ":");
            } else {
                str_builder_text(&b, "%:", 2);
            }
            break;
        case 'Y': builder_number(&b, year, 4); break; // the C library does not fill these up
        case 'G': builder_number(&b, iso_year, 4); break;
        case 'C': builder_number(&b, year / 100, 2); break;
        case 'F':
            builder_number(&b, year, 4);
            str_builder_text(&b, "-%m-%d", 6);
            break;
        default:
            str_builder_char(&b, '%');
            str_builder_char(&b, next);
        }
    }
    if (result < 0) {
        str_builder_abandon(&b);
        return UNDEF;
    }
    Value text = str_builder_finish(&b), strftime = value_bits(text) ? import_from(t, "time", "strftime") : UNDEF;
    Value formatted = value_bits(strftime) ? call_2(t, strftime, text, timetuple) : UNDEF;
    value_release(t, strftime);
    value_release(t, text);
    return formatted;
}
Value moment_format(Thread *t, ValueRef self, ValueRef spec) {
    if (!value_is_any_str(spec)) return raise(t, TYPE_ERROR, "__format__() argument 1 must be str, not %K", spec);
    return str_length(value_str(spec)) == 0 ? object_str(t, self) : call_method_1(t, self, NAME(strftime), spec);
}

// ---- clocks
int local_fields(Thread *t, int64_t seconds, struct tm *out) {
    time_t when = (time_t)seconds;
    errno = 0;
    if (localtime_r(&when, out)) return 0;
    if (errno == EOVERFLOW || !errno) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
    raise_os_error(t, errno, UNDEF);
    return -1;
}
int timestamp_parts(Thread *t, ValueRef timestamp, int64_t *seconds, int32_t *microseconds) {
    *microseconds = 0;
    if (value_is_any_float(timestamp)) {
        double x = float_value(timestamp), whole, part;
        if (isnan(x)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
        part = modf(x, &whole);
        part = nearbyint(part * 1e6); // half to even
        if (part >= 1e6) {
            part -= 1e6;
            whole += 1;
        } else if (part < 0) {
            part += 1e6;
            whole -= 1;
        }
        if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
        *seconds = (int64_t)whole;
        *microseconds = (int32_t)part;
        return 0;
    }
    Value n = object_index(t, timestamp);
    if (!value_bits(n)) return -1;
    int fits = int_as_int64(n, seconds);
    value_release(t, n);
    return fits < 0 ? raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t") : 0;
}

// ---- pickled state: bytes, or what Python 2's str became
uint32_t state_bytes(ValueRef state, uint8_t *out, size_t n, bool *bad_text) {
    *bad_text = false;
    if (value_is_any_bytes(state)) {
        if (value_bytes(state)->length != n) return 0;
        memcpy(out, value_bytes(state)->data, n);
        return (uint32_t)n;
    }
    if (!value_is_any_str(state) || str_length(value_str(state)) != n) return 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = str_char(value_str(state), i);
        if (c > 0xff) *bad_text = true;
        out[i] = (uint8_t)c;
    }
    return (uint32_t)n;
}
