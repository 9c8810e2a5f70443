#pragma once

// Stops the machine for a look at its memory and registers from outside: QEMU's pvpanic device, or a
// breakpoint of Bochs's debugger, tells whoever runs the machine, who lets it go on. Without either
// nothing happens.
void stop_for_inspection();
