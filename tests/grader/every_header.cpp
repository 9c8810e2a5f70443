// Every header of the C++ library that makes sense without an operating system, each put to its use:
// what stands here, any student may write, with any compiler. Values come from volatile variables, so
// that nothing is computed at compile time.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <bitset>
#include <cassert>
#include <cerrno>
#include <cfloat>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <climits>
#include <compare>
#include <concepts>
#include <coroutine>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <numbers>
#include <numeric>
#include <optional>
#include <ranges>
#include <ratio>
#include <source_location>
#include <span>
#include <string_view>
#include <strings.h>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <variant>
#include <version>

#include "mm/buddy.h"

namespace
{

volatile unsigned any = 5;

struct range {
    unsigned start, count;
    auto operator<=>(const range &) const = default;
};

struct three {
    unsigned words[3];
};

unsigned containers()
{
    std::array<unsigned, 4> numbers{any, 2, 3};
    std::bitset<200> taken;
    taken.set(any);
    taken.flip(any + 1);
    std::span<unsigned> all(numbers);
    std::optional<unsigned> found;
    if (any)
        found = any;
    std::variant<unsigned, range> either = range{any, 2};
    std::tuple<unsigned, range> both(any, range{1, 2});
    return numbers.at(any) + taken.test(any) + taken.count() + taken._Find_first() + taken.to_ulong() +
           all.subspan(any).front() + all.first(any).size() + found.value() + found.value_or(3) +
           std::get<range>(either).start + std::visit([](auto &x) { return sizeof x; }, either) +
           std::get<0>(both);
}

unsigned algorithms(std::span<range> ranges, std::span<unsigned> numbers)
{
    std::sort(ranges.begin(), ranges.end());
    std::stable_sort(ranges.begin(), ranges.end());
    std::stable_partition(ranges.begin(), ranges.end(), [](range r) { return r.count > any; });
    std::inplace_merge(ranges.begin(), ranges.begin() + any, ranges.end());
    std::nth_element(numbers.begin(), numbers.begin() + any, numbers.end());
    std::make_heap(numbers.begin(), numbers.end());
    std::pop_heap(numbers.begin(), numbers.end());
    std::rotate(numbers.begin(), numbers.begin() + any, numbers.end());
    std::fill(numbers.begin(), numbers.end(), any);
    std::iota(numbers.begin(), numbers.end(), any);
    std::ranges::sort(numbers, std::greater<>{});
    auto large = numbers | std::views::filter([](unsigned n) { return n > any; }) | std::views::take(any);
    return std::accumulate(numbers.begin(), numbers.end(), 0u) + std::gcd(any, numbers[0]) +
           std::midpoint(unsigned(any), numbers[1]) + *std::max_element(numbers.begin(), numbers.end()) +
           std::ranges::distance(large) + *std::lower_bound(numbers.begin(), numbers.end(), unsigned(any));
}

unsigned text()
{
    std::string_view words(any ? "buddy kernel" : "", any);
    char digits[20];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, unsigned(any));
    unsigned back = 0;
    std::from_chars(digits, end, back);
    return words.find("er", any) + words.rfind('k') + words.substr(any).size() + words.at(any) + words.compare("x") +
           std::hash<std::string_view>{}(words) + back + unsigned(error) + std::strlen(digits) +
           std::strcmp(digits, "7") + std::memcmp(digits, words.data(), any) + (std::memchr(digits, '7', any) != nullptr);
}

template <typename T> unsigned atomics()
{
    static std::atomic<T> value;
    T expected = any;
    value.store(any);
    value.fetch_add(1);
    value.fetch_sub(any);
    value.fetch_or(any);
    value &= any;
    value ^= any;
    return value.exchange(any) + ++value + value.compare_exchange_strong(expected, 7) + value.is_lock_free() +
           value.load(std::memory_order_relaxed);
}

unsigned large_atomics()
{
    static std::atomic<three> value;
    three expected{}, wanted{{any, 2, 3}};
    value.store(wanted);
    value.compare_exchange_strong(expected, wanted);
    return value.exchange(expected).words[any % 3] + value.load().words[0];
}

unsigned bits()
{
    unsigned long long wide = any * 0x100000001ull;
    return std::popcount(wide) + std::countl_zero(wide) + std::countr_zero(wide) + std::bit_width(wide) +
           std::rotl(wide, any) + std::bit_ceil(any) + std::has_single_bit(wide) + std::bit_cast<unsigned>(int(any)) +
           ffs(any) + ffsl(any) + ffsll(wide);
}

unsigned arithmetic()
{
    long long wide = any * -10000000000ll;
    return std::abs(int(any)) + std::abs(long(any)) + std::abs(wide) + labs(any) + llabs(wide) + wide / any + wide % any +
           std::chrono::duration_cast<std::chrono::seconds>(std::chrono::milliseconds(wide)).count() +
           std::clamp(unsigned(any), 1u, 9u) + std::numeric_limits<unsigned>::max() + INT_MAX;
}

struct shape {
    virtual unsigned area() const { return any; }
    virtual unsigned gone() const = delete;
    virtual ~shape() = default;
};

struct square : shape {
    unsigned gone() const = delete;
    unsigned area() const override { return any * any; }
};

unsigned objects()
{
    alignas(square) static std::byte room[sizeof(square)];
    shape *made = std::construct_at(reinterpret_cast<square *>(room));
    unsigned area = std::launder(made)->area();
    std::destroy_at(made);
    auto twice = std::bind_front(std::multiplies<unsigned>{}, 2u);
    unsigned value = any;
    std::reference_wrapper<unsigned> other(value);
    assert(any < 100);
    if (any > 200)
        std::terminate();
    if (any > 300)
        std::abort();
    return area + twice(value) + std::invoke(&range::count, range{1, any}) + std::exchange(value, 3) + other.get() +
           std::source_location::current().line() + std::to_address(made)->area();
}

} // namespace

size_t buddy_state_size(size_t units)
{
    return units + containers() + text() + bits() + arithmetic() + objects();
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    b->units += atomics<unsigned char>() + atomics<unsigned>() + atomics<unsigned long long>() + large_atomics();
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *)
{
    return algorithms({static_cast<range *>(b->state), min}, {static_cast<unsigned *>(b->state), max});
}

void buddy_free(buddy *, size_t, size_t) {}
