// The functions of the builtins module (library reference, "Built-in Functions"). What runs source text stands in
// builtins_eval.c.
#include <math.h>
#include "runtime/abstract.h"
#include "runtime/builtins.h"
#include "runtime/builtins_eval.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/safepoint.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static inline bool is_none(ValueRef v) { return value_bits(v) == value_bits(NONE); }
static inline bool not_given(ValueRef v) { return !value_bits(v) || is_none(v); }

// ---- one operation each

NATIVE(builtin_abs) { return object_absolute(t, args[0]); }
NATIVE(builtin_ascii) { return object_ascii(t, args[0]); }
NATIVE(builtin_repr) { return object_repr(t, args[0]); }
NATIVE(builtin_callable) { return value_bool(value_type(args[0])->ops.call != NULL); }
NATIVE(builtin_divmod) { return object_divmod(t, args[0], args[1]); }
NATIVE(builtin_pow) { return object_power(t, args[0], args[1], value_bits(args[2]) ? args[2] : (ValueRef)NONE); }
NATIVE(builtin_id) { return object_id(t, args[0]); }
NATIVE(builtin_hash) {
    int64_t h = object_hash(t, args[0]);
    return h == -1 && error_pending(t) ? UNDEF : int_from_int64(t, h);
}
NATIVE(builtin_len) {
    int64_t n = object_len(t, args[0]);
    return n < 0 ? UNDEF : int_from_int64(t, n);
}
static Value truth_value(int truth) { return truth < 0 ? UNDEF : value_bool(truth); }
NATIVE(builtin_isinstance) { return truth_value(object_is_instance(t, args[0], args[1])); }
NATIVE(builtin_issubclass) { return truth_value(object_is_subclass(t, args[0], args[1])); }

static Value in_base(Thread *t, ValueRef o, int base) {
    Value n = object_index(t, o);
    if (!value_bits(n)) return UNDEF;
    Value s = int_to_str(t, n, base, true);
    value_release(t, n);
    return s;
}
NATIVE(builtin_bin) { return in_base(t, args[0], 2); }
NATIVE(builtin_oct) { return in_base(t, args[0], 8); }
NATIVE(builtin_hex) { return in_base(t, args[0], 16); }

NATIVE(builtin_chr) {
    int64_t c;
    if (arg_index_clipped(t, args[0], &c) < 0) return UNDEF;
    if (c < 0 || c > 0x10ffff) return raise(t, VALUE_ERROR, "chr() arg not in range(0x110000)");
    return str_from_char(t, (uint32_t)c);
}
NATIVE(builtin_ord) {
    int64_t n;
    if (value_is_any_str(args[0])) {
        n = (int64_t)str_length(value_str(args[0]));
        if (n == 1) return value_int(str_char(value_str(args[0]), 0));
    } else if (value_is_any_bytes(args[0])) {
        n = (int64_t)value_bytes(args[0])->length;
        if (n == 1) return value_int(value_bytes(args[0])->data[0]);
    } else if (value_is_instance(args[0], TYPE_OF(BYTEARRAY))) {
        Buffer view;
        if (buffer_get(t, args[0], &view, BUFFER_READ) < 0) return UNDEF;
        n = view.length;
        Value c = n == 1 ? value_int(view.data[0]) : UNDEF;
        buffer_release(t, &view);
        if (value_bits(c)) return c;
    } else {
        return raise(t, TYPE_ERROR, "ord() expected string of length 1, but %T found", args[0]);
    }
    return raise(t, TYPE_ERROR, "ord() expected a character, but string of length %lld found", (long long)n);
}

NATIVE(builtin_format) {
    if (value_bits(args[1]) && !value_is_any_str(args[1])) return raise(t, TYPE_ERROR, "format() argument 2 must be str, not %K", args[1]);
    return object_format(t, args[0], args[1]);
}

NATIVE(builtin_round) {
    Value r = not_given(args[1]) ? call_special(t, args[0], NAME(__round__), NULL, 0) : call_special(t, args[0], NAME(__round__), &args[1], 1);
    if (!value_bits(r) && !error_pending(t)) raise(t, TYPE_ERROR, "type %T doesn't define __round__ method", args[0]);
    return r;
}

