// Shapes: numbered, immutable layouts of attributes (DESIGN 3). A slot number is never given to another name within a
// type's tree of shapes, so a racing reader with an old shape sees the old value, the new one, or UNDEF.
#include <stdlib.h>
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/objects/str.h"
#include "runtime/type.h"
#include "sync/mutex.h"

enum {
    SHAPES_PER_TYPE = 1024,       // beyond: dictionary shapes
    SLOTS_PER_OBJECT = 200,
    TABLE_FROM = 6,               // attributes from which a shape gets a hash table
};

_Atomic(Shape *) shape_table[SHAPE_LIMIT];
_Atomic(Type *) shape_types[SHAPE_LIMIT];
static _Atomic uint32_t shape_next = SHAPE_FIRST_DYNAMIC;
static Mutex shape_lock = MUTEX_INIT(LOCKRANK_SHAPE);

// name -> slot, open addressing on the interned name's address. Immutable.
struct ShapeTable {
    uint32_t mask;
    struct { const Str *name; uint32_t slot; } cell[];
};
// Children of a shape. Replaced when one is added; readers are between two safepoints.
struct ShapeTransitions {
    uint32_t count;
    struct { const Str *name; Shape *shape; } child[]; // a NULL name: the dictionary shape
};

void shapes_init(void) { mutex_list_for_fork(&shape_lock); }

// ---- numbers
static struct Numbers {
    uint32_t *at;
    size_t count, capacity;
} dead_numbers, free_numbers; // (numbers_lock, or a stop) an inline cell may have it still; none has
static RawLock numbers_lock;  // a few instructions, and realloc

static void keep_number(struct Numbers *list, uint32_t number) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        uint32_t *grown = realloc(list->at, capacity * sizeof *grown);
        if (!grown) return; // never used again
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = number;
}
// 0: none is left.
static uint32_t next_number(void) {
    uint32_t number = 0;
    rawlock_lock(&numbers_lock);
    if (free_numbers.count) number = free_numbers.at[--free_numbers.count];
    rawlock_unlock(&numbers_lock);
    if (number) return number;
    number = atomic_add_relaxed_u32(&shape_next, 1);
    if (number < SHAPE_LIMIT) return number;
    atomic_store_relaxed_u32(&shape_next, SHAPE_LIMIT);
    return 0;
}
uint32_t shape_numbers_dead(void) { return (uint32_t)dead_numbers.count; }
bool shape_number_is_dead(uint32_t number) { return number >= SHAPE_FIRST_DYNAMIC && number < SHAPE_LIMIT && !shape_at(number); }
void shape_numbers_forgotten(void) {
    for (size_t i = 0; i < dead_numbers.count; i++) keep_number(&free_numbers, dead_numbers.at[i]);
    dead_numbers.count = 0;
}

static Shape *shape_alloc(Type *type, uint8_t kind, uint16_t inline_slots, uint32_t index) {
    Shape *shape = calloc(1, sizeof *shape);
    if (!shape) return NULL;
    if (!index && !(index = next_number())) {
        free(shape);
        return NULL;
    }
    shape->type = type;
    shape->index = index;
    shape->kind = kind;
    shape->inline_slots = inline_slots;
    atomic_store_release_ptr(&shape_types[index], type);
    atomic_store_release_ptr(&shape_table[index], shape);
    return shape;
}

Shape *shape_new_root(Thread *t, Type *type, uint16_t inline_slots, uint32_t fixed_index_or_0) {
    bool attributes = type->flags & TYPE_HAS_ATTRIBUTES;
    Shape *shape = shape_alloc(type, attributes ? SHAPE_SLOTS : SHAPE_FIXED, attributes ? inline_slots : 0, fixed_index_or_0);
    if (!shape) raise_no_memory(t);
    return shape;
}

static uint32_t name_hash(const Str *name) { return (uint32_t)((uint64_t)name >> 4) * 2654435761u; }

static struct ShapeTable *table_build(Shape *shape) {
    uint32_t size = 8;
    while (size < shape->slots * 2u) size *= 2;
    struct ShapeTable *table = calloc(1, sizeof *table + size * sizeof table->cell[0]);
    if (!table) return NULL;
    table->mask = size - 1;
    for (Shape *s = shape; s->name; s = shape_at(s->parent)) {
        uint32_t i = name_hash(s->name) >> 8 & table->mask;
        while (table->cell[i].name) i = (i + 1) & table->mask;
        table->cell[i].name = s->name;
        table->cell[i].slot = s->slots - 1u;
    }
    struct ShapeTable *expected = NULL;
    if (!atomic_cas_acq_rel_ptr(&shape->table, &expected, table)) {
        free(table);
        return expected;
    }
    return table;
}

int shape_find(Shape *shape, const Str *name) {
    if (shape->slots >= TABLE_FROM) {
        struct ShapeTable *table = atomic_load_acquire_ptr(&shape->table);
        if (table || (table = table_build(shape))) {
            for (uint32_t i = name_hash(name) >> 8 & table->mask; table->cell[i].name; i = (i + 1) & table->mask)
                if (table->cell[i].name == name) return (int)table->cell[i].slot;
            return -1;
        }
    }
    for (Shape *s = shape; s->name; s = shape_at(s->parent))
        if (s->name == name) return s->slots - 1;
    return -1;
}

