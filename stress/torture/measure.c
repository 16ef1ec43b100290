// What the pieces of sync/ cost: the figures in sync/README.md. Run the release build on a quiet machine: `measure`.
// With any argument it only goes through the motions.
#include <pthread.h>

#include "harness.h"

#define KEEP(p) __asm__ volatile("" ::"r"(p) : "memory")

static double best_of(int rounds, uint64_t n, void (*fn)(Thread *, uint64_t), Thread *t) {
  double best = 1e30;
  for (int i = 0; i < rounds; i++) {
    uint64_t from = sync_now_ns();
    fn(t, n);
    double took = (double)(sync_now_ns() - from) / (double)n;
    if (took < best) best = took;
  }
  return best;
}

static uint64_t shorter = 1;

static void say(const char *what, uint64_t n, void (*fn)(Thread *, uint64_t), Thread *t) {
  printf("%-66s %10.2f ns\n", what, best_of(5, n / shorter, fn, t));
  fflush(stdout);
}

static Obj *mine, *shared_mine, *foreign, *deferred;
static _Atomic uint8_t lock;

static void counting(Thread *t, uint64_t n, RefHead *o) {
  for (uint64_t i = 0; i < n; i++) {
    ref_inc(&t->core, o);
    KEEP(o);
    ref_dec(&t->core, o);
    KEEP(o);
  }
}
static void empty_loop(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) KEEP(t);
}
static void count_private(Thread *t, uint64_t n) { counting(t, n, &mine->head); }
static void count_shared(Thread *t, uint64_t n) { counting(t, n, &shared_mine->head); }
static void count_foreign(Thread *t, uint64_t n) { counting(t, n, &foreign->head); }
static void count_deferred(Thread *t, uint64_t n) { counting(t, n, &deferred->head); }
static void free_private(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) ref_dec(&t->core, &obj_new(t, i, 0, false)->head);
}
static void free_shared(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) ref_dec(&t->core, &obj_new(t, i, 0, true)->head);
}
static void polls(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    if (poll_check(&t->core) != 0) abort();
    KEEP(t);
  }
}
static void slow_polls(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) (void)!poll_slow(&t->core);
}
static void locks(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    byte_lock(&t->core, &lock);
    KEEP(&lock);
    byte_unlock(&lock);
  }
}
static void sections(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    CriticalSection cs;
    critical_begin(&t->core, &cs, &mine->head);
    KEEP(&cs);
    critical_end(&t->core, &cs);
  }
}
static void detaches(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    thread_detach(&t->core);
    thread_attach(&t->core);
  }
}
static void free_nothing(void *p) {}
static void retires(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    retire_free(&t->core, t, 0, free_nothing);
    if (poll_check(&t->core) != 0) abort();
  }
  retire_drain(&t->core);
}
static void graces(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) rcu_expedited(&t->core);
}
static void stops(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    stop_world(&t->core);
    start_world(&t->core);
  }
}
static void handshakes(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) handshake_all(&t->core, NULL, NULL);
}

static void nothing(Thread *t) {}
static void spawns(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) join_thread(t, start_thread(t, nothing, NULL, "spawned"));
}
static void *nothing_posix(void *arg) { return arg; }
static void posix_spawns(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    pthread_t p;
    if (pthread_create(&p, NULL, nothing_posix, NULL) != 0) abort();
    pthread_join(p, NULL);
  }
}

// A ping-pong over the parking lot.
static _Atomic uint32_t ball;
static bool ball_is_zero(void *arg) { return atomic_load_seq_cst_u32(&ball) == 0; }
static bool ball_is_one(void *arg) { return atomic_load_seq_cst_u32(&ball) == 1; }
static void ponger(Thread *t) {
  for (;;) {
    while (ball_is_zero(NULL)) park(&t->core, &ball, ball_is_zero, NULL, PARK_FOREVER, 0, NULL);
    if (atomic_load_seq_cst_u32(&ball) == 2) break;
    atomic_store_seq_cst_u32(&ball, 0);
    unpark_one(&ball, NULL, NULL);
  }
}
static void ping(Thread *t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    atomic_store_seq_cst_u32(&ball, 1);
    unpark_one(&ball, NULL, NULL);
    while (ball_is_one(NULL)) park(&t->core, &ball, ball_is_one, NULL, PARK_FOREVER, 0, NULL);
  }
}

