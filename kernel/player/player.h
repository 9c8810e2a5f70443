#pragma once

#include "player/lab.h"
#include "player/script.h"

#include <string_view>

// Plays operations, one line at a time: of a script (play_script.h) or of the prompt (monitor.h).

// What became of one line of a scenario or of the prompt.
struct played_line {
    enum { nothing, played, counted, panicked, refused } outcome = nothing;
    char text[96];     // the operation, names replaced by what they stand for: "free 16 8"
    char results[384]; // what came of it, or what is wrong with the line

    // No more: filling them takes longer than most operations.
    played_line() { text[0] = results[0] = '\0'; }
};
void play_line(const lab &lab, const words &line, played_line &played);

// Writes the record of the line that was just played; none where it only counted.
void record_played(const played_line &line);

// The lab of that name; the operation of that name; or null.
const lab *find_lab(std::string_view slug);
const operation *find_operation(const lab &lab, std::string_view verb);

// How many instructions an operation may take before the watchdog ends it, if its scenario does not
// say otherwise.
constexpr uint64_t default_limit = 3'500'000;

// And how many more for each byte of the memory that it concerns (call::concerns): a loop that
// clears or copies it byte by byte takes some five. The machines here have no more memory than
// that.
constexpr uint64_t instructions_a_byte = 8;
constexpr uint64_t most_memory = 32 << 20;

// The same of the operation under way.
uint64_t operation_limit();

// How many instructions the call under way has taken so far: what it had cost when it panicked.
uint64_t cost_of_call();

// Where the player is: for the reports of what stopped it.
struct position {
    bool in_script;   // rather than at the prompt
    bool in_call;     // the student's function has been called and has not returned
    uint32_t number;  // of the operation in its scenario, from 1
    const char *text; // the operation
};
const position &player_position();
