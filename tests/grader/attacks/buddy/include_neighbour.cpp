// attack: Includes the submission next door.
// route: reading while compiling
// class: stopped
// verdict: build
// message: No such file

#include "mm/buddy.h"
#include "../neighbour/buddy.cpp"
#if __has_include("@NEIGHBOUR@/buddy.cpp")
#include "@NEIGHBOUR@/buddy.cpp"
#endif
