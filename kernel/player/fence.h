#pragma once

#include "player/lab.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <stddef.h>
#include <stdint.h>

// Bytes around what the player lends to the code under test. Nobody may write to them; whoever does
// is seen after the operation.

// Where they are: from `begin` on, but for the `size` bytes lent, up to `end`.
struct fence {
    const volatile uint8_t *begin, *lent;
    size_t size;
    const volatile uint8_t *end;
};

// How many of them have changed, and where the nearest lies: so many bytes before what was lent, or
// behind its end.
struct damage {
    size_t bytes = 0;
    bool is_before = false;
    size_t distance = 0;
    fence around{};
};

// As an address it lies between those of users: taken for a bound, it is above some and below
// others.
constexpr uint8_t fence_byte = 0x15;

damage look_around(const fence &around);

// Writes down the first of them that there is, under its name, with the memory there.
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

    damage look() const
    {
        auto value = reinterpret_cast<const uint8_t *>(&value_);
        return look_around({before_, value, sizeof value_, std::end(behind_)});
    }

private:
    alignas(T) uint8_t before_[64] = {};
    T value_;
    uint8_t behind_[64] = {};
};
