#include <pthread.h>

#include "tests/unit/sync_world.h"

Test(thread, states_follow_attach_and_detach) {
  ThreadCore *self = world_start(false);
  cr_assert(thread_is_attached(self));
  cr_assert_eq(thread_current(), self);
  cr_assert_eq(self->slot_id, 1);
  cr_assert_eq(self->slot->claim, SLOT_ATTACHED);
  cr_assert_eq(atomic_load_relaxed_ptr(&self->slot->attached), self);
  thread_detach(self);
  cr_assert_eq(self->state, THREAD_DETACHED);
  cr_assert_null(thread_current());
  cr_assert_eq(self->slot->claim, SLOT_IDLE);
  thread_attach(self);
  cr_assert(self->stack_low < (uintptr_t)&self && (uintptr_t)&self < self->stack_high);
  cr_assert_eq(thread_count(), 1);
  cr_assert_eq(offsetof(ThreadCore, poll), 0);
}

Test(thread, alone_a_process_is_not_shared_and_has_no_reaper) {
  ThreadCore *self = world_start(false);
  for (int i = 0; i < 3; i++) {
    thread_detach(self);
    thread_attach(self);
  }
  rcu_expedited(self);
  cr_assert_not(sync_is_shared());
  cr_assert_not(reaper_running());
  cr_assert_eq(world_shared, 0);
}

static void note_slot(ThreadCore *self, void *arg) { *(uint32_t *)arg = self->slot_id; }

Test(thread, second_thread_makes_the_process_shared_once) {
  ThreadCore *self = world_start(false);
  Task t;
  uint32_t slot = 0;
  for (int i = 0; i < 3; i++) {
    task_start(self, &t, note_slot, &slot);
    task_join(self, &t);
  }
  cr_assert_eq(world_shared, 1);
  cr_assert_eq(world_first, self);
  cr_assert(sync_is_shared());
  cr_assert_neq(slot, 1);
  sync_shutdown(self);
}

static void *foreign(void *arg) {
  ThreadCore *t = world_thread_new();
  if (thread_init(t, "foreign") != 0) abort();
  thread_attach(t);
  *(uint32_t *)arg = t->slot_id;
  thread_exit(t);
  return NULL;
}

Test(thread, foreign_thread_may_be_the_second) {
  ThreadCore *self = world_start(false);
  pthread_t p;
  uint32_t slot = 0;
  cr_assert_eq(pthread_create(&p, NULL, foreign, &slot), 0);
  thread_detach(self);
  pthread_join(p, NULL);
  thread_attach(self);
  cr_assert_eq(world_shared, 1);
  cr_assert_eq(world_first, self);
  cr_assert_neq(slot, 1);
  sync_shutdown(self);
}

Test(thread, slot_of_an_ended_thread_is_handed_on_with_what_it_owns) {
  ThreadCore *self = world_start(false);
  Task t;
  uint32_t a = 0, b = 0;
  task_start(self, &t, note_slot, &a);
  task_join(self, &t);
  slot_at(a)->user = &a;
  task_start(self, &t, note_slot, &b);
  task_join(self, &t);
  cr_assert_eq(a, b);
  cr_assert_eq(slot_at(b)->user, &a);
  sync_shutdown(self);
}

Test(thread, ended_threads_are_freed) {
  ThreadCore *self = world_start(false);
  Task t;
  uint32_t slot;
  for (int i = 0; i < 10; i++) {
    task_start(self, &t, note_slot, &slot);
    task_join(self, &t);
  }
  sync_shutdown(self);
  cr_assert_eq(world_freed_threads, 12);  // and the reaper and the finalizer
}

static void count_thread(ThreadCore *t, void *arg) { ++*(int *)arg; }

Test(thread, each_visits_every_listed_thread) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  int n = 0;
  thread_each(self, count_thread, &n);
  cr_assert_eq(n, 3);
  n = 0;
  stop_world(self);
  thread_each(self, count_thread, &n);
  start_world(self);
  cr_assert_eq(n, 3);
  sync_shutdown(self);
}

Test(thread, slot_number_zero_and_unmade_ones_do_not_exist) {
  world_start(false);
  cr_assert_null(slot_at(0));
  cr_assert_null(slot_at(2));
  cr_assert_null(slot_at(1u << 20));
  cr_assert_eq(slot_high(), 1);
}
