// Statements, targets, and the jumps that leave blocks.
#include "src/compile.h"

enum { MAX_BLOCKS = 20 };

// ---- targets

static void note_static_attribute(Unit *u, const Node *target)  // self.name = ..., in a method: the class lists it
{
    if (target->Attribute.value->kind != Name_kind || !str_is(target->Attribute.value->Name.id, "self"))
        return;
    for (Unit *c = u->outer; c; c = c->outer)
        if (c->scope->kind == SCOPE_CLASS) {
            const Chars *name = scope_mangle(u->f, u->scope, target->Attribute.attr);
            for (size_t i = 0; i < c->static_attributes.n; i++)
                if (c->static_attributes.at[i] == name)
                    return;
            PUSH(u->f, &c->static_attributes, name);
            return;
        }
}

void store_target(Unit *u, Node *target, uint32_t r)
{
    uint32_t mark = u->depth;
    CHECK_DEPTH(u->f);
    switch (target->kind) {
    case Name_kind:
        u->pos = target->pos;
        store_name(u, target->Name.id, r);
        break;
    case Attribute_kind: {
        note_static_attribute(u, target);
        uint32_t o = operand(u, target->Attribute.value);
        u->pos = attribute_pos(target->pos, target);
        emit(u, OP_STORE_ATTR, o, r, pool_attr(u, target->Attribute.attr));
        break;
    }
    case Subscript_kind: {
        int64_t i;
        uint32_t o = operand_before(u, target->Subscript.value, target->Subscript.slice);
        if (small_int(target->Subscript.slice, &i)) {
            u->pos = target->pos;
            emit(u, OP_SETITEMI, o, (uint32_t)(int32_t)i, r);
            break;
        }
        uint32_t k = operand(u, target->Subscript.slice);
        u->pos = target->pos;
        emit(u, OP_SETITEM, o, k, r);
        break;
    }
    case Tuple_kind:
    case List_kind: compile_unpack(u, target, r); break;
    case Starred_kind: compile_error(u, target->pos, "starred assignment target must be in a list or tuple");
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected target %s", ast_classes[target->kind].name);
    }
    u->depth = mark;
}

void compile_unpack(Unit *u, Node *target, uint32_t r)
{
    uint32_t mark = u->depth;
    const Seq *elts = target->kind == List_kind ? target->List.elts : target->Tuple.elts;
    uint32_t star = elts->n;
    for (uint32_t i = 0; i < elts->n; i++)
        if (elts->at[i]->kind == Starred_kind) {
            if (star != elts->n)
                compile_error(u, target->pos, "multiple starred expressions in assignment");
            if (i >= 256 || elts->n - i - 1 >= 1 << 16)
                compile_error(u, target->pos, "too many expressions in star-unpacking assignment");
            star = i;
        }
    uint32_t first = temps(u, elts->n);
    u->pos = target->pos;
    if (star < elts->n)
        emit(u, OP_UNPACK_EX, first, r, star | (elts->n - star - 1) << 8);
    else
        emit(u, OP_UNPACK, first, r, elts->n);
    for (uint32_t i = 0; i < elts->n; i++)
        store_target(u, i == star ? elts->at[i]->Starred.value : elts->at[i], last(first + i));
    u->depth = mark;
}

static void compile_delete(Unit *u, Node *target)
{
    uint32_t mark = u->depth;
    switch (target->kind) {
    case Name_kind:
        u->pos = target->pos;
        delete_name(u, target->Name.id);
        break;
    case Attribute_kind: {
        uint32_t o = operand(u, target->Attribute.value);
        u->pos = attribute_pos(target->pos, target);
        emit(u, OP_DELETE_ATTR, o, pool_attr(u, target->Attribute.attr), 0);
        break;
    }
    case Subscript_kind: {
        uint32_t o = operand_before(u, target->Subscript.value, target->Subscript.slice), k = operand(u, target->Subscript.slice);
        u->pos = target->pos;
        emit(u, OP_DELITEM, o, k, 0);
        break;
    }
    case Tuple_kind:
    case List_kind: {
        const Seq *elts = target->kind == List_kind ? target->List.elts : target->Tuple.elts;
        for (uint32_t i = 0; i < elts->n; i++)
            compile_delete(u, elts->at[i]);
        break;
    }
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected target %s", ast_classes[target->kind].name);
    }
    u->depth = mark;
}

