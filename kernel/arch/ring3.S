// Code that runs in ring 3, and the ways there and back. For the player's probes (player/probe.cpp).

#include "arch/selectors.h"

	.text

// uint32_t run_in_ring3(uintptr_t entry, uint32_t address, uint32_t value)
// Jumps to `entry` in ring 3 with ecx = address, eax = value. Returns eax as ring 3 left it at
// `int $0x30`, or what leave_ring3 is given. *ring0_stack is where the CPU finds the stack on its
// way back: right here, so that nothing that is on it now is overwritten.
	.globl	run_in_ring3
run_in_ring3:
	pushl	%ebp
	movl	%esp, %ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	ring0_stack, %edx
	movl	%esp, (%edx)
	movl	%esp, return_stack
	movl	8(%ebp), %edx
	movl	12(%ebp), %ecx
	movl	16(%ebp), %eax
	movl	$USER_DATA, %ebx
	movl	%ebx, %ds
	movl	%ebx, %es
	pushl	%ebx			// ss
	pushl	$0			// esp: ring 3 pushes nothing
	pushl	$2			// eflags: interrupts off
	pushl	$USER_CODE
	pushl	%edx			// eip
	iretl

// [[noreturn]] void leave_ring3(uint32_t result): back from an exception in ring 3.
	.globl	leave_ring3
leave_ring3:
	movl	4(%esp), %eax
// The gate of `int $0x30`: on the stack, all that the CPU pushed; it is dropped.
	.globl	ring3_gate
ring3_gate:
	movl	$KERNEL_DATA, %ebx
	movl	%ebx, %ds
	movl	%ebx, %es
	movl	return_stack, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

// The code itself, in a page of its own: ring 3 sees nothing else of the kernel.
	.section .ring3, "ax"
	.balign	4096
	.globl	ring3_page, ring3_read, ring3_write
ring3_page:
ring3_read:
	movl	(%ecx), %eax
	int	$0x30
ring3_write:
	movl	%eax, (%ecx)
	int	$0x30
	.balign	4096

	.bss
	.balign	4
return_stack:
	.skip	4
