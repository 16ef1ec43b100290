// Binding the arguments of native functions by their signatures, and converting single arguments (call.h, native.h).
//
// A signature is parsed once and kept for ever in a cell that is found by the address of its text. Which words an error
// uses depends on what the signature allows, as CPython's messages depend on its calling conventions:
//   no parameter, or one that is positional and required   "list.append() takes exactly one argument (2 given)"
//   positional parameters only                              "pop expected at most 1 argument, got 2"
//   anything with keywords                                  "sum() takes at most 2 arguments (3 given)"
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/suggest.h"

enum { MAX_PARAMS = 32 };

// ---- cells: address of a signature -> parsed form. Chains are only prepended to, nodes are never freed.
typedef struct SpecNode {
    struct SpecNode *next;
    const void *key;
    _Atomic(ArgSpec *) spec;
} SpecNode;
enum { SPEC_BUCKETS = 4096 };
static _Atomic(SpecNode *) spec_buckets[SPEC_BUCKETS];

static _Atomic(ArgSpec *) *spec_cell(const void *key) {
    _Atomic(SpecNode *) *bucket = &spec_buckets[((uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15)) >> 52];
    SpecNode *first = atomic_load_acquire_ptr(bucket), *mine = NULL;
    for (;;) {
        for (SpecNode *n = first; n; n = n->next)
            if (n->key == key) {
                free(mine);
                return &n->spec;
            }
        if (!mine) mine = calloc(1, sizeof *mine);
        if (!mine) return NULL;
        mine->key = key;
        mine->next = first;
        if (atomic_cas_acq_rel_ptr(bucket, &first, mine)) return &mine->spec;
    }
}

_Atomic(ArgSpec *) *native_spec_cell(const NativeDef *def) { return spec_cell(def->signature); }

// ---- parsing
// The end of a default value: a comma or the closing parenthesis outside of brackets and quotes.
static const char *skip_default(const char *s) {
    int depth = 0;
    for (; *s; s++) {
        if (*s == '\'' || *s == '"') {
            char quote = *s++;
            while (*s && *s != quote) s += *s == '\\' && s[1] ? 2 : 1;
            if (!*s) return s;
        } else if (*s == '(' || *s == '[' || *s == '{') {
            depth++;
        } else if (*s == ')' || *s == ']' || *s == '}') {
            if (depth-- == 0) return s;
        } else if (*s == ',' && depth == 0) {
            return s;
        }
    }
    return s;
}

// Parses `signature`. NULL with an exception (no memory; a malformed signature is a defect of the table).
static ArgSpec *parse_signature(Thread *t, const char *signature) {
    ArgSpec *spec = calloc(1, sizeof *spec + MAX_PARAMS * sizeof spec->params[0]);
    if (!spec) return raise_no_memory(t), NULL;
    bool keyword_only = false, optional_seen = false;
    const char *s = signature;
    if (*s == '(') s++;
    while (*s && *s != ')') {
        while (*s == ' ' || *s == ',' || *s == '\n') s++;
        if (*s == ')' || !*s) break;
        if (*s == '/') {
            spec->nposonly = spec->nparams;
            s++;
            continue;
        }
        if (*s == '*') {
            bool twice = s[1] == '*';
            s += twice ? 2 : 1;
            if (*s == ',' || *s == ' ' || *s == ')') {
                keyword_only = true;
                continue;
            }
            *(twice ? &spec->var_keyword : &spec->var_positional) = true;
            keyword_only = true;
            s = skip_default(s);
            continue;
        }
        if (*s == '$') {
            spec->has_self = true;
            s = skip_default(s);
            continue;
        }
        const char *start = s;
        while (*s && *s != ',' && *s != ')' && *s != '=' && *s != ' ' && *s != ':') s++;
        size_t n = (size_t)(s - start);
        bool required = true;
        while (*s == ' ') s++;
        if (*s == ':') s = skip_default(s);
        if (*s == '=') {
            required = false;
            s = skip_default(s + 1);
        }
        if (n == 0 || spec->nparams == MAX_PARAMS) {
            check_fail("native signature %s", signature);
        }
        char text[64];
        if (n >= sizeof text) check_fail("native signature %s: name too long", signature);
        memcpy(text, start, n);
        text[n] = 0;
        Value name = str_intern_text(t, text);
        if (!value_bits(name)) {
            free(spec);
            return NULL;
        }
        object_make_immortal(value_object(name)); // the spec lives for ever
        spec->params[spec->nparams].name = value_str(name);
        spec->params[spec->nparams].required = required;
        spec->params[spec->nparams].keyword_only = keyword_only;
        spec->nparams++;
        if (!keyword_only) spec->npositional = spec->nparams;
        else if (required) spec->keyword_required = true;
        if (!required) optional_seen = true;
        if (required && !optional_seen && !keyword_only) spec->nrequired = spec->nparams;
    }
    return spec;
}

