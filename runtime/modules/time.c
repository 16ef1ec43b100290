// time: clocks, calendar fields, text.
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "runtime/import.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/structseq.h"
#include "sync/park.h"
#include "sync/safepoint.h"
#include "sync/sync.h"

typedef struct State { Value struct_time; } State;

// ---- clocks

static int64_t nanoseconds(clockid_t clock) {
    struct timespec ts;
    return clock_gettime(clock, &ts) == 0 ? (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec : 0;
}
#define CLOCK(name, id)                                                                           \
    NATIVE(time_##name) { return float_new(t, (double)nanoseconds(id) / 1e9); }                   \
    NATIVE(time_##name##_ns) { return int_from_int64(t, nanoseconds(id)); }
CLOCK(time, CLOCK_REALTIME)
CLOCK(monotonic, CLOCK_MONOTONIC)
CLOCK(perf_counter, CLOCK_MONOTONIC)
CLOCK(process_time, CLOCK_PROCESS_CPUTIME_ID)
CLOCK(thread_time, CLOCK_THREAD_CPUTIME_ID)

static int clock_argument(Thread *t, ValueRef v, clockid_t *clock) {
    int n;
    if (arg_int(t, v, &n) < 0) return -1;
    *clock = (clockid_t)n;
    return 0;
}
static int read_clock(Thread *t, ValueRef id, int (*read)(clockid_t, struct timespec *), struct timespec *ts) {
    clockid_t clock;
    if (clock_argument(t, id, &clock) < 0) return -1;
    if (read(clock, ts) == 0) return 0;
    raise_os_error(t, errno, UNDEF);
    return -1;
}
NATIVE(time_clock_gettime) {
    struct timespec ts;
    return read_clock(t, args[0], clock_gettime, &ts) < 0 ? UNDEF : float_new(t, (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}
NATIVE(time_clock_gettime_ns) {
    struct timespec ts;
    return read_clock(t, args[0], clock_gettime, &ts) < 0 ? UNDEF : int_from_int64(t, (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}
NATIVE(time_clock_getres) {
    struct timespec ts;
    return read_clock(t, args[0], clock_getres, &ts) < 0 ? UNDEF : float_new(t, (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

// Seconds, given as a float or an int, as nanoseconds; rounded up away from zero where they do not fit exactly (a sleep is never
// shorter than asked for). 0, -1.
static int seconds_argument(Thread *t, ValueRef v, int64_t *ns) {
    double x;
    if (value_is_any_float(v)) {
        x = float_value(v);
        if (isnan(x)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
        x = x < 0 ? floor(x * 1e9) : ceil(x * 1e9);
        if (!(x >= -9.2e18 && x <= 9.2e18)) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for C PyTime_t");
        *ns = (int64_t)x;
        return 0;
    }
    if (!value_type(v)->ops.index) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer or float", v);
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int64_t seconds;
    int bad = int_as_int64(n, &seconds) < 0 || __builtin_mul_overflow(seconds, (int64_t)1000000000, ns);
    value_release(t, n);
    return bad ? raise_int(t, OVERFLOW_ERROR, "timestamp out of range for C PyTime_t") : 0;
}
static int set_clock(Thread *t, ValueRef id, int64_t ns) {
    clockid_t clock;
    if (clock_argument(t, id, &clock) < 0) return -1;
    int64_t rest = ns % 1000000000, seconds = ns / 1000000000;
    if (rest < 0) rest += 1000000000, seconds--;
    struct timespec ts = {.tv_sec = seconds, .tv_nsec = rest};
    if (clock_settime(clock, &ts) == 0) return 0;
    raise_os_error(t, errno, UNDEF);
    return -1;
}
NATIVE(time_clock_settime) {
    int64_t ns;
    return seconds_argument(t, args[1], &ns) < 0 || set_clock(t, args[0], ns) < 0 ? UNDEF : NONE;
}
NATIVE(time_clock_settime_ns) {
    int64_t ns;
    return arg_int64(t, args[1], &ns) < 0 || set_clock(t, args[0], ns) < 0 ? UNDEF : NONE;
}
NATIVE(time_pthread_getcpuclockid) {
    uint64_t ident;
    clockid_t clock;
    if (arg_uint64(t, args[0], &ident) < 0) return UNDEF;
    // The library trusts its argument: only the calling thread is known to live.
    int error = ident == t->ident ? pthread_getcpuclockid(pthread_self(), &clock) : ESRCH;
    return error ? raise_os_error(t, error, UNDEF) : value_int(clock);
}

NATIVE(time_sleep) {
    int64_t ns;
    if (seconds_argument(t, args[0], &ns) < 0) return UNDEF;
    if (ns < 0) return raise(t, VALUE_ERROR, "sleep length must be non-negative");
    if (ns == 0) {
        thread_detach(&t->core);
        sched_yield();
        thread_attach(&t->core);
        return poll_check(&t->core) < 0 ? UNDEF : NONE;
    }
    uint64_t now = sync_now_ns(), deadline = now + (uint64_t)ns;
    char here; // nobody wakes this address: it ends by time, or for a signal
    for (;;) {
        ParkResult r = park(&t->core, &here, NULL, NULL, deadline, PARK_INTERRUPTIBLE, NULL);
        if (poll_check(&t->core) < 0) return UNDEF; // a signal's handler raised
        if (r == PARK_TIMEOUT || sync_now_ns() >= deadline) return NONE;
    }
}

// ---- calendar fields

static const char *const struct_time_fields[] = {"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst", "tm_zone", "tm_gmtoff", NULL};
static const StructSeqSpec struct_time_spec = {.name = "time.struct_time", .doc = "A time as calendar fields.", .fields = struct_time_fields, .visible = 9};

static Value struct_time_of(Thread *t, ValueRef module, const struct tm *tm) {
    Value zone = str_from_text(t, tm->tm_zone ? tm->tm_zone : "");
    if (!value_bits(zone)) return UNDEF;
    Value items[11] = {value_int(tm->tm_year + (int64_t)1900), value_int(tm->tm_mon + 1), value_int(tm->tm_mday), value_int(tm->tm_hour), value_int(tm->tm_min),
                       value_int(tm->tm_sec), value_int((tm->tm_wday + 6) % 7), value_int(tm->tm_yday + 1), value_int(tm->tm_isdst), zone, value_int(tm->tm_gmtoff)};
    return structseq_new(t, (Type *)value_object(((State *)module_state(module))->struct_time), items);
}
// The optional argument of gmtime() and its kin: seconds since 1970, now by default.
static int time_argument(Thread *t, ValueRef v, time_t *out) {
    if (not_given(v)) {
        *out = time(NULL);
        return 0;
    }
    if (value_is_any_float(v)) {
        double x = float_value(v);
        if (isnan(x)) return raise_int(t, VALUE_ERROR, "Invalid value NaN (not a number)");
        x = floor(x);
        if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0)) return raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t");
        *out = (time_t)x;
        return 0;
    }
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int64_t seconds;
    int bad = int_as_int64(n, &seconds);
    value_release(t, n);
    *out = seconds;
    return bad < 0 ? raise_int(t, OVERFLOW_ERROR, "timestamp out of range for platform time_t") : 0;
}
static int fields_of(Thread *t, ValueRef v, struct tm *(*split)(const time_t *, struct tm *), struct tm *tm) {
    time_t when;
    if (time_argument(t, v, &when) < 0) return -1;
    errno = 0;
    if (split(&when, tm)) return 0;
    raise_os_error(t, errno ? errno : EINVAL, UNDEF);
    return -1;
}
static int optional_argument(Thread *t, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames, ValueRef *out) {
    if (args_no_keywords(t, name, kwnames) < 0) return -1;
    if (nargs > 1) return raise_int(t, TYPE_ERROR, "%s() takes at most 1 argument (%u given)", name, nargs);
    *out = nargs ? args[0] : (ValueRef)UNDEF;
    return 0;
}
NATIVE(time_gmtime) {
    struct tm tm;
    ValueRef when;
    return optional_argument(t, "gmtime", args, nargs, kwnames, &when) < 0 || fields_of(t, when, gmtime_r, &tm) < 0 ? UNDEF : struct_time_of(t, self, &tm);
}
NATIVE(time_localtime) {
    struct tm tm;
    ValueRef when;
    return optional_argument(t, "localtime", args, nargs, kwnames, &when) < 0 || fields_of(t, when, localtime_r, &tm) < 0 ? UNDEF : struct_time_of(t, self, &tm);
}

// The nine fields of a tuple or struct_time. *zone (or NULL) is owned by the caller: tm_zone's text lives as long as it. 0, -1.
static int fields_argument(Thread *t, ValueRef v, const char *function, struct tm *tm) {
    *tm = (struct tm){0};
    if (!value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "Tuple or struct_time argument required");
    if (value_tuple(v)->length != 9) return raise_int(t, TYPE_ERROR, "%s(): illegal time tuple argument", function);
    int *const to[9] = {&tm->tm_year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &tm->tm_wday, &tm->tm_yday, &tm->tm_isdst};
    for (int i = 0; i < 9; i++)
        if (arg_int(t, tuple_item(value_tuple(v), i), to[i]) < 0) return -1;
    if (tm->tm_year < INT_MIN + 1900) return raise_int(t, OVERFLOW_ERROR, "year out of range");
    tm->tm_year -= 1900;
    tm->tm_mon--;
    tm->tm_wday = (tm->tm_wday + 1) % 7;
    tm->tm_yday--;
    return 0;
}
static int check_fields(Thread *t, struct tm *tm) {
    if (tm->tm_mon == -1) tm->tm_mon = 0;
    if (tm->tm_mday == 0) tm->tm_mday = 1;
    if (tm->tm_yday == -1) tm->tm_yday = 0;
    const char *what = tm->tm_mon < 0 || tm->tm_mon > 11     ? "month"
                       : tm->tm_mday < 0 || tm->tm_mday > 31 ? "day of month"
                       : tm->tm_hour < 0 || tm->tm_hour > 23 ? "hour"
                       : tm->tm_min < 0 || tm->tm_min > 59   ? "minute"
                       : tm->tm_sec < 0 || tm->tm_sec > 61   ? "seconds"
                       : tm->tm_wday < 0                     ? "day of week"
                       : tm->tm_yday < 0 || tm->tm_yday > 365 ? "day of year"
                                                             : NULL;
    return what ? raise_int(t, VALUE_ERROR, "%s out of range", what) : 0;
}
static Value as_text(Thread *t, const struct tm *tm) {
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    return str_of_format(t, "%.3s %.3s%3d %02d:%02d:%02d %lld", days + 3 * tm->tm_wday, months + 3 * tm->tm_mon, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec,
                         (long long)tm->tm_year + 1900);
}
NATIVE(time_asctime) {
    struct tm tm;
    if (args_no_keywords(t, "asctime", kwnames) < 0 || args_count(t, "asctime", nargs, 0, 1) < 0) return UNDEF;
    if (nargs == 0 ? fields_of(t, UNDEF, localtime_r, &tm) < 0 : fields_argument(t, args[0], "asctime", &tm) < 0 || check_fields(t, &tm) < 0) return UNDEF;
    return as_text(t, &tm);
}
NATIVE(time_ctime) {
    struct tm tm;
    ValueRef when;
    return optional_argument(t, "ctime", args, nargs, kwnames, &when) < 0 || fields_of(t, when, localtime_r, &tm) < 0 ? UNDEF : as_text(t, &tm);
}
NATIVE(time_mktime) {
    struct tm tm;
    if (fields_argument(t, args[0], "mktime", &tm) < 0) return UNDEF;
    tm.tm_wday = -1; // stays so where mktime fails: -1 alone is a time, too
    time_t when = mktime(&tm);
    if (when == (time_t)-1 && tm.tm_wday == -1) return raise(t, OVERFLOW_ERROR, "mktime argument out of range");
    return float_new(t, (double)when);
}
NATIVE(time_strftime) {
    struct tm tm;
    char *allocated = NULL, local[256], *out = local;
    if (args_no_keywords(t, "strftime", kwnames) < 0 || args_count(t, "strftime", nargs, 1, 2) < 0) return UNDEF;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "strftime() argument 1 must be str, not %K", args[0]);
    Value zone = UNDEF, result = UNDEF;
    if (nargs == 1) {
        if (fields_of(t, UNDEF, localtime_r, &tm) < 0) return UNDEF;
    } else {
        if (fields_argument(t, args[1], "strftime", &tm) < 0 || check_fields(t, &tm) < 0) return UNDEF;
        // the zone of that time here
        struct tm copy = tm;
        copy.tm_wday = -1;
        time_t when = mktime(&copy);
        if (!(when == (time_t)-1 && copy.tm_wday == -1)) tm.tm_gmtoff = copy.tm_gmtoff, tm.tm_zone = copy.tm_zone;
        if (type_is_subtype(value_type(args[1]), (Type *)value_object(((State *)module_state(self))->struct_time))) {
            zone = object_getattr_or_undef(t, args[1], NAME(tm_zone));
            Value offset = object_getattr_or_undef(t, args[1], NAME(tm_gmtoff));
            if (value_is_int(offset)) tm.tm_gmtoff = value_get_int(offset);
            value_release(t, offset);
            if (error_pending(t)) goto done;
        }
    }
    const Str *given = value_str(args[0]);
    size_t n = str_length(given);
    char *format = allocated = malloc(n + 1);
    if (!format) {
        raise_no_memory(t);
        goto done;
    }
    char *zone_allocated = NULL;
    size_t zone_bytes;
    if (value_bits(zone) && value_is_any_str(zone)) {
        const char *text = str_utf8(t, value_str(zone), &zone_bytes, &zone_allocated);
        if (!text) goto done;
        tm.tm_zone = text;
    }
    StrBuilder b;
    str_builder_init(&b, t);
    for (size_t at = 0; at < n;) { // characters beyond ASCII, and NULs, stand for themselves: the C library sees what is between
        size_t length = 0, size = sizeof local, got = 0;
        uint32_t c = 0;
        for (; at < n && (c = str_char(given, at)) && c < 0x80; at++) format[length++] = (char)c;
        format[length] = 0;
        while (length && !(got = strftime(out, size, format, &tm)) && size < 256 * length) {
            if (out != local) free(out);
            size *= 2;
            if (!(out = malloc(size))) {
                out = local;
                raise_no_memory(t);
                break;
            }
        }
        if (error_pending(t)) break;
        Value text = str_from_utf8_surrogates(t, out, got);
        if (!value_bits(text)) break;
        str_builder_str(&b, value_str(text));
        value_release(t, text);
        if (at < n) {
            str_builder_char(&b, c);
            at++;
        }
    }
    if (error_pending(t))
        str_builder_abandon(&b);
    else
        result = str_builder_finish(&b);
    if (out != local) free(out);
    free(zone_allocated);
done:
    free(allocated);
    value_release(t, zone);
    return result;
}
NATIVE(time_strptime) {
    Value parse = import_attribute(t, "_strptime", "_strptime_time");
    if (!value_bits(parse)) return UNDEF;
    Value r = call_object(t, parse, args, nargs, kwnames);
    value_release(t, parse);
    return r;
}

// ---- get_clock_info, time zone

NATIVE(time_get_clock_info) {
    static const struct { const char *name, *implementation; clockid_t clock; bool monotonic, adjustable; } rows[] = {
        {"time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false, true},
        {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
        {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
        {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true, false},
        {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true, false}};
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "get_clock_info() argument 1 must be str, not %K", args[0]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!str_equal_text(value_str(args[0]), rows[i].name)) continue;
        struct timespec ts = {0};
        clock_getres(rows[i].clock, &ts);
        Value info = call_0(t, value_of(TYPE_OF(SIMPLE_NAMESPACE)));
        const struct { const char *name; Value value; } fields[] = {
            {"implementation", str_from_text(t, rows[i].implementation)}, {"monotonic", value_bool(rows[i].monotonic)}, {"adjustable", value_bool(rows[i].adjustable)},
            {"resolution", float_new(t, (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9)}};
        for (size_t k = 0; k < 4; k++) {
            Value name = str_intern_text(t, fields[k].name);
            if (value_bits(info) && (!value_bits(name) || !value_bits(fields[k].value) || object_setattr(t, info, name, fields[k].value) < 0)) VALUE_CLEAR(t, info);
            value_release(t, name);
            value_release(t, fields[k].value);
        }
        return info;
    }
    return raise(t, VALUE_ERROR, "unknown clock");
}

// Reads TZ and puts timezone, altzone, daylight and tzname into the module.
static int set_zone(Thread *t, ValueRef module) {
    tzset();
    struct tm january, july;
    const time_t year = (365 * 24 + 6) * 3600;
    time_t first = time(NULL) / year * year, middle = first + year / 2;
    localtime_r(&first, &january);
    localtime_r(&middle, &july);
    // the zone without daylight saving lies west of the one with it
    bool reversed = -january.tm_gmtoff < -july.tm_gmtoff;
    const struct tm *standard = reversed ? &july : &january, *other = reversed ? &january : &july;
    char standard_name[32], other_name[32];
    snprintf(standard_name, sizeof standard_name, "%s", standard->tm_zone ? standard->tm_zone : "");
    snprintf(other_name, sizeof other_name, "%s", other->tm_zone ? other->tm_zone : "");
    Value a = str_from_text(t, standard_name), b = str_from_text(t, other_name);
    if (!value_bits(a) || !value_bits(b)) {
        value_release(t, a);
        value_release(t, b);
        return -1;
    }
    return module_add_int(t, module, "timezone", -standard->tm_gmtoff) < 0 || module_add_int(t, module, "altzone", -other->tm_gmtoff) < 0 ||
                   module_add_int(t, module, "daylight", standard->tm_gmtoff != other->tm_gmtoff) < 0 || module_add(t, module, "tzname", tuple_pair(t, a, b)) < 0
               ? -1
               : 0;
}
NATIVE(time_tzset) { return set_zone(t, self) < 0 ? UNDEF : NONE; }

#define NONE_TAKEN(name, doc) {#name, time_##name, "($self, /)", doc, 0}
static const NativeDef functions[] = {
    NONE_TAKEN(time, "Seconds since 1970."), NONE_TAKEN(time_ns, "Nanoseconds since 1970."), NONE_TAKEN(monotonic, "A clock that never goes back."),
    NONE_TAKEN(monotonic_ns, "The same in nanoseconds."), NONE_TAKEN(perf_counter, "The finest clock."), NONE_TAKEN(perf_counter_ns, "The same in nanoseconds."),
    NONE_TAKEN(process_time, "Processor time of the process."), NONE_TAKEN(process_time_ns, "The same in nanoseconds."),
    NONE_TAKEN(thread_time, "Processor time of the thread."), NONE_TAKEN(thread_time_ns, "The same in nanoseconds."), NONE_TAKEN(tzset, "Reads the time zone again."),
    {"sleep", time_sleep, "($self, object, /)", "Waits so many seconds.", 0},
    {"mktime", time_mktime, "($self, object, /)", "Local calendar fields as seconds since 1970.", 0},
    {"clock_gettime", time_clock_gettime, "($module, clk_id, /)", "A clock's time in seconds.", 0},
    {"clock_gettime_ns", time_clock_gettime_ns, "($module, clk_id, /)", "A clock's time in nanoseconds.", 0},
    {"clock_getres", time_clock_getres, "($module, clk_id, /)", "A clock's resolution in seconds.", 0},
    {"clock_settime", time_clock_settime, "($module, clk_id, time, /)", "Sets a clock.", 0},
    {"clock_settime_ns", time_clock_settime_ns, "($module, clk_id, time, /)", "Sets a clock.", 0},
    {"pthread_getcpuclockid", time_pthread_getcpuclockid, "($module, thread_id, /)", "The clock of a thread's processor time.", 0},
    {"gmtime", time_gmtime, NULL, "Calendar fields in UTC.", NATIVE_RAW}, {"localtime", time_localtime, NULL, "Calendar fields here.", NATIVE_RAW},
    {"asctime", time_asctime, NULL, "Calendar fields as text.", NATIVE_RAW}, {"ctime", time_ctime, NULL, "A time as text.", NATIVE_RAW},
    {"strftime", time_strftime, NULL, "Calendar fields as text, by a format.", NATIVE_RAW}, {"strptime", time_strptime, NULL, "Text as calendar fields, by a format.", NATIVE_RAW},
    {"get_clock_info", time_get_clock_info, "($module, name, /)", "What is known of a clock.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    static const struct { const char *name; int64_t value; } constants[] = {
        {"CLOCK_REALTIME", CLOCK_REALTIME}, {"CLOCK_MONOTONIC", CLOCK_MONOTONIC}, {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW}, {"CLOCK_TAI", CLOCK_TAI},
        {"CLOCK_BOOTTIME", CLOCK_BOOTTIME}, {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID}, {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
        {"_STRUCT_TM_ITEMS", 11}};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (module_add_int(t, module, constants[i].name, constants[i].value) < 0) return -1;
    Type *type = structseq_type(t, &struct_time_spec);
    if (!type) return -1;
    slot_store(t, value_object(module), &((State *)module_state(module))->struct_time, value_of(type));
    return module_add_type(t, module, type) < 0 ? -1 : set_zone(t, module);
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->struct_time, arg); }
const ModuleSpec time_module = {.name = "time", .doc = "Clocks and calendar time.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
