// Inline cells beyond their instructions: the entries that they refer to, and cells that must forget what has changed or died.
#include <stdlib.h>
#include "runtime/attribute_cache.h"
#include "runtime/heap.h"
#include "runtime/interp/inline_cells.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/objects/type_object.h"
#include "sync/rcu.h"
#include "sync/stop.h"

// ---- entries
// The block that a cell of an instruction compiled as `op` refers to, and its size; NULL: none.
static void *block_of_cell(uint16_t op, uint64_t word, size_t *bytes) {
    switch (op) {
    case OP_LOAD_METHOD: // or a place in a module's dict
        *bytes = sizeof(MethodEntry);
        return (int64_t)word > 0 ? (void *)word : NULL;
    case OP_LOAD_GLOBAL: // or a place in the globals
        *bytes = sizeof(GlobalCache);
        return (int64_t)word > 0 ? (void *)word : NULL;
    case OP_LOAD_ATTR: // or a shape and an offset, or a place in a module's dict
        *bytes = sizeof(AttrEntry);
        return cell_entry(word);
    case OP_STORE_ATTR: // or a shape and an offset
        *bytes = sizeof(StoreCache);
        return cell_entry(word);
    default: return NULL;
    }
}

void cell_set(Thread *t, _Atomic uint64_t *cell, uint16_t op, uint64_t word) {
    size_t bytes;
    void *old = block_of_cell(op, atomic_swap_acq_rel_u64(cell, word), &bytes);
    if (old) retire_free(&t->core, old, bytes, entry_free);
}

// ---- every living code object, in a stop
// NULL for what is none. The collector may have torn it down already, and its memory only waits to be freed.
static Code *living_code(Object *o) {
    bool lives = object_shape(o) == SHAPE_CODE && !(atomic_load_relaxed_u8(&o->head.gc) & GC_CANDIDATE) && ((Code *)o)->complete;
    return lives ? (Code *)o : NULL;
}

// ---- a class gained a data descriptor: no cell may go on reading instances' slots for its instances
static void flush_code(Object *o, void *arg) {
    (void)arg;
    Code *code = living_code(o);
    for (uint32_t i = 0; code && i < code->ninstructions; i++) {
        uint16_t op = atomic_load_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&code->data->instructions[i].op);
        if (op == OP_LOAD_ATTR_SLOT || op == OP_STORE_ATTR_SLOT) {
            if (!cell_entry(atomic_load_relaxed_u64(&code->data->cells[i]))) atomic_store_relaxed_u64(&code->data->cells[i], 0);
        } else if (op == OP_STORE_ATTR_ADD) {
            StoreCache *cache = cell_entry(atomic_load_relaxed_u64(&code->data->cells[i]));
            if (cache) cache->shape = 0; // in a stop: nobody is reading it
        }
    }
}

void inline_cells_flush(Thread *t, Type *type_or_null) {
    if (type_or_null && !atomic_load_seq_cst_u8(&type_or_null->slot_cached)) return;
    stop_world(&t->core);
    registry_each(flush_code, NULL);
    attributes_forget_all();
    if (type_or_null) atomic_store_relaxed_u8(&type_or_null->slot_cached, 0);
    start_world(&t->core);
}

// ---- dead code, dead shapes. CALL_FUNCTION's cell tells by a CodeData's address that the arguments fit, attribute cells where an
// attribute lies by a shape's number: neither is given to another while a cell may have it.
enum { DEAD_CODE_AT_LEAST = 64, DEAD_SHAPES_AT_LEAST = 256 }; // fewer are not worth a look at all code
static CodeData *_Atomic dead_data; // linked through `cells`; `code` is NULL
static _Atomic uint32_t dead_count;

void inline_cells_free(Code *code) {
    CodeData *data = code->data;
    size_t bytes;
    for (uint32_t i = 0; data->instructions && code->complete && i < code->ninstructions; i++)
        entry_free(block_of_cell(code_plain_instruction(code, i).op, atomic_load_relaxed_u64(&data->cells[i]), &bytes));
    free((void *)data->instructions);
    data->instructions = NULL;
    if (!code->complete) { // no function was made of it
        free(data);
        return;
    }
    data->code = NULL;
    CodeData *head = atomic_load_relaxed_ptr(&dead_data);
    do data->cells = (_Atomic uint64_t *)head;
    while (!atomic_cas_release_ptr(&dead_data, &head, data));
    atomic_add_relaxed_u32(&dead_count, 1);
}

static bool cell_is_dead(uint16_t op, uint64_t word) {
    AttrEntry *entry;
    StoreCache *cache;
    switch (op) {
    case OP_CALL: return !((CodeData *)(word & ~(uint64_t)1))->code;
    case OP_LOAD_ATTR:
        if ((entry = cell_entry(word))) return shape_number_is_dead(entry->shape ? SHAPE_INDEX(entry->shape) : entry->type_shape);
        return !(word >> 63) && shape_number_is_dead(SHAPE_INDEX((uint32_t)word));
    case OP_LOAD_METHOD: return !(word >> 63) && shape_number_is_dead(SHAPE_INDEX(((MethodEntry *)word)->shape));
    case OP_FOR_ITER: return shape_number_is_dead((uint32_t)word);
    case OP_STORE_ATTR: return shape_number_is_dead((cache = cell_entry(word)) ? cache->shape : (uint32_t)word);
    default: return false;
    }
}
static void forget_in_code(Object *o, void *arg) {
    (void)arg;
    Code *code = living_code(o);
    size_t bytes;
    for (uint32_t i = 0; code && i < code->ninstructions; i++) {
        uint64_t word = atomic_load_relaxed_u64(&code->data->cells[i]);
        if (!word) continue;
        uint16_t op = code_plain_instruction(code, i).op;
        if (!cell_is_dead(op, word)) continue;
        atomic_store_relaxed_u64(&code->data->cells[i], 0);
        entry_free(block_of_cell(op, word, &bytes)); // in a stop: nobody is reading it
    }
}

void inline_cells_forget_dead(void) {
    if (atomic_load_relaxed_u32(&dead_count) < DEAD_CODE_AT_LEAST && shape_numbers_dead() < DEAD_SHAPES_AT_LEAST) return;
    registry_each(forget_in_code, NULL);
    attributes_forget_all();
    shape_numbers_forgotten();
    for (CodeData *data = atomic_load_relaxed_ptr(&dead_data), *next; data; data = next) {
        next = (CodeData *)data->cells;
        free(data);
    }
    atomic_store_relaxed_ptr(&dead_data, NULL);
    atomic_store_relaxed_u32(&dead_count, 0);
}
