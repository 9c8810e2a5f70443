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
// The .cfi lines tell debuggers where the registers of the code that was interrupted (in ring 0) lie.
	.cfi_sections .debug_frame
enter_exception:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa esp, 20		// its esp; below it lie
	.cfi_offset eflags, -4
	.cfi_offset eip, -12
	pushal
	.cfi_adjust_cfa_offset 32
	.cfi_offset eax, -24
	.cfi_offset ecx, -28
	.cfi_offset edx, -32
	.cfi_offset ebx, -36
	.cfi_offset ebp, -44
	.cfi_offset esi, -48
	.cfi_offset edi, -52
	cld
	movl	$KERNEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%esp, %eax
	pushl	%eax			// the trap_frame
	.cfi_adjust_cfa_offset 4
	call	exception
	addl	$4, %esp
	.cfi_endproc
	testl	$3, 44(%esp)		// the cs that was interrupted: its ring
	jz	1f
	movl	$USER_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
1:	popal
	addl	$8, %esp		// vector and error code
	iretl

// The double fault's task begins here, on its own stack, with an error code (always 0) on it, and in
// ebx the address of the interrupted task's state, for debuggers: there lie its registers.
	.globl	double_fault_entry
double_fault_entry:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa ebx, 0
	.cfi_offset eip, 32
	.cfi_offset eflags, 36
	.cfi_offset eax, 40
	.cfi_offset ecx, 44
	.cfi_offset edx, 48
	.cfi_offset ebx, 52
	.cfi_offset esp, 56
	.cfi_offset ebp, 60
	.cfi_offset esi, 64
	.cfi_offset edi, 68
	xorl	%ebp, %ebp
	call	double_fault
1:	hlt				// double_fault does not return
	jmp	1b
	.cfi_endproc

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
