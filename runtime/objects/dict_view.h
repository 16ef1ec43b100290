// Views and iterators of dicts.
#pragma once
#include "runtime/store.h"

typedef struct DictView {
    Container c;
    Value dict;
} DictView;
typedef struct DictIterator {
    Container c;
    Value dict;        // UNDEF: exhausted
    int64_t position;  // (o) for dict_next, dict_previous
    int64_t length;    // (o) of the dict when iteration began; -1: it has changed, and every step fails
    int64_t remaining; // (o) items not given yet
    uint64_t replaced; // the dict's when iteration began
} DictIterator;
Value dict_view_new(Thread *t, Type *type, ValueRef dict);
Value dict_iterator_new(Thread *t, Type *type, ValueRef dict); // one of the six iterator types
