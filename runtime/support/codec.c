#include "runtime/support/codec.h"
#include <string.h>
#include "runtime/support/unicode.h"

static bool is_surrogate(uint32_t c) { return c >= 0xd800 && c < 0xe000; }
static bool is_high(uint32_t c) { return c >= 0xd800 && c < 0xdc00; }
static bool is_low(uint32_t c) { return c >= 0xdc00 && c < 0xe000; }
#define LITTLE_MACHINE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

static const struct {
    const char *name;
    Codec codec;
} names[] = {
    {"utf8", CODEC_UTF_8}, {"utf-8", CODEC_UTF_8}, {"u8", CODEC_UTF_8}, {"cp65001", CODEC_UTF_8}, {"ascii", CODEC_ASCII},
    {"us-ascii", CODEC_ASCII}, {"latin-1", CODEC_LATIN_1}, {"latin1", CODEC_LATIN_1}, {"iso-8859-1", CODEC_LATIN_1},
    {"iso8859-1", CODEC_LATIN_1}, {"l1", CODEC_LATIN_1}, {"utf-7", CODEC_UTF_7}, {"utf7", CODEC_UTF_7}, {"utf-16", CODEC_UTF_16},
    {"utf16", CODEC_UTF_16}, {"utf-16-le", CODEC_UTF_16_LE}, {"utf-16-be", CODEC_UTF_16_BE}, {"utf-32", CODEC_UTF_32},
    {"utf32", CODEC_UTF_32}, {"utf-32-le", CODEC_UTF_32_LE}, {"utf-32-be", CODEC_UTF_32_BE},
    {"unicode-escape", CODEC_UNICODE_ESCAPE}, {"raw-unicode-escape", CODEC_RAW_UNICODE_ESCAPE},
};

Codec codec_of_name(const char *name) {
    char plain[24];
    size_t n = 0;
    for (; name[n]; n++) {
        if (n + 1 == sizeof plain) return CODEC_NONE;
        char c = name[n];
        plain[n] = c == '_' || c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    plain[n] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(plain, names[i].name)) return names[i].codec;
    return CODEC_NONE;
}

const char *codec_name(Codec codec) {
    static const char *const shown[] = {"ascii", "latin-1", "utf-8", "utf7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
        "utf-32-be", "unicodeescape", "rawunicodeescape"};
    return codec < CODEC_NONE ? shown[codec] : "charmap";
}

// --- UTF-8 --------------------------------------------------------------------------------------------------------

size_t codec_ascii_prefix(const uint8_t *in, size_t n) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, in + i, 32);
        if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080u) break;
    }
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, in + i, 8);
        if (w & 0x8080808080808080u) break;
    }
    while (i < n && in[i] < 0x80) i++;
    return i;
}

typedef enum { SEQUENCE, BAD_START, BAD_CONTINUATION, CUT_OFF } Utf8;

// One sequence at p (not ASCII). SEQUENCE: *c and *length. Else *length is that of the part that is wrong: the maximal
// subpart of Unicode 3.9, table 3-8.
static Utf8 read_utf8(const uint8_t *p, const uint8_t *end, uint32_t *c, size_t *length) {
    uint8_t lead = *p, low = 0x80, high = 0xbf;
    size_t need;
    *length = 1;
    if (lead < 0xc2 || lead > 0xf4) return BAD_START;
    if (lead < 0xe0) {
        need = 2;
        *c = lead & 0x1f;
    } else if (lead < 0xf0) {
        need = 3;
        *c = lead & 0x0f;
        if (lead == 0xe0) low = 0xa0;
        if (lead == 0xed) high = 0x9f;
    } else {
        need = 4;
        *c = lead & 7;
        if (lead == 0xf0) low = 0x90;
        if (lead == 0xf4) high = 0x8f;
    }
    for (size_t i = 1; i < need; i++) {
        if (p + i == end) {
            *length = i;
            return CUT_OFF;
        }
        if (p[i] < low || p[i] > high) {
            *length = i;
            return BAD_CONTINUATION;
        }
        *c = *c << 6 | (p[i] & 0x3f);
        low = 0x80, high = 0xbf;
    }
    *length = need;
    return SEQUENCE;
}

