// The slow path of a poll.
#include "sync/safepoint.h"

#include <sched.h>

#include "sync/gil.h"
#include "sync/lockrank.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/refcount.h"
#include "sync/stop.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

static _Atomic uint64_t fuzz_state;
static _Atomic uint32_t fuzz_odds;

static void set_fuzz(ThreadCore *t, void *arg) { thread_poke(t, POLL_FUZZ); }

void safepoint_fuzz(uint64_t seed, uint32_t odds) {
  atomic_store_relaxed_u64(&fuzz_state, seed);
  atomic_store_relaxed_u32(&fuzz_odds, odds);
  if (odds) thread_each(NULL, set_fuzz, NULL);
}

bool safepoint_is_fuzzed(void) { return atomic_load_relaxed_u32(&fuzz_odds) != 0; }

static void fuzz(ThreadCore *self) {
  uint32_t odds = atomic_load_relaxed_u32(&fuzz_odds);
  if (!odds) {
    atomic_and_relaxed_u64(&self->poll, ~POLL_FUZZ);
    return;
  }
  // splitmix64
  uint64_t z = atomic_add_relaxed_u64(&fuzz_state, 0x9E3779B97F4A7C15ull) + 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  if (z % odds) return;
  if ((z >> 32) % 4 == 0) {  // a whole way out and in: what is held or borrowed across it shows
    thread_leave(self, THREAD_DETACHED);
    sched_yield();
    thread_enter(self);
  } else {
    sched_yield();
  }
}

// Clears a bit. Whoever sets it makes the work visible first, so what is looked at after this is not missed.
static void clear(ThreadCore *self, uint64_t bit) { atomic_and_seq_cst_u64(&self->poll, ~bit); }

int poll_slow(ThreadCore *self) {
  if (stop_is_mine(self)) return 0;
  lockrank_none_held(self, "a safepoint");
  uint64_t bits = atomic_load_seq_cst_u64(&self->poll);
  if (bits & POLL_STOP) {
    clear(self, POLL_STOP);
    if (atomic_load_seq_cst_u32(&stop_pending)) {
      thread_leave(self, THREAD_STOPPED);
      thread_enter(self);
    }
  }
  if (bits & POLL_SWITCH) {
    clear(self, POLL_SWITCH);
    if (self->gil) gil_yield(self);
  }
  if (!self->gil) rcu_quiescent(self);
  if (bits & POLL_GRACE) {
    // Stays up while anybody waits for a grace period. Clearing and then looking again: see rcu.c, raise().
    if (!rcu_grace_active()) {
      clear(self, POLL_GRACE);
      if (rcu_grace_active()) thread_poke(self, POLL_GRACE);
    }
  }
  if (bits & POLL_FLUSH) {
    clear(self, POLL_FLUSH);
    retire_flush(self);
  }
  if (bits & POLL_MERGE) {
    clear(self, POLL_MERGE);
    if (!sync_is_shared()) retire_flush(self);
    ref_merge_drain(self, self->slot);
    retire_drain_done(self, self->slot);
    if (!reaper_running()) finalizer_run(self);
  }
  if (bits & POLL_HANDSHAKE) {  // after the drains: retire_drain relies on it
    clear(self, POLL_HANDSHAKE);
    handshake_serve(self);
  }
  if (bits & POLL_THROTTLE) {
    clear(self, POLL_THROTTLE);
    reaper_throttle(self);
  }
  if (bits & POLL_AWAITED) {
    clear(self, POLL_AWAITED);
    retire_drain_awaited(self);
  }
  if (bits & POLL_FUZZ) fuzz(self);
  bits &= ~POLL_SYNC_BITS;
  if (!bits) return 0;
  clear(self, bits);
  return sync_hooks.poll(self, bits);
}
