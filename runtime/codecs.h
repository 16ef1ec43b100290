// The registry of codecs and error handlers (what the codecs module shows), and the builtin handlers.
#pragma once
#include "runtime/object.h"
#include "runtime/support/codec.h"

// The CodecInfo tuple that a search function gives for an encoding: owned; LookupError "unknown encoding: x".
Value codecs_lookup(Thread *t, ValueRef encoding);
int codecs_register(Thread *t, ValueRef search_function);
int codecs_unregister(Thread *t, ValueRef search_function);
// The handler's callable by name (str; UNDEF: strict): owned; LookupError "unknown error handler name 'x'".
Value codecs_lookup_error(Thread *t, ValueRef name);
int codecs_register_error(Thread *t, ValueRef name, ValueRef handler);
int codecs_unregister_error(Thread *t, ValueRef name); // 1 removed, 0 was not there, -1 (a builtin one: ValueError)
// encoder(object, errors)[0] and decoder(object, errors)[0] of a looked-up codec; `text`: it must be a text encoding.
Value codecs_encode(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors_or_undef, bool text);
Value codecs_decode(Thread *t, ValueRef object, ValueRef encoding, ValueRef errors_or_undef, bool text);

int codecs_is_text(Thread *t, ValueRef codec_info); // a text encoding? 1, 0, -1
// info.incrementaldecoder(errors), info.incrementalencoder(errors): `which` is the attribute's name.
Value codecs_incremental(Thread *t, ValueRef codec_info, const char *which, ValueRef errors);

typedef enum {
    HANDLER_STRICT, HANDLER_IGNORE, HANDLER_REPLACE, HANDLER_BACKSLASHREPLACE, HANDLER_XMLCHARREFREPLACE, HANDLER_NAMEREPLACE,
    HANDLER_SURROGATEESCAPE, HANDLER_SURROGATEPASS, HANDLER_OTHER
} Handler;
Handler codecs_handler(const char *name_or_null);

// A failed piece of decoding: the handler's text goes to `out`, *position is where to go on. `input` is the whole input; a
// handler in Python may put other bytes in its place (then *input_object is a new reference, and so the input). -1: raised.
typedef struct DecodeInput {
    const uint8_t *data;
    size_t n;
    Value object; // bytes that hold the data, UNDEF until one is needed
} DecodeInput;
int codecs_decode_error(Thread *t, const char *errors, const char *encoding, DecodeInput *input, const CodecError *error, size_t *position, TextBuffer *out);
// A failed piece of encoding: the handler's text (in *text) or bytes are to be put in. 0: bytes went to `out`; 1: *text, owned
// str, is to be encoded; -1: raised.
int codecs_encode_error(Thread *t, const char *errors, const char *encoding, ValueRef str, const CodecError *error, size_t *position, ByteBuffer *out, Value *text);
// Raises UnicodeEncodeError / UnicodeDecodeError.
Value codecs_raise_encode(Thread *t, const char *encoding, ValueRef str, const CodecError *error);
Value codecs_raise_decode(Thread *t, const char *encoding, ValueRef bytes, const CodecError *error);
// The builtin handlers as callables take an exception: this is what they answer, a (text, position) pair.
Value codecs_handle(Thread *t, Handler handler, ValueRef exception);
