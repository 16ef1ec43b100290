// The disassembler (--dump=bytecode): derived from ops.def.
#include <stdio.h>
#include "runtime/abstract.h"
#include "runtime/code.h"
#include "runtime/error.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

const OpInfo op_info[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) {#name, OPERAND_##a, OPERAND_##b, OPERAND_##c, effects, meaning},
#include "runtime/ops/ops.def"
#undef OP
};

static void print_register(FILE *out, const Code *code, uint32_t word, uint32_t high) {
    uint32_t index = (word & OPERAND_INDEX) | high << 15;
    Tuple *names = value_tuple(code->varnames);
    if (index < code->data->nlocals && index < (uint64_t)names->length) fprintf(out, "%s", (const char *)str_data(value_str(tuple_item(names, index))));
    else fprintf(out, "r%u", index);
    if (word & OPERAND_FLAG) fputc('!', out);
}

static void print_constant(FILE *out, const Code *code, uint32_t index) {
    Thread *t = (Thread *)thread_current();
    if (index >= code->nconstants) {
        fprintf(out, "k%u?", index);
        return;
    }
    ValueRef v = code->data->constants[index];
    if (value_is(v, CODE)) {
        fprintf(out, "<code %s>", (const char *)str_data(value_str(value_code(v)->qualname)));
        return;
    }
    Value text = object_repr(t, v);
    if (text) fprintf(out, "%s", (const char *)str_data(value_str(text)));
    else error_clear(t);
    value_release(t, text);
}

static void print_operand(FILE *out, const Code *code, int kind, uint32_t word, uint32_t high, uint32_t both, uint32_t at, bool *first) {
    if (kind == OPERAND__) return;
    fputs(*first ? " " : ", ", out);
    *first = false;
    switch (kind) {
    case OPERAND_D: case OPERAND_R: case OPERAND_X: case OPERAND_W: case OPERAND_F: print_register(out, code, word, high); break;
    case OPERAND_K: case OPERAND_N: print_constant(out, code, word | high << 16); break;
    case OPERAND_K32: print_constant(out, code, both); break;
    case OPERAND_I32: fprintf(out, "%d", (int32_t)both); break;
    case OPERAND_J32: fprintf(out, "-> %u", at + 1 + both); break;
    case OPERAND_J: fprintf(out, "-> %u", at + 1 + (uint32_t)(high ? (int32_t)(word | high << 16) : (int32_t)(int16_t)word)); break;
    case OPERAND_I: fprintf(out, "%d", high ? (int32_t)(word | high << 16) : (int16_t)word); break;
    default: fprintf(out, "%u", word | high << 16); break;
    }
}

void code_dump(const Code *code, void *file, bool recursive) {
    FILE *out = file;
    fprintf(out, "code %s: %u registers, %u locals, %u arguments, flags %#x\n", (const char *)str_data(value_str(code->qualname)), code->data->nregs,
            code->data->nlocals, code->data->argcount, code->data->flags);
    int32_t line = -2;
    Ins wide = {0};
    for (uint32_t i = 0; i < code->ninstructions; i++) {
        Ins ins = code->data->instructions[i];
        Position p = code_position(code, i);
        if (p.line != line) fprintf(out, "%5d ", line = p.line);
        else fprintf(out, "      ");
        if (ins.op >= OP_COUNT) {
            fprintf(out, "%4u ?%u\n", i, ins.op);
            continue;
        }
        const OpInfo *info = &op_info[ins.op];
        fprintf(out, "%4u %-18s", i, info->name);
        uint32_t both = (uint32_t)(ins.word >> 32);
        bool first = true;
        print_operand(out, code, info->a, ins.a, wide.a, 0, i, &first);
        print_operand(out, code, info->b, ins.b, wide.b, both, i, &first);
        print_operand(out, code, info->c, ins.c, wide.c, both, i, &first);
        fputc('\n', out);
        wide = ins.op == OP_WIDE ? ins : (Ins){0};
    }
    for (uint32_t i = 0; i < code->nexceptions; i++) {
        const ExceptionRow *row = &code->exceptions[i];
        fprintf(out, "      %u .. %u -> %u, registers from r%u, exception in r%u\n", row->start, row->end, row->target, row->depth, row->exc);
    }
    for (uint32_t i = 0; recursive && i < code->nconstants; i++)
        if (value_is(code->data->constants[i], CODE)) code_dump(value_code(code->data->constants[i]), out, true);
}
