#pragma once

#include <stddef.h>
#include <stdint.h>

// The x86 I/O ports.

inline void out_byte(uint16_t port, uint8_t value)
{
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

// `count` bytes, one after the other, from where they lie on.
inline void out_bytes(uint16_t port, const void *from, size_t count)
{
    asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(port) : "memory");
}

inline uint8_t in_byte(uint16_t port)
{
    uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
