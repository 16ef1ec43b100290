// Scratch memory for GMP, which ends the process where an allocation fails: what an operation on large numbers may need is
// reserved before it begins, where failing is no harm.
#pragma once
#include <stdbool.h>
#include <stddef.h>

void gmp_memory_init(void); // once, before the first operation
// Scratch for an operation on numbers of `bytes` (the larger operand, or the result), `times` as much; kept for this thread until
// gmp_memory_release. False: there is no memory for it. Small ones need none, and what is reserved already may serve.
enum { GMP_SCRATCH_TIMES = 16 }; // as measured up to 200 million bits: products 3.8, powers 5.7, text 6.2, quotients 8.3
bool gmp_memory_reserve(size_t bytes, size_t times);
void gmp_memory_release(void);
