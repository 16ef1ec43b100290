// Statements, blocks and whole inputs.
#include "src/parser.h"

static void parse_statement(Parser *p, Nodes *out);

static void statement_error_indent(Parser *p, const char *what, int32_t line)
{
    parser_error_indent(p, "expected an indented block after %s on line %d", what, (int)line);
}

void expect_colon(Parser *p)
{
    if (accept(p, TOK_COLON))
        return;
    if (at(p, TOK_NEWLINE))
        parser_error_last(p, "expected ':'");
    parser_fail(p);
}

static void simple_statements(Parser *p, Nodes *out);

Seq *parse_block(Parser *p, const char *what, int32_t line)
{
    Nodes v = {0};
    parser_check_depth(p);
    if (accept(p, TOK_NEWLINE)) {
        if (!at(p, TOK_INDENT)) {
            statement_error_indent(p, what, line);
        }
        advance(p);
        do
            parse_statement(p, &v);
        while (!at(p, TOK_DEDENT) && !at(p, TOK_ENDMARKER));
        expect(p, TOK_DEDENT);
    } else
        simple_statements(p, &v);
    return seq_of(p, &v);
}

// ---- assignments and expression statements

static int augmented(const Parser *p)
{
    switch (p->now->type) {
    case TOK_PLUSEQUAL: return Add;
    case TOK_MINEQUAL: return Sub;
    case TOK_STAREQUAL: return Mult;
    case TOK_ATEQUAL: return MatMult;
    case TOK_SLASHEQUAL: return Div;
    case TOK_PERCENTEQUAL: return Mod;
    case TOK_AMPEREQUAL: return BitAnd;
    case TOK_VBAREQUAL: return BitOr;
    case TOK_CIRCUMFLEXEQUAL: return BitXor;
    case TOK_LEFTSHIFTEQUAL: return LShift;
    case TOK_RIGHTSHIFTEQUAL: return RShift;
    case TOK_DOUBLESTAREQUAL: return Pow;
    case TOK_DOUBLESLASHEQUAL: return FloorDiv;
    default: return -1;
    }
}

static bool is_single_target(const Node *n) { return n->kind == Name_kind || n->kind == Attribute_kind || n->kind == Subscript_kind; }

// The second pass: what starts at token `start` is no assignment; say why.
static void check_assignment(Parser *p, uint32_t start)
{
    seek(p, start);
    if (!at_expression(p) && !at(p, TOK_KW_YIELD))
        return;
    if (at(p, TOK_KW_YIELD))
        goto chain;
    Node *first = parse_star_named_expression(p);
    Node *single = first;
    if (at(p, TOK_COLON)) {
        advance(p);
        if (parser_try(p, parse_expression)) {
            if (single->kind == List_kind || single->kind == Tuple_kind)
                parser_error(p, single->pos, "only single target (not %s) can be annotated", single->kind == List_kind ? "list" : "tuple");
            parser_error(p, single->pos, "illegal target for annotation");
        }
        return;
    }
    if (at(p, TOK_COMMA)) {
        while (accept(p, TOK_COMMA) && at_expression(p))
            parse_star_named_expression(p);
        if (at(p, TOK_COLON)) {
            advance(p);
            if (parser_try(p, parse_expression))
                parser_error(p, first->pos, "only single target (not tuple) can be annotated");
        }
    }
    seek(p, start);
chain:
    for (;;) {
        if (at(p, TOK_KW_YIELD)) {
            Node *y = parse_yield(p);
            if (at(p, TOK_EQUAL))
                parser_error(p, y->pos, "assignment to yield expression not possible");
            return;
        }
        Node *n = parse_star_expressions(p);
        int op = augmented(p);
        if (at(p, TOK_EQUAL)) {
            if (invalid_target(n, STAR_TARGETS))
                fail_invalid_target(p, n, STAR_TARGETS);
            advance(p);
            continue;
        }
        if (op >= 0)
            parser_error(p, n->pos, "'%s' is an illegal expression for augmented assignment", expression_name(n));
        return;
    }
}