// ---- assignments

// Whether computing `n` straight into a variable shows nothing of it before it is complete.
static uint32_t fast_target(Unit *u, const Node *target, uint32_t *d)
{
    if (target->kind != Name_kind)
        return false;
    Place p = place_of(u, target->Name.id);
    if (p.kind != PLACE_FAST)
        return false;
    *d = p.index | FLAG;
    return true;
}

static void compile_assign(Unit *u, Node *n)
{
    uint32_t mark = u->depth, d;
    const Seq *targets = n->Assign.targets;
    Node *value = n->Assign.value, *first = targets->at[0];
    if (targets->n == 1) {
        if (fast_target(u, first, &d)) {
            expr_to(u, value, d);
            note_bound(u, place_of(u, first->Name.id));
            return;
        }
        // a, b = b, a: no tuple is made
        const Seq *to = first->kind == Tuple_kind ? first->Tuple.elts : first->kind == List_kind ? first->List.elts : NULL;
        const Seq *from = value->kind == Tuple_kind ? value->Tuple.elts : NULL;
        if (to && from && to->n == from->n && to->n && to->n <= 16 && !has_star(to) && !has_star(from)) {
            uint32_t t = temps(u, to->n);
            for (uint32_t i = 0; i < to->n; i++)
                expr_to(u, from->at[i], t + i);
            for (uint32_t i = 0; i < to->n; i++)
                store_target(u, to->at[i], last(t + i));
            u->depth = mark;
            return;
        }
        uint32_t r = operand_before(u, value, first);
        store_target(u, first, r);
        u->depth = mark;
        return;
    }
    uint32_t t = temp(u);
    expr_to(u, value, t);
    for (uint32_t i = 0; i < targets->n; i++)
        store_target(u, targets->at[i], i + 1 == targets->n ? last(t) : t);
    u->depth = mark;
}

static const uint16_t inplace_ops[] = {
    [Add] = OP_ADD_INPLACE, [Sub] = OP_SUB_INPLACE, [Mult] = OP_MUL_INPLACE, [MatMult] = OP_MATMUL_INPLACE, [Div] = OP_DIV_INPLACE,
    [Mod] = OP_MOD_INPLACE, [Pow] = OP_POW_INPLACE, [LShift] = OP_LSHIFT_INPLACE, [RShift] = OP_RSHIFT_INPLACE, [BitOr] = OP_OR_INPLACE,
    [BitXor] = OP_XOR_INPLACE, [BitAnd] = OP_AND_INPLACE, [FloorDiv] = OP_FLOORDIV_INPLACE,
};

static void emit_inplace(Unit *u, Node *n, uint32_t d, uint32_t a)
{
    Node *value = n->AugAssign.value;
    int op = inplace_ops[n->AugAssign.op];
    if (value->kind == Constant_kind && value->Constant.value.kind == CONST_INT && value->Constant.value.integer == (int16_t)value->Constant.value.integer) {
        u->pos = n->pos;
        emit(u, op + (OP_ADDI_INPLACE - OP_ADD_INPLACE), d, a, (uint32_t)(int32_t)value->Constant.value.integer);
        return;
    }
    uint32_t b = operand(u, value);
    u->pos = n->pos;
    emit(u, op, d, a, b);
}

