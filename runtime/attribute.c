// Attributes of instances: generic getattr and setattr, slots, overflow arrays, dictionaries. Orders that racing readers rely on:
//   adding      value, then (overflow array,) then shape
//   dictionary  the word's mark, then shape, then the other slots become UNDEF
// A reader that finds UNDEF or a mark where its shape promised a value looks at the shape again.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/attribute_cache.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "sync/critical.h"

static Value word_load(Value *word) { return value_from_bits(atomic_load_acquire_u64((_Atomic uint64_t *)word)); }
static void word_store(Value *word, Value mark) { atomic_store_release_u64((_Atomic uint64_t *)word, value_bits(mark)); }
static void shape_store(Object *o, const Shape *shape) {
    atomic_store_release_u32(&o->head.shape, shape->index | (object_shape_word(o) & SHAPE_SHARED));
}

// ---- reading
Value instance_get(Thread *t, Object *o, ValueRef name) {
    const Str *key = value_str(name);
    for (;;) {
        Shape *shape = shape_at(object_shape_acquire(o));
        if (shape->kind == SHAPE_FIXED) return UNDEF;
        if (shape->kind == SHAPE_DICTIONARY) {
            Dict *d = dictionary_of(word_load(attribute_word(o, shape)));
            if (!d) continue; // its class is being changed
            Dict *held = object_dup(t, d);
            Value v = dict_get(t, held, name);
            object_release(t, held);
            return v;
        }
        if (UNLIKELY(!str_is_interned(key)) && !(key = str_find_interned(t, key))) return UNDEF;
        int slot = shape_find(shape, key);
        if (slot < 0) return UNDEF;
        Value *place = attribute_slot(o, shape, slot);
        Value v = place ? word_load(place) : UNDEF;
        if (LIKELY(v && !value_is_mark(v))) return value_dup(t, v);
        if (object_shape_acquire(o) == shape->index) return UNDEF;
    }
}

Value attribute_error(Thread *t, ValueRef o, ValueRef name) {
    if (value_is_type(o)) raise(t, ATTRIBUTE_ERROR, "type object '%N' has no attribute '%U'", (Type *)value_object(o), value_str(name));
    else raise(t, ATTRIBUTE_ERROR, "'%N' object has no attribute '%U'", value_type(o), value_str(name));
    attribute_error_about(t, o, name);
    return UNDEF;
}
void attribute_error_about(Thread *t, ValueRef o, ValueRef name) {
    ValueRef e = t->raised;
    if (!value_is_pointer(e) || !value_is_instance(e, EXCEPTION(ATTRIBUTE_ERROR))) return;
    AttributeErrorObject *a = (AttributeErrorObject *)value_object(e);
    if (slot_borrow(&a->object) || slot_borrow(&a->name)) return;
    slot_store(t, a, &a->object, value_dup(t, o));
    slot_store(t, a, &a->name, value_dup(t, name));
}

// The bound form of what a type's lookup found (owned), consuming it.
static Value bind(Thread *t, Value descriptor_steal, ValueRef o) {
    DescrGetFn get = value_type(descriptor_steal)->ops.descr_get;
    if (!get) return descriptor_steal;
    Value bound = get(t, descriptor_steal, o, value_of(value_type(o)));
    value_release(t, descriptor_steal);
    return bound;
}

// ---- what shapes and names lead to (attribute_cache.h)
void attribute_remember(Thread *t, const AttributeEntry *entry) {
    SlotData *slot = thread_slot(t);
    if (!entry->version || !str_is_interned(entry->name)) return;
    if (UNLIKELY(!slot->attributes) && !(slot->attributes = calloc(ATTRIBUTE_ENTRIES, sizeof *entry))) return;
    *attribute_place(slot->attributes, entry->name, entry->shape) = *entry;
}

void attributes_forget_all(void) {
    for (uint32_t i = 1; i <= slot_high(); i++) {
        SlotData *slot = slot_at(i)->user;
        if (slot && slot->attributes) memset(slot->attributes, 0, ATTRIBUTE_ENTRIES * sizeof(AttributeEntry));
    }
}

