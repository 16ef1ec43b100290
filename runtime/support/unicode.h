// The Unicode 16.0.0 character database: properties, case forms, normalisation. Any 32-bit number may be asked about;
// those above 0x10ffff have the properties of an unassigned code point.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/support/text.h"

#define UNI_MAX 0x10ffffu

bool uni_is_xid_start(uint32_t c);     // XID_Start alone: '_' is for the caller to add
bool uni_is_xid_continue(uint32_t c);
bool uni_is_alpha(uint32_t c);         // category L*
bool uni_is_decimal(uint32_t c);
bool uni_is_digit(uint32_t c);
bool uni_is_numeric(uint32_t c);
bool uni_is_alnum(uint32_t c);         // alpha, decimal, digit or numeric
bool uni_is_space(uint32_t c);         // what str.split() splits at
bool uni_is_linebreak(uint32_t c);     // what str.splitlines() splits at
bool uni_is_printable(uint32_t c);     // what repr() shows as itself
bool uni_is_lower(uint32_t c);
bool uni_is_upper(uint32_t c);
bool uni_is_title(uint32_t c);
bool uni_is_cased(uint32_t c);
bool uni_is_case_ignorable(uint32_t c);
bool uni_is_mirrored(uint32_t c);

// A str.isidentifier() answer: '_' or XID_Start, then XID_Continue.
bool uni_is_identifier(Text text);

int uni_decimal(uint32_t c);                     // 0..9, or -1
int uni_digit(uint32_t c);                       // 0..9, or -1
bool uni_numeric(uint32_t c, double *value);     // false: c has no numeric value

const char *uni_category(uint32_t c);            // two letters
const char *uni_bidirectional(uint32_t c);       // "" where unassigned
const char *uni_east_asian_width(uint32_t c);
int uni_combining(uint32_t c);                   // canonical combining class
// One step of decomposition: its code points (0 where there is none) and in *tag "" (canonical) or "font", "compat", ...
// Hangul syllables have none here: theirs is computed.
size_t uni_decomposition(uint32_t c, const uint32_t **out, const char **tag);

uint32_t uni_to_lower(uint32_t c);  // the one-to-one forms
uint32_t uni_to_upper(uint32_t c);
uint32_t uni_to_title(uint32_t c);

typedef enum { UNI_LOWERCASE, UNI_TITLECASE, UNI_UPPERCASE, UNI_CASEFOLD, UNI_CAPITALIZE, UNI_SWAPCASE, UNI_TITLE_WORDS } UniCase;

// Writes the case form of a whole string, special casing and the final sigma included, into `out`, which holds
// 3 * text.length; returns how many were written.
size_t uni_convert_case(UniCase form, Text text, uint32_t *out);

typedef enum { UNI_NFC, UNI_NFD, UNI_NFKC, UNI_NFKD } UniForm;

// True where the text is known to be in the form already by a look at each character alone; false: perhaps.
bool uni_quick_check(UniForm form, Text text);

// The normal form in *out, from malloc; returns its length, or SIZE_MAX where memory ran out (*out is then NULL).
size_t uni_normalize(UniForm form, const uint32_t *in, size_t n, uint32_t **out);

// --- names (unicode_name.c) ---
enum { UNI_NAME_MAX = 128 };
// The character's name; returns its length, 0 where it has none.
size_t uni_name(uint32_t c, char out[UNI_NAME_MAX]);
// The character of a name or alias, in any case of letters; UINT32_MAX: none. This is what \N{...} takes.
uint32_t uni_lookup_name(const char *name, size_t n);
// Named sequences too, as unicodedata.lookup: returns how many code points *out shows, 0 where there is none.
// `room` holds a single one.
size_t uni_lookup_sequence(const char *name, size_t n, const uint32_t **out, uint32_t *room);
