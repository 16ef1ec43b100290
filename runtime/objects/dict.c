// dict: tables, lookup, change, and the type with its methods. Views and iterators are in dict_view.c.
#include "runtime/objects/dict.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict_view.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

// ---- tables
static size_t table_bytes(uint8_t log2_index, uint8_t width, uint32_t capacity) {
    return sizeof(DictTable) + ((size_t)width << log2_index) + (size_t)capacity * sizeof(DictEntry);
}
static size_t table_size(const DictTable *table) { return table_bytes(table->log2_index, table->index_bytes, table->capacity); }

static DictTable *table_new(Thread *t, uint8_t log2_index, uint32_t capacity) {
    if (log2_index >= HASH_INDEX_LOG2_MAX) return raise_no_memory(t), NULL;
    uint8_t width = hash_index_width(capacity);
    DictTable *table = memory_new(t, table_bytes(log2_index, width, capacity));
    if (!table) return NULL;
    memset(table, 0, sizeof *table);
    table->log2_index = log2_index;
    table->index_bytes = width;
    atomic_store_relaxed_u8(&table->str_keys, 1);
    table->capacity = capacity;
    table->entries = (DictEntry *)(table->index + ((size_t)width << log2_index));
    memset(table->index, 0, (size_t)width << log2_index);
    return table;
}

static void index_insert(DictTable *table, int64_t hash, uint32_t n) {
    HashProbe p = hash_probe(hash, table->log2_index);
    while (hash_index_load(table->index, table->index_bytes, p.cell)) hash_probe_next(&p);
    hash_index_store(table->index, table->index_bytes, p.cell, n + 1);
}

// Fills a fresh table with the live entries of `from`, which keep their references. The guard of `from`'s dict is held.
static void table_fill(DictTable *table, const DictTable *from) {
    uint32_t n = 0, used = atomic_load_relaxed_u32(&from->used);
    for (uint32_t i = from->head; i < used; i++) {
        const DictEntry *e = &from->entries[i];
        if (e->value == UNDEF) continue;
        table->entries[n] = *e;
        index_insert(table, e->hash, n++);
    }
    atomic_store_relaxed_u8(&table->str_keys, atomic_load_relaxed_u8(&from->str_keys));
    atomic_store_relaxed_u32(&table->used, n);
    table->tail = n;
}

// The guard is held.
static void table_install(Thread *t, Dict *d, DictTable *table) {
    DictTable *old = d->table;
    __atomic_store_n(&d->replaced, d->replaced + 1, __ATOMIC_RELAXED);
    storage_publish(d->table, table);
    if (!old) return;
    if (object_is_shared((Object *)d)) storage_discard(t, d, old, table_size(old));
    else memory_free(t, old, table_size(old));
}

// A table with room for one more entry at least. The guard is held.
static DictTable *table_grow(Thread *t, Dict *d) {
    DictTable *table;
    if (d->length < 5) {
        table = table_new(t, 3, hash_index_usable(3));
    } else {
        uint8_t log2 = hash_index_grown((uint64_t)d->length);
        table = table_new(t, log2, log2 < HASH_INDEX_LOG2_MAX ? hash_index_usable(log2) : 0);
    }
    if (!table) return NULL;
    if (d->table) table_fill(table, d->table);
    table_install(t, d, table);
    return table;
}

uint32_t dict_table_id(DictTable *table) {
    static _Atomic uint32_t last; // a number, no Value
    uint32_t id = atomic_load_relaxed_u32(&table->id), seen = 0;
    if (id) return id;
    id = atomic_load_relaxed_u32(&last);
    do {
        if (id == UINT32_MAX) return 0;
    } while (!atomic_cas_relaxed_u32(&last, &id, id + 1));
    if (atomic_cas_relaxed_u32(&table->id, &seen, id + 1)) return id + 1;
    return seen;
}

int64_t dict_entry_of_str(const DictTable *table, const Str *key) {
    return table ? dict_find_str(table, key, str_hash_inline((Str *)key)) : -1;
}

// ---- finding
enum { FIND_MISSING = -1, FIND_ERROR = -2 };

int64_t dict_hash_failed(Thread *t, ValueRef key, const char *use) {
    Value error = error_take(t);
    if (value_type(error) == EXCEPTION(TYPE_ERROR)) raise(t, TYPE_ERROR, "cannot use '%T' as %s (%S)", key, use, (ValueRef)error);
    else error_restore(t, value_dup(t, error));
    value_release(t, error);
    return -1;
}
static ALWAYS_INLINE int64_t hash_key(Thread *t, ValueRef key) {
    int64_t hash = value_hash(t, key);
    return LIKELY(hash != -1) ? hash : dict_hash_failed(t, key, "a dict key");
}

#define HOLDER Dict
#define TABLE DictTable
#define FIND_ANY find_any
#include "runtime/objects/hash_find.h"

