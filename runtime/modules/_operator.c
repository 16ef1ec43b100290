// _operator: Python's operators as functions, and itemgetter, attrgetter, methodcaller.
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "sync/safepoint.h"

static Value truth_value(int truth) { return truth < 0 ? UNDEF : value_bool(truth); }

#define UNARY(name, operation) NATIVE(name) { return operation(t, args[0]); }
UNARY(op_abs, object_absolute)
UNARY(op_neg, object_negative)
UNARY(op_pos, object_positive)
UNARY(op_invert, object_invert)
UNARY(op_index, object_index)
NATIVE(op_truth) { return truth_value(object_is_true(t, args[0])); }
NATIVE(op_not) {
    int truth = object_is_true(t, args[0]);
    return truth < 0 ? UNDEF : value_bool(!truth);
}
NATIVE(op_is) { return value_bool(value_bits(args[0]) == value_bits(args[1])); }
NATIVE(op_is_not) { return value_bool(value_bits(args[0]) != value_bits(args[1])); }
NATIVE(op_is_none) { return value_bool(is_none(args[0])); }
NATIVE(op_is_not_none) { return value_bool(!is_none(args[0])); }

// BINARY(python name, operator): the function and its in-place form
#define BINARY_TABLE(B) \
    B(add, BIN_ADD) B(sub, BIN_SUB) B(mul, BIN_MUL) B(truediv, BIN_DIV) B(floordiv, BIN_FLOORDIV) B(mod, BIN_MOD) B(pow, BIN_POW) B(matmul, BIN_MATMUL) \
    B(lshift, BIN_LSHIFT) B(rshift, BIN_RSHIFT) B(and, BIN_AND) B(or, BIN_OR) B(xor, BIN_XOR)
#define B(name, op)                                                     \
    NATIVE(op_##name) { return object_binary(t, op, args[0], args[1]); } \
    NATIVE(op_i##name) { return object_inplace(t, op, args[0], args[1]); }
BINARY_TABLE(B)
#undef B
#define COMPARE_TABLE(C) C(lt, CMP_LT) C(le, CMP_LE) C(eq, CMP_EQ) C(ne, CMP_NE) C(gt, CMP_GT) C(ge, CMP_GE)
#define C(name, op) NATIVE(op_##name) { return object_compare(t, args[0], args[1], op); }
COMPARE_TABLE(C)
#undef C

static Value concat(Thread *t, ValueRef a, ValueRef b, bool inplace) {
    const TypeOps *ops = &value_type(a)->ops;
    bool sequence = ops->concat || (ops->getitem && value_type(b)->ops.getitem && !value_is_any_dict(a));
    if (!sequence) return raise(t, TYPE_ERROR, "'%T' object can't be concatenated", a);
    return inplace ? object_inplace(t, BIN_ADD, a, b) : object_binary(t, BIN_ADD, a, b);
}
NATIVE(op_concat) { return concat(t, args[0], args[1], false); }
NATIVE(op_iconcat) { return concat(t, args[0], args[1], true); }
NATIVE(op_getitem) { return object_getitem(t, args[0], args[1]); }
NATIVE(op_setitem) { return object_setitem(t, args[0], args[1], args[2]) < 0 ? UNDEF : NONE; }
NATIVE(op_delitem) { return object_setitem(t, args[0], args[1], UNDEF) < 0 ? UNDEF : NONE; }
NATIVE(op_contains) { return truth_value(object_contains(t, args[0], args[1])); }

// Goes through the iterable for items equal to `item`: their number, or (first) the index of the first; -1 with an exception.
static int64_t search(Thread *t, ValueRef iterable, ValueRef item, bool first) {
    Value it = object_iter(t, iterable);
    if (!value_bits(it)) {
        if (error_matches(t, EXCEPTION(TYPE_ERROR))) {
            error_clear(t);
            raise(t, TYPE_ERROR, "argument of type '%T' is not iterable", iterable);
        }
        return -1;
    }
    int64_t n = 0, index = 0;
    for (;; index++) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) break;
        Value v = object_next(t, it);
        if (!value_bits(v)) {
            if (!error_pending(t)) {
                value_release(t, it);
                return first ? raise_int(t, VALUE_ERROR, "sequence.index(x): x not in sequence") : n;
            }
            break;
        }
        int equal = object_equal(t, v, item);
        value_release(t, v);
        if (equal < 0) break;
        if (equal && first) {
            value_release(t, it);
            return index;
        }
        n += equal;
    }
    value_release(t, it);
    return -1;
}
NATIVE(op_count_of) {
    int64_t n = search(t, args[0], args[1], false);
    return n < 0 ? UNDEF : value_int(n);
}
NATIVE(op_index_of) {
    int64_t n = search(t, args[0], args[1], true);
    return n < 0 ? UNDEF : value_int(n);
}
NATIVE(op_length_hint) {
    int64_t otherwise = 0;
    if (value_bits(args[1]) && arg_index(t, args[1], &otherwise) < 0) return UNDEF;
    int64_t n = object_length_hint(t, args[0], otherwise);
    return n < 0 && error_pending(t) ? UNDEF : int_from_int64(t, n);
}
NATIVE(op_call) {
    if (nargs < 1) return raise(t, TYPE_ERROR, "call expected at least 1 argument, got 0");
    return call_object(t, args[0], args + 1, nargs - 1, kwnames);
}

