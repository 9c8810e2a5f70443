#include <stddef.h>
#include <stdlib.h>

// The few functions of the C and C++ libraries, beside those in string.cpp, that their headers call
// and that a kernel has a use for.

extern "C" {
int abs(int number)
{
    return number < 0 ? -number : number;
}

long labs(long number)
{
    return number < 0 ? -number : number;
}

long long llabs(long long number)
{
    return number < 0 ? -number : number;
}

div_t div(int number, int divisor)
{
    return {number / divisor, number % divisor};
}

ldiv_t ldiv(long number, long divisor)
{
    return {number / divisor, number % divisor};
}

// <strings.h>: the number of the lowest bit that is set, from 1 on; 0 if there is none.
int ffs(int bits)
{
    return __builtin_ffs(bits);
}

int ffsl(long bits)
{
    return __builtin_ffsl(bits);
}

int ffsll(long long bits)
{
    return __builtin_ffsll(bits);
}
}

// std::hash of what is no number. Fowler, Noll, Vo: FNV-1a
namespace std
{
size_t _Fnv_hash_bytes(const void *start, size_t size, size_t hash)
{
    auto bytes = static_cast<const unsigned char *>(start);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619;
    return hash;
}

size_t _Hash_bytes(const void *start, size_t size, size_t seed)
{
    return _Fnv_hash_bytes(start, size, seed ^ 2166136261);
}
} // namespace std