// The entry of the key in *out, the table that is current then; FIND_*.
static ALWAYS_INLINE int64_t find(Thread *t, Dict *d, ValueRef key, int64_t hash, Guard *g, DictTable **out) {
    if (value_is_exact_str(key)) {
        DictTable *table = *out = storage_load(d->table);
        if (!table) return FIND_MISSING;
        if (LIKELY(atomic_load_relaxed_u8(&table->str_keys))) return dict_find_str(table, value_str(key), hash);
    }
    return find_any(t, d, key, hash, g, out);
}

Value dict_get_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash) {
    DictTable *table;
    int64_t n = find(t, d, key, hash, NULL, &table);
    return n < 0 ? UNDEF : slot_get(t, &table->entries[n].value);
}
Value dict_get(Thread *t, Dict *d, ValueRef key) {
    int64_t hash = hash_key(t, key);
    return hash == -1 ? UNDEF : dict_get_hashed(t, d, key, hash);
}
int dict_contains(Thread *t, Dict *d, ValueRef key) {
    int64_t hash = hash_key(t, key);
    if (hash == -1) return -1;
    DictTable *table;
    int64_t n = find(t, d, key, hash, NULL, &table);
    if (n < 0) return n == FIND_ERROR ? -1 : 0;
    return slot_borrow(&table->entries[n].value) != UNDEF;
}

// ---- changing
// Adds a key that is not there. The guard is held since that was found out. 0, or -1.
static int insert(Thread *t, Dict *d, ValueRef key, int64_t hash, ValueRef value) {
    DictTable *table = d->table;
    if (UNLIKELY(!table || atomic_load_relaxed_u32(&table->used) == table->capacity)) {
        table = table_grow(t, d);
        if (!table) return -1;
    }
    uint32_t n = atomic_load_relaxed_u32(&table->used);
    DictEntry *e = &table->entries[n];
    e->hash = hash;
    slot_append(t, d, &e->key, value_dup(t, key));
    slot_append(t, d, &e->value, value_dup(t, value));
    if (UNLIKELY(!value_is_exact_str(key))) atomic_store_relaxed_u8(&table->str_keys, 0);
    index_insert(table, hash, n);
    __atomic_store_n(&table->tail, n + 1, __ATOMIC_RELAXED);
    atomic_store_release_u32(&table->used, n + 1);
    length_store(&d->length, d->length + 1);
    return 0;
}

int dict_set_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash, ValueRef value) {
    Guard g;
    DictTable *table;
    int result = 0;
    if (LIKELY(!object_is_shared((Object *)d) && value_is(key, STR) && (table = d->table) != NULL && atomic_load_relaxed_u8(&table->str_keys))) {
        int64_t n = dict_find_str(table, value_str(key), hash);
        if (n < 0) return insert(t, d, key, hash, value);
        slot_store(t, d, &table->entries[n].value, value_dup(t, value)); // last: it may run Python
        return 0;
    }
    guard_begin(t, &g, d);
    int64_t n = find(t, d, key, hash, &g, &table);
    if (n >= 0) slot_store(t, d, &table->entries[n].value, value_dup(t, value)); // last: it may run Python, or wait
    else if (n == FIND_MISSING) result = insert(t, d, key, hash, value);
    else result = -1;
    guard_end(t, &g);
    return result;
}
int dict_set(Thread *t, Dict *d, ValueRef key, ValueRef value) {
    int64_t hash = hash_key(t, key);
    return hash == -1 ? -1 : dict_set_hashed(t, d, key, hash, value);
}
int dict_set_text(Thread *t, Dict *d, const char *key, Value value_steal) {
    if (value_steal == UNDEF) return -1;
    Value k = str_intern_text(t, key);
    int result = k == UNDEF ? -1 : dict_set(t, d, k, value_steal);
    value_release(t, k);
    value_release(t, value_steal);
    return result;
}

Value dict_setdefault(Thread *t, Dict *d, ValueRef key, ValueRef value) {
    int64_t hash = hash_key(t, key);
    if (hash == -1) return UNDEF;
    Guard g;
    DictTable *table;
    Value result = UNDEF;
    guard_begin(t, &g, d);
    int64_t n = find(t, d, key, hash, &g, &table);
    if (n >= 0) result = slot_get(t, &table->entries[n].value);
    else if (n == FIND_MISSING && insert(t, d, key, hash, value) == 0) result = value_dup(t, value);
    guard_end(t, &g);
    return result;
}

