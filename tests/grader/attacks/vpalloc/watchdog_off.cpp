// attack: Switches the watchdog off by its port, masks non-maskable interrupts by the clock's, and loops.
// route: no end
// class: detected
// verdict: hang crash
// message: it does not come back

#include "mm/allocation.h"

@PART:out@
vpallocator kernel_vpallocator;
static void loop()
{
    out(0, 0x441);
    out(0x80, 0x70);
    for (;;)
        ;
}
void vpinit(vpallocator *, uintptr_t, size_t, void *) { loop(); }
vpallocator *vpcreate(uintptr_t, size_t) { loop(); return nullptr; }
void vpdestroy(vpallocator *) {}
size_t vpalloc(vpallocator *, size_t, size_t, uintptr_t *) { loop(); return 0; }
void vpfree(vpallocator *, uintptr_t, size_t) { loop(); }
