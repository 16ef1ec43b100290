// The pool of OS threads. Idle ones wait, last in first out, each on its own futex. Stacks are ours: mapped with a guard
// page, and in a forked child never used again, so that what liburcu lists inside them stays readable there.
#include "sync/sched.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sync/futex.h"
#include "sync/gil.h"
#include "sync/mutex.h"
#include "sync/rcu.h"
#include "sync/sync.h"

#define MIN_STACK (256u << 10)

typedef struct Worker Worker;
struct Worker {
  _Atomic uint32_t word;  // futex: 0 idle, 1 has work, 2 should end
  SchedFn fn;             // (handed over by `word`)
  void *arg;
  char next_name[16];     // (handed over by `word`)
  char name[16];          // (own)
  size_t stack;           // bytes above the guard page
  void *map;              // guard page and stack
  size_t map_bytes;
  pthread_t thread;       // (own, before it first runs anything)
  Worker *next;           // (pool lock)
};

static RawLock pool_lock;
static Worker *idle;                 // (pool_lock)
static _Atomic(Worker *) ended;      // to be joined and unmapped; pushed one by one, taken whole
static uint32_t idle_count;          // (pool_lock)
static uint32_t idle_limit = 64;     // (pool_lock)
static _Atomic size_t default_stack = 8u << 20;

static __thread uintptr_t stack_low, stack_high;

size_t sched_default_stack(void) { return atomic_load_relaxed_size(&default_stack); }
void sched_set_default_stack(size_t bytes) { atomic_store_relaxed_size(&default_stack, bytes < MIN_STACK ? MIN_STACK : bytes); }

uint32_t sched_idle(void) {
  rawlock_lock(&pool_lock);
  uint32_t n = idle_count;
  rawlock_unlock(&pool_lock);
  return n;
}

void sched_stack_bounds(uintptr_t *low, uintptr_t *high) {
  if (!stack_high) {  // a thread that is not ours
    pthread_attr_t attr;
    void *base = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
      pthread_attr_getstack(&attr, &base, &size);
      pthread_attr_destroy(&attr);
    }
    stack_low = (uintptr_t)base;
    stack_high = (uintptr_t)base + size;
  }
  *low = stack_low;
  *high = stack_high;
}

static void name_thread(Worker *w, const char *name) {
  char text[16];
  snprintf(text, sizeof text, "%s", name && *name ? name : "skein");
  if (memcmp(text, w->name, sizeof text) == 0) return;
  memcpy(w->name, text, sizeof text);
  pthread_setname_np(pthread_self(), text);
}

static void *worker_main(void *arg) {
  Worker *w = arg;
  w->thread = pthread_self();
  stack_low = (uintptr_t)w->map + (w->map_bytes - w->stack);
  stack_high = stack_low + w->stack;
  rcu_os_thread_start();
  char name[16];
  for (;;) {
    memcpy(name, w->next_name, sizeof name);
    name_thread(w, name);
    w->fn(w->arg);
    rawlock_lock(&pool_lock);
    bool stay = idle_count < idle_limit;
    if (stay) {
      atomic_store_relaxed_u32(&w->word, 0);
      w->next = idle;
      idle = w;
      idle_count++;
    }
    rawlock_unlock(&pool_lock);
    if (!stay) break;
    uint32_t word;
    while ((word = atomic_load_acquire_u32(&w->word)) == 0) futex_wait(&w->word, 0, UINT64_MAX);
    if (word == 2) break;
  }
  rcu_os_thread_end();
  Worker *head = atomic_load_relaxed_ptr(&ended);
  do w->next = head;
  while (!atomic_cas_acq_rel_ptr(&ended, &head, w));
  return NULL;
}

static void bury_ended(void) {
  if (!atomic_load_relaxed_ptr(&ended)) return;
  Worker *list = atomic_swap_acq_rel_ptr(&ended, NULL);
  while (list) {
    Worker *w = list;
    list = w->next;
    pthread_join(w->thread, NULL);
    munmap(w->map, w->map_bytes);
    free(w);
  }
}

