// What int, float, complex and bool share: reading numbers from text, formatting, and each other's insides.
#pragma once
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/fmtspec.h"

void *memory_resize(Thread *t, void *p, size_t old_bytes, size_t new_bytes); // str.c

// ---- int.c, int_arith.c, int_type.c
size_t int_bytes(const Object *o);
Value int_of_subclass(Thread *t, Type *type, Big a);
Value int_from_number_text(Thread *t, const char *ascii, size_t n, int base, ValueRef shown_or_undef);
Value int_repr(Thread *t, ValueRef self);
Value int_power(Thread *t, ValueRef a, ValueRef b, ValueRef modulus);
Value int_divmod(Thread *t, ValueRef a, ValueRef b);
Value int_negate(Thread *t, ValueRef a);
Value int_invert(Thread *t, ValueRef a);

// ---- number.c
// A number's text as ASCII: other decimal digits become 0..9, other blanks become ' ', the rest '?'. Of str, bytes, bytearray.
// 1: *text (free it with number_text_free) and *n; 0: no text-like object; -1.
typedef struct NumberText {
    char local[64];
    char *data;
    size_t n;
} NumberText;
int number_text(Thread *t, ValueRef o, NumberText *out);
static inline void number_text_free(NumberText *text) {
    if (text->data != text->local) __builtin_free(text->data);
}
// Leaves blanks at both ends out.
void number_text_strip(NumberText *text, const char **start, size_t *n);
// Takes the underscores out, in place: false where one does not stand between digits. *n is updated.
bool number_remove_underscores(char *text, size_t *n);

// Reads a format specification for an object of `o`'s type; -1 with ValueError.
int format_spec_read(Thread *t, ValueRef o, ValueRef spec, uint32_t default_type, char default_align, FormatSpec *out);
// Turns the kernel's status into an exception or the finished str; frees the buffer.
Value format_finish(Thread *t, ValueRef o, const FormatSpec *spec, FmtStatus status, const char *error, TextBuffer *out);
// The locale's conventions for type 'n'; strings live in the struct.
typedef struct LocaleText {
    FormatLocale locale;
    uint32_t point[8], separator[8];
    char grouping[16];
} LocaleText;
const FormatLocale *format_locale(const FormatSpec *spec, LocaleText *out); // NULL for other types than 'n'
// ---- float.c
Value float_power(Thread *t, double x, double y); // with complex results for negative x; ZeroDivisionError, OverflowError

// ---- complex.c
Value complex_power(Thread *t, double ar, double ai, double br, double bi);

Value int_format(Thread *t, ValueRef self, ValueRef spec);
Value float_format(Thread *t, ValueRef self, double x, ValueRef spec);