// Takes an entry's references out of the table. The guard is held.
static void unlink_entry(Dict *d, DictTable *table, uint32_t n, Value *key, Value *value) {
    DictEntry *e = &table->entries[n];
    uint32_t used = atomic_load_relaxed_u32(&table->used), head = table->head, tail = table->tail;
    *key = e->key;
    *value = e->value;
    slot_rewrite(&e->value, UNDEF);
    slot_rewrite(&e->key, UNDEF);
    length_store(&d->length, d->length - 1);
    if (n == head) {
        while (head < used && table->entries[head].value == UNDEF) head++;
        __atomic_store_n(&table->head, head, __ATOMIC_RELAXED);
    }
    if (n + 1 == tail) {
        while (tail > 0 && table->entries[tail - 1].value == UNDEF) tail--;
        __atomic_store_n(&table->tail, tail, __ATOMIC_RELAXED);
    }
}

// What a shared slot held belongs to readers for a while: the caller gets a reference of its own.
static Value keep_for_caller(Thread *t, Guard *g, Value *slots) {
    if (LIKELY(!g->held)) {
        Value v = *slots;
        *slots = UNDEF;
        return v;
    }
    return value_dup(t, *slots);
}

Value dict_pop_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash) {
    Guard g;
    DictTable *table;
    Value k = UNDEF, v = UNDEF, result = UNDEF;
    guard_begin(t, &g, d);
    int64_t n = find(t, d, key, hash, &g, &table);
    if (n >= 0) {
        unlink_entry(d, table, (uint32_t)n, &k, &v);
        result = keep_for_caller(t, &g, &v);
    }
    guard_end(t, &g);
    value_discard(t, g.held, v);
    value_discard(t, g.held, k);
    return result;
}
Value dict_pop(Thread *t, Dict *d, ValueRef key) {
    int64_t hash = hash_key(t, key);
    return hash == -1 ? UNDEF : dict_pop_hashed(t, d, key, hash);
}
int dict_delete(Thread *t, Dict *d, ValueRef key) {
    Value v = dict_pop(t, d, key);
    if (v == UNDEF) {
        if (!error_pending(t)) raise_with_value(t, E_KEY_ERROR, value_dup(t, key));
        return -1;
    }
    value_release(t, v);
    return 0;
}

