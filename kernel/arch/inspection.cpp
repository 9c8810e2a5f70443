#include "arch/inspection.h"

#include "arch/io.h"
#include "arch/serial.h"

namespace
{

// A debugger's breakpoint: Bochs has no pvpanic.
extern "C" [[gnu::noinline]] void stopped_for_inspection()
{
    constexpr uint16_t pvpanic = 0x505;
    constexpr uint8_t guest_panicked = 1;
    out_byte(pvpanic, guest_panicked);
}

} // namespace

void stop_for_inspection()
{
    serial_flush(); // how far the log has come is looked at, too
    stopped_for_inspection();
}
