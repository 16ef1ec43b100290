// What most native modules write their functions and types with.
#pragma once
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

// The head of a native function (CallFn). Without NATIVE_RAW, `args` has an entry for each parameter.
#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static inline bool is_none(ValueRef v) { return value_bits(v) == value_bits(NONE); }
static inline bool not_given(ValueRef v) { return !value_bits(v) || is_none(v); }
static inline Value value_or_none(Value v) { return value_bits(v) ? v : NONE; }
// An instance of the type made from `spec`, or of a subclass.
static inline bool is_spec(ValueRef v, const TypeSpec *spec) { return value_is_pointer(v) && value_type(v)->spec == spec; }

// Makes a type for the module; its name goes before the dot of the spec's. `slot` (or NULL) is in the module's state.
static inline Type *module_type(Thread *t, ValueRef module, Value *slot, const TypeSpec *spec) {
    const char *dot = strrchr(spec->name, '.');
    Value name = dot ? str_from_ascii(t, spec->name, (size_t)(dot - spec->name)) : UNDEF;
    if (dot && !value_bits(name)) return NULL;
    Type *type = type_from_spec(t, spec, UNDEF, name);
    value_release(t, name);
    if (type && slot) slot_store(t, value_object(module), slot, value_of(type));
    return type;
}
// The same, and the module shows it.
static inline int module_export_type(Thread *t, ValueRef module, Value *slot, const TypeSpec *spec) {
    return module_add_type(t, module, module_type(t, module, slot, spec));
}
static inline Value generic_alias(Thread *t, ValueRef type, ValueRef item) { return call_2(t, value_of(TYPE_OF(GENERIC_ALIAS)), type, item); }

// The type of the parts that objects of `type` are made with, kept on it as an attribute: borrowed (types of modules are never
// counted). A program may have put something else there: NULL with TypeError where it is not the type of `spec`.
static inline Type *companion_type(Thread *t, Type *type, ValueRef name, const TypeSpec *spec) {
    ValueRef v = type_lookup(t, type, name);
    if (value_bits(v) && value_is_type(v) && ((Type *)value_object(v))->spec == spec) return (Type *)value_object(v);
    return raise_null(t, TYPE_ERROR, "%N.%S was changed", type, name);
}
static inline int companion_add(Thread *t, Type *type, const char *name, Type *companion) {
    if (!type || !companion) return -1;
    int result = dict_set_text(t, value_dict(slot_borrow(&type->dict)), name, value_dup(t, value_of(companion)));
    type_modified(t, type);
    return result;
}
