// Hash functions by libraries: MD5, SHA-1, SHA-2, SHA-3 and SHAKE by OpenSSL's libcrypto, BLAKE2 by libb2.
#pragma once
#include "runtime/thread.h"

enum DigestId {
    DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA3_224, DIGEST_SHA3_256, DIGEST_SHA3_384,
    DIGEST_SHA3_512, DIGEST_SHAKE_128, DIGEST_SHAKE_256, DIGEST_BLAKE2B, DIGEST_BLAKE2S, DIGEST_COUNT
};
enum { DIGEST_SIZE_MOST = 64 };

typedef struct Digest {
    const char *name;
    uint8_t id;
    uint16_t size;   // bytes of output; SHAKE: 0, any number
    uint16_t block;  // bytes of an input block
    const char *crypto_name;  // libcrypto's; NULL: BLAKE2
} Digest;
extern const Digest digests[DIGEST_COUNT];

// BLAKE2's parameters beside the defaults.
typedef struct Blake2Params {
    uint8_t size, key_length, fanout, depth, node_depth, inner_size;
    uint32_t leaf_size;
    uint64_t node_offset;               // BLAKE2s: 48 bits
    uint8_t salt[16], person[16];       // BLAKE2s: the first 8 bytes
    uint8_t key[64];
    bool last_node;
} Blake2Params;

// What has taken input so far. One thread at a time uses a state; the caller sees to that. digest_new loads libcrypto when it is first
// needed; it and digest_copy return NULL with ImportError, ValueError or MemoryError. `params` is BLAKE2's, otherwise NULL.
typedef struct DigestState DigestState;
DigestState *digest_new(Thread *t, const Digest *digest, const Blake2Params *params) MAY_DETACH;
DigestState *digest_copy(Thread *t, const Digest *digest, const DigestState *s);
void digest_free(const Digest *digest, DigestState *s); // NULL: nothing
// These two also work detached. False: the library refused, without a reason that it could tell.
bool digest_update(const Digest *digest, DigestState *s, const uint8_t *p, size_t n);
// The digest of what was taken, `size` bytes (BLAKE2: as many as its parameters say); the state takes no more input then.
bool digest_finish(const Digest *digest, DigestState *s, uint8_t *out, size_t size);
