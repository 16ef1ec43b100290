// compile(), eval(), exec(), globals(), locals() (builtins_eval.h).
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/builtins.h"
#include "runtime/builtins_eval.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

static inline bool not_given(ValueRef v) { return !value_bits(v) || value_bits(v) == value_bits(NONE); }

// ---- the calling code's namespaces

// The innermost running frame of Python code; NULL where native code runs alone.
static Value *calling_frame(Thread *t) { return t->fp ? frame_python(t->fp) : NULL; }

static Value calling_globals(Thread *t) {
    Value *fp = calling_frame(t);
    return fp ? slot_get(t, &frame_function(fp)->globals) : raise(t, SYSTEM_ERROR, "globals(): no calling frame");
}

Value calling_locals(Thread *t) {
    Value *fp = calling_frame(t);
    if (!fp) return raise(t, SYSTEM_ERROR, "frame does not exist");
    Frame *frame = frame_object(t, fp);
    if (!frame) return UNDEF;
    return frame_locals_now(t, frame);
}
Value builtin_globals(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return calling_globals(t); }
Value builtin_locals(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return calling_locals(t); }

// ---- source text

enum {
    COMPILE_ONLY_AST = 0x400,
    COMPILE_FLAGS = 0x10 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x8000, // nested, dont_imply_dedent, ast, type comments, await, incomplete, optimized
    COMPILE_FUTURES = 0x1fe0000,                                              // the __future__ statements' flags
};

// Source text for the front end; `holder` keeps it alive.
typedef struct Source {
    const char *text;
    size_t bytes;
    bool decoded;
    char *allocated;
    Buffer view;
    bool has_view;
} Source;
static void source_release(Thread *t, Source *s) {
    free(s->allocated);
    if (s->has_view) buffer_release(t, &s->view);
}
// 0; -1 with TypeError ("eval() arg 1 must be a string, bytes or code object") where `o` is no text.
static int source_get(Thread *t, ValueRef o, const char *function, const char *wanted, Source *s) {
    *s = (Source){0};
    if (value_is_any_str(o)) {
        s->decoded = true;
        s->text = str_utf8(t, value_str(o), &s->bytes, &s->allocated);
        if (!s->text) return -1;
    } else if (value_has_buffer(o)) {
        if (buffer_get(t, o, &s->view, BUFFER_READ) < 0) return -1;
        s->has_view = true;
        s->text = (const char *)s->view.data;
        s->bytes = (size_t)s->view.length;
    } else {
        return raise_int(t, TYPE_ERROR, "%s() arg 1 must be a %s", function, wanted);
    }
    if (s->bytes && memchr(s->text, 0, s->bytes)) {
        source_release(t, s);
        return raise_int(t, SYNTAX_ERROR, "source code string cannot contain null bytes");
    }
    return 0;
}

// sys.flags.optimize; 0 where sys is not up yet.
static int default_optimize(Thread *t) {
    int level = 0;
    Value name = str_intern_text(t, "flags"), key = str_intern_text(t, "optimize");
    if (value_bits(name) && value_bits(key) && value_bits(t->interp->sys_dict)) {
        Value flags = dict_get(t, value_dict(t->interp->sys_dict), name);
        Value v = value_bits(flags) ? object_getattr_or_undef(t, flags, key) : UNDEF;
        if (value_is_int(v)) level = (int)value_get_int(v);
        value_release(t, v);
        value_release(t, flags);
    }
    value_release(t, name);
    value_release(t, key);
    if (error_pending(t)) error_clear(t);
    return level < 0 ? 0 : level > 2 ? 2 : level;
}

static uint32_t inherited_flags(Thread *t) {
    Value *fp = calling_frame(t);
    return fp ? frame_data(fp)->flags & CO_FUTURE_ANNOTATIONS : 0;
}

static Value compile_source(Thread *t, const Source *s, ValueRef filename, int mode, uint32_t flags, int optimize) {
    if (optimize < 0) optimize = default_optimize(t);
    return frontend->compile(t, s->text, s->bytes, s->decoded, filename, mode, flags, optimize);
}

