// match statements. While a pattern is tried its captures wait in temporaries; names are bound when all of it has matched.
// Whatever a pattern leaves behind lies in registers from one mark on, so that failing anywhere means to drop that range.
#include "src/compile.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct Capture { const Chars *name; uint32_t reg; Pos pos; } Capture;

typedef struct Matcher {
    Unit *u;
    VEC(Capture) captures;
    int32_t fail;
    bool irrefutable_allowed;
} Matcher;

static void match_pattern(Matcher *m, Node *p, uint32_t subject);

static void fail_unless(Matcher *m, uint32_t r) { emit_jump(m->u, OP_JF, r, 0, m->fail); }

static void capture(Matcher *m, const Chars *name, uint32_t reg, Pos pos)
{
    for (size_t i = 0; i < m->captures.n; i++)
        if (m->captures.at[i].name == name)
            compile_error(m->u, pos, "multiple assignments to name '%s' in pattern", name->s);
    PUSH(m->u->f, &m->captures, ((Capture){name, reg, pos}));
}

static bool is_wildcard(const Node *p) { return p->kind == MatchAs_kind && !p->MatchAs.name && !p->MatchAs.pattern; }
static bool is_wildcard_star(const Node *p) { return p->kind == MatchStar_kind && !p->MatchStar.name; }

static bool is_irrefutable(const Node *p)
{
    if (p->kind == MatchAs_kind)
        return !p->MatchAs.pattern || is_irrefutable(p->MatchAs.pattern);
    if (p->kind == MatchOr_kind) {
        for (uint32_t i = 0; i < p->MatchOr.patterns->n; i++)
            if (is_irrefutable(p->MatchOr.patterns->at[i]))
                return true;
    }
    return false;
}

static void match_sequence(Matcher *m, Node *p, uint32_t subject)
{
    Unit *u = m->u;
    m->irrefutable_allowed = true;  // of the parts
    const Seq *patterns = p->MatchSequence.patterns;
    uint32_t n = patterns->n, star = n;
    bool all_wild = true, star_wild = false;
    for (uint32_t i = 0; i < n; i++) {
        Node *q = patterns->at[i];
        if (q->kind == MatchStar_kind) {
            if (star != n)
                compile_error(u, p->pos, "multiple starred names in sequence pattern");
            star = i;
            star_wild = is_wildcard_star(q);
            all_wild &= star_wild;
        } else
            all_wild &= is_wildcard(q);
    }
    uint32_t t = temp(u);
    u->pos = p->pos;
    emit(u, OP_MATCH_SEQUENCE, t, subject, 0);
    fail_unless(m, last(t));
    uint32_t needed = star < n ? n - 1 : n;
    if (star == n || needed) {
        emit(u, OP_GET_LEN, t, subject, 0);
        if (needed <= INT16_MAX)
            emit_jump(u, star < n ? OP_JF_GEI : OP_JF_EQI, last(t), needed, m->fail);
        else {
            uint32_t k = temp(u);
            load_int(u, k, needed);
            emit_jump(u, star < n ? OP_JF_GE : OP_JF_EQ, last(t), last(k), m->fail);
        }
    }
    if (all_wild)
        return;
    if (star_wild) {
        // What `*_` covers is not looked at: items are taken by their numbers, the late ones counted from the length.
        for (uint32_t i = 0; i < n; i++) {
            Node *q = patterns->at[i];
            if (i == star || is_wildcard(q))
                continue;
            uint32_t item = temp(u), number = temp(u);
            u->pos = q->pos;
            if (i < star)
                load_int(u, number, i);
            else {
                emit(u, OP_GET_LEN, number, subject, 0);
                uint32_t back = temp(u);
                load_int(u, back, n - i);
                emit(u, OP_SUB, number, last(number), last(back));
            }
            emit(u, OP_GETITEM, item, subject, last(number));
            if (q->kind == MatchAs_kind && !q->MatchAs.pattern)
                capture(m, q->MatchAs.name, item, q->pos);
            else
                match_pattern(m, q, item);
        }
        return;
    }
    uint32_t first = temps(u, n);
    if (star < n) {
        if (star >= 256)
            compile_error(u, p->pos, "too many expressions in star-unpacking sequence pattern");
        emit(u, OP_UNPACK_EX, first, subject, star | (n - star - 1) << 8);
    } else
        emit(u, OP_UNPACK, first, subject, n);
    for (uint32_t i = 0; i < n; i++) {
        Node *q = patterns->at[i];
        if (i == star)
            capture(m, q->MatchStar.name, first + i, q->pos);
        else if (q->kind == MatchAs_kind && !q->MatchAs.pattern && q->MatchAs.name)
            capture(m, q->MatchAs.name, first + i, q->pos);
        else
            match_pattern(m, q, first + i);
    }
}

