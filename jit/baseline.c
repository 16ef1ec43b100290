// The method baseline (DESIGN 8, T1): one stencil for each instruction, register to register, in the order of the instructions; what is
// unlikely in each follows behind them all. The frame is exact at every instruction, so that the interpreter and compiled code take over from
// each other anywhere.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "jit/code_cache.h"
#include "jit/jit.h"
#include "jit/stencil.h"
#include "runtime/interp/operations.h"
#include "runtime/tier.h"
#include "sync/rcu.h"

enum { HEADER = 16, STUB_BYTES = 15, MOST_INSTRUCTIONS = 1 << 16, MOST_GENERATIONS = 8 };
typedef struct Compiled {
    CodeBlock block;
    _Atomic uint32_t outdated; // instructions met that have been rewritten since
    uint32_t limit;            // how many of these are let pass
    uint32_t generation;
    NativeCode native; // last: offsets follow
} Compiled;
// A stub: mov r13, pc; jmp to C.
typedef struct Piece {
    const Stencil *stencil; // NULL: a stub
    const char *stub;
    uint32_t hot, cold; // where its parts stand
} Piece;
typedef struct Compiler {
    CodeData *data;
    uint32_t n;
    Ins *ins;        // as read once: other threads quicken meanwhile
    Piece *pieces;   // n, and one for what stands behind the last instruction
    CodeBlock block;
} Compiler;

static const Stencil *stencils[OP_COUNT][8];
static uint8_t flags_of[OP_COUNT];
static JitOptions options;
static _Atomic uint64_t functions, again, bytes_made, nanoseconds, dropped;

static uint8_t flag_of(uint8_t kind, uint8_t flag) { return kind == OPERAND_D || kind == OPERAND_R || kind == OPERAND_W ? flag : 0; }
static void index_stencils(void) {
    for (int op = 0; op < OP_COUNT; op++) flags_of[op] = flag_of(op_info[op].a, 1) | flag_of(op_info[op].b, 2) | flag_of(op_info[op].c, 4);
    for (size_t i = 0; i < stencil_count; i++) stencils[stencil_rows[i].op][stencil_rows[i].variant] = &stencil_rows[i];
}

static void choose(Compiler *c) {
    bool wide = false; // the instruction before is a WIDE
    for (uint32_t i = 0; i < c->n; i++) {
        Ins ins = c->ins[i];
        Piece *p = &c->pieces[i];
        *p = (Piece){0};
        if (wide || ins.op == OP_WIDE) {
            p->stub = (const char *)op_go; // the pair is interpreted
        } else {
            unsigned variant = ((ins.a >> 15 & 1) | (ins.b >> 15 & 1) << 1 | (ins.c >> 15 & 1) << 2) & flags_of[ins.op];
            p->stencil = stencils[ins.op][variant];
            if (!p->stencil) p->stub = stencil_slow_ops[ins.op];
        }
        wide = !wide && ins.op == OP_WIDE;
    }
    c->pieces[c->n] = (Piece){.stub = (const char *)op_go}; // never reached
}
static uint32_t lay_out(Compiler *c) {
    uint32_t at = HEADER;
    for (uint32_t i = 0; i <= c->n; i++) {
        c->pieces[i].hot = at;
        at += c->pieces[i].stencil ? c->pieces[i].stencil->hot_bytes : STUB_BYTES;
    }
    at = (at + 15) & ~15u;
    for (uint32_t i = 0; i < c->n; i++) {
        c->pieces[i].cold = at;
        if (c->pieces[i].stencil) at += c->pieces[i].stencil->cold_bytes;
    }
    return at;
}

