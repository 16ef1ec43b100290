// Parameter lists of functions and lambdas. The two differ in the closing token, in annotations, and in the messages.
#include "src/parser.h"

static Node *parameter(Parser *p, bool lambda, bool star)
{
    const Token *t = p->now;
    const Chars *name = expect_name(p);
    Node *annotation = NULL;
    if (!lambda && at(p, TOK_COLON)) {
        advance(p);
        if (star && at(p, TOK_STAR)) {  // *args: *Ts
            Pos start = p->now->pos;
            advance(p);
            Node *value = parse_bitwise_or(p);
            annotation = AST_NEW(p->f, Starred, pos_from(p, start));
            annotation->Starred.value = value;
        } else
            annotation = parse_expression(p);
    }
    Node *n = AST_NEW(p->f, arg, pos_from(p, t->pos));
    n->arg.arg = name;
    n->arg.annotation = annotation;
    return n;
}

static bool at_close(Parser *p, bool lambda) { return at(p, lambda ? TOK_COLON : TOK_RPAR); }

static Node *default_value(Parser *p, bool lambda)  // after '='
{
    const Token *eq = last_token(p);
    if (reporting(p) && (at(p, TOK_RPAR) || at(p, TOK_COMMA)))
        parser_error(p, eq->pos, "expected default value expression");
    return parse_expression(p);
}

static _Noreturn void fail_parenthesised(Parser *p, bool lambda)  // at '('
{
    Pos start = p->now->pos;
    uint32_t back = p->at;
    advance(p);
    bool names = false;
    while (at(p, TOK_NAME)) {
        names = true;
        advance(p);
        if (!accept(p, TOK_COMMA))
            break;
    }
    if (names && at(p, TOK_RPAR)) {
        advance(p);
        parser_error(p, pos_from(p, start), lambda ? "Lambda expression parameters cannot be parenthesized" : "Function parameters cannot be parenthesized");
    }
    seek(p, back);
    parser_fail(p);
}

Node *parse_parameters(Parser *p, bool lambda)
{
    Nodes posonly = {0}, args = {0}, kwonly = {0}, kw_defaults = {0}, defaults = {0};
    Node *vararg = NULL, *kwarg = NULL;
    bool slash = false, star = false;
    while (!at_close(p, lambda)) {
        const Token *t = p->now;
        if (at(p, TOK_SLASH)) {
            if (star)
                parser_error_token(p, t, "/ must be ahead of *");
            if (slash)
                parser_error_token(p, t, "/ may appear only once");
            if (!args.n) {
                if (p->reporting && look(p, 1)->type == TOK_COMMA)
                    parser_error_token(p, t, "at least one argument must precede /");
                parser_fail(p);
            }
            slash = true;
            posonly = args;
            args = (Nodes){0};
            advance(p);
            if (reporting(p) && at(p, TOK_STAR))
                parser_error_token(p, p->now, "expected comma between / and *");
        } else if (at(p, TOK_STAR)) {
            if (star)
                parser_error_token(p, t, "* argument may appear only once");
            star = true;
            advance(p);
            if (at(p, TOK_NAME)) {
                vararg = parameter(p, lambda, true);
                if (at(p, TOK_EQUAL))
                    parser_error_token(p, p->now, "var-positional argument cannot have default value");
            } else {
                if (!at(p, TOK_COMMA)) {
                    if (at_close(p, lambda)) {
                        if (lambda)
                            parser_error_last(p, "named arguments must follow bare *");
                        parser_error_token(p, t, "named arguments must follow bare *");
                    }
                    parser_fail(p);
                }
                TokenType next = look(p, 1)->type;
                if (next == (lambda ? TOK_COLON : TOK_RPAR) || next == TOK_DOUBLESTAR) {
                    if (lambda)
                        parser_error_last(p, "named arguments must follow bare *");
                    parser_error_token(p, t, "named arguments must follow bare *");
                }
            }
        } else if (at(p, TOK_DOUBLESTAR)) {
            advance(p);
            kwarg = parameter(p, lambda, false);
            if (at(p, TOK_EQUAL))
                parser_error_token(p, p->now, "var-keyword argument cannot have default value");
            if (accept(p, TOK_COMMA) && !at_close(p, lambda)) {
                if (at(p, TOK_NAME) || at(p, TOK_STAR) || at(p, TOK_DOUBLESTAR) || at(p, TOK_SLASH)) {
                    const Token *next = p->now;
                    parser_error_token(p, next, "arguments cannot follow var-keyword argument");
                }
                parser_fail(p);
            }
            if (!at_close(p, lambda))
                parser_fail(p);
            break;
        } else if (at(p, TOK_NAME)) {
            Node *n = parameter(p, lambda, false);
            Node *value = accept(p, TOK_EQUAL) ? default_value(p, lambda) : NULL;
            if (star) {
                PUSH(p->f, &kwonly, n);
                PUSH(p->f, &kw_defaults, value);
            } else {
                if (!value && defaults.n)
                    parser_error(p, n->pos, "parameter without a default follows parameter with a default");
                PUSH(p->f, &args, n);
                if (value)
                    PUSH(p->f, &defaults, value);
            }
        } else {
            if (reporting(p) && at(p, TOK_LPAR) && !star)
                fail_parenthesised(p, lambda);
            parser_fail(p);
        }
        if (!accept(p, TOK_COMMA)) {
            if (!at_close(p, lambda))
                parser_fail(p);
            break;
        }
    }
    Node *n = AST_NEW(p->f, arguments, (Pos){0});
    n->arguments.posonlyargs = seq_of(p, &posonly);
    n->arguments.args = seq_of(p, &args);
    n->arguments.vararg = vararg;
    n->arguments.kwonlyargs = seq_of(p, &kwonly);
    n->arguments.kw_defaults = seq_of(p, &kw_defaults);
    n->arguments.kwarg = kwarg;
    n->arguments.defaults = seq_of(p, &defaults);
    return n;
}
