// Stops and handshakes: one requester at a time (stop_lock), who waits, not attached, until the others have left or passed.
#include "sync/stop.h"

#include <string.h>

#include "sync/critical.h"
#include "sync/futex.h"
#include "sync/rcu.h"
#include "sync/safepoint.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

#define FAIRNESS_NS 10000000u  // how long a stop waits for those that the last one held up

_Atomic uint32_t stop_watch;    // a requester waits for others
_Atomic uint32_t stop_pending;  // a stop is wanted or on; futex of those that wait for its end
static _Atomic uint8_t stop_lock;
static _Atomic uint32_t watch_seq;  // futex of the requester: somebody left or passed
static _Atomic uint32_t resuming;   // threads that waited in a stop and have not attached yet; futex of the next stopper

static struct {  // (stop_lock)
  uint32_t number;
  HandshakeFn fn;  // read by threads that owe `number`
  void *arg;
} handshake;

static RawLock stats_lock;
static SafepointStats stats;  // (stats_lock)
static uint64_t stopped_at;   // (stop_lock)

void safepoint_stats(SafepointStats *out) {
  rawlock_lock(&stats_lock);
  *out = stats;
  rawlock_unlock(&stats_lock);
}

static void account(uint64_t asked, const char *last, uint64_t *counter) {
  uint64_t took = sync_now_ns() - asked;
  rawlock_lock(&stats_lock);
  ++*counter;
  stats.total_ns += took;
  if (took > stats.worst_ns) {
    stats.worst_ns = took;
    memcpy(stats.worst_name, last, sizeof stats.worst_name);
  }
  rawlock_unlock(&stats_lock);
}

void stop_notify(void) {
  atomic_add_seq_cst_u32(&watch_seq, 1);
  futex_wake(&watch_seq, INT_MAX);
}

// Waits until settled(t) holds for every listed thread but self, once for each: a thread that has settled cannot unsettle
// while the request stands (an attach that comes too late backs out without having done anything). settled runs under
// the registry lock, which it may let go of and take again. `last` receives the name of the one that took longest.
static void await_others(ThreadCore *self, bool (*settled)(ThreadCore *t), char last[16]) {
  memset(last, 0, 16);
  for (uint32_t i = 0;;) {
    uint32_t seq = atomic_load_seq_cst_u32(&watch_seq);
    rawlock_lock(&thread_registry_lock);
    while (i < thread_table_high) {
      ThreadCore *t = thread_table[i];
      if (t && t != self && !settled(t)) {
        memcpy(last, t->name, 16);
        break;
      }
      i++;
    }
    bool all = i >= thread_table_high;
    rawlock_unlock(&thread_registry_lock);
    if (all) return;
    for (int spins = 0; spins < 200 && atomic_load_relaxed_u32(&watch_seq) == seq; spins++) cpu_relax();
    futex_wait(&watch_seq, seq, UINT64_MAX);
  }
}

// ---- stop ----

static bool has_left(ThreadCore *t) { return atomic_load_seq_cst_u32(&t->state) != THREAD_ATTACHED; }

void stop_begin(ThreadCore *self) {
  char last[16];
  byte_lock(self, &stop_lock);
  uint64_t asked = sync_now_ns();
  for (uint32_t n; (n = atomic_load_seq_cst_u32(&resuming)) != 0 && sync_now_ns() < asked + FAIRNESS_NS;)
    futex_wait(&resuming, n, asked + FAIRNESS_NS);
  atomic_store_seq_cst_u32(&stop_watch, 1);
  atomic_store_seq_cst_u32(&stop_pending, 1);
  thread_poke_attached(POLL_STOP);
  await_others(self, has_left, last);
  atomic_store_seq_cst_u32(&stop_watch, 0);
  account(asked, last, &stats.stops);
  stopped_at = sync_now_ns();
}

void stop_end(void) {
  uint64_t took = sync_now_ns() - stopped_at;
  rawlock_lock(&stats_lock);
  stats.stopped_ns += took;
  if (took > stats.worst_stopped_ns) stats.worst_stopped_ns = took;
  rawlock_unlock(&stats_lock);
  atomic_store_seq_cst_u32(&stop_pending, 0);
  futex_wake(&stop_pending, INT_MAX);
  byte_unlock(&stop_lock);
}

void stop_wait_end(bool first_time) {
  if (first_time) atomic_add_seq_cst_u32(&resuming, 1);
  while (atomic_load_seq_cst_u32(&stop_pending)) futex_wait(&stop_pending, 1, UINT64_MAX);
}

// Once, when a thread that called stop_wait_end (however often) is attached.
void stop_resumed(void) {
  if (atomic_sub_acq_rel_u32(&resuming, 1) == 1) futex_wake(&resuming, INT_MAX);
}

void stop_world(ThreadCore *self) {
  if (self->stop_depth++ || self->gil) return;
  self->stop_depth = 0;  // not ours yet: leaving is right until then
  lockrank_none_held(self, "a request to stop the world");
  thread_leave(self, THREAD_STOPPED);
  stop_begin(self);
  // Attached, alone; offline for RCU, so that a grace period in flight can end (fork waits for it).
  slot_take_claim(self->slot);
  atomic_store_seq_cst_u32(&self->state, THREAD_ATTACHED);
  thread_set_current(self);
  atomic_store_seq_cst_ptr(&self->slot->attached, self);
  self->stop_depth = 1;
}

void start_world(ThreadCore *self) {
  CHECK(self->stop_depth, "start_world without stop_world by %s", self->name);
  if (--self->stop_depth || self->gil) return;
  rcu_prepare();
  rcu_online(self);
  if (rcu_grace_active()) thread_poke(self, POLL_GRACE);
  if (slot_has_work(self->slot)) thread_poke(self, POLL_MERGE);
  stop_end();
  critical_resume(self);
}