// 0 or an errno value. The worker may be gone when this returns.
static int start_worker(Worker *w, size_t stack, pthread_t *thread) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  w->stack = stack;
  w->map_bytes = stack + page;
  w->map = mmap(NULL, w->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (w->map == MAP_FAILED) return errno;
  int error = mprotect(w->map, page, PROT_NONE) != 0 ? errno : 0;
  pthread_attr_t attr;
  if (!error) error = pthread_attr_init(&attr);
  if (!error) {
    error = pthread_attr_setstack(&attr, (char *)w->map + page, stack);
    if (!error) error = pthread_create(thread, &attr, worker_main, w);
    pthread_attr_destroy(&attr);
  }
  if (error) munmap(w->map, w->map_bytes);
  return error;
}

int sched_spawn(ThreadCore *self, SchedFn fn, void *arg, size_t stack_size, const char *name) {
  uint64_t ident;
  return sched_spawn_ident(self, fn, arg, stack_size, name, &ident);
}

int sched_spawn_ident(ThreadCore *self, SchedFn fn, void *arg, size_t stack_size, const char *name, uint64_t *ident) {
  int error = self ? sync_go_shared(self) : 0;
  if (error) return error;
  bury_ended();
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t stack = stack_size ? stack_size : sched_default_stack();
  if (stack < MIN_STACK) stack = MIN_STACK;
  stack = (stack + page - 1) & ~(page - 1);

  rawlock_lock(&pool_lock);
  Worker **at = &idle, *w;
  while ((w = *at) && w->stack < stack) at = &w->next;
  if (w) {
    *at = w->next;
    idle_count--;
  }
  rawlock_unlock(&pool_lock);

  bool parked = w != NULL;
  if (!parked && !(w = calloc(1, sizeof *w))) return ENOMEM;
  w->fn = fn;
  w->arg = arg;
  snprintf(w->next_name, sizeof w->next_name, "%s", name && *name ? name : "skein");
  if (parked) {
    *ident = (uint64_t)w->thread;
    atomic_store_release_u32(&w->word, 1);
    futex_wake(&w->word, 1);
    return 0;
  }
  pthread_t thread;
  error = start_worker(w, stack, &thread);
  if (error) free(w);
  else *ident = (uint64_t)thread;
  return error;
}

static void end_idle(uint32_t keep) {
  for (;;) {
    rawlock_lock(&pool_lock);
    Worker *w = idle_count > keep ? idle : NULL;
    if (w) {
      idle = w->next;
      idle_count--;
    }
    rawlock_unlock(&pool_lock);
    if (!w) break;
    atomic_store_release_u32(&w->word, 2);
    futex_wake(&w->word, 1);
    pthread_join(w->thread, NULL);
    // It has put itself on the list of the ended; its join there must not come twice.
    Worker *list = atomic_swap_acq_rel_ptr(&ended, NULL);
    while (list) {
      Worker *x = list;
      list = x->next;
      if (x != w) pthread_join(x->thread, NULL);
      munmap(x->map, x->map_bytes);
      free(x);
    }
  }
}

void sched_pool_limit(uint32_t n) {
  rawlock_lock(&pool_lock);
  idle_limit = n;
  rawlock_unlock(&pool_lock);
  end_idle(n);
}

void sched_shutdown(void) {
  end_idle(0);
  bury_ended();
}

void sched_fork_lock(void) { rawlock_lock(&pool_lock); }
void sched_fork_unlock(void) { rawlock_unlock(&pool_lock); }

// The idle and the ended do not exist here; their stacks stay mapped, unused.
void sched_fork_child(void) {
  idle = NULL;
  idle_count = 0;
  atomic_store_relaxed_ptr(&ended, NULL);
}