static COLD ArgSpec *spec_make(Thread *t, const char *signature, _Atomic(ArgSpec *) *cell) {
    ArgSpec *spec = parse_signature(t, signature), *old = NULL;
    if (!spec) return NULL;
    if (atomic_cas_acq_rel_ptr(cell, &old, spec)) return spec;
    free(spec);
    return old;
}

ArgSpec *native_spec(Thread *t, const NativeDef *def, _Atomic(ArgSpec *) *cell) {
    if (!cell && !(cell = native_spec_cell(def))) return raise_no_memory(t), NULL;
    ArgSpec *spec = atomic_load_acquire_ptr(cell);
    return LIKELY(spec) ? spec : spec_make(t, def->signature, cell);
}

// ---- messages
// What an error calls the function: its bare name, and (lazily) the qualified one.
typedef struct FunctionName {
    const char *name;
    Type *owner;     // of a method, or NULL
    ValueRef module; // of a module's function, or UNDEF
    bool plain;      // `name` is all there is to say
} FunctionName;

// "list.append", "math.sqrt", "len": owned, UNDEF with an exception.
static Value qualified_name(Thread *t, const FunctionName *f) {
    if (f->owner) {
        ValueRef qualname = slot_borrow(&f->owner->qualname);
        if (value_bits(qualname)) return str_of_format(t, "%U.%s", value_str(qualname), f->name);
        return str_of_format(t, "%N.%s", f->owner, f->name);
    }
    if (value_bits(f->module) && value_is(f->module, MODULE)) {
        Value name = object_getattr_or_undef(t, f->module, NAME(__name__));
        if (!value_bits(name)) {
            if (error_pending(t)) return UNDEF;
        } else if (value_is_any_str(name) && !str_equal_text(value_str(name), "builtins")) {
            Value result = str_of_format(t, "%U.%s", value_str(name), f->name);
            value_release(t, name);
            return result;
        }
        value_release(t, name);
    }
    return str_from_text(t, f->name);
}

static COLD int fail_qualified(Thread *t, const FunctionName *f, const char *format, int64_t n) {
    Value name = f->plain ? str_from_text(t, f->name) : qualified_name(t, f);
    if (!value_bits(name)) return -1;
    raise_error(t, E_TYPE_ERROR, format, value_str(name), (long long)n);
    value_release(t, name);
    return -1;
}

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

int args_count(Thread *t, const char *name, uint32_t nargs, uint32_t min, uint32_t max) {
    if (LIKELY(nargs >= min && nargs <= max)) return 0;
    uint32_t limit = nargs < min ? min : max;
    return raise_int(t, TYPE_ERROR, "%s expected %s%u argument%s, got %u", name, min == max ? "" : nargs < min ? "at least " : "at most ", limit,
                     plural(limit), nargs);
}

int args_no_keywords(Thread *t, const char *name, Tuple *kwnames) {
    if (LIKELY(!kwnames || kwnames->length == 0)) return 0;
    return raise_int(t, TYPE_ERROR, "%s() takes no keyword arguments", name);
}

