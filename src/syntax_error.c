// Makes failures and warnings with positions: columns become characters counted from 1, the source line is attached.
#include "src/front.h"
#include <stdarg.h>
#include <stdio.h>

int32_t front_char_offset(Front *f, int32_t line, int32_t col)
{
    if (line < 1 || line > f->source.line_count || col < 0)
        return col;
    const char *s = f->source.text + f->source.lines[line - 1];
    int32_t n = 0, i = 0;
    for (; i < col && s[i]; i++)
        n += ((unsigned char)s[i] & 0xC0) != 0x80;
    return n + (col - i);
}

void syntax_error_set(Front *f, FailKind kind, Pos pos, const char *message)
{
    f->failure = (Failure){.kind = kind, .message = message, .line = pos.line, .end_line = pos.end_line};
    // Once the tree is made offsets count bytes, as in CPython.
    f->failure.offset = (pos.col < 0 || f->parsed ? pos.col : front_char_offset(f, pos.line, pos.col)) + 1;
    f->failure.end_offset = (pos.end_col < 0 || f->parsed ? pos.end_col : front_char_offset(f, pos.end_line, pos.end_col)) + 1;
    f->failure.text = f->parsed ? NULL : source_line(f, pos.line);
}

_Noreturn void syntax_error_raise(Front *f, FailKind kind, Pos pos, const char *message)
{
    syntax_error_set(f, kind, pos, message);
    front_bail(f);
}

_Noreturn void syntax_error_at(Front *f, Pos pos, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    syntax_error_raise(f, FAIL_SYNTAX, pos, front_format(f, "%s", text));
}

void syntax_warning_add(Front *f, Pos pos, const char *message, const char *as_error)
{
    if (f->flags & FRONT_QUIET)
        return;
    Warning w = {.message = message, .as_error = as_error, .line = pos.line, .end_line = pos.end_line};
    w.offset = front_char_offset(f, pos.line, pos.col) + 1;
    w.end_offset = front_char_offset(f, pos.end_line, pos.end_col) + 1;
    for (size_t i = 0; i < f->warnings.n; i++)  // a text read twice warns once
        if (f->warnings.at[i].line == w.line && f->warnings.at[i].offset == w.offset && !strcmp(f->warnings.at[i].message, w.message))
            return;
    PUSH(f, &f->warnings, w);
}

void syntax_warning_at(Front *f, Pos pos, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    syntax_warning_add(f, pos, front_format(f, "%s", text), NULL);
}
