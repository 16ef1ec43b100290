// Units: registers, labels with what is bound at them, the constant pool, and where each name lives.
#include "src/compile.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void compile_error(Unit *u, Pos pos, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    syntax_error_raise(u->f, FAIL_SYNTAX, pos, front_format(u->f, "%s", text));
}

// ---- registers

uint32_t temps(Unit *u, uint32_t n)
{
    uint32_t first = u->depth;
    u->depth += n;
    if (u->depth > u->max_depth)
        u->max_depth = u->depth;
    if (u->depth >= REG / 2)
        front_fail(u->f, FAIL_OVERFLOW, "too many registers");
    return first;
}

uint32_t temp(Unit *u) { return temps(u, 1); }

// ---- emission

Insn *emit(Unit *u, int op, uint32_t a, uint32_t b, uint32_t c)
{
    if (!u->reachable)
        return NEW(u->f, Insn);  // behind a jump: never run, never kept
    PUSH(u->f, &u->code, ((Insn){(uint16_t)op, a, b, c, -1, u->handler, u->pos}));
    if (op_info[op].effects & ENDS)
        u->reachable = false;
    return &u->code.at[u->code.n - 1];
}

uint64_t *bound_copy(Unit *u)
{
    uint64_t *copy = NEW_N(u->f, uint64_t, u->bound_words ? u->bound_words : 1);
    memcpy(copy, u->bound, u->bound_words * sizeof *copy);
    return copy;
}

static void bound_meet(Unit *u, uint64_t **into, const uint64_t *with)
{
    if (!*into) {
        *into = NEW_N(u->f, uint64_t, u->bound_words ? u->bound_words : 1);
        memcpy(*into, with, u->bound_words * sizeof **into);
        return;
    }
    for (uint32_t i = 0; i < u->bound_words; i++)
        (*into)[i] &= with[i];
}

int32_t label_new(Unit *u)
{
    PUSH(u->f, &u->labels, ((Label){-1, false, NULL}));
    return (int32_t)u->labels.n - 1;
}

void emit_jump(Unit *u, int op, uint32_t a, uint32_t b, int32_t label)
{
    if (!u->reachable)
        return;
    Label *l = &u->labels.at[label];
    if (l->at < 0)
        bound_meet(u, &l->bound, u->bound);
    l->reached = true;
    emit(u, op, a, b, 0)->label = label;
}

void emit_jump_on(Unit *u, int32_t label)
{
    Pos pos = u->pos;
    u->pos = NOWHERE;
    emit_jump(u, OP_JMP, 0, 0, label);
    u->pos = pos;
}

void label_bind(Unit *u, int32_t label)
{
    Label *l = &u->labels.at[label];
    l->at = (int32_t)u->code.n;
    if (!l->reached)
        return;
    if (u->reachable)
        bound_meet(u, &l->bound, u->bound);
    memcpy(u->bound, l->bound, u->bound_words * sizeof *u->bound);
    u->reachable = true;
}

void label_bind_loop(Unit *u, int32_t label)
{
    Label *l = &u->labels.at[label];
    l->at = (int32_t)u->code.n;
}

int32_t handler_new(Unit *u, int32_t label, uint32_t depth, uint32_t exc)
{
    PUSH(u->f, &u->handlers, ((Catch){label, depth, exc, u->handler}));
    return (int32_t)u->handlers.n - 1;
}

void handler_bind(Unit *u, int32_t handler, const uint64_t *bound)
{
    Label *l = &u->labels.at[u->handlers.at[handler].label];
    l->at = (int32_t)u->code.n;
    l->reached = true;
    memcpy(u->bound, bound, u->bound_words * sizeof *u->bound);
    u->reachable = true;
}

// ---- the pool

static uint32_t mix(uint32_t h, uint64_t x)
{
    h ^= (uint32_t)x ^ (uint32_t)(x >> 32);
    return (h << 13 | h >> 19) * 2654435761u;
}

static uint32_t text_hash(const Chars *s)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < s->length; i++)
        h = (h ^ (unsigned char)s->s[i]) * 16777619u;
    return h;
}

