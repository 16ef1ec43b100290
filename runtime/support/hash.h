// Python's hash values: the same numbers as CPython 3.14's on a 64-bit machine, given the same PYTHONHASHSEED.
// None of them is ever -1.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t k0, k1;
} HashKey;

// The key for PYTHONHASHSEED=seed (0..4294967295); 0 switches randomisation off.
HashKey hash_key_of_seed(uint32_t seed);
// From 16 random bytes.
HashKey hash_key_of_bytes(const uint8_t random[16]);

uint64_t hash_siphash13(HashKey key, const void *data, size_t n);  // Aumasson and Bernstein 2012; raw, may be any number
int64_t hash_bytes(HashKey key, const void *data, size_t n);       // hash() of bytes, and of a str's characters as stored

int64_t hash_double(double x);                     // not for NaN, whose hash is its address's
int64_t hash_complex(int64_t real, int64_t imag);  // from the hashes of its parts
int64_t hash_pointer(const void *p);

// A tuple's hash (xxHash's rounds over the items' hashes).
typedef struct {
    uint64_t acc;
} HashTuple;
static inline HashTuple hash_tuple_begin(void) { return (HashTuple){2870177450012600261u}; }
static inline void hash_tuple_add(HashTuple *h, int64_t item) {
    uint64_t acc = h->acc + (uint64_t)item * 14029467366897019727u;
    h->acc = (acc << 31 | acc >> 33) * 11400714785074694791u;
}
int64_t hash_tuple_end(HashTuple h, size_t length);

// A frozenset's hash, in any order of the items.
static inline uint64_t hash_set_mix(int64_t item) {
    uint64_t h = (uint64_t)item;
    return ((h ^ 89869747u) ^ (h << 16)) * 3644798167u;
}
int64_t hash_set_end(uint64_t mixed_together_by_xor, size_t length);
