// The marked part of an expression, found in its text.
#include <criterion/criterion.h>
#include <string.h>
#include "runtime/objects/traceback_anchor.h"

static size_t widen(const char *text, uint32_t *out) {
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)text[i];
    return n;
}
// The marked text of `expression`; "" where there is none.
static const char *marked(const char *expression) {
    static char out[128];
    uint32_t text[128];
    size_t n = widen(expression, text);
    Anchor a;
    out[0] = 0;
    if (!anchor_find(text, n, &a)) return out;
    cr_assert(a.start < a.end && a.end <= n, "%s: [%zu, %zu) of %zu", expression, a.start, a.end, n);
    memcpy(out, expression + a.start, a.end - a.start);
    out[a.end - a.start] = 0;
    return out;
}

Test(traceback_anchor, binary_operators_by_how_they_bind) {
    cr_assert_str_eq(marked("a + b * c"), "+");
    cr_assert_str_eq(marked("a * b + c"), "+");
    cr_assert_str_eq(marked("a - b - c"), "-");
    cr_assert_str_eq(marked("a // b"), "//");
    cr_assert_str_eq(marked("a << b | c"), "|");
    cr_assert_str_eq(marked("a ** b ** c"), "**");
    cr_assert_str_eq(marked("a * -b"), "*");
    cr_assert_str_eq(marked("2 ** -a"), "**");
    cr_assert_str_eq(marked("-a ** b"), "");
    cr_assert_str_eq(marked("(a + b) * c"), "*");
    cr_assert_str_eq(marked("1e-5 + x"), "+");
    cr_assert_str_eq(marked("f(a + b) @ c"), "@");
}

Test(traceback_anchor, calls_and_subscripts_mark_their_brackets) {
    cr_assert_str_eq(marked("f(1, 2)"), "(1, 2)");
    cr_assert_str_eq(marked("a.b[c](d)"), "(d)");
    cr_assert_str_eq(marked("a[1][2]"), "[2]");
    cr_assert_str_eq(marked("f(')')"), "(')')");
    cr_assert_str_eq(marked("f(f'{x[\")\"]}')"), "(f'{x[\")\"]}')");
    cr_assert_str_eq(marked("f(1)\n(2)"), "(2)");
}

Test(traceback_anchor, other_expressions_have_none) {
    const char *const rest[] = {"a", "a.b", "a < b", "a and b", "not a", "x if y else z", "lambda: 1", "await f()", "a += 1", "a = f()", "(f(x))", "[1, 2]", "", "a +", "f(", "'open"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) cr_assert_str_eq(marked(rest[i]), "", "%s", rest[i]);
}

Test(traceback_anchor, statements_that_are_all_marked_show_no_marks) {
    const struct { const char *before, *expression; bool plain; } rows[] = {
        {"return ", "f(x)", true}, {"    x = ", "f(x)", true}, {"x = y = ", "g()", true}, {"return ", "a.f(x)", false}, {"x += ", "f(x)", false},
        {"x: int = ", "f(x)", false}, {"a[b:c] = ", "f(x)", true}, {"", "f(x)", false}, {"return ", "f(x) + 1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t before[64], expression[64];
        size_t n = widen(rows[i].before, before), m = widen(rows[i].expression, expression);
        cr_assert_eq(anchor_is_plain_statement(before, n, expression, m), rows[i].plain, "%s%s", rows[i].before, rows[i].expression);
    }
}
