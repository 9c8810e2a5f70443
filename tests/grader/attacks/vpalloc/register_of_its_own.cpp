// attack: A variable in a register of the CPU's own, by a name in the language's own spelling of it.
// route: strings to the assembler
// class: stopped
// verdict: rejected build
// message: inline assembly | error:

#include "mm/allocation.h"
register unsigned flags asm("cr3");
register unsigned segment asm("%gs");
@REFERENCE@