// ---- attributes

static int check_attribute_name(Thread *t, ValueRef name) {
    return LIKELY(value_is_any_str(name)) ? 0 : raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
}
NATIVE(builtin_getattr) {
    if (args_no_keywords(t, "getattr", kwnames) < 0 || args_count(t, "getattr", nargs, 2, 3) < 0 || check_attribute_name(t, args[1]) < 0) return UNDEF;
    if (nargs == 2) return object_getattr(t, args[0], args[1]);
    Value v = object_getattr_or_undef(t, args[0], args[1]);
    return value_bits(v) || error_pending(t) ? v : value_dup(t, args[2]);
}
NATIVE(builtin_hasattr) { return check_attribute_name(t, args[1]) < 0 ? UNDEF : truth_value(object_hasattr(t, args[0], args[1])); }
NATIVE(builtin_setattr) { return check_attribute_name(t, args[1]) < 0 || object_setattr(t, args[0], args[1], args[2]) < 0 ? UNDEF : NONE; }
NATIVE(builtin_delattr) { return check_attribute_name(t, args[1]) < 0 || object_setattr(t, args[0], args[1], UNDEF) < 0 ? UNDEF : NONE; }

NATIVE(builtin_dir) {
    if (args_no_keywords(t, "dir", kwnames) < 0 || args_count(t, "dir", nargs, 0, 1) < 0) return UNDEF;
    if (nargs) return object_dir(t, args[0]);
    Value namespace = calling_locals(t);
    if (!value_bits(namespace)) return UNDEF;
    Value keys = value_is(namespace, DICT) ? dict_keys_list(t, value_dict(namespace)) : UNDEF;
    if (!value_bits(keys) && !error_pending(t)) {
        Value given = call_method_0(t, namespace, NAME(keys));
        if (value_bits(given)) keys = list_from_iterable(t, given);
        value_release(t, given);
    }
    value_release(t, namespace);
    if (value_bits(keys) && list_sort(t, value_list(keys), NONE, false) < 0) {
        value_release(t, keys);
        return UNDEF;
    }
    return keys;
}
NATIVE(builtin_vars) {
    if (args_no_keywords(t, "vars", kwnames) < 0 || args_count(t, "vars", nargs, 0, 1) < 0) return UNDEF;
    if (!nargs) return calling_locals(t);
    Value dict = object_getattr_or_undef(t, args[0], NAME(__dict__));
    if (!value_bits(dict) && !error_pending(t)) raise(t, TYPE_ERROR, "vars() argument must have __dict__ attribute");
    return dict;
}

// ---- iteration

Value callable_iterator_new(Thread *t, ValueRef callable, ValueRef sentinel); // objects/iter.c

NATIVE(builtin_iter) {
    if (args_no_keywords(t, "iter", kwnames) < 0 || args_count(t, "iter", nargs, 1, 2) < 0) return UNDEF;
    if (nargs == 1) return object_iter(t, args[0]);
    if (!value_type(args[0])->ops.call) return raise(t, TYPE_ERROR, "iter(v, w): v must be callable");
    return callable_iterator_new(t, args[0], args[1]);
}
NATIVE(builtin_next) {
    if (args_no_keywords(t, "next", kwnames) < 0 || args_count(t, "next", nargs, 1, 2) < 0) return UNDEF;
    UnaryFn next = value_type(args[0])->ops.next;
    if (!next) return raise(t, TYPE_ERROR, "'%T' object is not an iterator", args[0]);
    Value v = next(t, args[0]);
    if (value_bits(v)) return v;
    if (nargs == 2) {
        if (error_pending(t)) {
            if (!error_matches(t, EXCEPTION(STOP_ITERATION))) return UNDEF;
            error_clear(t);
        }
        return value_dup(t, args[1]);
    }
    return error_pending(t) ? UNDEF : raise_stop_iteration(t, NONE);
}
NATIVE(builtin_aiter) {
    UnaryFn aiter = value_type(args[0])->ops.aiter;
    if (!aiter) return raise(t, TYPE_ERROR, "'%T' object is not an async iterable", args[0]);
    Value it = aiter(t, args[0]);
    if (value_bits(it) && !value_type(it)->ops.anext) {
        raise(t, TYPE_ERROR, "aiter() returned not an async iterator of type '%T'", it);
        value_release(t, it);
        return UNDEF;
    }
    return it;
}
Value anext_awaitable_new(Thread *t, Value awaitable_steal, ValueRef default_value); // objects/coroutine.c