static uint32_t const_hash(const Const *c)
{
    uint32_t h = mix(c->kind, c->count);
    uint64_t bits;
    switch (c->kind) {
    case CONST_INT: return mix(h, (uint64_t)c->integer);
    case CONST_FLOAT: memcpy(&bits, &c->real, 8); return mix(h, bits);
    case CONST_COMPLEX:
        memcpy(&bits, &c->real, 8);
        h = mix(h, bits);
        memcpy(&bits, &c->imag, 8);
        return mix(h, bits);
    case CONST_STR: case CONST_BYTES: case CONST_BIGINT: return mix(h, text_hash(c->text));
    case CONST_TUPLE: case CONST_FROZENSET:
        for (uint32_t i = 0; i < c->count; i++)
            h = mix(h, const_hash(&c->items[i]));
        return h;
    default: return h;
    }
}

static bool text_same(const Chars *a, const Chars *b) { return a->length == b->length && !memcmp(a->s, b->s, a->length); }

static bool const_same(const Const *a, const Const *b)  // 0.0 and -0.0, 1 and 1.0 and True are different constants
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    switch (a->kind) {
    case CONST_INT: return a->integer == b->integer;
    case CONST_FLOAT: return !memcmp(&a->real, &b->real, 8);
    case CONST_COMPLEX: return !memcmp(&a->real, &b->real, 8) && !memcmp(&a->imag, &b->imag, 8);
    case CONST_STR: case CONST_BYTES: case CONST_BIGINT: return text_same(a->text, b->text);
    case CONST_TUPLE: case CONST_FROZENSET:
        for (uint32_t i = 0; i < a->count; i++)
            if (!const_same(&a->items[i], &b->items[i]))
                return false;
        return true;
    default: return true;
    }
}

static uint32_t pool_add(Unit *u, PoolEntry e)
{
    if ((u->pool.n + 1) * 2 > u->pool_size) {
        uint32_t size = u->pool_size ? u->pool_size * 2 : 16;
        u->pool_table = NEW_N(u->f, uint32_t, size);
        u->pool_size = size;
        for (uint32_t i = 0; i < u->pool.n; i++) {
            uint32_t j = u->pool.at[i].hash & (size - 1);
            while (u->pool_table[j])
                j = (j + 1) & (size - 1);
            u->pool_table[j] = i + 1;
        }
    }
    uint32_t j = e.hash & (u->pool_size - 1);
    for (; u->pool_table[j]; j = (j + 1) & (u->pool_size - 1)) {
        const PoolEntry *other = &u->pool.at[u->pool_table[j] - 1];
        if (other->hash != e.hash || other->kind != e.kind || e.kind == POOL_CODE)
            continue;
        if (e.kind == POOL_NAME ? other->name == e.name : const_same(other->value, e.value))
            return u->pool_table[j] - 1;
    }
    PUSH(u->f, &u->pool, e);
    u->pool_table[j] = (uint32_t)u->pool.n;
    return (uint32_t)u->pool.n - 1;
}

uint32_t pool_const(Unit *u, const Const *c)
{
    Const *copy = NEW(u->f, Const);
    *copy = *c;
    return pool_add(u, (PoolEntry){.kind = POOL_CONST, .value = copy, .hash = const_hash(c)});
}

uint32_t pool_name(Unit *u, const Chars *name) { return pool_add(u, (PoolEntry){.kind = POOL_NAME, .name = name, .hash = mix(77, name->hash)}); }

uint32_t pool_attr(Unit *u, const Chars *name)
{
    name = scope_mangle(u->f, u->scope, name);
    size_t before = u->pool.n;
    uint32_t k = pool_name(u, name);
    if (u->pool.n > before)
        PUSH(u->f, &u->names, name);
    return k;
}

uint32_t pool_code(Unit *u, Unit *code) { return pool_add(u, (PoolEntry){.kind = POOL_CODE, .code = code, .hash = mix(99, (uint64_t)(uintptr_t)code)}); }

const Chars *text_const(Unit *u, const char *text) { return front_intern(u->f, text, strlen(text)); }

void load_word(Unit *u, uint32_t d, Value word) { emit(u, OP_LOADC, d, (uint32_t)value_bits(word), 0); }

void load_int(Unit *u, uint32_t d, int64_t n)
{
    if (n == (int32_t)n)
        emit(u, OP_LOADI, d, (uint32_t)(int32_t)n, 0);
    else
        emit(u, OP_LOADK, d, pool_const(u, &(Const){.kind = CONST_INT, .integer = n}), 0);
}

