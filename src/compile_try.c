// try, except, except*, finally, with. Every handler is a row of the exception table: registers below its depth stay, the
// exception lands in the first one above. Code that leaves a block early (break, continue, return) does the block's part on
// its way, under the handler that is in force outside of it.
#include "src/compile.h"

static void pop_block(Unit *u) { u->block = u->block->outer; }

// The exception's name after a handler: `name = None; del name`.
static void forget_name(Unit *u, const Chars *name)
{
    uint32_t t = temp(u);
    load_word(u, t, NONE);
    store_name(u, name, last(t));
    delete_name(u, name);
    u->depth = t;
}

// Calls the exit window at e with three arguments that stand in their places; the result in d.
static void call_exit(Unit *u, uint32_t e, uint32_t d, bool async)
{
    uint32_t mark = u->depth;
    if (!async) {
        emit(u, OP_CALL, d, e, 3);
        return;
    }
    uint32_t i = temp(u);
    emit(u, OP_CALL, i, e, 3);
    emit(u, OP_GET_AWAITABLE, i, last(i), 2);
    await_into(u, d, i);
    u->depth = mark;
}

static void leave_with(Unit *u, uint32_t e, bool async)
{
    uint32_t mark = u->depth, t = temp(u);
    for (uint32_t i = 0; i < 3; i++)
        load_word(u, e + CALL_ARGS + i, NONE);
    call_exit(u, e, t, async);
    drop(u, t);
    u->depth = mark;
}

void unwind_block(Unit *u, Block *b, uint32_t keep)
{
    Pos pos = u->pos;
    switch (b->kind) {
    case BLOCK_LOOP: break;
    case BLOCK_FOR:
    case BLOCK_ASYNC_FOR: drop(u, b->reg); break;
    case BLOCK_FINALLY: {
        // A body that leaves in its turn (return, break, continue) drops the value that was to be returned; where the value waits in the
        // place of a `with` that is left later, that does it.
        bool dropped = keep == NOTHING_KEPT;
        for (Block *o = u->block; o; o = o->outer)
            dropped |= (o->kind == BLOCK_WITH || o->kind == BLOCK_ASYNC_WITH) && o->save == keep;
        Block waiting = {.kind = BLOCK_DROP, .outer = u->block, .handler_outside = u->handler, .reg = keep, .on_break = -1, .on_continue = -1, .pos = pos};
        if (!dropped)
            u->block = &waiting;
        compile_body(u, b->body, 0);
        u->block = waiting.outer;
        return; // what follows stands where this ended
    }
    case BLOCK_HANDLER:
        emit(u, OP_EXC_LEAVE, last(b->save), 0, 0);
        drop(u, b->reg);
        break;
    case BLOCK_NAMED_HANDLER: forget_name(u, b->name); break;
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH:
        u->pos = b->pos;
        leave_with(u, b->reg, b->kind == BLOCK_ASYNC_WITH);
        if (b->save && b->save != keep)
            drop(u, b->save);
        return;
    case BLOCK_STAR_HANDLER:
    case BLOCK_DROP: drop(u, b->reg); break;
    }
    u->pos = pos;
}

// A frame that is left here stands, for who asks, where the exception was raised.
static void reraise_from_nowhere(Unit *u, uint32_t raised)
{
    Pos pos = u->pos;
    u->pos = NOWHERE;
    emit(u, OP_RERAISE, last(raised), 0, 0);
    u->pos = pos;
}

// The beginning of a handler stands nowhere in the source.
static void enter_handler(Unit *u, uint32_t save, uint32_t exc)
{
    Pos pos = u->pos;
    u->pos = NOWHERE;
    emit(u, OP_EXC_ENTER, save, exc, 0);
    u->pos = pos;
}

// Where a handler's own code raises: the exception handled before it is handled again, and the new one goes on.
static void bind_cleanup(Unit *u, int32_t cleanup, uint32_t exc, uint32_t save, const uint64_t *bound)
{
    handler_bind(u, cleanup, bound);
    uint32_t raised = u->handlers.at[cleanup].exc;
    Pos pos = u->pos;
    u->pos = NOWHERE;
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    drop(u, exc);
    u->pos = pos;
    reraise_from_nowhere(u, raised);
}

static void reserve(Unit *u, uint32_t depth)
{
    u->depth = depth;
    if (depth > u->max_depth)
        u->max_depth = depth;
}