// Takes the same time for all secrets of a length.
NATIVE(op_compare_digest) {
    const uint8_t *a, *b;
    size_t na, nb;
    Buffer va = {0}, vb = {0};
    bool text = value_is_any_str(args[0]) && value_is_any_str(args[1]);
    if (text) {
        if (!str_is_ascii(value_str(args[0])) || !str_is_ascii(value_str(args[1])))
            return raise(t, TYPE_ERROR, "comparing strings with non-ASCII characters is not supported");
        a = str_data(value_str(args[0]));
        b = str_data(value_str(args[1]));
        na = str_length(value_str(args[0]));
        nb = str_length(value_str(args[1]));
    } else {
        if (!value_has_buffer(args[0]) && !value_has_buffer(args[1]))
            return raise(t, TYPE_ERROR, "unsupported operand types(s) or combination of types: '%T' and '%T'", args[0], args[1]);
        if (buffer_get(t, args[0], &va, BUFFER_READ) < 0) return UNDEF;
        if (buffer_get(t, args[1], &vb, BUFFER_READ) < 0) {
            buffer_release(t, &va);
            return UNDEF;
        }
        a = va.data;
        b = vb.data;
        na = (size_t)va.length;
        nb = (size_t)vb.length;
    }
    volatile uint8_t difference = na != nb;
    const uint8_t *other = na == nb ? a : b;
    for (size_t i = 0; i < nb; i++) difference = (uint8_t)(difference | (other[i] ^ b[i]));
    if (!text) {
        buffer_release(t, &va);
        buffer_release(t, &vb);
    }
    return value_bool(difference == 0);
}

// ---- itemgetter, attrgetter: one layout

typedef struct Getter {
    Container c;
    Value items; // tuple of what was given
    Value parts; // attrgetter: tuple of tuples of names, the given ones split at their dots
} Getter;
static Getter *getter_of(ValueRef v) { return (Getter *)value_object(v); }

static const TypeSpec itemgetter_spec, attrgetter_spec, methodcaller_spec;

static Value getter_alloc(Thread *t, ValueRef type, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, name, kwnames) < 0) return UNDEF;
    if (nargs == 0) return raise(t, TYPE_ERROR, "%s expected 1 argument, got 0", name);
    Getter *g = object_new(t, (Type *)value_object(type));
    if (!g) return UNDEF;
    Value items = tuple_from_refs(t, args, nargs);
    if (!value_bits(items)) {
        object_release(t, g);
        return UNDEF;
    }
    slot_init(&g->items, items);
    return value_of(g);
}
static int one_argument(Thread *t, const char *name, uint32_t nargs, Tuple *kwnames) {
    return args_no_keywords(t, name, kwnames) < 0 ? -1 : args_count(t, name, nargs, 1, 1);
}

