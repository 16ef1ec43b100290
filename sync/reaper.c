// The reaper and the finalizer thread. Both are ordinary threads with a ThreadCore and a slot; the reaper is attached only
// while it merges, releases or hands batches on, so stops and grace periods treat it like any other.
#include "sync/reaper.h"

#include <stdlib.h>
#include <string.h>

#include "sync/futex.h"
#include "sync/gil.h"
#include "sync/rcu.h"
#include "sync/refcount.h"
#include "sync/retire.h"
#include "sync/safepoint.h"
#include "sync/sched.h"
#include "sync/sync.h"
#include "sync/thread_state.h"

#define PARTIAL_NS 5000000u   // how long an unfinished batch may wait
#define THROTTLE_NS 100000000u
#define RELEASE_STEP 16u      // slots served between two polls
#define REAPER_STACK (1u << 20)

// A thread of ours: sleeps on `signal` until somebody sets it.
typedef struct Service {
  _Atomic uint32_t signal;   // futex: 1 = look at your lists
  _Atomic uint32_t running;  // futex: 0 = ended (or never begun)
  _Atomic uint32_t quit;
  ThreadCore *self;
} Service;

static Service reaper, finalizer;
static RawLock start_lock;
static _Atomic(Slot *) slots_listed;          // Treiber stack, linked by reap_next, taken whole
static _Atomic(RetireBatch *) batches;        // wait for a grace period; taken whole
static _Atomic(RetireBatch *) inflight;       // taken by the reaper, their grace period runs. Read in stops
static _Atomic uint32_t partial;              // somebody has an unfinished batch
static _Atomic uint32_t rounds;               // futex: rounds of the reaper
static _Atomic uint64_t drain_asked, drain_served;
static _Atomic uint32_t drain_word;           // futex: drain_served moved
static _Atomic(MergeNode *) finalizing;       // objects for the finalizer, each with one reference; newest first
static _Atomic uint64_t count_lost;

static void signal_service(Service *s) {
  if (atomic_swap_seq_cst_u32(&s->signal, 1) == 0) futex_wake(&s->signal, 1);
}

bool reaper_running(void) { return atomic_load_acquire_u32(&reaper.running) != 0; }

// ---- what others hand over ----

void reaper_wake_slot(Slot *slot) {
  if (!sync_is_shared()) return;  // served at the next safepoint or attach
  if (atomic_swap_seq_cst_u32(&slot->reap_listed, 1)) return;
  Slot *head = atomic_load_relaxed_ptr(&slots_listed);
  do slot->reap_next = head;
  while (!atomic_cas_seq_cst_ptr(&slots_listed, &head, slot));
  reaper_note_partial();
}

static void push_batches(RetireBatch *chain) {
  RetireBatch *last = chain, *head = atomic_load_relaxed_ptr(&batches);
  while (last->next) last = last->next;
  do last->next = head;
  while (!atomic_cas_seq_cst_ptr(&batches, &head, chain));
}

// Also by a thread that is not attached (a fork's child).
void reaper_take_batches(RetireBatch *chain) {
  push_batches(chain);
  signal_service(&reaper);
}

void reaper_take_farewell(RetireBatch *b) {
  b->next = NULL;
  push_batches(b);
  reaper_note_partial();
}

void reaper_take_batch(RetireBatch *b) {
  b->next = NULL;
  reaper_take_batches(b);
}

void reaper_note_partial(void) {
  if (atomic_load_seq_cst_u32(&partial)) return;
  if (!atomic_swap_seq_cst_u32(&partial, 1)) signal_service(&reaper);
}

static void await_word(ThreadCore *self, _Atomic uint32_t *word, uint32_t value, uint64_t deadline) {
  thread_leave(self, THREAD_DETACHED);
  futex_wait(word, value, deadline);
  thread_enter(self);
}

void reaper_throttle(ThreadCore *self) {
  if (!reaper_running() || self == reaper.self) return;
  uint64_t deadline = sync_now_ns() + THROTTLE_NS;
  while (rcu_over_limit() && sync_now_ns() < deadline) {
    uint32_t seen = atomic_load_seq_cst_u32(&rounds);
    signal_service(&reaper);
    await_word(self, &rounds, seen, deadline);
  }
}

void reaper_drain(ThreadCore *self) {
  if (!reaper_running()) return;
  CHECK(self != reaper.self, "the reaper waits for itself");
  uint64_t ticket = atomic_add_seq_cst_u64(&drain_asked, 1) + 1;
  signal_service(&reaper);
  for (;;) {
    uint32_t seen = atomic_load_seq_cst_u32(&drain_word);
    if (atomic_load_seq_cst_u64(&drain_served) >= ticket || !reaper_running()) return;
    await_word(self, &drain_word, seen, UINT64_MAX);
  }
}

