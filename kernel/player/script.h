#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string_view>

// Reading operations as text: the format of docs/scenarios.md, and of the monitor's prompt.

constexpr size_t max_words = 12;

// A line cut into words at its blanks; what follows a # is a comment.
struct words {
    size_t count = 0;
    std::string_view word[max_words];
    bool too_many = false;

    explicit words(std::string_view line);
    std::string_view operator[](size_t i) const { return word[i]; }
};

// Takes the first line off `text`, and returns it without its end.
std::string_view take_line(std::string_view &text);

// A number, decimal or with 0x. False if it is none or exceeds 64 bits.
bool parse_number(std::string_view word, uint64_t &value);

// The results that `NAME = OPERATION` named in this scenario: letters and digits, a letter first.
class names
{
public:
    struct entry {
        char name[8];
        uint32_t value[2];
    };

    static bool valid(std::string_view name);
    // False if there is no room for another name.
    bool set(std::string_view name, uint32_t first, uint32_t second);
    // Null if the name stands for nothing.
    const entry *find(std::string_view name) const;

private:
    static constexpr size_t capacity = 4096; // a power of two
    entry *slot(std::string_view name) const;

    mutable entry entries_[capacity] = {}; // open addressing; an unused one has no name
    size_t used_ = 0;
};
