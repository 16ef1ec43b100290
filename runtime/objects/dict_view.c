// dict_keys, dict_values, dict_items: views of a dict, and its iterators.
#include "runtime/objects/dict_view.h"
#include "runtime/objects/container.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static DictView *value_view(ValueRef v) { return (DictView *)value_object(v); }
static Dict *view_dict(ValueRef view) { return value_dict(value_view(view)->dict); } // never written after creation

Value dict_view_new(Thread *t, Type *type, ValueRef dict) {
    DictView *view = object_new(t, type);
    if (!view) return UNDEF;
    slot_init(&view->dict, value_dup(t, dict));
    return value_of(view);
}
static void view_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((DictView *)o)->dict); }
static void view_traverse(Object *o, VisitFn visit, void *arg) { visit(&((DictView *)o)->dict, arg); }
static int64_t view_len(Thread *t, ValueRef self) { return dict_length(view_dict(self)); }

static Value view_mapping(Thread *t, ValueRef self) { return mapping_proxy_new(t, value_view(self)->dict); }

static Value view_repr(Thread *t, ValueRef self) {
    int entered = repr_enter(t, self);
    if (entered) return entered < 0 ? UNDEF : str_from_text(t, "...");
    Value list = list_from_iterable(t, self), text = UNDEF;
    if (list != UNDEF) text = str_of_format(t, "%T(%R)", self, (ValueRef)list);
    value_release(t, list);
    repr_leave(t, self);
    return text;
}

// ---- iterators
static DictIterator *value_dict_iterator(ValueRef v) { return (DictIterator *)value_object(v); }

Value dict_iterator_new(Thread *t, Type *type, ValueRef dict) {
    DictIterator *it = object_new(t, type);
    if (!it) return UNDEF;
    bool reverse = type == TYPE_OF(DICT_REVERSE_KEY_ITERATOR) || type == TYPE_OF(DICT_REVERSE_VALUE_ITERATOR) ||
                   type == TYPE_OF(DICT_REVERSE_ITEM_ITERATOR);
    slot_init(&it->dict, value_dup(t, dict));
    DictTable *table = reverse ? storage_load(value_dict(dict)->table) : NULL;
    it->position = table ? atomic_load_acquire_u32(&table->used) : 0;
    it->length = it->remaining = dict_length(value_dict(dict));
    it->replaced = __atomic_load_n(&value_dict(dict)->replaced, __ATOMIC_RELAXED);
    return value_of(it);
}

// A step backwards. Where another table took the old one's place and does not reach this far, there is nothing more.
static ALWAYS_INLINE bool previous_in_table(Thread *t, Dict *d, DictIterator *it, Value *key, Value *value) {
    DictTable *table = storage_load(d->table);
    return table && it->position <= atomic_load_acquire_u32(&table->used) && dict_previous(t, d, &it->position, key, value);
}

