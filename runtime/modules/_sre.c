// _sre: what the library's re stands on: Pattern, Match, Scanner and Template objects over the matcher (sre_match.c).
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/module.h"
#include "runtime/modules/sre.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/hash.h"
#include "runtime/support/strsearch.h"
#include "runtime/support/unicode.h"
#include "runtime/type.h"
#include "sync/safepoint.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct State { // of the module
    Type *pattern, *match, *scanner, *template;
} State;

// Immutable once made.
typedef struct Pattern {
    Container c;
    Value module;      // _sre: where the other types are
    Value pattern;     // str, bytes or None
    Value group_index; // dict: name -> number
    Value index_group; // tuple: number -> name
    int64_t groups;
    uint32_t flags;
    int8_t kind;       // KIND_*
    uint32_t *code;
    size_t code_length;
    void *prefix_data;
    Text prefix;
} Pattern;
enum { KIND_ANY = -1, KIND_STR, KIND_BYTES };

enum { MATCH_MARKS_INLINE = 6 };
typedef struct Match { // immutable
    Container c;
    Value pattern;     // Pattern
    Value string;
    int64_t pos, endpos, lastindex; // lastindex -1: none
    int64_t groups;    // with group 0
    int64_t *marks;    // two per group; -1: did not take part
    int64_t marks_inline[MATCH_MARKS_INLINE];
} Match;

typedef struct Scanner {
    Container c;
    Value pattern, string;
    int64_t at, endpos;     // (o) where to go on, -1: done
    bool must_advance;      // (o)
    _Atomic uint8_t running; // (a)
    int64_t pos;
    Buffer lent;            // of a bytes-like subject: it keeps its size as long as it may be searched
} Scanner;

typedef struct Template { // immutable
    Container c;
    Value literals;   // tuple of n + 1: str, bytes or None
    int64_t n;
    int64_t *groups;  // the group after each literal but the last
} Template;

static Pattern *as_pattern(ValueRef v) { return (Pattern *)value_object(v); }
static Match *as_match(ValueRef v) { return (Match *)value_object(v); }
static Scanner *as_scanner(ValueRef v) { return (Scanner *)value_object(v); }
static State *state_of(const Pattern *p) { return module_state(p->module); }

// ---- the subject

typedef struct Subject {
    Sre s;
    Buffer buffer;   // lent by a bytes-like subject
    bool lent;
    bool is_str;
    ValueRef string;
    int64_t length, pos, endpos;
} Subject;

// Looks at the characters of a subject. 0, -1 with TypeError.
static int subject_open(Thread *t, Subject *u, ValueRef string) {
    u->lent = false;
    u->string = string;
    u->is_str = value_is_any_str(string);
    if (u->is_str) {
        Str *s = value_str(string);
        u->s.data = str_data(s);
        u->s.width = (uint32_t)str_kind(s);
        u->length = (int64_t)str_length(s);
        return 0;
    }
    if (value_is(string, BYTES)) {
        u->s.data = value_bytes(string)->data;
        u->s.width = 1;
        u->length = (int64_t)value_bytes(string)->length;
        return 0;
    }
    if (!value_has_buffer(string)) return raise_int(t, TYPE_ERROR, "expected string or bytes-like object, got '%T'", string);
    if (buffer_get(t, string, &u->buffer, BUFFER_C_CONTIGUOUS) < 0) return -1;
    u->lent = true;
    u->s.data = u->buffer.data;
    u->s.width = 1;
    u->length = u->buffer.length;
    return 0;
}
static void subject_close(Thread *t, Subject *u) {
    if (u->lent) buffer_release(t, &u->buffer);
    u->lent = false;
}

static int state_open(Thread *t, Subject *u, ValueRef pattern, ValueRef string, int64_t pos, int64_t endpos) {
    Pattern *p = as_pattern(pattern);
    if (subject_open(t, u, string) < 0) return -1;
    if (u->is_str ? p->kind == KIND_BYTES : p->kind == KIND_STR) {
        subject_close(t, u);
        return u->is_str ? raise_int(t, TYPE_ERROR, "cannot use a bytes pattern on a string-like object")
                         : raise_int(t, TYPE_ERROR, "cannot use a string pattern on a bytes-like object");
    }
    u->pos = pos < 0 ? 0 : pos > u->length ? u->length : pos;
    u->endpos = endpos < 0 ? 0 : endpos > u->length ? u->length : endpos;
    Sre *s = &u->s;
    s->t = t;
    s->code = p->code;
    s->end = u->endpos;
    s->start = u->pos;
    s->at = u->pos;
    s->must_advance = s->match_all = false;
    s->prefix = p->prefix;
    s->nmarks = (uint32_t)p->groups * 2;
    s->lastindex = -1;
    s->stack = s->stack_inline;
    s->top = 0;
    s->room = SRE_STACK_INLINE;
    s->nodes = s->nodes_inline;
    s->nnodes = 0;
    s->nodes_room = SRE_NODES_INLINE;
    s->steps = 4096;
    s->marks = s->marks_inline;
    if (s->nmarks > SRE_MARKS_INLINE && !(s->marks = malloc(s->nmarks * sizeof *s->marks))) {
        subject_close(t, u);
        return raise_no_memory(t), -1;
    }
    return 0;
}
static void state_close(Thread *t, Subject *u) {
    sre_state_free(&u->s);
    subject_close(t, u);
}
static void state_reset(Sre *s) {
    for (uint32_t i = 0; i < s->nmarks; i++) s->marks[i] = -1;
    s->lastindex = -1;
}
enum How { HOW_SEARCH, HOW_MATCH, HOW_FULLMATCH };
// One run from s->start on. 1, 0, -1. `start` > `end` cannot match.
static int state_run(Subject *u, enum How how) {
    Sre *s = &u->s;
    state_reset(s);
    s->match_all = how == HOW_FULLMATCH;
    if (s->start > s->end) return 0;
    return how == HOW_SEARCH ? sre_search(s) : sre_match(s);
}

