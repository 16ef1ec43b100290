// What every stage of the front end shares: memory, names, errors, warnings. A Front lives for one compilation.
#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "sync/annotate.h"



// ---- memory: everything a compilation makes lives in one arena and dies with it

typedef struct ArenaChunk ArenaChunk;
typedef struct Arena {
    char *at, *end;
    ArenaChunk *chunks;  // newest first
    size_t bytes;        // asked of malloc so far
} Arena;

typedef struct Front Front;

// Zeroed, 8-aligned memory that lives as long as `f`. Where memory runs out: leaves by front_bail with FAIL_MEMORY.
void *front_alloc(Front *f, size_t size);
#define NEW(f, T) ((T *)front_alloc((f), sizeof(T)))
#define NEW_N(f, T, n) ((T *)front_array((f), (n), sizeof(T)))
void *front_array(Front *f, size_t n, size_t size);

// Makes room in a growing array: `*data` holds `n` of `*cap` elements; afterwards at least one more fits.
void front_grow(Front *f, void **data, size_t n, size_t *cap, size_t size);
#define VEC(T) struct { T *at; size_t n, cap; }
#define PUSH(f, v, x) \
    (((v)->n == (v)->cap ? front_grow((f), (void **)&(v)->at, (v)->n, &(v)->cap, sizeof *(v)->at) : (void)0), \
     (v)->at[(v)->n++] = (x))

// ---- text: UTF-8 in which a lone surrogate is written as three bytes

typedef struct Chars {
    uint32_t length;  // bytes
    uint32_t hash;
    uint32_t id;      // of interned strings: their number in order of appearance, from 1; 0: not interned
    char s[];         // ends in a 0 that length does not count; may hold others
} Chars;

Chars *front_str(Front *f, const char *s, size_t length);     // a fresh copy
Chars *front_intern(Front *f, const char *s, size_t length);  // equal text, equal pointer (of all that is interned)
#define INTERN_LITERAL(f, text) front_intern((f), (text), sizeof(text) - 1)
static inline bool str_is(const Chars *s, const char *text) { return s && strlen(text) == s->length && !memcmp(s->s, text, s->length); }
PRINTF_LIKE(2, 3) const char *front_format(Front *f, const char *format, ...);

// ---- positions: lines from 1, columns in bytes of UTF-8 from 0

typedef struct Pos {
    int32_t line, col, end_line, end_col;
} Pos;

// ---- failures

typedef enum {
    FAIL_NONE, FAIL_SYNTAX, FAIL_INDENTATION, FAIL_TAB, FAIL_INCOMPLETE,  // SyntaxError and its subclasses
    FAIL_MEMORY, FAIL_RECURSION, FAIL_OVERFLOW, FAIL_VALUE, FAIL_UNICODE, FAIL_SYSTEM,
    FAIL_RAISED,  // the runtime's exception is already set on its thread
} FailKind;

typedef struct Failure {
    FailKind kind;
    const char *message;
    int32_t line, offset;          // offset: in characters, from 1; 0 or -1: unknown. line 0: unknown
    int32_t end_line, end_offset;
    const Chars *text;               // the source line with its newline, or NULL
} Failure;

typedef struct Warning {
    const char *message;
    const char *as_error;    // what it says where the filters make it an error; NULL: the same
    int32_t line, offset, end_line, end_offset;
} Warning;

// ---- the source, decoded

typedef struct Source {
    const char *text;        // UTF-8, newlines as '\n', ends in a newline that may be added, then a 0 byte
    uint32_t length;
    const char *encoding;    // its name by the cookie or mark; NULL: none was given
    const uint32_t *lines;   // where each line starts
    int32_t line_count;
    bool newline_added;
    bool as_given;           // messages show the last line without a newline that was added (all but whole modules)
} Source;

