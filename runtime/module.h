// Modules written in C: a spec each, listed in modules/modules.def; the module object.
#pragma once
#include "runtime/store.h"

typedef struct ModuleSpec {
    const char *name;               // "math"
    const char *doc;                // our own words
    const NativeDef *functions;     // self is the module
    int (*exec)(Thread *t, ValueRef module); // adds the rest (types, constants); 0, -1. NULL: nothing more
    size_t state_size;              // zeroed bytes for the module's own state (module_state); Values in it are shown by `traverse`
    void (*traverse)(void *state, VisitFn visit, void *arg);
} ModuleSpec;

typedef struct Module {
    Container c;
    Value dict;            // dict
    const ModuleSpec *spec; // native ones
    void *state;
} Module;

Value module_new(Thread *t, ValueRef name);                 // with __name__, __doc__, __package__, __loader__, __spec__
Value module_from_spec(Thread *t, const ModuleSpec *spec);  // made and filled
static inline Module *value_module(ValueRef v) { return (Module *)value_object(v); }
static inline void *module_state(ValueRef module) { return value_module(module)->state; }
int module_add(Thread *t, ValueRef module, const char *name, Value value_steal); // fails where the value is UNDEF
int module_add_int(Thread *t, ValueRef module, const char *name, int64_t n);
int module_add_text(Thread *t, ValueRef module, const char *name, const char *utf8);
int module_add_type(Thread *t, ValueRef module, Type *type);
const ModuleSpec *module_spec_find(const char *name);
// Builtin types are process-wide; a module's own types are made once per module by type_from_spec and kept in its state.