uint32_t attribute_offset(Shape *shape, const Str *name) {
    if (shape->kind != SHAPE_SLOTS) return 0;
    int slot = shape_find(shape, name);
    return slot < 0 || slot >= slots_in_object(shape) ? 0 : shape->type->slots_offset + (uint32_t)slot * (uint32_t)sizeof(Value);
}

uint32_t member_offset(Type *type, ValueRef found) {
    if (!value_is(found, MEMBER_DESCRIPTOR)) return 0;
    MemberDescriptor *d = (MemberDescriptor *)value_object(found);
    return d->def->kind == MEMBER_VALUE_OR_ERROR && d->def->writable && type_is_subtype(type, d->owner) ? d->def->offset : 0;
}

// After `found` (UNDEF: nothing) came up on the type: what a load of the name does on all objects of this shape.
static void remember_load(Thread *t, ValueRef o, ValueRef name, uint32_t number, uint32_t version, ValueRef found, bool data) {
    AttributeEntry entry = {.name = value_str(name), .type = value_type(o), .version = version, .shape = number, .found = value_assume_owned(found)};
    if (number == SHAPE_SHARED || shape_at(number & ~SHAPE_SHARED)->type != entry.type) return;
    if (data) {
        if (value_is_pointer(o)) entry.offset = member_offset(entry.type, found);
    } else if (value_is_pointer(o) && type_shows_attributes(entry.type)) {
        Shape *shape = shape_at(number & ~SHAPE_SHARED);
        if (shape->kind == SHAPE_DICTIONARY) return;
        entry.offset = attribute_offset(shape, entry.name);
        if (!entry.offset && shape->kind == SHAPE_SLOTS && shape_find(shape, entry.name) >= 0) return; // in the overflow array
    }
    attribute_remember(t, &entry); // also that there is none
}

// The attribute, owned; UNDEF without an exception where there is none. With `unbound`, a function of the type that would be bound
// to the object is returned as it is, and *unbound set.
static Value generic_get(Thread *t, ValueRef o, ValueRef name, bool *unbound) {
    uint32_t number = shape_for_methods(o), version;
    const AttributeEntry *entry = attribute_find(t, value_str(name), number);
    if (LIKELY(entry != NULL)) {
        if (entry->offset) {
            ValueRef v = slot_borrow((Value *)((char *)value_object(o) + entry->offset));
            if (LIKELY(v && !value_is_mark(v))) return value_dup(t, v);
        } else {
            if (!entry->found) return UNDEF;
            Value found = value_dup(t, entry->found);
            if (unbound && value_type(found)->flags & TYPE_METHOD) return *unbound = true, found;
            return bind(t, found, o);
        }
    }
    Type *type = value_type(o);
    Value found = value_dup(t, type_lookup_versioned(t, type, name, &version));
    Type *kind = found ? value_type(found) : NULL;
    bool data = kind && kind->ops.descr_set && kind->ops.descr_get;
    remember_load(t, o, name, number, version, found, data);
    if (!data && value_is_pointer(o) && type_shows_attributes(type)) {
        Value v = instance_get(t, value_object(o), name);
        if (v || error_pending(t)) {
            value_release(t, found);
            return v;
        }
    }
    if (!found) return UNDEF;
    if (!data && unbound && kind->flags & TYPE_METHOD) return *unbound = true, found;
    return bind(t, found, o);
}

Value object_find_method(Thread *t, ValueRef o, ValueRef name, bool *unbound) {
    *unbound = false;
    if (value_type(o)->ops.getattr != object_generic_getattr) return object_getattr(t, o, name);
    Value v = generic_get(t, o, name, unbound);
    return LIKELY(v) || error_pending(t) ? v : attribute_error(t, o, name);
}

Value object_generic_find(Thread *t, ValueRef o, ValueRef name) { return generic_get(t, o, name, NULL); }

Value object_generic_getattr(Thread *t, ValueRef o, ValueRef name) {
    if (UNLIKELY(!value_is_any_str(name))) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Value v = generic_get(t, o, name, NULL);
    if (UNLIKELY(!v && !error_pending(t))) return attribute_error(t, o, name);
    return v;
}

