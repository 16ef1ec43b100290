// What import.c and modules/_imp.c share.
#pragma once
#include "runtime/import.h"
#include "runtime/module.h"

// The two modules of the library that importing itself is made of have "frozen" names, as programs expect them.
typedef struct Bootstrap {
    const char *name;   // "_frozen_importlib"
    const char *origin; // "importlib._bootstrap"
    const char *file;   // in the library's directory
    const char *filename; // co_filename
} Bootstrap;
const Bootstrap *bootstrap_find(ValueRef name); // NULL where there is none of that name
Value bootstrap_code(Thread *t, const Bootstrap *b); // compiled from its source
extern const ModuleSpec _imp_module;
