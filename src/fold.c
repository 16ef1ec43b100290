// Constant folding on the tree.
#include "src/fold.h"
#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_MAX_TEXT = 4096, FOLD_MAX_ITEMS = 256, FOLD_MAX_BITS = 128 };

static bool is_number(const Const *c) { return c->kind == CONST_INT || c->kind == CONST_FLOAT || c->kind == CONST_COMPLEX; }

static bool as_int(const Const *c, int64_t *out)
{
    if (c->kind == CONST_TRUE || c->kind == CONST_FALSE)
        return *out = c->kind == CONST_TRUE, true;
    if (c->kind != CONST_INT)
        return false;
    return *out = c->integer, true;
}

static bool as_double(const Const *c, double *out)
{
    int64_t i;
    if (as_int(c, &i)) {
        *out = (double)i;
        return i > -(1ll << 53) && i < 1ll << 53;
    }
    if (c->kind != CONST_FLOAT)
        return false;
    return *out = c->real, true;
}

static bool int_operation(operator_ty op, int64_t a, int64_t b, Const *out)
{
    int64_t r;
    switch (op) {
    case Add: if (__builtin_add_overflow(a, b, &r)) return false; break;
    case Sub: if (__builtin_sub_overflow(a, b, &r)) return false; break;
    case Mult: if (__builtin_mul_overflow(a, b, &r)) return false; break;
    case FloorDiv:
        if (!b || (a == INT64_MIN && b == -1))
            return false;
        r = a / b - (a % b != 0 && (a < 0) != (b < 0));
        break;
    case Mod:
        if (!b || b == -1)
            return false;
        r = a % b;
        if (r && (r < 0) != (b < 0))
            r += b;
        break;
    case Pow:
        if (b < 0)
            return false;
        r = 1;
        for (int64_t base = a, e = b; e; ) {
            if (e & 1 && __builtin_mul_overflow(r, base, &r))
                return false;
            e >>= 1;
            if (e && __builtin_mul_overflow(base, base, &base))
                return false;
        }
        break;
    case LShift:
        if (b < 0 || b > 62 || a < -(INT64_MAX >> b) || a > INT64_MAX >> b)
            return false;
        r = (int64_t)((uint64_t)a << b);
        break;
    case RShift:
        if (b < 0)
            return false;
        r = a >> (b > 63 ? 63 : b);
        break;
    case BitOr: r = a | b; break;
    case BitXor: r = a ^ b; break;
    case BitAnd: r = a & b; break;
    case Div:
        if (!b || llabs(a) >= 1ll << 53 || llabs(b) >= 1ll << 53)
            return false;
        *out = (Const){.kind = CONST_FLOAT, .real = (double)a / (double)b};
        return true;
    default: return false;
    }
    *out = (Const){.kind = CONST_INT, .integer = r};
    return true;
}

// The same beyond int64: what comes of it has at most FOLD_MAX_BITS bits.
static void big_of(const Const *c, mpz_t out)
{
    if (c->kind == CONST_INT) {
        mpz_set_si(out, c->integer);
        return;
    }
    const char *s = c->text->s;
    bool minus = *s == '-';
    s += minus;
    bool octal = s[0] == '0' && (s[1] | 32) == 'o';  // the one prefix that GMP does not know
    mpz_set_str(out, octal ? s + 2 : s, octal ? 8 : 0);
    if (minus)
        mpz_neg(out, out);
}
static bool big_operation(Front *f, operator_ty op, const Const *a, const Const *b, Const *out)
{
    mpz_t x, y;
    bool done = false;
    if ((a->kind == CONST_BIGINT && a->text->length > FOLD_MAX_BITS + 3) || (b->kind == CONST_BIGINT && b->text->length > FOLD_MAX_BITS + 3))
        return false;
    mpz_inits(x, y, NULL);
    big_of(a, x);
    big_of(b, y);
    size_t bits = mpz_sizeinbase(x, 2), more = mpz_sizeinbase(y, 2);
    bool small = b->kind == CONST_INT && b->integer >= 0 && b->integer <= FOLD_MAX_BITS;
    if (bits > FOLD_MAX_BITS || more > FOLD_MAX_BITS)
        goto done;
    switch (op) {
    case Add: mpz_add(x, x, y); break;
    case Sub: mpz_sub(x, x, y); break;
    case Mult: mpz_mul(x, x, y); break;
    case FloorDiv: case Mod:
        if (!mpz_sgn(y))
            goto done;
        if (op == Mod)
            mpz_fdiv_r(x, x, y);
        else
            mpz_fdiv_q(x, x, y);
        break;
    case Pow:
        if (!small || bits * (size_t)b->integer > FOLD_MAX_BITS + bits)
            goto done;
        mpz_pow_ui(x, x, (unsigned long)b->integer);
        break;
    case LShift: case RShift:
        if (!small)
            goto done;
        if (op == LShift)
            mpz_mul_2exp(x, x, (mp_bitcnt_t)b->integer);
        else
            mpz_fdiv_q_2exp(x, x, (mp_bitcnt_t)b->integer);
        break;
    case BitOr: mpz_ior(x, x, y); break;
    case BitXor: mpz_xor(x, x, y); break;
    case BitAnd: mpz_and(x, x, y); break;
    default: goto done;
    }
    if (mpz_sizeinbase(x, 2) > FOLD_MAX_BITS)
        goto done;
    done = true;
    if (mpz_fits_slong_p(x)) {
        *out = (Const){.kind = CONST_INT, .integer = mpz_get_si(x)};
        goto done;
    }
    char text[FOLD_MAX_BITS / 3 + 4];  // decimal: shorter than octal
    mpz_get_str(text, 10, x);
    *out = (Const){.kind = CONST_BIGINT, .text = front_str(f, text, strlen(text))};
done:
    mpz_clears(x, y, NULL);
    return done;
}

