// Code objects: instructions, inline cells, constants and tables. Made by the front end through code_new, immutable but for
// quickened ops and inline cells. Format: ops/BYTECODE.md.
#pragma once
#include "runtime/object.h"

// An instruction is read as one word. Only `op` is rewritten (relaxed compare-and-swap from the op that was read).
union Ins {
    uint64_t word;
    struct { uint16_t op, a, b, c; };
};
typedef union Ins Ins;
_Static_assert(sizeof(Ins) == 8, "an instruction is one word");
enum { OPERAND_FLAG = 0x8000, OPERAND_INDEX = 0x7fff, LAST = OPERAND_FLAG, HOLDS = OPERAND_FLAG, BARE = OPERAND_FLAG };

// Operand `field` (0 to 2: a, b, c) of an instruction that is not its code's first, with what a WIDE before it adds: a register
// without its flag, or a number.
static inline bool ins_is_wide(const Ins *at);
static inline uint16_t ins_field(const Ins *at, int field) { return (uint16_t)(at->word >> (16 + 16 * field)); }
static inline uint32_t ins_register(const Ins *at, int field) { return (uint32_t)(ins_field(at, field) & OPERAND_INDEX) | (ins_is_wide(at) ? (uint32_t)ins_field(at - 1, field) << 15 : 0); }
static inline uint32_t ins_number(const Ins *at, int field) { return (uint32_t)ins_field(at, field) | (ins_is_wide(at) ? (uint32_t)ins_field(at - 1, field) << 16 : 0); }

enum {
#define OP(name, a, b, c, effects, meaning) OP_##name,
#include "runtime/ops/ops.def"
#undef OP
    OP_COUNT
};
static inline bool ins_is_wide(const Ins *at) { return __atomic_load_n(&at[-1].op, __ATOMIC_RELAXED) == OP_WIDE; }
enum OpEffects { RAISES = 1, RUNS = 2, JUMPS = 4, ENDS = 8, CACHE = 16, HOT = 32 };
enum OperandKind { OPERAND__, OPERAND_D, OPERAND_R, OPERAND_X, OPERAND_W, OPERAND_F, OPERAND_K, OPERAND_N, OPERAND_I, OPERAND_U, OPERAND_J, OPERAND_K32, OPERAND_I32, OPERAND_J32 };
typedef struct OpInfo { const char *name; uint8_t a, b, c; uint8_t effects; const char *meaning; } OpInfo;
extern const OpInfo op_info[OP_COUNT];

enum Intrinsic {
#define INTRINSIC(name, operands, meaning) INTRINSIC_##name,
#include "runtime/ops/intrinsics.def"
#undef INTRINSIC
    INTRINSIC_COUNT
};
enum FunctionPart { FUNCTION_DEFAULTS, FUNCTION_KWDEFAULTS, FUNCTION_CLOSURE, FUNCTION_ANNOTATE, FUNCTION_ANNOTATIONS };
enum SpecialMethod { SPECIAL_ENTER, SPECIAL_EXIT, SPECIAL_AENTER, SPECIAL_AEXIT };
enum CommonObject { COMMON_ASSERTION_ERROR, COMMON_NOT_IMPLEMENTED_ERROR, COMMON_TUPLE, COMMON_ALL, COMMON_ANY, COMMON_LIST, COMMON_SET };

enum { FRAME_HEADER = 6, CALL_SELF = 6, CALL_ARGS = 7 }; // words of a frame header; of a call window (BYTECODE.md)

enum CodeFlags { // values as users see them in co_flags (inspect module)
    CO_OPTIMIZED = 1, CO_NEWLOCALS = 2, CO_VARARGS = 4, CO_VARKEYWORDS = 8, CO_NESTED = 16, CO_GENERATOR = 32, CO_COROUTINE = 128,
    CO_ITERABLE_COROUTINE = 256, CO_ASYNC_GENERATOR = 512, CO_FUTURE_ANNOTATIONS = 0x1000000, CO_HAS_DOCSTRING = 0x4000000, CO_METHOD = 0x8000000,
};
typedef struct ExceptionRow { uint32_t start, end, target; uint32_t depth, exc; } ExceptionRow;
// A variable of a comprehension that is compiled into the code around it: in instructions [start, end) register `reg` holds it, or its
// cell. Of rows with one name the last one that covers the instruction is the innermost.
typedef struct InlineVariable { uint32_t start, end, reg, is_cell; } InlineVariable;
// Position of each instruction: line 1.., columns are UTF-8 byte offsets from 0, -1 where there is none.
typedef struct Position { int32_t line, end_line, column, end_column; } Position;

// Everything a code object is made of. Arrays are copied; Values are borrowed.
typedef struct CodeSpec {
    const Ins *instructions;
    const Position *positions;      // one for each instruction; or NULL, and the compact form of another code object (copied):
    const uint8_t *compact_positions;
    size_t compact_bytes;
    uint32_t ninstructions;
    const ValueRef *constants;
    uint32_t nconstants;
    const ExceptionRow *exceptions;
    uint32_t nexceptions;
    uint32_t nregs;                 // registers, windows included
    uint32_t argcount, posonlyargcount, kwonlyargcount; // argcount includes positional-only ones
    uint32_t flags;                 // enum CodeFlags
    uint32_t nlocals;               // registers of locals
    ValueRef varnames;              // tuple of str: the locals in order of their registers (cell variables stand there too)
    ValueRef cellvars, freevars;    // tuples of str
    const InlineVariable *inline_variables;
    uint32_t ninline;
    ValueRef inline_names;          // tuple of str: the names of inline_variables; or UNDEF where there are none
    ValueRef names;                 // tuple of str: co_names
    ValueRef consts;                // tuple: what co_consts shows
    ValueRef name, qualname, filename;
    int32_t firstlineno;
} CodeSpec;