// ---- binding
static bool names_equal(const Str *a, const Str *b) { return a == b || str_equal(a, b); }

static COLD int fail_unexpected(Thread *t, const ArgSpec *spec, const FunctionName *f, ValueRef keyword) {
    if (value_is_any_str(keyword)) {
        Str *given = value_str(keyword), *best = NULL;
        int64_t distance = INT64_MAX;
        for (int i = spec->nposonly; i < spec->nparams; i++)
            if (suggest_better(given, spec->params[i].name, &distance)) best = spec->params[i].name;
        if (best) return raise_int(t, TYPE_ERROR, "%s() got an unexpected keyword argument '%S'. Did you mean '%U'?", f->name, keyword, best);
    }
    return raise_int(t, TYPE_ERROR, "%s() got an unexpected keyword argument '%S'", f->name, keyword);
}

static COLD int bind_slow(Thread *t, const ArgSpec *spec, const FunctionName *f, const ValueRef *args, uint32_t nargs, Tuple *kwnames, ValueRef *out) {
    uint32_t nkw = kwnames ? (uint32_t)kwnames->length : 0;
    uint32_t nparams = spec->nparams, npos = spec->npositional;
    bool keywords_allowed = nparams > spec->nposonly;
    if (!keywords_allowed) {
        if (nkw) return fail_qualified(t, f, "%U() takes no keyword arguments", 0);
        if (nparams == 0) {
            if (nargs) return fail_qualified(t, f, "%U() takes no arguments (%lld given)", nargs);
            return 0;
        }
        if (nparams == 1 && spec->nrequired == 1 && !f->plain) {
            if (nargs != 1) return fail_qualified(t, f, "%U() takes exactly one argument (%lld given)", nargs);
        } else if (args_count(t, f->name, nargs, spec->nrequired, nparams) < 0) {
            return -1;
        }
        for (uint32_t i = 0; i < nparams; i++) out[i] = i < nargs ? args[i] : (ValueRef)UNDEF;
        return 0;
    }
    uint32_t minposonly = spec->nposonly < spec->nrequired ? spec->nposonly : spec->nrequired;
    if (nargs + nkw > nparams)
        return raise_int(t, TYPE_ERROR, "%s() takes at most %u %sargument%s (%u given)", f->name, nparams, nargs == 0 ? "keyword " : "", plural(nparams),
                         nargs + nkw);
    if (nargs > npos) {
        if (npos == 0) return raise_int(t, TYPE_ERROR, "%s() takes no positional arguments", f->name);
        return raise_int(t, TYPE_ERROR, "%s() takes %s %u positional argument%s (%u given)", f->name, spec->nrequired < npos ? "at most" : "exactly", npos,
                         plural(npos), nargs);
    }
    if (nargs < minposonly)
        return raise_int(t, TYPE_ERROR, "%s() takes %s %u positional argument%s (%u given)", f->name, minposonly < npos ? "at least" : "exactly", minposonly,
                         plural(minposonly), nargs);
    for (uint32_t i = 0; i < nparams; i++) out[i] = i < nargs ? args[i] : (ValueRef)UNDEF;
    ValueRef unexpected = UNDEF;
    for (uint32_t k = 0; k < nkw; k++) {
        ValueRef keyword = tuple_item(kwnames, k);
        if (!value_is_any_str(keyword)) return raise_int(t, TYPE_ERROR, "keywords must be strings");
        uint32_t i = spec->nposonly;
        while (i < nparams && !names_equal(spec->params[i].name, value_str(keyword))) i++;
        if (i == nparams) {
            if (!value_bits(unexpected)) unexpected = keyword;
        } else if (i < nargs) {
            return raise_int(t, TYPE_ERROR, "argument for %s() given by name ('%S') and position (%u)", f->name, keyword, i + 1);
        } else {
            out[i] = args[nargs + k];
        }
    }
    for (uint32_t i = nargs; i < nparams; i++)
        if (spec->params[i].required && !value_bits(out[i]))
            return raise_int(t, TYPE_ERROR, "%s() missing required argument '%U' (pos %u)", f->name, spec->params[i].name, i + 1);
    if (value_bits(unexpected)) return fail_unexpected(t, spec, f, unexpected);
    return 0;
}

