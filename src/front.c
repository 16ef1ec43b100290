// Arena, interned names, and the way out for failures.
#include "src/front.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct ArenaChunk {
    ArenaChunk *next;
    char data[];
};

#define CHUNK_SIZE (64u << 10)
#define STACK_RESERVE (256u << 10)  // kept free below the deepest recursion, for libc and signal handlers

static void *arena_more(Front *f, size_t size)
{
    Arena *a = &f->arena;
    size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;
    ArenaChunk *c = room > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *c + room + 8);
    if (!c)
        front_fail(f, FAIL_MEMORY, "out of memory");
    a->bytes += room;
    c->next = a->chunks;
    a->chunks = c;
    char *start = (char *)(((uintptr_t)c->data + 7) & ~(uintptr_t)7);
    if (room == CHUNK_SIZE) {  // a large block does not end the current chunk
        a->at = start + size;
        a->end = start + room;
    }
    return start;
}

void *front_alloc(Front *f, size_t size)
{
    if (size > PTRDIFF_MAX)
        front_fail(f, FAIL_MEMORY, "out of memory");
    size = (size + 7) & ~(size_t)7;
    Arena *a = &f->arena;
    if ((size_t)(a->end - a->at) >= size) {
        void *p = a->at;
        a->at += size;
        return p;
    }
    return arena_more(f, size);
}

void *front_array(Front *f, size_t n, size_t size)
{
    if (size && n > PTRDIFF_MAX / size)
        front_fail(f, FAIL_MEMORY, "out of memory");
    return front_alloc(f, n * size);
}

void front_grow(Front *f, void **data, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 8;
    void *p = front_array(f, more, size);
    if (n)
        memcpy(p, *data, n * size);
    *data = p;
    *cap = more;
}

static uint32_t hash_text(const char *s, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h ^ (h >> 15);
}

Chars *front_str(Front *f, const char *s, size_t length)
{
    if (length > INT32_MAX)
        front_fail(f, FAIL_OVERFLOW, "string too long");
    Chars *str = front_alloc(f, sizeof *str + length + 1);
    str->length = (uint32_t)length;
    if (length)
        memcpy(str->s, s, length);
    return str;
}

static void names_rehash(Front *f)
{
    uint32_t size = f->names_size ? f->names_size * 2 : 256;
    Chars **table = NEW_N(f, Chars *, size);
    for (uint32_t i = 0; i < f->names_size; i++)
        if (f->names[i]) {
            uint32_t j = f->names[i]->hash & (size - 1);
            while (table[j])
                j = (j + 1) & (size - 1);
            table[j] = f->names[i];
        }
    f->names = table;
    f->names_size = size;
}

Chars *front_intern(Front *f, const char *s, size_t length)
{
    if (f->names_count * 2 >= f->names_size)
        names_rehash(f);
    uint32_t h = hash_text(s, length), mask = f->names_size - 1, i = h & mask;
    for (; f->names[i]; i = (i + 1) & mask)
        if (f->names[i]->hash == h && f->names[i]->length == length && !memcmp(f->names[i]->s, s, length))
            return f->names[i];
    Chars *str = front_str(f, s, length);
    str->hash = h;
    PUSH(f, &f->name_list, str);
    str->id = (uint32_t)f->name_list.n;
    f->names[i] = str;
    f->names_count++;
    return str;
}

const char *front_format(Front *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char small[512];
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0)
        return format;
    char *out = front_alloc(f, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(out, small, (size_t)n);
    else {
        va_start(args, format);
        vsnprintf(out, (size_t)n + 1, format, args);
        va_end(args);
    }
    return out;
}

void front_init(Front *f, const char *filename, uint32_t flags)
{
    memset(f, 0, sizeof *f);
    f->filename = filename;
    f->flags = flags;
    // The recursion limit is what is left of this thread's stack, but never more than 6 MB of it.
    char *here = __builtin_frame_address(0);
    char *floor = here - (1u << 20);
    pthread_attr_t attr;
    if (!pthread_getattr_np(pthread_self(), &attr)) {
        void *low;
        size_t size;
        if (!pthread_attr_getstack(&attr, &low, &size) && (char *)low < here) {
            floor = (char *)low + STACK_RESERVE;
            if (here - floor > (6 << 20))
                floor = here - (6 << 20);
        }
        pthread_attr_destroy(&attr);
    }
    f->stack_limit = floor;
}

void front_free(Front *f)
{
    for (ArenaChunk *c = f->arena.chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    memset(f, 0, sizeof *f);
}

_Noreturn void front_bail(Front *f)
{
    if (!f->bail) {
        fprintf(stderr, "front end: failure outside of FRONT_TRY: %s\n", f->failure.message);
        abort();
    }
    longjmp(*f->bail, 1);
}

_Noreturn void front_fail(Front *f, FailKind kind, const char *format, ...)
{
    memset(&f->failure, 0, sizeof f->failure);
    f->failure.kind = kind;
    if (kind == FAIL_MEMORY)  // nothing may be allocated
        f->failure.message = format;
    else {
        va_list args;
        va_start(args, format);
        char small[512];
        vsnprintf(small, sizeof small, format, args);
        va_end(args);
        f->failure.message = front_format(f, "%s", small);
    }
    front_bail(f);
}

_Noreturn void front_too_deep(Front *f)
{
    front_fail(f, FAIL_RECURSION, "maximum recursion depth exceeded during compilation");
}
