// Binding of arguments to the parameters of a Python function (language reference, "Calls").
#include <stdio.h>
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/suggest.h"

static ValueRef parameter_name(Code *code, uint32_t i) { return tuple_item(value_tuple(code->varnames), i); }

// "'a', 'b', and 'c'" of the parameters in [from, to) that are UNDEF and have no default.
static Value missing_names(Thread *t, Code *code, const Value *regs, uint32_t from, uint32_t to, int *count) {
    StrBuilder b;
    str_builder_init(&b, t);
    *count = 0;
    int total = 0;
    for (uint32_t i = from; i < to; i++) total += !regs[i];
    for (uint32_t i = from; i < to; i++) {
        if (regs[i]) continue;
        if (*count) {
            if (total == 2) str_builder_text(&b, " and ", 5);
            else if (*count == total - 1) str_builder_text(&b, ", and ", 6);
            else str_builder_text(&b, ", ", 2);
        }
        Value quoted = object_repr(t, parameter_name(code, i));
        if (quoted) str_builder_str(&b, value_str(quoted));
        value_release(t, quoted);
        ++*count;
    }
    return str_builder_finish(&b);
}

static int missing(Thread *t, Function *f, const Value *regs, uint32_t from, uint32_t to, const char *kind) {
    int count;
    Value names = missing_names(t, value_code(f->code), regs, from, to, &count);
    if (names) raise(t, TYPE_ERROR, "%U() missing %d required %s argument%s: %U", value_str(f->qualname), count, kind, count == 1 ? "" : "s", value_str(names));
    value_release(t, names);
    return -1;
}

static int too_many(Thread *t, Function *f, const Value *regs, uint32_t given) {
    Code *code = value_code(f->code);
    uint32_t argcount = code->data->argcount, kwonly = 0;
    uint32_t defaults = value_is_pointer(f->defaults) ? (uint32_t)value_tuple(f->defaults)->length : 0;
    for (uint32_t i = argcount; i < argcount + code->kwonlyargcount; i++) kwonly += regs[i] != UNDEF;
    char takes[64], extra[64] = "";
    if (defaults) snprintf(takes, sizeof takes, "from %u to %u", argcount - defaults, argcount);
    else snprintf(takes, sizeof takes, "%u", argcount);
    if (kwonly) snprintf(extra, sizeof extra, " positional argument%s (and %u keyword-only argument%s)", given == 1 ? "" : "s", kwonly, kwonly == 1 ? "" : "s");
    return raise_int(t, TYPE_ERROR, "%U() takes %s positional argument%s but %u%s %s given", value_str(f->qualname), takes,
                     argcount == 1 && !defaults ? "" : "s", given, extra, given == 1 && !kwonly ? "was" : "were");
}

// The register of a parameter that can be given by keyword; -1 where there is none.
static int find_keyword(Code *code, ValueRef name) {
    uint32_t from = code->posonlyargcount, to = code->data->argcount + code->kwonlyargcount;
    for (uint32_t i = from; i < to; i++)
        if (parameter_name(code, i) == name) return (int)i;
    for (uint32_t i = from; i < to; i++)
        if (str_equal(value_str(parameter_name(code, i)), value_str(name))) return (int)i;
    return -1;
}

static int unexpected_keyword(Thread *t, Function *f, const ValueRef *names, uint32_t nkw, ValueRef name) {
    Code *code = value_code(f->code);
    Value wrong = UNDEF;
    for (uint32_t k = 0; k < nkw; k++)
        for (uint32_t i = 0; i < code->posonlyargcount; i++)
            if (value_is_any_str(names[k]) && str_equal(value_str(parameter_name(code, i)), value_str(names[k]))) {
                Value joined = wrong ? str_of_format(t, "%U, %U", value_str(wrong), value_str(names[k])) : value_dup(t, names[k]);
                value_release(t, wrong);
                if (!joined) return -1;
                wrong = joined;
            }
    Str *best = NULL;
    int64_t distance = INT64_MAX;
    for (uint32_t i = code->posonlyargcount; i < code->data->argcount + code->kwonlyargcount; i++)
        if (suggest_better(value_str(name), value_str(parameter_name(code, i)), &distance)) best = value_str(parameter_name(code, i));
    if (wrong) raise(t, TYPE_ERROR, "%U() got some positional-only arguments passed as keyword arguments: '%U'", value_str(f->qualname), value_str(wrong));
    else if (best) raise(t, TYPE_ERROR, "%U() got an unexpected keyword argument '%S'. Did you mean '%U'?", value_str(f->qualname), name, best);
    else raise(t, TYPE_ERROR, "%U() got an unexpected keyword argument '%S'", value_str(f->qualname), name);
    value_release(t, wrong);
    return -1;
}

