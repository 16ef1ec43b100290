// Checks the compiler's output without a runtime: follows every path through each code object and tracks what each
// temporary holds, by the rules of runtime/ops/BYTECODE.md. Built by hand.   front_check [-d] FILE...
#include "runtime/code.h"
#include "src/compile.h"
#include "src/fold.h"

#include "src/parse.h"
#include <stdio.h>
#include <stdlib.h>

const OpInfo op_info[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) [OP_##name] = {#name, OPERAND_##a, OPERAND_##b, OPERAND_##c, effects, meaning},
#include "runtime/ops/ops.def"
#undef OP
};

static int bad;
static bool dump;

enum { EMPTY, FULL, MAYBE, CELL };  // of a temporary. MAYBE: perhaps empty, as after a failed pattern

typedef struct Decoded { int op; uint32_t a, b, c; bool fa, fb, fc; uint32_t size; int64_t target; } Decoded;

static uint32_t reg_of(uint16_t low, uint16_t high) { return (uint32_t)(low & OPERAND_INDEX) | (uint32_t)high << 15; }

static Decoded decode(const Unit *u, uint32_t at)
{
    Decoded d = {.size = 1, .target = -1};
    Ins w = u->words.at[at], hi = {.word = 0};
    if (w.op == OP_WIDE) {
        hi = w;
        w = u->words.at[at + 1];
        d.size = 2;
    }
    d.op = w.op;
    const OpInfo *i = &op_info[w.op];
    uint16_t low[] = {w.a, w.b, w.c}, high[] = {hi.a, hi.b, hi.c};
    uint8_t kinds[] = {i->a, i->b, i->c};
    uint32_t v[3];
    bool flag[3];
    for (int k = 0; k < 3; k++) {
        bool reg = kinds[k] == OPERAND_D || kinds[k] == OPERAND_R || kinds[k] == OPERAND_X || kinds[k] == OPERAND_W || kinds[k] == OPERAND_F;
        v[k] = reg ? reg_of(low[k], high[k]) : (uint32_t)low[k] | (uint32_t)high[k] << 16;
        flag[k] = reg && low[k] & OPERAND_FLAG;
        if (kinds[k] == OPERAND_J)
            d.target = (int64_t)at + d.size + (d.size == 2 ? (int32_t)v[k] : (int16_t)low[k]);
    }
    if (i->b == OPERAND_J32)
        d.target = (int64_t)at + d.size + (int32_t)((uint32_t)w.b | (uint32_t)w.c << 16);
    if (i->b == OPERAND_K32 || i->b == OPERAND_I32)
        v[1] = (uint32_t)w.b | (uint32_t)w.c << 16;
    d.a = v[0], d.b = v[1], d.c = v[2];
    d.fa = flag[0], d.fb = flag[1], d.fc = flag[2];
    return d;
}

static void complain(const Unit *u, uint32_t at, const char *what, uint32_t reg)
{
    Position p = u->positions.at[at];
    if (bad++ < 40)
        printf("%s: %s line %d, instruction %u (%s): %s r%u\n", u->f->filename, u->qualname->s, (int)p.line, (unsigned)at, op_info[decode(u, at).op].name, what, (unsigned)reg);
}

static void print(const Unit *u)
{
    printf("== %s  locals %u regs %u flags %x\n", u->qualname->s, u->nlocals, u->max_depth, u->flags);
    for (uint32_t i = 0; i < u->words.n;) {
        Decoded d = decode(u, i);
        printf("%4u  %4d  %-18s %u%s %u%s %u%s", i, (int)u->positions.at[i].line, op_info[d.op].name, d.a, d.fa ? "'" : "", d.b, d.fb ? "'" : "", d.c, d.fc ? "'" : "");
        if (d.target >= 0)
            printf(" -> %d", (int)d.target);
        for (int k = 0; k < 3; k++) {
            uint8_t kind = k == 0 ? op_info[d.op].a : k == 1 ? op_info[d.op].b : op_info[d.op].c;
            uint32_t v = k == 0 ? d.a : k == 1 ? d.b : d.c;
            if ((kind == OPERAND_N || kind == OPERAND_K32) && v < u->pool.n) {
                const PoolEntry *e = &u->pool.at[v];
                printf("  ; ");
                if (e->kind == POOL_NAME)
                    printf("%s", e->name->s);
                else if (e->kind == POOL_CODE)
                    printf("<code %s>", e->code->qualname->s);
                else
                    ast_write_const(stdout, e->value);
            }
        }
        puts("");
        i += d.size;
    }
    for (size_t i = 0; i < u->rows.n; i++)
        printf("  row %u..%u -> %u depth %u exc %u\n", u->rows.at[i].start, u->rows.at[i].end, u->rows.at[i].target, u->rows.at[i].depth, u->rows.at[i].exc);
}

typedef struct State { uint8_t *regs; } State;