// A file name as str: from str, bytes or os.PathLike.
static Value file_name(Thread *t, ValueRef o) {
    if (value_is_any_str(o)) return value_dup(t, o);
    Value path = UNDEF;
    if (!value_is_any_bytes(o)) {
        path = call_special(t, o, NAME(__fspath__), NULL, 0);
        if (!value_bits(path)) return error_pending(t) ? UNDEF : raise(t, TYPE_ERROR, "expected str, bytes or os.PathLike object, not %T", o);
        if (value_is_any_str(path)) return path;
        if (!value_is_any_bytes(path)) {
            raise(t, TYPE_ERROR, "expected %T.__fspath__() to return str or bytes, not %T", o, path);
            value_release(t, path);
            return UNDEF;
        }
        o = path;
    }
    ValueRef how[2] = {NAME(utf_8_dash), NAME(surrogateescape)};
    Value name = call_method(t, o, NAME(decode), how, 2);
    value_release(t, path);
    return name;
}

// Is `o` a node of the _ast module? 1, 0, -1.
static int is_syntax_tree(Thread *t, ValueRef o) {
    Value name = str_intern_text(t, "_ast"), key = str_intern_text(t, "AST"), module = UNDEF, class = UNDEF;
    int result = -1;
    if (!value_bits(name) || !value_bits(key)) goto done;
    module = dict_get(t, value_dict(t->interp->modules), name);
    if (!value_bits(module)) {
        result = error_pending(t) ? -1 : 0;
        goto done;
    }
    class = object_getattr_or_undef(t, module, key);
    if (!value_bits(class))
        result = error_pending(t) ? -1 : 0;
    else
        result = object_is_instance(t, o, class);
done:
    value_release(t, name);
    value_release(t, key);
    value_release(t, module);
    value_release(t, class);
    return result;
}

