// Expressions back to text, as annotations become strings under `from __future__ import annotations`.
#include "src/compile.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct Out { Front *f; VEC(char) text; } Out;
enum { P_TUPLE, P_TEST, P_OR, P_AND, P_NOT, P_CMP, P_BOR, P_BXOR, P_BAND, P_SHIFT, P_ARITH, P_TERM, P_FACTOR, P_POWER, P_AWAIT, P_ATOM };

static void put_n(Out *o, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        PUSH(o->f, &o->text, s[i]);
}
static void put(Out *o, const char *s) { put_n(o, s, strlen(s)); }
static void put_name(Out *o, const Chars *s) { put_n(o, s->s, s->length); }

static void write_expr(Out *o, const Node *n, int level);

static void write_list(Out *o, const Seq *s, int level)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (i)
            put(o, ", ");
        write_expr(o, s->at[i], level);
    }
}

static void write_const(Out *o, const Const *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    if (c->kind == CONST_ELLIPSIS)
        fputs("...", out);
    else
        ast_write_const(out, c);
    fclose(out);
    char *copy = front_alloc(o->f, size + 1);
    memcpy(copy, text, size);
    free(text);
    // infinity has no literal of its own
    char *inf;
    while ((inf = c->kind == CONST_FLOAT || c->kind == CONST_COMPLEX ? strstr(copy, "inf") : NULL)) {
        put_n(o, copy, (size_t)(inf - copy));
        put(o, "1e309");
        copy = inf + 3;
    }
    put(o, copy);
}

static void write_args(Out *o, const Node *a)
{
    bool first = true;
    const Seq *posonly = a->arguments.posonlyargs, *args = a->arguments.args, *kwonly = a->arguments.kwonlyargs, *defaults = a->arguments.defaults;
    uint32_t count = posonly->n + args->n;
    for (uint32_t i = 0; i < count; i++) {
        if (!first)
            put(o, ", ");
        first = false;
        put_name(o, (i < posonly->n ? posonly->at[i] : args->at[i - posonly->n])->arg.arg);
        if (i + defaults->n >= count) {
            put(o, "=");
            write_expr(o, defaults->at[i + defaults->n - count], P_TEST);
        }
        if (posonly->n && i + 1 == posonly->n)
            put(o, ", /");
    }
    if (a->arguments.vararg || kwonly->n) {
        if (!first)
            put(o, ", ");
        first = false;
        put(o, "*");
        if (a->arguments.vararg)
            put_name(o, a->arguments.vararg->arg.arg);
    }
    for (uint32_t i = 0; i < kwonly->n; i++) {
        if (!first)
            put(o, ", ");
        first = false;
        put_name(o, kwonly->at[i]->arg.arg);
        if (a->arguments.kw_defaults->at[i]) {
            put(o, "=");
            write_expr(o, a->arguments.kw_defaults->at[i], P_TEST);
        }
    }
    if (a->arguments.kwarg) {
        if (!first)
            put(o, ", ");
        put(o, "**");
        put_name(o, a->arguments.kwarg->arg.arg);
    }
}

static void write_generators(Out *o, const Seq *generators)
{
    for (uint32_t i = 0; i < generators->n; i++) {
        const Node *g = generators->at[i];
        put(o, g->comprehension.is_async ? " async for " : " for ");
        write_expr(o, g->comprehension.target, P_TUPLE);
        put(o, " in ");
        write_expr(o, g->comprehension.iter, P_TEST + 1);
        for (uint32_t j = 0; j < g->comprehension.ifs->n; j++) {
            put(o, " if ");
            write_expr(o, g->comprehension.ifs->at[j], P_TEST + 1);
        }
    }
}

static void write_fstring_parts(Out *o, const Node *n)
{
    switch (n->kind) {
    case Constant_kind:
        for (uint32_t i = 0; i < n->Constant.value.text->length; i++) {
            char c = n->Constant.value.text->s[i];
            PUSH(o->f, &o->text, c);
            if (c == '{' || c == '}')
                PUSH(o->f, &o->text, c);
        }
        break;
    case JoinedStr_kind:
    case TemplateStr_kind:
        for (uint32_t i = 0; i < n->JoinedStr.values->n; i++)
            write_fstring_parts(o, n->JoinedStr.values->at[i]);
        break;
    default: {
        bool t = n->kind == Interpolation_kind;
        const Node *value = t ? n->Interpolation.value : n->FormattedValue.value, *spec = t ? n->Interpolation.format_spec : n->FormattedValue.format_spec;
        int conversion = t ? n->Interpolation.conversion : n->FormattedValue.conversion;
        put(o, "{");
        size_t at = o->text.n;
        write_expr(o, value, P_TEST + 1);
        if (o->text.n > at && o->text.at[at] == '{') {  // a brace must not meet the field's
            PUSH(o->f, &o->text, ' ');
            memmove(o->text.at + at + 1, o->text.at + at, o->text.n - 1 - at);
            o->text.at[at] = ' ';
        }
        if (conversion > 0)
            put(o, front_format(o->f, "!%c", conversion));
        if (spec) {
            put(o, ":");
            write_fstring_parts(o, spec);
        }
        put(o, "}");
    }
    }
}