static bool as_number(const Const *c, double *real, double *imag)
{
    *imag = 0;
    switch (c->kind) {
    case CONST_TRUE: case CONST_FALSE: *real = c->kind == CONST_TRUE; return true;
    case CONST_INT: *real = (double)c->integer; return true;
    case CONST_FLOAT: *real = c->real; return true;
    case CONST_COMPLEX: *real = c->real, *imag = c->imag; return true;
    default: return false;
    }
}

static bool same_key(const Node *a, const Node *b)
{
    if (a->kind != Constant_kind || b->kind != Constant_kind)
        return false;
    const Const *x = &a->Constant.value, *y = &b->Constant.value;
    double xr, xi, yr, yi;
    if (x->kind == CONST_INT && y->kind == CONST_INT)
        return x->integer == y->integer;
    if (as_number(x, &xr, &xi) && as_number(y, &yr, &yi))
        return xr == yr && xi == yi;
    if (x->kind != y->kind)
        return false;
    switch (x->kind) {
    case CONST_STR: case CONST_BYTES: case CONST_BIGINT: return x->text->length == y->text->length && !memcmp(x->text->s, y->text->s, x->text->length);
    default: return true;
    }
}

static const char *key_repr(Unit *u, const Node *n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return "?";
    ast_write_const(out, &n->Constant.value);
    fclose(out);
    const char *copy = front_format(u->f, "%s", text);
    free(text);
    return copy;
}

static void match_mapping(Matcher *m, Node *p, uint32_t subject)
{
    Unit *u = m->u;
    m->irrefutable_allowed = true;
    const Seq *keys = p->MatchMapping.keys, *patterns = p->MatchMapping.patterns;
    uint32_t n = keys->n;
    for (uint32_t i = 0; i < n && n < 5000; i++) {
        if (keys->at[i]->kind != Constant_kind && keys->at[i]->kind != Attribute_kind && keys->at[i]->kind != JoinedStr_kind)
            compile_error(u, p->pos, "mapping pattern keys may only match literals and attribute lookups");
        if (keys->at[i]->kind == JoinedStr_kind)
            compile_error(u, p->pos, "mapping pattern keys may only match literals and attribute lookups");
        for (uint32_t j = 0; j < i; j++)
            if (same_key(keys->at[i], keys->at[j]))
                compile_error(u, p->pos, "mapping pattern checks duplicate key (%s)", key_repr(u, keys->at[i]));
    }
    uint32_t t = temp(u);
    u->pos = p->pos;
    emit(u, OP_MATCH_MAPPING, t, subject, 0);
    fail_unless(m, last(t));
    if (!n && !p->MatchMapping.rest)
        return;
    if (n) {
        emit(u, OP_GET_LEN, t, subject, 0);
        if (n <= INT16_MAX)
            emit_jump(u, OP_JF_GEI, last(t), n, m->fail);
        else {
            uint32_t k = temp(u);
            load_int(u, k, n);
            emit_jump(u, OP_JF_GE, last(t), last(k), m->fail);
        }
    }
    uint32_t key_tuple = temp(u), values = temp(u), mark = u->depth;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = temp(u);
        expr_to(u, keys->at[i], k);
        u->depth = k + 1;
    }
    u->pos = p->pos;
    emit(u, OP_BUILD_TUPLE, key_tuple, mark, n);
    u->depth = mark;
    emit(u, OP_MATCH_KEYS, values, subject, key_tuple);
    emit_jump(u, OP_J_NONE, values, 0, m->fail);
    uint32_t first = temps(u, n);
    emit(u, OP_UNPACK, first, last(values), n);
    for (uint32_t i = 0; i < n; i++)
        match_pattern(m, patterns->at[i], first + i);
    if (p->MatchMapping.rest) {
        uint32_t rest = temp(u);
        u->pos = p->pos;
        emit(u, OP_BUILD_DICT, rest, rest, 0);
        uint32_t copy = temp(u);
        emit(u, OP_MOVE, copy, subject, 0);
        emit(u, OP_DICT_UPDATE, rest, last(copy), 0);
        // The keys are all different and all there: take each out of the copy.
        uint32_t key = temps(u, n ? n : 1);
        emit(u, OP_UNPACK, key, key_tuple, n);
        for (uint32_t i = 0; i < n; i++)
            emit(u, OP_DELITEM, rest, last(key + i), 0);
        capture(m, p->MatchMapping.rest, rest, p->pos);
    }
}

