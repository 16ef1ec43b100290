// list: storage, operators and methods. Sorting is in list_sort.c, iterators in iter.c.
#include "runtime/objects/list.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/dict_view.h"
#include "runtime/objects/set.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/tuple.h"

// ---- storage
static const int64_t CAPACITY_MAX = INT64_MAX / 16;
static size_t items_bytes(int64_t capacity) { return sizeof(ListItems) + (size_t)capacity * sizeof(Value); }
ListItems list_no_items;
static bool has_storage(const ListItems *a) { return a != &list_no_items; }

// Of an array that only this thread can see.
static void items_free(Thread *t, ListItems *a) { memory_free(t, a, items_bytes(a->capacity)); }
static void items_discard(Thread *t, List *holder, ListItems *a) {
    if (object_is_shared((const void *)holder)) storage_discard(t, holder, a, items_bytes(a->capacity));
    else items_free(t, a);
}

// A new array; the slots from `used` on are UNDEF, those before are for the caller to fill.
static ListItems *items_new(Thread *t, int64_t capacity, int64_t used) {
    if (capacity > CAPACITY_MAX) return raise_no_memory(t), NULL;
    ListItems *a = memory_new(t, items_bytes(capacity));
    if (!a) return NULL;
    a->capacity = capacity;
    memset(a->item + used, 0, (size_t)(capacity - used) * sizeof(Value));
    return a;
}

// Replaces the list's array by one of this capacity (not below the length). The guard is held.
static ListItems *replace_items(Thread *t, List *l, int64_t capacity) {
    ListItems *old = l->items, *a;
    int64_t n = l->length;
    a = items_new(t, capacity, n);
    if (!a) return NULL;
    if (n) memcpy(a->item, old->item, (size_t)n * sizeof(Value));
    storage_publish(l->items, a);
    if (has_storage(old)) items_discard(t, l, old);
    return a;
}

// Room for `need` items in all; grows by a quarter, so that appending costs a constant in the mean. The guard is held.
static ListItems *make_room(Thread *t, List *l, int64_t need) {
    ListItems *a = l->items;
    if (need <= a->capacity) return a;
    if (need > CAPACITY_MAX) return raise_no_memory(t), NULL;
    return replace_items(t, l, (need + need / (need < 32 ? 8 : 4) + 6) & ~INT64_C(3));
}

// After a removal: gives memory back where less than half is used. Failure to do so is no error.
static void maybe_shrink(Thread *t, List *l) {
    ListItems *a = l->items;
    if (LIKELY(a->capacity <= 16 || l->length >= a->capacity / 2)) return;
    ListItems *smaller = l->length ? replace_items(t, l, (l->length + l->length / 8 + 6) & ~INT64_C(3)) : NULL;
    if (!smaller && error_pending(t)) error_clear(t);
}

// Gives up n references that were unlinked from `holder`'s storage and stand in `items`, and the array. May run Python. What
// a private holder loses hangs on a list of its own meanwhile, so that the collector sees it.
static void discard_items(Thread *t, List *holder, ListItems *items, int64_t n) {
    if (!has_storage(items)) return;
    if (object_is_shared((const void *)holder)) {
        for (int64_t i = 0; i < n; i++) slot_discard(t, holder, items->item[i]);
        storage_discard(t, holder, items, items_bytes(items->capacity));
        return;
    }
    Value pending = error_take(t);
    List *parking = object_new(t, TYPE_OF(LIST));
    if (parking) {
        parking->items = items;
        parking->length = n;
        object_release(t, parking);
    } else { // out of memory: release them from here
        error_clear(t);
        for (int64_t i = n; i-- > 0;) value_release(t, items->item[i]);
        items_free(t, items);
    }
    if (pending != UNDEF) error_restore(t, pending);
}

int list_reserve(Thread *t, List *l, int64_t capacity) {
    Guard g;
    guard_begin(t, &g, l);
    bool ok = capacity <= l->items->capacity || replace_items(t, l, capacity);
    guard_end(t, &g);
    return ok ? 0 : -1;
}

// ---- making
Value list_new(Thread *t, int64_t capacity) {
    List *l = object_new(t, TYPE_OF(LIST));
    if (!l) return UNDEF;
    l->items = &list_no_items;
    if (capacity > 0) {
        ListItems *a = items_new(t, capacity, 0);
        if (!a) {
            object_release(t, l);
            return UNDEF;
        }
        l->items = a;
    }
    return value_of(l);
}

// A list of n items which the caller writes before anything else happens.
static Value new_filled(Thread *t, int64_t n) {
    ListItems *a = n ? items_new(t, n, n) : &list_no_items;
    if (!a) return UNDEF;
    List *l = object_new(t, TYPE_OF(LIST));
    if (!l) {
        if (n) items_free(t, a);
        return UNDEF;
    }
    l->items = a;
    l->length = n;
    return value_of(l);
}