// ---- the reaper ----

static bool serve_slots(ThreadCore *self) {
  Slot *s = atomic_swap_seq_cst_ptr(&slots_listed, NULL);
  if (!s) return false;
  thread_enter(self);
  for (unsigned served = 0; s;) {
    Slot *next = s->reap_next;
    // Off the list before looking: who pushes from here on lists it again.
    atomic_store_seq_cst_u32(&s->reap_listed, 0);
    // If a thread is there (or comes now), it looks at its queues itself, after it has the claim.
    if (s == self->slot) {
      ref_merge_bury(self, ref_merge_take(s));
      retire_drain_done(self, s);
    } else if (slot_try_reap(s)) {
      MergeNode *dead = ref_merge_take(s);
      RetireBatch *done = atomic_swap_seq_cst_ptr(&s->done, NULL);
      slot_drop_claim(s);  // frees as itself, not as the slot
      retire_release(self, done);
      ref_merge_bury(self, dead);
    }
    s = next;
    if (++served % RELEASE_STEP == 0 && poll_check(self) != 0) check_fail("hooks.poll raised on the reaper");
  }
  thread_leave(self, THREAD_DETACHED);
  return true;
}

static bool serve_batches(ThreadCore *self) {
  // `inflight` keeps them visible to a collection.
  RetireBatch *chain = atomic_load_acquire_ptr(&inflight);
  if (!chain) {
    // In two steps, and not attached: a stop in between could miss the chain. So the move is made attached.
    if (!atomic_load_seq_cst_ptr(&batches)) return false;
    thread_enter(self);
    chain = atomic_swap_seq_cst_ptr(&batches, NULL);
    atomic_store_release_ptr(&inflight, chain);
    thread_leave(self, THREAD_DETACHED);
  }
  rcu_synchronize();
  thread_enter(self);
  RetireBatch *own = NULL;
  while ((chain = atomic_load_relaxed_ptr(&inflight))) {
    atomic_store_release_ptr(&inflight, chain->next);
    if (chain->slot) {
      slot_push_done(self, chain->slot, chain);
    } else {
      chain->next = own;
      own = chain;
    }
  }
  retire_release(self, own);
  thread_leave(self, THREAD_DETACHED);
  return true;
}

static void flush_idle(ThreadCore *self) {
  thread_enter(self);
  retire_flush_idle(self);
  thread_leave(self, THREAD_DETACHED);
}

// Collects what is unfinished. `partial` is cleared first, then idle slots are claimed, then attached threads told. Whoever begins a
// batch, leaves one in its slot (having dropped the claim) or finds one there (having become ATTACHED) looks at `partial`
// after that: if it still sees it set, it is seen here.
static void flush_partial(ThreadCore *self) {
  atomic_store_seq_cst_u32(&partial, 0);
  flush_idle(self);
  thread_poke_attached(POLL_FLUSH);
}

static void reaper_main(void *arg) {
  ThreadCore *self = arg;
  uint64_t wanted = 0, flush_at = 0;  // 0: nothing is unfinished
  for (unsigned age = 0;;) {
    atomic_store_seq_cst_u32(&reaper.signal, 0);  // before anything is looked at: what comes from here on signals again
    if (atomic_load_relaxed_u64(&drain_served) >= wanted) {
      wanted = atomic_load_seq_cst_u64(&drain_asked);
      age = 0;
      if (atomic_load_relaxed_u64(&drain_served) < wanted) flush_idle(self);
    }
    if (atomic_load_seq_cst_u32(&partial)) {
      uint64_t now = sync_now_ns();
      if (!flush_at) flush_at = now + PARTIAL_NS;
      if (now >= flush_at) {
        flush_at = 0;
        flush_partial(self);
      }
    }
    bool worked = serve_slots(self);
    worked |= serve_batches(self);
    atomic_add_seq_cst_u32(&rounds, 1);
    futex_wake(&rounds, INT_MAX);
    // What was handed over before `wanted` was read has been served when nothing is left, or after three rounds: slots,
    // batches, and the slots that those came back to.
    if (worked && ++age < 3) continue;
    if (atomic_load_relaxed_u64(&drain_served) < wanted) {
      atomic_store_seq_cst_u64(&drain_served, wanted);
      atomic_add_seq_cst_u32(&drain_word, 1);
      futex_wake(&drain_word, INT_MAX);
    }
    if (worked) continue;
    if (atomic_load_seq_cst_u32(&reaper.quit)) break;
    futex_wait(&reaper.signal, 0, flush_at ? flush_at : UINT64_MAX);
  }
  thread_exit(self);
  atomic_store_seq_cst_u32(&reaper.running, 0);
  futex_wake(&reaper.running, INT_MAX);
  atomic_add_seq_cst_u32(&drain_word, 1);
  futex_wake(&drain_word, INT_MAX);
}

