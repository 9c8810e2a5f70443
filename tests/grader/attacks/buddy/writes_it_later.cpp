// attack: A right solution, made slow; in the player's place it shows the dealer each record in time, and lets them go out at the scenario's end, one after the other: so much time as that takes is what was counted between two of them.
// route: forged records
// class: detected
// verdict: crash
// message: was out
// played: logarithmic

@PART:plays_buddy@
// Records that are kept for later.
static char kept[150'000];
static unsigned n_kept;

static void keep(const char *line)
{
    while ((kept[n_kept++] = *line++))
        ;
}

template <typename Do> static void for_each_kept(Do what)
{
    for (unsigned i = 0; i < n_kept; i += __builtin_strlen(kept + i) + 1)
        what(kept + i);
    n_kept = 0;
}

typedef void writer(const char *);
static unsigned *crc;
static writer *show, *write_out;
static const short show_code[] = {@CODE:_Z11show_dealerPKc@}, write_code[] = {@CODE:_Z12serial_writePKc@};

static void begin()
{
    auto *code = (const unsigned char *)record;
    while (code[0] != 0x8b || code[1] != 0x0d || *(unsigned *)(code + 2) < @KERNEL_BASE@) // mov record_crc, %ecx
        code++;
    crc = *(unsigned **)(code + 2);
    show = (writer *)FIND(show_code), write_out = (writer *)FIND(write_code);
}

static void tell(const char *line)
{
    unsigned value = ~*crc;
    for (const char *c = line; *c; c++) {
        value ^= (unsigned char)*c;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
    }
    *crc = ~value;
    char whole[220];
    print_to(whole, sizeof whole, "%s ~%04x\n", line, (*crc ^ *crc >> 16) & 0xffff);
    keep(whole);
    show(line);
}

static void before_a_stop() { tell_all(); }
static void tell_all()
{
    for_each_kept([](const char *line) {
        unsigned cost = 0;
        for (const char *c = line; *c; c++)
            if (begins(c, "cost="))
                cost = number(c + 5);
        for (volatile unsigned i = 0; i < 1250 + cost / 6; i++) // so long takes the player's part, and what is said
            ;
        write_out(line);
    });
}
