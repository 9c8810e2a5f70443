// attack: A constant expression that takes seconds, and an error behind it: it was compiled once more, to tell of it.
// route: compile bombs
// class: stopped
// verdict: build
// message: ‘nothing’ was not declared

#include "mm/buddy.h"

constexpr unsigned spin(unsigned x)
{
    for (unsigned i = 0; i < 250'000; i++)
        x = x * 31 + i;
    return x;
}
#define spin8(n) static_assert(spin(n) + spin(n + 1) + spin(n + 2) + spin(n + 3) + spin(n + 4) + spin(n + 5) + spin(n + 6) + spin(n + 7) != 1)
spin8(0);
int wrong = nothing;
@REFERENCE@