// Gives up a table that was taken out of `d` (was_shared: as it was then) with all its references. May run Python.
static void table_discard(Thread *t, Dict *d, DictTable *table, int64_t length, bool was_shared) {
    if (!table) return;
    if (!was_shared) { // hangs on a dict of its own meanwhile, so that the collector sees it
        Value pending = error_take(t);
        Dict *parking = object_new(t, TYPE_OF(DICT));
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
    for (uint32_t i = table->head; i < used; i++) {
        value_discard(t, was_shared, table->entries[i].key);
        value_discard(t, was_shared, table->entries[i].value);
    }
    if (was_shared) storage_discard(t, d, table, table_size(table));
    else memory_free(t, table, table_size(table));
}

void dict_clear(Thread *t, Dict *d) {
    Guard g;
    guard_begin(t, &g, d);
    DictTable *table = d->table;
    int64_t length = d->length;
    __atomic_store_n(&d->replaced, d->replaced + 1, __ATOMIC_RELAXED);
    length_store(&d->length, 0);
    storage_publish(d->table, (DictTable *)NULL);
    guard_end(t, &g);
    table_discard(t, d, table, length, g.held);
}

// The last entry in order: owned key and value. False where the dict is empty.
static bool pop_last(Thread *t, Dict *d, Value *key, Value *value) {
    Guard g;
    guard_begin(t, &g, d);
    bool found = d->length > 0;
    Value k = UNDEF, v = UNDEF;
    if (found) {
        unlink_entry(d, d->table, d->table->tail - 1, &k, &v);
        *key = keep_for_caller(t, &g, &k);
        *value = keep_for_caller(t, &g, &v);
    }
    guard_end(t, &g);
    value_discard(t, g.held, k);
    value_discard(t, g.held, v);
    return found;
}

// ---- making and copying
Value dict_new(Thread *t) {
    Dict *d = object_new(t, TYPE_OF(DICT));
    return d ? value_of(d) : UNDEF;
}
Value dict_new_sized(Thread *t, int64_t entries) {
    Dict *d = object_new(t, TYPE_OF(DICT));
    if (!d) return UNDEF;
    if (entries > 0 && entries <= INT32_MAX) {
        d->table = table_new(t, hash_index_log2((uint64_t)entries), (uint32_t)entries);
        if (!d->table) {
            object_release(t, d);
            return UNDEF;
        }
    }
    return value_of(d);
}

Value dict_from_str_items(Thread *t, Value *items, int64_t pairs) {
    Value made = dict_new_sized(t, pairs);
    if (made == UNDEF) {
        for (int64_t i = 0; i < 2 * pairs; i++) VALUE_CLEAR(t, items[i]);
        return UNDEF;
    }
    Dict *d = value_dict(made);
    DictTable *table = d->table;
    uint32_t used = 0;
    bool again = false; // keys that came before, and values that they replaced, stay in `items` until all is done
    for (int64_t i = 0; i < pairs; i++) {
        Value key = items[2 * i], value = items[2 * i + 1];
        Str *str = value_str(key);
        int64_t hash = __atomic_load_n((const int64_t *)&str->hash, __ATOMIC_RELAXED);
        if (UNLIKELY(!hash)) hash = str_hash(str);
        HashProbe p = hash_probe(hash, table->log2_index);
        uint32_t cell;
        while ((cell = hash_index_load(table->index, table->index_bytes, p.cell)) &&
               !(table->entries[cell - 1].hash == hash && str_equal(value_str(table->entries[cell - 1].key), str)))
            hash_probe_next(&p);
        if (UNLIKELY(cell)) {
            items[2 * i + 1] = table->entries[cell - 1].value;
            slot_init(&table->entries[cell - 1].value, value);
            again = true;
            continue;
        }
        DictEntry *e = &table->entries[used++];
        e->hash = hash;
        slot_init(&e->key, key);
        slot_init(&e->value, value);
        hash_index_store(table->index, table->index_bytes, p.cell, used);
        items[2 * i] = items[2 * i + 1] = UNDEF;
    }
    if (used) {
        __atomic_store_n(&table->tail, used, __ATOMIC_RELAXED);
        atomic_store_release_u32(&table->used, used);
        length_store(&d->length, used);
    }
    if (again)
        for (int64_t i = 0; i < 2 * pairs; i++) VALUE_CLEAR(t, items[i]);
    return made;
}

// A copy of d's table at one moment, with references of its own, in *out (NULL: empty). 0 or -1.
static int table_copy(Thread *t, Dict *d, DictTable **out, int64_t *length) {
    Guard g;
    guard_begin(t, &g, d);
    DictTable *from = d->table, *table = NULL;
    *length = d->length;
    *out = NULL;
    int result = 0;
    if (from && d->length) {
        uint32_t used = atomic_load_relaxed_u32(&from->used);
        if (used == (uint64_t)d->length) {
            table = table_new(t, from->log2_index, from->capacity);
            if (table) {
                memcpy(table->index, from->index, (size_t)from->index_bytes << from->log2_index);
                memcpy(table->entries, from->entries, used * sizeof(DictEntry));
                atomic_store_relaxed_u8(&table->str_keys, atomic_load_relaxed_u8(&from->str_keys));
                atomic_store_relaxed_u32(&table->used, used);
                table->tail = used;
            }
        } else {
            uint8_t log2 = hash_index_log2((uint64_t)d->length);
            table = table_new(t, log2, hash_index_usable(log2));
            if (table) table_fill(table, from);
        }
        if (table) {
            for (int64_t i = 0; i < d->length; i++) {
                value_dup(t, table->entries[i].key);
                value_dup(t, table->entries[i].value);
            }
            *out = table;
        } else {
            result = -1;
        }
    }
    guard_end(t, &g);
    return result;
}

Value dict_copy(Thread *t, Dict *d) {
    Dict *made = object_new(t, TYPE_OF(DICT));
    if (!made) return UNDEF;
    if (table_copy(t, d, &made->table, &made->length) < 0) {
        made->length = 0;
        object_release(t, made);
        return UNDEF;
    }
    return value_of(made);
}

int dict_next_hashed(Thread *t, Dict *d, int64_t *position, Value *key, Value *value, int64_t *hash) {
    DictTable *table = storage_load(d->table);
    if (!table) return 0;
    int64_t used = atomic_load_acquire_u32(&table->used), i = *position, head = __atomic_load_n(&table->head, __ATOMIC_RELAXED);
    if (i < head) i = head;
    for (; i < used; i++) {
        DictEntry *e = &table->entries[i];
        ValueRef v = slot_borrow(&e->value), k = slot_borrow(&e->key);
        if (v == UNDEF || k == UNDEF) continue;
        if (key) *key = value_dup(t, k);
        if (value) *value = value_dup(t, v);
        *hash = e->hash;
        *position = i + 1;
        return 1;
    }
    *position = i;
    return 0;
}
int dict_next(Thread *t, Dict *d, int64_t *position, Value *key, Value *value) {
    int64_t hash;
    return dict_next_hashed(t, d, position, key, value, &hash);
}
int dict_previous(Thread *t, Dict *d, int64_t *position, Value *key, Value *value) {
    DictTable *table = storage_load(d->table);
    if (!table) return 0;
    int64_t used = atomic_load_acquire_u32(&table->used), i = *position, tail = __atomic_load_n(&table->tail, __ATOMIC_RELAXED);
    if (i > tail) i = tail;
    if (i > used) i = used;
    while (i-- > 0) {
        DictEntry *e = &table->entries[i];
        ValueRef v = slot_borrow(&e->value), k = slot_borrow(&e->key);
        if (v == UNDEF || k == UNDEF) continue;
        if (key) *key = value_dup(t, k);
        if (value) *value = value_dup(t, v);
        *position = i;
        return 1;
    }
    *position = 0;
    return 0;
}

Value dict_keys_list(Thread *t, Dict *d) {
    Guard g;
    guard_begin(t, &g, d);
    Value list = list_new(t, d->length), key;
    if (list != UNDEF)
        for (int64_t position = 0; dict_next(t, d, &position, &key, NULL);)
            if (list_append(t, value_list(list), key) < 0) {
                value_release(t, list);
                list = UNDEF;
                break;
            }
    guard_end(t, &g);
    return list;
}

// ---- update
// From another dict, by its own entries. A shared source is copied first: what is merged was there at one moment.
static int update_from_dict(Thread *t, Dict *d, Dict *from) {
    if (d == from) return 0;
    if (!object_is_shared((const void *)d) && d->length == 0) { // takes over a copy of the whole table
        DictTable *table;
        int64_t length;
        if (table_copy(t, from, &table, &length) < 0) return -1;
        if (!object_is_shared((const void *)d) && d->length == 0) { // copying may have waited for the source's lock
            if (table) {
                table_install(t, d, table);
                d->length = length;
            }
            return 0;
        }
        table_discard(t, d, table, length, false);
    }
    Value source = object_is_shared((const void *)from) ? dict_copy(t, from) : object_dup(t, from) ? value_of(from) : UNDEF;
    if (source == UNDEF) return -1;
    from = value_dict(source);
    CriticalSection cs;
    bool locked = object_is_shared((const void *)d); // so that other writers see it all or nothing, where no Python runs
    if (locked) critical_begin(&t->core, &cs, &d->c.head);
    int result = 0;
    int64_t position = 0, length = from->length, hash;
    uint64_t replaced = from->replaced;
    Value key, value;
    while (result == 0 && dict_next_hashed(t, from, &position, &key, &value, &hash)) {
        result = dict_set_hashed(t, d, key, hash, value);
        value_release(t, key);
        value_release(t, value);
        if (result == 0 && (dict_length(from) != length || __atomic_load_n(&from->replaced, __ATOMIC_RELAXED) != replaced))
            result = raise_int(t, RUNTIME_ERROR, "dict mutated during update");
    }
    if (locked) critical_end(&t->core, &cs);
    value_release(t, source);
    return result;
}

static int merge_one(Thread *t, Dict *d, ValueRef key, ValueRef value, ValueRef function);
// With a function, for a call of it: no key twice.
static int update_from_mapping(Thread *t, Dict *d, ValueRef mapping, ValueRef function) {
    Value keys = call_method_0(t, mapping, NAME(keys));
    if (keys == UNDEF) return -1;
    Value it = object_iter(t, keys);
    value_release(t, keys);
    if (it == UNDEF) return -1;
    int result = 0;
    while (result == 0) {
        Value key = object_next(t, it);
        if (key == UNDEF) {
            result = error_pending(t) ? -1 : 0;
            break;
        }
        Value value = object_getitem(t, mapping, key);
        result = value == UNDEF ? -1 : function ? merge_one(t, d, key, value, function) : dict_set(t, d, key, value);
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, it);
    return result;
}

static int update_from_pairs(Thread *t, Dict *d, ValueRef pairs) {
    Value it = object_iter(t, pairs);
    if (it == UNDEF) return -1;
    int result = 0;
    for (int64_t n = 0; result == 0; n++) {
        Value item = object_next(t, it);
        if (item == UNDEF) {
            result = error_pending(t) ? -1 : 0;
            break;
        }
        Value pair = UNDEF;
        if (value_is(item, TUPLE) || value_is(item, LIST)) {
            pair = tuple_from_iterable(t, item);
        } else {
            Value inner = object_iter(t, item);
            if (inner == UNDEF && error_matches(t, EXCEPTION(TYPE_ERROR))) {
                error_clear(t);
                raise(t, TYPE_ERROR, "object is not iterable");
            }
            if (inner != UNDEF) {
                pair = tuple_from_iterable(t, inner);
                value_release(t, inner);
            }
            if (pair == UNDEF && error_matches(t, EXCEPTION(TYPE_ERROR))) {
                Value error = error_take(t), note = str_of_format(t, "Cannot convert dictionary update sequence element #%lld to a sequence", (long long)n);
                Value done = note == UNDEF ? UNDEF : call_method_1(t, error, NAME(add_note), note);
                if (done == UNDEF) error_clear(t);
                value_release(t, done);
                value_release(t, note);
                error_restore(t, error);
            }
        }
        value_release(t, item);
        if (pair == UNDEF) {
            result = -1;
            break;
        }
        Tuple *two = value_tuple(pair);
        if (two->length != 2)
            result = raise_int(t, VALUE_ERROR, "dictionary update sequence element #%lld has length %lld; 2 is required", (long long)n, (long long)two->length);
        else
            result = dict_set(t, d, two->items[0], two->items[1]);
        value_release(t, pair);
    }
    value_release(t, it);
    return result;
}

static bool iterates_as_dict(ValueRef v) { return value_is_any_dict(v) && value_type(v)->ops.iter == TYPE_OF(DICT)->ops.iter; }

int dict_update(Thread *t, Dict *d, ValueRef other) {
    if (iterates_as_dict(other)) return update_from_dict(t, d, value_dict(other));
    int has_keys = object_hasattr(t, other, NAME(keys));
    if (has_keys < 0) return -1;
    return has_keys ? update_from_mapping(t, d, other, UNDEF) : update_from_pairs(t, d, other);
}

Value function_text(Thread *t, ValueRef function) {
    Value qualname = object_getattr_or_undef(t, function, NAME(__qualname__));
    if (qualname == UNDEF) return error_pending(t) ? UNDEF : object_str(t, function);
    Value module = object_getattr_or_undef(t, function, NAME(__module__)), text;
    if (module != UNDEF && value_is_any_str(module) && !str_equal_text(value_str(module), "builtins"))
        text = str_of_format(t, "%S.%S()", (ValueRef)module, (ValueRef)qualname);
    else
        text = error_pending(t) ? UNDEF : str_of_format(t, "%S()", (ValueRef)qualname);
    value_release(t, module);
    value_release(t, qualname);
    return text;
}

// Whether keys are str is the call's question.
static int merge_one(Thread *t, Dict *d, ValueRef key, ValueRef value, ValueRef function) {
    int there = dict_contains(t, d, key);
    if (there <= 0) return there < 0 ? -1 : dict_set(t, d, key, value);
    Value text = function_text(t, function);
    if (text != UNDEF) raise(t, TYPE_ERROR, "%S got multiple values for keyword argument '%S'", (ValueRef)text, key);
    value_release(t, text);
    return -1;
}
int dict_merge_unique(Thread *t, Dict *d, ValueRef mapping, ValueRef function) {
    Value source;
    if (iterates_as_dict(mapping) && !object_is_shared((Object *)d) && !d->table) return table_copy(t, value_dict(mapping), &d->table, &d->length);
    if (iterates_as_dict(mapping)) {
        source = dict_copy(t, value_dict(mapping));
    } else {
        source = UNDEF;
        int has_keys = object_hasattr(t, mapping, NAME(keys));
        if (has_keys < 0) return -1;
        if (!has_keys) {
            Value text = function_text(t, function);
            if (text != UNDEF) raise(t, TYPE_ERROR, "%S argument after ** must be a mapping, not %T", (ValueRef)text, mapping);
            value_release(t, text);
            return -1;
        }
        return update_from_mapping(t, d, mapping, function);
    }
    if (source == UNDEF) return -1;
    int result = 0;
    Value key, value;
    for (int64_t position = 0; result == 0 && dict_next(t, value_dict(source), &position, &key, &value);) {
        result = merge_one(t, d, key, value, function);
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, source);
    return result;
}

// ---- slots
static int64_t dict_len(Thread *t, ValueRef self) { return dict_length(value_dict(self)); }

static Value dict_getitem(Thread *t, ValueRef self, ValueRef key) {
    Value v = dict_get(t, value_dict(self), key);
    if (LIKELY(v != UNDEF)) return v;
    if (error_pending(t)) return UNDEF;
    if (!value_is(self, DICT)) {
        v = call_special(t, self, NAME(__missing__), &key, 1);
        if (v != UNDEF || error_pending(t)) return v;
    }
    return raise_with_value(t, E_KEY_ERROR, value_dup(t, key));
}

static int dict_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    return value == UNDEF ? dict_delete(t, value_dict(self), key) : dict_set(t, value_dict(self), key, value);
}
static int dict_contains_slot(Thread *t, ValueRef self, ValueRef key) { return dict_contains(t, value_dict(self), key); }
static Value dict_iter(Thread *t, ValueRef self) { return dict_iterator_new(t, TYPE_OF(DICT_KEY_ITERATOR), self); }

