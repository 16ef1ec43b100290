// types.GenericAlias and typing.Union. Both are immutable; what they work out later (the parameters) any thread may store.
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static GenericAlias *value_alias(ValueRef v) { return (GenericAlias *)value_object(v); }
static Union *value_union(ValueRef v) { return (Union *)value_object(v); }
static bool is_none(ValueRef v) { return value_bits(v) == value_bits(NONE); }

// ---- text of a type argument
static int type_text(Thread *t, StrBuilder *b, ValueRef v);

static int add_repr(Thread *t, StrBuilder *b, ValueRef v) {
    Value text = object_repr(t, v);
    if (text == UNDEF) return -1;
    str_builder_str(b, value_str(text));
    value_release(t, text);
    return 0;
}
static int list_text(Thread *t, StrBuilder *b, List *list) {
    str_builder_char(b, '[');
    int result = 0;
    int64_t length = list_length(list);
    for (int64_t i = 0; result == 0 && i < length; i++) {
        Value item = list_get(t, list, i);
        if (item == UNDEF) return raise_int(t, INDEX_ERROR, "list index out of range"); // a repr has shortened it
        if (i) str_builder_text(b, ", ", 2);
        result = type_text(t, b, item);
        value_release(t, item);
    }
    str_builder_char(b, ']');
    return result;
}
// As repr, but types by their names ("int", "module.Class") and Ellipsis as dots.
static int type_text(Thread *t, StrBuilder *b, ValueRef v) {
    if (value_bits(v) == value_bits(ELLIPSIS)) {
        str_builder_text(b, "...", 3);
        return 0;
    }
    if (native_stack_exhausted(t, " while getting the repr of an object")) return -1;
    if (value_is(v, LIST)) return list_text(t, b, value_list(v));
    Value origin = object_getattr_or_undef(t, v, NAME(__origin__)), arguments = UNDEF;
    if (origin != UNDEF) arguments = object_getattr_or_undef(t, v, NAME(__args__));
    bool generic = arguments != UNDEF;
    value_release(t, origin);
    value_release(t, arguments);
    if (error_pending(t)) return -1;
    if (generic) return add_repr(t, b, v);
    Value name = object_getattr_or_undef(t, v, NAME(__qualname__)), module = UNDEF;
    int result = 0;
    if (name != UNDEF) module = object_getattr_or_undef(t, v, NAME(__module__));
    if (error_pending(t)) {
        result = -1;
    } else if (name == UNDEF || module == UNDEF || is_none(module)) {
        result = add_repr(t, b, v);
    } else {
        Value text = value_is_any_str(module) && str_equal_text(value_str(module), "builtins") ? object_str(t, name)
                                                                                                : str_of_format(t, "%S.%S", (ValueRef)module, (ValueRef)name);
        if (text == UNDEF) result = -1;
        else str_builder_str(b, value_str(text));
        value_release(t, text);
    }
    value_release(t, name);
    value_release(t, module);
    return result;
}

// ---- type parameters
static int add_unique(Thread *t, List *list, ValueRef v) {
    for (int64_t i = 0; i < list->length; i++)
        if (value_bits(list->items->item[i]) == value_bits(v)) return 0;
    return list_append(t, list, value_dup(t, v));
}
static int collect_parameters(Thread *t, List *found, Tuple *arguments) {
    for (int64_t i = 0; i < arguments->length; i++) {
        ValueRef v = arguments->items[i];
        if (value_is_type(v)) continue;
        if (value_is_any_tuple(v) || value_is_any_list(v)) {
            if (native_stack_exhausted(t, " while collecting type parameters")) return -1;
            Value inner = tuple_from_iterable(t, v);
            int result = inner == UNDEF ? -1 : collect_parameters(t, found, value_tuple(inner));
            value_release(t, inner);
            if (result < 0) return -1;
            continue;
        }
        Value subst = object_getattr_or_undef(t, v, NAME(__typing_subst__));
        if (subst != UNDEF) {
            value_release(t, subst);
            if (add_unique(t, found, v) < 0) return -1;
            continue;
        }
        if (error_pending(t)) return -1;
        Value inner = object_getattr_or_undef(t, v, NAME(__parameters__));
        if (inner == UNDEF && error_pending(t)) return -1;
        int result = 0;
        if (value_is_any_tuple(inner))
            for (int64_t k = 0; result == 0 && k < value_tuple(inner)->length; k++) result = add_unique(t, found, value_tuple(inner)->items[k]);
        value_release(t, inner);
        if (result < 0) return -1;
    }
    return 0;
}
// The parameters of `arguments`, from *cache or worked out and stored there. Owned.
static Value parameters_of(Thread *t, Object *holder, Value *cache, ValueRef arguments) {
    Value known = slot_get(t, cache);
    if (known != UNDEF) return known;
    Value list = list_new(t, 0), found = UNDEF;
    if (list != UNDEF && collect_parameters(t, value_list(list), value_tuple(arguments)) == 0) found = list_snapshot(t, value_list(list));
    value_release(t, list);
    if (found == UNDEF) return UNDEF;
    Guard g;
    guard_begin(t, &g, holder);
    if (slot_borrow(cache) == UNDEF) slot_store(t, holder, cache, value_dup(t, found));
    guard_end(t, &g);
    return found;
}

