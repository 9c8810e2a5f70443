#include "player/fence.h"

namespace
{

// Four bytes from there on, the lowest first as in memory; fence bytes where there are no more.
uint32_t word_at(const volatile uint8_t *first, const volatile uint8_t *end)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word |= uint32_t{first + i < end ? first[i] : fence_byte} << 8 * i;
    return word;
}

} // namespace

damage look_around(const volatile uint8_t *begin, const void *lent, size_t size,
                   const volatile uint8_t *end)
{
    auto first = static_cast<const volatile uint8_t *>(lent), last = first + size;
    damage found;
    for (const volatile uint8_t *b = end; b > last;)
        if (*--b != fence_byte)
            found = {found.bytes + 1, false, static_cast<size_t>(b - last), word_at(b, end)};
    for (const volatile uint8_t *b = first; b > begin;)
        if (*--b != fence_byte && ++found.bytes == 1)
            found = {1, true, static_cast<size_t>(first - b), word_at(b, first)};
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
    c.address("now", first->found.now);
}
