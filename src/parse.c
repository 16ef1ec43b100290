// The parser's engine: tokens on demand, two passes, and the entry points.
//
// The first pass builds the tree and stops at the first token that fits nowhere. Only then a second pass runs over the same
// tokens with `reporting` on: it looks at each place for the mistakes that people make, and words them. So correct programs
// pay nothing for good messages. Lexical errors win over both, wherever they stand, as long as nothing was reported before
// them in the text.
#include "src/parser.h"
#include <stdarg.h>
#include <stdio.h>

static void fetch_one(Parser *p)
{
    if (p->count % TOKEN_BLOCK == 0)
        PUSH(p->f, &p->blocks, NEW_N(p->f, Token, TOKEN_BLOCK));
    Token *t = &p->blocks.at[p->count / TOKEN_BLOCK][p->count % TOKEN_BLOCK];
    lexer_next(&p->lexer, t);
    if (p->mode == PARSE_INTERACTIVE && t->type == TOK_ENDMARKER && p->started) {
        // One statement: its end is the end of the input.
        p->started = false;
        t->type = TOK_NEWLINE;
        if (p->lexer.indent && !(p->f->flags & FRONT_DONT_IMPLY_DEDENT)) {
            p->lexer.pending = -p->lexer.indent;
            p->lexer.indent = 0;
        }
    } else
        p->started = true;
    p->count++;
}

const Token *parser_fetch(Parser *p, uint32_t index)
{
    while (index >= p->count)
        fetch_one(p);
    return token_at(p, index);
}

_Noreturn void parser_fail(Parser *p)
{
    p->f->failure = (Failure){.kind = FAIL_NONE};
    front_bail(p->f);
}

void expect(Parser *p, TokenType t)
{
    if (!accept(p, t))
        parser_fail(p);
}

const Chars *expect_name(Parser *p)
{
    if (!at(p, TOK_NAME))
        parser_fail(p);
    const Chars *name = p->now->name;
    advance(p);
    return name;
}

// ---- errors

// After a reported error the rest of the text is read: what is wrong with its tokens matters more.
static void check_rest(Parser *p)
{
    Front *f = p->f;
    Failure first = f->failure;
    const Token *last = token_at(p, p->count - 1);
    int32_t line = last->pos.line;
    BailFrame frame;
    if (last->type == TOK_ENDMARKER)
        return;
    volatile bool ended = p->lexer.ended;  // the error's own doing alone
    if (FRONT_TRY(f, frame)) {
        Token t;
        do {
            // An end inside brackets is an error only where the bracket opened before the line of the first error.
            lexer_next(&p->lexer, &t);
        } while (t.type != TOK_ENDMARKER);
        FRONT_END(f, frame);
        f->failure = first;
    } else {
        FRONT_END(f, frame);
        if (p->lexer.fstrings)  // what is wrong in a field matters more than how its literal goes on
            f->failure = first;
        if (p->lexer.level && p->lexer.at >= p->lexer.length && f->failure.message && strstr(f->failure.message, "was never closed") &&
            line <= p->lexer.brackets[p->lexer.level - 1].line)
            f->failure = first;
    }
    p->lexer.ended = ended;
}

_Noreturn static void raise_pos(Parser *p, FailKind kind, Pos pos, const char *message)
{
    syntax_error_set(p->f, kind, pos, message);
    check_rest(p);
    front_bail(p->f);
}

_Noreturn void parser_error(Parser *p, Pos pos, const char *format, ...)
{
    if (!reporting(p))
        parser_fail(p);
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    raise_pos(p, FAIL_SYNTAX, pos, front_format(p->f, "%s", text));
}

// At a token; tokens of indentation have no columns of their own.
_Noreturn static void raise_at_token(Parser *p, FailKind kind, const Token *t, const char *message)
{
    if (t->pos.col < 0) {
        syntax_error_set(p->f, kind, t->pos, message);
        p->f->failure.offset = front_char_offset(p->f, t->pos.line, t->cur);
        p->f->failure.end_offset = -1;
        check_rest(p);
        front_bail(p->f);
    }
    raise_pos(p, kind, t->pos, message);
}

_Noreturn void parser_error_last(Parser *p, const char *format, ...)
{
    if (!reporting(p))
        parser_fail(p);
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    raise_at_token(p, FAIL_SYNTAX, token_at(p, p->count - 1), front_format(p->f, "%s", text));
}

_Noreturn void parser_error_token(Parser *p, const Token *t, const char *format, ...)
{
    if (!reporting(p))
        parser_fail(p);
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    raise_at_token(p, FAIL_SYNTAX, t, front_format(p->f, "%s", text));
}

_Noreturn void parser_error_indent(Parser *p, const char *format, ...)
{
    if (!reporting(p))
        parser_fail(p);
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    raise_at_token(p, FAIL_INDENTATION, token_at(p, p->count - 1), front_format(p->f, "%s", text));
}

void expect_forced(Parser *p, TokenType t)
{
    if (accept(p, t))
        return;
    if (p->no_report)
        parser_fail(p);
    char text[64];
    snprintf(text, sizeof text, "expected '%s'", token_names[t]);
    raise_at_token(p, FAIL_SYNTAX, p->now, front_format(p->f, "%s", text));
}