static Node *expression_statement(Parser *p)
{
    const Token *t = p->now;
    uint32_t start = p->at;
    Node *e = parse_yield_or_star_expressions(p);
    bool is_yield = t->type == TOK_KW_YIELD;
    if (at(p, TOK_EQUAL)) {
        Nodes targets = {0};
        do {
            if (is_yield || invalid_target(e, STAR_TARGETS)) {
                if (reporting(p))
                    check_assignment(p, start);
                parser_fail(p);
            }
            set_context(p, e, Store);
            PUSH(p->f, &targets, e);
            advance(p);
            is_yield = at(p, TOK_KW_YIELD);
            e = parse_yield_or_star_expressions(p);
        } while (at(p, TOK_EQUAL));
        Node *n = AST_NEW(p->f, Assign, pos_from(p, t->pos));
        n->Assign.targets = seq_of(p, &targets);
        n->Assign.value = e;
        return n;
    }
    int op = augmented(p);
    if (op >= 0) {
        if (!is_single_target(e)) {
            if (reporting(p))
                check_assignment(p, start);
            parser_fail(p);
        }
        set_context(p, e, Store);
        advance(p);
        Node *value = parse_yield_or_star_expressions(p);
        Node *n = AST_NEW(p->f, AugAssign, pos_from(p, t->pos));
        n->AugAssign.target = e;
        n->AugAssign.op = (uint8_t)op;
        n->AugAssign.value = value;
        return n;
    }
    if (reporting(p) && at(p, TOK_COLONEQUAL) && e->kind != Name_kind) {
        check_assignment(p, start);
        parser_fail(p);
    }
    if (at(p, TOK_COLON)) {
        if (!is_single_target(e)) {
            if (reporting(p))
                check_assignment(p, start);
            parser_fail(p);
        }
        set_context(p, e, Store);
        advance(p);
        Node *annotation = parse_expression(p);
        Node *value = accept(p, TOK_EQUAL) ? parse_yield_or_star_expressions(p) : NULL;
        Node *n = AST_NEW(p->f, AnnAssign, pos_from(p, t->pos));
        n->AnnAssign.target = e;
        n->AnnAssign.annotation = annotation;
        n->AnnAssign.value = value;
        n->AnnAssign.simple = e->kind == Name_kind && !e->paren;
        return n;
    }
    Node *n = AST_NEW(p->f, Expr, pos_from(p, t->pos));
    n->Expr.value = e;
    return n;
}

// ---- imports

static const Chars *dotted_name(Parser *p)
{
    const Chars *name = expect_name(p);
    if (!at(p, TOK_DOT))
        return name;
    VEC(char) text = {0};
    for (;;) {
        for (uint32_t i = 0; i < name->length; i++)
            PUSH(p->f, &text, name->s[i]);
        if (!accept(p, TOK_DOT))
            break;
        PUSH(p->f, &text, '.');
        name = expect_name(p);
    }
    return front_intern(p->f, text.at, text.n);
}

static const Chars *import_target(Parser *p)  // after `as`
{
    if (reporting(p)) {
        TokenType after = at(p, TOK_NAME) ? look(p, 1)->type : TOK_UNKNOWN;
        if (after != TOK_COMMA && after != TOK_RPAR && after != TOK_NEWLINE && after != TOK_SEMI) {
            Node *e = parser_try(p, parse_expression);
            if (e && !(e->kind == Name_kind && !e->paren))
                parser_error(p, e->pos, "cannot use %s as import target", expression_name(e));
            if (e)
                parser_fail(p);
        }
    }
    return expect_name(p);
}

static Node *new_alias(Parser *p, Pos start, const Chars *name, const Chars *asname)
{
    Node *n = AST_NEW(p->f, alias, pos_from(p, start));
    n->alias.name = name;
    n->alias.asname = asname;
    return n;
}

