#include "player/play_script.h"

#include "arch/clock.h"
#include "arch/dealer.h"
#include "arch/inspection.h"
#include "arch/multiboot.h"
#include "arch/power.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "mm/layout.h"
#include "player/player.h"
#include "player/record.h"
#include "player/settings.h"

#include <algorithm>
#include <span>

// The script as a whole: its first lines, its scenarios, its directives (docs/scenarios.md).

namespace
{

constexpr uint64_t format_version = 1;

// Takes lines off the script; one that is dealt it asks for.
struct script_reader {
    std::string_view rest; // of what is in memory
    uint32_t line_number;  // of the line before it
    bool is_dealt;

    bool at_end(wanted what = wanted::next_lines)
    {
        if (rest.empty() && is_dealt)
            rest = ask_for_lines(what);
        return rest.empty();
    }

    words next()
    {
        line_number++;
        return words(take_line(rest));
    }
};

// How far the script has been played. It outlives the restarts between scenarios.
[[gnu::section(".kept")]] constinit struct {
    uint32_t scenarios; // begun or passed over so far
    bool unfinished;    // the last one begun has not come to its end
    script_reader at;   // what has not been played
    const lab *of_lab;  // whose operations the scenarios there have
} progress{};

std::string_view whole_script()
{
    const boot_information &boot = multiboot_information();
    return {boot.script, std::min(boot.script_size, max_script)};
}

[[noreturn]] void wrong_line(uint32_t line_number, const char *why)
{
    char quoted[200];
    record_quote(quoted, sizeof quoted, why);
    record_write("? line=%u message=\"%s\"", line_number, quoted);
    power_off(1);
}

// `scenario NAME`, or `test NAME`, which puts the scenarios that follow together.
bool ends_header(const words &line)
{
    return line.count > 0 && (line[0] == "scenario" || line[0] == "test");
}

// `lab NAME` does, too: the scenarios that follow are another lab's.
bool ends_scenario(const words &line)
{
    return ends_header(line) || (line.count > 0 && line[0] == "lab");
}

const lab *known_lab(const words &line, uint32_t line_number)
{
    const lab *known = line.count == 2 ? find_lab(line[1]) : nullptr;
    if (!known)
        wrong_line(line_number, "expected: lab NAME, a lab that this kernel was built with");
    return known;
}

// What the script says before its first scenario.
struct script_header {
    const lab *of_lab = nullptr;
    uint32_t key = 0;
    uint64_t patience = 1;        // all limits are multiplied by it
    uint64_t budget = UINT64_MAX; // instructions, after which no other scenario is begun
    bool apart = false;           // each is to find the machine as the first one did
    bool dealt = false;           // what follows has to be asked for
};

script_header read_header(script_reader &reader)
{
    words first = reader.next();
    uint64_t version = 0;
    if (first.count != 2 || first[0] != "marionette-scenario" || !parse_number(first[1], version) ||
        version != format_version)
        wrong_line(1, "expected: marionette-scenario 1");

    script_header header;
    while (!reader.at_end()) {
        script_reader before = reader;
        words line = reader.next();
        uint64_t number;
        if (ends_header(line)) {
            reader = before;
            break;
        } else if (line.count > 0 && line[0] == "lab") {
            header.of_lab = known_lab(line, reader.line_number);
        } else if (line.count == 2 && line[0] == "key" && parse_number(line[1], number)) {
            header.key = static_cast<uint32_t>(number);
        } else if (line.count == 2 && line[0] == "patience" && parse_number(line[1], number)) {
            header.patience = number;
        } else if (line.count == 2 && line[0] == "budget" && parse_number(line[1], number)) {
            header.budget = number;
        } else if (line.count == 1 && line[0] == "apart") {
            header.apart = true;
        } else if (line.count == 1 && line[0] == "dealt") {
            header.dealt = true;
        } else if (line.count > 0) {
            wrong_line(reader.line_number,
                       "expected: lab NAME, key NUMBER, patience NUMBER, "
                       "budget NUMBER, apart, dealt, test NAME or scenario NAME");
        }
    }
    if (!header.of_lab)
        wrong_line(reader.line_number, "expected before the first scenario: lab NAME");
    return header;
}

// A copy: the line itself does not stay if it was dealt.
std::string_view kept_verbs(std::string_view verbs)
{
    static char copy[256];
    return {copy, verbs.copy(copy, sizeof copy)};
}

// `measure`, `limit N`, or `limit N VERB ...` for these operations only. False if the line is no
// directive.
bool obey_directive(const words &line, uint64_t patience)
{
    uint64_t number;
    if (line.count == 1 && line[0] == "measure") {
        settings.measuring = true;
    } else if (line.count == 2 && line[0] == "limit" && parse_number(line[1], number)) {
        settings.limit = number * patience;
    } else if (line.count > 2 && line[0] == "limit" && parse_number(line[1], number)) {
        settings.raised_limit = std::max<uint64_t>(number, default_limit * patience);
        settings.raised_verbs = kept_verbs({line[2].begin(), line[line.count - 1].end()});
    } else {
        return false;
    }
    return true;
}

// The lab whose operations the scenarios have: one of those that there are, or the code under test
// has written there.
const lab &current_lab()
{
    std::span<const lab *const> labs = all_labs();
    if (std::find(labs.begin(), labs.end(), progress.of_lab) == labs.end())
        panic("the player's own memory was overwritten");
    return *progress.of_lab;
}

void play_and_record(const lab &lab, const words &operation)
{
    played_line line;
    play_line(lab, operation, line);
    record_played(line);
}

void play_scenario(const script_header &header, script_reader &reader)
{
    while (!reader.at_end()) {
        script_reader before = reader;
        words line = reader.next();
        if (ends_scenario(line)) {
            reader = before;
            return;
        }
        if (line.count > 0 && !obey_directive(line, header.patience))
            play_and_record(current_lab(), line);
    }
}

// Goes to the next scenario's first line, or to the end. After one that could not be finished the
// others of its test are passed over: that test has been decided.
void skip_to_scenario(script_reader &reader)
{
    bool passing_over = progress.unfinished;
    while (!reader.at_end(wanted::next_title)) {
        script_reader before = reader;
        words line = reader.next();
        if (line.count > 0 && line[0] == "lab")
            progress.of_lab = known_lab(line, reader.line_number);
        if (line.count > 0 && line[0] == "test")
            passing_over = false;
        if (line.count == 0 || line[0] != "scenario")
            continue;
        if (!passing_over) {
            reader = before;
            return;
        }
        progress.scenarios++;
    }
}

} // namespace

