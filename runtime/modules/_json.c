// _json: what the module json reads and writes text with. RFC 8259; library reference, "json".
//
// Texts, and the exact tuples and numbers in what is written, never change; lists and dicts may, by what the program does when it is
// called (hooks, default(), encoders) and by other threads: their items are taken one by one, as counted references.
#include <math.h>
#include <stdio.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/container.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"

typedef struct State { Value scanner, encoder; } State; // the two types

// ---- errors

static Value decode_error(Thread *t, const char *message, ValueRef document, size_t at) {
    Value name = str_intern_text(t, "json.decoder"), module = UNDEF, class = UNDEF, error = UNDEF, text = UNDEF;
    if (value_bits(name)) module = dict_get(t, value_dict(t->interp->modules), name);
    if (!value_bits(module) && value_bits(name) && !error_pending(t)) { // not imported yet: as a part of the package
        Value import = container_builtin(t, "__import__"), package = value_bits(import) ? call_1(t, import, name) : UNDEF;
        value_release(t, package);
        value_release(t, import);
        if (!error_pending(t)) module = dict_get(t, value_dict(t->interp->modules), name);
    }
    value_release(t, name);
    name = str_intern_text(t, "JSONDecodeError");
    if (value_bits(module) && value_bits(name)) class = object_getattr(t, module, name);
    if (value_bits(class)) text = str_from_text(t, message);
    if (value_bits(text)) error = call_3(t, class, text, document, value_int((int64_t)at));
    value_release(t, name);
    value_release(t, module);
    value_release(t, class);
    value_release(t, text);
    return value_bits(error) ? raise_object(t, error) : UNDEF;
}
static Value no_value(Thread *t, size_t at) { return raise_stop_iteration(t, value_int((int64_t)at)); } // "Expecting value" there

// ---- strings that are read

static int hex_digit(uint32_t c) {
    if (c >= '0' && c <= '9') return (int)c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}
// Four digits at `at`; -1 where they are not there.
static int hex_four(const Str *s, size_t at) {
    int value = 0;
    if (at + 4 > str_length(s)) return -1;
    for (size_t i = at; i < at + 4; i++) {
        int digit = hex_digit(str_char(s, i));
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}
// The string whose text begins at `begin`, behind its quote; *end is the place behind its other quote.
static Value read_string(Thread *t, ValueRef document, size_t begin, bool strict, size_t *end) {
    const Str *s = value_str(document);
    size_t n = str_length(s), at = begin, from = begin;
    bool building = false;
    StrBuilder b;
    Value result = UNDEF;
    for (;;) {
        uint32_t c = 0;
        if (str_kind(s) == 1) {
            const uint8_t *p = str_data(s);
            while (at < n && (c = p[at]) != '"' && c != '\\' && (c >= 0x20 || !strict)) at++;
        } else {
            while (at < n && (c = str_char(s, at)) != '"' && c != '\\' && (c >= 0x20 || !strict)) at++;
        }
        if (at >= n) {
            decode_error(t, "Unterminated string starting at", document, begin - 1);
            break;
        }
        if (c == '"') {
            *end = at + 1;
            if (!building) return str_substring(t, s, from, at);
            str_builder_slice(&b, s, from, at);
            return str_builder_finish(&b);
        }
        if (c != '\\') {
            decode_error(t, "Invalid control character at", document, at);
            break;
        }
        if (!building) {
            str_builder_init(&b, t);
            building = true;
        }
        str_builder_slice(&b, s, from, at);
        size_t escape = at++;
        if (at >= n) {
            decode_error(t, "Unterminated string starting at", document, begin - 1);
            break;
        }
        c = str_char(s, at++);
        switch (c) {
        case '"': case '\\': case '/': break;
        case 'b': c = '\b'; break;
        case 'f': c = '\f'; break;
        case 'n': c = '\n'; break;
        case 'r': c = '\r'; break;
        case 't': c = '\t'; break;
        case 'u': {
            int unit = hex_four(s, at);
            if (unit < 0) {
                decode_error(t, "Invalid \\uXXXX escape", document, escape + 1);
                goto failed;
            }
            c = (uint32_t)unit;
            at += 4;
            if (c >= 0xd800 && c < 0xdc00 && at + 6 <= n && str_char(s, at) == '\\' && str_char(s, at + 1) == 'u') {
                int second = hex_four(s, at + 2);
                if (second >= 0xdc00 && second < 0xe000) {
                    c = 0x10000 + ((c - 0xd800) << 10 | ((uint32_t)second - 0xdc00));
                    at += 6;
                }
            }
            break;
        }
        default:
            decode_error(t, "Invalid \\escape", document, escape);
            goto failed;
        }
        str_builder_char(&b, c);
        from = at;
    }
failed:
    if (building) str_builder_abandon(&b);
    return result;
}
NATIVE(json_scanstring) {
    int64_t end;
    bool strict = true;
    size_t behind = 0;
    if (arg_index(t, args[1], &end) < 0 || (value_bits(args[2]) && arg_bool(t, args[2], &strict) < 0)) return UNDEF;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "first argument must be a string, not %T", args[0]);
    if (end < 0 || (uint64_t)end > str_length(value_str(args[0]))) return raise(t, VALUE_ERROR, "end is out of bounds");
    Value text = read_string(t, args[0], (size_t)end, strict, &behind);
    return value_bits(text) ? container_tuple_2(t, text, value_int((int64_t)behind)) : UNDEF;
}