Value object_getattr(Thread *t, ValueRef o, ValueRef name) {
    if (UNLIKELY(!value_is_any_str(name))) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Value v = value_type(o)->ops.getattr(t, o, name);
    if (UNLIKELY(!v)) attribute_error_about(t, o, name);
    return v;
}

Value object_getattr_or_undef(Thread *t, ValueRef o, ValueRef name) {
    Type *type = value_type(o);
    if (type->ops.getattr == object_generic_getattr && value_is_any_str(name)) {
        Value v = generic_get(t, o, name, NULL);
        if (v || !error_pending(t)) return v;
    } else {
        Value v = object_getattr(t, o, name);
        if (v) return v;
    }
    if (error_matches(t, EXCEPTION(ATTRIBUTE_ERROR))) error_clear(t);
    return UNDEF;
}

int object_hasattr(Thread *t, ValueRef o, ValueRef name) {
    Value v = object_getattr_or_undef(t, o, name);
    if (!v) return error_pending(t) ? -1 : 0;
    value_release(t, v);
    return 1;
}

// ---- writing
// A dict of the object's attributes in their order; the caller holds the lock where the object is shared.
static Value attributes_copy(Thread *t, Object *o, Shape *shape) {
    Value dict = dict_new_sized(t, shape->slots);
    if (!dict) return UNDEF;
    Str *names[256];
    int n = shape->slots;
    for (Shape *s = shape; s->name; s = shape_at(s->parent)) names[s->slots - 1] = s->name;
    for (int i = 0; i < n; i++) {
        Value *place = attribute_slot(o, shape, i);
        Value v = place ? word_load(place) : UNDEF;
        if (!v || value_is_mark(v)) continue;
        if (dict_set(t, value_dict(dict), value_of(names[i]), v) < 0) {
            value_release(t, dict);
            return UNDEF;
        }
    }
    return dict;
}

// The attributes move into `dict` (consumed). The caller holds the lock where the object is shared.
static int become_dictionary(Thread *t, Object *o, Shape *shape, Value dict_steal) {
    Shape *dictionary = shape_dictionary(t, shape);
    if (!dictionary) {
        value_release(t, dict_steal);
        return -1;
    }
    if (object_is_shared(o)) publish_if_needed(t, dict_steal);
    Value *word = attribute_word(o, shape);
    Value last = word_load(word);
    int in_object = slots_in_object(shape);
    word_store(word, value_from_bits(value_bits(dict_steal) | DICTIONARY_MARK));
    shape_store(o, dictionary);
    Overflow *overflow = overflow_of(last);
    if (overflow) {
        for (int i = 0; i < shape->slots - in_object; i++) slot_discard(t, o, overflow->item[i]);
        storage_discard(t, o, overflow, sizeof *overflow + (size_t)overflow->capacity * sizeof(Value));
    } else if (value_is_pointer(last) && shape->kind == SHAPE_SLOTS) {
        slot_discard(t, o, last);
    }
    Value *slots = (Value *)((char *)o + shape->type->slots_offset);
    for (int i = 0; i < in_object && &slots[i] != word; i++) {
        Value v = word_load(&slots[i]);
        word_store(&slots[i], UNDEF);
        slot_discard(t, o, v);
    }
    return 0;
}

static int make_dictionary(Thread *t, Object *o, Shape *shape) {
    Value dict = attributes_copy(t, o, shape);
    return dict ? become_dictionary(t, o, shape, dict) : -1;
}

