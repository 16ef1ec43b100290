// The proleptic Gregorian calendar, and ISO 8601 text. Reingold and Dershowitz, "Calendrical Calculations"; library reference, "datetime".
#include "runtime/modules/datetime.h"

static const int days_before[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

bool calendar_is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
int calendar_days_in_month(int year, int month) {
    return days_before[month + 1] - days_before[month] + (month == 2 && calendar_is_leap(year));
}
int calendar_day_of_year(int year, int month, int day) { return days_before[month] + (month > 2 && calendar_is_leap(year)) + day; }
static int days_before_year(int year) {
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}
int calendar_ordinal(int year, int month, int day) { return days_before_year(year) + calendar_day_of_year(year, month, day); }

void calendar_from_ordinal(int ordinal, int *year, int *month, int *day) {
    // The year by its mean length, which is at most one too high or too low.
    int y = (int)(((int64_t)ordinal * 400) / 146097) + 1;
    while (days_before_year(y) >= ordinal) y--;
    while (days_before_year(y + 1) < ordinal) y++;
    int n = ordinal - days_before_year(y), m = (n + 50) / 32; // the month, or the one before
    if (m > 12) m = 12;
    if (m < 1) m = 1;
    while (m < 12 && n > days_before[m + 1] + (m + 1 > 2 && calendar_is_leap(y))) m++;
    while (m > 1 && n <= days_before[m] + (m > 2 && calendar_is_leap(y))) m--;
    *year = y;
    *month = m;
    *day = n - days_before[m] - (m > 2 && calendar_is_leap(y));
}
int calendar_weekday(int year, int month, int day) { return (calendar_ordinal(year, month, day) + 6) % 7; }

int calendar_week1_monday(int year) {
    int first = calendar_ordinal(year, 1, 1), weekday = (first + 6) % 7;
    return first - weekday + (weekday > 3 ? 7 : 0); // week 1 has the year's first Thursday
}
void calendar_iso(int year, int month, int day, int *iso_year, int *week, int *weekday) {
    int today = calendar_ordinal(year, month, day), y = year, monday = calendar_week1_monday(y);
    if (today < monday) monday = calendar_week1_monday(--y);
    else if (today >= calendar_week1_monday(year + 1)) monday = calendar_week1_monday(++y);
    *iso_year = y;
    *week = (today - monday) / 7 + 1;
    *weekday = (today - monday) % 7 + 1;
}
int calendar_from_iso(int iso_year, int week, int weekday, int *year, int *month, int *day) {
    if (iso_year < MIN_YEAR || iso_year > MAX_YEAR) return -1;
    if (week < 1 || week > 53) return -2;
    if (week == 53) { // years that begin on a Thursday have 53 weeks, and leap years that begin on a Wednesday
        int first = calendar_weekday(iso_year, 1, 1);
        if (first != 3 && !(first == 2 && calendar_is_leap(iso_year))) return -2;
    }
    if (weekday < 1 || weekday > 7) return -3;
    int ordinal = calendar_week1_monday(iso_year) + (week - 1) * 7 + weekday - 1;
    if (ordinal < 1 || ordinal > MAX_ORDINAL) return -1;
    calendar_from_ordinal(ordinal, year, month, day);
    return 0;
}

// ---- ISO 8601 text
static bool is_digit(const Str *s, size_t i) { return i < str_length(s) && str_char(s, i) >= '0' && str_char(s, i) <= '9'; }
static uint32_t char_at(const Str *s, size_t i, size_t to) { return i < to ? str_char(s, i) : 0; }
// n digits at *at, which moves behind them; -1 where they are not there.
static int read_digits(const Str *s, size_t *at, size_t to, int n) {
    int value = 0;
    if (*at + (size_t)n > to) return -1;
    for (int i = 0; i < n; i++, (*at)++) {
        if (!is_digit(s, *at)) return -1;
        value = value * 10 + (int)(str_char(s, *at) - '0');
    }
    return value;
}

// YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D], YYYYWww[D]
bool iso_read_date(const Str *s, size_t from, size_t to, int *year, int *month, int *day, int *week_error) {
    size_t at = from;
    *week_error = 0;
    if ((*year = read_digits(s, &at, to, 4)) < 0) return false;
    bool dashed = char_at(s, at, to) == '-';
    at += dashed;
    if (char_at(s, at, to) == 'W') {
        at++;
        int week = read_digits(s, &at, to, 2), weekday = 1;
        if (week < 0) return false;
        if (at < to) {
            if ((char_at(s, at, to) == '-') != dashed) return false;
            at += dashed;
            if ((weekday = read_digits(s, &at, to, 1)) < 0) return false;
        }
        *month = week;
        *day = weekday;
        if (at != to) return false;
        *week_error = calendar_from_iso(*year, week, weekday, year, month, day);
        return true;
    }
    if ((*month = read_digits(s, &at, to, 2)) < 0) return false;
    if ((char_at(s, at, to) == '-') != dashed) return false;
    at += dashed;
    if ((*day = read_digits(s, &at, to, 2)) < 0) return false;
    return at == to;
}

size_t iso_date_end(const Str *s) {
    size_t n = str_length(s), end;
    if (n == 7) return 7;
    if (n < 7) return n;
    if (str_char(s, 4) == '-') {
        if (str_char(s, 5) != 'W') return 10;
        if (n > 8 && str_char(s, 8) == '-') return n == 9 ? n : n > 10 && is_digit(s, 10) ? 8 : 10;
        return 8;
    }
    if (str_char(s, 4) != 'W') return 8;
    for (end = 7; is_digit(s, end);) end++; // the digits of week, weekday and hours run on
    return end < 9 ? end : end % 2 == 0 ? 7 : 8;
}

// HH[:MM[:SS[.f+]]], with or without the colons
static bool read_clock(const Str *s, size_t at, size_t to, int part[4]) {
    bool colons = false;
    part[0] = part[1] = part[2] = part[3] = 0;
    for (int i = 0; i < 3; i++) {
        if ((part[i] = read_digits(s, &at, to, 2)) < 0) return false;
        if (i == 0) colons = char_at(s, at, to) == ':';
        if (at == to || i == 2) break;
        if (colons && char_at(s, at, to) != ':') return false;
        at += colons;
    }
    if (at == to) return true;
    if (char_at(s, at, to) != '.' && char_at(s, at, to) != ',') return false;
    if (++at == to) return false;
    int digits = 0;
    for (; at < to; at++, digits++) {
        if (!is_digit(s, at)) return false;
        if (digits < 6) part[3] = part[3] * 10 + (int)(str_char(s, at) - '0'); // finer ones are cut off
    }
    for (; digits < 6; digits++) part[3] *= 10;
    return true;
}
bool iso_read_time(const Str *s, size_t from, size_t to, IsoTime *out) {
    *out = (IsoTime){0};
    size_t sign = from;
    while (sign < to && str_char(s, sign) != '+' && str_char(s, sign) != '-' && str_char(s, sign) != 'Z') sign++;
    int part[4];
    if (!read_clock(s, from, sign, part)) return false;
    if (part[0] == 24) {
        out->bad_midnight = part[1] || part[2] || part[3];
        out->next_day = !out->bad_midnight;
        part[0] = 0;
    }
    out->hour = part[0];
    out->minute = part[1];
    out->second = part[2];
    out->microsecond = part[3];
    if (sign == to) return true;
    out->zoned = true;
    size_t n = to - sign - 1;
    if (str_char(s, sign) == 'Z') {
        out->utc = true;
        return n == 0;
    }
    if (n == 0 || n == 1 || n == 3 || !read_clock(s, sign + 1, to, part)) return false;
    out->offset = (part[0] * INT64_C(3600) + part[1] * INT64_C(60) + part[2]) * 1000000 + part[3];
    out->utc = out->offset == 0;
    if (part[1] > 59 || part[2] > 59) return false;
    if (str_char(s, sign) == '-') out->offset = -out->offset;
    return true;
}
