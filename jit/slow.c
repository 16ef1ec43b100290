// What stencils leave to C: each operation's cold half (native_cold_NAME), where a stencil's likely way ends, and the whole operation
// (native_op_NAME), where it has no stencil or a poll is due. They go on wherever the next instruction's code is by then.
#define OUT_OF_LINE
// The interpreter's form of the instruction is another one by now.
#define OUTDATED() baseline_outdated(t, frame_data(fp))
#include "runtime/interp/handlers.h"
#include "jit/stencil.h"

#include "runtime/ops/move.h"
#include "runtime/ops/arith.h"
#include "runtime/ops/attr.h"
#include "runtime/ops/container.h"
#include "runtime/ops/iter.h"
#include "runtime/ops/call.h"
#include "runtime/ops/control.h"
#include "runtime/ops/async.h"

const char *const stencil_slow_ops[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) (const char *)native_op_##name,
#include "runtime/ops/ops.def"
#undef OP
};