static void compile_augmented(Unit *u, Node *n)
{
    uint32_t mark = u->depth;
    Node *target = n->AugAssign.target;
    switch (target->kind) {
    case Name_kind: {
        uint32_t d;
        u->pos = target->pos;
        if (fast_target(u, target, &d)) {
            uint32_t a = operand_name(u, target->Name.id);
            // The right side may rebind the variable, which is read before it
            if (n->AugAssign.value->kind != Name_kind && n->AugAssign.value->kind != Constant_kind) {
                Node *name = AST_NEW(u->f, Name, target->pos);
                name->Name.id = target->Name.id;
                a = operand_before(u, name, n->AugAssign.value);
            }
            emit_inplace(u, n, d, a);
            break;
        }
        uint32_t t = temp(u);
        load_name(u, target->Name.id, t);
        emit_inplace(u, n, t, last(t));
        u->pos = target->pos;
        store_name(u, target->Name.id, last(t));
        break;
    }
    case Attribute_kind: {
        note_static_attribute(u, target);
        uint32_t o = operand_before(u, target->Attribute.value, n->AugAssign.value), t = temp(u);
        u->pos = attribute_pos(target->pos, target);
        uint32_t name = pool_attr(u, target->Attribute.attr);
        emit(u, OP_LOAD_ATTR, t, o & REG, name);
        emit_inplace(u, n, t, last(t));
        u->pos = attribute_pos(target->pos, target);
        emit(u, OP_STORE_ATTR, o, last(t), name);
        break;
    }
    case Subscript_kind: {
        Node *later = n->AugAssign.value;
        int64_t i;
        if (small_int(target->Subscript.slice, &i)) {
            uint32_t list = operand_before(u, target->Subscript.value, later), t = temp(u);
            u->pos = target->pos;
            emit(u, OP_GETITEMI, t, list & REG, (uint32_t)(int32_t)i);
            emit_inplace(u, n, t, last(t));
            u->pos = target->pos;
            emit(u, OP_SETITEMI, list, (uint32_t)(int32_t)i, last(t));
            break;
        }
        uint32_t o = temp(u);
        if (target->Subscript.value->kind == Name_kind && (later->kind == Constant_kind || later->kind == Name_kind) &&
            (target->Subscript.slice->kind == Constant_kind || target->Subscript.slice->kind == Name_kind)) {
            u->depth = o;
            o = operand(u, target->Subscript.value);
        } else {
            expr_to(u, target->Subscript.value, o);
            o = last(o);
        }
        uint32_t k = operand_before(u, target->Subscript.slice, later), t = temp(u);
        u->pos = target->pos;
        emit(u, OP_GETITEM, t, o & REG, k & REG);
        emit_inplace(u, n, t, last(t));
        u->pos = target->pos;
        emit(u, OP_SETITEM, o, k, last(t));
        break;
    }
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected target %s", ast_classes[target->kind].name);
    }
    u->depth = mark;
}

static void compile_annotated(Unit *u, Node *n)
{
    uint32_t mark = u->depth;
    Node *target = n->AnnAssign.target;
    bool function = scope_is_function(u->scope), future = u->f->scopes->future & FRONT_FUTURE_ANNOTATIONS;
    if (n->AnnAssign.value) {
        uint32_t d;
        if (fast_target(u, target, &d)) {
            expr_to(u, n->AnnAssign.value, d);
            note_bound(u, place_of(u, target->Name.id));
        } else {
            uint32_t r = operand_before(u, n->AnnAssign.value, target);
            store_target(u, target, r);
            u->depth = mark;
        }
    }
    if (target->kind == Name_kind && n->AnnAssign.simple && !function) {
        u->pos = n->pos;
        if (future) {
            uint32_t a = temp(u), k = temp(u), v = temp(u);
            load_name(u, text_const(u, "__annotations__"), a);
            load_text(u, k, scope_mangle(u->f, u->scope, target->Name.id));
            load_text(u, v, unparse_expression(u->f, n->AnnAssign.annotation));
            emit(u, OP_SETITEM, last(a), last(k), last(v));
        } else if (u->scope->conditional_annotations) {
            uint32_t s = temp(u), i = temp(u);
            load_name(u, text_const(u, "__conditional_annotations__"), s);
            load_int(u, i, annotation_number(n));
            emit(u, OP_SET_ADD, s, last(i), 0);
            drop(u, s);
        }
    } else if (target->kind != Name_kind || !n->AnnAssign.simple) {
        if (!n->AnnAssign.value) {  // its parts are evaluated all the same
            if (target->kind == Attribute_kind) {
                uint32_t t = temp(u);
                expr_to(u, target->Attribute.value, t);
                drop(u, t);
            } else if (target->kind == Subscript_kind) {
                uint32_t t = temp(u);
                expr_to(u, target->Subscript.value, t);
                drop(u, t);
                expr_to(u, target->Subscript.slice, t);
                drop(u, t);
            }
        }
        if (!function && !future) {
            uint32_t t = temp(u);
            expr_to(u, n->AnnAssign.annotation, t);
            drop(u, t);
        }
    }
    u->depth = mark;
}

