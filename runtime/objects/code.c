// Code objects: made once by the front end (or unmarshalled), then immutable but for quickened ops and inline cells.
#include <pthread.h>
#include <stdlib.h>
#include "runtime/code.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/gc.h"
#include "runtime/interp/inline_cells.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/monitor.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "runtime/store.h"
#include "runtime/tier.h"

// ---- positions: a byte 0 repeats the last one; else zigzag of the line's change + 1, lines spanned, columns + 1, as varints
typedef struct Bytes_ { uint8_t *data; size_t length, capacity; bool failed; } ByteWriter;
static void write_byte(ByteWriter *w, uint8_t b) {
    if (w->length == w->capacity) {
        size_t capacity = w->capacity ? w->capacity * 2 : 64;
        uint8_t *grown = realloc(w->data, capacity);
        if (!grown) {
            w->failed = true;
            return;
        }
        w->data = grown;
        w->capacity = capacity;
    }
    w->data[w->length++] = b;
}
static void write_varint(ByteWriter *w, uint64_t n) {
    for (; n >= 128; n >>= 7) write_byte(w, (uint8_t)(n | 128));
    write_byte(w, (uint8_t)n);
}
static uint64_t read_varint(const uint8_t **p) {
    uint64_t n = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t b = *(*p)++;
        n |= (uint64_t)(b & 127) << shift;
        if (b < 128) return n;
    }
}
static void encode_positions(ByteWriter *w, const Position *positions, uint32_t n, int32_t first_line) {
    Position last = {first_line, first_line, -1, -1};
    for (uint32_t i = 0; i < n; i++) {
        Position p = positions[i];
        if (i && !memcmp(&p, &last, sizeof p)) {
            write_byte(w, 0);
            continue;
        }
        int64_t delta = (int64_t)p.line - last.line;
        write_varint(w, ((uint64_t)delta << 1 ^ (uint64_t)(delta >> 63)) + 1);
        write_varint(w, (uint64_t)((int64_t)p.end_line - p.line + 1)); // 0 where there is no end line
        write_varint(w, (uint64_t)((int64_t)p.column + 1));
        write_varint(w, (uint64_t)((int64_t)p.end_column + 1));
        last = p;
    }
}
typedef struct PositionReader { const uint8_t *p; Position now; } PositionReader;
static void position_step(PositionReader *r) {
    uint64_t head = read_varint(&r->p);
    if (!head) return;
    head--;
    r->now.line += (int32_t)((int64_t)(head >> 1) ^ -(int64_t)(head & 1));
    r->now.end_line = r->now.line + (int32_t)read_varint(&r->p) - 1;
    r->now.column = (int32_t)read_varint(&r->p) - 1;
    r->now.end_column = (int32_t)read_varint(&r->p) - 1;
}
void code_lines_all(const Code *code, int32_t *lines) {
    PositionReader r = {code->positions, {code->firstlineno, code->firstlineno, -1, -1}};
    for (uint32_t i = 0; i < code->ninstructions; i++) {
        if (code->positions_bytes) position_step(&r);
        lines[i] = code->positions_bytes ? r.now.line : -1;
    }
}
static Position position_at(const uint8_t *compact, size_t bytes, int32_t first_line, uint32_t instruction, uint32_t n) {
    if (!bytes) return (Position){-1, -1, -1, -1};
    PositionReader r = {compact, {first_line, first_line, -1, -1}};
    for (uint32_t i = 0; i <= instruction && i < n; i++) position_step(&r);
    return r.now;
}
Position code_position(const Code *code, uint32_t instruction) { return position_at(code->positions, code->positions_bytes, code->firstlineno, instruction, code->ninstructions); }
int32_t code_line(const uint8_t *compact, size_t bytes, int32_t first_line, uint32_t instruction, uint32_t n) { return position_at(compact, bytes, first_line, instruction, n).line; }

bool code_positions_valid(const uint8_t *compact, size_t bytes, uint32_t n) {
    if (!bytes) return true;
    const uint8_t *p = compact, *end = compact + bytes;
    for (uint32_t i = 0; i < n; i++) {
        for (int field = 0; field < 4; field++) {
            bool first = p < end && field == 0 && *p == 0;
            for (int shift = 0;; shift += 7, p++) {
                if (p == end || shift > 28 + 7) return false;
                if (*p < 128) break;
            }
            p++;
            if (first) break;
        }
    }
    return p == end;
}

