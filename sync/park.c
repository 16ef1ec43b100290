// The parking lot. A waiter's queue node is the `park` part of its ThreadCore (one wait at a time); a thread without one
// uses a node of its own. Lock order: one bucket, or two in the order of their addresses; nothing is taken inside.
#include "sync/park.h"

#include <sched.h>
#include <stdlib.h>

#include "sync/futex.h"
#include "sync/mutex.h"
#include "sync/thread_state.h"

#define BUCKETS 512
#define FAIR_AFTER_NS 1000000u  // a waiter older than this is handed what it waits for

enum { WORD_WOKEN = 1, WORD_INTERRUPTED = 2, WORD_SLEEPING = 4 };

// Being woken by the kernel costs both sides several microseconds. A waiter looks for a while first, detached, giving its processor to
// whoever wants it; for longer where that paid the last times, for a moment where it did not. It looks every two microseconds only:
// one that is woken by an unlock and finds out later leaves the lock, and the lines that it guards, to the other for longer.
enum { PATIENCE_LEAST = 1, PATIENCE_MOST = 8, PATIENCE_STEP = 1, ROUND_SPINS = 48 };

typedef struct Bucket {
  RawLock lock;
  ThreadCore *head, *tail;  // (lock) first come, first served; all addresses of this bucket mixed
} CACHE_ALIGNED Bucket;

static Bucket buckets[BUCKETS];
static __thread ThreadCore lone;  // for OS threads that run without a ThreadCore

uint64_t sync_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static Bucket *bucket_of(const void *address) {
  uint64_t h = (uint64_t)(uintptr_t)address * 0x9E3779B97F4A7C15ull;
  return &buckets[h >> (64 - 9)];
}

static void enqueue_locked(Bucket *b, ThreadCore *t) {
  t->park.next = NULL;
  if (b->tail) b->tail->park.next = t;
  else b->head = t;
  b->tail = t;
}

static void unlink_locked(Bucket *b, ThreadCore *prev, ThreadCore *t) {
  ThreadCore *next = t->park.next;
  if (prev) prev->park.next = next;
  else b->head = next;
  if (b->tail == t) b->tail = prev;
  t->park.next = NULL;
}

static ThreadCore *find_locked(Bucket *b, ThreadCore *from, const void *address, ThreadCore **prev) {
  ThreadCore *p = from;
  for (ThreadCore *t = from ? from->park.next : b->head; t; p = t, t = t->park.next) {
    if (atomic_load_relaxed_ptr(&t->park.address) != address) continue;
    *prev = p;
    return t;
  }
  return NULL;
}

// The waiter has left the queue and waits for this. Its memory may be gone as soon as the bit is up; the wake by address
// that follows is harmless then.
static void wake(ThreadCore *t) {
  _Atomic uint32_t *word = &t->park.word;
  if (atomic_or_acq_rel_u32(word, WORD_WOKEN) & WORD_SLEEPING) futex_wake(word, 1);
}

// Takes `t` out of whatever queue it is in. False: a waker already has, and wakes it.
static bool cancel(ThreadCore *t) {
  for (;;) {
    const void *address = atomic_load_acquire_ptr(&t->park.address);
    if (!address) return false;
    Bucket *b = bucket_of(address);
    rawlock_lock(&b->lock);
    if (atomic_load_relaxed_ptr(&t->park.address) == address) {  // not requeued meanwhile
      ThreadCore *prev = NULL;
      for (ThreadCore *x = b->head; x != t; x = x->park.next) prev = x;
      unlink_locked(b, prev, t);
      atomic_store_relaxed_ptr(&t->park.address, NULL);
      rawlock_unlock(&b->lock);
      return true;
    }
    rawlock_unlock(&b->lock);
  }
}

static bool interrupted(const ThreadCore *t, uint32_t word) {
  return (word & WORD_INTERRUPTED) || (atomic_load_seq_cst_u64(&t->poll) & (POLL_SIGNAL | POLL_ASYNC_EXC));
}

