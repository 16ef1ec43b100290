// _functools: partial, reduce, cmp_to_key. The cache of lru_cache stands in lru_cache.c.
#include "runtime/modules/_functools.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "sync/safepoint.h"

// ---- Placeholder: one object, made with its type

static const TypeSpec placeholder_spec;
static inline bool is_placeholder(ValueRef v) { return is_spec(v, &placeholder_spec); }
static Value placeholder_repr(Thread *t, ValueRef self) { return str_from_text(t, "Placeholder"); }
static Value placeholder_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs || (kwnames && kwnames->length)) return raise(t, TYPE_ERROR, "PlaceholderType takes no arguments");
    Value name = str_intern_text(t, "_instance"), only = UNDEF;
    if (value_bits(name)) only = object_getattr(t, type, name);
    value_release(t, name);
    if (!value_bits(only) || is_placeholder(only)) return only;
    value_release(t, only);
    return raise(t, TYPE_ERROR, "_PlaceholderType._instance was changed");
}
NATIVE(placeholder_reduce) { return str_from_text(t, "Placeholder"); }
static const NativeDef placeholder_methods[] = {{"__reduce__", placeholder_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const TypeSpec placeholder_spec = {
    .name = "functools._PlaceholderType", .doc = "The type of what stands for an argument given later.", .size = sizeof(Container),
    .ops = {.new = placeholder_new, .repr = placeholder_repr}, .methods = placeholder_methods};

// ---- partial

typedef struct Partial {
    Container c;
    Value function, args, keywords; // callable, tuple, dict
    int64_t placeholders;           // how many of args are Placeholder
} Partial;
static const TypeSpec partial_spec;
static Partial *partial_of(ValueRef v) { return (Partial *)value_object(v); }

static int64_t count_placeholders(Tuple *args) {
    int64_t n = 0;
    for (int64_t i = 0; i < args->length; i++) n += is_placeholder(tuple_item(args, i));
    return n;
}

// The placeholders of `args` filled from `more` in order, and the rest of `more` behind: a tuple. Some may stay open.
static Value fill_placeholders(Thread *t, Tuple *args, const ValueRef *more, int64_t nmore) {
    int64_t open = count_placeholders(args), filled = open < nmore ? open : nmore, used = 0;
    Tuple *result = tuple_alloc(t, args->length + nmore - filled);
    if (!result) return UNDEF;
    for (int64_t i = 0; i < args->length; i++) {
        ValueRef v = tuple_item(args, i);
        if (used < filled && is_placeholder(v)) v = more[used++];
        slot_init(&result->items[i], value_dup(t, v));
    }
    for (int64_t i = args->length; used < nmore; i++) slot_init(&result->items[i], value_dup(t, more[used++]));
    return value_of(result);
}

static Value partial_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs < 1) return raise(t, TYPE_ERROR, "type 'partial' takes at least one argument");
    ValueRef function = args[0];
    if (!value_type(function)->ops.call) return raise(t, TYPE_ERROR, "the first argument must be callable");
    if (nargs > 1 && is_placeholder(args[nargs - 1])) return raise(t, TYPE_ERROR, "trailing Placeholders are not allowed");
    for (int64_t i = 0; kwnames && i < kwnames->length; i++)
        if (is_placeholder(args[nargs + i])) return raise(t, TYPE_ERROR, "Placeholder cannot be passed as a keyword argument");
    // A partial of a plain partial is one partial.
    Value inner_function = UNDEF, inner_args = UNDEF, inner_keywords = UNDEF, all = UNDEF, keywords = UNDEF;
    if (is_spec(function, &partial_spec) && value_type(function)->ops.call == partial_spec.ops.call) {
        Value own = instance_dict(t, function);
        if (!value_bits(own)) return UNDEF;
        bool plain = dict_length(value_dict(own)) == 0;
        value_release(t, own);
        if (plain) {
            Partial *inner = partial_of(function);
            inner_function = slot_get(t, &inner->function);
            inner_args = slot_get(t, &inner->args);
            inner_keywords = slot_get(t, &inner->keywords);
            function = inner_function;
        }
    }
    all = value_bits(inner_args) ? fill_placeholders(t, value_tuple(inner_args), args + 1, nargs - 1) : tuple_from_refs(t, args + 1, nargs - 1);
    keywords = value_bits(inner_keywords) ? dict_copy(t, value_dict(inner_keywords)) : dict_new(t);
    Partial *p = NULL;
    if (!value_bits(all) || !value_bits(keywords)) goto done;
    for (int64_t i = 0; kwnames && i < kwnames->length; i++)
        if (dict_set(t, value_dict(keywords), tuple_item(kwnames, i), args[nargs + i]) < 0) goto done;
    p = object_new(t, (Type *)value_object(type));
    if (!p) goto done;
    slot_init(&p->function, value_dup(t, function));
    slot_init(&p->args, all);
    slot_init(&p->keywords, keywords);
    p->placeholders = count_placeholders(value_tuple(all));
    all = keywords = UNDEF;
done:
    value_release(t, inner_function);
    value_release(t, inner_args);
    value_release(t, inner_keywords);
    value_release(t, all);
    value_release(t, keywords);
    return value_of(p);
}