void load_text(Unit *u, uint32_t d, const Chars *s) { emit(u, OP_LOADK, d, pool_const(u, &(Const){.kind = CONST_STR, .text = s}), 0); }

void load_const(Unit *u, uint32_t d, const Const *c)
{
    switch (c->kind) {
    case CONST_NONE: load_word(u, d, NONE); break;
    case CONST_TRUE: load_word(u, d, TRUE_VALUE); break;
    case CONST_FALSE: load_word(u, d, FALSE_VALUE); break;
    case CONST_ELLIPSIS: load_word(u, d, ELLIPSIS); break;
    case CONST_INT: load_int(u, d, c->integer); break;
    default: emit(u, OP_LOADK, d, pool_const(u, c), 0);
    }
}

// ---- units

static int compare_names(const void *a, const void *b)
{
    const Chars *x = *(const Chars *const *)a, *y = *(const Chars *const *)b;
    int r = memcmp(x->s, y->s, x->length < y->length ? x->length : y->length);
    return r ? r : x->length < y->length ? -1 : x->length > y->length;
}

static const Chars *qualified_name(Unit *u)
{
    Unit *parent = u->outer;
    while (parent && parent->scope->kind == SCOPE_TYPE_PARAMS)
        parent = parent->outer;
    if (!parent || (parent->scope->kind == SCOPE_MODULE))
        return u->name;
    ScopeKind k = u->scope->kind;
    if (k == SCOPE_FUNCTION || k == SCOPE_CLASS) {
        if (!u->scope->comprehension && !u->scope->is_lambda) {
            const Chars *mangled = scope_mangle(u->f, parent->scope, u->name);
            Symbol *y = scope_symbol(parent->scope, mangled);
            if (y && y->scope == NAME_GLOBAL_EXPLICIT)
                return u->name;
        }
    }
    const char *middle = scope_is_function(parent->scope) && parent->scope->kind != SCOPE_CLASS ? ".<locals>." : ".";
    const char *text = front_format(u->f, "%s%s%s", parent->qualname->s, middle, u->name->s);
    return front_intern(u->f, text, strlen(text));
}

static void add_local(Unit *u, Symbol *y)
{
    y->index = (uint32_t)u->varnames.n;
    const Chars *name = y->name;
    if (str_is(name, ".format"))
        name = text_const(u, "format");
    PUSH(u->f, &u->varnames, name);
}

Unit *unit_new(Front *f, Unit *outer, Scope *scope, const Chars *name, int32_t firstline)
{
    Unit *u = NEW(f, Unit);
    u->f = f;
    u->outer = outer;
    u->scope = u->inner = scope;
    u->optimize = outer ? outer->optimize : 0;
    u->name = name;
    u->firstline = firstline;
    u->handler = -1;
    u->reachable = true;
    u->pos = (Pos){firstline, 0, firstline, 0};
    u->qualname = qualified_name(u);
    if (scope_is_function(scope)) {
        for (size_t i = 0; i < scope->params.n; i++)
            add_local(u, scope_symbol(scope, scope->params.at[i]));
        for (size_t i = 0; i < scope->symbols.n; i++) {
            Symbol *y = scope->symbols.at[i];
            if ((y->scope == NAME_LOCAL || y->scope == NAME_CELL) && !(y->flags & DEF_PARAM))
                add_local(u, y);
        }
        u->nlocals = (uint32_t)u->varnames.n;
        u->flags = CO_OPTIMIZED | CO_NEWLOCALS;
        if (scope->nested)
            u->flags |= CO_NESTED;
        if (scope->varargs)
            u->flags |= CO_VARARGS;
        if (scope->varkeywords)
            u->flags |= CO_VARKEYWORDS;
        if (scope->method)
            u->flags |= CO_METHOD;
        if (scope->generator)
            u->flags |= scope->coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        else if (scope->coroutine)
            u->flags |= CO_COROUTINE;
    } else {
        u->nlocals = 1;  // the namespace
        if (scope->kind == SCOPE_MODULE && scope->coroutine)
            u->flags |= CO_COROUTINE;
    }
    if (f->scopes->future & FRONT_FUTURE_ANNOTATIONS)
        u->flags |= CO_FUTURE_ANNOTATIONS;
    for (size_t i = 0; i < scope->symbols.n; i++) {
        Symbol *y = scope->symbols.at[i];
        if (y->scope == NAME_CELL)
            PUSH(f, &u->cellvars, y->name);
        if (y->scope == NAME_FREE || y->free_here)
            PUSH(f, &u->freevars, y->name);
    }
    if (scope->kind == SCOPE_CLASS) {
        if (scope->class_cell)
            PUSH(f, &u->cellvars, scope->class_cell->name);
        if (scope->classdict_cell)
            PUSH(f, &u->cellvars, scope->classdict_cell->name);
        if (scope->conditional_cell)
            PUSH(f, &u->cellvars, scope->conditional_cell->name);
    }
    if (u->cellvars.n)
        qsort(u->cellvars.at, u->cellvars.n, sizeof *u->cellvars.at, compare_names);
    if (u->freevars.n)
        qsort(u->freevars.at, u->freevars.n, sizeof *u->freevars.at, compare_names);
    u->depth = u->max_depth = u->nlocals;
    u->bound_words = (u->nlocals + 63) / 64;
    u->bound = NEW_N(f, uint64_t, u->bound_words ? u->bound_words : 1);
    for (size_t i = 0; i < scope->params.n; i++)
        u->bound[i / 64] |= 1ull << (i % 64);
    return u;
}

