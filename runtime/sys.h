// The sys module: made first of all modules; other parts of the runtime reach its state through these.
#pragma once
#include "runtime/object.h"

int sys_init(Thread *t);        // fills interp->sys_module, sys_dict; sets sys.modules from interp->modules. 0, -1
int sys_init_paths(Thread *t);  // sys.path, prefixes, executable, stdlib directory: from runtime_config. 0, -1
ValueRef sys_get(Thread *t, const char *name); // borrowed until the next safepoint; UNDEF without an exception where missing
int sys_set(Thread *t, const char *name, Value value_steal);
// Raises an audit event where hooks are set; `args` is consumed. 0, -1.
int sys_audit(Thread *t, const char *event, Value args_tuple_steal);
bool sys_audit_enabled(Thread *t);
// What main put in front of sys.path (the script's directory; "" stands for the current one); "" where it put nothing.
void sys_set_path_0(const char *directory);
const char *sys_path_0(void);
const char *sys_stdlib(void);   // directory of the library's modules; "" where none was found
Value sys_fs_text(Thread *t, const char *bytes); // a str of a file name or argument: UTF-8, surrogateescape
