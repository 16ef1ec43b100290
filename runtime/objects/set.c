// set and frozenset.
#include "runtime/objects/set.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/hash_index.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"
#include "runtime/support/hash.h"

// ---- tables
static size_t table_bytes(uint8_t log2_index, uint8_t width, uint32_t capacity) {
    return sizeof(SetTable) + ((size_t)width << log2_index) + (size_t)capacity * sizeof(SetEntry);
}
static size_t table_size(const SetTable *table) { return table_bytes(table->log2_index, table->index_bytes, table->capacity); }

static SetTable *table_new(Thread *t, uint8_t log2_index) {
    if (log2_index >= HASH_INDEX_LOG2_MAX) return raise_no_memory(t), NULL;
    uint32_t capacity = hash_index_usable(log2_index);
    uint8_t width = hash_index_width(capacity);
    SetTable *table = storage_new(t, table_bytes(log2_index, width, capacity));
    if (!table) return NULL;
    memset(table, 0, sizeof *table);
    table->log2_index = log2_index;
    table->index_bytes = width;
    atomic_store_relaxed_u8(&table->str_keys, 1);
    table->capacity = capacity;
    table->entries = (SetEntry *)(table->index + ((size_t)width << log2_index));
    memset(table->index, 0, (size_t)width << log2_index);
    return table;
}

static void index_insert(SetTable *table, int64_t hash, uint32_t n) {
    HashProbe p = hash_probe(hash, table->log2_index);
    while (hash_index_load(table->index, table->index_bytes, p.cell)) hash_probe_next(&p);
    hash_index_store(table->index, table->index_bytes, p.cell, n + 1);
}

// Fills a fresh table with the entries of `from` that are in use; they keep their references.
static void table_fill(SetTable *table, const SetTable *from) {
    uint32_t n = 0, used = atomic_load_relaxed_u32(&from->used);
    for (uint32_t i = from->head; i < used; i++) {
        if (from->entries[i].key == UNDEF) continue;
        table->entries[n] = from->entries[i];
        index_insert(table, table->entries[n].hash, n);
        n++;
    }
    atomic_store_relaxed_u8(&table->str_keys, atomic_load_relaxed_u8(&from->str_keys));
    atomic_store_relaxed_u32(&table->used, n);
}

// Writes the pointer; the caller gives the old table up. The guard is held.
static void table_write(Set *s, SetTable *table) {
    __atomic_store_n(&s->replaced, s->replaced + 1, __ATOMIC_RELAXED);
    storage_publish(s->table, table);
}

static SetTable *table_grow(Thread *t, Set *s) {
    SetTable *old = s->table, *table = table_new(t, s->length < 5 ? 3 : hash_index_grown((uint64_t)s->length));
    if (!table) return NULL;
    if (old) table_fill(table, old);
    table_write(s, table);
    if (old) storage_discard(t, s, old, table_size(old));
    return table;
}

// Gives up a table that was taken out of `s`, with its references. May run Python.
static void table_discard(Thread *t, Set *s, SetTable *table, int64_t length, bool was_shared) {
    if (!table) return;
    if (!was_shared) { // hangs on a set of its own meanwhile, so that the collector sees it
        Value pending = error_take(t);
        Set *parking = object_new(t, TYPE_OF(SET));
        if (parking) {
            parking->table = table;
            parking->length = length;
            object_release(t, parking);
            if (pending != UNDEF) error_restore(t, pending);
            return;
        }
        error_clear(t);
        if (pending != UNDEF) error_restore(t, pending);
    }
    uint32_t used = atomic_load_relaxed_u32(&table->used);
    for (uint32_t i = table->head; i < used; i++) value_discard(t, was_shared, table->entries[i].key);
    if (was_shared) storage_discard(t, s, table, table_size(table));
    else storage_free(table);
}

// ---- finding
enum { FIND_MISSING = -1, FIND_ERROR = -2 };
#define HOLDER Set
#define TABLE SetTable
#define FIND_ANY find_any
#include "runtime/objects/hash_find.h"

static ALWAYS_INLINE int64_t find(Thread *t, Set *s, ValueRef key, int64_t hash, Guard *g, SetTable **out) {
    if (value_is_exact_str(key)) {
        SetTable *table = *out = storage_load(s->table);
        if (!table) return FIND_MISSING;
        if (LIKELY(atomic_load_relaxed_u8(&table->str_keys)))
            for (HashProbe p = hash_probe(hash, table->log2_index);; hash_probe_next(&p)) {
                uint32_t cell = hash_index_load(table->index, table->index_bytes, p.cell);
                if (!cell) return FIND_MISSING;
                ValueRef k = slot_borrow(&table->entries[cell - 1].key);
                if (value_bits(k) == value_bits(key)) return cell - 1;
                if (table->entries[cell - 1].hash == hash && value_is_exact_str(k) && str_equal(value_str(k), value_str(key))) return cell - 1;
            }
    }
    return find_any(t, s, key, hash, g, out);
}

static ALWAYS_INLINE int64_t hash_key(Thread *t, ValueRef key) {
    int64_t hash = value_hash(t, key);
    return LIKELY(hash != -1) ? hash : dict_hash_failed(t, key, "a set element");
}

