// attack: A loop that is unrolled, copied by switches and jump tables: seconds of optimising, megabytes of code.
// route: compile bombs
// class: stopped
// verdict: build rejected
// message: error | more than

#include "mm/allocation.h"
template <int n> [[gnu::always_inline]] inline unsigned mix(unsigned a, unsigned b)
{
    if constexpr (n == 0)
        return a * b + (a ^ b);
    else
        return mix<n - 1>(a + b, a ^ n) + mix<n - 1>(b * 3 + n, a - b);
}
unsigned mixed(unsigned a, unsigned b) { return mix<20>(a, b); }