static void compile_except(Unit *u, Node *n)
{
    uint32_t base = u->depth, exc = base, save = base + 1;
    int32_t outside = u->handler, end = label_new(u);
    int32_t handler = handler_new(u, label_new(u), base, exc);
    uint64_t *bound = bound_copy(u);
    bool reachable = u->reachable;
    u->handler = handler;
    compile_body(u, n->Try.body, 0);
    u->handler = outside;
    compile_body(u, n->Try.orelse, 0);
    emit_jump_on(u, end);
    if (!reachable) {
        label_bind(u, end);
        return;
    }

    handler_bind(u, handler, bound);
    reserve(u, base + 3);
    u->pos = n->pos;
    enter_handler(u, save, exc);
    u->depth = base + 2;
    int32_t cleanup = handler_new(u, label_new(u), base + 2, base + 2);
    Block b;
    push_block(u, &b, BLOCK_HANDLER, n->pos);
    b.reg = exc;
    b.save = save;
    u->handler = cleanup;
    const Seq *handlers = n->Try.handlers;
    for (uint32_t i = 0; i < handlers->n; i++) {
        Node *h = handlers->at[i];
        int32_t next = label_new(u);
        u->pos = h->pos;
        if (h->ExceptHandler.type) {
            uint32_t r = temp(u);
            uint32_t type = operand(u, h->ExceptHandler.type);
            u->pos = h->ExceptHandler.type->pos;
            emit(u, OP_EXC_MATCH, r, exc, type);
            emit_jump(u, OP_JF, last(r), 0, next);
            u->depth = base + 2;
        } else if (i + 1 < handlers->n)
            compile_error(u, h->pos, "default 'except:' must be last");
        else
            emit(u, OP_NOP, 0, 0, 0); // its line
        if (h->ExceptHandler.name) {
            const Chars *name = h->ExceptHandler.name;
            uint32_t t = temp(u);
            u->pos = h->pos;
            emit(u, OP_MOVE, t, exc, 0);
            store_name(u, name, last(t));
            u->depth = base + 2;
            uint64_t *inside = bound_copy(u);
            int32_t named = handler_new(u, label_new(u), base + 2, base + 2);
            Block nb;
            push_block(u, &nb, BLOCK_NAMED_HANDLER, h->pos);
            nb.name = name;
            u->handler = named;
            compile_body(u, h->ExceptHandler.body, 0);
            u->handler = cleanup;
            pop_block(u);
            u->pos = NOWHERE;
            forget_name(u, name);
            u->handler = outside;
            emit(u, OP_EXC_LEAVE, last(save), 0, 0);
            drop(u, exc);
            emit_jump_on(u, end);
            u->handler = cleanup;
            handler_bind(u, named, inside);
            reserve(u, base + 3);
            forget_name(u, name);
            emit(u, OP_RERAISE, last(base + 2), 0, 0);
            u->depth = base + 2;
        } else {
            compile_body(u, h->ExceptHandler.body, 0);
            u->handler = outside;
            u->pos = NOWHERE;
            emit(u, OP_EXC_LEAVE, last(save), 0, 0);
            drop(u, exc);
            emit_jump_on(u, end);
            u->handler = cleanup;
        }
        label_bind(u, next);
    }
    pop_block(u);
    u->handler = outside;
    u->pos = handlers->at[handlers->n - 1]->pos; // the clause looked at last
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    emit(u, OP_RERAISE, last(exc), 0, 0);
    u->pos = n->pos;
    reserve(u, base + 3);
    bind_cleanup(u, cleanup, exc, save, bound);
    u->reachable = false;
    u->depth = base;
    label_bind(u, end);
}

void compile_try(Unit *u, Node *n)
{
    if (!n->Try.finalbody->n) {
        compile_except(u, n);
        return;
    }
    uint32_t base = u->depth, exc = base, save = base + 1;
    int32_t outside = u->handler, end = label_new(u);
    int32_t handler = handler_new(u, label_new(u), base, exc);
    uint64_t *bound = bound_copy(u);
    bool reachable = u->reachable;
    Block b;
    push_block(u, &b, BLOCK_FINALLY, n->pos);
    b.body = n->Try.finalbody;
    u->handler = handler;
    if (n->Try.handlers->n) {
        if (n->kind == TryStar_kind)
            compile_try_star(u, n);
        else
            compile_except(u, n);
    } else
        compile_body(u, n->Try.body, 0);
    u->handler = outside;
    pop_block(u);
    compile_body(u, n->Try.finalbody, 0);
    emit_jump_on(u, end);
    if (!reachable) {
        label_bind(u, end);
        return;
    }

    handler_bind(u, handler, bound);
    reserve(u, base + 3);
    u->pos = n->pos;
    enter_handler(u, save, exc);
    u->depth = base + 2;
    int32_t cleanup = handler_new(u, label_new(u), base + 2, base + 2);
    push_block(u, &b, BLOCK_HANDLER, n->pos);
    b.reg = exc;
    b.save = save;
    u->handler = cleanup;
    compile_body(u, n->Try.finalbody, 0);
    pop_block(u);
    u->handler = outside;
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    emit(u, OP_SET_TRACEBACK_LINE, exc, 0, 0);
    emit(u, OP_RERAISE, last(exc), 0, 0);
    bind_cleanup(u, cleanup, exc, save, bound);
    u->reachable = false;
    u->depth = base;
    label_bind(u, end);
}

