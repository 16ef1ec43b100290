// Library modules compiled into the executable: what the build step runtime/lib/freeze made of the library that it found.
#pragma once
#include "runtime/object.h"

typedef struct FrozenModule {
    const char *name;      // as it is imported: "os", "_frozen_importlib"
    const char *origin;    // the module it is of: "os", "importlib._bootstrap"; "" where it has no name of its own
    const uint8_t *code;   // marshalled
    size_t code_bytes;
    bool package;
} FrozenModule;

// Fills *out. False where no module of that name is frozen, or where frozen modules are not to be used, or where the library at hand
// has another file for it than the one it was frozen from (told by the size). What importing itself is made of is always there.
bool frozen_find(ValueRef name, FrozenModule *out);
Value frozen_code(Thread *t, const FrozenModule *m); // a new code object
Value frozen_names(Thread *t);                       // list of str, in the table's order
// Whether frozen modules are used, but those that importing is made of: over 0 always, under 0 never, 0 as -X frozen_modules says.
void frozen_override(int use);
