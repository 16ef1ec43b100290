// Is a code object safe to run, whoever made its bytes? Follows every path through the instructions and keeps what each register
// may hold, by the operand kinds of ops/ops.def and the rules of ops/BYTECODE.md. What passes reads no register that holds
// nothing, leaves no array, jumps to starts of instructions only, and gives list operations lists, cell operations cells and so on.
#include <stdlib.h>
#include "runtime/code.h"
#include "runtime/interp/frame.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

// What a register may hold at one place: a set of kinds in the low half. The high half is a count that goes with OPEN, CELLS and
// NAMES, MANY where paths disagree on it.
typedef uint32_t State;
enum {
    UNSET = 1,       // UNDEF
    DEAD = 2,        // no reference: UNDEF, or an immediate, or a mark, that something left behind. Never read
    ANY = 4,         // a value of no known kind
    CELL_KIND = 8,
    FUNCTION_KIND = 16, // made by MAKE_FUNCTION, its closure in place
    OPEN = 32,       // the same without the closure of (count) cells that its code needs: may go nowhere yet
    LIST_KIND = 64,
    SET_KIND = 128,
    DICT_KIND = 256,
    TUPLE_KIND = 512,
    CELLS = 1024,    // tuple of (count) cells
    NAMES = 2048,    // tuple of (count) exact strs
    STR_KIND = 4096,
    EXC = 8192,      // exception object
    NOTHING = 16384, // None
    PARAM = 32768,   // type parameter
    KINDS = 0xffff, EMPTY = UNSET | DEAD, ANY_TUPLE = TUPLE_KIND | CELLS | NAMES,
};
enum { MANY = 0xffff, STARTS = 1, LEADS = 2, WORK_MAX = 1 << 26 };

typedef struct Decoded {
    uint16_t op;
    bool wide;
    uint32_t v[3];      // registers without their flags, numbers, constants
    bool flag[3];
    int64_t target;     // of a jump, else -1
    uint32_t at, next;  // the instruction's own word (behind its prefix), and the one after it
} Decoded;

typedef struct Verifier {
    const CodeSpec *spec;
    uint32_t n, nregs, nlocals, nfree;
    const char *why;
    uint32_t at;         // the instruction that is looked at
    uint8_t *marks;      // of each instruction: STARTS, LEADS (a jump or a handler leads there)
    uint32_t *row_of;    // 1 + the exception row of each, or 0
    uint32_t *saved_at;  // 1 + place in `saved` of each that LEADS
    State *saved;        // nregs + 1 states for each leader. The last says whether the frame is a generator's by now (ANY) or not (UNSET)
    uint8_t *waiting;    // of each leader: reached, and to be looked at (again)
    uint32_t *work, todo;
    State *now, *before;
    uint32_t *inline_at, *inline_registers; // of instruction i, from inline_at[i] to inline_at[i + 1]: registers of variables (no cells) that f_locals sets
} Verifier;

static bool fail(Verifier *v, const char *why) {
    if (!v->why) v->why = why;
    return false;
}
#define NEED(condition, text) do { if (!(condition)) return fail(v, text); } while (0)

static State with_count(State kind, int64_t count) { return kind | (State)(count < MANY ? count : MANY) << 16; }
static bool only(State s, State kinds) { return s & KINDS && !(s & KINDS & ~kinds); }
static bool is_value(State s) { return only(s, KINDS & ~(EMPTY | OPEN)); }
static State join(State a, State b) {
    if (!(a & KINDS)) return b;
    if (!(b & KINDS)) return a;
    return ((a | b) & KINDS) | (a >> 16 == b >> 16 ? a >> 16 << 16 : (State)MANY << 16);
}

// ---- one instruction
static bool is_register(uint8_t kind) { return kind == OPERAND_D || kind == OPERAND_R || kind == OPERAND_X || kind == OPERAND_W || kind == OPERAND_F; }

static Decoded decode(const Ins *code, uint32_t at) {
    Ins high = {.word = 0}, low = code[at];
    bool wide = low.op == OP_WIDE;
    if (wide) high = low, low = code[++at];
    Decoded d = {.op = low.op, .wide = wide, .at = at, .next = at + 1, .target = -1};
    const OpInfo *info = &op_info[low.op];
    const uint8_t kinds[3] = {info->a, info->b, info->c};
    uint32_t both = low.b | (uint32_t)low.c << 16;
    for (int k = 0; k < 3; k++) {
        uint16_t l = (uint16_t)(low.word >> (16 + 16 * k)), h = (uint16_t)(high.word >> (16 + 16 * k));
        bool reg = is_register(kinds[k]);
        d.v[k] = reg ? (uint32_t)(l & OPERAND_INDEX) | (uint32_t)h << 15 : l | (uint32_t)h << 16;
        d.flag[k] = (kinds[k] == OPERAND_D || kinds[k] == OPERAND_R || kinds[k] == OPERAND_W) && l & OPERAND_FLAG;
        if (kinds[k] == OPERAND_J) d.target = (int64_t)d.next + (wide ? (int32_t)d.v[k] : (int16_t)l);
        if (kinds[k] == OPERAND_J32) d.target = (int64_t)d.next + (int32_t)both;
        if (kinds[k] == OPERAND_K32 || kinds[k] == OPERAND_I32) d.v[k] = both;
    }
    return d;
}

