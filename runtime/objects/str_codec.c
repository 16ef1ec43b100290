// str to bytes and back: the fast ways for whole well-formed texts, and the loop around the kernels and error handlers.
#include "runtime/abstract.h"
#include "runtime/codecs.h"
#include "runtime/error.h"
#include "runtime/objects/container.h"
#include "runtime/objects/str_internal.h"
#include "runtime/startup.h"
#include <stdlib.h>

// The name that a decoder's errors show: the byte order that it found, or took for the machine's, is part of it.
static const char *decoder_name(const Decoder *d) {
    Codec codec = d->codec;
    if (codec == CODEC_UTF_16) codec = d->order > 0 ? CODEC_UTF_16_BE : CODEC_UTF_16_LE;
    if (codec == CODEC_UTF_32) codec = d->order > 0 ? CODEC_UTF_32_BE : CODEC_UTF_32_LE;
    return codec_name(codec);
}

Value str_decode_stream(Thread *t, const uint8_t *in, size_t n, Decoder *decoder, const char *errors, bool final, size_t *consumed) {
    TextBuffer out = {0};
    DecodeInput input = {in, n, UNDEF};
    size_t position = 0;
    Value result = UNDEF;
    CodecError error;
    for (;;) {
        CodecStatus status = codec_decode(decoder, input.data, input.n, final, &position, &out, &error);
        if (status == CODEC_NO_MEMORY) {
            raise_no_memory(t);
            break;
        }
        if (status == CODEC_DONE) {
            *consumed = position;
            result = str_from_buffer(t, &out);
            break;
        }
        if (codecs_decode_error(t, errors, decoder_name(decoder), &input, &error, &position, &out) < 0) break;
    }
    textbuffer_free(&out);
    value_release(t, input.object);
    return result;
}

Value str_decode(Thread *t, const uint8_t *in, size_t n, Codec codec, const char *errors) {
    if (codec == CODEC_LATIN_1) return str_from_latin1(t, in, n);
    if (codec == CODEC_ASCII || codec == CODEC_UTF_8) {
        if (codec_ascii_prefix(in, n) == n) return str_from_ascii(t, (const char *)in, n);
        uint32_t bits;
        size_t length = codec == CODEC_UTF_8 ? codec_utf8_measure(in, n, &bits) : SIZE_MAX;
        if (length != SIZE_MAX && length > 1) {
            Str *s = str_alloc(t, length, bits > 0xffff ? 0x10ffff : bits);
            if (!s) return UNDEF;
            codec_utf8_fill(in, n, str_data(s), (uint32_t)str_kind(s));
            return value_of(s);
        }
    }
    Decoder decoder = codec_decoder(codec);
    size_t consumed;
    return str_decode_stream(t, in, n, &decoder, errors, true, &consumed);
}

Value str_encode(Thread *t, ValueRef v, Codec codec, const char *errors) {
    const Str *s = value_str(v);
    Text text = str_text(s);
    bool direct = str_is_ascii(s) ? codec == CODEC_UTF_8 || codec == CODEC_ASCII || codec == CODEC_LATIN_1 : text.width == 1 && codec == CODEC_LATIN_1;
    if (direct) return bytes_new(t, text.data, text.length);
    if (codec == CODEC_UTF_8) {
        size_t n = codec_utf8_size(text, false);
        if (n != SIZE_MAX) {
            Bytes *b = bytes_alloc(t, n);
            if (!b) return UNDEF;
            codec_utf8_write(text, b->data);
            return value_of(b);
        }
    }
    ByteBuffer out = {0};
    size_t position = 0;
    Value result = UNDEF;
    CodecError error;
    for (;;) {
        CodecStatus status = codec_encode(codec, text, &position, &out, &error);
        if (status == CODEC_NO_MEMORY) {
            raise_no_memory(t);
            break;
        }
        if (status == CODEC_DONE) {
            result = bytes_new(t, out.data, out.length);
            break;
        }
        Value replacement = UNDEF;
        size_t before = out.length, unit = codec >= CODEC_UTF_16 && codec <= CODEC_UTF_16_BE ? 2 : codec >= CODEC_UTF_32 && codec <= CODEC_UTF_32_BE ? 4 : 1;
        int got = codecs_encode_error(t, errors, codec_name(codec), v, &error, &position, &out, &replacement);
        if (got < 0) break;
        if (got == 0 && (out.length - before) % unit) { // bytes from a handler must be whole units
            codecs_raise_encode(t, codec_name(codec), v, &error);
            break;
        }
        if (got == 1) { // what a handler gives as text must itself be encodable
            size_t at = 0;
            CodecError second;
            if (codec != CODEC_ASCII && codec != CODEC_LATIN_1 && !str_is_ascii(value_str(replacement))) {
                value_release(t, replacement);
                codecs_raise_encode(t, codec_name(codec), v, &error);
                break;
            }
            // Never at the very start for UTF-16 and UTF-32: the byte order mark is written already.
            status = codec_encode(codec, str_text(value_str(replacement)), &at, &out, &second);
            value_release(t, replacement);
            if (status == CODEC_ERROR) {
                codecs_raise_encode(t, codec_name(codec), v, &error);
                break;
            }
        }
    }
    bytebuffer_free(&out);
    return result;
}