// string[start:end], bytes for bytes-like subjects.
static Value subject_slice(Thread *t, const Subject *u, int64_t start, int64_t end) {
    if (start > u->length) start = u->length;
    if (end > u->length) end = u->length;
    if (start > end) start = end;
    if (u->is_str) return str_substring(t, value_str(u->string), (size_t)start, (size_t)end);
    if (value_is(u->string, BYTES) && start == 0 && end == u->length) return value_dup(t, u->string);
    return bytes_new(t, (const uint8_t *)u->s.data + start, (size_t)(end - start));
}
static Value state_group(Thread *t, const Subject *u, int64_t group, bool empty_for_none) {
    int64_t from = u->s.marks[(group - 1) * 2], to = u->s.marks[(group - 1) * 2 + 1];
    if (from < 0 || to < from) {
        if (!empty_for_none) return NONE;
        from = to = 0;
    }
    return subject_slice(t, u, from, to);
}

// ---- Match

static Value match_new(Thread *t, ValueRef pattern, const Subject *u) {
    Pattern *p = as_pattern(pattern);
    Match *m = object_new(t, state_of(p)->match);
    if (!m) return UNDEF;
    m->groups = p->groups + 1;
    m->marks = m->marks_inline;
    if (m->groups * 2 > MATCH_MARKS_INLINE && !(m->marks = malloc((size_t)m->groups * 2 * sizeof *m->marks))) {
        object_release(t, m);
        return raise_no_memory(t);
    }
    slot_init(&m->pattern, value_dup(t, pattern));
    slot_init(&m->string, value_dup(t, u->string));
    m->pos = u->pos;
    m->endpos = u->endpos;
    m->lastindex = u->s.lastindex;
    m->marks[0] = u->s.start;
    m->marks[1] = u->s.at;
    for (int64_t i = 0; i < p->groups; i++) {
        int64_t from = u->s.marks[i * 2], to = u->s.marks[i * 2 + 1];
        bool set = from >= 0 && to >= from;
        m->marks[2 + i * 2] = set ? from : -1;
        m->marks[3 + i * 2] = set ? to : -1;
    }
    return value_of(m);
}
static void match_destroy(Thread *t, Object *o) {
    Match *m = (Match *)o;
    value_release(t, m->pattern);
    value_release(t, m->string);
    if (m->marks != m->marks_inline) free(m->marks);
}
static void match_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Match *)o)->pattern, arg);
    visit(&((Match *)o)->string, arg);
}

static Value match_slice(Thread *t, const Match *m, int64_t group, ValueRef default_) {
    if (m->marks[group * 2] < 0) return value_dup(t, default_);
    Subject u;
    if (subject_open(t, &u, m->string) < 0) return UNDEF;
    Value v = subject_slice(t, &u, m->marks[group * 2], m->marks[group * 2 + 1]);
    subject_close(t, &u);
    return v;
}
// The number of the group that `index` names: -1 with IndexError.
static int64_t match_index(Thread *t, const Match *m, ValueRef index) {
    int64_t i = -1;
    if (value_is_int(index)) {
        i = value_get_int(index);
    } else if (value_is_any_int(index) || value_type(index)->ops.index) {
        if (arg_index_clipped(t, index, &i) < 0) return -1;
    } else {
        Value number = dict_get(t, value_dict(as_pattern(m->pattern)->group_index), index);
        if (!value_bits(number)) error_clear(t); // unhashable names no group either
        else if (!value_is_any_int(number) || int_as_int64(number, &i) < 0) i = -1;
        value_release(t, number);
    }
    if (i < 0 || i >= m->groups) return raise_int(t, INDEX_ERROR, "no such group");
    return i;
}
static int64_t match_index_or_0(Thread *t, const Match *m, ValueRef index_or_undef) {
    return value_bits(index_or_undef) ? match_index(t, m, index_or_undef) : 0;
}
static Value match_item(Thread *t, ValueRef self, ValueRef key) {
    int64_t i = match_index(t, as_match(self), key);
    return i < 0 ? UNDEF : match_slice(t, as_match(self), i, NONE);
}
NATIVE(match_group) {
    if (args_no_keywords(t, "re.Match.group", kwnames) < 0) return UNDEF;
    Match *m = as_match(self);
    if (nargs == 0) return match_slice(t, m, 0, NONE);
    if (nargs == 1) return match_item(t, self, args[0]);
    Tuple *tuple = tuple_alloc(t, nargs);
    if (!tuple) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++) {
        Value v = match_item(t, self, args[i]);
        if (!value_bits(v)) {
            object_release(t, tuple);
            return UNDEF;
        }
        slot_init(&tuple->items[i], v);
    }
    return value_of(tuple);
}
NATIVE(match_groups) {
    Match *m = as_match(self);
    Tuple *tuple = tuple_alloc(t, m->groups - 1);
    if (!tuple) return UNDEF;
    for (int64_t i = 1; i < m->groups; i++) {
        Value v = match_slice(t, m, i, value_bits(args[0]) ? args[0] : (ValueRef)NONE);
        if (!value_bits(v)) {
            object_release(t, tuple);
            return UNDEF;
        }
        slot_init(&tuple->items[i - 1], v);
    }
    return value_of(tuple);
}
NATIVE(match_groupdict) {
    Match *m = as_match(self);
    Value result = dict_new(t), key, index;
    if (!value_bits(result)) return UNDEF;
    int64_t position = 0;
    while (dict_next(t, value_dict(as_pattern(m->pattern)->group_index), &position, &key, &index) > 0) {
        int64_t i = match_index(t, m, index);
        Value v = i < 0 ? UNDEF : match_slice(t, m, i, value_bits(args[0]) ? args[0] : (ValueRef)NONE);
        int status = value_bits(v) ? dict_set(t, value_dict(result), key, v) : -1;
        value_release(t, v);
        value_release(t, key);
        value_release(t, index);
        if (status < 0) {
            value_release(t, result);
            return UNDEF;
        }
    }
    return result;
}
NATIVE(match_start) {
    int64_t i = match_index_or_0(t, as_match(self), args[0]);
    return i < 0 ? UNDEF : value_int(as_match(self)->marks[i * 2]);
}
NATIVE(match_end) {
    int64_t i = match_index_or_0(t, as_match(self), args[0]);
    return i < 0 ? UNDEF : value_int(as_match(self)->marks[i * 2 + 1]);
}
static Value match_pair(Thread *t, const Match *m, int64_t i) { return tuple_pair(t, value_int(m->marks[i * 2]), value_int(m->marks[i * 2 + 1])); }
NATIVE(match_span) {
    int64_t i = match_index_or_0(t, as_match(self), args[0]);
    return i < 0 ? UNDEF : match_pair(t, as_match(self), i);
}
NATIVE(return_self) { return value_dup(t, self); }

