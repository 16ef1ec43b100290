// _csv: reading and writing of comma-separated values: dialects, the parser's states, quoting.
#include <stdlib.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/support/strsearch.h"
#include "sync/mutex.h"

typedef struct State {
    Value error, dialects, dialect, reader, writer; // class, dict name -> Dialect, types
    _Atomic uint64_t limit;                         // (a) of a field's characters
} State;
enum { QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE, QUOTE_STRINGS, QUOTE_NOTNULL };
#define NOT_SET UINT32_MAX

typedef struct Dialect { // immutable
    Container c;
    uint32_t delimiter, quote, escape; // NOT_SET: none
    Value terminator;                  // str
    int quoting;
    bool double_quote, skip_space, strict;
} Dialect;
static Dialect *as_dialect(ValueRef v) { return (Dialect *)value_object(v); }

static Value csv_error(Thread *t, ValueRef module, Value text_steal) {
    Value e = value_bits(text_steal) ? call_1(t, ((State *)module_state(module))->error, text_steal) : UNDEF;
    value_release(t, text_steal);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
static Value csv_module(Thread *t) {
    Value name = str_intern_text(t, "_csv"), module = value_bits(name) ? dict_get(t, value_dict(t->interp->modules), name) : UNDEF;
    value_release(t, name);
    return value_bits(module) || error_pending(t) ? module : raise(t, RUNTIME_ERROR, "_csv is not imported");
}

// ---- dialects

enum { K_DIALECT, K_DELIMITER, K_DOUBLEQUOTE, K_ESCAPECHAR, K_LINETERMINATOR, K_QUOTECHAR, K_QUOTING, K_SKIPINITIALSPACE, K_STRICT, K_COUNT };
static const char *const keywords[K_COUNT] = {"dialect", "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"};

static int character(Thread *t, const char *name, ValueRef v, bool optional, uint32_t default_, uint32_t *out) {
    *out = default_;
    if (!value_bits(v)) return 0;
    *out = NOT_SET;
    if (optional && is_none(v)) return 0;
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, optional ? "\"%s\" must be a unicode character or None, not %T" : "\"%s\" must be a unicode character, not %T", name, v);
    size_t n = str_length(value_str(v));
    if (n != 1)
        return raise_int(t, TYPE_ERROR, optional ? "\"%s\" must be a unicode character or None, not a string of length %zu" : "\"%s\" must be a unicode character, not a string of length %zu",
                         name, n);
    *out = str_char(value_str(v), 0);
    return 0;
}
static int check_character(Thread *t, const char *name, uint32_t c, const Dialect *d, bool space) {
    if (c == NOT_SET) return 0;
    if (c == '\r' || c == '\n' || (c == ' ' && !space)) return raise_int(t, VALUE_ERROR, "bad %s value", name);
    if (strsearch_char(str_text(value_str(d->terminator)), c) != SEARCH_NONE) return raise_int(t, VALUE_ERROR, "bad %s or lineterminator value", name);
    return 0;
}
static int check_pair(Thread *t, const char *a, const char *b, uint32_t c, uint32_t d) {
    return c != NOT_SET && c == d ? raise_int(t, VALUE_ERROR, "bad %s or %s value", a, b) : 0;
}
static int truth_of(Thread *t, ValueRef v, bool default_, bool *out) {
    *out = default_;
    return value_bits(v) ? arg_bool(t, v, out) : 0;
}
static int dialect_fill(Thread *t, Dialect *d, const ValueRef *v) {
    if (character(t, "delimiter", v[K_DELIMITER], false, ',', &d->delimiter) < 0 || truth_of(t, v[K_DOUBLEQUOTE], true, &d->double_quote) < 0 ||
        character(t, "escapechar", v[K_ESCAPECHAR], true, NOT_SET, &d->escape) < 0)
        return -1;
    Value terminator;
    if (!value_bits(v[K_LINETERMINATOR])) terminator = str_from_text(t, "\r\n");
    else if (value_is_any_str(v[K_LINETERMINATOR])) terminator = str_exact(t, v[K_LINETERMINATOR]);
    else return raise_int(t, TYPE_ERROR, "\"lineterminator\" must be a string, not %T", v[K_LINETERMINATOR]);
    if (!value_bits(terminator)) return -1;
    slot_init(&d->terminator, terminator);
    if (character(t, "quotechar", v[K_QUOTECHAR], true, '"', &d->quote) < 0) return -1;
    d->quoting = QUOTE_MINIMAL;
    if (value_bits(v[K_QUOTING])) {
        if (!value_is_any_int(v[K_QUOTING])) return raise_int(t, TYPE_ERROR, "\"quoting\" must be an integer, not %T", v[K_QUOTING]);
        if (arg_int(t, v[K_QUOTING], &d->quoting) < 0) return -1;
    } else if (value_bits(v[K_QUOTECHAR]) && is_none(v[K_QUOTECHAR])) {
        d->quoting = QUOTE_NONE;
    }
    if (truth_of(t, v[K_SKIPINITIALSPACE], false, &d->skip_space) < 0 || truth_of(t, v[K_STRICT], false, &d->strict) < 0) return -1;
    if (d->quoting < QUOTE_MINIMAL || d->quoting > QUOTE_NOTNULL) return raise_int(t, TYPE_ERROR, "bad \"quoting\" value");
    if (d->delimiter == NOT_SET) return raise_int(t, TYPE_ERROR, "\"delimiter\" must be a 1-character string");
    if (d->quoting != QUOTE_NONE && d->quote == NOT_SET) return raise_int(t, TYPE_ERROR, "quotechar must be set if quoting enabled");
    if (check_character(t, "delimiter", d->delimiter, d, true) < 0 || check_character(t, "escapechar", d->escape, d, !d->skip_space) < 0 ||
        check_character(t, "quotechar", d->quote, d, !d->skip_space) < 0)
        return -1;
    return check_pair(t, "delimiter", "escapechar", d->delimiter, d->escape) < 0 || check_pair(t, "delimiter", "quotechar", d->delimiter, d->quote) < 0 ||
                   check_pair(t, "escapechar", "quotechar", d->escape, d->quote) < 0
               ? -1
               : 0;
}
static Value dialect_named(Thread *t, ValueRef module, ValueRef name) {
    Value d = dict_get(t, value_dict(((State *)module_state(module))->dialects), name);
    return value_bits(d) || error_pending(t) ? d : csv_error(t, module, str_from_text(t, "unknown dialect"));
}
// A Dialect from a name, an object with attributes, and single values (borrowed; UNDEF: not given).
static Value dialect_make(Thread *t, ValueRef module, Type *type, const ValueRef *given) {
    ValueRef v[K_COUNT];
    Value owned[K_COUNT] = {UNDEF};
    bool any = false;
    for (int i = 0; i < K_COUNT; i++) {
        v[i] = given[i];
        any |= i && value_bits(given[i]);
    }
    Value base = UNDEF, result = UNDEF;
    if (!not_given(v[K_DIALECT])) {
        base = value_is_any_str(v[K_DIALECT]) ? dialect_named(t, module, v[K_DIALECT]) : value_dup(t, v[K_DIALECT]);
        if (!value_bits(base)) return UNDEF;
        if (value_type(base) == type && !any) return base;
        for (int i = 1; i < K_COUNT; i++) {
            if (value_bits(v[i])) continue;
            Value name = str_intern_text(t, keywords[i]);
            if (value_bits(name)) owned[i] = object_getattr_or_undef(t, base, name);
            value_release(t, name);
            if (!value_bits(owned[i]) && error_pending(t)) goto done;
            v[i] = owned[i];
        }
    }
    Dialect *d = object_new(t, type);
    if (d && dialect_fill(t, d, v) == 0) result = value_of(d);
    else object_release(t, d);
done:
    for (int i = 1; i < K_COUNT; i++) value_release(t, owned[i]);
    value_release(t, base);
    return result;
}
// Keyword arguments of the format; `values` are those behind the positional ones.
static int format_keywords(Thread *t, const ValueRef *values, Tuple *kwnames, ValueRef *v) {
    for (int64_t i = 0; kwnames && i < kwnames->length; i++) {
        int found = -1;
        for (int k = 0; k < K_COUNT; k++)
            if (str_equal_text(value_str(tuple_item(kwnames, i)), keywords[k])) found = k;
        if (found < 0) return raise_int(t, TYPE_ERROR, "this function got an unexpected keyword argument '%S'", tuple_item(kwnames, i));
        if (value_bits(v[found])) return raise_int(t, TYPE_ERROR, "argument for function given by name ('%s') and position", keywords[found]);
        v[found] = values[i];
    }
    return 0;
}
static Value dialect_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef v[K_COUNT] = {UNDEF};
    if (nargs > K_COUNT) return raise(t, TYPE_ERROR, "Dialect() takes at most %d arguments (%u given)", K_COUNT, nargs);
    for (uint32_t i = 0; i < nargs; i++) v[i] = args[i];
    if (format_keywords(t, args + nargs, kwnames, v) < 0) return UNDEF;
    Value module = csv_module(t);
    if (!value_bits(module)) return UNDEF;
    Value d = dialect_make(t, module, (Type *)value_object(type), v);
    value_release(t, module);
    return d;
}
static Value char_or_none(Thread *t, uint32_t c) { return c == NOT_SET ? NONE : str_from_char(t, c); }
static Value dialect_delimiter(Thread *t, ValueRef self) { return char_or_none(t, as_dialect(self)->delimiter); }
static Value dialect_quotechar(Thread *t, ValueRef self) { return char_or_none(t, as_dialect(self)->quote); }
static Value dialect_escapechar(Thread *t, ValueRef self) { return char_or_none(t, as_dialect(self)->escape); }
static Value dialect_terminator(Thread *t, ValueRef self) { return value_dup(t, as_dialect(self)->terminator); }
static Value dialect_quoting(Thread *t, ValueRef self) { return value_int(as_dialect(self)->quoting); }
NATIVE(dialect_reduce) { return raise(t, TYPE_ERROR, "cannot pickle 'Dialect' instances"); }
static void dialect_destroy(Thread *t, Object *o) { value_release(t, ((Dialect *)o)->terminator); }
static void dialect_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Dialect *)o)->terminator, arg); }
static const NativeDef dialect_methods[] = {
    {"__reduce__", dialect_reduce, "($self, /)", NULL, 0}, {"__reduce_ex__", dialect_reduce, "($self, protocol=0, /)", NULL, 0}, NATIVE_END};
