#pragma once

// The first serial port (COM1, a 16550): 115,200 baud, 8 bits, no parity. It is polled, so it works
// with interrupts off and in an exception handler.

void serial_init();

// Sends the text, whatever its length.
void serial_write(const char *text);

// Waits until the next byte comes in, and returns it.
char serial_read();

// Whether the last byte sent was a line's end (or none was sent yet).
bool serial_at_line_start();

// Waits until everything sent has left the chip.
void serial_flush();
