// Shortest digits: Raffaello Giulietti, "The Schubfach way to render doubles" (2020). Everything else is exact arithmetic:
// in 128 bits where that is enough, else on GMP's mpn layer in arrays of fixed size.
#include "runtime/support/dtoa.h"
#include <gmp.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/dtoa_pow10.h"

typedef unsigned __int128 u128;

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NUMB_BITS == 64, "limbs of 64 bits");

static uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static double from_bits(uint64_t b) {
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

// |x| == significand * 2**exponent, x finite.
static uint64_t take_apart(double x, int *exponent) {
    uint64_t b = bits_of(x), fraction = b & ((1ull << 52) - 1);
    int e = (int)(b >> 52 & 0x7ff);
    *exponent = (e ? e : 1) - 1075;
    return e ? fraction | 1ull << 52 : fraction;
}

static int floor_log2_pow10(int e) { return (e * 1741647) >> 19; }

// --- digits -------------------------------------------------------------------------------------------------------

static uint64_t round_to_odd(const uint64_t g[2], uint64_t c) {
    u128 low = (u128)g[1] * c, high = (u128)g[0] * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

// The shortest decimal *digits * 10**(returned) of a finite nonzero |x|.
static int shortest(double x, uint64_t *digits) {
    uint64_t b = bits_of(x), fraction = b & ((1ull << 52) - 1);
    int e = (int)(b >> 52 & 0x7ff), q;
    uint64_t c = take_apart(x, &q);
    if (e && q <= 0 && -q < 53 && (c & ((1ull << -q) - 1)) == 0) {
        *digits = c >> -q;
        return 0;
    }
    uint64_t odd = c & 1, closer = fraction == 0 && e > 1;
    int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
    int h = q + floor_log2_pow10(-k) + 1;
    const uint64_t *g = pow10_table[-k - POW10_MIN];
    uint64_t left = round_to_odd(g, (4 * c - 2 + closer) << h), mid = round_to_odd(g, 4 * c << h);
    uint64_t right = round_to_odd(g, (4 * c + 2) << h);
    left += odd;
    right -= odd;
    uint64_t s = mid / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool below = left <= 40 * tens, above = 40 * tens + 40 <= right;
        if (below != above) {
            *digits = tens + above;
            return k + 1;
        }
    }
    bool below = left <= 4 * s, above = 4 * s + 4 <= right;
    if (below != above) {
        *digits = s + above;
        return k;
    }
    uint64_t half = 4 * s + 2;
    *digits = s + (mid > half || (mid == half && (s & 1)));
    return k;
}

static size_t put_u64(uint64_t v, char *out) {
    char reversed[20];
    size_t n = 0;
    do reversed[n++] = (char)('0' + v % 10);
    while (v /= 10);
    for (size_t i = 0; i < n; i++) out[i] = reversed[n - 1 - i];
    return n;
}

enum { LIMBS = 160 };  // the largest number here: 800 digits shifted up past 10**1150

typedef struct {
    mp_limb_t at[LIMBS];
    mp_size_t n;
} Wide;

static void wide_set(Wide *w, uint64_t v) {
    w->at[0] = v;
    w->n = v != 0;
}

static void wide_mul1(Wide *w, uint64_t v) {
    if (w->n == 0) return;
    mp_limb_t carry = mpn_mul_1(w->at, w->at, w->n, v);
    if (carry) w->at[w->n++] = carry;
}

static void wide_mul_pow(Wide *w, uint64_t base, unsigned chunk, uint64_t base_to_chunk, unsigned power) {
    for (; power >= chunk; power -= chunk) wide_mul1(w, base_to_chunk);
    uint64_t rest = 1;
    while (power--) rest *= base;
    wide_mul1(w, rest);
}
static void wide_mul_pow5(Wide *w, unsigned power) { wide_mul_pow(w, 5, 27, 7450580596923828125u, power); }
static void wide_mul_pow10(Wide *w, unsigned power) { wide_mul_pow(w, 10, 19, 10000000000000000000u, power); }

static void wide_shift_up(Wide *w, unsigned bits) {
    if (w->n == 0) return;
    unsigned limbs = bits / 64;
    memmove(w->at + limbs, w->at, (size_t)w->n * sizeof *w->at);
    memset(w->at, 0, limbs * sizeof *w->at);
    w->n += limbs;
    if (bits % 64) {
        mp_limb_t carry = mpn_lshift(w->at, w->at, w->n, bits % 64);
        if (carry) w->at[w->n++] = carry;
    }
}

static long wide_bits(const Wide *w) { return w->n ? 64 * (long)w->n - __builtin_clzll(w->at[w->n - 1]) : 0; }

// All digits of a finite nonzero |x| as a decimal integer; |x| is that times 10**(returned).
static int exact_digits(double x, char *out, size_t *length) {
    int e;
    uint64_t m = take_apart(x, &e);
    int zeros = __builtin_ctzll(m);
    m >>= zeros;
    e += zeros;
    Wide w;
    wide_set(&w, m);
    if (e >= 0) wide_shift_up(&w, (unsigned)e);
    else wide_mul_pow5(&w, (unsigned)-e);
    size_t n = mpn_get_str((unsigned char *)out, 10, w.at, w.n), lead = 0;
    while (lead < n && out[lead] == 0) lead++;
    n -= lead;
    for (size_t i = 0; i < n; i++) out[i] = (char)('0' + out[i + lead]);
    *length = n;
    return e < 0 ? e : 0;
}

static size_t strip_zeros(const char *digits, size_t n) {
    while (n > 0 && digits[n - 1] == '0') n--;
    return n;
}

// Fixed-point digits where everything fits 128 bits: the case of almost every program.
static bool quick_fraction(double x, int count, char *out, size_t *length, int *point) {
    static const uint64_t pow10[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
        100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000};
    int e;
    uint64_t m = take_apart(x, &e);
    if (count < 0 || count > 15 || e > 0 || e < -127) return false;
    u128 scaled = (u128)m * pow10[count], kept = e ? scaled >> -e : scaled;
    if (kept >> 63) return false;
    if (e) {
        u128 rest = scaled & (((u128)1 << -e) - 1), half = (u128)1 << (-e - 1);
        if (rest > half || (rest == half && (kept & 1))) kept++;
    }
    if (kept == 0) {
        *length = 0;
        *point = -count;
        return true;
    }
    size_t n = put_u64((uint64_t)kept, out);
    *point = (int)n - count;
    *length = strip_zeros(out, n);
    return true;
}

size_t dtoa_digits(double x, DtoaMode mode, int count, char out[DTOA_DIGITS_MAX], int *point) {
    size_t n;
    if (x == 0) {
        out[0] = '0';
        *point = 1;
        return 1;
    }
    if (mode == DTOA_SHORTEST) {
        uint64_t v;
        int exponent = shortest(x, &v);
        n = put_u64(v, out);
        *point = (int)n + exponent;
        return strip_zeros(out, n);
    }
    if (mode == DTOA_FRACTION && quick_fraction(x, count, out, &n, point)) return n;
    int exponent = exact_digits(x, out, &n);
    *point = (int)n + exponent;
    // Keep the first `keep` digits.
    long keep = mode == DTOA_SIGNIFICANT ? (count < 1 ? 1 : count) : (long)*point + count;
    if (keep < (long)n) {
        bool up = false;
        if (keep >= 0) {
            char next = out[keep];
            up = next > '5';
            if (next == '5') {
                bool more = strip_zeros(out + keep + 1, n - (size_t)keep - 1) > 0;
                up = more || (keep > 0 && (out[keep - 1] & 1));
            }
        }
        n = keep < 0 ? 0 : (size_t)keep;
        if (up) {
            while (n > 0 && out[n - 1] == '9') n--;
            if (n > 0) out[n - 1]++;
            else {
                out[0] = '1';
                n = 1;
                ++*point;
            }
        }
    }
    n = strip_zeros(out, n);
    if (n == 0) *point = -count;
    return n;
}

// --- text ---------------------------------------------------------------------------------------------------------

typedef struct {
    bool use_exponent;
    int exponent;
    long start, end, point;  // digit places shown, and the place of the point; places off the digits are zeros
} Layout;

static Layout lay_out(char code, int precision, unsigned flags, size_t n, int point) {
    Layout l = {.end = (long)n, .point = point};
    if (code == 'e') {
        l.use_exponent = true;
        l.end = (long)precision + 1;
    } else if (code == 'f') {
        l.end = (long)point + precision;
    } else if (code == 'g') {
        l.use_exponent = point <= -4 || point > precision - (flags & DTOA_ADD_DOT_0 ? 1 : 0);
        if (flags & DTOA_ALT) l.end = precision;
    } else {
        l.use_exponent = point <= -4 || point > 16;
    }
    if (l.use_exponent) {
        l.exponent = point - 1;
        l.point = 1;
    }
    l.start = l.point <= 0 ? l.point - 1 : 0;
    long least = !l.use_exponent && (flags & DTOA_ADD_DOT_0) ? l.point + 1 : l.point;
    if (l.end < least) l.end = least;
    return l;
}

// Writes the laid-out digits; returns the end.
static char *write_out(char *p, const Layout *l, const char *digits, size_t n, unsigned flags, bool upper) {
    for (long i = l->start; i < l->end; i++) {
        if (i == l->point) *p++ = '.';
        if (i >= (long)n) {  // zeros to the end, all at once
            long stop = i < l->point ? l->point : l->end;
            memset(p, '0', (size_t)(stop - i));
            p += stop - i;
            i = stop - 1;
            continue;
        }
        *p++ = i < 0 ? '0' : digits[i];
    }
    if (l->end == l->point && (flags & DTOA_ALT)) *p++ = '.';
    if (l->use_exponent) {
        unsigned e = (unsigned)(l->exponent < 0 ? -l->exponent : l->exponent);
        *p++ = upper ? 'E' : 'e';
        *p++ = l->exponent < 0 ? '-' : '+';
        if (e < 10) *p++ = '0';
        p += put_u64(e, p);
    }
    return p;
}

static size_t write_special(double x, unsigned flags, bool upper, char *out) {
    char *p = out;
    if (isnan(x)) {
        if (flags & DTOA_SIGN) *p++ = '+';
        memcpy(p, upper ? "NAN" : "nan", 3);
    } else {
        if (x < 0) *p++ = '-';
        else if (flags & DTOA_SIGN) *p++ = '+';
        memcpy(p, upper ? "INF" : "inf", 3);
    }
    return (size_t)(p + 3 - out);
}

size_t dtoa_repr(double x, char out[DTOA_REPR_MAX]) {
    if (!isfinite(x)) return write_special(x, 0, false, out);
    char digits[20] = "0";
    size_t n = 1;
    int point = 1;
    if (x != 0) {
        uint64_t v;
        int exponent = shortest(x, &v);
        n = put_u64(v, digits);
        point = (int)n + exponent;
        n = strip_zeros(digits, n);
    }
    char *p = out;
    if (signbit(x)) *p++ = '-';
    Layout l = lay_out('r', 0, DTOA_ADD_DOT_0, n, point);
    return (size_t)(write_out(p, &l, digits, n, DTOA_ADD_DOT_0, false) - out);
}

char *dtoa_format(double x, char code, int precision, unsigned flags, size_t *length) {
    bool upper = code >= 'A' && code <= 'Z';
    if (upper) code = (char)(code - 'A' + 'a');
    if (!isfinite(x)) {
        char *text = malloc(8);
        if (!text) return NULL;
        *length = write_special(x, flags, upper, text);
        text[*length] = 0;
        return text;
    }
    if (code == 'g' && precision == 0) precision = 1;
    DtoaMode mode = code == 'r' ? DTOA_SHORTEST : code == 'f' ? DTOA_FRACTION : DTOA_SIGNIFICANT;
    char digits[DTOA_DIGITS_MAX];
    int point;
    int count = code == 'e' ? (precision == INT_MAX ? precision : precision + 1) : precision;
    size_t n = dtoa_digits(x, mode, count, digits, &point);
    Layout l = lay_out(code, precision, flags, n, point);
    size_t room = (size_t)(l.end - l.start) + 16;
    char *text = malloc(room), *p = text;
    if (!text) return NULL;
    bool zero = n == 0 || (n == 1 && digits[0] == '0');
    if (signbit(x) && !((flags & DTOA_NO_NEG_0) && zero)) *p++ = '-';
    else if (flags & DTOA_SIGN) *p++ = '+';
    p = write_out(p, &l, digits, n, flags, upper);
    *p = 0;
    *length = (size_t)(p - text);
    return text;
}

// --- reading ------------------------------------------------------------------------------------------------------

double dtoa_scale(uint64_t m, long e, bool sticky) {
    int lead = __builtin_clzll(m);
    m <<= lead;
    e -= lead;  // now m has its top bit set: 1.xxx * 2**(e + 63)
    long exponent = e + 63;
    if (exponent > 1023) return INFINITY;
    int drop = exponent < -1022 ? (int)(11 + (-1022 - exponent > 60 ? 60 : -1022 - exponent)) : 11;
    if (drop > 64) return 0;
    uint64_t kept = drop == 64 ? 0 : m >> drop;
    uint64_t rest = drop == 64 ? m : m & ((1ull << drop) - 1), half = 1ull << (drop - 1);
    if (rest > half || (rest == half && (sticky || (kept & 1)))) kept++;
    if (exponent < -1022) return from_bits(kept);  // a carry makes the smallest normal number by itself
    if (kept >> 53) {
        kept >>= 1;
        exponent++;
        if (exponent > 1023) return INFINITY;
    }
    return from_bits((uint64_t)(exponent + 1023) << 52 | (kept & ((1ull << 52) - 1)));
}

// digits * 10**exponent exactly; `digits` are '0'..'9', without leading zeros, at most 800.
static double read_exactly(const char *digits, size_t n, long exponent, bool sticky) {
    unsigned char values[820];
    for (size_t i = 0; i < n; i++) values[i] = (unsigned char)(digits[i] - '0');
    if (sticky) {  // a digit more, standing for all that were left out
        values[n++] = 1;
        exponent--;
    }
    Wide num, den;
    num.n = mpn_set_str(num.at, values, n, 10);
    wide_set(&den, 1);
    if (exponent >= 0) wide_mul_pow10(&num, (unsigned)exponent);
    else wide_mul_pow10(&den, (unsigned)-exponent);
    // Shift so that the quotient has 66 bits or more; its low bits and the remainder only decide the rounding.
    long shift = wide_bits(&den) + 66 - wide_bits(&num);
    if (shift < 0) shift = 0;
    wide_shift_up(&num, (unsigned)shift);
    mp_limb_t quotient[LIMBS + 1], rest[LIMBS];
    mp_size_t qn = num.n - den.n + 1;
    mpn_tdiv_qr(quotient, rest, 0, num.at, num.n, den.at, den.n);
    while (qn > 0 && quotient[qn - 1] == 0) qn--;
    bool inexact = false;
    for (mp_size_t i = 0; i < den.n; i++) inexact |= rest[i] != 0;
    mp_limb_t top = quotient[qn - 1], next = qn > 1 ? quotient[qn - 2] : 0;
    int lead = __builtin_clzll(top);
    if (lead) {
        top = top << lead | next >> (64 - lead);
        next <<= lead;
    }
    inexact |= next != 0;
    for (mp_size_t i = 0; i < qn - 2; i++) inexact |= quotient[i] != 0;
    return dtoa_scale(top, 64 * (long)(qn - 1) - lead - shift, inexact);
}

// From the first 19 digits alone: bounds above and below; true where both round to one double.
static bool read_quickly(uint64_t m, long exponent, bool more, double *out) {
    if (m == 0) return false;
    if (!more && m <= 1ull << 53 && exponent >= -22 && exponent <= 22) {
        static const double exact[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
            1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
        *out = exponent < 0 ? (double)m / exact[-exponent] : (double)m * exact[exponent];
        return true;
    }
    if (exponent < POW10_MIN || exponent > 308) return false;
    const uint64_t *g = pow10_table[exponent - POW10_MIN];
    long e = floor_log2_pow10((int)exponent) - 127;
    double bound[2];
    for (int high = 0; high < 2; high++) {
        u128 power = (u128)g[0] << 64 | g[1];
        uint64_t w = m + (high && more);
        if (!high && (exponent < 0 || exponent > 55)) power--;
        u128 low = (u128)w * (uint64_t)power, top = (u128)w * (uint64_t)(power >> 64) + (uint64_t)(low >> 64);
        // The value is top * 2**(e + 64), and low's lower half is sticky.
        uint64_t word = (uint64_t)(top >> 64), rest = (uint64_t)top;
        bool sticky = (uint64_t)low != 0;
        long shift = e + 128;
        if (word == 0) {
            word = rest;
            rest = 0;
            shift -= 64;
        }
        int lead = __builtin_clzll(word);
        if (lead) {
            word = word << lead | rest >> (64 - lead);
            rest <<= lead;
            shift -= lead;
        }
        bound[high] = dtoa_scale(word, shift, sticky || rest);
    }
    *out = bound[0];
    return bound[0] == bound[1];
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t match_word(const char *s, size_t n, const char *word) {
    size_t length = strlen(word);
    if (n < length) return 0;
    for (size_t i = 0; i < length; i++)
        if ((s[i] | 0x20) != word[i]) return 0;
    return length;
}

size_t dtoa_parse_prefix(const char *s, size_t n, double *out) {
    enum { KEPT = 780 };  // more than 767 digits never matter except as "some more"
    size_t i = 0;
    bool negative = false;
    if (i < n && (s[i] == '+' || s[i] == '-')) negative = s[i++] == '-';
    size_t word;
    if ((word = match_word(s + i, n - i, "infinity")) || (word = match_word(s + i, n - i, "inf"))) {
        *out = negative ? -INFINITY : INFINITY;
        return i + word;
    }
    if ((word = match_word(s + i, n - i, "nan"))) {
        *out = copysign(NAN, negative ? -1.0 : 1.0);
        return i + word;
    }
    char digits[KEPT];
    size_t kept = 0;
    uint64_t first = 0;  // the first 19 digits
    bool seen = false, point = false, more = false;
    long exponent = 0;  // of the last digit kept
    for (; i < n; i++) {
        if (s[i] == '.') {
            if (point) break;
            point = true;
            continue;
        }
        if (!is_digit(s[i])) break;
        seen = true;
        if (kept == 0 && s[i] == '0') {
            if (point) exponent--;
            continue;
        }
        if (kept < KEPT) {
            if (kept < 19) first = first * 10 + (uint64_t)(s[i] - '0');
            digits[kept++] = s[i];
            if (point) exponent--;
        } else {
            more |= s[i] != '0';
            if (!point) exponent++;
        }
    }
    if (!seen) return 0;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        size_t j = i + 1;
        bool minus = false;
        if (j < n && (s[j] == '+' || s[j] == '-')) minus = s[j++] == '-';
        if (j < n && is_digit(s[j])) {
            long e = 0;
            for (; j < n && is_digit(s[j]); j++)
                if (e < LONG_MAX / 100) e = e * 10 + (s[j] - '0');
            exponent += minus ? -e : e;
            i = j;
        }
    }
    double v;
    if (kept == 0) v = 0;
    else if (exponent + (long)kept > 310) v = INFINITY;
    else if (exponent + (long)kept < -330) v = 0;
    else {
        long dropped = kept > 19 ? (long)kept - 19 : 0;
        if (!read_quickly(first, exponent + dropped, dropped > 0 || more, &v)) v = read_exactly(digits, kept, exponent, more);
    }
    *out = negative ? -v : v;
    return i;
}

bool dtoa_parse(const char *s, size_t n, double *out) { return n > 0 && dtoa_parse_prefix(s, n, out) == n; }

double dtoa_round(double x, int digits) {
    if (x == 0 || digits > 323) return x;
    if (digits < -309) return copysign(0, x);
    char text[DTOA_DIGITS_MAX + 16];
    int point;
    size_t n = dtoa_digits(x, DTOA_FRACTION, digits, text, &point);
    if (n == 0) return copysign(0, x);
    text[n] = 'e';
    long e = (long)point - (long)n;
    text[n + 1] = e < 0 ? '-' : '+';
    size_t length = n + 2 + put_u64((uint64_t)(e < 0 ? -e : e), text + n + 2);
    double v = 0;
    dtoa_parse_prefix(text, length, &v);
    return copysign(v, x);
}

// --- hexadecimal --------------------------------------------------------------------------------------------------

size_t dtoa_hex(double x, char out[DTOA_HEX_MAX]) {
    if (!isfinite(x)) return write_special(x, 0, false, out);
    char *p = out;
    uint64_t b = bits_of(x), fraction = b & ((1ull << 52) - 1);
    int e = (int)(b >> 52 & 0x7ff);
    if (signbit(x)) *p++ = '-';
    memcpy(p, "0x0.0p+0", 8);
    if (x == 0) return (size_t)(p + 8 - out);
    p[2] = e ? '1' : '0';
    p += 4;
    for (int shift = 48; shift >= 0; shift -= 4) *p++ = "0123456789abcdef"[fraction >> shift & 15];
    e = (e ? e : 1) - 1023;
    *p++ = 'p';
    *p++ = e < 0 ? '-' : '+';
    p += put_u64((uint64_t)(e < 0 ? -e : e), p);
    return (size_t)(p - out);
}

static int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *dtoa_from_hex(const char *s, size_t n, double *out, bool *overflow) {
    static const char invalid[] = "invalid hexadecimal floating-point string";
    static const char large[] = "hexadecimal value too large to represent as a float";
    *overflow = false;
    size_t i = 0;
    bool negative = false;
    if (i < n && (s[i] == '+' || s[i] == '-')) negative = s[i++] == '-';
    size_t word;
    if ((word = match_word(s + i, n - i, "infinity")) || (word = match_word(s + i, n - i, "inf")) || (word = match_word(s + i, n - i, "nan"))) {
        if (i + word != n) return invalid;
        double v = (s[i] | 0x20) == 'n' ? (double)NAN : (double)INFINITY;
        *out = negative ? -v : v;
        return NULL;
    }
    if (i + 1 < n && s[i] == '0' && (s[i + 1] | 0x20) == 'x') i += 2;
    uint64_t m = 0;
    long exponent = 0;
    bool seen = false, point = false, sticky = false;
    for (; i < n; i++) {
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        int digit = hex_value(s[i]);
        if (digit < 0) break;
        seen = true;
        if (m >> 60) {
            sticky |= digit != 0;
            if (!point) exponent += 4;
        } else {
            m = m << 4 | (uint64_t)digit;
            if (point) exponent -= 4;
        }
    }
    if (!seen) return invalid;
    if (i < n && (s[i] | 0x20) == 'p') {
        bool minus = false;
        long e = 0;
        i++;
        if (i < n && (s[i] == '+' || s[i] == '-')) minus = s[i++] == '-';
        if (i == n || !is_digit(s[i])) return invalid;
        for (; i < n && is_digit(s[i]); i++)
            if (e < LONG_MAX / 100) e = e * 10 + (s[i] - '0');
        exponent += minus ? -e : e;
    }
    double v = m ? dtoa_scale(m, exponent, sticky) : 0;
    if (isinf(v)) {  // comes before trailing junk
        *overflow = true;
        return large;
    }
    if (i != n) return invalid;
    *out = negative ? -v : v;
    return NULL;
}