int args_bind(Thread *t, const char *name, const char *signature, const ValueRef *args, uint32_t nargs, Tuple *kwnames, ValueRef *out) {
    _Atomic(ArgSpec *) *cell = spec_cell(signature);
    if (!cell) return raise_no_memory(t), -1;
    ArgSpec *spec = atomic_load_acquire_ptr(cell);
    if (UNLIKELY(!spec) && !(spec = spec_make(t, signature, cell))) return -1;
    if (!kwnames && nargs >= spec->nrequired && nargs <= spec->npositional && !spec->keyword_required) {
        for (uint32_t i = 0; i < spec->nparams; i++) out[i] = i < nargs ? args[i] : (ValueRef)UNDEF;
        return 0;
    }
    FunctionName f = {.name = name, .plain = true};
    return bind_slow(t, spec, &f, args, nargs, kwnames, out);
}

void native_learn_direct(Container *c, const NativeDef *def, _Atomic(ArgSpec *) *cell) {
    const ArgSpec *spec = cell ? atomic_load_acquire_ptr(cell) : NULL;
    uint32_t direct = 0;
    if (def->flags & NATIVE_RAW) direct = NATIVE_DIRECT_ANY;
    else if (spec && !spec->keyword_required && spec->nparams <= NATIVE_DIRECT_LIMIT)
        direct = NATIVE_DIRECT | spec->npositional | (uint32_t)spec->nparams << NATIVE_DIRECT_TOTAL | (uint32_t)spec->nrequired << NATIVE_DIRECT_LEAST;
    // Other threads read the header in the same line: written once.
    _Atomic uint16_t *known = (_Atomic uint16_t *)&c->aux;
    if (direct && atomic_load_relaxed_u16(known) != direct) atomic_store_relaxed_u16(known, (uint16_t)direct);
}

// The array is no longer than it must be: what the stack holds of earlier calls keeps classes alive (gc.c).
static ALWAYS_INLINE Value call_with_room(Thread *t, CallFn function, ValueRef self, const ValueRef *args, uint32_t nargs, ValueRef *bound, uint32_t nparams) {
    for (uint32_t i = 0; i < nparams; i++) bound[i] = i < nargs ? args[i] : (ValueRef)UNDEF;
    return function(t, self, bound, nparams, NULL);
}
NOINLINE Value native_call_padded(Thread *t, CallFn function, uint32_t direct, ValueRef self, const ValueRef *args, uint32_t nargs) {
    uint32_t nparams = direct >> NATIVE_DIRECT_TOTAL & NATIVE_DIRECT_FIELD;
    switch (nparams) {
    case 1: return call_with_room(t, function, self, args, nargs, (ValueRef[1]){0}, 1);
    case 2: return call_with_room(t, function, self, args, nargs, (ValueRef[2]){0}, 2);
    case 3: return call_with_room(t, function, self, args, nargs, (ValueRef[3]){0}, 3);
    case 4: return call_with_room(t, function, self, args, nargs, (ValueRef[4]){0}, 4);
    }
    ValueRef bound[nparams];
    return call_with_room(t, function, self, args, nargs, bound, nparams);
}