// How many of the first registers are parameters.
static uint32_t parameter_count(const CodeSpec *spec) {
    return spec->argcount + spec->kwonlyargcount + !!(spec->flags & CO_VARARGS) + !!(spec->flags & CO_VARKEYWORDS);
}
static bool has_name(const Tuple *names, int64_t n, ValueRef name) {
    for (int64_t i = 0; i < n; i++)
        if (tuple_item(names, i) == name || str_equal(value_str(tuple_item(names, i)), value_str(name))) return true;
    return false;
}
// co_varnames: parameters, then the other locals that are no cells, then the variables of comprehensions. Owned.
static Value shown_varnames(Thread *t, const CodeSpec *spec) {
    Tuple *names = value_tuple(spec->varnames), *cells = value_tuple(spec->cellvars);
    Value list = UNDEF;
    bool same = !spec->ninline;
    for (int64_t i = parameter_count(spec); same && i < names->length; i++) same = !has_name(cells, cells->length, tuple_item(names, i));
    if (same) return value_dup(t, spec->varnames);
    if (!(list = list_new(t, names->length))) return UNDEF;
    for (int64_t i = 0; list && i < names->length; i++) {
        if (i >= parameter_count(spec) && has_name(cells, cells->length, tuple_item(names, i))) continue;
        if (list_append(t, value_list(list), value_dup(t, tuple_item(names, i))) < 0) VALUE_CLEAR(t, list);
    }
    for (uint32_t i = 0; list && i < spec->ninline && spec->flags & CO_OPTIMIZED; i++) {
        ValueRef name = tuple_item(value_tuple(spec->inline_names), i);
        if (spec->inline_variables[i].is_cell || has_name(names, names->length, name) || has_name(value_tuple(spec->inline_names), i, name)) continue;
        if (list_append(t, value_list(list), value_dup(t, name)) < 0) VALUE_CLEAR(t, list);
    }
    Value tuple = list ? tuple_from_iterable(t, list) : UNDEF;
    value_release(t, list);
    return tuple;
}

// ---- quickened operations
// A quickened operation is named for the one it stands for, with a suffix.
static uint16_t base_ops[OP_COUNT];
static void find_base_ops(void) {
    for (uint32_t op = 0; op < OP_COUNT; op++) {
        size_t best = 0;
        base_ops[op] = (uint16_t)op;
        for (uint32_t i = 0; op_info[op].effects & HOT && i < OP_COUNT; i++) {
            size_t n = strlen(op_info[i].name);
            if (op_info[i].effects & HOT || n <= best || strncmp(op_info[op].name, op_info[i].name, n) || op_info[op].name[n] != '_') continue;
            best = n;
            base_ops[op] = (uint16_t)i;
        }
    }
}
Ins code_plain_instruction(const Code *code, uint32_t i) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_base_ops);
    Ins ins = {.word = atomic_load_relaxed_u64((_Atomic uint64_t *)&code->data->instructions[i].word)};
    if (ins.op == OP_TRACED) ins.op = code->traced->ops[i];
    else if (ins.op < OP_COUNT) ins.op = base_ops[ins.op];
    return ins;
}

// ---- making
Value code_new(Thread *t, const CodeSpec *spec) {
#ifdef SKEIN_CHECK
    uint32_t at;
    const char *why = code_verify(spec, &at);
    CHECK(!why || !strcmp(why, "out of memory"), "the compiler's code does not verify: %s, instruction %u", why, at);
#endif
    Code *code = object_new(t, TYPE_OF(CODE));
    if (!code) return UNDEF;
    uint32_t n = spec->ninstructions;
    // Instructions and cells in one block, cells behind: the same distance for every instruction.
    CodeData *data = calloc(1, sizeof *data + spec->nconstants * sizeof(Value));
    Ins *instructions = calloc(n ? n : 1, sizeof(Ins) + sizeof(uint64_t));
    ByteWriter w = {0};
    if (spec->positions) {
        encode_positions(&w, spec->positions, n, spec->firstlineno);
    } else if ((w.data = malloc(spec->compact_bytes + 1))) {
        if (spec->compact_bytes) memcpy(w.data, spec->compact_positions, w.length = spec->compact_bytes);
    } else {
        w.failed = true;
    }
    code->cell_registers = calloc(spec->nlocals / 64 + 1, sizeof(uint64_t));
    code->inline_variables = calloc(spec->ninline ? spec->ninline : 1, sizeof(InlineVariable));
    code->exceptions = calloc(spec->nexceptions ? spec->nexceptions : 1, sizeof(ExceptionRow));
    code->data = data;
    Value shown = shown_varnames(t, spec);
    if (!shown || !data || !instructions || w.failed || !code->exceptions || !code->inline_variables || !code->cell_registers) {
        value_release(t, shown);
        free(instructions);
        free(w.data);
        value_release(t, value_of(code));
        return error_pending(t) ? UNDEF : raise_no_memory(t);
    }
    memcpy(instructions, spec->instructions, n * sizeof(Ins));
    if (spec->nexceptions) memcpy(code->exceptions, spec->exceptions, spec->nexceptions * sizeof(ExceptionRow));
    if (spec->ninline) memcpy(code->inline_variables, spec->inline_variables, spec->ninline * sizeof(InlineVariable));
    code->ninline = spec->ninline;
    for (uint32_t i = 0; i < n; i++) {
        Ins ins = instructions[i];
        uint32_t reg = ins.op == OP_MAKE_CELL ? ins.a & OPERAND_INDEX : UINT32_MAX;
        if (reg != UINT32_MAX && i && instructions[i - 1].op == OP_WIDE) reg |= (uint32_t)instructions[i - 1].a << 15;
        if (reg < spec->nlocals) code->cell_registers[reg / 64] |= UINT64_C(1) << reg % 64;
    }
    for (uint32_t i = 0; tier && i < n; i++)
        if (instructions[i].op == OP_JLOOP) instructions[i].op = OP_JLOOP_COLD;
    code->ninstructions = n;
    code->nconstants = spec->nconstants;
    code->nexceptions = spec->nexceptions;
    code->positions = w.data;
    code->positions_bytes = (uint32_t)w.length;
    code->posonlyargcount = spec->posonlyargcount;
    code->kwonlyargcount = spec->kwonlyargcount;
    code->firstlineno = spec->firstlineno;
    data->code = code;
    data->instructions = instructions;
    atomic_store_relaxed_ptr(&data->entry, interp_begin(true));
    data->cells = (_Atomic uint64_t *)(instructions + n);
    data->cell_delta = (int64_t)(n * sizeof(Ins));
    data->nregs = spec->nregs;
    data->nlocals = spec->nlocals;
    data->argcount = spec->flags & CO_OPTIMIZED ? spec->argcount : spec->nlocals; // the namespace is a class body's or module's one argument
    data->flags = spec->flags;
    data->exact = spec->kwonlyargcount || spec->flags & (CO_VARARGS | CO_VARKEYWORDS) ? CODE_NEVER_EXACT : data->argcount;
    for (uint32_t i = 0; i < spec->nconstants; i++) slot_init(&data->constants[i], value_dup(t, spec->constants[i]));
    slot_init(&code->varnames, value_dup(t, spec->varnames));
    slot_init(&code->inline_names, spec->ninline ? value_dup(t, spec->inline_names) : value_dup(t, t->interp->empty_tuple));
    slot_init(&code->shown_varnames, shown);
    slot_init(&code->cellvars, value_dup(t, spec->cellvars));
    slot_init(&code->freevars, value_dup(t, spec->freevars));
    slot_init(&code->names, value_dup(t, spec->names));
    slot_init(&code->consts, value_dup(t, spec->consts));
    slot_init(&code->name, value_dup(t, spec->name));
    slot_init(&code->qualname, value_dup(t, spec->qualname ? spec->qualname : spec->name));
    slot_init(&code->filename, value_dup(t, spec->filename));
    object_make_deferred(t, (Object *)code);
    gc_note_held(t, sizeof *data + n * (sizeof(Ins) + sizeof(uint64_t)) + spec->nconstants * sizeof(Value) + w.length);
    trace_new_code(t, code);
    return value_of(code);
}