static int bind_keywords(Thread *t, Function *f, Value *regs, const ValueRef *names, uint32_t nkw, Value *values, Dict *rest) {
    Code *code = value_code(f->code);
    for (uint32_t k = 0; k < nkw; k++) {
        ValueRef name = names[k];
        if (!value_is_any_str(name)) return raise_int(t, TYPE_ERROR, "%U() keywords must be strings", value_str(f->qualname));
        int i = find_keyword(code, name);
        if (i >= 0) {
            if (regs[i]) return raise_int(t, TYPE_ERROR, "%U() got multiple values for argument '%S'", value_str(f->qualname), name);
            regs[i] = values[k];
            values[k] = UNDEF;
        } else if (rest) {
            int64_t before = dict_length(rest);
            if (dict_set(t, rest, name, values[k]) < 0) return -1;
            if (dict_length(rest) == before) return raise_int(t, TYPE_ERROR, "%U() got multiple values for keyword argument '%S'", value_str(f->qualname), name);
        } else {
            return unexpected_keyword(t, f, names, nkw, name);
        }
    }
    return 0;
}

static NOINLINE int fill_keyword_defaults(Thread *t, Function *f, Value *regs, Code *code, uint32_t argcount) {
    uint32_t end = argcount + code->kwonlyargcount;
    Value held = UNDEF;
    int result = 0;
    for (uint32_t i = argcount; i < end && result == 0; i++) {
        if (regs[i]) continue;
        if (!held) held = slot_get(t, &f->kwdefaults);
        if (value_is_any_dict(held)) {
            Value *slot;
            if (dict_find_slot(value_dict(held), parameter_name(code, i), &slot)) regs[i] = slot ? slot_get(t, slot) : UNDEF;
            else regs[i] = dict_get(t, value_dict(held), parameter_name(code, i));
            if (!regs[i] && error_pending(t)) result = -1;
        }
        if (!regs[i] && result == 0) {
            for (uint32_t k = i + 1; k < end && value_is_any_dict(held); k++) // those that have one are not missing
                if (!regs[k] && !(regs[k] = dict_get(t, value_dict(held), parameter_name(code, k))) && error_pending(t)) result = -1;
            if (result == 0) result = missing(t, f, regs, argcount, end, "keyword-only");
        }
    }
    value_release(t, held);
    return result;
}

// Parameters from `from` on that have no value get their defaults.
static ALWAYS_INLINE int fill_defaults(Thread *t, Function *f, Value *regs, uint32_t from) {
    Code *code = value_code(f->code);
    uint32_t argcount = code->data->argcount;
    if (from < argcount) {
        ValueRef held = slot_borrow(&f->defaults); // nothing runs while it is read
        uint32_t defaults = value_is_pointer(held) ? (uint32_t)value_tuple(held)->length : 0;
        if (UNLIKELY(defaults > argcount)) defaults = argcount;
        for (uint32_t i = from; i < argcount - defaults; i++)
            if (UNLIKELY(!regs[i])) return missing(t, f, regs, 0, argcount - defaults, "positional");
        for (uint32_t i = from > argcount - defaults ? from : argcount - defaults; i < argcount; i++)
            if (!regs[i]) regs[i] = value_dup(t, tuple_item(value_tuple(held), i - (argcount - defaults)));
    }
    return LIKELY(!code->kwonlyargcount) ? 0 : fill_keyword_defaults(t, f, regs, code, argcount);
}