// ---- names

static uint32_t free_index(Unit *u, const Chars *name)
{
    for (uint32_t i = 0; i < u->freevars.n; i++)
        if (u->freevars.at[i] == name)
            return i;
    front_fail(u->f, FAIL_SYSTEM, "no free variable '%s' in %s", name->s, u->name->s);
}

Place place_of(Unit *u, const Chars *name)
{
    name = scope_mangle(u->f, u->scope, name);
    for (Scope *s = u->inner; s != u->scope; s = s->parent) {
        Symbol *y = scope_symbol(s, name);
        if (y && y->flags & DEF_BOUND && !(y->flags & (DEF_GLOBAL | DEF_NONLOCAL)))
            return (Place){y->scope == NAME_CELL ? PLACE_CELL : PLACE_FAST, y->index, y, name};
    }
    Scope *s = u->scope;
    Symbol *y = scope_symbol(s, name);
    int scope = y ? y->scope : NAME_GLOBAL_IMPLICIT;
    switch (s->kind) {
    case SCOPE_MODULE:
        if (scope == NAME_GLOBAL_EXPLICIT)
            return (Place){PLACE_GLOBAL, 0, y, name};
        return (Place){PLACE_NAME, 0, y, name};
    case SCOPE_CLASS:
        if (scope == NAME_GLOBAL_EXPLICIT)
            return (Place){PLACE_GLOBAL, 0, y, name};
        if (scope == NAME_FREE && y->flags)
            return (Place){PLACE_DICT_FREE, free_index(u, name), y, name};
        if (y && y == s->conditional_cell)
            return (Place){PLACE_CELL, u->conditional_reg, y, name};
        return (Place){PLACE_NAME, 0, y, name};
    default:
        if (scope == NAME_LOCAL)
            return (Place){PLACE_FAST, y->index, y, name};
        if (scope == NAME_CELL)
            return (Place){PLACE_CELL, y->index, y, name};
        bool implicit = str_is(name, "__classdict__") || str_is(name, "__class__") || str_is(name, "__conditional_annotations__");
        if (scope == NAME_FREE)
            return (Place){s->sees_class && !implicit ? PLACE_DICT_FREE : PLACE_FREE, free_index(u, name), y, name};
        if (scope == NAME_GLOBAL_IMPLICIT && s->sees_class && !implicit)
            return (Place){PLACE_DICT_GLOBAL, 0, y, name};
        return (Place){PLACE_GLOBAL, 0, y, name};
    }
}

enum { DEF_ASSIGNED = 1u << 30 };  // of a comprehension's own variable: stored to by now

static bool is_local_register(const Unit *u, const Place *p) { return p->kind == PLACE_FAST && p->index < u->nlocals; }

static bool certainly_bound(Unit *u, const Place *p)
{
    if (!is_local_register(u, p))
        return p->symbol->flags & DEF_ASSIGNED;
    return u->bound[p->index / 64] >> (p->index % 64) & 1;
}

void note_bound(Unit *u, Place p)
{
    if (p.kind != PLACE_FAST)
        return;
    if (!is_local_register(u, &p))
        p.symbol->flags |= DEF_ASSIGNED;
    else if (!(p.symbol->flags & DEF_DELETED))
        u->bound[p.index / 64] |= 1ull << (p.index % 64);
}