Value list_from_values(Thread *t, Value *items_steal, int64_t n) {
    Value v = new_filled(t, n);
    if (v == UNDEF) {
        for (int64_t i = 0; i < n; i++) value_release(t, items_steal[i]);
        return UNDEF;
    }
    Value *to = value_list(v)->items->item;
    for (int64_t i = 0; i < n; i++) slot_init(&to[i], items_steal[i]);
    return v;
}

Value list_from_refs(Thread *t, const ValueRef *items, int64_t n) {
    Value v = new_filled(t, n);
    if (v == UNDEF) return UNDEF;
    Value *to = value_list(v)->items->item;
    for (int64_t i = 0; i < n; i++) slot_init(&to[i], value_dup(t, items[i]));
    return v;
}

// Items [start, end) at one moment, bounds clipped.
Value list_slice(Thread *t, List *l, int64_t start, int64_t end) {
    Guard g;
    guard_begin(t, &g, l);
    if (end > l->length) end = l->length;
    if (start < 0) start = 0;
    Value made = start < end ? list_from_refs(t, value_refs(l->items->item + start), end - start) : list_new(t, 0);
    guard_end(t, &g);
    return made;
}
Value list_copy(Thread *t, List *l) { return list_slice(t, l, 0, INT64_MAX); }

Value list_snapshot(Thread *t, List *l) {
    Guard g;
    guard_begin(t, &g, l);
    Value made = tuple_from_refs(t, value_refs(l->items->item), l->length);
    guard_end(t, &g);
    return made;
}

Value list_from_iterable(Thread *t, ValueRef iterable) {
    if (value_is(iterable, LIST)) return list_copy(t, value_list(iterable));
    if (value_is(iterable, TUPLE)) return list_from_refs(t, value_refs(value_tuple(iterable)->items), value_tuple(iterable)->length);
    Value l = list_new(t, 0);
    if (l != UNDEF && list_extend(t, value_list(l), iterable) < 0) VALUE_CLEAR(t, l);
    return l;
}

// ---- single items
int list_append_slow(Thread *t, List *l, Value item_steal) {
    Guard g;
    guard_begin(t, &g, l);
    int64_t n = l->length;
    ListItems *a = make_room(t, l, n + 1);
    if (a) {
        slot_append(t, l, &a->item[n], item_steal);
        length_store(&l->length, n + 1);
    }
    guard_end(t, &g);
    if (a) return 0;
    value_release(t, item_steal);
    return -1;
}

int list_set_slow(Thread *t, List *l, int64_t index, Value item_steal) {
    Guard g;
    guard_begin(t, &g, l);
    bool inside = (uint64_t)index < (uint64_t)l->length;
    if (inside && g.held) slot_store(t, l, &l->items->item[index], item_steal); // shared: what it displaces is retired
    guard_end(t, &g);
    if (inside && g.held) return 0;
    value_release(t, item_steal);
    return raise_int(t, INDEX_ERROR, "list assignment index out of range");
}

int list_insert(Thread *t, List *l, int64_t index, Value item_steal) {
    Guard g;
    guard_begin(t, &g, l);
    int64_t n = l->length;
    ListItems *a = make_room(t, l, n + 1);
    if (a) {
        if (index < 0 && (index += n) < 0) index = 0;
        if (index > n) index = n;
        slots_move(&a->item[index + 1], &a->item[index], (size_t)(n - index));
        slot_append(t, l, &a->item[index], item_steal);
        length_store(&l->length, n + 1);
    }
    guard_end(t, &g);
    if (a) return 0;
    value_release(t, item_steal);
    return -1;
}

// Takes the item at a valid index out: the slot's own reference. The guard is held.
static Value unlink_at(Thread *t, List *l, int64_t index) {
    ListItems *a = l->items;
    int64_t last = l->length - 1;
    Value v = a->item[index];
    slots_move(&a->item[index], &a->item[index + 1], (size_t)(last - index));
    slot_rewrite(&a->item[last], UNDEF);
    length_store(&l->length, last);
    maybe_shrink(t, l);
    return v;
}

// As pop: -1 is the last. UNDEF without an exception where there is no such item; `*length` is the list's.
static Value pop_or_undef(Thread *t, List *l, int64_t index, int64_t *length) {
    Guard g;
    guard_begin(t, &g, l);
    Value v = UNDEF;
    *length = l->length;
    if (index < 0) index += l->length;
    if ((uint64_t)index < (uint64_t)l->length) {
        v = unlink_at(t, l, index);
        if (g.held) { // the slot's reference may have been borrowed by readers: it goes later, the caller's is a new one
            Value slots = v;
            v = value_dup(t, v);
            slot_discard(t, l, slots);
        }
    }
    guard_end(t, &g);
    return v;
}

