// The front end as the runtime sees it: source text to code objects, failures to exceptions.
#include "src/frontend.h"
#include "runtime/abstract.h"
#include "runtime/import.h"
#include "runtime/store.h"
#include "runtime/call.h"
#include "runtime/codecs.h"
#include "runtime/error.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "src/ast_object.h"
#include "src/compile.h"
#include "src/fold.h"
#include "src/parse.h"
#include "src/symtable_module.h"
#include "src/tokenize_module.h"
#include <stdlib.h>
#include <sys/stat.h>

// ---- constants

static Value value_of_chars(Thread *t, const Chars *s) { return str_from_utf8_surrogates(t, s->s, s->length); }

static Value interned(Thread *t, const Chars *s)
{
    Value v = value_of_chars(t, s);
    return value_bits(v) ? str_intern(t, v) : v;
}

static bool looks_like_name(const Chars *s)
{
    for (uint32_t i = 0; i < s->length; i++) {
        char c = s->s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static Value value_of_const(Thread *t, const Const *c);

static Value tuple_of_consts(Thread *t, const Const *items, uint32_t n)
{
    if (!n)
        return value_dup(t, t->interp->empty_tuple);
    Tuple *tuple = tuple_alloc(t, (int64_t)n);
    for (uint32_t i = 0; tuple && i < n; i++) {
        Value v = value_of_const(t, &items[i]);
        if (!value_bits(v)) {
            value_release(t, value_of(tuple));
            return UNDEF;
        }
        slot_init(&tuple->items[i], v);
    }
    return tuple ? value_of(tuple) : UNDEF;
}

static Value value_of_const(Thread *t, const Const *c)
{
    switch ((ConstKind)c->kind) {
    case CONST_NONE: return NONE;
    case CONST_TRUE: return TRUE_VALUE;
    case CONST_FALSE: return FALSE_VALUE;
    case CONST_ELLIPSIS: return ELLIPSIS;
    case CONST_INT: return int_from_int64(t, c->integer);
    case CONST_BIGINT: return int_from_text(t, c->text->s, c->text->length, 0);
    case CONST_FLOAT: return float_new(t, c->real);
    case CONST_COMPLEX: return complex_new(t, c->real, c->imag);
    case CONST_STR: return looks_like_name(c->text) ? interned(t, c->text) : value_of_chars(t, c->text);
    case CONST_BYTES: return bytes_new(t, c->text->s, c->text->length);
    case CONST_TUPLE: return tuple_of_consts(t, c->items, c->count);
    case CONST_FROZENSET: {
        Value tuple = tuple_of_consts(t, c->items, c->count);
        if (!value_bits(tuple))
            return UNDEF;
        Value set = frozenset_from_iterable(t, tuple);
        value_release(t, tuple);
        return set;
    }
    }
    return UNDEF;
}

static Value tuple_of_names(Thread *t, const Chars *const *names, size_t n)
{
    if (!n)
        return value_dup(t, t->interp->empty_tuple);
    Tuple *tuple = tuple_alloc(t, (int64_t)n);
    for (size_t i = 0; tuple && i < n; i++) {
        Value v = interned(t, names[i]);
        if (!value_bits(v)) {
            value_release(t, value_of(tuple));
            return UNDEF;
        }
        slot_init(&tuple->items[i], v);
    }
    return tuple ? value_of(tuple) : UNDEF;
}

Value frontend_const(Thread *t, const Const *c) { return value_of_const(t, c); }

// ---- code objects

static Value code_of_unit(Thread *t, Unit *u, ValueRef filename)
{
    size_t n = u->pool.n, made = 0, shown_count = 0;
    Tuple *constants = tuple_alloc(t, (int64_t)n + 1); // the collector sees in it what this makes
    Value code = UNDEF;
    ValueRef *shown = calloc(n + 1, sizeof *shown);
    Value varnames = UNDEF, inline_names = UNDEF, cellvars = UNDEF, freevars = UNDEF, names = UNDEF, consts = UNDEF, name = UNDEF, qualname = UNDEF;
    if (!constants || !shown) {
        if (constants)
            (void)raise_no_memory(t);
        goto done;
    }
    for (; made < n; made++) {
        const PoolEntry *e = &u->pool.at[made];
        Value v = e->kind == POOL_CONST ? value_of_const(t, e->value) : e->kind == POOL_NAME ? interned(t, e->name) : code_of_unit(t, e->code, filename);
        if (!value_bits(v))
            goto done;
        slot_init(&constants->items[made], v);
        if (e->kind != POOL_NAME)
            shown[shown_count++] = v;
    }
    varnames = tuple_of_names(t, u->varnames.at, u->varnames.n);
    inline_names = value_bits(varnames) ? tuple_of_names(t, u->inline_names.at, u->inline_names.n) : UNDEF;
    cellvars = value_bits(inline_names) ? tuple_of_names(t, u->cellvars.at, u->cellvars.n) : UNDEF;
    freevars = value_bits(cellvars) ? tuple_of_names(t, u->freevars.at, u->freevars.n) : UNDEF;
    names = value_bits(freevars) ? tuple_of_names(t, u->names.at, u->names.n) : UNDEF;
    name = value_bits(names) ? interned(t, u->name) : UNDEF;
    qualname = value_bits(name) ? interned(t, u->qualname) : UNDEF;
    consts = value_bits(qualname) ? tuple_from_refs(t, shown, (int64_t)shown_count) : UNDEF;
    if (!value_bits(consts))
        goto done;
    if (runtime_config.no_debug_ranges)
        for (size_t i = 0; i < u->positions.n; i++)
            u->positions.at[i] = (Position){u->positions.at[i].line, u->positions.at[i].line, -1, -1};
    CodeSpec spec = {
        .instructions = u->words.at, .positions = u->positions.at, .ninstructions = (uint32_t)u->words.n,
        .constants = value_refs(constants->items), .nconstants = (uint32_t)n,
        .exceptions = u->rows.at, .nexceptions = (uint32_t)u->rows.n,
        .nregs = u->max_depth + CALL_ARGS + 2,
        .argcount = u->argcount, .posonlyargcount = u->posonly, .kwonlyargcount = u->kwonly,
        .flags = u->flags, .nlocals = u->nlocals,
        .inline_variables = u->inline_variables.at, .ninline = (uint32_t)u->inline_variables.n, .inline_names = inline_names,
        .varnames = varnames, .cellvars = cellvars, .freevars = freevars, .names = names, .consts = consts,
        .name = name, .qualname = qualname, .filename = filename, .firstlineno = u->firstline,
    };
    code = code_new(t, &spec);
done:
    if (constants)
        value_release(t, value_of(constants));
    free(shown);
    Value parts[] = {varnames, inline_names, cellvars, freevars, names, consts, name, qualname};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (value_bits(parts[i]))
            value_release(t, parts[i]);
    return code;
}

// ---- other source encodings

static const char *decode_by_codec(Front *f, const char *encoding, const char *bytes, size_t n, const char **out, size_t *out_n)
{
    Thread *t = f->thread;
    *out = NULL;
    if (!t)
        return NULL;
    Value name = str_from_text(t, encoding), input = value_bits(name) ? bytes_new(t, bytes, n) : UNDEF, text = UNDEF;
    if (value_bits(input))
        text = codecs_decode(t, input, name, UNDEF, true);
    value_release(t, name);
    value_release(t, input);
    const char *message = NULL;
    if (value_bits(text) && value_is_any_str(text)) {
        char *allocated = NULL;
        const char *utf8 = str_utf8(t, value_str(text), out_n, &allocated);
        if (utf8)
            *out = front_str(f, utf8, *out_n)->s;
        free(allocated);
    }
    value_release(t, text);
    if (!*out && error_pending(t)) {
        bool unknown = error_matches(t, EXCEPTION(LOOKUP_ERROR));
        Value error = error_take(t), shown = unknown ? UNDEF : object_str(t, error);
        if (value_bits(shown)) {
            char *allocated = NULL;
            size_t size;
            const char *utf8 = str_utf8(t, value_str(shown), &size, &allocated);
            if (utf8)
                message = front_format(f, "%s", utf8);
            free(allocated);
        }
        value_release(t, shown);
        value_release(t, error);
        error_clear(t);
    }
    return message;
}

// ---- failures

// SyntaxError(message, (filename, line, offset, text, end_line, end_offset))
static Value raise_syntax(Thread *t, Front *f, enum ExceptionId id, const char *message, ValueRef filename, int32_t line, int32_t offset, const Chars *text,
                          int32_t end_line, int32_t end_offset)
{
    Value args[2] = {UNDEF, UNDEF}, parts[6] = {UNDEF};
    Value error = UNDEF;
    args[0] = str_from_utf8_surrogates(t, message, strlen(message));
    if (!value_bits(args[0]))
        return UNDEF;
    uint32_t count = 1;
    if (line > 0 || offset) {
        parts[0] = value_dup(t, filename);
        parts[1] = int_from_int64(t, line);
        parts[2] = int_from_int64(t, offset);
        parts[3] = text ? value_of_chars(t, text) : NONE;
        if (!value_bits(parts[3])) {
            value_release(t, parts[0]);
            value_release(t, args[0]);
            return UNDEF;
        }
        parts[4] = line > 0 ? int_from_int64(t, end_line) : NONE;
        parts[5] = line > 0 ? int_from_int64(t, end_offset) : NONE;
        args[1] = tuple_from_values(t, parts, 6);
        if (!value_bits(args[1])) {
            value_release(t, args[0]);
            return UNDEF;
        }
        count = 2;
    }
    error = call_object(t, value_of(&exception_types[id]), value_refs(args), count, NULL);
    for (uint32_t i = 0; i < count; i++)
        value_release(t, args[i]);
    if (value_bits(error) && f->source.text) {  // where the traceback module looks for misspelt keywords
        Value about[3] = {int_from_int64(t, 0), int_from_int64(t, 0), str_from_utf8_surrogates(t, f->source.text, f->source.length)};
        Value metadata = value_bits(about[2]) ? tuple_from_values(t, about, 3) : UNDEF;
        if (value_bits(metadata))
            slot_store(t, value_object(error), &((SyntaxErrorObject *)value_object(error))->metadata, metadata);
        else
            error_clear(t);
    }
    return value_bits(error) ? raise_object(t, error) : UNDEF;
}

// A line of the file of that name, as it is now, for a failure that comes with none: the file is read as source is. NULL: there is no
// such line; nothing is raised. In f's arena.
static const Chars *line_of_file(Thread *t, Front *f, ValueRef filename, int32_t line)
{
    char *allocated = NULL;
    struct stat st;
    const char *name = value_is_any_str(filename) ? str_fs_path(t, filename, &allocated) : NULL;
    FILE *in = name && stat(name, &st) == 0 && S_ISREG(st.st_mode) ? fopen(name, "rb") : NULL;
    char *text = NULL;
    size_t bytes = 0, capacity = 0;
    const Chars *result = NULL;
    error_clear(t);
    if (in)
        for (bool more = true; more;) {
            if (bytes == capacity) {
                char *grown = realloc(text, capacity = capacity ? capacity * 2 : 1 << 14);
                if (!grown)
                    break;
                text = grown;
            }
            size_t got = fread(text + bytes, 1, capacity - bytes, in);
            bytes += got;
            more = got != 0;
        }
    if (in)
        fclose(in);
    Front *g = text ? malloc(sizeof *g) : NULL;
    BailFrame frame, own;
    if (g) {
        front_init(g, NULL, FRONT_QUIET);
        g->thread = t;
        g->decode = decode_by_codec;
        const Chars *volatile found = NULL;
        if (FRONT_TRY(g, frame)) {
            source_decode(g, text, bytes);
            found = source_line(g, line);
            FRONT_END(g, frame);
        } else {
            FRONT_END(g, frame);
            error_clear(t);
        }
        if (found && FRONT_TRY(f, own)) {
            result = front_str(f, found->s, found->length);
            FRONT_END(f, own);
        } else if (found)
            FRONT_END(f, own);
        front_free(g);
        free(g);
    }
    free(text);
    free(allocated);
    return result;
}

static Value raise_failure(Thread *t, Front *f, ValueRef filename)
{
    Failure *x = &f->failure;
    if (f->parsed && x->kind == FAIL_SYNTAX && !x->text)
        x->text = line_of_file(t, f, filename, x->line);
    switch (x->kind) {
    case FAIL_SYNTAX: return raise_syntax(t, f, E_SYNTAX_ERROR, x->message, filename, x->line, x->offset, x->text, x->end_line, x->end_offset);
    case FAIL_INDENTATION: return raise_syntax(t, f, E_INDENTATION_ERROR, x->message, filename, x->line, x->offset, x->text, x->end_line, x->end_offset);
    case FAIL_TAB: return raise_syntax(t, f, E_TAB_ERROR, x->message, filename, x->line, x->offset, x->text, x->end_line, x->end_offset);
    case FAIL_INCOMPLETE: return raise_syntax(t, f, E_INCOMPLETE_INPUT_ERROR, x->message, filename, x->line, x->offset, x->text, x->end_line, x->end_offset);
    case FAIL_MEMORY: return raise_no_memory(t);
    case FAIL_RECURSION: return raise(t, RECURSION_ERROR, "%s", x->message);
    case FAIL_OVERFLOW: return raise(t, OVERFLOW_ERROR, "%s", x->message);
    case FAIL_VALUE: return raise(t, VALUE_ERROR, "%s", x->message);
    case FAIL_RAISED: return UNDEF;
    default: return raise(t, SYSTEM_ERROR, "%s", x->message ? x->message : "front end failure");
    }
}

// SyntaxWarnings, in the order of the text. One that is an error becomes a SyntaxError at its place. 0 or -1.
static int give_warning(Thread *t, const Warning *w, ValueRef filename)
{
    Value function = import_attribute(t, "_warnings", "warn_explicit");
    if (!value_bits(function)) {  // so early that there is no such module yet
        error_clear(t);
        return 0;
    }
    Value message = str_from_utf8_surrogates(t, w->message, strlen(w->message)), result = UNDEF;
    if (value_bits(message)) {
        const ValueRef args[] = {message, value_of(EXCEPTION(SYNTAX_WARNING)), filename, int_from_int64(t, w->line)};
        result = call_object(t, function, args, 4, NULL);
        value_release(t, message);
    }
    value_release(t, function);
    if (!value_bits(result))
        return -1;
    value_release(t, result);
    return 0;
}

static int give_warnings(Thread *t, Front *f, ValueRef filename)
{
    for (size_t i = 0; i < f->warnings.n; i++) {
        const Warning *w = &f->warnings.at[i];
        if (give_warning(t, w, filename) == 0)
            continue;
        if (!error_matches(t, EXCEPTION(SYNTAX_WARNING)))
            return -1;
        error_clear(t);
        (void)raise_syntax(t, f, E_SYNTAX_ERROR, w->as_error ? w->as_error : w->message, filename, w->line, w->offset, source_line(f, w->line), w->end_line, w->end_offset);
        return -1;
    }
    return 0;
}

// ---- the table

enum { PY_FLAG_IGNORE_COOKIE = 0x100, PY_FLAG_DONT_IMPLY_DEDENT = 0x200, PY_FLAG_ONLY_AST = 0x400, PY_FLAG_TYPE_COMMENTS = 0x1000,
       PY_FLAG_TOP_LEVEL_AWAIT = 0x2000, PY_FLAG_ALLOW_INCOMPLETE = 0x4000, PY_FLAG_OPTIMIZED = 0x8400, PY_FLAG_BARRY = 0x400000, PY_FLAG_ANNOTATIONS = 0x1000000 };

static uint32_t front_flags(uint32_t flags, bool decoded)
{
    uint32_t out = decoded || flags & PY_FLAG_IGNORE_COOKIE ? FRONT_IGNORE_COOKIE : 0;
    if (flags & PY_FLAG_DONT_IMPLY_DEDENT)
        out |= FRONT_DONT_IMPLY_DEDENT;
    if (flags & PY_FLAG_ALLOW_INCOMPLETE)
        out |= FRONT_ALLOW_INCOMPLETE;
    if (flags & PY_FLAG_TOP_LEVEL_AWAIT)
        out |= FRONT_TOP_LEVEL_AWAIT;
    if (flags & PY_FLAG_TYPE_COMMENTS)
        out |= FRONT_TYPE_COMMENTS;
    if (flags & PY_FLAG_BARRY)
        out |= FRONT_BARRY_AS_FLUFL;
    if (flags & PY_FLAG_ANNOTATIONS)
        out |= FRONT_FUTURE_ANNOTATIONS;
    return out;
}

static ParseMode parse_mode(int mode) { return mode == 'e' ? PARSE_EVAL : mode == 's' ? PARSE_INTERACTIVE : mode == 'f' ? PARSE_FUNC_TYPE : PARSE_MODULE; }

static Value compile_source(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize)
{
    Front *f = malloc(sizeof *f);
    Value code = UNDEF;
    BailFrame frame;
    if (!f)
        return raise_no_memory(t);
    size_t name_bytes;
    char *allocated = NULL;
    const char *name = flags & FRONTEND_FROM_FILE ? str_utf8(t, value_str(filename), &name_bytes, &allocated) : NULL;
    if (flags & FRONTEND_FROM_FILE && !name)
        error_clear(t);
    front_init(f, name, front_flags(flags, decoded) | (name ? FRONT_FROM_FILE : 0));
    f->thread = t;
    f->decode = decode_by_codec;
    if (FRONT_TRY(f, frame)) {
        source_decode(f, source, bytes);
        Node *tree = parse_source(f, parse_mode(mode));
        f->parsed = true;
        symtable_build(f, tree);
        tree = fold_tree(f, tree, -1);
        Unit *u = compile_tree(f, tree, optimize);
        FRONT_END(f, frame);
        if (give_warnings(t, f, filename) == 0)
            code = code_of_unit(t, u, filename);
    } else {
        FRONT_END(f, frame);
        Failure failure = f->failure;
        if (f->failure.kind == FAIL_RAISED || give_warnings(t, f, filename) == 0) {
            f->failure = failure;
            (void)raise_failure(t, f, filename);
        }
    }
    front_free(f);
    free(f);
    free(allocated);
    return code;
}

int frontend_dump(Thread *t, FILE *out, const char *what, const char *source, size_t bytes, const char *filename)
{
    if (!strcmp(what, "bytecode")) {
        Value name = str_from_text(t, filename);
        if (!value_bits(name))
            return 1;
        Value code = compile_source(t, source, bytes, false, name, 'x', 0, 0);
        value_release(t, name);
        if (!value_bits(code))
            return 1;
        code_dump(value_code(code), out, true);
        value_release(t, code);
        return 0;
    }
    Front *f = malloc(sizeof *f);
    BailFrame frame;
    volatile int failed = 0;
    if (!f)
        return 1;
    front_init(f, filename, 0);
    f->thread = t;
    f->decode = decode_by_codec;
    if (FRONT_TRY(f, frame)) {
        source_decode(f, source, bytes);
        if (!strcmp(what, "tokens"))
            dump_tokens(out, f);
        else
            dump_ast(out, f, parse_source(f, PARSE_MODULE), false, 4);
        FRONT_END(f, frame);
    } else {
        FRONT_END(f, frame);
        failed = 1;
        fprintf(out, "%s:%d:%d: %s\n", filename, (int)f->failure.line, (int)f->failure.offset, f->failure.message ? f->failure.message : "?");
    }
    front_free(f);
    free(f);
    return failed;
}

static Value parse_to_ast(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, uint32_t flags, int optimize,
                          int feature_version)
{
    Front *f = malloc(sizeof *f);
    Node *volatile tree = NULL;
    Value object = UNDEF;
    BailFrame frame;
    if (!f)
        return raise_no_memory(t);
    front_init(f, NULL, front_flags(flags, decoded));
    f->thread = t;
    f->decode = decode_by_codec;
    if (FRONT_TRY(f, frame)) {
        source_decode(f, source, bytes);
        tree = parse_source(f, parse_mode(mode));
        if ((flags & PY_FLAG_OPTIMIZED) == PY_FLAG_OPTIMIZED)
            tree = fold_tree(f, tree, optimize);
        FRONT_END(f, frame);
        if (give_warnings(t, f, filename) == 0)
            object = ast_to_object(t, tree);
    } else {
        FRONT_END(f, frame);
        Failure failure = f->failure;
        if (f->failure.kind == FAIL_RAISED || give_warnings(t, f, filename) == 0) {
            f->failure = failure;
            (void)raise_failure(t, f, filename);
        }
    }
    front_free(f);
    free(f);
    return object;
}

static Value compile_ast(Thread *t, ValueRef ast_object, ValueRef filename, int mode, uint32_t flags, int optimize)
{
    Front *f = malloc(sizeof *f);
    Value code = UNDEF;
    BailFrame frame;
    if (!f)
        return raise_no_memory(t);
    front_init(f, NULL, front_flags(flags, true));
    if (FRONT_TRY(f, frame)) {
        Node *tree = ast_from_object(t, f, ast_object, mode == 'e' ? "Expression" : mode == 's' ? "Interactive" : "Module");
        bool only_tree = flags & PY_FLAG_ONLY_AST;
        Unit *u = NULL;
        f->parsed = true;
        if (!only_tree)
            symtable_build(f, tree);
        tree = fold_tree(f, tree, only_tree ? optimize : -1);
        if (!only_tree)
            u = compile_tree(f, tree, optimize);
        FRONT_END(f, frame);
        if (give_warnings(t, f, filename) == 0)
            code = only_tree ? ast_to_object(t, tree) : code_of_unit(t, u, filename);
    } else {
        FRONT_END(f, frame);
        Failure failure = f->failure;
        if (f->failure.kind == FAIL_RAISED || give_warnings(t, f, filename) == 0) {
            f->failure = failure;
            (void)raise_failure(t, f, filename);
        }
    }
    front_free(f);
    free(f);
    return code;
}

Value frontend_scopes(Thread *t, const char *source, size_t bytes, bool decoded, ValueRef filename, int mode, Value (*make)(Thread *t, Front *f, ValueRef arg), ValueRef arg)
{
    Front *f = malloc(sizeof *f);
    Value object = UNDEF;
    BailFrame frame;
    if (!f)
        return raise_no_memory(t);
    front_init(f, NULL, front_flags(0, decoded));
    f->thread = t;
    f->decode = decode_by_codec;
    if (FRONT_TRY(f, frame)) {
        source_decode(f, source, bytes);
        Node *tree = parse_source(f, parse_mode(mode));
        f->parsed = true;
        symtable_build(f, tree);
        FRONT_END(f, frame);
        if (give_warnings(t, f, filename) == 0)
            object = make(t, f, arg);
    } else {
        FRONT_END(f, frame);
        Failure failure = f->failure;
        if (f->failure.kind == FAIL_RAISED || give_warnings(t, f, filename) == 0) {
            f->failure = failure;
            (void)raise_failure(t, f, filename);
        }
    }
    front_free(f);
    free(f);
    return object;
}

int frontend_run_text(Thread *t, ValueRef module, const char *filename, const char *text, size_t bytes)
{
    Value name = str_from_text(t, filename), code = UNDEF, run = UNDEF, result = UNDEF;
    if (value_bits(name))
        code = compile_source(t, text, bytes, true, name, 'x', 0, 0);
    if (value_bits(code))
        run = import_attribute(t, "builtins", "exec");
    if (value_bits(run))
        result = call_2(t, run, code, value_module(module)->dict);
    int ok = value_bits(result) ? 0 : -1;
    value_release(t, name);
    value_release(t, code);
    value_release(t, run);
    value_release(t, result);
    return ok;
}

static const ModuleSpec *const modules[] = {&_ast_module, &_tokenize_module, &_symtable_module, NULL};

const Frontend frontend_table = {.compile = compile_source, .parse_to_ast = parse_to_ast, .compile_ast = compile_ast, .modules = modules};
