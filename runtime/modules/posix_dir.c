// posix: listing directories: listdir, scandir and its entries.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/alias.h"
#include "sync/mutex.h"

static bool is_dots(const char *name) { return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])); }

// Opens what the argument names. NULL with errno.
static DIR *open_directory(Thread *t, const PosixPath *p) {
    DIR *dir = NULL;
    if (p->path) {
        DETACHED(dir = opendir(p->path));
        return dir;
    }
    DETACHED({
        int fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0 && !(dir = fdopendir(fd))) {
            int e = errno;
            close(fd);
            errno = e;
        }
        if (dir) rewinddir(dir);
    });
    return dir;
}

NATIVE(os_listdir) {
    PosixPath p;
    Value list = UNDEF;
    if (posix_path(t, &p, "listdir", "path", args[0], PATH_FD | PATH_NONE) < 0 || posix_audit(t, "os.listdir", 1, p.given) < 0) goto done;
    DIR *dir = open_directory(t, &p);
    if (!dir) {
        posix_error_path(t, p.given);
        goto done;
    }
    list = list_new(t, 0);
    while (value_bits(list)) {
        struct dirent *entry;
        errno = 0;
        DETACHED(entry = readdir(dir));
        if (!entry) {
            if (errno) {
                posix_error_path(t, p.given);
                VALUE_CLEAR(t, list);
            }
            break;
        }
        if (is_dots(entry->d_name)) continue;
        Value name = posix_name(t, entry->d_name, p.is_bytes);
        if (!value_bits(name) || list_append(t, value_list(list), name) < 0) VALUE_CLEAR(t, list);
    }
    int e = errno;
    if (!p.path) rewinddir(dir);
    closedir(dir);
    errno = e;
done:
    posix_path_close(t, &p);
    return list;
}

// ---- scandir

typedef struct ScandirIterator {
    Container c;
    Value module;
    Value prefix;       // str or bytes before a name; UNDEF: names stand alone (descriptor)
    DIR *dir;           // (lock) NULL: closed
    _Atomic uint8_t lock;
    bool is_bytes, from_fd;
    int fd;             // of the directory that was given, for entries' stat; -1
} ScandirIterator;
typedef struct DirEntry {
    Container c;
    Value module, name, path;
    Value stat_, lstat_;    // (a) stat_results, or UNDEF: not asked yet
    uint64_t inode;
    uint8_t type;           // DT_*
    int dir_fd;             // -1: `path` leads there
} DirEntry;
static ScandirIterator *as_scan(ValueRef v) { return (ScandirIterator *)value_object(v); }
static DirEntry *as_entry(ValueRef v) { return (DirEntry *)value_object(v); }

