#include "tests/unit/sync_world.h"

Test(refcount, private_object_dies_at_zero_of_its_owner) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, false);
  cr_assert(ref_is_unique_local(self, o));
  cr_assert(ref_is_last(self, o));
  ref_inc(self, o);
  cr_assert_not(ref_is_unique_local(self, o));
  cr_assert_eq(ref_count(o), 2);
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 0);
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 1);
}

Test(refcount, shared_object_that_nobody_else_counted_dies_without_merging) {
  ThreadCore *self = world_start(false);
  ref_dec(self, thing_new(self, true));
  cr_assert_eq(world_destroyed, 1);
  RefStats s;
  ref_stats(&s);
  cr_assert_eq(s.merged, 0);
}

static void inc_only(ThreadCore *self, void *o) { ref_inc(self, o); }
static void dec_only(ThreadCore *self, void *o) { ref_dec(self, o); }

Test(refcount, owner_zero_merges_when_others_hold_references) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  Task t;
  task_start(self, &t, inc_only, o);
  task_join(self, &t);
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 0);
  cr_assert_eq(refhead_owner(o), OWNER_NONE);
  cr_assert_eq(ref_count(o), 1);
  cr_assert(ref_is_last(self, o));
  task_start(self, &t, dec_only, o);
  task_join(self, &t);
  cr_assert_eq(world_destroyed, 1);
  sync_shutdown(self);
}

Test(refcount, release_by_another_thread_is_queued_and_merged_at_the_owners_safepoint) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  RefHead *o = thing_new(self, true);
  Task t;
  task_start(self, &t, dec_only, o);
  while (!(atomic_load_seq_cst_u32(&o->rc_shared) & RC_QUEUED)) cpu_relax();  // attached: the reaper may not have it
  while (!(atomic_load_seq_cst_u64(&self->poll) & POLL_MERGE)) cpu_relax();
  cr_assert_eq(world_destroyed, 0);
  cr_assert_eq(poll_check(self), 0);
  cr_assert_eq(world_destroyed, 1);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(refcount, release_by_another_thread_is_merged_by_the_reaper_while_the_owner_is_away) {
  ThreadCore *self = world_start(false);
  cr_assert_eq(sync_go_shared(self), 0);
  RefHead *o = thing_new(self, true);
  Task t;
  task_start(self, &t, dec_only, o);
  await_word(self, &world_destroyed, 1);
  cr_assert_neq(world_destroyer, self->slot_id);
  task_join(self, &t);
  sync_shutdown(self);
}

Test(refcount, queued_object_survives_while_the_owner_still_holds_it) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  ref_inc(self, o);
  Task t;
  task_start(self, &t, dec_only, o);
  task_join(self, &t);
  retire_drain(self);
  cr_assert_eq(world_destroyed, 0);
  cr_assert_eq(ref_count(o), 1);
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 1);
  sync_shutdown(self);
}

Test(refcount, weak_reference_finds_a_live_object_and_not_a_dead_one) {
  ThreadCore *self = world_start(false);
  Thing dying = {.undeferrable = true};
  refhead_init(&dying.head, SHAPE_SHARED, self->slot_id);
  atomic_store_relaxed_u8(&dying.head.gc, GC_WEAKREF);
  cr_assert(ref_try_inc_weak(self, &dying.head));
  cr_assert_eq(dying.head.rc_local, 2);
  atomic_store_relaxed_u32(&dying.head.rc_shared, RC_MERGED | RC_DEAD);
  atomic_store_relaxed_u16(&dying.head.owner, OWNER_NONE);
  cr_assert_not(ref_try_inc_weak(self, &dying.head));
}

Test(refcount, deferred_object_is_not_counted) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  cr_assert(ref_defer(self, o));
  cr_assert(ref_is_deferred(o));
  cr_assert_eq(world_deferred, 1);
  for (int i = 0; i < 5; i++) ref_dec(self, o);
  cr_assert_eq(world_destroyed, 0);
  cr_assert(ref_defer(self, o));
  cr_assert_eq(world_deferred, 1);
  free(o);
}

Test(refcount, hook_may_refuse_to_defer) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  ((Thing *)o)->undeferrable = true;
  cr_assert_not(ref_defer(self, o));
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 1);
}

static void count_often(ThreadCore *self, void *o) {
  for (int i = 0; i < 10000; i++) {
    ref_inc(self, o);
    ref_dec(self, o);
  }
}

Test(refcount, object_counted_often_by_a_stranger_becomes_deferred) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  Task t;
  task_start(self, &t, count_often, o);
  task_join(self, &t);
  cr_assert(ref_is_deferred(o));
  cr_assert_eq(world_deferred, 1);
  free(o);
  sync_shutdown(self);
}

Test(refcount, bulk_add_past_the_limit_publishes_and_defers) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, false);
  ref_inc_n(self, o, 1000);
  cr_assert_eq(ref_count(o), 1001);
  ref_inc_n(self, o, 3u << 28);
  cr_assert_eq(world_published, 1);
  cr_assert(ref_is_deferred(o));
  free(o);
}

Test(refcount, count_past_the_limit_of_an_undeferrable_object_makes_it_immortal) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  ((Thing *)o)->undeferrable = true;
  ref_inc_n(self, o, 3u << 28);
  cr_assert_eq(refhead_owner(o), OWNER_IMMORTAL);
  free(o);
}

Test(refcount, revived_object_has_one_reference_and_dies_again) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  atomic_store_relaxed_u16(&o->owner, OWNER_NONE);
  o->rc_local = 0;
  atomic_store_relaxed_u32(&o->rc_shared, RC_MERGED | RC_DEAD);
  ref_revive(self, o);
  cr_assert(ref_is_unique_local(self, o));
  ref_dec(self, o);
  cr_assert_eq(world_destroyed, 1);
}
