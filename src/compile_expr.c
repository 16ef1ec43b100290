// Expressions. `expr_to` leaves a value in a given register, `operand` names a register that holds it: the variable itself
// where that is safe, else a temporary that its reader consumes.
#include "src/compile.h"
#include "src/fold.h"
#include <stdio.h>

enum { DISPLAY_MAX = 30 };  // displays with more items are built by appending

void drop(Unit *u, uint32_t reg) { emit(u, OP_DROP, reg, 0, 0); }

// ---- operands

static bool has_walrus(const Node *n)  // evaluating it may rebind a variable of this code
{
    if (n->kind == NamedExpr_kind)
        return true;
    if (n->kind == Lambda_kind || n->kind == GeneratorExp_kind || n->kind == Constant_kind || n->kind == Name_kind)
        return false;
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
        const void *at = (const char *)n + fd->offset;
        if (fd->kind == FIELD_ONE || fd->kind == FIELD_OPT) {
            const Node *child = *(Node *const *)at;
            if (child && has_walrus(child))
                return true;
        } else if (fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT) {
            const Seq *s = *(Seq *const *)at;
            for (uint32_t i = 0; i < s->n; i++)
                if (s->at[i] && has_walrus(s->at[i]))
                    return true;
        }
    }
    return false;
}

uint32_t operand(Unit *u, Node *n)
{
    if (n->kind == Name_kind) {
        u->pos = n->pos;
        return operand_name(u, n->Name.id);
    }
    uint32_t t = temp(u);
    expr_to(u, n, t);
    u->depth = t + 1;
    return last(t);
}

uint32_t operand_before(Unit *u, Node *n, Node *later)
{
    if (n->kind == Name_kind && later && later->kind != Name_kind && later->kind != Constant_kind) {
        Place p = place_of(u, n->Name.id);
        if (p.kind == PLACE_FAST && has_walrus(later)) {
            uint32_t t = temp(u);
            expr_to(u, n, t);
            return last(t);
        }
    }
    return operand(u, n);
}

// The first operand of an operation whose result goes to d: computed in d itself where that is a temporary.
uint32_t operand_in(Unit *u, Node *n, Node *later, uint32_t d)
{
    if (is_variable(d) || n->kind == Name_kind)
        return operand_before(u, n, later);
    expr_to(u, n, d);
    return last(d);
}

bool small_int(const Node *n, int64_t *out)
{
    if (n->kind != Constant_kind || n->Constant.value.kind != CONST_INT)
        return false;
    *out = n->Constant.value.integer;
    return *out == (int16_t)*out;
}

// ---- arithmetic and comparisons

static const uint16_t binary_ops[] = {
    [Add] = OP_ADD, [Sub] = OP_SUB, [Mult] = OP_MUL, [MatMult] = OP_MATMUL, [Div] = OP_DIV, [Mod] = OP_MOD, [Pow] = OP_POW,
    [LShift] = OP_LSHIFT, [RShift] = OP_RSHIFT, [BitOr] = OP_OR, [BitXor] = OP_XOR, [BitAnd] = OP_AND, [FloorDiv] = OP_FLOORDIV,
};
enum { FAMILY_INPLACE = OP_ADD_INPLACE - OP_ADD, FAMILY_INT = OP_ADDI - OP_ADD, FAMILY_INT_INPLACE = OP_ADDI_INPLACE - OP_ADD };
_Static_assert(OP_XORI_INPLACE - OP_XOR == FAMILY_INT_INPLACE, "the families of ops.def have one order");

static const uint16_t compare_ops[] = {[Lt] = OP_LT, [LtE] = OP_LE, [Eq] = OP_EQ, [NotEq] = OP_NE, [Gt] = OP_GT, [GtE] = OP_GE};
enum {
    COMPARE_INT = OP_LTI - OP_LT, COMPARE_JT = OP_JT_LT - OP_LT, COMPARE_JF = OP_JF_LT - OP_LT, COMPARE_JT_INT = OP_JT_LTI - OP_LT,
    COMPARE_JF_INT = OP_JF_LTI - OP_LT
};
_Static_assert(OP_JF_GEI - OP_GE == COMPARE_JF_INT, "the families of ops.def have one order");

static bool is_rich(cmpop_ty op) { return op <= GtE; }

static void compile_binary(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    int64_t i;
    int op = binary_ops[n->BinOp.op];
    uint32_t a = operand_in(u, n->BinOp.left, n->BinOp.right, d);
    if (small_int(n->BinOp.right, &i)) {
        u->pos = n->pos;
        emit(u, op + FAMILY_INT, d, a, (uint32_t)(int32_t)i);
    } else {
        uint32_t b = operand(u, n->BinOp.right);
        u->pos = n->pos;
        emit(u, op, d, a, b);
    }
    u->depth = mark;
}

static void warn_literal_is(Unit *u, Node *n)
{
    const Node *left = n->Compare.left;
    for (uint32_t i = 0; i < n->Compare.comparators->n; i++) {
        const Node *right = n->Compare.comparators->at[i];
        cmpop_ty op = n->Compare.ops->at[i];
        if (op == Is || op == IsNot) {
            const Node *sides[] = {left, right};
            for (int k = 0; k < 2; k++) {
                const Node *x = sides[k];
                if (x->kind != Constant_kind || x->Constant.value.kind <= CONST_ELLIPSIS || x->scratch == CONSTANT_FOLDED)
                    continue;
                static const char *const names[] = {[CONST_INT] = "int", [CONST_BIGINT] = "int", [CONST_FLOAT] = "float", [CONST_COMPLEX] = "complex",
                                                    [CONST_STR] = "str", [CONST_BYTES] = "bytes", [CONST_TUPLE] = "tuple", [CONST_FROZENSET] = "frozenset"};
                syntax_warning_at(u->f, n->pos, op == Is ? "\"is\" with '%s' literal. Did you mean \"==\"?" : "\"is not\" with '%s' literal. Did you mean \"!=\"?",
                                  names[x->Constant.value.kind]);
                break;
            }
        }
        left = right;
    }
}

