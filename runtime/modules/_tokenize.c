// _tokenize.TokenizerIter: the front end's tokens, one after the other. The lines are read when the first is asked for.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/module.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/str_internal.h"
#include "runtime/type.h"

typedef struct TokenIter {
    Container c;
    Value readline, encoding; // encoding: str or UNDEF
    Value tokens;             // list, UNDEF: not made yet. Its last item may be the exception that ends it
    _Atomic uint64_t next;    // (a)
    bool extra;
} TokenIter;

static Value iter_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[3];
    bool extra;
    if (args_bind(t, "tokenizeriter", "(readline, *, encoding=None, extra_tokens)", args, nargs, kwnames, given) < 0 || arg_bool(t, given[2], &extra) < 0) return UNDEF;
    bool encoded = given[1] && given[1] != NONE;
    if (encoded && !value_is_any_str(given[1])) return raise(t, TYPE_ERROR, "tokenizeriter() argument 'encoding' must be str or None, not %T", given[1]);
    TokenIter *it = object_new(t, (Type *)value_object(type));
    if (!it) return UNDEF;
    it->extra = extra;
    slot_init(&it->readline, value_dup(t, given[0]));
    if (encoded) slot_init(&it->encoding, value_dup(t, given[1]));
    return value_of(it);
}

// Appends one line as UTF-8. 1, 0 at the end, -1.
static int read_line(Thread *t, TokenIter *it, ByteBuffer *out) {
    Value line = call_0(t, it->readline);
    if (!line) {
        if (!error_matches(t, EXCEPTION(STOP_ITERATION))) return -1;
        error_clear(t);
        return 0;
    }
    if (it->encoding && value_is_any_bytes(line)) {
        Value text = str_decode_object(t, line, it->encoding, UNDEF);
        value_release(t, line);
        if (!text) return -1;
        line = text;
    }
    if (!value_is_any_str(line)) {
        value_release(t, line);
        return raise_int(t, TYPE_ERROR, it->encoding ? "readline() returned a non-bytes object" : "readline() returned a non-string object");
    }
    Text text = str_text(value_str(line));
    size_t n = codec_utf8_size(text, true);
    if (bytebuffer_reserve(out, n)) codec_utf8_write(text, out->data + out->length), out->length += n;
    value_release(t, line);
    return n > 0;
}

static Value iter_next(Thread *t, ValueRef self) {
    TokenIter *it = (TokenIter *)value_object(self);
    Value tokens = slot_get(t, &it->tokens);
    if (!tokens) {
        ByteBuffer source = {0};
        int more;
        while ((more = read_line(t, it, &source)) > 0) {}
        if (more == 0 && source.failed) raise_no_memory(t);
        if (!error_pending(t)) tokens = frontend->tokenize(t, source.data ? (const char *)source.data : "", source.length, it->extra);
        bytebuffer_free(&source);
        if (!tokens) return UNDEF;
        slot_store(t, it, &it->tokens, value_dup(t, tokens));
    }
    Value token = list_get(t, value_list(tokens), (int64_t)atomic_add_relaxed_u64(&it->next, 1));
    value_release(t, tokens);
    if (token && value_is_exception(token)) return raise_object(t, token);
    return token; // UNDEF: the end
}
static void iter_destroy(Thread *t, Object *o) {
    TokenIter *it = (TokenIter *)o;
    VALUE_CLEAR(t, it->readline);
    VALUE_CLEAR(t, it->encoding);
    VALUE_CLEAR(t, it->tokens);
}
static void iter_traverse(Object *o, VisitFn visit, void *arg) {
    TokenIter *it = (TokenIter *)o;
    visit(&it->readline, arg);
    visit(&it->encoding, arg);
    visit(&it->tokens, arg);
}
static const TypeSpec iter_spec = {.name = "_tokenize.TokenizerIter", .doc = "The tokens of the lines that readline gives.", .size = sizeof(TokenIter),
                                   .ops = {.new = iter_new, .iter = iter_self, .next = iter_next}, .destroy = iter_destroy, .traverse = iter_traverse};

static int tokenize_exec(Thread *t, ValueRef module) {
    Value name = str_intern_text(t, "_tokenize");
    Type *type = name ? type_from_spec(t, &iter_spec, UNDEF, name) : NULL;
    value_release(t, name);
    return module_add_type(t, module, type);
}
const ModuleSpec _tokenize_module = {.name = "_tokenize", .doc = "Tokens of Python source.", .exec = tokenize_exec};
