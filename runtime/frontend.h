// What the runtime needs of the front end, as a table that src/frontend.c fills (the runtime never includes src/).
#pragma once
#include "runtime/object.h"
typedef struct Frontend {
    // Source text to code object. mode: 'e' eval, 'x' exec, 's' single. `source` is UTF-8 (decoded = true) or raw bytes with perhaps a
    // coding cookie. optimize: 0, 1, 2. UNDEF with SyntaxError (or its subclass, ValueError for NULs, MemoryError).
    Value (*compile)(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize);
    Value (*parse_to_ast)(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize, int feature_version); // _ast objects
    Value (*compile_ast)(Thread *t, ValueRef ast_object, ValueRef filename, int mode, uint32_t flags, int optimize);
    const struct ModuleSpec *ast_module; // the module _ast, whose classes the front end derives from its own tables
    // Tokens of UTF-8 text as tokenize's 5-tuples, in a list; `extra`: with comments and blank lines' ends, operators as OP. Where the text
    // is malformed, the exception object ends the list.
    Value (*tokenize)(Thread *t, const char *source, size_t bytes, bool extra);
} Frontend;
extern const Frontend *frontend; // set once by main before the runtime starts
