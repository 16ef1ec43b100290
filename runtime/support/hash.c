#include "runtime/support/hash.h"
#include <math.h>
#include <string.h>

static int64_t not_minus_one(uint64_t h) { return h == UINT64_MAX ? -2 : (int64_t)h; }

static uint64_t load_u64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint32_t load_u32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}
// n < 8 bytes as a number, the first one lowest: in loads that may overlap.
static uint64_t load_few(const uint8_t *p, size_t n) {
    if (n >= 4) return load_u32(p) | (uint64_t)load_u32(p + n - 4) << 8 * (n - 4);
    return n ? p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1) : 0;
}

HashKey hash_key_of_bytes(const uint8_t random[16]) { return (HashKey){load_u64(random), load_u64(random + 8)}; }

HashKey hash_key_of_seed(uint32_t seed) {
    uint8_t bytes[16] = {0};
    uint32_t x = seed;
    if (seed)
        for (int i = 0; i < 16; i++) {
            x = x * 214013 + 2531011;
            bytes[i] = x >> 16 & 0xff;
        }
    return hash_key_of_bytes(bytes);
}

static inline uint64_t rotate(uint64_t v, int bits) { return v << bits | v >> (64 - bits); }

static inline void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

uint64_t hash_siphash13(HashKey key, const void *data, size_t n) {
    const uint8_t *p = data;
    uint64_t v[4] = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du, key.k0 ^ 0x6c7967656e657261u,
        key.k1 ^ 0x7465646279746573u};
    uint64_t last = (uint64_t)n << 56;
    size_t rest = n & 7;
    if (n < 8) {
        last |= load_few(p, n);
    } else {
        const uint8_t *end = p + (n - rest);
        for (; p < end; p += 8) {
            uint64_t word = load_u64(p);
            v[3] ^= word;
            sip_round(v);
            v[0] ^= word;
        }
        if (rest) last |= load_u64(p + rest - 8) >> (64 - 8 * rest); // over bytes that have been read already
    }
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int64_t hash_bytes(HashKey key, const void *data, size_t n) { return n ? not_minus_one(hash_siphash13(key, data, n)) : 0; }

// Numbers hash to their value modulo the prime 2**61 - 1, so that equal numbers of all types hash alike
// (Library Reference, "Hashing of numeric types").
int64_t hash_double(double x) {
    enum { BITS = 61 };
    const uint64_t p = (1ull << BITS) - 1;
    if (isinf(x)) return x > 0 ? 314159 : -314159;
    int e;
    double fraction = frexp(fabs(x), &e);
    uint64_t m = (uint64_t)ldexp(fraction, 53);  // |x| == m * 2**(e - 53), m < 2**53
    int turn = (e - 53) % BITS;
    if (turn < 0) turn += BITS;
    uint64_t h = turn ? ((m << turn) & p) | m >> (BITS - turn) : m;
    if (h >= p) h -= p;
    return not_minus_one(x < 0 ? 0 - h : h);
}

int64_t hash_complex(int64_t real, int64_t imag) { return not_minus_one((uint64_t)real + 1000003u * (uint64_t)imag); }

int64_t hash_pointer(const void *p) { return not_minus_one(rotate((uint64_t)(uintptr_t)p, 60)); }

int64_t hash_tuple_end(HashTuple h, size_t length) {
    uint64_t acc = h.acc + (length ^ (2870177450012600261u ^ 3527539u));
    return acc == UINT64_MAX ? 1546275796 : (int64_t)acc;
}

int64_t hash_set_end(uint64_t h, size_t length) {
    h ^= ((uint64_t)length + 1) * 1927868237u;
    h ^= h >> 11 ^ h >> 25;
    h = h * 69069u + 907133923u;
    return h == UINT64_MAX ? 590923713 : (int64_t)h;
}