Value builtin_compile(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    // source, filename, mode, flags, dont_inherit, optimize, _feature_version
    Value name = file_name(t, args[1]), result = UNDEF;
    if (!value_bits(name)) return UNDEF;
    int flags = 0, optimize = -1, feature_version = -1;
    bool dont_inherit = false;
    if (!value_is_any_str(args[2])) {
        raise(t, TYPE_ERROR, "compile() argument 'mode' must be str, not %K", args[2]);
        goto done;
    }
    if ((value_bits(args[3]) && arg_int(t, args[3], &flags) < 0) || (value_bits(args[4]) && arg_bool(t, args[4], &dont_inherit) < 0) ||
        (value_bits(args[5]) && arg_int(t, args[5], &optimize) < 0) || (value_bits(args[6]) && arg_int(t, args[6], &feature_version) < 0))
        goto done;
    if (flags & ~(COMPILE_FLAGS | COMPILE_FUTURES)) {
        raise(t, VALUE_ERROR, "compile(): unrecognised flags");
        goto done;
    }
    if (optimize < -1 || optimize > 2) {
        raise(t, VALUE_ERROR, "compile(): invalid optimize value");
        goto done;
    }
    uint32_t all_flags = (uint32_t)flags | (dont_inherit ? 0 : inherited_flags(t));
    Str *mode_text = value_str(args[2]);
    int mode = str_equal_text(mode_text, "exec")        ? 'x'
               : str_equal_text(mode_text, "eval")      ? 'e'
               : str_equal_text(mode_text, "single")    ? 's'
               : str_equal_text(mode_text, "func_type") ? 'f'
                                                        : 0;
    if (mode == 'f' && !(flags & COMPILE_ONLY_AST)) {
        raise(t, VALUE_ERROR, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
        goto done;
    }
    if (!mode) {
        raise(t, VALUE_ERROR, flags & COMPILE_ONLY_AST ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
                                                       : "compile() mode must be 'exec', 'eval' or 'single'");
        goto done;
    }
    int tree = is_syntax_tree(t, args[0]);
    if (tree < 0) goto done;
    if (optimize < 0) optimize = default_optimize(t);
    if (tree) {
        if ((flags & 0x8400) == COMPILE_ONLY_AST)
            result = value_dup(t, args[0]);
        else
            result = frontend->compile_ast(t, args[0], name, mode, all_flags, optimize);
        goto done;
    }
    Source source;
    if (source_get(t, args[0], "compile", "string, bytes or AST object", &source) < 0) goto done;
    if (flags & COMPILE_ONLY_AST)
        result = frontend->parse_to_ast(t, source.text, source.bytes, source.decoded, name, mode, all_flags, optimize, feature_version);
    else
        result = compile_source(t, &source, name, mode, all_flags, optimize);
    source_release(t, &source);
done:
    value_release(t, name);
    return result;
}

// ---- eval and exec

// What the namespaces are: owned on success. `what` for messages. 0, -1.
static int namespaces(Thread *t, const char *what, ValueRef globals, ValueRef locals, Value *g, Value *l) {
    bool is_exec = what[1] == 'x';
    *g = *l = UNDEF;
    if (!not_given(locals) && !value_type(locals)->ops.getitem)
        return is_exec ? raise_int(t, TYPE_ERROR, "locals must be a mapping or None, not %T", locals) : raise_int(t, TYPE_ERROR, "locals must be a mapping");
    if (!not_given(globals) && !value_is_any_dict(globals)) {
        if (is_exec) return raise_int(t, TYPE_ERROR, "exec() globals must be a dict, not %T", globals);
        return raise_int(t, TYPE_ERROR, value_type(globals)->ops.getitem && !value_is_any_str(globals) ? "globals must be a real dict; try eval(code, {}, mapping)"
                                                                                                       : "globals must be a dict");
    }
    if (not_given(globals)) {
        *g = calling_globals(t);
        if (value_bits(*g)) *l = not_given(locals) ? calling_locals(t) : value_dup(t, locals);
    } else {
        *g = value_dup(t, globals);
        *l = value_dup(t, not_given(locals) ? globals : locals);
    }
    if (value_bits(*l)) {
        Value held = dict_setdefault(t, value_dict(*g), NAME(__builtins__), t->interp->builtins_dict);
        if (value_bits(held)) {
            value_release(t, held);
            return 0;
        }
    }
    value_release(t, *g);
    value_release(t, *l);
    return -1;
}

Value builtin_eval(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value g, l, code = UNDEF, result = UNDEF;
    if (namespaces(t, "eval", args[1], args[2], &g, &l) < 0) return UNDEF;
    if (value_is(args[0], CODE)) {
        if (value_tuple(value_code(args[0])->freevars)->length) {
            raise(t, TYPE_ERROR, "code object passed to eval() may not contain free variables");
            goto done;
        }
        code = value_dup(t, args[0]);
    } else {
        Source source;
        if (source_get(t, args[0], "eval", "string, bytes or code object", &source) < 0) goto done;
        while (source.bytes && (*source.text == ' ' || *source.text == '\t')) source.text++, source.bytes--;
        code = compile_source(t, &source, NAME(string_), 'e', inherited_flags(t), -1);
        source_release(t, &source);
        if (!value_bits(code)) goto done;
    }
    result = eval_code(t, code, g, l);
done:
    value_release(t, code);
    value_release(t, g);
    value_release(t, l);
    return result;
}

// The closure that exec() was given fits the code. 0, -1.
static int check_closure(Thread *t, ValueRef code, ValueRef closure) {
    int64_t n = value_tuple(value_code(code)->freevars)->length;
    if (n == 0) return value_bits(closure) ? raise_int(t, TYPE_ERROR, "cannot use a closure with this code object") : 0;
    bool good = value_bits(closure) && value_is(closure, TUPLE) && value_tuple(closure)->length == n;
    for (int64_t i = 0; good && i < n; i++) good = value_is(tuple_item(value_tuple(closure), i), CELL);
    return good ? 0 : raise_int(t, TYPE_ERROR, "code object requires a closure of exactly length %lld", (long long)n);
}

Value builtin_exec(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value g, l, code = UNDEF, result = UNDEF;
    ValueRef closure = not_given(args[3]) ? (ValueRef)UNDEF : args[3];
    if (namespaces(t, "exec", args[1], args[2], &g, &l) < 0) return UNDEF;
    if (value_is(args[0], CODE)) {
        if (check_closure(t, args[0], closure) < 0) goto done;
        code = value_dup(t, args[0]);
    } else {
        if (value_bits(closure)) {
            raise(t, TYPE_ERROR, "closure can only be used when source is a code object");
            goto done;
        }
        Source source;
        if (source_get(t, args[0], "exec", "string, bytes or code object", &source) < 0) goto done;
        code = compile_source(t, &source, NAME(string_), 'x', inherited_flags(t), -1);
        source_release(t, &source);
        if (!value_bits(code)) goto done;
    }
    Value r = value_bits(closure) ? eval_code_closure(t, code, g, l, closure) : eval_code(t, code, g, l);
    if (value_bits(r)) {
        value_release(t, r);
        result = NONE;
    }
done:
    value_release(t, code);
    value_release(t, g);
    value_release(t, l);
    return result;
}
