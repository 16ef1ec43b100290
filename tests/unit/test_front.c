// The front end without a runtime: what source text becomes, and what is said of wrong text.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/ast.h"
#include "src/fold.h"
#include "src/lexer.h"
#include "src/parse.h"
#include "src/symtable.h"

typedef struct Parsed {
    Front f;
    Node *tree;     // NULL: failed
} Parsed;

static Parsed *parse(const char *text, ParseMode mode, uint32_t flags)
{
    Parsed *p = calloc(1, sizeof *p);
    BailFrame frame;
    front_init(&p->f, "<test>", flags);
    if (FRONT_TRY(&p->f, frame)) {
        source_decode(&p->f, text, strlen(text));
        Node *tree = parse_source(&p->f, mode);
        if (mode != PARSE_FUNC_TYPE)
            symtable_build(&p->f, tree);
        FRONT_END(&p->f, frame);
        p->tree = tree;
    } else
        FRONT_END(&p->f, frame);
    return p;
}

static void done(Parsed *p)
{
    front_free(&p->f);
    free(p);
}

static void dumps_as(const char *text, const char *want)
{
    Parsed *p = parse(text, PARSE_MODULE, 0);
    char *got = NULL;
    size_t size = 0;
    cr_assert(p->tree, "%s: %s", text, p->f.failure.message);
    FILE *out = open_memstream(&got, &size);
    dump_ast(out, &p->f, p->tree, false, -1);
    fclose(out);
    got[strcspn(got, "\n")] = 0;
    cr_assert_str_eq(got, want);
    free(got);
    done(p);
}

static void fails_with(const char *text, const char *message, int line, int offset, int end_line, int end_offset)
{
    Parsed *p = parse(text, PARSE_MODULE, 0);
    const Failure *f = &p->f.failure;
    cr_assert_null(p->tree, "%s: no failure", text);
    cr_assert_str_eq(f->message, message);
    cr_assert(f->line == line && f->offset == offset && f->end_line == end_line && f->end_offset == end_offset, "%s: at %d:%d-%d:%d, not %d:%d-%d:%d", text,
              (int)f->line, (int)f->offset, (int)f->end_line, (int)f->end_offset, line, offset, end_line, end_offset);
    done(p);
}

Test(front, dumps_trees_as_the_ast_module_does)
{
    dumps_as("x = f(a, *b, c=1)", "Module(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Call(func=Name(id='f', ctx=Load()), "
             "args=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load())], "
             "keywords=[keyword(arg='c', value=Constant(value=1))]))])");
    dumps_as("f'{a!r:>{w}}b'", "Module(body=[Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=114, "
             "format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='w', ctx=Load()), conversion=-1)])), Constant(value='b')]))])");
    dumps_as("match x:\n case [1, *_] if y: pass", "Module(body=[Match(subject=Name(id='x', ctx=Load()), cases=[match_case("
             "pattern=MatchSequence(patterns=[MatchValue(value=Constant(value=1)), MatchStar()]), guard=Name(id='y', ctx=Load()), body=[Pass()])])])");
    dumps_as("match(x)", "Module(body=[Expr(value=Call(func=Name(id='match', ctx=Load()), args=[Name(id='x', ctx=Load())]))])");
    dumps_as("0xFFFFFFFFFFFFFFFFFF", "Module(body=[Expr(value=Constant(value=4722366482869645213695))])");
    dumps_as("def f(): pass", "Module(body=[FunctionDef(name='f', args=arguments(), body=[Pass()])])");
}

Test(front, names_what_is_wrong_and_where)
{
    fails_with("f(a b)", "invalid syntax. Perhaps you forgot a comma?", 1, 3, 1, 6);
    fails_with("x = (1,\n", "'(' was never closed", 1, 5, 1, 0);
    fails_with("if x\n pass", "expected ':'", 1, 5, 1, 6);
    fails_with("if x:\npass", "expected an indented block after 'if' statement on line 1", 2, 1, 2, 5);
    fails_with("1 + 1 = 2", "cannot assign to expression here. Maybe you meant '==' instead of '='?", 1, 1, 1, 6);
    fails_with("print 1", "Missing parentheses in call to 'print'. Did you mean print(...)?", 1, 1, 1, 8);
    fails_with("'abc", "unterminated string literal (detected at line 1)", 1, 1, 1, 1);
    fails_with("def f(a=1, b): pass", "parameter without a default follows parameter with a default", 1, 12, 1, 13);
    fails_with("\xC3\xA9 = 1\n\xC3\xA9 b", "invalid syntax", 2, 3, 2, 4);
    fails_with("def f():\n x = 1\n global x", "name 'x' is assigned to before global declaration", 3, 2, 3, 10);
}

Test(front, a_lexical_error_later_wins_over_a_reported_one)
{
    fails_with("f(a b)\n'abc", "unterminated string literal (detected at line 2)", 2, 1, 2, 1);
}