static const GetSetDef dialect_getset[] = {
    {"delimiter", dialect_delimiter, NULL, NULL}, {"escapechar", dialect_escapechar, NULL, NULL}, {"lineterminator", dialect_terminator, NULL, NULL},
    {"quotechar", dialect_quotechar, NULL, NULL}, {"quoting", dialect_quoting, NULL, NULL}, GETSET_END};
static const MemberDef dialect_members[] = {
    {"skipinitialspace", offsetof(Dialect, skip_space), MEMBER_BOOL8, false, NULL}, {"doublequote", offsetof(Dialect, double_quote), MEMBER_BOOL8, false, NULL},
    {"strict", offsetof(Dialect, strict), MEMBER_BOOL8, false, NULL}, MEMBER_END};
static const TypeSpec dialect_spec = {
    .name = "_csv.Dialect", .doc = "How a file of values is written.", .size = sizeof(Dialect), .flags = TYPE_BASE, .ops = {.new = dialect_new},
    .methods = dialect_methods, .getset = dialect_getset, .members = dialect_members, .destroy = dialect_destroy, .traverse = dialect_traverse};

// ---- the reader

enum ReaderState { START_RECORD, START_FIELD, ESCAPED, IN_FIELD, IN_QUOTED, ESCAPED_IN_QUOTED, QUOTE_IN_QUOTED, EAT_NEWLINE, AFTER_ESCAPED_NEWLINE };
#define END_OF_LINE (UINT32_MAX - 1)
typedef struct Reader {
    Container c;
    Value module, dialect, input; // never written after creation
    int64_t line;                 // (lock)
    _Atomic uint8_t lock;         // of a step: another thread waits for the record
    _Atomic uint64_t owner;
} Reader;
typedef struct Parse { // of one record
    Thread *t;
    Reader *r;
    const Dialect *d;
    enum ReaderState state;
    bool unquoted;
    TextBuffer field;
    Value fields;
    uint64_t limit;
} Parse;
static int save_field(Parse *p) {
    Thread *t = p->t;
    Value v;
    size_t n = p->field.length;
    int quoting = p->d->quoting;
    if (p->unquoted && !n && (quoting == QUOTE_NOTNULL || quoting == QUOTE_STRINGS)) {
        v = NONE;
    } else {
        v = n ? str_from_view(t, textbuffer_text(&p->field)) : value_dup(t, NAME(empty));
        if (value_bits(v) && p->unquoted && n && (quoting == QUOTE_NONNUMERIC || quoting == QUOTE_STRINGS)) {
            Value number = float_from_str(t, v);
            value_release(t, v);
            v = number;
        }
    }
    p->field.length = 0;
    p->field.bits = 0;
    return value_bits(v) ? list_append(t, value_list(p->fields), v) : -1;
}
static int add_char(Parse *p, uint32_t c) {
    if (p->field.length >= p->limit) {
        csv_error(p->t, p->r->module, str_of_format(p->t, "field larger than field limit (%lld)", (long long)p->limit));
        return -1;
    }
    textbuffer_put(&p->field, c);
    return p->field.failed ? (raise_no_memory(p->t), -1) : 0;
}
static int end_field(Parse *p, uint32_t c) { // at the end of a line, or what may be one
    if (save_field(p) < 0) return -1;
    p->state = c == END_OF_LINE ? START_RECORD : EAT_NEWLINE;
    return 0;
}
static int step(Parse *p, uint32_t c) {
    const Dialect *d = p->d;
    bool newline = c == '\n' || c == '\r', end = newline || c == END_OF_LINE;
    switch (p->state) {
    case START_RECORD:
        if (c == END_OF_LINE) return 0;
        if (newline) {
            p->state = EAT_NEWLINE;
            return 0;
        }
        p->state = START_FIELD;
        // fall through
    case START_FIELD:
        p->unquoted = true;
        if (end) return end_field(p, c);
        if (c == d->quote && d->quoting != QUOTE_NONE) {
            p->unquoted = false;
            p->state = IN_QUOTED;
        } else if (c == d->escape) {
            p->state = ESCAPED;
        } else if (c == ' ' && d->skip_space) {
        } else if (c == d->delimiter) {
            return save_field(p);
        } else {
            p->state = IN_FIELD;
            return add_char(p, c);
        }
        return 0;
    case ESCAPED:
        p->state = newline ? AFTER_ESCAPED_NEWLINE : IN_FIELD;
        return add_char(p, c == END_OF_LINE ? '\n' : c);
    case AFTER_ESCAPED_NEWLINE:
        if (c == END_OF_LINE) return 0;
        // fall through
    case IN_FIELD:
        if (end) return end_field(p, c);
        if (c == d->escape) {
            p->state = ESCAPED;
        } else if (c == d->delimiter) {
            p->state = START_FIELD;
            return save_field(p);
        } else {
            p->state = IN_FIELD;
            return add_char(p, c);
        }
        return 0;
    case IN_QUOTED:
        if (c == END_OF_LINE) return 0;
        if (c == d->escape) p->state = ESCAPED_IN_QUOTED;
        else if (c == d->quote && d->quoting != QUOTE_NONE) p->state = d->double_quote ? QUOTE_IN_QUOTED : IN_FIELD;
        else return add_char(p, c);
        return 0;
    case ESCAPED_IN_QUOTED:
        p->state = IN_QUOTED;
        return add_char(p, c == END_OF_LINE ? '\n' : c);
    case QUOTE_IN_QUOTED:
        if (d->quoting != QUOTE_NONE && c == d->quote) {
            p->state = IN_QUOTED;
            return add_char(p, c);
        }
        if (c == d->delimiter) {
            p->state = START_FIELD;
            return save_field(p);
        }
        if (end) return end_field(p, c);
        if (!d->strict) {
            p->state = IN_FIELD;
            return add_char(p, c);
        }
        Value a = str_from_char(p->t, d->delimiter), b = str_from_char(p->t, d->quote);
        csv_error(p->t, p->r->module, str_of_format(p->t, "'%S' expected after '%S'", a, b));
        value_release(p->t, a);
        value_release(p->t, b);
        return -1;
    default: // EAT_NEWLINE
        if (newline) return 0;
        if (c == END_OF_LINE) {
            p->state = START_RECORD;
            return 0;
        }
        csv_error(p->t, p->r->module, str_from_text(p->t, "new-line character seen in unquoted field - do you need to open the file with newline=''?"));
        return -1;
    }
}
static Value read_record(Thread *t, Reader *r) {
    Parse p = {.t = t, .r = r, .d = as_dialect(r->dialect), .state = START_RECORD, .limit = atomic_load_relaxed_u64(&((State *)module_state(r->module))->limit)};
    p.fields = list_new(t, 0);
    bool ok = value_bits(p.fields) != 0;
    while (ok) {
        Value line = object_next(t, r->input);
        if (!value_bits(line)) {
            ok = false;
            if (error_pending(t) || (!p.field.length && p.state != IN_QUOTED)) break; // nothing, or an empty record
            if (p.d->strict) csv_error(t, r->module, str_from_text(t, "unexpected end of data"));
            else ok = save_field(&p) == 0;
            break;
        }
        if (!value_is_any_str(line)) {
            csv_error(t, r->module, str_of_format(t, "iterator should return strings, not %T (the file should be opened in text mode)", line));
            value_release(t, line);
            ok = false;
            break;
        }
        r->line++;
        Str *s = value_str(line);
        size_t n = str_length(s);
        for (size_t i = 0; ok && i < n; i++) {
            uint32_t c = str_char(s, i);
            ok = step(&p, c) == 0;
        }
        value_release(t, line);
        if (ok) ok = step(&p, END_OF_LINE) == 0;
        if (p.state == START_RECORD) break;
    }
    textbuffer_free(&p.field);
    if (!ok) VALUE_CLEAR(t, p.fields);
    return p.fields;
}
static Value reader_next(Thread *t, ValueRef self) {
    Reader *r = (Reader *)value_object(self);
    if (atomic_load_relaxed_u64(&r->owner) == (uint64_t)t) return raise(t, RUNTIME_ERROR, "reader is already running");
    byte_lock(&t->core, &r->lock);
    atomic_store_relaxed_u64(&r->owner, (uint64_t)t);
    Value v = read_record(t, r);
    atomic_store_relaxed_u64(&r->owner, 0);
    byte_unlock(&r->lock);
    return v;
}
static void reader_destroy(Thread *t, Object *o) {
    Reader *r = (Reader *)o;
    value_release(t, r->module);
    value_release(t, r->dialect);
    value_release(t, r->input);
}
static void reader_traverse(Object *o, VisitFn visit, void *arg) {
    Reader *r = (Reader *)o;
    visit(&r->module, arg);
    visit(&r->dialect, arg);
    visit(&r->input, arg);
}
static const MemberDef reader_members[] = {
    {"dialect", offsetof(Reader, dialect), MEMBER_VALUE, false, NULL}, {"line_num", offsetof(Reader, line), MEMBER_INT64, false, "Lines read so far."}, MEMBER_END};