// ---- the finalizer ----

void finalizer_hand(ThreadCore *self, RefHead *o) {
  MergeNode *n = malloc(sizeof *n);
  // A shared one belongs to nobody afterwards, so that its last release, by the finalizer, destroys it there and is not
  // queued back to where no Python may run.
  if (refhead_is_shared(o)) ref_revive_merged(o);
  else ref_revive(self, o);
  if (!n) {  // out of memory: stays for ever, with the reference just given
    atomic_add_relaxed_u64(&count_lost, 1);
    return;
  }
  n->object = o;
  MergeNode *head = atomic_load_relaxed_ptr(&finalizing);
  do n->next = head;
  while (!atomic_cas_seq_cst_ptr(&finalizing, &head, n));
  if (atomic_load_acquire_u32(&finalizer.running)) signal_service(&finalizer);
  else thread_poke(self, POLL_MERGE);
}

// The list is newest first, so it is turned round; what is left over stays visible in `turned`.
static _Atomic(MergeNode *) turned;  // oldest first; one thread at a time works here (running_finalizers)
static _Atomic uint32_t running_finalizers;
static _Atomic(ThreadCore *) finalizers_run_by;

void finalizer_run(ThreadCore *self) {
  uint32_t idle = 0;
  if (!atomic_load_relaxed_ptr(&finalizing) && !atomic_load_relaxed_ptr(&turned)) return;
  if (!atomic_cas_acq_rel_u32(&running_finalizers, &idle, 1)) return;  // it sees to ours, too
  atomic_store_relaxed_ptr(&finalizers_run_by, self);
  for (;;) {
    MergeNode *n = atomic_load_relaxed_ptr(&turned);
    if (!n) {
      MergeNode *list = atomic_swap_seq_cst_ptr(&finalizing, NULL);
      while (list) {
        MergeNode *next = list->next;
        list->next = n;
        n = list;
        list = next;
      }
      if (!n) break;
      atomic_store_release_ptr(&turned, n);
    }
    RefHead *o = n->object;
    atomic_store_release_ptr(&turned, n->next);
    free(n);
    sync_hooks.finalize(self, o);
  }
  atomic_store_relaxed_ptr(&finalizers_run_by, NULL);
  atomic_store_seq_cst_u32(&running_finalizers, 0);
  futex_wake(&running_finalizers, INT_MAX);
}

bool finalizer_has_work(void) {
  return atomic_load_seq_cst_ptr(&finalizing) || atomic_load_seq_cst_ptr(&turned) || atomic_load_seq_cst_u32(&running_finalizers);
}

void finalizer_await(ThreadCore *self, uint64_t deadline) {
  if (atomic_load_relaxed_ptr(&finalizers_run_by) == self) return;
  if (!atomic_load_acquire_u32(&finalizer.running)) finalizer_run(self);
  while (atomic_load_acquire_u32(&finalizer.running) && sync_now_ns() < deadline) {
    if (!finalizer_has_work()) return;
    uint32_t works = atomic_load_seq_cst_u32(&running_finalizers);
    if (!works) signal_service(&finalizer);
    await_word(self, &running_finalizers, works, deadline < sync_now_ns() + PARTIAL_NS ? deadline : sync_now_ns() + PARTIAL_NS);
  }
}

static void finalizer_main(void *arg) {
  ThreadCore *self = arg;
  for (;;) {
    atomic_store_seq_cst_u32(&finalizer.signal, 0);
    if (atomic_load_seq_cst_ptr(&finalizing) || atomic_load_seq_cst_ptr(&turned)) {
      thread_enter(self);
      finalizer_run(self);
      thread_leave(self, THREAD_DETACHED);
    }
    if (atomic_load_seq_cst_u32(&finalizer.quit) && !atomic_load_seq_cst_ptr(&finalizing)) break;
    futex_wait(&finalizer.signal, 0, UINT64_MAX);
  }
  thread_exit(self);
  atomic_store_seq_cst_u32(&finalizer.running, 0);
  futex_wake(&finalizer.running, INT_MAX);
}

// ---- start and end ----