Value list_pop(Thread *t, List *l, int64_t index) {
    if (LIKELY(index == -1 && !object_is_shared((const void *)l))) {
        ListItems *a = l->items;
        int64_t n = l->length;
        if (LIKELY(n > 0 && (n > a->capacity / 2 || a->capacity <= 16))) {
            Value v = a->item[n - 1];
            slot_init(&a->item[n - 1], UNDEF);
            l->length = n - 1;
            return v;
        }
    }
    int64_t length;
    Value v = pop_or_undef(t, l, index, &length);
    if (v == UNDEF) return length ? raise(t, INDEX_ERROR, "pop index out of range") : raise(t, INDEX_ERROR, "pop from empty list");
    return v;
}

int list_delete_at(Thread *t, List *l, int64_t index) {
    int64_t length;
    Value v = index < 0 ? UNDEF : pop_or_undef(t, l, index, &length);
    if (v == UNDEF) return raise_int(t, INDEX_ERROR, "list assignment index out of range");
    value_release(t, v);
    return 0;
}

// ---- all items
ListItems *list_take_items(Thread *t, List *l, int64_t *length) {
    Guard g;
    guard_begin(t, &g, l);
    ListItems *a = l->items;
    *length = l->length;
    length_store(&l->length, 0);
    storage_publish(l->items, &list_no_items);
    guard_end(t, &g);
    return a;
}

bool list_restore_items(Thread *t, List *l, ListItems *items, int64_t length) {
    Guard g;
    guard_begin(t, &g, l);
    ListItems *intruder = l->items;
    int64_t n = l->length;
    if (g.held) // the list may have become shared while its items were away
        for (int64_t i = 0; i < length; i++) publish_if_needed(t, items->item[i]);
    storage_publish(l->items, items);
    length_store(&l->length, length);
    guard_end(t, &g);
    discard_items(t, l, intruder, n);
    return !has_storage(intruder);
}

void list_clear(Thread *t, List *l) {
    int64_t n;
    ListItems *a = list_take_items(t, l, &n);
    discard_items(t, l, a, n);
}

void list_reverse(Thread *t, List *l) {
    Guard g;
    guard_begin(t, &g, l);
    for (int64_t i = 0, j = l->length - 1; i < j; i++, j--) {
        Value left = l->items->item[i], right = l->items->item[j];
        slot_rewrite(&l->items->item[i], right);
        slot_rewrite(&l->items->item[j], left);
    }
    guard_end(t, &g);
}

// Appends n borrowed items that stay where they are for the call: no safepoint inside. The guard is held.
static int append_refs(Thread *t, List *l, const ValueRef *items, int64_t n) {
    int64_t length = l->length;
    ListItems *a = make_room(t, l, length + n);
    if (!a) return n ? -1 : 0;
    for (int64_t i = 0; i < n; i++) slot_append(t, l, &a->item[length + i], value_dup(t, items[i]));
    length_store(&l->length, length + n);
    return 0;
}

static int extend_by_list(Thread *t, List *l, List *from) {
    CriticalSection cs;
    bool locked = object_is_shared((const void *)l) || object_is_shared((const void *)from);
    if (locked) critical2_begin(&t->core, &cs, &l->c.head, &from->c.head);
    int64_t n = from->length, room = l->length + n;
    int result = n && !make_room(t, l, room) ? -1 : 0; // before the source's array is looked at: it may be the same list
    if (!result && n) result = append_refs(t, l, value_refs(from->items->item), n);
    if (locked) critical2_end(&t->core, &cs);
    return result;
}

static int extend_by_tuple(Thread *t, List *l, Tuple *from) {
    Guard g;
    guard_begin(t, &g, l);
    int result = append_refs(t, l, value_refs(from->items), from->length);
    guard_end(t, &g);
    return result;
}

// What to iterate over in the place of a shared dict, set or view of a dict: a copy made at one moment, so that list(d) never sees it
// change (FREE-THREADING.md). *whole: owned, or UNDEF where the iterable itself will do. 0, -1.
static int whole_of_shared(Thread *t, ValueRef iterable, Value *whole) {
    *whole = UNDEF;
    if (!value_is_pointer(iterable)) return 0;
    bool shared = object_is_shared(value_object(iterable));
    if (value_is(iterable, DICT)) {
        if (!shared) return 0;
        *whole = dict_keys_list(t, value_dict(iterable));
    } else if (value_is(iterable, SET)) {
        if (!shared) return 0;
        *whole = set_copy(t, value_set(iterable));
    } else if (value_is(iterable, DICT_KEYS) || value_is(iterable, DICT_VALUES) || value_is(iterable, DICT_ITEMS)) {
        ValueRef dict = slot_borrow(&((DictView *)value_object(iterable))->dict);
        if (!value_is(dict, DICT) || !object_is_shared(value_object(dict))) return 0; // a view of one's own may show a shared dict
        Value copy = dict_copy(t, value_dict(dict));
        if (copy) *whole = dict_view_new(t, value_type(iterable), copy);
        value_release(t, copy);
    } else {
        return 0;
    }
    return *whole ? 0 : -1;
}