// What the running code needs at hand; frame headers point here (as a mark). Constants follow the struct.
#define CODE_NEVER_EXACT UINT32_MAX
struct CodeData {
    const Ins *instructions;
    int64_t cell_delta;             // (char *)cell - (char *)instruction, the same for every instruction
    _Atomic(void *) entry;          // (ra) OpHandler * (interp/operations.h): enters a new frame of it, at its first instruction
    _Atomic(struct NativeCode *) native; // (ra) tier.h; NULL: not compiled
    uint32_t nregs, nlocals;
    uint32_t argcount;              // positional parameters
    uint32_t flags;
    uint32_t exact;                 // a call with so many arguments fits as it is: argcount; CODE_NEVER_EXACT with *args, **kwargs or keyword-only ones
    _Atomic uint32_t heat;          // (x) how often it was found running; a tier's own count
    struct Code *code;
    _Atomic uint64_t *cells;        // one for each instruction
    struct NativeCode *compiled;    // (one compiler at a time, or a stop) all that was made of it, newest first
    Value constants[];
};
typedef struct CodeData CodeData;
typedef struct Code {
    Container c;
    CodeData *data;
    uint32_t ninstructions, nconstants, nexceptions, positions_bytes, ninline;
    uint32_t posonlyargcount, kwonlyargcount;
    int32_t firstlineno;
    ExceptionRow *exceptions;
    InlineVariable *inline_variables;
    uint64_t *cell_registers;       // bits: registers of locals that hold cells
    struct TraceTable *traced;      // interp/trace.h; NULL: never traced
    bool complete;                  // code_new is done with it
    uint8_t *positions;             // compact form
    // varnames: of the registers; shown_varnames: co_varnames, which lists no cell but a parameter's, and what is inline
    Value varnames, inline_names, shown_varnames, cellvars, freevars, names, consts, name, qualname, filename;
} Code;
static inline Code *value_code(ValueRef v) { return (Code *)value_object(v); }
Value code_new(Thread *t, const CodeSpec *spec); // verified in the checking build; publishes its constants (DESIGN 3)
// Could running this code break the runtime (read what is not there, leave an array, take one kind of object for another)? NULL, or
// why, in words that last, and about where. For code whose bytes come from outside; the checking build asks it of the compiler's code too.
const char *code_verify(const CodeSpec *spec, uint32_t *at);
Position code_position(const Code *code, uint32_t instruction);
// What Python sees counts bytes of co_code, and its first unit of two bytes as the entry (CPython has an instruction for it), where a frame stands
// when its call is told: the offset of an instruction.
enum { ENTRY_UNITS = 1 };
static inline uint64_t code_offset(uint32_t instruction) { return instruction ? instruction * (uint64_t)sizeof(Ins) : 2 * ENTRY_UNITS; }
// The line of an instruction by the compact form of n positions, which is valid: -1 where there is none.
int32_t code_line(const uint8_t *compact, size_t bytes, int32_t first_line, uint32_t instruction, uint32_t n);
void code_lines_all(const Code *code, int32_t *lines); // the line of each instruction, -1: none
// Instruction i as it was compiled, whatever it has been quickened to.
Ins code_plain_instruction(const Code *code, uint32_t i);
// Where the jump of an instruction (with its own operation, at index) leads, by its own 16 or 32 bits; -1: it does not jump.
static inline int64_t ins_jump_target(Ins plain, uint32_t index) {
    const OpInfo *info = &op_info[plain.op];
    if (info->b == OPERAND_J32) return (int64_t)index + 1 + (int32_t)(plain.b | (uint32_t)plain.c << 16);
    return info->c == OPERAND_J ? (int64_t)index + 1 + (int16_t)plain.c : -1;
}
// The same for what decides which way a program goes on, as its text says: an if, a loop's test or end.
static inline int64_t code_branch_target(Ins plain, uint32_t index) {
    bool decides = op_info[plain.op].effects & JUMPS && !(op_info[plain.op].effects & ENDS) && plain.op != OP_SEND && plain.op != OP_J_UNDEF && plain.op != OP_END_ASYNC_FOR;
    return decides ? ins_jump_target(plain, index) : -1;
}
// How many of the first registers are parameters.
static inline uint32_t code_parameters(const Code *code) {
    return code->data->argcount + code->kwonlyargcount + !!(code->data->flags & CO_VARARGS) + !!(code->data->flags & CO_VARKEYWORDS);
}
static inline bool code_register_is_cell(const Code *code, uint32_t reg) { return code->cell_registers[reg / 64] >> reg % 64 & 1; }
// Is this the compact form of n positions, to the last byte?
bool code_positions_valid(const uint8_t *compact, size_t bytes, uint32_t n);
void code_dump(const Code *code, void *file, bool recursive); // --dump=bytecode, in runtime/interp/disasm.c
