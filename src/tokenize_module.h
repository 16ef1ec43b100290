// The _tokenize module: the lexer's tokens for the library's tokenize.
#pragma once
#include "runtime/module.h"

extern const ModuleSpec _tokenize_module;
