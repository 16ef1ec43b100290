// The operations as stencils, for one combination of operand flags: compiled to assembly by the build, tidied and taken apart by stencilgen.
#include "jit/stencil_language.h"

#include "runtime/ops/move.h"
#include "runtime/ops/arith.h"
#include "runtime/ops/attr.h"
#include "runtime/ops/container.h"
#include "runtime/ops/iter.h"
#include "runtime/ops/call.h"
#include "runtime/ops/control.h"
#include "runtime/ops/async.h"
