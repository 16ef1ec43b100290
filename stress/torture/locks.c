// Byte locks, critical sections, ranked mutexes and the parking lot. Plain fields under each lock are what ThreadSanitizer and
// the sums at the end watch: one lost update, or two threads inside, shows.
// usage: locks [seed [seconds [threads]]]
#include "harness.h"

#define OBJECTS 12

typedef struct Guarded {
  RefHead head;
  uint64_t value, twin;  // plain; equal whenever the lock is free
  uint32_t inside;       // plain; 0 whenever the lock is free
} Guarded;

static Guarded objects[OBJECTS];
static uint64_t wanted_total;  // (total_mutex)
static Mutex total_mutex = MUTEX_INIT(LOCKRANK_TYPE), inner_mutex = MUTEX_INIT(LOCKRANK_LEAF);
static uint64_t inner_total;   // (inner_mutex)
static uint64_t deadline;
static _Atomic uint64_t timeouts, interrupts, bad;

// A bounded queue of tokens on park/unpark: semaphores of the plainest kind.
static _Atomic uint32_t tokens;
static _Atomic uint64_t tokens_made, tokens_taken;

static void inside(Guarded *g) {
  if (g->inside++ != 0 || g->value != g->twin) atomic_add_relaxed_u64(&bad, 1);
}
static void work(Guarded *g) {
  g->value++;
  g->twin++;
}
static void outside(Guarded *g) {
  if (--g->inside != 0) atomic_add_relaxed_u64(&bad, 1);
}

static bool no_token(void *arg) { return atomic_load_seq_cst_u32(&tokens) == 0; }

static void worker(Thread *t) {
  ThreadCore *self = &t->core;
  uint64_t mine = 0;
  for (;;) {
    if (poll_check(self) != 0) abort();
    if ((pick(t, 64) == 0) && sync_now_ns() > deadline) break;
    Guarded *a = &objects[pick(t, OBJECTS)], *b = &objects[pick(t, OBJECTS)];
    CriticalSection one, two;
    switch (pick(t, 10)) {
      case 0: case 1:
        critical_begin(self, &one, &a->head);
        inside(a);
        work(a);
        outside(a);
        critical_end(self, &one);
        mine++;
        break;
      case 2: case 3:
        critical2_begin(self, &one, &a->head, &b->head);
        inside(a);
        if (a != b) inside(b);
        work(a);
        work(b);
        if (a != b) outside(b);
        outside(a);
        critical2_end(self, &one);
        mine += 2;
        break;
      case 4:  // nested, in any order, with safepoints: the outer lock is lost and regained
        critical_begin(self, &one, &a->head);
        inside(a);
        work(a);
        outside(a);
        if (poll_check(self) != 0) abort();
        critical_begin(self, &two, &b->head);
        inside(b);
        work(b);
        outside(b);
        if (pick(t, 4) == 0) {
          thread_detach(self);
          thread_attach(self);
        }
        inside(b);  // the innermost is held again
        outside(b);
        critical_end(self, &two);
        inside(a);
        work(a);
        outside(a);
        critical_end(self, &one);
        mine += 3;
        break;
      case 5: {  // a pair inside a section
        Guarded *c = &objects[pick(t, OBJECTS)];
        critical_begin(self, &one, &c->head);
        critical2_begin(self, &two, &a->head, &b->head);
        inside(a);
        if (a != b) inside(b);
        work(a);
        if (a != b) outside(b);
        outside(a);
        critical2_end(self, &two);
        inside(c);
        work(c);
        outside(c);
        critical_end(self, &one);
        mine += 2;
        break;
      }
      case 6: {
        bool interruptible = pick(t, 2);
        ParkResult r = byte_lock_until(self, &a->head.lock, sync_now_ns() + pick(t, 50000), interruptible);
        if (r == PARK_WOKEN) {
          inside(a);
          work(a);
          outside(a);
          byte_unlock(&a->head.lock);
          mine++;
        } else if (r == PARK_TIMEOUT) {
          atomic_add_relaxed_u64(&timeouts, 1);
        } else {
          atomic_add_relaxed_u64(&interrupts, 1);
        }
        break;
      }
      case 7:
        mutex_lock(self, &total_mutex);
        wanted_total += mine;
        mine = 0;
        mutex_lock(self, &inner_mutex);
        inner_total++;
        mutex_unlock(self, &inner_mutex);
        mutex_unlock(self, &total_mutex);
        break;
      case 8:
        atomic_add_seq_cst_u32(&tokens, 1);
        atomic_add_relaxed_u64(&tokens_made, 1);
        if (pick(t, 8) == 0) unpark_all(&tokens, 0);
        else unpark_one(&tokens, NULL, NULL);
        break;
      case 9: {  // takes a token, or gives up
        uint64_t until = sync_now_ns() + pick(t, 200000);
        for (;;) {
          uint32_t n = atomic_load_seq_cst_u32(&tokens);
          if (n) {
            if (!atomic_cas_seq_cst_u32(&tokens, &n, n - 1)) continue;
            atomic_add_relaxed_u64(&tokens_taken, 1);
            break;
          }
          if (park(self, &tokens, no_token, NULL, until, PARK_INTERRUPTIBLE, NULL) == PARK_TIMEOUT) break;
          if (poll_check(self) != 0) abort();
          if (sync_now_ns() > until) break;
        }
        break;
      }
    }
    if (pick(t, 256) == 0) thread_poke(self, POLL_SIGNAL);
  }
  mutex_lock(self, &total_mutex);
  wanted_total += mine;
  mutex_unlock(self, &total_mutex);
}

