// `match` statements and their patterns, and type parameters.
#include "src/parser.h"

// ---- type parameters (PEP 695, 696)

Seq *parse_type_params(Parser *p)
{
    if (!at(p, TOK_LSQB))
        return ast_no_nodes;
    advance(p);
    Nodes v = {0};
    if (at(p, TOK_RSQB))
        parser_error(p, pos_to_furthest(p, p->now->pos), "Type parameter list cannot be empty");
    while (!at(p, TOK_RSQB)) {
        const Token *t = p->now;
        Node *n;
        if (at(p, TOK_STAR) || at(p, TOK_DOUBLESTAR)) {
            bool spec = at(p, TOK_DOUBLESTAR);
            advance(p);
            const Chars *name = expect_name(p);
            if (reporting(p) && at(p, TOK_COLON)) {
                const Token *colon = p->now;
                advance(p);
                Node *e = parser_try(p, parse_expression);
                if (e)
                    parser_error(p, pos_span(colon->pos, e->pos), "cannot use %s with %s", e->kind == Tuple_kind ? "constraints" : "bound", spec ? "ParamSpec" : "TypeVarTuple");
                parser_fail(p);
            }
            Node *value = NULL;
            if (accept(p, TOK_EQUAL)) {
                if (!spec && at(p, TOK_STAR)) {
                    Pos start = p->now->pos;
                    advance(p);
                    Node *inner = parse_bitwise_or(p);
                    value = AST_NEW(p->f, Starred, pos_from(p, start));
                    value->Starred.value = inner;
                } else
                    value = parse_expression(p);
            }
            n = ast_node(p->f, spec ? ParamSpec_kind : TypeVarTuple_kind, pos_from(p, t->pos));
            if (spec) {
                n->ParamSpec.name = name;
                n->ParamSpec.default_value = value;
            } else {
                n->TypeVarTuple.name = name;
                n->TypeVarTuple.default_value = value;
            }
        } else {
            const Chars *name = expect_name(p);
            Node *bound = accept(p, TOK_COLON) ? parse_expression(p) : NULL;
            Node *value = accept(p, TOK_EQUAL) ? parse_expression(p) : NULL;
            n = AST_NEW(p->f, TypeVar, pos_from(p, t->pos));
            n->TypeVar.name = name;
            n->TypeVar.bound = bound;
            n->TypeVar.default_value = value;
        }
        PUSH(p->f, &v, n);
        if (!accept(p, TOK_COMMA))
            break;
    }
    expect(p, TOK_RSQB);
    return seq_of(p, &v);
}

// ---- patterns

static Node *parse_pattern(Parser *p);
static Node *parse_or_pattern(Parser *p);

static Node *match_value(Parser *p, Node *value)
{
    Node *n = AST_NEW(p->f, MatchValue, value->pos);
    n->MatchValue.value = value;
    return n;
}

static Node *number(Parser *p)
{
    const Token *t = p->now;
    if (!at(p, TOK_NUMBER))
        parser_fail(p);
    advance(p);
    return node_constant(p, parse_number(p, t), t->pos);
}

static Node *signed_number(Parser *p)
{
    const Token *t = p->now;
    if (!accept(p, TOK_MINUS))
        return number(p);
    Node *operand = number(p);
    Node *n = AST_NEW(p->f, UnaryOp, pos_from(p, t->pos));
    n->UnaryOp.op = USub;
    n->UnaryOp.operand = operand;
    return n;
}

static Node *number_expression(Parser *p)  // -1, 2.5, 1+2j
{
    Pos start = p->now->pos;
    Node *left = signed_number(p);
    if (!at(p, TOK_PLUS) && !at(p, TOK_MINUS))
        return left;
    const Node *magnitude = left->kind == UnaryOp_kind ? left->UnaryOp.operand : left;
    if (magnitude->Constant.value.kind == CONST_COMPLEX)
        syntax_error_raise(p->f, FAIL_SYNTAX, left->pos, "real number required in complex literal");
    operator_ty op = at(p, TOK_PLUS) ? Add : Sub;
    advance(p);
    Node *right = number(p);
    if (right->Constant.value.kind != CONST_COMPLEX)
        syntax_error_raise(p->f, FAIL_SYNTAX, right->pos, "imaginary number required in complex literal");
    Node *n = AST_NEW(p->f, BinOp, pos_from(p, start));
    n->BinOp.left = left;
    n->BinOp.op = op;
    n->BinOp.right = right;
    return n;
}

