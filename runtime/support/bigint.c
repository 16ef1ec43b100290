#include "runtime/support/bigint.h"
#include "runtime/support/gmp_memory.h"
#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/support/dtoa.h"

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NUMB_BITS == 64, "limbs of 64 bits");

Big bigint_normal(const uint64_t *at, size_t n, bool negative) {
    while (n > 0 && at[n - 1] == 0) n--;
    return (Big){at, n, negative && n > 0};
}

Big bigint_of_u64(uint64_t v, uint64_t limb[1]) {
    limb[0] = v;
    return (Big){limb, v != 0, false};
}

Big bigint_of_i64(int64_t v, uint64_t limb[1]) {
    Big a = bigint_of_u64(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, limb);
    a.negative = v < 0;
    return a;
}

bool bigint_to_i64(Big a, int64_t *out) {
    if (a.n > 1) return false;
    uint64_t v = a.n ? a.at[0] : 0;
    if (v > (uint64_t)INT64_MAX + a.negative) return false;
    *out = (int64_t)(a.negative ? 0 - v : v);
    return true;
}

bool bigint_to_u64(Big a, uint64_t *out) {
    if (a.n > 1 || a.negative) return false;
    *out = a.n ? a.at[0] : 0;
    return true;
}

Big bigint_copy(uint64_t *out, Big a) {
    if (a.n && out != a.at) memmove(out, a.at, a.n * sizeof *out);
    return (Big){out, a.n, a.negative};
}

static int compare_magnitude(Big a, Big b) {
    if (a.n != b.n) return a.n < b.n ? -1 : 1;
    int order = a.n ? mpn_cmp(a.at, b.at, (mp_size_t)a.n) : 0;
    return (order > 0) - (order < 0);
}

int bigint_compare(Big a, Big b) {
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    return a.negative ? -compare_magnitude(a, b) : compare_magnitude(a, b);
}

