// The format specification mini-language (Library Reference, "Format specification mini-language"; PEP 682, and the
// grouping of fractions of 3.14), and the layout of numbers and strings by it.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/support/text.h"

typedef struct {
    uint32_t fill;        // ' ' by default
    uint32_t align;       // '<' '>' '=' '^'
    bool align_given, fill_given;
    char sign;            // '+' '-' ' ', 0 not given
    bool alternate;       // '#'
    bool no_negative_zero;  // 'z'
    int64_t width;        // -1 not given
    char grouping;        // ',' '_', 0 none
    int64_t precision;    // -1 not given
    char fraction_grouping;
    uint32_t type;        // the default one where none is given
} FormatSpec;

enum { FMTSPEC_ERROR_MAX = 128 };

typedef enum {
    FMTSPEC_OK,
    FMTSPEC_VALUE_ERROR,  // `error` holds the message
    FMTSPEC_INVALID,      // ValueError "Invalid format specifier %r for object of type %r": the caller knows the two
    FMTSPEC_UNKNOWN,      // ValueError "Unknown format code ..." (fmtspec_unknown_code) likewise
    FMTSPEC_NO_MEMORY
} FmtStatus;

// Reads a whole specification. default_align is '<' for strings, '>' for numbers.
FmtStatus fmtspec_parse(Text text, uint32_t default_type, char default_align, FormatSpec *out, char error[FMTSPEC_ERROR_MAX]);
// How the message shows an unknown code: 'q' or '\x1'.
void fmtspec_unknown_code(uint32_t code, char out[16]);

// What 'n' takes from the locale; for other types NULL is passed.
typedef struct {
    Text decimal_point, thousands_sep;
    const char *grouping;  // as localeconv() has it
} FormatLocale;

// A str by the specification (type 's').
FmtStatus fmtspec_string(TextBuffer *out, const FormatSpec *spec, Text text, char error[FMTSPEC_ERROR_MAX]);

// Checks what integers do not take; call first. Types b c d n o x X.
FmtStatus fmtspec_check_integer(const FormatSpec *spec, char error[FMTSPEC_ERROR_MAX]);
// An integer whose magnitude is already written in the type's base, in lower case ('c': the character is `character`).
FmtStatus fmtspec_integer(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, bool negative, const char *digits, size_t n);
FmtStatus fmtspec_character(TextBuffer *out, const FormatSpec *spec, uint32_t character);

// A double. Types e E f F g G n % and 0 (as repr). Other types: FMTSPEC_UNKNOWN.
FmtStatus fmtspec_double(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, double x, char error[FMTSPEC_ERROR_MAX]);
FmtStatus fmtspec_complex(TextBuffer *out, const FormatSpec *spec, const FormatLocale *locale, double real, double imag,
    char error[FMTSPEC_ERROR_MAX]);

// --- % formatting ---
typedef struct {
    size_t key, key_end;   // of %(key)..., SIZE_MAX: none
    bool left, plus, blank, alternate, zero;  // - + space # 0
    bool width_star, precision_star;          // taken from the arguments
    int64_t width, precision;                 // -1 not given
    uint32_t type;
    size_t type_at, next;  // where the type stands; the position behind it
} PercentSpec;

// Reads the specification behind the '%' at `at`. NULL, or the message of a ValueError.
const char *fmtspec_percent(Text format, size_t at, PercentSpec *out);
