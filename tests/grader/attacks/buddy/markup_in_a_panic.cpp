// attack: Ends of scripts, of code blocks and comments, formulas, the terminal's markup and templates in a panic's text.
// route: forged records
// class: detected
// verdict: crash fail
// message: a panic where there is no reason for one
// played: starts_empty

#include "lib/panic.h"
#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    panic("%s", "[/red] </script></pre><img src=x onerror=alert(1)> =cmd|' /C calc'!A0 ```` ]]> ${{ 7*7 }} --> \xff\xe2\x80\xae");
}