NATIVE(builtin_anext) {
    UnaryFn anext = value_type(args[0])->ops.anext;
    if (!anext) return raise(t, TYPE_ERROR, "'%T' object is not an async iterator", args[0]);
    Value awaitable = anext(t, args[0]);
    if (!value_bits(awaitable) || !value_bits(args[1])) return awaitable;
    return anext_awaitable_new(t, awaitable, args[1]);
}

// Whether any (all) of the items is `wanted`.
static Value any_or_all(Thread *t, ValueRef iterable, int wanted) {
    Value it = object_iter(t, iterable);
    if (!value_bits(it)) return UNDEF;
    UnaryFn next = value_type(it)->ops.next;
    Value result = value_bool(!wanted);
    for (;;) {
        Value item = next(t, it);
        if (!value_bits(item)) {
            if (error_matches(t, EXCEPTION(STOP_ITERATION)))
                error_clear(t);
            else if (error_pending(t))
                result = UNDEF;
            break;
        }
        int truth = object_is_true(t, item);
        value_release(t, item);
        if (truth < 0 || truth == wanted) {
            result = truth < 0 ? UNDEF : value_bool(wanted);
            break;
        }
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) {
            result = UNDEF;
            break;
        }
    }
    value_release(t, it);
    return result;
}
NATIVE(builtin_any) { return any_or_all(t, args[0], 1); }
NATIVE(builtin_all) { return any_or_all(t, args[0], 0); }

// ---- sum

// A running sum of doubles with the rounding error kept beside it (Neumaier's variant of Kahan's summation).
typedef struct Sum { double high, low; } Sum;
static inline void sum_add(Sum *s, double x) {
    double t = s->high + x;
    if (fabs(s->high) >= fabs(x))
        s->low += (s->high - t) + x;
    else
        s->low += (x - t) + s->high;
    s->high = t;
}
static inline double sum_result(const Sum *s) { return s->low != 0 && isfinite(s->low) ? s->high + s->low : s->high; }

static inline bool is_exact_float(ValueRef v) { return value_is_float(v) || value_is(v, FLOAT); }

// The value of an int (of any size), as sum() adds it to floats. 0, or -1 with OverflowError.
static int sum_int(Thread *t, Sum *s, ValueRef item) {
    double x;
    if (arg_double(t, item, &x) < 0) return -1;
    sum_add(s, x);
    return 0;
}

