// What the files of str share among themselves (and with bytes, whose decoding is str's encoding turned round).
#pragma once
#include "runtime/objects/bytes.h"
#include "runtime/objects/str.h"
#include "runtime/support/codec.h"

#define STR_LENGTH_MAX ((size_t)1 << 46)

// ---- str.c
int64_t str_hash_raw(const void *data, size_t bytes); // SipHash under the process's key, as hash() gives it
bool str_hash_key_is_set(void);
size_t str_bytes(const Object *o);
Value str_of_subclass(Thread *t, Type *type, const Str *text);
void *memory_resize(Thread *t, void *p, size_t old_bytes, size_t new_bytes); // NULL with MemoryError; the old block stays then

// ---- str_codec.c. `errors` is the name of an error handler, NULL for strict.
Value str_decode(Thread *t, const uint8_t *in, size_t n, Codec codec, const char *errors);
Value str_encode(Thread *t, ValueRef any_str, Codec codec, const char *errors); // bytes
// One piece of a stream: *consumed says how far it came where it is not final. *invalid_escape (may be NULL): SIZE_MAX or where.
Value str_decode_stream(Thread *t, const uint8_t *in, size_t n, Decoder *decoder, const char *errors, bool final, size_t *consumed);
// bytes.decode(encoding, errors), str.encode(encoding, errors): any registered codec. The two names are str or UNDEF.
Value str_decode_object(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors);
Value str_encode_object(Thread *t, ValueRef str, ValueRef encoding, ValueRef errors);

// ---- str_format.c
Value str_repr(Thread *t, ValueRef s);
Value str_percent(Thread *t, ValueRef format, ValueRef args);
Value str_format_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value str_format_map(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value str_dunder_format(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value bytes_percent(Thread *t, ValueRef format, ValueRef args, bool to_bytearray);
