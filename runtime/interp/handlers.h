// The interpreter's reading of the operation language: what OP_BEGIN, RB, NEXT and the rest mean for handlers. Included by
// interp.c (plain operands) and interp_wide.c (WIDE_OPERANDS defined: high halves stand in the word before the instruction);
// and by jit/slow.c (OUT_OF_LINE defined: what compiled code leaves to C, going on in compiled code).
#pragma once
#include "runtime/interp/operations.h"

#ifdef WIDE_OPERANDS
#define HIGH(field) ((uint32_t)(uint16_t)(pc[-1].word >> (field)))
#define REGISTER_INDEX(field) ((uint32_t)((ins >> (field)) & OPERAND_INDEX) | HIGH(field) << 15)
#define NUMBER(field) ((uint32_t)(uint16_t)(ins >> (field)) | HIGH(field) << 16)
#define SIGNED(field) ((int32_t)NUMBER(field))
#else
#define REGISTER_INDEX(field) ((uint32_t)((ins >> (field)) & OPERAND_INDEX))
#define NUMBER(field) ((uint32_t)(uint16_t)(ins >> (field)))
#define SIGNED(field) ((int32_t)(int16_t)(ins >> (field)))
#endif

// ---- the operation language: operands
#define RA fp[REGISTER_INDEX(16)]
#define RB fp[REGISTER_INDEX(32)]
#define RC fp[REGISTER_INDEX(48)]
#define A_INDEX REGISTER_INDEX(16)
#define B_INDEX REGISTER_INDEX(32)
#define C_INDEX REGISTER_INDEX(48)
#define A_FLAG (ins & (uint64_t)OPERAND_FLAG << 16)
#define B_FLAG (ins & (uint64_t)OPERAND_FLAG << 32)
#define C_FLAG (ins & (uint64_t)OPERAND_FLAG << 48)
#define A_NUMBER NUMBER(16)
#define B_NUMBER NUMBER(32)
#define C_NUMBER NUMBER(48)
#define B_SIGNED SIGNED(32)
#define C_SIGNED SIGNED(48)
#define BC_SIGNED ((int32_t)(ins >> 32))
#define BC_NUMBER ((uint32_t)(ins >> 32))
#define B_INT value_int(B_SIGNED) // a number, as the Value that it stands for
#define C_INT value_int(C_SIGNED)
#define BC_INT value_int(BC_SIGNED)
#define A_WORD value_from_bits(A_NUMBER) // a number, as a Value's word
#define B_WORD value_from_bits(B_NUMBER)
#define PAIR_TARGETS (&fp[(NEXT_WORD >> 16) & OPERAND_INDEX]) // of an UNPACK that follows
#define DROPS_RESULT() drops_result(ins, NEXT_WORD)
#define NEXT_WORD ins_fetch(pc + 1)      // the instruction that follows (see BYTECODE.md: operations that do the next one's work)
#define CONSTANT(i) (frame_data(fp)->constants[i])
#define CELL (*(_Atomic uint64_t *)((char *)(uintptr_t)pc + frame_data(fp)->cell_delta))

// ---- going on
#ifdef OUT_OF_LINE
#define DISPATCH() TAIL op_go(OP_ARGUMENTS)
#else
#define DISPATCH() do { ins = ins_fetch(pc); TAIL op_handlers[(uint16_t)ins](OP_ARGUMENTS); } while (0)
#endif
#define NEXT() do { pc++; DISPATCH(); } while (0)
#define NEXT_AFTER_CALL() NEXT()
#define SKIP() do { pc += 2; DISPATCH(); } while (0)
#define JUMP(offset) do { pc += 1 + (int64_t)(offset); DISPATCH(); } while (0)
// Ends an operation that has two owned values for R[u], R[u+1] in the name of the UNPACK before `next`: together with the MOVEs into
// locals that follow, where they do. Not with wide operands.
#define PUT_PAIR(v0, v1, u, next) do { \
        Value first_ = (v0), second_ = (v1); \
        uint32_t at_ = (u); \
        pc = (next); \
        if (LIKELY(moves_pair(pc, at_))) { \
            Value *one_ = &fp[(ins_fetch(pc) >> 16) & OPERAND_INDEX], *two_ = &fp[(ins_fetch(pc + 1) >> 16) & OPERAND_INDEX]; \
            Value old_one_ = *one_; \
            *one_ = first_; \
            Value old_two_ = *two_; \
            *two_ = second_; \
            fp[at_] = fp[at_ + 1] = UNDEF; \
            pc += 2; \
            RELEASE(old_one_); \
            RELEASE(old_two_); \
        } else { \
            fp[at_] = first_; \
            fp[at_ + 1] = second_; \
        } \
        DISPATCH(); \
    } while (0)
