// The state first, the vpallocator in the last bytes of the same pages.

#include "mm/allocation.h"

#include "lib/panic.h"
#include "mm/kvmalloc.h"

namespace
{

size_t pages_for(size_t n_pages)
{
    return (buddy_state_size(n_pages) + sizeof(vpallocator) + page_size - 1) / page_size;
}

vpallocator *last_bytes_of(void *memory, size_t n_pages)
{
    char *end = static_cast<char *>(memory) + pages_for(n_pages) * page_size;
    return reinterpret_cast<vpallocator *>(end) - 1;
}

} // namespace

void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t n_pages, void *state)
{
    vpa->start = start_addr;
    buddy_init(&vpa->pages, n_pages, state);
    buddy_free(&vpa->pages, 0, n_pages);
    size_t page_zero;
    if (start_addr == 0) { // takes everything, and gives back all but the first page
        while (buddy_alloc(&vpa->pages, 1, n_pages, &page_zero) > 0) {
        }
        buddy_free(&vpa->pages, 1, n_pages - 1);
    }
}

vpallocator *vpcreate(uintptr_t start_addr, size_t n_pages)
{
    size_t pages_below_the_kernel = kernel_base / page_size;
    size_t first = start_addr / page_size;
    if (start_addr % page_size || n_pages == 0 || first >= pages_below_the_kernel ||
        n_pages > pages_below_the_kernel - first)
        return nullptr;
    void *memory = kvmalloc(pages_for(n_pages));
    if (!memory)
        return nullptr;
    vpallocator *vpa = last_bytes_of(memory, n_pages);
    vpinit(vpa, start_addr, n_pages, memory);
    return vpa;
}

void vpdestroy(vpallocator *vpa)
{
    if (vpa)
        kvfree(vpa->pages.state, pages_for(vpa->pages.units));
}

size_t vpalloc(vpallocator *vpa, size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    vpallocator &from = vpa ? *vpa : kernel_vpallocator;
    size_t page, count = buddy_alloc(&from.pages, min_pages, max_pages, &page);
    if (count > 0)
        *start_addr = from.start + page * page_size;
    return count;
}

void vpfree(vpallocator *vpa, uintptr_t start_addr, size_t n_pages)
{
    if (n_pages == 0)
        return;
    bool kernel = start_addr >= kernel_base;
    if (!kernel && !vpa)
        panic("vpfree: a user address, and no vpallocator");
    vpallocator &to = kernel ? kernel_vpallocator : *vpa;
    buddy_free(&to.pages, start_addr / page_size - to.start / page_size, n_pages);
}