static void check_bound(Unit *u, const Place *p)
{
    if (certainly_bound(u, p))
        return;
    emit(u, OP_CHECK_BOUND, p->index, pool_name(u, p->name), 0);
    note_bound(u, *p);
}

// The register of __classdict__'s value, in a temporary.
static uint32_t load_classdict(Unit *u)
{
    uint32_t t = temp(u);
    const Chars *name = text_const(u, "__classdict__");
    emit(u, OP_LOAD_FREE, t, free_index(u, name), pool_name(u, name));
    return t;
}

void load_name(Unit *u, const Chars *name, uint32_t d)
{
    if (str_is(name, "__debug__")) {
        load_word(u, d, u->optimize ? FALSE_VALUE : TRUE_VALUE);
        return;
    }
    Place p = place_of(u, name);
    uint32_t mark = u->depth;
    switch (p.kind) {
    case PLACE_FAST:
        check_bound(u, &p);
        emit(u, OP_MOVE, d, p.index, 0);
        break;
    case PLACE_CELL: emit(u, OP_LOAD_CELL, d, p.index, pool_name(u, p.name)); break;
    case PLACE_FREE: emit(u, OP_LOAD_FREE, d, p.index, pool_name(u, p.name)); break;
    case PLACE_GLOBAL: emit(u, OP_LOAD_GLOBAL, d, pool_attr(u, name), 0); break;
    case PLACE_NAME: emit(u, OP_LOAD_NAME, d, pool_attr(u, name), 0); break;
    case PLACE_DICT_GLOBAL:
        emit(u, OP_LOAD_DICT_OR_GLOBAL, d, last(load_classdict(u)), pool_attr(u, name));
        break;
    case PLACE_DICT_FREE:
        if (u->scope->kind == SCOPE_CLASS)
            emit(u, OP_LOAD_DICT_OR_FREE, d, 0, p.index);
        else
            emit(u, OP_LOAD_DICT_OR_FREE, d, last(load_classdict(u)), p.index);
        break;
    case PLACE_DICT_CELL: emit(u, OP_LOAD_DICT_OR_CELL, d, 0, p.index); break;
    }
    u->depth = mark;
}

uint32_t operand_name(Unit *u, const Chars *name)
{
    if (!str_is(name, "__debug__")) {
        Place p = place_of(u, name);
        if (p.kind == PLACE_FAST) {
            check_bound(u, &p);
            return p.index;
        }
    }
    uint32_t t = temp(u);
    load_name(u, name, t);
    return last(t);
}

void store_name(Unit *u, const Chars *name, uint32_t r)
{
    Place p = place_of(u, name);
    switch (p.kind) {
    case PLACE_FAST: emit(u, OP_MOVE, p.index | FLAG, r, 0); break;
    case PLACE_CELL: emit(u, OP_STORE_CELL, p.index, r, 0); break;
    case PLACE_FREE:
    case PLACE_DICT_FREE: emit(u, OP_STORE_FREE, p.index, r, 0); break;
    case PLACE_GLOBAL:
    case PLACE_DICT_GLOBAL: emit(u, OP_STORE_GLOBAL, pool_attr(u, name), r, 0); break;
    case PLACE_NAME: emit(u, OP_STORE_NAME, pool_attr(u, name), r, 0); break;
    case PLACE_DICT_CELL: emit(u, OP_STORE_CELL, p.index, r, 0); break;
    }
    note_bound(u, p);
}

void delete_name(Unit *u, const Chars *name)
{
    Place p = place_of(u, name);
    switch (p.kind) {
    case PLACE_FAST:
        emit(u, OP_DELETE_LOCAL, p.index, pool_name(u, p.name), 0);
        if (is_local_register(u, &p))
            u->bound[p.index / 64] &= ~(1ull << (p.index % 64));
        break;
    case PLACE_CELL:
    case PLACE_DICT_CELL: emit(u, OP_DELETE_CELL, p.index, pool_name(u, p.name), 0); break;
    case PLACE_FREE:
    case PLACE_DICT_FREE: emit(u, OP_DELETE_FREE, p.index, pool_name(u, p.name), 0); break;
    case PLACE_GLOBAL:
    case PLACE_DICT_GLOBAL: emit(u, OP_DELETE_GLOBAL, pool_attr(u, name), 0, 0); break;
    case PLACE_NAME: emit(u, OP_DELETE_NAME, pool_attr(u, name), 0, 0); break;
    }
}