#define FINISH_UNPACKED(v0, v1) PUT_PAIR(v0, v1, A_INDEX, pc + 1)
#define FINISH_ITERATED(v0, v1) PUT_PAIR(v0, v1, (NEXT_WORD >> 16) & OPERAND_INDEX, pc + 2)
#define GO_SLOWLY(where) TAIL where(OP_ARGUMENTS)
#define WHOLE_OUT_OF_LINE() ((void)0) // compiled code has no stencil for it
#define COLD_PATH(NAME) GO_SLOWLY(COLD_NAME(NAME))
#define POLL() do { if (poll_pending(&t->core)) { SAVE(); if (poll_slow(&t->core) < 0) ERROR(); } } while (0)
// Loops, and calls of what may yet be compiled (op_begin_cold), are counted, thread by thread: what is found running at each step's end is
// hot (runtime/tier.h).
#ifdef OUT_OF_LINE
#define HEAT() ((void)0)
#else
#define HEAT() do { if (UNLIKELY(--t->heat_left == 0)) TAIL op_hot(OP_ARGUMENTS); } while (0)
#endif
#define JUMP_COUNTED(offset) do { pc += 1 + (int64_t)(offset); HEAT(); DISPATCH(); } while (0)
// Enters the frame at new_fp, which is set up for `data`.
#define ENTER(data, new_fp) do { \
        fp = (new_fp); \
        t->fp = fp; \
        OpHandler *entry_ = code_entry(data); \
        if (UNLIKELY(entry_ != op_begin)) TAIL entry_(OP_ARGUMENTS); \
        pc = (data)->instructions; \
        DISPATCH(); \
    } while (0)
// What a callee's frame keeps in FRAME_NATIVE, and where that leads when it is left: pc and fp are the caller's again.
#define NATIVE_RETURN mark_of(NULL)
#define DISPATCH_RETURN(native) do { \
        OpHandler *native_ = (native); \
        if (UNLIKELY(native_ != NULL)) TAIL native_(OP_ARGUMENTS); \
        DISPATCH(); \
    } while (0)

// A return finds its result register in the instruction before the return address, which a prefix does not change: calls with
// wide operands run their callee in an interpreter of its own.
#ifdef WIDE_OPERANDS
#define CALL_NESTED true
#else
#define CALL_NESTED false
#endif

#ifdef WIDE_OPERANDS
#define QUICKEN(NAME) ((void)0)
#define UNQUICKEN(NAME) ((void)0)
#define HANDLER_NAME(NAME) wide_##NAME
#define COLD_NAME(NAME) wide_cold_##NAME
#else
#define QUICKEN(NAME) quicken(pc, (uint16_t)ins, OP_##NAME)
// A specialised form that met something else: back to the plain form, but not at every miss (site_is_due).
#define UNQUICKEN(NAME) do { if (site_is_due(t)) QUICKEN(NAME); } while (0)
#ifdef OUT_OF_LINE
#define COLD_NAME(NAME) native_cold_##NAME
#else
#define HANDLER_NAME(NAME) op_##NAME
#define COLD_NAME(NAME) cold_##NAME
#endif
// Another thread may have rewritten it meanwhile: then that form stands, and guards itself.
static inline void quicken(const Ins *pc, uint16_t seen, uint16_t to) {
    atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &seen, to);
}
#endif
#ifdef OUT_OF_LINE
// The instruction is its code's own form: it may have been rewritten meanwhile, and then is not rewritten from here.
#define OP_LOCALS(NAME) \
        ins = ins_fetch(pc); \
        if (UNLIKELY((uint16_t)ins != OP_##NAME)) OUTDATED(); \
        ins = (ins & ~(uint64_t)0xffff) | OP_##NAME; \
        (void)ins;
#define OP_BEGIN(NAME) OpHandler native_op_##NAME, native_cold_##NAME; HANDLER void native_op_##NAME(OP_PARAMETERS) { OP_LOCALS(NAME)
#define OP_COLD(NAME) } HANDLER void native_cold_##NAME(OP_PARAMETERS) { OP_LOCALS(NAME)
#define OP_COLD_DECLARE(NAME) OpHandler native_cold_##NAME;
#else
#define OP_BEGIN(NAME) HANDLER void HANDLER_NAME(NAME)(OP_PARAMETERS) {
#define OP_COLD(NAME) } __attribute__((noinline, cold)) HANDLER static void COLD_NAME(NAME)(OP_PARAMETERS) {
#define OP_COLD_DECLARE(NAME) __attribute__((noinline, cold)) HANDLER static void COLD_NAME(NAME)(OP_PARAMETERS);
#endif
#define OP_END }
