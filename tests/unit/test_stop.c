#include "tests/unit/sync_world.h"

static _Atomic uint32_t end;
static uint64_t plain;  // changed by attached threads between safepoints, read in stops

static void spin(ThreadCore *self, void *arg) {
  while (!atomic_load_seq_cst_u32(&end)) {
    ++*(uint64_t *)arg;
    if (poll_check(self) != 0) abort();
  }
}

Test(stop, nothing_moves_while_the_world_is_stopped) {
  ThreadCore *self = world_start(false);
  uint64_t counts[2] = {0};
  Task t[2];
  for (int i = 0; i < 2; i++) task_start(self, &t[i], spin, &counts[i]);
  for (int i = 0; i < 100; i++) {
    stop_world(self);
    cr_assert(stop_is_mine(self));
    uint64_t sum = counts[0] + counts[1];
    for (int k = 0; k < 2000; k++) cpu_relax();
    cr_assert_eq(counts[0] + counts[1], sum);
    for (int k = 0; k < 2; k++) cr_assert_neq(atomic_load_seq_cst_u32(&t[k].thread->state), THREAD_ATTACHED);
    stop_world(self);
    start_world(self);
    start_world(self);
    cr_assert_not(stop_is_mine(self));
  }
  atomic_store_seq_cst_u32(&end, 1);
  for (int i = 0; i < 2; i++) task_join(self, &t[i]);
  SafepointStats s;
  safepoint_stats(&s);
  cr_assert_geq(s.stops, 100);
  sync_shutdown(self);
}

static void stopper(ThreadCore *self, void *arg) {
  for (int i = 0; i < 200; i++) {
    stop_world(self);
    plain++;
    start_world(self);
  }
}

Test(stop, several_may_ask_at_once) {
  ThreadCore *self = world_start(false);
  Task t[3];
  for (int i = 0; i < 3; i++) task_start(self, &t[i], stopper, NULL);
  for (int i = 0; i < 3; i++) task_join(self, &t[i]);
  cr_assert_eq(plain, 600);
  sync_shutdown(self);
}

static void attach_often(ThreadCore *self, void *arg) {
  for (int i = 0; i < 2000; i++) {
    thread_detach(self);
    thread_attach(self);
  }
}

Test(stop, attaching_threads_run_again_between_two_stops) {
  ThreadCore *self = world_start(false);
  Task t;
  task_start(self, &t, attach_often, NULL);
  while (task_not_done(&t)) {
    stop_world(self);
    start_world(self);
  }
  task_join(self, &t);
  sync_shutdown(self);
}

Test(stop, stop_in_gil_mode_is_a_mark) {
  ThreadCore *self = world_start(true);
  stop_world(self);
  cr_assert(stop_is_mine(self));
  start_world(self);
  cr_assert(thread_is_attached(self));
}

static _Atomic uint64_t alive;
static void forever(ThreadCore *self, void *arg) {
  for (;;) {
    atomic_add_seq_cst_u64(&alive, 1);
    if (poll_check(self) != 0) abort();
  }
}
static void sleeper(ThreadCore *self, void *arg) {
  for (;;) {
    thread_detach(self);
    struct timespec shortly = {0, 100000};
    nanosleep(&shortly, NULL);
    thread_attach(self);
  }
}

static void end_with_daemons(bool gil) {
  ThreadCore *self = world_start(gil);
  gil_set_interval(100000);
  Task t, u;
  task_start(self, &t, forever, NULL);
  task_start(self, &u, sleeper, NULL);
  thread_detach(self);
  while (!atomic_load_seq_cst_u64(&alive)) cpu_relax();
  thread_attach(self);
  stop_final(self);
  uint64_t before = atomic_load_seq_cst_u64(&alive);
  for (int i = 0; i < 20; i++) {
    thread_detach(self);
    thread_attach(self);
    stop_world(self);
    start_world(self);
    handshake_all(self, NULL, NULL);
    rcu_expedited(self);
  }
  retire_ref(self, thing_new(self, true));
  retire_drain(self);
  cr_assert_eq(world_destroyed, 1);
  sync_shutdown(self);
  cr_assert_eq(atomic_load_seq_cst_u64(&alive), before);
}

Test(stop, final_stop_leaves_the_caller_free_and_others_asleep) { end_with_daemons(false); }
Test(stop, final_stop_in_gil_mode) { end_with_daemons(true); }
