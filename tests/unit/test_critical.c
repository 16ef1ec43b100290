#include "tests/unit/sync_world.h"

Test(critical, one_object_is_locked_and_unlocked) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  CriticalSection cs;
  critical_begin(self, &cs, o);
  cr_assert(byte_is_locked(&o->lock));
  critical_end(self, &cs);
  cr_assert_eq(o->lock, 0);
  cr_assert_null(self->critical);
}

Test(critical, two_objects_and_the_same_twice) {
  ThreadCore *self = world_start(false);
  RefHead *a = thing_new(self, true), *b = thing_new(self, true);
  CriticalSection cs;
  critical2_begin(self, &cs, a, b);
  cr_assert(byte_is_locked(&a->lock) && byte_is_locked(&b->lock));
  cr_assert(cs.first < cs.second);
  critical2_end(self, &cs);
  critical2_begin(self, &cs, b, a);
  cr_assert(cs.first < cs.second);
  critical2_end(self, &cs);
  critical2_begin(self, &cs, a, a);
  cr_assert(byte_is_locked(&a->lock));
  critical2_end(self, &cs);
  cr_assert_eq(a->lock + b->lock, 0);
}

Test(critical, section_inside_one_of_the_same_object_changes_nothing) {
  ThreadCore *self = world_start(false);
  RefHead *o = thing_new(self, true);
  CriticalSection outer, inner;
  critical_begin(self, &outer, o);
  critical_begin(self, &inner, o);
  critical_end(self, &inner);
  cr_assert(byte_is_locked(&o->lock));
  critical_end(self, &outer);
  cr_assert_eq(o->lock, 0);
}

Test(critical, detach_lets_go_and_attach_takes_the_innermost_again) {
  ThreadCore *self = world_start(false);
  RefHead *a = thing_new(self, true), *b = thing_new(self, true);
  CriticalSection outer, inner;
  critical_begin(self, &outer, a);
  critical_begin(self, &inner, b);
  thread_detach(self);
  cr_assert_eq(a->lock + b->lock, 0);
  thread_attach(self);
  cr_assert_not(byte_is_locked(&a->lock));
  cr_assert(byte_is_locked(&b->lock));
  critical_end(self, &inner);
  cr_assert(byte_is_locked(&a->lock));
  critical_end(self, &outer);
  cr_assert_eq(a->lock + b->lock, 0);
}

Test(critical, object_locked_by_a_section_two_levels_out_does_not_deadlock) {
  ThreadCore *self = world_start(false);
  RefHead *a = thing_new(self, true), *b = thing_new(self, true);
  CriticalSection one, two, three;
  critical_begin(self, &one, a);
  critical_begin(self, &two, b);
  critical_begin(self, &three, a);
  cr_assert(byte_is_locked(&a->lock));
  critical_end(self, &three);
  cr_assert(byte_is_locked(&b->lock));
  critical_end(self, &two);
  cr_assert(byte_is_locked(&a->lock));
  critical_end(self, &one);
  cr_assert_eq(a->lock + b->lock, 0);
}

static _Atomic uint32_t step;
static void ab(ThreadCore *self, void *arg) {
  RefHead **o = arg;
  CriticalSection one, two;
  critical_begin(self, &one, o[0]);
  atomic_add_seq_cst_u32(&step, 1);
  while (atomic_load_seq_cst_u32(&step) < 2) cpu_relax();
  critical_begin(self, &two, o[1]);
  critical_end(self, &two);
  critical_end(self, &one);
}

Test(critical, opposite_orders_do_not_deadlock) {
  ThreadCore *self = world_start(false);
  RefHead *a = thing_new(self, true), *b = thing_new(self, true), *forth[2] = {a, b}, *back[2] = {b, a};
  Task t, u;
  task_start(self, &t, ab, forth);
  task_start(self, &u, ab, back);
  task_join(self, &t);
  task_join(self, &u);
  cr_assert_eq(a->lock + b->lock, 0);
  sync_shutdown(self);
}

Test(critical, gil_mode_locks_nothing) {
  ThreadCore *self = world_start(true);
  RefHead *a = thing_new(self, true), *b = thing_new(self, true);
  CriticalSection cs;
  critical_begin(self, &cs, a);
  cr_assert_eq(a->lock, 0);
  critical_end(self, &cs);
  critical2_begin(self, &cs, a, b);
  cr_assert_eq(a->lock + b->lock, 0);
  critical2_end(self, &cs);
}