static Value partial_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    enum { ON_STACK = 16 };
    Partial *p = partial_of(self);
    Value function = slot_get(t, &p->function), own = slot_get(t, &p->args), keywords = slot_get(t, &p->keywords), result = UNDEF, all = UNDEF, merged = UNDEF;
    int64_t open = __atomic_load_n(&p->placeholders, __ATOMIC_RELAXED);
    if (open) open = count_placeholders(value_tuple(own)); // of the arguments at hand
    if (nargs < open) {
        raise(t, TYPE_ERROR, "missing positional arguments in 'partial' call; expected at least %lld, got %u", (long long)open, nargs);
        goto done;
    }
    uint32_t nkw = kwnames ? (uint32_t)kwnames->length : 0;
    int64_t total = value_tuple(own)->length + nargs + nkw;
    if (!open && dict_length(value_dict(keywords)) == 0 && total <= ON_STACK) {
        ValueRef row[ON_STACK];
        int64_t n = 0;
        for (int64_t i = 0; i < value_tuple(own)->length; i++) row[n++] = tuple_item(value_tuple(own), i);
        for (uint32_t i = 0; i < nargs + nkw; i++) row[n++] = args[i];
        result = call_object(t, function, row, (uint32_t)(n - nkw), kwnames);
        goto done;
    }
    if (!value_bits(all = fill_placeholders(t, value_tuple(own), args, nargs))) goto done;
    if (nkw) {
        if (!value_bits(merged = dict_copy(t, value_dict(keywords)))) goto done;
        for (uint32_t i = 0; i < nkw; i++)
            if (dict_set(t, value_dict(merged), tuple_item(kwnames, i), args[nargs + i]) < 0) goto done;
    }
    result = call_tuple_dict(t, function, all, value_bits(merged) ? (ValueRef)merged : (ValueRef)keywords);
done:
    value_release(t, function);
    value_release(t, own);
    value_release(t, keywords);
    value_release(t, all);
    value_release(t, merged);
    return result;
}

static Value partial_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    return !value_bits(object) || is_none(object) ? value_dup(t, self) : method_new(t, self, object);
}

static Value partial_repr(Thread *t, ValueRef self) {
    int running = repr_enter(t, self);
    if (running) return running < 0 ? UNDEF : str_from_text(t, "...");
    Partial *p = partial_of(self);
    Value function = slot_get(t, &p->function), args = slot_get(t, &p->args), keywords = slot_get(t, &p->keywords);
    Value module = object_getattr_or_undef(t, value_of(value_type(self)), NAME(__module__)), text = UNDEF;
    if (!value_bits(module)) error_clear(t);
    text = value_bits(module) ? str_of_format(t, "%S.%S(%R", module, slot_borrow(&value_type(self)->qualname), function)
                              : str_of_format(t, "%S(%R", slot_borrow(&value_type(self)->qualname), function);
    for (int64_t i = 0; value_bits(text) && i < value_tuple(args)->length; i++) {
        Value longer = str_of_format(t, "%U, %R", value_str(text), tuple_item(value_tuple(args), i));
        value_release(t, text);
        text = longer;
    }
    int64_t position = 0;
    Value key, value;
    while (value_bits(text) && dict_next(t, value_dict(keywords), &position, &key, &value) > 0) {
        Value longer = str_of_format(t, "%U, %S=%R", value_str(text), key, value);
        value_release(t, key);
        value_release(t, value);
        value_release(t, text);
        text = longer;
    }
    if (value_bits(text)) {
        Value whole = str_of_format(t, "%U)", value_str(text));
        value_release(t, text);
        text = whole;
    }
    value_release(t, function);
    value_release(t, args);
    value_release(t, keywords);
    value_release(t, module);
    repr_leave(t, self);
    return text;
}