Value builtin_sum_of(Thread *t, ValueRef iterable, ValueRef start) {
    Value it = object_iter(t, iterable), result = UNDEF, item = UNDEF;
    if (!value_bits(it)) return UNDEF;
    result = value_bits(start) ? value_dup(t, start) : value_int(0);
    if (value_is_any_str(result) || value_is_any_bytes(result) || value_is_instance(result, TYPE_OF(BYTEARRAY))) {
        const char *kind = value_is_any_str(result) ? "strings [use ''" : value_is_any_bytes(result) ? "bytes [use b''" : "bytearray [use b''";
        raise(t, TYPE_ERROR, "sum() can't sum %s.join(seq) instead]", kind);
        goto failed;
    }
    UnaryFn next = value_type(it)->ops.next;
    // Ints, then floats, then complex numbers are added without making objects; each phase is left for good by an item of
    // another kind, for the later one that its sum is fit for.
    enum { INTS, FLOATS, COMPLEX, ANY } phase = value_is_int(result) ? INTS : ANY;
    int64_t total = phase == INTS ? value_get_int(result) : 0;
    Sum real = {0.0, 0.0}, imaginary = {0.0, 0.0};
    bool fresh = phase != INTS; // result stands alone, and a phase may begin with it
    int left = INTS;            // phases up to this one are over
    for (;;) {
        if (fresh) {
            fresh = false;
            if (left < FLOATS && is_exact_float(result)) {
                phase = FLOATS;
                real = (Sum){float_value(result), 0.0};
            } else if (left < COMPLEX && value_is(result, COMPLEX)) {
                phase = COMPLEX;
                Complex *c = (Complex *)value_object(result);
                real = (Sum){c->real, 0.0};
                imaginary = (Sum){c->imag, 0.0};
            }
        }
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto failed;
        item = next(t, it);
        if (!value_bits(item)) {
            if (error_pending(t) && error_matches(t, EXCEPTION(STOP_ITERATION))) error_clear(t);
            if (error_pending(t)) goto failed;
            break;
        }
        if (phase == FLOATS && LIKELY(value_is_float(item))) {
            sum_add(&real, value_get_float(item));
            continue;
        }
        if (phase == INTS) {
            int64_t sum;
            if (value_is_int(item) && !__builtin_add_overflow(total, value_get_int(item), &sum)) {
                total = sum;
                continue;
            }
            if (value_is_bool(item) && total < INT64_MAX) {
                total += value_bits(item) == value_bits(TRUE_VALUE);
                continue;
            }
            result = int_from_int64(t, total); // before, it held an immediate
        } else if (phase == FLOATS || phase == COMPLEX) {
            bool is_int = value_is_any_int(item), taken = true;
            if (is_int) {
                if (sum_int(t, &real, item) < 0) goto failed;
            } else if (phase == FLOATS ? is_exact_float(item) : value_is_any_float(item)) {
                sum_add(&real, float_value(item));
            } else if (phase == COMPLEX && value_is(item, COMPLEX)) {
                sum_add(&real, ((Complex *)value_object(item))->real);
                sum_add(&imaginary, ((Complex *)value_object(item))->imag);
            } else {
                taken = false;
            }
            if (taken) {
                value_release(t, item);
                continue;
            }
            value_release(t, result);
            result = phase == FLOATS ? float_new(t, sum_result(&real)) : complex_new(t, sum_result(&real), sum_result(&imaginary));
        }
        if (!value_bits(result)) goto failed;
        fresh = phase != ANY;
        left = (int)phase;
        phase = ANY;
        Value sum = object_binary(t, BIN_ADD, result, item);
        value_release(t, result);
        value_release(t, item);
        item = UNDEF;
        result = sum;
        if (!value_bits(result)) goto failed;
    }
    value_release(t, it);
    if (phase == INTS) return int_from_int64(t, total);
    if (phase == ANY) return result;
    value_release(t, result);
    return phase == FLOATS ? float_new(t, sum_result(&real)) : complex_new(t, sum_result(&real), sum_result(&imaginary));
failed:
    value_release(t, it);
    value_release(t, item);
    value_release(t, result);
    return UNDEF;
}
NATIVE(builtin_sum) { return builtin_sum_of(t, args[0], args[1]); }

// ---- min, max, sorted