// The hash for a lookup: a set may be looked for, as if it were frozen. *stand_in is then what to look for, else UNDEF.
static int64_t hash_lookup(Thread *t, ValueRef key, Value *stand_in) {
    *stand_in = UNDEF;
    int64_t hash = hash_key(t, key);
    if (LIKELY(hash != -1)) return hash;
    if (!value_is_instance(key, TYPE_OF(SET)) || !error_matches(t, EXCEPTION(TYPE_ERROR))) return -1;
    error_clear(t);
    *stand_in = frozenset_from_iterable(t, key);
    return *stand_in == UNDEF ? -1 : object_hash(t, *stand_in);
}

static int contains_hashed(Thread *t, Set *s, ValueRef key, int64_t hash) {
    SetTable *table;
    int64_t n = find(t, s, key, hash, NULL, &table);
    return n >= 0 ? 1 : n == FIND_MISSING ? 0 : -1;
}
int set_contains(Thread *t, Set *s, ValueRef key) {
    Value stand_in;
    int64_t hash = hash_lookup(t, key, &stand_in);
    int result = hash == -1 ? -1 : contains_hashed(t, s, stand_in == UNDEF ? key : (ValueRef)stand_in, hash);
    value_release(t, stand_in);
    return result;
}

// ---- changing
static int add_hashed(Thread *t, Set *s, ValueRef key, int64_t hash) {
    Guard g;
    SetTable *table;
    guard_begin(t, &g, s);
    int64_t found = find(t, s, key, hash, &g, &table);
    int result = found == FIND_ERROR ? -1 : 0;
    if (found == FIND_MISSING) {
        table = s->table;
        if (!table || atomic_load_relaxed_u32(&table->used) == table->capacity) table = table_grow(t, s);
        if (table) {
            uint32_t n = atomic_load_relaxed_u32(&table->used);
            table->entries[n].hash = hash;
            slot_append(t, s, &table->entries[n].key, value_dup(t, key));
            if (!value_is_exact_str(key)) atomic_store_relaxed_u8(&table->str_keys, 0);
            index_insert(table, hash, n);
            atomic_store_release_u32(&table->used, n + 1);
            length_store(&s->length, s->length + 1);
        } else {
            result = -1;
        }
    }
    guard_end(t, &g);
    return result;
}
int set_add(Thread *t, Set *s, ValueRef key) {
    int64_t hash = hash_key(t, key);
    return hash == -1 ? -1 : add_hashed(t, s, key, hash);
}

// Takes an entry's reference out. The guard is held.
static Value unlink_entry(Set *s, SetTable *table, uint32_t n) {
    uint32_t used = atomic_load_relaxed_u32(&table->used), head = table->head;
    Value key = table->entries[n].key;
    slot_rewrite(&table->entries[n].key, UNDEF);
    length_store(&s->length, s->length - 1);
    if (n == head) {
        while (head < used && table->entries[head].key == UNDEF) head++;
        __atomic_store_n(&table->head, head, __ATOMIC_RELAXED);
    }
    return key;
}

static int discard_hashed(Thread *t, Set *s, ValueRef key, int64_t hash) {
    Guard g;
    SetTable *table;
    Value k = UNDEF;
    guard_begin(t, &g, s);
    int64_t n = find(t, s, key, hash, &g, &table);
    if (n >= 0) k = unlink_entry(s, table, (uint32_t)n);
    guard_end(t, &g);
    value_discard(t, g.held, k);
    return n >= 0 ? 1 : n == FIND_MISSING ? 0 : -1;
}
int set_discard(Thread *t, Set *s, ValueRef key) {
    Value stand_in;
    int64_t hash = hash_lookup(t, key, &stand_in);
    int result = hash == -1 ? -1 : discard_hashed(t, s, stand_in == UNDEF ? key : (ValueRef)stand_in, hash);
    value_release(t, stand_in);
    return result;
}

Value set_pop(Thread *t, Set *s) {
    Guard g;
    Value slots = UNDEF, result = UNDEF;
    guard_begin(t, &g, s);
    if (s->length) {
        SetTable *table = s->table;
        uint32_t n = table->head;
        while (table->entries[n].key == UNDEF) n++;
        result = slots = unlink_entry(s, table, n);
        if (g.held) value_dup(t, result); // the slot's own reference may have been borrowed by readers
    }
    guard_end(t, &g);
    if (g.held) value_discard(t, true, slots);
    return result;
}

// Puts another table (of a set that nobody else knows, whose references move along) in the place of s's. May run Python.
static void take_over(Thread *t, Set *s, Set *from) {
    Guard g;
    guard_begin(t, &g, s);
    SetTable *old = s->table, *table = from ? from->table : NULL;
    int64_t old_length = s->length, length = from ? from->length : 0;
    if (g.held && table)
        for (uint32_t i = 0, used = atomic_load_relaxed_u32(&table->used); i < used; i++)
            if (table->entries[i].key != UNDEF) publish_if_needed(t, table->entries[i].key);
    table_write(s, table);
    length_store(&s->length, length);
    if (from) {
        from->table = NULL;
        from->length = 0;
    }
    guard_end(t, &g);
    table_discard(t, s, old, old_length, g.held);
}
void set_clear(Thread *t, Set *s) { take_over(t, s, NULL); }

