// A borrowed run of code points in 1, 2 or 4 bytes each: the form in which the kernels take strings.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Two words, so that it is passed in registers: a larger struct goes through memory, and is read there in other pieces than it was
// written in, which stalls.
typedef struct {
    const void *data;
    size_t length : 61;  // code points
    size_t width : 3;    // bytes per code point: 1, 2 or 4
} Text;

static inline Text text_of(const void *data, size_t length, uint32_t width) {
    return (Text){data, length, width};
}

static inline uint32_t text_at(Text t, size_t i) {
    return t.width == 1 ? ((const uint8_t *)t.data)[i] : t.width == 2 ? ((const uint16_t *)t.data)[i] : ((const uint32_t *)t.data)[i];
}

// The bytes per code point of a string whose largest code point is `max`.
static inline uint32_t text_width_for(uint32_t max) {
    return max < 0x100 ? 1 : max < 0x10000 ? 2 : 4;
}

static inline void text_put(void *data, uint32_t width, size_t i, uint32_t c) {
    if (width == 1) ((uint8_t *)data)[i] = (uint8_t)c;
    else if (width == 2) ((uint16_t *)data)[i] = (uint16_t)c;
    else ((uint32_t *)data)[i] = c;
}

// Short runs of bytes, in words that may overlap: a call of memcmp or memcpy is dear.
static inline uint64_t text_load_u64(const void *p) {
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}
static inline uint32_t text_load_u32(const void *p) {
    uint32_t w;
    memcpy(&w, p, sizeof w);
    return w;
}
static inline bool text_bytes_equal(const void *a, const void *b, size_t n) {
    const uint8_t *x = a, *y = b;
    if (n >= 8) return text_load_u64(x) == text_load_u64(y) && (n > 16 ? !memcmp(x + 8, y + 8, n - 8) : text_load_u64(x + n - 8) == text_load_u64(y + n - 8));
    if (n >= 4) return text_load_u32(x) == text_load_u32(y) && text_load_u32(x + n - 4) == text_load_u32(y + n - 4);
    return n == 0 || (x[0] == y[0] && x[n / 2] == y[n / 2] && x[n - 1] == y[n - 1]);
}
static inline void text_bytes_copy(void *to, const void *from, size_t n) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (n > 16) {
        memcpy(out, in, n);
    } else if (n >= 8) {
        uint64_t first = text_load_u64(in), last = text_load_u64(in + n - 8);
        memcpy(out, &first, sizeof first);
        memcpy(out + n - 8, &last, sizeof last);
    } else if (n >= 4) {
        uint32_t first = text_load_u32(in), last = text_load_u32(in + n - 4);
        memcpy(out, &first, sizeof first);
        memcpy(out + n - 4, &last, sizeof last);
    } else if (n) {
        uint8_t first = in[0], middle = in[n / 2], last = in[n - 1];
        out[0] = first;
        out[n / 2] = middle;
        out[n - 1] = last;
    }
}

// Copies n code points between widths. Narrowing needs every code point to fit.
void text_copy(void *to, uint32_t to_width, const void *from, uint32_t from_width, size_t n);

// An upper bound of the largest code point: exact where it decides between ASCII, 1, 2 and 4 bytes
// (one of 0x7f, 0xff, 0xffff, 0x10ffff).
uint32_t text_max_class(const void *data, uint32_t width, size_t n);

// A text that grows, in the narrowest width so far. `failed`: memory ran out; then what is put in is dropped.
typedef struct {
    void *data;  // malloc
    size_t length, room;
    uint32_t width;  // 0 while nothing was put in
    uint32_t bits;   // all code points or-ed together
    bool failed;
} TextBuffer;

void textbuffer_put_slow(TextBuffer *b, uint32_t c);
static inline void textbuffer_put(TextBuffer *b, uint32_t c) {
    if (__builtin_expect(b->length < b->room && b->width == 1 && c < 0x100 && !b->failed, 1)) {
        b->bits |= c;
        ((uint8_t *)b->data)[b->length++] = (uint8_t)c;
        return;
    }
    textbuffer_put_slow(b, c);
}
void textbuffer_put_ascii(TextBuffer *b, const void *chars, size_t n);
void textbuffer_put_text(TextBuffer *b, Text text);
void textbuffer_free(TextBuffer *b);
static inline Text textbuffer_text(const TextBuffer *b) { return text_of(b->data, b->length, b->width ? b->width : 1); }

// Bytes that grow.
typedef struct {
    uint8_t *data;  // malloc
    size_t length, room;
    bool failed;
} ByteBuffer;

// Room for n more bytes, to be filled at data + length; false (and failed) where memory ran out.
bool bytebuffer_reserve(ByteBuffer *b, size_t n);
void bytebuffer_put(ByteBuffer *b, const void *bytes, size_t n);
static inline void bytebuffer_put1(ByteBuffer *b, uint8_t byte) {
    if (b->length < b->room || bytebuffer_reserve(b, 1)) b->data[b->length++] = byte;
}
void bytebuffer_free(ByteBuffer *b);
