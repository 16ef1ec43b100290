#include "tests/unit/sync_world.h"

static uint64_t counter;  // plain: the GIL orders it
static void count(ThreadCore *self, void *arg) {
  for (int i = 0; i < 100000; i++) {
    counter++;
    if (poll_check(self) != 0) abort();
  }
}

Test(gil, one_runs_at_a_time_under_slot_one) {
  ThreadCore *self = world_start(true);
  gil_set_interval(100000);
  Task t[4];
  for (int i = 0; i < 4; i++) task_start(self, &t[i], count, NULL);
  for (int i = 0; i < 4; i++) cr_assert_eq(t[i].thread->slot_id, 1);
  cr_assert_eq(gil_holder(), self);
  for (int i = 0; i < 4; i++) task_join(self, &t[i]);
  cr_assert_eq(counter, 400000);
  cr_assert_not(sync_is_shared());
  cr_assert_not(reaper_running());
  cr_assert_eq(slot_high(), 1);
  sync_shutdown(self);
}

static void spin(ThreadCore *self, void *arg) {
  while (!atomic_load_seq_cst_u32(arg))
    if (poll_check(self) != 0) abort();
}

Test(gil, thread_that_only_polls_lets_others_run) {
  ThreadCore *self = world_start(true);
  static _Atomic uint32_t end;
  Task t;
  task_start(self, &t, spin, &end);
  for (int i = 0; i < 5; i++) {
    thread_detach(self);
    thread_attach(self);  // the spinner has it by now, or soon: it must give it back within the interval
  }
  atomic_store_seq_cst_u32(&end, 1);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(gil, retired_things_go_at_the_next_safepoint) {
  ThreadCore *self = world_start(true);
  retire_ref(self, thing_new(self, true));
  cr_assert_eq(world_destroyed, 0);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_destroyed, 1);
}

Test(gil, finalizer_of_a_retired_object_runs_at_the_safepoint) {
  ThreadCore *self = world_start(true);
  RefHead *o = thing_new(self, true);
  ((Thing *)o)->finalizer = true;
  retire_ref(self, o);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_finalized, 1);
  cr_assert_eq(world_destroyed, 1);
}
