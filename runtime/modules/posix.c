// posix: what `os` stands on. The functions are in posix_*.c, by subject; here is the module.
#include "runtime/modules/posix.h"

static int add_functions(Thread *t, ValueRef module, const NativeDef *def) {
    Value name = str_intern_text(t, "posix");
    if (!value_bits(name)) return -1;
    int status = 0;
    for (; status == 0 && def->name; def++)
        status = module_add(t, module, def->name, native_function_new(t, def, value_dup(t, module), name, UNDEF));
    value_release(t, name);
    return status;
}
static int exec(Thread *t, ValueRef module) {
    static const NativeDef *const tables[] = {posix_file_functions, posix_stat_functions, posix_dir_functions, posix_fd_functions, posix_process_functions,
                                              posix_spawn_functions, posix_sched_functions, posix_id_functions, posix_conf_functions};
    static int (*const parts[])(Thread *, ValueRef) = {posix_conf_exec, posix_stat_exec, posix_dir_exec, posix_fd_exec, posix_process_exec, posix_sched_exec};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (add_functions(t, module, tables[i]) < 0) return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i](t, module) < 0) return -1;
    Value create = str_intern_text(t, "_create_environ"), environment = value_bits(create) ? call_method_0(t, module, create) : UNDEF;
    value_release(t, create);
    if (module_add(t, module, "environ", environment) < 0) return -1;
    return module_add(t, module, "error", value_dup(t, value_of(EXCEPTION(OS_ERROR))));
}
static void traverse(void *state, VisitFn visit, void *arg) {
    Value *slots = state;
    for (size_t i = 0; i < sizeof(PosixState) / sizeof(Value); i++) visit(&slots[i], arg);
}
const ModuleSpec posix_module = {
    .name = "posix", .doc = "The functions of the operating system.", .exec = exec, .state_size = sizeof(PosixState), .traverse = traverse};