// ---- closures

static void load_cell_itself(Unit *u, const Chars *name, uint32_t d)
{
    for (Scope *s = u->inner; s != u->scope; s = s->parent) {
        Symbol *y = scope_symbol(s, name);
        if (y && y->flags & DEF_BOUND && y->scope == NAME_CELL) {
            emit(u, OP_MOVE, d, y->index, 0);
            return;
        }
    }
    Symbol *y = scope_symbol(u->scope, name);
    bool implicit = y && u->scope->kind == SCOPE_CLASS && (y == u->scope->class_cell || y == u->scope->classdict_cell || y == u->scope->conditional_cell);
    if (implicit || (y && y->scope == NAME_CELL))
        emit(u, OP_MOVE, d, implicit && y == u->scope->conditional_cell ? u->conditional_reg : y->index, 0);
    else
        emit(u, OP_LOAD_FREECELL, d, free_index(u, name), 0);
}

void load_closure(Unit *u, uint32_t d, Unit *code)
{
    uint32_t mark = u->depth, n = (uint32_t)code->freevars.n, first = u->depth;
    for (uint32_t i = 0; i < n; i++)
        load_cell_itself(u, code->freevars.at[i], temp(u));
    emit(u, OP_BUILD_TUPLE, d, first, n);
    u->depth = mark;
}

void make_function(Unit *u, uint32_t d, Unit *code)
{
    uint32_t mark = u->depth;
    if (is_variable(d)) {
        uint32_t t = temp(u);
        make_function(u, t, code);
        emit(u, OP_MOVE, d, last(t), 0);
        u->depth = mark;
        return;
    }
    emit(u, OP_MAKE_FUNCTION, d, pool_code(u, code), 0);
    if (code->freevars.n) {
        uint32_t t = temp(u);
        load_closure(u, t, code);
        emit(u, OP_SET_FUNCTION, d, last(t), FUNCTION_CLOSURE);
    }
    u->depth = mark;
}

// ---- a whole tree

Unit *compile_tree(Front *f, Node *tree, int optimize)
{
    Unit *u = unit_new(f, NULL, f->scopes->top, text_const(&(Unit){.f = f}, "<module>"), 1);
    u->optimize = optimize;
    u->pos = (Pos){1, 0, 1, 0};
    if (u->flags & CO_COROUTINE)
        emit(u, OP_RETURN_GENERATOR, 0, 0, 0), u->reachable = true;
    if (tree->kind == Expression_kind) {
        uint32_t t = temp(u);
        expr_to(u, tree->Expression.body, t);
        emit(u, OP_RETURN, last(t), 0, 0);
    } else {
        u->is_interactive = tree->kind == Interactive_kind;
        const Seq *body = tree->Module.body;
        uint32_t from = 0;
        uint32_t mark = u->depth;
        if (u->scope->conditional_annotations) {
            uint32_t t = temp(u);
            emit(u, OP_BUILD_SET, t, t, 0);
            emit(u, OP_STORE_NAME, pool_attr(u, text_const(u, "__conditional_annotations__")), last(t), 0);
            u->depth = mark;
        }
        if (u->scope->has_annotations && f->scopes->future & FRONT_FUTURE_ANNOTATIONS) {
            // __annotations__ exists from the first statement on
            uint32_t t = temp(u);
            emit(u, OP_BUILD_DICT, t, t, 0);
            emit(u, OP_STORE_NAME, pool_attr(u, text_const(u, "__annotations__")), last(t), 0);
            u->depth = mark;
        }
        if (tree->kind == Module_kind && u->scope->has_docstring && body->n) {
            from = 1;
            u->pos = body->at[0]->pos;
            if (optimize < 2) {
                uint32_t t = temp(u);
                load_const(u, t, &body->at[0]->Expr.value->Constant.value);
                store_name(u, text_const(u, "__doc__"), last(t));
                u->depth = mark;
            }
        }
        compile_annotations(u);
        compile_body(u, body, from);
        bool nothing = !u->code.n; // then it stands before the first line, where debuggers stop
        if (nothing)
            u->pos = (Pos){0, 0, 1, 0};
        emit(u, OP_RETURNC, (uint32_t)value_bits(NONE), !nothing, 0);
    }
    assemble(u);
    return u;
}