static Value match_regs(Thread *t, ValueRef self) {
    Match *m = as_match(self);
    Tuple *tuple = tuple_alloc(t, m->groups);
    if (!tuple) return UNDEF;
    for (int64_t i = 0; i < m->groups; i++) {
        Value pair = match_pair(t, m, i);
        if (!value_bits(pair)) {
            object_release(t, tuple);
            return UNDEF;
        }
        slot_init(&tuple->items[i], pair);
    }
    return value_of(tuple);
}
static Value match_lastindex(Thread *t, ValueRef self) { return as_match(self)->lastindex >= 0 ? value_int(as_match(self)->lastindex) : NONE; }
static Value match_lastgroup(Thread *t, ValueRef self) {
    Match *m = as_match(self);
    Value names = as_pattern(m->pattern)->index_group;
    if (m->lastindex < 0 || m->lastindex >= value_tuple(names)->length) return NONE;
    return value_dup(t, tuple_item(value_tuple(names), m->lastindex));
}
static Value match_re(Thread *t, ValueRef self) { return value_dup(t, as_match(self)->pattern); }
static Value match_string(Thread *t, ValueRef self) { return value_dup(t, as_match(self)->string); }
static Value match_pos(Thread *t, ValueRef self) { return value_int(as_match(self)->pos); }
static Value match_endpos(Thread *t, ValueRef self) { return value_int(as_match(self)->endpos); }
static Value match_repr(Thread *t, ValueRef self) {
    Match *m = as_match(self);
    Value group = match_slice(t, m, 0, NONE), text = value_bits(group) ? object_repr(t, group) : UNDEF, result = UNDEF;
    if (value_bits(text) && str_length(value_str(text)) > 50) {
        Value shorter = str_substring(t, value_str(text), 0, 50);
        value_release(t, text);
        text = shorter;
    }
    if (value_bits(text))
        result = str_of_format(t, "<%N object; span=(%lld, %lld), match=%S>", value_type(self), (long long)m->marks[0], (long long)m->marks[1], text);
    value_release(t, group);
    value_release(t, text);
    return result;
}

// ---- templates

