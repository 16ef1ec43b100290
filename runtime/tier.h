// What the interpreter needs of a compiler (jit/), as a table that it fills (the runtime never includes jit/).
#pragma once
#include "runtime/code.h"

// Compiled code of one code object, as CodeData.native refers to it. Immutable once it is there; it lives as long as the code object.
typedef struct NativeCode {
    char *base;
    struct NativeCode *older; // made before it for the same code: frames may still return into that
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
    // (in a stop) Takes compiled code out of use: nothing enters it any more. Who does that for some code then calls tier_forget_returns.
    void (*drop)(CodeData *data);
    void (*free)(Thread *t, CodeData *data); // the code object ends: what was compiled of it goes after a grace period
    uint32_t heat_step;
} Tier;
extern const Tier *tier; // NULL: nothing is compiled
// (in a stop) No frame returns into compiled code, and all threads look again where they go on at their next safepoint.
void tier_forget_returns(Thread *t);
