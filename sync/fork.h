// fork() of a process with many threads.
#ifndef SKEIN_SYNC_FORK_H
#define SKEIN_SYNC_FORK_H

#include "sync/thread.h"

// Stops the world and takes every lock of the runtime. Afterwards the caller forks, and calls one of the other two.
void fork_prepare(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;
// In the parent (also when fork failed): gives the locks back and starts the world.
void fork_parent(ThreadCore *self);
// In the child: `self` is the only thread. Other threads are forgotten (hooks.fork_forget for each), their slots emptied and
// given back, their object locks freed, the pool emptied. `reset` (may be NULL) is called then, while nothing else runs and no lock of
// sync/ is held: it puts right what the vanished threads left of the caller's own. A new reaper starts if the process was shared.
void fork_child(ThreadCore *self, void (*reset)(ThreadCore *self));

#endif
