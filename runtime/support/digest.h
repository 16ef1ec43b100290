// Hash functions: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4), SHA-3 and SHAKE (FIPS 202), BLAKE2 (RFC 7693). Nothing here allocates,
// raises or knows of Values.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum DigestId {
    DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA3_224, DIGEST_SHA3_256, DIGEST_SHA3_384,
    DIGEST_SHA3_512, DIGEST_SHAKE_128, DIGEST_SHAKE_256, DIGEST_BLAKE2B, DIGEST_BLAKE2S, DIGEST_COUNT
};
enum { DIGEST_BLOCK_MOST = 168 };

typedef struct Digest {
    const char *name;
    uint8_t id;
    uint16_t size;   // bytes of output; SHAKE: 0, any number
    uint16_t block;  // bytes of an input block
} Digest;
extern const Digest digests[DIGEST_COUNT];

typedef struct DigestState {
    union { uint32_t w[8]; uint64_t d[25]; } h;
    uint64_t length;                    // bytes taken so far
    uint32_t used;                      // bytes that wait in `buffer`
    uint16_t size;                      // BLAKE2: bytes of output
    bool last_node;                     // BLAKE2
    uint8_t buffer[DIGEST_BLOCK_MOST];
} DigestState;

// BLAKE2's parameters beside the defaults.
typedef struct Blake2Params {
    uint8_t size, key_length, fanout, depth, node_depth, inner_size;
    uint32_t leaf_size;
    uint64_t node_offset;               // BLAKE2s: 48 bits
    uint8_t salt[16], person[16];       // BLAKE2s: the first 8 bytes
    uint8_t key[64];
    bool last_node;
} Blake2Params;

void digest_init(const Digest *digest, DigestState *s);                         // not for BLAKE2
void digest_init_blake2(const Digest *digest, DigestState *s, const Blake2Params *params);
void digest_update(const Digest *digest, DigestState *s, const uint8_t *p, size_t n);
// The digest of what was taken: `size` bytes (SHAKE: as many as are wanted). The state stays as it is.
void digest_finish(const Digest *digest, const DigestState *s, uint8_t *out, size_t size);
