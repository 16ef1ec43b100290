// Reference counts, slots handed over, grace periods, weak references, finalizers: threads pass objects to each other by
// shared slots (borrowed and counted without a lock), mailboxes (owned references) and weak slots, while threads end and new
// ones take over their slots. No object may be touched after it is freed, and none may be left.
// usage: counts [seed [seconds [threads]]]
#include "harness.h"

#define CELLS 64
#define MAILBOXES 32
#define HAND 24

static _Atomic(Obj *) cells[CELLS];     // shared slots: each holds a counted reference; readers hold nothing
static _Atomic(Obj *) mailboxes[MAILBOXES];  // owned references on their way
static _Atomic(Obj *) weak[CELLS];      // uncounted; emptied when the object dies, whose memory then waits a grace period
static _Atomic uint8_t weak_lock[CELLS];
static _Atomic uint32_t stop_all;
static _Atomic uint64_t upgrades, upgrade_misses, generations;
static uint64_t deadline;

// Weak cells: the destroyer clears the cell that names the object (the runtime's side table does the same).
static void weak_clear(ThreadCore *self, Obj *o) {
  for (int i = 0; i < CELLS; i++) {
    Obj *seen = atomic_load_relaxed_ptr(&weak[i]);
    while (seen == o)
      if (atomic_cas_acq_rel_ptr(&weak[i], &seen, (Obj *)NULL)) break;
  }
}

static void destroy(ThreadCore *self, RefHead *head) {
  Obj *o = (Obj *)head;
  if (atomic_load_relaxed_u8(&head->gc) & GC_WEAKREF) weak_clear(self, o);
  hook_destroy(self, head);
}

static void step(Thread *t, Obj *hand[HAND]) {
  ThreadCore *self = &t->core;
  uint32_t h = pick(t, HAND), c = pick(t, CELLS), m = pick(t, MAILBOXES);
  switch (pick(t, 16)) {
    case 0: case 1: {  // a new object into a shared slot; what was there goes after a grace period
      Obj *o = obj_new(t, random_next(&t->random), pick(t, 8) == 0 ? OBJ_FINALIZER : pick(t, 8) ? OBJ_NEVER_DEFER : 0, true);
      if (pick(t, 4) == 0 && hand[h]) {
        ref_inc(self, &hand[h]->head);
        atomic_store_relaxed_ptr(&o->child, hand[h]);
      }
      Obj *old = atomic_swap_acq_rel_ptr(&cells[c], o);
      if (old) retire_ref(self, &old->head);
      break;
    }
    case 2: case 3: case 4: case 5: {  // read a shared slot: borrow, look, count
      Obj *o = atomic_load_acquire_ptr(&cells[c]);
      if (!o) break;
      obj_verify(o);
      ref_inc(self, &o->head);
      obj_verify(o);
      if (hand[h]) ref_dec(self, &hand[h]->head);
      hand[h] = o;
      break;
    }
    case 6: case 7:
      if (hand[h]) {
        obj_verify(hand[h]);
        ref_dec(self, &hand[h]->head);
        hand[h] = NULL;
      }
      break;
    case 8: case 9: {  // hand a reference over
      Obj *o = atomic_swap_acq_rel_ptr(&mailboxes[m], hand[h]);
      if (o) obj_verify(o);
      hand[h] = o;
      break;
    }
    case 10: {  // a weak reference to what we hold
      if (!hand[h] || (hand[h]->flags & OBJ_FINALIZER)) break;
      if (refhead_owner(&hand[h]->head) >= OWNER_DEFERRED) break;
      byte_lock(self, &weak_lock[c]);
      atomic_or_acq_rel_u8(&hand[h]->head.gc, GC_WEAKREF);
      atomic_store_release_ptr(&weak[c], hand[h]);
      byte_unlock(&weak_lock[c]);
      break;
    }
    case 11: {  // and back
      Obj *o = atomic_load_acquire_ptr(&weak[c]);
      if (!o) break;
      if (ref_try_inc_weak(self, &o->head)) {
        obj_verify(o);
        atomic_add_relaxed_u64(&upgrades, 1);
        if (hand[h]) ref_dec(self, &hand[h]->head);
        hand[h] = o;
      } else {
        atomic_add_relaxed_u64(&upgrade_misses, 1);
      }
      break;
    }
    case 12: {  // a private object, dropped at once
      Obj *o = obj_new(t, 1, 0, false);
      ref_inc(self, &o->head);
      ref_dec(self, &o->head);
      ref_dec(self, &o->head);
      break;
    }
    case 13: {  // a shared slot emptied
      Obj *old = atomic_swap_acq_rel_ptr(&cells[c], (Obj *)NULL);
      if (!old) break;
      if (pick(t, 32) == 0) {
        rcu_expedited(self);
        ref_dec(self, &old->head);
      } else if (pick(t, 8) == 0) {
        retire_ref_awaited(self, &old->head);
      } else {
        retire_ref(self, &old->head);
      }
      break;
    }
    case 14:  // flips; it stays for ever, as nothing here collects
      if (hand[h] && pick(t, 64) == 0) ref_defer(self, &hand[h]->head);
      break;
    case 15:
      if (pick(t, 8) == 0) {
        thread_detach(self);
        thread_attach(self);
      }
      break;
  }
}

static void worker(Thread *t) {
  Obj *hand[HAND] = {0};
  uint32_t steps = 2000 + pick(t, 20000);
  for (uint32_t i = 0; i < steps && !atomic_load_relaxed_u32(&stop_all); i++) {
    step(t, hand);
    if (poll_check(&t->core) != 0) abort();
  }
  for (int i = 0; i < HAND; i++)
    if (hand[i]) ref_dec(&t->core, &hand[i]->head);
}

// Keeps one worker alive, generation after generation: each takes over a slot that another left.
static void keeper(Thread *t) {
  while (!atomic_load_relaxed_u32(&stop_all) && sync_now_ns() < deadline) {
    Thread *w = start_thread(t, worker, NULL, "worker");
    join_thread(t, w);
    atomic_add_relaxed_u64(&generations, 1);
  }
}

int main(int argc, char **argv) {
  uint64_t seed = seed_from(argc, argv);
  deadline = sync_now_ns() + (uint64_t)(seconds_from(argc, argv, 3) * 1e9);
  uint32_t threads = argc > 3 ? (uint32_t)atoi(argv[3]) : 4;
  harness_start(false, seed);
  sync_hooks.destroy = destroy;
  CHECKING(safepoint_fuzz(seed, 32));
  Thread *ks[64];
  for (uint32_t i = 0; i < threads && i < 64; i++) ks[i] = start_thread(main_thread, keeper, NULL, "keeper");
  for (uint32_t i = 0; i < threads && i < 64; i++) join_thread(main_thread, ks[i]);
  ThreadCore *self = &main_thread->core;
  for (int i = 0; i < CELLS; i++) {
    Obj *o = atomic_swap_acq_rel_ptr(&cells[i], (Obj *)NULL);
    if (o) retire_ref(self, &o->head);
  }
  for (int i = 0; i < MAILBOXES; i++) {
    Obj *o = atomic_swap_acq_rel_ptr(&mailboxes[i], (Obj *)NULL);
    if (o) ref_dec(self, &o->head);
  }
  printf("generations %" PRIu64 " slots %u weak upgrades %" PRIu64 " misses %" PRIu64 "\n", atomic_load_relaxed_u64(&generations),
         slot_high(), atomic_load_relaxed_u64(&upgrades), atomic_load_relaxed_u64(&upgrade_misses));
  return harness_end();
}
