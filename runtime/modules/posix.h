// What the files of posix share. Every system call that may wait runs detached; EINTR is retried after signal handlers ran.
#pragma once
#include <errno.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/structseq.h"
#include "runtime/signals.h"
#include "runtime/sys.h"

typedef struct PosixState {
    Value stat_result, statvfs_result, terminal_size, sched_param, times_result, uname_result, waitid_result; // types
    Value dir_entry, scandir_iterator;
    Value fork_before, fork_child, fork_parent; // lists of callables, or UNDEF
} PosixState;
static inline PosixState *posix_state(ValueRef module) { return module_state(module); }

// Runs a statement detached, keeping errno.
#define DETACHED(...)                      \
    do {                                   \
        thread_detach(&t->core);           \
        __VA_ARGS__;                       \
        int errno_ = errno;                \
        thread_attach(&t->core);           \
        errno = errno_;                    \
    } while (0)
// status = call, detached, again after EINTR unless a signal handler raised: then status is -1 with the exception pending.
#define RETRY(status, call)                          \
    do DETACHED(status = (call));                    \
    while (status == -1 && errno == EINTR && signals_check(t) == 0)

// Raises OSError of errno (unless something is pending already): UNDEF.
Value posix_error(Thread *t);
Value posix_error_path(Thread *t, ValueRef path);
Value posix_error_paths(Thread *t, ValueRef path, ValueRef path2);
static inline Value posix_done(Thread *t, int64_t status) { return status == -1 ? posix_error(t) : NONE; }
static inline Value posix_number(Thread *t, int64_t status) { return status == -1 ? posix_error(t) : int_from_int64(t, status); }

// A path argument. posix_path fills it (0, -1); posix_path_close ends it always.
enum { PATH_FD = 1, PATH_NONE = 2 };
typedef struct PosixPath {
    const char *path;   // NULL where a descriptor or None was given
    int fd;             // -1: none
    bool is_bytes;      // was given as bytes: results are bytes too
    ValueRef given;     // the argument, for errors; NONE
    Value owned;        // what __fspath__ gave
    char *allocated;
} PosixPath;
int posix_path(Thread *t, PosixPath *p, const char *function, const char *argument, ValueRef v, int allowed);
void posix_path_close(Thread *t, PosixPath *p);
int posix_dir_fd(Thread *t, ValueRef v, int *out);       // not given: AT_FDCWD
int posix_fildes(Thread *t, ValueRef v, int *out);       // an int, or something with fileno()
int posix_fd(Thread *t, ValueRef v, int *out);           // an int
int posix_flag(Thread *t, ValueRef v, bool *out);        // not given: leaves *out
int posix_uid(Thread *t, ValueRef v, const char *what, uint32_t *out); // uid or gid: -1 allowed
Value posix_fs_decode(Thread *t, const char *bytes, size_t n);  // the file system's encoding
static inline Value posix_fs_text(Thread *t, const char *text) { return posix_fs_decode(t, text, strlen(text)); }
Value posix_name(Thread *t, const char *text, bool as_bytes);
int posix_audit(Thread *t, const char *event, int n, ...); // n ValueRefs; 0, -1

// Functions of each file, to be added to the module.
extern const NativeDef posix_file_functions[], posix_stat_functions[], posix_dir_functions[], posix_fd_functions[], posix_process_functions[],
    posix_spawn_functions[], posix_sched_functions[], posix_id_functions[], posix_conf_functions[];
int posix_stat_exec(Thread *t, ValueRef module);
int posix_fd_exec(Thread *t, ValueRef module);
int posix_dir_exec(Thread *t, ValueRef module);
int posix_process_exec(Thread *t, ValueRef module);
int posix_sched_exec(Thread *t, ValueRef module);
int posix_conf_exec(Thread *t, ValueRef module);
// Around a fork that another module makes (its caller holds fork.h's preparation): at-fork functions, and the state after it.
void posix_before_fork(Thread *t, ValueRef module);
void posix_after_fork_child(Thread *t, ValueRef module);
void posix_after_fork_parent(Thread *t, ValueRef module);
int posix_warn_about_threads(Thread *t, const char *name); // 0, -1: the warning was raised
int posix_structseq(Thread *t, ValueRef module, Value *slot, const char *name, const StructSeqSpec *spec);

// An array of C strings, for exec and its kin.
typedef struct PosixStrings { char **items; size_t n; } PosixStrings;
int posix_argv(Thread *t, ValueRef sequence, PosixStrings *out);           // strings and paths
int posix_environment(Thread *t, ValueRef mapping, PosixStrings *out);     // "name=value"
void posix_strings_free(PosixStrings *s);
Value posix_stat_fd(Thread *t, ValueRef module, int dir_fd, const char *path, int fd, bool follow, ValueRef given); // a stat_result