static const uint8_t intrinsic_operands[] = {
#define INTRINSIC(name, operands, meaning) operands,
#include "runtime/ops/intrinsics.def"
#undef INTRINSIC
};

// How many registers an operand of kind F or W stands for.
static uint64_t span(const Decoded *d) {
    switch (d->op) {
    case OP_BUILD_TUPLE: case OP_BUILD_LIST: case OP_BUILD_SET: case OP_BUILD_STRING: case OP_BUILD_SLICE: case OP_UNPACK: return d->v[2];
    case OP_BUILD_DICT: return 2ull * d->v[2];
    case OP_UNPACK_EX: return (uint64_t)(d->v[2] & 255) + (d->v[2] >> 8) + 1;
    case OP_BUILD_INTERPOLATION: return 4;
    case OP_BUILD_TEMPLATE: case OP_IMPORT_NAME: return 2;
    case OP_LOAD_SUPER_ATTR: case OP_LOAD_SUPER_METHOD: case OP_CALL_EX: case OP_EXC_TRIPLE: case OP_MATCH_CLASS: return 3;
    case OP_LOAD_METHOD: case OP_LOAD_SPECIAL: return CALL_ARGS;
    case OP_CALL: return (uint64_t)CALL_ARGS + d->v[2];
    case OP_CALL_KW: return (uint64_t)CALL_ARGS + d->v[2] + 1;
    case OP_RAISE: return d->v[1];
    case OP_INTRINSIC: return d->v[2] < INTRINSIC_COUNT ? intrinsic_operands[d->v[2]] : UINT32_MAX;
    default: return UINT32_MAX;
    }
}

// Operands that lead out of the code's arrays, whatever the registers hold.
static bool check_operands(Verifier *v, const Decoded *d) {
    const OpInfo *info = &op_info[d->op];
    const uint8_t kinds[3] = {info->a, info->b, info->c};
    for (int k = 0; k < 3; k++) {
        uint8_t kind = kinds[k];
        if (is_register(kind)) {
            NEED(d->v[k] < v->nregs, "a register out of range");
            // LOAD_SUPER_METHOD has both a window and operands.
            uint64_t n = kind == OPERAND_W && d->op == OP_LOAD_SUPER_METHOD ? CALL_ARGS : kind == OPERAND_W || kind == OPERAND_F ? span(d) : 1;
            NEED(d->v[k] + n <= v->nregs, "registers out of range");
        } else if (kind == OPERAND_K || kind == OPERAND_K32 || kind == OPERAND_N) {
            NEED(d->v[k] < v->spec->nconstants && v->spec->constants[d->v[k]], "a constant out of range");
            ValueRef name = v->spec->constants[d->v[k]];
            NEED(kind != OPERAND_N || (value_is(name, STR) && str_is_interned(value_str(name))), "a name that is no interned str");
        }
    }
    return true;
}

static State constant_state(ValueRef constant) {
    if (constant == NONE) return NOTHING;
    if (value_is(constant, STR)) return STR_KIND;
    if (!value_is(constant, TUPLE)) return ANY;
    const Tuple *tuple = value_tuple(constant);
    for (int64_t i = 0; i < tuple->length; i++)
        if (!value_is(tuple_item(tuple, i), STR)) return TUPLE_KIND;
    return with_count(NAMES, tuple->length);
}

// ---- what instructions do to registers
// A local is seen and set from outside (f_locals): only what it is to the interpreter is known of it, a cell or a value. What is set
// goes into the cell where MAKE_CELL has made one; a cell that came otherwise is a value like others.
static State as_held(const Verifier *v, uint32_t r, State s) {
    return r >= v->nlocals ? s : (s & (EMPTY | CELL_KIND)) | (s & KINDS & ~(EMPTY | CELL_KIND) ? ANY : 0);
}
static State as_stored(const Verifier *v, uint32_t r, State s) { return r >= v->nlocals ? s : (s & EMPTY) | (s & KINDS & ~EMPTY ? ANY : 0); }
static bool take(Verifier *v, uint32_t r, bool last, State kinds, const char *why) {
    NEED(only(v->now[r], kinds), why);
    if (last) v->now[r] = DEAD;
    return true;
}
static bool put(Verifier *v, uint32_t r, bool holds, State s) {
    NEED(holds || only(v->now[r], EMPTY), "a value is overwritten");
    NEED(r >= v->nlocals || !(s & OPEN), "a function without its closure gets away");
    v->now[r] = as_stored(v, r, s);
    return true;
}
static const State VALUE = KINDS & ~(EMPTY | OPEN);
#define TAKE(k, kinds, text) do { if (!take(v, d->v[k], d->flag[k], kinds, text)) return false; } while (0)
#define TAKE_VALUE(k) TAKE(k, VALUE, "an operand holds nothing")
#define TAKE_AT(r, kinds, text) do { if (!take(v, r, true, kinds, text)) return false; } while (0)
#define PUT(s) return put(v, d->v[0], d->flag[0], s)