static void check(const Unit *u)
{
    uint32_t n = (uint32_t)u->words.n, nregs = u->max_depth + 16, first = u->nlocals;
    uint8_t **at = calloc(n + 1, sizeof *at);
    uint32_t *work = malloc((size_t)(n + 1) * 16 * sizeof *work);
    size_t todo = 0, capacity = (size_t)(n + 1) * 16;
    if (dump)
        print(u);
    if (!n) {
        complain(u, 0, "no code", 0);
        return;
    }
    at[0] = calloc(nregs, 1);
    work[todo++] = 0;
    uint8_t *s = malloc(nregs);
#define FLOW(where) do { \
        uint32_t w_ = (uint32_t)(where); \
        if (w_ >= n) { complain(u, i, "leaves the code at", w_); break; } \
        if (!at[w_]) { at[w_] = malloc(nregs); memcpy(at[w_], s, nregs); if (todo < capacity) work[todo++] = w_; } \
        else { bool changed_ = false; for (uint32_t r_ = first; r_ < nregs; r_++) if (at[w_][r_] != s[r_] && at[w_][r_] != MAYBE) { \
            at[w_][r_] = MAYBE; changed_ = true; } \
            if (changed_ && todo < capacity) work[todo++] = w_; } \
    } while (0)
#define READ(r, lastuse) do { if ((r) >= first) { if ((r) >= nregs) complain(u, i, "beyond", r); else { if (s[r] == EMPTY) complain(u, i, "reads empty", r); \
        else if (s[r] == MAYBE) complain(u, i, "reads perhaps empty", r); if (lastuse) s[r] = EMPTY; } } else if (lastuse) complain(u, i, "consumes local", r); } while (0)
