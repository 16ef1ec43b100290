// The stencils' reading of the operation language (DESIGN 8): operands are holes, which the compiler fills in with what the instruction says; going
// on is a jump to a symbol that stands for the next instruction's code. Compiled once for each combination of operand flags (VARIANT), since
// a flag is known when code is made.
#pragma once
#include "runtime/interp/operations.h"

// Holes. The address of a symbol is what a hole holds: 64 bits, or 32 bits below 2^31. LLVM takes them for distinct and not null.
#define HOLE64(name) ((uint64_t)(uintptr_t)hole64_##name)
#define HOLE32(name) ((uint64_t)(uintptr_t)&hole32_##name)
#define HIDDEN __attribute__((visibility("hidden")))
extern char hole64_pc[] HIDDEN, hole64_ins[] HIDDEN, hole64_next_word[] HIDDEN, hole64_cell[] HIDDEN;
extern char hole64_constant_a[] HIDDEN, hole64_constant_b[] HIDDEN, hole64_constant_c[] HIDDEN, hole64_constant_bc[] HIDDEN;
extern char hole64_signed_b[] HIDDEN, hole64_signed_c[] HIDDEN, hole64_int_b[] HIDDEN, hole64_int_c[] HIDDEN, hole64_int_bc[] HIDDEN, hole64_word_b[] HIDDEN, hole64_word_a[] HIDDEN, hole64_return[] HIDDEN;
extern char hole32_reg_a HIDDEN, hole32_reg_b HIDDEN, hole32_reg_c HIDDEN;       // offsets of registers, in bytes
extern char hole32_index_a HIDDEN, hole32_index_b HIDDEN, hole32_index_c HIDDEN; // their numbers
extern char hole32_number_a HIDDEN, hole32_number_b HIDDEN, hole32_number_c HIDDEN, hole32_number_bc HIDDEN;
extern char hole32_pair HIDDEN; // offset of the first target of the UNPACK that follows
extern OpHandler cont HIDDEN, cont_skip HIDDEN, target HIDDEN; // the next instruction, the one behind it, where this one jumps to
extern OpHandler slow_op HIDDEN;                               // all of this operation, out of line (jit/slow.c)

#define REGISTER(field) (*(Value *)((char *)fp + HOLE32(reg_##field)))
#define RA REGISTER(a)
#define RB REGISTER(b)
#define RC REGISTER(c)
#define A_INDEX ((uint32_t)HOLE32(index_a))
#define B_INDEX ((uint32_t)HOLE32(index_b))
#define C_INDEX ((uint32_t)HOLE32(index_c))
#define A_FLAG (VARIANT & 1)
#define B_FLAG (VARIANT & 2)
#define C_FLAG (VARIANT & 4)
#define A_NUMBER ((uint32_t)HOLE32(number_a))
#define B_NUMBER ((uint32_t)HOLE32(number_b))
#define C_NUMBER ((uint32_t)HOLE32(number_c))
#define BC_NUMBER ((uint32_t)HOLE32(number_bc))
#define C_SIGNED ((int64_t)HOLE64(signed_c))
#define B_SIGNED ((int64_t)HOLE64(signed_b))
#define B_INT value_from_bits(HOLE64(int_b))
#define C_INT value_from_bits(HOLE64(int_c))
#define BC_INT value_from_bits(HOLE64(int_bc))
#define A_WORD value_from_bits(HOLE64(word_a))
#define B_WORD value_from_bits(HOLE64(word_b))
#define NEXT_WORD HOLE64(next_word)
#define PAIR_TARGETS ((Value *)((char *)fp + HOLE32(pair)))
// What the compiler put behind an operation is instructions of their own here.
#define FINISH_UNPACKED(v0, v1) do { Value first_ = (v0), second_ = (v1); (&RA)[0] = first_; (&RA)[1] = second_; NEXT(); } while (0)
#define FINISH_ITERATED(v0, v1) do { Value first_ = (v0), second_ = (v1); PAIR_TARGETS[0] = first_; PAIR_TARGETS[1] = second_; SKIP(); } while (0)
#define DROPS_RESULT() false // the DROP is an instruction of its own
#define CONSTANT(i) value_from_bits(CONSTANT_##i)
#define CONSTANT_A_NUMBER HOLE64(constant_a)
#define CONSTANT_B_NUMBER HOLE64(constant_b)
#define CONSTANT_C_NUMBER HOLE64(constant_c)
#define CONSTANT_BC_NUMBER HOLE64(constant_bc)
#define CELL (*(_Atomic uint64_t *)HOLE64(cell))

