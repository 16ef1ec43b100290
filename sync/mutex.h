// Locks: the one-byte lock inside an object, and the runtime's own mutexes, which have a rank.
#ifndef SKEIN_SYNC_MUTEX_H
#define SKEIN_SYNC_MUTEX_H

#include "sync/lockrank.h"
#include "sync/park.h"

#define LOCK_HELD   ((uint8_t)1)
#define LOCK_PARKED ((uint8_t)2)  // somebody may be parked: unlock looks

// Order: unlock releases, lock acquires. Waiters spin shortly, then park; a thread that has waited 1 ms is handed the lock.
void byte_lock_slow(ThreadCore *self, _Atomic uint8_t *lock) MAY_DETACH;
void byte_unlock_slow(_Atomic uint8_t *lock);
// As byte_lock, until `deadline` (0: only try); with `interruptible`, thread_interrupt ends the wait.
ParkResult byte_lock_until(ThreadCore *self, _Atomic uint8_t *lock, uint64_t deadline, bool interruptible) MAY_DETACH;

static inline bool byte_trylock(_Atomic uint8_t *lock) {
  uint8_t old = atomic_load_relaxed_u8(lock);
  while (!(old & LOCK_HELD))
    if (atomic_cas_acquire_u8(lock, &old, (uint8_t)(old | LOCK_HELD))) return true;
  return false;
}

// Uncontended: one compare-and-swap. Contended: waits detached, so borrowed values die. self may be NULL.
static inline void byte_lock(ThreadCore *self, _Atomic uint8_t *lock) {
  uint8_t old = 0;
  if (LIKELY(atomic_cas_acquire_u8(lock, &old, LOCK_HELD))) return;
  byte_lock_slow(self, lock);
}

static inline void byte_unlock(_Atomic uint8_t *lock) {
  uint8_t old = LOCK_HELD;
  if (LIKELY(atomic_cas_release_u8(lock, &old, 0))) return;
  byte_unlock_slow(lock);
}

static inline bool byte_is_locked(const _Atomic uint8_t *lock) { return (atomic_load_relaxed_u8(lock) & LOCK_HELD) != 0; }

// A mutex of the runtime. Rules, checked in the checking build: taken in the order of the ranks; never held across a
// safepoint; never taken while the world is stopped. Statically: Mutex m = MUTEX_INIT(LOCKRANK_X).
typedef struct Mutex {
  _Atomic uint8_t word;
  uint8_t rank;
  bool listed;          // (fork's list) known to fork.c
  struct Mutex *next;   // (fork's list)
} Mutex;
#define MUTEX_INIT(r) {0, (r), false, NULL}

void mutex_lock(ThreadCore *self, Mutex *m) MAY_DETACH;
MUST_CHECK bool mutex_trylock(ThreadCore *self, Mutex *m);
void mutex_unlock(ThreadCore *self, Mutex *m);

// Fork takes listed mutexes, so that none is held in the child by a thread that is gone. For mutexes that live for ever.
void mutex_list_for_fork(Mutex *m);
void mutex_fork_stop(ThreadCore *self);   // stops the world at a moment when all listed are free, and takes them
void mutex_fork_release(ThreadCore *self);

// A lock for a few instructions inside sync/: its waiters stay attached and spin or sleep in the kernel, so it is held
// across nothing that waits. Fork takes these too.
typedef struct RawLock { _Atomic uint32_t word; } RawLock;
void rawlock_lock_slow(RawLock *l);
void rawlock_unlock_slow(RawLock *l);
static inline void rawlock_lock(RawLock *l) {
  uint32_t old = 0;
  if (UNLIKELY(!atomic_cas_acquire_u32(&l->word, &old, 1))) rawlock_lock_slow(l);
}
static inline bool rawlock_trylock(RawLock *l) {
  uint32_t old = 0;
  return atomic_cas_acquire_u32(&l->word, &old, 1);
}
static inline void rawlock_unlock(RawLock *l) {
  if (UNLIKELY(atomic_swap_acq_rel_u32(&l->word, 0) == 2)) rawlock_unlock_slow(l);
}

#endif
