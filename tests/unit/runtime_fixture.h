// For tests of the runtime's C interfaces: brings the runtime up in the test's own process, and runs storms of threads.
#pragma once
#include <criterion/criterion.h>
#include <pthread.h>
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "src/frontend.h"
#include "sync/safepoint.h"

static Thread *T;
static void start_runtime(void) { // starting takes in the standard library's importlib: it must be there
    frontend = &frontend_table;
    runtime_config.no_site = runtime_config.dont_write_bytecode = true;
    runtime_config.int_max_str_digits = -1;
    T = runtime_start();
    cr_assert_not_null(T);
}

// A random number that depends on the seed alone.
static inline uint32_t random_step(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

enum { STORM_THREADS = 4 };
typedef struct Storm {
    void (*step)(Thread *t, ValueRef shared, uint64_t *random, int thread);
    ValueRef shared;
    int steps, number;
    bool failed;
} Storm;
static void *storm_thread(void *arg) {
    Storm *s = arg;
    Thread *t = thread_make("storm");
    thread_attach(&t->core);
    uint64_t random = 12345 + (uint64_t)s->number * 7919;
    for (int i = 0; i < s->steps; i++) {
        s->step(t, s->shared, &random, s->number);
        if (error_pending(t) || poll_check(&t->core) < 0) {
            s->failed = true;
            break;
        }
    }
    thread_unmake(t);
    return NULL;
}
// Runs step(...) on all threads at once, on an object that is published for it. True if no step left an exception.
static inline bool storm(ValueRef shared, int steps, void (*step)(Thread *, ValueRef, uint64_t *, int)) {
    pthread_t threads[STORM_THREADS];
    Storm storms[STORM_THREADS];
    bool ok = true;
    publish_if_needed(T, shared);
    for (int i = 0; i < STORM_THREADS; i++) {
        storms[i] = (Storm){step, shared, steps, i, false};
        cr_assert_eq(pthread_create(&threads[i], NULL, storm_thread, &storms[i]), 0);
    }
    thread_detach(&T->core);
    for (int i = 0; i < STORM_THREADS; i++) pthread_join(threads[i], NULL);
    thread_attach(&T->core);
    for (int i = 0; i < STORM_THREADS; i++) ok &= !storms[i].failed;
    return ok;
}
// (n, n): something that is counted, and whose memory is reused at once when it is freed too early.
static inline Value make_pair(Thread *t, int64_t n) { return tuple_pair(t, value_int(n), value_int(n)); }
static inline void check_pair(ValueRef v) {
    cr_assert(value_is(v, TUPLE), "%#llx is no tuple", (unsigned long long)value_bits(v));
    cr_assert_eq(value_bits(tuple_item(value_tuple(v), 0)), value_bits(tuple_item(value_tuple(v), 1)));
}
