// attack: A module of C++20, with declarations of the kit's own files.
// route: reading while compiling
// class: stopped
// verdict: build
// message: 

module;
#include "mm/buddy.h"
export module buddy;
import "kernel/player/record.h";
@REFERENCE@
