#pragma once

#include <string_view>

// A script that is dealt: its lines are in no memory before they are due. Whoever runs the machine
// in QEMU writes them there when the player asks. The machine stands still for so long, and counts
// no instruction.

enum class wanted {
    next_lines, // what is to be played next
    next_title, // the same, without the rest of the scenario under way
};

// The next lines; nothing at the script's end. They stay until it is asked again.
std::string_view ask_for_lines(wanted what);

// Keeps a record, without its check word, for the dealer: before it tells what comes next it takes
// what the last operation came to.
void show_dealer(const char *record);