static Value template_of(Thread *t, ValueRef pattern, ValueRef text) {
    Value compile = import_attribute(t, "re", "_compile_template");
    if (!value_bits(compile)) return UNDEF;
    Value v = call_2(t, compile, pattern, text);
    value_release(t, compile);
    return v;
}
// Joins a list of parts with the empty string of the subject's kind.
static Value join_parts(Thread *t, const Subject *u, Value list_steal) {
    Value result = u->is_str ? str_join(t, NAME(empty), list_steal) : bytes_join(t, t->interp->empty_bytes, list_steal);
    value_release(t, list_steal);
    return result;
}
static Value template_expand(Thread *t, const Template *x, const Match *m) {
    Subject u;
    if (subject_open(t, &u, m->string) < 0) return UNDEF;
    Value list = list_new(t, x->n * 2 + 1);
    bool ok = value_bits(list) != 0;
    for (int64_t i = 0; ok && i <= x->n; i++) {
        ValueRef literal = tuple_item(value_tuple(x->literals), i);
        if (value_bits(literal) != value_bits(NONE)) ok = list_append(t, value_list(list), value_dup(t, literal)) == 0;
        if (!ok || i == x->n) continue;
        int64_t group = x->groups[i];
        if (group >= m->groups) {
            raise(t, INDEX_ERROR, "no such group");
            ok = false;
        } else if (m->marks[group * 2] >= 0) {
            Value v = subject_slice(t, &u, m->marks[group * 2], m->marks[group * 2 + 1]);
            ok = value_bits(v) && list_append(t, value_list(list), v) == 0;
        }
    }
    Value result = UNDEF;
    if (ok) result = join_parts(t, &u, list);
    else value_release(t, list);
    subject_close(t, &u);
    return result;
}
NATIVE(match_expand) {
    Match *m = as_match(self);
    Value template = template_of(t, m->pattern, args[0]);
    if (!value_bits(template)) return UNDEF;
    Value result = UNDEF;
    if (value_type(template) != state_of(as_pattern(m->pattern))->template) raise(t, TYPE_ERROR, "invalid template");
    else result = template_expand(t, (Template *)value_object(template), m);
    value_release(t, template);
    return result;
}
NATIVE(template_make) {
    State *state = module_state(self);
    if (value_type(args[0]) != state->pattern) return raise(t, TYPE_ERROR, "template() argument 1 must be re.Pattern, not %T", args[0]);
    if (!value_is_any_list(args[1])) return raise(t, TYPE_ERROR, "template() argument 2 must be list, not %T", args[1]);
    Value items = list_snapshot(t, value_list(args[1]));
    if (!value_bits(items)) return UNDEF;
    int64_t length = value_tuple(items)->length;
    if (length % 2 == 0) goto bad;
    for (int64_t i = 1; i < length; i += 2) {
        ValueRef index = tuple_item(value_tuple(items), i);
        if (!value_is_int(index) || value_get_int(index) < 0) goto bad;
    }
    Template *x = object_new(t, state->template);
    if (x) {
        x->n = length / 2;
        x->groups = malloc((size_t)(x->n ? x->n : 1) * sizeof *x->groups);
        Tuple *literals = x->groups ? tuple_alloc(t, x->n + 1) : NULL;
        if (!x->groups) raise_no_memory(t);
        if (literals) {
            for (int64_t i = 0; i <= x->n; i++) {
                ValueRef literal = tuple_item(value_tuple(items), i * 2);
                bool empty = (value_is_any_str(literal) && str_length(value_str(literal)) == 0) ||
                             (value_is_any_bytes(literal) && value_bytes(literal)->length == 0);
                slot_init(&literals->items[i], empty && x->n ? NONE : value_dup(t, literal));
                if (i < x->n) x->groups[i] = value_get_int(tuple_item(value_tuple(items), i * 2 + 1));
            }
            slot_init(&x->literals, value_of(literals));
        } else {
            object_release(t, x);
            x = NULL;
        }
    }
    value_release(t, items);
    return x ? value_of(x) : UNDEF;
bad:
    value_release(t, items);
    return raise(t, TYPE_ERROR, "invalid template");
}
static void template_destroy(Thread *t, Object *o) {
    value_release(t, ((Template *)o)->literals);
    free(((Template *)o)->groups);
}
static void template_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Template *)o)->literals, arg); }

// ---- Pattern: running it

// The (string, pos=0, endpos=sys.maxsize) that most methods take.
static int bounds(Thread *t, const ValueRef *args, int64_t *pos, int64_t *endpos) {
    *pos = 0;
    *endpos = INT64_MAX;
    if (value_bits(args[1]) && arg_index(t, args[1], pos) < 0) return -1;
    if (value_bits(args[2]) && arg_index(t, args[2], endpos) < 0) return -1;
    return 0;
}
static Value pattern_run(Thread *t, ValueRef self, const ValueRef *args, enum How how) {
    int64_t pos, endpos;
    Subject u;
    if (bounds(t, args, &pos, &endpos) < 0 || state_open(t, &u, self, args[0], pos, endpos) < 0) return UNDEF;
    int found = state_run(&u, how);
    Value result = found < 0 ? UNDEF : found ? match_new(t, self, &u) : NONE;
    state_close(t, &u);
    return result;
}
NATIVE(pattern_match) { return pattern_run(t, self, args, HOW_MATCH); }
NATIVE(pattern_fullmatch) { return pattern_run(t, self, args, HOW_FULLMATCH); }
NATIVE(pattern_search) { return pattern_run(t, self, args, HOW_SEARCH); }

// Where the next search goes on after a match.
static void state_advance(Sre *s) {
    s->must_advance = s->at == s->start;
    s->start = s->at;
}

NATIVE(pattern_findall) {
    Pattern *p = as_pattern(self);
    int64_t pos, endpos;
    Subject u;
    if (bounds(t, args, &pos, &endpos) < 0 || state_open(t, &u, self, args[0], pos, endpos) < 0) return UNDEF;
    Value list = list_new(t, 0);
    while (value_bits(list)) {
        int found = state_run(&u, HOW_SEARCH);
        if (found == 0) break;
        Value item = UNDEF;
        if (found > 0) {
            if (p->groups == 0) item = subject_slice(t, &u, u.s.start, u.s.at);
            else if (p->groups == 1) item = state_group(t, &u, 1, true);
            else {
                Tuple *tuple = tuple_alloc(t, p->groups);
                for (int64_t i = 0; tuple && i < p->groups; i++) {
                    Value v = state_group(t, &u, i + 1, true);
                    if (value_bits(v)) slot_init(&tuple->items[i], v);
                    else {
                        object_release(t, tuple);
                        tuple = NULL;
                    }
                }
                item = tuple ? value_of(tuple) : UNDEF;
            }
        }
        if (!value_bits(item) || list_append(t, value_list(list), item) < 0) {
            VALUE_CLEAR(t, list);
            break;
        }
        state_advance(&u.s);
    }
    state_close(t, &u);
    return list;
}