int bigint_compare_double(Big a, double x) {
    uint64_t limbs[17];
    Big whole = bigint_from_double(limbs, x);
    int order = bigint_compare(a, whole);
    if (order) return order;
    double rest = x - trunc(x);
    return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

uint64_t bigint_bit_length(Big a) { return a.n ? 64 * (uint64_t)a.n - (unsigned)__builtin_clzll(a.at[a.n - 1]) : 0; }
uint64_t bigint_bit_count(Big a) { return a.n ? mpn_popcount(a.at, (mp_size_t)a.n) : 0; }
bool bigint_is_odd(Big a) { return a.n && (a.at[0] & 1); }

int64_t bigint_hash(Big a) {
    const uint64_t p = (1ull << 61) - 1;
    uint64_t h = 0;
    for (size_t i = a.n; i-- > 0;) {  // 2**64 is 8 modulo p
        h = (h << 3 & p) | h >> 58;
        h += a.at[i] >> 61;
        h += a.at[i] & p;
        h = h >= 2 * p ? h - 2 * p : h >= p ? h - p : h;
    }
    int64_t signed_hash = a.negative ? -(int64_t)h : (int64_t)h;
    return signed_hash == -1 ? -2 : signed_hash;
}

// --- sums ---------------------------------------------------------------------------------------------------------

static Big add_signed(uint64_t *out, Big a, Big b) {
    if (a.n < b.n) {
        Big t = a;
        a = b;
        b = t;
    }
    if (b.n == 0) return bigint_copy(out, a);
    if (a.negative == b.negative) {
        uint64_t carry = mpn_add(out, a.at, (mp_size_t)a.n, b.at, (mp_size_t)b.n);
        out[a.n] = carry;
        return bigint_normal(out, a.n + 1, a.negative);
    }
    int order = compare_magnitude(a, b);
    if (order == 0) return (Big){out, 0, false};
    if (order < 0) {
        Big t = a;
        a = b;
        b = t;
    }
    mpn_sub(out, a.at, (mp_size_t)a.n, b.at, (mp_size_t)b.n);
    return bigint_normal(out, a.n, a.negative);
}

Big bigint_add(uint64_t *out, Big a, Big b) { return add_signed(out, a, b); }

Big bigint_sub(uint64_t *out, Big a, Big b) {
    b.negative = !b.negative;
    Big r = add_signed(out, a, b);
    return bigint_normal(r.at, r.n, r.negative);
}

// --- products and quotients ---------------------------------------------------------------------------------------

// What operands of so few limbs need beside the result lies on the stack.
enum { STACK_SUFFICES = 32 };
static const Big no_memory = BIG_NO_MEMORY;
typedef struct {
    uint64_t *out, *out_2;
    Big a, b;
} MpnCall;

static void run_mul(void *args) {
    const MpnCall *c = args;
    if (c->a.at == c->b.at && c->a.n == c->b.n) mpn_sqr(c->out, c->a.at, (mp_size_t)c->a.n);
    else mpn_mul(c->out, c->a.at, (mp_size_t)c->a.n, c->b.at, (mp_size_t)c->b.n);
}

Big bigint_mul(uint64_t *out, Big a, Big b) {
    if (a.n == 0 || b.n == 0) return (Big){out, 0, false};
    MpnCall call = {out, NULL, a.n >= b.n ? a : b, a.n >= b.n ? b : a};
    if (call.a.n <= STACK_SUFFICES) run_mul(&call);
    else if (!gmp_run(run_mul, &call)) return no_memory;
    return bigint_normal(out, a.n + b.n, a.negative != b.negative);
}

static void run_div(void *args) {
    const MpnCall *c = args;
    mpn_tdiv_qr(c->out, c->out_2, 0, c->a.at, (mp_size_t)c->a.n, c->b.at, (mp_size_t)c->b.n);
}
// Quotient and remainder of magnitudes, a.n >= b.n. False: no memory.
static bool divide(uint64_t *q_room, uint64_t *r_room, Big a, Big b) {
    MpnCall call = {q_room, r_room, a, b};
    if (a.n > STACK_SUFFICES) return gmp_run(run_div, &call);
    run_div(&call);
    return true;
}

bool bigint_divmod(uint64_t *q_room, uint64_t *r_room, Big a, Big b, Big *q, Big *r) {
    if (a.n < b.n) {
        *q = (Big){q_room, 0, false};
        *r = bigint_copy(r_room, a);
    } else {
        if (!divide(q_room, r_room, a, b)) return false;
        *q = bigint_normal(q_room, a.n - b.n + 1, a.negative != b.negative);
        *r = bigint_normal(r_room, b.n, a.negative);
    }
    if (r->n && a.negative != b.negative) {
        uint64_t one;
        *q = bigint_sub(q_room, (Big){q->at, q->n, q->n > 0}, bigint_of_u64(1, &one));
        *r = bigint_normal(r_room, r->n, false);
        // |b| - |r| fits b.n limbs
        mpn_sub(r_room, b.at, (mp_size_t)b.n, r->at, (mp_size_t)r->n);
        *r = bigint_normal(r_room, b.n, b.negative);
    }
    return true;
}

// --- shifts and bits ----------------------------------------------------------------------------------------------

size_t bigint_lshift_room(Big a, uint64_t bits) {
    if (a.n == 0) return 1;
    return bits / 64 + a.n + 1 > BIGINT_MAX_LIMBS || bits / 64 > BIGINT_MAX_LIMBS ? SIZE_MAX : bits / 64 + a.n + 1;
}

Big bigint_lshift(uint64_t *out, Big a, uint64_t bits) {
    if (a.n == 0) return (Big){out, 0, false};
    size_t limbs = bits / 64;
    if (bits % 64) out[limbs + a.n] = mpn_lshift(out + limbs, a.at, (mp_size_t)a.n, bits % 64);
    else {
        memmove(out + limbs, a.at, a.n * sizeof *out);
        out[limbs + a.n] = 0;
    }
    memset(out, 0, limbs * sizeof *out);
    return bigint_normal(out, limbs + a.n + 1, a.negative);
}

Big bigint_rshift(uint64_t *out, Big a, uint64_t bits) {
    size_t limbs = bits / 64 > a.n ? a.n : (size_t)(bits / 64), n = a.n - limbs;
    uint64_t lost = 0;
    for (size_t i = 0; i < limbs; i++) lost |= a.at[i];
    if (n) {
        if (bits % 64) lost |= mpn_rshift(out, a.at + limbs, (mp_size_t)n, bits % 64);
        else memmove(out, a.at + limbs, n * sizeof *out);
    }
    out[n] = a.negative && lost && (n == 0 || mpn_add_1(out, out, (mp_size_t)n, 1));
    return bigint_normal(out, n + 1, a.negative);
}

// Limbs of the two's complement, in order. A negative number is the complement of |a| - 1.
typedef struct {
    Big a;
    uint64_t borrow, fill;
} TwosComplement;

static TwosComplement twos(Big a) { return (TwosComplement){a, a.negative, a.negative ? ~0ull : 0}; }

static uint64_t twos_limb(TwosComplement *t, size_t i) {
    uint64_t v = i < t->a.n ? t->a.at[i] : 0;
    if (!t->a.negative) return v;
    uint64_t r = v - t->borrow;
    t->borrow = t->borrow && v == 0;
    return ~r;
}

typedef enum { AND, OR, XOR } Bitwise;

static uint64_t combine(Bitwise op, uint64_t a, uint64_t b) { return op == AND ? a & b : op == OR ? a | b : a ^ b; }

static Big bitwise(uint64_t *out, Big a, Big b, Bitwise op) {
    size_t n = a.n > b.n ? a.n : b.n;
    TwosComplement ta = twos(a), tb = twos(b);
    bool negative = combine(op, ta.fill, tb.fill) != 0;
    uint64_t carry = negative;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = combine(op, twos_limb(&ta, i), twos_limb(&tb, i));
        if (negative) {
            v = ~v + carry;
            carry = carry && v == 0;
        }
        out[i] = v;
    }
    out[n] = carry;
    return bigint_normal(out, n + 1, negative);
}

