#pragma once

#include <stddef.h>

// The few functions of <string.h> that the kernel uses, with the meaning they have in C. The
// compiler calls the first four of its own accord.
extern "C" {
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
void *memchr(const void *start, int byte, size_t size);
int strcmp(const char *left, const char *right);
}
