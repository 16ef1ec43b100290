// The compiler behind the interpreter (DESIGN 8). main starts it; the runtime knows it as runtime/tier.h says.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct JitOptions {
    uint32_t heat_step;  // back-edges and calls interpreted between two looks at what is hot
    uint32_t threshold;  // looks after which code is compiled
    size_t memory;       // at most so much code, in bytes
} JitOptions;
// Once, before the program starts. False where there is no room for code within reach: then everything is interpreted.
bool jit_start(const JitOptions *options);

typedef struct JitStats {
    uint64_t functions, again, bytes, nanoseconds; // compiled; and compiled anew, each time; their code; time spent on that
    uint64_t dropped;                       // functions whose code was taken out of use
} JitStats;
JitStats jit_stats(void);
