// int: small ones in the Value (62 bits), others on the heap as sign and 64-bit limbs (support/bigint.h on GMP's mpn layer).
// A heap int never holds a value that fits a small int (a subclass's instance may).
#pragma once
#include "runtime/object.h"
#include "runtime/support/bigint.h"

typedef struct BigInt {
    RefHead head;
    _Atomic int64_t hash_unused; // reserved
    int64_t size;                // number of limbs, negative for negative numbers, 0 for zero (subclasses only)
    uint64_t limbs[];
} BigInt;
// bool, None and the like are constants in the Value. A subclass's instance of int is a BigInt too (TYPE_VARSIZED).

// An int of either form seen as limbs: `buffer` holds a small one.
typedef struct IntView { const uint64_t *limbs; int64_t size; uint64_t buffer[1]; } IntView;
void int_view(ValueRef any_int_or_bool, IntView *out);
Value int_from_int64(Thread *t, int64_t n);
Value int_from_uint64(Thread *t, uint64_t n);
Value int_from_double(Thread *t, double d);      // truncated; OverflowError / ValueError for inf / nan
Value int_from_limbs(Thread *t, const uint64_t *limbs, int64_t size); // normalises to a small one where it fits
Value int_from_text(Thread *t, const char *ascii, size_t n, int base); // the literal's rules (underscores, 0x with base 0); ValueError
Value int_from_bytes(Thread *t, const uint8_t *bytes, size_t n, bool little_endian, bool is_signed);
// exact value as int64: 0, or -1 where it does not fit (no exception).
int int_as_int64(ValueRef any_int, int64_t *out);
int int_as_uint64(ValueRef any_int, uint64_t *out);
int int_sign(ValueRef any_int);
int int_compare(ValueRef a, ValueRef b);          // any ints
Value int_binary(Thread *t, int binary_op, ValueRef a, ValueRef b); // enum BinaryOp, on any ints; ZeroDivisionError...
Value int_to_str(Thread *t, ValueRef any_int, int base, bool prefix); // honours the digits limit for base 10
double int_as_double(Thread *t, ValueRef any_int); // -1.0 with OverflowError pending
Value int_exact(Thread *t, ValueRef any_int);     // an exact int of the same value
int64_t int_hash(ValueRef any_int);

// ---- for the other number types and modules
Big int_big(ValueRef any_int_or_bool, uint64_t limb[1]); // the same as a kernel's number; `limb` holds a small one
Value int_from_big(Thread *t, Big a);                    // an exact int
// A result of the kernels on its way to becoming an int: room for limbs first, the value after.
typedef struct IntResult {
    Thread *t;
    uint64_t *limbs;
    size_t room;
    BigInt *object;      // NULL while `local` serves
    uint64_t local[24];
} IntResult;
bool int_result_begin(IntResult *r, Thread *t, size_t room); // false with MemoryError; room may be SIZE_MAX
Value int_result_end(IntResult *r, Big value);               // `value` lies in r->limbs; BIG_NO_MEMORY: UNDEF with MemoryError
void int_result_abandon(IntResult *r);
// int(x) of any object: numbers by __int__, __index__; str, bytes, bytearray by their text in base 10.
Value int_from_object(Thread *t, ValueRef o);
// The digits limit of conversions between int and decimal text (sys.set_int_max_str_digits); 0: none.
int64_t int_max_str_digits(void);
void int_set_max_str_digits(int64_t digits);
// Python's `ndigits` rounding of an int to a multiple of 10**-ndigits, half to even.
Value int_round(Thread *t, ValueRef any_int, ValueRef ndigits_or_none);
