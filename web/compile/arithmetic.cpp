// What code from WebAssembly (web/compile/translate.mjs) has a call for: arithmetic in 64 bits, and panic().

#include "lib/panic.h"
#include "lib/print.h"

#include <bit>
#include <stdint.h>

extern "C" {

uint32_t i32_popcnt(uint32_t a) { return std::popcount(a); }
uint64_t i64_clz(uint64_t a) { return std::countl_zero(a); }
uint64_t i64_ctz(uint64_t a) { return std::countr_zero(a); }
uint64_t i64_popcnt(uint64_t a) { return std::popcount(a); }
uint64_t i64_mul(uint64_t a, uint64_t b) { return a * b; }
int64_t i64_div_s(int64_t a, int64_t b) { return a / b; }
uint64_t i64_div_u(uint64_t a, uint64_t b) { return a / b; }
int64_t i64_rem_s(int64_t a, int64_t b) { return a % b; }
uint64_t i64_rem_u(uint64_t a, uint64_t b) { return a % b; }
uint64_t i64_shl(uint64_t a, uint64_t n) { return a << (n & 63); }
int64_t i64_shr_s(int64_t a, uint64_t n) { return a >> (n & 63); }
uint64_t i64_shr_u(uint64_t a, uint64_t n) { return a >> (n & 63); }
uint64_t i64_rotl(uint64_t a, uint64_t n) { return std::rotl(a, static_cast<int>(n & 63)); }
uint64_t i64_rotr(uint64_t a, uint64_t n) { return std::rotr(a, static_cast<int>(n & 63)); }

// WebAssembly has the arguments that follow a format in memory.
[[noreturn]] void panic_with_list(const char *format, va_list arguments)
{
    char message[120];
    vprint_to(message, sizeof message, format, arguments);
    panic("%s", message);
}
}