NATIVE(partial_reduce) {
    Partial *p = partial_of(self);
    Value own = instance_dict(t, self), only = UNDEF, state = UNDEF;
    if (!value_bits(own)) return UNDEF;
    if (dict_length(value_dict(own)) == 0) {
        value_release(t, own);
        own = NONE;
    }
    Value parts[4] = {slot_get(t, &p->function), slot_get(t, &p->args), slot_get(t, &p->keywords), own};
    ValueRef function[1] = {parts[0]};
    only = tuple_from_refs(t, function, 1);
    state = tuple_from_values(t, parts, 4);
    if (!value_bits(only) || !value_bits(state)) {
        value_release(t, only);
        value_release(t, state);
        return UNDEF;
    }
    Value whole[3] = {value_dup(t, value_of(value_type(self))), only, state};
    return tuple_from_values(t, whole, 3);
}
NATIVE(partial_setstate) {
    Tuple *state = value_is_any_tuple(args[0]) ? value_tuple(args[0]) : NULL;
    bool good = state && state->length == 4 && value_type(tuple_item(state, 0))->ops.call && value_is_any_tuple(tuple_item(state, 1)) &&
                (is_none(tuple_item(state, 2)) || value_is_any_dict(tuple_item(state, 2)));
    if (!good) return raise(t, TYPE_ERROR, "invalid partial state");
    Value arguments = tuple_from_iterable(t, tuple_item(state, 1)), keywords = UNDEF;
    if (!value_bits(arguments)) return UNDEF;
    Tuple *tuple = value_tuple(arguments);
    if (tuple->length && is_placeholder(tuple_item(tuple, tuple->length - 1))) {
        value_release(t, arguments);
        return raise(t, TYPE_ERROR, "trailing Placeholders are not allowed");
    }
    keywords = is_none(tuple_item(state, 2)) ? dict_new(t) : dict_copy(t, value_dict(tuple_item(state, 2)));
    if (!value_bits(keywords)) {
        value_release(t, arguments);
        return UNDEF;
    }
    Partial *p = partial_of(self);
    int64_t placeholders = count_placeholders(tuple);
    slot_store(t, p, &p->function, value_dup(t, tuple_item(state, 0)));
    slot_store(t, p, &p->args, arguments);
    slot_store(t, p, &p->keywords, keywords);
    __atomic_store_n(&p->placeholders, placeholders, __ATOMIC_RELAXED);
    ValueRef own = tuple_item(state, 3);
    Value attributes = is_none(own) ? dict_new(t) : value_dup(t, own);
    int bad = value_bits(attributes) ? object_setattr(t, self, NAME(__dict__), attributes) : -1;
    value_release(t, attributes);
    return bad < 0 ? UNDEF : NONE;
}
NATIVE(partial_class_getitem) { return generic_alias(t, self, args[0]); }
static void partial_traverse(Object *o, VisitFn visit, void *arg) {
    Partial *p = (Partial *)o;
    visit(&p->function, arg);
    visit(&p->args, arg);
    visit(&p->keywords, arg);
}
static void partial_destroy(Thread *t, Object *o) {
    Partial *p = (Partial *)o;
    value_release(t, p->function);
    value_release(t, p->args);
    value_release(t, p->keywords);
}
static void partial_clear(Thread *t, Object *o) { slot_store(t, o, &((Partial *)o)->function, NONE); }
static const NativeDef partial_methods[] = {
    {"__reduce__", partial_reduce, "($self, /)", NULL, 0}, {"__setstate__", partial_setstate, "($self, state, /)", NULL, 0},
    {"__class_getitem__", partial_class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static const MemberDef partial_members[] = {
    {"func", offsetof(Partial, function), MEMBER_VALUE, false, "The function that is called."},
    {"args", offsetof(Partial, args), MEMBER_VALUE, false, "Its first arguments."},
    {"keywords", offsetof(Partial, keywords), MEMBER_VALUE, false, "Its keyword arguments."}, MEMBER_END};
static const TypeSpec partial_spec = {
    .name = "functools.partial", .doc = "A function with some of its arguments given.", .size = sizeof(Partial),
    .flags = TYPE_BASE | TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE, .ops = {.new = partial_new, .call = partial_call, .repr = partial_repr, .descr_get = partial_get},
    .methods = partial_methods, .members = partial_members, .new_signature = "(func, /, *args, **keywords)", .destroy = partial_destroy,
    .traverse = partial_traverse, .clear = partial_clear};

// ---- cmp_to_key

typedef struct KeyWrapper {
    Container c;
    Value compare, object; // object UNDEF: it is called to wrap one
} KeyWrapper;
static KeyWrapper *key_of(ValueRef v) { return (KeyWrapper *)value_object(v); }

static Value key_make(Thread *t, Type *type, ValueRef compare, ValueRef object) {
    KeyWrapper *k = object_new(t, type);
    if (!k) return UNDEF;
    slot_init(&k->compare, value_dup(t, compare));
    slot_init(&k->object, value_dup(t, object));
    return value_of(k);
}
static Value key_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef object[1];
    if (args_bind(t, "K", "(obj)", args, nargs, kwnames, object) < 0) return UNDEF;
    return key_make(t, value_type(self), key_of(self)->compare, object[0]);
}
static Value key_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_pointer(b) || value_type(b) != value_type(a)) return raise(t, TYPE_ERROR, "other argument must be K instance");
    Value x = slot_get(t, &key_of(a)->object), y = slot_get(t, &key_of(b)->object), result = UNDEF;
    if (!value_bits(x) || !value_bits(y)) {
        raise(t, ATTRIBUTE_ERROR, "object");
    } else {
        Value order = call_2(t, key_of(a)->compare, x, y);
        if (value_bits(order)) result = object_compare(t, order, value_int(0), op);
        value_release(t, order);
    }
    value_release(t, x);
    value_release(t, y);
    return result;
}
static void key_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((KeyWrapper *)o)->compare, arg);
    visit(&((KeyWrapper *)o)->object, arg);
}
static void key_destroy(Thread *t, Object *o) {
    value_release(t, ((KeyWrapper *)o)->compare);
    value_release(t, ((KeyWrapper *)o)->object);
}
static const MemberDef key_members[] = {{"obj", offsetof(KeyWrapper, object), MEMBER_VALUE, true, "The value that is compared."}, MEMBER_END};
static const TypeSpec key_wrapper_spec = {
    .name = "functools.KeyWrapper", .size = sizeof(KeyWrapper), .flags = TYPE_NO_NEW,
    .ops = {.call = key_call, .compare = key_compare, .hash = object_hash_not_implemented}, .members = key_members, .destroy = key_destroy, .traverse = key_traverse};

