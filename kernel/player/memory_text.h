#pragma once

#include "lib/print.h"

#include <algorithm>
#include <stddef.h>
#include <stdint.h>

// Bytes of memory around a place, as a record has them (docs/records.md, `memory`): four rows of
// eight, the place in the second of them; of those, the bytes from `begin` up to `end`.
struct memory_rows {
    static constexpr size_t row = 8, most = 4 * row;

    uintptr_t start;
    size_t size;

    memory_rows(uintptr_t place, uintptr_t begin, uintptr_t end)
        : start(std::max(place / row * row - row, begin)),
          size(std::min<uintptr_t>(end - start, most))
    {
    }
};

constexpr int unknown_byte = -1; // one that can't be read, or that may be anything

// "0x1000ffe8,15150000,1515----": the address, what is there, and what should be, if that is known.
// seen(address) and expected(address) are a byte's value, or unknown_byte.
class memory_text
{
public:
    template <typename Seen>
    memory_text(memory_rows rows, Seen seen)
        : length_(print_to(text_, sizeof text_, "0x%x", rows.start))
    {
        add(rows, seen);
    }

    template <typename Seen, typename Expected>
    memory_text(memory_rows rows, Seen seen, Expected expected) : memory_text(rows, seen)
    {
        add(rows, expected);
    }

    const char *text() const { return text_; }

private:
    template <typename ByteAt>
    void add(memory_rows rows, ByteAt byte_at)
    {
        append(",");
        for (size_t i = 0; i < rows.size; i++) {
            int byte = byte_at(rows.start + i);
            append(byte == unknown_byte ? "--" : "%02x", byte);
        }
    }

    template <typename... Value>
    void append(const char *format, Value... value)
    {
        length_ += print_to(text_ + length_, sizeof text_ - length_, format, value...);
    }

    char text_[16 + 4 * memory_rows::most];
    size_t length_;
};
