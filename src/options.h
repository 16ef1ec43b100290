// The command line of `skein`: CPython's options, and ours. Fills runtime_config.
#pragma once
#include <stdbool.h>
#include "runtime/startup.h"

enum RunKind { RUN_REPL, RUN_COMMAND, RUN_MODULE, RUN_FILE, RUN_STDIN, RUN_VERSION, RUN_HELP, RUN_COMPARE, RUN_USAGE };
enum HelpKind { HELP_OPTIONS, HELP_XOPTIONS, HELP_ENVIRONMENT, HELP_ALL };
typedef struct Options {
    enum RunKind kind;
    const char *text;      // command, module name or file
    const char *dump;      // --dump=tokens|ast|bytecode
    int version_verbosity; // -V, -VV
    enum HelpKind help;    // of RUN_HELP
    bool skip_first_line;  // -x
    int rest;              // index of the first argument that is the program's
} Options;

// 0, or the status to exit with after a message on stderr: 2 for wrong usage, 1 for values that make no sense. Sets the locale.
int options_parse(int argc, char **argv, Options *out);
void options_help(enum HelpKind kind);
