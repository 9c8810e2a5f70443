#include "player/lab.h"

#include "mm/pool.h"
#include "player/arena.h"

// The operations of lab 7: one pool, its objects in the player's arena.

namespace
{

pool objects;
uintptr_t begin, end; // of the memory that was lent

// False, and the operation refused, where the scenario has made no pool yet.
bool is_there(call &c)
{
    if (!begin)
        c.refuse("there is no pool yet: init SIZE COUNT");
    return begin;
}

// Says so if the bytes around the memory were written to.
void note_damage(call &c)
{
    note_first_damage(c, {{"damage", arena_damage()}});
}

void init(call &c)
{
    size_t size = c.argument(0), count = c.argument(1);
    if (begin)
        return c.refuse("the pool is there already");
    if (size == 0 || size % 16 != 0 || size > 4096 || count == 0 || count > 4096)
        return c.refuse("SIZE must be a multiple of 16 up to 4096, COUNT from 1 to 4096");
    void *memory = arena_lend(size * count);
    if (!memory)
        return c.refuse("the machine has no room for it");
    begin = reinterpret_cast<uintptr_t>(memory);
    end = begin + size * count;
    if (!c.run([&] { pool_init(&objects, memory, size, count); }))
        return;
    c.address("memory", begin);
    note_damage(c);
}

void alloc(call &c)
{
    void *object = nullptr;
    if (!is_there(c) || !c.run([&] { object = pool_alloc(&objects); }))
        return;
    c.address("address", reinterpret_cast<uintptr_t>(object));
    c.keep(reinterpret_cast<uintptr_t>(object), 0);
    note_damage(c);
}

void free_object(call &c)
{
    if (is_there(c) && c.run([&] { pool_free(&objects, reinterpret_cast<void *>(c.argument(0))); }))
        note_damage(c);
}

// The words from an address on that lie in the memory: what pool_alloc returned may be anywhere.
std::span<uint32_t> words(uintptr_t start, size_t count)
{
    if (start < begin || start >= end || start % 4 != 0)
        return {};
    size_t there = (end - start) / 4;
    return {reinterpret_cast<uint32_t *>(start), count < there ? count : there};
}

void fill(call &c)
{
    if (!is_there(c))
        return;
    auto object = words(c.argument(0), c.argument(1));
    for (uint32_t &word : object)
        word = c.argument(2);
    c.result("words", object.size());
}

void read(call &c)
{
    if (!is_there(c))
        return;
    uint32_t sum = 0;
    for (uint32_t word : words(c.argument(0), c.argument(1)))
        sum = sum * 31 + word;
    c.address("sum", sum);
}

constexpr operation operations[] = {
    {"init SIZE COUNT", "makes a pool of COUNT objects of SIZE bytes", init},
    {"alloc", "takes an object", alloc},
    {"free ADDRESS", "gives an object back", free_object},
    {"fill ADDRESS WORDS VALUE", "writes VALUE to each of the words at an address", fill},
    {"read ADDRESS WORDS", "reads the words at an address: all of them in one number", read},
};

constexpr lab pool_lab{"pool", "Lab 7: a pool of objects", operations};
REGISTER_LAB(pool_lab);

} // namespace
