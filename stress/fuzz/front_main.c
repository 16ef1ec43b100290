// A debugging aid, built by hand: dumps tokens or trees of files, or what is wrong with them.
//   front_main [-t | -a | -i N | -q] [-m exec|single|eval|func_type] [-b FILE-OF-NUL-SEPARATED-SOURCES] FILE...
// -a: ast.dump with attributes, one statement a line (default); -q: only parse (for timing).
#include "src/ast.h"
#include "src/lexer.h"
#include "src/parse.h"
#include <stdio.h>
#include <stdlib.h>

static char *read_all(const char *path, size_t *n)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return NULL;
    char *text = malloc(1);
    size_t size = 0, got;
    char block[65536];
    while ((got = fread(block, 1, sizeof block, in))) {
        char *more = realloc(text, size + got + 1);
        if (!more)
            abort();
        text = more;
        memcpy(text + size, block, got);
        size += got;
    }
    text[size] = 0;
    fclose(in);
    *n = size;
    return text;
}

static void run(const char *path, const char *text, size_t n, char what, int indent, ParseMode mode)
{
    Front f;
    BailFrame frame;
    front_init(&f, path, 0);
    if (FRONT_TRY(&f, frame)) {
        source_decode(&f, text, n);
        if (what == 't')
            dump_tokens(stdout, &f);
        else {
            Node *tree = parse_source(&f, mode);
            if (what == 'i')
                dump_ast(stdout, &f, tree, false, indent);
            else if (what == 'a') {
                if (mode == PARSE_MODULE)
                    for (uint32_t i = 0; i < tree->Module.body->n; i++)
                        dump_ast(stdout, &f, tree->Module.body->at[i], true, -1);
                else
                    dump_ast(stdout, &f, tree, true, -1);
            }
        }
        FRONT_END(&f, frame);
    } else {
        FRONT_END(&f, frame);
        static const char *const kinds[] = {"none", "SyntaxError", "IndentationError", "TabError", "_IncompleteInputError", "MemoryError",
                                            "RecursionError", "OverflowError", "ValueError", "UnicodeError", "SystemError", "raised"};
        printf("%s: %s (%d, %d, %d, %d)\n", kinds[f.failure.kind], f.failure.message, (int)f.failure.line, (int)f.failure.offset,
               (int)f.failure.end_line, (int)f.failure.end_offset);
    }
    for (size_t i = 0; i < f.warnings.n && what != 'q'; i++)
        printf("warning %d: %s\n", (int)f.warnings.at[i].line, f.warnings.at[i].message);
    front_free(&f);
}

int main(int argc, char **argv)
{
    char what = 'a';
    int indent = -1;
    ParseMode mode = PARSE_MODULE;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] == 'm' && i + 1 < argc) {
            i++;
            mode = !strcmp(argv[i], "single") ? PARSE_INTERACTIVE : !strcmp(argv[i], "eval") ? PARSE_EVAL : !strcmp(argv[i], "func_type") ? PARSE_FUNC_TYPE : PARSE_MODULE;
            continue;
        }
        size_t n;
        if (argv[i][0] == '-' && argv[i][1] == 'b' && i + 1 < argc) {  // many sources in one file
            char *text = read_all(argv[++i], &n);
            if (!text)
                return 2;
            for (char *s = text; s < text + n; s += strlen(s) + 1) {
                run("<batch>", s, strlen(s), what, indent, mode);
                puts("--");
            }
            free(text);
            continue;
        }
        if (argv[i][0] == '-' && argv[i][1]) {
            what = argv[i][1];
            if (what == 'i' && i + 1 < argc)
                indent = atoi(argv[++i]);
            continue;
        }
        char *text = read_all(argv[i], &n);
        if (!text) {
            perror(argv[i]);
            continue;
        }
        run(argv[i], text, n, what, indent, mode);
        free(text);
    }
    return 0;
}
