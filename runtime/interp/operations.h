// What all readings of the operation language share (handlers.h: the interpreter's, jit/stencil_language.h: compiled code's): parameters, counting,
// ends of operations. A reading defines the operands (RB, C_NUMBER, CONSTANT, CELL ...) and the ways on (NEXT, JUMP, POLL, COLD_PATH ...).
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
typedef HANDLER void OpHandler(OP_PARAMETERS);
extern OpHandler *const op_handlers[];      // interp.c
extern OpHandler *const op_wide_handlers[]; // interp_wide.c
extern OpHandler op_error;                  // t->raised is pending: unwinds
extern OpHandler op_resume;                 // goes on at t->fp, t->pc
extern OpHandler op_go;                     // goes on at pc of the frame fp: in its compiled code, or in the interpreter
extern OpHandler op_begin;                  // CodeData.entry of what is not compiled: the first instruction, in the interpreter
extern OpHandler op_begin_cold;             // the same of what may yet be: counted
extern OpHandler op_hot;                    // as op_go, when it is time to look at what is being run

static inline uint64_t ins_fetch(const Ins *pc) { return atomic_load_relaxed_u64((const _Atomic uint64_t *)&pc->word); }
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
// Does `next` drop the result of `call`? (A DROP's register has no flag.)
static inline bool drops_result(uint64_t call, uint64_t next) { return (uint16_t)next == OP_DROP && (uint16_t)(next >> 16) == (uint16_t)(call >> 16); }
// Where compiled code goes on after a call, as a frame's header keeps it: NULL where the caller is interpreted, or its code is gone.
#define NATIVE_OF_FRAME(fp) ((OpHandler *)(value_bits((fp)[FRAME_NATIVE]) >> 3))

static inline OpHandler *code_entry(const CodeData *data) { return (OpHandler *)atomic_load_acquire_ptr(&data->entry); }

// value_is for operands, which are never UNDEF.
#define operand_is(v, ID) operand_has_shape(v, SHAPE_##ID)
static inline bool operand_has_shape(ValueRef v, uint32_t shape) { return value_is_object(v) && object_shape(value_object(v)) == shape; }
static inline bool operand_is_private(ValueRef v, uint32_t shape) { return value_is_object(v) && object_shape_word(value_object(v)) == shape; }

#define RESUME() GO_SLOWLY(op_resume)
#define ERROR() GO_SLOWLY(op_error)
#define LEAVE_INTERPRETER() return
#define SAVE() (t->pc = pc)               // before anything that may raise, look at frames, or be a safepoint
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
#define SET_A(v) do { \
        Value result_ = (v), *place_ = &RA; \
        if (A_FLAG) { Value old_ = *place_; *place_ = result_; RELEASE(old_); } \
        else *place_ = result_; \
    } while (0)
// The result of the call that stands before `pc`, in the frame that was returned to: such a call has no prefix, whatever the return had.
#define SET_RETURNED(v) do { \
        ins = ins_fetch(pc - 1); \
        Value result_ = (v), *place_ = &fp[(ins >> 16) & OPERAND_INDEX]; \
        if (ins & (uint64_t)OPERAND_FLAG << 16) { Value old_ = *place_; *place_ = result_; RELEASE(old_); } \
        else *place_ = result_; \
    } while (0)
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
