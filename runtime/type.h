// What the files of the type system share: shapes, attributes, lookup, slots, making classes.
#pragma once
#include "runtime/store.h"

// ---- shape.c
void shapes_init(void);
Shape *shape_new_root(Thread *t, Type *type, uint16_t inline_slots, uint32_t fixed_index_or_0); // NULL with MemoryError
// The slot of an attribute, -1 where the shape has none. `name` is interned (others: str_find_interned first).
int shape_find(Shape *shape, const Str *name);
// The shape with one more attribute; NULL where the type's instances should go to dictionaries (too many shapes, or no memory).
Shape *shape_with(Thread *t, Shape *shape, Str *name);
Shape *shape_dictionary(Thread *t, Shape *shape); // of the same type and inline slots; NULL with MemoryError
// Where the attribute slot lies, for an object seen with this shape: NULL where the overflow array is not (or no longer) there.
int slots_in_object(const Shape *shape); // how many of its slots lie in the object, the rest in the overflow array
Value *attribute_slot(Object *o, const Shape *shape, int slot);
// The word that holds the overflow array, or the dictionary (with bit 3 set), as a mark: a reader that still has an older shape
// sees a mark there, never a Value of another attribute.
Value *attribute_word(Object *o, const Shape *shape);
enum { DICTIONARY_MARK = TAG_MARK | 8 };
typedef struct Overflow { int64_t capacity; Value item[]; } Overflow;
static inline Overflow *overflow_of(Value word) { return (value_bits(word) & 15) == TAG_MARK ? (Overflow *)(value_bits(word) - TAG_MARK) : NULL; }
static inline Dict *dictionary_of(Value word) { return (value_bits(word) & 15) == DICTIONARY_MARK ? (Dict *)(value_bits(word) - DICTIONARY_MARK) : NULL; }

// ---- attribute.c (abstract.h's attribute part, and)
Value instance_dict(Thread *t, ValueRef o);                    // o.__dict__ as a dict (owned): moves the attributes into it; UNDEF with AttributeError
// A private object whose attributes moved into a dict because __dict__ was asked for takes them back into slots, where nobody
// else holds the dict any more and they have been looked for several times since. Called at each look from the slow side of an
// operation; true where that happened. Runs no Python, raises nothing.
bool instance_return_to_slots(Thread *t, Object *o);
int instance_set_dict(Thread *t, ValueRef o, ValueRef dict);   // o.__dict__ = dict
Value instance_get(Thread *t, Object *o, ValueRef name);       // an instance attribute alone; UNDEF without an exception
int instance_set(Thread *t, Object *o, ValueRef name, ValueRef value_or_undef); // 0; 1 where a delete found none; -1
int instance_change_class(Thread *t, Object *o, Type *type);   // __class__ assignment, layouts already found compatible
void instance_release(Thread *t, Object *o);                   // destroy: attribute slots and __slots__
void instance_clear(Thread *t, Object *o);                      // collector: attribute slots and __slots__ lose their values
void instance_traverse(Object *o, VisitFn visit, void *arg);   // attribute slots, __slots__; and a heap type itself
// object.__getattribute__, but UNDEF without an exception where there is no such attribute. `name` is a str.
Value object_generic_find(Thread *t, ValueRef o, ValueRef name);
// What a call of o.name(...) calls: a function of the type that would be bound to o comes as it is, with *unbound set. UNDEF with an
// exception where there is none. `name` is a str.
Value object_find_method(Thread *t, ValueRef o, ValueRef name, bool *unbound);
uint32_t attribute_offset(Shape *shape, const Str *name); // where in the object the attribute stands; 0: not in the object
// A member of __slots__ is read and written at its place in every instance of `type`: its offset, 0 for all else that `found` may be.
uint32_t member_offset(Type *type, ValueRef found);
Value attribute_error(Thread *t, ValueRef o, ValueRef name);   // AttributeError: 'T' object has no attribute 'x' (with name and obj set)
// Tells a pending AttributeError that does not know yet what `name` of which object it is about.
void attribute_error_about(Thread *t, ValueRef o, ValueRef name);

// ---- type_lookup.c
void type_modified(Thread *t, Type *type);    // after any change to dict, bases, mro: versions of it and its subclasses become 0
// Visits the living subclasses, which the type holds weakly: publishing a type publishes them. Makes nothing, counts nothing.
void type_visit_subclasses(Type *type, VisitFn visit, void *arg);
void type_cache_free(Type *type);             // of a type that is being destroyed
void type_cache_names(Type *type, void (*fn)(Object *name, void *arg), void *arg); // in a stop: the names that its method cache is keyed by
// Same as type_lookup (abstract.h) without the cache: for a look before a change.
ValueRef type_lookup_once(Type *type, ValueRef name);
// The same for one class alone.
ValueRef type_dict_get(Type *type, ValueRef name);

// ---- type_slots.c: slots.def made flesh
struct SlotRow;
const struct SlotRow *slot_rows(int *count);
// Fills type->ops from the methods that the method resolution order gives (native wrappers give their C functions back).
void type_update_slots(Thread *t, Type *type);
// The same for a class that has just been made: what it does not say itself is its base's.
void type_update_slots_of_new(Thread *t, Type *type);
// The same for one changed name, in the type and every subclass that inherits it.
void type_update_slots_for(Thread *t, Type *type, ValueRef name);
// Adds slot wrappers for what the spec's ops define to a builtin type's dict. 0, -1.
int type_add_slot_wrappers(Thread *t, Type *type);

// ---- type.c, type_new.c
// Builds a builtin type in place from its spec (immortal): dict with methods, getset, members, slot wrappers, mro; inherits ops. 0, -1.
int type_init_builtin(Thread *t, Type *type, const TypeSpec *spec, Type *base, uint32_t shape_index_or_0);
// A heap-allocated, immutable type from a spec, for modules (deferred). bases: tuple or UNDEF (spec->base).
Type *type_from_spec(Thread *t, const TypeSpec *spec, ValueRef bases_or_undef, ValueRef module_name);
// For TypeSpec.ready: an entry of the dict of a native type that is being made. Fails where the value is UNDEF. 0, -1.
int type_add(Thread *t, Type *type, const char *name, Value value_steal);
// type(name, bases, namespace): a class. kwnames/kwargs go to __init_subclass__.
Value type_new_class(Thread *t, Type *metaclass, ValueRef name, ValueRef bases, ValueRef namespace_, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value type_call(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // type.__call__
Value object_new_instance(Thread *t, Type *type);               // object.__new__ without argument checks
Value builtin_build_class(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // __build_class__
Type *metaclass_of_bases(Thread *t, Type *metatype, ValueRef bases); // the most derived; NULL with "metaclass conflict"
Value type_get_attribute(Thread *t, ValueRef type, ValueRef name); // type.__getattribute__
int type_set_attribute(Thread *t, ValueRef type, ValueRef name, ValueRef value_or_undef);
// Takes the descriptors __dict__ and __weakref__ out of a class: its namespace is about to make another one (sys._clear_type_descriptors).
int type_clear_descriptors(Thread *t, Type *type);
Value type_qualified_name(Thread *t, Type *type);                // as %T prints: module.qualname, builtins without module
