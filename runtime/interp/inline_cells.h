// What becomes of inline cells when code dies (objects/code.c, gc.c).
#pragma once
#include "runtime/code.h"

// The end of a code object's data: its instructions, and its cells with the entries that they refer to, are freed. Nobody runs the code, or
// will. The CodeData itself goes by inline_cells_forget_dead.
void inline_cells_free(Code *code);
// In a stop: cells that name the CodeData of dead code or the number of a dead shape are emptied. The CodeData are freed, the numbers may be
// used again. Until then neither means anything else.
void inline_cells_forget_dead(void);
