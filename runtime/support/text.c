#include "runtime/support/text.h"
#include <stdlib.h>
#include <string.h>

#define COPY(to_type, from_type)                                    \
    do {                                                            \
        to_type *d = to;                                            \
        const from_type *s = from;                                  \
        for (size_t i = 0; i < n; i++) d[i] = (to_type)s[i];        \
    } while (0)

void text_copy(void *to, uint32_t to_width, const void *from, uint32_t from_width, size_t n) {
    if (n == 0) return;
    if (to_width == from_width) {
        memcpy(to, from, n * to_width);
        return;
    }
    switch (to_width * 8 + from_width) {
        case 2 * 8 + 1: COPY(uint16_t, uint8_t); break;
        case 4 * 8 + 1: COPY(uint32_t, uint8_t); break;
        case 4 * 8 + 2: COPY(uint32_t, uint16_t); break;
        case 1 * 8 + 2: COPY(uint8_t, uint16_t); break;
        case 1 * 8 + 4: COPY(uint8_t, uint32_t); break;
        case 2 * 8 + 4: COPY(uint16_t, uint32_t); break;
    }
}

// The bits of all code points or-ed together: every class limit is a power of two, so this says the class.
#define OR_ALL(type)                                                \
    do {                                                            \
        const type *s = data;                                       \
        for (size_t i = 0; i < n; i++) bits |= s[i];                \
    } while (0)

uint32_t text_max_class(const void *data, uint32_t width, size_t n) {
    uint32_t bits = 0;
    if (width == 1) OR_ALL(uint8_t);
    else if (width == 2) OR_ALL(uint16_t);
    else OR_ALL(uint32_t);
    return bits < 0x80 ? 0x7f : bits < 0x100 ? 0xff : bits < 0x10000 ? 0xffff : 0x10ffff;
}

// --- growing buffers ----------------------------------------------------------------------------------------------

static bool text_reserve(TextBuffer *b, size_t more, uint32_t width) {
    if (b->failed) return false;
    if (width <= b->width && more <= b->room - b->length) return true;
    if (width < b->width) width = b->width;
    size_t room = b->room;
    if (more > room - b->length) {
        if (more > SIZE_MAX / 16 || b->length > SIZE_MAX / 16) goto failed;
        room = b->length + more + b->length / 2 + 56;
    }
    void *data;
    if (width == b->width) {
        data = realloc(b->data, room * width);
        if (!data) goto failed;
    } else {
        data = malloc(room * width);
        if (!data) goto failed;
        if (b->length) text_copy(data, width, b->data, b->width, b->length);
        free(b->data);
    }
    b->data = data;
    b->room = room;
    b->width = width;
    return true;
failed:
    b->failed = true;
    return false;
}

void textbuffer_put_slow(TextBuffer *b, uint32_t c) {
    if (!text_reserve(b, 1, text_width_for(c))) return;
    b->bits |= c;
    text_put(b->data, b->width, b->length++, c);
}

void textbuffer_put_ascii(TextBuffer *b, const void *chars, size_t n) {
    if (n == 0 || !text_reserve(b, n, 1)) return;
    text_copy((char *)b->data + b->length * b->width, b->width, chars, 1, n);
    b->length += n;
}

void textbuffer_put_text(TextBuffer *b, Text text) {
    if (text.length == 0) return;
    uint32_t max = text_max_class(text.data, text.width, text.length);
    if (!text_reserve(b, text.length, text_width_for(max))) return;
    b->bits |= max;
    text_copy((char *)b->data + b->length * b->width, b->width, text.data, text.width, text.length);
    b->length += text.length;
}

void textbuffer_free(TextBuffer *b) {
    free(b->data);
    *b = (TextBuffer){0};
}

bool bytebuffer_reserve(ByteBuffer *b, size_t n) {
    if (b->failed) return false;
    if (n <= b->room - b->length) return true;
    size_t room = b->length + n + b->length / 2 + 16;
    uint8_t *data = n < SIZE_MAX / 4 && b->length < SIZE_MAX / 4 ? realloc(b->data, room) : NULL;
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->room = room;
    return true;
}

void bytebuffer_put(ByteBuffer *b, const void *bytes, size_t n) {
    if (n == 0 || !bytebuffer_reserve(b, n)) return;
    memcpy(b->data + b->length, bytes, n);
    b->length += n;
}

void bytebuffer_free(ByteBuffer *b) {
    free(b->data);
    *b = (ByteBuffer){0};
}
