// Exception groups (PEP 654): making, splitting, and what `except*` needs.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/exception_layouts.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static inline ExceptionGroup *group_of(ValueRef v) { return (ExceptionGroup *)value_object(v); }
static inline bool is_group(ValueRef v) { return value_is_pointer(v) && value_is_instance(v, EXCEPTION(BASE_EXCEPTION_GROUP)); }

// The group's members, owned: () where __new__ was not the group's.
static Value members_of(Thread *t, ValueRef group) {
    Value v = slot_get(t, &group_of(group)->exceptions);
    return value_bits(v) ? v : value_dup(t, t->interp->empty_tuple);
}

// ---- making

Value exception_group_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs != 2) return raise(t, TYPE_ERROR, "BaseExceptionGroup.__new__() takes exactly 2 arguments (%u given)", nargs);
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "BaseExceptionGroup.__new__() argument 1 must be str, not %K", args[0]);
    Type *class = (Type *)value_object(type);
    if (!value_type(args[1])->ops.getitem || value_is_any_dict(args[1])) return raise(t, TYPE_ERROR, "second argument (exceptions) must be a sequence");
    Value exceptions = tuple_from_iterable(t, args[1]), self = UNDEF, shown = UNDEF;
    if (!value_bits(exceptions)) return UNDEF;
    Tuple *tuple = value_tuple(exceptions);
    if (tuple->length == 0) {
        raise(t, VALUE_ERROR, "second argument (exceptions) must be a non-empty sequence");
        goto done;
    }
    bool base_exceptions = false; // some member is no Exception
    for (int64_t i = 0; i < tuple->length; i++) {
        ValueRef e = tuple_item(tuple, i);
        if (!value_is_exception(e)) {
            raise(t, VALUE_ERROR, "Item %lld of second argument (exceptions) is not an exception", (long long)i);
            goto done;
        }
        if (!value_is_instance(e, EXCEPTION(EXCEPTION))) base_exceptions = true;
    }
    if (class == EXCEPTION(BASE_EXCEPTION_GROUP)) {
        if (!base_exceptions) class = EXCEPTION(EXCEPTION_GROUP);
    } else if (base_exceptions && class == EXCEPTION(EXCEPTION_GROUP)) {
        raise(t, TYPE_ERROR, "Cannot nest BaseExceptions in an ExceptionGroup");
        goto done;
    } else if (base_exceptions && type_is_subtype(class, EXCEPTION(EXCEPTION))) {
        raise(t, TYPE_ERROR, "Cannot nest BaseExceptions in '%N'", class);
        goto done;
    }
    if (!value_is(args[1], LIST) && !value_is(args[1], TUPLE) && !value_bits(shown = object_repr(t, args[1]))) goto done;
    self = base_exception_spec.ops.new(t, value_of(class), args, nargs, NULL);
    if (!value_bits(self)) goto done;
    ExceptionGroup *group = group_of(self);
    slot_store(t, group, &group->message, value_dup(t, args[0]));
    slot_store(t, group, &group->exceptions, exceptions);
    slot_store(t, group, &group->shown, shown);
    return self;
done:
    value_release(t, shown);
    value_release(t, exceptions);
    return self;
}

int exception_group_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return base_exception_spec.ops.init(t, self, args, nargs, kwnames);
}

Value exception_group_new(Thread *t, ValueRef message, ValueRef exceptions) {
    ValueRef args[2] = {message, exceptions};
    return call_object(t, value_of(EXCEPTION(BASE_EXCEPTION_GROUP)), args, 2, NULL);
}

Value exception_group_str(Thread *t, ValueRef self) {
    Value members = members_of(t, self), message = slot_get(t, &group_of(self)->message);
    int64_t n = value_tuple(members)->length;
    Value result = str_of_format(t, "%S (%lld sub-exception%s)", value_bits(message) ? (ValueRef)message : (ValueRef)NAME(empty), (long long)n, n == 1 ? "" : "s");
    value_release(t, members);
    value_release(t, message);
    return result;
}

