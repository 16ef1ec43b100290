// Universal newlines: IncrementalNewlineDecoder, and what StringIO and TextIOWrapper share of it.
#include "runtime/modules/io.h"
#include "runtime/support/strsearch.h"

Value io_newlines_decode(Thread *t, IoNewlines *n, Value text_steal, bool final) {
    if (!value_bits(text_steal)) return UNDEF;
    Text text = str_text(value_str(text_steal));
    if (n->pending_cr && (final || text.length)) {
        Value cr = str_from_char(t, '\r');
        Value whole = value_bits(cr) ? str_concat(t, cr, text_steal) : UNDEF;
        value_release(t, cr);
        value_release(t, text_steal);
        if (!value_bits(whole)) return UNDEF;
        text_steal = whole;
        n->pending_cr = false;
        text = str_text(value_str(text_steal));
    }
    // A return at the end may be the first half of an end of line.
    if (!final && text.length && text_at(text, text.length - 1) == '\r') {
        Value shorter = str_substring(t, value_str(text_steal), 0, text.length - 1);
        value_release(t, text_steal);
        if (!value_bits(shorter)) return UNDEF;
        text_steal = shorter;
        n->pending_cr = true;
        text = str_text(value_str(text_steal));
    }
    size_t first = strsearch_char(text, '\r');
    if (first == SEARCH_NONE) {
        if (!(n->seen & IO_SEEN_LF) && strsearch_char(text, '\n') != SEARCH_NONE) n->seen |= IO_SEEN_LF;
        return text_steal;
    }
    if (!n->translate && (n->seen & 7) == 7) return text_steal;
    if (!(n->seen & IO_SEEN_LF) && strsearch_char(text_slice(text, 0, first), '\n') != SEARCH_NONE) n->seen |= IO_SEEN_LF;
    StrBuilder b;
    str_builder_init(&b, t);
    Str *s = value_str(text_steal);
    size_t from = 0; // copied up to here
    for (size_t i = first; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if (c == '\n') {
            n->seen |= IO_SEEN_LF;
        } else if (c == '\r') {
            bool pair = i + 1 < text.length && text_at(text, i + 1) == '\n';
            n->seen |= pair ? IO_SEEN_CRLF : IO_SEEN_CR;
            if (n->translate) {
                str_builder_slice(&b, s, from, i);
                str_builder_char(&b, '\n');
                from = i + 1 + pair;
            }
            i += pair;
        }
    }
    if (!n->translate) {
        str_builder_abandon(&b);
        return text_steal;
    }
    str_builder_slice(&b, s, from, text.length);
    value_release(t, text_steal);
    return str_builder_finish(&b);
}

Value io_newlines_seen(Thread *t, uint8_t seen) {
    static const struct { uint8_t bit; const char *text; } ends[] = {{IO_SEEN_CR, "\r"}, {IO_SEEN_LF, "\n"}, {IO_SEEN_CRLF, "\r\n"}};
    Value items[3];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        if (!(seen & ends[i].bit)) continue;
        items[n] = str_from_text(t, ends[i].text);
        if (!value_bits(items[n])) {
            while (n) value_release(t, items[--n]);
            return UNDEF;
        }
        n++;
    }
    return n == 0 ? NONE : n == 1 ? items[0] : tuple_from_values(t, items, n);
}

int64_t io_line_end(Text text, bool translated, bool universal, const char *newline, int64_t *consumed) {
    *consumed = (int64_t)text.length;
    if (translated || (!universal && !newline[1])) {
        size_t at = strsearch_char(text, translated ? '\n' : (uint8_t)newline[0]);
        return at == SEARCH_NONE ? -1 : (int64_t)at + 1;
    }
    if (universal) {
        size_t lf = strsearch_char(text, '\n');
        size_t cr = strsearch_char(lf == SEARCH_NONE ? text : text_slice(text, 0, lf), '\r');
        if (cr == SEARCH_NONE) return lf == SEARCH_NONE ? -1 : (int64_t)lf + 1;
        return (int64_t)cr + 1 + (cr + 1 < text.length && text_at(text, cr + 1) == '\n');
    }
    Text end = text_of(newline, strlen(newline), 1);
    size_t at = strsearch_find(text, end);
    if (at != SEARCH_NONE) return (int64_t)(at + end.length);
    if (text.length && text_at(text, text.length - 1) == (uint8_t)newline[0]) --*consumed;
    return -1;
}

// ---- the type

typedef struct NewlineDecoder {
    Container c;
    Value decoder, errors; // decoder: None, or an incremental decoder
    IoNewlines newlines;
    bool ok;
} NewlineDecoder;
static NewlineDecoder *as_decoder(ValueRef v) { return (NewlineDecoder *)value_object(v); }