static void match_class(Matcher *m, Node *p, uint32_t subject)
{
    Unit *u = m->u;
    m->irrefutable_allowed = true;
    const Seq *patterns = p->MatchClass.patterns, *keyword_patterns = p->MatchClass.kwd_patterns;
    const NameSeq *names = p->MatchClass.kwd_attrs;
    for (uint32_t i = 0; i < names->n; i++)
        for (uint32_t j = i + 1; j < names->n && names->n < 5000; j++)
            if (names->at[i] == names->at[j])
                compile_error(u, keyword_patterns->at[j]->pos, "attribute name repeated in class pattern: %s", names->at[j]->s);
    uint32_t three = temps(u, 3), values = temp(u), count = patterns->n + names->n;
    expr_to(u, p->MatchClass.cls, three + 1);
    u->pos = p->pos;
    emit(u, OP_MOVE, three, subject, 0);
    Const *items = NEW_N(u->f, Const, names->n + 1);
    for (uint32_t i = 0; i < names->n; i++)
        items[i] = (Const){.kind = CONST_STR, .text = names->at[i]};  // as written: not mangled
    load_const(u, three + 2, &(Const){.kind = CONST_TUPLE, .count = names->n, .items = items});
    emit(u, OP_MATCH_CLASS, values, three, patterns->n);
    emit_jump(u, OP_J_NONE, values, 0, m->fail);
    uint32_t first = temps(u, count);
    emit(u, OP_UNPACK, first, last(values), count);
    for (uint32_t i = 0; i < count; i++)
        match_pattern(m, i < patterns->n ? patterns->at[i] : keyword_patterns->at[i - patterns->n], first + i);
}

// Alternatives: each is tried on its own; the captures of whichever matches move to the same registers.
static void match_or(Matcher *m, Node *p, uint32_t subject)
{
    Unit *u = m->u;
    const Seq *patterns = p->MatchOr.patterns;
    int32_t done = label_new(u), outer_fail = m->fail;
    VEC(Capture) agreed = {0};
    uint32_t places = 0, after = u->depth;
    bool allowed = m->irrefutable_allowed;
    for (uint32_t i = 0; i < patterns->n; i++) {
        bool is_last = i + 1 == patterns->n;
        Matcher alternative = {.u = u, .fail = label_new(u), .irrefutable_allowed = is_last && allowed};
        if (i == 0) {
            // The places lie below everything that the alternatives use; as many as there are names in the first one.
            places = u->depth;
        }
        uint32_t mark = i == 0 ? u->depth : after;
        u->depth = mark;
        if (i == 0) {
            // Reserve room for at most the names that the pattern can bind: counted by a walk.
            uint32_t names = 0;
            VEC(Node *) work = {0};
            PUSH(u->f, &work, patterns->at[0]);
            while (work.n) {
                Node *q = work.at[--work.n];
                names += (q->kind == MatchAs_kind && q->MatchAs.name) || (q->kind == MatchStar_kind && q->MatchStar.name) ||
                         (q->kind == MatchMapping_kind && q->MatchMapping.rest);
                for (const AstField *fd = ast_classes[q->kind].fields(); fd->name; fd++) {
                    const void *at = (const char *)q + fd->offset;
                    if (strcmp(fd->type, "pattern"))
                        continue;
                    if (fd->kind == FIELD_OPT || fd->kind == FIELD_ONE) {
                        if (*(Node *const *)at)
                            PUSH(u->f, &work, *(Node *const *)at);
                    } else {
                        const Seq *s = *(Seq *const *)at;
                        for (uint32_t k = 0; k < s->n; k++)
                            PUSH(u->f, &work, s->at[k]);
                    }
                }
            }
            temps(u, names);
            mark = after = u->depth;
        }
        match_pattern(&alternative, patterns->at[i], subject);
        if (i == 0) {
            for (size_t k = 0; k < alternative.captures.n; k++) {
                Capture c = alternative.captures.at[k];
                emit(u, OP_MOVE, places + (uint32_t)k, last(c.reg), 0);
                c.reg = places + (uint32_t)k;
                PUSH(u->f, &agreed, c);
            }
        } else {
            bool same = alternative.captures.n == agreed.n;
            for (size_t k = 0; same && k < alternative.captures.n; k++) {
                size_t j = 0;
                while (j < agreed.n && agreed.at[j].name != alternative.captures.at[k].name)
                    j++;
                same = j < agreed.n;
                if (same)
                    emit(u, OP_MOVE, agreed.at[j].reg, last(alternative.captures.at[k].reg), 0);
            }
            if (!same)
                compile_error(u, p->pos, "alternative patterns bind different names");
        }
        // What else the alternative holds is dropped on either way out.
        uint32_t end = u->depth;
        u->pos = p->pos;
        for (uint32_t r = mark; r < end; r++)
            drop(u, r);
        emit_jump(u, OP_JMP, 0, 0, done);
        label_bind(u, alternative.fail);
        for (uint32_t r = mark; r < end; r++)
            drop(u, r);
        u->depth = after;
    }
    emit_jump(u, OP_JMP, 0, 0, outer_fail);
    label_bind(u, done);
    for (size_t k = 0; k < agreed.n; k++)
        capture(m, agreed.at[k].name, agreed.at[k].reg, agreed.at[k].pos);
}