static bool take_span(Verifier *v, const Decoded *d, int k, State kinds) {
    for (uint64_t i = 0, n = span(d); i < n; i++) TAKE_AT(d->v[k] + (uint32_t)i, kinds, "an operand holds nothing, or the wrong thing");
    return true;
}
// Several results: in temporaries that hold nothing.
static bool put_span(Verifier *v, uint32_t first, uint64_t n, State s) {
    NEED(first >= v->nlocals, "results go to temporaries");
    for (uint64_t i = 0; i < n; i++)
        if (!put(v, first + (uint32_t)i, false, s)) return false;
    return true;
}
static bool put_window(Verifier *v, uint32_t w) {
    return put_span(v, w, 1, ANY) && put_span(v, w + CALL_SELF, 1, ANY | UNSET);
}

// A call: everything from its window on belongs to the callee.
static bool call(Verifier *v, const Decoded *d) {
    uint32_t w = d->v[1], n = d->v[2];
    NEED(w >= v->nlocals, "a call window among the locals");
    TAKE_AT(w, VALUE, "a call of nothing");
    TAKE_AT(w + CALL_SELF, d->flag[1] ? EMPTY : VALUE | UNSET, "no self in a call window, or one too many");
    for (uint32_t i = 0; i < n; i++) TAKE_AT(w + CALL_ARGS + i, VALUE, "an argument holds nothing");
    if (d->op == OP_CALL_KW) {
        State names = v->now[w + CALL_ARGS + n];
        NEED(only(names, NAMES) && names >> 16 != MANY && names >> 16 <= n, "the keywords of a call");
        v->now[w + CALL_ARGS + n] = DEAD;
    }
    for (uint32_t r = w; r < v->nregs; r++) {
        NEED(only(v->now[r], EMPTY), "a value lives above a call window");
        v->now[r] = DEAD;
    }
    PUT(ANY);
}

static bool make_function(Verifier *v, const Decoded *d) {
    ValueRef code = v->spec->constants[d->v[1]];
    NEED(value_is(code, CODE), "a function of what is no code");
    int64_t n = value_tuple(value_code(code)->freevars)->length;
    NEED(n < MANY, "too many free variables");
    PUT(n ? with_count(OPEN, n) : FUNCTION_KIND);
}

static bool set_function(Verifier *v, const Decoded *d) {
    State *function = &v->now[d->v[0]], part = v->now[d->v[1]];
    NEED(only(*function, FUNCTION_KIND | OPEN), "a part of what is no function");
    State wanted[] = {[FUNCTION_DEFAULTS] = VALUE, [FUNCTION_KWDEFAULTS] = VALUE, [FUNCTION_CLOSURE] = CELLS, [FUNCTION_ANNOTATE] = VALUE, [FUNCTION_ANNOTATIONS] = VALUE};
    NEED(d->v[2] < sizeof wanted / sizeof *wanted, "an unknown part of a function");
    TAKE(1, wanted[d->v[2]], "a function's part is of the wrong kind");
    if (d->v[2] != FUNCTION_CLOSURE) return true;
    NEED(only(*function, OPEN) && *function >> 16 == part >> 16 && part >> 16 != MANY, "a closure of the wrong size");
    *function = FUNCTION_KIND;
    return true;
}

static bool intrinsic(Verifier *v, const Decoded *d) {
    static const struct { State operands[3], result; } kinds[INTRINSIC_COUNT] = {
        [INTRINSIC_PRINT_EXPR] = {{VALUE}, ANY},
        [INTRINSIC_STOP_ITERATION_ERROR] = {{EXC}, EXC},
        [INTRINSIC_PREP_RERAISE_STAR] = {{EXC, LIST_KIND}, EXC | NOTHING},
        [INTRINSIC_TYPEVAR] = {{STR_KIND}, PARAM},
        [INTRINSIC_TYPEVAR_BOUND] = {{STR_KIND, VALUE}, PARAM},
        [INTRINSIC_TYPEVAR_CONSTRAINTS] = {{STR_KIND, VALUE}, PARAM},
        [INTRINSIC_PARAMSPEC] = {{STR_KIND}, PARAM},
        [INTRINSIC_TYPEVARTUPLE] = {{STR_KIND}, PARAM},
        [INTRINSIC_SUBSCRIPT_GENERIC] = {{VALUE}, ANY},
        [INTRINSIC_TYPEALIAS] = {{STR_KIND, VALUE, VALUE}, ANY},
        [INTRINSIC_SET_FUNCTION_TYPE_PARAMS] = {{FUNCTION_KIND, VALUE}, FUNCTION_KIND},
        [INTRINSIC_SET_TYPEPARAM_DEFAULT] = {{PARAM, VALUE}, PARAM},
        [INTRINSIC_ASSERTION_FAILED] = {{VALUE | UNSET}, EXC},
    };
    uint32_t which = d->v[2];
    for (uint32_t i = 0; i < intrinsic_operands[which]; i++)
        TAKE_AT(d->v[1] + i, kinds[which].operands[i], op_info[OP_INTRINSIC].name);
    PUT(kinds[which].result);
}

