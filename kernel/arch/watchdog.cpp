#include "arch/watchdog.h"

#include "arch/clock.h"
#include "arch/io.h"

namespace
{

constexpr uint16_t stop_port = 0x441;
constexpr uint16_t start_port = 0x443;
constexpr uint8_t two_seconds = 14; // the shortest there is: the timer waits 30 - 2 * value seconds

uint64_t deadline;

} // namespace

void watchdog_start(uint64_t instructions)
{
    deadline = instructions_executed() + instructions;
    out_byte(start_port, two_seconds);
}

void watchdog_stop()
{
    out_byte(stop_port, 0);
}

bool watchdog_expired()
{
    if (instructions_executed() >= deadline)
        return true;
    out_byte(start_port, two_seconds);
    return false;
}
