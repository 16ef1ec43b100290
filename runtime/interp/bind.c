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

static int unexpected_keyword(Thread *t, Function *f, Tuple *kwnames, ValueRef name) {
    Code *code = value_code(f->code);
    Value wrong = UNDEF;
    for (int64_t k = 0; k < kwnames->length; k++)
        for (uint32_t i = 0; i < code->posonlyargcount; i++)
            if (str_equal(value_str(parameter_name(code, i)), value_str(tuple_item(kwnames, k)))) {
                Value joined = wrong ? str_of_format(t, "%U, %U", value_str(wrong), value_str(tuple_item(kwnames, k))) : value_dup(t, tuple_item(kwnames, k));
                value_release(t, wrong);
                if (!joined) return -1;
                wrong = joined;
            }
    if (wrong) raise(t, TYPE_ERROR, "%U() got some positional-only arguments passed as keyword arguments: '%U'", value_str(f->qualname), value_str(wrong));
    else raise(t, TYPE_ERROR, "%U() got an unexpected keyword argument '%S'", value_str(f->qualname), name);
    value_release(t, wrong);
    return -1;
}

static int bind_keywords(Thread *t, Function *f, Value *regs, Tuple *kwnames, Value *values, Dict *rest) {
    Code *code = value_code(f->code);
    for (int64_t k = 0; k < kwnames->length; k++) {
        ValueRef name = tuple_item(kwnames, k);
        if (!value_is_any_str(name)) return raise_int(t, TYPE_ERROR, "%U() keywords must be strings", value_str(f->qualname));
        int i = find_keyword(code, name);
        if (i >= 0) {
            if (regs[i]) return raise_int(t, TYPE_ERROR, "%U() got multiple values for argument '%S'", value_str(f->qualname), name);
            regs[i] = values[k];
            values[k] = UNDEF;
        } else if (rest) {
            int again = dict_contains(t, rest, name);
            if (again) return again < 0 ? -1 : raise_int(t, TYPE_ERROR, "%U() got multiple values for keyword argument '%S'", value_str(f->qualname), name);
            if (dict_set(t, rest, name, values[k]) < 0) return -1;
        } else {
            return unexpected_keyword(t, f, kwnames, name);
        }
    }
    return 0;
}

static int fill_defaults(Thread *t, Function *f, Value *regs) {
    Code *code = value_code(f->code);
    uint32_t argcount = code->data->argcount;
    Value held = slot_get(t, &f->defaults);
    uint32_t defaults = value_is_pointer(held) ? (uint32_t)value_tuple(held)->length : 0;
    if (defaults > argcount) defaults = argcount;
    int result = 0;
    for (uint32_t i = 0; i < argcount - defaults; i++)
        if (!regs[i]) {
            result = missing(t, f, regs, 0, argcount - defaults, "positional");
            break;
        }
    for (uint32_t i = argcount - defaults; result == 0 && i < argcount; i++)
        if (!regs[i]) regs[i] = value_dup(t, tuple_item(value_tuple(held), i - (argcount - defaults)));
    value_release(t, held);
    if (result < 0 || !code->kwonlyargcount) return result;
    held = slot_get(t, &f->kwdefaults);
    for (uint32_t i = argcount; i < argcount + code->kwonlyargcount; i++) {
        if (regs[i]) continue;
        if (value_is_any_dict(held)) {
            regs[i] = dict_get(t, value_dict(held), parameter_name(code, i));
            if (!regs[i] && error_pending(t)) result = -1;
        }
    }
    value_release(t, held);
    for (uint32_t i = argcount; result == 0 && i < argcount + code->kwonlyargcount; i++)
        if (!regs[i]) result = missing(t, f, regs, argcount, argcount + code->kwonlyargcount, "keyword-only");
    return result;
}

int bind_arguments(Thread *t, Function *f, Value *regs, uint32_t nargs, Tuple *kwnames) {
    Code *code = value_code(f->code);
    CodeData *data = code->data;
    uint32_t argcount = data->argcount, nkw = kwnames ? (uint32_t)kwnames->length : 0;
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
    if (LIKELY(!nkw && !extra && !(data->flags & (CO_VARARGS | CO_VARKEYWORDS)))) { // nothing but defaults to fill in
        for (uint32_t i = nargs; i < params; i++) regs[i] = UNDEF;
        if (LIKELY(fill_defaults(t, f, regs) == 0)) return 0;
        for (uint32_t i = 0; i < params; i++) VALUE_CLEAR(t, regs[i]);
        return -1;
    }
    Value few[16], *aside = few; // what does not stand in its place yet: extra positional values, keywords' values
    if (extra + nkw > 16 && !(aside = malloc((extra + nkw) * sizeof(Value)))) {
        for (uint32_t i = 0; i < nargs + nkw; i++) VALUE_CLEAR(t, regs[i]);
        raise_no_memory(t);
        return -1;
    }
    memcpy(aside, regs + (nargs - extra), (extra + nkw) * sizeof(Value));
    for (uint32_t i = nargs - extra; i < params || i < nargs + nkw; i++) regs[i] = UNDEF;

    int result = 0;
    if (data->flags & CO_VARARGS) {
        regs[rest_reg] = tuple_from_values(t, aside, extra); // consumes them
        memset(aside, 0, extra * sizeof(Value));
        if (!regs[rest_reg]) result = -1;
    }
    if (result == 0 && data->flags & CO_VARKEYWORDS && !(regs[kwrest_reg] = dict_new(t))) result = -1;
    if (result == 0 && nkw) result = bind_keywords(t, f, regs, kwnames, aside + extra, data->flags & CO_VARKEYWORDS ? value_dict(regs[kwrest_reg]) : NULL);
    if (result == 0 && extra && !(data->flags & CO_VARARGS)) result = too_many(t, f, regs, nargs);
    if (result == 0) result = fill_defaults(t, f, regs);
    for (uint32_t i = 0; i < extra + nkw; i++) value_release(t, aside[i]);
    if (aside != few) free(aside);
    if (result < 0)
        for (uint32_t i = 0; i < params; i++) VALUE_CLEAR(t, regs[i]);
    return result;
}