// YIELD: generator_throw finds what is delegated to, and how to go on, from here.
static bool yield(Verifier *v, const Decoded *d) {
    NEED(v->now[v->nregs] == ANY, "a yield outside of a generator");
    TAKE_VALUE(1);
    if (!put(v, d->v[0], d->flag[0], ANY)) return false;
    if (!d->v[2]) return true;
    NEED(d->v[2] - 1 < v->nregs && is_value(v->now[d->v[2] - 1]), "nothing to delegate to");
    NEED(d->next < v->n && v->spec->instructions[d->next].op == OP_JLOOP, "a delegating yield does not go back");
    Decoded back = decode(v->spec->instructions, d->next);
    NEED(back.target >= 0 && back.target < v->n && v->marks[back.target] & STARTS, "a jump out of the code");
    Decoded send = decode(v->spec->instructions, (uint32_t)back.target);
    NEED(send.op == OP_SEND && send.v[0] == d->v[0], "a delegating yield does not go back to its send");
    return true;
}

// What a conditional jump tells of one register, where it jumps and where it goes on. `reg` is nregs where it tells nothing.
typedef struct Branch { uint32_t reg; State jumped, fell; } Branch;

static bool is_word_of_constant(uint64_t word) {
    return word == value_bits(NONE) || word == value_bits(TRUE_VALUE) || word == value_bits(FALSE_VALUE) || word == value_bits(ELLIPSIS) || word == value_bits(NOT_IMPLEMENTED);
}

static bool generic(Verifier *v, const Decoded *d, State result) {
    const OpInfo *info = &op_info[d->op];
    const uint8_t kinds[3] = {info->a, info->b, info->c};
    for (int k = 0; k < 3; k++) {
        if (kinds[k] == OPERAND_R || kinds[k] == OPERAND_X) TAKE_VALUE(k);
        NEED(kinds[k] != OPERAND_W && kinds[k] != OPERAND_F, "an operation that the verifier does not know");
    }
    if (kinds[0] == OPERAND_D) PUT(result);
    return true;
}

