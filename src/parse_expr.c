// Expressions, from `lambda` and `if` down to atoms.
#include "src/parser.h"

Node *node_name(Parser *p, const Token *t, expr_context_ty ctx)
{
    Node *n = AST_NEW(p->f, Name, t->pos);
    n->Name.id = t->name;
    n->Name.ctx = (uint8_t)ctx;
    return n;
}

Node *node_constant(Parser *p, Const c, Pos pos)
{
    Node *n = AST_NEW(p->f, Constant, pos);
    n->Constant.value = c;
    return n;
}

bool at_expression(const Parser *p)
{
    switch (p->now->type) {
    case TOK_NAME: case TOK_NUMBER: case TOK_STRING: case TOK_FSTRING_START: case TOK_TSTRING_START: case TOK_LPAR: case TOK_LSQB: case TOK_LBRACE:
    case TOK_PLUS: case TOK_MINUS: case TOK_TILDE: case TOK_STAR: case TOK_ELLIPSIS: case TOK_KW_NONE: case TOK_KW_TRUE: case TOK_KW_FALSE: case TOK_KW_NOT:
    case TOK_KW_LAMBDA: case TOK_KW_AWAIT:
        return true;
    default:
        return false;
    }
}

// ---- atoms

// What follows a '*' in a display, a subscript or a call.
static Node *unpacked_operand(Parser *p, Node *(*parse)(Parser *))
{
    if (!reporting(p))
        return parse(p);
    Node *value = parser_try_aloud(p, parse);
    if (!value)
        parser_error_last(p, "Invalid star expression");
    return value;
}

static Node *starred(Parser *p, bool enclosed)  // '*' bitwise_or
{
    Pos start = p->now->pos;
    advance(p);
    Node *value = enclosed ? unpacked_operand(p, parse_bitwise_or) : parse_bitwise_or(p);
    Node *n = AST_NEW(p->f, Starred, pos_from(p, start));
    n->Starred.value = value;
    return n;
}

static bool at_comprehension(Parser *p) { return at(p, TOK_KW_FOR) || (at(p, TOK_KW_ASYNC) && look(p, 1)->type == TOK_KW_FOR); }

Node *parse_star_named_expression(Parser *p) { return at(p, TOK_STAR) ? starred(p, true) : parse_named_expression(p); }

Seq *parse_for_if_clauses(Parser *p)
{
    Nodes v = {0};
    while (at_comprehension(p)) {
        Node *c = AST_NEW(p->f, comprehension, (Pos){0});
        c->comprehension.is_async = accept(p, TOK_KW_ASYNC);
        advance(p);
        c->comprehension.target = parse_star_targets(p, "comprehension");
        advance(p);
        c->comprehension.iter = parse_disjunction(p);
        Nodes ifs = {0};
        while (accept(p, TOK_KW_IF))
            PUSH(p->f, &ifs, parse_disjunction(p));
        c->comprehension.ifs = seq_of(p, &ifs);
        PUSH(p->f, &v, c);
    }
    return seq_of(p, &v);
}

// The second pass, at a display's comprehension whose target is a bare tuple: `[x, y for x, y in z]`.
static void check_comprehension_target(Parser *p, const Nodes *v)
{
    if (!reporting(p) || !at_comprehension(p))
        return;
    parse_for_if_clauses(p);
    parser_error(p, pos_span(v->at[0]->pos, v->at[v->n - 1]->pos), "did you forget parentheses around the comprehension target?");
}

static void check_starred_comprehension(Parser *p, const Node *first)
{
    if (reporting(p) && first->kind == Starred_kind && at_comprehension(p)) {
        parse_for_if_clauses(p);
        parser_error(p, first->pos, "iterable unpacking cannot be used in comprehension");
    }
}

static Node *parse_parenthesised(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    if (at(p, TOK_RPAR)) {
        advance(p);
        Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
        n->Tuple.elts = ast_no_nodes;
        n->paren = 1;
        return n;
    }
    if (at(p, TOK_KW_YIELD)) {
        Node *n = parse_yield(p);
        expect(p, TOK_RPAR);
        n->paren = 1;
        return n;
    }
    if (reporting(p) && at(p, TOK_DOUBLESTAR)) {
        const Token *stars = p->now;
        advance(p);
        Node *value = parser_try(p, parse_expression);
        if (value && at(p, TOK_RPAR))
            parser_error(p, stars->pos, "cannot use double starred expression here");
        parser_fail(p);
    }
    Node *first = parse_star_named_expression(p);
    if (at(p, TOK_RPAR) && first->kind != Starred_kind) {
        advance(p);
        first->paren = 1;
        return first;
    }
    if (at(p, TOK_RPAR))
        parser_error(p, first->pos, "cannot use starred expression here");
    if (at_comprehension(p)) {
        check_starred_comprehension(p, first);
        if (first->kind == Starred_kind)
            parser_fail(p);
        Seq *generators = parse_for_if_clauses(p);
        expect(p, TOK_RPAR);
        Node *n = AST_NEW(p->f, GeneratorExp, pos_from(p, start));
        n->GeneratorExp.elt = first;
        n->GeneratorExp.generators = generators;
        return n;
    }
    if (!at(p, TOK_COMMA))
        parser_fail(p);
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (at(p, TOK_RPAR))
            break;
        PUSH(p->f, &v, parse_star_named_expression(p));
    }
    expect(p, TOK_RPAR);
    Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
    n->Tuple.elts = seq_of(p, &v);
    n->paren = 1;
    return n;
}

