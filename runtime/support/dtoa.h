// Doubles to text and back, correctly rounded, with the results of Python's repr, format, float and float.hex.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DTOA_REPR_MAX = 32,    // room for any repr
    DTOA_HEX_MAX = 32,     // room for any float.hex
    DTOA_DIGITS_MAX = 800  // room for all digits of any double
};

enum {  // flags of dtoa_format
    DTOA_SIGN = 1,       // '+' before what is not negative
    DTOA_ADD_DOT_0 = 2,  // a result that would look like an integer gets ".0"
    DTOA_ALT = 4,        // '#': keep the point and the trailing zeros of 'g'
    DTOA_NO_NEG_0 = 8    // 'z': a negative number rounded to zero loses its sign
};

// repr(x), without a NUL; returns the length.
size_t dtoa_repr(double x, char out[DTOA_REPR_MAX]);

typedef enum {
    DTOA_SHORTEST,     // the fewest digits that read back as x
    DTOA_SIGNIFICANT,  // `count` significant digits (at least 1)
    DTOA_FRACTION      // `count` digits after the point; may be negative
} DtoaMode;

// The digits of a finite |x|, rounded half to even on its exact value, without trailing zeros; |x| is 0.DIGITS * 10**point.
// Zero is "0" with point 1; a number rounded away altogether has no digits, and point -count. Returns how many.
size_t dtoa_digits(double x, DtoaMode mode, int count, char out[DTOA_DIGITS_MAX], int *point);

// x by a printf-like code: 'e' 'E' 'f' 'F' 'g' 'G', or 'r' for repr (precision unused). precision >= 0.
// From malloc, with a NUL after `length` characters; NULL where memory ran out.
char *dtoa_format(double x, char code, int precision, unsigned flags, size_t *length);

// Reads the longest decimal float at the start of s: sign, digits with a point, exponent, or inf, infinity, nan in any case.
// No white space, no underscores. Returns how many characters it took; 0: none. Too large is infinity, too small is zero.
size_t dtoa_parse_prefix(const char *s, size_t n, double *out);

// As above, but all of s must be the number.
bool dtoa_parse(const char *s, size_t n, double *out);

// round(x, digits) of a finite x. An overflow gives infinity.
double dtoa_round(double x, int digits);

// The double nearest to m * 2**e (and a bit more where `sticky`), half to even; infinity where that is too large. m != 0.
double dtoa_scale(uint64_t m, long e, bool sticky);

// float.hex(x); returns the length.
size_t dtoa_hex(double x, char out[DTOA_HEX_MAX]);

// float.fromhex of text without surrounding white space. NULL, or why not; *overflow says whether it is an OverflowError
// rather than a ValueError.
const char *dtoa_from_hex(const char *s, size_t n, double *out, bool *overflow);
