#pragma once

#include <stddef.h>

// One line typed on the serial line, edited as in a terminal: left, right, home, end (or Ctrl-A,
// Ctrl-E), backspace, delete, Ctrl-U, Ctrl-K, Ctrl-W, up and down through earlier lines, Ctrl-L.

constexpr size_t max_line = 128;

enum class typed { line, abandoned, end }; // Return, Ctrl-C, Ctrl-D on an empty line

// Shows `prompt`, and returns when the line is ended; `line` holds it without its end.
// `complete` extends a word's beginning when Tab is typed: it returns the text to be inserted.
typed read_line(const char *prompt, char line[max_line],
                const char *(*complete)(const char *beginning, size_t length));
