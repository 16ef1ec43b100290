// fork(): a stop, and then every lock of the runtime, so that the child finds all of them, and liburcu's, free.
#include "sync/fork.h"

#include "sync/gil.h"
#include "sync/mutex.h"
#include "sync/park.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/sched.h"
#include "sync/stop.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

// Order: what is held while something else is taken comes first (rcu.c takes the registry lock under liburcu's).
void fork_prepare(ThreadCore *self) {
  mutex_fork_stop(self);
  rcu_fork_lock();
  sched_fork_lock();
  rawlock_lock(&slot_making_lock);
  rawlock_lock(&thread_registry_lock);
  park_fork_lock();
}

static void give_back(ThreadCore *self) {
  rawlock_unlock(&thread_registry_lock);
  rawlock_unlock(&slot_making_lock);
  sched_fork_unlock();
  rcu_fork_unlock();
  mutex_fork_release(self);
}

void fork_parent(ThreadCore *self) {
  park_fork_unlock();
  give_back(self);
  start_world(self);
}

void fork_child(ThreadCore *self, void (*reset)(ThreadCore *self)) {
  park_fork_child();
  sched_fork_child();
  stop_fork_child(self);
  rcu_fork_child();
  if (self->gil) gil_fork_child(self);
  thread_fork_child(self);
  give_back(self);
  if (reset) reset(self);
  reaper_fork_child();
  start_world(self);
}