// ---- substitution (PEP 646: a starred argument stands for several)
// The arguments in item, those of starred tuples in their place. A list, owned.
static Value unpacked(Thread *t, ValueRef item) {
    Value items = value_is_any_tuple(item) ? tuple_from_iterable(t, item) : tuple_from_refs(t, &item, 1), list = UNDEF;
    if (items == UNDEF) return UNDEF;
    list = list_new(t, 0);
    bool failed = list == UNDEF;
    for (int64_t i = 0; !failed && i < value_tuple(items)->length; i++) {
        ValueRef v = value_tuple(items)->items[i];
        Value inner = value_is_type(v) ? UNDEF : object_getattr_or_undef(t, v, NAME(__typing_unpacked_tuple_args__));
        if (error_pending(t)) {
            failed = true;
        } else {
            Tuple *several = value_is_any_tuple(inner) ? value_tuple(inner) : NULL;
            if (several && !(several->length && value_bits(several->items[several->length - 1]) == value_bits(ELLIPSIS)))
                failed = list_extend(t, value_list(list), inner) < 0;
            else
                failed = list_append(t, value_list(list), value_dup(t, v)) < 0;
        }
        value_release(t, inner);
    }
    value_release(t, items);
    if (failed) VALUE_CLEAR(t, list);
    return list;
}

static int64_t position_of(Tuple *parameters, ValueRef v) {
    for (int64_t i = 0; i < parameters->length; i++)
        if (value_bits(parameters->items[i]) == value_bits(v)) return i;
    return -1;
}

// v[...] with what stands for v's own parameters, or v itself where it has none.
static Value substitute_inside(Thread *t, ValueRef v, Tuple *parameters, Tuple *items) {
    Value inner = object_getattr_or_undef(t, v, NAME(__parameters__));
    if (inner == UNDEF && error_pending(t)) return UNDEF;
    if (!value_is_any_tuple(inner) || value_tuple(inner)->length == 0) {
        value_release(t, inner);
        return value_dup(t, v);
    }
    Value list = list_new(t, 0), result = UNDEF;
    bool failed = list == UNDEF;
    for (int64_t i = 0; !failed && i < value_tuple(inner)->length; i++) {
        ValueRef parameter = value_tuple(inner)->items[i];
        int64_t at = position_of(parameters, parameter);
        if (at < 0) failed = list_append(t, value_list(list), value_dup(t, parameter)) < 0;
        else if (value_type(parameter)->ops.iter && value_is_any_tuple(items->items[at])) failed = list_extend(t, value_list(list), items->items[at]) < 0;
        else failed = list_append(t, value_list(list), value_dup(t, items->items[at])) < 0;
    }
    if (!failed) {
        Value key = list_snapshot(t, value_list(list));
        if (key != UNDEF) result = object_getitem(t, v, key);
        value_release(t, key);
    }
    value_release(t, list);
    value_release(t, inner);
    return result;
}

