// Entry points of the parser. On failure they leave by front_bail with f->failure set (use FRONT_TRY).
#pragma once
#include "src/ast.h"
#include "src/front.h"

typedef enum ParseMode { PARSE_MODULE, PARSE_INTERACTIVE, PARSE_EVAL, PARSE_FUNC_TYPE } ParseMode;

// Parses f->source (see source_decode) and returns a Module, Interactive, Expression or FunctionType.
Node *parse_source(Front *f, ParseMode mode);
Node *parse_module(Front *f);
Node *parse_interactive(Front *f);
Node *parse_eval(Front *f);
Node *parse_func_type(Front *f);

// Writes the tokens of f->source, one a line: position, kind, text.
void dump_tokens(FILE *out, Front *f);