#define WRITE(r, holds) do { if ((r) >= first) { if ((r) >= nregs) complain(u, i, "beyond", r); else { if (s[r] != EMPTY && !(holds)) complain(u, i, "overwrites", r); s[r] = FULL; } } \
        else if (!(holds)) complain(u, i, "writes a local without HOLDS", r); } while (0)
    while (todo) {
        uint32_t i = work[--todo];
        memcpy(s, at[i], nregs);
        Decoded d = decode(u, i);
        const OpInfo *info = &op_info[d.op];
        // the exception's way: what was there before the instruction, from the row's depth on emptied
        for (size_t r = 0; r < u->rows.n; r++)
            if (i >= u->rows.at[r].start && i < u->rows.at[r].end) {
                if (info->effects & RAISES) {
                    uint8_t *keep = malloc(nregs);
                    memcpy(keep, s, nregs);
                    for (uint32_t k = u->rows.at[r].depth; k < nregs; k++)
                        if (k >= first)
                            s[k] = EMPTY;
                    if (u->rows.at[r].exc < first)
                        complain(u, i, "exception goes to a local", u->rows.at[r].exc);
                    else
                        s[u->rows.at[r].exc] = FULL;
                    FLOW(u->rows.at[r].target);
                    memcpy(s, keep, nregs);
                    free(keep);
                }
                break;
            }
        uint8_t *jump_state = NULL;
        switch (d.op) {
        case OP_DROP:
            if (d.a >= first)
                s[d.a] = EMPTY;
            else
                complain(u, i, "drops local", d.a);
            break;
        case OP_MAKE_CELL: if (d.a >= first) s[d.a] = FULL; break;
        case OP_CALL: case OP_CALL_KW: {
            READ(d.b, true);
            if (s[d.b + CALL_SELF] == EMPTY) complain(u, i, "no self in window", d.b);
            s[d.b + CALL_SELF] = EMPTY;
            for (uint32_t k = 0; k < d.c + (d.op == OP_CALL_KW); k++)
                READ(d.b + CALL_ARGS + k, true);
            for (uint32_t k = d.b + 1; k < d.b + CALL_SELF; k++)
                if (s[k] != EMPTY) complain(u, i, "window holds a value in its header", k);
            for (uint32_t k = d.b + CALL_ARGS + d.c; k < nregs; k++)
                if (s[k] != EMPTY) complain(u, i, "live above the window", k);
            WRITE(d.a, d.fa);
            break;
        }
        case OP_LOAD_METHOD: case OP_LOAD_SPECIAL:
            READ(d.b, d.fb);
            WRITE(d.a, false);
            WRITE(d.a + CALL_SELF, false);
            break;
        case OP_LOAD_SUPER_METHOD: case OP_LOAD_SUPER_ATTR:
            for (uint32_t k = 0; k < 3; k++)
                READ(d.b + k, true);
            WRITE(d.a, d.fa);
            if (d.op == OP_LOAD_SUPER_METHOD)
                WRITE(d.a + CALL_SELF, false);
            break;
        case OP_CALL_EX: for (uint32_t k = 0; k < 3; k++) READ(d.b + k, true); WRITE(d.a, d.fa); break;
        case OP_BUILD_DICT: for (uint32_t k = 0; k < 2 * d.c; k++) READ(d.b + k, true); WRITE(d.a, d.fa); break;
        case OP_BUILD_TUPLE: case OP_BUILD_LIST: case OP_BUILD_SET: case OP_BUILD_STRING: case OP_BUILD_SLICE:
            for (uint32_t k = 0; k < d.c; k++) READ(d.b + k, true); WRITE(d.a, d.fa); break;
        case OP_BUILD_INTERPOLATION: for (uint32_t k = 0; k < 4; k++) READ(d.b + k, true); WRITE(d.a, d.fa); break;
        case OP_BUILD_TEMPLATE: case OP_IMPORT_NAME: for (uint32_t k = 0; k < 2; k++) READ(d.b + k, true); WRITE(d.a, d.fa); break;
        case OP_INTRINSIC: {
            static const uint8_t count[] = {
#define INTRINSIC(name, operands, meaning) operands,
#include "runtime/ops/intrinsics.def"
#undef INTRINSIC
            };
            for (uint32_t k = 0; k < count[d.c]; k++) READ(d.b + k, true);
            WRITE(d.a, d.fa);
            break;
        }
        case OP_UNPACK: READ(d.b, d.fb); for (uint32_t k = 0; k < d.c; k++) WRITE(d.a + k, false); break;
        case OP_UNPACK_EX: READ(d.b, d.fb); for (uint32_t k = 0; k < (d.c & 255) + (d.c >> 8) + 1; k++) WRITE(d.a + k, false); break;
        case OP_RAISE: for (uint32_t k = 0; k < d.b; k++) READ(d.a + k, true); break;
        case OP_EXC_TRIPLE: READ(d.b, false); for (uint32_t k = 0; k < 3; k++) WRITE(d.a + k, false); break;
        case OP_EXC_GROUP_MATCH: READ(d.b, false); READ(d.c, d.fc); if (s[d.a] != EMPTY) complain(u, i, "overwrites", d.a); s[d.a] = FULL; break;
        case OP_MATCH_CLASS: for (uint32_t k = 0; k < 3; k++) READ(d.b + k, k > 0); WRITE(d.a, d.fa); break;
        case OP_SEND: READ(d.a, false); READ(d.b, false); break;
        case OP_FOR_ITER:
            READ(d.b, false);
            jump_state = malloc(nregs);
            memcpy(jump_state, s, nregs);
            WRITE(d.a, d.fa);
            break;
        case OP_END_ASYNC_FOR: READ(d.a, false);
            jump_state = malloc(nregs);
            memcpy(jump_state, s, nregs);
            jump_state[d.a] = EMPTY;
            break;
        case OP_SWAP: READ(d.a, false); READ(d.b, false); break;
        default: {
            const uint8_t kinds[] = {info->a, info->b, info->c};
            const uint32_t v[] = {d.a, d.b, d.c};
            const bool flag[] = {d.fa, d.fb, d.fc};
            for (int k = 0; k < 3; k++) {
                if (kinds[k] == OPERAND_R) READ(v[k], flag[k]);
                if (kinds[k] == OPERAND_X) READ(v[k], false);
            }
            for (int k = 0; k < 3; k++)
                if (kinds[k] == OPERAND_D) WRITE(v[k], flag[k]);
        }
        }
        if (d.op == OP_RETURN || d.op == OP_RETURNC)
            for (uint32_t r = first; r < nregs; r++)
                if (s[r] != EMPTY)
                    complain(u, i, "live at return", r);
        if (d.target >= 0) {
            uint8_t *keep = NULL;
            if (jump_state) {
                keep = malloc(nregs);
                memcpy(keep, s, nregs);
                memcpy(s, jump_state, nregs);
            }
            FLOW(d.target);
            if (keep) {
                memcpy(s, keep, nregs);
                free(keep);
            }
        }
        free(jump_state);
        if ((!(info->effects & ENDS) && d.op != OP_END_ASYNC_FOR) || d.op == OP_RETURN_GENERATOR)
            FLOW(i + d.size);
    }
    for (uint32_t i = 0; i <= n; i++)
        free(at[i]);
    free(at);
    free(work);
    free(s);
    for (size_t k = 0; k < u->pool.n; k++)
        if (u->pool.at[k].kind == POOL_CODE)
            check(u->pool.at[k].code);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-d")) {
            dump = true;
            continue;
        }
        FILE *in = fopen(argv[i], "rb");
        if (!in)
            continue;
        size_t cap = 1 << 25;
        char *text = malloc(cap);
        size_t size = fread(text, 1, cap, in);
        fclose(in);
        Front *f = malloc(sizeof *f);
        BailFrame frame;
        front_init(f, argv[i], 0);
        if (FRONT_TRY(f, frame)) {
            source_decode(f, text, size);
            Node *tree = parse_source(f, PARSE_MODULE);
            symtable_build(f, tree);
            tree = fold_tree(f, tree);
            check(compile_tree(f, tree, 0));
            FRONT_END(f, frame);
        } else {
            FRONT_END(f, frame);
            printf("%s: %s (%d, %d, %d, %d)\n", argv[i], f->failure.message, (int)f->failure.line, (int)f->failure.offset, (int)f->failure.end_line, (int)f->failure.end_offset);
        }
        for (size_t k = 0; k < f->warnings.n && dump; k++)
            printf("warning %d: %s\n", (int)f->warnings.at[k].line, f->warnings.at[k].message);
        front_free(f);
        free(f);
        free(text);
    }
    return bad != 0;
}
