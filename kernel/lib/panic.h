#pragma once

// Stops the kernel with a message: something that must never happen has happened.
//
// `format` and what follows it are as for print() (lib/print.h). The message, the place and a
// backtrace go to the serial line; panic() never returns to its caller. Under the player a panic
// ends the operation that caused it, and the scenario goes on with the next one, so whatever the
// caller was changing must be consistent before it panics.
[[noreturn]] void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
