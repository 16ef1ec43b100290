// The index of a compact hash table (dict, set): cells of 1, 2 or 4 bytes that hold an entry's number + 1, or 0. A cell is
// written once; a removed entry keeps its cell. So a reader without a lock sees every cell empty or final.
#pragma once
#include "sync/annotate.h"
#include <stdint.h>

static inline uint8_t hash_index_width(uint32_t capacity) { return capacity < 0xff ? 1 : capacity < 0xffff ? 2 : 4; }
static inline uint32_t hash_index_load(const uint8_t *index, uint8_t width, uint64_t i) {
    if (width == 1) return __atomic_load_n(index + i, __ATOMIC_ACQUIRE);
    if (width == 2) return __atomic_load_n((const uint16_t *)index + i, __ATOMIC_ACQUIRE);
    return __atomic_load_n((const uint32_t *)index + i, __ATOMIC_ACQUIRE);
}
// Releases the entry that was filled in before, to the readers that find its cell.
static inline void hash_index_store(uint8_t *index, uint8_t width, uint64_t i, uint32_t entry_plus_1) {
    if (width == 1) __atomic_store_n(index + i, (uint8_t)entry_plus_1, __ATOMIC_RELEASE);
    else if (width == 2) __atomic_store_n((uint16_t *)index + i, (uint16_t)entry_plus_1, __ATOMIC_RELEASE);
    else __atomic_store_n((uint32_t *)index + i, entry_plus_1, __ATOMIC_RELEASE);
}

// The order in which cells are tried: the hash's low bits first (so that runs of ints lie in runs of cells), then its higher
// bits are mixed in; once they are used up, i -> 5i + 1 visits every cell (Knuth, volume 2, 3.2.1.2).
typedef struct HashProbe {
    uint64_t cell, rest, mask;
} HashProbe;
static inline HashProbe hash_probe(int64_t hash, uint8_t log2_index) {
    uint64_t mask = (UINT64_C(1) << log2_index) - 1;
    return (HashProbe){(uint64_t)hash & mask, (uint64_t)hash, mask};
}
static inline void hash_probe_next(HashProbe *p) {
    p->rest >>= 5;
    p->cell = (p->cell * 5 + p->rest + 1) & p->mask;
}
// Cells (as a power of two, at least 8) of a table that can hold `n` entries, two thirds of its cells.
static inline uint8_t hash_index_log2(uint64_t n) {
    uint8_t log2 = 3;
    while ((UINT64_C(2) << log2) / 3 < n) log2++;
    return log2;
}
static inline uint32_t hash_index_usable(uint8_t log2_index) { return (uint32_t)((UINT64_C(2) << log2_index) / 3); }
// Cells of the table that follows one that is full, when `live` of its entries are in use.
static inline uint8_t hash_index_grown(uint64_t live) {
    uint8_t log2 = 3;
    while ((UINT64_C(1) << log2) < live * 3) log2++;
    return log2;
}
enum { HASH_INDEX_LOG2_MAX = 32 };