// A str as a C string for the kernels' tables: "" where it is not ASCII or too long to be one of theirs.
static void short_name(ValueRef name, const char *fallback, char out[32]) {
    if (value_bits(name) == 0) {
        strcpy(out, fallback);
        return;
    }
    const Str *s = value_str(name);
    *out = 0;
    if (!str_is_ascii(s) || str_length(s) >= 32) return;
    memcpy(out, str_data(s), str_length(s) + 1);
}

// The errors argument as the kernels' loop takes it. Owned by *allocated.
static const char *errors_text(Thread *t, ValueRef errors, char **allocated) {
    *allocated = NULL;
    if (value_bits(errors) == 0) return NULL;
    size_t n;
    const char *text = str_utf8(t, value_str(errors), &n, allocated);
    if (text && strlen(text) != n) {
        raise(t, VALUE_ERROR, "embedded null character");
        free(*allocated);
        return NULL;
    }
    return text;
}

static bool check_name(Thread *t, ValueRef name) {
    if (value_bits(name) == 0) return true;
    const Str *s = value_str(name);
    for (size_t i = 0; i < str_length(s); i++)
        if (str_char(s, i) == 0) {
            raise(t, VALUE_ERROR, "embedded null character");
            return false;
        }
    return true;
}

// In development mode an error handler is looked up although no error may need it. 0, or -1 with LookupError.
static int check_handler(Thread *t, ValueRef errors) {
    if (LIKELY(!runtime_config.dev_mode) || value_bits(errors) == 0) return 0;
    Value handler = codecs_lookup_error(t, errors);
    value_release(t, handler);
    return value_bits(handler) ? 0 : -1;
}

Value str_encode_object(Thread *t, ValueRef s, ValueRef encoding, ValueRef errors) {
    if (!check_name(t, encoding) || !check_name(t, errors) || check_handler(t, errors) < 0) return UNDEF;
    char name[32];
    short_name(encoding, "utf-8", name);
    Codec codec = codec_of_name(name);
    if (codec == CODEC_NONE || codec == CODEC_UNICODE_ESCAPE || codec == CODEC_RAW_UNICODE_ESCAPE || codec == CODEC_UTF_7)
        return codecs_encode(t, s, encoding, errors, true);
    char *allocated;
    const char *handler = errors_text(t, errors, &allocated);
    if (!handler && error_pending(t)) return UNDEF;
    Value result = str_encode(t, s, codec, handler);
    free(allocated);
    return result;
}

Value str_decode_object(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors) {
    if (!check_name(t, encoding) || !check_name(t, errors) || check_handler(t, errors) < 0) return UNDEF;
    char name[32];
    short_name(encoding, "utf-8", name);
    Codec codec = codec_of_name(name);
    if (codec == CODEC_NONE || codec == CODEC_UNICODE_ESCAPE || codec == CODEC_RAW_UNICODE_ESCAPE || codec == CODEC_UTF_7)
        return codecs_decode(t, object, encoding, errors, true);
    char *allocated;
    const char *handler = errors_text(t, errors, &allocated);
    if (!handler && error_pending(t)) return UNDEF;
    Value held = value_is_any_bytes(object) ? UNDEF : bytes_from_object(t, object), result = UNDEF;
    if (value_bits(held) || value_is_any_bytes(object)) {
        const Bytes *b = value_bytes(value_bits(held) ? (ValueRef)held : object);
        result = str_decode(t, b->data, b->length, codec, handler);
    }
    value_release(t, held);
    free(allocated);
    return result;
}
