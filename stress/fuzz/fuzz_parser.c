// libFuzzer target: source text through lexer, parser, symbol table and compiler. Nothing may crash, whatever the bytes.
//   clang-19 -fsanitize=fuzzer,address,undefined ... src/*.c (without main and the runtime's users) stress/fuzz/fuzz_parser.c
// The first byte chooses the mode.
#include "runtime/code.h"
#include "src/compile.h"
#include "src/fold.h"
#include "src/parse.h"
#include <stdlib.h>

#ifdef FUZZ_ALONE
const OpInfo op_info[OP_COUNT] = {
#define OP(name, a, b, c, effects, meaning) [OP_##name] = {#name, OPERAND_##a, OPERAND_##b, OPERAND_##c, effects, meaning},
#include "runtime/ops/ops.def"
#undef OP
};
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ParseMode modes[] = {PARSE_MODULE, PARSE_MODULE, PARSE_INTERACTIVE, PARSE_EVAL, PARSE_FUNC_TYPE};
    if (!size || size > 1 << 16)
        return 0;
    Front *f = malloc(sizeof *f);
    BailFrame frame;
    if (!f)
        return 0;
    front_init(f, "<fuzz>", data[0] & 32 ? FRONT_ALLOW_INCOMPLETE : data[0] & 64 ? FRONT_DONT_IMPLY_DEDENT : 0);
    ParseMode mode = modes[(data[0] & 31) % 5];
    if (FRONT_TRY(f, frame)) {
        source_decode(f, (const char *)data + 1, size - 1);
        Node *tree = parse_source(f, mode);
        if (mode != PARSE_FUNC_TYPE) {
            symtable_build(f, tree);
            tree = fold_tree(f, tree);
            compile_tree(f, tree, data[0] >> 7 ? 2 : 0);
        }
        FRONT_END(f, frame);
    } else
        FRONT_END(f, frame);
    front_free(f);
    free(f);
    return 0;
}