// Puts the value of the attribute that `child` adds to `shape`. 0; -1 with MemoryError (value released).
static int add_attribute(Thread *t, Object *o, Shape *shape, Shape *child, Value v) {
    if (object_is_shared(o)) publish_if_needed(t, v);
    int in_object = slots_in_object(child), index = child->slots - 1;
    if (index < in_object) {
        slot_append(t, o, (Value *)((char *)o + child->type->slots_offset) + index, v);
        shape_store(o, child);
        return 0;
    }
    Value *word = attribute_word(o, child);
    Overflow *old = slots_in_object(shape) < shape->slots || child->type->prefix ? overflow_of(word_load(word)) : NULL;
    int64_t place = index - in_object;
    if (old && place < old->capacity) {
        slot_append(t, o, &old->item[place], v);
        shape_store(o, child);
        return 0;
    }
    int64_t capacity = old ? old->capacity * 2 : 4;
    Overflow *grown = storage_new(t, sizeof *grown + (size_t)capacity * sizeof(Value));
    if (!grown) {
        value_release(t, v);
        return -1;
    }
    grown->capacity = capacity;
    memset(grown->item, 0, (size_t)capacity * sizeof(Value));
    if (old) memcpy(grown->item, old->item, (size_t)old->capacity * sizeof(Value));
    else if (!child->type->prefix) grown->item[0] = word_load(word); // the last slot in the object gives its place up
    grown->item[place] = v;
    word_store(word, mark_of(grown));
    shape_store(o, child);
    if (old) storage_discard(t, o, old, sizeof *old + (size_t)old->capacity * sizeof(Value));
    return 0;
}

// An exact, interned str equal to `name`: what shapes and dictionaries of attributes are keyed by. Deferred: not counted.
static Value attribute_name(Thread *t, ValueRef name) {
    if (LIKELY(str_is_interned(value_str(name)))) return value_assume_owned(name);
    Value exact = value_is(name, STR) ? value_dup(t, name) : str_substring(t, value_str(name), 0, str_length(value_str(name)));
    return exact ? str_intern(t, exact) : UNDEF;
}

// Takes a slot's value out of a private object, whose other attributes stay in slots: those behind it move up, under the shape that has
// their names in order. Nobody else sees the object, so any order of the stores will do. False where they have to become a dict.
static bool delete_in_slots(Thread *t, Object *o, Shape *shape, int slot, Value *displaced) {
    int n = shape->slots;
    if (object_is_shared(o) || n > slots_in_object(shape) || object_type(o)->prefix) return false;
    Str *names[256];
    Shape *target = shape;
    for (; target->slots > slot; target = shape_at(target->parent)) names[target->slots - 1] = target->name;
    for (int i = slot + 1; i < n && target; i++) target = shape_with(t, target, names[i]);
    if (!target) return false;
    Value *slots = (Value *)((char *)o + shape->type->slots_offset);
    *displaced = word_load(&slots[slot]);
    for (int i = slot + 1; i < n; i++) word_store(&slots[i - 1], word_load(&slots[i]));
    word_store(&slots[n - 1], UNDEF);
    shape_store(o, target);
    return true;
}

int instance_set(Thread *t, Object *o, ValueRef name, ValueRef value_or_undef) {
    Value key = attribute_name(t, name);
    if (!key) return -1;
    CriticalSection cs;
    bool shared = object_is_shared(o);
    if (shared) critical_begin(&t->core, &cs, &o->head);
    int result = 0;
    Value displaced = UNDEF;
    Dict *dict = NULL;
    for (;;) {
        Shape *shape = shape_at(object_shape_acquire(o));
        if (shape->kind == SHAPE_DICTIONARY) {
            dict = object_dup(t, dictionary_of(word_load(attribute_word(o, shape))));
            break;
        }
        int slot = shape_find(shape, value_str(key));
        if (!value_or_undef) {
            if (slot < 0) {
                result = 1;
                break;
            }
            if (delete_in_slots(t, o, shape, slot, &displaced)) break;
            if ((result = make_dictionary(t, o, shape)) < 0) break;
            continue;
        }
        if (slot >= 0) {
            Value *place = attribute_slot(o, shape, slot);
            Value v = value_dup(t, value_or_undef);
            if (shared) slot_store(t, o, place, v);
            else {
                displaced = *place;
                slot_init(place, v);
            }
            break;
        }
        Shape *child = shape_with(t, shape, value_str(key));
        if (child) {
            result = add_attribute(t, o, shape, child, value_dup(t, value_or_undef));
            break;
        }
        if ((result = make_dictionary(t, o, shape)) < 0) break;
    }
    if (shared) critical_end(&t->core, &cs);
    value_release(t, displaced);
    if (dict) {
        if (value_or_undef) {
            result = dict_set(t, dict, key, value_or_undef);
        } else {
            Value old = dict_pop(t, dict, key);
            result = old ? 0 : error_pending(t) ? -1 : 1;
            value_release(t, old);
        }
        object_release(t, dict);
    }
    return result;
}

