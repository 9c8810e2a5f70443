#include "arch/power.h"

#include "arch/cpu.h"
#include "arch/inspection.h"
#include "arch/io.h"

void power_off(unsigned char status)
{
    constexpr uint16_t qemu_exit = 0xf4;
    constexpr uint16_t bochs_shutdown = 0x8900;

    stop_before_power_off();
    out_byte(qemu_exit, status);
    for (const char *letter = "Shutdown"; *letter; letter++)
        out_byte(bochs_shutdown, static_cast<uint8_t>(*letter));
    halt_forever();
}