int list_extend(Thread *t, List *l, ValueRef iterable) {
    if (value_is(iterable, LIST) || value_object(iterable) == (Object *)l) return extend_by_list(t, l, value_list(iterable));
    if (value_is(iterable, TUPLE)) return extend_by_tuple(t, l, value_tuple(iterable));
    Value whole;
    if (whole_of_shared(t, iterable, &whole) < 0) return -1;
    Value it = object_iter(t, whole ? (ValueRef)whole : iterable);
    value_release(t, whole);
    if (it == UNDEF) return -1;
    int result = -1;
    int64_t hint = object_length_hint(t, iterable, 8);
    if (hint < 0) goto done;
    if (hint > 1 << 16 && value_type(iterable)->flags & TYPE_HEAP) hint = 1 << 16; // a Python class may promise anything
    if (hint > storage_load(l->items)->capacity - list_length(l) && hint < CAPACITY_MAX / 2 &&
        list_reserve(t, l, list_length(l) + hint) < 0)
        goto done;
    UnaryFn next = value_type(it)->ops.next;
    for (uint32_t n = 1;; n++) {
        Value item = next(t, it);
        if (item == UNDEF) break;
        if (list_append(t, l, item) < 0) goto done;
        if (UNLIKELY((n & 1023) == 0) && poll_check(&t->core) < 0) goto done;
    }
    if (error_pending(t)) {
        if (!error_matches(t, EXCEPTION(STOP_ITERATION))) goto done;
        error_clear(t);
    }
    result = 0;
done:
    value_release(t, it);
    return result;
}

// ---- slices
static Value get_slice(Thread *t, List *l, Slice *slice) {
    int64_t start, stop, step;
    if (slice_unpack(t, slice, &start, &stop, &step) < 0) return UNDEF;
    Guard g;
    guard_begin(t, &g, l);
    int64_t count = slice_adjust(l->length, &start, &stop, step);
    Value made;
    if (count <= 0) {
        made = list_new(t, 0);
    } else if (step == 1) {
        made = list_from_refs(t, value_refs(l->items->item + start), count);
    } else {
        made = new_filled(t, count);
        for (int64_t i = 0; i < count && made != UNDEF; i++) slot_init(&value_list(made)->items->item[i], value_dup(t, l->items->item[start + i * step]));
    }
    guard_end(t, &g);
    return made;
}

// Items [start, start + count) give way to the items of `with` (a tuple, or NULL for none). The guard is held; what was
// displaced is in *displaced (count references) for discard_items after the section.
static int splice(Thread *t, List *l, int64_t start, int64_t count, Tuple *with, ListItems **displaced) {
    int64_t n = l->length, added = with ? with->length : 0, tail = n - start - count;
    *displaced = &list_no_items;
    ListItems *a = added ? make_room(t, l, n - count + added) : l->items;
    if (!a) return -1;
    if (count) {
        ListItems *aside = items_new(t, count, count);
        if (!aside) return -1;
        *displaced = aside;
    }
    if (count) memcpy((*displaced)->item, a->item + start, (size_t)count * sizeof(Value));
    if (added != count && tail) slots_move(a->item + start + added, a->item + start + count, (size_t)tail);
    for (int64_t i = 0; i < added; i++) slot_append(t, l, &a->item[start + i], value_dup(t, with->items[i]));
    for (int64_t i = n - count + added; i < n; i++) slot_rewrite(&a->item[i], UNDEF);
    length_store(&l->length, n - count + added);
    if (added < count) maybe_shrink(t, l);
    return 0;
}

