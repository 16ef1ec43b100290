// _sysconfig: the build's settings that depend on how this process runs.
#include "runtime/module.h"
#include "runtime/objects/dict.h"
#include "sync/gil.h"

static Value config_vars(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value dict = dict_new(t);
    if (dict && (dict_set_text(t, value_dict(dict), "Py_GIL_DISABLED", value_int(!sync_gil_mode)) < 0 || dict_set_text(t, value_dict(dict), "Py_DEBUG", value_int(0)) < 0))
        VALUE_CLEAR(t, dict);
    return dict;
}
static const NativeDef sysconfig_functions[] = {{"config_vars", config_vars, "($module, /)", "Settings that depend on how the process runs.", 0}, NATIVE_END};
const ModuleSpec _sysconfig_module = {.name = "_sysconfig", .doc = "Settings of the build, for sysconfig.", .functions = sysconfig_functions};
