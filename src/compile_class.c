// What makes functions and classes: parameters, defaults, decorators, annotations (PEP 649), type parameters (PEP 695, 696).
#include "src/compile.h"

enum { FORMAT_VALUE_WITH_FAKE_GLOBALS = 2 };

// ---- a function's code

void begin_function(Unit *u)
{
    Scope *s = u->scope;
    for (size_t i = 0; i < s->params.n; i++) {
        Symbol *y = scope_symbol(s, s->params.at[i]);
        if (y->scope == NAME_CELL)
            emit(u, OP_MAKE_CELL, y->index, 0, 0);
    }
    for (size_t i = 0; i < s->symbols.n; i++) {
        Symbol *y = s->symbols.at[i];
        if (y->scope == NAME_CELL && !(y->flags & DEF_PARAM))
            emit(u, OP_MAKE_CELL, y->index, 0, 0);
    }
    if (u->flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) {
        emit(u, OP_RETURN_GENERATOR, 0, 0, 0);
        u->reachable = true;  // the first resume goes on here
        u->handler = handler_new(u, label_new(u), u->nlocals, u->nlocals);
    }
}

void finish_function(Unit *u)
{
    emit(u, OP_RETURNC, (uint32_t)value_bits(NONE), 1, 0);
    if (u->handler >= 0) {  // StopIteration must not leave a generator
        int32_t h = u->handler;
        uint64_t *bound = bound_copy(u);
        u->handler = -1;
        u->depth = u->nlocals;
        uint32_t exc = temp(u);
        handler_bind(u, h, bound);
        emit(u, OP_INTRINSIC, exc, exc, INTRINSIC_STOP_ITERATION_ERROR);
        emit(u, OP_RERAISE, last(exc), 0, 0);
        u->reachable = false;
    }
    assemble(u);
}

static void set_parameters(Unit *u, const Node *args)
{
    u->posonly = args->arguments.posonlyargs->n;
    u->argcount = u->posonly + args->arguments.args->n;
    u->kwonly = args->arguments.kwonlyargs->n;
}

static int32_t first_line(const Node *n)
{
    const Seq *decorators = n->kind == ClassDef_kind ? n->ClassDef.decorator_list : n->FunctionDef.decorator_list;
    return decorators->n ? decorators->at[0]->pos.line : n->pos.line;
}

static const Chars *clean_docstring(Unit *u, const Chars *doc);

static Unit *function_code(Unit *outer, Node *n)
{
    Scope *s = symtable_scope(outer->f, n, PART_BODY);
    Unit *u = unit_new(outer->f, outer, s, n->FunctionDef.name, first_line(n));
    const Seq *body = n->FunctionDef.body;
    uint32_t from = 0;
    set_parameters(u, n->FunctionDef.args);
    if (s->has_docstring) {
        from = 1;
        if (u->optimize < 2) {
            pool_const(u, &(Const){.kind = CONST_STR, .text = clean_docstring(u, body->at[0]->Expr.value->Constant.value.text)});
            u->flags |= CO_HAS_DOCSTRING;
        }
    }
    u->pos = (Pos){n->pos.line, 0, n->pos.line, 0};
    begin_function(u);
    compile_body(u, body, from);
    finish_function(u);
    return u;
}

// Documentation strings lose their common indentation when they are compiled (3.13 on).
static const Chars *clean_docstring(Unit *u, const Chars *doc)
{
    VEC(char) out = {0};
    if (memchr(doc->s, '\t', doc->length)) {
        VEC(char) wide = {0};
        uint32_t col = 0;
        for (uint32_t i = 0; i < doc->length; i++) {
            unsigned char c = (unsigned char)doc->s[i];
            if (c == '\t') {
                do
                    PUSH(u->f, &wide, ' ');
                while (++col % 8);
                continue;
            }
            PUSH(u->f, &wide, (char)c);
            col = c == '\n' || c == '\r' ? 0 : col + ((c & 0xC0) != 0x80);
        }
        doc = front_str(u->f, wide.at, wide.n);
    }
    // The first line's own indentation goes; the margin is the least of the others.
    const char *end = doc->s + doc->length;
    uint32_t margin = UINT32_MAX;
    const char *line = memchr(doc->s, '\n', doc->length);
    for (const char *p = line ? line + 1 : end; p < end;) {
        const char *q = p;
        while (q < end && *q == ' ')
            q++;
        if (q < end && *q != '\n' && (uint32_t)(q - p) < margin)
            margin = (uint32_t)(q - p);
        const char *stop = memchr(q, '\n', (size_t)(end - q));
        p = stop ? stop + 1 : end;
    }
    if (margin == UINT32_MAX)
        margin = 0;
    const char *p = doc->s;
    while (p < end && *p == ' ')
        p++;
    if (p == doc->s && !margin)
        return doc;
    for (bool first = true; p < end; first = false) {
        if (!first)
            for (uint32_t i = 0; i < margin && p < end && *p == ' '; i++)
                p++;
        while (p < end && *p != '\n')
            PUSH(u->f, &out, *p++);
        if (p < end)
            PUSH(u->f, &out, *p++);
    }
    return front_str(u->f, out.at ? out.at : "", out.n);
}

