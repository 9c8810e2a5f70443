// attack: A right solution, made slow by 2,500 instructions a call; it moves the start of its time in the player's frame.
// route: tampering
// class: detected
// verdict: crash
// message: instructions more than | a panic where there is no reason for one
// played: instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"

#include <initializer_list>
@PART:honest_malloc@

static bool is_worth_it() { return true; }
@PART:wasted_time@
