// The registry of codecs and of error handlers, and the builtin handlers (Library Reference, "Codec Base Classes").
//
// State: a list in interp->codec_state, made at first use: search functions (list), found codecs (dict, normalised name to
// CodecInfo), error handlers (dict, name to callable).
#include "runtime/codecs.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/unicode.h"
#include "sync/sync.h"
#include <stdio.h>
#include <stdlib.h>

// --- state --------------------------------------------------------------------------------------------------------

enum { STATE_SEARCH, STATE_CACHE, STATE_HANDLERS, STATE_SIZE };

static const char *const handler_names[] = {"strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace",
    "surrogateescape", "surrogatepass"};

Handler codecs_handler(const char *name) {
    if (!name) return HANDLER_STRICT;
    for (int i = 0; i < HANDLER_OTHER; i++)
        if (!strcmp(name, handler_names[i])) return (Handler)i;
    return HANDLER_OTHER;
}

#define BUILTIN_HANDLER(id, function)                                                                                          \
    static Value function(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {                    \
        return codecs_handle(t, id, args[0]);                                                                                  \
    }
BUILTIN_HANDLER(HANDLER_STRICT, strict_errors)
BUILTIN_HANDLER(HANDLER_IGNORE, ignore_errors)
BUILTIN_HANDLER(HANDLER_REPLACE, replace_errors)
BUILTIN_HANDLER(HANDLER_BACKSLASHREPLACE, backslashreplace_errors)
BUILTIN_HANDLER(HANDLER_XMLCHARREFREPLACE, xmlcharrefreplace_errors)
BUILTIN_HANDLER(HANDLER_NAMEREPLACE, namereplace_errors)
BUILTIN_HANDLER(HANDLER_SURROGATEESCAPE, surrogateescape_errors)
BUILTIN_HANDLER(HANDLER_SURROGATEPASS, surrogatepass_errors)
#undef BUILTIN_HANDLER

static const NativeDef handler_functions[] = {
    {"strict_errors", strict_errors, "(exc, /)", "Raises the exception.", 0},
    {"ignore_errors", ignore_errors, "(exc, /)", "Leaves out what is malformed.", 0},
    {"replace_errors", replace_errors, "(exc, /)", "Puts a replacement mark in.", 0},
    {"backslashreplace_errors", backslashreplace_errors, "(exc, /)", "Puts backslash escapes in.", 0},
    {"xmlcharrefreplace_errors", xmlcharrefreplace_errors, "(exc, /)", "Puts XML character references in.", 0},
    {"namereplace_errors", namereplace_errors, "(exc, /)", "Puts \\N{...} escapes in.", 0},
    {"surrogateescape", surrogateescape_errors, "(exc, /)", "Turns bytes into lone surrogates, and back.", 0},
    {"surrogatepass", surrogatepass_errors, "(exc, /)", "Lets lone surrogates through.", 0},
    NATIVE_END};

static Value make_state(Thread *t) {
    Value parts[STATE_SIZE] = {list_new(t, 0), dict_new(t), dict_new(t)};
    for (int i = 0; i < STATE_SIZE; i++)
        if (value_bits(parts[i]) == 0) goto failed;
    for (int i = 0; i < HANDLER_OTHER; i++) {
        Value function = native_function_new(t, &handler_functions[i], UNDEF, UNDEF, UNDEF);
        if (value_bits(function) == 0 || dict_set_text(t, value_dict(parts[STATE_HANDLERS]), handler_names[i], function) < 0) goto failed;
    }
    return tuple_from_values(t, parts, STATE_SIZE);
failed:
    for (int i = 0; i < STATE_SIZE; i++) value_release(t, parts[i]);
    return UNDEF;
}

// Borrowed for as long as the interpreter lives: the state is a tuple, set once.
static ValueRef state_part(Thread *t, int part) {
    _Atomic uint64_t *cell = (_Atomic uint64_t *)&t->interp->codec_state;
    uint64_t word = atomic_load_acquire_u64(cell);
    if (!word) {
        Value made = make_state(t);
        if (value_bits(made) == 0) return UNDEF;
        if (sync_is_shared()) publish_if_needed(t, made); // a root: published with all others when a second thread comes
        if (atomic_cas_acq_rel_u64(cell, &word, value_bits(made))) word = value_bits(made);
        else value_release(t, made);
    }
    return tuple_item((const Tuple *)word, part);
}

int codecs_register(Thread *t, ValueRef function) {
    if (!value_type(function)->ops.call) return raise_int(t, TYPE_ERROR, "argument must be callable");
    ValueRef search = state_part(t, STATE_SEARCH);
    return value_bits(search) == 0 ? -1 : list_append(t, value_list(search), value_dup(t, function));
}

int codecs_unregister(Thread *t, ValueRef function) {
    ValueRef search = state_part(t, STATE_SEARCH), cache = state_part(t, STATE_CACHE);
    if (value_bits(search) == 0) return -1;
    for (int64_t i = 0; i < list_length(value_list(search)); i++) {
        Value one = list_get(t, value_list(search), i);
        bool same = value_bits(one) == value_bits(function);
        value_release(t, one);
        if (!same) continue;
        Value out = list_pop(t, value_list(search), i);
        if (value_bits(out) == 0) return -1;
        value_release(t, out);
        dict_clear(t, value_dict(cache));
        break;
    }
    return 0;
}

// In lower case, runs of what is no ASCII letter, digit or '.' as one '_', none at the ends: as the encodings package has its names.
static Value normalised(Thread *t, ValueRef encoding) {
    Text text = str_text(value_str(encoding));
    TextBuffer out = {0};
    bool gap = false;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t c = text_at(text, i);
        if ((c | 0x20) - 'a' < 26) c |= 0x20;
        else if (c - '0' >= 10 && c != '.') {
            gap = true;
            continue;
        }
        if (gap && out.length) textbuffer_put(&out, '_');
        gap = false;
        textbuffer_put(&out, c);
    }
    return str_from_buffer(t, &out);
}