// As many items of another list or tuple as a slice of a private list has, in their places. False: not such a case, nothing was done.
enum { OVERWRITE_MOST = 32 };
static bool overwrite_slice(Thread *t, List *l, int64_t start, int64_t stop, ValueRef value) {
    const Value *from;
    int64_t n;
    if (object_is_shared((Object *)l)) return false;
    if (value_is(value, TUPLE)) {
        from = value_tuple(value)->items;
        n = value_tuple(value)->length;
    } else if (value_is(value, LIST) && value_list(value) != l && !object_is_shared(value_object(value))) {
        from = value_list(value)->items->item;
        n = value_list(value)->length;
    } else {
        return false;
    }
    if (n > OVERWRITE_MOST || slice_adjust(l->length, &start, &stop, 1) != n) return false;
    Value old[OVERWRITE_MOST], *item = l->items->item + start;
    for (int64_t i = 0; i < n; i++) {
        old[i] = item[i];
        slot_init(&item[i], value_dup(t, from[i]));
    }
    for (int64_t i = 0; i < n; i++) value_release(t, old[i]);
    return true;
}

static int store_slice(Thread *t, List *l, Slice *slice, ValueRef value) {
    int64_t start, stop, step;
    if (slice_unpack(t, slice, &start, &stop, &step) < 0) return -1;
    if (step == 1 && overwrite_slice(t, l, start, stop, value)) return 0;
    Value with = UNDEF;
    if (value != UNDEF) {
        if (!value_is(value, LIST) && !value_is(value, TUPLE)) {
            Value it = object_iter(t, value);
            if (it == UNDEF) {
                if (error_matches(t, EXCEPTION(TYPE_ERROR))) {
                    error_clear(t);
                    return raise_int(t, TYPE_ERROR, "must assign iterable to extended slice");
                }
                return -1;
            }
            with = tuple_from_iterable(t, it);
            value_release(t, it);
        } else {
            with = tuple_from_iterable(t, value);
        }
        if (with == UNDEF) return -1;
    }
    Tuple *items = with == UNDEF ? NULL : value_tuple(with);
    ListItems *displaced = &list_no_items, *aside;
    int result = 0;
    Guard g;
    guard_begin(t, &g, l);
    int64_t count = slice_adjust(l->length, &start, &stop, step);
    if (step == 1) {
        result = splice(t, l, start, count, items, &displaced);
    } else if (items) {
        if (items->length != count) {
            guard_end(t, &g);
            raise_int(t, VALUE_ERROR, "attempt to assign sequence of size %lld to extended slice of size %lld", (long long)items->length, (long long)count);
            value_release(t, with);
            return -1;
        }
        if (count && !(aside = items_new(t, count, count))) result = -1;
        else if (count) displaced = aside;
        for (int64_t i = 0; i < count && !result; i++) {
            Value *slot = &l->items->item[start + i * step];
            displaced->item[i] = *slot;
            slot_append(t, l, slot, value_dup(t, items->items[i]));
        }
    } else if (count > 0) {
        if (step < 0) {
            start += (count - 1) * step;
            step = -step;
        }
        aside = items_new(t, count, count);
        if (!aside) {
            result = -1;
        } else { // closes the gaps from left to right
            displaced = aside;
            Value *item = l->items->item;
            int64_t n = l->length, to = start;
            for (int64_t i = 0; i < count; i++) {
                int64_t from = start + i * step, end = i + 1 < count ? from + step : n;
                displaced->item[i] = item[from];
                slots_move(item + to, item + from + 1, (size_t)(end - from - 1));
                to += end - from - 1;
            }
            for (int64_t i = to; i < n; i++) slot_rewrite(&item[i], UNDEF);
            length_store(&l->length, to);
            maybe_shrink(t, l);
        }
    }
    guard_end(t, &g);
    discard_items(t, l, displaced, displaced->capacity); // at once: the list is still private, or shared
    value_release(t, with);
    return result;
}

// ---- slots
static int64_t list_len(Thread *t, ValueRef self) { return list_length(value_list(self)); }

static Value list_getitem(Thread *t, ValueRef self, ValueRef key) {
    List *l = value_list(self);
    int64_t i;
    if (value_is(key, SLICE)) return get_slice(t, l, value_slice(key));
    int kind = container_index(t, key, &i);
    if (LIKELY(kind > 0)) {
        Value v = list_get(t, l, i < 0 ? i + list_length(l) : i);
        return LIKELY(v != UNDEF) ? v : raise(t, INDEX_ERROR, "list index out of range");
    }
    if (kind < 0) return UNDEF;
    return raise(t, TYPE_ERROR, "list indices must be integers or slices, not %T", key);
}

static int list_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    List *l = value_list(self);
    int64_t i;
    if (value_is(key, SLICE)) return store_slice(t, l, value_slice(key), value);
    int kind = container_index(t, key, &i);
    if (LIKELY(kind > 0)) {
        if (i < 0) i += list_length(l);
        return value == UNDEF ? list_delete_at(t, l, i) : list_set(t, l, i, value_dup(t, value));
    }
    if (kind < 0) return -1;
    return raise_int(t, TYPE_ERROR, "list indices must be integers or slices, not %T", key);
}

