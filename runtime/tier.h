// What the interpreter needs of a compiler (jit/), as a table that it fills (the runtime never includes jit/).
#pragma once
#include "runtime/code.h"

// Compiled code of one code object, as CodeData.native refers to it. Immutable once it is there.
typedef struct NativeCode {
    char *base;
    CodeData *data;
    uint32_t offsets[]; // from base, by instruction: where its code begins; 0: not compiled
} NativeCode;
// Where the compiled code of instruction pc begins; NULL: it is interpreted.
static inline void *native_at(const CodeData *data, const Ins *pc) {
    const NativeCode *native = atomic_load_acquire_ptr(&data->native);
    if (LIKELY(!native)) return NULL;
    uint32_t offset = native->offsets[pc - data->instructions];
    return offset ? native->base + offset : NULL;
}

typedef struct Tier {
    // The thread runs this code, and was found doing so when it had run HEAT_STEP back-edges and calls more.
    void (*hot)(Thread *t, CodeData *data);
    // (in a stop, or nobody runs or will run it) Takes the code out of use: nothing enters it any more, returns into it go to the interpreter.
    void (*drop)(CodeData *data);
    uint32_t heat_step;
} Tier;
extern const Tier *tier; // NULL: nothing is compiled
