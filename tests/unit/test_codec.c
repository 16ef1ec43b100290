#include <criterion/criterion.h>
#include <string.h>
#include "runtime/support/codec.h"

static CodecStatus decode(Codec codec, const char *in, size_t n, bool final, TextBuffer *out, size_t *position, CodecError *error) {
    Decoder d = codec_decoder(codec);
    *out = (TextBuffer){0};
    *position = 0;
    return codec_decode(&d, (const uint8_t *)in, n, final, position, out, error);
}

static void good(Codec codec, const char *in, size_t n, const uint32_t *want, size_t m) {
    TextBuffer out;
    CodecError error;
    size_t position;
    cr_assert_eq(decode(codec, in, n, true, &out, &position, &error), CODEC_DONE, "%s", error.reason);
    cr_assert_eq(out.length, m);
    for (size_t i = 0; i < m; i++) cr_assert_eq(text_at(textbuffer_text(&out), i), want[i]);
    ByteBuffer bytes = {0};
    position = 0;
    cr_assert_eq(codec_encode(codec, textbuffer_text(&out), &position, &bytes, &error), CODEC_DONE);
    cr_assert(bytes.length == n && !memcmp(bytes.data, in, n));
    bytebuffer_free(&bytes);
    textbuffer_free(&out);
}
#define GOOD(codec, in, want) good(codec, in, sizeof in - 1, want, sizeof want / 4 - 1)

Test(codec, goes_both_ways) {
    GOOD(CODEC_UTF_8, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", U"a\xe9\x20ac\x1f600");
    GOOD(CODEC_UTF_16_LE, "a\0=\xd8\x00\xde", U"a\x1f600");
    GOOD(CODEC_UTF_16_BE, "\0a\xd8=\xde\x00", U"a\x1f600");
    GOOD(CODEC_UTF_16, "\xff\xfe" "a\0", U"a");
    GOOD(CODEC_UTF_32_BE, "\0\1\xf6\0", U"\x1f600");
    GOOD(CODEC_LATIN_1, "a\xff", U"a\xff");
    GOOD(CODEC_UTF_7, "+AOk-a+-b+2D3eAA!", U"\xe9" U"a+b\x1f600!");
    GOOD(CODEC_UNICODE_ESCAPE, "a\\n\\xe9\\u20ac\\U0001f600\\\\", U"a\n\xe9\x20ac\x1f600\\");
    GOOD(CODEC_RAW_UNICODE_ESCAPE, "\\n\xe9\\u20ac", U"\\n\xe9\x20ac");
}

static void bad(Codec codec, const char *in, size_t n, size_t start, size_t end, const char *reason) {
    TextBuffer out;
    CodecError error;
    size_t position;
    cr_assert_eq(decode(codec, in, n, true, &out, &position, &error), CODEC_ERROR);
    cr_assert_eq(error.start, start);
    cr_assert_eq(error.end, end);
    cr_assert_str_eq(error.reason, reason);
    textbuffer_free(&out);
}
#define BAD(codec, in, start, end, reason) bad(codec, in, sizeof in - 1, start, end, reason)

Test(codec, says_exactly_what_is_wrong) {
    BAD(CODEC_UTF_8, "a\x80", 1, 2, "invalid start byte");
    BAD(CODEC_UTF_8, "\xe2\x82z", 0, 2, "invalid continuation byte");
    BAD(CODEC_UTF_8, "\xed\xa0\x80", 0, 1, "invalid continuation byte");
    BAD(CODEC_UTF_8, "\xf0\x9f\x98", 0, 3, "unexpected end of data");
    BAD(CODEC_UTF_16_LE, "a", 0, 1, "truncated data");
    BAD(CODEC_UTF_16_LE, "\0\xdc", 0, 2, "illegal encoding");
    BAD(CODEC_ASCII, "ab\xff", 2, 3, "ordinal not in range(128)");
    BAD(CODEC_UNICODE_ESCAPE, "\\x1", 0, 3, "truncated \\xXX escape");
    BAD(CODEC_UTF_7, "+AG", 0, 3, "unterminated shift sequence");
}

Test(codec, waits_for_the_rest) {
    TextBuffer out;
    CodecError error;
    size_t position;
    cr_assert_eq(decode(CODEC_UTF_8, "a\xe2\x82", 3, false, &out, &position, &error), CODEC_DONE);
    cr_assert(position == 1 && out.length == 1);
    textbuffer_free(&out);
    cr_assert_eq(decode(CODEC_UTF_16, "\xff", 1, false, &out, &position, &error), CODEC_DONE);
    cr_assert_eq(position, 0);
}

Test(codec, measures_and_fills) {
    const char *s = "0123456789012345678901234567890123456789\xc3\xa9\xf0\x9f\x98\x80";
    uint32_t bits, wide[64];
    size_t n = codec_utf8_measure((const uint8_t *)s, strlen(s), &bits);
    cr_assert_eq(n, 42u);
    cr_assert_geq(bits, 0x10000u);
    codec_utf8_fill((const uint8_t *)s, strlen(s), wide, 4);
    cr_assert_eq(wide[40], 0xe9u);
    cr_assert_eq(wide[41], 0x1f600u);
    cr_assert_eq(codec_utf8_size(text_of(wide, 42, 4), false), strlen(s));
    cr_assert_eq(codec_utf8_measure((const uint8_t *)"\xc0\x80", 2, &bits), SIZE_MAX);
    cr_assert_eq(codec_utf8_size(text_of(U"\xd800", 1, 4), false), SIZE_MAX);
}