// Does the item at i equal `value`? 1, 0, -1; -2 where there is no such item.
static int item_equals(Thread *t, List *l, int64_t i, ValueRef value) {
    ValueRef item = list_borrow(l, i);
    if (item == UNDEF) return -2;
    int r = values_equal_fast(item, value);
    if (r >= 0) return r;
    Value held = value_dup(t, item);
    r = object_equal(t, held, value);
    value_release(t, held);
    return r;
}

static int list_contains(Thread *t, ValueRef self, ValueRef value) {
    List *l = value_list(self);
    for (int64_t i = 0;; i++) {
        int r = item_equals(t, l, i, value);
        if (r == -2) return 0;
        if (r) return r;
        if (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0) return -1;
    }
}

static Value list_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is_any_list(b)) return raise(t, TYPE_ERROR, "can only concatenate list (not \"%T\") to list", b);
    List *x = value_list(a), *y = value_list(b);
    CriticalSection cs;
    bool locked = object_is_shared((const void *)x) || object_is_shared((const void *)y);
    if (locked) critical2_begin(&t->core, &cs, &x->c.head, &y->c.head);
    int64_t n = x->length, m = y->length;
    Value made = new_filled(t, n + m);
    if (made != UNDEF) {
        Value *to = value_list(made)->items->item;
        for (int64_t i = 0; i < n; i++) slot_init(&to[i], value_dup(t, x->items->item[i]));
        for (int64_t i = 0; i < m; i++) slot_init(&to[n + i], value_dup(t, y->items->item[i]));
    }
    if (locked) critical2_end(&t->core, &cs);
    return made;
}

static Value list_repeat(Thread *t, ValueRef self, ValueRef count) {
    List *l = value_list(self);
    int64_t n, total;
    if (container_repeat_count(t, count, &n) < 0) return UNDEF;
    if (n < 0) n = 0;
    Guard g;
    guard_begin(t, &g, l);
    int64_t length = l->length;
    Value made = UNDEF;
    if (__builtin_mul_overflow(length, n, &total)) {
        raise_no_memory(t);
    } else if ((made = list_new(t, total)) != UNDEF && total) {
        Value *from = l->items->item, *to = value_list(made)->items->item;
        for (int64_t i = 0; i < length; i++) {
            value_dup_n(t, from[i], (uint64_t)n);
            slot_init(&to[i], from[i]);
        }
        for (int64_t i = length; i < total; i++) slot_init(&to[i], to[i - length]);
        value_list(made)->length = total;
    }
    guard_end(t, &g);
    return made;
}

static Value list_inplace_concat(Thread *t, ValueRef self, ValueRef iterable) {
    return list_extend(t, value_list(self), iterable) < 0 ? UNDEF : value_dup(t, self);
}

static Value list_inplace_repeat(Thread *t, ValueRef self, ValueRef count) {
    List *l = value_list(self);
    int64_t n, total;
    if (container_repeat_count(t, count, &n) < 0) return UNDEF;
    if (n <= 0) {
        list_clear(t, l);
        return value_dup(t, self);
    }
    Guard g;
    guard_begin(t, &g, l);
    int64_t length = l->length;
    bool ok = true;
    if (__builtin_mul_overflow(length, n, &total)) {
        raise_no_memory(t);
        ok = false;
    } else if (n > 1 && length) {
        ListItems *a = make_room(t, l, total);
        ok = a;
        if (ok) {
            for (int64_t i = 0; i < length; i++) value_dup_n(t, a->item[i], (uint64_t)(n - 1));
            for (int64_t i = length; i < total; i++) slot_append(t, l, &a->item[i], a->item[i - length]);
            length_store(&l->length, total);
        }
    }
    guard_end(t, &g);
    return ok ? value_dup(t, self) : UNDEF;
}

static Value compare_lengths(int64_t x, int64_t y, int op) {
    switch (op) {
    case CMP_LT: return value_bool(x < y);
    case CMP_LE: return value_bool(x <= y);
    case CMP_EQ: return value_bool(x == y);
    case CMP_NE: return value_bool(x != y);
    case CMP_GT: return value_bool(x > y);
    default: return value_bool(x >= y);
    }
}