static void check_value(Unit *u, const Node *p)
{
    const Node *v = p->MatchValue.value;
    if (v->kind != Constant_kind && v->kind != Attribute_kind && v->kind != UnaryOp_kind && v->kind != BinOp_kind)
        compile_error(u, p->pos, "patterns may only match literals and attribute lookups");
}

static void match_pattern(Matcher *m, Node *p, uint32_t subject)
{
    Unit *u = m->u;
    CHECK_DEPTH(u->f);
    u->pos = p->pos;
    switch (p->kind) {
    case MatchValue_kind: {
        check_value(u, p);
        uint32_t mark = u->depth, v = operand(u, p->MatchValue.value);
        u->pos = p->pos;
        emit_jump(u, OP_JF_EQ, subject, v, m->fail);
        u->depth = mark;
        break;
    }
    case MatchSingleton_kind: {
        uint32_t mark = u->depth, t = temp(u);
        load_const(u, t, &p->MatchSingleton.value);
        emit_jump(u, OP_JF_IS, subject, last(t), m->fail);
        u->depth = mark;
        break;
    }
    case MatchSequence_kind: match_sequence(m, p, subject); break;
    case MatchMapping_kind: match_mapping(m, p, subject); break;
    case MatchClass_kind: match_class(m, p, subject); break;
    case MatchOr_kind: match_or(m, p, subject); break;
    case MatchAs_kind:
        if (p->MatchAs.pattern)
            match_pattern(m, p->MatchAs.pattern, subject);
        else if (!m->irrefutable_allowed && is_irrefutable(p)) {
            if (p->MatchAs.name)
                compile_error(u, p->pos, "name capture '%s' makes remaining patterns unreachable", p->MatchAs.name->s);
            compile_error(u, p->pos, "wildcard makes remaining patterns unreachable");
        }
        if (p->MatchAs.name) {
            uint32_t t = temp(u);
            u->pos = p->pos;
            emit(u, OP_MOVE, t, subject, 0);
            capture(m, p->MatchAs.name, t, p->pos);
        }
        break;
    default: front_fail(u->f, FAIL_SYSTEM, "unexpected pattern %s", ast_classes[p->kind].name);
    }
}

void compile_match(Unit *u, Node *n)
{
    uint32_t mark = u->depth, subject = temp(u);
    int32_t end = label_new(u);
    expr_to(u, n->Match.subject, subject);
    u->depth = subject + 1;
    const Seq *cases = n->Match.cases;
    for (uint32_t i = 0; i < cases->n; i++) {
        Node *c = cases->at[i], *p = c->match_case.pattern;
        Matcher m = {.u = u, .fail = label_new(u)};
        m.irrefutable_allowed = c->match_case.guard || i + 1 == cases->n;
        uint32_t low = u->depth;
        match_pattern(&m, p, subject);
        uint32_t high = u->depth;
        for (size_t k = 0; k < m.captures.n; k++) {
            u->pos = m.captures.at[k].pos;
            store_name(u, m.captures.at[k].name, last(m.captures.at[k].reg));
        }
        if (c->match_case.guard)
            jump_if(u, c->match_case.guard, false, m.fail);
        u->pos = p->pos;
        for (uint32_t r = low; r < high; r++)
            drop(u, r);
        drop(u, subject);
        u->depth = mark;
        compile_body(u, c->match_case.body, 0);
        u->depth = low;
        emit_jump_on(u, end);
        label_bind(u, m.fail);
        u->pos = c->match_case.guard ? c->match_case.guard->pos : p->pos;
        for (uint32_t r = low; r < high; r++)
            drop(u, r);
    }
    drop(u, subject);
    label_bind(u, end);
    u->depth = mark;
}