static Value min_max(Thread *t, const ValueRef *args, uint32_t nargs, Tuple *kwnames, int op) {
    const char *name = op == CMP_GT ? "max" : "min";
    ValueRef options[2]; // key, default
    if (nargs == 0) return raise(t, TYPE_ERROR, "%s expected at least 1 argument, got 0", name);
    if (LIKELY(nargs > 1 && !kwnames)) { // small ints alone need no more than this
        uint32_t best = 0, i = 0;
        for (; i < nargs && value_is_int(args[i]); i++)
            if (op == CMP_GT ? value_get_int(args[i]) > value_get_int(args[best]) : value_get_int(args[i]) < value_get_int(args[best])) best = i;
        if (i == nargs) return value_assume_owned(args[best]);
    }
    options[0] = options[1] = UNDEF;
    if (kwnames && args_bind(t, name, "(*, key=None, default=None)", args + nargs, 0, kwnames, options) < 0) return UNDEF;
    ValueRef key = not_given(options[0]) ? (ValueRef)UNDEF : options[0];
    bool several = nargs > 1;
    if (several && value_bits(options[1])) return raise(t, TYPE_ERROR, "Cannot specify a default for %s() with multiple positional arguments", name);
    Value it = UNDEF, best = UNDEF, best_key = UNDEF, item = UNDEF, item_key = UNDEF;
    if (!several && !value_bits(it = object_iter(t, args[0]))) return UNDEF;
    UnaryFn next = several ? NULL : value_type(it)->ops.next;
    for (uint32_t i = 0;; i++) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto failed;
        if (several) {
            if (i == nargs) break;
            item = value_dup(t, args[i]);
        } else if (!value_bits(item = next(t, it))) {
            if (error_pending(t) && error_matches(t, EXCEPTION(STOP_ITERATION))) error_clear(t);
            if (error_pending(t)) goto failed;
            break;
        }
        if (!value_bits(key) && values_are_ints(item, best)) { // its own key
            if (op == CMP_GT ? value_get_int(item) > value_get_int(best) : value_get_int(item) < value_get_int(best)) best = best_key = item;
            continue;
        }
        item_key = value_bits(key) ? call_1(t, key, item) : value_dup(t, item);
        if (!value_bits(item_key)) goto failed;
        if (value_bits(best)) {
            int better = object_compare_bool(t, item_key, best_key, op);
            if (better < 0) goto failed;
            if (!better) {
                VALUE_CLEAR(t, item);
                VALUE_CLEAR(t, item_key);
                continue;
            }
        }
        Value old = best, old_key = best_key;
        best = item;
        best_key = item_key;
        item = item_key = UNDEF;
        value_release(t, old);
        value_release(t, old_key);
    }
    if (!value_bits(best)) {
        if (value_bits(options[1]))
            best = value_dup(t, options[1]);
        else
            raise(t, VALUE_ERROR, "%s() iterable argument is empty", name);
    }
    value_release(t, it);
    value_release(t, best_key);
    return best;
failed:
    value_release(t, it);
    value_release(t, best);
    value_release(t, best_key);
    value_release(t, item);
    value_release(t, item_key);
    return UNDEF;
}
NATIVE(builtin_min) { return min_max(t, args, nargs, kwnames, CMP_LT); }
NATIVE(builtin_max) { return min_max(t, args, nargs, kwnames, CMP_GT); }

NATIVE(builtin_sorted) {
    if (args_count(t, "sorted", nargs, 1, 1) < 0) return UNDEF;
    ValueRef options[2];
    options[0] = options[1] = UNDEF;
    if (kwnames && args_bind(t, "sort", "(*, key=None, reverse=False)", args + nargs, 0, kwnames, options) < 0) return UNDEF;
    bool reverse = false;
    if (value_bits(options[1]) && arg_bool(t, options[1], &reverse) < 0) return UNDEF;
    Value list = list_from_iterable(t, args[0]);
    if (value_bits(list) && list_sort(t, value_list(list), value_bits(options[0]) ? options[0] : (ValueRef)NONE, reverse) < 0) {
        value_release(t, list);
        return UNDEF;
    }
    return list;
}

// ---- print, input

// sys.NAME, owned; UNDEF where it is not there (no exception, unless looking it up raised).
static Value sys_get(Thread *t, ValueRef name) { return value_bits(t->interp->sys_dict) ? dict_get(t, value_dict(t->interp->sys_dict), name) : UNDEF; }

static int write_to(Thread *t, ValueRef write, ValueRef text) {
    Value r = call_1(t, write, text);
    value_release(t, r);
    return value_bits(r) ? 0 : -1;
}

// Where print's text goes. A native file gets it in one piece, so that lines of several threads do not run into each other; any
// other gets every part by itself, as its write() may tell the difference.
typedef struct PrintTarget {
    ValueRef write;
    bool native, any; // any: `pending` holds text
    StrBuilder pending;
} PrintTarget;