static void emit_compare(Unit *u, cmpop_ty op, uint32_t d, uint32_t a, Node *right, Pos pos)  // right: evaluated here
{
    int64_t i;
    if (is_rich(op) && small_int(right, &i)) {
        u->pos = pos;
        emit(u, compare_ops[op] + COMPARE_INT, d, a, (uint32_t)(int32_t)i);
        return;
    }
    // `x in [1, 2]`: the display is a constant
    uint32_t b;
    if ((op == In || op == NotIn) && (right->kind == List_kind || right->kind == Set_kind)) {
        Seq *elts = right->kind == List_kind ? right->List.elts : right->Set.elts;
        bool constant = elts->n > 0;
        for (uint32_t k = 0; k < elts->n; k++)
            constant &= elts->at[k]->kind == Constant_kind;
        if (constant) {
            Const *items = NEW_N(u->f, Const, elts->n);
            for (uint32_t k = 0; k < elts->n; k++)
                items[k] = elts->at[k]->Constant.value;
            uint32_t t = temp(u);
            u->pos = right->pos;
            load_const(u, t, &(Const){.kind = right->kind == List_kind ? CONST_TUPLE : CONST_FROZENSET, .count = elts->n, .items = items});
            b = last(t);
        } else
            b = operand(u, right);
    } else
        b = operand(u, right);
    u->pos = pos;
    switch (op) {
    case Is: emit(u, OP_IS, d, a, b); break;
    case IsNot: emit(u, OP_IS_NOT, d, a, b); break;
    case In: emit(u, OP_CONTAINS, d, a, b); break;
    case NotIn: emit(u, OP_NOT_CONTAINS, d, a, b); break;
    default: emit(u, compare_ops[op], d, a, b);
    }
}

// a < b < c: each comparand is evaluated once; the chain ends at the first false one.
static void compile_chain(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    uint32_t result = is_variable(d) ? temp(u) : d;
    int32_t end = label_new(u);
    uint32_t a = operand_before(u, n->Compare.left, n->Compare.comparators->at[0]);
    uint32_t count = n->Compare.comparators->n;
    uint32_t middles = temps(u, 2);
    for (uint32_t i = 0; i < count; i++) {
        Node *right = n->Compare.comparators->at[i];
        cmpop_ty op = n->Compare.ops->at[i];
        if (i + 1 == count) {
            emit_compare(u, op, result, a, right, n->pos);
            break;
        }
        // The right side is read here and by the next comparison.
        uint32_t b;
        bool owned = false;
        if (right->kind == Name_kind && place_of(u, right->Name.id).kind == PLACE_FAST && !has_walrus(n->Compare.comparators->at[i + 1])) {
            u->pos = right->pos;
            b = operand_name(u, right->Name.id);
        } else {
            b = middles + (i & 1);
            expr_to(u, right, b);
            owned = true;
        }
        u->pos = n->pos;
        switch (op) {
        case Is: emit(u, OP_IS, result, a, b); break;
        case IsNot: emit(u, OP_IS_NOT, result, a, b); break;
        case In: emit(u, OP_CONTAINS, result, a, b); break;
        case NotIn: emit(u, OP_NOT_CONTAINS, result, a, b); break;
        default: emit(u, compare_ops[op], result, a, b);
        }
        if (owned) {
            int32_t on = label_new(u);
            emit_jump(u, OP_JT, result, 0, on);
            drop(u, b);
            emit_jump(u, OP_JMP, 0, 0, end);
            label_bind(u, on);
        } else
            emit_jump(u, OP_JF, result, 0, end);
        drop(u, result);
        a = owned ? last(b) : b;
    }
    label_bind(u, end);
    if (result != d)
        emit(u, OP_MOVE, d, last(result), 0);
    u->depth = mark;
}

// ---- conditions

static void jump_compare(Unit *u, Node *n, bool sense, int32_t label)
{
    uint32_t mark = u->depth;
    cmpop_ty op = n->Compare.ops->at[0];
    Node *left = n->Compare.left, *right = n->Compare.comparators->at[0];
    int64_t i;
    if (right->kind == Constant_kind && right->Constant.value.kind == CONST_NONE && (op == Is || op == IsNot)) {
        uint32_t a = operand(u, left);
        u->pos = n->pos;
        emit_jump(u, (op == Is) == sense ? OP_J_NONE : OP_J_NOT_NONE, a, 0, label);
    } else if (is_rich(op) && small_int(right, &i)) {
        uint32_t a = operand(u, left);
        u->pos = n->pos;
        emit_jump(u, compare_ops[op] + (sense ? COMPARE_JT_INT : COMPARE_JF_INT), a, (uint32_t)(int32_t)i, label);
    } else if (is_rich(op)) {
        uint32_t a = operand_before(u, left, right), b = operand(u, right);
        u->pos = n->pos;
        emit_jump(u, compare_ops[op] + (sense ? COMPARE_JT : COMPARE_JF), a, b, label);
    } else if (op == Is || op == IsNot) {
        uint32_t a = operand_before(u, left, right), b = operand(u, right);
        u->pos = n->pos;
        emit_jump(u, (op == Is) == sense ? OP_JT_IS : OP_JF_IS, a, b, label);
    } else {
        uint32_t t = temp(u);
        uint32_t a = operand_before(u, left, right);
        emit_compare(u, op, t, a, right, n->pos);
        emit_jump(u, sense ? OP_JT : OP_JF, last(t), 0, label);
    }
    u->depth = mark;
}

static bool constant_truth(Unit *u, const Node *n, bool *out)
{
    if (n->kind == Name_kind && str_is(n->Name.id, "__debug__"))
        return *out = !u->optimize, true;
    if (n->kind != Constant_kind)
        return false;
    const Const *c = &n->Constant.value;
    switch (c->kind) {
    case CONST_NONE: case CONST_FALSE: *out = false; return true;
    case CONST_TRUE: case CONST_ELLIPSIS: case CONST_BIGINT: *out = true; return true;
    case CONST_INT: *out = c->integer != 0; return true;
    case CONST_FLOAT: *out = c->real != 0; return true;
    case CONST_COMPLEX: *out = c->real != 0 || c->imag != 0; return true;
    case CONST_STR: case CONST_BYTES: *out = c->text->length; return true;
    default: *out = c->count; return true;
    }
}

void jump_if(Unit *u, Node *n, bool sense, int32_t label)
{
    CHECK_DEPTH(u->f);
    bool truth;
    if (constant_truth(u, n, &truth)) {
        u->pos = n->pos;
        if (truth == sense)
            emit_jump(u, OP_JMP, 0, 0, label);
        return;
    }
    switch (n->kind) {
    case UnaryOp_kind:
        if (n->UnaryOp.op == Not) {
            jump_if(u, n->UnaryOp.operand, !sense, label);
            return;
        }
        break;
    case BoolOp_kind: {
        // `or` leaves at the first true value, `and` at the first false one
        bool leaves = n->BoolOp.op == Or;
        Seq *values = n->BoolOp.values;
        int32_t past = leaves == sense ? label : label_new(u);
        for (uint32_t i = 0; i + 1 < values->n; i++)
            jump_if(u, values->at[i], leaves, past);
        jump_if(u, values->at[values->n - 1], sense, label);
        if (past != label)
            label_bind(u, past);
        return;
    }
    case IfExp_kind: {
        int32_t other = label_new(u), end = label_new(u);
        jump_if(u, n->IfExp.test, false, other);
        jump_if(u, n->IfExp.body, sense, label);
        emit_jump(u, OP_JMP, 0, 0, end);
        label_bind(u, other);
        jump_if(u, n->IfExp.orelse, sense, label);
        label_bind(u, end);
        return;
    }
    case Compare_kind:
        warn_literal_is(u, n);
        if (n->Compare.comparators->n == 1) {
            jump_compare(u, n, sense, label);
            return;
        }
        break;
    default: break;
    }
    uint32_t mark = u->depth;
    uint32_t r = operand(u, n);
    u->pos = n->pos;
    emit_jump(u, sense ? OP_JT : OP_JF, r, 0, label);
    u->depth = mark;
}