// ---- annotations

// The beginning of functions that are called with an annotation format: only the first two formats are known to them.
static void check_format(Unit *u)
{
    int32_t known = label_new(u);
    emit_jump(u, OP_JF_GTI, 0, FORMAT_VALUE_WITH_FAKE_GLOBALS, known);
    uint32_t t = temp(u);
    emit(u, OP_LOAD_COMMON, t, COMMON_NOT_IMPLEMENTED_ERROR, 0);
    emit(u, OP_RAISE, t, 1, 0);
    u->depth = t;
    label_bind(u, known);
}

static Unit *format_unit(Unit *outer, Scope *s, const Chars *name, Pos pos)
{
    Unit *u = unit_new(outer->f, outer, s, name, pos.line);
    u->argcount = u->posonly = 1;
    u->pos = pos;
    begin_function(u);
    check_format(u);
    return u;
}

static void annotation_value(Unit *u, Node *n, uint32_t d)
{
    if (n->kind != Starred_kind) {
        expr_to(u, n, d);
        return;
    }
    // *args: *Ts means the one thing that *Ts unpacks to
    uint32_t mark = u->depth, r = operand(u, n->Starred.value), t = temp(u);
    u->pos = n->pos;
    emit(u, OP_UNPACK, t, r, 1);
    emit(u, OP_MOVE, d, last(t), 0);
    u->depth = mark;
}

static void add_annotation(Unit *u, uint32_t dict, const Chars *name, Node *annotation, bool text)
{
    uint32_t mark = u->depth, k = temp(u), v = temp(u);
    u->pos = annotation->pos;
    load_text(u, k, scope_mangle(u->f, u->scope, name));
    if (text)
        load_text(u, v, unparse_expression(u->f, annotation));
    else
        annotation_value(u, annotation, v);
    u->pos = annotation->pos;
    emit(u, OP_DICT_SET, dict, last(k), last(v));
    u->depth = mark;
}

static void add_function_annotations(Unit *u, const Node *n, uint32_t dict, bool text)
{
    const Node *args = n->FunctionDef.args;
    const Seq *before[] = {args->arguments.posonlyargs, args->arguments.args}, *kwonly = args->arguments.kwonlyargs;
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < before[k]->n; i++)
            if (before[k]->at[i]->arg.annotation)
                add_annotation(u, dict, before[k]->at[i]->arg.arg, before[k]->at[i]->arg.annotation, text);
    if (args->arguments.vararg && args->arguments.vararg->arg.annotation)
        add_annotation(u, dict, args->arguments.vararg->arg.arg, args->arguments.vararg->arg.annotation, text);
    for (uint32_t i = 0; i < kwonly->n; i++)
        if (kwonly->at[i]->arg.annotation)
            add_annotation(u, dict, kwonly->at[i]->arg.arg, kwonly->at[i]->arg.annotation, text);
    if (args->arguments.kwarg && args->arguments.kwarg->arg.annotation)
        add_annotation(u, dict, args->arguments.kwarg->arg.arg, args->arguments.kwarg->arg.annotation, text);
    if (n->FunctionDef.returns)
        add_annotation(u, dict, text_const(u, "return"), n->FunctionDef.returns, text);
}

