// _stat: the bits of a file's mode.
#include <sys/stat.h>
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

typedef struct Constant { const char *name; int64_t value; } Constant;
static const Constant constants[] = {
    {"SF_APPEND", 0x40000}, {"SF_ARCHIVED", 0x10000}, {"SF_DATALESS", 0x40000000}, {"SF_FIRMLINK", 0x800000}, {"SF_IMMUTABLE", 0x20000},
    {"SF_NOUNLINK", 0x100000}, {"SF_SETTABLE", 0xffff0000}, {"SF_SNAPSHOT", 0x200000}, {"ST_ATIME", 7}, {"ST_CTIME", 9}, {"ST_DEV", 2},
    {"ST_GID", 5}, {"ST_INO", 1}, {"ST_MODE", 0}, {"ST_MTIME", 8}, {"ST_NLINK", 3}, {"ST_SIZE", 6}, {"ST_UID", 4}, {"S_ENFMT", 02000},
    {"S_IEXEC", 0100}, {"S_IFBLK", 060000}, {"S_IFCHR", 020000}, {"S_IFDIR", 040000}, {"S_IFDOOR", 0}, {"S_IFIFO", 010000}, {"S_IFLNK", 0120000},
    {"S_IFPORT", 0}, {"S_IFREG", 0100000}, {"S_IFSOCK", 0140000}, {"S_IFWHT", 0}, {"S_IREAD", 0400}, {"S_IRGRP", 040}, {"S_IROTH", 04},
    {"S_IRUSR", 0400}, {"S_IRWXG", 070}, {"S_IRWXO", 07}, {"S_IRWXU", 0700}, {"S_ISGID", 02000}, {"S_ISUID", 04000}, {"S_ISVTX", 01000},
    {"S_IWGRP", 020}, {"S_IWOTH", 02}, {"S_IWRITE", 0200}, {"S_IWUSR", 0200}, {"S_IXGRP", 010}, {"S_IXOTH", 01}, {"S_IXUSR", 0100},
    {"UF_APPEND", 0x4}, {"UF_COMPRESSED", 0x20}, {"UF_DATAVAULT", 0x80}, {"UF_HIDDEN", 0x8000}, {"UF_IMMUTABLE", 0x2}, {"UF_NODUMP", 0x1},
    {"UF_NOUNLINK", 0x10}, {"UF_OPAQUE", 0x8}, {"UF_SETTABLE", 0xffff}, {"UF_TRACKED", 0x40},
};

static int mode_argument(Thread *t, ValueRef v, mode_t *mode) {
    uint64_t n;
    if (arg_uint64(t, v, &n) < 0) return -1;
    if (n > UINT32_MAX) return raise_int(t, OVERFLOW_ERROR, "mode out of range");
    *mode = (mode_t)n;
    return 0;
}
#define TEST(name, condition)                                        \
    NATIVE(name) {                                                   \
        mode_t mode;                                                 \
        return mode_argument(t, args[0], &mode) < 0 ? UNDEF : value_bool(condition); \
    }
TEST(is_directory, S_ISDIR(mode))
TEST(is_character_device, S_ISCHR(mode))
TEST(is_block_device, S_ISBLK(mode))
TEST(is_regular, S_ISREG(mode))
TEST(is_fifo, S_ISFIFO(mode))
TEST(is_link, S_ISLNK(mode))
TEST(is_socket, S_ISSOCK(mode))
TEST(is_other, ((void)mode, false)) // doors, ports and whiteouts: other systems have them

NATIVE(permissions) {
    mode_t mode;
    return mode_argument(t, args[0], &mode) < 0 ? UNDEF : value_int(mode & 07777);
}
NATIVE(format) {
    mode_t mode;
    return mode_argument(t, args[0], &mode) < 0 ? UNDEF : value_int(mode & S_IFMT);
}
NATIVE(filemode) {
    mode_t mode;
    if (mode_argument(t, args[0], &mode) < 0) return UNDEF;
    char text[11] = "?rwxrwxrwx";
    static const struct { mode_t kind; char letter; } kinds[] = {{S_IFREG, '-'}, {S_IFDIR, 'd'}, {S_IFLNK, 'l'}, {S_IFBLK, 'b'}, {S_IFCHR, 'c'}, {S_IFIFO, 'p'}, {S_IFSOCK, 's'}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((mode & S_IFMT) == kinds[i].kind) text[0] = kinds[i].letter;
    for (int i = 0; i < 9; i++)
        if (!(mode & (0400u >> i))) text[i + 1] = '-';
    if (mode & S_ISUID) text[3] = mode & 0100 ? 's' : 'S';
    if (mode & S_ISGID) text[6] = mode & 0010 ? 's' : 'S';
    if (mode & S_ISVTX) text[9] = mode & 0001 ? 't' : 'T';
    return str_from_ascii(t, text, 10);
}
#define ROW(name, function, doc) {name, function, "($module, mode, /)", doc, 0}
static const NativeDef functions[] = {
    ROW("S_ISDIR", is_directory, "Whether it is a directory."), ROW("S_ISCHR", is_character_device, "Whether it is a character device."),
    ROW("S_ISBLK", is_block_device, "Whether it is a block device."), ROW("S_ISREG", is_regular, "Whether it is a regular file."),
    ROW("S_ISFIFO", is_fifo, "Whether it is a pipe."), ROW("S_ISLNK", is_link, "Whether it is a symbolic link."),
    ROW("S_ISSOCK", is_socket, "Whether it is a socket."), ROW("S_ISDOOR", is_other, "Whether it is a door."),
    ROW("S_ISPORT", is_other, "Whether it is an event port."), ROW("S_ISWHT", is_other, "Whether it is a whiteout."),
    ROW("S_IMODE", permissions, "The permission bits."), ROW("S_IFMT", format, "The kind of file."),
    ROW("filemode", filemode, "The mode as ls shows it."), NATIVE_END};

static int exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (module_add_int(t, module, constants[i].name, constants[i].value) < 0) return -1;
    return 0;
}
const ModuleSpec _stat_module = {.name = "_stat", .doc = "The bits of a file's mode.", .functions = functions, .exec = exec};
