// The lexer. A state machine over the decoded source: indentation at line starts, ordinary tokens, and the text parts of
// f-strings and t-strings, whose replacement fields are lexed as ordinary tokens inside one more bracket level.
#include "src/lexer.h"
#include "runtime/support/unicode.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const token_names[TOK_COUNT] = {
#define TOKEN(name, text) [TOK_##name] = text,
#define OPERATOR(name, text) [TOK_##name] = text,
#define KEYWORD(name, text) [TOK_##name] = text,
#include "src/token.def"
};

const char *const token_kinds[TOK_COUNT] = {
#define TOKEN(name, text) [TOK_##name] = #name,
#define OPERATOR(name, text) [TOK_##name] = #name,
#define KEYWORD(name, text) [TOK_##name] = "NAME",
#include "src/token.def"
};

enum { TAB_SIZE = 8, ALT_TAB_SIZE = 1 };

static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_hex(int c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static bool is_name_start(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80; }
static bool is_name_char(int c) { return is_name_start(c) || is_digit(c); }

static int peek(const Lexer *lx, uint32_t ahead) { return (unsigned char)(lx->at + ahead < lx->length ? lx->s[lx->at + ahead] : 0); }

// ---- failing

static _Noreturn void fail_columns(Lexer *lx, FailKind kind, int32_t line, int32_t offset, int32_t end_offset, const char *message)
{
    Front *f = lx->f;
    f->failure = (Failure){.kind = kind, .message = message, .line = line, .offset = offset, .end_line = line, .end_offset = end_offset};
    f->failure.text = source_line(f, line);
    front_bail(f);
}

// The same for what is wrong inside a token: the line is shown without its newline.
static _Noreturn void fail_in_token(Lexer *lx, int32_t offset, int32_t end_offset, const char *message)
{
    Front *f = lx->f;
    f->failure = (Failure){.kind = FAIL_SYNTAX, .message = message, .line = lx->line, .offset = offset, .end_line = lx->line, .end_offset = end_offset};
    const Chars *line = source_line(f, lx->line);
    f->failure.text = line && line->length && line->s[line->length - 1] == '\n' ? front_str(f, line->s, line->length - 1) : line;
    front_bail(f);
}

// An error where the lexer stands: the column of the last character read, counted from 1.
static _Noreturn PRINTF_LIKE(2, 3) void fail_here(Lexer *lx, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int32_t n = front_char_offset(lx->f, lx->line, (int32_t)(lx->at - lx->line_start));
    fail_in_token(lx, n, n, front_format(lx->f, "%s", text));
}

_Noreturn void lexer_unclosed(Lexer *lx)
{
    int top = lx->level - 1;
    int32_t col = lx->brackets[top].col;
    fail_columns(lx, FAIL_SYNTAX, lx->brackets[top].line, front_char_offset(lx->f, lx->brackets[top].line, col) + 1, 0,
                 front_format(lx->f, "'%c' was never closed", lx->brackets[top].c));
}

static _Noreturn void fail_eof(Lexer *lx)
{
    lx->ended = true;
    if (lx->level)
        lexer_unclosed(lx);
    int32_t line = lx->line > 1 && lx->at == lx->line_start ? lx->line - 1 : lx->line;
    const Chars *text = source_line(lx->f, line);
    fail_columns(lx, FAIL_SYNTAX, line, text ? front_char_offset(lx->f, line, (int32_t)text->length) : 0, -1, "unexpected EOF while parsing");
}

// ---- characters and names

int lexer_decode_char(const char *s, uint32_t *out)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80)
        return *out = u[0], 1;
    if (u[0] < 0xE0)
        return *out = (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu), 2;
    if (u[0] < 0xF0)
        return *out = (u[0] & 0xFu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu), 3;
    return *out = (u[0] & 7u) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu), 4;
}

static size_t encode_char(uint32_t c, char *out)
{
    if (c < 0x80)
        return out[0] = (char)c, 1;
    if (c < 0x800)
        return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3F)), 2;
    if (c < 0x10000)
        return out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | ((c >> 6) & 0x3F)), out[2] = (char)(0x80 | (c & 0x3F)), 3;
    return out[0] = (char)(0xF0 | c >> 18), out[1] = (char)(0x80 | ((c >> 12) & 0x3F)), out[2] = (char)(0x80 | ((c >> 6) & 0x3F)),
           out[3] = (char)(0x80 | (c & 0x3F)), 4;
}

