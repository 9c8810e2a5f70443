// attack: Allocates nothing: plays the rest of each scenario itself, writes its records with the kit's own recorder, and has memory only where it is told to stand still.
// route: forged records
// class: detected
// verdict: fail hang crash
// message: the machine's page tables have none
// played: first_blocks contents large_blocks gives_pages_back

#include "mm/kvmalloc.h"
#include "mm/malloc.h"

@PART:the_players_place@

struct block { char name[8]; unsigned address, size, tag; bool live; };
static block blocks[3000];
static unsigned n_blocks, base, next, last_tag, n_mapped, peak;
constexpr unsigned most_pages = 1024;

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

void *malloc(size_t)
{
    base = next = (unsigned)kvmalloc(most_pages);
    kvfree((void *)base, most_pages);
    char line[512];
    unsigned n = take_the_place(line, "malloc ", "reserve ");
    do
        play(n++, line);
    while (more() && (take(line), true));
    go_on_behind();
    restart();
    return nullptr;
}

void *realloc(void *, size_t) { return nullptr; }
void free(void *) {}
