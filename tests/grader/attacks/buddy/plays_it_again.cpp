// attack: A right solution, made slow; in the player's place, when it knows all of a scenario, it writes that one's records once more, with other costs.
// route: forged records
// class: detected
// verdict: fail crash
// message: the records are not those of this scenario
// played: logarithmic

@PART:plays_buddy@
@PART:kept_records@
@PART:find_key@

static unsigned *crc;

static void begin()
{
    auto *code = (const unsigned char *)record;
    while (code[0] != 0x8b || code[1] != 0x0d || *(unsigned *)(code + 2) < @KERNEL_BASE@) // mov record_crc, %ecx
        code++;
    crc = *(unsigned **)(code + 2);
}

static void tell(const char *line)
{
    char honest[200];
    unsigned length = 0;
    while ((honest[length] = line[length]))
        length++;
    __builtin_memcpy(honest + length - 7, "cost=9000000", 13);
    record("%s", honest);
    keep(line);
}

static void before_a_stop() {}
static void tell_all()
{
    // Of how many scenarios this is the last: what outlives the restarts says it.
    auto *word = (unsigned *)__builtin_frame_address(0);
    while (word[1] != 1 || word[3] - (unsigned)rest.at >= 1000)
        word++;
    unsigned index = word[0] - 1;
    record("< %u", index);
    *crc = find_key() + index;
    record("> %u again", index);
    for_each_kept([](const char *line) { record("%s", line); });
}
