// attack: Inline functions and constants of the standard library, defined otherwise: the linker might take these for the kit's, too.
// route: calls and symbols
// class: stopped
// verdict: build
// message: redefinition of

#include <bits/c++config.h>
namespace std
{
template <typename T> [[gnu::used, gnu::noinline]] const T &min(const T &a, const T &) { return a; }
template <typename T> [[gnu::used, gnu::noinline]] const T &max(const T &, const T &b) { return b; }
template const unsigned &min(const unsigned &, const unsigned &);
template const unsigned &max(const unsigned &, const unsigned &);
[[noreturn, gnu::used]] void __throw_length_error(const char *) { for (;;) ; }
}
extern "C" {
[[gnu::used]] int memcmp(const void *, const void *, unsigned) { return 0; }
[[gnu::used]] unsigned long long __udivdi3(unsigned long long, unsigned long long) { return 1; }
[[gnu::used]] void __cxa_pure_virtual() {}
[[gnu::used]] int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
}
#include "mm/allocation.h"
void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t, void *) { vpa->start = start_addr; }
vpallocator *vpcreate(uintptr_t, size_t) { return nullptr; }
void vpdestroy(vpallocator *) {}
size_t vpalloc(vpallocator *, size_t, size_t max, uintptr_t *start) { return *start = 0xd0000000, max; }
void vpfree(vpallocator *, uintptr_t, size_t) {}
vpallocator kernel_vpallocator;
