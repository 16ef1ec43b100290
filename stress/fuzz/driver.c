// libFuzzer's side of the targets in targets.py: the runtime is started once, and each input goes to the function that
// FUZZ_TARGET names. Built by `make FUZZ=1 fuzz`; stress/fuzz/run runs it.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/startup.h"
#include "src/frontend.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Thread *thread;
static Value target;

static void stop(const char *why) {
    fprintf(stderr, "driver: %s\n", why);
    if (thread && error_pending(thread)) exception_print(thread, error_take(thread), UNDEF);
    _exit(3);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("FUZZ_TARGET");
    if (!name) stop("FUZZ_TARGET names no target");
    runtime_config.executable = "";
    runtime_config.argc = runtime_config.orig_argc = 1;
    runtime_config.argv = runtime_config.orig_argv = *argv;
    runtime_config.int_max_str_digits = -1;
    runtime_config.dont_write_bytecode = true;
    frontend = &frontend_table;
    if (!(thread = runtime_start())) stop("the runtime does not start");
    target = import_attribute(thread, "targets", name); // found by PYTHONPATH
    if (!target) stop("no such target");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Value bytes = bytes_new(thread, data, size), v = bytes ? call_1(thread, target, bytes) : UNDEF;
    if (!v) stop("an exception got out of the target");
    value_release(thread, v);
    value_release(thread, bytes);
    return 0;
}