// ---- blocks

void push_block(Unit *u, Block *b, BlockKind kind, Pos pos)
{
    int depth = 0;
    for (Block *o = u->block; o; o = o->outer)
        depth++;
    if (depth >= MAX_BLOCKS)
        compile_error(u, pos, "too many statically nested blocks");
    *b = (Block){.kind = kind, .outer = u->block, .handler_outside = u->handler, .on_break = -1, .on_continue = -1, .pos = pos};
    u->block = b;
}

// Emits what leaving the blocks up to `until` does (not `until` itself), as if from outside of each.
void unwind(Unit *u, Block *until, uint32_t keep)
{
    Block *block = u->block;
    int32_t handler = u->handler;
    for (Block *b = block; b != until; b = b->outer) {
        u->block = b->outer;
        u->handler = b->handler_outside;
        unwind_block(u, b, keep);
    }
    u->block = block;
    u->handler = handler;
}

static bool has_cleanup(Unit *u)
{
    for (Block *b = u->block; b; b = b->outer)
        if (b->kind != BLOCK_LOOP)
            return true;
    return false;
}

static bool in_star_handler(Unit *u, bool to_loop)
{
    for (Block *b = u->block; b; b = b->outer) {
        if (b->kind == BLOCK_STAR_HANDLER)
            return true;
        if (to_loop && (b->kind == BLOCK_LOOP || b->kind == BLOCK_FOR || b->kind == BLOCK_ASYNC_FOR))
            return false;
    }
    return false;
}

static void compile_return(Unit *u, Node *n)
{
    uint32_t mark = u->depth;
    if (!scope_is_function(u->scope))
        compile_error(u, n->pos, "'return' outside function");
    if (n->Return.value && u->flags & CO_ASYNC_GENERATOR)
        compile_error(u, n->pos, "'return' with value in async generator");
    if (in_star_handler(u, false))
        compile_error(u, n->pos, "'break', 'continue' and 'return' cannot appear in an except* block");
    Node *value = n->Return.value;
    bool constant = !value || (value->kind == Constant_kind && value->Constant.value.kind <= CONST_ELLIPSIS);
    if (constant) {
        u->pos = n->pos;
        unwind(u, NULL, NOTHING_KEPT); // the last line of what this runs is the frame's from here on
        Value word = !value || value->Constant.value.kind == CONST_NONE ? NONE : value->Constant.value.kind == CONST_TRUE ? TRUE_VALUE
                     : value->Constant.value.kind == CONST_FALSE ? FALSE_VALUE : ELLIPSIS;
        emit(u, OP_RETURNC, (uint32_t)value_bits(word), 0, 0);
    } else if (!has_cleanup(u)) {
        uint32_t r = operand(u, value);
        u->pos = n->pos;
        emit(u, OP_RETURN, r, 0, 0);
    } else {
        uint32_t t = temp(u);
        expr_to(u, value, t);
        u->depth = t + 1;
        // The value waits below the windows of the `with` statements that are left.
        uint32_t keep = 0;
        for (Block *b = u->block; b; b = b->outer)
            if ((b->kind == BLOCK_WITH || b->kind == BLOCK_ASYNC_WITH) && b->save)
                keep = b->save;
        if (keep) {
            emit(u, OP_MOVE, keep | FLAG, last(t), 0);
            t = keep;
        }
        u->pos = n->pos;
        unwind(u, NULL, t);
        emit(u, OP_RETURN, last(t), 0, 0);
    }
    u->depth = mark;
}

static Block *innermost_loop(Unit *u)
{
    Block *b = u->block;
    while (b && b->kind != BLOCK_LOOP && b->kind != BLOCK_FOR && b->kind != BLOCK_ASYNC_FOR)
        b = b->outer;
    return b;
}

