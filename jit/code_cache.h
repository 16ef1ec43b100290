// Memory for compiled code: mapped twice, writable in one place and executable in another (DESIGN 8), within reach of the program's own code.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CodeBlock {
    char *writable, *executable; // the same bytes
    size_t bytes;
    uint32_t age; // how many forks there had been
} CodeBlock;
// Once, before any thread compiles. limit: in bytes, of all blocks together. False where no memory within reach is to be had.
bool code_cache_init(size_t limit);
// A block of at least so many bytes, 16-aligned; false: none is left. Freed ones are used again: nobody runs them any more.
bool code_cache_alloc(size_t bytes, CodeBlock *block);
void code_cache_free(CodeBlock block);
size_t code_cache_used(void);
