// What is checked of a whole module before its scopes: `from __future__ import ...` in the right place, and jumps out of
// `finally`.
#include "src/symtable.h"

static bool is_docstring(const Node *s)
{
    return s->kind == Expr_kind && s->Expr.value->kind == Constant_kind && s->Expr.value->Constant.value.kind == CONST_STR;
}

uint32_t future_features(Front *f, const Node *tree, int32_t *last_line)
{
    uint32_t flags = 0;
    *last_line = -1;
    if (tree->kind != Module_kind && tree->kind != Interactive_kind)
        return 0;
    const Seq *body = tree->Module.body;
    bool done = false, docstring = false;
    for (uint32_t i = 0; i < body->n; i++) {
        const Node *s = body->at[i];
        bool future = s->kind == ImportFrom_kind && str_is(s->ImportFrom.module, "__future__") && !s->ImportFrom.level;
        if (!future) {
            if (is_docstring(s) && !docstring && !done && *last_line < 0)
                docstring = true;
            else
                done = true;
            continue;
        }
        if (done)
            syntax_error_at(f, s->pos, "from __future__ imports must occur at the beginning of the file");
        for (uint32_t j = 0; j < s->ImportFrom.names->n; j++) {
            const Node *a = s->ImportFrom.names->at[j];
            const Chars *name = a->alias.name;
            static const char *const settled[] = {"nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
                                                  "unicode_literals", "generator_stop"};
            bool known = false;
            for (size_t k = 0; k < sizeof settled / sizeof *settled; k++)
                known |= str_is(name, settled[k]);
            if (str_is(name, "annotations"))
                flags |= FRONT_FUTURE_ANNOTATIONS;
            else if (str_is(name, "barry_as_FLUFL"))
                flags |= FRONT_BARRY_AS_FLUFL;
            else if (str_is(name, "braces"))
                syntax_error_at(f, a->pos, "not a chance");
            else if (!known)
                syntax_error_at(f, a->pos, "future feature %.100s is not defined", name->s);
        }
        *last_line = s->pos.line;
    }
    return flags;
}

static void warn_jumps(Front *f, const Seq *body, bool in_finally)
{
    CHECK_DEPTH(f);
    for (uint32_t i = 0; i < body->n; i++) {
        const Node *n = body->at[i];
        bool inside = in_finally;
        switch (n->kind) {
        case Return_kind:
        case Break_kind:
        case Continue_kind:
            if (in_finally)
                syntax_warning_at(f, n->pos, "'%s' in a 'finally' block", n->kind == Return_kind ? "return" : n->kind == Break_kind ? "break" : "continue");
            break;
        case Try_kind:
        case TryStar_kind:
            warn_jumps(f, n->Try.body, in_finally);
            for (uint32_t j = 0; j < n->Try.handlers->n; j++)
                warn_jumps(f, n->Try.handlers->at[j]->ExceptHandler.body, in_finally);
            warn_jumps(f, n->Try.orelse, in_finally);
            warn_jumps(f, n->Try.finalbody, true);
            break;
        case FunctionDef_kind: case AsyncFunctionDef_kind: case ClassDef_kind: case For_kind: case AsyncFor_kind: case While_kind:
            inside = false;
            // fall through
        default:
            for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
                if (fd->kind != FIELD_SEQ)
                    continue;
                const Seq *s = *(Seq *const *)((const char *)n + fd->offset);
                if (!strcmp(fd->type, "stmt"))
                    warn_jumps(f, s, inside);
                else if (!strcmp(fd->type, "match_case"))
                    for (uint32_t j = 0; j < s->n; j++)
                        warn_jumps(f, s->at[j]->match_case.body, inside);
            }
        }
    }
}

void warn_finally(Front *f, const Node *tree)
{
    if (tree->kind == Module_kind || tree->kind == Interactive_kind)
        warn_jumps(f, tree->Module.body, false);
}
