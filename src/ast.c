// The tree's tables, constructors and dump, all from ast.def.
#include "src/ast.h"
#include "runtime/support/unicode.h"
#include "src/lexer.h"
#include <math.h>
#include <stdlib.h>

// One function per constructor, so that inside it CURRENT can name its struct.
#define AT(f) (uint16_t)(offsetof(Node, Pass) + offsetof(CURRENT, f))
#define ONE(type, f) {#f, #type, FIELD_ONE, AT(f)},
#define OPT(type, f) {#f, #type, FIELD_OPT, AT(f)},
#define SEQ(type, f) {#f, #type, FIELD_SEQ, AT(f)},
#define SEQOPT(type, f) {#f, #type, FIELD_SEQOPT, AT(f)},
#define ID(f) {#f, "identifier", FIELD_ID, AT(f)},
#define OPTID(f) {#f, "identifier", FIELD_OPTID, AT(f)},
#define IDSEQ(f) {#f, "identifier", FIELD_IDSEQ, AT(f)},
#define INT(f) {#f, "int", FIELD_INT, AT(f)},
#define OPTINT(f) {#f, "int", FIELD_OPTINT, AT(f)},
#define TEXT(f) {#f, "string", FIELD_TEXT, AT(f)},
#define OPTTEXT(f) {#f, "string", FIELD_OPTTEXT, AT(f)},
#define CONST(f) {#f, "constant", FIELD_CONST, AT(f)},
#define ENUM(enumeration, f) {#f, #enumeration, FIELD_ENUM, AT(f)},
#define ENUMSEQ(enumeration, f) {#f, #enumeration, FIELD_ENUMSEQ, AT(f)},
#define NODE(sum, Name, list) \
    static const AstField *Name##_fields(void) \
    { \
        typedef Name##_node CURRENT; \
        static const AstField fields[] = {list{NULL, NULL, 0, sizeof(CURRENT)}}; \
        return fields; \
    }
#include "src/ast.def"

enum {
#define SUM(sum, positioned) sum##_positioned = positioned,
#include "src/ast.def"
};

const AstClass ast_classes[NODE_KINDS] = {
#define NODE(sum, Name, list) [Name##_kind] = {#Name, #sum, sum##_positioned, offsetof(Node, Pass) + sizeof(Name##_node), Name##_fields},
#include "src/ast.def"
};

static const struct { const char *enumeration, *member; int value; } enumerators[] = {
#define ENUMERATOR(name, Member) {#name, #Member, Member},
#include "src/ast.def"
};

const char *ast_enumerator(const char *enumeration, int value)
{
    for (size_t i = 0; i < sizeof enumerators / sizeof *enumerators; i++)
        if (enumerators[i].value == value && !strcmp(enumerators[i].enumeration, enumeration))
            return enumerators[i].member;
    return "?";
}

Node *ast_node(Front *f, NodeKind kind, Pos pos)
{
    Node *n = front_alloc(f, ast_classes[kind].size);
    n->kind = (uint8_t)kind;
    n->pos = pos;
    return n;
}

static struct { uint32_t n, pad; } nothing;
Seq *const ast_no_nodes = (Seq *)(void *)&nothing;
NameSeq *const ast_no_names = (NameSeq *)(void *)&nothing;

Seq *ast_seq(Front *f, Node *const *nodes, size_t n)
{
    if (!n)
        return ast_no_nodes;
    if (n > INT32_MAX / sizeof *nodes)
        front_fail(f, FAIL_MEMORY, "out of memory");
    Seq *s = front_alloc(f, sizeof *s + n * sizeof *nodes);
    s->n = (uint32_t)n;
    memcpy(s->at, nodes, n * sizeof *nodes);
    return s;
}

NameSeq *ast_names(Front *f, const Chars *const *names, size_t n)
{
    if (!n)
        return ast_no_names;
    if (n > INT32_MAX / sizeof *names)
        front_fail(f, FAIL_MEMORY, "out of memory");
    NameSeq *s = front_alloc(f, sizeof *s + n * sizeof *names);
    s->n = (uint32_t)n;
    memcpy(s->at, names, n * sizeof *names);
    return s;
}

// ---- reprs

void ast_write_str(FILE *out, const Chars *s, bool bytes)
{
    bool single = memchr(s->s, '\'', s->length), twofold = memchr(s->s, '"', s->length);
    char quote = single && !twofold ? '"' : '\'';
    if (bytes)
        putc('b', out);
    putc(quote, out);
    for (uint32_t i = 0; i < s->length;) {
        unsigned char c = (unsigned char)s->s[i];
        if (c < 0x80 || bytes) {
            if (c == (unsigned char)quote || c == '\\')
                fprintf(out, "\\%c", c);
            else if (c == '\n')
                fputs("\\n", out);
            else if (c == '\r')
                fputs("\\r", out);
            else if (c == '\t')
                fputs("\\t", out);
            else if (c < 0x20 || c >= 0x7F)
                fprintf(out, "\\x%02x", c);
            else
                putc(c, out);
            i++;
            continue;
        }
        uint32_t u;
        int n = lexer_decode_char(s->s + i, &u);
        if (uni_is_printable(u))
            fwrite(s->s + i, 1, (size_t)n, out);
        else if (u < 0x100)
            fprintf(out, "\\x%02x", (unsigned)u);
        else if (u < 0x10000)
            fprintf(out, "\\u%04x", (unsigned)u);
        else
            fprintf(out, "\\U%08x", (unsigned)u);
        i += (uint32_t)n;
    }
    putc(quote, out);
}

