// The allocator of Kernighan and Ritchie (8.7), for pages that go back: one list of all free blocks
// in the order of their addresses, first fit, joined with its neighbours when a block is freed.
// What is handed out is cleared, byte by byte.
// slow in: instructions

#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <stdint.h>

namespace
{

constexpr size_t page_bytes = 4096;
constexpr uint32_t in_use = 0xA110CA7E, not_in_use = 0xF4EEF4EE;

struct alignas(16) unit {
    uint32_t units; // of the block, this one included
    uint32_t state;
    unit *next;       // free: the next in the list
    uint32_t n_pages; // of the run, in the first unit of one; 0: no run begins here
};

unit *free_list;
size_t pages_kept;
constexpr size_t most_kept = 4;

// What was a run's first unit stays one, wherever blocks begin and end.
unit *run_end(unit *run)
{
    return run + run->n_pages * page_bytes / sizeof(unit);
}

unit *more_memory(size_t units)
{
    size_t n_pages = (units * sizeof(unit) + page_bytes - 1) / page_bytes;
    auto run = static_cast<unit *>(kvmalloc(n_pages));
    if (!run)
        return nullptr;
    run->units = n_pages * page_bytes / sizeof(unit);
    run->n_pages = n_pages;
    run->state = not_in_use;
    return run;
}

bool is_joined(unit *left, unit *right)
{
    return left + left->units == right && right->n_pages == 0;
}

void put(unit *block)
{
    unit *previous = nullptr, *next = free_list;
    while (next && next < block) {
        previous = next;
        next = next->next;
    }
    block->state = not_in_use;
    block->next = next;
    (previous ? previous->next : free_list) = block;
    if (next && is_joined(block, next)) {
        block->units += next->units;
        block->next = next->next;
    }
    if (previous && is_joined(previous, block)) {
        previous->units += block->units;
        previous->next = block->next;
    }
}

// Gives free runs back until few are kept.
void trim()
{
    size_t kept = 0;
    for (unit **link = &free_list; *link;) {
        unit *block = *link;
        bool whole = block->n_pages && block + block->units == run_end(block);
        if (whole && kept + block->n_pages > most_kept) {
            *link = block->next;
            kvfree(block, block->n_pages);
            continue;
        }
        kept += whole ? block->n_pages : 0;
        link = &block->next;
    }
}

unit *header(void *block)
{
    return static_cast<unit *>(block) - 1;
}

unit *cut(unit *block, size_t units)
{
    if (block->units < units + 2)
        return nullptr;
    unit *rest = block + units;
    rest->units = block->units - units;
    rest->n_pages = 0;
    block->units = units;
    return rest;
}

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX - 2 * page_bytes)
        return nullptr;
    size_t units = (size + sizeof(unit) - 1) / sizeof(unit) + 1;
    unit **link = &free_list;
    while (*link && (*link)->units < units)
        link = &(*link)->next;
    unit *block = *link;
    if (block)
        *link = block->next;
    else
        block = more_memory(units);
    if (!block)
        return nullptr;
    if (unit *rest = cut(block, units))
        put(rest);
    block->state = in_use;
    auto bytes = reinterpret_cast<char *>(block + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = 0;
    return bytes;
}

void free(void *memory)
{
    if (!memory)
        return;
    unit *block = header(memory);
    if (block->state != in_use)
        panic("free: %p is not in use", memory);
    put(block);
    trim();
}

void *realloc(void *memory, size_t size)
{
    if (!memory)
        return malloc(size);
    if (size == 0) {
        free(memory);
        return nullptr;
    }
    unit *block = header(memory);
    size_t capacity = (block->units - 1) * sizeof(unit);
    if (size <= capacity) {
        if (unit *rest = cut(block, (size + sizeof(unit) - 1) / sizeof(unit) + 1)) {
            rest->state = in_use;
            free(rest + 1);
        }
        return memory;
    }
    void *copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, memory, capacity);
    free(memory);
    return copy;
}