static Node *name_or_attribute(Parser *p)
{
    const Token *t = p->now;
    expect_name(p);
    Node *n = node_name(p, t, Load);
    while (accept(p, TOK_DOT)) {
        const Chars *attr = expect_name(p);
        Node *a = AST_NEW(p->f, Attribute, pos_from(p, t->pos));
        a->Attribute.value = n;
        a->Attribute.attr = attr;
        n = a;
    }
    return n;
}

static const Chars *capture_name(Parser *p)  // NULL: the wildcard
{
    const Chars *name = expect_name(p);
    if (at(p, TOK_DOT) || at(p, TOK_LPAR) || at(p, TOK_EQUAL))
        parser_fail(p);
    return name == p->names.underscore ? NULL : name;
}

static Node *star_pattern(Parser *p)
{
    Pos start = p->now->pos;
    expect(p, TOK_STAR);
    const Chars *name = capture_name(p);
    Node *n = AST_NEW(p->f, MatchStar, pos_from(p, start));
    n->MatchStar.name = name;
    return n;
}

static Node *sequence(Parser *p, const Nodes *v, Pos start)
{
    Node *n = AST_NEW(p->f, MatchSequence, pos_from(p, start));
    n->MatchSequence.patterns = seq_of(p, v);
    return n;
}

static Node *maybe_star_pattern(Parser *p) { return at(p, TOK_STAR) ? star_pattern(p) : parse_pattern(p); }

static Node *group_or_sequence(Parser *p, TokenType close)
{
    Pos start = p->now->pos;
    advance(p);
    Nodes v = {0};
    bool comma = false;
    while (!at(p, close)) {
        PUSH(p->f, &v, maybe_star_pattern(p));
        comma = accept(p, TOK_COMMA);
        if (!comma)
            break;
    }
    expect(p, close);
    if (close == TOK_RPAR && v.n == 1 && !comma) {
        if (v.at[0]->kind == MatchStar_kind)
            parser_fail(p);
        return v.at[0];  // a group keeps its pattern's own place
    }
    return sequence(p, &v, start);
}

static Node *mapping_key(Parser *p)
{
    const Token *t = p->now;
    switch (t->type) {
    case TOK_KW_NONE:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE:
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START: return parse_atom(p);
    case TOK_NAME: {
        Node *n = name_or_attribute(p);
        if (n->kind != Attribute_kind)
            parser_fail(p);
        return n;
    }
    default: return number_expression(p);
    }
}

static void check_literal(Parser *p, const Node *n)
{
    if (n->kind == JoinedStr_kind)
        syntax_error_raise(p->f, FAIL_SYNTAX, n->pos, "patterns may only match literals and attribute lookups");
    if (n->kind == TemplateStr_kind)
        syntax_error_raise(p->f, FAIL_SYNTAX, n->pos, "patterns may only match literals and attribute lookups");
}

static Node *mapping_pattern(Parser *p)
{
    Pos start = p->now->pos;
    advance(p);
    Nodes keys = {0}, patterns = {0};
    const Chars *rest = NULL;
    while (!at(p, TOK_RBRACE)) {
        if (accept(p, TOK_DOUBLESTAR)) {
            if (at_name(p, p->names.underscore))
                parser_fail(p);
            rest = capture_name(p);
            accept(p, TOK_COMMA);
            break;
        }
        PUSH(p->f, &keys, mapping_key(p));
        expect(p, TOK_COLON);
        PUSH(p->f, &patterns, parse_pattern(p));
        if (!accept(p, TOK_COMMA))
            break;
    }
    expect(p, TOK_RBRACE);
    Node *n = AST_NEW(p->f, MatchMapping, pos_from(p, start));
    n->MatchMapping.keys = seq_of(p, &keys);
    n->MatchMapping.patterns = seq_of(p, &patterns);
    n->MatchMapping.rest = rest;
    return n;
}

