// Hash functions (digest.h). Words are read and written byte by byte in the order that each standard says.
#include "runtime/support/digest.h"
#include <string.h>

const Digest digests[DIGEST_COUNT] = {
    [DIGEST_MD5] = {"md5", DIGEST_MD5, 16, 64}, [DIGEST_SHA1] = {"sha1", DIGEST_SHA1, 20, 64}, [DIGEST_SHA224] = {"sha224", DIGEST_SHA224, 28, 64},
    [DIGEST_SHA256] = {"sha256", DIGEST_SHA256, 32, 64}, [DIGEST_SHA384] = {"sha384", DIGEST_SHA384, 48, 128},
    [DIGEST_SHA512] = {"sha512", DIGEST_SHA512, 64, 128}, [DIGEST_SHA3_224] = {"sha3_224", DIGEST_SHA3_224, 28, 144},
    [DIGEST_SHA3_256] = {"sha3_256", DIGEST_SHA3_256, 32, 136}, [DIGEST_SHA3_384] = {"sha3_384", DIGEST_SHA3_384, 48, 104},
    [DIGEST_SHA3_512] = {"sha3_512", DIGEST_SHA3_512, 64, 72}, [DIGEST_SHAKE_128] = {"shake_128", DIGEST_SHAKE_128, 0, 168},
    [DIGEST_SHAKE_256] = {"shake_256", DIGEST_SHAKE_256, 0, 136}, [DIGEST_BLAKE2B] = {"blake2b", DIGEST_BLAKE2B, 64, 128},
    [DIGEST_BLAKE2S] = {"blake2s", DIGEST_BLAKE2S, 32, 64}};

// floor(2^32 |sin(i + 1)|)
static const uint32_t md5_k[64] = {
    0xd76aa478u, 0xe8c7b756u, 0x242070dbu, 0xc1bdceeeu, 0xf57c0fafu, 0x4787c62au, 0xa8304613u, 0xfd469501u,
    0x698098d8u, 0x8b44f7afu, 0xffff5bb1u, 0x895cd7beu, 0x6b901122u, 0xfd987193u, 0xa679438eu, 0x49b40821u,
    0xf61e2562u, 0xc040b340u, 0x265e5a51u, 0xe9b6c7aau, 0xd62f105du, 0x02441453u, 0xd8a1e681u, 0xe7d3fbc8u,
    0x21e1cde6u, 0xc33707d6u, 0xf4d50d87u, 0x455a14edu, 0xa9e3e905u, 0xfcefa3f8u, 0x676f02d9u, 0x8d2a4c8au,
    0xfffa3942u, 0x8771f681u, 0x6d9d6122u, 0xfde5380cu, 0xa4beea44u, 0x4bdecfa9u, 0xf6bb4b60u, 0xbebfbc70u,
    0x289b7ec6u, 0xeaa127fau, 0xd4ef3085u, 0x04881d05u, 0xd9d4d039u, 0xe6db99e5u, 0x1fa27cf8u, 0xc4ac5665u,
    0xf4292244u, 0x432aff97u, 0xab9423a7u, 0xfc93a039u, 0x655b59c3u, 0x8f0ccc92u, 0xffeff47du, 0x85845dd1u,
    0x6fa87e4fu, 0xfe2ce6e0u, 0xa3014314u, 0x4e0811a1u, 0xf7537e82u, 0xbd3af235u, 0x2ad7d2bbu, 0xeb86d391u,
};

