// Literals: numbers, strings with their escapes, f-strings and t-strings.
#include "runtime/support/unicode.h"
#include "src/parser.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { INT_MAX_DIGITS = 4300 };

// ---- numbers

Const parse_number(Parser *p, const Token *t)
{
    const char *s = p->f->source.text + t->start;
    size_t length = t->end - t->start;
    char *text = front_alloc(p->f, length + 1);
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        if (s[i] != '_')
            text[n++] = s[i];
    text[n] = 0;
    bool imaginary = (text[n - 1] | 0x20) == 'j';
    char radix = n > 1 && text[0] == '0' ? (char)(text[1] | 0x20) : 0;
    if (radix == 'x' || radix == 'o' || radix == 'b') {
        unsigned base = radix == 'x' ? 16 : radix == 'o' ? 8 : 2;
        uint64_t value = 0;
        for (const char *q = text + 2; *q; q++) {
            unsigned digit = (unsigned)(*q <= '9' ? *q - '0' : (*q | 0x20) - 'a' + 10);
            if (value > (INT64_MAX - digit) / base)
                return (Const){.kind = CONST_BIGINT, .text = front_str(p->f, text, n)};
            value = value * base + digit;
        }
        return (Const){.kind = CONST_INT, .integer = (int64_t)value};
    }
    if (imaginary || strpbrk(text, ".eE")) {
        double d = strtod(text, NULL);
        return imaginary ? (Const){.kind = CONST_COMPLEX, .real = 0, .imag = d} : (Const){.kind = CONST_FLOAT, .real = d};
    }
    uint64_t value = 0;
    for (const char *q = text; *q; q++) {
        unsigned digit = (unsigned)(*q - '0');
        if (value > (INT64_MAX - digit) / 10) {
            if (n > INT_MAX_DIGITS) {
                const char *message = front_format(p->f, "Exceeds the limit (%d digits) for integer string conversion: value has %zu digits; use "
                                                   "sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge "
                                                   "integer literals to avoid decimal conversion limits.", INT_MAX_DIGITS, n);
                syntax_error_raise(p->f, FAIL_SYNTAX, (Pos){t->pos.line, -1, t->pos.end_line, -1}, message);
            }
            return (Const){.kind = CONST_BIGINT, .text = front_str(p->f, text, n)};
        }
        value = value * 10 + digit;
    }
    return (Const){.kind = CONST_INT, .integer = (int64_t)value};
}

// ---- escapes

typedef VEC(char) Bytes;