static Node *import_name(Parser *p)
{
    const Token *t = p->now;
    Nodes names = {0};
    advance(p);
    if (at(p, TOK_NEWLINE))
        parser_error(p, pos_to_furthest(p, p->now->pos), "Expected one or more names after 'import'");
    do {
        Pos start = p->now->pos;
        const Chars *name = dotted_name(p);
        const Chars *asname = accept(p, TOK_KW_AS) ? import_target(p) : NULL;
        PUSH(p->f, &names, new_alias(p, start, name, asname));
    } while (accept(p, TOK_COMMA));
    if (reporting(p) && at(p, TOK_KW_FROM)) {
        advance(p);
        if (at(p, TOK_NAME))
            parser_error(p, pos_span(t->pos, p->now->pos), "Did you mean to use 'from ... import ...' instead?");
        parser_fail(p);
    }
    Node *n = AST_NEW(p->f, Import, pos_from(p, t->pos));
    n->Import.names = seq_of(p, &names);
    return n;
}

static Node *import_from(Parser *p)
{
    const Token *t = p->now;
    int level = 0;
    const Chars *module = NULL;
    advance(p);
    while (at(p, TOK_DOT) || at(p, TOK_ELLIPSIS)) {
        level += at(p, TOK_DOT) ? 1 : 3;
        advance(p);
    }
    if (!level || at(p, TOK_NAME))
        module = dotted_name(p);
    expect(p, TOK_KW_IMPORT);
    Nodes names = {0};
    if (at(p, TOK_STAR)) {
        Pos start = p->now->pos;
        advance(p);
        PUSH(p->f, &names, new_alias(p, start, INTERN_LITERAL(p->f, "*"), NULL));
    } else {
        bool parens = accept(p, TOK_LPAR);
        if (!parens && at(p, TOK_NEWLINE))
            parser_error(p, pos_to_furthest(p, p->now->pos), "Expected one or more names after 'import'");
        for (;;) {
            Pos start = p->now->pos;
            const Chars *name = expect_name(p);
            const Chars *asname = accept(p, TOK_KW_AS) ? import_target(p) : NULL;
            PUSH(p->f, &names, new_alias(p, start, name, asname));
            if (!accept(p, TOK_COMMA))
                break;
            if (parens && at(p, TOK_RPAR))
                break;
            if (!parens && at(p, TOK_NEWLINE))
                parser_error_last(p, "trailing comma not allowed without surrounding parentheses");
        }
        if (parens)
            expect(p, TOK_RPAR);
    }
    if (str_is(module, "__future__") && !level)
        for (size_t i = 0; i < names.n; i++)
            if (str_is(names.at[i]->alias.name, "barry_as_FLUFL"))
                p->f->flags |= FRONT_BARRY_AS_FLUFL;  // from here on
    Node *n = AST_NEW(p->f, ImportFrom, pos_from(p, t->pos));
    n->ImportFrom.module = module;
    n->ImportFrom.names = seq_of(p, &names);
    n->ImportFrom.level = level;
    return n;
}

// ---- the other simple statements

static Node *names_statement(Parser *p, NodeKind kind)
{
    const Token *t = p->now;
    VEC(const Chars *) names = {0};
    advance(p);
    do
        PUSH(p->f, &names, expect_name(p));
    while (accept(p, TOK_COMMA));
    Node *n = ast_node(p->f, kind, pos_from(p, t->pos));
    if (kind == Global_kind)
        n->Global.names = ast_names(p->f, names.at, names.n);
    else
        n->Nonlocal.names = ast_names(p->f, names.at, names.n);
    return n;
}