static Node *parse_list(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    Nodes v = {0};
    if (!at(p, TOK_RSQB)) {
        PUSH(p->f, &v, parse_star_named_expression(p));
        if (at_comprehension(p)) {
            check_starred_comprehension(p, v.at[0]);
            if (v.at[0]->kind == Starred_kind)
                parser_fail(p);
            Seq *generators = parse_for_if_clauses(p);
            expect(p, TOK_RSQB);
            Node *n = AST_NEW(p->f, ListComp, pos_from(p, start));
            n->ListComp.elt = v.at[0];
            n->ListComp.generators = generators;
            return n;
        }
        while (accept(p, TOK_COMMA)) {
            check_comprehension_target(p, &v);
            if (at(p, TOK_RSQB))
                break;
            PUSH(p->f, &v, parse_star_named_expression(p));
        }
        check_comprehension_target(p, &v);
    }
    expect(p, TOK_RSQB);
    Node *n = AST_NEW(p->f, List, pos_from(p, start));
    n->List.elts = seq_of(p, &v);
    return n;
}

// The second pass, after a key that should have a value.
static void check_key(Parser *p, const Node *key)
{
    if (!reporting(p))
        return;
    if (!at(p, TOK_COLON)) {
        const Token *t = last_token(p);
        (void)key;
        parser_error(p, (Pos){t->pos.line, t->pos.end_col - 1, t->pos.end_line, -1}, "':' expected after dictionary key");
    }
    const Token *colon = p->now, *next = look(p, 1);
    if (next->type == TOK_STAR) {
        advance(p);
        advance(p);
        if (parser_try(p, parse_bitwise_or))
            parser_error(p, pos_to_furthest(p, next->pos), "cannot use a starred expression in a dictionary value");
        parser_fail(p);
    }
    if (next->type == TOK_RBRACE || next->type == TOK_COMMA)
        parser_error(p, colon->pos, "expression expected after dictionary key and ':'");
}

static Node *parse_dict_or_set(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    Nodes keys = {0}, values = {0};
    bool dict = at(p, TOK_RBRACE) || at(p, TOK_DOUBLESTAR);
    if (!dict) {
        Node *first = parse_star_named_expression(p);
        if (at(p, TOK_COLON) && first->kind != Starred_kind && (first->kind != NamedExpr_kind || first->paren)) {
            check_key(p, first);
            advance(p);
            Node *value = parse_expression(p);
            if (at_comprehension(p)) {
                Seq *generators = parse_for_if_clauses(p);
                expect(p, TOK_RBRACE);
                Node *n = AST_NEW(p->f, DictComp, pos_from(p, start));
                n->DictComp.key = first;
                n->DictComp.value = value;
                n->DictComp.generators = generators;
                return n;
            }
            PUSH(p->f, &keys, first);
            PUSH(p->f, &values, value);
            dict = true;
            if (!at(p, TOK_RBRACE))
                expect(p, TOK_COMMA);
        } else {
            PUSH(p->f, &values, first);
            if (at_comprehension(p)) {
                check_starred_comprehension(p, first);
                if (first->kind == Starred_kind)
                    parser_fail(p);
                Seq *generators = parse_for_if_clauses(p);
                expect(p, TOK_RBRACE);
                Node *n = AST_NEW(p->f, SetComp, pos_from(p, start));
                n->SetComp.elt = first;
                n->SetComp.generators = generators;
                return n;
            }
            while (accept(p, TOK_COMMA)) {
                check_comprehension_target(p, &values);
                if (at(p, TOK_RBRACE))
                    break;
                PUSH(p->f, &values, parse_star_named_expression(p));
            }
            check_comprehension_target(p, &values);
        }
    }
    while (dict && !at(p, TOK_RBRACE)) {
        if (at(p, TOK_DOUBLESTAR)) {
            const Token *stars = p->now;
            advance(p);
            PUSH(p->f, &keys, (Node *)NULL);
            PUSH(p->f, &values, parse_bitwise_or(p));
            if (reporting(p) && keys.n == 1 && at_comprehension(p)) {
                parse_for_if_clauses(p);
                if (at(p, TOK_RBRACE))
                    parser_error_token(p, stars, "dict unpacking cannot be used in dict comprehension");
            }
        } else {
            uint32_t here = p->at;
            if (reporting(p)) {  // a missing colon comes before a missing comma
                Node *k = parser_try(p, parse_disjunction);
                if (k && !at(p, TOK_COLON) && !at(p, TOK_KW_IF))
                    check_key(p, k);
                seek(p, here);
            }
            Node *key = parse_expression(p);
            check_key(p, key);
            expect(p, TOK_COLON);
            Node *value = parse_expression(p);
            PUSH(p->f, &keys, key);
            PUSH(p->f, &values, value);
        }
        if (!accept(p, TOK_COMMA))
            break;
    }
    expect(p, TOK_RBRACE);
    if (dict) {
        Node *n = AST_NEW(p->f, Dict, pos_from(p, start));
        n->Dict.keys = seq_of(p, &keys);
        n->Dict.values = seq_of(p, &values);
        return n;
    }
    Node *n = AST_NEW(p->f, Set, pos_from(p, start));
    n->Set.elts = seq_of(p, &values);
    return n;
}

