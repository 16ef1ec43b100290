// Whole numbers of any size, as a sign and an array of 64-bit limbs, least significant first, on GMP's mpn layer.
// Results go into room given by the caller: each operation says how many limbs it needs. The caller keeps sizes below
// BIGINT_MAX_LIMBS (a room function answers SIZE_MAX above it), so that GMP never meets an impossible size.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIGINT_MAX_LIMBS ((size_t)1 << 30)

// Normal form: no leading zero limb; zero has n == 0 and is not negative. Every result is normal, every argument must be.
// Two words, so that it is passed in registers (as text.h has it).
typedef struct {
    const uint64_t *at;
    size_t n : 63;
    bool negative : 1;
} Big;

// What the operations with large operands that need more than their room answer where there is no memory for it.
#define BIG_NO_MEMORY {NULL, 0, false}

Big bigint_of_i64(int64_t v, uint64_t limb[1]);
Big bigint_of_u64(uint64_t v, uint64_t limb[1]);
Big bigint_normal(const uint64_t *at, size_t n, bool negative);  // strips leading zeros
bool bigint_to_i64(Big a, int64_t *out);                         // false: does not fit
bool bigint_to_u64(Big a, uint64_t *out);                        // false: negative or does not fit
Big bigint_copy(uint64_t *out, Big a);                           // room: a.n

int bigint_compare(Big a, Big b);  // -1, 0, 1
int bigint_compare_double(Big a, double x);  // of a finite x, exactly
uint64_t bigint_bit_length(Big a);
uint64_t bigint_bit_count(Big a);  // of |a|
int64_t bigint_hash(Big a);        // Python's hash(), never -1
bool bigint_is_odd(Big a);

// In add, sub, and, or, xor and the shifts `out` may be an argument's array.
static inline size_t bigint_add_room(Big a, Big b) { return (a.n > b.n ? a.n : b.n) + 1; }
Big bigint_add(uint64_t *out, Big a, Big b);
Big bigint_sub(uint64_t *out, Big a, Big b);

static inline size_t bigint_mul_room(Big a, Big b) { return a.n + b.n > BIGINT_MAX_LIMBS ? SIZE_MAX : a.n + b.n; }
Big bigint_mul(uint64_t *out, Big a, Big b);  // or BIG_NO_MEMORY

// Floor division by b != 0: a == q * b + r, and r has b's sign. Room: q bigint_quotient_room, r b.n. False: no memory.
static inline size_t bigint_quotient_room(Big a, Big b) { return a.n < b.n ? 2 : a.n - b.n + 2; }
bool bigint_divmod(uint64_t *q_room, uint64_t *r_room, Big a, Big b, Big *q, Big *r);

size_t bigint_lshift_room(Big a, uint64_t bits);
Big bigint_lshift(uint64_t *out, Big a, uint64_t bits);
static inline size_t bigint_rshift_room(Big a) { return a.n + 1; }
Big bigint_rshift(uint64_t *out, Big a, uint64_t bits);  // floor

// Bitwise, as if in two's complement without end. Room: bigint_add_room.
Big bigint_and(uint64_t *out, Big a, Big b);
Big bigint_or(uint64_t *out, Big a, Big b);
Big bigint_xor(uint64_t *out, Big a, Big b);

size_t bigint_pow_room(Big a, uint64_t exponent);
Big bigint_pow(uint64_t *out, Big a, uint64_t exponent);  // or BIG_NO_MEMORY
// pow(a, exponent, m) with exponent >= 0, m != 0; the result has m's sign. Room: m.n + 1. Or BIG_NO_MEMORY.
Big bigint_powmod(uint64_t *out, Big a, Big exponent, Big m);
// The inverse of a modulo m != 0, with m's sign. False: there is none, or *result is BIG_NO_MEMORY. Room: m.n + 1.
bool bigint_invert(uint64_t *out, Big a, Big m, Big *result);

Big bigint_gcd(uint64_t *out, Big a, Big b);  // room: the larger n; or BIG_NO_MEMORY
Big bigint_isqrt(uint64_t *out, Big a);       // of a >= 0; room: (a.n + 1) / 2; or BIG_NO_MEMORY

// --- text ---
typedef struct {
    const char *digits;  // with underscores
    size_t length, count;  // with and without underscores
    int base;
    bool negative;
} BigText;

// Takes apart what int(text, base) accepts (base 0 or 2..36): blanks around, sign, prefix, underscores. False: not a number.
bool bigint_scan(const char *s, size_t n, int base, BigText *out);
size_t bigint_from_text_room(const BigText *text);
bool bigint_from_text(uint64_t *out, const BigText *text, Big *result);  // false: no memory

// Digits (lower case) after a '-' if negative; SIZE_MAX: no memory. Room in characters: bigint_to_text_room.
size_t bigint_to_text_room(Big a, int base);
size_t bigint_to_text(Big a, int base, char *out);

// --- bytes, doubles ---
// False: does not fit into n bytes, or is negative and not is_signed.
bool bigint_to_bytes(Big a, uint8_t *out, size_t n, bool little, bool is_signed);
Big bigint_from_bytes(uint64_t *out, const uint8_t *in, size_t n, bool little, bool is_signed);  // room: n / 8 + 1

bool bigint_to_double(Big a, double *out);        // rounded half to even; false: too large
double bigint_frexp(Big a, int64_t *exponent);    // a == returned * 2**exponent with .5 <= |returned| < 1; rounded
Big bigint_from_double(uint64_t out[17], double x);  // of a finite x, towards zero
typedef enum { BIGINT_OK, BIGINT_TOO_LARGE, BIGINT_NO_MEMORY } BigStatus;
BigStatus bigint_true_divide(Big a, Big b, double *out);  // b != 0; rounded once
