// Values and code objects as bytes (modules/marshal.c): cache files of compiled code.
#pragma once
#include "runtime/object.h"
#include "runtime/support/text.h"

// First word of a cache file. It changes with any source that decides what code objects are made of or mean (Makefile: BYTECODE_SOURCES).
uint32_t marshal_magic(void);
// Appends the value to `out`. 0, -1 (ValueError "unmarshallable object").
int marshal_dump(Thread *t, ValueRef v, ByteBuffer *out);
// A new value; safe on any bytes, but for code objects, which come from this runtime's own cache files and are checked.
Value marshal_loads(Thread *t, const uint8_t *data, size_t n); // EOFError, ValueError, TypeError
// The same for bytes that this executable carries with it: code is not checked again.
Value marshal_loads_own(Thread *t, const uint8_t *data, size_t n);
