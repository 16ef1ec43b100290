#include "jit/code_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Blocks come from arenas, each a memory file of its own. A forked child and its parent share the files: neither writes to what there was
// before (it would change the other's code), so that both begin new ones.
enum { ARENA_BYTES = 1 << 20, ALIGNMENT = 16 };
static const uintptr_t REACH = (uintptr_t)1 << 30; // of 2 GB that a jump spans
typedef struct FreeBlock {
    CodeBlock block;
    struct FreeBlock *next;
} FreeBlock;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static CodeBlock arena;     // what is left of the newest one
static FreeBlock *freed;    // of arenas that this process made since the last fork
static size_t used, limit;
static uint32_t age;

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) {
    arena = (CodeBlock){0};
    age++;
    while (freed) { // their pages are the other's too
        FreeBlock *next = freed->next;
        free(freed);
        freed = next;
    }
    pthread_mutex_unlock(&lock);
}

// The executable view, near the program: the places around it are tried one after another.
static char *map_near(int file, size_t bytes) {
    uintptr_t here = (uintptr_t)code_cache_init & ~(uintptr_t)(ARENA_BYTES - 1);
    for (uintptr_t away = 16 * ARENA_BYTES; away < REACH; away += 4 * ARENA_BYTES) {
        for (int side = 0; side < 2; side++) {
            void *at = (void *)(side ? here - away : here + away);
            void *p = mmap(at, bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
            if (p == at) return p;
            if (p != MAP_FAILED) munmap(p, bytes);
        }
    }
    return NULL;
}
static bool new_arena(size_t bytes) {
    bytes = (bytes + ARENA_BYTES - 1) & ~(size_t)(ARENA_BYTES - 1);
    int file = memfd_create("skein-jit", MFD_CLOEXEC);
    if (file < 0) return false;
    char *writable = MAP_FAILED, *executable = NULL;
    if (ftruncate(file, (off_t)bytes) == 0) {
        executable = map_near(file, bytes);
        writable = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    close(file);
    if (!executable || writable == MAP_FAILED) {
        if (executable) munmap(executable, bytes);
        if (writable != MAP_FAILED) munmap(writable, bytes);
        return false;
    }
    arena = (CodeBlock){writable, executable, bytes, age};
    return true;
}

bool code_cache_init(size_t most) {
    limit = most;
    pthread_atfork(before_fork, after_fork, after_fork);
    pthread_mutex_lock(&lock);
    bool ok = new_arena(ARENA_BYTES);
    pthread_mutex_unlock(&lock);
    return ok;
}

static bool take_freed(size_t bytes, CodeBlock *block) {
    for (FreeBlock **at = &freed; *at; at = &(*at)->next) {
        FreeBlock *f = *at;
        if (f->block.bytes < bytes || f->block.bytes > 2 * bytes) continue;
        *block = f->block;
        *at = f->next;
        free(f);
        return true;
    }
    return false;
}
bool code_cache_alloc(size_t bytes, CodeBlock *block) {
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    pthread_mutex_lock(&lock);
    *block = (CodeBlock){0};
    bool ok = used + bytes <= limit && (take_freed(bytes, block) || arena.bytes >= bytes || new_arena(bytes));
    if (ok && !block->executable) {
        *block = (CodeBlock){arena.writable, arena.executable, bytes, age};
        arena.writable += bytes;
        arena.executable += bytes;
        arena.bytes -= bytes;
    }
    if (ok) used += block->bytes;
    pthread_mutex_unlock(&lock);
    return ok;
}
void code_cache_free(CodeBlock block) {
    FreeBlock *f = malloc(sizeof *f);
    pthread_mutex_lock(&lock);
    used -= block.bytes;
    if (f && block.age == age) {
        *f = (FreeBlock){block, freed};
        freed = f;
        f = NULL;
    }
    free(f);
    pthread_mutex_unlock(&lock);
}
size_t code_cache_used(void) {
    pthread_mutex_lock(&lock);
    size_t bytes = used;
    pthread_mutex_unlock(&lock);
    return bytes;
}
