// types.GenericAlias (PEP 585) and typing.Union (PEP 604).
#pragma once
#include "runtime/store.h"

typedef struct GenericAlias {
    Container c;
    Value origin, args; // args: a tuple. Never written after creation
    Value parameters;   // (a) tuple, or UNDEF: not looked for yet
    bool starred;       // *tuple[int, str]
} GenericAlias;
typedef struct Union {
    Container c;
    Value args;       // tuple: flat, without repetitions. Never written after creation, as the next two
    Value hashable;   // frozenset of those that could be hashed when the union was made
    Value unhashable; // tuple of the others
    Value parameters; // (a) tuple, or UNDEF: not looked for yet
} Union;
Value generic_alias_new(Thread *t, ValueRef origin, ValueRef args); // args: a tuple, or the one argument
// The method `__class_getitem__` of generic builtin types.
Value generic_alias_class_getitem(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames);
// a | b for types, aliases, None: flattened and without repetitions. NOT_IMPLEMENTED where an operand is no such thing.
Value union_or(Thread *t, ValueRef a, ValueRef b);
// Union[args], for any arguments: the one argument itself where one is left. TypeError for none.
Value union_from_tuple(Thread *t, ValueRef args);
static inline Tuple *union_args(ValueRef v) { return (Tuple *)value_object(((Union *)value_object(v))->args); }
// Appends a type as annotations show it: "int", "module.Class", "...", or its repr. 0, -1.
typedef struct StrBuilder StrBuilder;
int alias_type_text(Thread *t, StrBuilder *b, ValueRef v);