Node *parse_atom(Parser *p)
{
    const Token *t = p->now;
    switch (t->type) {
    case TOK_NAME:
        advance(p);
        return node_name(p, t, Load);
    case TOK_KW_TRUE:
    case TOK_KW_FALSE:
    case TOK_KW_NONE:
        advance(p);
        return node_constant(p, (Const){.kind = t->type == TOK_KW_TRUE ? CONST_TRUE : t->type == TOK_KW_FALSE ? CONST_FALSE : CONST_NONE}, t->pos);
    case TOK_ELLIPSIS:
        advance(p);
        return node_constant(p, (Const){.kind = CONST_ELLIPSIS}, t->pos);
    case TOK_NUMBER:
        advance(p);
        return node_constant(p, parse_number(p, t), t->pos);
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START: return parse_strings(p);
    case TOK_LPAR: return parse_parenthesised(p);
    case TOK_LSQB: return parse_list(p);
    case TOK_LBRACE: return parse_dict_or_set(p);
    default: parser_fail(p);
    }
}

// ---- calls and subscripts

static Node *new_keyword(Parser *p, Pos start, const Chars *name, Node *value)
{
    Node *n = AST_NEW(p->f, keyword, pos_from(p, start));
    n->keyword.arg = name;
    n->keyword.value = value;
    return n;
}

static bool at_argument_name(Parser *p) { return at(p, TOK_NAME) && look(p, 1)->type == TOK_EQUAL; }

// The second pass, after an argument's expression: what an '=' or a comprehension there means.
static void check_argument(Parser *p, const Node *n)
{
    if (!reporting(p))
        return;
    if (at(p, TOK_EQUAL)) {
        Pos span = pos_span(n->pos, p->now->pos);
        if (n->kind == Constant_kind && !n->paren &&
            (n->Constant.value.kind == CONST_TRUE || n->Constant.value.kind == CONST_FALSE || n->Constant.value.kind == CONST_NONE))
            parser_error(p, span, "cannot assign to %s", expression_name(n));
        if (n->kind != Starred_kind && n->kind != NamedExpr_kind)
            parser_error(p, span, "expression cannot contain assignment, perhaps you meant \"==\"?");
    }
}

static void check_unpacked_value(Parser *p, const Token *start, const char *what)  // f(*a=1)
{
    if (!reporting(p) || !at(p, TOK_EQUAL))
        return;
    advance(p);
    Node *value = parser_try(p, parse_expression);
    if (value)
        parser_error(p, pos_span(start->pos, value->pos), "cannot assign to %s argument unpacking", what);
    parser_fail(p);
}