size_t codec_utf8_measure(const uint8_t *in, size_t n, uint32_t *bits) {
    size_t count = 0, used;
    const uint8_t *p = in, *end = in + n;
    uint32_t all = 0, c;
    while (p < end) {
        if (*p < 0x80) {
            size_t run = codec_ascii_prefix(p, (size_t)(end - p));
            count += run;
            p += run;
            continue;
        }
        if (read_utf8(p, end, &c, &used) != SEQUENCE) return SIZE_MAX;
        all |= c;
        count++;
        p += used;
    }
    *bits = all;
    return count;
}

#define FILL(type)                                                                                            \
    do {                                                                                                      \
        type *o = out;                                                                                        \
        while (p < end) {                                                                                     \
            uint8_t b = *p;                                                                                   \
            if (b < 0x80) {                                                                                   \
                *o++ = b;                                                                                     \
                p++;                                                                                          \
            } else if (b < 0xe0) {                                                                            \
                *o++ = (type)((b & 0x1fu) << 6 | (p[1] & 0x3fu));                                             \
                p += 2;                                                                                       \
            } else if (b < 0xf0) {                                                                            \
                *o++ = (type)((b & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu));                       \
                p += 3;                                                                                       \
            } else {                                                                                          \
                *o++ = (type)((b & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu));  \
                p += 4;                                                                                       \
            }                                                                                                 \
        }                                                                                                     \
    } while (0)

void codec_utf8_fill(const uint8_t *in, size_t n, void *out, uint32_t width) {
    const uint8_t *p = in, *end = in + n;
    if (width == 1) FILL(uint8_t);
    else if (width == 2) FILL(uint16_t);
    else FILL(uint32_t);
}

static CodecStatus decode_utf8(const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    const uint8_t *p = in + *position, *end = in + n;
    while (p < end) {
        if (*p < 0x80) {
            size_t run = codec_ascii_prefix(p, (size_t)(end - p));
            textbuffer_put_ascii(out, p, run);
            p += run;
            continue;
        }
        uint32_t c;
        size_t used;
        Utf8 kind = read_utf8(p, end, &c, &used);
        if (kind == SEQUENCE) {
            textbuffer_put(out, c);
            p += used;
            continue;
        }
        *position = (size_t)(p - in);
        // Half a surrogate waits for its end too: an error handler (surrogatepass) may want all three bytes.
        bool half_surrogate = end - p == 2 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xbf;
        if (!final && (kind == CUT_OFF || half_surrogate)) return CODEC_DONE;
        *error = (CodecError){*position, *position + used,
            kind == BAD_START ? "invalid start byte" : kind == CUT_OFF ? "unexpected end of data" : "invalid continuation byte"};
        return CODEC_ERROR;
    }
    *position = n;
    return CODEC_DONE;
}

size_t codec_utf8_size(Text in, bool surrogates_too) {
    size_t total = 0;
    if (in.width == 1) {
        const uint8_t *p = in.data;
        size_t high = 0;
        for (size_t i = 0; i < in.length; i++) high += p[i] >> 7;
        return in.length > SIZE_MAX - high ? SIZE_MAX : in.length + high;
    }
    for (size_t i = 0; i < in.length; i++) {
        uint32_t c = text_at(in, i);
        if (!surrogates_too && is_surrogate(c)) return SIZE_MAX;
        total += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return total;
}

size_t codec_utf8_put(uint32_t c, uint8_t out[4]) {
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = 0x80 | (c & 0x3f);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = 0x80 | (c >> 6 & 0x3f);
        out[2] = 0x80 | (c & 0x3f);
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = 0x80 | (c >> 12 & 0x3f);
    out[2] = 0x80 | (c >> 6 & 0x3f);
    out[3] = 0x80 | (c & 0x3f);
    return 4;
}

void codec_utf8_write(Text in, uint8_t *out) {
    for (size_t i = 0; i < in.length; i++) out += codec_utf8_put(text_at(in, i), out);
}

// --- UTF-16 and UTF-32 --------------------------------------------------------------------------------------------

static uint32_t read_unit(const uint8_t *p, size_t size, bool big) {
    uint32_t v = 0;
    for (size_t i = 0; i < size; i++) v |= (uint32_t)p[i] << 8 * (big ? size - 1 - i : i);
    return v;
}

static void put_unit(ByteBuffer *out, uint32_t v, size_t size, bool big) {
    for (size_t i = 0; i < size; i++) bytebuffer_put1(out, (uint8_t)(v >> 8 * (big ? size - 1 - i : i)));
}

static bool settle_order(Decoder *d, const uint8_t *in, size_t n, size_t size, bool final, size_t *position) {
    if (d->order || d->mark_looked_for) return true;
    if (n - *position >= size) {
        uint32_t mark = read_unit(in + *position, size, false);
        if (mark == 0xfeff) d->order = -1;
        else if (mark == (size == 2 ? 0xfffeu : 0xfffe0000u)) d->order = 1;
        if (d->order) *position += size;
        d->mark_looked_for = true;
        return true;
    }
    return final;  // too short for a mark: the errors are found below
}

static CodecStatus decode_utf16(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    if (!settle_order(d, in, n, 2, final, position)) return CODEC_DONE;
    bool big = d->order ? d->order > 0 : !LITTLE_MACHINE;
    size_t i = *position;
    while (i < n) {
        const char *reason;
        size_t end = n;
        if (n - i < 2) {
            if (!final) break;
            reason = "truncated data";
        } else {
            uint32_t c = read_unit(in + i, 2, big);
            if (!is_surrogate(c)) {
                textbuffer_put(out, c);
                i += 2;
                continue;
            }
            if (is_low(c)) {
                reason = "illegal encoding";
                end = i + 2;
            } else if (n - i < 4) {
                if (!final) break;
                reason = "unexpected end of data";
            } else {
                uint32_t low = read_unit(in + i + 2, 2, big);
                if (is_low(low)) {
                    textbuffer_put(out, 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff)));
                    i += 4;
                    continue;
                }
                reason = "illegal UTF-16 surrogate";
                end = i + 2;
            }
        }
        *position = i;
        *error = (CodecError){i, end, reason};
        return CODEC_ERROR;
    }
    *position = i;
    return CODEC_DONE;
}

