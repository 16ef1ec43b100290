// The standard streams, and the library's site module: the last steps of starting.
#pragma once
#include "runtime/object.h"
int stdio_init(Thread *t); // sys.stdin, stdout, stderr and their __copies__; None where a descriptor is closed. 0, -1
int site_import(Thread *t); // unless -S: imports site; warnings where options ask for it. 0, -1