// ---- walking
int set_next_hashed(Thread *t, Set *s, int64_t *position, Value *key, int64_t *hash) {
    SetTable *table = storage_load(s->table);
    if (!table) return 0;
    int64_t used = atomic_load_acquire_u32(&table->used), i = *position, head = __atomic_load_n(&table->head, __ATOMIC_RELAXED);
    if (i < head) i = head;
    for (; i < used; i++) {
        ValueRef k = slot_borrow(&table->entries[i].key);
        if (k == UNDEF) continue;
        *key = value_dup(t, k);
        *hash = table->entries[i].hash;
        *position = i + 1;
        return 1;
    }
    *position = i;
    return 0;
}
int set_next(Thread *t, Set *s, int64_t *position, Value *key) {
    int64_t hash;
    return set_next_hashed(t, s, position, key, &hash);
}

// ---- making
static Set *new_of(Thread *t, Type *type) { return object_new(t, type); }
Value set_new(Thread *t) {
    Set *s = new_of(t, TYPE_OF(SET));
    return s ? value_of(s) : UNDEF;
}

static Set *copy_as(Thread *t, Type *type, Set *s) {
    Set *made = new_of(t, type);
    if (!made) return NULL;
    Guard g;
    guard_begin(t, &g, s);
    if (s->length) {
        SetTable *from = s->table;
        uint32_t used = atomic_load_relaxed_u32(&from->used);
        bool whole = used == (uint64_t)s->length;
        SetTable *table = table_new(t, whole ? from->log2_index : hash_index_log2((uint64_t)s->length));
        if (table) {
            if (whole) {
                memcpy(table->index, from->index, (size_t)from->index_bytes << from->log2_index);
                memcpy(table->entries, from->entries, used * sizeof(SetEntry));
                atomic_store_relaxed_u8(&table->str_keys, atomic_load_relaxed_u8(&from->str_keys));
                atomic_store_relaxed_u32(&table->used, used);
            } else {
                table_fill(table, from);
            }
            for (int64_t i = 0; i < s->length; i++) value_dup(t, table->entries[i].key);
            made->table = table;
            made->length = s->length;
        } else {
            object_release(t, made);
            made = NULL;
        }
    }
    guard_end(t, &g);
    return made;
}
Value set_copy(Thread *t, Set *s) {
    Set *made = copy_as(t, TYPE_OF(SET), s);
    return made ? value_of(made) : UNDEF;
}

// The set itself (a new reference), or a copy of one that other threads can change.
static Set *stable(Thread *t, ValueRef set) {
    if (object_is_shared(value_object(set)) && !value_is(set, FROZENSET)) return copy_as(t, TYPE_OF(SET), value_set(set));
    return (Set *)value_object(value_dup(t, set));
}

// A section around an operation of several steps, so that other writers see all of it or nothing where no Python runs.
typedef struct Whole {
    CriticalSection cs;
    bool held;
} Whole;
static void whole_begin(Thread *t, Whole *w, Set *s) {
    w->held = object_is_shared((const void *)s);
    if (w->held) critical_begin(&t->core, &w->cs, &s->c.head);
}
static void whole_end(Thread *t, Whole *w) {
    if (w->held) critical_end(&t->core, &w->cs);
}

// Calls step(t, s, key, hash) for each of the iterable, taken with its hash from sets and dicts. 0 or -1.
typedef int (*StepFn)(Thread *t, Set *s, ValueRef key, int64_t hash);
static int each(Thread *t, Set *s, ValueRef iterable, StepFn step) {
    int result = 0;
    int64_t hash, position = 0;
    Value key;
    Whole w;
    if (value_is_any_set(iterable)) {
        Set *from = stable(t, iterable);
        if (!from) return -1;
        whole_begin(t, &w, s);
        while (result >= 0 && set_next_hashed(t, from, &position, &key, &hash)) {
            result = step(t, s, key, hash);
            value_release(t, key);
        }
        whole_end(t, &w);
        object_release(t, from);
        return result < 0 ? -1 : 0;
    }
    if (value_is(iterable, DICT)) {
        Value from = dict_copy(t, value_dict(iterable));
        if (from == UNDEF) return -1;
        whole_begin(t, &w, s);
        while (result >= 0 && dict_next_hashed(t, value_dict(from), &position, &key, NULL, &hash)) {
            result = step(t, s, key, hash);
            value_release(t, key);
        }
        whole_end(t, &w);
        value_release(t, from);
        return result < 0 ? -1 : 0;
    }
    Value it = object_iter(t, iterable);
    if (it == UNDEF) return -1;
    for (uint32_t n = 1; result >= 0; n++) {
        key = object_next(t, it);
        if (key == UNDEF) {
            if (error_pending(t)) result = -1;
            break;
        }
        hash = hash_key(t, key);
        result = hash == -1 ? -1 : step(t, s, key, hash);
        value_release(t, key);
        if (UNLIKELY((n & 1023) == 0) && poll_check(&t->core) < 0) result = -1;
    }
    value_release(t, it);
    return result < 0 ? -1 : 0;
}

int set_update(Thread *t, Set *s, ValueRef iterable) {
    if (value_object(iterable) == (Object *)s) return 0;
    if (set_length(s) == 0 && !object_is_shared((const void *)s) && value_is_any_set(iterable)) {
        Set *copy = copy_as(t, TYPE_OF(SET), value_set(iterable));
        if (!copy) return -1;
        bool still = set_length(s) == 0 && !object_is_shared((const void *)s);
        if (still) take_over(t, s, copy);
        object_release(t, copy);
        if (still) return 0;
    }
    return each(t, s, iterable, add_hashed);
}
int set_difference_update(Thread *t, Set *s, ValueRef iterable) {
    if (value_object(iterable) == (Object *)s) {
        set_clear(t, s);
        return 0;
    }
    return each(t, s, iterable, discard_hashed);
}
static int toggle_hashed(Thread *t, Set *s, ValueRef key, int64_t hash) {
    int r = discard_hashed(t, s, key, hash);
    return r ? r : add_hashed(t, s, key, hash);
}

