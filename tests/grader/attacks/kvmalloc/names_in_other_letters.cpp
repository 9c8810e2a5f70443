// attack: A name of the kit's written in other letters: universal names, wide ones, and ones that look alike.
// route: calls and symbols
// class: stopped
// verdict: build rejected
// message: not valid in an identifier | neither defined here

#include "mm/kvmalloc.h"
void restart_k\u0435rnel();
extern "C" void power_\u006fff(unsigned char);
void *kvmalloc(size_t) { restart_k\u0435rnel(); return nullptr; }
void kvfree(void *, size_t) { power_\u006fff(1); }