static Value dict_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is_any_dict(a) || !value_is_any_dict(b)) return NOT_IMPLEMENTED;
    Dict *x = value_dict(a), *y = value_dict(b);
    int equal = dict_length(x) == dict_length(y);
    Value key, left;
    for (int64_t position = 0; equal > 0 && dict_next(t, x, &position, &key, &left);) {
        Value right = dict_get(t, y, key);
        if (right != UNDEF) equal = object_equal(t, left, right);
        else equal = error_pending(t) ? -1 : 0;
        value_release(t, key);
        value_release(t, left);
        value_release(t, right);
    }
    return equal < 0 ? UNDEF : value_bool((op == CMP_EQ) == equal);
}

static Value dict_repr(Thread *t, ValueRef self) {
    Dict *d = value_dict(self);
    if (dict_length(d) == 0) return str_from_text(t, "{}");
    int entered = repr_enter(t, self);
    if (entered) return entered < 0 ? UNDEF : str_from_text(t, "{...}");
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_char(&b, '{');
    bool first = true;
    Value key, value;
    for (int64_t position = 0; dict_next(t, d, &position, &key, &value); first = false) {
        Value k = object_repr(t, key), v = k == UNDEF ? UNDEF : object_repr(t, value);
        value_release(t, key);
        value_release(t, value);
        if (v == UNDEF) {
            value_release(t, k);
            str_builder_abandon(&b);
            repr_leave(t, self);
            return UNDEF;
        }
        if (!first) str_builder_text(&b, ", ", 2);
        str_builder_str(&b, value_str(k));
        str_builder_text(&b, ": ", 2);
        str_builder_str(&b, value_str(v));
        value_release(t, k);
        value_release(t, v);
    }
    str_builder_char(&b, '}');
    repr_leave(t, self);
    return str_builder_finish(&b);
}

