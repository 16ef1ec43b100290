// resource: limits and use of the process's resources.
#include <sys/resource.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

typedef struct State { Value type; } State;
static const char *const fields[] = {"ru_utime", "ru_stime", "ru_maxrss", "ru_ixrss", "ru_idrss", "ru_isrss", "ru_minflt", "ru_majflt", "ru_nswap",
                                     "ru_inblock", "ru_oublock", "ru_msgsnd", "ru_msgrcv", "ru_nsignals", "ru_nvcsw", "ru_nivcsw", NULL};
static const StructSeqSpec spec = {.name = "resource.struct_rusage", .doc = "What a process has used.", .fields = fields, .visible = 16};

NATIVE(resource_getrusage) {
    int who;
    struct rusage u;
    if (arg_int(t, args[0], &who) < 0) return UNDEF;
    if (getrusage(who, &u) < 0) {
        if (errno == EINVAL) return raise(t, VALUE_ERROR, "invalid who parameter");
        return posix_error(t);
    }
    const long numbers[] = {u.ru_maxrss, u.ru_ixrss, u.ru_idrss, u.ru_isrss, u.ru_minflt, u.ru_majflt, u.ru_nswap,
                            u.ru_inblock, u.ru_oublock, u.ru_msgsnd, u.ru_msgrcv, u.ru_nsignals, u.ru_nvcsw, u.ru_nivcsw};
    Value v[16] = {float_new(t, (double)u.ru_utime.tv_sec + 1e-6 * (double)u.ru_utime.tv_usec), float_new(t, (double)u.ru_stime.tv_sec + 1e-6 * (double)u.ru_stime.tv_usec)};
    for (int i = 0; i < 14; i++) v[2 + i] = int_from_int64(t, numbers[i]);
    return structseq_new(t, (Type *)value_object(((State *)module_state(self))->type), v);
}
static int limit_number(Thread *t, ValueRef v, rlim_t *out) {
    int64_t n;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (arg_int64(t, v, &n) < 0) return -1;
    *out = (rlim_t)n;
    return 0;
}
static int limits_of(Thread *t, ValueRef v, struct rlimit *out) {
    Value pair = tuple_from_iterable(t, v);
    if (!value_bits(pair)) return -1;
    int status;
    if (value_tuple(pair)->length != 2) status = raise_int(t, VALUE_ERROR, "expected a tuple of 2 integers");
    else status = limit_number(t, tuple_item(value_tuple(pair), 0), &out->rlim_cur) < 0 || limit_number(t, tuple_item(value_tuple(pair), 1), &out->rlim_max) < 0 ? -1 : 0;
    value_release(t, pair);
    return status;
}
static Value limits_pair(Thread *t, const struct rlimit *l) { return tuple_pair(t, int_from_int64(t, (int64_t)l->rlim_cur), int_from_int64(t, (int64_t)l->rlim_max)); }
static int resource_number(Thread *t, ValueRef v, int *out) {
    if (arg_int(t, v, out) < 0) return -1;
    return *out < 0 || *out >= (int)RLIM_NLIMITS ? raise_int(t, VALUE_ERROR, "invalid resource specified") : 0;
}
static Value limit_error(Thread *t) {
    if (errno == EINVAL) return raise(t, VALUE_ERROR, "current limit exceeds maximum limit");
    if (errno == EPERM) return raise(t, VALUE_ERROR, "not allowed to raise maximum limit");
    return posix_error(t);
}
NATIVE(resource_getrlimit) {
    int which;
    struct rlimit l;
    if (resource_number(t, args[0], &which) < 0) return UNDEF;
    return getrlimit((__rlimit_resource_t)which, &l) < 0 ? posix_error(t) : limits_pair(t, &l);
}
NATIVE(resource_setrlimit) {
    int which;
    struct rlimit l;
    if (resource_number(t, args[0], &which) < 0 || limits_of(t, args[1], &l) < 0) return UNDEF;
    return setrlimit((__rlimit_resource_t)which, &l) < 0 ? limit_error(t) : NONE;
}
NATIVE(resource_prlimit) {
    int pid, which;
    struct rlimit l, old;
    bool set = !not_given(args[2]);
    if (arg_int(t, args[0], &pid) < 0 || resource_number(t, args[1], &which) < 0 || (set && limits_of(t, args[2], &l) < 0)) return UNDEF;
    if (prlimit(pid, (__rlimit_resource_t)which, set ? &l : NULL, &old) < 0) return errno == EINVAL ? limit_error(t) : posix_error(t);
    return limits_pair(t, &old);
}
NATIVE(resource_getpagesize) { return value_int(sysconf(_SC_PAGESIZE)); }
static const NativeDef functions[] = {
    {"getrusage", resource_getrusage, "($module, who, /)", NULL, 0}, {"getrlimit", resource_getrlimit, "($module, resource, /)", NULL, 0},
    {"setrlimit", resource_setrlimit, "($module, resource, limits, /)", NULL, 0}, {"prlimit", resource_prlimit, "($module, pid, resource, limits=None, /)", NULL, 0},
    {"getpagesize", resource_getpagesize, "($module, /)", NULL, 0}, NATIVE_END};
#define NUMBER(name) {#name, (int64_t)(name)}
static const struct { const char *name; int64_t value; } numbers[] = {
    NUMBER(RLIMIT_AS), NUMBER(RLIMIT_CORE), NUMBER(RLIMIT_CPU), NUMBER(RLIMIT_DATA), NUMBER(RLIMIT_FSIZE), NUMBER(RLIMIT_MEMLOCK), NUMBER(RLIMIT_MSGQUEUE),
    NUMBER(RLIMIT_NICE), NUMBER(RLIMIT_NOFILE), NUMBER(RLIMIT_NPROC), NUMBER(RLIMIT_OFILE), NUMBER(RLIMIT_RSS), NUMBER(RLIMIT_RTPRIO), NUMBER(RLIMIT_RTTIME),
    NUMBER(RLIMIT_SIGPENDING), NUMBER(RLIMIT_STACK), NUMBER(RLIM_INFINITY), NUMBER(RUSAGE_CHILDREN), NUMBER(RUSAGE_SELF), NUMBER(RUSAGE_THREAD)};
static int exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (module_add_int(t, module, numbers[i].name, numbers[i].value) < 0) return -1;
    if (module_add(t, module, "error", value_dup(t, value_of(EXCEPTION(OS_ERROR)))) < 0) return -1;
    return posix_structseq(t, module, &((State *)module_state(module))->type, "struct_rusage", &spec);
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->type, arg); }
const ModuleSpec resource_module = {
    .name = "resource", .doc = "Limits and use of resources.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