void compile_annotations(Unit *u)
{
    Scope *s = u->scope->annotations;
    if (!s || u->f->scopes->future & FRONT_FUTURE_ANNOTATIONS)
        return;
    bool class_ = u->scope->kind == SCOPE_CLASS;
    Pos pos = u->scope->annotated.at[0]->pos;
    Unit *a = format_unit(u, s, s->name, pos);
    uint32_t dict = temp(a);
    emit(a, OP_BUILD_DICT, dict, dict, 0);
    for (size_t i = 0; i < u->scope->annotated.n; i++) {
        Node *n = u->scope->annotated.at[i];
        int32_t skip = label_new(a);
        uint32_t mark = a->depth;
        if (u->scope->conditional_annotations) {
            uint32_t number = temp(a), t = temp(a);
            a->pos = n->pos;
            load_int(a, number, annotation_number(n));
            uint32_t set = operand_name(a, text_const(a, "__conditional_annotations__"));
            emit(a, OP_CONTAINS, t, last(number), set);
            emit_jump(a, OP_JF, last(t), 0, skip);
            a->depth = mark;
        }
        add_annotation(a, dict, n->AnnAssign.target->Name.id, n->AnnAssign.annotation, false);
        label_bind(a, skip);
    }
    a->pos = pos;
    emit(a, OP_RETURN, last(dict), 0, 0);
    finish_function(a);
    uint32_t mark = u->depth, t = temp(u);
    u->pos = pos;
    make_function(u, t, a);
    store_name(u, text_const(u, class_ ? "__annotate_func__" : "__annotate__"), last(t));
    u->depth = mark;
}

// ---- type parameters

// A function that gives a bound, default or alias value when it is called with an annotation format (1 by default).
static void evaluator(Unit *u, uint32_t d, Node *key, int part, const Chars *name, Node *value)
{
    Scope *s = symtable_scope(u->f, key, part);
    Unit *e = format_unit(u, s, name, value->pos);
    uint32_t t = temp(e);
    annotation_value(e, value, t);
    e->pos = value->pos;
    emit(e, OP_RETURN, last(t), 0, 0);
    finish_function(e);
    uint32_t mark = u->depth;
    u->pos = value->pos;
    make_function(u, d, e);
    uint32_t defaults = temp(u);
    Const *one = NEW(u->f, Const);
    *one = (Const){.kind = CONST_INT, .integer = 1};
    load_const(u, defaults, &(Const){.kind = CONST_TUPLE, .count = 1, .items = one});
    emit(u, OP_SET_FUNCTION, d, last(defaults), FUNCTION_DEFAULTS);
    u->depth = mark;
}

// Makes and binds the parameters; their tuple in d.
static void compile_type_params(Unit *u, const Seq *params, uint32_t d)
{
    uint32_t mark = u->depth, first = temps(u, params->n);
    for (uint32_t i = 0; i < params->n; i++) {
        Node *p = params->at[i];
        const Chars *name = p->TypeVar.name;
        uint32_t inner = u->depth, pair = temps(u, 2), t = first + i;
        u->pos = p->pos;
        load_text(u, pair, name);
        Node *value = NULL;
        int what;
        switch (p->kind) {
        case TypeVar_kind:
            value = p->TypeVar.default_value;
            what = INTRINSIC_TYPEVAR;
            if (p->TypeVar.bound) {
                evaluator(u, pair + 1, p, PART_BOUND, name, p->TypeVar.bound);
                bool constraints = p->TypeVar.bound->kind == Tuple_kind ||
                                   (p->TypeVar.bound->kind == Constant_kind && p->TypeVar.bound->Constant.value.kind == CONST_TUPLE);
                what = constraints ? INTRINSIC_TYPEVAR_CONSTRAINTS : INTRINSIC_TYPEVAR_BOUND;
            }
            break;
        case ParamSpec_kind:
            value = p->ParamSpec.default_value;
            what = INTRINSIC_PARAMSPEC;
            break;
        default:
            value = p->TypeVarTuple.default_value;
            what = INTRINSIC_TYPEVARTUPLE;
        }
        u->pos = p->pos;
        emit(u, OP_INTRINSIC, t, pair, (uint32_t)what);
        if (value) {
            emit(u, OP_MOVE, pair, last(t), 0);
            evaluator(u, pair + 1, p, PART_DEFAULT, name, value);
            u->pos = p->pos;
            emit(u, OP_INTRINSIC, t, pair, INTRINSIC_SET_TYPEPARAM_DEFAULT);
        }
        store_name(u, name, t);
        u->depth = inner;
    }
    emit(u, OP_BUILD_TUPLE, d, first, params->n);
    u->depth = mark;
}

