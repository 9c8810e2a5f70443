// The CPU's exceptions, on their way to C++.

#include "arch/selectors.h"

	.text

// One entry for each vector. The CPU has pushed eflags, cs, eip and, for some vectors, an error
// code; for the others a 0 is pushed in its place, so that every trap_frame looks the same.
	.macro	exception vector, has_error_code=0
exception_\vector:
	.if	!\has_error_code
	pushl	$0
	.endif
	pushl	$\vector
	jmp	enter_exception
	.endm

	.irp	vector, 0,1,2,3,4,5,6,7,9,15,16,18,19,20,22,23,24,25,26,27,28,31
	exception \vector
	.endr
	.irp	vector, 8,10,11,12,13,14,17,21,29,30
	exception \vector, 1
	.endr

// On the stack: vector, error code, eip, cs, eflags (and esp, ss if out of ring 3).
// Calls: exception(const trap_frame *), and goes on where the exception came from if it returns.
enter_exception:
	pushal
	cld
	movl	$KERNEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%esp, %eax
	pushl	%eax			// the trap_frame
	call	exception
	addl	$4, %esp
	testl	$3, 44(%esp)		// the cs that was interrupted: its ring
	jz	1f
	movl	$USER_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
1:	popal
	addl	$8, %esp		// vector and error code
	iretl

// The double fault's task begins here, on its own stack, with an error code (always 0) on it.
	.globl	double_fault_entry
double_fault_entry:
	xorl	%ebp, %ebp
	call	double_fault
1:	hlt				// double_fault does not return
	jmp	1b

// bool call_recoverable(void (*body)(void *), void *argument)
// Calls body(argument). True when it returned, false when it was left by recover().
	.globl	call_recoverable
call_recoverable:
	pushl	%ebp
	movl	%esp, %ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	pushl	recovery_stack
	movl	%esp, recovery_stack
	pushl	12(%ebp)
	call	*8(%ebp)
	addl	$4, %esp
	movl	$1, %eax
leave_recoverable:
	popl	recovery_stack
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

// [[noreturn]] void recover(): back to the call_recoverable under way, from however deep in it.
	.globl	recover
recover:
	movl	recovery_stack, %esp
	xorl	%eax, %eax
	jmp	leave_recoverable

	.section .rodata
	.balign	4
	.globl	exception_entries
exception_entries:
	.irp	vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
	.long	exception_\vector
	.endr
	.irp	vector, 17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.long	exception_\vector
	.endr

	.bss
	.balign	4
	.globl	recovery_stack
recovery_stack:
	.skip	4
