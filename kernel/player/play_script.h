#pragma once

// At the first start: nothing of the script has been played.
void begin_script();

// Plays the script that the boot loader brought, each of its scenarios in a freshly started kernel,
// then switches the machine off. Called at every start, it goes on with the scenario that is next.
[[noreturn]] void play_script();

// Ends the scenario under way, in whatever state the kernel is, and goes on with the next.
[[noreturn]] void abandon_scenario();