static Node *del_statement(Parser *p)
{
    const Token *t = p->now;
    advance(p);
    Node *e = parse_star_expressions(p);
    if (invalid_target(e, DEL_TARGETS)) {
        if (reporting(p))
            fail_invalid_target(p, e, DEL_TARGETS);
        parser_fail(p);
    }
    if (!at(p, TOK_SEMI) && !at(p, TOK_NEWLINE))
        parser_fail(p);
    set_context(p, e, Del);
    Node *n = AST_NEW(p->f, Delete, pos_from(p, t->pos));
    n->Delete.targets = e->kind == Tuple_kind && !e->paren ? e->Tuple.elts : seq_one(p, e);
    return n;
}

static Node *bare(Parser *p, NodeKind kind)
{
    Pos pos = p->now->pos;
    advance(p);
    return ast_node(p->f, kind, pos);
}

static Node *simple_statement(Parser *p)
{
    const Token *t = p->now;
    Node *n;
    switch (t->type) {
    case TOK_KW_RETURN: {
        advance(p);
        Node *value = at_expression(p) ? parse_star_expressions(p) : NULL;
        n = AST_NEW(p->f, Return, pos_from(p, t->pos));
        n->Return.value = value;
        return n;
    }
    case TOK_KW_IMPORT: return import_name(p);
    case TOK_KW_FROM: return import_from(p);
    case TOK_KW_RAISE: {
        advance(p);
        Node *exc = at_expression(p) && !at(p, TOK_STAR) ? parse_expression(p) : NULL;
        Node *cause = NULL;
        if (exc && accept(p, TOK_KW_FROM))
            cause = parse_expression(p);
        n = AST_NEW(p->f, Raise, pos_from(p, t->pos));
        n->Raise.exc = exc;
        n->Raise.cause = cause;
        return n;
    }
    case TOK_KW_PASS: return bare(p, Pass_kind);
    case TOK_KW_BREAK: return bare(p, Break_kind);
    case TOK_KW_CONTINUE: return bare(p, Continue_kind);
    case TOK_KW_DEL: return del_statement(p);
    case TOK_KW_ASSERT: {
        advance(p);
        Node *test = parse_expression(p);
        Node *msg = accept(p, TOK_COMMA) ? parse_expression(p) : NULL;
        n = AST_NEW(p->f, Assert, pos_from(p, t->pos));
        n->Assert.test = test;
        n->Assert.msg = msg;
        return n;
    }
    case TOK_KW_GLOBAL: return names_statement(p, Global_kind);
    case TOK_KW_NONLOCAL: return names_statement(p, Nonlocal_kind);
    case TOK_NAME:
        if (t->name == p->names.type && look(p, 1)->type == TOK_NAME) {
            TokenType after = look(p, 2)->type;
            if (after == TOK_EQUAL || after == TOK_LSQB) {
                advance(p);
                const Token *name = p->now;
                advance(p);
                Seq *params = parse_type_params(p);
                expect(p, TOK_EQUAL);
                Node *value = parse_expression(p);
                n = AST_NEW(p->f, TypeAlias, pos_from(p, t->pos));
                n->TypeAlias.name = node_name(p, name, Store);
                n->TypeAlias.type_params = params;
                n->TypeAlias.value = value;
                return n;
            }
        }
        return expression_statement(p);
    default: return expression_statement(p);
    }
}

static void simple_statements(Parser *p, Nodes *out)
{
    for (;;) {
        PUSH(p->f, out, simple_statement(p));
        if (!accept(p, TOK_SEMI))
            break;
        if (at(p, TOK_NEWLINE))
            break;
    }
    expect(p, TOK_NEWLINE);
}

// ---- compound statements