enum {  // what the caller asks for, and what `from __future__` adds
    FRONT_INTERACTIVE = 1,
    FRONT_ALLOW_INCOMPLETE = 2,       // codeop: an unfinished input fails as FAIL_INCOMPLETE
    FRONT_DONT_IMPLY_DEDENT = 4,
    FRONT_TOP_LEVEL_AWAIT = 8,
    FRONT_TYPE_COMMENTS = 16,
    FRONT_BARRY_AS_FLUFL = 32,
    FRONT_FUTURE_ANNOTATIONS = 64,
    FRONT_IGNORE_COOKIE = 128,        // the source is a str: no encoding cookie is looked for
    FRONT_QUIET = 256,                // collect no warnings
    FRONT_FROM_FILE = 512,            // the source is what the file `filename` holds (for messages)
};

struct Front {
    Arena arena;
    jmp_buf *bail;               // where failures go; set by FRONT_TRY
    Failure failure;
    VEC(Warning) warnings;
    const char *filename;
    Source source;
    uint32_t flags;
    Chars **names;                 // interned strings: open addressing
    uint32_t names_size, names_count;
    VEC(Chars *) name_list;        // by id - 1
    char *stack_limit;           // recursion stops below this address
    // Decodes `n` bytes by a codec to UTF-8 in the arena. Returns NULL with *out set; or *out NULL and the error's text (NULL:
    // there is no such codec). NULL: only UTF-8 and Latin-1 are known.
    const char *(*decode)(Front *f, const char *encoding, const char *bytes, size_t n, const char **out, size_t *out_n);
    void *thread;                // the runtime's, for `decode`; NULL outside of it
    struct ModuleScopes *scopes;
    bool parsed;                 // the tree is made: failures from now on show no line of the source
};

void front_init(Front *f, const char *filename, uint32_t flags);
void front_free(Front *f);

// Leaves to f->bail. Stages fail this way alone: nothing but the arena holds memory, so nothing needs unwinding.
_Noreturn void front_bail(Front *f);
_Noreturn PRINTF_LIKE(3, 4) void front_fail(Front *f, FailKind kind, const char *format, ...);
// A SyntaxError at `pos` (col < 0: the line's column is not known).
_Noreturn PRINTF_LIKE(3, 4) void syntax_error_at(Front *f, Pos pos, const char *format, ...);
_Noreturn void syntax_error_raise(Front *f, FailKind kind, Pos pos, const char *message);
// Fills f->failure without leaving.
void syntax_error_set(Front *f, FailKind kind, Pos pos, const char *message);
// The same with other words where it becomes an error.
void syntax_warning_add(Front *f, Pos pos, const char *message, const char *as_error);
PRINTF_LIKE(3, 4) void syntax_warning_at(Front *f, Pos pos, const char *format, ...);
int32_t front_char_offset(Front *f, int32_t line, int32_t col);  // bytes of a line to characters of it, both from 0

static inline bool front_deep(const Front *f) { return (char *)__builtin_frame_address(0) < f->stack_limit; }
_Noreturn void front_too_deep(Front *f);  // RecursionError of the stages after parsing
#define CHECK_DEPTH(f) do { if (__builtin_expect(front_deep(f), 0)) front_too_deep(f); } while (0)

// Runs the statement after it with failures leading to the `else`-branch:  if (FRONT_TRY(f)) {...; FRONT_END(f);} else {failed}
#define FRONT_TRY(f, frame) (((frame).outer = (f)->bail), ((f)->bail = &(frame).buf), setjmp((frame).buf) == 0)
#define FRONT_END(f, frame) ((f)->bail = (frame).outer)
typedef struct BailFrame { jmp_buf buf; jmp_buf *outer; } BailFrame;

// source.c: decodes `size` bytes into f->source. Fails with SyntaxError as CPython's tokenizer does.
void source_decode(Front *f, const char *bytes, size_t size);
const Chars *source_line(Front *f, int32_t line);  // with its newline; NULL where there is none