// Optional arguments are missing, or keywords are given.
static NOINLINE Value native_call_bound(Thread *t, const NativeDef *def, const ArgSpec *spec, Type *name_owner, ValueRef self, const ValueRef *args,
                                        uint32_t nargs, Tuple *kwnames) {
    uint32_t nparams = spec->nparams;
    ValueRef bound[nparams + 1];
    if (!kwnames && nargs >= spec->nrequired && nargs <= spec->npositional && !spec->keyword_required)
        return call_with_room(t, def->function, self, args, nargs, bound, nparams);
    FunctionName f = {.name = def->name, .owner = name_owner, .module = name_owner ? (ValueRef)UNDEF : self};
    if (bind_slow(t, spec, &f, args, nargs, kwnames, bound) < 0) return UNDEF;
    return def->function(t, self, bound, nparams, NULL);
}

Value native_call(Thread *t, const NativeDef *def, _Atomic(ArgSpec *) *cell, Type *name_owner, ValueRef self, const ValueRef *args, uint32_t nargs,
                  Tuple *kwnames) {
    if (def->flags & NATIVE_RAW) return def->function(t, self, args, nargs, kwnames);
    const ArgSpec *spec = cell ? atomic_load_acquire_ptr(cell) : NULL;
    if (UNLIKELY(!spec) && !(spec = native_spec(t, def, cell))) return UNDEF;
    if (LIKELY(nargs == spec->nparams && !kwnames && nargs == spec->npositional)) return def->function(t, self, args, nargs, NULL);
    return native_call_bound(t, def, spec, name_owner, self, args, nargs, kwnames);
}

// ---- single arguments
int arg_index(Thread *t, ValueRef v, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int result = int_as_int64(n, out);
    value_release(t, n);
    if (result < 0) raise(t, OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    return result;
}

int arg_index_clipped(Thread *t, ValueRef v, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    if (int_as_int64(n, out) < 0) *out = int_sign(n) < 0 ? INT64_MIN : INT64_MAX;
    value_release(t, n);
    return 0;
}

int arg_int64(Thread *t, ValueRef v, int64_t *out) {
    if (LIKELY(value_is_int(v))) {
        *out = value_get_int(v);
        return 0;
    }
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int result = int_as_int64(n, out);
    value_release(t, n);
    if (result < 0) raise(t, OVERFLOW_ERROR, "Python int too large to convert to C long");
    return result;
}

int arg_int(Thread *t, ValueRef v, int *out) {
    int64_t n;
    if (arg_int64(t, v, &n) < 0) return -1;
    if (n < INT32_MIN || n > INT32_MAX)
        return raise_int(t, OVERFLOW_ERROR, n > 0 ? "signed integer is greater than maximum" : "signed integer is less than minimum");
    *out = (int)n;
    return 0;
}

int arg_uint64(Thread *t, ValueRef v, uint64_t *out) {
    if (LIKELY(value_is_int(v) && value_get_int(v) >= 0)) {
        *out = (uint64_t)value_get_int(v);
        return 0;
    }
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    int result = int_as_uint64(n, out);
    bool negative = int_sign(n) < 0;
    value_release(t, n);
    if (result < 0) raise(t, OVERFLOW_ERROR, negative ? "can't convert negative int to unsigned" : "Python int too large to convert to C unsigned long");
    return result;
}

int arg_double(Thread *t, ValueRef v, double *out) {
    if (LIKELY(value_is_float(v))) {
        *out = value_get_float(v);
        return 0;
    }
    if (value_is_int(v)) {
        *out = (double)value_get_int(v);
        return 0;
    }
    if (value_is_any_float(v)) {
        *out = float_value(v);
        return 0;
    }
    Type *type = value_type(v);
    if (type->ops.to_float) {
        Value f = object_float(t, v);
        if (!value_bits(f)) return -1;
        *out = float_value(f);
        value_release(t, f);
        return 0;
    }
    if (!type->ops.index) return raise_int(t, TYPE_ERROR, "must be real number, not %T", v);
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    *out = int_as_double(t, n);
    value_release(t, n);
    return *out == -1.0 && error_pending(t) ? -1 : 0;
}

int arg_bool(Thread *t, ValueRef v, bool *out) {
    int truth = object_is_true(t, v);
    if (truth < 0) return -1;
    *out = truth;
    return 0;
}