static Value itemgetter_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return getter_alloc(t, type, "itemgetter", args, nargs, kwnames);
}
static Value itemgetter_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (one_argument(t, "itemgetter", nargs, kwnames) < 0) return UNDEF;
    Tuple *items = value_tuple(getter_of(self)->items);
    if (items->length == 1) return object_getitem(t, args[0], tuple_item(items, 0));
    Tuple *result = tuple_alloc(t, items->length);
    for (int64_t i = 0; result && i < items->length; i++) {
        Value v = object_getitem(t, args[0], tuple_item(items, i));
        if (!value_bits(v)) {
            object_release(t, result);
            return UNDEF;
        }
        slot_init(&result->items[i], v);
    }
    return value_of(result);
}

// "a.b.c" as a tuple of interned names.
static Value split_name(Thread *t, ValueRef name) {
    Str *s = value_str(name);
    size_t n = str_length(s), parts = 1, start = 0;
    for (size_t i = 0; i < n; i++) parts += str_char(s, i) == '.';
    Tuple *tuple = tuple_alloc(t, (int64_t)parts);
    if (!tuple) return UNDEF;
    size_t k = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && str_char(s, i) != '.') continue;
        Value part = str_substring(t, s, start, i);
        if (value_bits(part) && value_is(part, STR)) part = str_intern(t, part);
        if (!value_bits(part)) {
            object_release(t, tuple);
            return UNDEF;
        }
        slot_init(&tuple->items[k++], part);
        start = i + 1;
    }
    return value_of(tuple);
}
static Value attrgetter_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value self = getter_alloc(t, type, "attrgetter", args, nargs, kwnames), parts = UNDEF;
    if (!value_bits(self)) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++)
        if (!value_is_any_str(args[i])) {
            raise(t, TYPE_ERROR, "attribute name must be a string");
            goto failed;
        }
    Tuple *tuple = tuple_alloc(t, nargs);
    if (!tuple) goto failed;
    parts = value_of(tuple);
    for (uint32_t i = 0; i < nargs; i++) {
        Value names = split_name(t, args[i]);
        if (!value_bits(names)) goto failed;
        slot_init(&tuple->items[i], names);
    }
    slot_store(t, getter_of(self), &getter_of(self)->parts, parts);
    return self;
failed:
    value_release(t, parts);
    value_release(t, self);
    return UNDEF;
}
static Value get_path(Thread *t, ValueRef object, Tuple *names) {
    Value at = value_dup(t, object);
    for (int64_t i = 0; i < names->length && value_bits(at); i++) {
        Value next = object_getattr(t, at, tuple_item(names, i));
        value_release(t, at);
        at = next;
    }
    return at;
}
static Value attrgetter_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (one_argument(t, "attrgetter", nargs, kwnames) < 0) return UNDEF;
    Tuple *parts = value_tuple(getter_of(self)->parts);
    if (parts->length == 1) return get_path(t, args[0], value_tuple(tuple_item(parts, 0)));
    Tuple *result = tuple_alloc(t, parts->length);
    for (int64_t i = 0; result && i < parts->length; i++) {
        Value v = get_path(t, args[0], value_tuple(tuple_item(parts, i)));
        if (!value_bits(v)) {
            object_release(t, result);
            return UNDEF;
        }
        slot_init(&result->items[i], v);
    }
    return value_of(result);
}