static Value dict_or(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is_any_dict(a) || !value_is_any_dict(b)) return NOT_IMPLEMENTED;
    Value made = dict_copy(t, value_dict(a));
    if (made != UNDEF && dict_update(t, value_dict(made), b) < 0) VALUE_CLEAR(t, made);
    return made;
}
static Value dict_inplace_or(Thread *t, ValueRef self, ValueRef other) {
    return dict_update(t, value_dict(self), other) < 0 ? UNDEF : value_dup(t, self);
}

static Value dict_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Dict *d = object_new(t, (Type *)value_object(type));
    return d ? value_of(d) : UNDEF;
}

// dict.__init__ and dict.update: one optional mapping or iterable of pairs, then keywords.
static int update_by_arguments(Thread *t, ValueRef self, const char *name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Dict *d = value_dict(self);
    if (args_count(t, name, nargs, 0, 1) < 0) return -1;
    if (nargs && dict_update(t, d, args[0]) < 0) return -1;
    for (int64_t i = 0; kwnames && i < kwnames->length; i++)
        if (dict_set(t, d, kwnames->items[i], args[nargs + i]) < 0) return -1;
    return 0;
}
static int dict_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return update_by_arguments(t, self, "dict", args, nargs, kwnames);
}

// ---- methods
#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