// One step; runs no Python. UNDEF in *key and *value at the end; -1 with RuntimeError.
static ALWAYS_INLINE int iterator_step(Thread *t, ValueRef self, bool reverse, Value *key, Value *value) {
    DictIterator *it = value_dict_iterator(self);
    Guard g;
    const char *complaint = NULL;
    ValueRef dict;
    // This thread's own iterator, and an entry where it stands: most steps.
    if (LIKELY(!reverse && !object_is_shared((Object *)it) && (dict = it->dict) != UNDEF && it->remaining > 0 && dict_length(value_dict(dict)) == it->length)) {
        DictTable *table = storage_load(value_dict(dict)->table);
        int64_t i = it->position;
        if (LIKELY(table && i < atomic_load_acquire_u32(&table->used))) {
            DictEntry *e = &table->entries[i];
            ValueRef v = slot_borrow(&e->value), k = slot_borrow(&e->key);
            if (LIKELY(v != UNDEF && k != UNDEF)) {
                it->position = i + 1;
                it->remaining--;
                if (key) *key = value_dup(t, k);
                if (value) *value = value_dup(t, v);
                return 0;
            }
        }
    }
    guard_begin(t, &g, it);
    dict = it->dict;
    if (dict != UNDEF) {
        Dict *d = value_dict(dict);
        if (dict_length(d) != it->length) {
            it->length = -1;
            complaint = "dictionary changed size during iteration";
        } else if (!(reverse ? previous_in_table(t, d, it, key, value) : dict_next(t, d, &it->position, key, value))) {
            // As many keys as at first, but in another table: one was removed and another added. Its place in the order is lost.
            if (!reverse && it->remaining == 0 && it->length && __atomic_load_n(&d->replaced, __ATOMIC_RELAXED) != it->replaced)
                complaint = "dictionary keys changed during iteration";
            Value old = slot_take(t, it, &it->dict, UNDEF);
            guard_end(t, &g);
            value_release(t, old);
            return complaint ? raise_int(t, RUNTIME_ERROR, "%s", complaint) : 0;
        } else if (it->remaining-- == 0) {
            it->remaining = 0;
            complaint = "dictionary keys changed during iteration";
        }
    }
    guard_end(t, &g);
    if (LIKELY(!complaint)) return 0;
    if (key) VALUE_CLEAR(t, *key);
    if (value) VALUE_CLEAR(t, *value);
    return raise_int(t, RUNTIME_ERROR, "%s", complaint);
}
static Value next_key(Thread *t, ValueRef self) {
    Value key = UNDEF;
    (void)iterator_step(t, self, false, &key, NULL);
    return key;
}
static Value next_value(Thread *t, ValueRef self) {
    Value value = UNDEF;
    (void)iterator_step(t, self, false, NULL, &value);
    return value;
}
static Value next_item(Thread *t, ValueRef self) {
    Value items[2] = {UNDEF, UNDEF};
    if (iterator_step(t, self, false, &items[0], &items[1]) < 0 || items[0] == UNDEF) return UNDEF;
    return tuple_from_values(t, items, 2);
}
int dict_item_next_pair(Thread *t, ValueRef self, Value *pair) {
    pair[0] = pair[1] = UNDEF;
    return iterator_step(t, self, false, &pair[0], &pair[1]) == 0 && pair[0] != UNDEF;
}
static Value previous_key(Thread *t, ValueRef self) {
    Value key = UNDEF;
    (void)iterator_step(t, self, true, &key, NULL);
    return key;
}
static Value previous_value(Thread *t, ValueRef self) {
    Value value = UNDEF;
    (void)iterator_step(t, self, true, NULL, &value);
    return value;
}
static Value previous_item(Thread *t, ValueRef self) {
    Value items[2] = {UNDEF, UNDEF};
    if (iterator_step(t, self, true, &items[0], &items[1]) < 0 || items[0] == UNDEF) return UNDEF;
    return tuple_from_values(t, items, 2);
}

METHOD(iterator_length_hint) {
    DictIterator *it = value_dict_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    ValueRef dict = it->dict;
    int64_t n = dict != UNDEF && dict_length(value_dict(dict)) == it->length ? it->remaining : 0;
    guard_end(t, &g);
    return value_int(n);
}
// (iter, ([what is left],)), without taking anything.
METHOD(iterator_reduce) {
    DictIterator *it = value_dict_iterator(self), *copy = object_new(t, value_type(self));
    if (!copy) return UNDEF;
    Guard g;
    guard_begin(t, &g, it);
    slot_init(&copy->dict, value_dup(t, it->dict));
    copy->position = it->position;
    copy->length = it->length;
    copy->remaining = it->remaining;
    copy->replaced = it->replaced;
    guard_end(t, &g);
    Value list = list_from_iterable(t, value_of(copy));
    object_release(t, copy);
    if (list == UNDEF) return UNDEF;
    return container_tuple_2(t, container_builtin(t, "iter"), tuple_from_values(t, &list, 1));
}

static void iterator_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((DictIterator *)o)->dict); }
static void iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((DictIterator *)o)->dict, arg); }

static const NativeDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, "($self, /)", "How many items are left.", 0},
    {"__reduce__", iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    NATIVE_END};
#define ITERATOR_SPEC(variable, text, step)                                                                                   \
    const TypeSpec variable = {.name = text, .size = sizeof(DictIterator), .flags = TYPE_NO_NEW,                              \
                               .ops = {.iter = iter_self, .next = step}, .methods = iterator_methods,                         \
                               .destroy = iterator_destroy, .traverse = iterator_traverse};
