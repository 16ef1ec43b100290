// Frozen modules: the table that runtime/lib/freeze wrote, as read-only data. The first link of the executable has none and runs the
// build step; the second has it embedded (Makefile).
#include "runtime/frozen.h"
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "runtime/error.h"
#include "runtime/marshal.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/startup.h"
#include "runtime/sys.h"

// The file's layout: a head, `count` rows, then texts (ended by a NUL) and marshalled code; offsets are from the file's start.
typedef struct FrozenHead { uint32_t magic, count; } FrozenHead;
typedef struct FrozenRow {
    uint32_t name, origin, file;      // offsets of texts; file: below the library's directory
    uint32_t code, code_bytes;
    uint32_t source_bytes;            // the size of the source that it was made of
    uint32_t flags;                   // enum FrozenFlags
} FrozenRow;
enum FrozenFlags { FROZEN_PACKAGE = 1, FROZEN_ESSENTIAL = 2 };

#ifdef FROZEN_FILE
static const uint8_t frozen_data[] __attribute__((aligned(16))) = {
#embed FROZEN_FILE
};
#else
static const FrozenHead frozen_none = {0, 0};
#define frozen_data ((const uint8_t *)&frozen_none)
#endif

static const FrozenHead *head(void) { return (const FrozenHead *)frozen_data; }
static const FrozenRow *rows(void) { return (const FrozenRow *)(frozen_data + sizeof(FrozenHead)); }
static const char *text(uint32_t offset) { return (const char *)frozen_data + offset; }

static _Atomic uint8_t override;   // 0, or 1 always, 2 never

void frozen_override(int use) { atomic_store_relaxed_u8(&override, use > 0 ? 1 : use < 0 ? 2 : 0); }
static bool wanted(const FrozenRow *row) {
    if (row->flags & FROZEN_ESSENTIAL) return true;
    uint8_t mode = atomic_load_relaxed_u8(&override);
    return mode ? mode == 1 : !runtime_config.frozen_modules_off;
}

static bool in_use(const FrozenRow *row) {
    if (!wanted(row)) return false;
    char path[PATH_MAX];
    struct stat st;
    if (row->flags & FROZEN_ESSENTIAL || !*sys_stdlib()) return true;
    int n = snprintf(path, sizeof path, "%s/%s", sys_stdlib(), text(row->file));
    return n > 0 && n < PATH_MAX && stat(path, &st) == 0 && (uint64_t)st.st_size == row->source_bytes;
}

bool frozen_find(ValueRef name, FrozenModule *out) {
    if (!value_is_any_str(name)) return false;
    for (uint32_t i = 0; i < head()->count; i++) {
        const FrozenRow *row = &rows()[i];
        if (!str_equal_text(value_str(name), text(row->name))) continue;
        *out = (FrozenModule){text(row->name), text(row->origin), frozen_data + row->code, row->code_bytes, row->flags & FROZEN_PACKAGE};
        return in_use(row);
    }
    return false;
}

Value frozen_code(Thread *t, const FrozenModule *m) {
    if (head()->magic != marshal_magic()) return raise(t, IMPORT_ERROR, "Frozen object named '%s' is of another build", m->name);
    return marshal_loads_own(t, m->code, m->code_bytes);
}

Value frozen_names(Thread *t) {
    Value list = list_new(t, head()->count);
    for (uint32_t i = 0; list && i < head()->count; i++) {
        const FrozenRow *row = &rows()[i];
        if (!wanted(row)) continue;
        Value name = str_intern_text(t, text(row->name));
        if (!name || list_append(t, value_list(list), name) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
