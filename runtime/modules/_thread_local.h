// threading.local: the type, for _thread.c.
#pragma once
#include "runtime/object.h"
extern const TypeSpec thread_local_spec;
