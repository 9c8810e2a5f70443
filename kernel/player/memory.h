#pragma once

#include "player/lab.h"

// What the labs above the buddy allocator have in common: operations on the machine's own memory.

// boot, frames, leave, pages, leave_pages, junk, kvpages: see their help.
extern const operation memory_operations[10];

// How many pages kvmalloc has handed out and not got back, and the most it ever was. Counted
// between kvmalloc and its callers, whoever wrote it.
struct kvmalloc_count {
    size_t pages;
    size_t peak;
};
const kvmalloc_count &kvmalloc_pages();

// Writes down where kvfree was last told to give back what was no block of kvmalloc's, or not the
// whole of one, since this was asked before; nothing if it never was.
void note_misfreed(call &c);

// Which of several errors map_mem answers with where it fails next (seven follow one another,
// positive, negative, and such as look like none in a byte or two): whatever the contract leaves
// open, nobody may rely on.
void choose_error(size_t first);

// True once mm_init has returned. If not, says so to the call.
bool memory_is_up(call &c);
