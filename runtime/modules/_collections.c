// _collections: defaultdict, _tuplegetter, _count_elements; deque and OrderedDict stand in files of their own.
#include "runtime/modules/_collections.h"
#include "runtime/objects/int.h"
#include "sync/safepoint.h"

// ---- defaultdict

extern const TypeSpec dict_spec;
typedef struct DefaultDict {
    Dict dict;
    Value factory; // or UNDEF
} DefaultDict;
static const TypeSpec defaultdict_spec;
static DefaultDict *default_of(ValueRef v) { return (DefaultDict *)value_object(v); }

static int defaultdict_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef factory = nargs ? args[0] : (ValueRef)UNDEF;
    if (!not_given(factory) && !value_type(factory)->ops.call) return raise_int(t, TYPE_ERROR, "first argument must be callable or None");
    slot_store(t, value_object(self), &default_of(self)->factory, not_given(factory) ? UNDEF : value_dup(t, factory));
    return dict_spec.ops.init(t, self, nargs ? args + 1 : args, nargs ? nargs - 1 : 0, kwnames);
}

// The value for a missing key. Two threads that ask a shared one for the same key get the same value.
NATIVE(defaultdict_missing) {
    Value factory = slot_get(t, &default_of(self)->factory);
    if (!value_bits(factory)) return raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
    Value value = call_0(t, factory);
    value_release(t, factory);
    if (!value_bits(value)) return UNDEF;
    if (object_is_shared(value_object(self)) && value_type(self)->ops.setitem == dict_spec.ops.setitem) {
        Value first = dict_setdefault(t, value_dict(self), args[0], value);
        value_release(t, value);
        return first;
    }
    if (object_setitem(t, self, args[0], value) == 0) return value;
    value_release(t, value);
    return UNDEF;
}

static Value defaultdict_repr(Thread *t, ValueRef self) {
    Value factory = value_or_none(slot_get(t, &default_of(self)->factory)), base = dict_spec.ops.repr(t, self), shown = UNDEF, result = UNDEF;
    if (value_bits(base)) {
        int running = repr_enter(t, factory);
        if (running >= 0) shown = running ? str_from_text(t, "...") : object_repr(t, factory);
        if (running == 0) repr_leave(t, factory);
    }
    if (value_bits(shown)) result = str_of_format(t, "%U(%U, %U)", value_str(slot_borrow(&value_type(self)->name)), value_str(shown), value_str(base));
    value_release(t, factory);
    value_release(t, base);
    value_release(t, shown);
    return result;
}
static Value copy_with(Thread *t, ValueRef self, ValueRef contents) {
    Value factory = value_or_none(slot_get(t, &default_of(self)->factory));
    Value made = call_2(t, value_of(value_type(self)), factory, contents);
    value_release(t, factory);
    return made;
}
NATIVE(defaultdict_copy) { return copy_with(t, self, self); }
NATIVE(defaultdict_reduce) {
    Value factory = slot_get(t, &default_of(self)->factory), items = call_method_0(t, self, NAME(items)), it = UNDEF, arguments = UNDEF;
    ValueRef one[1] = {factory};
    if (value_bits(items)) it = object_iter(t, items);
    value_release(t, items);
    if (value_bits(it)) arguments = tuple_from_refs(t, one, value_bits(factory) ? 1 : 0);
    value_release(t, factory);
    if (!value_bits(arguments)) {
        value_release(t, it);
        return UNDEF;
    }
    Value parts[5] = {value_dup(t, value_of(value_type(self))), arguments, NONE, NONE, it};
    return tuple_from_values(t, parts, 5);
}
// a | b with a defaultdict on either side: one of the left one's kind.
static Value defaultdict_or(Thread *t, ValueRef a, ValueRef b) {
    ValueRef self = is_spec(a, &defaultdict_spec) ? a : b;
    if (!value_is_any_dict(a) || !value_is_any_dict(b) || !is_spec(self, &defaultdict_spec)) return NOT_IMPLEMENTED;
    Value made = copy_with(t, self, a);
    if (value_bits(made) && (!value_is_any_dict(made) || dict_update(t, value_dict(made), b) < 0)) VALUE_CLEAR(t, made);
    return made;
}
NATIVE(class_getitem) { return generic_alias(t, self, args[0]); }