// except*: every clause takes its part of the group; what clauses raise, and what none took, is raised together at the end.
void compile_try_star(Unit *u, Node *n)
{
    if (n->Try.finalbody->n && !(u->block && u->block->kind == BLOCK_FINALLY && u->block->body == n->Try.finalbody)) {
        compile_try(u, n);
        return;
    }
    uint32_t base = u->depth, exc = base, save = base + 1, rest = base + 2, list = base + 3, match = base + 4, inner = base + 5;
    int32_t outside = u->handler, end = label_new(u);
    int32_t handler = handler_new(u, label_new(u), base, exc);
    uint64_t *bound = bound_copy(u);
    bool reachable = u->reachable;
    u->handler = handler;
    compile_body(u, n->TryStar.body, 0);
    u->handler = outside;
    compile_body(u, n->TryStar.orelse, 0);
    emit_jump_on(u, end);
    if (!reachable) {
        label_bind(u, end);
        return;
    }

    handler_bind(u, handler, bound);
    reserve(u, base + 8);
    u->pos = NOWHERE;
    enter_handler(u, save, exc);
    int32_t cleanup = handler_new(u, label_new(u), base + 2, base + 2);
    u->handler = cleanup;
    emit(u, OP_MOVE, rest, exc, 0);
    emit(u, OP_BUILD_LIST, list, list, 0);
    u->depth = base + 4;
    int32_t finish = label_new(u);
    const Seq *handlers = n->TryStar.handlers;
    for (uint32_t i = 0; i < handlers->n; i++) {
        Node *h = handlers->at[i];
        int32_t next = label_new(u), unmatched = label_new(u), raised = label_new(u);
        u->pos = h->pos;
        emit_jump(u, OP_J_NONE, rest, 0, finish);
        u->depth = base + 5;
        uint32_t type = operand(u, h->ExceptHandler.type);
        u->pos = h->pos;
        emit(u, OP_EXC_GROUP_MATCH, match, rest, type);
        emit_jump(u, OP_J_NONE, match, 0, unmatched);
        u->depth = base + 6;
        u->pos = h->pos;
        emit(u, OP_EXC_ENTER, inner, match, 0);
        // What the clause raises goes to the list.
        int32_t body = handler_new(u, label_new(u), base + 6, base + 6);
        const Chars *name = h->ExceptHandler.name;
        Block b, nb;
        push_block(u, &b, BLOCK_STAR_HANDLER, h->pos);
        u->handler = body;
        if (name) {
            uint32_t t = temp(u);
            emit(u, OP_MOVE, t, match, 0);
            store_name(u, name, last(t));
            u->depth = base + 6;
        }
        uint64_t *inside = bound_copy(u);
        int32_t named = -1;
        if (name) {
            named = handler_new(u, label_new(u), base + 6, base + 6);
            push_block(u, &nb, BLOCK_NAMED_HANDLER, h->pos);
            nb.name = name;
            u->handler = named;
        }
        compile_body(u, h->ExceptHandler.body, 0);
        if (name) {
            pop_block(u);
            u->handler = body;
            u->pos = NOWHERE;
            forget_name(u, name);
        }
        pop_block(u);
        u->handler = cleanup;
        u->pos = NOWHERE;
        emit(u, OP_EXC_LEAVE, last(inner), 0, 0);
        drop(u, match);
        emit_jump(u, OP_JMP, 0, 0, next);
        if (name) {
            u->handler = body;
            handler_bind(u, named, inside);
            reserve(u, base + 7);
            forget_name(u, name);
            emit(u, OP_RERAISE, last(base + 6), 0, 0);
        }
        u->handler = cleanup;
        (void)raised;
        handler_bind(u, body, bound);
        reserve(u, base + 7);
        emit(u, OP_LIST_APPEND, list, last(base + 6), 0);
        emit(u, OP_EXC_LEAVE, last(inner), 0, 0);
        drop(u, match);
        emit_jump(u, OP_JMP, 0, 0, next);
        label_bind(u, unmatched);
        drop(u, match);
        label_bind(u, next);
        u->depth = base + 4;
    }
    label_bind(u, finish);
    u->pos = NOWHERE;
    emit(u, OP_LIST_APPEND, list, last(rest), 0);
    // PREP_RERAISE_STAR consumes the original and the list, side by side
    reserve(u, base + 6);
    uint32_t pair = base + 4;
    emit(u, OP_MOVE, pair, exc, 0);
    emit(u, OP_MOVE, pair + 1, last(list), 0);
    emit(u, OP_INTRINSIC, rest, pair, INTRINSIC_PREP_RERAISE_STAR);
    int32_t nothing = label_new(u);
    emit_jump(u, OP_J_NONE, rest, 0, nothing);
    u->handler = outside;
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    drop(u, exc);
    emit(u, OP_RERAISE, last(rest), 0, 0);
    label_bind(u, nothing);
    drop(u, rest);
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    drop(u, exc);
    emit_jump_on(u, end);
    bind_cleanup(u, cleanup, exc, save, bound);
    u->reachable = false;
    u->depth = base;
    label_bind(u, end);
}

