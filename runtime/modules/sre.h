// What the files of _sre share: the code's operations, the matcher's state, and how a pattern is verified. The code is what
// the library's re/_compiler.py emits (MAGIC 20230612): words of 32 bits.
#pragma once
#include "runtime/store.h"
#include "runtime/support/text.h"

enum SreOp {
    SRE_FAILURE, SRE_SUCCESS, SRE_ANY, SRE_ANY_ALL, SRE_ASSERT, SRE_ASSERT_NOT, SRE_AT, SRE_BRANCH, SRE_CATEGORY, SRE_CHARSET, SRE_BIGCHARSET,
    SRE_GROUPREF, SRE_GROUPREF_EXISTS, SRE_IN, SRE_INFO, SRE_JUMP, SRE_LITERAL, SRE_MARK, SRE_MAX_UNTIL, SRE_MIN_UNTIL, SRE_NOT_LITERAL,
    SRE_NEGATE, SRE_RANGE, SRE_REPEAT, SRE_REPEAT_ONE, SRE_SUBPATTERN, SRE_MIN_REPEAT_ONE, SRE_ATOMIC_GROUP, SRE_POSSESSIVE_REPEAT,
    SRE_POSSESSIVE_REPEAT_ONE, SRE_GROUPREF_IGNORE, SRE_IN_IGNORE, SRE_LITERAL_IGNORE, SRE_NOT_LITERAL_IGNORE, SRE_GROUPREF_LOC_IGNORE,
    SRE_IN_LOC_IGNORE, SRE_LITERAL_LOC_IGNORE, SRE_NOT_LITERAL_LOC_IGNORE, SRE_GROUPREF_UNI_IGNORE, SRE_IN_UNI_IGNORE,
    SRE_LITERAL_UNI_IGNORE, SRE_NOT_LITERAL_UNI_IGNORE, SRE_RANGE_UNI_IGNORE,
};
enum SreAt {
    SRE_AT_BEGINNING, SRE_AT_BEGINNING_LINE, SRE_AT_BEGINNING_STRING, SRE_AT_BOUNDARY, SRE_AT_NON_BOUNDARY, SRE_AT_END, SRE_AT_END_LINE,
    SRE_AT_END_STRING, SRE_AT_LOC_BOUNDARY, SRE_AT_LOC_NON_BOUNDARY, SRE_AT_UNI_BOUNDARY, SRE_AT_UNI_NON_BOUNDARY, SRE_AT_COUNT,
};
enum SreCategory {
    SRE_DIGIT, SRE_NOT_DIGIT, SRE_SPACE, SRE_NOT_SPACE, SRE_WORD, SRE_NOT_WORD, SRE_LINEBREAK, SRE_NOT_LINEBREAK, SRE_LOC_WORD,
    SRE_LOC_NOT_WORD, SRE_UNI_DIGIT, SRE_UNI_NOT_DIGIT, SRE_UNI_SPACE, SRE_UNI_NOT_SPACE, SRE_UNI_WORD, SRE_UNI_NOT_WORD,
    SRE_UNI_LINEBREAK, SRE_UNI_NOT_LINEBREAK, SRE_CATEGORY_COUNT,
};
enum { SRE_INFO_PREFIX = 1, SRE_INFO_LITERAL = 2, SRE_INFO_CHARSET = 4 };
enum { SRE_FLAG_IGNORECASE = 2, SRE_FLAG_LOCALE = 4, SRE_FLAG_UNICODE = 32, SRE_FLAG_ASCII = 256 };
#define SRE_MAXREPEAT UINT32_MAX
#define SRE_MAXGROUPS ((int64_t)INT32_MAX / 2)

// One thing to go back to, or to put back. The stack of them is the matcher's only memory of how it came here.
typedef struct SreEntry {
    uint8_t kind;      // enum in sre_match.c
    uint32_t pc;       // where to go on; MARK: which one
    int32_t rep;       // innermost running repeat, -1: none
    uint32_t nodes;    // how many repeat nodes there were
    int64_t at;        // position in the subject; MARK: the old value
    int64_t low;       // GREEDY: least position; MARK: the old lastindex; barriers: the outer barrier
    uint64_t count;    // LAZY: matched so far; POSSESSIVE: iterations
} SreEntry;

// One iteration of a repeat whose body is no single character. Never changed: each iteration makes its own.
typedef struct SreNode {
    uint32_t pc;       // of the repeat's operation
    int32_t outer;     // -1: none
    uint64_t count;    // iterations begun before this point
    int64_t last;      // where the last optional iteration began, -1: none has
} SreNode;

enum { SRE_STACK_INLINE = 48, SRE_NODES_INLINE = 16, SRE_MARKS_INLINE = 16 };
typedef struct Sre {
    Thread *t;
    const uint32_t *code;
    const void *data;       // the subject; character i at data + i * width
    uint32_t width;         // 1, 2, 4
    int64_t end;            // the subject ends here
    int64_t start, at;      // where the match begins and ends
    bool must_advance;      // an empty match at `start` does not count
    bool match_all;         // the match must end at `end`
    Text prefix;            // literal that every match begins with; length 0: not known
    int64_t *marks;         // two per group, -1: unset
    uint32_t nmarks;
    int64_t lastindex;      // group closed last, -1: none
    SreEntry *stack;
    size_t top, room;
    SreNode *nodes;
    uint32_t nnodes, nodes_room;
    uint32_t steps;         // until the next poll
    SreEntry stack_inline[SRE_STACK_INLINE];
    SreNode nodes_inline[SRE_NODES_INLINE];
    int64_t marks_inline[SRE_MARKS_INLINE];
} Sre;

// The code is what a compiler could emit: every jump, group and character set stays inside; matching is memory-safe then.
bool sre_verify(Thread *t, const uint32_t *code, size_t n, int64_t groups);
uint32_t sre_upper(uint32_t c);
bool sre_charset(const uint32_t *set, uint32_t c); // `c` is in the set that begins there
// 1 with start, at and marks; 0; -1 raised (signals, memory). A safepoint. `s->start` is where to begin.
int sre_match(Sre *s);
int sre_search(Sre *s);
void sre_state_free(Sre *s); // the state's own memory
