// Bytes to text and back. A decoder or encoder runs until the end or the first error; the caller deals with the error (an
// error handler may do anything), sets the position and calls again.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/support/text.h"

typedef enum {
    CODEC_ASCII, CODEC_LATIN_1, CODEC_UTF_8, CODEC_UTF_7, CODEC_UTF_16, CODEC_UTF_16_LE, CODEC_UTF_16_BE, CODEC_UTF_32, CODEC_UTF_32_LE,
    CODEC_UTF_32_BE, CODEC_UNICODE_ESCAPE, CODEC_RAW_UNICODE_ESCAPE, CODEC_NONE
} Codec;

typedef enum { CODEC_DONE, CODEC_ERROR, CODEC_NO_MEMORY } CodecStatus;

typedef struct {
    size_t start, end;   // of what could not be decoded or encoded
    const char *reason;  // in Python's words
} CodecError;

// What a decoder remembers between calls on one input. Zero it (codec_decoder) at the start.
typedef struct {
    Codec codec;
    int order;             // UTF-16, UTF-32: -1 little, 1 big, 0 not said: a byte order mark decides, without one it stays 0 (the machine's)
    bool mark_looked_for;
    size_t invalid_escape; // unicode_escape: where the first unknown escape stands, behind its backslash; SIZE_MAX: none
    bool in_shift;         // UTF-7 ...
    uint32_t base64, base64_bits, surrogate;
    size_t shift_start, shift_out;
    bool shift_unterminated;
} Decoder;

static inline Decoder codec_decoder(Codec codec) { return (Decoder){.codec = codec, .invalid_escape = SIZE_MAX}; }

// Decodes in[*position..n) into `out`. DONE: *position is where it stopped: n, or (not `final`) the start of an incomplete
// sequence. ERROR: `error` is filled; to go on, set *position (usually error->end) and call again.
CodecStatus codec_decode(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error);

// Encodes in[*position..length); likewise. UTF-16 and UTF-32 without a named order write a byte order mark at position 0.
CodecStatus codec_encode(Codec codec, Text in, size_t *position, ByteBuffer *out, CodecError *error);

// Bytes at the start that are ASCII.
size_t codec_ascii_prefix(const uint8_t *in, size_t n);
// Strictly valid UTF-8: its length in code points, and in *bits all code points or-ed together; SIZE_MAX: not valid.
size_t codec_utf8_measure(const uint8_t *in, size_t n, uint32_t *bits);
void codec_utf8_fill(const uint8_t *in, size_t n, void *out, uint32_t width);  // of what measure found valid
// The text's length in UTF-8, or SIZE_MAX where it has surrogates (but with surrogates_too: three bytes each).
size_t codec_utf8_size(Text in, bool surrogates_too);
void codec_utf8_write(Text in, uint8_t *out);
// One code point (a surrogate too) as UTF-8; returns the bytes written.
size_t codec_utf8_put(uint32_t c, uint8_t out[4]);

// The codec of a normalised or usual spelling ("utf-8", "UTF8", "latin-1", "ascii", ...), or CODEC_NONE.
Codec codec_of_name(const char *name);
const char *codec_name(Codec codec);  // the name that errors show