// ---- functions

// defaults, kwdefaults: register operands, or UINT32_MAX where there are none
static void function_object(Unit *u, Node *n, Unit *code, uint32_t defaults, uint32_t kwdefaults, uint32_t d)
{
    uint32_t mark = u->depth;
    u->pos = n->pos;
    make_function(u, d, code);
    if (defaults != UINT32_MAX)
        emit(u, OP_SET_FUNCTION, d, defaults, FUNCTION_DEFAULTS);
    if (kwdefaults != UINT32_MAX)
        emit(u, OP_SET_FUNCTION, d, kwdefaults, FUNCTION_KWDEFAULTS);
    if (n->kind == Lambda_kind)
        return;
    Scope *s = symtable_scope(u->f, n, PART_ANNOTATIONS);
    if (!s)
        return;
    uint32_t t = temp(u);
    Unit *a = format_unit(u, s, s->name, n->pos);
    const char *qualname = front_format(u->f, "%s.%s", code->qualname->s, s->name->s);
    a->qualname = front_intern(u->f, qualname, strlen(qualname));
    uint32_t dict = temp(a);
    emit(a, OP_BUILD_DICT, dict, dict, 0);
    add_function_annotations(a, n, dict, u->f->scopes->future & FRONT_FUTURE_ANNOTATIONS);
    a->pos = n->pos;
    emit(a, OP_RETURN, last(dict), 0, 0);
    finish_function(a);
    u->pos = n->pos;
    make_function(u, t, a);
    emit(u, OP_SET_FUNCTION, d, last(t), FUNCTION_ANNOTATE);
    u->depth = mark;
}

static uint32_t load_defaults(Unit *u, const Node *args)
{
    const Seq *values = args->arguments.defaults;
    if (!values->n)
        return UINT32_MAX;
    uint32_t t = temp(u);
    bool constant = true;
    for (uint32_t i = 0; i < values->n; i++)
        constant &= values->at[i]->kind == Constant_kind;
    if (constant) {
        Const *items = NEW_N(u->f, Const, values->n);
        for (uint32_t i = 0; i < values->n; i++)
            items[i] = values->at[i]->Constant.value;
        u->pos = values->at[0]->pos;
        load_const(u, t, &(Const){.kind = CONST_TUPLE, .count = values->n, .items = items});
        return last(t);
    }
    uint32_t first = u->depth;
    for (uint32_t i = 0; i < values->n; i++) {
        uint32_t r = temp(u);
        expr_to(u, values->at[i], r);
        u->depth = r + 1;
    }
    emit(u, OP_BUILD_TUPLE, t, first, values->n);
    u->depth = t + 1;
    return last(t);
}

static uint32_t load_kwdefaults(Unit *u, const Node *args)
{
    const Seq *values = args->arguments.kw_defaults, *names = args->arguments.kwonlyargs;
    uint32_t t = UINT32_MAX;
    for (uint32_t i = 0; i < values->n; i++) {
        if (!values->at[i])
            continue;
        if (t == UINT32_MAX) {
            t = temp(u);
            emit(u, OP_BUILD_DICT, t, t, 0);
        }
        uint32_t k = temp(u);
        load_text(u, k, scope_mangle(u->f, u->scope, names->at[i]->arg.arg));
        uint32_t v = operand(u, values->at[i]);
        emit(u, OP_DICT_SET, t, last(k), v);
        u->depth = t + 1;
    }
    return t == UINT32_MAX ? t : last(t);
}

void compile_lambda(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, f = is_variable(d) ? temp(u) : d;
    u->pos = n->pos;
    uint32_t defaults = load_defaults(u, n->Lambda.args), kwdefaults = load_kwdefaults(u, n->Lambda.args);
    Scope *s = symtable_scope(u->f, n, PART_BODY);
    Unit *code = unit_new(u->f, u, s, s->name, n->pos.line);
    set_parameters(code, n->Lambda.args);
    code->pos = n->pos;
    begin_function(code);
    uint32_t r = operand(code, n->Lambda.body);
    code->pos = n->Lambda.body->pos;
    emit(code, OP_RETURN, r, 0, 0);
    finish_function(code);
    function_object(u, n, code, defaults, kwdefaults, f);
    if (f != d)
        emit(u, OP_MOVE, d, last(f), 0);
    u->depth = mark;
}

