// GIL mode: many threads, one at a time, under slot 1. Plain words that all of them change between safepoints, private objects
// that pass from thread to thread, switches by time, and threads that end while others wait for their turn.
// usage: gil [seed [seconds [threads]]]
#include <sched.h>

#include "harness.h"

static uint64_t counter, twin;  // plain: the GIL is what orders them
static Obj *cells[32];          // plain, counted by slot 1
static uint64_t deadline;
static _Atomic uint64_t intruders, generations, stops;

static void worker(Thread *t) {
  ThreadCore *self = &t->core;
  uint32_t steps = 2000 + pick(t, 40000);
  for (uint32_t i = 0; i < steps; i++) {
    if (counter != twin) atomic_add_relaxed_u64(&intruders, 1);
    counter++;
    uint32_t c = pick(t, 32);
    if (pick(t, 2)) {
      Obj *o = obj_new(t, i, pick(t, 16) ? 0 : OBJ_FINALIZER, pick(t, 2)), *old = cells[c];
      cells[c] = o;
      if (old) ref_dec(self, &old->head);
    } else if (cells[c]) {
      obj_verify(cells[c]);
      Obj *o = cells[c];
      ref_inc(self, &o->head);
      if (pick(t, 2)) retire_ref(self, &o->head);
      else ref_dec(self, &o->head);
    }
    twin++;
    if (poll_check(self) != 0) abort();
    switch (pick(t, 2000)) {
      case 0:
        stop_world(self);
        if (counter != twin) atomic_add_relaxed_u64(&intruders, 1);
        start_world(self);
        handshake_all(self, NULL, NULL);
        atomic_add_relaxed_u64(&stops, 1);
        break;
      case 1: case 2: case 3:
        thread_detach(self);
        sched_yield();
        thread_attach(self);
        break;
      case 4:
        retire_drain(self);
        break;
    }
    if ((i & 255) == 0 && sync_now_ns() > deadline) break;
  }
}

static void keeper(Thread *t) {
  while (sync_now_ns() < deadline) {
    Thread *w = start_thread(t, worker, NULL, "worker");
    join_thread(t, w);
    atomic_add_relaxed_u64(&generations, 1);
  }
}

int main(int argc, char **argv) {
  uint64_t seed = seed_from(argc, argv);
  deadline = sync_now_ns() + (uint64_t)(seconds_from(argc, argv, 3) * 1e9);
  uint32_t threads = argc > 3 ? (uint32_t)atoi(argv[3]) : 4;
  harness_start(true, seed);
  gil_set_interval(200000);
  CHECKING(safepoint_fuzz(seed, 16));
  Thread *ks[64];
  if (threads > 64) threads = 64;
  for (uint32_t i = 0; i < threads; i++) ks[i] = start_thread(main_thread, keeper, NULL, "keeper");
  for (uint32_t i = 0; i < threads; i++) join_thread(main_thread, ks[i]);
  for (int i = 0; i < 32; i++)
    if (cells[i]) ref_dec(&main_thread->core, &cells[i]->head);
  printf("generations %" PRIu64 " steps %" PRIu64 " stops %" PRIu64 " slots %u\nmust be zero: intruders %" PRIu64 "\n",
         atomic_load_relaxed_u64(&generations), counter, atomic_load_relaxed_u64(&stops), slot_high(),
         atomic_load_relaxed_u64(&intruders));
  int failed = harness_end();
  return failed || atomic_load_relaxed_u64(&intruders) || counter != twin;
}
