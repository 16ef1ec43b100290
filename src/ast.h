// The tree that the parser builds, derived from ast.def: one C struct per constructor, all in a Front's arena.
#pragma once
#include <stdio.h>
#include "src/front.h"

typedef enum NodeKind {
    NODE_NONE,
#define NODE(sum, Name, fields) Name##_kind,
#include "src/ast.def"
    NODE_KINDS
} NodeKind;

// Members of each enumeration, in ast.def's order, each counted from 0 within its enumeration.
enum {
#define ENUMERATION(name) name##_before, name##_base = name##_before - 1,
#define ENUMERATOR(name, Member) Member##_ordinal,
#include "src/ast.def"
};
enum {
#define ENUMERATOR(name, Member) Member = Member##_ordinal - name##_base - 1,
#include "src/ast.def"
};

#define ENUMERATION(name) typedef uint8_t name##_ty;
#include "src/ast.def"

typedef enum ConstKind {
    CONST_NONE, CONST_TRUE, CONST_FALSE, CONST_ELLIPSIS,
    CONST_INT,       // .integer
    CONST_BIGINT,    // .text: as in the source without underscores (decimal, 0x, 0o, 0b), perhaps after a '-'
    CONST_FLOAT,     // .real
    CONST_COMPLEX,   // .real and .imag
    CONST_STR,       // .text
    CONST_BYTES,     // .text
    CONST_TUPLE, CONST_FROZENSET,  // .items: made by folding
} ConstKind;

typedef struct Const Const;
struct Const {
    uint8_t kind;
    uint32_t count;          // of items
    union {
        int64_t integer;
        const Chars *text;
        struct { double real, imag; };
        const Const *items;
    };
};

typedef struct Node Node;
typedef struct Seq { uint32_t n; Node *at[]; } Seq;
typedef struct NameSeq { uint32_t n; const Chars *at[]; } NameSeq;
typedef struct EnumSeq { uint32_t n; uint8_t at[]; } EnumSeq;

#define ONE(type, f) Node *f;
#define OPT(type, f) Node *f;
#define SEQ(type, f) Seq *f;
#define SEQOPT(type, f) Seq *f;
#define ID(f) const Chars *f;
#define OPTID(f) const Chars *f;
#define IDSEQ(f) NameSeq *f;
#define INT(f) int32_t f;
#define OPTINT(f) int32_t f;
#define TEXT(f) const Chars *f;
#define OPTTEXT(f) const Chars *f;
#define CONST(f) Const f;
#define ENUM(enumeration, f) uint8_t f;
#define ENUMSEQ(enumeration, f) EnumSeq *f;
#define NODE(sum, Name, fields) typedef struct Name##_node { fields char end_of_##Name[0]; } Name##_node;
#include "src/ast.def"

struct Node {
    uint8_t kind;      // NodeKind
    uint8_t paren;     // expressions: written in parentheses of their own
    uint16_t scratch;  // for the passes
    Pos pos;
    union {
#define NODE(sum, Name, fields) Name##_node Name;
#include "src/ast.def"
    };
};
#undef ONE
#undef OPT
#undef SEQ
#undef SEQOPT
#undef ID
#undef OPTID
#undef IDSEQ
#undef INT
#undef OPTINT
#undef TEXT
#undef OPTTEXT
#undef CONST
#undef ENUM
#undef ENUMSEQ

// ---- what is known of each constructor at run time (for dumps, walks and the _ast module)

typedef enum FieldKind {
    FIELD_ONE, FIELD_OPT, FIELD_SEQ, FIELD_SEQOPT, FIELD_ID, FIELD_OPTID, FIELD_IDSEQ, FIELD_INT, FIELD_OPTINT, FIELD_TEXT, FIELD_OPTTEXT,
    FIELD_CONST, FIELD_ENUM, FIELD_ENUMSEQ
} FieldKind;

typedef struct AstField { const char *name, *type; uint8_t kind; uint16_t offset; } AstField;
typedef struct AstClass {
    const char *name, *sum;
    bool positioned;
    uint16_t size;                     // of the Node with this constructor's fields
    const AstField *(*fields)(void);   // in order, ends with a nameless one; offsets are from the Node's start
} AstClass;

extern const AstClass ast_classes[NODE_KINDS];
const char *ast_enumerator(const char *enumeration, int value);  // "Add" of ("operator", 0)

Node *ast_node(Front *f, NodeKind kind, Pos pos);  // zeroed; sequences are set by the caller
#define AST_NEW(f, Kind, pos) ast_node((f), Kind##_kind, (pos))
extern Seq *const ast_no_nodes;
extern NameSeq *const ast_no_names;
Seq *ast_seq(Front *f, Node *const *nodes, size_t n);
NameSeq *ast_names(Front *f, const Chars *const *names, size_t n);

// Writes what ast.dump(tree, include_attributes=attributes, indent=indent) returns; indent < 0: None.
void dump_ast(FILE *out, Front *f, const Node *tree, bool attributes, int indent);
void ast_write_const(FILE *out, const Const *c);  // its repr
void ast_write_str(FILE *out, const Chars *s, bool bytes);
