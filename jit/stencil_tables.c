#include "jit/stencil.h"
#include "jit/stencils.inc" // made by the build
