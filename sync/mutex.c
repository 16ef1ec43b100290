// One-byte locks on the parking lot, the runtime's ranked mutexes, and the raw locks inside sync/.
#include "sync/mutex.h"

#include "sync/futex.h"
#include "sync/stop.h"
#include "sync/thread_state.h"

#define SPINS 60

#define TOKEN_RETRY 0u

static bool still_parked(void *lock) {
  return atomic_load_relaxed_u8((_Atomic uint8_t *)lock) == (LOCK_HELD | LOCK_PARKED);
}

ParkResult byte_lock_until(ThreadCore *self, _Atomic uint8_t *lock, uint64_t deadline, bool interruptible) {
  // Who holds the GIL waits for nobody by looking: the lock's holder does not run.
  for (int spins = self && self->gil && thread_is_attached(self) ? SPINS : 0;;) {
    uint8_t old = atomic_load_relaxed_u8(lock);
    if (!(old & LOCK_HELD)) {
      if (atomic_cas_acquire_u8(lock, &old, (uint8_t)(old | LOCK_HELD))) return PARK_WOKEN;
      continue;
    }
    if (deadline == 0) return PARK_TIMEOUT;
    if (spins < SPINS && !(old & LOCK_PARKED)) {
      // Twice as long each time: every look takes the line away from the holder.
      for (int i = 0; i <= spins; i++) cpu_relax();
      spins += spins + 1;
      continue;
    }
    if (!(old & LOCK_PARKED) && !atomic_cas_relaxed_u8(lock, &old, (uint8_t)(old | LOCK_PARKED))) continue;
    uint32_t token = TOKEN_RETRY;
    if (self) {  // a forked child looks at both: the last wait's token must not be taken for this one's
      self->park.token = TOKEN_RETRY;
      atomic_store_release_ptr(&self->lock_in_hand[1], lock);
    }
    ParkResult r = park(self, lock, still_parked, (void *)lock, deadline, interruptible ? PARK_INTERRUPTIBLE : 0, &token);
    if (self) atomic_store_release_ptr(&self->lock_in_hand[1], (_Atomic uint8_t *)NULL);
    if (r == PARK_WOKEN && token == PARK_TOKEN_HANDED) {
      // Pairs with the unlocker's last store: it left HELD up and woke us with a release on our futex word.
      CHECK(byte_is_locked(lock), "lock %p was handed over but is not held", (void *)lock);
      return PARK_WOKEN;
    }
    if (r == PARK_TIMEOUT || r == PARK_INTERRUPTED) return r;
  }
}

void byte_lock_slow(ThreadCore *self, _Atomic uint8_t *lock) {
  ParkResult r = byte_lock_until(self, lock, PARK_FOREVER, false);
  (void)r;
  CHECK(r == PARK_WOKEN, "byte_lock: waiting ended with %d", (int)r);
}

static uint32_t pass_on(UnparkInfo info, void *arg) {
  _Atomic uint8_t *lock = arg;
  uint8_t parked = info.more ? LOCK_PARKED : 0;
  if (info.found && info.be_fair) {
    atomic_store_release_u8(lock, (uint8_t)(LOCK_HELD | parked));
    return PARK_TOKEN_HANDED;
  }
  atomic_store_release_u8(lock, parked);
  return TOKEN_RETRY;
}

void byte_unlock_slow(_Atomic uint8_t *lock) {
  for (;;) {
    uint8_t old = atomic_load_relaxed_u8(lock);
    CHECK(old & LOCK_HELD, "unlock of %p, which is not locked (%u)", (void *)lock, old);
    if (old & LOCK_PARKED) break;
    if (atomic_cas_release_u8(lock, &old, 0)) return;
  }
  // While HELD and PARKED are both up nobody else writes the byte: pass_on may store.
  unpark_one((const void *)lock, pass_on, (void *)lock);
}

// ---- ranked mutexes ----

static RawLock list_lock;
static Mutex *listed;

void mutex_lock(ThreadCore *self, Mutex *m) {
  lockrank_take(self, m->rank);
  CHECK(!self || !stop_is_mine(self), "mutex %s taken while the world is stopped", lockrank_name(m->rank));
  byte_lock(self, &m->word);
}

bool mutex_trylock(ThreadCore *self, Mutex *m) {
  if (!byte_trylock(&m->word)) return false;
  lockrank_take(self, m->rank);
  return true;
}

void mutex_unlock(ThreadCore *self, Mutex *m) {
  lockrank_drop(self, m->rank);
  byte_unlock(&m->word);
}

void mutex_list_for_fork(Mutex *m) {
  rawlock_lock(&list_lock);
  if (!m->listed) {
    m->listed = true;
    m->next = listed;
    listed = m;
  }
  rawlock_unlock(&list_lock);
}

// A listed mutex may be held by a thread that waits for this very stop to end (it was handed the mutex while it was not
// attached). So: stop, try; and if one is held, let the world go on, wait for that one, try again.
void mutex_fork_stop(ThreadCore *self) {
  for (;;) {
    stop_world(self);
    rawlock_lock(&list_lock);
    Mutex *busy = NULL;
    for (Mutex *m = listed; m && !busy; m = m->next)
      if (!byte_trylock(&m->word)) busy = m;
    if (!busy) return;
    for (Mutex *m = listed; m != busy; m = m->next) byte_unlock(&m->word);
    rawlock_unlock(&list_lock);
    start_world(self);
    byte_lock(self, &busy->word);
    byte_unlock(&busy->word);
  }
}

// The world may still be stopped, or this may be the child.
void mutex_fork_release(ThreadCore *self) {
  for (Mutex *m = listed; m; m = m->next) byte_unlock(&m->word);
  rawlock_unlock(&list_lock);
}

// ---- raw locks: 0 free, 1 held, 2 held and somebody sleeps ----

void rawlock_lock_slow(RawLock *l) {
  for (int i = 0; i < SPINS; i++) {
    uint32_t old = 0;
    if (atomic_load_relaxed_u32(&l->word) == 0 && atomic_cas_acquire_u32(&l->word, &old, 1)) return;
    cpu_relax();
  }
  while (atomic_swap_acq_rel_u32(&l->word, 2) != 0) futex_wait(&l->word, 2, UINT64_MAX);
}

void rawlock_unlock_slow(RawLock *l) { futex_wake(&l->word, 1); }
