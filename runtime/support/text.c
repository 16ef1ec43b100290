#include "runtime/support/text.h"
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