static Value from_iterable(Thread *t, Type *type, ValueRef iterable) {
    Set *s = new_of(t, type);
    if (!s) return UNDEF;
    if (set_update(t, s, iterable) < 0) {
        object_release(t, s);
        return UNDEF;
    }
    return value_of(s);
}
Value set_from_iterable(Thread *t, ValueRef iterable) { return from_iterable(t, TYPE_OF(SET), iterable); }
Value frozenset_from_iterable(Thread *t, ValueRef iterable) {
    if (value_is(iterable, FROZENSET)) return value_dup(t, iterable);
    return from_iterable(t, TYPE_OF(FROZENSET), iterable);
}

int set_symmetric_difference_update(Thread *t, Set *s, ValueRef iterable) {
    if (value_object(iterable) == (Object *)s) {
        set_clear(t, s);
        return 0;
    }
    if (value_is_any_set(iterable)) return each(t, s, iterable, toggle_hashed);
    Value once = set_from_iterable(t, iterable); // what comes twice counts once
    if (once == UNDEF) return -1;
    int result = each(t, s, once, toggle_hashed);
    value_release(t, once);
    return result;
}

// ---- results of operators and methods: of the left operand's basic type
static Type *basic_type(ValueRef set) { return value_is_instance(set, TYPE_OF(FROZENSET)) ? TYPE_OF(FROZENSET) : TYPE_OF(SET); }
static Value copy_with(Thread *t, ValueRef self, ValueRef other, int (*change)(Thread *, Set *, ValueRef)) {
    Set *made = copy_as(t, basic_type(self), value_set(self));
    if (!made) return UNDEF;
    if (change(t, made, other) < 0) {
        object_release(t, made);
        return UNDEF;
    }
    return value_of(made);
}

// What of `iterable` is in `asked` too.
typedef struct Intersection {
    Set *asked, *made;
} Intersection;
static int keep_hashed(Thread *t, Intersection *x, ValueRef key, int64_t hash) {
    int r = contains_hashed(t, x->asked, key, hash);
    return r > 0 ? add_hashed(t, x->made, key, hash) : r;
}
static Set *intersection(Thread *t, ValueRef self, ValueRef iterable) {
    Set *made = new_of(t, basic_type(self));
    if (!made) return NULL;
    Intersection x = {value_set(self), made};
    int result = 0;
    int64_t hash, position = 0;
    Value key;
    if (value_is_any_set(iterable)) {
        Set *walked = NULL, *first = stable(t, self), *second = first ? stable(t, iterable) : NULL;
        if (second) {
            bool swap = first->length < second->length;
            walked = swap ? first : second;
            x.asked = swap ? second : first;
            while (result >= 0 && set_next_hashed(t, walked, &position, &key, &hash)) {
                result = keep_hashed(t, &x, key, hash);
                value_release(t, key);
            }
        } else {
            result = -1;
        }
        object_release(t, first);
        object_release(t, second);
    } else {
        Value it = object_iter(t, iterable);
        result = it == UNDEF ? -1 : 0;
        while (result >= 0) {
            key = object_next(t, it);
            if (key == UNDEF) {
                if (error_pending(t)) result = -1;
                break;
            }
            hash = value_hash(t, key);
            result = hash == -1 ? -1 : keep_hashed(t, &x, key, hash);
            value_release(t, key);
        }
        value_release(t, it);
    }
    if (result >= 0) return made;
    object_release(t, made);
    return NULL;
}

// What of `self` is not in `iterable`. Where that is a set that is not much smaller, it is asked; else it is walked.
static Set *difference(Thread *t, ValueRef self, ValueRef iterable) {
    Set *mine = value_set(self), *other = value_set(iterable);
    if (!value_is_any_set(iterable) || set_length(mine) / 4 > set_length(other)) {
        Set *made = copy_as(t, basic_type(self), mine);
        if (made && set_difference_update(t, made, iterable) < 0) {
            object_release(t, made);
            made = NULL;
        }
        return made;
    }
    Set *made = new_of(t, basic_type(self)), *walked = made ? stable(t, self) : NULL, *asked = walked ? stable(t, iterable) : NULL;
    int result = asked ? 0 : -1;
    int64_t hash, position = 0;
    Value key;
    while (result >= 0 && set_next_hashed(t, walked, &position, &key, &hash)) {
        result = contains_hashed(t, asked, key, hash);
        if (result == 0) result = add_hashed(t, made, key, hash);
        value_release(t, key);
    }
    object_release(t, walked);
    object_release(t, asked);
    if (result >= 0) return made;
    object_release(t, made);
    return NULL;
}

// Is everything in `a` also in `b` (both any sets)?
static int is_subset(Thread *t, ValueRef a, ValueRef b) {
    Set *x = value_set(a), *y = value_set(b);
    if (set_length(x) > set_length(y)) return 0;
    Set *walked = stable(t, a);
    if (!walked) return -1;
    int result = 1;
    int64_t position = 0, hash;
    Value key;
    while (result > 0 && set_next_hashed(t, walked, &position, &key, &hash)) {
        result = contains_hashed(t, y, key, hash);
        value_release(t, key);
    }
    object_release(t, walked);
    return result;
}

