// Build tool: makes tables of stencils out of what the compiler made of jit/stencils.c.
//   stencilgen tidy IN.s OUT.s          orders each stencil's blocks: the likely way straight on, what is unlikely apart, jumps threaded
//   stencilgen tables OUT.inc IN.o ...  one object for each VARIANT, in order: code, relocations, symbols, as C initialisers
#include <elf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("stencilgen: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}
static void *grown(void *p, size_t n, size_t each) { // room for one more than n
    if (n & (n - 1)) return p;
    p = realloc(p, (n ? 2 * n : 1) * each);
    if (!p) fail("out of memory");
    return p;
}
static char *read_file(const char *path, size_t *bytes) {
    FILE *f = fopen(path, "rb");
    if (!f) fail("cannot read %s", path);
    fseek(f, 0, SEEK_END);
    *bytes = (size_t)ftell(f);
    rewind(f);
    char *data = malloc(*bytes + 1);
    if (!data || fread(data, 1, *bytes, f) != *bytes) fail("cannot read %s", path);
    data[*bytes] = 0;
    fclose(f);
    return data;
}

// ---- tidy
// A block is straight code; at its end it goes to `taken` where `condition` holds, and to `to` otherwise (NULL: nowhere, it ends in a return or
// an indirect jump). Both are labels of blocks, or symbols outside the function.
typedef struct Block {
    char *label;
    char **lines;
    size_t nlines;
    char condition[4];
    char *taken, *to;
    bool cold, placed, hot, reached;
} Block;
typedef struct Body {
    Block *blocks;
    size_t n;
} Body;

