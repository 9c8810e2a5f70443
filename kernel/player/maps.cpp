#include "player/maps.h"

#include "arch/multiboot.h"
#include "arch/physical.h"
#include "lib/print.h"
#include "mm/allocation.h"
#include "mm/paging.h"

#include <algorithm>

extern "C" const char writable_start[], stack_guard[], stack_top[], image_end[];

namespace
{

void print_size(uint64_t bytes)
{
    if (bytes >= 1024 * 1024)
        print("%5llu MiB", bytes / (1024 * 1024));
    else
        print("%5llu KiB", bytes / 1024);
}

void print_physical()
{
    const boot_information &boot = multiboot_information();
    print("\nPhysical memory\n");
    for (size_t i = 0; i < boot.n_regions; i++) {
        const memory_region &r = boot.regions[i];
        if (r.length == 0)
            continue;
        print("  %08llx-%08llx ", r.base, r.base + r.length - 1);
        print_size(r.length);
        print("  %s\n", r.type == available_memory ? "available" : "not for us");
    }
    if (!reserved_ranges().empty())
        print("of which the kernel keeps\n");
    for (const physical_range &r : reserved_ranges()) {
        print("  %08x-%08x ", r.start, r.end - 1);
        print_size(r.end - r.start);
        print("\n");
    }
}

// Pages side by side that lead to frames side by side, with the same rights.
struct run {
    uintptr_t start;
    uintptr_t frame;
    size_t pages;
    int flags;

    bool continued_by(uintptr_t address, uintptr_t next_frame, int next_flags) const
    {
        return pages > 0 && address == start + pages * page_size && next_flags == flags &&
               next_frame == frame + pages * page_size;
    }
};

// What lies at a kernel address, as far as the layout says so.
const char *what_is_at(uintptr_t address)
{
    auto is_before = [&](const char *end) { return address < reinterpret_cast<uintptr_t>(end); };
    if (address < kernel_base)
        return "user space";
    if (is_before(writable_start))
        return "the kernel: code and constants";
    if (is_before(stack_guard))
        return "the kernel: data";
    if (is_before(stack_top))
        return "the kernel: its stack, above a page that is not there";
    if (is_before(image_end))
        return "the kernel: data";
    if (address == physical_window)
        return "through which this is being read";
    if (address < kernel_base + table_span)
        return "a page table of the kernel, in its window";
    if (address < kernel_vpallocator.start)
        return "the allocators' first states";
    return "handed out";
}

void print_run(const run &r)
{
    if (r.pages == 0)
        return;
    print("  %08x-%08x ", r.start, r.start + r.pages * page_size - 1);
    print_size(uint64_t{r.pages} * page_size);
    print("  -> %08x  %s %s  %s\n", r.frame, r.flags & PTE_WRITABLE ? "rw" : "r-",
          r.flags & PTE_USER ? "user  " : "kernel", what_is_at(r.start));
}

// Adds a page to the run, or prints the run and begins another.
void add(run &r, uintptr_t address, uintptr_t frame, int flags)
{
    bool same_thing = r.pages > 0 && what_is_at(address) == what_is_at(r.start);
    if (same_thing && r.continued_by(address, frame, flags)) {
        r.pages++;
        return;
    }
    print_run(r);
    r = {address, frame, 1, flags};
}

pte entry_at(physical_address table, size_t i)
{
    pte entry;
    entry.bits = read_physical(number(table) + i * sizeof(pte));
    return entry;
}

void add_table(run &r, size_t i, pte directory_entry)
{
    for (size_t j = 0; j < table_entries; j++) {
        pte entry = entry_at(directory_entry.frame(), j);
        int flags = entry.flags() & directory_entry.flags() & pte_rights;
        if (entry.present())
            add(r, i * table_span + j * page_size, number(entry.frame()), flags);
    }
}

void print_virtual()
{
    print("\nAddress space (page directory at %08x); user space ends at %08x\n",
          number(active_directory()), kernel_base);
    run r{};
    for (size_t i = 0; i < table_entries; i++) {
        pte entry = entry_at(active_directory(), i);
        if (entry.present())
            add_table(r, i, entry);
    }
    print_run(r);
    print("\n");
}

} // namespace

void print_maps()
{
    print_renew_limit();
    print_physical();
    print_virtual();
}