static void compile_break(Unit *u, Node *n)
{
    bool is_break = n->kind == Break_kind;
    if (in_star_handler(u, true))
        compile_error(u, n->pos, "'break', 'continue' and 'return' cannot appear in an except* block");
    Block *loop = innermost_loop(u);
    if (!loop)
        compile_error(u, n->pos, is_break ? "'break' outside loop" : "'continue' not properly in loop");
    u->pos = n->pos;
    if (is_break) {
        unwind(u, loop->outer, NOTHING_KEPT);
        emit_jump(u, OP_JMP, 0, 0, loop->on_break);
    } else {
        unwind(u, loop, NOTHING_KEPT);
        emit_jump(u, OP_JMP, 0, 0, loop->on_continue);
    }
}

// ---- loops

static void compile_while(Unit *u, Node *n)
{
    int32_t head = label_new(u), out = label_new(u), over = label_new(u), next = label_new(u);
    Block b;
    if (n->While.test->kind == Constant_kind)
        emit(u, OP_NOP, 0, 0, 0); // the line of `while True`
    label_bind_loop(u, head);
    if (!u->reachable)
        return compile_body(u, n->While.orelse, 0);
    push_block(u, &b, BLOCK_LOOP, n->pos);
    b.on_break = over;
    b.on_continue = next;
    jump_if(u, n->While.test, false, out);
    compile_body(u, n->While.body, 0);
    label_bind(u, next);
    emit_jump(u, OP_JLOOP, 0, 0, head);
    u->block = b.outer;
    label_bind(u, out);
    compile_body(u, n->While.orelse, 0);
    label_bind(u, over);
}

static void compile_for(Unit *u, Node *n)
{
    uint32_t mark = u->depth, it = temp(u), d;
    bool async = n->kind == AsyncFor_kind;
    int32_t head = label_new(u), next = label_new(u), out = label_new(u), over = label_new(u);
    Block b;
    if (async && !(u->flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)))
        compile_error(u, n->pos, "'async for' outside async function");
    uint32_t iterable = operand_in(u, n->For.iter, NULL, it);
    u->pos = n->For.iter->pos;
    emit(u, async ? OP_GET_AITER : OP_GET_ITER, it, iterable, 0);
    u->depth = it + 1;
    push_block(u, &b, async ? BLOCK_ASYNC_FOR : BLOCK_FOR, n->pos);
    b.reg = it;
    b.on_break = over;
    b.on_continue = next;
    uint32_t item = temp(u);
    label_bind_loop(u, head);
    int32_t handler = -1;
    uint64_t *bound = NULL;
    u->pos = n->For.iter->pos;
    bool entered = u->reachable;
    if (async) {
        int32_t outside = u->handler;
        handler = handler_new(u, label_new(u), item, item);
        bound = bound_copy(u);
        u->handler = handler;
        uint32_t awaitable = temp(u);
        emit(u, OP_GET_ANEXT, awaitable, it, 0);
        emit(u, OP_GET_AWAITABLE, awaitable, last(awaitable), 0);
        await_into(u, item, awaitable);
        u->handler = outside;
        u->depth = item + 1;
        store_target(u, n->For.target, last(item));
    } else if (fast_target(u, n->For.target, &d)) {
        emit_jump(u, OP_FOR_ITER, d, it, out);
        note_bound(u, place_of(u, n->For.target->Name.id));
    } else {
        emit_jump(u, OP_FOR_ITER, item, it, out);
        store_target(u, n->For.target, last(item));
    }
    u->depth = item;
    compile_body(u, n->For.body, 0);
    label_bind(u, next);
    u->pos = n->For.iter->pos;
    emit_jump(u, OP_JLOOP, 0, 0, head);
    u->block = b.outer;
    if (async && entered) {
        handler_bind(u, handler, bound);
        u->pos = n->For.iter->pos;
        emit_jump(u, OP_END_ASYNC_FOR, item, 0, out);
        u->reachable = false;
    }
    label_bind(u, out);
    u->pos = n->For.iter->pos;
    drop(u, it);
    u->depth = mark;
    compile_body(u, n->For.orelse, 0);
    label_bind(u, over);
    u->depth = mark;
}

static void compile_if(Unit *u, Node *n)
{
    int32_t end = label_new(u);
    for (;;) {  // elif by elif
        int32_t other = label_new(u);
        jump_if(u, n->If.test, false, other);
        compile_body(u, n->If.body, 0);
        if (!n->If.orelse->n) {
            label_bind(u, other);
            break;
        }
        emit_jump_on(u, end);
        label_bind(u, other);
        if (n->If.orelse->n == 1 && n->If.orelse->at[0]->kind == If_kind) {
            n = n->If.orelse->at[0];
            continue;
        }
        compile_body(u, n->If.orelse, 0);
        break;
    }
    label_bind(u, end);
}