// The parameter of a generic's hidden function that carries the defaults: its register
static uint32_t hidden_parameter(Unit *g, const char *name)
{
    Symbol *y = scope_symbol(g->scope, text_const(g, name));
    return y ? y->index : 0;
}

static void function_value(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    u->pos = n->pos;
    if (!n->FunctionDef.type_params->n) {
        uint32_t defaults = load_defaults(u, n->FunctionDef.args), kwdefaults = load_kwdefaults(u, n->FunctionDef.args);
        Unit *code = function_code(u, n);
        function_object(u, n, code, defaults, kwdefaults, d);
        u->depth = mark;
        return;
    }
    // A hidden function makes the type parameters and, in their scope, the function.
    uint32_t w = temps(u, CALL_ARGS);
    uint32_t defaults = load_defaults(u, n->FunctionDef.args), kwdefaults = load_kwdefaults(u, n->FunctionDef.args);
    uint32_t count = (defaults != UINT32_MAX) + (kwdefaults != UINT32_MAX);
    Scope *s = symtable_scope(u->f, n, PART_TYPE_PARAMS);
    Unit *g = unit_new(u->f, u, s, s->name, first_line(n));
    g->argcount = (uint32_t)s->params.n;
    g->pos = n->pos;
    begin_function(g);
    uint32_t pair = temps(g, 2);
    compile_type_params(g, n->FunctionDef.type_params, pair + 1);
    Unit *code = function_code(g, n);
    function_object(g, n, code, defaults != UINT32_MAX ? hidden_parameter(g, ".defaults") : UINT32_MAX,
                    kwdefaults != UINT32_MAX ? hidden_parameter(g, ".kwdefaults") : UINT32_MAX, pair);
    emit(g, OP_INTRINSIC, pair, pair, INTRINSIC_SET_FUNCTION_TYPE_PARAMS);
    emit(g, OP_RETURN, last(pair), 0, 0);
    finish_function(g);
    u->pos = n->pos;
    make_function(u, w, g);
    load_word(u, w + CALL_SELF, UNDEF);
    emit(u, OP_CALL, d, w, count);
    u->depth = mark;
}

// Decorators: a call window each, open while the inner ones are filled; the decorated thing goes in last.
static void decorate(Unit *u, Node *n, const Seq *decorators, void (*value)(Unit *, Node *, uint32_t), const Chars *name)
{
    uint32_t mark = u->depth, result = temp(u), windows = u->depth;
    for (uint32_t i = 0; i < decorators->n; i++) {
        uint32_t w = temps(u, CALL_ARGS + 1);
        expr_to(u, decorators->at[i], w);
        u->pos = decorators->at[i]->pos;
        load_word(u, w + CALL_SELF, UNDEF);
    }
    uint32_t slot = decorators->n ? windows + decorators->n * (CALL_ARGS + 1) - 1 : result;
    value(u, n, slot);
    for (uint32_t i = decorators->n; i-- > 0;) {
        uint32_t w = windows + i * (CALL_ARGS + 1);
        u->pos = decorators->at[i]->pos;
        emit(u, OP_CALL, i ? w - 1 : result, w, 1);
    }
    u->pos = n->pos;
    store_name(u, name, last(result));
    u->depth = mark;
}

void compile_function(Unit *u, Node *n) { decorate(u, n, n->FunctionDef.decorator_list, function_value, n->FunctionDef.name); }

// ---- classes

static uint32_t make_implicit_cell(Unit *u, Symbol *y, uint32_t value)  // value: a register to put in, or FLAG
{
    uint32_t t = temp(u);
    if (value == FLAG)
        load_word(u, t, UNDEF);
    else
        emit(u, OP_MOVE, t, value, 0);
    emit(u, OP_MAKE_CELL, t, 0, 0);
    y->index = t;
    return t;
}

static void store_text(Unit *u, const char *name, const Chars *text)
{
    uint32_t t = temp(u);
    load_text(u, t, text);
    store_name(u, text_const(u, name), last(t));
    u->depth = t;
}