static Value getter_repr(Thread *t, ValueRef self) {
    int running = repr_enter(t, self);
    if (running) return running < 0 ? UNDEF : str_of_format(t, "%T(...)", self);
    Tuple *items = value_tuple(getter_of(self)->items);
    Value r = items->length == 1 ? str_of_format(t, "%T(%R)", self, tuple_item(items, 0)) : str_of_format(t, "%T%R", self, (ValueRef)getter_of(self)->items);
    repr_leave(t, self);
    return r;
}
NATIVE(getter_reduce) { return tuple_pair(t, value_dup(t, value_of(value_type(self))), value_dup(t, getter_of(self)->items)); }
static void getter_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Getter *)o)->items, arg);
    visit(&((Getter *)o)->parts, arg);
}
static void getter_destroy(Thread *t, Object *o) {
    value_release(t, ((Getter *)o)->items);
    value_release(t, ((Getter *)o)->parts);
}
static const NativeDef getter_methods[] = {{"__reduce__", getter_reduce, "($self, /)", "What pickle stores.", 0}, NATIVE_END};
// What inspect.signature shows of the callables.
static Value callable_signature(Thread *t, ValueRef self) { return str_from_text(t, "(obj, /)"); }
static const GetSetDef callable_getset[] = {{"__text_signature__", callable_signature, NULL, NULL}, GETSET_END};

static const TypeSpec itemgetter_spec = {
    .name = "operator.itemgetter", .doc = "Fetches the given items of its argument.", .size = sizeof(Getter), .flags = 0,
    .ops = {.new = itemgetter_new, .call = itemgetter_call, .repr = getter_repr}, .methods = getter_methods, .getset = callable_getset, .new_signature = "(item, /, *items)",
    .destroy = getter_destroy, .traverse = getter_traverse};
static const TypeSpec attrgetter_spec = {
    .name = "operator.attrgetter", .doc = "Fetches the given attributes of its argument.", .size = sizeof(Getter), .flags = 0,
    .ops = {.new = attrgetter_new, .call = attrgetter_call, .repr = getter_repr}, .methods = getter_methods, .getset = callable_getset, .new_signature = "(attr, /, *attrs)",
    .destroy = getter_destroy, .traverse = getter_traverse};

// ---- methodcaller

typedef struct MethodCaller {
    Container c;
    Value name, args; // args: the positional ones and then the keywords' values
    Value kwnames;    // tuple or UNDEF
} MethodCaller;
static MethodCaller *caller_of(ValueRef v) { return (MethodCaller *)value_object(v); }
static int64_t keyword_count(const MethodCaller *m) { return value_bits(m->kwnames) ? value_tuple(m->kwnames)->length : 0; }

