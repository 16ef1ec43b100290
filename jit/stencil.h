// Stencils: pieces of code with holes (DESIGN 8), as the build's stencilgen takes them from the compiler's output.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "runtime/code.h"

enum StencilHole {
    HOLE_pc, HOLE_ins, HOLE_next_word, HOLE_cell, HOLE_constant_a, HOLE_constant_b, HOLE_constant_c, HOLE_constant_bc, HOLE_signed_b, HOLE_signed_c,
    HOLE_int_b, HOLE_int_c, HOLE_int_bc, HOLE_word_a, HOLE_word_b, HOLE_return, HOLE_reg_a, HOLE_reg_b, HOLE_reg_c, HOLE_index_a, HOLE_index_b,
    HOLE_index_c, HOLE_number_a, HOLE_number_b, HOLE_number_c, HOLE_number_bc, HOLE_pair, HOLE_COUNT
};
enum StencilPlace { TO_HOLE, TO_HOT, TO_COLD, TO_cont, TO_cont_skip, TO_target, TO_slow_op, TO_EXTERNAL };
enum StencilKind { ABS64, ABS32, PC32 };
typedef struct StencilRelocation {
    uint16_t offset; // in its part, hot or cold
    uint8_t kind;    // enum StencilKind
    uint8_t place;   // enum StencilPlace
    uint16_t which;  // enum StencilHole, or of stencil_externals
    int32_t addend;
} StencilRelocation;
typedef struct Stencil {
    const unsigned char *code;            // the hot part, then the cold one
    const StencilRelocation *relocations; // in the same order
    uint16_t hot_bytes, cold_bytes, hot_relocations, cold_relocations;
    uint16_t op, variant;                 // bits: the flags of operands a, b, c
} Stencil;
// Compiled code met an instruction that has been rewritten since: at every so manieth time the code is made anew.
void baseline_outdated(Thread *t, CodeData *data);
extern const Stencil stencil_rows[];
extern const size_t stencil_count;
extern const char *const stencil_externals[];
extern const char *const stencil_slow_ops[OP_COUNT]; // slow.c: all of an operation, out of line
