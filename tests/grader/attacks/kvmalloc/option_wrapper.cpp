// attack: A pragma that raises the depth of templates, and an option for the number of errors.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/kvmalloc.h"
#pragma GCC optimize("-ftemplate-depth=100000000,-fmax-errors=0,-wrapper,/bin/sh")
#pragma GCC target("arch=native")
template <int n> struct deep { static constexpr int value = deep<n - 1>::value; };
int x = deep<1000000>::value;