METHOD(dict_get_method) {
    Value v = dict_get(t, value_dict(self), args[0]);
    if (v != UNDEF || error_pending(t)) return v;
    return args[1] == UNDEF ? NONE : value_dup(t, args[1]);
}
METHOD(dict_setdefault_method) { return dict_setdefault(t, value_dict(self), args[0], args[1] == UNDEF ? (ValueRef)NONE : args[1]); }
METHOD(dict_pop_method) {
    if (args_no_keywords(t, "dict.pop", kwnames) < 0 || args_count(t, "pop", nargs, 1, 2) < 0) return UNDEF;
    // An empty dict is asked before the key is hashed.
    Value v = dict_length(value_dict(self)) == 0 ? UNDEF : dict_pop(t, value_dict(self), args[0]);
    if (v != UNDEF || error_pending(t)) return v;
    if (nargs == 2) return value_dup(t, args[1]);
    return raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
}
METHOD(dict_popitem_method) {
    Value items[2];
    if (!pop_last(t, value_dict(self), &items[0], &items[1])) return raise(t, KEY_ERROR, "popitem(): dictionary is empty");
    return tuple_from_values(t, items, 2);
}
METHOD(dict_update_method) { return update_by_arguments(t, self, "update", args, nargs, kwnames) < 0 ? UNDEF : NONE; }
METHOD(dict_clear_method) {
    dict_clear(t, value_dict(self));
    return NONE;
}
METHOD(dict_copy_method) { return dict_copy(t, value_dict(self)); }
METHOD(dict_keys_method) { return dict_view_new(t, TYPE_OF(DICT_KEYS), self); }
METHOD(dict_values_method) { return dict_view_new(t, TYPE_OF(DICT_VALUES), self); }
METHOD(dict_items_method) { return dict_view_new(t, TYPE_OF(DICT_ITEMS), self); }
METHOD(dict_reversed_method) { return dict_iterator_new(t, TYPE_OF(DICT_REVERSE_KEY_ITERATOR), self); }
METHOD(dict_sizeof_method) {
    DictTable *table = storage_load(value_dict(self)->table);
    return value_int((int64_t)value_type(self)->size + (table ? (int64_t)table_size(table) : 0));
}
METHOD(dict_fromkeys_method) {
    Value made = call_0(t, self), it = UNDEF;
    ValueRef value = args[1] == UNDEF ? (ValueRef)NONE : args[1];
    if (made == UNDEF) return UNDEF;
    it = object_iter(t, args[0]);
    if (it == UNDEF) goto fail;
    if (value_is(made, DICT) && (value_is(args[0], SET) || value_is(args[0], FROZENSET) || value_is(args[0], DICT))) {
        // These know their keys' hashes.
        int64_t position = 0, hash;
        Value key, from = value_is(args[0], DICT) ? dict_copy(t, value_dict(args[0])) : set_copy(t, value_set(args[0]));
        int result = from == UNDEF ? -1 : 0;
        while (result == 0 && (value_is(from, DICT) ? dict_next_hashed(t, value_dict(from), &position, &key, NULL, &hash)
                                                    : set_next_hashed(t, value_set(from), &position, &key, &hash))) {
            result = dict_set_hashed(t, value_dict(made), key, hash, value);
            value_release(t, key);
        }
        value_release(t, from);
        if (result < 0) goto fail;
    } else {
        for (;;) {
            Value key = object_next(t, it);
            if (key == UNDEF) break;
            int failed = value_is(made, DICT) ? dict_set(t, value_dict(made), key, value) : object_setitem(t, made, key, value);
            value_release(t, key);
            if (failed < 0) goto fail;
        }
        if (error_pending(t)) goto fail;
    }
    value_release(t, it);
    return made;
fail:
    value_release(t, it);
    value_release(t, made);
    return UNDEF;
}