static void compile_bool(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = is_variable(d) ? temp(u) : d;
    int32_t end = label_new(u);
    Seq *values = n->BoolOp.values;
    for (uint32_t i = 0; i < values->n; i++) {
        expr_to(u, values->at[i], t);
        if (i + 1 < values->n) {
            u->pos = n->pos;
            emit_jump(u, n->BoolOp.op == Or ? OP_JT : OP_JF, t, 0, end);
            drop(u, t);
        }
    }
    label_bind(u, end);
    if (t != d)
        emit(u, OP_MOVE, d, last(t), 0);
    u->depth = mark;
}

static void compile_if_expression(Unit *u, Node *n, uint32_t d)
{
    int32_t other = label_new(u), end = label_new(u);
    jump_if(u, n->IfExp.test, false, other);
    expr_to(u, n->IfExp.body, d);
    emit_jump(u, OP_JMP, 0, 0, end);
    label_bind(u, other);
    expr_to(u, n->IfExp.orelse, d);
    label_bind(u, end);
}

// ---- displays

bool has_star(const Seq *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (args->at[i]->kind == Starred_kind)
            return true;
    return false;
}

bool has_double_star(const Seq *keywords)
{
    for (uint32_t i = 0; i < keywords->n; i++)
        if (!keywords->at[i]->keyword.arg)
            return true;
    return false;
}

// A list of the items in temporary t, item by item.
static void build_list(Unit *u, const Seq *elts, uint32_t t, Pos pos)
{
    uint32_t mark = u->depth, i = 0;
    if (elts->n > 2 && !has_star(elts)) {
        bool constant = true;
        for (uint32_t k = 0; k < elts->n; k++)
            constant &= elts->at[k]->kind == Constant_kind;
        if (constant) {
            Const *items = NEW_N(u->f, Const, elts->n);
            for (uint32_t k = 0; k < elts->n; k++)
                items[k] = elts->at[k]->Constant.value;
            u->pos = pos;
            emit(u, OP_BUILD_LIST, t, t, 0);
            uint32_t k = temp(u);
            load_const(u, k, &(Const){.kind = CONST_TUPLE, .count = elts->n, .items = items});
            emit(u, OP_LIST_EXTEND, t, last(k), 0);
            u->depth = mark;
            return;
        }
    }
    // The items up to the first starred one are built at once.
    uint32_t first = u->depth;
    while (i < elts->n && i < DISPLAY_MAX && elts->at[i]->kind != Starred_kind) {
        uint32_t r = temp(u);
        expr_to(u, elts->at[i++], r);
        u->depth = r + 1;
    }
    u->pos = pos;
    emit(u, OP_BUILD_LIST, t, first, i);
    u->depth = mark;
    for (; i < elts->n; i++) {
        Node *e = elts->at[i];
        uint32_t r = operand(u, e->kind == Starred_kind ? e->Starred.value : e);
        u->pos = e->kind == Starred_kind ? e->pos : pos;
        emit(u, e->kind == Starred_kind ? OP_LIST_EXTEND : OP_LIST_APPEND, t, r, 0);
        u->depth = mark;
    }
}

static void compile_sequence(Unit *u, Node *n, const Seq *elts, uint32_t d)
{
    uint32_t mark = u->depth;
    bool tuple = n->kind == Tuple_kind;
    if (elts->n > DISPLAY_MAX || has_star(elts) || (!tuple && elts->n > 2)) {
        bool direct = !tuple && !is_variable(d);
        uint32_t t = direct ? d : temp(u);
        if (elts->n <= DISPLAY_MAX && !has_star(elts)) {
            bool constant = true;
            for (uint32_t k = 0; k < elts->n; k++)
                constant &= elts->at[k]->kind == Constant_kind;
            if (!constant)
                goto plain;
        }
        build_list(u, elts, t, n->pos);
        u->pos = n->pos;
        if (tuple)
            emit(u, OP_LIST_TO_TUPLE, d, last(t), 0);
        else if (t != d)
            emit(u, OP_MOVE, d, last(t), 0);
        u->depth = mark;
        return;
    }
plain:;
    uint32_t first = u->depth;
    for (uint32_t i = 0; i < elts->n; i++) {
        uint32_t r = temp(u);
        expr_to(u, elts->at[i], r);
        u->depth = r + 1;
    }
    u->pos = n->pos;
    emit(u, tuple ? OP_BUILD_TUPLE : OP_BUILD_LIST, d, first, elts->n);
    u->depth = mark;
}

static void compile_set(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = is_variable(d) ? temp(u) : d, i = 0;
    const Seq *elts = n->Set.elts;
    uint32_t inner = u->depth, first = u->depth;
    while (i < elts->n && i < DISPLAY_MAX && elts->at[i]->kind != Starred_kind) {
        uint32_t r = temp(u);
        expr_to(u, elts->at[i++], r);
        u->depth = r + 1;
    }
    u->pos = n->pos;
    emit(u, OP_BUILD_SET, t, first, i);
    u->depth = inner;
    for (; i < elts->n; i++) {
        Node *e = elts->at[i];
        uint32_t r = operand(u, e->kind == Starred_kind ? e->Starred.value : e);
        u->pos = e->kind == Starred_kind ? e->pos : n->pos;
        emit(u, e->kind == Starred_kind ? OP_SET_UPDATE : OP_SET_ADD, t, r, 0);
        u->depth = inner;
    }
    if (t != d)
        emit(u, OP_MOVE, d, last(t), 0);
    u->depth = mark;
}

static void compile_dict(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = is_variable(d) ? temp(u) : d, i = 0;
    const Seq *keys = n->Dict.keys, *values = n->Dict.values;
    uint32_t inner = u->depth, first = u->depth;
    while (i < keys->n && i < DISPLAY_MAX / 2 && keys->at[i]) {
        uint32_t k = temp(u);
        expr_to(u, keys->at[i], k);
        u->depth = k + 1;
        uint32_t v = temp(u);
        expr_to(u, values->at[i++], v);
        u->depth = v + 1;
    }
    u->pos = n->pos;
    emit(u, OP_BUILD_DICT, t, first, i);
    u->depth = inner;
    for (; i < keys->n; i++) {
        if (keys->at[i]) {
            uint32_t k = operand_before(u, keys->at[i], values->at[i]), v = operand(u, values->at[i]);
            u->pos = n->pos;
            emit(u, OP_DICT_SET, t, k, v);
        } else {
            uint32_t v = operand(u, values->at[i]);
            u->pos = n->pos;
            emit(u, OP_DICT_UPDATE, t, v, 0);
        }
        u->depth = inner;
    }
    if (t != d)
        emit(u, OP_MOVE, d, last(t), 0);
    u->depth = mark;
}

