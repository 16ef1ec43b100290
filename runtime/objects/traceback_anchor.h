// Which part of an expression's text its traceback marks (PEP 657): by a scan of the text, without a parser.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Offsets in the scanned text: [start, end) is marked "^", the rest of the expression "~".
typedef struct Anchor { size_t start, end; } Anchor;

// `text` is an expression, as code points, lines parted by '\n'. True for a binary operation (the operator), a call (its
// parentheses) or a subscript (its brackets); false for everything else, and for what is no expression.
bool anchor_find(const uint32_t *text, size_t n, Anchor *out);

// A statement's first line before the expression, and the expression, which fills the rest of the line: is it `return f(...)`
// or `target = f(...)`? Then carets would say nothing.
bool anchor_is_plain_statement(const uint32_t *before, size_t n, const uint32_t *expression, size_t m);
