#include "player/probe.h"

#include "arch/descriptors.h"
#include "arch/exceptions.h"
#include "arch/physical.h"
#include "mm/paging.h"

extern "C" const char ring3_page[], ring3_read[], ring3_write[]; // ring3.S

namespace
{

struct {
    bool under_way;
    probe_result result;
} current;

[[gnu::section(".bss.page_aligned")]] alignas(page_size) pte ring3_table[table_entries];

// The physical address of an entry of the active page directory.
uintptr_t entry_address(size_t i)
{
    return number(active_directory()) + i * sizeof(pte);
}

// An entry of the user part that leads nowhere.
size_t unused_entry(uintptr_t address)
{
    for (size_t i = user_entries - 1; i > 0; i--)
        if (i != directory_index(address) && !(read_physical(entry_address(i)) & PTE_PRESENT))
            return i;
    return 0;
}

void access(uintptr_t address, bool write, uint32_t value)
{
    auto word = reinterpret_cast<volatile uint32_t *>(address);
    if (write)
        *word = value;
    else
        current.result.value = *word;
}

void access_in_ring3(uintptr_t address, bool write, uint32_t value)
{
    size_t i = unused_entry(address);
    uint32_t before = read_physical(entry_address(i));
    ring3_table[0] = pte(image_address(ring3_page), PTE_PRESENT | PTE_USER);
    pte lent(image_address(ring3_table), PTE_PRESENT | PTE_USER);
    write_physical(entry_address(i), lent.bits);
    flush_page(i * table_span); // whoever emptied the entry may not have

    uintptr_t code = i * table_span + ((write ? ring3_write : ring3_read) - ring3_page);
    current.result.value = run_in_ring3(code, address, value);

    write_physical(entry_address(i), before);
    flush_page(i * table_span);
}

} // namespace

probe_result probe(uintptr_t address, int ring, bool write, uint32_t value)
{
    struct request {
        uintptr_t address;
        bool write;
        uint32_t value;
    } r{address, write, value};
    current = {.under_way = true, .result = {}};
    if (ring == 3)
        access_in_ring3(address, write, value);
    else
        call_recoverable(
            [](void *argument) {
                auto r = static_cast<request *>(argument);
                access(r->address, r->write, r->value);
            },
            &r);
    current.under_way = false;
    return current.result;
}

void probe_took_fault(uint32_t vector, uint32_t error, uint32_t cs)
{
    if (!current.under_way || vector != page_fault)
        return;
    current.under_way = false;
    current.result = {.faulted = true, .error = error, .value = 0};
    if (cs & 3)
        leave_ring3(0);
    recover();
}