NATIVE(pattern_split) {
    Pattern *p = as_pattern(self);
    int64_t maxsplit = 0, n = 0, last;
    Subject u;
    if (value_bits(args[1]) && arg_index(t, args[1], &maxsplit) < 0) return UNDEF;
    if (state_open(t, &u, self, args[0], 0, INT64_MAX) < 0) return UNDEF;
    Value list = list_new(t, 0);
    bool ok = value_bits(list) != 0;
    last = u.s.start;
    while (ok && (maxsplit == 0 || n < maxsplit)) {
        int found = state_run(&u, HOW_SEARCH);
        if (found <= 0) {
            ok = found == 0;
            break;
        }
        Value item = subject_slice(t, &u, last, u.s.start);
        ok = value_bits(item) && list_append(t, value_list(list), item) == 0;
        for (int64_t i = 0; ok && i < p->groups; i++) {
            item = state_group(t, &u, i + 1, false);
            ok = value_bits(item) && list_append(t, value_list(list), item) == 0;
        }
        n++;
        last = u.s.at;
        state_advance(&u.s);
    }
    if (ok) {
        Value item = subject_slice(t, &u, last, u.endpos);
        ok = value_bits(item) && list_append(t, value_list(list), item) == 0;
    }
    if (!ok) VALUE_CLEAR(t, list);
    state_close(t, &u);
    return list;
}

// True where the replacement has no backslash, and so stands for itself.
static bool is_literal(Thread *t, ValueRef text) {
    if (!value_is_any_str(text) && !value_has_buffer(text)) return false;
    Subject u;
    if (subject_open(t, &u, text) < 0) {
        error_clear(t);
        return false;
    }
    bool plain = strsearch_char(text_of(u.s.data, (size_t)u.length, u.s.width), '\\') == SEARCH_NONE;
    subject_close(t, &u);
    return plain;
}

static Value substitute(Thread *t, ValueRef self, const ValueRef *args, bool with_count) {
    State *state = state_of(as_pattern(self));
    enum { LITERAL, TEMPLATE, CALLABLE } kind;
    int64_t count = 0, n = 0, last;
    if (value_bits(args[2]) && arg_index(t, args[2], &count) < 0) return UNDEF;
    Value repl = UNDEF;
    if (value_type(args[0])->ops.call) {
        kind = CALLABLE;
        repl = value_dup(t, args[0]);
    } else if (is_literal(t, args[0])) {
        kind = LITERAL;
        repl = value_dup(t, args[0]);
    } else {
        repl = template_of(t, self, args[0]);
        if (!value_bits(repl)) return UNDEF;
        kind = LITERAL;
        if (value_type(repl) == state->template) {
            kind = TEMPLATE;
            Template *x = (Template *)value_object(repl);
            if (x->n == 0) {
                kind = LITERAL;
                Value literal = value_dup(t, tuple_item(value_tuple(x->literals), 0));
                value_release(t, repl);
                repl = literal;
            }
        } else if (value_type(repl)->ops.call) {
            kind = CALLABLE;
        }
    }
    Subject u;
    if (state_open(t, &u, self, args[1], 0, INT64_MAX) < 0) {
        value_release(t, repl);
        return UNDEF;
    }
    Value list = list_new(t, 0), result = UNDEF;
    bool ok = value_bits(list) != 0;
    last = u.s.start;
    while (ok && (count == 0 || n < count)) {
        int found = state_run(&u, HOW_SEARCH);
        if (found <= 0) {
            ok = found == 0;
            break;
        }
        if (last < u.s.start) {
            Value between = subject_slice(t, &u, last, u.s.start);
            ok = value_bits(between) && list_append(t, value_list(list), between) == 0;
        }
        Value item = UNDEF;
        if (ok && kind == LITERAL) {
            item = value_dup(t, repl);
        } else if (ok) {
            Value match = match_new(t, self, &u);
            if (value_bits(match)) item = kind == TEMPLATE ? template_expand(t, (Template *)value_object(repl), as_match(match)) : call_1(t, repl, match);
            value_release(t, match);
        }
        if (!value_bits(item)) ok = false;
        else if (value_bits(item) != value_bits(NONE)) ok = list_append(t, value_list(list), item) == 0;
        last = u.s.at;
        n++;
        state_advance(&u.s);
    }
    if (ok && last < u.endpos) {
        Value rest = subject_slice(t, &u, last, u.endpos);
        ok = value_bits(rest) && list_append(t, value_list(list), rest) == 0;
    }
    if (ok) result = join_parts(t, &u, list);
    else value_release(t, list);
    state_close(t, &u);
    value_release(t, repl);
    return with_count && value_bits(result) ? tuple_pair(t, result, value_int(n)) : result;
}
NATIVE(pattern_sub) { return substitute(t, self, args, false); }
NATIVE(pattern_subn) { return substitute(t, self, args, true); }

// ---- Scanner: a search that goes on where the last one ended