// ---- strings

static void compile_joined(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    const Seq *values = n->JoinedStr.values;
    if (!values->n) {
        u->pos = n->pos;
        load_text(u, d, front_str(u->f, "", 0));
        return;
    }
    if (values->n == 1) {
        expr_to(u, values->at[0], d);
        return;
    }
    if (values->n <= 200) {
        uint32_t first = u->depth;
        for (uint32_t i = 0; i < values->n; i++) {
            uint32_t r = temp(u);
            expr_to(u, values->at[i], r);
            u->depth = r + 1;
        }
        u->pos = n->pos;
        emit(u, OP_BUILD_STRING, d, first, values->n);
        u->depth = mark;
        return;
    }
    // Very long ones: ''.join(list)
    uint32_t w = temps(u, CALL_ARGS + 1), empty = temp(u);
    u->pos = n->pos;
    load_text(u, empty, front_str(u->f, "", 0));
    emit(u, OP_LOAD_METHOD, w, last(empty), pool_attr(u, text_const(u, "join")));
    u->depth = empty;
    build_list(u, values, w + CALL_ARGS, n->pos);
    u->pos = n->pos;
    emit(u, OP_CALL, d, w, 1);
    u->depth = mark;
}

static void compile_formatted(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = temp(u);
    expr_to(u, n->FormattedValue.value, t);
    u->pos = n->pos;
    int c = n->FormattedValue.conversion;
    if (c == 's' || c == 'r' || c == 'a')
        emit(u, OP_CONVERT_VALUE, t, last(t), c == 's' ? 1 : c == 'r' ? 2 : 3);
    if (n->FormattedValue.format_spec) {
        uint32_t spec = operand(u, n->FormattedValue.format_spec);
        u->pos = n->pos;
        emit(u, OP_FORMAT_SPEC, d, last(t), spec);
    } else
        emit(u, OP_FORMAT_VALUE, d, last(t), 0);
    u->depth = mark;
}

static void compile_interpolation(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, first = temps(u, 4);
    expr_to(u, n->Interpolation.value, first);
    u->pos = n->pos;
    load_const(u, first + 1, &n->Interpolation.str);
    int c = n->Interpolation.conversion;
    if (c > 0)
        load_text(u, first + 2, front_str(u->f, &(char){(char)c}, 1));
    else
        load_word(u, first + 2, NONE);
    if (n->Interpolation.format_spec)
        expr_to(u, n->Interpolation.format_spec, first + 3);
    else
        load_text(u, first + 3, front_str(u->f, "", 0));
    u->pos = n->pos;
    emit(u, OP_BUILD_INTERPOLATION, d, first, 0);
    u->depth = mark;
}

static void compile_template(Unit *u, Node *n, uint32_t d)
{
    // The strings and the interpolations alternate, a string on either end.
    uint32_t mark = u->depth, pair = temps(u, 2);
    const Seq *values = n->TemplateStr.values;
    Const *strings = NEW_N(u->f, Const, values->n + 1);
    uint32_t count = 0, interpolations = 0;
    bool text_last = false;
    const Chars *empty = front_str(u->f, "", 0);
    for (uint32_t i = 0; i < values->n; i++) {
        if (values->at[i]->kind == Constant_kind) {
            strings[count++] = values->at[i]->Constant.value;
            text_last = true;
        } else {
            if (!text_last)
                strings[count++] = (Const){.kind = CONST_STR, .text = empty};
            text_last = false;
            interpolations++;
        }
    }
    if (!text_last)
        strings[count++] = (Const){.kind = CONST_STR, .text = empty};
    u->pos = n->pos;
    load_const(u, pair, &(Const){.kind = CONST_TUPLE, .count = count, .items = strings});
    uint32_t first = u->depth;
    if (interpolations > 1000) {
        emit(u, OP_BUILD_LIST, pair + 1, pair + 1, 0);
        for (uint32_t i = 0; i < values->n; i++)
            if (values->at[i]->kind != Constant_kind) {
                emit(u, OP_LIST_APPEND, pair + 1, operand(u, values->at[i]), 0);
                u->depth = first;
            }
        emit(u, OP_LIST_TO_TUPLE, pair + 1, last(pair + 1), 0);
    } else {
        for (uint32_t i = 0; i < values->n; i++)
            if (values->at[i]->kind != Constant_kind) {
                uint32_t r = temp(u);
                expr_to(u, values->at[i], r);
                u->depth = r + 1;
            }
        u->pos = n->pos;
        emit(u, OP_BUILD_TUPLE, pair + 1, first, interpolations);
    }
    emit(u, OP_BUILD_TEMPLATE, d, pair, 0);
    u->depth = mark;
}

// ---- calls

static void check_keywords(Unit *u, const Seq *keywords)
{
    for (uint32_t i = 0; i < keywords->n; i++) {
        const Chars *a = keywords->at[i]->keyword.arg;
        for (uint32_t j = i + 1; a && j < keywords->n; j++)
            if (keywords->at[j]->keyword.arg == a)
                compile_error(u, keywords->at[j]->pos, "keyword argument repeated: %s", a->s);
        if (i > 2000)
            return;  // quadratic: beyond this the callee finds out
    }
}

// The list of all positional arguments with starred ones spread, as a tuple in t. `given`: arguments that already stand in
// registers from `first` on.
void spread_arguments(Unit *u, uint32_t t, uint32_t callable, uint32_t first, uint32_t given, const Seq *args, Pos pos)
{
    if (!given && args->n == 1 && args->at[0]->kind == Starred_kind) {
        uint32_t mark = u->depth, r = operand(u, args->at[0]->Starred.value);
        u->pos = pos;
        emit(u, OP_SPREAD, t, r, callable);
        u->depth = mark;
        return;
    }
    uint32_t mark = u->depth, l = temp(u);
    u->pos = pos;
    emit(u, OP_BUILD_LIST, l, given ? first : l, given);
    uint32_t inner = u->depth;
    for (uint32_t i = 0; i < args->n; i++) {
        Node *e = args->at[i];
        uint32_t r = operand(u, e->kind == Starred_kind ? e->Starred.value : e);
        u->pos = e->kind == Starred_kind ? e->pos : pos;
        emit(u, e->kind == Starred_kind ? OP_LIST_EXTEND : OP_LIST_APPEND, l, r, 0);
        u->depth = inner;
    }
    u->pos = pos;
    emit(u, OP_LIST_TO_TUPLE, t, last(l), 0);
    u->depth = mark;
}