static CodecStatus decode_utf32(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    if (!settle_order(d, in, n, 4, final, position)) return CODEC_DONE;
    bool big = d->order ? d->order > 0 : !LITTLE_MACHINE;
    size_t i = *position;
    while (i < n) {
        const char *reason;
        size_t end = i + 4;
        if (n - i < 4) {
            if (!final) break;
            reason = "truncated data";
            end = n;
        } else {
            uint32_t c = read_unit(in + i, 4, big);
            if (c <= UNI_MAX && !is_surrogate(c)) {
                textbuffer_put(out, c);
                i += 4;
                continue;
            }
            reason = c > UNI_MAX ? "code point not in range(0x110000)" : "code point in surrogate code point range(0xd800, 0xe000)";
        }
        *position = i;
        *error = (CodecError){i, end, reason};
        return CODEC_ERROR;
    }
    *position = i;
    return CODEC_DONE;
}

// --- UTF-7 (RFC 2152) ---------------------------------------------------------------------------------------------

static int base64_value(uint32_t c) {
    if (c >= 'A' && c <= 'Z') return (int)c - 'A';
    if (c >= 'a' && c <= 'z') return (int)c - 'a' + 26;
    if (c >= '0' && c <= '9') return (int)c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static CodecStatus decode_utf7(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    size_t i = *position, start = i;
    const char *reason = NULL;
    while (i < n) {
        uint8_t c = in[i];
        if (d->in_shift) {
            int value = base64_value(c);
            if (value >= 0) {
                d->base64 = d->base64 << 6 | (uint32_t)value;
                d->base64_bits += 6;
                i++;
                if (d->base64_bits < 16) continue;
                uint32_t unit = d->base64 >> (d->base64_bits - 16);
                d->base64_bits -= 16;
                d->base64 &= (1u << d->base64_bits) - 1;
                if (d->surrogate) {
                    uint32_t high = d->surrogate;
                    d->surrogate = 0;
                    if (is_low(unit)) {
                        textbuffer_put(out, 0x10000 + ((high & 0x3ff) << 10 | (unit & 0x3ff)));
                        continue;
                    }
                    textbuffer_put(out, high);
                }
                if (is_high(unit)) d->surrogate = unit;
                else textbuffer_put(out, unit);
                continue;
            }
            d->in_shift = false;
            if (d->base64_bits >= 6 || (d->base64_bits && d->base64)) {
                i++;
                reason = d->base64_bits >= 6 ? "partial character in shift sequence" : "non-zero padding bits in shift sequence";
                start = d->shift_start;
                goto failed;
            }
            if (d->surrogate && c < 0x80 && c != '+') {
                textbuffer_put(out, d->surrogate);
                d->surrogate = 0;
            }
            if (c == '-') i++;
        } else if (c == '+') {
            start = i++;
            if (i < n && in[i] == '-') {
                i++;
                textbuffer_put(out, '+');
            } else if (i < n && base64_value(in[i]) < 0) {
                i++;
                reason = "ill-formed sequence";
                goto failed;
            } else {
                d->in_shift = true;
                d->surrogate = d->base64 = d->base64_bits = 0;
                d->shift_start = start;
                d->shift_out = out->length;
            }
        } else if (c < 0x80) {
            i++;
            textbuffer_put(out, c);
        } else {
            start = i++;
            reason = "unexpected special character";
            goto failed;
        }
    }
    if (d->in_shift) {
        if (!final) {  // back to the '+': the rest will come
            *position = d->shift_start;
            out->length = d->shift_out;
            d->in_shift = false;
            return CODEC_DONE;
        }
        d->in_shift = false;
        if (d->surrogate || d->base64_bits >= 6 || (d->base64_bits && d->base64)) {
            start = d->shift_start;
            reason = "unterminated shift sequence";
            goto failed;
        }
    }
    *position = i;
    return CODEC_DONE;
failed:
    *position = i;
    *error = (CodecError){start, i, reason};
    return CODEC_ERROR;
}

static bool utf7_direct(uint32_t c) {
    return (c >= ' ' && c < 0x7f && c != '+' && c != '\\' && c != '~') || c == '\t' || c == '\n' || c == '\r';
}

static void encode_utf7(Text in, ByteBuffer *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bool in_shift = false;
    uint64_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < in.length; i++) {
        uint32_t c = text_at(in, i);
        if (utf7_direct(c)) {
            if (in_shift) {
                if (count) bytebuffer_put1(out, (uint8_t)digits[bits << (6 - count) & 63]);
                in_shift = false;
                bits = count = 0;
                if (base64_value(c) >= 0 || c == '-') bytebuffer_put1(out, '-');
            }
            bytebuffer_put1(out, (uint8_t)c);
            continue;
        }
        if (!in_shift) {
            bytebuffer_put1(out, '+');
            if (c == '+') {
                bytebuffer_put1(out, '-');
                continue;
            }
            in_shift = true;
        }
        if (c >= 0x10000) {
            bits = bits << 16 | (0xd800 + ((c - 0x10000) >> 10));
            count += 16;
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        bits = bits << 16 | c;
        count += 16;
        for (; count >= 6; count -= 6) bytebuffer_put1(out, (uint8_t)digits[bits >> (count - 6) & 63]);
        bits &= (1u << count) - 1;
    }
    if (count) bytebuffer_put1(out, (uint8_t)digits[bits << (6 - count) & 63]);
    if (in_shift) bytebuffer_put1(out, '-');
}

// --- escapes ------------------------------------------------------------------------------------------------------

static int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Up to `count` hex digits at in[*i]; true where all were there. *i stops at what is no digit.
static bool read_hex(const uint8_t *in, size_t n, size_t *i, int count, uint32_t *value) {
    *value = 0;
    for (; count && *i < n && hex_value(in[*i]) >= 0; count--, ++*i) *value = *value << 4 | (uint32_t)hex_value(in[*i]);
    return count == 0;
}

static CodecStatus decode_escapes(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    size_t i = *position;
    while (i < n) {
        if (in[i] != '\\') {
            textbuffer_put(out, in[i++]);
            continue;
        }
        size_t start = i++;
        const char *reason = NULL;
        bool cut = false;  // more input could complete it
        if (i == n) {
            cut = true;
            reason = "\\ at end of string";
        } else {
            uint8_t c = in[i++];
            int count = 0;
            switch (c) {
                case '\n': continue;
                case '\\': case '\'': case '"': textbuffer_put(out, c); continue;
                case 'b': textbuffer_put(out, '\b'); continue;
                case 'f': textbuffer_put(out, '\f'); continue;
                case 't': textbuffer_put(out, '\t'); continue;
                case 'n': textbuffer_put(out, '\n'); continue;
                case 'r': textbuffer_put(out, '\r'); continue;
                case 'v': textbuffer_put(out, '\v'); continue;
                case 'a': textbuffer_put(out, '\a'); continue;
                case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
                    uint32_t value = c - '0';
                    int more = 2;
                    for (; more && i < n && in[i] >= '0' && in[i] <= '7'; more--) value = value * 8 + (in[i++] - '0');
                    if (value > 0xff && d->invalid_escape == SIZE_MAX) d->invalid_escape = start + 1;
                    textbuffer_put(out, value);
                    continue;
                }
                case 'x': count = 2; reason = "truncated \\xXX escape"; break;
                case 'u': count = 4; reason = "truncated \\uXXXX escape"; break;
                case 'U': count = 8; reason = "truncated \\UXXXXXXXX escape"; break;
                case 'N': {
                    reason = "malformed \\N character escape";
                    if (i == n) {
                        cut = true;
                        break;
                    }
                    if (in[i] != '{') break;
                    size_t name = ++i;
                    while (i < n && in[i] != '}') i++;
                    if (i == n) {
                        cut = true;
                        break;
                    }
                    size_t length = i - name;
                    if (length == 0) break;
                    i++;
                    uint32_t found = uni_lookup_name((const char *)in + name, length);
                    if (found != UINT32_MAX) {
                        textbuffer_put(out, found);
                        continue;
                    }
                    reason = "unknown Unicode character name";
                    break;
                }
                default:
                    if (d->invalid_escape == SIZE_MAX) d->invalid_escape = start + 1;
                    textbuffer_put(out, '\\');
                    textbuffer_put(out, c);
                    continue;
            }
            if (count) {
                uint32_t value;
                if (read_hex(in, n, &i, count, &value)) {
                    if (value <= UNI_MAX) {
                        textbuffer_put(out, value);
                        continue;
                    }
                    reason = "illegal Unicode character";
                } else {
                    cut = i == n;
                }
            }
        }
        *position = start;
        if (cut && !final) return CODEC_DONE;
        *error = (CodecError){start, i, reason};
        return CODEC_ERROR;
    }
    *position = i;
    return CODEC_DONE;
}

