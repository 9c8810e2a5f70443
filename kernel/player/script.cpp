#include "player/script.h"

#include "lib/string.h"

#include <algorithm>

namespace
{

constexpr char comment = '#'; // begins one

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

} // namespace

words::words(std::string_view line)
{
    const char *at = line.data(), *const end = at + line.size();
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        const char *first = at;
        while (at < end && !is_blank(*at) && *at != comment)
            at++;
        if (at == first) // the end, or a comment
            return;
        if (count == max_words) {
            too_many = true;
            return;
        }
        word[count++] = {first, at};
    }
}

std::string_view take_line(std::string_view &text)
{
    size_t length = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    return line;
}

bool parse_number(std::string_view word, uint64_t &value)
{
    int base = 10;
    if (word.starts_with("0x")) {
        base = 16;
        word.remove_prefix(2);
    }
    if (word.empty())
        return false;
    value = 0;
    for (char c : word) {
        int digit = digit_value(c);
        if (digit >= base || value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    return true;
}

bool names::valid(std::string_view name)
{
    return !name.empty() && name.size() < sizeof entry::name && is_letter(name[0]) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c); });
}

names::entry *names::slot(std::string_view name) const
{
    uint32_t hash = 2166136261; // FNV-1a
    for (char c : name)
        hash = (hash ^ static_cast<uint8_t>(c)) * 16777619;
    size_t i = hash % capacity;
    while (entries_[i].name[0] && name != entries_[i].name)
        i = (i + 1) % capacity;
    return &entries_[i];
}

bool names::set(std::string_view name, uint32_t first, uint32_t second)
{
    entry *e = slot(name);
    if (!e->name[0]) {
        if (used_ == capacity - 1) // one stays unused, or a search for a new name would not end
            return false;
        used_++;
        memcpy(e->name, name.data(), name.size());
    }
    e->value[0] = first, e->value[1] = second;
    return true;
}

const names::entry *names::find(std::string_view name) const
{
    if (!valid(name))
        return nullptr;
    entry *e = slot(name);
    return e->name[0] ? e : nullptr;
}
