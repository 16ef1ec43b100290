// The handlers of instructions that a WIDE prefix extends, from the same bodies.
#define WIDE_OPERANDS
#include "runtime/interp/handlers.h"

#define OP(name, a, b, c, effects, meaning) OpHandler wide_##name;
#include "runtime/ops/ops.def"
#undef OP

OpHandler *const op_wide_handlers[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) wide_##name,
#include "runtime/ops/ops.def"
#undef OP
};

#include "runtime/ops/move.h"
#include "runtime/ops/arith.h"
#include "runtime/ops/attr.h"
#include "runtime/ops/container.h"
#include "runtime/ops/iter.h"
#include "runtime/ops/call.h"
#include "runtime/ops/control.h"
#include "runtime/ops/async.h"