// Objects made here and released for the last time by another thread.
static _Atomic(Obj *) box;
static _Atomic uint32_t finished;
static void consumer(Thread *t) {
  while (!atomic_load_relaxed_u32(&finished) || atomic_load_relaxed_ptr(&box)) {
    Obj *o = atomic_swap_acq_rel_ptr(&box, (Obj *)NULL);
    if (o) ref_dec(&t->core, &o->head);
    else if (poll_check(&t->core) != 0) abort();
  }
}
static void produce(Thread *t, uint64_t n) {
  atomic_store_relaxed_u32(&finished, 0);
  Thread *c = start_thread(t, consumer, NULL, "consumer");
  for (uint64_t i = 0; i < n; i++) {
    Obj *o = obj_new(t, i, 0, true);
    while (atomic_load_relaxed_ptr(&box))
      if (poll_check(&t->core) != 0) abort();
    atomic_store_release_ptr(&box, o);
  }
  atomic_store_relaxed_u32(&finished, 1);
  join_thread(t, c);
}

static void make_foreign(Thread *t) { foreign = obj_new(t, 1, OBJ_NEVER_DEFER, true); }
static void spin(Thread *t) {
  while (!atomic_load_relaxed_u32(t->arg))
    if (poll_check(&t->core) != 0) abort();
}

int main(int argc, char **argv) {
  if (argc > 1) shorter = 200;
  harness_start(false, 1);
  Thread *t = main_thread;
  mine = obj_new(t, 1, 0, false);
  shared_mine = obj_new(t, 1, 0, true);
  say("empty loop", 100000000, empty_loop, t);
  say("inc+dec, private object", 100000000, count_private, t);
  say("inc+dec, shared object of this thread", 100000000, count_shared, t);
  say("make and free, private object (with malloc and the harness's atomics)", 10000000, free_private, t);
  say("make and free, shared object", 10000000, free_shared, t);
  say("poll, nothing pending", 100000000, polls, t);
  say("poll, slow path", 10000000, slow_polls, t);
  say("byte lock+unlock, uncontended", 50000000, locks, t);
  say("critical section, one object, uncontended", 50000000, sections, t);
  say("detach+attach", 5000000, detaches, t);
  printf("pthread_create+join: ");
  say("", 20000, posix_spawns, t);
  // ---- from here on with a second thread ----
  join_thread(t, start_thread(t, make_foreign, NULL, "maker"));
  say("inc+dec, shared object of another thread, alone", 10000000, count_foreign, t);
  deferred = obj_new(t, 1, 0, true);
  ref_defer(&t->core, &deferred->head);
  say("inc+dec, deferred object", 100000000, count_deferred, t);
  say("detach+attach, shared process", 5000000, detaches, t);
  say("spawn+join from the pool", 20000, spawns, t);
  say("retire (entry to release, batched)", 2000000, retires, t);
  say("grace period, expedited, nobody else attached", 20000, graces, t);
  say("stop+start, nobody else attached", 50000, stops, t);
  say("handshake, nobody else attached", 50000, handshakes, t);
  Thread *p = start_thread(t, ponger, NULL, "ponger");
  say("park ping-pong, there and back", 20000, ping, t);
  atomic_store_seq_cst_u32(&ball, 2);
  unpark_all(&ball, 0);
  join_thread(t, p);
  say("object released for the last time by another thread (queued)", 50000, produce, t);
  _Atomic uint32_t end = 0;
  Thread *s = start_thread(t, spin, &end, "spinner");
  say("grace period, expedited, one other thread polling", 2000, graces, t);
  say("stop+start, one other thread polling", 5000, stops, t);
  say("handshake, one other thread polling", 5000, handshakes, t);
  atomic_store_relaxed_u32(&end, 1);
  join_thread(t, s);
  ref_dec(&t->core, &mine->head);
  ref_dec(&t->core, &shared_mine->head);
  ref_dec(&t->core, &foreign->head);
  return harness_end();
}