static Node *if_statement(Parser *p)
{
    typedef struct Arm { Pos pos; Node *test; Seq *body; } Arm;
    VEC(Arm) arms = {0};
    Seq *orelse = ast_no_nodes;
    do {
        const Token *t = p->now;
        advance(p);
        Node *test = parse_named_expression(p);
        expect_colon(p);
        Seq *body = parse_block(p, t->type == TOK_KW_IF ? "'if' statement" : "'elif' statement", t->pos.line);
        PUSH(p->f, &arms, ((Arm){t->pos, test, body}));
    } while (at(p, TOK_KW_ELIF));
    if (at(p, TOK_KW_ELSE)) {
        int32_t line = p->now->pos.line;
        advance(p);
        expect_forced(p, TOK_COLON);
        orelse = parse_block(p, "'else' statement", line);
        if (at(p, TOK_KW_ELIF))
            parser_error_token(p, p->now, "'elif' block follows an 'else' block");
    }
    Node *n = NULL;
    for (size_t i = arms.n; i-- > 0;) {
        n = AST_NEW(p->f, If, pos_from(p, arms.at[i].pos));
        n->If.test = arms.at[i].test;
        n->If.body = arms.at[i].body;
        n->If.orelse = orelse;
        orelse = seq_one(p, n);
    }
    return n;
}

static Seq *else_block(Parser *p)
{
    if (!at(p, TOK_KW_ELSE))
        return ast_no_nodes;
    int32_t line = p->now->pos.line;
    advance(p);
    expect_forced(p, TOK_COLON);
    return parse_block(p, "'else' statement", line);
}

static Node *while_statement(Parser *p)
{
    const Token *t = p->now;
    advance(p);
    Node *test = parse_named_expression(p);
    expect_colon(p);
    Seq *body = parse_block(p, "'while' statement", t->pos.line), *orelse = else_block(p);
    Node *n = AST_NEW(p->f, While, pos_from(p, t->pos));
    n->While.test = test;
    n->While.body = body;
    n->While.orelse = orelse;
    return n;
}

static Node *for_statement(Parser *p, const Token *start)  // at `for`
{
    int32_t line = p->now->pos.line;
    advance(p);
    Node *target = parse_star_targets(p, "for");
    expect(p, TOK_KW_IN);
    Node *iter = parse_star_expressions(p);
    expect_colon(p);
    Seq *body = parse_block(p, "'for' statement", line), *orelse = else_block(p);
    Node *n = ast_node(p->f, start->type == TOK_KW_ASYNC ? AsyncFor_kind : For_kind, pos_from(p, start->pos));
    n->For.target = target;
    n->For.iter = iter;
    n->For.body = body;
    n->For.orelse = orelse;
    return n;
}

static Node *with_item(Parser *p)
{
    Node *context = parse_expression(p);
    Node *vars = NULL;
    if (accept(p, TOK_KW_AS)) {
        uint32_t here = p->at;
        if (at(p, TOK_STAR)) {
            vars = parse_star_named_expression(p);
        } else
            vars = parse_primary(p);
        if (!at(p, TOK_COMMA) && !at(p, TOK_RPAR) && !at(p, TOK_COLON) && !(reporting(p) && at(p, TOK_NEWLINE))) {
            if (reporting(p)) {
                seek(p, here);
                Node *e = parser_try(p, parse_expression);
                if (e && (at(p, TOK_COMMA) || at(p, TOK_RPAR) || at(p, TOK_COLON)) && invalid_target(e, STAR_TARGETS))
                    fail_invalid_target(p, e, STAR_TARGETS);
            }
            parser_fail(p);
        }
        if (invalid_target(vars, STAR_TARGETS)) {
            if (reporting(p))
                fail_invalid_target(p, vars, STAR_TARGETS);
            parser_fail(p);
        }
        set_context(p, vars, Store);
    }
    Node *n = AST_NEW(p->f, withitem, (Pos){0});
    n->withitem.context_expr = context;
    n->withitem.optional_vars = vars;
    return n;
}