static Value set_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is_any_set(a) || !value_is_any_set(b)) return NOT_IMPLEMENTED;
    Set *x = value_set(a), *y = value_set(b);
    int result;
    switch (op) {
    case CMP_EQ:
    case CMP_NE: {
        uint64_t p = atomic_load_relaxed_u64((_Atomic uint64_t *)&x->hash), q = atomic_load_relaxed_u64((_Atomic uint64_t *)&y->hash);
        result = set_length(x) != set_length(y) || (p && q && p != q) ? 0 : is_subset(t, a, b);
        if (op == CMP_NE && result >= 0) result = !result;
        break;
    }
    case CMP_LT: result = set_length(x) < set_length(y) ? is_subset(t, a, b) : 0; break;
    case CMP_LE: result = is_subset(t, a, b); break;
    case CMP_GT: result = set_length(x) > set_length(y) ? is_subset(t, b, a) : 0; break;
    default: result = is_subset(t, b, a); break;
    }
    return result < 0 ? UNDEF : value_bool(result);
}

#define BOTH_SETS(a, b) if (!value_is_any_set(a) || !value_is_any_set(b)) return NOT_IMPLEMENTED
static Value set_or(Thread *t, ValueRef a, ValueRef b) {
    BOTH_SETS(a, b);
    return copy_with(t, a, b, set_update);
}
static Value set_subtract(Thread *t, ValueRef a, ValueRef b) {
    BOTH_SETS(a, b);
    Set *made = difference(t, a, b);
    return made ? value_of(made) : UNDEF;
}
static Value set_xor(Thread *t, ValueRef a, ValueRef b) {
    BOTH_SETS(a, b);
    return copy_with(t, a, b, set_symmetric_difference_update);
}
static Value set_and(Thread *t, ValueRef a, ValueRef b) {
    BOTH_SETS(a, b);
    Set *made = intersection(t, a, b);
    return made ? value_of(made) : UNDEF;
}
static Value changed(Thread *t, ValueRef self, int result) { return result < 0 ? UNDEF : value_dup(t, self); }
static Value set_inplace_or(Thread *t, ValueRef self, ValueRef other) {
    BOTH_SETS(self, other);
    return changed(t, self, set_update(t, value_set(self), other));
}
static Value set_inplace_subtract(Thread *t, ValueRef self, ValueRef other) {
    BOTH_SETS(self, other);
    return changed(t, self, set_difference_update(t, value_set(self), other));
}
static Value set_inplace_xor(Thread *t, ValueRef self, ValueRef other) {
    BOTH_SETS(self, other);
    return changed(t, self, set_symmetric_difference_update(t, value_set(self), other));
}
static int intersection_update(Thread *t, ValueRef self, ValueRef iterable) {
    Whole w;
    whole_begin(t, &w, value_set(self));
    Set *kept = intersection(t, self, iterable);
    if (kept) take_over(t, value_set(self), kept);
    whole_end(t, &w);
    if (!kept) return -1;
    object_release(t, kept);
    return 0;
}
static Value set_inplace_and(Thread *t, ValueRef self, ValueRef other) {
    BOTH_SETS(self, other);
    return changed(t, self, intersection_update(t, self, other));
}

// ---- other slots
static int64_t set_len(Thread *t, ValueRef self) { return set_length(value_set(self)); }
static int set_contains_slot(Thread *t, ValueRef self, ValueRef key) { return set_contains(t, value_set(self), key); }

static int64_t frozenset_hash(Thread *t, ValueRef self) {
    Set *s = value_set(self);
    int64_t hash = (int64_t)atomic_load_relaxed_u64((_Atomic uint64_t *)&s->hash);
    if (hash) return hash;
    uint64_t mixed = 0;
    SetTable *table = storage_load(s->table);
    for (uint32_t i = 0, used = table ? atomic_load_acquire_u32(&table->used) : 0; i < used; i++)
        if (slot_borrow(&table->entries[i].key) != UNDEF) mixed ^= hash_set_mix(table->entries[i].hash);
    hash = hash_set_end(mixed, (size_t)s->length);
    atomic_store_relaxed_u64((_Atomic uint64_t *)&s->hash, (uint64_t)hash);
    return hash;
}

static Value set_repr(Thread *t, ValueRef self) {
    bool plain = value_is(self, SET);
    if (set_length(value_set(self)) == 0) return str_of_format(t, "%T()", self);
    int entered = repr_enter(t, self);
    if (entered) return entered < 0 ? UNDEF : str_of_format(t, "%T(...)", self);
    StrBuilder b;
    str_builder_init(&b, t);
    Value prefix = plain ? UNDEF : str_of_format(t, "%T(", self), key;
    if (!plain) {
        if (prefix == UNDEF) goto fail;
        str_builder_str(&b, value_str(prefix));
        value_release(t, prefix);
    }
    str_builder_char(&b, '{');
    bool first = true;
    for (int64_t position = 0; set_next(t, value_set(self), &position, &key); first = false) {
        Value r = object_repr(t, key);
        value_release(t, key);
        if (r == UNDEF) goto fail;
        if (!first) str_builder_text(&b, ", ", 2);
        str_builder_str(&b, value_str(r));
        value_release(t, r);
    }
    str_builder_char(&b, '}');
    if (!plain) str_builder_char(&b, ')');
    repr_leave(t, self);
    return str_builder_finish(&b);
fail:
    str_builder_abandon(&b);
    repr_leave(t, self);
    return UNDEF;
}

