// Code objects: made once by the front end (or unmarshalled), then immutable but for quickened ops and inline cells.
#include <stdlib.h>
#include "runtime/code.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/store.h"

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
static Position position_at(const uint8_t *compact, int32_t first_line, uint32_t instruction, uint32_t n) {
    PositionReader r = {compact, {first_line, first_line, -1, -1}};
    for (uint32_t i = 0; i <= instruction && i < n; i++) position_step(&r);
    return r.now;
}
Position code_position(const Code *code, uint32_t instruction) { return position_at(code->positions, code->firstlineno, instruction, code->ninstructions); }
int32_t code_line(const uint8_t *compact, int32_t first_line, uint32_t instruction, uint32_t n) { return position_at(compact, first_line, instruction, n).line; }

bool code_positions_valid(const uint8_t *compact, size_t bytes, uint32_t n) {
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
        memcpy(w.data, spec->compact_positions, w.length = spec->compact_bytes);
    } else {
        w.failed = true;
    }
    code->exceptions = calloc(spec->nexceptions ? spec->nexceptions : 1, sizeof(ExceptionRow));
    code->data = data;
    if (!data || !instructions || w.failed || !code->exceptions) {
        free(instructions);
        free(w.data);
        value_release(t, value_of(code));
        return raise_no_memory(t);
    }
    memcpy(instructions, spec->instructions, n * sizeof(Ins));
    if (spec->nexceptions) memcpy(code->exceptions, spec->exceptions, spec->nexceptions * sizeof(ExceptionRow));
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
    data->cells = (_Atomic uint64_t *)(instructions + n);
    data->cell_delta = (int64_t)(n * sizeof(Ins));
    data->nregs = spec->nregs;
    data->nlocals = spec->nlocals;
    data->argcount = spec->flags & CO_OPTIMIZED ? spec->argcount : spec->nlocals; // the namespace is a class body's or module's one argument
    data->flags = spec->flags;
    data->simple = !spec->kwonlyargcount && !(spec->flags & (CO_VARARGS | CO_VARKEYWORDS));
    for (uint32_t i = 0; i < spec->nconstants; i++) slot_init(&data->constants[i], value_dup(t, spec->constants[i]));
    slot_init(&code->varnames, value_dup(t, spec->varnames));
    slot_init(&code->cellvars, value_dup(t, spec->cellvars));
    slot_init(&code->freevars, value_dup(t, spec->freevars));
    slot_init(&code->names, value_dup(t, spec->names));
    slot_init(&code->consts, value_dup(t, spec->consts));
    slot_init(&code->name, value_dup(t, spec->name));
    slot_init(&code->qualname, value_dup(t, spec->qualname ? spec->qualname : spec->name));
    slot_init(&code->filename, value_dup(t, spec->filename));
    object_make_deferred(t, (Object *)code);
    return value_of(code);
}