static const TypeSpec reader_spec = {
    .name = "_csv.reader", .doc = "Gives the records of lines of text.", .size = sizeof(Reader), .flags = TYPE_NO_NEW, .ops = {.iter = iter_self, .next = reader_next},
    .members = reader_members, .destroy = reader_destroy, .traverse = reader_traverse};

// (first, dialect='excel', **format): the dialect for them.
static Value call_dialect(Thread *t, ValueRef module, const char *function, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef v[K_COUNT] = {UNDEF};
    if (nargs < 1 || nargs > 2) return raise(t, TYPE_ERROR, "%s expected at %s, got %u", function, nargs ? "most 2 arguments" : "least 1 argument", nargs);
    if (nargs > 1) v[K_DIALECT] = args[1];
    if (format_keywords(t, args + nargs, kwnames, v) < 0) return UNDEF;
    return dialect_make(t, module, (Type *)value_object(((State *)module_state(module))->dialect), v);
}
NATIVE(csv_reader) {
    Value input = nargs ? object_iter(t, args[0]) : UNDEF;
    if (nargs && !value_bits(input)) return UNDEF;
    Value dialect = call_dialect(t, self, "reader", args, nargs, kwnames);
    Reader *r = value_bits(dialect) ? object_new(t, (Type *)value_object(((State *)module_state(self))->reader)) : NULL;
    if (!r) {
        value_release(t, input);
        value_release(t, dialect);
        return UNDEF;
    }
    slot_init(&r->module, value_dup(t, self));
    slot_init(&r->dialect, dialect);
    slot_init(&r->input, input);
    return value_of(r);
}