Value codecs_lookup(Thread *t, ValueRef encoding) {
    ValueRef search = state_part(t, STATE_SEARCH), cache = state_part(t, STATE_CACHE);
    if (value_bits(search) == 0) return UNDEF;
    Value name = normalised(t, encoding), found = UNDEF;
    if (value_bits(name) == 0) return UNDEF;
    found = dict_get(t, value_dict(cache), name);
    if (value_bits(found) || error_pending(t)) goto done;
    if (list_length(value_list(search)) == 0) {
        // The encodings package registers its search function when it is imported.
        Value module = import_module(t, "encodings");
        if (value_bits(module) == 0) goto done;
        value_release(t, module);
    }
    for (int64_t i = 0; value_bits(found) == 0; i++) {
        Value function = list_get(t, value_list(search), i);
        if (value_bits(function) == 0) break;
        Value info = call_1(t, function, name);
        value_release(t, function);
        if (value_bits(info) == 0) goto done;
        if (value_bits(info) == value_bits(NONE)) continue;
        if (!value_is_any_tuple(info) || value_tuple(info)->length != 4) {
            value_release(t, info);
            raise(t, TYPE_ERROR, "codec search functions must return 4-tuples");
            goto done;
        }
        found = info;
    }
    if (value_bits(found) == 0) raise(t, LOOKUP_ERROR, "unknown encoding: %S", encoding);
    else if (dict_set(t, value_dict(cache), name, found) < 0) VALUE_CLEAR(t, found);
done:
    value_release(t, name);
    return found;
}

Value codecs_lookup_error(Thread *t, ValueRef name) {
    ValueRef handlers = state_part(t, STATE_HANDLERS);
    if (value_bits(handlers) == 0) return UNDEF;
    Value strict = value_bits(name) ? UNDEF : str_from_text(t, "strict");
    Value found = dict_get(t, value_dict(handlers), value_bits(name) ? name : (ValueRef)strict);
    if (value_bits(found) == 0 && !error_pending(t)) raise(t, LOOKUP_ERROR, "unknown error handler name '%S'", name);
    value_release(t, strict);
    return found;
}

int codecs_register_error(Thread *t, ValueRef name, ValueRef handler) {
    if (!value_type(handler)->ops.call) return raise_int(t, TYPE_ERROR, "handler must be callable");
    ValueRef handlers = state_part(t, STATE_HANDLERS);
    return value_bits(handlers) == 0 ? -1 : dict_set(t, value_dict(handlers), name, handler);
}

int codecs_unregister_error(Thread *t, ValueRef name) {
    ValueRef handlers = state_part(t, STATE_HANDLERS);
    if (value_bits(handlers) == 0) return -1;
    for (int i = 0; i < HANDLER_OTHER; i++)
        if (str_equal_text(value_str(name), handler_names[i]))
            return raise_int(t, VALUE_ERROR, "cannot un-register built-in error handler '%S'", name);
    Value old = dict_pop(t, value_dict(handlers), name);
    if (value_bits(old) == 0) return error_pending(t) ? -1 : 0;
    value_release(t, old);
    return 1;
}

