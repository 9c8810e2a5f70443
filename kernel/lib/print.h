#pragma once

#include <stdarg.h>
#include <stddef.h>

// Text for people, on the serial line. Print what you like while you look for a mistake: the grader
// shows it in its report and takes no notice of it otherwise. It keeps the first 16 KiB of a
// scenario.
//
// Formats: %d %i %u %x %X %o %c %s %p %%, with all that C lets stand before them (flags, width,
// precision, the lengths hh h l ll z t j). Others, as %n and those of floating-point numbers, end
// the text: it goes on as it stands in the format.
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprint(const char *format, va_list arguments);

// The same into memory: at most `size` bytes, the final zero included. Returns the length of the
// text, cut or not, without the zero.
size_t print_to(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t vprint_to(char *buffer, size_t size, const char *format, va_list arguments);

// Gives print its 16 KiB anew: the monitor does so before each command.
void print_renew_limit();
