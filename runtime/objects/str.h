// str: 1, 2 or 4 bytes a character, immutable (but for `s += x` in place while nobody else can hold it, DESIGN 13).
// Always the narrowest kind that fits, so equal strings have equal kinds; a NUL character follows the last one.
#pragma once
#include "runtime/object.h"
#include "runtime/support/text.h"

typedef struct Interp Interp;
struct Str {
    RefHead head;
    _Atomic int64_t hash;    // (a) 0: not computed yet (a computed hash of 0 is kept as it is and computed again)
    uint32_t length_low;     // number of code points, 48 bits
    uint16_t length_high;
    uint8_t kind;            // 1, 2, 4 bytes a character, with STR_ASCII
    _Atomic uint8_t flags;   // (a) STR_INTERNED
    // characters follow (of a subclass's instance too: attributes hang before the header, TYPE_VARSIZED)
};
enum { STR_KIND_MASK = 7, STR_ASCII = 8 };
enum { STR_INTERNED = 1 };
_Static_assert(sizeof(struct Str) == 32, "DESIGN 13");

static inline Str *value_str(ValueRef v) { return (Str *)value_object(v); } // of str or a subclass
static inline size_t str_length(const Str *s) { return s->length_low | (size_t)s->length_high << 32; }
static inline int str_kind(const Str *s) { return s->kind & STR_KIND_MASK; }
static inline bool str_is_ascii(const Str *s) { return s->kind & STR_ASCII; }
static inline void *str_data(const Str *s) { return (void *)(s + 1); }
static inline uint32_t str_char(const Str *s, size_t i) {
    switch (str_kind(s)) {
    case 1: return ((const uint8_t *)str_data(s))[i];
    case 2: return ((const uint16_t *)str_data(s))[i];
    default: return ((const uint32_t *)str_data(s))[i];
    }
}

static inline Text str_text(const Str *s) { return text_of(str_data(s), str_length(s), (uint32_t)str_kind(s)); }
static inline uint32_t str_max_class(const Str *s) { // an upper bound of its characters, exact in what decides the kind
    return str_is_ascii(s) ? 0x7f : str_kind(s) == 1 ? 0xff : str_kind(s) == 2 ? 0xffff : 0x10ffff;
}

// At start-up, in this order: the key of all hashes; then the shared strings and the core's names (names.h). 0, -1.
void str_set_hash_key(uint64_t k0, uint64_t k1);
int str_init(Thread *t);

// A new exact str with room for `length` characters not above `max_char`, to be filled by the caller (all of them, and
// the greatest must need that kind). NULL with MemoryError. Length 0 and one Latin-1 character: use the makers below.
Str *str_alloc(Thread *t, size_t length, uint32_t max_char);
Value str_from_utf8(Thread *t, const char *utf8, size_t bytes); // strict; UnicodeDecodeError
Value str_from_utf8_surrogates(Thread *t, const char *utf8, size_t bytes); // lone surrogates as 3 bytes pass (the parser's constants)
Value str_from_ascii(Thread *t, const char *text, size_t bytes); // the caller knows that it is ASCII
Value str_from_text(Thread *t, const char *utf8_nul_terminated);
Value str_from_latin1(Thread *t, const uint8_t *chars, size_t n);
Value str_from_ucs2(Thread *t, const uint16_t *chars, size_t n); // narrowed
Value str_from_ucs4(Thread *t, const uint32_t *chars, size_t n); // narrowed
Value str_from_view(Thread *t, Text text);                       // any width, narrowed
Value str_from_buffer(Thread *t, TextBuffer *b);                 // frees what the buffer holds, also on failure
Value str_exact(Thread *t, ValueRef any_str);                    // an exact str of the same text
Value str_from_char(Thread *t, uint32_t c);                      // Latin-1 ones are shared
Value str_substring(Thread *t, const Str *s, size_t start, size_t end); // same object (new reference) for the whole of an exact str
Value str_concat(Thread *t, ValueRef a, ValueRef b);             // both any str
// R[target] += b where the target's reference is the only one: extended in place; consumes *target's reference.
Value str_append_in_place(Thread *t, Value target_steal, ValueRef b);
Value str_join(Thread *t, ValueRef separator, ValueRef iterable);
Value str_join_values(Thread *t, const ValueRef *parts, size_t n); // f-strings: all any str, no separator
Value str_format_value(Thread *t, ValueRef o, ValueRef spec);
Value str_intern(Thread *t, Value s_steal);       // exact str; the interned equal one
Str *str_find_interned(Thread *t, const Str *s);  // the interned equal one (itself, if it is), or NULL: borrowed, lives to the next safepoint
static inline bool str_is_interned(const Str *s) { return atomic_load_relaxed_u8(&s->flags) & STR_INTERNED; } // interned strings are deferred: never counted
Value str_intern_text(Thread *t, const char *utf8);
// For the collector, in a stop: every interned str; and dropping those that are not to be kept (their memory is the caller's to free).
void str_interned_each(Interp *interp, void (*fn)(Object *o, void *arg), void *arg);
// In a stop: a table of those that `keep` wants takes the place of the table. Returns what str_interned_swept takes when the world runs;
// NULL without memory: nothing has changed.
void *str_interned_sweep(Interp *interp, bool (*keep)(Object *o));
void str_interned_swept(Thread *t, void *old);
bool str_interned_has_grown(Interp *interp); // by so much since the last sweep that another pays
int64_t str_hash(Str *s);
bool str_equal(const Str *a, const Str *b);
// Length, kind and flags in one word: flags are its top byte.
static inline uint64_t str_size_word(const Str *s) { return atomic_load_relaxed_u64((const _Atomic uint64_t *)(const void *)&s->length_low); }
_Static_assert(offsetof(struct Str, length_low) % 8 == 0 && offsetof(struct Str, flags) == offsetof(struct Str, length_low) + 7, "one word");
static ALWAYS_INLINE bool str_equal_inline(const Str *a, const Str *b) {
    uint64_t x = str_size_word(a);
    if ((x ^ str_size_word(b)) << 8) return false;
    return text_bytes_equal(str_data(a), str_data(b), (x & ((UINT64_C(1) << 48) - 1)) * (x >> 48 & STR_KIND_MASK));
}
bool str_equal_text(const Str *a, const char *ascii);
int str_compare(const Str *a, const Str *b);      // by code points: negative, 0, positive
// UTF-8 bytes, NUL-terminated: `*bytes` without the NUL. ASCII strings give their own characters, others a buffer that is
// *allocated (free it with free(*allocated), NULL where none). NULL with UnicodeEncodeError for lone surrogates.
const char *str_utf8(Thread *t, const Str *s, size_t *bytes, char **allocated);
// As str_utf8, with the file system's encoding (utf-8, surrogateescape) and ValueError for embedded NULs.
const char *str_fs_path(Thread *t, ValueRef str_or_bytes_or_path, char **allocated);

// A buffer to build a str in; needs no clean-up after finish or abandon.
typedef struct StrBuilder {
    Thread *t;
    void *data;
    size_t length, capacity;
    uint32_t max_char;
    uint8_t kind;
    bool failed;
} StrBuilder;
void str_builder_init(StrBuilder *b, Thread *t);
void str_builder_char(StrBuilder *b, uint32_t c);
void str_builder_text(StrBuilder *b, const char *ascii, size_t n);
void str_builder_str(StrBuilder *b, const Str *s);
void str_builder_slice(StrBuilder *b, const Str *s, size_t start, size_t end);
Value str_builder_finish(StrBuilder *b); // UNDEF with MemoryError where any step failed
void str_builder_abandon(StrBuilder *b);