static bool step(Verifier *v, const Decoded *d, Branch *branch) {
    State *now = v->now;
    uint32_t a = d->v[0], b = d->v[1], c = d->v[2];
    bool generator = v->spec->flags & CO_ANY_GENERATOR;
    switch (d->op) {
    // ---- moving values, variables
    case OP_MOVE: {
        State s = now[b];
        TAKE_VALUE(1);
        PUT(s);
    }
    case OP_SWAP: {
        State s = now[a];
        NEED(!((s | now[b]) & OPEN), "a function without its closure gets away");
        now[a] = as_stored(v, a, now[b]);
        now[b] = as_stored(v, b, s);
        return true;
    }
    case OP_LOADK: PUT(constant_state(v->spec->constants[b]));
    case OP_LOADC:
        NEED(!b || is_word_of_constant(b), "an unknown constant");
        PUT(!b ? UNSET : b == value_bits(NONE) ? NOTHING : ANY);
    case OP_LOAD_COMMON:
        NEED(b <= COMMON_SET, "an unknown object");
        PUT(ANY);
    case OP_DROP: now[a] = UNSET; return true;
    case OP_CHECK_BOUND: case OP_DELETE_LOCAL:
        NEED(!(now[a] & (DEAD | OPEN)), "a variable's register holds no variable");
        now[a] = d->op == OP_DELETE_LOCAL ? UNSET : now[a] & ~(State)UNSET & KINDS ? now[a] & ~(State)UNSET : ANY;
        return true;
    case OP_MAKE_CELL:
        NEED(!(now[a] & (DEAD | OPEN)), "a cell of nothing known");
        if (a < v->nlocals) { // what writes to locals from outside goes by the name
            bool named = false;
            const Tuple *cells = value_tuple(v->spec->cellvars), *names = value_tuple(v->spec->varnames); // a namespace's one has no name
            for (int64_t i = 0; a < names->length && i < cells->length; i++) named = named || tuple_item(cells, i) == tuple_item(names, a);
            NEED(named, "a cell that is no cell variable");
        }
        now[a] = CELL_KIND;
        return true;
    case OP_LOAD_CELL: TAKE(1, CELL_KIND, "a cell operation on what is no cell"); PUT(ANY);
    case OP_STORE_CELL: TAKE(0, CELL_KIND, "a cell operation on what is no cell"); TAKE_VALUE(1); return true;
    case OP_DELETE_CELL: TAKE(0, CELL_KIND, "a cell operation on what is no cell"); return true;
    case OP_LOAD_FREE: case OP_LOAD_FREECELL:
        NEED(b < v->nfree, "a free variable out of range");
        PUT(d->op == OP_LOAD_FREE ? ANY : CELL_KIND);
    case OP_STORE_FREE: case OP_DELETE_FREE:
        NEED(a < v->nfree, "a free variable out of range");
        return generic(v, d, 0);
    case OP_LOAD_DICT_OR_FREE:
        NEED(c < v->nfree, "a free variable out of range");
        return generic(v, d, ANY);
    case OP_LOAD_DICT_OR_CELL:
        NEED(c < value_tuple(v->spec->varnames)->length && only(now[c], CELL_KIND), "a cell operation on what is no cell");
        return generic(v, d, ANY);
    case OP_LOAD_NAME: case OP_STORE_NAME: case OP_DELETE_NAME: case OP_IMPORT_STAR:
        NEED(is_value(now[0]), "no namespace");
        return generic(v, d, ANY);
    case OP_LOAD_LOCALS:
        NEED(v->spec->flags & CO_OPTIMIZED || is_value(now[0]), "no namespace");
        PUT(ANY);

    // ---- attributes, calls, functions
    case OP_LOAD_METHOD: case OP_LOAD_SPECIAL:
        NEED(b != a && b != a + CALL_SELF, "a method's object stands in its window");
        NEED(d->op == OP_LOAD_METHOD || c <= SPECIAL_AEXIT, "an unknown special method");
        TAKE_VALUE(1);
        return put_window(v, a);
    case OP_LOAD_SUPER_METHOD: return take_span(v, d, 1, VALUE) && put_window(v, a);
    case OP_LOAD_SUPER_ATTR:
        if (!take_span(v, d, 1, VALUE)) return false;
        PUT(ANY);
    case OP_CALL: case OP_CALL_KW: return call(v, d);
    case OP_CALL_EX:
        TAKE_AT(b, VALUE, "a call of nothing");
        TAKE_AT(b + 1, ANY_TUPLE, "arguments that are no tuple");
        TAKE_AT(b + 2, DICT_KIND | UNSET, "keywords that are no dict");
        PUT(ANY);
    case OP_RETURN: case OP_RETURNC:
        if (d->op == OP_RETURN) TAKE_VALUE(0);
        else NEED(is_word_of_constant(a), "an unknown constant");
        NEED(now[v->nregs] == (generator ? ANY : UNSET), "a return from a generator that is none yet");
        for (uint32_t r = v->nlocals; r < v->nregs; r++) NEED(only(now[r], EMPTY), "a value lives on behind a return");
        return true;
    case OP_MAKE_FUNCTION: return make_function(v, d);
    case OP_SET_FUNCTION: return set_function(v, d);
    case OP_INTRINSIC: return intrinsic(v, d);
    case OP_IMPORT_NAME:
        if (!take_span(v, d, 1, VALUE)) return false;
        PUT(ANY);
    case OP_ENTER_INIT: case OP_EXIT: return fail(v, "an operation that is not compiled");

    // ---- building
    case OP_BUILD_TUPLE: {
        bool cells = c > 0;
        for (uint32_t i = 0; i < c; i++) cells = cells && only(now[b + i], CELL_KIND);
        if (!take_span(v, d, 1, VALUE)) return false;
        PUT(cells ? with_count(CELLS, c) : TUPLE_KIND);
    }
    case OP_BUILD_LIST: if (!take_span(v, d, 1, VALUE)) return false; PUT(LIST_KIND);
    case OP_BUILD_SET: if (!take_span(v, d, 1, VALUE)) return false; PUT(SET_KIND);
    case OP_BUILD_DICT: if (!take_span(v, d, 1, VALUE)) return false; PUT(DICT_KIND);
    case OP_BUILD_STRING: if (!take_span(v, d, 1, STR_KIND)) return false; PUT(STR_KIND);
    case OP_BUILD_SLICE:
        NEED(c == 2 || c == 3, "a slice of neither two nor three");
        // The operation that uses it up may run as one with this: then nothing is written.
        return take_span(v, d, 1, VALUE) && put_span(v, a, 1, ANY);
    case OP_BUILD_INTERPOLATION: if (!take_span(v, d, 1, VALUE)) return false; PUT(ANY);
    case OP_BUILD_TEMPLATE:
        TAKE_AT(b, NAMES, "a template's strings");
        TAKE_AT(b + 1, ANY_TUPLE, "a template's interpolations");
        PUT(ANY);
    case OP_LIST_APPEND: case OP_LIST_EXTEND:
        TAKE(0, LIST_KIND, "a list operation on what is no list");
        TAKE_VALUE(1);
        return true;
    case OP_SPREAD:
        NEED(is_value(now[c]), "a call of nothing");
        TAKE_VALUE(1);
        PUT(TUPLE_KIND);
    case OP_LIST_TO_TUPLE: TAKE(1, LIST_KIND, "a list operation on what is no list"); PUT(TUPLE_KIND);
    case OP_SET_UPDATE:
        TAKE(0, SET_KIND, "a set operation on what is no set");
        TAKE_VALUE(1);
        return true;
    case OP_DICT_SET: case OP_DICT_UPDATE: case OP_DICT_MERGE:
        NEED(only(now[a], DICT_KIND), "a dict operation on what is no dict");
        return generic(v, d, 0);
    case OP_CONVERT_VALUE:
        NEED(c >= 1 && c <= 3, "an unknown conversion");
        return generic(v, d, STR_KIND);
    case OP_FORMAT_VALUE: case OP_FORMAT_SPEC: return generic(v, d, STR_KIND);
    case OP_UNPACK: case OP_UNPACK_EX: {
        uint64_t n = span(d);
        TAKE_VALUE(1);
        NEED(b < a || b >= a + n, "what is unpacked stands among the targets");
        return put_span(v, a, n, ANY);
    }

    // ---- exceptions
    case OP_RAISE:
        NEED(b <= 2, "an unknown raise");
        return take_span(v, d, 0, VALUE);
    case OP_RERAISE: TAKE(0, EXC, "what is raised again is no exception"); return true;
    case OP_EXC_ENTER: TAKE(1, EXC, "what is handled is no exception"); PUT(EXC | NOTHING);
    case OP_EXC_LEAVE:
        NEED(d->flag[0], "an exception's state is given back twice");
        TAKE(0, EXC | NOTHING, "what was handled is no exception");
        return true;
    case OP_EXC_GROUP_MATCH:
        NEED(only(now[b], EXC | NOTHING), "what is split is no exception");
        TAKE_VALUE(2);
        now[b] = as_held(v, b, EXC | NOTHING);
        return put_span(v, a, 1, EXC | NOTHING);
    case OP_EXC_TRIPLE: TAKE(1, EXC | NOTHING, "the parts of what is no exception"); return put_span(v, a, 3, ANY);
    case OP_END_ASYNC_FOR:
        TAKE(0, EXC, "what is raised again is no exception");
        now[a] = UNSET;
        return true;

    // ---- generators
    case OP_RETURN_GENERATOR:
        NEED(generator && now[v->nregs] == UNSET, "a generator made outside of its beginning");
        now[v->nregs] = ANY;
        return true;
    case OP_YIELD: return yield(v, d);
    case OP_SEND:
        NEED(is_value(now[a]) && is_value(now[b]), "an operand holds nothing");
        NEED(a >= v->nlocals, "what is sent stands in a temporary");
        now[a] = ANY;
        return true;
    case OP_GET_AWAITABLE:
        NEED(c <= 2, "an unknown await");
        return generic(v, d, ANY);

    // ---- matching, jumps that tell something
    case OP_MATCH_KEYS: NEED(only(now[c], ANY_TUPLE), "the keys of a pattern"); return generic(v, d, ANY);
    case OP_MATCH_CLASS:
        NEED(is_value(now[b]), "an operand holds nothing");
        TAKE_AT(b + 1, VALUE, "an operand holds nothing");
        TAKE_AT(b + 2, NAMES, "the names of a class pattern");
        PUT(ANY);
    case OP_FOR_ITER: // where it jumps, the result was not written
        TAKE_VALUE(1);
        *branch = (Branch){a, now[a], ANY};
        if (!put(v, a, d->flag[0], ANY)) return false;
        branch->fell = now[a];
        return true;
    case OP_J_NONE: case OP_J_NOT_NONE: {
        State s = now[a], other = s & ~(State)NOTHING & KINDS ? s & ~(State)NOTHING : s;
        TAKE_VALUE(0);
        State none = s & NOTHING ? NOTHING : s;
        if (!d->flag[0]) *branch = d->op == OP_J_NONE ? (Branch){a, as_held(v, a, none), other} : (Branch){a, other, as_held(v, a, none)};
        return true;
    }
    case OP_J_UNDEF:
        NEED(!(now[a] & (DEAD | OPEN)), "a register that holds nothing known");
        *branch = (Branch){a, UNSET, now[a] & ~(State)UNSET & KINDS ? now[a] & ~(State)UNSET : ANY};
        return true;
    default: return generic(v, d, ANY);
    }
}

