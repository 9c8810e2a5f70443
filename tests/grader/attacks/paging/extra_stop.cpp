// attack: A right solution that stops the machine itself, to be looked at while it pretends.
// route: tampering
// class: detected
// verdict: hang
// message: it does not come back
// seed: 1
// played: kernel_mappings shared_kernel_tables user_mappings

#include "mm/paging.h"
#define map_mem honest_map_mem
@REFERENCE@
#undef map_mem

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virt, size_t n_pages, int flags)
{
    ((void (*)())@ADDRESS:_Z19stop_for_inspectionv@)();
    return honest_map_mem(pd, physical, virt, n_pages, flags);
}