static void write_float(FILE *out, double x, bool bare)  // bare: without the ".0" of whole numbers (parts of a complex)
{
    if (isnan(x) || isinf(x)) {
        fputs(isnan(x) ? "nan" : x < 0 ? "-inf" : "inf", out);
        return;
    }
    char text[40];
    int digits = 1;
    do
        snprintf(text, sizeof text, "%.*e", digits - 1, x);
    while (strtod(text, NULL) != x && digits++ < 17);
    int exponent = atoi(strchr(text, 'e') + 1);
    char *p = text;
    if (*p == '-')
        putc(*p++, out);
    char figures[24];
    int n = 0;
    for (; *p != 'e'; p++)
        if (*p != '.')
            figures[n++] = *p;
    if (exponent < -4 || exponent >= 16) {
        putc(figures[0], out);
        if (n > 1)
            fprintf(out, ".%.*s", n - 1, figures + 1);
        fprintf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    } else if (exponent < 0) {
        fputs("0.", out);
        for (int i = -1; i > exponent; i--)
            putc('0', out);
        fprintf(out, "%.*s", n, figures);
    } else {
        for (int i = 0; i <= exponent; i++)
            putc(i < n ? figures[i] : '0', out);
        if (n > exponent + 1)
            fprintf(out, ".%.*s", n - exponent - 1, figures + exponent + 1);
        else if (!bare)
            fputs(".0", out);
    }
}

static void write_bigint(FILE *out, const Chars *text)  // in decimal, by schoolbook conversion
{
    const char *s = text->s;
    if (*s == '-')
        putc(*s++, out);
    uint32_t base = 10;
    if (s[0] == '0' && s[1] && strchr("xXoObB", s[1])) {
        base = (s[1] | 0x20) == 'x' ? 16 : (s[1] | 0x20) == 'o' ? 8 : 2;
        s += 2;
    }
    while (*s == '0' && s[1])
        s++;
    if (base == 10) {
        fputs(s, out);
        return;
    }
    size_t limit = strlen(s) / 2 + 2, n = 1;
    uint32_t *limbs = calloc(limit, sizeof *limbs);  // base 10**9, lowest first
    if (!limbs)
        return;
    for (; *s; s++) {
        uint64_t carry = (uint64_t)(*s <= '9' ? *s - '0' : (*s | 0x20) - 'a' + 10);
        for (size_t i = 0; i < n; i++) {
            carry += (uint64_t)limbs[i] * base;
            limbs[i] = (uint32_t)(carry % 1000000000u);
            carry /= 1000000000u;
        }
        if (carry && n < limit)
            limbs[n++] = (uint32_t)carry;
    }
    fprintf(out, "%u", (unsigned)limbs[n - 1]);
    while (--n)
        fprintf(out, "%09u", (unsigned)limbs[n - 1]);
    free(limbs);
}

void ast_write_const(FILE *out, const Const *c)
{
    switch ((ConstKind)c->kind) {
    case CONST_NONE: fputs("None", out); break;
    case CONST_TRUE: fputs("True", out); break;
    case CONST_FALSE: fputs("False", out); break;
    case CONST_ELLIPSIS: fputs("Ellipsis", out); break;
    case CONST_INT: fprintf(out, "%lld", (long long)c->integer); break;
    case CONST_BIGINT: write_bigint(out, c->text); break;
    case CONST_FLOAT: write_float(out, c->real, false); break;
    case CONST_COMPLEX:
        if (c->real == 0 && !signbit(c->real)) {
            write_float(out, c->imag, true);
            putc('j', out);
        } else {
            putc('(', out);
            write_float(out, c->real, true);
            if (!signbit(c->imag) || isnan(c->imag))
                putc('+', out);
            write_float(out, c->imag, true);
            fputs("j)", out);
        }
        break;
    case CONST_STR: ast_write_str(out, c->text, false); break;
    case CONST_BYTES: ast_write_str(out, c->text, true); break;
    case CONST_TUPLE:
    case CONST_FROZENSET:
        fputs(c->kind == CONST_TUPLE ? "(" : "frozenset({", out);
        for (uint32_t i = 0; i < c->count; i++) {
            if (i)
                fputs(", ", out);
            ast_write_const(out, &c->items[i]);
        }
        fputs(c->kind != CONST_TUPLE ? "})" : c->count == 1 ? ",)" : ")", out);
        break;
    }
}

// ---- ast.dump

typedef struct Dump {
    FILE *out;
    Front *f;
    bool attributes;
    int indent;
} Dump;

static void write_node(Dump *d, const Node *n, int level);

