// attack: Forges the log up to its last record, and ends with a triple fault.
// route: forged records
// class: detected
// verdict: crash fail
// message: the records are not those of this scenario

#include "mm/buddy.h"
#include "lib/print.h"

// The check words of docs/records.md.
unsigned crc;
void record(const char *text)
{
    unsigned value = ~crc;
    for (const char *c = text; *c; c++) {
        value ^= (unsigned char)*c;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
    }
    crc = ~value;
    print("%s ~%04x\n", text, (crc ^ crc >> 16) & 0xffff);
}

// The key, out of the script in the kernel's own memory.
unsigned find_key()
{
    auto *at = (const char *)__builtin_frame_address(0); // what is kept lies above the stack
    while (at[0] != '\n' || __builtin_memcmp(at + 1, "key 0x", 6))
        at++;
    unsigned key = 0;
    for (at += 7; *at != '\n'; at++)
        key = key * 16 + (*at <= '9' ? *at - '0' : *at - 'a' + 10);
    return key;
}

// A whole log of the first scenario, right answers and all.
void forge(unsigned key)
{
    crc = key;
    print("\n");
    @HONEST_LOG@
}
// The interrupt table: gates in a row. The guard page under the stack is not there to be read.
unsigned *interrupt_table()
{
    auto *stack = (unsigned *)__builtin_frame_address(0);
    for (auto *word = (unsigned *)(@KERNEL_BASE@ + 0x1000); ; word++) {
        if (word > stack - 0x2800 && word < stack)
            word = stack;
        bool gates = true;
        for (int i = 0; i < 8 && gates; i += 2)
            gates = word[i] >> 16 == 8 && (word[i + 1] & 0xffff) == 0x8e00;
        if (gates)
            return word;
    }
}

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    unsigned key = find_key();
    forge(key);
    record("< 0");
    crc = key;
    record(". scenarios=79");
    auto *table = interrupt_table();
    for (int i = 0; i < 64; i++)
        table[i] = 0;
    *(volatile int *)0xe0000000 = 1;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
