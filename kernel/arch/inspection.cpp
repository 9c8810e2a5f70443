#include "arch/inspection.h"

#include "arch/io.h"
#include "arch/serial.h"

namespace
{

// QEMU's docs/specs/pvpanic.txt
constexpr uint16_t pvpanic = 0x505;
constexpr uint8_t guest_panicked = 1; // stops the machine
constexpr uint8_t crash_loaded = 2;   // tells, and goes on: what the next stop is for

} // namespace

// A debugger's breakpoint: Bochs has no pvpanic.
extern "C" [[gnu::noinline]] void stopped_for_inspection()
{
    out_byte(pvpanic, guest_panicked);
}

void stop_for_inspection()
{
    serial_flush(); // how far the log has come is looked at, too
    stopped_for_inspection();
}

void stop_between_scenarios()
{
    serial_flush();
    out_byte(pvpanic, crash_loaded);
    out_byte(pvpanic, crash_loaded);
    out_byte(pvpanic, guest_panicked);
}

void stop_before_power_off()
{
    serial_flush();
    out_byte(pvpanic, crash_loaded);
    out_byte(pvpanic, guest_panicked);
}
