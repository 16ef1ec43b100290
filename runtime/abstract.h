// Python's operations on any values: what an operator, a builtin or a statement does, by the slots of the types.
// Results are owned; UNDEF, -1 mean an exception is raised, unless the line says otherwise.
#pragma once
#include "runtime/object.h"

// ---- attributes. `name` is a str.
Value object_getattr(Thread *t, ValueRef o, ValueRef name);
Value object_getattr_or_undef(Thread *t, ValueRef o, ValueRef name); // AttributeError is swallowed: UNDEF with none pending
int object_setattr(Thread *t, ValueRef o, ValueRef name, ValueRef value_or_undef);
int object_hasattr(Thread *t, ValueRef o, ValueRef name);
Value object_generic_getattr(Thread *t, ValueRef o, ValueRef name); // object.__getattribute__
int object_generic_setattr(Thread *t, ValueRef o, ValueRef name, ValueRef value_or_undef);
// What the type says for a name along its method resolution order: borrowed until the next safepoint, UNDEF where nothing.
ValueRef type_lookup(Thread *t, Type *type, ValueRef name);
// The same, with the type's version that the answer is true for (0: do not cache).
ValueRef type_lookup_versioned(Thread *t, Type *type, ValueRef name, uint32_t *version);

// ---- text, truth, hash, comparison
Value object_repr(Thread *t, ValueRef o);
Value object_str(Thread *t, ValueRef o);
Value object_ascii(Thread *t, ValueRef o);
Value object_format(Thread *t, ValueRef o, ValueRef spec_or_undef);
Value object_bytes(Thread *t, ValueRef o);
int object_is_true(Thread *t, ValueRef o);
int64_t object_hash(Thread *t, ValueRef o);
int64_t object_hash_not_implemented(Thread *t, ValueRef o); // the slot of unhashable types: TypeError
int64_t pointer_hash(const void *p);
Value object_compare(Thread *t, ValueRef a, ValueRef b, int op); // rich comparison: any object
int object_compare_bool(Thread *t, ValueRef a, ValueRef b, int op); // 1, 0, -1; identity implies equality
static inline int object_equal(Thread *t, ValueRef a, ValueRef b) { return object_compare_bool(t, a, b, CMP_EQ); }
int object_is_instance(Thread *t, ValueRef o, ValueRef class_or_tuple); // with __instancecheck__
int object_is_subclass(Thread *t, ValueRef c, ValueRef class_or_tuple);
// type.__instancecheck__ and type.__subclasscheck__: by types, or by __class__ and __bases__.
int object_real_is_instance(Thread *t, ValueRef o, ValueRef c);
int object_real_is_subclass(Thread *t, ValueRef derived, ValueRef c);
Value object_id(Thread *t, ValueRef o);
Value object_dir(Thread *t, ValueRef o);
// A loop of containers' reprs: 1 if already running on `o` in this thread (then print "..."), 0 if entered, -1.
int repr_enter(Thread *t, ValueRef o);
void repr_leave(Thread *t, ValueRef o);

// ---- arithmetic
enum BinaryOp { // the order of the ADD.. family of ops.def, and of BINARY_OPS in abstract_number.c
    BIN_ADD, BIN_SUB, BIN_MUL, BIN_DIV, BIN_FLOORDIV, BIN_MOD, BIN_POW, BIN_MATMUL, BIN_LSHIFT, BIN_RSHIFT, BIN_AND, BIN_OR, BIN_XOR, BIN_COUNT,
};
Value object_binary(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b);
Value object_inplace(Thread *t, enum BinaryOp op, ValueRef a, ValueRef b);
Value object_divmod(Thread *t, ValueRef a, ValueRef b);
Value object_power(Thread *t, ValueRef a, ValueRef b, ValueRef modulus_or_none);
Value object_negative(Thread *t, ValueRef o);
Value object_positive(Thread *t, ValueRef o);
Value object_absolute(Thread *t, ValueRef o);
Value object_invert(Thread *t, ValueRef o);
Value object_index(Thread *t, ValueRef o); // __index__: an exact int
Value object_int(Thread *t, ValueRef o);   // int(o) for a non-string
Value object_float(Thread *t, ValueRef o); // float(o)

// ---- containers and iteration
int64_t object_len(Thread *t, ValueRef o);
int64_t object_length_hint(Thread *t, ValueRef o, int64_t default_hint);
Value object_getitem(Thread *t, ValueRef o, ValueRef key);
int object_setitem(Thread *t, ValueRef o, ValueRef key, ValueRef value_or_undef);
Value sequence_getitem(Thread *t, ValueRef o, int64_t index);
int object_contains(Thread *t, ValueRef o, ValueRef item);
Value object_iter(Thread *t, ValueRef o);
Value object_next(Thread *t, ValueRef iterator); // UNDEF without an exception: exhausted
// A list or tuple of what the iterable gives (a new list; a tuple); exact lists and tuples are copied by snapshot.
Value list_from_iterable(Thread *t, ValueRef iterable);
Value tuple_from_iterable(Thread *t, ValueRef iterable);

// Generic slots for tables: iter that returns self; getattr/setattr by descriptors.
Value iter_self(Thread *t, ValueRef self);
