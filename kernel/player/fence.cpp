#include "player/fence.h"

#include "player/memory_text.h"

namespace
{

// What is there and what should be, around the nearest byte that has changed.
memory_text memory_at(const damage &d)
{
    auto number = [](const volatile uint8_t *byte) { return reinterpret_cast<uintptr_t>(byte); };
    uintptr_t begin = number(d.around.lent), end = begin + d.around.size;
    uintptr_t nearest = d.is_before ? begin - d.distance : end + d.distance;
    return {memory_rows(nearest, number(d.around.begin), number(d.around.end)),
            [](uintptr_t address) -> int {
                return *reinterpret_cast<const volatile uint8_t *>(address);
            },
            [=](uintptr_t address) -> int {
                return begin <= address && address < end ? unknown_byte : fence_byte;
            }};
}

// Whether all bytes there are as they were, as they nearly always are: a word at a time.
bool intact(const volatile uint8_t *first, const volatile uint8_t *end)
{
    constexpr uint32_t fence_word = fence_byte * 0x01010101u;
    for (; end - first >= 16; first += 16) {
        auto words = reinterpret_cast<const volatile uint32_t *>(first);
        if ((words[0] ^ fence_word) | (words[1] ^ fence_word) | (words[2] ^ fence_word) |
            (words[3] ^ fence_word))
            return false;
    }
    return std::all_of(first, end, [](uint8_t byte) { return byte == fence_byte; });
}

} // namespace

damage look_around(const fence &around)
{
    const volatile uint8_t *first = around.lent, *last = first + around.size;
    damage found{.around = around};
    if (intact(around.begin, first) && intact(last, around.end))
        return found;
    for (const volatile uint8_t *b = around.end; b > last;)
        if (*--b != fence_byte) {
            found.bytes++;
            found.distance = static_cast<size_t>(b - last);
        }
    for (const volatile uint8_t *b = first; b > around.begin;)
        if (*--b != fence_byte && ++found.bytes == 1) {
            found.is_before = true;
            found.distance = static_cast<size_t>(first - b);
        }
    return found;
}

void note_first_damage(call &c, std::initializer_list<named_damage> looked_at)
{
    auto first = std::find_if(looked_at.begin(), looked_at.end(),
                              [](const named_damage &d) { return d.found.bytes > 0; });
    if (first == looked_at.end())
        return;
    c.result(first->name, first->found.bytes);
    c.result(first->found.is_before ? "before" : "behind", first->found.distance);
    c.memory(memory_at(first->found).text());
}
