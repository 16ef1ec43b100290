// What a name leads to on objects of a shape, remembered per thread slot: for the many sites that see objects of several shapes, whose
// one inline cache each would change hands all the time. Nothing is shared, so nothing is contended. The table is lossy: a place
// holds what was looked up last.
#pragma once
#include "runtime/store.h"

typedef struct AttributeEntry {
    const Str *name;     // interned. NULL: empty
    Type *type;          // of the shape
    uint32_t version;    // of the type: as long as it has this one, the entry is true
    uint32_t shape;      // loads: with SHAPE_SHARED; stores (into private objects alone): without
    uint32_t offset;     // where in the object the value stands. 0, loads alone: `found` on the type decides; UNDEF: there is no such attribute
    uint32_t next_shape; // stores that add the attribute: the object's shape afterwards; else 0
    Value found;         // borrowed, as type_lookup's: a data descriptor, or what no instance of the shape hides
} AttributeEntry;

enum { ATTRIBUTE_ENTRIES = 512 };

// The shape that says of a value what its type and attributes are, with SHAPE_SHARED. Ints and floats in the word have that of their
// boxed kin; other immediates have none.
static inline uint32_t shape_for_methods(ValueRef o) {
    return SHAPE_SHARED | (value_is_object(o) ? atomic_load_acquire_u32(&value_object(o)->head.shape) : value_is_int(o) ? SHAPE_INT : value_is_float(o) ? SHAPE_FLOAT : 0);
}
static inline AttributeEntry *attribute_place(AttributeEntry *table, const Str *name, uint32_t shape) {
    return &table[((uint64_t)name >> 5 ^ (uint64_t)name >> 13 ^ shape * 29u ^ shape >> 31) % ATTRIBUTE_ENTRIES];
}
// NULL: not known, or not true any more. Good until the next safepoint, as what is borrowed from it.
static inline const AttributeEntry *attribute_find(Thread *t, const Str *name, uint32_t shape) {
    AttributeEntry *table = thread_slot(t)->attributes;
    if (UNLIKELY(!table)) return NULL;
    AttributeEntry *e = attribute_place(table, name, shape);
    // Acquire: pairs with the release in type_version; what was looked up after it is what the type says.
    return LIKELY(e->name == name && e->shape == shape && e->version == atomic_load_acquire_u32(&e->type->version)) ? e : NULL;
}
// `entry.version` is the type's from before the lookup. Nothing happens where it is 0, the name is not interned, or memory is short.
void attribute_remember(Thread *t, const AttributeEntry *entry);
// (stop) Of every slot: names may have died.
void attributes_forget_all(void);

// True where a site's inline cache is to be set anew after a miss: once in so many misses of this slot, so that a site that sees
// several shapes writes its cell seldom, and one that has changed its only shape follows soon.
static inline bool site_is_due(Thread *t) {
    SlotData *slot = thread_slot(t);
    if (LIKELY(++slot->misses < 61)) return false;
    slot->misses = 0;
    return true;
}
