// From instructions with labels and wide operands to the final words: WIDE prefixes, jump offsets, the exception table.
#include "src/compile.h"

typedef struct Encoded { uint16_t op; uint16_t low[3], high[3]; bool wide; } Encoded;

static uint32_t jump_field(int op)  // which field holds the offset: 1 for b..c, 2 for c
{
    return op_info[op].b == OPERAND_J32 ? 1 : op_info[op].c == OPERAND_J ? 2 : 0;
}

static void fail_operand(Unit *u) { front_fail(u->f, FAIL_OVERFLOW, "code is too large"); }

static void put(Unit *u, Encoded *e, int field, int kind, uint32_t value)
{
    switch (kind) {
    case OPERAND__: break;
    case OPERAND_D: case OPERAND_R: case OPERAND_X: case OPERAND_W: case OPERAND_F: {
        uint32_t reg = value & REG;
        if (reg >> 30)
            fail_operand(u);
        e->low[field] = (uint16_t)((reg & OPERAND_INDEX) | (value & FLAG && (kind == OPERAND_D || kind == OPERAND_R || kind == OPERAND_W) ? OPERAND_FLAG : 0));
        e->high[field] = (uint16_t)(reg >> 15);
        if (reg >> 15 >> 16)
            fail_operand(u);
        e->wide |= e->high[field] != 0;
        break;
    }
    case OPERAND_I:
        e->low[field] = (uint16_t)value;
        e->high[field] = (uint16_t)(value >> 16);
        if (e->wide || (int32_t)value != (int16_t)value)
            e->wide = true;
        break;
    default:
        e->low[field] = (uint16_t)value;
        e->high[field] = (uint16_t)(value >> 16);
        e->wide |= e->high[field] != 0;
    }
}

static Encoded encode(Unit *u, const Insn *i, int32_t offset)
{
    const OpInfo *info = &op_info[i->op];
    Encoded e = {.op = i->op};
    uint32_t jump = i->label >= 0 ? jump_field(i->op) : 0;
    put(u, &e, 0, info->a, i->a);
    if (info->b == OPERAND_K32 || info->b == OPERAND_I32 || info->b == OPERAND_J32) {
        uint32_t v = jump == 1 ? (uint32_t)offset : i->b;
        e.low[1] = (uint16_t)v;
        e.low[2] = (uint16_t)(v >> 16);
        return e;
    }
    put(u, &e, 1, info->b, i->b);
    if (jump == 2) {
        e.low[2] = (uint16_t)offset;
        e.high[2] = (uint16_t)((uint32_t)offset >> 16);
        if (offset != (int16_t)offset)
            e.wide = true;
    } else
        put(u, &e, 2, info->c, i->c);
    return e;
}

void assemble(Unit *u)
{
    Front *f = u->f;
    size_t n = u->code.n;
    // What is left behind a label at the very end needs an instruction to stand before.
    if (!n || u->reachable) {
        u->reachable = true;
        emit(u, OP_RETURNC, (uint32_t)value_bits(NONE), 1, 0);
        n = u->code.n;
    } else
        for (size_t i = 0; i < u->labels.n; i++)
            if (u->labels.at[i].reached && u->labels.at[i].at == (int32_t)n) {
                u->reachable = true;
                emit(u, OP_RETURNC, (uint32_t)value_bits(NONE), 1, 0);
                n = u->code.n;
                break;
            }
    uint32_t *start = NEW_N(f, uint32_t, n + 1);
    bool *wide = NEW_N(f, bool, n + 1);
    // Sizes only grow: repeat until none does.
    for (bool again = true; again;) {
        again = false;
        uint32_t at = 0;
        for (size_t i = 0; i < n; i++) {
            start[i] = at;
            at += wide[i] ? 2 : 1;
        }
        start[n] = at;
        for (size_t i = 0; i < n; i++) {
            const Insn *in = &u->code.at[i];
            int32_t offset = in->label >= 0 ? (int32_t)start[u->labels.at[in->label].at] - (int32_t)start[i + 1] : 0;
            if (!wide[i] && encode(u, in, offset).wide)
                wide[i] = again = true;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const Insn *in = &u->code.at[i];
        int32_t offset = in->label >= 0 ? (int32_t)start[u->labels.at[in->label].at] - (int32_t)start[i + 1] : 0;
        Encoded e = encode(u, in, offset);
        Position p = {in->pos.line, in->pos.end_line, in->pos.col, in->pos.end_col};
        if (wide[i]) {
            PUSH(f, &u->words, ((Ins){.op = OP_WIDE, .a = e.high[0], .b = e.high[1], .c = e.high[2]}));
            PUSH(f, &u->positions, p);
        }
        PUSH(f, &u->words, ((Ins){.op = e.op, .a = e.low[0], .b = e.low[1], .c = e.low[2]}));
        PUSH(f, &u->positions, p);
    }
    for (size_t i = 0; i < u->inlined.n; i++) {
        const Inline *v = &u->inlined.at[i];
        PUSH(f, &u->inline_variables, ((InlineVariable){start[v->start], start[v->end], v->reg, v->symbol->scope == NAME_CELL}));
        PUSH(f, &u->inline_names, v->symbol->name);
    }
    // One row for each run of instructions with the same innermost handler: rows never overlap.
    for (size_t i = 0; i < n;) {
        int32_t h = u->code.at[i].handler;
        size_t j = i + 1;
        while (j < n && u->code.at[j].handler == h)
            j++;
        if (h >= 0) {
            const Catch *handler = &u->handlers.at[h];
            int32_t target = u->labels.at[handler->label].at;
            if (target >= 0)
                PUSH(f, &u->rows, ((ExceptionRow){start[i], start[j], start[target], handler->depth, handler->exc}));
        }
        i = j;
    }
}