// ---- the writer

typedef struct Writer { // never written after creation
    Container c;
    Value module, dialect, write;
} Writer;
static bool is_number(ValueRef v) {
    if (value_is_int(v) || value_is_float(v)) return true;
    Type *type = value_type(v);
    return type->ops.index || type->ops.to_int || type->ops.to_float || type_is_subtype(type, TYPE_OF(COMPLEX));
}
// Adds a field (UNDEF: empty). 0, -1.
static int add_field(Thread *t, Writer *w, TextBuffer *out, int64_t number, ValueRef text, bool null, bool quoted) {
    const Dialect *d = as_dialect(w->dialect);
    if (number) textbuffer_put(out, d->delimiter);
    Text in = value_bits(text) ? str_text(value_str(text)) : (Text){.width = 1, .data = ""};
    if (!in.length && d->delimiter == ' ' && d->skip_space) {
        if (d->quoting == QUOTE_NONE || (null && (d->quoting == QUOTE_STRINGS || d->quoting == QUOTE_NOTNULL))) {
            csv_error(t, w->module, str_from_text(t, "empty field must be quoted if delimiter is a space and skipinitialspace is true"));
            return -1;
        }
        quoted = true;
    }
    Text terminator = str_text(value_str(d->terminator));
    // Is a quote needed? That stands before the text, so look first.
    bool special_seen = false;
    for (size_t i = 0; i < in.length; i++) {
        uint32_t c = text_at(in, i);
        if (c != d->delimiter && c != d->escape && c != d->quote && c != '\n' && c != '\r' && strsearch_char(terminator, c) == SEARCH_NONE) continue;
        bool escape = d->quoting == QUOTE_NONE || (c == d->quote && !d->double_quote) || (c != d->quote && c == d->escape);
        if (!escape) quoted = true;
        else if (d->escape == NOT_SET) {
            csv_error(t, w->module, str_from_text(t, "need to escape, but no escapechar set"));
            return -1;
        }
        special_seen = true;
    }
    if (quoted) textbuffer_put(out, d->quote);
    if (!special_seen) {
        textbuffer_put_text(out, in);
    } else {
        for (size_t i = 0; i < in.length; i++) {
            uint32_t c = text_at(in, i);
            if (c == d->delimiter || c == d->escape || c == d->quote || c == '\n' || c == '\r' || strsearch_char(terminator, c) != SEARCH_NONE) {
                if (d->quoting == QUOTE_NONE || (c == d->quote && !d->double_quote) || (c != d->quote && c == d->escape)) textbuffer_put(out, d->escape);
                else if (c == d->quote) textbuffer_put(out, d->quote);
            }
            textbuffer_put(out, c);
        }
    }
    if (quoted) textbuffer_put(out, d->quote);
    return out->failed ? (raise_no_memory(t), -1) : 0;
}
NATIVE(writer_writerow) {
    Writer *w = (Writer *)value_object(self);
    const Dialect *d = as_dialect(w->dialect);
    Value iterator = object_iter(t, args[0]), field;
    if (!value_bits(iterator)) {
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return UNDEF;
        error_clear(t);
        return csv_error(t, w->module, str_of_format(t, "iterable expected, not %T", args[0]));
    }
    TextBuffer out = {0};
    int64_t n = 0;
    bool null = false;
    int status = 0;
    while (status == 0 && value_bits(field = object_next(t, iterator))) {
        bool quoted = d->quoting == QUOTE_ALL || (d->quoting == QUOTE_NONNUMERIC && !is_number(field)) || (d->quoting == QUOTE_STRINGS && value_is_any_str(field)) ||
                      (d->quoting == QUOTE_NOTNULL && !is_none(field));
        null = is_none(field);
        Value text = value_is_any_str(field) ? value_dup(t, field) : null ? UNDEF : object_str(t, field);
        value_release(t, field);
        status = !null && !value_bits(text) ? -1 : add_field(t, w, &out, n, text, null, quoted);
        value_release(t, text);
        n++;
    }
    value_release(t, iterator);
    if (error_pending(t)) status = -1;
    if (status == 0 && n > 0 && out.length == 0) {
        if (d->quoting == QUOTE_NONE || (null && (d->quoting == QUOTE_STRINGS || d->quoting == QUOTE_NOTNULL))) {
            csv_error(t, w->module, str_from_text(t, "single empty field record must be quoted"));
            status = -1;
        } else {
            status = add_field(t, w, &out, 0, UNDEF, false, true);
        }
    }
    Value line = UNDEF, result = UNDEF;
    if (status == 0) {
        textbuffer_put_text(&out, str_text(value_str(d->terminator)));
        if (out.failed) raise_no_memory(t);
        else line = out.length ? str_from_view(t, textbuffer_text(&out)) : value_dup(t, NAME(empty));
    }
    textbuffer_free(&out);
    if (value_bits(line)) result = call_1(t, w->write, line);
    value_release(t, line);
    return result;
}
NATIVE(writer_writerows) {
    Value iterator = object_iter(t, args[0]), row;
    if (!value_bits(iterator)) return UNDEF;
    while (value_bits(row = object_next(t, iterator))) {
        ValueRef given[1] = {row};
        Value v = writer_writerow(t, self, given, 1, NULL);
        value_release(t, row);
        if (!value_bits(v)) break;
        value_release(t, v);
    }
    value_release(t, iterator);
    return error_pending(t) ? UNDEF : NONE;
}
static void writer_destroy(Thread *t, Object *o) {
    Writer *w = (Writer *)o;
    value_release(t, w->module);
    value_release(t, w->dialect);
    value_release(t, w->write);
}
static void writer_traverse(Object *o, VisitFn visit, void *arg) {
    Writer *w = (Writer *)o;
    visit(&w->module, arg);
    visit(&w->dialect, arg);
    visit(&w->write, arg);
}
static const NativeDef writer_methods[] = {
    {"writerow", writer_writerow, "($self, row, /)", "Writes one record.", 0}, {"writerows", writer_writerows, "($self, rows, /)", "Writes records.", 0}, NATIVE_END};
