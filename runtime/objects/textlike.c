#include "runtime/objects/textlike.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/unicode.h"

Value textlike_slice(const Textlike *self, size_t start, size_t end) {
    if (self->whole && start == 0 && end == self->text.length) return value_dup(self->t, self->self);
    return self->kind->make(self->t, text_slice(self->text, start, end));
}

// Appends a slice to the list; false (the list released) with an exception.
static ALWAYS_INLINE bool add_slice(const Textlike *self, Value list, size_t start, size_t end) {
    Value part = textlike_slice(self, start, end);
    if (value_bits(part) && list_append(self->t, value_list(list), part) == 0) return true;
    value_release(self->t, list);
    return false;
}

static inline bool is_space_at(const Textlike *self, size_t i) {
    uint32_t c = text_at(self->text, i);
    if (LIKELY(c < 0x80)) return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f && self->kind->controls_are_space);
    return self->kind->is_space(c);
}

// White space below 0x100: everywhere (1), where controls are (2), in Latin-1 (4).
static const uint8_t narrow_space[256] = {['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1,
                                          [0x1c] = 2, [0x1d] = 2, [0x1e] = 2, [0x1f] = 2, [0x85] = 4, [0xa0] = 4};

static size_t limit_of(int64_t max) { return max < 0 ? SIZE_MAX : (size_t)max; }

Value textlike_split(const Textlike *self, const Text *separator, int64_t max) {
    Text text = self->text;
    size_t limit = limit_of(max), at = 0, n = text.length;
    Value list = list_new(self->t, n < 8 ? 0 : 8);
    if (value_bits(list) == 0) return UNDEF;
    if (separator) {
        for (; limit > 0; limit--) {
            size_t found = strsearch_find(text_slice(text, at, n), *separator);
            if (found == SEARCH_NONE) break;
            if (!add_slice(self, list, at, at + found)) return UNDEF;
            at += found + separator->length;
        }
        return add_slice(self, list, at, n) ? list : UNDEF;
    }
    if (text.width == 1) { // as below, on bytes
        const uint8_t *p = text.data;
        const uint8_t wanted = self->kind->controls_are_space ? self->kind->is_space(0xa0) ? 7 : 3 : 1;
#define SPACE(c) (narrow_space[c] & wanted)
        for (;;) {
            while (at < n && SPACE(p[at])) at++;
            if (at == n) return list;
            size_t end = limit ? at : n;
            while (end < n && !SPACE(p[end])) end++;
            if (!add_slice(self, list, at, end)) return UNDEF;
            if (limit == 0) return list;
            limit--;
            at = end;
        }
#undef SPACE
    }
    for (;;) {
        while (at < n && is_space_at(self, at)) at++;
        if (at == n) return list;
        size_t end = at;
        if (limit == 0) {
            end = n; // the rest as it is
        } else {
            while (end < n && !is_space_at(self, end)) end++;
        }
        if (!add_slice(self, list, at, end)) return UNDEF;
        if (limit == 0) return list;
        limit--;
        at = end;
    }
}

static void reverse(Value list) {
    List *l = value_list(list); // fresh and private: words may change places
    for (int64_t i = 0, j = list_length(l) - 1; i < j; i++, j--) {
        Value low = l->items->item[i], high = l->items->item[j];
        slot_init(&l->items->item[i], high);
        slot_init(&l->items->item[j], low);
    }
}

Value textlike_rsplit(const Textlike *self, const Text *separator, int64_t max) {
    Text text = self->text;
    size_t limit = limit_of(max), end = text.length;
    Value list = list_new(self->t, 0);
    if (value_bits(list) == 0) return UNDEF;
    if (separator) {
        for (; limit > 0; limit--) {
            size_t found = strsearch_rfind(text_slice(text, 0, end), *separator);
            if (found == SEARCH_NONE) break;
            if (!add_slice(self, list, found + separator->length, end)) return UNDEF;
            end = found;
        }
        if (!add_slice(self, list, 0, end)) return UNDEF;
    } else {
        for (;;) {
            while (end > 0 && is_space_at(self, end - 1)) end--;
            if (end == 0) break;
            size_t start = end;
            if (limit == 0) {
                start = 0;
            } else {
                while (start > 0 && !is_space_at(self, start - 1)) start--;
            }
            if (!add_slice(self, list, start, end)) return UNDEF;
            if (limit == 0) break;
            limit--;
            end = start;
        }
    }
    if (list_length(value_list(list)) > 1) reverse(list);
    return list;
}

static inline bool is_linebreak_at(const Textlike *self, size_t i) {
    uint32_t c = text_at(self->text, i);
    if (LIKELY(c < 0x80)) return c == '\n' || c == '\r' || (self->kind->controls_are_space && (c == 0xb || c == 0xc || (c >= 0x1c && c <= 0x1e)));
    return self->kind->is_linebreak(c);
}

Value textlike_splitlines(const Textlike *self, bool keep_ends) {
    Text text = self->text;
    Value list = list_new(self->t, 0);
    if (value_bits(list) == 0) return UNDEF;
    for (size_t at = 0; at < text.length;) {
        size_t end = at;
        while (end < text.length && !is_linebreak_at(self, end)) end++;
        size_t next = end;
        if (next < text.length) {
            next++;
            if (text_at(text, end) == '\r' && next < text.length && text_at(text, next) == '\n') next++;
        }
        if (!add_slice(self, list, at, keep_ends ? next : end)) return UNDEF;
        at = next;
    }
    return list;
}

Value textlike_partition(const Textlike *self, Text separator, ValueRef separator_value, bool from_right) {
    Thread *t = self->t;
    Text text = self->text;
    size_t found = from_right ? strsearch_rfind(text, separator) : strsearch_find(text, separator);
    size_t n = text.length, cut = found == SEARCH_NONE ? (from_right ? 0 : n) : found;
    size_t after = found == SEARCH_NONE ? cut : found + separator.length;
    Value parts[3] = {UNDEF, UNDEF, UNDEF};
    parts[0] = textlike_slice(self, 0, cut);
    if (value_bits(parts[0])) {
        if (found == SEARCH_NONE) parts[1] = self->kind->make(t, text_slice(text, 0, 0));
        else parts[1] = value_bits(separator_value) ? value_dup(t, separator_value) : self->kind->make(t, separator);
    }
    if (value_bits(parts[1])) parts[2] = textlike_slice(self, after, n);
    if (value_bits(parts[2])) return tuple_from_values(t, parts, 3);
    value_release(t, parts[0]);
    value_release(t, parts[1]);
    return UNDEF;
}

static inline bool is_stripped(const Textlike *self, const Text *chars, size_t i) {
    return chars ? strsearch_char(*chars, text_at(self->text, i)) != SEARCH_NONE : is_space_at(self, i);
}

Value textlike_strip(const Textlike *self, int sides, const Text *chars) {
    size_t start = 0, end = self->text.length;
    if (sides & STRIP_LEFT)
        while (start < end && is_stripped(self, chars, start)) start++;
    if (sides & STRIP_RIGHT)
        while (end > start && is_stripped(self, chars, end - 1)) end--;
    return textlike_slice(self, start, end);
}

int textlike_replace(Text text, Text old, Text new, int64_t max, TextBuffer *out) {
    size_t limit = limit_of(max), at = 0;
    if (limit == 0 || old.length > text.length) return 0;
    if (old.length == 0) {
        for (size_t i = 0; i <= text.length && limit > 0; i++, limit--) {
            textbuffer_put_text(out, new);
            if (i < text.length) textbuffer_put(out, text_at(text, i));
            at = i + 1;
        }
        if (at < text.length) textbuffer_put_text(out, text_slice(text, at, text.length));
        return 1;
    }
    bool any = false;
    for (; limit > 0; limit--) {
        size_t found = strsearch_find(text_slice(text, at, text.length), old);
        if (found == SEARCH_NONE) break;
        any = true;
        textbuffer_put_text(out, text_slice(text, at, at + found));
        textbuffer_put_text(out, new);
        at += found + old.length;
        if (out->failed) return 1;
    }
    if (any) textbuffer_put_text(out, text_slice(text, at, text.length));
    return any;
}

static void put_many(TextBuffer *out, uint32_t c, size_t n) {
    while (n-- > 0 && !out->failed) textbuffer_put(out, c);
}

void textlike_expandtabs(Text text, int64_t tab_size, TextBuffer *out) {
    size_t column = 0;
    for (size_t i = 0; i < text.length && !out->failed; i++) {
        uint32_t c = text_at(text, i);
        if (c == '\t') {
            if (tab_size > 0) {
                size_t blanks = (size_t)tab_size - column % (size_t)tab_size;
                column += blanks;
                put_many(out, ' ', blanks);
            }
            continue;
        }
        column = c == '\n' || c == '\r' ? 0 : column + 1;
        textbuffer_put(out, c);
    }
}

void textlike_pad(Text text, size_t left, size_t right, uint32_t fill, TextBuffer *out) {
    put_many(out, fill, left);
    textbuffer_put_text(out, text);
    put_many(out, fill, right);
}

void textlike_zfill(Text text, size_t width, TextBuffer *out) {
    size_t n = text.length;
    uint32_t first = n ? text_at(text, 0) : 0;
    size_t sign = first == '+' || first == '-';
    if (sign) textbuffer_put(out, first);
    put_many(out, '0', width > n ? width - n : 0);
    textbuffer_put_text(out, text_slice(text, sign, n));
}

static int bound(Thread *t, ValueRef v, int64_t *out) {
    if (value_bits(v) == 0 || value_bits(v) == value_bits(NONE)) return 0;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "slice indices must be integers or None or have an __index__ method");
    return arg_index_clipped(t, v, out);
}