static bool join_text(Front *f, const Chars *a, const Chars *b, uint8_t kind, Const *out)
{
    if ((size_t)a->length + b->length > FOLD_MAX_TEXT)
        return false;
    Chars *s = front_alloc(f, sizeof *s + a->length + b->length + 1);
    s->length = a->length + b->length;
    memcpy(s->s, a->s, a->length);
    memcpy(s->s + a->length, b->s, b->length);
    *out = (Const){.kind = kind, .text = s};
    return true;
}

static bool repeat_text(Front *f, const Chars *a, int64_t n, uint8_t kind, Const *out)
{
    if (n < 0)
        n = 0;
    if (n > FOLD_MAX_TEXT || (size_t)n * a->length > FOLD_MAX_TEXT)
        return false;
    Chars *s = front_alloc(f, sizeof *s + (size_t)n * a->length + 1);
    s->length = (uint32_t)n * a->length;
    for (int64_t i = 0; i < n; i++)
        memcpy(s->s + (size_t)i * a->length, a->s, a->length);
    *out = (Const){.kind = kind, .text = s};
    return true;
}

static bool binary(Front *f, operator_ty op, const Const *a, const Const *b, Const *out)
{
    int64_t i, j;
    double x, y;
    bool bools = a->kind == CONST_TRUE || a->kind == CONST_FALSE || b->kind == CONST_TRUE || b->kind == CONST_FALSE;
    if (!bools && as_int(a, &i) && as_int(b, &j) && int_operation(op, i, j, out))
        return true;
    if ((a->kind == CONST_INT || a->kind == CONST_BIGINT) && (b->kind == CONST_INT || b->kind == CONST_BIGINT))
        return big_operation(f, op, a, b, out);
    if (!bools && as_double(a, &x) && as_double(b, &y)) {
        double r;
        switch (op) {
        case Add: r = x + y; break;
        case Sub: r = x - y; break;
        case Mult: r = x * y; break;
        case Div:
            if (y == 0)
                return false;
            r = x / y;
            break;
        default: return false;
        }
        *out = (Const){.kind = CONST_FLOAT, .real = r};
        return true;
    }
    if (a->kind <= CONST_COMPLEX && b->kind == CONST_COMPLEX && is_number(a) && as_double(a, &x) && (op == Add || op == Sub)) {
        // a real and an imaginary part, as complex literals are written
        *out = (Const){.kind = CONST_COMPLEX, .real = op == Add ? x + b->real : x - b->real, .imag = op == Add ? b->imag : -b->imag};
        return true;
    }
    if (op == Add && a->kind == b->kind && (a->kind == CONST_STR || a->kind == CONST_BYTES))
        return join_text(f, a->text, b->text, a->kind, out);
    if (op == Mult && (a->kind == CONST_STR || a->kind == CONST_BYTES) && b->kind == CONST_INT)
        return repeat_text(f, a->text, b->integer, a->kind, out);
    if (op == Mult && (b->kind == CONST_STR || b->kind == CONST_BYTES) && a->kind == CONST_INT)
        return repeat_text(f, b->text, a->integer, b->kind, out);
    return false;
}

