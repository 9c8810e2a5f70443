#include "mm/pool.h"

#include <stdint.h>

#include "lib/panic.h"

// The free objects are a list: each begins with the address of the next, the pool's state is the
// first of them.

namespace
{

struct free_object {
    free_object *next;
};

void push(pool *p, void *object)
{
    auto first = static_cast<free_object *>(object);
    first->next = static_cast<free_object *>(p->state);
    p->state = first;
}

bool is_an_object(const pool *p, const void *address)
{
    uintptr_t offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(p->memory);
    return offset % p->object_size == 0 && offset / p->object_size < p->count;
}

} // namespace

void pool_init(pool *p, void *memory, size_t object_size, size_t count)
{
    *p = {memory, object_size, count, nullptr};
    for (size_t i = 0; i < count; i++)
        push(p, static_cast<char *>(memory) + i * object_size);
}

void *pool_alloc(pool *p)
{
    auto first = static_cast<free_object *>(p->state);
    if (first)
        p->state = first->next;
    return first;
}

void pool_free(pool *p, void *object)
{
    if (!object)
        return;
    if (!is_an_object(p, object))
        panic("pool_free: no object begins at %p", object);
    push(p, object);
}
