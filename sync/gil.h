// GIL mode: every thread runs under slot 1, one at a time. The same interface; nothing is shared, queued or retired.
#ifndef SKEIN_SYNC_GIL_H
#define SKEIN_SYNC_GIL_H

#include "sync/thread.h"

extern bool sync_gil_mode;  // set by sync_init, then constant

void gil_take(ThreadCore *self);    // not attached: waits for its turn
void gil_drop(ThreadCore *self);
void gil_yield(ThreadCore *self);   // POLL_SWITCH: lets a waiting thread run, then takes its turn again
void gil_set_interval(uint64_t ns); // sys.setswitchinterval; 5 ms at start
uint64_t gil_interval(void);
ThreadCore *gil_holder(void);
void gil_fork_child(ThreadCore *self);

#endif
