// What operations do beyond their fast paths, in C functions shared by every rendering of the bodies (handlers, stencils).
// F operands (a register and those after it) are consumed: emptied, on failure too.
#pragma once
#include "runtime/interp/trace.h"
#include "runtime/abstract.h"
#include "runtime/attribute_cache.h"
#include "runtime/heap.h"
#include "runtime/interp/interp.h"
#include "runtime/module.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/range.h"
#include "runtime/type.h"

// ---- inline caches: immutable entries, published in an instruction's cell, freed by RCU
typedef struct GlobalCache { // of LOAD_GLOBAL_BUILTIN
    uint32_t globals_id, globals_used; // table of the globals, and how many entries it had used
    uint32_t builtins_id, offset;      // table of the builtins, and where in it the value stands
} GlobalCache;
// Where a dict's value stands, as a cell holds it: bit 63, the number of the dict's table, in the low half the place in the table
// (below 2^31, so that no shape word of another form's cell is like it). 0: it cannot be told.
uint64_t slow_dict_place(ValueRef dict, const Str *name);
static inline ValueRef dict_at_place(ValueRef dict, uint64_t place) { // borrowed; UNDEF: not there any more
    DictTable *table = storage_load(value_dict(dict)->table);
    if (UNLIKELY(!table || (atomic_load_relaxed_u32(&table->id) | 1u << 31) != place >> 32)) return UNDEF;
    return slot_borrow((Value *)((char *)table + (uint32_t)place));
}
typedef struct MethodEntry { // of LOAD_METHOD: a function found on the type, that no instance attribute hides
    uint32_t shape;          // with SHAPE_SHARED
    uint32_t version;        // of the type
    Type *type;
    Value function;          // borrowed: see type_lookup.c
} MethodEntry;
typedef struct StoreCache {  // of STORE_ATTR_ADD: private objects only
    uint32_t shape, next_shape;
    uint32_t offset;
} StoreCache;

typedef struct AttrEntry {   // of LOAD_ATTR_CLASS and LOAD_ATTR_TYPE: what stands on a type
    uint32_t shape;          // of the instance, with SHAPE_SHARED; 0: an attribute of the class itself
    uint32_t version;        // of the type
    Type *type;
    Value found;             // borrowed: see type_lookup.c
    uint32_t metatype_version, type_shape; // where shape is 0: of the class itself
} AttrEntry;

_Static_assert(sizeof(GlobalCache) <= ENTRY_BYTES && sizeof(MethodEntry) <= ENTRY_BYTES && sizeof(StoreCache) <= ENTRY_BYTES && sizeof(AttrEntry) <= ENTRY_BYTES, "entry_alloc's blocks");

// The cells of LOAD_ATTR and STORE_ATTR hold an entry's address, or a shape and an offset, or a place in a module's dict. An address is
// packed so that bit 63 and bit 31 are clear and bit 30 is set, which neither of the others has: each form misses on the others' words.
enum { CELL_ENTRY = 1 << 30 };
static inline uint64_t cell_of_entry(const void *p) { // entry_alloc's blocks are 16-aligned and lie below 2^47
    LEAK_HIDDEN(p);
    return (uint64_t)p >> 16 << 32 | CELL_ENTRY | ((uint64_t)p & 0xffff) >> 4;
}
static inline void *cell_entry(uint64_t cell) { // NULL for the other forms
    return (cell & (1u << 31 | CELL_ENTRY)) == CELL_ENTRY && (int64_t)cell >= 0 ? (void *)(cell >> 32 << 16 | (cell & 0xfff) << 4) : NULL;
}
// Stores a word in the cell of an instruction that was compiled as `op`; the entry that the cell referred to is freed after a grace period.
void cell_set(Thread *t, _Atomic uint64_t *cell, uint16_t op, uint64_t word); // inline_cells.c