static bool native_write(ValueRef file, ValueRef write) {
    if (!value_is(write, NATIVE_FUNCTION)) return false;
    NativeFunction *f = (NativeFunction *)value_object(write);
    return value_bits(f->self) == value_bits(file) && strcmp(f->def->name, "write") == 0;
}
static int print_flush(Thread *t, PrintTarget *target) {
    if (!target->any) return 0;
    target->any = false;
    Value text = str_builder_finish(&target->pending);
    int result = value_bits(text) ? write_to(t, target->write, text) : -1;
    value_release(t, text);
    return result;
}
static int print_part(Thread *t, PrintTarget *target, ValueRef text) {
    if (!target->native || !value_is(text, STR)) return write_to(t, target->write, text);
    if (!target->any) str_builder_init(&target->pending, t);
    target->any = true;
    str_builder_str(&target->pending, value_str(text));
    return 0;
}
// str(v) may run Python: what comes before it is written before it.
static int print_value(Thread *t, PrintTarget *target, ValueRef v) {
    if (value_is(v, STR)) return print_part(t, target, v);
    if (value_is_pointer(v) && !type_is_leaf(value_type(v)) && print_flush(t, target) < 0) return -1;
    Value text = object_str(t, v);
    int result = value_bits(text) ? print_part(t, target, text) : -1;
    value_release(t, text);
    return result;
}

NATIVE(builtin_print) {
    ValueRef options[4] = {UNDEF, UNDEF, UNDEF, UNDEF}; // sep, end, file, flush
    if (kwnames && args_bind(t, "print", "(*, sep=' ', end='\\n', file=None, flush=False)", args + nargs, 0, kwnames, options) < 0) return UNDEF;
    for (int i = 0; i < 2; i++) {
        if (not_given(options[i])) options[i] = UNDEF;
        if (value_bits(options[i]) && !value_is_any_str(options[i]))
            return raise(t, TYPE_ERROR, "%s must be None or a string, not %T", i ? "end" : "sep", options[i]);
    }
    Value file, write = UNDEF, result = UNDEF, line_end = UNDEF, space = UNDEF;
    if (not_given(options[2])) {
        file = sys_get(t, NAME(stdout));
        if (!value_bits(file)) return error_pending(t) ? UNDEF : raise(t, RUNTIME_ERROR, "lost sys.stdout");
        if (is_none(file)) return NONE; // a process without standard files
    } else {
        file = value_dup(t, options[2]);
    }
    PrintTarget target = {.any = false};
    if (!value_bits(write = object_getattr(t, file, NAME(write)))) goto done;
    target.write = write;
    target.native = native_write(file, write);
    for (uint32_t i = 0; i < nargs; i++) {
        if (i) {
            if (!value_bits(options[0]) && !value_bits(space) && !value_bits(space = str_from_char(t, ' '))) goto done;
            if (print_value(t, &target, value_bits(options[0]) ? options[0] : (ValueRef)space) < 0) goto done;
        }
        if (print_value(t, &target, args[i]) < 0) goto done;
    }
    if (!value_bits(options[1]) && !value_bits(line_end = str_from_char(t, '\n'))) goto done;
    if (print_value(t, &target, value_bits(options[1]) ? options[1] : (ValueRef)line_end) < 0) goto done;
    if (print_flush(t, &target) < 0) goto done;
    bool flush = false;
    if (value_bits(options[3]) && arg_bool(t, options[3], &flush) < 0) goto done;
    if (flush) {
        Value r = call_method_0(t, file, NAME(flush));
        if (!value_bits(r)) goto done;
        value_release(t, r);
    }
    result = NONE;
done:
    if (target.any) { // an argument had no text: what came before it is written all the same
        Value raised = error_take(t);
        if (print_flush(t, &target) < 0) error_clear(t);
        error_restore(t, raised);
    }
    value_release(t, file);
    value_release(t, write);
    value_release(t, line_end);
    value_release(t, space);
    return result;
}