// ---- imports

static void compile_import(Unit *u, Node *n)
{
    for (uint32_t i = 0; i < n->Import.names->n; i++) {
        Node *a = n->Import.names->at[i];
        uint32_t mark = u->depth, t = temp(u), pair = temps(u, 2);
        u->pos = n->pos;
        load_word(u, pair, NONE);
        load_int(u, pair + 1, 0);
        emit(u, OP_IMPORT_NAME, t, pair, pool_attr(u, a->alias.name));
        const char *dot = memchr(a->alias.name->s, '.', a->alias.name->length);
        if (!a->alias.asname) {
            const Chars *top = dot ? front_intern(u->f, a->alias.name->s, (size_t)(dot - a->alias.name->s)) : a->alias.name;
            store_name(u, top, last(t));
        } else {
            while (dot) {  // import a.b.c as d: the last part is taken from the one before
                const char *start = dot + 1, *stop = a->alias.name->s + a->alias.name->length;
                dot = memchr(start, '.', (size_t)(stop - start));
                const Chars *part = front_intern(u->f, start, (size_t)((dot ? dot : stop) - start));
                uint32_t next = temp(u);
                emit(u, OP_IMPORT_FROM, next, t, pool_attr(u, part));
                drop(u, t);
                emit(u, OP_MOVE, t, last(next), 0);
                u->depth = next;
            }
            store_name(u, a->alias.asname, last(t));
        }
        u->depth = mark;
    }
}

static void compile_import_from(Unit *u, Node *n)
{
    uint32_t mark = u->depth, t = temp(u), pair = temps(u, 2);
    const Seq *names = n->ImportFrom.names;
    Const *list = NEW_N(u->f, Const, names->n);
    for (uint32_t i = 0; i < names->n; i++)
        list[i] = (Const){.kind = CONST_STR, .text = names->at[i]->alias.name};
    u->pos = n->pos;
    if (!n->ImportFrom.level && str_is(n->ImportFrom.module, "__future__") && n->pos.line > u->f->scopes->future_line)
        syntax_error_at(u->f, n->pos, "from __future__ imports must occur at the beginning of the file");
    load_const(u, pair, &(Const){.kind = CONST_TUPLE, .count = names->n, .items = list});
    load_int(u, pair + 1, n->ImportFrom.level);
    const Chars *module = n->ImportFrom.module ? n->ImportFrom.module : text_const(u, "");
    emit(u, OP_IMPORT_NAME, t, pair, pool_attr(u, module));
    u->depth = pair;
    if (names->n == 1 && str_is(names->at[0]->alias.name, "*"))
        emit(u, OP_IMPORT_STAR, last(t), 0, 0);
    else {
        for (uint32_t i = 0; i < names->n; i++) {
            Node *a = names->at[i];
            uint32_t v = temp(u);
            emit(u, OP_IMPORT_FROM, v, t, pool_attr(u, a->alias.name));
            store_name(u, a->alias.asname ? a->alias.asname : a->alias.name, last(v));
            u->depth = v;
        }
        drop(u, t);
    }
    u->depth = mark;
}

// ---- the rest

static void compile_raise(Unit *u, Node *n)
{
    uint32_t mark = u->depth, pair = temps(u, 2);
    int how = 0;
    if (n->Raise.exc) {
        expr_to(u, n->Raise.exc, pair);
        how = 1;
        if (n->Raise.cause) {
            expr_to(u, n->Raise.cause, pair + 1);
            how = 2;
        }
    }
    u->pos = n->pos;
    emit(u, OP_RAISE, pair, (uint32_t)how, 0);
    u->depth = mark;
}