// ---- the scanner

typedef struct Scanner { // never written after creation
    Container c;
    Value object_hook, object_pairs_hook, parse_float, parse_int, parse_constant;
    bool strict;
} Scanner;
static Scanner *as_scanner(ValueRef v) { return (Scanner *)value_object(v); }

typedef struct Scan { // one reading of a document
    Thread *t;
    const Scanner *scanner;
    ValueRef document;
    const Str *s;
    size_t n;
    Value memo; // dict of keys seen, so that equal ones are one object
} Scan;
static Value scan_value(Scan *scan, size_t at, size_t *end);

static size_t skip_blanks(const Scan *scan, size_t at) {
    for (; at < scan->n; at++) {
        uint32_t c = str_char(scan->s, at);
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') break;
    }
    return at;
}
static uint32_t char_at(const Scan *scan, size_t at) { return at < scan->n ? str_char(scan->s, at) : 0; }
static bool is_at(const Scan *scan, size_t at, const char *word) {
    size_t length = strlen(word);
    if (at + length > scan->n) return false;
    for (size_t i = 0; i < length; i++)
        if (str_char(scan->s, at + i) != (uint8_t)word[i]) return false;
    return true;
}

static Value scan_object(Scan *scan, size_t at, size_t *end) { // behind the brace
    Thread *t = scan->t;
    bool pairs = !is_none(scan->scanner->object_pairs_hook);
    Value result = pairs ? list_new(t, 0) : dict_new(t);
    if (!value_bits(result)) return UNDEF;
    at = skip_blanks(scan, at);
    if (char_at(scan, at) != '}' || at >= scan->n) {
        for (;;) {
            if (char_at(scan, at) != '"') {
                decode_error(t, "Expecting property name enclosed in double quotes", scan->document, at);
                goto failed;
            }
            Value read = read_string(t, scan->document, at + 1, scan->scanner->strict, &at);
            if (!value_bits(read)) goto failed;
            Value key = dict_setdefault(t, value_dict(scan->memo), read, read);
            value_release(t, read);
            if (!value_bits(key)) goto failed;
            at = skip_blanks(scan, at);
            if (char_at(scan, at) != ':') {
                value_release(t, key);
                decode_error(t, "Expecting ':' delimiter", scan->document, at);
                goto failed;
            }
            Value v = scan_value(scan, skip_blanks(scan, at + 1), &at);
            int added = -1;
            if (!value_bits(v)) {
                value_release(t, key);
            } else if (pairs) {
                Value pair = container_tuple_2(t, key, v);
                added = value_bits(pair) ? list_append(t, value_list(result), pair) : -1;
            } else {
                added = dict_set(t, value_dict(result), key, v);
                value_release(t, key);
                value_release(t, v);
            }
            if (added < 0) goto failed;
            at = skip_blanks(scan, at);
            if (char_at(scan, at) == '}') break;
            if (char_at(scan, at) != ',') {
                decode_error(t, "Expecting ',' delimiter", scan->document, at);
                goto failed;
            }
            size_t comma = at;
            at = skip_blanks(scan, at + 1);
            if (char_at(scan, at) == '}') {
                decode_error(t, "Illegal trailing comma before end of object", scan->document, comma);
                goto failed;
            }
        }
    }
    *end = at + 1;
    ValueRef hook = pairs ? scan->scanner->object_pairs_hook : scan->scanner->object_hook;
    if (!is_none(hook)) {
        Value made = call_1(t, hook, result);
        value_release(t, result);
        return made;
    }
    return result;
failed:
    value_release(t, result);
    return UNDEF;
}
static Value scan_array(Scan *scan, size_t at, size_t *end) { // behind the bracket
    Thread *t = scan->t;
    Value list = list_new(t, 0);
    if (!value_bits(list)) return UNDEF;
    at = skip_blanks(scan, at);
    if (char_at(scan, at) != ']') {
        for (;;) {
            Value v = scan_value(scan, at, &at);
            if (!value_bits(v) || list_append(t, value_list(list), v) < 0) goto failed;
            at = skip_blanks(scan, at);
            if (char_at(scan, at) == ']') break;
            if (char_at(scan, at) != ',') {
                decode_error(t, "Expecting ',' delimiter", scan->document, at);
                goto failed;
            }
            size_t comma = at;
            at = skip_blanks(scan, at + 1);
            if (char_at(scan, at) == ']') {
                decode_error(t, "Illegal trailing comma before end of array", scan->document, comma);
                goto failed;
            }
        }
    }
    *end = at + 1;
    return list;
failed:
    value_release(t, list);
    return UNDEF;
}
static Value scan_constant(Scan *scan, const char *word, size_t at, size_t *end) {
    Thread *t = scan->t;
    Value text = str_intern_text(t, word), made = value_bits(text) ? call_1(t, scan->scanner->parse_constant, text) : UNDEF;
    value_release(t, text);
    *end = at + strlen(word);
    return made;
}
static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static Value scan_number(Scan *scan, size_t at, size_t *end) {
    Thread *t = scan->t;
    size_t from = at, p = at;
    bool negative = char_at(scan, p) == '-', whole = true;
    if (negative) p++;
    if (char_at(scan, p) == '0') p++;
    else if (is_digit(char_at(scan, p)))
        while (is_digit(char_at(scan, p))) p++;
    else return no_value(t, from);
    if (char_at(scan, p) == '.' && is_digit(char_at(scan, p + 1))) {
        whole = false;
        for (p++; is_digit(char_at(scan, p));) p++;
    }
    if ((char_at(scan, p) | 0x20) == 'e') {
        size_t q = p + 1;
        if (char_at(scan, q) == '+' || char_at(scan, q) == '-') q++;
        if (is_digit(char_at(scan, q))) {
            whole = false;
            while (is_digit(char_at(scan, q))) q++;
            p = q;
        }
    }
    *end = p;
    ValueRef parse = whole ? scan->scanner->parse_int : scan->scanner->parse_float;
    if (whole && value_object(parse) == (Object *)TYPE_OF(INT) && p - from <= 18) {
        int64_t value = 0;
        for (size_t i = from + negative; i < p; i++) value = value * 10 + (int64_t)(str_char(scan->s, i) - '0');
        return value_int(negative ? -value : value);
    }
    Value text = str_substring(t, scan->s, from, p);
    if (!value_bits(text)) return UNDEF;
    Value made = !whole && value_object(parse) == (Object *)TYPE_OF(FLOAT) ? float_from_str(t, text) : call_1(t, parse, text);
    value_release(t, text);
    return made;
}
static Value scan_value(Scan *scan, size_t at, size_t *end) {
    Thread *t = scan->t;
    if (at >= scan->n) return no_value(t, at);
    Value v;
    switch (str_char(scan->s, at)) {
    case '"': return read_string(t, scan->document, at + 1, scan->scanner->strict, end);
    case '{':
        if (native_stack_exhausted(t, " while decoding a JSON object from a unicode string")) return UNDEF;
        v = scan_object(scan, at + 1, end);
        break;
    case '[':
        if (native_stack_exhausted(t, " while decoding a JSON array from a unicode string")) return UNDEF;
        v = scan_array(scan, at + 1, end);
        break;
    case 'n':
        if (!is_at(scan, at, "null")) return no_value(t, at);
        *end = at + 4;
        return NONE;
    case 't':
        if (!is_at(scan, at, "true")) return no_value(t, at);
        *end = at + 4;
        return TRUE_VALUE;
    case 'f':
        if (!is_at(scan, at, "false")) return no_value(t, at);
        *end = at + 5;
        return FALSE_VALUE;
    case 'N': return is_at(scan, at, "NaN") ? scan_constant(scan, "NaN", at, end) : no_value(t, at);
    case 'I': return is_at(scan, at, "Infinity") ? scan_constant(scan, "Infinity", at, end) : no_value(t, at);
    case '-':
        if (is_at(scan, at, "-Infinity")) return scan_constant(scan, "-Infinity", at, end);
        return scan_number(scan, at, end);
    default: return scan_number(scan, at, end);
    }
    if (value_bits(v) && poll_pending(&t->core) && poll_slow(&t->core) < 0) VALUE_CLEAR(t, v);
    return v;
}
static Value scanner_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    int64_t at;
    size_t end = 0;
    if (args_bind(t, "scan_once", "(string, idx)", args, nargs, kwnames, given) < 0 || arg_index(t, given[1], &at) < 0) return UNDEF;
    if (!value_is_any_str(given[0])) return raise(t, TYPE_ERROR, "first argument must be a string, not %T", given[0]);
    if (at < 0) return raise(t, VALUE_ERROR, "idx cannot be negative");
    Scan scan = {t, as_scanner(self), given[0], value_str(given[0]), str_length(value_str(given[0])), dict_new(t)};
    if (!value_bits(scan.memo)) return UNDEF;
    Value v = scan_value(&scan, (size_t)at, &end);
    value_release(t, scan.memo);
    return value_bits(v) ? container_tuple_2(t, v, int_from_int64(t, (int64_t)end)) : UNDEF;
}
static Value scanner_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    static const char *const names[] = {"object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant", "strict"};
    ValueRef context;
    Value found[6] = {UNDEF};
    if (args_bind(t, "make_scanner", "(context)", args, nargs, kwnames, &context) < 0) return UNDEF;
    static const int order[] = {5, 0, 1, 2, 3, 4};
    bool failed = false, strict = false;
    for (int k = 0; k < 6 && !failed; k++) {
        Value name = str_intern_text(t, names[order[k]]);
        if (value_bits(name)) found[order[k]] = object_getattr(t, context, name);
        value_release(t, name);
        failed = !value_bits(found[order[k]]);
    }
    if (!failed) failed = arg_bool(t, found[5], &strict) < 0;
    Scanner *s = failed ? NULL : object_new(t, (Type *)value_object(type));
    value_release(t, found[5]);
    if (!s) {
        for (int i = 0; i < 5; i++) value_release(t, found[i]);
        return UNDEF;
    }
    slot_init(&s->object_hook, found[0]);
    slot_init(&s->object_pairs_hook, found[1]);
    slot_init(&s->parse_float, found[2]);
    slot_init(&s->parse_int, found[3]);
    slot_init(&s->parse_constant, found[4]);
    s->strict = strict;
    return value_of(s);
}
static void scanner_traverse(Object *o, VisitFn visit, void *arg) {
    Scanner *s = (Scanner *)o;
    visit(&s->object_hook, arg);
    visit(&s->object_pairs_hook, arg);
    visit(&s->parse_float, arg);
    visit(&s->parse_int, arg);
    visit(&s->parse_constant, arg);
}
static void release_slot(Value *slot, void *t) { VALUE_CLEAR((Thread *)t, *slot); }
static void scanner_destroy(Thread *t, Object *o) { scanner_traverse(o, release_slot, t); }
static const MemberDef scanner_members[] = {
    {"strict", offsetof(Scanner, strict), MEMBER_BOOL8, false, "strict"}, {"object_hook", offsetof(Scanner, object_hook), MEMBER_VALUE, false, "object_hook"},
    {"object_pairs_hook", offsetof(Scanner, object_pairs_hook), MEMBER_VALUE, false, NULL}, {"parse_float", offsetof(Scanner, parse_float), MEMBER_VALUE, false, "parse_float"},
    {"parse_int", offsetof(Scanner, parse_int), MEMBER_VALUE, false, "parse_int"}, {"parse_constant", offsetof(Scanner, parse_constant), MEMBER_VALUE, false, "parse_constant"},
    MEMBER_END};