// The items in parentheses and the ':' after them, as a FunctionType's argtypes (any list of nodes would do).
static Node *parenthesised_items(Parser *p)
{
    Nodes items = {0};
    expect(p, TOK_LPAR);
    do
        PUSH(p->f, &items, with_item(p));
    while (accept(p, TOK_COMMA) && !at(p, TOK_RPAR));
    expect(p, TOK_RPAR);
    if (at(p, TOK_NEWLINE))
        parser_error_last(p, "expected ':'");
    if (!at(p, TOK_COLON))
        parser_fail(p);
    Node *n = AST_NEW(p->f, FunctionType, (Pos){0});
    n->FunctionType.argtypes = seq_of(p, &items);
    return n;
}

static Node *with_statement(Parser *p, const Token *start)  // at `with`
{
    int32_t line = p->now->pos.line;
    advance(p);
    Seq *items;
    Node *list = at(p, TOK_LPAR) ? parser_try(p, parenthesised_items) : NULL;
    if (list)
        items = list->FunctionType.argtypes;
    else {
        Nodes v = {0};
        if (reporting(p) && at(p, TOK_LPAR)) {
            // Bad targets inside the parentheses are reported from here.
            uint32_t here = p->at;
            BailFrame frame;
            if (FRONT_TRY(p->f, frame)) {
                parenthesised_items(p);
                FRONT_END(p->f, frame);
            } else {
                FRONT_END(p->f, frame);
                if (p->f->failure.kind != FAIL_NONE)
                    front_bail(p->f);
            }
            seek(p, here);
        }
        do
            PUSH(p->f, &v, with_item(p));
        while (accept(p, TOK_COMMA));
        items = seq_of(p, &v);
    }
    expect_colon(p);
    Seq *body = parse_block(p, "'with' statement", line);
    Node *n = ast_node(p->f, start->type == TOK_KW_ASYNC ? AsyncWith_kind : With_kind, pos_from(p, start->pos));
    n->With.items = items;
    n->With.body = body;
    return n;
}

static Node *parse_exception_list(Parser *p)  // expression (',' expression)* [',']
{
    Pos start = p->now->pos;
    Node *first = parse_expression(p);
    if (!at(p, TOK_COMMA))
        return first;
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (at(p, TOK_COLON))
            break;
        PUSH(p->f, &v, parse_expression(p));
    }
    Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
    n->Tuple.elts = seq_of(p, &v);
    return n;
}

static Node *except_handler(Parser *p, bool *star)
{
    const Token *t = p->now;
    Node *type = NULL;
    const Chars *name = NULL;
    advance(p);
    *star = accept(p, TOK_STAR);
    if (*star && (at(p, TOK_NEWLINE) || at(p, TOK_COLON)))
        parser_error_last(p, "expected one or more exception types");
    if (!at(p, TOK_COLON)) {
        if (at(p, TOK_NEWLINE))
            parser_error_last(p, "expected ':'");
        type = parse_exception_list(p);
        bool list = type->kind == Tuple_kind && !type->paren;
        if (at(p, TOK_KW_AS)) {
            if (list) {
                // Only where the rest of the line is in order does the message help
                Node *first = type->Tuple.elts->at[0];
                if (look(p, 1)->type == TOK_NAME && look(p, 2)->type == TOK_COLON)
                    parser_error(p, pos_to_furthest(p, first->pos), "multiple exception types must be parenthesized when using 'as'");
                parser_fail(p);
            }
            advance(p);
            if (reporting(p) && !(at(p, TOK_NAME) && (look(p, 1)->type == TOK_COLON || look(p, 1)->type == TOK_NEWLINE))) {
                Node *e = parser_try(p, parse_expression);
                if (e && at(p, TOK_COLON))
                    parser_error(p, e->pos, "cannot use except%s statement with %s", *star ? "*" : "", expression_name(e));
                parser_fail(p);
            }
            name = expect_name(p);
        }
        expect_colon(p);
    } else
        advance(p);
    Seq *body = parse_block(p, *star ? "'except*' statement" : "'except' statement", t->pos.line);
    Node *n = AST_NEW(p->f, ExceptHandler, pos_from(p, t->pos));
    n->ExceptHandler.type = type;
    n->ExceptHandler.name = name;
    n->ExceptHandler.body = body;
    return n;
}

