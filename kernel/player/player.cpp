#include "player/player.h"

#include "arch/clock.h"
#include "arch/inspection.h"
#include "arch/serial.h"
#include "arch/watchdog.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "player/settings.h"

#include <algorithm>
#include <stdarg.h>

extern "C" const lab *const labs_start[];
extern "C" const lab *const labs_end[];

constinit player_settings settings{};

// Not local: in official runs the grader looks for it in memory (grader/evidence/integrity.py).
extern position player_here;
position player_here{.in_script = false, .in_call = false, .number = 0, .text = ""};

// The debuggers' breakpoint: operation `number` is about to be played. Every operation of a
// scenario comes by here once, also one that calls nothing of the student's, or is refused.
extern "C" [[gnu::noinline]] void about_to_play(uint32_t number)
{
    asm volatile("" : : "r"(number) : "memory");
}

namespace
{

constinit names known_names;

[[gnu::format(printf, 2, 3)]] void complain(played_line &line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprint_to(line.results, sizeof line.results, format, arguments);
    va_end(arguments);
    line.outcome = played_line::refused;
}

// For %.*s.
int length_of(std::string_view word)
{
    return static_cast<int>(word.size());
}

// A number; a name (`base` is kernel_base unless a result has that name); or a name with +N or -N.
bool resolve(std::string_view word, uint64_t &value)
{
    if (parse_number(word, value))
        return true;
    size_t sign = std::min(word.find_first_of("+-"), word.size());
    std::string_view name = word.substr(0, sign);
    const names::entry *result = known_names.find(name);
    if (!result && name != "base")
        return false;
    value = result ? result->value[0] : kernel_base;
    if (sign == word.size())
        return true;
    uint64_t distance;
    if (!parse_number(word.substr(sign + 1), distance))
        return false;
    value = static_cast<uint32_t>(word[sign] == '+' ? value + distance : value - distance);
    return true;
}

// Turns the words after the verb into arguments. A name in the last place stands for both its
// values if there is one word too few.
bool parse_arguments(const operation &op, size_t wanted, std::span<const std::string_view> given,
                     call &c, played_line &line)
{
    for (std::string_view word : given) {
        if (c.argument_count == wanted)
            return complain(line, "too many words; expected: %s", op.usage), false;
        c.hexadecimal[c.argument_count] = word.starts_with("0x");
        uint64_t &value = c.arguments[c.argument_count++];
        if (!resolve(word, value))
            return complain(line, "'%.*s' is no number, and no result has that name",
                            length_of(word), word.data()),
                   false;
        if (value > UINT32_MAX && !op.wide)
            return complain(line, "'%.*s' exceeds 32 bits", length_of(word), word.data()), false;
    }
    const names::entry *last = given.empty() ? nullptr : known_names.find(given.back());
    if (last && c.argument_count + 1 == wanted)
        c.arguments[c.argument_count++] = last->value[1];
    if (c.argument_count < wanted)
        return complain(line, "too few words; expected: %s", op.usage), false;
    return true;
}

// Whether a usage's word stands for an address: those are spelled in hexadecimal.
bool is_address(std::string_view parameter)
{
    constexpr std::string_view addresses[] = {"ADDRESS", "PHYSICAL", "VIRTUAL",
                                              "BASE",    "LENGTH",   "VALUE"};
    return std::find(std::begin(addresses), std::end(addresses), parameter) != std::end(addresses);
}

// "free 16 8": the operation, with its arguments as they are once names are replaced.
void spell(const words &usage, const call &c, played_line &line)
{
    size_t length =
        print_to(line.text, sizeof line.text, "%.*s", length_of(usage[0]), usage[0].data());
    for (size_t i = 0; i < c.argument_count && length < sizeof line.text; i++) {
        bool hexadecimal =
            c.hexadecimal[i] || is_address(usage[i + 1]) || c.arguments[i] >= 0x1000000;
        length += print_to(line.text + length, sizeof line.text - length,
                           hexadecimal ? " 0x%llx" : " %llu", c.arguments[i]);
    }
}

// Of a line that begins with it. Quick: each operation is looked for among all usages.
std::string_view first_word(const char *line)
{
    const char *end = line;
    while (*end && *end != ' ')
        end++;
    return {line, end};
}

bool may_take_longer(std::string_view verb)
{
    words raised(settings.raised_verbs);
    return std::find(raised.word, raised.word + raised.count, verb) != raised.word + raised.count;
}

uint64_t call_began; // by the time stamp counter

uint64_t time_for_memory; // instructions, beside those that any operation may take

// What was played since `quiet`.
uint64_t quiet_operations, quiet_ticks;

void quiet(call &c)
{
    settings.quiet = true;
    c.notable();
    quiet_operations = quiet_ticks = 0;
}

void loud(call &c)
{
    settings.quiet = false;
    c.result("operations", static_cast<uint32_t>(quiet_operations));
    c.address("sum", instructions_in(quiet_ticks));
}

// The player's own operations, which every lab has.
constexpr operation player_operations[] = {
    {"quiet", "from here on, no line for each operation, only sums", quiet},
    {"loud", "back to a line for each; says how many there were, and what they cost", loud},
    {"inspect", "stops the machine for a look at its memory from outside",
     [](call &) { stop_for_inspection(); }},
};

// True if the operation is one of those that only count into the sums.
bool only_counts(const call &c)
{
    if (!settings.quiet || c.is_notable)
        return false;
    quiet_operations++;
    quiet_ticks += c.ticks;
    return true;
}

void write_down(const call &c, std::string_view name, played_line &line)
{
    line.outcome = only_counts(c) ? played_line::counted : played_line::played;
    size_t length = print_to(line.results, sizeof line.results, "%s",
                             c.length ? c.results + 1 : "ok"); // + 1: the blank before the first
    if (settings.measuring)
        print_to(line.results + length, sizeof line.results - length, " cost=%llu",
                 instructions_in(c.ticks));
    if (!name.empty() && !known_names.set(name, c.kept[0], c.kept[1]))
        complain(line, "too many names in one scenario");
}

// The student's own check of what the operation left. A panic in it has its record, before the
// operation's.
void check(const lab &lab)
{
    if (!lab.check)
        return;
    call by_itself;
    by_itself.run(lab.check);
}

} // namespace