ParkResult park(ThreadCore *self, const void *address, bool (*validate)(void *arg), void *arg, uint64_t deadline,
                unsigned flags, uint32_t *token) {
  ThreadCore *t = self ? self : &lone;
  Bucket *b = bucket_of(address);
  uint64_t now = sync_now_ns();

  rawlock_lock(&b->lock);
  if (validate && !validate(arg)) {
    rawlock_unlock(&b->lock);
    return PARK_INVALID;
  }
  CHECK(!atomic_load_relaxed_ptr(&t->park.address), "park on %p: already parked on %p", address,
        atomic_load_relaxed_ptr(&t->park.address));
  // thread_interrupt sets the poll bits first and then the word: what it sets before this store shows in the poll bits.
  atomic_store_seq_cst_u32(&t->park.word, 0);
  t->park.token = 0;
  t->park.fair_at = now + FAIR_AFTER_NS;
  atomic_store_release_ptr(&t->park.address, address);
  enqueue_locked(b, t);
  rawlock_unlock(&b->lock);

  bool leave = self && thread_is_attached(self) && !(flags & PARK_STAY_ATTACHED);
  if (leave) thread_leave(self, THREAD_DETACHED);

  ParkResult result = PARK_WOKEN;
  uint32_t rounds = leave && !self->gil ? t->park.patience : 0, looked = 0;
  if (rounds < PATIENCE_LEAST && leave && !self->gil) rounds = PATIENCE_LEAST;
  for (;;) {
    uint32_t word = atomic_load_acquire_u32(&t->park.word);
    if (word & WORD_WOKEN) break;
    if (result == PARK_WOKEN) {
      if ((flags & PARK_INTERRUPTIBLE) && interrupted(t, word)) result = PARK_INTERRUPTED;
      else if (deadline != PARK_FOREVER && sync_now_ns() >= deadline) result = PARK_TIMEOUT;
      if (result != PARK_WOKEN && cancel(t)) break;
    }
    if (looked < rounds) {
      for (int i = 0; i < ROUND_SPINS; i++) cpu_relax();
      sched_yield();
      looked++;
      if (looked == rounds) t->park.patience = rounds / 2;
      continue;
    }
    // A waker that comes after this bit wakes; one that came before it is seen here.
    if (!(word & WORD_SLEEPING)) word = atomic_or_acq_rel_u32(&t->park.word, WORD_SLEEPING) | WORD_SLEEPING;
    if (word & WORD_WOKEN) break;
    // Taken off the queue by a waker, or nothing happened yet: in both cases WORD_WOKEN will come, or the deadline.
    futex_wait(&t->park.word, word, result == PARK_WOKEN ? deadline : PARK_FOREVER);
  }
  if (atomic_load_acquire_u32(&t->park.word) & WORD_WOKEN) result = PARK_WOKEN;
  if (looked < rounds && rounds < PATIENCE_MOST) t->park.patience = rounds + PATIENCE_STEP;
  if (token) *token = t->park.token;
  if (leave) thread_enter(self);
  return result;
}

void thread_interrupt(ThreadCore *t, uint64_t bits) {
  atomic_or_seq_cst_u64(&t->poll, bits);
  atomic_or_seq_cst_u32(&t->park.word, WORD_INTERRUPTED);
  futex_wake(&t->park.word, 1);
}

bool unpark_one(const void *address, uint32_t (*decide)(UnparkInfo info, void *arg), void *arg) {
  Bucket *b = bucket_of(address);
  ThreadCore *prev = NULL, *after = NULL;
  rawlock_lock(&b->lock);
  ThreadCore *t = find_locked(b, NULL, address, &prev);
  UnparkInfo info = {t != NULL, false, false};
  if (t) {
    info.more = find_locked(b, t, address, &after) != NULL;
    info.be_fair = sync_now_ns() >= t->park.fair_at;
    unlink_locked(b, prev, t);
  }
  uint32_t token = decide ? decide(info, arg) : 0;
  if (t) {
    t->park.token = token;
    atomic_store_release_ptr(&t->park.address, NULL);
  }
  rawlock_unlock(&b->lock);
  if (t) wake(t);
  return t != NULL;
}

uint32_t unpark_many(const void *address, uint32_t n, uint32_t token) {
  Bucket *b = bucket_of(address);
  ThreadCore *prev = NULL, *taken = NULL, **last = &taken;
  uint32_t count = 0;
  rawlock_lock(&b->lock);
  for (ThreadCore *t = find_locked(b, NULL, address, &prev); t && count < n;) {
    unlink_locked(b, prev, t);
    t->park.token = token;
    atomic_store_release_ptr(&t->park.address, NULL);
    *last = t;  // `next` is ours until the woken bit is up
    last = (ThreadCore **)&t->park.next;
    count++;
    t = find_locked(b, prev, address, &prev);
  }
  rawlock_unlock(&b->lock);
  while (taken) {
    ThreadCore *t = taken;
    taken = t->park.next;
    wake(t);
  }
  return count;
}

uint32_t unpark_requeue(const void *from, const void *to, uint32_t n) {
  Bucket *a = bucket_of(from), *b = bucket_of(to);
  ThreadCore *prev = NULL;
  uint32_t count = 0;
  if (from == to) return 0;
  rawlock_lock(a < b ? &a->lock : &b->lock);
  if (a != b) rawlock_lock(a < b ? &b->lock : &a->lock);
  for (ThreadCore *t = find_locked(a, NULL, from, &prev); t && count < n; count++) {
    unlink_locked(a, prev, t);
    atomic_store_release_ptr(&t->park.address, to);
    enqueue_locked(b, t);
    t = find_locked(a, prev, from, &prev);
  }
  rawlock_unlock(&a->lock);
  if (a != b) rawlock_unlock(&b->lock);
  return count;
}

bool park_was_handed(const ThreadCore *t) {
  return !atomic_load_relaxed_ptr(&t->park.address) && t->park.token == PARK_TOKEN_HANDED;
}

void park_fork_lock(void) {
  for (int i = 0; i < BUCKETS; i++) rawlock_lock(&buckets[i].lock);
}

void park_fork_unlock(void) {
  for (int i = BUCKETS; i-- > 0;) rawlock_unlock(&buckets[i].lock);
}

// Whoever was queued does not exist here.
void park_fork_child(void) {
  for (int i = 0; i < BUCKETS; i++) {
    buckets[i].head = buckets[i].tail = NULL;
    atomic_store_relaxed_u32(&buckets[i].lock.word, 0);
  }
}