static CodecStatus decode_raw_escapes(const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    size_t i = *position;
    while (i < n) {
        if (in[i] != '\\' || (i + 1 == n && final)) {
            textbuffer_put(out, in[i++]);
            continue;
        }
        size_t start = i++;
        *position = start;
        if (i == n) return CODEC_DONE;
        uint8_t c = in[i++];
        if (c != 'u' && c != 'U') {
            textbuffer_put(out, '\\');
            textbuffer_put(out, c);
            continue;
        }
        uint32_t value;
        bool whole = read_hex(in, n, &i, c == 'u' ? 4 : 8, &value);
        if (whole && value <= UNI_MAX) {
            textbuffer_put(out, value);
            continue;
        }
        if (!whole && i == n && !final) return CODEC_DONE;
        *error = (CodecError){start, i, whole ? "\\Uxxxxxxxx out of range" : c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape"};
        return CODEC_ERROR;
    }
    *position = i;
    return CODEC_DONE;
}

static void put_hex(ByteBuffer *out, char letter, uint32_t c, int digits) {
    bytebuffer_put1(out, '\\');
    bytebuffer_put1(out, (uint8_t)letter);
    while (digits--) bytebuffer_put1(out, (uint8_t) "0123456789abcdef"[c >> 4 * digits & 15]);
}

static void encode_escapes(Text in, ByteBuffer *out, bool raw) {
    for (size_t i = 0; i < in.length; i++) {
        uint32_t c = text_at(in, i);
        if (c >= 0x10000) put_hex(out, 'U', c, 8);
        else if (c >= 0x100) put_hex(out, 'u', c, 4);
        else if (raw || (c >= ' ' && c < 0x7f && c != '\\')) bytebuffer_put1(out, (uint8_t)c);
        else if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
            bytebuffer_put1(out, '\\');
            bytebuffer_put1(out, c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : '\\');
        } else put_hex(out, 'x', c, 2);
    }
}