static void code_destroy(Thread *t, Object *o) {
    Code *code = (Code *)o;
    for (Value *slot = &code->varnames; slot <= &code->filename; slot++) value_release(t, *slot);
    if (code->data) {
        for (uint32_t i = 0; i < code->nconstants; i++) value_release(t, code->data->constants[i]);
        inline_cells_free(code);
        if (code->data->compiled) tier->free(t, code->data);
    }
    free(code->exceptions);
    free(code->inline_variables);
    free(code->cell_registers);
    if (code->traced) code_monitor_free(code->traced->monitor);
    free(code->traced);
    free(code->positions);
}
static void code_traverse(Object *o, VisitFn visit, void *arg) {
    Code *code = (Code *)o;
    for (Value *slot = &code->varnames; slot <= &code->filename; slot++) visit(slot, arg);
    for (uint32_t i = 0; code->data && i < code->nconstants; i++) visit(&code->data->constants[i], arg);
}

// ---- what Python sees
#define CODE_FIELD(field) static Value get_##field(Thread *t, ValueRef self) { return value_dup(t, value_code(self)->field); }
CODE_FIELD(freevars)
CODE_FIELD(cellvars)
CODE_FIELD(names)
CODE_FIELD(consts)
CODE_FIELD(name)
CODE_FIELD(qualname)
CODE_FIELD(filename)
static Value get_varnames(Thread *t, ValueRef self) { return value_dup(t, value_code(self)->shown_varnames); }
#define CODE_NUMBER(name, expression) static Value get_##name(Thread *t, ValueRef self) { (void)t; Code *c = value_code(self); return value_int(expression); }
CODE_NUMBER(argcount, c->data->flags & CO_OPTIMIZED ? c->data->argcount : 0)
CODE_NUMBER(posonlyargcount, c->posonlyargcount)
CODE_NUMBER(kwonlyargcount, c->kwonlyargcount)
CODE_NUMBER(flags, c->data->flags)
CODE_NUMBER(nlocals, value_tuple(c->shown_varnames)->length)
CODE_NUMBER(stacksize, c->data->nregs)
CODE_NUMBER(firstlineno, c->firstlineno)
static Value get_code(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    Bytes *bytes = bytes_alloc(t, c->ninstructions * sizeof(Ins));
    for (uint32_t i = 0; bytes && i < c->ninstructions; i++) {
        Ins ins = code_plain_instruction(c, i);
        memcpy(bytes->data + i * sizeof ins, &ins, sizeof ins);
    }
    return bytes ? value_of(bytes) : UNDEF;
}
static Value get_linetable(Thread *t, ValueRef self);
static Value get_lnotab(Thread *t, ValueRef self);
static Value get_exceptiontable(Thread *t, ValueRef self) {
    return bytes_new(t, value_code(self)->exceptions, value_code(self)->nexceptions * sizeof(ExceptionRow));
}
static const GetSetDef code_getset[] = {
    {"co_argcount", get_argcount, NULL, NULL}, {"co_posonlyargcount", get_posonlyargcount, NULL, NULL}, {"co_kwonlyargcount", get_kwonlyargcount, NULL, NULL},
    {"co_nlocals", get_nlocals, NULL, NULL}, {"co_stacksize", get_stacksize, NULL, NULL}, {"co_flags", get_flags, NULL, NULL},
    {"co_code", get_code, NULL, NULL}, {"_co_code_adaptive", get_code, NULL, NULL}, {"co_consts", get_consts, NULL, NULL}, {"co_names", get_names, NULL, NULL},
    {"co_varnames", get_varnames, NULL, NULL}, {"co_freevars", get_freevars, NULL, NULL}, {"co_cellvars", get_cellvars, NULL, NULL},
    {"co_filename", get_filename, NULL, NULL}, {"co_name", get_name, NULL, NULL}, {"co_qualname", get_qualname, NULL, NULL},
    {"co_firstlineno", get_firstlineno, NULL, NULL}, {"co_linetable", get_linetable, NULL, NULL}, {"co_lnotab", get_lnotab, NULL, NULL}, {"co_exceptiontable", get_exceptiontable, NULL, NULL},
    GETSET_END};