// Appends to `out` what becomes of each of the arguments.
static int substitute_all(Thread *t, List *out, Tuple *arguments, Tuple *parameters, Tuple *items) {
    for (int64_t i = 0; i < arguments->length; i++) {
        ValueRef v = arguments->items[i];
        Value made = UNDEF;
        bool spread = false;
        if (value_is_type(v)) {
            made = value_dup(t, v);
        } else if (value_is_any_tuple(v) || value_is_any_list(v)) {
            if (native_stack_exhausted(t, " while substituting type parameters")) return -1;
            Value inner = tuple_from_iterable(t, v), list = inner == UNDEF ? UNDEF : list_new(t, 0);
            if (list != UNDEF && substitute_all(t, value_list(list), value_tuple(inner), parameters, items) == 0)
                made = value_is_any_tuple(v) ? list_snapshot(t, value_list(list)) : value_dup(t, list);
            value_release(t, list);
            value_release(t, inner);
        } else {
            Value flag = object_getattr_or_undef(t, v, NAME(__typing_is_unpacked_typevartuple__));
            if (flag == UNDEF && error_pending(t)) return -1;
            int truth = flag == UNDEF ? 0 : object_is_true(t, flag);
            value_release(t, flag);
            if (truth < 0) return -1;
            spread = truth;
            Value subst = object_getattr_or_undef(t, v, NAME(__typing_subst__));
            if (subst == UNDEF && error_pending(t)) return -1;
            int64_t at = subst == UNDEF ? -1 : position_of(parameters, v);
            if (at >= 0) made = call_1(t, subst, items->items[at]);
            else made = substitute_inside(t, v, parameters, items);
            value_release(t, subst);
        }
        if (made == UNDEF) return -1;
        int failed;
        if (spread && value_is_any_tuple(made)) {
            failed = list_extend(t, out, made);
            value_release(t, made);
        } else {
            failed = list_append(t, out, made);
        }
        if (failed < 0) return -1;
    }
    return 0;
}

// What becomes of `arguments` in self[item]: a tuple, owned.
static Value substituted(Thread *t, ValueRef self, ValueRef arguments, ValueRef parameters, ValueRef item) {
    Tuple *names = value_tuple(parameters);
    if (names->length == 0) return raise(t, TYPE_ERROR, "%R is not a generic class", self);
    Value list = unpacked(t, item), items = list == UNDEF ? UNDEF : list_snapshot(t, value_list(list)), result = UNDEF;
    value_release(t, list);
    for (int64_t i = 0; items != UNDEF && i < names->length; i++) { // each parameter may gather or fill in arguments
        Value prepare = object_getattr_or_undef(t, names->items[i], NAME(__typing_prepare_subst__));
        if (prepare == UNDEF && error_pending(t)) VALUE_CLEAR(t, items);
        if (prepare != UNDEF && !is_none(prepare) && items != UNDEF) {
            Value prepared = call_2(t, prepare, self, items);
            value_release(t, items);
            items = prepared == UNDEF ? UNDEF : value_is_any_tuple(prepared) ? prepared : tuple_from_values(t, &prepared, 1);
        }
        value_release(t, prepare);
    }
    if (items == UNDEF) return UNDEF;
    Tuple *given = value_tuple(items);
    if (given->length != names->length) {
        raise(t, TYPE_ERROR, "Too %s arguments for %R; actual %lld, expected %lld", given->length > names->length ? "many" : "few", self,
              (long long)given->length, (long long)names->length);
    } else if ((list = list_new(t, 0)) != UNDEF) {
        if (substitute_all(t, value_list(list), value_tuple(arguments), names, given) == 0) result = list_snapshot(t, value_list(list));
        value_release(t, list);
    }
    value_release(t, items);
    return result;
}

// ---- GenericAlias
static Value alias_make(Thread *t, Type *type, ValueRef origin, ValueRef args, bool starred) {
    Value tuple = value_is_any_tuple(args) ? value_dup(t, args) : tuple_from_refs(t, &args, 1);
    GenericAlias *a = tuple == UNDEF ? NULL : object_new(t, type);
    if (!a) {
        value_release(t, tuple);
        return UNDEF;
    }
    slot_init(&a->origin, value_dup(t, origin));
    slot_init(&a->args, tuple);
    a->starred = starred;
    return value_of(a);
}
Value generic_alias_new(Thread *t, ValueRef origin, ValueRef args) { return alias_make(t, TYPE_OF(GENERIC_ALIAS), origin, args, false); }
Value generic_alias_class_getitem(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return generic_alias_new(t, type, args[0]);
}
static Value alias_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "GenericAlias", kwnames) < 0 || args_count(t, "GenericAlias", nargs, 2, 2) < 0) return UNDEF;
    return alias_make(t, (Type *)value_object(type), args[0], args[1], false);
}