// ---- names (slow_name.c)
Value slow_common_object(Thread *t, uint32_t which);
void slow_unbound_local(Thread *t, ValueRef name);
void slow_unbound_free(Thread *t, ValueRef name);
Value slow_load_global(Thread *t, const Ins *pc, uint16_t op, Function *f, ValueRef name, _Atomic uint64_t *cell);
Value slow_load_builtin(Thread *t, Function *f, ValueRef name);
int slow_delete_global(Thread *t, Function *f, ValueRef name);
Value slow_load_name(Thread *t, Function *f, ValueRef locals, ValueRef name);
int slow_store_name(Thread *t, ValueRef locals, ValueRef name, ValueRef value);
int slow_delete_name(Thread *t, ValueRef locals, ValueRef name);
Value slow_load_dict_or_global(Thread *t, Function *f, ValueRef dict, ValueRef name);
Value slow_load_dict_or_free(Thread *t, Function *f, ValueRef dict, uint32_t index);
Value slow_load_dict_or_cell(Thread *t, CodeData *data, ValueRef dict, uint32_t reg, ValueRef cell);
Value slow_load_locals(Thread *t, Value *fp);
Value slow_import_name(Thread *t, Value *fp, ValueRef name, Value *operands);
Value slow_import_from(Thread *t, ValueRef module, ValueRef name);
int slow_import_star(Thread *t, ValueRef module, ValueRef locals);

// ---- attributes (slow_attr.c)
Value slow_load_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, _Atomic uint64_t *cell);
// The getter (owned) of o's property of this name, where that is a Python function that takes the object alone; else UNDEF.
Value slow_property_getter(Thread *t, ValueRef o, ValueRef name);
int slow_store_attr(Thread *t, const Ins *pc, uint16_t op, ValueRef o, ValueRef name, ValueRef value, _Atomic uint64_t *cell);
int slow_load_method(Thread *t, const Ins *pc, uint16_t op, Value *window, Value *object, bool last, ValueRef name, _Atomic uint64_t *cell);
Value slow_load_super(Thread *t, Value *operands, ValueRef name, Value *window_or_null);
int slow_load_special(Thread *t, Value *window, ValueRef o, uint32_t which);

// ---- arithmetic (slow_build.c)
Value slow_binary(Thread *t, const Ins *pc, uint16_t op, int binary_op, ValueRef a, ValueRef b);
Value slow_inplace(Thread *t, int binary_op, Value *a, bool gives_up, ValueRef b); // gives_up: the register may lose its value
Value slow_compare(Thread *t, ValueRef a, ValueRef b, int op);
int slow_compare_truth(Thread *t, ValueRef a, ValueRef b, int op);
bool int_floordiv_small(ValueRef x, ValueRef y, int64_t *r);
bool int_mod_small(ValueRef x, ValueRef y, int64_t *r);
bool int_pow_small(ValueRef x, ValueRef y, int64_t *r);
static inline bool int_lshift_small(ValueRef x, ValueRef y, int64_t *r) {
    int64_t n = value_get_int(x), by = value_get_int(y);
    if (by < 0 || by > 60) return false;
    int64_t shifted = (int64_t)((uint64_t)n << by);
    if (shifted >> by != n || !int_fits_small(shifted)) return false;
    *r = (int64_t)value_bits(value_int(shifted));
    return true;
}
static inline bool int_rshift_small(ValueRef x, ValueRef y, int64_t *r) {
    int64_t by = value_get_int(y);
    if (by < 0) return false;
    *r = (int64_t)value_bits(value_int(value_get_int(x) >> (by > 63 ? 63 : by)));
    return true;
}

// ---- containers (slow_build.c)
Value slow_build_tuple(Thread *t, Value *items, uint32_t n);
Value slow_build_list(Thread *t, Value *items, uint32_t n);
Value slow_build_set(Thread *t, Value *items, uint32_t n);
Value slow_build_dict(Thread *t, Value *items, uint32_t pairs);
Value slow_build_string(Thread *t, Value *items, uint32_t n);
Value slow_build_slice(Thread *t, Value *items, uint32_t n);
// A slice that is used at once, as the key of an exact builtin, needs no slice object.
bool slow_slices_in_place(ValueRef o, bool store);
Value slow_get_slice(Thread *t, ValueRef o, Value *bounds, uint32_t n);
int slow_set_slice(Thread *t, ValueRef o, Value *bounds, uint32_t n, ValueRef value);
Value slow_build_interpolation(Thread *t, Value *items);
Value slow_build_template(Thread *t, Value *items);
int slow_list_extend(Thread *t, ValueRef list, ValueRef iterable);
int slow_set_add(Thread *t, ValueRef set, ValueRef item);
int slow_set_update(Thread *t, ValueRef set, ValueRef iterable);
int slow_dict_update(Thread *t, ValueRef dict, ValueRef mapping);
Value slow_spread(Thread *t, ValueRef iterable, ValueRef function);
int slow_dict_merge(Thread *t, ValueRef dict, ValueRef mapping, ValueRef function);
int slow_unpack(Thread *t, Value *targets, Value *source, uint32_t n);
int slow_unpack_ex(Thread *t, Value *targets, ValueRef source, uint32_t before, uint32_t after);
Value slow_match_keys(Thread *t, ValueRef subject, ValueRef keys);
Value slow_match_class(Thread *t, Value *operands, uint32_t positional);