int object_generic_setattr(Thread *t, ValueRef o, ValueRef name, ValueRef value_or_undef) {
    if (UNLIKELY(!value_is_any_str(name))) return raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    Type *type = value_type(o);
    ValueRef found = type_lookup(t, type, name);
    if (found && value_type(found)->ops.descr_set) {
        Value descriptor = value_dup(t, found);
        int result = value_type(descriptor)->ops.descr_set(t, descriptor, o, value_or_undef);
        value_release(t, descriptor);
        return result;
    }
    if (value_is_pointer(o) && type_shows_attributes(type)) {
        int result = instance_set(t, value_object(o), name, value_or_undef);
        if (result == 1) attribute_error(t, o, name);
        return result ? -1 : 0;
    }
    if (found) return raise_int(t, ATTRIBUTE_ERROR, "'%N' object attribute '%U' is read-only", type, value_str(name));
    if (type->ops.setattr == object_generic_setattr)
        raise(t, ATTRIBUTE_ERROR, "'%N' object has no attribute '%U' and no __dict__ for setting new attributes", type, value_str(name)), attribute_error_about(t, o, name);
    else return attribute_error(t, o, name), -1;
    return -1;
}

int object_setattr(Thread *t, ValueRef o, ValueRef name, ValueRef value_or_undef) {
    if (UNLIKELY(!value_is_any_str(name))) return raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", name);
    StoreFn set = value_type(o)->ops.setattr;
    if (!set)
        return raise_int(t, TYPE_ERROR, "'%N' object has only read-only attributes (%s .%U)", value_type(o),
                         value_or_undef ? "assign to" : "del", value_str(name));
    return set(t, o, name, value_or_undef);
}

// ---- __dict__ and __class__

// What `aux` of a dict says that stands for an instance's attributes because somebody asked for it: 0, or 1 and how often the
// attributes were then looked for in it. After so many times, and once nobody else holds the dict, they go back to slots.
enum { ACCESSES_BEFORE_RETURN = 4 };

// The shape of these slots for what is in the dict, all of its keys interned; NULL where there is none (or no memory: nothing raised).
static Shape *shape_of_entries(Thread *t, Shape *root, Dict *dict) {
    Shape *shape = root;
    DictTable *table = dict->table;
    for (uint32_t i = 0, used = table ? atomic_load_relaxed_u32(&table->used) : 0; shape && i < used; i++) {
        if (!table->entries[i].value) continue;
        Value key = table->entries[i].key;
        if (!value_is(key, STR) || !str_is_interned(value_str(key))) return NULL;
        shape = shape_with(t, shape, value_str(key));
    }
    return shape;
}

bool instance_return_to_slots(Thread *t, Object *o) {
    Shape *shape = shape_at(object_shape(o));
    Type *type = shape->type;
    if (shape->kind != SHAPE_DICTIONARY || object_is_shared(o)) return false;
    Value *word = attribute_word(o, shape);
    Dict *dict = dictionary_of(word_load(word));
    if (!dict || !dict->c.aux || !value_is(value_of(dict), DICT) || object_is_shared((Object *)dict)) return false;
    if (dict->c.aux <= ACCESSES_BEFORE_RETURN) {
        dict->c.aux++;
        return false;
    }
    if (!ref_is_unique_local(&t->core, &dict->c.head)) return false;
    Shape *root = shape_at(SHAPE_INDEX(type->shape)), *target = NULL;
    if (root->kind == SHAPE_SLOTS && root->inline_slots == shape->inline_slots) target = shape_of_entries(t, root, dict);
    int in_object = target ? slots_in_object(target) : 0, outside = target && target->slots > in_object ? target->slots - in_object : 0;
    Overflow *overflow = NULL;
    if (outside && (overflow = malloc(sizeof *overflow + (size_t)outside * sizeof(Value)))) overflow->capacity = outside;
    if (!target || (outside && !overflow)) {
        dict->c.aux = 0; // for good
        return false;
    }
    // Nobody else sees the object: any order of the stores will do.
    Value *slots = (Value *)((char *)o + type->slots_offset);
    word_store(word, overflow ? mark_of(overflow) : UNDEF);
    DictTable *table = dict->table;
    for (uint32_t i = 0, n = 0, used = table ? atomic_load_relaxed_u32(&table->used) : 0; i < used; i++) {
        Value v = table->entries[i].value;
        if (!v) continue;
        slot_init((int)n < in_object ? &slots[n] : &overflow->item[(int)n - in_object], value_dup(t, v));
        n++;
    }
    shape_store(o, target);
    object_release(t, dict);
    return true;
}