static Value line_or_none(int32_t n) { return n < 0 ? NONE : value_int(n); }
// Offsets count bytes of co_code, positions its two-byte units: what the library makes of them (tb_lasti // 2) then fits. The code's first
// unit stands for the entry, at the line of the definition (code_offset).
enum { UNITS = sizeof(Ins) / 2, UNIT_BYTES = sizeof(Ins) / UNITS };
typedef struct UnitReader {
    PositionReader r;
    Position entry;
    uint32_t at, n; // the next instruction, and how many there are
    bool entered;
} UnitReader;
static UnitReader unit_reader(const Code *c) {
    bool module = !(c->data->flags & CO_OPTIMIZED) && str_equal_text(value_str(c->name), "<module>"); // it is entered on no line
    PositionReader r = {c->positions, {c->firstlineno, c->firstlineno, -1, -1}}, first = r;
    uint32_t n = c->positions_bytes ? c->ninstructions : 0;
    if (n) position_step(&first);
    int32_t column = first.now.column < 0 ? -1 : 0; // none where the code was made without columns
    return (UnitReader){r, {module ? 0 : c->firstlineno, module && column < 0 ? 0 : c->firstlineno, column, column}, 0, n, false};
}
// The next position; how many units it is of. 0: the end.
static uint32_t units_next(UnitReader *u, Position *p) {
    uint32_t units = u->at == 0 ? UNITS - ENTRY_UNITS : UNITS;
    if (u->at >= u->n) return 0;
    if (!u->entered) {
        u->entered = true;
        *p = u->entry;
        return ENTRY_UNITS;
    }
    position_step(&u->r);
    u->at++;
    *p = u->r.now;
    return units;
}
static Value iterator_of(Thread *t, Value list_steal) {
    if (!list_steal) return UNDEF;
    Value iterator = object_iter(t, list_steal);
    value_release(t, list_steal);
    return iterator;
}
// (start, end, line) in bytes of co_code, one a run of equal lines.
static Value code_lines(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Code *c = value_code(self);
    Value list = list_new(t, 0);
    UnitReader reader = unit_reader(c);
    Position p;
    int32_t line = 0;
    uint32_t start = 0, at = 0;
    for (uint32_t units = 1; list && units; at += units) {
        units = units_next(&reader, &p);
        if (at && (!units || p.line != line)) {
            Value row[3] = {value_int(start * UNIT_BYTES), value_int(at * UNIT_BYTES), line_or_none(line)};
            Value tuple = tuple_from_values(t, row, 3);
            if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
            start = at;
        }
        line = p.line;
    }
    return iterator_of(t, list);
}
static Value code_positions(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Code *c = value_code(self);
    Value list = list_new(t, c->positions_bytes ? c->ninstructions * UNITS : 0), tuple = UNDEF;
    UnitReader reader = unit_reader(c);
    Position p;
    for (uint32_t units; list && (units = units_next(&reader, &p));) {
        Value row[4] = {line_or_none(p.line), line_or_none(p.end_line), line_or_none(p.column), line_or_none(p.end_column)};
        tuple = tuple_from_values(t, row, 4);
        for (uint32_t unit = 0; list && unit < units; unit++)
            if (!tuple || list_append(t, value_list(list), value_dup(t, tuple)) < 0) VALUE_CLEAR(t, list);
        value_release(t, tuple);
    }
    return iterator_of(t, list);
}

