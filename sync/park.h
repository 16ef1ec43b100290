// The parking lot: threads wait on any address, the queue is kept elsewhere. Every blocking wait of the runtime ends here.
#ifndef SKEIN_SYNC_PARK_H
#define SKEIN_SYNC_PARK_H

#include "sync/thread.h"

#define PARK_FOREVER UINT64_MAX

typedef enum ParkResult {
  PARK_WOKEN,        // by unpark_*; *token says what the waker left
  PARK_INVALID,      // validate said no: did not wait
  PARK_TIMEOUT,
  PARK_INTERRUPTED,  // thread_interrupt; only with PARK_INTERRUPTIBLE
} ParkResult;

enum { PARK_INTERRUPTIBLE = 1, PARK_STAY_ATTACHED = 2 };
enum { PARK_TOKEN_HANDED = 1 };  // the token of a byte lock that was handed over

// Waits on `address` until unparked. `validate` (may be NULL) runs under the bucket's lock: when it returns false, park returns
// PARK_INVALID at once; a waker who changes what it tests and then unparks cannot be missed. Waits detached (an attached
// `self` is attached again on return); self may be NULL for threads the runtime does not know. `deadline` is monotonic ns
// (sync_now_ns) or PARK_FOREVER. validate must not block or touch objects.
ParkResult park(ThreadCore *self, const void *address, bool (*validate)(void *arg), void *arg, uint64_t deadline,
                unsigned flags, uint32_t *token) MAY_DETACH;

typedef struct UnparkInfo {
  bool found;       // a thread was taken off the queue
  bool more;        // others are still queued on this address
  bool be_fair;     // it has waited long enough: hand it what it waits for
} UnparkInfo;

// Wakes the longest waiting thread. `decide` (may be NULL: token 0) runs under the bucket's lock, also when none waits, and
// returns the token that the woken thread gets: change the lock word there. Returns whether one was woken.
bool unpark_one(const void *address, uint32_t (*decide)(UnparkInfo info, void *arg), void *arg);

// Wakes up to n (all: UINT32_MAX), giving each `token`. Returns how many.
uint32_t unpark_many(const void *address, uint32_t n, uint32_t token);
static inline uint32_t unpark_all(const void *address, uint32_t token) { return unpark_many(address, UINT32_MAX, token); }

// Moves up to n waiters (without waking them) from one address to another: condition variables.
uint32_t unpark_requeue(const void *from, const void *to, uint32_t n);

uint64_t sync_now_ns(void);  // CLOCK_MONOTONIC

// For a thread that vanished in a forked child, or will not run again: was it given PARK_TOKEN_HANDED in its last wait?
bool park_was_handed(const ThreadCore *t);
// The lot's locks, held around a fork (fork.c).
void park_fork_lock(void);
void park_fork_unlock(void);
void park_fork_child(void);

#endif