static Unit *class_code(Unit *outer, Node *n)
{
    Scope *s = symtable_scope(outer->f, n, PART_BODY);
    Unit *u = unit_new(outer->f, outer, s, n->ClassDef.name, first_line(n));
    const Seq *body = n->ClassDef.body;
    uint32_t from = 0;
    u->argcount = 1;  // the namespace
    u->pos = (Pos){u->firstline, 0, u->firstline, 0};
    uint32_t class_cell = 0, dict_cell = 0;
    if (s->class_cell)
        class_cell = make_implicit_cell(u, s->class_cell, FLAG);
    if (s->classdict_cell)
        dict_cell = make_implicit_cell(u, s->classdict_cell, 0);
    if (s->conditional_annotations) {
        uint32_t t = temp(u);
        emit(u, OP_BUILD_SET, t, t, 0);
        if (s->conditional_cell) {
            emit(u, OP_MAKE_CELL, t, 0, 0);
            s->conditional_cell->index = t;
            u->conditional_reg = t;
        } else {
            emit(u, OP_STORE_NAME, pool_attr(u, text_const(u, "__conditional_annotations__")), last(t), 0);
            u->depth = t;
        }
    }
    uint32_t t = temp(u);
    load_name(u, text_const(u, "__name__"), t);
    store_name(u, text_const(u, "__module__"), last(t));
    store_text(u, "__qualname__", u->qualname);
    load_int(u, t, u->firstline);
    store_name(u, text_const(u, "__firstlineno__"), last(t));
    if (s->in_generic) {
        load_name(u, text_const(u, ".type_params"), t);
        store_name(u, text_const(u, "__type_params__"), last(t));
    }
    if (s->has_docstring) {
        from = 1;
        if (u->optimize < 2) {
            u->pos = body->at[0]->pos;
            store_text(u, "__doc__", clean_docstring(u, body->at[0]->Expr.value->Constant.value.text));
        }
    }
    if (s->has_annotations && u->f->scopes->future & FRONT_FUTURE_ANNOTATIONS) {
        emit(u, OP_BUILD_DICT, t, t, 0);
        store_name(u, text_const(u, "__annotations__"), last(t));
    }
    compile_annotations(u);
    compile_body(u, body, from);
    Const *names = NEW_N(u->f, Const, u->static_attributes.n + 1);
    for (size_t i = 0; i < u->static_attributes.n; i++)
        names[i] = (Const){.kind = CONST_STR, .text = u->static_attributes.at[i]};
    load_const(u, t, &(Const){.kind = CONST_TUPLE, .count = (uint32_t)u->static_attributes.n, .items = names});
    store_name(u, text_const(u, "__static_attributes__"), last(t));
    if (s->classdict_cell) {
        emit(u, OP_MOVE, t, last(dict_cell), 0);
        store_name(u, text_const(u, "__classdictcell__"), last(t));
    }
    if (s->conditional_cell)
        drop(u, u->conditional_reg);
    if (s->class_cell) {
        emit(u, OP_MOVE, t, class_cell, 0);
        store_name(u, text_const(u, "__classcell__"), last(t));
        emit(u, OP_RETURN, last(class_cell), 0, 0);
    } else
        emit(u, OP_RETURNC, (uint32_t)value_bits(NONE), 1, 0);
    assemble(u);
    return u;
}