static _Atomic uint32_t final;  // stop_final has been called

bool stop_is_final(const ThreadCore *self) { return atomic_load_seq_cst_u32(&final) && !self->survives; }

void stop_hang(ThreadCore *self) {
  // What it was handed while it was on its way back in, nobody else must wait for.
  _Atomic uint8_t *lower = atomic_load_relaxed_ptr(&self->lock_in_hand[0]), *handed = atomic_load_relaxed_ptr(&self->lock_in_hand[1]);
  if (lower) byte_unlock(lower);
  if (handed && park_was_handed(self)) byte_unlock(handed);
  for (;;) pause();
}

void stop_final(ThreadCore *self) {
  self->survives = true;
  atomic_store_seq_cst_u32(&final, 1);
  // Whoever is attached leaves now, and finds the word when it comes back. In GIL mode: when it has its turn.
  stop_world(self);
  start_world(self);
}

// ---- handshakes ----

static bool has_passed(ThreadCore *t) {
  uint32_t number = handshake.number;
  if (atomic_load_acquire_u32(&t->hs_done) == number) return true;
  uint32_t was = atomic_load_seq_cst_u32(&t->state);
  if (was == THREAD_ATTACHED) {
    if (atomic_load_relaxed_u32(&t->hs_wanted) != number) {
      atomic_store_release_u32(&t->hs_wanted, number);  // publishes handshake.fn and arg
      thread_poke(t, POLL_HANDSHAKE);
      // It may have left before it could see the bit.
      if (atomic_load_seq_cst_u32(&t->state) != THREAD_ATTACHED) return has_passed(t);
    }
    return false;
  }
  // Not attached: act in its name, while HELD keeps it from coming back and from going away.
  if (!atomic_cas_seq_cst_u32(&t->state, &was, THREAD_HELD)) return has_passed(t);
  rawlock_unlock(&thread_registry_lock);
  if (handshake.fn) handshake.fn(t, handshake.arg);
  atomic_store_release_u32(&t->hs_wanted, number);  // the two stay equal: a bit left over must not serve an old request
  atomic_store_release_u32(&t->hs_done, number);
  rawlock_lock(&thread_registry_lock);
  atomic_store_seq_cst_u32(&t->state, was);
  futex_wake(&t->state, INT_MAX);
  return true;
}

void handshake_serve(ThreadCore *self) {
  uint32_t number = atomic_load_acquire_u32(&self->hs_wanted);
  if (number == atomic_load_relaxed_u32(&self->hs_done)) return;
  if (handshake.fn) handshake.fn(self, handshake.arg);
  atomic_store_release_u32(&self->hs_done, number);
  stop_notify();
}

// The first round pokes everybody, so that they pass side by side; the second takes them one by one.
static bool poked(ThreadCore *t) {
  has_passed(t);
  return true;
}

static ThreadCore *only;  // (stop_lock) of handshake_one
static bool only_found;   // (stop_lock)

static bool only_has_passed(ThreadCore *t) {
  if (t != only) return true;
  only_found = true;
  return has_passed(t);
}

static void request(ThreadCore *self, HandshakeFn fn, void *arg, bool all) {
  char last[16];
  uint64_t asked = sync_now_ns();
  if (++handshake.number == 0) handshake.number = 1;
  handshake.fn = fn;
  handshake.arg = arg;
  atomic_store_seq_cst_u32(&stop_watch, 1);
  if (all) await_others(self, poked, last);
  await_others(self, all ? has_passed : only_has_passed, last);
  atomic_store_seq_cst_u32(&stop_watch, 0);
  account(asked, last, &stats.handshakes);
}

typedef struct Call {
  ThreadCore *self, *only;
  HandshakeFn fn;
  void *arg;
  bool found;
} Call;

// The world is stopped, or the caller has the GIL: the others are at a safepoint.
static void call_other(ThreadCore *t, void *arg) {
  Call *call = arg;
  if (t == call->self || (call->only && t != call->only)) return;
  call->found = true;
  if (call->fn) call->fn(t, call->arg);
}

static bool ask(ThreadCore *self, ThreadCore *target, HandshakeFn fn, void *arg) {
  if (stop_is_mine(self) || self->gil) {
    Call call = {self, target, fn, arg, false};
    thread_each(self, call_other, &call);
    return call.found;
  }
  lockrank_none_held(self, "a handshake");
  thread_leave(self, THREAD_DETACHED);
  byte_lock(self, &stop_lock);
  only = target;
  only_found = false;
  request(self, fn, arg, target == NULL);
  bool found = only_found;
  byte_unlock(&stop_lock);
  thread_enter(self);
  return found;
}

void handshake_all(ThreadCore *self, HandshakeFn fn, void *arg) {
  if (fn) fn(self, arg);
  ask(self, NULL, fn, arg);
}

bool handshake_one(ThreadCore *self, ThreadCore *target, HandshakeFn fn, void *arg) {
  if (target != self) return ask(self, target, fn, arg);
  if (fn) fn(self, arg);
  return true;
}

// In the child of a fork by `self`, which has stopped the world.
void stop_fork_child(ThreadCore *self) {
  handshake.fn = NULL;
  atomic_store_relaxed_u32(&final, 0);
  atomic_store_relaxed_u32(&stop_watch, 0);
  atomic_store_relaxed_u32(&resuming, 0);
  atomic_store_relaxed_u32(&stats_lock.word, 0);
}