static Value scanner_new(Thread *t, ValueRef self, const ValueRef *args) {
    int64_t pos, endpos;
    Subject u;
    if (bounds(t, args, &pos, &endpos) < 0 || state_open(t, &u, self, args[0], pos, endpos) < 0) return UNDEF;
    Scanner *s = object_new(t, state_of(as_pattern(self))->scanner);
    if (s) {
        slot_init(&s->pattern, value_dup(t, self));
        slot_init(&s->string, value_dup(t, args[0]));
        s->at = s->pos = u.pos;
        s->endpos = u.endpos;
        if (u.lent) {
            s->lent = u.buffer;
            s->lent.shape = s->lent.strides = NULL; // they may point into the old place
            u.lent = false;
        }
    }
    state_close(t, &u);
    return s ? value_of(s) : UNDEF;
}
NATIVE(pattern_scanner) { return scanner_new(t, self, args); }
NATIVE(pattern_finditer) {
    Value scanner = scanner_new(t, self, args);
    Value name = value_bits(scanner) ? str_intern_text(t, "search") : UNDEF, search = UNDEF, result = UNDEF;
    if (value_bits(name)) search = object_getattr(t, scanner, name);
    if (value_bits(search)) result = callable_iterator_new(t, search, NONE);
    value_release(t, search);
    value_release(t, name);
    value_release(t, scanner);
    return result;
}
static Value scanner_step(Thread *t, ValueRef self, enum How how) {
    Scanner *s = as_scanner(self);
    uint8_t idle = 0;
    if (!atomic_cas_acquire_u8(&s->running, &idle, 1)) return raise(t, VALUE_ERROR, "regular expression scanner already executing");
    Value result = NONE;
    if (s->at >= 0) {
        Subject u;
        result = UNDEF;
        if (state_open(t, &u, s->pattern, s->string, s->at, s->endpos) == 0) {
            u.s.must_advance = s->must_advance;
            u.pos = s->pos;
            int found = state_run(&u, how);
            if (found > 0) {
                result = match_new(t, s->pattern, &u);
                s->must_advance = u.s.at == u.s.start;
                s->at = u.s.at;
            } else if (found == 0) {
                result = NONE;
                s->at = -1;
            }
            state_close(t, &u);
        }
    }
    atomic_store_release_u8(&s->running, 0);
    return result;
}
NATIVE(scanner_match) { return scanner_step(t, self, HOW_MATCH); }
NATIVE(scanner_search) { return scanner_step(t, self, HOW_SEARCH); }
static Value scanner_pattern(Thread *t, ValueRef self) { return value_dup(t, as_scanner(self)->pattern); }
static void scanner_destroy(Thread *t, Object *o) {
    value_release(t, ((Scanner *)o)->pattern);
    value_release(t, ((Scanner *)o)->string);
    buffer_release(t, &((Scanner *)o)->lent);
}
static void scanner_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Scanner *)o)->lent.exporter, arg);
    visit(&((Scanner *)o)->pattern, arg);
    visit(&((Scanner *)o)->string, arg);
}

// ---- Pattern: what it is

static const struct { const char *name; uint32_t flag; } flag_names[] = {
    {"re.IGNORECASE", 2}, {"re.MULTILINE", 8}, {"re.DOTALL", 16}, {"re.VERBOSE", 64}, {"re.DEBUG", 128}, {"re.ASCII", 256}, {"re.LOCALE", 4}, {"re.UNICODE", 32},
};
static Value pattern_repr(Thread *t, ValueRef self) {
    Pattern *p = as_pattern(self);
    uint32_t flags = p->flags;
    if (p->kind == KIND_STR && (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | SRE_FLAG_ASCII)) == SRE_FLAG_UNICODE) flags &= ~(uint32_t)SRE_FLAG_UNICODE;
    Value text = object_repr(t, p->pattern);
    if (!value_bits(text)) return UNDEF;
    size_t n = str_length(value_str(text));
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_text(&b, "re.compile(", 11);
    str_builder_slice(&b, value_str(text), 0, n > 200 ? 200 : n);
    value_release(t, text);
    const char *before = ", ";
    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
        if (!(flags & flag_names[i].flag)) continue;
        flags &= ~flag_names[i].flag;
        str_builder_text(&b, before, strlen(before));
        str_builder_text(&b, flag_names[i].name, strlen(flag_names[i].name));
        before = "|";
    }
    if (flags) {
        char number[24];
        int length = snprintf(number, sizeof number, "%s0x%x", before, flags);
        str_builder_text(&b, number, (size_t)length);
    }
    str_builder_text(&b, ")", 1);
    return str_builder_finish(&b);
}
static Value pattern_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || value_type(a) != value_type(b)) return NOT_IMPLEMENTED;
    Pattern *p = as_pattern(a), *q = as_pattern(b);
    int equal = p == q;
    if (!equal && p->flags == q->flags && p->kind == q->kind && p->code_length == q->code_length &&
        !memcmp(p->code, q->code, p->code_length * sizeof *p->code))
        equal = object_equal(t, p->pattern, q->pattern);
    return equal < 0 ? UNDEF : value_bool(equal == (op == CMP_EQ));
}
static int64_t pattern_hash(Thread *t, ValueRef self) {
    Pattern *p = as_pattern(self);
    int64_t hash = object_hash(t, p->pattern);
    if (hash == -1) return -1;
    hash ^= hash_bytes(hash_key_of_seed(0), p->code, p->code_length * sizeof *p->code) ^ (int64_t)p->flags ^ p->kind ^ p->groups;
    return hash == -1 ? -2 : hash;
}
static Value pattern_flags(Thread *t, ValueRef self) { return value_int(as_pattern(self)->flags); }
static Value pattern_groups(Thread *t, ValueRef self) { return value_int(as_pattern(self)->groups); }
static Value pattern_groupindex(Thread *t, ValueRef self) { // without groups: a new dict
    ValueRef index = as_pattern(self)->group_index;
    return dict_length(value_dict(index)) ? mapping_proxy_new(t, index) : dict_new(t);
}
static Value pattern_pattern(Thread *t, ValueRef self) { return value_dup(t, as_pattern(self)->pattern); }
static void pattern_destroy(Thread *t, Object *o) {
    Pattern *p = (Pattern *)o;
    value_release(t, p->module);
    value_release(t, p->pattern);
    value_release(t, p->group_index);
    value_release(t, p->index_group);
    free(p->code);
    free(p->prefix_data);
}
static void pattern_traverse(Object *o, VisitFn visit, void *arg) {
    Pattern *p = (Pattern *)o;
    visit(&p->module, arg);
    visit(&p->pattern, arg);
    visit(&p->group_index, arg);
    visit(&p->index_group, arg);
}

