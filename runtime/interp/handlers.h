// The interpreter's reading of the operation language: what OP_BEGIN, RB, NEXT and the rest mean for handlers. Included by
// interp.c (plain operands) and interp_wide.c (WIDE_OPERANDS defined: high halves stand in the word before the instruction).
#pragma once
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/safepoint.h"

#define HANDLER __attribute__((preserve_none))
#define TAIL __attribute__((musttail)) return
// The first four arguments live in registers that survive calls of C functions.
#define OP_PARAMETERS Thread *t, const Ins *pc, Value *fp, uint64_t ins
#define OP_ARGUMENTS t, pc, fp, ins
// Is `next` an UNPACK into two of what this instruction puts into R[a]?
static inline bool unpacks_pair(uint64_t ins, uint64_t next) {
    return (uint16_t)next == OP_UNPACK && (uint16_t)(next >> 48) == 2 && (next & (uint64_t)OPERAND_FLAG << 32) && ((next >> 32) & OPERAND_INDEX) == ((ins >> 16) & OPERAND_INDEX) && !(ins & (uint64_t)OPERAND_FLAG << 16);
}
// Do the two instructions at `next` move the temporaries u and u + 1 into locals, and use them up?
static inline bool moves_pair(const Ins *next, uint32_t u) {
    const uint64_t parts = UINT64_C(0xffff8000ffff), first = OP_MOVE | (uint64_t)OPERAND_FLAG << 16 | (uint64_t)(u | OPERAND_FLAG) << 32;
    return (atomic_load_relaxed_u64((const _Atomic uint64_t *)&next[0].word) & parts) == first &&
           (atomic_load_relaxed_u64((const _Atomic uint64_t *)&next[1].word) & parts) == first + (UINT64_C(1) << 32);
}
typedef HANDLER void OpHandler(OP_PARAMETERS);
extern OpHandler *const op_handlers[];      // interp.c
extern OpHandler *const op_wide_handlers[]; // interp_wide.c
extern OpHandler op_error;                  // t->raised is pending: unwinds
extern OpHandler op_resume;                 // goes on at t->fp, t->pc

static inline uint64_t ins_fetch(const Ins *pc) { return atomic_load_relaxed_u64((const _Atomic uint64_t *)&pc->word); }

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
#define CONSTANT(i) (frame_data(fp)->constants[i])
#define CELL (*(_Atomic uint64_t *)((char *)(uintptr_t)pc + frame_data(fp)->cell_delta))

// value_is for operands, which are never UNDEF.
#define operand_is(v, ID) operand_has_shape(v, SHAPE_##ID)
static inline bool operand_has_shape(ValueRef v, uint32_t shape) { return value_is_object(v) && object_shape(value_object(v)) == shape; }
static inline bool operand_is_private(ValueRef v, uint32_t shape) { return value_is_object(v) && object_shape_word(value_object(v)) == shape; }

// ---- going on
#define DISPATCH() do { ins = ins_fetch(pc); TAIL op_handlers[(uint16_t)ins](OP_ARGUMENTS); } while (0)
#define NEXT() do { pc++; DISPATCH(); } while (0)
#define JUMP(offset) do { pc += 1 + (int64_t)(offset); DISPATCH(); } while (0)
#define ENTER(new_pc, new_fp) do { pc = (new_pc); fp = (new_fp); t->fp = fp; DISPATCH(); } while (0)
#define RESUME() TAIL op_resume(OP_ARGUMENTS)
#define ERROR() TAIL op_error(OP_ARGUMENTS)
#define LEAVE_INTERPRETER() return
#define SAVE() (t->pc = pc)               // before anything that may raise, look at frames, or be a safepoint
#define COLD_PATH(NAME) TAIL COLD_NAME(NAME)(OP_ARGUMENTS)

#define PLAIN_ERROR_IF(condition) do { if (UNLIKELY(condition)) ERROR(); } while (0)

