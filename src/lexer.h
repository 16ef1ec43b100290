// The lexer: source text to tokens, on demand, with f-strings taken apart (PEP 701, 750).
#pragma once
#include "src/front.h"

typedef enum {
#define TOKEN(name, text) TOK_##name,
#define OPERATOR(name, text) TOK_##name,
#define KEYWORD(name, text) TOK_##name,
#include "src/token.def"
    TOK_COUNT
} TokenType;

typedef struct Token {
    uint8_t type;
    uint16_t level;            // brackets open after it
    Pos pos;                   // col -1: indentation, which has no place of its own
    uint32_t start, end;       // bytes of the source text; of FSTRING_MIDDLE: raw, up to a doubled brace's first half
    const Chars *name;           // NAME: normalised (NFKC), interned
    int32_t cur;               // INDENT, DEDENT: the column in bytes where the lexer stood
} Token;

enum { LEX_MAX_BRACKETS = 200, LEX_MAX_INDENT = 100, LEX_MAX_FSTRINGS = 150, LEX_MAX_SPEC = 3 };

typedef struct FString {
    char quote;
    bool triple, raw, template;
    int8_t depth;                          // replacement fields open
    uint16_t level_at[LEX_MAX_SPEC + 1];   // bracket level inside each of them
    bool in_spec;                          // lexing text of a format specification
    bool in_text;                          // lexing text
    uint32_t start;                        // where the literal starts
    Pos start_pos;
} FString;

typedef struct Lexer {
    Front *f;
    const char *s;
    uint32_t at, line_start, length;
    int32_t line;
    bool at_line_start;
    bool extra;                            // comments and newlines that end no statement are tokens too (tokenize)
    bool blank;                            // on a line without code (extra)
    bool ended;                            // the end was seen: as a token, or by an error that more text might mend
    int pending;                           // indents (> 0) or dedents (< 0) still to give
    int indent, level, fstrings;
    int columns[LEX_MAX_INDENT], alt_columns[LEX_MAX_INDENT];
    struct { char c; int32_t line, col; } brackets[LEX_MAX_BRACKETS];
    FString fstring[LEX_MAX_FSTRINGS];
} Lexer;

extern const char *const token_names[TOK_COUNT];   // NAME, OP's exact spelling ...
extern const char *const token_kinds[TOK_COUNT];   // the enumerator's name

// whole_lines: a last line without a newline counts as having one (files); else it ends as it does (prompts, eval).
void lexer_init(Lexer *lx, Front *f, bool whole_lines);
// The next token; after ENDMARKER it goes on giving ENDMARKER. Fails with SyntaxError and its subclasses.
void lexer_next(Lexer *lx, Token *out);
_Noreturn void lexer_unclosed(Lexer *lx);  // "'(' was never closed", for the innermost open bracket
Chars *lexer_identifier(Front *f, const char *s, size_t n);  // interns NFKC(s)
// parse_string.c: "\\d" is an invalid escape sequence ...
void warn_invalid_escape(Front *f, Pos pos, const char *escape, int length, const char *what);
int lexer_decode_char(const char *s, uint32_t *out);      // one well-formed UTF-8 character; its length
