// Targets: which expressions can be assigned to, deleted or bound by a loop, and how the messages call the others.
#include "src/parser.h"

void set_context(Parser *p, Node *n, expr_context_ty ctx)
{
    switch (n->kind) {
    case Name_kind: n->Name.ctx = (uint8_t)ctx; break;
    case Attribute_kind: n->Attribute.ctx = (uint8_t)ctx; break;
    case Subscript_kind: n->Subscript.ctx = (uint8_t)ctx; break;
    case Starred_kind:
        n->Starred.ctx = (uint8_t)ctx;
        set_context(p, n->Starred.value, ctx);
        break;
    case List_kind:
    case Tuple_kind: {
        Seq *elts = n->kind == List_kind ? n->List.elts : n->Tuple.elts;
        parser_check_depth(p);
        if (n->kind == List_kind)
            n->List.ctx = (uint8_t)ctx;
        else
            n->Tuple.ctx = (uint8_t)ctx;
        for (uint32_t i = 0; i < elts->n; i++)
            set_context(p, elts->at[i], ctx);
        break;
    }
    default: break;
    }
}

Node *invalid_target(Node *n, TargetKind kind)
{
    if (!n)
        return NULL;
    switch (n->kind) {
    case List_kind:
    case Tuple_kind: {
        Seq *elts = n->kind == List_kind ? n->List.elts : n->Tuple.elts;
        for (uint32_t i = 0; i < elts->n; i++) {
            Node *bad = invalid_target(elts->at[i], kind);
            if (bad)
                return bad;
        }
        return NULL;
    }
    case Starred_kind: return kind == DEL_TARGETS ? n : invalid_target(n->Starred.value, kind);
    case Compare_kind:
        // `for x in y` read as one expression: the target is what stands before `in`
        if (kind == FOR_TARGETS && n->Compare.ops->at[0] == In)
            return invalid_target(n->Compare.left, kind);
        return n;
    case Name_kind:
    case Subscript_kind:
    case Attribute_kind: return NULL;
    default: return n;
    }
}

const char *expression_name(const Node *n)
{
    switch (n->kind) {
    case Attribute_kind: return "attribute";
    case Subscript_kind: return "subscript";
    case Starred_kind: return "starred";
    case Name_kind: return "name";
    case List_kind: return "list";
    case Tuple_kind: return "tuple";
    case Lambda_kind: return "lambda";
    case Call_kind: return "function call";
    case BoolOp_kind:
    case BinOp_kind:
    case UnaryOp_kind: return "expression";
    case GeneratorExp_kind: return "generator expression";
    case Yield_kind:
    case YieldFrom_kind: return "yield expression";
    case Await_kind: return "await expression";
    case ListComp_kind: return "list comprehension";
    case SetComp_kind: return "set comprehension";
    case DictComp_kind: return "dict comprehension";
    case Dict_kind: return "dict literal";
    case Set_kind: return "set display";
    case JoinedStr_kind:
    case FormattedValue_kind: return "f-string expression";
    case TemplateStr_kind:
    case Interpolation_kind: return "t-string expression";
    case Constant_kind:
        switch (n->Constant.value.kind) {
        case CONST_NONE: return "None";
        case CONST_TRUE: return "True";
        case CONST_FALSE: return "False";
        case CONST_ELLIPSIS: return "ellipsis";
        default: return "literal";
        }
    case Compare_kind: return "comparison";
    case IfExp_kind: return "conditional expression";
    case NamedExpr_kind: return "named expression";
    default: return "expression";
    }
}

_Noreturn void fail_invalid_target(Parser *p, Node *n, TargetKind kind)
{
    Node *bad = invalid_target(n, kind);
    if (!bad)
        parser_fail(p);
    parser_error(p, bad->pos, "cannot %s %s", kind == DEL_TARGETS ? "delete" : "assign to", expression_name(bad));
}

// Whether `n`, as it was written, is what the grammar calls a target: no starred thing in parentheses of its own.
static bool fits_target(const Node *n)
{
    return !(n->kind == Starred_kind && n->Starred.value->kind == Starred_kind);
}

static Node *star_target(Parser *p)
{
    if (at(p, TOK_STAR)) {
        Pos start = p->now->pos;
        advance(p);
        if (at(p, TOK_STAR))
            parser_fail(p);
        Node *value = parse_bitwise_or(p);
        Node *n = AST_NEW(p->f, Starred, pos_from(p, start));
        n->Starred.value = value;
        return n;
    }
    return parse_bitwise_or(p);
}

Node *parse_star_targets(Parser *p, const char *what)
{
    Pos start = p->now->pos;
    Node *n = star_target(p);
    if (at(p, TOK_COMMA)) {
        Nodes v = {0};
        PUSH(p->f, &v, n);
        while (accept(p, TOK_COMMA)) {
            if (!at_expression(p))
                break;
            PUSH(p->f, &v, star_target(p));
        }
        n = AST_NEW(p->f, Tuple, pos_from(p, start));
        n->Tuple.elts = seq_of(p, &v);
    }
    if (!fits_target(n))
        parser_fail(p);
    if (*what == 'c' && !at(p, TOK_KW_IN))
        parser_error_last(p, "'in' expected after for-loop variables");
    if (invalid_target(n, FOR_TARGETS))
        fail_invalid_target(p, n, FOR_TARGETS);
    set_context(p, n, Store);
    return n;
}
