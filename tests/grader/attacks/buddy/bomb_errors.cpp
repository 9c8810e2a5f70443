// attack: A hundred thousand error messages.
// route: compile bombs
// class: stopped
// verdict: build
// message: was not declared

#include "mm/buddy.h"
#define r4(x) x x x x
#define r6(x) r4(r4(r4(r4(r4(r4(x))))))
#define r8(x) r4(r4(r6(x)))
void f() { r8(undefined_name;) }