// ---- calls (slow_call.c)
enum CallResult { CALL_ENTERED, CALL_DONE, CALL_FAILED };
enum CallResult slow_call(Thread *t, const Ins *pc, uint16_t op, Value *fp, Value *window, uint32_t nargs, _Atomic uint64_t *cell, bool nested, Value *result);
// The frames of a class's call with exactly the arguments that its __init__ takes: the registers of __init__, whose code is to be
// entered. NULL: nothing was done.
Value *slow_class_frames(Thread *t, const Ins *pc, Value *fp, Value *window, uint32_t nargs);
// Is a class called by native code alone, but for what __new__ may run?
static inline bool slow_class_is_native(Type *type) { return !(type->flags & TYPE_HEAP) || type->ops.init == TYPE_OF(OBJECT)->ops.init; }
enum CallResult slow_call_native(Thread *t, const Ins *pc, uint16_t op, Value *fp, Value *window, uint32_t nargs, _Atomic uint64_t *cell, bool nested, Value *result);
enum CallResult slow_call_kw(Thread *t, const Ins *pc, Value *fp, Value *window, uint32_t nargs, bool nested, Value *result);
enum CallResult slow_call_ex(Thread *t, const Ins *pc, Value *fp, Value *operands, bool nested, Value *result);
bool slow_return(Thread *t, const Ins *pc, Value *fp); // t->return_value leaves a frame with an object; true: leave the interpreter
void slow_init_returned(Thread *t, ValueRef returned);
Value slow_make_function(Thread *t, ValueRef code, Function *running);
Value slow_intrinsic(Thread *t, uint32_t which, Value *operands, Value *fp);

// ---- exceptions, iteration, async (slow_misc.c)
ValueRef exception_handled(Thread *t); // innermost exception being handled, borrowed; UNDEF
Value awaitable_iterator(Thread *t, ValueRef o); // what awaiting `o` iterates over
void slow_raise(Thread *t, Value *operands, uint32_t n);
int slow_exception_match(Thread *t, ValueRef exception, ValueRef type);
int slow_exception_group_match(Thread *t, Value *match, Value *exception, ValueRef type);
void slow_exception_triple(Thread *t, Value *three, ValueRef exception);
// The next item; UNDEF at the end, or with an exception. A register that should hold an iterator may hold anything where the
// program made code of its own (types.FunctionType of a generator expression's code).
static inline Value slow_next(Thread *t, ValueRef iterator) {
    UnaryFn next = value_type(iterator)->ops.next;
    return LIKELY(next != NULL) ? next(t, iterator) : object_next(t, iterator);
}
// The next pair of an iterator that gives pairs, without a tuple: 1 with two owned values, 0 at the end (or with an exception), -1
// where it is another kind of iterator.
int slow_next_pair(Thread *t, ValueRef iterator, Value *two);
bool slow_gives_pairs(ValueRef iterator); // is it of that kind?
int slow_for_iter_error(Thread *t); // StopIteration is cleared: 0; other exceptions stay: -1
Value slow_yield_from_iter(Thread *t, CodeData *data, ValueRef o);
Value slow_get_awaitable(Thread *t, ValueRef o, uint32_t where);
Value slow_get_aiter(Thread *t, ValueRef o);
Value slow_get_anext(Thread *t, ValueRef o);
