#pragma once

// Switches the machine off once the serial line has been sent: QEMU by its isa-debug-exit device
// (whose exit status is then `status` * 2 + 1), Bochs by its shutdown port. Halts where neither is.
[[noreturn]] void power_off(unsigned char status = 0);