// ---- flow
// The states now go to `target` too.
static bool flow(Verifier *v, int64_t target, const State *from) {
    NEED(target >= 0 && target < v->n && v->marks[target] & LEADS, "a jump out of the code");
    uint32_t leader = v->saved_at[target] - 1, n = v->nregs + 1;
    State *to = v->saved + (size_t)leader * n;
    bool changed = !(to[v->nregs] & KINDS); // not reached before
    for (uint32_t r = 0; r < n; r++) {
        State s = join(to[r], from[r]);
        changed = changed || s != to[r];
        to[r] = s;
    }
    if (changed && !v->waiting[leader]) {
        v->waiting[leader] = 1;
        v->work[v->todo++] = (uint32_t)target;
    }
    return true;
}

// To the handler, from before and after the instruction: it may have raised at any point of its work.
static bool flow_to_handler(Verifier *v, const Decoded *d) {
    if (!v->row_of[d->at]) return true;
    const ExceptionRow *row = &v->spec->exceptions[v->row_of[d->at] - 1];
    State *mixed = v->before;
    for (uint32_t r = 0; r < v->nregs; r++) mixed[r] = r >= row->depth ? UNSET : join(mixed[r], v->now[r]);
    for (uint32_t r = 0; r < row->depth; r++) NEED(!(mixed[r] & OPEN), "a function without its closure gets away");
    NEED(only(mixed[row->exc], EMPTY), "a handler's exception overwrites a value");
    mixed[row->exc] = EXC;
    // The frame may be moved, or not yet, where making the generator raised: such code must not be covered.
    mixed[v->nregs] = join(mixed[v->nregs], v->now[v->nregs]);
    return flow(v, row->target, mixed);
}

