// A race on purpose: two threads write one plain word with no order between them. A ThreadSanitizer run that does not report
// it is blind (GIL mode, missing instrumentation), and its silence about the rest means nothing.
#include "harness.h"

static uint64_t planted;
static _Atomic uint32_t arrived;

static void writer(Thread *t) {
  atomic_add_relaxed_u32(&arrived, 1);
  while (atomic_load_relaxed_u32(&arrived) < 2) {  // relaxed: both run at once, and nothing orders them
    cpu_relax();
    if (poll_check(&t->core) != 0) abort();
  }
  // Both have seen both arrive; nothing from here to the end is a safepoint, so nothing orders them.
  atomic_add_relaxed_u32(&arrived, 1);
  while (atomic_load_relaxed_u32(&arrived) < 4) cpu_relax();
  for (int i = 0; i < 100000; i++) planted += pick(t, 7);
}

int main(void) {
  harness_start(false, 1);
  Thread *a = start_thread(main_thread, writer, NULL, "a"), *b = start_thread(main_thread, writer, NULL, "b");
  join_thread(main_thread, a);
  join_thread(main_thread, b);
  printf("planted %s\n", planted ? "race ran" : "nothing");
  return harness_end();
}
