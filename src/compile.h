// Inside the compiler: a Unit is one code object in the making. Registers, labels and their states, blocks, emission.
#pragma once
#include "runtime/code.h"
#include "src/ast.h"
#include "src/symtable.h"

typedef struct Unit Unit;

// Operands of emit: register numbers, with FLAG as their flag (LAST for reads, HOLDS for results), or plain numbers.
enum { FLAG = 1 << 30, REG = FLAG - 1 };

typedef struct Insn {
    uint16_t op;
    uint32_t a, b, c;
    int32_t label;      // jump target, -1: none
    int32_t handler;    // innermost handler that covers it, -1: none
    Pos pos;
} Insn;

typedef struct Label {
    int32_t at;         // instruction it stands before, -1: not bound yet
    bool reached;       // some jump leads to it
    uint64_t *bound;    // locals bound on every way seen so far (NULL: not reached)
} Label;

typedef struct Catch { int32_t label; uint32_t depth, exc; int32_t outer; } Catch;

typedef enum PoolKind { POOL_CONST, POOL_NAME, POOL_CODE } PoolKind;
typedef struct PoolEntry {
    PoolKind kind;
    union { const Const *value; const Chars *name; Unit *code; };
    uint32_t hash;
} PoolEntry;

typedef struct Inline { Symbol *symbol; uint32_t start, end, reg; } Inline;  // of a comprehension compiled inline: instructions

typedef enum BlockKind {
    BLOCK_LOOP, BLOCK_FOR, BLOCK_ASYNC_FOR, BLOCK_FINALLY, BLOCK_HANDLER, BLOCK_NAMED_HANDLER, BLOCK_WITH, BLOCK_ASYNC_WITH, BLOCK_STAR_HANDLER,
    BLOCK_DROP,
} BlockKind;

typedef struct Block {  // what a jump out of here must do on its way
    BlockKind kind;
    struct Block *outer;
    int32_t handler_outside;   // the handler in force around the block
    uint32_t reg, save;        // iterator; exit window and returned value's place; exception and the one handled before
    int32_t on_break, on_continue;
    const Seq *body;           // finally
    const Chars *name;         // as NAME
    Pos pos;
    struct Scope *inner;
} Block;

struct Unit {
    Front *f;
    Unit *outer;
    Scope *scope, *inner;      // inner: the comprehension being compiled inline, or scope
    int optimize;
    VEC(Insn) code;
    VEC(Label) labels;
    VEC(Catch) handlers;
    VEC(PoolEntry) pool;
    uint32_t *pool_table, pool_size;
    VEC(const Chars *) varnames, cellvars, freevars, names;
    VEC(Inline) inlined;
    uint32_t nlocals, depth, max_depth;
    uint32_t argcount, posonly, kwonly, flags;
    int32_t handler;
    Block *block;
    bool reachable;
    uint64_t *bound;           // locals certainly bound here
    uint32_t bound_words;
    Pos pos;
    const Chars *name, *qualname;
    int32_t firstline;
    bool is_interactive;
    VEC(const Chars *) static_attributes;  // of a class: names set through self
    uint32_t conditional_reg;
    // assembled:
    VEC(Ins) words;
    VEC(Position) positions;
    VEC(ExceptionRow) rows;
    VEC(InlineVariable) inline_variables;
    VEC(const Chars *) inline_names;
};

// ---- compile.c: units, emission, names
Unit *unit_new(Front *f, Unit *outer, Scope *scope, const Chars *name, int32_t firstline);
Insn *emit(Unit *u, int op, uint32_t a, uint32_t b, uint32_t c);
void emit_jump(Unit *u, int op, uint32_t a, uint32_t b, int32_t label);
#define NOWHERE ((Pos){-1, -1, -1, -1})  // of what stands for nothing in the text: no tracer is told of it
void emit_jump_on(Unit *u, int32_t label);  // from the end of a block over what follows it: NOWHERE
int32_t label_new(Unit *u);
void label_bind(Unit *u, int32_t label);       // here; the state is what all ways in agree on
void label_bind_loop(Unit *u, int32_t label);  // here, for jumps backwards
int32_t handler_new(Unit *u, int32_t label, uint32_t depth, uint32_t exc);
// The handler's code starts here: state as it was when the handler came into force.
void handler_bind(Unit *u, int32_t handler, const uint64_t *bound);
uint64_t *bound_copy(Unit *u);
uint32_t temp(Unit *u);                        // a new temporary
uint32_t temps(Unit *u, uint32_t n);           // the first of n
static inline uint32_t last(uint32_t reg) { return reg | FLAG; }
static inline bool is_variable(uint32_t d) { return d & FLAG; }

