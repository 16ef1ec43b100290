// The methods that str, bytes and bytearray have in common, each written once over a Text. No Python runs in here, so a
// caller may hold a bytearray's lock, or rely on a private one staying as it is.
#pragma once
#include "runtime/objects/container.h"
#include "runtime/support/strsearch.h"

typedef struct TextlikeKind {
    Value (*make)(Thread *t, Text text);  // a new object with this text
    bool (*is_space)(uint32_t c);
    bool (*is_linebreak)(uint32_t c);
    bool controls_are_space;  // 0x1c..0x1f are: in str, not in bytes
} TextlikeKind;
extern const TextlikeKind textlike_str, textlike_ascii, textlike_bytes, textlike_bytearray; // textlike_ascii: a str known to be ASCII

typedef struct Textlike {
    Thread *t;
    const TextlikeKind *kind;
    ValueRef self;
    Text text;
    bool whole; // an exact immutable: all of it is the object itself
} Textlike;

Value textlike_slice(const Textlike *self, size_t start, size_t end);
Value textlike_split(const Textlike *self, const Text *separator_or_null, int64_t max);  // negative max: no limit
Value textlike_rsplit(const Textlike *self, const Text *separator_or_null, int64_t max);
Value textlike_splitlines(const Textlike *self, bool keep_ends);
// (before, separator, after); the middle is `separator_value` where given, else a new object.
Value textlike_partition(const Textlike *self, Text separator, ValueRef separator_value, bool from_right);
enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };
Value textlike_strip(const Textlike *self, int sides, const Text *chars_or_null);
// At most `max` replacements (negative: all). 0: nothing to replace; 1: done, in `out`.
int textlike_replace(Text text, Text old, Text new, int64_t max, TextBuffer *out);
void textlike_expandtabs(Text text, int64_t tab_size, TextBuffer *out);
void textlike_pad(Text text, size_t left, size_t right, uint32_t fill, TextBuffer *out);
void textlike_zfill(Text text, size_t width, TextBuffer *out);

// The optional start and end of find() and its kin (UNDEF or None where not given), fitted to a length. -1.
int textlike_range(Thread *t, ValueRef start, ValueRef end, int64_t *start_out, int64_t *end_out);
void textlike_fit(int64_t length, int64_t *start, int64_t *end);
// The first (last) occurrence within a fitted range, or -1.
int64_t textlike_find(Text text, Text sub, int64_t start, int64_t end, bool from_right);
int64_t textlike_count(Text text, Text sub, int64_t start, int64_t end);
bool textlike_has_at_end(Text text, Text part, int64_t start, int64_t end, bool at_start);
