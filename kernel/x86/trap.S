/* SPDX-License-Identifier: MIT */
/*
 * The 256 ways into the kernel that nobody asked for. Every vector runs on an IST stack (cpu.h), so nothing is ever pushed on
 * an app's stack (its red zone and its stack pointer are its own business).
 */
	.text
	.altmacro
	.macro VECTOR number
	.balign 16
	.if (\number == 8) || (\number >= 10 && \number <= 14) || (\number == 17) || (\number == 21) || (\number == 29) || (\number == 30)
	push	$\number
	jmp	trap_with_error
	.else
	push	$0			/* the processor pushes no error code for this one */
	push	$\number
	jmp	trap_common
	.endif
	.endm

	.balign 16
	.globl trap_vectors
trap_vectors:
	.set number, 0
	.rept 256
	VECTOR %number
	.set number, number + 1
	.endr
	.noaltmacro

/*
 * The processor aligns the stack before it pushes anything, so rsp tells whether there is an error code. There is none where an
 * app said `int $number`: that is a protection fault of its own, as it would be outside ring 0, with the error code that it has
 * there (SDM 6.13) and at the instruction itself.
 */
trap_with_error:
	test	$8, %spl
	jnz	trap_common
	shlq	$3, (%rsp)
	orq	$2, (%rsp)
	push	$13
	subq	$2, 16(%rsp)

	.globl trap_common
trap_common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	call	x86_trap
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
