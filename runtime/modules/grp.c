// grp: the database of groups.
#include <grp.h>
#include <stdlib.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

typedef struct State { Value type; } State;
static const char *const fields[] = {"gr_name", "gr_passwd", "gr_gid", "gr_mem", NULL};
static const StructSeqSpec spec = {.name = "grp.struct_group", .doc = "A group.", .fields = fields, .visible = 4};

static Value text(Thread *t, const char *s) { return s ? posix_fs_text(t, s) : NONE; }
static Value make(Thread *t, ValueRef module, const struct group *g) {
    Value members = list_new(t, 0);
    for (char **m = g->gr_mem; value_bits(members) && m && *m; m++) {
        Value name = posix_fs_text(t, *m);
        if (!value_bits(name) || list_append(t, value_list(members), name) < 0) VALUE_CLEAR(t, members);
    }
    Value v[4] = {text(t, g->gr_name), text(t, g->gr_passwd), int_from_int64(t, g->gr_gid), members};
    return structseq_new(t, (Type *)value_object(((State *)module_state(module))->type), v);
}
static int look(Thread *t, const char *name, gid_t gid, struct group *out, char **room) { // as pwd's
    size_t size = 1024;
    *room = NULL;
    for (;;) {
        free(*room);
        if (!(*room = malloc(size))) return raise_no_memory(t), -1;
        struct group *found = NULL;
        int e;
        if (name) DETACHED(e = getgrnam_r(name, out, *room, size, &found));
        else DETACHED(e = getgrgid_r(gid, out, *room, size, &found));
        if (found) return 1;
        if (e != ERANGE || size > (1 << 24)) return 0;
        size *= 2;
    }
}
NATIVE(grp_getgrnam) {
    PosixPath p;
    struct group entry;
    char *room = NULL;
    Value v = UNDEF;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "getgrnam() argument 'name' must be str, not %K", args[0]);
    if (posix_path(t, &p, "getgrnam", "name", args[0], 0) == 0) {
        int found = look(t, p.path, 0, &entry, &room);
        if (found > 0) v = make(t, self, &entry);
        else if (found == 0) raise(t, KEY_ERROR, "getgrnam(): name not found: %R", args[0]);
    }
    free(room);
    posix_path_close(t, &p);
    return v;
}
NATIVE(grp_getgrgid) {
    uint32_t gid;
    struct group entry;
    char *room = NULL;
    if (posix_uid(t, args[0], "gid", &gid) < 0) {
        if (!error_matches(t, EXCEPTION(OVERFLOW_ERROR))) return UNDEF;
        error_clear(t);
        return raise(t, KEY_ERROR, "getgrgid(): gid not found");
    }
    int found = look(t, NULL, gid, &entry, &room);
    Value v = found > 0 ? make(t, self, &entry) : found == 0 ? raise(t, KEY_ERROR, "getgrgid(): gid not found: %R", args[0]) : UNDEF;
    free(room);
    return v;
}
NATIVE(grp_getgrall) {
    Value list = list_new(t, 0);
    setgrent();
    for (const struct group *g; value_bits(list) && (g = getgrent());) {
        Value v = make(t, self, g);
        if (!value_bits(v) || list_append(t, value_list(list), v) < 0) VALUE_CLEAR(t, list);
    }
    endgrent();
    return list;
}
static const NativeDef functions[] = {
    {"getgrgid", grp_getgrgid, "($module, /, id)", "The group of a number.", 0}, {"getgrnam", grp_getgrnam, "($module, /, name)", "The group of a name.", 0},
    {"getgrall", grp_getgrall, "($module, /)", "All groups.", 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) { return posix_structseq(t, module, &((State *)module_state(module))->type, "struct_group", &spec); }
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->type, arg); }
const ModuleSpec grp_module = {.name = "grp", .doc = "Groups.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};
