#include "lib/panic.h"
#include "lib/string.h"

// What the compiler and the C++ headers call without being asked: the library's errors end in a
// panic, since nothing can be thrown here.

namespace std
{
[[noreturn]] void terminate() noexcept
{
    panic("std::terminate() was called: the C++ library was used in a way that it does not allow");
}

void __throw_out_of_range_fmt(const char *format, ...)
{
    panic("out of range: %s", format);
}

void __throw_out_of_range(const char *what)
{
    panic("out of range: %s", what);
}

void __throw_length_error(const char *what)
{
    panic("length error: %s", what);
}

void __throw_logic_error(const char *what)
{
    panic("logic error: %s", what);
}

void __throw_invalid_argument(const char *what)
{
    panic("invalid argument: %s", what);
}

void __throw_bad_optional_access()
{
    panic("a std::optional without a value was read");
}

void __throw_bad_variant_access(const char *what)
{
    panic("bad variant access: %s", what);
}

void __throw_bad_function_call()
{
    panic("an empty std::function was called");
}

[[noreturn]] void __glibcxx_assert_fail(const char *file, int line, const char *function,
                                        const char *condition)
{
    panic("%s:%d: %s: %s does not hold", file, line, function, condition);
}
} // namespace std

extern "C" {
[[noreturn]] void __cxa_pure_virtual()
{
    panic("a pure virtual function was called");
}

[[noreturn]] void abort()
{
    panic("abort() was called");
}

// <cassert>
[[noreturn]] void __assert_fail(const char *condition, const char *file, unsigned line,
                                const char *function)
{
    panic("%s:%u: %s: assert(%s) does not hold", file, line, function, condition);
}

// Destructors of static objects: the kernel never leaves, so they never run.
int atexit(void (*)())
{
    return 0;
}
}

// A virtual destructor mentions them, even if nothing is ever deleted.
void operator delete(void *) noexcept
{
    panic("operator delete: this kernel has no operator new");
}

void operator delete(void *block, size_t) noexcept
{
    operator delete(block);
}
