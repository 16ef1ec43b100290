// Suggestions for names that were not found (suggest.h).
#include "runtime/suggest.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

enum { MOVE = 2, CASE = 1, MAX_NAME = 40, MAX_CANDIDATES = 750 };

static uint32_t lower(uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static int64_t change_cost(uint32_t a, uint32_t b) { return a == b ? 0 : lower(a) == lower(b) ? CASE : MOVE; }

int64_t suggest_distance(const Str *a, const Str *b, int64_t limit) {
    size_t la = str_length(a), lb = str_length(b);
    if (la > MAX_NAME || lb > MAX_NAME) return limit + 1;
    int64_t row[MAX_NAME + 1]; // Levenshtein's matrix, row by row
    for (size_t j = 0; j <= lb; j++) row[j] = (int64_t)j * MOVE;
    for (size_t i = 1; i <= la; i++) {
        int64_t diagonal = row[0];
        row[0] = (int64_t)i * MOVE;
        for (size_t j = 1; j <= lb; j++) {
            int64_t best = diagonal + change_cost(str_char(a, i - 1), str_char(b, j - 1));
            diagonal = row[j];
            if (row[j] + MOVE < best) best = row[j] + MOVE;
            if (row[j - 1] + MOVE < best) best = row[j - 1] + MOVE;
            row[j] = best;
        }
    }
    return row[lb] > limit ? limit + 1 : row[lb];
}

bool suggest_better(const Str *wrong, const Str *candidate, int64_t *best) {
    if (str_equal(wrong, candidate)) return false;
    int64_t limit = (int64_t)(str_length(wrong) + str_length(candidate) + 3) * MOVE / 6;
    if (limit > *best - 1) limit = *best - 1;
    if (limit < 0) return false;
    int64_t distance = suggest_distance(wrong, candidate, limit);
    if (distance > limit) return false;
    *best = distance;
    return true;
}

// The best of a sorted list of names: owned, UNDEF without an exception where none is near.
static Value best_of(Thread *t, List *names, ValueRef wrong, bool hide_private) {
    int64_t best = INT64_MAX;
    Value found = UNDEF;
    if (str_length(value_str(wrong)) > MAX_NAME || list_length(names) > MAX_CANDIDATES) return UNDEF;
    for (int64_t i = 0;; i++) {
        Value name = list_get(t, names, i);
        if (!value_bits(name)) return found;
        bool eligible = value_is_any_str(name) && !(hide_private && str_length(value_str(name)) && str_char(value_str(name), 0) == '_');
        if (eligible && suggest_better(value_str(wrong), value_str(name), &best)) {
            value_release(t, found);
            found = name;
        } else {
            value_release(t, name);
        }
    }
}

// The innermost frame of the traceback, owned; UNDEF where there is none.
static Value last_frame(Thread *t, ValueRef exception) {
    Value tb = slot_get(t, &value_exception(exception)->traceback);
    while (value_bits(tb)) {
        Value next = slot_get(t, &((Traceback *)value_object(tb))->next);
        if (!value_bits(next)) {
            Value frame = slot_get(t, &((Traceback *)value_object(tb))->frame);
            value_release(t, tb);
            return frame;
        }
        value_release(t, tb);
        tb = next;
    }
    return UNDEF;
}
// The frame's local `self`, owned, or UNDEF.
static Value self_of(Thread *t, ValueRef frame) {
    if (!value_bits(frame)) return UNDEF;
    Value locals = frame_locals_now(t, (Frame *)value_object(frame)), self = UNDEF;
    if (value_bits(locals)) self = object_getitem(t, locals, NAME(self));
    value_release(t, locals);
    if (!value_bits(self)) error_clear(t);
    return self;
}
static int append_keys(Thread *t, List *names, ValueRef namespace) {
    Value keys = call_method_0(t, namespace, NAME(keys));
    int result = value_bits(keys) ? list_extend(t, names, keys) : -1;
    value_release(t, keys);
    return result;
}
// Names that a NameError's frame could see, sorted: owned.
static Value visible_names(Thread *t, ValueRef frame) {
    Frame *f = (Frame *)value_object(frame);
    Value names = list_new(t, 0), locals = frame_locals_now(t, f), function = slot_get(t, &f->function), globals = UNDEF, builtins = UNDEF;
    bool good = value_bits(names) && value_bits(locals) && append_keys(t, value_list(names), locals) == 0;
    if (good && value_is_function(function)) {
        globals = slot_get(t, &value_function(function)->globals);
        builtins = slot_get(t, &value_function(function)->builtins);
        good = append_keys(t, value_list(names), globals) == 0 && (!value_bits(builtins) || append_keys(t, value_list(names), builtins) == 0);
    }
    if (good) good = list_sort(t, value_list(names), NONE, false) == 0;
    if (!good) VALUE_CLEAR(t, names);
    value_release(t, locals);
    value_release(t, function);
    value_release(t, globals);
    value_release(t, builtins);
    return names;
}
static bool in_library(Thread *t, ValueRef name) {
    Value key = str_intern_text(t, "stdlib_module_names"), names = UNDEF;
    if (value_bits(key) && value_bits(t->interp->sys_dict)) names = dict_get(t, value_dict(t->interp->sys_dict), key);
    int found = value_bits(names) ? object_contains(t, names, name) : 0;
    value_release(t, key);
    value_release(t, names);
    if (error_pending(t)) error_clear(t);
    return found > 0;
}

static Value for_name_error(Thread *t, ValueRef e, ValueRef wrong) {
    Value frame = last_frame(t, e), self = self_of(t, frame), found = UNDEF, text = UNDEF;
    if (value_bits(self) && object_hasattr(t, self, wrong) > 0)
        found = str_of_format(t, "self.%S", wrong);
    else if (value_bits(frame)) {
        error_clear(t);
        Value names = visible_names(t, frame);
        if (value_bits(names)) found = best_of(t, value_list(names), wrong, false);
        value_release(t, names);
    }
    error_clear(t);
    bool library = !value_is_instance(e, EXCEPTION(UNBOUND_LOCAL_ERROR)) && in_library(t, wrong);
    if (value_bits(found) && library)
        text = str_of_format(t, ". Did you mean: '%S'? Or did you forget to import '%S'?", found, wrong);
    else if (value_bits(found))
        text = str_of_format(t, ". Did you mean: '%S'?", found);
    else if (library)
        text = str_of_format(t, ". Did you forget to import '%S'?", wrong);
    value_release(t, frame);
    value_release(t, self);
    value_release(t, found);
    return text;
}

// Of the attributes of `object`.
static Value for_attribute(Thread *t, ValueRef e, ValueRef object, ValueRef wrong) {
    Value names = object_dir(t, object), found = UNDEF, text = UNDEF;
    if (value_bits(names)) {
        bool hide = !(str_length(value_str(wrong)) && str_char(value_str(wrong), 0) == '_');
        if (hide) { // a method may be told of its own object's private names
            Value frame = last_frame(t, e), self = self_of(t, frame);
            if (value_bits(self) && value_bits(self) == value_bits(object)) hide = false;
            value_release(t, frame);
            value_release(t, self);
        }
        found = best_of(t, value_list(names), wrong, hide);
    }
    if (value_bits(found)) text = str_of_format(t, ". Did you mean: '%S'?", found);
    value_release(t, names);
    value_release(t, found);
    return text;
}

Value suggest_for_exception(Thread *t, ValueRef e) {
    Value wrong = UNDEF, object = UNDEF, text = UNDEF;
    if (value_is_instance(e, EXCEPTION(NAME_ERROR))) {
        wrong = slot_get(t, &((NameErrorObject *)value_object(e))->name);
        if (value_bits(wrong) && value_is_any_str(wrong)) text = for_name_error(t, e, wrong);
    } else if (value_is_instance(e, EXCEPTION(ATTRIBUTE_ERROR))) {
        wrong = slot_get(t, &((AttributeErrorObject *)value_object(e))->name);
        object = slot_get(t, &((AttributeErrorObject *)value_object(e))->object);
        if (value_bits(wrong) && value_is_any_str(wrong) && value_bits(object)) text = for_attribute(t, e, object, wrong);
    } else if (value_is_instance(e, EXCEPTION(IMPORT_ERROR))) {
        wrong = slot_get(t, &((ImportErrorObject *)value_object(e))->name_from);
        Value name = slot_get(t, &((ImportErrorObject *)value_object(e))->name);
        if (value_bits(wrong) && value_is_any_str(wrong) && value_bits(name) && value_bits(t->interp->modules)) object = dict_get(t, value_dict(t->interp->modules), name);
        if (value_bits(object)) text = for_attribute(t, e, object, wrong);
        value_release(t, name);
    }
    value_release(t, wrong);
    value_release(t, object);
    error_clear(t); // a suggestion that fails is none
    return value_bits(text) ? text : value_dup(t, NAME(empty));
}