static Value list_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_any_list(a) || !value_is_any_list(b)) return NOT_IMPLEMENTED;
    List *x = value_list(a), *y = value_list(b);
    if ((op == CMP_EQ || op == CMP_NE) && list_length(x) != list_length(y)) return value_bool(op == CMP_NE);
    for (int64_t i = 0;; i++) {
        ValueRef p = list_borrow(x, i), q = list_borrow(y, i);
        if (p == UNDEF || q == UNDEF) return compare_lengths(list_length(x), list_length(y), op);
        int equal = values_equal_fast(p, q);
        if (equal > 0) continue;
        Value left = value_dup(t, p), right = value_dup(t, q), result = UNDEF;
        if (equal < 0) equal = object_equal(t, left, right);
        bool there = i < list_length(x) && i < list_length(y); // comparing may have shortened them
        if (equal == 0) {
            if (!there) result = compare_lengths(list_length(x), list_length(y), op);
            else if (op == CMP_EQ || op == CMP_NE) result = value_bool(op == CMP_NE);
            else result = object_compare(t, left, right, op);
        }
        value_release(t, left);
        value_release(t, right);
        if (equal <= 0) return result;
        if (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0) return UNDEF;
    }
}

static Value list_repr(Thread *t, ValueRef self) {
    List *l = value_list(self);
    if (list_length(l) == 0) return str_from_text(t, "[]");
    int entered = repr_enter(t, self);
    if (entered) return entered < 0 ? UNDEF : str_from_text(t, "[...]");
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_char(&b, '[');
    for (int64_t i = 0;; i++) {
        Value item = list_get(t, l, i);
        if (item == UNDEF) break;
        Value r = object_repr(t, item);
        value_release(t, item);
        if (r == UNDEF) {
            str_builder_abandon(&b);
            repr_leave(t, self);
            return UNDEF;
        }
        if (i) str_builder_text(&b, ", ", 2);
        str_builder_str(&b, value_str(r));
        value_release(t, r);
    }
    str_builder_char(&b, ']');
    repr_leave(t, self);
    return str_builder_finish(&b);
}

static Value list_iter(Thread *t, ValueRef self) { return index_iterator_new(t, TYPE_OF(LIST_ITERATOR), self, 0); }

static Value list_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    List *l = object_new(t, (Type *)value_object(type));
    if (!l) return UNDEF;
    l->items = &list_no_items;
    return value_of(l);
}

static int list_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_type(self);
    // A class with a __new__ of its own may have keywords for it.
    if ((type == TYPE_OF(LIST) || type->ops.new == list_new_slot) && args_no_keywords(t, "list", kwnames) < 0) return -1;
    if (args_count(t, "list", nargs, 0, 1) < 0) return -1;
    if (has_storage(storage_load(value_list(self)->items))) list_clear(t, value_list(self));
    return nargs ? list_extend(t, value_list(self), args[0]) : 0;
}

// ---- methods
#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

Value list_append_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return list_append(t, value_list(self), value_dup(t, args[0])) < 0 ? UNDEF : NONE; }
METHOD(list_extend_method) { return list_extend(t, value_list(self), args[0]) < 0 ? UNDEF : NONE; }
METHOD(list_copy_method) { return list_copy(t, value_list(self)); }
METHOD(list_clear_method) {
    list_clear(t, value_list(self));
    return NONE;
}
METHOD(list_reverse_method) {
    list_reverse(t, value_list(self));
    return NONE;
}
METHOD(list_insert_method) {
    int64_t index;
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    return list_insert(t, value_list(self), index, value_dup(t, args[1])) < 0 ? UNDEF : NONE;
}
METHOD(list_pop_method) {
    int64_t index = -1;
    if (args[0] != UNDEF && arg_index(t, args[0], &index) < 0) return UNDEF;
    return list_pop(t, value_list(self), index);
}

METHOD(list_remove_method) {
    List *l = value_list(self);
restart:
    for (int64_t i = 0;; i++) {
        ValueRef item = list_borrow(l, i);
        if (item == UNDEF) return raise(t, VALUE_ERROR, "list.remove(x): x not in list");
        Value held = value_dup(t, item);
        int r = values_equal_fast(held, args[0]);
        if (r < 0) r = object_equal(t, held, args[0]);
        if (r > 0) { // deletes what was compared, not what another thread has put in its place
            Value removed = UNDEF;
            Guard g;
            guard_begin(t, &g, l);
            bool same = i < l->length && value_bits(l->items->item[i]) == value_bits(held);
            if (same || (!g.held && i < l->length)) removed = unlink_at(t, l, i);
            guard_end(t, &g);
            value_discard(t, g.held, removed);
            value_release(t, held);
            if (removed == UNDEF && g.held) goto restart;
            return NONE;
        }
        value_release(t, held);
        if (r < 0) return UNDEF;
        if (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0) return UNDEF;
    }
}

