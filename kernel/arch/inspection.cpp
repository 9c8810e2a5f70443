#include "arch/inspection.h"

#include "arch/io.h"

void stop_for_inspection()
{
    constexpr uint16_t pvpanic = 0x505;
    constexpr uint8_t guest_panicked = 1;
    out_byte(pvpanic, guest_panicked);
}