static const char *const opposites[][2] = {{"e", "ne"}, {"l", "ge"}, {"g", "le"}, {"a", "be"}, {"b", "ae"}, {"s", "ns"}, {"o", "no"}, {"p", "np"}};
static const char *opposite(const char *condition) {
    for (size_t i = 0; i < sizeof opposites / sizeof *opposites; i++)
        for (int k = 0; k < 2; k++)
            if (!strcmp(condition, opposites[i][k])) return opposites[i][1 - k];
    fail("no opposite of j%s", condition);
    return NULL;
}
// The operand of a jump: up to white space. NULL: the line is something else.
static char *jump_target(const char *line, char *condition) {
    char mnemonic[16], operand[256];
    if (sscanf(line, " %15s %255s", mnemonic, operand) != 2 || mnemonic[0] != 'j') return NULL;
    if (!strcmp(mnemonic, "jmp")) *condition = 0;
    else if (strlen(mnemonic) <= 4 && strcmp(mnemonic, "jmpq")) strcpy(condition, mnemonic + 1);
    else return NULL;
    return strdup(operand);
}
static bool ends_code(const char *line) {
    char mnemonic[16];
    return sscanf(line, " %15s", mnemonic) == 1 && (!strcmp(mnemonic, "jmpq") || !strncmp(mnemonic, "ret", 3) || !strncmp(mnemonic, "ud", 2));
}
static Block *find(Body *body, const char *label) {
    for (size_t i = 0; label && i < body->n; i++)
        if (body->blocks[i].label && !strcmp(body->blocks[i].label, label)) return &body->blocks[i];
    return NULL;
}
static Block *add_block(Body *body, char *label) {
    body->blocks = grown(body->blocks, body->n, sizeof *body->blocks);
    Block *b = &body->blocks[body->n++];
    *b = (Block){.label = label};
    return b;
}
static void parse_body(Body *body, char **lines, size_t n, const char *name) {
    Block *b = add_block(body, NULL);
    bool open = true; // the last block goes on to what follows
    bool conditional = false;
    for (size_t i = 0; i < n; i++) {
        char *line = lines[i], *comment = strstr(line, "#");
        if (comment) *comment = 0;
        char word[256];
        if (sscanf(line, " %255s", word) != 1) continue;
        bool is_label = line[0] == '.' && strchr(word, ':');
        if (word[0] == '.' && !is_label) continue; // directives: .p2align, .cfi_*
        if (is_label || !open || conditional) {
            char made[64];
            if (is_label) *strchr(word, ':') = 0;
            else snprintf(made, sizeof made, ".Lx_%s_%zu", name, body->n);
            char *label = strdup(is_label ? word : made);
            if (open) b->to = label;
            b = add_block(body, label);
            open = true;
            conditional = false;
            if (is_label) continue;
        }
        char condition[16];
        char *target = jump_target(line, condition);
        if (target && condition[0]) {
            strcpy(b->condition, condition);
            b->taken = target;
            conditional = true;
        } else if (target) {
            b->to = target;
            open = false;
        } else {
            b->lines = grown(b->lines, b->nlines, sizeof *b->lines);
            b->lines[b->nlines++] = line;
            if (ends_code(line)) open = false;
        }
    }
    bool calls_last = b->nlines && strstr(b->lines[b->nlines - 1], "call"); // of what never returns
    if (open && !calls_last && b->nlines + (b->condition[0] != 0)) fail("%s runs on behind its end", name);
}
static char *threaded(Body *body, char *to) {
    for (int i = 0; i < 100; i++) {
        Block *b = find(body, to);
        if (!b || b->nlines || b->condition[0] || !b->to) break;
        to = b->to;
    }
    return to;
}
static bool goes_slowly(const char *symbol) {
    return symbol && (!strncmp(symbol, "native_cold_", 12) || !strcmp(symbol, "op_error") || !strcmp(symbol, "slow_op") || !strcmp(symbol, "op_go"));
}
static bool calls_slowly(const Block *b) {
    for (size_t i = 0; i < b->nlines; i++)
        if (strstr(b->lines[i], "call") && (strstr(b->lines[i], "out_of_line") || strstr(b->lines[i], "ref_") || strstr(b->lines[i], "frame_detach") || strstr(b->lines[i], "shared")))
            return true;
    return false;
}
static bool is_cold_way(Body *body, const char *to) {
    Block *b = find(body, to);
    return b ? b->cold : goes_slowly(to);
}
static void emit(FILE *out, Block **order, size_t n, bool hot) {
    for (size_t i = 0; i < n; i++) {
        Block *b = order[i];
        const char *next = i + 1 < n ? order[i + 1]->label : NULL;
        if (b->label) fprintf(out, "%s:\n", b->label);
        for (size_t k = 0; k < b->nlines; k++) fprintf(out, "%s\n", b->lines[k]);
        bool last = hot && i + 1 == n;
        if (b->condition[0]) {
            bool turn = (next && !strcmp(b->taken, next)) || (last && !strcmp(b->taken, "cont"));
            if (turn && b->to) {
                fprintf(out, "\tj%s\t%s\n", opposite(b->condition), b->to);
                continue;
            }
            fprintf(out, "\tj%s\t%s\n", b->condition, b->taken);
        }
        if (!b->to || (next && !strcmp(b->to, next)) || (last && !strcmp(b->to, "cont"))) continue;
        fprintf(out, "\tjmp\t%s\n", b->to);
    }
}
static void tidy_body(FILE *out, const char *name, char **lines, size_t n) {
    Body body = {0};
    parse_body(&body, lines, n, name);
    for (size_t i = 0; i < body.n; i++) {
        Block *b = &body.blocks[i];
        b->to = threaded(&body, b->to);
        if (b->condition[0]) b->taken = threaded(&body, b->taken);
    }
    for (bool changed = true; changed;) { // backwards: every way leads out slowly
        changed = false;
        for (size_t i = 1; i < body.n; i++) {
            Block *b = &body.blocks[i];
            bool cold = calls_slowly(b) || (b->to && is_cold_way(&body, b->to) && (!b->condition[0] || is_cold_way(&body, b->taken)));
            if (cold && !b->cold) b->cold = changed = true;
        }
    }
    Block **hot = calloc(body.n, sizeof *hot), **cold = calloc(body.n, sizeof *cold);
    size_t nhot = 0, ncold = 0;
    // The likely way from the start on.
    Block *b = &body.blocks[0], *end = NULL;
    while (b && !b->hot) {
        b->hot = true;
        end = b;
        Block *next = find(&body, b->to);
        if (next && next->cold && b->condition[0] && find(&body, b->taken) && !find(&body, b->taken)->cold) next = find(&body, b->taken);
        else if (b->condition[0] && ((next && next->hot) || (!next && b->to && goes_slowly(b->to)))) next = find(&body, b->taken); // a loop, or a slow way out
        b = next;
    }
    // And what comes back to it without being cold: loops.
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < body.n; i++) {
            b = &body.blocks[i];
            Block *to = find(&body, b->to), *taken = b->condition[0] ? find(&body, b->taken) : NULL;
            if (!b->hot && !b->cold && ((to && to->hot) || (taken && taken->hot))) b->hot = changed = true;
        }
    }
    // What nothing reaches is left out.
    body.blocks[0].reached = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < body.n; i++) {
            if (!body.blocks[i].reached) continue;
            Block *ways[2] = {find(&body, body.blocks[i].to), body.blocks[i].condition[0] ? find(&body, body.blocks[i].taken) : NULL};
            for (int k = 0; k < 2; k++)
                if (ways[k] && !ways[k]->reached) ways[k]->reached = changed = true;
        }
    }
    for (size_t i = 0; i < body.n; i++) {
        b = &body.blocks[i];
        if (!b->reached) continue;
        if (!b->hot) cold[ncold++] = b;
        else if (b != end) hot[nhot++] = b;
    }
    hot[nhot++] = end;
    if (end == &body.blocks[0] && nhot > 1) { // the start stays first
        memmove(hot + 1, hot, (nhot - 1) * sizeof *hot);
        hot[0] = end;
    }
    emit(out, hot, nhot, true);
    if (ncold) {
        fprintf(out, "\t.section\t.text.cold.%s,\"ax\",@progbits\n", name);
        emit(out, cold, ncold, false);
    }
    fprintf(out, "\t.section\t.text.%s,\"ax\",@progbits\n", name);
}
static int tidy(const char *from, const char *to) {
    size_t bytes;
    char *text = read_file(from, &bytes);
    FILE *out = fopen(to, "w");
    if (!out) fail("cannot write %s", to);
    char **body = NULL;
    size_t nbody = 0;
    char name[256] = "";
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (!name[0]) {
            fprintf(out, "%s\n", line);
            if (sscanf(line, "stencil_%200[A-Za-z0-9_]", name + 8) == 1 && strchr(line, ':')) {
                memcpy(name, "stencil_", 8);
                nbody = 0;
            } else {
                name[0] = 0;
            }
        } else if (!strncmp(line, ".Lfunc_end", 10)) {
            tidy_body(out, name, body, nbody);
            fprintf(out, "%s\n", line);
            name[0] = 0;
        } else {
            body = grown(body, nbody, sizeof *body);
            body[nbody++] = line;
        }
    }
    return fclose(out) == 0 ? 0 : 1;
}