static void compile_assert(Unit *u, Node *n)
{
    uint32_t mark = u->depth;
    Node *test = n->Assert.test;
    if ((test->kind == Tuple_kind && test->Tuple.elts->n) ||
        (test->kind == Constant_kind && test->Constant.value.kind == CONST_TUPLE && test->Constant.value.count))
        syntax_warning_at(u->f, n->pos, "assertion is always true, perhaps remove parentheses?");
    if (u->optimize)
        return;
    int32_t end = label_new(u);
    jump_if(u, test, true, end);
    u->pos = n->pos;
    if (n->Assert.msg) {
        uint32_t t = temp(u), w = temps(u, CALL_ARGS + 1);
        emit(u, OP_LOAD_COMMON, w, COMMON_ASSERTION_ERROR, 0);
        load_word(u, w + CALL_SELF, UNDEF);
        expr_to(u, n->Assert.msg, w + CALL_ARGS);
        u->pos = test->pos;
        emit(u, OP_CALL, t, w, 1);
        emit(u, OP_RAISE, t, 1, 0);
    } else {
        uint32_t t = temp(u);
        u->pos = test->pos;
        emit(u, OP_LOAD_COMMON, t, COMMON_ASSERTION_ERROR, 0);
        emit(u, OP_RAISE, t, 1, 0);
    }
    label_bind(u, end);
    u->depth = mark;
}

static void compile_expression_statement(Unit *u, Node *n)
{
    uint32_t mark = u->depth;
    Node *value = n->Expr.value;
    if (u->is_interactive && u->scope->kind == SCOPE_MODULE) {
        uint32_t t = temp(u);
        expr_to(u, value, t);
        u->pos = n->pos;
        emit(u, OP_INTRINSIC, t, t, INTRINSIC_PRINT_EXPR);
        drop(u, t);
        u->depth = mark;
        return;
    }
    if (value->kind == Constant_kind) {
        u->pos = n->pos;
        emit(u, OP_NOP, 0, 0, 0);
        return;
    }
    uint32_t r = operand(u, value);
    u->pos = n->pos;
    if (r & FLAG)
        drop(u, r & REG);
    u->depth = mark;
}

void compile_statement(Unit *u, Node *n)
{
    CHECK_DEPTH(u->f);
    uint32_t mark = u->depth;
    u->pos = n->pos;
    switch (n->kind) {
    case FunctionDef_kind:
    case AsyncFunctionDef_kind: compile_function(u, n); break;
    case ClassDef_kind: compile_class(u, n); break;
    case Return_kind: compile_return(u, n); break;
    case Delete_kind:
        for (uint32_t i = 0; i < n->Delete.targets->n; i++)
            compile_delete(u, n->Delete.targets->at[i]);
        break;
    case Assign_kind: compile_assign(u, n); break;
    case TypeAlias_kind: compile_type_alias(u, n); break;
    case AugAssign_kind: compile_augmented(u, n); break;
    case AnnAssign_kind: compile_annotated(u, n); break;
    case For_kind:
    case AsyncFor_kind: compile_for(u, n); break;
    case While_kind: compile_while(u, n); break;
    case If_kind: compile_if(u, n); break;
    case With_kind: compile_with(u, n, 0, false); break;
    case AsyncWith_kind:
        if (!(u->flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)))
            compile_error(u, n->pos, "'async with' outside async function");
        compile_with(u, n, 0, true);
        break;
    case Match_kind: compile_match(u, n); break;
    case Raise_kind: compile_raise(u, n); break;
    case Try_kind:
        emit(u, OP_NOP, 0, 0, 0); // the line of `try`, which trace functions are told
        compile_try(u, n);
        break;
    case TryStar_kind:
        emit(u, OP_NOP, 0, 0, 0);
        compile_try_star(u, n);
        break;
    case Assert_kind: compile_assert(u, n); break;
    case Import_kind: compile_import(u, n); break;
    case ImportFrom_kind: compile_import_from(u, n); break;
    case Expr_kind: compile_expression_statement(u, n); break;
    case Pass_kind: emit(u, OP_NOP, 0, 0, 0); break;
    case Break_kind:
    case Continue_kind: compile_break(u, n); break;
    case Global_kind:
    case Nonlocal_kind: break;
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected statement %s", ast_classes[n->kind].name);
    }
    u->depth = mark;
}

void compile_body(Unit *u, const Seq *body, uint32_t from)
{
    for (uint32_t i = from; i < body->n; i++)
        compile_statement(u, body->at[i]);
}