static Node *class_pattern(Parser *p, Node *cls, Pos start)
{
    Nodes patterns = {0}, keyword_patterns = {0};
    VEC(const Chars *) names = {0};
    advance(p);
    while (!at(p, TOK_RPAR)) {
        if (at(p, TOK_NAME) && look(p, 1)->type == TOK_EQUAL) {
            PUSH(p->f, &names, expect_name(p));
            advance(p);
            PUSH(p->f, &keyword_patterns, parse_pattern(p));
        } else {
            Node *n = parse_pattern(p);
            if (names.n) {
                // The place runs over all positional patterns that come late
                Pos span = n->pos;
                if (reporting(p)) {
                    while (at(p, TOK_COMMA) && look(p, 1)->type != TOK_RPAR && !(look(p, 1)->type == TOK_NAME && look(p, 2)->type == TOK_EQUAL)) {
                        advance(p);
                        Node *more = parser_try(p, parse_pattern);
                        if (!more)
                            break;
                        span = pos_span(span, more->pos);
                    }
                }
                parser_error(p, span, "positional patterns follow keyword patterns");
            }
            PUSH(p->f, &patterns, n);
        }
        if (!accept(p, TOK_COMMA))
            break;
    }
    expect(p, TOK_RPAR);
    Node *n = AST_NEW(p->f, MatchClass, pos_from(p, start));
    n->MatchClass.cls = cls;
    n->MatchClass.patterns = seq_of(p, &patterns);
    n->MatchClass.kwd_attrs = ast_names(p->f, names.at, names.n);
    n->MatchClass.kwd_patterns = seq_of(p, &keyword_patterns);
    return n;
}

static Node *closed_pattern(Parser *p)
{
    const Token *t = p->now;
    parser_check_depth(p);
    switch (t->type) {
    case TOK_KW_NONE:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE: {
        Node *value = parse_atom(p);
        Node *n = AST_NEW(p->f, MatchSingleton, value->pos);
        n->MatchSingleton.value = value->Constant.value;
        return n;
    }
    case TOK_STRING:
    case TOK_FSTRING_START:
    case TOK_TSTRING_START: {
        Node *value = parse_strings(p);
        check_literal(p, value);
        return match_value(p, value);
    }
    case TOK_NUMBER:
    case TOK_MINUS: return match_value(p, number_expression(p));
    case TOK_LPAR: return group_or_sequence(p, TOK_RPAR);
    case TOK_LSQB: return group_or_sequence(p, TOK_RSQB);
    case TOK_LBRACE: return mapping_pattern(p);
    case TOK_NAME: {
        Node *name = name_or_attribute(p);
        if (at(p, TOK_LPAR))
            return class_pattern(p, name, t->pos);
        if (name->kind == Attribute_kind)
            return match_value(p, name);
        if (at(p, TOK_EQUAL))
            parser_fail(p);
        Node *n = AST_NEW(p->f, MatchAs, t->pos);
        n->MatchAs.name = t->name == p->names.underscore ? NULL : t->name;
        return n;
    }
    default: parser_fail(p);
    }
}

static Node *parse_or_pattern(Parser *p)
{
    Pos start = p->now->pos;
    Node *first = closed_pattern(p);
    if (!at(p, TOK_VBAR))
        return first;
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_VBAR))
        PUSH(p->f, &v, closed_pattern(p));
    Node *n = AST_NEW(p->f, MatchOr, pos_from(p, start));
    n->MatchOr.patterns = seq_of(p, &v);
    return n;
}

static Node *parse_pattern(Parser *p)
{
    Pos start = p->now->pos;
    Node *inner = parse_or_pattern(p);
    if (!at(p, TOK_KW_AS))
        return inner;
    advance(p);
    const Token *t = p->now;
    if (at_name(p, p->names.underscore))
        parser_error_token(p, t, "cannot use '_' as a target");
    TokenType after = at(p, TOK_NAME) ? look(p, 1)->type : TOK_NAME;
    if (!at(p, TOK_NAME) || after == TOK_DOT || after == TOK_LPAR || after == TOK_EQUAL || after == TOK_LSQB) {
        if (reporting(p)) {
            Node *e = parser_try(p, parse_expression);
            if (e)
                parser_error(p, e->pos, "cannot use %s as pattern target", expression_name(e));
        }
        parser_fail(p);
    }
    const Chars *name = expect_name(p);
    Node *n = AST_NEW(p->f, MatchAs, pos_from(p, start));
    n->MatchAs.pattern = inner;
    n->MatchAs.name = name;
    return n;
}

