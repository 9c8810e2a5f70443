// The vpallocator and its state in memory of their own.

#include "lib/panic.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

static size_t state_pages(size_t n_pages)
{
    return (buddy_state_size(n_pages) + page_size - 1) / page_size;
}

void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t n_pages, void *state)
{
    vpa->start = start_addr;
    buddy_init(&vpa->pages, n_pages, state);
    size_t first = start_addr == 0 ? 1 : 0; // no page 0 of the address space
    buddy_free(&vpa->pages, first, n_pages - first);
}

vpallocator *vpcreate(uintptr_t start_addr, size_t n_pages)
{
    uint64_t end = start_addr + uint64_t{n_pages} * page_size;
    if (n_pages == 0 || start_addr % page_size != 0 || end > kernel_base)
        return nullptr;
    auto vpa = static_cast<vpallocator *>(kvmalloc(1));
    if (!vpa)
        return nullptr;
    void *state = kvmalloc(state_pages(n_pages));
    if (!state) {
        kvfree(vpa, 1);
        return nullptr;
    }
    vpinit(vpa, start_addr, n_pages, state);
    return vpa;
}

void vpdestroy(vpallocator *vpa)
{
    if (!vpa)
        return;
    kvfree(vpa->pages.state, state_pages(vpa->pages.units));
    kvfree(vpa, 1);
}

size_t vpalloc(vpallocator *vpa, size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    if (!vpa)
        vpa = &kernel_vpallocator;
    size_t page;
    size_t count = buddy_alloc(&vpa->pages, min_pages, max_pages, &page);
    if (count > 0)
        *start_addr = vpa->start + page * page_size;
    return count;
}

void vpfree(vpallocator *vpa, uintptr_t start_addr, size_t n_pages)
{
    if (n_pages == 0)
        return;
    if (start_addr >= kernel_base)
        vpa = &kernel_vpallocator;
    if (!vpa)
        panic("vpfree: whose page is this?");
    buddy_free(&vpa->pages, (start_addr - vpa->start) / page_size, n_pages);
}
