// _weakref: what the library's weakref module stands on.
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/weak_proxy.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

NATIVE(getweakrefcount) { return int_from_int64(t, value_is_pointer(args[0]) ? weakref_count(value_object(args[0])) : 0); }
NATIVE(getweakrefs) { return weakref_list(t, args[0]); }
NATIVE(proxy) {
    bool callable = value_type(args[0])->ops.call != NULL;
    return weakref_new(t, callable ? TYPE_OF(WEAK_CALLABLE_PROXY) : TYPE_OF(WEAK_PROXY), args[0], args[1]);
}
// Deletes the key if its value is a weak reference that is dead.
NATIVE(remove_dead_weakref) {
    if (!value_is_any_dict(args[0])) return raise(t, TYPE_ERROR, "_remove_dead_weakref() argument 1 must be dict, not %T", args[0]);
    Dict *d = value_dict(args[0]);
    Value v = dict_get(t, d, args[1]);
    if (!value_bits(v)) return error_pending(t) ? UNDEF : NONE;
    if (!value_is_pointer(v) || !value_is_instance(v, TYPE_OF(WEAKREF))) {
        value_release(t, v);
        return raise(t, TYPE_ERROR, "not a weakref");
    }
    Value alive = weakref_get(t, v);
    value_release(t, v);
    if (value_bits(alive)) {
        value_release(t, alive);
        return NONE;
    }
    Value gone = dict_pop(t, d, args[1]);
    if (!value_bits(gone) && error_pending(t)) return UNDEF;
    value_release(t, gone);
    return NONE;
}
static const NativeDef functions[] = {
    {"_remove_dead_weakref", remove_dead_weakref, "($module, dct, key, /)", "Deletes the key if its value is a dead weak reference.", 0},
    {"getweakrefcount", getweakrefcount, "($module, object, /)", "How many weak references there are.", 0},
    {"getweakrefs", getweakrefs, "($module, object, /)", "A list of the weak references.", 0},
    {"proxy", proxy, "($module, object, callback=None, /)", "A proxy of the object that does not keep it alive.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    return module_add(t, module, "ref", value_dup(t, value_of(TYPE_OF(WEAKREF)))) < 0 ||
                   module_add(t, module, "ReferenceType", value_dup(t, value_of(TYPE_OF(WEAKREF)))) < 0 ||
                   module_add(t, module, "ProxyType", value_dup(t, value_of(TYPE_OF(WEAK_PROXY)))) < 0 ||
                   module_add(t, module, "CallableProxyType", value_dup(t, value_of(TYPE_OF(WEAK_CALLABLE_PROXY)))) < 0
               ? -1
               : 0;
}
const ModuleSpec _weakref_module = {.name = "_weakref", .doc = "Weak references.", .functions = functions, .exec = exec};