// The members are shown as the kind of sequence that they were given as.
Value exception_group_repr(Thread *t, ValueRef self) {
    Value args = slot_get(t, &group_of(self)->base.args), members = members_of(t, self), message = slot_get(t, &group_of(self)->message), shown = UNDEF,
          result = UNDEF;
    bool list = value_bits(args) && value_tuple(args)->length == 2 && value_is(tuple_item(value_tuple(args), 1), LIST);
    shown = list ? list_from_iterable(t, members) : value_dup(t, members);
    Value text = slot_get(t, &group_of(self)->shown);
    if (value_bits(text))
        result = str_of_format(t, "%U(%R, %U)", value_str(slot_borrow(&value_type(self)->name)), value_bits(message) ? (ValueRef)message : (ValueRef)NAME(empty), value_str(text));
    else if (value_bits(shown))
        result = str_of_format(t, "%U(%R, %R)", value_str(slot_borrow(&value_type(self)->name)), value_bits(message) ? (ValueRef)message : (ValueRef)NAME(empty),
                               shown);
    value_release(t, text);
    value_release(t, args);
    value_release(t, members);
    value_release(t, message);
    value_release(t, shown);
    return result;
}

// ---- splitting

// What a condition of split() and subgroup() is: exception types, a predicate, or (for except*) a set of leaves by identity.
typedef struct Matcher {
    enum { MATCH_TYPES, MATCH_PREDICATE, MATCH_LEAVES } kind;
    ValueRef condition; // type, tuple or callable; for LEAVES a tuple of exceptions
} Matcher;

static int matcher_init(Thread *t, Matcher *m, ValueRef condition) {
    m->condition = condition;
    if (value_is_type(condition)) {
        m->kind = MATCH_TYPES;
        if (((Type *)value_object(condition))->flags & TYPE_EXCEPTION) return 0;
    } else if (value_is_any_tuple(condition)) {
        m->kind = MATCH_TYPES;
        Tuple *tuple = value_tuple(condition);
        bool good = true;
        for (int64_t i = 0; i < tuple->length; i++) {
            ValueRef c = tuple_item(tuple, i);
            if (!value_is_type(c) || !(((Type *)value_object(c))->flags & TYPE_EXCEPTION)) good = false;
        }
        if (good) return 0;
    } else if (value_type(condition)->ops.call) {
        m->kind = MATCH_PREDICATE;
        return 0;
    }
    return raise_int(t, TYPE_ERROR, "expected an exception type, a tuple of exception types, or a callable (other than a class)");
}

static int matches(Thread *t, const Matcher *m, ValueRef e) {
    switch (m->kind) {
    case MATCH_TYPES: return exception_given_matches(t, e, m->condition);
    case MATCH_PREDICATE: {
        Value answer = call_1(t, m->condition, e);
        if (!value_bits(answer)) return -1;
        int truth = object_is_true(t, answer);
        value_release(t, answer);
        return truth;
    }
    default: {
        if (is_group(e)) return 0;
        Tuple *leaves = value_tuple(m->condition);
        for (int64_t i = 0; i < leaves->length; i++)
            if (value_bits(tuple_item(leaves, i)) == value_bits(e)) return 1;
        return 0;
    }
    }
}

// A group of some of `group`'s members, made by its derive(), with its metadata. NONE for an empty list.
static Value subset_of(Thread *t, ValueRef group, ValueRef list) {
    if (list_length(value_list(list)) == 0) return NONE;
    Value name = str_intern_text(t, "derive");
    if (!value_bits(name)) return UNDEF;
    Value made = call_method_1(t, group, name, list);
    value_release(t, name);
    if (!value_bits(made)) return UNDEF;
    if (!is_group(made)) {
        raise(t, TYPE_ERROR, "derive must return an instance of BaseExceptionGroup");
        value_release(t, made);
        return UNDEF;
    }
    BaseException *from = value_exception(group), *to = value_exception(made);
    slot_store(t, to, &to->traceback, slot_get(t, &from->traceback));
    slot_store(t, to, &to->context, slot_get(t, &from->context));
    slot_store(t, to, &to->cause, slot_get(t, &from->cause));
    to->suppress_context = true; // as setting the cause does
    Value notes = object_getattr_or_undef(t, group, NAME(__notes__));
    if (!value_bits(notes)) {
        if (!error_pending(t)) return made;
        goto failed;
    }
    if (value_is_any_list(notes) || value_is_any_tuple(notes)) {
        Value copy = list_from_iterable(t, notes);
        value_release(t, notes);
        if (!value_bits(copy)) goto failed;
        int bad = object_setattr(t, made, NAME(__notes__), copy);
        value_release(t, copy);
        if (bad < 0) goto failed;
    } else {
        value_release(t, notes); // anything may stand there; only sequences are taken over
    }
    return made;
failed:
    value_release(t, made);
    return UNDEF;
}