static const TypeSpec scanner_spec = {
    .name = "_json.Scanner", .doc = "Reads one JSON value at a place in a text.", .size = sizeof(Scanner), .flags = TYPE_BASE,
    .ops = {.call = scanner_call, .new = scanner_new}, .members = scanner_members, .destroy = scanner_destroy, .traverse = scanner_traverse};

// ---- strings that are written

static const char *short_escape(uint32_t c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}
static void put_escape(StrBuilder *b, uint32_t c) {
    char text[8] = "\\u";
    for (int i = 0; i < 4; i++) text[2 + i] = "0123456789abcdef"[c >> (12 - 4 * i) & 15];
    str_builder_text(b, text, 6);
}
static void write_string(StrBuilder *b, const Str *s, bool ascii) {
    size_t n = str_length(s), from = 0;
    str_builder_char(b, '"');
    for (size_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        if (c >= 0x20 && c != '"' && c != '\\' && (c < 0x7f || !ascii)) continue;
        str_builder_slice(b, s, from, i);
        from = i + 1;
        const char *short_form = short_escape(c);
        if (short_form) {
            str_builder_text(b, short_form, 2);
        } else if (c < 0x10000) {
            put_escape(b, c);
        } else {
            put_escape(b, 0xd800 | (c - 0x10000) >> 10);
            put_escape(b, 0xdc00 | ((c - 0x10000) & 0x3ff));
        }
    }
    str_builder_slice(b, s, from, n);
    str_builder_char(b, '"');
}
static Value encoded_string(Thread *t, ValueRef v, bool ascii) {
    if (!value_is_any_str(v)) return raise(t, TYPE_ERROR, "first argument must be a string, not %T", v);
    StrBuilder b;
    str_builder_init(&b, t);
    write_string(&b, value_str(v), ascii);
    return str_builder_finish(&b);
}
NATIVE(json_encode_basestring) { return encoded_string(t, args[0], false); }
NATIVE(json_encode_basestring_ascii) { return encoded_string(t, args[0], true); }