void parse_arguments(Parser *p, Seq **args_out, Seq **keywords_out)
{
    Nodes args = {0}, keywords = {0};
    bool unpacked = false;      // a '**' was seen
    Pos comma = {0};            // the one after the first '**'
    while (!at(p, TOK_RPAR)) {
        const Token *t = p->now;
        if (at(p, TOK_DOUBLESTAR)) {
            advance(p);
            Node *value = parse_expression(p);
            check_unpacked_value(p, t, "keyword");
            PUSH(p->f, &keywords, new_keyword(p, t->pos, NULL, value));
            unpacked = true;
            comma = p->now->pos;
        } else if (at(p, TOK_STAR)) {
            advance(p);
            Node *value = unpacked_operand(p, parse_expression);
            check_unpacked_value(p, t, "iterable");
            Node *n = AST_NEW(p->f, Starred, pos_from(p, t->pos));
            n->Starred.value = value;
            check_starred_comprehension(p, n);
            if (unpacked)
                parser_error(p, pos_span(comma, n->pos), "iterable argument unpacking follows keyword argument unpacking");
            PUSH(p->f, &args, n);
        } else if (at_argument_name(p)) {
            const Chars *name = expect_name(p);
            const Token *eq = p->now;
            advance(p);
            if (reporting(p) && (at(p, TOK_COMMA) || at(p, TOK_RPAR)))
                parser_error(p, pos_span(t->pos, eq->pos), "expected argument value expression");
            Node *value = parse_expression(p);
            if (reporting(p) && at_comprehension(p)) {
                parse_for_if_clauses(p);
                parser_error(p, pos_span(t->pos, eq->pos), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
            }
            PUSH(p->f, &keywords, new_keyword(p, t->pos, name, value));
        } else {
            Node *n;
            if (at(p, TOK_NAME) && look(p, 1)->type == TOK_COLONEQUAL) {
                Node *target = node_name(p, t, Store);
                advance(p);
                advance(p);
                Node *value = parse_expression(p);
                n = AST_NEW(p->f, NamedExpr, pos_from(p, t->pos));
                n->NamedExpr.target = target;
                n->NamedExpr.value = value;
            } else
                n = parse_expression(p);
            check_argument(p, n);
            if (at_comprehension(p)) {
                if (!reporting(p))
                    parser_fail(p);
                parse_for_if_clauses(p);
                if (args.n || keywords.n || at(p, TOK_COMMA))
                    parser_error(p, pos_from(p, n->pos), "Generator expression must be parenthesized");
                parser_fail(p);
            }
            if (keywords.n) {
                if (!reporting(p))
                    parser_fail(p);
                parser_error_last(p, "%s", unpacked && !keywords.at[keywords.n - 1]->keyword.arg
                             ? "positional argument follows keyword argument unpacking" : "positional argument follows keyword argument");
            }
            PUSH(p->f, &args, n);
        }
        if (!accept(p, TOK_COMMA))
            break;
    }
    *args_out = seq_of(p, &args);
    *keywords_out = seq_of(p, &keywords);
}

// `f(x for x in y)`: the generator is the only argument, and the call's parentheses are its own.
static Node *sole_generator(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    Node *first = at(p, TOK_NAME) && look(p, 1)->type == TOK_COLONEQUAL ? parse_named_expression(p) : parse_expression(p);
    if (!at_comprehension(p))
        parser_fail(p);
    Seq *generators = parse_for_if_clauses(p);
    expect(p, TOK_RPAR);
    Node *n = AST_NEW(p->f, GeneratorExp, pos_from(p, start));
    n->GeneratorExp.elt = first;
    n->GeneratorExp.generators = generators;
    return n;
}

static Node *parse_call(Parser *p, Node *func)  // at '('
{
    Pos open = p->now->pos;
    uint32_t back = p->at;
    Seq *args = ast_no_nodes, *keywords = ast_no_nodes;
    advance(p);
    // One expression, then `for`: a generator. Anything else is a list of arguments, with the first already parsed.
    if (!at(p, TOK_RPAR) && !at(p, TOK_STAR) && !at(p, TOK_DOUBLESTAR) && !at_argument_name(p) && !reporting(p)) {
        const Token *t = p->now;
        Node *first;
        if (at(p, TOK_NAME) && look(p, 1)->type == TOK_COLONEQUAL) {
            Node *target = node_name(p, t, Store);
            advance(p);
            advance(p);
            Node *value = parse_expression(p);
            first = AST_NEW(p->f, NamedExpr, pos_from(p, t->pos));
            first->NamedExpr.target = target;
            first->NamedExpr.value = value;
        } else
            first = parse_expression(p);
        if (at_comprehension(p)) {
            Seq *generators = parse_for_if_clauses(p);
            expect(p, TOK_RPAR);
            Node *n = AST_NEW(p->f, GeneratorExp, pos_from(p, open));
            n->GeneratorExp.elt = first;
            n->GeneratorExp.generators = generators;
            args = seq_one(p, n);
        } else {
            if (accept(p, TOK_COMMA)) {
                Seq *more;
                parse_arguments(p, &more, &keywords);
                Nodes v = {0};
                PUSH(p->f, &v, first);
                for (uint32_t i = 0; i < more->n; i++)
                    PUSH(p->f, &v, more->at[i]);
                args = seq_of(p, &v);
            } else
                args = seq_one(p, first);
            expect(p, TOK_RPAR);
        }
    } else if (reporting(p)) {
        Node *sole = at(p, TOK_RPAR) || at(p, TOK_STAR) || at(p, TOK_DOUBLESTAR) ? NULL : (seek(p, back), parser_try(p, sole_generator));
        if (sole)
            args = seq_one(p, sole);
        else {
            seek(p, back + 1);
            parse_arguments(p, &args, &keywords);
            expect(p, TOK_RPAR);
        }
    } else {
        parse_arguments(p, &args, &keywords);
        expect(p, TOK_RPAR);
    }
    Node *n = AST_NEW(p->f, Call, pos_from(p, func->paren && func->kind != Tuple_kind ? func->pos : func->pos));
    n->Call.func = func;
    n->Call.args = args;
    n->Call.keywords = keywords;
    return n;
}

static Node *parse_slice(Parser *p)
{
    Pos start = p->now->pos;
    Node *lower = NULL, *upper = NULL, *step = NULL;
    if (at(p, TOK_STAR))
        return starred(p, true);
    if (!at(p, TOK_COLON)) {
        lower = parse_named_expression(p);
        if (!at(p, TOK_COLON))
            return lower;
        if (lower->kind == NamedExpr_kind && !lower->paren)
            parser_fail(p);
    }
    expect(p, TOK_COLON);
    if (at_expression(p) && !at(p, TOK_STAR))
        upper = parse_expression(p);
    if (accept(p, TOK_COLON) && at_expression(p) && !at(p, TOK_STAR))
        step = parse_expression(p);
    Node *n = AST_NEW(p->f, Slice, pos_from(p, start));
    n->Slice.lower = lower;
    n->Slice.upper = upper;
    n->Slice.step = step;
    return n;
}

Node *parse_slices(Parser *p)
{
    Pos start = p->now->pos;
    Node *first = parse_slice(p);
    if (!at(p, TOK_COMMA) && first->kind != Starred_kind)
        return first;
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (at(p, TOK_RSQB))
            break;
        PUSH(p->f, &v, parse_slice(p));
    }
    Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
    n->Tuple.elts = seq_of(p, &v);
    return n;
}