static Value set_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Set *s = new_of(t, (Type *)value_object(type));
    return s ? value_of(s) : UNDEF;
}
static int set_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_type(self);
    if ((type == TYPE_OF(SET) || type->ops.init == set_init) && args_no_keywords(t, "set", kwnames) < 0) return -1;
    if (args_count(t, "set", nargs, 0, 1) < 0) return -1;
    if (storage_load(value_set(self)->table)) set_clear(t, value_set(self));
    return nargs ? set_update(t, value_set(self), args[0]) : 0;
}
static Value frozenset_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *cls = (Type *)value_object(type);
    if ((cls == TYPE_OF(FROZENSET) || cls->ops.init == TYPE_OF(FROZENSET)->ops.init) && args_no_keywords(t, "frozenset", kwnames) < 0) return UNDEF;
    if (args_count(t, "frozenset", nargs, 0, 1) < 0) return UNDEF;
    if (cls == TYPE_OF(FROZENSET) && nargs) return frozenset_from_iterable(t, args[0]);
    Set *s = new_of(t, cls);
    if (s && nargs && set_update(t, s, args[0]) < 0) {
        object_release(t, s);
        return UNDEF;
    }
    return s ? value_of(s) : UNDEF;
}

// ---- methods
#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

METHOD(set_add_method) { return set_add(t, value_set(self), args[0]) < 0 ? UNDEF : NONE; }
METHOD(set_discard_method) { return set_discard(t, value_set(self), args[0]) < 0 ? UNDEF : NONE; }
METHOD(set_remove_method) {
    int r = set_discard(t, value_set(self), args[0]);
    if (r > 0) return NONE;
    return r < 0 ? UNDEF : raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
}
METHOD(set_pop_method) {
    Value v = set_pop(t, value_set(self));
    return v == UNDEF ? raise(t, KEY_ERROR, "pop from an empty set") : v;
}
METHOD(set_clear_method) {
    set_clear(t, value_set(self));
    return NONE;
}
METHOD(set_copy_method) {
    if (value_is(self, FROZENSET)) return value_dup(t, self);
    Set *made = copy_as(t, basic_type(self), value_set(self));
    return made ? value_of(made) : UNDEF;
}
// The methods that take any number of iterables.
static Value change_by_all(Thread *t, ValueRef set, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames,
                           int (*change)(Thread *, Set *, ValueRef)) {
    if (args_no_keywords(t, name, kwnames) < 0) return UNDEF;
    for (uint32_t i = 0; i < nargs; i++)
        if (change(t, value_set(set), args[i]) < 0) return UNDEF;
    return NONE;
}
static Value copy_by_all(Thread *t, ValueRef self, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames,
                         int (*change)(Thread *, Set *, ValueRef)) {
    if (args_no_keywords(t, name, kwnames) < 0) return UNDEF;
    Set *made = copy_as(t, basic_type(self), value_set(self));
    if (!made) return UNDEF;
    if (change_by_all(t, value_of(made), name, args, nargs, NULL, change) != UNDEF) return value_of(made);
    object_release(t, made);
    return UNDEF;
}
METHOD(set_update_method) { return change_by_all(t, self, "set.update", args, nargs, kwnames, set_update); }
METHOD(set_difference_update_method) { return change_by_all(t, self, "set.difference_update", args, nargs, kwnames, set_difference_update); }
METHOD(set_union_method) { return copy_by_all(t, self, "set.union", args, nargs, kwnames, set_update); }
METHOD(set_difference_method) {
    if (nargs != 1) return copy_by_all(t, self, "set.difference", args, nargs, kwnames, set_difference_update);
    if (args_no_keywords(t, "set.difference", kwnames) < 0) return UNDEF;
    Set *made = difference(t, self, args[0]);
    return made ? value_of(made) : UNDEF;
}
METHOD(set_symmetric_difference_method) { return copy_with(t, self, args[0], set_symmetric_difference_update); }
METHOD(set_symmetric_difference_update_method) {
    return set_symmetric_difference_update(t, value_set(self), args[0]) < 0 ? UNDEF : NONE;
}
METHOD(set_intersection_method) {
    if (args_no_keywords(t, "set.intersection", kwnames) < 0) return UNDEF;
    if (nargs == 0) {
        Set *copy = copy_as(t, basic_type(self), value_set(self)); // a new object, of a frozenset too
        return copy ? value_of(copy) : UNDEF;
    }
    Value result = value_dup(t, self);
    for (uint32_t i = 0; i < nargs; i++) {
        Set *made = intersection(t, result, args[i]);
        value_release(t, result);
        if (!made) return UNDEF;
        result = value_of(made);
    }
    return result;
}
METHOD(set_intersection_update_method) {
    Whole w;
    whole_begin(t, &w, value_set(self));
    Value kept = set_intersection_method(t, self, args, nargs, kwnames);
    if (kept != UNDEF && nargs) take_over(t, value_set(self), value_set(kept));
    whole_end(t, &w);
    if (kept == UNDEF) return UNDEF;
    value_release(t, kept);
    return NONE;
}
METHOD(set_isdisjoint_method) {
    if (value_bits(self) == value_bits(args[0])) return value_bool(set_length(value_set(self)) == 0);
    if (value_is_any_set(args[0])) {
        Set *x = stable(t, self), *y = x ? stable(t, args[0]) : NULL;
        int found = y ? 0 : -1;
        if (y) {
            Set *walked = x->length < y->length ? x : y, *asked = walked == x ? y : x;
            int64_t position = 0, hash;
            Value key;
            while (!found && set_next_hashed(t, walked, &position, &key, &hash)) {
                found = contains_hashed(t, asked, key, hash);
                value_release(t, key);
            }
        }
        object_release(t, x);
        object_release(t, y);
        return found < 0 ? UNDEF : value_bool(!found);
    }
    Value it = object_iter(t, args[0]);
    if (it == UNDEF) return UNDEF;
    int found = 0;
    while (!found) {
        Value key = object_next(t, it);
        if (key == UNDEF) break;
        int64_t hash = hash_key(t, key);
        found = hash == -1 ? -1 : contains_hashed(t, value_set(self), key, hash);
        value_release(t, key);
    }
    value_release(t, it);
    return error_pending(t) ? UNDEF : value_bool(!found);
}
METHOD(set_issubset_method) {
    if (value_is_any_set(args[0])) {
        int r = is_subset(t, self, args[0]);
        return r < 0 ? UNDEF : value_bool(r);
    }
    Set *common = intersection(t, self, args[0]);
    if (!common) return UNDEF;
    bool all = common->length == set_length(value_set(self));
    object_release(t, common);
    return value_bool(all);
}
METHOD(set_issuperset_method) {
    if (value_is_any_set(args[0])) {
        int r = is_subset(t, args[0], self);
        return r < 0 ? UNDEF : value_bool(r);
    }
    Value it = object_iter(t, args[0]);
    if (it == UNDEF) return UNDEF;
    int all = 1;
    while (all > 0) {
        Value key = object_next(t, it);
        if (key == UNDEF) break;
        all = set_contains(t, value_set(self), key);
        value_release(t, key);
    }
    value_release(t, it);
    return error_pending(t) ? UNDEF : value_bool(all);
}
METHOD(set_reduce_method) {
    Value list = list_from_iterable(t, self), state;
    if (list == UNDEF) return UNDEF;
    Value arguments = tuple_from_values(t, &list, 1);
    if (arguments == UNDEF) return UNDEF;
    if (value_is(self, SET) || value_is(self, FROZENSET)) state = NONE;
    else state = call_method_0(t, self, NAME(__getstate__));
    return container_tuple_3(t, value_dup(t, value_of(value_type(self))), arguments, state);
}
METHOD(set_sizeof_method) {
    SetTable *table = storage_load(value_set(self)->table);
    return value_int((int64_t)value_type(self)->size + (table ? (int64_t)table_size(table) : 0));
}