// ---- the module

typedef struct State { Value key_wrapper; } State;

NATIVE(cmp_to_key) { return key_make(t, (Type *)value_object(((State *)module_state(self))->key_wrapper), args[0], UNDEF); }

NATIVE(reduce) {
    Value it = object_iter(t, args[1]), result = value_dup(t, args[2]);
    if (!value_bits(it)) {
        value_release(t, result);
        if (error_matches(t, EXCEPTION(TYPE_ERROR))) {
            error_clear(t);
            raise(t, TYPE_ERROR, "reduce() arg 2 must support iteration");
        }
        return UNDEF;
    }
    for (;;) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto failed;
        Value item = object_next(t, it);
        if (!value_bits(item)) {
            if (error_pending(t)) goto failed;
            break;
        }
        if (!value_bits(result)) {
            result = item;
            continue;
        }
        Value next = call_2(t, args[0], result, item);
        value_release(t, item);
        value_release(t, result);
        result = next;
        if (!value_bits(result)) goto failed;
    }
    value_release(t, it);
    return value_bits(result) ? result : raise(t, TYPE_ERROR, "reduce() of empty iterable with no initial value");
failed:
    value_release(t, it);
    value_release(t, result);
    return UNDEF;
}
static const NativeDef functions[] = {
    {"cmp_to_key", cmp_to_key, "($module, /, mycmp)", "A key function of a comparison function.", 0},
    {"reduce", reduce, "($module, function, iterable, /, initial=<unrepresentable>)", "The items folded from the left.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    State *state = module_state(module);
    Type *placeholder = module_type(t, module, NULL, &placeholder_spec);
    if (module_add_type(t, module, placeholder) < 0) return -1;
    Value only = value_of(object_new(t, placeholder));
    if (!value_bits(only) || dict_set_text(t, value_dict(slot_borrow(&placeholder->dict)), "_instance", value_dup(t, only)) < 0) {
        value_release(t, only);
        return -1;
    }
    if (module_add(t, module, "Placeholder", only) < 0 || module_export_type(t, module, NULL, &partial_spec) < 0 ||
        !module_type(t, module, &state->key_wrapper, &key_wrapper_spec))
        return -1;
    Type *link = module_type(t, module, NULL, &lru_link_spec), *wrapper = module_type(t, module, NULL, &lru_cache_wrapper_spec);
    return companion_add(t, wrapper, "_lru_list_elem", link) < 0 ? -1 : module_add_type(t, module, wrapper);
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->key_wrapper, arg); }
const ModuleSpec _functools_module = {
    .name = "_functools", .doc = "Functions on functions.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