// How the parts of something at `level` are set apart, and whether they need setting apart: with an indent every part
// goes on a line of its own, unless there are at most three and all are simple.
static void part(Dump *d, int level, bool first, bool broken)
{
    if (d->indent < 0 || !broken) {
        if (!first)
            fputs(", ", d->out);
        return;
    }
    if (!first)
        putc(',', d->out);
    putc('\n', d->out);
    for (int i = 0; i < level * d->indent; i++)
        putc(' ', d->out);
}

static bool field_shown(const Dump *d, const Node *n, const AstField *fd)
{
    const void *at = (const char *)n + fd->offset;
    switch ((FieldKind)fd->kind) {
    case FIELD_OPT: return *(Node *const *)at;
    case FIELD_OPTID:
    case FIELD_OPTTEXT: return *(const Chars *const *)at;
    case FIELD_SEQ:
    case FIELD_SEQOPT: return (*(Seq *const *)at)->n;
    case FIELD_IDSEQ: return (*(NameSeq *const *)at)->n;
    default: return true;
    }
}

static bool node_empty(const Dump *d, const Node *n)  // nothing between its parentheses
{
    if (d->attributes && ast_classes[n->kind].positioned)
        return false;
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++)
        if (field_shown(d, n, fd))
            return false;
    return true;
}

static bool node_simple(const Dump *d, const Node *n)  // no parts but strings, numbers and empty nodes, three at most
{
    int parts = d->attributes && ast_classes[n->kind].positioned ? 4 : 0;
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
        if (!field_shown(d, n, fd))
            continue;
        parts++;
        if (fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT || fd->kind == FIELD_IDSEQ || fd->kind == FIELD_ENUMSEQ)
            return false;
        if ((fd->kind == FIELD_ONE || fd->kind == FIELD_OPT) && !node_empty(d, *(Node *const *)((const char *)n + fd->offset)))
            return false;
    }
    return parts <= 3;
}

static void write_field(Dump *d, const Node *n, const AstField *fd, int level)
{
    const void *at = (const char *)n + fd->offset;
    switch ((FieldKind)fd->kind) {
    case FIELD_ONE:
    case FIELD_OPT:
        write_node(d, *(Node *const *)at, level);
        break;
    case FIELD_SEQ:
    case FIELD_SEQOPT: {
        const Seq *s = *(Seq *const *)at;
        putc('[', d->out);
        for (uint32_t i = 0; i < s->n; i++) {
            part(d, level + 1, i == 0, true);
            if (s->at[i])
                write_node(d, s->at[i], level + 1);
            else
                fputs("None", d->out);
        }
        putc(']', d->out);
        break;
    }
    case FIELD_ID:
    case FIELD_OPTID:
    case FIELD_TEXT:
    case FIELD_OPTTEXT:
        ast_write_str(d->out, *(const Chars *const *)at, false);
        break;
    case FIELD_IDSEQ: {
        const NameSeq *s = *(NameSeq *const *)at;
        putc('[', d->out);
        for (uint32_t i = 0; i < s->n; i++) {
            part(d, level + 1, i == 0, true);
            ast_write_str(d->out, s->at[i], false);
        }
        putc(']', d->out);
        break;
    }
    case FIELD_INT:
    case FIELD_OPTINT:
        fprintf(d->out, "%d", (int)*(const int32_t *)at);
        break;
    case FIELD_CONST:
        ast_write_const(d->out, at);
        break;
    case FIELD_ENUM:
        fprintf(d->out, "%s()", ast_enumerator(fd->type, *(const uint8_t *)at));
        break;
    case FIELD_ENUMSEQ: {
        const EnumSeq *s = *(EnumSeq *const *)at;
        putc('[', d->out);
        for (uint32_t i = 0; i < s->n; i++) {
            part(d, level + 1, i == 0, true);
            fprintf(d->out, "%s()", ast_enumerator(fd->type, s->at[i]));
        }
        putc(']', d->out);
        break;
    }
    }
}

static void write_node(Dump *d, const Node *n, int level)
{
    CHECK_DEPTH(d->f);
    const AstClass *c = &ast_classes[n->kind];
    bool broken = !node_simple(d, n), first = true;
    fprintf(d->out, "%s(", c->name);
    for (const AstField *fd = c->fields(); fd->name; fd++) {
        if (!field_shown(d, n, fd))
            continue;
        part(d, level + 1, first, broken);
        first = false;
        fprintf(d->out, "%s=", fd->name);
        write_field(d, n, fd, level + 1);
    }
    if (d->attributes && c->positioned) {
        const int32_t values[] = {n->pos.line, n->pos.col, n->pos.end_line, n->pos.end_col};
        static const char *const names[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
        for (int i = 0; i < 4; i++) {
            part(d, level + 1, first, broken);
            first = false;
            fprintf(d->out, "%s=%d", names[i], (int)values[i]);
        }
    }
    putc(')', d->out);
}

void dump_ast(FILE *out, Front *f, const Node *tree, bool attributes, int indent)
{
    Dump d = {out, f, attributes, indent};
    write_node(&d, tree, 0);
    putc('\n', out);
}
