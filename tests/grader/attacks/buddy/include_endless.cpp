// attack: Includes a file without end.
// route: reading while compiling
// class: stopped
// verdict: build
// message: error: the compiler ran out of memory

#include "mm/buddy.h"
#include "/dev/zero"