METHOD(list_index_method) {
    List *l = value_list(self);
    int64_t start = 0, stop = INT64_MAX;
    if (args[1] != UNDEF && container_bound(t, args[1], &start) < 0) return UNDEF;
    if (args[2] != UNDEF && container_bound(t, args[2], &stop) < 0) return UNDEF;
    if (start < 0 && (start += list_length(l)) < 0) start = 0;
    if (stop < 0 && (stop += list_length(l)) < 0) stop = 0;
    for (int64_t i = start; i < stop; i++) {
        int r = item_equals(t, l, i, args[0]);
        if (r == -2) break;
        if (r) return r < 0 ? UNDEF : value_int(i);
        if (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0) return UNDEF;
    }
    return raise(t, VALUE_ERROR, "list.index(x): x not in list");
}

METHOD(list_count_method) {
    List *l = value_list(self);
    int64_t count = 0;
    for (int64_t i = 0;; i++) {
        int r = item_equals(t, l, i, args[0]);
        if (r == -2) return value_int(count);
        if (r < 0) return UNDEF;
        count += r;
        if (UNLIKELY((i & 1023) == 1023) && poll_check(&t->core) < 0) return UNDEF;
    }
}

METHOD(list_sort_method) {
    bool reverse = false;
    if (args[1] != UNDEF && arg_bool(t, args[1], &reverse) < 0) return UNDEF;
    return list_sort(t, value_list(self), args[0] == UNDEF ? (ValueRef)NONE : args[0], reverse) < 0 ? UNDEF : NONE;
}

METHOD(list_reversed_method) {
    return index_iterator_new(t, TYPE_OF(LIST_REVERSE_ITERATOR), self, list_length(value_list(self)) - 1);
}

METHOD(list_sizeof_method) {
    ListItems *a = storage_load(value_list(self)->items);
    return value_int((int64_t)value_type(self)->size + (has_storage(a) ? (int64_t)items_bytes(a->capacity) : 0));
}

static void list_destroy(Thread *t, Object *o) {
    List *l = (List *)o;
    ListItems *a = l->items;
    if (!a || !has_storage(a)) return;
    for (int64_t n = l->length; n > 0;) {
        Value v = a->item[--n];
        if (!value_is_pointer(v)) continue;
        l->length = n; // what a finalizer sees of the list meanwhile is still held by it
        value_release(t, v);
    }
    l->items = &list_no_items;
    items_free(t, a);
}
static void list_traverse(Object *o, VisitFn visit, void *arg) {
    List *l = (List *)o;
    for (int64_t i = 0; i < l->length; i++) visit(&l->items->item[i], arg);
}
static void list_clear_object(Thread *t, Object *o) { list_clear(t, (List *)o); }

static const NativeDef list_methods[] = {
    {"append", list_append_method, "($self, object, /)", "Adds an item at the end.", 0},
    {"clear", list_clear_method, "($self, /)", "Removes all items.", 0},
    {"copy", list_copy_method, "($self, /)", "A new list of the same items.", 0},
    {"count", list_count_method, "($self, value, /)", "How many items equal value.", 0},
    {"extend", list_extend_method, "($self, iterable, /)", "Adds the items of the iterable at the end.", 0},
    {"index", list_index_method, "($self, value, start=0, stop=sys.maxsize, /)", "The first position of value; ValueError where there is none.", 0},
    {"insert", list_insert_method, "($self, index, object, /)", "Puts an item before the index.", 0},
    {"pop", list_pop_method, "($self, index=-1, /)", "Removes the item at the index, by default the last, and returns it.", 0},
    {"remove", list_remove_method, "($self, value, /)", "Removes the first item that equals value; ValueError where there is none.", 0},
    {"reverse", list_reverse_method, "($self, /)", "Turns the order of the items around.", 0},
    {"sort", list_sort_method, "($self, /, *, key=None, reverse=False)", "Sorts the list itself; items that compare equal keep their order.", 0},
    {"__reversed__", list_reversed_method, "($self, /)", "An iterator from the last item to the first.", 0},
    {"__sizeof__", list_sizeof_method, "($self, /)", "Memory in bytes.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
const TypeSpec list_spec = {
    .name = "list",
    .doc = "A sequence of the items of the iterable, which can be changed.",
    .size = sizeof(List),
    .flags = TYPE_BASE | TYPE_SEQUENCE | TYPE_IS_LIST | TYPE_MATCH_SELF,
    .ops = {.repr = list_repr,
            .hash = object_hash_not_implemented,
            .compare = list_compare,
            .iter = list_iter,
            .init = list_init,
            .new = list_new_slot,
            .length = list_len,
            .getitem = list_getitem,
            .setitem = list_setitem,
            .contains = list_contains,
            .concat = list_concat,
            .repeat = list_repeat,
            .inplace_concat = list_inplace_concat,
            .inplace_repeat = list_inplace_repeat},
    .methods = list_methods,
    .new_signature = "(iterable=(), /)",
    .destroy = list_destroy,
    .traverse = list_traverse,
    .clear = list_clear_object};