// Compiled code carries neither pc nor ins: the two registers pass through.
#define GO(where) TAIL where(t, pass_pc_, fp, pass_ins_)
#define GO_SLOWLY(where) TAIL where(t, pc, fp, pass_ins_)
#define DISPATCH() GO_SLOWLY(op_go)
#define DISPATCH_RETURN(native) do { \
        OpHandler *back_ = (native); \
        if (LIKELY(back_ != NULL)) TAIL back_(t, pass_pc_, fp, pass_ins_); \
        GO_SLOWLY(op_go); \
    } while (0)
#define NEXT() GO(cont)
// What was called may have taken this code out of use (tracing): then every thread's poll word is set.
#define NEXT_AFTER_CALL() do { \
        if (poll_pending(&t->core)) { pc++; GO_SLOWLY(op_go); } \
        NEXT(); \
    } while (0)
#define SKIP() GO(cont_skip)
#define JUMP(offset) GO(target)
#define POLL() do { if (poll_pending(&t->core)) GO_SLOWLY(slow_op); } while (0)
#define JUMP_COUNTED(offset) JUMP(offset)
#define NATIVE_RETURN value_from_bits(HOLE64(return))
#define ENTER(data, new_fp) do { \
        OpHandler *entry_ = code_entry(data); \
        fp = (new_fp); \
        t->fp = fp; \
        TAIL entry_(t, pass_pc_, fp, pass_ins_); \
    } while (0)
#define WHOLE_OUT_OF_LINE() GO_SLOWLY(slow_op)
#define COLD_PATH(NAME) GO_SLOWLY(native_cold_##NAME)
#define CALL_NESTED false
#define QUICKEN(NAME) ((void)0)
#define UNQUICKEN(NAME) ((void)0)

#define FLAG_IN__(flag) 0
#define FLAG_IN_D(flag) flag
#define FLAG_IN_R(flag) flag
#define FLAG_IN_X(flag) 0
#define FLAG_IN_W(flag) flag
#define FLAG_IN_F(flag) 0
#define FLAG_IN_K(flag) 0
#define FLAG_IN_N(flag) 0
#define FLAG_IN_I(flag) 0
#define FLAG_IN_U(flag) 0
#define FLAG_IN_J(flag) 0
#define FLAG_IN_K32(flag) 0
#define FLAG_IN_I32(flag) 0
#define FLAG_IN_J32(flag) 0
enum {
#define OP(name, a, b, c, effects, meaning) FLAGS_##name = FLAG_IN_##a(1) | FLAG_IN_##b(2) | FLAG_IN_##c(4),
#include "runtime/ops/ops.def"
#undef OP
};
#define STENCIL_LOCALS(NAME) \
        if (VARIANT & ~FLAGS_##NAME) __builtin_unreachable(); \
        const Ins *pc = (const Ins *)HOLE64(pc); \
        uint64_t ins = HOLE64(ins); \
        (void)ins, (void)pc;
#define OP_BEGIN(NAME) \
    extern OpHandler native_cold_##NAME HIDDEN; \
    OpHandler stencil_##NAME; \
    HANDLER void stencil_##NAME(Thread *t, const Ins *pass_pc_, Value *fp, uint64_t pass_ins_) { \
        STENCIL_LOCALS(NAME)
// The cold half is out of line (jit/slow.c): here it is only parsed.
#define OP_COLD(NAME) } \
    __attribute__((unused)) HANDLER static void unused_##NAME(Thread *t, const Ins *pass_pc_, Value *fp, uint64_t pass_ins_) { \
        STENCIL_LOCALS(NAME)
#define OP_COLD_DECLARE(NAME) extern OpHandler native_cold_##NAME HIDDEN;
#define OP_END }