void spread_keywords(Unit *u, uint32_t t, uint32_t callable, const Seq *keywords, Pos pos)
{
    uint32_t mark = u->depth;
    u->pos = pos;
    emit(u, OP_BUILD_DICT, t, t, 0);
    // Named ones since the last ** are merged together, so that a name given twice is found out.
    for (uint32_t i = 0; i < keywords->n;) {
        if (!keywords->at[i]->keyword.arg) {
            uint32_t r = operand(u, keywords->at[i]->keyword.value);
            u->pos = pos;
            emit(u, OP_DICT_MERGE, t, r, callable);
            u->depth = mark;
            i++;
            continue;
        }
        uint32_t some = temp(u);
        bool merge = i > 0;
        uint32_t into = merge ? some : t;
        if (merge)
            emit(u, OP_BUILD_DICT, some, some, 0);
        for (; i < keywords->n && keywords->at[i]->keyword.arg; i++) {
            uint32_t inner = u->depth, k = temp(u);
            load_text(u, k, keywords->at[i]->keyword.arg);
            uint32_t v = operand(u, keywords->at[i]->keyword.value);
            u->pos = pos;
            emit(u, OP_DICT_SET, into, last(k), v);
            u->depth = inner;
        }
        if (merge)
            emit(u, OP_DICT_MERGE, t, last(some), callable);
        u->depth = mark;
    }
}

Pos attribute_pos(Pos whole, const Node *attribute)
{
    Pos end = attribute->pos;
    if (whole.line == end.end_line)
        return whole;
    int32_t length = 0;
    for (const char *s = attribute->Attribute.attr->s; *s; s++)
        length += ((unsigned char)*s & 0xC0) != 0x80;
    if (length > end.end_col)
        return (Pos){end.end_line, -1, whole.end_line, -1};
    return (Pos){end.end_line, end.end_col - length, whole.end_line, whole.end_col};
}

// The call of what stands in `window` (LOAD_METHOD's form; with FLAG: a callable alone), with `extra` arguments that
// already stand in their places.
void compile_call_with(Unit *u, uint32_t d, uint32_t window, uint32_t extra, const Seq *args, const Seq *keywords, Pos pos)
{
    u->depth = (window & REG) + CALL_ARGS + extra;
    if (u->depth > u->max_depth)
        u->max_depth = u->depth;
    for (uint32_t i = 0; i < args->n; i++) {
        uint32_t r = temp(u);
        expr_to(u, args->at[i], r);
        u->depth = r + 1;
    }
    if (!keywords->n) {
        u->pos = pos;
        emit(u, OP_CALL, d, window, extra + args->n);
        return;
    }
    Const *names = NEW_N(u->f, Const, keywords->n);
    for (uint32_t i = 0; i < keywords->n; i++) {
        uint32_t r = temp(u);
        expr_to(u, keywords->at[i]->keyword.value, r);
        u->depth = r + 1;
        names[i] = (Const){.kind = CONST_STR, .text = scope_mangle(u->f, u->scope, keywords->at[i]->keyword.arg)};
    }
    uint32_t k = temp(u);
    u->pos = pos;
    load_const(u, k, &(Const){.kind = CONST_TUPLE, .count = keywords->n, .items = names});
    emit(u, OP_CALL_KW, d, window, extra + args->n + keywords->n);
}

static void warn_not_callable(Unit *u, const Node *func)
{
    const char *name = NULL;
    switch (func->kind) {
    case Constant_kind: {
        static const char *const names[] = {"NoneType", "bool", "bool", "ellipsis", "int", "int", "float", "complex", "str", "bytes", "tuple", "frozenset"};
        name = names[func->Constant.value.kind];
        break;
    }
    case Tuple_kind: name = "tuple"; break;
    case List_kind: case ListComp_kind: name = "list"; break;
    case Dict_kind: case DictComp_kind: name = "dict"; break;
    case Set_kind: case SetComp_kind: name = "set"; break;
    case GeneratorExp_kind: name = "generator"; break;
    case JoinedStr_kind: name = "str"; break;
    case TemplateStr_kind: name = "string.templatelib.Template"; break;
    default: return;
    }
    syntax_warning_at(u->f, func->pos, "'%s' object is not callable; perhaps you missed a comma?", name);
}

// super() without arguments, in a method: its three registers. False: an ordinary call.
static bool load_super(Unit *u, Node *call, uint32_t first)
{
    Node *func = call->Call.func;
    if (func->kind != Name_kind || !str_is(func->Name.id, "super") || call->Call.keywords->n || has_star(call->Call.args))
        return false;
    Scope *s = u->scope;
    if (u->inner != u->scope || s->kind != SCOPE_FUNCTION || s->comprehension || place_of(u, func->Name.id).kind != PLACE_GLOBAL)
        return false;
    if (call->Call.args->n) {
        return false;
    }
    const Chars *class_name = text_const(u, "__class__");
    Symbol *y = scope_symbol(s, class_name);
    if (!y || y->scope != NAME_FREE || !s->params.n || (!u->argcount && !s->params.n))
        return false;
    if (!u->argcount)
        return false;
    u->pos = func->pos;
    load_name(u, func->Name.id, first);
    u->pos = call->pos;
    load_name(u, class_name, first + 1);
    Symbol *self = scope_symbol(s, s->params.at[0]);
    if (self->scope == NAME_CELL)
        emit(u, OP_LOAD_CELL, first + 2, self->index, pool_name(u, self->name));
    else if (self->flags & DEF_DELETED) {
        emit(u, OP_CHECK_BOUND, self->index, pool_name(u, self->name), 0);
        emit(u, OP_MOVE, first + 2, self->index, 0);
    } else
        emit(u, OP_MOVE, first + 2, self->index, 0);
    return true;
}