// ---- iterator
typedef struct SetIterator {
    Container c;
    Value set;         // UNDEF: exhausted
    int64_t position;  // (o)
    int64_t length;    // (o) of the set when iteration began; -1: it has changed
    int64_t remaining; // (o)
} SetIterator;
static SetIterator *value_set_iterator(ValueRef v) { return (SetIterator *)value_object(v); }

static Value set_iter(Thread *t, ValueRef self) {
    SetIterator *it = object_new(t, TYPE_OF(SET_ITERATOR));
    if (!it) return UNDEF;
    slot_init(&it->set, value_dup(t, self));
    it->length = it->remaining = set_length(value_set(self));
    return value_of(it);
}
static Value set_iterator_next(Thread *t, ValueRef self) {
    SetIterator *it = value_set_iterator(self);
    Value key = UNDEF, done = UNDEF;
    bool changed_size = false;
    Guard g;
    guard_begin(t, &g, it);
    ValueRef set = it->set;
    if (set != UNDEF) {
        if (set_length(value_set(set)) != it->length) {
            it->length = -1;
            changed_size = true;
        } else if (set_next(t, value_set(set), &it->position, &key)) {
            if (it->remaining) it->remaining--;
        } else {
            done = slot_take(t, it, &it->set, UNDEF);
        }
    }
    guard_end(t, &g);
    if (UNLIKELY(changed_size)) return raise(t, RUNTIME_ERROR, "Set changed size during iteration");
    value_release(t, done);
    return key;
}
METHOD(set_iterator_length_hint) {
    SetIterator *it = value_set_iterator(self);
    Guard g;
    guard_begin(t, &g, it);
    int64_t n = it->set != UNDEF && set_length(value_set(it->set)) == it->length ? it->remaining : 0;
    guard_end(t, &g);
    return value_int(n);
}
METHOD(set_iterator_reduce) {
    SetIterator *it = value_set_iterator(self), *copy = object_new(t, TYPE_OF(SET_ITERATOR));
    if (!copy) return UNDEF;
    Guard g;
    guard_begin(t, &g, it);
    slot_init(&copy->set, value_dup(t, it->set));
    copy->position = it->position;
    copy->length = it->length;
    copy->remaining = it->remaining;
    guard_end(t, &g);
    Value list = list_from_iterable(t, value_of(copy));
    object_release(t, copy);
    if (list == UNDEF) return UNDEF;
    return container_tuple_2(t, container_builtin(t, "iter"), tuple_from_values(t, &list, 1));
}
static void set_iterator_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((SetIterator *)o)->set); }
static void set_iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((SetIterator *)o)->set, arg); }
static const NativeDef set_iterator_methods[] = {
    {"__length_hint__", set_iterator_length_hint, "($self, /)", "How many items are left.", 0},
    {"__reduce__", set_iterator_reduce, "($self, /)", "How to pickle the iterator.", 0},
    NATIVE_END};
