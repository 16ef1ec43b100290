#include "tests/unit/sync_world.h"

Test(safepoint, nothing_pending_costs_a_load) {
  ThreadCore *self = world_start(false);
  cr_assert_not(poll_pending(self));
  cr_assert_eq(poll_check(self), 0);
}

Test(safepoint, runtime_bits_reach_the_hook_cleared) {
  ThreadCore *self = world_start(false);
  thread_poke(self, POLL_GC | POLL_USER0);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_polled, POLL_GC | POLL_USER0);
  cr_assert_not(poll_pending(self));
}

Test(safepoint, hook_that_raises_is_reported) {
  ThreadCore *self = world_start(false);
  world_poll_result = -1;
  thread_poke(self, POLL_ASYNC_EXC);
  cr_assert_eq(poll_check(self), -1);
  cr_assert_eq(poll_check(self), 0);
}

static void spin(ThreadCore *self, void *arg) {
  while (!atomic_load_seq_cst_u32(arg))
    if (poll_check(self) != 0) abort();
}
static void wait_detached(ThreadCore *self, void *arg) {
  thread_detach(self);
  while (!atomic_load_seq_cst_u32(arg)) cpu_relax();
  thread_attach(self);
}

typedef struct Visits {
  _Atomic uint32_t n;
  _Atomic(ThreadCore *) last;
} Visits;
static void visit(ThreadCore *t, void *arg) {
  Visits *v = arg;  // several threads at once
  atomic_add_seq_cst_u32(&v->n, 1);
  atomic_store_seq_cst_ptr(&v->last, t);
}

Test(safepoint, handshake_reaches_attached_and_detached_threads_once) {
  ThreadCore *self = world_start(false);
  static _Atomic uint32_t end;
  Task t, u;
  task_start(self, &t, spin, &end);
  task_start(self, &u, wait_detached, &end);
  for (int i = 0; i < 50; i++) {
    Visits v = {0};
    handshake_all(self, visit, &v);
    cr_assert_eq(v.n, 5, "%u visits", v.n);  // main, two tasks, reaper, finalizer
  }
  Visits one = {0};
  cr_assert(handshake_one(self, t.thread, visit, &one));
  cr_assert_eq(one.n, 1);
  cr_assert_eq(one.last, t.thread);
  cr_assert(handshake_one(self, u.thread, visit, &one));
  cr_assert_eq(one.last, u.thread);
  cr_assert(handshake_one(self, self, visit, &one));
  cr_assert_eq(one.n, 3);
  cr_assert_not(handshake_one(self, (ThreadCore *)&one, visit, &one));
  atomic_store_seq_cst_u32(&end, 1);
  task_join(self, &t);
  task_join(self, &u);
  SafepointStats s;
  safepoint_stats(&s);
  cr_assert_geq(s.handshakes, 52);
  sync_shutdown(self);
}
