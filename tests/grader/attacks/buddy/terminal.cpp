// attack: Prints terminal escapes, workflow commands, formulas and a score of its own.
// route: forged records
// class: stopped
// verdict: fail
// message: your kernel printed

#include "mm/buddy.h"
#include "lib/print.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    print("\x1b]0;owned\x07\x1b[2J\x1b[1;1HScore: 100/100\n::error::no\n::set-output name=score::100\n"
          "=HYPERLINK(\"http://example.org\")\n\xff\xfe\x9b\0 <script>alert(1)</script>\n");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
