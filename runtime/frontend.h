// What the runtime needs of the front end, as a table that src/frontend.c fills (the runtime never includes src/).
#pragma once
#include "runtime/object.h"
enum { FRONTEND_FROM_FILE = 1u << 30 }; // a compile flag beside Python's: the source is what the file holds, byte by byte
typedef struct Frontend {
    // Source text to code object. mode: 'e' eval, 'x' exec, 's' single. `source` is UTF-8 (decoded = true) or raw bytes with perhaps a
    // coding cookie. optimize: 0, 1, 2. UNDEF with SyntaxError (or its subclass, ValueError for NULs, MemoryError).
    Value (*compile)(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize);
    Value (*parse_to_ast)(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize, int feature_version); // _ast objects
    Value (*compile_ast)(Thread *t, ValueRef ast_object, ValueRef filename, int mode, uint32_t flags, int optimize);
    const struct ModuleSpec *const *modules; // _ast, _tokenize, _symtable: what the front end derives from its own tables; ends with NULL
} Frontend;
extern const Frontend *frontend; // set once by main before the runtime starts
