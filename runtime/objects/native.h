// Callables and descriptors made from native tables (object.h: NativeDef, GetSetDef, MemberDef, slots.def).
#pragma once
#include "runtime/store.h"

// A signature, parsed once on first use; immutable, process-wide, never freed.
struct ArgSpec {
    uint16_t nparams;        // entries of `args` that the function gets (self is none of them)
    uint16_t npositional;    // that can be given by position
    uint16_t nposonly;       // that cannot be given by keyword
    uint16_t nrequired;      // leading required ones
    bool keyword_required;   // a required one is among those that can be given by keyword only
    bool has_self;
    bool var_positional, var_keyword; // only in NATIVE_RAW functions: documentation
    struct { Str *name; bool required, keyword_only; } params[];
};
typedef struct ArgSpec ArgSpec;

typedef struct NativeFunction { // builtin function or bound native method ("builtin_function_or_method")
    Container c;
    const NativeDef *def;
    _Atomic(ArgSpec *) *spec;   // cell beside the def's place in its table, shared by all objects made from it
    Value self;                 // UNDEF for functions without; the module for module functions; the type for classmethods
    Value module;               // __module__: str or UNDEF
    Value owner;                // type for methods (for __qualname__), or UNDEF
} NativeFunction;
typedef struct NativeDescriptor { // method_descriptor, classmethod_descriptor
    Container c;
    const NativeDef *def;
    _Atomic(ArgSpec *) *spec;
    Type *owner;                // immortal or kept by the type that holds the descriptor (a counted slot: traverse shows it)
} NativeDescriptor;
typedef struct SlotWrapper {    // wrapper_descriptor; a MethodWrapper binds one to an object
    Container c;
    const struct SlotRow *row;  // type_slots.c
    void *function;             // the slot's C function as `owner` has it
    Type *owner;
} SlotWrapper;
typedef struct MethodWrapper { Container c; Value wrapper, self; } MethodWrapper;
typedef struct GetSetDescriptor { Container c; const GetSetDef *def; Type *owner; } GetSetDescriptor;
typedef struct MemberDescriptor { Container c; const MemberDef *def; Type *owner; Value name; } MemberDescriptor; // def: of a table, or made for one of __slots__

// One row of slots.def as data (type_slots.c).
typedef struct SlotRow {
    const char *name, *signature, *doc;
    uint16_t offset;   // in TypeOps
    uint8_t kind;      // enum SlotKind
    bool reflected;    // the __r..__ row of a SLOT2
} SlotRow;

// What `aux` of a NativeFunction or NativeDescriptor says of calls by position alone. 0: not known yet. NATIVE_DIRECT_ANY: any number
// of arguments goes to the function as it is. Else NATIVE_DIRECT with three numbers of five bits: how many can be given by position, how
// many entries the function gets, how many must be given.
enum { NATIVE_DIRECT = 0x8000, NATIVE_DIRECT_ANY = 0xFFFF, NATIVE_DIRECT_LIMIT = 30, NATIVE_DIRECT_TOTAL = 5, NATIVE_DIRECT_LEAST = 10, NATIVE_DIRECT_FIELD = 31 };
static inline uint32_t native_direct(const Container *c) { return atomic_load_relaxed_u16((_Atomic uint16_t *)&c->aux); }
// The arguments go to the function as they are.
static inline bool native_is_direct(uint32_t direct, uint32_t nargs) {
    uint32_t both = NATIVE_DIRECT_FIELD | NATIVE_DIRECT_FIELD << NATIVE_DIRECT_TOTAL;
    return (direct & (NATIVE_DIRECT | both)) == (NATIVE_DIRECT | nargs | nargs << NATIVE_DIRECT_TOTAL) || direct == NATIVE_DIRECT_ANY;
}
// They are enough, and UNDEF is to be put in the place of those missing (native_call_padded). Not where native_is_direct.
static inline bool native_is_padded(uint32_t direct, uint32_t nargs) {
    uint32_t least = direct >> NATIVE_DIRECT_LEAST & NATIVE_DIRECT_FIELD;
    return direct & NATIVE_DIRECT && nargs >= least && nargs <= (direct & NATIVE_DIRECT_FIELD);
}
Value native_call_padded(Thread *t, CallFn function, uint32_t direct, ValueRef self, const ValueRef *args, uint32_t nargs);
// Finds that out where the signature has been parsed.
void native_learn_direct(Container *c, const NativeDef *def, _Atomic(ArgSpec *) *spec);

Value native_function_new(Thread *t, const NativeDef *def, Value self_steal, ValueRef module_name_or_undef, ValueRef owner_or_undef);
Value native_descriptor_new(Thread *t, const NativeDef *def, Type *owner); // method, static or class method by its flags
Value getset_descriptor_new(Thread *t, const GetSetDef *def, Type *owner);
Value member_descriptor_new(Thread *t, const MemberDef *def, Type *owner, ValueRef name);
Value slot_wrapper_new(Thread *t, const SlotRow *row, void *function, Type *owner);
Value slot_wrapper_call(Thread *t, const SlotRow *row, void *function, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames); // type_slots.c

// Calls `def` with arguments as they come (vectorcall style), binding them by its signature. The interpreter's CALL and the
// objects above come here. `name_owner` is for messages ("list.append() takes ..."), NULL for functions.
Value native_call(Thread *t, const NativeDef *def, _Atomic(ArgSpec *) *spec, Type *name_owner, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
_Atomic(ArgSpec *) *native_spec_cell(const NativeDef *def); // a process-wide cell for a def (hash table, made once)
ArgSpec *native_spec(Thread *t, const NativeDef *def, _Atomic(ArgSpec *) *cell);

typedef struct Property { Container c; Value get, set, del, doc, name; bool doc_from_getter; } Property;
typedef struct ClassMethod { Container c; Value callable; } ClassMethod;   // instances take attributes
typedef struct StaticMethod { Container c; Value callable; } StaticMethod;
