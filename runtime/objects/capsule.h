// An opaque pointer of native code in a Python object.
#pragma once
#include "runtime/store.h"

typedef struct Capsule {
    Container c;
    void *pointer;
    const char *name;              // static text: who may open it
    void (*destructor)(Thread *t, void *pointer);
} Capsule;
Value capsule_new(Thread *t, void *pointer, const char *name, void (*destructor)(Thread *t, void *pointer)); // destructor may be NULL
void *capsule_pointer(Thread *t, ValueRef capsule, const char *name); // NULL with ValueError where it is none of that name
