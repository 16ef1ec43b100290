// _contextvars: what contextvars is made of (objects/context.c).
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/objects/context.h"

static Value copy_context(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return context_copy_current(t); }

static int exec(Thread *t, ValueRef module) {
    static Type *const types[] = {TYPE_OF(CONTEXT), TYPE_OF(CONTEXT_VAR), TYPE_OF(CONTEXT_TOKEN)};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (module_add_type(t, module, types[i]) < 0) return -1;
    return 0;
}

static const NativeDef functions[] = {
    {"copy_context", copy_context, "()", "A copy of the current context.", 0},
    NATIVE_END};
const ModuleSpec _contextvars_module = {.name = "_contextvars", .doc = "Context variables.", .functions = functions, .exec = exec};
