// The _tokenize module. The text is read to its end, lexed at once, and the tokens given one by one.
#include "src/tokenize_module.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "src/front.h"
#include "src/frontend.h"
#include "src/lexer.h"
#include <stdlib.h>

_Static_assert(TOK_LBRACE == 25 && TOK_UNKNOWN == 55 && TOK_FSTRING_START == 59 && TOK_NL == 66, "token.def has the token module's numbers");

static const char module_text[] =
    "class TokenizerIter:\n"
    "    def __init__(self, readline, /, *, encoding=None, extra_tokens):\n"
    "        self._tokens = self._run(readline, encoding, extra_tokens)\n"
    "    def __iter__(self):\n"
    "        return self\n"
    "    def __next__(self):\n"
    "        return next(self._tokens)\n"
    "    def _run(self, readline, encoding, extra_tokens):\n"
    "        lines = []\n"
    "        while True:\n"
    "            try:\n"
    "                line = readline()\n"
    "            except StopIteration:\n"
    "                break\n"
    "            if encoding is not None:\n"
    "                if not isinstance(line, bytes):\n"
    "                    raise TypeError('readline() returned a non-bytes object')\n"
    "                line = line.decode(encoding, 'replace')\n"
    "            elif not isinstance(line, str):\n"
    "                raise TypeError('readline() returned a non-string object')\n"
    "            if not line:\n"
    "                break\n"
    "            lines.append(line)\n"
    "        tokens, error = _lex(''.join(lines), bool(extra_tokens))\n"
    "        yield from tokens\n"
    "        if error is not None:\n"
    "            kind, message, line, offset, text = error\n"
    "            kind = (SyntaxError, IndentationError, TabError)[kind]\n"
    "            raise kind(message, ('<string>', line, offset, text, line, offset) if kind is SyntaxError else ('<string>', line, offset, text, None, None))\n";

static Value pair(Thread *t, int64_t a, int64_t b) { return tuple_pair(t, int_from_int64(t, a), int_from_int64(t, b)); }

static Value text_between(Thread *t, Front *f, uint32_t from, uint32_t to) { return str_from_utf8_surrogates(t, f->source.text + from, to - from); }

// (type, string, start, end, line)
static Value token_tuple(Thread *t, Front *f, const Token *k, bool extra)
{
    const Source *s = &f->source;
    int type = k->type >= TOK_KW_FALSE ? TOK_NAME : k->type;
    if (extra && type >= TOK_LPAR && type <= TOK_UNKNOWN)
        type = TOK_UNKNOWN;
    Pos p = k->pos;
    uint32_t start = k->start, end = k->end;
    bool at_end = k->start >= s->length;
    if (type == TOK_INDENT || type == TOK_DEDENT || type == TOK_ENDMARKER) {
        if (at_end) {
            p = (Pos){s->line_count, 0, s->line_count, 0};
            if (s->length == 0)
                p.line = p.end_line = 1;
            start = end = s->length;
        } else if (type == TOK_INDENT) {
            p.col = 0;
            p.end_col = k->cur;
            start = end - (uint32_t)k->cur;
        } else
            p.col = p.end_col = k->cur;
    }
    if ((type == TOK_FSTRING_MIDDLE || type == TOK_TSTRING_MIDDLE) && p.end_line <= s->line_count &&
        (uint32_t)p.end_col == k->end - s->lines[p.end_line - 1] + 1)
        p.end_col--;  // of a doubled brace one is shown
    bool added = (type == TOK_NEWLINE || type == TOK_NL) && s->newline_added && k->end == s->length;
    if (added)
        end = start;
    Value parts[5];
    parts[0] = int_from_int64(t, type);
    parts[1] = text_between(t, f, start, end);
    parts[2] = pair(t, p.line, front_char_offset(f, p.line, p.col));
    parts[3] = pair(t, p.end_line, front_char_offset(f, p.end_line, p.end_col));
    if (at_end || p.line > s->line_count)
        parts[4] = str_from_utf8_surrogates(t, "", 0);
    else {
        uint32_t from = s->lines[p.line - 1], to = p.end_line < s->line_count ? s->lines[p.end_line] : s->length;
        if (s->newline_added && to == s->length && to > from)
            to--;
        parts[4] = text_between(t, f, from, to);
    }
    for (int i = 0; i < 5; i++)
        if (!value_bits(parts[i])) {
            for (int j = 0; j < 5; j++)
                value_release(t, parts[j]);
            return UNDEF;
        }
    return tuple_from_values(t, parts, 5);
}

