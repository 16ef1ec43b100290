// GMP asks for scratch memory last in, first out: a block of the thread's own from which it is cut serves, and what does not
// fit comes from malloc.
#include "runtime/support/gmp_memory.h"
#include <gmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RESERVE_FROM = 1 << 18, // bytes of a number; for smaller ones malloc is asked, and trusted
    ALIGNMENT = 16,
};
static _Thread_local struct {
    char *base, *top, *end;
} scratch;

static size_t rounded(size_t n) { return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1); }
static bool is_scratch(const void *p) { return (uintptr_t)p >= (uintptr_t)scratch.base && (uintptr_t)p < (uintptr_t)scratch.end; }

static void *allocate(size_t n) {
    size_t wanted = rounded(n);
    if (scratch.base && wanted <= (size_t)(scratch.end - scratch.top)) {
        char *p = scratch.top;
        scratch.top += wanted;
        return p;
    }
    void *p = malloc(n);
    if (p) return p;
    fprintf(stderr, "GNU MP: no memory for %zu bytes\n", n);
    abort();
}
static void release(void *p, size_t n) {
    if (!is_scratch(p)) free(p);
    else if ((char *)p + rounded(n) == scratch.top) scratch.top = p;
}
static void *reallocate(void *p, size_t before, size_t n) {
    if (is_scratch(p) && (char *)p + rounded(before) == scratch.top && rounded(n) <= (size_t)(scratch.end - (char *)p)) {
        scratch.top = (char *)p + rounded(n); // the last block grows where it is
        return p;
    }
    void *q = allocate(n);
    memcpy(q, p, before < n ? before : n);
    release(p, before);
    return q;
}

void gmp_memory_init(void) { mp_set_memory_functions(allocate, reallocate, release); }

bool gmp_memory_reserve(size_t bytes, size_t times) {
    if (bytes < RESERVE_FROM) return true;
    if (bytes > SIZE_MAX / times) return false;
    if (scratch.base && (size_t)(scratch.end - scratch.base) >= bytes * times) return true;
    gmp_memory_release();
    scratch.base = malloc(bytes * times);
    if (!scratch.base) return false;
    scratch.top = scratch.base;
    scratch.end = scratch.base + bytes * times;
    return true;
}
void gmp_memory_release(void) {
    free(scratch.base);
    scratch.base = scratch.top = scratch.end = NULL;
}