static Value alias_repr(Thread *t, ValueRef self) {
    GenericAlias *a = value_alias(self);
    Tuple *arguments = value_tuple(a->args);
    StrBuilder b;
    str_builder_init(&b, t);
    if (a->starred) str_builder_char(&b, '*');
    int result = type_text(t, &b, a->origin);
    str_builder_char(&b, '[');
    for (int64_t i = 0; result == 0 && i < arguments->length; i++) {
        if (i) str_builder_text(&b, ", ", 2);
        result = type_text(t, &b, arguments->items[i]);
    }
    if (arguments->length == 0) str_builder_text(&b, "()", 2);
    str_builder_char(&b, ']');
    if (result == 0) return str_builder_finish(&b);
    str_builder_abandon(&b);
    return UNDEF;
}

static int64_t alias_hash(Thread *t, ValueRef self) {
    int64_t origin = value_hash(t, value_alias(self)->origin), arguments = origin == -1 ? -1 : value_hash(t, value_alias(self)->args);
    if (arguments == -1) return -1;
    int64_t h = origin ^ arguments;
    return h == -1 ? -2 : h;
}
static Value alias_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is_instance(a, TYPE_OF(GENERIC_ALIAS)) || !value_is_instance(b, TYPE_OF(GENERIC_ALIAS)))
        return NOT_IMPLEMENTED;
    GenericAlias *x = value_alias(a), *y = value_alias(b);
    int equal = x->starred == y->starred;
    if (equal) equal = object_equal(t, x->origin, y->origin);
    if (equal > 0) equal = object_equal(t, x->args, y->args);
    return equal < 0 ? UNDEF : value_bool(equal == (op == CMP_EQ));
}

// Attributes of the alias itself; all others are the origin's.
static const char *const alias_own[] = {"__class__",  "__origin__",      "__args__",       "__unpacked__",
                                        "__parameters__", "__typing_unpacked_tuple_args__", "__mro_entries__", "__reduce_ex__",
                                        "__reduce__", "__bases__",       "__copy__",       "__deepcopy__"};
static Value alias_getattr(Thread *t, ValueRef self, ValueRef name) {
    if (value_is_any_str(name)) {
        bool own = false;
        for (size_t i = 0; !own && i < sizeof alias_own / sizeof *alias_own; i++) own = str_equal_text(value_str(name), alias_own[i]);
        if (!own) return object_getattr(t, value_alias(self)->origin, name);
    }
    return object_generic_getattr(t, self, name);
}
METHOD(alias_dir) {
    Value dir = object_dir(t, value_alias(self)->origin);
    if (dir == UNDEF) return UNDEF;
    Value list = list_from_iterable(t, dir);
    value_release(t, dir);
    for (size_t i = 0; list != UNDEF && i < 9; i++) {
        Value name = str_intern_text(t, alias_own[i]);
        int there = name == UNDEF ? -1 : object_contains(t, list, name);
        if (there == 0) there = list_append(t, value_list(list), value_dup(t, name));
        value_release(t, name);
        if (there < 0) VALUE_CLEAR(t, list);
    }
    if (list != UNDEF && list_sort(t, value_list(list), NONE, false) < 0) VALUE_CLEAR(t, list);
    return list;
}

static Value alias_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value made = call_object(t, value_alias(self)->origin, args, nargs, kwnames);
    if (made == UNDEF) return UNDEF;
    if (object_setattr(t, made, NAME(__orig_class__), self) < 0) {
        if (!error_matches(t, EXCEPTION(ATTRIBUTE_ERROR)) && !error_matches(t, EXCEPTION(TYPE_ERROR))) {
            value_release(t, made);
            return UNDEF;
        }
        error_clear(t);
    }
    return made;
}