ITERATOR_SPEC(dict_key_iterator_spec, "dict_keyiterator", next_key)
ITERATOR_SPEC(dict_value_iterator_spec, "dict_valueiterator", next_value)
ITERATOR_SPEC(dict_item_iterator_spec, "dict_itemiterator", next_item)
ITERATOR_SPEC(dict_reverse_key_iterator_spec, "dict_reversekeyiterator", previous_key)
ITERATOR_SPEC(dict_reverse_value_iterator_spec, "dict_reversevalueiterator", previous_value)
ITERATOR_SPEC(dict_reverse_item_iterator_spec, "dict_reverseitemiterator", previous_item)

static Value keys_iter(Thread *t, ValueRef self) { return dict_iterator_new(t, TYPE_OF(DICT_KEY_ITERATOR), value_view(self)->dict); }
static Value values_iter(Thread *t, ValueRef self) { return dict_iterator_new(t, TYPE_OF(DICT_VALUE_ITERATOR), value_view(self)->dict); }
static Value items_iter(Thread *t, ValueRef self) { return dict_iterator_new(t, TYPE_OF(DICT_ITEM_ITERATOR), value_view(self)->dict); }
METHOD(keys_reversed) { return dict_iterator_new(t, TYPE_OF(DICT_REVERSE_KEY_ITERATOR), value_view(self)->dict); }
METHOD(values_reversed) { return dict_iterator_new(t, TYPE_OF(DICT_REVERSE_VALUE_ITERATOR), value_view(self)->dict); }
METHOD(items_reversed) { return dict_iterator_new(t, TYPE_OF(DICT_REVERSE_ITEM_ITERATOR), value_view(self)->dict); }

// ---- membership
static int keys_contains(Thread *t, ValueRef self, ValueRef key) { return dict_contains(t, view_dict(self), key); }
static int items_contains(Thread *t, ValueRef self, ValueRef item) {
    if (!value_is_any_tuple(item) || value_tuple(item)->length != 2) return 0;
    Value found = dict_get(t, view_dict(self), value_tuple(item)->items[0]);
    if (found == UNDEF) return error_pending(t) ? -1 : 0;
    int equal = object_equal(t, found, value_tuple(item)->items[1]);
    value_release(t, found);
    return equal;
}

// ---- as sets: keys and items views
static bool is_set_view(ValueRef v) { return value_is(v, DICT_KEYS) || value_is(v, DICT_ITEMS); }

// Is everything in `a` also in `b`?
static int all_contained(Thread *t, ValueRef a, ValueRef b) {
    Value it = object_iter(t, a);
    if (it == UNDEF) return -1;
    int result = 1;
    while (result > 0) {
        Value item = object_next(t, it);
        if (item == UNDEF) {
            if (error_pending(t)) result = -1;
            break;
        }
        result = object_contains(t, b, item);
        value_release(t, item);
    }
    value_release(t, it);
    return result;
}

static Value view_compare(Thread *t, ValueRef self, ValueRef other, int op) {
    if (!value_is_any_set(other) && !is_set_view(other)) return NOT_IMPLEMENTED;
    int64_t mine = view_len(t, self), others = object_len(t, other);
    if (others < 0) return UNDEF;
    int result = 0;
    switch (op) {
    case CMP_EQ:
    case CMP_NE:
        result = mine == others ? all_contained(t, self, other) : 0;
        if (op == CMP_NE && result >= 0) result = !result;
        break;
    case CMP_LT: result = mine < others ? all_contained(t, self, other) : 0; break;
    case CMP_LE: result = mine <= others ? all_contained(t, self, other) : 0; break;
    case CMP_GT: result = mine > others ? all_contained(t, other, self) : 0; break;
    default: result = mine >= others ? all_contained(t, other, self) : 0; break;
    }
    return result < 0 ? UNDEF : value_bool(result);
}