// Where a comprehension's variables can be set from outside, their registers are as locals are: no more is known of them, and no
// window, and nothing that several registers stand for, lies there.
static bool open_to_outside(Verifier *v, const Decoded *d) {
    const OpInfo *info = &op_info[d->op];
    const uint8_t kinds[3] = {info->a, info->b, info->c};
    for (uint32_t i = v->inline_at ? v->inline_at[d->at] : 0, end = v->inline_at ? v->inline_at[d->at + 1] : 0; i < end; i++) {
        uint32_t r = v->inline_registers[i];
        NEED(!(v->now[r] & OPEN), "a function without its closure gets away");
        if (v->now[r] & KINDS & ~EMPTY) v->now[r] = (v->now[r] & EMPTY) | ANY;
        NEED((d->op != OP_CALL && d->op != OP_CALL_KW) || r < d->v[1], "a variable in a call window");
        for (int k = 0; k < 3; k++) {
            if (kinds[k] != OPERAND_W && kinds[k] != OPERAND_F) continue;
            uint64_t n = kinds[k] == OPERAND_W && d->op == OP_LOAD_SUPER_METHOD ? CALL_ARGS : span(d);
            NEED(r < d->v[k] || r >= d->v[k] + n, "a variable in a window");
        }
    }
    return true;
}

// From one leader to where control leaves it.
static bool follow(Verifier *v, uint32_t at) {
    size_t bytes = ((size_t)v->nregs + 1) * sizeof(State);
    memcpy(v->now, v->saved + (size_t)(v->saved_at[at] - 1) * (v->nregs + 1), bytes);
    for (;;) {
        Decoded d = decode(v->spec->instructions, at);
        const OpInfo *info = &op_info[d.op];
        Branch branch = {v->nregs, 0, 0};
        v->at = at;
        bool covered = info->effects & RAISES && v->row_of[d.at];
        if (!open_to_outside(v, &d)) return false;
        if (covered) memcpy(v->before, v->now, bytes);
        if (!step(v, &d, &branch)) return false;
        if (covered && !flow_to_handler(v, &d)) return false;
        if (d.target >= 0) {
            State kept = v->now[branch.reg];
            if (branch.reg < v->nregs) v->now[branch.reg] = branch.jumped;
            if (!flow(v, d.target, v->now)) return false;
            v->now[branch.reg] = branch.reg < v->nregs ? branch.fell : kept;
        }
        if ((info->effects & ENDS && d.op != OP_RETURN_GENERATOR) || d.op == OP_END_ASYNC_FOR) return true;
        at = d.next;
        NEED(at < v->n, "the end of the code is run over");
        if (v->marks[at] & LEADS) return flow(v, at, v->now);
    }
}

// ---- the whole
static bool strings(ValueRef tuple) {
    if (!tuple || !value_is(tuple, TUPLE)) return false;
    for (int64_t i = 0; i < value_tuple(tuple)->length; i++)
        if (!value_is(tuple_item(value_tuple(tuple), i), STR)) return false;
    return true;
}

static bool check_spec(Verifier *v) {
    const CodeSpec *s = v->spec;
    NEED(strings(s->varnames) && strings(s->cellvars) && strings(s->freevars) && strings(s->names) && value_is(s->consts, TUPLE), "the tables of names");
    NEED(value_is(s->name, STR) && value_is(s->filename, STR) && (!s->qualname || value_is(s->qualname, STR)), "the names of the code");
    v->nfree = (uint32_t)value_tuple(s->freevars)->length;
    uint64_t parameters = (uint64_t)s->argcount + s->kwonlyargcount + !!(s->flags & CO_VARARGS) + !!(s->flags & CO_VARKEYWORDS);
    NEED(s->nlocals <= s->nregs && s->nregs < 1u << 30 && s->posonlyargcount <= s->argcount, "the counts of registers and parameters");
    NEED(!(s->flags & CO_OPTIMIZED) || (parameters <= s->nlocals && value_tuple(s->varnames)->length == s->nlocals), "the counts of locals and parameters");
    NEED(s->flags & CO_OPTIMIZED || s->nlocals == 1, "module code without its namespace");
    uint32_t makers = s->flags & CO_ANY_GENERATOR;
    NEED(!(makers & (makers - 1)), "two kinds of generator at once");
    return true;
}

static bool decode_all(Verifier *v) {
    const Ins *code = v->spec->instructions;
    for (uint32_t at = 0; at < v->n;) {
        uint32_t own = at + (code[at].op == OP_WIDE);
        NEED(own < v->n && code[own].op < OP_COUNT && code[own].op != OP_WIDE && !(op_info[code[own].op].effects & HOT), "an unknown operation");
        v->marks[at] |= STARTS;
        Decoded d = decode(code, at);
        v->at = at;
        if (!check_operands(v, &d)) return false;
        if (d.target >= 0 || op_info[d.op].effects & JUMPS) {
            NEED(d.target >= 0 && d.target < v->n, "a jump out of the code");
            // What goes back polls.
            NEED(d.target > at || d.op == OP_JLOOP, "a jump backwards that does not poll");
            v->marks[d.target] |= LEADS;
        }
        at = d.next;
    }
    return true;
}

