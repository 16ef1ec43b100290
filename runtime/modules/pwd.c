// pwd: the database of users.
#include <pwd.h>
#include <stdlib.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

typedef struct State { Value type; } State;
static const char *const fields[] = {"pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell", NULL};
static const StructSeqSpec spec = {.name = "pwd.struct_passwd", .doc = "A user.", .fields = fields, .visible = 7};

static Value text(Thread *t, const char *s) { return s ? posix_fs_text(t, s) : NONE; }
static Value make(Thread *t, ValueRef module, const struct passwd *p) {
    Value v[7] = {text(t, p->pw_name), text(t, p->pw_passwd), int_from_int64(t, p->pw_uid), int_from_int64(t, p->pw_gid),
                  text(t, p->pw_gecos), text(t, p->pw_dir), text(t, p->pw_shell)};
    return structseq_new(t, (Type *)value_object(((State *)module_state(module))->type), v);
}
// Looks up by name, or by number where name is NULL. 1 with *out and *room (to be freed), 0 not there, -1.
static int look(Thread *t, const char *name, uid_t uid, struct passwd *out, char **room) {
    size_t size = 1024;
    *room = NULL;
    for (;;) {
        free(*room);
        if (!(*room = malloc(size))) return raise_no_memory(t), -1;
        struct passwd *found = NULL;
        int e;
        if (name) DETACHED(e = getpwnam_r(name, out, *room, size, &found));
        else DETACHED(e = getpwuid_r(uid, out, *room, size, &found));
        if (found) return 1;
        if (e != ERANGE || size > (1 << 24)) return 0;
        size *= 2;
    }
}
NATIVE(pwd_getpwnam) {
    PosixPath p;
    struct passwd entry;
    char *room = NULL;
    Value v = UNDEF;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "getpwnam() argument must be str, not %K", args[0]);
    if (posix_path(t, &p, "getpwnam", "name", args[0], 0) == 0) {
        int found = look(t, p.path, 0, &entry, &room);
        if (found > 0) v = make(t, self, &entry);
        else if (found == 0) raise(t, KEY_ERROR, "getpwnam(): name not found: %R", args[0]);
    }
    free(room);
    posix_path_close(t, &p);
    return v;
}
NATIVE(pwd_getpwuid) {
    uint32_t uid;
    struct passwd entry;
    char *room = NULL;
    if (posix_uid(t, args[0], "uid", &uid) < 0) {
        if (!error_matches(t, EXCEPTION(OVERFLOW_ERROR))) return UNDEF;
        error_clear(t);
        return raise(t, KEY_ERROR, "getpwuid(): uid not found");
    }
    int found = look(t, NULL, uid, &entry, &room);
    Value v = found > 0 ? make(t, self, &entry) : found == 0 ? raise(t, KEY_ERROR, "getpwuid(): uid not found: %R", args[0]) : UNDEF;
    free(room);
    return v;
}
NATIVE(pwd_getpwall) {
    Value list = list_new(t, 0);
    setpwent();
    for (const struct passwd *p; value_bits(list) && (p = getpwent());) {
        Value v = make(t, self, p);
        if (!value_bits(v) || list_append(t, value_list(list), v) < 0) VALUE_CLEAR(t, list);
    }
    endpwent();
    return list;
}
static const NativeDef functions[] = {
    {"getpwuid", pwd_getpwuid, "($module, uidobj, /)", "The user of a number.", 0}, {"getpwnam", pwd_getpwnam, "($module, name, /)", "The user of a name.", 0},
    {"getpwall", pwd_getpwall, "($module, /)", "All users.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) { return posix_structseq(t, module, &((State *)module_state(module))->type, "struct_passwd", &spec); }
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->type, arg); }
const ModuleSpec pwd_module = {.name = "pwd", .doc = "Users.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
