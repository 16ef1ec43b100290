// The registry of codecs and error handlers (modules/_codecs.c): names to functions, by the library's `encodings` package.
#pragma once
#include "runtime/object.h"

// The CodecInfo of an encoding (a tuple of four callables): LookupError "unknown encoding: x".
Value codecs_lookup(Thread *t, const char *encoding);
// codecs.encode and codecs.decode: any object to any object. `errors` may be NULL.
Value codecs_encode(Thread *t, ValueRef object, const char *encoding, const char *errors);
Value codecs_decode(Thread *t, ValueRef object, const char *encoding, const char *errors);
// str.encode and bytes.decode: codecs that are no text encodings are refused, and so are results of another type.
Value codecs_encode_text(Thread *t, ValueRef str, const char *encoding, const char *errors);    // bytes
Value codecs_decode_text(Thread *t, ValueRef object, const char *encoding, const char *errors); // str
// The error handler of a name (NULL: strict): a callable. LookupError "unknown error handler name 'x'".
Value codecs_error_handler(Thread *t, const char *name);
// Calls a handler for an encoding error at [start, end) of the str `object`: *replacement is str or bytes, owned; *position
// where encoding goes on. *exception (UNDEF at first, owned) is made once for a run over one input. 0, -1.
int codecs_encode_error(Thread *t, ValueRef handler, Value *exception, const char *encoding, const char *reason, ValueRef object, int64_t start, int64_t end,
                        Value *replacement, int64_t *position);
// The same for decoding; `object` is bytes. The handler may change exception.object: *input (owned, may be replaced) is what is decoded on.
int codecs_decode_error(Thread *t, ValueRef handler, Value *exception, const char *encoding, const char *reason, Value *input, int64_t start, int64_t end,
                        Value *replacement, int64_t *position);
// Text layers: codecs.getincrementaldecoder(encoding)(errors), and the encoder. The info may be from codecs_lookup.
Value codecs_incremental_decoder(Thread *t, ValueRef codec_info, const char *errors);
Value codecs_incremental_encoder(Thread *t, ValueRef codec_info, const char *errors);
int codecs_is_text(Thread *t, ValueRef codec_info); // 1, 0, -1