Test(front, decodes_by_cookie_and_refuses_what_does_not_fit)
{
    dumps_as("# coding: latin-1\nx='\xE9'", "Module(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value='\xC3\xA9'))])");
    Parsed *p = parse("x='\xE9'", PARSE_MODULE, 0);
    cr_assert_null(p->tree);
    cr_assert(strstr(p->f.failure.message, "Non-UTF-8 code starting with '\\xe9' on line 1"), "%s", p->f.failure.message);
    done(p);
}

Test(front, knows_unfinished_input)
{
    static const char *const unfinished[] = {"if x:", "f(a,", "'''abc", "def f():\n  pass", "x = \\\n", "try:\n  a\n"};
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
        Parsed *p = parse(unfinished[i], PARSE_INTERACTIVE, FRONT_ALLOW_INCOMPLETE | FRONT_DONT_IMPLY_DEDENT);
        cr_assert(!p->tree && p->f.failure.kind == FAIL_INCOMPLETE, "%s: %s", unfinished[i], p->tree ? "parsed" : p->f.failure.message);
        done(p);
    }
    Parsed *p = parse("f(a b\n", PARSE_INTERACTIVE, FRONT_ALLOW_INCOMPLETE | FRONT_DONT_IMPLY_DEDENT);
    cr_assert(!p->tree && p->f.failure.kind == FAIL_SYNTAX);
    done(p);
}

Test(front, survives_deep_nesting)
{
    enum { N = 200000 };
    static const char *const pieces[] = {"-", "not ", "a.b[c](", "lambda: ", "x if y else ", "{"};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        size_t n = strlen(pieces[k]);
        char *text = malloc(n * N + 2);
        for (size_t i = 0; i < N; i++)
            memcpy(text + i * n, pieces[k], n);
        strcpy(text + n * N, "z");
        Parsed *p = parse(text, PARSE_EVAL, 0);
        cr_assert_null(p->tree);
        done(p);
        free(text);
    }
    char *sum = malloc(N * 2 + 2);  // a tree that is deep on its left: parsed by a loop, walked by recursion
    for (size_t i = 0; i < N; i++)
        memcpy(sum + i * 2, "a+", 2);
    strcpy(sum + N * 2, "a");
    Parsed *p = parse(sum, PARSE_EVAL, 0);
    cr_assert(p->tree || p->f.failure.kind == FAIL_RECURSION);
    done(p);
    free(sum);
}

Test(front, resolves_names)
{
    Parsed *p = parse("def f(a):\n    b = a\n    def g(): return b, c, [d for d in a]\n    class K:\n        x = b\n        def m(self): return __class__\n    return g\n", PARSE_MODULE, 0);
    cr_assert(p->tree);
    Scope *f = symtable_scope(&p->f, p->tree->Module.body->at[0], PART_BODY);
    struct { const char *name; int scope; } want[] = {{"a", NAME_CELL}, {"b", NAME_CELL}, {"g", NAME_LOCAL}, {"K", NAME_LOCAL}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        Symbol *y = scope_symbol(f, front_intern(&p->f, want[i].name, strlen(want[i].name)));
        cr_assert(y && y->scope == want[i].scope, "%s: %d", want[i].name, y ? y->scope : -1);
    }
    Scope *g = f->first_child;
    cr_assert_eq(scope_symbol(g, INTERN_LITERAL(&p->f, "b"))->scope, NAME_FREE);
    cr_assert_eq(scope_symbol(g, INTERN_LITERAL(&p->f, "c"))->scope, NAME_GLOBAL_IMPLICIT);
    cr_assert(g->first_child->inlined);
    cr_assert(g->sibling->needs_class_closure);
    done(p);
}

Test(front, folds_only_what_cannot_raise)
{
    static const struct { const char *text, *want; } rows[] = {
        {"1+2*3", "7"}, {"-5//2", "-3"}, {"-5%3", "1"}, {"2**10", "1024"}, {"7/2", "3.5"}, {"'a'+'b'", "'ab'"}, {"(1, 'x')", "(1, 'x')"}, {"1+2j", "(1+2j)"},
        {"not 0", "True"}, {"-0.0", "-0.0"}, {"'ab'*3", "'ababab'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Parsed *p = parse(rows[i].text, PARSE_EVAL, 0);
        Node *n = fold_tree(&p->f, p->tree, 0)->Expression.body;
        cr_assert_eq(n->kind, Constant_kind, "%s", rows[i].text);
        char *got = NULL;
        size_t size;
        FILE *out = open_memstream(&got, &size);
        ast_write_const(out, &n->Constant.value);
        fclose(out);
        cr_assert_str_eq(got, rows[i].want);
        free(got);
        done(p);
    }
    static const char *const kept[] = {"1/0", "1 << 100000", "'a' * 1000000", "2 ** 1000", "1 << -1"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        Parsed *p = parse(kept[i], PARSE_EVAL, 0);
        cr_assert_eq(fold_tree(&p->f, p->tree, 0)->Expression.body->kind, BinOp_kind, "%s", kept[i]);
        done(p);
    }
}
