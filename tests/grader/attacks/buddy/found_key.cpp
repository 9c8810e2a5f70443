// attack: Finds the key in memory and forges a finished scenario; then it hangs.
// route: forged records
// class: detected
// verdict: crash hang fail
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

// Only in the first scenario: low memory, mapped 1:1, outlives the restarts.
bool first_time()
{
    auto *seen = (volatile unsigned *)0x90000;
    return *seen != 0x600d && (*seen = 0x600d);
}

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    if (first_time()) {
        forge(find_key());
        record("< 0");
    }
    for (;;)
        ;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
