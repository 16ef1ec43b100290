// Showing where Python code stands when the process is dying or hangs (modules/faulthandler.c).
#pragma once
#include "runtime/object.h"

int faulthandler_start(Thread *t);   // -X faulthandler: enables it on descriptor 2. 0, -1 with an exception
void faulthandler_finish(Thread *t); // the handlers are taken away, the timer is stopped
