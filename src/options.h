// The command line of `skein`: CPython's options, and ours. Fills runtime_config.
#pragma once
#include <stdbool.h>
#include "runtime/startup.h"

enum RunKind { RUN_REPL, RUN_COMMAND, RUN_MODULE, RUN_FILE, RUN_STDIN, RUN_VERSION, RUN_HELP, RUN_COMPARE, RUN_USAGE };
typedef struct Options {
    enum RunKind kind;
    const char *text;      // command, module name or file
    const char *dump;      // --dump=tokens|ast|bytecode
    int version_verbosity; // -V, -VV
    bool skip_first_line;  // -x
    int rest;              // index of the first argument that is the program's
} Options;

// 0, or 2 after a message on stderr (wrong usage).
int options_parse(int argc, char **argv, Options *out);
void options_help(void);