Node *parse_primary(Parser *p)
{
    Pos start = p->now->pos;
    Node *n = parse_atom(p);
    for (;;) {
        if (at(p, TOK_DOT)) {
            advance(p);
            const Chars *name = expect_name(p);
            Node *a = AST_NEW(p->f, Attribute, pos_from(p, start));
            a->Attribute.value = n;
            a->Attribute.attr = name;
            n = a;
        } else if (at(p, TOK_LPAR)) {
            n = parse_call(p, n);
            n->pos = pos_from(p, start);
        } else if (at(p, TOK_LSQB)) {
            advance(p);
            Node *slice = parse_slices(p);
            expect(p, TOK_RSQB);
            Node *s = AST_NEW(p->f, Subscript, pos_from(p, start));
            s->Subscript.value = n;
            s->Subscript.slice = slice;
            n = s;
        } else
            return n;
    }
}

// ---- operators

static Node *parse_factor(Parser *p);

static Node *parse_inversion(Parser *p);

static _Noreturn void fail_not_operand(Parser *p, bool unary)  // at `not` after an operator
{
    Pos start = p->now->pos;
    advance(p);
    Node *n = parser_try(p, unary ? parse_factor : parse_inversion);
    if (n)
        parser_error(p, pos_from(p, start), "'not' after an operator must be parenthesized");
    parser_fail(p);
}

static Node *parse_power(Parser *p)
{
    Pos start = p->now->pos;
    Node *n;
    if (accept(p, TOK_KW_AWAIT)) {
        Node *value = parse_primary(p);
        n = AST_NEW(p->f, Await, pos_from(p, start));
        n->Await.value = value;
    } else
        n = parse_primary(p);
    if (accept(p, TOK_DOUBLESTAR)) {
        Node *right = parse_factor(p);
        Node *b = AST_NEW(p->f, BinOp, pos_from(p, start));
        b->BinOp.left = n;
        b->BinOp.op = Pow;
        b->BinOp.right = right;
        n = b;
    }
    return n;
}

