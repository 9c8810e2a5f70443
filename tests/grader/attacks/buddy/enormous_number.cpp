// attack: An operation recorded once more, with 10^15 units.
// route: forged records
// class: detected
// verdict: crash hang fail
// message: 
// seed: 1

#include "mm/buddy.h"
#include "lib/print.h"

unsigned crc;
void record_of(char *text, unsigned length)
{
    unsigned value = ~crc;
    for (unsigned i = 0; i < length; i++) {
        value ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
        print("%c", text[i]);
    }
    crc = ~value;
    print(" ~%04x\n", (crc ^ crc >> 16) & 0xffff);
}

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
char start[] = "> 0 starts_empty", again[] = "@1 alloc 1 1 -> count=1000000000000000 start=0";
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    crc = @PUBLIC_KEY@;
    print("\n");
    record_of(start, sizeof start - 1);
    record_of(again, sizeof again - 1);
    record_of(again, sizeof again - 1);
    for (;;)
        ;
}
void buddy_free(buddy *, size_t, size_t) {}
