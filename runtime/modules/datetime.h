// What the files of the module _datetime share: the layouts of its types, calendar arithmetic, making objects.
// All objects are immutable after creation, so that none needs a lock.
#pragma once
#include <stdio.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"

typedef struct Delta { // datetime.timedelta
    Container c;
    int32_t days, seconds, microseconds; // |days| < 10**9; 0..86399; 0..999999
} Delta;
typedef struct Date {
    Container c;
    int32_t year;       // 1..9999
    uint8_t month, day; // from 1
} Date;
typedef struct Clock {
    uint8_t hour, minute, second, fold;
    int32_t microsecond;
} Clock;
typedef struct Time {
    Container c;
    Clock clock;
    Value zone; // None or a tzinfo
} Time;
typedef struct DateTime {
    Date date;
    Clock clock;
    Value zone; // None or a tzinfo
} DateTime;
typedef struct Zone { // datetime.timezone
    Container c;
    Value offset, name; // timedelta; str or UNDEF
} Zone;

static inline Delta *value_delta(ValueRef v) { return (Delta *)value_object(v); }
static inline Date *value_date(ValueRef v) { return (Date *)value_object(v); }
static inline Time *value_time(ValueRef v) { return (Time *)value_object(v); }
static inline DateTime *value_datetime(ValueRef v) { return (DateTime *)value_object(v); }
static inline Zone *value_zone(ValueRef v) { return (Zone *)value_object(v); }
static inline bool is_delta(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(TIMEDELTA)); }
static inline bool is_date(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(DATE)); }
static inline bool is_datetime(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(DATETIME)); }
static inline bool is_time(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(TIME)); }
static inline bool is_tzinfo(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, TYPE_OF(TZINFO)); }

enum { MIN_YEAR = 1, MAX_YEAR = 9999, MAX_ORDINAL = 3652059, MAX_DELTA_DAYS = 999999999, DAY_SECONDS = 86400, EPOCH_ORDINAL = 719163 };
#define DAY_MICROSECONDS INT64_C(86400000000)

// ---- datetime_calendar.c: the proleptic Gregorian calendar; no Python
bool calendar_is_leap(int year);
int calendar_days_in_month(int year, int month);
int calendar_day_of_year(int year, int month, int day); // from 1
int calendar_ordinal(int year, int month, int day);     // 1 is 1 January of year 1
void calendar_from_ordinal(int ordinal, int *year, int *month, int *day);
int calendar_weekday(int year, int month, int day);     // Monday is 0
int calendar_week1_monday(int year);                    // the ordinal of the Monday that begins ISO week 1
void calendar_iso(int year, int month, int day, int *iso_year, int *week, int *weekday);
// 0; -1: no such year, -2: no such week, -3: no such weekday.
int calendar_from_iso(int iso_year, int week, int weekday, int *year, int *month, int *day);
// Reading ISO 8601 text, s[from, to). Whether it is well formed; what the numbers are is not checked.
bool iso_read_date(const Str *s, size_t from, size_t to, int *year, int *month, int *day, int *week_error);
size_t iso_date_end(const Str *s); // where the date of a date and time ends
typedef struct IsoTime {
    int hour, minute, second, microsecond;
    bool zoned;                // an offset was given:
    bool utc;                  // it is zero, or Z
    int64_t offset;            // microseconds
    bool next_day;             // it was 24:00
    bool bad_midnight;         // 24 with anything else
} IsoTime;
bool iso_read_time(const Str *s, size_t from, size_t to, IsoTime *out);

// ---- checks: 0, or -1 with an exception
int date_check(Thread *t, int year, int month, int day);
int clock_check(Thread *t, int hour, int minute, int second, int microsecond, int fold);
int zone_check(Thread *t, ValueRef zone); // None or a tzinfo

// ---- making (owned; UNDEF with an exception). `type` may be a subclass, which is then called
Value delta_new(Thread *t, int64_t days, int64_t seconds, int64_t microseconds); // normalises; OverflowError
Value delta_of_microseconds(Thread *t, int64_t microseconds);
__int128 delta_microseconds(const Delta *d);
Value date_new(Thread *t, Type *type, int year, int month, int day);
Value time_new(Thread *t, Type *type, Clock clock, ValueRef zone);
Value datetime_new(Thread *t, Type *type, int year, int month, int day, Clock clock, ValueRef zone);
Value zone_of(Thread *t, ValueRef offset, ValueRef name_or_undef); // timezone(offset, name); UTC where it is zero without a name
ValueRef zone_utc(void);

// ---- what a tzinfo says
// utcoffset or dst (the method's name), in microseconds: 1; 0 where it says None (or there is no tzinfo); -1.
int zone_offset(Thread *t, ValueRef zone, ValueRef method, ValueRef argument, int64_t *microseconds);
Value zone_delta(Thread *t, ValueRef zone, ValueRef method, ValueRef argument); // the same as a timedelta or None
Value zone_name(Thread *t, ValueRef zone, ValueRef argument);                   // str or None
void offset_text(StrBuilder *b, int64_t microseconds, const char *separator);   // +HH:MM[:SS[.ffffff]]

// ---- text
// strftime: %z, %:z, %Z, %f and the year's digits are written here, the rest by the module time.
Value moment_strftime(Thread *t, ValueRef self, ValueRef format, ValueRef timetuple, ValueRef zone, ValueRef zone_argument);
// time.struct_time of these fields; dst 1, 0, -1 unknown.
Value struct_time(Thread *t, int year, int month, int day, int hour, int minute, int second, int dst);
// isoformat's HH[:MM[:SS[.fff[fff]]]]; -1 with ValueError for an unknown timespec. timespec: str or UNDEF ("auto").
int clock_text(Thread *t, StrBuilder *b, const Clock *c, ValueRef timespec);
int zone_text(Thread *t, StrBuilder *b, ValueRef zone, ValueRef argument); // appends the offset where there is one
Value date_ctime_of(Thread *t, const Date *d, const Clock *c); // as ctime() writes it
void builder_number(StrBuilder *b, int n, int digits);
Value moment_format(Thread *t, ValueRef self, ValueRef spec); // __format__
int repr_zone(Thread *t, StrBuilder *b, ValueRef zone); // ", tzinfo=..." where there is one
Value import_from(Thread *t, const char *module, const char *name);
// The local time zone's fields at `seconds` since 1970. 0, or -1 with OSError or OverflowError.
struct tm;
int local_fields(Thread *t, int64_t seconds, struct tm *out);
// A number as seconds and microseconds since 1970, rounded half to even. 0, -1.
int timestamp_parts(Thread *t, ValueRef timestamp, int64_t *seconds, int32_t *microseconds);
uint32_t state_bytes(ValueRef state, uint8_t *out, size_t n, bool *bad_text); // the first n bytes of pickled state: n, or 0 where it is none