// The first row that covers an instruction holds for it. Each instruction is painted once: `next` skips what has its row.
static bool paint_rows(Verifier *v) {
    uint32_t *next = malloc(((size_t)v->n + 1) * sizeof *next);
    if (!next) return fail(v, "out of memory");
    bool good = true;
    for (uint32_t i = 0; i <= v->n; i++) next[i] = i;
    for (uint32_t i = 0; good && i < v->spec->nexceptions; i++) {
        const ExceptionRow *row = &v->spec->exceptions[i];
        good = row->start <= row->end && row->end <= v->n && row->target < v->n && v->marks[row->target] & STARTS && row->depth <= v->nregs &&
               row->exc < v->nregs && row->exc >= v->nlocals;
        if (!good) break;
        v->marks[row->target] |= LEADS;
        for (uint32_t at = row->start; at < row->end;) {
            while (next[at] != at) at = next[at] = next[next[at]];
            if (at >= row->end) break;
            v->row_of[at] = i + 1;
            next[at] = at + 1;
        }
    }
    free(next);
    return good || fail(v, "an exception's row");
}

static bool spread_inline(Verifier *v) {
    const CodeSpec *s = v->spec;
    if (!s->ninline) return true;
    NEED(value_is(s->inline_names, TUPLE) && value_tuple(s->inline_names)->length == s->ninline, "the names of a comprehension's variables");
    uint64_t all = 0;
    for (uint32_t i = 0; i < s->ninline; i++) {
        const InlineVariable *row = &s->inline_variables[i];
        NEED(value_is(tuple_item(value_tuple(s->inline_names), i), STR), "the names of a comprehension's variables");
        NEED(row->start <= row->end && row->end <= v->n && row->reg < v->nregs && row->reg >= v->nlocals, "a comprehension's variable");
        if (!row->is_cell) all += row->end - row->start;
        NEED(all <= WORK_MAX / 4, "too large to be verified");
    }
    v->inline_at = calloc((size_t)v->n + 3, sizeof *v->inline_at);
    v->inline_registers = malloc((all + 1) * sizeof *v->inline_registers);
    NEED(v->inline_at && v->inline_registers, "out of memory");
    // How many each has, stored two places on; summed up; then each place says where the next one of its instruction goes.
    for (uint32_t i = 0; i < s->ninline; i++)
        for (uint32_t at = s->inline_variables[i].start; !s->inline_variables[i].is_cell && at < s->inline_variables[i].end; at++) v->inline_at[at + 2]++;
    for (uint32_t at = 1; at <= v->n + 1; at++) v->inline_at[at] += v->inline_at[at - 1];
    for (uint32_t i = 0; i < s->ninline; i++)
        for (uint32_t at = s->inline_variables[i].start; !s->inline_variables[i].is_cell && at < s->inline_variables[i].end; at++)
            v->inline_registers[v->inline_at[at + 1]++] = s->inline_variables[i].reg;
    return true;
}

static bool verify(Verifier *v) {
    const CodeSpec *s = v->spec;
    if (!check_spec(v)) return false;
    NEED(v->n, "no code");
    v->marks = calloc(v->n, 1);
    v->row_of = calloc(v->n, sizeof *v->row_of);
    v->saved_at = calloc(v->n, sizeof *v->saved_at);
    NEED(v->marks && v->row_of && v->saved_at, "out of memory");
    if (!decode_all(v) || !paint_rows(v) || !spread_inline(v)) return false;
    v->marks[0] |= LEADS;
    uint32_t leaders = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        if (!(v->marks[i] & LEADS)) continue;
        NEED(v->marks[i] & STARTS, "a jump into an instruction");
        v->saved_at[i] = ++leaders;
    }
    size_t states = (size_t)leaders * (v->nregs + 1);
    NEED(states <= WORK_MAX, "too large to be verified");
    v->saved = calloc(states, sizeof(State));
    v->waiting = calloc(leaders, 1);
    v->work = malloc(leaders * sizeof *v->work);
    v->now = calloc((size_t)v->nregs + 1, sizeof(State));
    v->before = calloc((size_t)v->nregs + 1, sizeof(State));
    NEED(v->saved && v->waiting && v->work && v->now && v->before, "out of memory");
    uint32_t parameters = s->flags & CO_OPTIMIZED ? s->argcount + s->kwonlyargcount + !!(s->flags & CO_VARARGS) + !!(s->flags & CO_VARKEYWORDS) : 1;
    for (uint32_t r = 0; r <= v->nregs; r++) v->now[r] = r < parameters ? ANY : r < v->nlocals || r == v->nregs ? UNSET : DEAD;
    if (!flow(v, 0, v->now)) return false;
    while (v->todo) {
        uint32_t at = v->work[--v->todo];
        v->waiting[v->saved_at[at] - 1] = 0;
        if (!follow(v, at)) return false;
    }
    return true;
}

const char *code_verify(const CodeSpec *spec, uint32_t *at) {
    Verifier v = {.spec = spec, .n = spec->ninstructions, .nregs = spec->nregs, .nlocals = spec->nlocals};
    bool good = verify(&v);
    free(v.marks);
    free(v.row_of);
    free(v.saved_at);
    free(v.saved);
    free(v.waiting);
    free(v.work);
    free(v.now);
    free(v.before);
    free(v.inline_at);
    free(v.inline_registers);
    *at = v.at;
    return good ? NULL : v.why;
}
