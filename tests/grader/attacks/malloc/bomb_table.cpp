// attack: A global array with a constant initialiser of a constexpr function: sixty million elements.
// route: compile bombs
// class: stopped
// verdict: build
// message: constexpr | error:

#include "mm/malloc.h"
#include <array>
constexpr auto table = [] { std::array<unsigned, 1 << 25> a{}; for (unsigned i = 0; i < a.size(); i++) a[i] = i * i; return a; }();
const unsigned &entry(size_t i) { return table[i]; }
