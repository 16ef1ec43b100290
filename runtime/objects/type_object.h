// What the files of the type object share among themselves (type.c type_mro.c type_members.c type_new.c type_slots.c object.c
// super.c): not for others.
#pragma once
#include "runtime/object.h"
#include "runtime/store.h"

static inline Type *value_as_type(ValueRef v) { return (Type *)value_object(v); }
// The base that gives the layout; NULL for object.
static inline Type *type_base(const Type *type) { return (Type *)value_bits(slot_borrow(&type->base)); }
static inline bool type_is_heap(const Type *type) { return type->flags & TYPE_HEAP; }
Value type_raise_no_instances(Thread *t, Type *type); // TypeError of types that cannot be called
int type_check_name(Thread *t, Str *name); // ValueError for null characters, UnicodeEncodeError for lone surrogates; 0, -1
// Of a heap type that others may know: flags are read plainly everywhere, so they change in a stop of the world (a safepoint).
void type_set_flags(Thread *t, Type *type, uint32_t set, uint32_t clear);

// ---- type_slots.c
// Calls the method that the type of `self` has under `name`, with keywords; UNDEF without an exception where it has none.
Value type_call_special(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
void type_copy_slots(Type *type, Type *from);
// `next` of this type is a Python __next__: the slot loses StopIteration's value.
bool slot_next_is_python(Type *type);

// ---- type.c
// First of two steps for builtin types: header, size, flags and shape, without allocating objects. Startup does it for all
// types before any dict, str or descriptor is made; type_init_builtin does it where it has not been done. 0, -1.
int type_prepare_builtin(Thread *t, Type *type, const TypeSpec *spec, Type *base, uint32_t shape_index_or_0);
enum { TYPE_INHERITED = TYPE_VARSIZED | TYPE_SEQUENCE | TYPE_MAPPING | TYPE_WEAKREFABLE | TYPE_EXCEPTION | TYPE_MATCH_SELF |
           TYPE_HAS_RESOURCE | TYPE_HAS_ATTRIBUTES | TYPE_IS_INT | TYPE_IS_STR | TYPE_IS_BYTES | TYPE_IS_TUPLE | TYPE_IS_LIST |
           TYPE_IS_DICT | TYPE_IS_TYPE | TYPE_IS_FLOAT | TYPE_ATTRIBUTES_HIDDEN };
// Instances have a __dict__.
static inline bool type_shows_attributes(const Type *type) { return (type->flags & (TYPE_HAS_ATTRIBUTES | TYPE_ATTRIBUTES_HIDDEN)) == TYPE_HAS_ATTRIBUTES; }
// Instances keep their attributes in a dict of the type's own making (types, modules): their classes get none.
bool type_has_own_dict(Type *type);
// Layout of a class of these bases: base, spec, prefix, size, flags to inherit. The type's other fields stay.
void type_inherit_layout(Type *type, Type *base);
int type_list_subclass(Thread *t, Type *base, Type *type); // in base->subclasses; 0, -1
void type_unlist_subclass(Thread *t, Type *base, Type *type);
// The next living subclass (owned) from *position on, NULL at the end.
Type *type_next_subclass(Thread *t, Value subclasses, int64_t *position);
// Instances of the type and its subclasses have their attributes looked up anew: inline caches of their slots are emptied. Stops
// the world where there are any: no lock may be held.
void type_flush_slot_caches(Thread *t, Type *type);
// Inline caches and remembered lookups that read slots of instances past the type forget them: of this type alone, or all, where
// objects that classes hold have become data descriptors, or ceased to be (interp/inline_cells.c).
void inline_cells_flush(Thread *t, Type *type_or_null);

// ---- type_mro.c
// Linearisation by C3 (Barrett et al., OOPSLA 1996), as a tuple; through the metaclass's mro() where it has its own.
Value type_compute_mro(Thread *t, Type *type);
// The default: what type.mro() gives, for these bases.
Value type_linearise(Thread *t, Type *type, Tuple *bases);
// The base whose layout includes all others'; NULL with TypeError. Checks that each may be a base.
Type *type_best_base(Thread *t, Tuple *bases);
Type *type_solid_base(Type *type);
// Instances of `from` may become instances of `to` (or a class's base be exchanged): 0, or -1 with TypeError "<what> assignment: ...".
int type_check_same_layout(Thread *t, Type *from, Type *to, const char *what);
int type_set_bases(Thread *t, Type *type, ValueRef bases); // type.__bases__ = bases

// ---- type_members.c
extern const NativeDef type_methods[];
extern const GetSetDef type_getset[];
extern const MemberDef type_members[];
Value type_module(Thread *t, Type *type); // __module__: any object; UNDEF with AttributeError
// Writes name -> value into the type's dict (UNDEF: deletes; 1 where it is not there), and tells caches and slots. Any type.
int type_dict_set(Thread *t, Type *type, ValueRef name, ValueRef value_or_undef);

// ---- object.c
extern const GetSetDef object_dict_getset, object_weakref_getset; // what classes whose instances have these get

// ---- object_reduce.c: methods of object
Value object_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value object_reduce_ex(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
Value object_getstate(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