static void compile_call(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    Node *func = n->Call.func;
    const Seq *args = n->Call.args, *keywords = n->Call.keywords;
    warn_not_callable(u, func);
    check_keywords(u, keywords);
    if (has_star(args) || has_double_star(keywords) || args->n + keywords->n > 4000) {
        uint32_t w = temps(u, 3);
        expr_to(u, func, w);
        u->depth = w + 3;
        spread_arguments(u, w + 1, w, 0, 0, args, n->pos);
        if (keywords->n)
            spread_keywords(u, w + 2, w, keywords, n->pos);
        else {
            u->pos = n->pos;
            load_word(u, w + 2, UNDEF);
        }
        u->pos = n->pos;
        emit(u, OP_CALL_EX, d, w, 0);
        u->depth = mark;
        return;
    }
    uint32_t w = temps(u, CALL_ARGS);
    if (func->kind == Attribute_kind) {
        Node *object = func->Attribute.value;
        uint32_t three = u->depth;
        if (object->kind == Call_kind && (temps(u, 3), load_super(u, object, three))) {
            u->pos = attribute_pos(func->pos, func);
            emit(u, OP_LOAD_SUPER_METHOD, w, three, pool_attr(u, func->Attribute.attr));
        } else {
            u->depth = three;
            uint32_t o = operand(u, object);
            u->pos = attribute_pos(func->pos, func);
            emit(u, OP_LOAD_METHOD, w, o, pool_attr(u, func->Attribute.attr));
        }
    } else {
        expr_to(u, func, w);
        w |= FLAG; // BARE
    }
    compile_call_with(u, d, w, 0, args, keywords, func->kind == Attribute_kind ? attribute_pos(n->pos, func) : n->pos);
    u->depth = mark;
}

// ---- attributes and items

static void compile_attribute(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    Node *object = n->Attribute.value;
    if (object->kind == Call_kind) {
        uint32_t three = temps(u, 3);
        if (load_super(u, object, three)) {
            u->pos = attribute_pos(n->pos, n);
            emit(u, OP_LOAD_SUPER_ATTR, d, three, pool_attr(u, n->Attribute.attr));
            u->depth = mark;
            return;
        }
        u->depth = mark;
    }
    uint32_t o = operand_in(u, object, NULL, d);
    u->pos = attribute_pos(n->pos, n);
    emit(u, OP_LOAD_ATTR, d, o, pool_attr(u, n->Attribute.attr));
    u->depth = mark;
}

static void compile_slice(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, count = n->Slice.step ? 3 : 2, first = temps(u, count);
    Node *parts[] = {n->Slice.lower, n->Slice.upper, n->Slice.step};
    for (uint32_t i = 0; i < count; i++)
        if (parts[i])
            expr_to(u, parts[i], first + i);
        else {
            u->pos = n->pos;
            load_word(u, first + i, NONE);
        }
    u->pos = n->pos;
    emit(u, OP_BUILD_SLICE, d, first, count);
    u->depth = mark;
}

static void warn_subscript(Unit *u, Node *n)
{
    const Node *o = n->Subscript.value, *i = n->Subscript.slice;
    static const char *const names[] = {"NoneType", "bool", "bool", "ellipsis", "int", "int", "float", "complex", "str", "bytes", "tuple", "frozenset"};
    if ((o->kind == Constant_kind && (o->Constant.value.kind < CONST_STR || o->Constant.value.kind == CONST_FROZENSET)) || o->kind == Set_kind || o->kind == SetComp_kind ||
        o->kind == GeneratorExp_kind || o->kind == Lambda_kind || o->kind == TemplateStr_kind) {
        const char *name = o->kind == Constant_kind ? names[o->Constant.value.kind] : o->kind == Set_kind || o->kind == SetComp_kind ? "set"
                           : o->kind == GeneratorExp_kind ? "generator" : o->kind == Lambda_kind ? "function" : "string.templatelib.Template";
        syntax_warning_at(u->f, n->pos, "'%s' object is not subscriptable; perhaps you missed a comma?", name);
        return;
    }
    const char *what = NULL;
    if (o->kind == Constant_kind)
        what = names[o->Constant.value.kind];
    else if (o->kind == List_kind || o->kind == ListComp_kind)
        what = "list";
    else if (o->kind == Tuple_kind)
        what = "tuple";
    else if (o->kind == JoinedStr_kind || o->kind == FormattedValue_kind)
        what = "str";
    if (!what)
        return;
    const char *index = NULL;
    if (i->kind == Constant_kind && i->Constant.value.kind != CONST_INT && i->Constant.value.kind != CONST_BIGINT && i->Constant.value.kind != CONST_TRUE &&
        i->Constant.value.kind != CONST_FALSE)
        index = names[i->Constant.value.kind];
    else if (i->kind == Tuple_kind)
        index = "tuple";
    else if (i->kind == List_kind || i->kind == ListComp_kind)
        index = "list";
    else if (i->kind == Dict_kind || i->kind == DictComp_kind)
        index = "dict";
    else if (i->kind == Set_kind || i->kind == SetComp_kind)
        index = "set";
    else if (i->kind == JoinedStr_kind)
        index = "str";
    else if (i->kind == TemplateStr_kind)
        index = "string.templatelib.Template";
    else if (i->kind == Lambda_kind)
        index = "function";
    else if (i->kind == GeneratorExp_kind)
        index = "generator";
    if (index)
        syntax_warning_at(u->f, n->pos, "%s indices must be integers or slices, not %s; perhaps you missed a comma?", what, index);
}

static void compile_subscript(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth;
    int64_t i;
    warn_subscript(u, n);
    uint32_t o = operand_in(u, n->Subscript.value, n->Subscript.slice, d);
    if (small_int(n->Subscript.slice, &i)) {
        u->pos = n->pos;
        emit(u, OP_GETITEMI, d, o, (uint32_t)(int32_t)i);
    } else {
        uint32_t k = operand(u, n->Subscript.slice);
        u->pos = n->pos;
        emit(u, OP_GETITEM, d, o, k);
    }
    u->depth = mark;
}

// ---- yield and await

void await_into(Unit *u, uint32_t d, uint32_t iterator)
{
    int32_t again = label_new(u), done = label_new(u);
    load_word(u, d, NONE);
    label_bind_loop(u, again);
    emit_jump(u, OP_SEND, d, iterator, done);
    emit(u, OP_YIELD, d, last(d), iterator + 1);
    emit_jump(u, OP_JLOOP, 0, 0, again);
    label_bind(u, done);
    drop(u, iterator);
}

static void check_yield(Unit *u, Node *n, bool from)
{
    Scope *s = u->scope;
    if (s->kind != SCOPE_FUNCTION)
        compile_error(u, n->pos, "'yield%s' outside function", from ? " from" : "");
    if (from && u->flags & (CO_COROUTINE | CO_ASYNC_GENERATOR))
        compile_error(u, n->pos, "'yield from' inside async function");
}

static void compile_yield(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = temp(u);
    check_yield(u, n, n->kind == YieldFrom_kind);
    if (n->kind == YieldFrom_kind) {
        uint32_t i = temp(u);
        expr_to(u, n->YieldFrom.value, i);
        u->pos = n->pos;
        emit(u, OP_GET_YIELD_FROM_ITER, i, last(i), 0);
        await_into(u, t, i);
        emit(u, OP_MOVE, d, last(t), 0);
    } else {
        uint32_t value = last(t);
        if (n->Yield.value)
            value = operand_in(u, n->Yield.value, NULL, t);
        else {
            u->pos = n->pos;
            load_word(u, t, NONE);
        }
        u->pos = n->pos;
        if (u->flags & CO_ASYNC_GENERATOR) {
            emit(u, OP_ASYNC_GEN_WRAP, t, value, 0);
            value = last(t);
        }
        emit(u, OP_YIELD, d, value, 0);
    }
    u->depth = mark;
}