Big bigint_and(uint64_t *out, Big a, Big b) { return bitwise(out, a, b, AND); }
Big bigint_or(uint64_t *out, Big a, Big b) { return bitwise(out, a, b, OR); }
Big bigint_xor(uint64_t *out, Big a, Big b) { return bitwise(out, a, b, XOR); }

// --- powers, roots ------------------------------------------------------------------------------------------------

// What mpz functions do runs inside of gmp_run as a whole: the result is copied to `out` and cleared there.
typedef struct {
    uint64_t *out;
    Big a, b, c, result;
    uint64_t n;
    bool found;
} MpzCall;

static mpz_srcptr view(mpz_t z, Big a) { return mpz_roinit_n(z, a.at, a.negative ? -(mp_size_t)a.n : (mp_size_t)a.n); }

static void take(MpzCall *c, mpz_t z) {
    size_t n = mpz_size(z);
    memcpy(c->out, mpz_limbs_read(z), n * sizeof *c->out);
    c->result = bigint_normal(c->out, n, mpz_sgn(z) < 0);
    mpz_clear(z);
}
static Big run_mpz(void (*work)(void *), MpzCall *c) { return gmp_run(work, c) ? c->result : no_memory; }

size_t bigint_pow_room(Big a, uint64_t exponent) {
    if (exponent == 0 || a.n == 0) return 1;
    if (a.n == 1 && a.at[0] == 1) return 1;
    uint64_t bits = bigint_bit_length(a);
    if (exponent > 64 * (uint64_t)BIGINT_MAX_LIMBS / bits) return SIZE_MAX;
    return (size_t)(bits * exponent / 64 + 2);
}

static void run_pow(void *args) {
    MpzCall *c = args;
    mpz_t base, result;
    mpz_init(result);
    mpz_pow_ui(result, view(base, c->a), c->n);
    take(c, result);
}

Big bigint_pow(uint64_t *out, Big a, uint64_t exponent) {
    if (exponent && a.n <= 1 && (a.n == 0 || a.at[0] == 1)) {
        Big r = bigint_copy(out, a);
        r.negative = a.negative && (exponent & 1);
        return r;
    }
    return run_mpz(run_pow, &(MpzCall){.out = out, .a = a, .n = exponent});
}

// A result in [0, |m|) moved to m's sign.
static Big toward_sign(uint64_t *out, Big r, Big m) {
    return r.at && m.negative && r.n ? bigint_add(out, r, m) : r;
}