// Calls __build_class__. A generic class gets the base that its hidden function made.
static void build_class(Unit *u, Node *n, bool generic, uint32_t d)
{
    uint32_t mark = u->depth;
    const Seq *bases = n->ClassDef.bases, *keywords = n->ClassDef.keywords;
    Unit *code = class_code(u, n);
    for (uint32_t i = 0; i < keywords->n; i++)
        for (uint32_t j = i + 1; keywords->at[i]->keyword.arg && j < keywords->n; j++)
            if (keywords->at[j]->keyword.arg == keywords->at[i]->keyword.arg)
                compile_error(u, keywords->at[j]->pos, "keyword argument repeated: %s", keywords->at[j]->keyword.arg->s);
    if (generic) {
        // The base that no one wrote: a name that holds it
        Node **all = NEW_N(u->f, Node *, bases->n + 1);
        memcpy(all, bases->at, bases->n * sizeof *all);
        Node *name = AST_NEW(u->f, Name, n->pos);
        name->Name.id = text_const(u, ".generic_base");
        all[bases->n] = name;
        bases = ast_seq(u->f, all, bases->n + 1);
    }
    if (has_star(bases) || has_double_star(keywords)) {
        uint32_t w = temps(u, 3), two = temps(u, 2);
        u->pos = n->pos;
        emit(u, OP_LOAD_BUILD_CLASS, w, 0, 0);
        make_function(u, two, code);
        load_text(u, two + 1, n->ClassDef.name);
        spread_arguments(u, w + 1, w, two, 2, bases, n->pos);
        if (keywords->n)
            spread_keywords(u, w + 2, w, keywords, n->pos);
        else
            load_word(u, w + 2, UNDEF);
        u->pos = n->pos;
        emit(u, OP_CALL_EX, d, w, 0);
    } else {
        uint32_t w = temps(u, CALL_ARGS + 2);
        u->pos = n->pos;
        emit(u, OP_LOAD_BUILD_CLASS, w, 0, 0);
        load_word(u, w + CALL_SELF, UNDEF);
        make_function(u, w + CALL_ARGS, code);
        load_text(u, w + CALL_ARGS + 1, n->ClassDef.name);
        compile_call_with(u, d, w, 2, bases, keywords, n->pos);
    }
    u->depth = mark;
}

static void class_value(Unit *u, Node *n, uint32_t d)
{
    u->pos = n->pos;
    if (!n->ClassDef.type_params->n) {
        build_class(u, n, false, d);
        return;
    }
    uint32_t mark = u->depth, w = temps(u, CALL_ARGS);
    Scope *s = symtable_scope(u->f, n, PART_TYPE_PARAMS);
    Unit *g = unit_new(u->f, u, s, s->name, first_line(n));
    g->pos = n->pos;
    begin_function(g);
    uint32_t t = temp(g);
    compile_type_params(g, n->ClassDef.type_params, t);
    store_name(g, text_const(g, ".type_params"), last(t));
    load_name(g, text_const(g, ".type_params"), t);
    emit(g, OP_INTRINSIC, t, t, INTRINSIC_SUBSCRIPT_GENERIC);
    store_name(g, text_const(g, ".generic_base"), last(t));
    build_class(g, n, true, t);
    emit(g, OP_RETURN, last(t), 0, 0);
    finish_function(g);
    make_function(u, w, g);
    load_word(u, w + CALL_SELF, UNDEF);
    emit(u, OP_CALL, d, w, 0);
    u->depth = mark;
}

void compile_class(Unit *u, Node *n) { decorate(u, n, n->ClassDef.decorator_list, class_value, n->ClassDef.name); }

// ---- type aliases

static void alias_value(Unit *u, Node *n, uint32_t params, uint32_t d)  // params: operand, or UINT32_MAX
{
    uint32_t mark = u->depth, three = temps(u, 3);
    const Chars *name = n->TypeAlias.name->Name.id;
    u->pos = n->pos;
    load_text(u, three, name);
    if (params == UINT32_MAX)
        load_word(u, three + 1, NONE);
    else
        emit(u, OP_MOVE, three + 1, params, 0);
    evaluator(u, three + 2, n, PART_BODY, name, n->TypeAlias.value);
    u->pos = n->pos;
    emit(u, OP_INTRINSIC, d, three, INTRINSIC_TYPEALIAS);
    u->depth = mark;
}

void compile_type_alias(Unit *u, Node *n)
{
    uint32_t mark = u->depth, t = temp(u);
    u->pos = n->pos;
    if (!n->TypeAlias.type_params->n)
        alias_value(u, n, UINT32_MAX, t);
    else {
        uint32_t w = temps(u, CALL_ARGS);
        Scope *s = symtable_scope(u->f, n, PART_TYPE_PARAMS);
        Unit *g = unit_new(u->f, u, s, s->name, n->pos.line);
        g->pos = n->pos;
        begin_function(g);
        uint32_t params = temp(g), r = temp(g);
        compile_type_params(g, n->TypeAlias.type_params, params);
        alias_value(g, n, last(params), r);
        emit(g, OP_RETURN, last(r), 0, 0);
        finish_function(g);
        make_function(u, w, g);
        load_word(u, w + CALL_SELF, UNDEF);
        emit(u, OP_CALL, t, w, 0);
    }
    u->pos = n->pos;
    store_name(u, n->TypeAlias.name->Name.id, last(t));
    u->depth = mark;
}
