// attack: Six megabytes of attributes, of a few macros.
// route: compile bombs
// class: stopped
// verdict: build rejected
// message: 

#include "mm/buddy.h"

@REFERENCE@
#define a0 __attribute__((a, b, c, d, e, f, g, h))
#define a1 a0 a0 a0 a0 a0 a0 a0 a0
#define a2 a1 a1 a1 a1 a1 a1 a1 a1
#define a3 a2 a2 a2 a2 a2 a2 a2 a2
#define a4 a3 a3 a3 a3 a3 a3 a3 a3
#define a5 a4 a4 a4 a4 a4 a4 a4 a4
a5 a5 a5 a5 int variable;