static void run_powm(void *args) {
    MpzCall *c = args;
    mpz_t base, e, mod, result;
    mpz_init(result);
    mpz_powm(result, view(base, c->a), view(e, c->b), view(mod, c->c));
    take(c, result);
}

Big bigint_powmod(uint64_t *out, Big a, Big exponent, Big m) {
    Big positive = m;
    positive.negative = false;
    return toward_sign(out, run_mpz(run_powm, &(MpzCall){.out = out, .a = a, .b = exponent, .c = positive}), m);
}

static void run_invert(void *args) {
    MpzCall *c = args;
    mpz_t value, mod, inverse;
    mpz_init(inverse);
    c->found = mpz_invert(inverse, view(value, c->a), view(mod, c->b));
    take(c, inverse);
}

bool bigint_invert(uint64_t *out, Big a, Big m, Big *result) {
    Big positive = m;
    positive.negative = false;
    if (m.n == 1 && m.at[0] == 1) {  // everything is 0 modulo 1, its own inverse
        *result = (Big){out, 0, false};
        return true;
    }
    MpzCall call = {.out = out, .a = a, .b = positive};
    *result = toward_sign(out, run_mpz(run_invert, &call), m);
    return result->at && call.found;
}

static void run_gcd(void *args) {
    MpzCall *c = args;
    mpz_t za, zb, result;
    mpz_init(result);
    mpz_gcd(result, view(za, c->a), view(zb, c->b));
    take(c, result);
}

Big bigint_gcd(uint64_t *out, Big a, Big b) {
    a.negative = b.negative = false;
    if (a.n == 0) return bigint_copy(out, b);
    if (b.n == 0) return bigint_copy(out, a);
    return run_mpz(run_gcd, &(MpzCall){.out = out, .a = a, .b = b});
}

static void run_sqrt(void *args) {
    MpzCall *c = args;
    mpz_t z, result;
    mpz_init(result);
    mpz_sqrt(result, view(z, c->a));
    take(c, result);
}

Big bigint_isqrt(uint64_t *out, Big a) {
    if (a.n == 0) return (Big){out, 0, false};
    return run_mpz(run_sqrt, &(MpzCall){.out = out, .a = a});
}

// --- text ---------------------------------------------------------------------------------------------------------

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static int prefix_base(char c) {
    c |= 0x20;
    return c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
}

bool bigint_scan(const char *s, size_t n, int base, BigText *out) {
    while (n && is_blank(*s)) s++, n--;
    while (n && is_blank(s[n - 1])) n--;
    out->negative = false;
    if (n && (*s == '+' || *s == '-')) {
        out->negative = *s == '-';
        s++, n--;
    }
    bool only_zeros = false;
    int prefix = n >= 2 && *s == '0' ? prefix_base(s[1]) : 0;
    if (base == 0) {
        base = prefix ? prefix : 10;
        only_zeros = !prefix && n && *s == '0';  // "010" is ambiguous, "00" is not
    }
    if (prefix && prefix == base) {
        s += 2, n -= 2;
        if (n && *s == '_') s++, n--;
    }
    if (n == 0) return false;
    *out = (BigText){s, n, 0, base, out->negative};
    bool after_digit = false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_') {
            if (!after_digit) return false;
            after_digit = false;
            continue;
        }
        int value = digit_value(s[i]);
        if (value >= base || (only_zeros && value)) return false;
        after_digit = true;
        out->count++;
    }
    return after_digit;
}

size_t bigint_from_text_room(const BigText *text) {
    int bits = 64 - __builtin_clzll((uint64_t)text->base - 1);  // per digit, rounded up
    if (text->count / 64 > BIGINT_MAX_LIMBS / 8) return SIZE_MAX;
    // For ten digits the true need is 3.33 bits a digit; rounding that up keeps long texts from taking a fifth too much.
    size_t total = text->base == 10 ? text->count / 3 * 10 + 10 : text->count * (size_t)bits;
    return total / 64 + 2;
}

typedef struct {
    uint64_t *limbs;
    unsigned char *digits;
    size_t n;
    int base;
} TextCall;