static Node *parse_factor(Parser *p)
{
    if (!at(p, TOK_PLUS) && !at(p, TOK_MINUS) && !at(p, TOK_TILDE))
        return parse_power(p);
    parser_check_depth(p);
    const Token *t = p->now;
    advance(p);
    if (reporting(p) && at(p, TOK_KW_NOT))
        fail_not_operand(p, true);
    Node *operand = parse_factor(p);
    Node *n = AST_NEW(p->f, UnaryOp, pos_from(p, t->pos));
    n->UnaryOp.op = t->type == TOK_PLUS ? UAdd : t->type == TOK_MINUS ? USub : Invert;
    n->UnaryOp.operand = operand;
    return n;
}

typedef struct Operator { uint8_t level, op; } Operator;
static const Operator operators[TOK_COUNT] = {  // level 0: no binary operator
    [TOK_VBAR] = {1, BitOr}, [TOK_CIRCUMFLEX] = {2, BitXor}, [TOK_AMPER] = {3, BitAnd}, [TOK_LEFTSHIFT] = {4, LShift}, [TOK_RIGHTSHIFT] = {4, RShift},
    [TOK_PLUS] = {5, Add}, [TOK_MINUS] = {5, Sub}, [TOK_STAR] = {6, Mult}, [TOK_SLASH] = {6, Div}, [TOK_DOUBLESLASH] = {6, FloorDiv},
    [TOK_PERCENT] = {6, Mod}, [TOK_AT] = {6, MatMult},
};

static Node *parse_binary(Parser *p, int level)
{
    Pos start = p->now->pos;
    Node *left = parse_factor(p);
    for (;;) {
        Operator o = operators[p->now->type];
        if (o.level < level || !o.level)
            return left;
        advance(p);
        if (reporting(p) && o.level >= 5 && at(p, TOK_KW_NOT))
            fail_not_operand(p, false);
        Node *right = parse_binary(p, o.level + 1);
        Node *n = AST_NEW(p->f, BinOp, pos_from(p, start));
        n->BinOp.left = left;
        n->BinOp.op = o.op;
        n->BinOp.right = right;
        left = n;
    }
}

Node *parse_bitwise_or(Parser *p) { return parse_binary(p, 1); }

static int comparison(Parser *p)  // the operator at the current token, stepped over; -1: none
{
    int op;
    switch (p->now->type) {
    case TOK_EQEQUAL: op = Eq; break;
    case TOK_NOTEQUAL: op = NotEq; break;
    case TOK_LESS: op = Lt; break;
    case TOK_LESSEQUAL: op = LtE; break;
    case TOK_GREATER: op = Gt; break;
    case TOK_GREATEREQUAL: op = GtE; break;
    case TOK_KW_IN: op = In; break;
    case TOK_KW_IS:
        advance(p);
        return accept(p, TOK_KW_NOT) ? IsNot : Is;
    case TOK_KW_NOT:
        if (look(p, 1)->type != TOK_KW_IN)
            return -1;
        advance(p);
        advance(p);
        return NotIn;
    default: return -1;
    }
    if (op == NotEq) {  // '<>' belongs to a joke of PEP 401, and '!=' does not then
        bool old = p->f->source.text[p->now->start] == '<', wanted = p->f->flags & FRONT_BARRY_AS_FLUFL;
        if (old && !wanted)
            parser_error_token(p, p->now, "invalid syntax.  Maybe you meant '!=' instead of '<>'?");
        if (!old && wanted)
            syntax_error_raise(p->f, FAIL_SYNTAX, p->now->pos, "with Barry as BDFL, use '<>' instead of '!='");
    }
    advance(p);
    return op;
}

static Node *parse_comparison(Parser *p)
{
    Pos start = p->now->pos;
    Node *left = parse_bitwise_or(p);
    int op = comparison(p);
    if (op < 0)
        return left;
    Nodes v = {0};
    VEC(uint8_t) ops = {0};
    do {
        PUSH(p->f, &ops, (uint8_t)op);
        PUSH(p->f, &v, parse_bitwise_or(p));
    } while ((op = comparison(p)) >= 0);
    Node *n = AST_NEW(p->f, Compare, pos_from(p, start));
    n->Compare.left = left;
    n->Compare.comparators = seq_of(p, &v);
    EnumSeq *list = front_alloc(p->f, sizeof *list + ops.n);
    list->n = (uint32_t)ops.n;
    memcpy(list->at, ops.at, ops.n);
    n->Compare.ops = list;
    return n;
}

static Node *parse_inversion(Parser *p)
{
    if (!at(p, TOK_KW_NOT))
        return parse_comparison(p);
    parser_check_depth(p);
    Pos start = p->now->pos;
    advance(p);
    Node *operand = parse_inversion(p);
    Node *n = AST_NEW(p->f, UnaryOp, pos_from(p, start));
    n->UnaryOp.op = Not;
    n->UnaryOp.operand = operand;
    return n;
}

