// attack: Includes a file without end.
// route: reading while compiling
// class: stopped
// verdict: build
// message: it does not compile

#include "mm/buddy.h"
#include "/dev/zero"