// Are the names those of the parameters from `from` on, in order?
static bool names_in_order(Code *code, uint32_t from, const ValueRef *names, uint32_t nkw) {
    if (from < code->posonlyargcount || from + nkw > code->data->argcount + code->kwonlyargcount) return false;
    for (uint32_t k = 0; k < nkw; k++)
        if (parameter_name(code, from + k) != names[k]) return false;
    return true;
}

bool keywords_are_plain(const ValueRef *names, uint32_t nkw) {
    for (uint32_t k = 0; k < nkw; k++)
        if (!value_is(names[k], STR)) return false;
    return true;
}

int bind_arguments(Thread *t, Function *f, Value *regs, uint32_t nargs, const ValueRef *names, uint32_t nkw) {
    Code *code = value_code(f->code);
    CodeData *data = code->data;
    uint32_t argcount = data->argcount;
    uint32_t rest_reg = argcount + code->kwonlyargcount, kwrest_reg = rest_reg + !!(data->flags & CO_VARARGS);
    uint32_t params = kwrest_reg + !!(data->flags & CO_VARKEYWORDS);
    if (UNLIKELY(!(data->flags & CO_OPTIMIZED))) {
        // Module and class code runs in the namespace that it is called with; a function that a program makes of it, in its globals.
        for (uint32_t i = 0; i < nargs + nkw; i++) VALUE_CLEAR(t, regs[i]);
        if (nargs + nkw) return raise_int(t, TYPE_ERROR, "%U() takes 0 positional arguments but %u were given", value_str(f->qualname), nargs + nkw);
        regs[0] = value_dup(t, f->globals);
        return 0;
    }
    uint32_t extra = nargs > argcount ? nargs - argcount : 0;
    Value few[16], *aside = few; // what does not stand in its place yet: too many positional values, keywords' values
    uint32_t moved = 0;
    int result = 0;
    Value rest = UNDEF;
    if (extra && data->flags & CO_VARARGS) {
        rest = tuple_from_values(t, regs + argcount, extra); // consumes them
        if (!rest) result = -1;
        for (uint32_t i = 0; i < extra; i++) regs[argcount + i] = UNDEF;
    } else if (data->flags & CO_VARARGS && !(rest = value_of(tuple_alloc(t, 0)))) {
        result = -1;
    }
    uint32_t filled = nargs - extra;
    if (nkw && !extra && names_in_order(code, nargs, names, nkw)) {
        filled += nkw;
    } else if (nkw || (extra && !(data->flags & CO_VARARGS))) {
        uint32_t from = extra && data->flags & CO_VARARGS ? nargs : nargs - extra;
        moved = nargs + nkw - from;
        if (moved > sizeof few / sizeof *few && !(aside = malloc(moved * sizeof(Value)))) {
            for (uint32_t i = 0; i < nargs + nkw; i++) VALUE_CLEAR(t, regs[i]);
            value_release(t, rest);
            raise_no_memory(t);
            return -1;
        }
        for (uint32_t i = 0; i < moved; i++) {
            aside[i] = regs[from + i];
            regs[from + i] = UNDEF;
        }
    }
    for (uint32_t i = filled; i < params; i++) regs[i] = UNDEF;
    if (data->flags & CO_VARARGS) regs[rest_reg] = rest;
    if (data->flags & CO_VARKEYWORDS && result == 0 && !(regs[kwrest_reg] = dict_new(t))) result = -1;
    if (moved && result == 0) {
        if (nkw) result = bind_keywords(t, f, regs, names, nkw, aside + (moved - nkw), data->flags & CO_VARKEYWORDS ? value_dict(regs[kwrest_reg]) : NULL);
        if (result == 0 && extra && !(data->flags & CO_VARARGS)) result = too_many(t, f, regs, nargs);
    }
    if (LIKELY(result == 0)) result = fill_defaults(t, f, regs, moved ? 0 : filled);
    for (uint32_t i = 0; i < moved; i++) value_release(t, aside[i]);
    if (aside != few) free(aside);
    if (UNLIKELY(result < 0))
        for (uint32_t i = 0; i < params; i++) VALUE_CLEAR(t, regs[i]);
    return result;
}
