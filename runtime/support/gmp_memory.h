// GMP's memory. GMP takes no "no" from its allocator: it must get memory or not be returned to. So what may allocate runs inside of
// gmp_run, which is left from within the allocator where there is none, and frees what the operation had.
#pragma once
#include <stdbool.h>
#include <stddef.h>

void gmp_memory_init(void); // once, before the first operation
// Calls work(args), which calls GMP and nothing else that holds anything. False: there was no memory; what GMP had got is free again, and what
// `work` was to write is unspecified. Not nested. GMP's own structure allows to leave it so: its temporary blocks hang on nothing but
// the operation's stack (--enable-alloca=reentrant, as every distribution builds it), and mpn functions keep no state beside.
bool gmp_run(void (*work)(void *), void *args);
// For tests: the n-th allocation of this thread from now on fails (1: the next); 0: none does.
void gmp_memory_fail_at(size_t n);
