// _datetime: the types of the module datetime. They are the runtime's builtin types; the module only shows them.
#include "runtime/modules/datetime.h"
#include "runtime/objects/capsule.h"

static int exec(Thread *t, ValueRef module) {
    static Type *const types[] = {TYPE_OF(DATE), TYPE_OF(DATETIME), TYPE_OF(TIME), TYPE_OF(TIMEDELTA), TYPE_OF(TIMEZONE), TYPE_OF(TZINFO)};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (module_add_type(t, module, types[i]) < 0) return -1;
    if (module_add_int(t, module, "MINYEAR", MIN_YEAR) < 0 || module_add_int(t, module, "MAXYEAR", MAX_YEAR) < 0) return -1;
    if (module_add(t, module, "UTC", value_dup(t, zone_utc())) < 0) return -1;
    // Where CPython keeps its C interface: nothing can be done with this one.
    return module_add(t, module, "datetime_CAPI", capsule_new(t, (void *)types, "datetime.datetime_CAPI", NULL));
}
const ModuleSpec _datetime_module = {.name = "_datetime", .doc = "Dates, times, durations and time zones.", .exec = exec};