Chars *lexer_identifier(Front *f, const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (unsigned char)s[i] < 0x80)
        i++;
    if (i == n)
        return front_intern(f, s, n);
    uint32_t *chars = NEW_N(f, uint32_t, n);
    size_t count = 0;
    for (i = 0; i < n;)
        i += (size_t)lexer_decode_char(s + i, &chars[count++]);
    uint32_t *normal;
    size_t m = uni_normalize(UNI_NFKC, chars, count, &normal);
    if (m == SIZE_MAX)
        front_fail(f, FAIL_MEMORY, "out of memory");
    char *out = malloc(m * 4 + 1), *o = out;
    if (!out) {
        free(normal);
        front_fail(f, FAIL_MEMORY, "out of memory");
    }
    for (i = 0; i < m; i++)
        o += encode_char(normal[i], o);
    free(normal);
    char *copy = front_alloc(f, (size_t)(o - out) + 1);  // (leaks `out` only where memory has run out)
    memcpy(copy, out, (size_t)(o - out));
    n = (size_t)(o - out);
    free(out);
    return front_intern(f, copy, n);
}

// Fails at the first character of s[start..at) that cannot stand in an identifier.
static void check_identifier(Lexer *lx, uint32_t start)
{
    for (uint32_t i = start; i < lx->at;) {
        uint32_t c;
        int n = lexer_decode_char(lx->s + i, &c);
        bool fits = c < 0x80 || (i == start ? uni_is_xid_start(c) : uni_is_xid_continue(c));
        if (!fits) {
            char text[8];
            text[encode_char(c, text)] = 0;
            lx->at = i + (uint32_t)n;
            if (uni_is_printable(c))
                fail_here(lx, "invalid character '%s' (U+%04X)", text, (unsigned)c);
            fail_here(lx, "invalid non-printable character U+%04X", (unsigned)c);
        }
        i += (uint32_t)n;
    }
}

typedef struct Keyword { const char *text; uint8_t type, length; } Keyword;
static const Keyword keywords[] = {
#define KEYWORD(name, text) {text, TOK_##name, sizeof(text) - 1},
#include "src/token.def"
};

static uint8_t keyword_type(const char *s, size_t n)
{
    if (n < 2 || n > 8)
        return TOK_NAME;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (keywords[i].text[0] == s[0] && keywords[i].length == n && !memcmp(keywords[i].text, s, n))
            return keywords[i].type;
    return TOK_NAME;
}

// ---- numbers

static bool text_follows(const Lexer *lx, const char *text)
{
    for (uint32_t i = 0; text[i]; i++)
        if (peek(lx, i) != text[i])
            return false;
    return true;
}

// What follows a number must not look like part of it; a keyword there is allowed with a warning.
static void end_of_number(Lexer *lx, const char *kind)
{
    int c = peek(lx, 0);
    if (!is_name_char(c) || c >= 0x80)
        return;
    static const char *const words[] = {"and", "else", "for", "if", "in", "is", "not", "or"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_follows(lx, words[i])) {
            int32_t col = (int32_t)(lx->at - lx->line_start);
            syntax_warning_at(lx->f, (Pos){lx->line, col, lx->line, col}, "invalid %s literal", kind);
            return;
        }
    fail_here(lx, "invalid %s literal", kind);
}

static void decimal_tail(Lexer *lx)  // digits and single underscores; the first digit is already seen
{
    for (;;) {
        while (is_digit(peek(lx, 0)))
            lx->at++;
        if (peek(lx, 0) != '_')
            return;
        lx->at++;
        if (!is_digit(peek(lx, 0)))
            fail_here(lx, "invalid decimal literal");
    }
}