static Value methodcaller_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs == 0) return raise(t, TYPE_ERROR, "methodcaller needs at least one argument, the method name");
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "method name must be a string");
    uint32_t nkw = kwnames ? (uint32_t)kwnames->length : 0;
    MethodCaller *m = object_new(t, (Type *)value_object(type));
    if (!m) return UNDEF;
    Value name = value_dup(t, args[0]);
    if (value_is(name, STR)) name = str_intern(t, name);
    slot_init(&m->name, name);
    Value rest = tuple_from_refs(t, args + 1, nargs - 1 + nkw);
    if (!value_bits(name) || !value_bits(rest)) {
        value_release(t, rest);
        object_release(t, m);
        return UNDEF;
    }
    slot_init(&m->args, rest);
    if (nkw) slot_init(&m->kwnames, value_dup(t, value_of(kwnames)));
    return value_of(m);
}
static Value methodcaller_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (one_argument(t, "methodcaller", nargs, kwnames) < 0) return UNDEF;
    MethodCaller *m = caller_of(self);
    Tuple *rest = value_tuple(m->args);
    if (!value_bits(m->kwnames)) return call_method(t, args[0], m->name, value_refs(rest->items), (uint32_t)rest->length);
    Value method = object_getattr(t, args[0], m->name);
    if (!value_bits(method)) return UNDEF;
    Value r = call_object(t, method, value_refs(rest->items), (uint32_t)(rest->length - keyword_count(m)), value_tuple(m->kwnames));
    value_release(t, method);
    return r;
}
static Value methodcaller_repr(Thread *t, ValueRef self) {
    int running = repr_enter(t, self);
    if (running) return running < 0 ? UNDEF : str_of_format(t, "%T(...)", self);
    MethodCaller *m = caller_of(self);
    Tuple *rest = value_tuple(m->args);
    int64_t positional = rest->length - keyword_count(m);
    Value text = str_of_format(t, "%T(%R", self, (ValueRef)m->name);
    for (int64_t i = 0; i <= rest->length && value_bits(text); i++) {
        Value longer = i == rest->length  ? str_of_format(t, "%U)", value_str(text))
                       : i < positional   ? str_of_format(t, "%U, %R", value_str(text), tuple_item(rest, i))
                                          : str_of_format(t, "%U, %S=%R", value_str(text), tuple_item(value_tuple(m->kwnames), i - positional), tuple_item(rest, i));
        value_release(t, text);
        text = longer;
    }
    repr_leave(t, self);
    return text;
}
NATIVE(methodcaller_reduce) {
    MethodCaller *m = caller_of(self);
    Tuple *rest = value_tuple(m->args);
    int64_t positional = rest->length - keyword_count(m);
    Value type = value_dup(t, value_of(value_type(self)));
    if (!value_bits(m->kwnames)) {
        Tuple *all = tuple_alloc(t, rest->length + 1);
        if (!all) {
            value_release(t, type);
            return UNDEF;
        }
        slot_init(&all->items[0], value_dup(t, m->name));
        for (int64_t i = 0; i < rest->length; i++) slot_init(&all->items[i + 1], value_dup(t, tuple_item(rest, i)));
        return tuple_pair(t, type, value_of(all));
    }
    // partial(methodcaller, name, **keywords) called with the positional ones
    Value functools = UNDEF, partial = UNDEF, dict = UNDEF, head = UNDEF, constructor = UNDEF, tail = UNDEF, result = UNDEF;
    ValueRef import_args[1] = {NAME(functools)}, head_args[2] = {type, m->name};
    Value import = dict_get(t, value_dict(t->interp->builtins_dict), NAME(__import__));
    if (value_bits(import)) functools = call_object(t, import, import_args, 1, NULL);
    if (value_bits(functools)) partial = object_getattr(t, functools, NAME(partial));
    if (value_bits(partial)) dict = dict_new(t);
    if (!value_bits(dict)) goto done;
    for (int64_t i = positional; i < rest->length; i++)
        if (dict_set(t, value_dict(dict), tuple_item(value_tuple(m->kwnames), i - positional), tuple_item(rest, i)) < 0) goto done;
    head = tuple_from_refs(t, head_args, 2);
    tail = tuple_slice(t, m->args, 0, positional);
    if (value_bits(head) && value_bits(tail)) constructor = call_tuple_dict(t, partial, head, dict);
    if (value_bits(constructor)) result = tuple_pair(t, value_dup(t, constructor), value_dup(t, tail));
done:
    value_release(t, type);
    value_release(t, import);
    value_release(t, functools);
    value_release(t, partial);
    value_release(t, dict);
    value_release(t, head);
    value_release(t, tail);
    value_release(t, constructor);
    return result;
}
static void methodcaller_traverse(Object *o, VisitFn visit, void *arg) {
    MethodCaller *m = (MethodCaller *)o;
    visit(&m->name, arg);
    visit(&m->args, arg);
    visit(&m->kwnames, arg);
}
static void methodcaller_destroy(Thread *t, Object *o) {
    MethodCaller *m = (MethodCaller *)o;
    value_release(t, m->name);
    value_release(t, m->args);
    value_release(t, m->kwnames);
}
static const NativeDef methodcaller_methods[] = {{"__reduce__", methodcaller_reduce, "($self, /)", "What pickle stores.", 0}, NATIVE_END};
static const TypeSpec methodcaller_spec = {
    .name = "operator.methodcaller", .doc = "Calls the given method of its argument.", .size = sizeof(MethodCaller), .flags = 0,
    .ops = {.new = methodcaller_new, .call = methodcaller_call, .repr = methodcaller_repr}, .methods = methodcaller_methods, .getset = callable_getset,
    .new_signature = "(name, /, *args, **kwargs)", .destroy = methodcaller_destroy, .traverse = methodcaller_traverse};