static void defaultdict_traverse(Object *o, VisitFn visit, void *arg) {
    dict_spec.traverse(o, visit, arg);
    visit(&((DefaultDict *)o)->factory, arg);
}
static void defaultdict_destroy(Thread *t, Object *o) {
    value_release(t, ((DefaultDict *)o)->factory);
    dict_spec.destroy(t, o);
}
static void defaultdict_clear(Thread *t, Object *o) {
    slot_store(t, o, &((DefaultDict *)o)->factory, UNDEF);
    dict_clear(t, (Dict *)o);
}
static const NativeDef defaultdict_methods[] = {
    {"__missing__", defaultdict_missing, "($self, key, /)", "The value of default_factory() for a key that is not there.", 0},
    {"copy", defaultdict_copy, "($self, /)", "A shallow copy.", 0}, {"__copy__", defaultdict_copy, "($self, /)", NULL, 0},
    {"__reduce__", defaultdict_reduce, "($self, /)", NULL, 0},
    {"__class_getitem__", class_getitem, "($type, item, /)", NULL, NATIVE_CLASS}, NATIVE_END};
static const MemberDef defaultdict_members[] = {
    {"default_factory", offsetof(DefaultDict, factory), MEMBER_VALUE, true, "What makes the missing values."}, MEMBER_END};
static const TypeSpec defaultdict_spec = {
    .name = "collections.defaultdict", .doc = "A dict that makes missing values.", .size = sizeof(DefaultDict), .base = T_DICT, .flags = TYPE_BASE,
    .ops = {.init = defaultdict_init, .repr = defaultdict_repr, .or_ = defaultdict_or}, .methods = defaultdict_methods, .members = defaultdict_members,
    .destroy = defaultdict_destroy, .traverse = defaultdict_traverse, .clear = defaultdict_clear};

// ---- _tuplegetter: the field descriptors of named tuples

typedef struct TupleGetter {
    Container c;
    int64_t index;
    Value doc;
} TupleGetter;
static TupleGetter *getter_of(ValueRef v) { return (TupleGetter *)value_object(v); }

