#include "player/walk.h"

#include "arch/physical.h"
#include "mm/paging.h"

#include <algorithm>

namespace
{

struct translation {
    uintptr_t page;
    pte entry;
    bool told; // to forget it, in this operation
};

constexpr size_t most = 32; // of those touched last
constinit translation known[most]{};
size_t n_known;

uintptr_t page_of(uintptr_t address)
{
    return address / page_size * page_size;
}

void forget(uintptr_t page)
{
    n_known =
        std::remove_if(known, known + n_known, [=](translation t) { return t.page == page; }) -
        known;
}

// What the CPU is told to forget, of the pages from `first` to `last`, it may know again at once,
// as the tables have it by then: it reads them ahead of what it is asked for (Intel SDM vol. 3,
// 4.10.2.3). Who tells it before an entry changes has told it nothing. (Inlined, it would cost
// those something who flush what nobody touched.)
[[gnu::noinline]] void learn_anew(uintptr_t first, uintptr_t last)
{
    for (translation *t = known; t != known + n_known; t++)
        if (first <= t->page && t->page <= last)
            *t = {t->page, walk(active_directory(), t->page), true};
    auto is_gone = [](translation t) { return !t.entry.present(); };
    n_known = std::remove_if(known, known + n_known, is_gone) - known;
}

} // namespace

pte walk(physical_address directory, uintptr_t address)
{
    pte first, second;
    first.bits = read_physical(number(directory) + directory_index(address) * sizeof(pte));
    if (!first.present())
        return pte();
    second.bits = read_physical(number(first.frame()) + table_index(address) * sizeof(pte));
    return second.present() ? pte(second.frame(), first.flags() & second.flags() & pte_rights)
                            : pte();
}

void remembered::touched(uintptr_t address)
{
    uintptr_t page = page_of(address);
    forget(page);
    if (n_known == most)
        forget(known[0].page);
    known[n_known++] = {page, walk(active_directory(), page), false};
}

void remembered::refused(uintptr_t address)
{
    forget(page_of(address)); // a page fault does that (Intel SDM vol. 3, 4.10.4.1)
}

bool remembered::any_stale(uintptr_t &page, bool &told)
{
    for (const translation *t = known; t != known + n_known; t++)
        if (walk(active_directory(), t->page).bits != t->entry.bits) {
            page = t->page;
            told = t->told;
            return true;
        }
    return false;
}

void remembered::next_operation()
{
    for (translation *t = known; t != known + n_known; t++)
        t->told = false;
}

// The linker sends what the kernel tells the CPU here first (--wrap, kernel.mk).
extern "C" {
void __real__Z10flush_pagej(uintptr_t address);
void __real__Z14load_directory16physical_address(physical_address directory);

void __wrap__Z10flush_pagej(uintptr_t address)
{
    if (n_known > 0)
        learn_anew(page_of(address), page_of(address));
    __real__Z10flush_pagej(address);
}

void __wrap__Z14load_directory16physical_address(physical_address directory)
{
    __real__Z14load_directory16physical_address(directory);
    learn_anew(0, UINTPTR_MAX);
}
}
