// GMP's memory (gmp_memory.h): blocks of malloc, those of one operation in a ring.
#include "runtime/support/gmp_memory.h"
#include <gmp.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Block { struct Block *before, *after; } Block; // the memory follows; malloc's alignment is kept
_Static_assert(sizeof(Block) % 16 == 0, "what follows is aligned");
typedef struct Run {
    jmp_buf no_memory;
    Block ring;
} Run;
static _Thread_local Run *running; // the operation of this thread, or NULL
static _Thread_local size_t fail_at;

static void unlink_block(Block *b) {
    b->before->after = b->after;
    b->after->before = b->before;
}
static void *link_block(Block *b) {
    *b = running ? (Block){&running->ring, running->ring.after} : (Block){b, b};
    b->before->after = b;
    b->after->before = b;
    return b + 1;
}
_Noreturn static void no_memory(size_t n) {
    if (running) longjmp(running->no_memory, 1);
    fprintf(stderr, "GNU MP: no memory for %zu bytes\n", n); // what gets here should stand inside of gmp_run
    abort();
}
static bool refused(size_t n) { return n > SIZE_MAX / 2 || (fail_at && --fail_at == 0); }

static void *allocate(size_t n) {
    Block *b = refused(n) ? NULL : malloc(sizeof(Block) + n);
    if (!b) no_memory(n);
    return link_block(b);
}
static void *reallocate(void *p, size_t before, size_t n) {
    (void)before;
    Block *b = (Block *)p - 1;
    unlink_block(b);
    Block *moved = refused(n) ? NULL : realloc(b, sizeof(Block) + n);
    if (moved) return link_block(moved);
    link_block(b);
    no_memory(n);
}
static void release(void *p, size_t n) {
    (void)n;
    Block *b = (Block *)p - 1;
    unlink_block(b);
    free(b);
}

void gmp_memory_init(void) { mp_set_memory_functions(allocate, reallocate, release); }
void gmp_memory_fail_at(size_t n) { fail_at = n; }

bool gmp_run(void (*work)(void *), void *args) {
    Run run;
    run.ring = (Block){&run.ring, &run.ring};
    running = &run;
    bool done = setjmp(run.no_memory) == 0;
    if (done) work(args);
    running = NULL;
    while (run.ring.after != &run.ring) release(run.ring.after + 1, 0); // nothing, where it was done
    return done;
}