static void run_set_str(void *args) {
    TextCall *c = args;
    c->n = (size_t)mpn_set_str(c->limbs, c->digits, c->n, c->base);
}
static void run_get_str(void *args) {
    TextCall *c = args;
    c->n = mpn_get_str(c->digits, c->base, c->limbs, (mp_size_t)c->n);
}

bool bigint_from_text(uint64_t *out, const BigText *text, Big *result) {
    if (text->count <= 19 && text->base <= 10) {
        uint64_t v = 0;
        for (size_t i = 0; i < text->length; i++)
            if (text->digits[i] != '_') v = v * (uint64_t)text->base + (uint64_t)(text->digits[i] - '0');
        *result = bigint_of_u64(v, out);
    } else {
        unsigned char *values = malloc(text->count);
        if (!values) return false;
        size_t n = 0;
        for (size_t i = 0; i < text->length; i++)
            if (text->digits[i] != '_') values[n++] = (unsigned char)digit_value(text->digits[i]);
        size_t lead = 0;
        while (lead < n && values[lead] == 0) lead++;
        TextCall call = {out, values + lead, n - lead, text->base};
        bool done = lead == n || gmp_run(run_set_str, &call);
        free(values);
        if (!done) return false;
        *result = bigint_normal(out, call.n, false);
    }
    result->negative = text->negative && result->n;
    return true;
}

size_t bigint_to_text_room(Big a, int base) { return (a.n ? mpn_sizeinbase(a.at, (mp_size_t)a.n, base) : 1) + 3; }

