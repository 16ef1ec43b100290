// Struct sequences: tuples whose items have names (os.stat_result, time.struct_time, sys.version_info).
#pragma once
#include "runtime/objects/tuple.h"

typedef struct StructSeqSpec {
    const char *name;          // "time.struct_time": module and name
    const char *doc;           // our own words, or NULL
    const char *const *fields; // NULL at the end; "" for an item without a name (must be among the visible ones)
    int visible;               // how many of the fields are items of the tuple; the rest are attributes alone
    bool no_new;               // sys.flags and its kin cannot be made by a program
} StructSeqSpec;
// A new type, kept by whoever asks (module state, module dict). `spec` must live for ever. NULL with an exception.
Type *structseq_type(Thread *t, const StructSeqSpec *spec);
// An instance of all fields' values (consumed, also on failure), in the order of the spec.
Value structseq_new(Thread *t, Type *type, Value *items_steal);
