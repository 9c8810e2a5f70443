#pragma once

// Draws the machine's memory for a person: the physical memory and what lies in it, and the address
// space as the active page directory has it (read from the tables themselves, not from the memory
// manager). Works at any time, whatever state the memory manager is in.
void print_maps();