static void code_destroy(Thread *t, Object *o) {
    Code *code = (Code *)o;
    for (Value *slot = &code->varnames; slot <= &code->filename; slot++) value_release(t, *slot);
    if (code->data) {
        for (uint32_t i = 0; i < code->nconstants; i++) value_release(t, code->data->constants[i]);
        free((void *)code->data->instructions);
    }
    // Cells' entries are leaked only with their code: each is freed here.
    free(code->data);
    free(code->exceptions);
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
CODE_FIELD(varnames)
#define CODE_NUMBER(name, expression) static Value get_##name(Thread *t, ValueRef self) { (void)t; Code *c = value_code(self); return value_int(expression); }
CODE_NUMBER(argcount, c->data->flags & CO_OPTIMIZED ? c->data->argcount : 0)
CODE_NUMBER(posonlyargcount, c->posonlyargcount)
CODE_NUMBER(kwonlyargcount, c->kwonlyargcount)
CODE_NUMBER(flags, c->data->flags)
CODE_NUMBER(nlocals, value_tuple(c->varnames)->length)
CODE_NUMBER(stacksize, c->data->nregs)
CODE_NUMBER(firstlineno, c->firstlineno)
static Value get_code(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    return bytes_new(t, c->data->instructions, c->ninstructions * sizeof(Ins));
}
static Value get_linetable(Thread *t, ValueRef self) { return bytes_new(t, value_code(self)->positions, value_code(self)->positions_bytes); }
static Value get_exceptiontable(Thread *t, ValueRef self) {
    return bytes_new(t, value_code(self)->exceptions, value_code(self)->nexceptions * sizeof(ExceptionRow));
}
static const GetSetDef code_getset[] = {
    {"co_argcount", get_argcount, NULL, NULL}, {"co_posonlyargcount", get_posonlyargcount, NULL, NULL}, {"co_kwonlyargcount", get_kwonlyargcount, NULL, NULL},
    {"co_nlocals", get_nlocals, NULL, NULL}, {"co_stacksize", get_stacksize, NULL, NULL}, {"co_flags", get_flags, NULL, NULL},
    {"co_code", get_code, NULL, NULL}, {"_co_code_adaptive", get_code, NULL, NULL}, {"co_consts", get_consts, NULL, NULL}, {"co_names", get_names, NULL, NULL},
    {"co_varnames", get_varnames, NULL, NULL}, {"co_freevars", get_freevars, NULL, NULL}, {"co_cellvars", get_cellvars, NULL, NULL},
    {"co_filename", get_filename, NULL, NULL}, {"co_name", get_name, NULL, NULL}, {"co_qualname", get_qualname, NULL, NULL},
    {"co_firstlineno", get_firstlineno, NULL, NULL}, {"co_linetable", get_linetable, NULL, NULL}, {"co_exceptiontable", get_exceptiontable, NULL, NULL},
    GETSET_END};

static Value line_or_none(int32_t n) { return n < 0 ? NONE : value_int(n); }
// (start, end, line) in bytes of co_code, one a run of equal lines.
static Value code_lines(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Code *c = value_code(self);
    Value list = list_new(t, 0);
    PositionReader r = {c->positions, {c->firstlineno, c->firstlineno, -1, -1}};
    int32_t line = 0;
    uint32_t start = 0;
    for (uint32_t i = 0; list && i <= c->ninstructions; i++) {
        if (i < c->ninstructions) position_step(&r);
        if (i == c->ninstructions || (i && r.now.line != line)) {
            Value row[3] = {value_int(start * 8), value_int(i * 8), line_or_none(line)};
            Value tuple = tuple_from_values(t, row, 3);
            if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
            start = i;
        }
        line = r.now.line;
    }
    if (!list) return UNDEF;
    Value iterator = object_iter(t, list);
    value_release(t, list);
    return iterator;
}
static Value code_positions(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    Code *c = value_code(self);
    Value list = list_new(t, c->ninstructions);
    PositionReader r = {c->positions, {c->firstlineno, c->firstlineno, -1, -1}};
    for (uint32_t i = 0; list && i < c->ninstructions; i++) {
        position_step(&r);
        Value row[4] = {line_or_none(r.now.line), line_or_none(r.now.end_line), line_or_none(r.now.column), line_or_none(r.now.end_column)};
        Value tuple = tuple_from_values(t, row, 4);
        if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
    }
    if (!list) return UNDEF;
    Value iterator = object_iter(t, list);
    value_release(t, list);
    return iterator;
}
static Value code_replace(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Code *c = value_code(self);
    enum { ARGCOUNT, POSONLY, KWONLY, NLOCALS, STACKSIZE, FLAGS, FIRSTLINE, BYTECODE, CONSTS, NAMES, VARNAMES, FREEVARS, CELLVARS, FILENAME, NAME_, QUALNAME, LINETABLE, EXCEPTIONTABLE, COUNT };
    ValueRef a[COUNT];
    if (args_bind(t, "replace", "(*, co_argcount=0, co_posonlyargcount=0, co_kwonlyargcount=0, co_nlocals=0, co_stacksize=0, co_flags=0, co_firstlineno=0, "
        "co_code=None, co_consts=None, co_names=None, co_varnames=None, co_freevars=None, co_cellvars=None, co_filename=None, co_name=None, co_qualname=None, "
        "co_linetable=None, co_exceptiontable=None)", args, nargs, kwnames, a) < 0) return UNDEF;
    if (a[BYTECODE] || a[EXCEPTIONTABLE] || a[LINETABLE]) return raise(t, VALUE_ERROR, "code.replace(): co_code, co_linetable and co_exceptiontable cannot be replaced in Skein");
    int64_t flags = c->data->flags, first = c->firstlineno;
    if (a[FLAGS] && arg_int64(t, a[FLAGS], &flags) < 0) return UNDEF;
    if (a[FIRSTLINE] && arg_int64(t, a[FIRSTLINE], &first) < 0) return UNDEF;
    Position *positions = malloc((c->ninstructions + 1) * sizeof *positions);
    if (!positions) return raise_no_memory(t);
    PositionReader r = {c->positions, {c->firstlineno, c->firstlineno, -1, -1}};
    for (uint32_t i = 0; i < c->ninstructions; i++) {
        position_step(&r);
        positions[i] = r.now;
        if (positions[i].line >= 0) {
            positions[i].line = (int32_t)((uint32_t)positions[i].line + (uint32_t)(first - c->firstlineno));
            positions[i].end_line = (int32_t)((uint32_t)positions[i].end_line + (uint32_t)(first - c->firstlineno));
        }
    }
    CodeSpec spec = {
        .instructions = c->data->instructions, .positions = positions, .ninstructions = c->ninstructions, .constants = value_refs(c->data->constants), .nconstants = c->nconstants,
        .exceptions = c->exceptions, .nexceptions = c->nexceptions, .nregs = c->data->nregs, .argcount = c->data->argcount, .posonlyargcount = c->posonlyargcount,
        .kwonlyargcount = c->kwonlyargcount, .flags = (uint32_t)flags, .nlocals = c->data->nlocals, .varnames = a[VARNAMES] ? a[VARNAMES] : (ValueRef)c->varnames,
        .cellvars = a[CELLVARS] ? a[CELLVARS] : (ValueRef)c->cellvars, .freevars = a[FREEVARS] ? a[FREEVARS] : (ValueRef)c->freevars, .names = a[NAMES] ? a[NAMES] : (ValueRef)c->names,
        .consts = a[CONSTS] ? a[CONSTS] : (ValueRef)c->consts, .name = a[NAME_] ? a[NAME_] : (ValueRef)c->name, .qualname = a[QUALNAME] ? a[QUALNAME] : (ValueRef)c->qualname,
        .filename = a[FILENAME] ? a[FILENAME] : (ValueRef)c->filename, .firstlineno = (int32_t)first};
    uint32_t at;
    const char *why = code_verify(&spec, &at);
    Value v = why ? raise(t, VALUE_ERROR, "code.replace(): %s (instruction %u)", why, at) : code_new(t, &spec);
    free(positions);
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
        !memcmp(x->positions, y->positions, x->positions_bytes) && str_equal(value_str(x->name), value_str(y->name))) {
        same = 1;
        for (uint32_t i = 0; same && i < x->ninstructions; i++) {
            // Quickened ops differ by history: only the operands are compared, and the positions above.
            same = x->data->instructions[i].word >> 16 == y->data->instructions[i].word >> 16;
        }
        ValueRef pairs[][2] = {{x->consts, y->consts}, {x->names, y->names}, {x->varnames, y->varnames}, {x->freevars, y->freevars}, {x->cellvars, y->cellvars}};
        for (int i = 0; same == 1 && i < 5; i++)
            if ((same = object_equal(t, pairs[i][0], pairs[i][1])) < 0) return UNDEF;
    }
    return value_bool(op == CMP_EQ ? same : !same);
}
static int64_t code_hash(Thread *t, ValueRef self) {
    Code *c = value_code(self);
    int64_t consts = object_hash(t, c->consts);
    if (consts == -1) error_clear(t);
    uint64_t h = (uint64_t)consts * 31 + (uint64_t)str_hash(value_str(c->name)) + (uint64_t)(int64_t)c->firstlineno * 1000003 + c->ninstructions;
    return (int64_t)h == -1 ? -2 : (int64_t)h;
}
static const NativeDef code_methods[] = {
    {"co_lines", code_lines, "($self, /)", NULL, 0},
    {"co_positions", code_positions, "($self, /)", NULL, 0},
    {"replace", code_replace, "($self, /, **changes)", NULL, NATIVE_RAW},
    {"__replace__", code_replace, "($self, /, **changes)", NULL, NATIVE_RAW},
    NATIVE_END};
const TypeSpec code_spec = {
    .name = "code", .doc = "Compiled code.", .size = sizeof(Code), .flags = TYPE_WEAKREFABLE | TYPE_NO_NEW,
    .ops = {.repr = code_repr, .compare = code_compare, .hash = code_hash}, .methods = code_methods, .getset = code_getset,
    .destroy = code_destroy, .traverse = code_traverse};
