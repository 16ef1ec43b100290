// _typing: the native half of typing (objects/typevar.c, objects/alias.c).
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/type.h"

static Value idfunc(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return value_dup(t, args[0]); }

static int exec(Thread *t, ValueRef module) {
    static Type *const types[] = {TYPE_OF(TYPE_VAR), TYPE_OF(PARAM_SPEC), TYPE_OF(TYPE_VAR_TUPLE), TYPE_OF(PARAM_SPEC_ARGS), TYPE_OF(PARAM_SPEC_KWARGS),
                                  TYPE_OF(TYPE_ALIAS), TYPE_OF(GENERIC), TYPE_OF(UNION)};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (module_add_type(t, module, types[i]) < 0) return -1;
    return module_add(t, module, "NoDefault", value_dup(t, type_dict_get(TYPE_OF(NO_DEFAULT), NAME(NoDefault))));
}

static const NativeDef functions[] = {
    {"_idfunc", idfunc, "($module, x, /)", "The argument.", 0},
    NATIVE_END};
const ModuleSpec _typing_module = {.name = "_typing", .doc = "What typing is made of.", .functions = functions, .exec = exec};
