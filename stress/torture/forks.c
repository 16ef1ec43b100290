// fork() in the middle of everything. Workers exchange objects, lock, stop, spawn and end, while some of them fork; each child
// must be able to do all of that again, alone at first, and to end with its own counters right.
// usage: forks [seed [seconds [threads [gil]]]]
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define CELLS 16
#define LOCKS 4

static _Atomic(Obj *) cells[CELLS];
static RefHead locks[LOCKS];
static uint64_t guarded[LOCKS];
static Mutex listed = MUTEX_INIT(LOCKRANK_ATOM);
static uint64_t listed_twice[2];  // (listed) equal
static uint64_t deadline;
static _Atomic uint64_t forks_done, children_bad, generations;
static _Atomic uint32_t in_child;

static void exchange(Thread *t) {
  ThreadCore *self = &t->core;
  uint32_t c = pick(t, CELLS), l = pick(t, LOCKS);
  switch (pick(t, 6)) {
    case 0: {
      Obj *o = obj_new(t, t->random, pick(t, 16) ? OBJ_NEVER_DEFER : OBJ_FINALIZER, !self->gil);
      if (self->gil) {  // nothing is shared: a plain handover under the GIL
        Obj *old = atomic_swap_acq_rel_ptr(&cells[c], o);
        if (old) ref_dec(self, &old->head);
        break;
      }
      Obj *old = atomic_swap_acq_rel_ptr(&cells[c], o);
      if (old) retire_ref(self, &old->head);
      break;
    }
    case 1: case 2: {
      Obj *o = atomic_load_acquire_ptr(&cells[c]);
      if (!o) break;
      obj_verify(o);
      ref_inc(self, &o->head);
      if (poll_check(self) != 0) abort();
      obj_verify(o);
      ref_dec(self, &o->head);
      break;
    }
    case 3: {
      CriticalSection cs;
      critical_begin(self, &cs, &locks[l]);
      guarded[l]++;
      critical_end(self, &cs);
      break;
    }
    case 4: {
      CriticalSection cs;
      critical2_begin(self, &cs, &locks[l], &locks[pick(t, LOCKS)]);
      guarded[l]++;
      critical2_end(self, &cs);
      break;
    }
    case 5:
      mutex_lock(self, &listed);
      if (listed_twice[0]++ != listed_twice[1]++) abort();
      mutex_unlock(self, &listed);
      break;
  }
  if (poll_check(self) != 0) abort();
}

static void brief(Thread *t) {
  for (int i = 0; i < 300; i++) exchange(t);
}

// What the child does: the same as the parent, for a while.
static int child_life(Thread *t) {
  ThreadCore *self = &t->core;
  if (listed_twice[0] != listed_twice[1]) return 3;
  Thread *ts[3];
  for (int i = 0; i < 3; i++) ts[i] = start_thread(t, brief, NULL, "child");
  for (int i = 0; i < 100; i++) exchange(t);
  stop_world(self);
  start_world(self);
  handshake_all(self, NULL, NULL);
  for (int i = 0; i < 3; i++) join_thread(t, ts[i]);
  rcu_expedited(self);
  retire_drain(self);
  for (int i = 0; i < LOCKS; i++)
    if (byte_is_locked(&locks[i].lock)) return 4;
  if (byte_is_locked(&listed.word)) return 5;
  return 0;
}

static void fork_once(Thread *t) {
  ThreadCore *self = &t->core;
  fork_prepare(self);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(20);
    fork_child(self, NULL);
    atomic_store_relaxed_u32(&in_child, 1);
    int status = child_life(t);
    if (status == 0 && pick(t, 8) == 0) {  // a grandchild
      fork_prepare(self);
      pid_t grandchild = fork();
      if (grandchild == 0) {
        fork_child(self, NULL);
        _exit(child_life(t));
      }
      fork_parent(self);
      int s = 0;
      thread_detach(self);
      waitpid(grandchild, &s, 0);
      thread_attach(self);
      if (s) status = 6;
    }
    _exit(status);
  }
  fork_parent(self);
  if (pid < 0) return;
  thread_detach(self);
  int status = 0;
  waitpid(pid, &status, 0);
  thread_attach(self);
  if (status) {
    fprintf(stderr, "child %d ended with %#x (%s)\n", pid, (unsigned)status,
            WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit status");
    atomic_add_relaxed_u64(&children_bad, 1);
  }
  atomic_add_relaxed_u64(&forks_done, 1);
}

static void worker(Thread *t) {
  uint32_t steps = 500 + pick(t, 5000);
  for (uint32_t i = 0; i < steps; i++) {
    exchange(t);
    if (pick(t, 2000) == 0) fork_once(t);
    if (pick(t, 500) == 0) {
      thread_detach(&t->core);
      sched_yield();
      thread_attach(&t->core);
    }
    if ((i & 63) == 0 && sync_now_ns() > deadline) break;
  }
}

// Not from the pool: registers with liburcu each time it attaches, on a stack that the child may use again.
static void *foreign_main(void *arg) {
  uint64_t random = *(uint64_t *)arg + 1;
  while (sync_now_ns() < deadline) {
    Thread *t = calloc(1, sizeof *t);
    if (!t) abort();
    t->random = random_next(&random);
    atomic_store_relaxed_u32(&t->users, 1);
    if (thread_init(&t->core, "foreign") != 0) abort();
    thread_attach(&t->core);
    for (int i = 0; i < 200; i++) {
      exchange(t);
      if (pick(t, 20) == 0) {
        thread_detach(&t->core);
        thread_attach(&t->core);
      }
    }
    if (pick(t, 20) == 0) fork_once(t);
    thread_exit(&t->core);
  }
  return NULL;
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
  harness_start(argc > 4, seed);
  mutex_list_for_fork(&listed);
  for (int i = 0; i < LOCKS; i++) refhead_init(&locks[i], SHAPE_SHARED, OWNER_IMMORTAL);
  CHECKING(safepoint_fuzz(seed, 16));
  Thread *ks[64];
  pthread_t foreign;
  if (pthread_create(&foreign, NULL, foreign_main, &seed) != 0) abort();
  if (threads > 64) threads = 64;
  for (uint32_t i = 0; i < threads; i++) ks[i] = start_thread(main_thread, keeper, NULL, "keeper");
  for (uint32_t i = 0; i < threads; i++) join_thread(main_thread, ks[i]);
  thread_detach(&main_thread->core);
  pthread_join(foreign, NULL);
  thread_attach(&main_thread->core);
  for (int i = 0; i < CELLS; i++) {
    Obj *o = atomic_swap_acq_rel_ptr(&cells[i], (Obj *)NULL);
    if (o) retire_ref(&main_thread->core, &o->head);
  }
  printf("generations %" PRIu64 " forks %" PRIu64 "\nmust be zero: bad children %" PRIu64 "\n",
         atomic_load_relaxed_u64(&generations), atomic_load_relaxed_u64(&forks_done), atomic_load_relaxed_u64(&children_bad));
  int failed = harness_end();
  return failed || atomic_load_relaxed_u64(&children_bad);
}