// (from, not taken, taken) of each place where the code decides which way to go on, in bytes of co_code.
static Value code_branches(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Code *c = value_code(self);
    Value list = list_new(t, 0);
    for (uint32_t i = 0; list && i < c->ninstructions; i++) {
        int64_t target = code_branch_target(code_plain_instruction(c, i), i);
        if (target < 0) continue;
        Value row[3] = {value_int(i * sizeof(Ins)), value_int((i + 1) * sizeof(Ins)), value_int(target * (int64_t)sizeof(Ins))};
        Value tuple = tuple_from_values(t, row, 3);
        if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
    }
    return iterator_of(t, list);
}
// co_lnotab: pairs of bytes, by how much co_code and the line go on (the line signed).
static Value get_lnotab(Thread *t, ValueRef self) {
    if (warn(t, E_DEPRECATION_WARNING, 1, "co_lnotab is deprecated, use co_lines instead.") < 0) return UNDEF;
    Code *c = value_code(self);
    ByteWriter w = {0};
    UnitReader reader = unit_reader(c);
    Position p;
    int64_t line = c->firstlineno;
    uint32_t at = 0, now = 0;
    for (uint32_t units; (units = units_next(&reader, &p)); now += units) {
        if (p.line < 0 || p.line == line) continue;
        int64_t bytes = (int64_t)(now - at) * UNIT_BYTES, lines = p.line - line;
        for (; bytes > 255; bytes -= 255) {
            write_byte(&w, 255);
            write_byte(&w, 0);
        }
        for (; lines > 127 || lines < -128; bytes = 0) {
            int step = lines > 0 ? 127 : -128;
            write_byte(&w, (uint8_t)bytes);
            write_byte(&w, (uint8_t)step);
            lines -= step;
        }
        write_byte(&w, (uint8_t)bytes);
        write_byte(&w, (uint8_t)lines);
        line = p.line;
        at = now;
    }
    Value v = w.failed ? raise_no_memory(t) : bytes_new(t, w.data, w.length);
    free(w.data);
    return v;
}

// ---- co_linetable: the positions in the format of CPython's location table. An entry is a byte (bit 7 set, a kind in bits 3 to 6,
// how many units less one in bits 0 to 2) and what the kind asks for; numbers are in groups of six bits, low ones first, bit 6 set
// where more follow; signed ones have their sign in bit 0.
enum { LOCATION_SHORT_END = 10, LOCATION_ONE_LINE = 10, LOCATION_NO_COLUMNS = 13, LOCATION_LONG = 14, LOCATION_NONE = 15, LOCATION_UNITS = 8 };
static void write_location_varint(ByteWriter *w, uint32_t n) {
    for (; n >= 64; n >>= 6) write_byte(w, (uint8_t)(n & 63) | 64);
    write_byte(w, (uint8_t)n);
}
static void write_location_signed(ByteWriter *w, int32_t n) { write_location_varint(w, n < 0 ? (uint32_t)-(int64_t)n << 1 | 1 : (uint32_t)n << 1); }
static void write_location(ByteWriter *w, Position p, int32_t *line, uint32_t units) {
    int64_t delta = (int64_t)p.line - *line, width = (int64_t)p.end_column - p.column;
    bool one_line = p.line == p.end_line && p.column >= 0 && p.end_column >= 0;
    uint8_t head = (uint8_t)(128 | (units - 1));
    if (p.line < 0) {
        write_byte(w, head | LOCATION_NONE << 3);
        return;
    }
    *line = p.line;
    if (p.line == p.end_line && p.column < 0 && p.end_column < 0) {
        write_byte(w, head | LOCATION_NO_COLUMNS << 3);
        write_location_signed(w, (int32_t)delta);
    } else if (one_line && delta == 0 && p.column < 80 && width >= 0 && width < 16) {
        write_byte(w, (uint8_t)(head | (p.column >> 3) << 3));
        write_byte(w, (uint8_t)((p.column & 7) << 4 | width));
    } else if (one_line && delta >= 0 && delta < 3 && p.column < 128 && p.end_column < 128) {
        write_byte(w, (uint8_t)(head | (LOCATION_ONE_LINE + delta) << 3));
        write_byte(w, (uint8_t)p.column);
        write_byte(w, (uint8_t)p.end_column);
    } else {
        write_byte(w, head | LOCATION_LONG << 3);
        write_location_signed(w, (int32_t)delta);
        write_location_varint(w, p.end_line > p.line ? (uint32_t)(p.end_line - p.line) : 0);
        write_location_varint(w, (uint32_t)(p.column + 1));
        write_location_varint(w, (uint32_t)(p.end_column + 1));
    }
}
static Value get_linetable(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    ByteWriter w = {0};
    UnitReader reader = unit_reader(c);
    Position run = {0}, p = {0};
    int32_t line = c->firstlineno;
    uint32_t units = 0;
    for (uint32_t more = 1; more; units += more) {
        more = units_next(&reader, &p);
        if (units && (!more || units + more > LOCATION_UNITS || memcmp(&run, &p, sizeof run))) {
            write_location(&w, run, &line, units);
            units = 0;
        }
        run = p;
    }
    Value v = w.failed ? raise_no_memory(t) : bytes_new(t, w.data, w.length);
    free(w.data);
    return v;
}
typedef struct LocationReader { const uint8_t *p, *end; bool bad; } LocationReader;
static uint8_t read_location_byte(LocationReader *r) {
    if (r->p < r->end) return *r->p++;
    r->bad = true;
    return 0;
}
static int32_t read_location_varint(LocationReader *r) {
    uint64_t n = 0;
    for (int shift = 0; shift < 36; shift += 6) {
        uint8_t b = read_location_byte(r);
        n |= (uint64_t)(b & 63) << shift;
        if (!(b & 64)) break;
    }
    if (n > INT32_MAX - 1) r->bad = true;
    return (int32_t)n;
}
static int32_t read_location_signed(LocationReader *r) {
    int32_t n = read_location_varint(r);
    return n & 1 ? -(n >> 1) : n >> 1;
}
// The positions of n instructions from a location table: each instruction has what stands for its last unit; what the table does
// not reach has none. 0, or -1 with ValueError for what is no such table.
static int positions_from_locations(Thread *t, LocationReader r, int32_t first_line, Position *positions, uint32_t n) {
    int64_t unit = 0, line = first_line;
    for (uint32_t i = 0; i < n; i++) positions[i] = (Position){-1, -1, -1, -1};
    while (r.p < r.end && !r.bad) {
        uint8_t head = read_location_byte(&r), kind = head >> 3 & 15;
        Position p = {-1, -1, -1, -1};
        if (!(head & 128)) r.bad = true;
        if (kind == LOCATION_LONG || kind == LOCATION_NO_COLUMNS) line += read_location_signed(&r);
        else if (kind >= LOCATION_ONE_LINE && kind < LOCATION_NO_COLUMNS) line += kind - LOCATION_ONE_LINE;
        if (line < 0 || line > INT32_MAX / 2) r.bad = true;
        if (kind != LOCATION_NONE) p.line = p.end_line = (int32_t)line;
        if (kind == LOCATION_LONG) {
            int64_t end = line + read_location_varint(&r);
            if (end > INT32_MAX / 2) r.bad = true;
            p.end_line = (int32_t)end;
            p.column = read_location_varint(&r) - 1;
            p.end_column = read_location_varint(&r) - 1;
        } else if (kind < LOCATION_SHORT_END) {
            uint8_t low = read_location_byte(&r);
            p.column = kind << 3 | low >> 4;
            p.end_column = p.column + (low & 15);
        } else if (kind < LOCATION_NO_COLUMNS) {
            p.column = read_location_byte(&r);
            p.end_column = read_location_byte(&r);
        }
        for (int64_t end = unit + (head & 7) + 1; unit < end; unit++)
            if (unit % UNITS == UNITS - 1 && unit / UNITS < n) positions[unit / UNITS] = p;
    }
    return r.bad ? raise_int(t, VALUE_ERROR, "code: bad co_linetable") : 0;
}

