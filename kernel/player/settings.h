#pragma once

#include <stdint.h>
#include <string_view>

// How the player is to play: set by the script's directives, or by the prompt.
struct player_settings {
    uint64_t limit;                // how many instructions an operation may take
    std::string_view raised_verbs; // but for these, with blanks between them,
    uint64_t raised_limit;         // which may take so many
    bool measuring;                // write down how many it took
    bool in_script;                // the operations come from a script
    bool quiet; // between the operations `quiet` and `loud`: only sums are written down
};
extern player_settings settings;