static Value entry_stat_now(Thread *t, DirEntry *e, bool follow) {
    char *allocated = NULL;
    const char *path = str_fs_path(t, e->dir_fd >= 0 ? e->name : e->path, &allocated);
    if (!path) return UNDEF;
    Value v = posix_stat_fd(t, e->module, e->dir_fd >= 0 ? e->dir_fd : AT_FDCWD, path, -1, follow, e->path);
    free(allocated);
    return v;
}
// The answer is kept: two threads may both ask, and either's answer stays.
static Value entry_lstat(Thread *t, DirEntry *e) {
    Value v = slot_get(t, &e->lstat_);
    if (value_bits(v)) return v;
    v = entry_stat_now(t, e, false);
    if (value_bits(v)) slot_store(t, e, &e->lstat_, value_dup(t, v));
    return v;
}
static Value entry_stat(Thread *t, DirEntry *e, bool follow) {
    if (!follow) return entry_lstat(t, e);
    Value v = slot_get(t, &e->stat_);
    if (value_bits(v)) return v;
    bool link = e->type == DT_LNK;
    if (e->type == DT_UNKNOWN) {
        Value l = entry_lstat(t, e);
        if (!value_bits(l)) return UNDEF;
        link = S_ISLNK((mode_t)value_get_int(tuple_item(value_tuple(l), 0)));
        value_release(t, l);
    }
    v = link ? entry_stat_now(t, e, true) : entry_lstat(t, e);
    if (value_bits(v)) slot_store(t, e, &e->stat_, value_dup(t, v));
    return v;
}
static int entry_is(Thread *t, DirEntry *e, bool follow, mode_t mode) {
    bool known = e->type != DT_UNKNOWN && !(follow && e->type == DT_LNK);
    if (known) {
        int type = mode == S_IFDIR ? DT_DIR : mode == S_IFREG ? DT_REG : DT_LNK;
        return e->type == type;
    }
    Value st = entry_stat(t, e, follow);
    if (!value_bits(st)) {
        if (!error_matches(t, EXCEPTION(FILE_NOT_FOUND_ERROR))) return -1;
        error_clear(t);
        return 0;
    }
    bool yes = ((mode_t)value_get_int(tuple_item(value_tuple(st), 0)) & S_IFMT) == mode;
    value_release(t, st);
    return yes;
}
static Value truth(int answer) { return answer < 0 ? UNDEF : value_bool(answer); }
NATIVE(entry_is_dir) {
    bool follow = true;
    return posix_flag(t, args[0], &follow) < 0 ? UNDEF : truth(entry_is(t, as_entry(self), follow, S_IFDIR));
}
NATIVE(entry_is_file) {
    bool follow = true;
    return posix_flag(t, args[0], &follow) < 0 ? UNDEF : truth(entry_is(t, as_entry(self), follow, S_IFREG));
}
NATIVE(entry_is_symlink) { return truth(entry_is(t, as_entry(self), false, S_IFLNK)); }
NATIVE(entry_is_junction) { return FALSE_VALUE; }
NATIVE(entry_stat_method) {
    bool follow = true;
    return posix_flag(t, args[0], &follow) < 0 ? UNDEF : entry_stat(t, as_entry(self), follow);
}
NATIVE(entry_inode) { return int_from_uint64(t, as_entry(self)->inode); }
NATIVE(entry_fspath) { return slot_get(t, &as_entry(self)->path); }
static Value entry_repr(Thread *t, ValueRef self) { return str_of_format(t, "<DirEntry %R>", as_entry(self)->name); }
static void entry_destroy(Thread *t, Object *o) {
    DirEntry *e = (DirEntry *)o;
    Value *slots[] = {&e->module, &e->name, &e->path, &e->stat_, &e->lstat_};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) value_release(t, *slots[i]);
}
static void entry_traverse(Object *o, VisitFn visit, void *arg) {
    DirEntry *e = (DirEntry *)o;
    Value *slots[] = {&e->module, &e->name, &e->path, &e->stat_, &e->lstat_};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) visit(slots[i], arg);
}
static const NativeDef entry_methods[] = {
    {"is_dir", entry_is_dir, "($self, /, *, follow_symlinks=True)", NULL, 0}, {"is_file", entry_is_file, "($self, /, *, follow_symlinks=True)", NULL, 0},
    {"is_symlink", entry_is_symlink, "($self, /)", NULL, 0}, {"is_junction", entry_is_junction, "($self, /)", NULL, 0},
    {"stat", entry_stat_method, "($self, /, *, follow_symlinks=True)", "What the system knows of it; asked once.", 0},
    {"inode", entry_inode, "($self, /)", NULL, 0}, {"__fspath__", entry_fspath, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS}, NATIVE_END};
static const MemberDef entry_members[] = {
    {"name", offsetof(DirEntry, name), MEMBER_VALUE, false, "Its name alone."}, {"path", offsetof(DirEntry, path), MEMBER_VALUE, false, "Its name with that of the directory."}, MEMBER_END};
static const TypeSpec entry_spec = {
    .name = "posix.DirEntry", .doc = "What scandir() finds.", .size = sizeof(DirEntry), .flags = TYPE_NO_NEW, .ops = {.repr = entry_repr},
    .methods = entry_methods, .members = entry_members, .destroy = entry_destroy, .traverse = entry_traverse};