static Value alias_parameters(Thread *t, ValueRef self) {
    return parameters_of(t, value_object(self), &value_alias(self)->parameters, value_alias(self)->args);
}
static Value alias_unpacked_args(Thread *t, ValueRef self) {
    GenericAlias *a = value_alias(self);
    return a->starred && value_object(a->origin) == (Object *)TYPE_OF(TUPLE) ? value_dup(t, a->args) : NONE;
}
static Value alias_getitem(Thread *t, ValueRef self, ValueRef item) {
    GenericAlias *a = value_alias(self);
    Value parameters = alias_parameters(t, self), made = UNDEF;
    if (parameters == UNDEF) return UNDEF;
    Value arguments = substituted(t, self, a->args, parameters, item);
    if (arguments != UNDEF) made = alias_make(t, TYPE_OF(GENERIC_ALIAS), a->origin, arguments, a->starred);
    value_release(t, parameters);
    value_release(t, arguments);
    return made;
}
// *alias gives the alias once, starred.
typedef struct AliasIterator {
    Container c;
    Value alias; // (o) UNDEF: exhausted
} AliasIterator;
static Value alias_iter(Thread *t, ValueRef self) {
    AliasIterator *it = object_new(t, TYPE_OF(GENERIC_ALIAS_ITERATOR));
    if (!it) return UNDEF;
    slot_init(&it->alias, value_dup(t, self));
    return value_of(it);
}
static Value alias_iterator_next(Thread *t, ValueRef self) {
    AliasIterator *it = (AliasIterator *)value_object(self);
    Guard g;
    guard_begin(t, &g, it);
    Value alias = slot_borrow(&it->alias) == UNDEF ? UNDEF : slot_take(t, it, &it->alias, UNDEF);
    guard_end(t, &g);
    if (alias == UNDEF) return UNDEF;
    GenericAlias *a = value_alias(alias);
    Value starred = alias_make(t, TYPE_OF(GENERIC_ALIAS), a->origin, a->args, true);
    value_release(t, alias);
    return starred;
}
METHOD(alias_iterator_reduce) {
    Value iter = container_builtin(t, "iter"); // looking it up may run Python, which may exhaust the iterator
    Value alias = slot_get(t, &((AliasIterator *)value_object(self))->alias);
    if (alias == UNDEF) alias = tuple_from_refs(t, NULL, 0);
    return container_tuple_2(t, iter, alias == UNDEF ? UNDEF : tuple_from_values(t, &alias, 1));
}
static void alias_iterator_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((AliasIterator *)o)->alias); }
static void alias_iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((AliasIterator *)o)->alias, arg); }
static const NativeDef alias_iterator_methods[] = {
    {"__reduce__", alias_iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    NATIVE_END};
const TypeSpec generic_alias_iterator_spec = {
    .name = "generic_alias_iterator",
    .size = sizeof(AliasIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = alias_iterator_next},
    .methods = alias_iterator_methods,
    .destroy = alias_iterator_destroy,
    .traverse = alias_iterator_traverse};

METHOD(alias_mro_entries) { return tuple_from_refs(t, value_refs(&value_alias(self)->origin), 1); }
METHOD(alias_instancecheck) { return raise(t, TYPE_ERROR, "isinstance() argument 2 cannot be a parameterized generic"); }
METHOD(alias_subclasscheck) { return raise(t, TYPE_ERROR, "issubclass() argument 2 cannot be a parameterized generic"); }
METHOD(alias_reduce) {
    GenericAlias *a = value_alias(self);
    if (a->starred) {
        Value plain = alias_make(t, TYPE_OF(GENERIC_ALIAS), a->origin, a->args, false);
        if (plain == UNDEF) return UNDEF;
        Value it = alias_iter(t, plain);
        value_release(t, plain);
        if (it == UNDEF) return UNDEF;
        return container_tuple_2(t, container_builtin(t, "next"), tuple_from_values(t, &it, 1));
    }
    return container_tuple_2(t, value_dup(t, value_of(value_type(self))), container_tuple_2(t, value_dup(t, a->origin), value_dup(t, a->args)));
}

static void alias_destroy(Thread *t, Object *o) {
    GenericAlias *a = (GenericAlias *)o;
    VALUE_CLEAR(t, a->origin);
    VALUE_CLEAR(t, a->args);
    VALUE_CLEAR(t, a->parameters);
}
static void alias_traverse(Object *o, VisitFn visit, void *arg) {
    GenericAlias *a = (GenericAlias *)o;
    visit(&a->origin, arg);
    visit(&a->args, arg);
    visit(&a->parameters, arg);
}

static const NativeDef alias_methods[] = {
    {"__mro_entries__", alias_mro_entries, "($self, bases, /)", NULL, 0},
    {"__instancecheck__", alias_instancecheck, "($self, object, /)", NULL, 0},
    {"__subclasscheck__", alias_subclasscheck, "($self, class, /)", NULL, 0},
    {"__reduce__", alias_reduce, "($self, /)", "How to pickle the alias.", 0},
    {"__dir__", alias_dir, "($self, /)", NULL, 0},
    NATIVE_END};
static const MemberDef alias_members[] = {
    {"__origin__", offsetof(GenericAlias, origin), MEMBER_VALUE, false, NULL},
    {"__args__", offsetof(GenericAlias, args), MEMBER_VALUE, false, NULL},
    {"__unpacked__", offsetof(GenericAlias, starred), MEMBER_BOOL8, false, NULL},
    MEMBER_END};
static const GetSetDef alias_getset[] = {
    {"__parameters__", alias_parameters, NULL, "The type variables that can be given by [...]."},
    {"__typing_unpacked_tuple_args__", alias_unpacked_args, NULL, NULL},
    GETSET_END};
const TypeSpec generic_alias_spec = {
    .name = "types.GenericAlias",
    .doc = "A generic type with its arguments, such as list[int].",
    .size = sizeof(GenericAlias),
    .flags = TYPE_BASE | TYPE_WEAKREFABLE,
    .ops = {.repr = alias_repr, .hash = alias_hash, .call = alias_call, .getattr = alias_getattr, .compare = alias_compare,
            .iter = alias_iter, .new = alias_new_slot, .or_ = union_or, .getitem = alias_getitem},
    .methods = alias_methods,
    .getset = alias_getset,
    .members = alias_members,
    .new_signature = "(origin, args, /)",
    .destroy = alias_destroy,
    .traverse = alias_traverse};

// ---- Union
static bool can_be_united(ValueRef v) {
    return is_none(v) || value_is_type(v) || value_is(v, UNION) || (value_is_pointer(v) && value_is_instance(v, TYPE_OF(GENERIC_ALIAS)));
}

// A union that is being made: its parts so far, and the same again as a set and a list of what cannot be hashed.
typedef struct UnionParts {
    Value all, hashable, unhashable;
} UnionParts;

static int parts_begin(Thread *t, UnionParts *parts) {
    parts->all = list_new(t, 2);
    parts->hashable = set_new(t);
    parts->unhashable = list_new(t, 0);
    return parts->all != UNDEF && parts->hashable != UNDEF && parts->unhashable != UNDEF ? 0 : -1;
}
static void parts_end(Thread *t, UnionParts *parts) {
    value_release(t, parts->all);
    value_release(t, parts->hashable);
    value_release(t, parts->unhashable);
}

// typing.ForwardRef(v)
static Value forward_reference(Thread *t, ValueRef v) {
    Value import = container_builtin(t, "__import__"), name = str_intern_text(t, "typing"), typing = UNDEF, maker = UNDEF;
    if (import != UNDEF && name != UNDEF) typing = call_1(t, import, name);
    value_release(t, name);
    name = typing == UNDEF ? UNDEF : str_intern_text(t, "ForwardRef");
    if (name != UNDEF) maker = object_getattr(t, typing, name);
    Value made = maker == UNDEF ? UNDEF : call_1(t, maker, v);
    value_release(t, import);
    value_release(t, name);
    value_release(t, typing);
    value_release(t, maker);
    return made;
}

// Whether the part is there already; if not, it is noted. What cannot be hashed is compared with its like alone. 1, 0, -1.
static int note_part(Thread *t, UnionParts *parts, ValueRef v) {
    if (value_hash(t, v) == -1) {
        if (!error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
        error_clear(t);
        int there = object_contains(t, parts->unhashable, v);
        return there ? there : list_append(t, value_list(parts->unhashable), value_dup(t, v));
    }
    int there = set_contains(t, value_set(parts->hashable), v);
    return there ? there : set_add(t, value_set(parts->hashable), v);
}

// Adds an argument: unions by their parts, None as its type, a str as a forward reference; nothing twice.
static int add_member(Thread *t, UnionParts *parts, ValueRef v) {
    if (value_is(v, UNION)) {
        Tuple *theirs = value_tuple(value_union(v)->args);
        for (int64_t i = 0; i < theirs->length; i++)
            if (add_member(t, parts, theirs->items[i]) < 0) return -1;
        return 0;
    }
    Value made = is_none(v) ? value_of(TYPE_OF(NONE)) : value_is_any_str(v) ? forward_reference(t, v) : value_dup(t, v);
    if (made == UNDEF) return -1;
    int there = note_part(t, parts, made);
    if (there == 0) return list_append(t, value_list(parts->all), made);
    value_release(t, made);
    return there < 0 ? -1 : 0;
}

static Value union_of_parts(Thread *t, UnionParts *parts) {
    List *all = value_list(parts->all);
    if (all->length == 0) return raise(t, TYPE_ERROR, "Cannot take a Union of no types.");
    if (all->length == 1) return list_get(t, all, 0);
    Value tuple = list_snapshot(t, all), hashable = frozenset_from_iterable(t, parts->hashable),
          unhashable = list_snapshot(t, value_list(parts->unhashable));
    Union *u = tuple == UNDEF || hashable == UNDEF || unhashable == UNDEF ? NULL : object_new(t, TYPE_OF(UNION));
    if (!u) {
        value_release(t, tuple);
        value_release(t, hashable);
        value_release(t, unhashable);
        return UNDEF;
    }
    slot_init(&u->args, tuple);
    slot_init(&u->hashable, hashable);
    slot_init(&u->unhashable, unhashable);
    return value_of(u);
}
Value union_from_tuple(Thread *t, ValueRef args) {
    UnionParts parts;
    bool failed = parts_begin(t, &parts) < 0;
    for (int64_t i = 0; !failed && i < value_tuple(args)->length; i++) failed = add_member(t, &parts, value_tuple(args)->items[i]) < 0;
    Value made = failed ? UNDEF : union_of_parts(t, &parts);
    parts_end(t, &parts);
    return made;
}
Value union_or(Thread *t, ValueRef a, ValueRef b) {
    // What is a union already takes anything.
    if (!value_is(a, UNION) && !value_is(b, UNION) && (!can_be_united(a) || !can_be_united(b))) return NOT_IMPLEMENTED;
    UnionParts parts;
    bool failed = parts_begin(t, &parts) < 0 || add_member(t, &parts, a) < 0 || add_member(t, &parts, b) < 0;
    Value made = failed ? UNDEF : union_of_parts(t, &parts);
    parts_end(t, &parts);
    return made;
}

static Value union_repr(Thread *t, ValueRef self) {
    Tuple *parts = value_tuple(value_union(self)->args);
    StrBuilder b;
    str_builder_init(&b, t);
    for (int64_t i = 0; i < parts->length; i++) {
        if (i) str_builder_text(&b, " | ", 3);
        if (value_object(parts->items[i]) == (Object *)TYPE_OF(NONE)) {
            str_builder_text(&b, "None", 4);
        } else if (type_text(t, &b, parts->items[i]) < 0) {
            str_builder_abandon(&b);
            return UNDEF;
        }
    }
    return str_builder_finish(&b);
}
// Parts that could not be hashed when the union was made deny it a hash for good; while one still cannot, its own error says so.
static int64_t union_hash(Thread *t, ValueRef self) {
    Tuple *unhashable = value_tuple(value_union(self)->unhashable);
    for (int64_t i = 0; i < unhashable->length; i++)
        if (value_hash(t, unhashable->items[i]) == -1) return -1;
    if (unhashable->length)
        return raise_int(t, TYPE_ERROR, "union contains %lld unhashable element%s", (long long)unhashable->length, unhashable->length > 1 ? "s" : "");
    return object_hash(t, value_union(self)->hashable);
}
// The tuples hold the same in any order: 1, 0, -1.
static int same_parts(Thread *t, ValueRef a, ValueRef b) {
    if (value_tuple(a)->length != value_tuple(b)->length) return 0;
    for (int64_t i = 0; i < value_tuple(a)->length; i++) {
        int there = object_contains(t, b, value_tuple(a)->items[i]);
        if (there <= 0) return there;
    }
    return 1;
}
// Equal with the same parts in any order.
static Value union_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is(a, UNION) || !value_is(b, UNION)) return NOT_IMPLEMENTED;
    int equal = object_equal(t, value_union(a)->hashable, value_union(b)->hashable);
    if (equal > 0) equal = same_parts(t, value_union(a)->unhashable, value_union(b)->unhashable);
    return equal < 0 ? UNDEF : value_bool(equal == (op == CMP_EQ));
}
static Value union_parameters(Thread *t, ValueRef self) {
    return parameters_of(t, value_object(self), &value_union(self)->parameters, value_union(self)->args);
}
static Value union_getitem(Thread *t, ValueRef self, ValueRef item) {
    Value parameters = union_parameters(t, self);
    if (parameters == UNDEF) return UNDEF;
    Value arguments = substituted(t, self, value_union(self)->args, parameters, item);
    value_release(t, parameters);
    Value made = arguments == UNDEF ? UNDEF : union_from_tuple(t, arguments);
    value_release(t, arguments);
    return made;
}
static Value union_origin(Thread *t, ValueRef self) { return value_dup(t, value_of(TYPE_OF(UNION))); }
static Value union_name(Thread *t, ValueRef self) { return str_intern_text(t, "Union"); }
METHOD(union_class_getitem) {
    if (value_is_any_tuple(args[0])) return union_from_tuple(t, args[0]);
    Value tuple = tuple_from_refs(t, args, 1), made = tuple == UNDEF ? UNDEF : union_from_tuple(t, tuple);
    value_release(t, tuple);
    return made;
}
METHOD(union_instancecheck) {
    int r = object_is_instance(t, args[0], value_union(self)->args);
    return r < 0 ? UNDEF : value_bool(r);
}
METHOD(union_subclasscheck) {
    int r = object_is_subclass(t, args[0], value_union(self)->args);
    return r < 0 ? UNDEF : value_bool(r);
}
METHOD(union_mro_entries) { return raise(t, TYPE_ERROR, "Cannot subclass %R", self); }
// The module of the types' origin: 'typing', as the type's own.
static Value union_getattr(Thread *t, ValueRef self, ValueRef name) {
    if (value_is_any_str(name) && str_equal_text(value_str(name), "__module__")) return str_intern_text(t, "typing");
    return object_generic_getattr(t, self, name);
}