// A set of what is in `a`, changed by one of set's own updating functions with `b`.
static Value as_set_with(Thread *t, ValueRef a, ValueRef b, int (*change)(Thread *, Set *, ValueRef)) {
    Value made = set_from_iterable(t, a);
    if (made != UNDEF && change(t, value_set(made), b) < 0) VALUE_CLEAR(t, made);
    return made;
}
static Value view_subtract(Thread *t, ValueRef a, ValueRef b) { return as_set_with(t, a, b, set_difference_update); }
static Value view_or(Thread *t, ValueRef a, ValueRef b) { return as_set_with(t, a, b, set_update); }
static Value view_xor(Thread *t, ValueRef a, ValueRef b) { return as_set_with(t, a, b, set_symmetric_difference_update); }

static Value view_and(Thread *t, ValueRef a, ValueRef b) {
    ValueRef asked = is_set_view(a) ? a : b, walked = is_set_view(a) ? b : a;
    if ((value_is_any_set(walked) || is_set_view(walked)) && object_len(t, walked) > view_len(t, asked)) {
        ValueRef larger = walked; // walks the smaller one, where both can be asked for members
        walked = asked;
        asked = larger;
    }
    Value made = set_new(t), it = made == UNDEF ? UNDEF : object_iter(t, walked);
    if (it == UNDEF) goto fail;
    for (;;) {
        Value item = object_next(t, it);
        if (item == UNDEF) break;
        int r = object_contains(t, asked, item);
        if (r > 0) r = set_add(t, value_set(made), item);
        value_release(t, item);
        if (r < 0) goto fail;
    }
    if (error_pending(t)) goto fail;
    value_release(t, it);
    return made;
fail:
    value_release(t, it);
    value_release(t, made);
    return UNDEF;
}

METHOD(view_isdisjoint) {
    ValueRef walked = args[0], asked = self;
    if (value_bits(self) == value_bits(args[0])) return value_bool(view_len(t, self) == 0);
    if ((value_is_any_set(walked) || is_set_view(walked)) && object_len(t, walked) > view_len(t, self)) {
        walked = self;
        asked = args[0];
    }
    Value it = object_iter(t, walked);
    if (it == UNDEF) return UNDEF;
    int found = 0;
    while (!found) {
        Value item = object_next(t, it);
        if (item == UNDEF) break;
        found = object_contains(t, asked, item);
        value_release(t, item);
    }
    value_release(t, it);
    return error_pending(t) ? UNDEF : value_bool(!found);
}

static const GetSetDef view_getset[] = {
    {"mapping", view_mapping, NULL, "The dict that the view belongs to, read-only."},
    GETSET_END};
static const NativeDef keys_methods[] = {
    {"isdisjoint", view_isdisjoint, "($self, other, /)", "Has nothing in common with other.", 0},
    {"__reversed__", keys_reversed, "($self, /)", "An iterator, newest first.", 0},
    NATIVE_END};
static const NativeDef items_methods[] = {
    {"isdisjoint", view_isdisjoint, "($self, other, /)", "Has nothing in common with other.", 0},
    {"__reversed__", items_reversed, "($self, /)", "An iterator, newest first.", 0},
    NATIVE_END};
static const NativeDef values_methods[] = {
    {"__reversed__", values_reversed, "($self, /)", "An iterator, newest first.", 0},
    NATIVE_END};

const TypeSpec dict_keys_spec = {
    .name = "dict_keys",
    .size = sizeof(DictView),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = view_repr, .hash = object_hash_not_implemented, .compare = view_compare, .iter = keys_iter,
            .subtract = view_subtract, .and_ = view_and, .xor_ = view_xor, .or_ = view_or,
            .length = view_len, .contains = keys_contains},
    .methods = keys_methods,
    .getset = view_getset,
    .destroy = view_destroy,
    .traverse = view_traverse};
const TypeSpec dict_items_spec = {
    .name = "dict_items",
    .size = sizeof(DictView),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = view_repr, .hash = object_hash_not_implemented, .compare = view_compare, .iter = items_iter,
            .subtract = view_subtract, .and_ = view_and, .xor_ = view_xor, .or_ = view_or,
            .length = view_len, .contains = items_contains},
    .methods = items_methods,
    .getset = view_getset,
    .destroy = view_destroy,
    .traverse = view_traverse};
const TypeSpec dict_values_spec = {
    .name = "dict_values",
    .size = sizeof(DictView),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = view_repr, .iter = values_iter, .length = view_len},
    .methods = values_methods,
    .getset = view_getset,
    .destroy = view_destroy,
    .traverse = view_traverse};
