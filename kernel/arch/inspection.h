#pragma once

// Stops the machine for a look at its memory and registers from outside: QEMU's pvpanic device, or
// a breakpoint of Bochs's debugger, tells whoever runs the machine, who lets it go on. Without
// either nothing happens.
void stop_for_inspection();

// Stops the machine where a scenario is about to begin, for its memory to be put back as it was
// before the first one. In QEMU only; without the device nothing happens.
void stop_between_scenarios();

// Tells whoever runs the machine in QEMU that it will be switched off, and stops until the serial
// line has been read. Without the device nothing happens.
void stop_before_power_off();
