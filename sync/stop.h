// Stop-the-world.
#ifndef SKEIN_SYNC_STOP_H
#define SKEIN_SYNC_STOP_H

#include "sync/thread.h"

// Returns with every other thread out of `attached` and unable to come back until start_world. Several may ask at once:
// they go one after the other, waiting counts as stopped. Threads that waited in the last stop run again before the next
// one begins. Nests. While the world is stopped: no runtime mutex is taken, nothing polls, detaches or waits, no Python runs.
void stop_world(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;
void start_world(ThreadCore *self);

// The end of a process: every other thread is stopped as by stop_world and never attaches again; it sleeps for ever where it
// tries to. The caller goes on alone (with the reaper and the finalizer), free to do all that it could before.
void stop_final(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;

// Is the world stopped by this thread?
static inline bool stop_is_mine(const ThreadCore *self) { return self->stop_depth != 0; }

#endif