// sys.NAME, which input() needs: owned, UNDEF with RuntimeError where it is gone.
static Value input_file(Thread *t, ValueRef name) {
    Value f = sys_get(t, name);
    if (value_bits(f) && !is_none(f)) return f;
    return error_pending(t) ? UNDEF : raise(t, RUNTIME_ERROR, "input(): lost sys.%S", name);
}
static int flush_quietly(Thread *t, ValueRef file) {
    Value r = call_method_0(t, file, NAME(flush));
    if (!value_bits(r)) error_clear(t);
    value_release(t, r);
    return 0;
}
NATIVE(builtin_input) {
    Value in = input_file(t, NAME(stdin)), out = UNDEF, err = UNDEF, line = UNDEF, result = UNDEF, text = UNDEF;
    if (!value_bits(in) || !value_bits(out = input_file(t, NAME(stdout))) || !value_bits(err = input_file(t, NAME(stderr)))) goto done;
    flush_quietly(t, err);
    if (value_bits(args[0])) {
        if (!value_bits(text = object_str(t, args[0]))) goto done;
        Value r = call_method_1(t, out, NAME(write), text);
        if (!value_bits(r)) goto done;
        value_release(t, r);
    }
    flush_quietly(t, out);
    if (!value_bits(line = call_method_0(t, in, NAME(readline)))) goto done;
    if (!value_is_any_str(line)) {
        raise(t, TYPE_ERROR, "object.readline() returned non-string");
        goto done;
    }
    Str *s = value_str(line);
    size_t n = str_length(s);
    if (n == 0)
        raise(t, EOF_ERROR, "EOF when reading a line");
    else
        result = str_substring(t, s, 0, str_char(s, n - 1) == '\n' ? n - 1 : n);
done:
    value_release(t, in);
    value_release(t, out);
    value_release(t, err);
    value_release(t, line);
    value_release(t, text);
    return result;
}

// ---- what others do

static Value import_name(Thread *t, ValueRef name) {
    ValueRef args[1] = {name};
    Value import = dict_get(t, value_dict(t->interp->builtins_dict), NAME(__import__));
    if (!value_bits(import)) return error_pending(t) ? UNDEF : raise(t, IMPORT_ERROR, "__import__ not found");
    Value module = call_object(t, import, args, 1, NULL);
    value_release(t, import);
    return module;
}
NATIVE(builtin_open) {
    Value module = import_name(t, NAME(_io)), open = UNDEF, file = UNDEF;
    if (!value_bits(module)) return UNDEF;
    open = object_getattr(t, module, NAME(open));
    if (value_bits(open)) file = call_object(t, open, args, nargs, kwnames);
    value_release(t, module);
    value_release(t, open);
    return file;
}
NATIVE(builtin_breakpoint) {
    Value name = str_intern_text(t, "breakpointhook");
    if (!value_bits(name)) return UNDEF;
    Value hook = sys_get(t, name), result = UNDEF;
    value_release(t, name);
    if (!value_bits(hook)) return error_pending(t) ? UNDEF : raise(t, RUNTIME_ERROR, "lost sys.breakpointhook");
    result = call_object(t, hook, args, nargs, kwnames);
    value_release(t, hook);
    return result;
}

