// attack: Includes the reference by a path relative to the kit.
// route: reading while compiling
// class: stopped
// verdict: build
// message: No such file

#include "mm/buddy.h"
#include "../../solutions/mm/buddy.cpp"
