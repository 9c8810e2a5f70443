// attack: Includes the reference by its path on the host.
// route: reading while compiling
// class: stopped
// verdict: build
// message: No such file

#include "mm/buddy.h"
#include "@KIT@/solutions/mm/buddy.cpp"