static void put_char(Front *f, Bytes *out, uint32_t c)  // as UTF-8; surrogates as three bytes
{
    if (c < 0x80)
        PUSH(f, out, (char)c);
    else if (c < 0x800) {
        PUSH(f, out, (char)(0xC0 | c >> 6));
        PUSH(f, out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        PUSH(f, out, (char)(0xE0 | c >> 12));
        PUSH(f, out, (char)(0x80 | ((c >> 6) & 0x3F)));
        PUSH(f, out, (char)(0x80 | (c & 0x3F)));
    } else {
        PUSH(f, out, (char)(0xF0 | c >> 18));
        PUSH(f, out, (char)(0x80 | ((c >> 12) & 0x3F)));
        PUSH(f, out, (char)(0x80 | ((c >> 6) & 0x3F)));
        PUSH(f, out, (char)(0x80 | (c & 0x3F)));
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte offset that messages give: non-ASCII characters count as the ten bytes of their \U escape.
static int message_offset(const char *start, const char *s)
{
    int n = 0;
    for (; start < s; start++)
        n += (unsigned char)*start < 0x80 ? 1 : ((unsigned char)*start & 0xC0) != 0x80 ? 10 : 0;
    return n;
}

static _Noreturn void fail_escape(Parser *p, Pos pos, const char *start, const char *from, const char *to, const char *what)
{
    const char *message = front_format(p->f, "(unicode error) 'unicodeescape' codec can't decode bytes in position %d-%d: %s",
                                       message_offset(start, from), message_offset(start, to) - 1, what);
    syntax_error_raise(p->f, FAIL_SYNTAX, pos, message);
}

void warn_invalid_escape(Front *f, Pos pos, const char *escape, int length, const char *what)
{
    const char *future = "Such sequences will not work in the future. ", *format = "\"%.*s\" is an invalid %s. %sDid you mean \"\\%.*s\"? A raw string is also an option.";
    char text[2][256];
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], format, length, escape, what, i ? "" : future, length, escape);
    syntax_warning_add(f, pos, front_format(f, "%s", text[0]), front_format(f, "%s", text[1]));
}

static void warn_escape(Parser *p, Pos pos, const char *start, const char *at, const char *what, int length)
{
    Pos where = pos;
    for (const char *q = start; q < at; q++)
        where.line += *q == '\n';
    where.end_line = where.line > pos.end_line ? where.line : pos.end_line;
    warn_invalid_escape(p->f, where, at, length, what);
}

// Appends the text s..end with its escapes resolved.
static void decode_escapes(Parser *p, Bytes *out, const char *s, const char *end, bool bytes, Pos pos)
{
    Front *f = p->f;
    const char *start = s;
    bool warned = false;
    while (s < end) {
        if (*s != '\\') {
            PUSH(f, out, *s++);
            continue;
        }
        const char *escape = s++;
        char c = s < end ? *s++ : '\\';
        switch (c) {
        case '\n': break;
        case '\\': case '\'': case '"': PUSH(f, out, c); break;
        case 'a': PUSH(f, out, '\a'); break;
        case 'b': PUSH(f, out, '\b'); break;
        case 'f': PUSH(f, out, '\f'); break;
        case 'n': PUSH(f, out, '\n'); break;
        case 'r': PUSH(f, out, '\r'); break;
        case 't': PUSH(f, out, '\t'); break;
        case 'v': PUSH(f, out, '\v'); break;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
            uint32_t value = (uint32_t)(c - '0');
            for (int i = 0; i < 2 && s < end && *s >= '0' && *s <= '7'; i++)
                value = value * 8 + (uint32_t)(*s++ - '0');
            if (value > 0377 && !warned) {
                warned = true;
                warn_escape(p, pos, start, escape, "octal escape sequence", (int)(s - escape));
            }
            if (bytes)
                PUSH(f, out, (char)value);
            else
                put_char(f, out, value);
            break;
        }
        case 'x':
            if (bytes) {
                int high = s < end ? hex_digit(*s) : -1, low = s + 1 < end ? hex_digit(s[1]) : -1;
                if (high < 0 || low < 0)
                    syntax_error_raise(f, FAIL_SYNTAX, pos, front_format(f, "(value error) invalid \\x escape at position %d", (int)(escape - start)));
                PUSH(f, out, (char)(high << 4 | low));
                s += 2;
                break;
            }
            // fall through
        case 'u':
        case 'U': {
            if (bytes)
                goto unknown;
            int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            uint32_t value = 0;
            for (int i = 0; i < digits; i++, s++) {
                int d = s < end ? hex_digit(*s) : -1;
                if (d < 0)
                    fail_escape(p, pos, start, escape, s, c == 'x' ? "truncated \\xXX escape" : c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape");
                value = value << 4 | (uint32_t)d;
            }
            if (value > 0x10FFFF)
                fail_escape(p, pos, start, escape, s, "illegal Unicode character");
            put_char(f, out, value);
            break;
        }
        case 'N': {
            if (bytes)
                goto unknown;
            const char *name = s + 1, *close = s < end && *s == '{' ? memchr(name, '}', (size_t)(end - name)) : NULL;
            if (!close || close == name)
                fail_escape(p, pos, start, escape, close ? close + 1 : s < end && *s == '{' ? end : s, "malformed \\N character escape");
            uint32_t value;
            value = uni_lookup_name(name, (size_t)(close - name));
            if (value == UINT32_MAX)
                fail_escape(p, pos, start, escape, close + 1, "unknown Unicode character name");
            put_char(f, out, value);
            s = close + 1;
            break;
        }
        default:
        unknown:
            if (!warned && !p->no_report) {
                warned = true;
                int length = 2;
                while (escape + length < end && ((unsigned char)escape[length] & 0xC0) == 0x80)
                    length++;
                warn_escape(p, pos, start, escape, "escape sequence", length);
            }
            PUSH(f, out, '\\');
            PUSH(f, out, c);
            break;
        }
    }
}

// ---- plain strings


static void plain_string(Parser *p, const Token *t, Bytes *out, bool *bytes, bool *u)
{
    const char *s = p->f->source.text + t->start, *end = p->f->source.text + t->end;
    bool raw = false;
    *bytes = *u = false;
    for (; *s != '\'' && *s != '"'; s++) {
        raw |= (*s | 0x20) == 'r';
        *bytes |= (*s | 0x20) == 'b';
        *u |= *s == 'u';
    }
    int quotes = end - s >= 6 && s[1] == s[0] && s[2] == s[0] ? 3 : 1;
    s += quotes;
    end -= quotes;
    if (*bytes)
        for (const char *q = s; q < end; q++)
            if ((unsigned char)*q >= 0x80)
                syntax_error_raise(p->f, FAIL_SYNTAX, t->pos, "bytes can only contain ASCII literal characters");
    if (raw || !memchr(s, '\\', (size_t)(end - s)))
        for (; s < end; s++)
            PUSH(p->f, out, *s);
    else
        decode_escapes(p, out, s, end, *bytes, t->pos);
}

// ---- f-strings

static Node *text_node(Parser *p, const char *s, size_t n, Pos pos)
{
    return node_constant(p, (Const){.kind = CONST_STR, .text = front_str(p->f, s, n)}, pos);
}

// Appends a piece of literal text, joining it to the one before.
static void add_text(Parser *p, Nodes *values, Node *text)
{
    const Chars *s = text->Constant.value.text;
    Node *before = values->n ? values->at[values->n - 1] : NULL;
    if (before && before->kind == Constant_kind) {
        const Chars *a = before->Constant.value.text;
        Chars *joined = front_alloc(p->f, sizeof *joined + (size_t)a->length + s->length + 1);
        joined->length = a->length + s->length;
        memcpy(joined->s, a->s, a->length);
        memcpy(joined->s + a->length, s->s, s->length);
        before->Constant.value.text = joined;
        before->pos.end_line = text->pos.end_line;
        before->pos.end_col = text->pos.end_col;
        return;
    }
    PUSH(p->f, values, text);
}

// A field's own text, as '=' shows it: without comments.
static Node *debug_text(Parser *p, uint32_t from, uint32_t to, Pos pos)
{
    const char *s = p->f->source.text + from, *end = p->f->source.text + to;
    Bytes out = {0};
    char quote = 0;
    while (s < end) {
        if (quote) {
            if (*s == '\\' && s + 1 < end)
                PUSH(p->f, &out, *s++);
            else if (*s == quote)
                quote = 0;
        } else if (*s == '\'' || *s == '"')
            quote = *s;
        else if (*s == '#') {
            while (s < end && *s != '\n')
                s++;
            continue;
        }
        PUSH(p->f, &out, *s++);
    }
    return text_node(p, out.at ? out.at : "", out.n, pos);
}

static void parse_fstring_parts(Parser *p, Nodes *values, bool raw, bool template, bool spec);

static _Noreturn void fail_field(Parser *p, bool template, const char *what)
{
    parser_error_token(p, p->now, "%c-string: %s", template ? 't' : 'f', what);
}

// Goes to where the longest part of the tokens from `here` on that parses as a whole ends; to `here` where none does.
static void seek_longest(Parser *p, uint32_t here, Node *(*parse)(Parser *))
{
    for (uint32_t stop = p->count - 1; stop > here; stop--) {
        Token *t = (Token *)(uintptr_t)token_at(p, stop);
        uint8_t type = t->type;
        t->type = TOK_UNKNOWN;
        seek(p, here);
        Node *n = parser_try(p, parse);
        t->type = type;
        if (n && p->at == stop) {
            seek(p, stop);
            return;
        }
    }
    seek(p, here);
}

static void parse_field(Parser *p, Nodes *values, bool raw, bool template, bool in_spec)
{
    const Token *open = p->now;
    char letter = template ? 't' : 'f';
    advance(p);
    p->in_field++;
    if (reporting(p)) {
        switch (p->now->type) {
        case TOK_EQUAL: fail_field(p, template, "valid expression required before '='");
        case TOK_EXCLAMATION: fail_field(p, template, "valid expression required before '!'");
        case TOK_COLON: fail_field(p, template, "valid expression required before ':'");
        case TOK_RBRACE: fail_field(p, template, "valid expression required before '}'");
        default: break;
        }
        if (!at_expression(p) && !at(p, TOK_KW_YIELD))
            fail_field(p, template, "expecting a valid expression after '{'");
        uint32_t here = p->at;
        if (!parser_try_aloud(p, parse_yield_or_star_expressions))
            seek_longest(p, here, parse_yield_or_star_expressions);
        if (p->at == here)
            fail_field(p, template, "expecting a valid expression after '{'");
        if (!at(p, TOK_EQUAL) && !at(p, TOK_EXCLAMATION) && !at(p, TOK_COLON) && !at(p, TOK_RBRACE))
            fail_field(p, template, "expecting '=', or '!', or ':', or '}'");
        seek(p, here);
    }
    Node *value = parse_yield_or_star_expressions(p);
    uint32_t value_end = p->now->start;
    bool debug = accept(p, TOK_EQUAL);
    const Token *after = p->now;
    if (reporting(p) && debug && !at(p, TOK_EXCLAMATION) && !at(p, TOK_COLON) && !at(p, TOK_RBRACE))
        fail_field(p, template, "expecting '!', or ':', or '}'");
    int conversion = -1;
    if (at(p, TOK_EXCLAMATION)) {
        const Token *bang = p->now;
        advance(p);
        const Token *t = p->now;
        if (t->type != TOK_NAME) {
            if (at(p, TOK_COLON) || at(p, TOK_RBRACE))
                fail_field(p, template, "missing conversion character");
            fail_field(p, template, "invalid conversion character");
        }
        if (bang->end != t->start)
            syntax_error_raise(p->f, FAIL_SYNTAX, pos_span(bang->pos, t->pos),
                               front_format(p->f, "%c-string: conversion type must come right after the exclamation mark", letter));
        char c = t->name->s[0];
        if (t->name->length != 1 || (c != 's' && c != 'r' && c != 'a'))
            syntax_error_raise(p->f, FAIL_SYNTAX, t->pos, front_format(p->f, "%c-string: invalid conversion character '%s': expected 's', 'r', or 'a'", letter, t->name->s));
        conversion = c;
        advance(p);
        if (reporting(p) && !at(p, TOK_COLON) && !at(p, TOK_RBRACE))
            fail_field(p, template, "expecting ':' or '}'");
    }
    Node *spec = NULL;
    if (at(p, TOK_COLON)) {
        Pos start = p->now->pos;
        advance(p);
        Nodes parts = {0};
        parse_fstring_parts(p, &parts, raw, template, true);
        Pos pos = pos_from(p, start);
        spec = AST_NEW(p->f, JoinedStr, pos);
        spec->JoinedStr.values = seq_of(p, &parts);
        if (reporting(p) && !at(p, TOK_RBRACE))
            fail_field(p, template, "expecting '}', or format specs");
    }
    if (reporting(p) && !at(p, TOK_RBRACE))
        fail_field(p, template, "expecting '}'");
    expect(p, TOK_RBRACE);
    p->in_field--;
    if (debug) {
        Pos pos = {open->pos.end_line, open->pos.end_col, after->pos.line, after->pos.col};
        add_text(p, values, debug_text(p, open->end, after->start, pos));
        if (conversion < 0 && !spec)
            conversion = 'r';
    }
    template &= !in_spec;  // inside of a specification all fields are plain
    Node *n = ast_node(p->f, template ? Interpolation_kind : FormattedValue_kind, pos_from(p, open->pos));
    if (template) {
        n->Interpolation.value = value;
        n->Interpolation.str = debug_text(p, open->end, value_end, open->pos)->Constant.value;
        n->Interpolation.conversion = conversion;
        n->Interpolation.format_spec = spec;
    } else {
        n->FormattedValue.value = value;
        n->FormattedValue.conversion = conversion;
        n->FormattedValue.format_spec = spec;
    }
    PUSH(p->f, values, n);
}

static void parse_fstring_parts(Parser *p, Nodes *values, bool raw, bool template, bool spec)
{
    for (;;) {
        const Token *t = p->now;
        if (t->type == TOK_FSTRING_MIDDLE || t->type == TOK_TSTRING_MIDDLE) {
            advance(p);
            const char *s = p->f->source.text + t->start, *end = p->f->source.text + t->end;
            Bytes out = {0};
            if (raw || !memchr(s, '\\', (size_t)(end - s)))
                for (; s < end; s++)
                    PUSH(p->f, &out, *s);
            else
                decode_escapes(p, &out, s, end, false, t->pos);
            if (out.n)
                add_text(p, values, text_node(p, out.at, out.n, t->pos));
        } else if (t->type == TOK_LBRACE)
            parse_field(p, values, raw, template, spec);
        else
            return;
    }
}

static void parse_fstring(Parser *p, Nodes *values, bool template)
{
    const Token *open = p->now;
    bool raw = false;
    for (uint32_t i = open->start; i < open->end; i++)
        raw |= (p->f->source.text[i] | 0x20) == 'r';
    advance(p);
    parse_fstring_parts(p, values, raw, template, false);
    if (!at(p, TOK_FSTRING_END) && !at(p, TOK_TSTRING_END))
        parser_fail(p);
    advance(p);
}

// Adjacent literals are one: of bytes, of text and f-strings, or of t-strings.
Node *parse_strings(Parser *p)
{
    Pos start = p->now->pos;
    parser_check_depth(p);
    Nodes values = {0};
    Bytes all = {0};
    bool any_bytes = false, any_text = false, any_f = false, any_t = false, first_u = false, seen = false;
    for (;; seen = true) {
        const Token *t = p->now;
        if (t->type == TOK_STRING) {
            bool bytes, u;
            size_t before = all.n;
            plain_string(p, t, &all, &bytes, &u);
            advance(p);
            any_bytes |= bytes;
            any_text |= !bytes;
            if (!seen)
                first_u = u;
            if (all.n > before) {
                Node *n = text_node(p, all.at + before, all.n - before, t->pos);
                if (u)
                    n->Constant.kind = INTERN_LITERAL(p->f, "u");
                add_text(p, &values, n);
            }
        } else if (t->type == TOK_FSTRING_START || t->type == TOK_TSTRING_START) {
            bool template = t->type == TOK_TSTRING_START;
            any_f |= !template;
            any_t |= template;
            parse_fstring(p, &values, template);
        } else
            break;
    }
    Pos pos = pos_from(p, start);
    if (any_bytes && (any_text || any_f || any_t)) {
        if (any_t)
            syntax_error_raise(p->f, FAIL_SYNTAX, pos, "cannot mix t-string literals with string or bytes literals");
        syntax_error_raise(p->f, FAIL_SYNTAX, token_at(p, p->count - 1)->pos, "cannot mix bytes and nonbytes literals");
    }
    if (any_t && (any_text || any_f))
        syntax_error_raise(p->f, FAIL_SYNTAX, pos, "cannot mix t-string literals with string or bytes literals");
    if (any_f || any_t) {
        Node *n = ast_node(p->f, any_t ? TemplateStr_kind : JoinedStr_kind, pos);
        if (any_t)
            n->TemplateStr.values = seq_of(p, &values);
        else
            n->JoinedStr.values = seq_of(p, &values);
        return n;
    }
    Node *n = node_constant(p, (Const){.kind = any_bytes ? CONST_BYTES : CONST_STR, .text = front_str(p->f, all.at ? all.at : "", all.n)}, pos);
    if (first_u)
        n->Constant.kind = INTERN_LITERAL(p->f, "u");
    return n;
}
