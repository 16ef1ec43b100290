// dict: insertion order, lock-free reads (DESIGN 3, 13). A table holds an index (open addressing) and entries that are only
// appended; an entry's key is written once per table, deletion leaves a tombstone (key and value UNDEF), and slots are
// reused only in a new table. Readers of a shared dict load the table pointer (acquire), probe, and count the value. Writers
// of a shared dict hold its lock; a Python __eq__ called while probing lets go of it, and the probe starts again where the
// table has changed by then.
//
// A publication: key and hash of the entry, then its value, then the index cell (release), then `used` and the length.
#pragma once
#include "runtime/objects/hash_index.h"
#include "runtime/objects/str.h"
#include "runtime/store.h"

typedef struct DictEntry {
    int64_t hash;
    Value key;   // (a) UNDEF: deleted
    Value value; // (a) UNDEF: deleted
} DictEntry;
typedef struct DictTable {
    _Atomic uint32_t id;       // (a) 0, or a number never given to another table: what inline caches compare (dict_table_id)
    uint8_t log2_index;        // index cells: 1 << log2_index
    uint8_t index_bytes;       // 1, 2, 4: width of a cell
    _Atomic uint8_t str_keys;  // every key is an exact str: probing cannot run Python
    uint8_t pad;
    uint32_t capacity;         // entries
    _Atomic uint32_t used;     // (a) entries ever used in this table, tombstones too; grows only
    uint32_t head, tail;       // (o, relaxed) the entries before head, and from tail on, are tombstones
    DictEntry *entries;        // behind the index, in the same block
    uint8_t index[];           // cell: entry number + 1, 0 empty
} DictTable;
struct Dict {
    Container c;
    int64_t length;            // (a) live entries
    DictTable *table;          // (r) NULL: empty
    uint64_t replaced;         // (o, relaxed) how often `table` was written: tells a new table at an old one's address
};
static inline Dict *value_dict(ValueRef v) { return (Dict *)value_object(v); } // of dict or a subclass
static inline int64_t dict_length(const Dict *d) { return __atomic_load_n(&d->length, __ATOMIC_RELAXED); }

// The entry of an exact str key in a table: its number, or -1. Runs no Python; keys of other types never match.
static inline int64_t dict_find_str(const DictTable *table, const Str *key, int64_t hash) {
    for (HashProbe p = hash_probe(hash, table->log2_index);; hash_probe_next(&p)) {
        uint32_t cell = hash_index_load(table->index, table->index_bytes, p.cell);
        if (!cell) return -1;
        const DictEntry *e = &table->entries[cell - 1];
        ValueRef k = slot_borrow(&e->key);
        if (LIKELY(value_object(k) == (const Object *)key)) return cell - 1;
        if (e->hash == hash && value_is(k, STR) && str_equal(value_str(k), key)) return cell - 1;
    }
}

Value dict_new(Thread *t);
Value dict_new_sized(Thread *t, int64_t entries);
// A dict of pairs whose keys are exact str: takes them over, and leaves UNDEF in `items`, on failure too.
Value dict_from_str_items(Thread *t, Value *items, int64_t pairs);
// Lookup. An owned value; UNDEF without an exception where the key is missing, with one where hashing or comparing raised.
Value dict_get(Thread *t, Dict *d, ValueRef key);
Value dict_get_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash);
// For keys of exact type str (any hash state): no Python runs, no exception. Borrowed until the next safepoint.
static inline ValueRef dict_get_str_borrow(Dict *d, const Str *key) {
    const DictTable *table = storage_load(d->table);
    if (UNLIKELY(!table)) return UNDEF;
    int64_t hash = __atomic_load_n((const int64_t *)&key->hash, __ATOMIC_RELAXED);
    int64_t n = dict_find_str(table, key, LIKELY(hash) ? hash : str_hash((Str *)key));
    return n < 0 ? (ValueRef)UNDEF : slot_borrow(&table->entries[n].value);
}
// Where the value of an exact str key stands in a dict whose keys all are exact str: *slot, NULL where the key is missing (a slot
// with UNDEF is one that was deleted). False: only the functions below can tell. Good until the next safepoint.
static ALWAYS_INLINE bool dict_find_slot(Dict *d, ValueRef key, Value **slot) {
    DictTable *table = storage_load(d->table);
    if (UNLIKELY(!table || !value_is(key, STR) || !atomic_load_relaxed_u8(&table->str_keys))) return false;
    Str *str = value_str(key);
    int64_t hash = __atomic_load_n((const int64_t *)&str->hash, __ATOMIC_RELAXED), n = dict_find_str(table, str, LIKELY(hash) ? hash : str_hash(str));
    *slot = n < 0 ? NULL : &table->entries[n].value;
    return true;
}
int dict_contains(Thread *t, Dict *d, ValueRef key);
int dict_set(Thread *t, Dict *d, ValueRef key, ValueRef value); // counts both
int dict_set_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash, ValueRef value);
int dict_set_text(Thread *t, Dict *d, const char *key, Value value_steal); // interned key; fails where value is UNDEF (exception pending)
int dict_delete(Thread *t, Dict *d, ValueRef key);       // KeyError
Value dict_pop(Thread *t, Dict *d, ValueRef key);        // UNDEF without an exception where missing
Value dict_pop_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash);
Value dict_setdefault(Thread *t, Dict *d, ValueRef key, ValueRef value); // owned result; atomic
void dict_clear(Thread *t, Dict *d);
int dict_update(Thread *t, Dict *d, ValueRef mapping_or_pairs);
Value function_text(Thread *t, ValueRef function); // "module.name()" for messages about a call: owned, UNDEF with an exception
// {**mapping} in a call: TypeError for a key that is there already. `function` is for the message.
int dict_merge_unique(Thread *t, Dict *d, ValueRef mapping, ValueRef function);
Value dict_copy(Thread *t, Dict *d);
Value dict_keys_list(Thread *t, Dict *d);
// Iteration in order: *position starts at 0; gives owned key and value (either pointer may be NULL); 1 while there are more, 0 at the
// end. Tolerates concurrent changes: what it gives was in the dict at some moment.
int dict_next(Thread *t, Dict *d, int64_t *position, Value *key, Value *value);
// The same with the key's hash.
int dict_next_hashed(Thread *t, Dict *d, int64_t *position, Value *key, Value *value, int64_t *hash);
// Backwards: *position starts at INT64_MAX.
int dict_previous(Thread *t, Dict *d, int64_t *position, Value *key, Value *value);

// For inline caches. The entry of an exact str key in the dict's current table: its number, or -1. The table's id is given
// out when first asked for; 0 when ids have run out (do not cache then).
uint32_t dict_table_id(DictTable *table);
int64_t dict_entry_of_str(const DictTable *table, const Str *key);
// Hashing the key has raised: a TypeError becomes "cannot use 'list' as a dict key (unhashable type: 'list')". -1.
int64_t dict_hash_failed(Thread *t, ValueRef key, const char *use);