int textlike_range(Thread *t, ValueRef start, ValueRef end, int64_t *start_out, int64_t *end_out) {
    *start_out = 0;
    *end_out = INT64_MAX;
    return bound(t, start, start_out) < 0 || bound(t, end, end_out) < 0 ? -1 : 0;
}

void textlike_fit(int64_t length, int64_t *start, int64_t *end) {
    if (*end > length) *end = length;
    else if (*end < 0) *end = *end + length < 0 ? 0 : *end + length;
    if (*start < 0) *start = *start + length < 0 ? 0 : *start + length;
}

int64_t textlike_find(Text text, Text sub, int64_t start, int64_t end, bool from_right) {
    if (start > end || (uint64_t)(end - start) < sub.length) return -1;
    Text part = text_slice(text, (size_t)start, (size_t)end);
    size_t found = from_right ? strsearch_rfind(part, sub) : strsearch_find(part, sub);
    return found == SEARCH_NONE ? -1 : start + (int64_t)found;
}

int64_t textlike_count(Text text, Text sub, int64_t start, int64_t end) {
    if (start > end) return 0;
    return (int64_t)strsearch_count(text_slice(text, (size_t)start, (size_t)end), sub, SIZE_MAX);
}

bool textlike_has_at_end(Text text, Text part, int64_t start, int64_t end, bool at_start) {
    if (start > end || (uint64_t)(end - start) < part.length) return false;
    return strsearch_at(text, at_start ? (size_t)start : (size_t)end - part.length, part);
}
