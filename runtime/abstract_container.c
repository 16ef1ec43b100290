// Length, subscripts, membership and iteration of any object (abstract.h).
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "sync/safepoint.h"

int64_t object_len(Thread *t, ValueRef o) {
    LenFn length = value_type(o)->ops.length;
    if (UNLIKELY(!length)) return raise_int(t, TYPE_ERROR, "object of type '%T' has no len()", o);
    return length(t, o);
}

int64_t object_length_hint(Thread *t, ValueRef o, int64_t default_hint) {
    LenFn length = value_type(o)->ops.length;
    if (length) {
        int64_t n = length(t, o);
        if (n >= 0 || !error_matches(t, EXCEPTION(TYPE_ERROR))) return n;
        error_clear(t);
    }
    Value hint = call_special(t, o, NAME(__length_hint__), NULL, 0);
    if (!value_bits(hint)) {
        if (!error_pending(t)) return default_hint;
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
        error_clear(t);
        return default_hint;
    }
    if (value_bits(hint) == value_bits(NOT_IMPLEMENTED)) return default_hint;
    if (!value_is_any_int(hint)) {
        raise(t, TYPE_ERROR, "__length_hint__ must be an integer, not %T", hint);
        value_release(t, hint);
        return -1;
    }
    int64_t n;
    int fits = int_as_int64(hint, &n);
    value_release(t, hint);
    if (fits < 0) return raise_int(t, OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    if (n < 0) return raise_int(t, VALUE_ERROR, "__length_hint__() should return >= 0");
    return n;
}

// ---- subscripts

// C[key] for a class: an alias of type itself, or what its __class_getitem__ says.
static Value class_getitem(Thread *t, ValueRef o, ValueRef key) {
    if (value_bits(o) == value_bits(value_of(TYPE_OF(TYPE)))) return call_2(t, value_of(TYPE_OF(GENERIC_ALIAS)), o, key);
    Value method = object_getattr_or_undef(t, o, NAME(__class_getitem__));
    if (!value_bits(method) || value_bits(method) == value_bits(NONE)) {
        if (!error_pending(t)) raise(t, TYPE_ERROR, "type '%N' is not subscriptable", (Type *)value_object(o));
        return UNDEF;
    }
    Value r = call_1(t, method, key);
    value_release(t, method);
    return r;
}

Value object_getitem(Thread *t, ValueRef o, ValueRef key) {
    BinaryFn getitem = value_type(o)->ops.getitem;
    if (LIKELY(getitem)) return getitem(t, o, key);
    if (value_is_type(o)) return class_getitem(t, o, key);
    return raise(t, TYPE_ERROR, "'%T' object is not subscriptable", o);
}

int object_setitem(Thread *t, ValueRef o, ValueRef key, ValueRef value_or_undef) {
    StoreFn setitem = value_type(o)->ops.setitem;
    if (LIKELY(setitem)) return setitem(t, o, key, value_or_undef);
    if (value_bits(value_or_undef)) return raise_int(t, TYPE_ERROR, "'%T' object does not support item assignment", o);
    // CPython's wording is another one where an index was taken for a sequence's.
    const Type *type = value_type(o);
    bool sequence = type->flags & TYPE_HEAP || type->ops.length || type->ops.contains || type->ops.concat;
    return raise_int(t, TYPE_ERROR, sequence && (value_is_int(key) || value_type(key)->ops.index) ? "'%T' object doesn't support item deletion" : "'%T' object does not support item deletion", o);
}

Value sequence_getitem(Thread *t, ValueRef o, int64_t index) {
    BinaryFn getitem = value_type(o)->ops.getitem;
    if (!getitem) return raise(t, TYPE_ERROR, "'%T' object does not support indexing", o);
    Value n = int_from_int64(t, index);
    if (!value_bits(n)) return UNDEF;
    Value r = getitem(t, o, n);
    value_release(t, n);
    return r;
}

// ---- membership

int object_contains(Thread *t, ValueRef o, ValueRef item) {
    ContainsFn contains = value_type(o)->ops.contains;
    if (LIKELY(contains)) return contains(t, o, item);
    Value iterator = object_iter(t, o);
    if (!value_bits(iterator)) {
        if (error_matches(t, EXCEPTION(TYPE_ERROR))) {
            error_clear(t);
            raise(t, TYPE_ERROR, "argument of type '%T' is not a container or iterable", o);
        }
        return -1;
    }
    int result = 0;
    while (result == 0) {
        Value v = object_next(t, iterator);
        if (!value_bits(v)) {
            if (error_pending(t)) result = -1;
            break;
        }
        result = object_equal(t, v, item);
        value_release(t, v);
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) result = -1;
    }
    value_release(t, iterator);
    return result;
}

// ---- iteration

Value iter_self(Thread *t, ValueRef self) { return value_dup(t, self); }

Value sequence_iterator_new(Thread *t, ValueRef sequence); // objects/iter.c

Value object_iter(Thread *t, ValueRef o) {
    Type *type = value_type(o);
    if (LIKELY(type->ops.iter)) {
        Value iterator = type->ops.iter(t, o);
        if (!value_bits(iterator) || LIKELY(value_type(iterator)->ops.next)) return iterator;
        raise(t, TYPE_ERROR, "iter() returned non-iterator of type '%T'", iterator);
        value_release(t, iterator);
        return UNDEF;
    }
    // A class with __getitem__ alone is a sequence by the old protocol. Native types say themselves how they are iterated.
    if (type->ops.getitem && (type->flags & (TYPE_HEAP | TYPE_IMMUTABLE | TYPE_IS_DICT)) == TYPE_HEAP) return sequence_iterator_new(t, o);
    return raise(t, TYPE_ERROR, "'%T' object is not iterable", o);
}

Value object_next(Thread *t, ValueRef iterator) {
    UnaryFn next = value_type(iterator)->ops.next;
    if (UNLIKELY(!next)) return raise(t, TYPE_ERROR, "'%T' object is not an iterator", iterator);
    // Iterators stand on iterators without end; the compare is native_stack_exhausted's, in line.
    if (UNLIKELY((char *)__builtin_frame_address(0) < t->c_stack_limit) && native_stack_exhausted(t, " while iterating")) return UNDEF;
    Value v = next(t, iterator);
    if (UNLIKELY(!value_bits(v)) && error_matches(t, EXCEPTION(STOP_ITERATION))) error_clear(t);
    return v;
}