static Value tuplegetter_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    int64_t index;
    if (args_no_keywords(t, "_tuplegetter", kwnames) < 0 || args_count(t, "_tuplegetter", nargs, 2, 2) < 0 || arg_index(t, args[0], &index) < 0) return UNDEF;
    TupleGetter *g = object_new(t, (Type *)value_object(type));
    if (!g) return UNDEF;
    g->index = index;
    slot_init(&g->doc, value_dup(t, args[1]));
    return value_of(g);
}
static Value tuplegetter_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    if (not_given(object)) return value_dup(t, self);
    TupleGetter *g = getter_of(self);
    if (!value_is_any_tuple(object))
        return raise(t, TYPE_ERROR, "descriptor for index '%lld' for tuple subclasses doesn't apply to '%T' object", (long long)g->index, object);
    Tuple *tuple = value_tuple(object);
    if (g->index < 0 || g->index >= tuple->length) return raise(t, INDEX_ERROR, "tuple index out of range");
    return value_dup(t, tuple_item(tuple, g->index));
}
static int tuplegetter_set(Thread *t, ValueRef self, ValueRef object, ValueRef value) {
    return raise_int(t, ATTRIBUTE_ERROR, value_bits(value) ? "can't set attribute" : "can't delete attribute");
}
static Value tuplegetter_repr(Thread *t, ValueRef self) {
    Value doc = value_or_none(slot_get(t, &getter_of(self)->doc));
    Value r = str_of_format(t, "%U(%lld, %R)", value_str(slot_borrow(&value_type(self)->name)), (long long)getter_of(self)->index, doc);
    value_release(t, doc);
    return r;
}
NATIVE(tuplegetter_reduce) {
    Value arguments = tuple_pair(t, value_int(getter_of(self)->index), value_or_none(slot_get(t, &getter_of(self)->doc)));
    return value_bits(arguments) ? tuple_pair(t, value_dup(t, value_of(value_type(self))), arguments) : UNDEF;
}
static void tuplegetter_traverse(Object *o, VisitFn visit, void *arg) { visit(&((TupleGetter *)o)->doc, arg); }
static void tuplegetter_destroy(Thread *t, Object *o) { value_release(t, ((TupleGetter *)o)->doc); }
static const NativeDef tuplegetter_methods[] = {{"__reduce__", tuplegetter_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const MemberDef tuplegetter_members[] = {{"__doc__", offsetof(TupleGetter, doc), MEMBER_VALUE, true, NULL}, MEMBER_END};
static const TypeSpec tuplegetter_spec = {
    .name = "collections._tuplegetter", .size = sizeof(TupleGetter),
    .ops = {.new = tuplegetter_new, .repr = tuplegetter_repr, .descr_get = tuplegetter_get, .descr_set = tuplegetter_set}, .methods = tuplegetter_methods,
    .members = tuplegetter_members, .destroy = tuplegetter_destroy, .traverse = tuplegetter_traverse};

// ---- _count_elements

// Is the mapping's way to read and write that of dict?
static bool plain_dict(Thread *t, ValueRef mapping) {
    if (value_is(mapping, DICT)) return true;
    if (!value_is_any_dict(mapping) || value_type(mapping)->ops.setitem != dict_spec.ops.setitem) return false;
    return value_bits(type_lookup(t, value_type(mapping), NAME(get))) == value_bits(type_lookup(t, TYPE_OF(DICT), NAME(get)));
}
static int count_one(Thread *t, ValueRef mapping, ValueRef get, ValueRef item) {
    Value old, more;
    int result;
    if (!value_bits(get)) {
        int64_t hash = object_hash(t, item);
        if (hash == -1 && error_pending(t)) return -1;
        old = dict_get_hashed(t, value_dict(mapping), item, hash);
        if (!value_bits(old)) return error_pending(t) ? -1 : dict_set_hashed(t, value_dict(mapping), item, hash, value_int(1));
        more = object_binary(t, BIN_ADD, old, value_int(1));
        result = value_bits(more) ? dict_set_hashed(t, value_dict(mapping), item, hash, more) : -1;
    } else {
        old = call_2(t, get, item, value_int(0));
        more = value_bits(old) ? object_binary(t, BIN_ADD, old, value_int(1)) : UNDEF;
        result = value_bits(more) ? object_setitem(t, mapping, item, more) : -1;
    }
    value_release(t, old);
    value_release(t, more);
    return result;
}
NATIVE(count_elements) {
    Value it = object_iter(t, args[1]), get = UNDEF, result = UNDEF;
    if (!value_bits(it)) return UNDEF;
    if (!plain_dict(t, args[0]) && !value_bits(get = object_getattr(t, args[0], NAME(get)))) goto done;
    for (;;) {
        if (poll_pending(&t->core) && poll_slow(&t->core) < 0) goto done;
        Value item = object_next(t, it);
        if (!value_bits(item)) break;
        int bad = count_one(t, args[0], get, item);
        value_release(t, item);
        if (bad < 0) goto done;
    }
    if (!error_pending(t)) result = NONE;
done:
    value_release(t, it);
    value_release(t, get);
    return result;
}
static const NativeDef functions[] = {
    {"_count_elements", count_elements, "($module, mapping, iterable, /)", "Counts the items into the mapping.", 0}, NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    return deque_types(t, module) < 0 || module_export_type(t, module, NULL, &defaultdict_spec) < 0 ||
                   module_export_type(t, module, NULL, &tuplegetter_spec) < 0 || ordered_dict_types(t, module) < 0
               ? -1
               : 0;
}
const ModuleSpec _collections_module = {.name = "_collections", .doc = "Containers.", .functions = functions, .exec = exec};
