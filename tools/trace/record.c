// Records what a program asks of malloc. Loaded with LD_PRELOAD (see the Makefile); appends a
// struct record to the file $TRACE names for each call that allocates or frees. convert.py reads
// it.
//
// Written at once, unbuffered: a program that ends in _exit or exec loses nothing. The processes of
// a shell share the file; each record tells its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record { // 32 bytes, little-endian
    uint32_t process;
    uint32_t kind; // 'm' malloc and its like, 'r' realloc, 'f' free, 's' a program starts
    uint64_t old;  // the block given to realloc or free
    uint64_t result;
    uint64_t size;
};

static int file = -1;
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static void *(*next_memalign)(size_t, size_t);

static void record(char kind, void *old, void *result, size_t size)
{
    int error = errno;
    struct record r = {getpid(), kind, (uintptr_t)old, (uintptr_t)result, size};
    if (file >= 0 && (kind == 'f' || result || size == 0) && write(file, &r, sizeof r) < 0)
        file = -1;
    errno = error;
}

// dlsym may allocate before it has found anything: that comes from here, and is never freed.
static char early[4096];
static size_t early_used;

static void *early_alloc(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof early - early_used)
        return NULL;
    early_used += size;
    return early + early_used - size;
}

static int is_early(void *block)
{
    return (char *)block >= early && (char *)block < early + sizeof early;
}

__attribute__((constructor)) static void start(void)
{
    static int looking;
    if (next_memalign || looking)
        return;
    looking = 1;
    next_malloc = dlsym(RTLD_NEXT, "malloc");
    next_calloc = dlsym(RTLD_NEXT, "calloc");
    next_realloc = dlsym(RTLD_NEXT, "realloc");
    next_free = dlsym(RTLD_NEXT, "free");
    next_memalign = dlsym(RTLD_NEXT, "memalign");
    const char *path = getenv("TRACE");
    if (path)
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0 && file < 100) { // out of the way of a shell's redirections
        int high = fcntl(file, F_DUPFD_CLOEXEC, 100);
        close(file);
        file = high;
    }
    record('s', NULL, NULL, 0);
}

void *malloc(size_t size)
{
    start();
    if (!next_malloc)
        return early_alloc(size);
    void *block = next_malloc(size);
    record('m', NULL, block, size);
    return block;
}

void *calloc(size_t count, size_t size)
{
    start();
    if (!next_calloc)
        return early_alloc(count * size); // zero, as all static memory
    void *block = next_calloc(count, size);
    record('m', NULL, block, count * size);
    return block;
}

void *realloc(void *old, size_t size)
{
    start();
    if (is_early(old)) {
        size_t most = early + sizeof early - (char *)old;
        void *copy = malloc(size);
        if (copy)
            memcpy(copy, old, size < most ? size : most);
        return copy;
    }
    void *block = next_realloc(old, size);
    record(old ? 'r' : 'm', old, block, size);
    return block;
}

void free(void *block)
{
    start();
    if (!block || is_early(block))
        return;
    record('f', block, NULL, 0); // before it is free, lest another thread be told of it first
    next_free(block);
}

void *memalign(size_t alignment, size_t size)
{
    start();
    void *block = next_memalign(alignment, size);
    record('m', NULL, block, size);
    return block;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    void *block = memalign(alignment, size);
    if (!block)
        return ENOMEM;
    *result = block;
    return 0;
}

void *valloc(size_t size)
{
    return memalign(sysconf(_SC_PAGESIZE), size);
}
