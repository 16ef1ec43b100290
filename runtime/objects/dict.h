// dict: insertion order, lock-free reads (DESIGN 3, 13). A table holds an index (open addressing) and entries that are only
// appended; an entry's key is written once per table, deletion leaves a tombstone (value UNDEF, the key stays), and slots are
// reused only in a new table. Readers of a shared dict load the table pointer (acquire), probe, and count the value. Writers
// of a shared dict hold its lock; a Python __eq__ called while probing lets go of it, and the probe starts again where the
// table has changed by then.
//
// A publication: key and hash of the entry, then its value, then the index cell (release), then `used` and the length.
#pragma once
#include "runtime/store.h"

typedef struct DictEntry {
    int64_t hash;
    Value key;
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
    DictEntry *entries;        // behind the index, in the same block
    uint8_t index[];           // cell: entry number + 1, 0 empty
} DictTable;
struct Dict {
    Container c;
    int64_t length;            // (a) live entries
    DictTable *table;          // (r) NULL: empty
};
static inline Dict *value_dict(ValueRef v) { return (Dict *)value_object(v); } // of dict or a subclass
static inline int64_t dict_length(const Dict *d) { return __atomic_load_n(&d->length, __ATOMIC_RELAXED); }

Value dict_new(Thread *t);
Value dict_new_sized(Thread *t, int64_t entries);
// Lookup. An owned value; UNDEF without an exception where the key is missing, with one where hashing or comparing raised.
Value dict_get(Thread *t, Dict *d, ValueRef key);
Value dict_get_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash);
// For keys of exact type str (any hash state): no Python runs, no exception. Borrowed until the next safepoint.
ValueRef dict_get_str_borrow(Dict *d, const Str *key);
int dict_contains(Thread *t, Dict *d, ValueRef key);
int dict_set(Thread *t, Dict *d, ValueRef key, ValueRef value); // counts both
int dict_set_hashed(Thread *t, Dict *d, ValueRef key, int64_t hash, ValueRef value);
int dict_set_text(Thread *t, Dict *d, const char *key, Value value_steal); // interned key; fails where value is UNDEF (exception pending)
int dict_delete(Thread *t, Dict *d, ValueRef key);       // KeyError
Value dict_pop(Thread *t, Dict *d, ValueRef key);        // UNDEF without an exception where missing
Value dict_setdefault(Thread *t, Dict *d, ValueRef key, ValueRef value); // owned result; atomic
void dict_clear(Thread *t, Dict *d);
int dict_update(Thread *t, Dict *d, ValueRef mapping_or_pairs);
// {**mapping} in a call: TypeError for a key that is there already, or is no str. `function` is for the message.
int dict_merge_unique(Thread *t, Dict *d, ValueRef mapping, ValueRef function);
Value dict_copy(Thread *t, Dict *d);
Value dict_keys_list(Thread *t, Dict *d);
// Iteration in order: *position starts at 0; gives owned key and value (either pointer may be NULL); 1 while there are more, 0 at the
// end. Tolerates concurrent changes: what it gives was in the dict at some moment.
int dict_next(Thread *t, Dict *d, int64_t *position, Value *key, Value *value);

// For inline caches. The entry of an exact str key in the dict's current table: its number, or -1. The table's id is given
// out when first asked for; 0 when ids have run out (do not cache then).
uint32_t dict_table_id(DictTable *table);
int64_t dict_entry_of_str(const DictTable *table, const Str *key);