static inline uint64_t sized(uint16_t operand) { return operand & OPERAND_INDEX; }
static inline uint64_t constant(const Compiler *c, uint32_t i) { return value_bits(c->data->constants[i]); }
static uint64_t hole(const Compiler *c, uint32_t i, enum StencilHole which) {
    Ins ins = c->ins[i];
    uint32_t bc = ins.b | (uint32_t)ins.c << 16;
    switch (which) {
    case HOLE_pc: return (uint64_t)(uintptr_t)(c->data->instructions + i);
    case HOLE_ins: return ins.word;
    case HOLE_next_word: return i + 1 < c->n ? c->ins[i + 1].word : 0;
    case HOLE_cell: return (uint64_t)(uintptr_t)(c->data->cells + i);
    case HOLE_constant_a: return constant(c, ins.a);
    case HOLE_constant_b: return constant(c, ins.b);
    case HOLE_constant_c: return constant(c, ins.c);
    case HOLE_constant_bc: return constant(c, bc);
    case HOLE_signed_b: return (uint64_t)(int64_t)(int16_t)ins.b;
    case HOLE_signed_c: return (uint64_t)(int64_t)(int16_t)ins.c;
    case HOLE_int_b: return value_bits(value_int((int16_t)ins.b));
    case HOLE_int_c: return value_bits(value_int((int16_t)ins.c));
    case HOLE_int_bc: return value_bits(value_int((int32_t)bc));
    case HOLE_word_a: return ins.a;
    case HOLE_word_b: return ins.b;
    case HOLE_return: return (uint64_t)(uintptr_t)(c->block.executable + c->pieces[i + 1].hot) << 3 | TAG_MARK;
    case HOLE_reg_a: return sized(ins.a) * sizeof(Value);
    case HOLE_reg_b: return sized(ins.b) * sizeof(Value);
    case HOLE_reg_c: return sized(ins.c) * sizeof(Value);
    case HOLE_index_a: return sized(ins.a);
    case HOLE_index_b: return sized(ins.b);
    case HOLE_index_c: return sized(ins.c);
    case HOLE_number_a: return ins.a;
    case HOLE_number_b: return ins.b;
    case HOLE_number_c: return ins.c;
    case HOLE_number_bc: return bc;
    case HOLE_pair: return i + 1 < c->n ? sized(c->ins[i + 1].a) * sizeof(Value) : 0;
    case HOLE_COUNT: break;
    }
    abort();
}
static uint32_t jump_target(const Compiler *c, uint32_t i) {
    Ins ins = c->ins[i];
    int64_t to = ins_jump_target(ins, i);
    return to >= 0 && to < c->n ? (uint32_t)to : c->n;
}
static void emit_part(const Compiler *c, uint32_t i, uint32_t at, const unsigned char *code, size_t bytes, const StencilRelocation *r, size_t nrelocations) {
    const Piece *p = &c->pieces[i];
    char *base = c->block.executable;
    memcpy(c->block.writable + at, code, bytes);
    for (size_t k = 0; k < nrelocations; k++, r++) {
        uint64_t value = 0;
        switch ((enum StencilPlace)r->place) {
        case TO_HOLE: value = hole(c, i, r->which); break;
        case TO_HOT: value = (uint64_t)(uintptr_t)(base + p->hot); break;
        case TO_COLD: value = (uint64_t)(uintptr_t)(base + p->cold); break;
        case TO_cont: value = (uint64_t)(uintptr_t)(base + c->pieces[i + 1].hot); break;
        case TO_cont_skip: value = (uint64_t)(uintptr_t)(base + c->pieces[i + 2 <= c->n ? i + 2 : c->n].hot); break;
        case TO_target: value = (uint64_t)(uintptr_t)(base + c->pieces[jump_target(c, i)].hot); break;
        case TO_slow_op: value = (uint64_t)(uintptr_t)stencil_slow_ops[c->ins[i].op]; break;
        case TO_EXTERNAL: value = (uint64_t)(uintptr_t)stencil_externals[r->which]; break;
        }
        value += (uint64_t)(int64_t)r->addend;
        char *place = c->block.writable + at + r->offset;
        if (r->kind == ABS64) {
            memcpy(place, &value, 8);
            continue;
        }
        if (r->kind == PC32) value -= (uint64_t)(uintptr_t)(base + at + r->offset);
        int32_t word = (int32_t)value;
        if ((int64_t)value != word || (r->kind == ABS32 && word < 0)) abort(); // operands are small, and the cache is within reach
        memcpy(place, &word, 4);
    }
}
static void emit_stub(const Compiler *c, uint32_t i) {
    const Piece *p = &c->pieces[i];
    unsigned char stub[STUB_BYTES] = {0x49, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 0xe9};
    uint64_t pc = (uint64_t)(uintptr_t)(c->data->instructions + i);
    int32_t away = (int32_t)(p->stub - (c->block.executable + p->hot + STUB_BYTES));
    memcpy(stub + 2, &pc, 8);
    memcpy(stub + 11, &away, 4);
    memcpy(c->block.writable + p->hot, stub, STUB_BYTES);
}
static void emit(const Compiler *c) {
    for (uint32_t i = 0; i <= c->n; i++) {
        const Stencil *s = c->pieces[i].stencil;
        if (!s) {
            emit_stub(c, i);
            continue;
        }
        emit_part(c, i, c->pieces[i].hot, s->code, s->hot_bytes, s->relocations, s->hot_relocations);
        emit_part(c, i, c->pieces[i].cold, s->code + s->hot_bytes, s->cold_bytes, s->relocations + s->hot_relocations, s->cold_relocations);
    }
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static Compiled *compiled_of(NativeCode *native) { return (Compiled *)((char *)native - offsetof(Compiled, native)); }
static Compiled *compile(CodeData *data) {
    uint32_t n = data->code->ninstructions;
    if (n > MOST_INSTRUCTIONS) return NULL;
    Compiler c = {.data = data, .n = n, .ins = malloc(n * sizeof *c.ins), .pieces = malloc((n + 1) * sizeof *c.pieces)};
    Compiled *made = malloc(sizeof *made + n * sizeof(uint32_t));
    bool ok = c.ins && c.pieces && made;
    for (uint32_t i = 0; ok && i < n; i++) {
        c.ins[i].word = ins_fetch(data->instructions + i);
        if (c.ins[i].op == OP_TRACED) ok = false; // instrumented code is interpreted, until it is dropped once more
    }
    if (ok) {
        choose(&c);
        uint32_t size = lay_out(&c);
        ok = code_cache_alloc(size, &c.block);
        if (ok) {
            emit(&c);
            made->block = c.block;
            made->native.base = c.block.executable;
            made->native.older = data->compiled;
            made->outdated = 0;
            made->generation = data->compiled ? compiled_of(data->compiled)->generation + 1 : 0;
            made->limit = 32u << 2 * made->generation;
            for (uint32_t i = 0; i < n; i++) made->native.offsets[i] = c.pieces[i].stub == (const char *)op_go ? 0 : c.pieces[i].hot;
            atomic_add_relaxed_u64(&bytes_made, size);
        }
    }
    free(c.ins);
    free(c.pieces);
    if (!ok) free(made);
    return ok ? made : NULL;
}

static void compile_and_publish(CodeData *data) {
    uint64_t from = now_ns();
    bool first = !data->compiled;
    Compiled *made = compile(data);
    if (made) {
        data->compiled = &made->native;
        atomic_store_release_ptr(&data->native, &made->native);
        if (made->native.offsets[0]) atomic_store_release_ptr(&data->entry, made->native.base + made->native.offsets[0]);
        atomic_add_relaxed_u64(first ? &functions : &again, 1);
    } else if (first) {
        atomic_store_release_ptr(&data->entry, interp_begin(false));
    }
    atomic_add_relaxed_u64(&nanoseconds, now_ns() - from);
}
// Heat: looks so far; COMPILED from the moment that some thread compiles it.
static const uint32_t COMPILED = 1u << 31;
static void found_hot(Thread *t, CodeData *data) {
    (void)t;
    if (!data->code || atomic_load_relaxed_u32(&data->heat) & COMPILED) return;
    uint32_t heat = atomic_add_relaxed_u32(&data->heat, 1) + 1;
    if (heat < options.threshold || heat & COMPILED) return;
    if (!atomic_cas_acq_rel_u32(&data->heat, &heat, COMPILED)) return; // another thread does it, or the next look will
    compile_and_publish(data);
}
void baseline_outdated(Thread *t, CodeData *data) {
    (void)t;
    NativeCode *native = atomic_load_acquire_ptr(&data->native);
    if (!native) return;
    Compiled *c = compiled_of(native);
    // Exactly one thread reaches the limit; where the code was made anew meanwhile, that is not looked at here.
    if (c->generation < MOST_GENERATIONS && atomic_add_relaxed_u32(&c->outdated, 1) + 1 == c->limit && native == data->compiled) compile_and_publish(data);
}
static void drop(CodeData *data) {
    atomic_store_relaxed_u32(&data->heat, 0);
    if (!atomic_load_relaxed_ptr(&data->native)) return;
    atomic_store_release_ptr(&data->native, NULL);
    atomic_store_release_ptr(&data->entry, interp_begin(true));
    atomic_add_relaxed_u64(&dropped, 1);
}
static void free_compiled(void *p) {
    Compiled *c = p;
    code_cache_free(c->block);
    free(c);
}
static void free_all(Thread *t, CodeData *data) {
    NativeCode *n = data->compiled;
    data->compiled = NULL;
    atomic_store_release_ptr(&data->native, NULL);
    while (n) {
        Compiled *c = compiled_of(n);
        n = n->older;
        retire_free(&t->core, c, c->block.bytes, free_compiled);
    }
}

static const Tier *baseline(void) {
    static Tier table;
    table = (Tier){found_hot, drop, free_all, options.heat_step};
    return &table;
}
bool jit_start(const JitOptions *o) {
    options = *o;
    if (!code_cache_init(o->memory)) return false;
    index_stencils();
    tier = baseline();
    return true;
}
JitStats jit_stats(void) {
    return (JitStats){atomic_load_relaxed_u64(&functions), atomic_load_relaxed_u64(&again), atomic_load_relaxed_u64(&bytes_made), atomic_load_relaxed_u64(&nanoseconds), atomic_load_relaxed_u64(&dropped)};
}
