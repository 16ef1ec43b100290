// Interned strings: one str for each text, found without a lock. They are deferred: never counted; the collector drops
// those that nothing refers to (gc_leaves.c).
//
// A table has at most half of its cells in use. Cells go from NULL to a str once per table, under the mutex; the table is
// replaced when it is full, the old one freed after a grace period. The pointer to it stands in interp->interned as a mark.
#include "runtime/error.h"
#include "runtime/gc.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/str.h"
#include "runtime/store.h"
#include "runtime/support/strsearch.h"
#include "sync/mutex.h"
#include "runtime/support/hash.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct InternTable {
    size_t mask, used, kept;     // used: (mutex) kept: how many the last sweep left
    _Atomic(Str *) cell[];       // (r) hash order, linear probing
} InternTable;

static Mutex intern_mutex = MUTEX_INIT(LOCKRANK_ATOM);

static InternTable *table_of(Interp *interp) {
    uint64_t word = atomic_load_acquire_u64((_Atomic uint64_t *)&interp->interned);
    return word ? mark_pointer(word) : NULL;
}

static InternTable *table_new(size_t cells) {
    InternTable *table = calloc(1, sizeof *table + cells * sizeof table->cell[0]);
    if (table) table->mask = cells - 1;
    return table;
}

// The cell of an equal str, or the empty cell where it belongs.
static _Atomic(Str *) *find_cell(InternTable *table, const Str *s, int64_t hash) {
    for (size_t i = (size_t)hash & table->mask;; i = (i + 1) & table->mask) {
        Str *found = atomic_load_acquire_ptr(&table->cell[i]);
        if (!found || found == s) return &table->cell[i];
        if (__atomic_load_n((int64_t *)&found->hash, __ATOMIC_RELAXED) == hash && str_equal(found, s)) return &table->cell[i];
    }
}

Str *str_find_interned(Thread *t, const Str *s) {
    if (str_is_interned(s)) return (Str *)s;
    InternTable *table = table_of(t->interp);
    return atomic_load_acquire_ptr(find_cell(table, s, str_hash((Str *)s)));
}

static void free_table(void *p) { free(p); }

// A table of so many cells with the same strings (those that `keep` wants, where given), installed. NULL without memory.
static InternTable *rebuild(Interp *interp, InternTable *old, size_t cells, bool (*keep)(Object *)) {
    InternTable *table = table_new(cells);
    if (!table) return NULL;
    for (size_t i = 0; i <= old->mask; i++) {
        Str *s = atomic_load_relaxed_ptr(&old->cell[i]);
        if (!s || (keep && !keep((Object *)s))) continue;
        atomic_store_relaxed_ptr(find_cell(table, s, str_hash(s)), s);
        table->used++;
    }
    table->kept = keep ? table->used : old->kept;
    atomic_store_release_u64((_Atomic uint64_t *)&interp->interned, value_bits(mark_of(table)));
    return table;
}
static void retire_table(Thread *t, InternTable *old) {
    retire_free(&t->core, old, sizeof *old + (old->mask + 1) * sizeof old->cell[0], free_table);
}

Value str_intern(Thread *t, Value s_steal) {
    Str *s = value_str(s_steal);
    if (str_is_interned(s)) return s_steal;
    CHECK(value_is(s_steal, STR), "only an exact str can be interned");
    Str *found = str_find_interned(t, s);
    if (found) {
        value_release(t, s_steal);
        return value_of(found);
    }
    int64_t hash = str_hash(s);
    // The mutex may be waited for: the table is looked at again under it.
    mutex_lock(&t->core, &intern_mutex);
    InternTable *table = table_of(t->interp);
    InternTable *old = table;
    if (table->used * 2 > table->mask && (table = rebuild(t->interp, old, (old->mask + 1) * 2, NULL))) retire_table(t, old);
    if (!table) {
        mutex_unlock(&t->core, &intern_mutex);
        value_release(t, s_steal);
        return raise_no_memory(t);
    }
    _Atomic(Str *) *cell = find_cell(table, s, hash);
    found = atomic_load_relaxed_ptr(cell);
    if (!found) {
        // In this order: the collector's list of deferred leaves leaves interned ones out. A leaf is never refused.
        atomic_or_relaxed_u8(&s->flags, STR_INTERNED);
        ref_defer(&t->core, &s->head);
        atomic_store_release_ptr(cell, s);
        table->used++;
    }
    mutex_unlock(&t->core, &intern_mutex);
    if (!found) gc_note_held(t, sizeof *s + str_length(s) * str_kind(s));
    if (!found) return s_steal; // deferred: the reference need not be given up
    value_release(t, s_steal);
    return value_of(found);
}

Value str_intern_text(Thread *t, const char *utf8) {
    Value s = str_from_text(t, utf8);
    return value_bits(s) == 0 ? s : str_intern(t, s);
}

void str_interned_each(Interp *interp, void (*fn)(Object *o, void *arg), void *arg) {
    InternTable *table = table_of(interp);
    for (size_t i = 0; table && i <= table->mask; i++) {
        Str *s = atomic_load_relaxed_ptr(&table->cell[i]);
        if (s) fn((Object *)s, arg);
    }
}

void *str_interned_sweep(Interp *interp, bool (*keep)(Object *o)) {
    InternTable *old = table_of(interp);
    return rebuild(interp, old, old->mask + 1, keep) ? old : NULL;
}
void str_interned_swept(Thread *t, void *old) { retire_table(t, old); }

bool str_interned_has_grown(Interp *interp) {
    enum { GROWTH_AT_LEAST = 4096 };
    InternTable *table = table_of(interp);
    CHECKING(return true;)
    return table->used - table->kept >= GROWTH_AT_LEAST + table->kept / 2;
}

// --- start-up -----------------------------------------------------------------------------------------------------

static Value make_immortal(Value v) {
    if (value_bits(v)) object_make_immortal(value_object(v));
    return v;
}

// PYTHONHASHSEED where nobody has set a key: a number, or random.
static int choose_hash_key(Thread *t) {
    const char *seed = getenv("PYTHONHASHSEED");
    HashKey key;
    if (seed && *seed >= '0' && *seed <= '9') key = hash_key_of_seed((uint32_t)strtoul(seed, NULL, 10));
    else {
        uint8_t random[16];
        if (getentropy(random, sizeof random) < 0) return raise_os_error(t, errno, UNDEF), -1;
        key = hash_key_of_bytes(random);
    }
    str_set_hash_key(key.k0, key.k1);
    return 0;
}

int str_init(Thread *t) {
    Interp *interp = t->interp;
    if (!str_hash_key_is_set() && choose_hash_key(t) < 0) return -1;
    InternTable *table = table_new(4096);
    if (!table) return raise_no_memory(t), -1;
    mutex_list_for_fork(&intern_mutex);
    interp->interned = mark_of(table);
    Str *empty = str_alloc(t, 0, 0x7f);
    if (!empty) return -1;
    interp->empty_str = make_immortal(str_intern(t, value_of(empty)));
    if (value_bits(interp->empty_str) == 0) return -1;
    for (uint32_t c = 0; c < 256; c++) {
        Str *s = str_alloc(t, 1, c);
        if (!s) return -1;
        ((uint8_t *)str_data(s))[0] = (uint8_t)c;
        interp->latin1[c] = make_immortal(str_intern(t, value_of(s)));
        if (value_bits(interp->latin1[c]) == 0) return -1;
    }
    Bytes *no_bytes = bytes_alloc(t, 0);
    if (!no_bytes) return -1;
    interp->empty_bytes = make_immortal(value_of(no_bytes));
    return 0;
}