static Shape *transition(Shape *shape, const Str *name) {
    struct ShapeTransitions *next = atomic_load_acquire_ptr(&shape->next);
    for (uint32_t i = 0; next && i < next->count; i++)
        if (next->child[i].name == name) return next->child[i].shape;
    return NULL;
}

static Shape *add_transition(Thread *t, Shape *shape, Str *name, uint8_t kind) {
    Shape *child = transition(shape, name);
    if (child) return child;
    mutex_lock(&t->core, &shape_lock);
    struct ShapeTransitions *old = NULL, *grown = NULL;
    child = transition(shape, name);
    if (!child && (kind == SHAPE_DICTIONARY || shape->type->shapes < SHAPES_PER_TYPE)) {
        old = atomic_load_relaxed_ptr(&shape->next);
        uint32_t count = old ? old->count : 0;
        grown = malloc(sizeof *grown + (count + 1) * sizeof grown->child[0]);
        child = grown ? shape_alloc(shape->type, kind, shape->inline_slots, 0) : NULL;
        if (child) {
            if (kind == SHAPE_SLOTS) {
                child->slots = shape->slots + 1;
                child->parent = shape->index;
                child->name = name;
                shape->type->shapes++;
            }
            if (count) memcpy(grown->child, old->child, count * sizeof old->child[0]);
            grown->child[count].name = name;
            grown->child[count].shape = child;
            grown->count = count + 1;
            atomic_store_release_ptr(&shape->next, grown); // pairs with transition's acquire
        } else {
            free(grown);
            old = NULL;
        }
    }
    mutex_unlock(&t->core, &shape_lock);
    if (old) retire_free(&t->core, old, sizeof *old, free);
    return child;
}

Shape *shape_with(Thread *t, Shape *shape, Str *name) {
    if (shape->slots >= SLOTS_PER_OBJECT) return NULL;
    return add_transition(t, shape, name, SHAPE_SLOTS);
}

static Shape *shape_root(Shape *shape) {
    while (shape->name) shape = shape_at(shape->parent);
    return shape;
}

Shape *shape_dictionary(Thread *t, Shape *shape) {
    if (shape->kind == SHAPE_DICTIONARY) return shape;
    Shape *dictionary = add_transition(t, shape_root(shape), NULL, SHAPE_DICTIONARY);
    if (!dictionary) raise_no_memory(t);
    return dictionary;
}

// ---- the end
static uint32_t shapes_end(void) {
    uint32_t end = atomic_load_relaxed_u32(&shape_next);
    return end < SHAPE_LIMIT ? end : SHAPE_LIMIT;
}
void shapes_each(void (*fn)(Shape *shape, void *arg), void *arg) {
    for (uint32_t i = SHAPE_FIRST_DYNAMIC; i < shapes_end(); i++) {
        Shape *shape = shape_at(i);
        if (shape) fn(shape, arg);
    }
}

// No object has any of them; whoever looks at one has not been to a safepoint since it had.
void shapes_drop_dead(Thread *t) {
    for (uint32_t i = SHAPE_FIRST_DYNAMIC; i < shapes_end(); i++) {
        Shape *shape = shape_at(i);
        if (!shape || !shape->type->dead) continue;
        atomic_store_release_ptr(&shape_table[i], NULL);
        atomic_store_release_ptr(&shape_types[i], NULL);
        struct ShapeTable *table = atomic_load_acquire_ptr(&shape->table);
        struct ShapeTransitions *next = atomic_load_acquire_ptr(&shape->next);
        if (table) retire_free(&t->core, table, sizeof *table + (table->mask + 1) * sizeof table->cell[0], free);
        if (next) retire_free(&t->core, next, sizeof *next + next->count * sizeof next->child[0], free);
        retire_free(&t->core, shape, sizeof *shape, free);
        rawlock_lock(&numbers_lock);
        keep_number(&dead_numbers, i);
        rawlock_unlock(&numbers_lock);
    }
}

// An interned name stands in a shape for ever: interned strings that shapes use are never dropped (attribute names are
// deferred objects, and the collector takes the names of live shapes as roots).
Value *attribute_word(Object *o, const Shape *shape) {
    const Type *type = shape->type;
    if (type->prefix) return (Value *)o - 2;
    return (Value *)((char *)o + type->slots_offset) + shape->inline_slots - 1;
}

// A prefixed object has no slots of its own but the word.
int slots_in_object(const Shape *shape) {
    if (shape->type->prefix) return 0;
    return shape->slots > shape->inline_slots ? shape->inline_slots - 1 : shape->inline_slots;
}

Value *attribute_slot(Object *o, const Shape *shape, int slot) {
    int in_object = slots_in_object(shape);
    if (slot < in_object) return (Value *)((char *)o + shape->type->slots_offset) + slot;
    Overflow *overflow = overflow_of(value_from_bits(atomic_load_acquire_u64((_Atomic uint64_t *)attribute_word(o, shape))));
    if (!overflow || slot - in_object >= overflow->capacity) return NULL;
    return &overflow->item[slot - in_object];
}