// ---- the module

#define ONE(name, function, doc) {name, function, "($module, a, /)", doc, 0}
#define TWO(name, function, doc) {name, function, "($module, a, b, /)", doc, 0}
static const NativeDef functions[] = {
    ONE("abs", op_abs, "abs(a)."), ONE("neg", op_neg, "-a."), ONE("pos", op_pos, "+a."), ONE("inv", op_invert, "~a."), ONE("invert", op_invert, "~a."),
    ONE("index", op_index, "a.__index__()."), ONE("truth", op_truth, "Whether a is true."), ONE("not_", op_not, "not a."),
    ONE("is_none", op_is_none, "a is None."), ONE("is_not_none", op_is_not_none, "a is not None."), TWO("is_", op_is, "a is b."), TWO("is_not", op_is_not, "a is not b."),
    TWO("add", op_add, "a + b."), TWO("sub", op_sub, "a - b."), TWO("mul", op_mul, "a * b."), TWO("truediv", op_truediv, "a / b."),
    TWO("floordiv", op_floordiv, "a // b."), TWO("mod", op_mod, "a % b."), TWO("pow", op_pow, "a ** b."), TWO("matmul", op_matmul, "a @ b."),
    TWO("lshift", op_lshift, "a << b."), TWO("rshift", op_rshift, "a >> b."), TWO("and_", op_and, "a & b."), TWO("or_", op_or, "a | b."), TWO("xor", op_xor, "a ^ b."),
    TWO("iadd", op_iadd, "a += b."), TWO("isub", op_isub, "a -= b."), TWO("imul", op_imul, "a *= b."), TWO("itruediv", op_itruediv, "a /= b."),
    TWO("ifloordiv", op_ifloordiv, "a //= b."), TWO("imod", op_imod, "a %= b."), TWO("ipow", op_ipow, "a **= b."), TWO("imatmul", op_imatmul, "a @= b."),
    TWO("ilshift", op_ilshift, "a <<= b."), TWO("irshift", op_irshift, "a >>= b."), TWO("iand", op_iand, "a &= b."), TWO("ior", op_ior, "a |= b."),
    TWO("ixor", op_ixor, "a ^= b."), TWO("lt", op_lt, "a < b."), TWO("le", op_le, "a <= b."), TWO("eq", op_eq, "a == b."), TWO("ne", op_ne, "a != b."),
    TWO("gt", op_gt, "a > b."), TWO("ge", op_ge, "a >= b."), TWO("concat", op_concat, "a + b, for sequences."), TWO("iconcat", op_iconcat, "a += b, for sequences."),
    TWO("getitem", op_getitem, "a[b]."), TWO("delitem", op_delitem, "del a[b]."), {"setitem", op_setitem, "($module, a, b, c, /)", "a[b] = c.", 0},
    TWO("contains", op_contains, "b in a."), TWO("countOf", op_count_of, "How many items of a equal b."), TWO("indexOf", op_index_of, "The index of the first item of a that equals b."),
    {"length_hint", op_length_hint, "($module, obj, default=0, /)", "A guess at the number of items.", 0},
    {"call", op_call, "($module, obj, /, *args, **kwargs)", "obj(*args, **kwargs).", NATIVE_RAW},
    TWO("_compare_digest", op_compare_digest, "a == b, in a time that does not tell where they differ."), NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    return module_export_type(t, module, NULL, &itemgetter_spec) < 0 || module_export_type(t, module, NULL, &attrgetter_spec) < 0 ||
                   module_export_type(t, module, NULL, &methodcaller_spec) < 0
               ? -1
               : 0;
}
const ModuleSpec _operator_module = {.name = "_operator", .doc = "Operators as functions.", .functions = functions, .exec = exec};
