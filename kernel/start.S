// Where the kernel begins: from the boot loader's world (paging off, physical addresses) to C++ in
// the higher half. It is entered in two ways, and after both the kernel is as good as new:
//   - by the boot loader, at `start`  (Multiboot specification 0.6.96, section 3.2);
//   - by restart_kernel, which leaves the higher half and then jumps to `start`.

#include "arch/selectors.h"

// A symbol's physical address, for as long as paging is off.
#define OFFSET (KERNEL_BASE - KERNEL_LOAD_ADDRESS)
#define PHYSICAL(symbol) ((symbol) - OFFSET)

#define PRESENT 1
#define WRITABLE 2
#define USER 4
#define ACCESSED 32

#define CLEARED_AT_ONCE 256 // bytes of .bss; it begins and ends at a multiple (kernel.ld)

#define CR0_PAGING (1 << 31)
#define CR0_WRITE_PROTECT (1 << 16)

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_ALIGN_MODULES_AND_SAY_MEMORY 3

	.section .multiboot, "a"
	.balign 4
	.type	multiboot_header, @object // or it would be disassembled
multiboot_header:
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_ALIGN_MODULES_AND_SAY_MEMORY
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_ALIGN_MODULES_AND_SAY_MEMORY)
	.size	multiboot_header, . - multiboot_header

// Fills a page table up to a physical address: edi = the next entry's address, eax = its value.
	.macro	map_up_to end
.Lfill\@:
	stosl
	addl	$4096, %eax
	cmpl	$(\end), %eax		// the flags in eax are fewer than a page: no harm
	jb	.Lfill\@
	.endm

// In:    eax = MULTIBOOT_LOADED or RESTARTED, ebx = physical address of the Multiboot information.
//        Paging off, no stack.
// Calls: kernel_main(eax, ebx) on the kernel's own stack, with the initial page table loaded.
	.text
	.globl	start
start:
	cli
	cld
	movl	%eax, %edx

	// .data: kept aside at the first start, put back at each later one.
	movl	$PHYSICAL(data_start), %esi
	movl	$PHYSICAL(data_copy), %edi
	cmpl	$RESTARTED, %edx
	jne	1f
	xchgl	%esi, %edi
1:	movl	$data_end, %ecx
	subl	$data_start, %ecx
	shrl	$2, %ecx
	rep movsl

	// .bss: zero. Each round of `rep stosl` would take an emulator as long as one of these.
	movl	$PHYSICAL(bss_start), %edi
	xorl	%eax, %eax
2:	.set	offset, 0
	.rept	CLEARED_AT_ONCE / 4
	movl	%eax, offset(%edi)
	.set	offset, offset + 4
	.endr
	addl	$CLEARED_AT_ONCE, %edi
	cmpl	$PHYSICAL(bss_end), %edi
	jb	2b

	// The first 4 MiB, 1:1, but for null's page, and read-only: whoever writes there has gone astray.
	movl	$PHYSICAL(identity_table) + 4, %edi
	movl	$(4096 | PRESENT), %eax
	map_up_to 4 << 20

	// The image at KERNEL_BASE: the code and constants, what is writable, the copy of .data.
	movl	$PHYSICAL(kernel_table), %edi
	movl	$(KERNEL_LOAD_ADDRESS | PRESENT), %eax
	map_up_to PHYSICAL(writable_start)
	orl	$WRITABLE, %eax
	map_up_to PHYSICAL(writable_end)
	andl	$~WRITABLE, %eax
	map_up_to PHYSICAL(image_end)

	// The guard under the stack: running over it is a page fault, not a silent overwriting.
	movl	$stack_guard, %eax
	subl	$KERNEL_BASE, %eax
	shrl	$12, %eax
	movl	$0, PHYSICAL(kernel_table)(, %eax, 4)

	movl	$(PHYSICAL(identity_table) + PRESENT + WRITABLE), PHYSICAL(initial_directory)
	movl	$(PHYSICAL(kernel_table) + PRESENT + WRITABLE + USER), \
		PHYSICAL(initial_directory) + 4 * (KERNEL_BASE >> 22)
	movl	$PHYSICAL(initial_directory), %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$(CR0_PAGING | CR0_WRITE_PROTECT), %eax
	movl	%eax, %cr0

	movl	$higher_half, %eax
	jmp	*%eax
higher_half:
	movl	$stack_top, %esp
	xorl	%ebp, %ebp		// a backtrace ends here
	pushl	%ebx
	pushl	%edx
	call	kernel_main
1:	hlt				// kernel_main does not return
	jmp	1b

// [[noreturn]] void restart_kernel(): starts the kernel again from any state of it. Any stack, any
// page directory that maps this code. Everything but .kept is as after the boot loader.
	.globl	restart_kernel
restart_kernel:
	cli
	movl	$PHYSICAL(restart_directory), %eax
	movl	%eax, %cr3
	movl	$PHYSICAL(1f), %eax
	jmp	*%eax
1:	movl	%cr0, %eax
	andl	$~(CR0_PAGING | CR0_WRITE_PROTECT), %eax
	movl	%eax, %cr0
	movl	$RESTARTED, %eax
	jmp	start

// For restart_kernel only, and read-only, so that it works whatever became of the others. One table
// serves both ends of the jump: its first 256 entries map the image at KERNEL_BASE, and the next
// 256, being entry 0 of the directory as well, map it 1:1.
	.section .rodata
	.balign	4096
restart_directory:			// ACCESSED, or the CPU would write to constants
	.long	PHYSICAL(restart_table) + PRESENT + ACCESSED
	.fill	(KERNEL_BASE >> 22) - 1, 4, 0
	.long	PHYSICAL(restart_table) + PRESENT + ACCESSED
	.fill	1023 - (KERNEL_BASE >> 22), 4, 0
restart_table:
	.set	entry, 0
	.rept	512
	.long	KERNEL_LOAD_ADDRESS + 4096 * (entry % 256) + PRESENT + ACCESSED
	.set	entry, entry + 1
	.endr
	.fill	512, 4, 0

// The initial page table: what the CPU translates by until create_init_pagedir.
	.section .bss.page_aligned, "aw", @nobits
	.balign	4096
	.globl	initial_directory, identity_table, kernel_table
initial_directory:
	.skip	4096
identity_table:
	.skip	4096
kernel_table:
	.skip	4096

	.globl	stack_guard, stack_bottom, stack_top
stack_guard:
	.skip	4096
stack_bottom:
	.skip	KERNEL_STACK_SIZE
stack_top:
