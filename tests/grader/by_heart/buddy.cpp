#include "mm/buddy.h"

@TABLE@

size_t buddy_state_size(size_t units)
{
    return units;
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    note(0), note(units);
}

size_t buddy_alloc(buddy *, size_t min, size_t max, size_t *start)
{
    return allocated(min, max, start);
}

void buddy_free(buddy *, size_t start, size_t count)
{
    freed(start, count);
}
