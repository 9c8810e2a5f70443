#include "arch/serial.h"

#include "arch/io.h"
#include "lib/string.h"

#include <algorithm>

namespace
{

// The 16550's registers, as offsets from its base port (National Semiconductor PC16550D, table 2).
constexpr uint16_t com1 = 0x3f8;
constexpr uint16_t data = com1 + 0;             // the divisor's low byte while the latch is open
constexpr uint16_t interrupt_enable = com1 + 1; // the divisor's high byte while the latch is open
constexpr uint16_t fifo_control = com1 + 2;
constexpr uint16_t line_control = com1 + 3;
constexpr uint16_t modem_control = com1 + 4;
constexpr uint16_t line_status = com1 + 5;

constexpr uint8_t latch_open = 0x80;
constexpr uint8_t eight_bits = 0x03;
// Which clears them, but not where they are on: what is typed while the kernel starts again is not
// lost.
constexpr uint8_t fifos_on = 0x01;
constexpr uint8_t received = 0x01;
constexpr uint8_t fifo_empty = 0x20;
constexpr uint8_t transmitter_empty = 0x40;

constexpr size_t fifo_size = 16;

size_t fifo_room;
char last_sent = '\n';

} // namespace

void serial_init()
{
    out_byte(interrupt_enable, 0);
    out_byte(line_control, latch_open);
    out_byte(data, 1); // 115,200 baud
    out_byte(interrupt_enable, 0);
    out_byte(line_control, eight_bits);
    out_byte(modem_control, 0); // no loopback, which a restart of the kernel would leave
    out_byte(fifo_control, fifos_on);
}

void serial_write(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        if (fifo_room == 0) {
            while (!(in_byte(line_status) & fifo_empty))
                ;
            fifo_room = fifo_size;
        }
        size_t sent = std::min(left, fifo_room);
        out_bytes(data, text, sent);
        text += sent, left -= sent, fifo_room -= sent;
        last_sent = text[-1];
    }
}

char serial_read()
{
    while (!(in_byte(line_status) & received))
        ;
    return static_cast<char>(in_byte(data));
}

bool serial_at_line_start()
{
    return last_sent == '\n';
}

void serial_flush()
{
    while (!(in_byte(line_status) & transmitter_empty))
        ;
}