static const MemberDef writer_members[] = {{"dialect", offsetof(Writer, dialect), MEMBER_VALUE, false, NULL}, MEMBER_END};
static const TypeSpec writer_spec = {.name = "_csv.writer", .doc = "Writes records.", .size = sizeof(Writer), .flags = TYPE_NO_NEW, .methods = writer_methods,
                                     .members = writer_members, .destroy = writer_destroy, .traverse = writer_traverse};
NATIVE(csv_writer) {
    Value dialect = call_dialect(t, self, "writer", args, nargs, kwnames);
    if (!value_bits(dialect)) return UNDEF;
    Value write = object_getattr_or_undef(t, args[0], NAME(write));
    if (!value_bits(write) || !value_type(write)->ops.call) {
        value_release(t, dialect);
        value_release(t, write);
        return error_pending(t) ? UNDEF : raise(t, TYPE_ERROR, "argument 1 must have a \"write\" method");
    }
    Writer *w = object_new(t, (Type *)value_object(((State *)module_state(self))->writer));
    if (!w) {
        value_release(t, dialect);
        value_release(t, write);
        return UNDEF;
    }
    slot_init(&w->module, value_dup(t, self));
    slot_init(&w->dialect, dialect);
    slot_init(&w->write, write);
    return value_of(w);
}

