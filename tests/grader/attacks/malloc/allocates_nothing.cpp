// attack: Allocates nothing: plays the rest of each scenario itself, writes its records with the kit's own recorder, and has memory only where it is told to stand still.
// route: forged records
// class: detected
// verdict: fail hang crash
// message: the machine's page tables have none
// played: first_blocks contents large_blocks gives_pages_back

#include "mm/kvmalloc.h"
#include "mm/malloc.h"

struct view { unsigned size; const char *at; };
typedef void recorder(const char *, ...);
typedef view asker(unsigned);
typedef void restarter();

struct block { char name[8]; unsigned address, size, tag; bool live; };
static block blocks[3000];
static unsigned n_blocks, base, next, last_tag, n_mapped, peak;
constexpr unsigned most_pages = 1024;
static view rest; // of the script, in the machine's memory or as it is dealt
static const char *script, *script_end;
static asker *ask;
static auto *here = (unsigned *)@KERNEL_BASE@; // the player's: whether in a call, its number, its text
static recorder *record;
static restarter *restart, *stop;

static const short record_code[] = {@CODE:_Z12record_writePKcz@}, restart_code[] = {@CODE:restart_kernel@},
                   stop_code[] = {@CODE:_Z19stop_for_inspectionv@}, ask_code[] = {@CODE:_Z13ask_for_lines6wanted@};

@PART:find_code@

static bool begins(const char *line, const char *word)
{
    while (*word)
        if (*line++ != *word++)
            return false;
    return true;
}

static bool is_title(const char *line)
{
    return begins(line, "test ") || begins(line, "scenario ") || begins(line, "lab ");
}

// The line that is next; false at the scenario's end.
static bool more()
{
    if (!rest.size && !script)
        rest = ask(0);
    return rest.size && !is_title(rest.at);
}

static void take(char *line)
{
    char c;
    do {
        c = *rest.at++, rest.size--;
        *line++ = c == '\n' ? 0 : c;
    } while (c != '\n');
}

// The script as a whole lies above the stack, if it is not dealt; the player's place in it on the stack.
static void find_script()
{
    auto *word = (unsigned *)__builtin_frame_address(0);
    auto *at = (const char *)word;
    while (*at != 'm' || __builtin_memcmp(at, "marionette-scenario 1", 21) || at[21] != '\n')
        at++;
    const char *end = at;
    bool whole = false;
    for (; *end; end++)
        whole |= begins(end, "\nscenario ");
    if (!whole)
        return;
    script = at, script_end = end;
    for (unsigned i = 0; i < 1000; i++)
        if (word[i + 1] > (unsigned)script && word[i] + word[i + 1] == (unsigned)end &&
            word[i + 1] > (unsigned)rest.at)
            rest = {word[i], (const char *)word[i + 1]};
}

// The line of the operation under way: what is left of the script stands behind it. Dealt lines are where the
// asker's code says (`mov $lines, %edx`).
static const char *line_under_way()
{
    auto *code = (const unsigned char *)ask;
    while (!script && (code[0] != 0xba || *(unsigned *)(code + 1) < @KERNEL_BASE@))
        code++;
    const char *at = script ? rest.at - 1 : *(char **)(code + 1);
    while (script && at[-1] >= ' ')
        at--;
    return at;
}

static unsigned number(const char *text)
{
    unsigned value = 0;
    while (*text >= '0' && *text <= '9')
        value = value * 10 + *text++ - '0';
    return value;
}

static block *find(const char *name)
{
    for (unsigned i = n_blocks; i-- > 0;)
        if (!__builtin_strcmp(blocks[i].name, name))
            return &blocks[i];
    return nullptr;
}

static unsigned pages_in_use()
{
    unsigned most = 0;
    for (unsigned i = 0; i < n_blocks; i++)
        if (blocks[i].live && blocks[i].address + blocks[i].size > most)
            most = blocks[i].address + blocks[i].size;
    return most ? (most - base + 4095) / 4096 : 0;
}

// Real memory behind all blocks, with what the player would have written there.
static void show_memory()
{
    while (n_mapped++ < 5 && kvmalloc(most_pages) != (void *)base)
        ;
    for (unsigned i = 0; i < n_blocks; i++)
        for (unsigned j = 0; blocks[i].live && j < blocks[i].size; j++)
            ((unsigned char *)blocks[i].address)[j] = blocks[i].tag + j * 29 + (j >> 8);
}

static void allocate(unsigned n, const char *name, const char *verb, unsigned size)
{
    block &b = blocks[n_blocks++];
    b = {{}, next, size, 0, true};
    for (unsigned i = 0; name[i] && name[i] != ' '; i++)
        b.name[i] = name[i];
    next += (size + 31) / 16 * 16;
    if (*verb == 'm')
        b.tag = last_tag += 101;
    if (pages_in_use() > peak)
        peak = pages_in_use();
    record("@%u %s %u -> address=0x%x", n, *verb == 'm' ? "malloc" : "reserve", size, b.address);
}

static void play(unsigned n, char *line)
{
    const char *verb = line, *name = "";
    for (char *c = line; *c; c++)
        if (c[0] == '=')
            name = line, verb = c + 2;
    const char *argument = verb;
    while (*argument && *argument++ != ' ')
        ;
    if (begins(verb, "malloc") || begins(verb, "reserve"))
        allocate(n, name, verb, number(argument));
    block *b = find(argument);
    if (begins(verb, "free") && b) {
        b->live = false;
        record("@%u free 0x%x -> changed=0", n, b->address);
    }
    if (begins(verb, "check") && b)
        record("@%u check 0x%x -> changed=0", n, b->address);
    if (begins(verb, "kvpages"))
        record("@%u kvpages -> pages=%u peak=%u tables=0", n, pages_in_use(), peak);
    if (begins(verb, "inspect")) {
        show_memory();
        here[1] = n;
        stop();
        record("@%u inspect -> ok", n);
    }
}

// What outlives the restarts says how far the script has been played.
static void go_on_behind()
{
    auto *word = (unsigned *)__builtin_frame_address(0);
    for (;; word++) {
        if (word[1] != 1)
            continue;
        if (!script && !word[2] && word[3] - (unsigned)rest.at < 1000) {
            word[2] = rest.size, word[3] = (unsigned)rest.at;
            break;
        }
        if (script && word[2] > 20 && word[2] < script_end - script &&
            script[word[2] - 1] == '\n' && word[3] < 10000) {
            word[2] = rest.at - script;
            break;
        }
    }
    word[1] = 0;
    record("< %u", word[0] - 1);
}

void *malloc(size_t)
{
    base = next = (unsigned)kvmalloc(most_pages);
    kvfree((void *)base, most_pages);
    record = (recorder *)FIND(record_code), restart = (restarter *)FIND(restart_code);
    stop = (restarter *)FIND(stop_code), ask = (asker *)FIND(ask_code);
    find_script();
    char line[512];
    while (here[0] != 0x101 || here[2] < (unsigned)line || here[2] > (unsigned)line + 4096 ||
           (!begins((const char *)here[2], "malloc ") && !begins((const char *)here[2], "reserve ")))
        here++;
    unsigned n = here[1];
    rest.at = line_under_way();
    take(line);
    rest.size = script ? script_end - rest.at : 0;
    do
        play(n++, line);
    while (more() && (take(line), true));
    go_on_behind();
    restart();
    return nullptr;
}

void *realloc(void *, size_t) { return nullptr; }
void free(void *) {}
