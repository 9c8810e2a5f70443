#pragma once

#include "arch/cpu.h"
#include "arch/exceptions.h"

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string_view>

// What a lab tells the player about itself: its operations, the verbs that a scenario file and the
// monitor's prompt have in common. An operation calls the student's function and writes down what
// came of it. It never judges.

constexpr size_t max_arguments = 6;

// One operation being played: what it was given, and what is to be written down of it.
struct call {
    uint64_t arguments[max_arguments] = {};
    size_t argument_count = 0;

    // The i-th argument; all fit in 32 bits unless the operation is `wide`.
    uint32_t argument(size_t i) const { return static_cast<uint32_t>(arguments[i]); }

    // Calls body(), which calls the student's function and does nothing else, under the watchdog
    // and counting instructions. False if it ended in a panic: then there is nothing to write down.
    template <typename Body>
    bool run(Body body);

    // Says how much memory the operation concerns: from here on each run() of it has time to clear,
    // or to copy, each byte.
    void concerns(uint64_t bytes);

    // Writes down a number, or an address, under a name.
    void result(const char *name, uint32_t value);
    void address(const char *name, uint64_t value);

    // Writes down memory, as a memory_text has it.
    void memory(const char *text);

    // Says what the name before the `=` stands for from now on: both values in `free a`, the first
    // in `free a+1 2`.
    void keep(uint32_t first, uint32_t second);

    // Refuses: the scenario asks for something that makes no sense here.
    void refuse(const char *why) { refusal = why; }

    // Writes this one down even where the scenario wants only sums.
    void notable() { is_notable = true; }

    bool hexadecimal[max_arguments] = {}; // an argument was typed so, and is spelled so

    // For the player, which reads them when the operation is over.
    char results[352]; // so much of it as `length` says
    size_t length = 0;
    uint32_t kept[2] = {};
    uint64_t ticks = 0; // of the time stamp counter, in all run()s
    bool panicked = false;
    bool is_notable = false;
    const char *refusal = nullptr;
};

struct operation {
    const char *usage; // the verb, then a word for each argument: "alloc MIN MAX"
    const char *help;  // what it does, in one line
    void (*play)(call &);
    bool wide = false; // arguments may have 64 bits
};

struct lab {
    const char *slug;
    const char *title;
    std::span<const operation> operations;
    std::span<const operation> shared = {}; // with other labs
    void (*check)() = nullptr; // the student's own, after each operation; null if there is none
};

// Makes a lab known to the player: kernel.ld collects them, in the order they are linked.
#define REGISTER_LAB(description)                                                                  \
    [[gnu::section(".labs"), gnu::used]] static const lab *const registered_lab = &description

// All labs of this image.
std::span<const lab *const> all_labs();

// What run() does around the call: says that the operation is under way, minds the watchdog.
void operation_begins();
void operation_ends();

template <typename Body>
bool call::run(Body body)
{
    struct timed {
        Body &body;
        uint64_t ticks;
    } timed{body, 0};
    operation_begins();
    bool returned = call_recoverable(
        [](void *argument) {
            auto t = static_cast<struct timed *>(argument);
            uint64_t before = read_tsc();
            t->body();
            t->ticks = read_tsc() - before;
        },
        &timed);
    operation_ends();
    panicked = !returned;
    ticks += timed.ticks;
    return returned;
}
