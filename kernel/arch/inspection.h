#pragma once

// Stops the machine for a look at its memory and registers from outside: QEMU's pvpanic device tells
// whoever runs the machine, who lets it go on. Without such a device nothing happens.
void stop_for_inspection();