// ---- replace
// A tuple of exact strs from an argument. 0, -1.
static int names_argument(Thread *t, ValueRef v, const char *name) {
    if (!value_is(v, TUPLE)) return raise_int(t, TYPE_ERROR, "replace() argument '%s' must be tuple, not %T", name, v);
    for (int64_t i = 0; i < value_tuple(v)->length; i++)
        if (!value_is(tuple_item(value_tuple(v), i), STR))
            return raise_int(t, TYPE_ERROR, "name tuples must contain only strings, not '%T'", tuple_item(value_tuple(v), i));
    return 0;
}
// The names of the registers where co_varnames is to be `shown`: the names that it showed before change in place. Owned.
static Value renamed_registers(Thread *t, const Code *c, ValueRef shown) {
    Tuple *old = value_tuple(c->varnames), *before = value_tuple(c->shown_varnames), *names = tuple_alloc(t, old->length);
    if (!names) return UNDEF;
    for (int64_t i = 0, at = 0; i < old->length; i++) {
        bool listed = at < before->length && tuple_item(before, at) == tuple_item(old, i);
        slot_init(&names->items[i], value_dup(t, listed ? tuple_item(value_tuple(shown), at) : tuple_item(old, i)));
        at += listed;
    }
    return value_of(names);
}
static Value code_replace(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Code *c = value_code(self);
    enum { ARGCOUNT, POSONLY, KWONLY, NLOCALS, STACKSIZE, FLAGS, FIRSTLINE, NUMBERS, BYTECODE = NUMBERS, CONSTS, NAMES, VARNAMES, FREEVARS, CELLVARS, FILENAME, NAME_, QUALNAME, LINETABLE, EXCEPTIONTABLE, COUNT };
    ValueRef a[COUNT];
    if (args_bind(t, "replace", "(*, co_argcount=0, co_posonlyargcount=0, co_kwonlyargcount=0, co_nlocals=0, co_stacksize=0, co_flags=0, co_firstlineno=0, "
        "co_code=None, co_consts=None, co_names=None, co_varnames=None, co_freevars=None, co_cellvars=None, co_filename=None, co_name=None, co_qualname=None, "
        "co_linetable=None, co_exceptiontable=None)", args, nargs, kwnames, a) < 0) return UNDEF;
    int n[NUMBERS] = {c->data->flags & CO_OPTIMIZED ? (int)c->data->argcount : 0, (int)c->posonlyargcount, (int)c->kwonlyargcount, (int)value_tuple(c->shown_varnames)->length,
                      (int)c->data->nregs, (int)c->data->flags, c->firstlineno};
    for (int i = 0; i < NUMBERS; i++)
        if (a[i] && arg_int(t, a[i], &n[i]) < 0) return UNDEF;
    static const struct { int which; const char *name; } names[] = {{NAMES, "co_names"}, {VARNAMES, "co_varnames"}, {FREEVARS, "co_freevars"}, {CELLVARS, "co_cellvars"}},
        texts[] = {{FILENAME, "co_filename"}, {NAME_, "co_name"}, {QUALNAME, "co_qualname"}}, byte_strings[] = {{BYTECODE, "co_code"}, {LINETABLE, "co_linetable"}, {EXCEPTIONTABLE, "co_exceptiontable"}};
    for (int i = 0; i < 4; i++)
        if (a[names[i].which] && names_argument(t, a[names[i].which], names[i].name) < 0) return UNDEF;
    for (int i = 0; i < 3; i++) {
        ValueRef text = a[texts[i].which], bytes = a[byte_strings[i].which];
        if (text && !value_is(text, STR)) return raise(t, TYPE_ERROR, "replace() argument '%s' must be str, not %K", texts[i].name, text);
        if (bytes && !value_is(bytes, BYTES)) return raise(t, TYPE_ERROR, "replace() argument '%s' must be bytes, not %T", byte_strings[i].name, bytes);
    }
    if (a[CONSTS] && !value_is(a[CONSTS], TUPLE)) return raise(t, TYPE_ERROR, "replace() argument 'co_consts' must be tuple, not %T", a[CONSTS]);
    ValueRef shown = a[VARNAMES] ? a[VARNAMES] : (ValueRef)c->shown_varnames;
    if (n[ARGCOUNT] < 0 || n[POSONLY] < 0 || n[KWONLY] < 0 || n[NLOCALS] < 0 || n[STACKSIZE] < 0 || n[POSONLY] > n[ARGCOUNT])
        return raise(t, VALUE_ERROR, "code: arguments out of range");
    if (n[NLOCALS] != value_tuple(shown)->length) return raise(t, VALUE_ERROR, "code: co_nlocals != len(co_varnames)");
    if (value_tuple(shown)->length != value_tuple(c->shown_varnames)->length)
        return raise(t, VALUE_ERROR, "code.replace(): the number of local variables cannot be changed in Skein");
    // Other instructions work on this code's own registers and constants (of which co_consts shows a part): code_verify sees to it that they can.
    uint32_t ninstructions = c->ninstructions, nexceptions = c->nexceptions;
    if (a[BYTECODE] && (value_bytes(a[BYTECODE])->length % sizeof(Ins) || value_bytes(a[BYTECODE])->length > UINT32_MAX / 2)) return raise(t, VALUE_ERROR, "code: co_code is malformed");
    if (a[BYTECODE]) ninstructions = (uint32_t)(value_bytes(a[BYTECODE])->length / sizeof(Ins));
    if (a[EXCEPTIONTABLE] && (value_bytes(a[EXCEPTIONTABLE])->length % sizeof(ExceptionRow) || value_bytes(a[EXCEPTIONTABLE])->length > UINT32_MAX / 2))
        return raise(t, VALUE_ERROR, "code: co_exceptiontable is malformed");
    if (a[EXCEPTIONTABLE]) nexceptions = (uint32_t)(value_bytes(a[EXCEPTIONTABLE])->length / sizeof(ExceptionRow));
    Position *positions = malloc((ninstructions + 1) * sizeof *positions);
    Ins *instructions = malloc((ninstructions + 1) * sizeof *instructions);
    ExceptionRow *rows = malloc((nexceptions + 1) * sizeof *rows);
    Value varnames = renamed_registers(t, c, shown), v = UNDEF;
    if (!positions || !instructions || !rows || !varnames) {
        if (varnames) raise_no_memory(t);
        goto done;
    }
    bool same = ninstructions == c->ninstructions;
    if (a[BYTECODE]) memcpy(instructions, value_bytes(a[BYTECODE])->data, ninstructions * sizeof *instructions);
    for (uint32_t i = 0; i < ninstructions && (same || !a[BYTECODE]); i++) {
        Ins plain = code_plain_instruction(c, i);
        if (!a[BYTECODE]) instructions[i] = plain;
        same = same && instructions[i].word == plain.word;
    }
    if (a[EXCEPTIONTABLE]) memcpy(rows, value_bytes(a[EXCEPTIONTABLE])->data, nexceptions * sizeof *rows);
    else memcpy(rows, c->exceptions, nexceptions * sizeof *rows);
    PositionReader r = {c->positions, {c->firstlineno, c->firstlineno, -1, -1}};
    for (uint32_t i = 0; i < ninstructions; i++) {
        if (c->positions_bytes && i < c->ninstructions) position_step(&r);
        positions[i] = r.now;
        if (positions[i].line >= 0) {
            positions[i].line = (int32_t)((uint32_t)positions[i].line + (uint32_t)n[FIRSTLINE] - (uint32_t)c->firstlineno);
            positions[i].end_line = (int32_t)((uint32_t)positions[i].end_line + (uint32_t)n[FIRSTLINE] - (uint32_t)c->firstlineno);
        }
    }
    bool has_positions = c->positions_bytes;
    if (a[LINETABLE]) {
        size_t bytes = value_bytes(a[LINETABLE])->length;
        LocationReader table = {value_bytes(a[LINETABLE])->data, value_bytes(a[LINETABLE])->data + bytes, false};
        has_positions = bytes != 0;
        if (positions_from_locations(t, table, n[FIRSTLINE], positions, ninstructions) < 0) goto done;
    }
    CodeSpec spec = {
        .instructions = instructions, .positions = has_positions ? positions : NULL, .ninstructions = ninstructions, .constants = value_refs(c->data->constants), .nconstants = c->nconstants,
        .exceptions = rows, .nexceptions = nexceptions, .nregs = c->data->nregs,
        .argcount = (uint32_t)n[ARGCOUNT], .posonlyargcount = (uint32_t)n[POSONLY], .kwonlyargcount = (uint32_t)n[KWONLY], .flags = (uint32_t)n[FLAGS],
        .nlocals = c->data->nlocals, .varnames = varnames, .inline_variables = c->inline_variables, .ninline = same ? c->ninline : 0, .inline_names = c->inline_names,
        .cellvars = a[CELLVARS] ? a[CELLVARS] : (ValueRef)c->cellvars, .freevars = a[FREEVARS] ? a[FREEVARS] : (ValueRef)c->freevars, .names = a[NAMES] ? a[NAMES] : (ValueRef)c->names,
        .consts = a[CONSTS] ? a[CONSTS] : (ValueRef)c->consts, .name = a[NAME_] ? a[NAME_] : (ValueRef)c->name, .qualname = a[QUALNAME] ? a[QUALNAME] : (ValueRef)c->qualname,
        .filename = a[FILENAME] ? a[FILENAME] : (ValueRef)c->filename, .firstlineno = n[FIRSTLINE]};
    uint32_t at;
    const char *why = code_verify(&spec, &at);
    v = why ? raise(t, VALUE_ERROR, "code.replace(): %s (instruction %u)", why, at) : code_new(t, &spec);
done:
    value_release(t, varnames);
    free(positions);
    free(instructions);
    free(rows);
    return v;
}
static Value code_repr(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    return str_of_format(t, "<code object %U at %p, file \"%U\", line %d>", value_str(c->name), (void *)c, value_str(c->filename), c->firstlineno);
}
// Equal in everything that tells what the code does (a function's code compares by content).
static Value code_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is(a, CODE) || !value_is(b, CODE)) return NOT_IMPLEMENTED;
    Code *x = value_code(a), *y = value_code(b);
    int same = x == y;
    if (!same && x->ninstructions == y->ninstructions && x->nconstants == y->nconstants && x->data->flags == y->data->flags && x->firstlineno == y->firstlineno &&
        x->data->argcount == y->data->argcount && x->posonlyargcount == y->posonlyargcount && x->kwonlyargcount == y->kwonlyargcount && x->positions_bytes == y->positions_bytes &&
        x->nexceptions == y->nexceptions && !memcmp(x->exceptions, y->exceptions, x->nexceptions * sizeof *x->exceptions) &&
        !memcmp(x->positions, y->positions, x->positions_bytes) && str_equal(value_str(x->name), value_str(y->name))) {
        same = 1;
        for (uint32_t i = 0; same && i < x->ninstructions; i++) {
            same = code_plain_instruction(x, i).word == code_plain_instruction(y, i).word;
        }
        ValueRef pairs[][2] = {{x->consts, y->consts}, {x->names, y->names}, {x->varnames, y->varnames}, {x->freevars, y->freevars}, {x->cellvars, y->cellvars}};
        for (int i = 0; same == 1 && i < 5; i++)
            if ((same = object_equal(t, pairs[i][0], pairs[i][1])) < 0) return UNDEF;
    }
    return value_bool(op == CMP_EQ ? same : !same);
}
static int64_t code_hash(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    int64_t h = object_hash(t, c->consts);
    if (h == -1) error_clear(t);
    uint64_t mixed = (uint64_t)h * 31 + (uint64_t)str_hash(value_str(c->name)) + (uint64_t)c->firstlineno * 1000003;
    mixed = mixed * 31 + c->data->argcount * 7 + c->posonlyargcount * 5 + c->kwonlyargcount * 3;
    for (uint32_t i = 0; i < c->ninstructions; i++) mixed = mixed * 1000003 ^ code_plain_instruction(c, i).word;
    h = (int64_t)mixed;
    return h == -1 ? -2 : h;
}
static const NativeDef code_methods[] = {
    {"co_lines", code_lines, "($self, /)", NULL, 0},
    {"co_branches", code_branches, "($self, /)", NULL, 0},
    {"co_positions", code_positions, "($self, /)", NULL, 0},
    {"replace", code_replace, "($self, /, **changes)", NULL, NATIVE_RAW},
    {"__replace__", code_replace, "($self, /, **changes)", NULL, NATIVE_RAW},
    NATIVE_END};
const TypeSpec code_spec = {
    .name = "code", .doc = "Compiled code.", .size = sizeof(Code), .flags = TYPE_WEAKREFABLE | TYPE_NO_NEW,
    .ops = {.repr = code_repr, .compare = code_compare, .hash = code_hash}, .methods = code_methods, .getset = code_getset,
    .destroy = code_destroy, .traverse = code_traverse};