uint32_t pool_const(Unit *u, const Const *c);
uint32_t pool_name(Unit *u, const Chars *name);     // as the operand of an operation; interned
uint32_t pool_attr(Unit *u, const Chars *name);     // the same, mangled and listed in co_names
uint32_t pool_code(Unit *u, Unit *code);
const Chars *text_const(Unit *u, const char *text);
void load_const(Unit *u, uint32_t d, const Const *c);
void load_word(Unit *u, uint32_t d, Value word);   // None, True ...
void load_text(Unit *u, uint32_t d, const Chars *s);
void load_int(Unit *u, uint32_t d, int64_t n);

typedef enum PlaceKind { PLACE_FAST, PLACE_CELL, PLACE_FREE, PLACE_GLOBAL, PLACE_NAME, PLACE_DICT_GLOBAL, PLACE_DICT_FREE, PLACE_DICT_CELL } PlaceKind;
typedef struct Place { PlaceKind kind; uint32_t index; Symbol *symbol; const Chars *name; } Place;
Place place_of(Unit *u, const Chars *name);
void load_name(Unit *u, const Chars *name, uint32_t d);
uint32_t operand_name(Unit *u, const Chars *name);       // register operand: the variable itself, or a temporary
void store_name(Unit *u, const Chars *name, uint32_t r); // r: register operand, consumed if flagged
void delete_name(Unit *u, const Chars *name);
void note_bound(Unit *u, Place p);
void load_closure(Unit *u, uint32_t d, Unit *code);      // the tuple of cells for a nested code
void make_function(Unit *u, uint32_t d, Unit *code);     // with its closure

_Noreturn PRINTF_LIKE(3, 4) void compile_error(Unit *u, Pos pos, const char *format, ...);

// ---- compile_expr.c
void expr_to(Unit *u, Node *n, uint32_t d);  // d: a fresh temporary, or a variable's register with FLAG
bool small_int(const Node *n, int64_t *out);  // an int constant that fits an instruction's 16 bits
uint32_t operand(Unit *u, Node *n);          // as an operand: a variable in place, or a temporary with LAST
uint32_t operand_before(Unit *u, Node *n, Node *later);  // ... which evaluating `later` must not change
// The same for an operation whose result goes to d: a temporary d serves as the operand's place.
uint32_t operand_in(Unit *u, Node *n, Node *later, uint32_t d);
void jump_if(Unit *u, Node *n, bool sense, int32_t label);
void drop(Unit *u, uint32_t reg);
void await_into(Unit *u, uint32_t d, uint32_t iterator);  // iterator consumed; d and iterator are temporaries, iterator above d
void compile_comprehension(Unit *u, Node *n, uint32_t d);
// The tuple of positional arguments in t: `given` registers from `first` on, then args. `callable`: register of what is called.
void spread_arguments(Unit *u, uint32_t t, uint32_t callable, uint32_t first, uint32_t given, const Seq *args, Pos pos);
void spread_keywords(Unit *u, uint32_t t, uint32_t callable, const Seq *keywords, Pos pos);
void compile_call_with(Unit *u, uint32_t d, uint32_t window, uint32_t extra, const Seq *args, const Seq *keywords, Pos pos);
// Where an operation with the attribute is said to be, which `whole` covers: from the name on, where that is on a later line.
Pos attribute_pos(Pos whole, const Node *attribute);
bool has_star(const Seq *args);
bool has_double_star(const Seq *keywords);

// ---- compile_stmt.c
void compile_body(Unit *u, const Seq *body, uint32_t from);
void compile_statement(Unit *u, Node *n);
void store_target(Unit *u, Node *target, uint32_t r);
void compile_unpack(Unit *u, Node *target, uint32_t r);
void push_block(Unit *u, Block *b, BlockKind kind, Pos pos);  // fails where blocks nest too deeply
#define NOTHING_KEPT UINT32_MAX
void unwind(Unit *u, Block *until, uint32_t keep);  // what leaving the blocks inside `until` does; register `keep` holds what is returned, or NOTHING_KEPT

// ---- compile_try.c
void compile_try(Unit *u, Node *n);
void compile_try_star(Unit *u, Node *n);
void compile_with(Unit *u, Node *n, uint32_t item, bool async);
void unwind_block(Unit *u, Block *b, uint32_t keep);

// ---- compile_match.c
void compile_match(Unit *u, Node *n);

// ---- compile_class.c: functions, classes, annotations, type parameters
void compile_function(Unit *u, Node *n);
void compile_lambda(Unit *u, Node *n, uint32_t d);
void compile_class(Unit *u, Node *n);
void compile_type_alias(Unit *u, Node *n);
void finish_function(Unit *u);      // implicit return, generator's row
void begin_function(Unit *u);       // cells, RETURN_GENERATOR
void compile_annotations(Unit *u);  // a module's or class's __annotate__
Unit *compile_generator_expression(Unit *u, Node *n);

// ---- assemble.c
void assemble(Unit *u);

// ---- unparse.c
const Chars *unparse_expression(Front *f, const Node *n);  // as `from __future__ import annotations` writes it

// Compiles f's tree; returns the module's unit with all nested ones assembled.
Unit *compile_tree(Front *f, Node *tree, int optimize);