int codecs_is_text(Thread *t, ValueRef info) {
    if (value_is(info, TUPLE)) return 1;
    Value is_text = object_getattr_or_undef(t, info, NAME(_is_text_encoding));
    int truth = value_bits(is_text) ? object_is_true(t, is_text) : 1;
    value_release(t, is_text);
    return error_pending(t) ? -1 : truth;
}

Value codecs_incremental(Thread *t, ValueRef info, const char *which, ValueRef errors) {
    Value name = str_intern_text(t, which), factory = value_bits(name) ? object_getattr(t, info, name) : UNDEF;
    Value made = value_bits(factory) ? call_1(t, factory, errors) : UNDEF;
    value_release(t, factory);
    value_release(t, name);
    return made;
}

// encode: 0, decode: 1, as they stand in a CodecInfo.
static Value run_codec(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors, bool text, int which) {
    Value default_name = UNDEF, info = UNDEF, result = UNDEF, pair = UNDEF;
    if (value_bits(encoding) == 0) {
        default_name = str_from_text(t, "utf-8");
        encoding = default_name;
    }
    info = codecs_lookup(t, encoding);
    if (value_bits(info) == 0) goto done;
    if (text) {
        int truth = codecs_is_text(t, info);
        if (truth < 0) goto done;
        if (!truth) {
            raise(t, LOOKUP_ERROR, "'%S' is not a text encoding; use %s to handle arbitrary codecs", encoding,
                which ? "codecs.decode()" : "codecs.encode()");
            goto done;
        }
    }
    ValueRef args[2] = {object, errors};
    pair = call_object(t, tuple_item(value_tuple(info), which), args, value_bits(errors) ? 2 : 1, NULL);
    if (value_bits(pair) == 0) {
        Value e = error_take(t), note = str_of_format(t, "%s with '%S' codec failed", which ? "decoding" : "encoding", encoding);
        if (value_bits(note)) value_release(t, call_method_1(t, e, NAME(add_note), note));
        value_release(t, note);
        error_clear(t);
        error_restore(t, e);
        goto done;
    }
    if (!value_is_any_tuple(pair) || value_tuple(pair)->length != 2) {
        raise(t, TYPE_ERROR, which ? "decoder must return a tuple (object,integer)" : "encoder must return a tuple (object, integer)");
        goto done;
    }
    result = value_dup(t, tuple_item(value_tuple(pair), 0));
    if (text && (which ? !value_is_any_str(result) : !value_is_any_bytes(result))) {
        raise(t, TYPE_ERROR, which ? "'%S' decoder returned '%T' instead of 'str'; use codecs.decode() to decode to arbitrary types"
                                   : "'%S' encoder returned '%T' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
            encoding, result);
        VALUE_CLEAR(t, result);
    }
done:
    value_release(t, pair);
    value_release(t, info);
    value_release(t, default_name);
    return result;
}

Value codecs_encode(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors, bool text) {
    return run_codec(t, object, encoding, errors, text, 0);
}
Value codecs_decode(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors, bool text) {
    return run_codec(t, object, encoding, errors, text, 1);
}

// --- exceptions ---------------------------------------------------------------------------------------------------

static Value make_exception(Thread *t, Type *type, const char *encoding, ValueRef object, const CodecError *error) {
    Value name = str_from_text(t, encoding), reason = str_from_text(t, error->reason), result = UNDEF;
    if (value_bits(name) && value_bits(reason)) {
        ValueRef args[] = {name, object, value_int((int64_t)error->start), value_int((int64_t)error->end), reason};
        result = call_object(t, value_of(type), args, 5, NULL);
    }
    value_release(t, name);
    value_release(t, reason);
    return result;
}

