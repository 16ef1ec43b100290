// _string: taking format strings apart, for string.Formatter. Library reference, "Format String Syntax".
#include "runtime/modules/native_module.h"
#include "runtime/objects/int.h"
#include "sync/critical.h"

typedef struct State { Value parser, fields; } State;

// One layout for both iterators: the text, and how far it has been read.
typedef struct TextIterator {
    Container c;
    Value text;
    int64_t next;
} TextIterator;
static TextIterator *iterator_of(ValueRef v) { return (TextIterator *)value_object(v); }
static const TypeSpec parser_spec, fields_spec;

static Value iterator_make(Thread *t, Value type, ValueRef text, int64_t from) {
    TextIterator *it = object_new(t, (Type *)value_object(type));
    if (!it) return UNDEF;
    slot_init(&it->text, value_dup(t, text));
    it->next = from;
    return value_of(it);
}

// ---- formatter_parser: (literal, field name, format spec, conversion)

// The literal text from *at on, up to and with one doubled brace. *field: a replacement field begins at *at. 0, -1.
static int read_literal(Thread *t, Str *s, size_t *at, Value *literal, bool *field) {
    size_t n = str_length(s), start = *at, i = start;
    *field = false;
    while (i < n && str_char(s, i) != '{' && str_char(s, i) != '}') i++;
    size_t end = i;
    if (i < n) {
        uint32_t brace = str_char(s, i);
        bool doubled = i + 1 < n && str_char(s, i + 1) == brace;
        if (doubled) {
            end = i + 1; // one of the two is text
            i += 2;
        } else if (brace == '}') {
            return raise_int(t, VALUE_ERROR, "Single '}' encountered in format string");
        } else if (i + 1 == n) {
            return raise_int(t, VALUE_ERROR, "Single '{' encountered in format string");
        } else {
            *field = true;
            i++;
        }
    }
    *at = i;
    *literal = str_substring(t, s, start, end);
    return value_bits(*literal) ? 0 : -1;
}
// A replacement field from *at (behind its brace) to behind the closing one. 0, -1.
static int read_field(Thread *t, Str *s, size_t *at, Value *name, Value *spec, Value *conversion) {
    size_t n = str_length(s), i = *at, start = i;
    bool bracket = false;
    uint32_t c = 0;
    for (; i < n; i++) {
        c = str_char(s, i);
        if (c == '[') bracket = true;
        if (c == ']') bracket = false;
        if (bracket) continue;
        if (c == '{') return raise_int(t, VALUE_ERROR, "unexpected '{' in field name");
        if (c == '}' || c == ':' || c == '!') break;
    }
    if (i == n) return raise_int(t, VALUE_ERROR, "expected '}' before end of string");
    if (!value_bits(*name = str_substring(t, s, start, i))) return -1;
    *conversion = NONE;
    i++;
    if (c == '!') {
        if (i + 1 >= n || str_char(s, i) == '}') return raise_int(t, VALUE_ERROR, i >= n ? "end of string while looking for conversion specifier" : "unmatched '{' in format spec");
        if (!value_bits(*conversion = str_from_char(t, str_char(s, i)))) return -1;
        c = str_char(s, i + 1);
        i += 2;
        if (c != ':' && c != '}') return raise_int(t, VALUE_ERROR, "expected ':' after conversion specifier");
    }
    start = i;
    if (c == ':') {
        int open = 1;
        for (; i < n; i++) {
            if (str_char(s, i) == '{') open++;
            if (str_char(s, i) == '}' && --open == 0) break;
        }
        if (i == n) return raise_int(t, VALUE_ERROR, "unmatched '{' in format spec");
        *spec = str_substring(t, s, start, i);
        i++;
    } else {
        *spec = value_dup(t, NAME(empty));
    }
    *at = i;
    return value_bits(*spec) ? 0 : -1;
}
static Value parser_next(Thread *t, ValueRef self) {
    TextIterator *it = iterator_of(self);
    Str *s = value_str(it->text);
    size_t at = (size_t)__atomic_load_n(&it->next, __ATOMIC_RELAXED);
    if (at >= str_length(s)) return UNDEF;
    Value parts[4] = {UNDEF, NONE, NONE, NONE};
    bool field;
    if (read_literal(t, s, &at, &parts[0], &field) < 0) return UNDEF;
    if (field && read_field(t, s, &at, &parts[1], &parts[2], &parts[3]) < 0) {
        for (int i = 0; i < 4; i++) value_release(t, parts[i]);
        return UNDEF;
    }
    __atomic_store_n(&it->next, (int64_t)at, __ATOMIC_RELAXED);
    return tuple_from_values(t, parts, 4);
}

