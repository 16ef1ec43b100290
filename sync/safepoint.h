// Safepoints: where a thread looks at what others want from it.
#ifndef SKEIN_SYNC_SAFEPOINT_H
#define SKEIN_SYNC_SAFEPOINT_H

#include "sync/thread.h"

// One relaxed load; at every back-edge and call.
static inline bool poll_pending(const ThreadCore *self) {
  return UNLIKELY(atomic_load_relaxed_u64(&self->poll) != 0);
}

// Serves what is pending: stops, handshakes, grace periods, merges, the GIL, then the runtime's bits through hooks.poll.
// 0, or -1 when hooks.poll raised. Borrowed values and facts drawn from privacy are gone afterwards.
MUST_CHECK int poll_slow(ThreadCore *self) NEEDS_ATTACHED MAY_DETACH;

MUST_CHECK static inline int poll_check(ThreadCore *self) { return poll_pending(self) ? poll_slow(self) : 0; }

typedef void (*HandshakeFn)(ThreadCore *target, void *arg);

// Every thread passes a safepoint, where fn (may be NULL) runs once for it: on the thread itself when it is attached, by
// the caller when it is not. For `self` it runs in the call. Returns when all have; happens-before both ways. Counts as a
// safepoint of the caller, who must hold no lock. fn must not block, poll, raise or ask for a handshake or stop.
void handshake_all(ThreadCore *self, HandshakeFn fn, void *arg) NEEDS_ATTACHED MAY_DETACH;

// The same with one thread. False when `target` is not (or no longer) listed; the pointer is only compared until found.
bool handshake_one(ThreadCore *self, ThreadCore *target, HandshakeFn fn, void *arg) NEEDS_ATTACHED MAY_DETACH;

// Time from a request (stop or handshake) until the last thread had left or passed.
typedef struct SafepointStats {
  uint64_t stops, handshakes;  // how many
  uint64_t total_ns, worst_ns; // waiting for others
  uint64_t stopped_ns, worst_stopped_ns; // duration of stops
  char worst_name[16];         // the thread that was last in the worst case
} SafepointStats;
void safepoint_stats(SafepointStats *out);

// Checking build and torture: of all threads' polls, one in `odds` yields the processor or leaves and enters again, drawn from
// `seed`. 0 switches it off.
void safepoint_fuzz(uint64_t seed, uint32_t odds);
bool safepoint_is_fuzzed(void);

#endif