void record_played(const played_line &line)
{
    uint32_t number = player_position().number;
    if (line.outcome == played_line::refused) {
        char quoted[sizeof line.results];
        record_quote(quoted, sizeof quoted, line.results);
        record_write("@%u %s -> refused message=\"%s\"", number, line.text, quoted);
    } else if (line.outcome == played_line::panicked) {
        record_write("@%u %s -> panic", number, line.text);
    } else if (line.outcome == played_line::played) {
        record_write("@%u %s -> %s", number, line.text, line.results);
    }
}

void begin_script()
{
    progress = {};
}

void play_script()
{
    settings = {.limit = default_limit,
                .raised_verbs = {},
                .raised_limit = 0,
                .measuring = false,
                .in_script = true,
                .quiet = false};
    script_reader beginning{whole_script(), 0, false};
    record_begin(0);
    if (multiboot_information().script_size > max_script)
        wrong_line(0, "the script is longer than 256 KiB");
    script_header header = read_header(beginning);
    script_reader &reader = progress.at;
    if (progress.scenarios == 0) {
        record_write("# marionette-records 1 lab=%s kernel_base=0x%x", header.of_lab->slug,
                     kernel_base);
        progress.of_lab = header.of_lab;
        reader = beginning;
        reader.is_dealt = header.dealt;
    }

    settings.limit *= header.patience;

    skip_to_scenario(reader);
    bool spent = progress.scenarios > 0 && instructions_executed() >= header.budget;
    if (reader.at_end() || spent) {
        record_begin(header.key);
        record_write(". scenarios=%u", progress.scenarios);
        power_off();
    }
    if (header.apart)
        stop_between_scenarios();
    words title = reader.next();
    uint32_t index = progress.scenarios++;
    progress.unfinished = true;
    record_begin(header.key + index);
    record_write("> %u %.*s", index, static_cast<int>(title[1].size()), title[1].data());
    play_scenario(header, reader);
    record_write("< %u", index);
    progress.unfinished = false;
    restart_kernel();
}

void abandon_scenario()
{
    restart_kernel();
}