static int start_service(Service *s, SchedFn main, const char *name, size_t stack) {
  if (atomic_load_acquire_u32(&s->running)) return 0;
  ThreadCore *t = sync_hooks.thread_new();
  if (!t) return ENOMEM;
  if (thread_init(t, name) != 0) {
    if (sync_hooks.thread_free) sync_hooks.thread_free(t);
    return ENOMEM;
  }
  t->survives = true;
  s->self = t;
  atomic_store_relaxed_u32(&s->quit, 0);
  atomic_store_release_u32(&s->running, 1);
  int error = sched_spawn(NULL, main, t, stack, name);
  if (error) {
    atomic_store_release_u32(&s->running, 0);
    thread_exit(t);
  }
  return error;
}

int reaper_start(void) {
  rawlock_lock(&start_lock);
  int error = start_service(&reaper, reaper_main, "reaper", REAPER_STACK);
  if (!error) error = start_service(&finalizer, finalizer_main, "finalizer", 0);
  rawlock_unlock(&start_lock);
  return error;
}

static void end_service(ThreadCore *self, Service *s) {
  atomic_store_seq_cst_u32(&s->quit, 1);
  signal_service(s);
  thread_leave(self, THREAD_DETACHED);
  while (atomic_load_seq_cst_u32(&s->running)) futex_wait(&s->running, 1, UINT64_MAX);
  thread_enter(self);
}

// One round of everything, by the only thread that is attached or ever will be: nobody borrows anything. What dies may let
// go of more, owned by other slots or with finalizers, so rounds go on until one finds nothing.
static bool drain_alone(ThreadCore *self) {
  retire_flush_awaited(self);
  retire_flush_idle(self);
  RetireBatch *chain = atomic_swap_seq_cst_ptr(&batches, NULL);
  bool worked = chain != NULL;
  retire_release(self, chain);
  for (uint32_t id = 1; id <= slot_high(); id++) {
    Slot *s = slot_at(id);
    bool own = s == self->slot;
    if (!slot_has_work(s) || (!own && !slot_try_reap(s))) continue;
    MergeNode *dead = ref_merge_take(s);
    RetireBatch *done = atomic_swap_seq_cst_ptr(&s->done, NULL);
    if (!own) slot_drop_claim(s);
    retire_release(self, done);
    ref_merge_bury(self, dead);
    worked = true;
  }
  worked |= atomic_load_seq_cst_ptr(&finalizing) != NULL;
  finalizer_run(self);
  return worked;
}

void reaper_stop(ThreadCore *self) {
  if (reaper_running()) {
    retire_drain(self);
    end_service(self, &finalizer);
    retire_drain(self);
    end_service(self, &reaper);
  }
  while (drain_alone(self)) {}
}

void reaper_each(void (*fn)(RefHead *, void *), void *arg) {
  retire_chain_each(atomic_load_acquire_ptr(&batches), fn, arg);
  retire_chain_each(atomic_load_acquire_ptr(&inflight), fn, arg);
  for (MergeNode *n = atomic_load_acquire_ptr(&finalizing); n; n = n->next) fn(n->object, arg);
  for (MergeNode *n = atomic_load_acquire_ptr(&turned); n; n = n->next) fn(n->object, arg);
}

// In the child the two threads are gone. What they had in hand is still on the lists; a slot that the reaper was about to
// serve is listed anew.
void reaper_fork_child(void) {
  bool was = reaper_running();
  atomic_store_relaxed_u32(&reaper.running, 0);
  atomic_store_relaxed_u32(&finalizer.running, 0);
  atomic_store_relaxed_u32(&reaper.signal, 0);
  atomic_store_relaxed_u32(&finalizer.signal, 0);
  atomic_store_relaxed_u32(&running_finalizers, 0);
  atomic_store_relaxed_ptr(&finalizers_run_by, NULL);
  atomic_store_relaxed_u32(&start_lock.word, 0);
  atomic_store_relaxed_ptr(&slots_listed, NULL);
  // Before the services start: they list slots too, and a slot that is listed twice makes the list a ring.
  for (uint32_t id = 1; id <= slot_high(); id++) atomic_store_relaxed_u32(&slot_at(id)->reap_listed, 0);
  if (!was) return;
  int error = reaper_start();
  if (error) check_fail("cannot start the reaper in a forked child: %s", strerror(error));
  for (uint32_t id = 1; id <= slot_high(); id++)
    if (slot_has_work(slot_at(id))) reaper_wake_slot(slot_at(id));
  // Batches lie in the slots of threads that are gone, whatever the old reaper had made of `partial`.
  atomic_store_relaxed_u32(&partial, 1);
  signal_service(&reaper);
  signal_service(&finalizer);
}