Value instance_dict(Thread *t, ValueRef v) {
    Object *o = value_object(v);
    if (!value_is_pointer(v) || !type_shows_attributes(object_type(o))) return attribute_error(t, v, NAME(__dict__));
    CriticalSection cs;
    bool shared = object_is_shared(o);
    if (shared) critical_begin(&t->core, &cs, &o->head);
    Shape *shape = shape_at(object_shape_acquire(o));
    Value dict = UNDEF;
    if (shape->kind == SHAPE_DICTIONARY || make_dictionary(t, o, shape) == 0) {
        bool made = shape->kind != SHAPE_DICTIONARY;
        shape = shape_at(object_shape_acquire(o));
        if (made && !shared) dictionary_of(word_load(attribute_word(o, shape)))->c.aux = 1;
        dict = value_of(object_dup(t, dictionary_of(word_load(attribute_word(o, shape)))));
    }
    if (shared) critical_end(&t->core, &cs);
    return dict;
}

int instance_set_dict(Thread *t, ValueRef v, ValueRef dict) {
    Object *o = value_object(v);
    CriticalSection cs;
    bool shared = object_is_shared(o);
    if (shared) critical_begin(&t->core, &cs, &o->head);
    Shape *shape = shape_at(object_shape_acquire(o));
    int result = 0;
    Value old = UNDEF;
    if (shape->kind == SHAPE_DICTIONARY) {
        if (shared) publish_if_needed(t, dict);
        Value *word = attribute_word(o, shape);
        old = value_of(dictionary_of(word_load(word)));
        word_store(word, value_from_bits(value_bits(value_dup(t, dict)) | DICTIONARY_MARK));
    } else {
        result = become_dictionary(t, o, shape, value_dup(t, dict));
    }
    if (shared) critical_end(&t->core, &cs);
    if (old) slot_discard(t, o, old);
    return result;
}

// The layouts agree in everything before the attributes. In a shared object the change happens in a stop (DESIGN 7): no
// reader is between its look at the shape and its look at a slot.
int instance_change_class(Thread *t, Object *o, Type *type) {
    CriticalSection cs;
    bool shared = object_is_shared(o);
    if (shared) critical_begin(&t->core, &cs, &o->head);
    Shape *shape = shape_at(object_shape_acquire(o));
    Shape *root = shape_at(SHAPE_INDEX(type->shape)), *target = NULL;
    int result = 0;
    // The new class may predict another number of inline slots: it gets a root of its own for objects of this size.
    if (root->inline_slots != shape->inline_slots) root = shape_new_root(t, type, shape->inline_slots, 0);
    if (!root) result = -1;
    if (result == 0 && shape->kind == SHAPE_SLOTS) {
        Str *names[256];
        for (Shape *s = shape; s->name; s = shape_at(s->parent)) names[s->slots - 1] = s->name;
        target = root;
        for (int i = 0; i < shape->slots && target; i++) target = shape_with(t, target, names[i]);
        if (!target && (result = make_dictionary(t, o, shape)) == 0) shape = shape_at(object_shape_acquire(o));
    }
    if (result == 0 && !target) target = shape->kind == SHAPE_DICTIONARY ? shape_dictionary(t, root) : root;
    if (result == 0 && target) {
        if (shared) publish_if_needed(t, value_of(type));
        shape_store(o, target);
    } else {
        result = -1;
    }
    if (shared) critical_end(&t->core, &cs);
    return result;
}