static Node *parse_bool(Parser *p, TokenType word)
{
    Pos start = p->now->pos;
    Node *first = word == TOK_KW_OR ? parse_bool(p, TOK_KW_AND) : parse_inversion(p);
    if (!at(p, word))
        return first;
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, word))
        PUSH(p->f, &v, word == TOK_KW_OR ? parse_bool(p, TOK_KW_AND) : parse_inversion(p));
    Node *n = AST_NEW(p->f, BoolOp, pos_from(p, start));
    n->BoolOp.op = word == TOK_KW_OR ? Or : And;
    n->BoolOp.values = seq_of(p, &v);
    return n;
}

Node *parse_disjunction(Parser *p) { return parse_bool(p, TOK_KW_OR); }

// ---- whole expressions

static Node *parse_lambda(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    Node *args = parse_parameters(p, true);
    const Token *colon = p->now;
    if (reporting(p) && at(p, TOK_COLON)) {
        TokenType next = look(p, 1)->type;
        if (next == TOK_FSTRING_MIDDLE || next == TOK_TSTRING_MIDDLE || (next == TOK_RBRACE && p->in_field))
            parser_error(p, pos_span(start, colon->pos), "%c-string: lambda expressions are not allowed without parentheses",
                         next == TOK_TSTRING_MIDDLE ? 't' : 'f');
    }
    expect_forced(p, TOK_COLON);
    Node *body = parse_expression(p);
    Node *n = AST_NEW(p->f, Lambda, pos_from(p, start));
    n->Lambda.args = args;
    n->Lambda.body = body;
    return n;
}

static bool is_soft_keyword(const Parser *p, const Token *t)
{
    return t->type == TOK_NAME && (t->name == p->names.match || t->name == p->names.case_ || t->name == p->names.type || t->name == p->names.underscore);
}

static bool is_legacy(const Parser *p, const Node *n)
{
    return n->kind == Name_kind && (n->Name.id == p->names.print || n->Name.id == p->names.exec);
}

// The second pass, after the disjunction that starts an expression: is another expression next to it?
static void check_neighbour(Parser *p, const Token *first, Node *n)
{
    uint32_t here = p->at;
    bool string_prefix = first->type == TOK_NAME && parser_fetch(p, here)->type != TOK_ENDMARKER && n->kind == Name_kind && at(p, TOK_STRING);
    if (at_expression(p) && !at(p, TOK_STAR) && !string_prefix && !is_soft_keyword(p, first) && !(is_legacy(p, n))) {
        Node *b = parser_try(p, parse_expression);
        if (b) {
            if (last_token(p)->level != 0) {
                parser_error(p, pos_span(n->pos, b->pos), "invalid syntax. Perhaps you forgot a comma?");
            }
            seek(p, here);
        }
    }
    if (at(p, TOK_KW_IF)) {
        advance(p);
        Node *test = parser_try(p, parse_disjunction);
        if (test) {
            if (!at(p, TOK_KW_ELSE) && !at(p, TOK_COLON))
                parser_error(p, pos_span(n->pos, test->pos), "expected 'else' after 'if' expression");
            if (at(p, TOK_KW_ELSE)) {
                advance(p);
                if (!at_expression(p) || at(p, TOK_STAR))
                    parser_error_last(p, "expected expression after 'else', but statement is given");
            }
        }
        seek(p, here);
    }
    // `print x`, `exec x`: once statements
    if (is_legacy(p, n) && n->kind == Name_kind && !n->paren && !at(p, TOK_LPAR) && at_expression(p)) {
        Node *b = parser_try(p, parse_star_expressions);
        if (b)
            parser_error(p, pos_span(n->pos, b->pos), "Missing parentheses in call to '%s'. Did you mean %s(...)?", n->Name.id->s, n->Name.id->s);
        seek(p, here);
    }
}

// The second pass, at a string: "a" b c "d" was perhaps meant as one string.
static void check_quotes(Parser *p)
{
    uint32_t here = p->at;
    Node *first = NULL, *end = NULL;
    advance(p);
    while (!at(p, TOK_STRING) && at_expression(p) && !at(p, TOK_STAR)) {
        Node *n = parser_try(p, parse_expression);
        if (!n)
            break;
        first = first ? first : n;
        end = n;
    }
    if (first && at(p, TOK_STRING))
        parser_error(p, pos_span(first->pos, end->pos), "invalid syntax. Is this intended to be part of the string?");
    seek(p, here);
}