static Node *try_statement(Parser *p)
{
    const Token *t = p->now;
    advance(p);
    expect_forced(p, TOK_COLON);
    Seq *body = parse_block(p, "'try' statement", t->pos.line);
    Nodes handlers = {0};
    bool star = false;
    while (at(p, TOK_KW_EXCEPT)) {
        const Token *word = p->now;
        bool this_star;
        bool next_star = look(p, 1)->type == TOK_STAR;
        if (handlers.n && next_star != star)
            parser_error(p, next_star ? pos_span(word->pos, look(p, 1)->pos) : word->pos, "cannot have both 'except' and 'except*' on the same 'try'");
        PUSH(p->f, &handlers, except_handler(p, &this_star));
        star = this_star;
    }
    if (!handlers.n && !at(p, TOK_KW_FINALLY))
        parser_error_last(p, "expected 'except' or 'finally' block");
    Seq *orelse = handlers.n ? else_block(p) : ast_no_nodes, *finalbody = ast_no_nodes;
    if (at(p, TOK_KW_FINALLY)) {
        int32_t line = p->now->pos.line;
        advance(p);
        expect_forced(p, TOK_COLON);
        finalbody = parse_block(p, "'finally' statement", line);
    }
    Node *n = ast_node(p->f, star ? TryStar_kind : Try_kind, pos_from(p, t->pos));
    n->Try.body = body;
    n->Try.handlers = seq_of(p, &handlers);
    n->Try.orelse = orelse;
    n->Try.finalbody = finalbody;
    return n;
}

static Node *function_definition(Parser *p, const Token *start, Seq *decorators)  // at `def`
{
    int32_t line = p->now->pos.line;
    advance(p);
    const Chars *name = expect_name(p);
    Seq *type_params = parse_type_params(p);
    expect_forced(p, TOK_LPAR);
    Node *args = parse_parameters(p, false);
    expect(p, TOK_RPAR);
    Node *returns = accept(p, TOK_RARROW) ? parse_expression(p) : NULL;
    expect_forced(p, TOK_COLON);
    Seq *body = parse_block(p, "function definition", line);
    Node *n = ast_node(p->f, start->type == TOK_KW_ASYNC ? AsyncFunctionDef_kind : FunctionDef_kind, pos_from(p, start->pos));
    n->FunctionDef.name = name;
    n->FunctionDef.args = args;
    n->FunctionDef.body = body;
    n->FunctionDef.decorator_list = decorators;
    n->FunctionDef.returns = returns;
    n->FunctionDef.type_params = type_params;
    return n;
}

static Node *class_definition(Parser *p, Seq *decorators)
{
    const Token *t = p->now;
    advance(p);
    const Chars *name = expect_name(p);
    Seq *type_params = parse_type_params(p), *bases = ast_no_nodes, *keywords = ast_no_nodes;
    if (accept(p, TOK_LPAR)) {
        parse_arguments(p, &bases, &keywords);
        expect(p, TOK_RPAR);
    }
    expect_colon(p);
    Seq *body = parse_block(p, "class definition", t->pos.line);
    Node *n = AST_NEW(p->f, ClassDef, pos_from(p, t->pos));
    n->ClassDef.name = name;
    n->ClassDef.bases = bases;
    n->ClassDef.keywords = keywords;
    n->ClassDef.body = body;
    n->ClassDef.decorator_list = decorators;
    n->ClassDef.type_params = type_params;
    return n;
}

static Node *decorated(Parser *p)
{
    Nodes v = {0};
    while (accept(p, TOK_AT)) {
        PUSH(p->f, &v, parse_named_expression(p));
        expect(p, TOK_NEWLINE);
    }
    Seq *decorators = seq_of(p, &v);
    const Token *t = p->now;
    if (at(p, TOK_KW_CLASS))
        return class_definition(p, decorators);
    if (at(p, TOK_KW_ASYNC))
        advance(p);
    if (!at(p, TOK_KW_DEF))
        parser_fail(p);
    return function_definition(p, t, decorators);
}

