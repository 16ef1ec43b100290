// The sys module (sys.c).
#pragma once
#include "runtime/thread.h"
int sys_init(Thread *t); // makes interp->sys_module, sys_dict, modules
