#include "arch/clock.h"
#include "arch/descriptors.h"
#include "arch/multiboot.h"
#include "arch/power.h"
#include "arch/selectors.h"
#include "arch/serial.h"
#include "arch/watchdog.h"
#include "lib/print.h"
#include "player/monitor.h"
#include "player/play_script.h"
#include "player/script.h"

// Called by start.S, at the first start and after each restart.
//   reason       MULTIBOOT_LOADED or RESTARTED
//   information  physical address of the Multiboot information; only at the first start
extern "C" [[noreturn]] void kernel_main(uint32_t reason, uint32_t information)
{
    serial_init();
    descriptors_init();
    if (reason == MULTIBOOT_LOADED) {
        multiboot_read(information);
        begin_script();
        begin_monitor();
    } else if (reason != RESTARTED) {
        print("This kernel must be started by a Multiboot loader (eax was 0x%x).\n", reason);
        power_off(1);
    }
    uint64_t shift = 0;
    parse_number(boot_option("tsc-shift"), shift);
    clock_init(static_cast<unsigned>(shift));
    watchdog_init(boot_option("watchdog"));

    if (multiboot_information().script_size > 0)
        play_script();
    monitor();
}