// ---- the encoder

typedef struct Encoder { // never written after creation
    Container c;
    Value markers, default_, encoder, indent, key_separator, item_separator;
    bool sort_keys, skip_keys, allow_nan;
    uint8_t own; // the encoder is one of the functions here: 1 ASCII, 2 not; 0: something else
} Encoder;
static Encoder *as_encoder(ValueRef v) { return (Encoder *)value_object(v); }
typedef struct Write {
    Thread *t;
    const Encoder *e;
    StrBuilder b;
} Write;
static int write_value(Write *w, ValueRef v, int64_t level);

static void write_text(Write *w, const char *text) { str_builder_text(&w->b, text, strlen(text)); }
static int write_owned(Write *w, Value text_steal) { // UNDEF: an exception is pending
    if (!value_bits(text_steal)) return -1;
    str_builder_str(&w->b, value_str(text_steal));
    value_release(w->t, text_steal);
    return 0;
}
static int write_str(Write *w, ValueRef v) {
    Thread *t = w->t;
    if (w->e->own) {
        write_string(&w->b, value_str(v), w->e->own == 1);
        return 0;
    }
    Value text = call_1(t, w->e->encoder, v);
    if (value_bits(text) && !value_is_any_str(text)) {
        raise(t, TYPE_ERROR, "encoder() must return a string, not %T", (ValueRef)text);
        VALUE_CLEAR(t, text);
    }
    return write_owned(w, text);
}
// The text of an int or a float as JSON has it; their own, whatever a subclass says. UNDEF with an exception.
static Value number_text(Thread *t, const Encoder *e, ValueRef v) {
    if (value_is_any_int(v)) return int_to_str(t, v, 10, false);
    double x = float_value(v);
    if (isfinite(x)) return float_repr(t, x);
    if (!e->allow_nan) return raise(t, VALUE_ERROR, "Out of range float values are not JSON compliant: %R", v);
    return str_from_text(t, isnan(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity");
}
static const char *constant_text(ValueRef v) {
    return is_none(v) ? "null" : value_bits(v) == value_bits(TRUE_VALUE) ? "true" : value_bits(v) == value_bits(FALSE_VALUE) ? "false" : NULL;
}
static void write_line(Write *w, int64_t level) { // where there is an indentation
    if (is_none(w->e->indent)) return;
    const Str *indent = value_str(w->e->indent);
    size_t n = str_length(indent);
    char line[128] = "\n";
    if (str_is_ascii(indent) && n < sizeof line && (size_t)level < (sizeof line - 1) / (n ? n : 1)) { // most lines, in one piece
        for (int64_t i = 0; i < level; i++) memcpy(line + 1 + (size_t)i * n, str_data(indent), n);
        str_builder_text(&w->b, line, 1 + (size_t)level * n);
        return;
    }
    str_builder_char(&w->b, '\n');
    for (int64_t i = 0; i < level; i++) str_builder_str(&w->b, indent);
}
// Adds a note to the pending exception: where in what was to be written it happened.
static int note(Thread *t, Value text) {
    Value e = error_take(t), done = value_bits(text) ? call_method_1(t, e, NAME(add_note), text) : UNDEF;
    value_release(t, done);
    value_release(t, text);
    if (error_pending(t)) error_clear(t);
    error_restore(t, e);
    return -1;
}

// What is being written is marked, so that a circle is seen. *key (owned) unmarks it; UNDEF: nothing is marked.
static int mark(Write *w, ValueRef v, Value *key) {
    Thread *t = w->t;
    *key = UNDEF;
    if (is_none(w->e->markers)) return 0;
    Value id = object_id(t, v);
    if (!value_bits(id)) return -1;
    int there = dict_contains(t, value_dict(w->e->markers), id);
    if (there > 0) raise(t, VALUE_ERROR, "Circular reference detected");
    if (there || dict_set(t, value_dict(w->e->markers), id, v) < 0) {
        value_release(t, id);
        return -1;
    }
    *key = id;
    return 0;
}
static int unmark(Write *w, Value key, int result) {
    Thread *t = w->t;
    if (!value_bits(key)) return result;
    if (result == 0) {
        result = dict_delete(t, value_dict(w->e->markers), key);
    } else { // an encoder that failed is done with; the next one begins anew
        Value e = error_take(t);
        if (dict_delete(t, value_dict(w->e->markers), key) < 0) error_clear(t);
        error_restore(t, e);
    }
    value_release(t, key);
    return result;
}

static int write_sequence(Write *w, ValueRef v, int64_t level) {
    Thread *t = w->t;
    bool list = value_is_any_list(v);
    if ((list ? list_length(value_list(v)) : value_tuple(v)->length) == 0) {
        write_text(w, "[]");
        return 0;
    }
    Value key;
    if (mark(w, v, &key) < 0) return -1;
    int result = 0;
    str_builder_char(&w->b, '[');
    for (int64_t i = 0; result == 0; i++) {
        Value item = list ? list_get(t, value_list(v), i) : i < value_tuple(v)->length ? value_dup(t, tuple_item(value_tuple(v), i)) : UNDEF;
        if (!value_bits(item)) break;
        if (i) str_builder_str(&w->b, value_str(w->e->item_separator));
        write_line(w, level + 1);
        result = write_value(w, item, level + 1);
        value_release(t, item);
        if (result < 0) note(t, str_of_format(t, "when serializing %T item %lld", v, (long long)i));
    }
    if (result == 0) {
        write_line(w, level);
        str_builder_char(&w->b, ']');
    }
    return unmark(w, key, result);
}

// 1: written, 0: left out, -1.
static int write_member(Write *w, ValueRef dict, ValueRef name, ValueRef v, bool first, int64_t level) {
    Thread *t = w->t;
    Value text = UNDEF;
    if (value_is_any_str(name)) {
        text = value_dup(t, name);
    } else if (constant_text(name)) {
        text = str_intern_text(t, constant_text(name));
    } else if (value_is_any_int(name) || value_is_any_float(name)) {
        text = number_text(t, w->e, name);
    } else if (w->e->skip_keys) {
        return 0;
    } else {
        return raise_int(t, TYPE_ERROR, "keys must be str, int, float, bool or None, not %T", name);
    }
    if (!value_bits(text)) return -1;
    if (!first) str_builder_str(&w->b, value_str(w->e->item_separator));
    write_line(w, level);
    int result = write_str(w, text);
    value_release(t, text);
    if (result < 0) return -1;
    str_builder_str(&w->b, value_str(w->e->key_separator));
    if (write_value(w, v, level) < 0) return note(t, str_of_format(t, "when serializing %T item %R", dict, name));
    return 1;
}
static int write_dict(Write *w, ValueRef v, int64_t level) {
    Thread *t = w->t;
    if (dict_length(value_dict(v)) == 0) {
        write_text(w, "{}");
        return 0;
    }
    Value key, items = UNDEF, name, member;
    if (mark(w, v, &key) < 0) return -1;
    str_builder_char(&w->b, '{');
    bool first = true, plain = value_is(v, DICT) && !w->e->sort_keys;
    int result = 0;
    if (!plain) {
        Value given = call_method_0(t, v, NAME(items));
        items = value_bits(given) ? list_from_iterable(t, given) : UNDEF;
        value_release(t, given);
        if (!value_bits(items) || (w->e->sort_keys && list_sort(t, value_list(items), NONE, false) < 0)) result = -1;
    }
    int64_t position = 0;
    for (int64_t i = 0; result >= 0; i++) {
        if (plain) {
            if (!dict_next(t, value_dict(v), &position, &name, &member)) break;
        } else {
            Value pair = list_get(t, value_list(items), i);
            if (!value_bits(pair)) break;
            if (!value_is_any_tuple(pair) || value_tuple(pair)->length != 2) {
                value_release(t, pair);
                result = raise_int(t, VALUE_ERROR, "items must return 2-tuples");
                break;
            }
            name = value_dup(t, tuple_item(value_tuple(pair), 0));
            member = value_dup(t, tuple_item(value_tuple(pair), 1));
            value_release(t, pair);
        }
        result = write_member(w, v, name, member, first, level + 1);
        if (result > 0) first = false;
        value_release(t, name);
        value_release(t, member);
    }
    value_release(t, items);
    result = result < 0 ? -1 : 0;
    if (result == 0) {
        if (!first) write_line(w, level);
        str_builder_char(&w->b, '}');
    }
    return unmark(w, key, result);
}
static int write_other(Write *w, ValueRef v, int64_t level) { // what default() makes of it
    Thread *t = w->t;
    Value key;
    if (mark(w, v, &key) < 0) return -1;
    if (native_stack_exhausted(t, " while encoding a JSON object")) return unmark(w, key, -1);
    Value made = call_1(t, w->e->default_, v);
    int result = value_bits(made) ? write_value(w, made, level) : -1;
    if (value_bits(made) && result < 0) note(t, str_of_format(t, "when serializing %T object", v));
    value_release(t, made);
    return unmark(w, key, result);
}
static int write_value(Write *w, ValueRef v, int64_t level) {
    Thread *t = w->t;
    const char *constant = constant_text(v);
    if (constant) {
        write_text(w, constant);
        return 0;
    }
    if (value_is_any_str(v)) return write_str(w, v);
    if (value_is_int(v)) {
        char text[24];
        int n = snprintf(text, sizeof text, "%lld", (long long)value_get_int(v));
        str_builder_text(&w->b, text, (size_t)n);
        return 0;
    }
    if (value_is_any_int(v) || value_is_any_float(v)) return write_owned(w, number_text(t, w->e, v));
    bool sequence = value_is_any_list(v) || value_is_any_tuple(v);
    if (sequence || value_is_any_dict(v)) {
        if (native_stack_exhausted(t, " while encoding a JSON object")) return -1;
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) return -1;
        return sequence ? write_sequence(w, v, level) : write_dict(w, v, level);
    }
    return write_other(w, v, level);
}
static Value encoder_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    int64_t level;
    if (args_bind(t, "_iterencode", "(obj, _current_indent_level)", args, nargs, kwnames, given) < 0 || arg_index(t, given[1], &level) < 0) return UNDEF;
    Write w = {.t = t, .e = as_encoder(self)};
    str_builder_init(&w.b, t);
    if (write_value(&w, given[0], level < 0 ? 0 : level) < 0) {
        str_builder_abandon(&w.b);
        return UNDEF;
    }
    Value text = str_builder_finish(&w.b);
    return value_bits(text) ? tuple_from_values(t, &text, 1) : UNDEF;
}
static const NativeDef functions[] = {
    {"encode_basestring_ascii", json_encode_basestring_ascii, "($module, string, /)", "The text in double quotes, as JSON in ASCII.", 0},
    {"encode_basestring", json_encode_basestring, "($module, string, /)", "The text in double quotes, as JSON.", 0},
    {"scanstring", json_scanstring, "($module, string, end, strict=True, /)", "The string whose text begins at end, behind its quote, and the place behind it.", 0},
    NATIVE_END};