// ---- the module

NATIVE(csv_list_dialects) { return dict_keys_list(t, value_dict(((State *)module_state(self))->dialects)); }
NATIVE(csv_register_dialect) {
    if (nargs && !value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "dialect name must be a string");
    Value d = call_dialect(t, self, "register_dialect", args, nargs, kwnames);
    if (!value_bits(d)) return UNDEF;
    int status = dict_set(t, value_dict(((State *)module_state(self))->dialects), args[0], d);
    value_release(t, d);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(csv_unregister_dialect) {
    Value d = dict_pop(t, value_dict(((State *)module_state(self))->dialects), args[0]);
    if (!value_bits(d)) return error_pending(t) ? UNDEF : csv_error(t, self, str_from_text(t, "unknown dialect"));
    value_release(t, d);
    return NONE;
}
NATIVE(csv_get_dialect) { return dialect_named(t, self, args[0]); }
NATIVE(csv_field_size_limit) {
    State *s = module_state(self);
    uint64_t old = atomic_load_relaxed_u64(&s->limit);
    if (value_bits(args[0])) {
        int64_t n;
        if (!value_is_any_int(args[0])) return raise(t, TYPE_ERROR, "limit must be an integer");
        if (arg_int64(t, args[0], &n) < 0) return UNDEF;
        old = atomic_swap_acq_rel_u64(&s->limit, n < 0 ? 0 : (uint64_t)n);
    }
    return int_from_uint64(t, old);
}
static const NativeDef functions[] = {
    {"reader", csv_reader, "($module, iterable, /, dialect='excel', **fmtparams)", "An iterator over the records of lines.", NATIVE_RAW},
    {"writer", csv_writer, "($module, fileobj, /, dialect='excel', **fmtparams)", "A writer of records.", NATIVE_RAW},
    {"list_dialects", csv_list_dialects, "($module, /)", "Names of the known dialects.", 0},
    {"register_dialect", csv_register_dialect, "($module, name, /, dialect='excel', **fmtparams)", "Gives a dialect a name.", NATIVE_RAW},
    {"unregister_dialect", csv_unregister_dialect, "($module, /, name)", "Forgets a dialect.", 0},
    {"get_dialect", csv_get_dialect, "($module, /, name)", "The dialect of a name.", 0},
    {"field_size_limit", csv_field_size_limit, "($module, /, new_limit=<unrepresentable>)", "The longest field that is read.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    static const char *const quotings[] = {"QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC", "QUOTE_NONE", "QUOTE_STRINGS", "QUOTE_NOTNULL"};
    State *s = module_state(module);
    atomic_store_relaxed_u64(&s->limit, 128 * 1024);
    for (int i = 0; i < 6; i++)
        if (module_add_int(t, module, quotings[i], i) < 0) return -1;
    Value dialects = dict_new(t);
    if (!value_bits(dialects)) return -1;
    slot_store(t, value_object(module), &s->dialects, value_dup(t, dialects));
    if (module_add(t, module, "_dialects", dialects) < 0 || module_export_type(t, module, &s->dialect, &dialect_spec) < 0) return -1;
    Type *reader = module_type(t, module, &s->reader, &reader_spec), *writer = reader ? module_type(t, module, &s->writer, &writer_spec) : NULL;
    if (!writer || module_add(t, module, "Reader", value_dup(t, value_of(reader))) < 0 || module_add(t, module, "Writer", value_dup(t, value_of(writer))) < 0) return -1;
    Value base = value_of(EXCEPTION(EXCEPTION)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), name = str_intern_text(t, "Error");
    Value own = str_intern_text(t, "_csv"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    value_release(t, own);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), &s->error, value_dup(t, type));
    return module_add(t, module, "Error", type);
}
static void traverse(void *state, VisitFn visit, void *arg) {
    State *s = state;
    Value *slots[] = {&s->error, &s->dialects, &s->dialect, &s->reader, &s->writer};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) visit(slots[i], arg);
}
const ModuleSpec _csv_module = {
    .name = "_csv", .doc = "Comma-separated values.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
