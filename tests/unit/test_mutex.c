#include <signal.h>

#include "tests/unit/sync_world.h"

Test(mutex, byte_lock_excludes_and_keeps_the_other_bits_clear) {
  ThreadCore *self = world_start(false);
  _Atomic uint8_t lock = 0;
  byte_lock(self, &lock);
  cr_assert(byte_is_locked(&lock));
  cr_assert_not(byte_trylock(&lock));
  cr_assert_eq(byte_lock_until(self, &lock, 0, false), PARK_TIMEOUT);
  cr_assert_eq(byte_lock_until(self, &lock, sync_now_ns() + 1000000, false), PARK_TIMEOUT);
  byte_unlock(&lock);
  cr_assert_eq(lock, 0);
}

typedef struct Sum {
  _Atomic uint8_t lock;
  uint64_t n;
} Sum;

static void add_many(ThreadCore *self, void *arg) {
  Sum *s = arg;
  for (int i = 0; i < 20000; i++) {
    byte_lock(self, &s->lock);
    s->n++;
    byte_unlock(&s->lock);
  }
}

Test(mutex, no_update_is_lost) {
  ThreadCore *self = world_start(false);
  Sum s = {0};
  Task t[4];
  for (int i = 0; i < 4; i++) task_start(self, &t[i], add_many, &s);
  for (int i = 0; i < 4; i++) task_join(self, &t[i]);
  cr_assert_eq(s.n, 80000);
  cr_assert_eq(s.lock, 0);
  sync_shutdown(self);
}

static _Atomic uint32_t got;
static void lock_once(ThreadCore *self, void *arg) {
  byte_lock(self, arg);
  atomic_store_seq_cst_u32(&got, 1);
  byte_unlock(arg);
}

Test(mutex, thread_that_waited_long_is_handed_the_lock) {
  ThreadCore *self = world_start(false);
  _Atomic uint8_t lock = 0;
  byte_lock(self, &lock);
  Task t;
  task_start(self, &t, lock_once, &lock);
  while (atomic_load_seq_cst_u8(&lock) != (LOCK_HELD | LOCK_PARKED)) cpu_relax();
  uint64_t until = sync_now_ns() + 3000000;
  while (sync_now_ns() < until) cpu_relax();
  byte_unlock(&lock);  // past its patience: ours for a moment no more
  byte_lock(self, &lock);
  cr_assert_eq(got, 1);
  byte_unlock(&lock);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(mutex, ranked_in_order) {
  ThreadCore *self = world_start(false);
  Mutex outer = MUTEX_INIT(LOCKRANK_IMPORT), inner = MUTEX_INIT(LOCKRANK_LEAF);
  mutex_lock(self, &outer);
  mutex_lock(self, &inner);
  mutex_unlock(self, &outer);
  mutex_unlock(self, &inner);
  cr_assert(mutex_trylock(self, &inner));
  cr_assert_not(mutex_trylock(self, &inner));
  mutex_unlock(self, &inner);
  cr_assert_str_eq(lockrank_name(LOCKRANK_IMPORT), "import");
}

#ifdef SKEIN_CHECK
Test(mutex, wrong_order_is_caught, .signal = SIGABRT) {
  ThreadCore *self = world_start(false);
  Mutex outer = MUTEX_INIT(LOCKRANK_IMPORT), inner = MUTEX_INIT(LOCKRANK_LEAF);
  mutex_lock(self, &inner);
  mutex_lock(self, &outer);
}
Test(mutex, held_across_a_safepoint_is_caught, .signal = SIGABRT) {
  ThreadCore *self = world_start(false);
  Mutex m = MUTEX_INIT(LOCKRANK_LEAF);
  mutex_lock(self, &m);
  thread_poke(self, POLL_USER0);
  (void)!poll_check(self);
}
Test(mutex, taken_in_a_stop_is_caught, .signal = SIGABRT) {
  ThreadCore *self = world_start(false);
  Mutex m = MUTEX_INIT(LOCKRANK_LEAF);
  stop_world(self);
  mutex_lock(self, &m);
}
#endif
