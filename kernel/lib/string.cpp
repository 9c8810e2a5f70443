#include "lib/string.h"

#include <stdint.h>

extern "C" {

void *memcpy(void *to, const void *from, size_t size)
{
    void *cursor = to;
    size_t words = size / 4, rest = size % 4;
    asm volatile("rep movsl" : "+D"(cursor), "+S"(from), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(cursor), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    auto target = static_cast<char *>(to);
    auto source = static_cast<const char *>(from);
    if (target <= source || target >= source + size)
        return memcpy(to, from, size);
    while (size-- > 0)
        target[size] = source[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *cursor = to;
    uint32_t pattern = static_cast<uint8_t>(byte) * 0x01010101u;
    size_t words = size / 4, rest = size % 4;
    asm volatile("rep stosl" : "+D"(cursor), "+c"(words) : "a"(pattern) : "memory");
    asm volatile("rep stosb" : "+D"(cursor), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    auto a = static_cast<const uint8_t *>(left);
    auto b = static_cast<const uint8_t *>(right);
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return a[i] - b[i];
    return 0;
}

void *memchr(const void *start, int byte, size_t size)
{
    auto cursor = static_cast<const uint8_t *>(start);
    for (; size > 0; cursor++, size--)
        if (*cursor == static_cast<uint8_t>(byte))
            return const_cast<uint8_t *>(cursor);
    return nullptr;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length])
        length++;
    return length;
}

int strcmp(const char *left, const char *right)
{
    while (*left && *left == *right)
        left++, right++;
    return static_cast<unsigned char>(*left) - static_cast<unsigned char>(*right);
}
}