// ---- for the heap
static Value *member_slots(Object *o, Type *type, size_t *count) {
    size_t from = (type->spec->size + 7) & ~(size_t)7;
    *count = type->prefix || !(type->flags & TYPE_HEAP) || type->size <= from ? 0 : (type->size - from) / sizeof(Value);
    return (Value *)((char *)o + from);
}

void instance_release(Thread *t, Object *o) {
    Shape *shape = shape_at(object_shape(o));
    Type *type = shape->type;
    if (shape->kind == SHAPE_SLOTS && shape->slots == 0 && !(type->flags & TYPE_HEAP)) return;
    size_t members;
    Value *member = member_slots(o, type, &members);
    for (size_t i = 0; i < members; i++) value_release(t, member[i]);
    if (!(type->flags & TYPE_HAS_ATTRIBUTES)) return;
    Value word = word_load(attribute_word(o, shape));
    if (shape->kind == SHAPE_DICTIONARY) {
        object_release(t, dictionary_of(word));
        return;
    }
    int in_object = slots_in_object(shape);
    Value *slots = (Value *)((char *)o + type->slots_offset);
    for (int i = 0; i < in_object; i++) value_release(t, slots[i]);
    Overflow *overflow = overflow_of(word);
    if (overflow) {
        for (int i = 0; i < shape->slots - in_object; i++) value_release(t, overflow->item[i]);
        free(overflow);
    }
}

void instance_clear(Thread *t, Object *o) {
    Shape *shape = shape_at(object_shape_acquire(o));
    Type *type = shape->type;
    size_t members;
    Value *member = member_slots(o, type, &members);
    for (size_t i = 0; i < members; i++) slot_store(t, o, &member[i], UNDEF);
    if (!(type->flags & TYPE_HAS_ATTRIBUTES)) return;
    if (shape->kind == SHAPE_DICTIONARY) {
        Value *word = attribute_word(o, shape), held = value_of(dictionary_of(word_load(word)));
        dict_clear(t, value_dict(held));
        // An object that is its own __dict__ lets go of itself.
        Value empty = value_object(held) == o ? dict_new(t) : UNDEF;
        if (empty) {
            if (object_is_shared(o)) publish_if_needed(t, empty);
            word_store(word, value_from_bits(value_bits(empty) | DICTIONARY_MARK));
            slot_discard(t, o, held);
        }
        return;
    }
    // A shape may promise an attribute whose slot is UNDEF: it then reads as missing.
    for (int i = 0; i < shape->slots; i++) {
        Value *place = attribute_slot(o, shape, i);
        if (place) slot_store(t, o, place, UNDEF);
    }
}

void instance_traverse(Object *o, VisitFn visit, void *arg) {
    Shape *shape = shape_at(object_shape(o));
    Type *type = shape->type;
    if (type->flags & TYPE_HEAP) {
        Value class = value_of(type);
        visit(&class, arg);
    }
    size_t members;
    Value *member = member_slots(o, type, &members);
    for (size_t i = 0; i < members; i++) visit(&member[i], arg);
    if (!(type->flags & TYPE_HAS_ATTRIBUTES)) return;
    Value word = word_load(attribute_word(o, shape));
    if (shape->kind == SHAPE_DICTIONARY) {
        Value dict = value_of(dictionary_of(word));
        visit(&dict, arg);
        return;
    }
    int in_object = slots_in_object(shape);
    Value *slots = (Value *)((char *)o + type->slots_offset);
    for (int i = 0; i < in_object; i++) visit(&slots[i], arg);
    Overflow *overflow = overflow_of(word);
    for (int i = 0; overflow && i < shape->slots - in_object; i++) visit(&overflow->item[i], arg);
}

void object_traverse(Object *o, VisitFn visit, void *arg) {
    Type *type = object_type(o);
    if (type->spec->traverse) type->spec->traverse(o, visit, arg);
    instance_traverse(o, visit, arg);
}
