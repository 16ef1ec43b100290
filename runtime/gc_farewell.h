// Garbage whose end the program can see (finalizers, weak references' callbacks), for the collector: gc.c is the only user.
#pragma once
#include "runtime/thread.h"

// Calls the callbacks of weak references to these n pieces of garbage, then their finalizers. The caller holds a reference to each that is
// counted.
void gc_run_finalizers(Thread *t, Object **garbage, size_t n);
// Hands n pieces of garbage to the finalizer thread, with a reference to each that is counted: it does that there, and lets go of them. What is
// garbage still goes with a later collection. Where there is no memory for that, they are let go of now, as they are.
void gc_say_farewell(Thread *t, Object **garbage, size_t n);
