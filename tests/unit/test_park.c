#include "tests/unit/sync_world.h"

static _Atomic uint32_t word, arrived;
static bool word_is_zero(void *arg) { return atomic_load_seq_cst_u32(&word) == 0; }
static bool never(void *arg) { return false; }

Test(park, validation_that_fails_does_not_wait) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(park(self, &word, never, NULL, PARK_FOREVER, 0, NULL), PARK_INVALID);
  cr_assert(thread_is_attached(self));
}

Test(park, deadline_ends_the_wait) {
  ThreadCore *self = world_start(false);
  uint64_t before = sync_now_ns();
  cr_assert_eq(park(self, &word, word_is_zero, NULL, before + 2000000, 0, NULL), PARK_TIMEOUT);
  cr_assert_geq(sync_now_ns(), before + 2000000);
  cr_assert_not(unpark_one(&word, NULL, NULL), "the timed-out thread is still queued");
}

static void waiter(ThreadCore *self, void *arg) {
  uint32_t token = 0;
  atomic_add_seq_cst_u32(&arrived, 1);
  if (park(self, &word, NULL, NULL, PARK_FOREVER, 0, &token) != PARK_WOKEN) abort();
  *(uint32_t *)arg = token;
}

Test(park, first_come_first_served_and_tokens_arrive) {
  ThreadCore *self = world_start(false);
  Task t[3];
  uint32_t tokens[3] = {0};
  for (int i = 0; i < 3; i++) task_start(self, &t[i], waiter, &tokens[i]);
  uint32_t woken = 0;
  while (woken < 3) {
    woken += unpark_many(&word, 1, 7);
    cpu_relax();
  }
  for (int i = 0; i < 3; i++) task_join(self, &t[i]);
  for (int i = 0; i < 3; i++) cr_assert_eq(tokens[i], 7);
  sync_shutdown(self);
}

Test(park, requeued_waiters_wake_from_the_new_address) {
  ThreadCore *self = world_start(false);
  static int other;
  Task t[2];
  uint32_t tokens[2] = {0};
  for (int i = 0; i < 2; i++) task_start(self, &t[i], waiter, &tokens[i]);
  uint32_t moved = 0;
  while (moved < 2) moved += unpark_requeue(&word, &other, 2);
  cr_assert_eq(unpark_all(&word, 1), 0);
  cr_assert_eq(unpark_all(&other, 9), 2);
  for (int i = 0; i < 2; i++) task_join(self, &t[i]);
  cr_assert_eq(tokens[0] + tokens[1], 18);
  sync_shutdown(self);
}

static void interrupt_main(ThreadCore *self, void *arg) { thread_interrupt(arg, POLL_SIGNAL); }

Test(park, interrupt_ends_an_interruptible_wait_and_the_next_poll_sees_the_bit) {
  ThreadCore *self = world_start(false);
  Task t;
  task_start(self, &t, interrupt_main, self);
  cr_assert_eq(park(self, &word, NULL, NULL, PARK_FOREVER, PARK_INTERRUPTIBLE, NULL), PARK_INTERRUPTED);
  cr_assert_eq(poll_check(self), 0);
  cr_assert(world_polled & POLL_SIGNAL);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(park, interrupt_that_came_before_the_wait_is_not_lost) {
  ThreadCore *self = world_start(false);
  thread_interrupt(self, POLL_SIGNAL);
  cr_assert_eq(park(self, &word, NULL, NULL, PARK_FOREVER, PARK_INTERRUPTIBLE, NULL), PARK_INTERRUPTED);
}

Test(park, thread_without_a_core_may_wait) {
  world_start(false);
  cr_assert_eq(park(NULL, &word, word_is_zero, NULL, sync_now_ns() + 1000000, 0, NULL), PARK_TIMEOUT);
}
