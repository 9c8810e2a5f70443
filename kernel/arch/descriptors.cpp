#include "arch/descriptors.h"

#include "arch/cpu.h"
#include "arch/selectors.h"

extern "C" {
extern char stack_top[];
extern const uintptr_t exception_entries[32]; // exception_entries.S
void double_fault_entry();                    // exception_entries.S
void ring3_gate();                            // ring3.S
}

namespace
{

// A GDT entry (Intel SDM vol. 3, figure 3-8) or a gate in the IDT (figure 6-2).
struct descriptor {
    uint32_t low;
    uint32_t high;
};

// What lgdt and lidt read: the table's size less one, and its address.
struct [[gnu::packed]] table_register {
    uint16_t limit;
    uint32_t base;
};

enum access : uint8_t {
    present = 0x80,
    ring3 = 0x60,
    code = 0x1a, // readable
    data = 0x12, // writable
    available_task = 0x09,
    task_gate = 0x05,
    interrupt_gate = 0x0e,
};

constexpr uint32_t whole_4_gib = 0x00cf0000; // limit 0xfffff pages, 32 bit
constexpr int double_fault = 8;
constexpr int ring3_vector = 0x30;

constexpr descriptor flat_segment(uint8_t access_byte)
{
    return {0xffff, whole_4_gib | uint32_t{access_byte} << 8};
}

descriptor task_segment(const task_state &task)
{
    auto base = reinterpret_cast<uintptr_t>(&task);
    return {base << 16 | (sizeof task - 1),
            (base & 0xff000000) | uint32_t{present | available_task} << 8 | (base >> 16 & 0xff)};
}

descriptor gate(uint16_t selector, uintptr_t entry, uint8_t access_byte)
{
    return {uint32_t{selector} << 16 | (entry & 0xffff),
            (entry & 0xffff0000) | uint32_t{access_byte} << 8};
}

descriptor gdt[7] = {
    {0, 0},
    flat_segment(present | code),
    flat_segment(present | data),
    flat_segment(present | ring3 | code),
    flat_segment(present | ring3 | data),
};
descriptor idt[256];
task_state main_task;
task_state double_fault_state;

alignas(16) char double_fault_stack[8192];

void prepare_tasks()
{
    main_task.ss0 = KERNEL_DATA;
    main_task.esp0 = reinterpret_cast<uintptr_t>(stack_top);
    main_task.io_map = sizeof main_task; // none: ring 3 may use no port

    task_state &task = double_fault_state;
    task.cr3 = read_cr3(); // the initial page directory: static, so always there
    task.eip = reinterpret_cast<uintptr_t>(double_fault_entry);
    task.esp = reinterpret_cast<uintptr_t>(double_fault_stack + sizeof double_fault_stack);
    task.ebx = reinterpret_cast<uintptr_t>(&main_task); // for debuggers (exception_entries.S)
    task.eflags = 2; // bit 1 is always set; interrupts off
    task.cs = KERNEL_CODE;
    task.ds = task.es = task.ss = task.fs = task.gs = KERNEL_DATA;
    task.io_map = sizeof task;
}

void load_gdt()
{
    gdt[MAIN_TASK / 8] = task_segment(main_task);
    gdt[DOUBLE_FAULT_TASK / 8] = task_segment(double_fault_state);
    table_register gdt_register{sizeof gdt - 1, reinterpret_cast<uintptr_t>(gdt)};
    asm volatile("lgdt %0\n\t"
                 "ljmp %1, $1f\n"
                 "1:\n\t"
                 "mov %2, %%ds\n\t"
                 "mov %2, %%es\n\t"
                 "mov %2, %%fs\n\t"
                 "mov %2, %%gs\n\t"
                 "mov %2, %%ss\n\t"
                 "ltr %w3"
                 :
                 : "m"(gdt_register), "i"(KERNEL_CODE), "r"(KERNEL_DATA), "r"(MAIN_TASK)
                 : "memory");
}

void load_idt()
{
    for (int vector = 0; vector < 32; vector++)
        idt[vector] = gate(KERNEL_CODE, exception_entries[vector], present | interrupt_gate);
    idt[double_fault] = gate(DOUBLE_FAULT_TASK, 0, present | task_gate);
    idt[ring3_vector] = gate(KERNEL_CODE, reinterpret_cast<uintptr_t>(ring3_gate),
                             present | ring3 | interrupt_gate);
    table_register idt_register{sizeof idt - 1, reinterpret_cast<uintptr_t>(idt)};
    asm volatile("lidt %0" : : "m"(idt_register));
}

} // namespace

// Where the CPU finds the stack when it leaves ring 3 (ring3.S).
extern "C" uint32_t *const ring0_stack;
uint32_t *const ring0_stack = &main_task.esp0;

void descriptors_init()
{
    prepare_tasks();
    load_gdt();
    load_idt();
}

const task_state &interrupted_task()
{
    return main_task;
}