const TypeSpec set_iterator_spec = {
    .name = "set_iterator",
    .size = sizeof(SetIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = set_iterator_next},
    .methods = set_iterator_methods,
    .destroy = set_iterator_destroy,
    .traverse = set_iterator_traverse};

// ---- types
static void set_destroy(Thread *t, Object *o) {
    SetTable *table = ((Set *)o)->table;
    if (!table) return;
    uint32_t used = atomic_load_relaxed_u32(&table->used);
    for (uint32_t i = table->head; i < used; i++) VALUE_CLEAR(t, table->entries[i].key);
    ((Set *)o)->table = NULL;
    storage_free(table);
}
static void set_traverse(Object *o, VisitFn visit, void *arg) {
    SetTable *table = ((Set *)o)->table;
    if (!table) return;
    uint32_t used = atomic_load_relaxed_u32(&table->used);
    for (uint32_t i = table->head; i < used; i++) visit(&table->entries[i].key, arg);
}
static void set_clear_object(Thread *t, Object *o) { set_clear(t, (Set *)o); }

#define SHARED_METHODS                                                                                                         \
    {"copy", set_copy_method, "($self, /)", "A new set of the same elements.", 0},                                           \
    {"union", set_union_method, "($self, *others)", "What is in the set or in any of the others.", NATIVE_RAW},              \
    {"intersection", set_intersection_method, "($self, *others)", "What is in the set and in all of the others.", NATIVE_RAW}, \
    {"difference", set_difference_method, "($self, *others)", "What is in the set and in none of the others.", NATIVE_RAW},  \
    {"symmetric_difference", set_symmetric_difference_method, "($self, other, /)", "What is in exactly one of the two.", 0}, \
    {"isdisjoint", set_isdisjoint_method, "($self, other, /)", "Has nothing in common with other.", 0},                      \
    {"issubset", set_issubset_method, "($self, other, /)", "Everything in it is in other too.", 0},                          \
    {"issuperset", set_issuperset_method, "($self, other, /)", "Everything in other is in it too.", 0},                      \
    {"__reduce__", set_reduce_method, "($self, /)", "How to pickle the set.", 0},                                            \
    {"__sizeof__", set_sizeof_method, "($self, /)", "Memory in bytes.", 0},                                                  \
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS}

static const NativeDef set_methods[] = {
    {"add", set_add_method, "($self, object, /)", "Adds an element.", 0},
    {"discard", set_discard_method, "($self, object, /)", "Removes an element if it is there.", 0},
    {"remove", set_remove_method, "($self, object, /)", "Removes an element; KeyError where it is missing.", 0},
    {"pop", set_pop_method, "($self, /)", "Removes some element and returns it.", 0},
    {"clear", set_clear_method, "($self, /)", "Removes all elements.", 0},
    {"update", set_update_method, "($self, *others)", "Adds what is in the others.", NATIVE_RAW},
    {"intersection_update", set_intersection_update_method, "($self, *others)", "Keeps what is in all of the others.", NATIVE_RAW},
    {"difference_update", set_difference_update_method, "($self, *others)", "Removes what is in any of the others.", NATIVE_RAW},
    {"symmetric_difference_update", set_symmetric_difference_update_method, "($self, other, /)", "Keeps what is in exactly one of the two.", 0},
    SHARED_METHODS,
    NATIVE_END};
static const NativeDef frozenset_methods[] = {SHARED_METHODS, NATIVE_END};

const TypeSpec set_spec = {
    .name = "set",
    .doc = "Elements of the iterable, each once, in the order in which they were added.",
    .size = sizeof(Set),
    .flags = TYPE_BASE | TYPE_MATCH_SELF | TYPE_WEAKREFABLE,
    .ops = {.repr = set_repr, .hash = object_hash_not_implemented, .compare = set_compare, .iter = set_iter, .init = set_init,
            .new = set_new_slot, .subtract = set_subtract, .and_ = set_and, .xor_ = set_xor, .or_ = set_or,
            .inplace_subtract = set_inplace_subtract, .inplace_and = set_inplace_and, .inplace_xor = set_inplace_xor,
            .inplace_or = set_inplace_or, .length = set_len, .contains = set_contains_slot},
    .methods = set_methods,
    .new_signature = "(iterable=(), /)",
    .destroy = set_destroy,
    .traverse = set_traverse,
    .clear = set_clear_object};
const TypeSpec frozenset_spec = {
    .name = "frozenset",
    .doc = "Elements of the iterable, each once; unchangeable and hashable.",
    .size = sizeof(Set),
    .flags = TYPE_BASE | TYPE_MATCH_SELF | TYPE_WEAKREFABLE,
    .ops = {.repr = set_repr, .hash = frozenset_hash, .compare = set_compare, .iter = set_iter, .new = frozenset_new_slot,
            .subtract = set_subtract, .and_ = set_and, .xor_ = set_xor, .or_ = set_or,
            .length = set_len, .contains = set_contains_slot},
    .methods = frozenset_methods,
    .new_signature = "(iterable=(), /)",
    .destroy = set_destroy,
    .traverse = set_traverse,
    .clear = set_clear_object};