// The first 32 bits of the fractions of the cube roots of the first 64 primes
static const uint32_t sha256_k[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

// The first 64 bits of the same of the first 80
static const uint64_t sha512_k[80] = {
    0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full, 0xe9b5dba58189dbbcull,
    0x3956c25bf348b538ull, 0x59f111f1b605d019ull, 0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull,
    0xd807aa98a3030242ull, 0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
    0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull, 0xc19bf174cf692694ull,
    0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull, 0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull,
    0x2de92c6f592b0275ull, 0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
    0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full, 0xbf597fc7beef0ee4ull,
    0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull, 0x06ca6351e003826full, 0x142929670a0e6e70ull,
    0x27b70a8546d22ffcull, 0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
    0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull, 0x92722c851482353bull,
    0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull, 0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull,
    0xd192e819d6ef5218ull, 0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
    0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull, 0x34b0bcb5e19b48a8ull,
    0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull, 0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull,
    0x748f82ee5defb2fcull, 0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
    0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull, 0xc67178f2e372532bull,
    0xca273eceea26619cull, 0xd186b8c721c0c207ull, 0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull,
    0x06f067aa72176fbaull, 0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
    0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull, 0x431d67c49c100d4cull,
    0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull, 0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull,
};

// Fractions of the square roots of the first 8 primes: where SHA-256 and SHA-512 (and BLAKE2) begin; of the 9th to 16th: SHA-384, and the
// low halves of those SHA-224
static const uint32_t sha256_h[8] = {
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};
static const uint64_t sha512_h[8] = {
    0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
    0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull,
};
static const uint64_t sha384_h[8] = {
    0xcbbb9d5dc1059ed8ull, 0x629a292a367cd507ull, 0x9159015a3070dd17ull, 0x152fecd8f70e5939ull,
    0x67332667ffc00b31ull, 0x8eb44a8768581511ull, 0xdb0c2e0d64f98fa7ull, 0x47b5481dbefa4fa4ull,
};
static const uint32_t sha224_h[8] = {
    0xc1059ed8u, 0x367cd507u, 0x3070dd17u, 0xf70e5939u, 0xffc00b31u, 0x68581511u, 0x64f98fa7u, 0xbefa4fa4u,
};

// Keccak-f[1600]: round constants; and along the path of rho and pi the rotation and the lane that each goes to
static const uint64_t keccak_rc[24] = {
    0x0000000000000001ull, 0x0000000000008082ull, 0x800000000000808aull, 0x8000000080008000ull,
    0x000000000000808bull, 0x0000000080000001ull, 0x8000000080008081ull, 0x8000000000008009ull,
    0x000000000000008aull, 0x0000000000000088ull, 0x0000000080008009ull, 0x000000008000000aull,
    0x000000008000808bull, 0x800000000000008bull, 0x8000000000008089ull, 0x8000000000008003ull,
    0x8000000000008002ull, 0x8000000000000080ull, 0x000000000000800aull, 0x800000008000000aull,
    0x8000000080008081ull, 0x8000000000008080ull, 0x0000000080000001ull, 0x8000000080008008ull,
};

static const uint8_t keccak_rotation[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
static const uint8_t keccak_lane[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};

// What a round does with which word is known then.
#define UNROLL _Pragma("clang loop unroll(full)")
static inline uint32_t rotl32(uint32_t v, int n) { return v << n | v >> (32 - n); }
static inline uint32_t rotr32(uint32_t v, int n) { return v >> n | v << (32 - n); }
static inline uint64_t rotl64(uint64_t v, int n) { return v << n | v >> (64 - n); }
static inline uint64_t rotr64(uint64_t v, int n) { return v >> n | v << (64 - n); }
static inline uint32_t little32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static inline uint32_t big32(const uint8_t *p) { return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24; }
static inline uint64_t little64(const uint8_t *p) { return little32(p) | (uint64_t)little32(p + 4) << 32; }
static inline uint64_t big64(const uint8_t *p) { return big32(p + 4) | (uint64_t)big32(p) << 32; }
static inline void put_little(uint8_t *p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * i);
}
static inline void put_big(uint8_t *p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

// ---- one block each
static void md5_block(uint32_t *h, const uint8_t *p) {
    static const uint8_t shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t m[16], a = h[0], b = h[1], c = h[2], d = h[3];
    for (int i = 0; i < 16; i++) m[i] = little32(p + 4 * i);
    UNROLL for (int i = 0; i < 64; i++) {
        uint32_t f = i < 16 ? (b & c) | (~b & d) : i < 32 ? (d & b) | (~d & c) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
        int g = i < 16 ? i : i < 32 ? (5 * i + 1) & 15 : i < 48 ? (3 * i + 5) & 15 : (7 * i) & 15;
        uint32_t next = b + rotl32(a + f + md5_k[i] + m[g], shifts[i / 16][i & 3]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
}
static void sha1_block(uint32_t *h, const uint8_t *p) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++) w[i] = big32(p + 4 * i);
    for (int i = 16; i < 80; i++) w[i] = rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    UNROLL for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        uint32_t k = i < 20 ? 0x5a827999u : i < 40 ? 0x6ed9eba1u : i < 60 ? 0x8f1bbcdcu : 0xca62c1d6u;
        uint32_t next = rotl32(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotl32(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}
// SHA-2 of both widths: WORD, its rotations, rounds and constants.
#define SHA2_BLOCK(name, WORD, load, rotr, ROUNDS, constants, A1, A2, A3, B1, B2, B3, C1, C2, C3, D1, D2, D3) \
    static void name(WORD *h, const uint8_t *p) {                                                             \
        WORD w[ROUNDS], v[8];                                                                                 \
        for (int i = 0; i < 16; i++) w[i] = load(p + sizeof(WORD) * (size_t)i);                               \
        for (int i = 16; i < ROUNDS; i++) {                                                                   \
            WORD x = w[i - 15], y = w[i - 2];                                                                 \
            w[i] = w[i - 16] + (rotr(x, A1) ^ rotr(x, A2) ^ x >> A3) + w[i - 7] + (rotr(y, B1) ^ rotr(y, B2) ^ y >> B3); \
        }                                                                                                     \
        for (int i = 0; i < 8; i++) v[i] = h[i];                                                              \
        UNROLL for (int i = 0; i < ROUNDS; i++) {                                                             \
            WORD s1 = rotr(v[4], C1) ^ rotr(v[4], C2) ^ rotr(v[4], C3), choice = (v[4] & v[5]) ^ (~v[4] & v[6]); \
            WORD t1 = v[7] + s1 + choice + constants[i] + w[i];                                               \
            WORD s0 = rotr(v[0], D1) ^ rotr(v[0], D2) ^ rotr(v[0], D3), most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]); \
            v[7] = v[6], v[6] = v[5], v[5] = v[4], v[4] = v[3] + t1;                                          \
            v[3] = v[2], v[2] = v[1], v[1] = v[0], v[0] = t1 + s0 + most;                                     \
        }                                                                                                     \
        for (int i = 0; i < 8; i++) h[i] += v[i];                                                             \
    }
SHA2_BLOCK(sha256_block, uint32_t, big32, rotr32, 64, sha256_k, 7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22)
SHA2_BLOCK(sha512_block, uint64_t, big64, rotr64, 80, sha512_k, 1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39)

static void keccak(uint64_t *a) {
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], row[5];
        UNROLL for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        UNROLL for (int x = 0; x < 5; x++) {
            uint64_t d = c[(x + 4) % 5] ^ rotl64(c[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5) a[x + y] ^= d;
        }
        uint64_t moving = a[1];
        UNROLL for (int i = 0; i < 24; i++) {
            uint64_t here = a[keccak_lane[i]];
            a[keccak_lane[i]] = rotl64(moving, keccak_rotation[i]);
            moving = here;
        }
        UNROLL for (int y = 0; y < 25; y += 5) {
            memcpy(row, a + y, sizeof row);
            for (int x = 0; x < 5; x++) a[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
        a[0] ^= keccak_rc[round];
    }
}
static void keccak_block(uint64_t *a, const uint8_t *p, size_t block) {
    for (size_t i = 0; i < block / 8; i++) a[i] ^= little64(p + 8 * i);
    keccak(a);
}

static const uint8_t blake2_sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
// `taken`: bytes of input up to the end of this block.
#define BLAKE2_BLOCK(name, WORD, load, rotr, iv, ROUNDS, R1, R2, R3, R4)                                      \
    static void name(WORD *h, const uint8_t *p, uint64_t taken, bool last, bool last_node) {                  \
        WORD m[16], v[16];                                                                                    \
        for (int i = 0; i < 16; i++) m[i] = load(p + sizeof(WORD) * (size_t)i);                               \
        for (int i = 0; i < 8; i++) v[i] = h[i], v[i + 8] = iv[i];                                            \
        v[12] ^= (WORD)taken;                                                                                 \
        if (sizeof(WORD) == 4) v[13] ^= (WORD)(taken >> 32);                                                  \
        if (last) v[14] = ~v[14];                                                                             \
        if (last && last_node) v[15] = ~v[15];                                                                \
        UNROLL for (int round = 0; round < ROUNDS; round++) {                                                 \
            const uint8_t *s = blake2_sigma[round % 10];                                                      \
            UNROLL for (int i = 0; i < 8; i++) {                                                              \
                int a = i & 3, shift = i >> 2; /* columns, then diagonals */                                  \
                int b = 4 + ((a + shift) & 3), c = 8 + ((a + 2 * shift) & 3), d = 12 + ((a + 3 * shift) & 3); \
                v[a] += v[b] + m[s[2 * i]];                                                                   \
                v[d] = rotr(v[d] ^ v[a], R1);                                                                 \
                v[c] += v[d];                                                                                 \
                v[b] = rotr(v[b] ^ v[c], R2);                                                                 \
                v[a] += v[b] + m[s[2 * i + 1]];                                                               \
                v[d] = rotr(v[d] ^ v[a], R3);                                                                 \
                v[c] += v[d];                                                                                 \
                v[b] = rotr(v[b] ^ v[c], R4);                                                                 \
            }                                                                                                 \
        }                                                                                                     \
        for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];                                                  \
    }
BLAKE2_BLOCK(blake2b_block, uint64_t, little64, rotr64, sha512_h, 12, 32, 24, 16, 63)
BLAKE2_BLOCK(blake2s_block, uint32_t, little32, rotr32, sha256_h, 10, 16, 12, 8, 7)

// ---- the whole
static bool is_blake2(const Digest *digest) { return digest->id == DIGEST_BLAKE2B || digest->id == DIGEST_BLAKE2S; }
static bool is_sponge(const Digest *digest) { return digest->id >= DIGEST_SHA3_224 && digest->id <= DIGEST_SHAKE_256; }

void digest_init(const Digest *digest, DigestState *s) {
    static const uint32_t md_h[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    memset(s, 0, sizeof *s);
    switch (digest->id) {
    case DIGEST_MD5: memcpy(s->h.w, md_h, 16); break;
    case DIGEST_SHA1: memcpy(s->h.w, md_h, sizeof md_h); break;
    case DIGEST_SHA224: memcpy(s->h.w, sha224_h, sizeof sha224_h); break;
    case DIGEST_SHA256: memcpy(s->h.w, sha256_h, sizeof sha256_h); break;
    case DIGEST_SHA384: memcpy(s->h.d, sha384_h, sizeof sha384_h); break;
    case DIGEST_SHA512: memcpy(s->h.d, sha512_h, sizeof sha512_h); break;
    default: break;
    }
}

void digest_init_blake2(const Digest *digest, DigestState *s, const Blake2Params *params) {
    uint8_t block[64] = {params->size, params->key_length, params->fanout, params->depth};
    bool wide = digest->id == DIGEST_BLAKE2B;
    int salt = wide ? 16 : 8;
    memset(s, 0, sizeof *s);
    s->size = params->size;
    s->last_node = params->last_node;
    put_little(block + 4, params->leaf_size, 4);
    put_little(block + 8, params->node_offset, wide ? 8 : 6);
    block[wide ? 16 : 14] = params->node_depth;
    block[wide ? 17 : 15] = params->inner_size;
    memcpy(block + (wide ? 32 : 16), params->salt, (size_t)salt);
    memcpy(block + (wide ? 48 : 24), params->person, (size_t)salt);
    for (int i = 0; i < 8; i++) {
        if (wide) s->h.d[i] = sha512_h[i] ^ little64(block + 8 * i);
        else s->h.w[i] = sha256_h[i] ^ little32(block + 4 * i);
    }
    if (params->key_length) { // the key fills a block of its own
        uint8_t key[128] = {0};
        memcpy(key, params->key, params->key_length);
        digest_update(digest, s, key, digest->block);
    }
}

// Whole blocks; `taken` is the count of bytes up to the end of the first.
static void take_blocks(const Digest *digest, DigestState *s, const uint8_t *p, size_t blocks, uint64_t taken) {
    for (; blocks; blocks--, p += digest->block, taken += digest->block)
        switch (digest->id) {
        case DIGEST_MD5: md5_block(s->h.w, p); break;
        case DIGEST_SHA1: sha1_block(s->h.w, p); break;
        case DIGEST_SHA224: case DIGEST_SHA256: sha256_block(s->h.w, p); break;
        case DIGEST_SHA384: case DIGEST_SHA512: sha512_block(s->h.d, p); break;
        case DIGEST_BLAKE2B: blake2b_block(s->h.d, p, taken, false, false); break;
        case DIGEST_BLAKE2S: blake2s_block(s->h.w, p, taken, false, false); break;
        default: keccak_block(s->h.d, p, digest->block);
        }
}

void digest_update(const Digest *digest, DigestState *s, const uint8_t *p, size_t n) {
    size_t keep = is_blake2(digest); // the last block waits: it is told apart
    while (n) {
        size_t blocks = s->used ? 0 : (n - keep) / digest->block, take = blocks * digest->block;
        if (blocks) {
            take_blocks(digest, s, p, blocks, s->length + digest->block);
        } else if (s->used == digest->block) {
            take_blocks(digest, s, s->buffer, 1, s->length);
            s->used = 0;
            continue;
        } else {
            take = digest->block - s->used < n ? digest->block - s->used : n;
            memcpy(s->buffer + s->used, p, take);
            s->used += (uint32_t)take;
        }
        s->length += take;
        p += take;
        n -= take;
        if (s->used == digest->block && !keep) {
            take_blocks(digest, s, s->buffer, 1, s->length);
            s->used = 0;
        }
    }
}

void digest_finish(const Digest *digest, const DigestState *state, uint8_t *out, size_t size) {
    DigestState copy = *state, *s = &copy;
    size_t block = digest->block;
    memset(s->buffer + s->used, 0, block - s->used);
    if (is_blake2(digest)) {
        uint8_t all[64];
        if (digest->id == DIGEST_BLAKE2B) blake2b_block(s->h.d, s->buffer, s->length, true, s->last_node);
        else blake2s_block(s->h.w, s->buffer, s->length, true, s->last_node);
        for (int i = 0; i < 8; i++) {
            if (digest->id == DIGEST_BLAKE2B) put_little(all + 8 * i, s->h.d[i], 8);
            else put_little(all + 4 * i, s->h.w[i], 4);
        }
        memcpy(out, all, size);
        return;
    }
    if (is_sponge(digest)) {
        s->buffer[s->used] ^= digest->size ? 0x06 : 0x1f;
        s->buffer[block - 1] ^= 0x80;
        keccak_block(s->h.d, s->buffer, block);
        for (;;) {
            size_t now = size < block ? size : block;
            for (size_t i = 0; i < now; i++) out[i] = (uint8_t)(s->h.d[i / 8] >> 8 * (i % 8));
            out += now;
            size -= now;
            if (!size) return;
            keccak(s->h.d);
        }
    }
    size_t count = block == 128 ? 16 : 8; // bytes of the length, in bits, at the end
    s->buffer[s->used] = 0x80;
    if (s->used + 1 + count > block) {
        take_blocks(digest, s, s->buffer, 1, 0);
        memset(s->buffer, 0, block);
    }
    if (digest->id == DIGEST_MD5) {
        put_little(s->buffer + block - 8, s->length << 3, 8);
    } else {
        put_big(s->buffer + block - 8, s->length << 3, 8);
        s->buffer[block - 9] = block == 128 ? (uint8_t)(s->length >> 61) : s->buffer[block - 9];
    }
    take_blocks(digest, s, s->buffer, 1, 0);
    for (size_t i = 0; i < size; i++) {
        size_t word = block == 128 ? i / 8 : i / 4, at = block == 128 ? i % 8 : i % 4;
        if (block == 128) out[i] = (uint8_t)(s->h.d[word] >> (56 - 8 * at));
        else out[i] = (uint8_t)(s->h.w[word] >> (digest->id == DIGEST_MD5 ? 8 * at : 24 - 8 * at));
    }
}
