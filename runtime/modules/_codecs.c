// _codecs: the registry's functions, and each built-in codec as a pair of functions. The kernels are in support/codec.c, the
// registry and the error handlers in codecs.c; here also charmap and the escapes of bytes literals.
#include "runtime/codecs.h"
#include <stdio.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// ---- arguments

// An `errors` argument as C text; *allocated is to be freed. False with an exception.
static bool errors_of(Thread *t, const char *function, ValueRef v, const char **text, char **allocated) {
    *text = NULL;
    *allocated = NULL;
    if (!v || v == NONE) return true;
    if (!value_is_any_str(v)) return raise(t, TYPE_ERROR, "%s() argument 2 must be str or None, not %T", function, v), false;
    size_t n;
    *text = str_utf8(t, value_str(v), &n, allocated);
    if (*text && strlen(*text) != n) {
        free(*allocated);
        *allocated = NULL;
        return raise(t, VALUE_ERROR, "embedded null character"), false;
    }
    return *text != NULL;
}
static bool want_str(Thread *t, const char *function, ValueRef v) {
    if (value_is_any_str(v)) return true;
    return raise(t, TYPE_ERROR, "%s() argument 1 must be str, not %K", function, v), false;
}
// A copy of what a buffer holds.
static Value bytes_from_buffer(Thread *t, ValueRef v) {
    Buffer b;
    if (buffer_get(t, v, &b, BUFFER_READ) < 0) return UNDEF;
    Value bytes = bytes_new(t, b.data, (size_t)b.length);
    buffer_release(t, &b);
    return bytes;
}
// (result, n)
static Value with_count(Thread *t, Value result_steal, int64_t n) { return result_steal ? tuple_pair(t, result_steal, value_int(n)) : UNDEF; }

// ---- the registry
FUNCTION(register_) { return codecs_register(t, args[0]) < 0 ? UNDEF : NONE; }
FUNCTION(unregister) { return codecs_unregister(t, args[0]) < 0 ? UNDEF : NONE; }

// An encoding's or handler's name: a str without NULs.
static bool check_name(Thread *t, const char *function, ValueRef v) {
    if (!value_is_any_str(v)) return raise(t, TYPE_ERROR, "%s() argument must be str, not %K", function, v), false;
    const Str *s = value_str(v);
    for (size_t i = 0; i < str_length(s); i++)
        if (!str_char(s, i)) return raise(t, VALUE_ERROR, "embedded null character"), false;
    return true;
}
FUNCTION(lookup) { return check_name(t, "lookup", args[0]) ? codecs_lookup(t, args[0]) : UNDEF; }
FUNCTION(lookup_error) { return check_name(t, "lookup_error", args[0]) ? codecs_lookup_error(t, args[0]) : UNDEF; }
FUNCTION(register_error) {
    if (!check_name(t, "register_error", args[0])) return UNDEF;
    return codecs_register_error(t, args[0], args[1]) < 0 ? UNDEF : NONE;
}
FUNCTION(unregister_error) {
    int removed = check_name(t, "_unregister_error", args[0]) ? codecs_unregister_error(t, args[0]) : -1;
    return removed < 0 ? UNDEF : value_bool(removed);
}
static bool names_given(Thread *t, const char *function, const ValueRef *args) {
    for (int i = 1; i < 3; i++) {
        if (!args[i]) continue;
        if (!value_is_any_str(args[i])) return raise(t, TYPE_ERROR, "%s() argument '%s' must be str, not %K", function, i == 1 ? "encoding" : "errors", args[i]), false;
        if (!check_name(t, function, args[i])) return false;
    }
    return true;
}
FUNCTION(encode) { return names_given(t, "encode", args) ? codecs_encode(t, args[0], args[1] ? args[1] : NAME(utf_8_dash), args[2], false) : UNDEF; }
FUNCTION(decode) { return names_given(t, "decode", args) ? codecs_decode(t, args[0], args[1] ? args[1] : NAME(utf_8_dash), args[2], false) : UNDEF; }

// ---- codecs of the kernels