Node *parse_expression(Parser *p)
{
    parser_check_depth(p);
    const Token *first = p->now;
    if (at(p, TOK_KW_LAMBDA))
        return parse_lambda(p);
    if (reporting(p) && (at(p, TOK_KW_PASS) || at(p, TOK_KW_BREAK) || at(p, TOK_KW_CONTINUE)) && look(p, 1)->type == TOK_KW_IF) {
        uint32_t here = p->at;
        advance(p);
        advance(p);
        if (parser_try(p, parse_disjunction) && at(p, TOK_KW_ELSE))
            parser_error(p, first->pos, "expected expression before 'if', but statement is given");
        seek(p, here);
    }
    if (reporting(p) && at(p, TOK_STRING))
        check_quotes(p);
    Node *n = parse_disjunction(p);
    if (reporting(p))
        check_neighbour(p, first, n);
    if (!at(p, TOK_KW_IF))
        return n;
    // A comprehension's condition looks the same up to its end: `x for x in y if z`. There the caller parsed a disjunction.
    uint32_t here = p->at;
    advance(p);
    Node *test = parse_disjunction(p);
    if (!at(p, TOK_KW_ELSE)) {
        seek(p, here);
        return n;
    }
    advance(p);
    Node *orelse = parse_expression(p);
    Node *e = AST_NEW(p->f, IfExp, pos_from(p, first->pos));
    e->IfExp.test = test;
    e->IfExp.body = n;
    e->IfExp.orelse = orelse;
    return e;
}

static bool is_bitwise(const Node *n)  // could be a bitwise_or of the grammar as it was written
{
    if (n->paren)
        return true;
    switch (n->kind) {
    case Compare_kind: case BoolOp_kind: case IfExp_kind: case Lambda_kind: case NamedExpr_kind: return false;
    case UnaryOp_kind: return n->UnaryOp.op != Not;
    default: return true;
    }
}

Node *parse_named_expression(Parser *p)
{
    const Token *t = p->now;
    if (at(p, TOK_NAME) && look(p, 1)->type == TOK_COLONEQUAL) {
        Node *target = node_name(p, t, Store);
        advance(p);
        advance(p);
        Node *value = parse_expression(p);
        Node *n = AST_NEW(p->f, NamedExpr, pos_from(p, t->pos));
        n->NamedExpr.target = target;
        n->NamedExpr.value = value;
        return n;
    }
    Node *n = parse_expression(p);
    if (at(p, TOK_COLONEQUAL)) {
        if (reporting(p)) {
            advance(p);
            if (parser_try(p, parse_expression))
                parser_error(p, n->pos, "cannot use assignment expressions with %s", expression_name(n));
        }
        parser_fail(p);
    }
    if (reporting(p) && at(p, TOK_EQUAL) && is_bitwise(n)) {
        uint32_t here = p->at;
        advance(p);
        Node *b = parser_try(p, parse_bitwise_or);
        if (b && !at(p, TOK_EQUAL) && !at(p, TOK_COLONEQUAL)) {
            if (n->kind == Name_kind && !n->paren)
                parser_error(p, pos_span(n->pos, b->pos), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
            bool skip = n->kind == List_kind || n->kind == Tuple_kind || n->kind == GeneratorExp_kind ||
                        (n->kind == Constant_kind && n->Constant.value.kind <= CONST_FALSE);
            if (!skip)
                parser_error(p, n->pos, "cannot assign to %s here. Maybe you meant '==' instead of '='?", expression_name(n));
        }
        seek(p, here);
    }
    return n;
}

Node *parse_yield(Parser *p)
{
    Pos start = p->now->pos;
    expect(p, TOK_KW_YIELD);
    if (accept(p, TOK_KW_FROM)) {
        Node *value = parse_expression(p);
        Node *n = AST_NEW(p->f, YieldFrom, pos_from(p, start));
        n->YieldFrom.value = value;
        return n;
    }
    Node *value = at_expression(p) ? parse_star_expressions(p) : NULL;
    Node *n = AST_NEW(p->f, Yield, pos_from(p, start));
    n->Yield.value = value;
    return n;
}

static Node *parse_star_expression(Parser *p) { return at(p, TOK_STAR) ? starred(p, false) : parse_expression(p); }

Node *parse_star_expressions(Parser *p)
{
    Pos start = p->now->pos;
    Node *first = parse_star_expression(p);
    if (!at(p, TOK_COMMA))
        return first;
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (!at_expression(p))
            break;
        PUSH(p->f, &v, parse_star_expression(p));
    }
    Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
    n->Tuple.elts = seq_of(p, &v);
    return n;
}

Node *parse_yield_or_star_expressions(Parser *p) { return at(p, TOK_KW_YIELD) ? parse_yield(p) : parse_star_expressions(p); }
