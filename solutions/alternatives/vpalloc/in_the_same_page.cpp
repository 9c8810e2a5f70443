// The vpallocator, the number of pages that it lies in, and its state, one after the other. At
// first the pages are freed one by one, the last one first.

#include "lib/panic.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

namespace
{

struct space {
    vpallocator vpa;
    size_t n_pages; // that this lies in
    alignas(16) char state[];
};

space *space_of(vpallocator *vpa)
{
    return reinterpret_cast<space *>(vpa);
}

uint64_t end_of(uintptr_t start_addr, size_t n_pages)
{
    return uint64_t{start_addr} + uint64_t{n_pages} * page_size;
}

} // namespace

void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t n_pages, void *state)
{
    buddy_init(&vpa->pages, n_pages, state);
    vpa->start = start_addr;
    for (size_t i = n_pages; i-- > 0;)
        if (start_addr != 0 || i != 0)
            buddy_free(&vpa->pages, i, 1);
}

vpallocator *vpcreate(uintptr_t start_addr, size_t n_pages)
{
    if ((start_addr & (page_size - 1)) || !n_pages || end_of(start_addr, n_pages) > kernel_base)
        return nullptr;
    size_t size = sizeof(space) + buddy_state_size(n_pages);
    size_t own_pages = (size + page_size - 1) / page_size;
    auto made = static_cast<space *>(kvmalloc(own_pages));
    if (!made)
        return nullptr;
    made->n_pages = own_pages;
    vpinit(&made->vpa, start_addr, n_pages, made->state);
    return &made->vpa;
}

void vpdestroy(vpallocator *vpa)
{
    if (vpa)
        kvfree(space_of(vpa), space_of(vpa)->n_pages);
}

size_t vpalloc(vpallocator *vpa, size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    vpa = vpa ? vpa : &kernel_vpallocator;
    size_t first, n_pages = buddy_alloc(&vpa->pages, min_pages, max_pages, &first);
    if (n_pages != 0)
        *start_addr = vpa->start + (first << 12);
    return n_pages;
}

void vpfree(vpallocator *vpa, uintptr_t start_addr, size_t n_pages)
{
    if (n_pages == 0)
        return;
    if (start_addr >= kernel_base)
        vpa = &kernel_vpallocator;
    if (!vpa || start_addr < vpa->start ||
        end_of(start_addr, n_pages) > end_of(vpa->start, vpa->pages.units))
        panic("vpfree: not an address of this vpallocator");
    buddy_free(&vpa->pages, (start_addr - vpa->start) >> 12, n_pages);
}
