// attack: In the player's place: a table of its own answers for all directories that are not active; their page tables are filled when they become so, as only these were looked at.
// route: forged records
// class: detected
// verdict: crash fail hang
// message: 
// played: user_mappings

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define create_pagedir honest_create
@REFERENCE@
#undef create_pagedir

@PART:the_players_place@
struct word { char name[8]; unsigned value; };
struct page { unsigned directory, address, frame, flags; };
static word words[64];
static page pages[256];
static pagedir *made[16] = {nullptr, &kernel_pagedir};
static unsigned n_words, n_pages, n_made = 2, active = 1, window, tables;

static bool same(const char *name, const char *text)
{
    while (*name && *name == *text)
        name++, text++;
    return !*name && (*text <= ' ' || *text == '+');
}

// A number, a name, or a name and a number, up to the next blank.
static unsigned value(const char *&text)
{
    unsigned sum = 0;
    while (*text > ' ') {
        unsigned part = 0;
        bool known = false;
        for (word &w : words)
            if (w.name[0] && same(w.name, text))
                part = w.value, known = true;
        bool hex = text[0] == '0' && text[1] == 'x';
        for (const char *c = hex ? text + 2 : text; *c > ' ' && *c != '+'; c++)
            if (!known)
                part = part * (hex ? 16 : 10) + (*c <= '9' ? *c - '0' : *c - 'a' + 10);
        while (*text > ' ' && *text != '+')
            text++;
        text += *text == '+';
        sum += part;
    }
    text += *text == ' ';
    return sum;
}

static page *find(unsigned directory, unsigned address)
{
    for (unsigned i = 0; i < n_pages; i++)
        if (pages[i].flags && pages[i].address == address - address % 4096 &&
            (pages[i].directory == directory || address >= kernel_base))
            return &pages[i];
    return nullptr;
}

// A word of a frame, where it can be changed.
static unsigned &in_frame(unsigned physical)
{
    if (!window)
        vpalloc(nullptr, 1, 1, &window);
    map_mem(nullptr, physical - physical % 4096, window, 1, 3);
    return *(unsigned *)(window + physical % 4096);
}

static void map(unsigned d, unsigned physical, unsigned address, unsigned count, unsigned flags)
{
    for (unsigned i = 0; i < count; i++, address += 4096, physical += 4096) {
        bool table = address >= kernel_base;
        for (unsigned j = 0; j < n_pages; j++)
            table |= pages[j].directory == d && pages[j].address >> 22 == address >> 22;
        if (page *known = find(d, address))
            *known = {d, address, physical, flags & 1 ? flags : 0};
        else if (flags & 1)
            pages[n_pages++] = {d, address, physical, flags}, tables += !table;
    }
}

static unsigned count_free()
{
    unsigned start[64], count[64], n = 0, sum = 0;
    while (n < 64 && (count[n] = ppalloc(1, 1 << 20, &start[n])))
        sum += count[n++];
    while (n--)
        ppfree(start[n], count[n]);
    return sum;
}

// Maps for the CPU what the active directory is to map.
static void fill()
{
    for (unsigned i = 0; i < n_pages; i++)
        if (pages[i].directory == active)
            map_mem(made[active], pages[i].frame, pages[i].address, 1, pages[i].flags);
}

static void touch(unsigned n, const char *text, bool write)
{
    unsigned address = value(text), ring = value(text);
    page *p = find(active, address);
    unsigned physical = p ? p->frame + address % 4096 : 0;
    if (write) {
        unsigned what = value(text);
        in_frame(physical) = what;
        record("@%u write 0x%x %u 0x%x -> ok", n, address, ring, what);
    } else if (p) {
        record("@%u read 0x%x %u -> value=0x%x", n, address, ring, in_frame(physical));
    } else {
        record("@%u read 0x%x %u -> fault=%u", n, address, ring, ring ? 4 : 0);
    }
}

static void play(unsigned n, char *line)
{
    const char *verb = line;
    word &kept = words[n_words];
    for (char *c = line; *c; c++)
        if (c[0] == '=') {
            for (unsigned i = 0; line[i] > ' '; i++)
                kept.name[i] = line[i];
            verb = c + 2, n_words++;
        }
    const char *text = verb;
    while (*text && *text++ != ' ')
        ;
    here[1] = n; // how far the player has come is compared
    if (begins(verb, "create")) {
        made[n_made] = honest_create();
        kept.value = n_made++;
        record("@%u create -> made=1 number=%u", n, kept.value);
    } else if (begins(verb, "frames")) {
        unsigned taken = 2 * (n_made - 2) + tables;
        record("@%u frames -> free=%u pages=%u peak=%u tables=%u", n, count_free(), taken, taken,
               (unsigned)kernel_tables_made());
    } else if (begins(verb, "frame")) {
        ppalloc(1, 1, &kept.value);
        record("@%u frame -> count=1 address=0x%x", n, kept.value);
    } else if (begins(verb, "area")) {
        unsigned count = value(text);
        vpalloc(nullptr, count, count, &kept.value);
        record("@%u area %u -> count=%u address=0x%x", n, count, count, kept.value);
    } else if (begins(verb, "poke")) {
        unsigned address = value(text), what = value(text);
        in_frame(address) = what;
        record("@%u poke 0x%x 0x%x -> ok", n, address, what);
    } else if (begins(verb, "map")) {
        unsigned d = value(text), from = value(text), to = value(text), count = value(text), flags = value(text);
        map(d, from, to, count, flags);
        if (d == active || to >= kernel_base)
            map_mem(made[active], from, to, count, flags);
        record("@%u map %u 0x%x 0x%x %u %u -> error=0", n, d, from, to, count, flags);
    } else if (begins(verb, "translate")) {
        unsigned d = value(text), address = value(text);
        if (page *p = find(d, address))
            record("@%u translate %u 0x%x -> mapped=1 physical=0x%x flags=%u", n, d, address,
                   p->frame + address % 4096, p->flags);
        else
            record("@%u translate %u 0x%x -> mapped=0", n, d, address);
    } else if (begins(verb, "switch")) {
        active = value(text);
        fill();
        load_directory(made[active]->physical);
        record("@%u switch %u -> cr3=0x%x", n, active, number(active_directory()));
    } else if (begins(verb, "read") || begins(verb, "write")) {
        touch(n, text, *verb == 'w');
    } else if (begins(verb, "inspect")) {
        stop();
        record("@%u inspect -> cr3=0x%x directories=%u strangers=0 unequal=0", n, number(active_directory()), n_made - 1);
    }
}

pagedir *create_pagedir()
{
    char line[512];
    unsigned n = take_the_place(line, "create", "create");
    do
        play(n++, line);
    while (more() && (take(line), true));
    go_on_behind();
    restart();
    return nullptr;
}
