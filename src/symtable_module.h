// The _symtable module: the compiler's scopes for the library's symtable.
#pragma once
#include "runtime/module.h"

extern const ModuleSpec _symtable_module;