static void compile_await(Unit *u, Node *n, uint32_t d)
{
    uint32_t mark = u->depth, t = temp(u), i = temp(u);
    Scope *s = u->scope;
    bool top = s->kind == SCOPE_MODULE && u->f->flags & FRONT_TOP_LEVEL_AWAIT;
    if (!scope_is_function(s) && !top)
        compile_error(u, n->pos, "'await' outside function");
    if (!(u->flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)) && !top)
        compile_error(u, n->pos, "'await' outside async function");
    expr_to(u, n->Await.value, i);
    u->pos = n->pos;
    emit(u, OP_GET_AWAITABLE, i, last(i), 0);
    await_into(u, t, i);
    emit(u, OP_MOVE, d, last(t), 0);
    u->depth = mark;
}

// ---- comprehensions, compiled into the code around them

static void bind_comprehension_variables(Unit *u, Scope *s)
{
    for (size_t i = 0; i < s->symbols.n; i++) {
        Symbol *y = s->symbols.at[i];
        if (!(y->flags & DEF_BOUND) || y->flags & (DEF_GLOBAL | DEF_NONLOCAL))
            continue;
        y->index = temp(u);
        load_word(u, y->index, UNDEF);
        if (y->scope == NAME_CELL)
            emit(u, OP_MAKE_CELL, y->index, 0, 0);
        PUSH(u->f, &u->inlined, ((Inline){y, (uint32_t)u->code.n, 0, y->index}));
    }
}

static void store_element(Unit *u, Node *n, uint32_t acc)
{
    uint32_t mark = u->depth;
    switch (n->kind) {
    case DictComp_kind: {
        uint32_t k = operand_before(u, n->DictComp.key, n->DictComp.value), v = operand(u, n->DictComp.value);
        u->pos = n->pos;
        emit(u, OP_DICT_SET, acc, k, v);
        break;
    }
    case GeneratorExp_kind: {
        uint32_t t = temp(u);
        expr_to(u, n->GeneratorExp.elt, t);
        u->pos = n->GeneratorExp.elt->pos;
        if (u->flags & CO_ASYNC_GENERATOR)
            emit(u, OP_ASYNC_GEN_WRAP, t, last(t), 0);
        emit(u, OP_YIELD, t, last(t), 0);
        drop(u, t);
        break;
    }
    default: {
        uint32_t r = operand(u, n->ListComp.elt);
        u->pos = n->pos;
        emit(u, n->kind == ListComp_kind ? OP_LIST_APPEND : OP_SET_ADD, acc, r, 0);
    }
    }
    u->depth = mark;
}

// The loops from generator g on; the first one's iterator may stand in `iterator` already (else FLAG).
static void comprehension_loops(Unit *u, Node *n, const Seq *generators, uint32_t g, uint32_t iterator, uint32_t acc)
{
    Node *gen = generators->at[g];
    uint32_t mark = u->depth;
    bool async = gen->comprehension.is_async;
    if (iterator == FLAG) {
        // `for y in [f(x)]`: one assignment, no loop
        Node *it = gen->comprehension.iter;
        const Seq *one = it->kind == List_kind ? it->List.elts : it->kind == Tuple_kind ? it->Tuple.elts : NULL;
        if (!async && one && one->n == 1 && one->at[0]->kind != Starred_kind) {
            int32_t skip = label_new(u);
            uint32_t t = temp(u);
            expr_to(u, one->at[0], t);
            store_target(u, gen->comprehension.target, last(t));
            u->depth = mark;
            for (uint32_t i = 0; i < gen->comprehension.ifs->n; i++)
                jump_if(u, gen->comprehension.ifs->at[i], false, skip);
            if (g + 1 < generators->n)
                comprehension_loops(u, n, generators, g + 1, FLAG, acc);
            else
                store_element(u, n, acc);
            label_bind(u, skip);
            u->depth = mark;
            return;
        }
        iterator = temp(u);
        uint32_t iterable = operand_in(u, it, NULL, iterator);
        u->pos = it->pos;
        emit(u, async ? OP_GET_AITER : OP_GET_ITER, iterator, iterable, 0);
        u->depth = iterator + 1;
    }
    int32_t head = label_new(u), next = label_new(u), end = label_new(u);
    uint32_t item = temp(u);
    label_bind_loop(u, head);
    int32_t handler = -1, outside = u->handler;
    uint64_t *bound = NULL;
    u->pos = gen->comprehension.iter->pos;
    if (async) {
        handler = handler_new(u, label_new(u), item, item);
        bound = bound_copy(u);
        u->handler = handler;
        uint32_t awaitable = temp(u);
        emit(u, OP_GET_ANEXT, awaitable, iterator, 0);
        emit(u, OP_GET_AWAITABLE, awaitable, last(awaitable), 0);
        await_into(u, item, awaitable);
        u->handler = outside;
        u->depth = item + 1;
        store_target(u, gen->comprehension.target, last(item));
    } else {
        Node *target = gen->comprehension.target;
        Place p = target->kind == Name_kind ? place_of(u, target->Name.id) : (Place){PLACE_GLOBAL, 0, NULL, NULL};
        if (target->kind == Name_kind && p.kind == PLACE_FAST) {
            emit_jump(u, OP_FOR_ITER, p.index | FLAG, iterator, end);
            note_bound(u, p);
        } else {
            emit_jump(u, OP_FOR_ITER, item, iterator, end);
            store_target(u, target, last(item));
        }
    }
    u->depth = item;
    for (uint32_t i = 0; i < gen->comprehension.ifs->n; i++)
        jump_if(u, gen->comprehension.ifs->at[i], false, next);
    if (g + 1 < generators->n)
        comprehension_loops(u, n, generators, g + 1, FLAG, acc);
    else
        store_element(u, n, acc);
    label_bind(u, next);
    u->pos = n->pos;
    emit_jump(u, OP_JLOOP, 0, 0, head);
    if (async) {
        handler_bind(u, handler, bound);
        u->pos = gen->comprehension.iter->pos;
        int32_t over = label_new(u);
        emit_jump(u, OP_END_ASYNC_FOR, item, 0, over);
        u->reachable = false;
        label_bind(u, over);
    }
    label_bind(u, end);
    drop(u, iterator);
    u->depth = mark;
}

static uint32_t async_or_sync_iter(Unit *u, Node *first)
{
    uint32_t it = temp(u);
    uint32_t iterable = operand_in(u, first->comprehension.iter, NULL, it);
    u->pos = first->comprehension.iter->pos;
    emit(u, first->comprehension.is_async ? OP_GET_AITER : OP_GET_ITER, it, iterable, 0);
    u->depth = it + 1;
    return it;
}

