// Objects: the header, types, shapes, and how a type describes itself to the runtime (TypeSpec). DESIGN 3.
#pragma once
#include <stddef.h>
#include "runtime/value.h"
#include "sync/refhead.h"

typedef struct Thread Thread;
typedef struct Type Type;
typedef struct Shape Shape;
typedef struct Tuple Tuple;
typedef struct Str Str;
typedef struct Dict Dict;

// Leaves (str, bytes, big int, boxed float, complex, of the exact type) hold no Values; they are born SHARED and begin with this alone.
struct Object {
    RefHead head;
};

// Everything else is a Container: it is listed in a registry so that the collector finds it (DESIGN 5).
typedef struct Container {
    RefHead head;
    uint32_t reg_index; // (t) place in the registry of slot reg_slot; 0: not listed (immortal builtin types)
    uint16_t reg_slot;  // (t) slot whose registry lists it; stays when the object is merged or handed on
    uint16_t aux;       // the type's own small flags; in a shared object relaxed atomic access only
} Container;

// ---- the registered types
enum TypeId {
#define TYPE(ID, spec) T_##ID,
#include "runtime/types.def"
#undef TYPE
    T_COUNT
};
// Shape number 0 is "no object"; the shape of a builtin type's plain instances is a compile-time number.
enum {
#define TYPE(ID, spec) SHAPE_##ID = T_##ID + 1,
#include "runtime/types.def"
#undef TYPE
    SHAPE_FIRST_DYNAMIC = T_COUNT + 1
};
#define SHAPE_INDEX(word) ((word) & ~(uint32_t)SHAPE_SHARED)

// ---- reading headers
static inline uint32_t object_shape_word(const Object *o) { return atomic_load_relaxed_u32(&o->head.shape); }
static inline uint32_t object_shape(const Object *o) { return SHAPE_INDEX(object_shape_word(o)); }
// For shapes whose attributes were published before the shape (overflow arrays).
static inline uint32_t object_shape_acquire(const Object *o) { return SHAPE_INDEX(atomic_load_acquire_u32(&o->head.shape)); }
static inline bool object_is_shared(const Object *o) { return object_shape_word(o) & SHAPE_SHARED; }
// `v` is an object (not an immediate) of exactly the builtin type ID: value_is(v, LIST).
#define value_is(v, ID) value_has_shape(v, SHAPE_##ID)
static inline bool value_has_shape(ValueRef v, uint32_t shape) {
    return value_is_pointer(v) && object_shape(value_object(v)) == shape;
}

// ---- shapes (shape.c): immutable once published, except for their transition table
enum ShapeKind {
    SHAPE_FIXED,      // a builtin's plain instances: no attributes beyond the type's own fields
    SHAPE_SLOTS,      // attributes in numbered slots, by the chain of `parent`
    SHAPE_DICTIONARY, // attributes in a dict that hangs in the first slot
};
struct Shape {
    Type *type;
    uint32_t index;     // its number
    uint8_t kind;       // enum ShapeKind
    uint16_t slots;     // SLOTS: how many attribute slots the chain uses
    uint16_t inline_slots; // of every object with this shape: slots inside the object; more hang in an overflow array
    uint32_t parent;    // shape without the last attribute; 0 at the root
    Str *name;          // attribute added last, interned
    _Atomic(struct ShapeTable *) table;       // name -> slot, built when first needed (r)
    _Atomic(struct ShapeTransitions *) next;  // (r) name -> child
};
enum { SHAPE_LIMIT = 1 << 24 }; // a number is used again once nothing remembers that it had another meaning
// By number; entries are published once. Arrays of the program's own (pages are touched as numbers are given out), so that finding
// the type of an object is two loads.
extern _Atomic(Shape *) shape_table[SHAPE_LIMIT];
extern _Atomic(Type *) shape_types[SHAPE_LIMIT];
// Acquires what shape_alloc released: the object's shape word was read relaxed.
static inline Shape *shape_at(uint32_t index) { return atomic_load_acquire_ptr(&shape_table[index]); }

