// What bytes, bytearray and memoryview share.
#pragma once
#include "runtime/objects/bytes.h"
#include "runtime/objects/textlike.h"

// The bytes of a bytes or bytearray `self`, steady until bytes_self_end: no Python may run between the two.
typedef struct BytesSelf {
    Textlike like;
    Guard guard;
} BytesSelf;
void bytes_self_begin(Thread *t, ValueRef self, BytesSelf *s);
void bytes_self_end(BytesSelf *s);
// While arguments are taken, which may run Python: a bytearray cannot be resized between the two (BufferError).
void bytes_pin(ValueRef self);
void bytes_unpin(ValueRef self);

// An argument's bytes, taken before: those of an exact bytes as they are, of anything else a copy.
typedef struct BytesArg {
    Text text;
    uint8_t local[64];
    void *heap;
} BytesArg;
int bytes_arg(Thread *t, ValueRef v, BytesArg *out);        // bytes-like; TypeError "a bytes-like object is required, not 'int'"
int bytes_arg_or_int(Thread *t, ValueRef v, BytesArg *out); // or an int in range(0, 256)
void bytes_arg_free(BytesArg *a);
// v as a byte: -1 with TypeError, or ValueError "byte must be in range(0, 256)".
int byte_value(Thread *t, ValueRef v);

// The bytes of an iterable of ints (not str, no buffer), added to `out`. `range_message`: of the ValueError.
int bytes_from_iterable(Thread *t, ValueRef iterable, ByteBuffer *out, const char *range_message);
// What bytes() and bytearray() make of their arguments: into `out`; *exact is the bytes object itself where it can serve.
int bytes_from_arguments(Thread *t, const char *type_name, ValueRef source, ValueRef encoding, ValueRef errors, ByteBuffer *out);
// What -b and -bb warn of: comparing (by == or !=) bytes or a bytearray with text or, `with_int`, an int; str() of one. 0, or -1 where
// the warning is an error.
int bytes_warn_compare(Thread *t, const char *name, ValueRef other, int op, bool with_int);
int bytes_warn_str(Thread *t, const char *name);
Value bytes_repr_of(Thread *t, Text text, const char *before, const char *after, bool quote_always_escaped);
Value bytes_compare_text(Text a, Text b, int op);
Value bytes_hex_of(Thread *t, Text text, ValueRef separator, ValueRef bytes_per_sep);
int bytes_from_hex(Thread *t, ValueRef text, ByteBuffer *out);
Value bytes_iter_of(Thread *t, ValueRef self);
size_t bytes_bytes(const Object *o);

// Methods that bytes and bytearray have in common (bytes_methods.c): rows of NativeDef.
#define BYTES_METHOD(name) Value bytes_##name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
#define BYTES_METHODS(X)                                                                                                              \
    X(capitalize, "($self, /)", "The first letter in upper case, the rest in lower case.")                                            \
    X(center, "($self, width, fillchar=b' ', /)", "Padded on both sides to a width.")                                                 \
    X(count, "($self, sub, start=None, end=None, /)", "How often sub occurs, without overlap, in [start:end].")                       \
    X(decode, "($self, /, encoding='utf-8', errors='strict')", "The text that these bytes encode.")                                   \
    X(endswith, "($self, suffix, start=None, end=None, /)", "Whether [start:end] ends with the suffix, or one of a tuple.")           \
    X(expandtabs, "($self, /, tabsize=8)", "Tabs replaced by blanks.")                                                                \
    X(find, "($self, sub, start=None, end=None, /)", "The lowest index where sub stands in [start:end], or -1.")                      \
    X(hex, "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", "Two hexadecimal digits for each byte, with separators between groups.\n\n>>> b'\\x01\\xfe'.hex(':')\n'01:fe'") \
    X(index, "($self, sub, start=None, end=None, /)", "As find, but ValueError where there is none.")                                 \
    X(isalnum, "($self, /)", "Whether there are bytes and all are ASCII letters or digits.")                                          \
    X(isalpha, "($self, /)", "Whether there are bytes and all are ASCII letters.")                                                    \
    X(isascii, "($self, /)", "Whether all bytes are ASCII.")                                                                          \
    X(isdigit, "($self, /)", "Whether there are bytes and all are ASCII digits.")                                                     \
    X(islower, "($self, /)", "Whether there are letters and all are lower case.")                                                     \
    X(isspace, "($self, /)", "Whether there are bytes and all are ASCII white space.")                                                \
    X(istitle, "($self, /)", "Whether each word begins in upper case and goes on in lower.")                                          \
    X(isupper, "($self, /)", "Whether there are letters and all are upper case.")                                                     \
    X(join, "($self, iterable_of_bytes, /)", "The parts with these bytes between them.")                                       \
    X(ljust, "($self, width, fillchar=b' ', /)", "Padded on the right to a width.")                                                   \
    X(lower, "($self, /)", "ASCII letters in lower case.")                                                                            \
    X(lstrip, "($self, bytes=None, /)", "Without leading white space, or without leading bytes of the set.")                          \
    X(partition, "($self, sep, /)", "(before, sep, after) at the first sep.")                                                         \
    X(replace, "($self, old, new, count=-1, /)", "A copy with occurrences of old replaced by new.")                                   \
    X(removeprefix, "($self, prefix, /)", "Without the prefix, where it begins so.")                                                  \
    X(removesuffix, "($self, suffix, /)", "Without the suffix, where it ends so.")                                                    \
    X(rfind, "($self, sub, start=None, end=None, /)", "The highest index where sub stands in [start:end], or -1.")                    \
    X(rindex, "($self, sub, start=None, end=None, /)", "As rfind, but ValueError where there is none.")                               \
    X(rjust, "($self, width, fillchar=b' ', /)", "Padded on the left to a width.")                                                    \
    X(rpartition, "($self, sep, /)", "(before, sep, after) at the last sep.")                                                         \
    X(rsplit, "($self, /, sep=None, maxsplit=-1)", "As split, but splitting from the right.")                                         \
    X(rstrip, "($self, bytes=None, /)", "Without trailing white space, or without trailing bytes of the set.")                        \
    X(split, "($self, /, sep=None, maxsplit=-1)", "The parts between separators (None: runs of white space).")                        \
    X(splitlines, "($self, /, keepends=False)", "The lines, with their ends where keepends.")                                         \
    X(startswith, "($self, prefix, start=None, end=None, /)", "Whether [start:end] begins with the prefix, or one of a tuple.")       \
    X(strip, "($self, bytes=None, /)", "Without white space, or bytes of the set, at both ends.")                                     \
    X(swapcase, "($self, /)", "Upper case for lower, and lower for upper.")                                                           \
    X(title, "($self, /)", "Each word with its first letter in upper case.")                                                          \
    X(translate, "($self, table, /, delete=b'')", "Each byte replaced by table[byte], those of delete left out.")                     \
    X(upper, "($self, /)", "ASCII letters in upper case.")                                                                            \
    X(zfill, "($self, width, /)", "Padded with zeros behind the sign to a width.")
#define bytes_join bytes_join_method
#define X(name, signature, doc) BYTES_METHOD(name);
BYTES_METHODS(X)
#undef X
#undef bytes_join
BYTES_METHOD(maketrans);