// *match: what of `e` matches; *rest (unless NULL): what does not. NONE where there is nothing. 0, or -1 with neither set.
static int split(Thread *t, ValueRef e, const Matcher *m, Value *match, Value *rest) {
    if (native_stack_exhausted(t, " in exception_group_split_recursive")) return -1;
    int whole = matches(t, m, e);
    if (whole < 0) return -1;
    if (whole || !is_group(e)) {
        *match = whole ? value_dup(t, e) : NONE;
        if (rest) *rest = whole ? NONE : value_dup(t, e);
        return 0;
    }
    Value members = members_of(t, e), matched = list_new(t, 0), others = rest ? list_new(t, 0) : NONE;
    int result = -1;
    if (!value_bits(matched) || !value_bits(others)) goto done;
    Tuple *tuple = value_tuple(members);
    for (int64_t i = 0; i < tuple->length; i++) {
        Value part = NONE, other = NONE;
        if (split(t, tuple_item(tuple, i), m, &part, rest ? &other : NULL) < 0) goto done;
        int bad = value_is_pointer(part) ? list_append(t, value_list(matched), part) : 0;
        if (value_is_pointer(other)) {
            if (bad < 0)
                value_release(t, other);
            else
                bad = list_append(t, value_list(others), other);
        }
        if (bad < 0) goto done;
    }
    Value made = subset_of(t, e, matched), left = NONE;
    if (!value_bits(made)) goto done;
    if (rest && !value_bits(left = subset_of(t, e, others))) {
        value_release(t, made);
        goto done;
    }
    *match = made;
    if (rest) *rest = left;
    result = 0;
done:
    value_release(t, members);
    value_release(t, matched);
    value_release(t, others);
    return result;
}

NATIVE(group_split) {
    Matcher m;
    Value match, rest;
    if (matcher_init(t, &m, args[0]) < 0 || split(t, self, &m, &match, &rest) < 0) return UNDEF;
    return tuple_pair(t, match, rest);
}
NATIVE(group_subgroup) {
    Matcher m;
    Value match;
    if (matcher_init(t, &m, args[0]) < 0 || split(t, self, &m, &match, NULL) < 0) return UNDEF;
    return match;
}
NATIVE(group_derive) {
    Value message = slot_get(t, &group_of(self)->message);
    Value made = exception_group_new(t, value_bits(message) ? (ValueRef)message : (ValueRef)NAME(empty), args[0]);
    value_release(t, message);
    return made;
}
NATIVE(group_class_getitem) { return call_2(t, value_of(TYPE_OF(GENERIC_ALIAS)), self, args[0]); }

const NativeDef exception_group_methods[] = {
    {"__class_getitem__", group_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS},
    {"derive", group_derive, "($self, excs, /)", "A group of the same message with other members.", 0},
    {"split", group_split, "($self, matcher_value, /)", "What matches, and the rest.", 0},
    {"subgroup", group_subgroup, "($self, matcher_value, /)", "What matches.", 0},
    NATIVE_END};
const MemberDef exception_group_members[] = {
    {"message", offsetof(ExceptionGroup, message), MEMBER_VALUE, false, "The group's message."},
    {"exceptions", offsetof(ExceptionGroup, exceptions), MEMBER_VALUE, false, "The members."}, MEMBER_END};

// ---- except*

int exception_group_match(Thread *t, ValueRef e, ValueRef type, Value *match, Value *rest) {
    *match = *rest = NONE;
    if (value_bits(e) == value_bits(NONE)) return 0;
    int whole = exception_given_matches(t, e, type);
    if (whole < 0) return -1;
    if (whole) {
        if (is_group(e)) {
            *match = value_dup(t, e);
            return 0;
        }
        // A naked exception is handed on in a group, whose traceback begins where it is caught.
        ValueRef one[1] = {e};
        Value members = tuple_from_refs(t, one, 1);
        if (!value_bits(members)) return -1;
        Value group = exception_group_new(t, NAME(empty), members);
        value_release(t, members);
        if (!value_bits(group)) return -1;
        *match = group;
        return 0;
    }
    if (!is_group(e)) {
        *rest = value_dup(t, e);
        return 0;
    }
    Value name = str_intern_text(t, "split");
    if (!value_bits(name)) return -1;
    Value pair = call_method_1(t, e, name, type);
    value_release(t, name);
    if (!value_bits(pair)) return -1;
    if (!value_is_any_tuple(pair)) {
        raise(t, TYPE_ERROR, "%T.split must return a tuple, not %T", e, pair);
        value_release(t, pair);
        return -1;
    }
    if (value_tuple(pair)->length < 2) {
        raise(t, TYPE_ERROR, "%T.split must return a 2-tuple, got tuple of size %lld", e, (long long)value_tuple(pair)->length);
        value_release(t, pair);
        return -1;
    }
    *match = value_dup(t, tuple_item(value_tuple(pair), 0));
    *rest = value_dup(t, tuple_item(value_tuple(pair), 1));
    value_release(t, pair);
    return 0;
}

