// The global lock of GIL mode: a byte lock in the parking lot. A waiter asks the holder to switch after an interval; having
// waited for more than a millisecond by then, it is handed the lock, so a switch is a switch.
#include "sync/gil.h"

#include "sync/mutex.h"
#include "sync/safepoint.h"
#include "sync/thread_state.h"

bool sync_gil_mode;

static _Atomic uint8_t lock;
static _Atomic(ThreadCore *) holder;  // set and cleared by the holder; followed only under the registry lock
static _Atomic uint64_t interval_ns = 5000000;

void gil_set_interval(uint64_t ns) { atomic_store_relaxed_u64(&interval_ns, ns ? ns : 1); }
uint64_t gil_interval(void) { return atomic_load_relaxed_u64(&interval_ns); }
ThreadCore *gil_holder(void) { return atomic_load_relaxed_ptr(&holder); }

void gil_take(ThreadCore *self) {
  while (byte_lock_until(self, &lock, sync_now_ns() + gil_interval(), false) != PARK_WOKEN) {
    // A holder clears `holder` before it can leave the registry.
    rawlock_lock(&thread_registry_lock);
    ThreadCore *h = atomic_load_acquire_ptr(&holder);
    if (h) thread_poke(h, POLL_SWITCH);
    rawlock_unlock(&thread_registry_lock);
  }
  atomic_store_release_ptr(&holder, self);
}

void gil_drop(ThreadCore *self) {
  CHECK(gil_holder() == self, "GIL dropped by %s, held by %p", self->name, (void *)gil_holder());
  atomic_store_release_ptr(&holder, NULL);
  byte_unlock(&lock);
}

void gil_yield(ThreadCore *self) {
  if (atomic_load_relaxed_u8(&lock) == LOCK_HELD) return;  // nobody is parked
  thread_leave(self, THREAD_DETACHED);
  thread_enter(self);
}

// The child's only thread holds it already, if it did before.
void gil_fork_child(ThreadCore *self) {
  atomic_store_relaxed_u8(&lock, LOCK_HELD);
  atomic_store_release_ptr(&holder, self);
}