static Node *compound_statement(Parser *p)  // NULL: none starts here
{
    const Token *t = p->now;
    switch (t->type) {
    case TOK_KW_IF: return if_statement(p);
    case TOK_KW_WHILE: return while_statement(p);
    case TOK_KW_FOR: return for_statement(p, t);
    case TOK_KW_WITH: return with_statement(p, t);
    case TOK_KW_TRY: return try_statement(p);
    case TOK_KW_DEF: return function_definition(p, t, ast_no_nodes);
    case TOK_KW_CLASS: return class_definition(p, ast_no_nodes);
    case TOK_AT: return decorated(p);
    case TOK_KW_ASYNC:
        advance(p);
        if (at(p, TOK_KW_DEF))
            return function_definition(p, t, ast_no_nodes);
        if (at(p, TOK_KW_FOR))
            return for_statement(p, t);
        if (at(p, TOK_KW_WITH))
            return with_statement(p, t);
        parser_fail(p);
    case TOK_NAME: return t->name == p->names.match ? parse_match_statement(p) : NULL;
    default: return NULL;
    }
}

static void parse_statement(Parser *p, Nodes *out)
{
    parser_check_depth(p);
    Node *n = compound_statement(p);
    if (n)
        PUSH(p->f, out, n);
    else
        simple_statements(p, out);
}

// ---- whole inputs

static Node *parse_signature_comment(Parser *p)  // (int, *str, **Any) -> Any
{
    Nodes types = {0};
    expect(p, TOK_LPAR);
    while (!at(p, TOK_RPAR)) {
        if (at(p, TOK_STAR) || at(p, TOK_DOUBLESTAR))
            advance(p);
        PUSH(p->f, &types, parse_expression(p));
        if (!accept(p, TOK_COMMA))
            break;
    }
    expect(p, TOK_RPAR);
    expect(p, TOK_RARROW);
    Node *returns = parse_expression(p);
    while (accept(p, TOK_NEWLINE))
        ;
    if (!at(p, TOK_ENDMARKER))
        parser_fail(p);
    Node *n = AST_NEW(p->f, FunctionType, (Pos){0});
    n->FunctionType.argtypes = seq_of(p, &types);
    n->FunctionType.returns = returns;
    return n;
}

Node *parse_file(Parser *p)
{
    Nodes v = {0};
    Node *n;
    switch (p->mode) {
    case PARSE_MODULE:
        while (!at(p, TOK_ENDMARKER))
            parse_statement(p, &v);
        n = AST_NEW(p->f, Module, (Pos){0});
        n->Module.body = seq_of(p, &v);
        n->Module.type_ignores = ast_no_nodes;
        return n;
    case PARSE_INTERACTIVE:
        if (at(p, TOK_NEWLINE)) {
            Node *pass = AST_NEW(p->f, Pass, p->now->pos);
            PUSH(p->f, &v, pass);
        } else {
            Node *compound = compound_statement(p);
            if (compound) {
                PUSH(p->f, &v, compound);
                expect(p, TOK_NEWLINE);
            } else
                simple_statements(p, &v);
        }
        n = AST_NEW(p->f, Interactive, (Pos){0});
        n->Interactive.body = seq_of(p, &v);
        return n;
    case PARSE_EVAL: {
        Pos start = p->now->pos;
        (void)start;
        Node *body = parse_star_expressions(p);
        while (accept(p, TOK_NEWLINE))
            ;
        if (!at(p, TOK_ENDMARKER))
            parser_fail(p);
        n = AST_NEW(p->f, Expression, (Pos){0});
        n->Expression.body = body;
        return n;
    }
    default: return parse_signature_comment(p);
    }
}
