// What the files of _collections share.
#pragma once
#include "runtime/modules/native_module.h"

int deque_types(Thread *t, ValueRef module);        // deque.c: makes and exports its types
int ordered_dict_types(Thread *t, ValueRef module); // ordered_dict.c