// The literal that every match begins with, as its own string in the narrowest width.
static int pattern_take_prefix(Thread *t, Pattern *p) {
    if (p->code[0] != SRE_INFO || !(p->code[2] & SRE_INFO_PREFIX)) return 0;
    uint32_t n = p->code[5], bits = 0;
    for (uint32_t i = 0; i < n; i++) bits |= p->code[7 + i];
    uint32_t width = text_width_for(bits);
    if (!(p->prefix_data = malloc((size_t)n * width))) return raise_no_memory(t), -1;
    text_copy(p->prefix_data, width, p->code + 7, 4, n);
    p->prefix = text_of(p->prefix_data, n, width);
    return 0;
}

NATIVE(sre_compile) { // pattern, flags, code, groups, groupindex, indexgroup
    int flags;
    int64_t groups;
    if (arg_int(t, args[1], &flags) < 0) return UNDEF;
    if (!value_is_any_list(args[2])) return raise(t, TYPE_ERROR, "compile() argument 'code' must be list, not %T", args[2]);
    if (arg_index(t, args[3], &groups) < 0) return UNDEF;
    if (!value_is_any_dict(args[4])) return raise(t, TYPE_ERROR, "compile() argument 'groupindex' must be dict, not %T", args[4]);
    if (!value_is_any_tuple(args[5])) return raise(t, TYPE_ERROR, "compile() argument 'indexgroup' must be tuple, not %T", args[5]);
    State *state = module_state(self);
    Pattern *p = object_new(t, state->pattern);
    if (!p) return UNDEF;
    Value words = list_snapshot(t, value_list(args[2]));
    if (!value_bits(words)) goto fail;
    size_t n = (size_t)value_tuple(words)->length;
    if (!(p->code = malloc((n ? n : 1) * sizeof *p->code))) {
        raise_no_memory(t);
        goto fail;
    }
    for (size_t i = 0; i < n; i++) {
        ValueRef word = tuple_item(value_tuple(words), (int64_t)i);
        uint64_t c;
        if (!value_is_any_int(word)) {
            raise(t, TYPE_ERROR, "an integer is required");
            goto fail;
        }
        if (int_as_uint64(word, &c) < 0 || c > UINT32_MAX) {
            raise(t, OVERFLOW_ERROR, "regular expression code size limit exceeded");
            goto fail;
        }
        p->code[i] = (uint32_t)c;
    }
    VALUE_CLEAR(t, words);
    p->code_length = n;
    p->flags = (uint32_t)flags;
    p->groups = groups;
    p->kind = KIND_ANY;
    if (value_bits(args[0]) != value_bits(NONE)) {
        Subject u;
        if (subject_open(t, &u, args[0]) < 0) goto fail;
        p->kind = u.is_str ? KIND_STR : KIND_BYTES;
        subject_close(t, &u);
    }
    if (!sre_verify(t, p->code, n, groups)) {
        if (!error_pending(t)) raise(t, RUNTIME_ERROR, "invalid SRE code");
        goto fail;
    }
    if (pattern_take_prefix(t, p) < 0) goto fail;
    slot_init(&p->module, value_dup(t, self));
    slot_init(&p->pattern, value_dup(t, args[0]));
    slot_init(&p->group_index, value_dup(t, args[4]));
    slot_init(&p->index_group, value_dup(t, args[5]));
    return value_of(p);
fail:
    value_release(t, words);
    object_release(t, p);
    return UNDEF;
}

// ---- the module

static int character(Thread *t, ValueRef v, int *c) { return arg_int(t, v, c); }
NATIVE(ascii_iscased) {
    int c;
    return character(t, args[0], &c) < 0 ? UNDEF : value_bool((unsigned)c < 128 && isalpha(c));
}
NATIVE(unicode_iscased) {
    int c;
    if (character(t, args[0], &c) < 0) return UNDEF;
    return value_bool(uni_to_lower((uint32_t)c) != (uint32_t)c || sre_upper((uint32_t)c) != (uint32_t)c);
}
NATIVE(ascii_tolower) {
    int c;
    return character(t, args[0], &c) < 0 ? UNDEF : value_int(c >= 'A' && c <= 'Z' ? c + 32 : c);
}
NATIVE(unicode_tolower) {
    int c;
    return character(t, args[0], &c) < 0 ? UNDEF : value_int((int64_t)(int)uni_to_lower((uint32_t)c));
}
NATIVE(getcodesize) { return value_int(sizeof(uint32_t)); }