static Value error_tuple(Thread *t, Front *f)
{
    const Failure *x = &f->failure;
    const char *message = x->message;
    int32_t line = x->line, offset = x->offset;
    if (strstr(message, "was never closed") || !strcmp(message, "unexpected EOF while parsing")) {
        message = "unexpected EOF in multi-line statement";
        line = f->source.line_count - 1;
        offset = 0;
        if (line < 1)
            line = 1;
    }
    Value parts[5] = {int_from_int64(t, x->kind == FAIL_TAB ? 2 : x->kind == FAIL_INDENTATION ? 1 : 0), str_from_utf8_surrogates(t, message, strlen(message)),
                      int_from_int64(t, line), int_from_int64(t, offset), x->text ? str_from_utf8_surrogates(t, x->text->s, x->text->length) : NONE};
    if (!value_bits(parts[1]) || !value_bits(parts[4])) {
        value_release(t, parts[1]);
        value_release(t, parts[4]);
        return UNDEF;
    }
    return tuple_from_values(t, parts, 5);
}

// _lex(source, extra_tokens): the list of tokens before the first error, and that error as a tuple, or None
static Value tokenize_lex(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
{
    size_t bytes;
    char *allocated = NULL;
    if (args_no_keywords(t, "_lex", kwnames) < 0 || args_count(t, "_lex", nargs, 2, 2) < 0)
        return UNDEF;
    if (!value_is_any_str(args[0]))
        return raise(t, TYPE_ERROR, "a str is required");
    const char *text = str_utf8(t, value_str(args[0]), &bytes, &allocated);
    if (!text)
        return UNDEF;
    bool extra = args[1] == TRUE_VALUE;
    Front *f = malloc(sizeof *f);
    Value list = f ? list_new(t, 0) : raise_no_memory(t), error = NONE;
    if (!value_bits(list)) {
        free(f);
        free(allocated);
        return UNDEF;
    }
    BailFrame frame;
    front_init(f, NULL, FRONT_IGNORE_COOKIE | FRONT_QUIET);
    bool volatile failed = false;
    if (FRONT_TRY(f, frame)) {
        source_decode(f, text, bytes);
        Lexer *lx = NEW(f, Lexer);
        lexer_init(lx, f, true);
        lx->extra = extra;
        Token k;
        do {
            lexer_next(lx, &k);
            Value v = token_tuple(t, f, &k, extra);
            failed = !value_bits(v) || list_append(t, value_list(list), v) < 0;
        } while (k.type != TOK_ENDMARKER && !failed);
        FRONT_END(f, frame);
    } else {
        FRONT_END(f, frame);
        error = error_tuple(t, f);
        failed = !value_bits(error);
    }
    front_free(f);
    free(f);
    free(allocated);
    if (failed) {
        value_release(t, list);
        value_release(t, error);
        return UNDEF;
    }
    return tuple_pair(t, list, error);
}

static const NativeDef functions[] = {
    {"_lex", tokenize_lex, NULL, "The tokens of a text, and the error after them or None.", NATIVE_RAW},
    NATIVE_END,
};

static int tokenize_exec(Thread *t, ValueRef module) { return frontend_run_text(t, module, "<tokenize>", module_text, sizeof module_text - 1); }

const ModuleSpec _tokenize_module = {.name = "_tokenize", .doc = "Tokens for the tokenize module.", .functions = functions, .exec = tokenize_exec};
