#pragma once

#include <stddef.h>
#include <stdint.h>

// Records: the lines on the serial port that say what happened, in the format of docs/records.md.
// Each ends with a check word, the CRC-32 of all records of its scenario so far, begun with the
// run's key: what was lost, damaged or written by somebody else on the way does not pass for one.

constexpr size_t max_record = 832;

// Begins the check words anew.
void record_begin(uint32_t key);

// Writes one record, as a line of its own whatever was printed before it.
void record_write(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Copies `text` to `quoted` so that it can stand between quotes in a record: what is no printable
// ASCII, and quotes and backslashes, as \xNN. At most `size` bytes with the final zero.
void record_quote(char *quoted, size_t size, const char *text);
