// posix: the scheduler, namespaces, resources of the machine.
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/startup.h"

static const char *const param_fields[] = {"sched_priority", NULL};
static const StructSeqSpec param_spec = {.name = "posix.sched_param", .doc = "Parameters of a scheduling policy.", .fields = param_fields, .visible = 1};
static const char *const times_fields[] = {"user", "system", "children_user", "children_system", "elapsed", NULL};
static const StructSeqSpec times_spec = {.name = "posix.times_result", .fields = times_fields, .visible = 5};
static const char *const uname_fields[] = {"sysname", "nodename", "release", "version", "machine", NULL};
static const StructSeqSpec uname_spec = {.name = "posix.uname_result", .fields = uname_fields, .visible = 5};

static Value param_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[1];
    if (nargs == 2 && value_is_any_tuple(args[0]) && value_tuple(args[0])->length == 1 && value_is_any_dict(args[1])) given[0] = tuple_item(value_tuple(args[0]), 0); // as copies are made
    else if (args_bind(t, "sched_param", "(sched_priority)", args, nargs, kwnames, given) < 0) return UNDEF;
    Value v[1] = {value_dup(t, given[0])};
    return structseq_new(t, (Type *)value_object(type), v);
}
static int param_of(Thread *t, ValueRef module, ValueRef v, struct sched_param *out) {
    if (value_type(v) != (Type *)value_object(posix_state(module)->sched_param)) return raise_int(t, TYPE_ERROR, "must have a sched_param object");
    int64_t n;
    if (arg_int64(t, tuple_item(value_tuple(v), 0), &n) < 0) return -1;
    if (n > INT32_MAX || n < INT32_MIN) return raise_int(t, OVERFLOW_ERROR, "sched_priority out of range");
    out->sched_priority = (int)n;
    return 0;
}
NATIVE(os_sched_get_priority_max) {
    int policy;
    return arg_int(t, args[0], &policy) < 0 ? UNDEF : posix_number(t, sched_get_priority_max(policy));
}
NATIVE(os_sched_get_priority_min) {
    int policy;
    return arg_int(t, args[0], &policy) < 0 ? UNDEF : posix_number(t, sched_get_priority_min(policy));
}
NATIVE(os_sched_getparam) {
    int pid;
    struct sched_param p;
    if (arg_int(t, args[0], &pid) < 0) return UNDEF;
    if (sched_getparam(pid, &p) < 0) return posix_error(t);
    Value v[1] = {value_int(p.sched_priority)};
    return structseq_new(t, (Type *)value_object(posix_state(self)->sched_param), v);
}
NATIVE(os_sched_getscheduler) {
    int pid;
    return arg_int(t, args[0], &pid) < 0 ? UNDEF : posix_number(t, sched_getscheduler(pid));
}
NATIVE(os_sched_setparam) {
    int pid;
    struct sched_param p;
    if (arg_int(t, args[0], &pid) < 0 || param_of(t, self, args[1], &p) < 0) return UNDEF;
    return posix_done(t, sched_setparam(pid, &p));
}
NATIVE(os_sched_setscheduler) {
    int pid, policy;
    struct sched_param p;
    if (arg_int(t, args[0], &pid) < 0 || arg_int(t, args[1], &policy) < 0 || param_of(t, self, args[2], &p) < 0) return UNDEF;
    return posix_done(t, sched_setscheduler(pid, policy, &p));
}
NATIVE(os_sched_rr_get_interval) {
    int pid;
    struct timespec s;
    if (arg_int(t, args[0], &pid) < 0) return UNDEF;
    return sched_rr_get_interval(pid, &s) < 0 ? posix_error(t) : float_new(t, (double)s.tv_sec + 1e-9 * (double)s.tv_nsec);
}
NATIVE(os_sched_yield) {
    int status;
    DETACHED(status = sched_yield());
    return posix_done(t, status);
}
NATIVE(os_sched_getaffinity) {
    int pid;
    if (arg_int(t, args[0], &pid) < 0) return UNDEF;
    for (int cpus = 1024;; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        size_t size = CPU_ALLOC_SIZE(cpus);
        if (!set) return raise_no_memory(t);
        if (sched_getaffinity(pid, size, set) < 0) {
            int e = errno;
            CPU_FREE(set);
            errno = e;
            if (e == EINVAL && cpus < (1 << 24)) continue;
            return posix_error(t);
        }
        Value list = list_new(t, 0), result = UNDEF;
        for (int i = 0; value_bits(list) && i < cpus; i++)
            if (CPU_ISSET_S((size_t)i, size, set) && list_append(t, value_list(list), value_int(i)) < 0) VALUE_CLEAR(t, list);
        CPU_FREE(set);
        if (value_bits(list)) result = call_1(t, value_of(TYPE_OF(SET)), list);
        value_release(t, list);
        return result;
    }
}
NATIVE(os_sched_setaffinity) {
    int pid, cpus = 1024, status = -1;
    if (arg_int(t, args[0], &pid) < 0) return UNDEF;
    Value items = tuple_from_iterable(t, args[1]);
    if (!value_bits(items)) return UNDEF;
    int64_t n = value_tuple(items)->length;
    int64_t *numbers = calloc((size_t)n + 1, sizeof *numbers);
    cpu_set_t *set = NULL;
    if (!numbers) {
        raise_no_memory(t);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        ValueRef item = tuple_item(value_tuple(items), i);
        if (!value_is_any_int(item)) {
            raise(t, TYPE_ERROR, "expected an iterator of ints, but iterator yielded %T", item);
            goto done;
        }
        if (arg_int64(t, item, &numbers[i]) < 0) goto done;
        if (numbers[i] < 0) {
            raise(t, VALUE_ERROR, "negative CPU number");
            goto done;
        }
        if (numbers[i] > (1 << 24)) {
            raise(t, OVERFLOW_ERROR, "CPU number too large");
            goto done;
        }
        if (numbers[i] >= cpus) cpus = (int)numbers[i] + 1;
    }
    if (!(set = CPU_ALLOC(cpus))) {
        raise_no_memory(t);
        goto done;
    }
    size_t size = CPU_ALLOC_SIZE(cpus);
    CPU_ZERO_S(size, set);
    for (int64_t i = 0; i < n; i++) CPU_SET_S((size_t)numbers[i], size, set);
    status = sched_setaffinity(pid, size, set);
    if (status < 0) posix_error(t);
done:
    if (set) CPU_FREE(set);
    free(numbers);
    value_release(t, items);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(os_unshare) {
    int flags;
    return arg_int(t, args[0], &flags) < 0 ? UNDEF : posix_done(t, unshare(flags));
}
NATIVE(os_setns) {
    int fd, type = 0, status;
    if (posix_fildes(t, args[0], &fd) < 0 || (value_bits(args[1]) && arg_int(t, args[1], &type) < 0)) return UNDEF;
    DETACHED(status = setns(fd, type));
    return posix_done(t, status);
}
NATIVE(os_cpu_count) {
    if (runtime_config.cpu_count > 0) return value_int(runtime_config.cpu_count);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? NONE : value_int(n);
}
NATIVE(os_getloadavg) {
    double load[3];
    if (getloadavg(load, 3) != 3) return raise(t, OS_ERROR, "Load averages are unobtainable");
    Value v[3] = {float_new(t, load[0]), float_new(t, load[1]), float_new(t, load[2])};
    return tuple_from_values(t, v, 3);
}
NATIVE(os_getpriority) {
    int which, who;
    if (arg_int(t, args[0], &which) < 0 || arg_int(t, args[1], &who) < 0) return UNDEF;
    errno = 0;
    int n = getpriority((__priority_which_t)which, (id_t)who);
    return errno ? posix_error(t) : value_int(n);
}
NATIVE(os_setpriority) {
    int which, who, priority;
    if (arg_int(t, args[0], &which) < 0 || arg_int(t, args[1], &who) < 0 || arg_int(t, args[2], &priority) < 0) return UNDEF;
    return posix_done(t, setpriority((__priority_which_t)which, (id_t)who, priority));
}
NATIVE(os_times) {
    struct tms ticks;
    clock_t now = times(&ticks);
    if (now == (clock_t)-1) return posix_error(t);
    double rate = (double)sysconf(_SC_CLK_TCK);
    Value v[5] = {float_new(t, (double)ticks.tms_utime / rate), float_new(t, (double)ticks.tms_stime / rate), float_new(t, (double)ticks.tms_cutime / rate),
                  float_new(t, (double)ticks.tms_cstime / rate), float_new(t, (double)now / rate)};
    return structseq_new(t, (Type *)value_object(posix_state(self)->times_result), v);
}
NATIVE(os_uname) {
    struct utsname u;
    if (uname(&u) < 0) return posix_error(t);
    Value v[5] = {posix_fs_text(t, u.sysname), posix_fs_text(t, u.nodename), posix_fs_text(t, u.release), posix_fs_text(t, u.version), posix_fs_text(t, u.machine)};
    return structseq_new(t, (Type *)value_object(posix_state(self)->uname_result), v);
}

const NativeDef posix_sched_functions[] = {
    {"sched_get_priority_max", os_sched_get_priority_max, "($module, /, policy)", NULL, 0},
    {"sched_get_priority_min", os_sched_get_priority_min, "($module, /, policy)", NULL, 0},
    {"sched_getparam", os_sched_getparam, "($module, pid, /)", NULL, 0},
    {"sched_getscheduler", os_sched_getscheduler, "($module, pid, /)", NULL, 0},
    {"sched_setparam", os_sched_setparam, "($module, pid, param, /)", NULL, 0},
    {"sched_setscheduler", os_sched_setscheduler, "($module, pid, policy, param, /)", NULL, 0},
    {"sched_rr_get_interval", os_sched_rr_get_interval, "($module, pid, /)", NULL, 0},
    {"sched_yield", os_sched_yield, "($module, /)", NULL, 0},
    {"sched_getaffinity", os_sched_getaffinity, "($module, pid, /)", "The processors that a process may run on.", 0},
    {"sched_setaffinity", os_sched_setaffinity, "($module, pid, mask, /)", NULL, 0},
    {"unshare", os_unshare, "($module, /, flags)", NULL, 0},
    {"setns", os_setns, "($module, /, fd, nstype=0)", NULL, 0},
    {"cpu_count", os_cpu_count, "($module, /)", "How many processors the machine has.", 0},
    {"getloadavg", os_getloadavg, "($module, /)", NULL, 0},
    {"getpriority", os_getpriority, "($module, /, which, who)", NULL, 0},
    {"setpriority", os_setpriority, "($module, /, which, who, priority)", NULL, 0},
    {"times", os_times, "($module, /)", "Times used by the process and its children.", 0},
    {"uname", os_uname, "($module, /)", "What the system is called.", 0},
    NATIVE_END};
int posix_sched_exec(Thread *t, ValueRef module) {
    PosixState *s = posix_state(module);
    if (posix_structseq(t, module, &s->sched_param, "sched_param", &param_spec) < 0) return -1;
    ((Type *)value_object(s->sched_param))->ops.new = param_new; // it takes the priority itself
    return posix_structseq(t, module, &s->times_result, "times_result", &times_spec) < 0 ||
                   posix_structseq(t, module, &s->uname_result, "uname_result", &uname_spec) < 0
               ? -1
               : 0;
}
