#include <new>

#include "lib/panic.h"
#include "lib/string.h"

// What the compiler and the C++ headers call without being asked: the library's errors end in a
// panic, since nothing can be thrown here. Which of them a header calls differs between GCC's
// versions; here are all of 12 to 16.

namespace std
{
void terminate() noexcept
{
    panic("std::terminate() was called");
}

void __throw_out_of_range_fmt(const char *format, ...)
{
    panic("out of range: %s", format);
}

// An error of the library's, with a text.
#define ERROR(name, meaning)                                                                       \
    void __throw_##name(const char *what)                                                          \
    {                                                                                              \
        panic(meaning ": %s", what);                                                               \
    }

ERROR(out_of_range, "out of range")
ERROR(length_error, "length error")
ERROR(logic_error, "logic error")
ERROR(domain_error, "domain error")
ERROR(invalid_argument, "invalid argument")
ERROR(runtime_error, "runtime error")
ERROR(range_error, "range error")
ERROR(overflow_error, "overflow error")
ERROR(underflow_error, "underflow error")
ERROR(bad_variant_access, "bad variant access")

void __throw_bad_optional_access()
{
    panic("a std::optional without a value was read");
}

void __throw_bad_function_call()
{
    panic("an empty std::function was called");
}

void __throw_bad_cast()
{
    panic("a reference was cast to a type that the object is not of");
}

void __throw_bad_alloc()
{
    panic("out of memory, says the C++ library");
}

void __throw_bad_array_new_length()
{
    panic("an array's length is negative, or too large");
}

[[noreturn]] void __glibcxx_assert_fail(const char *file, int line, const char *function,
                                        const char *condition)
{
    panic("%s:%d: %s: %s does not hold", file, line, function, condition);
}

const nothrow_t nothrow{};
} // namespace std

extern "C" {
[[noreturn]] void __cxa_pure_virtual()
{
    panic("a pure virtual function was called");
}

[[noreturn]] void __cxa_deleted_virtual()
{
    panic("a deleted virtual function was called");
}

[[noreturn]] void __cxa_throw_bad_array_new_length()
{
    panic("an array's length is negative, or too large");
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

// There is no memory for `new` here. Who asks so that null is an answer gets that: std::stable_sort
// and the like do, and then sort in place.
void *operator new(size_t, const std::nothrow_t &) noexcept
{
    return nullptr;
}

void *operator new(size_t, std::align_val_t, const std::nothrow_t &) noexcept
{
    return nullptr;
}

// A virtual destructor mentions them, even if nothing is ever deleted.
void operator delete(void *block) noexcept
{
    if (block)
        panic("operator delete: this kernel has no operator new");
}

void operator delete(void *block, size_t) noexcept
{
    operator delete(block);
}

void operator delete(void *block, std::align_val_t) noexcept
{
    operator delete(block);
}

void operator delete(void *block, size_t, std::align_val_t) noexcept
{
    operator delete(block);
}

void operator delete(void *block, const std::nothrow_t &) noexcept
{
    operator delete(block);
}

void operator delete(void *block, std::align_val_t, const std::nothrow_t &) noexcept
{
    operator delete(block);
}