// ---- tables
typedef struct Object {
    char *data;
    Elf64_Ehdr *header;
    Elf64_Shdr *sections;
    const char *names;
    Elf64_Sym *symbols;
    const char *symbol_names;
} Object;
static char **externals;
static size_t nexternals;
static size_t external(const char *name) {
    for (size_t i = 0; i < nexternals; i++)
        if (!strcmp(externals[i], name)) return i;
    externals = grown(externals, nexternals, sizeof *externals);
    externals[nexternals] = strdup(name);
    return nexternals++;
}
static const char *section_name(Object *o, unsigned i) { return o->names + o->sections[i].sh_name; }
static unsigned section_named(Object *o, const char *name) {
    for (unsigned i = 1; i < o->header->e_shnum; i++)
        if (o->sections[i].sh_type == SHT_PROGBITS && !strcmp(section_name(o, i), name)) return i;
    return 0;
}
static Elf64_Shdr *relocations_of(Object *o, unsigned section) {
    for (unsigned i = 1; i < o->header->e_shnum; i++)
        if (o->sections[i].sh_type == SHT_RELA && o->sections[i].sh_info == section) return &o->sections[i];
    return NULL;
}
static const char *const kinds[] = {[R_X86_64_64] = "ABS64", [R_X86_64_32] = "ABS32", [R_X86_64_32S] = "ABS32", [R_X86_64_PC32] = "PC32", [R_X86_64_PLT32] = "PC32"};
// Writes the relocations of one part; false where one is of a kind that cannot be filled in.
static bool write_relocations(FILE *out, Object *o, unsigned section, unsigned hot, unsigned cold, const char **why) {
    Elf64_Shdr *r = section ? relocations_of(o, section) : NULL;
    size_t n = r ? r->sh_size / sizeof(Elf64_Rela) : 0;
    for (size_t i = 0; i < n; i++) {
        Elf64_Rela *rela = (Elf64_Rela *)(o->data + r->sh_offset) + i;
        Elf64_Sym *symbol = &o->symbols[ELF64_R_SYM(rela->r_info)];
        unsigned type = (unsigned)ELF64_R_TYPE(rela->r_info);
        const char *name = o->symbol_names + symbol->st_name;
        if (type >= sizeof kinds / sizeof *kinds || !kinds[type]) { *why = "an unknown kind of relocation"; return false; }
        char to[300];
        if (symbol->st_shndx == hot && hot) snprintf(to, sizeof to, "TO_HOT, 0");
        else if (symbol->st_shndx == cold && cold) snprintf(to, sizeof to, "TO_COLD, 0");
        else if (symbol->st_shndx != SHN_UNDEF) { *why = o->names + o->sections[symbol->st_shndx].sh_name; return false; }
        else if (!strncmp(name, "hole64_", 7) || !strncmp(name, "hole32_", 7)) snprintf(to, sizeof to, "TO_HOLE, HOLE_%s", name + 7);
        else if (!strcmp(name, "cont") || !strcmp(name, "cont_skip") || !strcmp(name, "target") || !strcmp(name, "slow_op")) snprintf(to, sizeof to, "TO_%s, 0", name);
        else snprintf(to, sizeof to, "TO_EXTERNAL, %zu /* %s */", external(name), name);
        if (type != R_X86_64_64 && type != R_X86_64_PC32 && type != R_X86_64_PLT32 && strncmp(to, "TO_HOLE", 7)) { *why = name; return false; }
        int64_t addend = rela->r_addend;
        if (!strncmp(to, "TO_HOT", 6) || !strncmp(to, "TO_COLD", 7)) addend += (int64_t)symbol->st_value;
        fprintf(out, "    {%llu, %s, %s, %lld},\n", (unsigned long long)rela->r_offset, kinds[type], to, (long long)addend);
    }
    return true;
}
static void write_code(FILE *out, Object *o, unsigned section) {
    const unsigned char *code = (unsigned char *)o->data + o->sections[section].sh_offset;
    for (size_t i = 0; i < o->sections[section].sh_size; i++) fprintf(out, "%s%u,", i % 32 ? "" : "\n    ", code[i]);
}
static size_t relocation_count(Object *o, unsigned section) {
    Elf64_Shdr *r = section ? relocations_of(o, section) : NULL;
    return r ? r->sh_size / sizeof(Elf64_Rela) : 0;
}
static int tables(const char *to, char **objects, int n) {
    FILE *out = fopen(to, "w");
    if (!out) fail("cannot write %s", to);
    fprintf(out, "// Made by stencilgen.\n");
    char *table = NULL;
    size_t table_bytes = 0;
    FILE *rows = open_memstream(&table, &table_bytes);
    for (int v = 0; v < n; v++) {
        size_t bytes;
        Object o = {.data = read_file(objects[v], &bytes)};
        o.header = (Elf64_Ehdr *)o.data;
        if (bytes < sizeof *o.header || memcmp(o.header->e_ident, ELFMAG, SELFMAG)) fail("%s is no object file", objects[v]);
        o.sections = (Elf64_Shdr *)(o.data + o.header->e_shoff);
        o.names = o.data + o.sections[o.header->e_shstrndx].sh_offset;
        for (unsigned i = 1; i < o.header->e_shnum; i++)
            if (o.sections[i].sh_type == SHT_SYMTAB) {
                o.symbols = (Elf64_Sym *)(o.data + o.sections[i].sh_offset);
                o.symbol_names = o.data + o.sections[o.sections[i].sh_link].sh_offset;
            }
        for (unsigned i = 1; i < o.header->e_shnum; i++) {
            const char *name = section_name(&o, i);
            if (o.sections[i].sh_type != SHT_PROGBITS || strncmp(name, ".text.stencil_", 14)) continue;
            name += 14;
            char cold_name[300];
            snprintf(cold_name, sizeof cold_name, ".text.cold.stencil_%s", name);
            unsigned cold = section_named(&o, cold_name);
            size_t hot_bytes = o.sections[i].sh_size, cold_bytes = cold ? o.sections[cold].sh_size : 0;
            size_t nhot = relocation_count(&o, i), ncold = relocation_count(&o, cold);
            if (!hot_bytes && !nhot && strcmp(name, "NOP") && strcmp(name, "LINE") && strcmp(name, "SET_TRACEBACK_LINE")) continue; // no such combination of flags
            const char *why = NULL;
            char *text = NULL;
            size_t text_bytes = 0;
            FILE *part = open_memstream(&text, &text_bytes);
            fprintf(part, "static const StencilRelocation relocations_%s_%d[] = {\n", name, v);
            bool fits = write_relocations(part, &o, i, i, cold, &why) && write_relocations(part, &o, cold, i, cold, &why);
            fprintf(part, "    {0, 0, 0, 0, 0}};\nstatic const unsigned char code_%s_%d[] = {", name, v);
            write_code(part, &o, i);
            if (cold) write_code(part, &o, cold);
            fprintf(part, "0};\n");
            fclose(part);
            if (fits) {
                fputs(text, out);
                fprintf(rows, "    {code_%s_%d, relocations_%s_%d, %zu, %zu, %zu, %zu, OP_%s, %d},\n", name, v, name, v, hot_bytes, cold_bytes, nhot, ncold, name, v);
            } else {
                fprintf(rows, "    // %s, variant %d: %s\n", name, v, why);
            }
            free(text);
        }
    }
    fclose(rows);
    for (size_t i = 0; i < nexternals; i++) fprintf(out, "extern const char external_%zu[] __asm__(\"%s\");\n", i, externals[i]);
    fprintf(out, "const char *const stencil_externals[] = {\n");
    for (size_t i = 0; i < nexternals; i++) fprintf(out, "    external_%zu, // %s\n", i, externals[i]);
    fprintf(out, "};\nconst Stencil stencil_rows[] = {\n%s};\nconst size_t stencil_count = sizeof stencil_rows / sizeof *stencil_rows;\n", table);
    return fclose(out) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "tidy")) return tidy(argv[2], argv[3]);
    if (argc > 3 && !strcmp(argv[1], "tables")) return tables(argv[2], argv + 3, argc - 3);
    fail("tidy IN.s OUT.s | tables OUT.inc IN.o ...");
}