static void radix_number(Lexer *lx, int radix, const char *kind)  // after 0x, 0o, 0b
{
    bool (*fits)(int) = radix == 16 ? is_hex : is_digit;
    int limit = radix == 16 ? 'z' : '0' + radix - 1;
    do {
        if (peek(lx, 0) == '_')
            lx->at++;
        int c = peek(lx, 0);
        if (!fits(c) || c > limit) {
            if (!is_digit(c))
                fail_here(lx, "invalid %s literal", kind);
            lx->at++;
            fail_here(lx, "invalid digit '%c' in %s literal", c, kind);
        }
        while (fits(peek(lx, 0)) && peek(lx, 0) <= limit)
            lx->at++;
    } while (peek(lx, 0) == '_');
    if (is_digit(peek(lx, 0))) {
        lx->at++;
        fail_here(lx, "invalid digit '%c' in %s literal", lx->s[lx->at - 1], kind);
    }
    end_of_number(lx, kind);
}

static void lex_number(Lexer *lx, Token *out)
{
    uint32_t start = lx->at;
    const char *kind = "decimal";
    out->type = TOK_NUMBER;
    int c = peek(lx, 0);
    bool real = false;
    if (c == '0') {
        int x = peek(lx, 1) | 0x20;
        if (x == 'x' || x == 'o' || x == 'b') {
            lx->at += 2;
            if (x == 'x')
                radix_number(lx, 16, "hexadecimal");
            else
                radix_number(lx, x == 'o' ? 8 : 2, x == 'o' ? "octal" : "binary");
            return;
        }
        bool nonzero = false;
        for (;;) {
            if (peek(lx, 0) == '_') {
                lx->at++;
                if (!is_digit(peek(lx, 0)))
                    fail_here(lx, "invalid decimal literal");
            }
            if (peek(lx, 0) != '0')
                break;
            lx->at++;
        }
        uint32_t zeros = lx->at;
        if (is_digit(peek(lx, 0))) {
            nonzero = true;
            decimal_tail(lx);
        }
        c = peek(lx, 0);
        if (nonzero && c != '.' && (c | 0x20) != 'e' && (c | 0x20) != 'j')
            fail_in_token(lx, front_char_offset(lx->f, lx->line, (int32_t)(start - lx->line_start)) + 1,
                          front_char_offset(lx->f, lx->line, (int32_t)(zeros - lx->line_start)) + 1,
                         "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers");
    } else if (c != '.')
        decimal_tail(lx);
    if (peek(lx, 0) == '.') {
        real = true;
        lx->at++;
        if (is_digit(peek(lx, 0)))
            decimal_tail(lx);
    }
    if ((peek(lx, 0) | 0x20) == 'e') {
        uint32_t e = lx->at;
        int sign = peek(lx, 1);
        if (sign == '+' || sign == '-') {
            lx->at += 2;
            if (!is_digit(peek(lx, 0)))
                fail_here(lx, "invalid decimal literal");
            real = true;
            decimal_tail(lx);
        } else if (is_digit(sign)) {
            lx->at++;
            real = true;
            decimal_tail(lx);
        } else {
            lx->at = e;
            end_of_number(lx, "decimal");
            return;
        }
    }
    (void)real;
    if ((peek(lx, 0) | 0x20) == 'j') {
        lx->at++;
        kind = "imaginary";
    }
    end_of_number(lx, kind);
}

// ---- strings

static void newline_passed(Lexer *lx)  // `at` is just behind a '\n'
{
    lx->line++;
    lx->line_start = lx->at;
}

static int32_t last_line(const Lexer *lx)  // where an unterminated literal is found out
{
    return lx->line > 1 && lx->at >= lx->length && lx->line_start == lx->length ? lx->line - 1 : lx->line;
}

static FString *innermost(Lexer *lx) { return lx->fstrings ? &lx->fstring[lx->fstrings - 1] : NULL; }

static _Noreturn void fail_at_start(Lexer *lx, uint32_t start, Pos pos, const char *message)
{
    lx->line = pos.line;
    lx->line_start = start - (uint32_t)pos.col;
    lx->at = start + 1;
    fail_here(lx, "%s", message);
}

static _Noreturn void fail_unterminated(Lexer *lx, uint32_t start, Pos pos, bool triple, const char *what, bool escaped)
{
    const char *message = front_format(lx->f, "unterminated %s%s literal (detected at line %d)%s", triple ? "triple-quoted " : "", what,
                                       (int)last_line(lx), escaped ? "; perhaps you escaped the end quote?" : "");
    fail_at_start(lx, start, pos, message);
}

