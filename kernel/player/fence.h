#pragma once

#include "player/lab.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <stddef.h>
#include <stdint.h>

// Bytes around what the player lends to the code under test. Nobody may write to them; whoever does
// is seen after the operation.

// How many of them have changed, and where the nearest lies: so many bytes before what was lent, or
// behind its end. `now` is what stands there, and in the three bytes above it.
struct damage {
    size_t bytes = 0;
    bool is_before = false;
    size_t distance = 0;
    uint32_t now = 0;
};

constexpr uint8_t fence_byte = 0xc5;

// Of the bytes from `begin` to `lent`, and from the end of the `size` bytes lent to `end`.
damage look_around(const volatile uint8_t *begin, const void *lent, size_t size,
                   const volatile uint8_t *end);

// Writes down the first of them that there is, under its name.
struct named_damage {
    const char *name;
    damage found;
};
void note_first_damage(call &c, std::initializer_list<named_damage> looked_at);

// A value between such bytes.
template <typename T>
class fenced
{
public:
    constexpr fenced(const T &value = {}) : value_(value)
    {
        std::fill(std::begin(before_), std::end(before_), fence_byte);
        std::fill(std::begin(behind_), std::end(behind_), fence_byte);
    }

    T *operator&() { return &value_; }
    T &operator*() { return value_; }

    damage look() const { return look_around(before_, &value_, sizeof value_, std::end(behind_)); }

private:
    alignas(T) uint8_t before_[64] = {};
    T value_;
    uint8_t behind_[64] = {};
};