// ---- types
typedef Value (*UnaryFn)(Thread *t, ValueRef self);
typedef Value (*BinaryFn)(Thread *t, ValueRef a, ValueRef b);
typedef Value (*TernaryFn)(Thread *t, ValueRef a, ValueRef b, ValueRef c);
typedef int64_t (*LenFn)(Thread *t, ValueRef self);
typedef int (*InquiryFn)(Thread *t, ValueRef self);
typedef int (*ContainsFn)(Thread *t, ValueRef self, ValueRef item);
typedef int (*StoreFn)(Thread *t, ValueRef self, ValueRef key, ValueRef value_or_undef);
typedef Value (*CompareFn)(Thread *t, ValueRef a, ValueRef b, int op);
typedef Value (*CallFn)(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
typedef int (*InitFn)(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
typedef Value (*GetattrFn)(Thread *t, ValueRef self, ValueRef name);
typedef Value (*DescrGetFn)(Thread *t, ValueRef self, ValueRef object_or_undef, ValueRef type_or_undef);
typedef void (*FinalizeFn)(Thread *t, ValueRef self);
typedef struct Buffer Buffer;
typedef int (*BufferFn)(Thread *t, ValueRef self, Buffer *out, int flags);
typedef void (*ReleaseBufferFn)(Thread *t, ValueRef self, Buffer *b);

enum CompareOp { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE };

// Visits each slot of an object that holds a Value (UNDEF and immediates may be passed too).
typedef void (*VisitFn)(Value *slot, void *arg);

#define SLOT_TYPE_UNARY UnaryFn
#define SLOT_TYPE_BINARY BinaryFn
#define SLOT_TYPE_INPLACE BinaryFn
#define SLOT_TYPE_BINARY_SELF BinaryFn
#define SLOT_TYPE_CONCAT BinaryFn
#define SLOT_TYPE_REPEAT BinaryFn
#define SLOT_TYPE_TERNARY TernaryFn
#define SLOT_TYPE_NEXT UnaryFn
#define SLOT_TYPE_LEN LenFn
#define SLOT_TYPE_HASH LenFn
#define SLOT_TYPE_INQUIRY InquiryFn
#define SLOT_TYPE_CONTAINS ContainsFn
#define SLOT_TYPE_GETATTR GetattrFn
#define SLOT_TYPE_STORE_SET StoreFn
#define SLOT_TYPE_COMPARE_LT CompareFn
#define SLOT_TYPE_CALL CallFn
#define SLOT_TYPE_NEW CallFn
#define SLOT_TYPE_INIT InitFn
#define SLOT_TYPE_DESCR_GET DescrGetFn
#define SLOT_TYPE_FINALIZE FinalizeFn
#define SLOT_TYPE_BUFFER BufferFn
#define SLOT_TYPE_RELEASE_BUFFER ReleaseBufferFn

// The fields, each once (slots.def may name a field in several rows; this list is checked against it in type_slots.c).
// (a) Every thread reads them without a lock while a class changes: any mixture of old and new functions is right, so the order
// does not matter; a load is a plain instruction.
typedef struct TypeOps {
    _Atomic(UnaryFn) repr;
    _Atomic(LenFn) hash;
    _Atomic(CallFn) call;
    _Atomic(UnaryFn) str;
    _Atomic(GetattrFn) getattr;
    _Atomic(StoreFn) setattr; // (self, name, value or UNDEF)
    _Atomic(CompareFn) compare;
    _Atomic(UnaryFn) iter;
    _Atomic(UnaryFn) next;
    _Atomic(DescrGetFn) descr_get;
    _Atomic(StoreFn) descr_set; // (self, instance, value or UNDEF): having it makes a data descriptor
    _Atomic(InitFn) init;
    _Atomic(CallFn) new; // self is the type
    _Atomic(FinalizeFn) finalize;
    _Atomic(BinaryFn) add, subtract, multiply, remainder, divmod, lshift, rshift, and_, xor_, or_, floor_divide, true_divide, matrix_multiply;
    _Atomic(TernaryFn) power;
    _Atomic(UnaryFn) negative, positive, absolute, invert;
    _Atomic(InquiryFn) boolean;
    _Atomic(UnaryFn) to_int, to_float, index;
    _Atomic(BinaryFn) inplace_add, inplace_subtract, inplace_multiply, inplace_remainder, inplace_lshift, inplace_rshift, inplace_and,
        inplace_xor, inplace_or, inplace_floor_divide, inplace_true_divide, inplace_matrix_multiply;
    _Atomic(BinaryFn) inplace_power;
    _Atomic(LenFn) length;
    _Atomic(BinaryFn) getitem;
    _Atomic(StoreFn) setitem; // (self, key, value or UNDEF)
    _Atomic(ContainsFn) contains;
    _Atomic(BinaryFn) concat, repeat, inplace_concat, inplace_repeat; // sequences' + and *, tried after add and multiply
    _Atomic(UnaryFn) await, aiter, anext;
    _Atomic(BufferFn) buffer;
    _Atomic(ReleaseBufferFn) release_buffer;
} TypeOps;

// ---- how native code describes functions, attributes and types
enum NativeFlags {
    NATIVE_STATIC = 1,       // staticmethod: self is UNDEF
    NATIVE_CLASS = 2,        // classmethod: self is the type
    NATIVE_RAW = 4,          // gets nargs and kwnames as they were given; the signature only documents
    NATIVE_COEXIST = 8,      // a method that stands beside (and before) a slot wrapper of the same name
};
// One native function. The signature is the one source for binding, error messages and __text_signature__:
//   "($self, object, /)"  "($self, index=-1, /)"  "($module, /, obj, *, key=None)"
// The function gets exactly one entry of `args` per parameter (self aside), in the order of the signature, UNDEF where an
// optional one was not given, and nargs is their number. `*args` and `**kwargs` need NATIVE_RAW.
typedef struct NativeDef {
    const char *name;
    CallFn function;
    const char *signature;
    const char *doc; // our own words, or NULL
    uint32_t flags;
} NativeDef;
#define NATIVE_END { NULL, NULL, NULL, NULL, 0 }

typedef struct GetSetDef {
    const char *name;
    Value (*get)(Thread *t, ValueRef self);
    int (*set)(Thread *t, ValueRef self, ValueRef value_or_undef); // NULL: read-only
    const char *doc;
} GetSetDef;
#define GETSET_END { NULL, NULL, NULL, NULL }

enum MemberKind { MEMBER_VALUE, MEMBER_VALUE_OR_ERROR, MEMBER_INT64, MEMBER_INT32, MEMBER_BOOL8, MEMBER_DOUBLE,
    MEMBER_ATTRIBUTE }; // the instance attribute of the descriptor's name (TYPE_ATTRIBUTES_HIDDEN)
typedef struct MemberDef { // a field read (and perhaps written) as it lies in the struct
    const char *name;
    uint32_t offset;
    uint8_t kind; // MEMBER_VALUE: UNDEF reads as None; MEMBER_VALUE_OR_ERROR: as AttributeError
    bool writable;
    const char *doc;
} MemberDef;
#define MEMBER_END { NULL, 0, 0, false, NULL }

enum TypeFlags {
    TYPE_BASE = 1,             // may be subclassed
    TYPE_LEAF = 2,             // exact instances hold no Values, are born SHARED and are not registered (see Object)
    TYPE_HAS_ATTRIBUTES = 4,   // plain instances take attributes (have a __dict__)
    TYPE_HEAP = 8,             // made at run time
    TYPE_NO_NEW = 16,          // cannot be called to make instances
    TYPE_VARSIZED = 32,        // items follow the fixed part: subclasses keep their attributes in a word before the header
    TYPE_SEQUENCE = 64,        // matches sequence patterns
    TYPE_MAPPING = 128,        // matches mapping patterns
    TYPE_ABSTRACT = 256,       // has abstract methods
    TYPE_METHOD = 512,         // instances bind as functions do: method calls skip making the bound method
    TYPE_WEAKREFABLE = 1024,   // instances can be weakly referenced
    TYPE_EXCEPTION = 2048,     // BaseException and below
    TYPE_IMMUTABLE = 4096,     // attributes of the type cannot be set
    TYPE_MATCH_SELF = 8192,    // one positional pattern matches the subject itself (int, str, ...)
    TYPE_HAS_RESOURCE = 16384, // holds an operating-system resource: its release is expedited (DESIGN 3)
    // fast tests for "is a subclass of": inherited
    TYPE_IS_INT = 1 << 16, TYPE_IS_STR = 1 << 17, TYPE_IS_BYTES = 1 << 18, TYPE_IS_TUPLE = 1 << 19, TYPE_IS_LIST = 1 << 20,
    TYPE_IS_DICT = 1 << 21, TYPE_IS_TYPE = 1 << 22, TYPE_IS_FLOAT = 1 << 23,
    TYPE_FOREIGN_MRO = 1 << 25, // its order has classes that its bases do not lead to: nothing tells it when they change, so nothing is cached
    TYPE_ATTRIBUTES_HIDDEN = 1 << 24, // with TYPE_HAS_ATTRIBUTES: they are those of __slots__, where no slots fit; there is no __dict__
};

typedef struct TypeSpec {
    const char *name;   // "list"; with dots: module and name ("collections.deque")
    const char *doc;    // our own words
    size_t size;        // bytes of the fixed part
    size_t item_size;   // bytes of an item, for TYPE_VARSIZED
    uint32_t flags;     // enum TypeFlags
    int base;           // enum TypeId (0, object, by default)
    TypeOps ops;
    const NativeDef *methods;
    const GetSetDef *getset;
    const MemberDef *members;
    // TYPE_VARSIZED: bytes of the object as it is now, header and items (without what stands before the header).
    size_t (*bytes)(const Object *o);
    const char *new_signature; // "(iterable=(), /)": text signature of the type; NULL: none
    // Releases what the object holds through value_release / free; the core frees the block itself. The object is dead: plain access.
    void (*destroy)(Thread *t, Object *o);
    // Passes every Value slot to visit. Called by publishing, and by the collector in a stop.
    void (*traverse)(Object *o, VisitFn visit, void *arg);
    // Drops references to break a cycle, through the store functions. NULL: traverse and store None... is not possible; then the type cannot be part of a cycle alone.
    void (*clear)(Thread *t, Object *o);
    // Adds to the new type's dict what no table can say (constants, through type_add). 0, -1. NULL: nothing.
    int (*ready)(Thread *t, Type *type);
} TypeSpec;

struct Type {
    Container c;
    _Atomic uint32_t version;    // (a) changes whenever an attribute lookup on the type may answer otherwise; 0: none given
    _Atomic uint32_t versions;   // (a) how many it has had
    uint32_t flags;              // enum TypeFlags; heap types: (a)
    uint32_t shape;              // root shape of instances
    uint16_t inline_slots;       // attribute slots in a new instance
    uint32_t size, item_size;    // of the fixed part (the words from spec->size on are Values of __slots__), without attribute slots; of an item
    uint32_t slots_offset;       // bytes from the object to its attribute slots (TYPE_HAS_ATTRIBUTES without prefix)
    uint16_t prefix;             // bytes before the header: 16 in subclasses of leaves and var-sized types (attributes' word, registry word)
    uint16_t shapes;             // (shape lock) how many shapes hang below the root: too many make dictionary shapes
    _Atomic uint8_t slot_cached; // (a) an inline cache holds a slot of an instance: a new data descriptor must flush it
    bool dead;                   // (collector) its block is about to be freed, and its shapes with it
    TypeOps ops;
    const TypeSpec *spec;        // of the type itself, or of the nearest builtin base
    // Values, all through the store functions (o):
    Value name, qualname;        // str
    Value base;                  // Type, UNDEF for object
    Value bases, mro;            // tuple
    Value dict;                  // dict, by interned name
    Value subclasses;            // dict id -> weakref, or UNDEF
    _Atomic(struct MethodCache *) cache; // (r) type_lookup.c
};

// Process-wide and immutable once the runtime has started (their dicts refuse changes); immortal.
extern Type builtin_types[T_COUNT];
#define TYPE_OF(ID) (&builtin_types[T_##ID])
// Are exact instances leaves? Not those of subclasses: they have attributes.
static inline bool type_is_leaf(const Type *type) { return (type->flags & (TYPE_LEAF | TYPE_HEAP)) == TYPE_LEAF; }

static inline Type *shape_type(uint32_t shape_word) { return atomic_load_acquire_ptr(&shape_types[SHAPE_INDEX(shape_word)]); }
static inline Type *object_type(const Object *o) { return shape_type(object_shape_word(o)); }
Type *immediate_type(ValueRef v); // NULL for marks and UNDEF
static inline Type *value_type(ValueRef v) {
    return value_is_object(v) ? object_type(value_object(v)) : immediate_type(v);
}

// `type` is `base` or a subclass of it, by the method resolution order alone (no __subclasscheck__).
bool type_is_subtype(Type *type, Type *base);
static inline bool value_is_instance(ValueRef v, Type *type) {
    Type *mine = value_type(v);
    return mine == type || type_is_subtype(mine, type);
}
static inline bool value_has_flag(ValueRef v, uint32_t flag) { return value_type(v)->flags & flag; }
// int, float, str, ... of the exact type or a subclass
static inline bool value_is_any_int(ValueRef v) { return value_is_int(v) || value_has_flag(v, TYPE_IS_INT); }
static inline bool value_is_any_str(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_STR); }
static inline bool value_is_any_bytes(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_BYTES); }
static inline bool value_is_any_tuple(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_TUPLE); }
static inline bool value_is_any_list(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_LIST); }
static inline bool value_is_any_dict(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_DICT); }
static inline bool value_is_type(ValueRef v) { return value_is_pointer(v) && value_has_flag(v, TYPE_IS_TYPE); }
static inline bool value_is_any_float(ValueRef v) { return value_is_float(v) || value_has_flag(v, TYPE_IS_FLOAT); }