Value codecs_raise_encode(Thread *t, const char *encoding, ValueRef str, const CodecError *error) {
    Value e = make_exception(t, EXCEPTION(UNICODE_ENCODE_ERROR), encoding, str, error);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

Value codecs_raise_decode(Thread *t, const char *encoding, ValueRef bytes, const CodecError *error) {
    Value e = make_exception(t, EXCEPTION(UNICODE_DECODE_ERROR), encoding, bytes, error);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

// --- the builtin handlers -----------------------------------------------------------------------------------------

static bool is_surrogate(uint32_t c) { return c >= 0xd800 && c < 0xe000; }

static void put_text(TextBuffer *out, const char *text) { textbuffer_put_ascii(out, text, strlen(text)); }

static void put_escape(TextBuffer *out, uint32_t c) {
    char text[16];
    snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
    put_text(out, text);
}

// The unit size and byte order of a codec that surrogatepass knows, by the name in an exception. False: it does not.
static bool unicode_codec(const char *encoding, int *size, bool *big) {
    Codec codec = codec_of_name(encoding);
    bool machine_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    *size = codec == CODEC_UTF_8 ? 3 : codec >= CODEC_UTF_16 && codec <= CODEC_UTF_16_BE ? 2 : 4;
    *big = codec == CODEC_UTF_16_BE || codec == CODEC_UTF_32_BE || ((codec == CODEC_UTF_16 || codec == CODEC_UTF_32) && machine_big);
    return codec == CODEC_UTF_8 || (codec >= CODEC_UTF_16 && codec <= CODEC_UTF_32_BE);
}

// What a builtin handler makes of malformed bytes: text to `out` and where to go on; false: it gives up (strict).
static bool handle_decode(Handler handler, const char *encoding, const uint8_t *in, size_t n, size_t start, size_t end, TextBuffer *out, size_t *position) {
    *position = end;
    switch (handler) {
        case HANDLER_IGNORE: return true;
        case HANDLER_REPLACE: textbuffer_put(out, 0xfffd); return true;
        case HANDLER_BACKSLASHREPLACE:
            for (size_t i = start; i < end; i++) put_escape(out, in[i]);
            return true;
        case HANDLER_SURROGATEESCAPE: {
            size_t i = start;
            for (; i < end && i < start + 4 && in[i] >= 0x80; i++) textbuffer_put(out, 0xdc00 + in[i]);
            *position = i;
            return i > start;
        }
        case HANDLER_SURROGATEPASS: {
            int size;
            bool big;
            if (!unicode_codec(encoding, &size, &big) || n - start < (size_t)size) return false;
            const uint8_t *p = in + start;
            uint32_t c = 0;
            if (size == 3) {
                if (p[0] != 0xed || (p[1] & 0xe0) != 0xa0 || (p[2] & 0xc0) != 0x80) return false;
                c = 0xd000 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
            } else {
                for (int i = 0; i < size; i++) c |= (uint32_t)p[i] << 8 * (big ? size - 1 - i : i);
            }
            if (!is_surrogate(c)) return false;
            textbuffer_put(out, c);
            *position = start + (size_t)size;
            return true;
        }
        default: return false;
    }
}

// What a builtin handler makes of characters that cannot be encoded: text, or bytes where *raw; false: it gives up.
static bool handle_encode(Handler handler, const char *encoding, Text in, size_t start, size_t end, TextBuffer *out, ByteBuffer *bytes, bool *raw) {
    *raw = false;
    switch (handler) {
        case HANDLER_IGNORE: return true;
        case HANDLER_REPLACE:
            for (size_t i = start; i < end; i++) textbuffer_put(out, '?');
            return true;
        case HANDLER_BACKSLASHREPLACE:
            for (size_t i = start; i < end; i++) put_escape(out, text_at(in, i));
            return true;
        case HANDLER_XMLCHARREFREPLACE:
            for (size_t i = start; i < end; i++) {
                char text[16];
                snprintf(text, sizeof text, "&#%u;", (unsigned)text_at(in, i));
                put_text(out, text);
            }
            return true;
        case HANDLER_NAMEREPLACE:
            for (size_t i = start; i < end; i++) {
                char name[UNI_NAME_MAX];
                size_t n = uni_name(text_at(in, i), name);
                if (n == 0) put_escape(out, text_at(in, i));
                else {
                    put_text(out, "\\N{");
                    textbuffer_put_ascii(out, name, n);
                    textbuffer_put(out, '}');
                }
            }
            return true;
        case HANDLER_SURROGATEESCAPE:
            *raw = true;
            for (size_t i = start; i < end; i++) {
                uint32_t c = text_at(in, i);
                if (c < 0xdc80 || c > 0xdcff) return false;
                bytebuffer_put1(bytes, (uint8_t)(c - 0xdc00));
            }
            return true;
        case HANDLER_SURROGATEPASS: {
            int size;
            bool big;
            *raw = true;
            if (!unicode_codec(encoding, &size, &big)) return false;
            for (size_t i = start; i < end; i++) {
                uint32_t c = text_at(in, i);
                uint8_t unit[4];
                if (!is_surrogate(c)) return false;
                if (size == 3) codec_utf8_put(c, unit);
                else
                    for (int j = 0; j < size; j++) unit[j] = (uint8_t)(c >> 8 * (big ? size - 1 - j : j));
                bytebuffer_put(bytes, unit, (size_t)size);
            }
            return true;
        }
        default: return false;
    }
}

// --- handlers at work ---------------------------------------------------------------------------------------------

static Value find_handler(Thread *t, const char *errors) {
    Value name = str_from_text(t, errors);
    if (value_bits(name) == 0) return UNDEF;
    Value handler = codecs_lookup_error(t, name);
    value_release(t, name);
    return handler;
}

// A position that a handler gave, counted from the end where negative. -1 with IndexError.
static int handler_position(Thread *t, ValueRef v, size_t n, size_t *position) {
    int64_t at;
    if (int_as_int64(v, &at) < 0) at = INT64_MAX;
    int64_t fitted = at < 0 ? at + (int64_t)n : at;
    if (fitted < 0 || fitted > (int64_t)n) return raise_int(t, INDEX_ERROR, "position %lld from error handler out of bounds", (long long)at);
    *position = (size_t)fitted;
    return 0;
}

int codecs_decode_error(Thread *t, const char *errors, const char *encoding, DecodeInput *input, const CodecError *error, size_t *position, TextBuffer *out) {
    Handler handler = codecs_handler(errors);
    if (handler != HANDLER_OTHER && handle_decode(handler, encoding, input->data, input->n, error->start, error->end, out, position)) return 0;
    if (value_bits(input->object) == 0) {
        input->object = bytes_new(t, input->data, input->n);
        if (value_bits(input->object) == 0) return -1;
    }
    Value function = UNDEF;
    if (handler == HANDLER_OTHER || handler == HANDLER_XMLCHARREFREPLACE || handler == HANDLER_NAMEREPLACE) {
        function = find_handler(t, errors);
        if (value_bits(function) == 0) return -1;
    }
    Value exception = make_exception(t, EXCEPTION(UNICODE_DECODE_ERROR), encoding, input->object, error);
    if (value_bits(exception) == 0 || value_bits(function) == 0) {
        value_release(t, function);
        if (value_bits(exception)) raise_object(t, exception);
        return -1;
    }
    Value answer = call_1(t, function, exception);
    value_release(t, function);
    int result = -1;
    if (value_bits(answer) == 0) goto done;
    if (!value_is_any_tuple(answer) || value_tuple(answer)->length != 2 || !value_is_any_str(tuple_item(value_tuple(answer), 0)) ||
        !value_is_any_int(tuple_item(value_tuple(answer), 1))) {
        raise(t, TYPE_ERROR, "decoding error handler must return (str, int) tuple");
        goto done;
    }
    // The handler may have put other bytes into the exception.
    Value object = slot_get(t, &((UnicodeErrorObject *)value_object(exception))->object);
    if (value_bits(object) && value_is_any_bytes(object)) {
        value_release(t, input->object);
        input->object = object;
        input->data = value_bytes(object)->data;
        input->n = value_bytes(object)->length;
    } else {
        value_release(t, object);
        raise(t, TYPE_ERROR, "object attribute must be bytes");
        goto done;
    }
    if (handler_position(t, tuple_item(value_tuple(answer), 1), input->n, position) < 0) goto done;
    textbuffer_put_text(out, str_text(value_str(tuple_item(value_tuple(answer), 0))));
    result = 0;
done:
    value_release(t, answer);
    value_release(t, exception);
    return result;
}

int codecs_encode_error(Thread *t, const char *errors, const char *encoding, ValueRef str, const CodecError *error, size_t *position, ByteBuffer *out, Value *text) {
    Handler handler = codecs_handler(errors);
    Text in = str_text(value_str(str));
    if (handler != HANDLER_OTHER) {
        TextBuffer replacement = {0};
        bool raw;
        size_t before = out->length, end = error->end;
        if (handler == HANDLER_SURROGATEESCAPE && strcmp(encoding, "charmap")) // as far as it goes: the rest is the next error
            for (end = error->start + 1; end < error->end && text_at(in, end) >= 0xdc80 && text_at(in, end) <= 0xdcff;) end++;
        if (!handle_encode(handler, encoding, in, error->start, end, &replacement, out, &raw)) {
            out->length = before;
            textbuffer_free(&replacement);
            codecs_raise_encode(t, encoding, str, error);
            return -1;
        }
        *position = end;
        if (raw) {
            textbuffer_free(&replacement);
            return 0;
        }
        *text = str_from_buffer(t, &replacement);
        return value_bits(*text) ? 1 : -1;
    }
    Value function = find_handler(t, errors);
    if (value_bits(function) == 0) return -1;
    Value exception = make_exception(t, EXCEPTION(UNICODE_ENCODE_ERROR), encoding, str, error), answer = UNDEF;
    int result = -1;
    if (value_bits(exception)) answer = call_1(t, function, exception);
    value_release(t, function);
    value_release(t, exception);
    if (value_bits(answer) == 0) return -1;
    Tuple *pair = value_is_any_tuple(answer) ? value_tuple(answer) : NULL;
    if (!pair || pair->length != 2 || (!value_is_any_str(tuple_item(pair, 0)) && !value_is_any_bytes(tuple_item(pair, 0))) || !value_is_any_int(tuple_item(pair, 1)))
        raise(t, TYPE_ERROR, "encoding error handler must return (str/bytes, int) tuple");
    else if (handler_position(t, tuple_item(pair, 1), in.length, position) == 0) {
        ValueRef what = tuple_item(pair, 0);
        if (value_is_any_str(what)) {
            *text = value_dup(t, what);
            result = 1;
        } else {
            bytebuffer_put(out, value_bytes(what)->data, value_bytes(what)->length);
            result = 0;
        }
    }
    value_release(t, answer);
    return result;
}

Value codecs_handle(Thread *t, Handler handler, ValueRef exception) {
    bool encode = value_is_pointer(exception) && value_is_instance(exception, EXCEPTION(UNICODE_ENCODE_ERROR));
    bool decode = value_is_pointer(exception) && value_is_instance(exception, EXCEPTION(UNICODE_DECODE_ERROR));
    bool translate = value_is_pointer(exception) && value_is_instance(exception, EXCEPTION(UNICODE_TRANSLATE_ERROR));
    if (handler == HANDLER_STRICT) {
        if (!value_is_exception(exception)) return raise(t, TYPE_ERROR, "codec must pass exception instance");
        return raise_object(t, value_dup(t, exception));
    }
    if (!encode && !decode && !translate) return raise(t, TYPE_ERROR, "don't know how to handle %T in error callback", exception);
    UnicodeErrorObject *e = (UnicodeErrorObject *)value_object(exception);
    Value object = slot_get(t, &e->object), encoding = slot_get(t, &e->encoding), result = UNDEF;
    TextBuffer out = {0};
    ByteBuffer bytes = {0};
    int64_t n = value_bits(object) == 0 ? 0 : decode ? (int64_t)value_bytes(object)->length : (int64_t)str_length(value_str(object));
    int64_t start = e->start < 0 ? 0 : e->start >= n ? (n ? n - 1 : 0) : e->start, end = e->end < 1 ? 1 : e->end > n ? n : e->end;
    char name[32] = "";
    if (value_bits(encoding) && value_is_any_str(encoding) && str_is_ascii(value_str(encoding)) && str_length(value_str(encoding)) < 32)
        memcpy(name, str_data(value_str(encoding)), str_length(value_str(encoding)) + 1);
    size_t position = (size_t)end;
    bool raw = false, good = false;
    if (value_bits(object) && start <= end) {
        if (decode) good = handle_decode(handler, name, value_bytes(object)->data, (size_t)n, (size_t)start, (size_t)end, &out, &position);
        else if (translate && handler == HANDLER_REPLACE) {
            for (int64_t i = start; i < end; i++) textbuffer_put(&out, 0xfffd);
            good = true;
        } else good = handle_encode(handler, name, str_text(value_str(object)), (size_t)start, (size_t)end, &out, &bytes, &raw);
    }
    if (!good) {
        if (decode && (handler == HANDLER_XMLCHARREFREPLACE || handler == HANDLER_NAMEREPLACE))
            raise(t, TYPE_ERROR, "don't know how to handle %T in error callback", exception);
        else raise_object(t, value_dup(t, exception));
    } else {
        Value what = raw ? bytes_new(t, bytes.data, bytes.length) : str_from_buffer(t, &out);
        if (value_bits(what)) result = tuple_pair(t, what, value_int((int64_t)position));
    }
    textbuffer_free(&out);
    bytebuffer_free(&bytes);
    value_release(t, object);
    value_release(t, encoding);
    return result;
}