static void union_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Union *)o)->args);
    VALUE_CLEAR(t, ((Union *)o)->hashable);
    VALUE_CLEAR(t, ((Union *)o)->unhashable);
    VALUE_CLEAR(t, ((Union *)o)->parameters);
}
static void union_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Union *)o)->args, arg);
    visit(&((Union *)o)->hashable, arg);
    visit(&((Union *)o)->unhashable, arg);
    visit(&((Union *)o)->parameters, arg);
}
static const NativeDef union_methods[] = {
    {"__mro_entries__", union_mro_entries, "($self, bases, /)", NULL, 0},
    {"__instancecheck__", union_instancecheck, "($self, object, /)", NULL, 0},
    {"__subclasscheck__", union_subclasscheck, "($self, class, /)", NULL, 0},
    {"__class_getitem__", union_class_getitem, "($type, object, /)", "Union[args]", NATIVE_CLASS},
    NATIVE_END};
static const MemberDef union_members[] = {
    {"__args__", offsetof(Union, args), MEMBER_VALUE, false, NULL},
    MEMBER_END};
static const GetSetDef union_getset[] = {
    {"__parameters__", union_parameters, NULL, "The type variables that can be given by [...]."},
    {"__origin__", union_origin, NULL, NULL},
    {"__name__", union_name, NULL, NULL},
    {"__qualname__", union_name, NULL, NULL},
    GETSET_END};
const TypeSpec union_spec = {
    .name = "typing.Union",
    .doc = "Any one of several types, such as int | None.",
    .size = sizeof(Union),
    .flags = TYPE_NO_NEW | TYPE_WEAKREFABLE,
    .ops = {.repr = union_repr, .hash = union_hash, .getattr = union_getattr, .compare = union_compare, .or_ = union_or, .getitem = union_getitem},
    .methods = union_methods,
    .getset = union_getset,
    .members = union_members,
    .destroy = union_destroy,
    .traverse = union_traverse};

int alias_type_text(Thread *t, StrBuilder *b, ValueRef v) { return type_text(t, b, v); }
