// Finding a key of any type in a compact hash table; included by dict.c and set.c. No include guard on purpose.
//   HOLDER  the object's struct (fields table, replaced), TABLE its table's, FIND_ANY the function's name
//
// Compares with keys that only Python can compare. `g` (NULL for readers) is let go of around the comparison, and taken
// again; where the table has been replaced by then, the probe starts again. The entry's number, FIND_MISSING or FIND_ERROR;
// *out is the table that this holds for.
static int64_t FIND_ANY(Thread *t, HOLDER *holder, ValueRef key, int64_t hash, Guard *g, TABLE **out) {
restart:;
    TABLE *table = *out = storage_load(holder->table);
    if (!table) return FIND_MISSING;
    for (HashProbe p = hash_probe(hash, table->log2_index);; hash_probe_next(&p)) {
        uint32_t cell = hash_index_load(table->index, table->index_bytes, p.cell);
        if (!cell) return FIND_MISSING;
        const Value *slot = &table->entries[cell - 1].key;
        if (table->entries[cell - 1].hash != hash) continue;
        ValueRef k = slot_borrow(slot);
        if (k == UNDEF) continue;
        int equal = values_equal_fast(k, key);
        if (equal == 0) continue;
        if (equal > 0) return cell - 1;
        uint64_t replaced = __atomic_load_n(&holder->replaced, __ATOMIC_RELAXED);
        Value held = value_dup(t, k);
        if (g) guard_end(t, g);
        equal = object_equal(t, held, key);
        value_release(t, held);
        if (g) guard_begin(t, g, holder);
        if (equal < 0) return FIND_ERROR;
        if (storage_load(holder->table) != table || __atomic_load_n(&holder->replaced, __ATOMIC_RELAXED) != replaced) goto restart;
        if (equal > 0) {
            if (slot_borrow(slot) == UNDEF) goto restart; // deleted meanwhile
            return cell - 1;
        }
    }
}
#undef HOLDER
#undef TABLE
#undef FIND_ANY