// Interrupts everybody, now and then.
static void poke(ThreadCore *t, void *arg) { thread_interrupt(t, POLL_ASYNC_EXC); }
static void interrupter(Thread *t) {
  while (sync_now_ns() < deadline) {
    thread_each(NULL, poke, NULL);
    thread_detach(&t->core);
    struct timespec shortly = {0, 300000};
    nanosleep(&shortly, NULL);
    thread_attach(&t->core);
    if (poll_check(&t->core) != 0) abort();
  }
}

int main(int argc, char **argv) {
  uint64_t seed = seed_from(argc, argv);
  deadline = sync_now_ns() + (uint64_t)(seconds_from(argc, argv, 3) * 1e9);
  uint32_t threads = argc > 3 ? (uint32_t)atoi(argv[3]) : 6;
  harness_start(false, seed);
  CHECKING(safepoint_fuzz(seed, 32));
  for (int i = 0; i < OBJECTS; i++) refhead_init(&objects[i].head, SHAPE_SHARED, OWNER_IMMORTAL);
  Thread *ts[65];
  if (threads > 64) threads = 64;
  for (uint32_t i = 0; i < threads; i++) ts[i] = start_thread(main_thread, worker, NULL, "worker");
  ts[threads] = start_thread(main_thread, interrupter, NULL, "interrupter");
  for (uint32_t i = 0; i <= threads; i++) join_thread(main_thread, ts[i]);
  uint64_t sum = 0, locked = 0;
  for (int i = 0; i < OBJECTS; i++) {
    sum += objects[i].value;
    locked += byte_is_locked(&objects[i].head.lock) || objects[i].inside;
  }
  int64_t tokens_lost = (int64_t)(atomic_load_relaxed_u64(&tokens_made) - atomic_load_relaxed_u64(&tokens_taken) - tokens);
  printf("sections %" PRIu64 " mutexes %" PRIu64 " timeouts %" PRIu64 " interrupts %" PRIu64 " tokens %" PRIu64 "\n", sum, inner_total,
         atomic_load_relaxed_u64(&timeouts), atomic_load_relaxed_u64(&interrupts), atomic_load_relaxed_u64(&tokens_taken));
  printf("must be zero: lost updates %" PRId64 " intruders %" PRIu64 " left locked %" PRIu64 " tokens lost %" PRId64 "\n",
         (int64_t)(wanted_total - sum), atomic_load_relaxed_u64(&bad), locked, tokens_lost);
  int failed = harness_end();
  return failed || wanted_total != sum || atomic_load_relaxed_u64(&bad) || locked || tokens_lost;
}