// ---- counting
__attribute__((preserve_most)) void release_out_of_line(Thread *t, Object *o);
#define RELEASE(v) do { \
        Value released_ = (v); \
        if (value_is_pointer(released_)) { \
            RefHead *head_ = &value_object(released_)->head; \
            uint16_t owner_ = refhead_owner(head_); \
            if (LIKELY(owner_ == t->core.slot_id) && LIKELY(head_->rc_local > 1)) head_->rc_local--; \
            else if (owner_ < OWNER_DEFERRED) release_out_of_line(t, (Object *)head_); \
        } \
    } while (0)
// value_dup without a frame in the hot path: what is not this thread's own is counted out of line.
__attribute__((preserve_most)) void dup_out_of_line(Thread *t, Object *o);
static ALWAYS_INLINE Value handler_dup(Thread *t, ValueRef v) {
    if (value_is_pointer(v)) {
        RefHead *o = &value_object(v)->head;
        if (LIKELY(refhead_owner(o) == t->core.slot_id && o->rc_local < RC_LOCAL_LIMIT)) o->rc_local++;
        else if (refhead_owner(o) < OWNER_DEFERRED) dup_out_of_line(t, (Object *)o);
    }
    return value_assume_owned(v);
}
#define value_dup handler_dup
// Stores an owned result in R[a]: what a local held before is released after it.
#define SET_PLACE(v, place) do { \
        Value result_ = (v), *place_ = (place); \
        if (A_FLAG) { Value old_ = *place_; *place_ = result_; RELEASE(old_); } \
        else *place_ = result_; \
    } while (0)
#define SET_A(v) SET_PLACE(v, &RA)
// The result of the call that `ins` is, in the frame that was returned to: such a call has no prefix, whatever the return had.
#define SET_RETURNED(v) SET_PLACE(v, &fp[(ins >> 16) & OPERAND_INDEX])
// After the last use of an operand register.
#define DONE_REGISTER(place, flag) do { \
        if (flag) { Value used_ = (place); if (value_is_pointer(used_)) { (place) = UNDEF; RELEASE(used_); } } \
    } while (0)
#define DONE_A() DONE_REGISTER(RA, A_FLAG)
#define DONE_B() DONE_REGISTER(RB, B_FLAG)
#define DONE_C() DONE_REGISTER(RC, C_FLAG)
// An owned reference to what an operand register holds.
static ALWAYS_INLINE Value take_register(Thread *t, Value *place, bool last) {
    Value v = *place;
    if (!last) return value_dup(t, v);
    if (value_is_object(v)) *place = UNDEF;
    return v;
}
#define TAKE_A() take_register(t, &RA, A_FLAG)
#define TAKE_B() take_register(t, &RB, B_FLAG)
#define TAKE_C() take_register(t, &RC, C_FLAG)
// The common end of an operation that made an owned result from operands b and c.
#define FINISH_BC(v) do { Value made_ = (v); if (UNLIKELY(!made_)) ERROR(); DONE_B(); DONE_C(); SET_A(made_); NEXT(); } while (0)
#define FINISH_B(v) do { Value made_ = (v); if (UNLIKELY(!made_)) ERROR(); DONE_B(); SET_A(made_); NEXT(); } while (0)
#define FINISH_NEW(v) do { Value made_ = (v); if (UNLIKELY(!made_)) ERROR(); SET_A(made_); NEXT(); } while (0)

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

#define POLL() do { if (poll_pending(&t->core)) { SAVE(); if (poll_slow(&t->core) < 0) ERROR(); } } while (0)

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
#define HANDLER_NAME(NAME) op_##NAME
#define COLD_NAME(NAME) cold_##NAME
// Another thread may have rewritten it meanwhile: then that form stands, and guards itself.
static inline void quicken(const Ins *pc, uint16_t seen, uint16_t to) {
    atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &seen, to);
}
#endif
#define OP_BEGIN(NAME) HANDLER void HANDLER_NAME(NAME)(OP_PARAMETERS) {
#define OP_COLD(NAME) } __attribute__((noinline, cold)) HANDLER static void COLD_NAME(NAME)(OP_PARAMETERS) {
#define OP_COLD_DECLARE(NAME) __attribute__((noinline, cold)) HANDLER static void COLD_NAME(NAME)(OP_PARAMETERS);
#define OP_END }
