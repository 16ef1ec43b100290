// A small world for the unit tests of sync/: hooks that count, objects that are only a header. Criterion runs each test in a
// process of its own, so each starts a world of its own. Criterion's assertions are for the main thread only: others abort.
#ifndef SKEIN_TESTS_SYNC_WORLD_H
#define SKEIN_TESTS_SYNC_WORLD_H

#include <criterion/criterion.h>
#include <stdlib.h>
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

typedef struct Thing {
  RefHead head;
  bool finalizer, undeferrable;
} Thing;

static _Atomic uint32_t world_destroyed, world_finalized, world_deferred, world_shared, world_published, world_freed_threads;
static _Atomic uint64_t world_polled;
static int world_poll_result;
static ThreadCore *world_first, *world_finalizer;
static _Atomic uint16_t world_destroyer;  // slot that destroyed last

static void world_destroy(ThreadCore *self, RefHead *o) {
  Thing *t = (Thing *)o;
  atomic_store_relaxed_u16(&world_destroyer, self->slot_id);
  if (t->finalizer) {
    if (self->reaping) {
      finalizer_hand(self, o);
      return;
    }
    t->finalizer = false;
    world_finalizer = self;
    atomic_add_seq_cst_u32(&world_finalized, 1);
  }
  free(t);
  atomic_add_seq_cst_u32(&world_destroyed, 1);
}
static void world_finalize(ThreadCore *self, RefHead *o) {
  ref_dec(self, o);
}
static bool world_can_defer(ThreadCore *self, RefHead *o) { return !((Thing *)o)->undeferrable; }
static void world_on_deferred(ThreadCore *self, RefHead *o) { atomic_add_seq_cst_u32(&world_deferred, 1); }
static void world_publish(ThreadCore *self, RefHead *o) {
  atomic_or_relaxed_u32(&o->shape, SHAPE_SHARED);
  atomic_add_seq_cst_u32(&world_published, 1);
}
static void world_go_shared(ThreadCore *first) {
  world_first = first;
  atomic_add_seq_cst_u32(&world_shared, 1);
}
static int world_poll(ThreadCore *self, uint64_t bits) {
  atomic_or_seq_cst_u64(&world_polled, bits);
  return world_poll_result;
}
static ThreadCore *world_thread_new(void) { return calloc(1, sizeof(ThreadCore)); }
static void world_thread_free(ThreadCore *t) {
  atomic_add_seq_cst_u32(&world_freed_threads, 1);
  free(t);
}

static ThreadCore *world_start(bool gil) {
  static const SyncHooks hooks = {.destroy = world_destroy, .finalize = world_finalize, .can_defer = world_can_defer,
                                  .deferred = world_on_deferred, .publish = world_publish, .go_shared = world_go_shared,
                                  .poll = world_poll, .thread_new = world_thread_new, .thread_free = world_thread_free};
  sync_init(&hooks, gil);
  ThreadCore *self = world_thread_new();
  cr_assert_eq(thread_init(self, "main"), 0);
  thread_attach(self);
  return self;
}

static inline RefHead *thing_new(ThreadCore *self, bool shared) {
  Thing *t = calloc(1, sizeof *t);
  refhead_init(&t->head, shared ? SHAPE_SHARED : 0, self->slot_id);
  return &t->head;
}

// Runs fn(thread, arg) attached on another OS thread; world_join waits for it, detached.
typedef struct Task {
  ThreadCore *thread;
  void (*fn)(ThreadCore *self, void *arg);
  void *arg;
  _Atomic uint32_t done;
} Task;

static void task_main(void *arg) {
  Task *t = arg;
  thread_attach(t->thread);
  t->fn(t->thread, t->arg);
  thread_exit(t->thread);
  atomic_store_seq_cst_u32(&t->done, 1);
  unpark_all(t, 0);
}
static inline void task_start(ThreadCore *self, Task *t, void (*fn)(ThreadCore *, void *), void *arg) {
  *t = (Task){.thread = world_thread_new(), .fn = fn, .arg = arg};
  cr_assert_eq(thread_init(t->thread, "task"), 0);
  cr_assert_eq(sched_spawn(self, task_main, t, 0, "task"), 0);
}
static bool task_not_done(void *arg) { return !atomic_load_seq_cst_u32(&((Task *)arg)->done); }
static inline void task_join(ThreadCore *self, Task *t) {
  while (task_not_done(t)) park(self, t, task_not_done, t, PARK_FOREVER, 0, NULL);
}

// Waits, detached, until *word == value.
static inline void await_word(ThreadCore *self, const _Atomic uint32_t *word, uint32_t value) {
  thread_detach(self);
  while (atomic_load_seq_cst_u32(word) != value) cpu_relax();
  thread_attach(self);
}

#endif