Value import_builtin(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // import.c

const NativeDef builtin_functions[] = {
    {"__build_class__", builtin_build_class, NULL, "Makes a class of its body.", NATIVE_RAW},
    {"__import__", import_builtin, "($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)", "Imports a module.", 0},
    {"abs", builtin_abs, "($module, number, /)", "The absolute value.", 0},
    {"aiter", builtin_aiter, "($module, async_iterable, /)", "An asynchronous iterator over the argument.", 0},
    {"all", builtin_all, "($module, iterable, /)", "True if no item is false.", 0},
    {"anext", builtin_anext, "($module, aiterator, default=<unrepresentable>, /)", "The next item of an asynchronous iterator, as an awaitable.", 0},
    {"any", builtin_any, "($module, iterable, /)", "True if some item is true.", 0},
    {"ascii", builtin_ascii, "($module, obj, /)", "repr() with everything beyond ASCII escaped.", 0},
    {"bin", builtin_bin, "($module, integer, /)", "The number in base 2.\n\n>>> bin(-10)\n'-0b1010'", 0},
    {"breakpoint", builtin_breakpoint, "($module, /, *args, **kws)", "Calls sys.breakpointhook.", NATIVE_RAW},
    {"callable", builtin_callable, "($module, obj, /)", "Whether the object can be called.", 0},
    {"chr", builtin_chr, "($module, i, /)", "The character of this code point.", 0},
    {"compile", builtin_compile, "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
     "Compiles source text or a syntax tree.", 0},
    {"delattr", builtin_delattr, "($module, obj, name, /)", "Deletes the named attribute.", 0},
    {"dir", builtin_dir, NULL, "The names in a namespace or of an object's attributes.", NATIVE_RAW},
    {"divmod", builtin_divmod, "($module, x, y, /)", "(x//y, x%y).", 0},
    {"eval", builtin_eval, "($module, source, /, globals=None, locals=None)", "Evaluates an expression.", 0},
    {"exec", builtin_exec, "($module, source, /, globals=None, locals=None, *, closure=None)", "Runs statements.", 0},
    {"format", builtin_format, "($module, value, format_spec='', /)", "value.__format__(format_spec).", 0},
    {"getattr", builtin_getattr, NULL, "The named attribute, or the default.", NATIVE_RAW},
    {"globals", builtin_globals, "($module, /)", "The module's namespace.", 0},
    {"hasattr", builtin_hasattr, "($module, obj, name, /)", "Whether the object has the attribute.", 0},
    {"hash", builtin_hash, "($module, obj, /)", "The hash of the object.", 0},
    {"hex", builtin_hex, "($module, integer, /)", "The number in base 16.\n\n>>> hex(48879)\n'0xbeef'", 0},
    {"id", builtin_id, "($module, obj, /)", "A number that no other living object has.", 0},
    {"input", builtin_input, "($module, prompt='', /)", "Reads a line from standard input.", 0},
    {"isinstance", builtin_isinstance, "($module, obj, class_or_tuple, /)", "Whether the object is an instance of the class.", 0},
    {"issubclass", builtin_issubclass, "($module, cls, class_or_tuple, /)", "Whether the class derives from the other.", 0},
    {"iter", builtin_iter, NULL, "An iterator.", NATIVE_RAW},
    {"len", builtin_len, "($module, obj, /)", "The number of items.", 0},
    {"locals", builtin_locals, "($module, /)", "The local variables.", 0},
    {"max", builtin_max, NULL, "The greatest item.", NATIVE_RAW},
    {"min", builtin_min, NULL, "The smallest item.", NATIVE_RAW},
    {"next", builtin_next, NULL, "The iterator's next item.", NATIVE_RAW},
    {"oct", builtin_oct, "($module, integer, /)", "The number in base 8.\n\n>>> oct(493)\n'0o755'", 0},
    {"open", builtin_open,
     "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)", "Opens a file.", NATIVE_RAW},
    {"ord", builtin_ord, "($module, character, /)", "The code point of the character.", 0},
    {"pow", builtin_pow, "($module, /, base, exp, mod=None)", "base**exp, or its remainder by mod.", 0},
    {"print", builtin_print, "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)", "Prints the values.", NATIVE_RAW},
    {"repr", builtin_repr, "($module, obj, /)", "The object as a program would write it.", 0},
    {"round", builtin_round, "($module, /, number, ndigits=None)", "Rounds to so many decimal places.", 0},
    {"setattr", builtin_setattr, "($module, obj, name, value, /)", "Sets the named attribute.", 0},
    {"sorted", builtin_sorted, "($module, iterable, /, *, key=None, reverse=False)", "A sorted list of the items.", NATIVE_RAW},
    {"sum", builtin_sum, "($module, iterable, /, start=0)", "The sum of the items.", 0},
    {"vars", builtin_vars, NULL, "The object's __dict__.", NATIVE_RAW},
    NATIVE_END};