static Value encoder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[9];
    bool flags[3];
    if (args_bind(t, "make_encoder", "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)", args, nargs, kwnames, given) < 0)
        return UNDEF;
    for (int i = 0; i < 2; i++)
        if (!value_is_any_str(given[4 + i])) return raise(t, TYPE_ERROR, "make_encoder() argument %d must be str, not %K", 5 + i, given[4 + i]);
    for (int i = 0; i < 3; i++)
        if (arg_bool(t, given[6 + i], &flags[i]) < 0) return UNDEF;
    if (!is_none(given[0]) && !value_is_any_dict(given[0])) return raise(t, TYPE_ERROR, "make_encoder() argument 1 must be dict or None, not %T", given[0]);
    if (!is_none(given[3]) && !value_is_any_str(given[3])) return raise(t, TYPE_ERROR, "make_encoder() argument 4 must be str or None, not %T", given[3]);
    Encoder *e = object_new(t, (Type *)value_object(type));
    if (!e) return UNDEF;
    Value *const slots[] = {&e->markers, &e->default_, &e->encoder, &e->indent, &e->key_separator, &e->item_separator};
    for (int i = 0; i < 6; i++) slot_init(slots[i], value_dup(t, given[i]));
    e->sort_keys = flags[0];
    e->skip_keys = flags[1];
    e->allow_nan = flags[2];
    const NativeDef *def = value_is(given[2], NATIVE_FUNCTION) ? ((NativeFunction *)value_object(given[2]))->def : NULL;
    e->own = def == &functions[0] ? 1 : def == &functions[1] ? 2 : 0;
    return value_of(e);
}
static void encoder_traverse(Object *o, VisitFn visit, void *arg) {
    Encoder *e = (Encoder *)o;
    visit(&e->markers, arg);
    visit(&e->default_, arg);
    visit(&e->encoder, arg);
    visit(&e->indent, arg);
    visit(&e->key_separator, arg);
    visit(&e->item_separator, arg);
}
static void encoder_destroy(Thread *t, Object *o) { encoder_traverse(o, release_slot, t); }
static const MemberDef encoder_members[] = {
    {"markers", offsetof(Encoder, markers), MEMBER_VALUE, false, "markers"}, {"default", offsetof(Encoder, default_), MEMBER_VALUE, false, "default"},
    {"encoder", offsetof(Encoder, encoder), MEMBER_VALUE, false, "encoder"}, {"indent", offsetof(Encoder, indent), MEMBER_VALUE, false, "indent"},
    {"key_separator", offsetof(Encoder, key_separator), MEMBER_VALUE, false, "key_separator"},
    {"item_separator", offsetof(Encoder, item_separator), MEMBER_VALUE, false, "item_separator"},
    {"sort_keys", offsetof(Encoder, sort_keys), MEMBER_BOOL8, false, "sort_keys"}, {"skipkeys", offsetof(Encoder, skip_keys), MEMBER_BOOL8, false, "skipkeys"},
    MEMBER_END};
static const TypeSpec encoder_spec = {
    .name = "_json.Encoder", .doc = "Writes a value as JSON, by one call.", .size = sizeof(Encoder), .flags = TYPE_BASE,
    .ops = {.call = encoder_call, .new = encoder_new}, .members = encoder_members, .destroy = encoder_destroy, .traverse = encoder_traverse};

static int add_type(Thread *t, ValueRef module, const char *name, Value *slot, const TypeSpec *spec) {
    Type *type = module_type(t, module, slot, spec);
    return type ? module_add(t, module, name, value_dup(t, value_of(type))) : -1;
}
static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    return add_type(t, module, "make_scanner", &s->scanner, &scanner_spec) < 0 || add_type(t, module, "make_encoder", &s->encoder, &encoder_spec) < 0 ? -1 : 0;
}
static void state_traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->scanner, arg);
    visit(&((State *)state)->encoder, arg);
}
const ModuleSpec _json_module = {.name = "_json", .doc = "JSON as text, read and written.", .functions = functions, .exec = exec,
    .state_size = sizeof(State), .traverse = state_traverse};
