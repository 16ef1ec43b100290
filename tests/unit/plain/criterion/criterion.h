// Criterion's interface, as far as our unit tests use it, for the ThreadSanitizer build: Criterion itself maps memory where
// ThreadSanitizer does not allow it. Each test runs in a process of its own, one after the other; the parent has no threads.
// A failed assertion prints where and what, and ends the test.
#ifndef SKEIN_TESTS_PLAIN_CRITERION_H
#define SKEIN_TESTS_PLAIN_CRITERION_H

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct plain_options {
  void (*init)(void), (*fini)(void);
  int signal, exit_code;
  double timeout;
  bool disabled;
  const char *description;
};

struct plain_test {
  const char *suite, *name;
  void (*run)(void);
  struct plain_options options;
  struct plain_test *next;
};

// What ThreadSanitizer is told, and how it tells: a report fails the test that it comes in.
static volatile int plain_reports;
const char *__tsan_default_options(void);
const char *__tsan_default_suppressions(void);
void __tsan_on_report(void *report);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
const char *__tsan_default_suppressions(void) { return "called_from_lib:liburcu-qsbr.so\n"; }
void __tsan_on_report(void *report) { plain_reports++; }

extern struct plain_test *plain_tests;
__attribute__((weak)) struct plain_test *plain_tests;

#define Test(suite_, name_, ...)                                                                                       \
  static void suite_##_##name_##_body(void);                                                                           \
  __attribute__((constructor)) static void suite_##_##name_##_list(void) {                                             \
    static struct plain_test test = {#suite_, #name_, suite_##_##name_##_body, {__VA_ARGS__}, NULL};                   \
    struct plain_test **at = &plain_tests;                                                                             \
    while (*at) at = &(*at)->next;                                                                                     \
    *at = &test;                                                                                                       \
  }                                                                                                                    \
  static void suite_##_##name_##_body(void)

#define PLAIN_FAIL(what, ...)                                                                                          \
  do {                                                                                                                 \
    fprintf(stderr, "%s:%d: %s ", __FILE__, __LINE__, what);                                                           \
    fprintf(stderr, "" __VA_ARGS__);                                                                                   \
    fputc('\n', stderr);                                                                                               \
    _exit(99);                                                                                                         \
  } while (0)
#define cr_assert(c, ...) do { if (!(c)) PLAIN_FAIL(#c, __VA_ARGS__); } while (0)
#define cr_assert_not(c, ...) cr_assert(!(c), __VA_ARGS__)
#define cr_assert_eq(a, b, ...) cr_assert((a) == (b), __VA_ARGS__)
#define cr_assert_neq(a, b, ...) cr_assert((a) != (b), __VA_ARGS__)
#define cr_assert_lt(a, b, ...) cr_assert((a) < (b), __VA_ARGS__)
#define cr_assert_leq(a, b, ...) cr_assert((a) <= (b), __VA_ARGS__)
#define cr_assert_gt(a, b, ...) cr_assert((a) > (b), __VA_ARGS__)
#define cr_assert_geq(a, b, ...) cr_assert((a) >= (b), __VA_ARGS__)
#define cr_assert_null(a, ...) cr_assert((a) == NULL, __VA_ARGS__)
#define cr_assert_not_null(a, ...) cr_assert((a) != NULL, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) cr_assert(strcmp((a), (b)) == 0, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) cr_assert(strcmp((a), (b)) != 0, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...) cr_assert(memcmp((a), (b), (n)) == 0, __VA_ARGS__)
#define cr_assert_float_eq(a, b, e, ...) cr_assert(fabs((a) - (b)) <= (e), __VA_ARGS__)
#define cr_assert_fail(...) PLAIN_FAIL("failed", __VA_ARGS__)

// Tests left are those whose "suite/name" contains the argument, if there is one.
__attribute__((weak)) int main(int argc, char **argv) {
  int tested = 0, failed = 0;
  for (struct plain_test *t = plain_tests; t; t = t->next) {
    char name[256];
    snprintf(name, sizeof name, "%s/%s", t->suite, t->name);
    if (t->options.disabled || (argc > 1 && !strstr(name, argv[1]))) continue;
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid == 0) {
      alarm(t->options.timeout > 0 ? (unsigned)t->options.timeout * 5 + 1 : 120);
      if (t->options.init) t->options.init();
      t->run();
      if (t->options.fini) t->options.fini();
      exit(plain_reports ? 66 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    bool good = t->options.signal ? WIFSIGNALED(status) && WTERMSIG(status) == t->options.signal
                                  : WIFEXITED(status) && WEXITSTATUS(status) == t->options.exit_code;
    tested++;
    if (!good) {
      failed++;
      printf("[FAIL] %s (status %#x)\n", name, (unsigned)status);
    }
  }
  printf("[====] Tested: %d | Passing: %d | Failing: %d\n", tested, tested - failed, failed);
  return failed != 0;
}

#endif