// --- all ----------------------------------------------------------------------------------------------------------

static CodecStatus decode_single(const uint8_t *in, size_t n, uint8_t limit, size_t *position, TextBuffer *out, CodecError *error) {
    size_t i = *position;
    while (i < n) {
        size_t run = codec_ascii_prefix(in + i, n - i);
        textbuffer_put_ascii(out, in + i, run);
        i += run;
        for (; i < n && in[i] >= 0x80; i++) {
            if (limit < 0x80) {
                *position = i;
                *error = (CodecError){i, i + 1, "ordinal not in range(128)"};
                return CODEC_ERROR;
            }
            textbuffer_put(out, in[i]);
        }
    }
    *position = i;
    return CODEC_DONE;
}

CodecStatus codec_decode(Decoder *d, const uint8_t *in, size_t n, bool final, size_t *position, TextBuffer *out, CodecError *error) {
    CodecStatus status = CODEC_DONE;
    switch (d->codec) {
        case CODEC_ASCII: status = decode_single(in, n, 0x7f, position, out, error); break;
        case CODEC_LATIN_1: status = decode_single(in, n, 0xff, position, out, error); break;
        case CODEC_UTF_8: status = decode_utf8(in, n, final, position, out, error); break;
        case CODEC_UTF_7: status = decode_utf7(d, in, n, final, position, out, error); break;
        case CODEC_UTF_16_LE: case CODEC_UTF_16_BE: d->order = d->codec == CODEC_UTF_16_LE ? -1 : 1;  // fall through
        case CODEC_UTF_16: status = decode_utf16(d, in, n, final, position, out, error); break;
        case CODEC_UTF_32_LE: case CODEC_UTF_32_BE: d->order = d->codec == CODEC_UTF_32_LE ? -1 : 1;  // fall through
        case CODEC_UTF_32: status = decode_utf32(d, in, n, final, position, out, error); break;
        case CODEC_UNICODE_ESCAPE: status = decode_escapes(d, in, n, final, position, out, error); break;
        case CODEC_RAW_UNICODE_ESCAPE: status = decode_raw_escapes(in, n, final, position, out, error); break;
        case CODEC_NONE: break;
    }
    return out->failed ? CODEC_NO_MEMORY : status;
}