// data, errors -> (str, bytes consumed). `order`: of UTF-16 and UTF-32, in and out (NULL: not wanted).
static Value decode_with(Thread *t, const char *function, Codec codec, ValueRef data, ValueRef errors_arg, bool final, bool takes_str, int *order) {
    const char *errors;
    char *allocated;
    Buffer b = {0};
    Value text = UNDEF, bytes = UNDEF, result = UNDEF;
    size_t consumed = 0;
    if (!errors_of(t, function, errors_arg, &errors, &allocated)) return UNDEF;
    if (takes_str && value_is_any_str(data)) {
        bytes = str_encode(t, data, CODEC_UTF_8, NULL);
        if (!bytes) goto done;
        data = bytes;
    }
    if (buffer_get(t, data, &b, BUFFER_READ) < 0) goto done;
    Decoder decoder = codec_decoder(codec);
    if (order) decoder.order = *order;
    text = str_decode_stream(t, b.data, (size_t)b.length, &decoder, errors, final, &consumed);
    if (order) *order = decoder.order;
    buffer_release(t, &b);
    if (text && decoder.invalid_escape != SIZE_MAX && codec == CODEC_UNICODE_ESCAPE) {
        char shown[8] = "";
        Buffer again;
        if (buffer_get(t, data, &again, BUFFER_READ) < 0) goto done;
        size_t at = decoder.invalid_escape;
        bool octal = at < (size_t)again.length && again.data[at] >= '4' && again.data[at] <= '7';
        if (at < (size_t)again.length) snprintf(shown, sizeof shown, octal ? "%.3s" : "%.1s", (const char *)again.data + at);
        buffer_release(t, &again);
        if (warn(t, E_DEPRECATION_WARNING, 1, "\"\\%s\" is an invalid %sescape sequence. Such sequences will not work in the future. ", shown, octal ? "octal " : "") < 0)
            VALUE_CLEAR(t, text);
    }
    result = with_count(t, text, (int64_t)consumed);
    text = UNDEF;
done:
    value_release(t, text);
    value_release(t, bytes);
    free(allocated);
    return result;
}
static Value encode_with(Thread *t, const char *function, Codec codec, ValueRef text, ValueRef errors_arg) {
    const char *errors;
    char *allocated;
    if (!want_str(t, function, text) || !errors_of(t, function, errors_arg, &errors, &allocated)) return UNDEF;
    Value result = with_count(t, str_encode(t, text, codec, errors), (int64_t)str_length(value_str(text)));
    free(allocated);
    return result;
}
static bool flag(Thread *t, ValueRef v, bool *out) { return !v || arg_bool(t, v, out) == 0; }