void compile_comprehension(Unit *u, Node *n, uint32_t d)
{
    Seq *generators = n->kind == DictComp_kind ? n->DictComp.generators : n->ListComp.generators;
    Scope *s = symtable_scope(u->f, n, PART_BODY);
    uint32_t mark = u->depth;
    if (s->inlined) {
        uint32_t acc = is_variable(d) ? temp(u) : d;
        // The first iterable belongs to the code outside.
        uint32_t it = async_or_sync_iter(u, generators->at[0]);
        Scope *outside = u->inner;
        u->inner = s;
        u->pos = n->pos;
        emit(u, n->kind == ListComp_kind ? OP_BUILD_LIST : n->kind == SetComp_kind ? OP_BUILD_SET : OP_BUILD_DICT, acc, acc, 0);
        uint32_t first = u->depth;
        size_t variables = u->inlined.n;
        bind_comprehension_variables(u, s);
        size_t variables_end = u->inlined.n;
        uint32_t end = u->depth;
        comprehension_loops(u, n, generators, 0, it, acc);
        for (size_t i = variables; i < variables_end; i++)
            u->inlined.at[i].end = (uint32_t)u->code.n;
        u->pos = n->pos;
        for (uint32_t r = first; r < end; r++)
            drop(u, r);
        u->inner = outside;
        if (acc != d)
            emit(u, OP_MOVE, d, last(acc), 0);
        u->depth = mark;
        return;
    }
    // A function of its own, called at once (a generator expression: to make the generator)
    Unit *code = compile_generator_expression(u, n);
    uint32_t w = temps(u, CALL_ARGS);
    u->pos = n->pos;
    make_function(u, w, code);
    load_word(u, w + CALL_SELF, UNDEF);
    u->depth = w + CALL_ARGS;
    uint32_t it = async_or_sync_iter(u, generators->at[0]);
    (void)it;
    u->pos = n->pos;
    if (s->coroutine && n->kind != GeneratorExp_kind) {
        uint32_t coroutine = temps(u, 2);
        emit(u, OP_CALL, coroutine + 1, w, 1);
        emit(u, OP_GET_AWAITABLE, coroutine + 1, last(coroutine + 1), 0);
        await_into(u, coroutine, coroutine + 1);
        emit(u, OP_MOVE, d, last(coroutine), 0);
    } else
        emit(u, OP_CALL, d, w, 1);
    u->depth = mark;
}

Unit *compile_generator_expression(Unit *outer, Node *n)
{
    Scope *s = symtable_scope(outer->f, n, PART_BODY);
    Seq *generators = n->kind == DictComp_kind ? n->DictComp.generators : n->ListComp.generators;
    Unit *u = unit_new(outer->f, outer, s, s->name, n->pos.line);
    u->argcount = 1;
    u->pos = n->pos;
    // The iterator is taken before there is a generator whose f_locals could put something else in its place.
    uint32_t it = temp(u);
    emit(u, OP_MOVE, it, 0, 0);
    begin_function(u);
    uint32_t acc = 0;
    if (n->kind != GeneratorExp_kind) {
        acc = temp(u);
        emit(u, n->kind == ListComp_kind ? OP_BUILD_LIST : n->kind == SetComp_kind ? OP_BUILD_SET : OP_BUILD_DICT, acc, acc, 0);
    }
    comprehension_loops(u, n, generators, 0, it, acc);
    u->pos = n->pos;
    if (n->kind != GeneratorExp_kind)
        emit(u, OP_RETURN, last(acc), 0, 0);
    finish_function(u);
    return u;
}

// ---- all expressions

void expr_to(Unit *u, Node *n, uint32_t d)
{
    CHECK_DEPTH(u->f);
    uint32_t mark = u->depth;
    switch (n->kind) {
    case Constant_kind:
        u->pos = n->pos;
        load_const(u, d, &n->Constant.value);
        break;
    case Name_kind:
        u->pos = n->pos;
        load_name(u, n->Name.id, d);
        break;
    case BinOp_kind: compile_binary(u, n, d); break;
    case UnaryOp_kind: {
        uint32_t a = operand_in(u, n->UnaryOp.operand, NULL, d);
        u->pos = n->pos;
        emit(u, n->UnaryOp.op == Not ? OP_NOT : n->UnaryOp.op == USub ? OP_NEG : n->UnaryOp.op == UAdd ? OP_POS : OP_INVERT, d, a, 0);
        break;
    }
    case BoolOp_kind: compile_bool(u, n, d); break;
    case IfExp_kind: compile_if_expression(u, n, d); break;
    case Compare_kind:
        warn_literal_is(u, n);
        if (n->Compare.comparators->n == 1) {
            uint32_t a = operand_in(u, n->Compare.left, n->Compare.comparators->at[0], d);
            emit_compare(u, n->Compare.ops->at[0], d, a, n->Compare.comparators->at[0], n->pos);
        } else
            compile_chain(u, n, d);
        break;
    case Call_kind: compile_call(u, n, d); break;
    case Attribute_kind: compile_attribute(u, n, d); break;
    case Subscript_kind: compile_subscript(u, n, d); break;
    case Slice_kind: compile_slice(u, n, d); break;
    case Tuple_kind: compile_sequence(u, n, n->Tuple.elts, d); break;
    case List_kind: compile_sequence(u, n, n->List.elts, d); break;
    case Set_kind: compile_set(u, n, d); break;
    case Dict_kind: compile_dict(u, n, d); break;
    case ListComp_kind:
    case SetComp_kind:
    case DictComp_kind:
    case GeneratorExp_kind: compile_comprehension(u, n, d); break;
    case Lambda_kind: compile_lambda(u, n, d); break;
    case JoinedStr_kind: compile_joined(u, n, d); break;
    case FormattedValue_kind: compile_formatted(u, n, d); break;
    case TemplateStr_kind: compile_template(u, n, d); break;
    case Interpolation_kind: compile_interpolation(u, n, d); break;
    case NamedExpr_kind: {
        uint32_t t = is_variable(d) ? temp(u) : d;
        expr_to(u, n->NamedExpr.value, t);
        u->pos = n->NamedExpr.target->pos;
        store_name(u, n->NamedExpr.target->Name.id, t);
        if (t != d)
            emit(u, OP_MOVE, d, last(t), 0);
        break;
    }
    case Yield_kind:
    case YieldFrom_kind: compile_yield(u, n, d); break;
    case Await_kind: compile_await(u, n, d); break;
    case Starred_kind: compile_error(u, n->pos, "can't use starred expression here");
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected expression %s", ast_classes[n->kind].name);
    }
    u->depth = mark;
}