// Whether a `return` of this code stands in the statements.
static bool has_return(const Seq *body)
{
    for (uint32_t i = 0; i < body->n; i++) {
        const Node *n = body->at[i];
        if (n->kind == Return_kind)
            return true;
        if (n->kind == FunctionDef_kind || n->kind == AsyncFunctionDef_kind || n->kind == ClassDef_kind)
            continue;
        for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
            if (fd->kind != FIELD_SEQ || (strcmp(fd->type, "stmt") && strcmp(fd->type, "excepthandler") && strcmp(fd->type, "match_case")))
                continue;
            if (has_return(*(Seq *const *)((const char *)n + fd->offset)))
                return true;
        }
    }
    return false;
}

// The exit's window stays live through the body, and calling it uses the registers above: what must survive that call (the
// exception, the one handled before, a value that is being returned) stands below it.
void compile_with(Unit *u, Node *n, uint32_t item, bool async)
{
    if (item == n->With.items->n) {
        compile_body(u, n->With.body, 0);
        return;
    }
    CHECK_DEPTH(u->f);
    Node *it = n->With.items->at[item];
    Pos pos = it->withitem.context_expr->pos;
    uint32_t base = u->depth, exc = base, save = base + 1, slot = 0;
    temps(u, 2);
    bool inner = false;
    for (Block *o = u->block; o; o = o->outer)
        inner |= o->kind == BLOCK_WITH || o->kind == BLOCK_ASYNC_WITH;
    if (!inner && has_return(n->With.body))
        slot = temp(u);
    uint32_t e = temps(u, CALL_ARGS + 3), m = temp(u), inside = m;
    expr_to(u, it->withitem.context_expr, m);
    u->pos = pos;
    emit(u, OP_LOAD_SPECIAL, e, m, async ? SPECIAL_AEXIT : SPECIAL_EXIT);
    if (async) {
        uint32_t i = temp(u), w = temps(u, CALL_ARGS);
        emit(u, OP_LOAD_SPECIAL, w, last(m), SPECIAL_AENTER);
        emit(u, OP_CALL, i, w, 0);
        emit(u, OP_GET_AWAITABLE, i, last(i), 1);
        await_into(u, m, i);
    } else {
        uint32_t w = temps(u, CALL_ARGS);
        emit(u, OP_LOAD_SPECIAL, w, last(m), SPECIAL_ENTER);
        emit(u, OP_CALL, m, w, 0);
    }
    u->depth = m + 1;
    int32_t outside = u->handler, end = label_new(u);
    int32_t handler = handler_new(u, label_new(u), inside, exc);
    uint64_t *bound = bound_copy(u);
    bool reachable = u->reachable;
    Block b;
    push_block(u, &b, async ? BLOCK_ASYNC_WITH : BLOCK_WITH, pos);
    b.reg = e;
    b.save = slot;
    u->handler = handler;
    if (it->withitem.optional_vars)
        store_target(u, it->withitem.optional_vars, last(m));
    else
        drop(u, m);
    u->depth = inside;
    compile_with(u, n, item + 1, async);
    pop_block(u);
    u->handler = outside;
    u->pos = pos;
    u->depth = inside;
    leave_with(u, e, async);
    if (slot)
        drop(u, slot);
    emit_jump_on(u, end);
    if (!reachable) {
        u->depth = base;
        label_bind(u, end);
        return;
    }

    handler_bind(u, handler, bound);
    reserve(u, inside + 1);
    u->pos = pos;
    enter_handler(u, save, exc);
    if (slot)
        drop(u, slot);
    int32_t cleanup = handler_new(u, label_new(u), e, e);
    int32_t suppressed = label_new(u);
    u->handler = cleanup;
    emit(u, OP_EXC_TRIPLE, e + CALL_ARGS, exc, 0);
    uint32_t t = inside;
    call_exit(u, e, t, async);
    emit_jump(u, OP_JT, last(t), 0, suppressed);
    u->handler = outside;
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    emit(u, OP_SET_TRACEBACK_LINE, exc, 0, 0);
    reraise_from_nowhere(u, exc);
    label_bind(u, suppressed);
    emit(u, OP_EXC_LEAVE, last(save), 0, 0);
    drop(u, exc);
    emit_jump_on(u, end);
    bind_cleanup(u, cleanup, exc, save, bound);
    u->reachable = false;
    u->depth = base;
    label_bind(u, end);
}