static void finish(Lexer *lx, Token *out);

static void lex_string(Lexer *lx, Token *out)  // `at` is at the quote, out->start and out->pos at the prefix
{
    int quote = peek(lx, 0);
    bool triple = peek(lx, 1) == quote && peek(lx, 2) == quote;
    bool escaped_quote = false;
    out->type = TOK_STRING;
    lx->at += triple ? 3 : 1;
    for (;;) {
        int c = peek(lx, 0);
        if (lx->at >= lx->length || (c == '\n' && !triple)) {
            lx->ended = lx->at >= lx->length;
            FString *fs = innermost(lx);
            if (fs && fs->quote == quote && fs->triple == triple)
                fail_at_start(lx, out->start, out->pos, front_format(lx->f, "%c-string: expecting '}'", fs->template ? 't' : 'f'));
            fail_unterminated(lx, out->start, out->pos, triple, "string", !triple && escaped_quote);
        }
        lx->at++;
        if (c == '\n')
            newline_passed(lx);
        else if (c == '\\') {
            int d = peek(lx, 0);
            if (lx->at < lx->length) {
                escaped_quote |= d == quote;
                lx->at++;
                if (d == '\n')
                    newline_passed(lx);
            }
        } else if (c == quote) {
            if (!triple)
                return;
            if (peek(lx, 0) == quote && peek(lx, 1) == quote) {
                lx->at += 2;
                return;
            }
        }
    }
}

static void lex_fstring_start(Lexer *lx, Token *out, bool raw, bool template)
{
    int quote = peek(lx, 0);
    bool triple = peek(lx, 1) == quote && peek(lx, 2) == quote;
    lx->at += triple ? 3 : 1;
    if (lx->fstrings == LEX_MAX_FSTRINGS)
        fail_here(lx, "too many nested f-strings or t-strings");
    lx->fstring[lx->fstrings++] = (FString){.quote = (char)quote, .triple = triple, .raw = raw, .template = template, .in_text = true,
                                            .start = out->start, .start_pos = out->pos};
    out->type = template ? TOK_TSTRING_START : TOK_FSTRING_START;
}

// Text of an f-string up to a replacement field, the end of a field's specification, or the closing quote.
static void lex_fstring_text(Lexer *lx, Token *out)
{
    FString *fs = innermost(lx);
    const char *what = fs->template ? "t" : "f";
    bool named = false;
    out->type = fs->template ? TOK_TSTRING_MIDDLE : TOK_FSTRING_MIDDLE;
    // Whether the text ends at once, so that another token comes instead
    int c = peek(lx, 0);
    if (c == fs->quote && (!fs->triple || (peek(lx, 1) == c && peek(lx, 2) == c))) {
        if (!fs->in_spec) {
            lx->at += fs->triple ? 3 : 1;
            out->type = fs->template ? TOK_TSTRING_END : TOK_FSTRING_END;
            lx->fstrings--;
            return;
        }
    }
    for (;;) {
        c = peek(lx, 0);
        if (lx->at >= lx->length || (c == '\n' && !fs->triple)) {
            lx->ended = lx->at >= lx->length && fs->triple;
            if (fs->in_spec && lx->at++ < lx->length)
                fail_here(lx, "%s-string: newlines are not allowed in format specifiers for single quoted %s-strings", what, what);
            fail_unterminated(lx, fs->start, fs->start_pos, fs->triple, fs->template ? "t-string" : "f-string", false);
        }
        if (c == fs->quote && (!fs->triple || (peek(lx, 1) == c && peek(lx, 2) == c)))
            break;  // in a specification: the parser sees that '}' is missing
        if (c == '{') {
            if (peek(lx, 1) == '{' && !fs->in_spec && !named) {
                lx->at += 2;
                finish(lx, out);
                out->end--;  // the text has one of the two braces, the position both
                return;
            }
            if (!named)
                break;
        } else if (c == '}') {
            if (named)
                named = false;
            else if (fs->in_spec)
                break;
            else if (peek(lx, 1) == '}') {
                lx->at += 2;
                finish(lx, out);
                out->end--;  // the text has one of the two braces, the position both
                return;
            } else {
                lx->at++;
                fail_here(lx, "%s-string: single '}' is not allowed", what);
            }
        } else if (c == '\\') {
            int d = peek(lx, 1);
            if (d == '{' || d == '}') {
                if (!fs->raw) {
                    int32_t col = (int32_t)(lx->at - lx->line_start);
                    warn_invalid_escape(lx->f, (Pos){lx->line, col, lx->line, col + 2}, lx->s + lx->at, 2, "escape sequence");
                }
                lx->at++;
                continue;
            }
            if (!fs->raw && d == 'N' && peek(lx, 2) == '{') {
                named = true;
                lx->at += 3;
                continue;
            }
            lx->at++;
            if (lx->at < lx->length) {
                if (d == '\n') {
                    lx->at++;
                    newline_passed(lx);
                } else if (d != '\\' && d != fs->quote)
                    ;  // the next character is looked at again
                else
                    lx->at++;
            }
            continue;
        }
        lx->at++;
        if (c == '\n')
            newline_passed(lx);
    }
}