static void scan_close(Thread *t, ScandirIterator *s) {
    byte_lock(&t->core, &s->lock);
    DIR *dir = s->dir;
    s->dir = NULL;
    byte_unlock(&s->lock);
    if (!dir) return;
    if (s->from_fd) rewinddir(dir);
    DETACHED(closedir(dir));
}
static Value scan_next(Thread *t, ValueRef self) {
    ScandirIterator *s = as_scan(self);
    for (;;) {
        byte_lock(&t->core, &s->lock);
        if (!s->dir) {
            byte_unlock(&s->lock);
            return UNDEF;
        }
        struct dirent *entry;
        errno = 0;
        DETACHED(entry = readdir(s->dir));
        int e = errno;
        if (!entry) {
            byte_unlock(&s->lock);
            scan_close(t, s);
            errno = e;
            return e ? posix_error(t) : UNDEF;
        }
        if (is_dots(entry->d_name)) {
            byte_unlock(&s->lock);
            continue;
        }
        Value name = posix_name(t, entry->d_name, s->is_bytes);
        uint64_t inode = entry->d_ino;
        uint8_t type = entry->d_type;
        byte_unlock(&s->lock);
        Value path = UNDEF;
        if (value_bits(name)) {
            if (!value_bits(s->prefix)) {
                path = value_dup(t, name);
            } else if (s->is_bytes) {
                Bytes *a = value_bytes(s->prefix), *b = value_bytes(name), *both = bytes_alloc(t, a->length + b->length);
                if (both) {
                    memcpy(both->data, a->data, a->length);
                    memcpy(both->data + a->length, b->data, b->length);
                    path = value_of(both);
                }
            } else {
                path = str_concat(t, s->prefix, name);
            }
        }
        DirEntry *d = value_bits(path) ? object_new(t, (Type *)value_object(posix_state(s->module)->dir_entry)) : NULL;
        if (!d) {
            value_release(t, name);
            value_release(t, path);
            return UNDEF;
        }
        slot_init(&d->module, value_dup(t, s->module));
        slot_init(&d->name, name);
        slot_init(&d->path, path);
        d->inode = inode;
        d->type = type;
        d->dir_fd = s->fd;
        return value_of(d);
    }
}
NATIVE(scan_close_method) {
    scan_close(t, as_scan(self));
    return NONE;
}
NATIVE(scan_enter) { return value_dup(t, self); }
NATIVE(scan_exit) {
    scan_close(t, as_scan(self));
    return NONE;
}
static void scan_finalize(Thread *t, ValueRef self) {
    ScandirIterator *s = as_scan(self);
    if (!s->dir) return;
    Value pending = error_take(t);
    if (warn(t, E_RESOURCE_WARNING, 1, "unclosed scandir iterator %R", self) < 0) error_write_unraisable(t, "while finalizing scandir iterator", self);
    if (value_bits(pending)) error_restore(t, pending);
    scan_close(t, s);
}
static void scan_destroy(Thread *t, Object *o) {
    ScandirIterator *s = (ScandirIterator *)o;
    if (s->dir) closedir(s->dir);
    value_release(t, s->module);
    value_release(t, s->prefix);
}
static void scan_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((ScandirIterator *)o)->module, arg);
    visit(&((ScandirIterator *)o)->prefix, arg);
}
static const NativeDef scan_methods[] = {
    {"close", scan_close_method, "($self, /)", NULL, 0}, {"__enter__", scan_enter, "($self, /)", NULL, 0},
    {"__exit__", scan_exit, "($self, /, *args)", NULL, NATIVE_RAW}, NATIVE_END};
static const TypeSpec scan_spec = {
    .name = "posix.ScandirIterator", .size = sizeof(ScandirIterator), .flags = TYPE_NO_NEW | TYPE_HAS_RESOURCE,
    .ops = {.iter = iter_self, .next = scan_next, .finalize = scan_finalize}, .methods = scan_methods, .destroy = scan_destroy, .traverse = scan_traverse};

// "path/" for a path: what stands before each entry's name.
static Value prefix_of(Thread *t, const PosixPath *p) {
    ValueRef given = value_bits(p->owned) ? (ValueRef)p->owned : p->given;
    if (is_none(given)) return str_from_text(t, "./");
    size_t n = strlen(p->path);
    bool slash = !n || p->path[n - 1] == '/';
    if (p->is_bytes) {
        Bytes *b = bytes_alloc(t, n + !slash);
        if (!b) return UNDEF;
        memcpy(b->data, p->path, n);
        if (!slash) b->data[n] = '/';
        return value_of(b);
    }
    if (slash) return str_exact(t, given);
    return str_of_format(t, "%S/", given);
}
NATIVE(os_scandir) {
    PosixPath p;
    ScandirIterator *s = NULL;
    if (posix_path(t, &p, "scandir", "path", args[0], PATH_FD | PATH_NONE) < 0 || posix_audit(t, "os.scandir", 1, p.given) < 0) goto done;
    s = object_new(t, (Type *)value_object(posix_state(self)->scandir_iterator));
    if (!s) goto done;
    slot_init(&s->module, value_dup(t, self));
    s->is_bytes = p.is_bytes;
    s->from_fd = !p.path;
    s->fd = p.path ? -1 : p.fd;
    if (p.path) {
        Value prefix = prefix_of(t, &p);
        if (!value_bits(prefix)) goto fail;
        slot_init(&s->prefix, prefix);
    }
    if (!(s->dir = open_directory(t, &p))) {
        posix_error_path(t, p.given);
        goto fail;
    }
done:
    posix_path_close(t, &p);
    return s ? value_of(s) : UNDEF;
fail:
    object_release(t, s);
    posix_path_close(t, &p);
    return UNDEF;
}

const NativeDef posix_dir_functions[] = {
    {"listdir", os_listdir, "($module, /, path=None)", "The names in a directory.", 0},
    {"scandir", os_scandir, "($module, /, path=None)", "An iterator over the entries of a directory.", 0}, NATIVE_END};
int posix_dir_exec(Thread *t, ValueRef module) {
    PosixState *s = posix_state(module);
    Type *type = module_type(t, module, &s->dir_entry, &entry_spec);
    if (!type || module_add_type(t, module, type) < 0) return -1;
    return module_type(t, module, &s->scandir_iterator, &scan_spec) ? 0 : -1;
}
