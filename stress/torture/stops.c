// Stop-the-world and handshakes against attach, detach, start and exit. Each worker writes plain words of its own while it is
// attached; stoppers and handshakes read and write them: any overlap is a data race, and the sums at the end tell.
// usage: stops [seed [seconds [threads]]]
#include <pthread.h>
#include <sched.h>

#include "harness.h"

static uint64_t deadline;
static uint64_t world;             // plain: written in stops, read by attached threads between safepoints
static _Atomic uint64_t stops_done, handshakes_done, ones_done, ones_missed, intruders, generations;

typedef struct Diary {
  Thread thread;         // first
  uint64_t steps;        // plain, the worker's, and in stops and handshakes anybody's
  uint64_t visits;       // plain, handshakes
  uint64_t even;         // plain: odd only between two safepoints
} Diary;

static void visit(ThreadCore *target, void *arg) {
  Diary *d = (Diary *)target;
  if (((Thread *)target)->arg != &world) return;  // service threads and main have no diary
  if (d->even & 1) atomic_add_relaxed_u64(&intruders, 1);
  d->visits++;
  *(_Atomic uint64_t *)arg += 1;
}

static void inspect(ThreadCore *t, void *arg) {
  Diary *d = (Diary *)t;
  if (((Thread *)t)->arg != &world) return;
  if (d->even & 1) atomic_add_relaxed_u64(&intruders, 1);
  *(uint64_t *)arg += d->steps;
}

static void worker(Thread *t) {
  Diary *d = (Diary *)t;
  ThreadCore *self = &t->core;
  uint32_t steps = 500 + pick(t, 3000);
  uint64_t seen = 0;
  for (uint32_t i = 0; i < steps && sync_now_ns() < deadline; i++) {
    d->even++;
    uint64_t now = world;
    if (now < seen) atomic_add_relaxed_u64(&intruders, 1);
    seen = now;
    d->steps++;
    for (uint32_t k = pick(t, 40); k; k--) cpu_relax();
    if (world != now) atomic_add_relaxed_u64(&intruders, 1);  // nobody stops us between two safepoints
    d->even++;
    if (poll_check(self) != 0) abort();
    switch (pick(t, 400)) {
      case 0: {
        uint64_t total = 0;
        stop_world(self);
        uint64_t before = world;
        thread_each(self, inspect, &total);
        if (pick(t, 2)) {
          stop_world(self);
          world++;
          start_world(self);
        }
        world++;
        for (uint32_t k = pick(t, 200); k; k--) cpu_relax();
        if (world - before > 2) atomic_add_relaxed_u64(&intruders, 1);
        seen = world;
        start_world(self);
        atomic_add_relaxed_u64(&stops_done, 1);
        break;
      }
      case 1: case 2: {
        _Atomic uint64_t count = 0;
        handshake_all(self, visit, &count);
        if (!count) atomic_add_relaxed_u64(&intruders, 1);  // it visits us at least
        atomic_add_relaxed_u64(&handshakes_done, 1);
        break;
      }
      case 3: {  // a thread that may be gone: compared, not followed
        static _Atomic(ThreadCore *) somebody;
        ThreadCore *target = atomic_swap_acq_rel_ptr(&somebody, self);
        _Atomic uint64_t count = 0;
        if (target && handshake_one(self, target, visit, &count)) atomic_add_relaxed_u64(&ones_done, 1);
        else atomic_add_relaxed_u64(&ones_missed, 1);
        break;
      }
      case 4: case 5: case 6: case 7:
        thread_detach(self);
        if (pick(t, 4) == 0) sched_yield();
        thread_attach(self);
        break;
      case 8:
        rcu_expedited(self);
        break;
      case 9:
        retire_drain(self);
        break;
    }
  }
}

static void diary_main(void *arg) { finish_thread(arg); }

static void keeper(Thread *t) {
  while (sync_now_ns() < deadline) {
    Diary *d = calloc(1, sizeof *d);
    if (!d) abort();
    Thread *w = &d->thread;
    w->fn = worker;
    w->arg = &world;
    w->random = random_next(&t->random);
    atomic_store_relaxed_u32(&w->users, 2);
    if (thread_init(&w->core, "diary") != 0 || sched_spawn(&t->core, diary_main, w, 0, "diary") != 0) abort();
    join_thread(t, w);
    atomic_add_relaxed_u64(&generations, 1);
  }
}

// A foreign thread: not from the pool, it registers itself.
static void *foreign_main(void *arg) {
  uint64_t random = *(uint64_t *)arg + 1;
  while (sync_now_ns() < deadline) {
    Diary *d = calloc(1, sizeof *d);
    if (!d) abort();
    d->thread.random = random_next(&random);
    d->thread.arg = &world;
    atomic_store_relaxed_u32(&d->thread.users, 1);
    if (thread_init(&d->thread.core, "foreign") != 0) abort();
    thread_attach(&d->thread.core);
    worker(&d->thread);
    thread_exit(&d->thread.core);
  }
  return NULL;
}

int main(int argc, char **argv) {
  uint64_t seed = seed_from(argc, argv);
  deadline = sync_now_ns() + (uint64_t)(seconds_from(argc, argv, 3) * 1e9);
  uint32_t threads = argc > 3 ? (uint32_t)atoi(argv[3]) : 5;
  harness_start(false, seed);
  CHECKING(safepoint_fuzz(seed, 32));
  Thread *ks[64];
  if (threads > 64) threads = 64;
  pthread_t foreign;
  if (pthread_create(&foreign, NULL, foreign_main, &seed) != 0) abort();
  for (uint32_t i = 0; i < threads; i++) ks[i] = start_thread(main_thread, keeper, NULL, "keeper");
  for (uint32_t i = 0; i < threads; i++) join_thread(main_thread, ks[i]);
  thread_detach(&main_thread->core);
  pthread_join(foreign, NULL);
  thread_attach(&main_thread->core);
  printf("generations %" PRIu64 " stops %" PRIu64 " handshakes %" PRIu64 " with one %" PRIu64 " (missed %" PRIu64 ") world %" PRIu64 "\n",
         atomic_load_relaxed_u64(&generations), atomic_load_relaxed_u64(&stops_done), atomic_load_relaxed_u64(&handshakes_done),
         atomic_load_relaxed_u64(&ones_done), atomic_load_relaxed_u64(&ones_missed), world);
  printf("must be zero: intruders %" PRIu64 "\n", atomic_load_relaxed_u64(&intruders));
  int failed = harness_end();
  return failed || atomic_load_relaxed_u64(&intruders);
}
