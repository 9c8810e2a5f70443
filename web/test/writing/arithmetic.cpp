// Everything that a compiler makes of whole numbers: buddy_state_size tries the operation UNITS on many pairs of numbers,
// and returns a number that tells what came of all of them. (translate.test.mjs plays it twice.)

#include "mm/buddy.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace
{

uint32_t state;

[[gnu::noinline]] uint32_t random()
{
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

// Numbers of all sizes, and those at which something overflows.
[[gnu::noinline]] uint64_t number()
{
    uint64_t wide = uint64_t{random()} << 32 | random();
    switch (random() % 8) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX - random() % 3;
    case 2:
        return uint64_t{1} << random() % 64;
    case 3:
        return random() % 5;
    case 4:
        return INT64_MAX - random() % 2;
    case 5:
        return random();
    default:
        return wide >> random() % 64;
    }
}

template <typename U, typename S>
[[gnu::noinline]] U tried(size_t operation, U a, U b)
{
    S x = static_cast<S>(a), y = static_cast<S>(b), divisor = y == 0 || y == -1 ? 7 : y;
    constexpr int bits = sizeof(U) * 8;
    int n = static_cast<int>(b % bits);
    switch (operation) {
    case 1: return a + b;
    case 2: return a - b;
    case 3: return a * b;
    case 4: return a / static_cast<U>(divisor);
    case 5: return static_cast<U>(x / divisor);
    case 6: return a % static_cast<U>(divisor);
    case 7: return static_cast<U>(x % divisor);
    case 8: return a << n;
    case 9: return a >> n;
    case 10: return static_cast<U>(x >> n);
    case 11: return std::rotl(a, n);
    case 12: return std::rotr(a, n);
    case 13: return (a & b) + (a | b) * 3 + (a ^ b) * 5;
    case 14: return static_cast<U>(std::popcount(a) + 100 * std::countl_zero(b) + 10000 * std::countr_zero(a));
    case 15: return static_cast<U>((a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b) + 16 * (a == b) + 32 * (a != b));
    case 16: return static_cast<U>((x < y) + 2 * (x <= y) + 4 * (x > y) + 8 * (x >= y) + 16 * !a + 32 * !!b);
    case 17: return std::min(a, b) + std::max(x, y) * 3;
    case 18: return static_cast<U>(static_cast<int8_t>(a) + static_cast<int16_t>(b) * 3 + static_cast<int32_t>(a ^ b) * 5);
    case 19: return x < y ? (a ? a : b) : y > 5 ? a - b : b;
    case 20: return (a << 3) + (b >> 5) + static_cast<U>(x >> 7) + std::rotl(a, 9);
    case 21: return x < 0 ? a >> 1 : a < 1000 ? b : a > 0xffff ? a * 3 : b - 1;
    }
    return a;
}

// By way of memory, in all widths; and of a table of functions.
struct mixed {
    uint8_t byte;
    int16_t half;
    int64_t wide;
    int8_t small;
    uint32_t word;
};

[[gnu::noinline]] uint64_t through(volatile mixed *m, uint64_t a, uint64_t b)
{
    m->byte = static_cast<uint8_t>(a);
    m->half = static_cast<int16_t>(b);
    m->wide = static_cast<int64_t>(a + b);
    m->small = static_cast<int8_t>(b);
    m->word = static_cast<uint32_t>(a);
    return m->byte + static_cast<uint64_t>(m->half) * 3 + m->wide * 5 + m->small * 7 + m->word * uint64_t{11};
}

[[gnu::noinline]] uint64_t sum(uint64_t a, uint64_t b) { return a + b; }
[[gnu::noinline]] uint64_t difference(uint64_t a, uint64_t b) { return a - b; }
uint64_t (*volatile functions[])(uint64_t, uint64_t) = {sum, difference, sum};

[[gnu::noinline]] uint64_t outcome(size_t operation, uint64_t a, uint64_t b)
{
    volatile mixed m;
    if (operation == 22)
        return through(&m, a, b);
    if (operation == 23)
        return functions[a % 3](a, b);
    if (operation > 40)
        return tried<uint32_t, int32_t>(operation - 40, static_cast<uint32_t>(a), static_cast<uint32_t>(b));
    return tried<uint64_t, int64_t>(operation, a, b);
}

} // namespace

size_t buddy_state_size(size_t units)
{
    state = 0x9e3779b9;
    uint64_t all = 0;
    for (int i = 0; i < 500; i++) {
        uint64_t a = number(), b = number();
        all = (all ^ outcome(units, a, b)) * 0x100000001b3;
    }
    return static_cast<size_t>(all ^ all >> 32);
}

void buddy_init(buddy *, size_t, void *) {}
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