// Do two groups come from one: the same traceback, cause, context and notes?
static int same_origin(Thread *t, ValueRef a, ValueRef b) {
    if (!is_group(a) || !is_group(b)) return 0;
    BaseException *x = value_exception(a), *y = value_exception(b);
    if (value_bits(slot_borrow(&x->traceback)) != value_bits(slot_borrow(&y->traceback)) ||
        value_bits(slot_borrow(&x->cause)) != value_bits(slot_borrow(&y->cause)) ||
        value_bits(slot_borrow(&x->context)) != value_bits(slot_borrow(&y->context)))
        return 0;
    Value xn = object_getattr_or_undef(t, a, NAME(__notes__));
    if (!value_bits(xn) && error_pending(t)) return -1;
    Value yn = object_getattr_or_undef(t, b, NAME(__notes__));
    int result = !value_bits(yn) && error_pending(t) ? -1 : 1;
    // split() copies the list: the same notes mean equal items
    if (result == 1 && (value_bits(xn) == 0) != (value_bits(yn) == 0)) result = 0;
    if (result == 1 && value_bits(xn)) result = object_equal(t, xn, yn);
    value_release(t, xn);
    value_release(t, yn);
    return result;
}

static int collect_leaves(Thread *t, ValueRef e, List *leaves) {
    if (!value_is_pointer(e)) return 0;
    if (!is_group(e)) return list_append(t, leaves, value_dup(t, e));
    if (native_stack_exhausted(t, " in collect_exception_group_leaf_ids")) return -1;
    Value members = members_of(t, e);
    Tuple *tuple = value_tuple(members);
    int result = 0;
    for (int64_t i = 0; i < tuple->length && result == 0; i++) result = collect_leaves(t, tuple_item(tuple, i), leaves);
    value_release(t, members);
    return result;
}

// The part of `original` whose leaves stand in the groups of `kept`, with its nesting. NONE where there is none.
static Value projection(Thread *t, ValueRef original, List *kept) {
    Value leaves = list_new(t, 0), tuple = UNDEF, match = UNDEF;
    if (!value_bits(leaves)) return UNDEF;
    for (int64_t i = 0;; i++) {
        Value e = list_get(t, kept, i);
        if (!value_bits(e)) break;
        int bad = collect_leaves(t, e, value_list(leaves));
        value_release(t, e);
        if (bad < 0) goto done;
    }
    tuple = list_snapshot(t, value_list(leaves));
    if (!value_bits(tuple)) goto done;
    Matcher m = {.kind = MATCH_LEAVES, .condition = tuple};
    if (split(t, original, &m, &match, NULL) < 0) match = UNDEF;
done:
    value_release(t, leaves);
    value_release(t, tuple);
    return match;
}

Value exception_prep_reraise_star(Thread *t, ValueRef original, ValueRef list) {
    List *given = value_list(list);
    if (!is_group(original)) { // a naked exception was caught as a group of one: at most one is raised
        for (int64_t i = 0;; i++) {
            Value e = list_get(t, given, i);
            if (!value_bits(e)) return NONE;
            if (value_is_exception(e)) return e;
            value_release(t, e);
        }
    }
    Value raised = list_new(t, 0), reraised = list_new(t, 0), result = UNDEF, again = UNDEF;
    if (!value_bits(raised) || !value_bits(reraised)) goto done;
    for (int64_t i = 0;; i++) {
        Value e = list_get(t, given, i);
        if (!value_bits(e)) break;
        if (!value_is_exception(e)) {
            value_release(t, e);
            continue;
        }
        int same = same_origin(t, e, original);
        if (same < 0) {
            value_release(t, e);
            goto done;
        }
        if (list_append(t, value_list(same ? reraised : raised), e) < 0) goto done;
    }
    again = list_length(value_list(reraised)) ? projection(t, original, value_list(reraised)) : NONE;
    if (!value_bits(again)) goto done;
    int64_t n = list_length(value_list(raised));
    if (n == 0) {
        result = again;
        again = UNDEF;
        goto done;
    }
    if (value_is_pointer(again)) {
        if (list_append(t, value_list(raised), value_dup(t, again)) < 0) goto done;
        n++;
    }
    if (n == 1) {
        result = list_get(t, value_list(raised), 0);
        goto done;
    }
    result = exception_group_new(t, NAME(empty), raised);
done:
    value_release(t, raised);
    value_release(t, reraised);
    value_release(t, again);
    return result;
}
