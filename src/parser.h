// Inside the parser: the token window, and what its files (parse_*.c) call of each other.
#pragma once
#include "src/ast.h"
#include "src/lexer.h"
#include "src/parse.h"

enum { TOKEN_BLOCK = 512 };

typedef struct Parser {
    Front *f;
    Lexer lexer;
    ParseMode mode;
    VEC(Token *) blocks;       // of TOKEN_BLOCK tokens each: tokens keep their address
    uint32_t count, at;        // tokens read, current token
    const Token *now;          // the current token, read
    bool reporting;            // the second pass: the text is known to be wrong, now find the best words for it
    bool started;              // interactive: something came before the end
    int in_field;              // inside a replacement field of this many literals
    int no_report;             // > 0: speculating; specific errors are not raised
    struct { const Chars *match, *case_, *type, *underscore, *print, *exec; } names;
} Parser;

const Token *parser_fetch(Parser *p, uint32_t index);  // reads up to token `index`
static inline const Token *token_at(const Parser *p, uint32_t i) { return &p->blocks.at[i / TOKEN_BLOCK][i % TOKEN_BLOCK]; }
static inline const Token *last_token(const Parser *p) { return token_at(p, p->at - 1); }  // the one before the current
static inline const Token *look(Parser *p, uint32_t ahead) { return parser_fetch(p, p->at + ahead); }
static inline void seek(Parser *p, uint32_t at) { p->at = at; p->now = parser_fetch(p, at); }
static inline void advance(Parser *p) { seek(p, p->at + 1); }
static inline bool at(const Parser *p, TokenType t) { return p->now->type == t; }
static inline bool accept(Parser *p, TokenType t) { return p->now->type == t ? advance(p), true : false; }
static inline bool at_name(const Parser *p, const Chars *name) { return p->now->type == TOK_NAME && p->now->name == name; }

_Noreturn void parser_fail(Parser *p);  // no parse here: "invalid syntax" unless the second pass finds better words
void expect(Parser *p, TokenType t);
void expect_forced(Parser *p, TokenType t);  // fails with "expected '%s'" (once reporting, or at once in either pass)
const Chars *expect_name(Parser *p);

// An error of the second pass; in the first pass a plain failure, so that the second comes.
_Noreturn PRINTF_LIKE(3, 4) void parser_error(Parser *p, Pos pos, const char *format, ...);
_Noreturn PRINTF_LIKE(2, 3) void parser_error_last(Parser *p, const char *format, ...);  // at the furthest token read
_Noreturn PRINTF_LIKE(3, 4) void parser_error_token(Parser *p, const Token *t, const char *format, ...);
_Noreturn PRINTF_LIKE(2, 3) void parser_error_indent(Parser *p, const char *format, ...);
static inline bool reporting(const Parser *p) { return p->reporting && !p->no_report; }

// Positions
static inline Pos pos_of(const Token *t) { return t->pos; }
static inline Pos pos_from(const Parser *p, Pos start)  // from `start` to the last token taken that is no white space
{
    uint32_t i = p->at - 1;
    const Token *t = token_at(p, i);
    while (i && (t->type == TOK_NEWLINE || t->type == TOK_INDENT || t->type == TOK_DEDENT || t->type == TOK_ENDMARKER))
        t = token_at(p, --i);
    return (Pos){start.line, start.col, t->pos.end_line, t->pos.end_col};
}
// From a place to where the furthest token read starts
static inline Pos pos_to_furthest(const Parser *p, Pos start)
{
    const Token *t = token_at(p, p->count - 1);
    return (Pos){start.line, start.col, t->pos.line, t->pos.col};
}
static inline Pos pos_span(Pos a, Pos b) { return (Pos){a.line, a.col, b.end_line, b.end_col}; }

typedef VEC(Node *) Nodes;
static inline Seq *seq_of(Parser *p, const Nodes *v) { return ast_seq(p->f, v->at, v->n); }
static inline Seq *seq_one(Parser *p, Node *n) { return ast_seq(p->f, &n, 1); }

// Tries `parse`; where it fails for lack of a parse, goes back and returns NULL. Lexical errors are not swallowed.
Node *parser_try(Parser *p, Node *(*parse)(Parser *));
Node *parser_try_aloud(Parser *p, Node *(*parse)(Parser *));  // the same, but mistakes inside are reported
void parser_check_depth(Parser *p);

// parse_expr.c
Node *parse_expression(Parser *p);
Node *parse_named_expression(Parser *p);
Node *parse_star_expressions(Parser *p);        // expression or star_expression, or a tuple of them
Node *parse_star_named_expression(Parser *p);
Node *parse_yield(Parser *p);
Node *parse_yield_or_star_expressions(Parser *p);
Node *parse_disjunction(Parser *p);
Node *parse_bitwise_or(Parser *p);
Node *parse_primary(Parser *p);
Node *parse_atom(Parser *p);
Node *parse_slices(Parser *p);
void parse_arguments(Parser *p, Seq **args, Seq **keywords);  // up to, not with, the ')'
Seq *parse_for_if_clauses(Parser *p);
bool at_expression(const Parser *p);            // the current token can start an expression (or a starred one)
Node *node_name(Parser *p, const Token *t, expr_context_ty ctx);
Node *node_constant(Parser *p, Const c, Pos pos);

// parse_args.c: parameters of functions and lambdas
Node *parse_parameters(Parser *p, bool lambda);  // up to, not with, the ')' or ':'

// parse_target.c: what may be assigned to, deleted, bound
void set_context(Parser *p, Node *n, expr_context_ty ctx);
typedef enum { STAR_TARGETS, DEL_TARGETS, FOR_TARGETS } TargetKind;
Node *invalid_target(Node *n, TargetKind kind);  // the first part that is none; NULL: all fits
const char *expression_name(const Node *n);      // as the messages call it
Node *parse_star_targets(Parser *p, const char *what);  // of for and comprehensions: stops before `in`
_Noreturn void fail_invalid_target(Parser *p, Node *n, TargetKind kind);

// parse_string.c
Node *parse_strings(Parser *p);
Const parse_number(Parser *p, const Token *t);

// parse_pattern.c
Node *parse_match_statement(Parser *p);          // NULL: `match` is an ordinary name here
Seq *parse_type_params(Parser *p);               // empty where there is no '['

// parse_stmt.c
Node *parse_file(Parser *p);
Seq *parse_block(Parser *p, const char *what, int32_t line);
void expect_colon(Parser *p);