static bool truth(const Const *c, bool *out)
{
    switch (c->kind) {
    case CONST_NONE: case CONST_FALSE: *out = false; return true;
    case CONST_TRUE: case CONST_ELLIPSIS: case CONST_BIGINT: *out = true; return true;
    case CONST_INT: *out = c->integer != 0; return true;
    case CONST_FLOAT: *out = c->real != 0; return true;
    case CONST_COMPLEX: *out = c->real != 0 || c->imag != 0; return true;
    case CONST_STR: case CONST_BYTES: *out = c->text->length != 0; return true;
    case CONST_TUPLE: *out = c->count != 0; return true;
    default: return false;
    }
}

static bool unary(Front *f, unaryop_ty op, const Const *a, Const *out)
{
    bool b;
    if (op == Not) {
        if (!truth(a, &b))
            return false;
        *out = (Const){.kind = b ? CONST_FALSE : CONST_TRUE};
        return true;
    }
    if (a->kind == CONST_INT) {
        if (op == USub && a->integer == INT64_MIN)
            return false;
        *out = (Const){.kind = CONST_INT, .integer = op == USub ? -a->integer : op == Invert ? ~a->integer : a->integer};
        return true;
    }
    if (a->kind == CONST_BIGINT && op == USub && a->text->s[0] != '-') {
        Chars *s = front_alloc(f, sizeof *s + a->text->length + 2);
        s->length = a->text->length + 1;
        s->s[0] = '-';
        memcpy(s->s + 1, a->text->s, a->text->length);
        *out = (Const){.kind = CONST_BIGINT, .text = s};
        return true;
    }
    if (a->kind == CONST_FLOAT && op != Invert) {
        *out = (Const){.kind = CONST_FLOAT, .real = op == USub ? -a->real : a->real};
        return true;
    }
    if (a->kind == CONST_COMPLEX && op != Invert) {
        *out = (Const){.kind = CONST_COMPLEX, .real = op == USub ? -a->real : a->real, .imag = op == USub ? -a->imag : a->imag};
        return true;
    }
    return false;
}

static Node *constant(Front *f, const Node *n, const Const *c)
{
    Node *k = AST_NEW(f, Constant, n->pos);
    k->Constant.value = *c;
    k->paren = n->paren;
    return k;
}

static Node *folded(Front *f, const Node *n, const Const *c)  // what was no literal is not warned about as one
{
    Node *k = constant(f, n, c);
    k->scratch = CONSTANT_FOLDED;
    return k;
}

static Node *fold(Front *f, Node *n, int optimize)
{
    CHECK_DEPTH(f);
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
        char *at = (char *)n + fd->offset;
        if (!strcmp(fd->name, "annotation") || !strcmp(fd->name, "returns"))
            continue;  // may be wanted as text
        if (fd->kind == FIELD_ONE || fd->kind == FIELD_OPT) {
            Node **child = (Node **)at;
            if (*child)
                *child = fold(f, *child, optimize);
        } else if (fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT) {
            Seq *s = *(Seq **)at;
            for (uint32_t i = 0; i < s->n; i++)
                if (s->at[i])
                    s->at[i] = fold(f, s->at[i], optimize);
        }
    }
    Const c;
    switch (n->kind) {
    case Name_kind:
        if (optimize < 0 || n->Name.ctx != Load || !str_is(n->Name.id, "__debug__"))
            return n;
        c = (Const){.kind = optimize ? CONST_FALSE : CONST_TRUE};
        return folded(f, n, &c);
    case BinOp_kind:
        if (n->BinOp.left->kind == Constant_kind && n->BinOp.right->kind == Constant_kind &&
            binary(f, n->BinOp.op, &n->BinOp.left->Constant.value, &n->BinOp.right->Constant.value, &c))
            return folded(f, n, &c);
        return n;
    case UnaryOp_kind:
        if (n->UnaryOp.operand->kind == Constant_kind && unary(f, n->UnaryOp.op, &n->UnaryOp.operand->Constant.value, &c))
            return folded(f, n, &c);
        return n;
    case Tuple_kind: {
        const Seq *elts = n->Tuple.elts;
        if (n->Tuple.ctx != Load || elts->n > FOLD_MAX_ITEMS)
            return n;
        for (uint32_t i = 0; i < elts->n; i++)
            if (elts->at[i]->kind != Constant_kind)
                return n;
        Const *items = NEW_N(f, Const, elts->n ? elts->n : 1);
        for (uint32_t i = 0; i < elts->n; i++)
            items[i] = elts->at[i]->Constant.value;
        c = (Const){.kind = CONST_TUPLE, .count = elts->n, .items = items};
        return constant(f, n, &c);
    }
    default: return n;
    }
}

Node *fold_tree(Front *f, Node *tree, int optimize) { return fold(f, tree, optimize); }
