// Tokens as the library's tokenize module shows them: the lexer's, with the comments and newlines that it passes over put back in.
// What stands between two tokens is spaces, comments, line ends and backslashes alone.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "src/frontend_internal.h"
#include "src/lexer.h"

// Numbers of the library's token module.
enum { PY_OP = 55, PY_COMMENT = 65, PY_NL = 66 };
static const struct { uint8_t type, number; } numbers[] = {
    {TOK_ENDMARKER, 0}, {TOK_NAME, 1}, {TOK_NUMBER, 2}, {TOK_STRING, 3}, {TOK_NEWLINE, 4}, {TOK_INDENT, 5}, {TOK_DEDENT, 6}, {TOK_FSTRING_START, 59},
    {TOK_FSTRING_MIDDLE, 60}, {TOK_FSTRING_END, 61}, {TOK_TSTRING_START, 62}, {TOK_TSTRING_MIDDLE, 63}, {TOK_TSTRING_END, 64}, {TOK_UNKNOWN, PY_OP}};
// Operators by their spelling, from number 7 on; NULL where a number is another's.
static const char *const operators[] = {"(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{", "}", "==", "!=", "<=", ">=", "~", "^",
    "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//", "//=", "@", "@=", "->", "...", ":=", "!"};

static int number_of(int type, bool extra) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].type == type) return numbers[i].number;
    if (!strcmp(token_kinds[type], "NAME")) return 1; // keywords
    if (extra) return PY_OP;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strcmp(token_names[type], operators[i])) return 7 + (int)i;
    return PY_OP;
}

typedef struct Out {
    Thread *t;
    Front *f;
    Value list;
    bool extra;
} Out;

// The line (from 0) that holds the byte.
static int32_t line_at(const Source *s, uint32_t at) {
    int32_t low = 0, high = s->line_count - 1;
    while (low < high) {
        int32_t middle = (low + high + 1) / 2;
        if (s->lines[middle] <= at) low = middle;
        else high = middle - 1;
    }
    return low;
}
static uint32_t line_end(const Source *s, int32_t line) { // with its newline, but not one that was added
    uint32_t end = line + 1 < s->line_count ? s->lines[line + 1] : s->length;
    while (end > s->lines[line] + 1 && s->text[end - 2] == '\n') end--;
    return s->newline_added && end == s->length ? end - 1 : end;
}
static Value point(Thread *t, int64_t line, int64_t column) { return tuple_pair(t, value_int(line), value_int(column)); }

// One token of the bytes [start, end).
static int put(Out *o, int number, uint32_t start, uint32_t end) {
    const Source *s = &o->f->source;
    Thread *t = o->t;
    Value parts[5] = {value_int(number)};
    if (start >= s->length) { // behind the last line
        parts[1] = str_from_text(t, "");
        parts[2] = point(t, s->line_count + (s->length && s->lines[s->line_count - 1] < s->length), 0);
        parts[3] = value_dup(t, parts[2]);
        parts[4] = str_from_text(t, "");
    } else {
        int32_t first = line_at(s, start), last = end > start ? line_at(s, end - 1) : first;
        bool added = s->newline_added && end == s->length && number == 4;
        parts[1] = str_from_utf8_surrogates(t, s->text + start, added ? 0 : end - start);
        parts[2] = point(t, first + 1, front_char_offset(o->f, first + 1, (int32_t)(start - s->lines[first])));
        parts[3] = point(t, last + 1, added ? front_char_offset(o->f, first + 1, (int32_t)(start - s->lines[first])) + 1 :
                                              front_char_offset(o->f, last + 1, (int32_t)(end - s->lines[last])));
        parts[4] = str_from_utf8_surrogates(t, s->text + s->lines[first], line_end(s, last) - s->lines[first]);
    }
    bool good = true;
    for (int i = 0; i < 5; i++) good = good && parts[i];
    if (!good) {
        for (int i = 1; i < 5; i++) value_release(t, parts[i]);
        return -1;
    }
    Value tuple = tuple_from_values(t, parts, 5);
    return tuple ? list_append(t, value_list(o->list), tuple) : -1;
}

// The comments and line ends among the bytes [from, to).
static int put_between(Out *o, uint32_t from, uint32_t to) {
    const char *text = o->f->source.text;
    if (!o->extra) return 0;
    for (uint32_t at = from; at < to;) {
        uint32_t start = at;
        if (text[at] == '#') {
            while (at < to && text[at] != '\n') at++;
            if (put(o, PY_COMMENT, start, at) < 0) return -1;
        } else if (text[at] == '\\' && at + 1 < to && text[at + 1] == '\n') {
            at += 2;
        } else if (text[at++] == '\n' && put(o, PY_NL, start, at) < 0) {
            return -1;
        }
    }
    return 0;
}

static int put_tokens(Out *o) {
    Lexer *lx = NEW(o->f, Lexer);
    const Source *s = &o->f->source;
    uint32_t last = 0;
    int indents = 0;
    lexer_init(lx, o->f, true);
    for (Token token;;) {
        lexer_next(lx, &token);
        if (token.type == TOK_INDENT || token.type == TOK_DEDENT) { // told when the line's first token is known
            indents += token.type == TOK_INDENT ? 1 : -1;
            continue;
        }
        uint32_t start = token.type == TOK_ENDMARKER ? s->length : token.start;
        if (start > last && put_between(o, last, start) < 0) return -1;
        int32_t line = start < s->length ? line_at(s, start) : 0;
        for (; indents > 0; indents--)
            if (put(o, 5, s->lines[line], start) < 0) return -1;
        for (; indents < 0; indents++)
            if (put(o, 6, start, start) < 0) return -1;
        if (put(o, number_of(token.type, o->extra), start, token.type == TOK_ENDMARKER ? start : token.end) < 0) return -1;
        if (token.type == TOK_ENDMARKER) return 0;
        if (token.end > last) last = token.end;
    }
}

Value frontend_tokenize(Thread *t, const char *source, size_t bytes, bool extra_tokens) {
    Front *f = malloc(sizeof *f);
    if (!f) return raise_no_memory(t);
    front_init(f, NULL, FRONT_IGNORE_COOKIE | FRONT_QUIET);
    Out *o = &(Out){t, f, list_new(t, 0), extra_tokens};
    BailFrame frame;
    int failed = o->list ? 0 : -1;
    if (!failed) {
        if (FRONT_TRY(f, frame)) {
            source_decode(f, source, bytes);
            failed = put_tokens(o);
            FRONT_END(f, frame);
        } else {
            FRONT_END(f, frame);
            Value filename = str_from_text(t, "<string>");
            if (filename) (void)frontend_raise(t, f, filename);
            value_release(t, filename);
            // The error comes after the tokens before it.
            Value e = error_take(t);
            failed = !e || list_append(t, value_list(o->list), e) < 0 ? -1 : 0;
        }
    }
    front_free(f);
    free(f);
    if (failed) VALUE_CLEAR(t, o->list);
    return o->list;
}
