#include "tests/unit/sync_world.h"

static _Atomic uint32_t freed;
static void count_free(void *p) { atomic_add_seq_cst_u32(&freed, 1); }

Test(rcu, single_thread_releases_at_its_next_safepoint_and_not_before) {
  ThreadCore *self = world_start(false);
  retire_ref(self, thing_new(self, true));
  retire_free(self, &freed, 8, count_free);
  cr_assert_eq(world_destroyed, 0);
  cr_assert(poll_pending(self));
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_destroyed, 1);
  cr_assert_eq(freed, 1);
  cr_assert_not(reaper_running());
}

Test(rcu, many_batches_of_a_single_thread_are_all_released) {
  ThreadCore *self = world_start(false);
  for (int i = 0; i < 5000; i++) retire_ref(self, thing_new(self, true));
  cr_assert_eq(world_destroyed, 0);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_destroyed, 5000);
}

static void hold(ThreadCore *self, void *arg) {  // attached, no safepoint, until told
  _Atomic uint32_t *phase = arg;
  atomic_store_seq_cst_u32(phase, 1);
  while (atomic_load_seq_cst_u32(phase) == 1) cpu_relax();
}

static void let_go_later(void *arg) {
  struct timespec a_while = {0, 30000000};
  nanosleep(&a_while, NULL);
  if (freed) abort();
  atomic_store_seq_cst_u32((_Atomic uint32_t *)arg, 2);
}

Test(rcu, expedited_waits_for_a_thread_that_has_not_passed_a_safepoint) {
  ThreadCore *self = world_start(false);
  static _Atomic uint32_t phase;
  Task t;
  task_start(self, &t, hold, &phase);
  while (atomic_load_seq_cst_u32(&phase) != 1) cpu_relax();
  cr_assert_eq(sched_spawn(NULL, let_go_later, &phase, 0, "later"), 0);
  rcu_expedited(self);
  cr_assert_eq(phase, 2);
  task_join(self, &t);
}

Test(rcu, retired_memory_waits_for_readers_and_is_then_freed_without_being_asked) {
  ThreadCore *self = world_start(false);
  static _Atomic uint32_t phase;
  Task t;
  task_start(self, &t, hold, &phase);
  while (atomic_load_seq_cst_u32(&phase) != 1) cpu_relax();
  retire_free(self, &freed, 8, count_free);
  cr_assert_eq(sched_spawn(NULL, let_go_later, &phase, 0, "later"), 0);
  while (!freed) {  // one entry: the reaper asks for the unfinished batch after a while
    if (poll_check(self) != 0) abort();
    cpu_relax();
  }
  cr_assert_eq(phase, 2);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(rcu, detached_thread_does_not_hold_up_a_grace_period) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  retire_free(self, &freed, 8, count_free);
  await_word(self, &freed, 1);
  sync_shutdown(self);
}

static uint32_t seen;
static void see(RefHead *o, void *arg) { seen += o == arg; }

Test(rcu, collector_sees_what_waits) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  RefHead *o = thing_new(self, true);
  ref_inc_n(self, o, 1);
  retire_ref(self, o);
  retire_ref(self, o);
  stop_world(self);
  retire_each(see, o);
  start_world(self);
  cr_assert_eq(seen, 2);
  retire_drain(self);
  cr_assert_eq(world_destroyed, 1);
  stop_world(self);
  retire_each(see, o);
  start_world(self);
  cr_assert_eq(seen, 2);
  sync_shutdown(self);
}

Test(rcu, pending_bytes_are_bounded_by_throttling) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  rcu_limits(10000, 100000);
  RcuStats s;
  size_t worst = 0;
  for (int i = 0; i < 2000; i++) {
    retire_free(self, &freed, 5000, count_free);
    if (poll_check(self) != 0) abort();
    rcu_stats(&s);
    if (s.pending_bytes > worst) worst = s.pending_bytes;
  }
  retire_drain(self);
  cr_assert_eq(freed, 2000);
  rcu_stats(&s);
  cr_assert_eq(s.pending_bytes, 0);
  cr_assert_leq(worst, 130000, "worst %zu", worst);
  sync_shutdown(self);
}

Test(rcu, finalizer_of_a_retired_object_runs_on_the_finalizer_thread) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  RefHead *o = thing_new(self, true);
  ((Thing *)o)->finalizer = true;
  retire_ref(self, o);
  await_word(self, &world_finalized, 1);
  cr_assert_neq(world_finalizer, self);
  sync_shutdown(self);
  cr_assert_eq(world_destroyed, 1);
}

Test(rcu, finalizer_of_an_awaited_object_runs_here_at_the_next_safepoint) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  for (int i = 0; i < 40; i++) {
    RefHead *o = thing_new(self, true);
    ((Thing *)o)->finalizer = true;
    retire_ref_awaited(self, o);
  }
  cr_assert_eq(world_finalized, 0);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_finalized, 40);
  cr_assert_eq(world_finalizer, self);
  cr_assert_eq(world_destroyed, 40);
  sync_shutdown(self);
}

Test(rcu, awaited_object_of_a_thread_that_leaves_goes_the_way_of_the_others) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  retire_ref_awaited(self, thing_new(self, true));
  await_word(self, &world_destroyed, 1);
  sync_shutdown(self);
}