static void write_op(Out *o, const Node *n, int level, int own, const char *sign)
{
    bool parens = level > own;
    if (parens)
        put(o, "(");
    bool right_first = n->BinOp.op == Pow;
    write_expr(o, n->BinOp.left, own + right_first);
    put(o, sign);
    write_expr(o, n->BinOp.right, own + !right_first);
    if (parens)
        put(o, ")");
}

static void write_expr(Out *o, const Node *n, int level)
{
    CHECK_DEPTH(o->f);
    bool parens = false;
    switch (n->kind) {
    case Name_kind: put_name(o, n->Name.id); return;
    case Constant_kind:
        if (n->Constant.kind)
            put_name(o, n->Constant.kind);
        write_const(o, &n->Constant.value);
        return;
    case BoolOp_kind: {
        int own = n->BoolOp.op == And ? P_AND : P_OR;
        if ((parens = level > own))
            put(o, "(");
        for (uint32_t i = 0; i < n->BoolOp.values->n; i++) {
            if (i)
                put(o, n->BoolOp.op == And ? " and " : " or ");
            write_expr(o, n->BoolOp.values->at[i], own + 1);
        }
        break;
    }
    case BinOp_kind: {
        static const struct { const char *sign; int own; } ops[] = {
            [Add] = {" + ", P_ARITH}, [Sub] = {" - ", P_ARITH}, [Mult] = {" * ", P_TERM}, [MatMult] = {" @ ", P_TERM}, [Div] = {" / ", P_TERM},
            [Mod] = {" % ", P_TERM}, [LShift] = {" << ", P_SHIFT}, [RShift] = {" >> ", P_SHIFT}, [BitOr] = {" | ", P_BOR},
            [BitXor] = {" ^ ", P_BXOR}, [BitAnd] = {" & ", P_BAND}, [FloorDiv] = {" // ", P_TERM}, [Pow] = {" ** ", P_POWER},
        };
        write_op(o, n, level, ops[n->BinOp.op].own, ops[n->BinOp.op].sign);
        return;
    }
    case UnaryOp_kind: {
        int own = n->UnaryOp.op == Not ? P_NOT : P_FACTOR;
        if ((parens = level > own))
            put(o, "(");
        put(o, n->UnaryOp.op == Not ? "not " : n->UnaryOp.op == USub ? "-" : n->UnaryOp.op == UAdd ? "+" : "~");
        write_expr(o, n->UnaryOp.operand, own);
        break;
    }
    case Lambda_kind:
        if ((parens = level > P_TEST))
            put(o, "(");
        put(o, "lambda");
        const Node *a = n->Lambda.args;
        if (a->arguments.posonlyargs->n || a->arguments.args->n || a->arguments.kwonlyargs->n || a->arguments.vararg || a->arguments.kwarg)
            put(o, " ");
        write_args(o, a);
        put(o, ": ");
        write_expr(o, n->Lambda.body, P_TEST);
        break;
    case IfExp_kind:
        if ((parens = level > P_TEST))
            put(o, "(");
        write_expr(o, n->IfExp.body, P_TEST + 1);
        put(o, " if ");
        write_expr(o, n->IfExp.test, P_TEST + 1);
        put(o, " else ");
        write_expr(o, n->IfExp.orelse, P_TEST);
        break;
    case Dict_kind:
        put(o, "{");
        for (uint32_t i = 0; i < n->Dict.keys->n; i++) {
            if (i)
                put(o, ", ");
            if (n->Dict.keys->at[i]) {
                write_expr(o, n->Dict.keys->at[i], P_TEST);
                put(o, ": ");
                write_expr(o, n->Dict.values->at[i], P_TEST);
            } else {
                put(o, "**");
                write_expr(o, n->Dict.values->at[i], P_BOR);
            }
        }
        put(o, "}");
        return;
    case Set_kind:
        put(o, "{");
        write_list(o, n->Set.elts, P_TEST);
        put(o, "}");
        return;
    case List_kind:
        put(o, "[");
        write_list(o, n->List.elts, P_TEST);
        put(o, "]");
        return;
    case Tuple_kind:
        if (!n->Tuple.elts->n) {
            put(o, "()");
            return;
        }
        if ((parens = level > P_TUPLE))
            put(o, "(");
        write_list(o, n->Tuple.elts, P_TEST);
        if (n->Tuple.elts->n == 1)
            put(o, ",");
        break;
    case GeneratorExp_kind:
    case ListComp_kind:
    case SetComp_kind: {
        const char *open = n->kind == ListComp_kind ? "[" : n->kind == SetComp_kind ? "{" : "(";
        put(o, open);
        write_expr(o, n->ListComp.elt, P_TEST);
        write_generators(o, n->ListComp.generators);
        put(o, *open == '[' ? "]" : *open == '{' ? "}" : ")");
        return;
    }
    case DictComp_kind:
        put(o, "{");
        write_expr(o, n->DictComp.key, P_TEST);
        put(o, ": ");
        write_expr(o, n->DictComp.value, P_TEST);
        write_generators(o, n->DictComp.generators);
        put(o, "}");
        return;
    case Yield_kind:
        put(o, "(yield");
        if (n->Yield.value) {
            put(o, " ");
            write_expr(o, n->Yield.value, P_TEST);
        }
        put(o, ")");
        return;
    case YieldFrom_kind:
        put(o, "(yield from ");
        write_expr(o, n->YieldFrom.value, P_TEST);
        put(o, ")");
        return;
    case Await_kind:
        if ((parens = level > P_AWAIT))
            put(o, "(");
        put(o, "await ");
        write_expr(o, n->Await.value, P_ATOM);
        break;
    case Compare_kind: {
        static const char *const signs[] = {" == ", " != ", " < ", " <= ", " > ", " >= ", " is ", " is not ", " in ", " not in "};
        if ((parens = level > P_CMP))
            put(o, "(");
        write_expr(o, n->Compare.left, P_CMP + 1);
        for (uint32_t i = 0; i < n->Compare.comparators->n; i++) {
            put(o, signs[n->Compare.ops->at[i]]);
            write_expr(o, n->Compare.comparators->at[i], P_CMP + 1);
        }
        break;
    }
    case Call_kind: {
        bool first = true;
        write_expr(o, n->Call.func, P_ATOM);
        if (n->Call.args->n == 1 && !n->Call.keywords->n && n->Call.args->at[0]->kind == GeneratorExp_kind) {
            write_expr(o, n->Call.args->at[0], P_TEST);
            return;
        }
        put(o, "(");
        for (uint32_t i = 0; i < n->Call.args->n; i++, first = false) {
            if (!first)
                put(o, ", ");
            write_expr(o, n->Call.args->at[i], P_TEST);
        }
        for (uint32_t i = 0; i < n->Call.keywords->n; i++, first = false) {
            if (!first)
                put(o, ", ");
            if (n->Call.keywords->at[i]->keyword.arg) {
                put_name(o, n->Call.keywords->at[i]->keyword.arg);
                put(o, "=");
            } else
                put(o, "**");
            write_expr(o, n->Call.keywords->at[i]->keyword.value, P_TEST);
        }
        put(o, ")");
        return;
    }
    case JoinedStr_kind:
    case TemplateStr_kind: {
        Out inner = {.f = o->f};
        write_fstring_parts(&inner, n);
        put(o, n->kind == JoinedStr_kind ? "f" : "t");
        write_const(o, &(Const){.kind = CONST_STR, .text = front_str(o->f, inner.text.at ? inner.text.at : "", inner.text.n)});
        return;
    }
    case Attribute_kind: {
        const Node *v = n->Attribute.value;
        write_expr(o, v, P_ATOM);
        bool whole = v->kind == Constant_kind && (v->Constant.value.kind == CONST_INT || v->Constant.value.kind == CONST_BIGINT);
        put(o, whole ? " ." : ".");
        put_name(o, n->Attribute.attr);
        return;
    }
    case Subscript_kind:
        write_expr(o, n->Subscript.value, P_ATOM);
        put(o, "[");
        write_expr(o, n->Subscript.slice, P_TUPLE);
        put(o, "]");
        return;
    case Starred_kind:
        put(o, "*");
        write_expr(o, n->Starred.value, P_BOR);
        return;
    case Slice_kind:
        if (n->Slice.lower)
            write_expr(o, n->Slice.lower, P_TEST);
        put(o, ":");
        if (n->Slice.upper)
            write_expr(o, n->Slice.upper, P_TEST);
        if (n->Slice.step) {
            put(o, ":");
            write_expr(o, n->Slice.step, P_TEST);
        }
        return;
    case NamedExpr_kind:
        put(o, "(");
        write_expr(o, n->NamedExpr.target, P_ATOM);
        put(o, " := ");
        write_expr(o, n->NamedExpr.value, P_ATOM);
        put(o, ")");
        return;
    default: return;
    }
    if (parens)
        put(o, ")");
}

const Chars *unparse_expression(Front *f, const Node *n)
{
    Out o = {.f = f};
    write_expr(&o, n, P_TEST);
    return front_str(f, o.text.at ? o.text.at : "", o.text.n);
}
