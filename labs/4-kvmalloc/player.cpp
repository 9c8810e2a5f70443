#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"
#include "player/lab.h"
#include "player/memory.h"

// The operations of lab 4: kvmalloc and kvfree, and looking at what they did to the address space.

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void kvmalloc_check();

namespace
{

constexpr size_t last_word = page_size / sizeof(uint32_t) - 1;

// One page of the kernel's as `translate` sees it.
struct page_view {
    uint32_t *words;
    uintptr_t physical = 0;
    int flags = 0;
    bool mapped;

    page_view(uintptr_t start, size_t i)
        : words(reinterpret_cast<uint32_t *>(start + i * page_size)),
          mapped(translate(nullptr, start + i * page_size, &physical, &flags))
    {
    }

    // The first 4 MiB hold the kernel's image: nothing is written there, whatever kvmalloc says.
    bool writable() const
    {
        bool in_image = reinterpret_cast<uintptr_t>(words) < kernel_base + table_span;
        return mapped && !in_image && (flags & PTE_WRITABLE);
    }
};

// What `stamp` writes to the first word of a block's i-th page; the last word has it inverted.
uint32_t pattern(uint32_t value, size_t i)
{
    return (value + i) * 0x9e3779b1;
}

void alloc(call &c)
{
    if (!memory_is_up(c))
        return;
    void *address = nullptr;
    size_t tables = kernel_tables_made();
    c.concerns(c.arguments[0] * page_size);
    if (!c.run([&] { address = kvmalloc(c.argument(0)); }))
        return;
    c.address("address", reinterpret_cast<uintptr_t>(address));
    if (size_t made = kernel_tables_made() - tables)
        c.result("tables", made);
    c.keep(reinterpret_cast<uintptr_t>(address), c.argument(0));
}

void free_pages(call &c)
{
    if (!memory_is_up(c))
        return;
    c.concerns(c.arguments[1] * page_size);
    c.run([&] { kvfree(reinterpret_cast<void *>(c.argument(0)), c.argument(1)); });
}

// Pages that can't be written to are left out: a page fault would say less than their number.
void stamp(call &c)
{
    if (!memory_is_up(c))
        return;
    size_t written = 0;
    bool returned = c.run([&] {
        for (size_t i = 0; i < c.argument(1); i++) {
            page_view page(c.argument(0), i);
            if (!page.writable())
                continue;
            page.words[0] = pattern(c.argument(2), i);
            page.words[last_word] = ~page.words[0];
            written++;
        }
    });
    if (returned)
        c.result("written", written);
}

void read(call &c)
{
    if (!memory_is_up(c))
        return;
    page_view page(c.argument(0), 0);
    c.result("mapped", page.mapped);
    if (!page.mapped)
        return;
    c.address("first", page.words[0]);
    c.address("last", page.words[last_word]);
}

void sum(call &c)
{
    if (!memory_is_up(c))
        return;
    size_t mapped = 0;
    uint32_t sum = 0;
    bool returned = c.run([&] {
        for (size_t i = 0; i < c.argument(1); i++) {
            page_view page(c.argument(0), i);
            if (!page.mapped)
                continue;
            mapped++;
            sum = sum * 31 + page.words[0];
            sum = sum * 31 + page.words[last_word];
        }
    });
    if (!returned)
        return;
    c.result("mapped", mapped);
    c.address("sum", sum);
}

void where(call &c)
{
    if (!memory_is_up(c))
        return;
    page_view page(c.argument(0), 0);
    c.result("mapped", page.mapped);
    if (!page.mapped)
        return;
    c.address("physical", page.physical);
}

void rights(call &c)
{
    if (!memory_is_up(c))
        return;
    c.result("flags", page_view(c.argument(0), 0).flags);
}

// All but the first 4 MiB: there lie the image, and the windows through which the kernel sees its
// own page tables, and kvmalloc has no business.
void translations(call &c)
{
    if (!memory_is_up(c))
        return;
    size_t pages = 0;
    uint32_t sum = 0;
    for (size_t entry = 1; entry < kernel_entries; entry++) {
        const pte *table = kvpd[entry].table;
        for (size_t i = 0; table && i < table_entries; i++) {
            if (!table[i].present())
                continue;
            pages++;
            uint32_t what = number(table[i].frame()) | (table[i].flags() & pte_rights);
            sum = sum * 31 + (entry * table_entries + i);
            sum = sum * 31 + what;
        }
    }
    c.result("pages", pages);
    c.address("sum", sum);
}

void errors(call &c)
{
    choose_error(c.argument(0));
}

constexpr operation operations[] = {
    {"alloc PAGES", "kvmalloc", alloc},
    {"free ADDRESS PAGES", "kvfree", free_pages},
    {"stamp ADDRESS PAGES VALUE", "writes the first and the last word of each page", stamp},
    {"read ADDRESS", "reads the first and the last word of a page", read},
    {"sum ADDRESS PAGES", "the first and last words of all pages, in one number", sum},
    {"where ADDRESS", "the frame that a page is mapped to", where},
    {"rights ADDRESS", "the flags a page is mapped with: 1 present, 2 writable, 4 user", rights},
    {"mapped", "how many pages of the kernel are mapped, and to what, in one number", translations},
    {"errors FIRST", "which of several errors map_mem answers with first, where it fails", errors},
};

constexpr lab kvmalloc_lab{"kvmalloc", "Lab 4: kvmalloc", operations, memory_operations,
                           kvmalloc_check};
REGISTER_LAB(kvmalloc_lab);

} // namespace
