#include "arch/physical.h"

#include "arch/cpu.h"
#include "lib/string.h"
#include "mm/paging.h"

#include <algorithm>

namespace
{

constexpr size_t slot = table_index(physical_window);

// Makes the page that a physical address is in visible, and returns where that address is.
char *look_at(uintptr_t physical)
{
    size_t offset = physical % page_size;
    kernel_table[slot] = pte(physical_address{physical - offset}, PTE_PRESENT | PTE_WRITABLE);
    invalidate_page(physical_window);
    return reinterpret_cast<char *>(physical_window + offset);
}

void look_away()
{
    kernel_table[slot] = pte();
    invalidate_page(physical_window);
}

} // namespace

void copy_physical(void *to, uintptr_t physical, size_t size)
{
    auto target = static_cast<char *>(to);
    while (size > 0) {
        size_t part = std::min(size, page_size - physical % page_size);
        memcpy(target, look_at(physical), part);
        target += part, physical += part, size -= part;
    }
    look_away();
}

uint32_t read_physical(uintptr_t physical)
{
    uint32_t value;
    copy_physical(&value, physical, sizeof value);
    return value;
}

void write_physical(uintptr_t physical, uint32_t value)
{
    memcpy(look_at(physical), &value, sizeof value);
    look_away();
}

void fill_physical_page(uintptr_t physical, uint32_t even, uint32_t odd)
{
    auto word = reinterpret_cast<uint32_t *>(look_at(physical));
    for (size_t i = 0; i < page_size / sizeof *word; i += 8) { // to an emulator jumps are dear
        word[i] = word[i + 3] = word[i + 5] = word[i + 6] = even;
        word[i + 1] = word[i + 2] = word[i + 4] = word[i + 7] = odd;
    }
    look_away();
}