static int decoder_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    bool translate;
    if (args_bind(t, "IncrementalNewlineDecoder", "(decoder, translate, errors='strict')", args, nargs, kwnames, given) < 0) return -1;
    if (arg_bool(t, given[1], &translate) < 0) return -1;
    NewlineDecoder *d = as_decoder(self);
    Value errors = value_bits(given[2]) ? value_dup(t, given[2]) : value_dup(t, NAME(strict));
    slot_store(t, d, &d->decoder, value_dup(t, given[0]));
    slot_store(t, d, &d->errors, errors);
    d->newlines = (IoNewlines){.translate = translate};
    d->ok = true;
    return 0;
}
static int check(Thread *t, NewlineDecoder *d) { return d->ok ? 0 : raise_int(t, VALUE_ERROR, "IncrementalNewlineDecoder.__init__() not called"); }
NATIVE(decoder_decode) {
    NewlineDecoder *d = as_decoder(self);
    bool final = false;
    if (check(t, d) < 0 || (value_bits(args[1]) && arg_bool(t, args[1], &final) < 0)) return UNDEF;
    Value inner = slot_get(t, &d->decoder), text;
    if (is_none(inner)) {
        text = value_dup(t, args[0]);
    } else {
        ValueRef given[2] = {args[0], value_bool(final)};
        text = call_method(t, inner, NAME(decode), given, 2);
    }
    value_release(t, inner);
    if (!value_bits(text)) return UNDEF;
    if (!value_is_any_str(text)) {
        raise(t, TYPE_ERROR, "decoder should return a string result, not '%T'", text);
        value_release(t, text);
        return UNDEF;
    }
    return io_newlines_decode(t, &d->newlines, text, final);
}
NATIVE(decoder_getstate) {
    NewlineDecoder *d = as_decoder(self);
    if (check(t, d) < 0) return UNDEF;
    Value inner = slot_get(t, &d->decoder), buffer = UNDEF;
    uint64_t flag = 0;
    if (is_none(inner)) {
        buffer = value_dup(t, t->interp->empty_bytes);
    } else {
        Value state = call_method_0(t, inner, NAME(getstate));
        value_release(t, inner);
        if (!value_bits(state)) return UNDEF;
        if (!value_is_any_tuple(state) || value_tuple(state)->length != 2) {
            value_release(t, state);
            return raise(t, TYPE_ERROR, "illegal decoder state");
        }
        buffer = value_dup(t, tuple_item(value_tuple(state), 0));
        int status = arg_uint64(t, tuple_item(value_tuple(state), 1), &flag);
        value_release(t, state);
        if (status < 0) {
            value_release(t, buffer);
            return UNDEF;
        }
    }
    flag = flag << 1 | d->newlines.pending_cr;
    return container_tuple_2(t, buffer, int_from_uint64(t, flag));
}
NATIVE(decoder_setstate) {
    NewlineDecoder *d = as_decoder(self);
    uint64_t flag;
    if (check(t, d) < 0) return UNDEF;
    if (!value_is_any_tuple(args[0])) return raise(t, TYPE_ERROR, "state argument must be a tuple");
    Tuple *state = value_tuple(args[0]);
    if (state->length != 2 || !value_is_any_int(tuple_item(state, 1))) return raise(t, TYPE_ERROR, "setstate(): illegal state argument");
    if (arg_uint64(t, tuple_item(state, 1), &flag) < 0) return UNDEF;
    d->newlines.pending_cr = flag & 1;
    Value inner = slot_get(t, &d->decoder);
    if (is_none(inner)) return NONE;
    Value rest = container_tuple_2(t, value_dup(t, tuple_item(state, 0)), int_from_uint64(t, flag >> 1)), v = UNDEF;
    if (value_bits(rest)) v = call_method_1(t, inner, NAME(setstate), rest);
    value_release(t, rest);
    value_release(t, inner);
    return v;
}
NATIVE(decoder_reset) {
    NewlineDecoder *d = as_decoder(self);
    if (check(t, d) < 0) return UNDEF;
    d->newlines.seen = 0;
    d->newlines.pending_cr = false;
    Value inner = slot_get(t, &d->decoder);
    if (is_none(inner)) return NONE;
    Value v = call_method_0(t, inner, NAME(reset));
    value_release(t, inner);
    return v;
}
static Value decoder_newlines(Thread *t, ValueRef self) { return check(t, as_decoder(self)) < 0 ? UNDEF : io_newlines_seen(t, as_decoder(self)->newlines.seen); }
static void decoder_destroy(Thread *t, Object *o) {
    value_release(t, ((NewlineDecoder *)o)->decoder);
    value_release(t, ((NewlineDecoder *)o)->errors);
}
static void decoder_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((NewlineDecoder *)o)->decoder, arg);
    visit(&((NewlineDecoder *)o)->errors, arg);
}
static void decoder_clear(Thread *t, Object *o) {
    slot_store(t, o, &((NewlineDecoder *)o)->decoder, NONE);
    slot_store(t, o, &((NewlineDecoder *)o)->errors, UNDEF);
}
static const NativeDef methods[] = {
    {"decode", decoder_decode, "($self, /, input, final=False)", "Decodes, and translates line ends.", 0},
    {"getstate", decoder_getstate, "($self, /)", NULL, 0}, {"setstate", decoder_setstate, "($self, state, /)", NULL, 0},
    {"reset", decoder_reset, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef getset[] = {{"newlines", decoder_newlines, NULL, "The line ends seen so far."}, GETSET_END};
const TypeSpec io_newline_decoder_spec = {
    .name = "_io.IncrementalNewlineDecoder", .doc = "Wraps a decoder; finds and perhaps translates line ends.", .size = sizeof(NewlineDecoder), .flags = TYPE_BASE,
    .ops = {.init = decoder_init}, .methods = methods, .getset = getset, .new_signature = "(decoder, translate, errors='strict')",
    .destroy = decoder_destroy, .traverse = decoder_traverse, .clear = decoder_clear};
