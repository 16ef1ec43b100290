#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/sync_world.h"

static _Atomic uint32_t end;
static void spin(ThreadCore *self, void *arg) {
  while (!atomic_load_seq_cst_u32(&end)) {
    retire_ref(self, thing_new(self, true));
    if (poll_check(self) != 0) abort();
  }
}
static void nothing(ThreadCore *self, void *arg) {}

static int forked(ThreadCore *self, int (*child)(ThreadCore *)) {
  fork_prepare(self);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(10);
    fork_child(self, NULL);
    _exit(child(self));
  }
  fork_parent(self);
  thread_detach(self);
  int status = -1;
  waitpid(pid, &status, 0);
  thread_attach(self);
  return status;
}

static int lives(ThreadCore *self) {
  if (!thread_is_attached(self)) return 1;
  if (sync_gil_mode ? thread_count() != 1 : sync_is_shared() && thread_count() != 3) return 2;  // and two services
  Task t;
  task_start(self, &t, nothing, NULL);
  task_join(self, &t);
  retire_ref(self, thing_new(self, true));
  retire_drain(self);
  rcu_expedited(self);
  sync_shutdown(self);
  return 0;
}

Test(fork, single_threaded) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(forked(self, lives), 0);
}

Test(fork, with_busy_threads) {
  ThreadCore *self = world_start(false);
  Task t[2];
  for (int i = 0; i < 2; i++) task_start(self, &t[i], spin, NULL);
  for (int i = 0; i < 20; i++) cr_assert_eq(forked(self, lives), 0, "fork %d", i);
  atomic_store_seq_cst_u32(&end, 1);
  for (int i = 0; i < 2; i++) task_join(self, &t[i]);
  sync_shutdown(self);
}

// Each spawn a new OS thread, which registers with liburcu while the world may be stopped for a fork.
Test(fork, while_threads_are_born) {
  ThreadCore *self = world_start(false);
  Task spinner, born[40][2];
  sched_pool_limit(0);
  task_start(self, &spinner, spin, NULL);
  for (int i = 0; i < 40; i++) {
    for (int k = 0; k < 2; k++) task_start(self, &born[i][k], nothing, NULL);
    cr_assert_eq(forked(self, lives), 0, "fork %d", i);
  }
  for (int i = 0; i < 40; i++)
    for (int k = 0; k < 2; k++) task_join(self, &born[i][k]);
  atomic_store_seq_cst_u32(&end, 1);
  task_join(self, &spinner);
  sched_pool_limit(64);
  sync_shutdown(self);
}

Test(fork, gil_mode) {
  ThreadCore *self = world_start(true);
  Task t[2];
  for (int i = 0; i < 2; i++) task_start(self, &t[i], spin, NULL);
  for (int i = 0; i < 5; i++) cr_assert_eq(forked(self, lives), 0, "fork %d", i);
  atomic_store_seq_cst_u32(&end, 1);
  for (int i = 0; i < 2; i++) task_join(self, &t[i]);
  sync_shutdown(self);
}

static void take_and_wait(ThreadCore *self, void *arg) {
  CriticalSection cs;
  critical_begin(self, &cs, arg);
  thread_detach(self);
  while (!atomic_load_seq_cst_u32(&end)) cpu_relax();
  thread_attach(self);
  critical_end(self, &cs);
}
static RefHead *object;
static int finds_it_free(ThreadCore *self) { return byte_is_locked(&object->lock); }

Test(fork, object_locks_of_other_threads_are_free_in_the_child) {
  ThreadCore *self = world_start(false);
  object = thing_new(self, true);
  Task t;
  task_start(self, &t, take_and_wait, object);
  cr_assert_eq(forked(self, finds_it_free), 0);
  atomic_store_seq_cst_u32(&end, 1);
  task_join(self, &t);
  sync_shutdown(self);
}
