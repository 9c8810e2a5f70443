// attack: Leads the page that the dealer reads and writes to another frame, by the kernel's page table: what comes next stays where nobody sees that it was read.
// route: tampering
// class: detected
// verdict: crash
// message: asked again and again for what comes next
// played: first_pages

#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc
@PART:find_code@
static const short ask_code[] = {@CODE:_Z13ask_for_lines6wanted@};

void *kvmalloc(size_t n_pages)
{
    static bool done;
    if (!done) {
        done = true;
        auto *code = (const unsigned char *)FIND(ask_code);
        while (code[0] != 0xba || *(unsigned *)(code + 1) < @KERNEL_BASE@)
            code++;
        unsigned page = *(unsigned *)(code + 1) & -4096u;
        void *copy = honest_kvmalloc(1);
        __builtin_memcpy(copy, (void *)page, 4096);
        auto *entries = (volatile unsigned *)kvpd[0].table;
        uintptr_t physical;
        int flags;
        translate(nullptr, (uintptr_t)copy, &physical, &flags);
        entries[(page - @KERNEL_BASE@) / 4096] = physical | 3;
        flush_page(page);
    }
    return honest_kvmalloc(n_pages);
}