static CodecStatus encode_units(Text in, size_t size, bool big, size_t *position, ByteBuffer *out, CodecError *error) {
    for (size_t i = *position; i < in.length; i++) {
        uint32_t c = text_at(in, i);
        if (is_surrogate(c)) {
            *position = i;
            *error = (CodecError){i, i + 1, "surrogates not allowed"};
            return CODEC_ERROR;
        }
        if (size == 2 && c >= 0x10000) {
            put_unit(out, 0xd800 + ((c - 0x10000) >> 10), 2, big);
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        put_unit(out, c, size, big);
    }
    *position = in.length;
    return CODEC_DONE;
}

CodecStatus codec_encode(Codec codec, Text in, size_t *position, ByteBuffer *out, CodecError *error) {
    CodecStatus status = CODEC_DONE;
    size_t i = *position;
    switch (codec) {
        case CODEC_ASCII: case CODEC_LATIN_1: {
            uint32_t limit = codec == CODEC_ASCII ? 0x7f : 0xff;
            for (; i < in.length; i++) {
                uint32_t c = text_at(in, i);
                if (c > limit) {
                    size_t end = i + 1;
                    while (end < in.length && text_at(in, end) > limit) end++;
                    *position = i;
                    *error = (CodecError){i, end, codec == CODEC_ASCII ? "ordinal not in range(128)" : "ordinal not in range(256)"};
                    status = CODEC_ERROR;
                    goto done;
                }
                bytebuffer_put1(out, (uint8_t)c);
            }
            break;
        }
        case CODEC_UTF_8:
            for (; i < in.length; i++) {
                uint32_t c = text_at(in, i);
                if (is_surrogate(c)) {
                    size_t end = i + 1;
                    while (end < in.length && is_surrogate(text_at(in, end))) end++;
                    *position = i;
                    *error = (CodecError){i, end, "surrogates not allowed"};
                    status = CODEC_ERROR;
                    goto done;
                }
                uint8_t bytes[4];
                bytebuffer_put(out, bytes, codec_utf8_put(c, bytes));
            }
            break;
        case CODEC_UTF_16: case CODEC_UTF_32:
            if (*position == 0 && out->length == 0) put_unit(out, 0xfeff, codec == CODEC_UTF_16 ? 2 : 4, !LITTLE_MACHINE);
            status = encode_units(in, codec == CODEC_UTF_16 ? 2 : 4, !LITTLE_MACHINE, position, out, error);
            goto done;
        case CODEC_UTF_16_LE: case CODEC_UTF_16_BE:
            status = encode_units(in, 2, codec == CODEC_UTF_16_BE, position, out, error);
            goto done;
        case CODEC_UTF_32_LE: case CODEC_UTF_32_BE:
            status = encode_units(in, 4, codec == CODEC_UTF_32_BE, position, out, error);
            goto done;
        case CODEC_UTF_7: encode_utf7(in, out); break;
        case CODEC_UNICODE_ESCAPE: case CODEC_RAW_UNICODE_ESCAPE:
            encode_escapes(in, out, codec == CODEC_RAW_UNICODE_ESCAPE);
            break;
        case CODEC_NONE: break;
    }
    *position = in.length;
done:
    return out->failed ? CODEC_NO_MEMORY : status;
}