#define BOUNDS "($self, /, string, pos=0, endpos=sys.maxsize)"
static const NativeDef pattern_methods[] = {
    {"match", pattern_match, BOUNDS, "A match at the beginning, or None.", 0},
    {"fullmatch", pattern_fullmatch, BOUNDS, "A match of the whole, or None.", 0},
    {"search", pattern_search, BOUNDS, "The first match, or None.", 0},
    {"sub", pattern_sub, "($self, /, repl, string, count=0)", "The string with each match replaced.", 0},
    {"subn", pattern_subn, "($self, /, repl, string, count=0)", "The string with each match replaced, and how many.", 0},
    {"findall", pattern_findall, BOUNDS, "All matches: the group, the groups, or the whole of each.", 0},
    {"split", pattern_split, "($self, /, string, maxsplit=0)", "The parts between the matches.", 0},
    {"finditer", pattern_finditer, BOUNDS, "An iterator over the matches.", 0},
    {"scanner", pattern_scanner, BOUNDS, "An object that matches step by step.", 0},
    {"__copy__", return_self, "($self, /)", NULL, 0},
    {"__deepcopy__", return_self, "($self, memo, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const GetSetDef pattern_getset[] = {
    {"pattern", pattern_pattern, NULL, "What it was compiled from."}, {"flags", pattern_flags, NULL, "The flags, with those given in the pattern."},
    {"groups", pattern_groups, NULL, "How many groups."}, {"groupindex", pattern_groupindex, NULL, "Group names and their numbers."}, GETSET_END};
static const TypeSpec pattern_spec = {
    .name = "re.Pattern", .doc = "A compiled regular expression.", .size = sizeof(Pattern), .flags = TYPE_NO_NEW | TYPE_WEAKREFABLE,
    .ops = {.repr = pattern_repr, .hash = pattern_hash, .compare = pattern_compare}, .methods = pattern_methods, .getset = pattern_getset,
    .destroy = pattern_destroy, .traverse = pattern_traverse};

static const NativeDef match_methods[] = {
    {"group", match_group, "($self, /, *args)", "Groups of the match, by number or name; the whole by default.", NATIVE_RAW},
    {"groups", match_groups, "($self, /, default=None)", "All groups.", 0},
    {"groupdict", match_groupdict, "($self, /, default=None)", "The named groups.", 0},
    {"start", match_start, "($self, group=0, /)", "Where the group begins, -1 where it took no part.", 0},
    {"end", match_end, "($self, group=0, /)", "Where the group ends.", 0},
    {"span", match_span, "($self, group=0, /)", "Where the group begins and ends.", 0},
    {"expand", match_expand, "($self, /, template)", "The template with its groups filled in.", 0},
    {"__copy__", return_self, "($self, /)", NULL, 0},
    {"__deepcopy__", return_self, "($self, memo, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const GetSetDef match_getset[] = {
    {"string", match_string, NULL, "What was searched."}, {"re", match_re, NULL, "The pattern."}, {"pos", match_pos, NULL, "Where the search began."},
    {"endpos", match_endpos, NULL, "Where it had to end."}, {"lastindex", match_lastindex, NULL, "The group closed last."},
    {"lastgroup", match_lastgroup, NULL, "Its name."}, {"regs", match_regs, NULL, "The spans of all groups."}, GETSET_END};
static const TypeSpec match_spec = {
    .name = "re.Match", .doc = "What a search found.", .size = sizeof(Match), .flags = TYPE_NO_NEW,
    .ops = {.repr = match_repr, .getitem = match_item}, .methods = match_methods, .getset = match_getset, .destroy = match_destroy,
    .traverse = match_traverse};

static const NativeDef scanner_methods[] = {
    {"match", scanner_match, "($self, /)", "The next match, where the last one ended.", 0},
    {"search", scanner_search, "($self, /)", "The next match after the last one.", 0}, NATIVE_END};
static const GetSetDef scanner_getset[] = {{"pattern", scanner_pattern, NULL, "The pattern."}, GETSET_END};
static const TypeSpec scanner_spec = {
    .name = "_sre.SRE_Scanner", .size = sizeof(Scanner), .flags = TYPE_NO_NEW, .methods = scanner_methods, .getset = scanner_getset,
    .destroy = scanner_destroy, .traverse = scanner_traverse};
static const TypeSpec template_spec = {
    .name = "_sre.SRE_Template", .size = sizeof(Template), .flags = TYPE_NO_NEW, .destroy = template_destroy, .traverse = template_traverse};

static const NativeDef functions[] = {
    {"compile", sre_compile, "($module, /, pattern, flags, code, groups, groupindex, indexgroup)", "A Pattern of compiled code.", 0},
    {"template", template_make, "($module, pattern, template, /)", "A Template of a parsed one.", 0},
    {"getcodesize", getcodesize, "($module, /)", "Bytes of a word of the code.", 0},
    {"ascii_iscased", ascii_iscased, "($module, character, /)", NULL, 0},
    {"unicode_iscased", unicode_iscased, "($module, character, /)", NULL, 0},
    {"ascii_tolower", ascii_tolower, "($module, character, /)", NULL, 0},
    {"unicode_tolower", unicode_tolower, "($module, character, /)", NULL, 0},
    NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    Value re = str_intern_text(t, "re"), own = str_intern_text(t, "_sre");
    if (!value_bits(re) || !value_bits(own)) return -1;
    s->pattern = type_from_spec(t, &pattern_spec, UNDEF, re);
    s->match = s->pattern ? type_from_spec(t, &match_spec, UNDEF, re) : NULL;
    s->scanner = s->match ? type_from_spec(t, &scanner_spec, UNDEF, own) : NULL;
    s->template = s->scanner ? type_from_spec(t, &template_spec, UNDEF, own) : NULL;
    value_release(t, re);
    value_release(t, own);
    if (!s->template) return -1;
    return module_add_int(t, module, "MAGIC", 20230612) < 0 || module_add_int(t, module, "CODESIZE", sizeof(uint32_t)) < 0 ||
                   module_add_int(t, module, "MAXREPEAT", SRE_MAXREPEAT) < 0 || module_add_int(t, module, "MAXGROUPS", SRE_MAXGROUPS) < 0 ||
                   module_add_text(t, module, "copyright", "") < 0
               ? -1
               : 0;
}
static void traverse(void *state, VisitFn visit, void *arg) {
    State *s = state;
    visit((Value *)(void *)&s->pattern, arg);
    visit((Value *)(void *)&s->match, arg);
    visit((Value *)(void *)&s->scanner, arg);
    visit((Value *)(void *)&s->template, arg);
}
const ModuleSpec _sre_module = {
    .name = "_sre", .doc = "The regular expression engine.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