// ---- formatter_field_name_split: (first, iterator of (is attribute, name or index))

// Decimal digits as an int; the text itself where it is anything else. 0, -1.
static Value number_or_text(Thread *t, Str *s, size_t start, size_t end) {
    int64_t n = 0;
    bool number = end > start;
    for (size_t i = start; i < end && number; i++) {
        uint32_t c = str_char(s, i);
        number = c >= '0' && c <= '9';
        if (number && (__builtin_mul_overflow(n, (int64_t)10, &n) || __builtin_add_overflow(n, (int64_t)(c - '0'), &n)))
            return raise(t, VALUE_ERROR, "Too many decimal digits in format string");
    }
    return number ? int_from_int64(t, n) : str_substring(t, s, start, end);
}
static Value fields_next(Thread *t, ValueRef self) {
    TextIterator *it = iterator_of(self);
    Str *s = value_str(it->text);
    size_t n = str_length(s), i = (size_t)__atomic_load_n(&it->next, __ATOMIC_RELAXED), start, end;
    if (i >= n) return UNDEF;
    bool attribute = str_char(s, i) == '.';
    if (!attribute && str_char(s, i) != '[') return raise(t, VALUE_ERROR, "Only '.' or '[' may follow ']' in format field specifier");
    start = end = i + 1;
    if (attribute) {
        while (end < n && str_char(s, end) != '.' && str_char(s, end) != '[') end++;
        i = end;
    } else {
        while (end < n && str_char(s, end) != ']') end++;
        if (end == n) return raise(t, VALUE_ERROR, "Missing ']' in format string");
        i = end + 1;
    }
    if (start == end) return raise(t, VALUE_ERROR, "Empty attribute in format string");
    __atomic_store_n(&it->next, (int64_t)i, __ATOMIC_RELAXED);
    Value key = attribute ? str_substring(t, s, start, end) : number_or_text(t, s, start, end);
    return value_bits(key) ? tuple_pair(t, value_bool(attribute), key) : UNDEF;
}

static void iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((TextIterator *)o)->text, arg); }
static void iterator_destroy(Thread *t, Object *o) { value_release(t, ((TextIterator *)o)->text); }
static const TypeSpec parser_spec = {.name = "formatteriterator", .size = sizeof(TextIterator), .flags = TYPE_NO_NEW,
                                     .ops = {.iter = iter_self, .next = parser_next}, .destroy = iterator_destroy, .traverse = iterator_traverse};
static const TypeSpec fields_spec = {.name = "fieldnameiterator", .size = sizeof(TextIterator), .flags = TYPE_NO_NEW,
                                     .ops = {.iter = iter_self, .next = fields_next}, .destroy = iterator_destroy, .traverse = iterator_traverse};

NATIVE(formatter_parser) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "expected str, got %T", args[0]);
    return iterator_make(t, ((State *)module_state(self))->parser, args[0], 0);
}
NATIVE(formatter_field_name_split) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "expected str, got %T", args[0]);
    Str *s = value_str(args[0]);
    size_t n = str_length(s), i = 0;
    while (i < n && str_char(s, i) != '.' && str_char(s, i) != '[') i++;
    Value first = number_or_text(t, s, 0, i), rest = value_bits(first) ? iterator_make(t, ((State *)module_state(self))->fields, args[0], (int64_t)i) : UNDEF;
    if (value_bits(rest)) return tuple_pair(t, first, rest);
    value_release(t, first);
    return UNDEF;
}
static const NativeDef functions[] = {
    {"formatter_parser", formatter_parser, "($self, object, /)", "An iterator of (literal, field name, format spec, conversion).", 0},
    {"formatter_field_name_split", formatter_field_name_split, "($self, object, /)", "The first part of a field name, and an iterator of the rest.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    State *state = module_state(module);
    return module_type(t, module, &state->parser, &parser_spec) && module_type(t, module, &state->fields, &fields_spec) ? 0 : -1;
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->parser, arg);
    visit(&((State *)state)->fields, arg);
}
const ModuleSpec _string_module = {
    .name = "_string", .doc = "Format strings taken apart.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