static void dict_destroy(Thread *t, Object *o) {
    DictTable *table = ((Dict *)o)->table;
    if (!table) return;
    uint32_t used = atomic_load_relaxed_u32(&table->used);
    for (uint32_t i = table->head; i < used; i++) {
        VALUE_CLEAR(t, table->entries[i].key);
        VALUE_CLEAR(t, table->entries[i].value);
    }
    ((Dict *)o)->table = NULL;
    memory_free(t, table, table_size(table));
}
static void dict_traverse(Object *o, VisitFn visit, void *arg) {
    DictTable *table = ((Dict *)o)->table;
    if (!table) return;
    uint32_t used = atomic_load_relaxed_u32(&table->used);
    for (uint32_t i = table->head; i < used; i++) {
        visit(&table->entries[i].key, arg);
        visit(&table->entries[i].value, arg);
    }
}
static void dict_clear_object(Thread *t, Object *o) { dict_clear(t, (Dict *)o); }

static const NativeDef dict_methods[] = {
    {"get", dict_get_method, "($self, key, default=None, /)", "The value of the key, or default.", 0},
    {"setdefault", dict_setdefault_method, "($self, key, default=None, /)", "The value of the key, which is stored as default where it is missing.", 0},
    {"pop", dict_pop_method, NULL, "pop(key[, default]): removes the key and returns its value; KeyError where it is missing and no default is given.", NATIVE_RAW},
    {"popitem", dict_popitem_method, "($self, /)", "Removes the newest item and returns it as (key, value).", 0},
    {"update", dict_update_method, NULL, "update([mapping or pairs], **keywords): stores what they hold.", NATIVE_RAW},
    {"clear", dict_clear_method, "($self, /)", "Removes all items.", 0},
    {"copy", dict_copy_method, "($self, /)", "A new dict of the same items.", 0},
    {"keys", dict_keys_method, "($self, /)", "A view of the keys, like a set.", 0},
    {"values", dict_values_method, "($self, /)", "A view of the values.", 0},
    {"items", dict_items_method, "($self, /)", "A view of the (key, value) pairs, like a set.", 0},
    {"fromkeys", dict_fromkeys_method, "($type, iterable, value=None, /)", "A new dict with these keys, all with the same value.", NATIVE_CLASS},
    {"__reversed__", dict_reversed_method, "($self, /)", "An iterator over the keys, newest first.", 0},
    {"__sizeof__", dict_sizeof_method, "($self, /)", "Memory in bytes.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
const TypeSpec dict_spec = {
    .name = "dict",
    .doc = "dict(), dict(mapping), dict(pairs), dict(**keywords): values by key, in the order of insertion.",
    .size = sizeof(Dict),
    .flags = TYPE_BASE | TYPE_MAPPING | TYPE_IS_DICT | TYPE_MATCH_SELF,
    .ops = {.repr = dict_repr,
            .hash = object_hash_not_implemented,
            .compare = dict_compare,
            .iter = dict_iter,
            .init = dict_init,
            .new = dict_new_slot,
            .or_ = dict_or,
            .inplace_or = dict_inplace_or,
            .length = dict_len,
            .getitem = dict_getitem,
            .setitem = dict_setitem,
            .contains = dict_contains_slot},
    .methods = dict_methods,
    .destroy = dict_destroy,
    .traverse = dict_traverse,
    .clear = dict_clear_object};