#define CODEC_PAIR(name, CODEC)                                                                                                           \
    FUNCTION(name##_decode) {                                                                                                             \
        bool final = false;                                                                                                               \
        return flag(t, args[2], &final) ? decode_with(t, #name "_decode", CODEC, args[0], args[1], final, false, NULL) : UNDEF;           \
    }                                                                                                                                     \
    FUNCTION(name##_encode) { return encode_with(t, #name "_encode", CODEC, args[0], args[1]); }
CODEC_PAIR(utf_7, CODEC_UTF_7)
CODEC_PAIR(utf_8, CODEC_UTF_8)
CODEC_PAIR(utf_16_le, CODEC_UTF_16_LE)
CODEC_PAIR(utf_16_be, CODEC_UTF_16_BE)
CODEC_PAIR(utf_32_le, CODEC_UTF_32_LE)
CODEC_PAIR(utf_32_be, CODEC_UTF_32_BE)

#define CODEC_WHOLE(name, CODEC)                                                                                                          \
    FUNCTION(name##_decode) { return decode_with(t, #name "_decode", CODEC, args[0], args[1], true, false, NULL); }                       \
    FUNCTION(name##_encode) { return encode_with(t, #name "_encode", CODEC, args[0], args[1]); }
CODEC_WHOLE(ascii, CODEC_ASCII)
CODEC_WHOLE(latin_1, CODEC_LATIN_1)

#define CODEC_ESCAPE(name, CODEC)                                                                                                         \
    FUNCTION(name##_decode) {                                                                                                             \
        bool final = true;                                                                                                                \
        return flag(t, args[2], &final) ? decode_with(t, #name "_decode", CODEC, args[0], args[1], final, true, NULL) : UNDEF;            \
    }                                                                                                                                     \
    FUNCTION(name##_encode) { return encode_with(t, #name "_encode", CODEC, args[0], args[1]); }
CODEC_ESCAPE(unicode_escape, CODEC_UNICODE_ESCAPE)
CODEC_ESCAPE(raw_unicode_escape, CODEC_RAW_UNICODE_ESCAPE)

// With a byte order mark, or an order given as a number.
#define CODEC_ORDERED(name, CODEC)                                                                                                        \
    FUNCTION(name##_decode) {                                                                                                             \
        bool final = false;                                                                                                               \
        int order = 0;                                                                                                                    \
        return flag(t, args[2], &final) ? decode_with(t, #name "_decode", CODEC, args[0], args[1], final, false, &order) : UNDEF;         \
    }                                                                                                                                     \
    FUNCTION(name##_ex_decode) {                                                                                                          \
        bool final = false;                                                                                                               \
        int order = 0;                                                                                                                    \
        if ((args[2] && arg_int(t, args[2], &order) < 0) || !flag(t, args[3], &final)) return UNDEF;                                      \
        Value pair = decode_with(t, #name "_ex_decode", CODEC, args[0], args[1], final, false, &order);                                   \
        if (!pair) return UNDEF;                                                                                                          \
        Value parts[3] = {value_dup(t, tuple_item(value_tuple(pair), 0)), value_dup(t, tuple_item(value_tuple(pair), 1)), value_int(order)}; \
        value_release(t, pair);                                                                                                           \
        return tuple_from_values(t, parts, 3);                                                                                            \
    }                                                                                                                                     \
    FUNCTION(name##_encode) {                                                                                                             \
        int order = 0;                                                                                                                    \
        if (args[2] && arg_int(t, args[2], &order) < 0) return UNDEF;                                                                     \
        return encode_with(t, #name "_encode", order < 0 ? CODEC##_LE : order > 0 ? CODEC##_BE : CODEC, args[0], args[1]);                \
    }
CODEC_ORDERED(utf_16, CODEC_UTF_16)
CODEC_ORDERED(utf_32, CODEC_UTF_32)

// ---- charmap

enum { UNDEFINED = 0xfffe }; // in a str as mapping: this byte stands for nothing

// What a byte maps to: appended to `out`. 1; 0: undefined; -1.
static int charmap_byte(Thread *t, ValueRef mapping, uint8_t byte, TextBuffer *out) {
    if (value_is_any_str(mapping)) {
        const Str *s = value_str(mapping);
        uint32_t c = byte < str_length(s) ? str_char(s, byte) : UNDEFINED;
        if (c == UNDEFINED) return 0;
        textbuffer_put(out, c);
        return 1;
    }
    Value v = object_getitem(t, mapping, value_int(byte));
    int result = 1;
    int64_t n;
    if (!v) {
        if (!error_matches(t, EXCEPTION(LOOKUP_ERROR))) return -1;
        error_clear(t);
        return 0;
    }
    if (v == NONE) {
        result = 0;
    } else if (value_is_any_int(v)) {
        if (int_as_int64(v, &n) < 0 || n < 0 || n > 0x10ffff) result = raise_int(t, TYPE_ERROR, "character mapping must be in range(0x110000)");
        else if (n == UNDEFINED) result = 0;
        else textbuffer_put(out, (uint32_t)n);
    } else if (value_is_any_str(v)) {
        if (str_length(value_str(v)) == 1 && str_char(value_str(v), 0) == UNDEFINED) result = 0;
        else textbuffer_put_text(out, str_text(value_str(v)));
    } else {
        result = raise_int(t, TYPE_ERROR, "character mapping must return integer, None or str");
    }
    value_release(t, v);
    return result;
}
FUNCTION(charmap_decode) {
    if (!args[2] || args[2] == NONE) return decode_with(t, "charmap_decode", CODEC_LATIN_1, args[0], args[1], true, false, NULL);
    const char *errors;
    char *allocated;
    Value held = UNDEF, result = UNDEF;
    if (!errors_of(t, "charmap_decode", args[1], &errors, &allocated)) return UNDEF;
    TextBuffer out = {0};
    // The data must not change under the mapping's feet.
    held = value_is(args[0], BYTES) ? value_dup(t, args[0]) : bytes_from_buffer(t, args[0]);
    if (!held) goto done;
    DecodeInput input = {value_bytes(held)->data, value_bytes(held)->length, value_dup(t, held)};
    size_t length = input.n, at = 0;
    while (at < input.n) {
        int mapped = charmap_byte(t, args[2], input.data[at], &out);
        if (mapped > 0) {
            at++;
            continue;
        }
        CodecError error = {at, at + 1, "character maps to <undefined>"};
        if (mapped < 0 || codecs_decode_error(t, errors, "charmap", &input, &error, &at, &out) < 0) {
            value_release(t, input.object);
            goto done;
        }
    }
    value_release(t, input.object);
    result = with_count(t, str_from_buffer(t, &out), (int64_t)length);
done:
    textbuffer_free(&out);
    value_release(t, held);
    free(allocated);
    return result;
}

// The bytes that a character maps to: 1; 0: undefined; -1.
static int charmap_char(Thread *t, ValueRef mapping, uint32_t c, ByteBuffer *out) {
    Value v = object_getitem(t, mapping, value_int(c));
    int64_t n;
    int result = 1;
    if (!v) {
        if (!error_matches(t, EXCEPTION(LOOKUP_ERROR))) return -1;
        error_clear(t);
        return 0;
    }
    if (v == NONE) {
        result = 0;
    } else if (value_is_any_int(v)) {
        if (int_as_int64(v, &n) < 0 || n < 0 || n > 255) result = raise_int(t, TYPE_ERROR, "character mapping must be in range(256)");
        else bytebuffer_put1(out, (uint8_t)n);
    } else if (value_is_any_bytes(v)) {
        bytebuffer_put(out, value_bytes(v)->data, value_bytes(v)->length);
    } else {
        result = raise_int(t, TYPE_ERROR, "character mapping must return integer, bytes or None, not %T", v);
    }
    value_release(t, v);
    return result;
}
FUNCTION(charmap_encode) {
    if (!args[2] || args[2] == NONE) return encode_with(t, "charmap_encode", CODEC_LATIN_1, args[0], args[1]);
    const char *errors;
    char *allocated;
    if (!want_str(t, "charmap_encode", args[0]) || !errors_of(t, "charmap_encode", args[1], &errors, &allocated)) return UNDEF;
    const Str *s = value_str(args[0]);
    size_t n = str_length(s), at = 0;
    ByteBuffer out = {0}, probe = {0};
    Value result = UNDEF;
    while (at < n) {
        int mapped = charmap_char(t, args[2], str_char(s, at), &out);
        if (mapped < 0) goto done;
        if (mapped) {
            at++;
            continue;
        }
        // A run of characters without a mapping is one error.
        size_t end = at + 1;
        for (; end < n; end++) {
            probe.length = 0;
            mapped = charmap_char(t, args[2], str_char(s, end), &probe);
            if (mapped < 0) goto done;
            if (mapped) break;
        }
        CodecError error = {at, end, "character maps to <undefined>"};
        Value text = UNDEF;
        int got = codecs_encode_error(t, errors, "charmap", args[0], &error, &at, &out, &text);
        if (got < 0) goto done;
        if (got == 1) {
            int good = 1;
            for (size_t i = 0; good > 0 && i < str_length(value_str(text)); i++) good = charmap_char(t, args[2], str_char(value_str(text), i), &out);
            value_release(t, text);
            if (good < 0) goto done;
            if (!good) {
                codecs_raise_encode(t, "charmap", args[0], &error);
                goto done;
            }
        }
    }
    result = out.failed ? raise_no_memory(t) : with_count(t, bytes_new(t, out.data, out.length), (int64_t)n);
done:
    bytebuffer_free(&probe);
    bytebuffer_free(&out);
    free(allocated);
    return result;
}
// The decoding table turned round: character -> byte.
FUNCTION(charmap_build) {
    if (!want_str(t, "charmap_build", args[0])) return UNDEF;
    const Str *s = value_str(args[0]);
    Value dict = dict_new(t);
    for (size_t i = 0; dict && i < str_length(s) && i < 256; i++)
        if (str_char(s, i) != UNDEFINED && dict_set(t, value_dict(dict), value_int(str_char(s, i)), value_int((int64_t)i)) < 0) VALUE_CLEAR(t, dict);
    return dict;
}

// ---- escapes of bytes literals, and plain buffers

static int hex_digit(uint8_t c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

FUNCTION(escape_decode) {
    const char *errors;
    char *allocated;
    if (!errors_of(t, "escape_decode", args[1], &errors, &allocated)) return UNDEF;
    Value bytes = value_is_any_str(args[0]) ? str_encode(t, args[0], CODEC_UTF_8, NULL) : bytes_from_buffer(t, args[0]), result = UNDEF;
    ByteBuffer out = {0};
    int invalid = -1, invalid_octal = -1;
    if (!bytes) goto done;
    const uint8_t *p = value_bytes(bytes)->data, *start = p, *end = p + value_bytes(bytes)->length;
    while (p < end) {
        if (*p != '\\') {
            bytebuffer_put1(&out, *p++);
            continue;
        }
        if (++p == end) {
            raise(t, VALUE_ERROR, "Trailing \\ in string");
            goto done;
        }
        uint8_t c = *p++;
        static const char from[] = "\\'\"bftnrva", to[] = "\\'\"\b\f\t\n\r\v\a";
        const char *simple = c ? strchr(from, c) : NULL;
        if (c == '\n') continue;
        if (simple) {
            bytebuffer_put1(&out, (uint8_t)to[simple - from]);
        } else if (c >= '0' && c <= '7') {
            int n = c - '0';
            for (int i = 0; i < 2 && p < end && *p >= '0' && *p <= '7'; i++) n = n * 8 + *p++ - '0';
            if (n > 255 && invalid_octal < 0) invalid_octal = n;
            bytebuffer_put1(&out, (uint8_t)n);
        } else if (c == 'x' && end - p >= 2 && hex_digit(p[0]) >= 0 && hex_digit(p[1]) >= 0) {
            bytebuffer_put1(&out, (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1])));
            p += 2;
        } else if (c == 'x') {
            if (!errors || !strcmp(errors, "strict")) {
                raise(t, VALUE_ERROR, "invalid \\x escape at position %zd", (ssize_t)(p - 2 - start));
                goto done;
            }
            if (!strcmp(errors, "replace")) {
                bytebuffer_put1(&out, '?');
            } else if (strcmp(errors, "ignore")) {
                raise(t, VALUE_ERROR, "decoding error; unknown error handling code: %.400s", errors);
                goto done;
            }
            if (p < end && hex_digit(*p) >= 0) p++;
        } else {
            if (invalid < 0) invalid = c;
            bytebuffer_put1(&out, '\\');
            bytebuffer_put1(&out, c);
        }
    }
    if (invalid >= 0 && warn(t, E_DEPRECATION_WARNING, 1, "b\"\\%c\" is an invalid escape sequence. Such sequences will not work in the future. ", invalid) < 0) goto done;
    if (invalid_octal >= 0 && warn(t, E_DEPRECATION_WARNING, 1, "b\"\\%o\" is an invalid octal escape sequence. Such sequences will not work in the future. ", invalid_octal) < 0)
        goto done;
    result = out.failed ? raise_no_memory(t) : with_count(t, bytes_new(t, out.data, out.length), end - start);
done:
    bytebuffer_free(&out);
    value_release(t, bytes);
    free(allocated);
    return result;
}
FUNCTION(escape_encode) {
    if (!value_is_any_bytes(args[0])) return raise(t, TYPE_ERROR, "escape_encode() argument 1 must be bytes, not %T", args[0]);
    const Bytes *b = value_bytes(args[0]);
    ByteBuffer out = {0};
    for (size_t i = 0; i < b->length; i++) {
        uint8_t c = b->data[i];
        char text[8];
        const char *named = c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\\' ? "\\\\" : c == '\'' ? "\\'" : NULL;
        if (!named) snprintf(text, sizeof text, c < 32 || c > 126 ? "\\x%02x" : "%c", c);
        bytebuffer_put(&out, named ? named : text, strlen(named ? named : text));
    }
    Value result = out.failed ? raise_no_memory(t) : with_count(t, bytes_new(t, out.data, out.length), (int64_t)b->length);
    bytebuffer_free(&out);
    return result;
}
FUNCTION(readbuffer_encode) {
    Value bytes = value_is_any_str(args[0]) ? str_encode(t, args[0], CODEC_UTF_8, NULL) : bytes_from_buffer(t, args[0]);
    return bytes ? with_count(t, bytes, (int64_t)value_bytes(bytes)->length) : UNDEF;
}

#define PAIR(name, final) \
    {#name "_decode", name##_decode, "($module, data, errors=None, final=" final ", /)", "(text, how many bytes were read).", 0}, \
    {#name "_encode", name##_encode, "($module, str, errors=None, /)", "(bytes, how many characters were read).", 0}
#define WHOLE(name) \
    {#name "_decode", name##_decode, "($module, data, errors=None, /)", "(text, how many bytes were read).", 0}, \
    {#name "_encode", name##_encode, "($module, str, errors=None, /)", "(bytes, how many characters were read).", 0}
#define ORDERED(name) \
    {#name "_decode", name##_decode, "($module, data, errors=None, final=False, /)", "(text, how many bytes were read).", 0}, \
    {#name "_ex_decode", name##_ex_decode, "($module, data, errors=None, byteorder=0, final=False,\n                 /)", "(text, bytes read, byte order).", 0}, \
    {#name "_encode", name##_encode, "($module, str, errors=None, byteorder=0, /)", "(bytes, how many characters were read).", 0}
static const NativeDef codecs_functions[] = {
    {"register", register_, "($module, search_function, /)", "Adds a function that finds codecs.", 0},
    {"unregister", unregister, "($module, search_function, /)", "Takes it away, and forgets what was found.", 0},
    {"lookup", lookup, "($module, encoding, /)", "The codec of a name.", 0},
    {"encode", encode, "($module, /, obj, encoding='utf-8', errors='strict')", "Encodes by the codec of that name.", 0},
    {"decode", decode, "($module, /, obj, encoding='utf-8', errors='strict')", "Decodes by the codec of that name.", 0},
    {"register_error", register_error, "($module, errors, handler, /)", "Names an error handler.", 0},
    {"_unregister_error", unregister_error, "($module, errors, /)", "Takes an error handler away.", 0},
    {"lookup_error", lookup_error, "($module, name, /)", "The error handler of a name.", 0},
    PAIR(utf_7, "False"), PAIR(utf_8, "False"), PAIR(utf_16_le, "False"), PAIR(utf_16_be, "False"), PAIR(utf_32_le, "False"), PAIR(utf_32_be, "False"),
    PAIR(unicode_escape, "True"), PAIR(raw_unicode_escape, "True"), WHOLE(ascii), WHOLE(latin_1), ORDERED(utf_16), ORDERED(utf_32),
    {"charmap_decode", charmap_decode, "($module, data, errors=None, mapping=None, /)", "Decodes by a table.", 0},
    {"charmap_encode", charmap_encode, "($module, str, errors=None, mapping=None, /)", "Encodes by a table.", 0},
    {"charmap_build", charmap_build, "($module, map, /)", "The table for encoding from one for decoding.", 0},
    {"escape_decode", escape_decode, "($module, data, errors=None, /)", "Undoes the escapes of bytes literals.", 0},
    {"escape_encode", escape_encode, "($module, data, errors=None, /)", "Escapes as in bytes literals.", 0},
    {"readbuffer_encode", readbuffer_encode, "($module, data, errors=None, /)", "(the buffer's bytes, their number).", 0},
    NATIVE_END};
const ModuleSpec _codecs_module = {.name = "_codecs", .doc = "Codecs and their registry.", .functions = codecs_functions};