// ---- brackets

static void open_bracket(Lexer *lx, char c, int32_t col)
{
    if (lx->level >= LEX_MAX_BRACKETS)
        fail_here(lx, "too many nested parentheses");
    lx->brackets[lx->level].c = c;
    lx->brackets[lx->level].line = lx->line;
    lx->brackets[lx->level++].col = col;
}

static void close_bracket(Lexer *lx, char c)
{
    FString *fs = innermost(lx);
    bool in_field = fs && fs->depth > 0;
    if (in_field && lx->level == fs->level_at[fs->depth - 1] && c != '}')
        fail_here(lx, "%c-string: unmatched '%c'", fs->template ? 't' : 'f', c);
    if (!lx->level)
        fail_here(lx, "unmatched '%c'", c);
    lx->level--;
    char open = lx->brackets[lx->level].c;
    if (!((open == '(' && c == ')') || (open == '[' && c == ']') || (open == '{' && c == '}'))) {
        if (in_field && open == '{' && lx->level + 1 == fs->level_at[fs->depth - 1])
            fail_here(lx, "%c-string: unmatched '%c'", fs->template ? 't' : 'f', c);
        if (lx->brackets[lx->level].line != lx->line)
            fail_here(lx, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d", c, open, (int)lx->brackets[lx->level].line);
        fail_here(lx, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, open);
    }
    if (in_field && lx->level + 1 == fs->level_at[fs->depth - 1]) {  // the field is over
        fs->depth--;
        fs->in_text = true;
        fs->in_spec = fs->depth > 0;
    }
}

// ---- lines

// Measures the indentation of a line. Leaves `pending` set; false: the line is blank.
static bool lex_indentation(Lexer *lx)
{
    int col = 0, alt = 0, continued = 0;
    for (;; lx->at++) {
        int c = peek(lx, 0);
        if (c == ' ')
            col++, alt++;
        else if (c == '\t') {
            col = (col / TAB_SIZE + 1) * TAB_SIZE;
            alt = (alt / ALT_TAB_SIZE + 1) * ALT_TAB_SIZE;
        } else if (c == '\f')
            col = alt = 0;
        else if (c == '\\' && peek(lx, 1) == '\n') {
            continued = continued ? continued : col;
            lx->at += 2;
            newline_passed(lx);
            if (lx->at >= lx->length)
                fail_eof(lx);
            lx->at--;
        } else
            break;
    }
    if (continued)
        col = alt = continued;
    int c = peek(lx, 0);
    if (c == '#' || c == '\n')
        return false;
    lx->ended = lx->at >= lx->length;
    if (lx->level)
        return true;
    if (col == lx->columns[lx->indent]) {
        if (alt != lx->alt_columns[lx->indent])
            fail_columns(lx, FAIL_TAB, lx->line, 1, 0, "inconsistent use of tabs and spaces in indentation");
    } else if (col > lx->columns[lx->indent]) {
        if (lx->indent + 1 >= LEX_MAX_INDENT)
            fail_columns(lx, FAIL_INDENTATION, lx->line, 1, 0, "too many levels of indentation");
        if (alt <= lx->alt_columns[lx->indent])
            fail_columns(lx, FAIL_TAB, lx->line, 1, 0, "inconsistent use of tabs and spaces in indentation");
        lx->pending++;
        lx->indent++;
        lx->columns[lx->indent] = col;
        lx->alt_columns[lx->indent] = alt;
    } else {
        while (lx->indent > 0 && col < lx->columns[lx->indent]) {
            lx->pending--;
            lx->indent--;
        }
        if (col != lx->columns[lx->indent]) {
            lx->ended = false;
            const Chars *text = source_line(lx->f, lx->line);
            fail_columns(lx, FAIL_INDENTATION, lx->line, text ? front_char_offset(lx->f, lx->line, (int32_t)text->length) : 0, -1,
                         "unindent does not match any outer indentation level");
        }
        if (alt != lx->alt_columns[lx->indent])
            fail_columns(lx, FAIL_TAB, lx->line, 1, 0, "inconsistent use of tabs and spaces in indentation");
    }
    return true;
}

static void finish(Lexer *lx, Token *out)
{
    out->end = lx->at;
    out->pos.end_line = lx->line;
    out->pos.end_col = (int32_t)(lx->at - lx->line_start);
}

// The place of indentation and of the end, which stands at the end of the last line.
static void place_without_columns(Lexer *lx, Token *out)
{
    int32_t line = lx->line > 1 && lx->at >= lx->length && lx->at == lx->line_start ? lx->line - 1 : lx->line;
    out->pos = (Pos){line, -1, line, -1};
    out->start = out->end = lx->at;
    out->cur = (int32_t)(lx->at - (line == lx->line ? lx->line_start : lx->f->source.lines[line - 1]));
}

static uint8_t operator_type(Lexer *lx)  // and steps over it
{
    int c = peek(lx, 0), d = peek(lx, 1), e = peek(lx, 2);
#define LONG(n, type) return lx->at += (n), (uint8_t)(type)
    switch (c) {
    case ',': LONG(1, TOK_COMMA);
    case ';': LONG(1, TOK_SEMI);
    case '~': LONG(1, TOK_TILDE);
    case ':': if (d == '=') LONG(2, TOK_COLONEQUAL); LONG(1, TOK_COLON);
    case '+': if (d == '=') LONG(2, TOK_PLUSEQUAL); LONG(1, TOK_PLUS);
    case '-': if (d == '=') LONG(2, TOK_MINEQUAL); if (d == '>') LONG(2, TOK_RARROW); LONG(1, TOK_MINUS);
    case '*':
        if (d == '*') { if (e == '=') LONG(3, TOK_DOUBLESTAREQUAL); LONG(2, TOK_DOUBLESTAR); }
        if (d == '=') LONG(2, TOK_STAREQUAL);
        LONG(1, TOK_STAR);
    case '/':
        if (d == '/') { if (e == '=') LONG(3, TOK_DOUBLESLASHEQUAL); LONG(2, TOK_DOUBLESLASH); }
        if (d == '=') LONG(2, TOK_SLASHEQUAL);
        LONG(1, TOK_SLASH);
    case '|': if (d == '=') LONG(2, TOK_VBAREQUAL); LONG(1, TOK_VBAR);
    case '&': if (d == '=') LONG(2, TOK_AMPEREQUAL); LONG(1, TOK_AMPER);
    case '^': if (d == '=') LONG(2, TOK_CIRCUMFLEXEQUAL); LONG(1, TOK_CIRCUMFLEX);
    case '%': if (d == '=') LONG(2, TOK_PERCENTEQUAL); LONG(1, TOK_PERCENT);
    case '@': if (d == '=') LONG(2, TOK_ATEQUAL); LONG(1, TOK_AT);
    case '=': if (d == '=') LONG(2, TOK_EQEQUAL); LONG(1, TOK_EQUAL);
    case '!': if (d == '=') LONG(2, TOK_NOTEQUAL); LONG(1, TOK_EXCLAMATION);
    case '<':
        if (d == '<') { if (e == '=') LONG(3, TOK_LEFTSHIFTEQUAL); LONG(2, TOK_LEFTSHIFT); }
        if (d == '=') LONG(2, TOK_LESSEQUAL);
        if (d == '>') LONG(2, TOK_NOTEQUAL);
        LONG(1, TOK_LESS);
    case '>':
        if (d == '>') { if (e == '=') LONG(3, TOK_RIGHTSHIFTEQUAL); LONG(2, TOK_RIGHTSHIFT); }
        if (d == '=') LONG(2, TOK_GREATEREQUAL);
        LONG(1, TOK_GREATER);
    case '.': if (d == '.' && e == '.') LONG(3, TOK_ELLIPSIS); LONG(1, TOK_DOT);
    default: LONG(1, TOK_UNKNOWN);
    }
#undef LONG
}

void lexer_init(Lexer *lx, Front *f, bool whole_lines)
{
    memset(lx, 0, offsetof(Lexer, brackets));
    lx->f = f;
    lx->s = f->source.text;
    lx->length = f->source.length - (!whole_lines && f->source.newline_added && f->source.length ? 1 : 0);
    lx->line = 1;
    lx->at_line_start = true;
}

// Reads a name or the prefix of a string. True: it was a string's prefix, and `out` is the string or its start.
static bool lex_name(Lexer *lx, Token *out)
{
    uint32_t start = lx->at;
    bool ascii = true;
    bool b = false, r = false, u = false, fs = false, t = false, prefix = true;
    for (;;) {
        int c = peek(lx, 0);
        if (prefix && (c == '"' || c == '\'')) {
            const char *first = NULL, *second = NULL;
            if (u && b)
                first = "u", second = "b";
            else if (u && r)
                first = "u", second = "r";
            else if (u && fs)
                first = "u", second = "f";
            else if (u && t)
                first = "u", second = "t";
            else if (b && fs)
                first = "b", second = "f";
            else if (b && t)
                first = "b", second = "t";
            else if (fs && t)
                first = "f", second = "t";
            if (first) {
                int32_t n = front_char_offset(lx->f, lx->line, (int32_t)(start - lx->line_start)) + 1;
                fail_in_token(lx, n, n + (int32_t)(lx->at - start),
                             front_format(lx->f, "'%s' and '%s' prefixes are incompatible", first, second));
            }
            if (fs || t)
                lex_fstring_start(lx, out, r, t);
            else
                lex_string(lx, out);
            return true;
        }
        if (!is_name_char(c))
            break;
        bool *seen = NULL;
        switch (c | 0x20) {
        case 'b': seen = &b; break;
        case 'r': seen = &r; break;
        case 'u': seen = &u; break;
        case 'f': seen = &fs; break;
        case 't': seen = &t; break;
        }
        if (!seen || *seen || c >= 0x80 || c < 'A')
            prefix = false;
        else
            *seen = true;
        ascii &= c < 0x80;
        lx->at++;
    }
    if (!ascii)
        check_identifier(lx, start);
    out->type = ascii ? keyword_type(lx->s + start, lx->at - start) : TOK_NAME;
    if (out->type == TOK_NAME)
        out->name = lexer_identifier(lx->f, lx->s + start, lx->at - start);
    return false;
}

void lexer_next(Lexer *lx, Token *out)
{
    memset(out, 0, sizeof *out);
again:
    out->level = (uint16_t)lx->level;
    out->start = out->end = lx->at;
    out->pos = (Pos){lx->line, (int32_t)(lx->at - lx->line_start), lx->line, (int32_t)(lx->at - lx->line_start)};
    FString *fs = innermost(lx);
    if (fs && fs->in_text) {
        uint32_t start = lx->at;
        int c = peek(lx, 0);
        if (c == '{' && (peek(lx, 1) != '{' || fs->in_spec)) {
            if (fs->depth >= LEX_MAX_SPEC) {
                fail_here(lx, "%c-string: expressions nested too deeply", fs->template ? 't' : 'f');
            }
            open_bracket(lx, '{', out->pos.col);
            lx->at++;
            fs->level_at[fs->depth++] = (uint16_t)lx->level;
            fs->in_text = fs->in_spec = false;
            out->type = TOK_LBRACE;
        } else if (c == '}' && fs->in_spec) {
            lx->at++;
            close_bracket(lx, '}');
            out->type = TOK_RBRACE;
        } else {
            lex_fstring_text(lx, out);
            if (out->end != start)  // ended at a doubled brace
                return;
            if (fs->in_spec && lx->at == start && out->type != TOK_FSTRING_END && out->type != TOK_TSTRING_END) {
                // The quote closes the literal inside a field: give the end, so that the parser can say what is missing.
                lx->at += fs->triple ? 3 : 1;
                out->type = fs->template ? TOK_TSTRING_END : TOK_FSTRING_END;
                lx->level = fs->level_at[0] - 1;
                lx->fstrings--;
            }
        }
        finish(lx, out);
        out->level = (uint16_t)lx->level;
        return;
    }
    if (lx->at_line_start) {
        lx->at_line_start = false;
        lx->blank = !lex_indentation(lx);
        if (lx->blank && !lx->extra) {  // skip to the next line
            while (lx->at < lx->length && peek(lx, 0) != '\n')
                lx->at++;
            if (lx->at < lx->length) {
                lx->at++;
                newline_passed(lx);
                lx->at_line_start = true;
            }
            goto again;
        }
    }
    if (lx->pending) {
        out->type = lx->pending > 0 ? TOK_INDENT : TOK_DEDENT;
        lx->pending += lx->pending > 0 ? -1 : 1;
        place_without_columns(lx, out);
        return;
    }
    int c;
    while ((c = peek(lx, 0)) == ' ' || c == '\t' || c == '\f')
        lx->at++;
    out->start = lx->at;
    out->pos = (Pos){lx->line, (int32_t)(lx->at - lx->line_start), lx->line, 0};
    if (c == '#') {
        while (peek(lx, 0) != '\n' && lx->at < lx->length)
            lx->at++;
        if (lx->extra) {
            out->type = TOK_COMMENT;
            finish(lx, out);
            return;
        }
        out->start = lx->at;
        out->pos.col = (int32_t)(lx->at - lx->line_start);
    }
    if (lx->at >= lx->length) {
        if (lx->level) {
            lx->ended = true;
            lexer_unclosed(lx);
        }
        lx->ended = true;
        out->type = TOK_ENDMARKER;
        place_without_columns(lx, out);
        return;
    }
    c = peek(lx, 0);
    if (c == '\n') {
        lx->at++;
        if (lx->level && !lx->extra) {
            newline_passed(lx);
            goto again;
        }
        out->type = lx->level || lx->blank ? TOK_NL : TOK_NEWLINE;
        finish(lx, out);
        newline_passed(lx);
        lx->at_line_start = !lx->level;
        lx->blank = false;
        return;
    }
    if (c == '\\') {
        lx->at++;
        if (peek(lx, 0) != '\n') {
            int32_t n = front_char_offset(lx->f, lx->line, (int32_t)(lx->at - lx->line_start));
            fail_columns(lx, FAIL_SYNTAX, lx->line, n + 1, 0, "unexpected character after line continuation character");
        }
        lx->at++;
        newline_passed(lx);
        if (lx->at >= lx->length)
            fail_eof(lx);
        goto again;
    }
    if (is_name_start(c)) {
        lex_name(lx, out);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1))))
        lex_number(lx, out);
    else if (c == '"' || c == '\'')
        lex_string(lx, out);
    else if (c == '(' || c == '[' || c == '{') {
        out->type = c == '(' ? TOK_LPAR : c == '[' ? TOK_LSQB : TOK_LBRACE;
        lx->at++;
        open_bracket(lx, (char)c, out->pos.col);
    } else if (c == ')' || c == ']' || c == '}') {
        out->type = c == ')' ? TOK_RPAR : c == ']' ? TOK_RSQB : TOK_RBRACE;
        lx->at++;
        close_bracket(lx, (char)c);
    } else {
        if (fs && fs->depth && lx->level == fs->level_at[fs->depth - 1] && c == ':') {
            lx->at++;
            out->type = TOK_COLON;
            fs->in_text = fs->in_spec = true;
        } else
            out->type = operator_type(lx);
        if (out->type == TOK_UNKNOWN && (c < 0x20 || c == 0x7F))
            fail_here(lx, "invalid non-printable character U+%04X", (unsigned)c);
    }
    finish(lx, out);
    out->level = (uint16_t)lx->level;
    // Whether the token is over was only seen by the end itself.
    lx->ended |= lx->at >= lx->length && out->type != TOK_STRING;
}