size_t bigint_to_text(Big a, int base, char *out) {
    char *p = out;
    if (a.negative) *p++ = '-';
    if (a.n == 0) {
        *p = '0';
        return 1;
    }
    if (a.n == 1) {
        char reversed[64];
        size_t n = 0;
        uint64_t v = a.at[0];
        if (base == 10)
            for (; v; v /= 10) reversed[n++] = (char)('0' + v % 10);
        else
            for (; v; v /= (unsigned)base) reversed[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[v % (unsigned)base];
        while (n) *p++ = reversed[--n];
        return (size_t)(p - out);
    }
    uint64_t *copy = malloc((a.n + 1) * sizeof *copy);
    if (!copy) return SIZE_MAX;
    memcpy(copy, a.at, a.n * sizeof *copy);
    TextCall call = {copy, (unsigned char *)p, a.n, base};
    bool done = gmp_run(run_get_str, &call);
    free(copy);
    if (!done) return SIZE_MAX;
    size_t n = call.n, lead = 0;
    while (p[lead] == 0) lead++;
    for (size_t i = lead; i < n; i++) p[i - lead] = "0123456789abcdefghijklmnopqrstuvwxyz"[(unsigned char)p[i]];
    return (size_t)(p - out) + n - lead;
}

// --- bytes --------------------------------------------------------------------------------------------------------

bool bigint_to_bytes(Big a, uint8_t *out, size_t n, bool little, bool is_signed) {
    if (a.negative && !is_signed) return false;
    uint64_t length = bigint_bit_length(a);
    if (length > 8 * (uint64_t)n) return false;
    if (is_signed && a.n && length == 8 * (uint64_t)n) {
        // The sign bit is the magnitude's top bit: only the most negative number fits.
        if (!a.negative || mpn_popcount(a.at, (mp_size_t)a.n) != 1) return false;
    }
    TwosComplement t = twos(a);
    for (size_t i = 0; i < n;) {
        uint64_t v = twos_limb(&t, i / 8);
        for (int j = 0; j < 8 && i < n; j++, i++, v >>= 8) out[little ? i : n - 1 - i] = (uint8_t)v;
    }
    return true;
}

Big bigint_from_bytes(uint64_t *out, const uint8_t *in, size_t n, bool little, bool is_signed) {
    bool negative = is_signed && n && (in[little ? n - 1 : 0] & 0x80);
    size_t limbs = n / 8 + 1;
    uint64_t carry = negative;
    for (size_t k = 0; k < limbs; k++) {
        uint64_t v = negative ? ~0ull : 0;
        for (size_t j = 0; j < 8 && 8 * k + j < n; j++) {
            uint64_t byte = in[little ? 8 * k + j : n - 1 - (8 * k + j)];
            v = (v & ~(0xffull << 8 * j)) | byte << 8 * j;
        }
        if (negative) {
            v = ~v + carry;
            carry = carry && v == 0;
        }
        out[k] = v;
    }
    return bigint_normal(out, limbs, negative);
}

// --- doubles ------------------------------------------------------------------------------------------------------

// The top 64 bits, and whether anything below them is set.
static uint64_t top_bits(Big a, bool *sticky) {
    uint64_t top = a.at[a.n - 1];
    int lead = __builtin_clzll(top);
    *sticky = false;
    size_t i = a.n - 1;
    if (lead && i > 0) {
        i--;
        top = top << lead | a.at[i] >> (64 - lead);
        *sticky = (a.at[i] << lead) != 0;
    } else {
        top <<= lead;
    }
    while (!*sticky && i-- > 0) *sticky = a.at[i] != 0;
    return top;
}

bool bigint_to_double(Big a, double *out) {
    *out = 0;
    if (a.n == 0) return true;
    if (a.n > 17) return false;
    bool sticky;
    uint64_t top = top_bits(a, &sticky);
    double v = dtoa_scale(top, (long)bigint_bit_length(a) - 64, sticky);
    *out = a.negative ? -v : v;
    return !isinf(v);
}

double bigint_frexp(Big a, int64_t *exponent) {
    *exponent = 0;
    if (a.n == 0) return 0;
    bool sticky;
    uint64_t top = top_bits(a, &sticky);
    double v = dtoa_scale(top, -64, sticky);
    *exponent = (int64_t)bigint_bit_length(a);
    if (v == 1) {
        v = .5;
        ++*exponent;
    }
    return a.negative ? -v : v;
}

Big bigint_from_double(uint64_t out[17], double x) {
    int e;
    double fraction = frexp(fabs(x), &e);
    if (e <= 0 || x == 0) return (Big){out, 0, false};
    uint64_t m = (uint64_t)ldexp(fraction, 53);
    if (e <= 53) {
        out[0] = m >> (53 - e);
        return bigint_normal(out, 1, x < 0);
    }
    uint64_t limb = m;
    return bigint_lshift(out, (Big){&limb, 1, x < 0}, (uint64_t)e - 53);
}

BigStatus bigint_true_divide(Big a, Big b, double *out) {
    bool negative = a.negative != b.negative;
    *out = negative ? -0.0 : 0.0;
    if (a.n == 0) return BIGINT_OK;
    if (a.n == 1 && b.n == 1 && a.at[0] <= 1ull << 53 && b.at[0] <= 1ull << 53) {
        double v = (double)a.at[0] / (double)b.at[0];
        *out = negative ? -v : v;
        return BIGINT_OK;
    }
    int64_t difference = (int64_t)bigint_bit_length(a) - (int64_t)bigint_bit_length(b);
    if (difference > 1024) return BIGINT_TOO_LARGE;
    if (difference < -1076) return BIGINT_OK;
    // Shift a so that the quotient has 66 bits or more.
    uint64_t shift = difference < 66 ? (uint64_t)(66 - difference) : 0;
    size_t an = a.n + shift / 64 + 1, qn = an - b.n + 1;
    uint64_t *room = malloc((an + qn + 1 + b.n) * sizeof *room);
    if (!room) return BIGINT_NO_MEMORY;
    uint64_t *q = room + an, *r = q + qn + 1;
    Big scaled = bigint_lshift(room, a, shift);
    if (!divide(q, r, scaled, b)) {
        free(room);
        return BIGINT_NO_MEMORY;
    }
    Big quotient = bigint_normal(q, scaled.n - b.n + 1, false);
    bool sticky;
    uint64_t top = top_bits(quotient, &sticky);
    for (size_t i = 0; i < b.n; i++) sticky |= r[i] != 0;
    double v = dtoa_scale(top, (long)bigint_bit_length(quotient) - 64 - (long)shift, sticky);
    free(room);
    if (isinf(v)) return BIGINT_TOO_LARGE;
    *out = negative ? -v : v;
    return BIGINT_OK;
}
