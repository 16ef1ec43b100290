#include "tests/unit/sync_world.h"

static _Atomic uint32_t ran;
static _Atomic uintptr_t stack_seen, low_seen, high_seen;
static void run(void *arg) {
  uintptr_t low, high;
  sched_stack_bounds(&low, &high);
  stack_seen = (uintptr_t)&low;
  low_seen = low;
  high_seen = high;
  atomic_add_seq_cst_u32(&ran, 1);
}
static void await(const _Atomic uint32_t *p, uint32_t n) {
  while (atomic_load_seq_cst_u32(p) != n) cpu_relax();
}
static void await_idle(uint32_t n) {
  while (sched_idle() != n) cpu_relax();
}

Test(sched, parked_thread_is_used_again) {
  world_start(false);
  for (uint32_t i = 0; i < 20; i++) {
    cr_assert_eq(sched_spawn(NULL, run, NULL, 0, "unit"), 0);
    await(&ran, i + 1);
    await_idle(1);
  }
  cr_assert(low_seen < stack_seen && stack_seen < high_seen);
  sched_shutdown();
  cr_assert_eq(sched_idle(), 0);
}

Test(sched, larger_stack_needs_its_own_thread) {
  world_start(false);
  cr_assert_eq(sched_spawn(NULL, run, NULL, 1 << 20, "small"), 0);
  await(&ran, 1);
  await_idle(1);
  cr_assert_eq(sched_spawn(NULL, run, NULL, 16 << 20, "large"), 0);
  await(&ran, 2);
  await_idle(2);
  cr_assert_geq(high_seen - low_seen, 16u << 20);
  sched_shutdown();
}

Test(sched, pool_keeps_no_more_than_its_limit) {
  world_start(false);
  sched_pool_limit(2);
  for (int i = 0; i < 8; i++) cr_assert_eq(sched_spawn(NULL, run, NULL, 0, NULL), 0);
  await(&ran, 8);
  while (sched_idle() > 2) cpu_relax();
  sched_pool_limit(0);
  cr_assert_eq(sched_idle(), 0);
  sched_shutdown();
}

Test(sched, impossible_stack_is_an_error) {
  world_start(false);
  cr_assert_neq(sched_spawn(NULL, run, NULL, (size_t)1 << 60, NULL), 0);
}
