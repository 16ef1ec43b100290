// What the torture programs share: objects with a magic number, hooks, seeded random numbers, threads to run and join.
// Everything counts as it goes: at the end every counter that the text says must be zero is zero, or the program fails.
#ifndef SKEIN_TORTURE_HARNESS_H
#define SKEIN_TORTURE_HARNESS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sync/critical.h"
#include "sync/fork.h"
#include "sync/gil.h"
#include "sync/mutex.h"
#include "sync/park.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/refcount.h"
#include "sync/safepoint.h"
#include "sync/sched.h"
#include "sync/stop.h"
#include "sync/sync.h"

#define MAGIC_ALIVE 0x0A11CE5u
#define MAGIC_DEAD  0xDEADu

#if SYNC_TSAN
// So that the programs run as they are, whatever TSAN_OPTIONS says.
const char *__tsan_default_options(void);
const char *__tsan_default_suppressions(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
const char *__tsan_default_suppressions(void) { return "called_from_lib:liburcu-qsbr.so\n"; }
#endif

enum { OBJ_FINALIZER = 1, OBJ_NEVER_DEFER = 2 };

typedef struct Obj {
  RefHead head;
  _Atomic uint32_t magic;
  uint32_t flags;
  uint64_t payload, check;   // check == ~payload, written before the object is published
  _Atomic(struct Obj *) child;
} Obj;

typedef struct Thread {
  ThreadCore core;  // first
  uint64_t random;
  void (*fn)(struct Thread *);
  void *arg;
  _Atomic uint32_t done;
  _Atomic uint32_t users;  // runner and joiner
} Thread;

static _Atomic uint64_t objects_made, objects_freed, objects_deferred, objects_finalized, bad_objects, threads_freed;

static inline uint64_t random_next(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}
static inline uint32_t pick(Thread *t, uint32_t n) { return (uint32_t)(random_next(&t->random) >> 33) % n; }

static inline Obj *obj_new(Thread *t, uint64_t payload, uint32_t flags, bool shared) {
  Obj *o = malloc(sizeof *o);
  if (!o) abort();
  refhead_init(&o->head, shared ? SHAPE_SHARED | 7 : 7, t->core.slot_id);
  atomic_store_relaxed_u32(&o->magic, MAGIC_ALIVE);
  o->flags = flags;
  o->payload = payload;
  o->check = ~payload;
  atomic_store_relaxed_ptr(&o->child, NULL);
  atomic_add_relaxed_u64(&objects_made, 1);
  return o;
}

// The reader's test: a freed, torn or foreign object shows.
static inline void obj_verify(const Obj *o) {
  if (atomic_load_relaxed_u32(&o->magic) != MAGIC_ALIVE || o->check != ~o->payload) {
    atomic_add_relaxed_u64(&bad_objects, 1);
    fprintf(stderr, "bad object %p: magic %#x payload %#" PRIx64 " check %#" PRIx64 "\n", (const void *)o,
            atomic_load_relaxed_u32(&o->magic), o->payload, o->check);
    abort();
  }
}

static void obj_free_memory(void *p) { free(p); }

static void hook_destroy(ThreadCore *self, RefHead *head) {
  Obj *o = (Obj *)head;
  obj_verify(o);
  if (o->flags & OBJ_FINALIZER) {
    if (self->reaping) {
      finalizer_hand(self, head);
      return;
    }
    o->flags &= ~(uint32_t)OBJ_FINALIZER;
    atomic_add_relaxed_u64(&objects_finalized, 1);
    ref_revive(self, head);
    ref_dec(self, head);  // and here again
    return;
  }
  atomic_store_relaxed_u32(&o->magic, MAGIC_DEAD);
  Obj *child = atomic_load_relaxed_ptr(&o->child);
  atomic_add_relaxed_u64(&objects_freed, 1);
  if (atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF) retire_free(self, o, sizeof *o, obj_free_memory);
  else free(o);
  if (child) ref_dec(self, &child->head);
}

static void hook_finalize(ThreadCore *self, RefHead *head) {
  obj_verify((Obj *)head);
  ref_dec(self, head);
}

static bool hook_can_defer(ThreadCore *self, RefHead *o) { return !(((Obj *)o)->flags & (OBJ_FINALIZER | OBJ_NEVER_DEFER)); }
// What a collector would find: freed at the end, children first.
#define MAX_DEFERRED (1u << 20)
static Obj *deferred_list[MAX_DEFERRED];
static void hook_deferred(ThreadCore *self, RefHead *o) {
  uint64_t i = atomic_add_relaxed_u64(&objects_deferred, 1);
  if (i < MAX_DEFERRED) deferred_list[i] = (Obj *)o;
}
static void hook_publish(ThreadCore *self, RefHead *o) { atomic_or_relaxed_u32(&o->shape, SHAPE_SHARED); }
static void hook_go_shared(ThreadCore *first) {}
static int hook_poll(ThreadCore *self, uint64_t bits) { return 0; }
static ThreadCore *hook_thread_new(void) {
  Thread *t = calloc(1, sizeof *t);
  if (t) atomic_store_relaxed_u32(&t->users, 1);
  return t ? &t->core : NULL;
}
// A Thread goes when the registry and the joiner are both done with it.
static void thread_drop(Thread *t) {
  if (atomic_sub_acq_rel_u32(&t->users, 1) != 1) return;
  atomic_add_relaxed_u64(&threads_freed, 1);
  free(t);
}
static void hook_thread_free(ThreadCore *t) { thread_drop((Thread *)t); }

static Thread *main_thread;

static void harness_start(bool gil, uint64_t seed) {
  static const SyncHooks hooks = {
      .destroy = hook_destroy, .finalize = hook_finalize, .can_defer = hook_can_defer, .deferred = hook_deferred,
      .publish = hook_publish, .go_shared = hook_go_shared, .poll = hook_poll, .thread_new = hook_thread_new,
      .thread_free = hook_thread_free};
  sync_init(&hooks, gil);
  main_thread = calloc(1, sizeof *main_thread);
  atomic_store_relaxed_u32(&main_thread->users, 1);
  main_thread->random = seed;
  if (thread_init(&main_thread->core, "main") != 0) abort();
  thread_attach(&main_thread->core);
}

static void run_thread(void *arg) {
  Thread *t = arg;
  thread_attach(&t->core);
  t->fn(t);
  atomic_store_release_u32(&t->done, 1);
  thread_exit(&t->core);
  // t may be gone; the joiner has its own share, taken before
}

static bool not_done(void *arg) { return !atomic_load_acquire_u32(&((Thread *)arg)->done); }

static void finish_thread(void *arg) {
  Thread *t = arg;
  thread_attach(&t->core);
  t->fn(t);
  thread_detach(&t->core);
  atomic_store_release_u32(&t->done, 1);
  unpark_all(&t->done, 0);
  thread_exit(&t->core);
}

static Thread *start_thread(Thread *parent, void (*fn)(Thread *), void *arg, const char *name) {
  Thread *t = calloc(1, sizeof *t);
  if (!t) abort();
  t->fn = fn;
  t->arg = arg;
  t->random = random_next(&parent->random);
  atomic_store_relaxed_u32(&t->users, 2);
  if (thread_init(&t->core, name) != 0) abort();
  int error = sched_spawn(&parent->core, finish_thread, t, 0, name);
  if (error) {
    fprintf(stderr, "sched_spawn: %s\n", strerror(error));
    abort();
  }
  return t;
}

static void join_thread(Thread *self, Thread *t) {
  while (not_done(t)) park(&self->core, &t->done, not_done, t, PARK_FOREVER, 0, NULL);
  thread_drop(t);
}

// Ends everything; the exit status says whether the counters are what they must be.
static int harness_end(void) {
  retire_drain(&main_thread->core);
  for (uint64_t i = 0; i < atomic_load_relaxed_u64(&objects_deferred) && i < MAX_DEFERRED; i++) {
    Obj *child = atomic_swap_acq_rel_ptr(&deferred_list[i]->child, (Obj *)NULL);
    obj_verify(deferred_list[i]);
    if (child) ref_dec(&main_thread->core, &child->head);
  }
  sync_shutdown(&main_thread->core);
  RefStats rs;
  RcuStats us;
  SafepointStats ss;
  ref_stats(&rs);
  rcu_stats(&us);
  safepoint_stats(&ss);
  uint64_t made = atomic_load_relaxed_u64(&objects_made), freed = atomic_load_relaxed_u64(&objects_freed),
           deferred = atomic_load_relaxed_u64(&objects_deferred), bad = atomic_load_relaxed_u64(&bad_objects);
  printf("objects %" PRIu64 " freed %" PRIu64 " deferred %" PRIu64 " finalized %" PRIu64 " | queued %" PRIu64 " merged %" PRIu64
         " | graces %" PRIu64 " retired %" PRIu64 " released %" PRIu64 " pending %" PRIu64 "/%zu\n",
         made, freed, deferred, atomic_load_relaxed_u64(&objects_finalized), rs.queued, rs.merged, us.graces, us.retired,
         us.released, us.pending, us.pending_bytes);
  printf("stops %" PRIu64 " handshakes %" PRIu64 " worst wait %.3f ms (%s) worst stop %.3f ms | threads freed %" PRIu64 "\n", ss.stops,
         ss.handshakes, (double)ss.worst_ns / 1e6, ss.worst_name, (double)ss.worst_stopped_ns / 1e6,
         atomic_load_relaxed_u64(&threads_freed));
  for (uint64_t i = 0; i < deferred && i < MAX_DEFERRED; i++) free(deferred_list[i]);
  int64_t leaked = (int64_t)(made - freed - deferred);
  printf("must be zero: leaked %" PRId64 " bad %" PRIu64 " lost %" PRIu64 " unreleased %" PRId64 "\n", leaked, bad, rs.lost + us.lost,
         (int64_t)(us.retired - us.released));
  return leaked || bad || rs.lost || us.lost || us.retired != us.released;
}

static uint64_t seed_from(int argc, char **argv) {
  uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)sync_now_ns();
  printf("seed %#" PRIx64 "\n", seed);
  fflush(stdout);
  return seed;
}
static double seconds_from(int argc, char **argv, double otherwise) { return argc > 2 ? atof(argv[2]) : otherwise; }

#endif
