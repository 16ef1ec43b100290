// What the files of the sys module share: not for others.
#pragma once
#include "runtime/objects/str_internal.h"
#include "runtime/store.h"

typedef struct SysState {
    Value audit_hooks;         // list, or UNDEF: none were ever added
    Value asyncgen_hooks_type, unraisable_type, flags_type;
    int64_t dlopen_flags;
} SysState;
SysState *sys_state(Thread *t);
extern const NativeDef sys_functions[];
int sys_add_monitoring(Thread *t, ValueRef module); // sys.monitoring (interp/monitor.c)

// sys_hooks.c
#define SYS_FUNCTION(name) Value sys_##name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
SYS_FUNCTION(displayhook);
SYS_FUNCTION(excepthook);
SYS_FUNCTION(unraisablehook);
SYS_FUNCTION(breakpointhook);
SYS_FUNCTION(audit_function);
SYS_FUNCTION(addaudithook);
int64_t int_max_str_digits(void); // objects/int.h
void int_set_max_str_digits(int64_t digits);
