// Start and end of sync/, and the moment when a process becomes shared.
#include "sync/sync.h"

#include <stdlib.h>

#include "sync/gil.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/sched.h"
#include "sync/stop.h"
#include "sync/thread_state.h"

SyncHooks sync_hooks;
_Atomic uint32_t sync_shared_word;

void sync_init(const SyncHooks *hooks, bool gil) {
  sync_hooks = *hooks;
  sync_gil_mode = gil;
  rcu_os_thread_start();  // the main thread's memory is never reused, not even in a forked child
}

int sync_go_shared(ThreadCore *self) {
  if (self->gil || sync_is_shared()) return 0;
  thread_leave(self, THREAD_DETACHED);
  int error = thread_second_attach(self);
  thread_enter(self);
  return error;
}

void sync_shutdown(ThreadCore *self) {
  reaper_stop(self);
  sched_shutdown();
}
