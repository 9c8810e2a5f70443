#include <stddef.h>
#include <stdint.h>

#include "lib/string.h"

// std::atomic of 8 bytes and more: what the compiler has no instruction for, it calls by these
// names (GCC's manual, "Atomic Library"). There is one CPU, and whatever interrupts a function of
// this kernel never goes back to it, so plain code is atomic. The memory orders do not matter then.

namespace atomic
{

uint64_t load(const uint64_t *object, int) asm("__atomic_load_8");
void store(uint64_t *object, uint64_t value, int) asm("__atomic_store_8");
uint64_t exchange(uint64_t *object, uint64_t value, int) asm("__atomic_exchange_8");
bool compare_exchange(uint64_t *object, uint64_t *expected, uint64_t value, int,
                      int) asm("__atomic_compare_exchange_8");

uint64_t load(const uint64_t *object, int)
{
    return *object;
}

void store(uint64_t *object, uint64_t value, int)
{
    *object = value;
}

uint64_t exchange(uint64_t *object, uint64_t value, int)
{
    uint64_t before = *object;
    *object = value;
    return before;
}

bool compare_exchange(uint64_t *object, uint64_t *expected, uint64_t value, int, int)
{
    if (*object != *expected) {
        *expected = *object;
        return false;
    }
    *object = value;
    return true;
}

// An operation in its two kinds: which returns what was there, and which returns what came of it.
#define OPERATION(name, result)                                                                    \
    uint64_t fetch_##name(uint64_t *object, uint64_t value, int) asm("__atomic_fetch_" #name "_8"); \
    uint64_t name##_fetch(uint64_t *object, uint64_t value, int) asm("__atomic_" #name "_fetch_8"); \
    uint64_t fetch_##name(uint64_t *object, uint64_t value, int)                                   \
    {                                                                                              \
        uint64_t before = *object;                                                                 \
        *object = result;                                                                          \
        return before;                                                                             \
    }                                                                                              \
    uint64_t name##_fetch(uint64_t *object, uint64_t value, int)                                   \
    {                                                                                              \
        uint64_t before = *object;                                                                 \
        return *object = result;                                                                   \
    }

OPERATION(add, before + value)
OPERATION(sub, before - value)
OPERATION(and, before &value)
OPERATION(or, before | value)
OPERATION(xor, before ^ value)
OPERATION(nand, ~(before & value))

// Objects of any size.
void load(size_t size, const void *object, void *result, int) asm("__atomic_load");
void store(size_t size, void *object, const void *value, int) asm("__atomic_store");
void exchange(size_t size, void *object, const void *value, void *result,
              int) asm("__atomic_exchange");
bool compare_exchange(size_t size, void *object, void *expected, const void *value, int,
                      int) asm("__atomic_compare_exchange");
bool is_lock_free(size_t size, const void *object) asm("__atomic_is_lock_free");

void load(size_t size, const void *object, void *result, int)
{
    memcpy(result, object, size);
}

void store(size_t size, void *object, const void *value, int)
{
    memcpy(object, value, size);
}

void exchange(size_t size, void *object, const void *value, void *result, int)
{
    memcpy(result, object, size);
    memcpy(object, value, size);
}

bool compare_exchange(size_t size, void *object, void *expected, const void *value, int, int)
{
    bool equal = memcmp(object, expected, size) == 0;
    memcpy(equal ? object : expected, equal ? value : object, size);
    return equal;
}

bool is_lock_free(size_t, const void *)
{
    return true;
}

} // namespace atomic
