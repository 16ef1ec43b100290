// A Value is one 64-bit word: a pointer to an Object, or a number or constant held in the word itself (DESIGN 2).
//
//   low bits        meaning
//   000             pointer to an Object (8-aligned); the word 0 is UNDEF, "no value", never a Python object
//   11              small int, 62 bits signed: (n << 2) | 3
//   001, 100, 101   float, self-tagged: rotl(bits + 2^60, 4)
//   010             constants: None, False, True, Ellipsis, NotImplemented
//   110             internal marks: frame header words, overflow pointers; no Python program ever sees one
//
// `Value` owns its reference, `ValueRef` borrows it. In the checking build they are different pointer types, so that
// the compiler refuses to take a borrowed reference for an owned one (an owned one serves as borrowed). Hence raw bits
// are taken with value_bits() alone, never by arithmetic on a Value.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "sync/annotate.h"

typedef struct Object Object;

#ifdef SKEIN_CHECK
typedef struct ValueWord *Value;
typedef const struct ValueWord *ValueRef;
#else
typedef uint64_t Value;
typedef uint64_t ValueRef;
#endif

#define value_bits(v) ((uint64_t)(v))
#define value_from_bits(bits) ((Value)(uint64_t)(bits))
// A borrowed word taken as owned without counting: the caller says why in its own comment.
#define value_assume_owned(ref) ((Value)(uint64_t)(ref))
// An array of owned Values seen as an array of borrowed ones.
#define value_refs(p) ((const ValueRef *)(p))

#define UNDEF ((Value)0)

enum { TAG_MASK = 7, TAG_POINTER = 0, TAG_CONSTANT = 2, TAG_MARK = 6 };
#define VALUE_CONSTANT(n) ((Value)(((uint64_t)(n) << 3) | TAG_CONSTANT))
#define NONE VALUE_CONSTANT(0)
#define FALSE_VALUE VALUE_CONSTANT(1)
#define TRUE_VALUE VALUE_CONSTANT(2)
#define ELLIPSIS VALUE_CONSTANT(3)
#define NOT_IMPLEMENTED VALUE_CONSTANT(4)

// Two tests and two branches: clang would make them one branch over two conditions worked out as numbers, which is dearer.
static inline bool value_is_pointer(ValueRef v) {
    uint64_t bits = value_bits(v);
    if (bits & TAG_MASK) return false;
    __asm__("" : "+r"(bits));
    return bits != 0;
}
// For words known not to be UNDEF.
static inline bool value_is_object(ValueRef v) { return (value_bits(v) & TAG_MASK) == 0; }
static inline Object *value_object(ValueRef v) { return (Object *)value_bits(v); }
#define value_of(object_pointer) ((Value)(uint64_t)(object_pointer))
static inline bool value_is_mark(ValueRef v) { return (value_bits(v) & TAG_MASK) == TAG_MARK; }
static inline bool value_is_constant(ValueRef v) { return (value_bits(v) & TAG_MASK) == TAG_CONSTANT; }

// A raw 8-aligned pointer kept in a word that scanners of Values pass over.
static inline Value mark_of(const void *p) { return value_from_bits((uint64_t)p | TAG_MARK); }
#define mark_pointer(v) ((void *)(value_bits(v) - TAG_MARK))

// ---- bool
static inline Value value_bool(bool b) { return b ? TRUE_VALUE : FALSE_VALUE; }
static inline bool value_is_bool(ValueRef v) { return (value_bits(v) & ~(uint64_t)24) == 2 && (value_bits(v) & 24) - 1 < 16; }

// ---- small int
#define SMALL_INT_MAX ((int64_t)((UINT64_C(1) << 61) - 1))
#define SMALL_INT_MIN (-SMALL_INT_MAX - 1)
static inline bool value_is_int(ValueRef v) { return (value_bits(v) & 3) == 3; } // exact type int, small
static inline bool values_are_ints(ValueRef a, ValueRef b) { return (value_bits(a) & value_bits(b) & 3) == 3; }
static inline bool int_fits_small(int64_t n) { return n >= SMALL_INT_MIN && n <= SMALL_INT_MAX; }
static inline Value value_int(int64_t n) { return value_from_bits(((uint64_t)n << 2) | 3); } // n must fit
static inline int64_t value_get_int(ValueRef v) { return (int64_t)value_bits(v) >> 2; }

// ---- float in the word
// The tags 1, 4, 5 are the bits of 0x32.
static inline bool value_is_float(ValueRef v) { return (0x32u >> (value_bits(v) & TAG_MASK)) & 1; }
static inline double value_get_float(ValueRef v) {
    uint64_t w = value_bits(v), bits = ((w >> 4) | (w << 60)) - (UINT64_C(1) << 60);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}
// *out = the word of `d`; false where d must be boxed (inf, nan, and exponents beyond about 2^-255 .. 2^256; 0.0 fits).
static inline bool value_pack_float(double d, Value *out) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    bits += UINT64_C(1) << 60;
    uint64_t w = (bits << 4) | (bits >> 60);
    *out = value_from_bits(w);
    return (0x32u >> (w & TAG_MASK)) & 1;
}
static inline Value value_try_float(double d) { // UNDEF: to be boxed
    Value v;
    return value_pack_float(d, &v) ? v : UNDEF;
}

_Static_assert(sizeof(Value) == 8 && sizeof(ValueRef) == 8, "a Value is one word");