uint64_t operation_limit()
{
    bool longer = may_take_longer(first_word(player_here.text));
    return (longer ? settings.raised_limit : settings.limit) + time_for_memory;
}

void call::concerns(uint64_t bytes)
{
    time_for_memory = instructions_a_byte * std::min<uint64_t>(bytes, most_memory);
}

void operation_begins()
{
    serial_flush(); // a machine that resets itself would lose the end of the last record
    player_here.in_call = true;
    watchdog_start(operation_limit());
    call_began = read_tsc();
}

uint64_t cost_of_call()
{
    return instructions_in(read_tsc() - call_began);
}

void operation_ends()
{
    watchdog_stop();
    player_here.in_call = false;
}

void call::result(const char *name, uint32_t value)
{
    length += print_to(results + length, sizeof results - length, " %s=%u", name, value);
}

void call::address(const char *name, uint64_t value)
{
    length += print_to(results + length, sizeof results - length, " %s=0x%llx", name, value);
}

void call::memory(const char *text)
{
    length += print_to(results + length, sizeof results - length, " memory=%s", text);
}

void call::keep(uint32_t first, uint32_t second)
{
    kept[0] = first, kept[1] = second;
}

std::span<const lab *const> all_labs()
{
    return {labs_start, labs_end};
}

const lab *find_lab(std::string_view slug)
{
    for (const lab *l : all_labs())
        if (slug == l->slug)
            return l;
    return nullptr;
}

const operation *find_operation(const lab &lab, std::string_view verb)
{
    for (std::span<const operation> operations :
         {lab.operations, lab.shared, std::span<const operation>(player_operations)})
        for (const operation &op : operations)
            if (first_word(op.usage) == verb)
                return &op;
    return nullptr;
}

const position &player_position()
{
    return player_here;
}

void play_line(const lab &lab, const words &w, played_line &line)
{
    if (w.count == 0)
        return;
    player_here.number++;
    player_here.text = line.text;
    time_for_memory = 0;
    player_here.in_script = settings.in_script;
    about_to_play(player_here.number);
    bool named = w.count > 2 && w[1] == "=";
    std::string_view name = named ? w[0] : std::string_view(), verb = w[named ? 2 : 0];
    if (named && !names::valid(name))
        return complain(line, "'%.*s' is no name: a small letter, then up to 6 letters and digits",
                        length_of(name), name.data());
    print_to(line.text, sizeof line.text, "%.*s", length_of(verb), verb.data());
    const operation *op = find_operation(lab, verb);
    if (!op)
        return complain(line, "lab %s has no operation '%.*s'", lab.slug, length_of(verb),
                        verb.data());

    call c;
    std::span<const std::string_view> given{w.word + (named ? 3 : 1), w.word + w.count};
    words usage(op->usage);
    if (!parse_arguments(*op, usage.count - 1, given, c, line))
        return;
    spell(usage, c, line);
    op->play(c);
    if (!c.refusal && !c.panicked)
        check(lab);
    if (c.refusal)
        complain(line, "%s", c.refusal);
    else if (c.panicked)
        line.outcome = played_line::panicked;
    else
        write_down(c, name, line);
}
