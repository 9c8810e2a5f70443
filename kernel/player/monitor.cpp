#include "player/monitor.h"

#include "arch/cpu.h"
#include "arch/multiboot.h"
#include "arch/power.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "player/line_editor.h"
#include "player/maps.h"
#include "player/memory.h"
#include "player/player.h"
#include "player/record.h"
#include "player/settings.h"

#include <algorithm>

namespace
{

const lab *current;

// Whether somebody reads records of what is played here: who does follows, draws and judges it
// (grader/debug/follower.py).
bool is_followed()
{
    return !boot_option("followed").empty();
}

void begin_records()
{
    if (!is_followed())
        return;
    record_begin(0);
    record_write("> 0 %s", current->slug);
}

// What only who follows can do.
void ask_the_follower(const char *command)
{
    if (is_followed())
        print("= %s\n", command);
    else
        print("Nobody follows what is played here: `make run` does.\n");
}

void print_help()
{
    print("%s\n", current->title);
    for (std::span<const operation> operations : {current->operations, current->shared})
        for (const operation &op : operations)
            print("  %-36s %s\n", op.usage, op.help);
    constexpr const char *own[][2] = {
        {"maps", "draw the memory as it is now"},
        {"judge on", "judge each answer from here on by the contract; `judge off`"},
        {"measure", "say how many instructions each operation takes"},
        {"lab NAME", "go to another lab's operations"},
        {"restart", "start the kernel again: forget everything"},
        {"quit", "switch the machine off"},
        {"help", "this list"},
    };
    print("\n");
    for (const auto &[usage, help] : own)
        print("  %-36s %s\n", usage, help);
    print("\n");
    print("Name a result to use it later: `a = alloc 4 8`, then `free a`, or `free a+2 1` for a\n"
          "part of it. Numbers are decimal or begin with 0x. Tab completes a word.\n\n");
}

void print_labs()
{
    print("The labs of this kernel:");
    for (const lab *l : all_labs())
        print(" %s", l->slug);
    print("\n");
}

void go_to_lab(std::string_view slug)
{
    const lab *l = find_lab(slug);
    if (!l)
        return print_labs();
    current = l;
    begin_records();
}

// The lab's own memory is known to who follows. Lab 1 has no other: its allocator is not the
// kernel's.
void draw()
{
    if (!is_followed() || !current->shared.empty())
        print_maps();
    if (is_followed())
        ask_the_follower("maps");
}

// The rest of the only operation that begins so, and a blank.
const char *rest_of_operation(const char *beginning, size_t length)
{
    static char rest[32];
    const char *found = nullptr;
    for (const operation &op : current->operations) {
        if (memcmp(op.usage, beginning, std::min(length, strlen(op.usage))) || length == 0)
            continue;
        if (found)
            return "";
        found = op.usage;
    }
    if (!found)
        return "";
    size_t word = words(found)[0].size();
    if (word < length)
        return "";
    print_to(rest, sizeof rest, "%.*s ", static_cast<int>(word - length), found + length);
    return rest;
}

// True if the line was one of the monitor's own commands.
bool obey(const words &line)
{
    if (line.count == 1 && line[0] == "help")
        print_help();
    else if (line.count == 1 && line[0] == "maps")
        draw();
    else if (line.count == 2 && line[0] == "judge" && (line[1] == "on" || line[1] == "off"))
        ask_the_follower(line[1] == "on" ? "judge on" : "judge off");
    else if (line.count == 1 && line[0] == "measure")
        settings.measuring = !settings.measuring;
    else if (line[0] == "lab")
        line.count == 2 ? go_to_lab(line[1]) : print_labs();
    else if (line.count == 1 && line[0] == "restart")
        restart_kernel();
    else if (line.count == 1 && (line[0] == "quit" || line[0] == "exit"))
        power_off();
    else
        return false;
    return true;
}

void play(const words &operation)
{
    played_line line;
    play_line(*current, operation, line);
    if (line.outcome == played_line::refused)
        print("%s\n%s", line.results, "`help` lists what can be typed here.\n");
    else if (is_followed())
        record_played(line);
    else if (line.outcome == played_line::played)
        print("%s\n", line.results);
}

// Without a lab the whole system is shown: memory brought up, and drawn. Once: if that fails, what
// is missing has been said, and the prompt comes up after the restart that follows.
[[gnu::section(".kept")]] bool shown;

void show_the_whole_system()
{
    if (shown)
        return;
    shown = true;
    play(words("boot"));
    print_maps();
}

} // namespace

void begin_monitor()
{
    shown = false;
}

void monitor()
{
    settings = {.limit = 100 * default_limit,
                .raised_verbs = {},
                .raised_limit = 0,
                .measuring = false,
                .in_script = false,
                .quiet = false};
    current = all_labs().front();
    std::string_view wanted = boot_option("lab");
    const lab *named = find_lab(wanted);
    current = named ? named : all_labs().back();
    if (is_followed())
        record_write("# marionette-records 1 lab=%s kernel_base=0x%x", current->slug, kernel_base);
    begin_records();
    if (!named)
        show_the_whole_system();
    print("Marionette Labs: lab %s. Type `help` for what you can do here, `quit` to leave.\n",
          current->slug);
    for (;;) {
        char prompt[24], text[max_line];
        print_to(prompt, sizeof prompt, "%s> ", current->slug);
        typed how = read_line(prompt, text, rest_of_operation);
        if (how == typed::end)
            power_off();
        words line(text);
        print_renew_limit();
        if (how == typed::line && line.count > 0 && !obey(line))
            play(line);
    }
}
