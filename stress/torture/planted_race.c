// A race on purpose: two threads write one plain word with no order between them. A ThreadSanitizer run that does not report
// it is blind (GIL mode, missing instrumentation), and its silence about the rest means nothing.
#include "harness.h"

static uint64_t planted;

static void writer(Thread *t) {
  for (int i = 0; i < 1000; i++) planted += pick(t, 7);
}

int main(void) {
  harness_start(false, 1);
  Thread *a = start_thread(main_thread, writer, NULL, "a"), *b = start_thread(main_thread, writer, NULL, "b");
  join_thread(main_thread, a);
  join_thread(main_thread, b);
  printf("planted %s\n", planted ? "race ran" : "nothing");
  return harness_end();
}