static Node *parse_patterns(Parser *p)  // of a case: a sequence may stand without brackets
{
    Pos start = p->now->pos;
    Node *first = maybe_star_pattern(p);
    if (!at(p, TOK_COMMA) && first->kind != MatchStar_kind)
        return first;
    if (!at(p, TOK_COMMA))
        parser_fail(p);
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (at(p, TOK_COLON) || at(p, TOK_KW_IF))
            break;
        PUSH(p->f, &v, maybe_star_pattern(p));
    }
    return sequence(p, &v, start);
}

static Node *parse_subject(Parser *p)
{
    Pos start = p->now->pos;
    Node *first = parse_star_named_expression(p);
    if (!at(p, TOK_COMMA)) {
        if (first->kind == Starred_kind)
            parser_fail(p);
        return first;
    }
    Nodes v = {0};
    PUSH(p->f, &v, first);
    while (accept(p, TOK_COMMA)) {
        if (at(p, TOK_COLON))
            break;
        PUSH(p->f, &v, parse_star_named_expression(p));
    }
    Node *n = AST_NEW(p->f, Tuple, pos_from(p, start));
    n->Tuple.elts = seq_of(p, &v);
    return n;
}

// `match subject:` and a line's end; NULL of parser_try: `match` is a name.
static Node *match_header(Parser *p)
{
    advance(p);
    Node *subject = parse_subject(p);
    if (reporting(p) && at(p, TOK_NEWLINE))
        return subject;
    expect(p, TOK_COLON);
    expect(p, TOK_NEWLINE);
    return subject;
}

static bool may_be_subject(const Token *t)
{
    switch (t->type) {
    case TOK_NAME: case TOK_NUMBER: case TOK_STRING: case TOK_FSTRING_START: case TOK_TSTRING_START: case TOK_LPAR: case TOK_LSQB: case TOK_LBRACE: case TOK_MINUS:
    case TOK_PLUS: case TOK_TILDE: case TOK_STAR: case TOK_ELLIPSIS: case TOK_KW_NONE: case TOK_KW_TRUE: case TOK_KW_FALSE: case TOK_KW_NOT: case TOK_KW_LAMBDA:
    case TOK_KW_AWAIT:
        return true;
    default:
        return false;
    }
}

Node *parse_match_statement(Parser *p)
{
    const Token *t = p->now;
    uint32_t here = p->at;
    if (!may_be_subject(look(p, 1)))
        return NULL;
    if (p->reporting) {
        // `match x` without a colon
        uint32_t back = p->at;
        advance(p);
        Node *subject = parser_try(p, parse_subject);
        if (subject && at(p, TOK_NEWLINE)) {
            TokenType first = token_at(p, back + 1)->type;
            if (first != TOK_LPAR && first != TOK_LSQB && first != TOK_MINUS && first != TOK_PLUS && first != TOK_STAR)
                parser_error_last(p, "expected ':'");
        }
        seek(p, back);
    }
    Node *subject = parser_try(p, match_header);
    if (!subject)
        return NULL;
    if (!at(p, TOK_INDENT)) {
        if (reporting(p))
            parser_error_indent(p, "expected an indented block after 'match' statement on line %d", (int)t->pos.line);
        seek(p, here);
        return NULL;
    }
    advance(p);
    Nodes cases = {0};
    do {
        const Token *word = p->now;
        if (!at_name(p, p->names.case_))
            parser_fail(p);
        advance(p);
        Node *pattern = parse_patterns(p);
        Node *guard = accept(p, TOK_KW_IF) ? parse_named_expression(p) : NULL;
        expect_colon(p);
        Node *c = AST_NEW(p->f, match_case, (Pos){0});
        c->match_case.pattern = pattern;
        c->match_case.guard = guard;
        c->match_case.body = parse_block(p, "'case' statement", word->pos.line);
        PUSH(p->f, &cases, c);
    } while (!at(p, TOK_DEDENT));
    advance(p);
    Node *n = AST_NEW(p->f, Match, pos_from(p, t->pos));
    n->Match.subject = subject;
    n->Match.cases = seq_of(p, &cases);
    return n;
}
