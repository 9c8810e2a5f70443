#pragma once

// Plain numbers that C++ and assembly share.

// Segment selectors: index in the GDT times 8, plus the privilege level (Intel SDM vol. 3, 3.4.2).
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define MAIN_TASK 0x28
#define DOUBLE_FAULT_TASK 0x30

// What start finds in eax: the boot loader's word, or restart_kernel's.
#define MULTIBOOT_LOADED 0x2badb002
#define RESTARTED 0x51a27ed0

#define KERNEL_LOAD_ADDRESS 0x100000
#define KERNEL_STACK_SIZE 0x8000