void parser_check_depth(Parser *p)
{
    if (front_deep(p->f))
        front_fail(p->f, FAIL_MEMORY, "Parser stack overflowed - Memory limit exceeded");
}

static Node *try_quietly(Parser *p, Node *(*parse)(Parser *), bool quiet)
{
    Front *f = p->f;
    uint32_t start = p->at;
    int in_field = p->in_field, no_report = p->no_report;
    size_t warnings = f->warnings.n;
    BailFrame frame;
    if (FRONT_TRY(f, frame)) {
        p->no_report += quiet;
        Node *n = parse(p);
        p->no_report -= quiet;
        FRONT_END(f, frame);
        return n;
    }
    FRONT_END(f, frame);
    p->no_report = no_report;
    p->in_field = in_field;
    if (f->failure.kind != FAIL_NONE)
        front_bail(f);
    f->warnings.n = warnings;
    seek(p, start);
    return NULL;
}

Node *parser_try(Parser *p, Node *(*parse)(Parser *)) { return try_quietly(p, parse, true); }
Node *parser_try_aloud(Parser *p, Node *(*parse)(Parser *)) { return try_quietly(p, parse, false); }

// ---- entry points

static bool only_blank_after(const char *s)  // white space and comments up to the end
{
    for (; *s; s++) {
        if (*s == '#')
            while (*s && *s != '\n')
                s++;
        if (!*s)
            break;
        if (*s != ' ' && *s != '\t' && *s != '\n' && *s != '\f')
            return false;
    }
    return true;
}

Node *parse_source(Front *f, ParseMode mode)
{
    Parser *p = NEW(f, Parser);
    p->f = f;
    p->mode = mode;
    f->source.as_given = mode != PARSE_MODULE;
    lexer_init(&p->lexer, f, mode == PARSE_MODULE);
    p->names.match = INTERN_LITERAL(f, "match");
    p->names.case_ = INTERN_LITERAL(f, "case");
    p->names.type = INTERN_LITERAL(f, "type");
    p->names.underscore = INTERN_LITERAL(f, "_");
    p->names.print = INTERN_LITERAL(f, "print");
    p->names.exec = INTERN_LITERAL(f, "exec");
    BailFrame frame;
    if (FRONT_TRY(f, frame)) {
        seek(p, 0);
        Node *n = parse_file(p);
        FRONT_END(f, frame);
        if (mode == PARSE_INTERACTIVE && !only_blank_after(f->source.text + last_token(p)->end))
            syntax_error_raise(f, FAIL_SYNTAX, (Pos){last_token(p)->pos.line, last_token(p)->pos.col, last_token(p)->pos.end_line, last_token(p)->pos.end_col},
                               "multiple statements found while compiling a single statement");
        return n;
    }
    FRONT_END(f, frame);
    if (f->flags & FRONT_ALLOW_INCOMPLETE && p->lexer.ended && f->failure.kind <= FAIL_INCOMPLETE) {
        const Token *t = p->count ? token_at(p, p->count - 1) : NULL;
        syntax_error_raise(f, FAIL_INCOMPLETE, t ? t->pos : (Pos){1, 0, 1, 0}, "incomplete input");
    }
    if (f->failure.kind != FAIL_NONE)
        front_bail(f);
    // The second pass
    const Token *last = token_at(p, p->count - 1);
    p->reporting = true;
    p->in_field = 0;
    p->no_report = 0;
    if (FRONT_TRY(f, frame)) {
        seek(p, 0);
        parse_file(p);
        FRONT_END(f, frame);
    } else {
        FRONT_END(f, frame);
        if (f->failure.kind != FAIL_NONE)
            front_bail(f);
    }
    if (last->type == TOK_INDENT || last->type == TOK_DEDENT) {
        syntax_error_set(f, FAIL_INDENTATION, last->pos, last->type == TOK_INDENT ? "unexpected indent" : "unexpected unindent");
        f->failure.offset = front_char_offset(f, last->pos.line, last->cur);
        f->failure.end_offset = -1;
        front_bail(f);
    }
    syntax_error_set(f, FAIL_SYNTAX, last->pos, "invalid syntax");
    check_rest(p);
    front_bail(f);
}

Node *parse_module(Front *f) { return parse_source(f, PARSE_MODULE); }
Node *parse_interactive(Front *f) { return parse_source(f, PARSE_INTERACTIVE); }
Node *parse_eval(Front *f) { return parse_source(f, PARSE_EVAL); }
Node *parse_func_type(Front *f) { return parse_source(f, PARSE_FUNC_TYPE); }

void dump_tokens(FILE *out, Front *f)
{
    Lexer *lx = NEW(f, Lexer);
    lexer_init(lx, f, true);
    Token t;
    do {
        lexer_next(lx, &t);
        fprintf(out, "%d,%d-%d,%d:\t%s\t", (int)t.pos.line, (int)t.pos.col, (int)t.pos.end_line, (int)t.pos.end_col, token_kinds[t.type]);
        Chars *text = front_str(f, f->source.text + t.start, t.end - t.start);
        ast_write_str(out, text, false);
        putc('\n', out);
    } while (t.type != TOK_ENDMARKER);
}
