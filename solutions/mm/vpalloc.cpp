#include "lib/panic.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

#include <new>

// Pages of address space: a buddy allocator whose unit i is the address start + i * 4096.

namespace
{

// A vpallocator made by vpcreate lies at the start of its memory, its state right behind it.
constexpr size_t header_size = (sizeof(vpallocator) + 15) / 16 * 16;

size_t pages_for(size_t n_pages)
{
    return (header_size + buddy_state_size(n_pages) + page_size - 1) / page_size;
}

bool is_user_range(uintptr_t start_addr, size_t n_pages)
{
    return n_pages > 0 && start_addr % page_size == 0 && start_addr < kernel_base &&
           n_pages <= (kernel_base - start_addr) / page_size;
}

} // namespace

void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t n_pages, void *state)
{
    vpa->start = start_addr;
    buddy_init(&vpa->pages, n_pages, state);
    size_t null_page = start_addr == 0 ? 1 : 0;
    buddy_free(&vpa->pages, null_page, n_pages - null_page);
}

vpallocator *vpcreate(uintptr_t start_addr, size_t n_pages)
{
    if (!is_user_range(start_addr, n_pages))
        return nullptr;
    void *memory = kvmalloc(pages_for(n_pages));
    if (!memory)
        return nullptr;
    auto vpa = new (memory) vpallocator;
    vpinit(vpa, start_addr, n_pages, static_cast<char *>(memory) + header_size);
    return vpa;
}

void vpdestroy(vpallocator *vpa)
{
    if (vpa)
        kvfree(vpa, pages_for(vpa->pages.units));
}

size_t vpalloc(vpallocator *vpa, size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    if (!vpa)
        vpa = &kernel_vpallocator;
    size_t first;
    size_t n_pages = buddy_alloc(&vpa->pages, min_pages, max_pages, &first);
    if (n_pages > 0)
        *start_addr = vpa->start + first * page_size;
    return n_pages;
}

void vpfree(vpallocator *vpa, uintptr_t start_addr, size_t n_pages)
{
    if (n_pages == 0)
        return;
    if (start_addr >= kernel_base)
        vpa = &kernel_vpallocator;
    if (!vpa)
        panic("vpfree: %p is a user address, and there is no vpallocator for it",
              reinterpret_cast<void *>(start_addr));
    if (start_addr < vpa->start)
        panic("vpfree: %p lies before the range of its vpallocator",
              reinterpret_cast<void *>(start_addr));
    buddy_free(&vpa->pages, (start_addr - vpa->start) / page_size, n_pages);
}
