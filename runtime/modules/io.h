// What the files of _io share. The types stand in types.def (IO_BASE ... IO_TEXT); every stream's methods are found by name, so
// that subclasses written in Python fit in; exact native streams are called directly.
#pragma once
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/modules/native_module.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

enum { IO_BUFFER_SIZE = 128 * 1024 };

// Exactly of that type. (Streams have attributes, so their shapes say more than their type.)
#define io_is(v, ID) (value_is_pointer(v) && object_type(value_object(v)) == TYPE_OF(ID))

typedef struct IoFile {
    Container c;
    _Atomic int32_t fd_plus_1;  // (a) 0: closed, or not opened yet
    bool created, readable, writable, appending, closefd, finalizing;
    int8_t seekable;            // 1, 2 (no), 0 not asked yet
    bool regular;               // what fstat said at open: a regular file, ...
    bool character;             // ... a character device
    int32_t block_size;
} IoFile;
static inline IoFile *io_file(ValueRef v) { return (IoFile *)value_object(v); }
static inline int io_file_fd(const IoFile *f) { return atomic_load_relaxed_u32((const _Atomic uint32_t *)&f->fd_plus_1) - 1; }

// A stream's own lock: held across what its raw stream does. Taking it again in one thread is an error (re-entrance).
typedef struct IoLock {
    _Atomic uint8_t byte;
    _Atomic uint64_t owner;  // (a) address of the Thread that holds it
    uint32_t depth;          // (lock) of a lock that may be taken again
} IoLock;
int io_lock(Thread *t, IoLock *lock, ValueRef self);  // RuntimeError "reentrant call inside ..."
void io_unlock(Thread *t, IoLock *lock);
void io_lock_again(Thread *t, IoLock *lock);          // re-entrance allowed
void io_unlock_again(Thread *t, IoLock *lock);

// ---- io_base.c
Value io_unsupported(Thread *t, const char *message);   // raises io.UnsupportedOperation
int io_unsupported_int(Thread *t, const char *message);
int io_closed(Thread *t, ValueRef stream);              // stream.closed: 1, 0, -1
int io_check_closed(Thread *t, ValueRef stream);        // ValueError "I/O operation on closed file."
int io_check_attribute(Thread *t, ValueRef stream, ValueRef method, const char *message); // stream.method() must be true
int io_truth(Thread *t, Value v_steal);                 // 1, 0, -1; UNDEF gives -1
int io_size(Thread *t, ValueRef v, int64_t *out);       // None, or not given: leaves *out
int io_whence(Thread *t, ValueRef v, int *out);         // not given: 0
int64_t io_offset(Thread *t, Value v_steal, const char *what); // an int result of seek() or tell(): -1 raised
int io_writable_buffer(Thread *t, const char *what, ValueRef v, Buffer *out);
void io_finalize(Thread *t, ValueRef self);
Value io_cannot_pickle(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value io_bytearray(Thread *t, int64_t n);                // n zero bytes
bool io_trap_eintr(Thread *t);                          // the pending exception is an OSError of EINTR: cleared
Value io_chain(Thread *t, Value first_steal);           // the pending exception (if any) gets `first` as its context; else `first` is raised again

// ---- io_file.c
int64_t io_file_read_into(Thread *t, ValueRef file, void *to, int64_t n);         // -1 raised, -2 would block
int64_t io_file_write_from(Thread *t, ValueRef file, const void *from, int64_t n); // likewise
int64_t io_file_lseek(Thread *t, ValueRef file, int64_t offset, int whence);      // -1 raised
Value io_file_open(Thread *t, ValueRef file, const char *mode, bool closefd, ValueRef opener);
int64_t io_fd_read(Thread *t, int fd, void *to, size_t n);    // detached; EINTR retried after signals: -1 raised, -2 would block, -3 errno
int64_t io_fd_write(Thread *t, int fd, const void *from, size_t n);

// ---- io_buffered.c
Value io_buffered_open(Thread *t, Type *type, ValueRef raw, int64_t size);
bool io_is_buffered(ValueRef v); // an exact BufferedReader, Writer or Random
// For text layers over an exact buffered stream: the file at the bottom is closed (1), open (0), or it takes asking (-1 without exception).
int io_buffered_closed_fast(ValueRef v);
Value io_buffered_read1(Thread *t, ValueRef self, int64_t n);
Value io_buffered_write(Thread *t, ValueRef self, const uint8_t *data, int64_t n);
Value io_buffered_flush(Thread *t, ValueRef self);

void io_buffered_unlock_after_fork(ValueRef v);

// ---- io_newline.c: what universal newlines remember
typedef struct IoNewlines {
    bool translate;
    bool pending_cr;
    uint8_t seen;      // IO_SEEN_*
} IoNewlines;
enum { IO_SEEN_CR = 1, IO_SEEN_LF = 2, IO_SEEN_CRLF = 4 };
Value io_newlines_decode(Thread *t, IoNewlines *n, Value text_steal, bool final); // str in, str out
Value io_newlines_seen(Thread *t, uint8_t seen);
// Where the first line of `text` ends, -1 where it does not: index after the line's end. `newline`: NULL for universal, else the ending.
int64_t io_line_end(Text text, bool translated, bool universal, const char *newline, int64_t *consumed);

// ---- io_text.c
Value io_text_open(Thread *t, ValueRef buffer, ValueRef encoding, ValueRef errors, ValueRef newline, bool line_buffering);
int io_newline_argument(Thread *t, ValueRef v, const char **out, const char *format_unknown); // "", "\n", "\r", "\r\n" or NULL
Value io_text_encoding(Thread *t, ValueRef encoding, int stack_level);
void io_fork_child(Thread *t); // the standard streams' locks, which a vanished thread may hold, are let go
