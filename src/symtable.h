// Scopes and what each name means in them.
#pragma once
#include "src/ast.h"

typedef enum ScopeKind {
    SCOPE_MODULE, SCOPE_CLASS, SCOPE_FUNCTION,   // SCOPE_FUNCTION: def, lambda, comprehension
    SCOPE_ANNOTATIONS,                           // __annotate__ (PEP 649)
    SCOPE_TYPE_PARAMS,                           // around a generic function, class or alias (PEP 695)
    SCOPE_TYPE_VARIABLE,                         // a bound or a default
    SCOPE_TYPE_ALIAS,                            // the value of a `type` statement
} ScopeKind;

enum {  // what is seen of a name in one scope
    DEF_GLOBAL = 1, DEF_LOCAL = 2, DEF_PARAM = 4, DEF_NONLOCAL = 8, USE = 16, DEF_IMPORT = 32, DEF_ANNOT = 64, DEF_COMP_ITER = 128,
    DEF_TYPE_PARAM = 256, DEF_NAMED = 512, DEF_DELETED = 1024,  // NAMED: target of := in a comprehension, which binds it further out
    DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT | DEF_TYPE_PARAM,
};

typedef enum NameScope { NAME_UNKNOWN, NAME_LOCAL, NAME_CELL, NAME_FREE, NAME_GLOBAL_EXPLICIT, NAME_GLOBAL_IMPLICIT } NameScope;

typedef struct Symbol {
    const Chars *name;
    uint32_t flags;
    uint8_t scope;       // NameScope
    bool free_here;      // passes through: an inner scope's free variable that this code must hand on
    uint32_t index;      // the compiler's: register of a local or cell, index of a free variable
    Pos pos;             // where `global` or `nonlocal` was said
} Symbol;

typedef struct Scope Scope;
struct Scope {
    ScopeKind kind;
    const Chars *name;          // as the code object is called
    const Node *node;
    Scope *parent, *first_child, *last_child, *sibling;
    VEC(Symbol *) symbols;      // in order of appearance
    Symbol **table;             // by name, open addressing; size a power of two
    uint32_t table_size;
    VEC(const Chars *) params;  // names of parameters in the order of their registers
    const Chars *private_name;  // class whose __names are mangled, NULL: none
    const Seq *mangle_only;     // type parameters: only names of these are mangled; NULL: all
    Pos pos;
    uint8_t comprehension;      // NodeKind of a comprehension, or 0
    bool inlined;               // a comprehension that is part of its parent's code
    bool is_lambda, is_async, generator, coroutine, varargs, varkeywords, nested, in_generic;
    bool comp_target, in_comp_iter;
    bool needs_class_closure, needs_classdict, sees_class;  // sees_class: its parent's class namespace is looked at first
    bool has_docstring, method;
    bool has_annotations, conditional_annotations;
    int in_conditional;
    Scope *annotations;         // of a module or class: its __annotate__
    VEC(Node *) annotated;      // the simple annotated names that it describes, in order (annotation_number)
    Symbol *class_cell, *classdict_cell, *conditional_cell;
    const char *part_of;        // TYPE_VARIABLE: "a TypeVar bound" ...
};

typedef struct ModuleScopes {
    Scope *top;
    struct { const Node *node; int part; Scope *scope; } *table;
    uint32_t size, count;
    uint32_t future;            // FRONT_FUTURE_ANNOTATIONS ...
    int32_t future_line;        // the last line of __future__ imports, -1: none
} ModuleScopes;

// What of a node a scope belongs to, where a node has several
enum { PART_BODY, PART_ANNOTATIONS, PART_TYPE_PARAMS, PART_BOUND, PART_DEFAULT };

// Builds and resolves all scopes of a tree; fails with SyntaxError. The scopes are kept in f->scopes.
void symtable_build(Front *f, Node *tree);
Scope *symtable_scope(Front *f, const Node *node, int part);  // NULL: the node has none
Symbol *scope_symbol(const Scope *s, const Chars *name);         // NULL: not mentioned there
const Chars *scope_mangle(Front *f, const Scope *s, const Chars *name);  // a name as code of the scope means it
const Chars *symtable_mangle(Front *f, const Chars *private_name, const Chars *name);
static inline bool scope_is_function(const Scope *s) { return s->kind != SCOPE_MODULE && s->kind != SCOPE_CLASS; }

// future.c: checks `from __future__` imports and returns the flags they set.
// The number of an AnnAssign among its scope's.
static inline uint32_t annotation_number(const Node *n) { return (uint32_t)n->paren << 16 | n->scratch; }

void warn_finally(Front *f, const Node *tree);  // PEP 765: jumps out of `finally`
uint32_t future_features(Front *f, const Node *tree, int32_t *last_line);
